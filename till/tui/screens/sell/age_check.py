"""The sheet that checks the guest's age for items with a minimum age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import N_, _
from till.domain.wall_clock import years_before
from till.register.counter import session_to_key_on
from till.tui.drawing.viewmodels import ChoiceView, FactsView, KeyView, StyledText, fact
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.messages import plain

if TYPE_CHECKING:
    from till.tui.screens.sell.host import SellCall, SellHost
    from till.tui.shell.controller import Controller


class AgeSheet(ChoiceSheet):
    """The question for the guest's age, asked once for an order; without a yes, the items are not added.

    Args:
        controller: the till.
        scene: the sell screen.
        adds: the call that adds the items, made after a yes.
        years: the minimum age.
    """

    help_rows = (
        ("1, Enter", N_("Old enough"), N_("it is keyed, and not asked again")),
        ("2, Enter", N_("Too young"), N_("it stays off the order")),
        ("Esc", N_("Back"), N_("nothing is keyed")),
    )

    def __init__(self, controller: Controller, scene: SellHost, adds: SellCall, years: int) -> None:
        super().__init__(controller, scene.screen, _("Is the guest {years} or older?").format(years=years))
        self._scene, self._adds, self._years = scene, adds, years
        self._latest = controller.register.formats.day(years_before(controller.now().date(), years))

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        born = StyledText(_("born on or before {day}").format(day=self._latest))
        return (ChoiceView("1", _("Yes"), born), ChoiceView("2", _("No, it is not sold")))

    @override
    def beside(self) -> FactsView:
        return FactsView((fact(_("Born by"), self._latest, bold=True),))

    @override
    def hint(self) -> str:
        day = self._latest
        return _("Born on or before {day}? 1 or 2, then Enter.").format(day=day)

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Yes, sell it") if self.marked() == 0 else _("Do not sell it"))

    @override
    def choose(self, place: int) -> None:
        """Record the answer, and add the items after a yes."""
        scene, register = self._scene, self.controller.register
        session = session_to_key_on(scene.order)
        order = register.sales.age_checked(session, scene.user, self._years, passed=place == 0)
        self.controller.close()
        scene.show_order(order)
        if place == 0:
            scene.again(self._adds)
        else:
            sentence = _("Not sold: the guest is not {years}.")
            scene.message = plain(sentence.format(years=self._years))
