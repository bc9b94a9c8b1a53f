"""The push: the till's overhead over PostgreSQL's own time, compared with pgbench and the same requests."""

from __future__ import annotations

from contextlib import ExitStack, closing
from itertools import chain
from typing import TYPE_CHECKING, Final

from bench import pgbench
from bench.recording import Backlog, Push, Recording, Sender, When, record
from bench.table import Figure, Sample, at_least, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.testbed import Bench, Database

#: Requests of one connection. The first ones load its plans, for both programs, and are not counted.
_BLOCK: Final = 120
_WARM: Final = 20
#: Rounds of two pairs each for the backlog.
_ROUNDS: Final = 2
AGAINST: Final = "pgbench, same requests"


def _record(testbed: Bench, orders: int, when: When) -> Recording:
    with testbed.database() as database:
        return record(testbed.new_folder(), database, testbed.secrets[1], orders, when)


def _send(database: Database, requests: Sequence[str]) -> list[float]:
    with closing(Sender(database)) as sender:
        return [sender.send(request) for request in requests]


def _blocks(pushes: Sequence[Push]) -> list[list[str]]:
    texts = [push.text for push in pushes]
    return [texts[start : start + _BLOCK] for start in range(0, len(texts), _BLOCK)]


def compare(testbed: Bench, recording: Recording, program: Path) -> tuple[Sample, Sample]:
    """Measure milliseconds of each push by the till's connection and by pgbench, in blocks, in turn."""
    own: list[list[float]] = []
    limit: list[list[float]] = []
    folder = testbed.new_folder()
    with testbed.database() as one, testbed.database() as other:
        for database in (one, other):
            _send(database, [recording.first.text])
        for number, block in enumerate(_blocks(recording.pushes)):
            for place in (number % 2, 1 - number % 2):
                if place:
                    limit.append(pgbench.time_pushes(program, other.app, block, folder)[_WARM:])
                else:
                    own.append(_send(one, block)[_WARM:])
        for database in (one, other):
            recording.check_taken(database)
    return Sample.of(chain.from_iterable(own), 1000), Sample.of(chain.from_iterable(limit), 1000)


def _single(testbed: Bench) -> Iterator[Figure]:
    program = pgbench.find()
    if program is None:
        recording = _record(testbed, 100, When.COMMAND)
        with testbed.database() as database:
            own = Sample.of(_send(database, [recording.first.text, *(push.text for push in recording.pushes)]), 1000)
        against = "there is no pgbench here"
        yield Figure("push of one command, median", own.median, "ms", None, against, within(1.5), own)
        return
    orders = 240 if testbed.full else 100
    own, limit = compare(testbed, _record(testbed, orders, When.COMMAND), program)
    yield Figure("push of one command, median", own.median, "ms", limit.median, AGAINST, within(1.5), own)
    yield Figure("push of one command, p95", own.p95, "ms", limit.p95, AGAINST)
    yield Figure("  pgbench", limit.median, "ms", sample=limit)


def _replay(program: Path, database: Database, recording: Recording, folder: Path) -> float:
    """Send the pushes of a recording to a fresh database by pgbench. Return events per second."""
    _send(database, [recording.first.text])
    texts = [push.text for push in recording.pushes]
    seconds = sum(pgbench.time_pushes(program, database.app, texts, folder))
    recording.check_taken(database)
    return recording.events / seconds


def backlog_round(testbed: Bench, program: Path, orders: int) -> list[tuple[float, float]]:
    """Return events per second of two pairs of till and pgbench, run in the order till, pgbench, pgbench, till.

    The second till has a backlog of the same orders with other ids. pgbench sends the first backlog twice.
    """
    folder = testbed.new_folder()
    with ExitStack() as stack:
        databases = [stack.enter_context(testbed.database()) for _each in range(4)]
        first, last = (
            stack.enter_context(closing(Backlog(testbed.new_folder(), database, testbed.secrets[1], orders)))
            for database in (databases[0], databases[3])
        )
        recording, seconds = first.send()
        own = recording.events / seconds
        limits = [_replay(program, database, recording, folder) for database in databases[1:3]]
        recording, seconds = last.send()
        return [(own, limits[0]), (recording.events / seconds, limits[1])]


def _batched(testbed: Bench) -> Iterator[Figure]:
    program = pgbench.find()
    if program is None:
        return
    rounds = (backlog_round(testbed, program, 600 if testbed.full else 200) for _round in range(_ROUNDS))
    pairs = list(chain.from_iterable(rounds))
    own, limit = (Sample(values) for values in zip(*pairs, strict=True))
    ratios = Sample.of(mine / theirs for mine, theirs in pairs)
    yield Figure("push of a backlog", own.median, "events/s", limit.median, AGAINST, at_least(0.8), own, ratios)
    yield Figure("  its least ratio in a pair", min(ratios.values), "×", sample=ratios)


#: Single pushes, and a backlog in batches.
PARTS: Final = (_single, _batched)
