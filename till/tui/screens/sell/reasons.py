"""The sheets that ask for the reason of a void or a clearing: a usual one by number, or one's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.i18n import _
from till.domain.text import clean
from till.tui.drawing.viewmodels import FactsView, FactView, KeyView, StyledText
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.reason import ReasonSheet
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.tui.screens.sell.host import SellHost
    from till.tui.screens.sell.order_lines import ShownLine
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress

#: Up to this many lines are quickly added again; an order of more is confirmed before it is cleared.
_FEW: Final = 3


def _why(reason: str) -> tuple[FactView, ...]:
    return (FactView(_("Reason"), StyledText(clean(reason))),)


class VoidSheet(ReasonSheet):
    """The question for the reason to void a line."""

    reasons = (_("keyed twice"), _("wrong item"), _("guest changed their mind"), _("not available"))

    def __init__(self, controller: Controller, scene: SellHost, line: ShownLine, *, picked: bool = True) -> None:
        name = clean(line.view.name)
        title = _("Void {quantity} × {name}").format(quantity=line.view.quantity, name=name)
        super().__init__(controller, scene.screen, title, picked=picked)
        self.scene = scene
        self._line = line
        self._title = title

    @override
    def beside(self) -> FactsView:
        """Return the line and the size of its order."""
        view, order = self._line.view, self.scene.order
        line = FactView(_("Line"), StyledText(f"{view.quantity} × {clean(view.name)} {view.unit}".rstrip()))
        amount = FactView(_("Amount"), StyledText(view.amount, bold=True))
        if order is None:
            return FactsView((line, amount))
        size = self.controller.register.answers.size(order)
        return FactsView((line, amount, FactView(_("Order"), StyledText(size))))

    @override
    def act_key(self) -> KeyView:
        return KeyView("Enter", _("Void the line"), _("Void"))

    def _press(self, press: KeyPress) -> None:
        """Ignore repeated + or − keys that opened the sheet: they begin no reason."""
        if self.entry.text or press.key not in {"plus", "minus"}:
            super()._press(press)

    @override
    def act(self, reason: str) -> None:
        scene, register = self.scene, self.controller.register
        order = scene.order
        if order is None:
            self.controller.close()
            return
        session, asked = order.id, register.sales.void_asked(order.id, self._line.line_id)

        def void(approval: Approval | None) -> None:
            row: Row = register.sales.void(session, self._line.line_id, reason, approval)
            scene.mark_beside(self._line.line_id)
            scene.message = plain(register.answers.voided(register.ledger.order(session), row))

        if asked is None or register.approvals.allow(asked):
            void(None)
            self.controller.close()
            return
        self.controller.close()
        title = _("{title}, after it was sent").format(title=self._title)
        with_right(self.controller, scene.screen, title, asked, void, facts=_why(reason))


class ClearSheet(ReasonSheet):
    """The question for the reason to clear the whole order. Its lines and events stay in the log."""

    reasons = (_("guest left"), _("keyed by mistake"), _("training"))

    def __init__(self, controller: Controller, scene: SellHost, order: Order, *, picked: bool = True) -> None:
        size = controller.register.answers.size(order)
        super().__init__(controller, scene.screen, _("Clear the order: {size}").format(size=size), picked=picked)
        self.scene = scene
        self._order = order
        self._size = size
        self._reason = ""
        self._words = ""

    @override
    def act_key(self) -> KeyView:
        return KeyView("Enter", _("Clear the order"), _("Clear"))

    def _press(self, press: KeyPress) -> None:
        """Ask for confirmation again if another reason is chosen."""
        if not press.is_enter:
            self._reason = self._words = ""
        super()._press(press)

    @override
    def enter(self, typed: str) -> None:
        """Take the reason typed in the cashier's own words, or the marked one."""
        self._words = typed or self._words
        super().enter(self._words)

    @override
    def act(self, reason: str) -> None:
        if len(self._order.priced.rows) > _FEW and self._reason != reason:
            self._reason = reason
            asked = _("Clear {size}: {reason}? Enter does it.")
            self.message = refusal(asked.format(size=self._size, reason=clean(reason)))
            return
        register = self.controller.register
        right = register.recovery.discard_asked(self._order.id)

        def clear(approval: Approval | None) -> None:
            register.recovery.discard(self._order.id, reason, approval)
            self.scene.show_order(None)
            self.scene.deselect()
            sentence = _("The order is cleared: {reason}. Ctrl+Z undoes it.")
            self.scene.message = plain(sentence.format(reason=clean(reason)))

        if right is None or register.approvals.allow(right):
            clear(None)
            self.controller.close()
            return
        self.controller.close()
        title = _("Clear {size}, after it was sent").format(size=self._size)
        with_right(self.controller, self.scene.screen, title, right, clear, facts=_why(reason))
