from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, cast

from tests.tui.shell.test_idle import played_idle
from till.domain.errors import JournalError
from till.tui.shell.idle import IdleClock
from till.wiring import till as wiring
from till.wiring.parts import WallClock

if TYPE_CHECKING:
    from datetime import datetime

    import pytest

    from till.journal import JournalFile
    from till.register.drawer import Drawer


class FullDisk:
    """A journal whose disk was full once."""

    def __init__(self) -> None:
        self.tidied = 0
        self.pruned = asyncio.Event()

    def tidy(self) -> None:
        self.tidied += 1
        if self.tidied == 1:
            raise JournalError

    def prune(self, _days: int, *, now: datetime) -> int:
        assert now.tzinfo is not None
        self.pruned.set()
        return 0


async def test_a_disk_that_was_full_once_is_looked_after_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "_TIDY_S", 0.001)
    monkeypatch.setattr(wiring, "_HOUR_S", 0.002)
    journal = FullDisk()
    keeping = asyncio.create_task(wiring.keep_house(cast("JournalFile", journal), 7, WallClock().now))
    waiting = asyncio.create_task(journal.pruned.wait())
    await asyncio.wait({keeping, waiting}, return_when=asyncio.FIRST_COMPLETED)
    ended = keeping.done()
    waiting.cancel()
    keeping.cancel()
    assert journal.pruned.is_set()
    assert not ended


class SlowBooks:
    """The drawer of a till with much to read, on a disk that fails once."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def catch_up(self, most: int) -> bool:
        self.asked.append(most)
        if len(self.asked) == 2:
            raise JournalError
        return True


def test_books_are_kept_in_pauses_between_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "_NEXT_S", 0.001)
    monkeypatch.setattr(wiring, "_BOOKS_S", 0.001)

    async def story() -> None:
        books, idle = SlowBooks(), IdleClock()
        keeping = asyncio.create_task(wiring._keep_books(cast("Drawer", books), idle))
        for _ in range(10):
            idle.press()
            await asyncio.sleep(0.002)
        assert books.asked == []
        await asyncio.sleep(0.05)
        assert len(books.asked) > 2
        assert not keeping.done()

    played_idle(monkeypatch, story())


def test_the_even_clock_goes_on_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = {time.CLOCK_BOOTTIME: 3600.0, time.CLOCK_MONOTONIC: 60.0}
    monkeypatch.setattr(time, "clock_gettime", clocks.__getitem__)
    assert WallClock().monotonic() == 3600
