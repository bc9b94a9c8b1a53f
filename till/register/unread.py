"""What became of a person's order while the screen was locked, or somebody else's, or nobody's.

It is kept on this till's disk, and said once, when they unlock the screen or log in here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from till.domain.order import Order
    from till.register.ledger import Ledger

#: Where the journal's cache keeps it, by order: user, sentences, and whether they hold only while the order is open.
_UNREAD: Final = "own.unread"


class Unread:
    """Keeps sentences about orders until the orders' user has read them.

    Args:
        ledger: the orders.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def keep(self, order: Order, sentence: str, *, passing: bool = False) -> None:
        """Keep a sentence for the user of an order. One that goes on from what was kept last takes its place.

        Args:
            order: what it is about.
            sentence: what happened to it.
            passing: it is worth saying only while the order is open: afterwards its end says more.
        """
        kept = self._kept()
        said = [row for row in kept.pop(order.id, []) if not sentence.startswith(row["sentence"])]
        row = {"user": order.user, "sentence": sentence, "passing": passing}
        self._ledger.journal.cache(_UNREAD, 0, {**kept, order.id: [*said, row]})

    def tell(self, user: int) -> str:
        """All that was kept for a user, oldest order first; it is said once."""
        kept = self._kept()
        rest = {order_id: rows for order_id, rows in kept.items() if rows[0]["user"] != user}
        if len(rest) == len(kept):
            return ""
        self._ledger.journal.cache(_UNREAD, 0, rest)
        told = [
            str(row["sentence"])
            for order_id, rows in kept.items()
            if order_id not in rest
            for row in rows
            if not row["passing"] or self._is_open(order_id)
        ]
        return " ".join(one for one in told if not any(other != one and other.startswith(one) for other in told))

    def _is_open(self, order_id: str) -> bool:
        order = self._ledger.readable(order_id)
        return order is not None and order.is_open

    def _kept(self) -> dict[str, list[dict[str, Any]]]:
        cached = self._ledger.journal.cached(_UNREAD)
        return dict(cached[1]) if cached else {}
