"""Reasons why the embedded server cannot run, each with what to do next."""

from db.errors import DatabaseError


class EmbeddedError(DatabaseError):
    """The till's own database cannot be used just now. Selling goes on; `till db status` says what is wrong."""


class NoBinariesError(EmbeddedError):
    """This installation carries no PostgreSQL for this kind of machine.

    Name a PostgreSQL, 15 or newer, in database.url, or install the till again.
    """


class WrongMajorError(EmbeddedError):
    """The database in {folder} was made by PostgreSQL {found}, and this till carries {carried}.

    With the till that made it write it to a file, pg_dump "$(till db url)"; then read that file into a new one here.
    """


class UnknownUserError(EmbeddedError):
    """This machine has no name for user number {uid}, and PostgreSQL needs one.

    Add the user to the machine, or name a PostgreSQL in database.url.
    """


class NoUnprivilegedUserError(EmbeddedError):
    """PostgreSQL does not run as root, and root cannot become another user here.

    Run the till as an ordinary user, or name a PostgreSQL in database.url.
    """


class NotYoursError(EmbeddedError):
    """The database in {folder} belongs to {owner}.

    Run the till as {owner}, or give it another data folder with TILL_DATA_DIR.
    """


class FolderError(EmbeddedError):
    """The database cannot use the folder {folder}: {reason}.

    Make it readable and writable for {user}, or choose another data folder with TILL_DATA_DIR.
    """


class OutOfReachError(EmbeddedError):
    """The server runs as {user} and cannot reach {folder}.

    Choose a folder for TILL_SYSTEM_DIR that everyone may enter.
    """


class NoSocketFolderError(EmbeddedError):
    """No folder was found for the database's socket: {folder} belongs to someone else.

    Choose a shorter data folder with TILL_DATA_DIR.
    """


class NotMadeError(EmbeddedError):
    """The database could not be made: {reason}.

    What it said stands in {log}.
    """


class DidNotStartError(EmbeddedError):
    """The database did not start: {reason}.

    What it said stands in {log}.
    """


class StillStartingError(EmbeddedError):
    """The database is still starting after {seconds} s. Selling goes on.

    It is asked again by itself. What it does stands in {log}.
    """


class DidNotStopError(EmbeddedError):
    """The database did not stop. Nothing is lost: it recovers by itself at the next start.

    What it does stands in {log}.
    """


class StillStoppingError(EmbeddedError):
    """The database has not stopped yet, but was told to. Nothing is lost, and the next till waits for it.

    What it does stands in {log}.
    """


class BusyError(EmbeddedError):
    """Another till has been starting or stopping the database for {seconds} s.

    Try again, or close that till.
    """


class NotRunningError(EmbeddedError):
    """The database in {folder} is not running. It starts with the till, or with `till db url`."""


class InUseError(EmbeddedError):
    """The database is in use by {holders}. Close them first."""
