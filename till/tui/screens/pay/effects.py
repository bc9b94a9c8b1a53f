"""What the pay screen asks for, and what comes of it: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor

if TYPE_CHECKING:
    from till.domain.order.state import Order, Payment


class Take(Struct, frozen=True):
    """Take money, or ask for it: an amount, or exactly what is due; a `tip` is in the amount, or comes on top.

    `part` is all that a guest pays, where that is a part of what is due: what is beyond it goes back.
    """

    tender: str
    amount: Minor | None
    tip: Minor = NOTHING
    slip: str = ""
    part: Minor | None = None


class GoBack(Struct, frozen=True):
    """Go back to the order, and say this there."""

    sentence: str


class OpenSplit(Struct, frozen=True):
    """Let guests pay apart."""


class OpenPayHelp(Struct, frozen=True):
    """Show the help of the pay screen."""


class Finish(Struct, frozen=True):
    """The order is paid: show its receipt, and say this in place of the change."""

    sold: Order
    said: str = ""


class GiveBack(Struct, frozen=True):
    """Give a payment back; a manager is asked where one is needed.

    `by_hand`: a person says that it went back, though who took it could be asked.
    """

    payment: Payment
    by_hand: bool = False


class StopCharge(Struct, frozen=True):
    """Ask the terminal to leave off."""


class AskNow(Struct, frozen=True):
    """Ask at once what became of the payment."""


class KeepAsTab(Struct, frozen=True):
    """Put the order on a tab until the outcome is known, and serve the next guest."""


class Settle(Struct, frozen=True):
    """A manager says whether it was charged, or went back; `slip` is the number on the paper."""

    charged: bool
    slip: str = ""


PayEffect = Take | GoBack | OpenPayHelp | OpenSplit | Finish | GiveBack | StopCharge | AskNow | KeepAsTab | Settle


class MoneyTaken(Struct, frozen=True):
    """Money was taken, a `tip` of it for the staff."""

    order: Order
    tip: Minor = NOTHING


class NotTaken(Struct, frozen=True):
    """Money was refused; nothing changed."""

    sentence: str


class Offered(Struct, frozen=True):
    """It was said at the order what is paid, and how."""

    tender: str
    amount: Minor | None
    slip: str = ""


class TipSaid(Struct, frozen=True):
    """It was said at the order that a tip comes on top."""

    amount: Minor


class MoneyAsked(Struct, frozen=True):
    """Somebody else is asked for money now, or to give it back."""

    tip: Minor = NOTHING


class ChargeHeard(Struct, frozen=True):
    """The payment that was awaited has its answer, or has none for now."""

    payment: Payment
    order: Order


class GivenBack(Struct, frozen=True):
    """A payment was given back, and how that is said."""

    order: Order
    sentence: str


PayHappening = MoneyTaken | NotTaken | Offered | TipSaid | MoneyAsked | ChargeHeard | GivenBack
