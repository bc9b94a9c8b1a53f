"""A receipt's first byte after the Enter that takes the money, seen from a printer on the network."""

from __future__ import annotations

import queue
import shutil
import socket
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import venue
from bench.keys import press
from bench.shop import NOWHERE, Shop
from bench.table import Figure, Sample, under
from bench.terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.testbed import Bench

BARE: Final = "a bare client: connect, ask, send"
_ITEMS: Final = 60
#: The name of an item that no code page has, before its number, and fonts that have it.
_NAME: Final = "மசாலா தோசை"
_FONTS: Final = [f"{Path(__file__).parents[1]}/tests/fonts/{name}" for name in ("DejaVuSans.ttf", "NotoSans*.ttf")]
#: Receipts at the start of a process that are not counted.
_WARM: Final = 3
_STATUS: Final = b"\x10\x04"
_KICK: Final = b"\x10\x14\x01\x00\x02"
_ASK_ID: Final = b"\x1d(H\x06\x0000"
#: The client: for each line of its input it prints a document, as soon as the printer has answered.
_CLIENT: Final = """
import socket, sys
print("ready", flush=True)
for _ in sys.stdin:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as printer:
        printer.sendall(bytes.fromhex("10 04 01 10 04 02 10 04 03 10 04 04"))
        left = 4
        while left:
            left -= len(printer.recv(left))
        printer.sendall(b"x" * 1_000 + bytes.fromhex("1d 28 48 06 00 30 30") + b"1234")
        printer.recv(7)
    print("sent", flush=True)
"""


class Cost(NamedTuple):
    """The milliseconds of receipts, and of their part on a processor."""

    whole: Sample
    on_processor: Sample


class BenchPrinter:
    """A printer that answers at once, on a thread.

    Attributes:
        port: the port it listens on.
        begun: the time of the first byte of each document.
    """

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.begun: queue.SimpleQueue[float] = queue.SimpleQueue()
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:  # it was closed
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        got, is_begun = b"", False
        while data := connection.recv(65_536):
            now = time.perf_counter()
            got += data
            while not is_begun and got.startswith((_STATUS, _KICK)):
                is_status = got.startswith(_STATUS)
                if is_status:
                    connection.sendall(b"\x12")
                got = got[3 if is_status else len(_KICK) :]
            if got and not is_begun:
                is_begun = True
                self.begun.put(now)
            job_id = got.partition(_ASK_ID)[2][:4]
            if len(job_id) == 4:
                connection.sendall(b"7\x22" + job_id + b"\0")
                got = b""

    def close(self) -> None:
        """Stop listening."""
        self._server.close()


@contextmanager
def bare_client(port: int) -> Iterator[Terminal]:
    """Run the bare client in a pseudo-terminal."""
    terminal = Terminal([sys.executable, "-c", _CLIENT, str(port)], {})
    try:
        terminal.wait_for(rb"ready")
        yield terminal
    finally:
        terminal.close()


def measure(testbed: Bench, receipts: int, *, is_drawn: bool = False) -> tuple[Cost, Cost]:
    """Measure milliseconds from Enter to the first byte of a receipt, on the till and on the bare client, in turn."""
    printer = BenchPrinter()
    shop = Shop(testbed.new_folder(), 1, NOWHERE)
    shop.open(0, _ITEMS, secret="", more=f"[paper]\nfonts = {_FONTS}\n")
    printers = [{"name": "Bar", "address": f"tcp://127.0.0.1:{printer.port}", "receipts": [1], "drawer": 1}]
    with shop.register() as (journal, _register):
        settings = venue.reference(_ITEMS)["settings"]
        drawing = ["Bar"] if is_drawn else []
        journal.cache("settings", 0, {**settings, "printers": printers, "drawing": drawing, "receipts": "always"})
        if is_drawn:
            menu = venue.reference(_ITEMS)["menu"]
            items = [{**item, "name": f"{_NAME} {item['plu']}"} for item in menu["items"]]
            journal.cache("menu", 0, {**menu, "items": items})
    own: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    try:
        with shop.terminal() as terminal, bare_client(printer.port) as client:
            shop.log_in(terminal)
            for number in range(-_WARM, receipts):
                if is_drawn:  # rows of the screen are known by their English names
                    terminal.type(f"{1 + number % (_ITEMS - 2)}\r")
                    terminal.settle(0.1)
                else:
                    press(terminal, 1 + number % (_ITEMS - 2))
                terminal.type("cash")
                terminal.settle(0.05)
                till = _time_receipt(terminal, printer, rb"Paid")
                limit = _time_receipt(client, printer, rb"sent")
                if number >= 0:
                    own.append(till)
                    bare.append(limit)
    finally:
        printer.close()
        shutil.rmtree(shop.folder)
    return _cost(own), _cost(bare)


def _cost(times: list[tuple[float, float]]) -> Cost:
    whole, on_processor = zip(*times, strict=True)
    return Cost(Sample.of(whole, 1000), Sample.of(on_processor, 1000))


def _time_receipt(terminal: Terminal, printer: BenchPrinter, shown: bytes) -> tuple[float, float]:
    """Press Enter; return the seconds until the printer has the first byte, and those on a processor."""
    spent = terminal.processor_seconds()
    pressed = terminal.type("\r")
    begun = printer.begun.get(timeout=PATIENCE)
    spent = terminal.processor_seconds() - spent
    terminal.wait_for(shown)
    terminal.settle(0.1)
    return begun - pressed, spent


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the time to the first byte of a receipt."""
    (own, ran), (bare, bare_ran) = measure(testbed, 500 if testbed.full else 40)
    name = "Enter to the receipt's first byte"
    yield Figure(f"{name}, p95", own.p95, "ms", bare.p95, BARE, under(50, "ms"), own)
    yield Figure(f"{name}, median", own.median, "ms", bare.median, BARE)
    yield Figure("  of it on the processor, median", ran.median, "ms", bare_ran.median, BARE)
    (drawn, _), (bare, _) = measure(testbed, 100 if testbed.full else 20, is_drawn=True)
    name = "Enter to a drawn receipt's first byte"
    yield Figure(f"{name}, p95", drawn.p95, "ms", bare.p95, BARE, under(300, "ms"), drawn)
    yield Figure(f"{name}, median", drawn.median, "ms", bare.median, BARE)
