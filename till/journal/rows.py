"""Events as rows: the canonical text, its hash, and the texts beside it."""

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
    """Return the list that an event is found in, also if it does not read yet; None for most."""
    kind = REGISTRY.find(event.type)
    return (kind.listed or None) if kind is not None else None


def sealed_row(event: Event) -> tuple[str, str, str]:
    """Return hash, body and texts of an event.

    Raises:
        EventError: its hash is not that of its body: it was changed after it was sealed.
    """
    body = event.body
    if sha256(body) != event.hash:
        raise EventError
    return event.hash, body, canonical(texts_to_data(event)) if event.texts else ""


def read_row(sealed: str, body: str, texts: str) -> Event:
    """Return the event of a row.

    Raises:
        JournalDamagedError: the row is not what was written.
    """
    try:
        beside: Any = json.loads(texts) if texts else None
        return unseal(body, sealed, beside, looked_at=True)
    except (EventError, ValueError, TypeError, AttributeError, KeyError) as problem:
        raise JournalDamagedError from problem


def document_of(event: Event) -> tuple[str | None, int | None]:
    """Return the series and number of the document that an event is about; None and None for none."""
    document = event.data.document
    series = document.rstrip("0123456789")
    return (series, int(document[len(series) :])) if series != document else (None, None)
