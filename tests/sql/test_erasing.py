"""What a person said can be forgotten: beside the log, beside the audit, and when it comes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.sql.ringing import IDLY, Cart, new_id
from tests.sql.test_upkeep import age, maintain
from tests.sql.test_verify import verify
from till.domain.order.events import Erased
from till.domain.streams import unseal

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


def test_what_was_said_beside_an_order_is_erased_and_stays_so(venue: Venue) -> None:
    till, cart = venue.till(), Cart()
    till.open(cart)
    line = till.add(cart, IDLY)
    till.make("line_voided", cart.session, {"line_id": line}, texts={"reason": "Mrs Rao"})
    till.save(cart, new_id(), "Mrs Rao")
    till.push()
    age(venue, "31 days")
    maintain(venue)
    events = [till.take(cart, "order_resumed", None), late := till.clear(cart, "Mrs Rao left")]
    till.push()
    erase = "SELECT till.erase_v1(%s, %s, %s)"
    with pytest.raises(psycopg.Error, match="for a manager"):
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
    venue.owner.execute("SELECT till.till_adopt_v1(%s, 9, 1)", [venue.store])
    again = venue.till()
    again.holds = till.holds
    for event in events:
        again.make(event.type, cart.session, {"line_ids": []} if event.id == late.id else {"from_epoch": 1},
                   event_id=event.id, texts={"reason": "Mrs Rao left"} if event.id == late.id else {})  # fmt: skip
    again.push()
    assert venue.value("SELECT count(*) FROM warm.event_texts") == 0
    assert verify(venue)["sound"] is True


def test_the_note_of_a_paid_order_is_forgotten_where_it_was_frozen_too(venue: Venue) -> None:
    till, cart = venue.till(), Cart()
    till.open(cart)
    till.add(cart, IDLY)
    till.make("order_noted", cart.session, {}, texts={"note": "Mrs Rao"})
    till.place(cart, note="Mrs Rao")
    assert till.push()["ok"]
    texts = "SELECT text FROM warm.event_texts UNION ALL SELECT text FROM cold.order_audit_texts"
    assert venue.rows(texts) == [("Mrs Rao",), ("Mrs Rao",)]
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 2
    assert venue.rows(texts) == []
