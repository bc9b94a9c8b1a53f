"""Key handling for the split screen. Pure. Only Enter leads on to a payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Never

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import N_, _, pgettext
from till.domain.money.measures import Minor
from till.domain.order.by_items import share_of, with_combos
from till.domain.order.paying import due_in, even_parts_of
from till.domain.text import clean
from till.tui.drawing.palette import Mark
from till.tui.drawing.viewmodels import StyledText
from till.tui.screens.split.acts import SplitActs
from till.tui.screens.split.state import (
    MOST,
    SHARED,
    Gift,
    Manner,
    SplitFacts,
    SplitState,
    items_of,
    unpaid_of,
    with_items,
)
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import DIGITS, ENTER, ERASE, BarKey, Key, KeyTable, calls, sets, word
from till.tui.shell.keymap import HELP, PAY, KeyPress
from till.tui.shell.marked_list import ListMark, MarkedList
from till.tui.shell.messages import plain, refusal, says_why

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.drawing.viewmodels import KeysView
    from till.tui.shell.calls import Call, Result

_STEPS: Final = {"left": -1, "right": 1}
#: The answer to a key that does nothing, for the manners that differ.
_HINTS: Final = {
    Manner.EVEN: N_("A digit from 2 to 9 sets the parts; Enter pays one."),
    Manner.ITEMS: N_("A digit marks a line, + and - one piece more or less of it."),
}

SplitStep = tuple[SplitState, tuple["Call[SplitActs, Result[Never]]", ...]]


def reduce(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitStep:
    """Return the next state and the calls to make."""
    typed, state = state.typed, replace(state, message=None, typed="")
    if state.moving:
        return (None if press.char else _MOVING.step(state, press, facts)) or _edited(state, press)
    if (step := KEYS.step(state, press, facts)) is not None:
        return step
    if typed and press.char.isalpha():
        return state, (call(SplitActs.type_at_pay, typed + press.char),)
    if (why := says_why(facts.keymap, press, _("Press Esc first, then {key}."))) is not None:
        return replace(state, message=why), ()
    return _edited(state, press) if state.manner is Manner.AMOUNT else _hinted(state)


def bar(state: SplitState, facts: SplitFacts) -> KeysView:
    """Return the key bar."""
    if state.moving:
        return _MOVING.bar(state, facts)
    note = StyledText(_("Enter, M need the server"), mark=Mark.NOTICE) if _needs_server(state, facts) else None
    return replace(KEYS.bar(state, facts), note=note)


def _edited(state: SplitState, press: KeyPress) -> SplitStep:
    return replace(state, entry=state.entry.take(press) or state.entry), ()


def _hinted(state: SplitState) -> SplitStep:
    hint = _HINTS.get(state.manner, N_("A digit gives one piece of the marked line to that guest."))
    return replace(state, message=plain(_(hint))), ()


def _show_help(state: SplitState, _press: KeyPress, facts: SplitFacts) -> SplitStep:
    return state, (call(SplitActs.show_help, KEYS.helped(facts.keymap)),)


def _click_item(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitStep:
    """Mark the items of the line that was clicked, as its digit does."""
    return _mark_items(state, _digit_of(press), facts)


def _click_guest(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitStep:
    """Give a piece to the guest who was clicked, as the digit does."""
    return _give(state, _digit_of(press), facts)


def _digit_of(press: KeyPress) -> KeyPress:
    return KeyPress(str(press.place + 1), str(press.place + 1))


def _click_manner(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitStep:
    return split_by(Manner(press.place), state, facts) if press.place != state.manner else (state, ())


def _move_guest(state: SplitState, _press: KeyPress, _facts: SplitFacts) -> SplitStep:
    to = state.entry.text.strip()
    return replace(state, moving=False, entry=EMPTY), (call(SplitActs.move_guest, next_guest(state), to),)


def _ask_where(state: SplitState, _press: KeyPress, _facts: SplitFacts) -> SplitStep:
    """Ask for the tab to move the pieces of the next payer to."""
    guest = next_guest(state)
    if not guest:
        words = _("Whose pieces? A digit gives that guest a piece of the line.")
        return replace(state, message=refusal(words)), ()
    if not state.leaving().pieces_of(guest):
        words = _("Guest {n} has only a share, paid here. A digit gives a piece.")
        return replace(state, message=refusal(words.format(n=guest))), ()
    return replace(state, moving=True, guest=guest, entry=EMPTY), (call(SplitActs.read_tabs),)


def _turn(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitStep:
    """Switch the way to split, by an arrow or the letter of paying by items."""
    manner = Manner((state.manner + _STEPS[press.key]) % len(Manner)) if press.key in _STEPS else Manner.ITEMS
    return split_by(manner, state, facts)


def split_by(manner: Manner, state: SplitState, facts: SplitFacts) -> SplitStep:
    """Switch to a way to split. By seat gives each line to its guest, unless that guest has paid."""
    paid = any(not one.apart for one in state.paid) or facts.order.paid_for
    if not state.by_line and manner in {Manner.PIECE, Manner.SEAT} and paid:
        return replace(state, message=refusal(_("A part is paid: the rest is paid in parts too."))), ()
    state = replace(state, manner=manner, entry=EMPTY)
    if manner is Manner.EVEN:
        return replace(state, parts=max(2, state.count - len(state.paid))), ()
    if manner is not Manner.SEAT:
        return state, ()
    seats = [row.seat for row in state.rows]
    if not any(seats):
        return replace(state, message=plain(_("No line has a guest yet. A digit gives that guest a piece."))), ()
    kept = tuple(one for one in state.gifts if state.has_paid(one.guest) or one.guest in dict(state.own))
    state = replace(state, gifts=kept)
    given = tuple(
        Gift(place, row.seat, state.left(place))
        for place, row in enumerate(state.rows)
        if row.seat and row.seat <= MOST and state.left(place) and not state.has_paid(row.seat)
    )
    beyond = [seat for seat in seats if seat and seat > MOST]
    message = None
    if beyond:
        words = _("Guests are 1 to 9. A digit takes guest {n}’s lines; 0 shares.")
        message = plain(words.format(n=min(beyond)))
    guest = min((one.guest for one in given), default=state.guest)
    return _marked(replace(state, gifts=(*kept, *given), guest=guest, message=message)), ()


def _set_parts(state: SplitState, press: KeyPress, _facts: SplitFacts) -> SplitStep:
    return replace(state, parts=int(press.char)), ()


def _mark_items(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitStep:
    """Mark all unpaid pieces of a line or none by a digit, or one piece more or less by + and -."""
    place = press.digit - 1 if press.digit else state.line
    if place >= len(state.rows):
        return _hinted(state)
    left, marked = sum(unpaid_of(state, place, facts.order).values()), items_of(state, place)
    if not left:
        sentence = _("{name} is paid for. Another digit marks another line.")
        return replace(state, line=place, message=refusal(sentence.format(name=clean(state.rows[place].name)))), ()
    pieces = (0 if marked else left) if press.digit else marked + (1 if press.char == "+" else -1)
    pieces = max(0, min(left, pieces))
    after = with_items(state, place, pieces, facts.order)
    return replace(after, items=with_combos(facts.order, after.items, state.items)), ()


def _give(state: SplitState, press: KeyPress, _facts: SplitFacts) -> SplitStep:
    """Give a piece of the marked row by a digit, or all that is left: to the guest named last by +, to all by 0.

    The mark moves on once the row is given out.
    """
    guest = state.guest if press.char == "+" else int(press.char)
    if press.char == "+" and not guest:
        return replace(state, message=refusal(_("To whom? A digit gives a piece to that guest first."))), ()
    if not state.rows:
        return state, ()
    if guest and (state.has_paid(guest) or guest in dict(state.own)):
        sentence = _("Guest {n} has paid. Another digit is another guest.").format(n=guest)
        return replace(state, message=refusal(sentence)), ()
    left = state.left(state.line)
    if not left:
        name = clean(state.rows[state.line].name)
        sentence = _("{name} is all assigned. ↑ ↓: another line. Bksp: undo.")
        return replace(state, message=refusal(sentence.format(name=name))), ()
    gift = Gift(state.line, guest, 1 if press.char in DIGITS else left)
    state = replace(state, gifts=(*state.gifts, gift), guest=guest or state.guest)
    return state if state.left(state.line) else _marked(state), ()


def _marked(state: SplitState) -> SplitState:
    """Mark the next row with open pieces."""
    order = [*range(state.line, len(state.rows)), *range(state.line)]
    return replace(state, line=next((row for row in order if state.left(row)), state.line))


def _taken_back(state: SplitState, _press: KeyPress, _facts: SplitFacts) -> SplitStep:
    """Take the last gift back; what was paid for stays."""
    for place in reversed(range(len(state.gifts))):
        gift = state.gifts[place]
        if state.has_paid(gift.guest) or gift.guest in dict(state.own) or (gift.guest == SHARED and state.paid):
            continue
        gifts = (*state.gifts[:place], *state.gifts[place + 1 :])
        return replace(state, gifts=gifts, line=gift.row, guest=gift.guest or state.guest), ()
    return replace(state, message=plain(_("Nothing is assigned to take back."))), ()


def _pay_guest(state: SplitState, _press: KeyPress, facts: SplitFacts) -> SplitStep:
    guest = next_guest(state)
    if not guest:
        words = _("Who pays? A digit gives a piece of the line to that guest.")
        return replace(state, message=refusal(words)), ()
    return replace(state, guest=guest), (call(SplitActs.pay_guest, guest, facts.owes(guest)),)


def _pay(state: SplitState, _press: KeyPress, facts: SplitFacts) -> SplitStep:
    """Pay as Enter does. An Enter after it takes the money: it cannot be this key pressed twice."""
    return KEYS.step(state, KeyPress("enter"), facts) or (state, ())


def _pay_even(state: SplitState, _press: KeyPress, facts: SplitFacts) -> SplitStep:
    return state, (call(SplitActs.pay_part, even_parts(state, facts)[0]),)


def _pay_items(state: SplitState, _press: KeyPress, _facts: SplitFacts) -> SplitStep:
    if not state.items:
        return replace(state, message=refusal(_("What does this guest pay? A digit marks a line."))), ()
    return state, (call(SplitActs.pay_items),)


def _pay_amount(state: SplitState, _press: KeyPress, facts: SplitFacts) -> SplitStep:
    try:
        amount = _amount(state, facts)
    except TillError as problem:
        return replace(state, message=refusal(problem.sentence), entry=EntryLine.offer(state.entry.text)), ()
    return replace(state, entry=EMPTY), (call(SplitActs.pay_part, amount),)


def _amount(state: SplitState, facts: SplitFacts) -> Minor:
    """Return the amount typed, or all that is due without text.

    Raises:
        TillError: the text is no amount, or more than is due.
    """
    due = due_in(facts.order)
    if not state.entry.text:
        return due
    if 0 < (amount := facts.formats.minor(state.entry.text)) <= due:
        return amount
    sentence = _("{due} is open: type a part, or just Enter for all.")
    raise TillError(sentence.format(due=facts.formats.money(due)))


def typed_amount(state: SplitState, facts: SplitFacts) -> Minor | None:
    """Return the amount typed, or all that is due without text; None if it is no valid amount."""
    try:
        return _amount(state, facts)
    except TillError:
        return None


def next_guest(state: SplitState) -> int:
    """Return the guest who pays at the next Enter: the one named last, otherwise the first who owes; 0 for none."""
    order: tuple[int, ...] = (state.guest, *range(1, state.count + 1), *state.sharers)
    for guest in order:
        shares = guest in state.sharers
        owes = any(one.guest == guest or (shares and one.guest == SHARED) for one in state.gifts)
        if guest and owes and state.has_paid(guest) is None:
            return guest
    return 0


def even_parts(state: SplitState, facts: SplitFacts) -> list[Minor]:
    """Return the amounts of the even parts that are left, the largest first. A refund is one part."""
    due = due_in(facts.order)
    return even_parts_of(facts.order, max(1, state.parts)) if due >= 0 else [due]


# When a key acts, and its label.


def _needs_server(state: SplitState, facts: SplitFacts) -> bool:
    """Return True if the next guest can pay only once the server answers."""
    return state.by_line and facts.is_away and not state.pays_here(next_guest(state))


def _guest_word(state: SplitState, facts: SplitFacts) -> BarKey | None:
    guest = next_guest(state)
    if not guest or _needs_server(state, facts):
        return None
    amount = facts.formats.amount(facts.owes(guest))
    long, short = _("Pay guest {n} {amount}"), _("Pay {n}: {amount}")
    return BarKey(long.format(n=guest, amount=amount), short.format(n=guest, amount=amount))


def _pay_word(amount: Minor | None, facts: SplitFacts) -> BarKey | None:
    return BarKey(_("Pay {amount}").format(amount=facts.formats.amount(amount))) if amount is not None else None


def _items_word(state: SplitState, facts: SplitFacts) -> BarKey | None:
    return _pay_word(share_of(facts.order, state.items), facts) if state.items else None


def _part_word(state: SplitState, facts: SplitFacts) -> BarKey:
    part = even_parts(state, facts)[0]
    long = _("Pay part {amount}") if part > 0 else _("Refund {amount}")
    return BarKey(long.format(amount=facts.formats.amount(Minor(abs(part)))))


def _in(*manners: Manner) -> Callable[[SplitState, SplitFacts], bool]:
    """Return the condition of a key of these ways to split."""
    return lambda state, _facts: state.manner in manners


def _back_word(_state: SplitState, facts: SplitFacts) -> BarKey:
    return BarKey(_("Back to Pay") if facts.is_paying else _("Back"), _("Back"))


_by_line: Final = _in(Manner.PIECE, Manner.SEAT)
_LINES: Final = MarkedList[SplitState, SplitFacts](
    count=lambda state, _facts: len(state.rows),
    at=lambda state, _facts: ListMark(state.line),
    put=lambda state, _facts, mark: replace(state, line=mark.place),
    page=lambda facts: facts.page,
    widget="lines",
    enters=False,
)
#: The keys while the tab to move a guest's pieces to is typed.
_MOVING: Final[KeyTable[SplitState, SplitFacts, SplitActs]] = KeyTable(
    Key(_show_help, command=HELP),
    Key(sets(moving=False, entry=EMPTY), ("escape",), "Esc", bar=word(N_("Back"))),
    Key(_move_guest, ENTER, "Enter", lambda state, _facts: state.entry.text.strip(), bar=word(N_("Move"))),
)
KEYS: Final[KeyTable[SplitState, SplitFacts, SplitActs]] = KeyTable(
    Key(_show_help, command=HELP),
    Key(
        _give,
        DIGITS,
        "1-9",
        _by_line,
        bar=word(N_("Give")),
        helped=(N_("Assign a piece"), N_("of the marked line, to that guest")),
    ),
    Key(
        _give,
        ("+",),
        "+",
        _by_line,
        bar=word(N_("All of it"), N_("All")),
        helped=(N_("The rest of the line"), N_("to the guest named last")),
    ),
    Key(_give, ("0",), "0", _by_line, bar=word(N_("Shared"), N_("Share")), helped=(N_("Shared"), N_("by all guests"))),
    Key(
        _ask_where,
        ("m", "M"),
        "M",
        _by_line,
        bar=lambda _state, facts: None if facts.is_away else BarKey(_("Move")),
        helped=(N_("To another bill"), N_("that guest’s pieces; needs the server")),
    ),
    Key(_set_parts, DIGITS[1:], "2-9", _in(Manner.EVEN), bar=word(N_("Parts"))),
    Key(_mark_items, DIGITS, "1-9", _in(Manner.ITEMS), bar=word(N_("Mark a line"), N_("Line"))),
    Key(_mark_items, ("+", "-"), "+ -", _in(Manner.ITEMS), bar=word(N_("A piece"), N_("Piece"))),
    Key(
        _turn,
        ("left", "right"),
        "←→",
        bar=word(N_("Manner"), N_("By")),
        helped=(N_("Another way to split"), N_("by seat, even parts, by amount, items")),
    ),
    Key(
        _turn,
        ("i", "I"),
        "I",
        lambda state, _facts: state.manner is not Manner.ITEMS and not state.entry.text,
        bar=lambda state, _facts: (
            None if state.manner is Manner.AMOUNT else BarKey(_("Pay items"), pgettext("key", "Items"))
        ),
        helped=(N_("Pay items"), N_("1-9 marks a line, + - its pieces; Enter takes them")),
    ),
    Key(_click_item, ("click lines",), when=_in(Manner.ITEMS)),
    Key(_click_guest, ("click guests",), when=_by_line),
    Key(_click_manner, ("click manners",)),
    *_LINES.keys(when=lambda state, _facts: state.marks_lines, helped=(N_("Mark a line"), "")),
    Key(
        _taken_back,
        ("backspace",),
        "Bksp",
        _in(Manner.PIECE, Manner.SEAT, Manner.EVEN),
        bar=lambda state, _facts: BarKey(_("Take back"), spare=True) if state.by_line else None,
        helped=(N_("Take back"), N_("the last piece assigned")),
    ),
    Key(sets(items={}), ("backspace",), "Bksp", _in(Manner.ITEMS), bar=word(N_("Unmark"), spare=True)),
    Key(
        _pay_guest,
        ENTER,
        "Enter",
        _by_line,
        bar=_guest_word,
        helped=(N_("Pay"), N_("the guest named last; needs the server for lines")),
    ),
    Key(_pay, command=PAY, helped=(N_("Pay"), N_("as Enter; Enter then takes exact cash"))),
    Key(_pay_even, ENTER, "Enter", _in(Manner.EVEN), bar=_part_word),
    Key(_pay_items, ENTER, "Enter", _in(Manner.ITEMS), bar=_items_word),
    Key(_pay_amount, ENTER, "Enter", bar=lambda state, facts: _pay_word(typed_amount(state, facts), facts)),
    Key(sets(moving=False, entry=EMPTY), ("escape",), "Esc", lambda state, _facts: state.entry.text, bar=ERASE),
    Key(
        sets(is_handed=True),
        ("escape",),
        "Esc",
        lambda state, _facts: state.change,
        bar=word(N_("Change given"), N_("Given")),
    ),
    Key(calls(SplitActs.go_back), ("escape",), "Esc", bar=_back_word, helped=(N_("Back"), N_("your marks are kept"))),
)
