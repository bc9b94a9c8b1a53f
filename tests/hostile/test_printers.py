"""A printer that answers without end: the keys of its till have their turn, and what it prints is known."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import time
import tty
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from tests.devices.printing import LIMITS, PATIENT, Client
from tests.printer.process import running
from till.domain.structs import replace
from till.ports.printer import JobState

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The turns of the loop that are measured, and the processor's seconds that the longest may take.
TURNS: Final = 300
LONGEST: Final = 0.02


async def longest_turn() -> float:
    """Return the seconds of the processor that the longest of some turns of the loop takes."""
    longest = 0.0
    for _turn in range(TURNS):
        began = time.thread_time()
        await asyncio.sleep(0)
        longest = max(longest, time.thread_time() - began)
    return longest


@contextmanager
def endless_file() -> Iterator[str]:
    """A device file behind which somebody sends bytes of status without end, and reads nothing."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    sender = subprocess.Popen(["sh", "-c", "tr '\\0' '\\022' < /dev/zero"], stdout=ours, start_new_session=True)
    try:
        yield os.ttyname(theirs)
    finally:
        os.killpg(sender.pid, signal.SIGKILL)
        sender.wait()
        os.close(ours)
        os.close(theirs)


async def test_keys_have_their_turn_while_a_printer_answers_without_end() -> None:
    with running() as printer:
        printer.tell("slow")
        client = Client(printer.address, limits=replace(PATIENT, job=60.0))
        printing = asyncio.create_task(client.print())
        await asyncio.to_thread(printer.wait_until, lambda paper: "Bar Demo" in paper.text)
        printer.tell("endless")
        longest = await longest_turn()
        assert not printing.done()
        printer.tell("fast")
        assert await printing is JobState.PRINTED  # the answer that was asked for is found among the others
    assert longest < LONGEST


@pytest.mark.parametrize("facts", [{}, {"answers_ids": False}, {"asks_status": False}], ids=str)
async def test_keys_have_their_turn_while_a_device_file_answers_without_end(facts: dict[str, bool]) -> None:
    with endless_file() as path:
        client = Client(path, facts, LIMITS)
        printing = asyncio.create_task(client.print())
        longest = await longest_turn()
        assert await printing in {JobState.UNKNOWN, JobState.SENT}
        client.printer.close()
    assert longest < LONGEST
