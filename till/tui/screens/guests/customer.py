"""The customer of an order, looked up at the server by name or phone number, or kept as typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import StoreAwayError, StoreError, TillError
from till.domain.events.fields import LONGEST_LABEL
from till.domain.i18n import _, ngettext
from till.domain.order.state import Status
from till.domain.text import clean
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import ChoiceView, FactsView, FactView, KeyView, StyledText
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.ports import RemoteCustomer, RemotePurchase, Store
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller, Helped


class GuestError(TillError):
    """A customer's name that cannot be used or found."""

    code = "guest"
    default = _("Nobody has that name.")


class CustomerSheet(ChoiceSheet):
    """The sheet of the order's customer: Enter looks up a name or number, a digit and Enter choose a match.

    A second Enter keeps text with the order that has no match, or was typed while the server is away.
    """

    types = True
    columns = Columns(key=1, name=4, detail=26)

    def __init__(self, controller: Controller, scene: Selling) -> None:
        order = scene.order
        super().__init__(controller, scene.screen, _("Customer"))
        self._scene = scene
        self._present = order.customer if order is not None else None
        self._found: list[RemoteCustomer] = []
        #: The last text looked up, kept as it stands if it is entered again.
        self._sought = ""

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
        """Return the matches, each with its number of orders; before a search, the order's customer."""
        if self._found:
            return tuple(
                ChoiceView(
                    str(place),
                    clean(one.name) or one.phone,
                    StyledText(one.phone if one.name else "", Tone.MUTED),
                    StyledText(ngettext("{n} order", "{n} orders", one.orders).format(n=one.orders), Tone.MUTED),
                )
                for place, one in enumerate(self._found, 1)
            )
        if self._present is None:
            return ()
        name = clean(self._present.name) or _("a customer")
        goes = StyledText(_("comes off"), mark=Mark.NOTICE) if not self._types_another() else StyledText("")
        return (ChoiceView("1", name, goes),)

    def _types_another(self) -> bool:
        """True if Enter is for the typed text, not for the order's customer."""
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
        self._attach(one.customer_id, one.name or one.phone)

    @override
    def enter(self, typed: str) -> None:
        if len(typed) > LONGEST_LABEL:
            raise GuestError(_("That name is too long: {n} characters at most.").format(n=LONGEST_LABEL))
        if not typed:
            super().enter(typed)
        elif typed == self._sought:
            self._attach(None, typed)
        else:
            self._look(typed)

    def _look(self, typed: str) -> None:
        self._sought, self._found = typed, []
        if (store := self.controller.answering) is None:
            raise StoreAwayError(self._away(typed))
        self.controller.hold(self._ask(store, typed))

    async def _ask(self, store: Store, typed: str) -> None:
        self.selected = 0
        try:
            self._found = await store.customers(typed)
        except StoreAwayError:
            self.message = refusal(self._away(typed))
        except StoreError as problem:
            self.message = refusal(problem.sentence)
        else:
            said = _("No customer “{who}” yet. Enter again keeps it with this order.")
            self.message = None if self._found else plain(said.format(who=clean(typed)))
        self.entry = EMPTY if self._found else EntryLine.offer(typed)
        self.resize()

    @staticmethod
    def _away(typed: str) -> str:
        said = _("This needs the server. Enter again keeps “{who}” with this order.")
        return said.format(who=clean(typed))

    def _attach(self, customer_id: str | None, who: str) -> None:
        scene, register = self._scene, self.controller.register
        present = scene.order
        session = present.id if present is not None and present.status is Status.ACTIVE else None
        self.controller.close()
        order = register.sales.attach_customer(session, scene.user, customer_id, who)
        scene.show_order(order)
        scene.message = plain(register.answers.customer_attached(order))

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
        likes = (FactView(_("Likes"), StyledText(wishes)),) if wishes else ()
        bought = (FactView(self._day(one), StyledText(self._what(one))) for one in chosen.history)
        return FactsView((*likes, *bought))

    def _day(self, bought: RemotePurchase) -> str:
        return self.controller.register.venue.local(bought.at).strftime("%d %b")

    def _what(self, bought: RemotePurchase) -> str:
        register = self.controller.register
        items = ", ".join(f"{quantity} × {clean(name)}" for name, quantity in bought.items)
        is_ours = bought.currency == register.venue.terms.currency.code
        return f"{register.formats.money(bought.total)}, {items}" if is_ours else items

    @override
    def empty(self) -> tuple[str, ...]:
        return (_("Nobody yet."),)

    @override
    def hint(self) -> str:
        if (chosen := self._chosen()) is not None and chosen.history:
            last = chosen.history[0]
            said = _("Last on {day}: {what}.")
            return said.format(day=self._day(last), what=self._what(last))
        if self._found:
            return _("No paid orders yet. Or type another name.")
        return _("Type a name or a phone number, then Enter.")

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
        return (
            (_("Rao, Enter"), _("Look for a name"), _("three letters are enough")),
            (_("98450, Enter"), _("Look for a phone number"), _("any part of it")),
            (_("Enter again"), _("Keep what was typed"), _("if nobody is found")),
            ("1-9, Enter", _("Choose"), _("or take off the one on the order")),
            ("Esc", _("Back"), _("nothing changes")),
        )
