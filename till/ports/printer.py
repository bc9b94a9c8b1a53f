"""The interface of receipt printers, and the jobs for them (design §12.3)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from till.domain.paper.document import Line


class JobState(StrEnum):
    """The state of a print job. Only `QUEUED` is sent by itself; `UNKNOWN` may have been printed."""

    QUEUED = "queued"
    SENT = "sent"
    PRINTED = "printed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


class Trouble(StrEnum):
    """The reason why a printer does not print now."""

    SILENT = "silent"
    NO_PAPER = "no_paper"
    OPEN = "open"
    BUSY = "busy"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    ERROR = "error"


#: The kinds of documents. `of` of a job names the event or the order that it is about.
Paper = Literal["receipt", "bill", "refund", "slip", "movement", "count", "x", "z"]


class Job(Struct, frozen=True, kw_only=True):
    """A print job, a row of the journal.

    Attributes:
        number: its number in this journal, from 1.
        paper: the kind of document.
        of: the event that it is about; for a bill the order.
        copy: the number of a copy of a receipt; 0 for the original.
        again: True if a person sent it again although it may have been printed.
        printer: the name of the printer.
        asked: True if a person asked for it by hand; it never expires.
        trouble: why it waits; None if nothing is wrong.
    """

    number: int
    paper: Paper
    of: str
    printer: str
    at: datetime
    copy: int = 0
    again: bool = False
    asked: bool = False
    state: JobState = JobState.QUEUED
    trouble: Trouble | None = None


class PrinterProfile(Struct, frozen=True, kw_only=True):
    """A printer of the venue.

    Attributes:
        address: `tcp://host:9100`, or the path of a device file of one till.
        columns: the characters of a line: 32, 42 or 48.
        code_page: the name of a Python codec; the encoder knows its number.
        cutter: True if it cuts the paper.
        asks_status: True if it answers `DLE EOT`.
        answers_ids: True if it says the id of a job back when the paper is printed.
    """

    name: str
    address: str
    columns: int = 42
    code_page: str = "cp858"
    cutter: bool = True
    asks_status: bool = True
    answers_ids: bool = True


class Printer(Protocol):
    """A printer. Its methods never raise for what a printer, a network or a device file does."""

    @property
    def profile(self) -> PrinterProfile:
        """The facts of the printer."""
        ...

    async def status(self) -> Trouble | None:
        """Connect and ask for the status. Return what is wrong; None if it would print now."""
        ...

    async def print_lines(
        self, lines: Sequence[Line], job_id: str, begins: Callable[[], None], heard: Callable[[Trouble | None], None]
    ) -> JobState | Trouble:
        """Print one document on a connection of its own.

        Args:
            lines: the lines of the document.
            job_id: four characters of 32 to 126, which the printer says back.
            begins: called before the first byte; what it raises goes on to the caller, and nothing is sent.
            heard: called with trouble in the middle of the job, and with None at its end.

        Returns:
            A `Trouble` if nothing was sent; else `PRINTED`, `SENT` (it cannot answer) or `UNKNOWN`.
        """
        ...

    async def kick(self) -> bool:
        """Open the drawer at once, also without paper. False if it did not answer within two seconds."""
        ...
