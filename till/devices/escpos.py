"""ESC/POS: the commands for a document, and the answers of a printer (ADR 63)."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from till.domain.paper.bars import bars_of
from till.domain.paper.code import CODE_MM, modules_of
from till.domain.paper.document import COLUMN, bytes_of_row
from till.ports.printer import CODE_PAGES, PrinterTrouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from till.domain.paper.document import PaperLine
    from till.ports.printer import PrinterProfile

_RESET: Final = b"\x1b@"
_CODE_PAGE: Final = b"\x1bt"
_BOLD: Final = b"\x1bE"
_SIZE: Final = b"\x1d!"
#: White on black.
_REVERSED: Final = b"\x1dB"
_FEED: Final = b"\x1bd\x04"
#: Feeds to the knife, and leaves a little uncut.
_CUT: Final = b"\x1dVB\x00"
#: Says the four characters after it back once everything before it is printed.
_SAY_PRINTED: Final = b"\x1d(H\x06\x0000"
#: Answers a byte once everything before it is read.
_SAY_READ: Final = b"\x1dr1"
_CENTRED: Final = b"\x1ba\x01"
_LEFT: Final = b"\x1ba\x00"
#: A QR code of the printer's own: model 2, level M, the side of a module in dots, its text, and draw it.
_OWN_CODE: Final = b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001E1\x1d(k\x03\x001C%c\x1d(k%b1P0%b\x1d(k\x03\x001Q0"
#: Rows of dots: the bytes of a row, and their number.
_DOTS: Final = b"\x1dv0\x00%b%b"
#: A barcode of the printer's own: Code 128, bars of two dots, its text below.
_OWN_BARS: Final = b"\x1dh%c\x1dw\x02\x1dH\x02\x1dkI%c{B%b"
#: The dots of the narrowest bar, and of the height of a barcode.
_BAR, _HIGH = 2, 80
#: The most rows of dots at a time, which a small buffer holds.
_BAND: Final = 24
#: A byte that would begin a real-time command, in rows of dots.
_REAL_TIME: Final = re.compile(rb"\x10(?=[\x04\x05\x14])")
_MM_PER_INCH: Final = 25.4
#: Opens the drawer at connector pin 2 for 0.2 s, at once, whatever else the printer does.
KICK: Final = b"\x10\x14\x01\x00\x02"

#: Control characters, which would be commands, and their substitute.
_NO_CONTROL: Final = bytes.maketrans(bytes(range(0x20)) + b"\x7f", b"?" * 33)


def document(lines: Sequence[PaperLine], profile: PrinterProfile, job_id: str) -> bytes:
    """Return the bytes that print a document and ask for `job_id` back, or for proof that it was read.

    No character of a line can be a command. One that the code page lacks is printed as a question mark.
    """
    codec = profile.code_page if profile.code_page in CODE_PAGES else "cp437"
    width = bytes_of_row(profile.columns)
    rest = bytes(width * _BAND) if profile.draws else b""  # of rows that were cut off; else a printer passes over it
    parts = [rest, _RESET, _CODE_PAGE, bytes([CODE_PAGES[codec]])]
    bold = tall = is_reversed = False
    for line in lines:
        if line.code:
            parts += _CENTRED, *_code(line.code, profile), _LEFT
            continue
        if line.bars and 0 < len(bars_of(line.text)) * _BAR <= profile.columns * COLUMN:
            parts += _CENTRED, *_barcode(line.text, profile), _LEFT
            continue
        if line.dots:
            parts += _rows(bytes(0xFF - byte for byte in line.dots) if line.reversed else line.dots, width)
            continue
        if line.bold is not bold:
            bold = line.bold
            parts += _BOLD, bytes([bold])
        if line.tall is not tall:
            tall = line.tall
            parts += _SIZE, bytes([tall])
        if line.reversed is not is_reversed:
            is_reversed = line.reversed
            parts += _REVERSED, bytes([is_reversed])
        parts += _printable(line.text, codec), b"\n"
    if profile.answers_ids:  # before the cut: after a command it would say that the command was done
        parts += _SAY_PRINTED, _printable(job_id, "ascii")
    elif profile.asks_status:
        parts.append(_SAY_READ)
    parts.append(_CUT if profile.cutter else _FEED)
    return b"".join(parts)


def _code(text: str, profile: PrinterProfile) -> Iterator[bytes]:
    """Yield a QR code, whose modules are as many dots wide as bring it nearest to its size.

    No row of dots holds a real-time command: their bytes have single dark dots, and a module is several dots wide.
    """
    modules = modules_of(text)
    dots = round(CODE_MM / _MM_PER_INCH * profile.dpi / len(modules))
    if profile.codes == "own":
        data = _printable(text, "ascii")
        yield _OWN_CODE % (dots, (len(data) + 3).to_bytes(2, "little"), data)
        return
    width = -(-len(modules) * dots // 8)
    for row in modules:
        bits = "".join(("0", "1")[is_dark] * dots for is_dark in row).ljust(width * 8, "0")
        line = int(bits, 2).to_bytes(width, "big")
        yield _DOTS % (width.to_bytes(2, "little"), dots.to_bytes(2, "little")) + line * dots


def _barcode(text: str, profile: PrinterProfile) -> Iterator[bytes]:
    """Yield a barcode with its text below. Its bars are two dots wide, so that no row has a real-time command."""
    data = _printable(text, "ascii")
    if profile.codes == "own":
        yield _OWN_BARS % (_HIGH, len(data) + 2, data)
        return
    bits = "".join(module * _BAR for module in bars_of(text))
    width = -(-len(bits) // 8)
    line = int(bits.ljust(width * 8, "0"), 2).to_bytes(width, "big")
    yield _DOTS % (width.to_bytes(2, "little"), _HIGH.to_bytes(2, "little")) + line * _HIGH
    yield data + b"\n"


def _rows(dots: bytes, width: int) -> Iterator[bytes]:
    """Yield rows of dots. A byte that would begin a real-time command gets one more dot."""
    dots = _REAL_TIME.sub(b"\x18", dots)
    for at in range(0, len(dots), width * _BAND):
        band = dots[at : at + width * _BAND]
        yield _DOTS % (width.to_bytes(2, "little"), (len(band) // width).to_bytes(2, "little")) + band


def _printable(text: str, codec: str) -> bytes:
    return text.encode(codec, "replace").translate(_NO_CONTROL)


def ask_status(*kinds: int) -> bytes:
    """Return the questions for the status, of the kinds 1 printer, 2 off line, 3 error, 4 paper; each gets a byte."""
    return b"".join(b"\x10\x04%c" % kind for kind in kinds)


def trouble_of(status: bytes) -> PrinterTrouble | None:
    """Return the trouble in the answers of the kinds 1, 2, 3 and 4."""
    printer, offline, error, paper = status
    if offline & 0x04:
        return PrinterTrouble.OPEN
    if offline & 0x20 or paper & 0x60:
        return PrinterTrouble.NO_PAPER
    if offline & 0x40 or error & 0x6C:
        return PrinterTrouble.ERROR
    return PrinterTrouble.BUSY if printer & 0x08 else None


class AnswerKind(Enum):
    """A kind of answer: bytes of status, a document read, the id of a printed document, or none of them."""

    STATUS = auto()
    READ = auto()
    PRINTED = auto()
    RUBBISH = auto()


#: The bytes of status: some of their bits are fixed.
_STATUS_BITS: Final = 0x93
_STATUS_VALUE: Final = 0x12
_STATUS: Final = bytes(byte for byte in range(256) if byte & _STATUS_BITS == _STATUS_VALUE)
#: The bits that are 0 in an answer to `GS r`.
_READ_BITS: Final = 0x90
#: The most bytes to read in one turn of the loop, more than all answers to a document: whatever a printer sends without
#: end, the keys have their turn.
AT_ONCE: Final = 256
_ID_BEGINS: Final = b"7\x22"
_ID_LENGTH: Final = 7


def take_answers(buffer: bytearray) -> Iterator[tuple[AnswerKind, bytes]]:
    """Take each whole answer off the beginning of what arrived; bytes of status as many as stand in a row."""
    while buffer:
        first, length = buffer[0], 1
        if _ID_BEGINS.startswith(bytes(buffer[:2])):
            length = _ID_LENGTH
            if len(buffer) < length:
                return
            kind = AnswerKind.RUBBISH if buffer[length - 1] else AnswerKind.PRINTED
        elif first in _STATUS:
            kind, length = AnswerKind.STATUS, len(buffer) - len(buffer.lstrip(_STATUS))
        else:
            kind = AnswerKind.RUBBISH if first & _READ_BITS else AnswerKind.READ
        answer = bytes(buffer[:length])
        del buffer[:length]
        yield kind, answer[2:6] if kind is AnswerKind.PRINTED else answer
