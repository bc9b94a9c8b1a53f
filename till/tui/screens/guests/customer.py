"""The customer of an order, looked up at the server by name or phone number, or kept as typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import StoreError
from till.domain.i18n import _
from till.domain.order.guest_words import preferences_of
from till.domain.order.state import Buyer, Status
from till.domain.text import clean
from till.register.quick_entry.language import declared_word
from till.register.words.customer import attach_customer
from till.register.words.every import WORDS
from till.register.words.invoice import buyer_named
from till.register.words.preferences import PREFERENCES
from till.tui.drawing.palette import Mark
from till.tui.drawing.viewmodels import ChoiceView, FactsView, KeyView, StyledText, fact
from till.tui.screens.sheets.guest_search import GuestError, GuestSearch
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.messages import answered, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.register.quick_entry.intents import SayWord
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller, Helped


class CustomerSheet(GuestSearch):
    """The sheet of the order's customer.

    A second Enter keeps text with the order that has no match, or was typed while the server is away.
    """

    def __init__(self, controller: Controller, scene: Selling) -> None:
        order = scene.order
        super().__init__(controller, scene.screen, _("Customer"))
        self._scene = scene
        self._present = order.customer if order is not None else None
        self._unnamed = ""
        if order is not None and order.is_for_programs_guest and self._present and not self._present.name:
            self._present, self._unnamed = None, order.place_name

    def show(self, who: str = "") -> None:
        """Open the sheet; with a name or number, look it up at once."""
        self.controller.open(self)
        if not who:
            return
        try:
            self.enter(who)
        except (StoreError, GuestError) as problem:
            self._refuse(problem)
            self.entry = EntryLine.offer(who)

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """Return the matches; before a search, the order's customer."""
        if self._found or self._present is None:
            return super().rows()
        name = clean(self._present.name) or _("a customer")
        goes = StyledText(_("removed"), mark=Mark.NOTICE) if not self._types_another() else StyledText("")
        return (ChoiceView("1", name, goes),)

    @override
    def empty(self) -> tuple[str, ...]:
        if self._unnamed:
            return (_("The guest of {order} has no name yet.").format(order=self._unnamed),)
        return super().empty()

    def _types_another(self) -> bool:
        """Return True if Enter is for the typed text, not for the order's customer."""
        return not self._found and self.entry.text.strip() not in {"", "1"}

    @override
    def marked(self) -> int | None:
        return None if self._types_another() else super().marked()

    @override
    def choose(self, place: int) -> None:
        """Attach the chosen match, or take the order's customer off."""
        if not self._found:
            self._attach(None, "")
            return
        one = self._found[place]
        buyer = Buyer(one.name, one.tax_number, one.address) if one.name and one.tax_number else None
        self._attach(one.customer_id, one.name or one.phone, buyer, one.preferences)

    @override
    def enter(self, typed: str) -> None:
        """Look up what is typed; keep it if it was looked up already."""
        register = self.controller.register
        wished = declared_word(typed, register.lookup, register.formats)
        if wished is not None and wished.name in PREFERENCES:
            self._prefer(wished)
        elif typed and typed == self._sought:
            self._attach(None, typed)
        else:
            super().enter(typed)

    @override
    def away(self, typed: str) -> str:
        sentence = _("This needs the server. Enter again keeps “{who}”.")
        return sentence.format(who=clean(typed))

    @override
    def nobody(self, typed: str) -> str:
        return _("No customer “{who}” yet. Enter again keeps the name.").format(who=clean(typed))

    @override
    def beside(self) -> FactsView:
        """Return the facts of the marked match; before a search, the preferences on the order."""
        order = self._scene.order
        if self._found or order is None:
            return super().beside()
        return FactsView(tuple(fact(_("Prefers"), words) for words in preferences_of(order)))

    def _prefer(self, wished: SayWord) -> None:
        scene, register = self._scene, self.controller.register
        self.controller.close()
        changed = WORDS[wished.name](register, scene.order, scene.user, **wished.slots)
        scene.show_order(changed.order)
        scene.message = answered(changed.sentence, changed.warning)

    def _attach(
        self, customer_id: str | None, who: str, buyer: Buyer | None = None, known: Mapping[str, str] | None = None
    ) -> None:
        scene, register = self._scene, self.controller.register
        present = scene.order
        session = present.id if present is not None and present.status is Status.ACTIVE else None
        self.controller.close()
        changed = attach_customer(register, session, scene.user, customer_id, who, known or {})
        order, sentence = changed.order, changed.warning or changed.sentence
        if buyer is not None:  # a firm wants its invoice
            order = register.sales.name_buyer(order.id, scene.user, buyer)
            sentence = changed.warning or buyer_named(order)
        scene.show_order(order)
        scene.message = plain(sentence)

    @override
    def primary(self) -> KeyView | None:
        typed = self.entry.text.strip()
        if typed and self._picked() is None:
            return KeyView("Enter", _("Keep it") if typed == self._sought else _("Look up"))
        if self._found:
            return KeyView("Enter", _("Add to order"))
        return KeyView("Enter", _("Take it off") if self._present else _("Back"))

    @override
    def helped(self) -> tuple[Helped, ...]:
        name, phone, _choose, back = super().helped()
        return (
            name,
            phone,
            (_("Enter again"), _("Keep the name as typed"), _("if nobody is found")),
            (_("allergy nuts, Enter"), _("Note an allergy"), _("also “prefers …”; “no allergy” clears it")),
            ("1-9, Enter", _("Choose"), _("or take off the one on the order")),
            back,
        )
