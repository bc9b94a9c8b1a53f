"""Tabs, the recall list, and an order that another till holds."""

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.register.exchange import grant_to
from tests.register.printing.test_jobs import begun
from tests.tui.drawing.seeing import look
from tests.tui.playing import (
    LOG_IN,
    MORNING,
    Clock,
    FakeStore,
    PinCheck,
    Till,
    a_reference,
    a_till,
    a_venue_of_no_tables,
    elsewhere,
    make_register,
    open_file,
    reads,
    row_of,
)
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.cli.demo_venue import DEMO, demo_reference
from till.domain.advice import Advice
from till.domain.errors import NotHeldError, StoreAwayError
from till.domain.events.envelope import Draft
from till.domain.money.measures import Minor
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Status, Submitted
from till.domain.structs import replace
from till.domain.till.events import LostRange, RecordsLost, stream_of_till
from till.ports import Light, LightState, Quality, Received, RemoteClearing, RemoteSession, SessionMark
from till.tui.drawing.palette import Tone
from till.tui.screens.login.crash_notice import CrashNotice
from till.tui.screens.login.scene import LoginScene
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.sheets.help import HelpSheet
from till.tui.screens.waiting_orders.sheet import WaitingOrdersSheet
from till.tui.screens.waiting_orders.takeover import TakeoverSheet

#: The grant of an order to another till, after it was opened here.
HOLD = "019cb300-0000-7000-8000-0000000000b2"
NOT_HELD = NotHeldError().sentence


async def test_an_order_is_saved_to_a_table_and_recalled(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, reference=a_venue_of_no_tables(), store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}te{f8}")
        assert "No table is open." in till.text()
        assert "Enter saves the order there." in till.text()
        await till.type("{enter}")
        assert till.answer() == "Type a number or a name."
        await till.type("7{enter}")
        assert till.answer() == "Saved to table 7. F8 lists the tables."
        assert till.lines() == {}
        await till.type("{escape}tea{enter}{f8}7{enter}")
        assert till.answer() == "Added to table 7: 1 line, ₹20.00. F8 lists the tables."
        await till.type("tea{enter}{f8}Asha{enter}")
        assert till.answer() == "Saved to Asha, eat in. F8 lists the tables."
        await till.type("{f8}")
        assert "1 open" not in till.text()
        await till.type("as{enter}")
        assert till.answer() == "Asha is here: 1 line, ₹20.00."
        assert till.rows()[2] == "   Order  Asha, eat in"
        await till.type("{f8}{enter}")
        assert till.answer() == "Saved to Asha. F8 lists the tables."


async def test_a_tab_is_chosen_with_the_arrows_among_those_that_fit(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path) as till:
        await till.type(LOG_IN + "tea{enter}tab Anna{enter}2 tea{enter}tab Anders{enter}3 tea{enter}tab 8{enter}")
        await till.type("{f8}an{down}")
        assert [row.split() for row in till.rows()[4:7]] == [["Anders", "40.00"], ["▌", "Anna", "20.00"], []]
        await till.type("{enter}")
        assert till.answer().startswith("Anna is here: 1 line, ")
        await till.type("{f9}{enter}{f8}zz{enter}")
        assert till.answer() == "No table is called zz."
        assert till.typed() == "zz"


async def test_a_tab_that_another_till_has_open_is_not_taken(tmp_path: Path) -> None:
    order, _events = elsewhere(tmp_path, ("Idly", 2))
    row = row_of(order, tab_id="0197d6a0-0000-7000-8000-00000000aaaa", tab_name="table 3")
    async with a_drawn_till(tmp_path, store=FakeStore(tabs=[row]), typed=LOG_IN + "{f8}") as till:
        assert ["▌", "3", "Till", "2", "80.00"] in [row.split()[:5] for row in till.rows()]
        await till.type("{enter}")
        assert "Table 3 is open on another till" in till.text()
        assert till.shown is None


async def test_without_the_database_the_known_tabs_are_listed(tmp_path: Path) -> None:
    store = FakeStore(away=True)
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "tea{enter}tab 7{enter}{f8}") as till:
        assert till.answer() == "Offline: the tables that this till knows."
        await till.type("7{enter}")
        assert till.answer() == "Table 7 is here: 1 line, ₹20.00."


async def test_a_table_among_the_waiting_orders_is_named(tmp_path: Path) -> None:
    order, _events = elsewhere(tmp_path, ("Idly", 2))
    there = row_of(order, tab_id="0197d6a0-0000-7000-8000-00000000aaaa", tab_name="table 3")
    async with a_drawn_till(tmp_path, (120, 36), store=FakeStore(sessions=[there])) as till:
        await till.type(LOG_IN + "n{enter}tea{enter}tab 5{enter}")
        (here,) = till.register.open_tabs.local()
        till.register.tabs.recall(here.session_id, 1)  # as a till leaves it that is killed then
        await till.type("{f5}")
        assert re.search(r"1 line, ₹20\.00 +table 5, Tea", till.text())
        assert re.search(r"1 line, ₹80\.00 +▲ table 3 on Till 2", till.text())


@pytest.mark.parametrize("before", ["", "tea{enter}"])
async def test_a_refused_text_is_not_on_the_order_resumed_next(tmp_path: Path, before: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + before) as till:
        waits(till)
        await till.type("999{enter}{f5}1{enter}")
        assert till.lines() == {"Tea": 3}
        assert till.typed() == ""


async def test_the_key_of_waiting_orders_counts_them(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        assert "F5 Waiting  " in till.rows()[22]
        await till.type("{f5}")
        assert "No other order waits." in till.text()
        await till.type("{escape}")
        waits(till)
        await till.type("{f12}" + LOG_IN)
        assert "F5 Wait 1" in till.rows()[22]
        keys = {word for row in till.rows()[22:] for word in row.split() if word.startswith("F")}
        assert keys >= {f"F{number}" for number in range(1, 13)}, "no key of the order is hidden"
        assert till.answer().endswith("1 more waits: F5.")
        assert till.lines() == {"Tea": 3}
        await till.type("{f5}1")
        assert till.app.controller.sheets
        await till.type("{enter}")
        assert till.lines() == {"Idly": 2}
        assert "F5 Wait 1" in till.rows()[22]


@pytest.mark.parametrize("waiting", [0, 2, 12])
async def test_a_barcode_scanned_over_the_list_is_keyed_and_resumes_no_order(tmp_path: Path, waiting: int) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}") as till:
        for _each in range(waiting):
            waits(till)
        await till.type("{f5}8901234500019{enter}")
        assert till.lines() == {"Idly": 1, "Water 1 l": 1}
        assert not till.app.controller.sheets


@pytest.mark.parametrize("answered", [False, True], ids=["", "the server answers between the two"])
async def test_an_order_of_two_digits_is_brought_back_by_both(tmp_path: Path, *, answered: bool) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=LOG_IN + "idly{enter}") as till:
        for _each in range(12):
            waits(till)
        await till.type("{f5}1")
        if answered:
            till.register.server_answered()
            await till.settle()
        await till.type("2")
        sheet = till.app.controller.top
        assert isinstance(sheet, WaitingOrdersSheet)
        assert sheet.marked() == 11
        await till.type("{enter}")
        assert till.lines() == {"Tea": 3}


def waits(till: Till) -> None:
    """Suspend another order of the same cashier."""
    item = till.register.lookup.exact("tea")
    assert item is not None
    from till.domain.order.selling import ItemEntry  # noqa: PLC0415 - beside its one use

    order = till.register.sales.add(None, 1, ItemEntry(item, 3))
    till.register.recovery.suspend(order.id)


def held(tmp_path: Path, **other: Any) -> FakeStore:
    order, _events = elsewhere(tmp_path, ("Idly", 2), ("Tea", 1))
    return FakeStore(sessions=[row_of(order, **other)])


def bring(store: FakeStore, till: Till, tmp_path: Path) -> None:
    """Make a fetch bring the events of the other till's journal."""
    from tests.tui.playing import open_file  # noqa: PLC0415 - beside its one use

    def fetch(session_id: str) -> None:
        file = open_file(tmp_path, 2)
        try:
            events = file.events_of(session_id)
        finally:
            file.close()
        till.journal.receive([Received(1, event) for event in events])
        till.register.ledger.refold([session_id])

    store.bring = fetch


async def test_an_order_open_elsewhere_warns_first(tmp_path: Path) -> None:
    store = held(tmp_path)
    async with a_till(tmp_path, (120, 36), store=store, typed=LOG_IN) as till:
        rows = till.rows()
        assert rows[8] == "━" * 120
        assert rows[10] == "   Your order is open on another till"
        assert [rows[y].rstrip() for y in (13, 15, 17, 19)] == [
            "    T   Take it over here  the order locks on Till 2        Till         Till 2",
            "    V   View it            nothing changes anywhere         Order        2 lines, ₹100.00",
            "    N   Start a new one    that one stays on Till 2         Last key     20 s ago",
            "    Esc Back to login                                       Connection   ● good",
        ]
        dimmed = till.app.paint.dimmed
        grid = look(till.app)
        for y, x, role in ((5, 9, Tone.TEXT), (24, 3, Tone.MUTED)):
            assert grid[y][x][1].color == dimmed.style(role).color, (y, x)
        assert store.fetched == []
        await till.type("n{enter}")
        assert till.lines() == {}
        assert store.fetched == []
        assert "F5 Wait 1" in till.rows()[35]


async def test_an_order_opened_elsewhere_since_the_list_names_the_till_that_has_it(tmp_path: Path) -> None:
    """The list had it open nowhere; the events that came since are of till 2."""
    store = held(tmp_path, till=None, hold="")
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        store.bring(store.sessions[0].session_id)
        till.register.server_answered()
        await till.settle()
        assert "on Till 2" in till.text()
        await till.type(LOG_IN)
        assert "Your order is open on another till" in till.text()
        assert "the order locks on Till 2" in till.text()
        till.register.server_answered()
        await till.settle()
        assert "the order locks on Till 2" in till.text(), "it stays while till 2 has it open"


async def test_an_order_paid_in_part_elsewhere_is_listed_with_what_is_due(tmp_path: Path) -> None:
    store = held(tmp_path, paid=Minor(6_000))
    async with a_till(tmp_path, store=store, typed=LOG_IN + "n{enter}{f5}") as till:
        assert "2 lines, ₹40.00 due, ₹60.00 paid  ▲ open on Till 2" in till.text()


@pytest.mark.parametrize(
    ("seen", "connection"),
    [
        (12, "● good"),
        (45, "▲ Till 2 last seen 45 s ago"),
        (900, "▲ Till 2 last seen 15 min ago"),
        (None, "▲ none to Till 2"),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_warning_says_how_well_the_other_till_is_heard_and_what_it_may_still_hold(
    tmp_path: Path, size: tuple[int, int], seen: int | None, connection: str
) -> None:
    store = held(tmp_path, seen_s=seen, idle_s=200)
    async with a_drawn_till(tmp_path, size, store=store, typed=LOG_IN) as till:
        text = till.text()
        assert "3 min ago" in text
        assert connection in text
        assert ("Till 2 may still hold lines that it has not sent." in text) is (seen != 12)


async def test_the_warning_distinguishes_a_poor_line_here_from_one_of_the_other_till(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, store=held(tmp_path), typed=LOG_IN) as till:
        till.register.light_changed(Light(LightState.OFFLINE, since=MORNING))
        await till.type("{down}")
        assert "▲ poor here" in till.text()
        till.register.light_changed(Light(LightState.ATTENTION, detail=Advice("1 record needs attention.")))
        await till.type("{up}")
        assert "● good" in till.text()  # a record that waits says nothing of the line
        till.register.light_changed(Light(LightState.SAVED, quality=Quality.DEGRADED))
        await till.type("{down}")
        assert "▲ slow here" in till.text()


async def test_the_warning_names_a_slow_line_of_the_other_till(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, store=held(tmp_path, is_slow=True), typed=LOG_IN) as till:
        assert "▲ slow on Till 2" in till.text()


async def test_a_payment_that_was_started_on_the_other_till_is_to_be_settled_first(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=held(tmp_path, paying=True), typed=LOG_IN) as till:
        assert "A payment may be pending on Till 2: settle it there first." in till.text()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_warning_is_refreshed_while_it_is_looked_at(tmp_path: Path, size: tuple[int, int]) -> None:
    store = held(tmp_path, is_slow=True)
    async with a_drawn_till(tmp_path, size, store=store) as till:
        bring(store, till, tmp_path)
        till.register.light_changed(Light(LightState.SAVED, logged_in=1, also_on=(2,)))
        await till.type(LOG_IN)
        for line in ("20 s ago", "slow on Till 2", "you are logged in there too"):
            assert line in till.text(), line
        till.clock.pass_by(seconds=30)
        await till.type("{down}")
        assert "50 s ago" in till.text(), "the time since the last key grows without an answer"
        store.sessions = [replace(store.sessions[0], idle_s=3, is_slow=False)]
        till.register.light_changed(Light(LightState.SAVED, logged_in=1))
        till.register.server_answered()
        await till.settle()
        for line in ("Last key     3 s ago", "● good", "you are not logged in there"):
            assert line in till.text(), line
        till.clock.pass_by(minutes=5)
        store.sessions = [replace(store.sessions[0], idle_s=303, seen_s=301, paying=True)]
        till.register.server_answered()
        await till.settle()
        for line in ("5 min ago", "Till 2 last seen 5 min ago", "A payment may be pending on Till 2"):
            assert line in till.text(), line


async def test_an_order_on_a_till_that_crashed_is_counted_beside_the_one_that_opens(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, store=held(tmp_path, seen_s=900)) as till:
        waits(till)
        await till.type(LOG_IN)
        assert till.answer() == "Your order is here: 1 line, ₹60.00. 1 more waits: F5."
        assert "F5 Wait 1" in till.rows()[22]


async def test_taking_over_brings_the_lines(tmp_path: Path) -> None:
    store = held(tmp_path)
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "t{enter}")
        assert till.lines() == {"Idly": 2, "Tea": 1}
        assert (till.order.till, till.order.holder) == (1, 1)
        assert [till.order.hold] == [event.id for event in store.grants]
        assert store.fetched == []
        await till.type("tea{enter}")
        assert till.lines() == {"Idly": 2, "Tea": 2}


def suspended(tmp_path: Path) -> FakeStore:
    """Return a store that lists the order of Asha that a logout on till 2 suspended."""
    session = elsewhere(tmp_path, ("Idly", 2))[0].id
    file = open_file(tmp_path, 2)
    try:
        register = make_register(file, Clock(), PinCheck(), 2)
        register.recovery.suspend(session)
        return FakeStore(sessions=[row_of(register.ledger.order(session), till=None)])
    finally:
        file.close()


async def test_an_order_that_its_user_left_on_another_till_opens_at_login_by_a_grant(tmp_path: Path) -> None:
    store = suspended(tmp_path)
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN)
        assert not till.app.controller.sheets
        assert till.answer() == "Your order is here: 1 line, ₹80.00."
        assert [till.order.hold] == [event.id for event in store.grants]
        await till.type("tea{enter}{f12}" + LOG_IN)
        assert till.lines() == {"Idly": 2, "Tea": 1}
        assert len(store.asked_for) == 1, "this till holds it from then on"


async def test_lines_that_came_too_late_are_listed_with_the_table(tmp_path: Path) -> None:
    order, _events = elsewhere(tmp_path, ("Idly", 2))
    late = row_of(order, till=None, status="pending_logout", holder=0, late_for="table 5")
    async with a_drawn_till(tmp_path, store=FakeStore(sessions=[late]), typed=LOG_IN + "{f5}") as till:
        [row] = [row for row in till.rows() if "late for" in row]
        assert " ".join(row.partition("│")[0].split()) == "▌ 1 1 line, ₹80.00 ▲ late for table 5 10:30"


async def test_an_amount_that_lacks_the_service_charge_says_so(tmp_path: Path) -> None:
    """No till has calculated it: the server has no service charge."""
    order, _events = elsewhere(tmp_path, ("Idly", 2))
    reference = a_reference()
    reference["settings"]["service_charge"] = {"percent": "10", "order_types": ["dine_in"]}
    lacks = row_of(order, till=None, holder=0, order_type="dine_in")
    late = row_of(order, till=None, holder=0, order_type="dine_in", late_for="table 5")
    store = FakeStore()
    async with a_drawn_till(tmp_path, store=store, reference=reference, typed=LOG_IN) as till:
        for row, words in (
            (lacks, "without service charge"),
            (late, "▲ late for table 5, without service charge"),
            (replace(lacks, order_type="take_away"), ""),
            (replace(lacks, holder=2), ""),
            (replace(lacks, refold=True), ""),
        ):
            store.sessions = [row]
            await till.type("{f5}")
            [shown] = [line for line in till.rows() if "₹80.00" in line]
            assert " ".join(shown.partition("│")[0].split()) == " ".join(f"▌ 1 1 line, ₹80.00 {words} 10:30".split())
            await till.type("{escape}")


async def test_an_order_whose_sale_waits_for_a_manager_is_listed_so_and_not_opened(tmp_path: Path) -> None:
    order, _events = elsewhere(tmp_path, ("Idly", 2))
    store = FakeStore(sessions=[row_of(order, till=2, status="quarantined")])
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN) as till:
        assert not till.app.controller.sheets
        await till.type("{f5}")
        [row] = [row for row in till.rows() if "waits for" in row]
        assert " ".join(row.partition("│")[0].split()) == "▌ 1 1 line, ₹80.00 ▲ waits for a manager 10:30"
        await till.type("1{enter}")
        assert any("It is paid; its record waits for a manager: Ctrl+O." in row for row in till.rows())
        assert store.asked_for == []


async def test_an_order_that_was_granted_away_and_left_there_is_asked_for_at_login(tmp_path: Path) -> None:
    """The list names the grant of the order there, whose events are still on their way."""
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}") as till:
        order = till.order
        await till.type("{f12}")
        store.sessions = [row_of(order, till=None, hold=HOLD, version=9, status="pending_logout")]
        await till.type(LOG_IN)
        assert till.order.id == order.id
        assert [till.order.hold] == [event.id for event in store.grants]


async def test_an_order_that_is_not_granted_at_login_says_why_and_a_new_one_can_be_keyed(tmp_path: Path) -> None:
    store = suspended(tmp_path)
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        ask = store.user_sessions

        async def then_away(user: int) -> list[RemoteSession]:
            rows = await ask(user)
            store.away = True
            return rows

        store.user_sessions = then_away  # type: ignore[method-assign] # the network fails between list and grant
        await till.type(LOG_IN)
        assert till.answer() == NOT_HELD
        await till.type("tea{enter}")
        assert till.lines() == {"Tea": 1}


async def test_without_the_network_an_order_left_on_another_till_waits_and_is_refused(tmp_path: Path) -> None:
    store = suspended(tmp_path)
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        (row,) = store.sessions
        store.bring(row.session_id)
        till.journal.acknowledge(till.journal.head, [SessionMark(row.session_id, 1, 3, status="pending_logout")])
        store.away = True
        till.register.light_changed(Light(LightState.OFFLINE, since=MORNING))
        await till.type(LOG_IN)
        assert till.shown is None
        await till.type("tea{enter}{f5}1{enter}")
        assert till.answer() == NOT_HELD
        assert till.lines() == {"Tea": 1}, "nothing is put aside for what does not come"
        assert store.asked_for == []


async def test_an_order_that_is_granted_away_is_locked_and_asked_back(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        file = open_file(tmp_path, 2)
        try:
            register = make_register(file, till.clock, PinCheck(), 2)
            file.receive([Received(1, event) for event in till.journal.events_of(session)])
            grant_to(register, session)
            there = register.ledger.order(session)
            events = file.events_of(session)
        finally:
            file.close()
        till.journal.receive([Received(1, event) for event in events])
        till.register.sessions_grew([session])
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        locked = "Asha took this order over on Till 2 at 10:31."
        assert till.answer() == locked
        await till.type("tea{enter}")
        assert till.answer() == locked
        assert till.lines() == {"Idly": 2}
        store.sessions = [row_of(there)]
        await till.type("{escape}{f5}1{enter}")
        assert isinstance(till.app.controller.top, TakeoverSheet)
        await till.type("t{enter}{enter}")
        assert till.lines() == {"Idly": 2, "Tea": 1}
        assert [till.order.hold] == [event.id for event in store.grants]


async def test_viewing_changes_nothing(tmp_path: Path) -> None:
    store = held(tmp_path)
    async with a_drawn_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        seq = till.journal.head.seq
        await till.type(LOG_IN + "v{enter}")
        assert "The order on Till 2  2 lines, ₹100.00" in till.text()
        assert "Idly" in till.text()
        await till.type("{escape}")
        assert isinstance(till.app.controller.top, TakeoverSheet)
        assert till.journal.head.seq == seq + 1  # logged in, and nothing else
        await till.type("{escape}")
        assert isinstance(till.scene, LoginScene)


async def test_a_takeover_without_a_network_says_so(tmp_path: Path) -> None:
    store = held(tmp_path)
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN) as till:
        store.away = True
        await till.type("v{enter}")
        assert "▲" in till.text()
        await till.type("t{enter}")
        assert till.lines() == {}
        assert till.answer()
        await till.type("tea{enter}")
        assert till.lines() == {"Tea": 1}


async def test_an_order_that_grew_elsewhere_is_painted_anew(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}{up}") as till:
        session = till.order.id
        till.register.sales.set_order_type(session, 1, "dine_in")
        till.register.sessions_grew([session])
        await till.settle()
        assert till.rows()[2] == "   Order  eat in"


async def test_the_first_answer_of_the_database_lists_what_waits(tmp_path: Path) -> None:
    store = held(tmp_path)
    async with a_drawn_till(tmp_path, store=store) as till:
        till.register.light_changed(Light(LightState.OFFLINE, since=MORNING))
        await till.type(LOG_IN)
        assert till.app.controller.remote is None
        till.register.light_changed(Light(LightState.SAVED))
        await till.settle()
        await till.settle()
        assert till.answer() == "An order of yours is open on Till 2: F5 shows it."
        assert "F5 Wait 1" in till.rows()[22]
        await till.type("{f5}1{enter}")
        assert isinstance(till.app.controller.top, TakeoverSheet)
        await till.type("{escape}tea{enter}")
        assert till.lines() == {"Tea": 1}


def as_a_crash_leaves_it(folder: Path) -> Path:
    """Copy the files of a journal that nobody closed."""
    copy = folder / "crashed"
    copy.mkdir()
    for path in folder.glob("till-1.sqlite*"):
        (copy / path.name).write_bytes(path.read_bytes())
    return copy


async def test_order_of_a_program_that_a_crash_left_is_listed_and_opens_for_nobody(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        order = replace(till.order, submitted=Submitted(None, 17, "chat", "cash", MORNING))
        notice = CrashNotice(till.register, MORNING, (order,), None, None, None).view()
        assert (notice.rest, notice.more) == (
            "1 order was open: 1 line, ₹80.00. It is here.",
            "F5 lists it after a login.",
        )


async def test_a_crash_is_reported_on_the_login_screen(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}1 mas") as till:
        left = as_a_crash_leaves_it(tmp_path)
    async with a_drawn_till(left, (120, 36)) as till:
        text = till.text()
        assert "▲ This till closed unexpectedly at " in text
        assert "1 order was open: 1 line, ₹80.00. It is here." in text
        assert "It opens by itself when Asha logs in." in text
        await till.type(LOG_IN)
        assert till.lines() == {"Idly": 2}
        assert till.order.status is Status.ACTIVE


async def test_a_crash_before_the_kick_of_a_sale_is_reported_with_its_receipt(tmp_path: Path) -> None:
    async with a_till(tmp_path) as till:
        begun(till)
        await till.type(LOG_IN + "2 idly{enter}{f9}100{enter}")
        receipt = till.register.ledger.journal.numbered(1)[0].data.document
        time = till.register.venue.local(till.register.ledger.now()).strftime("%H:%M")
        left = as_a_crash_leaves_it(tmp_path)
    async with a_till(left, (120, 36)) as till:
        assert "The last sale, " in till.text()
        assert f"Receipt {receipt}, {time}: did the drawer open?" in till.text()


async def test_a_sale_that_a_crash_hid_is_reported_on_the_login_screen_and_its_receipt_is_there(tmp_path: Path) -> None:
    async with a_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f9}100{enter}") as till:
        receipt = till.register.ledger.journal.numbered(1)[0].data.document
        at = till.register.venue.local(till.register.ledger.now())
        left = as_a_crash_leaves_it(tmp_path)
    async with a_till(left, (120, 36)) as till:
        assert "▲ This till closed unexpectedly at " in till.text()
        assert "No order was open." in till.text()
        assert f"The last sale, {receipt} at {at:%H:%M}: Paid ₹80.00. Change ₹20.00." in till.text()
        await till.type(LOG_IN + "{ctrl+n}")
        assert receipt in till.text()


@pytest.mark.parametrize(
    ("paid", "refunded"),
    [("100{enter}", "in cash, {receipt}."), ("C{enter}", "by card, {receipt}: refund it there too.")],
)
async def test_a_refund_that_a_crash_hid_is_reported_until_a_sale_is_later(
    tmp_path: Path, paid: str, refunded: str
) -> None:
    async with a_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}" + paid + "{f10}{enter}+{enter}1{enter}9{enter}9999{enter}")
        receipt = till.register.ledger.journal.numbered(1, "R")[0].data.document
        sold = till.register.ledger.journal.numbered(1, "")[0].data.document
        at = till.register.venue.local(till.register.ledger.now())
        left = as_a_crash_leaves_it(tmp_path)
    async with a_till(left, (120, 36), store=FakeStore()) as till:
        message = f"Last, of {sold} at {at:%H:%M}: Refunded ₹40.00 {refunded.format(receipt=receipt)}"
        assert message in " ".join(till.text().split())
        assert "The last sale" not in till.text()
        await till.type("{enter}" + LOG_IN + "1 idly{enter}{f9}{enter}{enter}")
        again = as_a_crash_leaves_it(left)
    async with a_till(again, (120, 36)) as till:
        assert "The last sale" in till.text()
        assert "Last, of" not in till.text()


@pytest.mark.parametrize(
    ("paid", "given_back"),
    [
        ("22{enter}{enter}", "Refunded ₹22.00."),
        ("c22{enter}", "₹22.00 is off this order: refund it by card too."),
    ],
)
async def test_a_payment_given_back_before_a_crash_is_named_with_its_order_open(
    tmp_path: Path, paid: str, given_back: str
) -> None:
    async with a_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f9}" + paid + "{f7}{enter}") as till:
        at = till.register.venue.local(till.register.ledger.now())
        left = as_a_crash_leaves_it(tmp_path)
    async with a_till(left) as till:
        text = " ".join(till.text().split())
        assert f"Last, at {at:%H:%M}: {given_back}" in text
        await till.type("{enter}" + LOG_IN + "{f9}{enter}{enter}")
        again = as_a_crash_leaves_it(left)
    async with a_till(again, (120, 36)) as till:
        assert "The last sale" in till.text()
        assert "Last, at" not in till.text()


async def test_a_part_paid_out_at_pay_before_a_crash_is_named_with_its_order_open(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "-16 deposit{enter}{f9}-40{enter}9{enter}9999{enter}") as till:
        assert till.order.paid == -4_000
        at = till.register.venue.local(till.register.ledger.now())
        left = as_a_crash_leaves_it(tmp_path)
    async with a_drawn_till(left, (120, 36)) as till:
        assert f"Last, at {at:%H:%M}: Cash: ₹40.00 refunded." in till.text()


@pytest.mark.parametrize(
    ("split", "named"),
    [
        ("split{enter}{right}{right}2{enter}500{enter}", "Last, at {at}: Change ₹420.00."),
        (
            "tab 5{enter}tab 5{enter}split{enter}{right}{right}2{enter}500{enter}",
            "Last, table 5 at {at}: Change ₹420.00.",
        ),
        ("split{enter}12{enter}100{enter}", "The last sale, {receipt} at {at}: Paid ₹40.00. Change ₹60.00."),
    ],
)
async def test_the_change_of_a_guest_who_paid_apart_before_a_crash_is_named_with_the_order_open(
    tmp_path: Path, split: str, named: str
) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "masala dosa{enter}2 idly{enter}" + split)
        sales = till.register.ledger.journal.numbered(1)
        receipt = sales[0].data.document if sales else ""
        at = till.register.venue.local(till.register.ledger.now())
        left = as_a_crash_leaves_it(tmp_path)
    async with a_drawn_till(left, (120, 36), store=FakeStore()) as till:
        text = " ".join(till.text().split())
        assert "1 order was open" in text
        assert named.format(at=f"{at:%H:%M}", receipt=receipt) in text


async def test_a_payment_after_money_given_back_is_not_followed_by_a_refund(tmp_path: Path) -> None:
    async with a_till(tmp_path, typed=LOG_IN + "5 coffee{enter}{f9}100{enter}{f7}{enter}100{enter}") as till:
        assert till.order.paid == 10_000
        left = as_a_crash_leaves_it(tmp_path)
    async with a_till(left) as till:
        assert "Refunded" not in till.text()


async def test_a_refund_before_a_crash_is_named_with_an_order_open(tmp_path: Path) -> None:
    async with a_till(tmp_path, store=FakeStore()) as till:
        await till.type(
            LOG_IN + "2 idly{enter}{f9}100{enter}1 tea{enter}{f10}{enter}+{enter}1{enter}9{enter}9999{enter}"
        )
        assert till.register.ledger.journal.numbered(1, "R")
        left = as_a_crash_leaves_it(tmp_path)
    async with a_till(left, (120, 36), store=FakeStore()) as till:
        assert "1 order was open" in till.text()
        assert "Refunded ₹40.00 in cash" in till.text()


async def test_an_order_left_by_a_crash_and_taken_by_another_till_is_named_as_such(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        left = as_a_crash_leaves_it(tmp_path)
    async with a_quiet_till(left) as till:
        assert "It is here." in till.text()
        mark = SessionMark(session, 1, 4, till=2, holder=2, hold=HOLD)
        till.journal.acknowledge(till.journal.head, [mark])
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        await till.settle()
        assert "The open order, 1 line, ₹80.00, is on Till 2 now." in till.text()
        assert "It is here." not in till.text()


async def test_orders_that_a_crash_left_here_are_counted_beside_one_that_another_till_took(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        other = next(item for item in till.register.menu.by_plu.values() if item.name == "Tea")
        till.register.sales.add(None, 1, ItemEntry(other, 1, None))
        left = as_a_crash_leaves_it(tmp_path)
    async with a_drawn_till(left, (120, 36), store=FakeStore()) as till:
        till.journal.acknowledge(till.journal.head, [SessionMark(session, 1, 9, till=2, holder=2, hold=HOLD)])
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        await till.settle()
        text = " ".join(till.text().split())
        assert "The open order, 1 line, ₹80.00, is on Till 2 now." in text
        assert "1 order was open: 1 line, ₹20.00. It is here." in text


#: A sale of two pieces, an order that stays open, and the refund of one piece.
REFUND_OF_ONE = "2 idly{enter}{f9}100{enter}1 tea{enter}{f10}{enter}+{enter}1{enter}9{enter}9999{enter}"


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize(
    ("keys", "named"),
    [
        (REFUND_OF_ONE, "Refunded ₹40.00 in"),
        ("masala dosa{enter}2 idly{enter}split{enter}12{enter}100{enter}", "Paid ₹40.00. Change ₹60.00."),
        ("2 idly{enter}{f9}22{enter}{enter}{f7}{enter}", "Refunded ₹22.00."),
        ("2 idly{enter}{f9}30{enter}{enter}", "The open order, 1 line, ₹50.00 due, ₹30.00 paid, is on Till 2 now."),
        (
            REFUND_OF_ONE + "{escape}{escape}{f9}5{enter}{enter}",
            "The open order, 1 line, ₹15.00 due, ₹5.00 paid, is on Till 2 now.",
        ),
    ],
)
async def test_money_before_a_crash_is_named_though_another_till_took_the_open_order(
    tmp_path: Path, keys: str, named: str, size: tuple[int, int]
) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=LOG_IN + keys) as till:
        left = as_a_crash_leaves_it(tmp_path)
    async with a_drawn_till(left, size, store=FakeStore()) as till:
        (order,) = till.register.recovery.open_here()
        till.journal.acknowledge(till.journal.head, [SessionMark(order.id, 1, 9, till=2, holder=2, hold=HOLD)])
        till.register.taken(order.id, "Till 2", "Asha", till.clock.now())
        await till.settle()
        text = " ".join(till.text().split())
        assert named in text
        assert "is on Till 2 now." in text or size == (80, 24), "a narrow screen names the money alone"


async def test_logging_out_after_a_takeover_names_the_till_that_has_the_order(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        till.journal.acknowledge(till.journal.head, [SessionMark(session, 1, 4, till=2, holder=2, hold=HOLD)])
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        await till.type("{f12}")
        assert "● Asha is logged out. Till 2 has the order: 1 line, ₹80.00." in till.text()
        assert "on any till" not in till.text()


async def test_a_tab_whose_lines_another_till_keyed_can_be_rung_again_without_the_network(tmp_path: Path) -> None:
    order, _events = elsewhere(tmp_path, ("Idly", 2))
    store = FakeStore(
        tabs=[row_of(order, till=None, till_name="", tab_id="0197d6a0-0000-7000-8000-00000000aaaa", tab_name="table 3")]
    )
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "{f8}") as till:
        till.register.light_changed(Light(LightState.OFFLINE, since=MORNING))
        await till.type("{enter}")
        assert till.answer() == "A notice names both orders once the tills meet."


@pytest.mark.parametrize("screen", ["", "{f9}50"])
async def test_an_order_paid_elsewhere_leaves_the_screen_and_says_so(tmp_path: Path, screen: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}" + screen) as till:
        session = till.order.id
        till.register.checkout.pay_exact(session)
        till.register.sessions_grew([session])
        await till.settle()
        assert till.answer() == "This order was paid on Till 1."
        assert "No lines yet." in till.text()
        await till.type("tea{enter}")
        assert till.lines() == {"Tea": 1}


@pytest.mark.parametrize("screen", ["", "{f9}50", "{f9}s"])
async def test_an_order_that_a_restored_database_lost_leaves_the_screen_and_says_so(
    tmp_path: Path, screen: str
) -> None:
    """The server opens the orders of programs and of late lines: no till can send it their opening again."""
    store = held(tmp_path)
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "t{enter}" + screen)
        [session] = till.journal.streams("order")
        till.journal.drop([event.id for event in till.journal.events_of(session)])
        till.register.sessions_grew([session])
        await till.settle()
        assert till.answer() == "The server lost this order: if F5 and F8 lack it, key it."
        await till.type("tea{enter}")
        assert till.lines() == {"Tea": 1}


async def test_looking_at_an_order_takes_esc_and_enter_alone(tmp_path: Path) -> None:
    store = held(tmp_path)
    async with a_drawn_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "v{enter}")
        assert till.rows()[23].split() == ["Esc", "Back", "Enter", "Back"]
        seq = till.journal.head.seq
        await till.type("1 tea n")
        assert "The order on Till 2" in till.text()
        assert till.journal.head.seq == seq
        await till.type("{enter}")
        assert isinstance(till.app.controller.top, TakeoverSheet)
        assert till.shown is None


async def test_the_key_bar_of_the_warning_says_what_its_keys_do(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, store=held(tmp_path), typed=LOG_IN) as till:
        bar = till.rows()[23]
        assert "F4" not in bar
        for message in ("T V N ↑↓ Choose", "Esc Back"):
            assert message in bar
        assert "Enter" not in bar
        await till.type("v")
        assert isinstance(till.app.controller.top, TakeoverSheet)
        assert "Enter View it" in till.rows()[23]
        await till.type("t")
        assert isinstance(till.app.controller.top, TakeoverSheet)
        assert till.shown is None
        await till.type("{f1}")
        assert "the order locks on Till 2" in till.text()
        assert isinstance(till.app.controller.top, HelpSheet)
        await till.type("{escape}")
        assert isinstance(till.app.controller.top, TakeoverSheet)


async def test_an_order_that_another_till_took_refuses_at_once_and_stays_marked(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f7}") as till:
        session = till.order.id
        till.register.taken(session, "Till 2", "Ravi", till.clock.now())
        await till.settle()
        message = "Ravi took this order over on Till 2 at 10:31."
        assert till.answer().startswith(message)  # and the question for the reason is off
        assert till.rows()[2].startswith("   Order  ▲ taken over  take away")
        for key in ("{f9}", "{f8}", "{f4}", "{ctrl+x}", "{f7}", "{f6}"):
            await till.type(key)
            assert till.answer() == "Taken over: Esc starts a new order.", key
            assert isinstance(till.scene, SellScene)
        await till.type("lime{enter}")
        assert till.answer().startswith(message)
        assert till.answer().endswith("on Till 2 at 10:31.")
        await till.type("{f5}{escape}{up}")
        assert "taken over" in till.rows()[2]
        assert message in " ".join(till.text().split())
        assert "Lime Soda" not in "".join(till.rows()[19:])
        await till.type("{escape}")
        assert "No lines yet." in till.text()
        assert "taken over" not in till.text()
        await till.type("{enter}")
        assert till.lines() == {"Lime Soda": 1}


async def test_a_database_that_answers_too_late_for_the_login_is_asked_once_more(tmp_path: Path) -> None:
    """The light stays on, as after a sent logout, so that no change of the light causes another request."""
    store = held(tmp_path)
    answer, asked = store.user_sessions, list[int]()

    async def slow_at_first(user: int) -> list[RemoteSession]:
        asked.append(user)
        if len(asked) == 1:
            raise StoreAwayError
        return await answer(user)

    store.user_sessions = slow_at_first  # type: ignore[method-assign] # the first answer is too late
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN) as till:
        assert till.answer() == "An order of yours is open on Till 2: F5 shows it."
        assert asked == [1, 1]


async def test_an_order_that_is_sent_while_the_database_is_asked_opens_at_login(tmp_path: Path) -> None:
    """The start sends unsent events while the cashier types the PIN, as after a crash."""
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        await till.type("{f12}")

        async def older(user: int) -> list[RemoteSession]:
            till.journal.acknowledge(till.journal.head, [SessionMark(session, user, 2, status="pending_logout")])
            return []

        store.user_sessions = older  # type: ignore[method-assign] # the push arrives while this is answered
        await till.type(LOG_IN)
        assert till.lines() == {"Idly": 2}


async def test_the_recall_list_asks_first_before_it_opens_what_another_till_has(tmp_path: Path) -> None:
    """An order suspended here was resumed on till 2, whose events are not here yet."""
    store = FakeStore()
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        waits(till)  # so that this one is not the newest
        await till.type("{f12}" + LOG_IN)
        till.journal.acknowledge(till.journal.head, [SessionMark(session, 1, 2, status="pending_logout")])
        order = till.register.ledger.order(session)
        store.sessions = [row_of(order, version=4, hold=HOLD, status="active")]
        await till.type("{f5}")
        assert "▲ open on Till 2" in till.text()
        await till.type("1{enter}")
        assert isinstance(till.app.controller.top, TakeoverSheet)
        assert till.register.ledger.order(session).status is Status.PENDING_LOGOUT


async def test_the_recall_list_without_the_database_says_so_and_what_another_till_had_last(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        await till.type("{f12}")
        till.journal.acknowledge(till.journal.head, [SessionMark(session, 1, 4, till=2, holder=2, hold=HOLD)])
        store.away = True
        await till.type(LOG_IN + "{f5}")
        assert till.answer() == "Offline: these are the orders that this till knows."
        assert "▲ open on Till 2" in till.text()
        await till.type("1{enter}")
        assert till.answer() == NOT_HELD
        await till.type("{escape}tea{enter}")
        assert till.lines() == {"Tea": 1}


async def test_a_name_that_no_open_tab_has_says_that_others_are_open(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "tea{enter}tab 12{enter}{f8}77{enter}") as till:
        assert till.answer() == "No table 77 is open."
        assert "Tables  1 open" in till.text()
        assert "F5" not in till.rows()[23]


async def test_a_tab_is_recalled_in_words_when_there_is_no_order(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(away=True), typed=LOG_IN + "tea{enter}tab 12{enter}") as till:
        till.burst("tab 12{enter}2 idly{enter}")
        await till.settle()
        await till.settle()
        assert till.lines() == {"Tea": 1, "Idly": 2}
        await till.type("tab 12{enter}tab 33{enter}")
        assert till.answer() == "No table 33 is open."
        await till.type("{escape}tab{enter}")
        assert "Table 12: ₹100.00." in till.text()


async def test_logging_out_works_from_the_recall_list(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "tea{enter}{f5}{f12}") as till:
        assert isinstance(till.scene, LoginScene)


async def test_a_tab_that_somebody_logged_out_with_is_there_for_everybody(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 12{enter}{f8}{enter}{f12}2{enter}2222{enter}{f8}")
        assert "1 line" in till.text()
        await till.type("12{enter}tea{enter}")
        assert till.lines() == {"Idly": 2, "Tea": 1}
        assert till.order.user == 2
        await till.type("{f9}{enter}{f12}" + LOG_IN)
        assert "No lines yet." in till.text()


async def test_a_tab_saved_under_another_name_is_listed_once(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "tea{enter}tab 7{enter}{f8}{enter}{f8}Mrs Rao{enter}{enter}{f8}")
        assert "table 7" not in till.text()
        assert "Mrs Rao ₹" in till.text()
        await till.type("{escape}tea{enter}tab 7{enter}")
        assert till.answer() == "Saved to table 7. F8 lists the tables."


def cleared_elsewhere(till: Till, folder: Path, session: str) -> None:
    """Clear an order on till 2 as the manager, and receive its events."""
    file = open_file(folder, 2)
    try:
        for name, body in demo_reference().items():
            file.cache(name, 0, body)
        file.receive([Received(1, event) for event in till.journal.events_of(session)])
        register = make_register(file, till.clock, PinCheck(), 2)
        register.ledger.user = 9
        grant_to(register, session)
        register.recovery.discard(session, "guest left")
        events = file.events_of(session)
    finally:
        file.close()
    till.journal.receive([Received(1, event) for event in events])
    till.register.sessions_grew([session])


async def test_a_login_shows_once_who_cleared_the_order_and_why(tmp_path: Path) -> None:
    message = "Meena cleared your order, 1 line, ₹80.00: guest left."
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        await till.type("{f12}")
        cleared_elsewhere(till, tmp_path, session)
        await till.type("2{enter}2222{enter}")
        assert till.answer() == ""
        await till.type("{f12}" + LOG_IN)
        assert till.answer() == message
        await reads(till)
        await till.type("{f12}" + LOG_IN)
        assert till.answer() == ""


async def test_a_notice_of_a_clearing_typed_over_too_soon_is_reported_again(tmp_path: Path) -> None:
    message = "Meena cleared your order, 1 line, ₹80.00: guest left."
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        await till.type("{f12}")
        cleared_elsewhere(till, tmp_path, session)
        await till.type(LOG_IN + "tea{enter}")
        assert till.answer() == "Added 1 × Tea. Total ₹20.00."
        till.app.news.look_again(2.5, time.monotonic())
        assert till.answer() == message


@pytest.mark.parametrize(("saved", "order"), [("", "your order"), ("{f8}5{enter}{f8}5{enter}", "table 5")])
async def test_an_order_on_the_screen_that_is_cleared_elsewhere_says_by_whom(
    tmp_path: Path, saved: str, order: str
) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}" + saved) as till:
        cleared_elsewhere(till, tmp_path, till.order.id)
        await till.settle()
        assert till.answer() == f"Meena cleared {order}, 1 line, ₹80.00: guest left."
        await reads(till)
        await till.type("{f12}" + LOG_IN)
        assert till.answer() == ""


async def test_looking_at_an_order_elsewhere_leaves_the_one_on_the_screen_where_it_is(tmp_path: Path) -> None:
    store = held(tmp_path)
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "n{enter}3 idly{enter}") as till:
        session = till.order.id
        await till.type("{f5}1{enter}")
        assert isinstance(till.app.controller.top, TakeoverSheet)
        await till.type("{escape}")
        assert till.lines() == {"Idly": 3}
        assert till.order.status is Status.ACTIVE
        await till.type("{f5}1{enter}n{enter}")
        assert till.lines() == {}
        assert till.register.ledger.order(session).status is Status.PENDING_LOGOUT


async def test_an_order_that_its_taker_let_go_comes_back_from_the_recall_list(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        await till.type("{escape}")
        order = till.register.ledger.order(session)
        store.sessions = [row_of(order, till=None, till_name="", version=4, hold=HOLD, status="pending_logout")]
        await till.type("{f5}1")
        assert till.app.controller.sheets
        await till.type("{enter}")
        assert till.lines() == {"Idly": 2}
        await till.type("tea{enter}")
        assert till.lines() == {"Idly": 2, "Tea": 1}


async def test_an_order_that_another_till_took_is_asked_about_when_it_is_recalled(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        await till.type("{escape}")
        order = till.register.ledger.order(session)
        store.away = True
        await till.type("{f5}1")
        assert till.app.controller.sheets
        await till.type("{enter}")
        assert till.answer() == NOT_HELD
        store.away = False
        store.sessions = [row_of(order, till=2, version=4, hold=HOLD)]
        await till.type("{escape}{f5}1{enter}")
        assert isinstance(till.app.controller.top, TakeoverSheet)


CLEARED = RemoteClearing("0197d6a0-0000-7000-8000-00000000c1ea", 2, Minor(12_000), "Meena", "guest left")
ANSWER = "Meena cleared your order, 2 lines, ₹120.00: guest left."


async def test_a_clearing_is_reported_on_a_till_that_never_had_the_order(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(cleared=[CLEARED]), typed=LOG_IN) as till:
        assert till.answer() == ANSWER


async def test_a_clearing_by_no_staff_and_with_erased_words_is_reported_too(tmp_path: Path) -> None:
    cleared = replace(CLEARED, by_name="", reason="")
    async with a_quiet_till(tmp_path, store=FakeStore(cleared=[cleared]), typed=LOG_IN) as till:
        assert till.answer() == "The owner of the database cleared your order, 2 lines, ₹120.00."


async def test_a_clearing_is_reported_over_the_warning_of_two_tills(tmp_path: Path) -> None:
    store = held(tmp_path, seen_s=900)
    store.cleared = [CLEARED]
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN) as till:
        assert till.answer() == f"{ANSWER} Till 2 may still hold lines that it has not sent."


async def test_a_login_waits_for_no_word_of_what_was_cleared(tmp_path: Path) -> None:
    store, gate = FakeStore(cleared=[CLEARED]), asyncio.Event()
    answer = store.cleared_orders

    async def slow(user: int, login: str | None) -> list[RemoteClearing]:
        await gate.wait()
        return await answer(user, login)

    store.cleared_orders = slow  # type: ignore[method-assign] # the answer comes when the gate opens
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}") as till:
        assert till.answer() == "Added 2 × Idly. Total ₹80.00."
        gate.set()
        await asyncio.wait(list(till.app._works))
        await till.settle()
        assert till.answer() == f"{ANSWER} Added 2 × Idly. Total ₹80.00."


async def test_a_clearing_is_reported_once_the_network_is_back(tmp_path: Path) -> None:
    store = FakeStore(cleared=[CLEARED])
    async with a_drawn_till(tmp_path, store=store) as till:
        till.register.light_changed(Light(LightState.OFFLINE, since=MORNING))
        await till.type(LOG_IN)
        assert till.answer() == ""
        till.register.light_changed(Light(LightState.SAVED))
        await asyncio.wait(list(till.app._works))
        await till.settle()
        assert till.answer() == ANSWER


async def test_a_clearing_reported_on_another_till_is_not_reported_again(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        await till.type("{f12}")
        cleared_elsewhere(till, tmp_path, session)
        await till.type(LOG_IN)  # the database lists nothing: since then its user logged in elsewhere, and read it
        assert till.answer() == ""


async def test_without_the_database_what_this_till_heard_of_is_reported(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(away=True), typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        await till.type("{f12}")
        cleared_elsewhere(till, tmp_path, session)
        await till.type(LOG_IN)
        assert till.answer() == "Meena cleared your order, 1 line, ₹80.00: guest left."


async def test_a_clearing_of_the_order_in_sight_is_not_reported_again(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        cleared_elsewhere(till, tmp_path, session)
        await till.settle()
        assert "Meena cleared your order" in till.answer()
        await reads(till)
        store.cleared = [replace(CLEARED, session_id=session)]
        await till.type("{f12}" + LOG_IN)
        assert till.answer() == ""


async def test_a_manager_brings_back_what_was_cleared_on_another_till(tmp_path: Path) -> None:
    session = elsewhere(tmp_path, ("Idly", 2))[0].id
    file = open_file(tmp_path, 2)
    register = make_register(file, Clock(), PinCheck(), 2)
    register.ledger.user = 1
    register.recovery.discard(session, "guest left")
    file.close()
    store = FakeStore(sessions=[row_of(register.ledger.order(session), till=None)])
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type("9{enter}9999{enter}{f5}")
        assert "cleared, of Asha" in till.text()
        as_listed, store.sessions = store.sessions, [replace(store.sessions[0], user=0)]
        await till.type("{escape}{f5}")
        assert "cleared, of" not in till.text()
        store.sessions = as_listed
        await till.type("{escape}{f5}1{enter}")
        assert till.answer() == "Your order is here: 1 line, ₹80.00."
        assert (till.order.id, till.order.status, till.order.till, till.order.user) == (session, Status.ACTIVE, 1, 1)
        assert [till.order.hold] == [event.id for event in store.grants]
        assert store.asked_for == [session]
        await till.type("{f5}")
        assert "cleared" not in till.text()


@pytest.mark.parametrize("away", [False, True])
@pytest.mark.parametrize("way", ["{f12}" + LOG_IN, "{f5}1{enter}"], ids=["login", "list"])
async def test_order_from_before_a_loss_opens_with_what_the_server_knows(
    tmp_path: Path, way: str, *, away: bool
) -> None:
    """The payment stood in the records that are missing. Without the server it may be paid, and the till says so."""

    def pay(session: str) -> None:
        till.register.recovery.resume(session)
        till.register.checkout.pay(session, "CASH", Minor(3000))
        till.register.recovery.suspend(session)

    store = FakeStore(bring=pay)
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN) as till:
        waits(till)
        (session,) = (order.id for order in till.register.recovery.of_user(1))
        lost = RecordsLost(journal_id=till.journal.journal_id, ranges=(LostRange(first=8, last=9),))
        till.register.ledger.commit([Draft(lost, stream_of_till(DEMO.store_id, 1))])
        store.away = away
        await till.type(way)
        rest = "" if away else " ₹30.00 of it is paid."
        assert till.answer() == (
            f"Records are missing here: it may be paid already. Your order is here: 1 line, ₹60.00.{rest}"
        )
        assert store.fetched == ([] if away else [session])
        store.bring = lambda _session: None
        till.journal.acknowledge(till.journal.head)  # the server has judged the loss
        await till.type("{f12}" + LOG_IN)
        assert till.answer().startswith("Records are missing") is away  # the answer has not come
        till.register.light_changed(Light(LightState.ATTENTION, records=1))  # and lacks the records too
        await till.type("{f12}" + LOG_IN)
        assert till.answer().startswith("Records are missing")


async def test_login_asks_a_server_that_does_not_answer_once_for_an_order_from_before_a_loss(tmp_path: Path) -> None:
    class Frozen(FakeStore):
        async def user_sessions(self, user: int) -> list[RemoteSession]:
            del user
            raise StoreAwayError

    store = Frozen()
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN) as till:
        waits(till)
        lost = RecordsLost(journal_id=till.journal.journal_id, ranges=(LostRange(first=8, last=9),))
        till.register.ledger.commit([Draft(lost, stream_of_till(DEMO.store_id, 1))])
        await till.type("{f12}" + LOG_IN)
        assert till.answer().startswith("Records are missing here: it may be paid already.")
        assert store.fetched == []
