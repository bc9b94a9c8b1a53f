"""Reasons why a backup cannot be taken or restored, each with what to do next."""

from db.errors import DatabaseError
from db.words import _


class NoToolsError(DatabaseError):
    """A machine without pg_dump and pg_restore for this server."""

    default = _(
        "A server of PostgreSQL {major} needs pg_dump and pg_restore {major} or newer, and this machine has {found}."
    )
    remedy = _("Install them, on Debian: apt install postgresql-client-{major}")


class BackupThereError(DatabaseError):
    """A file that already exists."""

    default = _("{file} already exists, and a backup never overwrites another.")
    remedy = _("Name another file, or a folder.")


class NoFolderError(DatabaseError):
    """A folder for backups that does not exist."""

    default = _("There is no folder {folder}, so no backup was taken.")
    remedy = _("Make it, or plug in its disk. The name of a file ends in .dump.")


class NoRoomError(DatabaseError):
    """A disk that is too full for a backup."""

    default = _("{folder} has {free} MB free, and this backup takes about {needed} MB, so none was begun.")
    remedy = _("Free some space there, or name a folder on another disk.")


class NotTakenError(DatabaseError):
    """A backup that failed."""

    default = _("No backup was taken: {reason}.")
    remedy = _("Fix that, or name another file.")


class NotRemovedError(DatabaseError):
    """An older backup that could not be removed."""

    default = _("The backup {taken} was taken, but the older one {file} could not be removed: {reason}.")
    remedy = _("Remove it by hand.")


class NotABackupError(DatabaseError):
    """A file that is not a complete backup."""

    default = _("{file} is not a complete backup of a till’s database: {reason}.")
    remedy = _("Nothing was changed. Use another backup.")


class NewerBackupError(DatabaseError):
    """A backup from a newer server."""

    default = _("{file} was taken from {version}, and the server at {place} is older.")
    remedy = _("Nothing was changed. Restore it on a server of that version or newer.")


class TradesError(DatabaseError):
    """A restore over a database with a venue."""

    default = _("The database {dbname} holds {venues}.")
    remedy = _(
        "Nothing was changed. To restore the backup in its place, run the command again with --replace; the present "
        "data is kept under another name."
    )


class NotRestoredError(DatabaseError):
    """A restore that failed and changed nothing."""

    default = _("The backup was not restored, and the database is as it was: {reason}.")
    remedy = ""


class MayNotRestoreError(DatabaseError):
    """A restore by a user who may not create databases."""

    default = _("{user} may not create a database at {place}: {reason}.")
    remedy = _('Have the administrator of that server run: ALTER ROLE "{user}" CREATEDB;')


class BeingRestoredError(DatabaseError):
    """A restore that another process is running."""

    default = _("A backup is being restored at {place} at this moment.")
    remedy = _("Wait for it, then look at `till db status`.")
