from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import INR, SESSION, START, TAB, Hand, folded, forged, uid
from till.domain.errors import EventError
from till.domain.events.registry import UnreadData
from till.domain.order.events import (
    AgeChecked,
    DiscountApplied,
    ItemAdded,
    LineModifier,
    LineNoted,
    LineRate,
    LineRated,
    LineSeated,
    LinesMoved,
    LineTypeSet,
    LineVoided,
    ModifiersSet,
    OrderDiscarded,
    OrderNoted,
    OrderParked,
    OrderResumed,
    OrderTypeSet,
    PreferenceSet,
    PriceOverridden,
    QuantityChanged,
    RecordSetAside,
    Refused,
    SessionSwept,
    TabAssigned,
    TaxRate,
)
from till.domain.order.evolve import apply, fold, holder_by, is_next
from till.domain.order.history import OrderHistory
from till.domain.order.snapshot import snapshot
from till.domain.order.state import Order, Status
from till.domain.payment.events import PaymentApproved, PaymentDeclined, PaymentStarted, TenderCorrected
from till.domain.structs import replace

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from till.domain.events.envelope import Event


_TYPES = ("", "take_away")
AWAY = LineRate(order_type="take_away", taxes=(TaxRate(name="VAT", rate="0"),), price="30.00")
HOT = LineModifier(name="hot", price="-41.00", group="spice")


def _state(order: Order | None) -> Any:
    """Return every value of an order, and its total."""
    return order and (order, order.total, order.priced.rows, order.priced.voids, order.paid, snapshot(order, 0))


@st.composite
def _random_events(draw: st.DrawFn, hand: Hand, known: list[Event]) -> Event:
    line = draw(st.sampled_from("abcd"))
    money: dict[str, Any] = {"payment_id": uid(draw(st.sampled_from("pq"))), "tender": "CASH", "amount": "40.00"}
    makers: dict[str, Callable[[], Event]] = {
        "added": lambda: hand.added(line, draw(st.integers(1, 5))),
        "changed": lambda: hand.changed(line, draw(st.integers(1, 4))),
        "voided": lambda: hand.voided(line),
        "undone": lambda: hand.undone(draw(st.sampled_from(known))),
        "discount": lambda: hand.make(DiscountApplied(line_id=draw(st.sampled_from([uid(line), None])), amount="5.00")),
        "noted": lambda: hand.make(LineNoted(line_id=uid(line), note=draw(st.sampled_from(["", "no onion", "hot"])))),
        "chosen": lambda: hand.make(ModifiersSet(line_id=uid(line), modifiers=draw(st.sampled_from([(), (HOT,)])))),
        "seated": lambda: hand.make(LineSeated(line_id=uid(line), seat=draw(st.sampled_from([None, 0, 2])), course=1)),
        "rated": lambda: hand.make(LineRated(line_id=uid(line), by_type=draw(st.sampled_from([(), (AWAY,)])))),
        "of type": lambda: hand.make(
            LineTypeSet(line_id=uid(line), order_type=draw(st.sampled_from(["", "take_away"])))
        ),
        "priced": lambda: hand.make(PriceOverridden(line_id=uid(line), was="40.00", price="35.00")),
        "of age": lambda: hand.make(AgeChecked(years=draw(st.sampled_from([18, 21])), passed=draw(st.booleans()))),
        "type": lambda: hand.make(OrderTypeSet(order_type=draw(st.sampled_from(["dine_in", "take_away"])))),
        "wish": lambda: hand.make(PreferenceSet(name="spice", value=draw(st.sampled_from(["hot", "mild"])))),
        "parked": lambda: hand.make(OrderParked()),
        "resumed": lambda: hand.make(OrderResumed(user=draw(st.sampled_from([None, 2])))),
        "granted": lambda: hand.took(user=draw(st.sampled_from([1, 2]))),
        "tab": lambda: hand.make(TabAssigned(tab_id=TAB, name="Asha")),
        "discarded": lambda: hand.make(OrderDiscarded(line_ids=(uid(line),), reason="left")),
        "away": lambda: hand.make(LinesMoved(to_session=uid("other"), line_ids=(uid(line),))),
        "started": lambda: hand.make(PaymentStarted(**money, key="k")),
        "approved": lambda: hand.make(PaymentApproved(**money, tendered="50.00", change="10.00")),
        "declined": lambda: hand.make(PaymentDeclined(**money)),
        "placed": lambda: hand.placed(line),
        "aside": lambda: hand.make(RecordSetAside(event=draw(st.sampled_from(known)).id, approved_by=9)),
        "unknown": lambda: hand.raw("table_sung_to"),
        "damaged": lambda: hand.raw("item_added", line_id=uid(line)),
    }
    return makers[draw(st.sampled_from(sorted(makers)))]()


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Draw the events of one order by three tills and the database, sorted by id.

    Each till writes after what it has seen, or while it is cut off. The clock of the third may be days behind.
    """
    days = timedelta(days=draw(st.sampled_from([0, 0, 3])))
    hands, server = [Hand(1), Hand(2, seed=2), Hand(3, seed=3, start=START - days)], Hand(0)
    events = [hands[0].opened()]
    for hand in hands[1:]:
        hand.knows(events[0])
    for _place in range(draw(st.integers(0, 14))):
        hand = draw(st.sampled_from(hands))
        if draw(st.booleans()):
            hand.after = max(event.id for event in events)
        if draw(st.integers(0, 15)):
            events.append(draw(_random_events(hand, events)))
        else:
            server.knows(*events)
            refused = tuple(one.id for one in events[1:] if one.by_till and not type(one.data).takes)[-2:]
            events.append(server.make(draw(st.sampled_from([SessionSwept(minutes=30), Refused(events=refused)]))))
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
        follows = is_next(order, event) and (order is not None or place == 1)
        order = apply(order, event) if follows else fold(events[:place])
        assert _state(order) == _state(fold(events[:place]))


@given(histories())
def test_nothing_that_was_keyed_is_lost_or_doubled(events: list[Event]) -> None:
    order = folded(*events)
    known = [event for event in events if event.id not in order.unread.keys() | order.refused]
    counting = [event.data for event in known if event.id not in order.undone]
    # `item_added` of a line id is made once; the strategy may make it again, and then the last stands
    keyed = {e.data.line_id: e.data.quantity for e in known if isinstance(e.data, ItemAdded)}
    taken = [(one.line_id, one.taken_off) for one in counting if isinstance(one, QuantityChanged)]
    void = {one.line_id for one in counting if isinstance(one, LineVoided)}
    for line_id, quantity in keyed.items():
        expected = max(0, quantity - sum(pieces for line, pieces in taken if line == line_id))
        assert order.lines[line_id].pieces == (0 if line_id in void else expected)


@given(histories())
def test_money_wins_over_any_status(events: list[Event]) -> None:
    order = folded(*events)
    if any(event.type == "order_placed" and event.id not in order.refused for event in events):
        assert order.status is Status.COMPLETED
        assert order.till is None


@given(histories())
def test_the_newest_grant_says_who_holds_an_order(events: list[Event]) -> None:
    order = folded(*events)
    holds = [event for event in events if type(event.data).takes]
    assert order.hold == max(event.hold for event in holds)
    assert order.holder == holder_by(max(holds, key=lambda event: event.hold))


def test_nothing_is_an_order_until_it_was_opened() -> None:
    hand = Hand()
    assert fold([]) is None
    assert fold([hand.added()]) is None
    assert fold([hand.raw("table_sung_to")]) is None


def test_a_record_by_a_clock_days_behind_counts_though_it_sorts_before_the_opening() -> None:
    hand, behind = Hand(), Hand(2, start=START - timedelta(days=3))
    corrected = TenderCorrected(order_id=uid("o"), payment_id=uid("p"), was="CASH", tender="CARD", amount="40.00")
    opened, correction = hand.opened(), behind.make(corrected)
    assert correction.id < opened.id
    order = folded(opened, hand.added("a"), correction)
    assert (order.corrected, order.total) == ({uid("p"): "CARD"}, 4_000)
    assert order.last_id > opened.id
    stood = OrderHistory([opened, correction]).after(opened.id)
    assert stood is not None
    assert stood.corrected == {uid("p"): "CARD"}


def test_an_order_begins_as_it_was_opened() -> None:
    order = folded(Hand(till=3, user=7).opened(ref="sale 12"))
    assert (order.id, order.user, order.till, order.terms) == (SESSION, 7, 3, INR)
    assert (order.status, order.ref, order.is_empty) == (Status.ACTIVE, "sale 12", True)
    assert (order.hold, order.holder) == (order.last_id, 3)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ({"currency": None}, None),
        ({"rounding": {"step": "0.001"}}, "0.001 has more decimals than this money has"),
        ({"user": None}, None),
        ({"tax_rounding": "both"}, None),
        ({"user": [1]}, None),
        ({"currency": "JPY", "rounding": {"step": "0.50"}}, "0.50 has more decimals than this money has"),
    ],
)
def test_an_order_without_its_terms_is_refused_in_a_sentence(damage: dict[str, Any], why: str | None) -> None:
    data: dict[str, Any] = {
        "user": 1,
        "order_type": "take_away",
        "currency": "INR",
        "prices_include_tax": True,
        "tax_rounding": "line",
    }
    assert fold([forged(Hand().opened(), data=data)]) is not None
    event = forged(Hand().opened(), data=data | damage)
    assert isinstance(event.data, UnreadData) == (why is None)
    with pytest.raises(EventError) as refused:
        fold([event])
    assert refused.value.sentence == f"An order cannot be read: {why or getattr(event.data, 'why', '')}."


@given(st.data())
def test_an_order_priced_by_the_one_before_is_priced_as_from_the_start(data: st.DataObject) -> None:
    hand = Hand()
    known = [hand.opened()]
    order = folded(*known)
    assert order.priced.rows == ()  # as a screen asks, which shows each; the later ones are asked below
    for _event in range(data.draw(st.integers(1, 12))):
        before = order
        known.append(data.draw(_random_events(hand, known)))
        after = apply(before, known[-1]) if is_next(before, known[-1]) else fold(known)
        assert after is not None
        order = after
        order.price_after(before)
        fresh = replace(order)
        assert order.priced == fresh.priced
        assert (order.total, order.priced.net, order.priced.pieces) == (
            fresh.total,
            fresh.priced.net,
            fresh.priced.pieces,
        )
        assert order.priced.taxes == fresh.priced.taxes


def test_a_frozen_order_stays_as_it_was_when_a_late_line_comes() -> None:
    one, two = Hand(1), Hand(2)
    events = [one.opened(), one.added("a")]
    two.knows(*events)
    events += [two.took(), two.added("b")]
    placed = one.placed("a")
    before = folded(*events[:2], placed)
    after = folded(*events, placed)
    assert before.placed is not None
    assert after.placed is not None
    assert (after.total, before.total) == (8_000, 4_000)
    assert after.placed.data == before.placed.data
    assert after.settled == before.settled == frozenset({uid("a")})


def test_the_newest_note_stands_and_one_that_is_undone_never_was() -> None:
    hand = Hand()
    opened = hand.opened()
    first, second = (hand.make(OrderNoted(note=words)) for words in ("rush", "no onions"))
    assert folded(opened, first, second).note == "no onions"
    undone = hand.undone(second)
    assert folded(opened, first, second, undone).note == "rush"
    assert folded(opened, first, second, undone, hand.make(OrderNoted())).note == ""
