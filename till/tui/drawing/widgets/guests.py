"""The guests of a split, each with the amount they owe in large digits; from the fourth on, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.tui.drawing.big_digits import LOW, TALL, big_digits
from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import GuestsView, GuestView
from till.tui.drawing.widgets.drawn import Drawn

if TYPE_CHECKING:
    from till.tui.drawing.widgets.line import TextLine

#: The most guests with large digits.
_LARGE: Final = 3
#: Rows of a guest in a column of the right pane, without and with the blank one below.
_BAND: Final = 5
_STEP: Final = 6
#: The least width for guests side by side.
_SIDE_BY_SIDE: Final = 70


class GuestList(Drawn[GuestsView]):
    """Bands of five rows, or side by side with a single pane; one row each for many guests or little room."""

    @override
    def draw(self, y: int) -> TextLine:
        if not self._large:
            return self._row(y)
        return self._beside(y) if self._side_by_side else self._band(y)

    @override
    def pointed(self, x: int, y: int) -> int | str | None:
        """Return the index of the guest at this cell."""
        if not self._large:
            place = y + self._first
        else:
            place = x // (self.size.width // _LARGE) if self._side_by_side else y // _STEP
        return place if place < len(self.view.guests) else None

    @property
    def _side_by_side(self) -> bool:
        return self.size.width >= _SIDE_BY_SIDE

    @property
    def _large(self) -> bool:
        """True if all guests have large digits. No guest is pushed out of sight by another's digits."""
        count = len(self.view.guests)
        needed = _STEP if self._side_by_side else max(_STEP, count * _STEP - 1)
        few = count <= _LARGE and not self.view.close
        return few and self.paint.glyphs.big_digits and self.size.height >= needed

    @property
    def _first(self) -> int:
        """The first visible guest if there are more than rows, so that the marked one is visible."""
        return max(0, (self.view.selected or 0) - self.size.height + 1)

    def _row(self, y: int) -> TextLine:
        place = y + self._first
        if place >= len(self.view.guests):
            return self.line()
        guest, marked = self.view.guests[place], place == self.view.selected
        line = self.line(Backdrop.SELECT if marked else None)
        if marked:
            line.put(0, self.paint.glyphs.select, Tone.ACCENT)
        role = Tone.FAINT if guest.paid else Tone.TEXT
        end = line.put_right(line.width - 1, guest.figure, role, bold=True) - 1
        line.say(14, guest.remark, until=end)
        self._put_name(line, guest, 2)
        return line

    @staticmethod
    def _put_name(line: TextLine, guest: GuestView, at: int) -> None:
        at = line.put(at, guest.name, bold=True) + 1
        line.put(at, guest.number, Tone.FAINT if guest.paid else Tone.ACCENT, bold=True)

    def _band(self, y: int) -> TextLine:
        place, row = divmod(y, _STEP)
        if place >= len(self.view.guests) or row == _BAND:
            return self.line()
        guest, marked = self.view.guests[place], place == self.view.selected
        line = self.line(Backdrop.SELECT if marked else None)
        if marked:
            line.put(0, self.paint.glyphs.select, Tone.ACCENT)
        drawn = big_digits(guest.figure, line.width - 17, LOW)
        if 1 <= row <= len(drawn.rows):
            role = Tone.FAINT if guest.paid else Tone.TEXT
            text = drawn.rows[row - 1]
            blank = len(text) - len(text.lstrip())
            line.put(line.width - 1 - drawn.width + blank, text[blank:].rstrip(), role, bold=not drawn.large)
        if row == 1:
            self._put_name(line, guest, 2)
        elif row == 2:  # noqa: PLR2004 - under the name
            line.say(2, guest.remark, until=line.width - 1 - drawn.width)
        return line

    def _beside(self, y: int) -> TextLine:
        line, width = self.line(), self.size.width // _LARGE
        for place, guest in enumerate(self.view.guests):
            at, end = place * (width + 1), place * (width + 1) + width - 1
            ground = Backdrop.SELECT if place == self.view.selected else None
            pieces = self._beside_pieces(y, guest, at, end)
            x = at
            if ground is not None:
                x = line.put(at, self.paint.glyphs.select, Tone.ACCENT, ground=ground)
            for start, text, role, bold in pieces:
                if ground is not None and start > x:
                    line.put(x, " " * (start - x), ground=ground)
                x = line.put(start, text, role, bold=bold, ground=ground, until=end)
            if ground is not None and x < end:
                line.put(x, " " * (end - x), ground=ground)
        return line

    def _beside_pieces(self, y: int, guest: GuestView, at: int, end: int) -> list[tuple[int, str, Tone, bool]]:
        """Return the pieces of a guest's row from the left: name and remark, or a row of the figure."""
        role = Tone.FAINT if guest.paid else Tone.TEXT
        line = self.line()
        if y == 0:
            remark, tone, _bold = line.spoken(guest.remark)
            far = end - 1 - line.cells(guest.remark)
            first = at + 3 + cell_len(guest.name)
            named = first + cell_len(guest.number) < far  # otherwise the number tells who it is
            name = [(at + 2, guest.name, Tone.TEXT, True)] if named else []
            number = (first if named else at + 2, guest.number, Tone.FAINT if guest.paid else Tone.ACCENT, True)
            return [*name, number, (max(far, number[0] + cell_len(guest.number) + 1), remark, tone, False)]
        drawn = big_digits(guest.figure, end - at - 3, TALL)
        if y > len(drawn.rows):
            return []
        text = drawn.rows[y - 1]
        return [(end - 1 - drawn.width, text, role, not drawn.large)]
