"""The lines of an order as they are shown. Nothing here decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.pricing import VoidRow
from till.domain.order.selling import wishes
from till.domain.text import clean
from till.tui.drawing.viewmodels import LineView, ModifierView, OrderView

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.domain.order.line import Line, Row
    from till.domain.order.state import Order
    from till.domain.venue import Venue


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line on the screen: the row or the void that it shows, and its view."""

    shown: Row | VoidRow
    view: LineView

    @property
    def line_id(self) -> str:
        """A line that stands for it in commands."""
        return self.shown.first.id

    @property
    def is_void(self) -> bool:
        """Whether it is struck through."""
        return isinstance(self.shown, VoidRow)


def _shown(order: Order | None) -> tuple[Row | VoidRow, ...]:
    """Rows and voids in the order they were keyed."""
    if order is None:
        return ()
    priced = order.priced
    if not priced.voids:
        return priced.rows
    places = {line_id: place for place, line_id in enumerate(order.lines)}
    both: list[Row | VoidRow] = [*priced.rows, *priced.void_rows]
    return tuple(sorted(both, key=lambda one: places[one.first.id]))


class OrderLines:
    """An order as it is shown. Views of rows that did not change are the same objects, so nothing compares them."""

    def __init__(self, formats: Formats, venue: Venue) -> None:
        self._formats = formats
        self._venue = venue
        self._kept: dict[int, ShownLine] = {}
        self._of: Order | None = None
        self._shown: tuple[Row | VoidRow, ...] = ()
        self._shown_lines: tuple[ShownLine, ...] = ()
        self._lines: tuple[LineView, ...] = ()
        self._note: tuple[LineView, ...] = ()

    def of(self, order: Order | None) -> tuple[ShownLine, ...]:
        """Rows and voids in the order they were keyed; an order that is the same gives the same again."""
        if order is not self._of:
            self._of = order
            self._read(_shown(order))
            note = order.note if order is not None else ""
            self._note = (LineView(_("Note: {words}").format(words=clean(note)), ""),) if note else ()
        return self._shown_lines

    def _read(self, shown: tuple[Row | VoidRow, ...]) -> None:
        before, self._shown = self._shown, shown
        if shown[: len(before)] == before:  # a line came behind the others, as at nearly every key
            came = [ShownLine(one, self._view(one)) for one in shown[len(before) :]]
            self._kept |= {id(entry.shown): entry for entry in came}
            self._shown_lines += tuple(came)
            self._lines += tuple(entry.view for entry in came)
            return
        kept, self._kept = self._kept, {}
        for one in shown:
            self._kept[id(one)] = kept.get(id(one)) or ShownLine(one, self._view(one))
        self._shown_lines = tuple(self._kept.values())
        self._lines = tuple(entry.view for entry in self._shown_lines)

    def _view(self, shown: Row | VoidRow) -> LineView:
        if isinstance(shown, VoidRow):
            void = shown.first.void
            said = (void.reason, self._venue.local(void.at).strftime("%H:%M")) if void else ()
            return self._line(shown.first, shown.quantity, shown.amount, ", ".join(part for part in said if part))
        return self._line(shown.first, shown.quantity, shown.listed, None, shown.discount)

    def _line(self, line: Line, quantity: int, amount: Minor, void: str | None, discount: Minor = NOTHING) -> LineView:
        formats = self._formats
        modifiers = [
            ModifierView(m.name, f"+{formats.price(m.price4)}" if m.price4 > 0 else "") for m in line.modifiers
        ]
        modifiers += [ModifierView(clean(wish)) for wish in wishes(line.note)]
        if discount and line.discount:
            modifiers.append(ModifierView(line.discount.reason or _("Discount"), formats.amount(Minor(-discount))))
        return LineView(
            name=line.name,
            amount=formats.amount(amount),
            quantity=str(quantity).replace("-", "−"),
            unit=f"@ {formats.price(line.unit_price4)}" if abs(quantity) > 1 else "",
            modifiers=tuple(modifiers),
            void=void,
        )

    def order_view(self, lines: tuple[ShownLine, ...], selected: int | None, empty: tuple[str, ...]) -> OrderView:
        """The list with its selected line; the note on the order stands under all of them."""
        views = self._lines if lines is self._shown_lines else tuple(line.view for line in lines)
        return OrderView((*views, *self._note) if self._note else views, selected, empty)
