"""The sheet of a till that takes no money: where to pay, and what can be done here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import N_, _
from till.domain.order.naming import tab_name
from till.tui.drawing.viewmodels import ChoiceView, KeyView
from till.tui.screens.sheets.choice_sheet import ChoiceSheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.screens.sell.host import SellHost
    from till.tui.shell.controller import Controller, Helped


class PayElsewhereSheet(ChoiceSheet):
    """The choice to save the order, so that it can be paid at another till, or to print its bill.

    Args:
        controller: the till.
        scene: the sell screen.
        acts: saves the order, and prints its bill.
    """

    hint_text = N_("Save it and pay at the counter.")

    def __init__(
        self,
        controller: Controller,
        scene: SellHost,
        acts: tuple[Callable[[SellHost], None], Callable[[SellHost], None]],
    ) -> None:
        sentence = _("Till {n} takes no money")
        super().__init__(controller, scene.screen, sentence.format(n=controller.register.till))
        self._scene, self._acts = scene, acts

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return ChoiceView("1", self._saving()), ChoiceView("2", _("Print the bill"))

    def _saving(self) -> str:
        """Return the words of the first choice: an order that came from a table is saved there."""
        order = self._scene.order
        if order is not None and order.tab is not None:
            return _("Save to {name}").format(name=tab_name(order.tab.name))
        return _("Save it: choose a {tab} (F8)").format(tab=self.controller.register.venue.tabs.word)

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Save") if self.marked() == 0 else _("Print"))

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            ("1, Enter", self._saving(), _("any till can recall it, and take the money")),
            ("2, Enter", _("Print the bill"), _("it is no receipt")),
            ("Esc", _("Back"), _("the order stays as it is")),
        )

    @override
    def choose(self, place: int) -> None:
        """Close the sheet, and save or print."""
        self.controller.close()
        self._acts[place](self._scene)
