"""Guests who pay apart: what their lines cost together is what the order cost, whatever came off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import SESSION, Desk, Hand, uid
from till.domain.order import moving
from till.domain.order.events import DiscountApplied, ItemAdded, PromotionTerms, TaxRate
from till.domain.order.evolve import apply
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.order.state import Order

OFFERS = (
    PromotionTerms(name="3 for 2", buy=2, get=1),
    PromotionTerms(name="Happy hour", percent="12.5"),
    PromotionTerms(name="Late", percent="33"),
    PromotionTerms(name="Two for 5", price="5", pieces=2),
    PromotionTerms(name="0.05 less", amount="0.05"),
)
TAXES = (
    (TaxRate(name="GST", rate="5"),),
    (TaxRate(name="GST", rate="5"), TaxRate(name="Deposit", per_piece="0.01")),
    (),
)
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "item": st.sampled_from(["idly", "dosa"]),
            "quantity": st.integers(1, 7),
            "price": st.sampled_from(["80.00", "0.01", "0.05", "3.10", "3.33", "12.34"]),
            "offers": st.lists(st.sampled_from(OFFERS), max_size=2, unique=True),
            "taxes": st.sampled_from(TAXES),
            "off": st.sampled_from(
                [None, None, ("percent", "12.5"), ("percent", "50"), ("percent", "100"), ("amount", "0.07")]
            ),
            "gone": st.integers(0, 2),
            "takes": st.lists(st.integers(0, 3), min_size=2, max_size=2),
        }
    ),
    min_size=1,
    max_size=4,
)


def _discount(off: tuple[str, str], line_id: str | None, pieces: int | None = None) -> DiscountApplied:
    how, much = off
    return DiscountApplied(
        line_id=line_id,
        reason="regular",
        percent=much if how == "percent" else None,
        amount=much if how == "amount" else None,
        pieces=pieces if how == "amount" else None,
    )


def _desk(lines: list[dict[str, Any]], off: tuple[str, str] | None) -> Desk:
    desk = Desk()
    for place, raw in enumerate(lines):
        line = uid(str(place))
        desk.do_one(
            ItemAdded(
                line_id=line,
                item_id=raw["item"],
                item_name=raw["item"],
                quantity=raw["quantity"],
                price=raw["price"],
                taxes=raw["taxes"],
                offers=tuple(raw["offers"]),
            )
        )
        if raw["off"]:
            desk.do_one(_discount(raw["off"], line, raw["quantity"] + raw["gone"]))
    if off:
        desk.do_one(_discount(off, None))
    return desk


def _part(desk: Desk, taken: dict[str, int], guest: str) -> Order:
    """Split a guest's pieces into an order of their own, and return that order."""
    cut = {one: pieces for one, pieces in taken.items() if desk.order.lines[one].quantity != pieces}
    desk.do(moving.fix_amounts(desk.order, taken))
    desk.do(moving.cut(desk.order, cut, {one: uid(f"{guest} {one}") for one in cut}))
    going = [uid(f"{guest} {one}") if one in cut else one for one in taken]
    order, other = None, Hand(2)
    for draft in moving.split(desk.order, going, uid(guest)):
        if draft.stream_id == SESSION:
            desk.do([draft])
        else:
            order = apply(order, other.seal(draft))
    assert order is not None
    return order


@given(LINES, st.sampled_from([None, ("percent", "10"), ("percent", "33.3333"), ("amount", "1.00")]))
def test_guests_pay_together_what_the_order_came_to(lines: list[dict[str, Any]], off: tuple[str, str] | None) -> None:
    desk = _desk(lines, off)
    before, guests = desk.order.priced.amount, []
    for guest in range(2):
        taken = {uid(str(place)): raw["takes"][guest] for place, raw in enumerate(lines)}
        there = {one: min(pieces, desk.order.lines[one].quantity) for one, pieces in taken.items()}
        taken = {one: pieces for one, pieces in there.items() if pieces}
        stays = sum(line.quantity for line in desk.order.lines.values()) - sum(taken.values())
        if taken and stays:
            guests.append(_part(desk, taken, f"guest {guest}"))
    assert sum(order.priced.amount for order in guests) + desk.order.priced.amount == before


def _by_name(order: Order) -> dict[str, int]:
    """Return the amount of each discount by name."""
    found = dict.fromkeys(("", "Senior", "Late"), 0)
    for discount, off in (
        *zip(order.given, order.priced.offs, strict=True),
        *(one for row in order.priced.rows for one in row.offs),
    ):
        found[discount.name] += off
    return found


@given(LINES, st.sampled_from([("percent", "10"), ("percent", "33.3333"), ("amount", "0.05")]))
def test_each_discount_on_the_order_keeps_its_amount_on_the_lines(
    lines: list[dict[str, Any]], off: tuple[str, str]
) -> None:
    desk = _desk(lines, None)
    desk.do_one(replace(_discount(off, None), name="Senior"))
    desk.do_one(replace(_discount(("percent", "12.5"), None), name="Late"))
    before, total = _by_name(desk.order), desk.order.total
    desk.do(moving.fix_amounts(desk.order))
    assert (_by_name(desk.order), desk.order.total) == (before, total)
    desk.do_one(_discount(("percent", "25"), None))
    before, total = _by_name(desk.order), desk.order.total
    desk.do(moving.fix_amounts(desk.order))
    assert (_by_name(desk.order), desk.order.total) == (before, total)


def test_a_half_that_saved_more_does_not_lose_a_unit_of_a_comp() -> None:
    """A happy hour saves 2.05 of 6.20 and a comp takes 4.15: a piece has the odd unit of one, not of both."""
    desk = _desk(
        [
            {
                "item": "coffee",
                "quantity": 2,
                "price": "3.10",
                "offers": OFFERS[2:3],
                "taxes": (),
                "off": ("percent", "100"),
                "gone": 0,
            }
        ],
        None,
    )
    desk.do(moving.fix_amounts(desk.order, [uid("0")]))
    desk.do(moving.cut(desk.order, {uid("0"): 1}, {uid("0"): uid("new")}))
    assert [row.amount for row in desk.order.priced.rows] == [0, 0]


def test_a_line_whose_share_of_a_percentage_is_nothing_takes_nothing_off_elsewhere() -> None:
    """Half of nine pieces at 0.01 is 5 units off: 2, 3 and none of the three lines, of which one alone would take 1."""
    lines = [
        {
            "item": "sweet",
            "quantity": pieces,
            "price": "0.01",
            "offers": (),
            "taxes": (),
            "off": ("percent", "50"),
            "gone": 0,
        }
        for pieces in (3, 5, 1)
    ]
    desk = _desk(lines, None)
    before = desk.order.priced.amount
    guest = _part(desk, {uid("0"): 3, uid("1"): 1, uid("2"): 1}, "guest")
    assert desk.order.priced.amount + guest.priced.amount == before == 4


def test_a_shared_discount_keeps_its_reason() -> None:
    desk = _desk([{"item": "idly", "quantity": 2, "price": "40", "offers": (), "taxes": (), "off": None}], None)
    desk.do_one(DiscountApplied(percent="50", kind="staff_meal", name="Cooks", reason="late"))
    desk.do(moving.fix_amounts(desk.order))
    (line,) = desk.order.lines.values()
    assert (line.discount and (line.discount.kind, line.discount.name)) == ("staff_meal", "Cooks")
    assert desk.order.total == 4_000
