"""Events as rows: the canonical text, its hash, and the texts beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import EventError
from till.domain.events.envelope import canonical, sha256, texts_to_data
from till.domain.order.events import OrderPlaced
from till.domain.refund.events import RefundEvent
from till.domain.streams import unseal
from till.journal.errors import JournalDamagedError

if TYPE_CHECKING:
    from till.domain.events.envelope import Event

#: Behind the series of a journal's receipts: its refunds, which count by themselves.
OF_REFUNDS: Final = "-R"


#: What is looked up by itself, of all orders.
PAYMENT: Final = "payment_started"
CORRECTION: Final = "tender_corrected"
CONFLICT: Final = "conflict_found"
REFUND: Final = "refund"
#: By the types of events. Money that is asked back has no answer either when the till stops: it is found as a payment.
_KINDS: Final = {"payment_return_started": PAYMENT} | {kind: kind for kind in (PAYMENT, CORRECTION, CONFLICT)}


def kind_of(event: Event) -> str | None:
    """What an event is looked up as; None for most."""
    return REFUND if isinstance(event.data, RefundEvent) else _KINDS.get(event.type)


def sealed_row(event: Event) -> tuple[str, str, str]:
    """Hash, body and texts of an event.

    Raises:
        EventError: its hash is not that of its body: it was changed after it was sealed.
    """
    body = event.body
    if sha256(body) != event.hash:
        raise EventError
    return event.hash, body, canonical(texts_to_data(event)) if event.texts else ""


def read_row(sealed: str, body: str, texts: str) -> Event:
    """The event of a row.

    Raises:
        JournalDamagedError: the row is not what was written.
    """
    try:
        beside: Any = json.loads(texts) if texts else None
        return unseal(body, sealed, beside, looked_at=True)
    except (EventError, ValueError, TypeError, AttributeError, KeyError) as problem:
        raise JournalDamagedError from problem


def receipt_of(event: Event) -> tuple[str | None, int | None]:
    """The series of the receipt that an event is about, and its number in it; None and None for none."""
    if not isinstance(event.data, OrderPlaced | RefundEvent):
        return None, None
    series, _dash, number = event.data.receipt.rpartition("-")
    if isinstance(event.data, RefundEvent) and number.startswith("R"):
        series, number = f"{series}{OF_REFUNDS}", number[1:]
    return (series, int(number)) if number.isdecimal() else (None, None)
