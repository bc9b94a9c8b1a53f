"""How the sell screen looks at one moment: its scene as views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.text import clean
from till.domain.words import _, ngettext
from till.tui.sights import menu_board, order_type_name, receipt_view, total_view
from till.tui.strokes import Command
from till.tui.view import (
    EntryView,
    FigureView,
    HeadView,
    KeysView,
    KeyView,
    Said,
    SuggestionView,
    TabsView,
    TotalView,
)

if TYPE_CHECKING:
    from till.domain.order import Order
    from till.tui.scenes.sell import SellScene
    from till.tui.sights import Board


#: An example longer than this does not fit under "No lines yet."
_EXAMPLE: Final = 24


class SellView:
    """Paints one sell scene. What did not change is handed on as the same object."""

    def __init__(self, scene: SellScene) -> None:
        self._scene = scene
        self._board: tuple[object, Board] | None = None

    def paint(self) -> None:
        """Hand views to the widgets."""
        scene, desk = self._scene, self._scene.desk
        order = scene.order
        desk.status.show(scene.counter.status())
        self._paint_order(order)
        desk.tabs.show(self._tabs())
        desk.board.show(self.board(None).view)
        desk.band.show(self._entry())
        desk.keys.show(self._keys())

    def _paint_order(self, order: Order | None) -> None:
        scene, desk = self._scene, self._scene.desk
        register = scene.counter.register
        if scene.sold is not None and scene.sold.placed is not None:
            at = register.venue.local(scene.sold.placed.at)
            desk.show_receipt(receipt_view(scene.sold, register.venue, register.formats, at))
            desk.show_head(
                HeadView(_("Receipt"), str(scene.sold.placed.data["receipt"]), _("stays until the next line"))
            )
            desk.total.show(self._change(scene.sold))
            return
        desk.show_receipt(None)
        entries = scene.entries
        places = {entry.line_id: place for place, entry in enumerate(entries)} if scene.selected else {}
        empty = () if entries else self._example()
        desk.order.show(scene.sight.order_view(entries, places.get(scene.selected or ""), empty))
        desk.show_head(HeadView(_("Order"), self._detail(order)))
        desk.total.show(total_view(order, register.formats))

    def _example(self) -> tuple[str, ...]:
        """The sentence of an empty order, with an example that is on this menu."""
        menu = self._scene.counter.register.menu
        if not menu.items:
            return (_("No lines yet."), _("The menu is empty: a manager imports one."))
        first = next((item for item in menu.items if not item.sold_out), menu.items[0])
        example = f"2 {clean(first.name).lower()}"
        if len(example) > _EXAMPLE:
            example = f"2 {first.plu}" if first.plu is not None else example[:_EXAMPLE]
        return (_("No lines yet."), _("Type “{example}”, then Enter.").format(example=example))

    def _detail(self, order: Order | None) -> str:
        if order is None:
            return order_type_name(self._scene.counter.register.venue.order_types[0])
        kind = order_type_name(order.order_type)
        return f"{order.tab.name}, {kind}" if order.tab else kind

    def _change(self, sold: Order) -> TotalView:
        formats = self._scene.counter.register.formats
        change = sum(payment.change for payment in sold.payments.values())
        symbol = formats.currency.symbol.strip()
        paid = _("Paid {total}").format(total=formats.money(sold.total))
        said = _("Change {change}.").format(change=formats.money(change))
        figure = FigureView(formats.amount(change), Said(f"{_('Change')} {symbol}"), sentence=said)
        return TotalView(figure, Said(paid))

    def _tabs(self) -> TabsView:
        menu = self._scene.counter.register.menu
        names = (_("All"), *(category.name for category in menu.categories))
        ids = [None, *(category.id for category in menu.categories)]
        active = ids.index(self._scene.category) if self._scene.category in ids else 0
        return TabsView(names, active, self._scene.desk.board.note())

    def board(self, selected: int | None) -> Board:
        """The menu board; kept while menu, category, minute and selection are the same."""
        scene = self._scene
        register = scene.counter.register
        now = scene.counter.now()
        made_for = (register.menu, scene.category, now.hour, now.minute, selected)
        if self._board is None or self._board[0] != made_for:
            made = menu_board(register.menu, register.formats, now.time(), scene.category, selected)
            self._board = (made_for, made)
        return self._board[1]

    def _entry(self) -> EntryView:
        scene = self._scene
        formats = scene.counter.register.formats
        suggestions = tuple(
            SuggestionView(item.name, formats.price(item.price4) if item.price4 is not None else "")
            for item in scene.suggestions()
        )
        answer = scene.said or scene.counter.attention()
        hint = _("Esc takes it back.") if scene.question is not None or scene.choosing is not None else ""
        return EntryView(scene.editor.text, scene.editor.cursor, answer, suggestions, hint)

    def _keys(self) -> KeysView:
        counter = self._scene.counter
        waiting = self._scene.waiting
        recall = _("Recall")
        if waiting > 0:
            recall = ngettext("Recall {count}", "Recall {count}", waiting).format(count=waiting)
        keys: tuple[KeyView, ...] = (
            counter.key(Command.HELP, _("Help")),
            counter.key(Command.MENU, _("Menu")),
            counter.key(Command.RECALL, recall, spare=waiting <= 0),
            counter.key(Command.QUANTITY, _("Quantity"), _("Qty")),
            counter.key(Command.VOID, _("Void")),
            counter.key(Command.TABS, _("Tabs")),
            counter.key(Command.LOG_OUT, _("Log out")),
        )
        return KeysView(keys, counter.key(Command.PAY, _("Pay")))
