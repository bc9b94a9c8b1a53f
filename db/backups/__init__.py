"""Backups of a venue's database, taken and restored by PostgreSQL's own tools.

A backup is there whole and read through, or not at all. A restore goes into a new database, which then changes names
with the one of before: whatever goes wrong on the way, the one that tills trade in is as it was.
"""

from db.backups.restoring import Restored, restore
from db.backups.taking import Taken, last_backup, note_backup, take

__all__ = ["Restored", "Taken", "last_backup", "note_backup", "restore", "take"]
