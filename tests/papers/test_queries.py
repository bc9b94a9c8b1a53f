"""The queries of docs/adaptations.md, as written, where a venue traded; each figure by a count of the events."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from db.embedded import places
from tests.papers import queries
from tests.papers.conftest import ITEMS, LEFT, STAYS, recorded

if TYPE_CHECKING:
    import psycopg

    from tests.papers.conftest import Books, Sealed
    from tests.plugins.terminals import Venue

DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)


def streams(events: list[Sealed]) -> set[str]:
    return {event.stream for event in events}


def orders_of(events: list[Sealed]) -> set[str]:
    return {event.data["order_id"] for event in events if event.type == "order_placed"}


def test_the_venue_traded_so_that_every_window_leaves_something_out(books: Books) -> None:
    keyed = [event for event in books.events if event.type == "item_added"]
    assert len(books.since(DAY, "item_added")) < len(books.since(WEEK, "item_added")) < len(keyed)
    assert min(event.at for event in keyed) < books.now - MONTH
    assert {event.type for event in books.events} >= {
        "menu_viewed", "item_added", "line_voided", "order_placed", "order_opened", "logged_in", "logged_out",
    }  # fmt: skip
    assert {event.till for event in keyed} == {0, 1, 90}  # the chat, a till, the replay


# The paper on hot and cold sessions


def test_active_sessions_are_those_on_which_something_was_done_in_five_minutes(
    books: Books, owner: psycopg.Connection[Any]
) -> None:
    lately = [event for event in books.events if event.session and event.at > books.now - timedelta(minutes=5)]
    assert books.value(queries.ACTIVE_SESSIONS.text) == len(streams(lately)) > 0
    owner.execute("UPDATE session_state SET last_activity_at = NOW() - INTERVAL '6 minutes' WHERE user_id = '4'")
    of_others = [event for event in lately if event.type == "order_opened" and event.data["user"] != STAYS]
    assert books.value(queries.ACTIVE_SESSIONS.text) == len(streams(of_others)) > 0


def test_the_sizes_are_those_of_the_files(books: Books, traded: Venue) -> None:
    home = places.find(traded.folder, places.default_system_dir())
    assert home is not None
    rows, of_files = _sizes(books), dict[tuple[str, str], str]()
    for _look in range(5):  # a vacuum may be at work meanwhile
        of_files = {(schema, table): pretty(_bytes(books, f"{schema}.{table}", home.folder)) for schema, table in rows}
        before, rows = rows, _sizes(books)
        if rows == before:
            break
    assert rows == of_files
    assert {table for schema, table in rows if schema == "hot"} == {
        "session_cart", "session_state", "session_preferences", "session_told",
    }  # fmt: skip
    assert {table for schema, table in rows if schema == "warm"} == {
        "session_events", "session_checkout", "session_payment_intent",
    }  # fmt: skip


def _sizes(books: Books) -> dict[tuple[str, str], str]:
    return {(schema, table): size for schema, table, size in books.rows(queries.HOT_SIZES.text)}


def _bytes(books: Books, table: str, home: Path) -> int:
    """Return the size of a table's files in bytes, with its indexes and its TOAST table."""
    found = books.rows(
        "WITH parts AS (SELECT %s::regclass AS part UNION SELECT reltoastrelid FROM pg_class WHERE oid = %s::regclass)"
        " SELECT pg_relation_filepath(part) FROM parts WHERE part <> 0"
        " UNION SELECT pg_relation_filepath(indexrelid) FROM pg_index JOIN parts ON indrelid = part",
        table, table,
    )  # fmt: skip
    (data,) = {path.parent for path in home.rglob("PG_VERSION") if (path.parent / "global").is_dir()}
    # a relation `1234` has the files 1234, 1234.1, 1234_vm and so on
    firsts = [data / name for (name,) in found]
    return sum(
        path.stat().st_size
        for first in firsts
        for path in first.parent.glob(f"{first.name}*")
        if path.stem.split("_")[0] == first.name
    )


def pretty(size: int) -> str:
    """Return a size as `pg_size_pretty` writes it, below ten megabytes."""
    return f"{size} bytes" if size < 10 * 1024 else f"{(size + 512) // 1024} kB"


def test_a_session_takes_as_much_room_as_documented(books: Books) -> None:
    """The hot rows as their paper has it, and an event as docs/adaptations.md has it."""
    assert books.value("SELECT max(pg_column_size(c.*)) FROM session_cart AS c") <= 200
    states = "SELECT max(pg_column_size(s.*)) FROM session_state AS s"
    assert books.value(f"{states} WHERE coalesce(last_shown_menu, '[]') = '[]'") <= 500
    events = "SELECT avg(pg_column_size(e.*)) FROM session_events AS e WHERE session_id IS NOT NULL"
    assert 1000 < books.value(events) < 1600


def test_paid_sessions_match_the_events(books: Books) -> None:
    begun = streams(books.since(DAY, "item_added"))
    paid = orders_of([event for event in books.events if event.stream in begun])
    assert books.rows(queries.CONVERSION.text) == [(len(begun), len(paid), len(paid) / len(begun) * 100)]
    assert 0 < len(paid) < len(begun)


def test_the_clean_up_takes_what_nobody_touched_for_a_day_and_leaves_the_log(
    books: Books, owner: psycopg.Connection[Any]
) -> None:
    for query in (queries.CLEAN_CART, queries.CLEAN_STATE):
        assert owner.execute(query.text).rowcount > 0, "the days before, which were replayed"
    carts = books.value("SELECT count(*) FROM session_cart")
    assert owner.execute(queries.CLEAN_CART.text).rowcount == owner.execute(queries.CLEAN_STATE.text).rowcount == 0
    old = "UPDATE session_state SET last_activity_at = NOW() - INTERVAL '25 hours' WHERE session_id = 'sess_abc123'"
    owner.execute(old)
    assert owner.execute(queries.CLEAN_CART.text).rowcount == 2
    assert owner.execute(queries.CLEAN_STATE.text).rowcount == 1
    assert books.value("SELECT count(*) FROM session_cart") == carts - 2
    with pytest.raises(Error, match="never change"):
        owner.execute(queries.CLEAN_EVENTS.text)


# The conversation


def test_the_funnel_is_that_of_the_events(books: Books) -> None:
    steps = [len(streams(books.since(DAY, one))) for one in ("menu_viewed", "item_added", "order_placed")]
    assert books.rows(queries.FUNNEL.text) == [tuple(steps)]
    assert steps[0] == 2
    assert min(steps[1:]) > steps[0]


def test_the_popular_items_are_those_of_which_most_pieces_were_keyed_in_a_week(books: Books) -> None:
    keyed: Counter[str] = Counter()
    for event in books.since(WEEK, "item_added"):
        keyed[event.data["item_name"]] += event.data["quantity"]
    rows = books.rows(queries.POPULAR.text)
    assert len(rows) == 10 < len(keyed)
    assert [pieces for _item, pieces in rows] == [pieces for _item, pieces in keyed.most_common(10)]
    assert all(keyed[item] == pieces for item, pieces in rows)
    # as the recorded bar has it: twice in a week, once more before it
    assert dict(rows)["Ale number 12"] == 2 * ITEMS["Ale number 12"]
    assert sum(1 for line in recorded().lines if line[-1] == "Ale number 12") == 3


def test_the_time_to_order_is_from_the_first_menu_to_the_payment(books: Books) -> None:
    looked: dict[str, datetime] = {}
    paid: dict[str, datetime] = {}
    for event in sorted(books.since(DAY, "menu_viewed", "order_placed"), key=lambda event: event.at):
        (looked if event.type == "menu_viewed" else paid).setdefault(event.stream, event.at)
    times = [paid[one] - looked[one] for one in paid if one in looked]
    assert len(times) == 2
    average = books.value(queries.TIME_TO_ORDER.text)
    assert abs(average - sum(times, timedelta()) / len(times)) <= timedelta(microseconds=1)
    assert average > timedelta()


def test_the_trail_of_a_session_is_whole_and_in_order(books: Books) -> None:
    named = "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
    columns = [column for (column,) in books.rows(named, "session_events")]
    rows = [dict(zip(columns, row, strict=True)) for row in books.rows(queries.TRAIL.text)]
    sealed = sorted((event for event in books.events if event.session == "sess_abc123"), key=lambda event: event.at)
    assert [(row["event_type"], row["event_data"], row["timestamp"]) for row in rows] == [
        (event.type, event.data, event.at) for event in sealed
    ]
    # by their ids: the clock of the till is behind the server's by as long as its last answer took
    assert [event.type for event in sorted(sealed, key=lambda event: event.id)] == [
        "order_opened", "menu_viewed", "item_added", "item_added", "item_added", "checkout_started", "order_submitted",
        "order_granted", "payment_started", "payment_approved", "order_placed", "order_numbered",
    ]  # fmt: skip


def test_the_cart_of_a_session_is_what_its_events_come_to(books: Books) -> None:
    exact = queries.EXACT_STATE.text.replace("?", "%s")
    (session,) = {event.session for event in books.events if event.type == "item_added" and event.user == STAYS} & {
        row[0] for row in books.rows("SELECT id FROM order_sessions WHERE status = 'active'")
    }
    lines = {event.data["line_id"]: event.data for event in books.events if event.session == session
             and event.type == "item_added"}  # fmt: skip
    for event in books.events:
        if event.session == session and event.type == "line_voided":
            del lines[event.data["line_id"]]
    assert books.rows(exact, session) == [(line["item_name"], line["quantity"]) for line in lines.values()]
    assert lines
    total = sum(Decimal(line["price"]) * line["quantity"] for line in lines.values())
    cart = queries.CART.text.replace("sess_abc123", str(session))
    assert sum(row[-1] for row in books.rows(cart)) == total
    assert books.value(queries.CART_TOTAL.text.replace("sess_abc123", str(session))) == total
    # of the conversation, which was paid
    assert (books.rows(queries.CART.text), books.value(queries.CART_TOTAL.text)) == ([], 0)
    assert books.rows(exact, "sess_abc123") == []
    assert books.value(queries.LAST_MENTIONED.text) == "Masala Dosa"


def test_the_conversation_left_what_its_paper_lists_at_its_end(books: Books) -> None:
    (placed,) = [
        event.data for event in books.events if event.type == "order_placed" and event.session == "sess_abc123"
    ]
    rows = books.rows("SELECT order_id::text, receipt FROM orders WHERE session_id = 'sess_abc123'")
    assert rows == [(placed["order_id"], placed["receipt"])]
    assert re.fullmatch(r"1-[0-9]{6}", placed["receipt"]), "it was paid at the counter"
    assert books.rows(
        "SELECT customer_id::text, total_amount, order_type, source_name FROM orders "
        "JOIN order_source_type USING (order_source_id) WHERE session_id = 'sess_abc123'"
    ) == [("4c85ba72-f59b-4287-bf91-e53f49ed0b9d", Decimal(240), "take_away", "chatbot")]
    assert books.rows(
        "SELECT menu_item_id, item_name, quantity, unit_price, subtotal FROM order_item JOIN orders USING (order_id) "
        "WHERE session_id = 'sess_abc123' ORDER BY position"
    ) == [
        ("item-123", "Idly", 2, Decimal(40), Decimal(80)), ("item-456", "Masala Dosa", 2, Decimal(80), Decimal(160)),
    ]  # fmt: skip


# The session service


def logins(books: Books, user: int) -> list[Sealed]:
    return [event for event in books.events if event.type == "logged_in" and event.user == user]


@pytest.mark.parametrize("user", [STAYS, LEFT])
def test_the_sessions_of_a_user_are_the_logins_that_have_not_expired(books: Books, user: int) -> None:
    rows = books.rows(queries.OF_USER.text.replace("<user_id>", str(user)))
    (login,) = logins(books, user)
    ((session, created, active, expires, simulator),) = rows
    assert (session, created, simulator) == (login.stream, login.at, None)
    silent = books.now - timedelta(minutes=5)
    assert created <= active <= books.now < expires <= active + timedelta(hours=12)
    # a logged-out person is listed until the login would have expired: docs/adaptations.md says what to ask instead
    (status, ended), *_more = books.rows(
        "SELECT status, ended_at FROM session.sessions_now WHERE session_id = %s", session
    )
    assert (status == "INACTIVE", ended is not None) == ((True, True) if user == LEFT else (active < silent, False))


def test_user_without_logins_has_no_sessions(books: Books) -> None:
    assert books.rows(queries.OF_USER.text) == []
    assert books.rows(queries.OF_USER.text.replace("<user_id>", "6")) == []


def test_the_connections_are_those_of_the_screens_that_are_open(books: Books, owner: psycopg.Connection[Any]) -> None:
    ((left,), (stays,)) = logins(books, LEFT), logins(books, STAYS)
    # the till was killed within ten seconds of the login, before a second heartbeat told the round trip of the first
    owner.execute(
        "UPDATE session.session_metadata SET metadata = metadata || %s WHERE session_id = %s",
        [Jsonb({"connection_quality": "DEGRADED"}), stays.stream],
    )
    rows = {row[0]: row[1:] for row in books.rows(queries.CONNECTIONS.text)}
    assert rows.keys() == {left.stream, stays.stream}
    out = {event.stream for event in books.events if event.type == "logged_out"}
    assert out == {left.stream}
    assert rows[left.stream][:2] == (0, 0)
    screens, streams_open, quality, since = rows[stays.stream]
    assert (screens, streams_open, quality) == (1, 1, "DEGRADED")
    assert min(event.received for event in books.events) < datetime.fromisoformat(since) <= books.now


def test_simulators_are_inactive_after_an_hour_of_silence(books: Books, owner: psycopg.Connection[Any]) -> None:
    assert books.rows(queries.INACTIVE_SIMULATORS.text) == []
    (login,) = logins(books, STAYS)
    for name, state, minutes in (("a", "RUNNING", 90), ("b", "STOPPED", 90), ("c", "ERROR", 59), ("d", "ERROR", 61)):
        owner.execute(
            "INSERT INTO simulator.instances (simulator_id, session_id, user_id, status, last_active)"
            " VALUES (%s, %s, '4', %s, now() - make_interval(mins => %s))",
            [name, login.stream, state, minutes],
        )
    rows = books.rows(queries.INACTIVE_SIMULATORS.text)
    assert sorted(rows) == [
        ("a", login.stream, "4", "RUNNING", Decimal(90 * 60)), ("d", login.stream, "4", "ERROR", Decimal(61 * 60)),
    ]  # fmt: skip


# Session lists at scale


def test_the_open_sessions_of_a_waiter_are_asked_of_orders(books: Books, owner: psycopg.Connection[Any]) -> None:
    """`users` has no sessions here: the query is adapted, and an index serves it."""
    with pytest.raises(Error, match="does not exist"), owner.transaction():
        owner.execute(queries.SESSIONS_OF_A_WAITER.text.replace("?", "'4'"))
    open_ones = "SELECT id FROM order_sessions WHERE user_id = %s AND status NOT IN ('completed', 'discarded')"
    ended = streams([event for event in books.events if event.type in {"order_placed", "order_discarded"}])
    mine = {event.stream for event in books.events if event.type == "order_opened" and event.data["user"] == STAYS}
    assert {row[0] for row in books.rows(open_ones, STAYS)} == mine - ended
    store = books.value("SELECT store_id FROM stores")
    owner.execute("SET LOCAL enable_seqscan = off")
    plan = books.rows(f"EXPLAIN ANALYZE {open_ones} AND store_id = %s", STAYS, store)
    assert any("order_sessions_" in line and "Index" in line for (line,) in plan)


# The owner's papers, where they are


def squeezed(text: str) -> str:
    return " ".join(text.split())


def written() -> list[Any]:
    return [pytest.param(one, id=name) for name, one in vars(queries).items() if isinstance(one, queries.Written)]


PAPERS = Path(__file__).parents[3] / "shared" / "documents"


@pytest.mark.skipif(not PAPERS.is_dir(), reason="the owner's papers are not on this machine")
@pytest.mark.parametrize("one", written())
def test_a_query_is_what_its_paper_says(one: queries.Written) -> None:
    assert one.text.strip() in (PAPERS / one.paper).read_text(encoding="utf-8")


@pytest.mark.skipif(not PAPERS.is_dir(), reason="the owner's papers are not on this machine")
def test_no_query_of_the_papers_is_left_out() -> None:
    """Each query is tested here, or is part of a statement that omits some of it."""
    known = [squeezed(one.text) for one in vars(queries).values() if isinstance(one, queries.Written)]
    for paper in PAPERS.glob("*.md"):
        blocks = paper.read_text(encoding="utf-8").split("```sql\n")[1:]
        for block in (one.split("```")[0] for one in blocks):
            lines = [line for line in block.splitlines() if not line.lstrip().startswith("--")]
            for statement in "\n".join(lines).split(";"):
                asks = squeezed(statement)
                if asks.startswith("SELECT") and "..." not in asks:
                    assert f"{asks};" in known, paper.name
