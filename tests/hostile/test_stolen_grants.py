"""Grants to somebody with one till's secret: taking over each order of another till ends, and a manager reads of it."""

from __future__ import annotations

from tests.hostile.test_stolen_sales import OPENED
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Cart, Till, Venue
from tests.sql.test_customers import known
from tests.sql.test_refunds import quarantined

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2


def keyed(till: Till) -> Cart:
    """Key an order that stays open at a till."""
    cart = till.keyed(IDLY)
    assert till.push()["ok"]
    return cart


def grabs(thief: Till, cart: Cart) -> bool:
    """Ask for an order, warned or not; return True if it was granted."""
    return bool(thief.ask(cart, warned=True).get("granted"))


def test_takeovers_end_after_some_and_go_on_once_a_manager_settles_them(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    honest.push()
    thief.push()
    most = venue.value("SELECT warm.most_takeovers()")
    taken = [grabs(thief, keyed(honest)) for _each in range(most + 6)]
    assert taken == [True] * most + [False] * 6
    assert thief.ask(keyed(honest), warned=True)["detail"] == (
        "Too many takeovers in an hour: a manager settles it (Ctrl+O)."
    )
    cart = keyed(honest)
    honest.place(cart)
    honest.push()
    assert venue.value("SELECT count(*) FROM cold.orders") == 1
    (record,) = venue.ask("quarantine_list_v1")["quarantine"]
    assert (record["till"], record["bookable"]) == (THIEF, False)
    assert record["reason"].startswith(f"The till took over {most} orders that other tills had open")
    venue.ask("quarantine_resolve_v1", 9, record["id"], "moved to the terrace")
    assert grabs(thief, keyed(honest))


def test_an_hour_later_takeovers_begin_anew(venue: Venue) -> None:
    honest, other = venue.till(HONEST), venue.till(THIEF)
    venue.owner.execute("UPDATE till.tills SET takeovers = 20, takeovers_since = now() - interval '61 minutes'")
    honest.push()
    other.push()
    assert grabs(other, keyed(honest))
    assert venue.value("SELECT takeovers FROM till.tills WHERE id = %s", THIEF) == 1


def test_own_and_saved_orders_are_granted_without_being_counted(
    venue: Venue,
) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    honest.push()
    thief.push()
    venue.owner.execute("UPDATE till.tills SET takeovers = 20, takeovers_since = now() WHERE id = %s", [HONEST])
    cart = keyed(honest)
    for _each in range(3):
        assert grabs(thief, cart)
        assert grabs(honest, cart)
    saved = thief.keyed(DOSA)
    thief.save(saved, Cart().session, "Mrs Rao")
    thief.push()
    assert grabs(honest, saved)
    assert quarantined(venue) == []


def test_no_till_takes_an_open_order_by_opening_it_again(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart = keyed(honest)
    thief.make("order_opened", cart.session, OPENED)
    thief.place(cart)
    assert thief.push()["ok"]
    assert len(quarantined(venue)) == 2
    query = "SELECT hold_till, till_id, status FROM till.order_sessions WHERE id = %s"
    assert venue.rows(query, cart.session) == [(HONEST, HONEST, "active")]


def test_a_till_that_had_an_order_once_says_nothing_of_what_its_guest_eats(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, guest = keyed(honest), known(venue)
    honest.make("preference_set", cart.session, {"name": "allergy", "value": "nuts"})
    honest.push()
    thief.take(cart)
    honest.take(cart)
    thief.make("preference_set", cart.session, {"name": "allergy", "value": "none"})
    thief.push()
    honest.place(cart, customer_id=guest)
    honest.push()
    assert venue.rows("SELECT name, value FROM customer_preferences") == [("allergy", "nuts")]
