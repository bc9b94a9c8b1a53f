"""Somebody who may says yes, by number and a secret that nobody sees."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from typing_extensions import override

from till.domain.errors import LoginError, RightsError, TillError
from till.domain.i18n import _
from till.domain.money.measures import Minor, Price4
from till.domain.staff.person import longest_number
from till.domain.staff.rights import Act
from till.domain.text import clean
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import (
    CellView,
    EntryView,
    FactView,
    FieldsView,
    FieldView,
    FigureView,
    KeyView,
    RowsView,
    RowView,
    StyledText,
    TitleView,
)
from till.tui.drawing.widgets.fields import Fields
from till.tui.drawing.widgets.panes import FieldsAndFacts
from till.tui.drawing.widgets.report import Rows
from till.tui.screens.names import role_name
from till.tui.screens.sheets.paned import PanedChoiceSheet, figure_of
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from till.domain.staff.person import Person
    from till.domain.staff.rights import Approval, Asked
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress


NO_FIGURE: Final = FigureView("")
#: Where what is so stands beside its label, and how many facts are spread above a figure.
_FACT: Final = 13
_SPREAD: Final = 3
#: No number that somebody has is longer.
_LONGEST: Final = 9


def _anybody(number: int) -> None:
    """Whether the number may is said by whoever looks at the secret."""
    del number


class ApprovalSheet(PanedChoiceSheet):
    """Asks for a number and its secret, and hands both on: fields as at login, and beside them what is approved.

    Args:
        controller: the till.
        screen: the screen it stands over.
        title: what is approved.
        act: done with the number and the secret; what it raises is said, and the secret asked for again.
        check: looks at the number before the secret is asked for; what it raises is said, and the number asked again.
        number: who is asked, when it is known.
        secret: what the secret is called: a PIN at the counter, a password for the server.
        facts: what one should know of it.
        figure: the money that it moves; none where it moves none.
        enter: what Enter says, once the secret is asked for.
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
        figure: FigureView = NO_FIGURE,
        enter: str = "",
    ) -> None:
        super().__init__(controller, screen)
        self._title = title
        self._act = act
        self._check = check
        self._number, self._is_known = number, number is not None
        self._secret = secret
        self._about = facts
        self._figure, self._enters = figure, enter
        self.masked = number is not None

    @override
    def make_list(self) -> Fields:
        return Fields(FieldsView(()), ground=Backdrop.SURFACE)

    @override
    def make_side(self) -> Rows:
        return Rows(RowsView(), ground=Backdrop.SURFACE)

    @override
    def make_panes(self) -> FieldsAndFacts:
        return FieldsAndFacts(self._list, self._side)

    @override
    def typed(self) -> None:
        """What is longer than any number is a secret that missed its place."""
        if self._number is None:
            self.masked = len(self.entry.text) > longest_number(self.controller.register.access.staff)

    @override
    def title(self) -> TitleView:
        return TitleView(self._title, sum="" if self.is_wide else self._figure.figure)

    @override
    def listed(self) -> FieldsView:
        number = FieldView(_("Number"), self._who())
        person = next((one for one in self._staff if one.number == self._number), None)
        if self._number is None:
            number = FieldView(_("Number"), self.entry.text, cursor=self.entry.cursor, masked=self.masked, active=True)
        elif person is not None:
            name, role = clean(person.name), role_name(person.role)
            number = FieldView(_("Number"), str(person.number), name, "" if name.startswith(role) else role)
        asks = self._number is not None
        text, cursor = (self.entry.text, self.entry.cursor) if asks else ("", 0)
        word = self._secret if self._secret[:2].isupper() else self._secret.capitalize()
        secret = FieldView(word, text, cursor=cursor, masked=True, active=asks)
        return FieldsView((number, secret), StyledText(self._stays(), Tone.MUTED))

    def _stays(self) -> str:
        """Who is logged in all the same; nothing where that is who is asked."""
        person = self.controller.register.access.person
        if person is None or self._is_known:
            return ""
        return _("{name} stays logged in.").format(name=clean(person.name))

    @override
    def sided(self) -> RowsView:
        """What is so, spread where there is room for it."""
        rows: list[RowView] = []
        wide = self.is_wide and len(self._about) <= (_SPREAD if self._figure.figure else 2 * _SPREAD)
        at = max([_FACT, *(len(fact.label) + 2 for fact in self._about)])
        for fact in self._about:
            said = fact.message if rows else replace(fact.message, bold=True)
            rows.append(RowView((CellView(0, StyledText(fact.label, Tone.MUTED)), CellView(at, said))))
            if wide:
                rows.append(RowView())
        return RowsView(tuple(rows))

    @override
    def figure(self) -> FigureView:
        return self._figure

    @property
    def _staff(self) -> tuple[Person, ...]:
        return self.controller.register.access.staff

    @override
    def entry_view(self) -> EntryView:
        """What is typed stands in its field."""
        return EntryView(answer=self.message, hint=self.hint(), shut=True)

    @override
    def keys(self) -> tuple[KeyView, ...]:
        keys = [KeyView(self.controller.keymap.label(HELP), _("Help"), spare=True)]
        if self._number is not None and not self._is_known:
            keys.append(KeyView("Bksp", _("Other number")))
        return (*keys, KeyView("Esc", _("Back, without it"), _("Back")))

    def _press(self, press: KeyPress) -> None:
        if press.key == "backspace" and not self.entry.text and self._number is not None and not self._is_known:
            self._number, self.masked, self.message = None, False, None
        else:
            super()._press(press)

    def _who(self) -> str:
        """The number that is asked, if somebody here has it: another may be a secret, and is not repeated."""
        known = {person.number for person in self._staff}
        return str(self._number) if self._number in known else ""

    @override
    def hint(self) -> str:
        if self._number is None:
            return _("A manager's number, then Enter. Nothing changes until a manager says so.")
        return _("Nothing changes until the {secret} is right.").format(secret=self._secret)

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            (_("digits, Enter"), _("A manager's number, then the secret"), ""),
            ("Bksp", _("Another number"), _("when nothing is typed")),
            ("Esc", _("Back"), _("nothing changes")),
        )

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Next") if self._number is None else self._enters or _("Approve"), _("Approve"))

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
        asked: the same for the log.
        act: done with the approval, which the command that it calls takes; what it raises is said.
        facts: what one should know of it.
        figure: the money that it moves, where that is not just what is asked for.
        enter: what Enter says then.
    """

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        title: str,
        asked: Asked,
        act: Callable[[Approval], None],
        *,
        facts: tuple[FactView, ...] = (),
        figure: FigureView | None = None,
        enter: str = "",
    ) -> None:
        person, act_said = controller.register.access.person, FactView(_("Act"), StyledText(title))
        by = (FactView(_("Asked by"), StyledText(_may(controller, person, asked))),) if person is not None else ()
        super().__init__(
            controller,
            screen,
            _("A manager's PIN, for this one act"),
            self._look,
            check=self._manager,
            secret=_("PIN"),
            facts=(act_said, *facts, *by),
            figure=figure or _moved(controller, asked),
            enter=enter,
        )
        self._asked = asked
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
        self._done(self.controller.register.approvals.give(person, self._asked))


def with_right(
    controller: Controller,
    screen: TillScreen,
    title: str,
    asked: Asked,
    act: Callable[[Approval | None], None],
    *,
    facts: tuple[FactView, ...] = (),
    figure: FigureView | None = None,
    enter: str = "",
) -> None:
    """Do what needs a right: at once for who has it, else once a manager said yes in place.

    Args:
        controller: the till.
        screen: the screen that the question stands over.
        title: what a manager is asked to allow.
        asked: the same for the log.
        act: does it. The command that it calls takes the approval, None where nobody needed to be asked.
        facts: what a manager should know of it.
        figure: the money that it moves, where that is not just what is asked for.
        enter: what Enter says, once the PIN is asked for.
    """
    if controller.register.approvals.allow(asked):
        act(None)
        return
    controller.open(ManagerSheet(controller, screen, title, asked, act, facts=facts, figure=figure, enter=enter))


def _may(controller: Controller, person: Person, asked: Asked) -> str:
    """Who asks, and how far the person may go."""
    name, rights = clean(person.name), controller.register.venue.rights
    if person.manages or asked.act is not Act.DISCOUNT or not rights.cashier.share:
        return name
    percent = controller.register.venue.terms.currency.price_text(Price4(rights.cashier.share))
    told = percent.rstrip("0").rstrip(".") if "." in percent else percent
    return _("{name}, who may give {percent} %").format(name=name, percent=told)


def _moved(controller: Controller, asked: Asked) -> FigureView:
    """The money that an act moves."""
    if not asked.amount:
        return NO_FIGURE
    words = {Act.REFUND: _("Back"), Act.GIVE_BACK: _("Back")}
    word = words.get(asked.act, _("Amount"))
    return figure_of(word, Minor(abs(asked.amount)), controller.register.formats)
