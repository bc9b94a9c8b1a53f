"""The tabs of the database, its tables, and what a till lists agree after each thing that can happen to a tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sync.rig import STORE
from till.domain.money.measures import Minor
from till.domain.order.suspension import discard
from till.domain.venue import read_venue
from till.register.approvals import Approvals
from till.register.reference import Reference
from till.register.tabs.acts import Tabs
from till.register.tabs.between import BetweenOrders
from till.register.tabs.open_tabs import OpenTab, OpenTabs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sync.real import Real
    from tests.sync.rig import Keys
    from till.sync.service import SyncService

#: Of each table that the venue told of, the orders that stand there.
TAKEN = """
    SELECT i.table_number, array_agg(b.session_id ORDER BY b.session_id) FILTER (WHERE b.session_id IS NOT NULL)
    FROM cold.table_info AS i
    LEFT JOIN till.tabs AS b ON b.store_id = i.store_id AND b.table_number = i.table_number::text AND b.status = 'open'
    GROUP BY i.table_number ORDER BY i.table_number
"""
#: Tabs that are open though no order goes on there, or closed though one does.
WRONG = """
    SELECT b.name, b.status FROM till.tabs AS b WHERE (b.status = 'open') <> EXISTS (
        SELECT FROM till.order_sessions AS s
        WHERE s.tab_id = b.id AND s.status IN ('active', 'pending_logout', 'assigned_to_tab'))
"""


class House:
    """One till at its keys, and the database behind it."""

    def __init__(self, real: Real, keys: Keys, service: SyncService) -> None:
        self.real, self.keys, self.service = real, keys, service
        self.open_tabs = OpenTabs(keys.ledger)
        reference = Reference(keys.journal, keys.ledger.now)
        self.tabs = Tabs(keys.ledger, reference, self.open_tabs)
        self.between = BetweenOrders(keys.ledger, reference, self.tabs, Approvals(keys.ledger, reference))

    def keyed(self, name: str = "") -> str:
        """An order of two lines, on a tab."""
        session = self.keys.open()
        self.keys.add(session, "Idly")
        self.keys.add(session, "Tea")
        if name:
            self.tabs.save(session, name)
        return session

    def tab(self, name: str) -> OpenTab:
        """A tab by its name, as this till lists it."""
        found = self.open_tabs.open_as(name, self.open_tabs.local())
        assert found is not None, name
        return found

    async def agrees(self, **taken: list[str]) -> None:
        """The database, its tables and the till have these orders at these tables, and no other."""
        assert await self.service.flush(5)
        expected = {int(name.removeprefix("t")): sorted(sessions) for name, sessions in taken.items()}
        stands = {number: sessions for number, sessions in self.real.owner.execute(TAKEN) if sessions}
        assert stands == expected
        assert self.real.owner.execute(WRONG).fetchall() == []
        listed = self.open_tabs.merged(await self.service.open_tabs())
        assert sorted(listed, key=lambda one: one.tab_id) == sorted(self.open_tabs.local(), key=lambda one: one.tab_id)
        here: dict[int | None, list[str]] = {}
        for one in listed:
            here.setdefault(one.table, []).append(one.session_id)
        assert {table: sorted(sessions) for table, sessions in here.items() if table is not None} == expected


async def test_tabs_and_tables_agree_whatever_happens(real: Real, make_keys: Callable[..., Keys]) -> None:
    for number in range(1, 7):
        real.owner.execute("SELECT till.table_set_v1(%s, NULL, %s, 4, 'Hall')", [STORE, number])
    keys = make_keys()
    body = real.value("SELECT till.reference(%s, '{\"settings\": 0}')->'settings'->'body'", STORE)
    assert [(one.number, one.area) for one in read_venue(body).tables] == [(number, "Hall") for number in range(1, 7)]
    keys.journal.cache("settings", 0, body)
    async with real.service(keys) as service:
        house = House(real, keys, service)
        tabs, between, ledger = house.tabs, house.between, keys.ledger
        await house.agrees()
        one, two = house.keyed("1"), house.keyed("2")
        opened = tabs.open_table(1, 3).id
        await house.agrees(t1=[one], t2=[two], t3=[opened])
        keys.add(opened)
        tabs.save(opened, "")
        tabs.change_table(house.tab("table 2"), "4")
        await house.agrees(t1=[one], t3=[opened], t4=[two])
        own = house.keyed()
        tabs.save_apart(own, "4")
        await house.agrees(t1=[one], t3=[opened], t4=[two, own])  # a second bill is at the same table
        await between.move_pieces(service, house.tab("table 4"), "tea", None, house.tab("table 3"))
        await house.agrees(t1=[one], t3=[opened], t4=[two, own])
        await between.merge(service, house.tab("table 1"), house.tab("table 3"))
        await house.agrees(t1=[one], t4=[two, own])

        tabs.recall(one, 1)
        guest = ledger.new_id()
        await between.part(service, one, {next(iter(ledger.order(one).lines)): 1}, guest)
        await house.agrees(t1=[one, guest], t4=[two, own])  # guests who pay separately stay at the table
        keys.pay(guest)
        tabs.save(one, "")
        await house.agrees(t1=[one], t4=[two, own])
        tabs.recall(one, 1)
        keys.pay_part(one, Minor(100))
        tabs.save(one, "")
        tabs.change_table(house.tab("table 1"), "5")
        await house.agrees(t5=[one], t4=[two, own])  # guests who have paid a part change the table too

        tabs.recall(two, 1)
        keys.pay(two)
        tabs.recall(own, 1)
        ledger.commit(discard(ledger.order(own), "they left"))
        await house.agrees(t5=[one])

        real.owner.execute("SELECT till.booking_add_v1(%s, NULL, now() + '1 minute', 60, 4, 6, 'Mrs Rao', '')", [STORE])
        (booking,) = await service.bookings()
        tabs.seat(1, booking)
        seated = house.tab("table 6")
        await house.agrees(t5=[one], t6=[seated.session_id])
        assert seated.covers == 4
