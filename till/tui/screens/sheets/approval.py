"""Somebody who may says yes, by number and a secret that nobody sees."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import LoginError, RightsError, TillError
from till.domain.i18n import _
from till.domain.staff.person import longest_number
from till.tui.drawing.viewmodels import FactsView, FactView, KeyView, StyledText
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from till.domain.staff.person import Person
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller, Helped


#: No number that somebody has is longer.
_LONGEST: Final = 9


def _anybody(number: int) -> None:
    """Whether the number may is said by whoever looks at the secret."""
    del number


class ApprovalSheet(ChoiceSheet):
    """Asks for a number and its secret, and hands both on.

    Args:
        controller: the till.
        screen: the screen it stands over.
        title: what is approved.
        act: done with the number and the secret; what it raises is said, and the secret asked for again.
        check: looks at the number before the secret is asked for; what it raises is said, and the number asked again.
        number: who is asked, when it is known.
        secret: what the secret is called: a PIN at the counter, a password for the server.
        facts: what one should know of it.
    """

    types = True

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        title: str,
        act: Callable[[int, str], Awaitable[None]],
        *,
        check: Callable[[int], object] = _anybody,
        number: int | None = None,
        secret: str,
        facts: tuple[FactView, ...] = (),
    ) -> None:
        super().__init__(controller, screen, title)
        self._act = act
        self._check = check
        self._number = number
        self._secret = secret
        self._about = facts
        self.masked = number is not None

    @override
    def typed(self) -> None:
        """What is longer than any number is a secret that missed its place."""
        if self._number is None:
            self.masked = len(self.entry.text) > longest_number(self.controller.register.access.staff)

    @override
    def facts(self) -> FactsView:
        return FactsView((*self._about, FactView(_("Number"), StyledText(self._who()))))

    def _who(self) -> str:
        """The number that is asked, if somebody here has it: another may be a secret, and is not repeated."""
        known = {person.number for person in self.controller.register.access.staff}
        return str(self._number) if self._number in known else ""

    @override
    def hint(self) -> str:
        if self._number is None:
            return _("A manager's number, then Enter.")
        if not (who := self._who()):
            return _("The {secret} of that number, then Enter.").format(secret=self._secret)
        return _("The {secret} of number {number}, then Enter.").format(secret=self._secret, number=who)

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            (_("digits, Enter"), _("A manager's number, then the secret"), ""),
            ("Esc", _("Back"), _("nothing changes")),
        )

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Next") if self._number is None else _("Approve"))

    @override
    def enter(self, typed: str) -> None:
        """Take the number, then the secret."""
        if not typed:
            return
        if self._number is None:
            if not (typed.isascii() and typed.isdigit()):
                raise LoginError(_("A staff number is digits alone."))
            if len(typed) > _LONGEST:
                raise LoginError(_("Nobody here has that number."))
            self._check(int(typed))
            self._number, self.masked = int(typed), True
            return
        self.controller.hold(self._approve(self._number, typed))

    @override
    def refused(self, typed: str) -> EntryLine:
        """Nothing that was typed here stands there again: it may be a secret."""
        del typed
        self.masked = self._number is not None
        return EMPTY

    async def _approve(self, number: int, secret: str) -> None:
        try:
            await self._act(number, secret)
        except TillError as problem:
            self.message = refusal(problem.sentence)
            self.entry = EMPTY
            return
        if self in self.controller.sheets:
            self.controller.close()


class ManagerSheet(ApprovalSheet):
    """A manager says yes to one act at the counter, by number and PIN: whoever is logged in stays so.

    Args:
        controller: the till.
        screen: the screen it stands over.
        title: what is approved.
        act: done with the manager; what it raises is said.
        facts: what one should know of it.
    """

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        title: str,
        act: Callable[[Person], None],
        *,
        facts: tuple[FactView, ...] = (),
    ) -> None:
        super().__init__(controller, screen, title, self._look, check=self._manager, secret=_("PIN"), facts=facts)
        self._done = act

    def _manager(self, number: int) -> Person:
        """The manager of a number.

        Raises:
            LoginError: nobody has the number, or it is locked.
            RightsError: it is no manager's.
        """
        person = self.controller.register.access.find(number)
        if not person.manages:
            raise RightsError
        return person

    async def _look(self, number: int, pin: str) -> None:
        access = self.controller.register.access
        person = self._manager(number)
        if not await asyncio.to_thread(access.verify, person, pin):
            raise access.refuse(person)
        access.recognise(person)
        self._done(person)
