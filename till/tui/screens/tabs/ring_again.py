"""The sheet that offers to ring a tab again which another till holds while the network is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _
from till.domain.order.naming import tab_name
from till.domain.text import capitalize_first, clean
from till.tui.drawing.viewmodels import FactsView, FactView, StyledText
from till.tui.screens.sheets.answers import Lettered, LetterSheet
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from till.register.tabs.open_tabs import OpenTab
    from till.register.tabs.ring_again import Rung
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller


class RingAgainSheet(LetterSheet):
    """The choice to ring the tab again, as a new order with the lines that this till knows, or to leave it.

    Args:
        controller: the till.
        scene: the sell screen.
        tab: the tab, as this till knows it.
        copy: the order as it would be rung.
        again: recalls the tab if the network is back by now, and else rings it again.
    """

    def __init__(
        self,
        controller: Controller,
        scene: Selling,
        tab: OpenTab,
        copy: Rung,
        again: Callable[[], Coroutine[None, None, None]],
    ) -> None:
        name = capitalize_first(tab_name(tab.name))
        super().__init__(
            controller, scene.screen, _("{name} is on another till, and the network is down").format(name=name)
        )
        self._tab = tab
        self._copy = copy
        self._again = again
        self.message = refusal(_("A notice names both orders once the tills meet."))

    def _at(self) -> str:
        """Return the time of the copy."""
        return self.controller.register.venue.local(self._tab.since).strftime("%H:%M")

    @override
    def answers(self) -> tuple[Lettered, ...]:
        again = _("a copy as of {time}").format(time=self._at())
        return (
            Lettered("R", _("Ring it again"), "", again, self._ring_again),
            Lettered("Esc", _("Leave it"), "", _("it stays on its till"), self.cancel),
        )

    @override
    def facts(self) -> FactsView:
        """Return the size of the copy, its difference to the tab, its time and its user."""
        tab, copy, register = self._tab, self._copy, self.controller.register
        named = {
            _("Copy"): StyledText(register.answers.size(copy.order), bold=True),
            _("It was"): StyledText(register.formats.money(tab.total) if tab.total != copy.order.total else ""),
            _("Discounts"): StyledText(_("not copied") if copy.has_less_off else ""),
            _("Off the menu"): StyledText(_names(copy)),
            _("As of"): StyledText(self._at()),
            _("Person"): StyledText(clean(register.reference.name_of(tab.user))),
        }
        return FactsView(tuple(FactView(name, value) for name, value in named.items() if value.text))

    def _ring_again(self) -> None:
        self.controller.close()
        self.controller.hold(self._again())


def _names(copy: Rung) -> str:
    return ", ".join(map(clean, copy.missed))


def ring_again(controller: Controller, scene: Selling, tab: OpenTab) -> None:
    """Ring a tab again, show the new order, and name both totals where they differ, with what the copy lacks.

    Raises:
        TillError: see `RingAgain.ring`.
    """
    rung, answers = controller.register.ring_again.ring(tab, scene.user), controller.register.answers
    scene.show_order(rung.order)
    differs = rung.order.total != tab.total or rung.missed or rung.has_less_off
    sentence = _("{name}: {total}, it was {was}.") if differs else _("{name} is rung again: {size}.")
    if rung.missed:
        lacks = _("No discounts, no {names}.") if rung.has_less_off else _("Off the menu: {names}.")
        sentence = f"{sentence} {lacks}"
    elif rung.has_less_off:
        sentence = _("{name}: {total}, it was {was}. Give its discounts again.")
    text = sentence.format(
        name=capitalize_first(tab_name(tab.name)),
        size=answers.size(rung.order),
        total=answers.formats.money(rung.order.total),
        was=answers.formats.money(tab.total),
        names=_names(rung),
    )
    scene.message = refusal(text) if differs else plain(text)
