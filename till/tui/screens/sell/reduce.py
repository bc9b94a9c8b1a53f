"""Key and event handling for the sell screen. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.errors import NotOnMenuError, TillError
from till.domain.i18n import _
from till.domain.order.line import Row
from till.domain.staff.pins import can_be_pin
from till.domain.text import clean
from till.register.counter import Added, OrderChanged
from till.register.ledger.ledger import OrderLockedError
from till.register.other_tills.news import OrderTaken
from till.register.quick_entry.intents import AddAll, AddItem, Choose, OneMore
from till.register.quick_entry.language import complete, suggestions
from till.register.quick_entry.meaning import asks_back_line, doubt
from till.tui.drawing.cut import cut
from till.tui.screens.sell import acts, commands, finding
from till.tui.screens.sell.actions import act_on_answer, add, ask_on_sheet, no_line_to_count, step_quantity
from till.tui.screens.sell.entry_hint import waiting_steps
from till.tui.screens.sell.state import (
    Asking,
    Attempt,
    Choosing,
    Commanded,
    Gone,
    ItemPointedAt,
    LinePointedAt,
    Locked,
    Marked,
    Picked,
    RegisterRefused,
    SellFacts,
    SellState,
    ShowingOrder,
    ShowingReceipt,
    Suggesting,
    Typing,
    line_of,
    marked_line,
    mode_of,
    without_receipt,
)
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import ARROWS
from till.tui.shell.keymap import HELP, KeyPress
from till.tui.shell.marked_list import LIST_KEYS, MOVES, ListMark, MarkedList, rows_by
from till.tui.shell.messages import answered, plain, refusal, says_why

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.register.quick_entry.slots import Intent
    from till.tui.screens.sell.actions import Step
    from till.tui.screens.sell.host import SellCall
    from till.tui.screens.sell.state import SellEvent

_STEPS: Final = {"plus": 1, "minus": -1}
#: The most characters of a name in a refusal.
_SHORT: Final = 26
#: The phrases that may replace the question which item is meant.
_KEYS_ITEMS: Final = AddItem | AddAll | OneMore | Choose
#: Keys that are commands, but delete text while there is some.
_DELETES: Final = {"delete", "ctrl+u"}


def reduce(state: SellState, event: KeyPress | SellEvent, facts: SellFacts) -> Step:
    """Return the next state and the calls to make."""
    match event:
        case KeyPress():
            return _pressed(replace(state, attempt=None), event, facts)
        case Added():
            state = replace(_shows(state, event.order.id), attempt=None)
            state = replace(
                state, selected=line_of(event.line_id, facts), message=answered(event.sentence, event.warning)
            )
            return state, _asked(state, facts)
        case OrderChanged():
            selected = event.selected or state.selected
            state = replace(_shows(state, event.order.id), attempt=None)
            return replace(state, selected=selected, message=answered(event.sentence, event.warning)), ()
        case Gone():
            return replace(_shows(state, None), attempt=None, message=plain(event.sentence)), ()
        case RegisterRefused():
            return _refused(state, event)
        case Picked():
            return _pick(replace(state, attempt=None), facts, event)
        case Commanded():
            return _command(replace(state, attempt=None), facts, event.name)
        case LinePointedAt() | ItemPointedAt():
            return _pointed_at(replace(state, attempt=None), facts, event)
        case OrderTaken():  # open questions about it are dropped, and the text typed stays
            entry = state.mode.aside if isinstance(state.mode, Asking) else state.entry
            return replace(state, entry=entry, mode=Typing(), message=refusal(event.sentence)), ()


def _asked(state: SellState, facts: SellFacts) -> tuple[SellCall, ...]:
    """Return the call that asks for the choices of a line just added, if it needs any."""
    line = marked_line(state, facts)
    return (
        (call(acts.ask_note, line, asked=True),)
        if line is not None and not line.is_void and line.shown.first.asks
        else ()
    )


def _shows(state: SellState, session_id: str | None) -> SellState:
    return replace(state, session_id=session_id, pane=ShowingOrder())


def _refused(state: SellState, refused: RegisterRefused) -> Step:
    attempt, state = state.attempt, replace(state, attempt=None, message=refusal(refused.sentence))
    if attempt is None or not refused.restores:
        return state, ()
    state = replace(state, entry=EntryLine.offer(attempt.typed), mode=attempt.mode)
    return state, () if isinstance(attempt.mode, Asking) else (call(acts.keep_typed, state.entry.text, refused=True),)


# Keys.


def _pressed(state: SellState, press: KeyPress, facts: SellFacts) -> Step:
    if not press.is_enter and state.unconfirmed is not None:
        if isinstance(state.unconfirmed, str) and press.char and press.char.isprintable():
            state = replace(state, left_out=state.unconfirmed)
        state = replace(state, unconfirmed=None)
    if state.is_stepping and press.key not in _STEPS:
        state = replace(state, is_stepping=False)
    if facts.lines and not _moves(state, press, facts):
        state = without_receipt(state)  # the order replaces a receipt that was looked up
    match mode_of(state, facts):
        case Asking() as asking:
            return _answer(state, press, facts, asking)
        case Choosing() as choosing:
            state, step = _choose(state, press, facts, choosing)
            if step is not None:
                return step
        case _:
            pass
    return _typing(state, press, facts)


def _typing(state: SellState, press: KeyPress, facts: SellFacts) -> Step:
    command = facts.keymap.command(press)
    if command is None and (step := _count(state, press, facts)) is not None:
        return step
    if press.is_enter:
        return _enter(state, facts)
    if press.key == "tab":
        return _complete(state, facts)
    if press.key == "escape":
        return _escape(state, facts)
    if _moves(state, press, facts):
        return _move(state, press, facts)
    if command is not None and _is_command(state, press):
        return _command(state, facts, command)
    taken = state.entry.take(press)
    if taken is None:
        return _useless(state, press, facts)
    return _typed(replace(state, entry=taken, marked=state.marked if taken.text == state.entry.text else None))


def _typed(state: SellState) -> Step:
    """Save the changed entry line."""
    entry = state.entry
    return replace(state, by_hand=False, covered=state.message), (
        call(acts.keep_typed, entry.text, refused=entry.is_offered),
    )


def _is_command(state: SellState, press: KeyPress) -> bool:
    """Return True unless the key types or deletes text in the entry line."""
    types = (press.char and press.char.isprintable()) or press.key in _DELETES
    return not state.entry.text or not types


def _command(state: SellState, facts: SellFacts, name: str) -> Step:
    if state.over is not None:
        return _unkeyed(state, facts, state.over)
    try:
        return commands.BY_NAME[name].do(state, facts)
    except TillError as problem:
        return replace(state, message=refusal(problem.sentence)), ()


def _escape(state: SellState, facts: SellFacts) -> Step:
    read: tuple[SellCall, ...] = ()
    if state.message is not None and facts.was_read and not state.entry.text:
        read = (call(acts.mark_read, state.message.text),)  # the message is dismissed
    without_message = replace(state, message=None, by_hand=False, over=None)
    if isinstance(mode_of(state, facts), Locked):
        return _shows(replace(without_message, selected=None), None), read  # text typed meanwhile is for the new order
    if state.entry.text:
        return replace(without_message, entry=EMPTY, marked=None), (call(acts.keep_typed, ""),)
    return without_message, read


def _marked(state: SellState, facts: SellFacts) -> ListMark:
    marked = marked_line(state, facts)
    return ListMark(facts.lines.index(marked) if marked is not None else len(facts.lines))


_LINES: Final = MarkedList[SellState, SellFacts](
    count=lambda _state, facts: len(facts.lines),
    at=_marked,
    put=lambda state, facts, mark: replace(state, selected=facts.lines[mark.place].line_id, by_hand=True),
    page=lambda facts: facts.page,
)


def _moves(state: SellState, press: KeyPress, facts: SellFacts) -> bool:
    """Return True if a key moves the mark; Home and End move the cursor in the entry line while there is text."""
    if press.char or press.key not in LIST_KEYS:
        return False
    return press.key in MOVES or not (state.entry.text or facts.keymap.command(press))


def _move(state: SellState, press: KeyPress, facts: SellFacts) -> Step:
    if press.key in ARROWS and (found := finding.move(state, facts, rows_by(press.key))) is not None:
        return found, ()
    if isinstance(state.pane, ShowingReceipt):
        return state, (call(acts.scroll_receipt, rows_by(press.key, max(1, facts.receipt_rows - 1))),)
    return _LINES.move(state, press, facts) if facts.lines else _useless(state, press, facts)


def _useless(state: SellState, press: KeyPress, facts: SellFacts) -> Step:
    """Say that a key does nothing here."""
    return replace(state, message=says_why(facts.keymap, press, "") or state.message), ()


def _complete(state: SellState, facts: SellFacts) -> Step:
    """Take the marked item; otherwise the first suggestion, or the next one after an earlier Tab."""
    last = finding.last_completion(state)
    typed, place = (last.typed, last.place + 1) if last is not None else (state.entry.text, 0)
    found = suggestions(typed, facts.lookup)
    if not found:
        return replace(state, message=refusal(_("Tab completes the name of an item. None begins so."))), ()
    item = finding.marked_item(state, facts)
    if item is None:
        place %= len(found)
        item = found[place]
    else:
        place = found.index(item) if item in found else -1
    entry = EntryLine.of(complete(typed, clean(item.name), facts.lookup))
    taken = Suggesting(typed, place, entry.text, item.id)
    return _typed(replace(state, entry=entry, completion=taken, marked=None))


# Clicks.


def _pointed_at(state: SellState, facts: SellFacts, at: LinePointedAt | ItemPointedAt) -> Step:
    """Mark the line or add the item that was clicked; an open question must be answered first."""
    if not isinstance(state.mode, Typing):
        return state, ()
    if isinstance(at, ItemPointedAt):
        return _item_pointed_at(state, facts, facts.menu.by_id[at.item_id])
    if isinstance(state.pane, ShowingReceipt) or at.place >= len(facts.lines):
        return state, ()
    return _LINES.put(state, facts, ListMark(at.place)), ()


def _item_pointed_at(state: SellState, facts: SellFacts, item: Item) -> Step:
    """Add the clicked item: in the typed quantity if the board shows matches; otherwise one, keeping the text."""
    if facts.lock:
        return replace(state, message=refusal(OrderLockedError(facts.lock).sentence)), ()
    if typed := finding.board_filter(state, facts):
        return _enter(replace(state, marked=Marked(typed, item.id)), facts)
    return add(without_receipt(state), facts, AddItem(item))


# Quantity of the marked line.


def _count(state: SellState, press: KeyPress, facts: SellFacts) -> Step | None:
    """Step the quantity of the marked line; None if the key means something else.

    A first + or − is typed into the entry line, as it may begin "+3", "-2" or a return ("-2 bottles"). There Enter, or
    the same key again, counts. After that each + or − counts at once, and so does a tile, which types nothing.
    """
    typed, step = state.entry.text.strip(), _STEPS.get(press.key, 0)
    waits = waiting_steps(typed)
    if press.is_enter and waits is not None and not facts.lock:
        return _count_by(state, facts, waits, typed)
    marked = marked_line(state, facts)
    if not step or typed not in {"", "+", "-"} or marked is None:
        return None
    if not typed and not state.is_stepping and press.char:
        return _typed(replace(state, entry=state.entry.take(press) or state.entry, message=None))  # see `announced`
    return _count_by(replace(state, is_stepping=True), facts, step + (waits or 0), typed)


def _count_by(state: SellState, facts: SellFacts, step: int, typed: str) -> Step:
    """Change the quantity of the marked line by a step; `typed` is the entry line's text for it."""
    marked = marked_line(state, facts)
    why = no_line_to_count(state, facts)
    if marked is None or why is not None:
        return _offered(state, facts, typed, why or "") if typed else (replace(state, message=refusal(why or "")), ())
    try:
        more = step if marked.shown.quantity > 0 else -step
        question = asks_back_line(facts, marked.shown.first, more) if step > 0 else None
    except TillError as problem:
        return _offered(state, facts, typed, problem.sentence)
    if question is not None and state.unconfirmed != typed:
        return _offered(replace(state, unconfirmed=typed), facts, typed, question)
    save_calls = (call(acts.keep_typed, ""),) if typed else ()
    state = replace(state, entry=EMPTY if typed else state.entry, by_hand=True, unconfirmed=None)
    state, calls = step_quantity(state, facts, step)
    return state, (*save_calls, *calls)


# Entry.


def _enter(state: SellState, facts: SellFacts) -> Step:
    typed = state.entry.text.strip()
    if facts.lock:
        return _offered(state, facts, typed, OrderLockedError(facts.lock).sentence)
    if not typed:
        hint = plain(_("Type an item, its number or a barcode. F9 takes the money."))
        return replace(state, message=None if facts.lines else hint), ()
    try:
        return _act(state, facts, typed)
    except TillError as problem:
        return _offered(state, facts, typed, problem.sentence)


def _act(state: SellState, facts: SellFacts, typed: str) -> Step:
    """Carry out the entry; one that is probably a mistake must be confirmed by a second Enter."""
    command, intent = _meant(state, typed, facts)
    if state.over is not None and not isinstance(intent, _KEYS_ITEMS):
        return _unkeyed(state, facts, state.over, typed)
    marked = marked_line(state, facts)
    row = marked.shown if marked is not None and isinstance(marked.shown, Row) else None
    question = doubt(intent, facts, row)
    if question is not None and state.unconfirmed != typed:
        return _offered(replace(state, unconfirmed=typed), facts, typed, question)
    left_out = state.over.typed if state.over is not None else state.left_out
    sent = replace(state, unconfirmed=None, entry=EMPTY, attempt=Attempt(typed, Typing()), by_hand=False, marked=None)
    after, calls = command.do(replace(sent, left_out="", over=None), facts, intent)
    is_left_out = left_out and left_out != typed
    return after, (
        call(acts.mark_sending, typed),
        *calls,
        *((call(acts.tell_left_out, left_out),) if is_left_out else ()),
        call(acts.keep_typed, after.entry.text, refused=after.entry.is_offered),
    )


def _meant(state: SellState, typed: str, facts: SellFacts) -> tuple[commands.ScreenCommand, Intent | None]:
    """Return the command for the entry or the marked item: by its exact words, or as a phrase.

    An item with exactly that name takes precedence.
    """
    lookup = facts.lookup
    command = commands.of_words(typed, lookup.words)
    if command is None or lookup.exact(typed) is not None:
        try:
            intent = finding.meaning_of_entry(state, typed, facts)
        except NotOnMenuError as problem:
            raise (_discount_named(typed, facts) or problem) from problem
        return commands.of_phrase(intent), intent
    if begun := lookup.search(typed, 1, near=False):
        sentence = _("“{words}” begins {name} too. Type more, or press {key}.")
        key = facts.keymap.label(command.name)
        raise TillError(sentence.format(words=clean(typed), name=clean(begun[0].name), key=key))
    return command, None


def _discount_named(typed: str, facts: SellFacts) -> TillError | None:
    """Return the refusal of words that name a discount of the venue: it needs the line or the order that it is for."""
    if not (name := facts.venue.discount_named(typed)):
        return None
    sentence = _("“{name}” is a discount: {key} gives it.")
    return TillError(sentence.format(name=cut(name, _SHORT), key=facts.keymap.label("discount")))


def _offered(state: SellState, facts: SellFacts, typed: str, sentence: str) -> Step:
    """Offer a refused text to be corrected. Digits of no item are cleared, as they may be a PIN typed too often."""
    is_secret = can_be_pin(typed) and facts.lookup.number(typed) is None
    return _typed(replace(state, entry=EntryLine.offer("" if is_secret else typed), message=refusal(sentence)))


# Questions.


def _answer(state: SellState, press: KeyPress, facts: SellFacts, asking: Asking) -> Step:
    """Type the answer to a question, or cancel it."""
    before = replace(state, entry=asking.aside, mode=Typing())
    command = facts.keymap.command(press)
    if press.key == "escape":
        return replace(before, message=plain(_("Nothing changed."))), ()
    if press.is_enter:
        return _answered(before, facts, asking, state.entry.text.strip())
    if command == HELP:
        rows = (_("digits, Enter"), asking.word, ""), ("Esc", _("Back"), _("nothing changes"))
        return state, (call(acts.show_help, rows),)
    if (taken := state.entry.take(press)) is not None:
        return replace(state, entry=taken), ()
    message = says_why(facts.keymap, press, _("Answer first, or press Esc; then {key}."))
    return replace(state, message=refusal(f"{message.text} {asking.question}") if message else state.message), ()


def _answered(state: SellState, facts: SellFacts, asking: Asking, typed: str) -> Step:
    about = asking.about
    stands = replace(state, mode=asking, entry=EntryLine.offer(typed))
    try:
        (after, calls), question = act_on_answer(replace(state, attempt=Attempt(typed, asking)), facts, about, typed)
    except TillError as problem:
        return replace(stands, message=refusal(problem.sentence)), ()
    if question is not None and state.unconfirmed != (about, typed):
        return replace(stands, unconfirmed=(about, typed), message=refusal(question)), ()
    return replace(after, unconfirmed=None), calls


def _choose(state: SellState, press: KeyPress, facts: SellFacts, choosing: Choosing) -> tuple[SellState, Step | None]:
    """Answer which of several items is meant by a digit and Enter; the step is None if the key means something else.

    Enter alone keys the only item that is offered. With anything else, such as `2 tea`, the next entry is typed over
    the question.
    """
    typed, digit = state.entry.text, press.digit
    if press.is_enter and not typed:
        if len(choosing.asked.offered) > 1:
            return state, (state, ())
        typed = "1"
    if press.key == "backspace" or (not typed and digit and digit <= len(choosing.asked.offered)):
        return state, _typed(replace(state, entry=state.entry.take(press) or state.entry))
    if facts.keymap.command(press) == HELP:
        return state, _command(state, facts, HELP)
    state = replace(state, mode=Typing(), message=None)
    if not (press.is_enter or press.key == "escape"):
        return replace(state, over=choosing), None
    state = replace(state, entry=EMPTY, by_hand=False)
    if press.key == "escape":
        return state, (state, (call(acts.keep_typed, ""),))
    state, calls = _pick(state, facts, Picked(choosing.asked, int(typed) - 1, choosing.typed))
    return state, (state, (call(acts.keep_typed, ""), *calls))


def _unkeyed(state: SellState, facts: SellFacts, over: Choosing, words: str = "") -> Step:
    """Ask again which item is meant if the entry is not an item: before the answer, nothing is paid or saved.

    The answer to the question tells that the `words` were left out.
    """
    left_out = words or state.left_out
    state, keeps = _typed(replace(state, entry=EMPTY, marked=None, message=None, left_out=left_out))
    state, asks = ask_on_sheet(state, facts, over, again=True)
    return state, (*keeps, *asks)


def _pick(state: SellState, facts: SellFacts, picked: Picked) -> Step:
    """Add one of the items that were offered; if refused, restore the text typed for them."""
    asked, left_out = picked.asked, state.left_out
    state = replace(state, attempt=Attempt(picked.typed, Typing()), over=None, left_out="")
    try:
        state, calls = add(state, facts, asked.picked(picked.place, facts.lookup))
    except TillError as problem:
        return _refused(state, RegisterRefused(problem.sentence))
    if left_out:
        calls = (*calls, call(acts.tell_left_out, left_out))
    unread = facts.lookup.unread(asked.query, asked.items[picked.place])
    return state, (*calls, call(acts.leave_unread, unread)) if unread else calls
