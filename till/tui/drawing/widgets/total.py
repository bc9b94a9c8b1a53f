"""The most important figure, alone or at the foot of a pane with facts beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from typing_extensions import override

from till.tui.drawing.big_digits import LOW, TALL, BigDigits, big_digits
from till.tui.drawing.palette import Mark
from till.tui.drawing.viewmodels import FigureView, StyledText, TotalView
from till.tui.drawing.widgets.head import Inset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

    from till.tui.drawing.palette import Backdrop, Tone
    from till.tui.drawing.widgets.line import TextLine

LABEL_GAP: Final = 2
FACT_GAP: Final = 2
TALL_FOOT: Final = 8
_ABOVE_FIGURE: Final = 3
"""The rows of a tall foot above its figure: the hairline, the facts left and right, a blank row."""


class FigurePane(Inset[FigureView]):
    """A label and a figure as large as fits: five rows, or three in a widget of three.

    Args:
        left: True to put the figure at the left edge, as for the clock, not flush with the amounts.
    """

    def __init__(
        self,
        view: FigureView,
        *,
        left: bool = False,
        inset: int = 0,
        ground: Backdrop | None = None,
    ) -> None:
        super().__init__(view, inset=inset, ground=ground)
        self.left = left

    @override
    def draw(self, y: int) -> TextLine:
        line = self.line()
        view = self.view
        label = _label_width(line, view.label)
        if not self.paint.glyphs.big_digits:
            if y == 0:
                _draw_sentence(line, view, self.inset)
            return line
        drawn = big_digits(view.figure, line.width - 2 * self.inset - label, TALL if self.size.height >= TALL else LOW)
        if y == 0 and view.label is not None:
            _draw_label(line, self.inset, view.label)
        under = {1: view.under, 2: view.lowest}.get(y)
        if under is not None:
            line.say(self.inset, under, until=line.width - self.inset - drawn.width)
        _draw_figure(line, drawn, y, self.inset if self.left else line.width - self.inset - drawn.width, view.role)
        return line


class TotalPane(Inset[TotalView]):
    """The foot of a pane: a hairline, facts left and right, and the figure.

    In ten rows the figure is seven high, in eight five; in four it is three with the words left of it; in one it is
    bold text.
    """

    #: The figure last drawn, with its view and the size it was drawn for: each of its rows asks.
    _figure: tuple[TotalView, Size, BigDigits, int] | None = None

    @override
    def draw(self, y: int) -> TextLine:
        line = self.line()
        if self.size.height == 1:
            self._draw_tiny(line)
        elif y == 0:
            line.passing(line.width, self.view.filled)
        elif self.size.height >= TALL_FOOT:
            self._draw_tall(line, y)
        else:
            self._draw_low(line, y)
        return line

    def _draw_tall(self, line: TextLine, y: int) -> None:
        view, inset = self.view, self.inset
        if y == 1:
            self._draw_facts(line)
        if not self.paint.glyphs.big_digits:
            if y == _ABOVE_FIGURE:
                _draw_sentence(line, view.figure, inset)
            return
        drawn, label_row = self._tall_figure(line)
        if (label := view.figure.label) is not None and view.figure.wide_label:
            label = _wide(label)
            if line.cells(label) + LABEL_GAP > line.width - 2 * inset - drawn.width:
                label_row = _ABOVE_FIGURE - 1
        if y == label_row and label is not None:
            _draw_label(line, inset, label)
        _draw_figure(line, drawn, y - _ABOVE_FIGURE, line.width - inset - drawn.width, view.figure.role)

    def _tall_figure(self, line: TextLine) -> tuple[BigDigits, int]:
        """Return the figure and the row of its label, which moves up if the figure is larger without it."""
        view, size = self.view, self.size
        if self._figure is not None and self._figure[0] is view and self._figure[1] == size:
            return self._figure[2:]
        room = line.width - 2 * self.inset
        rows = size.height - _ABOVE_FIGURE
        beside = big_digits(view.figure.figure, room - _label_width(line, view.figure.label), rows)
        alone = big_digits(view.figure.figure, room, rows)
        gives_way = alone.large and (alone.width > beside.width or not beside.large)
        found = (alone, _ABOVE_FIGURE - 1) if gives_way else (beside, _ABOVE_FIGURE)
        self._figure = view, size, *found
        return found

    def _draw_facts(self, line: TextLine) -> None:
        end = line.width - self.inset
        left, right = self._fitting(line, end - self.inset)
        for fact in reversed(right):
            end = line.say_right(end, fact, start=self.inset) - FACT_GAP
        if left is not None:
            line.say(self.inset, left, until=end)

    def _fitting(self, line: TextLine, room: int) -> tuple[StyledText | None, tuple[StyledText, ...]]:
        """Return the facts that fit left and right in `room` cells, uncut; the amount paid is dropped last."""
        view, right, beside = self.view, self.view.right, 0
        for right in (view.right, view.tight) if view.tight else (view.right,):
            beside = sum(line.cells(fact) + FACT_GAP for fact in right)
            if (left := self._left_fitting(line, room - beside, view.charged)) is not None:
                return left, right
        if view.paid is None and view.charged is None and beside - FACT_GAP <= room:
            return None, right
        return self._left_fitting(line, room, view.charged) or self._left_fitting(line, room), ()

    def _left_fitting(self, line: TextLine, room: int, charged: StyledText | None = None) -> StyledText | None:
        """Return the facts at the left that fit in `room` cells, uncut; those `charged` are among them."""
        left, also, paid = self.view.left, self.view.also, self.view.paid
        ways = ((left, charged, also, paid), (left, charged, paid), (charged, paid))
        found = (one for one in map(_sentence, ways) if one is not None and line.cells(one) <= room)
        return next(found, None)

    def _draw_low(self, line: TextLine, y: int) -> None:
        view, inset = self.view, self.inset
        room = line.width - 2 * inset
        if not self.paint.glyphs.big_digits:
            if y == 1:
                _draw_sentence(line, view.figure, inset)
            elif y == 2:  # noqa: PLR2004 - under the sentence
                self._draw_facts(line)
            return
        beside = max(_label_width(line, one) for one in (view.figure.label, view.charged, view.paid))
        counted = next(
            width for width in range(room + 1) if _width(line, _in_rows(line, view.tight, width)[1]) <= width
        )
        drawn = big_digits(view.figure.figure, room - max(beside, counted + LABEL_GAP), LOW)
        start = line.width - inset - drawn.width
        free = start - LABEL_GAP - inset
        pieces: list[StyledText] = []
        if y == 1 and view.figure.label is not None:
            wide = _wide(view.figure.label) if view.figure.wide_label else view.figure.label
            label = wide if line.cells(wide) <= free else view.figure.label
            if line.cells(label) <= free:
                _draw_label(line, inset, label)
        elif y in {2, 3}:
            pieces = self._low_facts(line, free)[y - 2]
        if _width(line, pieces) <= free:
            at = inset
            for fact in pieces:
                at = line.say(at, fact) + 1
        _draw_figure(line, drawn, y - 1, start, view.figure.role)

    def _low_facts(self, line: TextLine, free: int) -> tuple[list[StyledText], list[StyledText]]:
        """Return the facts of the two rows under the label. What is charged takes the place of those at the right."""
        view = self.view
        right = list(view.right)
        if view.tight and _width(line, right) > free:
            first, right = _in_rows(line, view.tight, free)
            if right:
                return first, right
            right = first
        whole = _sentence((view.left, view.charged, view.paid))
        if view.charged is not None and whole is not None and line.cells(whole) > free:
            left, right = self._left_fitting(line, free), [view.charged]
        else:
            left = self._left_fitting(line, free, view.charged)
        return [left] if left is not None else [], right

    def _draw_tiny(self, line: TextLine) -> None:
        view, inset = self.view, self.inset
        if self.paint.plain and view.figure.sentence:
            _draw_sentence(line, view.figure, inset)
            return
        end = line.put_right(line.width - inset, view.figure.figure, view.figure.role, bold=True) - LABEL_GAP
        at = inset
        labelled = end - inset - _label_width(line, view.figure.label)
        left, gives_way = self._left_fitting(line, labelled, view.charged), False
        if left is None and (view.paid is not None or view.charged is not None):
            left = self._left_fitting(line, end - inset, view.charged)
            gives_way = left is not None
        if view.figure.label is not None and not gives_way:
            at = line.say(at, view.figure.label, bold=True, until=end) + LABEL_GAP
        if left is not None or (left := self._left_fitting(line, labelled)) is not None:
            line.say(at, left)


def _width(line: TextLine, pieces: Sequence[StyledText]) -> int:
    """Return the cells of pieces with one between."""
    return sum(map(line.cells, pieces)) + len(pieces) - 1


def _in_rows(line: TextLine, pieces: Sequence[StyledText], room: int) -> tuple[list[StyledText], list[StyledText]]:
    """Return pieces in two rows of `room` cells, of which the second may be empty."""
    fits = next((count for count in range(len(pieces), 0, -1) if _width(line, pieces[:count]) <= room), 0)
    return list(pieces[:fits]), list(pieces[fits:])


def _sentence(texts: Sequence[StyledText | None]) -> StyledText | None:
    """Join facts into one, in the style of the first."""
    facts = [fact for fact in texts if fact is not None]
    return replace(facts[0], text=", ".join(fact.text for fact in facts)) if facts else None


def _draw_label(line: TextLine, at: int, label: StyledText) -> None:
    """Draw the label of a figure. A notice shows in the symbol before it, not in its colour."""
    if label.mark is not Mark.NOTICE:
        line.say(at, label, bold=True)
        return
    at = line.say(at, replace(label, text="")) + 1
    line.put(at, label.text, label.role, bold=True)


def _wide(label: StyledText) -> StyledText:
    """Return the label of a figure with its word in spaced capitals. A script without them stays: its signs join."""
    word, _space, symbol = label.text.rpartition(" ")
    if word.upper() == word.lower():
        return label
    return replace(label, text=f"{' '.join(word.upper())}  {symbol}".rstrip())


def _label_width(line: TextLine, label: StyledText | None) -> int:
    return 0 if label is None else line.cells(label) + LABEL_GAP


def _draw_figure(line: TextLine, drawn: BigDigits, row: int, at: int, role: Tone) -> None:
    if 0 <= row < len(drawn.rows):
        text = drawn.rows[row]
        blank = len(text) - len(text.lstrip()) if drawn.large else 0
        line.put(at + blank, text[blank:].rstrip() if drawn.large else text, role, bold=not drawn.large)


def _draw_sentence(line: TextLine, view: FigureView, inset: int) -> None:
    if view.sentence:
        line.tell(inset, StyledText(view.sentence, bold=True), until=line.width - inset)
        return
    at = inset if view.label is None else line.say(inset, view.label, bold=True) + 1
    line.put(at, view.figure, view.role, bold=True)
