"""A shift over the life of its journal: pruned after nine days, and replaced by another after damage."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.register.conftest import MENU, STAFF, STORE, VENUE
from tests.register.fakes import SetClock
from till.domain.events.envelope import NO_HASH
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.domain.order.selling import ItemEntry
from till.domain.shift.events import ShiftClosed, ShiftOpened
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.till.events import JournalOpened
from till.journal import meta
from till.ports import Head
from till.wiring.parts import LateOutbox, make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from till.journal import JournalFile
    from till.register.register import Register


@dataclass
class Disk:
    """A till on a real journal."""

    path: Path
    clock: SetClock = field(default_factory=SetClock)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.journal: JournalFile = open_journal(self.path, till=1, store_id=STORE)
        seed_cache(self.journal, {"settings": VENUE, "staff": STAFF, "menu": MENU})
        self.register: Register = make_register(self.journal, self.clock, LateOutbox(), till=1, store_id=STORE)
        self.register.ledger.user = 1

    def sell(self, tendered: int = 5_000) -> str:
        self.clock.move(seconds=1)
        order = self.register.sales.add(None, 1, ItemEntry(self.register.menu.by_plu[1], 1))
        self.register.checkout.pay(order.id, CASH, Minor(tendered))
        return order.id

    def replace(self, *, lost: Sequence[int] = (), why: str = "1") -> None:
        """Start again on a file that is taken for damaged, without some events."""
        self.journal.close()
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute("INSERT INTO meta VALUES ('condemned', ?)", (why,))
        gone = [(seq,) for seq in lost]
        connection.executemany("UPDATE own SET body = NULL, texts = '', stream_id = NULL WHERE seq = ?", gone)
        connection.execute("VACUUM")  # no byte of what is gone is found
        connection.close()
        self.start()

    def acknowledge(self, at: str) -> None:
        """Have the database know a part of the chain: up to before an event, or all."""
        head = self.journal.head
        if at != "all":
            first = next(one for one in self.journal.unsent(-1) if one.type == at)
            head = type(head)(first.seq - 1, first.prev_hash)
        self.journal.acknowledge(head)


@pytest.fixture
def till(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "till-1.sqlite")


def _trade(till: Disk) -> None:
    """Take 40.00 in cash twice, pay 10.00 out, and count in between."""
    till.register.drawer.count({CASH: Minor(10_000)}, is_float=True)
    till.sell()
    till.register.drawer.move("paid_out", Minor(1_000), "milk")
    till.sell()


@pytest.mark.parametrize("known", ["shift_opened", "cash_moved", "order_opened", "all"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_journal_that_takes_the_place_of_another_goes_on_with_its_shift(till: Disk, known: str, times: int) -> None:
    _trade(till)
    before, balance = till.register.drawer.sums(), till.register.drawer.balance()
    shift = till.register.ledger.shift
    till.acknowledge(known)
    for _time in range(times):
        till.replace()
        assert [one.data.shift for one in till.journal.unsent(-1) if isinstance(one.data, JournalOpened)] == [shift]
    drawer = till.register.drawer
    assert (drawer.balance(), drawer.sums(), drawer.status().is_opening) == (balance, before, False)
    till.sell()
    assert till.journal.newest("payments", 1)[0].shift == shift
    again = till.register.approvals.give(till.register.access.find(9), PermissionRequest(Permission.COUNT_AGAIN))
    drawer.count({CASH: Minor(20_900)}, {CASH: Minor(900)}, approval=again)
    assert drawer.balance() == {CASH: 20_000}
    closed = drawer.close().closed
    assert closed is not None
    assert (closed.sums.sales.number, closed.sums.drawer[0].closing, closed.totals.sales) == (3, "200.00", "120.00")


def test_a_z_before_the_replacement_is_in_the_totals_of_its_own_series_alone(till: Disk) -> None:
    till.sell()
    first = till.register.drawer.close().closed
    till.acknowledge("all")
    till.journal.set_series("")
    till.replace()
    till.journal.set_series("B")
    assert till.register.drawer.balance() == {CASH: 4_000}
    till.sell()
    second = till.register.drawer.close().closed
    assert first is not None
    assert second is not None
    assert (first.totals.sales, second.number, second.totals.sales) == ("40.00", "1B-Z000001", "40.00")
    assert second.sums.drawer[0].opening == "40.00"


@pytest.mark.parametrize("kind", ["shift_opened", "cash_moved", "payment_approved", "parted"])
def test_a_journal_without_some_events_of_the_shift_names_none_and_asks_for_a_count(till: Disk, kind: str) -> None:
    _trade(till)
    till.acknowledge("all")
    lost = [event.seq for event in till.journal.unsent(-1, after=Head(0, NO_HASH)) if event.type == kind]
    till.replace(lost=lost, why=meta.PARTED if kind == "parted" else "1")
    assert [one.data.shift for one in till.journal.unsent(-1) if isinstance(one.data, JournalOpened)] == [None]
    assert "The drawer cannot be added up here: F11 counts it." in till.journal.opened.notice
    for _start in range(2):
        drawer = till.register.drawer
        status = drawer.status()
        assert (status.counts, drawer.is_known(), status.last) == ((), False, None)
        till.journal.close()
        till.start()
    till.register.drawer.count({CASH: Minor(17_000)})
    till.sell()
    assert till.register.drawer.balance() == {CASH: 21_000}
    till.replace()
    assert till.register.drawer.balance() == {CASH: 21_000}


def test_nothing_since_the_opening_of_the_open_shift_is_pruned_and_no_event_of_a_shift(till: Disk) -> None:
    early = till.sell()
    till.register.drawer.close()
    late = till.register.sales.add(None, 1, ItemEntry(till.register.menu.by_plu[1], 1)).id  # opened before its shift
    _trade(till)
    till.register.checkout.pay(late, CASH, Minor(4_000))
    before = till.register.drawer.sums()

    def prune() -> None:
        till.acknowledge("all")
        till.journal.forget_open([mark.session_id for mark in till.journal.followed_sessions()])
        till.clock.move(days=9)
        while till.journal.prune(7, now=till.clock.now()):
            pass
        till.journal.close()
        till.start()

    prune()
    assert till.journal.events_of(early) == []
    assert till.journal.events_of(late) != []
    assert till.register.drawer.sums() == before
    till.sell()
    assert till.register.drawer.sums().sales.number == 4
    till.register.drawer.close()
    prune()
    assert till.journal.events_of(late) == []
    kinds = [type(event.data) for event in till.journal.newest("shifts", 99)]
    assert (kinds.count(ShiftOpened), kinds.count(ShiftClosed)) == (2, 2)
    assert till.register.drawer.balance() == {CASH: 25_000}


def test_nothing_is_pruned_while_a_replaced_journal_has_the_opening_of_the_shift(till: Disk) -> None:
    _trade(till)
    till.acknowledge("all")
    till.replace()
    till.sell()
    before = till.register.drawer.sums()
    till.acknowledge("all")
    till.journal.forget_open([mark.session_id for mark in till.journal.followed_sessions()])
    assert till.journal.prune(7, now=till.clock.now() + timedelta(days=9)) == 0
    till.journal.close()
    till.start()
    assert till.register.drawer.sums() == before
