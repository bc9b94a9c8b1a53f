"""Erasure of a person's words: beside the log, beside the audit, and when they arrive again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.sql.ringing import IDLY, Cart, new_id
from tests.sql.test_upkeep import age, maintain
from tests.sql.test_verify import verify
from till.domain.order.events import Erased
from till.domain.streams import unseal

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Till, Venue


def test_words_beside_an_order_are_erased_and_stay_so(venue: Venue) -> None:
    till, cart = venue.keyed()
    line = till.add(cart, IDLY)
    till.make("line_voided", cart.session, {"line_id": line}, texts={"reason": "Mrs Rao"})
    till.save(cart, new_id(), "Mrs Rao")
    till.push()
    age(venue, "31 days")
    maintain(venue)
    resumed, late = till.resume(cart), till.clear(cart, "Mrs Rao left")
    till.push()
    erase = "SELECT till.erase_v1(%s, %s, %s)"
    with pytest.raises(psycopg.Error, match="Only a manager"):
        venue.value(erase, venue.store, 1, cart.session)
    assert venue.value(erase, venue.store, 9, cart.session) == 3
    assert venue.value(erase, venue.store, 9, cart.session) == 0
    assert venue.rows("SELECT text FROM warm.event_texts UNION ALL SELECT text FROM cold.order_audit_texts") == []
    assert venue.rows("SELECT name FROM till.tabs") == [("",)]

    [(body, sealed)] = venue.rows("SELECT body, hash FROM session_events WHERE event_type = 'erased'")
    erased = unseal(body, sealed)
    assert isinstance(erased.data, Erased)
    assert late.id in erased.data.events
    assert erased.harmless is True
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    again = venue.till()
    again.holds = till.holds
    again.make("order_resumed", cart.session, {"user": 1}, event_id=resumed.id)
    again.make("order_discarded", cart.session, {"line_ids": []}, event_id=late.id, texts={"reason": "Mrs Rao left"})
    again.push()
    assert venue.value("SELECT count(*) FROM warm.event_texts") == 0
    assert verify(venue)["sound"] is True


def test_words_in_quarantined_records_are_erased_too(venue: Venue) -> None:
    till, other, cart = venue.till(), venue.till(2), Cart()
    till.open(cart)
    till.push()
    kept_out = other.clear(cart, "Mrs Rao left")  # a till that never held the order
    other.push()
    texts = "SELECT texts->'reason'->>'text' FROM warm.quarantine"
    assert venue.rows(texts) == [("Mrs Rao left",)]
    erase = "SELECT till.erase_v1(%s, 9, %s)"
    assert venue.value(erase, venue.store, cart.session) == 1
    assert venue.value(erase, venue.store, cart.session) == 0
    assert venue.rows(texts) == [(None,)]
    assert venue.value("SELECT event_data->'events' FROM session_events WHERE event_type = 'erased'") == [kept_out.id]
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 2)", [venue.store])
    again = venue.till(2)
    again.make(
        "order_discarded", cart.session, {"line_ids": []}, event_id=kept_out.id, texts={"reason": "Mrs Rao left"}
    )
    again.push()
    assert venue.rows(texts) == [(None,), (None,)]
    assert venue.value(erase, venue.store, cart.session) == 0
    assert verify(venue)["sound"] is True


def test_words_about_a_settled_record_are_erased_too(venue: Venue) -> None:
    till, other, cart = venue.till(), venue.till(2), Cart()
    till.open(cart)
    till.push()
    other.make("order_parked", cart.session, {})  # a till that never held the order
    other.push()
    record = venue.value("SELECT id FROM warm.quarantine")
    venue.value("SELECT till.quarantine_resolve_v1(%s, 9, %s, 'Mrs Rao was here')", venue.store, record)
    texts = "SELECT text FROM warm.event_texts UNION ALL SELECT text FROM cold.order_audit_texts"
    assert venue.rows(texts) == [("Mrs Rao was here",)]
    age(venue, "31 days")
    venue.owner.execute("UPDATE warm.quarantine SET resolved_at = resolved_at - interval '31 days'")
    maintain(venue)
    erase = "SELECT till.erase_v1(%s, 9, %s)"
    assert venue.value(erase, venue.store, cart.session) == 1
    assert venue.rows(texts) == []
    assert venue.rows("SELECT how FROM warm.quarantine") == [("",)]
    assert venue.value(erase, venue.store, cart.session) == 0
    assert verify(venue)["sound"] is True


def test_the_name_of_a_tab_is_forgotten_where_another_order_stands_there_too(venue: Venue) -> None:
    till, tab, table = venue.till(), new_id(), new_id()
    cart, beside, elsewhere = Cart(), Cart(), Cart()
    for one, place, name in ((cart, tab, "Mrs Rao"), (beside, tab, ""), (elsewhere, table, "Mrs Rao")):
        till.open(one)
        till.save(one, place, name)
    till.push()
    assert venue.value("SELECT session_id FROM till.tabs WHERE id = %s", tab) == beside.session
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 1
    assert venue.rows("SELECT id::text, name FROM till.tabs ORDER BY id") == [(tab, ""), (table, "Mrs Rao")]


def test_words_erased_during_the_move_to_the_audit_do_not_arrive_there(venue: Venue, database: Database) -> None:
    till, cart = venue.keyed()
    till.make("order_noted", cart.session, {}, texts={"note": "Mrs Rao"})
    till.push()
    age(venue, "31 days")
    moving = threading.Thread(target=lambda: maintain(venue))
    with database.connect() as busy, database.connect() as looking:
        with busy.transaction():
            busy.execute("SELECT till.erase_v1(%s, 9, %s)", [venue.store, cart.session])
            moving.start()
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            while looking.execute(waiting).fetchone() == (0,):
                assert moving.is_alive()
        moving.join()
    assert venue.value("SELECT count(*) FROM cold.order_audit WHERE session_id = %s", cart.session) == 2
    assert venue.rows("SELECT text FROM warm.event_texts UNION ALL SELECT text FROM cold.order_audit_texts") == []
    assert verify(venue)["sound"] is True


def test_an_order_is_erased_while_the_maintenance_has_others(venue: Venue, database: Database) -> None:
    till, old, young = venue.till(), Cart(), Cart()
    till.open(old)
    till.make("order_noted", old.session, {}, texts={"note": "Mrs Rao"})
    till.push()
    age(venue, "31 days")
    till.open(young)
    till.push()
    erasing: list[Any] = []
    erase = "SELECT till.erase_v1(%s, 9, %s)"
    with database.connect() as busy, database.connect() as looking:
        other = threading.Thread(target=lambda: erasing.append(venue.value(erase, venue.store, old.session)))
        with busy.transaction():  # as the maintenance does it: puts an order aside, and then moves events
            busy.execute("SELECT warm.server_event_v1(%s, NULL, 'session_swept', %s, '{\"minutes\": 1}')",
                         [venue.store, young.session])  # fmt: skip
            other.start()
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            while looking.execute(waiting).fetchone() == (0,):
                assert other.is_alive()
            busy.execute("SELECT cold.move_to_audit(%s, now() - interval '30 days', 500)", [venue.store])
        other.join()
    assert erasing == [1]
    assert venue.rows("SELECT text FROM warm.event_texts UNION ALL SELECT text FROM cold.order_audit_texts") == []


def test_the_note_of_a_paid_order_is_forgotten_where_it_was_frozen_too(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    till.make("order_noted", cart.session, {}, texts={"note": "Mrs Rao"})
    till.place(cart, note="Mrs Rao")
    assert till.push()["ok"]
    texts = "SELECT text FROM warm.event_texts UNION ALL SELECT text FROM cold.order_audit_texts"
    assert venue.rows(texts) == [("Mrs Rao",), ("Mrs Rao",)]
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 2
    assert venue.rows(texts) == []


def test_a_wish_is_shown_and_erased_wherever_its_line_went(venue: Venue) -> None:
    till, cart, into = venue.till(), Cart(), Cart()
    till.open(cart)
    line = till.add(cart, IDLY)
    noted = till.make("line_noted", cart.session, {"line_id": line}, texts={"note": "for Mrs Rao"})
    till.make("order_noted", cart.session, {}, texts={"note": "Mrs Rao, window"})
    checkout = {"order_type": "eat_in", "payment_method": "cash", "started_at": "2026-03-03T05:01:00.000000Z"}
    items = [{**cart.items()[0], "note": "for Mrs Rao"}]
    wishes = {"preferences": {"note": "Mrs Rao, window"}, "items": items}
    till.push(cart.snapshot(0, **wishes, checkout={**checkout, "special_instructions": "Mrs Rao, window"}))
    assert venue.rows("SELECT name, value FROM session_preferences") == [("note", "Mrs Rao, window")]
    assert venue.rows("SELECT special_instructions FROM session_checkout") == [("Mrs Rao, window",)]

    till.open(into)
    till.make("line_noted", into.session, {"line_id": line, "follows": noted.id}, texts={"note": "for Mrs Rao"})
    till.make("order_noted", into.session, {}, texts={"note": "in a hurry"})
    till.move(cart, into, line)
    till.push(into.snapshot(0, items=items, preferences={"note": "in a hurry"}))
    end_and_clear(venue, till, into, cart)
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 4
    assert venue.rows("SELECT text FROM warm.event_texts") == [("in a hurry",)]
    assert venue.rows("SELECT special_instructions FROM session_checkout") == [(None,)]
    assert venue.rows("SELECT DISTINCT session_id FROM session_events WHERE event_type = 'erased' ORDER BY 1") == [
        (session,) for session in sorted([cart.session, into.session])
    ]
    assert venue.value("SELECT count(*) FROM till.order_sessions WHERE items::text LIKE %s", "%Mrs Rao%") == 0
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 0


def end_and_clear(venue: Venue, till: Till, shared: Cart, *others: Cart) -> None:
    """No words of an order are erased while it has lines of another one: an allergy may be among them. Then it ends."""
    for cart in (shared, *others):
        with pytest.raises(psycopg.Error, match="An open order has lines and words of these guests and of others"):
            venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session)
    till.clear(shared)
    till.push()


def test_a_note_on_the_whole_order_is_erased_in_each_order_that_its_lines_were_added_to(venue: Venue) -> None:
    till, carts = venue.till(), [Cart() for _order in range(3)]
    cart, into, last = carts
    for one in carts:
        till.open(one)
    line = till.add(cart, IDLY)
    noted = till.make("order_noted", cart.session, {}, texts={"note": "Mrs Rao"})
    copy = {"line_id": line, "includes": noted.id}
    copied = till.make("line_noted", into.session, copy, texts={"note": "hot, Mrs Rao"})
    till.move(cart, into, line)
    till.make("line_noted", last.session, {"line_id": line, "follows": copied.id}, texts={"note": "hot, Mrs Rao"})
    till.make("order_noted", last.session, {}, texts={"note": "in a hurry"})
    till.move(into, last, line)
    till.push(*(one.snapshot(0) for one in carts))
    till.clear(into)
    end_and_clear(venue, till, last, cart)
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 5
    assert venue.rows("SELECT text FROM warm.event_texts") == [("in a hurry",)]


def test_reason_of_a_discount_is_erased_wherever_its_line_went(venue: Venue) -> None:
    till, cart, into = venue.till(), Cart(), Cart()
    till.open(cart)
    line, data = till.add(cart, IDLY), {"percent": "10"}
    own = till.make("discount_applied", cart.session, {**data, "line_id": line}, texts={"reason": "Mrs Rao waited"})
    whole = till.make("discount_applied", cart.session, data, texts={"reason": "for Mrs Rao"})
    share = {"line_id": line, "amount": "3.60", "share_of": whole.id}
    shared = till.make("discount_applied", cart.session, share, texts={"reason": "for Mrs Rao"})
    till.open(into)
    till.make(
        "discount_applied",
        into.session,
        {**data, "line_id": line, "follows": own.id},
        texts={"reason": "Mrs Rao waited"},
    )
    till.make("discount_applied", into.session, {**share, "follows": shared.id}, texts={"reason": "for Mrs Rao"})
    till.make("discount_applied", into.session, data, texts={"reason": "in a hurry"})
    till.move(cart, into, line)
    till.push(cart.snapshot(0), into.snapshot(0))
    assert venue.value("SELECT count(*) FROM warm.event_texts") == 6
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 5
    assert venue.rows("SELECT text FROM warm.event_texts") == [("in a hurry",)]


def test_a_note_that_was_taken_off_leaves_the_preferences(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    till.make("order_noted", cart.session, {}, texts={"note": "window"})
    till.push(cart.snapshot(0, preferences={"note": "window", "spice": "hot"}))
    till.make("order_noted", cart.session, {})
    till.push(cart.snapshot(till.base(cart), preferences={"spice": "hot"}))
    assert venue.rows("SELECT name FROM session_preferences") == [("spice",)]


def test_a_split_order_does_not_keep_the_name_of_the_tab(venue: Venue) -> None:
    """The till that split it gave both orders the tab and its name."""
    till, cart, part, elsewhere, tab = venue.till(), Cart(), Cart(), Cart(), new_id()
    till.open(cart)
    line = till.add(cart, IDLY)
    till.add(cart, IDLY)
    till.save(cart, tab, "Mrs Rao")
    till.resume(cart)
    till.open(part)
    till.move(cart, part, line)
    copy = till.save(part, tab, "Mrs Rao")
    till.open(elsewhere)
    till.save(elsewhere, new_id(), "Mrs Rao")
    till.push()
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 2
    query = "SELECT event_data->'events' FROM session_events WHERE event_type = 'erased' AND session_id = %s"
    assert venue.value(query, part.session) == [copy.id]
    assert venue.rows("SELECT text FROM warm.event_texts") == [("Mrs Rao",)]  # a guest at another table
    assert venue.rows("SELECT name FROM till.tabs WHERE id = %s", tab) == [("",)]
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 0


def test_a_copy_of_a_tabs_name_that_was_made_before_the_erasing_is_forgotten_as_it_comes(venue: Venue) -> None:
    till, cart, part, later, tab = venue.till(), Cart(), Cart(), Cart(), new_id()
    till.open(cart)
    till.add(cart, IDLY)
    till.save(cart, tab, "Mrs Rao")
    till.push()
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 1
    till.resume(cart)  # the till is away, and knows of no erasing
    till.open(part)
    copy = till.save(part, tab, "Mrs Rao")
    till.push()
    assert venue.rows("SELECT text FROM warm.event_texts") == []
    assert venue.rows("SELECT name FROM till.tabs") == [("",)]
    query = "SELECT event_data->'events' FROM session_events WHERE event_type = 'erased' AND session_id = %s"
    assert venue.value(query, part.session) == [copy.id]
    assert verify(venue)["sound"] is True

    till.now = venue.value("SELECT now() + interval '1 second'")  # whoever sits there next may have a name
    till.open(later)
    till.save(later, tab, "Mr Iyer")
    till.push()
    assert venue.rows("SELECT name FROM till.tabs") == [("Mr Iyer",)]


def test_a_wish_of_a_guest_is_erased(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    till.make("preference_set", cart.session, {"name": "diet", "value": "as Mrs Rao has it"})
    till.push(cart.snapshot(0, preferences={"diet": "as Mrs Rao has it"}))
    body = venue.value("SELECT event_data FROM session_events WHERE event_type = 'preference_set'")
    assert (body["name"], "value" in body) == ("diet", False)
    assert venue.rows("SELECT name, value FROM session_preferences") == [("diet", "as Mrs Rao has it")]
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 1
    assert venue.rows("SELECT name FROM session_preferences") == []
    assert venue.value("SELECT hot->'preferences' FROM till.order_sessions") == {}
    assert venue.rows("SELECT text FROM warm.event_texts") == []
    assert verify(venue)["sound"] is True


def test_a_wish_that_was_taken_back_leaves_the_preferences(venue: Venue) -> None:
    till, cart = venue.keyed()
    till.make("preference_set", cart.session, {"name": "spice", "value": "hot"})
    till.push(cart.snapshot(0, preferences={"spice": "hot"}))
    till.make("preference_set", cart.session, {"name": "spice"})
    till.push(cart.snapshot(till.base(cart), preferences={}))
    assert venue.rows("SELECT name FROM session_preferences") == []
