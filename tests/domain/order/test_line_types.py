"""Taxes and prices by order type: what a line is rated at, by its own type or that of its order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.domain.making import A, Hand, folded, uid
from till.domain.order.events import (
    AmountsFixed,
    ChangeUndone,
    LineAmounts,
    LineCut,
    LineModifier,
    LineRate,
    LineRated,
    LinesMoved,
    LineTypeSet,
    ModifiersSet,
    OrderTypeSet,
    PriceOverridden,
    TaxRate,
)
from till.domain.order.line_records import moved_line_record

if TYPE_CHECKING:
    from till.domain.events.envelope import Event
    from till.domain.order.line import Line
    from till.domain.order.state import Order

HOT = LineModifier(name="hot", price="1.00")
ZERO = TaxRate(name="VAT", rate="0")
#: No tax to take away, and a price of its own there.
AWAY = LineRate(order_type="take_away", taxes=(ZERO,), price="30.00")
FREE = LineRate(order_type="take_away", taxes=(ZERO,))


class Play:
    """An order to take away of two idlies at 40.00, rated by its type."""

    def __init__(self, rate: LineRate = AWAY) -> None:
        self.hand = Hand()
        self.events = [self.hand.opened(), self.hand.added("a", 2)]
        self.rated = self.do(LineRated(line_id=A, by_type=(rate,)))

    def do(self, *made: object) -> Event:
        for data in made:
            self.events.append(self.hand.make(data))  # type: ignore[arg-type]
        return self.events[-1]

    @property
    def order(self) -> Order:
        return folded(*self.events)

    @property
    def line(self) -> Line:
        return self.order.lines[A]

    @property
    def shown(self) -> tuple[int, str]:
        """The total, and the percent of its tax."""
        return self.order.total, self.line.taxes[0].percent


EAT_IN = OrderTypeSet(order_type="dine_in")
AWAY_AGAIN = OrderTypeSet(order_type="take_away")


def test_line_has_the_taxes_and_price_of_its_orders_newest_type() -> None:
    play = Play()
    assert play.shown == (6000, "0")
    play.do(EAT_IN)
    assert play.shown == (8000, "5")
    play.do(OrderTypeSet(order_type="delivery"))
    assert play.shown == (8000, "5")
    play.do(AWAY_AGAIN)
    assert play.shown == (6000, "0")


def test_own_type_of_a_line_counts_before_its_orders() -> None:
    play = Play()
    typed = play.do(LineTypeSet(line_id=A, order_type="dine_in"))
    assert play.shown == (8000, "5")
    play.do(EAT_IN, LineTypeSet(line_id=A, order_type="take_away"))
    assert play.shown == (6000, "0")
    cleared = play.do(LineTypeSet(line_id=A))
    assert play.shown == (8000, "5")
    play.do(ChangeUndone(event=cleared.id))
    assert play.shown == (6000, "0")
    play.do(ChangeUndone(event=typed.id), ChangeUndone(event=play.events[-3].id), AWAY_AGAIN)
    assert play.line.own_type == ""
    assert play.shown == (6000, "0")


def test_undone_rates_leave_the_line_as_it_was_keyed() -> None:
    play = Play()
    play.do(ChangeUndone(event=play.rated.id))
    assert (play.line.by_type, play.shown) == ((), (8000, "5"))


def test_price_by_hand_stays_and_the_tax_follows_the_type() -> None:
    play = Play()
    by_hand = play.do(PriceOverridden(line_id=A, was="30.00", price="35.00"))
    assert play.shown == (7000, "0")
    play.do(EAT_IN)
    assert play.shown == (7000, "5")
    assert play.line.is_priced_by_hand
    play.do(ChangeUndone(event=by_hand.id))
    assert play.shown == (8000, "5")


def test_row_is_of_what_was_said_whatever_the_type_of_the_order() -> None:
    play = Play()
    # one keyed to take away at that price with no tax, and one rated so
    play.events.append(play.hand.added("b", 1, "30.00", taxes=(ZERO,)))
    play.events.append(play.hand.added("c", 1))
    play.do(LineRated(line_id=uid("c"), by_type=(AWAY,)))
    assert [row.line_ids for row in play.order.priced.rows] == [(A, uid("c")), (uid("b"),)]
    play.events.append(play.hand.added("d", 1, "45.00"))  # a later price, and the same rates
    play.do(LineRated(line_id=uid("d"), by_type=(AWAY,)))
    assert len(play.order.priced.rows) == 3
    key = play.line.key
    play.do(EAT_IN)
    assert [row.line_ids for row in play.order.priced.rows] == [(A, uid("c")), (uid("b"),), (uid("d"),)]
    assert play.line.key == key
    play.do(LineTypeSet(line_id=A, order_type="dine_in"))
    assert len(play.order.priced.rows) == 4


def test_record_of_a_moved_line_has_what_was_keyed() -> None:
    moved = moved_line_record(Play().line)
    assert (moved.price, moved.taxes[0].rate) == ("40.00", "5")


def _fixed(unit: str = "30.00", price: str = "60.00") -> AmountsFixed:
    return AmountsFixed(lines=(LineAmounts(line_id=A, pieces=2, unit_price=unit, price=price),))


def test_fixed_cost_keeps_its_price_against_a_later_type_and_its_tax_follows() -> None:
    play = Play()
    play.do(_fixed(), EAT_IN)
    assert play.shown == (6000, "5")
    assert play.line.price4 == 300_000
    play.do(ModifiersSet(line_id=A, modifiers=(HOT,)))
    assert play.shown == (6200, "5")
    play.do(PriceOverridden(line_id=A, was="30.00", price="20.00"))
    assert play.shown == (4200, "5")


def test_fixed_cost_with_modifiers_keeps_its_price() -> None:
    play = Play()
    play.do(
        ModifiersSet(line_id=A, modifiers=(LineModifier(name="hot", price="1.00"),)), _fixed("31.00", "62.00"), EAT_IN
    )
    assert play.shown == (6200, "5")
    play.do(ModifiersSet(line_id=A))
    assert play.shown == (6000, "5")


@pytest.mark.parametrize(("rate", "plain"), [(AWAY, False), (FREE, True)])
def test_cut_fixes_a_price_by_type_alone(rate: LineRate, plain: bool) -> None:
    play = Play(rate)
    assert play.line.is_plain is plain
    play.do(LineCut(line_id=A, into=uid("b"), quantity=1), EAT_IN)
    assert play.order.total == (8000 if plain else 6000)
    assert {line.taxes[0].percent for line in play.order.lines.values()} == {"5"}


def test_line_that_comes_back_with_a_fixed_cost_costs_that() -> None:
    play = Play()
    other = uid("other")
    moved = moved_line_record(play.line)
    play.do(LinesMoved(to_session=other, line_ids=(A,)), EAT_IN)
    fixed = _fixed().lines
    play.do(LinesMoved(from_session=other, lines=(moved,), amounts=fixed))
    play.do(LineRated(line_id=A, by_type=(AWAY,), follows=play.rated.id))
    assert play.shown == (6000, "5")
