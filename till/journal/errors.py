"""The errors of a journal, with a sentence for each failure of the disk."""

from __future__ import annotations

import errno
import re
import sqlite3
from typing import TYPE_CHECKING, ClassVar, Final

from till.domain.advice import Advice
from till.domain.errors import JournalError
from till.domain.i18n import N_, _

if TYPE_CHECKING:
    from pathlib import Path


class JournalHeldError(JournalError):
    """A journal that another till has open."""

    code: ClassVar[str] = "journal_held"

    def __init__(self, path: Path, pid: int | None) -> None:
        self.pid = pid
        till = re.match(r"till-(\d+)", path.name)
        named = _("Till {number}").format(number=till[1]) if till else _("The till of {path}").format(path=path)
        sentence = _("{till} is open in another window, process {pid}.")
        if pid is None:
            sentence = _("{till} is open in another window.")
        super().__init__(Advice(sentence.format(till=named, pid=pid), _("Continue there, or close it first.")))


class JournalNewerError(JournalError):
    """A journal that a newer till wrote."""

    code: ClassVar[str] = "journal_newer"
    default: ClassVar[Advice] = Advice(
        N_("This journal was written by a newer till."), N_("Upgrade this till; nothing in the journal was changed.")
    )


class JournalOlderError(JournalError):
    """A journal from before the first release."""

    code: ClassVar[str] = "journal_older"
    default: ClassVar[Advice] = Advice(
        N_("This journal is from before the first release."), N_("Nothing in it was changed.")
    )


class JournalDamagedError(JournalError):
    """A damaged journal."""

    code: ClassVar[str] = "journal_damaged"
    default: ClassVar[Advice] = Advice(
        N_("The journal of this till is damaged."),
        N_("Close the till and start it again: all that can be read is kept."),
    )


class ForeignJournalError(JournalError):
    """A journal of another till, store or machine. It is left unchanged.

    Attributes:
        path: the file.
        till: the number of its till.
        store_id: its store.
        host: its machine.
    """

    code: ClassVar[str] = "journal_foreign"

    def __init__(self, path: Path, *, till: int, store_id: str, host: str) -> None:
        self.path, self.till, self.store_id, self.host = path, till, store_id, host
        sentence = _("The journal {path} was written by till {till} on {host}.")
        sentence = sentence.format(path=path, till=till, host=host or _("another machine"))
        super().__init__(Advice(sentence, _("It is left as it is.")))


#: The primary result codes for a damaged file.
_BROKEN: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_ERROR}
_REFUSED: Final = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


#: The exceptions of SQLite; the second is raised if an error message quotes bytes of a damaged file.
Failures: Final = (sqlite3.Error, UnicodeDecodeError)


def is_damage(problem: sqlite3.Error | UnicodeDecodeError) -> bool:
    """True if the file is damaged; False if the disk is full, slow or read-only."""
    if isinstance(problem, UnicodeDecodeError):
        return True
    code = getattr(problem, "sqlite_errorcode", None)
    if code is None:  # raised by Python itself: invalid UTF-8 is damage, a wrong call is not
        return isinstance(problem, sqlite3.OperationalError)
    return code == sqlite3.SQLITE_IOERR_SHORT_READ or code & 0xFF in _BROKEN


def plain(problem: sqlite3.Error | UnicodeDecodeError, path: Path) -> JournalError:
    """Return the error for an SQLite failure. A wrong call by the program is raised unchanged."""
    if isinstance(problem, sqlite3.ProgrammingError):
        raise problem
    if isinstance(problem, UnicodeDecodeError) or is_damage(problem):
        return JournalDamagedError()
    code = problem.sqlite_errorcode & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return full(path)
    if code in _REFUSED:
        return not_writable_error(path)
    if code in _BUSY:
        return JournalHeldError(path, None)
    return failing(path, str(problem))


def plain_os(problem: OSError, path: Path) -> JournalError:
    """Return the error for a failure of the operating system."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return full(path)
    if problem.errno in (
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.EBADF,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EEXIST,
    ):
        return not_writable_error(path)
    return failing(path, problem.strerror or str(problem))


def full(path: Path) -> JournalError:
    """Return the error for a full disk."""
    remedy = _("Free some space under {folder} and continue: the screen is kept.").format(folder=path.parent)
    return JournalError(Advice(_("The disk is full, so this till has stopped selling."), remedy))


def not_writable_error(path: Path) -> JournalError:
    """Return the error for a file that is not writable."""
    remedy = _("Make {path} writable and continue: the screen is kept.").format(path=path)
    return JournalError(Advice(_("This till cannot write to its disk: it has stopped selling."), remedy))


def failing(path: Path, detail: str) -> JournalError:
    """Return the error for a failing disk."""
    remedy = _("Call the manager: it is the disk under {folder}. The screen is kept ({detail}).")
    remedy = remedy.format(folder=path.parent, detail=detail)
    return JournalError(Advice(_("The disk fails, so this till has stopped selling."), remedy))


def removed_file_error(path: Path) -> JournalError:
    """Return the error for a file that was removed or replaced while the till was open."""
    remedy = _(
        "Put it back and continue; if it is lost, close the till once everything is sent, and start it again. It was "
        "{path}."
    )
    return JournalError(Advice(_("The journal is gone: this till has stopped selling."), remedy.format(path=path)))
