"""Views of the pay screen, made from its state and facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import N_, _, ngettext
from till.domain.money.coins import notes_and_coins
from till.domain.money.measures import Minor
from till.domain.order.guest_words import words_on
from till.domain.order.naming import tab_name
from till.domain.order.paying import due_in, is_settled
from till.domain.payment.movement import AWAITED, PaymentState
from till.domain.text import clock_of
from till.register.payments.tenders import CARD
from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    ChoicesView,
    ChoiceView,
    CodeView,
    EntryView,
    FigureView,
    HeadView,
    KeysView,
    KeyView,
    NoteKeyView,
    NotesView,
    RowsView,
    RowView,
    StyledText,
    TotalView,
    cell,
    choice,
    in_row,
    sentence_row,
)
from till.tui.screens.names import change_figure, money_figure, refund_figure, with_beside
from till.tui.screens.pay.awaited import awaited_views
from till.tui.screens.pay.context import (
    back_word,
    context_of,
    first_way,
    nothing_to_ask_for,
    ways_in_words,
    words_shown,
)
from till.tui.screens.pay.reduce import keys_of
from till.tui.screens.pay.typed import NOTE_KEYS, PARTS, SLIP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.money.amount import Currency
    from till.domain.money.formats import Formats
    from till.domain.order.state import Order, Payment
    from till.tui.drawing.screen import Views
    from till.tui.drawing.viewmodels import StatusView
    from till.tui.screens.pay.context import PayContext
    from till.tui.screens.pay.state import PayFacts, PayState

#: The note beside a payment while it is being processed or given back.
_GIVES_BACK: Final = {
    "terminal": N_("the terminal refunds it"),
    "code": N_("the bank refunds it"),
    "server": N_("the server refunds it"),
}
_AT_WORK: Final = {"terminal": N_("at the terminal"), "code": N_("the bank is asked"), "server": N_("at the server")}
#: The columns of a payment's name and of its details, which a longer name moves right.
_NAME: Final = 4
_DETAIL: Final = 15
#: The row of the rule under the payments: above the large amount due, and without it.
_RULE: Final = 8
_RULE_LOW: Final = 12


def pay_views(state: PayState, facts: PayFacts, status: StatusView) -> Views:
    """Return all views of a state."""
    order, formats = facts.order, facts.formats
    now = context_of(state, facts)
    pieces = ngettext("{count} item", "{count} items", order.priced.pieces).format(count=order.priced.pieces)
    whose = (facts.whose, tab_name(order.place_name), "" if facts.whose else pieces)
    plain: Views = {
        "status": status,
        "head": HeadView(_("Pay"), ", ".join(filter(None, whose))),
        "tenders": _tenders(now, order),
        "due": money_figure(_("Due"), now.due, formats) if now.has_due else FigureView(""),
        "tendered": _tendered(now),
        "change": _change(now),
        "notes_head": HeadView(_("Notes"), _("each press adds one")),
        "notes": _note_keys(now),
        "other_tenders_head": HeadView(_("Other ways")),
        "other_tenders": _other_ways(now),
        "story": RowsView(),
        "waiting": FigureView(""),
        "foot": RowsView(),
        "code": CodeView(),
        "entry": _band(state, now),
        "keys": _keys(state, now),
    }
    return plain if facts.awaited is None else awaited_views(plain, state, facts, facts.awaited)


def _other_ways(now: PayContext) -> ChoicesView:
    facts, typed = now.facts, now.typed
    rows: list[ChoiceView] = []
    for traits in facts.tenders.offered:
        if traits.named_by:
            detail = _("by its code") if traits.named_by == "code" else _("the guest pays later")
        elif facts.tenders.asked_of(traits.name) is not None:
            detail = _("the guest scans a code") if traits.shows_code else _("the terminal is asked")
        elif traits.needs_reference:
            detail = _("with # and the number of its slip")
        elif traits.name == CARD:
            detail = _("as its terminal says")
        else:
            detail = _("as the guest shows you")
        rows.append(choice(traits.key.upper(), traits.label, detail))
    agreed = facts.formats.amount(now.tip) if now.tip else _("on top, for the staff")
    rows.append(choice("P", _("Tip"), agreed))
    if facts.can_split and due_in(facts.order) > 0:
        word, detail = _("Split"), _("each guest by itself")
        if typed.amount in PARTS:
            word, detail = _("Split in {n}").format(n=typed.amount), _("in even parts")
        rows.append(choice("S", word, detail))
    words = f"“cash 500”, {words_shown(facts.tenders.offered)}"
    rows.append(choice("", _("In words"), words))
    if now.is_tip:
        return ChoicesView(tuple(rows), len(facts.tenders.offered))
    names = [traits.name for traits in facts.tenders.offered]
    marked = names.index(typed.tender) if typed.tender in names else None
    return ChoicesView(tuple(rows), marked if marked is not None else len(rows) - 1 if typed.words else None)


def _tenders(now: PayContext, order: Order) -> RowsView:
    facts, formats = now.facts, now.facts.formats
    total = StyledText(formats.amount(order.total), bold=True)
    rows = [in_row(cell(1, _("Total"), bold=True), cell(-2, total))]
    asked = order.pending_payment
    rows += [sentence_row(1, words, Tone.WARN) for words in words_on(order)]
    if tips := Minor(order.tips + now.tip + (asked.tip if asked is not None else 0)):
        tip = StyledText(formats.amount(tips))
        rows.append(in_row(cell(1, _("Tip")), cell(-2, tip)))
    payments = list(order.payments.values())
    names = [*(facts.tenders.label_of(payment.tender) for payment in payments), now.label]
    detail_at = max(_DETAIL, _NAME + max(map(cell_len, names)) + 2)
    waits = not (order.is_empty or order.pending_payment is not None or is_settled(order) or now.needs_drawer)
    room = facts.tender_rows - len(rows) - waits
    blank = [RowView()] if 2 * len(payments) + waits <= room - (not facts.is_wide) else []
    for payment in payments if blank else _newest(payments, room):
        rows += [*blank, _tender(facts, payments.index(payment) + 1, payment, detail_at)]
    if waits:
        rows += [*blank, _waiting(now, len(payments) + 1, detail_at)]
    last = _RULE if now.has_due else _RULE_LOW
    has_more = now.has_due or now.is_other or order.has_money or now.tip
    if facts.is_roomy and has_more and len(rows) < last:  # a rule under the list as long as it fits
        rows += [RowView()] * (last - len(rows)) + [RowView(rule=True)]
    return RowsView(tuple(rows))


def _newest(payments: list[Payment], room: int) -> list[Payment]:
    """Return the payments that there is room for, dropping declined ones first, then the oldest."""
    going = sorted(payments, key=lambda payment: payment.state is not PaymentState.DECLINED)
    dropped = {payment.id for payment in going[: max(0, len(payments) - room)]}
    return [payment for payment in payments if payment.id not in dropped]


def _tender(facts: PayFacts, place: int, payment: Payment, detail_at: int) -> RowView:
    formats, venue = facts.formats, facts.venue
    when = venue.local(payment.at).strftime("%H:%M")
    if payment.state is PaymentState.STARTED and facts.awaited is not None and not facts.awaited.is_unknown:
        stopping = facts.awaited.stopping_s
        at_work = _(_AT_WORK[facts.awaited.by]) if not facts.awaited.code else _("the guest scans")
        words = at_work if stopping is None else _("stopping {time}").format(time=clock_of(stopping))
        detail = StyledText(words, mark=Mark.WAITING)
    elif payment.going_back is not None:
        detail = StyledText(_("refunded? unknown"), Tone.WARN, mark=Mark.NOTICE)
        if facts.awaited is not None and not facts.awaited.is_unknown:
            detail = StyledText(_(_GIVES_BACK[facts.awaited.by]), mark=Mark.WAITING)
    elif payment.state in AWAITED:
        words = _("promised, not taken") if payment.state is PaymentState.AUTHORISED else _("outcome unknown")
        detail = StyledText(words, Tone.WARN, mark=Mark.NOTICE)
    elif payment.state is PaymentState.APPROVED:
        detail = StyledText(with_beside(_taken(payment, when), formats, payment.change), mark=Mark.APPROVED)
    elif payment.state is PaymentState.VOIDED:
        words = _("given up {time}") if payment.is_given_up else _("refunded {time}")
        detail = StyledText(words.format(time=when), mark=Mark.REFUSED)
    else:
        reason = payment.reason or _("declined")
        detail = StyledText(reason, mark=Mark.REFUSED)
    is_gone = payment.state is PaymentState.VOIDED
    role, is_off = Tone.FAINT if is_gone else Tone.TEXT, is_gone or payment.state is PaymentState.DECLINED
    amount = StyledText(formats.amount(payment.amount), role, strike=is_off)
    name = StyledText(facts.tenders.label_of(payment.tender), role, strike=is_gone)
    return _tender_row(place, name, detail, amount, detail_at)


def _taken(payment: Payment, when: str) -> str:
    """Return when a payment was taken, with the card from the terminal, or the number of its slip."""
    if payment.settled_by is not None:
        return _("settled by hand {time}").format(time=when)
    if payment.is_asked_elsewhere:
        taken = _("approved {time}").format(time=when)
        return taken if payment.card is None else f"{payment.card.number}, {taken}"
    taken = _("taken {time}").format(time=when)
    return f"{taken}, {payment.transaction}" if payment.transaction else taken


def _waiting(now: PayContext, place: int, detail_at: int) -> RowView:
    """Return the row of what the next Enter takes; at most the amount due, as cash beyond it is change."""
    detail = StyledText(_("not taken yet"), mark=Mark.WAITING)
    return _tender_row(place, StyledText(now.label), detail, StyledText(now.facts.formats.amount(now.takes)), detail_at)


def _tender_row(place: int, name: StyledText, detail: StyledText, amount: StyledText, detail_at: int) -> RowView:
    number = StyledText(str(place), Tone.MUTED)
    cells = (cell(1, number), cell(_NAME, name), cell(detail_at, detail, whole=True), cell(-2, amount))
    return RowView(cells)


def _tendered(now: PayContext) -> RowsView:
    formats, notes = now.facts.formats, now.typed.notes
    if not now.has_due:  # nothing is handed over yet, or it is by card
        if not now.is_other and not now.facts.order.has_money and not now.tip:
            return RowsView()
        return RowsView(
            tuple(
                in_row(cell(1, word, Tone.MUTED), cell(-2, formats.amount(amount), Tone.MUTED))
                for word, amount in _sums(now)
            )
        )
    if not now.given or now.is_tip:
        return RowsView((in_row(cell(1, _("Tendered"), Tone.MUTED)),))
    counted = "  ".join(f"{notes.count(v)} × {_face(v, formats.currency)}" for v in dict.fromkeys(notes))
    words = f"{_('Tendered')}  {counted}" if notes else _("Tendered")
    amount = cell(-2, formats.amount(now.given))
    return RowsView((in_row(cell(1, words, Tone.MUTED), amount),))


def _change(now: PayContext) -> TotalView:
    """Return the large figure: the amount that moves at the next Enter."""
    if now.back is not None:
        formats, amount = now.facts.formats, now.back.amount
        return TotalView(
            refund_figure(amount, formats) if amount > 0 else money_figure(back_word(now.back), Minor(-amount), formats)
        )
    if now.is_tip or (now.is_other and not now.has_change and (now.due > 0 or now.given)):
        return _other_figure(now)
    return _cash_figure(now)


def _other_figure(now: PayContext) -> TotalView:
    """Return the amount that is taken other than in cash, or the tip."""
    formats, due, given = now.facts.formats, now.due, now.given
    if now.is_tip:
        return TotalView(money_figure(_("Tip"), given, formats))
    figure = money_figure(now.label, given or due, formats)
    if not now.facts.is_roomy:
        return TotalView(figure, *_sums_text(now))
    words = _("A part, by {way}") if now.takes != due else _("The rest, by {way}")
    return TotalView(figure, StyledText(words.format(way=now.in_words), Tone.MUTED))


def _sums(now: PayContext) -> tuple[tuple[str, Minor], ...]:
    """Return the amount to pay, rounded as it is due, and the amount paid, each with its word."""
    order = now.facts.order
    words, paid = _("To pay with the tip") if now.tip or order.tips else _("To pay"), Minor(order.paid + order.tips)
    return (words, Minor(due_in(order, now.tender) + paid + now.tip)), (_("Paid"), paid)


def _sums_text(now: PayContext) -> tuple[StyledText | None, tuple[StyledText, ...]]:
    """Return the sums as text beside the figure if a list does not fit; nothing while all is due at once."""
    if not now.facts.order.has_money and not now.tip:
        return None, ()
    amount = now.facts.formats.amount
    first, second = (StyledText(f"{word} {amount(sum_)}", Tone.MUTED) for word, sum_ in _sums(now))
    return first, (second,)


def _cash_figure(now: PayContext) -> TotalView:
    """Return the change, or the amount still due in cash."""
    formats, due, given = now.facts.formats, now.due, now.given
    change = Minor(max(0, given - due)) if due >= 0 else now.refund
    if 0 < given < due:
        return TotalView(money_figure(_("Still due"), Minor(due - given), formats))
    if not now.has_due or (now.is_against and due > 0):
        sums = () if now.facts.is_roomy else _sums_text(now)
        return TotalView(money_figure(_("Due"), due, formats), *sums)
    figure = change_figure(change, formats) if due >= 0 else refund_figure(change, formats)
    if not change or now.is_none or now.is_against or now.is_too_much:  # Enter hands over nothing
        return TotalView(figure)
    return TotalView(
        figure, StyledText(_("Give"), Tone.MUTED), give_back(change, formats), tight=in_few_cells(change, formats)
    )


def _note_keys(now: PayContext) -> NotesView:
    currency = now.facts.venue.terms.currency
    keys = (
        NoteKeyView(letter.upper(), _face(value, currency), now.typed.notes.count(value))
        for letter, value in zip(NOTE_KEYS, now.facts.notes, strict=False)
    )
    return NotesView(tuple(keys))


def _band(state: PayState, now: PayContext) -> EntryView:
    typed = now.typed
    text, cursor = state.entry.text, state.entry.cursor
    if typed.is_marked:  # shows the notes' sum, or the amount for the marked way, not the letters typed
        slip = f" {SLIP}{typed.slip}" if typed.slip or state.entry.text.endswith(SLIP) else ""
        is_figure = typed.is_other or typed.is_tip
        text = f"{typed.amount}{slip}".lstrip() if is_figure else now.facts.formats.amount(now.given)
        cursor = len(text)
    exactly = _("Just Enter takes the exact amount.") if now.due > 0 else _("Just Enter refunds the exact amount.")
    hint = f"{'' if now.needs_drawer else exactly} {_marks_other(now)}".strip() if now.due else ""
    if typed.is_tip:
        hint = _("A tip on top. Nothing is taken yet.")
    elif typed.is_other:
        hint = _("Type a part, or Enter for all of it.")
        if not now.is_asked:  # a terminal gives a number of its own
            hint = _("Type a part, or Enter for all. # and a number: the slip.")
    elif typed.words:
        hint = _("Esc clears the words.")
    return EntryView(text, cursor, state.message or _next(now), hint=hint, offered=state.entry.is_offered)


def _next(now: PayContext) -> StyledText:
    """Return a sentence that tells what the next Enter does."""
    if now.back is not None:
        amount = now.facts.formats.money(Minor(abs(now.back.amount)))
        sentence = _("No line is left. Enter refunds {amount}.")
        if now.back.amount < 0:
            sentence = _("No line is left. Enter takes {amount} back from the guest.")
        return StyledText(sentence.format(amount=amount))
    if now.typed.words and now.intent is None:
        sentence = _("In words: {ways}, as in cash 500. Then Enter.")
        return StyledText(sentence.format(ways=ways_in_words(now.facts.tenders.offered)), Tone.MUTED)
    if now.is_tip and not now.is_none:
        amount = now.facts.formats.money(now.given)
        sentence = (
            _("Enter adds a tip of {amount}.") if now.given else _("Type the tip, then Enter. Just Enter removes it.")
        )
        return StyledText(sentence.format(amount=amount))
    if now.is_none:
        return StyledText(_("Type an amount like 12.50, then Enter."), Tone.MUTED)
    if why := _refusal(now):
        return StyledText(why, Tone.WARN, mark=Mark.NOTICE)
    return StyledText(_back(now) if now.due < 0 else _taking(now))


def _refusal(now: PayContext) -> str:
    """Return why the next Enter takes nothing; empty if it does."""
    if why := nothing_to_ask_for(now.facts, now.tender, now.tip):
        return why
    if now.is_against:
        sentence = _("{given} does not count towards the {due} due.")
    elif now.is_too_much:
        sentence = (
            _("That is more than the {due} due.") if now.due > 0 else _("That is more than the {refund} to refund.")
        )
    else:
        return ""
    money = now.facts.formats.money
    return sentence.format(given=money(now.given), due=money(now.due), refund=money(now.refund))


def _back(now: PayContext) -> str:
    amount = now.facts.formats.money(now.refund)
    if now.is_other:
        return _("Enter refunds {amount} by {way}.").format(amount=amount, way=now.in_words)
    if now.given:
        return _("Enter refunds {amount} in cash.").format(amount=amount)
    return f"{_('Refund {amount}: Enter in cash.').format(amount=amount)} {_marks_other(now)}".rstrip()


def _marks_other(now: PayContext) -> str:
    """Return a sentence with the first other way to pay and its key; empty if there is none."""
    first = first_way(now.facts, now.due)
    if first is None:
        return ""
    way = now.facts.tenders.in_words(first.name)
    return _("{key} marks {way}.").format(key=first.key.upper(), way=way)


def _taking(now: PayContext) -> str:
    money, due, given = now.facts.formats.money, now.due, now.given
    if now.is_done:
        apart = _("This part costs nothing. Enter: the next guest.")
        return _("Nothing is due. Enter ends the sale.") if now.facts.part is None else apart
    if now.named_by:
        sentence = _("Enter opens the guest’s account, or asks for a name.")
        if now.named_by == "code":
            sentence = _("Enter asks for its code.")
        return _("Enter looks at the voucher.") if now.typed.code else sentence
    if now.has_change:
        words = _("Enter takes {given} by {way}. Change {change}.")
        return words.format(given=money(given), way=now.in_words, change=money(Minor(given - due)))
    if now.is_other:
        words = _("Enter takes {amount} by {way}.")
        if now.is_asked:
            is_code = now.facts.tenders.traits_of(now.tender).shows_code
            words = _("Enter shows a code for {amount}.") if is_code else _("Enter asks the terminal for {amount}.")
        return words.format(amount=money(given or due), way=now.in_words)
    if given > due:
        sentence = _("Enter takes {given} in cash. Change {change}.")
        return sentence.format(given=money(given), change=money(Minor(given - due)))
    return _("Enter takes {amount} in cash.").format(amount=money(given or due))


def _keys(state: PayState, now: PayContext) -> KeysView:
    """Return the key bar, with the letters of the other ways; with a single pane, these are in a row of their own."""
    facts, typed, rows = now.facts, now.typed, _other_ways(now).rows
    view = keys_of(facts.tenders.offered, facts.awaited, facts.venue.languages).bar(state, facts)
    if typed.words or facts.order.is_empty or facts.awaited is not None:
        return view
    letters, count = [KeyView(one.key, one.name) for one in rows if one.key], len(facts.keys)
    if not facts.is_wide:  # without room, the ways to pay are dropped before Tip and Split
        above = tuple(replace(one, spare=0 < at < count) for at, one in enumerate(letters))
        counted = ((one, f"×{one.count}" if one.count else "") for one in _note_keys(now).keys)
        quick = tuple(KeyView(one.key, one.label + count) for one, count in counted)
        return replace(view, above=above, quick=quick)
    first = letters[: bool(count) and not typed.is_other and not typed.is_tip]
    unlisted = [KeyView(one.key, one.name) for one in rows[max(1, facts.way_rows) :] if one.key]
    return replace(view, keys=(*view.keys[:-1], *first, *unlisted, *view.keys[-1:]))


def change_view(change: Minor, formats: Formats) -> TotalView:
    """Return the change to hand over after a payment, as a figure and in notes and coins."""
    figure = change_figure(change, formats)
    return TotalView(figure, right=give_back(change, formats), tight=in_few_cells(change, formats))


def give_back(change: Minor, formats: Formats) -> tuple[StyledText, ...]:
    """Return the change in notes and coins, largest first; "…" at the end for a rest whose coins are not known."""
    pieces = notes_and_coins(formats.currency, change)
    shown = [f" {count} × {_face(value, formats.currency)}" for count, value in pieces]
    return tuple(map(StyledText, [*shown, *_rest(pieces, change)]))


def in_few_cells(change: Minor, formats: Formats) -> tuple[StyledText, ...]:
    """Return `give_back` in few cells: `2×20`, and `100` for a single one."""
    pieces = notes_and_coins(formats.currency, change)
    shown = (f"{count}×" * (count > 1) + _face(value, formats.currency) for count, value in pieces)
    return tuple(map(StyledText, [*shown, *_rest(pieces, change)]))


def _rest(pieces: Iterable[tuple[int, Minor]], change: Minor) -> list[str]:
    return [" …"] * (sum(count * value for count, value in pieces) != change)


def _face(value: Minor, currency: Currency) -> str:
    """Return the value printed on a note or coin."""
    return currency.text(value) if value % currency.scale else str(value // currency.scale)
