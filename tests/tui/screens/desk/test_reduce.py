"""Keys at the desk, without a screen."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.tui.playing import char_of, keys
from tests.tui.screens.desk.watching import EVENING, LOCKED, RECORD, TWICE, VENUE, a_picture
from till.administration.acts.orders import Discard, GiveTo, Suspend
from till.administration.acts.people import Unlock
from till.administration.acts.tills import Revoke
from till.administration.acts.waiting import BookSale, SettleConflict, SettleRecord
from till.domain.money.formats import marks_of
from till.domain.order.state import Status
from till.ports.desk import DeskLine
from till.tui.screens.desk.acts import DeskActs
from till.tui.screens.desk.reduce import reduce
from till.tui.screens.desk.state import (
    ActKind,
    DayOpened,
    DeskActDone,
    DeskActRefused,
    DeskFacts,
    DeskList,
    DeskStage,
    DeskState,
    LinesRead,
    entries,
    place_of,
)
from till.tui.screens.desk.written import Written
from till.tui.shell.calls import Call, call
from till.tui.shell.keymap import KeyPress
from till.tui.shell.side_app import make_side_keymap

if TYPE_CHECKING:
    from till.ports.desk import DeskAct

WRITTEN = Written(marks_of(VENUE.settings.locale), "INR")
ASKED = DeskFacts(make_side_keymap(), WRITTEN, a_picture(), now=EVENING, person="Meena", asks_password=True)
OWNER = replace(ASKED, person="", asks_password=False)
NOTHING = replace(OWNER, picture=a_picture(matters=(), orders=(), tills=()))


def pressed(
    script: str, facts: DeskFacts = OWNER, state: DeskState | None = None
) -> tuple[DeskState, list[Call[DeskActs, Any]]]:
    """Press the keys of a script; return the state of the desk and all calls."""
    after, asked = state or DeskState(), list[Call[DeskActs, Any]]()
    for key in keys(script):
        after, calls = reduce(after, KeyPress(key, char_of(key)), facts)
        asked += calls
    return after, asked


def acting(act: DeskAct, password: str = "") -> Call[DeskActs, Any]:
    return call(DeskActs.do, act, password)


def acts(asked: list[Call[DeskActs, Any]]) -> list[Call[DeskActs, Any]]:
    """Return the calls of acts at the server."""
    return [one for one in asked if one.act is DeskActs.do]


def message_of(state: DeskState) -> str:
    return state.message.text if state.message else ""


@pytest.mark.parametrize(
    ("script", "act"),
    [
        ("{enter}given back{enter}", SettleConflict("c1", "given back")),
        ("2{enter}looked at{enter}", SettleRecord(3, "looked at")),
        ("3{enter}{enter}{enter}", Unlock(2)),
        ("{tab}2{enter}{enter}{enter}", Suspend("s2", 2)),
        ("{tab}2{enter}2{enter}02{enter}", GiveTo("s2", 2, 2)),
        ("{tab}2{enter}3{enter}guest left{enter}", Discard("s2", 2, "guest left")),
        ("{tab}3{enter}1{enter}1{enter}", GiveTo("s3", 3, 1)),
        ("{tab}{down}{down}{enter}{down}{enter}left{enter}", Discard("s3", 3, "left")),
        ("{tab}{tab}2{enter}2{enter}2{enter}", Revoke(2)),
    ],
)
def test_every_act_by_its_keys(script: str, act: DeskAct) -> None:
    _state, asked = pressed(script)
    assert asked[-1] == acting(act)
    state, asked = pressed(script, ASKED)
    assert state.step is DeskStage.PROVING
    assert not acts(asked)
    assert pressed("secret {enter}", ASKED, state)[1] == [acting(act, "secret ")]


def test_enter_that_came_twice_puts_no_order_aside_and_opens_no_number() -> None:
    for script in ("{tab}2{enter}{enter}", "3{enter}{enter}"):
        state, asked = pressed(script)
        assert state.step is DeskStage.AGREEING
        assert not acts(asked)
        assert pressed("{escape}", state=state)[0].step is DeskStage.CHOOSING


@pytest.mark.parametrize("word", ["no", "n", "yes", "9"])
def test_enter_behind_a_typed_word_confirms_nothing(word: str) -> None:
    state, asked = pressed("{tab}2{enter}{enter}" + word + "{enter}")
    assert (state.step, acts(asked)) == (DeskStage.AGREEING, [])
    assert state.message is not None
    assert state.message.text == "Enter does it, Esc leaves it."
    assert len(acts(pressed("{enter}", state=state)[1])) == 1
    assert pressed("{escape}", state=pressed("no", state=state)[0])[0].step is DeskStage.CHOOSING


def test_a_record_that_is_a_sale_is_settled_or_booked() -> None:
    sale = dataclasses.replace(RECORD, is_sale=True)
    facts = replace(OWNER, picture=a_picture(matters=(sale,)))
    assert pressed("{enter}{enter}looked at{enter}", facts)[1] == [acting(SettleRecord(3, "looked at"))]
    state, asked = pressed("{enter}2{enter}", facts)
    assert (state.step, asked) == (DeskStage.AGREEING, [])
    assert pressed("{enter}", facts, state)[1] == [acting(BookSale(3))]
    state, _asked = pressed("{enter}2{enter}", replace(ASKED, picture=facts.picture))
    assert state.step is DeskStage.PROVING


def test_an_empty_password_asks_nothing_of_the_server() -> None:
    state, asked = pressed("{enter}given back{enter}{enter}{enter}", ASKED)
    assert (state.step, asked) == (DeskStage.PROVING, [])


def test_nothing_is_settled_or_discarded_without_a_word() -> None:
    for script in ("{enter}{enter}", "{enter}   {enter}", "{tab}2{enter}3{enter} {enter}"):
        state, asked = pressed(script)
        assert state.step is DeskStage.SAYING
        assert not acts(asked)
        assert "reason is needed" in message_of(state)


@pytest.mark.parametrize("typed", ["", "1", "22", "yes", "２"])
def test_a_till_is_shut_out_by_its_number_alone(typed: str) -> None:
    state, asked = pressed("{tab}{tab}2{enter}2{enter}")
    for char in typed:
        state, _calls = reduce(state, KeyPress(char, char), OWNER)
    state, asked = pressed("{enter}", OWNER, state)
    assert (state.step, asked) == (DeskStage.SAYING, [])
    assert message_of(state) == "Type 2 to revoke Till 2, or Esc to leave it."


@pytest.mark.parametrize("typed", ["", "7", "Asha", "0"])
def test_an_order_is_given_to_who_works_here(typed: str) -> None:
    state, asked = pressed("{tab}2{enter}2{enter}" + typed + "{enter}")
    assert state.step is DeskStage.SAYING
    assert not acts(asked)
    assert "No one here has that number" in message_of(state)


def test_an_order_on_a_tab_offers_nothing_and_a_revoked_till_its_days() -> None:
    state, asked = pressed("{tab}1{enter}")
    assert (state.step, asked) == (DeskStage.LOOKING, [])
    assert "F8" in message_of(state)
    first, *others = a_picture().tills
    out = replace(OWNER, picture=a_picture(tills=(dataclasses.replace(first, revoked=True), *others)))
    state, asked = pressed("{tab}{tab}1{enter}", out)
    assert (state.step, state.act, asked) == (DeskStage.SAYING, ActKind.DAY, [])


@pytest.mark.parametrize(
    ("typed", "asked_for"),
    [("", "2026-03-03"), ("yesterday", "yesterday"), ("2026-02-27", "2026-02-27"), ("0", "0")],
)
def test_a_till_s_day_is_asked_for_without_a_password(typed: str, asked_for: str) -> None:
    state, _asked = pressed("{tab}{tab}2{enter}{enter}", ASKED)
    assert (state.entry.text, state.entry.is_offered) == ("2026-03-03", True)
    state, asked = pressed(typed + "{enter}", ASKED, state)
    assert asked == [call(DeskActs.open_day, 2, asked_for)]
    state, _calls = reduce(state, DeskActRefused("That is not a date."), ASKED)
    assert (state.step, state.entry.text, message_of(state)) == (DeskStage.SAYING, asked_for, "That is not a date.")
    state, _calls = reduce(state, DayOpened(), ASKED)
    assert (state.step, state.listed) == (DeskStage.LOOKING, DeskList.TILLS)


def test_esc_goes_back_one_step_and_keeps_what_was_typed() -> None:
    state, _asked = pressed("{tab}2{enter}3{enter}guest left{enter}", ASKED)
    state, _asked = pressed("{escape}", ASKED, state)
    assert (state.step, state.entry.text, state.entry.is_offered) == (DeskStage.SAYING, "guest left", True)
    state, _asked = pressed("{escape}", ASKED, state)
    assert (state.step, state.act, state.entry.text) == (DeskStage.CHOOSING, None, "")
    state, _asked = pressed("{escape}", ASKED, state)
    assert (state.step, state.subject, state.listed) == (DeskStage.LOOKING, None, DeskList.ORDERS)
    assert place_of(state, ASKED.picture) == 1


def test_a_wrong_password_is_asked_again_and_never_stands_there() -> None:
    state, _asked = pressed("{enter}given back{enter}wrong{enter}", ASKED)
    assert state.entry.text == ""
    state, _calls = reduce(state, DeskActRefused("No.", secret=True), ASKED)
    assert (state.step, state.entry.text, state.given, message_of(state)) == (
        DeskStage.PROVING,
        "",
        "given back",
        "No.",
    )


def test_a_refusal_of_the_server_leads_back_to_what_was_typed() -> None:
    state, _asked = pressed("{enter}given back{enter}right{enter}", ASKED)
    state, _calls = reduce(state, DeskActRefused("Settled before."), ASKED)
    assert (state.step, state.entry.text, message_of(state)) == (DeskStage.SAYING, "given back", "Settled before.")
    state, _asked = pressed("3{enter}{enter}right{enter}", ASKED)
    state, _calls = reduce(state, DeskActRefused("No such number."), ASKED)
    assert (state.step, state.act, message_of(state)) == (DeskStage.CHOOSING, None, "No such number.")


def test_a_finished_act_is_reported_over_the_lists() -> None:
    state, _asked = pressed("{enter}given back{enter}")
    state, _calls = reduce(state, DeskActDone("Settled. It is in the log."), OWNER)
    assert (state.step, state.subject, message_of(state)) == (DeskStage.LOOKING, None, "Settled. It is in the log.")


def test_the_subject_of_an_act_does_not_slip_when_the_venue_moves() -> None:
    state, _asked = pressed("2{enter}looked at")
    moved = replace(OWNER, picture=a_picture(matters=(LOCKED,)))
    _state, asked = pressed("{enter}", moved, state)
    assert asked == [acting(SettleRecord(3, "looked at"))]


def test_the_mark_stays_on_its_entry_and_takes_the_next_when_that_goes() -> None:
    state, _asked = pressed("2")
    assert place_of(state, a_picture(matters=(LOCKED, TWICE, RECORD))) == 2
    assert place_of(state, a_picture(matters=(TWICE, LOCKED))) == 1
    assert place_of(state, a_picture(matters=(TWICE,))) == 0
    assert place_of(state, a_picture(matters=())) is None


def test_lists_go_round() -> None:
    assert [pressed("{tab}" * times)[0].listed for times in range(4)] == [*DeskList, DeskList.NEEDS]
    assert pressed("{shift+tab}")[0].listed is DeskList.TILLS


def test_a_key_that_does_nothing_says_what_does() -> None:
    assert message_of(pressed("x{enter}")[0]).startswith("Try “86 vada” or")
    assert message_of(pressed("7")[0]) == "There is no 7 in this list."
    assert "F9 does nothing here" in message_of(pressed("{f9}")[0])
    assert message_of(pressed("{tab}2{enter}x")[0]).startswith("A number chooses")
    assert message_of(pressed("{enter}", NOTHING)[0]).startswith("Nothing is marked")
    assert message_of(pressed("{up}{down}{pagedown}", NOTHING)[0]).startswith("PgDn does nothing here")


def test_the_lines_of_an_order_come_after_it_was_opened() -> None:
    state, asked = pressed("{tab}2{enter}")
    assert asked == [call(DeskActs.read_lines, "s2")]
    lines = (DeskLine("Idly", 2, "80.00"),)
    assert reduce(state, LinesRead("s2", lines), OWNER)[0].lines == lines
    assert reduce(state, LinesRead("s4", lines), OWNER)[0].lines == ()
    assert reduce(DeskState(), LinesRead("s2", lines), OWNER)[0].lines == ()


def test_help_and_closing() -> None:
    assert pressed("?")[0].step is DeskStage.HELPING
    assert pressed("{f1}{escape}")[0].step is DeskStage.LOOKING
    assert pressed("{f1}x{enter}")[0].step is DeskStage.LOOKING
    no_key, no_text = "F9 does nothing here. F1 lists the keys.", "Nothing is typed here. Esc: back."
    for typed, why in (("x", no_text), ("{f9}", no_key)):
        helping = pressed("{f1}" + typed)[0]
        assert (helping.step, helping.message and helping.message.text) == (DeskStage.HELPING, why)
        assert pressed("{f1}" + typed + "{escape}")[0].message is None
    assert pressed("{enter}what?")[0].entry.text == "what?"
    for script in ("{ctrl+q}", "{enter}{ctrl+q}", "{f1}{ctrl+q}"):
        assert pressed(script)[1] == [call(DeskActs.close)]


def test_a_click_marks_and_a_second_one_opens() -> None:
    state, _calls = reduce(DeskState(), KeyPress("click orders", place=1), OWNER)
    assert (state.listed, place_of(state, OWNER.picture), state.step) == (DeskList.ORDERS, 1, DeskStage.LOOKING)
    state, _calls = reduce(state, KeyPress("click orders", place=1), OWNER)
    assert state.step is DeskStage.CHOOSING
    state, calls = reduce(state, KeyPress("click choices", place=2), OWNER)
    assert (state.choice, calls) == (2, ())
    state, calls = reduce(state, KeyPress("click choices", place=2), OWNER)
    assert (state.step, calls) == (DeskStage.SAYING, ())
    assert reduce(state, KeyPress("click needs", place=0), OWNER) == (state, ())
    assert reduce(DeskState(), KeyPress("click needs", place=99), OWNER) == (DeskState(), ())


def test_a_record_of_an_order_that_waits_for_somebody_offers_no_putting_aside() -> None:
    waiting = entries(OWNER.picture, DeskList.ORDERS)[2]
    assert getattr(waiting, "status", None) is Status.PENDING_LOGOUT
    _state, asked = pressed("{tab}3{enter}3{enter}")
    assert not acts(asked)


_KEYS = st.lists(
    st.sampled_from(["tab", "enter", "escape", "up", "down", "1", "2", "3", "9", "x", "backspace", "f1", "paste"]),
    max_size=30,
)
_FACTS = st.sampled_from([OWNER, ASKED, NOTHING, replace(OWNER, picture=None)])


@given(_KEYS, st.lists(_FACTS, min_size=1, max_size=3))
def test_desk_keeps_its_place_during_updates(script: list[str], venues: list[DeskFacts]) -> None:
    state = DeskState()
    for place, key in enumerate(script):
        facts = venues[place % len(venues)]
        press = KeyPress("paste", paste="a\x1b[2J\nb") if key == "paste" else KeyPress(key, char_of(key))
        state, calls = reduce(state, press, facts)
        assert "\x1b" not in state.entry.text
        assert (state.subject is None) == (state.step in {DeskStage.LOOKING, DeskStage.HELPING})
        assert state.subject is not None or not acts(list(calls))
    state, _asked = pressed("{escape}" * 4, OWNER, state)
    assert state.step is DeskStage.LOOKING


@pytest.mark.parametrize("script", ["7{enter}", "{tab}2{enter}7{enter}", "{tab}2{enter}0{enter}{enter}"])
def test_enter_behind_a_number_that_nothing_has_does_nothing(script: str) -> None:
    state, asked = pressed(script)
    assert message_of(state).startswith("There is no ")
    assert not acts(asked)
    assert state.step is (DeskStage.LOOKING if script == "7{enter}" else DeskStage.CHOOSING)
    again, _asked = pressed("{down}{up}{enter}", state=state)
    assert not message_of(again).startswith("There is no ")


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("", "One moment, the venue is still being read. Then F2 again."),
        ("The database does not answer.", "The server is offline: no reports now."),
    ],
)
def test_reports_before_the_first_look_are_refused_with_the_reason(trouble: str, message: str) -> None:
    state, calls = reduce(DeskState(), KeyPress("f2"), replace(ASKED, picture=None, trouble=trouble))
    assert (state.message and state.message.text, calls) == (message, ())
