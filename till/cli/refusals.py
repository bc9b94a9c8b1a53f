"""Refusals of commands: one line on stderr that tells what to do next. Tracebacks go only to the log file."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import _

if TYPE_CHECKING:
    from pathlib import Path

EXIT_DONE: Final = 0
EXIT_REFUSED: Final = 1
EXIT_USAGE: Final = 2


def refuse(sentence: str, code: int = EXIT_REFUSED) -> int:
    """Print one line on stderr, and return the exit code."""
    from till.domain.text import clean

    line = " ".join(clean(sentence).split())  # a file name may contain line breaks
    print(f"till: {line}", file=sys.stderr)
    return code


def report_error(problem: Exception) -> int:
    """Print the sentence of an expected error; log any other, and print where. Return the exit code."""
    from db.errors import DatabaseError, ReadOnlyServerError

    if isinstance(problem, TillError | DatabaseError):
        return refuse(problem.sentence)
    if _is_from_driver(problem, "ReadOnlySqlTransaction"):
        return refuse(ReadOnlyServerError().sentence)
    if _is_from_driver(problem, "OperationalError"):
        return refuse(_("The connection to the database was lost. Try again when it is back."))
    if isinstance(problem, PermissionError) and problem.filename:
        sentence = _("{file} is closed to this user. Run this as the user of the till, or correct TILL_DATA_DIR.")
        return refuse(sentence.format(file=problem.filename))
    try:
        log = log_error(problem)
    except OSError:
        return refuse(
            _("Something went wrong inside the till ({what}), and the log cannot be written.").format(
                what=type(problem).__name__
            )
        )
    return refuse(
        _("Something went wrong inside the till ({what}). The details are in {log}: pass it on.").format(
            what=type(problem).__name__, log=log
        )
    )


def _is_from_driver(problem: Exception, name: str) -> bool:
    """Return True for an error of PostgreSQL's driver. Errors of SQLAlchemy have it as their cause."""
    driver = sys.modules.get("psycopg")
    if driver is None:
        return False
    kind = getattr(driver.errors, name)
    return any(isinstance(one, kind) for one in (problem, problem.__cause__))


def log_error(problem: BaseException) -> Path:
    """Write an error to the log file of the data folder, and return its path.

    Local variables are left out: they may hold a PIN.

    Raises:
        OSError: the log cannot be written.
    """
    import logging
    from contextlib import closing

    from till.config import Folders
    from till.config.log_lines import command_log

    folders = Folders.of(os.environ)
    facts = {"msg": "fault", "levelname": "ERROR", "exc_info": (type(problem), problem, problem.__traceback__)}
    with closing(command_log(folders)) as log:
        log.write(log.format(logging.makeLogRecord(facts)))
    return folders.log
