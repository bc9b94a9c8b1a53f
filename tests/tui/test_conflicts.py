"""Conflicts about money on the manager's screen."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, MORNING, FakeStore, Till, a_till
from till.domain.events.envelope import Draft, EventType
from till.domain.order.selling import Keyed
from till.ports import Light, LightState, RemoteConflict, RemoteRecord

if TYPE_CHECKING:
    from pathlib import Path

MANAGER = "9{enter}9999{enter}"
SESSION = "0197d6a0-0000-7000-8000-00000000aaaa"
TWICE = RemoteConflict(
    "0197d6a0-0000-7000-8000-00000000c0f1",
    SESSION,
    "paid_twice",
    "0197d6a0-0000-7000-8000-00000000bbbb",
    8_000,
    "INR",
    2,
    MORNING,
)


async def test_a_manager_settles_one_in_words(tmp_path: Path) -> None:
    async with a_till(tmp_path, store=FakeStore(conflicts=[TWICE])) as till:
        await till.type(MANAGER + "{ctrl+o}")
        text = till.text()
        assert "paid twice" in text
        assert "₹80.00" in text
        assert "Till 2, 10:31" in text
        await till.type("given back in cash{enter}")
        events = [e for e in till.register.journal.events_of(SESSION) if e.type == EventType.CONFLICT_RESOLVED]
        assert [(e.data["conflict_id"], e.text("how"), e.user) for e in events] == [
            (TWICE.conflict_id, "given back in cash", 9)
        ]
        assert "Nothing waits for a manager." in till.text()


async def test_a_tab_that_is_open_on_two_tills_is_named_as_such(tmp_path: Path) -> None:
    twice = replace(TWICE, kind="carried_twice", till=0)
    async with a_till(tmp_path, store=FakeStore(conflicts=[twice])) as till:
        await till.type(MANAGER + "{ctrl+o}")
        assert "tab open on two tills" in till.text()


def found(till: Till, **other: object) -> None:
    """What the server writes of a tab that is open twice into the order on the screen."""
    data = {"conflict_id": "c", "kind": "carried_twice", "subject": "s", "amount": "80.00", "currency": "INR"}
    till.register.ledger.commit([Draft(EventType.CONFLICT_FOUND, till.order.id, data | other)])


@pytest.mark.parametrize("keys", ["1{enter}", "1{enter}{f9}"])
async def test_that_another_till_has_the_tab_too_is_said_while_it_is_keyed_and_while_it_is_paid(
    tmp_path: Path, keys: str
) -> None:
    async with a_till(tmp_path) as till:
        await till.type(LOG_IN + keys)
        [order] = till.register.recovery.of_user(1)
        till.app.news.carried_twice(order, "table 7 is also open on Till 2, Asha: one of you pays it.")
        await till.type("")
        assert "table 7 is also open on Till 2, Asha: one of you pays it." in till.text()


async def test_that_another_till_has_the_tab_too_stays_in_sight_and_is_said_again_before_it_is_paid(
    tmp_path: Path,
) -> None:
    async with a_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 7{enter}{f8}{enter}")
        found(till, also_till=2, also_user=2, paid=False)
        await till.type("tea{enter}")
        assert till.rows()[2].startswith("   Order  ▲ also on Till 2  table 7, take away")
        await till.type("{f9}")
        assert till.answer() == "table 7 is also open on Till 2, cashier 2: one of you pays it."
        await till.type("{enter}")
        assert "also on" not in till.text()


@pytest.mark.parametrize(
    ("facts", "flag", "said"),
    [
        ({"paid": True}, "▲ paid on Till 2", "table 7 was paid on Till 2, cashier 2 as well."),
        ({"on_tab": True}, "▲ also on a tab", "table 7 is also on a tab, saved on Till 2, cashier 2"),
    ],
)
async def test_what_became_of_the_other_one_is_in_sight_and_is_said_before_this_one_is_paid(
    tmp_path: Path, facts: dict[str, bool], flag: str, said: str
) -> None:
    async with a_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 7{enter}{f8}{enter}")
        found(till, also_till=2, also_user=2, paid=False)
        found(till, also_till=2, also_user=2, **facts)
        await till.type("tea{enter}")
        assert till.rows()[2].startswith(f"   Order  {flag}  table 7, take away")
        await till.type("{f9}")
        assert said in till.answer()


async def test_the_mark_goes_when_no_other_order_has_the_tab_too(tmp_path: Path) -> None:
    async with a_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 7{enter}{f8}{enter}")
        found(till, also_till=2, also_user=2, paid=False)
        found(till)
        await till.type("tea{enter}")
        assert till.rows()[2].startswith("   Order  table 7, take away")
        await till.type("{f9}")
        assert "also" not in till.text()


@pytest.mark.parametrize("keys", ["", "{f9}"])
async def test_that_it_is_settled_takes_the_place_of_the_warning(tmp_path: Path, keys: str) -> None:
    async with a_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 7{enter}{f8}{enter}" + keys)
        till.app.news.carried_twice(till.order, "table 7 is also open on Till 2, Asha: one of you pays it.")
        till.app.news.carried_once(till.order, "table 7: that it was open twice is settled.")
        await till.type("")
        assert "also open" not in till.text()
        assert "table 7: that it was open twice is settled." in till.text()


async def test_it_is_settled_with_words_alone(tmp_path: Path) -> None:
    async with a_till(tmp_path, store=FakeStore(conflicts=[TWICE])) as till:
        await till.type(MANAGER + "{ctrl+o}{enter}")
        assert "paid twice" in till.text()
        assert "A reason is needed" in till.text()


async def test_a_cashier_is_told_whose_it_is(tmp_path: Path) -> None:
    async with a_till(tmp_path, store=FakeStore(conflicts=[TWICE])) as till:
        await till.type(LOG_IN + "{ctrl+o}")
        assert till.answer() == "Conflicts and records are for a manager: log in as one."


async def test_a_manager_hears_of_them_at_login_and_a_cashier_does_not(tmp_path: Path) -> None:
    async with a_till(tmp_path) as till:
        till.register.light_changed(Light(LightState.SAVED, conflicts=2))
        await till.type(MANAGER)
        assert till.answer() == "2 conflicts about money wait: Ctrl+O."
        await till.type("{f12}" + LOG_IN)
        assert "conflict" not in till.text()


async def test_a_record_that_could_not_be_applied_is_told_shown_and_settled(tmp_path: Path) -> None:
    record = RemoteRecord(7, TWICE.session_id, "The total 41.00 does not add up.", 4_100, 2, MORNING)
    async with a_till(tmp_path, store=FakeStore(records=[record])) as till:
        till.register.light_changed(Light(LightState.ATTENTION, records=1))
        await till.type(MANAGER)
        assert till.answer() == "1 record needs attention: Ctrl+O."
        await till.type("{ctrl+o}")
        text = till.text()
        assert "not applied" in text
        assert "₹41.00" in text
        assert "The total 41.00 does not add up." in text
        await till.type("keyed again{enter}")
        (event,) = [e for e in till.register.journal.unsent(100) if e.type == EventType.QUARANTINE_RESOLVED]
        assert (event.data["quarantine"], event.text("how"), event.user) == (7, "keyed again", 9)


def sold(till: Till, quantity: int = 2) -> str:
    """An order of cashier 1, paid here."""
    item = till.register.lookup.exact("idly")
    assert item is not None
    order = till.register.sales.add(None, 1, Keyed(item, quantity))
    till.register.checkout.pay_exact(order.id, "CASH")
    return order.id


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_where_when_and_by_which_receipt_the_money_was_taken(tmp_path: Path, size: tuple[int, int]) -> None:
    store = FakeStore()
    async with a_till(tmp_path, size, store=store) as till:
        store.conflicts = [replace(TWICE, session_id=sold(till)), replace(TWICE, conflict_id="other", session_id=None)]
        await till.type(MANAGER + "{ctrl+o}")
        assert re.search(r"Paid +Till 1, 10:31, [-0-9A-Za-z]+, ₹80\.00", till.text())
        assert re.search(r"Order +cashier 1, 1 line, ₹80\.00", till.text())
        await till.type("{down}")
        assert "Paid" not in till.text()  # nobody knows more of the second one


async def test_each_receipt_of_a_conflict_stands_once_on_the_screen(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_till(tmp_path, store=store) as till:
        session = sold(till)
        placed = till.register.ledger.order(session).placed
        assert placed is not None
        own = str(placed.data["receipt"])
        store.conflicts = [replace(TWICE, session_id=session, receipts=(own, "2-000008"))]
        await till.type(MANAGER + "{ctrl+o}")
        assert till.text().count(own) == till.text().count("2-000008") == 1
        assert re.search(r"Paid too +2-000008", till.text())  # of another order that the lines were paid with


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_both_sales_that_bear_one_receipt_number_are_there_to_compare(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    store = FakeStore()
    async with a_till(tmp_path, size, store=store) as till:
        first, second = sold(till), sold(till, 3)
        given = till.register.ledger.order(second).placed
        assert given is not None
        twice = replace(
            TWICE, kind="receipt_twice", session_id=second, subject=str(given.data["order_id"]), also=(first,), till=0
        )
        store.conflicts = [twice]
        await till.type(MANAGER + "{ctrl+o}")
        assert store.fetched == [second, first]
        facts = [row.partition("Sale")[2].strip() for row in till.rows() if "Sale" in row]
        assert [fact.partition(", ")[0] for fact in facts] == ["Till 1", "Till 1"]
        assert [fact.rpartition("₹")[2] for fact in facts] == ["80.00", "120.00"]  # the first sale first
        assert "cashier 1, 1 line, ₹120.00" in till.text()
        assert "receipt number given twice  10:31" in till.text()


async def test_whose_till_took_the_money_of_no_order_is_named(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_till(tmp_path, store=store) as till:
        session = sold(till)
        (payment,) = till.register.ledger.order(session).payments.values()
        store.conflicts = [replace(TWICE, kind="payment_without_order", session_id=session, subject=payment.id)]
        await till.type(MANAGER + "{ctrl+o}")
        assert re.search(r"Money +Till 1, 10:31, Cash, ₹80\.00", till.text())


@pytest.mark.parametrize("kind", ["paid_for_more", "payment_without_order", "receipt_twice", "carried_twice"])
async def test_the_time_of_each_kind_stands_beside_it_on_a_wide_screen(tmp_path: Path, kind: str) -> None:
    async with a_till(tmp_path, (120, 36), store=FakeStore(conflicts=[replace(TWICE, kind=kind)])) as till:
        await till.type(MANAGER + "{ctrl+o}")
        assert "Till 2, 10:31" in till.text()


async def test_what_became_of_the_orders_that_carry_the_lines_of_a_tab(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_till(tmp_path, store=store) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 7{enter}")
        tab = till.register.tabs.local()[0].session_id
        await till.type("{f8}{enter}{f9}{enter}{f12}")
        store.fetched.clear()
        store.conflicts = [replace(TWICE, kind="carried_twice", session_id=tab, subject=tab)]
        await till.type(MANAGER + "{ctrl+o}")
        assert re.search(r"Tab +table 7", till.text())
        assert re.search(r"Order +paid, Till 1, 10:31, [-0-9A-Za-z]+, ₹80\.00", till.text())
        assert len(store.fetched) == len(set(store.fetched)) == 2  # each order once


async def test_that_a_conflict_waits_is_said_no_more_when_it_is_settled(tmp_path: Path) -> None:
    async with a_till(tmp_path, store=FakeStore(conflicts=[TWICE])) as till:
        till.register.light_changed(Light(LightState.ATTENTION, detail="1 record needs attention.", conflicts=1))
        await till.type(MANAGER)
        assert till.answer() == "1 conflict about money waits: Ctrl+O."
        await till.type("{ctrl+o}given back{enter}{escape}")
        assert till.answer() != "1 conflict about money waits: Ctrl+O."
        till.register.light_changed(Light(LightState.ATTENTION, detail="2 records need attention."))
        await till.settle()
        assert till.answer() == "2 records need attention."
        till.register.light_changed(Light(LightState.SAVED))
        await till.settle()
        assert till.answer() == ""
