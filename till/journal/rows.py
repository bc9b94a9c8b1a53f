"""Events as rows: the canonical body, its hash, and the free texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from till.domain.errors import EventError
from till.domain.events.envelope import canonical, sha256, texts_to_data
from till.domain.streams import REGISTRY, unseal
from till.journal.errors import JournalDamagedError

if TYPE_CHECKING:
    from till.domain.events.envelope import Event


def list_of(event: Event) -> str | None:
    """Return the list that an event belongs to, even if it is unreadable here; None for most events."""
    kind = REGISTRY.find(event.type)
    return (kind.listed or None) if kind is not None else None


def sealed_row(event: Event) -> tuple[str, str, str]:
    """Return the hash, body and texts of an event."""
    body = event.body
    if sha256(body) != event.hash:
        raise EventError
    return event.hash, body, canonical(texts_to_data(event)) if event.texts else ""


def read_row(sealed: str, body: str, texts: str) -> Event:
    """Return the event of a row.

    Raises:
        JournalDamagedError: the row is damaged.
    """
    try:
        beside: Any = json.loads(texts) if texts else None
        return unseal(body, sealed, beside, looked_at=True)
    except (EventError, ValueError, TypeError, AttributeError, KeyError) as problem:
        raise JournalDamagedError from problem


def document_of(event: Event) -> tuple[str | None, int | None]:
    """Return the series and number of an event's document; None and None if it has none."""
    document = event.data.document
    series = document.rstrip("0123456789")
    return (series, int(document[len(series) :])) if series != document else (None, None)
