"""Completed orders and recorded events never change, not even for the owner of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg import Error

from tests.sql.ringing import IDLY

if TYPE_CHECKING:
    from tests.plugins.database import Shelf
    from tests.sql.ringing import Venue

CHILDREN = ["order_item", "order_line", "order_payment", "order_status_history"]


@pytest.fixture
def sold(venue: Venue) -> Venue:
    till, cart = venue.keyed(IDLY)
    till.clear(cart, "Mrs Rao left")
    till.place(cart)
    till.push(cart.snapshot(0))
    assert venue.value("SELECT count(*) FROM orders") == 1
    return venue


@pytest.mark.parametrize("table", ["orders", *CHILDREN])
@pytest.mark.parametrize(
    "statement", ["UPDATE cold.{} SET store_id = store_id", "DELETE FROM cold.{}", "TRUNCATE cold.{} CASCADE"]
)
def test_a_completed_order_never_changes(sold: Venue, table: str, statement: str) -> None:
    with pytest.raises(Error, match="A correction is a new document") as refused:
        sold.owner.execute(statement.format(table))
    assert refused.value.sqlstate == "TL002"


@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO cold.order_item SELECT order_id, position + 9, menu_item_id, item_name, quantity, unit_price,
            subtotal, net, tax, discount, off, taxes, modifiers, measure, category, line_ids, store_id
            FROM cold.order_item""",
        "INSERT INTO cold.order_line SELECT gen_random_uuid(), order_id, store_id FROM cold.order_line",
        """INSERT INTO cold.order_payment SELECT order_id, position + 9, false, NULL, tender, amount, tip,
            transaction, till_id, user_id, store_id FROM cold.order_payment""",
        """INSERT INTO cold.order_status_history
            SELECT order_id, 9, status, event_type, changed_at, NULL, NULL, store_id
            FROM cold.order_status_history LIMIT 1""",
        "INSERT INTO cold.order_line SELECT gen_random_uuid(), gen_random_uuid(), store_id FROM cold.orders",
    ],
)
def test_a_completed_order_takes_nothing_more(sold: Venue, statement: str) -> None:
    with pytest.raises(Error, match="A correction is a new document"):
        sold.owner.execute(statement)


def test_the_transaction_that_placed_an_order_adds_nothing_to_it_afterwards(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    till.place(cart)
    till.connection = venue.owner
    with till.connection.transaction():
        till.push(cart.snapshot(0))
        with pytest.raises(Error, match=r"insert of .* is refused"), till.connection.transaction():
            venue.owner.execute(
                "INSERT INTO cold.order_line SELECT gen_random_uuid(), order_id, store_id FROM cold.orders"
            )

    assert venue.value("SELECT count(*) FROM cold.order_line") == 1


@pytest.mark.parametrize(
    "statement",
    ["UPDATE session_events SET shift = NULL", "DELETE FROM session_events", "TRUNCATE session_events CASCADE"],
)
def test_an_event_never_changes(sold: Venue, statement: str) -> None:
    with pytest.raises(Error, match="Correct it with another event"):
        sold.owner.execute(statement)


def test_a_replica_keeps_the_triggers(shelf: Shelf, migrated: str) -> None:
    """The triggers are ENABLE ALWAYS, except where an order's children come late, and of what is replicated itself."""
    modes = """
        SELECT tgenabled::text, array_agg(DISTINCT tgname::text) = '{notes_unstamped,nothing_late}',
            bool_or(tgfoid = 'warm.refuse_losing'::regproc)
        FROM pg_trigger WHERE NOT tgisinternal GROUP BY 1 ORDER BY 1"""
    with shelf.made(migrated) as database, database.connect() as owner:
        assert owner.execute(modes).fetchall() == [("A", False, True), ("O", True, False)]


def test_the_text_beside_an_event_can_be_erased(sold: Venue) -> None:
    sold.owner.execute("DELETE FROM warm.event_texts")

    assert sold.value("SELECT count(*) FROM session_events WHERE event_data->'digests'->>'reason' <> ''") == 1


@pytest.mark.parametrize("status", ["active", "pending_logout", "discarded", None])
def test_a_completed_session_stays_completed(sold: Venue, status: str | None) -> None:
    with pytest.raises(Error) as refused:
        sold.owner.execute("UPDATE till.order_sessions SET status = %s WHERE status = 'completed'", [status])
    assert refused.value.sqlstate == "TL002"
