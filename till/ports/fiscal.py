"""The interface of a country's law: one module of `till.fiscal`, found by the entry point `till.fiscal`.

A scheme is pure: no clock, no disk, no network. What it returns depends on its arguments alone.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Protocol, cast

from till.domain.errors import TillError
from till.domain.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from till.domain.fiscal import FiscalLaw, FiscalProof, FiscalStamp, FiscalWords, Installation, IssuedInvoice
    from till.domain.fiscal_sending import FiscalReply, ListingPage
    from till.domain.money.measures import Minor
    from till.domain.order.state import Buyer

#: The entry-point group of countries' laws.
GROUP: Final = "till.fiscal"


class FiscalError(TillError):
    """An invoice that the country's law has no record for."""

    code = "fiscal"
    default = N_("The law has no record for this invoice. Split the order.")


class FiscalScheme(Protocol):
    """A country's law of invoices.

    Attributes:
        name: its name in the settings and in events, such as `es-verifactu`.
    """

    name: str

    def check(self, settings: Mapping[str, str]) -> None:
        """Refuse settings of the venue that are wrong or incomplete.

        Raises:
            ConfigError: says which setting, and what it must be.
        """
        ...

    def proof(self, settings: Mapping[str, str]) -> FiscalProof:
        """Return the fields of a record that the server compares."""
        ...

    def law(self, settings: Mapping[str, str]) -> FiscalLaw:
        """Return the form of the law's records, as its setting keeps it for the server."""
        ...

    def asks_buyer(self, total: Minor) -> bool:
        """Return True if an invoice of this total, in minor units, must name its buyer."""
        ...

    def check_buyer(self, buyer: Buyer, settings: Mapping[str, str]) -> None:
        """Refuse a buyer whom no record can name.

        Raises:
            ConfigError: says what to type.
        """
        ...

    def number_of(self, receipt: str, settings: Mapping[str, str]) -> str:
        """Return the number of a receipt as paper and record have it: after the `prefix` of the settings, if any."""
        ...

    def stamp(
        self,
        issued: IssuedInvoice,
        settings: Mapping[str, str],
        installation: Installation,
        before: FiscalStamp | None,
    ) -> FiscalStamp:
        """Return the record of an invoice. `before` is the newest record of the installation's chain.

        Raises:
            FiscalError: no record can hold the invoice.
        """
        ...

    def words(self, stamp: FiscalStamp) -> FiscalWords:
        """Return the marks of a stamp on its receipt."""
        ...

    def declaration(self, settings: Mapping[str, str], version: str) -> str:
        """Return the declaration by which the producer of the program answers for this version of it.

        Raises:
            ConfigError: there is none, and what to do.
        """
        ...


def find_scheme(name: str) -> FiscalScheme | None:
    """Load the module of a law; None if this program has none of that name."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - it takes a tenth of the start

    found = next(iter(entry_points(group=GROUP, name=name)), None)
    return cast("FiscalScheme", found.load()) if found is not None else None


@cache
def schemes_here() -> tuple[str, ...]:
    """Return the names of the laws that this program has, without loading one."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - it takes a tenth of the start

    return tuple(sorted(one.name for one in entry_points(group=GROUP)))


class MendingScheme(FiscalScheme, Protocol):
    """A law with records that annul an invoice or correct a record."""

    def annul(
        self,
        annulled: FiscalStamp,
        settings: Mapping[str, str],
        installation: Installation,
        before: FiscalStamp | None,
        *,
        at: datetime,
        held: bool,
    ) -> FiscalStamp:
        """Return the record that annuls an invoice. `held` says that the authority took a record of it."""
        ...

    def correct(
        self,
        stamp: FiscalStamp,
        settings: Mapping[str, str],
        installation: Installation,
        before: FiscalStamp | None,
        *,
        at: datetime,
        held: bool,
        refused: bool,
        unregistered: bool = False,
    ) -> FiscalStamp:
        """Return the record that corrects another, or annuls again.

        `refused` says that the authority refused that one, `unregistered` that it does not know the buyer's number.
        """
        ...


class FiscalExchange(Protocol):
    """The form of a tax authority that records are sent to. It is pure, as a scheme is.

    Attributes:
        most: the most records in a request.
    """

    most: int

    def address(self, group: str, *, has_seal: bool) -> str:
        """Return the address of the service for a group; it may differ for a certificate that is a body's seal."""
        ...

    def group(self, stamp: FiscalStamp) -> str:
        """Return the name of a group: all records of a request are of one."""
        ...

    def own_group(self, settings: Mapping[str, str]) -> str:
        """Return the group of the records that a till makes by these settings."""
        ...

    def key(self, stamp: FiscalStamp) -> str:
        """Return the name of a record in answers."""
        ...

    def request(self, stamps: Sequence[FiscalStamp], settings: Mapping[str, str], *, is_late: bool) -> bytes:
        """Return the body of a request. `is_late` says that a record could not be sent when it was made."""
        ...

    def read(self, status: int, body: bytes) -> FiscalReply:
        """Return the reply of an HTTP answer."""
        ...

    def is_of_day(self, stamp: FiscalStamp, day: date) -> bool:
        """Return True if the invoice of a record is of a day."""
        ...

    def annuls(self, stamp: FiscalStamp) -> bool:
        """Return True if a record annuls its invoice."""
        ...

    def query(self, settings: Mapping[str, str], day: date, after: Sequence[str]) -> bytes:
        """Return the body of a request for the authority's own list of a day, behind the place `after`."""
        ...

    def read_listing(self, status: int, body: bytes) -> ListingPage:
        """Return a page of the authority's own list, from an HTTP answer."""
        ...

    def file(self, stamps: Sequence[FiscalStamp], settings: Mapping[str, str]) -> Iterator[str]:
        """Yield the parts of a file with the records of one installation, in their order."""
        ...
