"""Outcomes of the pay screen's acts, and the other events that its reducer is given: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor

if TYPE_CHECKING:
    from till.domain.order.state import Order, Payment


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
    """A payment was given back; `sentence` describes how."""

    order: Order
    sentence: str


PayOutcome = MoneyTaken | NotTaken | Offered | TipSaid | MoneyAsked | ChargeHeard | GivenBack
