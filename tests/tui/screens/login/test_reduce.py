"""The reducer of the login screen: the state after a key, and the calls to make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.playing import char_of
from till.domain.staff.person import Person, Role
from till.tui.screens.login.scene import LoginScene, PersonFound, PersonRefused, PinRefused, StaffChanged, reduce
from till.tui.screens.login.screen import LoginFacts, LoginState
from till.tui.screens.sell.commands import make_keymap
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.keymap import KeyPress

if TYPE_CHECKING:
    from till.tui.shell.calls import Call

STAFF = (Person(1, "Asha", Role.CASHIER, ""), Person(2, "Ravi", Role.CASHIER, ""))
FACTS = LoginFacts(STAFF, make_keymap())
AT_PIN = LoginState(number=EntryLine.of("1"), asks_pin=True)


def press(state: LoginState, *names: str) -> tuple[LoginState, list[Call[LoginScene, Any]]]:
    asked: list[Call[LoginScene, Any]] = []
    for name in names:
        state, calls = reduce(state, KeyPress(name, char_of(name)), FACTS)
        asked += calls
    return state, asked


def message_of(state: LoginState) -> str:
    return state.message.text if state.message else ""


def test_a_number_is_looked_up_and_then_its_pin_is_asked_for() -> None:
    state, asked = press(LoginState(), "1", "enter")
    assert asked == [call(LoginScene.find_person, 1)]
    assert reduce(state, PersonFound(), FACTS)[0].asks_pin


def test_a_pin_is_checked_and_not_kept() -> None:
    state, asked = press(AT_PIN, *"1111", "enter")
    assert asked == [call(LoginScene.log_in, 1, "1111")]
    assert state.pin.text == ""


@pytest.mark.parametrize(
    ("state", "why"),
    [(LoginState(), "Type your number first, then Enter."), (AT_PIN, "Type your PIN, then Enter.")],
)
def test_enter_on_nothing_says_what_is_missing(state: LoginState, why: str) -> None:
    after, asked = press(state, "enter")
    assert (asked, message_of(after)) == ([], why)


def test_a_letter_is_refused_in_words() -> None:
    state, _asked = press(LoginState(), "x")
    assert (state.number.text, message_of(state)) == ("", "Numbers and PINs are digits.")


def test_esc_clears_the_pin_then_the_number() -> None:
    state, _asked = press(AT_PIN, "1", "escape")
    assert (state.asks_pin, state.pin.text) == (True, "")
    state, _asked = press(state, "escape")
    assert (state.asks_pin, state.number.text) == (False, "")


def test_a_locked_person_can_only_log_out() -> None:
    locked = LoginState(number=EntryLine.of("1"), asks_pin=True, locked=STAFF[0])
    assert press(locked, "escape")[1] == [call(LoginScene.log_out)]
    assert press(locked, "ctrl+q")[1] == []
    assert press(LoginState(), "ctrl+q")[1] == [call(LoginScene.close_till)]


def test_the_staff_are_walked_through_to_the_last() -> None:
    assert press(LoginState(), "down")[0].number.text == "1"
    assert press(LoginState(), "down", "down", "down")[0].number.text == "2"
    assert press(LoginState(), "up")[0].number.text == "1"


def test_a_number_that_is_locked_now_is_asked_for_anew() -> None:
    assert not reduce(AT_PIN, PinRefused("Wrong.", locks=True), FACTS)[0].asks_pin
    assert reduce(AT_PIN, PinRefused("Wrong.", locks=False), FACTS)[0].asks_pin


def test_a_number_that_nobody_had_may_be_somebodys_now() -> None:
    nobody = LoginFacts((), FACTS.keymap)
    state, _calls = reduce(LoginState(number=EntryLine.of("2")), PersonRefused("Nobody has 2."), nobody)
    assert (state.unknown, state.number.text) == (2, "")
    assert message_of(reduce(state, StaffChanged(), nobody)[0]) == "Nobody has 2."
    assert message_of(reduce(state, StaffChanged(), FACTS)[0]) == ""


@pytest.mark.parametrize("state", [LoginState(), AT_PIN])
def test_a_command_of_the_order_says_that_it_waits(state: LoginState) -> None:
    after, asked = press(state, "f9")
    assert (asked, message_of(after)) == ([], "Log in first, then press F9.")
