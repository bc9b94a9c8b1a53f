"""The moving picture of two tills: real ones in terminals, one of them killed in the middle of a payment.

Run it as `make screenshots`; it writes docs/screens/two-tills.svg. A viewer that moves nothing shows its poster.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from html import escape
from itertools import groupby
from pathlib import Path
from signal import SIGKILL
from typing import TYPE_CHECKING, Final, NamedTuple

from wcwidth import wcswidth

from db.embedded.places import SYSTEM_DIR_VARIABLE
from tests.e2e.terminal import SAVED, TILL, Terminal
from tests.plugins.terminals import Venue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyte.screens import Char

_PICTURE: Final = Path(__file__).parents[2] / "docs/screens/two-tills.svg"
_SIZE: Final = (80, 18)
_SHELL: Final = ("/bin/bash", "--norc", "--noprofile", "-i")
#: A cell and the edges of a window, in pixels.
_CELL, _LINE, _EDGE, _BAR, _CAPTION = 12.2, 24.4, 9, 36, 44
_WIDTH: Final = _SIZE[0] * _CELL + 2 * _EDGE
_HEIGHT: Final = _SIZE[1] * _LINE + _BAR + _EDGE
_TEXT_COLOUR: Final = "d8dbe0"
_LIGHTS: Final = ("ff5f57", "febc2e", "28c840")


class Run(NamedTuple):
    """Cells of one look beside each other."""

    x: int
    text: str
    colour: str
    ground: str
    is_bold: bool


Row = tuple[Run, ...]


class Frame(NamedTuple):
    """The caption and the rows of each till, for some seconds."""

    seconds: float
    caption: str
    screens: tuple[tuple[Row, ...], ...]


class Film:
    """The frames of two terminals as they are played.

    Attributes:
        caption: the words above the next frames.
        poster: the number of the frame for viewers that move nothing.
    """

    def __init__(self, terminals: Sequence[Terminal]) -> None:
        self._terminals = terminals
        self.frames: list[Frame] = []
        self.caption = ""
        self.poster = 0

    def hold(self, seconds: float) -> None:
        """Show the screens as they are."""
        screens = tuple(tuple(_runs(one, y) for y in range(_SIZE[1])) for one in self._terminals)
        self.frames.append(Frame(seconds, self.caption, screens))

    def key(self, till: int, text: str, prompt: str = "> ") -> None:
        """Type a text at a prompt at the pace of a hand, without Enter."""
        for end in range(1, len(text) + 1):
            self._terminals[till].type(text[end - 1]).wait_for(f"{prompt}{text[:end]}".rstrip())
            self.hold(0.11)
        self.hold(0.25)

    def press(self, till: int, key: str, shown: str, seconds: float) -> None:
        """Press a key, and show what it leads to."""
        self._terminals[till].press(key).wait_for(shown)
        self.hold(0.3)
        self._terminals[till].wait_for(SAVED)
        self.hold(seconds - 0.3)


def _runs(terminal: Terminal, y: int) -> Row:
    """Return a row of a terminal by its looks."""
    cells = [(x, terminal.screen.buffer[y][x]) for x in range(_SIZE[0])]
    found = (list(some) for _same, some in groupby(cells, lambda cell: _look(cell[1])))
    return tuple(Run(some[0][0], "".join(cell.data for _x, cell in some), *_look(some[0][1])) for some in found)


def _look(cell: Char) -> tuple[str, str, bool]:
    colours = ("" if cell.bg == "default" else cell.bg, _TEXT_COLOUR if cell.fg == "default" else cell.fg)
    ground, colour = reversed(colours) if cell.reverse else colours
    return colour, ground, cell.bold


def play(film: Film, one: Terminal) -> None:
    """Key an order, pay half, kill the till, and go on at the other."""
    film.caption = "Asha keys an order for table 5."
    film.hold(1.0)
    for words, shown in (
        ("2 idly", "Added 2 × Idly"),
        ("1 masala dosa", "Added 1 × Mas"),
        ("2 filter coffee", "220.00."),
    ):
        film.key(0, words)
        film.press(0, "enter", shown, 0.7)
    film.key(0, "tab 5")
    film.press(0, "enter", "Saved to table 5", 1.2)
    film.caption = "Half of it is paid."
    film.key(0, "recall 5")
    film.press(0, "enter", "Table 5 is here", 0.8)
    film.press(0, "f9", "Enter takes", 0.9)
    film.key(0, "110")
    film.press(0, "enter", "is still due", 2.2)
    film.caption = "kill -9, in the middle of the payment."
    film.hold(1.0)
    (till,) = map(int, Path(f"/proc/{one.pid}/task/{one.pid}/children").read_text(encoding="ascii").split())
    os.kill(till, SIGKILL)
    one.wait_for("Killed")
    film.hold(2.2)
    film.caption = "Ravi goes on at the other till: the lines are there, and what was paid."
    film.press(1, "f8", "110.00 paid", 2.0)
    film.key(1, "5")
    film.press(1, "enter", "Take it over here", 1.8)
    film.press(1, "t", "Take it over here", 0.5)
    film.press(1, "enter", "Table 5 is here", 2.2)
    film.poster = len(film.frames) - 1
    film.press(1, "f9", "Enter takes", 2.6)
    film.caption = "Paid. No line was lost, and nobody pays twice."
    film.press(1, "enter", "exact", 4.0)


def record(folder: Path) -> Film:
    """Play the film at the tills of a new demo venue."""
    venue = Venue(folder / "venue")
    try:
        for number in (1, 2):  # makes the venue, and tells both tills of it
            venue.open_connected(number).press("ctrl+q").wait_for_end()
        own = {"PS1": "$ ", "PATH": f"{Path(TILL).parent}:{os.environ['PATH']}"}
        tills = [venue.spawn(_SHELL, size=_SIZE, more=own) for _number in (1, 2)]
        for number, till in enumerate(tills, 1):
            till.has_colours = True
            till.wait_for("$").type(f"till demo --till {number}\r")
            venue.log_in(till, number).wait_for(SAVED)
        film = Film(tills)
        play(film, tills[0])
        return film
    finally:
        venue.close()


class Drawing:
    """The film as SVG: each row once in each of its states, which take turns."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self._seconds = sum(one.seconds for one in film.frames)
        runs = [run for one in film.frames for rows in one.screens for row in rows for run in row]
        self._ground = Counter(run.ground for run in runs).most_common(1)[0][0]
        self._looks: dict[tuple[str, bool], str] = {}

    def svg(self) -> str:
        """Return the picture."""
        frames = self._film.frames
        body = list(self._turns(f'<text class="caption" x="{_EDGE}" y="29">{escape(x.caption)}</text>' for x in frames))
        for till in range(2):
            top = _CAPTION + till * (_HEIGHT + _EDGE)
            lights = (f'<circle cx="{22 + 22 * n}" cy="18" r="7" fill="#{c}"/>' for n, c in enumerate(_LIGHTS))
            body.append(
                f'<g transform="translate(0 {top:g})">'
                f'<rect width="{_WIDTH:g}" height="{_HEIGHT:g}" rx="8" fill="#292929"/>{"".join(lights)}'
                f'<text class="title" x="{_WIDTH / 2:g}" y="24">Till {till + 1}</text>'
                f'<rect x="{_EDGE}" y="{_BAR}" width="{_WIDTH - 2 * _EDGE:g}" height="{_SIZE[1] * _LINE:g}" '
                f'fill="#{self._ground}"/>'
            )
            for y in range(_SIZE[1]):
                body += (
                    f'<g transform="translate({_EDGE} {_BAR + y * _LINE:g})">',
                    *self._turns(self._row(one.screens[till][y]) for one in frames),
                    "</g>",
                )
            body.append("</g>")
        looks = "".join(
            f".{name}{{fill:#{colour}{';font-weight:bold' if is_bold else ''}}}"
            for (colour, is_bold), name in self._looks.items()
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_CAPTION + 2 * _HEIGHT + _EDGE:g}">'
            f"<style>text{{font:20px Fira Code,DejaVu Sans Mono,Menlo,Consolas,monospace;white-space:pre}}"
            f".caption{{font:bold 22px sans-serif;fill:#5ccfe6}}"
            f".title{{font:bold 18px sans-serif;fill:#c5c8c6;text-anchor:middle}}{looks}</style>"
            f'<rect width="100%" height="100%" fill="#111418"/>{"".join(body)}</svg>\n'
        )

    def _turns(self, states: Iterable[str]) -> Iterator[str]:
        """Yield each state of a place once, seen while it is the one of the frame."""
        of_frames = list(states)
        for state in dict.fromkeys(of_frames):
            if not state:
                continue
            times, values, at = ["0"], ["visible" if of_frames[0] == state else "hidden"], 0.0
            for before, after, frame in zip(of_frames, of_frames[1:], self._film.frames, strict=False):
                at += frame.seconds
                if (before == state) != (after == state):
                    times.append(f"{at / self._seconds:.5g}")
                    values.append("visible" if after == state else "hidden")
            still = "visible" if of_frames[self._film.poster] == state else "hidden"
            turns = (
                f'<animate attributeName="visibility" dur="{self._seconds:g}s" repeatCount="indefinite" '
                f'calcMode="discrete" keyTimes="{";".join(times)}" values="{";".join(values)}"/>'
            )
            yield state if set(values) == {"visible"} else f'<g visibility="{still}">{turns}{state}</g>'

    def _row(self, row: Row) -> str:
        drawn = [
            f'<rect x="{some[0].x * _CELL:g}" width="{_CELL * sum(wcswidth(run.text) for run in some):g}" '
            f'height="{_LINE + 0.25}" fill="#{ground}"/>'
            for ground, some in ((ground, list(some)) for ground, some in groupby(row, lambda run: run.ground))
            if ground not in {"", self._ground}
        ]
        for run in row:
            name = self._looks.setdefault((run.colour, run.is_bold), f"c{len(self._looks)}")
            x = run.x
            for is_space, some in groupby(run.text, str.isspace):
                word = "".join(some)
                if not is_space:
                    length = f"{_CELL * wcswidth(word):g}"
                    drawn.append(
                        f'<text class="{name}" x="{x * _CELL:g}" y="18.5" textLength="{length}">{escape(word)}</text>'
                    )
                x += wcswidth(word)
        return "".join(drawn)


def main() -> None:
    """Record the film, and draw it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)  # root's server runs as another user
        os.environ[SYSTEM_DIR_VARIABLE] = str(folder / "system")
        _PICTURE.write_text(Drawing(record(folder)).svg(), encoding="utf-8")
    sys.stdout.write("docs/screens/two-tills.svg\n")


if __name__ == "__main__":
    main()
