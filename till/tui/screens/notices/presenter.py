"""Views of the notices, made from their state and facts."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    CardsView,
    CardView,
    CellView,
    EntryView,
    FigureView,
    HeadView,
    RowsView,
    RowView,
    StyledText,
    TotalView,
)
from till.tui.screens.notices.reduce import KEYS, NOTICES
from till.tui.screens.notices.state import NoticesViews

if TYPE_CHECKING:
    from till.domain.notice.notice import Notice
    from till.domain.notice.words import NoticeText
    from till.tui.drawing.viewmodels import StatusView
    from till.tui.screens.notices.state import NoticesFacts, NoticesState

#: The width of a sentence in cells, with two panes (True) and with one.
_WIDE: Final = {True: 57, False: 74}


def notices_views(state: NoticesState, facts: NoticesFacts, status: StatusView) -> NoticesViews:
    """Return all views of a state."""
    at = NOTICES.place(state, facts)
    notice, wording = facts.notices[at] if facts.notices else (None, None)
    return NoticesViews(
        status=status,
        head=_head(facts),
        list=_list(at, facts),
        total=_total(notice, wording, facts),
        detail_head=HeadView(wording.title, wording.detail) if wording is not None else HeadView(),
        detail=_detail(wording, facts) if wording is not None else RowsView(),
        entry=EntryView("", 0, state.message or StyledText(_answer(state, wording))),
        keys=KEYS.bar(state, facts),
    )


def _answer(state: NoticesState, wording: NoticeText | None) -> str:
    """Return the meaning of the marked notice; while that is on the screen already, what to do if it is wrong."""
    if wording is None:
        return ""
    return wording.wrong if state.opened else wording.means


def _head(facts: NoticesFacts) -> HeadView:
    new = _("{n} new").format(n=facts.count)
    return HeadView(_("Notices"), _("changes by others to your orders") if facts.wide else "", new)


def _list(at: int, facts: NoticesFacts) -> CardsView:
    cards = tuple(_card(n, notice, wording, facts) for n, (notice, wording) in enumerate(facts.notices, 1))
    return CardsView(cards, at if cards else None, (_("Nothing is new."), _("Esc goes back to the order.")))


def _card(number: int, notice: Notice, wording: NoticeText, facts: NoticesFacts) -> CardView:
    new = notice.id not in facts.seen
    tone = Tone.TEXT if new else Tone.MUTED
    cells = [CellView(2, StyledText(str(number), Tone.ACCENT if new else Tone.MUTED, bold=new))]
    if new:
        cells.append(CellView(5, StyledText("", mark=Mark.NOTICE)))
    cells += [
        CellView(7, StyledText(wording.title, tone, bold=new)),
        CellView(-2, StyledText(_amount(notice, facts), tone, bold=new), right=True),
    ]
    return CardView((RowView(tuple(cells)), RowView((CellView(7, StyledText(wording.detail, Tone.MUTED)),))))


def _amount(notice: Notice, facts: NoticesFacts) -> str:
    currency = notice.data.named.currency
    return facts.formats.amount(Currency(currency).minor(notice.amount)) if currency else ""


def _detail(wording: NoticeText, facts: NoticesFacts) -> RowsView:
    """Return the rows of a notice: the events, their meaning, and what to do if something is wrong."""
    width = _WIDE[facts.wide]
    rows = [
        RowView((CellView(1, StyledText(time, Tone.MUTED)), CellView(8, StyledText(text))))
        for time, what in wording.happened
        for time, text in _lines(time, what, width - 8)
    ]
    for title, text, tone in (
        (_("Meaning"), wording.means, Tone.TEXT),
        (_("If it is wrong"), wording.wrong, Tone.MUTED),
    ):
        rows += [RowView(), RowView((CellView(1, StyledText(title, bold=True)),))]
        rows += [RowView(rule=True)] if facts.wide else []
        rows += [RowView((CellView(1, StyledText(line, tone)),)) for line in wrap(text, width - 2)]
    return RowsView(tuple(rows))


def _lines(time: str, what: str, width: int) -> list[tuple[str, str]]:
    return [(time if not n else "", line) for n, line in enumerate(wrap(what, width))]


def _total(notice: Notice | None, wording: NoticeText | None, facts: NoticesFacts) -> TotalView:
    """Return the amount that the marked notice is about, as the large figure."""
    if notice is None or wording is None or not (amount := _amount(notice, facts)):
        return TotalView(FigureView(""))
    symbol = facts.formats.currency.symbol.strip()
    return TotalView(FigureView(amount, StyledText(f"{_('About')} {symbol}"), sentence=wording.sentence))
