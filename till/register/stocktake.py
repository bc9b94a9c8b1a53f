"""A stocktake: the counts of a place on a business day. Two people and two tills count on one sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import StoreAwayError
from till.domain.events.envelope import read_time, time_text
from till.domain.ids import derived_id, moment_of
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.stock.events import StockCounted
from till.ports import SheetCount
from till.register.kept import kept_items
from till.register.stock import tell_shelf

if TYPE_CHECKING:
    from till.domain.staff.rights import Approval
    from till.domain.stock.kept import KeptItem
    from till.ports import RemoteStocktake, Store
    from till.register.register import Register

#: Seconds to wait until the own counts are at the server.
_PATIENCE = 3.0


def places_of(register: Register) -> tuple[str, ...]:
    """Return the places of what is kept, by name."""
    return tuple(sorted({place for one in kept_items(register.journal) for place in one.places}))


class Stocktake:
    """The sheet of a place, today; its id is equal at every till.

    Args:
        register: the till.
        place: the place; empty for all that is kept.
    """

    def __init__(self, register: Register, place: str) -> None:
        self._register = register
        self.place = place
        day = register.reference.today
        self.sheet = derived_id(register.ledger.store_id, f"stocktake {day.isoformat()} {place}")
        kept = kept_items(register.journal)
        self.items = tuple(one for one in kept if not place or place in one.places)
        #: The newest count of each item on this sheet, as this till knows it.
        self.counts: dict[str, SheetCount] = {}
        for event in register.journal.events_with(StockCounted.listed, self.sheet):
            if isinstance(event.data, StockCounted):
                at = read_time(event.data.seen_at) if event.data.seen_at else moment_of(event.id)
                by = register.reference.name_of(event.user or 0)
                self._keep(SheetCount(event.data.item_id, event.data.amount, at, by, event.by_till))

    def _keep(self, count: SheetCount) -> None:
        known = self.counts.get(count.item_id)
        if known is None or known.at <= count.at:
            self.counts[count.item_id] = count

    def hear(self, found: RemoteStocktake) -> None:
        """Take the counts of other tills: of two, the later look counts."""
        for count in found.counts:
            self._keep(count)

    def check_right(self) -> None:
        """Refuse a person without the right: a manager need not type a PIN for each row.

        Raises:
            ApprovalNeededError: the person may not count.
        """
        self._register.approvals.need(PermissionRequest(Permission.STOCK), None)

    def count(self, item: KeptItem, amount: int, approval: Approval | None = None, *, adds: bool = False) -> SheetCount:
        """Count an item now. What is added in another place than its first keeps the look of the first, which sells.

        Raises:
            ApprovalNeededError: a manager must approve.
        """
        known = self.counts.get(item.id) if adds else None
        earlier = known is not None and bool(self.place) and item.places[:1] != (self.place,)
        seen_at = time_text(known.at) if known is not None and earlier else None
        whole = amount + (known.amount if known is not None else 0)
        tell_shelf(self._register, StockCounted(item.id, whole, seen_at, sheet=self.sheet), approval)
        ledger = self._register.ledger
        at = known.at if known is not None and earlier else ledger.now()
        self._keep(SheetCount(item.id, whole, at, self._register.reference.name_of(ledger.user or 0), ledger.till))
        return self.counts[item.id]

    async def end(self, store: Store | None) -> RemoteStocktake:
        """Return the differences, once the own counts are at the server.

        Raises:
            StoreError: the server cannot be asked.
        """
        if store is None or not await store.flush(_PATIENCE):
            raise StoreAwayError
        found = await store.stocktake(self.sheet, ends=True)
        self.hear(found)
        return found
