"""Views of the past sales, made from their state and facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.advice import Advice
from till.domain.errors import RefundError
from till.domain.i18n import _, ngettext, pgettext
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.naming import tab_name
from till.domain.order.paying import CASH
from till.domain.paper.document import Stamp
from till.domain.paper.receipt import chosen_of, wishes_of
from till.domain.payment.slips import slip_title
from till.domain.text import clean
from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    CardsView,
    CardView,
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
from till.tui.drawing.widgets.code import code_of
from till.tui.screens.names import refund_figure, with_beside
from till.tui.screens.receipts import receipt_view, with_papers
from till.tui.screens.sales.reduce import keys_of
from till.tui.screens.sales.state import (
    SheetOfSale,
    can_mark,
    card_of_way,
    marked_share,
    matching_rows,
    money_left,
    open_refund,
    parts,
    place_of,
    shown_share,
    today_of,
    too_much,
    way_chosen,
    ways,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.order.events import PlacedLine
    from till.domain.order.state import Payment
    from till.domain.payment.slips import KeptSlip
    from till.domain.refund.events import RefundStarted
    from till.domain.refund.giving import Way
    from till.domain.refund.parts import TaxName
    from till.domain.refund.shares import SoldRow
    from till.tui.drawing.screen import Views
    from till.tui.drawing.viewmodels import StatusView
    from till.tui.screens.sales.state import OpenedSale, SalesFacts, SalesRow, SalesState

#: Columns with two panes (True) and with one: in the list time, receipt, tender and refund; then those of a sale.
_LIST: Final = {True: (1, 8, 18, 30), False: (2, 9, 19, 32)}
_PART: Final = {True: 31, False: 34}
_GONE: Final = {True: 27, False: 34}
_SOLD: Final = {True: -13, False: -15}
#: The width of a slip's line in cells.
_PAPER: Final = {True: 56, False: 74}
_BETWEEN: Final = {True: "       ", False: "         "}


def sales_views(state: SalesState, facts: SalesFacts, status: StatusView) -> Views:
    """Return all views of a state."""
    opened = state.opened is not None and facts.sale is not None
    rows = matching_rows(state, facts)
    paper = state.opened.paper if opened and state.opened is not None else None
    detail, code = RowsView(), CodeView()
    if paper is SheetOfSale.CODE:
        code = code_of(facts.words.code) if facts.words is not None else code
    elif paper is not None:
        detail = _copy(facts) if paper is SheetOfSale.COPY else _slips(facts)
    return {
        "status": status,
        "head": _head(state, facts, rows),
        "list": _list(state, facts, rows),
        "total": _total(state, facts, rows),
        "detail_head": _sale_head(state, facts),
        "lines": _lines(state, facts),
        "ways_head": _ways_head(state.opened, facts) if opened and state.opened is not None else HeadView(),
        "ways": _ways(state, facts),
        "paid_head": HeadView(_("Paid")) if opened else HeadView(),
        "paid": _paid(facts),
        "detail": detail,
        "code": code,
        "entry": _entry(state, facts, rows),
        "keys": keys_of(state).bar(state, facts),
    }


def _clock(row: SalesRow, facts: SalesFacts) -> str:
    """Return the time of a sale of today, or the day of an earlier one."""
    at = facts.venue.local(row.at)
    return at.strftime("%H:%M") if at.date() == facts.now.date() else facts.formats.day_and_month(at)


# The list.


def _head(state: SalesState, facts: SalesFacts, rows: list[SalesRow]) -> HeadView:
    where = _("all tills") if state.found is not None else _("today") if today_of(state, facts) else _("this till")
    typed = state.entry.text.strip() if state.opened is None else ""
    known = len(facts.left) + len(facts.sales) if state.found is None else len(state.found.sales)
    detail = f"{where}, “{typed}”" if typed else where
    note = _("{shown} of {all}").format(shown=len(rows), all=max(known, len(rows)))
    return HeadView(_("Past sales"), detail, note)


def _list(state: SalesState, facts: SalesFacts, rows: list[SalesRow]) -> CardsView:
    longest = max((len(row.receipt) for row in rows), default=0)
    cards = tuple(CardView((_list_row(row, facts, longest),)) for row in rows)
    place = place_of(state, rows) if rows else None
    empty = (_("No sale here fits that."), _("Enter asks the server for it."))
    if not state.entry.text.strip() and state.found is None:
        empty = (_("Nothing was sold on this till yet."), _("Tab shows the sales of all tills."))
    return CardsView(cards, place, empty)


def _list_row(row: SalesRow, facts: SalesFacts, longest: int) -> RowView:
    """Return a row of the list. Long receipt numbers, from a till that never met its server, shift what follows."""
    time, receipt, paid, state = _LIST[facts.wide]
    paid = max(paid, receipt + longest + 1)
    tenders = ", ".join(facts.tenders.in_words(tender) for tender in row.tenders)
    cells = [
        cell(time, _clock(row, facts), Tone.MUTED),
        cell(receipt, row.receipt),
        cell(paid, tenders[:1].upper() + tenders[1:], Tone.MUTED),
    ]
    if row.refund is not None and row.refund.is_open:
        waits = _("waits") if facts.wide else _("waits, of {receipt}").format(receipt=row.sale.receipt)
        cells.append(cell(state, waits, Tone.WARN, mark=Mark.NOTICE))
    elif row.refund is not None:
        words = _("of {receipt}") if facts.wide else _("refund of {receipt}")
        cells.append(cell(state, _gone(words.format(receipt=row.sale.receipt))))
    elif row.sale.left:
        cells.append(cell(state, _("not on a sale"), Tone.WARN, mark=Mark.NOTICE))
    elif row.sale.is_all_back and not any(one.is_open for one in row.sale.refunds):
        cells.append(cell(state, _gone(_("refunded"))))
    return in_row(*cells, cell(-2, facts.formats.amount(row.amount)))


def _gone(text: str) -> StyledText:
    return StyledText(text, Tone.BAD, mark=Mark.REFUSED)


# The sale.


def _sale_head(state: SalesState, facts: SalesFacts) -> HeadView:
    if state.opened is None or facts.sale is None or facts.order is None:
        return HeadView()
    placed = next((one for one in facts.order.placings if one.data.receipt == state.opened.receipt), None)
    at = facts.venue.local(placed.at).strftime("%H:%M") if placed is not None else ""
    who = facts.names.get(placed.user, "") if placed is not None else ""
    tab = tab_name(facts.order.tab_sold_on.name) if facts.order.tab_sold_on else ""
    parts = (at, who, tab)
    note = "" if state.opened.paper else f"{_('sold')}{_BETWEEN[facts.wide]}{_('back')}"
    return HeadView(state.opened.receipt, ", ".join(one for one in parts if one), note)


def _lines(state: SalesState, facts: SalesFacts) -> CardsView:
    if state.opened is None or facts.sale is None:
        return CardsView()
    share = shown_share(state, facts)
    back = {row.row: part.amount for row, _pieces, part in share.rows} if share is not None else {}
    wished = wishes_of(facts.order) if facts.order is not None else {}
    cards = tuple(
        CardView((_line(row, line, state.opened, facts, back), *_chosen(line, wished)))
        for row, line in zip(facts.sale.rows, facts.sale.placed.lines, strict=True)
    )
    return CardsView(cards, min(state.opened.marks.line, len(cards) - 1) if cards else None)


def _chosen(line: PlacedLine, wished: Mapping[str, tuple[str, ...]]) -> tuple[RowView, ...]:
    """Return the row of what was chosen for a line, under it."""
    words = ", ".join(chosen_of(line, wished))
    return (in_row(cell(13, words, Tone.MUTED)),) if words else ()


def _line(row: SoldRow, sold: PlacedLine, opened: OpenedSale, facts: SalesFacts, back: dict[int, Minor]) -> RowView:
    pieces = opened.marks.by_row.get(row.row, 0)
    is_refunded = not row.left
    struck = is_refunded and not row.waits
    tone, text = (Tone.MUTED, Tone.MUTED) if is_refunded else (Tone.ACCENT, Tone.TEXT)
    amount = facts.formats.amount(Minor(row.part.amount - row.part.rounding))
    cells = [cell(2, str(row.row), tone, bold=not is_refunded)]
    if pieces:
        cells.append(cell(4, _("✓"), bold=True))
    quantity = facts.formats.quantity(row.pieces, sold.measure, sold.unit)
    after = max(7, 5 + len(quantity))  # a weight moves the name and is not cut
    cells += [
        cell(after, quantity, text, right=True),
        cell(after + 2, "×", Tone.MUTED),
        cell(after + 4, clean(row.name), text, strike=struck),
    ]
    if row.waits:
        waits = _("{count} waits").format(count=abs(row.waits))
        cells.append(cell(_GONE[facts.wide], waits, Tone.WARN, mark=Mark.NOTICE))
    elif is_refunded or row.back:
        cells.append(cell(_GONE[facts.wide], _gone(_refund_note(row, facts)), whole=True))
    elif pieces and pieces != row.pieces:
        cells.append(cell(_PART[facts.wide], _("{shown} of {all}").format(shown=pieces, all=row.pieces)))
    cells.append(cell(_SOLD[facts.wide], amount, Tone.MUTED, strike=struck, right=True))
    if row.row in back:
        cells.append(cell(-2, facts.formats.amount(back[row.row]), bold=True))
    return in_row(*cells)


def _refund_note(row: SoldRow, facts: SalesFacts) -> str:
    """Return when the pieces of a line were refunded, and how many if not all."""
    of_row = [
        one
        for one in (facts.sale.refunds if facts.sale is not None else ())
        if one.counts and any(line.row == row.row for line in one.started.lines)
    ]
    when = facts.venue.local(of_row[-1].at).strftime("%H:%M") if of_row else ""
    words = _("{count} back {time}") if abs(row.back) != abs(row.pieces) else _("back {time}")
    return words.format(count=abs(row.back), time=when).rstrip()


def _ways_head(opened: OpenedSale, facts: SalesFacts) -> HeadView:
    words = _("sold twice") if opened.twice else _("other tills not known")
    flag = StyledText(words, Tone.WARN, mark=Mark.NOTICE) if opened.warning else None
    return HeadView(_("Refund to"), note=f"{_('at most')}{_BETWEEN[facts.wide]}    ", flag=flag)


def _ways(state: SalesState, facts: SalesFacts) -> CardsView:
    if state.opened is None or facts.sale is None:
        return CardsView()
    found = ways(state, facts)
    share = shown_share(state, facts)
    chosen = min(state.opened.marks.way, len(found) - 1) if found else None
    amounts = dict(parts(share, state, facts)) if share is not None else {}
    detail_at = max([11, *(3 + cell_len(facts.tenders.label_of(way.tender)) for way in found)])
    names = not facts.wide or sum(way.is_instead for way in found) > 1
    cards = tuple(CardView((_way(way, facts, amounts.get(way, NOTHING), detail_at, names=names),)) for way in found)
    none = _("There is nothing left to refund.")
    if facts.sale.waits:
        none = _("Nothing else can be refunded until the answer.")
    return CardsView(cards, chosen, (none,))


def _way(way: Way, facts: SalesFacts, amount: Minor, detail_at: int, *, names: bool) -> RowView:
    """Return the row of a way; with `names`, one in cash names the payment that it is instead of."""
    card = card_of_way(way, facts.order)
    paid = facts.tenders.in_words(way.payment.tender) if card is None else card.number
    instead = _("instead of {tender}").format(tender=paid) if names else _("instead")
    as_paid = _("as it was paid") if card is None else card.whole
    detail = instead if way.is_instead else as_paid
    if way.tender == CASH and facts.asks_manager and not (names and facts.wide):  # no room on half a screen
        detail = ", ".join((detail, _("manager's PIN"))) if way.is_instead else _("a manager's PIN")
    most = way.at_most if facts.sale is None else Minor(min(way.at_most, facts.sale.left.amount))
    cells = [
        cell(2, facts.tenders.label_of(way.tender)),
        cell(detail_at, detail, Tone.MUTED, whole=True),
        cell(_SOLD[facts.wide], facts.formats.amount(most), Tone.MUTED, right=True),
    ]
    if amount:
        cells.append(cell(-2, facts.formats.amount(amount), bold=True))
    return in_row(*cells)


def _paid(facts: SalesFacts) -> RowsView:
    """Return the payments, corrections and refunds."""
    if facts.sale is None or facts.order is None:
        return RowsView()
    rows = []
    if rounding := facts.sale.currency.minor(facts.sale.placed.rounding):
        rows.append(_paid_row(_("Rounding"), "", rounding, facts))
    for one in facts.sale.placed.payments:
        truth = facts.order.corrected.get(one.payment_id, one.tender)
        minor = facts.sale.currency.minor
        detail = _taken(facts.order.payments.get(one.payment_id), facts)
        detail = with_beside(detail, facts.formats, minor(one.change), minor(one.tip))
        if truth != one.tender:
            detail = _("corrected: {was} was pressed").format(was=facts.tenders.in_words(one.tender))
        rows.append(_paid_row(facts.tenders.label_of(truth), detail, minor(one.amount), facts))
    for change in facts.order.tip_changes:
        if change.payment_id in {one.payment_id for one in facts.sale.placed.payments}:
            words = _("{way} back {time}") if change.change < 0 else _("{way} more {time}")
            when = facts.venue.local(change.at).strftime("%H:%M")
            detail = words.format(way=facts.tenders.in_words(change.tender), time=when)
            rows.append(_paid_row(_("Tip"), detail, change.change, facts))
    for refund in facts.sale.refunds:
        if not refund.counts:
            continue
        started = refund.started
        when = facts.venue.local(refund.at).strftime("%H:%M")
        where = _("waits for its answer") if refund.is_open else _gone_to(started, facts)
        detail = f"{where}, {when}, {started.receipt}"
        rows.append(_paid_row(pgettext("payment", "Refund"), detail, facts.sale.currency.minor(started.amount), facts))
    if (made := facts.order.invoices.get(facts.sale.placed.order_id)) is not None:
        detail = f"{made.number}, {clean(made.buyer.name)}"
        cells = (cell(2, _("Invoice"), Tone.MUTED), cell(11, detail, Tone.MUTED))
        rows.append(RowView(cells))
    return RowsView(tuple(rows))


def _taken(payment: Payment | None, facts: SalesFacts) -> str:
    """Return when a payment was taken, or approved by its terminal."""
    if payment is None:
        return ""
    words = _("approved {time}") if payment.is_asked_elsewhere else _("taken {time}")
    detail = words.format(time=facts.venue.local(payment.at).strftime("%H:%M"))
    return detail if payment.card is None else f"{payment.card.number}, {detail}"


def _gone_to(started: RefundStarted, facts: SalesFacts) -> str:
    """Return the tender or the card that a refund went to."""
    paid = facts.order.payments.get(started.payment_id) if facts.order is not None else None
    if paid is not None and paid.card is not None and paid.tender == started.tender:
        return paid.card.number
    return facts.tenders.in_words(started.tender)


def _paid_row(name: str, detail: str, amount: Minor, facts: SalesFacts) -> RowView:
    return in_row(
        cell(2, name, Tone.MUTED),
        cell(11, detail, Tone.MUTED, whole=True),
        cell(-2, facts.formats.amount(amount), Tone.MUTED),
    )


def _copy(facts: SalesFacts) -> RowsView:
    """Return the receipt as it was given, marked as a copy."""
    if facts.sale is None or facts.order is None:
        return RowsView()
    placed = next((one for one in facts.order.placings if one.data.receipt == facts.sale.placed.receipt), None)
    if placed is None:
        return RowsView()
    at = facts.venue.local(placed.at)
    label_of, copy = facts.tenders.label_of, Stamp(copy=None)
    rows = receipt_view(facts.order, placed.data, facts.venue, facts.formats, at, label_of, copy, facts.words)
    return with_papers(rows, facts.papers)


def _slips(facts: SalesFacts) -> RowsView:
    """Return the slips that the terminal sent, each under its title; long lines are wrapped."""
    rows: list[RowView] = []
    for slip in facts.slips:
        about = StyledText(_about(slip, facts), Tone.MUTED)
        rows += [RowView()] if rows else []
        rows += [in_row(cell(1, slip_title(slip), bold=True), cell(-2, about))]
        rows += [RowView(rule=True)]
        rows += [in_row(cell(1, part)) for line in slip.lines for part in _torn(line, facts)]
    return RowsView(tuple(rows))


def _about(slip: KeptSlip, facts: SalesFacts) -> str:
    """Return the receipt number of a slip's refund, or the tender of its payment."""
    refunds = facts.sale.refunds if facts.sale is not None else ()
    receipt = next((one.started.receipt for one in refunds if one.id == slip.refund_id), "")
    payment = facts.order.payments.get(slip.payment_id) if facts.order is not None else None
    paid = facts.tenders.label_of(payment.tender) if payment is not None else ""
    return receipt if slip.refund_id is not None else paid


def _torn(line: str, facts: SalesFacts) -> list[str]:
    """Return a line in parts that fit the pane."""
    room = _PAPER[facts.wide]
    return [line[at : at + room] for at in range(0, len(line), room)] or [""]


# The foot.


def _total(state: SalesState, facts: SalesFacts, rows: list[SalesRow]) -> TotalView:
    symbol = facts.formats.currency.symbol.strip()
    if state.opened is None or facts.sale is None:
        return _total_of_row(rows[place_of(state, rows)], facts, symbol) if rows else TotalView(FigureView(""))
    share = shown_share(state, facts)
    amount = share.part.amount if share is not None else NOTHING
    pieces = sum(abs(count) for _row, count in state.opened.marks.pieces)
    count = ngettext("{n} piece marked", "{n} pieces marked", pieces).format(n=pieces)
    left = count if pieces else _("by amount") if amount else _("nothing marked")
    taxes = {one: tax for one, (net, tax) in share.part.taxes.items() if net or tax} if share is not None else {}
    right = []
    if taxes:
        tax = sum_of(taxes.values())
        right = [StyledText(_tax_words(*taxes), Tone.MUTED), StyledText(facts.formats.amount(tax))]
    figure = refund_figure(amount, facts.formats)
    return TotalView(figure, StyledText(left, Tone.MUTED), tuple(right))


def _tax_words(tax: TaxName, *more: TaxName) -> str:
    """Return a tax as `GST 5 % included`, or `Deposit 0.25 a piece` for a tax per piece; several as `Tax included`."""
    rate = _("{amount} a piece").format(amount=tax.per_piece) if tax.per_piece is not None else f"{tax.rate} %"
    name = _("Tax") if more else f"{tax.name} {rate}"
    return name if any(one.added for one in (tax, *more)) else _("{tax} included").format(tax=name)


def _total_of_row(row: SalesRow, facts: SalesFacts, symbol: str) -> TotalView:
    sale = row.sale
    (name, pieces), *more = sale.items or (("", 0),)
    items = f"{pieces} {clean(name)}" if name else ""
    if more:
        items = _("{first}, and {count} more").format(first=items, count=len(more))
    who = facts.names.get(sale.user, "")
    where = facts.venue.till_name(sale.till) if sale.till != facts.till else ""
    seller = ", ".join(one for one in (who, where) if one)
    called = row.receipt or _("Taken")
    figure = FigureView(facts.formats.amount(row.amount), StyledText(f"{called} {symbol}"), sentence=called)
    return TotalView(figure, StyledText(items, Tone.MUTED), (StyledText(seller, Tone.MUTED),) if seller else ())


def _entry(state: SalesState, facts: SalesFacts, rows: list[SalesRow]) -> EntryView:
    hint = _("A number, an amount, a time, an item or a name.")
    if state.opened is not None:
        marks = state.opened.paper is None and can_mark(state, facts)
        hint = _("A digit marks a line, + and − a piece of it.") if marks else ""
    answer = state.message or _next(state, facts, rows)
    return EntryView(state.entry.text, state.entry.cursor, answer, hint=hint, offered=state.entry.is_offered)


def _next(state: SalesState, facts: SalesFacts, rows: list[SalesRow]) -> StyledText | None:
    """Return the answer line: what the next Enter does."""
    if state.opened is None:
        return _next_of_row(state, facts, rows) if rows else StyledText(_("Enter asks the server."))
    if (waits := open_refund(facts)) is not None:
        if facts.is_held:
            return StyledText(_("Asking the server. One moment."), mark=Mark.SAVING)
        sentence = _("{receipt} has no answer yet: type “given” or “not given”.")
        if waits.is_asked_elsewhere:
            sentence = _("{receipt}: no answer yet. Still checking.")
        return StyledText(sentence.format(receipt=waits.started.receipt), Tone.WARN, mark=Mark.NOTICE)
    return _next_back(state, facts)


def _next_of_row(state: SalesState, facts: SalesFacts, rows: list[SalesRow]) -> StyledText | None:
    """Describe the next Enter, if the row is money on no sale; of a sale with a tip, name what was paid in all."""
    if (left := money_left(state, rows)) is not None:
        words = _("Its order ended without it. Enter refunds it, by PIN.")
        if (not_asked := facts.not_asked.get(left.left)) is not None:
            return StyledText(not_asked, Tone.WARN, mark=Mark.NOTICE)
        if left.asks:
            words = _("{amount} is being refunded. Enter checks it now.")
        return StyledText(words.format(amount=facts.formats.money(left.total)))
    row = rows[place_of(state, rows)]
    if row.refund is not None or not row.sale.taken:
        return None
    paid, money = row.sale.taken[0], facts.formats.money
    sentence = _("Paid {total}, including a tip of {tip}.")
    return StyledText(sentence.format(total=money(paid), tip=money(Minor(paid - row.sale.total))))


def _next_back(state: SalesState, facts: SalesFacts) -> StyledText | None:
    """Return the refund that the next Enter makes, or why it cannot."""
    sale, order, way, money = facts.sale, facts.order, way_chosen(state, facts), facts.formats.money
    tip = order.tips_of(sale.placed) if sale is not None and order is not None else NOTHING
    try:
        share = marked_share(state, facts)
    except RefundError as problem:
        return StyledText(problem.sentence, Tone.WARN, mark=Mark.NOTICE)
    if share is None and tip and sale is not None:
        return StyledText(_("{paid} and a tip of {tip} that stays.").format(paid=money(sale.paid), tip=money(tip)))
    if share is None or way is None or state.entry.text:
        return None
    if why := too_much(share, state, facts):
        return StyledText(why, Tone.WARN, mark=Mark.NOTICE)
    card = card_of_way(way, facts.order)
    where = facts.tenders.by_way(way.tender)
    if card is not None and way.tender != CASH:
        where = _("to {card}").format(card=card.number)
    (_way, amount), *others = parts(share, state, facts)
    sentence, then, more = _("Enter refunds {amount} {where}."), "", _("A reason comes next.")
    if tip:
        sentence, more = _("Enter refunds {amount} {where}; the tip of {tip} stays."), ""
    if others:
        more, sentence = "", _("Enter refunds {amount} {where}, then {rest} {then}.")
        then = facts.tenders.by_way(others[0][0].tender) if len(others) == 1 else _("as it was paid")
    elif state.opened is not None and state.opened.marks.rest is not None:
        sentence, more = _("Enter refunds the rest, {amount}, {where}."), ""
    rest = money(Minor(share.part.amount - amount))
    words = sentence.format(amount=money(amount), where=where, tip=money(tip), rest=rest, then=then)
    return StyledText(Advice.of(words, more))
