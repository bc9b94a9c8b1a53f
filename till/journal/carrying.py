"""The events of a lost journal, given a place in the chain of the one that follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.events.envelope import reseal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.events.envelope import Event
    from till.ports import Head


def carried(events: Iterable[Event], journal_id: str, head: Head) -> list[Event]:
    """Return the events sealed anew after `head`. Their ids, times, people and texts stay."""
    placed: list[Event] = []
    seq, before = head.seq, head.hash
    for event in events:
        seq += 1
        placed.append(reseal(event, journal_id=journal_id, seq=seq, prev_hash=before))
        before = placed[-1].hash
    return placed
