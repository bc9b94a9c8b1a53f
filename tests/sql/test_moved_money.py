"""Money that goes with the lines of a merged tab: it is sold once, spent once, and counts once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from tests.sql.test_vouchers import approve, ask, begin, left, place, put_aside, standing, start, voucher
from till.domain.events.envelope import sha256

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ["voucher"]

CASH = {"tender": "CASH", "change": "0.00"}


def merge(till: Till, kept: Cart, other: Cart, *payments: dict[str, Any]) -> None:
    """The lines of one order, and what was paid of it, go to another; it is cleared then."""
    lines = [
        {"line_id": line, "item_id": item, "item_name": item, "quantity": n, "price": "40.00", "till": till.number,
         "taxes": []}
        for line, (item, n) in other.lines.items()
    ]  # fmt: skip
    money = [{"tendered": one["amount"], "change": "0", "till": till.number, **one} for one in payments]
    ids = [one["payment_id"] for one in payments]
    till.make("lines_moved", kept.session, {"from_session": other.session, "lines": lines, "payments": money})
    away = {"to_session": kept.session, "line_ids": list(other.lines), "payment_ids": ids}
    till.make("lines_moved", other.session, away)
    till.clear(other)
    kept.lines |= other.lines


@pytest.mark.parametrize("together", [True, False])
def test_a_voucher_is_spent_where_its_lines_went(venue: Venue, voucher: str, together: bool) -> None:
    till = venue.till()
    nine, seven = begin(till), begin(till, (IDLY, 1))
    payment = start(till, nine, ask(till)["ask"], "30.00")
    till.push()
    approve(till, nine, payment)
    merge(till, seven, nine, payment)
    if not together:
        till.push()
        assert (left(venue, voucher), standing(till, payment)) == ("470.00", "reserved"), "it is kept for table 7 now"
    place(till, seven, payment, {"payment_id": new_id(), "tender": "CASH", "amount": str(seven.total - 30)})
    till.push()
    assert (left(venue, voucher), standing(till, payment), put_aside(venue)) == ("470.00", "spent", [])
    rows = venue.rows(
        "SELECT external_order_id, session_id, status FROM cold.payment_order WHERE payment_gateway = 'VOUCHER'"
    )
    assert [(one, status) for one, _session, status in rows] == [(payment["payment_id"], "completed")]
    assert venue.rows("SELECT kind FROM till.conflicts") == []


def test_a_voucher_of_a_merged_order_that_is_cleared_comes_back(venue: Venue, voucher: str) -> None:
    till = venue.till()
    nine, seven = begin(till), begin(till, (IDLY, 1))
    payment = start(till, nine, ask(till)["ask"], "30.00")
    till.push()
    merge(till, seven, nine, payment)
    till.clear(seven)
    till.push()
    assert (left(venue, voucher), standing(till, payment)) == ("500.00", "released")


def test_money_comes_with_its_lines_to_a_table_that_another_till_has_open(venue: Venue) -> None:
    """No hold of that table is needed to add an order to it, one that was paid in part too."""
    here, there = venue.till(), venue.till(2)
    nine, tea = begin(here), begin(there, (IDLY, 1))
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "30.00"}
    there.make("payment_approved", tea.session, {**payment, "tendered": "30.00", "change": "0.00"})
    here.push()
    merge(there, nine, tea, payment)
    there.push()
    assert put_aside(venue) == []


def move(till: Till, cart: Cart, target: Cart, payment: dict[str, Any]) -> None:
    """A payment goes from one order to another, without lines."""
    money = {**payment, "tendered": payment["amount"], "change": "0", "till": till.number}
    till.make("lines_moved", target.session, {"from_session": cart.session, "payments": [money]})
    till.make("lines_moved", cart.session, {"to_session": target.session, "payment_ids": [payment["payment_id"]]})


def waiting(venue: Venue) -> list[str]:
    return [kind for (kind,) in venue.rows("SELECT kind FROM till.conflicts WHERE resolved_at IS NULL")]


def cash(till: Till, cart: Cart, amount: str) -> dict[str, Any]:
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": amount}
    till.make("payment_approved", cart.session, {**payment, "tendered": amount, "change": "0.00"})
    return payment


def settle(till: Till, cart: Cart, payment: dict[str, Any]) -> None:
    """Pay the rest of an order and place it."""
    rest = cash(till, cart, str(cart.total - Decimal(payment["amount"])))
    till.place(cart, payments=[{**payment, "change": "0.00"}, {**rest, "change": "0.00"}])
    assert till.push()["ok"]


@pytest.mark.parametrize("holder", [1, 2])
@pytest.mark.parametrize("pushes", ["one", "a half each", "the other half first"])
def test_money_that_was_taken_where_it_came_from_is_no_matter(venue: Venue, pushes: str, holder: int) -> None:
    """Whoever has the table, and in whatever order the two halves come."""
    there = venue.till(2)
    here = there if holder == there.number else venue.till(holder)
    nine, tea = begin(here), begin(there, (IDLY, 1))
    here.push()
    payment = cash(there, tea, "30.00")
    there.push()
    money = {**payment, "tendered": "30.00", "change": "0", "till": 2}
    halves = [
        ("lines_moved", nine.session, {"from_session": tea.session, "payments": [money]}),
        ("lines_moved", tea.session, {"to_session": nine.session, "payment_ids": [payment["payment_id"]]}),
    ]
    for half in reversed(halves) if pushes == "the other half first" else halves:
        there.make(*half)
        if pushes != "one":
            there.push()
    there.push()
    assert waiting(venue) == []
    settle(here, nine, payment)
    assert (waiting(venue), put_aside(venue)) == ([], [])


def test_money_that_goes_on_and_comes_back_is_no_matter(venue: Venue) -> None:
    till = venue.till()
    first, second, third = begin(till), begin(till, (IDLY, 1)), begin(till, (DOSA, 1))
    payment = cash(till, first, "30.00")
    for one, other in ((first, second), (second, third), (third, first), (first, second)):
        move(till, one, other, payment)
    till.push()
    settle(till, second, payment)
    assert (waiting(venue), put_aside(venue)) == ([], [])


@pytest.mark.parametrize("placed", [True, False])
def test_money_of_which_its_own_till_tells_last_waits_until_then(venue: Venue, placed: bool) -> None:
    """As it may be with a database that was set back: whoever comes first sends again first."""
    venue.value("SELECT till.till_enrol_v1(%s, NULL, 3, NULL, %s)", venue.store, sha256("secret 3"))
    here, there, last = venue.till(), venue.till(2), venue.till(3)
    nine, tea, bar = begin(here), begin(there, (IDLY, 1)), begin(last, (DOSA, 1))
    payment = cash(last, bar, "30.00")
    move(here, tea, nine, payment)
    here.push()
    assert waiting(venue) == ["payment_from_nowhere"]
    if placed:
        settle(here, nine, payment)
    move(there, bar, tea, payment)
    there.push()
    assert waiting(venue) == ["payment_from_nowhere"] * 2
    last.push()
    if not placed:
        settle(here, nine, payment)
    assert (waiting(venue), put_aside(venue)) == ([], [])


@pytest.mark.parametrize("first", ["the void", "the move"])
def test_money_given_back_apart_from_its_move_is_told_until_who_has_it_gives_it_up(venue: Venue, first: str) -> None:
    here, there = venue.till(), venue.till(2)
    nine, tea = begin(here), begin(here, (IDLY, 1))
    payment = cash(here, tea, "30.00")
    here.push()
    there.take(tea)
    there.make("payment_voided", tea.session, payment)
    move(here, tea, nine, payment)
    for till in (there, here) if first == "the void" else (here, there):
        till.push()
    assert waiting(venue) == ["payment_from_nowhere"]
    away = {"to_session": tea.session, "payment_ids": [payment["payment_id"]], "late": True}
    here.make("lines_moved", nine.session, away)
    here.push()
    assert (waiting(venue), put_aside(venue)) == ([], [])


@pytest.mark.parametrize("first", ["the void", "the move"])
@pytest.mark.parametrize("gave_up", [False, True])
def test_money_given_back_where_a_till_apart_had_moved_it_too_is_told(venue: Venue, first: str, gave_up: bool) -> None:
    """Of two moves the first counts: its order has money that a guest of the other one was given."""
    here, there = venue.till(), venue.till(2)
    nine, ten, tea = begin(here), begin(there, (DOSA, 1)), begin(here, (IDLY, 1))
    payment = cash(here, tea, "30.00")
    for till in (here, there):
        till.push()
    move(here, tea, nine, payment)
    there.take(tea)
    move(there, tea, ten, payment)
    if gave_up:
        away = {"to_session": nine.session, "payment_ids": [payment["payment_id"]], "late": True}
        there.make("lines_moved", ten.session, away)
    there.make("payment_voided", ten.session, payment)
    for till in (there, here) if first == "the void" else (here, there):
        till.push()
    told = venue.rows("SELECT kind, session_id, subject FROM till.conflicts")
    assert told == [("payment_from_nowhere", nine.session, payment["payment_id"])]
    settle(here, nine, payment)
    assert (waiting(venue), put_aside(venue)) == (["payment_from_nowhere"], [])


def test_a_till_that_never_had_an_order_moves_none_of_its_money(venue: Venue, voucher: str) -> None:
    till, thief = venue.till(), venue.till(2)
    nine, own = begin(till), begin(thief, (IDLY, 1))
    payment = start(till, nine, ask(till)["ask"], "40.00")
    till.push()
    thief.make("lines_moved", nine.session, {"to_session": own.session, "payment_ids": [payment["payment_id"]],
                                             "line_ids": list(nine.lines), "late": True})  # fmt: skip
    place(thief, own, payment)
    thief.push()
    assert standing(till, payment) == "reserved"
    assert len(put_aside(venue)) == 1
    approve(till, nine, payment)
    place(till, nine, payment, {"payment_id": new_id(), "tender": "CASH", "amount": str(nine.total - 40)})
    till.push()
    assert (left(venue, voucher), standing(till, payment)) == ("460.00", "spent")


def test_both_sold_apart_what_was_moved_counts_once_and_the_rest_is_a_conflict(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    nine, seven = begin(one, (DOSA, 1)), begin(one, (IDLY, 1))
    part = {"payment_id": new_id(), "tender": "CASH", "amount": "10.00"}
    one.make("payment_started", nine.session, {**part, "key": part["payment_id"]})
    approve(one, nine, part, transaction="")
    one.push()
    two.take(nine)
    rest = {"payment_id": new_id(), "tender": "CASH", "amount": str(nine.total - 10)}
    place(two, nine, part, rest)
    sold = nine.total
    merge(one, seven, nine, part)
    more = {"payment_id": new_id(), "tender": "CASH", "amount": str(seven.total - 10)}
    place(one, seven, part, more)
    for till in (two, one):
        till.push()
    listed = venue.rows("SELECT payment_id::text, sum(amount) FROM cold.order_payment GROUP BY payment_id ORDER BY 2")
    idly = seven.total - sold
    assert dict(listed) == {part["payment_id"]: 10, rest["payment_id"]: sold - 10, more["payment_id"]: idly}
    assert venue.value("SELECT sum(total_amount) FROM cold.orders") == seven.total
    ((kind, amount),) = venue.rows("SELECT kind, amount FROM till.conflicts")
    taken = Decimal(part["amount"]) + Decimal(rest["amount"]) + Decimal(more["amount"])
    assert (kind, amount) == ("paid_twice", taken - seven.total), "what is in the drawers beyond what was sold"
