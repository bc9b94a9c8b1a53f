"""A note on the whole order: what the kitchen, or the next at the counter, is to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _
from till.domain.text import clean
from till.tui.drawing.viewmodels import ChoiceView, KeyView
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.messages import plain

if TYPE_CHECKING:
    from till.tui.screens.sell.host import SellHost
    from till.tui.shell.controller import Controller, Helped


class NoteSheet(ChoiceSheet):
    """What is to be noted? A note that is there can be taken off."""

    types = True

    def __init__(self, controller: Controller, scene: SellHost) -> None:
        super().__init__(controller, scene.screen, _("Note on the order"))
        self._scene = scene

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """The note that is there, to be taken off."""
        order = self._scene.order
        if order is None or not order.note:
            return ()
        return (ChoiceView("↵", _("Take it off: {words}").format(words=clean(order.note))),)

    @override
    def empty(self) -> tuple[str, ...]:
        return (_("Nothing is noted yet."),)

    @override
    def choose(self, place: int) -> None:
        del place
        self._note("")

    @override
    def enter(self, typed: str) -> None:
        """Note what was typed, in the place of what was noted before."""
        if typed:
            self._note(typed)
        else:
            super().enter(typed)

    @override
    def primary(self) -> KeyView:
        takes_off = self.rows() and not self.entry.text
        return KeyView("Enter", _("Take it off") if takes_off else _("Note it"))

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            (_("words, Enter"), _("Note them"), _("in the place of what is noted")),
            ("Enter", _("Take the note off"), _("when nothing is typed")),
            ("Esc", _("Back"), _("nothing changes")),
        )

    @override
    def hint(self) -> str:
        return _("What is to be known of this order? Type it, then Enter.")

    def _note(self, words: str) -> None:
        scene, register = self._scene, self.controller.register
        if scene.order is not None:
            order = register.sales.note(scene.order.id, words)
            scene.show_order(order)
            said = _("Noted: {words}").format(words=clean(order.note)) if order.note else _("The note is off.")
            scene.message = plain(said)
        self.controller.close()
