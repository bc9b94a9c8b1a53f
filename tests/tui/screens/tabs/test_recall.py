"""A tab that comes back: from another till that has it open, from a list that is older than its end, to its place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.making import Hand, forged
from tests.tui.playing import (
    LOG_IN,
    Clock,
    FakeStore,
    PinCheck,
    Till,
    a_reference,
    a_till,
    a_venue_of_no_tables,
    fill,
    make_register,
    open_file,
    row_of,
)
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.test_news import comes
from tests.tui.screens.waiting_orders.test_waiting_orders import bring
from till.cli.demo_venue import DEMO
from till.domain.errors import NotHeldError
from till.domain.events.envelope import time_text
from till.domain.money.measures import Minor
from till.domain.order import charging
from till.domain.order.copying import TabItem
from till.domain.order.events import RungAgain
from till.domain.order.paying import Tendered
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Status
from till.domain.structs import replace
from till.ports import Light, LightState, Received, SessionMark
from till.ports.store import HeldElsewhereError
from till.tui.screens.login.scene import LoginScene
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.tabs.ring_again import RingAgainSheet
from till.tui.screens.tabs.scene import TablesScene
from till.tui.screens.waiting_orders.takeover import TakeoverSheet, ViewSheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from till.domain.order.state import Order
    from till.ports import RemoteSession
    from till.register.register import Register

SIZES = [(80, 24), (120, 36)]
ASHA = 2
NOT_HELD = NotHeldError().sentence
#: The grant of an order to another till, after it was opened here.
GRANTED = "019cb300-0000-7000-8000-0000000000b2"


def on_till_2(folder: Path, act: Callable[[Register], str], **later: float) -> Order:
    """Do something as Ravi on till 2, and return the order."""
    file, clock = open_file(folder, 2), Clock()
    clock.pass_by(**later)
    try:
        fill(file, None)
        register = make_register(file, clock, PinCheck(), 2)
        register.ledger.user = ASHA
        return register.ledger.order(act(register))
    finally:
        file.close()


def saves(register: Register) -> str:
    """Save 2 idly to table 7."""
    item = register.lookup.exact("idly")
    assert item is not None
    order = register.sales.add(None, ASHA, ItemEntry(item, 2))
    register.tabs.save(order.id, "7")
    return order.id


def has_it_open(register: Register) -> str:
    """Save them, and recall them there."""
    return register.tabs.recall(saves(register), ASHA).id


def pays(session: str) -> Callable[[Register], str]:
    return lambda register: register.checkout.pay_exact(session).id


def listed(order: Order, **other: Any) -> FakeStore:
    """Return a store that lists the tab as open on till 2, or as `other` says."""
    return FakeStore(tabs=[row_of(order, **other)])


def order_there(till: Till) -> list[str]:
    """Return the user, till and tab of the order on the screen."""
    order = till.order
    return [str(order.user), str(order.till), order.tab.name if order.tab else ""]


@pytest.mark.parametrize("size", SIZES)
async def test_one_that_another_till_has_open_is_asked_about(tmp_path: Path, size: tuple[int, int]) -> None:
    order = on_till_2(tmp_path, has_it_open)
    async with a_drawn_till(tmp_path, size, store=listed(order), typed=LOG_IN + "{f8}{enter}") as till:
        assert isinstance(till.app.controller.top, TakeoverSheet)
        text = till.text()
        for line in (
            "Table 7 is open on another till",
            "Take it over here  the order locks on Till 2",
            "View it            nothing changes anywhere",
            "Leave it there     it stays on Till 2",
            "Till         Till 2, Ravi",
            "Order        1 line, ₹80.00",
            "Last key     20 s ago",
            "Connection   ● good",
        ):
            assert line in text
        bar = ["T V N ↑↓ Choose", "Esc Back"]
        assert [key.strip() for key in till.rows()[-1].split("  ") if key] == bar
        await till.type("t")
        assert [key.strip() for key in till.rows()[-1].split("  ") if key] == [*bar, "Enter Take it over here"]
        assert "login" not in text
        assert till.shown is None


@pytest.mark.parametrize("unheard", [[1], [1, 3]])
async def test_after_a_restore_tills_that_are_not_heard_yet_are_named(tmp_path: Path, unheard: list[int]) -> None:
    """The part that another till took since the backup is not known."""
    order, reference = on_till_2(tmp_path, saves), a_reference()
    reference["settings"] |= {"restored_at": "2031-01-01T00:00:00.000000Z", "unheard": unheard}
    async with a_quiet_till(tmp_path, store=(store := listed(order, till=None)), reference=reference) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}{enter}")
        doubt = " Not heard since the restore: Till 3. Paid there?" if 3 in unheard else ""
        assert till.answer() == f"Table 7 is here: 1 line, ₹80.00.{doubt}"
        await till.type("{f8}{enter}{f8}{enter}")
        assert till.answer() == "Table 7 is here: 1 line, ₹80.00."


@pytest.mark.parametrize("size", SIZES)
async def test_one_that_is_paid_in_part_there_says_what_is_due(tmp_path: Path, size: tuple[int, int]) -> None:
    order = on_till_2(tmp_path, has_it_open)
    async with a_drawn_till(tmp_path, size, store=listed(order, paid=3_000), typed=LOG_IN + "{f8}{enter}") as till:
        assert "Order        1 line, ₹50.00 due, ₹30.00 paid" in till.text()


def charges(session: str) -> Callable[[Register], str]:
    """Ask a card terminal for the whole order."""

    def charge(register: Register) -> str:
        order, asked = register.ledger.order(session), Tendered("CARD", Minor(8_000))
        register.ledger.commit(charging.start_charge(order, register.ledger.new_id(), asked, ("POS 1", "till", "1")))
        return session

    return charge


@pytest.mark.parametrize("size", SIZES)
async def test_a_charge_that_is_under_way_there_is_named_before_and_after(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    order = on_till_2(tmp_path, has_it_open)
    on_till_2(tmp_path, charges(order.id), minutes=1)
    store = listed(order, paying=True)
    async with a_drawn_till(tmp_path, size, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}{enter}")
        assert till.answer() == "A payment may be pending on Till 2: settle it there first."
        await till.type("t{enter}")
        message = "Table 7 is here: 1 line, ₹80.00. A payment of ₹80.00 has no answer yet: Pay shows it."
        assert till.answer() == message
        assert "Pay shows it." in till.text()


@pytest.mark.parametrize("ahead", ["", "2 tea", "no", "tt", "vat", "table 4"])
async def test_nothing_typed_ahead_takes_it_over(tmp_path: Path, ahead: str) -> None:
    order = on_till_2(tmp_path, has_it_open)
    async with a_quiet_till(tmp_path, store=listed(order), typed=LOG_IN + "{f8}{enter}" + ahead + "{enter}") as till:
        sheet = till.app.controller.top
        assert isinstance(sheet, TakeoverSheet)
        assert till.answer().startswith("Answer first: T, V, N")
        assert till.typed() == ahead, "the words stay to be read"
        assert till.shown is None
        await till.type("{backspace}n{enter}")
        assert not till.app.controller.sheets


async def test_words_typed_ahead_are_named_after_esc(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    async with a_quiet_till(tmp_path, store=listed(order), typed=LOG_IN + "{f8}{enter}2 tea{enter}{escape}") as till:
        assert not till.app.controller.sheets
        assert till.answer() == "Not keyed: “2 tea”."


async def test_one_that_till_2_saved_is_granted_in_one_call_and_nothing_is_asked(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, saves)
    store = listed(order, till=None)
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}{enter}")
        assert till.answer() == "Table 7 is here: 1 line, ₹80.00."
        assert order_there(till) == ["1", "1", "table 7"]
        assert (store.asked_for, store.fetched) == ([order.id], [])
        assert [till.order.hold] == [event.id for event in store.grants]
        await till.type("{f8}{enter}{f8}{enter}tea{enter}{f9}{enter}")
        assert till.answer() == "Paid ₹100.00, exact."
        assert store.asked_for == [order.id], "this till holds it from then on"


async def test_one_that_was_granted_away_is_asked_for_though_this_till_has_not_heard_of_it(tmp_path: Path) -> None:
    """The list names the grant of the order there, whose events are still on their way."""
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "tea{enter}tab 7{enter}") as till:
        (tab,) = till.register.open_tabs.local()
        order = till.register.ledger.order(tab.session_id)
        store.tabs = [row_of(order, till=None, hold=GRANTED, version=9)]
        await till.type("{f8}7{enter}")
        assert till.answer() == "Table 7 is here: 1 line, ₹20.00."
        assert store.asked_for == [order.id]
        assert [till.order.hold] == [event.id for event in store.grants]


@pytest.mark.parametrize("offline", [False, True])
async def test_one_that_this_till_saved_is_recalled_without_asking(tmp_path: Path, *, offline: bool) -> None:
    store = FakeStore(away=offline)
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "tea{enter}tab 7{enter}") as till:
        if offline:
            till.register.light_changed(Light(LightState.OFFLINE))
        await till.type("{f8}7{enter}")
        assert till.answer() == "Table 7 is here: 1 line, ₹20.00."
        assert (store.asked_for, store.fetched) == ([], [])


async def test_t_takes_it_over_and_it_is_paid_here(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = listed(order)
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}{enter}t{enter}")
        assert till.answer() == "Table 7 is here: 1 line, ₹80.00."
        assert till.lines() == {"Idly": 2}
        assert till.order.id == order.id
        assert order_there(till) == ["1", "1", "table 7"]
        assert store.asked_for == [order.id]
        assert [till.order.hold] == [event.id for event in store.grants]
        await till.type("tea{enter}{f9}{enter}")
        assert till.answer() == "Paid ₹100.00, exact."


@pytest.mark.parametrize("keys", ["n{enter}", "{escape}", "v{enter}{escape}n{enter}", "{down}{down}{down}{enter}"])
async def test_leaving_an_order_on_its_till_keeps_the_sell_screen_as_it_was(tmp_path: Path, keys: str) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = listed(order)
    async with a_drawn_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{ctrl+y}te{f8}{enter}")
        own, scene, seq = till.order.id, till.scene, till.journal.head.seq
        await till.type(keys)
        assert not till.app.controller.sheets
        assert till.scene is scene
        assert till.order.id == own
        assert till.rows()[2] == "   Order  eat in"
        assert till.typed() == "te"
        assert till.journal.head.seq == seq
        await till.type("a{enter}")
        assert till.order.id == own
        assert till.lines() == {"Tea": 1}


async def test_v_shows_its_lines_and_esc_goes_back_to_the_question(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = listed(order)
    async with a_drawn_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}{enter}v{enter}")
        assert isinstance(till.app.controller.top, ViewSheet)
        assert "The order on Till 2  1 line, ₹80.00" in till.text()
        assert "Idly" in till.text()
        await till.type("{escape}")
        assert isinstance(till.app.controller.top, TakeoverSheet)


def adds(session: str) -> Callable[[Register], str]:
    def add(register: Register) -> str:
        item = register.lookup.exact("tea")
        assert item is not None
        return register.sales.add(session, ASHA, ItemEntry(item, 3)).id

    return add


def saves_again(session: str) -> Callable[[Register], str]:
    def save(register: Register) -> str:
        register.tabs.save(session, "7")
        return session

    return save


async def test_the_question_follows_what_the_other_till_does(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    async with a_quiet_till(tmp_path, store=(store := listed(order))) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}{enter}")
        assert "1 line, ₹80.00" in till.text()
        on_till_2(tmp_path, adds(order.id), minutes=1)
        till.register.server_answered()
        await till.settle()
        assert "2 lines, ₹140.00" in till.text()
        assert isinstance(till.app.controller.top, TakeoverSheet)


async def test_an_answer_without_news_changes_nothing_of_the_question(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    async with a_quiet_till(tmp_path, store=(store := listed(order))) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}{enter}")
        before = till.text()
        assert "20 s ago" in before
        till.register.server_answered()
        await till.settle()
        assert till.text() == before


@pytest.mark.parametrize("keys", ["", "v{enter}"])
@pytest.mark.parametrize(
    ("act", "message"),
    [
        (pays, "Table 7 was paid on Till 2."),
        (saves_again, "It is no longer open there. Open it again."),
    ],
)
async def test_the_question_closes_once_the_other_till_has_the_order_open_no_longer(
    tmp_path: Path, keys: str, act: Callable[[str], Callable[[Register], str]], message: str
) -> None:
    order = on_till_2(tmp_path, has_it_open)
    async with a_quiet_till(tmp_path, store=(store := listed(order))) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}{enter}" + keys)
        on_till_2(tmp_path, act(order.id), minutes=1)
        till.register.server_answered()
        await till.settle()
        assert isinstance(till.app.controller.top, SellScene)
        assert till.answer() == message


async def test_the_question_stays_while_the_database_says_that_it_is_open_there(tmp_path: Path) -> None:
    """After a restore the events of an order may come later than the database's word on who has it open."""
    order = on_till_2(tmp_path, has_it_open)
    async with a_quiet_till(tmp_path, store=(store := listed(order, till=3, till_name="Till 3"))) as till:
        bring(store, till, tmp_path)
        fetch, granted = store.bring, SessionMark(order.id, ASHA, 9, GRANTED, 3, 3, GRANTED)

        def fetch_with_mark(session_id: str) -> None:
            fetch(session_id)
            till.journal.receive([], [granted])

        store.bring = fetch_with_mark
        await till.type(LOG_IN + "{f8}{enter}")
        till.register.server_answered()
        await till.settle()
        assert isinstance(till.app.controller.top, TakeoverSheet)


async def test_a_table_that_a_restore_holds_where_it_was_let_go_is_asked_for_and_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grant to till 2 was handed back by others; that it was saved there again, only till 2 can bring."""
    order = on_till_2(tmp_path, has_it_open)
    on_till_2(tmp_path, saves_again(order.id), minutes=1)
    async with a_quiet_till(tmp_path, store=(store := listed(order))) as till:
        bring(store, till, tmp_path)
        fetch, grant = store.bring, store.grant
        mark = SessionMark(order.id, ASHA, 9, order.last_id, 2, 2, order.hold)

        def fetch_with_mark(session_id: str) -> None:
            fetch(session_id)
            till.journal.receive([], [mark])

        async def grant_if_warned(session_id: str, user: int, *, warned: bool = False, cleared: bool = False) -> None:
            if not warned:
                raise HeldElsewhereError
            await grant(session_id, user, warned=warned, cleared=cleared)

        store.bring = fetch_with_mark
        monkeypatch.setattr(store, "grant", grant_if_warned)
        await store.fetch(order.id)
        await till.type(LOG_IN + "{f8}{enter}")
        assert "Table 7 is open on another till" in till.text()
        till.register.server_answered()
        await till.settle()
        assert isinstance(till.app.controller.top, TakeoverSheet)
        await till.type("t{enter}")
        assert (till.order.id, till.lines()) == (order.id, {"Idly": 2})


async def test_a_question_that_cannot_be_asked_again_stays(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    async with a_quiet_till(tmp_path, store=(store := listed(order)), typed=LOG_IN + "{f8}{enter}") as till:
        store.away = True
        till.register.server_answered()
        await till.settle()
        assert isinstance(till.app.controller.top, TakeoverSheet)


async def test_a_takeover_that_reaches_nobody_offers_to_ring_again(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = listed(order)
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "te{f8}{enter}") as till:
        store.away = True
        await till.type("t{enter}")
        assert "Table 7 is on another till, and the network is down" in till.text()
        await till.type("{escape}")
        assert isinstance(till.app.controller.top, SellScene)
        assert till.shown is None
        assert till.typed() == "te"


async def test_one_that_till_2_opened_since_the_list_came_is_not_taken_unasked(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = listed(order, till=None, till_name="")
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}{enter}")
        assert till.answer() == "It is open on Till 2: save it there, or take it over."
        assert till.shown is None
        assert store.grants == []


async def test_the_list_of_tables_shows_changes_by_other_tills(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "{f8}") as till:
        store.tabs = listed(on_till_2(tmp_path, saves)).tabs
        for store.away in (False, True):
            assert isinstance(till.scene, TablesScene)
            till.register.server_answered()
            await till.settle()
            assert [tab.name for tab in till.scene._facts().tabs] == ["table 7"]


async def test_tables_show_a_tab_of_another_till_as_soon_as_the_server_does(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "{f8}") as till:
        store.tabs = listed(on_till_2(tmp_path, saves)).tabs
        till.register.reference_changed(["tabs"])
        await till.settle()
        assert isinstance(till.scene, TablesScene)
        assert [tab.name for tab in till.scene._facts().tabs] == ["table 7"]


@pytest.mark.parametrize(("till_2", "keys"), [(2, "{enter}t{enter}"), (None, "{enter}")])
async def test_one_that_was_paid_meanwhile_says_where_and_when(tmp_path: Path, till_2: int | None, keys: str) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = listed(order, till=till_2, till_name="Till 2" if till_2 else "")
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "te{f8}")
        on_till_2(tmp_path, pays(order.id), hours=3, minutes=34)
        await till.type(keys)
        assert till.answer() == "Table 7 was paid on Till 2 at 14:05."
        assert till.shown is None
        assert till.typed() == "te"
        assert till.register.ledger.order(order.id).till is None
        await till.type("a{enter}")
        assert till.lines() == {"Tea": 1}


@pytest.mark.parametrize("keys", ["{f12}", "lock"])
async def test_logging_out_with_a_tab_on_the_screen_puts_it_back_on_its_tab(tmp_path: Path, keys: str) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}tab 7{enter}{f8}{enter}tea{enter}") as till:
        session = till.order.id
        if keys == "lock":
            till.app.controller.lock()
            await till.type("{escape}")
        else:
            await till.type(keys)
        assert isinstance(till.scene, LoginScene)
        assert "● Asha is logged out. Table 7 is kept: 2 lines, ₹100.00." in till.text()
        assert "F8 recalls it here, elsewhere once online." in till.text()
        assert till.register.ledger.order(session).status is Status.ASSIGNED_TO_TAB
        await till.type("2{enter}2222{enter}{f8}7")
        assert any("Table 7" in row and "2 lines" in row for row in till.rows())
        await till.type("{enter}")
        assert till.order.id == session
        assert order_there(till) == ["2", "1", "table 7"]


async def test_a_tab_that_is_quarantined_by_f5_goes_back_on_its_tab(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}tab 7{enter}3 tea{enter}") as till:
        waits = till.order.id
        till.register.recovery.suspend(waits)
        till.app.controller.sell(None, None)
        await till.type("{f8}{enter}")
        session = till.order.id
        await till.type("{f5}1{enter}")
        assert till.order.id == waits
        assert till.register.ledger.order(session).status is Status.ASSIGNED_TO_TAB


@pytest.mark.parametrize("size", SIZES)
async def test_a_receipt_is_as_it_was_given_whatever_came_too_late(tmp_path: Path, size: tuple[int, int]) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = listed(order)
    async with a_drawn_till(tmp_path, size, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}{enter}t{enter}{f9}500{enter}tea{enter}{ctrl+n}")
        receipt = till.rows()[2:18]
        assert any("2 × Idly" in row and "80.00" in row for row in receipt)
        hand = Hand(2, start=till.clock.now())
        hand.knows(*till.journal.events_of(order.id))
        late = forged(hand.added("late", 5, "80.00"), store_id=DEMO.store_id, stream_id=order.id)
        await comes(till, order.id, [Received(1, late)])
        assert till.register.ledger.order(order.id).priced.total > order.total
        assert till.rows()[2:18] == receipt
        await till.type("{escape}{ctrl+n}")
        assert till.rows()[2:18] == receipt


async def test_without_the_network_a_tab_that_was_open_elsewhere_is_not_taken(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = listed(order)
    row = {"tab_id": order.tab.id if order.tab else "", "session": order.id, "tab_name": "table 7", "user": ASHA}
    row |= {"lines": 1, "currency": "INR", "total": "80.00", "updated_at": "2026-03-03T05:00:00Z", "till": 2}
    row |= {"created_at": "2026-03-03T05:00:00Z"}
    async with a_quiet_till(tmp_path, store=store) as till:
        till.journal.cache("tabs", 1, {"tabs": [row]})
        till.register.light_changed(Light(LightState.OFFLINE))
        await till.type(LOG_IN + "{f8}{enter}")
        assert till.answer() == NOT_HELD
        assert till.shown is None


async def test_a_number_recalls_that_table_and_a_part_of_several_names_asks_which(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        for keyed in ("idly{enter}tab 3", "2 idly{enter}tab Asha", "3 idly{enter}tab Ashok"):
            await till.type(keyed + "{enter}")
        await till.type("tab 33{enter}")
        assert till.answer() == "No table 33 is open."
        await till.type("{escape}tab ash{enter}")
        assert till.answer() == "2 tables are like ash. Which one?"
        await till.type("{down}{enter}")
        assert till.lines() == {"Idly": 3}, "the second of the two"


@dataclass
class SlowStore(FakeStore):
    """A store that lists tabs only once released."""

    let: asyncio.Event = field(default_factory=asyncio.Event)

    async def open_tabs(self) -> list[RemoteSession]:
        await self.let.wait()
        return await super().open_tabs()


async def test_own_tabs_are_listed_at_once_and_those_of_others_when_they_answer(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = SlowStore(tabs=[row_of(order)])
    async with a_drawn_till(tmp_path, store=store, reference=a_venue_of_no_tables()) as till:
        await till.type(LOG_IN + "tea{enter}tab 9{enter}{f8}")
        assert "Table 9" in till.text()
        assert "Till 2" not in till.text()
        store.let.set()
        await till.settle()
        rows = [row.split() for row in till.rows()[4:6]]
        assert rows == [["7", "Till", "2", "80.00"], ["▌", "9", "0", "min", "20.00"]], "what was marked stays so"


async def test_a_tab_that_is_here_is_recalled_before_the_others_answer(tmp_path: Path) -> None:
    store = SlowStore()
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "tea{enter}tab 8{enter}{f8}{enter}") as till:
        assert till.answer() == "Table 8 is here: 1 line, ₹20.00."
        store.let.set()


@pytest.mark.parametrize("keyed", ["7{enter}", "{enter}"])
async def test_an_enter_that_the_others_decide_waits_for_them(tmp_path: Path, keyed: str) -> None:
    store = listed(on_till_2(tmp_path, has_it_open))
    slow = SlowStore(tabs=store.tabs)
    async with a_till(tmp_path, store=slow, typed=LOG_IN) as till:
        till.burst("{f8}" + keyed)
        await till._turn()
        assert till.app.controller.is_held
        slow.let.set()
        await till.settle()
        assert isinstance(till.app.controller.top, TakeoverSheet)


async def test_a_name_that_the_others_have_is_added_to_and_not_given_twice(tmp_path: Path) -> None:
    slow = SlowStore(tabs=listed(on_till_2(tmp_path, saves), till=None).tabs)
    async with a_till(tmp_path, store=slow) as till:
        bring(slow, till, tmp_path)
        await till.type(LOG_IN + "tea{enter}")
        till.burst("{f8}7{enter}")
        await till._turn()
        slow.let.set()
        await till.settle()
        assert till.answer() == "Added to table 7: 1 line, ₹20.00. F8 lists the tables."


def away(till: Till) -> None:
    """Take the network down."""
    till.register.light_changed(Light(LightState.OFFLINE))


@pytest.mark.parametrize("size", SIZES)
async def test_tab_of_another_till_is_rung_again_without_the_network(tmp_path: Path, size: tuple[int, int]) -> None:
    order = on_till_2(tmp_path, saves)
    store = listed(order, till=None, till_name="")
    async with a_drawn_till(tmp_path, size, store=store, typed=LOG_IN + "{f8}{escape}") as till:
        store.away = True
        away(till)
        await till.type("{f8}{enter}")
        assert isinstance(till.app.controller.top, RingAgainSheet)
        text = till.text()
        for line in (
            "Table 7 is on another till, and the network is down",
            "Ring it again      a copy as of 10:30",
            "Leave it           it stays on its till",
            "Copy         1 line, ₹80.00",
        ):
            assert line in text
        assert "Discounts" not in text
        await till.type("r{enter}")
        assert till.answer() == "Table 7 is rung again: 1 line, ₹80.00."
        assert till.lines() == {"Idly": 2}
        assert till.order.id != order.id
        assert till.order.again == RungAgain(session=order.id, at=time_text(store.tabs[0].updated_at))
        assert not set(till.order.lines) & set(order.lines), "new line ids"
        at = till.register.venue.local(store.tabs[0].updated_at).strftime("%H:%M")
        assert f"Order  copy as of {at}, eat in" in till.text()
        await till.type("tea{enter}{f9}{enter}")
        assert till.answer() == "Paid ₹100.00, exact."


async def test_tab_that_is_paid_in_part_is_not_rung_again(tmp_path: Path) -> None:
    row = row_of(on_till_2(tmp_path, saves), till=None, till_name="", paid=Minor(3_000))
    store = FakeStore(tabs=[row])
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "{f8}{escape}") as till:
        store.away = True
        away(till)
        await till.type("{f8}{enter}")
        assert till.answer() == "₹30.00 of it is paid: take the rest at its till."
        assert till.shown is None


async def test_discounts_that_a_copy_lacks_are_named_with_both_totals(tmp_path: Path) -> None:
    row = row_of(on_till_2(tmp_path, saves), till=None, till_name="")
    idly = replace(row.items[0], amount="72.00")
    store = FakeStore(tabs=[replace(row, items=(idly,), total=Minor(7_200))])
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "{f8}{escape}") as till:
        store.away = True
        away(till)
        await till.type("{f8}{enter}")
        facts = [" ".join(row.strip(" │").split()) for row in till.rows()]
        assert {"Copy 1 line, ₹80.00", "It was ₹72.00", "Discounts not copied"} <= {*facts}
        await till.type("r{enter}")
        assert till.answer() == "Table 7: ₹80.00, it was ₹72.00. Give its discounts again."
        assert till.order.total == 8_000


async def test_tab_is_taken_and_not_rung_again_once_the_network_is_back(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, saves)
    store = listed(order, till=None, till_name="")
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "{f8}{escape}") as till:
        store.away = True
        away(till)
        await till.type("{f8}{enter}")
        assert isinstance(till.app.controller.top, RingAgainSheet)
        store.away = False
        till.register.light_changed(Light(LightState.SAVED))
        bring(store, till, tmp_path)
        await till.type("r{enter}")
        assert till.answer() == "Table 7 is here: 1 line, ₹80.00."
        assert till.order.id == order.id, "the guest has one bill"


async def test_leaving_an_order_does_not_ring_it_again(tmp_path: Path) -> None:
    store = listed(on_till_2(tmp_path, saves), till=None, till_name="")
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "{f8}{escape}") as till:
        store.away = True
        away(till)
        await till.type("{f8}{enter}{escape}")
        assert till.shown is None
        await till.type("{f8}{enter}{down}{down}{enter}")
        assert till.shown is None
        assert isinstance(till.app.controller.top, SellScene)


@pytest.mark.parametrize(
    ("idly", "total", "answer"),
    [
        ("80.00", 11_000, "Table 7: ₹80.00, it was ₹110.00. Off the menu: Halwa."),
        ("72.00", 10_200, "Table 7: ₹80.00, it was ₹102.00. No discounts, no Halwa."),
    ],
)
async def test_item_that_left_the_menu_is_named_with_both_totals_and_not_rung_again(
    tmp_path: Path, idly: str, total: int, answer: str
) -> None:
    row = row_of(on_till_2(tmp_path, saves), till=None, till_name="")
    items = replace(row.items[0], amount=idly), TabItem("gone", "Halwa", 1, "30.00", "30.00")
    store = FakeStore(tabs=[replace(row, items=items, total=Minor(total))])
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "{f8}{escape}") as till:
        store.away = True
        away(till)
        await till.type("{f8}{enter}")
        facts = [" ".join(row.strip(" │").split()) for row in till.rows()]
        assert {"Copy 1 line, ₹80.00", f"It was ₹{total // 100}.00", "Off the menu Halwa"} <= {*facts}
        assert ("Discounts not copied" in facts) is (idly == "72.00")
        assert till.journal.unsent(100)[-1].type != "order_opened", "the sheet writes nothing"
        await till.type("r{enter}")
        assert till.answer() == answer
        assert till.lines() == {"Idly": 2}


async def test_table_of_items_that_all_left_the_menu_is_not_rung_again(tmp_path: Path) -> None:
    row = row_of(on_till_2(tmp_path, saves), till=None, till_name="")
    gone = TabItem("gone", "Halwa", 1, "30.00", "30.00")
    store = FakeStore(tabs=[replace(row, items=(gone,), total=Minor(3_000))])
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "{f8}{escape}") as till:
        store.away = True
        away(till)
        await till.type("{f8}{enter}")
        assert till.answer() == NOT_HELD
        assert till.shown is None


async def test_copy_that_a_promotion_makes_cheaper_names_both_totals_alone(tmp_path: Path) -> None:
    row = row_of(on_till_2(tmp_path, saves), till=None, till_name="")
    store = FakeStore(tabs=[replace(row, items=(replace(row.items[0], amount="90.00"),), total=Minor(9_000))])
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "{f8}{escape}") as till:
        store.away = True
        away(till)
        await till.type("{f8}{enter}")
        assert "Discounts" not in till.text()
        await till.type("r{enter}")
        assert till.answer() == "Table 7: ₹80.00, it was ₹90.00."


async def test_copied_lines_keep_choices_note_and_price(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, saves)
    row = row_of(order, till=None, till_name="")
    idly = replace(row.items[0], unit_price="45.50", amount="91.00", modifiers=("extra chutney",), note="no ghee")
    store = FakeStore(tabs=[replace(row, items=(idly,))])
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "{f8}{escape}") as till:
        store.away = True
        away(till)
        await till.type("{f8}{enter}r{enter}")
        (line,) = till.order.lines.values()
        assert (till.order.total, line.note, [one.name for one in line.modifiers]) == (
            9100,
            "no ghee",
            ["extra chutney"],
        )


async def test_tables_show_the_lines_that_another_till_keyed(tmp_path: Path) -> None:
    store = listed(on_till_2(tmp_path, saves), till=None, till_name="")
    async with a_drawn_till(tmp_path, (120, 36), store=store, typed=LOG_IN + "{f8}") as till:
        assert any("2 × Idly" in row and "80.00" in row for row in till.rows())
