"""Pay by items: each guest pays a share, all shares sum to the total, and paid pieces stay on the order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import CUP, DOSA, IDLY, INR, MENU, Desk, Hand, folded, uid
from tests.domain.order.strategies import groups_, terms_
from tests.domain.order.test_parting import LINES, _desk, _discount
from till.domain.errors import LineError, PaymentError
from till.domain.money.measures import Millionths, Minor
from till.domain.money.settling import PaidRounding
from till.domain.order import by_items, charging, moving, paying, voiding
from till.domain.order.events import DiscountApplied
from till.domain.order.paying import CASH, Tendered
from till.domain.order.terms import ChargeRule
from till.domain.payment.events import PaymentApproved, PaymentDeclined, PaymentStarted, PaymentUnknown
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Draft
    from till.domain.money.tax import Tax
    from till.domain.order.terms import Terms

IDLY_PAID = r"^1 Idly is paid for: refund that payment first\.$"


def _pay_items(desk: Desk, tender: str, **pieces: int) -> str:
    """Pay for pieces of lines."""
    named = {uid(line): count for line, count in pieces.items()}
    return desk.pay(tender, paying.items_in(desk.order, tender, named), pieces=named)


def _two_idly_and_a_dosa() -> tuple[Desk, str, str]:
    desk = Desk()
    return desk, desk.add(IDLY, 2), desk.add(DOSA)


def test_a_guest_pays_for_a_piece_and_the_next_one_for_what_is_left() -> None:
    desk, idly, dosa = _two_idly_and_a_dosa()
    desk.pay("CARD", 4_000, pieces={idly: 1})
    assert (desk.order.paid_for, by_items.unpaid_pieces(desk.order)) == ({idly: 1}, {idly: 1, dosa: 1})
    assert by_items.share_of(desk.order, {idly: 1, dosa: 1}) == desk.order.due == 12_000
    desk.pay(CASH, 50_000, pieces={idly: 1, dosa: 1})
    assert paying.is_settled(desk.order)
    assert [(one.amount, one.change) for one in desk.place().payments] == [("40.00", "0.00"), ("120.00", "380.00")]


def test_a_piece_is_paid_for_once() -> None:
    desk, idly, _dosa = _two_idly_and_a_dosa()
    desk.pay(CASH, 8_000, pieces={idly: 2})
    with pytest.raises(PaymentError, match=r"^2 Idly are paid for: refund that payment first\.$"):
        desk.pay(CASH, 4_000, pieces={idly: 1})


@pytest.mark.parametrize("pieces", [{"nowhere": 1}, {"idly": 3}, {"idly": 0}])
def test_pieces_that_are_not_there_are_paid_by_nobody(pieces: dict[str, int]) -> None:
    desk, idly, _dosa = _two_idly_and_a_dosa()
    named = {idly if line == "idly" else uid(line): count for line, count in pieces.items()}
    with pytest.raises(LineError):
        desk.do(paying.start_payment(desk.order, uid("p"), Tendered(CASH, Minor(100), pieces=named)))


@pytest.mark.parametrize(("tender", "amount"), [(CASH, 3_999), ("CARD", 3_999), ("CARD", 4_001)])
def test_pieces_are_paid_in_one_payment(tender: str, amount: int) -> None:
    desk, idly, _dosa = _two_idly_and_a_dosa()
    with pytest.raises(PaymentError, match=r"₹40\.00"):
        desk.pay(tender, amount, pieces={idly: 1})


@pytest.mark.parametrize("asked", [3_999, 4_001])
def test_a_terminal_is_asked_for_what_the_pieces_come_to(asked: int) -> None:
    desk, idly, _dosa = _two_idly_and_a_dosa()
    reference = ("terminal", "till-1", "17")
    with pytest.raises(PaymentError, match=r"₹40\.00"):
        charging.start_charge(desk.order, uid("p"), Tendered("CARD", Minor(asked), pieces={idly: 1}), reference)
    with_tip = Tendered("CARD", Minor(4_500), Minor(500), pieces={idly: 1})
    desk.do(charging.start_charge(desk.order, uid("p"), with_tip, reference))
    assert desk.order.paid_for == {idly: 1}


def test_a_tip_is_beside_what_the_pieces_come_to() -> None:
    desk, idly, dosa = _two_idly_and_a_dosa()
    payment, named = uid("p"), {idly: 1}
    tendered = Tendered(CASH, Minor(4_500), Minor(500), pieces=named)
    drafts = paying.approve_payment(desk.order, payment, tendered)
    desk.do([*paying.start_payment(desk.order, payment, tendered), *drafts])
    assert (desk.order.paid, desk.order.tips, desk.order.due) == (4_000, 500, 12_000)
    with pytest.raises(PaymentError, match=r"^These pieces come to ₹80\.00\."):
        paying.approve_payment(desk.order, uid("q"), Tendered(CASH, Minor(8_400), Minor(500), pieces={dosa: 1}))


def test_paid_pieces_are_not_voided_discounted_cut_or_moved() -> None:
    desk, idly, dosa = _two_idly_and_a_dosa()
    payment = desk.pay(CASH, 4_000, pieces={idly: 1})
    refused: tuple[Callable[[], list[Draft]], ...] = (
        lambda: voiding.void_row(desk.order, idly, "dropped"),
        lambda: voiding.void_line(desk.order, idly, "dropped"),
        lambda: moving.move_lines(desk.order, [idly], uid("other")),
    )
    for decide in refused:
        with pytest.raises(PaymentError, match=IDLY_PAID):
            decide()
    desk.do(moving.cut(desk.order, {idly: 1}, {idly: uid("cut")}))
    with pytest.raises(PaymentError, match=IDLY_PAID):
        moving.move_lines(desk.order, [idly, dosa], uid("other"))
    assert moving.move_lines(desk.order, [uid("cut")], uid("other"))
    desk.do(paying.give_back(desk.order, payment, 1))
    assert desk.order.paid_for == {}
    assert voiding.void_row(desk.order, idly, "dropped")


def test_pieces_that_nobody_paid_for_are_taken_off() -> None:
    desk = Desk()
    first, second = desk.add(IDLY, 2), desk.add(IDLY, 2)
    desk.pay(CASH, 8_000, pieces={second: 2})
    desk.change(first, 2)
    assert (desk.order.lines[first].quantity, desk.order.lines[second].quantity) == (0, 2)
    with pytest.raises(PaymentError, match=r"^2 Idly are paid for"):
        desk.change(second, 1)


def test_no_piece_that_is_paid_for_is_cut() -> None:
    desk = Desk()
    idly = desk.add(IDLY, 3)
    desk.pay(CASH, 8_000, pieces={idly: 2})
    with pytest.raises(PaymentError, match=r"^2 Idly are paid for"):
        moving.cut(desk.order, {idly: 2}, {idly: uid("cut")})
    assert moving.cut(desk.order, {idly: 1}, {idly: uid("cut")})


@pytest.mark.parametrize(
    ("answer", "held"),
    [
        (None, 1),
        (PaymentUnknown(payment_id=uid("p"), tender="CARD", amount="40.00"), 1),
        (PaymentApproved(payment_id=uid("p"), tender="CARD", amount="40.00", tendered="40.00", change="0"), 1),
        (PaymentDeclined(payment_id=uid("p"), tender="CARD", amount="40.00"), 0),
    ],
)
def test_pieces_are_held_until_their_payment_was_declined(answer: Any, held: int) -> None:
    desk, idly, _dosa = _two_idly_and_a_dosa()
    asked = Tendered("CARD", Minor(4_000), pieces={idly: 1})
    desk.do(charging.start_charge(desk.order, uid("p"), asked, ("terminal", "till-1", "17")))
    if answer is not None:
        desk.do_one(answer)
    assert desk.order.paid_for.get(idly, 0) == held


def test_an_answer_that_came_before_its_asking_is_for_the_same_pieces() -> None:
    hand = Hand()
    opened, line = hand.opened(), hand.added("a", 2)
    asked = PaymentStarted(payment_id=uid("p"), tender="CARD", amount="40.00", key="k", pieces={uid("a"): 1})
    started = hand.make(asked)
    approved = hand.make(
        PaymentApproved(payment_id=uid("p"), tender="CARD", amount="40.00", tendered="40.00", change="0")
    )
    assert folded(opened, line, approved, started).paid_for == {uid("a"): 1}


def test_later_lines_are_paid_by_the_guest_who_pays_last() -> None:
    desk, idly, dosa = _two_idly_and_a_dosa()
    desk.pay(CASH, 8_000, pieces={idly: 2})
    tea = desk.add(IDLY)
    desk.pay("CARD", 8_000, pieces={dosa: 1})
    desk.do_one(DiscountApplied(percent="10", reason="regular"))
    assert by_items.share_of(desk.order, {tea: 1}) == desk.order.due == 2_000


def test_a_guest_pays_no_more_than_is_due() -> None:
    desk, _idly, dosa = _two_idly_and_a_dosa()
    desk.pay(CASH, 10_000)
    assert by_items.share_of(desk.order, {dosa: 1}) == 6_000


def test_a_returned_item_is_paid_with_other_pieces() -> None:
    desk = Desk()
    idly, cup = desk.add(IDLY), desk.add(CUP, -1, 40_000)
    with pytest.raises(PaymentError, match=r"^These pieces come to .₹4\.00\. Mark others with them\.$"):
        _pay_items(desk, CASH, **{cup: 1})
    _pay_items(desk, CASH, **{cup: 1, idly: 1})
    assert desk.place().total == "36.00"


def test_a_thing_of_three_is_shared_to_the_paisa() -> None:
    desk = Desk()
    line = desk.add(IDLY, 3, price4=333_333)  # 100.00 for the three
    shares = []
    for _guest in range(3):
        shares.append(by_items.share_of(desk.order, {line: 1}))
        desk.pay("CARD", shares[-1], pieces={line: 1})
    assert (sorted(shares), desk.order.due) == ([3_333, 3_333, 3_334], 0)


def test_the_rest_of_a_row_is_shared_by_all_who_pay_for_it() -> None:
    desk = Desk()
    line = desk.add(IDLY, 7)
    desk.do_one(DiscountApplied(line_id=line, amount="279.90", reason="regular", pieces=7))
    shares = [_pay_share(desk, {line: 1}) for _guest in range(7)]
    assert (sorted(shares), sum(shares)) == ([1, 1, 1, 1, 2, 2, 2], 10)


def test_a_guest_pays_no_more_cash_than_is_due_in_cash() -> None:
    """0.22 rounds to nothing if cash is paid in whole rupees; a part of 0.11 would not be rounded."""
    desk = Desk(replace(INR, rounding=PaidRounding(Minor(100), nothing_up_to=Minor(20))))
    line = desk.add(IDLY, 2, price4=1_100)
    assert (paying.part_in(desk.order, CASH, Minor(11)), paying.items_in(desk.order, CASH, {line: 1})) == (11, 0)


def test_the_charge_for_service_and_what_comes_off_the_order_go_by_share() -> None:
    desk = Desk(replace(INR, charge=ChargeRule(Millionths(100_000))))
    idly, dosa = desk.add(IDLY, 1), desk.add(DOSA, 2)
    desk.do_one(DiscountApplied(amount="20.00", reason="regular", price="200.00"))
    assert desk.order.total == 19_800
    assert by_items.share_of(desk.order, {idly: 1}) == 3_960
    assert by_items.share_of(desk.order, {dosa: 1}) == 7_920


def test_a_deposit_bears_no_part_of_the_service_charge() -> None:
    desk = Desk(replace(INR, charge=ChargeRule(Millionths(100_000), except_deposits=True)))
    idly, cup = desk.add(IDLY, 1), desk.add(CUP, 1)
    assert desk.order.total == 4_500
    assert (by_items.share_of(desk.order, {idly: 1}), by_items.share_of(desk.order, {cup: 1})) == (4_400, 100)


def _partition(desk: Desk, guests: list[list[int]]) -> list[dict[str, int]]:
    """Deal the pieces of the order to guests: each takes some of each line, the last one the rest."""
    left = by_items.unpaid_pieces(desk.order)
    parts = []
    for wanted in guests:
        part = {line: min(count, left[line]) for line, count in zip(left, wanted, strict=False) if count}
        part = {line: count for line, count in part.items() if count}
        left = {line: count - part.get(line, 0) for line, count in left.items()}
        parts.append(part)
    return [part for part in (*parts, {line: count for line, count in left.items() if count}) if part]


def _pay_all(desk: Desk, parts: list[dict[str, int]], tenders: list[str]) -> dict[str, int]:
    """Let each guest pay; pieces with a negative sum are paid with those of the next guest. Return the rest."""
    kept: dict[str, int] = {}
    for place, part in enumerate(parts):
        tender = tenders[place % len(tenders)]
        named = {line: part.get(line, 0) + kept.get(line, 0) for line in (*kept, *part)}
        amount, share = paying.items_in(desk.order, tender, named), by_items.share_of(desk.order, named)
        if paying.is_settled(desk.order):  # the others paid all of it, through rounding
            return {}
        if share < 0 < desk.order.due:
            kept = named
            continue
        kept = {}
        desk.pay(tender, amount, pieces=named)
    return kept


_GUESTS = st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), max_size=4)
_TENDERS = st.lists(st.sampled_from([CASH, "CARD", "VOUCHER"]), min_size=1, max_size=5)
_OFF = st.sampled_from([None, ("percent", "10"), ("percent", "33.3333"), ("amount", "1.00")])


@given(LINES, _OFF, _GUESTS, st.randoms(use_true_random=False), st.integers(0, 2))
def test_shares_of_any_partition_sum_to_the_total_in_any_sequence(
    lines: list[dict[str, Any]], off: tuple[str, str] | None, guests: list[list[int]], chance: Any, backs: int
) -> None:
    """Promotions, discounts on lines and on the order; some pay, have it back and pay once more."""
    desk = _desk(lines, off)
    parts = _partition(desk, guests)
    chance.shuffle(parts)
    for part in parts[:backs]:
        if desk.order.due:
            payment = desk.pay("CARD", by_items.share_of(desk.order, part), pieces=part)
            desk.do(paying.give_back(desk.order, payment, 1))
    shares = [_pay_share(desk, part) for part in parts]
    assert sum(shares) == desk.order.total
    assert paying.is_settled(desk.order)


def _pay_share(desk: Desk, part: dict[str, int]) -> Minor:
    """Pay for pieces, if anything is due; return the amount."""
    share = by_items.share_of(desk.order, part)
    if desk.order.due:
        desk.pay("CARD", share, pieces=part)
    return share


@given(LINES, _OFF, _GUESTS, st.randoms(use_true_random=False))
def test_a_guest_pays_the_same_in_any_sequence_to_a_unit_a_row(
    lines: list[dict[str, Any]], off: tuple[str, str] | None, guests: list[list[int]], chance: Any
) -> None:
    first, second = _desk(lines, off), _desk(lines, off)
    parts = list(enumerate(_partition(first, guests)))
    before = {guest: _pay_share(first, part) for guest, part in parts}
    chance.shuffle(parts)
    after = {guest: _pay_share(second, part) for guest, part in parts}
    rows = len(first.order.priced.rows)
    assert all(abs(before[guest] - after[guest]) <= rows for guest in before)


_KEYED = st.lists(
    st.tuples(st.sampled_from([IDLY, DOSA, CUP]), st.integers(1, 5), st.integers(0, 500_000)), min_size=1, max_size=4
)


@given(terms_, groups_, _KEYED, _OFF, _GUESTS, _TENDERS)
def test_under_any_law_payments_by_items_come_to_the_total_and_its_rounding(
    terms: Terms,
    group: tuple[Tax, ...],
    keyed: list[tuple[Any, int, int]],
    off: tuple[str, str] | None,
    guests: list[list[int]],
    tenders: list[str],
) -> None:
    """Taxes in the price and added, a charge for service, what comes back, and rounding of cash or of the bill."""
    desk = Desk(terms, menu=replace(MENU, taxes={"A": group}))
    for item, quantity, price4 in keyed:
        desk.add(item, -1 if item is CUP and len(keyed) > 1 else quantity, price4)
    if off is not None and off[0] == "percent":
        desk.do_one(_discount(off, None))
    if _pay_all(desk, _partition(desk, guests), tenders):
        return  # the returns are more than the others pay
    frozen, minor = desk.place(), terms.currency.minor
    assert minor(frozen.total) + minor(frozen.rounding) == sum(minor(one.amount) for one in frozen.payments)
    step = terms.rounding.step if terms.rounding else 1
    assert abs(minor(frozen.rounding)) < step
