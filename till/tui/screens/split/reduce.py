"""What a key makes of the split screen. Pure. No key but Enter goes on to money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.money.amount import spread
from till.domain.money.measures import Minor
from till.domain.text import clean
from till.tui.screens.split.effects import GoBack, MoveGuest, OpenSplitHelp, PayGuest, PayPart
from till.tui.screens.split.state import MOST, SHARED, Gift, Manner, Typed
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP
from till.tui.shell.messages import plain, refusal, says_why, scanned

if TYPE_CHECKING:
    from till.tui.screens.split.effects import SplitEffect
    from till.tui.screens.split.state import SplitFacts, SplitState
    from till.tui.shell.keymap import KeyPress

#: What asks to which tab a guest's pieces go.
MOVE_KEY: Final = "m"
#: So many digits of one behind the other are remembered: no barcode is longer (`menu_cells`).
_LONGEST_CODE: Final = 48

SplitStep = tuple["SplitState", tuple["SplitEffect", ...]]


def reduce(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitStep:
    """Give the screen after a key, and what is to be done; a scan, which ends with Enter, changes nothing."""
    typed, state = state.typed, replace(state, message=None, typed=())
    if press.is_enter and (refused := _scanned(typed, facts)) is not None:
        return refused, ()
    after, effects = _pressed(state, press, facts)
    if not _is_digits(digits := press.paste or press.char):
        return after, effects
    return replace(after, typed=(*typed, Typed(digits, state))[-_LONGEST_CODE:]), effects


def _scanned(typed: tuple[Typed, ...], facts: SplitFacts) -> SplitState | None:
    """The screen as it was before an item was scanned, which says so; None where none was."""
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
        case "up" | "down" if state.by_line:
            step = 1 if press.key == "down" else -1
            return replace(state, line=max(0, min(len(state.rows) - 1, state.line + step))), ()
        case "left" | "right":
            return _turn(state, 1 if press.key == "right" else -1), ()
    if facts.keymap.command(press) == HELP:
        return state, (OpenSplitHelp(),)
    if (why := says_why(facts.keymap, press, _("{key} waits: Esc goes back first."))) is not None:
        return replace(state, message=why), ()
    return _typed(state, press), ()


def _moving(state: SplitState, press: KeyPress, facts: SplitFacts) -> SplitStep:
    """The name of the tab that a guest's pieces go to is typed."""
    if press.key == "escape":
        return replace(state, moving=False, entry=EMPTY), ()
    if press.is_enter and (to := state.entry.text.strip()):
        return replace(state, moving=False, entry=EMPTY), (MoveGuest(next_guest(state), to),)
    if facts.keymap.command(press) == HELP and not press.char:
        return state, (OpenSplitHelp(),)
    entry = state.entry.take(press)
    return state if entry is None else replace(state, entry=entry), ()


def _ask_where(state: SplitState) -> SplitState:
    """Ask to which tab it goes what the guest has who would pay at the next Enter."""
    guest = next_guest(state)
    if not guest:
        words = _("Whose pieces? A digit gives one piece of the marked line to that guest.")
        return replace(state, message=refusal(words))
    if not state.leaving().pieces_of(guest):
        words = _("Guest {n} has only a share, which is paid here. A digit gives a whole piece.")
        return replace(state, message=refusal(words.format(n=guest)))
    return replace(state, moving=True, guest=guest, entry=EMPTY)


def _turn(state: SplitState, step: int) -> SplitState:
    """Another manner. By seat gives the lines to those whose they are, where nobody has paid yet."""
    manner = Manner((state.manner + step) % len(Manner))
    if manner != Manner.AMOUNT and not state.by_line and manner in {Manner.PIECE, Manner.SEAT} and _paid_parts(state):
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
        words = _("A digit names guests 1 to 9. Give what is guest {n}’s to one of them, or 0 shares it.")
        said = plain(words.format(n=min(beyond)))
    guest = min((one.guest for one in given), default=state.guest)
    return _marked(replace(state, gifts=(*kept, *given), guest=guest, message=said))


def _paid_parts(state: SplitState) -> bool:
    return any(not one.apart for one in state.paid)


def _typed(state: SplitState, press: KeyPress) -> SplitState:
    char = press.char
    if state.manner is Manner.AMOUNT:
        entry = state.entry.take(press)
        return state if entry is None else replace(state, entry=entry)
    if press.key == "backspace":
        return _taken_back(state)
    if state.manner is Manner.EVEN:
        if char in set("23456789"):
            return replace(state, parts=int(char))
        return replace(state, message=plain(_("A digit from 2 to 9 says how many parts; Enter pays one.")))
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


def _give(state: SplitState, guest: int, pieces: int | None) -> SplitState:
    """Give pieces of the marked row, None for all that is left; the mark goes on when it is given out."""
    if not state.rows:
        return state
    if guest and (state.has_paid(guest) or guest in dict(state.own)):
        return replace(state, message=refusal(_("Guest {n} has paid. Another digit is another guest.").format(n=guest)))
    left = state.left(state.line)
    if not left:
        name = clean(state.rows[state.line].name)
        sentence = _("All of {name} is given. ↑ or ↓ marks another line, Backspace takes back.")
        return replace(state, message=refusal(sentence.format(name=name)))
    gift = Gift(state.line, guest, left if pieces is None else min(pieces, left))
    state = replace(state, gifts=(*state.gifts, gift), guest=guest or state.guest)
    return _marked(state) if not state.left(state.line) else state


def _marked(state: SplitState) -> SplitState:
    """The mark on the next row that has pieces open."""
    order = [*range(state.line, len(state.rows)), *range(state.line)]
    return replace(state, line=next((row for row in order if state.left(row)), state.line))


def _taken_back(state: SplitState) -> SplitState:
    """Take the newest mark back; what was paid stays paid."""
    for place in reversed(range(len(state.gifts))):
        gift = state.gifts[place]
        if state.has_paid(gift.guest) or gift.guest in dict(state.own) or (gift.guest == SHARED and state.paid):
            continue
        gifts = (*state.gifts[:place], *state.gifts[place + 1 :])
        return replace(state, gifts=gifts, line=gift.row, guest=gift.guest or state.guest)
    return replace(state, message=plain(_("Nothing is given that could be taken back.")))


def _enter(state: SplitState, facts: SplitFacts) -> SplitStep:
    match state.manner:
        case Manner.EVEN:
            part = even_part(state, facts)
            return state, (PayPart(part if part < facts.order.due else None),)
        case Manner.AMOUNT:
            return _pay_amount(state, facts)
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
    """Who pays at the next Enter: the guest named last, else the first who has something; 0 for nobody."""
    order: tuple[int, ...] = (state.guest, *range(1, state.count + 1), *state.sharers)
    for guest in order:
        shares = guest in state.sharers
        owes = any(one.guest == guest or (shares and one.guest == SHARED) for one in state.gifts)
        if guest and owes and state.has_paid(guest) is None:
            return guest
    return 0


def even_part(state: SplitState, facts: SplitFacts) -> Minor:
    """What the next of the even parts comes to."""
    return even_parts(state, facts)[0]


def even_parts(state: SplitState, facts: SplitFacts) -> list[Minor]:
    """What each of the parts that are left comes to: the largest first."""
    return spread(facts.order.due, [Minor(1)] * max(1, state.parts))
