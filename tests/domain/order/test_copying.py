"""A tab that is rung up again: its rows as new lines, and the names of what the menu has no more."""

from __future__ import annotations

import itertools

import pytest

from tests.domain.making import SESSION, Desk, uid
from tests.domain.order.laden import DOSA, LATE, MENU, TERMS
from till.domain.errors import NotHeldError
from till.domain.events.envelope import Draft
from till.domain.money.combos import Slot
from till.domain.money.measures import Price4, Thousandths
from till.domain.money.promotion import Offer
from till.domain.order.copying import TabItem, copy_lines
from till.domain.order.events import (
    ComboSlot,
    ItemAdded,
    LineCombo,
    LineModifier,
    LineNoted,
    LineRated,
    LinesRungAgain,
    PromotionTerms,
    TaxRate,
)
from till.domain.structs import replace


def test_rows_of_a_tab_are_keyed_at_its_prices_with_the_choices_of_the_menu() -> None:
    """Ghee costs 12.00 on this menu, so a dosa that was 99.00 with it is 87.00; gold is no choice any more."""
    size = replace(MENU.groups["size"], least=1)
    menu = replace(MENU, groups={**MENU.groups, "size": size})
    rows = [
        TabItem("vada", "Va\x1bda", 2, "10.00", "20.00"),
        TabItem("dosa", "Old dosa", 2, "99.00", "198.00", ("ghee", "gold"), "no onion"),
        TabItem("gouda", "Gouda", 1, "9.9950", "3.35", measure=335),
    ]
    ids = map(uid, (f"n{place}" for place in itertools.count()))
    copied = copy_lines(Desk(TERMS).order, menu, rows, lambda: next(ids), lambda item: (LATE,) if item is DOSA else ())
    dosa = ItemAdded(
        line_id=uid("n0"), item_id="dosa", item_name="Old dosa", quantity=2, price="87.00",
        taxes=(TaxRate(name="GST", rate="5"),),
        modifiers=(LineModifier(name="ghee", price="12.00", group="extra"), LineModifier(name="gold", price="0.00")),
        asks=("Size",), offers=(PromotionTerms(name="Late", percent="50.00"),),
    )  # fmt: skip
    gouda = ItemAdded(
        line_id=uid("n1"), item_id="gouda", item_name="Gouda", quantity=1, price="3.35", unit_price="9.995", unit="kg",
        measure=Thousandths(335),
        taxes=(TaxRate(name="VAT", rate="20"), TaxRate(name="Levy", per_piece="0.25", included=False)),
    )  # fmt: skip
    noted = LineNoted(line_id=uid("n0"), note="no onion")
    again = LinesRungAgain(line_ids=(uid("n0"), uid("n1")))
    assert copied.drafts == [Draft(data, SESSION) for data in (dosa, noted, gouda, again)]
    assert copied.missed == ["Vada"]


def test_rows_of_a_tab_have_the_combos_that_are_offered_now() -> None:
    lunch = Offer("Lunch", price=Price4(900_000), slots=(Slot("Main", 1, Price4(0)), Slot("Drink")))
    row = TabItem("dosa", "Old dosa", 2, "99.00", "198.00")
    copied = copy_lines(Desk(TERMS).order, MENU, [row], lambda: uid("n"), lambda _item: (LATE, lunch))
    added, rated, _again = (draft.data for draft in copied.drafts)
    assert isinstance(added, ItemAdded)
    assert [one.name for one in added.offers] == ["Late"]
    slots = (ComboSlot(name="Main", pieces=1, extra="0.00"), ComboSlot(name="Drink", pieces=1))
    combo = LineCombo(name="Lunch", price="90.00", slots=slots)
    assert rated == LineRated(line_id=uid("n"), combos=(combo,))


def test_deposit_stays_one_and_a_tab_of_nothing_on_the_menu_is_refused() -> None:
    order = Desk(TERMS).order
    draft, _again = copy_lines(
        order, MENU, [TabItem("cup", "Cup", -3, "1.00", "-3.00")], lambda: uid("n"), lambda _: ()
    ).drafts
    assert draft.data == ItemAdded(
        line_id=uid("n"), item_id="cup", item_name="Cup", quantity=-3, price="1.00", taxes=(), deposit=True
    )
    with pytest.raises(NotHeldError):
        copy_lines(order, MENU, [TabItem("vada", "Vada", 1, "1", "1")], lambda: uid("n"), lambda _: ())
