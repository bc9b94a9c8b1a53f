"""What became of a person's order while the screen was locked, or somebody else's, or nobody's.

It is kept on this till's disk, and said once, when they unlock the screen or log in here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from till.domain.order import Order
    from till.register.ledger import Ledger

#: Where the journal's cache keeps it, by person: order, sentence, and whether it holds only while the order is open.
_UNREAD: Final = "own.unread"


class Unread:
    """Keeps sentences about orders until who had to know them has read them.

    Args:
        ledger: the orders.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def keep(self, order: Order, sentence: str, user: int, *, passing: bool = False) -> None:
        """Keep a sentence about an order for a person. One that goes on from what was kept last takes its place.

        Args:
            order: what it is about.
            sentence: what happened to it.
            user: whom it is told, by staff number: whose order it is, or who has it on the screen.
            passing: it is worth saying only while the order is open: afterwards its end says more.
        """
        kept = self._kept()
        before = [
            row
            for row in kept.get(str(user), ())
            if row["order"] != order.id or not sentence.startswith(row["sentence"])
        ]
        row = {"order": order.id, "sentence": sentence, "passing": passing}
        self._ledger.journal.cache(_UNREAD, 0, {**kept, str(user): [*before, row]})

    def tell(self, user: int) -> str:
        """All that was kept for a person, as it came; it is said once."""
        kept = self._kept()
        rows = kept.pop(str(user), None)
        if rows is None:
            return ""
        self._ledger.journal.cache(_UNREAD, 0, kept)
        told = [str(row["sentence"]) for row in rows if not row["passing"] or self._is_open(row["order"])]
        return " ".join(one for one in told if not any(other != one and other.startswith(one) for other in told))

    def _is_open(self, order_id: str) -> bool:
        order = self._ledger.readable(order_id)
        return order is not None and order.is_open

    def _kept(self) -> dict[str, list[dict[str, Any]]]:
        cached = self._ledger.journal.cached(_UNREAD)
        return dict(cached[1]) if cached else {}
