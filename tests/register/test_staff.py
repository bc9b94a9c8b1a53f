from datetime import timedelta

import pytest

from tests.register.conftest import STAFF, Till
from till.domain.errors import ConfigError, LoginError
from till.domain.order.state import Status
from till.domain.staff.events import LoggedIn
from till.domain.till.events import LoginRefused


def _try(till: Till, number: int, pin: str) -> str:
    """Log in once; return the refusal, or an empty string."""
    access = till.register.access
    try:
        person = access.find(number)
        if not access.verify(person, pin):
            raise access.refuse(person)
        access.admit(person)
    except LoginError as refused:
        return refused.sentence
    return ""


def test_the_right_pin_opens(till: Till) -> None:
    assert _try(till, 2, "2222") == ""
    assert till.register.access.person is not None
    assert (till.register.access.person.name, till.register.ledger.user) == ("Asha", 2)
    assert till.wrote(LoggedIn) == [LoggedIn(user=2)]
    assert (till.types(), till.journal.own[-1].user) == (["logged_in"], 2)


@pytest.mark.parametrize(
    ("number", "pin", "sentence"),
    [
        (7, "1111", "Nobody here has that number."),
        (3, "3333", "Nobody here has that number."),  # disabled
        (1, "2222", "Wrong PIN for number 1. Try again."),
        (4, "", "Wrong PIN for number 4. Try again."),  # has none yet
    ],
)
def test_a_wrong_login_says_why(till: Till, number: int, pin: str, sentence: str) -> None:
    assert _try(till, number, pin) == sentence
    assert till.register.access.person is None


def test_five_wrong_pins_lock_the_number_for_five_minutes(till: Till) -> None:
    for _wrong in range(4):
        assert _try(till, 1, "0000") == "Wrong PIN for number 1. Try again."
    assert _try(till, 1, "0000") == "Wrong PIN five times: number 1 is locked until 10:36."
    assert _try(till, 1, "1111") == "Number 1 is locked until 10:36."
    assert _try(till, 2, "2222") == ""
    assert [one.locked for one in till.wrote(LoginRefused)] == [False] * 4 + [True]
    till.clock.move(minutes=5)
    assert _try(till, 1, "1111") == ""


def _approve(till: Till, number: int, pin: str) -> str:
    """Approve an act of the user once; return the refusal, or an empty string."""
    access = till.register.access
    try:
        person = access.find_approver(number)
        if not access.verify(person, pin):
            raise access.refuse_approval(person)
        access.approved()
    except LoginError as refused:
        return refused.sentence
    return ""


def test_wrong_pins_for_approvals_lock_the_cashier_who_asks_and_nobody_else(till: Till) -> None:
    _try(till, 1, "1111")
    for _wrong in range(4):
        assert _approve(till, 2, "0000") == "Wrong PIN for number 2. Try again."
    assert _approve(till, 2, "0000") == "Wrong PIN five times: no approval here until 10:36."
    assert _approve(till, 2, "2222") == "Five wrong PINs: no approval here until 10:36."
    till.start()
    _try(till, 1, "1111")
    assert _approve(till, 2, "2222") == "Five wrong PINs: no approval here until 10:36.", "it outlives a restart"
    assert _try(till, 2, "2222") == "", "that number can log in"
    assert _approve(till, 1, "1111") == "", "another user's approvals go on"
    _try(till, 1, "1111")
    till.clock.move(minutes=5)
    assert _approve(till, 2, "2222") == ""
    refused = [(one.user, one.data.locked) for one in till.journal.own if isinstance(one.data, LoginRefused)]
    assert refused == [(1, False)] * 5, "the log names who asked, and no other till locks the number"


def test_a_number_that_is_locked_for_logins_still_approves(till: Till) -> None:
    _try(till, 1, "1111")
    for _wrong in range(5):
        _try(till, 2, "0000")
    assert _approve(till, 2, "2222") == ""


def test_a_right_approval_forgets_the_wrong_ones(till: Till) -> None:
    _try(till, 1, "1111")
    for _round in range(3):
        for _wrong in range(4):
            _approve(till, 2, "0000")
        assert _approve(till, 2, "2222") == ""


def test_a_lock_outlives_a_restart(till: Till) -> None:
    for _wrong in range(3):
        _try(till, 1, "0000")
    till.start()
    for _wrong in range(2):
        _try(till, 1, "0000")
    till.start()
    assert _try(till, 1, "1111") == "Number 1 is locked until 10:36."


def test_a_lock_that_the_database_knows_of_is_lifted_by_a_manager(till: Till) -> None:
    for _wrong in range(5):
        _try(till, 1, "0000")
    until = (till.clock.now() + timedelta(minutes=5)).isoformat()
    till.journal.acknowledge(till.journal.head)
    till.journal.cache("staff", 2, {"staff": [STAFF["staff"][0] | {"locked_until": until}]})
    assert _try(till, 1, "1111") == "Number 1 is locked until 10:36."
    till.journal.cache("staff", 3, {"staff": [STAFF["staff"][0] | {"locked_until": None}]})
    assert _try(till, 1, "1111") == ""


def test_a_right_pin_forgets_the_wrong_ones(till: Till) -> None:
    for _round in range(3):
        for _wrong in range(4):
            _try(till, 1, "0000")
        assert _try(till, 1, "1111") == ""


def test_a_lock_of_another_till_counts_here(till: Till) -> None:
    until = (till.clock.now() + timedelta(minutes=3)).isoformat()
    till.journal.cache("staff", 2, {"staff": [STAFF["staff"][0] | {"locked_until": until}]})
    assert _try(till, 1, "1111") == "Number 1 is locked until 10:34."
    till.clock.move(minutes=3)
    assert _try(till, 1, "1111") == ""


def test_a_damaged_staff_list_is_reported_and_lets_nobody_in(till: Till) -> None:
    till.journal.cache("staff", 2, {"staff": [{"number": 1}]})
    with pytest.raises(ConfigError, match="The list of staff cannot be read"):
        till.register.access.find(1)


def test_a_logout_keeps_the_order_and_clears_a_blank_one(till: Till) -> None:
    _try(till, 1, "1111")
    order = till.order(1)
    till.register.access.leave(till.register.ledger.order(order.id))
    assert (till.register.access.person, till.register.ledger.user) == (None, None)
    assert till.register.ledger.order(order.id).status is Status.PENDING_LOGOUT
    _try(till, 1, "1111")
    blank = till.register.sales.view_menu(None, 1, "", [])
    till.register.access.leave(till.register.ledger.order(blank.id))
    assert till.register.ledger.order(blank.id).status is Status.DISCARDED
    assert till.types()[-2:] == ["order_discarded", "logged_out"]


@pytest.mark.parametrize("end", ["paid", "cleared", "tab", "taken"])
def test_a_logout_is_never_refused_for_what_stands_on_the_screen(till: Till, end: str) -> None:
    _try(till, 1, "1111")
    order = till.order(1)
    register = till.register
    if end == "paid":
        register.checkout.pay_exact(order.id)
    elif end == "cleared":
        register.recovery.discard(order.id, "left")
    elif end == "tab":
        register.tabs.save(order.id, "7")
    else:
        register.taken(order.id, "Till 2", "Asha", till.clock.now())
    before = register.ledger.order(order.id)
    register.access.leave(before)
    assert register.access.person is None
    assert register.ledger.order(order.id) == before


def test_a_logout_of_nobody_writes_nothing(till: Till) -> None:
    till.register.access.leave(None)
    assert till.types() == []
