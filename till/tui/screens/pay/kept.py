"""Payment by a voucher's code or by the customer's house account, both kept at the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import PaymentError, StoreAwayError, TillError
from till.domain.i18n import N_, _
from till.domain.money.measures import NOTHING, Minor
from till.domain.payment.codes import digest_of, read_code
from till.domain.text import clean
from till.tui.drawing.palette import Mark
from till.tui.drawing.viewmodels import FactsView, FactView, KeyView, StyledText, fact
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import KeyPress
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Customer
    from till.ports import RemoteAccount, RemoteVoucher, Store
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller


class KeptSheet(ChoiceSheet):
    """The balance to pay with; Enter pays the wanted amount, or as much as there is.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        title: the way to pay.
        wanted: the amount to pay.
        currency: the order's currency.
        act: pays, given the identity of the voucher or account and the amount.
    """

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        title: str,
        wanted: Minor,
        currency: str,
        act: Callable[[str, Minor], None],
    ) -> None:
        super().__init__(controller, screen, title)
        self._wanted = wanted
        self._currency = currency
        self._act = act
        #: The text typed, the identity of the voucher or account found, and its balance.
        self._typed = ""
        self._named = ""
        self._left = NOTHING
        self._details: tuple[FactView, ...] = ()

    def _money(self, amount: Minor) -> str:
        return self.controller.register.formats.money(amount)

    def _pays(self) -> Minor:
        return Minor(min(self._left, self._wanted))

    @property
    def _ready(self) -> bool:
        """True if Enter pays: a voucher or account was found, and nothing else is typed."""
        return bool(self._named) and not self.entry.text

    def _fact(self, label: str, amount: Minor) -> FactView:
        return fact(label, self._money(amount))

    def _store(self) -> Store:
        """Return the server's store.

        Raises:
            StoreAwayError: the server is away, so it cannot pay.
        """
        if self.controller.store is None:
            raise StoreAwayError
        return self.controller.store

    def _find(self, named: str, left: Minor, currency: str, facts: tuple[FactView, ...]) -> None:
        """Show a voucher or account that was found.

        Raises:
            PaymentError: it cannot pay for this order.
        """
        if currency != self._currency:
            raise PaymentError(_("It is in another currency: {currency}.").format(currency=currency))
        if left <= 0:
            raise PaymentError(_("Nothing is left on it. Esc, then another way."))
        self._named, self._left, self._details = named, left, facts

    @override
    def room(self) -> int:
        """Return 0: there is nothing to choose, and the facts take the room."""
        return 0

    @override
    def facts(self) -> FactsView:
        due = self._fact(_("To be paid"), self._wanted)
        if not self._named:
            return FactsView((due,))
        rest = Minor(self._wanted - self._pays())
        more = (self._fact(_("Due then"), rest),) if rest else ()
        return FactsView((*self._details, due, *more))

    @override
    def primary(self) -> KeyView:
        pays = _("Pay {amount}").format(amount=self._money(self._pays()))
        return KeyView("Enter", pays if self._ready else _("Look"))

    @override
    def enter(self, typed: str) -> None:
        """Pay with the voucher or account found."""
        if not typed and self._named:
            self.controller.close()
            self._act(self._named, self._pays())

    async def _look(self) -> None:
        """Ask the server."""

    def _begin(self) -> None:
        """Start asking the server, and say so until it answers or times out."""
        self._store()
        self.message = StyledText(_("Asking the server. One moment."), mark=Mark.SAVING)
        self.controller.hold(self._ask())

    async def _ask(self) -> None:
        try:
            await self._look()
        except StoreAwayError:
            self._not_found(_("The server does not answer. Esc: pay another way. Or wait."))
        except TillError as problem:
            self._not_found(problem.sentence)
        else:
            self.message, self.entry = None, EMPTY
        self.resize()

    def _not_found(self, sentence: str) -> None:
        self._named, self.message, self.entry = "", refusal(sentence), self.refused(self._typed)


class VoucherSheet(KeptSheet):
    """The question for a voucher's code, typed or scanned, and its balance; Enter pays."""

    types = True
    _digest = ""
    help_rows = (
        (N_("code, Enter"), N_("Look at a voucher"), N_("its balance is shown")),
        ("Enter", N_("Pay with it"), N_("the rest stays on it")),
        ("Esc", N_("Back"), N_("nothing is taken")),
    )

    def look(self, code: str) -> None:
        """Open the sheet; with a code, look it up at once."""
        self.controller.open(self)
        if code:
            self.entry = EntryLine.of(code)
            self.press(KeyPress("enter"))

    @override
    def enter(self, typed: str) -> None:
        """Look a code up, or pay with the voucher found."""
        if not typed:
            super().enter(typed)
            return
        self._digest, self._named, self._typed = digest_of(read_code(typed)), "", typed
        self._begin()

    @override
    async def _look(self) -> None:
        found: RemoteVoucher = await self._store().voucher(self._digest)
        facts = (fact(_("Voucher"), f"…{clean(found.hint)}"), self._fact(_("On it"), found.left))
        self._find(found.ask, found.left, found.currency, facts)

    @override
    def hint(self) -> str:
        if self._ready:
            return _("Enter pays {amount} with it.").format(amount=self._money(self._pays()))
        return _("Type or scan the voucher's code, then Enter.")


class AccountSheet(KeptSheet):
    """The house account of a customer; Enter charges the order to it, up to its limit."""

    help_rows = (
        ("Enter", N_("Pay by the account"), N_("up to its limit")),
        ("Esc", N_("Back"), N_("nothing is taken")),
    )

    def look(self, customer: Customer) -> None:
        """Open the sheet and look the account of a known customer up."""
        self._store()
        self._customer = customer
        self.controller.open(self)
        self._begin()

    @override
    def enter(self, typed: str) -> None:
        """Pay by the account; if none was found, look again."""
        super().enter(typed)
        if not self._named:
            self._begin()

    @override
    async def _look(self) -> None:
        name, known = clean(self._customer.name) or _("This guest"), self._customer.id or ""
        found: RemoteAccount | None = await self._store().account(known)
        if found is None:
            raise PaymentError(_("{name} has no house account. Esc, then another way.").format(name=name))
        facts = (fact(_("Guest"), name), self._fact(_("Owes"), found.owed), self._fact(_("Limit"), found.limit))
        if found.left <= 0:
            sentence = _("{name} owes {owed} of {limit}. Esc: another way.")
            owed, limit = self._money(found.owed), self._money(found.limit)
            raise PaymentError(sentence.format(name=name, owed=owed, limit=limit))
        self._find(found.customer_id, found.left, found.currency, facts)

    @override
    def hint(self) -> str:
        if self._named:
            return _("Enter charges {amount} to the account.").format(amount=self._money(self._pays()))
        return ""
