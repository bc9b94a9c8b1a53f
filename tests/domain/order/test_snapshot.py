"""The snapshot of an order, as the database shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.events.building import data_at_random
from tests.domain.making import Hand, folded, uid
from till.domain.events.envelope import SERVER, time_text
from till.domain.events.registry import name_of
from till.domain.order.events import LineVoided
from till.domain.order.evolve import apply
from till.domain.order.snapshot import snapshot
from till.domain.payment.events import CheckoutStarted, PaymentApproved, PaymentStarted
from till.domain.streams import REGISTRY

if TYPE_CHECKING:
    from till.domain.events.registry import EventData


def test_an_item_came_into_the_cart_when_the_first_of_its_lines_that_count_was_keyed() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a"), hand.added("b", item_id="dosa"), hand.added("c")]
    cart = snapshot(folded(*events), 0)["cart"]
    assert [(entry["item_id"], entry["added_at"]) for entry in cart] == [
        ("idly", time_text(events[1].at)),
        ("dosa", time_text(events[2].at)),
    ]
    events.append(hand.make(LineVoided(line_id=uid("a"), reason="dropped")))
    cart = snapshot(folded(*events), 0)["cart"]
    assert {entry["item_id"]: entry["added_at"] for entry in cart} == {
        "dosa": time_text(events[2].at),
        "idly": time_text(events[3].at),
    }


def test_the_cart_keeps_the_order_of_its_lines_though_the_clock_ran_back() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", item_id="zebra")]
    hand.now -= timedelta(hours=1)
    events += [hand.added("b", item_id="apple"), hand.added("c", item_id="mango")]
    cart = snapshot(folded(*events), 0)["cart"]
    assert [entry["item_id"] for entry in cart] == ["zebra", "apple", "mango"]
    times = [entry["added_at"] for entry in cart]
    assert times == sorted(set(times))


def test_the_intent_goes_from_what_is_asked_to_what_was_paid() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 2)]
    began = hand.make(CheckoutStarted())
    money: dict[str, Any] = {"payment_id": uid("p"), "tender": "CARD", "amount": "80.00"}
    paid = (
        hand.make(PaymentStarted(**money, key="k")),
        hand.make(PaymentApproved(**money, tendered="80.00", change="0")),
    )
    intents, checkouts = [], []
    for event in (began, *paid):
        events.append(event)
        shown = snapshot(folded(*events), 0)
        intents.append((shown["intent"]["status"], shown["intent"]["gateway"], shown["intent"]["amount"]))
        checkouts.append((shown["checkout"]["payment_method"], shown["checkout"]["started_at"]))
    assert intents == [("created", None, "80.00"), ("processing", "CARD", "80.00"), ("completed", "CARD", "80.00")]
    assert checkouts == [(None, time_text(began.at)), *[("card", time_text(began.at))] * 2]


@pytest.mark.parametrize("kind", [kind for kind in REGISTRY if kind.beside], ids=name_of)
@settings(max_examples=10)  # of each kind: what it holds is nothing to a snapshot
@given(data=st.data())
def test_event_beside_an_order_leaves_its_snapshot_as_it_was(kind: type[EventData], data: st.DataObject) -> None:
    """The database keeps the last snapshot when one comes (`warm.kinds_beside`)."""
    hand, other = Hand(), Hand(SERVER if kind.by_server else 2)
    events = [hand.opened(), hand.added("a", 2), hand.added("b")]
    other.knows(*events)
    order = folded(*events)
    after = apply(order, other.make(msgspec.convert(data.draw(data_at_random(kind)), kind)))
    assert after is not None
    assert snapshot(after, 1) == snapshot(order, 1) | {"updated_at": snapshot(after, 1)["updated_at"]}
