"""The transfer of events from a lost journal into the chain of its successor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.events.envelope import reseal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.events.envelope import Event
    from till.ports import Head


def carried(events: Iterable[Event], journal_id: str, head: Head) -> list[Event]:
    """Return the events sealed again after `head`. They keep their ids, times, people and texts."""
    placed: list[Event] = []
    seq, before = head.seq, head.hash
    for event in events:
        seq += 1
        placed.append(reseal(event, journal_id=journal_id, seq=seq, prev_hash=before))
        before = placed[-1].hash
    return placed
