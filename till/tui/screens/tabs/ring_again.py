"""The sheet that offers to ring a tab again which another till holds while the network is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _, ngettext
from till.domain.text import begun, clean
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import ChoiceView, FactsView, FactView, KeyView, StyledText
from till.tui.screens.sheets.answers import AnswerSheet
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from till.register.tabs.open_tabs import OpenTab
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller, Helped


class RingAgainSheet(AnswerSheet):
    """The choice to ring the tab again, as a new order with the lines that this till knows, or to leave it.

    Args:
        controller: the till.
        scene: the sell screen.
        tab: the tab, as this till knows it.
        again: recalls the tab if the network is back by now, and else rings it again.
    """

    def __init__(
        self, controller: Controller, scene: Selling, tab: OpenTab, again: Callable[[], Coroutine[None, None, None]]
    ) -> None:
        name = begun(clean(tab.name))
        super().__init__(
            controller, scene.screen, _("{name} is on another till, and the network is down").format(name=name)
        )
        self._tab = tab
        self._again = again
        self.message = refusal(_("A notice names both orders once the tills meet."))

    def _at(self) -> str:
        """Return the time of the copy."""
        return self.controller.register.venue.local(self._tab.since).strftime("%H:%M")

    def _answers(self) -> tuple[tuple[str, str, str], ...]:
        again = _("a copy as of {time}").format(time=self._at())
        return (("R", _("Ring it again"), again), ("Esc", _("Leave it"), _("it stays on its till")))

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(ChoiceView(key, name, StyledText(note, Tone.MUTED)) for key, name, note in self._answers())

    @override
    def facts(self) -> FactsView:
        """Return the size and the time of the copy, and its user."""
        tab, register = self._tab, self.controller.register
        size = register.answers.counted(len(tab.items), tab.total)
        return FactsView(
            (
                FactView(_("Copy"), StyledText(size, bold=True)),
                FactView(_("Discounts"), StyledText(_("not copied"))),
                FactView(_("As of"), StyledText(self._at())),
                FactView(_("Person"), StyledText(clean(register.reference.name_of(tab.user)))),
            )
        )

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (KeyView("R ↑↓", _("Choose")), KeyView("Esc", _("Leave it")))

    @override
    def primary(self) -> KeyView | None:
        if (place := self.marked()) is None:
            return None
        _key, name, _note = self._answers()[place]
        return KeyView("Enter", name)

    @override
    def helped(self) -> tuple[Helped, ...]:
        (key, name, note), (back, leave, stays) = self._answers()
        return ((_("{key}, Enter").format(key=key), name, note), (back, leave, stays))

    @override
    def choose(self, place: int) -> None:
        """Recall the tab or ring it again, or leave it."""
        if place:
            self.cancel()
            return
        self.controller.close()
        self.controller.hold(self._again())


def ring_again(controller: Controller, scene: Selling, tab: OpenTab) -> None:
    """Ring a tab again, show the new order, and name what is no longer on the menu, or the total if it differs."""
    rung = controller.register.ring_again.ring(tab, scene.user)
    scene.show_order(rung.order)
    if rung.missed:
        names = ", ".join(dict.fromkeys(rung.missed))
        sentence = ngettext(
            "{names} is no longer on the menu: key it.", "No longer on the menu, key them: {names}.", len(rung.missed)
        )
        scene.message = refusal(sentence.format(names=names))
        return
    formats, name = controller.register.answers.formats, begun(clean(tab.name))
    if rung.order.total != tab.total:
        sentence = _("{name}: {total}, it was {was}. Give its discounts again.")
        total, was = formats.money(rung.order.total), formats.money(tab.total)
        scene.message = refusal(sentence.format(name=name, total=total, was=was))
        return
    sentence, size = _("{name} is rung again: {size}."), controller.register.answers.size(rung.order)
    scene.message = plain(sentence.format(name=name, size=size))
