"""A guest's preferences: noted by a word or on Ctrl+F, shown under the lines of the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, FakeStore, elsewhere, row_of
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.domain.order.events import PreferenceSet
from till.domain.order.state import Customer
from till.ports import RemoteCustomer

if TYPE_CHECKING:
    from pathlib import Path

RAO = "6ba7b811-9dad-41d1-80b4-00c04fd430c8"
SIZES = [(80, 24), (120, 36)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("keys", ["allergy nuts{enter}", "{ctrl+f}allergic to nuts{enter}"])
async def test_an_allergy_is_noted_and_stands_under_the_lines(tmp_path: Path, size: tuple[int, int], keys: str) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore(), typed=LOG_IN + "2 idly{enter}" + keys) as till:
        assert till.answer() == "What Idly contains is not stated. For this order: Allergy: nuts."
        assert any("▲ Allergy: nuts" in row for row in till.rows())
        assert till.lines() == {"Idly": 2}
        event = till.journal.events_of(till.order.id)[-1]
        assert isinstance(event.data, PreferenceSet)
        assert (event.data.name, event.data.value, "nuts" in event.body) == ("allergy", "nuts", False)
        await till.type("{ctrl+f}")
        assert "Allergy: nuts" in till.text()


async def test_allergies_add_up_and_each_can_be_undone(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "idly{enter}allergy nuts{enter}allergic to milk{enter}prefers oat milk{enter}")
        assert till.order.preferences == {"allergy": "nuts, milk", "prefers": "oat milk"}
        assert till.answer() == "For this order: Allergy: nuts, milk; Prefers: oat milk."
        await till.type("{ctrl+z}")
        assert till.order.preferences == {"allergy": "nuts, milk"}
        assert till.answer() == "For this order: Allergy: nuts, milk."
        await till.type("{ctrl+z}")
        assert till.order.preferences == {"allergy": "nuts"}
        await till.type("no allergy{enter}")
        assert till.order.preferences == {}
        assert till.answer() == "For this order: no preference."
        await till.type("allergy{enter}")
        assert till.answer() == "Type what: “allergy nuts”, or “prefers oat milk”."


async def test_an_allergy_that_was_cleared_twice_is_back_by_one_undo(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "idly{enter}allergy nuts{enter}no allergy{enter}no allergy{enter}")
        assert till.order.preferences == {}
        assert till.answer() == "For this order: no preference."
        await till.type("{ctrl+z}")
        assert till.order.preferences == {"allergy": "nuts"}
        assert till.answer() == "For this order: Allergy: nuts."


@pytest.mark.parametrize("size", SIZES)
async def test_pay_shows_the_allergy_and_the_note_before_money_is_taken(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}prefers oat milk{enter}allergy nuts{enter}")
        till.register.sales.note(till.order.id, "birthday")
        await till.type("{f9}")
        shown = ("▲ Allergy: nuts", "▲ Prefers: oat milk", "Note: birthday")
        assert [
            next(one for one in shown if one in row) for row in till.rows() if any(one in row for one in shown)
        ] == [*shown]


async def test_a_customer_with_an_allergy_on_record_brings_it_to_the_order(tmp_path: Path) -> None:
    known = {"Allergies": "nuts", "spice": "hot"}
    store = FakeStore(guests=[RemoteCustomer(RAO, "Mrs Rao", "+919845012345", 3, known, ())])
    async with a_quiet_till(tmp_path, store=store) as till:
        await till.type(LOG_IN + "2 idly{enter}allergy milk{enter}{ctrl+f}rao{enter}{enter}")
        assert till.order.customer == Customer(RAO, "Mrs Rao")
        assert till.order.preferences == {"allergy": "milk, nuts"}
        assert till.answer() == "For this order: Allergy: milk, nuts."
        await till.type("{ctrl+f}rao{enter}{enter}")
        assert till.order.preferences == {"allergy": "milk, nuts"}, "it is on it"


@pytest.mark.parametrize("size", SIZES)
async def test_f5_and_f8_show_the_allergy_and_the_note(tmp_path: Path, size: tuple[int, int]) -> None:
    order, _events = elsewhere(tmp_path, ("Idly", 2))
    words = (("prefers", "oat milk"), ("allergy", "nuts"), ("note", "birthday"))
    there = row_of(order, tab_id=RAO, tab_name="table 3", words=words)
    waits = row_of(order, till=None, status="pending_logout", holder=0, words=words)
    async with a_drawn_till(tmp_path, size, store=FakeStore(sessions=[waits], tabs=[there])) as till:
        await till.type(LOG_IN + "{f5}")
        assert "▲ Allergy: nuts" in till.text()
        await till.type("{escape}{f8}3")
        assert "▲ Allergy: nuts" in till.text()
        assert "Note: birthday" in till.text()
        await till.type("{escape}{escape}tea{enter}allergy milk{enter}tab 5{enter}{f8}5")
        assert "▲ Allergy: milk" in till.text()
