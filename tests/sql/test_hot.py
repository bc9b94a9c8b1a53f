"""The hot rows: kept by pushes, emptied by a crash, made again from snapshots."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

EMPTY = "TRUNCATE hot.session_cart, hot.session_state, hot.session_preferences, hot.hot_epoch"
ROWS = (
    "SELECT session_id, item_id, item_name, quantity, price, is_active FROM session_cart WHERE is_active ORDER BY 1, 2",
    "SELECT session_id, user_id, current_step, last_mentioned_item_name, last_shown_menu FROM session_state ORDER BY 1",
    "SELECT session_id, name, value FROM session_preferences ORDER BY 1, 2",
)
MENU = [{"id": IDLY, "name": "Idly", "position": 1}, {"id": DOSA, "name": "Masala Dosa", "position": 2}]


def test_the_tables_are_unlogged(venue: Venue) -> None:
    kinds = venue.rows(
        "SELECT DISTINCT relpersistence::text FROM pg_class WHERE relnamespace = 'hot'::regnamespace AND relkind = 'r'"
    )
    assert kinds == [("u",)]


def test_a_cart_row_is_an_item_and_what_leaves_the_cart_is_no_longer_active(venue: Venue) -> None:
    till, cart = venue.till(), Cart()
    till.open(cart)
    till.add(cart, IDLY, 1)
    till.add(cart, IDLY, 2)
    gone = till.add(cart, DOSA)
    till.shown(cart, preferences={"spice": "mild"})
    assert venue.rows("SELECT item_name, quantity, price FROM session_cart ORDER BY 1") == [
        ("Idly", 3, Decimal("40.00")), ("Masala Dosa", 1, Decimal("80.00")),
    ]  # fmt: skip
    till.make("line_voided", cart.session, {"line_id": gone})
    del cart.lines[gone]
    till.shown(cart, preferences={"spice": "hot"})

    assert venue.rows("SELECT item_name, is_active FROM session_cart ORDER BY 1") == [
        ("Idly", True), ("Masala Dosa", False),
    ]  # fmt: skip
    assert venue.rows("SELECT name, value FROM session_preferences") == [("spice", "hot")]
    assert venue.value("SELECT get_cart_total(%s)", cart.session) == Decimal("120.00")


def test_a_row_that_did_not_change_is_not_written(venue: Venue) -> None:
    till, cart = venue.till(), Cart()
    till.open(cart)
    till.add(cart, IDLY)
    till.shown(cart)
    before = venue.value("SELECT ctid::text FROM session_cart")
    till.add(cart, DOSA)
    till.shown(cart)

    assert venue.value("SELECT ctid::text FROM session_cart WHERE item_name = 'Idly'") == before


@pytest.mark.parametrize(
    ("amount", "quantity", "total"),
    [("100.00", 3, "100.00"), ("0.01", 7, "0.01"), ("-80.00", -2, "-80.00"), ("100", 3, "100"), ("1.000", 7, "1.000")],
)
def test_a_price_that_does_not_divide_comes_back_to_its_amount(
    venue: Venue, amount: str, quantity: int, total: str
) -> None:
    price = "hot.unit_price(%s::numeric, %s)"
    found = venue.value(f"SELECT hot.line_total(%s, {price})::text", quantity, amount, quantity)
    assert found == total


def test_what_a_crash_emptied_is_there_after_the_next_push(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    carts = [Cart(user=1), Cart(user=2)]
    for till, cart in zip((one, two), carts, strict=True):
        till.open(cart)
        till.make(
            "menu_viewed", cart.session, {"query": "", "result_count": 2, "meal_period": "Breakfast", "items": MENU}
        )
        till.add(cart, IDLY, 2)
        snapshot = cart.snapshot(till.base(cart), preferences={"spice": "mild"})
        snapshot["state"]["last_shown_menu"] = MENU
        epoch = till.push(snapshot)["epoch"]
    done = Cart()
    one.open(done)
    one.add(done, DOSA)
    one.place(done)
    one.push(done.snapshot(0))
    full = [[row for row in venue.rows(query) if row[0] != done.session] for query in ROWS]
    venue.owner.execute(EMPTY)

    assert one.push()["epoch"] != epoch
    assert [venue.rows(query) for query in ROWS] == full
    assert len(full[0]) == 2
    assert venue.value("SELECT hot.hot_rebuild_v1(%s)", venue.store) is None


def test_a_new_store_gets_its_epoch_with_the_first_push(venue: Venue) -> None:
    assert venue.till().push()["epoch"] == venue.value("SELECT epoch FROM hot.hot_epoch")


def test_many_are_made_again_some_at_a_time(venue: Venue) -> None:
    till = venue.till()
    for _ in range(130):
        cart = Cart()
        till.open(cart)
        till.add(cart, IDLY)
        till.shown(cart)
    venue.owner.execute(EMPTY)

    assert till.push()["epoch"] is None
    assert venue.value("SELECT count(*) FROM session_state") == 100
    assert till.push()["epoch"] is not None
    assert venue.value("SELECT count(*) FROM session_cart WHERE is_active") == 130
