"""Reasons why a backup cannot be taken or restored, each with what to do next."""

from db.errors import DatabaseError


class NoToolsError(DatabaseError):
    """A server of PostgreSQL {major} takes pg_dump and pg_restore of {major} or newer, and this machine has {found}.

    Install them, on Debian: apt install postgresql-client-{major}
    """


class BackupThereError(DatabaseError):
    """{file} is there already, and no backup is written over another. Name another file, or a folder."""


class NotTakenError(DatabaseError):
    """No backup was taken: {reason}. Mend that, or name another file."""


class NotABackupError(DatabaseError):
    """{file} is no whole backup of a till's database: {reason}. Nothing was changed. Take another backup."""


class NewerBackupError(DatabaseError):
    """{file} was taken from {version}, and the server at {place} is older. Nothing was changed.

    Restore it on a server of that version or newer.
    """


class TradesError(DatabaseError):
    """The database {dbname} holds {venues}. Nothing was changed.

    To put the backup in its place say the same with --replace; what is there now stays, under another name.
    """


class NotRestoredError(DatabaseError):
    """The backup was not restored, and the database is as it was: {reason}."""


class MayNotRestoreError(DatabaseError):
    """{user} may not make a database at {place}: {reason}.

    Let whoever runs that server say there: ALTER ROLE "{user}" CREATEDB;
    """


class BeingRestoredError(DatabaseError):
    """A backup is being restored at {place} at this moment. Wait for it, then look at `till db status`."""
