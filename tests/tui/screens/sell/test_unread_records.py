"""An order with an unreadable record: shown, refused, skipped by a manager, paid without it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.domain.making import Hand, forged
from tests.tui.playing import LOG_IN, Till, a_till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.test_news import comes
from till.cli.demo_venue import DEMO
from till.domain.order.events import RecordSetAside
from till.domain.till.events import LoginRefused
from till.ports import Received
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.sheets.approval import ManagerSheet

if TYPE_CHECKING:
    from pathlib import Path

    from till.domain.events.envelope import Event

SIZES = [(80, 24), (120, 36)]
REFUSED = "Update this till, or Ctrl+U: a manager skips the record."
SET_ASIDE = "Skipped. Now it can be paid; a manager will check it."


def from_till_2(till: Till, *, line: str = "late", **changes: object) -> Event:
    """Return a line that till 2 keyed on the order on the screen, with a fault or in a newer format."""
    hand = Hand(2, start=till.clock.now())
    hand.knows(*till.journal.events_of(till.order.id))
    event = hand.added(line, 1, "80.00")
    return forged(event, store_id=DEMO.store_id, stream_id=till.order.id, **changes)


def comma(till: Till, line: str = "late") -> Event:
    """Return such a line whose price is no amount."""
    data = json.loads(from_till_2(till, line=line).body)["data"]
    return from_till_2(till, line=line, data={**data, "price": "80,00"})


async def does_not_read(till: Till, *events: Event) -> None:
    """Receive such records on the order on the screen."""
    await comes(till, till.order.id, [Received(1, event) for event in events])


async def keyed(till: Till) -> Event:
    """Key an order of 2 idly with an unreadable record, and return the record."""
    await till.type(LOG_IN + "2 idly{enter}")
    event = comma(till)
    await does_not_read(till, event)
    return event


@pytest.mark.parametrize("size", SIZES)
async def test_manager_skips_an_unread_record_in_place(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_till(tmp_path, size) as till:
        event = await keyed(till)
        session = till.order.id
        assert till.rows()[2].startswith("   Order  ▲ 1 record cannot be read  take away")
        await till.type("{f9}")
        assert till.answer() == REFUSED
        assert REFUSED in " ".join(till.text().split())  # none of it is cut off
        assert not isinstance(till.scene, PayScene)
        await till.type("{ctrl+u}")
        text = " ".join(till.text().split())
        assert "item_added" in text
        assert "Till 2, 03/03/2026 10:31" in text
        assert "A manager's number, then Enter." in text
        await till.type("9{enter}9999")
        assert "9999" not in till.text()
        assert "PIN      ●  ●  ●  ●" in till.text()
        await till.type("{enter}")
        assert till.answer() == SET_ASIDE
        assert not till.app.controller.sheets
        assert till.rows()[2].startswith("   Order  take away")
        await till.type("{f9}{enter}")
        assert till.answer() == "Paid ₹80.00, exact."
        placed = till.register.ledger.order(session).placed
        assert placed is not None
        assert placed.data.set_aside == (event.id,)
        records = [one.data for one in till.journal.events_of(session) if isinstance(one.data, RecordSetAside)]
        assert records == [RecordSetAside(event=event.id, approved_by=9)]
        assert till.register.access.person is not None
        assert till.register.access.person.number == 1  # the cashier is still logged in


async def test_a_type_that_this_till_does_not_know_waits_too(tmp_path: Path) -> None:
    async with a_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        await does_not_read(till, from_till_2(till, type="points_given", data={"points": 3}))
        assert till.rows()[2].startswith("   Order  ▲ 1 record cannot be read  take away")
        await till.type("{f9}")
        assert till.answer() == REFUSED
        await till.type("{ctrl+u}")
        assert "points_given" in till.text()


@pytest.mark.parametrize("phrase", ["pay", "cash 500", "card"])
async def test_a_payment_in_words_is_refused_alike(tmp_path: Path, phrase: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        await keyed(till)
        await till.type(phrase + "{enter}")
        assert till.answer() == REFUSED
        assert till.order.payments == {}


@pytest.mark.parametrize("size", SIZES)
async def test_one_that_comes_while_money_is_taken_stops_it(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_quiet_till(tmp_path, size, typed=LOG_IN + "2 idly{enter}{f9}") as till:
        await does_not_read(till, comma(till))
        await till.type("{enter}")
        assert till.answer() == "Update this till. Or Esc, then Ctrl+U: a manager skips it."
        assert all(word in till.text().split() for word in till.answer().split())  # none of it is cut off
        assert till.order.payments == {}
        await till.type("{escape}{ctrl+u}9{enter}9999{enter}{f9}{enter}")
        assert till.answer() == "Paid ₹80.00, exact."


@pytest.mark.parametrize(
    ("number", "message"),
    [("1", "That needs a manager."), ("77", "Nobody here has that number."), ("x", "A staff number is digits only.")],
)
async def test_a_number_of_no_manager_is_refused_and_another_typed(tmp_path: Path, number: str, message: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        await keyed(till)
        await till.type("{ctrl+u}" + number + "{enter}")
        assert till.answer() == message
        assert till.typed() == ""  # it may be a PIN: it stays on no screen
        assert "A manager's number, then Enter." in till.text()
        await till.type("9{enter}9999{enter}")
        assert till.answer() == SET_ASIDE


@pytest.mark.parametrize("typed", ["9 9999", "99999", "9  9999"])
async def test_number_and_pin_may_be_typed_in_one_go(tmp_path: Path, typed: str) -> None:
    async with a_drawn_till(tmp_path) as till:
        await keyed(till)
        await till.type("{ctrl+u}" + typed)
        assert "9999" not in till.text()
        await till.type("{enter}")
        assert till.answer() == SET_ASIDE


async def test_a_wrong_pin_typed_with_its_number_is_asked_for_again(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path) as till:
        await keyed(till)
        await till.type("{ctrl+u}9 4321{enter}")
        assert till.answer() == "Wrong PIN for number 9. Try again."
        await till.type("9999{enter}")
        assert till.answer() == SET_ASIDE


@pytest.mark.parametrize("pin", ["4321", "43", "9999", "1111"])
async def test_a_pin_in_the_number_field_is_never_shown(tmp_path: Path, pin: str) -> None:
    async with a_drawn_till(tmp_path) as till:
        await keyed(till)
        await till.type("{ctrl+u}" + pin)
        assert pin not in till.text()
        await till.type("{enter}")
        assert (till.answer(), till.typed()) == ("Nobody here has that number.", "")


async def test_a_wrong_pin_counts_and_the_fifth_locks(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await keyed(till)
        await till.type("{ctrl+u}9{enter}4321{enter}")
        assert till.answer() == "Wrong PIN for number 9. Try again."
        assert till.typed() == ""
        assert "Nothing changes until the PIN is right." in till.text()
        await till.type("4321{enter}" * 4)
        assert till.answer() == "Wrong PIN five times: no approval here until 10:36."
        await till.type("9999{enter}")
        assert till.answer() == "Five wrong PINs: no approval here until 10:36."
        refused = [one.data for one in till.journal.unsent(100) if isinstance(one.data, LoginRefused)]
        assert [(one.user, one.locked) for one in refused] == [(9, False)] * 5
        assert till.order.waits_for_manager
        await till.type("{escape}{ctrl+u}9{enter}")
        assert till.answer() == "Five wrong PINs: no approval here until 10:36."
        await till.type("{escape}{f12}9{enter}9999{enter}")
        assert "Wrong" not in till.text()
        assert till.register.access.person is not None, "the manager can still log in"
        assert till.register.access.person.number == 9


async def test_a_right_pin_forgets_the_wrong_ones(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        for line in ("late", "later"):
            till.clock.pass_by(seconds=5)
            await does_not_read(till, comma(till, line))
            await till.type("{ctrl+u}9{enter}" + "4321{enter}" * 4 + "9999{enter}")
            assert till.answer() == SET_ASIDE
            assert not till.order.waits_for_manager


@pytest.mark.parametrize("keys", ["{escape}", "9{escape}", "9{enter}{escape}", "9{enter}99{escape}"])
async def test_esc_goes_back_and_nothing_changes(tmp_path: Path, keys: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        await keyed(till)
        seq = till.journal.head.seq
        await till.type("{ctrl+u}" + keys)
        assert not till.app.controller.sheets
        assert till.journal.head.seq == seq
        assert till.lines() == {"Idly": 2}
        assert till.typed() == ""


async def test_each_record_is_looked_at_by_itself(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        first = comma(till)
        await does_not_read(till, first)
        till.clock.pass_by(seconds=5)
        await does_not_read(till, comma(till, "later"))
        assert till.rows()[2].startswith("   Order  ▲ 2 records cannot be read  take away")
        await till.type("{ctrl+u}9{enter}9999{enter}")
        assert till.answer() == "Skipped. 1 more record cannot be read."
        assert till.rows()[2].startswith("   Order  ▲ 1 record cannot be read  take away")
        await till.type("set aside{enter}9{enter}9999{enter}")
        assert till.answer() == SET_ASIDE


async def test_key_says_that_every_record_reads(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{ctrl+u}") as till:
        assert till.answer() == "Nothing to skip: every record of this order is read."
        await till.type("{f12}" + LOG_IN + "{escape}tea{ctrl+u}")
        assert till.typed() == ""  # in a typed line the key takes off what stands before the cursor
        await till.type("2 idly{enter}{f6}12{ctrl+u}")
        assert till.typed() == ""
        assert till.selling().is_asking


async def test_an_order_that_is_taken_meanwhile_is_not_touched(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await keyed(till)
        session, seq = till.order.id, till.journal.head.seq
        await till.type("{ctrl+u}9{enter}")
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        await till.type("9999{enter}")
        assert not isinstance(till.app.controller.top, ManagerSheet)
        assert till.journal.head.seq == seq


@pytest.mark.parametrize("size", SIZES)
async def test_help_and_commands_list_the_key(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size) as till:
        await keyed(till)
        await till.type("{f1}")
        await till.type("{pagedown}{pagedown}{pagedown}")
        assert "Ctrl+U or Shift+F7 Skip a record for a manager" in " ".join(till.text().split())
        await till.type("{escape}{ctrl+p}skip")
        assert any("Ctrl+U" in row and "Skip an unreadable record" in row for row in till.rows())
        await till.type("{enter}")
        assert isinstance(till.app.controller.top, ManagerSheet)
