from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.domain.making import GST, INR, SESSION, Hand, folded
from till.domain.errors import EventError
from till.domain.events import Event, EventType
from till.domain.fold import apply, fold
from till.domain.order import Order, PaymentState, Status
from till.domain.snapshot import snapshot

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

TAB = "0197a000-0000-7000-8000-00000000007a"


def _state(order: Order | None) -> Any:
    """Everything that an order is, and what it comes to."""
    return order and (order, order.total, order.priced.rows, order.priced.voids, order.paid, snapshot(order, 0))


def _random_event(draw: st.DrawFn, hand: Hand) -> Event:
    line = draw(st.sampled_from(["a", "b", "c", "d"]))
    epoch = draw(st.integers(1, 4))
    money: dict[str, Any] = {"payment_id": draw(st.sampled_from(["p", "q"])), "tender": "CASH", "amount": "40.00"}
    makers: dict[str, Callable[[], Event]] = {
        "added": lambda: hand.added(line, draw(st.integers(1, 5))),
        "changed": lambda: hand.changed(line, draw(st.integers(-4, 4))),
        "voided": lambda: hand.voided(line),
        "discount": lambda: hand.make(
            EventType.DISCOUNT_APPLIED,
            discount_id=draw(st.sampled_from(["x", "y"])),
            line_id=draw(st.sampled_from([line, None])),
            amount="5.00",
        ),
        "type": lambda: hand.make(EventType.ORDER_TYPE_SET, order_type=draw(st.sampled_from(["eat_in", "take_away"]))),
        "wish": lambda: hand.make(EventType.PREFERENCE_SET, name="spice", value=draw(st.sampled_from(["hot", "mild"]))),
        "parked": lambda: hand.make(EventType.ORDER_PARKED, epoch=epoch),
        "resumed": lambda: hand.make(EventType.ORDER_RESUMED, epoch=epoch, from_epoch=epoch - 1, from_till=None),
        "taken": lambda: hand.make(EventType.ORDER_TAKEN_OVER, epoch=epoch, from_epoch=epoch - 1, from_till=2),
        "tab": lambda: hand.make(EventType.TAB_ASSIGNED, epoch=epoch, texts={"name": "Asha"}, tab_id=TAB),
        "swept": lambda: hand.make(EventType.SESSION_SWEPT, epoch=epoch, minutes=30),
        "discarded": lambda: hand.make(EventType.ORDER_DISCARDED, epoch=epoch, texts={"reason": "left"}),
        "started": lambda: hand.make(EventType.PAYMENT_STARTED, **money, key="k"),
        "approved": lambda: hand.make(EventType.PAYMENT_APPROVED, **money, tendered="50.00", change="10.00"),
        "declined": lambda: hand.make(EventType.PAYMENT_DECLINED, **money),
        "placed": lambda: hand.make(EventType.ORDER_PLACED, lines=[{"line_ids": [line]}], total="40.00"),
        "unknown": lambda: hand.make("table_sung_to"),
        "damaged": lambda: hand.make(EventType.ITEM_ADDED, line_id=line),
    }
    return makers[draw(st.sampled_from(sorted(makers)))]()


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """What two tills made of one order, sorted by id: the second follows what it had seen of the first."""
    one, two = Hand(1), Hand(2, seed=2)
    events = [one.opened()]
    for _place in range(draw(st.integers(0, 14))):
        hand = draw(st.sampled_from([one, two]))
        hand.after = max(event.id for event in events)
        events.append(_random_event(draw, hand))
    return sorted(events, key=lambda event: event.id)


@given(histories(), st.randoms(use_true_random=False), st.integers(0, 10))
def test_any_order_of_arrival_and_any_repeat_fold_alike(
    events: list[Event], chance: random.Random, repeats: int
) -> None:
    arrived = events + [chance.choice(events) for _place in range(repeats)]
    chance.shuffle(arrived)
    assert _state(fold(arrived)) == _state(fold(events))


@given(histories())
def test_one_event_at_a_time_is_the_same_as_all_at_once(events: list[Event]) -> None:
    order: Order | None = None
    for place, event in enumerate(events, 1):
        order = apply(order, event)
        assert _state(order) == _state(fold(events[:place]))


@given(histories())
def test_nothing_that_was_keyed_is_lost_or_doubled(events: list[Event]) -> None:
    order = folded(*events)
    # `item_added` of a line id is made once; the strategy may make it again, and then the last stands
    keyed = {
        e.data["line_id"]: e.data["quantity"] for e in events if e.type == EventType.ITEM_ADDED and len(e.data) > 1
    }
    changes = [(e.data["line_id"], e.data["by"]) for e in events if e.type == EventType.QUANTITY_CHANGED]
    void = {e.data["line_id"] for e in events if e.type == EventType.LINE_VOIDED}
    for line_id, quantity in keyed.items():
        expected = max(0, quantity + sum(by for line, by in changes if line == line_id))
        assert order.lines[line_id].quantity == (0 if line_id in void else expected)


@given(histories())
def test_money_wins_over_any_status(events: list[Event]) -> None:
    order = folded(*events)
    if any(event.type == EventType.ORDER_PLACED for event in events):
        assert order.status is Status.COMPLETED
        assert order.till is None


def test_nothing_is_an_order_until_it_was_opened() -> None:
    hand = Hand()
    assert fold([]) is None
    assert fold([hand.added()]) is None


def test_an_order_begins_as_it_was_opened() -> None:
    order = folded(Hand(till=3, user=7).opened(ref="sale 12"))
    assert (order.id, order.user, order.till, order.terms) == (SESSION, 7, 3, INR)
    assert (order.status, order.hold_epoch, order.ref, order.is_empty) == (Status.ACTIVE, 1, "sale 12", True)


@pytest.mark.parametrize(
    "damage", [{"currency": None}, {"cash_rounding": "x"}, {"user": None}, {"tax_rounding": None}, {"user": [1]}]
)
def test_an_order_without_its_terms_is_refused_in_a_sentence(damage: dict[str, Any]) -> None:
    data = {"user": 1, "order_type": "take_away", **INR.to_data()} | damage
    with pytest.raises(EventError, match="An order does not read"):
        fold([Hand().make(EventType.ORDER_OPENED, **data)])


# Lines


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


# Status


def test_a_park_of_before_a_takeover_is_only_a_notice() -> None:
    one, two = Hand(1), Hand(2)
    opened = one.opened()
    two.after = opened.id
    taken = two.make(EventType.ORDER_TAKEN_OVER, epoch=2, from_epoch=1, from_till=1)
    one.after = taken.id
    order = folded(opened, taken, one.make(EventType.ORDER_PARKED), one.make(EventType.ORDER_DISCARDED))
    assert (order.status, order.till, order.hold_epoch) == (Status.ACTIVE, 2, 2)
    assert order.notices[0] == "Till 1 was late with “order_parked”: another till had the order by then."
    assert len(order.notices) == 2


def test_what_a_till_keyed_before_it_knew_of_the_takeover_is_kept() -> None:
    one, two = Hand(1), Hand(2)
    opened = one.opened()
    two.after = opened.id
    taken = two.make(EventType.ORDER_TAKEN_OVER, epoch=2, from_epoch=1, from_till=1)
    order = folded(opened, taken, two.added("b"), one.added("a"))
    assert order.total == 8_000


def test_an_order_goes_aside_and_comes_back() -> None:
    hand = Hand()
    opened, parked = hand.opened(), hand.make(EventType.ORDER_PARKED)
    order = folded(opened, parked)
    assert (order.status, order.till, order.logout_time) == (Status.PENDING_LOGOUT, None, parked.at)
    order = folded(opened, parked, hand.make(EventType.ORDER_RESUMED, epoch=2, from_epoch=1, from_till=None))
    assert (order.status, order.till, order.logout_time, order.hold_epoch) == (Status.ACTIVE, 1, None, 2)


def test_a_sweep_puts_aside_and_leaves_the_holder_named() -> None:
    one, server = Hand(1), Hand(0)
    opened = one.opened()
    server.after = opened.id
    swept = server.make(EventType.SESSION_SWEPT, minutes=30)
    order = folded(opened, swept)
    assert (order.status, order.till) == (Status.PENDING_LOGOUT, 1)


def test_a_sweep_of_before_a_takeover_is_only_a_notice() -> None:
    one, server = Hand(1), Hand(0)
    opened = one.opened()
    taken = one.make(EventType.ORDER_TAKEN_OVER, epoch=2, from_epoch=1, from_till=2)
    server.after = taken.id
    order = folded(opened, taken, server.make(EventType.SESSION_SWEPT, minutes=30))
    assert order.status is Status.ACTIVE
    assert len(order.notices) == 1


def test_a_sweep_leaves_a_tab_alone() -> None:
    hand = Hand()
    order = folded(
        hand.opened(),
        hand.added(),
        hand.make(EventType.TAB_ASSIGNED, texts={"name": "Asha"}, tab_id=TAB, table_number=7),
        hand.make(EventType.SESSION_SWEPT, minutes=30),
    )
    assert order.status is Status.ASSIGNED_TO_TAB
    assert order.tab is not None
    assert (order.tab.id, order.tab.name, order.tab.table_number, order.till) == (TAB, "Asha", 7, None)


@pytest.mark.parametrize("before", [EventType.ORDER_PARKED, EventType.ORDER_DISCARDED, EventType.TAB_ASSIGNED])
def test_money_completes_what_was_put_away(before: EventType) -> None:
    hand = Hand()
    events = [hand.opened(), hand.added(), hand.make(before, tab_id=TAB)]
    assert folded(*events).status is not Status.ACTIVE
    order = folded(*events, hand.make(EventType.ORDER_PLACED, lines=[], total="40.00"))
    assert order.status is Status.COMPLETED


def test_nothing_brings_a_completed_order_back() -> None:
    hand = Hand()
    opened, added = hand.opened(), hand.added("a")
    placed = hand.make(EventType.ORDER_PLACED, lines=[{"line_ids": ["a"]}], total="40.00")
    order = folded(
        opened,
        added,
        placed,
        hand.make(EventType.ORDER_TAKEN_OVER, epoch=2, from_epoch=1, from_till=1),
        hand.make(EventType.ORDER_DISCARDED, epoch=2),
        hand.make(EventType.SESSION_SWEPT, epoch=2, minutes=30),
    )
    assert (order.status, order.till) == (Status.COMPLETED, None)
    assert order.placed is not None
    assert order.placed.event_id == placed.id
    assert order.placed.covered == {"a"}


def test_a_second_completion_is_for_a_manager() -> None:
    hand = Hand()
    opened, first = hand.opened(), hand.make(EventType.ORDER_PLACED, lines=[], total="40.00")
    order = folded(opened, first, hand.make(EventType.ORDER_PLACED, lines=[], total="80.00"))
    assert order.placed is not None
    assert order.placed.event_id == first.id
    assert order.notices == ("Till 1 was paid for this order too. A manager must look.",)


# Money


def _money(hand: Hand, kind: EventType, payment: str = "p", amount: str = "40.00", **more: Any) -> Event:
    return hand.make(kind, payment_id=payment, tender="CASH", amount=amount, **more)


def test_only_approved_payments_count() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 2), _money(hand, EventType.PAYMENT_STARTED)]
    order = folded(*events)
    assert (order.paid, order.due) == (0, 8_000)
    assert order.pending_payment is not None
    events.append(_money(hand, EventType.PAYMENT_APPROVED, tendered="50.00", change="10.00"))
    order = folded(*events)
    assert (order.paid, order.due, order.pending_payment) == (4_000, 4_000, None)
    assert (order.payments["p"].tendered, order.payments["p"].change) == (5_000, 1_000)
    events.append(_money(hand, EventType.PAYMENT_VOIDED))
    assert folded(*events).paid == 0


def test_a_start_that_comes_late_does_not_open_a_payment_again() -> None:
    hand = Hand()
    order = folded(
        hand.opened(), _money(hand, EventType.PAYMENT_APPROVED), _money(hand, EventType.PAYMENT_STARTED, key="k")
    )
    assert order.payments["p"].state is PaymentState.APPROVED


def test_money_beyond_any_single_price_counts() -> None:
    hand = Hand()
    order = folded(hand.opened(), _money(hand, EventType.PAYMENT_APPROVED, amount="15998400.00"))
    assert (order.paid, order.notices) == (1_599_840_000, ())


# What does not read


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


# What the rest of the till asks of it


def test_the_steps_of_the_documents() -> None:
    hand = Hand()
    events = [hand.opened()]
    steps = [folded(*events).step]
    for event in (
        hand.added("a"),
        _money(hand, EventType.PAYMENT_STARTED),
        hand.make(EventType.ORDER_PLACED, lines=[], total="40.00"),
    ):
        events.append(event)
        steps.append(folded(*events).step)
    assert steps == ["browsing", "ordering", "checkout", "order_placed"]


def test_the_item_last_mentioned() -> None:
    hand = Hand()
    opened, idly = hand.opened(), hand.added("a")
    dosa = hand.added("b", item_id="dosa", item_name="Masala Dosa")
    order = folded(opened, idly, dosa)
    assert (order.last_item, order.last_line and order.last_line.id) == (("dosa", "Masala Dosa"), "b")
    order = folded(opened, idly, dosa, hand.changed("a", 1), hand.voided("b"))
    assert (order.last_item, order.last_line and order.last_line.id) == (("idly", "Idly"), "a")
