"""Views of a till's day at one of its events."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from till.domain.catalogue.menu import Menu
from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.order.events import ItemAdded, OrderOpened
from till.domain.order.history import OrderHistory
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    CardsView,
    CardView,
    CellView,
    EntryView,
    HeadView,
    RowView,
    StatusView,
    StyledText,
)
from till.tui.screens.day.event_words import describe_event
from till.tui.screens.day.reduce import KEYS, keys_of
from till.tui.screens.day.state import DayViews
from till.tui.screens.desk.written import Written
from till.tui.screens.sell.order_lines import OrderLines
from till.tui.screens.sell.total import total_view
from till.tui.shell.key_table import help_view

if TYPE_CHECKING:
    from till.domain.money.formats import Formats, Marks
    from till.domain.order.state import Order
    from till.ports.desk import DayEvent, TillDay
    from till.tui.drawing.viewmodels import ChoicesView, OrderView
    from till.tui.screens.day.state import DayFacts, DayState

_log: Final = logging.getLogger(__name__)

_NOTHING_SOLD: Final = Menu()


class DayPresenter:
    """The presenter of one day, which caches the orders it replayed for steps back and forth.

    Args:
        day: the day.
        till_name: the till's name.
        marks: the number format.
        currency: the venue's currency code.
    """

    def __init__(self, day: TillDay, till_name: str, marks: Marks, currency: str) -> None:
        self._day = day
        self._till_name = till_name
        self._written = Written(marks, currency)
        self._histories: dict[str, OrderHistory] = {}
        self._lines: dict[str, OrderLines] = {}
        of_orders = [event for events in day.orders.values() for event in events]
        self._names = {one.data.line_id: one.data.item_name for one in of_orders if isinstance(one.data, ItemAdded)}
        self._currencies = {one.stream_id: one.data.currency for one in of_orders if isinstance(one.data, OrderOpened)}
        self._cards = tuple(self._card(event) for event in day.events)

    def views(self, state: DayState, facts: DayFacts, *, wide: bool) -> DayViews:
        """Return all views of a state. On a screen that is not `wide` the order is shown alone."""
        event = self._day.events[state.place] if self._day.events else None
        order, fault = self._order(event)
        formats = self._formats(order)
        where = _("{n} of {all}").format(n=state.place + 1, all=len(self._day.events)) if event is not None else ""
        return DayViews(
            status=self._status(event),
            head=self._head(event, order, "" if wide else where),
            order=self._shown(event, order, formats, fault),
            total=total_view(order, formats, _NOTHING_SOLD, included=self._day.venue.terms.included),
            events_head=HeadView(_("Events"), where, formats.day(self._day.day)),
            events=CardsView(self._cards, state.place if event is not None else None, (_("Nothing on this day."),)),
            entry=self._entry(state, event),
            keys=keys_of(state).bar(state, facts),
            help=_help(facts) if state.helps else None,
        )

    # The order at that event.

    def _order(self, event: DayEvent | None) -> tuple[Order | None, str]:
        """Return the order up to and including this event; or None, and why it cannot be shown."""
        if event is None or event.session is None:
            return None, ""
        history = self._histories.get(event.session)
        if history is None:
            history = self._histories[event.session] = OrderHistory(self._day.orders.get(event.session, ()))
        try:
            return history.after(event.id), ""
        except TillError as problem:
            return None, problem.sentence
        except Exception:  # noqa: BLE001 - a bug in replaying hides this order alone, and is logged
            _log.exception("order_not_folded", extra={"session": event.session})
            return None, _("This order cannot be shown. The log has the reason.")

    def _formats(self, order: Order | None) -> Formats:
        return self._written.formats(order.terms.currency.code) if order is not None else self._written.own

    def _shown(self, event: DayEvent | None, order: Order | None, formats: Formats, fault: str) -> OrderView:
        code = formats.currency.code
        lines = self._lines.get(code)
        if lines is None:
            lines = self._lines[code] = OrderLines(formats, self._day.venue)
        if event is None:
            empty = _("The till has no record of this day.")
        elif event.session is None:
            empty = _("This event is not about an order.")
        else:
            empty = fault or _("No lines yet.")
        return lines.order_view(lines.of(order), None, (empty,))

    def _head(self, event: DayEvent | None, order: Order | None, where: str) -> HeadView:
        if event is None or order is None:
            return HeadView(_("Order"), note=where)
        name = order.submitted.name if order.submitted is not None else ""
        parts = [self._person(order.user), name, order.status.in_words, order.tab.name if order.tab else ""]
        if order.placed is not None:
            parts.append(order.placed.data.receipt)
        flag = StyledText(_("records cannot be read"), mark=Mark.NOTICE) if order.waits_for_manager else None
        return HeadView(_("Order"), ", ".join(part for part in parts if part), where, flag)

    # The events.

    def _card(self, event: DayEvent) -> CardView:
        cells = [CellView(1, StyledText(self._time(event), Tone.MUTED))]
        cells.append(CellView(11, StyledText(self._describe(event), mark=Mark.REFUSED if event.why else None)))
        return CardView((RowView(tuple(cells)),))

    def _describe(self, event: DayEvent) -> str:
        return describe_event(event, self._names, self._currencies.get(event.session or "", ""), self._written)

    def _time(self, event: DayEvent) -> str:
        return f"{self._day.venue.local(event.at):%H:%M:%S}"

    def _person(self, user: int | None) -> str:
        return self._day.names.get(user, str(user)) if user else ""

    # Bars.

    def _status(self, event: DayEvent | None) -> StatusView:
        return StatusView(
            self._day.venue.name,
            self._till_name,
            self._person(event.user) if event is not None else "",
            time=self._time(event) if event is not None else "",
            light=StyledText(self._formats(None).day(self._day.day), Tone.MUTED),
        )

    def _entry(self, state: DayState, event: DayEvent | None) -> EntryView:
        answer = state.message
        if answer is None and event is not None:
            words = self._describe(event)
            if event.why:
                sentence = _("{what}. It needs attention: {why}")
                answer = StyledText(sentence.format(what=words, why=event.why), Tone.WARN, mark=Mark.REFUSED)
            else:
                answer = StyledText(f"{self._time(event)}  {words}")
        text, cursor = state.entry.text, state.entry.cursor
        hint = _("A receipt number, or a part of it, and Enter finds its sale.")
        return EntryView(text, cursor, answer, hint=hint, offered=state.entry.is_offered)


def _help(facts: DayFacts) -> ChoicesView:
    back, this, *rows = KEYS.helped(facts.keymap)
    return help_view((*rows, this, back))
