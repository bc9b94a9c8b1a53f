"""Faults that are planted on purpose, one of each kind: a simulation that does not find them proves nothing."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from till.domain.order.line import Line
from till.ports import Head
from till.register.other_tills.late_lines import Lateness
from till.sync.engine import Engine
from till.sync.intake import Intake
from till.sync.road import PUSH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.simulation.world import World
    from till.ports import Received
    from till.sync.failures import Failure
    from till.sync.messages import Arrived


def _nothing(_world: World) -> None:
    pass


@contextmanager
def event_dropped() -> Iterator[Callable[[World], None]]:
    """A till loses one of the events that come from others, and believes that it has them all."""
    opened = Intake._open

    def forgetful(intake: Intake, arrived: Arrived) -> Received | None:
        return None if arrived.h.startswith("7") else opened(intake, arrived)

    with mock.patch.object(Intake, "_open", forgetful):
        yield _nothing


@contextmanager
def push_not_idempotent() -> Iterator[Callable[[World], None]]:
    """The database takes what comes a second time for something new."""

    def change(world: World) -> None:
        exchange, server = world.server.exchange, world.server

        def again(statement: str, text: str) -> str:
            known = server.heads.get(json.loads(text).get("journal", ""), (0, ""))[0]
            reply = exchange(statement, text)
            if statement == PUSH:
                for event in json.loads(text)["events"]:
                    body = json.loads(event["b"])
                    if body["seq"] <= known:
                        _write_again(world, body["id"])
            return reply

        server.exchange = again

    yield change


def _write_again(world: World, event_id: str) -> None:
    world.server.base.owner.execute(
        "INSERT INTO warm.session_events (event_id, session_id, event_type, event_data, timestamp, journal_id, seq,"
        " till_id, store_id, user_id, hold_epoch, version, prev_hash, hash, body)"
        " SELECT gen_random_uuid(), session_id, event_type, event_data, timestamp, journal_id, seq + 1000000,"
        " till_id, store_id, user_id, hold_epoch, version + 1000000, prev_hash, hash, body"
        " FROM warm.session_events WHERE event_id = %s ON CONFLICT DO NOTHING",
        [event_id],
    )


@contextmanager
def void_not_winning() -> Iterator[Callable[[World], None]]:
    """A quantity that was changed brings a voided line back."""

    def quantity(line: Line) -> int:
        return 0 if line.void and not line.changed else line.shown_quantity

    with mock.patch.object(Line, "quantity", property(quantity)):
        yield _nothing


@contextmanager
def early_acknowledgement() -> Iterator[Callable[[World], None]]:
    """A till believes that what it sent has arrived, though no answer came."""
    fail = Engine.on_failure

    def believe(engine: Engine, failure: Failure, now: float) -> None:
        request, before = engine._in_flight, engine._journal.acked
        if request is None or not request.events:
            fail(engine, failure, now)
            return
        last = request.events[-1]
        engine._journal.acknowledge(Head(last.seq, last.hash))
        engine._went_well(request, before, now)

    with mock.patch.object(Engine, "on_failure", believe):
        yield _nothing


@contextmanager
def completion_without_barrier() -> Iterator[Callable[[World], None]]:
    """What was keyed too late for an order that was paid elsewhere is left where it is."""

    with mock.patch.object(Lateness, "_carry_on", return_value=None):
        yield _nothing


@contextmanager
def receipt_unflagged() -> Iterator[Callable[[World], None]]:
    """The database says nothing of a receipt number that was given twice."""

    def change(world: World) -> None:
        world.server.base.owner.execute(
            "CREATE OR REPLACE FUNCTION warm.flag_receipts(p_door warm.door, p_events warm.arrival[]) RETURNS boolean"
            " LANGUAGE sql AS 'SELECT false'"
        )

    yield change


#: By the name that `--plant` takes.
PLANTS: Final[dict[str, Any]] = {
    "event_dropped": event_dropped,
    "push_not_idempotent": push_not_idempotent,
    "void_not_winning": void_not_winning,
    "early_acknowledgement": early_acknowledgement,
    "completion_without_barrier": completion_without_barrier,
    "receipt_unflagged": receipt_unflagged,
}


@contextmanager
def planted(name: str | None) -> Iterator[Callable[[World], None]]:
    """Plant a fault for as long as this lasts; gives what changes the world that it is planted into."""
    if name is None:
        yield _nothing
    else:
        with PLANTS[name]() as change:
            yield change
