"""A till's day, replayed: its events forward and back, and the order after each."""

from __future__ import annotations

import logging
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Never

from msgspec import Struct
from msgspec.structs import replace
from textual.geometry import Region
from typing_extensions import override

from till.domain.catalogue.menu import Menu
from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.order.events import ItemAdded, OrderOpened, OrderPlaced
from till.domain.order.history import OrderHistory
from till.domain.text import clean
from till.reports.event_words import describe_event
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import (
    CardsView,
    CardView,
    EntryView,
    FigureView,
    HeadView,
    OrderView,
    StatusView,
    StyledText,
    TotalView,
    cell,
    in_row,
)
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.order import OrderList
from till.tui.drawing.widgets.total import TotalPane
from till.tui.screens.desk.written import Written
from till.tui.screens.sell.order_lines import OrderLines
from till.tui.screens.sell.total import total_view
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import ARROWS, ENTER, ERASE, Key, KeyTable, calls, help_view, sets, word
from till.tui.shell.keymap import CLOSE, HELP, KeyPress
from till.tui.shell.marked_list import ListMark, MarkedList
from till.tui.shell.messages import refusal, says_why
from till.tui.shell.scene import SideScene

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from till.domain.money.formats import Formats, LocaleFormats
    from till.domain.order.state import Order
    from till.ports.desk import DayEvent, TillDay
    from till.tui.drawing.layout import Areas
    from till.tui.drawing.viewmodels import ChoicesView
    from till.tui.shell.calls import Call
    from till.tui.shell.keymap import Keymap
    from till.tui.shell.scene import SideHost

DayStep = tuple["DayState", tuple["Call[DayScene, None]", ...]]

_log: Final = logging.getLogger(__name__)
_NOTHING_SOLD: Final = Menu()
_ALONG: Final = {"left": KeyPress("up"), "right": KeyPress("down")}
#: The most characters of the typed text that a message repeats.
_REPEATED: Final = 20


class DayState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        place: the index of the event shown.
        entry: the entry line, which takes a receipt number to find.
        helps: True while the help is shown.
    """

    place: int = 0
    entry: EntryLine = EMPTY
    message: StyledText | None = None
    helps: bool = False


class DayFacts(Struct, frozen=True, dict=True):
    """The day and the keymap."""

    keymap: Keymap
    day: TillDay

    @property
    def events(self) -> tuple[DayEvent, ...]:
        """The events, in order."""
        return self.day.events

    @cached_property
    def turns(self) -> tuple[int, ...]:
        """The indexes at which the till changes to another order, or to none.

        An event of no order between two of one order, such as the opening of a shift at its payment, changes nothing.
        """
        orders = [(place, one.session) for place, one in enumerate(self.day.events)]
        named = [place for place, session in orders if session is not None]
        within = {
            place
            for before, after in pairwise(named)
            if orders[before][1] == orders[after][1]
            for place in range(before + 1, after)
        }
        left = [(place, session) for place, session in orders if place not in within]
        changes = (now for before, now in pairwise(left) if before[1] != now[1])
        return tuple(place for place, _session in (*left[:1], *changes))

    @cached_property
    def receipts(self) -> tuple[tuple[str, int], ...]:
        """The receipt numbers of the day, each with the index of its event."""
        return tuple(
            (one.event.data.receipt, place)
            for place, one in enumerate(self.day.events)
            if one.event is not None and isinstance(one.event.data, OrderPlaced)
        )


class DayScreen(TillScreen):
    """The order at one event above its total, with the day's events beside it on a wide screen."""

    def __init__(self) -> None:
        super().__init__()
        self.order = OrderList(OrderView())
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.events_head = Heading(HeadView())
        self.events = Cards(CardsView())
        self.head.follow(self.order)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the order left and the events right; on a narrow screen the order alone."""
        right = found.right
        beside = Region(right.x - 1, right.y, right.width + 2, right.height) if right is not None else None
        return {
            **super().lay(found),
            self.order: found.body,
            self.total: found.total,
            self.events_head: found.right_head,
            self.events: beside,
        }


class DayScene(SideScene[DayState, Never, DayScreen]):
    """The scene of a replayed day, which caches the orders it replayed for steps back and forth.

    Args:
        host: the desk.
        day: the day as it was read; later events of the till are not in it.
        till_name: the till's name.
        keymap: the keys of each command.
        marks: the number format.
        currency: the venue's currency code.
    """

    closing_key = "escape"

    def __init__(
        self, host: SideHost, day: TillDay, till_name: str, keymap: Keymap, marks: LocaleFormats, currency: str
    ) -> None:
        super().__init__(host, DayScreen(), keymap)
        self.state = DayState()
        self._facts = DayFacts(keymap, day)
        self._day = day
        self._till_name = till_name
        self._written = Written(marks, currency)
        self._histories: dict[str, OrderHistory] = {}
        self._lines: dict[str, OrderLines] = {}
        of_orders = [event for events in day.orders.values() for event in events]
        self._names = {one.data.line_id: one.data.item_name for one in of_orders if isinstance(one.data, ItemAdded)}
        self._currencies = {one.stream_id: one.data.currency for one in of_orders if isinstance(one.data, OrderOpened)}
        self._cards = tuple(self._card(event) for event in day.events)

    @override
    def reduce(self, event: KeyPress) -> DayStep:
        return reduce(self.state, event, self._facts)

    def leave(self) -> None:
        """Go back to the desk."""
        self._host.close_over()

    @override
    def paint(self) -> None:
        """Update the widgets from the state. With a single pane the order is shown alone."""
        state, screen = self.state, self.screen
        event = self._day.events[state.place] if self._day.events else None
        order, fault = self._order(event)
        formats = self._formats(order)
        where = _("{n} of {all}").format(n=state.place + 1, all=len(self._day.events)) if event is not None else ""
        screen.status.show(self._status(event))
        screen.head.show(self._head(event, order, "" if screen.is_wide else where))
        screen.order.show(self._shown(event, order, formats, fault))
        screen.total.show(total_view(order, formats, _NOTHING_SOLD, included=self._day.venue.terms.included))
        screen.events_head.show(HeadView(_("Events"), where, formats.day(self._day.day)))
        marked = state.place if event is not None else None
        screen.events.show(CardsView(self._cards, marked, (_("Nothing on this day."),)))
        screen.band.show(self._entry(event))
        screen.keys.show(_keys_of(state).bar(state, self._facts))
        screen.show_help(_help(self._facts) if state.helps else None, _("Help"))

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
        cells = [cell(1, self._time(event), Tone.MUTED)]
        cells.append(cell(11, self._describe(event), mark=Mark.REFUSED if event.why else None))
        return CardView((in_row(*cells),))

    def _describe(self, event: DayEvent) -> str:
        return describe_event(event, self._names, self._currencies.get(event.session or "", ""), self._written.amount)

    def _time(self, event: DayEvent) -> str:
        return f"{self._day.venue.local(event.at):%H:%M:%S}"

    def _person(self, user: int | None) -> str:
        return self._day.names.get(user, str(user)) if user else ""

    # Bars.

    def _status(self, event: DayEvent | None) -> StatusView:
        return StatusView(
            self._day.venue.settings.name,
            self._till_name,
            self._person(event.user) if event is not None else "",
            time=self._time(event) if event is not None else "",
            light=StyledText(self._formats(None).day(self._day.day), Tone.MUTED),
        )

    def _entry(self, event: DayEvent | None) -> EntryView:
        entry, answer = self.state.entry, self.state.message
        if answer is None and event is not None:
            words = self._describe(event)
            if event.why:
                sentence = _("{what}. It needs attention: {why}")
                answer = StyledText(sentence.format(what=words, why=event.why), Tone.WARN, mark=Mark.REFUSED)
            else:
                answer = StyledText(f"{self._time(event)}  {words}")
        hint = _("A receipt number, or a part of it, and Enter finds its sale.")
        return EntryView(entry.text, entry.cursor, answer, hint=hint, offered=entry.is_offered)


def _help(facts: DayFacts) -> ChoicesView:
    back, this, *rows = KEYS.helped(facts.keymap)
    return help_view((*rows, this, back))


# The keys.


def reduce(state: DayState, press: KeyPress, facts: DayFacts) -> DayStep:
    """Return the next state and the calls to make."""
    if (step := _keys_of(state).step(state, press, facts)) is not None:
        return step
    if state.helps:
        return state, ()
    if (taken := state.entry.take(press)) is not None:
        return replace(state, entry=taken, message=None), ()
    message = says_why(facts.keymap, press, _("Press Esc first, then {key}."))
    return replace(state, message=message or state.message), ()


def _keys_of(state: DayState) -> KeyTable[DayState, DayFacts, DayScene]:
    """Return the keys of the day, or of its help."""
    return _HELP_KEYS if state.helps else KEYS


_EVENTS: Final = MarkedList[DayState, DayFacts](
    count=lambda _state, facts: len(facts.events),
    at=lambda state, _facts: ListMark(state.place),
    put=lambda state, _facts, mark: replace(state, place=mark.place, message=None),
    widget="events",
    enters=False,
)


def _step(state: DayState, press: KeyPress, facts: DayFacts) -> DayStep:
    return _EVENTS.move(state, _ALONG[press.key], facts)


def _turn(state: DayState, press: KeyPress, facts: DayFacts) -> DayStep:
    """Go to where the till changes to another order, or to an end of the day."""
    before = max((place for place in facts.turns if place < state.place), default=0)
    after = next((place for place in facts.turns if place > state.place), len(facts.events))
    return _EVENTS.point(state, KeyPress("", place=before if press.key == "pageup" else after), facts)


def _find(state: DayState, _press: KeyPress, facts: DayFacts) -> DayStep:
    """Go to the next sale whose receipt number contains the typed text, wrapping around at the end."""
    typed = state.entry.text.strip().casefold()
    if not typed:
        return replace(state, message=refusal(_("Type a receipt number, or a part of it: Enter finds its sale."))), ()
    places = [place for receipt, place in facts.receipts if typed in receipt.casefold()]
    if not places:
        sentence = _("No sale of this day has “{typed}” on its receipt.").format(
            typed=clean(state.entry.text)[:_REPEATED]
        )
        return replace(state, message=refusal(sentence), entry=EntryLine.offer(state.entry.text)), ()
    after = next((place for place in places if place > state.place), places[0])
    return replace(state, place=after, message=None, entry=EntryLine.offer(state.entry.text)), ()


KEYS: Final[KeyTable[DayState, DayFacts, DayScene]] = KeyTable(
    Key(calls(DayScene.leave), command=CLOSE, helped=(N_("Back"), "")),
    Key(sets(helps=True, message=None), command=HELP, bar=word(N_("Help")), helped=(N_("This help"), "")),
    *_EVENTS.keys(moves=ARROWS),
    Key(_step, tuple(_ALONG), "← →", bar=word(N_("Event")), helped=(N_("Previous or next event"), N_("↑ ↓ too"))),
    Key(_turn, ("pageup", "pagedown"), "PgUp PgDn", bar=word(N_("Order")), helped=(N_("Previous or next order"), "")),
    Key(
        _EVENTS.move,
        ("home", "end"),
        "Home End",
        bar=word(N_("First, last"), spare=True),
        helped=(N_("The first event, the last"), ""),
    ),
    Key(
        _find,
        ENTER,
        "Enter",
        bar=word(N_("Find a receipt"), N_("Find")),
        helped=(N_("Find a receipt"), N_("once typed")),
    ),
    Key(sets(entry=EMPTY, message=None), ("escape",), "Esc", lambda state, _facts: state.entry.text, bar=ERASE),
    Key(calls(DayScene.leave), ("escape",), "Esc", bar=word(N_("Back")), helped=(N_("Back to the desk"), "")),
)
_HELP_KEYS: Final[KeyTable[DayState, DayFacts, DayScene]] = KeyTable(
    Key(calls(DayScene.leave), command=CLOSE),
    Key(sets(helps=False), ENTER, "Enter", bar=word(N_("Back"))),
    Key(sets(helps=False), ("escape",), "Esc", bar=word(N_("Back"))),
    Key(sets(helps=False), command=HELP),
)
