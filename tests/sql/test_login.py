"""The login screen's questions about other tills, and the notices at login of orders that others cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sql.ringing import IDLY, Cart, Till

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


def suspended(till: Till, user: int = 1) -> Cart:
    """An order of two Idlys that its user logged out with."""
    till.make("logged_in", None, {"user": user}, user=user)
    cart = Cart(user=user)
    till.open(cart)
    till.add(cart, IDLY, 2)
    till.make("order_parked", cart.session, user=user)
    till.make("logged_out", None, {"user": user}, user=user)
    till.push(cart.snapshot(0, status="pending_logout"))
    return cart


def clear(till: Till, cart: Cart, user: int = 9, reason: str = "guest left") -> None:
    """Clear it, on some till."""
    till.known.setdefault(cart.session, (0, None))
    till.clear(cart, reason, user=user)
    till.push()


def cleared(till: Till, **asked: Any) -> list[dict[str, Any]]:
    reply = till.read("till.cleared_orders_v1", **{"user": 1, "login": None, **asked})
    assert reply["ok"]
    rows: list[dict[str, Any]] = reply["cleared"]
    return rows


def test_an_order_cleared_by_somebody_else_is_reported_on_a_till_that_never_had_it(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = suspended(one)
    assert cleared(two) == []
    clear(one, cart)
    name = venue.value("SELECT name FROM till.users WHERE id = 9")
    assert cleared(two) == [
        {
            "session": cart.session, "lines": 1, "total": "80.00", "currency": "INR", "by": 9, "by_name": name,
            "reason": "guest left",
        }
    ]  # fmt: skip
    assert cleared(two, user=2) == []


def test_clearing_is_reported_at_one_login_only(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    clear(one, suspended(one))
    login = two.make("logged_in", None, {"user": 1})
    two.make("logged_in", None, {"user": 2}, user=2)
    two.push()
    assert len(cleared(two, login=login.id)) == 1  # it asked late: its own login does not count as an earlier one
    assert cleared(one) == []
    assert cleared(one, login=two.make("logged_in", None, {"user": 1}).id) == []


def test_an_order_cleared_by_its_own_user_or_without_lines_is_no_news(venue: Venue) -> None:
    one = venue.till(1)
    clear(one, suspended(one), user=1)
    blank = one.keyed()
    one.push(blank.snapshot(0))
    clear(one, blank)
    assert cleared(venue.till(2)) == []


def test_an_order_cleared_by_the_owner_of_the_database_names_nobody(venue: Venue) -> None:
    cart = suspended(venue.till(1))
    venue.value("SELECT till.session_close_v1(%s, NULL, %s, 'left over')", venue.store, cart.session)
    [row] = cleared(venue.till(2))
    assert (row["by"], row["by_name"], row["reason"]) == (None, None, "left over")


def test_an_erased_reason_is_not_shown(venue: Venue) -> None:
    one = venue.till(1)
    clear(one, suspended(one))
    venue.owner.execute("DELETE FROM warm.event_texts")
    assert [row["reason"] for row in cleared(venue.till(2))] == [None]


def test_open_orders_are_on_every_login_screen_with_user_and_till(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    aside = suspended(one)
    held = Cart(user=2)
    two.open(held)
    two.add(held, IDLY)
    two.push(held.snapshot(0))
    blank = Cart(user=9)
    two.open(blank)
    two.push(blank.snapshot(0))
    for till in (one, two):
        rows = till.read("till.open_orders_v1")["sessions"]
        assert [(row["session"], row["user"], row["till"], row["till_name"], row["lines"]) for row in rows] == [
            (aside.session, 1, None, None, 1),
            (held.session, 2, 2, "Till 2", 1),
        ]
    two.place(held)
    two.push(held.snapshot(0, status="completed"))
    assert [row["user"] for row in one.read("till.open_orders_v1")["sessions"]] == [1]


def test_login_shows_the_order_touched_last(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    first, _second = suspended(one), suspended(two)
    one.add(first, IDLY)
    one.push()
    assert [row["session"] for row in two.read("till.open_orders_v1")["sessions"]] == [first.session]


def test_a_login_on_two_tills_is_reported_to_both(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    for till in (one, two):
        till.make("logged_in", None, {"user": 1})
    for till in (one, two):
        till.push(beat={"session": till.login, "user": 1})

    def heard(seconds: int) -> None:
        venue.owner.execute("UPDATE till.tills SET seen_at = now() - make_interval(secs => %s)", [seconds])
        venue.owner.execute(
            "UPDATE session.active_sessions SET last_active = now() - make_interval(secs => %s)", [seconds]
        )

    def logins(till: Till) -> object:
        """Return the logins in the reply to an empty push of a till."""
        return till.push()["logins"]

    assert logins(one) is None  # its heartbeat is new
    heard(5)
    assert logins(one) == {"user": 1, "tills": [2]}
    assert logins(two) == {"user": 1, "tills": [1]}
    heard(180)
    assert logins(one) == {"user": 1, "tills": []}  # nothing is known of the other
    logins(two)  # it crashed and shows its login screen: it polls, and nobody is logged in
    venue.owner.execute("UPDATE till.tills SET seen_at = now() - interval '5 seconds' WHERE id = 1")
    assert logins(one) == {"user": 1, "tills": []}
    two.make("logged_in", None, {"user": 2}, user=2)
    two.push()
    heard(5)
    assert logins(two) == {"user": 2, "tills": []}
    two.make("logged_out", None, {"user": 2}, user=2)
    two.push()
    heard(5)
    assert logins(two) == {"user": 0, "tills": []}
    assert logins(one) == {"user": 1, "tills": []}
