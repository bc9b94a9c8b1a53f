"""The interface of receipt printers, and the jobs for them (ADR 0064)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from till.domain.errors import TillError
from till.domain.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from till.domain.paper.document import PaperLine


class JobState(StrEnum):
    """The state of a print job. Only `QUEUED` is sent by itself; `UNKNOWN` may have been printed."""

    QUEUED = "queued"
    SENT = "sent"
    PRINTED = "printed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


class PrinterTrouble(StrEnum):
    """The reason why a printer does not print now."""

    #: It is reached, but does not answer; it may be serving another till.
    SILENT = "silent"
    NO_PAPER = "no_paper"
    OPEN = "open"
    #: Somebody else has the device file open, or it is off line for a moment.
    BUSY = "busy"
    #: Nothing is at its address: it is off, unplugged, or somewhere else.
    GONE = "gone"
    #: The device file may not be read and written by this user.
    FORBIDDEN = "forbidden"
    #: It reports an error of its own, or answers what no printer answers.
    ERROR = "error"


#: The kinds of documents.
DocumentKind = Literal[
    "receipt", "invoice", "part", "bill", "refund", "gift", "slip", "movement", "count", "x", "z", "ticket", "pass"
]
#: The part of an X and a Z that waits for the count of the drawer: tenders, tips and the drawer itself are left out.
WITHOUT_CASH: Final = "without_cash"
#: The times at which the receipt of a sale is printed.
ReceiptsWhen = Literal["always", "key", "never"]


class PrintError(TillError):
    """A paper that cannot be printed."""

    code = "print"
    default = N_("No printer here: `till admin printers add` adds one.")


class DocumentRef(NamedTuple):
    """A paper that can be printed: its kind, the stream that it is about, and the event or part in it."""

    paper: DocumentKind
    of: str
    part: str = ""


class Job(Struct, frozen=True, kw_only=True):
    """A print job, a row of the journal. Each print makes its document from the events.

    Attributes:
        number: its number in this journal, from 1.
        paper: the kind of document.
        of: the stream that it is about: an order, a refund or a shift.
        part: the event in that stream, for an invoice, a part payment, a movement, a count, a slip and a ticket;
            the receipt number of a gift receipt, with its pieces by row, as in `1-000042 2:1`; `WITHOUT_CASH` for an X
            or a Z of somebody who may not read cash; empty for the others.
        printer: the name of the printer.
        copy: the number of a copy of a receipt; 0 for the original.
        again: True if a person sent it again although it may have been printed.
        asked: True if a person asked for it by hand; it never expires.
        awaits: `person` if it waited too long and is printed once somebody says so; `printer` while one has it in its
            hands, when it is unknown on disk. This and `trouble` are known while the till runs, and not on disk.
        trouble: why it waits, or stopped in the middle.
    """

    number: int
    paper: DocumentKind
    of: str
    part: str = ""
    printer: str
    at: datetime
    copy: int = 0
    again: bool = False
    asked: bool = False
    state: JobState = JobState.QUEUED
    awaits: Literal["", "person", "printer"] = ""
    trouble: PrinterTrouble | None = None

    @property
    def is_ticket(self) -> bool:
        """True for the papers of the kitchen: the ticket of a station, and what the pass gets of it."""
        return self.paper in {"ticket", "pass"}


#: The code pages of printers: the Python codec, and Epson's number of the page.
CODE_PAGES: Final = {
    "cp437": 0,
    "cp850": 2,
    "cp860": 3,
    "cp863": 4,
    "cp865": 5,
    "cp857": 13,
    "cp737": 14,
    "iso8859_7": 15,
    "cp1252": 16,
    "cp866": 17,
    "cp852": 18,
    "cp858": 19,
    "cp775": 33,
    "cp855": 34,
    "iso8859_2": 39,
    "iso8859_15": 40,
    "cp1250": 45,
    "cp1251": 46,
    "cp1253": 47,
    "cp1254": 48,
    "cp1257": 51,
}
_TCP: Final = "tcp://"
_PORT: Final = 9100


class PrinterProfile(Struct, frozen=True, kw_only=True):
    """A printer of the venue.

    Attributes:
        address: `tcp://host:9100`, or the path of a device file of one till.
        columns: the characters of a line: 32, 42 or 48.
        code_page: the name of a Python codec in `CODE_PAGES`.
        cutter: True if it cuts the paper.
        asks_status: True if it answers `DLE EOT`.
        answers_ids: True if it says the id of a job back when the paper is printed.
        dpi: its dots per inch.
        codes: `own` if it draws QR codes itself, `drawn` if it gets them dot by dot.
        draws: True if it prints rows of dots, by which letters that its code page lacks are drawn.
    """

    name: str
    address: str
    columns: int = 42
    code_page: str = "cp858"
    cutter: bool = True
    asks_status: bool = True
    answers_ids: bool = True
    dpi: int = 203
    codes: Literal["own", "drawn"] = "own"
    draws: bool = False

    @property
    def host_and_port(self) -> tuple[str, int] | None:
        """The host and port of a printer on the network; None for a device file.

        Raises:
            ValueError: the address is neither `tcp://host[:port]` nor an absolute path.
        """
        if self.address.startswith("/"):
            return None
        parts = urlsplit(self.address)
        if not self.address.startswith(_TCP) or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError(self.address)
        return parts.hostname, parts.port or _PORT


class Printers(Struct, frozen=True):
    """The printers of the venue, as one till uses them.

    Attributes:
        every: the printers by name.
        papers: the name of the printer for the papers of this till; empty if there is none.
        drawer: the name of the printer that kicks the drawer of this till; empty if there is none.
        when: the time at which the receipt of a sale is printed.
        stations: the name of the printer of each station of the kitchen that has one.
        passes: the names of the printers of stations that make nothing: they get the tickets of all others too.
    """

    every: Mapping[str, PrinterProfile] = {}
    papers: str = ""
    drawer: str = ""
    when: ReceiptsWhen = "key"
    stations: Mapping[str, str] = {}
    passes: tuple[str, ...] = ()


class Printer(Protocol):
    """A printer. Its methods never raise for what a printer, a network or a device file does."""

    @property
    def profile(self) -> PrinterProfile:
        """The facts of the printer."""
        ...

    async def status(self) -> PrinterTrouble | None:
        """Connect and ask for the status. Return what is wrong; None if it would print now."""
        ...

    async def print_lines(
        self,
        lines: Sequence[PaperLine],
        job_id: str,
        begins: Callable[[], None],
        heard: Callable[[PrinterTrouble | None], None],
        late: Callable[[], None],
    ) -> JobState | PrinterTrouble:
        """Print one document on a connection of its own. Documents are printed one at a time.

        Args:
            lines: the lines of the document.
            job_id: four characters of 32 to 126, which the printer says back.
            begins: called before the first byte; what it raises goes on to the caller, and nothing is sent.
            heard: called with trouble in the middle of the job, and with None at its end.
            late: called if the printer says that it printed after `UNKNOWN` was returned. The connection stays for a
                minute, or until this printer is used again.

        Returns:
            A `PrinterTrouble` if nothing was sent; else `PRINTED`, `SENT` (it cannot answer) or `UNKNOWN`.
        """
        ...

    async def kick(self) -> bool:
        """Open the drawer at once, also without paper. False if it did not answer within two seconds."""
        ...

    def close(self) -> None:
        """Close a connection that waits for a late answer."""
        ...
