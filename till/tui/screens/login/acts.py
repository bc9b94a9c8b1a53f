"""The acts of the login screen: checking a PIN, logging in, closing the till, reading the open orders of all tills."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from till.domain.errors import LoginError, StoreError
from till.domain.i18n import _
from till.domain.staff.rights import Permission, PermissionRequest
from till.ports import LightState
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import StyledText
from till.tui.screens.login.screen import LoginScreen
from till.tui.screens.login.state import LoginOutcome, LoginState, PersonFound, PersonRefused, PinRefused
from till.tui.screens.login.today import TodaySheet, long_day
from till.tui.screens.waiting_orders.bring_back import ask
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import refusal
from till.tui.shell.scene import TillScene

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.staff.person import Person
    from till.ports import RemoteSession, Store
    from till.register.today import Doubt
    from till.tui.drawing.viewmodels import NoticeView
    from till.tui.screens.login.crash_notice import CrashNotice
    from till.tui.shell.controller import Controller


class LoginActs(TillScene[LoginState, LoginOutcome, LoginScreen]):
    """The acts of the scene, which its reducer calls.

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
        top = self.controller.top
        if top is not None and sentence:
            top.message = refusal(f"{sentence} {top.message.text}" if top.message else sentence)
        if remote is None and self.controller.register.light.state is LightState.SAVED:
            # The server answers, but too late for the login: no change of the light will trigger this.
            self.controller.meanwhile(self.controller.ask_waiting())

    def _pin_refused(self, problem: LoginError) -> PinRefused:
        access = self.controller.register.access
        known = next((p for p in access.staff if str(p.number) == self.state.number.text), None)
        locks = known is not None and bool(access.locked_until(known))
        return PinRefused(problem.sentence, locks)
