"""The interface of an export: one module that makes files for an authority or an accountant, found by its entry point.

A country is added by a class with the members of `FiscalExport`, and one line in the entry points `till.fiscal_exports`
of its own package: `de-dsfinvk = "my_package:EXPORT"`. `docs/examples/export` is a whole one. Nothing else is touched:
the command reads the venue, checks the days, keeps the files back until all are whole, and records the act.

- `read` has what tills sealed: `sales`, `refunds` and `events` yield typed records by their time, in pages of some
  hundred; `report` and `zs` are the figures that `till report` shows. All of it is one snapshot. Ask again rather than
  keep rows: a year may have a million, and an export keeps sums.
- `write` yields pieces of text, each with the name of its file, in any turn: the files are open until the end.
- A record that no rule reads, or a text that the form cannot hold, is an `ExportFault` in the place of a piece. One
  that nobody accepted by its name refuses the export, all of them in one list.
- A code of the authority for an item, a tender or a tax is looked up by `venue.codes`, which remembers each that is
  missing; those refuse the export too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar, cast

from msgspec import Struct, field

from till.domain.codes import CodeBook, any_code
from till.domain.errors import ConfigError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date, datetime

    from till.domain.codes import CodeKind, Codes
    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.domain.fiscal import FiscalStamp
    from till.domain.order.events import OrderPlaced
    from till.domain.order.state import Buyer
    from till.domain.refund.events import RefundStarted
    from till.domain.venue import Venue

#: The entry-point group of exports.
GROUP: Final = "till.fiscal_exports"
_Data = TypeVar("_Data", bound="EventData")


class ExportDays(NamedTuple):
    """Days of the venue's calendar, from midnight to midnight by its clock. They are not its business days.

    Attributes:
        begins: the first moment of the first day.
        ends: the first moment after the last one.
    """

    first: date
    last: date
    begins: datetime
    ends: datetime


class ExportedSale(NamedTuple):
    """A sale that counts.

    Attributes:
        event: its record, with the till, the person and the time.
        data: the whole order as it was sold.
        buyer: the buyer that its invoice names; None without one, or for an export without `texts`.
    """

    event: Event
    data: OrderPlaced
    buyer: Buyer | None = None


class ExportedRefund(NamedTuple):
    """A refund that was given.

    Attributes:
        event: the record by which it was given, with the till, the person and the time.
        data: the refund. Its lines name rows of the sale.
        sale: the sale. The taxes of a refunded row are those of its row there.
    """

    event: Event
    data: RefundStarted
    sale: ExportedSale


class ExportedStamp(NamedTuple):
    """A record of a law, with its till and the chain that it is of."""

    till: int
    chain: str
    scheme: str
    stamp: FiscalStamp


class ExportPiece(NamedTuple):
    """A piece of a file.

    Attributes:
        file: the name of the file, without a folder.
        records: the number of records that the piece ends.
        till: the till whose file it is; 0 for a file of the venue.
    """

    file: str
    text: str
    records: int = 0
    till: int = 0


class ExportFault(NamedTuple):
    """A record that the files do not have.

    Attributes:
        subject: its name, such as its number: by that a manager accepts to leave it out.
        sentence: the reason, and what to do.
        is_left_out: True if nobody needs to accept it: the sentence is shown, and the others are written.
    """

    subject: str
    sentence: str
    is_left_out: bool = False


class ExportVenue(Struct, frozen=True, kw_only=True):
    """The venue of an export, as it is now.

    Attributes:
        venue: its settings and its clock.
        law: the settings of its law; empty without one.
        version: the version of this program.
        made_at: the time of the export.
        menu: the menu, in the format of the database.
        coded: all codes, by scheme, kind and id.
        books: the books of codes that the export asked for, by scheme.
    """

    venue: Venue
    law: Mapping[str, str] = {}
    version: str
    made_at: datetime
    menu: Mapping[str, Any] = {}
    coded: Codes = {}
    books: dict[str, CodeBook] = field(default_factory=dict)

    def codes(self, scheme: str, is_code: Callable[[CodeKind, str], bool] = any_code) -> CodeBook:
        """Return the codes of a scheme. Those that the export asks for and that are missing refuse it."""
        if scheme not in self.books:
            self.books[scheme] = CodeBook(scheme, self.coded.get(scheme, {}), self.menu, is_code)
        return self.books[scheme]


class ExportRead(Protocol):
    """The records of the days of an export, read in pages from one snapshot. Each call begins with the first.

    A form that wants one till after the other asks by `till`; None for all of them.
    """

    def sales(self, *, till: int | None = None) -> Iterator[ExportedSale]:
        """Yield the sales that count, by their time."""
        ...

    def refunds(self, *, till: int | None = None) -> Iterator[ExportedRefund]:
        """Yield the refunds that were given, by the time when they were."""
        ...

    def events(self, *kinds: type[_Data], till: int | None = None) -> Iterator[tuple[Event, _Data]]:
        """Yield the records of some types, by their time."""
        ...

    def zs(self) -> Iterator[Mapping[str, Any]]:
        """Yield the Zs of the business days, as `till report z --json` shows them."""
        ...

    def report(self, name: str) -> Mapping[str, list[dict[str, Any]]]:
        """Return the rows of a declared report over the business days, by its parts."""
        ...

    def stamps(self) -> Iterator[ExportedStamp]:
        """Yield the records of the venue's law that are sent, each chain in its order."""
        ...


class FiscalExport(Protocol):
    """An export.

    Attributes:
        name: its name in the shell and in the act. One with the name of a law is the export of that law.
        about: the files that it makes, in a sentence. It is translated when it is shown.
        texts: True if it needs the free texts of records, such as the names of buyers: then an admin makes it.
        is_closed: True if it wants days that are over: each shift closed, each till heard, no record in quarantine.
    """

    name: str
    about: str
    texts: bool
    is_closed: bool

    def lacks(self, venue: ExportVenue) -> Iterator[str]:
        """Yield what the venue has to set before, and what the files cannot have yet, each with what to do."""
        ...

    def write(self, read: ExportRead, days: ExportDays, venue: ExportVenue) -> Iterator[ExportPiece | ExportFault]:
        """Yield the pieces of the files."""
        ...


def find_export(name: str) -> FiscalExport:
    """Load an export.

    Raises:
        ConfigError: this program has none of that name, and names those that it has.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415 - it takes a tenth of the start

    for point in entry_points(group=GROUP, name=name):
        return cast("FiscalExport", point.load())
    there = ", ".join(exports_here())
    raise ConfigError(_("There is no export {name}. There are: {there}.").format(name=name[:40], there=there))


def exports_here() -> tuple[str, ...]:
    """Return the names of the exports that this program has, without loading one."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - it takes a tenth of the start

    return tuple(sorted({one.name for one in entry_points(group=GROUP)}))
