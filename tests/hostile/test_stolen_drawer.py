"""The drawer of another till: words of one with a stolen secret change nothing in it until a manager books them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, Cart, Till, Venue, new_id
from tests.sql.test_refunds import book_waiting, correct, quarantined, sell

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2
ANOTHERS = "Another till took that payment: a manager books this correction."
NOT_TAKEN = "The sale lists money taken at till 1, which has no record of it."


def drawers(venue: Venue) -> dict[int, Decimal]:
    """Return the cash in each drawer."""
    query = "SELECT drawer, sum(amount) FROM cold.cash_by_drawer GROUP BY 1 HAVING sum(amount) <> 0"
    return dict(venue.rows(query))


def heard_by(till: Till, version: int = 0) -> list[str]:
    """Return the tenders that a till hears of, for payments in its drawer."""
    till.owner.execute("UPDATE till.tills SET seen_at = NULL")  # type: ignore[union-attr]
    heard = till.push(reference={"drawer": version})["reference"].get("drawer")
    return [one["tender"] for one in heard["body"]["corrected"]] if heard else []


def retried(venue: Venue) -> list[bool]:
    """Retry each record that waits, as the owner or the server may."""
    waiting = venue.rows("SELECT id FROM warm.quarantine WHERE resolved_at IS NULL ORDER BY id")
    retry = "SELECT till.quarantine_retry_v1(%s, NULL, %s)"
    return [venue.value(retry, venue.store, record)["applied"] for (record,) in waiting]


@pytest.mark.parametrize("approver", [9, 4242, None])
def test_a_tender_in_the_drawer_of_another_till_is_corrected_once_a_manager_books_it(
    venue: Venue, approver: int | None
) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, order = sell(honest, (DOSA, 1))
    correct(thief, cart, order, approved_by=approver)
    assert thief.push()["ok"]
    assert quarantined(venue) == [ANOTHERS]
    assert drawers(venue) == {HONEST: Decimal("80.00")}
    assert heard_by(honest) == []
    assert venue.types("event_type = 'tender_corrected'") == [], "no till folds it"
    assert retried(venue) == [False]
    (found,) = venue.ask("quarantine_list_v1")["quarantine"]
    assert (found["bookable"], found["amount"]) == (True, "80.00")
    book_waiting(venue)
    assert (drawers(venue), heard_by(honest)) == ({}, ["CARD"])


def test_a_correction_that_a_manager_drops_was_never_one(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, order = sell(honest, (DOSA, 1))
    correct(thief, cart, order)
    thief.push()
    venue.ask("quarantine_resolve_v1", 9, venue.value("SELECT id FROM warm.quarantine"), "It was cash.")
    assert (drawers(venue), heard_by(honest)) == ({HONEST: Decimal("80.00")}, [])


@pytest.mark.parametrize("days", [-8, 0, 400])
def test_a_till_hears_of_a_correction_of_its_drawer_whatever_the_clock_of_its_author(venue: Venue, days: int) -> None:
    honest, other = venue.till(HONEST), venue.till(THIEF)
    cart, order = sell(honest, (DOSA, 1))
    other.now = datetime.now(UTC) + timedelta(days=days)
    correct(other, cart, order)
    other.push()
    book_waiting(venue)
    assert heard_by(honest) == ["CARD"]


def test_a_till_that_was_away_for_long_hears_of_a_correction_of_its_drawer(venue: Venue) -> None:
    honest, other = venue.till(HONEST), venue.till(THIEF)
    cart, order = sell(honest, (DOSA, 1))
    correct(other, cart, order)
    other.push()
    book_waiting(venue)
    venue.owner.execute("ALTER TABLE cold.tender_correction DISABLE TRIGGER USER")
    venue.owner.execute("UPDATE cold.tender_correction SET arrived_at = now() - interval '30 days'")
    venue.owner.execute("UPDATE warm.journal_head SET opened_at = now() - interval '60 days'")
    assert heard_by(honest) == ["CARD"]
    venue.owner.execute("UPDATE warm.journal_head SET opened_at = now()")
    assert heard_by(honest) == [], "a new journal starts with what its drawer holds"


def test_a_correction_before_its_sale_is_nothing_that_a_till_folds(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart = honest.keyed(DOSA)
    order = cart.frozen()
    (payment,) = order["payments"]
    honest.make("payment_started", cart.session, {"payment_id": payment["payment_id"], "tender": "CASH",
                "amount": "80.00", "key": payment["payment_id"]})  # fmt: skip
    honest.push()
    correct(thief, cart, order)
    thief.push()
    honest.place(cart, payments=[payment])
    honest.push()
    assert venue.types("event_type = 'tender_corrected'") == []
    assert quarantined(venue) == [ANOTHERS]
    assert drawers(venue) == {HONEST: Decimal("80.00")}


# Sales.


def paid(taker: Till, cart: Cart, amount: str = "80.00", **frozen: Any) -> dict[str, Any]:
    """Take cash for an order, and return it as a sale lists it."""
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": amount, "change": "0.00"}
    taker.make("payment_approved", cart.session, {**payment, "tendered": amount, "drawer": taker.number})
    return payment | frozen


def rung(seller: Till, amount: str = "80.00", **frozen: Any) -> Cart:
    """Sell a dosa, or give it back, and say in the sale where its cash was taken."""
    cart = seller.keyed()
    seller.add(cart, DOSA, 1 if amount == "80.00" else -1)
    seller.place(cart, payments=[paid(seller, cart, amount, **frozen)])
    return cart


def test_no_sale_counts_into_the_drawer_of_a_till_that_did_not_take_its_money(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    sell(honest, (DOSA, 1))
    for amount in ["80.00", "-80.00"] * 3:
        rung(thief, amount, till=HONEST)
        assert thief.push()["ok"]
    assert quarantined(venue) == [NOT_TAKEN] * 6
    assert drawers(venue) == {HONEST: Decimal("80.00")}
    assert retried(venue) == [False] * 6
    assert drawers(venue) == {HONEST: Decimal("80.00")}


def test_no_sale_takes_the_cash_of_another_till_into_its_own_drawer(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart = honest.keyed(DOSA)
    taken = paid(honest, cart)
    honest.push()
    thief.take(cart)
    thief.place(cart, payments=[taken])
    thief.push()
    assert quarantined(venue) == ["The sale does not say that till 1 took a payment of it."]
    thief.place(cart, payments=[taken | {"till": HONEST}])
    thief.push()
    assert len(quarantined(venue)) == 1
    assert drawers(venue) == {HONEST: Decimal("80.00")}


OTHER_MONEY = "The sale lists other money of till 1 than that till took."
UNNAMED_TAKER = "The sale does not say that till 1 took a payment of it."
LIES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("CASH", {"amount": "5000.00"}, OTHER_MONEY),
    ("CASH", {"tender": "CARD"}, OTHER_MONEY),
    ("CARD", {"tender": "CASH"}, OTHER_MONEY),
    ("CARD", {"change": "5000.00"}, OTHER_MONEY),
    ("CARD", {"amount": "80.01"}, OTHER_MONEY),
    ("declined", {"tender": "CASH"}, OTHER_MONEY),
    ("CASH", {"till": None}, UNNAMED_TAKER),
    ("CARD", {"till": None, "tender": "CASH"}, UNNAMED_TAKER),
)


@pytest.mark.parametrize(("took", "lie", "why"), LIES)
def test_a_sale_lists_what_another_till_took_as_it_took_it(
    venue: Venue, took: str, lie: dict[str, Any], why: str
) -> None:
    """Take an order over with money in it, record the same payment again, and sell with something else."""
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart = honest.keyed(DOSA)
    payment = {"payment_id": new_id(), "tender": "CASH" if took == "CASH" else "CARD", "amount": "80.00"}
    honest.make("payment_started", cart.session, {**payment, "key": payment["payment_id"]})
    answered = {**payment, "tendered": "80.00", "change": "0.00"}
    if took == "declined":
        honest.make("payment_declined", cart.session, payment)
    else:
        honest.make("payment_approved", cart.session, answered | ({"drawer": HONEST} if took == "CASH" else {}))
    honest.push()
    before = drawers(venue)
    thief.take(cart)
    listed = {name: value for name, value in (payment | {"till": HONEST} | lie).items() if value is not None}
    if "till" not in listed:
        thief.make("payment_approved", cart.session, answered | {"tender": listed["tender"], "drawer": THIEF})
    rest = str(Decimal("80.00") - Decimal(listed["amount"]))
    thief.place(cart, payments=[{"change": "0.00"} | listed] + ([paid(thief, cart, rest)] if rest != "0.00" else []))
    thief.push()
    assert quarantined(venue) == [why]
    assert venue.value("SELECT count(*) FROM cold.orders") == 0
    assert {till: sum_ for till, sum_ in drawers(venue).items() if till == HONEST} == before


def test_a_charge_that_two_tills_asked_for_is_listed_by_either(venue: Venue) -> None:
    """A payment that a stolen till recorded again blocks no sale of the till that took it."""
    honest, other = venue.till(HONEST), venue.till(THIEF)
    for seller in (other, honest):
        cart, charge = Cart(), new_id()
        honest.open(cart)
        honest.add(cart, DOSA)
        cash = paid(honest, cart, "30.00")
        asked = {"payment_id": charge, "tender": "CARD", "amount": "50.00"}
        honest.make("payment_started", cart.session, {**asked, "key": charge})
        honest.make("payment_approved", cart.session, {**asked, "tendered": "50.00", "change": "0.00"})
        honest.push()
        other.take(cart)
        other.make("payment_approved", cart.session, {**asked, "tendered": "50.00", "change": "0.00"})
        other.make("payment_approved", cart.session, {**cash, "tendered": "30.00", "drawer": THIEF})
        other.push()
        taken = cash | ({"till": HONEST} if seller is other else {})
        if seller is honest:
            honest.take(cart)
        seller.place(cart, payments=[taken, {**asked, "change": "0.00"}])
        assert seller.push()["ok"]
    assert quarantined(venue) == []
    assert drawers(venue) == {HONEST: Decimal("60.00")}


def test_a_sale_that_came_before_the_payment_of_another_till_counts_once_that_comes(venue: Venue) -> None:
    """After a restore, the till that sold may be back before the one that took a part."""
    one, two = venue.till(HONEST), venue.till(THIEF)
    cart = one.keyed(DOSA)
    one.push()
    part = paid(one, cart, "30.00", till=HONEST)
    two.take(cart)
    two.place(cart, payments=[part, paid(two, cart, "50.00")])
    two.push()
    assert quarantined(venue) == [NOT_TAKEN]
    one.push()
    assert venue.value("SELECT count(*) FROM warm.quarantine WHERE resolved_at IS NULL") == 0
    assert drawers(venue) == {HONEST: Decimal("30.00"), THIEF: Decimal("50.00")}
