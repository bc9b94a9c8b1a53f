"""A program in a pseudo-terminal. Its output is read as raw bytes with their times, without a terminal emulator."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIZE: Final = (120, 36)
PATIENCE: Final = 30.0
#: The blanks and changes of style between the parts of one row.
GAP: Final = rb"(?: |\x1b\[[0-9;]*m)*"


class Terminal:
    """A program, its keys and its output.

    Attributes:
        started: the start time, on the clock of `time.perf_counter`.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._master, slave = os.openpty()
        self.resize(*SIZE)
        # The environment's terminal size would take precedence over this terminal's.
        own = {name: value for name, value in environment.items() if name not in {"COLUMNS", "LINES"}}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=own, start_new_session=True
        )
        os.close(slave)
        self._seen = b""

    def resize(self, columns: int, rows: int) -> None:
        """Resize the window."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str) -> float:
        """Write keys at once and return the time. Earlier output is discarded."""
        self._seen = b""
        return self.press(text)

    def press(self, keys: str) -> float:
        """Write keys at once and return the time."""
        now = time.perf_counter()
        os.write(self._master, keys.encode())
        return now

    def wait_for(self, pattern: bytes) -> float:
        """Read until the output matches a regular expression. Return the time.

        Raises:
            TimeoutError: it did not match in time; the message has the end of the output.
        """
        wanted = re.compile(pattern)
        ends = time.perf_counter() + PATIENCE
        while not wanted.search(self._seen):
            if self._read(ends - time.perf_counter()) is None:
                raise TimeoutError(f"{pattern!r} did not come. The last was: {self._seen[-600:]!r}")
        return time.perf_counter()

    @property
    def seen(self) -> bytes:
        """The output since keys were last typed."""
        return self._seen

    def settle(self, seconds: float) -> None:
        """Read until there is no output for `seconds`."""
        while self._read(seconds) is not None:
            pass

    def read_until(self, moment: float) -> list[tuple[float, bytes]]:
        """Read all output until a time. Return each piece with its time."""
        pieces = []
        while (left := moment - time.perf_counter()) > 0:
            piece = self._read(left)
            if piece is not None:
                pieces.append((time.perf_counter(), piece))
        return pieces

    def _read(self, seconds: float) -> bytes | None:
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return None
        try:
            piece = os.read(self._master, 1 << 16)
        except OSError as problem:  # Linux reports EIO when the program has ended
            raise TimeoutError(f"The program ended: {self._seen[-600:]!r}") from problem
        self._seen += piece
        return piece

    def processor_seconds(self) -> float:
        """Return the processor seconds of the program's threads; 0 if unknown (Linux reports them)."""
        spent = 0
        for thread in Path(f"/proc/{self.process.pid}/task").glob("*/schedstat"):
            spent += int(thread.read_text(encoding="ascii").split()[0])
        return spent / 1e9

    def close(self) -> None:
        """Kill the program."""
        self.process.kill()
        self.process.wait()
        os.close(self._master)
