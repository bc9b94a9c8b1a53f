"""The meaning of each command and phrase on the sell screen. Pure: it returns the calls to make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.errors import LineError, QuantityError, TillError
from till.domain.i18n import _
from till.domain.money.measures import Thousandths
from till.domain.order.naming import tab_name
from till.domain.order.paying import UnreadRecordError, check_payable, check_splittable
from till.domain.order.suspension import check_clearable
from till.domain.order.wishes import with_wish
from till.domain.structs import replace as replace_line
from till.domain.text import capitalize_first, clean
from till.ports.printer import DocumentRef, PrintError
from till.register.quick_entry.intents import AddItem, TakeOff, Wish
from till.register.quick_entry.items import read_measure
from till.register.quick_entry.meaning import (
    NO_LINES,
    asks_back,
    asks_back_line,
    cart,
    entry_of,
    mark_meant,
    more_of_it,
    order_of,
    taken_off,
    which,
)
from till.register.tabs.names import key_of
from till.tui.drawing.cut import cell_len
from till.tui.screens.sell.state import (
    Asking,
    Choosing,
    PriceOf,
    QuantityOf,
    ShowingReceipt,
    Typing,
    WeightOf,
    marked_line,
)
from till.tui.shell.calls import Later, call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import LOG_OUT, SALES, SET_ASIDE
from till.tui.shell.messages import plain, refusal

#: The module of the acts on papers.
PAPER_ACTS: Final = "till.tui.screens.sheets.paper_acts"

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.money.measures import Minor
    from till.domain.order.state import Order
    from till.register.quick_entry.intents import (
        AddAll,
        Choose,
        Discounted,
        GiveFeedback,
        LastSaleWas,
        OneLess,
        OneMore,
        Recall,
        SetPrice,
        SoldOut,
        ToTab,
    )
    from till.tui.screens.sell import acts
    from till.tui.screens.sell.host import SellCall
    from till.tui.screens.sell.state import About, SellFacts, SellState
    from till.tui.screens.sheets import paper_acts
else:
    acts = Later("till.tui.screens.sell.acts")
    paper_acts = Later(PAPER_ACTS)

Step = tuple["SellState", tuple["SellCall", ...]]

#: An example of a weight.
_A_QUARTER: Final = Thousandths(250)
#: The most digits of a quantity.
_DIGITS: Final = 6


# Reasons why a command is not available.


def no_lines_yet(_state: SellState, facts: SellFacts) -> str | None:
    """Return the reason while there is no order."""
    return _(NO_LINES) if facts.order is None else None


def nothing_unread(_state: SellState, facts: SellFacts) -> str | None:
    """Return the reason while every record of the order can be read."""
    unread = facts.order is not None and facts.order.waits_for_manager
    return None if unread else _("Nothing to skip: every record of this order is read.")


def show_unread(state: SellState, facts: SellFacts, _intent: object) -> Step:
    """Show the first unreadable record."""
    return state, (call(acts.ask_unread, facts.order),) if facts.order is not None else ()


def no_line_to_void(state: SellState, facts: SellFacts) -> str | None:
    """Return why the marked line cannot be voided."""
    line = marked_line(state, facts)
    if line is None:
        return _("There is no line to void.")
    return _("That line is already void. Ctrl+Z undoes the last void.") if line.is_void else None


def no_line_to_count(state: SellState, facts: SellFacts) -> str | None:
    """Return why the quantity of the marked line cannot be changed."""
    line = marked_line(state, facts)
    if line is None:
        return _(NO_LINES)
    return _("That line is void. Choose another with ↑ or ↓.") if line.is_void else None


def nothing_to_clear(_state: SellState, facts: SellFacts) -> str | None:
    """Return why the order cannot be cleared."""
    if facts.order is None:
        return _(NO_LINES)
    try:
        check_clearable(facts.order, facts.formats.money)
    except TillError as problem:
        return problem.sentence
    has_any = facts.order.is_in_use or facts.order.lines or facts.order.tab is not None
    return None if has_any else _("There is nothing to clear.")


def nothing_to_pay(_state: SellState, facts: SellFacts) -> str | None:
    """Return why the order cannot be paid."""
    return _why_not_paid(facts, check_payable)


def nothing_to_split(state: SellState, facts: SellFacts) -> str | None:
    """Return why the order cannot be split."""
    return nothing_to_pay(state, facts) or _why_not_paid(facts, check_splittable)


def _why_not_paid(facts: SellFacts, check: Callable[[Order, Callable[[Minor], str]], None]) -> str | None:
    if facts.order is None:
        return _(NO_LINES)
    try:
        check(facts.order, facts.formats.money)
    except UnreadRecordError:
        sentence = _("Update this till, or {key}: a manager skips the record.")
        return sentence.format(key=facts.keymap.label(SET_ASIDE))
    except TillError as problem:
        return problem.sentence
    return None


def nothing_to_settle(state: SellState, facts: SellFacts) -> str | None:
    """Return why the pay screen cannot open. Money taken for lines that are void by now is given back there."""
    if facts.order is not None and facts.order.is_empty and facts.order.has_money:
        return None
    return nothing_to_pay(state, facts)


def no_menu(_state: SellState, facts: SellFacts) -> str | None:
    """Return the reason if there is no menu."""
    if facts.menu.items:
        return None
    return _("The menu is empty: “till admin menu import” fills it.")


def no_manager(_state: SellState, facts: SellFacts) -> str | None:
    """Return the reason if the user is not a manager."""
    return None if facts.manages else _("Conflicts and records are for a manager: log in as one.")


def no_receipt(_state: SellState, facts: SellFacts) -> str | None:
    """Return the reason if there is no receipt to show."""
    sentence = _("No sale since this till was opened. {key} shows earlier ones.")
    return sentence.format(key=facts.keymap.label(SALES)) if facts.last_sale is None else None


def no_printer(_state: SellState, facts: SellFacts) -> str | None:
    """Return the reason if no printer prints for this till; none while tickets of the kitchen wait for an answer."""
    if facts.venue.training:
        return _("A training prints nothing.")
    return None if facts.prints or facts.paper_advice else _(PrintError.default)


# Commands.


def note(state: SellState, facts: SellFacts, _intent: object) -> Step:
    """Ask for a note on the marked line, or on the whole order."""
    line = marked_line(state, facts)
    if not state.by_hand:  # unless a line was marked by hand, prefer one with a required choice
        line = next((one for one in facts.lines if not one.is_void and one.shown.first.asks), line)
    return state, (call(acts.ask_note, None if line is None or line.is_void else line),)


def discount(state: SellState, facts: SellFacts, intent: Discounted | None) -> Step:
    """Ask for a discount on the marked line, or on the whole order."""
    line = marked_line(state, facts)
    marked = None if line is None or line.is_void else line
    if intent is None:
        return state, (call(acts.ask_discount, marked),)
    return state, (call(acts.ask_discount, marked, intent.way, intent.figure, whole=intent.whole),)


def nothing_to_take_off(_state: SellState, facts: SellFacts) -> str | None:
    """Return why nothing can be discounted."""
    return _(NO_LINES) if facts.order is None or facts.order.is_empty else None


def put_right(state: SellState, facts: SellFacts, intent: LastSaleWas) -> Step:
    """Correct the tender of the last sale."""
    tender = facts.tenders.called(intent.tender)
    placed = facts.last_sale.placed if facts.last_sale is not None else None
    return state, (call(acts.open_sales, placed.data.receipt, tender),) if placed is not None else ()


def feedback(state: SellState, facts: SellFacts, intent: GiveFeedback | None) -> Step:
    """Record the feedback of the last guest who paid; without a score ask for it."""
    if facts.last_sale is None:
        return state, ()
    if intent is None:
        return state, (call(acts.ask_feedback, facts.last_sale),)
    return state, (call(acts.give_feedback, facts.last_sale, intent.score, intent.words),)


def show_last_receipt(state: SellState, facts: SellFacts, _intent: object) -> Step:
    """Show the last receipt. Over an order with lines, any key but those that scroll goes back to them."""
    if facts.last_sale is None:
        return state, ()
    sentence = _("The last receipt. Esc goes back to the order.") if facts.lines else _("The last receipt.")
    return replace(state, pane=ShowingReceipt(facts.last_sale, looked_up=True), message=plain(sentence)), ()


def print_paper(state: SellState, facts: SellFacts, intent: object) -> Step:
    """Print the paper of what was done last. While other papers wait, ask which."""
    paper = _paper_of_last(state, facts) if facts.prints else None
    if paper is None and not facts.paper_advice:
        return print_receipt(state, facts, intent)
    return state, (call(paper_acts.print_last, paper),)


def _paper_of_last(state: SellState, facts: SellFacts) -> DocumentRef | None:
    """Return the paper of what was done last: a receipt looked up, the bill of an order, or that of the last act."""
    order, pane = facts.order, state.pane
    if isinstance(pane, ShowingReceipt) and (pane.looked_up or facts.done is None):
        return DocumentRef("receipt", pane.sold.id)
    if order is not None and facts.lines and (facts.done is None or facts.done[0] < order.last_id):
        return DocumentRef("bill", order.id)
    if facts.done is not None:
        return facts.done[1]
    return DocumentRef("receipt", facts.last_sale.id) if facts.last_sale is not None else None


def print_receipt(state: SellState, facts: SellFacts, intent: object) -> Step:
    """Print the receipt of the last sale; without a printer show it."""
    if (why := no_receipt(state, facts)) is not None or facts.last_sale is None:
        raise TillError(why)
    if not facts.prints:
        return show_last_receipt(state, facts, intent)
    return state, (call(acts.print_receipt, facts.last_sale),)


def ask_quantity(state: SellState, facts: SellFacts, _intent: object) -> Step:
    """Ask for the new quantity of the marked line."""
    line = marked_line(state, facts)
    if line is None:
        return state, ()
    name = clean(line.view.name)
    if (measure := line.shown.first.measure) is not None:
        now = facts.formats.measure(measure, line.shown.first.unit)
        words = _("What does {name} weigh? Here: {weight}.").format(name=name, weight=now)
        return _ask(state, words, _("Set the weight"), QuantityOf(line)), ()
    words = _("How many {name}? Type it, then Enter.").format(name=name)
    return _ask(state, words, _("Set quantity"), QuantityOf(line)), ()


def void(state: SellState, facts: SellFacts, _intent: object) -> Step:
    """Ask why the marked line is voided."""
    return _void(state, facts, picked=state.attempt is None)


def _void(state: SellState, facts: SellFacts, *, picked: bool = False) -> Step:
    """Ask why; no reason is `picked` where an Enter asked for it, which may be pressed twice."""
    line = marked_line(state, facts)
    return state, (call(acts.ask_void, line, picked=picked),) if line is not None else ()


def clear(state: SellState, facts: SellFacts, _intent: object) -> Step:
    """Ask why the whole order is cleared; one with nothing on it is cleared at once, and its table is free."""
    if facts.order is None:
        return state, ()
    if facts.order.is_blank:
        return state, (call(acts.leave, facts.order),)
    return state, (call(acts.ask_clear, facts.order, picked=state.attempt is None),)


def set_order_type(state: SellState, facts: SellFacts, _intent: object) -> Step:
    """Set the next order type."""
    return state, (call(acts.set_order_type, facts.next_order_type),)


def tabs(state: SellState, facts: SellFacts, intent: ToTab | None) -> Step:
    """Save the order to the named tab; without lines, recall that tab; without a name, ask for it.

    An act on a tab that is typed, such as “move 9”, is taken along to be entered there.
    """
    if intent is None and facts.lookup.words.begun(state.entry.text) == "tables":
        return replace(state, entry=EMPTY), (call(acts.keep_typed, ""), call(acts.offer_act, state.entry.text.strip()))
    name = intent.name if intent is not None else None
    own = facts.order.tab if facts.order is not None and not facts.order.is_in_use else None
    if own is not None and name and key_of(name) == key_of(own.name):
        sentence = _("{name} has no lines: “clear” frees it.")
        return replace(state, message=refusal(sentence.format(name=capitalize_first(tab_name(own.name))))), ()
    if name is None or facts.order is None or not facts.order.is_in_use:
        return state, (call(acts.open_tables, name or ""),)
    return state, (call(acts.save_to_tab, name),)


def refuse_to_close(state: SellState, facts: SellFacts, _intent: object) -> Step:
    """Show how to close the till."""
    words = _("Log out first ({key}); the login screen closes the till.")
    return replace(state, message=plain(words.format(key=facts.keymap.label(LOG_OUT)))), ()


# Phrases.


def add(state: SellState, facts: SellFacts, intent: AddItem) -> Step:
    """Add an item; ask for its weight if it is weighed, and for an open price."""
    name = clean(intent.item.name)
    if intent.item.unit and intent.measure is None and not intent.labelled:
        words = _("What does {name} weigh? For example {weight}.")
        words = words.format(name=name, weight=facts.formats.measure(_A_QUARTER, intent.item.unit))
        return _ask(state, words, _("Set the weight"), WeightOf(intent)), ()
    if intent.item.price4 is not None or intent.price4 is not None:
        return state, (call(acts.add, entry_of(intent)),)
    return _ask(state, _("Price of {name}?").format(name=name), _("Set the price"), PriceOf(intent)), ()


def set_price(state: SellState, facts: SellFacts, intent: SetPrice | None) -> Step:
    """Override the price of the marked line; without a price, ask for it."""
    line = marked_line(state, facts)
    if intent is None or intent.price4 is None or line is None:
        return begun(state, "price ", _("Which price? Type “price 85”, then Enter."))
    return state, (call(acts.ask_price, line, intent.price4),)


def sold_out(state: SellState, facts: SellFacts, intent: SoldOut | None) -> Step:
    """Mark an item as sold out, or as available again, or count it; without a name, ask for it."""
    if intent is None:
        return begun(state, "86 ", _("What is sold out? Type its name; “86 vada 12” leaves 12."))
    return state, (call(acts.mark_sold_out, *mark_meant(intent, facts.menu)),)


def begun(state: SellState, typed: str, words: str) -> Step:
    """Put the beginning of a phrase into the entry line, to be completed."""
    return replace(state, entry=EntryLine.of(typed), message=plain(words)), (call(acts.keep_typed, typed),)


def one_more(state: SellState, facts: SellFacts, intent: OneMore) -> Step:
    """Add one more of the item mentioned last."""
    return add(state, facts, more_of_it(intent, facts))


def add_all(state: SellState, _facts: SellFacts, intent: AddAll) -> Step:
    """Add several items: all of them, or none."""
    return state, (call(acts.add, *map(entry_of, intent.items)),)


def one_less(state: SellState, facts: SellFacts, intent: OneLess) -> Step:
    """Take a number of pieces off the marked line."""
    return step_quantity(state, facts, -intent.quantity)


def step_quantity(state: SellState, facts: SellFacts, step: int) -> Step:
    """Change the quantity of the marked line by a step; if none is left, it is a void, which asks for a reason."""
    line = marked_line(state, facts)
    if line is None or not step:
        return state, ()
    quantity = line.shown.quantity
    pieces = abs(quantity) + step
    if pieces <= 0:
        return _void(state, facts)
    return state, (call(acts.change_quantity, line.line_id, pieces if quantity > 0 else -pieces),)


def recall(state: SellState, facts: SellFacts, intent: Recall) -> Step:
    """Recall a tab by its name; without one, show what waits: the user's orders, otherwise the tabs.

    Raises:
        LineError: the order on the screen has lines.
    """
    has_lines = facts.order is not None and not facts.order.is_empty
    if intent.name is None:
        return state, (call(acts.open_waiting) if facts.waiting or has_lines else call(acts.open_tables),)
    if has_lines:
        raise LineError(_("Pay or save this order first; then “recall” the other one."))
    return state, (call(acts.open_tables, intent.name),)


def take_off(state: SellState, facts: SellFacts, intent: TakeOff) -> Step:
    """Reduce the quantity of the named line; taking off all of it is a void, which asks for a reason."""
    meant = taken_off(intent, facts)
    if isinstance(meant, Wish):
        return wish(state, facts, meant)
    row, left = meant
    state = replace(state, selected=row.first.id)
    if left:
        return state, (call(acts.change_quantity, row.first.id, left),)
    if (why := no_line_to_void(state, facts)) is not None:
        raise LineError(why)
    return _void(state, facts)


def wish(state: SellState, facts: SellFacts, intent: Wish) -> Step:
    """Add a wish to the note of the marked line."""
    line = marked_line(state, facts)
    if line is None or line.is_void:
        raise LineError(no_line_to_count(state, facts))
    return state, (call(acts.note_line, line.line_id, with_wish(line.shown.first.note, intent.words)),)


def say_cart(state: SellState, facts: SellFacts, _intent: object) -> Step:
    """Show what is on the order."""
    return replace(state, message=plain(f"{cart(facts)} {facts.answers.total(order_of(facts))}")), ()


def ask_which(state: SellState, facts: SellFacts, intent: Choose) -> Step:
    """Ask which of several items is meant: in the answer line if they fit there, otherwise on a sheet."""
    typed = state.attempt.typed if state.attempt is not None else ""
    query, offered = which(intent, facts)
    if cell_len(f"{query}: {offered}") <= facts.answer_cells:
        return replace(state, mode=Choosing(intent, typed), message=plain(f"{query}: {offered}")), ()
    return ask_on_sheet(state, facts, Choosing(intent, typed))


def ask_on_sheet(state: SellState, facts: SellFacts, choosing: Choosing, *, again: bool = False) -> Step:
    """Ask on a sheet which of several items is meant; `again` as in `acts.ask_which`."""
    query, _offered = which(choosing.asked, facts)
    title = _("{query}: which one?").format(query=query)
    asks = call(acts.ask_which, choosing.asked, title, choosing.typed, again=again)
    return replace(state, mode=Typing(), over=choosing), (asks,)


# Questions.


def _ask(state: SellState, words: str, word: str, about: About) -> SellState:
    asking = Asking(words, word, about, state.entry)
    return replace(state, mode=asking, entry=EMPTY, message=plain(words))


def act_on_answer(state: SellState, facts: SellFacts, about: About, typed: str) -> tuple[Step, str | None]:
    """Act on the answer to a question; the second is the question to ask back if it is unlikely.

    Raises:
        TillError: the answer is not valid.
    """
    if not isinstance(about, QuantityOf):
        if isinstance(about, PriceOf):
            entry = replace(about.entry, price4=facts.formats.price4(typed))
        else:
            entry = replace(about.entry, measure=read_measure(typed, about.entry.item.unit, facts.formats))
        return add(state, facts, entry), asks_back(facts, entry)
    line, first, quantity = about.line, about.line.shown.first, about.line.shown.quantity
    if first.measure is not None:
        measure = read_measure(typed, first.unit, facts.formats)
        first, changed = replace_line(first, measure=measure), call(acts.weigh, line.line_id, measure)
    else:
        digits = typed.lstrip("-−")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > _DIGITS:
            raise QuantityError
        quantity = int(typed.replace("−", "-"))
        changed = call(acts.change_quantity, line.line_id, quantity)
    return (state, (changed,)), asks_back_line(facts, first, quantity)
