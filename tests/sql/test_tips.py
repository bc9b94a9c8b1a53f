"""Corrections of tips: each moves money in its tender and its drawer, and the sale does not change."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, Cart, new_id
from tests.sql.test_refunds import Refund, correct, found, quarantined, report, sell, states
from till.domain.money.amount import Currency
from till.reports.acts import ActFilter, read_acts
from till.reports.declared import SALES

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue


def tipped(till: Till, tender: str = "CASH", **changes: Any) -> tuple[Cart, dict[str, Any]]:
    """Sell a dosa for 80.00 with a tip of 25.00."""
    paid = {"payment_id": new_id(), "tender": tender, "amount": "105.00", "tip": "25.00", "change": "0.00"}
    return sell(till, (DOSA, 1), payments=[paid | changes])


def put_right(till: Till, cart: Cart, order: dict[str, Any], *, user: int = 1, **changes: Any) -> None:
    """Correct the tip of a sale from 25.00 to 5.00."""
    (payment,) = order["payments"]
    tender = changes.get("tender", payment["tender"])
    data = {
        "order_id": order["order_id"], "payment_id": payment["payment_id"], "was": "25.00", "tip": "5.00",
        "returned": "20.00", "tender": tender, "drawer": till.number if tender == "CASH" else None, "approved_by": 9,
    } | changes  # fmt: skip
    till.make(
        "tip_corrected", cart.session, {name: value for name, value in data.items() if value is not None}, user=user
    )


def tips_flagged(venue: Venue) -> list[str]:
    """Return the receipts in what a manager reads of tips that another till changed."""
    waiting = "SELECT reason FROM warm.quarantine WHERE resolved_at IS NULL ORDER BY id"
    return [receipt for (reason,) in venue.rows(waiting) for receipt in re.findall(r"tip of receipt (\S+),", reason)]


def tips(venue: Venue) -> tuple[Any, Any]:
    found = venue.report(SALES)
    return found.figure("tips"), [row[-2:] for row in found.rows("tips_by_person")]


@pytest.mark.parametrize(
    ("tender", "changes", "tenders", "drawers", "left"),
    [
        ("CASH", {}, {"CASH": 8_500}, {1: 8_500}, 500),
        ("CARD", {}, {"CARD": 8_500}, {}, 500),
        ("CARD", {"tender": "CASH"}, {"CARD": 10_500, "CASH": -2_000}, {1: -2_000}, 500),
        ("MEAL", {"tender": "CASH"}, {"MEAL": 10_500, "CASH": -2_000}, {1: -2_000}, 500),
        ("CASH", {"tip": "30.00", "returned": "-5.00"}, {"CASH": 11_000}, {1: 11_000}, 3_000),
        ("CASH", {"tip": "0", "returned": "25.00"}, {"CASH": 8_000}, {1: 8_000}, 0),
    ],
)
def test_a_corrected_tip_moves_its_tender_its_drawer_and_the_tips(
    venue: Venue, tender: str, changes: dict[str, Any], tenders: dict[str, int], drawers: dict[int, int], left: int
) -> None:
    till = venue.till()
    cart, order = tipped(till, tender)
    put_right(till, cart, order, **changes)
    sent = [*till.pending]
    till.push()
    till.push(events=sent)  # the answer was lost
    assert venue.value("SELECT count(*) FROM cold.tip_correction") == 1
    assert quarantined(venue) == []
    found = report(venue)
    assert (found.tenders, found.drawers) == (tenders, drawers)
    assert tips(venue) == (left, [(1, left)] if left else [])
    assert venue.rows("SELECT amount, tip FROM order_payment") == [(Decimal("105.00"), Decimal("25.00"))]
    (act,) = read_acts(venue.ask, venue.store, ActFilter(till=1), Currency("INR")).acts
    assert (act["kind"], act["approved_by"], act["receipts"]) == ("put-right", 9, [order["receipt"]])
    assert (act["amount"], act["details"]["was"]) == (changes.get("returned", "20.00"), "25.00")
    assert venue.rows("SELECT DISTINCT refold FROM till.order_sessions") == [(False,)]


def test_the_food_can_be_refunded_as_before_its_tip_was_corrected(venue: Venue) -> None:
    till = venue.till()
    cart, order = tipped(till, "CARD")
    put_right(till, cart, order, tender="CASH")
    put_right(till, cart, order, was="5.00", tip="0", returned="5.00")
    Refund(till, cart, order, r1=1).start(tender="CARD", drawer=None).answer("approved", tender="CARD", drawer=None)
    till.push()
    assert (states(venue), quarantined(venue)) == (["approved"], [])
    assert venue.rows("SELECT is_beyond FROM cold.refunds") == [(False,)]


def test_a_tip_corrected_before_the_sale_came_stands_once_it_comes(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    cart = one.keyed(DOSA)
    paid = {"payment_id": new_id(), "tender": "CASH", "amount": "105.00", "tip": "25.00", "change": "0.00"}
    order = one.place(cart, payments=[paid])
    put_right(two, cart, order)
    two.push()
    assert len(quarantined(venue)) == 1
    one.push()
    assert tips_flagged(venue) == [order["receipt"]]
    assert report(venue).drawers == {1: 10_500, 2: -2_000}, "it went back at till 2"


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("second", "left", "waits"),
    [
        ({}, -1_500, 1),
        ({"was": "5.00", "tip": "10.00", "returned": "-5.00"}, 1_000, 0),
        ({"was": "9000.00", "tip": "0", "returned": "9000.00"}, 500 - 900_000, 1),
    ],
)
def test_two_tills_that_returned_one_tip_both_gave_it_and_a_manager_sees_that(
    venue: Venue, second: dict[str, Any], left: int, waits: int, *, turned: bool
) -> None:
    one, two = venue.till(), venue.till(2)
    cart, order = tipped(one)
    put_right(one, cart, order)
    put_right(two, cart, order, **second)
    for till in (two, one) if turned else (one, two):
        till.push()
    assert tips_flagged(venue) == [order["receipt"]], "of that by the till that did not take it"
    assert tips(venue)[0] == left
    assert sum(report(venue).drawers.values()) == 8_000 + left
    own = """
        SELECT c.kind, t.till_id, c.amount = abs(t.amount)
        FROM till.conflicts AS c JOIN cold.tip_correction AS t ON t.correction_id::text = c.subject"""
    conflicts = venue.rows(own)
    # the second is one that does not follow, also if it comes before what it follows
    assert conflicts == [("outcome_contradicted", 2, True)] * (waits or turned)


def test_a_tip_that_never_was_is_a_conflict_at_once_and_each_is_its_own(venue: Venue) -> None:
    till = venue.till()
    cart, order = tipped(till)
    open_ones = "SELECT amount FROM till.conflicts WHERE resolved_at IS NULL"
    put_right(till, cart, order, was="9000.00", tip="0", returned="9000.00")
    till.push()
    assert venue.rows(open_ones) == [(9000,)]
    conflict = venue.value("SELECT id FROM till.conflicts")
    venue.owner.execute("SELECT till.conflict_resolve_v1(%s, 9, %s, 'taken back')", [venue.store, conflict])
    put_right(till, cart, order)
    till.push()
    assert venue.rows(open_ones) == [(20,)]


@pytest.mark.parametrize("turned", [False, True])
def test_a_tender_of_which_another_till_returned_a_tip_is_a_conflict(venue: Venue, *, turned: bool) -> None:
    one, two = venue.till(), venue.till(2)
    cart, order = tipped(one, "CARD")
    put_right(two, cart, order)
    (payment,) = order["payments"]
    data = {"order_id": order["order_id"], "payment_id": payment["payment_id"], "was": "CARD", "tender": "CASH"}
    one.make("tender_corrected", cart.session, {**data, "amount": "105.00", "drawer": 1})
    for till in (one, two) if turned else (two, one):
        till.push()
    assert tips_flagged(venue) == [order["receipt"]]
    assert venue.rows("SELECT kind, amount FROM till.conflicts") == [("outcome_contradicted", 20)]


@pytest.mark.parametrize(
    ("tender", "changes", "why"),
    [
        ("CASH", {"payment_id": new_id()}, "a payment that is not one of this sale"),
        ("CASH", {"order_id": new_id()}, "a payment that is not one of this sale"),
        ("CASH", {"returned": "20.01"}, "is not its difference"),
        ("CASH", {"tip": "25.00", "returned": "0.00"}, "is not its difference"),
        ("CASH", {"tip": "4.999", "returned": "20.001"}, "is not its difference"),
        ("CASH", {"drawer": 1}, "out of the drawer of its till"),
        ("CASH", {"drawer": None}, "out of the drawer of its till"),
        ("CASH", {"tender": "CARD"}, "a tender that did not pay"),
        ("CASH", {"approved_by": 1}, "a manager must correct its tip"),
        ("CASH", {"approved_by": None}, "a manager must correct its tip"),
    ],
)
def test_a_correction_of_a_tip_that_no_till_of_ours_would_write_is_quarantined(
    venue: Venue, tender: str, changes: dict[str, Any], why: str
) -> None:
    one, two = venue.till(), venue.till(2)
    cart, order = tipped(one, tender)
    put_right(two, cart, order, **changes)
    two.push()
    assert why in quarantined(venue)[-1], quarantined(venue)
    assert tips(venue)[0] == 2_500


def test_a_manager_who_is_logged_in_needs_no_other_for_the_tip_of_another_till(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    cart, order = tipped(one, "CASH")
    put_right(two, cart, order, user=9, approved_by=None)
    two.push()
    assert (tips(venue)[0], tips_flagged(venue)) == (500, [order["receipt"]])


def test_a_tip_goes_back_in_the_corrected_tender(venue: Venue) -> None:
    till = venue.till()
    cart, order = tipped(till)
    correct(till, cart, order)
    put_right(till, cart, order, tender="CARD")
    till.push()
    assert quarantined(venue) == []
    assert (report(venue).tenders, report(venue).drawers) == ({"CARD": 8_500}, {})


def test_a_sale_is_found_by_what_was_paid_with_its_tips(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    _cart, order = tipped(one, change="95.00")
    cash, card = ({"payment_id": new_id(), "amount": "45.00", "tip": "5.00", "change": "0.00"} for _part in range(2))
    _cart, parts = sell(one, (DOSA, 1), payments=[{**cash, "tender": "CASH"}, {**card, "tender": "CARD"}])
    assert found(two, amount="105.00") == [order["receipt"]]
    assert found(two, amount="90.00") == found(two, amount="45.00") == [parts["receipt"]]
    assert found(two, amount="80.00") == [parts["receipt"], order["receipt"]]
    assert found(two, amount="85.00") == []
    assert found(two, amount="105.00", after=order["order_id"]) == []
