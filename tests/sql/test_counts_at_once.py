"""Counts of items beside the pushes of other tills: no figure is wrong however they meet, and no till waits."""

from __future__ import annotations

import random
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import OperationalError
from psycopg.types.json import Jsonb

from db.engine import connect
from tests.sql.conftest import template, venue
from tests.sql.ringing import IDLY, MENU, PRICES, Cart, Till, new_id, off
from tests.sql.test_left import count, left, reads, ring
from tests.sql.test_refunds import quarantined
from tests.sql.test_upkeep import age
from till.domain.events.envelope import sha256
from till.domain.ids import IdClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    import psycopg

    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

__all__ = ["template", "venue"]

PATIENCE = "CREATE OR REPLACE FUNCTION warm.longest_pause() RETURNS interval LANGUAGE sql AS $$ SELECT interval '{}' $$"
TRIES = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
SEEDS = 12


class Scene:
    """A venue whose tills have connections of their own, and transactions that a test ends."""

    def __init__(self, venue: Venue, database: Database, stack: ExitStack) -> None:
        self.venue, self._database, self._stack = venue, database, stack
        self.beside = stack.enter_context(ThreadPoolExecutor(2))
        for number in (3, 4):
            secret = sha256(f"secret {number}")
            venue.value("SELECT till.till_enrol_v1(%s, NULL, %s, NULL, %s)", venue.store, number, secret)

    def connection(self) -> psycopg.Connection[Any]:
        found = self._stack.enter_context(connect(self._database.app))
        found.execute("SET statement_timeout = '40s'")
        return found

    def till(self, number: int = 1) -> Till:
        till = self.venue.till(number)
        till.connection = self.connection()
        return till

    def patience(self, interval: str) -> None:
        self.venue.owner.execute(PATIENCE.format(interval).encode())

    def start(self, till: Till) -> Future[dict[str, Any]]:
        """Push beside this thread, and return once the push tries for the lock, or has its answer."""
        answer = self.beside.submit(till.push)
        while not answer.done() and not self.venue.value(TRIES, till.connection.info.backend_pid):
            pass
        return answer

    def more_items(self, monkeypatch: pytest.MonkeyPatch, number: int) -> list[str]:
        """Put items on the menu, and return their ids."""
        ids = [new_id() for _ in range(number)]
        for item in ids:
            monkeypatch.setitem(PRICES, item, (f"Item {item}", PRICES[IDLY][1]))
        rows = [
            {**MENU["items"][0], "id": item, "plu": place + 10, "name": PRICES[item][0], "aliases": [], "barcodes": []}
            for place, item in enumerate(ids)
        ]
        menu = {**MENU, "items": MENU["items"] + rows}
        self.venue.value("SELECT till.menu_import_v1(%s, 9, %s)", self.venue.store, Jsonb(menu))
        return ids


@pytest.fixture
def scene(venue: Venue, database: Database) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(venue, database, stack)


class Keys:
    """Keys of an item at the tills, as a person at the shelf knows them: pieces by the id of their event."""

    def __init__(self, seed: int) -> None:
        self.draws = random.Random(seed)  # noqa: S311 - a test repeats itself
        self.changes: list[tuple[str, int]] = []
        self.moments = [new_id()]
        self.lines: dict[str, tuple[Cart, int]] = {}

    def key(self, till: Till) -> None:
        """Key a line, or void one of this till."""
        if (own := [line for line, (cart, _) in self.lines.items() if cart.hold in till.holds.values()]) and (
            self.draws.random() < 0.4
        ):
            cart, pieces = self.lines.pop(self.draws.choice(own))
            line = next(iter(cart.lines))
            event = till.make("line_voided", cart.session, {"line_id": line, "removed": off(IDLY, pieces)})
            self.changes.append((event.id, -pieces))
        else:
            cart, line = ring(till, pieces := self.draws.randint(1, 4))
            self.lines[line] = cart, pieces
            self.changes.append((till.pending[-1].id, pieces))
        self.moments.append(new_id())

    def some(self, till: Till) -> None:
        """Key some, in pushes of their own."""
        for _ in range(self.draws.randint(0, 3)):
            self.key(till)
            assert till.push()["ok"]

    def since(self, moment: str) -> int:
        return sum(pieces for event, pieces in self.changes if event > moment)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_left_is_right_however_a_count_meets_pushes(scene: Scene, seed: int) -> None:
    """Pushes are open when the count looks, end while it tries for the lock, and begin meanwhile."""
    keys, counting, one, two, other = Keys(seed), *(scene.till(number) for number in (1, 2, 3, 4))
    scene.patience("1 minute")
    for till in (one, two, other):
        keys.some(till)
    if keys.draws.random() < 0.3:
        count(other, 50)  # which the other count replaces: it needs no lock
        keys.moments = [new_id()]
        assert other.push()["ok"]
    counting.push()
    keys.key(one)
    with one.connection.transaction():
        assert one.push()["ok"]
        keys.some(other)
        keys.key(two)
        with two.connection.transaction():
            assert two.push()["ok"]
            at = keys.draws.choice(keys.moments)
            counting.make("item_counted", None, {"item_id": IDLY, "left": 50}, event_id=at)
            answer = scene.start(counting)
            keys.some(other)
        keys.some(two)
        keys.some(other)
    keys.some(one)
    assert answer.result(30)["ok"]
    keys.some(two)
    assert left(scene.venue) == {IDLY: 50 - keys.since(at)}


def test_count_that_waits_keeps_nobody_waiting(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    thief, slow, honest = scene.till(), scene.till(2), scene.till(3)
    scene.patience("1 minute")
    at = new_id()
    ring(slow, 2)
    for item in scene.more_items(monkeypatch, 200):
        thief.make("item_counted", None, {"item_id": item, "left": 0}, event_id=at)
        at = new_id()
    with slow.connection.transaction():
        assert slow.push()["ok"]
        answer = scene.start(thief)
        honest.connection.execute("SET lock_timeout = '1ms'")
        ring(honest, 1)
        assert honest.push()["ok"], "it waits for no lock"
        assert not answer.done()
    assert answer.result(30)["ok"]
    assert scene.venue.value("SELECT count(*) FROM till.counts") == 200


@pytest.mark.parametrize("then", ["the next push", "the upkeep"])
def test_a_count_that_finds_no_lock_ends_who_holds_it_and_is_made_later(scene: Scene, then: str) -> None:
    thief, here, other = scene.till(2), scene.till(), scene.till(3)
    scene.patience("300 ms")
    at = new_id()
    cart, _line = ring(other, 2)
    other.shown(cart)
    thief.connection.execute("BEGIN")
    ring(thief, 5)
    assert thief.push()["ok"]
    here.make("item_counted", None, {"item_id": IDLY, "left": 12}, event_id=at)
    cart, _line = ring(here, 3)
    assert here.shown(cart)["ok"], "its sales go through"
    with pytest.raises(OperationalError):
        thief.connection.execute("SELECT 1")
    assert [reason[:52] for reason in quarantined(scene.venue)] == [
        "A program with the secret of till 2 held up the data"
    ]
    assert left(scene.venue) == {}
    if then == "the next push":
        scene.venue.owner.execute("UPDATE till.tills SET seen_at = NULL")
    else:
        scene.venue.value("SELECT warm.do_jobs(%s, 'clean', '{}', '{counts}')", scene.venue.store)
        assert left(scene.venue) == {IDLY: 12 - 2 - 3}
    ring(other, 1)
    assert other.push()["ok"]
    assert left(scene.venue) == {IDLY: 12 - 2 - 3 - 1}
    assert scene.venue.rows("SELECT FROM warm.counts_due") == []


def test_thirty_old_counts_read_what_one_reads(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    here, other = scene.venue.till(), scene.venue.till(2)
    items = scene.more_items(monkeypatch, 31)
    old = partial(IdClock(secrets.randbits).next, datetime.now(UTC) - timedelta(hours=22))
    for item in items * 4:
        ring(other, 1, item)
    assert other.push()["ok"]
    age(scene.venue, "10 hours")
    found: list[int] = []
    for chosen in (items[:1], items[1:], items):
        for item in chosen:
            here.make("item_counted", None, {"item_id": item, "left": 9, "keep": True}, event_id=old())
        found.append(reads(here))
    one, thirty, again = found
    assert thirty < one * 2, "one look for all of them"
    assert again < 5, "an item with an earlier count has its rows"
    assert left(scene.venue) == dict.fromkeys(items, 5)


@pytest.mark.parametrize(("pieces", "words"), [(0, "set 12 items to 0"), (5, "counted 12 items")])
def test_ten_counts_of_a_till_within_a_minute_are_told_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, pieces: int, words: str
) -> None:
    till = scene.venue.till()
    for item in (items := scene.more_items(monkeypatch, 14))[:12]:
        count(till, pieces, item)
    till.push()
    for item in items[12:]:
        count(till, pieces, item)
        till.push()
    (reason,) = quarantined(scene.venue)
    assert reason.startswith(f"Till 1 {words} at ")
