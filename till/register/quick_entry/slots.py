"""The slots of a phrase, as they are typed, and the base of what a phrase asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.money.measures import Minor, Price4

    Slots = dict[str, str | None]
    Phrases = dict[str, Callable[[Slots, "Amounts"], "Intent"]]


class Intent(Struct, frozen=True):
    """The base of each possible command of a typed line."""


class Amounts(Protocol):
    """A reader of amounts: `till.domain.money.formats.Formats` for typed amounts, `Currency` for plain decimals."""

    @property
    def point(self) -> str:
        """The decimal separator."""
        ...

    def minor(self, text: str, /) -> Minor:
        """Return an amount in minor units."""
        ...

    def price4(self, text: str, /) -> Price4:
        """Return a unit price in ten-thousandths."""
        ...


def slot(slots: Slots, name: str) -> str:
    """Return the text typed in a slot; empty if it was left out."""
    return slots.get(name) or ""


def minor(typed: str | None, money: Amounts) -> Minor | None:
    """Return a typed amount in minor units; None without one."""
    return money.minor(typed) if typed else None
