"""Views of an order's lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.order.discounting import off_in_words, promotion_in_words
from till.domain.order.guest_words import words_on
from till.domain.order.naming import order_type_name
from till.domain.order.pricing import VoidRow
from till.domain.order.wishes import wishes
from till.domain.text import clean
from till.tui.drawing.viewmodels import LineView, ModifierView, OrderView
from till.tui.screens.names import paid_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.domain.money.formats import Formats
    from till.domain.order.line import Discount, Line, Row
    from till.domain.order.state import Order
    from till.domain.venue import Venue


class ShownLine(Struct, frozen=True):
    """A line on the screen.

    Attributes:
        shown: its row or void.
        view: its view.
        line_ids: the lines of the order that it stands for; each key looks for one among all of these.
        line_id: the first of them, which commands use for it.
    """

    shown: Row | VoidRow
    view: LineView
    line_ids: tuple[str, ...]
    line_id: str

    @classmethod
    def of(cls, shown: Row | VoidRow, view: LineView) -> ShownLine:
        """Return the line of a row or void."""
        return cls(shown, view, shown.line_ids, shown.first.id)

    @property
    def is_void(self) -> bool:
        """True if it is void and struck through."""
        return isinstance(self.shown, VoidRow)


def _shown(order: Order | None) -> tuple[Row | VoidRow, ...]:
    """Return rows and voids in the order they were added."""
    if order is None:
        return ()
    priced = order.priced
    if not priced.voids:
        return priced.rows
    places = {line_id: place for place, line_id in enumerate(order.lines)}
    rows: list[Row | VoidRow] = [*priced.rows, *priced.void_rows]
    return tuple(sorted(rows, key=lambda one: places[one.first.id]))


def _place_of(line: Line, venue: Venue, held: str, usual: int | None) -> str:
    """Return seat, course and the time at which it was fired: `guest 1 · course 2 · fired 20:41`.

    `held` is empty if nothing is held, and then the course is left out if it is the `usual` one of its category.
    """
    parts = [_("guest {n}").format(n=line.seat)] if line.seat else []
    is_named = line.course and (held or line.fired_at is not None or line.course != usual)
    parts += [_("course {n}").format(n=line.course)] if is_named else []
    parts += [held] if held else []
    if line.fired_at is not None:
        parts.append(_("fired {time}").format(time=f"{venue.local(line.fired_at):%H:%M}"))
    return " · ".join(parts)


def _label(given: Discount) -> str:
    """Return the label of a discount: its name, its reason, or its kind."""
    return given.name or clean(given.reason) or off_in_words(given.kind)


class OrderLines:
    """The views of an order's lines. Unchanged rows keep the same view objects, so that painting skips them.

    Args:
        formats: the formats of amounts.
        venue: the venue.
        held: returns the pieces of each line of an order that wait for their course.
        usual_course: returns the course of an item, where its line has no other.
    """

    def __init__(
        self,
        formats: Formats,
        venue: Venue,
        held: Callable[[Order], Mapping[str, int]] = lambda _order: {},
        usual_course: Callable[[str], int | None] = lambda _item: None,
    ) -> None:
        self._formats = formats
        self._venue = venue
        self._held_in, self._usual_course = held, usual_course
        self._held: Mapping[str, int] = {}
        self._kept: dict[int, ShownLine] = {}
        self._of: Order | None = None
        self._shown: tuple[Row | VoidRow, ...] = ()
        self._shown_lines: tuple[ShownLine, ...] = ()
        self._lines: tuple[LineView, ...] = ()
        self._note: tuple[LineView, ...] = ()

    def of(self, order: Order | None) -> tuple[ShownLine, ...]:
        """Return rows and voids in the order they were added; the same tuple for an unchanged order."""
        if order is not self._of:
            held = self._held_in(order) if order is not None else {}
            # unchanged rows show their payment and what is held too
            if self._held != held or self._paid_for(self._of) != self._paid_for(order):
                self._held = held
                self._kept, self._shown, self._shown_lines, self._lines = {}, (), (), ()
            self._of = order
            self._read(_shown(order))
            off = self._whole_off(order) if order is not None and order.given else ()
            words = words_on(order) if order is not None else ()
            self._note = (*off, *(LineView(one, "") for one in words))
        return self._shown_lines

    @staticmethod
    def _paid_for(order: Order | None) -> tuple[Mapping[str, int], bool]:
        """Return the pieces that payments cover, and whether one of the payments is awaited."""
        return (order.paid_for, order.pending_payment is not None) if order is not None else ({}, False)

    def _read(self, shown: tuple[Row | VoidRow, ...]) -> None:
        before, self._shown = self._shown, shown
        if shown[: len(before)] == before:  # a line was appended, as with most keys
            added = [ShownLine.of(one, self._view(one)) for one in shown[len(before) :]]
            self._kept |= {id(entry.shown): entry for entry in added}
            self._shown_lines += tuple(added)
            self._lines += tuple(entry.view for entry in added)
            return
        kept, self._kept = self._kept, {}
        for one in shown:
            self._kept[id(one)] = kept.get(id(one)) or ShownLine.of(one, self._view(one))
        self._shown_lines = tuple(self._kept.values())
        self._lines = tuple([entry.view for entry in self._shown_lines])

    def _view(self, shown: Row | VoidRow) -> LineView:
        if isinstance(shown, VoidRow):
            void = shown.first.void
            parts = (void.reason, self._venue.local(void.at).strftime("%H:%M")) if void else ()
            return self._line(shown.first, shown.quantity, shown.amount, ", ".join(part for part in parts if part))
        off = self._off(shown)
        if self._of is not None and self._of.paid_for and (paid := paid_words(self._of, shown.lines)):
            off = (*off, ModifierView(paid))
        return self._line(shown.first, shown.quantity, shown.listed, None, off, self._held_of(shown))

    def _held_of(self, row: Row) -> str:
        """Return the words for the pieces of a row that wait for their course; empty if none do."""
        if not (pieces := sum(self._held.get(one, 0) for one in row.line_ids)):
            return ""
        return _("○ held") if pieces == row.quantity else _("○ {n} held").format(n=pieces)

    def _off(self, row: Row) -> tuple[ModifierView, ...]:
        """Return the reductions of a row: promotions by name, and its own discounts."""
        amount, added = self._formats.amount, self._formats.added
        saved = tuple(
            ModifierView(promotion_in_words(one.name, row.first, added), amount(Minor(-one.amount)))
            for one in row.saved
        )
        return saved + tuple(ModifierView(_label(given), amount(Minor(-off))) for given, off in row.offs if off)

    def _whole_off(self, order: Order) -> tuple[LineView, ...]:
        """Return the discounts on the whole order, each as a line without quantity after the others."""
        words, amount = _("Whole order: {why}"), self._formats.amount
        pairs = zip(order.given, order.priced.offs, strict=True)
        return tuple(LineView(words.format(why=_label(given)), amount(Minor(-off))) for given, off in pairs if off)

    def _line(
        self,
        line: Line,
        quantity: int,
        amount: Minor,
        void: str | None,
        off: tuple[ModifierView, ...] = (),
        held: str = "",
    ) -> LineView:
        formats = self._formats
        modifiers = [ModifierView(clean(m.name), formats.added(m.price4)) for m in line.modifiers]
        modifiers += [ModifierView(_("▲ {group}: F2 asks").format(group=clean(one))) for one in line.asks]
        usual = self._usual_course(line.item_id) if line.seat or line.course else None
        if place := _place_of(line, self._venue, held, usual):
            modifiers.append(ModifierView(place))
        if line.price4 != line.usual_price4:
            modifiers.append(ModifierView(_("price was {was}").format(was=formats.price(line.usual_price4))))
        if line.own_type:
            modifiers.append(ModifierView(order_type_name(line.own_type)))
        modifiers += [ModifierView(clean(wish)) for wish in wishes(line.note)]
        modifiers += off
        adds = any(modifier.price4 for modifier in line.modifiers)  # then the price before them, to be added up by eye
        unit = f"@ {formats.price(line.price4 if adds else line.unit_price4)}"
        return LineView(
            name=line.name,
            amount=formats.amount(amount),
            quantity=formats.quantity(quantity, line.measure, line.unit),
            unit=unit if adds or abs(quantity) > 1 or line.measure is not None else "",
            modifiers=tuple(modifiers),
            void=void,
            held=bool(held),
        )

    def order_view(self, lines: tuple[ShownLine, ...], selected: int | None, empty: tuple[str, ...]) -> OrderView:
        """Return the list with its selected line and the note of the order below."""
        views = self._lines if lines is self._shown_lines else tuple(line.view for line in lines)
        return OrderView((*views, *self._note) if self._note else views, selected, empty)
