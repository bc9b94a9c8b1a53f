"""What a key, or what came of an effect, makes of the sell screen. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.errors import OrderLockedError, TillError
from till.domain.i18n import _
from till.domain.text import clean
from till.register.quick_entry.intents import AddAll, AddItem, Choose, OneMore
from till.register.quick_entry.language import complete, suggestions, understand
from till.tui.screens.sell import commands, finding
from till.tui.screens.sell.actions import (
    LIKELY,
    add,
    answered,
    asks_back,
    doubt,
    last_mentioned,
    no_line_to_count,
    step_quantity,
)
from till.tui.screens.sell.effects import (
    Added,
    Changed,
    Commanded,
    Gone,
    ItemPointedAt,
    KeepTyped,
    LinePointedAt,
    MarkRead,
    MarkSending,
    OpenHelp,
    OpenNote,
    Picked,
    Refused,
    ScrollReceipt,
    TakenOver,
)
from till.tui.screens.sell.state import (
    Asking,
    Attempt,
    Choosing,
    Locked,
    Marked,
    QuantityOf,
    ShowingOrder,
    ShowingReceipt,
    Suggesting,
    Typing,
    chosen,
    line_of,
    mode_of,
    without_receipt,
)
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP, KeyPress
from till.tui.shell.messages import plain, refusal, says_why

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.register.quick_entry.intents import Intent
    from till.tui.screens.sell.actions import Step
    from till.tui.screens.sell.effects import Happening
    from till.tui.screens.sell.state import SellFacts, SellState

_MOVES: Final = {"up": -1, "down": 1, "pageup": -1, "pagedown": 1}
_MINUS: Final = "-"
_SIGNS: Final = ("+", _MINUS)
_STEPS: Final = {"plus": 1, "minus": -1}
#: So many more of the marked line.
_MORE: Final = re.compile(r"\+\s*(?P<count>\d{1,6})?\Z", re.ASCII)
#: Keys that are commands, and take off what is typed where something is.
_DELETES: Final = {"delete", "ctrl+u"}


def reduce(state: SellState, event: KeyPress | Happening, facts: SellFacts) -> Step:
    """Give the screen after a key or a happening, and what is to be done."""
    match event:
        case KeyPress():
            return _pressed(replace(state, attempt=None), event, facts)
        case Added():
            state = replace(_shows(state, event.order.id), attempt=None)
            state = replace(state, selected=line_of(event.line_id, facts), message=plain(event.sentence))
            return state, _asked(state, facts)
        case Changed():
            selected = event.selected or state.selected
            state = replace(_shows(state, event.order.id), attempt=None)
            return replace(state, selected=selected, message=plain(event.sentence)), ()
        case Gone():
            return replace(_shows(state, None), attempt=None, message=plain(event.sentence)), ()
        case Refused():
            return _refused(state, event)
        case Picked():
            return _pick(replace(state, attempt=None), facts, event)
        case Commanded():
            return _command(replace(state, attempt=None), facts, event.name)
        case LinePointedAt() | ItemPointedAt():
            return _pointed_at(replace(state, attempt=None), facts, event)
        case TakenOver():
            entry = EntryLine.of(state.mode.aside) if isinstance(state.mode, Asking) else state.entry
            return replace(state, entry=entry, mode=Typing(), message=refusal(event.sentence)), ()


def _asked(state: SellState, facts: SellFacts) -> tuple[OpenNote, ...]:
    """A line that was keyed and needs a choice asks at once."""
    line = chosen(state, facts)
    return (OpenNote(line, asked=True),) if line is not None and not line.is_void and line.shown.first.asks else ()


def _shows(state: SellState, session_id: str | None) -> SellState:
    return replace(state, session_id=session_id, pane=ShowingOrder())


def _refused(state: SellState, refused: Refused) -> Step:
    attempt, state = state.attempt, replace(state, attempt=None, message=refusal(refused.sentence))
    if attempt is None or not refused.restores:
        return state, ()
    state = replace(state, entry=EntryLine.offer(attempt.typed), mode=attempt.mode)
    return state, () if isinstance(attempt.mode, Asking) else (KeepTyped(state.entry.text, refused=True),)


# Keys.


def _pressed(state: SellState, press: KeyPress, facts: SellFacts) -> Step:
    if not press.is_enter and state.unconfirmed is not None:
        state = replace(state, unconfirmed=None)
    if state.is_stepping and press.key not in _STEPS:
        state = replace(state, is_stepping=False)
    if facts.lines and press.key not in _MOVES:
        state = without_receipt(state)  # a receipt that was looked up makes room for the order
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
    if press.key in _MOVES and not press.char:
        return _move(state, press.key, facts)
    if command is not None and _is_command(state, press):
        return _command(state, facts, command)
    taken = state.entry.take(press)
    if taken is None:
        return replace(state, message=says_why(facts.keymap, press, "") or state.message), ()
    return _typed(replace(state, entry=taken, marked=state.marked if taken.text == state.entry.text else None))


def _typed(state: SellState) -> Step:
    """The entry changed: it is written down."""
    entry = state.entry
    return replace(state, by_hand=False, covered=state.message), (KeepTyped(entry.text, refused=entry.is_offered),)


def _is_command(state: SellState, press: KeyPress) -> bool:
    """A key that types or deletes is a command only while nothing is typed."""
    types = (press.char and press.char.isprintable()) or press.key in _DELETES
    return not state.entry.text or not types


def _command(state: SellState, facts: SellFacts, name: str) -> Step:
    try:
        return commands.BY_NAME[name].do(state, facts)
    except TillError as problem:
        return replace(state, message=refusal(problem.sentence)), ()


def _escape(state: SellState, facts: SellFacts) -> Step:
    read: tuple[MarkRead, ...] = ()
    if state.message is not None and facts.was_read and not state.entry.text:
        read = (MarkRead(state.message.text),)  # it is put away
    put_away = replace(state, message=None, by_hand=False)
    if isinstance(mode_of(state, facts), Locked):
        return _shows(replace(put_away, selected=None), None), read  # what was typed meanwhile is for the new one
    if state.entry.text:
        return replace(put_away, entry=EMPTY, marked=None), (KeepTyped(""),)
    return put_away, read


def _move(state: SellState, key: str, facts: SellFacts) -> Step:
    step, pages = _MOVES[key], key.startswith("page")
    if not pages and (moved := finding.move(state, facts, step)) is not None:
        return moved, ()
    if isinstance(state.pane, ShowingReceipt):
        return state, (ScrollReceipt(step * (max(1, facts.receipt_rows - 1) if pages else 1)),)
    if not facts.lines:
        return state, ()
    step *= max(1, facts.lines_in_sight - 1) if pages else 1
    ids = [line.line_id for line in facts.lines]
    marked = chosen(state, facts)
    place = ids.index(marked.line_id) + step if marked else len(ids) - 1
    return replace(state, selected=ids[max(0, min(place, len(ids) - 1))], by_hand=True), ()


def _complete(state: SellState, facts: SellFacts) -> Step:
    """Take what is marked; else the first suggestion, or the next one when the last one still stands there."""
    last = finding.completed(state)
    typed, place = (last.typed, last.place + 1) if last is not None else (state.entry.text, 0)
    found = suggestions(typed, facts.lookup)
    if not found:
        return state, ()
    item = finding.marked(state, facts)
    if item is None:
        place %= len(found)
        item = found[place]
    else:
        place = found.index(item) if item in found else -1
    entry = EntryLine.of(complete(typed, clean(item.name), facts.lookup))
    taken = Suggesting(typed, place, entry.text, item.id)
    return _typed(replace(state, entry=entry, completion=taken, marked=None))


# What was clicked.


def _pointed_at(state: SellState, facts: SellFacts, at: LinePointedAt | ItemPointedAt) -> Step:
    """Mark the line, as ↑ and ↓ do, or key the item; a question is answered first."""
    if not isinstance(state.mode, Typing):
        return state, ()
    if isinstance(at, ItemPointedAt):
        return _item_pointed_at(state, facts, facts.menu.by_id[at.item_id])
    if isinstance(state.pane, ShowingReceipt) or at.place >= len(facts.lines):
        return state, ()
    return replace(state, selected=facts.lines[at.place].line_id, by_hand=True), ()


def _item_pointed_at(state: SellState, facts: SellFacts, item: Item) -> Step:
    """As many as are typed for it, where the board holds what fits; else one, and what is typed stays."""
    if facts.lock:
        return replace(state, message=refusal(OrderLockedError(facts.lock).sentence)), ()
    if typed := finding.sought(state, facts):
        return _enter(replace(state, marked=Marked(typed, item.id)), facts)
    return add(without_receipt(state), facts, AddItem(item))


# The quantity of the marked line.


def _count(state: SellState, press: KeyPress, facts: SellFacts) -> Step | None:
    """Step the quantity of the marked line; None when the key is for something else.

    A + or − stands in the entry at first, for it may begin “+3”, or what comes back (“-2 bottles”): there Enter, or the
    same again, counts. It counts at once where one did before, and − where ↑ or ↓ chose the line.
    """
    typed, step = state.entry.text.strip(), _STEPS.get(press.key, 0)
    waits = _waiting_steps(typed)
    if press.is_enter and waits is not None and not facts.lock:
        return _count_by(state, facts, waits, typed)
    marked = chosen(state, facts)
    if not step or typed not in {"", *_SIGNS} or marked is None:
        return None
    if not typed and not (state.by_hand if step < 0 else state.is_stepping):
        words = _("Enter takes one {name} off. Or type on what comes back.")
        if step > 0:
            words = no_line_to_count(state, facts) or _("Enter adds one more {name}. Or type how many more, +3.")
        said = plain(words.format(name=clean(marked.view.name)))
        return replace(state, entry=state.entry.take(press) or state.entry, message=said), ()
    return _count_by(replace(state, is_stepping=True), facts, step + (waits or 0), typed)


def _waiting_steps(typed: str) -> int | None:
    """How many steps stand in the entry: `+`, `+3`, `-`."""
    if typed == _MINUS:
        return -1
    found = _MORE.match(typed)
    return int(found["count"] or 1) if found else None


def _count_by(state: SellState, facts: SellFacts, step: int, typed: str) -> Step:
    """Bring the marked line to so many pieces more or fewer; `typed` is what stood in the entry for it."""
    marked = chosen(state, facts)
    why = no_line_to_count(state, facts)
    if marked is None or why is not None:
        return _offered(state, typed, why or "") if typed else (replace(state, message=refusal(why or "")), ())
    if step > LIKELY and state.unconfirmed != typed:
        question = asks_back(clean(marked.view.name), step)
        return _offered(replace(state, unconfirmed=typed), typed, question)
    kept = (KeepTyped(""),) if typed else ()
    state = replace(state, entry=EMPTY if typed else state.entry, by_hand=True, unconfirmed=None)
    state, effects = step_quantity(state, facts, step)
    return state, (*kept, *effects)


# What was typed.


def _enter(state: SellState, facts: SellFacts) -> Step:
    if facts.lock:
        return replace(state, message=refusal(OrderLockedError(facts.lock).sentence)), ()
    typed = state.entry.text.strip()
    if not typed:
        hint = plain(_("Type an item, its number or a barcode. F9 takes the money."))
        return replace(state, message=None if facts.lines else hint), ()
    try:
        return _act(state, facts, typed)
    except TillError as problem:
        return _offered(state, typed, problem.sentence)


def _act(state: SellState, facts: SellFacts, typed: str) -> Step:
    """Do what was typed; what is hardly meant so is asked back once, by Enter again on it."""
    command, intent = _meant(state, typed, facts)
    unlikely = _unlikely(intent, facts)
    question = asks_back(*unlikely) if unlikely is not None else doubt(state, facts, intent)
    if question is not None and state.unconfirmed != typed:
        return _offered(replace(state, unconfirmed=typed), typed, question)
    sent = replace(state, unconfirmed=None, entry=EMPTY, attempt=Attempt(typed, Typing()), by_hand=False, marked=None)
    after, effects = command.do(sent, facts, intent)
    return after, (MarkSending(typed), *effects, KeepTyped(after.entry.text, refused=after.entry.is_offered))


def _unlikely(intent: Intent | None, facts: SellFacts) -> tuple[str, int] | None:
    """What is keyed in more pieces than are likely, and in how many."""
    match intent:
        case AddItem(item=item, quantity=quantity):
            keyed = [(item.name, quantity)]
        case Choose(query=query, quantity=quantity):
            keyed = [(query, quantity)]
        case AddAll(items=items):
            keyed = [(one.item.name, one.quantity) for one in items]
        case OneMore(quantity=quantity):
            mentioned = last_mentioned(facts)
            keyed = [(mentioned.name, quantity)] if mentioned is not None else []
        case _:
            keyed = []
    return next(((clean(name), quantity) for name, quantity in keyed if abs(quantity) > LIKELY), None)


def _meant(state: SellState, typed: str, facts: SellFacts) -> tuple[commands.ScreenCommand, Intent | None]:
    """The command of what was typed, or marked for it: by its very words, or as a phrase.

    An item of that very name is meant first.

    Raises:
        TillError: it is not understood, or the words of a command begin the name of an item too.
    """
    command, lookup = commands.of_words(typed), facts.lookup
    if command is None or lookup.exact(typed) is not None:
        intent = finding.as_marked(state, facts, understand(typed, lookup, facts.formats))
        return commands.of_phrase(intent), intent
    if begun := lookup.search(typed, 1, near=False):
        sentence = _("“{words}” begins {name} too. Type more of it, or press {key}.")
        key = facts.keymap.label(command.name)
        raise TillError(sentence.format(words=clean(typed), name=clean(begun[0].name), key=key))
    return command, None


def _offered(state: SellState, typed: str, sentence: str) -> Step:
    return _typed(replace(state, entry=EntryLine.offer(typed), message=refusal(sentence)))


# Questions.


def _answer(state: SellState, press: KeyPress, facts: SellFacts, asking: Asking) -> Step:
    """Type the answer to the one thing that is asked, or take the question back."""
    before = replace(state, entry=EntryLine.of(asking.aside), mode=Typing())
    command = facts.keymap.command(press)
    if press.key == "escape":
        return replace(before, message=plain(_("Nothing changed."))), ()
    if press.is_enter:
        return _answered(before, facts, asking, state.entry.text.strip())
    if command == HELP:
        rows = (_("digits, Enter"), asking.word, ""), ("Esc", _("Back"), _("nothing changes"))
        return state, (OpenHelp(rows),)
    if (taken := state.entry.take(press)) is not None:
        return replace(state, entry=taken), ()
    said = says_why(facts.keymap, press, _("{key} waits: answer first, or Esc."))
    return replace(state, message=refusal(f"{said.text} {asking.question}") if said else state.message), ()


def _answered(state: SellState, facts: SellFacts, asking: Asking, typed: str) -> Step:
    about = asking.about
    stands = replace(state, mode=asking, entry=EntryLine.offer(typed))
    try:
        after, effects = answered(replace(state, attempt=Attempt(typed, asking)), facts, about, typed)
    except TillError as problem:
        return replace(stands, message=refusal(problem.sentence)), ()
    if isinstance(about, QuantityOf) and int(typed.lstrip("-−")) > LIKELY:
        if state.unconfirmed != (about.line_id, typed):
            question = refusal(asks_back(about.name, typed))
            return replace(stands, unconfirmed=(about.line_id, typed), message=question), ()
        after = replace(after, unconfirmed=None)
    return after, effects


def _choose(state: SellState, press: KeyPress, facts: SellFacts, choosing: Choosing) -> tuple[SellState, Step | None]:
    """A digit alone and Enter say which of several was meant; without a step the key is for something else.

    Anything else takes the question back: `2 tea` typed on is the next entry, and answers nothing.
    """
    typed, digit = state.entry.text, press.digit
    if press.is_enter and not typed:
        return state, (state, ())
    if press.key == "backspace" or (not typed and digit and digit <= len(choosing.asked.items)):
        return state, _typed(replace(state, entry=state.entry.take(press) or state.entry))
    state = replace(state, mode=Typing(), message=None)
    if not (press.is_enter or press.key == "escape"):
        return state, None
    state = replace(state, entry=EMPTY, by_hand=False)
    if press.key == "escape":
        return state, (state, (KeepTyped(""),))
    state, effects = _pick(state, facts, Picked(choosing.asked, int(typed) - 1, choosing.typed))
    return state, (state, (KeepTyped(""), *effects))


def _pick(state: SellState, facts: SellFacts, picked: Picked) -> Step:
    """Key one of several that were offered; when it is refused, what was typed for them comes back."""
    asked = picked.asked
    state = replace(state, attempt=Attempt(picked.typed, Typing()))
    try:
        return add(state, facts, asked.picked(picked.place, facts.lookup))
    except TillError as problem:
        return _refused(state, Refused(problem.sentence))
