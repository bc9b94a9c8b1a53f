"""Views of the sell screen, made from its state and facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext
from till.domain.money.measures import NOTHING, Minor, Price4, sum_of
from till.domain.order.naming import order_type_name, tab_name
from till.domain.text import clean
from till.register.quick_entry import language
from till.register.quick_entry.meaning import price_text
from till.tui.drawing.cut import cut, cut_words
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    CategoryBarView,
    EntryView,
    HeadView,
    KeysView,
    KeyView,
    StyledText,
    SuggestionView,
    TotalView,
)
from till.tui.screens.names import money_figure, paid_figure
from till.tui.screens.pay.presenter import change_view
from till.tui.screens.receipts import receipt_view, with_papers
from till.tui.screens.sell.commands import IN_BAR, primary_of
from till.tui.screens.sell.entry_hint import entry_effect, marked_announced
from till.tui.screens.sell.example import example_of
from till.tui.screens.sell.finding import board_filter, in_front, last_completion, marked_item
from till.tui.screens.sell.menu_board import TURNS
from till.tui.screens.sell.state import (
    Asking,
    Choosing,
    Locked,
    ShowingReceipt,
    Typing,
    WalkingMenu,
    marked_line,
    mode_of,
)
from till.tui.screens.sell.total import total_view
from till.tui.shell.keymap import HELP, LOG_OUT, MENU
from till.tui.shell.messages import esc_back, refusal

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.domain.order.events import OrderPlaced
    from till.domain.order.state import Order, Placed
    from till.tui.drawing.screen import Views
    from till.tui.drawing.viewmodels import BoardView, OrderView, RowsView, StatusView
    from till.tui.screens.sell.menu_board import MenuBoards
    from till.tui.screens.sell.menu_finder import Fitting, MenuFinder
    from till.tui.screens.sell.order_lines import OrderLines
    from till.tui.screens.sell.state import Mode, SellFacts, SellState


#: The most cells of the typed text that a message repeats, cut at a word.
_LONGEST_WORDS: Final = 20
_SEVERAL: Final = 2


class SellPresenter:
    """The presenter of the sell screen. Unchanged views are the same objects.

    Args:
        lines: the cache of the order's lines, kept from key to key.
        boards: the cache of menu boards, kept from sale to sale.
    """

    def __init__(self, lines: OrderLines, boards: MenuBoards) -> None:
        self._lines = lines
        self._boards = boards
        self._categories: tuple[object, CategoryBarView] | None = None
        self._receipt: tuple[Order, RowsView] | None = None
        self._suggested: tuple[object, tuple[SuggestionView, ...]] | None = None
        #: The last search: its finder and text, and its matches.
        self._sought: tuple[MenuFinder | None, str] = (None, "")
        self._fitting: Fitting | None = None
        self._board: BoardView | None = None
        self._item_ids: tuple[str, ...] = ()

    def views(self, state: SellState, facts: SellFacts, status: StatusView) -> Views:
        """Return all views of a state."""
        mode = mode_of(state, facts)
        walking = mode if isinstance(mode, WalkingMenu) else None
        category = walking.category if walking is not None else None
        order, head, total = self._pane(state, facts, mode)
        return {
            "status": status,
            "order": order,
            "head": head,
            "total": total,
            "categories": self._category_bar(facts, category),
            "board": self._board_view(state, facts, walking),
            "entry": self._entry(state, facts, mode),
            "keys": keys_view(state, facts, mode),
        }

    # Search.

    def has_found(self, state: SellState, facts: SellFacts) -> bool:
        """Return True if the current text has been searched for."""
        typed = board_filter(state, facts)
        return self._sought == (facts.finder if typed else None, typed)

    def find(self, state: SellState, facts: SellFacts) -> None:
        """Search for the current text. It takes some milliseconds, so it must not delay a key."""
        typed = board_filter(state, facts)
        self._sought = (facts.finder if typed else None, typed)
        self._fitting = facts.finder.fitting(typed) if facts.finder is not None and typed else None

    def item_id(self, place: int) -> str:
        """Return the item at a position of the visible board."""
        return self._item_ids[place]

    def _board_view(self, state: SellState, facts: SellFacts, walking: WalkingMenu | None) -> BoardView:
        """Return the board: browsed, or filtered by the text; until the search is done, the one before."""
        menu, formats, now, kind = facts.menu, facts.formats, facts.now, facts.order_type
        if walking is not None:
            place = walking.category, walking.place
            return self._boards.of(menu, formats, now, *place, turns=TURNS, order_type=kind).view
        if self._board is None or (self._fitting is None and self.has_found(state, facts)):
            whole = self._boards.of(menu, formats, now, None, None, turns=facts.keymap.label(MENU), order_type=kind)
            self._board, self._item_ids = whole.view, whole.item_ids
        elif self._fitting is not None and self.has_found(state, facts):
            ids, item = self._fitting.board.item_ids, in_front(state, facts)
            selected = ids.index(item.id) if item is not None and item.id in ids else None
            found = self._fitting.board.view
            if self._board.categories is not found.categories or self._board.selected != selected:
                self._board, self._item_ids = replace(found, selected=selected), ids
        return self._board

    def _hint(self, state: SellState, facts: SellFacts) -> StyledText | None:
        """Return the effect of Enter, or how many items match the text; None if another message must be read."""
        message = state.message
        if message is not None and (message is not state.covered or message.mark is not None):
            return None
        does = entry_effect(state, facts)
        return StyledText(does) if does is not None else self._fits(state, facts)

    def _fits(self, state: SellState, facts: SellFacts) -> StyledText | None:
        """Return how many items match the text and what Enter does."""
        found = self._fitting
        if found is None or not board_filter(state, facts) or (state.message is None and facts.advice is not None):
            return None
        if (item := marked_item(state, facts)) is not None:
            does = marked_announced(state, facts, item)
            return StyledText(does) if does is not None else None
        if not found.asks or found.count < _SEVERAL:
            return None
        words = cut_words(clean(found.words), _LONGEST_WORDS) or cut(clean(found.words), _LONGEST_WORDS)
        if found.sold == found.count:
            fits = _("{count} items match “{words}”. Enter to choose.")
        elif found.sold:
            fits = ngettext(
                "{count} items match “{words}”, {sold} on sale now. Enter to choose.",
                "{count} items match “{words}”, {sold} on sale now. Enter to choose.",
                found.sold,
            )
        else:
            fits = _("{count} items match “{words}”, none on sale now. Enter to choose.")
        return StyledText(fits.format(words=words, count=f"{found.count:,}", sold=f"{found.sold:,}"))

    def _tip(self, state: SellState, facts: SellFacts) -> KeyView | None:
        """Return the keys that move the mark on the board, while it shows matches."""
        if self._fitting is None or not board_filter(state, facts):
            return None
        return KeyView("↑↓", _("moves the mark, and Enter takes it then."))

    def _pane(self, state: SellState, facts: SellFacts, mode: Mode) -> tuple[OrderView | RowsView, HeadView, TotalView]:
        if isinstance(state.pane, ShowingReceipt) and state.pane.sold.placed is not None:
            sold, placed = state.pane.sold, state.pane.sold.placed
            head = HeadView(_("Receipt"), placed.data.receipt, _("stays until the next line"))
            rows = self._receipt_rows(sold, placed, facts)
            return with_papers(rows, facts.papers), head, _change(placed.data, facts.formats)
        lines = facts.lines
        marked = None if isinstance(mode, WalkingMenu) else marked_line(state, facts)  # mark the board or the order
        places = reversed(range(len(lines))) if marked else ()  # mostly it is the newest line
        place = next((at for at in places if lines[at] is marked), None)
        order = self._lines.order_view(lines, place, () if lines else _example(facts))
        head = HeadView(_("Order"), _detail(facts), flag=_flag(facts))
        return order, head, total_view(facts.order, facts.formats, facts.menu, included=facts.venue.terms.included)

    def _receipt_rows(self, sold: Order, placed: Placed, facts: SellFacts) -> RowsView:
        if self._receipt is None or self._receipt[0] is not sold:
            self._receipt = (
                sold,
                receipt_view(
                    sold, placed.data, facts.venue, facts.formats, facts.venue.local(placed.at), facts.tenders.label_of
                ),
            )
        return self._receipt[1]

    def _category_bar(self, facts: SellFacts, category: str | None) -> CategoryBarView:
        parts = self._boards.parts(facts.menu, facts.now)
        made_for = (parts, category, facts.board_note)
        if self._categories is None or self._categories[0] != made_for:
            names = (_("All"), *(one.name for one in parts.all))
            ids = [None, *(one.id for one in parts.all)]
            active = ids.index(category) if category in ids else 0
            self._categories = made_for, CategoryBarView(names, active, facts.board_note, len(parts.later))
        return self._categories[1]

    def _entry(self, state: SellState, facts: SellFacts, mode: Mode) -> EntryView:
        answer = state.message or (refusal(facts.lock) if facts.lock else facts.advice)
        if answer is None and facts.paper_advice:
            answer = refusal(facts.paper_advice)
        if answer is None and facts.asks_count and isinstance(mode, Typing) and not state.entry.text:
            answer = StyledText(_("In the drawer now? {key} counts it.").format(key=facts.keymap.label("drawer")))
        hint = ""
        if isinstance(mode, Asking):
            hint = _("Esc takes it back.")
        elif isinstance(mode, Choosing):
            hint = _("A digit and Enter keys it. Esc takes it back.")
            if len(mode.asked.offered) == 1:
                hint = _("Enter keys it. Esc takes it back.")
        entry = state.entry
        asks = isinstance(mode, Asking) or facts.lock is not None
        if board_filter(state, facts):
            suggestions = self._in_front(state, facts)
        else:
            suggestions = () if asks else self._suggestions(entry.text, facts)
        view = EntryView(entry.text, entry.cursor, answer, suggestions, hint, offered=entry.is_offered)
        if (announcement := self._hint(state, facts)) is not None:
            view = replace(view, answer=announcement, tip=self._tip(state, facts))
        return view

    @staticmethod
    def _in_front(state: SellState, facts: SellFacts) -> tuple[SuggestionView, ...]:
        """Return the item that Tab takes, in the typed quantity. The other matches are on the board."""
        item = in_front(state, facts)
        if item is None:
            return ()
        last = last_completion(state)
        quantity = language.quantity_and_name(last.typed if last is not None else state.entry.text, facts.lookup)[0]
        if quantity < 0 and not item.returnable:
            return (SuggestionView(clean(item.name), facts.menu.not_now(item, facts.now)),)
        price4 = facts.price_of(item)
        amount = "" if price4 is None else facts.formats.price(Price4(price4 * quantity), item.unit)
        amount = ", ".join(filter(None, (amount, facts.menu.left.get(item.id))))
        name = clean(item.name) if quantity == 1 else f"{quantity} × {clean(item.name)}"
        return (SuggestionView(name, facts.menu.not_now(item, facts.now) or amount),)

    def _suggestions(self, typed: str, facts: SellFacts) -> tuple[SuggestionView, ...]:
        """Return the suggestions for a text, cached for the last text."""
        made_for = (typed, facts.menu)
        if self._suggested is None or self._suggested[0] != made_for:
            found = language.suggestions(typed, facts.lookup) if typed else []
            views = tuple(
                SuggestionView(item.name, facts.menu.not_now(item, facts.now) or price_text(item, facts))
                for item in found
            )
            self._suggested = made_for, views
        return self._suggested[1]


def keys_view(state: SellState, facts: SellFacts, mode: Mode) -> KeysView:
    """Return the key bar: the commands of the table shown in it, or the keys of a question."""
    match mode:
        case Asking(word=word):
            return KeysView((esc_back(),), KeyView("Enter", word))
        case Choosing(asked=asked):
            count = len(asked.offered)
            digits = KeyView(f"1-{count}" if count > 1 else "1", _("Choose"))
            is_sure = state.entry.text or count == 1
            return KeysView((digits, esc_back()), KeyView("Enter", _("Key it")) if is_sure else None)
        case Locked():
            kept = tuple(view for view, name in _bar_keys(state, facts) if name in {HELP, LOG_OUT})
            return KeysView(kept, KeyView("Esc", _("Start a new order")))
        case _:
            keys = {name: view for view, name in _bar_keys(state, facts)}
            primary = keys.pop(primary_of(facts), None)
            return KeysView(tuple(keys.values()), primary)


def _bar_keys(state: SellState, facts: SellFacts) -> list[tuple[KeyView, str]]:
    """Return the keys in the bar, each with the name of its command."""
    label, found = facts.keymap.label, []
    for in_bar, name in IN_BAR:
        if (bar := in_bar.shows(state, facts)) is not None:
            found.append((KeyView(in_bar.typed or label(name), bar.word, bar.short, bar.spare), name))
    return found


def _flag(facts: SellFacts) -> StyledText | None:
    """Return the flag of an order, which stays visible beside any message."""
    order = facts.order
    if facts.lock:
        return StyledText(_("taken over"), mark=Mark.NOTICE)
    if order is not None and order.is_open and (unread := len(order.waits_for_manager)):
        sentence = ngettext("{count} record cannot be read", "{count} records cannot be read", unread)
        return StyledText(sentence.format(count=unread), mark=Mark.NOTICE)
    return None


def _example(facts: SellFacts) -> tuple[str, ...]:
    """Return the hint of an empty order, with an example from this menu."""
    menu = facts.menu
    if not menu.items:
        return (_("No lines yet."), _("The menu is empty: a manager imports one."))
    example = example_of(menu, facts.now)
    return (_("No lines yet."), _("Type “{example}”, then Enter.").format(example=example))


def _detail(facts: SellFacts) -> str:
    order = facts.order
    if order is None:
        return order_type_name(facts.venue.order_types[0])
    kind = order_type_name(order.order_type)
    tab, customer = tab_name(order.place_name), order.customer.name if order.customer else ""
    named = [tab, customer] if customer.casefold() != tab.casefold() else [tab]
    if order.again is not None:
        at = facts.venue.local(read_time(order.again.at)).strftime("%H:%M")
        named = [_("copy as of {time}").format(time=at), *named]
    return ", ".join(part for part in (*named, kind) if part)


def _change(placed: OrderPlaced, formats: Formats) -> TotalView:
    minor = formats.currency.minor
    change = minor(placed.payments[-1].change) if placed.payments else NOTHING  # guests before have theirs already
    settled = sum_of(minor(payment.amount) for payment in placed.payments)
    paid = _("Paid {total}").format(total=formats.money(settled))
    if placed.payments and (refunded := Minor(-minor(placed.payments[-1].amount))) > 0:
        view = TotalView(money_figure(_("Refunded"), refunded, formats, Tone.BAD))
        return view if settled < 0 else replace(view, paid=StyledText(paid))
    if not change:
        return TotalView(paid_figure(settled, formats))
    return replace(change_view(change, formats), paid=StyledText(paid))
