"""kill -9 around the drawer: balance, shift and Z are as written, or as before."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.faults.killing import dies
from tests.wiring.test_shift_carried import Disk
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.plugins.terminals import Venue

ACTS: Final[dict[str, Callable[[Disk], Any]]] = {
    "first_float": lambda till: till.register.drawer.count({CASH: Minor(9_000)}, is_float=True),
    "movement": lambda till: till.register.drawer.move("paid_out", Minor(1_000), "milk"),
    "undo": lambda till: till.register.drawer.undo(till.register.drawer.status().last.movements[-1].id),  # type: ignore[union-attr]
    "count": lambda till: till.register.drawer.count({CASH: Minor(7_000)}, {CASH: Minor(5_000)}, to="safe"),
    "close": lambda till: till.register.drawer.close(),
    "sale": Disk.sell,
}
#: The acts before each that is killed.
BEFORE: Final[dict[str, tuple[str, ...]]] = {
    "first_float": (),
    "movement": ("sale",),
    "undo": ("sale", "movement"),
    "count": ("sale",),
    "close": ("sale", "movement"),
    "sale": ("sale", "close"),
}

WRITTEN: Final = "SELECT event_data FROM warm.session_events WHERE event_type = '{}'"
SCREEN: Final = ("till_started", "till_stopped")


def _state(till: Disk) -> tuple[Any, ...]:
    drawer = till.register.drawer
    last = drawer.status().last
    sums = drawer.sums() if drawer.shift() is not None else None
    closed = last.closed if last is not None else None
    return drawer.balance(), sums, closed, drawer.status().is_opening, len(last.counts) if last is not None else 0


@pytest.mark.parametrize("name", ACTS)
def test_an_act_on_the_drawer_is_written_whole_or_not_at_all(tmp_path: Path, name: str) -> None:
    till = Disk(tmp_path / "till-1.sqlite")
    for earlier in BEFORE[name]:
        ACTS[earlier](till)
    before = _state(till)
    till.journal.close()
    seen, statement = [], 0
    while dies(till, lambda _: ACTS[name](till), statement):
        till.start()
        seen.append(_state(till))
        assert till.journal.opened.set_aside is None
        if seen[-1] != before:
            break
        till.journal.close()
        statement += 1
    assert len(seen) > 2, "it was killed before its first statement, among them, and after the last"
    after = _state(till)
    assert {repr(one) for one in seen} <= {repr(before), repr(after)}
    till.journal.close()


@pytest.mark.disk
@pytest.mark.parametrize("seed", range(2))
def test_a_till_killed_at_a_drawer_shows_the_balance_of_what_it_wrote(venue: Venue, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - for the moment of a kill, not for a secret
    till = venue.open_at(1).wait_for("No lines yet").wait_for("● saved")
    began, ended = (len(venue.rows(WRITTEN.format(one))) for one in SCREEN)
    till.type("float 100\r").wait_for("Cash ₹100.00")
    for word in ("paid out 20 milk", "paid in 5 coins", "close"):
        till.type(f"{word}\r").read_for(chance.uniform(0, 0.1))
        till.kill9()
        till = venue.log_in(venue.open().wait_for("type a number")).wait_for("● saved")
    written = {one: venue.rows(WRITTEN.format(one)) for one in ("cash_moved", "shift_closed")}
    moved = sum(Decimal(data["amount"]) for (data,) in written["cash_moved"])
    for (data,) in written["shift_closed"]:
        assert [Decimal(one["closing"]) for one in data["sums"]["drawer"]] == [moved]
    assert [len(venue.rows(WRITTEN.format(one))) for one in SCREEN] == [began + 3, ended]
    till.press("f12").wait_for("type a number").press("ctrl+q").wait_for_end()
    assert venue.run("say", "--till", "1", "x").returncode in {0, 1}
    venue.url()
    assert [len(venue.rows(WRITTEN.format(one))) for one in SCREEN] == [began + 3, ended + 1], "a word begins no screen"
    assert venue.rows("SELECT count(*)::integer FROM warm.quarantine") == [(0,)]
