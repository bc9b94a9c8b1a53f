"""Faults that are planted on purpose, one of each kind: a simulation that does not find them proves nothing."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from tests.simulation.planted_money import MONEY
from tests.simulation.planting import nothing, reword
from till.domain.merge import settlement
from till.domain.order.line import Line
from till.ports import Head, Outcome
from till.register.other_tills.late_lines import LateLines
from till.register.payments.charges import Charges
from till.register.payments.checkout import Checkout
from till.sync.engine import Engine
from till.sync.intake import Intake
from till.sync.road import PUSH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.simulation.world import World
    from till.domain.order.state import Order
    from till.ports import Answer, Received
    from till.register.payments.charges import Course
    from till.sync.failures import Failure
    from till.sync.messages import Arrived


@contextmanager
def event_dropped() -> Iterator[Callable[[World], None]]:
    """A till loses one of the events that come from others, and believes that it has them all."""
    opened = Intake._open

    def forgetful(intake: Intake, arrived: Arrived) -> Received | None:
        return None if arrived.h.startswith("7") else opened(intake, arrived)

    with mock.patch.object(Intake, "_open", forgetful):
        yield nothing


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
        "INSERT INTO warm.session_events (event_id, session_id, stream_kind, stream_id, event_type, v, harmless,"
        " event_data, timestamp, journal_id, seq, till_id, store_id, user_id, hold_epoch, version,"
        " prev_hash, hash, body)"
        " SELECT gen_random_uuid(), session_id, stream_kind, stream_id, event_type, v, harmless,"
        " event_data, timestamp, journal_id, seq + 1000000, till_id, store_id, user_id, hold_epoch,"
        " version + 1000000, prev_hash, hash, body"
        " FROM warm.session_events WHERE event_id = %s ON CONFLICT DO NOTHING",
        [event_id],
    )


@contextmanager
def void_not_winning() -> Iterator[Callable[[World], None]]:
    """A voided line of which pieces were taken off before still counts."""

    def quantity(line: Line) -> int:
        return 0 if line.moved or (line.void and not line.taken) else line.shown_quantity

    with mock.patch.object(Line, "quantity", property(quantity)):
        yield nothing


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
        yield nothing


@contextmanager
def completion_without_barrier() -> Iterator[Callable[[World], None]]:
    """What was keyed too late for an order that was paid elsewhere is left where it is."""

    with mock.patch.object(LateLines, "_carry_on", return_value=None):
        yield nothing


@contextmanager
def receipt_unflagged() -> Iterator[Callable[[World], None]]:
    """The database says nothing of a receipt number that was given twice."""
    yield lambda world: reword(world, "warm.flag_sales", r"if o\.again then", "if false then")


@contextmanager
def pieces_dropped() -> Iterator[Callable[[World], None]]:
    """A line that was keyed with three pieces counts two of them."""

    def shown_quantity(line: Line) -> int:
        left = max(0, abs(line.keyed) - sum(one.pieces for one in line.taken))
        return left - 1 if line.keyed == 3 and left else left

    with mock.patch.object(Line, "shown_quantity", property(shown_quantity)):
        yield nothing


@contextmanager
def late_line_lost() -> Iterator[Callable[[World], None]]:
    """Of the lines that came too late for the end of an order, the last is forgotten."""
    leftovers = settlement.leftovers

    def forgetful(order: Order, till: int) -> list[str]:
        return leftovers(order, till)[:-1]

    with mock.patch.object(settlement, "leftovers", forgetful):
        yield nothing


@contextmanager
def second_payment_unseen() -> Iterator[Callable[[World], None]]:
    """Nobody says that an order was paid for by two tills."""

    words = "delete from till.conflicts where kind = 'paid_twice' and store_id = p_door.store_id; return flagged"

    def change(world: World) -> None:
        reword(world, "warm.flag_sales", r"return flagged", words)

    with mock.patch.object(settlement, "_paid_twice", return_value=()):
        yield change


@contextmanager
def line_in_two_orders() -> Iterator[Callable[[World], None]]:
    """What turns out to be in another order too is given up by nobody."""
    with mock.patch.object(settlement, "give_up", return_value=[]):
        yield nothing


@contextmanager
def receipt_given_twice() -> Iterator[Callable[[World], None]]:
    """Every fifth receipt of a till bears the number of the one before."""
    receipt = Checkout._receipt

    def repeated(checkout: Checkout) -> str:
        given = receipt(checkout)
        series, _dash, number = given.rpartition("-")
        return f"{series}-{int(number) - 1:06d}" if int(number) % 5 == 0 else given

    with mock.patch.object(Checkout, "_receipt", repeated):
        yield nothing


@contextmanager
def old_hold_snapshot() -> Iterator[Callable[[World], None]]:
    """The database takes a snapshot that was made under an older hold."""
    older = (
        r"and \(p_snapshot->>'hold_epoch'\)::bigint = s\.hold_epoch and \(p_snapshot->>'hold_id'\)::uuid = s\.hold_id"
    )
    yield lambda world: reword(world, "warm.save_session", r"s\.hold_till = p_door\.till_id and|" + older, "")


@contextmanager
def answer_dropped() -> Iterator[Callable[[World], None]]:
    """What a card terminal says of a charge that it took is not written down."""
    write = Charges._write

    def forgetful(charges: Charges, course: Course, answer: Answer) -> tuple[bool, bool]:
        return (True, False) if answer.outcome is Outcome.APPROVED else write(charges, course, answer)

    with mock.patch.object(Charges, "_write", forgetful):
        yield nothing


@contextmanager
def charge_forgotten() -> Iterator[Callable[[World], None]]:
    """Nobody asks after a charge that had no answer at once: not its till, nor one that took its order over."""
    with mock.patch.object(Charges, "follow", return_value=None):
        yield nothing


#: By the name that `--plant` takes.
PLANTS: Final[dict[str, Any]] = {
    "event_dropped": event_dropped,
    "push_not_idempotent": push_not_idempotent,
    "void_not_winning": void_not_winning,
    "early_acknowledgement": early_acknowledgement,
    "completion_without_barrier": completion_without_barrier,
    "receipt_unflagged": receipt_unflagged,
    "pieces_dropped": pieces_dropped,
    "late_line_lost": late_line_lost,
    "second_payment_unseen": second_payment_unseen,
    "line_in_two_orders": line_in_two_orders,
    "receipt_given_twice": receipt_given_twice,
    "old_hold_snapshot": old_hold_snapshot,
    "answer_dropped": answer_dropped,
    "charge_forgotten": charge_forgotten,
    **MONEY,
}


@contextmanager
def planted(name: str | None) -> Iterator[Callable[[World], None]]:
    """Plant a fault for as long as this lasts; gives what changes the world that it is planted into."""
    if name is None:
        yield nothing
    else:
        with PLANTS[name]() as change:
            yield change
