"""The news of the sync, as each part of the register hears it: in the order of the list in `register.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from till.domain.order.state import Order
    from till.ports import Light


class Grown(Struct, frozen=True):
    """Orders with events from other tills.

    Attributes:
        session_ids: the orders.
        known: the earlier states of those that a person has seen.
    """

    session_ids: Sequence[str]
    known: Sequence[Order]


class Hearer:
    """A part of the register that hears news of the sync. It overrides what it hears."""

    def sessions_grew(self, grown: Grown) -> None:
        """Hear that orders have new events of other tills; they are folded again."""

    def order_grew(self, order: Order) -> None:
        """Act on one of these orders, once every part has heard of all of them."""

    def reference_changes(self, names: Collection[str]) -> None:
        """Keep what is known by the reference data that is forgotten next."""

    def reference_changed(self, names: Collection[str]) -> None:
        """Hear that there is new reference data, which is not read yet."""

    def light_changed(self, light: Light) -> None:
        """Hear of another light of the sync."""

    def server_answered(self) -> None:
        """Hear that the server answered."""


def hearing(parts: Sequence[Hearer], method: Callable[..., None]) -> list[Hearer]:
    """Return the parts that override a method of `Hearer`, for what is heard at almost every key."""
    return [one for one in parts if getattr(type(one), method.__name__) is not method]
