"""The login screen: number, Enter, PIN, Enter. Orders that a crash left open are shown in a notice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace
from typing_extensions import override

from till.domain.errors import LoginError, StoreError
from till.domain.i18n import N_, _
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.text import clean
from till.domain.wall_clock import long_day
from till.ports import LightState
from till.register.other_tills.news import ReferenceChanged, ServerAnswered
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import NoticeView, StyledText
from till.tui.screens.login.screen import LoginContext, LoginFacts, LoginScreen, LoginState, login_views, notice_of
from till.tui.screens.login.today import TodaySheet
from till.tui.screens.waiting_orders.bring_back import ask
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import DIGITS, ENTER, BarKey, Key, KeyTable, calls, word
from till.tui.shell.keymap import CLOSE, HELP, KeyPress
from till.tui.shell.marked_list import MOVES, ListMark, MarkedList
from till.tui.shell.messages import put_first, refusal, says_why
from till.tui.shell.scene import TillScene

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.staff.person import Person
    from till.ports import RemoteSession, Store
    from till.register.today import Doubt
    from till.tui.screens.login.crash_notice import CrashNotice
    from till.tui.shell.calls import Call, Result
    from till.tui.shell.controller import Controller
    from till.tui.shell.messages import Heard


def typed_person(state: LoginState, staff: tuple[Person, ...]) -> Person | None:
    """Return the user whose number is typed."""
    if not state.number.text:
        return None
    return next((person for person in staff if str(person.number) == state.number.text.lstrip("0")), None)


class PersonFound(Struct, frozen=True):
    """The number belongs to a user."""


class PersonRefused(Struct, frozen=True):
    """The number belongs to nobody, or to a user who may not log in."""

    sentence: str


class PinRefused(Struct, frozen=True):
    """The PIN was wrong; `locks` is true if the number is locked now."""

    sentence: str
    locks: bool


class StaffChanged(Struct, frozen=True):
    """The list of staff changed."""


LoginOutcome = PersonFound | PersonRefused | PinRefused | StaffChanged


class LoginScene(TillScene[LoginState, LoginOutcome, LoginScreen]):
    """The scene of the login screen, with the acts that its reducer calls. On a locked screen the number is fixed.

    Args:
        controller: the till.
        notice: a notice to show.
        left: a notice of what a crash left, to show as well.
        locked: the user whose screen is locked.
    """

    def __init__(
        self,
        controller: Controller,
        *,
        notice: NoticeView | None = None,
        left: CrashNotice | None = None,
        locked: Person | None = None,
    ) -> None:
        super().__init__(controller, LoginScreen)
        self.state = LoginState(
            number=EntryLine.of(str(locked.number)) if locked else EMPTY, asks_pin=locked is not None, locked=locked
        )
        #: The open order of each user, here or on another till, as the server listed it.
        self._elsewhere: dict[int, RemoteSession] = {}
        self._notice = notice
        self._left = left

    @override
    def reduce(self, event: KeyPress | LoginOutcome) -> LoginStep:
        return reduce(self.state, event, self._facts())

    @override
    def hear(self, news: Heard) -> bool:
        if isinstance(news, ReferenceChanged):
            self.happens(StaffChanged())  # the new list may include a typed number that was unknown
        elif isinstance(news, ServerAnswered):
            self.look_again()
        return False

    def show(self) -> None:
        """Show the screen, and ask the server for open orders on other tills."""
        self.controller.go(self)
        self.look_again()

    @override
    def tick(self) -> None:
        """Skip the question of the date once the server has sent it."""
        top = self.controller.top
        if isinstance(top, TodaySheet) and self.controller.register.today.is_known:
            top.go_on()

    def forget(self) -> None:
        """Cancel the question of the date on an idle till, so that the PIN must be typed again."""
        top = self.controller.top
        if isinstance(top, TodaySheet):
            top.cancel()

    def _facts(self) -> LoginFacts:
        staff, page = tuple(self.controller.register.access.staff), self.screen.staff.page_step
        return LoginFacts(staff, self.controller.keymap, page)

    def _context(self, staff: tuple[Person, ...]) -> LoginContext:
        controller, register, light = self.controller, self.controller.register, self.controller.register.light
        until = {person.number: register.access.locked_until(person) for person in staff}
        shown = {person.number: self.open_order(person.number) for person in staff}
        return LoginContext(
            now=controller.now(),
            locked_until={number: time for number, time in until.items() if time},
            open_orders={number: orders for number, orders in shown.items() if orders is not None},
            is_alone=self.is_alone,
            is_demo=register.venue.demo,
            is_held=controller.is_held,
            attention=light.detail.again() if light.state is LightState.ATTENTION else None,
            notice=self._notice_view() or self._reminder(),
        )

    def _notice_view(self) -> NoticeView | None:
        """Return the notice shown at the start, with the payments that have no answer yet."""
        notice = self._left.view() if self._left else self._notice
        unanswered = self.controller.register.unanswered.sentence()
        if notice is None or not unanswered:
            return notice_of(unanswered) if unanswered else notice
        if self._left is None:
            return replace(notice, more=unanswered)
        return replace(notice, rest=unanswered, more=f"{notice.rest} {notice.more}".rstrip())

    def _reminder(self) -> NoticeView | None:
        """Return a notice about the server, or else a reminder to make a backup."""
        register = self.controller.register
        if register.light.notice:
            return notice_of(register.light.notice.again())
        days = register.venue.days_without_backup(register.ledger.now())
        lead = _("No backup for {days} days.").format(days=days)
        return NoticeView(lead, _("Tell a manager: `till db backup`.")) if days else None

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        screen = self.screen
        status = self.controller.status(busy=False, clock=not screen.has_clock)
        facts = self._facts()
        person = typed_person(self.state, facts.staff)
        screen.show_all(**login_views(self.state, facts, self._context(facts.staff), person, status))
        screen.keys.show(replace(KEYS.bar(self.state, facts), digits=True))

    # Acts.

    @property
    def is_alone(self) -> bool:
        """True if the other tills cannot be asked."""
        return self.controller.register.light.state is LightState.OFFLINE

    def look_again(self) -> None:
        """Ask for the open orders on other tills. Without an answer, only what this till knows is shown."""
        if (store := self.controller.answering) is not None:
            self.controller.meanwhile(self._ask_elsewhere(store))

    async def _ask_elsewhere(self, store: Store) -> None:
        try:
            self._elsewhere = {row.user: row for row in await store.open_orders()}
        except StoreError:
            self._elsewhere = {}

    def open_order(self, user: int) -> StyledText | None:
        """Return the size of a user's open order and what is due, or the till it is on; None without one."""
        register = self.controller.register
        found = register.recovery.glimpse(user, None if self.is_alone else self._elsewhere.get(user))
        if found is None:
            return None
        if found.till is not None:
            return StyledText(_("on {till}").format(till=register.venue.till_name(found.till)), Tone.MUTED)
        size = register.answers.counted(found.lines, found.total, found.paid)
        return StyledText(size if found.paid else _("{size} open").format(size=size))

    def find_person(self, number: int) -> PersonFound | PersonRefused:
        """Look up the user with a number."""
        try:
            self.controller.register.access.find(number)
        except LoginError as problem:
            return PersonRefused(problem.sentence)
        return PersonFound()

    def log_out(self) -> None:
        """Log out the user whose screen is locked."""
        self.controller.log_out()

    def close_till(self) -> None:
        """Close the till, once a manager allowed it; the demo asks nobody."""
        register, asked = self.controller.register, PermissionRequest(Permission.CLOSE_TILL)
        if register.venue.demo or register.approvals.allow_anybody(asked):
            self.controller.leave()
            return
        from till.tui.screens.sheets.approval import ManagerSheet  # noqa: PLC0415 - after the first paint

        title = _("Close the till")
        self.controller.open(
            ManagerSheet(self.controller, self.screen, title, asked, lambda _by: self.controller.leave(), enter=title)
        )

    async def log_in(self, number: int, pin: str) -> PinRefused | None:
        """Log a user in, or unlock their screen."""
        access = self.controller.register.access
        try:
            person = access.find(number)
        except LoginError as problem:
            return self._pin_refused(problem)
        asked = asyncio.ensure_future(ask(self.controller, number)) if not self.state.locked else None
        if not await asyncio.to_thread(access.verify, person, pin):
            if asked:
                asked.cancel()
            return self._pin_refused(access.refuse(person))
        if self.state.locked:
            access.recognise(person)
            self.controller.unlock(self.state.locked)
            return None
        remote = await asked if asked else None
        doubt = self.controller.register.today.question() if remote is None else None
        if doubt is None:
            await self._enter(person, remote)
        else:
            self._ask_day(person, doubt)
        return None

    def _ask_day(self, person: Person, doubt: Doubt) -> None:
        """Ask which day it is before anything is recorded on it."""

        def answered(meant: datetime | None) -> None:
            today, sentence = self.controller.register.today, ""
            if meant is None:
                today.confirm()
            else:
                sentence = _("Sales count for {day} until the server answers.")
                sentence = sentence.format(day=long_day(today.tell(meant)))
            self.controller.hold(self._enter(person, None, sentence))

        self.state = replace(self.state, pin=EMPTY)
        self.controller.open(TodaySheet(self.controller, self.screen, doubt, answered))

    async def _enter(self, person: Person, remote: list[RemoteSession] | None, sentence: str = "") -> None:
        """Log in a user whose PIN was right; `sentence` is added to the message."""
        self.controller.register.access.admit(person)
        await self.controller.arrive(person, remote)
        put_first(self.controller.top, sentence)
        if remote is None and self.controller.register.light.state is LightState.SAVED:
            # The server answers, but too late for the login: no change of the light will trigger this.
            self.controller.meanwhile(self.controller.ask_waiting())

    def _pin_refused(self, problem: LoginError) -> PinRefused:
        access = self.controller.register.access
        known = next((p for p in access.staff if str(p.number) == self.state.number.text), None)
        locks = known is not None and bool(access.locked_until(known))
        return PinRefused(problem.sentence, locks)


#: The most digits that a number or PIN field takes.
_LONGEST: Final = 32
#: The most digits a staff number may have.
_NUMBER: Final = 9
_DIGITS: Final = ("0", *DIGITS)

LoginStep = tuple[LoginState, tuple["Call[LoginScene, Result[LoginOutcome]]", ...]]


def reduce(state: LoginState, event: KeyPress | LoginOutcome, facts: LoginFacts) -> LoginStep:
    """Return the next state and the calls to make."""
    match event:
        case KeyPress():
            return KEYS.step(state, event, facts) or _typed(state, event, facts)
        case PersonFound():
            return replace(state, asks_pin=True), ()
        case PersonRefused():
            unknown = 0 if typed_person(state, facts.staff) else int(state.number.text[:_NUMBER])
            return replace(state, message=refusal(event.sentence), unknown=unknown, number=EMPTY), ()
        case PinRefused():
            state = replace(state, message=refusal(event.sentence))
            return replace(state, asks_pin=False, number=EMPTY) if event.locks and not state.locked else state, ()
        case StaffChanged():
            if state.unknown in {person.number for person in facts.staff}:
                state = replace(state, unknown=0, message=None)
            return state, ()


def _typed(state: LoginState, press: KeyPress, facts: LoginFacts) -> LoginStep:
    field = state.pin if state.asks_pin else state.number
    typed = press.char or clean(press.paste).strip()
    if not typed:
        edited = field.take(press)
    elif not (typed.isascii() and typed.isdigit()) or len(field.text) + len(typed) > _LONGEST:
        return replace(state, message=refusal(_("Numbers and PINs are digits."))), ()
    else:
        edited = field.insert(typed)
    if edited is None:
        why = says_why(facts.keymap, press, _("Log in first, then press {key}."))
        return replace(state, message=why or state.message), ()
    return replace(state, message=None, **{"pin" if state.asks_pin else "number": edited}), ()


def _show_help(state: LoginState, _press: KeyPress, facts: LoginFacts) -> LoginStep:
    return state, (call(LoginScene.show_help, KEYS.helped(facts.keymap)),)


def _chosen(state: LoginState, facts: LoginFacts) -> ListMark:
    person = typed_person(state, facts.staff)
    return ListMark(facts.staff.index(person) if person is not None else -1)


def _choose(state: LoginState, facts: LoginFacts, mark: ListMark) -> LoginState:
    """Choose a person, and clear the PIN field."""
    return replace(state, number=EntryLine.offer(str(facts.staff[mark.place].number)), pin=EMPTY)


def _click(state: LoginState, press: KeyPress, facts: LoginFacts) -> LoginStep:
    """Choose the person who was clicked, and ask for the PIN."""
    state, _calls = _STAFF.point(state, press, facts)
    return _find_person(state, press, facts)


def _find_person(state: LoginState, _press: KeyPress, _facts: LoginFacts) -> LoginStep:
    if not state.number.text:
        return replace(state, message=refusal(_("Type your number first, then Enter."))), ()
    return state, (call(LoginScene.find_person, int(state.number.text[:_NUMBER])),)


def _log_in(state: LoginState, _press: KeyPress, _facts: LoginFacts) -> LoginStep:
    if not state.pin.text:
        return replace(state, message=refusal(_("Type your PIN, then Enter."))), ()
    return replace(state, pin=EMPTY), (call(LoginScene.log_in, int(state.number.text[:_NUMBER]), state.pin.text),)


def _escaped(state: LoginState, _press: KeyPress, _facts: LoginFacts) -> LoginStep:
    state = replace(state, message=None)
    if state.pin.text:  # stay at the PIN: the next digits are most likely the PIN again, and must be masked
        return replace(state, pin=EMPTY), ()
    if state.locked:
        return state, (call(LoginScene.log_out),)
    return replace(state, asks_pin=False, number=EMPTY), ()


def _escape_word(state: LoginState, _facts: LoginFacts) -> BarKey:
    if state.pin.text:
        return BarKey(_("Clear the PIN"), _("Erase"))
    return BarKey(_("Log out"), _("Out")) if state.locked else BarKey(_("Other number"), _("Other"))


def _at_number(state: LoginState, _facts: LoginFacts) -> bool:
    return not state.asks_pin


def _is_open(state: LoginState, _facts: LoginFacts) -> bool:
    return state.locked is None


def _chooses(state: LoginState, facts: LoginFacts) -> bool:
    return state.locked is None and bool(facts.staff)


_STAFF: Final = MarkedList[LoginState, LoginFacts](
    count=lambda _state, facts: len(facts.staff), at=_chosen, put=_choose, page=lambda facts: facts.page, widget="staff"
)

KEYS: Final[KeyTable[LoginState, LoginFacts, LoginScene]] = KeyTable(
    Key(_show_help, command=HELP, bar=word(N_("Help"))),
    Key(_typed, _DIGITS, "0-9, Enter", _at_number, helped=(N_("Your number"), N_("or choose it with ↑ and ↓"))),
    Key(_typed, _DIGITS, "0-9, Enter", helped=(N_("Your PIN"), N_("five wrong ones lock it"))),
    Key(_click, ("click staff",), when=_at_number),
    *_STAFF.keys(when=_chooses, bar=word(N_("Choose")), moves=MOVES),
    Key(_find_person, ENTER, "Enter", _at_number, bar=word(N_("Next"))),
    Key(_log_in, ENTER, "Enter", bar=word(N_("Log in"))),
    Key(_escaped, ("escape",), "Esc", bar=_escape_word, helped=(N_("Another number"), "")),
    Key(
        calls(LoginScene.close_till),
        command=CLOSE,
        when=_is_open,
        bar=word(N_("Close the till"), N_("Close")),
        helped=(N_("Close the till"), N_("open orders are kept")),
    ),
)
