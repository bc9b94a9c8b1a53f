"""Lines and rows in figures: keys, reductions, fixed costs and cuts."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.domain.making import INR, START, A, B, Hand, folded, uid
from till.domain.money.basket import BasketItem
from till.domain.money.discount import Off
from till.domain.money.measures import Millionths, Minor, Price4, Thousandths
from till.domain.money.promotion import Offer, Saved, Ware
from till.domain.money.tax import Tax
from till.domain.order.cutting import cost_of, costs_of, cut_from, divide_cost, undo_late_cuts
from till.domain.order.events import (
    ChangeUndone,
    DiscountApplied,
    LineCut,
    LineSeated,
    LinesMoved,
    OrderDiscarded,
)
from till.domain.order.facets import FACETS, Facet, changed_by, with_records
from till.domain.order.line import (
    Cost,
    Discount,
    Fixed,
    Line,
    LineNote,
    LineRevision,
    Modifier,
    TakenOff,
    Void,
    alone,
    bearing_of,
    make_row,
    shown_row,
    ware_of,
)
from till.domain.order.moving import carry_lines
from till.domain.order.pricing import price_order
from till.domain.order.terms import ChargeRule
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

GST: Final = (Tax("GST", Millionths(50_000)),)
LEVY: Final = (Tax("Levy", Millionths(0), Fraction(500), included=True),)
LATE: Final = Offer("Late", rate=Millionths(500_000))
LOT: Final = Offer("3 for 2", buy=2, get=1)


def line(name: str = "a", keyed: int = 4, price4: int = 100_000, **more: Any) -> Line:
    """Four pieces at 10.00."""
    facts: dict[str, Any] = {"terms": INR, "taxes": GST} | more
    return Line(name, item_id="idly", name="Idly", keyed=keyed, price4=Price4(price4), **facts)


def off(name: str = "d1", **more: Any) -> Discount:
    facts: dict[str, Any] = {"rate": None, "amount": None, "reason": "late"} | more
    return Discount(name, "a", **facts)


def tenth(name: str = "d1", **more: Any) -> Discount:
    return off(name, rate=Millionths(100_000), **more)


def amount(minor: int, name: str = "d1", **more: Any) -> Discount:
    return off(name, amount=Minor(minor), **more)


def fixed(pieces: int, price: int, off_: int = 0, *saved: Saved, price4: int = 100_000, given: Any = ()) -> Fixed:
    return Fixed("f", Cost(pieces, Minor(price), saved, Minor(off_)), Price4(price4), given)


VOID: Final = Void("v", "dropped", START)


# Lines


@pytest.mark.parametrize(
    ("one", "pieces"),
    [
        (line(), (4, 4, 4, False)),
        (line(taken=(TakenOff("x", 3),)), (1, 1, 1, False)),
        (line(taken=(TakenOff("x", 3), TakenOff("y", 1))), (0, 0, 0, False)),
        (line(taken=(TakenOff("x", 3), TakenOff("y", 2))), (0, 0, 0, True)),
        (line(keyed=-4, taken=(TakenOff("x", 3),)), (-1, -1, -1, False)),
        (line(keyed=-4, taken=(TakenOff("x", 5),)), (0, 0, 0, True)),
        (line(voids=(VOID,)), (4, 0, 0, False)),
        (line(moved=True), (4, 4, 0, False)),
        (line(moved=True, voids=(VOID,)), (4, 0, 0, False)),
    ],
)
def test_pieces_of_a_line(one: Line, pieces: tuple[int, int, int, bool]) -> None:
    assert (one.shown_quantity, one.pieces, one.quantity, one.is_overdrawn) == pieces


def test_first_void_newest_note_and_newest_discount_count() -> None:
    second = replace(VOID, event="w")
    one = line(
        voids=(VOID, second), notes=(LineNote("n2", "new"), LineNote("n1", "old")),
        discounts=(tenth("d2"), tenth("d1")), taken=(TakenOff("t", 1), TakenOff("u", 1, cut=True)),
    )  # fmt: skip
    assert (one.void, one.noted, one.note, one.discount) == (VOID, LineNote("n2", "new"), "new", tenth("d2"))
    assert (line().void, line().noted, line().note, line().discount) == (None, None, "", None)
    cleared = line(notes=(LineNote("n1", "old"), LineNote("n2", "")))
    assert (cleared.noted, cleared.note) == (None, "")
    change = LineRevision("c", {}, LineSeated(line_id=A))
    changed = replace(one, changes=(change,))
    assert changed_by(changed) == {"v", "w", "n1", "n2", "d1", "d2", "t", "u", "c"}


@pytest.mark.parametrize("facet", FACETS, ids=lambda facet: facet.name)
def test_records_of_each_facet_are_written_by_its_name(facet: Facet) -> None:
    before, given = line(), (SimpleNamespace(event="e", values={}),)
    after = with_records(before, {facet.name: given})
    assert facet.of(after) == given
    assert [other.name for other in FACETS if other.of(after) != other.of(before)] == [facet.name]


@pytest.mark.parametrize(
    ("discounts", "given"),
    [
        ((), ()),
        ((tenth("d1"), tenth("d2")), ("d2",)),
        ((tenth("d2"), tenth("d1")), ("d2",)),
        # a share counts beside the discounts before it
        ((tenth("d1"), amount(5, "d2", share_of="o")), ("d1", "d2")),
        ((amount(5, "d3", share_of="o"), tenth("d2"), tenth("d1")), ("d2", "d3")),
        ((amount(5, "d1", share_of="o"), amount(5, "d2", share_of="p")), ("d1", "d2")),
        ((amount(5, "d1", share_of="o"), tenth("d2")), ("d2",)),
    ],
)
def test_newest_discount_counts_and_each_that_it_is_given_beside(
    discounts: tuple[Discount, ...], given: tuple[str, ...]
) -> None:
    one = line(discounts=discounts)
    assert one.given_ids == given
    assert tuple(discount.id for discount in one.given) == given


@pytest.mark.parametrize(
    ("discount", "pieces", "reduction"),
    [
        (tenth(), 4, Off(Millionths(100_000), None)),
        (amount(100), 3, Off(None, Minor(100))),
        (amount(100, pieces=4), 4, Off(None, Minor(100))),
        (amount(100, pieces=4), 3, Off(None, Minor(75))),
        (amount(100, pieces=4), -2, Off(None, Minor(50))),
        (amount(100, pieces=4), 8, Off(None, Minor(100))),
        # the pieces came to 80.00 and cost 40.00 by now; of dearer ones it is no more
        (amount(100, pieces=4, price=Minor(8_000)), 4, Off(None, Minor(50))),
        (amount(100, pieces=4, price=Minor(8_000)), 2, Off(None, Minor(25))),
        (amount(100, pieces=4, price=Minor(4_000)), 4, Off(None, Minor(100))),
        (amount(100, pieces=4, price=Minor(2_000)), 4, Off(None, Minor(100))),
        (amount(100, pieces=2, price=Minor(2_000)), 4, Off(None, Minor(100))),
        (amount(100, pieces=4, price=Minor(8_000)), 8, Off(None, Minor(50))),
    ],
)
def test_amount_comes_off_in_proportion_to_its_pieces_and_price(
    discount: Discount, pieces: int, reduction: Off
) -> None:
    assert discount.off_pieces(line(), pieces) == reduction


def test_discount_is_limited_unless_the_venue_named_it() -> None:
    kinds = [tenth(), tenth(name="d", kind="comp"), replace(tenth(), name="Club"), tenth(name="d", kind="staff_meal")]
    assert [one.is_limited for one in kinds] == [True, False, False, False]
    assert replace(amount(100), price=Minor(400)).off == Off(None, Minor(100), Minor(400))


_KEYED: Final = line()


@pytest.mark.parametrize(
    ("more", "is_one"),
    [
        ({}, True),
        ({"id": "b"}, True),
        ({"keyed": 9}, True),
        ({"taken": (TakenOff("x", 1),)}, True),
        ({"keyed_by": 3}, True),
        ({"sent": True}, True),
        ({"keyed": -4}, False),
        ({"item_id": "dosa"}, False),
        ({"name": "Idli"}, False),
        ({"price4": Price4(100_001)}, False),
        ({"modifiers": (Modifier("ghee", Price4(0)),)}, False),
        ({"asks": ("Spice",)}, False),
        ({"seat": 1}, False),
        ({"course": 1}, False),
        ({"fired_at": START}, False),
        ({"taxes": ()}, False),
        ({"deposit": True}, False),
        ({"offers": (LATE,)}, False),
        ({"notes": (LineNote("n", "thin"),)}, False),
        ({"discounts": (tenth(),)}, False),
        ({"measure": Thousandths(1)}, False),
        ({"fixed": (fixed(4, 4_000),)}, False),
    ],
)
def test_lines_of_one_key_are_one_row(more: dict[str, Any], *, is_one: bool) -> None:
    assert (replace(_KEYED, **more).key == _KEYED.key) == is_one


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        (tenth("d1"), tenth("d2"), True),
        (tenth(), tenth(reason="friend"), False),
        (tenth(), tenth(kind="comp"), False),
        (replace(tenth(), name="Club"), tenth(), False),
        (tenth(), replace(tenth(), rate=Millionths(1)), False),
        (amount(5, "d1"), amount(5, "d2"), False),
        (amount(5), replace(amount(5), line_id="b"), False),
    ],
)
def test_equal_percentages_share_a_row(one: Discount, other: Discount, *, is_one: bool) -> None:
    assert (line(discounts=(one,)).key == line(discounts=(other,)).key) == is_one
    measured = [line(name, measure=Thousandths(335)).key for name in "ab"]
    assert measured[0] != measured[1]


@pytest.mark.parametrize(
    ("more", "is_plain"),
    [
        ({}, True),
        ({"price4": Price4(100_050)}, False),
        ({"price4": Price4(100_100)}, True),
        ({"modifiers": (Modifier("x", Price4(50)),)}, False),
        ({"measure": Thousandths(1_000)}, False),
        ({"offers": (LATE,)}, False),
        ({"discounts": (tenth(),)}, False),
        ({"fixed": (fixed(4, 4_000),)}, False),
    ],
)
def test_plain_line_costs_its_price_everywhere(more: dict[str, Any], *, is_plain: bool) -> None:
    assert line(**more).is_plain == is_plain


def test_price_of_a_piece_has_its_choices_and_is_never_negative() -> None:
    less = (Modifier("half", Price4(-60_000)), Modifier("none", Price4(-60_000)))
    assert line(modifiers=less[:1]).unit_price4 == 40_000
    assert (line(modifiers=less).unit_price4, line(price4=-1).unit_price4) == (0, 0)
    changed = line(price4=5, as_keyed={"price4": Price4(9)})
    assert (changed.first_price4, line().first_price4) == (9, 100_000)


def test_changes_apply_by_their_ids_and_leave_what_was_keyed() -> None:
    data = LineSeated(line_id=A)
    changes = (LineRevision("c2", {"seat": 2, "course": 2}, data), LineRevision("c1", {"seat": 1}, data))
    one = line(seat=9).with_changes(changes)
    assert (one.seat, one.course, one.as_keyed, one.changes) == (2, 2, {"seat": 9, "course": None}, changes)
    back = one.with_changes(changes[1:])
    assert (back.seat, back.course, back.as_keyed) == (1, None, {"seat": 9, "course": None})
    none = one.with_changes(())
    assert (none.seat, none.course, none.changes) == (9, None, ())
    assert line().with_changes(()) == line()


# Costs


@pytest.mark.parametrize(
    ("one", "listed", "own", "saved", "gross"),
    [
        (line(), 4_000, 0, (), 4_000),
        (line(discounts=(tenth(),)), 4_000, 400, (), 3_600),
        (line(offers=(LATE,)), 4_000, 0, (Saved("Late", Minor(2_000)),), 2_000),
        (line(offers=(LATE,), discounts=(tenth(),)), 4_000, 200, (Saved("Late", Minor(2_000)),), 1_800),
        # a levy of 5.00 a piece and a deposit are never discounted
        (line(taxes=LEVY, discounts=(tenth(),)), 4_000, 200, (), 3_800),
        (line(deposit=True, discounts=(tenth(),)), 4_000, 0, (), 4_000),
        # a fixed cost of 4 pieces at 39.99, at 10.00 then
        (line(fixed=(fixed(4, 3_999),)), 3_999, 0, (), 3_999),
        (line(fixed=(fixed(4, 3_999),), taken=(TakenOff("x", 2),)), 2_000, 0, (), 2_000),
        (line(fixed=(fixed(4, 3_999, price4=90_000),)), 4_399, 0, (), 4_399),
        (
            line(fixed=(fixed(4, 4_000, 300, given=("d1",)),), discounts=(amount(1),)),
            4_000, 300, (), 3_700,
        ),
        (
            line(fixed=(fixed(4, 4_000, 300, given=("d1",)),), discounts=(amount(1),), taken=(TakenOff("x", 1),)),
            3_000, 225, (), 2_775,
        ),
        # a newer discount takes the place of those that were fixed
        (line(fixed=(fixed(4, 4_000, 300, given=("d0",)),), discounts=(tenth("d1"),)), 4_000, 400, (), 3_600),
        (line(fixed=(fixed(4, 4_000, 300, given=("d0",)),)), 4_000, 0, (), 4_000),
        # of what became cheaper the fixed discount is less, if its price counts
        (
            line(price4=50_000, fixed=(fixed(4, 4_000, 400, given=("d1",)),), discounts=(tenth(),)),
            2_000, 200, (), 1_800,
        ),
        (
            line(price4=50_000, fixed=(fixed(4, 4_000, 400, given=("d1",)),), discounts=(amount(400),)),
            2_000, 400, (), 1_600,
        ),
        (
            line(fixed=(fixed(4, 4_000, 0, Saved("Late", Minor(1_000))),), offers=(LATE,)),
            4_000, 0, (Saved("Late", Minor(1_000)),), 3_000,
        ),
        (
            line(fixed=(fixed(4, 4_000, 0, Saved("Late", Minor(3_000)), Saved("Lot", Minor(900))),), price4=80_000),
            3_200, 0, (Saved("Late", Minor(3_000)), Saved("Lot", Minor(200))), 0,
        ),
        (
            line(
                keyed=-4, price4=80_000,
                fixed=(fixed(4, -4_000, 0, Saved("Late", Minor(-3_000)), Saved("Lot", Minor(-900))),),
            ),
            -3_200, 0, (Saved("Late", Minor(-3_000)), Saved("Lot", Minor(-200))), 0,
        ),
        # a share of the order without a price, beside a percentage that grows with the price
        (
            line(
                price4=50_000, fixed=(fixed(4, 4_000, 500, given=("d1", "d2")),),
                discounts=(tenth(), amount(100, "d2", share_of="o")),
            ),
            2_000, 250, (), 1_750,
        ),
        (line(fixed=(fixed(4, 3_000)._replace(event="g"), fixed(4, 3_999))), 3_000, 0, (), 3_000),
        (line(keyed=-4, discounts=(tenth(),)), -4_000, -400, (), -3_600),
    ],
)  # fmt: skip
def test_row_of_a_line_in_figures(one: Line, listed: int, own: int, saved: tuple[Saved, ...], gross: int) -> None:
    row = make_row((one,))
    assert (row.listed, row.own, row.saved, row.taxed.gross) == (listed, own, saved, gross)
    assert (row.discount, row.amount) == (listed - gross, gross)
    assert row.undiscounted == listed - sum(part.amount for part in saved)
    assert (row.quantity, row.line_ids, row.first, row.taxes) == (one.quantity, ("a",), one, one.taxes)
    assert make_row((one, replace(one, id="b"))).quantity == 2 * one.quantity


def test_given_savings_take_the_place_of_those_of_the_row_alone() -> None:
    saved = (Saved("Lot", Minor(1_000)),)
    row = make_row((line(offers=(LATE,), discounts=(tenth(),)),), saved)
    assert (row.saved, row.own, row.discount, row.taxed.gross) == (saved, 300, 1_300, 2_700)
    assert row.item == BasketItem(Minor(4_000), 4, GST, Off(Millionths(100_000), None), saved=Minor(1_000))


def test_each_discount_of_a_row_has_its_part_of_what_bears_it() -> None:
    """Discounts of 30.00 and 10.00 on a row of 40.00, of which 20.00 are levies, come to 13.33 and 6.67."""
    shares = (amount(3_000, "d1", share_of="o", pieces=4), amount(1_000, "d2", share_of="p", pieces=4))
    row = make_row((line(taxes=LEVY, discounts=shares),))
    assert [(one.id, part) for one, part in row.offs] == [("d1", 1_333), ("d2", 667)]


@pytest.mark.parametrize(
    ("discounts", "parts"),
    [
        ((), ()),
        ((tenth(),), (("d1", 400),)),
        # a share of the order beside it
        ((tenth(), amount(100, "d2", share_of="o", pieces=4)), (("d1", 400), ("d2", 100))),
        (
            (amount(100, "d1", share_of="o", pieces=4), amount(50, "d2", share_of="p", pieces=4)),
            (("d1", 100), ("d2", 50)),
        ),
        # more than the price: the later ones are whole, the first is the rest
        ((amount(3_990), amount(100, "d2", share_of="o", pieces=4)), (("d1", 3_900), ("d2", 100))),
        # the later ones alone are more than the price: nothing is left for the first
        (
            (tenth(), amount(2_500, "d2", share_of="o", pieces=4), amount(2_500, "d3", share_of="p", pieces=4)),
            (("d1", 0), ("d2", 2_000), ("d3", 2_000)),
        ),
    ],
)
def test_each_discount_of_a_row_has_its_part(
    discounts: tuple[Discount, ...], parts: tuple[tuple[str, int], ...]
) -> None:
    row = make_row((line(discounts=discounts),))
    assert tuple((one.id, part) for one, part in row.offs) == parts
    assert row.own == sum(part for _one, part in parts)


@pytest.mark.parametrize(
    ("one", "bearing"),
    [(line(), 4_000), (line(taxes=LEVY), 2_000), (line(deposit=True), 0), (line(taxes=LEVY, deposit=True), 0)],
)
def test_levies_and_deposits_are_no_part_of_a_price_that_bears_discounts(one: Line, bearing: int) -> None:
    assert (bearing_of(one, 4, Minor(4_000)), alone(one, 4)) == (bearing, bearing)
    assert make_row((one,)).firm == 4_000 - bearing
    assert alone(one, 2) == bearing // 2


def test_ware_of_a_line_is_what_its_promotions_see() -> None:
    one = line(taxes=LEVY, offers=(LATE, LOT))
    assert ware_of(one, 4, Minor(4_000)) == Ware("idly", Price4(50_000), 4, Minor(2_000), (LATE, LOT), key=one.key)
    weighed = line(measure=Thousandths(500))
    assert ware_of(weighed, 1, Minor(500)) == Ware(
        "idly", Price4(100_000), 1, Minor(500), weighed=True, key=weighed.key
    )


def test_row_is_shown_with_its_measure_and_note_if_it_has_them() -> None:
    plain: dict[str, Any] = {
        "line_ids": ["a", "b"], "item_id": "idly", "item": "Idly", "quantity": 3, "unit_price": "10.00",
        "amount": "29.99", "modifiers": [], "voided": False,
    }  # fmt: skip
    assert shown_row(line(), ("a", "b"), 3, Minor(2_999)) == plain
    chosen = line(
        measure=Thousandths(335), unit="kg", modifiers=(Modifier("ghee", Price4(5)),), notes=(LineNote("n", "thin"),)
    )
    assert shown_row(chosen, ("a", "b"), 3, Minor(2_999), voided=True) == plain | {
        "unit_price": "10.0005", "modifiers": ["ghee"], "voided": True, "measure": 335, "unit": "kg", "note": "thin",
    }  # fmt: skip


# Orders


def test_voids_of_one_reason_and_minute_are_one_row() -> None:
    def void(name: str, reason: str = "dropped", seconds: int = 0, **more: Any) -> Line:
        return line(name, voids=(Void(name, reason, START + timedelta(seconds=seconds)),), **more)

    lines = [void("a"), void("b", seconds=59), void("c", seconds=60), void("d", "cold"), void("e", price4=1), void("f")]
    others = [line("g", keyed=0), line("h", moved=True), void("i", moved=True), line("j", keyed=2), void("k", keyed=0)]
    priced = price_order([*lines, *others], (), INR)
    assert [row.line_ids for row in priced.void_rows] == [("a", "b", "f"), ("c",), ("d",), ("e",)]
    assert [(row.quantity, row.amount, row.first.id) for row in priced.void_rows[:2]] == [
        (12, 12_000, "a"), (4, 4_000, "c")]  # fmt: skip
    assert (priced.voids, [row.line_ids for row in priced.rows]) == (tuple(lines), [("j",)])


def test_returns_go_back_with_their_taxes_and_service() -> None:
    added = replace(INR, included=False, charge=ChargeRule(Millionths(100_000), GST, except_deposits=True))
    lines = [
        line("a", terms=added),
        line("b", keyed=-2, terms=added),
        line("c", keyed=-1, terms=added, deposit=True, taxes=()),
    ]
    priced = price_order(lines, (), added)
    # 20.00 and 5 % are 21.00, its service 2.00 and 5 % 2.10, the deposit 10.00
    assert (priced.returned, priced.bearing, priced.amount, priced.pieces) == (3_310, 2_000, 1_000, 7)
    assert (priced.service_charge, priced.total, priced.net, priced.tax) == (200, 1_310, 1_200, 110)
    assert price_order(lines[:1], (), added).returned == 0
    assert price_order(lines[1:], (), replace(added, charge=None)).returned == 3_100
    assert price_order(lines, (), replace(added, charge=None)).service_charge == 0


def test_tax_that_a_row_has_twice_counts_its_net_once() -> None:
    added = replace(INR, included=False)
    lines = [line(terms=added, taxes=(*GST, *GST)), line("b", keyed=1, terms=added)]
    (tax,) = price_order(lines, (), added).taxes
    assert (tax.net, tax.amount, tax.added) == (5_000, 450, True)


# Cuts


@pytest.mark.parametrize(
    ("whole", "parts", "costs"),
    [
        (Cost(3, Minor(1_000), (), Minor(0)), (1, 2), [(1, 333, (), 0), (2, 667, (), 0)]),
        (
            Cost(4, Minor(4_000), (Saved("Late", Minor(2_001)),), Minor(101)),
            (1, 3),
            [(1, 1_000, (Saved("Late", Minor(500)),), 25), (3, 3_000, (Saved("Late", Minor(1_501)),), 76)],
        ),
        (
            Cost(2, Minor(3), (Saved("Late", Minor(1)),), Minor(2)),
            (1, 1),
            [(1, 2, (Saved("Late", Minor(1)),), 1), (1, 1, (), 1)],
        ),
        (Cost(4, Minor(4_000), (), Minor(4_000)), (4, 0), [(4, 4_000, (), 4_000), (0, 0, (), 0)]),
    ],
)
def test_cost_is_shared_to_the_last_unit(whole: Cost, parts: tuple[int, ...], costs: list[tuple[Any, ...]]) -> None:
    assert divide_cost(line(), whole, parts) == [Cost(*one) for one in costs]
    assert divide_cost(line(keyed=-4), _mirrored(whole), parts) == [_mirrored(Cost(*one)) for one in costs]


def _mirrored(cost: Cost) -> Cost:
    """The cost of returned pieces."""
    saved = tuple(replace(one, amount=Minor(-one.amount)) for one in cost.saved)
    return Cost(cost.pieces, Minor(-cost.price), saved, Minor(-cost.off))


def test_cost_of_a_row_is_shared_by_its_lines_with_the_discounts_of_the_order() -> None:
    lines = [line("a", 1, offers=(LATE,)), line("b", 3, offers=(LATE,))]
    (row,) = price_order(lines, [Discount("o", None, Millionths(100_000), None)], INR).rows
    assert costs_of(row) == [
        Cost(1, Minor(1_000), (Saved("Late", Minor(500)),), Minor(50)),
        Cost(3, Minor(3_000), (Saved("Late", Minor(1_500)),), Minor(150)),
    ]
    assert cost_of(lines[0]) == Cost(1, Minor(1_000), (Saved("Late", Minor(500)),), Minor(0))


def _cut(hand: Hand, pieces: int, into: str = "b", of: str = "a") -> Any:
    return hand.make(LineCut(line_id=uid(of), into=uid(into), quantity=pieces))


def test_cut_pieces_take_their_share_of_what_was_fixed_along() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 4), hand.make(DiscountApplied(line_id=A, amount="1.01", pieces=4))]
    before = folded(*events).lines[A]
    cut = _cut(hand, 1)
    order = folded(*events, cut)
    (discount,), price4 = before.discounts, Price4(400_000)
    left = replace(
        before, taken=(TakenOff(cut.id, 1, cut=True),),
        fixed=(Fixed(cut.id, Cost(3, Minor(12_000), (), Minor(76)), price4, (discount.id,)),),
    )  # fmt: skip
    new = replace(
        before, id=B, keyed=1, cut_by=cut.id, discounts=(replace(discount, line_id=B),),
        fixed=(Fixed(cut.id, Cost(1, Minor(4_000), (), Minor(25)), price4, (discount.id,)),),
    )  # fmt: skip
    assert order.lines == {A: left, B: new}
    assert cut_from(order) == {cut.id: A}


@pytest.mark.parametrize("plain", [True, False])
def test_cut_of_more_pieces_than_are_left_notes_the_missing_ones(*, plain: bool) -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 4, "40.00" if plain else "40.005"), hand.changed("a", 3)]
    before = folded(*events).lines[A]
    cut = _cut(hand, 3)
    after = folded(*events, cut)
    assert after.lines[A].taken == (*before.taken, TakenOff(cut.id, 1, cut=True))
    assert after.lines[A].fixed == ()
    new = after.lines[B]
    assert (new.keyed, new.taken, new.quantity, bool(new.fixed)) == (3, (TakenOff(cut.id, 2, cut=True),), 1, not plain)
    assert cut_from(after) == {cut.id: A}


def test_cut_of_nothing_leaves_the_line_and_makes_an_empty_one() -> None:
    hand = Hand()
    off_ = DiscountApplied(line_id=A, percent="10", reason="late")
    events = [hand.opened(), hand.added("a", 2), hand.make(off_), hand.voided("a")]
    before = folded(*events).lines[A]
    cut = _cut(hand, 2)
    after = folded(*events, cut)
    assert after.lines[A] == before
    assert (after.lines[B].quantity, after.lines[B].discounts, after.lines[B].voids) == (0, (), ())


def test_cut_of_a_line_that_is_not_known_yet_makes_an_empty_one_of_a_sale() -> None:
    hand = Hand()
    cut = _cut(hand, 2)
    assert folded(hand.opened(), cut).lines == {
        B: Line(B, INR, keyed=2, taken=(TakenOff(cut.id, 2, cut=True),), cut_by=cut.id)
    }


@pytest.mark.parametrize(
    ("make", "lines"),
    [
        # into itself, into a line that is known, into one that moved
        (lambda hand: [_cut(hand, 1, "a")], {"a": 4}),
        (lambda hand: [hand.added("b", 2), _cut(hand, 1, "b")], {"a": 4, "b": 2}),
        (lambda hand: [_cut(hand, 1, "b"), _cut(hand, 1, "b")], {"a": 3, "b": 1}),
        (lambda hand: [_cut(hand, 4, "b")], {"a": 0, "b": 4}),
        # a change of the new line that sorts before the cut
        (lambda hand: [hand.changed("b", 1), _cut(hand, 2, "b")], {"a": 2, "b": 1}),
        (lambda hand: [hand.voided("b"), _cut(hand, 2, "b")], {"a": 2, "b": 0}),
        (lambda hand: [hand.changed("a", 3), hand.changed("b", 1), _cut(hand, 2, "b")], {"a": 0, "b": 0}),
        # into a line that moved away before it was known, and off a late line that the end did not know
        (lambda hand: [hand.make(LinesMoved(to_session=uid("x"), line_ids=(B,))), _cut(hand, 1)], {"a": 4}),
        (
            lambda hand: [
                hand.added("c", 2),
                hand.make(OrderDiscarded(line_ids=(A,), reason="x")),
                _cut(hand, 1, "b", "c"),
            ],
            {"a": 4, "c": 1, "b": 1},
        ),
    ],
)
def test_cut_makes_one_new_line(make: Callable[[Hand], list[Any]], lines: dict[str, int]) -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 4), *make(hand))
    assert {one.id: one.quantity for one in order.lines.values()} == {uid(name): left for name, left in lines.items()}


def test_lines_that_come_back_have_their_pieces_once_and_are_still_known_as_cut() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 4), hand.changed("a", 1)]
    cut = _cut(hand, 2)
    (came, *_rest) = carry_lines(folded(*events, cut), uid("x"), [A, B])
    assert isinstance(came.data, LinesMoved)
    away = hand.make(LinesMoved(to_session=uid("x"), line_ids=(A, B)))
    order = folded(*events, cut, away, hand.make(replace(came.data, from_session=uid("x"))))
    assert {one.id: one.quantity for one in order.lines.values()} == {A: 1, B: 2}
    assert (order.lines[B].cut_by, order.moved, cut_from(order)) == (cut.id, {}, {cut.id: A})


def test_late_cuts_go_back_to_the_line_that_the_end_knew() -> None:
    """The pieces of a chain of cuts return step by step, with what was taken off them since."""
    hand = Hand()
    events = [hand.opened(), hand.added("a", 9, "40.005"), _cut(hand, 4), _cut(hand, 2, "c", "b"), hand.changed("c", 1)]
    order = folded(*events)
    back = undo_late_cuts(order, {A})
    assert {one.id: one.quantity for one in back.lines.values()} == {A: 8, B: 0, uid("c"): 0}
    assert back.lines[A].taken == (TakenOff(events[4].id, 1),)
    assert (back.lines[A].fixed, back.lines[B].fixed[-1:], back.lines[B].discounts) == (
        (), order.lines[B].fixed[:1], (),
    )  # fmt: skip
    half = undo_late_cuts(order, {A, B})
    assert {one.id: one.quantity for one in half.lines.values()} == {A: 5, B: 3, uid("c"): 0}
    assert undo_late_cuts(order, {A, B, uid("c")}) == order
    assert undo_late_cuts(order, {uid("c")}) == order
    assert undo_late_cuts(order, ()) == order
    moved = replace(order, lines={**order.lines, B: replace(order.lines[B], moved=True)})
    assert undo_late_cuts(moved, {A}).lines[uid("c")].quantity == 1


def test_cut_that_the_end_knew_stays_beside_a_late_one_and_returns_are_rejoined() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 9), _cut(hand, 4), _cut(hand, 2, "c"))
    back = undo_late_cuts(order, {A, B})
    assert [one.quantity for one in back.lines.values()] == [5, 4, 0]
    order = folded(hand.opened(), hand.added("a", -3), _cut(hand, 2))
    back = undo_late_cuts(order, {A})
    assert [one.quantity for one in back.lines.values()] == [-3, 0]


def test_earlier_discount_comes_back_on_both_parts_where_the_newest_is_undone() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 2)]
    events += [hand.make(DiscountApplied(line_id=A, percent=percent, reason="late")) for percent in ("10", "20")]
    order = folded(*events, _cut(hand, 1))
    assert order.total == 6_400
    undone = hand.make(ChangeUndone(event=events[-1].id))
    order = folded(*events, _cut(hand, 1, "c"), undone)
    assert [row.taxed.gross for row in order.priced.rows] == [3_600, 3_600]
