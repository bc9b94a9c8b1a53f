"""Key handling for the split screen. Pure. Only Enter leads on to a payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.money.amount import spread
from till.domain.money.measures import Minor
from till.domain.text import clean
from till.tui.screens.split.effects import GoBack, MoveGuest, OpenSplitHelp, PayGuest, PayItems, PayPart
from till.tui.screens.split.state import MOST, SHARED, Gift, Manner, Typed, items_of, unpaid_of, with_items
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP
from till.tui.shell.messages import plain, refusal, says_why, scanned

if TYPE_CHECKING:
    from till.tui.screens.split.effects import SplitEffect
    from till.tui.screens.split.state import SplitFacts, SplitState
    from till.tui.shell.keymap import KeyPress

#: The key that asks for the tab to move a guest's pieces to.
MOVE_KEY: Final = "m"
#: The key that switches to paying by items.
ITEMS_KEY: Final = "i"
#: The most consecutive digits remembered, as many as the longest barcode (`menu_cells`).
_LONGEST_CODE: Final = 48

SplitStep = tuple["SplitState", tuple["SplitEffect", ...]]


def reduce(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitStep:
    """Return the next state and the effects to carry out. A scan, which ends with Enter, changes nothing."""
    typed, state = state.typed, replace(state, message=None, typed=())
    if press.is_enter and (refused := _scanned(typed, facts)) is not None:
        return refused, ()
    after, effects = _pressed(state, press, facts)
    if not _is_digits(digits := press.paste or press.char):
        return after, effects
    return replace(after, typed=(*typed, Typed(digits, state))[-_LONGEST_CODE:]), effects


def _scanned(typed: tuple[Typed, ...], facts: SplitFacts) -> SplitState | None:
    """Return the state before an item was scanned, with a message; None if none was."""
    for place, first in enumerate(typed):
        if said := scanned(facts.menu, "".join(one.digits for one in typed[place:])):
            return replace(first.before, message=refusal(said))
    return None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _pressed(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitStep:
    if state.moving:
        return _moving(state, press, facts)
    if press.is_enter:
        return _enter(state, facts)
    match press.key:
        case "escape" if state.entry.text:
            return replace(state, entry=EMPTY), ()
        case "escape":
            return state, (GoBack(),)
        case "up" | "down" if state.marks_lines:
            step = 1 if press.key == "down" else -1
            return replace(state, line=max(0, min(len(state.rows) - 1, state.line + step))), ()
        case "left" | "right":
            return _turn(state, Manner((state.manner + (1 if press.key == "right" else -1)) % len(Manner)), facts), ()
    if facts.keymap.command(press) == HELP:
        return state, (OpenSplitHelp(),)
    if (why := says_why(facts.keymap, press, _("Press Esc first, then {key}."))) is not None:
        return replace(state, message=why), ()
    return _typed(state, press, facts), ()


def _moving(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitStep:
    """Handle keys while the name of a tab to move pieces to is typed."""
    if press.key == "escape":
        return replace(state, moving=False, entry=EMPTY), ()
    if press.is_enter and (to := state.entry.text.strip()):
        return replace(state, moving=False, entry=EMPTY), (MoveGuest(next_guest(state), to),)
    if facts.keymap.command(press) == HELP and not press.char:
        return state, (OpenSplitHelp(),)
    entry = state.entry.take(press)
    return state if entry is None else replace(state, entry=entry), ()


def _ask_where(state: SplitState) -> SplitState:
    """Ask for the tab to move the pieces of the next payer to."""
    guest = next_guest(state)
    if not guest:
        words = _("Whose pieces? A digit gives one piece of the marked line to that guest.")
        return replace(state, message=refusal(words))
    if not state.leaving().pieces_of(guest):
        words = _("Guest {n} has only a share, paid here. A digit gives a piece.")
        return replace(state, message=refusal(words.format(n=guest)))
    return replace(state, moving=True, guest=guest, entry=EMPTY)


def _turn(state: SplitState, manner: Manner, facts: SplitFacts) -> SplitState:
    """Switch the way to split. By seat gives each line to its guest, unless that guest has paid."""
    paid = _paid_parts(state) or facts.order.paid_for
    if not state.by_line and manner in {Manner.PIECE, Manner.SEAT} and paid:
        return replace(state, message=refusal(_("A part is paid: the rest is paid in parts too.")))
    state = replace(state, manner=manner, entry=EMPTY)
    if manner is Manner.EVEN:
        return replace(state, parts=max(2, state.count - len(state.paid)))
    if manner is not Manner.SEAT:
        return state
    seats = [row.seat for row in state.rows]
    if not any(seats):
        return replace(state, message=plain(_("No line has a guest yet. A digit gives one piece to that guest.")))
    kept = tuple(one for one in state.gifts if state.has_paid(one.guest) or one.guest in dict(state.own))
    state = replace(state, gifts=kept)
    given = tuple(
        Gift(place, row.seat, state.left(place))
        for place, row in enumerate(state.rows)
        if row.seat and row.seat <= MOST and state.left(place) and not state.has_paid(row.seat)
    )
    beyond = [seat for seat in seats if seat and seat > MOST]
    said = None
    if beyond:
        words = _("Guests are 1 to 9. A digit gives guest {n}’s pieces to one; 0 shares them.")
        said = plain(words.format(n=min(beyond)))
    guest = min((one.guest for one in given), default=state.guest)
    return _marked(replace(state, gifts=(*kept, *given), guest=guest, message=said))


def _paid_parts(state: SplitState) -> bool:
    return any(not one.apart for one in state.paid)


def _typed(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitState:
    char = press.char
    if state.manner is Manner.ITEMS:
        return _marked_items(state, press, facts)
    if char.lower() == ITEMS_KEY and not state.entry.text:
        return _turn(state, Manner.ITEMS, facts)
    if state.manner is Manner.AMOUNT:
        entry = state.entry.take(press)
        return state if entry is None else replace(state, entry=entry)
    if press.key == "backspace":
        return _taken_back(state)
    if state.manner is Manner.EVEN:
        if char in set("23456789"):
            return replace(state, parts=int(char))
        return replace(state, message=plain(_("A digit from 2 to 9 says how many parts; Enter pays one.")))
    return _given(state, char)


def _given(state: SplitState, char: str) -> SplitState:
    """Give pieces of the marked line to a guest or to all, or ask for the tab to move them to."""
    if char.lower() == MOVE_KEY:
        return _ask_where(state)
    if char and char in "123456789":
        return _give(state, int(char), 1)
    if char == "0":
        return _give(state, SHARED, None)
    if char == "+":
        if not state.guest:
            return replace(state, message=refusal(_("To whom? A digit gives a piece to that guest first.")))
        return _give(state, state.guest, None)
    return replace(state, message=plain(_("A digit gives one piece of the marked line to that guest.")))


def _marked_items(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitState:
    """Mark all unpaid pieces of a line or none by a digit, or one piece more or less by + and -."""
    if press.key == "backspace":
        return replace(state, items={})
    place = press.digit - 1 if press.digit else state.line
    if not state.rows or place >= len(state.rows) or not (press.digit or press.char in {"+", "-"}):
        return replace(state, message=plain(_("A digit marks a line, + and - one piece more or less of it.")))
    left, marked = sum(unpaid_of(state, place, facts.order).values()), items_of(state, place)
    if not left:
        said = _("{name} is paid for. Another digit marks another line.")
        return replace(state, line=place, message=refusal(said.format(name=clean(state.rows[place].name))))
    if press.digit:
        return with_items(state, place, 0 if marked else left, facts.order)
    return with_items(state, place, max(0, min(left, marked + (1 if press.char == "+" else -1))), facts.order)


def _give(state: SplitState, guest: int, pieces: int | None) -> SplitState:
    """Give pieces of the marked row, None for all that are left. The mark moves on once the row is given out."""
    if not state.rows:
        return state
    if guest and (state.has_paid(guest) or guest in dict(state.own)):
        return replace(state, message=refusal(_("Guest {n} has paid. Another digit is another guest.").format(n=guest)))
    left = state.left(state.line)
    if not left:
        name = clean(state.rows[state.line].name)
        sentence = _("All of {name} is assigned. ↑ or ↓ marks another line, Backspace takes back.")
        return replace(state, message=refusal(sentence.format(name=name)))
    gift = Gift(state.line, guest, left if pieces is None else min(pieces, left))
    state = replace(state, gifts=(*state.gifts, gift), guest=guest or state.guest)
    return _marked(state) if not state.left(state.line) else state


def _marked(state: SplitState) -> SplitState:
    """Mark the next row with open pieces."""
    order = [*range(state.line, len(state.rows)), *range(state.line)]
    return replace(state, line=next((row for row in order if state.left(row)), state.line))


def _taken_back(state: SplitState) -> SplitState:
    """Take the last gift back; what was paid for stays."""
    for place in reversed(range(len(state.gifts))):
        gift = state.gifts[place]
        if state.has_paid(gift.guest) or gift.guest in dict(state.own) or (gift.guest == SHARED and state.paid):
            continue
        gifts = (*state.gifts[:place], *state.gifts[place + 1 :])
        return replace(state, gifts=gifts, line=gift.row, guest=gift.guest or state.guest)
    return replace(state, message=plain(_("Nothing is assigned to take back.")))


def _enter(state: SplitState, facts: SplitFacts) -> SplitStep:
    match state.manner:
        case Manner.EVEN:
            part = even_part(state, facts)
            return state, (PayPart(part if part < facts.order.due else None),)
        case Manner.AMOUNT:
            return _pay_amount(state, facts)
        case Manner.ITEMS if state.items:
            return state, (PayItems(),)
        case Manner.ITEMS:
            words = _("What does this guest pay? A digit marks a line.")
            return replace(state, message=refusal(words)), ()
    guest = next_guest(state)
    if not guest:
        words = _("Who pays? A digit gives one piece of the marked line to that guest.")
        return replace(state, message=refusal(words)), ()
    return replace(state, guest=guest), (PayGuest(guest),)


def _pay_amount(state: SplitState, facts: SplitFacts) -> SplitStep:
    if not state.entry.text:
        return state, (PayPart(None),)
    try:
        amount = facts.formats.minor(state.entry.text)
    except TillError as problem:
        return replace(state, message=refusal(problem.sentence), entry=EntryLine.offer(state.entry.text)), ()
    due = facts.order.due
    if not 0 < amount <= due:
        sentence = _("{due} is open: type a part of it, or nothing for all.").format(due=facts.formats.money(due))
        return replace(state, message=refusal(sentence), entry=EntryLine.offer(state.entry.text)), ()
    return replace(state, entry=EMPTY), (PayPart(amount if amount < due else None),)


def next_guest(state: SplitState) -> int:
    """Return the guest who pays at the next Enter: the one named last, otherwise the first who owes; 0 for none."""
    order: tuple[int, ...] = (state.guest, *range(1, state.count + 1), *state.sharers)
    for guest in order:
        shares = guest in state.sharers
        owes = any(one.guest == guest or (shares and one.guest == SHARED) for one in state.gifts)
        if guest and owes and state.has_paid(guest) is None:
            return guest
    return 0


def even_part(state: SplitState, facts: SplitFacts) -> Minor:
    """Return the amount of the next even part."""
    return even_parts(state, facts)[0]


def even_parts(state: SplitState, facts: SplitFacts) -> list[Minor]:
    """Return the amounts of the even parts that are left, the largest first."""
    return spread(facts.order.due, [Minor(1)] * max(1, state.parts))
