from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.domain.making import GST, Hand, folded
from till.domain.events.envelope import EventType
from till.domain.order.snapshot import snapshot

if TYPE_CHECKING:
    from till.domain.order.state import Order

TAB = "0197a000-0000-7000-8000-00000000007a"


def test_an_unknown_type_is_kept_and_named() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.make("table_sung_to", epoch=3))
    assert order.notices == ("“table_sung_to” was made by a newer till. It is kept.",)
    assert order.hold_epoch == 3


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=8) | st.just("40.00"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "rate", "price"]), inner),
    max_leaves=4,
)
known_types = st.sampled_from([str(kind) for kind in EventType if kind != EventType.ORDER_OPENED])
_GOOD: dict[str, Any] = {
    "line_id": "a",
    "item_id": "idly",
    "item_name": "Idly",
    "quantity": 1,
    "price": "40.00",
    "taxes": [GST],
    "modifiers": [{"name": "extra", "price": "1.00"}],
    "by": 1,
    "discount_id": "d",
    "amount": "40.00",
    "percent": None,
    "order_type": "eat_in",
    "name": "spice",
    "value": "hot",
    "items": [{"id": "idly", "name": "Idly", "position": 1}],
    "tab_id": TAB,
    "payment_id": "p",
    "tender": "CASH",
    "tendered": "40.00",
    "change": "0.00",
    "lines": [{"line_ids": ["a"]}],
    "discounts": [],
}


def _survives(order: Order) -> None:
    assert order.total is not None
    assert snapshot(order, 0)["currency"] == "INR"
    assert isinstance(order.due, int)
    assert isinstance(order.step, str)
    assert order.placed is None or isinstance(order.placed.covered, frozenset)
    assert all(isinstance(line.name, str) for line in order.lines.values())


@given(known_types, st.dictionaries(st.sampled_from([*sorted(_GOOD), "measure", "unit_price", "restores"]), junk))
@example(str(EventType.ITEM_ADDED), {"measure": "heavy"})
@example(str(EventType.ITEM_ADDED), {"taxes": "GST"})
@example(str(EventType.ITEM_ADDED), {"quantity": 10**40})
@example(str(EventType.ORDER_PLACED), {"lines": None})
@example(str(EventType.ORDER_PLACED), {"lines": [{"line_ids": [[]]}]})
@example(str(EventType.MENU_VIEWED), {"items": "abc"})
def test_a_damaged_record_is_a_notice_and_never_an_exception(kind: str, damage: dict[str, Any]) -> None:
    hand = Hand()
    before = [hand.opened(), hand.added("z", 2)]
    order = folded(*before, hand.make(kind, **(_GOOD | damage)))
    _survives(order)
    assert order.lines["z"].quantity == 2


def test_a_damaged_record_is_named() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.make(EventType.QUANTITY_CHANGED, line_id="a"))
    assert order.notices == ("A record of quantity_changed does not read: 'by'.",)


@pytest.mark.parametrize(
    "discount", [{"amount": "-5.00"}, {"percent": "-10"}, {"percent": "150"}, {"amount": None}, {}, {"percent": "x"}]
)
def test_a_discount_that_would_raise_the_price_is_only_a_notice(discount: dict[str, Any]) -> None:
    hand = Hand()
    facts: dict[str, Any] = {"discount_id": "d", "line_id": "a"} | discount
    order = folded(hand.opened(), hand.added("a"), hand.make(EventType.DISCOUNT_APPLIED, **facts))
    assert order.total == 4_000
    assert len(order.notices) == 1
