"""Bounds of time and of counts, to the last microsecond and the last row: each is tried within one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import new_id
from tests.sql.test_vouchers import issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.sql.ringing import Venue

STORE: Final = "jsonb_build_object('store_id', %(store)s::text, 'till_id', 1)"
CONFLICTS: Final = """
    INSERT INTO till.conflicts (id, store_id, kind, subject, found_by, till_id, found_at, event_id, resolved_at)
    SELECT gen_random_uuid(), %(store)s, 'number_twice', gen_random_uuid(), 0, {till}, now(), gen_random_uuid(),
        {resolved}
    FROM generate_series(1, {count})"""
ORDERS: Final = """
    INSERT INTO till.order_sessions (id, store_id, hold_till, status, created_at, updated_at, arrived_at)
    SELECT gen_random_uuid(), %(store)s, {till}, '{status}', now(), now(), now() - interval '{ago}'
    FROM generate_series(1, {count})"""
ASKS: Final = """
    INSERT INTO till.voucher_asks (store_id, till_id, asked_at)
    SELECT %(store)s, {till}, now() - interval '{ago}' FROM generate_series(1, {count})"""
WHY: Final = f"""
    till.voucher_v1(jsonb_populate_record(NULL::warm.auth_context, {STORE}), '{{"digest": "no such"}}')->>'why'"""
NOTICES: Final = """
    INSERT INTO till.notices (id, store_id, till_id, kind, by_till, data, seen_at)
    SELECT gen_random_uuid(), %(store)s, 1, 'refused', {by}, '{{}}', {seen} FROM generate_series(1, {count})"""
NOTIFY: Final = "SELECT till.notify(%(store)s, {till}, 1, 'refused', NULL, gen_random_uuid(), NULL, 2)"
SEEN: Final = "UPDATE till.tills SET seen_at = now() - interval '{ago}'"
STALE: Final = """
    (warm.authenticate(jsonb_build_object('store', %(store)s::text, 'till', 1, 'secret', 'secret 1', 'journal', (
        SELECT live_journal::text FROM till.tills WHERE id = 1)), {locks})).stale_seen"""
TOO_MANY: Final = "warm.has_too_many_conflicts(%(store)s, {till})"
PAGE: Final = """
    (SELECT jsonb_build_array(x->'body'->'waiting', jsonb_array_length(x->'body'->'notices'))
    FROM (SELECT till.notices_for(%(store)s, 1, NULL)::jsonb) AS of (x))"""

#: Statements, an expression, and its value after them.
ROWS: Final[list[tuple[list[str], str, Any]]] = [
    *(
        ([CONFLICTS.format(count=count, till=till, resolved=resolved)], TOO_MANY.format(till=asked), most)
        for count, till, resolved, asked, most in (
            (99, 1, "NULL", 1, False),
            (100, 1, "NULL", 1, True),
            (100, 0, "NULL", 0, False),
            (100, 2, "NULL", 1, False),
            (100, 1, "now()", 1, False),
        )
    ),
    *(
        ([ORDERS.format(count=count, till=till, status=status, ago=ago)], "warm.holds_too_many(%(store)s, 1)", most)
        for count, till, status, ago, most in (
            (499, 1, "active", "0", False),
            (500, 1, "active", "0", True),
            (500, 1, "pending_logout", "0", True),
            (500, 1, "assigned_to_tab", "23 hours", True),
            (500, 2, "active", "0", False),
            (500, 1, "discarded", "0", False),
            (500, 1, "active", "1 day", False),
        )
    ),
    *(
        ([ASKS.format(count=count, till=till, ago=ago)], WHY, why)
        for count, till, ago, why in (
            (9, 1, "0", "unknown"),
            (10, 1, "0", "too_many"),
            (10, 1, "9 minutes 59.999999 seconds", "too_many"),
            (10, 1, "10 minutes", "unknown"),
            (10, 2, "0", "unknown"),
        )
    ),
    # asks are kept for a day: here two of this till are older, one is not, and one is of another till
    (
        [
            *(ASKS.format(count=n, till=1, ago=ago) for n, ago in ((2, "1 day 0.000001 seconds"), (1, "1 day"))),
            ASKS.format(count=1, till=2, ago="2 days"),
            f"SELECT {WHY}",
        ],
        "(SELECT count(*)::int FROM till.voucher_asks)",
        3,
    ),
    *(
        ([*made, NOTIFY.format(till=till)], "(SELECT count(*)::int FROM till.notices)", found)
        for made, till, found in (
            ([], 1, 1),
            ([], 0, 0),
            ([], "NULL", 0),
            ([NOTICES.format(count=19, by=2, seen="NULL")], 1, 20),
            ([NOTICES.format(count=20, by=2, seen="NULL")], 1, 20),
            ([NOTICES.format(count=20, by=3, seen="NULL")], 1, 21),
            ([NOTICES.format(count=20, by=2, seen="now()")], 1, 21),
        )
    ),
    ([NOTICES.format(count=25, by=2, seen="NULL"), NOTICES.format(count=1, by=2, seen="now()")], PAGE, [25, 20]),
    *(
        ([SEEN.format(ago=ago)], STALE.format(locks=locks), stale)
        for locks in ("true", "false")
        for ago, stale in (("2 seconds", False), ("2.000001 seconds", True))
    ),
    ([], "warm.floor_of(warm.least_id(now() + interval '1 day')) IS NULL", True),
]


@pytest.fixture
def session(venue: Venue) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection, in a transaction that comes to nothing."""
    with venue.owner.transaction(force_rollback=True):
        yield venue.owner


def test_bounds_are_exact(venue: Venue) -> None:
    venue.till().push()
    wrong = []
    for prepare, words, value in ROWS:
        with venue.owner.transaction(force_rollback=True):
            for statement in prepare:
                venue.owner.execute(statement.encode(), {"store": venue.store})
            ((found,),) = venue.owner.execute(f"SELECT {words}".encode(), {"store": venue.store}).fetchall()
        if found != value:
            wrong.append((prepare, words, found))
    assert wrong == []


def test_a_code_that_a_till_looked_up_pays_for_a_day(venue: Venue, session: psycopg.Connection[Any]) -> None:
    voucher = issue(venue)
    place = new_id()
    insert = "INSERT INTO till.voucher_asks VALUES (%s, %s, 1, %s, now() - %s::interval)"
    holder = "SELECT warm.holder_of(jsonb_populate_record(NULL::warm.incoming_event, %s))::text"
    for ago, till, tender, found in (
        ("23:59:59.999999", 1, "VOUCHER", voucher),
        ("24:00:00", 1, "VOUCHER", None),
        ("0", 2, "VOUCHER", None),
        ("0", 1, "ACCOUNT", place),
    ):
        session.execute(insert, [place, venue.store, voucher, ago])
        event = {"store_id": venue.store, "till_id": till, "data": {"tender": tender, "place": place}}
        assert session.execute(holder, [Jsonb(event)]).fetchall() == [(found,)], (ago, till, tender)
        session.execute("DELETE FROM till.voucher_asks")


def test_id_of_the_server_is_beyond_all_of_its_order(venue: Venue) -> None:
    """The last event, the last move and the hold of an order may each be the greatest."""
    till, cart = venue.keyed()
    till.push()
    least = "warm.least_id(now() + interval '20 hours')::text"
    ahead = f"overlay(overlay({least} placing '7' from 15) placing '8' from 20)::uuid"
    for column in ("last_event", "last_move", "hold_id"):
        with venue.owner.transaction(force_rollback=True):
            venue.owner.execute(f"UPDATE till.order_sessions SET {column} = {ahead}".encode())  # noqa: S608 - a column
            query = f"SELECT warm.server_event_v1(%s, 9, 'session_swept', %s, '{{\"minutes\": 1}}') > {ahead}"
            assert venue.value(query, venue.store, cart.session) is True, column
