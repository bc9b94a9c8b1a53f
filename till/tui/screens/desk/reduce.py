"""Key and event handling for the desk. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.administration.acts.menu import AddMenuItem
from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.order.deciding import check_reason
from till.domain.structs import replace
from till.ports.desk import Alert, NeedsAttention, OpenOrder, Prepared, TillStatus
from till.tui.screens.desk.acts import DeskActs
from till.tui.screens.desk.state import (
    FIELDS,
    LONGEST,
    SECRET,
    WORDED,
    ActKind,
    DayOpened,
    DeskActDone,
    DeskActReady,
    DeskActRefused,
    DeskFacts,
    DeskList,
    DeskStage,
    DeskState,
    Enrolled,
    LinesRead,
    RowsRead,
    Shown,
    acts_on,
    entries,
    name_of,
    place_of,
)
from till.tui.screens.desk.words import EXAMPLES, FillItem, ShowList, ShowReport, WordsError, understand
from till.tui.screens.report.words import ReportWordsError, asked_for
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import DIGITS, ENTER, BarKey, Key, KeyTable, calls, sets, word
from till.tui.shell.keymap import CLOSE, HELP, KeyPress
from till.tui.shell.marked_list import LIST_KEYS, ListMark, MarkedList, moved_index
from till.tui.shell.messages import plain, refusal, says_why

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.ports.desk import DeskAct
    from till.tui.screens.desk.state import DeskOutcome
    from till.tui.shell.calls import Call, Result
    from till.tui.shell.keymap import Keymap

DeskStep = tuple[DeskState, tuple["Call[DeskActs, Result[DeskOutcome]]", ...]]

_ONLY_NOW: Final = N_("It is shown only now: write it down, then Esc.")
#: Messages for text typed in a step that takes no text.
_UNTYPED: Final = {
    DeskStage.CHOOSING: N_("A number chooses, Enter does it, Esc: back."),
    DeskStage.AGREEING: N_("Enter does it, Esc leaves it."),
    DeskStage.SHOWING: _ONLY_NOW,
    DeskStage.HELPING: N_("Nothing is typed here. Esc: back."),
}
#: Answers to a key of a till that the desk does not have.
_WAITS: Final = {
    DeskStage.LOOKING: N_("Press Enter to open it first, then {key}."),
    DeskStage.CHOOSING: N_("Press Esc first, then {key}."),
    DeskStage.HELPING: N_("Press Esc first, then {key}."),
}


def reduce(state: DeskState, event: KeyPress | DeskOutcome, facts: DeskFacts) -> DeskStep:
    """Return the next state and the calls to make."""
    match event:
        case KeyPress():
            if event.is_click:
                state = replace(state, missed=False, entry=EMPTY if state.step is DeskStage.LOOKING else state.entry)
            return KEYS.step(state, event, facts) or _type(state, event, facts)
        case LinesRead():
            shown = isinstance(state.subject, OpenOrder) and state.subject.id == event.session
            return replace(state, lines=event.lines) if shown else state, ()
        case RowsRead():
            return _read(state, event), ()
        case DeskActReady(prepared=prepared):
            begun = replace(_back_to_lists(state), subject=prepared, act=ActKind.WORDS, shown=state.shown)
            return replace(begun, step=DeskStage.AGREEING), ()
        case DeskActDone():
            return _end(state, event.sentence)
        case Enrolled(enrolment=enrolment):
            return replace(_back_to_lists(state), step=DeskStage.SHOWING, subject=enrolment, shown=state.shown), ()
        case DayOpened():
            return _back_to_lists(state), ()
        case DeskActRefused():
            return _refused(state, event), ()


def help_rows(keymap: Keymap) -> tuple[tuple[str, str, str], ...]:
    """Return the rows of the help: a key or an example sentence, its name, and details."""
    this, *rows, close = KEYS.helped(keymap)
    return (*rows, *((_("Type"), example, what) for example, what in EXAMPLES), this, close)


def _show_help(state: DeskState, press: KeyPress, facts: DeskFacts) -> DeskStep:
    if press.char and state.entry.text:  # a question mark in a sentence
        return _type(state, press, facts)
    return replace(state, step=DeskStage.HELPING, choice=0, message=None), ()


def _close_help(state: DeskState, _press: KeyPress, _facts: DeskFacts) -> DeskStep:
    step = DeskStage.READING if state.shown is not None else DeskStage.LOOKING
    return replace(state, step=step, choice=0, message=None), ()


def _type(state: DeskState, press: KeyPress, facts: DeskFacts) -> DeskStep:
    """Handle a typing key. In a step that takes no text, show why."""
    state = replace(state, missed=False)
    typed = state.entry.take(press) if state.step not in _UNTYPED else None
    if typed is None:
        message = refusal(_UNTYPED[state.step]) if press.char and state.step in _UNTYPED else None
        if state.step is DeskStage.AGREEING and (press.char or press.paste):
            state = replace(state, missed=True)  # it may have been a no: the next Enter agrees to nothing
        if state.step in _WAITS:
            message = says_why(facts.keymap, press, _WAITS[state.step]) or message
        return replace(state, message=message or state.message), ()
    state = replace(state, entry=typed, message=None)
    if state.step is not DeskStage.LOOKING or not _is_number(typed.text):
        return state, ()
    number = int(typed.text)
    known = 1 <= number <= len(entries(facts.picture, state.listed))
    return _mark(state, facts, number - 1) if known else _miss(state, number), ()


# The lists.


def _next_list(state: DeskState, press: KeyPress, _facts: DeskFacts) -> DeskStep:
    order = list(DeskList)
    after = order[(order.index(state.listed) + (1 if press.key == "tab" else -1)) % len(order)]
    return replace(state, listed=after, marked="", place=0, entry=EMPTY, missed=False, message=None), ()


def _is_number(text: str) -> bool:
    """Return True if the text is the number of an entry, not words: `86 vada` begins like one."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST


def _count(state: DeskState, facts: DeskFacts) -> int:
    """Return the number of rows of the sheet: the help, a list that was asked for in words, or the acts."""
    if state.step is DeskStage.HELPING:
        return len(help_rows(facts.keymap))
    return len(
        state.shown.rows if state.step is DeskStage.READING and state.shown is not None else acts_on(state.subject)
    )


def _read(state: DeskState, event: RowsRead) -> DeskState:
    """Show the list that arrived; if it was read again, keep the place in it."""
    again = state.shown is not None and (state.shown.book, state.shown.of) == (event.book, event.of)
    place = min(state.choice, max(0, len(event.rows) - 1)) if again else 0
    shown = Shown(event.book, event.of, event.rows)
    message = state.message if again else None
    return replace(_back_to_lists(state), step=DeskStage.READING, shown=shown, choice=place, message=message)


def _end(state: DeskState, sentence: str) -> DeskStep:
    """Finish an act: return to the list it was asked for from, read again, or to the lists of the desk."""
    after, shown = replace(_back_to_lists(state), message=plain(sentence)), state.shown
    if shown is None:
        return after, ()
    after = replace(after, step=DeskStage.READING, shown=shown, choice=state.choice)
    return after, (call(DeskActs.read_rows, shown.book, shown.of),)


def _look_up(state: DeskState, _press: KeyPress, facts: DeskFacts) -> DeskStep:
    """Ask for the lookup of a typed sentence. Nothing changes yet."""
    try:
        request = understand(state.entry.text)
        if isinstance(request, ShowReport):
            return _show_report(state, request.asked, facts)
    except (WordsError, ReportWordsError) as problem:
        return replace(state, message=refusal(problem.sentence), entry=EntryLine.offer(state.entry.text)), ()
    state = replace(state, message=None)
    if isinstance(request, FillItem):
        return replace(_back_to_lists(state), step=DeskStage.FILLING, shown=state.shown), ()
    if isinstance(request, ShowList):
        return state, (call(DeskActs.read_rows, request.book, request.of),)
    return state, (call(DeskActs.prepare, request),)


def _fill(state: DeskState, _press: KeyPress, _facts: DeskFacts) -> DeskStep:
    """Take a field of a new item; after the last, look up what it would be."""
    filled = (*state.filled, state.entry.text.strip())
    if len(filled) < len(FIELDS):
        return replace(state, filled=filled, entry=EMPTY, message=None), ()
    plu, name, category, price, tax = filled
    return replace(state, message=None), (call(DeskActs.prepare, AddMenuItem(plu, name, category, price, tax)),)


def _show_report(state: DeskState, asked: str, facts: DeskFacts) -> DeskStep:
    """Open the report that was asked for.

    Raises:
        ReportWordsError: the words name no report.
    """
    if facts.picture is None:
        looks = _("One moment, the venue is still being read. Then F2 again.")
        sentence = _("The server is offline: no reports now.") if facts.trouble else looks
        return replace(state, message=refusal(sentence)), ()
    wanted = asked_for(asked, facts.picture.venue.business_date(facts.picture.now))
    return _back_to_lists(state), (call(DeskActs.open_report, wanted),)


def _miss(state: DeskState, digit: int) -> DeskState:
    """Refuse a number that no entry has. The next Enter does nothing, so the entry marked before is not opened."""
    return replace(state, missed=True, message=refusal(_("There is no {n} in this list.").format(n=digit)))


def _mark(state: DeskState, facts: DeskFacts, place: int) -> DeskState:
    shown = entries(facts.picture, state.listed)
    place = moved_index(place, len(shown), 0)
    return replace(state, marked=name_of(shown[place]), place=place, missed=False, message=None)


def _click(state: DeskState, press: KeyPress, facts: DeskFacts) -> DeskStep:
    """Mark the entry of the list that was clicked."""
    listed = _list_of(press)
    known = press.place < len(entries(facts.picture, listed))
    return (_mark(replace(state, listed=listed), facts, press.place) if known else state), ()


def _list_of(press: KeyPress) -> DeskList:
    return DeskList(press.key.removeprefix("click "))


def _is_marked(state: DeskState, press: KeyPress, facts: DeskFacts) -> bool:
    return _list_of(press) is state.listed and press.place == place_of(state, facts.picture)


def _back_to_lists(state: DeskState) -> DeskState:
    return DeskState(listed=state.listed, marked=state.marked, place=state.place)


def _back(state: DeskState, _press: KeyPress, _facts: DeskFacts) -> DeskStep:
    """Go one step back on Esc, changing nothing."""
    state = replace(state, missed=False)
    match state.step:
        case DeskStage.PROVING if state.asks:
            return replace(state, step=DeskStage.SAYING, entry=EntryLine.offer(state.given), message=None), ()
        case DeskStage.PROVING | DeskStage.KEYING | DeskStage.REPEATING if state.act is ActKind.WORDS:
            return replace(state, step=DeskStage.AGREEING, entry=EMPTY, keyed="", message=None), ()
        case DeskStage.AGREEING | DeskStage.SHOWING if state.shown is not None:
            return replace(_back_to_lists(state), step=DeskStage.READING, shown=state.shown), ()
        case DeskStage.PROVING | DeskStage.AGREEING if state.act is not ActKind.WORDS:
            return replace(state, step=DeskStage.CHOOSING, act=None, entry=EMPTY, message=None), ()
        case DeskStage.FILLING if state.filled:
            *filled, last = state.filled
            return replace(state, filled=tuple(filled), entry=EntryLine.offer(last), message=None), ()
        case DeskStage.FILLING if state.shown is not None:
            return replace(_back_to_lists(state), step=DeskStage.READING, shown=state.shown), ()
        case DeskStage.READING if state.entry.text:
            return replace(state, entry=EMPTY, message=None), ()
        case DeskStage.SAYING if len(acts_on(state.subject)) > 1:
            return replace(state, step=DeskStage.CHOOSING, act=None, entry=EMPTY, given="", message=None), ()
        case _:
            return _back_to_lists(state), ()


def _back_word(state: DeskState, _facts: DeskFacts) -> BarKey | None:
    if state.step is DeskStage.LOOKING:
        return None
    return BarKey(_("Done") if state.step is DeskStage.SHOWING else _("Back"))


# An act.


def _open(state: DeskState, _press: KeyPress, facts: DeskFacts) -> DeskStep:
    """Open the marked entry."""
    place = place_of(state, facts.picture)
    if place is None:
        return replace(state, entry=EMPTY, message=refusal(_("Nothing is marked. Tab goes to the next list."))), ()
    subject = entries(facts.picture, state.listed)[place]
    acts = acts_on(subject)
    if not acts:
        on_tab = refusal(_("It is saved. A till recalls it: F8."))
        message = plain(subject.remedy) if isinstance(subject, Alert) else on_tab
        return replace(state, marked=name_of(subject), place=place, entry=EMPTY, message=message), ()
    opened = replace(
        _back_to_lists(state), marked=name_of(subject), place=place, subject=subject, step=DeskStage.CHOOSING
    )
    if isinstance(subject, OpenOrder):
        return opened, (call(DeskActs.read_lines, subject.id),)
    if len(acts) == 1 and acts[0].asks:
        return _begin(opened, acts[0], facts)
    return opened, ()


def _open_word(state: DeskState, facts: DeskFacts) -> BarKey | None:
    place = place_of(state, facts.picture)
    if place is None or state.missed:
        return None
    one = entries(facts.picture, state.listed)[place]
    if isinstance(one, NeedsAttention) and acts_on(one) == (ActKind.SETTLE,):
        amount = facts.written.amount(one.amount, one.currency) if one.amount is not None else ""
        return BarKey(f"{_('Settle')} {amount}".strip())
    return BarKey(_("What to do") if isinstance(one, Alert) else _("Open"))


def _pick(state: DeskState, press: KeyPress, facts: DeskFacts) -> DeskStep:
    digit = press.digit or 0
    known = 1 <= digit <= len(acts_on(state.subject))
    return _CHOICES.pick(state, press, facts) if known else (_miss(state, digit), ())


def _begin(state: DeskState, act: ActKind, facts: DeskFacts) -> DeskStep:
    state = replace(state, act=act, message=None, entry=EMPTY, given="")
    if act is ActKind.DAY and facts.picture is not None and facts.now is not None:
        today = facts.picture.venue.business_date(facts.now).isoformat()
        return replace(state, step=DeskStage.SAYING, entry=EntryLine.offer(today)), ()
    if act.asks:
        return replace(state, step=DeskStage.SAYING), ()
    return _prove(state, facts)


def _prove(state: DeskState, facts: DeskFacts) -> DeskStep:
    """Ask for the password if the server needs one; otherwise do the act."""
    if facts.asks_password:
        return replace(state, step=DeskStage.PROVING, entry=EMPTY, message=None), ()
    if state.asks or state.act is ActKind.WORDS:
        return _do(state, "")
    return replace(
        state, step=DeskStage.AGREEING, entry=EMPTY, message=None
    ), ()  # a double Enter must not do it unread


def _agree(state: DeskState, _press: KeyPress, facts: DeskFacts) -> DeskStep:
    """Confirm the act, first asking for a new PIN or password if it needs one."""
    if state.act is not ActKind.WORDS:
        return _do(state, "")
    if isinstance(state.subject, Prepared) and state.subject.act.masked:
        return replace(state, step=DeskStage.KEYING, entry=EMPTY, message=None), ()
    return _prove(state, facts)


def _key(state: DeskState, _press: KeyPress, _facts: DeskFacts) -> DeskStep:
    """Take a new PIN or password, which is typed twice because it is masked."""
    return replace(state, step=DeskStage.REPEATING, keyed=state.entry.text, entry=EMPTY, message=None), ()


def _repeat(state: DeskState, _press: KeyPress, facts: DeskFacts) -> DeskStep:
    if state.entry.text == state.keyed:
        return _prove(state, facts)
    message = refusal(_("They do not match. Type it again."))
    return replace(state, step=DeskStage.KEYING, keyed="", entry=EMPTY, message=message), ()


def _say(state: DeskState, _press: KeyPress, facts: DeskFacts) -> DeskStep:
    try:
        given = _checked(state, facts)
    except TillError as problem:
        return replace(state, message=refusal(problem.sentence), entry=EntryLine.offer(state.entry.text)), ()
    if state.act is ActKind.DAY and isinstance(state.subject, TillStatus):
        return replace(state, given=given, message=None), (call(DeskActs.open_day, state.subject.number, given),)
    return _prove(replace(state, given=given), facts)


def _checked(state: DeskState, facts: DeskFacts) -> str:
    """Return the typed text if it is valid for the act.

    Raises:
        TillError: it is not valid; the sentence names what is.
    """
    given = state.entry.text.strip()
    if state.act in {ActKind.SETTLE, ActKind.DISCARD}:
        return check_reason(given)
    if state.act is ActKind.DAY:
        return given
    known = {str(number) for number, _name in facts.picture.staff} if facts.picture is not None else set()
    if state.act is ActKind.GIVE and given.lstrip("0") not in known:
        raise TillError(_("No one here has that number. Type one of those above."))
    if isinstance(state.subject, TillStatus) and given != str(state.subject.number):
        sentence = _("Type {n} to revoke {till}, or Esc to leave it.")
        raise TillError(sentence.format(n=state.subject.number, till=state.subject.name))
    return given.lstrip("0")


def _do(state: DeskState, password: str) -> DeskStep:
    act = _act_of(state)
    return replace(state, entry=EMPTY, message=None), (call(DeskActs.do, act, password),) if act is not None else ()


def _act_of(state: DeskState) -> DeskAct | None:
    if isinstance(state.subject, Prepared):
        return state.subject.act.keyed(state.keyed)
    make = state.act.make if state.act is not None else None
    return make(state.subject, state.given) if make is not None else None


def _refused(state: DeskState, event: DeskActRefused) -> DeskState:
    """Show why an act was refused, and ask again for the input at fault. A secret is never offered again.

    If a list cannot be read again after an act, the message still reports that the act is done.
    """
    done = state.message if state.step is DeskStage.READING else None
    state = replace(state, message=refusal(f"{done.text} {event.sentence}" if done is not None else event.sentence))
    if event.secret and state.step is DeskStage.PROVING:
        return replace(state, entry=EMPTY)
    if state.subject is None:
        return replace(state, entry=EntryLine.offer(state.entry.text))
    if state.act is ActKind.WORDS:
        return replace(state, step=DeskStage.AGREEING, entry=EMPTY, keyed="")
    if state.asks:
        return replace(state, step=DeskStage.SAYING, entry=EntryLine.offer(state.given))
    return replace(state, step=DeskStage.CHOOSING, act=None, entry=EMPTY)


# The keys.


def _do_word(state: DeskState, facts: DeskFacts) -> BarKey:
    """Return the name of the act, if Enter does it now."""
    last = state.step in {DeskStage.PROVING, DeskStage.AGREEING} or state.act is ActKind.DAY or not facts.asks_password
    return BarKey(state.act.label if last and state.act else _("Next"))


def _at(*steps: DeskStage) -> Callable[[DeskState, DeskFacts], bool]:
    return lambda state, _facts: state.step in steps


def _has_entries(state: DeskState, facts: DeskFacts) -> bool:
    return state.step is DeskStage.LOOKING and bool(entries(facts.picture, state.listed))


_LISTED: Final = MarkedList[DeskState, DeskFacts](
    count=lambda state, facts: len(entries(facts.picture, state.listed)),
    at=lambda state, facts: ListMark(place_of(state, facts.picture) or 0),
    put=lambda state, facts, mark: _mark(replace(state, entry=EMPTY), facts, mark.place),
    page=lambda facts: facts.page,
)
_CHOICES: Final = MarkedList[DeskState, DeskFacts](
    count=_count,
    at=lambda state, _facts: ListMark(state.choice),
    put=lambda state, _facts, mark: replace(state, choice=mark.place, missed=False, message=None),
    page=lambda facts: facts.page,
    widget="choices",
)

KEYS: Final[KeyTable[DeskState, DeskFacts, DeskActs]] = KeyTable(
    Key(calls(DeskActs.close), command=CLOSE),  # above the keys that scroll: the venue may have mapped it to one
    Key(_close_help, ENTER, "Enter", _at(DeskStage.HELPING), bar=word(N_("Back"))),
    Key(_close_help, ("escape",), when=_at(DeskStage.HELPING)),  # as below in the key bar
    Key(_close_help, command=HELP, when=_at(DeskStage.HELPING)),
    *_CHOICES.keys(when=_at(DeskStage.HELPING)),
    Key(_show_help, command=HELP, when=_at(*WORDED), bar=word(N_("Help")), helped=(N_("This help"), "")),
    Key(_type, DIGITS, "1-9", _at(DeskStage.LOOKING), bar=word(N_("Choose"))),
    Key(_click, tuple(f"click {listed}" for listed in DeskList), when=_at(DeskStage.LOOKING), again=_is_marked),
    Key(_LISTED.move, LIST_KEYS, "1-9 ↑ ↓", _has_entries, helped=(N_("Mark an entry of the list"), "")),
    Key(
        _next_list,
        ("tab", "shift+tab"),
        "Tab",
        _at(DeskStage.LOOKING),
        bar=word(N_("Next list"), N_("Next")),
        helped=(N_("The next list"), N_("needs attention, open orders, tills")),
    ),
    Key(
        lambda state, _press, facts: _show_report(state, "", facts),
        ("f2",),
        "F2",
        _at(DeskStage.LOOKING),
        bar=word(N_("Reports")),
        helped=(N_("The reports"), N_("the day at a glance; earlier days")),
    ),
    *_CHOICES.keys(when=_at(DeskStage.READING), bar=word(N_("Scroll"))),
    *_CHOICES.keys(when=_at(DeskStage.CHOOSING), bar=word(N_("Choose"))),
    Key(_pick, ("0", *DIGITS), when=_at(DeskStage.CHOOSING)),
    Key(  # the Enter behind a typed word agrees to nothing
        sets(missed=False, message=refusal(_UNTYPED[DeskStage.AGREEING])),
        ENTER,
        when=lambda state, _facts: state.missed and state.step is DeskStage.AGREEING,
    ),
    Key(sets(), ENTER, when=lambda state, _facts: state.missed or (state.step in SECRET and not state.entry.text)),
    Key(
        _look_up,
        ENTER,
        "Enter",
        lambda state, _facts: state.step in WORDED and state.entry.text.strip() and not _is_number(state.entry.text),
        bar=word(N_("Look up")),
    ),
    Key(
        _open,
        ENTER,
        "Enter",
        _at(DeskStage.LOOKING),
        bar=_open_word,
        helped=(N_("Open the marked entry"), N_("its details and actions")),
    ),
    Key(sets(message=refusal(N_("Type a command that F1 lists, or Esc."))), ENTER, when=_at(DeskStage.READING)),
    Key(sets(message=refusal(_ONLY_NOW)), ENTER, when=_at(DeskStage.SHOWING)),
    Key(
        lambda state, _press, facts: _begin(state, acts_on(state.subject)[state.choice], facts),
        ENTER,
        "Enter",
        _at(DeskStage.CHOOSING),
        bar=lambda state, _facts: BarKey(acts_on(state.subject)[state.choice].label),
    ),
    Key(_fill, ENTER, "Enter", _at(DeskStage.FILLING), bar=word(N_("Next"))),
    Key(_say, ENTER, "Enter", _at(DeskStage.SAYING), bar=_do_word),
    Key(_agree, ENTER, "Enter", _at(DeskStage.AGREEING), bar=_do_word),
    Key(_key, ENTER, "Enter", _at(DeskStage.KEYING), bar=word(N_("Next"))),
    Key(_repeat, ENTER, "Enter", _at(DeskStage.REPEATING), bar=_do_word),
    Key(
        lambda state, _press, _facts: _do(state, state.entry.text), ENTER, "Enter", _at(DeskStage.PROVING), bar=_do_word
    ),
    Key(_back, ("escape",), "Esc", bar=_back_word, helped=(N_("Back"), N_("nothing changes"))),
    Key(
        calls(DeskActs.close),
        command=CLOSE,
        when=_at(DeskStage.LOOKING),
        bar=word(N_("Close the desk"), N_("Close")),
        helped=(N_("Close the desk"), ""),
    ),
)
