"""Keys of the screen of past sales, and the outcomes of its acts. Pure.

The list, an open sale and its paper each have a table of keys. Words that can be typed on an open sale have rows too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.catalogue.labels import LabelError
from till.domain.errors import AmountError, RefundError
from till.domain.i18n import N_, _
from till.domain.order.paying import CASH
from till.domain.refund import giving
from till.domain.refund.past import receipt_number
from till.domain.refund.shares import first_part
from till.domain.text import clean, is_code
from till.register.words.papers import gift_receipt
from till.tui.screens.sales.acts import SalesActs
from till.tui.screens.sales.state import (
    Answered,
    FoundAgain,
    FoundSales,
    NotDone,
    OpenedSale,
    RefundMarks,
    SaleOpened,
    SalesActDone,
    SalesFacts,
    SalesFound,
    SalesState,
    SheetOfSale,
    can_mark,
    marked_share,
    matching_rows,
    money_left,
    open_refund,
    parts,
    place_of,
    shown_share,
    too_much,
    way_chosen,
    ways,
)
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import ARROWS, DIGITS, ENTER, ERASE, BarKey, Key, KeyTable, calls, sets, typed_words, word
from till.tui.shell.keymap import HELP, PRINT, VOID, KeyPress
from till.tui.shell.marked_list import LIST_KEYS, ListMark, MarkedList, rows_by
from till.tui.shell.messages import plain, refusal, says_why

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.refund.shares import SoldRow
    from till.tui.screens.sales.state import SalesOutcome, SalesRow
    from till.tui.shell.calls import Call, Result

    Step = Callable[[SalesState, KeyPress, SalesFacts], "SalesStep"]

SalesStep = tuple[SalesState, tuple["Call[SalesActs, Result[SalesOutcome]]", ...]]


def reduce(state: SalesState, event: KeyPress | SalesOutcome, facts: SalesFacts) -> SalesStep:
    """Return the next state and the calls to make."""
    match event:
        case KeyPress():
            return _pressed(state, event, facts)
        case SalesFound():
            return _found(state, event, facts)
        case FoundAgain():
            return _found_again(state, event, facts), ()
        case SaleOpened():
            return _opened(state, event), ()
        case Answered():
            return _heard(state, facts, away=False), ()
        case NotDone():
            after = _heard(state, facts, away=True) if event.away else state
            return replace(after, message=refusal(event.sentence)), ()
        case SalesActDone():
            opened = replace(state.opened, marks=RefundMarks(rest=event.rest)) if state.opened is not None else None
            return replace(state, opened=opened, entry=EMPTY, message=plain(event.sentence)), ()


def _found(state: SalesState, event: SalesFound, facts: SalesFacts) -> SalesStep:
    """List the sales that the server returned; a single match for a receipt number opens at once, without a list."""
    before = state.found.sales if event.behind and state.found is not None else ()
    found = FoundSales(event.text, (*before, *event.sales), event.more)
    message = None if event.sales or before else refusal(_("The venue has no such sale. Esc shows those of this till."))
    only = event.sales if len(event.sales) == 1 and receipt_number(event.text) else ()
    after = replace(state, found=None if only else found, mark=ListMark(), message=message)
    if event.behind and event.sales:  # refunds are rows too
        first = next(at for at, row in enumerate(matching_rows(after, facts)) if row.sale == event.sales[0])
        after = replace(after, mark=ListMark(first))
    return after, tuple(call(SalesActs.open_sale, sale) for sale in only)


def _found_again(state: SalesState, event: FoundAgain, facts: SalesFacts) -> SalesState:
    """Update the first page of a list that is still shown. Later pages stay, and the marked sale stays marked."""
    if state.found is None or state.found.text != event.text:
        return state
    known, rows = state.found.sales, matching_rows(state, facts)
    ids = [sale.order_id for sale in known]
    last = event.sales[-1].order_id if event.sales else ""
    later = known[ids.index(last) + 1 :] if last in ids else ()
    found = FoundSales(event.text, (*event.sales, *later), state.found.more if later else event.more)
    after = replace(state, found=found)
    receipt = rows[place_of(state, rows)].receipt if rows else ""
    receipts = [row.receipt for row in matching_rows(after, facts)]
    return replace(after, mark=ListMark(receipts.index(receipt))) if receipt in receipts else after


def _opened(state: SalesState, event: SaleOpened) -> SalesState:
    marks = dict(state.kept).get(event.receipt, RefundMarks())
    opened = OpenedSale(event.session_id, event.receipt, marks, event.away, event.unheard, event.twice)
    message = refusal(opened.warning) if opened.warning else None
    is_scanned = marks != RefundMarks() and receipt_number(state.entry.text) is not None
    return replace(state, entry=EMPTY, opened=opened, mark=ListMark(), message=message, is_scanned=is_scanned)


def _heard(state: SalesState, facts: SalesFacts, *, away: bool) -> SalesState:
    """Note if the server answers. The way of the refund stays, or becomes the one that is left for its payment."""
    if state.opened is None:
        return state
    chosen, heard = way_chosen(state, facts), replace(state.opened, away=away)
    after = replace(state, opened=heard)
    if chosen is None:
        return after
    place = {(way.payment.payment_id, way.tender): at for at, way in enumerate(ways(after, facts))}
    paid = chosen.payment.payment_id
    marks = replace(heard.marks, way=place.get((paid, chosen.tender), place.get((paid, CASH), 0)))
    return replace(after, opened=replace(heard, marks=marks))


def keys_of(state: SalesState) -> KeyTable[SalesState, SalesFacts, SalesActs]:
    """Return the keys of the list, of the open sale, or of its paper."""
    if state.opened is None:
        return LIST
    return SALE if state.opened.paper is None else PAPER


def _pressed(state: SalesState, press: KeyPress, facts: SalesFacts) -> SalesStep:
    if state.is_scanned and press.is_enter and not state.entry.text:
        message = state.message or plain(_("It is marked. Enter again refunds it."))
        return replace(state, is_scanned=False, message=message), ()
    state, keys = replace(state, message=None, is_scanned=False), keys_of(state)
    if not _types(state, press, facts) and (step := keys.step(state, press, facts)) is not None:
        return step
    if keys is PAPER:
        # The rest of “slips” or “print”, whose first letter opened the paper, is refused.
        refused = replace(state, message=refusal(_("Esc goes back to the sale. ↑ ↓ scroll.")))
        return (refused, ()) if press.char else _shut(state, press, facts)
    if (entry := state.entry.take(press)) is not None:
        return replace(state, entry=entry, mark=ListMark()), ()
    waits = _("Press Esc to go back to the order, then {key}.")
    if keys is SALE:
        waits = _("Press Esc twice to go back to the order, then {key}.")
    return replace(state, message=says_why(facts.keymap, press, waits)), ()


def _types(state: SalesState, press: KeyPress, facts: SalesFacts) -> bool:
    """Return True if a key only edits typed text: the help in the list; on an open sale, all but Enter and Esc."""
    if not state.entry.text:
        return False
    if state.opened is None:
        return facts.keymap.command(press) == HELP
    return not press.is_enter and not press.is_click and press.key != "escape"


def _show_help(state: SalesState, _press: KeyPress, facts: SalesFacts) -> SalesStep:
    """Show the help of the list and of an open sale."""
    find = (_("words, Enter"), _("Find a sale"), _("number, amount, time, item, name"))
    return state, (call(SalesActs.show_help, (find, *LIST.helped(facts.keymap), *SALE.helped(facts.keymap))),)


# The list.


def _asks_earlier(state: SalesState, facts: SalesFacts) -> bool:
    """Return True if the mark is at the end of a list of the whole venue, and the server has more sales."""
    return state.found is not None and state.found.more and state.mark.place >= len(matching_rows(state, facts)) - 1


def _ask_earlier(state: SalesState, _press: KeyPress, _facts: SalesFacts) -> SalesStep:
    found = state.found
    return state, (call(SalesActs.ask, found.text, found.sales[-1].order_id),) if found is not None else ()


def _cleared(state: SalesState, _press: KeyPress, _facts: SalesFacts) -> SalesStep:
    """Clear what was typed; otherwise list the sales of this till again."""
    found = state.found if state.entry.text and state.found is not None and state.found.sales else None
    return replace(state, entry=EMPTY, found=found, mark=ListMark()), ()


def _entered(state: SalesState, _press: KeyPress, facts: SalesFacts) -> SalesStep:
    """Open the marked sale; without a match, ask the server for it."""
    rows = matching_rows(state, facts)
    if _asks_server(state, rows):
        return state, (call(SalesActs.ask, state.entry.text.strip()),)
    sale = rows[place_of(state, rows)].sale
    if sale.left in facts.not_asked:
        return replace(state, message=refusal(facts.not_asked[sale.left])), ()
    return state, (call(SalesActs.give_left if sale.left else SalesActs.open_sale, sale),)


def _asks_server(state: SalesState, rows: list[SalesRow]) -> bool:
    """Return True if no sale matches, or if words were typed that the server was not asked for yet."""
    typed = state.entry.text.strip()
    return not rows or bool(typed and state.found is not None and state.found.text != typed)


def _enter_word(state: SalesState, facts: SalesFacts) -> BarKey | None:
    rows = matching_rows(state, facts)
    if _asks_server(state, rows):
        return BarKey(_("Ask the server"), _("Ask"))
    if (left := money_left(state, rows)) is None:
        return BarKey(_("Open"))
    label = _("Ask now") if left.asks else _("Refund {amount}")
    return None if left.left in facts.not_asked else BarKey(label.format(amount=facts.formats.amount(left.total)))


# The sale.


def _sold(facts: SalesFacts) -> tuple[SoldRow, ...]:
    return facts.sale.rows if facts.sale is not None else ()


def _marks(state: SalesState) -> RefundMarks:
    return state.opened.marks if state.opened is not None else RefundMarks()


def _with(state: SalesState, marks: RefundMarks) -> SalesState:
    opened = replace(state.opened, marks=marks) if state.opened is not None else None
    return replace(state, entry=EMPTY, opened=opened)


def _set_pieces(state: SalesState, press: KeyPress, facts: SalesFacts) -> SalesStep:
    """Mark all pieces of a line or none by its digit, or one piece more or less of the marked line by + and −."""
    row = press.digit or _marks(state).line + 1
    found = next((one for one in _sold(facts) if one.row == row), None)
    if found is None:
        return replace(state, message=refusal(_("There is no line {line} on this sale.").format(line=row))), ()
    marks = replace(_marks(state), line=row - 1)
    pieces, left = marks.by_row, abs(found.left)
    before = abs(pieces.pop(row, 0))
    if not left and not before:
        return replace(_with(state, marks), message=refusal(giving.nothing_left(found))), ()
    wanted = max(0, min(left, before - 1 if press.char == "-" else before + 1))
    if press.digit:
        wanted = 0 if before >= left else left  # another till may have refunded marked ones meanwhile
    if wanted:
        pieces[row] = wanted if found.left > 0 else -wanted
    return _with(state, marks.of(pieces)), ()


def _whole(state: SalesState, press: KeyPress, facts: SalesFacts) -> SalesStep:
    """Mark the whole sale; the key, though not the word, takes the marks off if all of it is marked."""
    left = giving.all_pieces(facts.sale) if facts.sale is not None else {}
    if not left and facts.sale is not None and facts.sale.left.amount > 0:  # a part by amount is left
        return _with(state, _marks(state).of({}, facts.sale.left.amount)), ()
    is_marked = not press.is_enter and _marks(state).by_row == left
    return _with(state, _marks(state).of({} if is_marked else left)), ()


def _next_way(state: SalesState, _press: KeyPress, facts: SalesFacts) -> SalesStep:
    count = len(ways(state, facts))
    return _with(state, replace(_marks(state), way=(_marks(state).way + 1) % count if count else 0)), ()


def _unmarked(state: SalesState, _press: KeyPress, _facts: SalesFacts) -> SalesStep:
    return _with(state, _marks(state).of({})), ()


def _to_list(state: SalesState, _press: KeyPress, facts: SalesFacts) -> SalesStep:
    """Go back to the list; typed words are cleared first."""
    if state.entry.text or state.opened is None:
        return replace(state, entry=EMPTY), ()
    marks_by_receipt = {**dict(state.kept), state.opened.receipt: state.opened.marks}
    rows = matching_rows(replace(state, opened=None), facts)
    message, receipt = None, state.opened.receipt
    if all(row.receipt != receipt for row in rows):
        sentence = _("{receipt} is not in this list. Type it to open it again.")
        message = plain(sentence.format(receipt=receipt))
    mark, kept = ListMark(place_of(state, rows)), tuple(marks_by_receipt.items())
    return replace(state, opened=None, mark=mark, kept=kept, message=message), ()


def _to_receipt(state: SalesState, press: KeyPress, facts: SalesFacts) -> SalesStep:
    """Open the sale whose receipt is typed on another one."""
    found, _calls = _to_list(replace(state, entry=EMPTY), press, facts)
    return _entered(replace(found, entry=state.entry, mark=ListMark(), message=None), press, facts)


def _paper(paper: SheetOfSale | None, sentence: str = "") -> Step:
    """Return the step that shows a paper of the open sale, or the sale again."""

    def step(state: SalesState, _press: KeyPress, _facts: SalesFacts) -> SalesStep:
        opened = replace(state.opened, paper=paper) if state.opened is not None else None
        return replace(state, entry=EMPTY, opened=opened, message=plain(_(sentence)) if paper else None), ()

    return step


def _scrolled(state: SalesState, press: KeyPress, facts: SalesFacts) -> SalesStep:
    return state, (call(SalesActs.scroll, rows_by(press.key, facts.page)),)


def _refund(state: SalesState, press: KeyPress, facts: SalesFacts) -> SalesStep:
    """Refund what is marked, after asking for a reason and a manager. After Enter no reason is marked."""
    if (waits := open_refund(facts)) is not None:
        sentence = _("No answer yet for {receipt}: type “given” or “not given”.")
        if waits.is_asked_elsewhere:
            sentence = _("Checking {receipt}. A manager: “given” or “not given”.")
        return replace(state, message=refusal(sentence.format(receipt=waits.started.receipt))), ()
    sale, way = facts.sale, way_chosen(state, facts)
    try:
        share = marked_share(state, facts)
    except RefundError as problem:
        return replace(state, message=refusal(problem.sentence)), ()
    if sale is None or share is None:
        sentence = _("Mark a line: its digit, * for all, or “amount 50”.")
        return replace(state, message=refusal(sentence)), ()
    if (why := too_much(share, state, facts)) or way is None:
        return replace(state, message=refusal(why)), ()
    before, rest = _marks(state).rest, None
    (_way, amount), *others = parts(share, state, facts)
    if others:
        share, rest = first_part(share, amount)
    exchange = _sentence(state, facts)[0] == "exchange" or (before is not None and before.exchange)
    asked = call(
        SalesActs.ask_refund, sale, share, way, before, rest=rest, exchange=exchange, picked=not press.is_enter
    )
    return replace(state, entry=EMPTY), (asked,)


def _nothing_marked(state: SalesState, _facts: SalesFacts) -> bool:
    return _marks(state).of({}) == _marks(state)


def _mark_label(state: SalesState, press: KeyPress, facts: SalesFacts) -> SalesStep:
    """Mark a piece of the line that was sold with a scanned label: of its item, at its price or weight."""
    try:
        label = facts.lookup.scanned(state.entry.text)
    except LabelError as problem:
        return _refused(state, problem.sentence)
    if label is None or facts.sale is None or not label.is_label:
        return _unknown(state, press, facts)
    currency, marked = facts.formats.currency, _marks(state).by_row
    sold = [
        row
        for row, line in zip(facts.sale.rows, facts.sale.placed.lines, strict=True)
        if row.item_id == label.item.id
        and (line.measure, None if line.measure else currency.price4(line.unit_price)) == (label.measure, label.price4)
    ]
    if not sold:
        return _refused(state, _("{item} was not sold here with that label.").format(item=clean(label.item.name)))
    row = next((one for one in sold if abs(one.left) > abs(marked.get(one.row, 0))), sold[0])
    marks = replace(_marks(state), line=row.row - 1)
    return _set_pieces(_with(replace(state, is_scanned=True), marks), KeyPress("+", "+"), facts)


def _gift(state: SalesState, _press: KeyPress, _facts: SalesFacts) -> SalesStep:
    """Print a gift receipt of the marked pieces, which are then no longer marked; else of the whole sale."""
    marks = _marks(state)
    pieces = tuple(f"{row}:{count}" for row, count in marks.pieces if count > 0)
    return _with(state, replace(marks, pieces=())), (call(SalesActs.print_gift, pieces),)


def _refund_piece(state: SalesState, press: KeyPress, facts: SalesFacts) -> SalesStep:
    """Refund one piece of the marked line."""
    state, _calls = _set_pieces(state, press, facts)
    return (state, ()) if state.message is not None else _refund(state, press, facts)


def _refund_word(state: SalesState, facts: SalesFacts) -> BarKey | None:
    share = shown_share(state, facts)
    if open_refund(facts) or share is None or too_much(share, state, facts):
        return None
    (_way, amount), *_others = parts(share, state, facts)
    return BarKey(_("Refund {amount}").format(amount=facts.formats.amount(amount)))


def _marking(label: str, short: str = "") -> Callable[[SalesState, SalesFacts], BarKey | None]:
    """Return the label of a marking key; None if nothing is left to refund."""
    return lambda state, facts: BarKey(_(label), _(short)) if can_mark(state, facts) else None


def _order_again(state: SalesState, _press: KeyPress, facts: SalesFacts) -> SalesStep:
    return replace(state, entry=EMPTY), (call(SalesActs.order_again, facts.sale),) if facts.sale is not None else ()


# Words on the sale.


def _sentence(state: SalesState, facts: SalesFacts) -> tuple[str, str]:
    """Return the name of the typed sentence in the vocabulary, and the value of its slot; empty for other words."""
    if not (typed := typed_words(state)):
        return "", ""
    sentences = facts.lookup.words.on("sales")
    name, slots = next(sentences.find(typed, sentences.names), ("", {}))
    return name, next(filter(None, slots.values()), "")


def _amount(state: SalesState, _press: KeyPress, facts: SalesFacts) -> SalesStep:
    try:
        amount = facts.formats.minor(_sentence(state, facts)[1])
        after = _with(state, _marks(state).of({}, amount))
        marked_share(after, facts)
    except (AmountError, RefundError) as problem:
        return _refused(state, problem.sentence)
    return after, ()


def _corrected(state: SalesState, _press: KeyPress, facts: SalesFacts) -> SalesStep:
    return replace(state, entry=EMPTY), (call(SalesActs.ask_correction, _sentence(state, facts)[1]),)


def _at_minute(state: SalesState, _press: KeyPress, facts: SalesFacts) -> SalesStep:
    return replace(state, entry=EMPTY), (call(SalesActs.show_at, _sentence(state, facts)[1]),)


def _tipped(state: SalesState, _press: KeyPress, facts: SalesFacts) -> SalesStep:
    """Correct the tip of a payment. The chosen way to refund decides among several, and for cash."""
    try:
        tip = facts.formats.minor(_sentence(state, facts)[1])
    except AmountError as problem:
        return _refused(state, problem.sentence)
    if tip < 0:
        return _refused(state, _("Type the right tip: “tip 5”, or “tip 0” for none."))
    return replace(state, entry=EMPTY), (call(SalesActs.ask_tip, tip, way_chosen(state, facts)),)


def _invoiced(state: SalesState, _press: KeyPress, facts: SalesFacts) -> SalesStep:
    """Make a full invoice for the ticket. The buyer is read as it was typed."""
    sentences = facts.lookup.words.on("sales")
    found = next(sentences.find(" ".join(state.entry.text.split()), ["invoice"]), ("", {}))
    if not (buyer := found[1].get("of") or ""):
        return _refused(state, _("Type name, number, address: “invoice to Rao Ltd, 29X”."))
    return state, (call(SalesActs.ask_invoice, buyer),)


def _settled(state: SalesState, press: KeyPress, facts: SalesFacts) -> SalesStep:
    if (waits := open_refund(facts)) is None:
        return _unknown(state, press, facts)
    given = _sentence(state, facts)[0] == "given"
    return replace(state, entry=EMPTY), (call(SalesActs.ask_settling, waits.id, given=given),)


def _unknown(state: SalesState, _press: KeyPress, _facts: SalesFacts) -> SalesStep:
    return _refused(state, _("Type amount 50, all, was card or tip 5; or mark by digit."))


def _refused(state: SalesState, sentence: str) -> SalesStep:
    return replace(state, entry=EntryLine.offer(state.entry.text), message=refusal(sentence)), ()


def _typed(
    name: str, act: Step, label: str = "", helped: tuple[str, str] | None = None
) -> Key[SalesState, SalesFacts, SalesActs]:
    """Return the row of a typed sentence, by its name in the vocabulary."""
    return Key(act, ENTER, label, lambda state, facts: _sentence(state, facts)[0] == name, helped=helped)


def _shows_copy(state: SalesState, facts: SalesFacts) -> bool:
    """True if a copy is shown that can be printed."""
    return facts.prints and state.opened is not None and state.opened.paper is SheetOfSale.COPY


_shut: Final = _paper(None)
_copy: Final = _paper(SheetOfSale.COPY, N_("A copy of the receipt. ↑ ↓ scroll. Esc: back."))
_slips: Final = _paper(SheetOfSale.SLIPS, N_("The slips of the terminal. ↑ ↓ scroll. Esc: back."))
_code: Final = _paper(SheetOfSale.CODE, N_("The guest scans it. Esc: back."))
_print: Final = calls(SalesActs.print)

_SALES: Final = MarkedList[SalesState, SalesFacts](
    count=lambda state, facts: len(matching_rows(state, facts)), page=lambda facts: facts.page
)
_LINES: Final = MarkedList[SalesState, SalesFacts](
    count=lambda _state, facts: len(_sold(facts)),
    at=lambda state, _facts: ListMark(_marks(state).line),
    put=lambda state, _facts, mark: _with(state, replace(_marks(state), line=mark.place)),
    page=lambda facts: facts.line_page,
    widget="lines",
    enters=False,
)
_WAYS: Final = MarkedList[SalesState, SalesFacts](
    count=lambda state, facts: len(ways(state, facts)),
    at=lambda state, _facts: ListMark(_marks(state).way),
    put=lambda state, _facts, mark: _with(state, replace(_marks(state), way=mark.place)),
    widget="ways",
    enters=False,
)

LIST: Final[KeyTable[SalesState, SalesFacts, SalesActs]] = KeyTable(
    Key(_show_help, command=HELP, bar=word(N_("Help"))),
    *_SALES.keys(moves=(*ARROWS, "home", "end"), bar=word(N_("Choose"))),
    Key(_ask_earlier, ("pagedown",), when=_asks_earlier),
    Key(_SALES.move, ("pagedown", "pageup"), "PgDn", bar=word(N_("Earlier"), spare=True)),
    Key(
        lambda state, _press, _facts: (state, (call(SalesActs.ask, state.entry.text),)),
        ("tab",),
        "Tab",
        lambda state, _facts: state.found is None,
        bar=word(N_("All tills")),
        helped=(N_("The sales of all tills"), N_("online only; in a sale: where to refund")),
    ),
    Key(
        sets(found=None, mark=ListMark()),
        ("tab",),
        "Tab",
        lambda state, _facts: state.found is not None,
        bar=word(N_("This till")),
    ),
    Key(_cleared, ("escape",), "Esc", lambda state, _facts: state.entry.text, bar=ERASE),
    Key(_cleared, ("escape",), "Esc", lambda state, _facts: state.found is not None, bar=word(N_("This till"))),
    Key(calls(SalesActs.go_back), ("escape",), "Esc", bar=word(N_("Back"))),
    Key(_entered, ENTER, "Enter", bar=_enter_word),
)

SALE: Final[KeyTable[SalesState, SalesFacts, SalesActs]] = KeyTable(
    Key(_show_help, command=HELP, bar=lambda state, facts: None if can_mark(state, facts) else BarKey(_("Help"))),
    Key(
        _set_pieces,
        DIGITS,
        "1-9",
        bar=_marking(N_("Mark a line"), N_("Line")),
        helped=(N_("Mark a line"), N_("all of it; again unmarks it")),
    ),
    Key(
        _set_pieces,
        ("+", "-"),
        "+ −",
        bar=_marking(N_("A piece"), N_("Piece")),
        helped=(N_("One piece more or less"), N_("of the marked line")),
    ),
    Key(_whole, ("asterisk", "*"), "*", bar=_marking(N_("Whole sale"), N_("Sale")), helped=(N_("The whole sale"), "")),
    _typed("all", _whole),
    Key(
        _refund_piece,
        command=VOID,
        when=_nothing_marked,
        bar=_marking(N_("Refund one piece"), N_("Refund 1")),
        helped=(N_("Refund a piece"), N_("of the marked line; or all that is marked")),
    ),
    Key(_refund, command=VOID),
    Key(_next_way, ("tab",), "Tab", bar=_marking(N_("Refund to"))),
    *_LINES.keys(),
    *_WAYS.keys(moves=()),
    Key(_unmarked, ("backspace",)),
    Key(_to_receipt, ENTER, when=lambda state, _facts: receipt_number(state.entry.text)),
    Key(_mark_label, ENTER, when=lambda state, _facts: is_code(state.entry.text)),
    _typed("amount", _amount, "amount 50", (N_("Refund an amount"), "")),
    Key(
        _slips,
        ("s", "S"),
        "S",
        lambda _state, facts: facts.slips,
        bar=word(N_("Slip")),
        helped=(N_("The slips of the card terminal"), N_("where it gave any")),
    ),
    Key(lambda state, _press, _facts: _refused(state, _("No terminal gave a slip for this sale.")), ("s", "S")),
    Key(
        _copy,
        ("p", "P"),
        "P",
        bar=word(N_("Print again"), N_("Print"), spare=True),
        helped=(N_("The receipt again"), N_("marked as a copy; Enter prints it")),
    ),
    Key(
        _code,
        ("q", "Q"),
        "Q",
        lambda _state, facts: facts.words and facts.has_room,
        bar=word(N_("QR code"), N_("QR"), spare=True),
        helped=(N_("The code of its record"), N_("where the law wants one")),
    ),
    Key(lambda state, _press, _facts: _refused(state, _("There is no code here, or no room for it.")), ("q", "Q")),
    Key(
        _print,
        command=PRINT,
        bar=lambda _state, facts: BarKey(_("Print the refund"), _("Refund")) if facts.prints_refund else None,
        helped=(N_("Print a copy at once"), N_("after a refund its receipt")),
    ),
    Key(
        _gift,
        command=gift_receipt.name,
        bar=lambda _state, facts: BarKey(_("Gift receipt"), _("Gift"), spare=2) if facts.prints else None,
        helped=(N_("Gift receipt, no prices"), N_("of the marked pieces, or the sale")),
    ),
    _typed("copy", _copy),
    _typed("gift", _gift),
    Key(
        _order_again,
        ("o", "O"),
        "O",
        bar=lambda state, facts: None if can_mark(state, facts) else BarKey(_("Order again"), _("Again")),
        helped=(N_("The same again"), N_("on the order, at today's prices; or “again”")),
    ),
    _typed("again", _order_again),
    _typed("exchange", _refund, "exchange", (N_("Refund, then sell"), N_("the refund comes first"))),
    _typed("invoice", _invoiced, "invoice to", (N_("An invoice for it"), N_("name, number, address; online only"))),
    _typed("was", _corrected, "was card", (N_("Correct the tender"), N_("of any day, a manager"))),
    _typed("tip", _tipped, "tip 5", (N_("Correct the tip"), N_("today's sales only, a manager"))),
    _typed("at", _at_minute, "at 21:15", (N_("The order at a minute"), N_("as this till knows it"))),
    _typed("given", _settled, "given", (N_("A waiting refund was given"), N_("or “not given”; a manager"))),
    _typed("not_given", _settled),
    Key(_unknown, ENTER, when=lambda state, facts: typed_words(state) and _sentence(state, facts)[0] != "refund"),
    Key(
        _refund,
        ENTER,
        "Enter",
        bar=_refund_word,
        helped=(N_("Refund the marked lines"), N_("a reason; a manager allows it")),
    ),
    Key(_to_list, ("escape",), "Esc", bar=word(N_("List")), helped=(N_("Back"), N_("your marks are kept"))),
)

PAPER: Final[KeyTable[SalesState, SalesFacts, SalesActs]] = KeyTable(
    Key(_show_help, command=HELP),
    Key(_scrolled, LIST_KEYS, "↑↓", bar=word(N_("Scroll"))),
    Key(_print, command=PRINT),
    Key(_gift, command=gift_receipt.name),
    Key(_print, ENTER, "Enter", _shows_copy, bar=lambda _state, _facts: BarKey(_("Print it"), _("Print"))),
    Key(_shut, ("escape", *ENTER), "Esc", bar=word(N_("Back to the sale"), N_("Back"))),
)
