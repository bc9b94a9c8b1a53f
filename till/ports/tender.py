"""Ways to pay with a provider: a card terminal, a gateway, the server that keeps vouchers (design §11).

A tender never raises into the register and decides nothing about an order. If it cannot tell the outcome, it is
`UNKNOWN`: then it is asked again, with the same key, until it knows or a person settles it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor

if TYPE_CHECKING:
    from collections.abc import Callable


class Outcome(StrEnum):
    """The outcome of a charge. Only an approved one is money; an authorised one is promised and not yet taken."""

    APPROVED = "approved"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    UNKNOWN = "unknown"


class TenderTraits(Struct, frozen=True, kw_only=True):
    """The facts that a till must know about a way to pay before it offers it.

    Attributes:
        name: its name in events: `CARD`, `UPI`.
        label: its name for people.
        key: its letter on the pay screen.
        by_hand: a person records it: no provider is asked, and the payment is approved as it is keyed.
        gives_change: more than what is due may be handed over.
        opens_drawer: money goes into the drawer, or comes out of it.
        can_refund: money goes back the same way.
        needs_reference: it needs the number of its slip.
        needs_server: it cannot be used while the venue's server is away.
        named_by: the fact needed before it is asked: the guest's `code`, or the `customer`.
        shows_code: the guest pays by a code that the screen shows.
        gives_up_s: the seconds without an answer after which the outcome of a charge is unknown.
        guest_s: the part of these seconds for the guest, after which the outcome is requested; 0 for all of them.
    """

    name: str
    label: str
    key: str
    by_hand: bool = False
    gives_change: bool = False
    opens_drawer: bool = False
    can_refund: bool = True
    needs_reference: bool = False
    needs_server: bool = False
    named_by: Literal["", "code", "customer"] = ""
    shows_code: bool = False
    gives_up_s: float = 90.0
    guest_s: float = 0.0


class ChargeReference(Struct, frozen=True):
    """The names of a charge at its provider, for any till that asks about it.

    Attributes:
        place: the provider that was asked: the terminal (nexo's POIID), the gateway's account.
        asker: the till that asked (nexo's SaleID); empty if the provider does not distinguish them.
        number: the charge there (nexo's ServiceID, at most ten characters).
    """

    place: str = ""
    asker: str = ""
    number: str = ""


class Charge(Struct, frozen=True, kw_only=True):
    """Money to be taken, or to be given back. A repeated request is equal in all its parts.

    Attributes:
        key: the payment's or the refund's id, which makes it unique however often it is asked.
        amount: in minor units, above zero.
        currency: ISO 4217.
        reference: the result of `Tender.name_charge`, which was recorded before.
    """

    key: str
    amount: Minor
    currency: str
    reference: ChargeReference


class Slip(Struct, frozen=True, kw_only=True):
    """A slip that the provider wants on paper.

    Attributes:
        lines: as they may be shown or printed.
        for_guest: for the guest; otherwise it is kept at the till.
        to_be_signed: the guest signs it.
    """

    lines: tuple[str, ...]
    for_guest: bool = True
    to_be_signed: bool = False

    @property
    def parts(self) -> tuple[tuple[str, ...], bool, bool]:
        """All parts of it, for the decision to keep it."""
        return self.lines, self.for_guest, self.to_be_signed


class Answer(Struct, frozen=True, kw_only=True):
    """The answer about a charge. It belongs only to the charge of `key`.

    Attributes:
        key: the key of the charge.
        outcome: its outcome.
        amount: the amount charged, in minor units, including a tip that the guest gave there; 0 unless approved or
            authorised.
        tip: the part of it that is a tip.
        transaction: the provider's name of the money, which a refund needs.
        card: the brand of the card, and its number or the end of it; only the last four digits are kept.
        words: for people at the counter; empty for nothing.
        slips: the slips about it.
    """

    key: str
    outcome: Outcome
    amount: Minor = NOTHING
    tip: Minor = NOTHING
    transaction: str = ""
    card: tuple[str, str] = ("", "")
    words: str = ""
    slips: tuple[Slip, ...] = ()


class Tender(Protocol):
    """A way to pay. Each call ends in its own time: one that hangs counts as `UNKNOWN`."""

    @property
    def traits(self) -> TenderTraits:
        """Its traits."""
        ...

    def name_charge(self, key: str) -> ChargeReference:
        """Name a charge before it is recorded, and before the provider hears of it."""
        ...

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> Answer:
        """Ask for money.

        `progress` takes words for the steps on the screen; a text that starts with `upi://` is to be shown as a code.
        """
        ...

    async def ask_after(self, charge: Charge) -> Answer:
        """Ask for the outcome of a charge by any till. Not found is `DECLINED` only if that proves it."""
        ...

    async def stop(self, charge: Charge) -> None:
        """Ask to stop. The outcome is the charge's own answer."""
        ...

    async def refund(self, charge: Charge, transaction: str) -> Answer:
        """Give money back to the payment of `transaction`, or to a card that is presented if it is empty."""
        ...


@runtime_checkable
class Hurried(Protocol):
    """A tender that polls the outcome of a charge, and can look at once."""

    def look_now(self, key: str) -> None:
        """Look now instead of at the next time, and return at once. Ignores a charge that it does not wait for."""
        ...


@runtime_checkable
class Printing(Protocol):
    """A tender with slips before its answer, while the guest is still there."""

    def print_by(self, keep: Callable[[str, Slip], bool]) -> None:
        """Have each slip kept at once, by the key of its charge or refund; `keep` returns True if it is on disk."""
        ...


@runtime_checkable
class HealthCheck(Protocol):
    """A tender that can be checked without money."""

    async def health(self) -> str:
        """Return a few words on its health.

        Raises:
            TillError: it does not answer; the sentence names the setting to check.
        """
        ...
