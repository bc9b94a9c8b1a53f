"""Key and event handling for the board. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.structs import replace
from till.domain.text import clean
from till.tui.screens.kitchen.acts import KitchenActs
from till.tui.screens.kitchen.state import KitchenFacts, KitchenState, TicketMoved, TicketsFound, place_text
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import DIGITS, ENTER, BarKey, Key, KeyTable, calls, word
from till.tui.shell.keymap import CLOSE, HELP, KeyPress
from till.tui.shell.messages import plain, refusal, says_why

if TYPE_CHECKING:
    from till.tui.shell.calls import Call, Result

KitchenStep = tuple[KitchenState, tuple["Call[KitchenActs, Result[TicketsFound | TicketMoved]]", ...]]

#: The number of a ticket: the till with its series, and a count.
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,2}[A-Za-z]{0,8}-[1-9][0-9]{0,8}\Z")
#: An item that is sold out, or back.
_SOLD_OUT: Final = re.compile(r"(?P<word>86|back)\s+(?P<item>\S.*)", re.IGNORECASE)
_COLUMNS: Final = tuple(f"click column_{number}" for number in range(4))


def reduce(state: KitchenState, event: KeyPress | TicketsFound | TicketMoved, facts: KitchenFacts) -> KitchenStep:
    """Return the next state and the calls to make."""
    match event:
        case KeyPress():
            table = _HELP_KEYS if state.helps else KEYS
            return table.step(state, event, facts) or _type(state, event, facts)
        case TicketMoved():
            return replace(state.cleared, found=None, message=plain(event.sentence)), ()
        case TicketsFound(typed, ()):
            sentence = _("No ticket {number} here in the last month.").format(number=clean(typed)[:20])
            return replace(state, entry=EntryLine.offer(typed), message=refusal(sentence)), ()
        case TicketsFound():
            mark = event.tickets[0].ref if len(event.tickets) == 1 else None
            return replace(state.cleared, found=event.tickets, mark=mark, page=0, message=None), ()


def _type(state: KitchenState, press: KeyPress, facts: KitchenFacts) -> KitchenStep:
    if state.helps:
        return state, ()
    if (taken := state.entry.take(press)) is not None:
        return replace(state, entry=taken, mark=state.mark if taken.text.isdigit() else None, message=None), ()
    message = says_why(facts.keymap, press, _("{key} does nothing here."))
    return replace(state, message=message or state.message), ()


def _mark(state: KitchenState, press: KeyPress, facts: KitchenFacts) -> KitchenStep:
    """Mark the card of a digit, which may also begin the number of a ticket."""
    shown, digit = facts.shown(state), (press.digit or 0) - 1
    mark = facts.cards[shown[digit]].key if digit < len(shown) else None
    return replace(state, entry=state.entry.insert(press.char), mark=mark, message=None), ()


def _point(state: KitchenState, press: KeyPress, facts: KitchenFacts) -> KitchenStep:
    page, column = facts.page_of(state), _COLUMNS.index(press.key)
    if column < len(page) and press.place < len(page[column]):
        state = replace(state.cleared, mark=facts.cards[page[column][press.place]].key, message=None)
    return state, ()


def _is_pointed_again(state: KitchenState, press: KeyPress, facts: KitchenFacts) -> bool:
    return state.mark is not None and _point(state, press, facts)[0].mark == state.mark


def _enter(state: KitchenState, _press: KeyPress, facts: KitchenFacts) -> KitchenStep:
    typed = state.entry.text.strip()
    if typed and not typed.isdigit():
        if found := _SOLD_OUT.fullmatch(typed):
            is_out = found["word"] == "86"
            return replace(state, message=None), (call(KitchenActs.mark_item, found["item"], sold_out=is_out),)
        if _NUMBER.match(typed):
            return replace(state, message=None), (call(KitchenActs.find, typed),)
        return replace(
            state,
            entry=EntryLine.offer(typed),
            message=refusal(_("Type a ticket’s number (1-118) or “86 soup”.")),
        ), ()
    card = facts.marked(state)
    if card is None:
        wrong = _("There is no {n} here.").format(n=typed) if typed else _("Choose a ticket: 1 to 9.")
        return replace(state.cleared, message=refusal(wrong)), ()
    if all(one.done for one in card.tickets):
        return state, (call(KitchenActs.recall, card),)
    return state, (call(KitchenActs.done, card),)


def _enter_word(state: KitchenState, facts: KitchenFacts) -> BarKey | None:
    card = facts.marked(state)
    if card is None:
        return BarKey(_("Find")) if state.entry.text and not state.entry.text.isdigit() else None
    words = _("Recall: {place}") if all(one.done for one in card.tickets) else _("Done: {place}")
    shown = facts.shown(state)
    digit = next((n for n, index in enumerate(shown, 1) if facts.cards[index].key == card.key), 0)
    place = ", ".join(filter(None, (str(digit or ""), place_text(card.first))))
    return BarKey(words.format(place=place), words.format(place=str(digit or card.first.ticket)))


def _types_no_word(state: KitchenState) -> bool:
    """True if a letter is a key of the board."""
    return (not state.entry.text or state.entry.text.isdigit()) and state.found is None


def _turn(state: KitchenState, press: KeyPress, facts: KitchenFacts) -> KitchenStep:
    last = max(0, len(facts.pages) - 1)
    page = min(last, state.page) + (1 if press.key == "pagedown" else -1)
    return replace(state.cleared, page=max(0, min(last, page)), message=None), ()


def _back(state: KitchenState, _press: KeyPress, _facts: KitchenFacts) -> KitchenStep:
    if state.entry.text or (state.mark is not None and state.found is None):
        return replace(state.cleared, message=None), ()
    return replace(state.cleared, found=None, page=0, message=None), ()


def _help(state: KitchenState, _press: KeyPress, _facts: KitchenFacts) -> KitchenStep:
    return replace(state, helps=not state.helps, message=None), ()


KEYS: Final[KeyTable[KitchenState, KitchenFacts, KitchenActs]] = KeyTable(
    Key(calls(KitchenActs.leave), command=CLOSE, helped=(_("Close the board"), "")),
    Key(_help, command=HELP, bar=word(_("Help"), spare=2), helped=(_("This help"), "")),
    Key(
        _mark,
        DIGITS,
        "1-9",
        lambda state, _facts: not state.entry.text or state.entry.text.isdigit(),
        bar=word(_("Choose")),
        helped=(_("Choose a ticket"), _("Enter: done")),
    ),
    Key(_point, _COLUMNS, again=_is_pointed_again),
    Key(
        calls(KitchenActs.recall_last),
        ("r", "R"),
        "R",
        lambda state, _facts: _types_no_word(state),
        bar=word(_("Recall the last"), _("Recall")),
        helped=(_("Recall the last"), _("once more: the one before")),
    ),
    Key(
        calls(KitchenActs.end_revoked),
        ("e", "E"),
        "E",
        lambda state, facts: (
            (not state.entry.text or state.entry.text.isdigit()) and state.found is None and facts.revoked
        ),
        bar=word(_("End the revoked till’s"), _("End revoked")),
        helped=(_("End a revoked till’s tickets"), ""),
    ),
    Key(
        _turn,
        ("pagedown", "pageup"),
        "PgDn",
        lambda _state, facts: len(facts.pages) > 1,
        bar=word(_("More")),
        helped=(_("More tickets"), _("PgUp: back")),
    ),
    Key(
        _enter,
        ENTER,
        "Enter",
        bar=_enter_word,
        helped=(_("The chosen ticket is done"), _("1-118 finds; 86 soup")),
    ),
    Key(
        _back,
        ("escape",),
        "Esc",
        lambda state, _facts: state.entry.text or state.mark is not None or state.found is not None,
        bar=word(_("Back")),
        helped=(_("Back to the board"), ""),
    ),
)
_HELP_KEYS: Final[KeyTable[KitchenState, KitchenFacts, KitchenActs]] = KeyTable(
    Key(calls(KitchenActs.leave), command=CLOSE),
    Key(_help, (*ENTER, "escape"), "Esc", bar=word(_("Back"))),
    Key(_help, command=HELP),
)


def keys_of(state: KitchenState) -> KeyTable[KitchenState, KitchenFacts, KitchenActs]:
    """Return the keys of the board, or of its help."""
    return _HELP_KEYS if state.helps else KEYS


def typed_out(state: KitchenState) -> KitchenState:
    """Return the state without typed digits whose card is gone."""
    return replace(state, entry=EMPTY if state.entry.text.isdigit() else state.entry, mark=None)
