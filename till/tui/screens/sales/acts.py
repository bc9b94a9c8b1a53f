"""The acts of the screen of past sales."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from till.domain.errors import AmountError, RefundError, StoreAwayError, StoreError, TillError
from till.domain.i18n import N_, _
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.selling import ItemEntry
from till.domain.payment.movement import PaymentState
from till.domain.refund import giving
from till.domain.refund.giving import Rest
from till.domain.refund.past import receipt_number
from till.domain.structs import replace
from till.domain.text import clean
from till.ports import SaleSearch
from till.ports.printer import DocumentRef
from till.register import counter, refund_words
from till.register.fiscal.invoices import check_invoice, issue_invoice
from till.register.printing.words import printing_words
from till.register.words.invoice import read_buyer
from till.register.words.order_types import set_order_type
from till.tui.drawing.cut import cut
from till.tui.drawing.viewmodels import StyledText, fact
from till.tui.screens.sales.screen import SalesScreen
from till.tui.screens.sales.state import (
    Answered,
    FoundAgain,
    NotDone,
    SaleOpened,
    SalesActDone,
    SalesFound,
    SalesOutcome,
    SalesState,
    card_of_way,
)
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.managers import give_back
from till.tui.screens.sheets.papers import PaperSheet
from till.tui.screens.sheets.reason import REFUND, ReasonSheet, reason_fact
from till.tui.screens.sheets.table_at import show_at
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.messages import plain, refusal
from till.tui.shell.scene import TillScene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.domain.events.envelope import Event
    from till.domain.fiscal import FiscalWords
    from till.domain.order.state import Buyer, Order
    from till.domain.refund.giving import Way
    from till.domain.refund.parts import Part
    from till.domain.refund.past import PastSale
    from till.domain.refund.shares import Sale, Share
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval
    from till.ports import Store
    from till.ports.printer import Job
    from till.tui.screens.sales.state import OpenedSale
    from till.tui.shell.controller import Controller

#: Seconds for the server to receive a refund's events before it is asked about the refund.
_PATIENCE: Final = 2.0
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})\Z", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


class SalesActs(TillScene[SalesState, SalesOutcome, SalesScreen]):
    """The acts of the scene, which its reducer calls.

    Args:
        controller: the till.
        session_id: the order to go back to, if any.
        typed: the text to search for at once.
        was: the tender to correct the found sale to.
    """

    def __init__(self, controller: Controller, session_id: str | None, typed: str = "", was: str = "") -> None:
        super().__init__(controller, SalesScreen)
        self._session_id = session_id
        self._was = was
        #: The order whose marks by the law were read last, with them.
        self._marked: tuple[str, FiscalWords | None] = ("", None)
        #: The paper that the message is about, with that message.
        self._paper: tuple[Job, StyledText | None] | None = None
        self.state = SalesState(entry=EntryLine.of(typed))

    def go_back(self) -> None:
        """Go back to the order."""
        self.controller.sell(self._session_id, None)

    def scroll(self, rows: int) -> None:
        """Scroll the paper."""
        self.screen.detail.move(rows)

    def print(self) -> None:
        """Print the receipt of the refund just given, or a copy of that of the sale; with several papers, ask which."""
        register, opened = self.controller.register, self.state.opened
        if opened is None:
            return
        papers = [DocumentRef("receipt", opened.session_id)]
        if opened.paper is None and (refund := self.refund_to_print()) is not None:
            papers = [DocumentRef("refund", refund.id)]
        elif opened.paper is None:
            order = register.ledger.order(opened.session_id)
            made = order.invoices.get(register.refunds.placing(order, opened.receipt).data.order_id)
            if made is not None:
                papers.insert(0, DocumentRef("invoice", opened.session_id, made.event))
            papers = [*(DocumentRef("refund", one.id) for one in register.refunds.given(opened.receipt)), *papers]
        if len(papers) > 1:
            self.controller.open(PaperSheet(self.controller, self.screen, papers, self._say_paper))
        else:
            self._say_paper(register.printing.print(papers[0]))

    def print_gift(self, pieces: tuple[str, ...]) -> None:
        """Print a gift receipt of pieces by row, as `2:1`; without any, of the whole sale."""
        if (opened := self.state.opened) is not None:
            paper = DocumentRef("gift", opened.session_id, " ".join((opened.receipt, *pieces)))
            self._say_paper(self.controller.register.printing.print(paper))

    def refund_to_print(self) -> Refund | None:
        """Return the refund that was just given for the open sale, if a printer can print it and did not yet."""
        register, opened = self.controller.register, self.state.opened
        if opened is None or not register.printing.printers().papers:
            return None
        refund = register.refunds.last_refund()
        is_of_it = refund is not None and refund.started.session_id == opened.session_id
        return refund if refund is not None and is_of_it and not register.printing.jobs_of(refund.id) else None

    def _say_paper(self, job: Job) -> None:
        self.message = plain(printing_words(self.controller.register.printing, job))
        self._paper = job, self.message

    def say_paper_again(self) -> None:
        """Say the new state of the paper that the message is about."""
        if self._paper is not None and self.message is self._paper[1]:
            self._say_paper(self._paper[0])

    def order_again(self, sale: Sale) -> None:
        """Add what was sold to the order on the screen, or to a new one of its type, at today's prices, with its notes.

        A piece of a weighed item, which had a label with a price, keeps that price.
        """
        register, order = self.controller.register, self._order()
        person, menu = register.access.person, register.menu.by_id
        if order is None or person is None:
            return
        sold = [(row, order.lines[row.line_ids[0]]) for row in sale.placed.lines if row.quantity > 0]
        listed = [(row, line, menu[row.item_id]) for row, line in sold if row.item_id in menu]
        if not listed:
            raise TillError(_("None of it is on the menu any more."))
        entries = [
            ItemEntry(
                item,
                row.quantity,
                price4=line.price4 if item.price4 is None or (item.unit and line.measure is None) else None,
                modifiers=line.modifiers,
                measure=line.measure,
                labelled=bool(item.unit) and line.measure is None,
                own_type=line.own_type,
            )
            for row, line, item in listed
        ]
        before = register.ledger.find(self._session_id) if self._session_id is not None else None
        if counter.session_to_key_on(before) is None and order.order_type in register.venue.order_types[1:]:
            before = set_order_type(register, before, person.number, order.order_type).order
        added = counter.add(register, before, person.number, entries)
        new = list(added.order.lines)[-len(entries) :]
        for line_id, (_row, line, _item) in zip(new, listed, strict=True):
            if line.note:
                counter.note_line(register, added.order.id, line_id, line.note)
        message = plain(added.sentence)
        if len(listed) < len(sold):
            names = ", ".join(clean(row.item_name) for row, _line in sold if row.item_id not in menu)
            message = refusal(_("No longer on the menu: {names}.").format(names=names))
        self.controller.sell(added.order.id, message)

    # Search.

    async def ask(self, text: str, after: str | None = None) -> SalesFound | NotDone:
        """Ask the server for sales matching a text, after the order `after` in the list."""
        store = self.controller.store
        try:
            if store is None:
                raise StoreAwayError
            sales, more = await store.past_sales(self._search(text, after))
        except TillError as problem:
            return NotDone(problem.sentence)
        return SalesFound(text, tuple(sales), more, behind=after is not None)

    def look_again(self) -> None:
        """Ask for the listed sales of all tills again in the background, after an event of another till."""
        if (store := self.controller.answering) is not None:
            found = self.state.found
            self.controller.meanwhile(self._ask_again(store, found.text) if found is not None else self._mark(store))
        if self.state.opened is not None and self.state.opened.away:
            self.controller.meanwhile(self._hear_refunds(self.state.opened))

    async def _hear_refunds(self, opened: OpenedSale) -> None:
        """Read the refunds of the open sale once the server answers again."""
        sale = self.controller.register.refunds.sale(opened.session_id, opened.receipt)
        answered, now = await self._read_refunds(opened.receipt, sale.placed.order_id), self.state.opened
        if answered and now is not None and now.receipt == opened.receipt:
            self.happens(Answered())

    async def _mark(self, store: Store) -> None:
        """Mark what other tills refunded of the newest sales. Without an answer the list stays."""
        with suppress(TillError):
            sales, _more = await store.past_sales(SaleSearch())
            for sale in sales:
                if sale.refunds:
                    self.controller.register.refunds.hear(sale)

    async def _ask_again(self, store: Store, text: str) -> None:
        """Read the first page of a list. Without an answer the list stays, and the light shows why."""
        with suppress(TillError):
            sales, more = await store.past_sales(self._search(text, None))
            self.happens(FoundAgain(text, tuple(sales), more))

    def _search(self, text: str, after: str | None) -> SaleSearch:
        """Return the search that a text means: a receipt, a time, a day, an amount, or items.

        Raises:
            StoreError: no item has that name.
        """
        register, typed = self.controller.register, text.strip()
        if not typed:
            return SaleSearch(after=after)
        if (receipt := receipt_number(typed)) is not None:
            return SaleSearch(receipt=receipt, after=after)
        if (span := self._span(typed)) is not None:
            return SaleSearch(since=span[0], until=span[1], after=after)
        try:
            amount = register.formats.minor(typed)
        except AmountError:
            amount = None
        if amount is not None:
            return SaleSearch(amount=register.formats.currency.text(amount), after=after)
        words = typed.casefold().split()
        items = tuple(item.id for item in register.menu.items if all(word in item.name.casefold() for word in words))
        if not items:
            raise StoreError(_("No “{text}” on the menu. Type a number or an amount.").format(text=cut(typed, 14)))
        return SaleSearch(items=items[:50], after=after)

    def _span(self, typed: str) -> tuple[datetime, datetime] | None:
        """Return the start and end of a day, or of the last minute with that time of day."""
        now = self.controller.now()
        try:
            if found := _TIME.match(typed):
                moment = now.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
                moment -= timedelta(days=moment > now)
                return moment, moment + timedelta(minutes=1)
            if _DAY.match(typed):
                day = datetime.combine(date.fromisoformat(typed), time(), tzinfo=now.tzinfo)
                return day, day + timedelta(days=1)
        except ValueError:
            return None
        return None

    async def open_sale(self, sale: PastSale) -> NotDone | None:
        """Open a sale of the list: load its events, and refunds and corrections on other tills."""
        refunds = self.controller.register.refunds
        try:
            away = not await self._read(sale.session_id, sale.receipt, sale.order_id)
            refunds.sale(sale.session_id, sale.receipt)
            twice = await self._refunded_besides(sale.session_id, sale.receipt)
        except TillError as problem:
            return NotDone(problem.sentence)
        self.happens(SaleOpened(sale.session_id, sale.receipt, away, self._unheard(sale.at), twice))
        was, self._was = self._was, ""
        if was:
            self.ask_correction(was)
        return None

    async def _read(self, session_id: str, receipt: str, order_id: str) -> bool:
        """Read a sale's events, and its refunds on other tills; return True if the server answered."""
        answered = await self._read_refunds(receipt, order_id)
        if answered:
            await self._fetch(session_id)
        return answered

    async def _refunded_besides(self, session_id: str, receipt: str) -> str:
        """Ask what is refunded of the other receipts of an order that was sold twice; empty for none."""
        refunds = self.controller.register.refunds
        for other in refunds.sold_besides(session_id, receipt):
            await self._read_refunds(other.receipt, other.order_id)
        return refunds.refunded_besides(session_id, receipt)

    def _unheard(self, sold_at: datetime) -> str:
        register = self.controller.register
        return register.venue.unheard_of(sold_at, register.till)

    async def _fetch(self, session_id: str) -> None:
        """Fetch the server's events of an order. If the order is here already, a failure is ignored."""
        store = self.controller.store
        try:
            if store is not None:
                await store.fetch(session_id)
        except StoreError:
            if self.controller.register.refunds.order(session_id) is None:
                raise

    async def _read_refunds(self, receipt: str, order_id: str) -> bool:
        """Read the refunds of a sale on other tills; return True if the server answered."""
        store = self.controller.store
        if store is None:
            return False
        try:
            sales, _more = await store.past_sales(SaleSearch(receipt=receipt))
        except StoreError:
            return False
        for one in sales:
            if one.order_id == order_id:
                self.controller.register.refunds.hear(one)
        return True

    # Refunds.

    def give_left(self, left: PastSale) -> None:
        """Give back money on no sale: through its terminal if that can, otherwise by hand."""
        register = self.controller.register
        payment = register.ledger.order(left.session_id).payments[left.left]
        if payment.going_back is not None:
            register.asker.ask_now(payment.asked_for.id)
            self.message = plain(_("Asking now."))
            return

        give_back(
            self.controller,
            self.screen,
            left.session_id,
            payment,
            asked=lambda: self.happens(SalesActDone(self._asked_back(left.total, payment.tender))),
            given=lambda _order, sentence: self.happens(SalesActDone(sentence)),
        )

    def _asked_back(self, amount: Minor, tender: str) -> str:
        register = self.controller.register
        words = _("Refund of {amount} by {tender} sent. The answer follows.")
        return words.format(amount=register.formats.money(amount), tender=register.asker.tenders.in_words(tender))

    def ask_refund(
        self, sale: Sale, share: Share, way: Way, of: Rest | None, *, rest: Part | None, exchange: bool, picked: bool
    ) -> None:
        """Ask for a reason and a manager, then refund the share. The rest is marked then.

        For the rest `of` a refund both are known. With `exchange` a new order follows; with `picked` the first reason
        is marked.
        """
        register, opened = self.controller.register, self.state.opened
        if opened is None:
            return
        register.checkout.check_till(is_order=False)
        money, in_words = register.formats.money, register.asker.tenders.in_words
        later = rest.amount if rest is not None else NOTHING
        whole = money(Minor(share.part.amount + later))
        title = _("Refund {amount} of {receipt}").format(amount=whole, receipt=sale.placed.receipt)
        order = self._order()
        tip = order.tips_of(sale.placed) if order is not None else NOTHING
        card = None if way.is_instead else card_of_way(way, order)
        where = in_words(way.tender) if card is None else f"{in_words(way.tender)} {card.number}"
        paid = order.payments.get(way.payment.payment_id) if order is not None else None
        warning = (paid.warning if paid is not None else "") or opened.warning

        def because(reason: str) -> None:
            def start(part: Share, approval: Approval | None = None, *, away: bool = False) -> Refund:
                asked = opened.session_id, part, way, sale, approval, reason
                return register.refunds.start(*asked, away=away, rest=later)

            def refund(approval: Approval | None, part: Share = share) -> None:
                left = Rest(rest, reason, exchange, approval) if rest is not None else None
                self.controller.hold(self._refund(sale, partial(start, part, approval), way, left, exchange=exchange))

            if of is not None and of.approval is not None:
                part = share if rest is not None else giving.rest_back(sale, of.part, money)  # approved before rounding
                if register.approvals.lacking(partial(start, part, of.approval)) is None:
                    refund(of.approval, part)
                    return
            stays = fact(_("Tip"), _("{amount}, which stays").format(amount=money(tip)))
            then = fact(_("Then"), _("{amount}, as it was paid").format(amount=money(later)))
            facts = (
                fact(_("Refund"), f"{money(share.part.amount)}, {where}"),
                *([then] if later else []),
                fact(_("Sale"), sale.placed.receipt),
                *([stays] if tip else []),
                reason_fact(reason),
            )
            first = partial(start, share)
            with_right(self.controller, self.screen, title, refund, facts=facts, warning=warning, first=first)

        if of is not None:
            because(of.reason)
            return
        self.controller.open(
            ReasonSheet(self.controller, self.screen, title, REFUND, because, picked=picked, warning=warning)
        )

    async def _refund(
        self, sale: Sale, start: Callable[..., Refund], way: Way, rest: Rest | None, *, exchange: bool
    ) -> None:
        """Reserve the refund at the server, then give the money; while the server is away, give it at once."""
        opened = self.state.opened
        if opened is None:
            return
        if opened.away and await self._read_refunds(opened.receipt, sale.placed.order_id):
            self.happens(SaleOpened(opened.session_id, opened.receipt, False, opened.unheard, opened.twice))
            self.happens(NotDone(_("Online again. Nothing refunded: mark it again.")))
            return
        try:
            twice = await self._refunded_besides(opened.session_id, opened.receipt)
            if twice != opened.twice:  # somebody refunded the other receipt meanwhile
                self.happens(SaleOpened(opened.session_id, opened.receipt, opened.away, opened.unheard, twice))
                return
            begun = start(away=opened.away)
            if rest is not None and rest.approval is not None:
                rest = replace(rest, approval=self.controller.register.approvals.given)
            if not opened.away:
                begun = await self._kept(begun)
        except TillError as problem:
            self._report(NotDone(problem.sentence), opened.session_id)
            return
        if begun.state is PaymentState.APPROVED:
            traits = self.controller.register.asker.tenders.traits_of(way.tender)
            sentence = refund_words.refunded(self.controller.register.answers, begun, traits)
        elif begun.is_open:
            sentence = self._asked_back(begun.amount, way.tender)
        else:
            return
        self._report(SalesActDone(sentence, rest), opened.session_id)
        if exchange and rest is None:
            sentence = _("{message} Now key the new order; it is paid separately.").format(message=sentence)
            self.controller.sell(self._session_id, plain(sentence))

    async def _kept(self, begun: Refund) -> Refund:
        """Ask the server to reserve a refund. If it does not, the refund is declined and nothing is given back."""
        refunds, store = self.controller.register.refunds, self.controller.store
        try:
            if store is None or not await store.flush(_PATIENCE):
                raise StoreAwayError
            state = await store.refund_state(begun.id)
        except StoreError:
            begun = refunds.decline(begun.id, N_("the server did not answer"))
            refunds.check_away(begun.started.session_id, begun.started.sold)
            sentence = _("Offline: nothing refunded. Enter again refunds in cash.")
            self._report(NotDone(sentence, away=True), begun.started.session_id, _("Offline: nothing refunded."))
            return begun
        if state in {"reserved", "approved", "unknown"}:
            if self.controller.register.refunds.give(begun):
                return begun
            return refunds.approve(begun.id)
        begun = refunds.decline(begun.id, N_("refused by the server"))
        await self._read_refunds(begun.started.sold, begun.started.order_id)
        sentence = _("Another till has refunded that. Nothing was refunded here.")
        if self.controller.register.asker.tenders.traits_of(begun.started.tender).needs_server:
            sentence = _("Not refunded: done already, or it has ended. Tab: cash.")
        if state is None:  # the sale or the refund waits for a manager at the server
            sentence = _("Not refunded: the server refused. A manager: Ctrl+O.")
        self._report(NotDone(sentence), begun.started.session_id)
        return begun

    def _report(self, outcome: SalesActDone | NotDone, session_id: str, elsewhere: str = "") -> None:
        """Show the outcome of a refund or correction. If keys were typed ahead, it is kept until somebody has read it.

        `elsewhere` is the sentence for other screens, if it differs.
        """
        self.happens(outcome)
        register = self.controller.register
        if self.controller.is_typed_ahead and register.access.person is not None:
            register.unread.keep(session_id, elsewhere or outcome.sentence, register.access.person.number)

    def ask_invoice(self, words: str) -> None:
        """Make a full invoice for the open ticket, to a buyer as it is typed."""
        self.controller.register.checkout.check_till(is_order=False)
        if (buyer := read_buyer(words)) is not None:
            self.controller.hold(self._make_invoice(buyer))

    async def _make_invoice(self, buyer: Buyer) -> None:
        """Have the server claim the invoice for this till, so that no other till makes one too, then make it."""
        opened, register = self.state.opened, self.controller.register
        if opened is None:
            return
        try:
            order = register.ledger.order(opened.session_id)
            sold = register.refunds.placing(order, opened.receipt)
            check_invoice(register.fiscal, order, sold, buyer)
            await self._claim_invoice(sold.data.order_id)
            made = issue_invoice(register.fiscal, register.ledger.order(opened.session_id), sold, buyer)
        except StoreAwayError:
            self._report(NotDone(_("Offline: no invoice made. Try again once online.")), opened.session_id)
        except TillError as problem:
            self._report(NotDone(problem.sentence), opened.session_id)
        else:
            words = _("Invoice {number} is made.")
            self._report(SalesActDone(words.format(number=made.number)), opened.session_id)

    async def _claim_invoice(self, order_id: str) -> None:
        """Claim the invoice for a ticket at the server, once the record of the ticket is there."""
        store = self.controller.store
        if store is None or not await store.flush(_PATIENCE):
            raise StoreAwayError
        await store.claim_invoice(order_id)

    def ask_settling(self, refund_id: str, *, given: bool) -> None:
        """Ask a manager for the outcome of a refund that a crash left without an answer."""
        register = self.controller.register

        def settle(approval: Approval | None) -> None:
            settled = register.refunds.settle(refund_id, approval, given=given)
            sentence = _("Not refunded: it can be refunded again.")
            if given:
                traits = register.asker.tenders.traits_of(settled.started.tender)
                sentence = refund_words.refunded(register.answers, settled, traits)
            self.happens(SalesActDone(sentence))

        title = _("It was refunded: a manager confirms") if given else _("Nothing was refunded: a manager confirms")
        with_right(self.controller, self.screen, title, settle)

    def ask_correction(self, typed: str) -> None:
        """Correct the tender of the open sale: of its single payment, or of the first one with another tender."""
        opened, order = self.state.opened, self._order()
        if opened is None or order is None:
            return
        register = self.controller.register
        try:
            tender = register.asker.tenders.called(typed)
            paid = register.refunds.sale(opened.session_id, opened.receipt).placed.payments
            wrong = [one for one in paid if order.corrected.get(one.payment_id, one.tender) != tender]
            if len(wrong) > 1:
                raise RefundError(_("Two payments differ: refund one, and sell it again."))
            if not paid:
                raise RefundError(_("Nothing was paid for this sale."))
            payment = (wrong or paid)[0]
            money = register.formats.money(register.formats.currency.minor(payment.amount))
            name = register.asker.tenders.in_words(tender)
            title = _("{amount} was paid by {tender}: a manager confirms").format(amount=money, tender=name)
            correct = partial(register.corrections.correct_tender, opened.session_id, payment.payment_id, tender)
            words = _("{receipt}: {amount} was {tender}. The first entry is kept.")
            if order.payments[payment.payment_id].till != register.ledger.till:
                words = _("{receipt}: {amount} was {tender}, once the desk books it.")
            sentence = words.format(receipt=opened.receipt, amount=money, tender=name)
            act = self._correcting(opened, correct, sentence)
            with_right(self.controller, self.screen, title, act, first=partial(correct, None))
        except TillError as problem:
            self.message = refusal(problem.sentence)

    def show_at(self, typed: str) -> None:
        """Show the order of the open sale at a minute."""
        if self.state.opened is None:
            return
        try:
            show_at(self.controller, self.screen, self.state.opened.session_id, typed)
        except TillError as problem:
            self.happens(NotDone(problem.sentence))

    def ask_tip(self, tip: Minor, way: Way | None) -> None:
        """Correct the tip of a payment of the open sale; the chosen way decides which, and where the rest goes back."""
        opened, order = self.state.opened, self._order()
        if opened is None or order is None:
            return
        register = self.controller.register
        corrections, answers, money = register.corrections, register.answers, register.formats.money
        right = corrections.right_tip(opened.session_id, opened.receipt, tip, way)
        was = order.tip_of(right.payment_id)
        back, where = Minor(was - tip), register.asker.tenders.by_way(right.tender)
        words = _("Tip {tip}, not {was}: {amount} back {where}")
        if back < 0:
            words = _("Tip {tip}, not {was}: {amount} more {where}")
        title = words.format(tip=money(tip), was=money(was), amount=money(Minor(abs(back))), where=where)
        facts = (fact(_("Sale"), opened.receipt),)
        sentence = refund_words.tip_corrected(answers, opened.receipt, tip, back, where)
        correct = partial(corrections.correct_tip, opened.session_id, right)
        with_right(
            self.controller,
            self.screen,
            title,
            self._correcting(opened, correct, sentence),
            facts=facts,
            warning=f"{title}.",
            first=partial(correct, None),
        )

    def _correcting(
        self, opened: OpenedSale, correct: Callable[[Approval | None], Order], sentence: str
    ) -> Callable[[Approval | None], None]:
        """Return the act of a correction, and what it says. It is about the corrections that are known now."""
        known = self.controller.register.corrections.of(opened.session_id)
        return lambda approval: self.controller.hold(self._correct(opened, known, partial(correct, approval), sentence))

    async def _correct(
        self, opened: OpenedSale, known: Sequence[Event], correct: Callable[[], Order], sentence: str
    ) -> None:
        """Correct the sale, unless another till has done so since it was asked about; while offline, at once."""
        register = self.controller.register
        try:
            if self.controller.answering is not None:
                placed = register.refunds.sale(opened.session_id, opened.receipt).placed
                await self._read(opened.session_id, opened.receipt, placed.order_id)
            register.corrections.check(opened.session_id, known)
            correct()
            outcome: SalesActDone | NotDone = SalesActDone(sentence)
        except TillError as problem:
            outcome = NotDone(problem.sentence)
        self._report(outcome, opened.session_id)

    def _order(self) -> Order | None:
        opened = self.state.opened
        return self.controller.register.refunds.order(opened.session_id) if opened is not None else None
