"""Views of the pay screen while a guest scans a code: the code, its amount, the wait, and what Esc does."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _
from till.domain.text import clock_of
from till.register.answers import as_sentence
from till.tui.drawing.codes import CodePlace
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    CodeView,
    EntryView,
    FigureView,
    HeadView,
    RowsView,
    RowView,
    StyledText,
    TotalView,
    cell,
    in_row,
)

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.tui.drawing.screen import Views
    from till.tui.screens.pay.state import Awaited, PayFacts

_BLANK = RowView()
#: The width of the three rows of text beside a full-height code, without the mark.
_MESSAGE_COLUMNS: Final = 23


def scanned_views(
    plain: Views,
    facts: PayFacts,
    awaited: Awaited,
    taken: tuple[RowView, ...],
    code: CodeView,
    message: StyledText | None,
) -> Views:
    """Return the views with a code; `plain` are those without it, and `taken` is its payments."""
    room = facts.room(len(code.modules))
    money = facts.formats.money(awaited.payment.amount)
    asks = _("The code asks for {amount}.").format(amount=money)
    answer = StyledText(_("{asks} Paid once this screen says so.").format(asks=asks))
    hint = _("A guest’s screen is not proof of payment.") if facts.is_wide else ""
    keys = plain["keys"]
    if room is CodePlace.FULL:  # two narrow rows, without the help
        keys = replace(keys, keys=(), above=keys.keys[-1:])
    note = f"{facts.venue.settings.name}, {money}" if room is CodePlace.RIGHT else ""
    figure = figure_of(facts.formats, awaited)
    is_parted = room in {CodePlace.CORNER, CodePlace.FULL}
    waiting = replace(figure, label=None) if is_parted else FigureView("")
    if room is CodePlace.RIGHT:
        waiting = _waiting(awaited)
    return plain | {
        "tenders": RowsView(_short(taken, room)),
        "due": FigureView(""),
        "tendered": RowsView(_label(figure, awaited) if is_parted else ()),
        "change": TotalView(figure),
        "notes_head": HeadView(_("Scan to pay"), _("any UPI app"), note),
        "story": RowsView(_story(facts, awaited, room)),
        "waiting": waiting,
        "foot": _beside(message) if room is CodePlace.FULL else RowsView(_foot(awaited, room)),
        "code": code if room is not CodePlace.NONE else CodeView(),
        "entry": EntryView(answer=answer, hint=hint, shut=True),
        "keys": keys,
    }


def _beside(message: StyledText | None) -> RowsView:
    """Return the rows above the keys where a full-height code leaves no answer line: the message, or a warning."""
    if message is None:
        return RowsView((_BLANK, in_row(cell(0, _("Trust this screen."), Tone.MUTED))))
    first, *others = wrap(message.text, _MESSAGE_COLUMNS)
    more = (in_row(cell(2 if message.mark else 0, replace(message, text=text, mark=None))) for text in others)
    return RowsView((in_row(cell(0, replace(message, text=first))), *more))


def _short(taken: tuple[RowView, ...], room: CodePlace) -> tuple[RowView, ...]:
    """Return all payments if there is room for them; otherwise the total and the newest."""
    if room in {CodePlace.BESIDE, CodePlace.FULL}:
        return taken if room is CodePlace.BESIDE else ()
    rows = [row for row in taken if row.cells]
    if room is CodePlace.RIGHT and len(rows) == 2:  # noqa: PLR2004 - the total, and the one payment
        return rows[0], _BLANK, rows[1]
    return (*rows[:1], *rows[1:][-2:])


def _label(figure: FigureView, awaited: Awaited) -> tuple[RowView, ...]:
    """Return the label above a figure that takes all the room beside the code."""
    label = replace(figure.label or StyledText(""), bold=True)
    number = StyledText(awaited.payment.reference[2], Tone.MUTED)
    return (in_row(cell(0, label), cell(-1, number)),)


def _waiting(awaited: Awaited) -> FigureView:
    """Return the time waited as a figure."""
    under = StyledText(_("closed after {time}").format(time=clock_of(awaited.gives_up_s)), Tone.MUTED)
    return FigureView(clock_of(awaited.waited_s), StyledText(_("Waiting")), Tone.MUTED, under=under)


def _filled(awaited: Awaited) -> RowView:
    """Return the progress bar of the wait."""
    return RowView(rule=True, filled=min(1.0, awaited.waited_s / max(1, awaited.gives_up_s)))


def _foot(awaited: Awaited, room: CodePlace) -> tuple[RowView, ...]:
    """Return the rows below the rest."""
    match room:
        case CodePlace.BESIDE:
            return _closing()
        case CodePlace.RIGHT:
            return (_filled(awaited), _BLANK, *_closing(1))
        case CodePlace.FULL | CodePlace.CORNER | CodePlace.NONE:
            return ()


def figure_of(formats: Formats, awaited: Awaited, mark: Mark | None = None) -> FigureView:
    """Return the amount of the payment as the large figure."""
    amount = awaited.payment.amount
    label = StyledText(f"{awaited.label} {formats.currency.symbol.strip()}", mark=mark)
    return FigureView(formats.amount(amount), label, sentence=as_sentence(f"{awaited.label} {formats.money(amount)}"))


def _wait(awaited: Awaited) -> tuple[RowView, ...]:
    """Return the time waited, and a progress bar."""
    return (
        in_row(cell(0, _("Waiting"), bold=True), cell(-1, clock_of(awaited.waited_s))),
        in_row(cell(0, _("closed after"), Tone.MUTED), cell(-1, clock_of(awaited.gives_up_s), Tone.MUTED)),
        _BLANK,
        _filled(awaited),
    )


def _steps(facts: PayFacts, awaited: Awaited) -> tuple[RowView, ...]:
    """Return when the code was made, and that the guest scans it now."""
    when = _made_at(facts, awaited)
    return (
        in_row(cell(0, "", mark=Mark.APPROVED), cell(2, _("code ready"), Tone.MUTED)),
        in_row(cell(2, when, Tone.MUTED)),
        in_row(cell(0, "", mark=Mark.WAITING), cell(2, _("the guest scans"), bold=True)),
    )


def _made_at(facts: PayFacts, awaited: Awaited) -> str:
    made = next((at for at, _words in reversed(awaited.steps)), None)
    return facts.venue.local(made).strftime("%H:%M:%S") if made is not None else ""


def _closing(inset: int = 0) -> tuple[RowView, ...]:
    key, at = StyledText("Esc", Tone.ACCENT, bold=True), inset + (5 if inset else 7)
    return (
        in_row(cell(inset, key), cell(at, _("Close the code"))),
        in_row(cell(at, _("At the bank first. A payment by then counts."), Tone.MUTED)),
    )


def _story(facts: PayFacts, awaited: Awaited, room: CodePlace) -> tuple[RowView, ...]:
    """Return the rows beside a code, or under the payments if the code has the other pane."""
    made, when, scans = _steps(facts, awaited)
    number = awaited.payment.reference[2]
    match room:
        case CodePlace.BESIDE:
            about = (
                in_row(cell(0, facts.formats.money(awaited.payment.amount), bold=True)),
                in_row(cell(0, facts.venue.settings.name, Tone.MUTED)),
                in_row(cell(0, number, Tone.MUTED)),
            )
            return (*about, _BLANK, made, when, _BLANK, scans, *[_BLANK] * 4, *_wait(awaited))
        case CodePlace.RIGHT:
            detail = ", ".join(part for part in (_("code ready"), number) if part)
            return (
                in_row(
                    cell(0, "", mark=Mark.APPROVED),
                    cell(3, _made_at(facts, awaited), Tone.MUTED),
                    cell(14, detail, Tone.MUTED),
                ),
                in_row(cell(0, "", mark=Mark.WAITING), cell(14, _("the guest scans"), bold=True)),
            )
        case CodePlace.CORNER:
            return _wait(awaited)
        case CodePlace.FULL:
            return (scans, _BLANK, *_wait(awaited))
        case CodePlace.NONE:
            return (
                in_row(cell(0, _("The code does not fit this window."), bold=True)),
                in_row(cell(0, _("Make it larger, or Esc and take another way."), Tone.MUTED)),
                *_wait(awaited),
            )
