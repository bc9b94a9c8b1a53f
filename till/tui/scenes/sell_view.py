"""How the sell screen looks at one moment: its scene as views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import _, ngettext
from till.domain.order.state import PaymentState
from till.domain.payment.paying import CASH
from till.domain.text import clean
from till.tui.boards import board
from till.tui.counter import esc_back, refusal
from till.tui.hours import not_now
from till.tui.palette import Mark
from till.tui.scenes.pay_view import give_back
from till.tui.sights import order_type_name, receipt_view, total_view
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
    from till.domain.catalogue.menu import Item
    from till.domain.money.formats import Formats
    from till.domain.order.state import Order
    from till.tui.scenes.sell import SellScene
    from till.tui.view import RowsView


#: An example longer than this does not fit under "No lines yet."
_EXAMPLE: Final = 24


class SellView:
    """Paints one sell scene. What did not change is handed on as the same object."""

    def __init__(self, scene: SellScene) -> None:
        self._scene = scene
        self._tabs: tuple[object, TabsView] | None = None
        self._receipt: tuple[Order, RowsView] | None = None
        self._suggested: tuple[object, tuple[SuggestionView, ...]] | None = None

    def paint(self) -> None:
        """Hand views to the widgets."""
        scene, desk = self._scene, self._scene.desk
        order = scene.order
        desk.status.show(scene.counter.status())
        self._paint_order(order)
        desk.tabs.show(self._names())
        desk.board.show(board(scene.counter, scene.category, scene.walked).view)
        desk.band.show(self._entry())
        desk.keys.show(self._keys())

    def _paint_order(self, order: Order | None) -> None:
        scene, desk = self._scene, self._scene.desk
        register = scene.counter.register
        if scene.sold is not None and scene.sold.placed is not None:
            if self._receipt is None or self._receipt[0] is not scene.sold:
                at = register.venue.local(scene.sold.placed.at)
                self._receipt = scene.sold, receipt_view(scene.sold, register.venue, register.formats, at)
            desk.order.show(self._receipt[1])
            desk.show_head(
                HeadView(_("Receipt"), str(scene.sold.placed.data["receipt"]), _("stays until the next line"))
            )
            desk.total.show(self._change(scene.sold))
            return
        entries = scene.entries
        marked = scene.chosen() if scene.walked is None else None  # one thing is chosen at a time
        places = reversed(range(len(entries))) if marked else ()  # it is the newest but for a walk through the order
        place = next((at for at in places if entries[at] is marked), None)
        empty = () if entries else self._example()
        desk.order.show(scene.sight.order_view(entries, place, empty))
        desk.show_head(HeadView(_("Order"), self._detail(order), flag=self._flag(order)))
        desk.total.show(total_view(order, register.formats, register.menu, included=register.venue.terms.included))

    def _flag(self, order: Order | None) -> Said | None:
        """What a person must see of an order as long as it stands here, whatever is answered meanwhile."""
        if self._scene.lock:
            return Said(_("taken over"), mark=Mark.NOTICE)
        if order is None or order.elsewhere is None or not order.is_open:
            return None
        other, till = order.elsewhere, self._scene.counter.register.venue.till_name(order.elsewhere.till)
        if other.on_tab:
            return Said(_("also on a tab"), mark=Mark.NOTICE)
        said = _("paid on {till}") if other.paid else _("also on {till}")
        return Said(said.format(till=till), mark=Mark.NOTICE)

    def _example(self) -> tuple[str, ...]:
        """The sentence of an empty order, with an example that is on this menu."""
        menu, now = self._scene.counter.register.menu, self._scene.counter.now().time()
        if not menu.items:
            return (_("No lines yet."), _("The menu is empty: a manager imports one."))
        first = next(iter(menu.sold_at(now)), menu.items[0])
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
        paid = _("Paid {total}").format(total=formats.money(sold.paid))
        said = _("Change {change}.").format(change=formats.money(change))
        if sold.paid < 0:
            back = _("Given back: {total}.").format(total=formats.money(-sold.paid))
            return TotalView(FigureView(formats.amount(-sold.paid), Said(f"{_('Given back')} {symbol}"), sentence=back))
        if all(p.tender != CASH for p in sold.payments.values() if p.state is PaymentState.APPROVED) and sold.paid:
            return TotalView(FigureView(formats.amount(sold.paid), Said(f"{_('Paid')} {symbol}"), sentence=f"{paid}."))
        figure = FigureView(formats.amount(change), Said(f"{_('Change')} {symbol}"), sentence=said)
        return TotalView(figure, Said(paid), give_back(change, formats))

    def _names(self) -> TabsView:
        menu, note = self._scene.counter.register.menu, self._scene.desk.board.note()
        made_for = (menu, self._scene.category, note)
        if self._tabs is None or self._tabs[0] != made_for:
            names = (_("All"), *(category.name for category in menu.categories))
            ids = [None, *(category.id for category in menu.categories)]
            active = ids.index(self._scene.category) if self._scene.category in ids else 0
            self._tabs = made_for, TabsView(names, active, note)
        return self._tabs[1]

    def _entry(self) -> EntryView:
        scene = self._scene
        suggestions = () if scene.lock else self._suggestions()
        answer = scene.said or (refusal(scene.lock) if scene.lock else scene.counter.advice())
        hint = _("Esc takes it back.") if scene.question is not None else ""
        if scene.choosing is not None:
            hint = _("A digit and Enter keys it. Esc takes it back.")
        editor = scene.editor
        return EntryView(editor.text, editor.cursor, answer, suggestions, hint, offered=editor.is_offered)

    def _suggestions(self) -> tuple[SuggestionView, ...]:
        """What may complete what is typed; looked for once for each text."""
        scene, register = self._scene, self._scene.counter.register
        made_for = (scene.editor.text if scene.question is None else "", register.lookup)
        if self._suggested is None or self._suggested[0] != made_for:
            formats, now = register.formats, scene.counter.now().time()
            self._suggested = (
                made_for,
                tuple(
                    SuggestionView(item.name, not_now(register.menu, item, now) or _price(item, formats))
                    for item in scene.suggestions()
                ),
            )
        return self._suggested[1]

    def _keys(self) -> KeysView:
        scene, counter = self._scene, self._scene.counter
        if scene.question is not None:
            return KeysView((esc_back(),), KeyView("Enter", scene.question.word))
        if scene.choosing is not None:
            count = len(scene.choosing.items)
            digits = KeyView(f"1-{count}" if count > 1 else "1", _("Choose"))
            return KeysView((digits, esc_back()), KeyView("Enter", _("Key it")) if scene.editor.text else None)
        if scene.lock:
            kept = (counter.key(Command.HELP, _("Help")), counter.key(Command.LOG_OUT, _("Log out")))
            return KeysView(kept, KeyView("Esc", _("Start a new order")))
        waiting = scene.waiting
        recall = ngettext("Recall {count}", "Recall {count}", waiting).format(count=waiting)
        on_line = (counter.key(Command.QUANTITY, _("Quantity"), _("Qty")), counter.key(Command.VOID, _("Void")))
        has_types = len(counter.register.venue.order_types) > 1
        other = order_type_name(scene.commands.next_type()).capitalize()
        keys = (
            counter.key(Command.HELP, _("Help")),
            counter.key(Command.MENU, _("Menu"), spare=bool(waiting)),
            *((counter.key(Command.RECALL, recall),) if waiting else ()),
            *(on_line if scene.sold is None else (KeyView("↑↓", _("Receipt")),)),
            counter.key(Command.TABS, _("Tabs")),
            *((counter.key(Command.ORDER_TYPE, other, spare=True),) if has_types else ()),
            counter.key(Command.LOG_OUT, _("Log out")),
        )
        return KeysView(keys, counter.key(Command.PAY, _("Pay")))


def _price(item: Item, formats: Formats) -> str:
    return formats.price(item.price4) if item.price4 is not None else ""
