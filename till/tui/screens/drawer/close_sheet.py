"""The question before the shift is closed, with what has no answer and the open orders that this till holds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import N_, _, ngettext
from till.domain.order.naming import order_type_name, tab_name
from till.domain.paper.drawer import figure_rows
from till.domain.text import clean
from till.register import shift_words
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import ChoiceView, KeyView, StyledText, choice
from till.tui.screens.drawer.count_sheet import CountSheet
from till.tui.screens.drawer.sums_sheet import TotalsSheet
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.messages import plain

if TYPE_CHECKING:
    from till.domain.staff.rights import Approval
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller


class CloseSheet(ChoiceSheet):
    """Enter closes the shift and shows its Z, where Enter opens the count. Open orders never stop it: they go on."""

    empty_text = N_("No order is open on this till.")
    enter_key = KeyView("Enter", N_("Close the shift"), N_("Close"))

    def __init__(self, controller: Controller, scene: Selling) -> None:
        drawer = controller.register.drawer
        if drawer.shift() is None:
            raise drawer.none_open()
        self._orders, self._unanswered = drawer.held_orders(), drawer.unanswered()
        count = len(self._orders)
        detail = ngettext("{count} order is open here", "{count} orders are open here", count).format(count=count)
        super().__init__(controller, scene.screen, _("Close the shift?"), detail if count else "")
        self._scene = scene

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        register = self.controller.register
        name_of, amount = register.reference.name_of, register.formats.amount
        unanswered = figure_rows("unanswered", self._unanswered, register.formats)
        orders = (
            choice(
                "",
                tab_name(order.place_name) or order_type_name(order.order_type).capitalize(),
                clean(name_of(order.user)) or str(order.user),
                amount(order.total),
            )
            for order in self._orders
        )
        return (*(ChoiceView("", row.left, right=StyledText(row.right, Tone.WARN)) for row in unanswered), *orders)

    @override
    def enter(self, typed: str) -> None:
        """Close the shift and show its Z."""
        controller, scene = self.controller, self._scene
        register = controller.register

        def act(approval: Approval | None) -> None:
            shift = register.drawer.close(approval)
            controller.close(self)
            scene.message = plain(shift_words.close_sentence(register.formats, shift))
            count = partial(self._count, scene) if register.drawer.kept else None
            controller.open(TotalsSheet(controller, scene.screen, shift, count=count))

        with_right(controller, self.screen, _("Close the shift"), act)

    def _count(self, scene: Selling) -> None:
        self.controller.open(CountSheet(self.controller, scene))

    @override
    def choose(self, place: int) -> None:
        self.enter("")

    @override
    def hint(self) -> str:
        if self._orders:
            return _("They stay open, and go on in the next shift.")
        return _("Its Z never changes. Then count the drawer.")
