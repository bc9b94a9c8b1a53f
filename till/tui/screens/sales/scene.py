"""The running screen of past sales."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from typing_extensions import override

from till.domain.i18n import _
from till.domain.refund.past import receipt_number
from till.tui.screens.sales.acts import SalesActs
from till.tui.screens.sales.presenter import sales_views
from till.tui.screens.sales.reduce import reduce
from till.tui.screens.sales.state import SalesFacts
from till.tui.shell.keymap import CONFLICTS, KeyPress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.refund.past import PastSale
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.sales.outcomes import SalesOutcome
    from till.tui.screens.sales.state import SalesState


class SalesScene(SalesActs):
    """The scene of the past sales."""

    takes_money = False
    says_trouble = False
    logs_out = False

    @property
    def refuses_scans(self) -> bool:
        """True on an open sale, where digits mark its lines."""
        return self.state.opened is not None

    def undo_scan(self, state: SalesState) -> None:
        """Go back to the state before the scan."""
        self.state = state

    def tick(self) -> None:
        """Do nothing: the screen does not depend on the time."""

    def show(self) -> None:
        """Bring the screen to the front; a receipt number to search for is entered at once."""
        self.controller.go(self)
        if self.state.entry.text and receipt_number(self.state.entry.text):
            self.press(KeyPress("enter"))

    def press(self, press: KeyPress) -> None:
        """Look for a sale, mark what goes back, or go back."""
        self.happens(press)

    @override
    def happens(self, event: KeyPress | SalesOutcome) -> None:
        self.state, calls = reduce(self.state, event, self._facts())
        for asked in calls:
            asked.on(self)

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Mark the sale that was clicked, and open it if it was marked; on an open sale mark the line or tender."""
        opened = self.state.opened
        if opened is None:
            if widget is self.screen.list and self.state.place == place:
                self.press(KeyPress("enter"))
            elif widget is self.screen.list:
                self.state = replace(self.state, place=place)
        elif widget is self.screen.lines:
            self.state = replace(self.state, opened=replace(opened, marks=replace(opened.marks, line=place)))
        elif widget is self.screen.ways:
            self.state = replace(self.state, opened=replace(opened, marks=replace(opened.marks, way=place)))

    def _not_asked(self, left: Iterable[PastSale]) -> dict[str, str]:
        """Return the reason, by payment, why money asked back by another till cannot be given back here."""
        register = self.controller.register
        key = _("Esc, then {key}").format(key=self.controller.keymap.label(CONFLICTS))
        found: dict[str, str] = {}
        for one in left:
            payment = register.ledger.order(one.session_id).payments[one.left]
            if (till := register.charges.till_that_asked_back(payment)) is not None:
                found[one.left] = register.answers.not_asked_here(payment, register.venue.till_name(till), key)
        return found

    def _facts(self) -> SalesFacts:
        register, opened = self.controller.register, self.state.opened
        order, left = self._order(), register.refunds.left_money()
        sale = register.refunds.sale(opened.session_id, opened.receipt) if opened is not None and order else None
        return SalesFacts(
            sales=register.refunds.past_sales(),
            sale=sale,
            order=order,
            names={person.number: person.name for person in register.access.staff},
            now=self.controller.now(),
            formats=register.formats,
            venue=register.venue,
            tenders=register.asker.tenders,
            keymap=self.controller.keymap,
            till=register.till,
            left=left,
            not_asked=self._not_asked(left),
            slips=register.refunds.slips(opened.session_id) if opened is not None else (),
            wide=self.screen.is_wide,
            page=self.screen.page,
        )

    def paint(self) -> None:
        """Update the widgets from the state."""
        self.screen.show(sales_views(self.state, self._facts(), self.controller.status()))
