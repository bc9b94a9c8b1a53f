"""What stands on the screen for an order, a menu, a receipt: the domain's values as views. Nothing here decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from till.domain.i18n import _, ngettext
from till.domain.order.pricing import Struck
from till.domain.order.state import PaymentState
from till.ports import Light, LightState
from till.tui.hours import opens
from till.tui.palette import Mark, Role
from till.tui.view import (
    BoardView,
    CategoryView,
    CellView,
    FigureView,
    ItemView,
    LineView,
    ModifierView,
    OrderView,
    RowsView,
    RowView,
    Said,
    TotalView,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, time

    from till.domain.catalogue.menu import Daypart, Item, Menu
    from till.domain.money.formats import Formats
    from till.domain.money.tax import Tax
    from till.domain.order.line import Line, Row
    from till.domain.order.state import Order
    from till.domain.venue import Venue


@dataclass(frozen=True, slots=True)
class Entry:
    """A line on the screen: the row or the void that it shows, and its view."""

    shown: Row | Struck
    view: LineView

    @property
    def line_id(self) -> str:
        """A line that stands for it in commands."""
        return self.shown.first.id

    @property
    def is_void(self) -> bool:
        """Whether it is struck through."""
        return isinstance(self.shown, Struck)


def _shown(order: Order | None) -> tuple[Row | Struck, ...]:
    """Rows and voids in the order they were keyed."""
    if order is None:
        return ()
    priced = order.priced
    if not priced.voids:
        return priced.rows
    places = {line_id: place for place, line_id in enumerate(order.lines)}
    both: list[Row | Struck] = [*priced.rows, *priced.struck]
    return tuple(sorted(both, key=lambda one: places[one.first.id]))


class OrderSight:
    """An order as entries. Views of rows that did not change are the same objects, so nothing compares them."""

    def __init__(self, formats: Formats, venue: Venue) -> None:
        self._formats = formats
        self._venue = venue
        self._kept: dict[int, Entry] = {}
        self._of: Order | None = None
        self._shown: tuple[Row | Struck, ...] = ()
        self._entries: tuple[Entry, ...] = ()
        self._lines: tuple[LineView, ...] = ()

    def entries(self, order: Order | None) -> tuple[Entry, ...]:
        """Rows and voids in the order they were keyed; an order that is the same gives the same again."""
        if order is not self._of:
            self._of = order
            self._read(_shown(order))
        return self._entries

    def _read(self, shown: tuple[Row | Struck, ...]) -> None:
        before, self._shown = self._shown, shown
        if shown[: len(before)] == before:  # a line came behind the others, as at nearly every key
            came = [Entry(one, self._view(one)) for one in shown[len(before) :]]
            self._kept |= {id(entry.shown): entry for entry in came}
            self._entries += tuple(came)
            self._lines += tuple(entry.view for entry in came)
            return
        kept, self._kept = self._kept, {}
        for one in shown:
            self._kept[id(one)] = kept.get(id(one)) or Entry(one, self._view(one))
        self._entries = tuple(self._kept.values())
        self._lines = tuple(entry.view for entry in self._entries)

    def _view(self, shown: Row | Struck) -> LineView:
        if isinstance(shown, Struck):
            void = shown.first.void
            said = (void.reason, self._venue.local(void.at).strftime("%H:%M")) if void else ()
            return self._line(shown.first, shown.quantity, shown.amount, ", ".join(part for part in said if part))
        return self._line(shown.first, shown.quantity, shown.listed, None, shown.discount)

    def _line(self, line: Line, quantity: int, amount: int, void: str | None, discount: int = 0) -> LineView:
        formats = self._formats
        modifiers = [
            ModifierView(m.name, f"+{formats.price(m.price4)}" if m.price4 > 0 else "") for m in line.modifiers
        ]
        if discount and line.discount:
            modifiers.append(ModifierView(line.discount.reason or _("Discount"), formats.amount(-discount)))
        return LineView(
            name=line.name,
            amount=formats.amount(amount),
            quantity=str(quantity).replace("-", "−"),
            unit=f"@ {formats.price(line.unit_price4)}" if abs(quantity) > 1 else "",
            modifiers=tuple(modifiers),
            void=void,
        )

    def order_view(self, entries: tuple[Entry, ...], selected: int | None, empty: tuple[str, ...]) -> OrderView:
        """The list with its selected line."""
        lines = self._lines if entries is self._entries else tuple(entry.view for entry in entries)
        return OrderView(lines, selected, empty)


def total_view(order: Order | None, formats: Formats, menu: Menu, *, included: bool) -> TotalView:
    """Items, tax and the total in large figures; without lines the tax of the menu, and whether prices include it."""
    total = order.total if order else 0
    pieces = order.priced.pieces if order else 0
    counted = ngettext("{count} item", "{count} items", pieces).format(count=pieces)
    if order and (voids := len(order.priced.struck)):
        counted = f"{counted}, " + ngettext("{count} line void", "{count} lines void", voids).format(count=voids)
    if order and order.paid:
        counted = f"{counted}, " + _("{paid} paid").format(paid=formats.money(order.paid))
    said = _("Total {total}, {items}.").format(total=formats.money(total), items=counted)
    return TotalView(
        FigureView(formats.amount(total), _label(_("Total"), formats), sentence=said),
        Said(counted, Role.MUTED),
        taxes_said(order, formats) or _no_tax_yet(menu, formats, included=included),
    )


def _label(word: str, formats: Formats) -> Said:
    return Said(f"{word} {formats.currency.symbol.strip()}")


def taxes_said(order: Order | None, formats: Formats) -> tuple[Said, ...]:
    """`GST 5 % included 11.43`; several taxes are summed up."""
    if order is None or not order.priced.taxes:
        return ()
    taxes = [one.tax for one in order.priced.taxes]
    return _tax_said(taxes, order.priced.tax, formats, included=order.terms.included)


def _no_tax_yet(menu: Menu, formats: Formats, *, included: bool) -> tuple[Said, ...]:
    """`GST 5 % included 0.00`: what an order without lines will be taxed with; nothing where nothing is taxed."""
    taxes = list(dict.fromkeys(tax for band in menu.taxes.values() for tax in band))
    return _tax_said(taxes, 0, formats, included=included) if taxes else ()


def _tax_said(taxes: Sequence[Tax], amount: int, formats: Formats, *, included: bool) -> tuple[Said, ...]:
    only = f"{taxes[0].name} {taxes[0].percent} %"
    words = (only if len(taxes) == 1 else _("Tax")) + (f" {_('included')}" if included else "")
    return (Said(words, Role.MUTED), Said(formats.amount(amount), Role.MUTED))


def light_said(light: Light, venue: Venue, *, brief: bool = False) -> Said:
    """The light in a symbol and a person's words; `brief` where there is no room for advice."""
    match light.state:
        case LightState.SAVED:
            return Said(_("saved"), Mark.SAVED.role, mark=Mark.SAVED)
        case LightState.SAVING:
            return Said(_("saving"), mark=Mark.SAVING)
        case LightState.SAVED_HERE:
            return Said(_("saved here, {count} to send").format(count=light.unsent), mark=Mark.HERE)
        case LightState.OFFLINE:
            since = venue.local(light.since).strftime("%H:%M") if light.since else ""
            words = _("offline since {time}, keep selling").format(time=since) if since else _("offline, keep selling")
            if brief:
                words = _("offline since {time}").format(time=since) if since else _("offline")
            return Said(words, Role.WARN, bold=True, mark=Mark.OFFLINE)
        case LightState.ATTENTION:
            return Said(_("needs attention"), Role.BAD, bold=True, mark=Mark.ATTENTION)


@dataclass(frozen=True, slots=True)
class Board:
    """The menu as it is shown: the view, and the item ids in the order that the board counts them."""

    view: BoardView
    item_ids: tuple[str, ...]


def menu_board(menu: Menu, formats: Formats, moment: time, category: str | None, selected: int | None) -> Board:
    """The board of one category, or of all; `moment` is the venue's wall clock."""
    by_category: dict[str, list[tuple[str, ItemView]]] = {}
    for item in menu.items:
        by_category.setdefault(item.category, []).append((item.id, _item_view(menu, item, formats, moment)))
    categories: list[CategoryView] = []
    ids: list[str] = []
    homes: list[tuple[int, int]] = []
    for group in menu.categories:
        items = by_category.get(group.id, [])
        if not items or category not in {None, group.id}:
            continue
        part = menu.daypart_by_name.get(group.daypart) if group.daypart else None
        is_open = part is None or part.holds(moment)
        if is_open:
            homes.append((int(part is None), len(ids)))
        ids.extend(item_id for item_id, _view in items)
        views = tuple(view for _id, view in items)
        categories.append(CategoryView(group.name, views, _daypart_note(part, moment), open=is_open))
    empty = (_("The menu is empty."), _("“till admin menu import FILE” brings one in."))
    home = min(homes)[1] if homes else 0  # what is sold at this hour goes before what is sold at any
    return Board(BoardView(tuple(categories), selected, empty, home), tuple(ids))


def _item_view(menu: Menu, item: Item, formats: Formats, moment: time) -> ItemView:
    price = _("open price") if item.price4 is None else formats.price(item.price4)
    part = menu.daypart_of(item) if item.daypart else None
    own = None if item.daypart is None else part is None or part.holds(moment)
    if part is not None and not own:
        price = f"○ {opens(part, moment)}"
    number = str(item.plu) if item.plu is not None else ""
    return ItemView(number, item.name, price, sold_out=item.sold_out, open=own)


def _daypart_note(part: Daypart | None, moment: time) -> str:
    if part is None:
        return ""
    if part.holds(moment):
        return _("until {time}").format(time=part.ends.strftime("%H:%M"))
    return f"○ {opens(part, moment)}"


def receipt_view(order: Order, venue: Venue, formats: Formats, at: datetime) -> RowsView:
    """The receipt on screen: who, when, what, taxes, how it was paid. `at` is on the venue's clock."""
    placed = order.placed.data if order.placed else {}
    rows = [
        _row(Said(venue.name, bold=True), Said(str(placed.get("receipt", "")))),
        _row(Said(venue.tax_number, Role.MUTED), Said(at.strftime("%Y-%m-%d %H:%M"), Role.MUTED)),
        *([_row(Said(order.tab.name, Role.MUTED), Said(""))] if order.tab else []),
        RowView(rule=True),
    ]
    for row in order.priced.rows:
        name = f"{row.quantity} × {row.first.name}".replace("-", "−")
        rows.append(_row(Said(name), Said(formats.amount(row.listed))))
        if row.discount:
            rows.append(_row(Said("    " + _("Discount"), Role.MUTED), Said(formats.amount(-row.discount))))
    rows.append(RowView(rule=True))
    rows.append(_row(Said(_("Total"), bold=True), Said(formats.money(order.total), bold=True)))
    for tax in order.priced.taxes:
        words = f"{tax.tax.name} {tax.tax.percent} %" + (f" {_('included')}" if order.terms.included else "")
        rows.append(_row(Said(words, Role.MUTED), Said(formats.amount(tax.amount), Role.MUTED)))
    for payment in order.payments.values():
        if payment.state is not PaymentState.APPROVED:
            continue
        if payment.amount:
            rows.append(_row(Said(tender_name(payment.tender)), Said(formats.amount(payment.tendered))))
        if payment.change:
            rows.append(_row(Said(_("Change")), Said(formats.amount(payment.change))))
    return RowsView(tuple(rows))


def _row(left: Said, right: Said) -> RowView:
    return RowView((CellView(1, left), CellView(-2, right, right=True)))


def tender_name(tender: str) -> str:
    """What a tender is called on screen."""
    return {"CASH": _("Cash"), "CARD": _("Card")}.get(tender, tender)


def order_type_name(order_type: str) -> str:
    """What an order type is called on screen."""
    return {"take_away": _("take away"), "eat_in": _("eat in")}.get(order_type, order_type.replace("_", " "))
