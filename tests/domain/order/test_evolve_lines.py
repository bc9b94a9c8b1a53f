from __future__ import annotations

from typing import Any

from tests.domain.making import GST, SESSION, Hand, folded
from till.domain.events.envelope import Event, EventType


def test_a_void_wins_over_any_quantity_keyed_after_it() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 2), hand.voided("a"), hand.changed("a", 5), hand.voided("a", "again"))
    assert order.total == 0
    assert [(line.id, line.void.reason) for line in order.priced.voids if line.void] == [("a", "dropped")]


def test_two_differences_past_zero_leave_none_and_say_so() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 3), hand.changed("a", -2), hand.changed("a", -2))
    assert order.total == 0
    assert order.notices == ("Two tills took Idly off: none are left.",)
    assert folded(hand.opened(), hand.added("a", 3), hand.changed("a", -2), hand.changed("a", -1)).notices == ()


def test_a_return_past_zero_leaves_none_and_only_then_says_so() -> None:
    hand = Hand()
    opened, back, one, two = hand.opened(), hand.added("a", -2), hand.changed("a", 2), hand.changed("a", 1)
    assert folded(opened, back, one).notices == ()
    order = folded(opened, back, one, two)
    assert order.total == 0
    assert len(order.notices) == 1


def test_a_void_line_past_zero_shows_none_and_not_less() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 1), hand.changed("a", -1), hand.changed("a", -1), hand.voided("a"))
    assert [line.shown_quantity for line in order.priced.voids] == [0]


def test_a_change_that_came_before_its_line_waits_for_it() -> None:
    hand = Hand()
    opened, changed, added = hand.opened(), hand.changed("a", 2), hand.added("a", 1)
    assert folded(opened, changed).is_empty
    assert folded(opened, changed, added).total == 12_000


def test_a_line_may_be_weighed_and_have_modifiers() -> None:
    hand = Hand()
    facts = {"measure": 335, "unit_price": "12.99", "modifiers": [{"name": "cut", "price": "1.00"}]}
    line = folded(hand.opened(), hand.added("a", 1, "4.69", **facts)).lines["a"]
    assert (line.price4, line.unit_price4, line.amount_of(1)) == (129_900, 139_900, 469)  # 4.68665


def test_a_discount_replaces_the_one_of_the_same_id_and_a_line_has_one() -> None:
    hand = Hand()

    def off(discount: str, line: str | None, amount: str) -> Event:
        return hand.make(EventType.DISCOUNT_APPLIED, discount_id=discount, line_id=line, amount=amount)

    order = folded(
        hand.opened(),
        hand.added("a", 5),
        off("x", None, "10.00"),
        off("y", None, "5.00"),
        off("x", None, "1.00"),
        off("z", "a", "20.00"),
        off("w", "a", "30.00"),
    )
    assert order.total == 20_000 - 3_000 - 500 - 100


def test_lines_that_moved_keep_their_ids_and_discounts() -> None:
    hand = Hand()
    line = {"line_id": "m", "item_id": "dosa", "item_name": "Masala Dosa", "quantity": 2, "price": "80.00"}
    moved: dict[str, Any] = {
        "from_session": SESSION,
        "lines": [line | {"taxes": [GST], "modifiers": []}],
        "discounts": [
            {"discount_id": "x", "line_id": "m", "percent": "10"},
            {"discount_id": "y", "line_id": None, "amount": "4.00"},
        ],
    }
    order = folded(hand.opened(), hand.make(EventType.LINES_MOVED, **moved), hand.make(EventType.LINES_MOVED, **moved))
    assert order.total == 16_000 - 1_600 - 400
    assert list(order.lines) == ["m"]
