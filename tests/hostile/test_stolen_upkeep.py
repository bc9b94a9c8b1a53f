"""Records by somebody with one till's secret: the upkeep of the venue goes on, and a manager hears what fails."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from bench.sums import SHIFT, fill
from tests.sql.conftest import template, venue
from tests.sql.ringing import IDLY, Cart, make_venue, new_id
from tests.sql.test_left_shifts import Counter, day, on, opened, opening, revoke
from tests.sql.test_upkeep import age, keyed, maintain, status
from till.reports.declared import DAY
from till.reports.shifts import X

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tests.sql.ringing import Venue

__all__ = ["day", "template", "venue"]

HONEST, THIEF = 1, 2


def till_the_end(venue: Venue, most: int = 30) -> None:
    """Run the maintenance until nothing is left."""
    while maintain(venue)["more"]:
        most -= 1
        assert most, "the maintenance has no end"


def failures(venue: Venue) -> list[str]:
    """Read the records of jobs that failed."""
    query = "SELECT reason FROM warm.quarantine WHERE sqlstate = 'TL031' AND store_id = %s AND resolved_at IS NULL"
    return [reason for (reason,) in venue.rows(f"{query} ORDER BY id", venue.store)]


def checked(venue: Venue, shift: str) -> bool:
    found: bool = venue.value("SELECT checked_at IS NOT NULL FROM till.shifts WHERE shift_id = %s", shift)
    return found


def traded_honestly(venue: Venue, day: date) -> tuple[str, Cart]:
    """Close a shift at the honest till, and leave an order open there. Return both."""
    honest = opened(venue, day, HONEST)
    honest.close()
    honest.push()
    return honest.shift, keyed(honest.till)


def open_another(thief: Counter, data: dict[str, Any]) -> None:
    """Open a shift, whatever is open."""
    thief.shift = thief.till.shift = new_id()
    thief.till.make("shift_opened", thief.shift, data)


def findings(venue: Venue) -> list[tuple[int, str]]:
    query = "SELECT till_id, reason FROM warm.quarantine WHERE sqlstate = 'TL018' AND resolved_at IS NULL ORDER BY id"
    return venue.rows(query)


ILL: Final[dict[str, tuple[str, Any, dict[str, Any]]]] = {
    "a version of its own": ("cash_moved", {}, {"v": 1.5, "id": "zz"}),
    "an amount in words": ("payment_approved", {"payment_id": "p", "tender": "CASH", "amount": "ten"}, {}),
    "a change of nothing": ("payment_voided", {"payment_id": "p", "tender": "CASH", "amount": "1", "change": "x"}, {}),
    "a refund of a letter": ("refund_approved", {"tender": "CASH", "amount": "e"}, {}),
    "a tip in words": ("tip_corrected", {"tender": "CASH", "returned": "two"}, {}),
    "a sale without lines": ("order_placed", {"lines": 7, "payments": "all", "net": {}}, {}),
    "a movement of a list": ("cash_moved", {"kind": "paid_in", "amount": []}, {}),
    "a count of nothing": ("drawer_counted", {"counts": [{"tender": "CASH", "counted": "-"}]}, {}),
    "a paper of no amount": ("receipt_issued", {"amount": "?", "copy": True}, {}),
    "a removal of a word": ("line_voided", {"removed": {"amount": "all"}}, {}),
    "a stream that is none": ("order_placed", {}, {"stream_id": "zz"}),
}


@pytest.mark.parametrize("ill", ILL)
@pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "revoked"])
def test_a_record_that_does_not_read_stops_its_own_shift_alone(
    venue: Venue, day: date, ill: str, is_closed: bool
) -> None:
    kind, data, changes = ILL[ill]
    thief = opened(venue, day, THIEF)
    thief.till.make_badly(kind, None, data, **{"shift": thief.shift, **changes})
    if is_closed:
        thief.close()
    thief.push()
    shift, waiting = traded_honestly(venue, day)
    if not is_closed:
        revoke(venue, day, THIEF)
    age(venue, "31 minutes")
    till_the_end(venue)
    assert checked(venue, shift)
    assert status(venue, waiting)[0] == "pending_logout"
    assert venue.ask("zs_v1", {"open": True}) == []
    if is_closed:
        why = "is not checked: A part of its records is missing, or cannot be read. Retry tries it again."
        assert failures(venue) == [f"Z 2-Z000001 {why}"]
        assert not checked(venue, thief.shift)
    else:
        assert failures(venue) == []
        (z,) = (one for one in venue.ask("zs_v1", {"from": str(day), "to": str(day)}) if one["till"] == THIEF)
        assert (z["closed_from"], z["sales"]["gross"]) == ("server", "120.00")


def pay(thief: Counter, tender: str, amount: str) -> None:
    paid = {"payment_id": new_id(), "tender": tender, "amount": amount, "change": "0.00"}
    thief.till.make("payment_approved", Cart().session, paid | {"drawer": THIEF, "tendered": amount})


def many_tenders(thief: Counter) -> None:
    for number in range(101):
        pay(thief, f"T{number}", "1.00")


def many_categories(thief: Counter) -> None:
    for sale in range(3):
        cart = Cart()
        thief.till.open(cart)
        line = {
            "item_id": IDLY, "line_ids": [], "line_quantities": [1], "item_name": "Idly", "quantity": 1,
            "unit_price": "1.00", "discount": "0.00", "subtotal": "1.00", "net": "1.00", "tax": "0.00", "taxes": [],
        }  # fmt: skip
        lines = [line | {"category": f"C{sale} {number}", "line_ids": [new_id()]} for number in range(400)]
        thief.till.make("order_placed", cart.session, cart.frozen(lines=lines, business_date=str(thief.day)))


def beyond_all_money(thief: Counter) -> None:
    for _payment in range(2):
        pay(thief, "CASH", "999999999999999.00")


@pytest.mark.parametrize("beyond", [many_tenders, many_categories, beyond_all_money])
def test_a_z_beyond_its_own_shape_is_a_job_that_fails(
    venue: Venue, day: date, beyond: Callable[[Counter], None]
) -> None:
    thief = opened(venue, day, THIEF)
    beyond(thief)
    thief.push()
    revoke(venue, day, THIEF)
    shift, waiting = traded_honestly(venue, day)
    age(venue, "31 minutes")
    till_the_end(venue)
    assert (checked(venue, shift), status(venue, waiting)[0]) == (True, "pending_logout")
    (why,) = failures(venue)
    assert why.startswith("The shift that till 2 left open is not closed: The event shift_closed cannot be recorded: ")


def test_two_venues_in_one_database_close_the_shifts_of_tills_of_one_number(venue: Venue, day: date) -> None:
    other = make_venue(venue.owner, venue.app)
    for one in (venue, other):
        opened(one, day)
        revoke(one, day)
        till_the_end(one)
    for one in (venue, other):
        (z,) = one.ask("zs_v1", {"from": str(day), "to": str(day)})
        assert (z["number"], z["sales"]["gross"]) == ("0-Z000001", "120.00")
        query = "SELECT count(*) FROM quarantine WHERE sqlstate = 'TL018' AND store_id = %s"
        assert (one.value(query, one.store), failures(one)) == (1, [])


def test_an_honest_z_does_not_wait_behind_the_many_of_a_thief(venue: Venue, day: date) -> None:
    thief = Counter(venue.till(THIEF), day)
    for number in range(1, 41):
        thief.make("shift_closed", thief.shift, {"number": f"2-Z{number:06}", "currency": "INR", "sums": {}})
        open_another(thief, opening(day))
    thief.push()
    shift, _waiting = traded_honestly(venue, day)
    for _call in range(2):
        maintain(venue)
    assert checked(venue, shift)


OFF: Final = "The business day of the shift does not fit its time. Its records are kept, and change nothing."


@pytest.mark.parametrize("business_date", ["1900-01-01", "2026-02-31", "9998-12-31"])
def test_openings_of_any_day_are_in_no_list_and_no_report(venue: Venue, day: date, business_date: str) -> None:
    honest = opened(venue, day, HONEST)
    thief = on(venue.till(THIEF), day)
    for _opening in range(2_000):
        thief.make("shift_opened", new_id(), opening(day) | {"business_date": business_date})
    while thief.pending:
        assert thief.push()["ok"]
    venue.owner.execute("SET statement_timeout = '5s'")
    assert findings(venue) == [(THIEF, OFF)]
    assert [one["shift"] for one in venue.ask("shifts_v1")] == [honest.shift]
    assert [row[0] for row in venue.report(X, day).rows("shifts")] == [HONEST]
    assert [row[0] for row in venue.report(DAY, day).rows("open_shifts")] == [HONEST]


def test_an_opening_of_1970_is_no_row_for_each_day_since(venue: Venue, day: date) -> None:
    thief = venue.till(THIEF)
    thief.now = datetime(1970, 1, 1, 5, tzinfo=UTC)
    thief.make("shift_opened", new_id(), opening(day) | {"business_date": "1970-01-01"})
    assert thief.push()["ok"]
    assert venue.value("SELECT count(*) FROM cold.shifts_open(%s)", venue.store) == 1
    assert len(venue.report(DAY, day).rows("open_shifts")) == 1


LEFT: Final = "The till opened a shift while another was open, which has no Z: count its drawer."


def test_an_opening_ends_what_its_journal_left_open_and_is_not_refused(venue: Venue, day: date) -> None:
    thief = opened(venue, day, THIEF)
    for _shift in range(40):
        open_another(thief, opening(day))
        thief.sell()
        thief.push()
    assert findings(venue) == [(THIEF, LEFT)]
    assert [(one["shift"], one["number"]) for one in venue.ask("shifts_v1")] == [(thief.shift, None)]
    (x,) = venue.ask("zs_v1", {"open": True})
    assert (x["shift"], x["sales"]["number"]) == (thief.shift, 1)
    report = venue.report(DAY, day)
    assert len(report.rows("open_shifts")) == 1
    revoke(venue, day, THIEF)
    till_the_end(venue)
    (z,) = venue.ask("zs_v1", {"from": str(day), "to": str(day)})
    assert (z["number"], z["shift"], z["sales"]["number"], failures(venue)) == ("0-Z000001", thief.shift, 1, [])
    assert venue.ask("zs_v1", {"open": True}) == []


def test_a_shift_takes_so_many_records_of_its_drawer_and_its_close(venue: Venue, day: date) -> None:
    venue.owner.execute(
        "CREATE OR REPLACE FUNCTION warm.most_shift_facts() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 20'"
    )
    thief = opened(venue, day, THIEF)
    for _movement in range(40):
        thief.make("cash_moved", thief.shift, {"kind": "paid_in", "amount": "1.00", "currency": "INR"})
    for number in range(1, 6):
        thief.make("shift_closed", thief.shift, {"number": f"2-Z00000{number}", "currency": "INR", "sums": {}})
    thief.push()
    assert venue.value("SELECT count(*) FROM till.shift_facts") == 21
    words = "The till wrote more in one shift than it may. Further records are kept, and change nothing."
    assert findings(venue) == [(THIEF, words)]
    (z,) = venue.ask("zs_v1", {"from": str(day), "to": str(day)})
    assert z["number"] == "2-Z000001"


def test_as_many_corrections_as_payments_cost_no_square(venue: Venue) -> None:
    """Three thousand of each kind: 6,000 payments and their corrections took 7 s, and grew with the square."""
    fill(venue.owner, venue.store, 3_000)
    venue.owner.execute("SET statement_timeout = '10s'")
    sums = venue.value("SELECT warm.shift_sums(%s)", SHIFT)
    assert (sums["sales"]["number"], sums["refunds"]["number"]) == (3_000, 3_000)
