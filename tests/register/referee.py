"""A server that takes acts between orders: its own chain, without SQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from till.domain.events.envelope import NO_HASH, SERVER, canonical, sha256, texts_to_data
from till.domain.order.events import OrderOpened
from till.domain.streams import unseal
from till.ports import Received, SessionMark

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from till.domain.events.envelope import Event
    from till.ports import Transfer
    from till.register.register import Register

SERVER_JOURNAL = "0197a000-0000-7000-8000-000000000000"
T = TypeVar("T")


def at_once(asked: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that never waits."""
    try:
        asked.send(None)
    except StopIteration as done:
        given: T = done.value
        return given
    raise AssertionError("it waits")


def written_for(event: Event) -> Event:
    """Return an event of an act as the server writes it, in its own chain."""
    place = {"journal_id": SERVER_JOURNAL, "seq": 1, "prev_hash": NO_HASH, "till": SERVER, "for_till": event.till}
    body = canonical(json.loads(event.body) | place)
    return unseal(body, sha256(body), texts_to_data(event))


class Referee:
    """A server that takes each act of a till whole, and gives it to the till as the answer (`till.ports.Store.act`)."""

    def __init__(self, register: Register) -> None:
        self._register = register

    async def act(self, act: Transfer) -> None:
        self.write(act)

    def write(self, act: Transfer) -> list[Event]:
        """Take an act, and return its events in the server's chain."""
        events, till = [written_for(event) for event in act.events], self._register.till
        marks = [
            SessionMark(one.stream_id, one.data.user, till=till, holder=till, hold=one.id)
            for one in events
            if isinstance(one.data, OrderOpened)
        ]
        self._register.ledger.journal.receive([Received(1, event) for event in events], marks)
        self._register.sessions_grew(list(act.versions))
        return events
