"""Reasons why the embedded server cannot run, each with what to do next."""

from db.errors import DatabaseError
from db.words import _


class EmbeddedError(DatabaseError):
    """The base class of the reasons why the embedded server cannot be used."""

    default = _("The till’s own database cannot be used just now.")
    remedy = _("`till db status` says what is wrong.")


class NoBinariesError(EmbeddedError):
    """An installation without PostgreSQL for this machine."""

    default = _("This installation carries no PostgreSQL for this kind of machine.")
    remedy = _("Name a PostgreSQL, 15 or newer, in database.url, or install the till again.")


class WrongMajorError(EmbeddedError):
    """A database of another major version."""

    default = _("The database in {folder} was made by PostgreSQL {found}, and this till carries {carried}.")
    remedy = _(
        'With the till that made it, write it to a file, pg_dump "$(till db url)"; then load that file into a new one'
        " here."
    )


class UnknownUserError(EmbeddedError):
    """A user number without a name."""

    default = _("This machine has no name for user number {uid}, and PostgreSQL needs one.")
    remedy = _("Add the user to the machine, or name a PostgreSQL in database.url.")


class NoUnprivilegedUserError(EmbeddedError):
    """A till run as root that cannot become another user."""

    default = _("PostgreSQL does not run as root, and root cannot become another user here.")
    remedy = _("Run the till as an ordinary user, or name a PostgreSQL in database.url.")


class NotYoursError(EmbeddedError):
    """A database that belongs to another user."""

    default = _("The database in {folder} belongs to {owner}.")
    remedy = _("Run the till as {owner}, or give it another data folder with TILL_DATA_DIR.")


class FolderError(EmbeddedError):
    """A folder that cannot be used."""

    default = _("The database cannot use the folder {folder}: {reason}.")
    remedy = _("Make it readable and writable for {user}, or choose another data folder with TILL_DATA_DIR.")


class OutOfReachError(EmbeddedError):
    """A folder that the server's user cannot reach."""

    default = _("The server runs as {user} and cannot reach {folder}.")
    remedy = _("Choose a folder for TILL_SYSTEM_DIR that everyone may enter.")


class NoSocketFolderError(EmbeddedError):
    """A machine without a usable folder for the socket."""

    default = _("No folder was found for the database’s socket: {folder} belongs to someone else.")
    remedy = _("Choose a shorter data folder with TILL_DATA_DIR.")


class NotMadeError(EmbeddedError):
    """A database that could not be created."""

    default = _("The database could not be created: {reason}.")
    remedy = _("Its messages are in {log}.")


class DidNotStartError(EmbeddedError):
    """A server that did not start."""

    default = _("The database did not start: {reason}.")
    remedy = _("Its messages are in {log}.")


class StillStartingError(EmbeddedError):
    """A server that is still starting after the time allowed."""

    default = _("The database is still starting after {seconds} s.")
    remedy = _("The till keeps checking. Its messages are in {log}.")


class DidNotStopError(EmbeddedError):
    """A server that did not stop."""

    default = _("The database did not stop.")
    remedy = _("Nothing is lost: it recovers by itself at the next start. Its messages are in {log}.")


class StillStoppingError(EmbeddedError):
    """A server that is still stopping after the time allowed."""

    default = _("The database is still stopping.")
    remedy = _("Nothing is lost, and the next till waits for it. Its messages are in {log}.")


class BusyError(EmbeddedError):
    """A server that another till is starting or stopping."""

    default = _("Another till has been starting or stopping the database for {seconds} s.")
    remedy = _("Try again, or close that till.")


class NotRunningError(EmbeddedError):
    """A server that is not running."""

    default = _("The database in {folder} is not running.")
    remedy = _("It starts with the till, or with `till db url`.")


class InUseError(EmbeddedError):
    """A server that other processes use."""

    default = _("The database is in use by {holders}.")
    remedy = _("Close them first.")
