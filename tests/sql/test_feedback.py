"""Feedback of guests on a sale: the newest counts, on the day of the sale, and its words can be erased."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.sql.ringing import DAY, DOSA, IDLY, Cart, new_id
from tests.sql.test_upkeep import age, maintain
from tests.sql.test_verify import verify
from till.reports.declared import FEEDBACK

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue
    from till.reports.report import ReportResult

ROWS = "SELECT session_id, score, words FROM feedback ORDER BY score"


def sell(till: Till, item: str = IDLY) -> tuple[Cart, str]:
    cart = till.keyed()
    till.add(cart, item)
    order = till.place(cart)
    till.push(cart.snapshot(0, status="completed"))
    return cart, order["order_id"]


def say(till: Till, cart: Cart, order: str, score: int, words: str = "") -> Any:
    return till.make("feedback_given", cart.session, {"order_id": order, "score": score}, texts={"words": words})


def report(venue: Venue, day: date = DAY) -> ReportResult:
    return venue.report(FEEDBACK, day)


def test_the_newest_feedback_counts_on_the_day_of_the_sale(venue: Venue) -> None:
    till = venue.till()
    (one, first), (two, second) = sell(till), sell(till, DOSA)
    say(till, one, first, 2, "cold")
    say(till, one, first, 4, "warm now")
    say(till, two, second, 5)
    assert till.push()["quarantined"] == []
    assert venue.rows(ROWS) == [(one.session, 4, "warm now"), (two.session, 5, None)]
    assert venue.rows("SELECT DISTINCT refold, status FROM till.order_sessions") == [(False, "completed")]
    found = report(venue)
    assert (found.figure("count"), found.figure("average")) == (2, Decimal("4.50"))
    assert found.rows("scores") == ((4, 1), (5, 1))
    assert sorted(row[1:2] + row[3:] for row in found.rows("feedback")) == [
        (4, 1, 1, 4_000, "warm now"),
        (5, 1, 1, 8_000, ""),
    ]
    nothing = report(venue, date(2026, 3, 4))
    assert (nothing.figure("count"), nothing.figure("average"), nothing.rows("scores")) == (0, None, ())


def test_an_older_word_that_comes_late_changes_nothing(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    cart = one.keyed(IDLY)
    one.push()
    two.take(cart)
    two.push()
    order = one.place(cart)["order_id"]
    late = say(one, cart, order, 1, "late")
    say(two, cart, order, 5, "later")
    two.push()
    one.push()
    assert late.id < venue.value("SELECT feedback_id::text FROM feedback")
    assert venue.rows(ROWS) == [(cart.session, 5, "later")]


def test_a_till_that_never_took_the_order_says_nothing_of_it(venue: Venue) -> None:
    till, other = venue.till(), venue.till(2)
    cart, order = sell(till)
    say(other, cart, order, 1)
    other.push()
    assert venue.rows(ROWS) == []


def test_unknown_order_has_no_feedback(venue: Venue) -> None:
    till = venue.till()
    cart, _order = sell(till)
    _other, elsewhere = sell(till)
    say(till, cart, elsewhere, 1, "of another")
    assert till.push()["ok"]
    assert report(venue).rows("feedback") == ()
    say(till, cart, new_id(), 2)
    assert till.push()["ok"]
    assert report(venue).rows("feedback") == ()


def test_a_score_out_of_bounds_is_kept_out(venue: Venue) -> None:
    till = venue.till()
    cart, order = sell(till)
    for score in (0, 6, None, "5", 4.5):
        till.make_badly("feedback_given", cart.session, {"order_id": order, "score": score}, harmless=True)
    assert till.push()["records"] == 5
    assert venue.rows(ROWS) == []


def test_words_of_feedback_are_erased(venue: Venue) -> None:
    till = venue.till()
    cart, order = sell(till)
    event = say(till, cart, order, 1, "ask for Mrs Rao")
    till.push()
    age(venue, "31 days")
    maintain(venue)
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 1
    assert venue.rows(ROWS) == [(cart.session, 1, None)]
    assert venue.rows("SELECT text FROM cold.order_audit_texts UNION SELECT text FROM warm.event_texts") == []
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    again = venue.till()
    again.holds = till.holds
    again.make(event.type, cart.session, {"order_id": order, "score": 1}, event_id=event.id,
               texts={"words": "ask for Mrs Rao"})  # fmt: skip
    again.push()
    assert venue.rows(ROWS) == [(cart.session, 1, None)]
    assert verify(venue)["sound"] is True
