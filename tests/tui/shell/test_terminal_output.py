"""Output to a terminal that reads slowly, not at all, or once more."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from select import select
from typing import TYPE_CHECKING

from tests.e2e.terminal import PATIENCE
from till.tui.shell import terminal_output
from till.tui.shell.terminal_output import TerminalOutput, open_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

#: More than a pseudo-terminal holds that nobody reads.
FULL = 100_000


@contextmanager
def output(missed: Callable[[], None] = lambda: None) -> Iterator[tuple[int, TerminalOutput]]:
    """Yield the reading end of a terminal, and the output to it, which the test closes."""
    controller, terminal = pty.openpty()
    tty.setraw(terminal)
    own = open_again(terminal, os.O_WRONLY)
    assert own is not None
    try:
        yield controller, TerminalOutput(own, asyncio.get_running_loop(), str.encode, missed)
    finally:
        os.close(controller)
        os.close(terminal)


def paint(written: TerminalOutput, text: str) -> None:
    written.write(text[: len(text) // 2])
    written.write(text[len(text) // 2 :])
    written.flush()


def read(controller: int, end: bytes) -> bytes:
    """Read up to an end."""
    found = b""
    while not found.endswith(end):
        assert select([controller], [], [], PATIENCE)[0], found[-100:]
        found += os.read(controller, 65536)
    return found


async def test_a_paint_is_written_at_once() -> None:
    with output() as (controller, written):
        paint(written, "1 idly")
        assert os.read(controller, 100) == b"1 idly"
        written.close()


async def test_the_rest_of_a_paint_comes_before_the_next_ones_and_nothing_is_lost() -> None:
    with output() as (controller, written):
        paints = ["a" * FULL, "b", "c" * 100, "d"]
        taking = asyncio.create_task(asyncio.to_thread(read, controller, b"d"))
        for one in paints:
            paint(written, one)
        assert await taking == "".join(paints).encode()
        written.close()


async def test_a_terminal_that_does_not_read_misses_whole_paints_and_is_painted_once_it_does() -> None:
    painted = asyncio.Event()
    with output(painted.set) as (controller, written):
        paints = [f"<{number}{'.' * 1000}>" for number in range(FULL // 250)]
        for one in paints:
            paint(written, one)
        assert not painted.is_set()
        taking = asyncio.create_task(asyncio.to_thread(read, controller, b"<whole>"))
        await asyncio.wait_for(painted.wait(), PATIENCE)
        paint(written, "<whole>")
        taken = (await taking).decode().removesuffix("<whole>")
        kept = taken.count("<")
        assert taken == "".join(paints[:kept])
        assert FULL < len(taken) < 2 * FULL
        written.close()


async def test_close_writes_what_waits_unless_the_terminal_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with output() as (controller, written):
        paint(written, "a" * FULL)
        with ThreadPoolExecutor() as pool:
            taken = pool.submit(read, controller, b"end")
            written.catch_up()
            paint(written, "end")
            written.close()
            assert taken.result() == b"a" * FULL + b"end"
    monkeypatch.setattr(terminal_output, "_PATIENCE_S", 0.0)
    with output() as (_controller, written):
        paint(written, "a" * FULL)
        written.close()  # a terminal that takes nothing holds nobody up


def test_a_file_is_not_opened_again(tmp_path: Path) -> None:
    with (tmp_path / "screen").open("w") as file:
        assert open_again(file.fileno(), os.O_WRONLY) is None
