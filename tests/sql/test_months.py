"""The months of the audit: an event is found in any of them, and a look-up opens no more of them than it needs."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.database import unwatched
from tests.sql.ringing import DOSA, IDLY, Cart
from tests.sql.test_shifts import Shifts
from tests.sql.test_taken_off import guests

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

#: All that is looked up by an order, an event, a place or a shift, and the same from the whole log.
LOOK_UPS = {
    "the events of an order": (
        """SELECT s.id, array_agg(l.event_id ORDER BY l.version)
           FROM warm.every_session AS s, warm.log_of(s.id) AS l GROUP BY s.id""",
        """SELECT session_id, array_agg(event_id ORDER BY version)
           FROM warm.log WHERE version IS NOT NULL GROUP BY session_id""",
    ),
    "the event at a version": (
        "SELECT event_id, warm.event_at(session_id, version) FROM warm.log WHERE version IS NOT NULL",
        "SELECT event_id, event_id::text FROM warm.log WHERE version IS NOT NULL",
    ),
    "an event by its id": (
        "SELECT event_id, warm.body_of(store_id, event_id) FROM warm.log",
        "SELECT event_id, body FROM warm.log",
    ),
    "the hash of a place": (
        "SELECT event_id, warm.hash_at(journal_id, seq, event_id), warm.hash_at(journal_id, seq) FROM warm.log",
        "SELECT event_id, hash, hash FROM warm.log",
    ),
    "the first event of a journal": (
        "SELECT h.journal_id, (warm.first_of(h.journal_id)).event_id FROM warm.journal_head AS h WHERE h.seq > 0",
        "SELECT journal_id, event_id FROM warm.log WHERE seq = 1",
    ),
}
#: The views of days that look at the log, and the columns that say what they found.
OF_DAYS = (
    *("taken_off", "cooked", "void_acts", "reductions", "discount_acts", "comp_acts", "no_shift_by_day", "visit_steps"),
    *("visit_times", "cash", "open_shifts"),
)
SUMS = "SELECT shift_id, warm.shift_sums(shift_id), cold.z_of(shift_id, closed) FROM till.shifts"
SCANNED = """
    SELECT relname::text, seq_scan + coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables
    WHERE schemaname = 'cold' AND relname LIKE 'order_audit_2%%'
"""
#: The months of what came just now, by a clock that may be a day ahead.
DUE = """
    SELECT to_char((now() - ago * interval '1 day') AT TIME ZONE 'UTC', '"order_audit_"YYYY_MM')
    FROM generate_series(0, 1) AS ago
"""
MADE = """
    SELECT cold.make_audit_partition(date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => ago))
    FROM generate_series(1, 12) AS ago
"""


def audit(venue: Venue, months: dict[str, int]) -> None:
    """Move events to the audit, as if each had arrived some months ago."""
    aged = "UPDATE session_events SET received_at = received_at - make_interval(months => %s) WHERE event_id = %s"
    with unwatched(venue.owner):
        for event, ago in months.items():
            venue.owner.execute(aged, [ago, event])
    venue.owner.execute("SELECT cold.move_events(%s, %s::uuid[])", [venue.store, list(months)])


def events_of(venue: Venue, session: str) -> list[str]:
    return [row[0] for row in venue.rows("SELECT event_id::text FROM warm.log_of(%s) ORDER BY version", session)]


def sold(venue: Venue) -> Cart:
    till, cart = venue.keyed((IDLY, 2), DOSA)
    till.place(cart)
    till.push()
    return cart


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize(
    ("months", "has_time"),
    [
        pytest.param([0, 0, 0, 0], True, id="all at once"),
        pytest.param([9, 9, 9, 0], True, id="paid months later"),
        pytest.param([30, 9, 17, 9], True, id="a wrong clock"),
        pytest.param([0, 0, 0, 14], True, id="a correction that the row does not date"),
        pytest.param([9, 9, 2, 0], False, id="a name without a time"),
    ],
)
def test_an_order_is_whole_from_any_months(venue: Venue, months: list[int], *, has_time: bool, archived: bool) -> None:
    session = sold(venue).session
    whole = events_of(venue, session)
    assert len(whole) == len(months)
    if not has_time:
        with unwatched(venue.owner):
            venue.owner.execute("UPDATE till.order_sessions SET id = 'chat 7' WHERE id = %s", [session])
            venue.owner.execute("UPDATE session_events SET session_id = 'chat 7' WHERE session_id = %s", [session])
        session = "chat 7"
    audit(venue, dict(zip(whole, months, strict=True)))
    if archived:
        venue.owner.execute("SELECT cold.move_to_archive(%s)", [[session]])
    assert events_of(venue, session) == whole
    assert [venue.value("SELECT warm.event_at(%s, %s)", session, version) for version in (1, 2, 3, 4)] == whole


@pytest.mark.parametrize("version", "47")
def test_an_event_is_found_whatever_its_id_says(venue: Venue, version: str) -> None:
    """An id without a time, and an id with the time of a wrong clock."""
    odd = f"0123abcd-1234-{version}123-8123-0123456789ab"
    (first, *_rest) = events_of(venue, sold(venue).session)
    with unwatched(venue.owner):
        venue.owner.execute("UPDATE warm.session_events SET event_id = %s WHERE event_id = %s", [odd, first])
    audit(venue, {odd: 5})
    assert venue.value("SELECT (warm.event_by_id(%s, %s)).event_id::text", venue.store, odd) == odd
    assert venue.value("SELECT count(*) FROM cold.audited_events(%s::uuid[])", [odd, first]) == 1


@pytest.mark.parametrize("seed", range(6))
def test_look_ups_answer_as_the_whole_log(venue: Venue, seed: int) -> None:
    """Random months of random events: some are in the log, the others in the months of their ids or in any other."""
    chance = random.Random(seed)  # noqa: S311 - a test repeats itself
    till = venue.till()
    shifts = Shifts(till, seed)
    for _shift in range(2):
        shifts.shift(25)
        while till.pending:
            assert till.push()["ok"]
    till.shift = None
    for _order in range(3):
        sold(venue)
    sums = venue.rows(SUMS)
    ids = [row[0] for row in venue.rows("SELECT event_id::text FROM warm.session_events ORDER BY event_id")]
    usual, odd = chance.choice([0, 0, 3]), chance.choice([0.0, 0.05, 1.0])
    audit(venue, {
        event: chance.randrange(20) if chance.random() < odd else usual
        for event in ids if chance.random() < chance.choice([0.8, 1.0])
    })  # fmt: skip
    for name, (looked_up, whole) in LOOK_UPS.items():
        assert sorted(venue.rows(looked_up), key=str) == sorted(venue.rows(whole), key=str), name
    assert venue.rows(SUMS) == sums


def days_of(venue: Venue) -> dict[str, list[Any]]:
    return {view: venue.rows(f"SELECT v::text FROM cold.{view} AS v ORDER BY 1") for view in OF_DAYS}  # noqa: S608 - ours


@pytest.mark.parametrize("seed", range(2))
def test_reports_of_days_answer_as_from_the_log(venue: Venue, seed: int) -> None:
    """A day of voids, discounts, comps, prices and approvals whose events arrived in any months since."""
    chance = random.Random(seed)  # noqa: S311 - a test repeats itself
    till = venue.till()
    guests(till)
    for kind, name in (("comp", None), ("discount", "Senior"), ("discount", None)):
        cart = till.keyed()
        line, dear = till.add(cart, DOSA), till.add(cart, IDLY)
        given = till.make(
            "discount_applied", cart.session, {"line_id": line, "percent": "10", "kind": kind, "name": name}
        )
        yes = {
            "act": "discount",
            "stream_kind": "order",
            "stream_id": cart.session,
            "events": [given.id],
            "approved_by": 9,
        }
        till.make("approval_given", None, yes)
        slip = till.make("price_overridden", cart.session, {"line_id": dear, "was": "40.00", "price": "30.00"}, user=2)
        if chance.random() < 0.3:
            till.make("change_undone", cart.session, {"event": slip.id})
        off = [{"kind": kind, "amount": "8.00", "name": name or "", "event": given.id}]
        sent = {"line_id": line, "pieces": 2, "item_id": DOSA}
        till.make("lines_sent", cart.session, {"station": "Grill", "ticket": "1-1", "kind": "new", "lines": [sent]})
        till.place(cart, lines=[{**row, "off": off} for row in cart.frozen()["lines"]])
        assert till.push(cart.snapshot(till.base(cart)))["ok"]
    before = days_of(venue)
    assert [view for view, rows in before.items() if not rows] == ["open_shifts"]
    ids = [row[0] for row in venue.rows("SELECT event_id::text FROM warm.session_events ORDER BY event_id")]
    audit(venue, {event: chance.randrange(8) * (seed > 0) for event in ids if chance.random() < 0.9})
    assert days_of(venue) == before


def months_of(venue: Venue, query: str, *parameters: Any) -> set[str]:
    """Return the months that a query reads."""
    with venue.owner.transaction():
        before = set(venue.rows(SCANNED))
        venue.owner.execute(query, parameters)
        return {month for month, _scans in set(venue.rows(SCANNED)) - before}


def test_a_look_up_opens_only_the_month_that_it_needs(venue: Venue) -> None:
    session = sold(venue).session
    first, second, *rest = events_of(venue, session)
    month = (
        "SELECT cold.make_audit_partition(date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => %s))"
    )
    for ago in range(1, 12):
        venue.owner.execute(month, [ago])
    audit(venue, dict.fromkeys([first, second, *rest], 0))
    venue.owner.execute("UPDATE till.order_sessions SET created_at = now()")
    journal, place = venue.rows("SELECT journal_id, seq FROM warm.log WHERE event_id = %s", second)[0]
    due = {month for (month,) in venue.rows(DUE)}
    for query, *asked in (
        ("SELECT warm.body_of(%s, %s)", venue.store, first),
        ("SELECT warm.event_at(%s, 2)", session),
        ("SELECT count(*) FROM warm.log_of(%s)", session),
        ("SELECT warm.hash_at(%s, %s, %s)", journal, place, second),
    ):
        assert months_of(venue, query, *asked) == due, query
