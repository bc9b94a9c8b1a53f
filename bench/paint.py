"""The cells and bytes that a change of screen and a typed character write to the terminal; steadier than times."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Final

from bench.shop import NOWHERE, Shop
from bench.table import Figure, Sample, under
from bench.terminal import SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.terminal import Terminal
    from bench.testbed import Bench

#: Escape sequences for colours, the cursor and the terminal's state.
_SEQUENCE: Final = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[P_^][^\x1b]*\x1b\\|[@-Z\\-_=>])"
)
_CELLS: Final = SIZE[0] * SIZE[1]
#: Seconds without output after which a change is complete.
_SETTLED_S: Final = 0.4
_LINES: Final = 12
_ITEMS: Final = 60

#: The keys that open a screen or a sheet, as a terminal sends them; Esc closes it.
_SCREENS: Final = {"F1": "\x1bOP", "F5": "\x1b[15~", "F8": "\x1b[19~", "F9": "\x1b[20~", "F10": "\x1b[21~"}
#: Esc from a terminal with unambiguous keys.
_ESC: Final = "\x1b[27u"


def cells_of(written: bytes) -> int:
    """Return the number of cells in terminal output: its characters without escape sequences and controls."""
    text = _SEQUENCE.sub(b"", written).decode(errors="replace")
    return sum(character.isprintable() for character in text)


def written_by(terminal: Terminal, keys: str) -> bytes:
    """Return the output of the till after keys."""
    terminal.type(keys)
    terminal.settle(_SETTLED_S)
    return terminal.seen


def run(testbed: Bench) -> Iterator[Figure]:
    """Open and close each screen; then type."""
    shop = Shop(testbed.new_folder(), 1, NOWHERE)
    shop.open(_LINES, _ITEMS, secret=testbed.secrets.get(1, "none"))
    with shop.terminal() as terminal:
        shop.log_in(terminal)
        terminal.settle(3)
        for name, key in _SCREENS.items():
            for way, pressed in ((name, key), (f"Esc from {name}", _ESC)):
                cells = cells_of(written_by(terminal, pressed))
                yield Figure(f"{way}: cells written", cells / _CELLS, "screens", goal=under(1.3, "screens"))
        typed = Sample(tuple(float(len(written_by(terminal, one))) for one in "12345678"))
        yield Figure("a character typed, most bytes", typed.worst, "bytes", goal=under(600, "bytes"), sample=typed)
        written_by(terminal, "\x15")
        named = Sample(tuple(float(len(written_by(terminal, one))) for one in "masala dosa"))
        yield Figure("  a letter that changes what is suggested, most bytes", named.worst, "bytes", sample=named)
    shutil.rmtree(shop.folder)
