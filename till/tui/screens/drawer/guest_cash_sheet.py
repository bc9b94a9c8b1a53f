"""The sheet of cash for a house account or a voucher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.money.measures import Minor
from till.register.guest_cash import GuestCash, away
from till.tui.drawing.palette import Mark
from till.tui.drawing.viewmodels import FactsView, KeyView, StyledText, fact
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from till.ports import Store
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller


class GuestCashSheet(ChoiceSheet):
    """The balance of a house account or the price of a voucher, as the server names it; Enter takes the cash.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        title: the title.
        find: asks the server, given the typed code or amount.
        act: takes the cash.
    """

    types = True
    help_rows = (
        ("Enter", N_("Take the cash"), N_("it is in this drawer")),
        ("Esc", N_("Back"), N_("nothing is taken")),
    )

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        title: str,
        find: Callable[[Store, str], Coroutine[None, None, GuestCash]],
        act: Callable[[GuestCash], None],
    ) -> None:
        super().__init__(controller, screen, title)
        self._find = find
        self._act = act
        self._cash: GuestCash | None = None

    def look(self, typed: str, *, at_once: bool) -> None:
        """Open the sheet, and ask the server at once or when a code is typed."""
        self.controller.open(self)
        if at_once:
            self._begin(typed)

    def _begin(self, typed: str) -> None:
        """Ask the server, and say so until it answers."""
        self._cash, store = None, self.controller.answering
        if store is None:
            raise away()
        self.message = StyledText(_("Asking the server. One moment."), mark=Mark.SAVING)
        self.controller.hold(self._ask(store, typed))

    async def _ask(self, store: Store, typed: str) -> None:
        try:
            self._cash = await self._find(store, typed)
        except TillError as problem:
            self.message, self.entry = refusal(problem.sentence), EntryLine.offer(typed)
        else:
            self.message, self.entry = None, EMPTY
        self.resize()

    def _money(self, amount: Minor) -> str:
        return self.controller.register.formats.money(Minor(abs(amount)))

    @override
    def enter(self, typed: str) -> None:
        """Ask the server about a code or another amount; without one take the cash."""
        if typed:
            self._begin(typed)
        elif self._cash is not None:
            self.controller.close()
            self._act(self._cash)

    @override
    def room(self) -> int:
        """Return 0: there is nothing to choose, and the facts take the room."""
        return 0

    @override
    def facts(self) -> FactsView:
        cash = self._cash
        if cash is None:
            return FactsView()
        owed = _("Price")
        if cash.kind == "account":
            owed = _("Owes") if cash.owed > 0 else _("Credit")
        amount = _("To take") if cash.amount > 0 else _("To give back")
        return FactsView(
            (
                fact(_("Guest") if cash.kind == "account" else _("Voucher"), cash.name),
                fact(owed, self._money(cash.owed)),
                fact(amount, self._money(cash.amount)),
            )
        )

    @override
    def primary(self) -> KeyView:
        cash = self._cash
        if cash is None or self.entry.text:
            return KeyView("Enter", _("Look"))
        words = _("Take {amount}") if cash.amount > 0 else _("Give back {amount}")
        return KeyView("Enter", words.format(amount=self._money(cash.amount)))

    @override
    def hint(self) -> str:
        if self._cash is None:
            return _("Type or scan the voucher's code, then Enter.")
        if self._cash.kind == "account":
            return _("Enter moves the cash. Or type another amount.")
        return _("Enter takes the cash: then it can be spent.")
