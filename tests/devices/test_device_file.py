"""A printer behind a device file."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.devices.printing import LIMITS, RECEIPT, Client, limits_for, until
from tests.printer.device import Device
from tests.printer.server import device_file
from till.domain.paper.document import PaperLine
from till.ports.printer import JobState, PrinterTrouble

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "\n".join(line.text for line in RECEIPT)


@pytest.mark.parametrize(
    ("words", "facts", "state"),
    [
        ("fast", {}, JobState.PRINTED),
        ("no paper", {}, PrinterTrouble.NO_PAPER),
        ("mute", {}, PrinterTrouble.SILENT),
        ("rubbish", {}, PrinterTrouble.ERROR),
        ("no ids", {}, JobState.UNKNOWN),
        ("no ids", {"answers_ids": False}, JobState.PRINTED),
        ("mute", {"answers_ids": False, "asks_status": False}, JobState.SENT),
    ],
)
async def test_state_of_a_document(words: str, facts: dict[str, bool], state: JobState | PrinterTrouble) -> None:
    device = Device()
    device.tell(words)
    async with device_file(device) as path:
        assert await Client(path, facts, limits_for(state)).print() is state
        if isinstance(state, JobState):
            await until(lambda: device.sheets and device.sheets[0].is_cut)
            assert device.sheets[0].text == TEXT


@pytest.fixture
def opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to open a device file that is open, as `usblp` does."""
    is_open: dict[str, int] = {}
    real_open, real_close = os.open, os.close

    def open_once(path: str, how: int) -> int:
        if path in is_open:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        is_open[path] = real_open(path, how)
        return is_open[path]

    def close(file: int) -> None:
        for path in [one for one, number in is_open.items() if number == file]:
            time.sleep(0.005)  # the driver takes its time
            del is_open[path]
        real_close(file)

    monkeypatch.setattr("till.devices.device_file.os.open", open_once)
    monkeypatch.setattr("till.devices.device_file.os.close", close)


@pytest.mark.usefixtures("opened_once")
async def test_documents_and_kicks_one_after_the_other_and_at_once() -> None:
    device = Device()
    async with device_file(device) as path:
        client = Client(path)
        for number in range(20):
            assert await client.print([PaperLine(f"receipt {number}")] * 30, f"{number:04}") is JobState.PRINTED
            kicking = asyncio.create_task(client.printer.kick())
            await asyncio.sleep(0)
            assert await client.print(job_id=f"a{number:03}") is JobState.PRINTED
            assert await kicking
            assert await client.printer.status() is None
    assert (len(device.sheets), device.kicks) == (40, 20)


async def test_roll_that_ends_in_the_middle_and_a_kick_meanwhile() -> None:
    device = Device()
    device.lines_left = 2
    async with device_file(device) as path:
        client = Client(path)
        printing = asyncio.create_task(client.print())
        await until(lambda: client.heard == [PrinterTrouble.NO_PAPER])
        assert await client.printer.kick()
        device.tell("paper")
        assert await printing is JobState.PRINTED
    assert device.kicks == 1


async def test_answer_of_an_earlier_job_is_dropped() -> None:
    device = Device()
    async with device_file(device) as path:
        client = Client(path)
        assert await client.print() is JobState.PRINTED
        device.send(b"7\x22old1\x00\x12\xff")
        assert await client.print(job_id="1A01") is JobState.PRINTED


async def test_id_of_an_earlier_job_is_no_answer() -> None:
    device = Device()
    device.lines_left = 2
    async with device_file(device) as path:
        client = Client(path, limits=LIMITS)
        printing = asyncio.create_task(client.print())
        await until(lambda: client.heard)
        device.send(b"7\x22old1\x00")
        device.tell("mute")
        assert await printing is JobState.UNKNOWN


async def test_device_that_cannot_answer_is_sent_what_it_takes(tmp_path: Path) -> None:
    file = tmp_path / "lp0"
    file.touch()
    client = Client(str(file))
    assert await client.print() is JobState.SENT
    assert await client.printer.status() is None
    assert file.read_bytes().startswith(b"\x1b@")


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (errno.EBUSY, PrinterTrouble.BUSY),
        (errno.EACCES, PrinterTrouble.FORBIDDEN),
        (errno.ENOENT, PrinterTrouble.GONE),
        (errno.ENODEV, PrinterTrouble.GONE),
    ],
)
async def test_file_that_cannot_be_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: int, trouble: PrinterTrouble
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr("till.devices.device_file.os.open", refuse)
    client = Client(str(tmp_path / "lp0"))
    assert await client.print() is trouble
    assert (await client.printer.kick(), client.begun) == (False, 0)


async def test_reading_that_is_not_possible_is_no_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object) -> bytes:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    (tmp_path / "lp0").touch()
    monkeypatch.setattr("till.devices.device_file.os.read", refuse)
    assert await Client(str(tmp_path / "lp0")).print() is JobState.SENT


async def test_device_that_is_unplugged_in_the_middle() -> None:
    device = Device()
    device.lines_left = 2
    async with device_file(device) as path:
        client = Client(path)
        printing = asyncio.create_task(client.print())
        await until(lambda: client.heard)
    assert await printing is JobState.UNKNOWN


async def test_device_that_takes_nothing_more_is_unknown() -> None:
    device = Device()
    device.tell("no paper")
    async with device_file(device) as path:
        client = Client(path, {"asks_status": False, "answers_ids": False}, limits=LIMITS)
        assert await client.print([PaperLine("x" * 42)] * 5_000) is JobState.UNKNOWN
