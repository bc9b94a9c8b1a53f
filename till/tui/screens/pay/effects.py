"""Effects that the pay screen asks for, and the events that report their outcome: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor

if TYPE_CHECKING:
    from till.domain.order.state import Order, Payment


class Take(Struct, frozen=True):
    """Take an amount or ask for it; exactly the amount due if None. A tip is part of the amount, or comes on top.

    `part` is the share of a guest who pays only a part of what is due; money beyond it is given back as change.
    """

    tender: str
    amount: Minor | None
    tip: Minor = NOTHING
    slip: str = ""
    part: Minor | None = None


class GoBack(Struct, frozen=True):
    """Go back to the order with a message."""

    sentence: str


class OpenSplit(Struct, frozen=True):
    """Open the split, where guests pay separately."""


class OpenPayHelp(Struct, frozen=True):
    """Show the help of the pay screen."""


class Finish(Struct, frozen=True):
    """The order is paid: show its receipt, with a sentence in place of the change if given."""

    sold: Order
    said: str = ""


class GiveBack(Struct, frozen=True):
    """Give a payment back, with a manager's approval if needed.

    With `by_hand` a person gave it back, although its terminal or gateway could be asked to.
    """

    payment: Payment
    by_hand: bool = False


class StopCharge(Struct, frozen=True):
    """Ask the terminal to stop."""


class AskNow(Struct, frozen=True):
    """Ask at once for the outcome of the payment."""


class KeepAsTab(Struct, frozen=True):
    """Put the order on a tab until the outcome is known, and serve the next guest."""


class Settle(Struct, frozen=True):
    """Record a manager's word on a charge or a refund; `slip` is the number on the paper."""

    charged: bool
    slip: str = ""


PayEffect = Take | GoBack | OpenPayHelp | OpenSplit | Finish | GiveBack | StopCharge | AskNow | KeepAsTab | Settle


class MoneyTaken(Struct, frozen=True):
    """Money was taken, `tip` of it for the staff."""

    order: Order
    tip: Minor = NOTHING


class NotTaken(Struct, frozen=True):
    """The payment was refused and nothing changed."""

    sentence: str


class Offered(Struct, frozen=True):
    """The amount and the way to pay were given on the sell screen."""

    tender: str
    amount: Minor | None
    slip: str = ""


class TipSaid(Struct, frozen=True):
    """A tip was given on the sell screen."""

    amount: Minor


class MoneyAsked(Struct, frozen=True):
    """A terminal, gateway or server was asked to take money or give it back."""

    tip: Minor = NOTHING


class ChargeHeard(Struct, frozen=True):
    """The awaited payment was answered, or has no answer for now."""

    payment: Payment
    order: Order


class GivenBack(Struct, frozen=True):
    """A payment was given back; `sentence` says how."""

    order: Order
    sentence: str


PayHappening = MoneyTaken | NotTaken | Offered | TipSaid | MoneyAsked | ChargeHeard | GivenBack
