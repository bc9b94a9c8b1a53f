"""The interface of tenders with a provider: a card terminal, a gateway, the server for vouchers.

A tender never raises an exception into the register, and decides nothing about an order. If it does not know the
outcome, it returns `UNKNOWN`, and the register asks again, with the same key, until the outcome is known or a person
settles it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class Outcome(StrEnum):
    """The outcome of a charge. Only an approved charge counts; an authorised one is reserved, but not captured."""

    APPROVED = "approved"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    UNKNOWN = "unknown"


class TenderTraits(Struct, frozen=True, kw_only=True):
    """The properties of a tender.

    Attributes:
        name: the name in events, such as `CARD` or `UPI`.
        label: the display name.
        key: the letter on the pay screen.
        by_hand: True if a person records it. No provider is asked, and the payment is approved at once.
        gives_change: True if more than the amount due may be handed over.
        opens_drawer: True if money is put into the drawer or taken out of it.
        can_refund: True if refunds in this tender are possible.
        needs_reference: True if the slip number is required.
        needs_server: True if it cannot be used while the venue's server is offline.
        named_by: the input needed for a charge: the guest's `code` or the `customer`; empty for none.
        shows_code: True if the guest pays with a code on the screen.
        gives_up_s: seconds without an answer after which the outcome of a charge is unknown.
        guest_s: the part of these seconds that the guest has, after which the till asks for the outcome; 0 for all of
            them.
        remembers_s: seconds for which the provider remembers a charge; later it is not asked about one any more.
        looks_late: True if a decline is checked again later, since the provider may be late with the money.
        is_test: True if the provider moves no real money.
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
    remembers_s: float = 172_800.0
    looks_late: bool = False
    is_test: bool = False


class ChargeReference(Struct, frozen=True):
    """The identification of a charge at its provider, with which any till can ask for its outcome.

    Attributes:
        place: the terminal (nexo's POIID) or the account at the gateway.
        asker: the till that made the request (nexo's SaleID); empty if the provider does not need it.
        number: the number of the charge (nexo's ServiceID, at most ten characters).
    """

    place: str = ""
    asker: str = ""
    number: str = ""


class Charge(Struct, frozen=True, kw_only=True):
    """A request to take or refund money. A repeated request has equal values.

    Attributes:
        key: the idempotency key: the id of the payment or the refund.
        amount: the amount in minor units, above zero.
        currency: the ISO 4217 code.
        reference: the result of `Tender.name_charge`, which is already recorded.
        transaction: the provider's id of the payment that a refund returns; empty for a payment.
    """

    key: str
    amount: Minor
    currency: str
    reference: ChargeReference
    transaction: str = ""


class Slip(Struct, frozen=True, kw_only=True):
    """A slip that the provider wants printed.

    Attributes:
        lines: the lines to show or print.
        for_guest: True if it is for the guest; False if it stays at the till.
        to_be_signed: True if the guest must sign it.
    """

    lines: tuple[str, ...]
    for_guest: bool = True
    to_be_signed: bool = False

    @property
    def parts(self) -> tuple[tuple[str, ...], bool, bool]:
        """The values of the slip as a tuple, for `keep_slips`."""
        return self.lines, self.for_guest, self.to_be_signed


class ChargeAnswer(Struct, frozen=True, kw_only=True):
    """The answer to a charge.

    Attributes:
        key: the key of the charge.
        outcome: the outcome of the charge.
        amount: the amount charged, in minor units, including a tip given at the terminal; 0 unless approved or
            authorised.
        tip: the tip contained in the amount.
        transaction: the provider's id of the money, needed for a refund.
        card: the brand and the number of the card; the number may be masked, and only its last four digits are stored.
        words: a message for the user; empty for none.
        slips: the slips to print.
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
    """A tender. Calls have their own time limits; a call that hangs counts as `UNKNOWN`."""

    @property
    def traits(self) -> TenderTraits:
        """The properties of the tender."""
        ...

    def name_charge(self, key: str) -> ChargeReference:
        """Return the reference of a new charge, before it is recorded and requested."""
        ...

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> ChargeAnswer:
        """Request money.

        `progress` receives texts for the screen; a text that starts with `upi://` is shown as a QR code.
        """
        ...

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        """Ask for the outcome of a charge of any till. Not found means `DECLINED` only if no money can have moved."""
        ...

    async def stop(self, charge: Charge) -> None:
        """Ask the provider to cancel a charge. The outcome is the answer of `charge`."""
        ...

    async def refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        """Refund money to the payment of `transaction`; if it is empty, to a card that the guest presents."""
        ...


@runtime_checkable
class Hurried(Protocol):
    """A tender that polls for the outcome of a charge, and can poll at once."""

    def look_now(self, key: str) -> None:
        """Poll now instead of at the next interval, without blocking. Ignores a charge that it does not poll for."""
        ...


@runtime_checkable
class Printing(Protocol):
    """A tender that sends slips before its answer, while the guest is still present."""

    def print_by(self, keep: Callable[[str, Slip], bool]) -> None:
        """Set the function that stores slips, by the key of the charge or refund. True means that it is on disk."""
        ...


@runtime_checkable
class HealthCheck(Protocol):
    """A tender whose connection can be checked without moving money."""

    async def health(self) -> str:
        """Return a few words on the state of the provider.

        Raises:
            TillError: the provider does not answer; the sentence names the setting to check.
        """
        ...


class Totals(Struct, frozen=True, kw_only=True):
    """The totals of a terminal since its last reconciliation.

    Attributes:
        period: the terminal's number of the period; empty if there is none.
        taken: the payments by currency, in minor units.
        given_back: the refunds by currency, in minor units.
        charges: the number of transactions that took money.
    """

    period: str
    taken: dict[str, Minor]
    given_back: dict[str, Minor]
    charges: int


@runtime_checkable
class Totalling(Protocol):
    """A tender whose provider has totals of its own."""

    async def totals(self) -> Totals:
        """Return the totals of the provider.

        Raises:
            TillError: the provider does not return them.
        """
        ...


class ListedMoney(Struct, frozen=True, kw_only=True):
    """A movement of money in a list of the provider, or in a file of its payouts.

    Attributes:
        reference: the provider's id of the payment; for a refund, of the payment that it refunds.
        amount: the amount in minor units, including a tip and the fee; negative for a refund.
        currency: the ISO 4217 code.
        at: the time; of a file that has only days, their beginning.
        fee: the fee of the provider, in minor units.
        tip: the tip contained in the amount.
        other: the provider's word for what is no payment and no refund, such as a dispute; otherwise empty.
        is_banked: False in a file for what is no part of a payout: the payout itself, and one that failed.
    """

    reference: str
    amount: Minor
    currency: str
    at: datetime
    fee: Minor = NOTHING
    tip: Minor = NOTHING
    other: str = ""
    is_banked: bool = True


@runtime_checkable
class Listing(Protocol):
    """A tender whose provider lists its movements of money, of all tills."""

    async def listed(self, since: datetime) -> tuple[ListedMoney, ...]:
        """Return the movements since a time.

        Raises:
            TillError: the provider does not list them, or lists what cannot be read.
        """
        ...
