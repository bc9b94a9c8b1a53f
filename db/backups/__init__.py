"""Backups of a venue's database, taken and restored by PostgreSQL's own tools.

A backup exists complete and verified, or not at all. A restore goes into a new database, which then swaps names with
the old one: whatever goes wrong on the way, the one in use is unchanged.
"""

from db.backups.restoring import Restored, restore
from db.backups.taking import Taken, last_backup, note_backup, take

__all__ = ["Restored", "Taken", "last_backup", "note_backup", "restore", "take"]
