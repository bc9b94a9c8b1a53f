"""The display of guests: the order of one till, what was paid and the change; between guests the name of the venue.

Names of people, notes, reasons and the place of the order never appear on it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace
from textual.geometry import Region
from typing_extensions import override

from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.discounting import promotion_in_words
from till.domain.text import clean
from till.tui.drawing.cut import cell_len
from till.tui.drawing.layout import NARROW
from till.tui.drawing.palette import Tone
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import FigureView, LineView, ModifierView, OrderView, StatusView, StyledText, TotalView
from till.tui.drawing.widgets.bars import StatusBar
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.order import OrderList
from till.tui.drawing.widgets.total import TotalPane
from till.tui.screens.names import change_figure, paid_figure, refund_figure
from till.tui.screens.sell.total import total_view

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from textual.app import ComposeResult
    from textual.widget import Widget

    from till.domain.money.formats import Formats
    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.register.register import Register
    from till.tui.drawing.layout import Areas
    from till.tui.drawing.widgets.line import TextLine

#: The newest lines of an order that are shown, and the most choices of each.
_LINES: Final = 50
_CHOICES: Final = 8
#: The time for which a guest sees the change, unless another order begins.
_CHANGE_STAYS: Final = timedelta(minutes=1)
#: The rows of the foot in a window of at least so many rows.
_FEET: Final = ((32, 10), (12, 8), (0, 4))


class GuestPicture(Struct, frozen=True):
    """The picture of the display. Without a total, the name of the venue alone."""

    venue: str
    training: str = ""
    order: OrderView = OrderView()
    total: TotalView | None = None


def is_seen(order: Order | None, now: datetime) -> bool:
    """True if a guest sees an order now: it has lines and is open, or was paid a moment ago."""
    if order is None or order.is_empty:
        return False
    return now - order.placed.at < _CHANGE_STAYS if order.placed is not None else not order.is_over


def guest_view(order: Order | None, register: Register) -> GuestPicture:
    """Return the picture of an order; of none between guests."""
    venue = register.venue
    view = GuestPicture(clean(venue.settings.name), _("TRAINING") if venue.training else "")
    if order is None:
        return view
    formats, priced = register.formats, order.priced
    newest = order.last_line.id if order.last_line is not None else ""
    rows = priced.rows[-_LINES:]
    lines = [_line(row, formats) for row in rows]
    if off := sum_of(priced.offs):
        lines.append(LineView(_("Discount"), formats.amount(Minor(-off))))
    marked = next((at for at, row in enumerate(rows) if any(line.id == newest for line in row.lines)), None)
    total = total_view(order, formats, register.menu, included=venue.terms.included)
    if order.placed is not None:
        marked, total = None, _paid(order, formats)
    return replace(view, order=OrderView(tuple(lines), marked), total=replace(total, also=None))


def _line(row: Row, formats: Formats) -> LineView:
    """Return a row as a guest reads it: with its choices and what it was reduced by."""
    line = row.first
    several = abs(row.quantity) > 1 or line.measure is not None
    return LineView(
        clean(line.name),
        formats.amount(row.listed),
        formats.quantity(row.quantity, line.measure, line.unit),
        f"@ {formats.price(line.unit_price4)}" if several else "",
        tuple(_under(row, formats)),
    )


def _under(row: Row, formats: Formats) -> Iterator[ModifierView]:
    for choice in row.first.modifiers[:_CHOICES]:
        yield ModifierView(clean(choice.name), formats.added(choice.price4))
    for saved in row.saved:
        words = promotion_in_words(saved.name, row.first, formats.added)
        yield ModifierView(words, formats.amount(Minor(-saved.amount)))
    if row.own:
        yield ModifierView(_("Discount"), formats.amount(Minor(-row.own)))


def _paid(order: Order, formats: Formats) -> TotalView:
    """Return the foot of an order that was just paid: the change, or what was given back or paid."""
    minor = formats.currency.minor
    payments = order.placed.data.payments if order.placed is not None else ()
    settled = sum_of(minor(one.amount) for one in payments)
    change = minor(payments[-1].change) if payments else NOTHING
    back = Minor(-minor(payments[-1].amount)) if payments else NOTHING
    figure = change_figure(change, formats) if change else paid_figure(settled, formats)
    if back > 0:
        figure = refund_figure(back, formats)
    figure = replace(figure, role=Tone.TEXT, wide_label=False)
    if tip := sum_of(minor(one.tip) for one in payments):
        named = _("Tip {tip}"), _("Paid {paid}")
        amounts = {"tip": formats.amount(tip), "paid": formats.amount(Minor(settled + change))}
        short = tuple(StyledText(one.format_map(amounts), Tone.MUTED) for one in named)
        whole = " · ".join([_("Total {total}").format(total=formats.amount(order.total)), *(one.text for one in short)])
        return TotalView(figure, StyledText(whole, Tone.MUTED), tight=short)
    given = _("Paid {total}").format(total=formats.money(Minor(settled + change)))
    total = StyledText(_("Total"), Tone.MUTED), StyledText(formats.amount(order.total), Tone.MUTED)
    return TotalView(figure, StyledText(given, Tone.MUTED), total)


class Sign(Drawn[str]):
    """A sentence in the middle of the screen."""

    @override
    def draw(self, y: int) -> TextLine:
        line = self.line()
        if y == (self.size.height - 1) // 2:
            line.put(max(0, (line.width - cell_len(self.view)) // 2), self.view, bold=True)
        return line


class GuestScreen(TillScreen):
    """The venue above, the lines, and the total below; or a sentence alone."""

    #: True for a sentence alone.
    shape = True

    def __init__(self) -> None:
        super().__init__()
        self.bar = StatusBar(StatusView("", ""))
        self.lines = OrderList(OrderView())
        self.foot = TotalPane(TotalView(FigureView("")), inset=1)
        self.sign = Sign("")

    @override
    def widgets(self) -> ComposeResult:
        yield from (self.bar, self.lines, self.foot, self.sign)

    def say(self, sentence: str, training: str = "") -> None:
        """Show a sentence alone."""
        self.bar.show(StatusView("", "", training=training))
        self.sign.show(sentence)
        self.reshape(True)

    def show(self, view: GuestPicture) -> None:
        """Show an order, or the name of the venue."""
        if view.total is None:
            self.say(view.venue, view.training)
            return
        self.bar.show(StatusView(view.venue, "", training=view.training))
        lines = view.order.lines
        if self.app.size.width < NARROW:  # the name needs the room of the price of one
            lines = tuple(replace(line, unit="") for line in lines)
        self.lines.show(replace(view.order, lines=lines))
        self.foot.show(view.total)
        self.reshape(False)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        width, height, edge, top = self.app.size.width, self.app.size.height, found.body.x, found.status.height
        below = next(rows for least, rows in _FEET if height >= least)
        lines = Region(edge, top, width - 2 * edge, height - top - below)
        foot = Region(edge, height - below, width - 2 * edge, below)
        sign = Region(0, top, width, height - top)
        places = {self.bar: Region(0, 0, width, top)}
        if self.shape:
            return places | {self.sign: sign}
        return places | {self.lines: lines, self.foot: foot}
