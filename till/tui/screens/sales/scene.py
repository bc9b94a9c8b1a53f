"""The running screen of past sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from typing_extensions import override

from till.domain.i18n import _
from till.domain.payment.movement import PaymentState
from till.domain.refund.past import receipt_number
from till.domain.staff.rights import Permission, PermissionRequest
from till.register.other_tills.news import PaperChanged, RefundMoved, ServerAnswered
from till.register.printing.words import paper_rows
from till.tui.drawing.widgets.code import code_of
from till.tui.screens.sales.acts import SalesActs
from till.tui.screens.sales.presenter import sales_views
from till.tui.screens.sales.reduce import reduce
from till.tui.screens.sales.state import SalesFacts
from till.tui.shell.keymap import CONFLICTS, KeyPress
from till.tui.shell.messages import ReturnEnded, plain, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.fiscal import FiscalWords
    from till.domain.refund.past import PastSale
    from till.tui.screens.sales.reduce import SalesStep
    from till.tui.screens.sales.state import SalesOutcome, SalesState
    from till.tui.shell.messages import Heard


class SalesScene(SalesActs):
    """The scene of the past sales."""

    @property
    def refuses_scans(self) -> bool:
        """True on an open sale, where digits mark its lines."""
        return self.state.opened is not None

    @property
    def takes_labels(self) -> bool:
        """True on the lines of an open sale: a label marks the one that was sold with it."""
        return self.state.opened is not None and self.state.opened.paper is None

    def scanned(self, code: str) -> None:
        """Type a scanned code."""
        self.state = replace(self.state, entry=self.state.entry.insert(code))

    def undo_scan(self, state: SalesState) -> None:
        """Go back to the state before the scan."""
        self.state = state

    @override
    def show(self) -> None:
        """Show the screen; a receipt number to search for is entered at once."""
        self.controller.go(self)
        self.look_again()
        if self.state.entry.text and receipt_number(self.state.entry.text):
            self.press(KeyPress("enter"))

    @override
    def reduce(self, event: KeyPress | SalesOutcome) -> SalesStep:
        return reduce(self.state, event, self._facts())

    @override
    def hear(self, news: Heard) -> bool:
        """Show the outcome of a refund; ask for the listed sales again once the server answers."""
        match news:
            case RefundMoved(refund=refund, sentence=sentence):
                is_refused = refund.state is PaymentState.DECLINED or refund.is_contradicted
                self.message = refusal(sentence) if is_refused else plain(sentence)
            case ReturnEnded(message=message):
                self.message = message
            case ServerAnswered():
                self.look_again()
            case PaperChanged():
                self.say_paper_again()
                return False
            case _:
                return False
        return True

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

    def _words(self, order_id: str) -> FiscalWords | None:
        """Return the law's marks on the receipt of a sale, which never change."""
        if self._marked[0] != order_id:
            self._marked = order_id, self.controller.register.fiscal.words_of(order_id)
        return self._marked[1]

    def _facts(self) -> SalesFacts:
        register, opened = self.controller.register, self.state.opened
        order, left = self._order(), register.refunds.left_money()
        sale = register.refunds.sale(opened.session_id, opened.receipt) if opened is not None and order else None
        words = self._words(sale.placed.order_id) if sale is not None else None
        return SalesFacts(
            sales=register.refunds.past_sales(),
            sale=sale,
            order=order,
            names={person.number: person.name for person in register.access.staff},
            now=self.controller.now(),
            lookup=register.lookup,
            formats=register.formats,
            venue=register.venue,
            tenders=register.asker.tenders,
            keymap=self.controller.keymap,
            till=register.till,
            left=left,
            not_asked=self._not_asked(left),
            slips=register.refunds.slips(opened.session_id) if opened is not None else (),
            prints=bool(register.printing.printers().papers),
            prints_refund=self.refund_to_print() is not None,
            papers=paper_rows(register.printing, opened.session_id) if opened is not None else (),
            words=words,
            has_room=words is not None and self.screen.has_room(len(code_of(words.code).modules)),
            asks_manager=not register.approvals.allow(PermissionRequest(Permission.REFUND)),
            is_held=self.controller.is_held,
            wide=self.screen.is_wide,
            page=self.screen.list.page_step,
            line_page=self.screen.lines.page_step,
        )

    def paint(self) -> None:
        """Update the widgets from the state."""
        self.screen.show_sales(sales_views(self.state, self._facts(), self.controller.status()))
