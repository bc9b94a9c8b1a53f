"""The pieces left of counted items at the server: counts, and lines that took off and gave back, as they arrive."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.plugins.front_ends import front_end
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, MENU, Cart, new_id, off
from tests.sql.test_menu import marked, version
from tests.sql.test_operations import Program
from tests.sql.test_refunds import quarantined
from till.domain.events.envelope import time_text
from till.domain.ids import IdClock

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Till, Venue

__all__ = ["template", "venue"]


def count(till: Till, pieces: int, item: str = IDLY, **more: Any) -> None:
    till.make("item_counted", None, {"item_id": item, "left": pieces, **more})


def left(venue: Venue) -> dict[str, int]:
    return {row[0]: row[1] for row in venue.rows("SELECT item, pieces FROM warm.left_now(%s)", venue.store)}


def ring(till: Till, pieces: int, item: str = IDLY) -> tuple[Cart, str]:
    cart = till.keyed()
    return cart, till.add(cart, item, pieces)


def test_each_line_takes_off_and_what_is_taken_off_gives_back(venue: Venue) -> None:
    till = venue.till()
    cart, before = ring(till, 5)
    till.shown(cart)
    count(till, 12)
    till.push()
    assert left(venue) == {IDLY: 12}, "the lines before the count are not in it"
    line = till.add(cart, IDLY, 3)
    till.add(cart, DOSA, 1)
    till.shown(cart)
    assert left(venue) == {IDLY: 9}
    less = till.make("quantity_changed", cart.session, {"line_id": line, "taken_off": 1, "removed": off(IDLY, 1)})
    till.shown(cart)
    assert left(venue) == {IDLY: 10}
    till.make("change_undone", cart.session, {"event": less.id})
    till.make("line_voided", cart.session, {"line_id": before, "removed": off(IDLY, 5)})
    till.shown(cart)
    assert left(venue) == {IDLY: 14}, "a line of before the count gives back too"
    gone = till.make("line_voided", cart.session, {"line_id": line, "removed": off(IDLY, 3, sent=True)})
    till.shown(cart)
    assert left(venue) == {IDLY: 14}, "what left the kitchen is not given back"
    till.make("change_undone", cart.session, {"event": gone.id})
    till.make("line_voided", cart.session, {"line_id": line, "removed": off(IDLY, 3)})
    till.shown(cart)
    assert left(venue) == {IDLY: 14}, "it was sent, though the one who said so undid it"


def test_cut_pieces_count_once_and_a_cleared_order_gives_back_until_it_is_resumed(venue: Venue) -> None:
    till = venue.till()
    count(till, 10)
    cart, line = ring(till, 4)
    till.shown(cart)
    part = new_id()
    cut = {"line_id": line, "into": part, "quantity": 3}
    venue.value("SELECT warm.server_event_v1(%s, 1, 'line_cut', %s, %s)", venue.store, cart.session, Jsonb(cut))
    assert left(venue) == {IDLY: 6}
    till.make("line_voided", cart.session, {"line_id": part, "removed": off(IDLY, 3)})
    till.push()
    assert left(venue) == {IDLY: 9}
    till.clear(cart)
    till.push()
    assert left(venue) == {IDLY: 10}
    till.resume(cart)
    till.push()
    assert left(venue) == {IDLY: 9}
    till.place(cart)
    assert left(venue) == {IDLY: 9}, "a sale changes nothing"


def test_a_recount_while_a_till_is_away_does_not_take_its_earlier_keys_off_again(venue: Venue) -> None:
    here, away = venue.till(), venue.till(2)
    count(here, 12)
    here.push()
    cart, _line = ring(away, 2)  # keyed before the recount, and pushed after it
    count(here, 7)
    here.push()
    away.add(cart, IDLY, 1)
    assert left(venue) == {IDLY: 7}
    away.shown(cart)
    assert left(venue) == {IDLY: 6}


def test_a_count_that_arrives_late_takes_off_what_was_keyed_since(venue: Venue) -> None:
    here, away = venue.till(), venue.till(2)
    count(away, 12)
    cart, line = ring(here, 2)
    here.shown(cart)
    here.make("quantity_changed", cart.session, {"line_id": line, "taken_off": 1, "removed": off(IDLY, 1)})
    here.shown(cart)
    assert left(venue) == {}
    away.push()
    assert left(venue) == {IDLY: 11}


def test_a_count_ends_the_mark_and_a_mark_the_count_whichever_came_first(venue: Venue) -> None:
    till = venue.till()
    till.make("item_marked", None, {"item_id": IDLY, "sold_out": True})
    till.push()
    before = version(venue)
    count(till, 3)
    till.push()
    assert (marked(venue)[0], version(venue), left(venue)) == (False, before + 1, {IDLY: 3})
    count(till, 4)
    till.push()
    assert (version(venue), left(venue)) == (before + 1, {IDLY: 4}), "a count is no version of the menu"
    till.make("item_marked", None, {"item_id": IDLY, "sold_out": False})
    till.push()
    assert left(venue) == {}


def test_a_count_ends_with_the_business_day_unless_it_is_kept(venue: Venue) -> None:
    till = venue.till()
    count(till, 3)
    count(till, 5, DOSA, keep=True)
    till.push()
    assert left(venue) == {IDLY: 3, DOSA: 5}
    venue.owner.execute("UPDATE till.counts SET at = at - interval '1 day'")
    assert left(venue) == {DOSA: 5}


def test_the_reply_has_what_is_left_for_a_till_that_asks_every_two_seconds(venue: Venue) -> None:
    till = venue.till()
    count(till, 3)
    first = till.push(reference={"left": 0})["reference"]["left"]
    assert first["version"] == till.seq
    assert [(one["item"], one["left"]) for one in first["body"]["items"]] == [(IDLY, 3)]
    ring(till, 1)
    assert "left" not in till.push(reference={"left": 0})["reference"], (
        "a till that pushes again at once has it already"
    )
    assert till.push(reference={"left": 0})["reference"]["left"]["body"]["items"][0]["left"] == 2
    assert "left" not in till.push()["reference"], "an older till does not ask for it"


def test_counts_without_end_are_reported_like_marks(venue: Venue) -> None:
    thief = venue.till()
    for pieces in range(30):
        count(thief, pieces)
        assert thief.push()["ok"]
    assert left(venue) == {IDLY: 19}
    assert len(quarantined(venue)) == 1


@pytest.mark.parametrize("is_counted", [True, False])
def test_undos_that_undo_each_other_stop_no_push_and_no_count(venue: Venue, *, is_counted: bool) -> None:
    honest, thief = venue.till(), venue.till(2)
    count(honest, 12)
    if is_counted:
        honest.push()
    cart, line = ring(thief, 4)
    own, one, other = new_id(), new_id(), new_id()
    for event, of in ((own, own), (one, other), (other, one)):
        thief.make("change_undone", cart.session, {"event": of}, event_id=event)
    last = thief.make("line_voided", cart.session, {"line_id": line, "removed": off(IDLY, 4)})
    for _ in range(20):
        last = thief.make("change_undone", cart.session, {"event": last.id})
    assert thief.push()["ok"]
    assert honest.push()["ok"], "a count that arrives late reads them too"
    assert left(venue) == {IDLY: 8}


def reads(till: Till) -> int:
    """Push, and return how many rows of the log that read."""

    def read() -> int:
        found = till.connection.execute(
            "SELECT sum(idx_tup_fetch + seq_tup_read) FROM pg_stat_xact_user_tables WHERE relname = 'session_events'"
        ).fetchone()
        return int(found[0] or 0) if found else 0

    with till.connection.transaction():
        before = read()
        assert till.push()["ok"]
        return read() - before


@pytest.mark.parametrize("kind", ["void", "late count"])
def test_a_change_and_a_late_count_read_each_order_and_not_the_log_for_each(venue: Venue, kind: str) -> None:
    here, other = venue.till(), venue.till(2)
    found: list[int] = []
    for orders in (10, 40):
        if kind == "late count":
            count(here, 12)  # at the till alone, until what follows has arrived
        else:
            count(other, 12)
        rung = [ring(other, 1) for _ in range(orders)]
        assert other.push()["ok"]
        if kind == "void":
            cart, line = rung[0]
            other.make("line_voided", cart.session, {"line_id": line, "removed": off(IDLY, 1)})
        found.append(reads(here if kind == "late count" else other))
    assert found[1] <= found[0] * 6, "it grows with the orders since the count, not with their square"
    if kind == "void":
        assert found[1] <= found[0] + 5


def test_two_tills_sell_the_last_one_at_once_and_neither_waits(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    count(one, 1)
    one.push()
    for till in (one, two):
        ring(till, 1)
        till.now += timedelta(seconds=1)
    one.connection.autocommit = False
    with one.connection.transaction():
        assert one.push()["ok"]
        two.connection.execute("SET lock_timeout = '1s'")
        assert two.push()["ok"], "it does not wait for the other, which is not committed"
    assert left(venue) == {IDLY: -1}


def test_a_program_is_refused_at_none_and_what_it_takes_off_is_back(venue: Venue) -> None:
    till = venue.till()
    count(till, 3)
    till.push()
    program = Program(venue, 1)
    two = {"item_id": IDLY, "item": "Idly", "quantity": 2, "unit_price": "40.00"}
    made = program.call("save", None, [two])
    assert left(venue) == {IDLY: 1}
    made = program.call("save", made["session"], [{**made["items"][0], "quantity": 1}])
    assert left(venue) == {IDLY: 2}
    ring(till, 2)
    till.push()
    assert left(venue) == {IDLY: 0}
    with pytest.raises(Error, match=r"None of Idly is left\."):
        program.call("save", None, [{"item_id": IDLY, "quantity": 2}])
    program.call("save", made["session"], [{"item_id": DOSA, "item": "Dosa", "quantity": 1, "unit_price": "80.00"}])
    assert left(venue) == {IDLY: 1}
    removed = venue.rows(
        "SELECT event_data->'removed' FROM warm.session_events WHERE event_data ? 'removed' ORDER BY event_id"
    )
    assert removed == [({"item_name": "Idly", "pieces": 1, "amount": "40.00"},)] * 2


def test_a_choice_is_sold_out_until_it_is_back(venue: Venue) -> None:
    till, before = venue.till(), version(venue)
    option = {"name": "oat milk", "price": "0.00", "default": False}
    group = {"id": "milk", "name": "Milk", "least": 0, "most": 1, "options": [option]}
    venue.value("SELECT till.menu_import_v1(%s, 9, %s)", venue.store, Jsonb({**MENU, "modifiers": [group]}))
    for choice in ("oat milk", "no such choice"):
        till.make("choice_marked", None, {"choice": choice, "sold_out": True})
    till.push()
    assert left(venue) == {"choice oat milk": 0}
    assert version(venue) == before + 1, "the mark is no version of the menu"
    venue.owner.execute("UPDATE till.counts SET at = at - interval '1 day'")
    assert left(venue) == {"choice oat milk": 0}, "it stays, as the mark of an item does"
    till.make("choice_marked", None, {"choice": "oat milk", "sold_out": False})
    till.push()
    assert left(venue) == {}


def test_the_maintenance_deletes_counts_that_ended(venue: Venue) -> None:
    till = venue.till()
    count(till, 3)
    count(till, 5, DOSA, keep=True)
    till.push()
    ring(till, 1)
    till.push()
    ring(till, 1, DOSA)
    till.push()
    venue.owner.execute("UPDATE till.counts SET at = at - interval '3 days'")
    venue.value("SELECT warm.forget_counts(%s)", venue.store)
    assert left(venue) == {DOSA: 4}
    assert venue.rows("SELECT item_id FROM till.counts") == [(DOSA,)]
    assert venue.rows("SELECT item_id FROM warm.counted_changes") == [(DOSA,)]


def test_a_refused_void_gives_nothing_back(venue: Venue) -> None:
    till = venue.till()
    count(till, 10)
    cart, line = ring(till, 2)
    void = till.make("line_voided", cart.session, {"line_id": line, "removed": off(IDLY, 2)})
    till.push()
    assert left(venue) == {IDLY: 10}
    refused = Jsonb({"events": [void.id]})
    venue.value("SELECT warm.server_event_v1(%s, NULL, 'refused', %s, %s)", venue.store, cart.session, refused)
    assert left(venue) == {IDLY: 8}


def test_clearing_an_order_whose_copy_stands_changes_nothing(venue: Venue) -> None:
    away, here = venue.till(), venue.till(2)
    count(here, 10)
    here.push()
    first, _line = ring(away, 3)
    away.shown(first)
    copy = Cart()
    here.open(copy, again={"session": first.session, "at": time_text(here.now)})
    here.make("lines_rung_again", copy.session, {"line_ids": [here.add(copy, IDLY, 3)]})
    here.shown(copy)
    assert left(venue) == {IDLY: 7}, "the pieces are those of the tab"
    away.clear(first)
    away.push()
    assert left(venue) == {IDLY: 7}


def test_a_copy_that_was_cleared_has_the_pieces_no_more(venue: Venue) -> None:
    away, here = venue.till(), venue.till(2)
    count(here, 10)
    here.push()
    first, _line = ring(away, 3)
    away.shown(first)
    copy = Cart()
    here.open(copy, again={"session": first.session, "at": time_text(here.now)})
    here.make("lines_rung_again", copy.session, {"line_ids": [here.add(copy, IDLY, 3)]})
    here.shown(copy)
    here.clear(copy)
    here.push()
    away.clear(first)
    away.push()
    assert left(venue) == {IDLY: 10}


def test_clearing_an_order_gives_back_the_items_that_were_not_sent_alone(venue: Venue) -> None:
    till = venue.till()
    count(till, 10)
    count(till, 10, DOSA)
    cart, idly = ring(till, 2)
    dosa = till.add(cart, DOSA, 3)
    till.shown(cart)
    assert left(venue) == {IDLY: 8, DOSA: 7}
    removed = [off(IDLY, 2, sent=True), off(DOSA, 3)]
    till.make("order_discarded", cart.session, {"line_ids": [idly, dosa], "removed": removed}, texts={"reason": ""})
    till.push()
    assert left(venue) == {IDLY: 8, DOSA: 10}


def test_a_count_of_a_till_whose_clock_is_ahead_stands_when_it_arrived(venue: Venue) -> None:
    ahead, here = venue.till(), venue.till(2)
    made = IdClock(secrets.randbits).next(datetime.now(UTC) + timedelta(hours=1))
    ahead.make("item_counted", None, {"item_id": IDLY, "left": 12}, event_id=made)
    ahead.push()
    cart, _line = ring(here, 2)
    here.shown(cart)
    assert left(venue) == {IDLY: 10}, "what is keyed after it arrived is taken off"
    count(here, 5)
    here.push()
    assert left(venue) == {IDLY: 5}, "and a later count counts"


def test_program_adds_at_most_what_is_left_over_all_rows(venue: Venue, database: Database) -> None:
    till = venue.till()
    count(till, 4)
    till.push()
    with front_end(venue.owner, database.app, venue.store, kept=database.kept) as chat:
        for write in (
            lambda: chat.put("s", IDLY, 50),
            lambda: chat.call("save", "s", [{"item_id": IDLY, "quantity": 3}, {"item_id": IDLY, "quantity": 2}]),
        ):
            with pytest.raises(Error, match="No more than 4 of Idly can be added: that is what is left") as refused:
                write()
            assert refused.value.sqlstate == "TL006"
        chat.put("s", IDLY, 3)
        with pytest.raises(Error, match="No more than 1 of Idly"):
            chat.put("s", IDLY, 2)
        chat.put("s", DOSA, 50)
        chat.session.execute("UPDATE session_cart SET quantity = 4 WHERE item_id = %s", [IDLY])
        assert left(venue) == {IDLY: 0}
        with pytest.raises(Error, match="None of Idly is left"):
            chat.put("t", IDLY)
        assert chat.call("complete", "s")["total"] == "4160.00", "its own pieces are left for it"
    assert left(venue) == {IDLY: 0}


def test_the_maintenance_deletes_lines_from_before_the_count_and_they_give_back_later(venue: Venue) -> None:
    till = venue.till()
    count(till, 9)
    till.push()
    cart, line = ring(till, 4)
    till.shown(cart)
    ring(till, 1, IDLY)
    till.push()
    venue.owner.execute("UPDATE till.counts SET at = at - interval '3 days'")
    venue.owner.execute("UPDATE warm.counted_changes SET at = at - interval '3 days'")
    count(till, 9)
    till.push()
    ring(till, 2)
    till.push()
    venue.value("SELECT warm.forget_counts(%s)", venue.store)
    assert venue.rows("SELECT pieces FROM warm.counted_changes") == [(2,)], "else every answer reads the lines of years"
    assert left(venue) == {IDLY: 7}
    till.make("line_voided", cart.session, {"line_id": line, "removed": off(IDLY, 4)})
    till.shown(cart)
    assert left(venue) == {IDLY: 11}


def test_lines_of_a_revoked_till_give_nothing_back_when_they_are_cleared(venue: Venue) -> None:
    here, gone = venue.till(), venue.till(2)
    count(here, 10)
    here.push()
    carts = [ring(gone, 3)[0] for _ in range(2)]
    gone.push()
    gone.clear(carts[0])
    gone.push()
    assert left(venue) == {IDLY: 7}
    venue.ask("till_revoke_v1", 9, 2)
    here.take(carts[1])
    here.clear(carts[1])
    assert here.push()["ok"]
    assert left(venue) == {IDLY: 7}
