"""Keys and answers of the reports without a screen: what is asked for, and which answers come too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.screens.report.reporting import EVENING, PARTS, VENUE, behind, found_of
from till.domain.structs import replace
from till.reports.declared import DAY, FUNNEL, SALES
from till.reports.report import Span
from till.tui.screens.report.scene import ask, reduce
from till.tui.screens.report.state import Labels, Level, NotRead, OrdersRead, PartsRead, Read, ReportFacts, ReportState
from till.tui.screens.report.words import ReportRequest
from till.tui.shell.keymap import KeyPress
from till.tui.shell.side_app import make_side_keymap

if TYPE_CHECKING:
    from till.tui.screens.report.state import ReportOutcome

TODAY = Span(VENUE.business_date(EVENING), VENUE.business_date(EVENING))
FACTS = ReportFacts(make_side_keymap(), Labels())
ITEMS = ReportRequest(SALES, "today", "items")


def after(state: ReportState, *events: KeyPress | ReportOutcome | str) -> tuple[ReportState, list[str]]:
    """Return the state after keys (by name, or a character) and answers, and the calls that were made."""
    made: list[str] = []
    for event in events:
        press = KeyPress(event, event if len(event) == 1 else "") if isinstance(event, str) else event
        state, calls = reduce(state, press, FACTS)
        made += [call.act.__name__ for call in calls]
    return state, made


def shown(wanted: ReportRequest = ITEMS) -> ReportState:
    state, _calls = ask(ReportState(), wanted)
    return after(state, Read(1, found_of(wanted.report, TODAY)))[0]


def test_a_report_is_shown_at_the_part_that_was_asked_for() -> None:
    state = shown()
    assert state.table is not None
    assert (state.table.section.name, state.level, state.awaited) == ("items", Level.ROWS, None)


@pytest.mark.parametrize("key", ["x", "tab", "shift+tab", "escape"])
def test_the_orders_of_a_row_that_was_left_come_too_late(key: str) -> None:
    state, made = after(shown(), "enter")
    assert (state.awaited, made) == (Level.ORDERS, ["read_orders"])
    ticket = state.ticket
    state, _made = after(state, key, OrdersRead(ticket, (behind(1),)))
    assert (state.level, state.orders, state.awaited) == (Level.ROWS, (), None)


def test_a_click_on_another_row_leaves_the_orders_of_the_first() -> None:
    state, _made = after(shown(), "enter")
    ticket = state.ticket
    state, _made = after(state, KeyPress("click rows", place=3), OrdersRead(ticket, (behind(1),)))
    assert (state.level, state.marks[0]) == (Level.ROWS, 3)
    state, made = after(state, KeyPress("click rows", place=3))
    assert (state.awaited, made) == (Level.ORDERS, ["read_orders"])


def test_another_report_makes_the_one_under_way_too_late() -> None:
    state, made = after(shown(), "f5", "f3")
    assert made == ["read", "read"]
    assert state.wanted.report.name == "tax"
    late, _made = after(state, Read(2, found_of(SALES, TODAY)))
    assert late == state
    state, _made = after(state, Read(3, found_of(FUNNEL, TODAY)))
    assert state.found is not None
    assert (state.found.report, state.awaited) == (FUNNEL, None)


def test_a_report_that_was_not_read_leaves_the_one_that_is_shown() -> None:
    state, _made = after(shown(), *"9999", "escape", "f3", NotRead(2, "No."))
    assert (state.wanted, state.message and state.message.text) == (ITEMS, "No.")
    state, made = after(state, "f5")
    assert (state.wanted, made) == (ITEMS, ["read"])


def test_reading_again_keeps_part_and_mark() -> None:
    state, _made = after(shown(), "down", "down", "f5")
    state, _made = after(state, Read(state.ticket, found_of(SALES, TODAY)))
    assert (state.marks[0], state.table and state.table.section.name) == (2, "items")


def test_keys_for_a_list_that_is_still_to_come_wait_for_it() -> None:
    state, made = after(shown(), "enter", "down", "enter", "down")
    assert (made, len(state.ahead)) == (["read_orders"], 3)
    state, made = after(state, OrdersRead(state.ticket, (behind(1), behind(2))))
    assert (made, state.marks[1], state.awaited) == (["read_parts"], 1, Level.PARTS)
    state, made = after(state, PartsRead(state.ticket, PARTS))
    assert (made, state.level, state.marks[2]) == ([], Level.PARTS, 1)


def test_a_row_of_acts_leads_to_orders_and_one_that_was_not_paid_says_so() -> None:
    state, made = after(shown(ReportRequest(DAY, "today", "steps")), "enter")
    assert made == ["read_orders"]
    state, _made = after(state, OrdersRead(state.ticket, (replace(behind(1), order=""),)))
    state, made = after(state, "enter")
    assert (made, state.message and state.message.text) == (
        [],
        "It was not paid: `till sessions` shows its lines.",
    )


def test_a_search_without_a_row_says_so() -> None:
    state, made = after(shown(ReportRequest(DAY, "today", "steps")), *"pizza", "enter")
    assert (made, state.message and state.message.text) == ([], "Nothing here matches “pizza”. F1 lists the words.")
    assert state.entry.is_offered


def test_typed_text_finds_a_row_or_asks_for_days() -> None:
    state, made = after(shown(), *"rava", "enter")
    assert (made, state.marks[0]) == (["read_orders"], 3)
    state, made = after(shown(), *"last week", "enter")
    assert (made, state.wanted) == (["read"], ReportRequest(SALES, "last week", "items"))


def test_a_key_that_the_help_does_not_know_says_so() -> None:
    helping, _made = after(shown(), "f1")
    for key, why in (("x", "Nothing is typed here. Esc: back."), ("f9", "F9 does nothing here. F1 lists the keys.")):
        state, made = after(helping, key)
        assert (state.helps, made, state.message and state.message.text) == (0, [], why)
        assert after(state, "escape")[0].message is None
