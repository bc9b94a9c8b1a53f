"""The running login screen: a number, Enter, a PIN, Enter. It also tells what a crash left, without a dialog."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from till.domain.errors import LoginError
from till.domain.i18n import _
from till.ports import LightState
from till.tui.screens.login.effects import (
    CheckPin,
    CloseTill,
    FindPerson,
    LogOutLocked,
    OpenLoginHelp,
    PersonFound,
    PersonRefused,
    PinRefused,
    StaffChanged,
)
from till.tui.screens.login.open_elsewhere import OpenElsewhere
from till.tui.screens.login.presenter import login_views, long_day, notice_of
from till.tui.screens.login.reduce import reduce
from till.tui.screens.login.screen import LoginScreen
from till.tui.screens.login.state import LoginContext, LoginFacts, LoginState
from till.tui.screens.login.today import TodaySheet
from till.tui.screens.waiting_orders.bring_back import ask
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import CLOSE, KeyPress
from till.tui.shell.messages import Answer, refusal

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.staff.person import Person
    from till.ports import RemoteSession
    from till.register.today import Doubt
    from till.tui.drawing.viewmodels import NoticeView
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.login.crash_notice import CrashNotice
    from till.tui.screens.login.effects import LoginEffect, LoginHappening
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import Keymap


def help_rows(keymap: Keymap) -> tuple[Helped, ...]:
    """Return the keys of the login screen."""
    return (
        (_("digits, Enter"), _("Your number"), _("or choose it with ↑ and ↓")),
        (_("digits, Enter"), _("Your PIN"), _("five wrong ones lock it")),
        ("Esc", _("Another number"), ""),
        (keymap.labels(CLOSE), _("Close the till"), _("open orders are kept")),
    )


class LoginScene:
    """The scene of the login screen. A locked screen is the same with the number fixed.

    Args:
        controller: the till.
        notice: a notice to show.
        left: a notice of what a crash left, to show as well.
        locked: the user whose screen is locked.
    """

    message = Answer()
    takes_money = False
    says_trouble = False
    logs_out = False

    def __init__(
        self,
        controller: Controller,
        *,
        notice: NoticeView | None = None,
        left: CrashNotice | None = None,
        locked: Person | None = None,
    ) -> None:
        self.controller = controller
        self.state = LoginState(
            number=EntryLine.of(str(locked.number)) if locked else EMPTY, asks_pin=locked is not None, locked=locked
        )
        self.open_elsewhere = OpenElsewhere(controller)
        self._notice = notice
        self._left = left

    @property
    def screen(self) -> LoginScreen:
        return self.controller.screens.of(LoginScreen)

    def press(self, press: KeyPress) -> None:
        """Type a number or a PIN, choose, log in."""
        self._happens(press)

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Choose the user that was clicked, and ask for the PIN."""
        if widget is self.screen.staff and not self.state.asks_pin:
            self.state = replace(self.state, number=EntryLine.of(self.screen.staff.view.rows[place].key))
            self.press(KeyPress("enter"))

    def read_anew(self) -> None:
        """Read the new list of staff. A number that was unknown, as on a new machine, may be known now."""
        self._happens(StaffChanged())

    def tick(self) -> None:
        """Refresh the orders open on other tills, and skip the question of the date once the server tells it."""
        self.open_elsewhere.look(time.monotonic())
        top = self.controller.top
        if isinstance(top, TodaySheet) and self.controller.register.today.is_known:
            top.go_on()

    def forget(self) -> None:
        """Cancel the question of the date on an idle till, so that the PIN must be typed again."""
        top = self.controller.top
        if isinstance(top, TodaySheet):
            top.cancel()

    def _happens(self, event: KeyPress | LoginHappening) -> None:
        self.state, effects = reduce(self.state, event, self._facts())
        for effect in effects:
            self._carry_out(effect)

    def _carry_out(self, effect: LoginEffect) -> None:
        controller = self.controller
        match effect:
            case FindPerson(number=number):
                try:
                    controller.register.access.find(number)
                except LoginError as problem:
                    self._happens(PersonRefused(problem.sentence))
                else:
                    self._happens(PersonFound())
            case CheckPin(number=number, pin=pin):
                controller.hold(self._log_in(number, pin))
            case LogOutLocked():
                controller.log_out()
            case CloseTill():
                controller.leave()
            case OpenLoginHelp():
                controller.help(self.screen, help_rows(controller.keymap))

    # Background work.

    async def _log_in(self, number: int, pin: str) -> None:
        access = self.controller.register.access
        try:
            person = access.find(number)
        except LoginError as problem:
            self._refuse(problem)
            return
        asked = asyncio.ensure_future(ask(self.controller, number)) if not self.state.locked else None
        if not await asyncio.to_thread(access.verify, person, pin):
            if asked:
                asked.cancel()
            self._refuse(access.refuse(person))
            return
        if self.state.locked:
            access.recognise(person)
            self.controller.unlock(self.state.locked)
            return
        remote = await asked if asked else None
        doubt = self.controller.register.today.question() if remote is None else None
        if doubt is None:
            await self._enter(person, remote)
        else:
            self._ask_day(person, doubt)

    def _ask_day(self, person: Person, doubt: Doubt) -> None:
        """Ask which day it is before anything is recorded on it."""

        def answered(meant: datetime | None) -> None:
            today, told = self.controller.register.today, ""
            if meant is None:
                today.confirm()
            else:
                sentence = _("Sales count for {day} until the server answers.")
                told = sentence.format(day=long_day(today.tell(meant)))
            self.controller.hold(self._enter(person, None, told))

        self.state = replace(self.state, pin=EMPTY)
        self.controller.open(TodaySheet(self.controller, self.screen, doubt, answered))

    async def _enter(self, person: Person, remote: list[RemoteSession] | None, told: str = "") -> None:
        """Log in a user whose PIN was right; `told` is added to the message."""
        self.controller.register.access.admit(person)
        await self.controller.arrive(person, remote)
        top = self.controller.top
        if top is not None and told:
            top.message = refusal(f"{told} {top.message.text}" if top.message else told)
        if remote is None and self.controller.register.light.state is LightState.SAVED:
            # The server answers, but too late for the login: no change of the light will trigger this.
            self.controller.meanwhile(self.controller.ask_waiting())

    def _refuse(self, problem: LoginError) -> None:
        access = self.controller.register.access
        known = next((p for p in access.staff if str(p.number) == self.state.number.text), None)
        locks = known is not None and bool(access.locked_until(known))
        self._happens(PinRefused(problem.sentence, locks))

    # Facts and painting.

    def _facts(self) -> LoginFacts:
        return LoginFacts(tuple(self.controller.register.access.staff), self.controller.keymap)

    def _context(self, staff: tuple[Person, ...]) -> LoginContext:
        controller, register = self.controller, self.controller.register
        until = {person.number: register.access.locked_until(person) for person in staff}
        shown = {person.number: self.open_elsewhere.shown(person.number) for person in staff}
        told = self._left.view() if self._left else self._notice
        return LoginContext(
            now=controller.now(),
            locked_until={number: time for number, time in until.items() if time},
            open_orders={number: told for number, told in shown.items() if told is not None},
            is_alone=self.open_elsewhere.is_out_of_sight,
            is_demo=register.venue.demo,
            is_held=controller.is_held,
            attention=controller.attention(),
            notice=told or self._reminder(),
        )

    def _reminder(self) -> NoticeView | None:
        """Return a notice or a reminder about the till, for when there is nothing newer to show."""
        register = self.controller.register
        if register.light.notice:
            return notice_of(register.light.notice)
        days = register.venue.days_without_backup(register.ledger.now())
        told = _("No backup for {days} days. Run `till db backup`, or tell whoever runs the server.")
        return notice_of(told.format(days=days)) if days else None

    def paint(self) -> None:
        """Update the widgets from the state."""
        screen = self.screen
        status = self.controller.status(busy=False, clock=not screen.has_clock)
        facts = self._facts()
        screen.show(login_views(self.state, facts, self._context(facts.staff), status))
