"""A database that is frozen (SIGSTOP) neither answers nor disconnects: the till keeps selling."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from tests.e2e.terminal import PATIENCE
from tests.sync.real import Real, is_offline, is_saved, until
from till.sync.settings import Settings

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue
    from tests.sync.rig import Keys

#: A push follows its key at once, so that what is measured from the key is measured from the push.
AT_ONCE: Final = {"TILL_SYNC__DEBOUNCE_MS": "1", "TILL_SYNC__MAX_WAIT_MS": "1", "TILL_SYNC__DEADLINE_S": "2"}
#: A till that waits for a shorter time and asks more often, where that is not the subject.
SHORT: Final = {"TILL_SYNC__DEADLINE_S": "1", "TILL_SYNC__POLL_S": "0.5"}
#: Seconds that a busy machine may add. Whoever waits for the database waits for two at least.
SLACK: Final = 1.5
#: And for a command to start, in a process of its own.
START: Final = 2.0
BACKENDS: Final = "SELECT pid FROM pg_stat_activity WHERE usename = 'till_app'"
CART: Final = "SELECT item_name, quantity FROM hot.session_cart WHERE is_active"


@contextmanager
def frozen(venue: Venue, *, whole: bool = True) -> Iterator[None]:
    """Stop the server and the backends of all tills, or these alone, and resume them afterwards."""
    postmaster = venue.server.status().pid
    assert postmaster is not None
    pids = [*([postmaster] if whole else []), *(pid for (pid,) in venue.rows(BACKENDS))]
    with stopped(pids):
        yield


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def key_until(till: Terminal, text: str, lines: int) -> tuple[int, float]:
    """Key one idly after another until a text is on the screen; return their number and the slowest paint."""
    slowest = 0.0
    while text not in till.text:
        lines += 1
        keyed = time.monotonic()
        till.type("1 idly\r").wait_for(lambda t: t.quantities() == {"Idly": lines})  # noqa: B023 - awaited in the turn
        slowest = max(slowest, time.monotonic() - keyed)
        till.read_for(0.05)  # nobody keys faster
        assert lines < 2000, f"{text} was never shown"
    return lines, slowest


def timed(venue: Venue, command: tuple[str, ...]) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run a command: its end, and the seconds until then."""
    began = time.monotonic()
    return venue.run(*command), time.monotonic() - began


def ask_a_frozen_database(venue: Venue) -> None:
    """Run commands: each says within two seconds that the database does not answer."""
    asked = (("db", "status"), ("report", "sales"), ("admin", "sessions", "list"))
    with ThreadPoolExecutor(2) as at_once:  # they wait; and more than two would wait for each other's start
        answering = at_once.map(partial(timed, venue), asked)
        listed = at_once.submit(venue.run, "recover", "--list").result()
        answers = list(answering)
    for command, (done, seconds) in zip(asked, answers, strict=True):
        assert seconds < 2 + SLACK + START, command
        assert done.returncode == 1, command
        assert "cannot be reached" in done.stdout + done.stderr, command
    assert "Nothing is open in the journals of this machine." in listed.stdout
    assert "The database was not asked" in listed.stderr
    assert listed.returncode == 1


def test_a_frozen_database_is_offline_within_two_seconds_all_goes_on_and_it_catches_up(venue: Venue) -> None:
    till = venue.open(more=AT_ONCE)
    venue.log_in(till).type("1 idly\r").wait_for("Total ₹40.00").wait_for("● saved")
    with frozen(venue):
        began = time.monotonic()
        lines, slowest = key_until(till, "▲ offline since ", 1)
        assert time.monotonic() - began < 2 + SLACK
        assert lines > 2
        till.type("1 idly\r").wait_for(lambda t: t.quantities() == {"Idly": lines + 1})
        ask_a_frozen_database(venue)
        till.press("f9").wait_for("Enter takes").type("\r").wait_for(", exact.")
        till.press("f12").wait_for("type a number").type("1\r1111\r").wait_for("No lines yet")
        till.type("3 idly\r").wait_for("Total ₹120.00")
    assert slowest < SLACK
    till.wait_for("● saved")
    assert venue.rows("SELECT total_amount::integer FROM cold.orders") == [(40 * (lines + 1),)]
    assert venue.rows(CART) == [("Idly", 3)]
    assert venue.rows("SELECT count(*)::integer FROM warm.session_events WHERE event_type = 'item_added'") == [
        (lines + 2,)
    ]
    assert "is up to date" in venue.run("db", "status").stdout


def test_tab_of_another_till_times_out_and_is_rung_again_while_the_database_is_frozen(
    venue: Venue,
) -> None:
    till, other = (venue.log_in(venue.open(number, more=SHORT), number) for number in (1, 2))
    other.type("2 idly\r").wait_for("Total ₹80.00").type("tab 7\r").wait_for("Saved to table 7").wait_for("● saved")
    till.press("f8").wait_for("80.00").press("escape").wait_for("F9 Pay")
    with frozen(venue):
        began = time.monotonic()
        till.type("tab 7\r").wait_for("Table 7 is on another till, and the network is down")
        assert time.monotonic() - began < 1 + SLACK
        till.press("escape").wait_for("F9 Pay").type("1 tea\r").wait_for("Total ₹20.00")
        till.press("f9").wait_for("Enter takes").type("\r").wait_for("Paid ₹20.00")
        till.type("tab 7\r").wait_for("Ring it again").type("r\r").wait_for("Table 7 is rung again")
        till.press("f9").wait_for("Enter takes").type("\r").wait_for("Paid ₹80.00")
    till.wait_for("● saved").wait_for("▲ 1 notice")
    other.wait_for("▲ 1 notice")
    assert venue.rows("SELECT total_amount::text FROM cold.orders ORDER BY 1") == [("20.00",), ("80.00",)]


def test_one_backend_that_is_stopped_is_waited_for_and_its_push_counts_once(venue: Venue) -> None:
    till = venue.open(more=AT_ONCE | SHORT)
    venue.log_in(till).type("1 idly\r").wait_for("Total ₹40.00").wait_for("● saved")
    with frozen(venue, whole=False):
        till.type("2 idly\r").wait_for("Total ₹120.00").wait_for("▲ offline since ")
    till.wait_for("● saved")
    assert venue.rows(CART) == [("Idly", 3)]
    assert len(venue.rows(BACKENDS)) == 1
    till.press("f9").wait_for("Enter takes").press("enter").wait_for("Paid ₹120.00").wait_for("● saved")
    assert venue.rows("SELECT total_amount::text FROM cold.orders") == [("120.00",)]
    assert venue.rows("SELECT sum(quantity)::integer FROM cold.order_item") == [(3,)]


def wait_until_blocked(real: Real, backend: int) -> None:
    """Ask again and again, each time a round trip, until a backend waits for a lock."""
    for _look in range(20_000):
        if real.value("SELECT pg_blocking_pids(%s)", backend):
            return
    raise AssertionError("the push never stood before the lock")


async def test_backend_stopped_in_a_push_holds_its_locks_and_nothing_is_saved_twice(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys()
    async with real.service(keys, Settings(debounce_ms=5, max_wait_ms=20, deadline_s=0.5)) as service:
        session = keys.open()
        assert await service.flush(5)
        backend = real.backend()
        with real.owner.transaction():
            real.owner.execute("SELECT FROM warm.journal_head FOR UPDATE")
            keys.add(session)
            await asyncio.to_thread(wait_until_blocked, real, backend)
            os.kill(backend, signal.SIGSTOP)
        try:
            await until(keys, is_offline)
            keys.add(session)
        finally:
            os.kill(backend, signal.SIGCONT)
        await until(keys, is_saved)
    assert real.logged(keys) == [1, 2, 3]


GRANTED: Final = """
SELECT s.status, s.till_id, s.hold_till FROM till.order_sessions AS s JOIN till.tabs AS t ON t.id = s.tab_id
WHERE t.name = 'table {}' AND EXISTS (
    SELECT FROM warm.session_events AS e WHERE e.session_id = s.id AND e.event_type = 'order_granted')
"""


def test_a_table_that_is_granted_after_the_till_stopped_waiting_is_put_back(venue: Venue) -> None:
    till, other = (venue.log_in(venue.open(number, more=SHORT), number) for number in (1, 2))
    other.type("2 idly\rtab 7\r").wait_for("Saved to table 7").type("2 idly\rtab 8\r").wait_for("Saved to table 8")
    other.wait_for("● saved")
    for table, keys, is_listed, is_late, is_here in (
        (7, "1 tea\r", "Enter adds", "Adding needs the server", "Added to table 7: 1 line"),
        (8, "", "Table 8: Ravi", "the network is down", "Table 8 is here: 1 line, ₹80.00."),
    ):
        if keys:
            till.type(keys).wait_for("Total ₹20.00").wait_for("● saved")
        till.press("f8").wait_for("2 open").type(f"{table}").wait_for(is_listed)
        with frozen(venue):
            till.type("\r").wait_for(is_late)
        ends = time.monotonic() + PATIENCE
        while (rows := venue.rows(GRANTED.format(table))) != [("assigned_to_tab", None, 1)]:
            assert time.monotonic() < ends, (table, rows)
            till.read_for(0.05)
        if not keys:
            till.press("escape")
        till.wait_for("● saved").press("f8").wait_for("2 open").type(f"{table}").wait_for(is_listed.partition(":")[0])
        till.type("\r").wait_for(is_here)
