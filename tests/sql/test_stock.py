"""The account of the shelf at the server: what orders took, and what people say of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Cart, new_id, new_number, off
from tests.sql.test_refunds import Refund
from till.domain.events.envelope import time_text

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ["template", "venue"]


@pytest.fixture
def till(venue: Venue) -> Till:
    """Return a till of now, at a venue that keeps idlies and makes dosas at a station."""
    kept = [{"item_id": IDLY, "name": "Idly", "places": ["Bar"]}, {"item_id": DOSA, "name": "Masala Dosa"}]
    venue.owner.execute("SELECT till.stock_items_v1(%s, 1, %s)", [venue.store, Jsonb({"items": kept})])
    venue.owner.execute(
        "UPDATE till.settings SET body = body || %s WHERE store_id = %s AND name = 'settings'",
        [Jsonb({"stations": [{"name": "Grill", "items": [DOSA]}]}), venue.store],
    )
    till = venue.till()
    till.now = datetime.now(UTC)
    return till


def shelf(venue: Venue, item: str = IDLY) -> int | None:
    rows = venue.rows("SELECT item_id, amount FROM cold.stock_at(%s, now())", venue.store)
    found: int | None = dict(rows)[item]
    return found


def count(till: Till, amount: int, item: str = IDLY, minutes: int = 1) -> None:
    """Count an item as somebody saw it some minutes ago."""
    seen_at = time_text(datetime.now(UTC) - timedelta(minutes=minutes))
    till.make("stock_counted", None, {"item_id": item, "amount": amount, "seen_at": seen_at})


def ring(till: Till, pieces: int, item: str = IDLY) -> tuple[Cart, str]:
    cart = till.keyed()
    return cart, till.add(cart, item, pieces)


def send(till: Till, cart: Cart, line: str, pieces: int, item: str = DOSA, **more: Any) -> None:
    row = {"line_id": line, "item_id": item, "pieces": pieces}
    sent = {"station": "Grill", "ticket": new_number(till.number), "kind": "new", "lines": [row], **more}
    till.make("lines_sent", cart.session, sent)


def test_a_line_takes_with_its_save_or_its_sale(venue: Venue, till: Till) -> None:
    count(till, 20)
    cart, _line = ring(till, 3)
    till.shown(cart)
    assert shelf(venue) == 20, "keyed is not taken"
    till.save(cart, new_id())
    till.shown(cart)
    assert shelf(venue) == 17
    till.add(cart, IDLY, 2)
    till.shown(cart)
    assert shelf(venue) == 17
    till.place(cart)
    till.shown(cart, status="completed")
    assert shelf(venue) == 15


def test_open_orders_promise_what_was_not_sent(venue: Venue, till: Till) -> None:
    def promised() -> dict[str, int]:
        return {one["name"]: one["promised"] for one in venue.ask("stock_v1", None)}

    cart, _line = ring(till, 3)
    dish = till.add(cart, DOSA, 2)
    till.shown(cart)
    assert promised() == {"Idly": 3, "Masala Dosa": 2}
    till.save(cart, new_id())
    send(till, cart, dish, 1)
    till.shown(cart)
    assert promised() == {"Idly": 0, "Masala Dosa": 1}
    till.make("line_voided", cart.session, {"line_id": dish, "removed": off(DOSA, 2)})
    till.add(cart, IDLY, 4)
    till.shown(cart)
    assert promised() == {"Idly": 4, "Masala Dosa": 0}
    till.place(cart)
    till.shown(cart, status="completed")
    assert promised() == {"Idly": 0, "Masala Dosa": 0}


def test_a_dish_takes_with_its_ticket_and_never_more_than_was_keyed(venue: Venue, till: Till) -> None:
    count(till, 20, DOSA)
    cart, line = ring(till, 3, DOSA)
    till.save(cart, new_id())
    till.shown(cart)
    assert shelf(venue, DOSA) == 20, "a held course waits for its ticket, saved or not"
    send(till, cart, line, 3)
    till.shown(cart)
    assert shelf(venue, DOSA) == 17
    gone = till.make("line_voided", cart.session, {"line_id": line, "removed": off(DOSA, 3, sent=True)})
    send(till, cart, line, -3, kind="void")
    till.shown(cart)
    assert shelf(venue, DOSA) == 17, "what was cooked is gone"
    till.make("change_undone", cart.session, {"event": gone.id})
    send(till, cart, line, 3, kind="more")
    till.shown(cart)
    assert shelf(venue, DOSA) == 17, "and is gone once"
    till.place(cart)
    till.shown(cart, status="completed")
    assert shelf(venue, DOSA) == 17


def test_pieces_taken_off_before_they_are_sent_were_never_taken(venue: Venue, till: Till) -> None:
    count(till, 20)
    cart, line = ring(till, 5)
    less = till.make("quantity_changed", cart.session, {"line_id": line, "taken_off": 2, "removed": off(IDLY, 2)})
    till.save(cart, new_id())
    till.shown(cart)
    assert shelf(venue) == 17
    till.make("change_undone", cart.session, {"event": less.id})
    till.save(cart, new_id())
    till.shown(cart)
    assert shelf(venue) == 17, "a saved line takes at its first save; what came back to it takes with its sale"
    till.place(cart)
    till.shown(cart, status="completed")
    assert shelf(venue) == 15


def test_a_void_gives_back_what_somebody_put_back_and_its_undoing_takes_it_again(venue: Venue, till: Till) -> None:
    count(till, 20)
    cart, line = ring(till, 2)
    till.save(cart, new_id())
    void = till.make("line_voided", cart.session, {"line_id": line, "removed": off(IDLY, 2)})
    till.shown(cart)
    assert shelf(venue) == 18
    back = till.make("stock_returned", None, {"of": void.id, "item_id": IDLY, "amount": 1})
    till.make("stock_returned", None, {"of": void.id, "item_id": IDLY, "amount": 2})
    till.push()
    assert shelf(venue) == 19, "once for each act"
    till.make("change_undone", cart.session, {"event": void.id})
    till.shown(cart)
    assert shelf(venue) == 18, "it is on the table again"
    till.make("stock_undone", None, {"event": back.id})
    till.push()
    assert shelf(venue) == 18, "it was never put back"


def test_a_split_and_a_copy_take_nothing_twice(venue: Venue, till: Till) -> None:
    count(till, 20)
    tab = new_id()
    cart, line = ring(till, 4)
    till.save(cart, tab)
    till.shown(cart)
    part = new_id()
    cut = {"line_id": line, "into": part, "quantity": 3}
    venue.value("SELECT warm.server_event_v1(%s, 1, 'line_cut', %s, %s)", venue.store, cart.session, Jsonb(cut))
    cart.lines = {line: (IDLY, 1), part: (IDLY, 3)}
    other = till.keyed()
    till.shown(other)
    till.ask(cart, warned=True)
    till.move(cart, other, part)
    till.save(other, new_id())
    till.shown(other)
    assert shelf(venue) == 16
    copy = Cart()
    till.open(copy, again={"session": cart.session, "at": time_text(till.now)})
    copied = [till.add(copy, IDLY, 1), till.add(copy, IDLY, 3)]
    till.make("lines_rung_again", copy.session, {"line_ids": copied})
    till.save(copy, tab)
    till.shown(copy)
    assert shelf(venue) == 16, "the first order had taken them"
    till.add(copy, IDLY, 2)
    till.place(copy)
    till.shown(copy, status="completed")
    assert shelf(venue) == 14, "what is new in the copy takes"


def test_a_count_stands_at_its_look_and_a_delivery_when_it_came(venue: Venue, till: Till) -> None:
    cart, _line = ring(till, 3)
    till.save(cart, new_id())
    till.shown(cart)
    assert shelf(venue) is None, "without a count there is no figure"
    count(till, 20, minutes=120)
    till.push()
    assert shelf(venue) == 17, "what was sent since the look is off"
    earlier = time_text(datetime.now(UTC) - timedelta(hours=3))
    till.make("stock_moved", None, {"item_id": IDLY, "amount": 24, "kind": "delivered", "happened_at": earlier})
    till.push()
    assert shelf(venue) == 17, "it was there when somebody looked"
    wrong = till.make("stock_moved", None, {"item_id": IDLY, "amount": 240, "kind": "delivered"})
    till.make("stock_moved", None, {"item_id": IDLY, "amount": 2, "kind": "wasted", "why": "broken"})
    till.push()
    assert shelf(venue) == 255
    undone = till.make("stock_undone", None, {"event": wrong.id})
    till.make("stock_undone", None, {"event": undone.id})
    till.push()
    assert shelf(venue) == 15


def test_the_sums_of_stored_days_are_those_of_the_log(venue: Venue, till: Till) -> None:
    count(till, 20, minutes=4000)
    cart, _line = ring(till, 3)
    till.save(cart, new_id())
    till.shown(cart)
    before = venue.rows("SELECT * FROM cold.stock_at(%s, now())", venue.store)
    venue.owner.execute(
        "SELECT cold.roll_up_day(%s, v, till.business_date(%s, now())) FROM unnest(%s::text[]) AS v",
        [venue.store, venue.store, ["stock_by_day", "stock_by_minute"]],
    )
    assert venue.rows("SELECT * FROM cold.stock_at(%s, now())", venue.store) == before


def test_a_save_that_comes_days_late_counts_on_its_day(venue: Venue, till: Till) -> None:
    count(till, 20, minutes=5000)
    till.push()
    venue.owner.execute(
        "SELECT cold.roll_up_day(%s, v, till.business_date(%s, now() - i * interval '1 day'))"
        " FROM generate_series(0, 3) AS i, unnest(%s::text[]) AS v",
        [venue.store, venue.store, ["stock_by_day", "stock_by_minute"]],
    )
    assert shelf(venue) == 20
    till.now = datetime.now(UTC) - timedelta(days=2)
    cart, _line = ring(till, 3)
    till.save(cart, new_id())
    till.shown(cart)
    assert shelf(venue) == 17


def test_a_till_hears_what_is_kept_and_reads_its_figures(venue: Venue, till: Till) -> None:
    heard = till.push(reference={"stock": 0})["reference"]["stock"]
    assert [one["name"] for one in heard["body"]["items"]] == ["Idly", "Masala Dosa"]
    assert heard["body"]["items"][0] == {"id": IDLY, "name": "Idly", "places": ["Bar"], "unit": ""}
    assert "stock" not in till.push(reference={"stock": heard["version"]})["reference"]
    assert "stock" not in till.push()["reference"], "an older till does not ask for it"
    venue.owner.execute("SELECT till.stock_items_v1(%s, 1, %s)", [venue.store, Jsonb({"items": []})])
    assert till.push(reference={"stock": heard["version"]})["reference"]["stock"]["body"] == {"items": []}


def test_a_till_reads_the_shelf_of_its_own_venue(till: Till) -> None:
    count(till, 20)
    till.push()
    rows = till.read("till.shelf_v1", items=[IDLY, "item of another venue"])["items"]
    assert [(one["item"], one["amount"]) for one in rows] == [(IDLY, 20)]
    assert rows[0]["counted_at"] is not None
    every = {one["item"]: one["amount"] for one in till.read("till.shelf_v1")["items"]}
    assert every == {IDLY: 20, DOSA: None}


def test_a_refund_brings_nothing_back_unless_somebody_puts_it_back(venue: Venue, till: Till) -> None:
    count(till, 20)
    cart, _line = ring(till, 3)
    placed = till.place(cart)
    till.shown(cart, status="completed")
    assert shelf(venue) == 17
    Refund(till, cart, placed, r1=2).start().answer("approved")
    given = till.pending[-1].id
    till.push()
    assert shelf(venue) == 17
    for _time in range(2):
        till.make("stock_returned", None, {"of": given, "item_id": IDLY, "amount": 2})
    till.push()
    assert shelf(venue) == 19


def test_a_stocktake_of_two_tills_is_one_sheet_with_its_differences(venue: Venue, till: Till) -> None:
    venue.owner.execute("UPDATE till.stock_items SET cost = 12.5 WHERE item_id = %s", [IDLY])
    count(till, 20, minutes=90)
    cart, _line = ring(till, 3)
    till.save(cart, new_id())
    till.shown(cart)
    sheet, other = new_id(), venue.till(2)
    other.now = till.now
    seen = [time_text(datetime.now(UTC) - timedelta(minutes=one)) for one in (0, 1)]
    other.make("stock_counted", None, {"item_id": IDLY, "amount": 12, "seen_at": seen[0], "sheet": sheet})
    other.push()
    till.make("stock_counted", None, {"item_id": IDLY, "amount": 15, "seen_at": seen[1], "sheet": sheet})
    till.make("stock_counted", None, {"item_id": DOSA, "amount": 4, "sheet": sheet})
    till.make("stock_counted", None, {"item_id": DOSA, "amount": 9, "sheet": new_id()})
    till.push()
    found = till.read("till.stocktake_v1", sheet=sheet)
    assert {one["item"]: (one["amount"], one["till"]) for one in found["counts"]} == {IDLY: (12, 2), DOSA: (4, 1)}
    assert "differences" not in found, "a count is blind"
    ended = till.read("till.stocktake_v1", sheet=sheet, ends=True)
    assert [(one["item"], one["amount"], float(one["cost"])) for one in ended["differences"]] == [(IDLY, -5, -62.5)]
    assert ended["unheard"] == []
    venue.owner.execute("UPDATE till.tills SET seen_at = now() - interval '1 hour' WHERE id = 2")
    assert till.read("till.stocktake_v1", sheet=sheet, ends=True)["unheard"] == ["Till 2"]
    assert till.read("till.stocktake_v1", sheet=new_id(), ends=True)["counts"] == []


def cut_off(venue: Venue, cart: Cart, line: str, pieces: int) -> str:
    """Cut a dish in two, and return the new line."""
    part, (item, all_pieces) = new_id(), cart.lines[line]
    cut = {"line_id": line, "into": part, "quantity": pieces}
    venue.value("SELECT warm.server_event_v1(%s, 1, 'line_cut', %s, %s)", venue.store, cart.session, Jsonb(cut))
    cart.lines = {**cart.lines, line: (item, all_pieces - pieces), part: (item, pieces)}
    return part


def test_pieces_taken_off_after_they_were_sent_leave_the_rest_to_be_taken(venue: Venue, till: Till) -> None:
    count(till, 20, DOSA)
    cart, line = ring(till, 4, DOSA)
    till.save(cart, new_id())
    send(till, cart, line, 2)
    fewer = {"line_id": line, "taken_off": 2, "removed": off(DOSA, 2, sent=True)}
    till.make("quantity_changed", cart.session, fewer)
    send(till, cart, line, 2, kind="more")
    till.shown(cart)
    assert shelf(venue, DOSA) == 16


@pytest.mark.parametrize("is_cleared", [False, True])
def test_a_part_that_was_sent_and_is_gone_leaves_the_rest_to_be_taken(
    venue: Venue, till: Till, *, is_cleared: bool
) -> None:
    count(till, 20, DOSA)
    cart, line = ring(till, 4, DOSA)
    till.save(cart, new_id())
    till.shown(cart)
    part = cut_off(venue, cart, line, 2)
    other = Cart()
    till.open(other)
    till.shown(other)
    till.ask(cart, warned=True)
    till.move(cart, other, part)
    send(till, other, part, 2)
    if is_cleared:
        till.make("order_discarded", other.session, {"line_ids": [part], "removed": [off(DOSA, 2, sent=True)]})
    else:
        till.make("line_voided", other.session, {"line_id": part, "removed": off(DOSA, 2, sent=True)})
    send(till, cart, line, 2, kind="more")
    till.shown(other, status="discarded" if is_cleared else "active")
    till.shown(cart)
    assert shelf(venue, DOSA) == 16


def test_a_part_takes_by_its_ticket_and_not_by_its_sale_again(venue: Venue, till: Till) -> None:
    count(till, 20, DOSA)
    cart, line = ring(till, 4, DOSA)
    till.save(cart, new_id())
    till.shown(cart)
    part = cut_off(venue, cart, line, 2)
    other = Cart()
    till.open(other)
    till.shown(other)
    till.ask(cart, warned=True)
    till.move(cart, other, part)
    send(till, other, part, 2)
    till.place(other)
    till.shown(other, status="completed")
    assert shelf(venue, DOSA) == 18


def test_a_part_that_was_saved_is_not_taken_again_when_it_is_sold(venue: Venue, till: Till) -> None:
    count(till, 20)
    cart, line = ring(till, 4)
    till.shown(cart)
    part = cut_off(venue, cart, line, 2)
    other = Cart()
    till.open(other)
    till.shown(other)
    till.ask(cart, warned=True)
    till.move(cart, other, part)
    till.save(other, new_id())
    till.place(other)
    till.shown(other, status="completed")
    assert shelf(venue) == 18
