"""The printer of the tests as a process of its own."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE: Final = 20.0


class PrinterProcess:
    """A printer that runs.

    Attributes:
        address: the address for `till admin printers add`.
        shown: the lines that it showed: paper, `[drawer opens]`, `[no paper]`, and a row of dashes for a cut.
    """

    def __init__(self, port: int = 0, columns: int = 42) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.printer", "--port", str(port), "--columns", str(columns)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self.shown: list[str] = []
        self._new: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.address = self.wait_for("[printer at ").removeprefix("[printer at ").removesuffix("]")
        self.shown.clear()

    @property
    def port(self) -> int:
        """The port, for a printer that comes back at the same address."""
        return int(self.address.rpartition(":")[2])

    @property
    def kicks(self) -> int:
        """The number of times that it opened the drawer."""
        return self.text.count("[drawer opens]")

    @property
    def text(self) -> str:
        """All that it showed so far."""
        while not self._new.empty():
            self.shown.append(self._new.get())
        return "\n".join(self.shown)

    def tell(self, words: str) -> None:
        """Break or mend it, and wait until it is done."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
        self.wait_for(f"[{words}]")

    def wait_for(self, wanted: str) -> str:
        """Wait for a line that contains something, after those that were waited for before; return it."""
        while wanted not in (line := self._new.get(timeout=PATIENCE)):
            self.shown.append(line)
        self.shown.append(line)
        return line

    def wait_until(self, is_true: Callable[[PrinterProcess], bool]) -> None:
        """Wait until what it showed is as wanted."""
        while not is_true(self):
            self.shown.append(self._new.get(timeout=PATIENCE))

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._new.put(line.rstrip("\n"))

    def close(self) -> None:
        """Kill it, as a power cut would."""
        self._process.kill()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


@contextmanager
def running(port: int = 0, columns: int = 42) -> Iterator[PrinterProcess]:
    """Run a printer until the end of the block."""
    printer = PrinterProcess(port, columns)
    try:
        yield printer
    finally:
        printer.close()
