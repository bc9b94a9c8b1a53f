"""Views of the pay screen while a payment's outcome is awaited or unknown."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _, ngettext
from till.domain.money.measures import Minor
from till.domain.payment.movement import PaymentState
from till.domain.text import clock_of
from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    EntryView,
    FigureView,
    HeadView,
    RowsView,
    RowView,
    StyledText,
    TotalView,
    cell,
    in_row,
    sentence_row,
)
from till.tui.drawing.widgets.code import code_of
from till.tui.screens.pay.awaiting import has_it, works
from till.tui.screens.pay.scanned import figure_of, scanned_views
from till.tui.shell.entry_line import EMPTY

if TYPE_CHECKING:
    from datetime import datetime

    from till.tui.drawing.screen import Views
    from till.tui.screens.pay.state import Awaited, PayFacts, PayState

_BLANK = RowView()

#: The most rows for the total, the tip and the newest payments with a single pane.
_LISTED: Final = 5
#: Cells in a row of the total or the tip; a payment's row has more.
_SUM: Final = 2
#: The characters in a row of the provider's sentence, beside another pane and in a single one.
_MESSAGE: Final = 42
_MESSAGE_ALONE: Final = 62


def awaited_views(plain: Views, state: PayState, facts: PayFacts, awaited: Awaited) -> Views:
    """Return the views while an outcome is awaited, based on the `plain` ones of the same moment."""
    if awaited.is_unknown:
        views = _unknown(plain, state, facts, awaited)
    elif awaited.code:
        views = scanned_views(plain, facts, awaited, _taken(plain), code_of(awaited.code), state.message)
    else:
        views = _asked(plain, facts, awaited)
    if state.message is not None:
        views |= {"entry": replace(views["entry"], answer=state.message)}
    return views


def _taken(plain: Views) -> tuple[RowView, ...]:
    """Return the rows of the total and the payments, without trailing blank ones."""
    rows = list(plain["tenders"].rows)
    while rows and not rows[-1].cells:
        rows.pop()
    return tuple(rows)


# At the terminal.


def _asked(plain: Views, facts: PayFacts, awaited: Awaited) -> Views:
    money = facts.formats.money(awaited.payment.amount)
    filled = min(1.0, awaited.waited_s / max(1, awaited.gives_up_s))
    gives_up = StyledText(_("gives up after {time}").format(time=clock_of(awaited.gives_up_s)), Tone.MUTED)
    words = works(awaited.by)
    detail = words.detail.format(till=facts.venue.till_name(awaited.payment.till))
    head = HeadView(words.head.format(tender=awaited.label), detail)
    has = has_it(awaited, money)
    not_kept = _("No other key acts until it has answered.")
    figure, tenders = figure_of(facts.formats, awaited), _taken(plain)
    if not facts.is_wide:  # the newest, with a blank row below
        sums = tuple(row for row in tenders if 0 < len(row.cells) <= _SUM)
        tenders = (*sums, *[row for row in tenders if len(row.cells) > _SUM][len(sums) - _LISTED :])
    if facts.is_wide:
        change = TotalView(figure, StyledText(words.compare, Tone.MUTED) if words.compare else None)
        entry = EntryView(answer=StyledText(has), hint=not_kept, shut=True)
    else:
        waited = StyledText(_("waiting {time}").format(time=clock_of(awaited.waited_s)))
        change = TotalView(figure, waited, (gives_up,), filled=filled)
        entry = EntryView(answer=StyledText(f"{has} {not_kept}"), shut=True)
    return plain | {
        "tenders": RowsView(tenders),
        "due": FigureView(""),
        "tendered": RowsView(),
        "change": change,
        "notes_head": head,
        "story": _steps(facts, awaited, head),
        "waiting": FigureView(clock_of(awaited.waited_s), StyledText(_("Waiting")), Tone.MUTED, under=gives_up),
        "foot": _foot(awaited, filled),
        "entry": entry,
        "keys": replace(plain["keys"], note=StyledText(words.works, Tone.MUTED, mark=Mark.WAITING)),
    }


def _steps(facts: PayFacts, awaited: Awaited, head: HeadView) -> RowsView:
    """Return the steps of the terminal; the last is under way."""
    rows: list[RowView] = []
    shown = awaited.steps[-3:] if facts.is_wide else awaited.steps[-2:]
    for at, words in shown:
        is_last = (at, words) == shown[-1]
        when = StyledText(_clock(facts, at), Tone.MUTED)
        mark = StyledText("", mark=Mark.WAITING if is_last else Mark.APPROVED)
        step = StyledText(words, Tone.TEXT if is_last else Tone.MUTED, bold=is_last)
        if facts.is_wide:
            rows += [_BLANK, in_row(cell(0, mark), cell(3, when), cell(14, step))]
        else:
            rows.append(in_row(cell(1, mark), cell(4, when), cell(15, step)))
    if facts.is_wide:
        return RowsView(tuple(rows))
    title = in_row(cell(1, head.title, bold=True), cell(cell_len(head.title) + 3, head.detail, Tone.MUTED))
    return RowsView((title, RowView(rule=True), *rows))


def _clock(facts: PayFacts, at: datetime | None) -> str:
    return facts.venue.local(at).strftime("%H:%M:%S") if at is not None else ""


def _foot(awaited: Awaited, filled: float) -> RowsView:
    """Return the progress bar, and what Esc does."""
    then: tuple[str, ...] = works(awaited.by).then
    if awaited.is_return:
        key, act = "Esc", _("Back to the order")
        then = (_("Still checking. The order is locked until the answer."),)
    elif awaited.stopping_s is not None:
        key, act = "", _("Stopping {time}").format(time=clock_of(awaited.stopping_s))
    else:
        key, act = "Esc", works(awaited.by).stop
    return RowsView(
        (
            _BLANK,
            RowView(rule=True, filled=filled),
            _BLANK,
            _BLANK,
            in_row(cell(0, key, Tone.ACCENT, bold=True), cell(5, act)),
            *(sentence_row(5, words, Tone.MUTED) for words in then),
        )
    )


# Unknown.


def _unknown(plain: Views, state: PayState, facts: PayFacts, awaited: Awaited) -> Views:
    order, left = facts.order, None
    stays = Minor(order.paid - awaited.payment.settles) if awaited.is_return else order.paid
    if stays:
        stand = [
            one for one in order.payments.values() if one.state is PaymentState.APPROVED and one.going_back is None
        ]
        ways = {facts.tenders.label_of(one.tender) for one in stand}
        paid = f"{ways.pop()} {facts.formats.amount(stays)}" if len(ways) == 1 else facts.formats.money(stays)
        left = StyledText(_("{amount} stays paid").format(amount=paid), Tone.MUTED)
    facts_rows = _fact_rows(facts, awaited)
    tenders = _taken(plain)
    if not facts.is_wide:  # the newest payments and the facts of the unknown one
        payments = [row for row in tenders[1:] if row.cells]
        tenders = (*tenders[:1], *payments[-2:])
    message = (
        _("It is not known yet if it was refunded.")
        if awaited.is_return
        else _("It is not known yet if it was charged.")
    )
    slip, checking = state.entry if state.settling else EMPTY, _("Esc keeps the order here; checking continues.")
    if awaited.asker:
        checking = _("K lets {till} ask for the outcome.").format(till=awaited.asker)
    return plain | {
        "tenders": RowsView((*tenders, *facts_rows)),
        "due": FigureView(""),
        "tendered": RowsView(),
        "change": TotalView(figure_of(facts.formats, awaited, Mark.NOTICE), left),
        "notes_head": HeadView(_("Say to the guest")),
        "story": _ways(facts, awaited) if facts.is_wide else _brief(facts, awaited),
        "waiting": FigureView(""),
        "foot": RowsView(),
        "entry": EntryView(slip.text, slip.cursor, answer=StyledText(message), hint=checking),
    }


def _fact_rows(facts: PayFacts, awaited: Awaited) -> tuple[RowView, ...]:
    """Return the facts of a payment with an unknown outcome: when and where it was sent, last and next request."""
    payment, back = awaited.payment, awaited.payment.going_back
    number = payment.reference[2] if back is None else back.reference[2]
    started, at = (payment.started_at, payment.at) if back is None else (back.started_at, back.at)
    sent = _clock(facts, started)
    if number:
        sent = _("{time}, reference {number}").format(time=sent, number=number)
    rows = [(_("Sent"), sent)]
    if awaited.elsewhere:
        rows.append((_("Started on"), awaited.elsewhere))
    always = len(rows)
    if started is not None and at > started:
        rows.append((_("No answer"), _clock(facts, at)))
    if awaited.asks:
        times = ngettext("{count} time", "{count} times", awaited.asks).format(count=awaited.asks)
        rows.append(
            (_("Asked after"), _("{times}, last {time}").format(times=times, time=_clock(facts, awaited.asked_at)))
        )
    upcoming = _("in {count} s, by itself").format(count=awaited.next_s) if awaited.next_s else _("now")
    if awaited.asker:
        upcoming = _("on {till}, after K").format(till=awaited.asker)
    if facts.is_wide:
        rows.append((_("Next"), upcoming))
    message = wrap(awaited.message, _MESSAGE if facts.is_wide else _MESSAGE_ALONE) if awaited.may_settle else []
    rows += zip([_("It says"), *[""] * len(message)], message, strict=False)  # a manager decides by it
    if not facts.is_wide:  # the provider's list ends its sentence
        rows = [*rows[:always], *rows[always:][-max(1, min(2, len(message))) :]]
    cells = tuple(in_row(cell(1, word, Tone.MUTED), cell(15, text)) for word, text in rows)
    return (_BLANK, *cells) if facts.is_wide else cells


def _sentences(awaited: Awaited) -> tuple[str, str]:
    """Return the two sentences to say to the guest."""
    if awaited.is_return:
        return _("“The bank has not said yet if it was refunded."), _("We ask again. Your money is not lost.”")
    if awaited.by == "server":
        return _("“Our server has not answered yet. We ask again."), _("You will not be charged twice.”")
    return _("“The bank's answer has not reached us. We ask again."), _("You will not be charged twice.”")


def _settling(facts: PayFacts, awaited: Awaited) -> tuple[Tone, str]:
    """Return the tone of the manager's way to settle, and the time from which it is possible."""
    if awaited.may_settle:
        return Tone.TEXT, ""
    return Tone.FAINT, _("○ from {time}").format(time=_clock(facts, awaited.settles_from))


def _ways(facts: PayFacts, awaited: Awaited) -> RowsView:
    """Return the words for the guest, the choices of the cashier and of a manager, and what to avoid."""
    first, second = _sentences(awaited)
    not_now = _("Another way to pay: the guest might pay twice."), _("Taking the cash back: wait for the card first.")
    says = _("charged, or not charged.")
    if awaited.is_return:
        not_now = _("Refunding in cash: it might be refunded twice."), _("Paying the rest: wait for the card first.")
        says = _("refunded, or not refunded.")
    after = _("Checking continues. The answer finds it.")
    if awaited.asker:
        after = _("{till} asks then. The answer finds it.").format(till=awaited.asker)
    tone, from_ = _settling(facts, awaited)
    muted = Tone.MUTED if awaited.may_settle else Tone.FAINT
    key = Tone.ACCENT if awaited.may_settle else Tone.FAINT

    def head(word: str, note: str = "") -> tuple[RowView, RowView]:
        cells = [cell(0, word, bold=True)]
        if note:
            cells.append(cell(-1, note, Tone.FAINT))
        return in_row(*cells), RowView(rule=True)

    def way(letter: str, words: str, role: Tone = Tone.TEXT, accent: Tone = Tone.ACCENT) -> RowView:
        return in_row(cell(0, letter, accent, bold=True), cell(7, words, role))

    def more(words: str, role: Tone = Tone.MUTED) -> RowView:
        return sentence_row(7, words, role)

    return RowsView(
        (
            _BLANK,
            sentence_row(0, first, bold=True),
            sentence_row(0, second, bold=True),
            _BLANK,
            _BLANK,
            _BLANK,
            *head(_("Your options")),
            _BLANK,
            *(() if awaited.asker else (way("Enter", _("Ask now")), _BLANK)),
            way("K", _("Keep it, serve the next guest")),
            more(after),
            _BLANK,
            *head(_("A manager"), from_),
            _BLANK,
            way("M", _("Settle by hand"), tone, key),
            more(works(awaited.by).by_hand[1], muted),
            more(says, muted),
            _BLANK,
            *head(_("Not now")),
            _BLANK,
            *(more(words) for words in not_now),
        )
    )


def _brief(facts: PayFacts, awaited: Awaited) -> RowsView:
    """Return the short form for a single pane: what to say, and the manager's way."""
    first, second = _sentences(awaited)
    tone, from_ = _settling(facts, awaited)
    key = Tone.ACCENT if awaited.may_settle else Tone.FAINT
    by_hand = works(awaited.by).by_hand[0]
    return RowsView(
        (
            RowView(rule=True),
            in_row(cell(1, first, bold=True)),
            in_row(cell(1, second, bold=True)),
            _BLANK,
            in_row(cell(1, "M", key, bold=True), cell(4, by_hand, tone), cell(-2, from_, Tone.FAINT)),
        )
    )
