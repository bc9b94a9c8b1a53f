"""A way to pay that somebody else answers for: a card terminal, a gateway, the server that keeps vouchers (design §11).

A tender never raises into the register and decides nothing about an order. What it cannot tell is `UNKNOWN`: then
it is asked again, with the same key, until it knows or a person settles it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor

if TYPE_CHECKING:
    from collections.abc import Callable


class Outcome(StrEnum):
    """What became of a charge. Only an approved one is money; an authorised one is promised and not yet taken."""

    APPROVED = "approved"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    UNKNOWN = "unknown"


class TenderTraits(Struct, frozen=True, kw_only=True):
    """What a till must know of a way to pay before it offers it.

    Attributes:
        name: as events carry it: `CARD`, `UPI`.
        label: as people read it.
        key: the letter that marks it on the pay screen.
        by_hand: a person says that it was paid: nothing is asked, and the payment is approved as it is keyed.
        gives_change: more than what is due may be handed over.
        opens_drawer: money goes into the drawer, or comes out of it.
        can_refund: money goes back the same way.
        needs_reference: it is not taken without the number of its slip.
        needs_server: it is not taken while the venue's server is away.
        named_by: what must be known before it is asked: the `code` that a guest holds, or who the `customer` is.
        shows_code: the guest pays by a code that the screen shows.
        gives_up_s: after so many seconds without an answer nobody knows what became of a charge.
        guest_s: so many of them a guest has, after which it is asked what became of it; 0 for all of them.
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
    """What names a charge to who is asked for it, for any till that asks after it.

    Attributes:
        place: where it was asked for: the terminal (nexo's POIID), the gateway's account.
        asker: who asked (nexo's SaleID); empty where nobody is told apart.
        number: the charge there (nexo's ServiceID, at most ten characters).
    """

    place: str = ""
    asker: str = ""
    number: str = ""


class Charge(Struct, frozen=True, kw_only=True):
    """Money to be taken, or to be given back. Asked again it is the same in all its parts.

    Attributes:
        key: the payment's or the refund's id: what makes it once, however often it is asked.
        amount: in minor units, more than nothing.
        currency: ISO 4217.
        reference: what `Tender.name_charge` gave; it stands in the event that was written before.
    """

    key: str
    amount: Minor
    currency: str
    reference: ChargeReference


class Slip(Struct, frozen=True, kw_only=True):
    """What whoever takes the money wants on paper about it.

    Attributes:
        lines: as they may be shown or printed.
        for_guest: else it is kept at the till.
        to_be_signed: the guest signs it.
    """

    lines: tuple[str, ...]
    for_guest: bool = True
    to_be_signed: bool = False

    @property
    def told(self) -> tuple[tuple[str, ...], bool, bool]:
        """All of it, for who decides what is kept."""
        return self.lines, self.for_guest, self.to_be_signed


class Answer(Struct, frozen=True, kw_only=True):
    """What is known of a charge. It belongs to the charge that `key` names, and to no other.

    Attributes:
        key: of the charge that is answered.
        outcome: what became of it.
        amount: what was charged, in minor units, a tip that the guest gave there in it; nothing unless approved or
            authorised.
        tip: how much of that is a tip.
        transaction: what names the money where it was taken: a refund says it.
        card: what the card that paid is called, and its number or the end of it: of that the last four digits are kept.
        words: for who stands at the counter; empty for nothing.
        slips: what is to be on paper about it.
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
        """What it is like."""
        ...

    def name_charge(self, key: str) -> ChargeReference:
        """Name a charge before it is written down, and before anybody hears of it."""
        ...

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> Answer:
        """Ask for money.

        `progress` takes words for the steps on the screen; a text that starts `upi://` is to be shown as a code.
        """
        ...

    async def ask_after(self, charge: Charge) -> Answer:
        """Ask what became of a charge that any till asked for. Not found is `DECLINED` only where that proves it."""
        ...

    async def stop(self, charge: Charge) -> None:
        """Ask to leave off. What came of it tells the charge's own answer."""
        ...

    async def refund(self, charge: Charge, transaction: str) -> Answer:
        """Give money back, to the payment that `transaction` names; to a card that is shown where that is empty."""
        ...


@runtime_checkable
class Hurried(Protocol):
    """A tender that looks from time to time what became of a charge it waits for, and can look at once."""

    def look_now(self, key: str) -> None:
        """Do not wait for the next time. Quick; of a charge that it does not wait for it is nothing."""
        ...


@runtime_checkable
class Printing(Protocol):
    """A tender that wants slips on paper before its answer, while the guest is still there."""

    def print_by(self, keep: Callable[[str, Slip], bool]) -> None:
        """Have each slip kept at once, by the key of its charge or refund; `keep` says whether it is on disk."""
        ...


@runtime_checkable
class HealthTold(Protocol):
    """A tender that can be asked whether it is there, without money."""

    async def health(self) -> str:
        """Say in a few words that it answers, and how.

        Raises:
            TillError: it does not; the sentence says what to look at.
        """
        ...
