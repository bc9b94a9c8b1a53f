"""Events as rows: the canonical text, its hash, and the texts beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from till.domain.errors import EventError
from till.domain.events.envelope import canonical, sha256, texts_to_data
from till.domain.order.events import OrderPlaced
from till.domain.streams import unseal
from till.journal.errors import JournalDamagedError

if TYPE_CHECKING:
    from till.domain.events.envelope import Event


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
    """What stands before the last dash of the receipt that an event gave, and its number; None and None for none."""
    if not isinstance(event.data, OrderPlaced):
        return None, None
    series, _dash, number = event.data.receipt.rpartition("-")
    return (series, int(number)) if number.isdecimal() else (None, None)
