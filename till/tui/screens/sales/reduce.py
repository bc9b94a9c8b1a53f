"""Key and event handling for the screen of past sales. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.errors import AmountError, RefundError
from till.domain.i18n import _
from till.domain.refund import giving
from till.domain.refund.past import receipt_number
from till.tui.screens.sales.effects import (
    Ask,
    AskCorrection,
    AskRefund,
    Done,
    Found,
    GiveLeft,
    GoBack,
    NotDone,
    Opened,
    OpenSale,
    OpenSalesHelp,
    Scroll,
    SettleOpen,
)
from till.tui.screens.sales.state import (
    FoundSales,
    Marks,
    OpenedSale,
    Paper,
    listed,
    marked,
    open_refund,
    place_of,
    too_much,
    way_chosen,
    ways,
)
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP, KeyPress
from till.tui.shell.messages import plain, refusal, says_why

if TYPE_CHECKING:
    from till.domain.refund.shares import Sale
    from till.tui.screens.sales.effects import SalesEffect, SalesHappening
    from till.tui.screens.sales.state import SalesFacts, SalesState

SalesStep = tuple["SalesState", tuple["SalesEffect", ...]]

_STEPS: Final = {"up": -1, "down": 1}
_PAGES: Final = {"pageup": -1, "pagedown": 1}
_AMOUNT: Final = re.compile(r"(?:amount|refund)\s+(\S+)\Z", re.IGNORECASE)
_WAS: Final = re.compile(r"(?:that |it )?was (?:(?:paid )?(?:by|in|with) )?(\w+(?: \w+)*)\Z", re.IGNORECASE)


def reduce(state: SalesState, event: KeyPress | SalesHappening, facts: SalesFacts) -> SalesStep:
    """Return the next state and the effects to carry out."""
    match event:
        case KeyPress():
            return _pressed(state, event, facts)
        case Found():
            return _found(state, event)
        case Opened():
            return _opened(state, event), ()
        case NotDone():
            opened = state.opened
            if opened is not None and event.away:
                opened = replace(opened, away=True, marks=replace(opened.marks, way=0))
            return replace(state, opened=opened, message=refusal(event.sentence)), ()
        case Done():
            opened = replace(state.opened, marks=Marks()) if state.opened is not None else None
            return replace(state, opened=opened, entry=EMPTY, message=plain(event.sentence)), ()


def _found(state: SalesState, event: Found) -> SalesStep:
    """List the sales that the server returned; a single match for a receipt number opens at once."""
    before = state.told.sales if event.behind and state.told is not None else ()
    told = FoundSales(event.text, (*before, *event.sales), event.more)
    said = None if event.sales or before else refusal(_("The venue has no such sale. Esc shows those of this till."))
    only = event.sales if len(event.sales) == 1 and receipt_number(event.text) else ()
    return replace(state, told=told, place=len(before), message=said), tuple(map(OpenSale, only))


def _opened(state: SalesState, event: Opened) -> SalesState:
    marks = dict(state.kept).get(event.receipt, Marks())
    opened = OpenedSale(event.session_id, event.receipt, marks, event.away)
    said = refusal(_("Offline: refunds of other tills are not known.")) if event.away else None
    return replace(state, entry=EMPTY, opened=opened, place=0, message=said)


def _pressed(state: SalesState, press: KeyPress, facts: SalesFacts) -> SalesStep:
    state = replace(state, message=None)
    if facts.keymap.command(press) == HELP and not state.entry.text:
        return state, (OpenSalesHelp(),)
    if state.opened is None:
        return _look(state, press, facts)
    if state.opened.paper is not None:
        return _read(state, state.opened, press)
    return _mark(state, state.opened, press, facts)


# The list.


def _look(state: SalesState, press: KeyPress, facts: SalesFacts) -> SalesStep:
    rows = listed(state, facts)
    if press.key == "escape":
        if state.entry.text:
            told = state.told if state.told is not None and state.told.sales else None
            return replace(state, entry=EMPTY, told=told, place=0), ()
        return (replace(state, told=None, place=0), ()) if state.told is not None else (state, (GoBack(),))
    if press.is_enter:
        return _take(state, facts)
    if press.key == "tab":
        if state.told is not None:
            return replace(state, told=None, place=0), ()
        return state, (Ask(state.entry.text),)
    step = _STEPS.get(press.key, _PAGES.get(press.key, 0) * facts.page)
    if step:
        last = max(0, len(rows) - 1)
        if step > 1 and state.place >= last and state.told is not None and state.told.more:
            return state, (Ask(state.told.text, state.told.sales[-1].order_id),)
        return replace(state, place=min(max(0, state.place + step), last)), ()
    entry = state.entry.take(press)
    if entry is None:
        waits = _("Press Esc to go back to the order, then {key}.")
        return replace(state, message=says_why(facts.keymap, press, waits)), ()
    return replace(state, entry=entry, place=0), ()


def _take(state: SalesState, facts: SalesFacts) -> SalesStep:
    """Open the marked sale; without a match, ask the server for it."""
    rows, typed = listed(state, facts), state.entry.text.strip()
    if (number := receipt_number(typed)) is not None:  # 1-53 also matches 1-531
        rows = [row for row in rows if row.receipt == number]
    if rows and (state.told is None or state.told.text == state.entry.text or not typed):
        sale = rows[min(state.place, len(rows) - 1)].sale
        return state, (GiveLeft(sale) if sale.left else OpenSale(sale),)
    return state, (Ask(typed),)


# The sale.


def _read(state: SalesState, opened: OpenedSale, press: KeyPress) -> SalesStep:
    if step := _STEPS.get(press.key, _PAGES.get(press.key, 0) * 8):
        return state, (Scroll(step),)
    if press.char and not press.is_enter:  # the rest of “slips” or “print”, whose first letter opened this
        return replace(state, message=refusal(_("Esc goes back to the sale. ↑ ↓ scroll."))), ()
    return replace(state, opened=replace(opened, paper=None)), ()


def _mark(state: SalesState, opened: OpenedSale, press: KeyPress, facts: SalesFacts) -> SalesStep:
    if press.key == "escape":
        if state.entry.text:
            return replace(state, entry=EMPTY), ()
        kept = {**dict(state.kept), opened.receipt: opened.marks}
        place = place_of(state, listed(state, facts))
        return replace(state, opened=None, place=place, kept=tuple(kept.items())), ()
    if press.is_enter:
        return _word(state, opened, facts) if state.entry.text.strip() else _refund(state, facts)
    if not state.entry.text and (after := _key(state, opened, press, facts)) is not None:
        return after, ()
    entry = state.entry.take(press)
    if entry is None:
        waits = _("Press Esc to go back to the list, then {key}.")
        return replace(state, message=says_why(facts.keymap, press, waits)), ()
    return replace(state, entry=entry), ()


def _key(state: SalesState, opened: OpenedSale, press: KeyPress, facts: SalesFacts) -> SalesState | None:
    """Return the state after a key that marks; None for a key that types."""
    sale, marks = facts.sale, opened.marks
    if sale is None:
        return None
    if press.digit:
        return _toggle(state, opened, sale, press.digit, all_of_it=False)
    match press.key:
        case "plus" | "+":
            return _toggle(state, opened, sale, marks.line + 1, all_of_it=True)
        case "asterisk" | "*":
            left = giving.all_pieces(sale)
            pieces = () if dict(marks.pieces) == left else tuple(left.items())
            return _with(state, opened, replace(marks, pieces=pieces, amount=None))
        case "tab":
            count = len(ways(state, facts))
            return _with(state, opened, replace(marks, way=(marks.way + 1) % count if count else 0))
        case "up" | "down":
            line = min(max(0, marks.line + _STEPS[press.key]), max(0, len(sale.rows) - 1))
            return _with(state, opened, replace(marks, line=line))
        case "p" | "P":
            return _show_copy(state, opened)
        case "s" | "S":
            return _show_slips(state, opened, facts)
        case "backspace":
            return _with(state, opened, replace(marks, pieces=(), amount=None))
    return None


def _show_copy(state: SalesState, opened: OpenedSale) -> SalesState:
    said = _("No printer is set up: a copy on the screen. ↑ ↓ scroll. Esc: back.")
    return replace(state, opened=replace(opened, paper=Paper.COPY), message=plain(said))


def _show_slips(state: SalesState, opened: OpenedSale, facts: SalesFacts) -> SalesState:
    if not facts.slips:
        return replace(state, message=refusal(_("No terminal gave a slip for this sale.")))
    said = _("No printer is set up: the terminal's slips. Esc goes back.")
    return replace(state, opened=replace(opened, paper=Paper.SLIPS), message=plain(said))


def _toggle(state: SalesState, opened: OpenedSale, sale: Sale, row: int, *, all_of_it: bool) -> SalesState:
    """Mark a piece of a line, or all of it; marking it again takes the mark off."""
    found = next((one for one in sale.rows if one.row == row), None)
    if found is None:
        return replace(state, message=refusal(_("There is no line {line} on this sale.").format(line=row)))
    marks = replace(opened.marks, line=row - 1, amount=None)
    if not found.left:
        return replace(_with(state, opened, marks), message=refusal(giving.nothing_left(found)))
    pieces = marks.by_row
    wanted = found.left if all_of_it else (1 if found.left > 0 else -1)
    before = pieces.pop(row, 0)
    if before == 0 or (all_of_it and before != wanted):
        pieces[row] = wanted
    return _with(state, opened, replace(marks, pieces=tuple(sorted(pieces.items()))))


def _with(state: SalesState, opened: OpenedSale, marks: Marks) -> SalesState:
    return replace(state, opened=replace(opened, marks=marks))


def _refund(state: SalesState, facts: SalesFacts, *, exchange: bool = False) -> SalesStep:
    """Refund what is marked, after asking for a reason and a manager."""
    if (waits := open_refund(facts)) is not None:
        said = _("The refund {receipt} has no answer yet: type “given” or “not given”.")
        if waits.is_asked_elsewhere:
            said = _("Checking refund {receipt}. A manager can type “given” or “not given”.")
        return replace(state, message=refusal(said.format(receipt=waits.started.receipt))), ()
    try:
        share = marked(state, facts)
    except RefundError as problem:
        return replace(state, message=refusal(problem.sentence)), ()
    if share is None:
        said = _("Mark what to refund: a digit, * for all, or “amount 50”.")
        return replace(state, message=refusal(said)), ()
    if why := too_much(share, way_chosen(state, facts), facts.formats):
        return replace(state, message=refusal(why)), ()
    return replace(state, entry=EMPTY), (AskRefund(exchange),)


def _word(state: SalesState, opened: OpenedSale, facts: SalesFacts) -> SalesStep:
    """Handle words typed on an open sale: an amount, all of it, the right tender, the outcome of a refund."""
    typed = " ".join(state.entry.text.casefold().split())
    waits = open_refund(facts)
    if typed in {"given", "not given"} and waits is not None:
        return replace(state, entry=EMPTY), (SettleOpen(waits.id, typed == "given"),)
    if typed in {"all", "refund"} and facts.sale is not None:
        if typed == "all":
            left = tuple(giving.all_pieces(facts.sale).items())
            return replace(_with(state, opened, replace(opened.marks, pieces=left, amount=None)), entry=EMPTY), ()
        return _refund(state, facts)
    if typed == "exchange":
        return _refund(state, facts, exchange=True)
    if typed in {"copy", "print", "reprint"}:
        return replace(_show_copy(state, opened), entry=EMPTY), ()
    if typed.startswith("tip"):
        return _refused(state, _("A tip is not part of the sale. Refund it from the tips, not here."))
    if found := _WAS.match(typed):
        return replace(state, entry=EMPTY), (AskCorrection(found[1]),)
    if found := _AMOUNT.match(typed):
        return _mark_amount(state, opened, found[1], facts)
    return _refused(state, _("Type “amount 50”, “all”, “exchange”, “was card”, or mark by digits."))


def _mark_amount(state: SalesState, opened: OpenedSale, typed: str, facts: SalesFacts) -> SalesStep:
    try:
        amount = facts.formats.minor(typed)
        after = _with(state, opened, replace(opened.marks, pieces=(), amount=amount))
        marked(after, facts)
    except (AmountError, RefundError) as problem:
        return _refused(state, problem.sentence)
    return replace(after, entry=EMPTY), ()


def _refused(state: SalesState, sentence: str) -> SalesStep:
    return replace(state, entry=EntryLine.offer(state.entry.text), message=refusal(sentence)), ()
