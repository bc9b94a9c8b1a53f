"""The guest of a training: the words at the counter, those who wait, and the figures so far."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _, pgettext
from till.domain.text import clock_of
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import HeadView, RowsView, RowView, StyledText, cell, in_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.ports.training import DrillShown, GuestShown
    from till.tui.drawing.screen import Views

#: With two panes: the rows before the list of those who wait, and those of the figures.
_WORDS: Final = 8
_SO_FAR: Final = 5
#: With one pane: the rows of the words, with the hairline below.
WORDS_NARROW: Final = 3


def guest_views(shown: DrillShown, width: int, height: int) -> Views:
    """Return the pane beside the order, in a region of this size."""
    guest = shown.at_counter
    rows = [RowView(), *_words(guest, width)] if guest is not None else [RowView()]
    rows = [*rows[:_WORDS], *(RowView() for _n in range(_WORDS - len(rows)))]
    room = height - _WORDS - _SO_FAR - 2
    count = _("{n}, they leave after {time}").format(n=len(shown.waiting), time=clock_of(shown.patience_s))
    rows += [in_row(cell(1, _("Waiting"), bold=True), cell(-2, count, Tone.MUTED)), RowView(rule=True)]
    waiting = [_waiting(one) for one in shown.waiting]
    spread = [row for one in waiting for row in (one, RowView())] if 2 * len(waiting) <= room else waiting
    rows += [*spread[:room], *(RowView() for _n in range(room - len(spread)))]
    rows += [in_row(cell(1, _("So far"), bold=True)), RowView(rule=True), *_so_far(shown)]
    head = HeadView(_("Nobody waits"))
    if guest is not None:
        head = HeadView(guest.name, _("at the counter"), _("waits {time}").format(time=clock_of(guest.waits_s)))
    return {"guest_head": head, "guest": RowsView(tuple(rows)), "so_far": RowsView()}


def narrow_views(shown: DrillShown, width: int) -> Views:
    """Return the words above the order and the figures below it, with one pane."""
    guest, figures = shown.at_counter, shown.so_far
    line = _("Served {n}, {s} s each   wrong {wrong}   left {left}").format(
        n=figures.served, s=round(figures.each_s), wrong=figures.wrong, left=figures.left
    )
    so_far = RowsView((in_row(cell(1, line, Tone.MUTED)),))
    if guest is None:
        blank = (RowView(), RowView(), RowView(rule=True))
        return {"guest_head": HeadView(_("Nobody waits")), "guest": RowsView(blank), "so_far": so_far}
    behind = _("{n} waiting").format(n=len(shown.waiting)) if shown.waiting else ""
    if leaving := next((one for one in shown.waiting if one.is_leaving), None):
        behind = _("{behind}, {name} leaves at {time}").format(
            behind=behind, name=leaving.name, time=clock_of(shown.patience_s)
        )
    words = [*_words(guest, width)]
    rows = [*words[-(WORDS_NARROW - 1) :], RowView(), RowView()][: WORDS_NARROW - 1]
    head = HeadView(guest.name, _("waits {time}").format(time=clock_of(guest.waits_s)), behind)
    return {"guest_head": head, "guest": RowsView((*rows, RowView(rule=True))), "so_far": so_far}


def _words(guest: GuestShown, width: int) -> Iterable[RowView]:
    """Yield what the guest says; the last row has how the guest pays if there is room for it."""
    lines = [line for words in guest.words for line in wrap(f"“{words}”", max(20, width - 2))]
    *before, last = lines
    yield from (in_row(cell(1, line, bold=True)) for line in before)
    if len(last) + len(guest.pays) + 4 <= width:
        yield in_row(cell(1, last, bold=True), cell(-2, guest.pays, Tone.MUTED))
        return
    yield in_row(cell(1, last, bold=True))
    if guest.pays:
        yield in_row(cell(1, guest.pays, Tone.MUTED))


def _waiting(guest: GuestShown) -> RowView:
    time = clock_of(guest.waits_s)
    waits = (
        StyledText(time, Tone.WARN, bold=True, mark=Mark.NOTICE) if guest.is_leaving else StyledText(time, Tone.MUTED)
    )
    return in_row(cell(1, guest.name), cell(18, f"“{guest.words[0]}”", Tone.MUTED), cell(-2, waits))


def _so_far(shown: DrillShown) -> tuple[RowView, ...]:
    own = shown.so_far
    rows = (
        (_("Served"), own.served, _("{n} s each").format(n=round(own.each_s)) if own.served else ""),
        (_("Wrong"), own.wrong, _("of {n} lines").format(n=own.lines) if own.lines else ""),
        (
            pgettext("guests", "Left"),
            own.left,
            _("after {time}").format(time=clock_of(shown.patience_s)) if own.left else "",
        ),
    )
    return tuple(
        in_row(cell(1, label), cell(13, str(count), bold=True, right=True), cell(16, detail, Tone.MUTED))
        for label, count, detail in rows
    )
