"""The shift of another till: a stranger names it first, after a restore. It is its till's, and so are its sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.hostile.test_stolen_drawer import HONEST, THIEF, retried
from tests.sql.conftest import template, venue
from tests.sql.ringing import new_id
from tests.sql.test_authentication import OLDER, UPGRADE
from tests.sql.test_left_shifts import Counter, day, on, opening, upkeep, zs
from till.domain.ids import proven_id

if TYPE_CHECKING:
    from datetime import date

    from tests.sql.ringing import Till, Venue

__all__ = ["day", "template", "venue"]

ANOTHERS = "The till wrote in the shift of another till. The record is kept, and changes nothing."


def closed(venue: Venue, day: date, till: Till | None = None) -> Counter:
    """Return a shift with a Z and a count after it, which the database does not have."""
    ours = Counter(till or venue.till(HONEST), day)
    ours.sell()
    ours.close()
    ours.count("41.00")
    return ours


def write_in(shift: str, till: Till) -> None:
    """Write in a shift without opening it: a movement, a count, and a close with a Z."""
    till.shift = shift
    till.make("cash_moved", shift, {"kind": "paid_in", "amount": "500.00", "currency": "INR"})
    count = {"tender": "CASH", "expected": "0.00", "counted": "1.00"}
    till.make("drawer_counted", shift, {"currency": "INR", "counts": [count]})
    till.make("shift_closed", shift, {"number": f"{till.number}-Z000009", "currency": "INR", "sums": {}})
    assert till.push()["ok"]


def flagged(venue: Venue) -> list[tuple[int, str]]:
    """Return the till and the type of each record that is flagged in a shift."""
    query = "SELECT till_id, event_type FROM quarantine WHERE sqlstate = 'TL025' AND resolved_at IS NULL ORDER BY id"
    return venue.rows(query)


def is_in_no_list(venue: Venue, day: date) -> bool:
    """Return True if no shift is open, closed or listed."""
    return [zs(venue, day), venue.ask("zs_v1", {"open": True}), venue.ask("shifts_v1")] == [[], [], []]


def read_z(venue: Venue, day: date) -> list[Any]:
    """Return the number, till, balance and differences of the only Z, after the upkeep checked it."""
    while upkeep(venue):
        pass
    assert venue.rows("SELECT reason FROM quarantine WHERE sqlstate = 'TL018'") == []
    (z,) = zs(venue, day)
    return [z["number"], z["till"], z["drawer"][0]["closing"], [one["difference"] for one in z["counts"]]]


OURS = ["1-Z000001", HONEST, "40.00", ["41.00"]]


def test_records_in_a_shift_without_opening_are_no_tills(venue: Venue, day: date) -> None:
    ours, thief = closed(venue, day), venue.till(THIEF)
    write_in(ours.shift, thief)
    assert (flagged(venue), is_in_no_list(venue, day), upkeep(venue)) == ([], True, False)
    ours.push()
    assert flagged(venue) == [(THIEF, "cash_moved")], "the first of its journal"
    assert read_z(venue, day) == OURS
    assert (retried(venue).count(True), read_z(venue, day)) == (0, OURS)


@pytest.mark.parametrize("writes", [False, True])
def test_an_opening_by_a_stranger_yields_to_that_of_the_till_that_made_the_shift(
    venue: Venue, day: date, *, writes: bool
) -> None:
    ours, thief = closed(venue, day), on(venue.till(THIEF), day)
    thief.make("shift_opened", ours.shift, opening(day) | {"secret": new_id()})
    if writes:
        write_in(ours.shift, thief)
    assert thief.push()["ok"]
    ours.push()
    assert flagged(venue) == [(THIEF, "shift_opened")], "the first of its journal"
    assert read_z(venue, day) == OURS
    thief.make("shift_opened", ours.shift, opening(day))
    assert thief.push()["ok"]
    assert read_z(venue, day) == OURS


def test_a_shift_is_of_the_till_that_opens_it_first_if_none_proves_it(venue: Venue, day: date) -> None:
    first, second, shift = on(venue.till(HONEST), day), on(venue.till(THIEF), day), new_id()
    for till in (first, second):
        till.make("shift_opened", shift, opening(day))
        assert till.push()["ok"]
    assert flagged(venue) == [(THIEF, "shift_opened")]
    assert [one["till"] for one in venue.ask("shifts_v1")] == [HONEST]


def test_records_of_the_till_itself_count_once_their_opening_is_retried(venue: Venue, day: date) -> None:
    ours = closed(venue, day)
    venue.owner.execute(OLDER.replace("preference_set", "shift_opened"))
    ours.push()
    venue.owner.execute(UPGRADE.replace("preference_set", "shift_opened"))
    assert is_in_no_list(venue, day)
    assert retried(venue)[0]
    assert (flagged(venue), read_z(venue, day)) == ([], OURS)


def test_a_retry_gives_a_shift_back_that_an_earlier_program_gave_to_a_stranger(venue: Venue, day: date) -> None:
    """The first record of a shift, of whatever till, was its owner: the till's own four were refused."""
    ours = closed(venue, day)
    ours.push()
    venue.owner.execute("UPDATE till.shifts SET till_id = %s, opened = NULL, closed = NULL, checked_at = NULL", [THIEF])
    venue.owner.execute("DELETE FROM till.shift_facts")
    venue.owner.execute(
        """INSERT INTO warm.quarantine (store_id, event_id, journal_id, till_id, event_type, reason, sqlstate, body)
        SELECT store_id, event_id, journal_id, till_id, event_type, %s, 'TL025', body FROM warm.session_events
        WHERE stream_kind = 'shift' ORDER BY event_id""",
        [ANOTHERS],
    )
    assert [kind for _till, kind in flagged(venue)] == ["shift_opened", "shift_closed", "drawer_counted"]
    retried(venue)
    assert (flagged(venue), read_z(venue, day)) == ([], OURS)


def test_cash_for_an_account_is_booked_once_its_shift_has_an_opening(venue: Venue, day: date) -> None:
    """The account is none, so booking it tells a manager."""
    till, secret = on(venue.till(THIEF), day), new_id()
    shift = till.shift = proven_id(secret)
    paid = {"kind": "account", "amount": "30.00", "currency": "INR", "of": new_id()}
    till.make("cash_moved", shift, paid)
    assert till.push()["ok"]
    assert venue.rows("SELECT sqlstate FROM quarantine") == []
    till.make("shift_opened", shift, opening(day) | {"secret": secret})
    assert till.push()["ok"]
    assert venue.rows("SELECT sqlstate FROM quarantine") == [("TL024",)]
