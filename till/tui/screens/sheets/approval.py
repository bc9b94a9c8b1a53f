"""The sheet for an approval by number and a masked secret."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypedDict, TypeVar

from msgspec.structs import replace
from typing_extensions import Unpack, override

from till.domain.errors import LoginError, RightsError, StoreError, TillError
from till.domain.i18n import N_, _
from till.domain.money.measures import Minor
from till.domain.money.tax import percent_of
from till.domain.staff.person import begins_number, number_and_secret
from till.domain.staff.rights import ApprovalNeededError, Permission
from till.domain.text import clean
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import (
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
    cell,
    fact,
    in_row,
)
from till.tui.drawing.widgets.fields import Fields
from till.tui.drawing.widgets.panes import FieldsAndFacts
from till.tui.screens.names import role_name
from till.tui.screens.sheets.paned import PanedChoiceSheet, figure_of
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from till.domain.staff.person import Person
    from till.domain.staff.rights import Approval, PermissionRequest
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress


T = TypeVar("T")
NO_FIGURE: Final = FigureView("")
#: The column of a fact beside its label, and the most facts with a blank row between them above a figure.
_FACT: Final = 13
_SPREAD: Final = 3
#: The most digits of a staff number.
_LONGEST: Final = 9


def _anybody(_number: int) -> None:
    """Accept any number, for secrets whose check decides about the number too."""


class ApprovalSheet(PanedChoiceSheet):
    """The question for a number and its secret, in fields as at login, beside the facts of what is approved.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        title: the act to approve.
        act: called with the number and the secret; an error is shown and the secret asked for again.
        check: checks the number before the secret is asked for; an error is shown and the number asked for again.
        number: the number, if it is known.
        secret: the name of the secret: a PIN at the counter, a password for the server.
        facts: the facts to decide by.
        figure: the amount that it moves, if any.
        enter: the label of Enter once the secret is asked for.
        warning: a sentence to decide by, in place of the hint.
    """

    types = True
    asks_digits = True
    panes = FieldsAndFacts
    help_rows = (
        (N_("digits, Enter"), N_("A manager's number, then the secret"), N_("or both at once")),
        ("Bksp", N_("Another number"), N_("when nothing is typed")),
        ("Esc", N_("Back"), N_("nothing changes")),
    )

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
        warning: str = "",
    ) -> None:
        super().__init__(controller, screen)
        self._title = title
        self._act = act
        self._check = check
        self._number, self._is_known = number, number is not None
        self._secret = secret
        self._about = facts
        self._figure, self._enters = figure, enter
        self._warning = warning
        self.masked = number is not None

    @override
    def make_list(self) -> Fields:
        return Fields(FieldsView(()), ground=Backdrop.SURFACE)

    @override
    def typed(self) -> None:
        """Mask text that begins no number here, as it may be a secret."""
        if self._number is None:
            self.masked = not begins_number(self._staff, self.entry.text)

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
        """Return the sentence that the user stays logged in; empty if it is the user who is asked."""
        person = self.controller.register.access.person
        if person is None or self._is_known:
            return ""
        return _("{name} stays logged in.").format(name=clean(person.name))

    @override
    def sided(self) -> RowsView:
        """Return the facts, with blank rows between them if there is room."""
        rows: list[RowView] = []
        wide = self.is_wide and len(self._about) <= (_SPREAD if self._figure.figure else 2 * _SPREAD)
        at = max([_FACT, *(len(one.label) + 2 for one in self._about)])
        for one in self._about:
            value = one.message if rows else replace(one.message, bold=True)
            rows.append(in_row(cell(0, one.label, Tone.MUTED), cell(at, value)))
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
        """Return an entry line without text, which is shown in its field."""
        return EntryView(answer=self.message, hint=self.hint(), shut=True)

    @override
    def keys(self) -> tuple[KeyView, ...]:
        is_typed = self._number is not None and not self._is_known
        other = (KeyView("Bksp", _("Other number")),) if is_typed else ()
        return (self.help_key(), *other, KeyView("Esc", _("Back, without it"), _("Back")))

    def _press(self, press: KeyPress) -> None:
        if press.key == "backspace" and not self.entry.text and self._number is not None and not self._is_known:
            self._number, self.masked, self.message = None, False, None
        else:
            super()._press(press)

    def _who(self) -> str:
        """Return the number if a user here has it. Any other may be a secret, and is not repeated."""
        known = {person.number for person in self._staff}
        return str(self._number) if self._number in known else ""

    @override
    def hint(self) -> str:
        if self._warning:
            return self._warning
        if self._number is None:
            return _("A manager's number, then Enter. Nothing changes until then.")
        return _("Nothing changes until the {secret} is right.").format(secret=self._secret)

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Next") if self._number is None else self._enters or _("Approve"), _("Approve"))

    @override
    def enter(self, typed: str) -> None:
        """Take the number, then the secret; or both at once."""
        if not typed:
            return
        if self._number is None:
            number, typed = number_and_secret(self._staff, typed)
            if not (number.isascii() and number.isdigit()):
                raise LoginError(_("A staff number is digits only."))
            if len(number) > _LONGEST:
                raise LoginError(_("Nobody here has that number."))
            self._check(int(number))
            self._number, self.masked = int(number), True
        if typed:
            self.controller.hold(self._approve(self._number, typed))

    @override
    def refused(self, _typed: str) -> EntryLine:
        """Clear what was typed, as it may be a secret."""
        self.masked = self._number is not None
        return EMPTY

    async def _approve(self, number: int, secret: str) -> None:
        try:
            await self._act(number, secret)
        except TillError as problem:
            self.message = refusal(problem.sentence)
            self.entry = EMPTY
            return
        self.controller.close(self)


class About(TypedDict, total=False):
    """Details of an act, for the manager who approves it.

    Attributes:
        facts: the facts to decide by.
        figure: the amount that it moves, if it differs from the amount asked about.
        enter: the label of Enter once the PIN is asked for.
        warning: a sentence to decide by, in place of the hint.
        ended: the session of an ended order that the act is about: what other tills did with it is fetched first.
    """

    facts: tuple[FactView, ...]
    figure: FigureView
    enter: str
    warning: str
    ended: str


class ManagerSheet(ApprovalSheet):
    """The approval of one act by a manager's number and PIN. The user stays logged in.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        title: the act to approve.
        asked: the act, for the log.
        act: called with the approval, which it passes to the command; an error is shown.
        about: the details of the act.
    """

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        title: str,
        asked: PermissionRequest,
        act: Callable[[Approval], object],
        **about: Unpack[About],
    ) -> None:
        person, act_fact = controller.register.access.person, fact(_("Act"), title)
        by = (fact(_("Asked by"), _may(controller, person, asked)),) if person is not None else ()
        super().__init__(
            controller,
            screen,
            _("A manager's PIN, for this one act"),
            self._look,
            check=self._manager,
            secret=_("PIN"),
            facts=(act_fact, *about.get("facts", ()), *by),
            figure=about.get("figure") or _moved(controller, asked),
            enter=about.get("enter", ""),
            warning=about.get("warning", ""),
        )
        self._asked = asked
        self._done = act
        self._ended = about.get("ended", "")

    def _manager(self, number: int) -> Person:
        """Return the manager with a number.

        Raises:
            LoginError: nobody has the number, or the user's approvals are locked.
        """
        person = self.controller.register.access.find_approver(number)
        if not person.manages:
            raise RightsError
        return person

    async def _hear(self) -> None:
        store = self.controller.answering
        if self._ended and store is not None:
            with suppress(StoreError):  # while it is away, this till decides; a conflict shows what was given twice
                async with self.controller.asking():
                    await store.fetch(self._ended)

    async def _look(self, number: int, pin: str) -> None:
        access = self.controller.register.access
        person = self._manager(number)
        if not await asyncio.to_thread(access.verify, person, pin):
            raise access.refuse_approval(person)
        access.approved()
        await self._hear()
        if self not in self.controller.sheets:
            return  # the screen under it was left meanwhile
        try:
            self._done(self.controller.register.approvals.give(person, self._asked))
        except ApprovalNeededError as problem:
            if problem.asked == self._asked:
                raise
            self._asked, self._figure = problem.asked, _moved(self.controller, problem.asked)
            raise RightsError(_("It has changed. Check it, then type the PIN again.")) from problem


def with_right(
    controller: Controller,
    screen: TillScreen,
    title: str,
    act: Callable[[Approval | None], T],
    *,
    first: Callable[[], object] | None = None,
    **about: Unpack[About],
) -> T | None:
    """Run an act that may need a right: at once, or after a manager's approval on a sheet if its command asks for one.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        title: the act that a manager is asked to approve.
        act: called with None, and with the approval if it needs one, which it passes to the command.
        first: the command of an act that waits for a server. It is tried before the act, to ask for its right first.
        about: the details of the act.

    Returns:
        The result of the act; None if the sheet asks first.
    """
    try:
        asked = controller.register.approvals.lacking(first) if first is not None else None
        if asked is None:
            return act(None)
    except ApprovalNeededError as problem:
        asked = problem.asked
    controller.open(ManagerSheet(controller, screen, title, asked, act, **about))
    return None


def _may(controller: Controller, person: Person, asked: PermissionRequest) -> str:
    """Return the name of the user who asks, and the largest discount that they may give."""
    name, rights = clean(person.name), controller.register.venue.rights
    if person.manages or asked.act is not Permission.DISCOUNT or not rights.cashier.share:
        return name
    return _("{name}, who may give {percent} %").format(name=name, percent=percent_of(rights.cashier.share))


def _moved(controller: Controller, asked: PermissionRequest) -> FigureView:
    """Return the amount that an act moves."""
    if not asked.amount:
        return NO_FIGURE
    words = {Permission.REFUND: _("Back"), Permission.GIVE_BACK: _("Back")}
    word = words.get(asked.act, _("Amount"))
    return figure_of(word, Minor(abs(asked.amount)), controller.register.formats)
