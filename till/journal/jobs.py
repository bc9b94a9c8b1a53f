"""The print jobs of a journal (ADR 0064)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, get_args

from till.ports.printer import DocumentKind, Job, JobState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_COLUMNS: Final = "number, paper, of_id, part, printer, at, copy, again, asked, state"
_LIVE: Final = f"state IN ('{JobState.QUEUED}', '{JobState.UNKNOWN}')"
_PUT: Final = "INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
OF: Final = f"SELECT {_COLUMNS} FROM jobs WHERE of_id = ? ORDER BY number"  # noqa: S608 - names of columns alone
LIVE: Final = f"SELECT {_COLUMNS} FROM jobs WHERE {_LIVE} ORDER BY number"  # noqa: S608 - names of columns alone
#: Finished jobs, without the newest one, whose number must not be given again. Those of a receipt stay with their sale:
#: a second print of it is a copy.
PRUNE: Final = f"""
    DELETE FROM jobs WHERE at < :before AND state <> '{JobState.QUEUED}'
    AND number < (SELECT max(number) FROM jobs)
    AND NOT (paper = 'receipt' AND EXISTS (SELECT 1 FROM own WHERE stream_id = of_id))"""  # noqa: S608 - our own words


def put(connection: sqlite3.Connection, jobs: Iterable[Job]) -> None:
    """Write jobs, new or in their present states."""
    connection.executemany(
        _PUT,
        [
            (
                one.number,
                one.paper,
                one.of,
                one.part,
                one.printer,
                one.at.isoformat(),
                one.copy,
                one.again,
                one.asked,
                one.state,
            )
            for one in jobs
        ],
    )


def read(row: tuple[Any, ...]) -> Job:
    """Return the job of a row.

    Raises:
        ValueError, TypeError: the row is damaged.
    """
    number, paper, of, part, printer, at, copy, again, asked, state = row
    if paper not in get_args(DocumentKind) or not all(isinstance(one, int) for one in (number, copy)):
        raise ValueError(paper)
    return Job(
        number=number,
        paper=paper,
        of=of,
        part=part,
        printer=printer,
        at=datetime.fromisoformat(at),
        copy=copy,
        again=bool(again),
        asked=bool(asked),
        state=JobState(state),
    )
