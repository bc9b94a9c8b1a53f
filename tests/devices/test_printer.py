"""A printer on the network: every fault is a state or a trouble, and nothing hangs."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.devices.printing import LIMITS, PATIENT, RECEIPT, Client, limits_for, until
from tests.printer.__main__ import WORDS
from tests.printer.device import Device
from tests.printer.server import TcpPrinter, listening
from till.devices.printer import Examined, examine
from till.domain.paper.document import PaperLine
from till.domain.structs import replace
from till.ports.printer import JobState, PrinterProfile, PrinterTrouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEXT = "\n".join(line.text for line in RECEIPT)


@pytest.fixture
async def paper() -> AsyncIterator[TcpPrinter]:
    async with listening() as printer:
        yield printer


async def test_document_is_printed_when_the_printer_says_its_id(paper: TcpPrinter) -> None:
    client = Client(paper.address)
    assert await client.print() is JobState.PRINTED
    assert (paper.device.sheets[0].text, paper.device.sheets[0].is_cut) == (TEXT, True)
    assert (client.begun, client.heard, paper.connections) == (1, [], 1)


@pytest.mark.parametrize(
    ("words", "facts", "state", "begun"),
    [
        ("no paper", {}, PrinterTrouble.NO_PAPER, 0),
        ("open", {}, PrinterTrouble.OPEN, 0),
        ("error", {}, PrinterTrouble.ERROR, 0),
        ("mute", {}, PrinterTrouble.SILENT, 0),
        ("rubbish", {}, PrinterTrouble.ERROR, 0),
        ("off", {}, PrinterTrouble.SILENT, 0),
        ("no status", {}, PrinterTrouble.SILENT, 0),
        ("no ids", {}, JobState.UNKNOWN, 1),
        ("no ids", {"answers_ids": False}, JobState.PRINTED, 1),
        ("no read", {"answers_ids": False}, JobState.SENT, 1),
        ("mute", {"answers_ids": False, "asks_status": False}, JobState.SENT, 1),
        ("mute", {"asks_status": False}, JobState.UNKNOWN, 1),
        ("fast", {"asks_status": False}, JobState.PRINTED, 1),
        ("off after 5", {}, JobState.UNKNOWN, 1),
        ("off after 40", {}, JobState.UNKNOWN, 1),
        ("off after 40", {"answers_ids": False}, JobState.UNKNOWN, 1),
    ],
)
async def test_state_of_a_document(
    paper: TcpPrinter, words: str, facts: dict[str, bool], state: JobState | PrinterTrouble, begun: int
) -> None:
    assert paper.device.tell(words)
    client = Client(paper.address, facts, limits_for(state))
    assert await client.print() is state
    assert client.begun == begun
    assert begun or not paper.device.sheets


@pytest.mark.parametrize(
    ("address", "trouble"),
    [
        ("tcp://127.0.0.1:1", PrinterTrouble.GONE),
        ("tcp://no-such-printer.invalid", PrinterTrouble.GONE),
        ("printer", PrinterTrouble.GONE),
        ("tcp://127.0.0.1:99999", PrinterTrouble.GONE),
        ("/no/such/printer", PrinterTrouble.GONE),
    ],
)
async def test_address_without_a_printer(address: str, trouble: PrinterTrouble) -> None:
    client = Client(address)
    assert await client.print() is trouble
    assert (await client.printer.status(), await client.printer.kick(), client.begun) == (trouble, False, 0)


async def test_a_failure_to_write_the_job_down_sends_nothing(paper: TcpPrinter) -> None:
    class FullError(Exception):
        pass

    def fail() -> None:
        raise FullError

    client = Client(paper.address)
    with pytest.raises(FullError):
        await client.printer.print_lines(RECEIPT, "1A00", fail, client.heard.append, client.late.set)
    assert await client.print() is JobState.PRINTED
    assert len(paper.device.sheets) == 1


async def test_roll_that_ends_in_the_middle_stops_the_clock(paper: TcpPrinter) -> None:
    paper.device.lines_left = 2
    client = Client(paper.address, limits=LIMITS)
    printing = asyncio.create_task(client.print())
    await until(lambda: client.heard == [PrinterTrouble.NO_PAPER])
    await asyncio.sleep(LIMITS.job * 1.5)
    assert not printing.done()
    assert await client.printer.status() is PrinterTrouble.NO_PAPER
    paper.device.tell("paper")
    assert await printing is JobState.PRINTED
    assert (client.heard, paper.device.sheets[0].text) == ([PrinterTrouble.NO_PAPER, None], TEXT)


async def test_printer_switched_off_without_paper_is_unknown(paper: TcpPrinter) -> None:
    paper.device.lines_left = 2
    client = Client(paper.address, limits=LIMITS)
    printing = asyncio.create_task(client.print())
    await until(lambda: client.heard)
    paper.device.tell("mute")
    assert await printing is JobState.UNKNOWN
    assert client.heard == [PrinterTrouble.NO_PAPER, None]


async def test_error_in_the_middle_does_not_stop_the_clock(paper: TcpPrinter) -> None:
    paper.device.lines_left = 2
    client = Client(paper.address, limits=LIMITS)
    printing = asyncio.create_task(client.print())
    await until(lambda: client.heard)
    paper.device.tell("error")
    paper.device.tell("paper")
    assert await printing is JobState.UNKNOWN
    assert client.heard == [PrinterTrouble.NO_PAPER, PrinterTrouble.ERROR, None]


@pytest.mark.parametrize(
    "answer", [b"\x00\x12\x12\x12\x12", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x12" * 3 + b"\xff"]
)
async def test_answer_of_something_else_sends_nothing(answer: bytes) -> None:
    got, done = bytearray(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.extend(await reader.read(100))
        writer.write(answer)
        got.extend(await reader.read())
        writer.close()
        await writer.wait_closed()
        done.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        client = Client(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", {"answers_ids": False})
        assert await client.print() is PrinterTrouble.ERROR
        await done.wait()
    assert (bytes(got), client.begun) == (b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04", 0)


async def test_rest_of_a_document_that_is_not_taken_is_dropped() -> None:
    size = 8_000_000
    with socket.create_server(("127.0.0.1", 0)) as server:
        facts = {"asks_status": False, "answers_ids": False}
        client = Client(f"tcp://127.0.0.1:{server.getsockname()[1]}", facts, LIMITS)
        assert await client.print([PaperLine("x" * size)]) is JobState.UNKNOWN
        with server.accept()[0] as connection:
            assert len(await asyncio.to_thread(_read_all, connection)) < size


def _read_all(connection: socket.socket) -> bytes:
    got = bytearray()
    with suppress(ConnectionResetError):
        while data := connection.recv(65_536):
            got += data
    return bytes(got)


async def test_late_answer_makes_it_printed(paper: TcpPrinter) -> None:
    paper.device.line_s = 0.25
    client = Client(paper.address, limits=LIMITS)
    assert await client.print() is JobState.UNKNOWN
    await asyncio.wait_for(client.late.wait(), 5)


async def test_connection_that_waits_for_a_late_answer_ends_with_its_time(paper: TcpPrinter) -> None:
    paper.device.tell("no ids")
    client = Client(paper.address, limits=replace(LIMITS, late=0.05))
    other = Client(paper.address)
    assert await client.print() is JobState.UNKNOWN
    await until(lambda: not paper.is_served)
    paper.device.tell("all answers")
    assert await other.print() is JobState.PRINTED
    assert not client.late.is_set()


async def test_next_document_ends_the_wait_for_a_late_answer(paper: TcpPrinter) -> None:
    paper.device.tell("no ids")
    client = Client(paper.address, limits=LIMITS)
    assert await client.print() is JobState.UNKNOWN
    paper.device.tell("all answers")
    assert await client.print(job_id="1A01") is JobState.PRINTED
    assert not client.late.is_set()


async def test_two_tills_on_one_printer_wait_for_each_other(paper: TcpPrinter) -> None:
    paper.device.line_s = 0.005
    clients = [Client(paper.address) for _ in range(2)]

    async def print_all(client: Client, name: str) -> None:
        for number in range(5):
            lines = [PaperLine(f"{name}{number}")] * 3
            assert await client.print(lines, f"{name}{number:03}") is JobState.PRINTED

    await asyncio.gather(*(print_all(client, name) for client, name in zip(clients, "AB", strict=True)))
    sheets = [{line.text for line in sheet.lines} for sheet in paper.device.sheets]
    assert sorted(sheets, key=str) == [{f"{name}{number}"} for name in "AB" for number in range(5)]


async def test_a_thousand_documents_one_after_the_other(paper: TcpPrinter) -> None:
    client = Client(paper.address)
    for number in range(1000):
        assert await client.print([PaperLine(f"receipt {number}")], f"{number:04}") is JobState.PRINTED
    assert [sheet.ids for sheet in paper.device.sheets] == [[f"{number:04}"] for number in range(1000)]


# The drawer


@pytest.mark.parametrize(
    ("words", "facts", "opened", "kicks"),
    [
        ("fast", {}, True, 1),
        ("no paper", {}, True, 1),
        ("open", {}, True, 1),
        ("no ids", {"answers_ids": False}, True, 1),
        ("mute", {}, False, 0),
        ("no status", {}, False, 0),
        ("rubbish", {}, False, 0),
        ("off", {}, False, 0),
        ("no status", {"asks_status": False}, True, 1),
    ],
)
async def test_kick(paper: TcpPrinter, words: str, facts: dict[str, bool], opened: bool, kicks: int) -> None:
    paper.device.tell(words)
    assert await Client(paper.address, facts, PATIENT if opened else LIMITS).printer.kick() is opened
    await until(lambda: paper.device.kicks == kicks)


async def test_kick_goes_over_the_connection_of_the_running_job(paper: TcpPrinter) -> None:
    paper.device.lines_left = 2
    client = Client(paper.address)
    printing = asyncio.create_task(client.print())
    await until(lambda: client.heard)
    assert await client.printer.kick()
    assert (paper.device.kicks, paper.connections) == (1, 1)
    paper.device.tell("paper")
    assert await printing is JobState.PRINTED


async def test_kick_goes_on_when_the_job_ends_before_it(paper: TcpPrinter) -> None:
    paper.device.tell("no paper")
    client = Client(paper.address)
    printing = asyncio.create_task(client.print())
    await asyncio.sleep(0)
    assert await client.printer.kick()
    assert await printing is PrinterTrouble.NO_PAPER
    assert paper.device.kicks == 1


async def test_kick_and_receipt_at_once(paper: TcpPrinter) -> None:
    client = Client(paper.address)
    kicking = asyncio.create_task(client.printer.kick())
    await asyncio.sleep(0)
    assert await client.print() is JobState.PRINTED
    assert await kicking
    assert paper.device.kicks == 1


async def test_kick_behind_the_job_of_another_till_does_not_open_later(paper: TcpPrinter) -> None:
    paper.device.lines_left = 2
    other, client = Client(paper.address), Client(paper.address, limits=LIMITS)
    printing = asyncio.create_task(other.print())
    await until(lambda: other.heard)
    assert not await client.printer.kick()
    paper.device.tell("paper")
    assert await printing is JobState.PRINTED
    assert await client.print() is JobState.PRINTED
    assert paper.device.kicks == 0


# The test of a printer


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("fast", Examined(JobState.PRINTED, asks_status=True, answers_ids=True)),
        ("no ids", Examined(JobState.UNKNOWN, asks_status=True)),
        ("mute", Examined(JobState.SENT)),
        ("no paper", Examined(PrinterTrouble.NO_PAPER)),
    ],
)
async def test_examine(paper: TcpPrinter, words: str, found: Examined) -> None:
    paper.device.tell(words)
    profile = PrinterProfile(name="bar", address=paper.address, asks_status=False, answers_ids=False)
    assert await examine(profile, RECEIPT, limits_for(found.state)) == found


def test_printer_of_the_tests_knows_each_word_that_it_lists() -> None:
    for words in WORDS.replace(" (lines)", "").replace(" (bytes)", "").split(" · "):
        assert Device().tell(words), words
    assert not Device().tell("sing")
