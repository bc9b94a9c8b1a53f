"""Refusals of commands: one line on stderr that says what to do next. A traceback goes only to the log file."""

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

    line = " ".join(clean(sentence).split())  # the name of a file may be anything
    print(f"till: {line}", file=sys.stderr)
    return code


def tell_trouble(problem: Exception) -> int:
    """Print the sentence of a foreseen refusal; for any other error, print the path of the log."""
    if isinstance(problem, TillError):
        return refuse(problem.sentence)
    from db.errors import DatabaseError

    if isinstance(problem, DatabaseError):
        return refuse(problem.sentence)
    if _is_lost_connection(problem):
        return refuse(_("The connection to the database was lost. Try again when it is back."))
    if isinstance(problem, PermissionError) and problem.filename:
        sentence = _("{file} is closed to this user. Run this as the user of the till, or correct TILL_DATA_DIR.")
        return refuse(sentence.format(file=problem.filename))
    try:
        log = record_trouble(problem)
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


def _is_lost_connection(problem: Exception) -> bool:
    driver = sys.modules.get("psycopg")
    # SQLAlchemy raises its own from the driver's
    return driver is not None and any(isinstance(one, driver.OperationalError) for one in (problem, problem.__cause__))


def record_trouble(problem: BaseException) -> Path:
    """Write an error to the log file of the data folder and return its path. It holds no local values, so no PIN.

    Raises:
        OSError: the log cannot be written.
    """
    import logging

    from till.config import Folders
    from till.config.log_lines import command_log

    folders = Folders.of(os.environ)
    log = command_log(folders)
    facts = {"msg": "fault", "levelname": "ERROR", "exc_info": (type(problem), problem, problem.__traceback__)}
    log.write(log.format(logging.makeLogRecord(facts)))
    return folders.log
