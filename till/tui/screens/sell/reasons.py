"""Taking something away asks why: a usual reason by its number, or one's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.i18n import _
from till.domain.text import clean
from till.tui.drawing.viewmodels import ChoiceView, FactsView, FactView, KeyView, StyledText
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.tui.screens.sell.host import SellHost
    from till.tui.screens.sell.order_lines import ShownLine
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress

#: A reason is a few words.
_LONGEST: Final = 80
#: So many lines are keyed again in a moment; more of them are asked about before they go.
_FEW: Final = 3


class ReasonSheet(ChoiceSheet):
    """Something is taken away: why? A usual reason by its number, or one's own words."""

    types = True
    reasons: tuple[str, ...] = ()

    def __init__(self, controller: Controller, scene: SellHost, title: str) -> None:
        super().__init__(controller, scene.screen, title)
        self.scene = scene

    def act(self, reason: str) -> None:
        """Do it, for this reason."""

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(ChoiceView(str(place), reason) for place, reason in enumerate(self.reasons, 1))

    @override
    def choose(self, place: int) -> None:
        self.act(self.reasons[place])

    @override
    def enter(self, typed: str) -> None:
        """One's own reason, or the selected one."""
        if typed:
            self.act(typed[:_LONGEST])
        else:
            super().enter(typed)

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            (_("1-{count}, Enter").format(count=len(self.reasons)), _("A usual reason"), ""),
            (_("words, Enter"), _("A reason of your own"), _("it is kept in the log")),
            ("↑ ↓, Enter", _("The reason that is marked"), ""),
            ("Esc", _("Back"), _("nothing is taken away")),
        )

    @override
    def hint(self) -> str:
        return _("A number, or a reason in your own words; then Enter.")


class VoidSheet(ReasonSheet):
    """Why is this line taken off?"""

    reasons = (_("keyed twice"), _("wrong item"), _("guest changed their mind"), _("not available"))

    def __init__(self, controller: Controller, scene: SellHost, line: ShownLine) -> None:
        name = clean(line.view.name)
        super().__init__(
            controller, scene, _("Void {quantity} × {name}").format(quantity=line.view.quantity, name=name)
        )
        self._line = line

    @override
    def beside(self) -> FactsView:
        """The line, and the order that it is on."""
        view, order = self._line.view, self.scene.order
        line = FactView(_("Line"), StyledText(f"{view.quantity} × {clean(view.name)} {view.unit}".rstrip()))
        amount = FactView(_("Amount"), StyledText(view.amount, bold=True))
        if order is None:
            return FactsView((line, amount))
        size = self.controller.register.answers.size(order)
        return FactsView((line, amount, FactView(_("Order"), StyledText(size))))

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Void the line"), _("Void"))

    def _press(self, press: KeyPress) -> None:
        """A − too many that came here from the order begins no reason."""
        if self.entry.text or press.key not in {"plus", "minus"}:
            super()._press(press)

    @override
    def act(self, reason: str) -> None:
        scene, register = self.scene, self.controller.register
        order = scene.order
        if order is None:
            self.controller.close()
            return
        row: Row = register.sales.void(order.id, self._line.line_id, reason)
        after = register.ledger.order(order.id)
        self.controller.close()
        scene.mark_beside(self._line.line_id)
        scene.message = plain(register.answers.voided(after, row))


class ClearSheet(ReasonSheet):
    """Why is the whole order cleared? Its lines and events stay in the log."""

    reasons = (_("guest left"), _("keyed by mistake"), _("training"))

    def __init__(self, controller: Controller, scene: SellHost, order: Order) -> None:
        size = controller.register.answers.size(order)
        super().__init__(controller, scene, _("Clear the order: {size}").format(size=size))
        self._order = order
        self._size = size
        self._reason = ""
        self._own = ""

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Clear the order"), _("Clear"))

    def _press(self, press: KeyPress) -> None:
        """Another reason than that which was asked about is asked about anew."""
        if not press.is_enter:
            self._reason = self._own = ""
        super()._press(press)

    @override
    def enter(self, typed: str) -> None:
        """One's own reason, also when it was asked about, or the selected one."""
        self._own = typed or self._own
        super().enter(self._own)

    @override
    def act(self, reason: str) -> None:
        if len(self._order.priced.rows) > _FEW and self._reason != reason:
            self._reason = reason
            asked = _("Clear {size}: {reason}? Enter does it.")
            self.message = refusal(asked.format(size=self._size, reason=clean(reason)))
            return
        self.controller.register.recovery.discard(self._order.id, reason)
        self.controller.close()
        self.scene.show_order(None)
        self.scene.deselect()
        self.scene.message = plain(
            _("The order is cleared: {reason}. Ctrl+Z brings it back.").format(reason=clean(reason))
        )
