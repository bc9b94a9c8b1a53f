"""Key and event handling for the desk. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.order.selling import check_reason
from till.domain.structs import replace
from till.ports.desk import (
    AddPerson,
    Alert,
    BookSale,
    Discard,
    GiveTo,
    MatterKind,
    NeedsAttention,
    OpenOrder,
    Prepared,
    PutAside,
    Revoke,
    SetPassword,
    SetPin,
    SettleConflict,
    SettleRecord,
    TillStanding,
    Unlock,
)
from till.tui.screens.desk.about import help_rows
from till.tui.screens.desk.effects import (
    Act,
    CloseDesk,
    DayOpened,
    Done,
    Enrolled,
    LinesRead,
    OpenDay,
    Pointed,
    Prepare,
    ReadLines,
    ReadRows,
    Ready,
    Refused,
    RowsRead,
)
from till.tui.screens.desk.state import (
    SAID,
    WORDED,
    ActKind,
    DeskState,
    Listed,
    Shown,
    Step,
    acts_on,
    entries,
    name_of,
    place_of,
)
from till.tui.screens.desk.words import ShowList, WordsError, understand
from till.tui.screens.desk.written import what_to_do
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import CLOSE, HELP, KeyPress
from till.tui.shell.messages import plain, refusal, says_why

if TYPE_CHECKING:
    from till.ports.desk import DeskAct, SaidAct
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.screens.desk.effects import DeskEffect, DeskHappening
    from till.tui.screens.desk.state import DeskFacts

DeskStep = tuple[DeskState, tuple["DeskEffect", ...]]

#: Rows that each key moves in a list.
_STEPS: Final = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8}
#: The most digits a number may have.
_LONGEST: Final = 9


def reduce(state: DeskState, event: KeyPress | DeskHappening, facts: DeskFacts) -> DeskStep:
    """Return the next state and the effects to carry out."""
    match event:
        case KeyPress():
            return _pressed(state, event, facts)
        case Pointed():
            return _pointed(state, event, facts)
        case LinesRead():
            shown = isinstance(state.subject, OpenOrder) and state.subject.id == event.session
            return replace(state, lines=event.lines) if shown else state, ()
        case RowsRead():
            return _read(state, event), ()
        case Ready(prepared=prepared):
            begun = replace(_back_to_lists(state), subject=prepared, act=ActKind.WORDS, shown=state.shown)
            return replace(begun, step=Step.AGREEING), ()
        case Done():
            return _end(state, event.said or _done(state))
        case Enrolled(enrolment=enrolment):
            return replace(_back_to_lists(state), step=Step.SHOWING, subject=enrolment, shown=state.shown), ()
        case DayOpened():
            return _back_to_lists(state), ()
        case Refused():
            return _refused(state, event), ()


def _pressed(state: DeskState, press: KeyPress, facts: DeskFacts) -> DeskStep:
    command = facts.keymap.command(press)
    if command == CLOSE:
        return state, (CloseDesk(),)
    if state.step is Step.HELPING:
        return _through_help(state, press, facts), ()
    if press.key == "escape":
        return _back(state), ()
    if command == HELP and state.step in WORDED and not (press.char and state.entry.text):
        return replace(state, step=Step.HELPING, choice=0, message=None), ()
    if press.is_enter:
        return (state, ()) if state.missed else _enter(state, facts)
    return _keyed(replace(state, missed=False), press, facts), ()


def _through_help(state: DeskState, press: KeyPress, facts: DeskFacts) -> DeskState:
    if press.is_enter or press.key == "escape" or facts.keymap.command(press) == HELP:
        return replace(state, step=Step.READING if state.shown is not None else Step.LOOKING, choice=0)
    most = len(help_rows(facts.keymap)) - 1
    return replace(state, choice=max(0, min(state.choice + _STEPS.get(press.key, 0), most)))


def _keyed(state: DeskState, press: KeyPress, facts: DeskFacts) -> DeskState:
    """Return the state after any other key, which depends on the step."""
    match state.step:
        case Step.CHOOSING:
            return _choose(state, press, facts)
        case Step.AGREEING:
            return replace(state, message=refusal(_("Enter does it, Esc leaves it."))) if press.char else state
        case Step.READING:
            return _turn(state, press)
        case Step.SHOWING:
            return replace(state, message=_only_now()) if press.char else state
        case Step.LOOKING:
            return _look(state, press, facts)
        case _:
            return _type(state, press)


# The lists.


def _look(state: DeskState, press: KeyPress, facts: DeskFacts) -> DeskState:
    shown, place = entries(facts.picture, state.listed), place_of(state, facts.picture)
    if press.key in {"tab", "shift+tab"}:
        order = list(Listed)
        step = 1 if press.key == "tab" else -1
        after = order[(order.index(state.listed) + step) % len(order)]
        return replace(state, listed=after, marked="", place=0, entry=EMPTY, message=None)
    if press.key in _STEPS and place is not None:
        return _mark(replace(state, entry=EMPTY), facts, place + _STEPS[press.key])
    typed = state.entry.take(press)
    if typed is None:
        said = says_why(facts.keymap, press, _("Press Enter to open what is marked, then {key}."))
        return replace(state, message=said or state.message)
    state = replace(state, entry=typed, message=None)
    if not _is_number(typed.text):
        return state
    number = int(typed.text)
    return _mark(state, facts, number - 1) if 1 <= number <= len(shown) else _miss(state, number)


def _is_number(text: str) -> bool:
    """True if the text is the number of an entry, not words: `86 vada` begins like one."""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST


def _turn(state: DeskState, press: KeyPress) -> DeskState:
    """Handle a key in a list that was asked for in words: ↑ and ↓ move, other keys type an act."""
    rows = state.shown.rows if state.shown is not None else ()
    if press.key in _STEPS:
        return replace(state, choice=max(0, min(state.choice + _STEPS[press.key], len(rows) - 1)), message=None)
    return _type(state, press)


def _read(state: DeskState, event: RowsRead) -> DeskState:
    """Show the list that arrived; if it was read again, keep the place in it."""
    again = state.shown is not None and (state.shown.book, state.shown.of) == (event.book, event.of)
    place = min(state.choice, max(0, len(event.rows) - 1)) if again else 0
    shown = Shown(event.book, event.of, event.rows)
    message = state.message if again else None
    return replace(_back_to_lists(state), step=Step.READING, shown=shown, choice=place, message=message)


def _end(state: DeskState, said: str) -> DeskStep:
    """Finish an act: return to the list it was asked for from, read again, or to the lists of the desk."""
    after = replace(_back_to_lists(state), message=plain(said))
    if state.shown is None:
        return after, ()
    shown = state.shown
    return replace(after, step=Step.READING, shown=shown, choice=state.choice), (ReadRows(shown.book, shown.of),)


def _hear(state: DeskState) -> DeskStep:
    """Ask for the lookup of a typed sentence. Nothing changes yet."""
    try:
        meant = understand(state.entry.text)
    except WordsError as problem:
        return replace(state, message=refusal(problem.sentence), entry=EntryLine.offer(state.entry.text)), ()
    state = replace(state, message=None)
    return state, (ReadRows(meant.book, meant.of) if isinstance(meant, ShowList) else Prepare(meant),)


def _miss(state: DeskState, digit: int) -> DeskState:
    """Refuse a number that no entry has. The next Enter does nothing, so the entry marked before is not opened."""
    return replace(state, missed=True, message=refusal(_("There is no {n} in this list.").format(n=digit)))


def _mark(state: DeskState, facts: DeskFacts, place: int) -> DeskState:
    shown = entries(facts.picture, state.listed)
    place = max(0, min(place, len(shown) - 1))
    return replace(state, marked=name_of(shown[place]), place=place, message=None)


def _pointed(state: DeskState, event: Pointed, facts: DeskFacts) -> DeskStep:
    """Mark the entry that was clicked; if it is marked already, do what Enter does."""
    state = replace(state, missed=False)
    if event.listed is None:
        if state.step is not Step.CHOOSING:
            return state, ()
        if event.place == state.choice:
            return _enter(state, facts)
        return replace(state, choice=event.place), ()
    state = replace(state, entry=EMPTY) if state.step is Step.LOOKING else state
    if state.step is not Step.LOOKING or event.place >= len(entries(facts.picture, event.listed)):
        return state, ()
    if event.listed is state.listed and event.place == place_of(state, facts.picture):
        return _enter(state, facts)
    return _mark(replace(state, listed=event.listed), facts, event.place), ()


def _back_to_lists(state: DeskState) -> DeskState:
    return DeskState(listed=state.listed, marked=state.marked, place=state.place)


def _back(state: DeskState) -> DeskState:
    """Go one step back on Esc, changing nothing."""
    state = replace(state, missed=False)
    match state.step:
        case Step.PROVING if state.act in SAID:
            return replace(state, step=Step.SAYING, entry=EntryLine.offer(state.said), message=None)
        case Step.PROVING | Step.KEYING | Step.REPEATING if state.act is ActKind.WORDS:
            return replace(state, step=Step.AGREEING, entry=EMPTY, keyed="", message=None)
        case Step.AGREEING | Step.SHOWING if state.shown is not None:
            return replace(_back_to_lists(state), step=Step.READING, shown=state.shown)
        case Step.PROVING | Step.AGREEING if state.act is not ActKind.WORDS:
            return replace(state, step=Step.CHOOSING, act=None, entry=EMPTY, message=None)
        case Step.READING if state.entry.text:
            return replace(state, entry=EMPTY, message=None)
        case Step.SAYING if state.subject is not None and len(acts_on(state.subject)) > 1:
            return replace(state, step=Step.CHOOSING, act=None, entry=EMPTY, said="", message=None)
        case _:
            return _back_to_lists(state)


# An act.


def _enter(state: DeskState, facts: DeskFacts) -> DeskStep:
    match state.step:
        case Step.LOOKING | Step.READING if state.entry.text.strip() and not _is_number(state.entry.text):
            return _hear(state)
        case Step.LOOKING:
            return _open(replace(state, entry=EMPTY), facts)
        case Step.READING:
            return replace(state, message=refusal(_("Type what to do, as F1 lists it, or Esc."))), ()
        case Step.SHOWING:
            return replace(state, message=_only_now()), ()
        case Step.AGREEING:
            return _agree(state, facts)
        case Step.KEYING | Step.REPEATING if state.entry.text:
            return _key(state, facts)
        case Step.CHOOSING if state.subject is not None:
            return _begin(state, acts_on(state.subject)[state.choice], facts)
        case Step.SAYING:
            return _say(state, facts)
        case Step.PROVING if state.entry.text:
            return _do(state, state.entry.text)
        case _:
            return state, ()


def _open(state: DeskState, facts: DeskFacts) -> DeskStep:
    place = place_of(state, facts.picture)
    if place is None:
        return replace(state, message=refusal(_("Nothing is marked. Tab goes to the next list."))), ()
    subject = entries(facts.picture, state.listed)[place]
    acts = acts_on(subject)
    if not acts:
        said = plain(what_to_do(subject)) if isinstance(subject, Alert) else refusal(_nothing_to_do())
        return replace(state, marked=name_of(subject), place=place, message=said), ()
    opened = replace(_back_to_lists(state), marked=name_of(subject), place=place, subject=subject, step=Step.CHOOSING)
    if isinstance(subject, OpenOrder):
        return opened, (ReadLines(subject.id),)
    if len(acts) == 1 and acts[0] in SAID:
        return _begin(opened, acts[0], facts)
    return opened, ()


def _only_now() -> StyledText:
    """Refuse Enter while a code is shown, which is never shown again."""
    return refusal(_("It is shown only now: write it down, then Esc."))


def _nothing_to_do() -> str:
    return _("It is on a tab. A till recalls it: F8.")


def _choose(state: DeskState, press: KeyPress, facts: DeskFacts) -> DeskState:
    acts = acts_on(state.subject) if state.subject is not None else ()
    if press.key in _STEPS:
        return replace(state, choice=max(0, min(state.choice + _STEPS[press.key], len(acts) - 1)), message=None)
    if press.digit is not None:
        if not 1 <= press.digit <= len(acts):
            return _miss(state, press.digit)
        return replace(state, choice=press.digit - 1, message=None)
    said = says_why(facts.keymap, press, _("Press Esc first, then {key}."))
    if said is None and press.char:
        said = refusal(_("A number marks what to do, Enter does it, Esc goes back."))
    return replace(state, message=said or state.message)


def _begin(state: DeskState, act: ActKind, facts: DeskFacts) -> DeskStep:
    state = replace(state, act=act, message=None, entry=EMPTY, said="")
    if act is ActKind.DAY and facts.picture is not None and facts.now is not None:
        today = facts.picture.venue.business_date(facts.now).isoformat()
        return replace(state, step=Step.SAYING, entry=EntryLine.offer(today)), ()
    if act in SAID:
        return replace(state, step=Step.SAYING), ()
    return _prove(state, facts)


def _prove(state: DeskState, facts: DeskFacts) -> DeskStep:
    """Ask for the password if the server needs one; otherwise do the act."""
    if facts.asks_password:
        return replace(state, step=Step.PROVING, entry=EMPTY, message=None), ()
    if state.act in SAID or state.act is ActKind.WORDS:
        return _do(state, "")
    return replace(state, step=Step.AGREEING, entry=EMPTY, message=None), ()  # a double Enter must not do it unread


def _agree(state: DeskState, facts: DeskFacts) -> DeskStep:
    """Confirm the act, first asking for a new PIN or password if it needs one."""
    if state.act is not ActKind.WORDS:
        return _do(state, "")
    if isinstance(state.subject, Prepared) and isinstance(state.subject.act, AddPerson | SetPin | SetPassword):
        return replace(state, step=Step.KEYING, entry=EMPTY, message=None), ()
    return _prove(state, facts)


def _key(state: DeskState, facts: DeskFacts) -> DeskStep:
    """Take a new PIN or password, which is typed twice because it is masked."""
    typed = state.entry.text
    if state.step is Step.KEYING:
        return replace(state, step=Step.REPEATING, keyed=typed, entry=EMPTY, message=None), ()
    if typed != state.keyed:
        said = refusal(_("They do not match. Type it again."))
        return replace(state, step=Step.KEYING, keyed="", entry=EMPTY, message=said), ()
    return _prove(state, facts)


def _say(state: DeskState, facts: DeskFacts) -> DeskStep:
    try:
        said = _checked(state, facts)
    except TillError as problem:
        return replace(state, message=refusal(problem.sentence), entry=EntryLine.offer(state.entry.text)), ()
    if state.act is ActKind.DAY and isinstance(state.subject, TillStanding):
        return replace(state, said=said, message=None), (OpenDay(state.subject.number, said),)
    return _prove(replace(state, said=said), facts)


def _checked(state: DeskState, facts: DeskFacts) -> str:
    """Return the typed text if it is valid for the act.

    Raises:
        TillError: it is not; the sentence says what is.
    """
    said = state.entry.text.strip()
    if state.act in {ActKind.SETTLE, ActKind.DISCARD}:
        return check_reason(said)
    if state.act is ActKind.DAY:
        return said
    known = {str(number) for number, _name in facts.picture.staff} if facts.picture is not None else set()
    if state.act is ActKind.GIVE and said.lstrip("0") not in known:
        raise TillError(_("Nobody who works here has that number. Type one of those above."))
    if isinstance(state.subject, TillStanding) and said != str(state.subject.number):
        sentence = _("Type {n} to revoke {till}, or Esc to leave it.")
        raise TillError(sentence.format(n=state.subject.number, till=state.subject.name))
    return said.lstrip("0")


def _do(state: DeskState, password: str) -> DeskStep:
    act = _act_of(state)
    return replace(state, entry=EMPTY, message=None), (Act(act, password),) if act is not None else ()


def _act_of(state: DeskState) -> DeskAct | None:
    said = state.said
    if isinstance(state.subject, Prepared):
        return _with_secret(state.subject.act, state.keyed)
    match state.act, state.subject:
        case ActKind.SETTLE, NeedsAttention(kind=MatterKind.CONFLICT) as matter:
            return SettleConflict(matter.id, said)
        case ActKind.SETTLE, NeedsAttention() as matter:
            return SettleRecord(int(matter.id), said)
        case ActKind.BOOK, NeedsAttention() as matter:
            return BookSale(int(matter.id))
        case ActKind.UNLOCK, NeedsAttention() as matter:
            return Unlock(int(matter.id))
        case ActKind.PUT_ASIDE, OpenOrder() as order:
            return PutAside(order.id, order.version)
        case ActKind.GIVE, OpenOrder() as order:
            return GiveTo(order.id, order.version, int(said[:_LONGEST]))
        case ActKind.DISCARD, OpenOrder() as order:
            return Discard(order.id, order.version, said)
        case ActKind.REVOKE, TillStanding() as till:
            return Revoke(till.number)
        case _:
            return None


def _with_secret(act: SaidAct, keyed: str) -> SaidAct:
    match act:
        case AddPerson() | SetPin():
            return replace(act, pin=keyed)
        case SetPassword():
            return replace(act, password=keyed)
        case _:
            return act


def _done(state: DeskState) -> str:
    match state.act, state.subject:
        case ActKind.SETTLE, _subject:
            return _("Settled. It is in the log.")
        case ActKind.BOOK, _subject:
            return _("The sale is booked: the reports have it.")
        case ActKind.UNLOCK, NeedsAttention() as matter:
            return _("Number {number} is open again.").format(number=matter.id)
        case ActKind.PUT_ASIDE, _subject:
            return _("The order waits for its user.")
        case ActKind.GIVE, _subject:
            return _("The order waits for number {number}.").format(number=state.said)
        case ActKind.DISCARD, _subject:
            return _("The order is discarded. Its events stay.")
        case _:
            return _("Till revoked. If it was stolen, change the PINs on it.")


def _refused(state: DeskState, event: Refused) -> DeskState:
    """Show why an act was refused, and ask again for the input at fault. A secret is never offered again."""
    state = replace(state, message=refusal(event.sentence))
    if event.secret and state.step is Step.PROVING:
        return replace(state, entry=EMPTY)
    if state.subject is None:
        return replace(state, entry=EntryLine.offer(state.entry.text))
    if state.act is ActKind.WORDS:
        return replace(state, step=Step.AGREEING, entry=EMPTY, keyed="")
    if state.act in SAID:
        return replace(state, step=Step.SAYING, entry=EntryLine.offer(state.said))
    return replace(state, step=Step.CHOOSING, act=None, entry=EMPTY)


def _type(state: DeskState, press: KeyPress) -> DeskState:
    taken = state.entry.take(press)
    return state if taken is None else replace(state, entry=taken, message=None)
