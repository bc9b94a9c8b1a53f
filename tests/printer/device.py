"""A receipt printer of the tests: it reads ESC/POS back into text, and answers as Epson's printers do.

Bytes arrive in two steps, as in a printer: real-time commands act as they arrive, wherever they stand; everything else
waits in a buffer until there is paper and the cover is closed.
"""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from till.ports.printer import CODE_PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PAGES: Final = {number: codec for codec, number in CODE_PAGES.items()}
#: Bytes that the buffer holds before the printer reads no more.
BUFFER: Final = 4096
_BASE: Final = 0x12
_REAL_TIME: Final = re.compile(rb"\x10\x04([\x01-\x04])|\x10\x14\x01([\x00\x01])([\x01-\x08])", re.DOTALL)
#: The beginning of a real-time command at the end of what arrived.
_BEGUN: Final = re.compile(rb"\x10(?:\x04|\x14(?:\x01[\x00\x01]?)?)?\Z", re.DOTALL)


@dataclass(frozen=True)
class Printed:
    """A line on paper."""

    text: str
    bold: bool = False
    tall: bool = False
    reversed: bool = False


@dataclass
class Sheet:
    """A piece of paper up to its cut.

    Attributes:
        codes: the texts of QR codes that the printer drew itself, with the dots of a module.
        bars: the texts of barcodes that it drew itself.
        dots: rows of dots that it got, eight in a byte.
        paper: lines and rows of dots, in their order.
    """

    lines: list[Printed] = field(default_factory=list)
    codes: list[tuple[str, int]] = field(default_factory=list)
    bars: list[str] = field(default_factory=list)
    dots: list[bytes] = field(default_factory=list)
    paper: list[Printed | bytes] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    is_cut: bool = False

    @property
    def text(self) -> str:
        """The lines as text."""
        return "\n".join(line.text.rstrip() for line in self.lines)


class Device:
    """A printer as one connection at a time sees it.

    Attributes:
        sheets: the paper that came out; the last one may not be cut yet.
        kicks: the number of times that the drawer was opened.
        unknown: commands that it does not know: each is a fault of the encoder, or an injected one.
        lines_left: the lines until the roll ends; None for a full one.
        line_s: the seconds that a line takes.
        off_after: the bytes of documents after which it loses its power; None for never.
        is_endless: True if it sends bytes of status without end.

    Args:
        columns: the characters of a line; longer ones wrap.
        shown: called with each line, each cut and each kick as words.
    """

    def __init__(self, columns: int = 42, shown: Callable[[str], None] = lambda _words: None) -> None:
        self.columns = columns
        self.sheets: list[Sheet] = []
        self.kicks = 0
        self.unknown: list[bytes] = []
        self.lines_left: int | None = None
        self.line_s = 0.0
        self.off_after: int | None = None
        self.has_paper = True
        self.is_open = self.is_mute = self.is_rubbish = self.is_off = self.has_error = self.is_endless = False
        self.says_ids = self.says_read = self.says_status = True
        self.shown = shown
        #: Called with an answer, to cut the connection, to read on, and to send without end.
        self.send: Callable[[bytes], None] = lambda _data: None
        self.drop: Callable[[], None] = lambda: None
        self.drained: Callable[[], None] = lambda: None
        self.send_on: Callable[[], None] = lambda: None
        self._arrived = b""
        self._buffer = bytearray()
        self._line: list[str] = []
        self._is_busy = False
        self._random = random.Random(9100)  # noqa: S311 - rubbish, not secrets
        self._reset()

    def _reset(self) -> None:
        self._page, self._bold, self._tall, self._reversed = "cp437", False, False, False
        self._code, self._module = "", 3
        self._line.clear()

    @property
    def is_full(self) -> bool:
        """True if it reads no more until it has printed."""
        return len(self._buffer) >= BUFFER

    @property
    def text(self) -> str:
        """All the paper, with a row of dashes for each cut."""
        return "\n".join(f"{sheet.text}\n{'-' * 8}" if sheet.is_cut else sheet.text for sheet in self.sheets)

    # Faults, by words

    def tell(self, words: str) -> bool:
        """Do what a person does to it, or break it; False for unknown words."""
        name, _, number = words.strip().lower().partition(" for " if " for " in words else " after ")
        plain: dict[str, Callable[[], object]] = {
            "no paper": lambda: self._set(has_paper=False),
            "paper": lambda: self._set(has_paper=True, lines_left=int(number) if number else None),
            "open": lambda: self._set(is_open=True),
            "close": lambda: self._set(is_open=False),
            "error": lambda: self._set(has_error=True),
            "no error": lambda: self._set(has_error=False),
            "mute": lambda: self._set(is_mute=True),
            "speak": lambda: self._set(is_mute=False, is_rubbish=False, is_endless=False),
            "endless": lambda: self._set(is_endless=True),
            "rubbish": lambda: self._set(is_rubbish=True),
            "no ids": lambda: self._set(says_ids=False),
            "no read": lambda: self._set(says_read=False),
            "no status": lambda: self._set(says_status=False),
            "all answers": lambda: self._set(says_ids=True, says_read=True, says_status=True),
            "slow": lambda: self._set(line_s=0.4),
            "fast": lambda: self._set(line_s=0.0),
            "off": lambda: self._lose_power() if not number else self._set(off_after=int(number)),
            "on": lambda: self._set(is_off=False, off_after=None),
        }
        if name not in plain:
            return False
        plain[name]()
        return True

    def _set(self, **facts: object) -> None:
        for name, value in facts.items():
            setattr(self, name, value)
        self.send_on()
        self._work()

    def _lose_power(self) -> None:
        self.is_off = True
        self.off_after = None
        self._arrived = b""
        self._buffer.clear()
        self._reset()
        self.drop()

    # Bytes

    def receive(self, data: bytes) -> None:
        """Take what arrived from the connection."""
        self._arrived += data
        while not self.is_off and (found := _REAL_TIME.search(self._arrived)):
            before, self._arrived = self._arrived[: found.start()], self._arrived[found.end() :]
            self._keep(before)
            if found[1]:
                self._answer_status(found[1][0])
            else:
                self.kicks += 1
                self.shown("[drawer opens]")
        if not self.is_off:
            begun = _BEGUN.search(self._arrived)
            end = begun.start() if begun else len(self._arrived)
            rest, self._arrived = self._arrived[:end], self._arrived[end:]
            self._keep(rest)

    def _keep(self, data: bytes) -> None:
        """Keep bytes of a document in the buffer, and print."""
        if self.off_after is not None:
            data, self.off_after = data[: self.off_after], self.off_after - len(data)
        self._buffer += data
        self._work()
        if self.off_after is not None and self.off_after <= 0:
            self._lose_power()

    def _answer(self, data: bytes) -> None:
        if self.is_rubbish:
            data = self._random.randbytes(self._random.randrange(1, 9))
        if not self.is_mute:
            self.send(data)

    def _answer_status(self, kind: int) -> None:
        if not self.says_status:
            return
        bits = {
            1: 0x08 * self.is_off_line,
            2: 0x04 * self.is_open | 0x20 * (not self.has_paper) | 0x40 * self.has_error,
            3: 0x20 * self.has_error,
            4: 0x60 * (not self.has_paper),
        }
        self._answer(bytes([_BASE | bits[kind]]))

    @property
    def is_off_line(self) -> bool:
        """True if it prints nothing now."""
        return self.is_open or not self.has_paper or self.has_error

    # Paper

    def _work(self) -> None:
        """Print what is in the buffer until something is missing."""
        was_full = self.is_full
        while not self._is_busy and not self.is_off_line and not self.is_off and self._buffer:
            length = self._command_length()
            if length > len(self._buffer):
                break
            command = bytes(self._buffer[:length])
            del self._buffer[:length]
            self._do(command)
            if command == b"\n" and self.line_s:
                self._is_busy = True
                asyncio.get_running_loop().call_later(self.line_s, self._go_on)
        if was_full and not self.is_full:
            self.drained()

    def _go_on(self) -> None:
        self._is_busy = False
        self._work()

    def _command_length(self) -> int:
        head = bytes(self._buffer[:2])
        if head[:1] == b"\x1b":
            return 2 if head == b"\x1b@" else 3
        if head == b"\x1d(":
            return 5 + int.from_bytes(self._buffer[3:5], "little") if len(self._buffer) > 4 else 5
        if head == b"\x1dV":
            return 4 if len(self._buffer) > 2 and self._buffer[2] >= 65 else 3
        if head == b"\x1dv":
            width, height = (int.from_bytes(self._buffer[at : at + 2], "little") for at in (4, 6))
            return 8 + width * height if len(self._buffer) > 7 else 8
        if head == b"\x1dk":
            return 4 + self._buffer[3] if len(self._buffer) > 3 else 4
        return 3 if head[:1] == b"\x1d" else 1

    def _do(self, command: bytes) -> None:
        doing: dict[bytes, Callable[[bytes], bool | None]] = {
            b"\x1b@": lambda _: self._reset(),
            b"\x1bt": self._set_page,
            b"\x1bE": self._set_bold,
            b"\x1d!": self._set_size,
            b"\x1dB": self._set_reversed,
            b"\x1bd": self._feed_lines,
            b"\x1dV": lambda _: self._cut(),
            b"\x1d(": self._draw_code_or_say,
            b"\x1dv": self._draw_dots,
            b"\x1dk": self._draw_bars,
            b"\x1dh": lambda command: command[2] > 0,
            b"\x1dw": lambda command: 2 <= command[2] <= 6,
            b"\x1dH": lambda command: command[2] in range(4),
            b"\x1ba": self._align,
            b"\x1dr": lambda _: self._answer(bytes([0x0C * (not self.has_paper)])) if self.says_read else None,
            b"\n": lambda _: self._feed(),
            b"\0": lambda _: None,
        }
        do = doing.get(command[:2], self._set_type)
        if do(command) is False:
            self.unknown.append(command)
            self._line.append(f"<{command.hex(' ')}>")

    def _feed_lines(self, command: bytes) -> None:
        for _ in range(command[2]):
            self._feed()

    def _set_page(self, command: bytes) -> bool:
        self._page = _PAGES.get(command[2], self._page)
        return command[2] in _PAGES

    def _set_bold(self, command: bytes) -> None:
        self._bold = bool(command[2] & 1)

    def _set_reversed(self, command: bytes) -> None:
        self._reversed = bool(command[2] & 1)

    def _set_size(self, command: bytes) -> bool:
        self._tall = bool(command[2])
        return command[2] in {0, 1}

    def _set_type(self, command: bytes) -> bool:
        """Set a character for the line; a control character is no part of a text."""
        if len(command) > 1 or command[0] < 0x20 or command[0] == 0x7F:
            return False
        self._line.append(command.decode(self._page, "replace"))
        return True

    def _align(self, command: bytes) -> bool:
        return command[2] in {0, 1}

    def _draw_code_or_say(self, command: bytes) -> bool:
        if command[2:3] != b"k":
            return self._say_printed(command)
        function, data = command[5:7], command[7:]
        if function == b"1C":
            self._module = data[0]
        elif function == b"1P":
            self._code = data[1:].decode("ascii")
        elif function == b"1Q":
            self._sheet().codes.append((self._code, self._module))
            self.shown(f"[QR code of {self._module} dots: {self._code}]")
        return function in {b"1A", b"1C", b"1E", b"1P", b"1Q"} and (function != b"1E" or data == b"1")

    def _draw_bars(self, command: bytes) -> bool:
        self._sheet().bars.append(command[6:].decode("ascii"))
        self.shown(f"[barcode: {self._sheet().bars[-1]}]")
        return command[2:3] + command[4:6] == b"I{B"

    def _draw_dots(self, command: bytes) -> bool:
        width = int.from_bytes(command[4:6], "little")
        dots = [command[at : at + width] for at in range(8, len(command), width)]
        self._sheet().dots += dots
        self._sheet().paper += dots
        return command[2:4] == b"0\x00"

    def _say_printed(self, command: bytes) -> bool:
        if command[2:7] != b"H\x06\x0000":
            return False
        self._sheet().ids.append(command[7:].decode("latin-1"))
        if self.says_ids:
            self._answer(b"7\x22" + command[7:] + b"\0")
        return True

    def _sheet(self) -> Sheet:
        if not self.sheets or self.sheets[-1].is_cut:
            self.sheets.append(Sheet())
        return self.sheets[-1]

    def _feed(self) -> None:
        for text in self._wrapped("".join(self._line)):
            self._sheet().lines.append(Printed(text, self._bold, self._tall, self._reversed))
            self._sheet().paper.append(self._sheet().lines[-1])
            self.shown(text)
        self._line.clear()
        if self.lines_left is not None:
            self.lines_left -= 1
            if self.lines_left <= 0:
                self.lines_left, self.has_paper = None, False
                self.shown("[no paper]")

    def _wrapped(self, text: str) -> Iterator[str]:
        yield text[: self.columns]
        for at in range(self.columns, len(text), self.columns):
            yield text[at : at + self.columns]

    def _cut(self) -> None:
        self._sheet().is_cut = True
        self.shown("- " * (self.columns // 2))
