"""The base of sheets that look customers up at the server, by name or phone number."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from till.domain.errors import StoreAwayError, StoreError, TillError
from till.domain.events.fields import LONGEST_LABEL
from till.domain.i18n import N_, _, ngettext
from till.domain.order.state import Customer
from till.domain.text import clean
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import ChoiceView, FactsView, KeyView, StyledText, fact, numbered
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.ports import RemoteCustomer, RemotePurchase, Store
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller


class GuestError(TillError):
    """A customer's name that cannot be used or found."""

    code = "guest"
    default = N_("Nobody has that name.")


class GuestSearch(ChoiceSheet):
    """A sheet where Enter looks up a name or number, and a digit and Enter choose a match."""

    types = True
    #: True if only customers with a house account are looked up.
    with_account: ClassVar[bool] = False
    columns = Columns(key=1, name=4, detail=26)
    empty_text = N_("Nobody yet.")
    help_rows = (
        (N_("Rao, Enter"), N_("Look for a name"), N_("three letters are enough")),
        (N_("98450, Enter"), N_("Look for a phone number"), N_("any part of it")),
        ("1-9, Enter", N_("Choose"), ""),
        ("Esc", N_("Back"), N_("nothing changes")),
    )

    def __init__(self, controller: Controller, screen: TillScreen, title: str) -> None:
        super().__init__(controller, screen, title)
        self._found: list[RemoteCustomer] = []
        #: The last text looked up.
        self._sought = ""

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """Return the matches, each with its number of orders."""
        return numbered(
            (
                clean(one.name) or one.phone,
                one.phone if one.name else "",
                StyledText(ngettext("{n} order", "{n} orders", one.orders).format(n=one.orders), Tone.MUTED),
            )
            for one in self._found
        )

    @override
    def enter(self, typed: str) -> None:
        """Look up a name or number; without text, choose the marked match."""
        if len(typed) > LONGEST_LABEL:
            raise GuestError(_("That name is too long: {n} characters at most.").format(n=LONGEST_LABEL))
        if not typed:
            super().enter(typed)
            return
        self._sought, self._found = typed, []
        if (store := self.controller.answering) is None:
            raise StoreAwayError(self.away(typed))
        self.controller.hold(self._ask(store, typed))

    async def _ask(self, store: Store, typed: str) -> None:
        self.selected = 0
        try:
            self._found = await store.customers(typed, with_account=self.with_account)
        except StoreAwayError:
            self.message = refusal(self.away(typed))
        except StoreError as problem:
            self.message = refusal(problem.sentence)
        else:
            self.message = None if self._found else plain(self.nobody(typed))
        self.entry = EMPTY if self._found else EntryLine.offer(typed)
        self.resize()

    def away(self, _typed: str) -> str:
        """Return the sentence for a server that does not answer, and the way on."""
        return StoreAwayError().sentence

    def nobody(self, typed: str) -> str:
        """Return the sentence for a name that nobody has, and the way on."""
        return _("No customer “{who}”. Type another name or number.").format(who=clean(typed))

    def _chosen(self) -> RemoteCustomer | None:
        place = self.marked()
        return self._found[place] if self._found and place is not None else None

    @override
    def beside(self) -> FactsView:
        """Return the preferences and last purchases of the marked customer."""
        chosen = self._chosen()
        if chosen is None:
            return FactsView()
        wishes = ", ".join(f"{clean(name)} {clean(value)}" for name, value in chosen.preferences.items())
        likes = (fact(_("Prefers"), wishes),) if wishes else ()
        bought = (fact(self._day(one), self._what(one)) for one in chosen.history)
        return FactsView((*likes, *bought))

    def _day(self, bought: RemotePurchase) -> str:
        register = self.controller.register
        return register.formats.day_and_month(register.venue.local(bought.at))

    def _what(self, bought: RemotePurchase) -> str:
        register = self.controller.register
        items = ", ".join(f"{quantity} × {clean(name)}" for name, quantity in bought.items)
        is_ours = bought.currency == register.venue.terms.currency.code
        return f"{register.formats.money(bought.total)}, {items}" if is_ours else items

    @override
    def hint(self) -> str:
        if (chosen := self._chosen()) is not None and chosen.history:
            last = chosen.history[0]
            sentence = _("Last on {day}: {what}.")
            return sentence.format(day=self._day(last), what=self._what(last))
        if self._found:
            return _("No paid orders yet. Or type another name.")
        return _("Type a name or a phone number, then Enter.")


class OwnerSheet(GuestSearch):
    """The question whose house account it is. A single match is taken at once, as it is shown before money moves.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        who: the name on the order, offered to look up.
        act: looks the customer's account up.
    """

    with_account = True

    def __init__(self, controller: Controller, screen: TillScreen, who: str, act: Callable[[Customer], None]) -> None:
        super().__init__(controller, screen, _("Whose house account?"))
        self._act = act
        self.entry = EntryLine.offer(who)

    @override
    async def _ask(self, store: Store, typed: str) -> None:
        await super()._ask(store, typed)
        if len(self._found) == 1:
            self.choose(0)

    @override
    def nobody(self, typed: str) -> str:
        return _("No house account for “{who}”. Type another name.").format(who=clean(typed))

    @override
    def choose(self, place: int) -> None:
        """Look the account of a match up."""
        found = self._found[place]
        self.controller.close()
        self._act(Customer(found.customer_id, found.name or found.phone))

    @override
    def primary(self) -> KeyView | None:
        is_typed = self.entry.text and self._picked() is None
        return KeyView("Enter", _("Look up") if is_typed else _("Look at the account") if self._found else _("Back"))
