"""The hot rows: kept by pushes, emptied by a crash, made again from snapshots."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from db import migrate
from db.embedded import EmbeddedServer
from db.engine import connect
from tests.sql.ringing import DOSA, IDLY, Cart, make_venue

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sql.ringing import Till, Venue

EMPTY = "TRUNCATE hot.session_cart, hot.session_state, hot.session_preferences, hot.hot_epoch"
ROWS = (
    "SELECT session_id, item_id, item_name, quantity, price, is_active FROM session_cart WHERE is_active ORDER BY 1, 2",
    """SELECT session_id, user_id, current_step, last_mentioned_item_name, last_shown_menu, created_at, last_activity_at
    FROM session_state ORDER BY 1""",
    "SELECT session_id, name, value FROM session_preferences ORDER BY 1, 2",
)
MENU = [{"id": IDLY, "name": "Idly", "position": 1}, {"id": DOSA, "name": "Masala Dosa", "position": 2}]


def test_the_tables_are_unlogged(venue: Venue) -> None:
    kinds = venue.rows(
        "SELECT DISTINCT relpersistence::text FROM pg_class WHERE relnamespace = 'hot'::regnamespace AND relkind = 'r'"
    )
    assert kinds == [("u",)]


def test_a_cart_row_is_an_item_and_what_leaves_the_cart_is_no_longer_active(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY, (IDLY, 2))
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


def test_lines_of_one_push_keep_the_order_in_which_they_were_keyed(venue: Venue) -> None:
    till, cart = venue.keyed()
    for item in sorted((IDLY, DOSA), reverse=True):  # not the order that two of one moment would have
        till.add(cart, item)
    till.add(cart, DOSA)
    till.shown(cart)
    keyed = """SELECT event_data->>'item_id', min(timestamp) FROM session_events WHERE event_type = 'item_added'
        GROUP BY 1 ORDER BY 2"""
    shown = "SELECT item_id, added_at FROM session_cart ORDER BY added_at"
    cart_of = "SELECT item_id FROM get_session_cart(%s)"
    assert venue.rows(shown) == venue.rows(keyed)
    assert [row[0] for row in venue.rows(cart_of, cart.session)] == sorted((IDLY, DOSA), reverse=True)
    venue.owner.execute(EMPTY)
    assert venue.value("SELECT hot.hot_rebuild_v1(%s)", venue.store) == 1
    assert venue.rows(shown) == venue.rows(keyed)
    till.place(cart)
    till.push()  # without a snapshot
    assert venue.rows(shown) == venue.rows(keyed)


def test_a_row_that_did_not_change_is_not_written(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
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


def test_hot_rows_emptied_by_a_crash_are_rebuilt_by_the_next_push(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    carts = [Cart(user=1), Cart(user=2)]
    epochs = []
    for till, cart in zip((one, two), carts, strict=True):
        till.open(cart)
        till.look(cart, items=MENU)
        till.add(cart, IDLY, 2)
        snapshot = cart.snapshot(till.base(cart), preferences={"spice": "mild"})
        snapshot["state"]["last_shown_menu"] = MENU
        epochs.append(till.push(snapshot)["epoch"])
    done = one.keyed(DOSA)
    one.place(done)
    one.push(done.snapshot(0))
    full = [[row for row in venue.rows(query) if row[0] != done.session] for query in ROWS]
    venue.owner.execute(EMPTY)

    assert one.push()["epoch"] not in epochs
    assert [venue.rows(query) for query in ROWS] == full
    assert len(full[0]) == 2
    assert venue.value("SELECT hot.hot_rebuild_v1(%s)", venue.store) is None


def test_a_new_store_gets_its_epoch_with_the_first_push(venue: Venue) -> None:
    till = venue.till()
    epoch = till.push()["epoch"]
    assert venue.value("SELECT count(*) FROM hot.hot_epoch") == 1
    assert (till.push()["epoch"], venue.till(2).push()["epoch"]) == (epoch, epoch)


def test_a_dump_that_is_read_back_is_another_epoch_though_it_brings_the_hot_rows(venue: Venue) -> None:
    till = venue.till()
    epoch = till.push()["epoch"]
    rows = venue.rows("DELETE FROM hot.hot_epoch RETURNING *")
    venue.owner.execute("INSERT INTO hot.hot_epoch VALUES (%s, %s, %s)", rows[0])
    other = till.push()["epoch"]
    assert other not in {None, epoch}
    assert till.push()["epoch"] == other


def test_a_server_that_was_started_anew_is_another_epoch_for_its_folder_may_be_a_copy(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir, durable=False)
    epochs = []
    till: Till | None = None
    for _start in range(2):
        with server.acquire("a test"), connect(server.owner()) as owner, connect(server.app()) as app:
            if till is None:
                migrate.upgrade(server.owner())
                till = make_venue(owner, app).till()
            till.connection = app
            epochs += [till.push()["epoch"], till.push()["epoch"]]
            assert owner.execute("SELECT count(*) FROM hot.hot_epoch").fetchone() == (1,)
    assert epochs[0] == epochs[1]
    assert epochs[2] == epochs[3]
    assert epochs[0] != epochs[2]


def test_many_are_made_again_some_at_a_time(venue: Venue) -> None:
    till = venue.till()
    for _ in range(130):
        cart = till.keyed(IDLY)
        till.shown(cart)
    venue.owner.execute(EMPTY)

    assert till.push()["epoch"] is None
    assert venue.value("SELECT count(*) FROM session_state") == 100
    assert till.push()["epoch"] is not None
    assert venue.value("SELECT count(*) FROM session_cart WHERE is_active") == 130
