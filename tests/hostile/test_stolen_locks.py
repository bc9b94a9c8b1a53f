"""Transactions that somebody with one till's secret keeps open: other tills wait for them only for a moment."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from psycopg import errors
from psycopg.pq import PGconn

from tests.sql.conftest import template, venue
from tests.sql.ringing import IDLY, Cart, Till, Venue
from tests.sql.test_refunds import quarantined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg.pq.abc import PGconn as LibpqConnection

    from tests.plugins.database import Database

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2
BRIEF = "CREATE OR REPLACE FUNCTION warm.{}() RETURNS interval LANGUAGE sql AS $$ SELECT interval '.2 s' $$"
REASON = "A program with the secret of till 2 held up the database until "


class Scene:
    """An honest till with an order, and somebody who locks that order by the secret of another till."""

    def __init__(self, venue: Venue, database: Database, stack: ExitStack) -> None:
        self.venue, self._database, self._stack = venue, database, stack
        self.honest, self.thief = venue.till(HONEST), venue.till(THIEF)
        self.cart = Cart()
        self.honest.open(self.cart)
        self.honest.add(self.cart, IDLY)
        assert self.honest.push()["ok"]
        assert self.thief.push()["ok"]
        asked = {"session": self.cart.session, "user": 1, "warned": True}
        self.grant = "till.grant_order_v1({})", self.thief.request() | asked
        self.push = "warm.sync_push_v1({})", self.thief.request(self.cart.snapshot(0))
        venue.owner.execute(BRIEF.format("longest_pause").encode())
        venue.app.execute("SET statement_timeout = '300ms'")

    def start(self, query: str, *arguments: object) -> LibpqConnection:
        """Send a query by a session of its own, with the tills' password and without any limit of time."""
        session = PGconn.connect(self._database.app.conninfo.encode())
        self._stack.callback(session.finish)
        session.exec_(b"SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        if arguments:
            session.send_query_params(query.encode(), [json.dumps(one).encode() for one in arguments])
        else:
            session.send_query(query.encode())
        session.flush()
        return session

    def hold(self, way: str, call: tuple[str, dict[str, object]]) -> None:
        """Lock the order, and keep its transaction open in some way."""
        function, request = call
        if way == "a statement that is not complete":
            session = self.start("BEGIN")
            while session.get_result():
                pass
            session.enter_pipeline_mode()
            session.send_query_params(f"SELECT {function.format('$1')}".encode(), [json.dumps(request).encode()])
            session.send_flush_request()
            session.flush()
        else:
            self.start(way.format(function.format("'" + json.dumps(request).replace("'", "''") + "'")))
        self.until("NOT EXISTS (SELECT FROM till.order_sessions WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)")

    def until(self, state: str) -> None:
        """Look until the database is in a state that concerns the order."""
        for _look in range(10_000):
            if self.venue.value(f"SELECT {state}", self.cart.session):
                return
        pytest.fail(state)

    def waits(self) -> bool:
        """Try to save a line; return True if the honest till's push reached its deadline."""
        self.honest.add(self.cart, IDLY)
        try:
            return not self.honest.push()["ok"]
        except errors.QueryCanceled:
            return True

    def hello(self, till: Till) -> str:
        """Connect again, and return the refusal."""
        return str(till.read("till.hello_v1", journal=till.journal).get("code", ""))


@pytest.fixture
def scene(venue: Venue, database: Database) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(venue, database, stack)


@pytest.mark.parametrize(
    "way",
    [
        "BEGIN; SELECT {}",
        "BEGIN; SELECT {}; SELECT pg_sleep(60)",
        "SELECT {}, pg_sleep(60)",
        "BEGIN; SELECT {}; SELECT count(*) FROM generate_series(1, 100000000000)",
        "a statement that is not complete",
    ],
)
@pytest.mark.parametrize("call", [lambda scene: scene.grant, lambda scene: scene.push], ids=["grant", "push"])
def test_a_till_that_waited_once_goes_on_when_it_connects_again(
    scene: Scene, way: str, call: Callable[[Scene], tuple[str, dict[str, object]]]
) -> None:
    scene.hold(way, call(scene))
    scene.hold(way, call(scene))  # waits for the first
    assert scene.waits()
    assert scene.hello(scene.honest) == ""
    assert scene.honest.push()["ok"]
    (reason,) = quarantined(scene.venue)
    assert reason.startswith(REASON)


def test_a_till_that_holds_others_up_again_and_again_is_refused_until_a_manager_settles_it(scene: Scene) -> None:
    venue, honest, thief = scene.venue, scene.honest, scene.thief
    most = venue.value("SELECT warm.most_hold_ups()")
    for _time in range(most):
        assert scene.hello(thief) == ""
        scene.hold("SELECT {}, pg_sleep(60)", scene.grant)
        assert scene.waits()
        assert scene.hello(honest) == ""
    assert honest.push()["ok"]
    refused = {
        thief.push()["code"],
        thief.ask(scene.cart)["code"],
        scene.hello(thief),
        thief.read("till.open_tabs_v1")["code"],
    }
    assert refused == {"holds_up"}
    records = venue.ask("quarantine_list_v1")["quarantine"]
    assert {(record["till"], record["bookable"]) for record in records} == {(THIEF, False)}
    assert len(records) == most
    venue.ask("quarantine_resolve_v1", 9, records[0]["id"], "its machine was stolen")
    assert thief.push()["ok"]
    assert scene.hello(thief) == ""


def test_a_push_that_waits_for_such_a_till_is_neither_ended_nor_blamed(scene: Scene) -> None:
    scene.hold("BEGIN; SELECT {}", scene.grant)
    scene.honest.add(scene.cart, IDLY)
    answer = scene.start("SELECT warm.sync_push_v1($1)", scene.honest.request())
    assert scene.waits()
    assert scene.hello(scene.honest) == ""
    result = answer.get_result()
    assert result is not None
    assert json.loads(result.get_value(0, 0) or b"")["ok"]
    (reason,) = quarantined(scene.venue)
    assert reason.startswith(REASON)


def test_a_push_that_waited_for_a_lock_too_long_is_ended_without_blame(scene: Scene) -> None:
    venue, honest = scene.venue, scene.honest
    venue.owner.execute(BRIEF.format("longest_call").encode())
    with venue.owner.transaction():
        venue.owner.execute("SELECT FROM till.order_sessions WHERE id = %s FOR UPDATE", [scene.cart.session])
        honest.add(scene.cart, IDLY)
        scene.start("SELECT warm.sync_push_v1($1)", honest.request())
        scene.until("EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid' AND %s <> '')")
        assert scene.waits()
        assert scene.hello(scene.thief) == ""
    assert honest.push()["ok"]
    assert quarantined(venue) == []


def test_a_wrong_secret_blames_nobody(scene: Scene) -> None:
    function, request = scene.grant
    scene.hold("BEGIN; SELECT {}", scene.grant)
    scene.start(f"SELECT {function.format('$1')}, pg_sleep(60)", request | {"till": HONEST})
    assert scene.waits()
    assert scene.hello(scene.honest) == ""
    assert [reason[: len(REASON)] for reason in quarantined(scene.venue)] == [REASON]
