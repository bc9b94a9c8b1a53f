"""Taking something away asks why: a usual reason by its number, or one's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.text import clean
from till.tui.counter import plain
from till.tui.sheets.base import ChoiceSheet
from till.tui.view import ChoiceView, KeyView

if TYPE_CHECKING:
    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.tui.counter import Counter, Helped
    from till.tui.sheets.selling import Selling
    from till.tui.sights import Entry
    from till.tui.strokes import Stroke

#: A reason is a few words.
_LONGEST: Final = 80


class ReasonSheet(ChoiceSheet):
    """Something is taken away: why? A usual reason by its number, or one's own words."""

    types = True
    reasons: tuple[str, ...] = ()

    def __init__(self, counter: Counter, scene: Selling, title: str) -> None:
        super().__init__(counter, scene.desk, title)
        self.scene = scene

    def act(self, reason: str) -> None:
        """Do it, for this reason."""

    def rows(self) -> tuple[ChoiceView, ...]:
        """The usual reasons."""
        return tuple(ChoiceView(str(place), reason) for place, reason in enumerate(self.reasons, 1))

    def _stroke(self, stroke: Stroke) -> None:
        digit = stroke.digit
        if digit and digit <= len(self.reasons) and not self.editor.text:
            self.choose(digit - 1)
        else:
            super()._stroke(stroke)

    def choose(self, place: int) -> None:
        """A usual reason."""
        self.act(self.reasons[place])

    def enter(self, typed: str) -> None:
        """One's own reason, or the selected one."""
        if typed:
            self.act(typed[:_LONGEST])
        else:
            super().enter(typed)

    def helped(self) -> tuple[Helped, ...]:
        """A number, words, or back."""
        return (
            (f"1-{len(self.reasons)}", _("A usual reason"), _("at once, without Enter")),
            (_("words, Enter"), _("A reason of your own"), _("it is kept in the log")),
            ("↑ ↓, Enter", _("The reason that is marked"), ""),
            ("Esc", _("Back"), _("nothing is taken away")),
        )

    def hint(self) -> str:
        """What can be typed."""
        return _("A number, or a reason in your own words and Enter.")


class VoidSheet(ReasonSheet):
    """Why is this line taken off?"""

    reasons = (_("keyed twice"), _("wrong item"), _("guest changed their mind"), _("not available"))

    def __init__(self, counter: Counter, scene: Selling, entry: Entry) -> None:
        name = clean(entry.view.name)
        super().__init__(counter, scene, _("Void {quantity} × {name}").format(quantity=entry.view.quantity, name=name))
        self._entry = entry

    def primary(self) -> KeyView:
        """What Enter does."""
        return KeyView("Enter", _("Void the line"), _("Void"))

    def _stroke(self, stroke: Stroke) -> None:
        """A − too many that came here from the order begins no reason."""
        if self.editor.text or stroke.key not in {"plus", "minus"}:
            super()._stroke(stroke)

    def act(self, reason: str) -> None:
        """Void the line."""
        scene, register = self.scene, self.counter.register
        order = scene.order
        if order is None:
            self.counter.close()
            return
        row: Row = register.sales.void(order.id, self._entry.line_id, reason)
        after = register.ledger.order(order.id)
        self.counter.close()
        scene.selected = None
        scene.said = plain(register.answers.voided(after, row))


class ClearSheet(ReasonSheet):
    """Why is the whole order cleared? Its lines and events stay in the log."""

    reasons = (_("guest left"), _("keyed by mistake"), _("training"))

    def __init__(self, counter: Counter, scene: Selling, order: Order) -> None:
        size = counter.register.answers.size(order)
        super().__init__(counter, scene, _("Clear the order: {size}").format(size=size))
        self._order = order

    def primary(self) -> KeyView:
        """What Enter does."""
        return KeyView("Enter", _("Clear the order"), _("Clear"))

    def act(self, reason: str) -> None:
        """Clear the order."""
        self.counter.register.recovery.discard(self._order.id, reason)
        self.counter.close()
        self.scene.show_order(None)
        self.scene.selected = None
        self.scene.said = plain(_("The order is cleared: {reason}.").format(reason=clean(reason)))
