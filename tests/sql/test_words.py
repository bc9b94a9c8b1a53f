"""The words of guests in the database: whose they are once an order has lines of two, and how SQL reads them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.sql.ringing import IDLY, Cart
from tests.sql.test_customers import attach, known
from till.domain.order.evolve import fold
from till.domain.order.wishes import with_wishes
from till.domain.streams import unseal

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

TEXTS = "SELECT DISTINCT text FROM warm.event_texts WHERE field = 'value' ORDER BY 1"


def allergic(till: Till, cart: Cart, words: str) -> None:
    till.make("preference_set", cart.session, {"name": "allergy"}, texts={"value": words})


def test_allergies_of_two_guests_are_nobodys_preference_and_go_with_either(venue: Venue) -> None:
    till, asha, ravi = venue.till(), Cart(), Cart()
    guests = {}
    for cart, name, words in ((asha, "Asha", "nuts"), (ravi, "Ravi", "egg")):
        till.open(cart)
        till.add(cart, IDLY)
        guests[name] = known(venue, name, "")
        attach(till, cart, guests[name])
        allergic(till, cart, words)
    till.move(asha, ravi, *asha.lines)
    till.push()
    assert venue.rows(TEXTS) == [("egg",), ("egg, nuts",), ("nuts",)]
    for guest in guests.values():
        with pytest.raises(psycopg.Error, match="An open order has lines and words of these guests and of others"):
            venue.value("SELECT till.customer_erase_v1(%s, 9, %s)", venue.store, guest)
    till.clear(asha)
    till.place(ravi, customer_id=guests["Ravi"])
    assert till.push()["ok"]
    kept = (
        "SELECT c.name, p.value FROM cold.customer_preferences AS p JOIN cold.customer_table AS c USING (customer_id)"
    )
    assert venue.rows(kept) == [("Ravi", "egg")], "as he said it before"
    venue.value("SELECT till.customer_erase_v1(%s, 9, %s)", venue.store, guests["Asha"])
    assert venue.rows(TEXTS) == [("egg",)]
    venue.value("SELECT till.customer_erase_v1(%s, 9, %s)", venue.store, guests["Ravi"])
    assert venue.rows(TEXTS) == []


@pytest.mark.parametrize("seed", range(8))
def test_words_that_count_are_those_of_the_fold(venue: Venue, seed: int) -> None:
    """Two tills set, clear and undo at random, one of them also after it lost the order."""
    chance = random.Random(seed)  # noqa: S311 - a test repeats itself
    one, two, cart = venue.till(), venue.till(2), Cart()
    one.open(cart)
    one.add(cart, IDLY)
    holder, other = one, two
    made: list[str] = []
    for _step in range(14):
        till = chance.choice((holder, holder, other))
        if till is other and not other.known.get(cart.session):
            one.push()
            two.take(cart)
            holder, other = two, one
            continue
        if chance.random() < 0.2 and made:
            till.make("change_undone", cart.session, {"event": chance.choice(made)})
        else:
            words = chance.choice(("nuts", "egg", "milk, egg", ""))
            texts = {"value": words} if words else {}
            made.append(till.make("preference_set", cart.session, {"name": "allergy"}, texts=texts).id)
        if chance.random() < 0.5:
            till.push()
    for till in (one, two, one, two):
        till.push()
    rows = venue.rows(
        "SELECT l.body, l.hash, (SELECT jsonb_object_agg(t.field, jsonb_build_object('salt', t.salt, 'text', t.text))"
        " FROM warm.texts_of(l.event_id) AS t) FROM warm.log_of(%s) AS l",
        cart.session,
    )
    order = fold(unseal(body, sealed, texts or {}) for body, sealed, texts in rows)
    assert order is not None
    known_here = ""
    for (words,) in venue.rows("SELECT words FROM warm.words_of(%s)", cart.session):
        known_here = with_wishes(known_here, words)
    assert known_here == order.preferences.get("allergy", "")
