"""A till in a pseudo-terminal: a real process, real keys, and the screen that a person would see."""

from __future__ import annotations

import fcntl
import functools
import math
import operator
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import pyte
from pyte import modes
from typing_extensions import override
from wcwidth import wcwidth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.e2e.loaded import LoadedTill

#: The time-out of a wait, for a busy machine. Waits end by events, not by the clock.
PATIENCE: Final = 40.0
#: The light if the database has everything.
SAVED: Final = "● saved"
#: Seconds after a key in which the light may still be the one from before it.
_LIGHT_LAG: Final = 0.25
TILL: Final = str(Path(sys.executable).parent / "till")
# Takes the pseudo-terminal as its controlling one, so that closing it hangs up; then becomes the program itself.
# A caller that ignores hang-ups (nohup) or Ctrl+C (a shell's background) would pass that on; the program must see both.
_LOGIN: Final = (
    "import fcntl,os,signal,sys,termios; "
    "[signal.signal(one, signal.SIG_DFL) for one in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)]; "
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
KEYS: Final = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pagedown": "\x1b[6~",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
    **{f"f{place}": f"\x1bO{letter}" for place, letter in enumerate("PQRS", 1)},
    **{f"f{n}": f"\x1b[{code}~" for n, code in zip(range(5, 13), (15, 17, 18, 19, 20, 21, 23, 24), strict=True)},
}
#: `▌  2 × Idly        @ 40.00      80.00`
_ROW: Final = re.compile(r"^ .{1,2} *(?P<quantity>[−-]?\d+) × (?P<name>.+?)(?: {2,}.*?)? {2,}(?P<amount>[−\d.,]+)$")
#: pyte takes the end of this for text.
_KITTY_OFF: Final = b"\x1b[<u"
#: pyte reads it byte by byte, which is half the cost of a screen.
_COLOURS: Final = re.compile(rb"\x1b\[[0-9;]*m")
#: The question for frames that are painted at once, and the answer of a terminal that has them; and the ends of one.
_FRAMES: Final = (b"\x1b[?2026$p", b"\x1b[?2026;2$y")
_BEGIN: Final = b"\x1b[?2026h"
_END: Final = b"\x1b[?2026l"
#: The character of a cell.
_DATA: Final = operator.itemgetter(0)
#: Between the order and the menu on a wide screen.
_DIVIDER: Final = re.compile("[│┃]")


def _start(command: Sequence[str], environment: Mapping[str, str], terminal: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-ISc", _LOGIN, *command],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=environment,
        start_new_session=True,
    )


class _Screen(pyte.Screen):
    """A screen that draws text of one-cell characters within a row at once; pyte itself does so cell by cell."""

    @override
    def draw(self, data: str) -> None:
        cursor = self.cursor
        end = cursor.x + len(data)
        if end > self.columns or modes.IRM in self.mode or not (data.isascii() or all(map(_is_narrow, data))):
            super().draw(data)
            return
        cells = map(_cells(cursor.attrs).__getitem__, data)
        self.buffer[cursor.y].update(zip(range(cursor.x, end), cells, strict=True))
        cursor.x = end
        self.dirty.add(cursor.y)


@functools.cache
def _is_narrow(char: str) -> bool:
    return wcwidth(char) == 1


class _Cells(dict[str, "pyte.screens.Char"]):
    """The cells of one look by their characters."""

    def __init__(self, look: pyte.screens.Char) -> None:
        super().__init__()
        self._look = look

    def __missing__(self, char: str) -> pyte.screens.Char:
        self[char] = cell = self._look._replace(data=char)
        return cell


_cells = functools.cache(_Cells)


class Line(NamedTuple):
    """A line of the order as it is painted."""

    quantity: int
    name: str
    amount: str


class Terminal:
    """A program in a pseudo-terminal. Its output is read while a test waits for something.

    Args:
        command: the program and its arguments.
        environment: its whole environment.
        size: columns and rows.
        loaded: the process forked for a till, which then need not load modules; None starts the program from its file.

    Attributes:
        has_colours: True if colours are read too, for a test that looks at them.
    """

    has_colours = False

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        size: tuple[int, int] = (80, 24),
        loaded: LoadedTill | None = None,
    ) -> None:
        self.screen = _Screen(*size)
        self._rows: list[str] = []
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = os.openpty()
        self._resize(*size)
        self.process = loaded.fork(command[1:], environment, slave) if loaded else _start(command, environment, slave)
        os.close(slave)
        self._at_end = False
        self._frame = b""
        self._acted = time.monotonic()
        self._data_dir = environment.get("TILL_DATA_DIR", "")

    @property
    def pid(self) -> int:
        """The process."""
        return self.process.pid

    def fileno(self) -> int:
        """The end from which its output is read, for `select`."""
        return self._master

    # Keys.

    def type(self, text: str) -> Self:
        """Write text to the terminal in one piece; `\\r` is Enter."""
        data = text.encode()
        self._acted = time.monotonic()
        while data:
            data = data[os.write(self._master, data) :]
        return self

    def press(self, *keys: str) -> Self:
        """Press keys by name, or single characters, in one piece; Esc must be last, as it may begin a longer key."""
        return self.type("".join(KEYS.get(key, key) for key in keys))

    # The screen.

    def rows(self) -> list[str]:
        """The screen, row by row."""
        if len(self._rows) != self.screen.lines:
            self._rows = [""] * self.screen.lines
            self.screen.dirty.update(range(self.screen.lines))
        for y in self.screen.dirty & {*range(self.screen.lines)}:
            self._rows[y] = self._painted(y)
        self.screen.dirty.clear()
        return self._rows.copy()

    def _painted(self, y: int) -> str:
        """Return a row as painted; the second half of a wide character is empty."""
        cells = map(self.screen.buffer[y].__getitem__, range(self.screen.columns))
        return "".join(map(_DATA, cells)).rstrip()

    @property
    def text(self) -> str:
        """The screen in one text."""
        return "\n".join(self.rows())

    def line(self, number: int) -> str:
        """A row of the screen; negative numbers count from below."""
        return self.rows()[number]

    @property
    def typed(self) -> str:
        """The text in the entry."""
        found = [row for row in self.rows() if row.startswith(("  > ", "  >"))]
        return re.split(" {3,}", found[-1][3:].strip())[0] if found else ""

    @property
    def light(self) -> str:
        """The right end of the status bar."""
        return self.line(0).rpartition("   ")[2].strip()

    def order(self) -> list[Line]:
        """The lines of the order that are on the screen."""
        found = (_ROW.match(_DIVIDER.split(row)[0].rstrip()) for row in self.rows())
        return [Line(int(f["quantity"].replace("−", "-")), f["name"].strip(), f["amount"]) for f in found if f]

    def quantities(self) -> dict[str, int]:
        """Return the quantities of the order on the screen, by name."""
        sums: dict[str, int] = {}
        for line in self.order():
            sums[line.name] = sums.get(line.name, 0) + line.quantity
        return sums

    # Waiting.

    def wait_for(self, wanted: str | Callable[[Terminal], object], deadline: float = PATIENCE) -> Self:
        """Read until a text is on the screen, or a condition holds. `SAVED` is that of the last key.

        The till takes “saved” off the light in the frame that shows a line of a key. Once a new text is there, the
        light is therefore the one after the key.

        Raises:
            AssertionError: it did not come in time; the message has the screen.
        """
        if wanted == SAVED:
            self.read_for(max(0.0, self._acted + _LIGHT_LAG - time.monotonic()))
        ends = time.monotonic() + deadline
        came = False
        while not (wanted in self.text if isinstance(wanted, str) else wanted(self)):
            came = isinstance(wanted, str) and wanted != SAVED
            if self._at_end or not self._read(ends - time.monotonic()):
                awaited = f"“{wanted}”" if isinstance(wanted, str) else "what was awaited"
                state = f"ended with {self.process.poll()}" if self._at_end else "lives"
                facts = f"{awaited} did not come in {deadline} s; the program {state}"
                raise AssertionError(f"{facts}:\n{self.picture()}\n{self._log()}")
        if came:
            self._acted = -math.inf
        elif wanted != SAVED and self._acted > 0:
            self._acted = time.monotonic()
        return self

    def read_for(self, seconds: float) -> Self:
        """Read any output for some seconds: for a random moment, not to wait for something."""
        ends = time.monotonic() + seconds
        while not self._at_end and self._read(ends - time.monotonic()):
            pass
        return self

    def wait_for_end(self, deadline: float = PATIENCE) -> int:
        """Read until the program ends, and return its exit code."""
        ends = time.monotonic() + deadline
        while not self._at_end:
            if not self._read(ends - time.monotonic()):
                raise AssertionError(f"The program did not end in {deadline} s:\n{self.picture()}")
        return self.process.wait(max(1.0, ends - time.monotonic()))

    def _read(self, seconds: float) -> bool:
        """Feed one piece of output to the screen; False when none came in time.

        The start of a frame waits for its end, as in newer terminals: half a frame looks like no screen of the till.
        """
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux says EIO when the last process has closed the other end
            data = b""
        self._at_end = not data
        question, answer = _FRAMES
        if question in data:
            os.write(self._master, answer)
        data = self._frame + data
        begin = data.rfind(_BEGIN)
        whole = len(data) if self._at_end or begin <= data.rfind(_END) else begin
        data, self._frame = data[:whole].replace(_KITTY_OFF, b""), data[whole:]
        self._stream.feed(data if self.has_colours else _COLOURS.sub(b"", data))
        return True

    def _log(self) -> str:
        """Return the end of the till's log, for the message of a failed test."""
        log = Path(self._data_dir, "logs", "till.log")
        return log.read_text(errors="replace")[-3000:] if self._data_dir and log.exists() else "There is no log."

    def picture(self) -> str:
        """The screen in a frame."""
        edge = "+" + "-" * self.screen.columns + "+"
        return "\n".join([edge, *(f"|{row}|" for row in self.screen.display), edge])

    # Faults and signals.

    def resize(self, columns: int, rows: int) -> Self:
        """Resize the window."""
        self.screen.resize(rows, columns)
        self._resize(columns, rows)
        return self

    def _resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def is_cooked(self) -> bool:
        """True if input is echoed and read in lines, as in a shell."""
        flags = termios.tcgetattr(self._master)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON)

    def kill9(self) -> Self:
        """Kill the program, and read its output until then."""
        self.process.kill()
        self.process.wait()
        self.read_for(PATIENCE)
        return self

    def hang_up(self) -> int:
        """Close the window, and return the program's exit code."""
        os.close(self._master)
        self._master = -1
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """End the program, whatever it does, and close the terminal."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
