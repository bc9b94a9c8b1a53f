"""Backups of a venue's database, taken and restored by PostgreSQL's own tools.

A backup file is complete and verified, or does not exist. A restore creates a new database, which then swaps names with
the old one. If anything fails before that, the database in use does not change.
"""

from db.backups.restoring import Restored, restore
from db.backups.taking import Backup, last_backup, new_file, note_backup, remove_older, take

__all__ = ["Backup", "Restored", "last_backup", "new_file", "note_backup", "remove_older", "restore", "take"]
