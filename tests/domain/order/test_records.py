"""Whole records of an order: each field of a line, of the terms, of a move, of the sale and of the snapshot."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given

from tests.domain.making import SESSION, TAB, Desk, Hand, folded, uid
from tests.domain.order.laden import CUP, DOSA, GOUDA, LATE, MENU, TERMS, laden, part_paid, take
from tests.domain.order.strategies import terms_
from tests.domain.order.test_steps import FULL, MOVED, T, U
from till.domain.events.envelope import Draft, time_text
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Minor, Price4, Thousandths
from till.domain.money.promotion import Offer
from till.domain.money.rounding import Direction
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax
from till.domain.order import discounting, moving, paying, retyping, selling
from till.domain.order.discounting import Given
from till.domain.order.events import (
    AmountsFixed,
    ChangeUndone,
    ChargeTerms,
    DiscountApplied,
    LineAmounts,
    LineNoted,
    LinesMoved,
    MovedDiscount,
    OrderDiscarded,
    OrderOpened,
    OrderPlaced,
    PlacedCharge,
    PlacedLine,
    PlacedOff,
    PlacedPayment,
    PlacedTax,
    PlacedVoid,
    PriceOverridden,
    RecordSetAside,
    RoundingTerms,
    RungAgain,
    Saving,
    ShownItem,
    TaxRate,
)
from till.domain.order.evolve import apply
from till.domain.order.line_records import item_added_record, line_from, moved_line_record
from till.domain.order.paying import Completion, Tendered
from till.domain.order.selling import ItemEntry
from till.domain.order.snapshot import items_for_lists, snapshot
from till.domain.order.terms import Terms, levy_text, rounding_from, terms_from, terms_in
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.order.line import Line
    from till.domain.order.state import Order

L1, L2, L3, L4, L5 = (uid(f"l{place}") for place in range(1, 6))


# Terms


@given(terms_)
def test_terms_of_an_opened_order_are_those_that_opened_it(terms: Terms) -> None:
    draft = selling.open_order(SESSION, 4, terms, "dine_in")
    assert isinstance(draft.data, OrderOpened)
    assert terms_from(draft.data) == terms
    assert (draft.stream_id, draft.data.user, draft.data.order_type) == (SESSION, 4, "dine_in")


@pytest.mark.parametrize(
    ("terms", "record"),
    [
        (
            Terms(Currency("INR"), included=True),
            {"prices_include_tax": True, "tax_rounding": "line", "tax_rounding_direction": "half_up",
             "tax_rounding_of": "each", "rounding": None, "service_charge": None},
        ),
        (
            Terms(
                Currency("INR"), included=False, by_order=True, direction=Direction.DOWN, of_sum=True,
                rounding=PaidRounding(Minor(5)),
            ),
            {"prices_include_tax": False, "tax_rounding": "order", "tax_rounding_direction": "down",
             "tax_rounding_of": "sum_of_rates", "rounding": RoundingTerms(step="0.05"), "service_charge": None},
        ),
        (
            replace(
                TERMS,
                rounding=PaidRounding(Minor(100), Direction.HALF_DOWN, Minor(40), True, frozenset({"meal", "club"})),
            ),
            {"prices_include_tax": False, "tax_rounding": "line", "tax_rounding_direction": "half_up",
             "tax_rounding_of": "each",
             "rounding": RoundingTerms(
                 step="1.00", direction="half_down", nothing_up_to="0.40", of="bill", never=("club", "meal")
             ),
             "service_charge": ChargeTerms(
                 percent="10", taxes=(TaxRate(name="VAT", rate="20"),), order_types=("dine_in",), except_deposits=True
             )},
        ),
    ],
)  # fmt: skip
def test_record_of_the_terms(terms: Terms, record: dict[str, Any]) -> None:
    assert terms_in(terms) == {"currency": "INR", **record}


def test_order_opens_with_all_that_is_known_of_it() -> None:
    more: dict[str, Any] = {"ref": "sale 12", "from_session": uid("x"), "again": RungAgain(session=uid("y"), at="")}
    opened = OrderOpened(user=4, **terms_in(TERMS), order_type="dine_in", **more)
    assert selling.open_order(SESSION, 4, TERMS, "dine_in", **more) == Draft(opened, SESSION)


def test_rounding_by_no_step_is_none() -> None:
    assert rounding_from(RoundingTerms(step="0"), Currency("INR")) is None
    assert rounding_from(RoundingTerms(step="0.01"), Currency("INR")) == PaidRounding(Minor(1))
    assert levy_text(Tax("Levy", Millionths(0), Fraction(1, 2)), Currency("INR")) == "0.005"
    assert levy_text(Tax("GST", Millionths(50_000)), Currency("INR")) is None


@pytest.mark.parametrize(("order_types", "is_charged"), [((), True), (("dine_in",), True), (("take_away",), False)])
def test_service_is_charged_on_its_order_types(order_types: tuple[str, ...], *, is_charged: bool) -> None:
    assert TERMS.charge is not None
    terms = replace(TERMS, charge=replace(TERMS.charge, order_types=order_types))
    service = terms.charge_on("dine_in")
    assert (service is not None) == is_charged
    if service is not None:
        assert (service.rate, service.taxes, service.except_deposits) == (100_000, TERMS.charge.taxes, True)
    assert replace(terms, charge=None).charge_on("dine_in") is None


# Lines


def test_line_of_a_record_makes_that_record() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.make(FULL))
    line = order.lines[FULL.line_id]
    assert item_added_record(line, -2) == replace(FULL, price="3.85")  # 0.335 kg at 12.99 − 1.50
    assert item_added_record(line, 3).quantity == 3
    assert replace(line_from(MOVED, order.terms), keyed=-2, id=line.id) == replace(line, keyed_by=None, keyed_at=None)


def _moved() -> tuple[Order, Line]:
    """A line of nine pieces that moved here, of which one more was taken off and the choices changed."""
    hand = Hand()
    order = folded(
        hand.opened(),
        hand.make(LinesMoved(from_session=uid("x"), lines=(replace(MOVED, sent=True),))),
        hand.make(PriceOverridden(line_id=MOVED.line_id, was="12.99", price="9.99", reason="regular")),
    )
    return order, order.lines[MOVED.line_id]


def test_line_moves_on_as_it_was_keyed_with_the_pieces_taken_off() -> None:
    _order, line = _moved()
    expected = replace(MOVED, sent=True, price="3.85")
    assert (moved_line_record(line), line.price4) == (expected, 99_900)  # not at the price that it has now
    assert (expected.taken_off, expected.cut_off, expected.till) == ({T: 2}, {U: 3}, 5)


def test_moved_lines_take_their_discounts_notes_and_changes_along() -> None:
    desk = laden()
    desk.do_one(PriceOverridden(line_id=L1, was="80.00", price="75.00", reason="regular", approved_by=9))
    priced = desk.order.last_id
    line, other = desk.order.lines[L1], uid("into")
    (senior,), (change,) = line.discounts, line.changes
    drafts = moving.carry_lines(desk.order, other, [L1, L3, L5])
    lines = desk.order.lines
    assert drafts == [
        Draft(
            LinesMoved(
                from_session=SESSION,
                lines=tuple(moved_line_record(lines[one]) for one in (L1, L3, L5)),
                discounts=(MovedDiscount(event=senior.id, line_id=L1, percent="15.00", name="Senior"),),
                # 2 dosas at 75.00 with ghee, less 15 %, without the discount of the whole order
                amounts=(LineAmounts(line_id=L1, pieces=2, unit_price="87.00", price="174.00", off="26.10"),),
            ),
            other,
        ),
        Draft(LineNoted(line_id=L1, note="no onion", follows=line.noted.event if line.noted else None), other),
        Draft(replace(change.data, follows=priced), other),
    ]
    as_keyed = moving.carry_lines(desk.order, other, [L1], as_keyed=True)[0].data
    assert isinstance(as_keyed, LinesMoved)
    assert as_keyed.amounts == ()


def test_shared_discounts_and_savings_are_recorded_line_by_line() -> None:
    """The tenth off the order: 15.64, 0.44 and 4.00; see `laden`."""
    desk = laden()
    (friend,) = desk.order.given

    def share(line: str, amount: str, pieces: int, price: str) -> Draft:
        data = DiscountApplied(
            line_id=line, amount=amount, reason="friend", pieces=pieces, price=price, share_of=friend.id
        )
        return Draft(data, SESSION)

    shares = [
        share(L1, "15.64", 2, "184.00"),
        share(L2, "0.44", 1, "4.35"),
        share(L4, "4.00", 1, "80.00"),
        Draft(ChangeUndone(event=friend.id), SESSION),
    ]
    assert moving.share_discounts(desk.order) == shares
    fixed = AmountsFixed(
        lines=(
            LineAmounts(line_id=L1, pieces=2, unit_price="92.00", price="184.00", off="43.24"),
            LineAmounts(line_id=L2, pieces=1, unit_price="12.99", price="4.35", off="0.44"),
            LineAmounts(line_id=L3, pieces=3, unit_price="1.00", price="3.00", off="0.00"),
            LineAmounts(
                line_id=L4, pieces=1, unit_price="80.00", price="80.00",
                saved=(Saving(name="Late", amount="40.00"),), off="4.00",
            ),
        )
    )  # fmt: skip
    assert moving.fix_amounts(desk.order) == [*shares, Draft(fixed, SESSION)]
    total = desk.order.total
    desk.do(moving.fix_amounts(desk.order))
    assert (desk.order.total, desk.order.given) == (total, ())
    assert moving.share_discounts(desk.order) == []


def test_amounts_are_fixed_of_rows_that_lose_a_line_and_are_not_plain() -> None:
    desk = Desk(TERMS, menu=MENU)
    for line, keyed in (
        ("l1", ItemEntry(DOSA)),
        ("l2", ItemEntry(GOUDA, measure=FULL.measure)),
        ("l3", ItemEntry(CUP)),
    ):
        desk.do(selling.add_item(desk.order, MENU, keyed, uid(line)))
    assert moving.fix_amounts(desk.order) == []
    assert moving.fix_amounts(desk.order, [L1, L3]) == []
    [draft] = moving.fix_amounts(desk.order, [L1, L2])
    assert draft.data == AmountsFixed(
        lines=(LineAmounts(line_id=L2, pieces=1, unit_price="12.99", price="4.35", off="0.00"),)
    )
    assert moving.whole(desk.order, [L1, L3, uid("x")]) == {L1: 1, L3: 1}


LOT: Final = Offer("3 for 2", buy=2, get=1)


@pytest.mark.parametrize(
    ("leaving", "fixed"),
    [((), ()), ((L3,), (L3,)), ((L1,), (L1, L2)), ((L1, L3), (L1, L2, L3)), ((L4,), ())],
)
def test_lot_that_loses_a_piece_is_fixed_whole(leaving: tuple[str, ...], fixed: tuple[str, ...]) -> None:
    """Two dishes of a promotion on several pieces, one of a promotion on each, and a plain one."""
    desk = Desk(TERMS, menu=MENU)
    for line, price4, offer in ((L1, 800_000, LOT), (L2, 900_000, LOT), (L3, 700_000, LATE), (L4, 600_000, None)):
        entry = ItemEntry(DOSA, price4=Price4(price4), offers=(offer,) if offer else ())
        desk.do(selling.add_item(desk.order, MENU, entry, line))
    found = [draft.data for draft in moving.fix_amounts(desk.order, leaving)]
    assert [one.line_id for data in found if isinstance(data, AmountsFixed) for one in data.lines] == [*fixed]
    if fixed == (L1, L2):  # once it is fixed it is no lot any more
        desk.do(moving.fix_amounts(desk.order, leaving))
        [again] = moving.fix_amounts(desk.order, leaving)
        assert isinstance(again.data, AmountsFixed)
        assert [one.line_id for one in again.data.lines] == [L1]


@pytest.mark.parametrize(
    ("given", "share"),
    [
        (Given(amount=Minor(2_000), name="Club"), {"name": "Club", "amount": "20.00", "pieces": 1}),
        (
            Given(amount=Minor(2_000), kind="comp", reason="late"),
            {"kind": "comp", "amount": "20.00", "reason": "late", "pieces": 1, "price": "80.00"},
        ),
        (
            Given(rate=Millionths(250_000), name="Club"),
            {"name": "Club", "amount": "20.00", "pieces": 1, "price": "80.00"},
        ),
    ],
)
def test_share_of_a_discount_names_the_price_unless_it_comes_off_any(given: Given, share: dict[str, Any]) -> None:
    desk = Desk()
    line = desk.add(replace(DOSA, modifiers=()))
    desk.do(discounting.give(desk.order, None, given))
    (whole,) = desk.order.given
    draft = moving.share_discounts(desk.order)[0]
    assert draft.data == DiscountApplied(line_id=line, share_of=whole.id, **share)


@pytest.mark.parametrize(
    ("given", "reason", "moves"),
    [
        (Given(rate=Millionths(125_000), kind="comp", reason="late"), "late", {"percent": "12.50", "kind": "comp"}),
        (
            Given(amount=Minor(2_000), reason="late"),
            "late",
            {"amount": "20.00", "pieces": 1, "price": "80.00"},
        ),
        (Given(amount=Minor(2_000), name="Club"), "", {"amount": "20.00", "pieces": 1, "name": "Club"}),
    ],
)
def test_discount_of_a_moved_line_is_that_of_its_record_and_its_reason_follows(
    given: Given, reason: str, moves: dict[str, Any]
) -> None:
    desk = Desk()
    line = desk.add(replace(DOSA, modifiers=()))
    desk.do(discounting.give(desk.order, line, given))
    (discount,) = desk.order.lines[line].discounts
    first, *others = moving.carry_lines(desk.order, uid("into"), [line], as_keyed=True)
    assert isinstance(first.data, LinesMoved)
    assert first.data.discounts == (MovedDiscount(event=discount.id, line_id=line, **moves),)
    record = DiscountApplied(line_id=line, reason=reason, follows=discount.id, **moves)
    assert others == ([Draft(record, uid("into"))] if reason else [])
    there = folded(Hand().opened())
    there = desk.hand.take(there, [Draft(draft.data, SESSION) for draft in (first, *others)])
    assert there.lines[line].discounts == (discount,)


def test_order_that_is_added_to_another_is_emptied_and_names_no_line() -> None:
    desk = laden()
    order, into = desk.order, uid("into")
    lines = [L1, L2, L3, L4]
    carried = moving.carry_lines(order, into, lines, as_keyed=True)
    assert moving.join(order, into, "added to table 6", as_keyed=True) == [
        *carried,
        Draft(LinesMoved(to_session=into, line_ids=tuple(lines)), SESSION),
        Draft(OrderDiscarded(line_ids=(), reason="added to table 6"), SESSION),
    ]
    assert moving.join(order, into, "x")[0] == moving.carry_lines(order, into, lines)[0] != carried[0]


def test_moved_line_takes_each_of_its_discounts_along() -> None:
    desk = Desk()
    line, _other = desk.add(DOSA, 3), desk.add(CUP)
    for percent in (100_000, 200_000):
        desk.do(discounting.give(desk.order, line, Given(rate=Millionths(percent), reason="late")))
    first = moving.carry_lines(desk.order, uid("into"), [line])[0].data
    assert isinstance(first, LinesMoved)
    assert [one.percent for one in first.discounts] == ["10.00", "20.00"]


def test_returned_line_leaves_with_a_cost_that_its_record_can_hold() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", -2), hand.added("b")]
    events.append(hand.make(DiscountApplied(line_id=uid("a"), percent="10", reason="late")))
    order = folded(*events)
    first = moving.carry_lines(order, uid("into"), [uid("a")])[0].data
    assert isinstance(first, LinesMoved)
    assert [(one.price, one.off) for one in first.amounts] == [("-80.00", "8.00")]
    assert moving.whole(order, [uid("a"), uid("b"), uid("x")]) == {uid("a"): 2, uid("b"): 1}


def test_share_of_a_discount_on_the_order_is_of_the_pieces_that_are_left() -> None:
    desk = Desk()
    line = desk.add(replace(DOSA, modifiers=()), 3)
    desk.change(line, 2)
    desk.do(discounting.give(desk.order, None, Given(rate=Millionths(100_000), reason="late")))
    share = moving.fix_amounts(desk.order)[0].data
    assert isinstance(share, DiscountApplied)
    assert (share.amount, share.pieces, share.price) == ("16.00", 2, "160.00")


def test_split_opens_an_order_of_the_same_user_terms_and_type() -> None:
    desk = Desk(TERMS, menu=MENU, user=4)
    first, _second = desk.add(CUP), desk.add(DOSA)
    desk.do(retyping.set_order_type(desk.order, "dine_in"))
    opened, came, away = moving.split(desk.order, [first], uid("into"))
    assert opened == selling.open_order(uid("into"), 1, TERMS, "dine_in", from_session=SESSION)
    assert came == moving.carry_lines(desk.order, uid("into"), [first])[0]
    assert away == Draft(LinesMoved(to_session=uid("into"), line_ids=(first,)), SESSION)


# The sale


def _tax(name: str, tax: str, net: str | None = None, **more: str) -> PlacedTax:
    return PlacedTax(name=name, tax=tax, net=net, added=True, **more)


def test_sale_has_all_of_the_order_as_it_was_priced_and_paid() -> None:
    desk = part_paid()
    unread = desk.hand.raw("table_sung_to")
    order = apply(desk.order, unread)
    assert order is not None
    desk.order = order
    desk.do_one(RecordSetAside(event=unread.id, approved_by=9))
    take(desk, "p2", Tendered("CARD", Minor(13_022), Minor(500), slip="S-7"))
    order = desk.order
    (senior,), (friend,) = order.lines[L1].discounts, order.given
    noted = order.lines[L1].noted
    assert noted is not None
    completion = Completion(uid("o"), "2-000001", date(2026, 3, 3), unread.id, lambda item: item.upper())
    [draft] = paying.place_order(order, completion)
    facts: dict[str, Any] = {"discount": "0.00", "net": "3.00", "tax": "0.00", "subtotal": "3.00"}
    assert draft.data == OrderPlaced(
        order_id=uid("o"),
        receipt="2-000001",
        business_date="2026-03-03",
        order_type="dine_in",
        payment_method="cash+card",
        currency="INR",
        net="201.74",
        tax="13.48",
        rounding="0.00",
        total="215.22",
        tab_id=TAB,
        customer_id=uid("guest"),
        ref="sale 12",
        known=unread.id,
        note="rush",
        lines=(
            PlacedLine(
                line_ids=(L1,), line_quantities=(2,), item_id="dosa", item_name="Masala Dosa", quantity=2,
                unit_price="92.00", subtotal="147.80", net="140.76", tax="7.04", discount="43.24",
                modifiers=("ghee",), note=noted.event, taxes=(_tax("GST", "7.04", rate="5"),),
                off=(PlacedOff(kind="discount", amount="27.60", name="Senior", event=senior.id),), category="DOSA",
            ),
            PlacedLine(
                line_ids=(L2,), line_quantities=(1,), item_id="gouda", item_name="Gouda", quantity=1,
                unit_price="12.99", subtotal="4.94", net="3.91", tax="1.03", discount="0.44",
                measure=Thousandths(335), unit="kg",
                taxes=(_tax("VAT", "0.78", rate="20"), _tax("Levy", "0.25", per_piece="0.25")), category="GOUDA",
            ),
            PlacedLine(
                line_ids=(L3,), line_quantities=(3,), item_id="cup", item_name="Cup", quantity=3,
                unit_price="1.00", uncharged=True, category="CUP", **facts,
            ),
            PlacedLine(
                line_ids=(L4,), line_quantities=(1,), item_id="dosa", item_name="Masala Dosa", quantity=1,
                unit_price="80.00", subtotal="37.80", net="36.00", tax="1.80", discount="44.00",
                taxes=(_tax("GST", "1.80", rate="5"),), off=(PlacedOff(kind="promotion", amount="40.00", name="Late"),),
                category="DOSA",
            ),
        ),
        voids=(PlacedVoid(line_id=L5, item_name="Masala Dosa", quantity=2, amount="100.00"),),
        taxes=(
            _tax("GST", "8.84", "176.76", rate="5"),
            _tax("VAT", "4.39", "21.98", rate="20"),
            _tax("Levy", "0.25", "3.91", per_piece="0.25"),
        ),
        service_charge=PlacedCharge(
            percent="10", subtotal="21.68", net="18.07", tax="3.61", taxes=(_tax("VAT", "3.61", rate="20"),)
        ),
        payments=(
            PlacedPayment(payment_id=uid("p1"), tender="CASH", amount="100.00", change="0.00", till=1),
            PlacedPayment(
                payment_id=uid("p2"), tender="CARD", amount="120.22", change="10.00", tip="5.00", transaction="S-7",
                user=6,
            ),
        ),
        discounts=(senior.id, friend.id),
        off=(PlacedOff(kind="discount", amount="20.08", event=friend.id),),
        set_aside=(unread.id,),
    )  # fmt: skip


def test_sale_of_an_order_without_more_has_nothing_more() -> None:
    desk = Desk(user=4)
    line = desk.add(replace(DOSA, modifiers=()))
    payment = desk.pay("CASH", 10_000)
    placed = desk.place()
    assert placed == OrderPlaced(
        order_id=placed.order_id, receipt="1-000001", business_date="2026-03-03", order_type="take_away",
        payment_method="cash", currency="INR", net="76.19", tax="3.81", rounding="0.00", total="80.00",
        lines=(
            PlacedLine(
                line_ids=(line,), line_quantities=(1,), item_id="dosa", item_name="Masala Dosa", quantity=1,
                unit_price="80.00", subtotal="80.00", net="76.19", tax="3.81", discount="0.00",
                taxes=(PlacedTax(name="GST", tax="3.81", rate="5"),),
            ),
        ),
        taxes=(PlacedTax(name="GST", tax="3.81", rate="5", net="76.19"),),
        payments=(PlacedPayment(payment_id=payment, tender="CASH", amount="80.00", change="20.00"),),
    )  # fmt: skip


# The snapshot


def _item(line: str, item: str, name: str, quantity: int, price: str, amount: str, **more: Any) -> dict[str, Any]:
    return {
        "line_ids": [uid(line)], "item_id": item, "item": name, "quantity": quantity, "unit_price": price,
        "amount": amount, "modifiers": [], "voided": False,
    } | more  # fmt: skip


def test_snapshot_shows_all_of_the_order() -> None:
    desk = part_paid()
    shown = (ShownItem(id="cup", name="Cup", position=3), ShownItem(id="dosa", name="Masala Dosa", position=4))
    order = replace(desk.order, last_menu=shown)
    keyed = [time_text(line.keyed_at) for line in order.lines.values() if line.keyed_at is not None]
    assert order.checkout_at is not None
    assert snapshot(order, 5) == {
        "session": SESSION,
        "user": 6,
        "status": "active",
        "hold_id": order.hold,
        "base_version": 5,
        "currency": "INR",
        "total": "215.22",
        "order_type": "dine_in",
        "tab_id": TAB,
        "created_at": time_text(order.created_at),
        "updated_at": time_text(order.updated_at),
        "logout_time": None,
        "items": [
            _item("l1", "dosa", "Masala Dosa", 2, "92.00", "140.76", modifiers=["ghee"], note="no onion", course=1),
            _item("l2", "gouda", "Gouda", 1, "12.99", "3.91", measure=335, unit="kg"),
            _item("l3", "cup", "Cup", 3, "1.00", "3.00"),
            _item("l4", "dosa", "Masala Dosa", 1, "80.00", "36.00"),
            _item("l5", "dosa", "Masala Dosa", 2, "50.00", "100.00", voided=True),
        ],
        "cart": [
            {"item_id": "dosa", "item_name": "Masala Dosa", "quantity": 3, "amount": "176.76",
             "added_at": keyed[0]},
            {"item_id": "gouda", "item_name": "Gouda", "quantity": 1, "amount": "3.91",
             "added_at": keyed[1]},
            {"item_id": "cup", "item_name": "Cup", "quantity": 3, "amount": "3.00", "added_at": keyed[2]},
        ],
        "state": {
            "current_step": "checkout",
            "last_mentioned_item_id": "dosa",
            "last_mentioned_item_name": "Masala Dosa",
            "last_shown_menu": [
                {"id": "cup", "name": "Cup", "position": 3}, {"id": "dosa", "name": "Masala Dosa", "position": 4}
            ],
        },
        "preferences": {"spice": "mild", "note": "rush"},
        "checkout": {
            "order_type": "dine_in", "payment_method": "cash", "started_at": time_text(order.checkout_at),
            "special_instructions": "rush",
        },
        "intent": {"gateway": "CASH", "external_id": uid("p1"), "amount": "100.00", "status": "completed"},
    }  # fmt: skip
    assert items_for_lists(snapshot(order, 5)) == [
        {"item": "Masala Dosa", "quantity": 2, "unit_price": "92.00", "amount": "140.76"},
        {"item": "Gouda", "quantity": 1, "unit_price": "12.99", "amount": "3.91"},
        {"item": "Cup", "quantity": 3, "unit_price": "1.00", "amount": "3.00"},
        {"item": "Masala Dosa", "quantity": 1, "unit_price": "80.00", "amount": "36.00"},
    ]


def test_snapshot_of_an_order_without_more_has_nothing_more() -> None:
    order = Desk().order
    at = time_text(order.created_at)
    assert snapshot(order, 0) == {
        "session": SESSION, "user": 1, "status": "active", "hold_id": order.hold, "base_version": 0,
        "currency": "INR", "total": "0.00", "order_type": "take_away", "tab_id": None, "created_at": at,
        "updated_at": at, "logout_time": None, "items": [], "cart": [],
        "state": {
            "current_step": "browsing", "last_mentioned_item_id": None, "last_mentioned_item_name": None,
            "last_shown_menu": [],
        },
        "preferences": {}, "checkout": None, "intent": None,
    }  # fmt: skip
