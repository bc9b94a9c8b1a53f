"""The sheet that says of an order for a later day that taxes of its lines ended, and gives them those of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import _, ngettext
from till.domain.money.tax import tax_words
from till.domain.text import clean
from till.tui.drawing.viewmodels import FactsView, FactView, StyledText
from till.tui.screens.sheets.answers import Lettered, LetterSheet
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.domain.money.tax import Tax
    from till.domain.order.line import Line
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller

#: The most lines that the sheet names.
_MOST: Final = 4


class EndedRatesSheet(LetterSheet):
    """The choice to rate lines of an earlier day by the taxes of today, or to leave them as they were keyed."""

    def __init__(self, controller: Controller, scene: Selling, lines: tuple[Line, ...]) -> None:
        sentence = ngettext("{n} line bears a tax that ended", "{n} lines bear a tax that ended", len(lines))
        super().__init__(controller, scene.screen, sentence.format(n=len(lines)))
        self._scene = scene
        self._lines = lines

    @override
    def answers(self) -> tuple[Lettered, ...]:
        return (
            Lettered("R", _("Use today's tax"), _("Today's"), _("prices stay; Ctrl+Z takes it back"), self._rate),
            Lettered("Esc", _("Leave it"), "", _("each keeps the tax of its day"), self.cancel),
        )

    @override
    def facts(self) -> FactsView:
        """Return the lines, each with its tax and that of today."""
        menu, order = self.controller.register.menu, self._scene.order
        facts = []
        for line in self._lines[:_MOST]:
            own = line.own_type or (order.order_type if order is not None else "")
            now = menu.taxes_of(menu.by_id[line.item_id], own)
            text = _("{was}, today {now}").format(was=_words(line.taxes), now=_words(now))
            facts.append(FactView(clean(line.name), StyledText(text)))
        return FactsView(tuple(facts))

    def _rate(self) -> None:
        scene, register = self._scene, self.controller.register
        self.controller.close()
        if scene.session_id is None:
            return
        try:
            order = register.sales.rate_anew(scene.session_id)
        except TillError as problem:
            scene.message = refusal(problem.sentence)
            return
        scene.show_order(order)
        total = register.formats.money(order.total)
        scene.message = plain(_("Rated by today's tax. Total {total}.").format(total=total))


def ask_about_rates(controller: Controller, scene: Selling) -> None:
    """Open the sheet if lines of the order on the screen were keyed on an earlier day, at taxes that ended since."""
    order = scene.order
    if order is not None and (lines := controller.register.sales.ended_lines(order)):
        controller.open(EndedRatesSheet(controller, scene, lines))


def _words(taxes: tuple[Tax, ...]) -> str:
    return " + ".join(tax_words(tax.name, tax.percent) for tax in taxes) or _("no tax")
