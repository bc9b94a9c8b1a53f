"""The count of items as a till keys them, and the warning once other tills left none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.register.hearing import Hearer
from till.register.ledger.ledger import Command, CommandHook
from till.register.left import LEFT
from till.register.other_tills.news import OrderNews

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from till.register.ledger.ledger import Ledger
    from till.register.other_tills.news import News
    from till.register.reference import Reference


class Counting(CommandHook, Hearer):
    """Counts what each command keys and takes off of counted items, and hears what other tills left of them.

    Args:
        ledger: the orders.
        reference: has what is left.
        tell: tells the watcher.
    """

    def __init__(self, ledger: Ledger, reference: Reference, tell: Callable[[News], None]) -> None:
        self._ledger = ledger
        self._reference = reference
        self._tell = tell
        self._before: Mapping[str, int] = {}

    @override
    def follow(self, command: Command) -> None:
        self._reference.left.hear(command.events)

    @override
    def reference_changes(self, names: Collection[str]) -> None:
        self._before = self._reference.left.now() if LEFT in names else {}

    @override
    def reference_changed(self, names: Collection[str]) -> None:
        """Tell the items of open orders of which other tills left none, to the person who keyed them here."""
        if not self._before:
            return
        now = self._reference.left.now()
        gone = {item for item, pieces in self._before.items() if now.get(item, 0) < 0 <= pieces}
        for order in self._ledger.open_orders() if gone else ():
            keyed = {line.item_id: line.name for line in order.lines.values() if line.quantity and line.item_id in gone}
            if keyed and self._ledger.holds(order):
                self._tell(OrderNews(order, self._reference.left.warning(keyed.items())))
