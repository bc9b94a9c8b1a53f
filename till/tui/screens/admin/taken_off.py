"""The list of the voids, discounts, comps and cleared orders of this till's day, each with its order beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from typing_extensions import override

from till.domain.i18n import N_, _, ngettext
from till.domain.money.tax import millionths, percent_of
from till.domain.order.events import (
    DiscountApplied,
    LineVoided,
    OrderDiscarded,
    QuantityChanged,
    RemovalExplained,
    Removed,
)
from till.domain.order.naming import tab_name
from till.domain.order.sent import taken_off
from till.domain.payment.movement import PaymentState
from till.domain.text import clean
from till.domain.till.events import ApprovalGiven
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import ChoiceView, FactsView, KeyView, fact, numbered
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sheets.choice_sheet import ChoiceSheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller

#: The most acts that are read: more than a day has.
_MOST: Final = 500
#: The most lines of an order beside its act.
_LINES: Final = 6
_KINDS: Final = {"discount": N_("Discount"), "comp": N_("Comp"), "staff_meal": N_("Staff meal")}


class _Act(NamedTuple):
    """An act: its event and order, its words, the person, the reason, who approved it, and the amount or percentage."""

    event: Event
    order: Order
    title: str
    person: str
    why: str
    approver: str
    figure: str


class VoidsAndCompsSheet(ChoiceSheet):
    """The acts, newest first. Typed words limit them to acts that contain all of the words."""

    types = True
    columns = Columns(key=1, name=5, detail=30)
    hint_text = N_("Type an item, a name or a reason.")
    enter_key = KeyView("Enter", N_("Back"))
    help_rows = (
        (N_("letters"), N_("An item, a name or a reason"), N_("the list grows shorter")),
        ("↑ ↓", N_("Choose"), N_("its order is beside it")),
        ("Esc", N_("Back"), ""),
    )

    def __init__(self, controller: Controller, scene: Selling) -> None:
        self._acts = tuple(_acts_of(controller))
        super().__init__(controller, scene.screen, _("Taken off today on this till"))

    def _shown(self) -> list[_Act]:
        words = self.entry.text.casefold().split()
        if "".join(words).isdigit():  # the number of an act
            return list(self._acts)
        return [one for one in self._acts if all(word in " ".join(one[2:6]).casefold() for word in words)]

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """Return the acts, each with its time and its figure."""
        local = self.controller.register.venue.local
        return numbered((one.title, f"{local(one.event.at):%H:%M}", one.figure) for one in self._shown())

    @override
    def facts(self) -> FactsView:
        """Return the reason and the person, and the order with its lines."""
        place, shown, formats = self.marked(), self._shown(), self.controller.register.formats
        if place is None:
            return FactsView()
        one = shown[place]
        rows = one.order.priced.rows
        lines = [fact(f"{row.quantity} ×", clean(row.first.name)) for row in rows[:_LINES]]
        if (more := len(rows) - len(lines)) > 0:
            lines.append(fact(_("Lines"), _("and {n} more").format(n=more), Tone.MUTED))
        receipt = one.order.placed.data.receipt if one.order.placed is not None else ""
        tab = tab_name(one.order.tab.name) if one.order.tab is not None else ""
        where = ", ".join(filter(None, (receipt, tab, one.order.status.in_words)))
        approved = [fact(_("Approved by"), one.approver)] if one.approver else []
        return FactsView(
            (
                fact(_("Why"), one.why or _("no reason"), bold=True),
                fact(_("Person"), one.person),
                *approved,
                fact(_("Order"), where),
                fact(_("Total"), formats.amount(one.order.total)),
                *lines,
            )
        )

    @override
    def typed(self) -> None:
        self.selected = 0

    @override
    def enter(self, typed: str) -> None:
        """Go back to the order: the acts are only read here."""
        self.cancel()

    @override
    def choose(self, place: int) -> None:
        self.cancel()

    @override
    def empty(self) -> tuple[str, ...]:
        return (_("Nothing here matches."),) if self._acts else (_("Nothing was taken off on this till today."),)


def _acts_of(controller: Controller) -> Iterator[_Act]:
    """Yield the acts of this till's business day that still count, newest first."""
    register = controller.register
    today = register.reference.today
    approvers = {
        event: one.data.approved_by
        for one in register.journal.newest(ApprovalGiven.listed, _MOST)
        if isinstance(one.data, ApprovalGiven)
        for event in one.data.events
    }
    name_of = register.reference.name_of
    for event in register.journal.newest(LineVoided.listed, _MOST):
        if register.reference.business_date(event.at) != today:
            continue
        order = register.ledger.readable(event.stream_id)
        if order is None or _is_undone(event, order):
            continue
        title, why, figure = _describe(event, order, controller)
        person = clean(name_of(event.user or 0)) or str(event.user)
        manager = approvers.get(event.id)
        approver = "" if manager is None else clean(name_of(manager)) or str(manager)
        yield _Act(event, order, title, person, clean(why), approver, figure)


def _is_undone(event: Event, order: Order) -> bool:
    """Return True if the act no longer counts. A discount on the order may count by its shares on lines."""
    shared = (one.share_of for line in order.lines.values() for one in line.discounts)
    return event.id in order.undone and event.id not in shared


def _why_fewer(event: Event, order: Order, off: Removed, controller: Controller) -> str:
    """Return why pieces were taken off after they were sent, otherwise when, as nobody asks."""
    if off.sent:
        others = (one.data for one in controller.register.journal.events_of(order.id))
        explained = (one for one in others if isinstance(one, RemovalExplained) and event.id in one.events)
        return next((one.reason for one in explained), "") or _("after it was sent")
    paid = any(one.id < event.id for one in order.payments.values() if one.state is PaymentState.APPROVED)
    return _("after a payment") if paid else _("fewer pieces")


def _describe(event: Event, order: Order, controller: Controller) -> tuple[str, str, str]:
    """Return the words of an act, its reason, and its figure."""
    amount = controller.register.formats.amount
    match event.data:
        case LineVoided(line_id=line_id, reason=reason) if (line := order.lines.get(line_id)) is not None:
            title = _("Void {quantity} × {name}").format(quantity=line.shown_quantity, name=clean(line.name))
            return title, reason, amount(line.amount_of(line.shown_quantity))
        case QuantityChanged(line_id=line_id, removed=Removed() as off) if line_id in order.lines:
            title = _("Void {quantity} × {name}").format(quantity=off.pieces, name=clean(off.item_name))
            return title, _why_fewer(event, order, off, controller), amount(taken_off(order, event.data))
        case DiscountApplied() as given:
            on = order.lines.get(given.line_id or "")
            figure = ""
            if given.percent is not None:
                figure = f"{percent_of(millionths(given.percent))} %"
            elif given.amount is not None:
                figure = amount(order.terms.currency.minor(given.amount))
            title = _("{kind}: {what}").format(kind=_KINDS[given.kind], what=clean(on.name) if on else _("the order"))
            return title, given.reason or given.name, figure
        case OrderDiscarded(line_ids=line_ids, reason=reason):
            lines = [order.lines[one] for one in line_ids if one in order.lines]
            title = ngettext("Cleared: {n} line", "Cleared: {n} lines", len(lines)).format(n=len(lines))
            return title, reason, amount(taken_off(order, event.data))
        case _:
            return _("Void of a line"), "", ""
