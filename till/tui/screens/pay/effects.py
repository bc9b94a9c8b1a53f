"""What the pay screen asks for, and what comes of it: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.domain.money.measures import Minor
    from till.domain.order.state import Order, Payment


class Take(Struct, frozen=True):
    """Take money: an amount, or exactly what is due."""

    tender: str
    amount: Minor | None


class GoBack(Struct, frozen=True):
    """Go back to the order, and say this there."""

    sentence: str


class OpenPayHelp(Struct, frozen=True):
    """Show the help of the pay screen."""


class Finish(Struct, frozen=True):
    """The order is paid: show its receipt."""

    sold: Order


class GiveBack(Struct, frozen=True):
    """Give a payment back; a manager is asked where one is needed."""

    payment: Payment


PayEffect = Take | GoBack | OpenPayHelp | Finish | GiveBack


class MoneyTaken(Struct, frozen=True):
    """Money was taken."""

    order: Order


class NotTaken(Struct, frozen=True):
    """Money was refused; nothing changed."""

    sentence: str


class Offered(Struct, frozen=True):
    """It was said at the order what is paid, and how."""

    tender: str
    amount: Minor | None


class GivenBack(Struct, frozen=True):
    """A payment was given back, and how that is said."""

    order: Order
    sentence: str


PayHappening = MoneyTaken | NotTaken | Offered | GivenBack
