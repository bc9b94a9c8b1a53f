"""Where the database thinks that a till which is gone keyed too late, or took money: what is told, what no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, new_id

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue


def asked(till: Till, *gone: int) -> list[dict[str, Any]]:
    answer = till.read("till.late_lines_v1", stale_minutes=30, tills=list(gone))
    assert answer["ok"]
    found: list[dict[str, Any]] = answer["late"]
    return found


def paid_elsewhere(one: Till, two: Till) -> tuple[Cart, str]:
    """An order of the first till that the second was paid for, and a line that the first keyed on it too late."""
    cart = Cart()
    one.open(cart)
    one.add(cart, IDLY, 2)
    one.push()
    two.take(cart)
    two.place(cart)
    two.push()
    late = one.add(cart, DOSA)
    one.push()
    return cart, late


def away(venue: Venue, till: int) -> None:
    venue.owner.execute("UPDATE till.tills SET seen_at = seen_at - interval '31 minutes' WHERE id = %s", [till])


def test_a_till_that_is_heard_of_looks_after_its_own(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    paid_elsewhere(one, two)
    assert asked(two) == []


def test_one_that_is_gone_is_told_of_until_its_line_is_carried_on(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, late = paid_elsewhere(one, two)
    away(venue, 1)
    assert asked(two) == [{"session": cart.session, "version": 5, "till": 1, "carried": []}]
    carrying = Cart()
    moved = {"to_session": carrying.session, "line_ids": [late], "late": True}
    two.make("lines_moved", cart.session, moved)
    two.push()
    assert asked(two) == []
    one.add(cart, IDLY)
    one.push()
    assert [row["carried"] for row in asked(two, 1)] == [[carrying.session]]


def test_journals_of_long_ago_take_no_turn_from_one_that_is_gone_now(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, _late = paid_elsewhere(one, two)
    away(venue, 1)
    for number in range(40):
        venue.owner.execute(
            "INSERT INTO warm.journal_head (journal_id, store_id, till_id, series, retired_at)"
            " VALUES (%s, %s, 1, %s, now())",
            [new_id(), venue.store, f"B{number}"],
        )
    assert [[row["session"] for row in asked(two)] for _time in range(3)] == [[cart.session]] * 3


def pay_part(till: Till, cart: Cart, amount: str = "10.00") -> str:
    """Money that the first till took for an order that was over, as it did not know."""
    payment = {"payment_id": new_id(), "tender": "CARD", "amount": amount, "tendered": amount, "change": "0.00"}
    till.make("payment_approved", cart.session, payment)
    till.push()
    return payment["payment_id"]


def test_money_that_a_till_which_is_gone_took_too_late_is_told_of_until_it_stands_before_the_manager(
    venue: Venue,
) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, late = paid_elsewhere(one, two)
    one.make("line_voided", cart.session, {"line_id": late})
    payment = pay_part(one, cart)
    assert [row["session"] for row in asked(two, 1)] == [cart.session]
    assert asked(two) == []
    two.make("conflict_found", cart.session, {
        "conflict_id": new_id(), "kind": "payment_without_order", "subject": payment, "amount": "10.00",
        "currency": "INR"})  # fmt: skip
    two.push()
    assert asked(two, 1) == []


def test_money_that_a_till_which_is_gone_gave_back_and_a_sale_lists_is_told_of(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, late = paid_elsewhere(one, two)
    one.make("line_voided", cart.session, {"line_id": late})
    ((listed, amount),) = venue.rows("SELECT payment_id, amount FROM cold.order_payment")
    payment = {"payment_id": str(listed), "tender": "CASH", "amount": str(amount)}
    one.make("payment_voided", cart.session, payment)
    one.push()
    assert [row["session"] for row in asked(two, 1)] == [cart.session]
    two.make("conflict_found", cart.session, {
        "conflict_id": new_id(), "kind": "given_back", "subject": payment["payment_id"],
        "amount": payment["amount"], "currency": "INR"})  # fmt: skip
    two.push()
    assert asked(two, 1) == []


@pytest.mark.parametrize("why", ["voided", "nothing", "listed"])
def test_money_that_went_back_or_is_in_a_completion_is_not_late(venue: Venue, why: str) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, late = paid_elsewhere(one, two)
    one.make("line_voided", cart.session, {"line_id": late})
    payment = pay_part(one, cart, "0.00" if why == "nothing" else "10.00")
    if why == "voided":
        one.make("payment_voided", cart.session, {"payment_id": payment, "tender": "CARD", "amount": "10.00"})
    elif why == "listed":
        listed = {"payment_id": payment, "tender": "CARD", "amount": "10.00", "change": "0.00"}
        two.place(cart, payments=[listed])
        two.push()
    one.push()
    assert asked(two, 1) == []


@pytest.mark.parametrize("act", ["line_voided", "quantity_changed"])
@pytest.mark.parametrize("undone", [False, True])
def test_a_line_that_was_taken_off_again_is_not_late(venue: Venue, act: str, *, undone: bool) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, late = paid_elsewhere(one, two)
    off = one.make(act, cart.session, {"line_id": late, "taken_off": 1 if act == "quantity_changed" else None})
    if undone:
        one.make("change_undone", cart.session, {"event": off.id})
    one.push()
    assert [row["session"] for row in asked(two, 1)] == ([cart.session] if undone else [])


def test_a_line_of_which_pieces_are_left_is_late_and_one_that_was_cleared_is_not(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, late = paid_elsewhere(one, two)
    one.make("line_voided", cart.session, {"line_id": late})
    some = one.add(cart, IDLY, 3)
    one.make("quantity_changed", cart.session, {"line_id": some, "taken_off": 2})
    one.push()
    assert [row["session"] for row in asked(two, 1)] == [cart.session]
    two.clear(cart)
    two.push()
    assert asked(two, 1) == []


def test_pieces_taken_off_a_line_that_was_paid_for_make_no_line_late(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, late = paid_elsewhere(one, two)
    one.make("line_voided", cart.session, {"line_id": late})
    one.make("quantity_changed", cart.session, {"line_id": next(iter(cart.lines)), "taken_off": 1})
    one.push()
    assert asked(two, 1) == []


def test_the_journal_of_a_till_that_was_replaced_is_gone_at_once(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, _late = paid_elsewhere(one, two)
    venue.owner.execute("SELECT till.till_adopt_v1(%s, NULL, 1)", [venue.store])
    venue.till(1).push()
    assert [row["session"] for row in asked(two)] == [cart.session]


def test_what_is_asked_in_other_words_is_refused(venue: Venue) -> None:
    assert venue.till().read("till.late_lines_v1", stale_minutes="soon")["code"] == "protocol"
