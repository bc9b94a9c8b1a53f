"""Tables: an order is added to an open one, two of one name are merged, and thirty fit on a screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.register.referee import Referee
from tests.tui.drawing.test_snapshots import Picture
from tests.tui.playing import LOG_IN, FakeStore, a_reference, a_till, a_venue_of_no_tables, row_of
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.tabs.test_recall import ASHA, NOT_HELD, has_it_open, on_till_2, saves
from tests.tui.screens.waiting_orders.test_waiting_orders import as_a_crash_leaves_it, bring
from till.cli.demo_venue import demo_reference
from till.domain.errors import StoreAwayError
from till.domain.money.measures import Millionths
from till.domain.order.discounting import Given
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Status
from till.domain.structs import replace
from till.ports import Light, LightState
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.tabs.scene import TablesScene
from till.tui.shell.entry_line import EntryLine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from syrupy.assertion import SnapshotAssertion

    from tests.tui.playing import Till
    from till.ports import Transfer
    from till.register.register import Register

SIZES = [(80, 24), (120, 36)]


@pytest.mark.parametrize("size", SIZES)
async def test_one_more_tea_for_table_5(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 5{enter}3 tea{enter}less sugar{enter}{f8}5")
        assert "Enter adds 1 line, ₹60.00 to table 5: total ₹140.00." in till.text()
        assert till.rows()[-1].rstrip().endswith("Enter Add to table 5 60.00")
        await till.type("{enter}")
        assert till.answer() == "Added to table 5: 1 line, ₹60.00. F8 lists the tables."
        assert till.shown is None
        await till.type("tea{enter}tab 5{enter}")
        assert "Enter adds 1 line, ₹20.00 to table 5: total ₹160.00." in till.text()
        await till.type("{escape}")
        assert till.lines() == {"Tea": 1}
        await till.type("tab 5{enter}{enter}{f8}5{enter}")
        assert till.answer() == "Table 5 is here: 3 lines, ₹160.00."
        assert [(row.quantity, row.first.name, row.first.note) for row in till.order.priced.rows] == [
            (2, "Idly", ""),
            (3, "Tea", "less sugar"),
            (1, "Tea", ""),
        ]
        assert "table 5, eat in" in till.text()


async def test_service_charge_of_a_table_is_in_the_promised_total(tmp_path: Path) -> None:
    reference = a_reference()
    reference["settings"]["service_charge"] = {"percent": "10", "order_types": ["dine_in"]}
    async with a_quiet_till(tmp_path, store=FakeStore(), reference=reference) as till:
        await till.type(LOG_IN + "2 idly{enter}{f8}5")
        assert "88.00" in till.text(), "at a free table, too"
        await till.type("{enter}tea{enter}{f8}5")
        assert "Enter adds 1 line, ₹22.00 to table 5: total ₹110.00." in till.text()
        await till.type("{enter}tab 5{enter}")
        assert till.order.total == 11_000


@pytest.mark.parametrize("size", SIZES)
async def test_total_of_a_programs_table_that_lacks_the_service_charge_says_so(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    reference, order = a_reference(), on_till_2(tmp_path, saves)
    reference["settings"]["service_charge"] = {"percent": "10", "order_types": ["dine_in"]}
    row = row_of(order, till=None, holder=0, user=0, program="chat")
    store = FakeStore(tabs=[row])
    async with a_drawn_till(tmp_path, size, store=store, reference=reference, typed=LOG_IN + "{f8}") as till:
        [plan] = [line for line in till.rows() if re.search(r"▌ +7 ", line)]
        assert re.search(r" 80\.00\+( |$)", plan)
        assert "without service charge" in till.text()
        for other in ({"holder": 1}, {"order_type": "take_away"}, {"refold": True}):
            store.tabs = [replace(row, **other)]
            await till.type("{escape}{f8}")
            assert "80.00" in till.text()
            assert "80.00+" not in till.text()
            assert "without service charge" not in till.text()


async def test_cached_table_that_lacks_the_service_charge_says_so(tmp_path: Path) -> None:
    reference, order = a_reference(), on_till_2(tmp_path, saves)
    reference["settings"]["service_charge"] = {"percent": "10"}
    assert order.tab is not None
    row = {
        "tab_id": order.tab.id, "session": order.id, "tab_name": "table 7", "user": 0, "lines": 1, "currency": "INR",
        "total": "80.00", "updated_at": "2031-01-01T00:00:00Z", "created_at": "2031-01-01T00:00:00Z",
        "order_type": "dine_in", "holder": 0,
    }  # fmt: skip
    reference["tabs"] = {"tabs": [row]}
    async with a_quiet_till(tmp_path, store=FakeStore(away=True), reference=reference, typed=LOG_IN + "{f8}") as till:
        assert "without service charge" in till.text()


async def test_round_added_to_a_table_completes_its_promotion_as_promised(tmp_path: Path) -> None:
    reference = a_reference()
    reference["settings"]["promotions"] = [{"name": "3 for 2", "buy": 2, "get": 1}]
    async with a_quiet_till(tmp_path, store=FakeStore(), reference=reference) as till:
        await till.type(LOG_IN + "2 tea{enter}tab 5{enter}2 tea{enter}{f8}5")
        assert "Enter adds 1 line, ₹20.00 to table 5: total ₹60.00." in till.text()
        await till.type("{enter}")
        assert till.answer() == "Added to table 5: 1 line, ₹20.00. F8 lists the tables."
        await till.type("tab 5{enter}")
        assert (till.order.total, till.lines()) == (6_000, {"Tea": 4})


async def test_due_of_a_table_paid_in_part_is_rounded_as_pay_rounds_it(tmp_path: Path) -> None:
    reference = a_reference()
    reference["settings"]["rounding"] = {"step": "1", "of": "bill"}
    async with a_quiet_till(tmp_path, store=FakeStore(), reference=reference) as till:
        await till.type(LOG_IN + "3 tea{enter}{f9}card 20.30{enter}{escape}{f8}5{enter}{f8}")
        assert "39.70" not in till.text()
        assert "40.00" in till.text()
        await till.type("{escape}idly{enter}{f8}5")
        assert "Enter adds 1 line, ₹40.00 to table 5: ₹80.00 due." in till.text()


async def test_payment_of_an_added_round_is_in_the_due_of_its_table(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 5{enter}tea{enter}{f9}cash 15{enter}{escape}{f8}5")
        assert "Enter adds 1 line, ₹20.00 to table 5: ₹85.00 due." in till.text()
        assert "15.00 paid" in till.text()
        await till.type("{enter}")
        assert till.answer() == "Added to table 5: 1 line, ₹5.00 due, ₹15.00 paid."
        await till.type("{f8}5")
        assert "2 lines, ₹85.00 due, ₹15.00 paid" in till.text()


async def test_table_whose_lines_the_server_did_not_list_may_cost_less(tmp_path: Path) -> None:
    def discounted(register: Register) -> str:
        order = register.sales.add(None, ASHA, ItemEntry(register.menu.by_plu[1], 2))
        register.sales.take_off(order.id, None, Given(Millionths(100_000), reason="regular"))
        register.tabs.save(order.id, "7")
        return order.id

    order = on_till_2(tmp_path, discounted)
    store = FakeStore(tabs=[row_of(order, till=None, items=())])  # a reply has room for the first tables only
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "tea{enter}{f8}7")
        assert "Enter adds 1 line, ₹20.00 to table 7: about ₹92.00." in till.text()
        await till.type("{enter}")
        assert till.answer() == "Added to table 7: 1 line, ₹18.00. F8 lists the tables."


async def test_table_whose_lines_are_void_says_how_it_is_freed(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "tab 5{enter}tea{enter}{f7}1{enter}tab 5{enter}")
        assert till.answer() == "Table 5 has no lines: “clear” frees it."
        await till.type("clear{enter}tab 5{enter}")
        assert till.order.tab is not None


async def test_round_that_cannot_be_added_is_refused_before_enter(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}cash 50{enter}{escape}tab 5{enter}")
        await till.type("tea{enter}{f9}cash 15{enter}{escape}{f8}5")
        assert "Both have paid in part: let one pay, or refund one part." in till.text()
        assert "Add to table 5" not in till.text()


@pytest.mark.parametrize("keyed", ["tab 99{enter}", "{f8}99{enter}"])
async def test_a_table_that_the_room_has_not_is_asked_back_on_any_screen(tmp_path: Path, keyed: str) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=LOG_IN + "tea{enter}" + keyed) as till:
        assert till.answer() == "There is no table 99 here. Enter again uses it anyway."
        await till.type("{escape}{escape}")
        assert till.lines() == {"Tea": 1}
        await till.type(keyed + "{enter}")
        assert till.answer() == "Saved to table 99. F8 lists the tables."
        await till.type("{f8}{enter}tea{enter}tab 99{enter}")
        assert till.answer() == "Saved to table 99. F8 lists the tables.", "it is the table that the order came from"


async def test_a_barcode_scanned_for_a_tab_is_refused_where_it_was_typed(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "tea{enter}tab 8901234500019{enter}") as till:
        assert till.answer() == "8901234500019 is a barcode: scan it on the order."
        assert till.lines() == {"Tea": 1}
        assert isinstance(till.scene, SellScene)


@pytest.mark.parametrize("is_known", [False, True])
async def test_a_table_that_till_2_saved_is_granted_and_added_to(tmp_path: Path, *, is_known: bool) -> None:
    order = on_till_2(tmp_path, saves)
    store = FakeStore(tabs=[row_of(order, till=None)])
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        if is_known and store.bring is not None:  # this till had it
            store.bring(order.id)
            till.register.ledger.lock(order.id, "Ravi took this order over on Till 2 at 10:31.")
        await till.type(LOG_IN + "tea{enter}{f8}7{enter}")
        assert till.answer() == "Added to table 7: 1 line, ₹20.00. F8 lists the tables."
        kept = till.register.ledger.order(order.id)
        assert {row.first.name: row.quantity for row in kept.priced.rows} == {"Idly": 2, "Tea": 1}
        assert (kept.status, kept.till, kept.holder, kept.user) == (Status.ASSIGNED_TO_TAB, None, 1, order.user)
        assert [kept.hold] == [event.id for event in store.grants]


@pytest.mark.parametrize("is_known", [False, True])
async def test_a_table_that_till_2_has_open_is_taken_over_and_added_to_by_its_own_key(
    tmp_path: Path, *, is_known: bool
) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = FakeStore(tabs=[row_of(order)])
    async with a_drawn_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        if is_known and store.bring is not None:  # this till had it
            store.bring(order.id)
            till.register.ledger.lock(order.id, "Ravi took this order over on Till 2 at 10:31.")
        await till.type(LOG_IN + "tea{enter}{f8}7")
        assert "Table 7 is open on Till 2. Enter asks to take it over." in till.text()
        assert till.rows()[-1].rstrip().endswith("Enter Take over")
        await till.type("{enter}")
        assert "Take it over and add" in till.text()
        await till.type("{escape}")
        assert (till.lines(), store.grants) == ({"Tea": 1}, [])
        await till.type("{f8}7{enter}t{enter}")
        assert till.answer() == "Added to table 7: 1 line, ₹20.00. F8 lists the tables."
        assert till.shown is None
        kept = till.register.ledger.order(order.id)
        assert {row.first.name: row.quantity for row in kept.priced.rows} == {"Idly": 2, "Tea": 1}
        assert (kept.status, kept.till, kept.holder, kept.user) == (Status.ASSIGNED_TO_TAB, None, 1, 1)


async def test_a_table_that_till_2_opened_since_the_list_came_is_taken_over_as_its_refusal_says(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = FakeStore(tabs=[row_of(order, till=None, till_name="")])
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "tea{enter}{f8}7{enter}")
        assert till.answer() == "Another till opened table 7: F8 asks to take it over."
        assert (till.lines(), store.grants) == ({"Tea": 1}, [])
        store.tabs = [row_of(order)]
        await till.type("{f8}7{enter}t{enter}")
        assert till.answer() == "Added to table 7: 1 line, ₹20.00. F8 lists the tables."


@pytest.mark.parametrize("typed", ["guests 4", "move 9", "hand over 1", "merge 8", "move 1 tea to 8"])
@pytest.mark.parametrize("marked", ["7", "8"])
async def test_words_about_a_table_that_till_2_has_open_say_before_enter_what_to_do(
    tmp_path: Path, typed: str, marked: str
) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = FakeStore(tabs=[row_of(order)])
    async with a_drawn_till(tmp_path, store=store, reference=a_venue_of_no_tables()) as till:
        bring(store, till, tmp_path)
        words = typed.replace("8", "7") if marked == "8" else typed
        await till.type(LOG_IN + "2 tea{enter}tab 8{enter}{f8}")
        await till.type(("{home}" if marked == "7" else "{end}") + words)
        is_refused = marked == "7" or "7" in words
        assert ("Table 7 is open on Till 2: save it there first." in till.text()) == is_refused
        assert ("Enter Do it" in till.text()) == (not is_refused)
        await till.type("{enter}")
        assert (till.answer() == "It is open on Till 2: save it there first.") == is_refused
        assert store.grants == []


async def test_f8_takes_an_act_along_to_the_table_of_the_order(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 tea{enter}table 2{enter}table 4{enter}") as till:
        assert till.lines() == {}, "table 4 is open and has no lines: table 2 comes first in the list"
        await till.type("move 8{enter}")
        assert till.answer() == "F8 takes it: merge 7, move 9, guests 4 or hand over 2."
        await till.type("{f8}")
        assert "> move 8" in till.text()
        assert "Enter moves table 4 to table 8." in till.text()
        await till.type("{enter}")
        assert till.answer() == "Table 4 moved to table 8."
        await till.type("{escape}hand over 2{f8}")
        assert "Enter hands table 8 over to Ravi." in till.text()
        await till.type("{escape}")
        assert till.typed() == "", "they are in one place only"
        await till.type("{f8}move 2 to 5{enter}")
        assert till.answer() == "Table 2 moved to table 5."


@pytest.mark.parametrize("size", SIZES)
async def test_f8_offline_says_before_enter_that_adding_needs_the_server(tmp_path: Path, size: tuple[int, int]) -> None:
    away = "Adding needs the server. Tab on F8: a separate bill."
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 5{enter}tea{enter}tab 7{enter}3 tea{enter}{f8}5")
        assert "140.00" in till.text()
        assert "out of sight" not in till.text()
        till.register.light_changed(Light(LightState.OFFLINE))
        await till.settle()
        text = till.text()
        assert away in text
        assert "2 open here, other tills out of sight" in text
        assert "Enter" not in till.rows()[-1]
        assert "140.00" not in text
        await till.type("{enter}")
        assert (till.answer(), till.typed(), till.lines()) == (away, "5", {"Tea": 3})
        await till.type("{tab}")
        assert till.answer() == "Saved to table 5-2. F8 lists the tables."
        await till.type("{f8}7{enter}")
        assert till.answer() == "Table 7 is here: 1 line, ₹20.00.", "one of this till is recalled without the server"


@pytest.mark.parametrize(
    ("typed", "away"),
    [
        ("merge 7", "Merging needs the server: here each pays its own bill."),
        ("move tea to 7", "Moving lines needs the server: here each pays its own bill."),
        ("guests 4", ""),
        ("move 9", ""),
        ("hand over 1", ""),
    ],
)
async def test_f8_offline_says_before_enter_which_words_need_the_server(tmp_path: Path, typed: str, away: str) -> None:
    async with a_drawn_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}tea{enter}tab 5{enter}tea{enter}tab 7{enter}")
        till.register.light_changed(Light(LightState.OFFLINE))
        await till.type("{f8}" + typed)
        assert (away or "Enter") in till.text()
        assert ("Enter Do it" in till.text()) == (not away)
        await till.type("{enter}")
        assert till.answer() == away or not away
        assert "needs the server" in till.answer() or not away


async def test_f8_offline_says_before_enter_that_another_till_holds_the_table(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, saves)
    store = FakeStore(tabs=[row_of(order, till=None)])
    async with a_drawn_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}guests 4")
        assert "Enter: 4 guests sit at table 7." in till.text()
        till.register.light_changed(Light(LightState.OFFLINE))
        await till.settle()
        assert NOT_HELD in till.text()
        assert "Do it" not in till.rows()[-1]


async def test_a_round_that_was_added_as_the_till_was_killed_is_counted_once(tmp_path: Path) -> None:
    acts: list[Transfer] = []

    class Killing(FakeStore):
        """A store whose till is killed before the answer to its act comes."""

        async def act(self, act: Transfer) -> None:
            acts.append(act)
            as_a_crash_leaves_it(tmp_path)
            raise StoreAwayError

    store = Killing(tabs=[row_of(on_till_2(tmp_path, saves), till=None)])
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "tea{enter}{f8}7{enter}")
    async with a_quiet_till(tmp_path / "crashed", store=FakeStore()) as till:
        assert "1 order was open: 1 line, ₹20.00. It is here." in till.text(), "the table was on no screen"
        Referee(till.register).write(acts[0])
        till.register.server_answered()
        await till.settle()
        assert "The open order, 1 line, ₹20.00, is on table 7 now." in till.text()
        (table,) = till.register.open_tabs.local()
        assert (table.till, table.lines, table.total) == (None, 2, 10_000)


WORDS = [
    ("guests 4{enter}", "4 guests sit at table 7.", {"Idly": 2}),
    ("move 9{enter}", "Table 7 moved to table 9.", {"Idly": 2}),
    ("hand over 1{enter}", "Table 7 is Asha's now.", {"Idly": 2}),
    ("merge 8{enter}{tab}", "Table 8 is on table 7 now: 2 lines, ₹100.00.", {"Idly": 2, "Tea": 1}),
    ("move 1 idly to 8{enter}", "Table 8 has them now: 2 lines, ₹60.00.", {"Idly": 1}),
]


@pytest.mark.parametrize(("typed", "message", "lines"), WORDS)
async def test_words_about_a_table_that_till_2_saved_have_it_granted_first(
    tmp_path: Path, typed: str, message: str, lines: dict[str, int]
) -> None:
    order = on_till_2(tmp_path, saves)
    store = FakeStore(tabs=[row_of(order, till=None)])
    async with a_quiet_till(tmp_path, store=store, reference=a_venue_of_no_tables()) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "tea{enter}tab 8{enter}{f8}")
        await till.type("{up}" + typed)
        assert till.answer() == message
        assert store.asked_for == [order.id]
        kept = till.register.ledger.order(order.id)
        assert (kept.status, kept.till, kept.holder) == (Status.ASSIGNED_TO_TAB, None, 1)
        assert {row.first.name: row.quantity for row in kept.priced.rows} == lines


async def test_words_that_take_pieces_to_a_table_that_till_2_saved_have_it_granted_first(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, saves)
    store = FakeStore(tabs=[row_of(order, till=None)])
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "3 tea{enter}tab 8{enter}{f8}move 2 tea to 7{enter}")
        assert till.answer() == "Table 7 has them now: 2 lines, ₹120.00."
        assert store.asked_for == [order.id]
        assert till.register.ledger.order(order.id).status is Status.ASSIGNED_TO_TAB


@pytest.mark.parametrize("typed", ["guests 400", "hand over 77", "move 8", "move 5 idly to 8"])
async def test_a_table_that_was_granted_for_words_that_are_refused_goes_back_on_its_tab(
    tmp_path: Path, typed: str
) -> None:
    order = on_till_2(tmp_path, saves)
    store = FakeStore(tabs=[row_of(order, till=None)])
    async with a_quiet_till(tmp_path, store=store, reference=a_venue_of_no_tables()) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "tea{enter}tab 8{enter}{f8}")
        await till.type("{up}" + typed + "{enter}")
        assert till.typed() == typed, "it is there to be put right"
        assert len(store.grants) == 1
        kept = till.register.ledger.order(order.id)
        assert (kept.status, kept.till, kept.holder, kept.user) == (Status.ASSIGNED_TO_TAB, None, 1, order.user)
        assert kept.tab == order.tab


async def test_words_about_a_table_that_till_2_holds_are_refused_without_the_network(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, saves)
    store = FakeStore(tabs=[row_of(order, till=None)])
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "{f8}")
        store.away = True
        await till.type("guests 4{enter}")
        assert till.answer() == NOT_HELD
        assert till.typed() == "guests 4"


async def test_a_table_that_was_paid_meanwhile_keeps_the_lines_on_the_screen(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, has_it_open)
    store = FakeStore(tabs=[row_of(order)])
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        on_till_2(tmp_path, lambda register: register.checkout.pay_exact(order.id).id, hours=3, minutes=34)
        await till.type(LOG_IN + "tea{enter}{f8}7{enter}t{enter}")
        assert till.answer() == "Table 7 was paid on Till 2 at 14:05."
        assert till.lines() == {"Tea": 1}


@pytest.mark.parametrize("size", SIZES)
async def test_thirty_tables_stand_on_one_screen_with_age_and_total(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, reference=a_venue_of_no_tables(), typed=LOG_IN) as till:
        for number in range(29, 0, -1):
            await till.type(f"{number} idly{{enter}}" + "{enter}" * (number > 20) + f"tab {number}{{enter}}")
            till.clock.pass_by(minutes=1)
        await till.type("2 idly{enter}tab Nila{enter}{f8}")
        text = till.text()
        for number in range(1, 30):
            assert f"{number * 40:,}.00" in text
        assert "Nila" in text
        assert "29 min" in text
        assert "Asha, 1 min" in text
        assert ("Asha" in "\n".join(till.rows()[5:14])) is (size[0] == 120)
        await till.type("{right}")
        moved = {80: "Table 11 ₹", 120: "Table 19: "}[size[0]]
        assert moved in till.text()
        await till.type("{f8}")
        assert "Asha, 29 min" in till.text()
        await till.type("{f8}3{enter}")
        assert till.answer() == "Table 3 is here: 1 line, ₹120.00."


@pytest.mark.parametrize("size", SIZES)
async def test_words_are_about_the_tab_that_is_marked(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_quiet_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "idly{enter}tab 5{enter}tea{enter}tab 7{enter}{f8}")
        await till.type("{down}{down}merge 5")
        assert "Enter merges table 5 into table 7: one bill." in till.text()
        await till.type("{enter}")
        assert till.answer() == "Merge table 5 into table 7 for good? Tab merges them."
        await till.type("{tab}")
        assert till.answer() == "Table 5 is on table 7 now: 2 lines, ₹60.00."
        await till.type("move 8{enter}")
        assert till.answer() == "Table 7 moved to table 8."
        await till.type("guests 4{enter}")
        assert till.answer() == "4 guests sit at table 8."
        await till.type("hand over 2{enter}")
        assert till.answer() == "Table 8 is Ravi's now."
        await till.type("{escape}tab 8{enter}")
        assert till.lines() == {"Idly": 1, "Tea": 1}


async def test_other_words_on_the_question_of_a_merge_save_nothing_before_that_is_read(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "idly{enter}tab 8{enter}tea{enter}tab 6{enter}tab 6{enter}{f8}merge 8{enter}")
        await till.type("tt{backspace}{enter}")
        assert till.answer() == "Not merged. Enter again uses the new words."
        assert sorted(tab.name for tab in till.register.open_tabs.local()) == ["table 6", "table 8"]
        await till.type("{enter}{enter}")
        assert till.answer() == "Table 6 moved to t. F8 lists the tables."


async def test_returns_of_two_merged_orders_over_the_largest_note_are_paid_out_by_a_manager(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "-50 deposit{enter}tab 3{enter}-50 deposit{enter}tab 4{enter}{f8}merge 4{enter}{tab}")
        await till.type("{enter}{f9}{enter}")
        assert "Refund ₹1,000.00" in till.text()
        assert (till.order.total, till.order.paid) == (-100_000, 0)
        await till.type("2{enter}")
        assert till.answer() == "That needs a manager."
        await till.type("9{enter}9999{enter}")
        assert till.answer() == "Refunded ₹1,000.00."


@pytest.mark.parametrize(("typed", "order_type"), [("", "dine_in"), ("eat in{enter}to go{enter}", "take_away")])
async def test_an_order_under_a_name_that_moves_to_a_table_is_eaten_there(
    tmp_path: Path, typed: str, order_type: str
) -> None:
    """The order type follows the table, as for an order saved there at once; a chosen type stays."""
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "idly{enter}" + typed + "tab Bob{enter}{f8}move 22{enter}")
        assert till.answer() == "Bob moved to table 22."
        await till.type("{enter}")
        assert till.order.order_type == order_type


async def test_a_party_that_paid_a_part_goes_back_to_its_table_and_to_another(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "3 tea{enter}tab 5{enter}{f8}{enter}{f9}c20{enter}{escape}{f8}{enter}")
        assert till.answer() == "Saved to table 5. F8 lists the tables."
        await till.type("{f8}move 8{enter}")
        assert till.answer() == "Table 5 moved to table 8."
        await till.type("{enter}table 7{enter}")
        assert till.answer() == "Table 8 moved to table 7. F8 lists the tables."
        await till.type("{f8}7{enter}{f8}8{enter}")
        assert till.answer() == "Table 7 moved to table 8. F8 lists the tables."
        await till.type("{f8}8{enter}")
        assert (till.order.tab.name if till.order.tab else "", till.order.paid) == ("table 8", 2000)
        assert till.lines() == {"Tea": 3}
        await till.type("{f9}{enter}")
        assert till.answer() == "Paid ₹60.00, exact."


async def test_a_new_order_paid_in_part_is_saved_so_that_the_next_guest_is_served(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "3 tea{enter}{f9}c20{enter}{escape}{f8}5{enter}") as till:
        assert till.answer() == "Saved to table 5. F8 lists the tables."
        await till.type("{f8}5{enter}")
        assert (till.order.paid, till.order.due) == (2_000, 4_000)


@pytest.mark.parametrize("size", SIZES)
async def test_a_table_paid_in_part_shows_what_is_due(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "3 tea{enter}{f9}c20{enter}{escape}{f8}5{enter}{f8}5")
        assert "Table 5: Asha, 0 min, 1 line, ₹40.00 due, ₹20.00 paid" in till.text()
        assert any(re.search(r"5 +bill out.* 40\.00", row) for row in till.rows())
        assert any(re.search(r"[a-z,] 20\.00 paid", row) for row in till.rows())
        await till.type("{escape}{escape}idly{enter}{f8}5")
        assert "Enter adds 1 line, ₹40.00 to table 5: ₹80.00 due." in till.text()


async def test_lines_are_moved_between_two_tables(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "3 tea{enter}idly{enter}tab 5{enter}idly{enter}tab 7{enter}{f8}move 2 TEA to 7")
        assert "Enter moves 2 TEA from table 5 to table 7." in till.text()
        await till.type("{enter}")
        assert till.answer() == "Table 7 has them now: 2 lines, ₹80.00."
        assert [(tab.name, tab.total) for tab in till.register.open_tabs.local()] == [
            ("table 5", 6000),
            ("table 7", 8000),
        ]
        await till.type("move tea to 7{enter}")
        assert till.answer() == "Table 7 has them now: 2 lines, ₹100.00."
        await till.type("move idly to 7{enter}")
        assert till.answer() == "That is all of it: merge it instead."
        assert [(tab.name, tab.total) for tab in till.register.open_tabs.local()] == [
            ("table 5", 4000),
            ("table 7", 10000),
        ]


async def test_words_that_cannot_be_done_change_nothing(tmp_path: Path) -> None:
    answers = {
        "merge 9": "No table 9 is open.",
        "merge Rao party": "No table is called Rao party.",
        "merge 5": "Table 5 is the marked one. Choose another.",
        "move tea to 9": "No table 9 is open.",
        "move coffee to 7": "There is no coffee there.",
        "move idly to 7": "That is all of it: merge it instead.",
        "move 2 idly to 7": "There are 1 × Idly there.",
        "move 7": "Table 7 is open: F8 adds to it. Or use another name.",
        "guests many": "Add a number, as in “guests 4”.",
        "guests 444": "Type 1 to 99 guests.",
        "hand over 77": "Nobody here has number 77.",
    }
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}tab 5{enter}tea{enter}tab 7{enter}{f8}") as till:
        written = till.journal.head
        for typed, answer in answers.items():
            await till.type(typed + "{enter}")
            assert till.answer() == answer
            assert isinstance(till.scene, TablesScene)
            assert till.scene.state.entry == EntryLine.offer(typed), "it is there to be put right"
            assert till.journal.head == written, typed
            await till.type("{backspace}" * len(typed))
        assert [tab.name for tab in till.register.open_tabs.local()] == ["table 5", "table 7"]


def a_room() -> dict[str, Mapping[str, Any]]:
    """Return the demo venue with 24 tables in a hall and on a terrace."""
    reference = demo_reference()
    tables = [{"table": n, "seats": 4, "area": "Hall" if n <= 18 else "Terrace"} for n in range(1, 25)]
    return {**reference, "settings": {**reference["settings"], "tables": tables}}


async def an_evening(till: Till) -> None:
    """Open ten tables over a while, one of them with the bill printed."""
    await till.type(LOG_IN)
    for name, idlies in (("1", 2), ("2", 7), ("4", 3), ("5", 6), ("10", 30), ("19", 4), ("22", 2), ("Blue shirt", 3)):
        await till.type(f"{idlies} idly{{enter}}" + "{enter}" * (idlies > 20) + f"2 tea{{enter}}tab {name}{{enter}}")
        till.clock.pass_by(minutes=16)
    await till.type("{f8}5guests 3{enter}{escape}{escape}tab 4{enter}{f9}{escape}{f8}{enter}")
    await till.type("2 tea{enter}payasam{enter}{f8}5")


async def test_the_room(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    till_2 = on_till_2(tmp_path, has_it_open)
    store = FakeStore(tabs=[row_of(till_2, covers=2)])
    async with a_till(tmp_path, store=store, reference=a_room()) as till:
        bring(store, till, tmp_path)
        await an_evening(till)
        for name, size, theme in (
            ("80x24", (80, 24), "dark"),
            ("120x36", (120, 36), "dark"),
            ("light", (120, 36), "light"),
            ("contrast", (120, 36), "contrast"),
        ):
            await till.resize(*size)
            till.app.repaint(Paint(theme, Depth.TRUE))
            await till.settle()
            drawn = till.app.export_screenshot(title="tables", simplify=True)
            assert drawn == snapshot(name=name, extension_class=Picture)


@pytest.mark.parametrize("size", SIZES)
async def test_the_demo_has_a_room_that_stands_on_one_screen_beside_the_tabs_by_name(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with a_drawn_till(tmp_path, size) as till:
        await till.type(LOG_IN + "tea{enter}tab Asha{enter}idly{enter}tab 5{enter}{f8}")
        assert "2 open, 14 free" in till.text()
        for area in ("Hall", "Family room", "Terrace", "By name"):
            assert till.text().count(area) == 1
        words = {word for row in till.rows()[4:24] for word in row.split()}
        assert words >= {"1", "8", "11", "14", "21", "23", "Asha"}
        free = "Table 14 is free: " + ("8 seats." if size[0] == 120 else "Family room, 8 seats.")
        await till.type("14")
        assert f"{free} Enter opens it." in till.text()
        await till.type("{escape}22{enter}")
        assert till.answer() == "Table 22 is open: key the order. “clear” frees it."
        await till.type("tea{enter}{f8}14")
        assert f"{free} Enter saves the order there." in till.text()


@pytest.mark.parametrize("size", SIZES)
async def test_tables_without_orders_show_no_large_figure(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "{f8}") as till:
        for typed in ("", "14"):
            await till.type(typed)
            assert "█" not in till.text()
            assert "₹" not in till.text()
        await till.type("{escape}{escape}tea{enter}{f8}")
        assert "Keyed here ₹" in till.text()


async def test_a_single_pane_tells_how_to_merge_and_move_while_nothing_is_typed(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), store=FakeStore()) as till:
        await till.type(LOG_IN + "tea{enter}tab Dr Ramaswamy{enter}{f8}")
        assert "Dr Ramaswamy" in till.text()
        assert "A number or a name. Also: merge 7, move 9, guests 4." in till.text()
        assert "Asha, 0 min" in till.text()
        await till.type("d")
        assert "Dr Ramaswamy: Asha, 0 min, 1 line, ₹20.00" in till.text()


async def test_words_about_a_table_that_is_free_say_that_it_is(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "tea{enter}tab 5{enter}{f8}{down}merge 5") as till:
        assert "Table 6 is free. Mark an open one (↑ ↓), then type that." in till.text()
        assert "Do it" not in till.text()
        await till.type("{enter}")
        assert till.answer() == "Table 6 is free. Mark an open one (↑ ↓), then type that."


async def test_a_tab_is_named_as_people_wrote_it(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "3 tea{enter}tab Dr Rao{enter}idly{enter}2 tea{enter}tab 5{enter}{f8}")
        await till.type("guests 1")
        assert "Enter: 1 guest sits at table 5." in till.text()
        await till.type("{enter}")
        assert till.answer() == "1 guest sits at table 5."
        await till.type("move tea to Dr Rao{enter}")
        assert till.answer() == "Dr Rao has them now: 1 line, ₹100.00."
        await till.type("merge Dr Rao{enter}{tab}")
        assert till.answer() == "Dr Rao is on table 5 now: 2 lines, ₹140.00."


async def test_a_bill_of_its_own_a_free_table_and_words_about_the_order_on_the_screen(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=a_room(), store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 5{enter}tea{enter}{f8}5{tab}")
        assert till.answer() == "Saved to table 5-2. F8 lists the tables."
        assert [(tab.name, tab.table, tab.total) for tab in till.register.open_tabs.local()] == [
            ("table 5", 5, 8000),
            ("table 5-2", 5, 2000),
        ]
        await till.type("3 tea{enter}{f8}5-2{enter}")
        assert till.answer() == "Added to table 5-2: 1 line, ₹60.00. F8 lists the tables."
        await till.type("{f8}3{enter}")
        assert till.answer() == "Table 3 is open: key the order. “clear” frees it."
        assert (till.order.tab.name if till.order.tab else "", till.order.order_type) == ("table 3", "dine_in")
        await till.type("idly{enter}{f8}guests 4{enter}")
        assert "4 guests sit at table 3." in till.text()
        await till.type("move 6{enter}{escape}")
        assert (till.order.tab.name if till.order.tab else "", till.order.status) == ("table 6", Status.ACTIVE)
        await till.type("{f8}{enter}")
        assert till.answer() == "Saved to table 6. F8 lists the tables."
        await till.type("{f8}6{enter}{f8}{up}{up}merge 6{enter}{tab}{escape}")
        assert till.shown is None, "its lines are on table 5"
        assert [(tab.name, tab.total) for tab in till.register.open_tabs.local()] == [
            ("table 5", 12000),
            ("table 5-2", 8000),
        ]


@pytest.mark.parametrize(
    ("typed", "answer", "still"),
    [
        ("clear{enter}", "Table 3 is free again.", ["table 5"]),
        ("tea{enter}{f7}1{enter}clear{enter}", "Table 3 is free again.", ["table 5"]),
        ("{f8}6{enter}", "Table 6 is open: key the order. “clear” frees it.", ["table 5", "table 6"]),
        ("tab 5{enter}", "Table 5 is here: 1 line, ₹80.00.", ["table 5"]),
        ("{f12}", "Logged out.", ["table 5"]),
        ("tea{enter}{f12}", "Logged out: your order is kept.", ["table 3", "table 5"]),
    ],
)
async def test_a_table_that_was_opened_by_mistake_is_free_again(
    tmp_path: Path, typed: str, answer: str, still: list[str]
) -> None:
    async with a_quiet_till(tmp_path, reference=a_room(), store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 5{enter}{f8}3{enter}" + typed)
        assert [tab.name for tab in till.register.open_tabs.local()] == still
        if "f12" not in typed:
            assert till.answer() == answer


async def test_the_help_of_the_tables_names_every_word(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), reference=a_room(), typed=LOG_IN + "{f8}{f1}") as till:
        for words in ("merge 7", "move 9", "guests 4", "hand over 2", "move 2 idly to 9"):
            assert words in till.text()


async def test_an_answer_from_before_the_tables_is_not_repeated_behind_them(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=a_room(), typed=LOG_IN + "2 idly{enter}{f9}{escape}") as till:
        assert till.answer() == "Back to the order. Nothing was taken."
        await till.type("{f8}{escape}")
        assert till.answer() == ""


async def test_a_small_window_help_and_logging_out(tmp_path: Path) -> None:
    async with a_till(tmp_path, reference=a_room()) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 5{enter}tea{enter}{f8}te{f9}")
        assert till.answer() == "Press Esc first, then F9."
        await till.resize(40, 10)
        assert "te" in till.text()
        await till.resize(39, 9)
        assert "This window is too small" in till.text()
        await till.resize(120, 36)
        await till.type("{f1}")
        assert "Number 7: open it" in till.text()
        await till.type("{escape}")
        assert till.typed() == "te"
        await till.type("{f12}")
        assert "Asha is logged out" in till.text()
        await till.type(LOG_IN)
        assert till.lines() == {"Tea": 1}


async def test_a_table_is_shown_as_it_was_at_a_minute(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), reference=a_room()) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 7{enter}")
        minute = f"{till.register.venue.local(till.register.ledger.now()):%H:%M}"
        await till.type("{f8}at " + minute + "{enter}")
        await till.settle()
        assert "2 × Idly  80.00" in till.text()
        assert "Table 7: 80.00, saved, Asha, Till 1" in till.text()
        await till.type("{enter}{escape}at 25:00{enter}")
        assert "25:00" in till.answer()


async def test_a_sale_is_shown_as_its_order_was_at_a_minute(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), reference=a_room(), typed=LOG_IN + "2 idly{enter}cash{enter}") as till:
        minute = f"{till.register.venue.local(till.register.ledger.now()):%H:%M}"
        await till.type("{f10}{enter}at " + minute + "{enter}")
        await till.settle()
        assert "2 × Idly  80.00" in till.text()
        await till.type("{enter}at 25:00{enter}")
        assert till.answer() == "“25:00” is not a time. Write one such as 21:15."
