"""The words for events in a till's day, where they depend on the event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.domain.making import SESSION, A, B, Hand, uid
from till.domain.order.events import (
    AgeChecked,
    ItemAdded,
    LinesMoved,
    LineVoided,
    MovedLine,
    OrderDiscarded,
    OrderGranted,
    QuantityChanged,
    Removed,
)

if TYPE_CHECKING:
    from till.domain.events.registry import EventData

OPENED, SENT = (Removed(item_name="Idly", pieces=1, amount="40.00", sent=sent) for sent in (False, True))
LINE = MovedLine(line_id=A, item_id="idly", item_name="Idly", quantity=1, price="40.00", till=1, taxes=())


def _granted(from_till: int | None) -> OrderGranted:
    return OrderGranted(till=1, journal=SESSION, user=1, from_till=from_till)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (AgeChecked(years=18, passed=True), "The guest is {years}"),
        (AgeChecked(years=18, passed=False), "The guest is not {years}"),
        (QuantityChanged(line_id=A, taken_off=1), "{taken_off} × {item} taken off"),
        (QuantityChanged(line_id=A, taken_off=1, removed=OPENED), "{taken_off} × {item} taken off"),
        (QuantityChanged(line_id=A, taken_off=1, removed=SENT), "{taken_off} × {item} taken off, after it was sent"),
        (LineVoided(line_id=A), "{item} voided: {reason}"),
        (LineVoided(line_id=A, removed=OPENED), "{item} voided: {reason}"),
        (LineVoided(line_id=A, removed=SENT), "{item} voided after it was sent: {reason}"),
        (OrderDiscarded(line_ids=()), "Order cleared: {reason}"),
        (OrderDiscarded(line_ids=(A,), removed=(OPENED,)), "Order cleared: {reason}"),
        (OrderDiscarded(line_ids=(A, B), removed=(OPENED, SENT)), "Order cleared after it was sent: {reason}"),
        (LinesMoved(to_session=uid("x"), line_ids=(A,)), "1 line moved"),
        (LinesMoved(to_session=uid("x"), line_ids=(A, B)), "2 lines moved"),
        (LinesMoved(from_session=uid("x"), lines=(LINE,)), "1 line moved"),
        (LinesMoved(from_session=uid("x"), lines=(LINE, LINE)), "2 lines moved"),
        (_granted(None), "Taken over"),
        (_granted(1), "Granted to a till"),
        (_granted(2), "Taken over from till {from_till}"),
        (ItemAdded(line_id=A, item_id="idly", item_name="Idly", quantity=1, price="1", taxes=()), None),
    ],
)
def test_event_is_worded_by_its_data(data: EventData, sentence: str | None) -> None:
    assert data.sentence == (data.called if sentence is None else sentence)
    assert data.document == ""


def test_sale_is_named_by_its_receipt() -> None:
    assert Hand(till=3).placed("a").data.document == "3-000001"
