"""The entry band: the typed text, the answer to the last entry, and completions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from typing_extensions import override

from till.domain.advice import Advice
from till.domain.i18n import _
from till.tui.drawing.cut import cell_len, split_words
from till.tui.drawing.layout import DIVIDER, RIGHT, ROOMY, is_wide, margin
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import EntryView, NoticeView, StyledText
from till.tui.drawing.widgets.drawn import Drawn

if TYPE_CHECKING:
    from till.tui.drawing.widgets.line import TextLine

SPARE: Final = 3
"""The height of a band with a row above it: blank, or the hairline of a surface without a tint."""
BREAK: Final = 12
"""The most cells that are lost when a sentence is broken between words."""
_BESIDE: Final = 2
SUGGESTIONS_AT: Final = 30
"""The column of suggestions beside the entry, on a narrow screen."""


def answer_room(width: int, height: int) -> int:
    """Return the number of cells that an answer surely has on a screen of this size, over all its rows."""
    if is_wide(width):
        return 2 * (width - margin(width) - RIGHT) - BREAK
    row = width - 2 * margin(width) - 2
    return 2 * row - BREAK if height >= ROOMY else row


class EntryBand(Drawn[EntryView | NoticeView]):
    """The band above the keys: prompt and entry, answer, suggestions; or a notice while nothing is typed here.

    On a wide screen the answer is right of the entry, with suggestions below; on a narrow one the answer is above and
    suggestions beside. An answer too long for its row continues in a second one in place of suggestions, as the end of
    a sentence says what to do.
    """

    @property
    def _top(self) -> int:
        return 1 if self.size.height >= SPARE else 0

    @override
    def draw(self, y: int) -> TextLine:
        """Draw the row that separates the band from the screen, or one of its two rows."""
        row = y - self._top
        above = self._above(self.view) if row < 0 else None
        line = self.line(Backdrop.SURFACE if row >= 0 or above else None)
        if above is not None:
            line.tell(margin(line.width) + 2, above, until=line.width - margin(line.width))
        elif row < 0:
            if self.paint.rules:
                line.rule(0, line.width)
        elif isinstance(self.view, NoticeView):
            self._draw_notice(line, self.view, row)
        elif is_wide(line.width):
            self._draw_wide(line, self.view, row)
        else:
            self._draw_narrow(line, self.view, row)
        return line

    def _draw_wide(self, line: TextLine, view: EntryView, row: int) -> None:
        edge = margin(line.width)
        if row == 0:
            self._draw_entry(line, view, DIVIDER, row)
            if view.answer is not None:
                first, _more = self._parts(line.width - edge - RIGHT, view.answer)
                line.tell(RIGHT, first, until=line.width - edge)
            return
        end = line.width - edge
        if view.answer is not None and (more := self._parts(end - RIGHT, view.answer)[1]):
            line.tell(RIGHT, more, until=end)
            end = DIVIDER
        elif view.tip is not None:
            at = line.put(RIGHT, view.tip.key, Tone.ACCENT, bold=True)
            line.tell(at + 1, StyledText(view.tip.word, Tone.MUTED), until=end)
            end = DIVIDER
        if view.suggestions:
            self._draw_suggestions(line, view, edge + 2, end, 4)
        else:  # beside a long answer there may be room for the lead of a long hint, or for nothing
            hints = (view.hint, view.hint.lead if isinstance(view.hint, Advice) else "")
            shown = next((one for one in hints if cell_len(line.shown(one)) <= end - edge - 2), "")
            line.put(edge + 2, shown, Tone.MUTED)

    def _parts(self, room: int, answer: StyledText) -> tuple[StyledText, StyledText | None]:
        """Split an answer over two rows if it is too long for one."""
        lead = cell_len(self.paint.symbol(answer.mark)) + 1 if answer.mark else 0
        first, rest = split_words(self.paint.say(answer.text), room - lead)
        if not rest:
            return answer, None
        weight = answer.bold or (answer.mark is not None and answer.mark.bold)
        role = answer.mark.role if answer.mark else answer.role
        return replace(answer, text=first), replace(answer, text=rest, mark=None, role=role, bold=weight)

    def _above(self, view: EntryView | NoticeView) -> StyledText | None:
        """Return the part of a long answer in the row above a narrow band."""
        width = self.size.width
        if isinstance(view, NoticeView) or is_wide(width):
            return None
        first, more = self._parts(width - 2 * margin(width) - 2, self._sentence(view))
        return first if more else None

    def _sentence(self, view: EntryView) -> StyledText:
        """Return the sentence above the entry of a narrow screen: the answer, or the hint without one.

        An advice without room for all of it is its lead alone.
        """
        shown = view.answer if view.answer is not None else StyledText(view.hint, Tone.MUTED)
        room = answer_room(self.size.width, ROOMY if self._top else 0)
        is_long = isinstance(shown.text, Advice) and cell_len(self.paint.say(shown.text)) > room
        return replace(shown, text=shown.text.lead) if is_long and isinstance(shown.text, Advice) else shown

    def _draw_narrow(self, line: TextLine, view: EntryView, row: int) -> None:
        edge = margin(line.width)
        end = line.width - edge
        shown, rest = self._sentence(view), None
        if self._top:
            first, more = self._parts(end - edge - 2, shown)
            shown = more or first
        typed = edge + 2 + cell_len(line.shown(view.text))
        first, more = self._parts(end - edge - 2, shown)
        if more is not None and not view.masked and line.cells(more) <= end - typed - _BESIDE:
            shown, rest = first, more  # the end of a long sentence is beside what is typed
        if row == 0:
            line.tell(edge + 2, shown, until=end)
            return
        beside = bool(view.suggestions) and typed < SUGGESTIONS_AT - 2 and rest is None
        self._draw_entry(line, view, SUGGESTIONS_AT - 2 if beside else end, row)
        if rest is not None:
            line.tell(typed + _BESIDE, rest, until=end)
        elif beside:
            self._draw_suggestions(line, view, SUGGESTIONS_AT, end, 3)

    def _draw_entry(self, line: TextLine, view: EntryView, until: int, row: int) -> None:
        edge = margin(line.width)
        if view.shut:
            line.put(edge, ">", Tone.MUTED)
            return
        line.put(edge, ">", Tone.ACCENT, bold=True)
        text, cursor = view.text, view.cursor
        if view.masked:
            text, cursor = line.dots(text, cursor)
        column = line.put_typed(edge + 2, text, cursor, until, offered=view.offered)
        self.point_at(column, self._top + row)

    def _draw_suggestions(self, line: TextLine, view: EntryView, at: int, end: int, gap: int) -> None:
        key, at = at, at + cell_len(line.shown(_("Tab"))) + 2
        for suggestion in view.suggestions:
            name, price = line.shown(suggestion.name), line.shown(suggestion.price)
            if at + cell_len(name) + (1 + cell_len(price) if price else 0) > end:
                return
            if suggestion is view.suggestions[0]:
                line.put(key, _("Tab"), Tone.ACCENT, bold=True)
            at = line.put(at, name)
            if price:
                at = line.put(at + 1, price, Tone.MUTED)
            at += gap

    def _draw_notice(self, line: TextLine, view: NoticeView, row: int) -> None:
        edge = margin(line.width)
        start, end = edge + 2, line.width - edge
        lead, rest = split_words(line.shown(view.lead), end - start)
        if rest and not (view.rest or view.more):  # it takes both rows
            view = replace(view, lead=lead, rest=rest)
        beside, beneath = self._placed(line, view, end - start)
        if row == 0:
            if view.mark is None:
                line.put(start, view.lead, Tone.MUTED, until=end)
                return
            line.put(edge, self.paint.symbol(view.mark), view.mark.role, bold=True)
            at = line.tell(start, StyledText(view.lead, bold=True), until=end)
            line.put(at + 1, beside, until=end)
        else:
            line.tell(start, beneath or StyledText(view.more, Tone.MUTED), until=end)

    @staticmethod
    def _placed(line: TextLine, view: NoticeView, room: int) -> tuple[str, StyledText | None]:
        """Return the part of the rest beside the lead, and the part below. It is kept in one row if it fits there."""
        left = room - cell_len(line.shown(view.lead)) - 1
        rest = line.shown(view.rest)
        if cell_len(rest) <= left:
            return rest, None
        if cell_len(rest) <= room:
            return "", StyledText(rest)
        beside, beneath = split_words(rest, left)
        return beside, StyledText(beneath)
