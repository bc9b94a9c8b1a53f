"""The sheet of money conflicts between tills and of records that the database could not apply."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.advice import Advice
from till.domain.conflict import how_to_settle, kind_in_words
from till.domain.errors import ReasonNeededError, RefundError, RightsError, StoreAwayError, StoreError, TillError
from till.domain.events.envelope import SERVER
from till.domain.i18n import N_, _, ngettext
from till.domain.order import paying
from till.domain.order.deciding import check_reason
from till.domain.payment.movement import PaymentState
from till.domain.text import clean
from till.ports import RemoteConflict, RemoteRecord, SaleSearch
from till.register import refund_words
from till.register.other_tills.news import ServerAnswered
from till.tui.drawing.viewmodels import ChoiceView, FactsView, KeyView, fact, numbered
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.admin.conflict_facts import facts_of, sessions_of
from till.tui.screens.sheets.approval import ApprovalSheet
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.screens.sheets.managers import WentBackSheet, give_back
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import ReturnEnded, plain, refusal

if TYPE_CHECKING:
    from till.domain.money.measures import Minor
    from till.domain.order.state import Order, Payment
    from till.domain.staff.rights import Approval
    from till.ports import Store
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress
    from till.tui.shell.messages import Heard


#: The number that words begin with.
_NUMBER: Final = re.compile(r"\W*([0-9]+)")
_NEEDS_SERVER: Final = N_("This needs the server.")
#: The words that settle a refund whose answer will never come, and the effect of each.
_COUNTS_AS: Final = {
    "given": N_("The refund counts as given."),
    "not given": N_("It was not given: refund it again with F10."),
}


class ConflictSheet(ChoiceSheet):
    """The list of conflicts and unreadable records. Choose one, type how it was settled, Enter."""

    types = True
    columns = Columns(key=1, name=4, detail=20)
    help_rows = (
        (N_("its number, or ↑ ↓"), N_("Choose one of them"), ""),
        (N_("words, Enter"), N_("How it was settled"), N_("kept with your number")),
        ("Enter", N_("Refund money"), N_("that is on no sale, by PIN; a terminal is asked")),
        ("Tab", N_("By hand"), N_("a terminal's payment: refund it, or settle it")),
        ("Esc", N_("Back"), N_("it keeps waiting")),
    )

    def __init__(self, controller: Controller, screen: TillScreen) -> None:
        super().__init__(controller, screen, _("Waiting for a manager"))
        self._found: list[RemoteConflict | RemoteRecord] = []
        self._looked_at: set[str] = set()
        #: The refunded amounts of the receipts of an order that was sold twice, by conflict.
        self._backs: dict[str, dict[str, Minor]] = {}
        self._asked = controller.store is None
        if controller.store is not None:
            controller.hold(self._ask())

    @override
    def hear(self, news: Heard) -> bool:
        """Show the outcome of a refund; ask the database again. The selected one stays so, and the words for it."""
        if isinstance(news, ReturnEnded):
            self.heard(news.session_id, news.payment_id)
            return True
        if isinstance(news, ServerAnswered) and self.controller.answering is not None:
            self.controller.meanwhile(self._ask())
        return False

    async def _ask(self) -> None:
        store = self.controller.store
        if store is None:
            return
        try:
            conflicts, records, waiting = await store.matters()
            self._keep([*conflicts, *records])
            if (more := sum(waiting.values()) - len(self._found)) > 0:
                self.message = plain(_("{n} more wait: `till admin conflicts` lists them.").format(n=more))
        except StoreError as problem:
            self.message = plain(problem.sentence)
        self._asked = True
        await self._look()

    @override
    def press(self, press: KeyPress) -> None:
        """Choose, type or close, then load the facts of the selected conflict."""
        before, how = self._chosen(), self.entry.text
        left = self._left() if press.key == "tab" else None
        if left is not None and self._is_asked(left):
            self._by_hand(left)
            return
        super().press(press)
        if self.controller.top is not self and press.is_enter:
            self.entry = EntryLine.offer(how)  # offered again if the password is not given
        if self in self.controller.sheets and self._chosen() is not before:
            self.controller.hold(self._look())

    async def _look(self) -> None:
        """Fetch the orders of the selected conflict, once. Without the database the row has no facts."""
        chosen, store = self._chosen(), self.controller.store
        if store is not None and isinstance(chosen, RemoteConflict) and chosen.conflict_id not in self._looked_at:
            self._looked_at.add(chosen.conflict_id)
            try:
                await self._fetch(store, chosen)
            except StoreError as problem:
                self.message = plain(problem.sentence)
        self.resize()

    async def _fetch(self, store: Store, conflict: RemoteConflict) -> None:
        brought: set[str] = set()
        while more := next((one for one in sessions_of(conflict) if one not in brought), None):
            brought.add(more)
            await store.fetch(more)
        backs: dict[str, Minor] = {}
        for receipt in conflict.receipts if conflict.kind == "sold_twice" else ():
            sales, _more = await store.past_sales(SaleSearch(receipt=receipt))
            backs.update((receipt, one.back) for one in sales if one.receipt == receipt and one.back)
        self._backs[conflict.conflict_id] = backs

    @override
    def facts(self) -> FactsView:
        """Return where and when the money of the selected conflict was taken, and whose order it is."""
        chosen = self._chosen()
        return FactsView(facts_of(self.controller.register, chosen) if isinstance(chosen, RemoteConflict) else ())

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """Return the rows: conflicts, newest first, then records."""
        money = self.controller.register.formats.money
        return numbered(
            (_kind(matter), self._where(matter), money(matter.amount) if matter.amount is not None else None)
            for matter in self._found
        )

    def _where(self, matter: RemoteConflict | RemoteRecord) -> str:
        """Return when it was found, and on which till unless the database found it."""
        when = self.controller.register.venue.local(matter.found_at).strftime("%H:%M")
        till = self.controller.register.venue.till_name(matter.till) if matter.till else ""
        return ", ".join(part for part in (till, when) if part)

    def _chosen(self) -> RemoteConflict | RemoteRecord | None:
        place = self.marked()
        return self._found[place] if place is not None else None

    @override
    def empty(self) -> tuple[str, ...]:
        if not self._asked:
            return (_("One moment."),)
        count = self.controller.register.notices.count
        sentence = ngettext(
            "{n} notice to read: Esc, then type “notices”.", "{n} notices to read: Esc, then type “notices”.", count
        )
        return (_("Nothing is waiting for a manager."), *([sentence.format(n=count)] if count else []))

    def _left(self) -> Payment | None:
        """Return the payment of the selected conflict that no sale lists, if this till can give it back."""
        chosen, register = self._chosen(), self.controller.register
        if not isinstance(chosen, RemoteConflict) or chosen.kind != "money_without_order" or not chosen.session_id:
            return None
        if not register.checkout.is_left(chosen.session_id, chosen.subject):
            return None
        return register.ledger.order(chosen.session_id).payments[chosen.subject]

    def _refunded_at(self, conflict: RemoteConflict) -> int | None:
        """Return the till that can refund money which no sale lists; 0 if it is at the gateway, None for others."""
        ledger = self.controller.register.ledger
        order = ledger.readable(conflict.session_id) if conflict.session_id else None
        payment = order.payments.get(conflict.subject) if order is not None else None
        if order is None or payment is None or conflict.kind != "money_without_order":
            return None
        return payment.till or order.holder or SERVER if paying.is_left(order, payment.id, payment.till) else None

    def _is_asked(self, left: Payment) -> bool:
        """Return True if the money goes back through its terminal, or a refund of it is under way."""
        return left.going_back is not None or self.controller.register.charges.is_returned(left)

    def _not_asked(self, left: Payment) -> str:
        """Return the refusal if another till asked for the refund, which may be done by now; else empty."""
        register = self.controller.register
        till = register.charges.till_that_asked_back(left)
        return "" if till is None else register.answers.not_asked_here(left, register.venue.till_name(till), "Tab")

    @override
    def hint(self) -> str:
        chosen = self._chosen()
        if left := self._left():
            sentence, more = _("Enter refunds {amount}, by PIN."), _("Or type how it was settled.")
            if not_asked := self._not_asked(left):
                return not_asked
            if left.going_back is not None:
                sentence, more = _("{amount} is being refunded."), _("Enter checks it now.")
            elif self._is_asked(left):
                sentence = _("Enter asks the terminal, by PIN.")
            return Advice(sentence.format(amount=self.controller.register.formats.money(left.amount)), more)
        if isinstance(chosen, RemoteRecord):
            return _("{reason} Type how it was settled, then Enter.").format(reason=clean(chosen.reason))
        return self._advice(chosen) if chosen is not None else ""

    def _advice(self, conflict: RemoteConflict) -> str:
        """Return how to settle a conflict that this till cannot refund."""
        till = self._refunded_at(conflict)
        if till == SERVER:
            return _("Refund it at the gateway, then type how it was settled.")
        if till is not None:
            name = self.controller.register.venue.till_name(till)
            return _("{till} refunds it by Ctrl+O. Or type how it was settled.").format(till=name)
        if backs := self._backs.get(conflict.conflict_id):
            sentence = _("{refunded} is refunded. Type how it was settled.")
            if sum(backs.values()) < conflict.amount:
                sentence = _("{refunded} is refunded. Paid once? F10 refunds the rest.")
            return sentence.format(refunded=refund_words.refunded_of(self.controller.register.answers, backs))
        return how_to_settle(conflict.kind) or _("Choose with ↑ ↓ or a number; type how it was settled, Enter.")

    @override
    def keys(self) -> tuple[KeyView, ...]:
        *others, esc = super().keys()
        left = self._left()
        tab = (KeyView("Tab", _("By hand")),) if left is not None and self._is_asked(left) else ()
        return (*others, *tab, esc)

    @override
    def primary(self) -> KeyView:
        if not self.entry.text and (left := self._left()) and not self._not_asked(left):
            return KeyView("Enter", _("Ask now") if left.going_back is not None else _("Refund"))
        return KeyView("Enter", _("Settled") if self._found else _("Back"))

    @override
    def enter(self, typed: str) -> None:
        chosen = self._chosen()
        if chosen is None:
            self.cancel()
            return
        if not typed and (left := self._left()):
            self._give_back(chosen, left)
            return
        how, person = check_reason(typed), self.controller.register.access.person
        self._check_number(chosen, how)
        if _is_refund(chosen) and how.casefold() not in _COUNTS_AS:
            raise RefundError(_("Type “given” or “not given”: that settles the refund."))
        if person is None or not person.manages:
            raise RightsError
        sheet = ApprovalSheet(
            self.controller,
            self.screen,
            _("Your password"),
            lambda _number, password: self._settle(chosen, how, person.number, password),
            number=person.number,
            secret=_("password"),
            facts=(fact(_("What"), self._what(chosen)), fact(_("How"), clean(how))),
        )
        self.controller.open(sheet)

    def _check_number(self, chosen: RemoteConflict | RemoteRecord, how: str) -> None:
        """Refuse words that begin with the number of another entry: they may be meant for that one."""
        found = _NUMBER.match(how)
        number = found[1] if found is not None else ""
        if number in {str(place) for place, matter in enumerate(self._found, 1) if matter is not chosen}:
            raise ReasonNeededError(
                _("Is it number {n}? Type {n}, Enter first, or begin with a word.").format(n=number)
            )

    def _what(self, matter: RemoteConflict | RemoteRecord) -> str:
        """Return the kind, the amount and the place of an entry, which tell it from the others."""
        amount = self.controller.register.formats.money(matter.amount) if matter.amount is not None else ""
        return ", ".join(part for part in (_kind(matter), amount, self._where(matter)) if part)

    def _give_back(self, chosen: RemoteConflict | RemoteRecord, left: Payment) -> None:
        """Give the money back with a manager's PIN; the events of this till then settle the conflict.

        A terminal or gateway that can return its payment is asked to. Otherwise a person gives the money back.
        """
        if not_asked := self._not_asked(left):
            self.message = refusal(not_asked)
        elif left.going_back is not None:
            self.controller.register.asker.ask_now(left.asked_for.id)
            self.message = plain(_("Asking now."))
        else:
            self._return(chosen.session_id or "", left)

    def _by_hand(self, left: Payment) -> None:
        """Give back by hand what a terminal took, or record whether a refund under way went through."""
        chosen, charges = self._chosen(), self.controller.register.charges
        session_id = chosen.session_id or "" if chosen is not None else ""
        if left.going_back is None:
            self._return(session_id, left, by_hand=True)
            return

        def settled(approval: Approval, given: bool) -> None:
            charges.settle_by_hand(session_id, left.id, approval, charged=given)
            self.heard(session_id, left.id)

        try:
            self.controller.register.asker.check_settling(left.asked_for)
        except TillError as problem:
            self.message = refusal(problem.sentence)
        else:
            self.controller.open(WentBackSheet(self.controller, self.screen, left, settled))

    def _return(self, session_id: str, left: Payment, *, by_hand: bool = False) -> None:
        def asked() -> None:
            self.message = None  # the progress of the refund says more

        def given(_order: Order, sentence: str) -> None:
            self._drop(left.id, sentence)

        give_back(self.controller, self.screen, session_id, left, asked=asked, given=given, by_hand=by_hand)

    def heard(self, session_id: str, payment_id: str) -> None:
        """Show the outcome of a refund that was under way."""
        register = self.controller.register
        payment = register.ledger.order(session_id).payments[payment_id]
        sentence = register.answers.went_back(payment, register.asker.tenders.label_of(payment.tender))
        if payment.state is PaymentState.VOIDED:
            self._drop(payment_id, sentence)
        else:
            self.message = refusal(sentence)

    async def _settle(self, chosen: RemoteConflict | RemoteRecord, how: str, user: int, password: str) -> None:
        """Settle it at the server, which checks the password."""
        store = self.controller.store
        if store is None:
            raise StoreAwayError(_NEEDS_SERVER)
        try:
            if isinstance(chosen, RemoteRecord):
                await store.settle_record(chosen.record, how, user, password)
            else:
                await store.settle_conflict(chosen.conflict_id, how, user, password)
        except StoreAwayError as problem:  # away: the password was neither accepted nor refused
            raise StoreAwayError(_NEEDS_SERVER) from problem
        outcome = _COUNTS_AS[how.casefold()] if _is_refund(chosen) else _("It is in the log, with your number.")
        self._drop(chosen, _("Settled. {outcome}").format(outcome=outcome))

    def _keep(self, found: list[RemoteConflict | RemoteRecord]) -> None:
        """List these. Words typed for an entry that left the list are dropped."""
        chosen, self._found = self._chosen(), found
        if chosen in found:
            self.selected = found.index(chosen)
        elif chosen is not None:
            self.selected, self.entry = 0, EMPTY

    def _drop(self, about: RemoteConflict | RemoteRecord | str, sentence: str) -> None:
        """Remove the settled entry, or all entries about a payment, and show a message."""
        self._keep([one for one in self._found if one is not about and getattr(one, "subject", None) != about])
        self.message = plain(sentence)
        if self.controller.scene is not None:
            self.controller.scene.message = None  # it was the message that this conflict waits
        self.resize()


def _is_refund(matter: RemoteConflict | RemoteRecord) -> bool:
    """Return True if it is a refund that only a person can tell was given or not."""
    return isinstance(matter, RemoteConflict) and matter.kind == "no_answer" and matter.is_of_refund


def _kind(matter: RemoteConflict | RemoteRecord) -> str:
    return _("a record") if isinstance(matter, RemoteRecord) else kind_in_words(matter.kind)
