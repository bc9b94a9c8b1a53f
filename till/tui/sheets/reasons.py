"""Taking a line off asks why: a usual reason by its number, or one's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.text import clean
from till.domain.words import _
from till.tui.counter import plain
from till.tui.sheets.base import ChoiceSheet
from till.tui.view import ChoiceView, KeyView

if TYPE_CHECKING:
    from till.domain.line import Row
    from till.tui.counter import Counter
    from till.tui.scenes.sell import SellScene
    from till.tui.sights import Entry
    from till.tui.strokes import Stroke

_REASONS: Final = (_("keyed twice"), _("wrong item"), _("guest changed their mind"), _("not available"))
#: A reason is a few words.
_LONGEST: Final = 80


class VoidSheet(ChoiceSheet):
    """Why is this line taken off?"""

    types = True

    def __init__(self, counter: Counter, scene: SellScene, entry: Entry) -> None:
        name = clean(entry.view.name)
        super().__init__(
            counter, scene.desk, _("Void {quantity} × {name}").format(quantity=entry.view.quantity, name=name)
        )
        self._scene = scene
        self._entry = entry

    def rows(self) -> tuple[ChoiceView, ...]:
        """The usual reasons."""
        return tuple(ChoiceView(str(place), reason) for place, reason in enumerate(_REASONS, 1))

    def _stroke(self, stroke: Stroke) -> None:
        digit = stroke.digit
        if digit and digit <= len(_REASONS) and not self.editor.text:
            self.choose(digit - 1)
        else:
            super()._stroke(stroke)

    def choose(self, place: int) -> None:
        """Void for a usual reason."""
        self._void(_REASONS[place])

    def enter(self, typed: str) -> None:
        """Void for one's own reason, or for the selected one."""
        if typed:
            self._void(typed[:_LONGEST])
        else:
            super().enter(typed)

    def hint(self) -> str:
        """What can be typed."""
        return _("A number, or a reason in your own words and Enter.")

    def primary(self) -> KeyView:
        """What Enter does."""
        return KeyView("Enter", _("Void the line"), _("Void"))

    def _void(self, reason: str) -> None:
        scene, register = self._scene, self.counter.register
        order = scene.order
        if order is None:
            self.counter.close()
            return
        row: Row = register.sales.void(order.id, self._entry.line_id, reason)
        after = register.ledger.order(order.id)
        self.counter.close()
        scene.selected = None
        scene.said = plain(register.answers.voided(after, row))
