"""Pay-offs that a manager reverses: once, without cash, and whatever their till does later."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.sql.ringing import new_id
from tests.sql.test_paid_at_drawer import DRAWERS, guest, move, owe, owed, undo
from tests.sql.test_vouchers import quarantined

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

__all__ = ["guest"]

CORRECT = "SELECT till.account_correct_v1(%s, 9, %s, %s)"
BY_SHELL = "SELECT till.account_pay_off_v1(%s, 9, %s, 100, 'CASH')"
CASH = "SELECT amount FROM cold.account_cash_by_day"
STATES = "SELECT p->>'state', (p->>'amount')::numeric, p->>'guest' FROM json_array_elements(till.pay_offs_v1(%s)) AS p"


def correct(venue: Venue, guest: str, pay_off: str) -> Decimal:
    return Decimal(venue.value(CORRECT, venue.store, guest, pay_off))


def paid_by_shell(venue: Venue, guest: str) -> str:
    venue.value(BY_SHELL, venue.store, guest)
    return str(venue.value("SELECT movement_id FROM till.value_movements WHERE how = 'CASH'"))


@pytest.mark.parametrize("by_shell", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_a_pay_off_is_reversed_once_and_no_cash_moves(venue: Venue, guest: str, *, by_shell: bool, whole: bool) -> None:
    pay_off = paid_by_shell(venue, guest) if by_shell else move(venue.till(), "account", "100.00", guest).id
    cash = venue.rows(DRAWERS), venue.rows(CASH)
    typed = pay_off if whole else pay_off[-8:].upper()
    assert correct(venue, guest, typed) == owed(venue, guest) == 120
    with pytest.raises(psycopg.Error, match=r"^The pay-off is reversed already\."):
        correct(venue, guest, typed)
    assert (owed(venue, guest), (venue.rows(DRAWERS), venue.rows(CASH))) == (Decimal(120), cash)
    assert venue.rows(STATES, venue.store) == [("reversed", 100, "Mrs Rao")]
    event = "SELECT event_data->>'pay_off', (event_data->>'amount')::numeric, till_id, user_id FROM warm.session_events"
    assert venue.rows(f"{event} WHERE event_type = 'account_corrected'") == [(pay_off, 100, 0, 9)]


def test_an_undoing_after_the_reversal_leaves_the_account_and_takes_the_cash_out(venue: Venue, guest: str) -> None:
    till = venue.till()
    moved = move(till, "account", "100.00", guest)
    correct(venue, guest, moved.id)
    undo(till, moved)
    assert (owed(venue, guest), venue.rows(DRAWERS), quarantined(venue)) == (Decimal(120), [], [])
    with pytest.raises(psycopg.Error, match=r"^The pay-off was undone at its till already\."):
        correct(venue, guest, moved.id)
    assert (owed(venue, guest), venue.rows(STATES, venue.store)) == (Decimal(120), [("undone", 100, "Mrs Rao")])


def test_a_credit_that_was_paid_out_comes_back(venue: Venue, guest: str) -> None:
    owe(venue, guest, "-150")
    moved = move(venue.till(), "account", "-30.00", guest)
    assert owed(venue, guest) == 0
    assert correct(venue, guest, moved.id) == -30


def test_a_pay_off_of_an_erased_guest_is_not_reversed(venue: Venue, guest: str) -> None:
    moved = move(venue.till(), "account", "120.00", guest)
    venue.value("SELECT till.customer_erase_v1(%s, 9, %s)", venue.store, guest)
    with pytest.raises(psycopg.Error, match=r"^The guest is erased: nobody would owe it\."):
        correct(venue, guest, moved.id)
    assert venue.rows(STATES, venue.store) == [("booked", 120, "")]


@pytest.mark.parametrize("which", ["", "x", "a correction", "a sale", "of another guest"])
def test_only_a_pay_off_of_that_guest_is_reversed(venue: Venue, guest: str, which: str) -> None:
    moved = move(venue.till(), "account", "100.00", guest)
    correct(venue, guest, moved.id)
    query = "SELECT movement_id FROM till.value_movements WHERE how IS NULL AND payment_id IS {} NULL"
    ids = {"a correction": "NOT", "a sale": ""}
    named = str(venue.value(query.format(ids[which]))) if which in ids else which
    other = new_id() if which == "of another guest" else guest
    with pytest.raises(psycopg.Error, match=r"^There is no such pay-off\."):
        correct(venue, other, moved.id if which == "of another guest" else named)


def test_an_end_that_several_pay_offs_have_names_none(venue: Venue, guest: str) -> None:
    till = venue.till()
    ends = {move(till, "account", "1.00", guest).id[-1] for _ in range(17)}
    common = next(end for end in sorted(ends) if len([1 for one in ids(venue) if one.endswith(end)]) > 1)
    with pytest.raises(psycopg.Error, match=r"^Several pay-offs end like that"):
        correct(venue, guest, common)


def ids(venue: Venue) -> list[str]:
    return [row[0] for row in venue.rows("SELECT movement_id::text FROM till.value_movements WHERE how = 'CASH'")]
