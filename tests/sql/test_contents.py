"""The relation: what each order made, had and gave away, as a push writes it and as the log alone gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from tests.sql.test_archive import archive, leave
from tests.sql.test_refunds import quarantined

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

TABLES = ("warm.order_contents", "warm.content_moves", "warm.sale_claims", "cold.order_contents_archive",
          "cold.content_moves_archive")  # fmt: skip
REBUILD = "SELECT warm.rebuild_relation(%s)"


def relation(venue: Venue) -> dict[str, Any]:
    return {name: venue.rows(f"SELECT to_jsonb(t)::text FROM {name} AS t ORDER BY 1") for name in TABLES}  # noqa: S608 - ours


def pay(till: Till, cart: Cart, amount: str) -> dict[str, Any]:
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": amount, "change": "0.00"}
    started = {"payment_id": payment["payment_id"], "tender": "CASH", "amount": amount, "key": "k"}
    till.make("payment_started", cart.session, started)
    till.make("payment_approved", cart.session, {**payment, "tendered": amount})
    return payment


def evening(venue: Venue) -> tuple[Till, Cart, Cart]:
    """A table from which a line was cut and moved to another one, which is paid; the first is open."""
    till = venue.till()
    table, bar = Cart(), Cart()
    for cart in (table, bar):
        till.open(cart)
    line, into = till.add(table, IDLY, 2), new_id()
    till.look(table)
    with till.deciding() as decided:
        till.make("line_cut", table.session, {"line_id": line, "into": into, "quantity": 1})
        table.lines[into] = (IDLY, 1)
        till.hand_on(table, bar, into)
    till.done(decided)
    till.place(bar, payments=[pay(till, bar, "40.00")])
    till.push()
    assert quarantined(venue) == []
    return till, table, bar


def test_contents_name_each_item_with_its_event(venue: Venue) -> None:
    _till, table, bar = evening(venue)
    rows = venue.rows(
        "SELECT c.session_id, e.event_type, c.content_id::text = any (%s), c.parent_id::text = any (%s), c.is_payment,"
        " c.till_id, c.user_id"
        " FROM warm.order_contents AS c JOIN session_events AS e USING (event_id) ORDER BY e.event_id",
        list(table.lines) + list(bar.lines), list(table.lines),
    )  # fmt: skip
    assert rows == [
        (table.session, "item_added", True, None, False, 1, 1),
        (table.session, "line_cut", True, True, False, 1, 1),
        (bar.session, "payment_started", False, None, True, 1, 1),
    ]


def test_contents_name_all_orders_of_a_line(venue: Venue) -> None:
    _till, table, bar = evening(venue)
    (into,) = bar.lines
    now = "SELECT session_id FROM warm.contents_now WHERE content_id = %s"
    assert venue.rows(now, into) == [(bar.session,)]
    assert [venue.rows(now, line) for line in table.lines] == [[(table.session,)]]
    had = "SELECT warm.ever_had(%s, %s)"
    assert [venue.value(had, cart.session, into) for cart in (table, bar)] == [True, True]
    assert [venue.value(had, bar.session, line) for line in table.lines] == [False]


def test_a_line_that_came_back_is_where_it_was(venue: Venue) -> None:
    till, table, bar = venue.till(), Cart(), Cart()
    for cart in (table, bar):
        till.open(cart)
    line = till.add(table, IDLY)
    for origin, target in ((table, bar), (bar, table)):
        till.bring(target, origin)
    assert venue.rows("SELECT session_id FROM warm.contents_now WHERE content_id = %s", line) == [(table.session,)]


def test_a_line_that_was_brought_to_an_order_twice_is_sold_there(venue: Venue) -> None:
    till, bar, table, guest = venue.till(), Cart(), Cart(), Cart()
    for cart in (bar, table, guest):
        till.open(cart)
    line = till.add(bar, IDLY)
    for came_from, into in ((bar, table), (table, guest), (guest, table)):
        till.move(came_from, into, line)
    till.place(table, payments=[pay(till, table, "40.00")])
    till.push()
    assert quarantined(venue) == []


def test_a_sold_line_that_is_moved_leaves_the_open_order(venue: Venue) -> None:
    till, table, bar = evening(venue)
    (into,) = bar.lines
    till.bring(table, bar)
    till.add(table, DOSA)
    till.push()
    assert venue.rows("SELECT session_id FROM warm.contents_now WHERE content_id = %s", into) == []


def test_the_log_alone_gives_it_again(venue: Venue) -> None:
    till, _table, bar = evening(venue)
    claims = Cart(lines={new_id(): (DOSA, 1)})
    till.open(claims)
    till.place(claims)
    till.push()
    before = relation(venue)
    assert [len(before[name]) for name in TABLES[:3]] == [3, 2, 2]
    venue.value(REBUILD, venue.store)
    assert relation(venue) == before
    venue.owner.execute("DELETE FROM warm.content_moves")
    venue.owner.execute("UPDATE warm.order_contents SET session_id = %s, parent_id = NULL", [bar.session])
    assert relation(venue) != before
    venue.value(REBUILD, venue.store)
    assert relation(venue) == before


def test_contents_follow_their_order_to_the_archive_and_back(venue: Venue) -> None:
    till, table, bar = evening(venue)
    before = relation(venue)
    leave(venue)
    assert archive(venue) == 1
    away = relation(venue)
    assert [len(away[name]) for name in TABLES] == [2, 1, 0, 1, 1]
    assert all(bar.session in row for name in TABLES[3:] for (row,) in away[name])
    venue.value(REBUILD, venue.store)
    assert relation(venue) == away
    assert venue.value("SELECT warm.ever_had(%s, %s)", bar.session, next(iter(bar.lines)))
    till.look(bar)
    till.push()
    assert relation(venue) == before
    assert table.session != bar.session


def test_a_line_in_the_archive_is_keyed_and_sold_by_no_other_order(venue: Venue) -> None:
    till = venue.till()
    old, new = Cart(), Cart()
    till.open(old)
    till.add(old, DOSA)
    till.place(old, payments=[pay(till, old, "80.00")])
    till.push()
    leave(venue)
    assert archive(venue) == 1
    till.open(new)
    (line,) = old.lines
    data = {"line_id": line, "item_id": DOSA, "item_name": "Dosa", "quantity": 1, "price": "0", "taxes": []}
    till.make("item_added", new.session, data)
    new.lines = dict(old.lines)
    till.place(new)
    till.push()
    assert quarantined(venue) == ["A line with this id was already keyed.", "The sale lists lines of another order."]
    assert venue.value("SELECT count(*) FROM warm.order_contents") == 0
    venue.value(REBUILD, venue.store)


@pytest.mark.parametrize("late", ["the line", "the payment", "both"])
def test_a_claim_holds_when_the_log_gets_to_know_what_it_is_about(venue: Venue, late: str) -> None:
    """After a restore, the till that sold is back before the one that keyed."""
    keys, sells = venue.till(1), venue.till(2)
    cart = keys.keyed()
    keys.push()
    if late == "the line":
        payment = pay(keys, cart, "80.00")
        keys.push()
        keys.add(cart, DOSA)
    else:
        keys.add(cart, DOSA)
        if late == "the payment":
            keys.push()
        payment = pay(keys, cart, "80.00")
    sells.take(cart)
    sells.place(cart, payments=[payment | ({"till": 1} if late == "the line" else {})])
    sells.push()
    claims = "SELECT count(*) FROM warm.sale_claims"
    assert venue.value(claims) == (2 if late == "both" else 1)
    assert venue.value("SELECT count(*) FROM cold.orders") == 1
    keys.push()
    assert venue.value(claims) == 0
    assert venue.value("SELECT array_agg(line_id::text) FROM cold.order_line") == list(cart.lines)
    assert (quarantined(venue), venue.value("SELECT count(*) FROM cold.contested_sales")) == ([], 0)
    before = relation(venue)
    venue.value(REBUILD, venue.store)
    assert relation(venue) == before


@pytest.mark.parametrize("batches", [1, 2])
def test_lines_that_were_moved_while_the_till_was_away_are_sold_where_they_went(venue: Venue, batches: int) -> None:
    """The till opened, keyed, moved and sold offline; the database accepts the events in any order of reading."""
    till = venue.till()
    carts = [Cart(), Cart(), Cart()]
    for cart in carts:
        till.open(cart)
    till.add(carts[1], DOSA)
    for origin, target in ((carts[1], carts[0]), (carts[0], carts[2])):
        till.bring(target, origin)
    if batches == 2:
        till.push(events=till.pending[:3])
    till.place(carts[2], payments=[pay(till, carts[2], "80.00")])
    till.push()
    assert (quarantined(venue), venue.value("SELECT count(*) FROM warm.sale_claims")) == ([], 0)
    assert venue.rows("SELECT session_id FROM cold.orders") == [(carts[2].session,)]


def test_a_payment_that_two_sales_of_an_order_claim_counts_with_the_first(venue: Venue) -> None:
    """A restore lost what both list: the line and the payment of the first, and the line of the second."""
    till, cart = venue.keyed()
    cart.lines = {new_id(): (DOSA, 1)}
    order = till.place(cart)
    till.push()
    cart.lines = {new_id(): (DOSA, 1)}
    till.place(cart, payments=order["payments"])
    till.push()
    assert venue.value("SELECT count(*) FROM cold.orders") == 2
    assert venue.rows("SELECT order_id::text FROM cold.order_payment") == [(order["order_id"],)]
