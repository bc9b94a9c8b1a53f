"""The limit for a key: a bare Textual app with the till's widgets, and no register, journal or sync.

`python -m bench.bare LINES ITEMS` shows an order with that many lines next to a menu with that many items. A number and
Enter add that item to the order; `cash` and Enter empty it. Textual paints as in any app, and not by rows as in the
till (ADR 0061).
"""

from __future__ import annotations

import gc
import os
import sys
from datetime import UTC, datetime

os.environ.setdefault("TEXTUAL_FPS", "240")  # before Textual is imported, as in the till

from textual import events
from textual._compositor import Compositor

from bench import venue
from till.domain.catalogue.menu import read_menu
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, LocaleFormats
from till.tui.drawing.palette import Mark, Paint, Tone, detect
from till.tui.drawing.themed import ThemedApp
from till.tui.drawing.viewmodels import (
    CategoryBarView,
    EntryView,
    FigureView,
    HeadView,
    KeysView,
    KeyView,
    LineView,
    OrderView,
    StatusView,
    StyledText,
    TotalView,
)
from till.tui.screens.sell.menu_board import menu_board
from till.tui.screens.sell.screen import SellScreen

_KEYS = ("Help", "Menu", "Quantity", "Void", "Tabs", "Log out")


class BareScreen(SellScreen):
    """The sell screen, painted by Textual's own compositor."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = Compositor()


class BareApp(ThemedApp[None]):
    """The sell screen without a register."""

    def __init__(self, lines: int, items: int) -> None:
        super().__init__(Paint("dark", detect(os.environ), plain=False))
        currency = Currency("INR")
        self._menu = read_menu(venue.menu_body(items), currency)
        self._board = menu_board(
            self._menu,
            Formats(currency, LocaleFormats("en_IN", 3, 2, ",", ".", "¤#", "%d/%m/%Y")),
            datetime(2026, 3, 3, 12, tzinfo=UTC),
            None,
            None,
        ).view
        self._sell_screen = BareScreen()
        self._lines = tuple(self._line(plu) for plu in range(1, lines + 1))
        self._typed = ""

    @staticmethod
    def _line(plu: int) -> LineView:
        return LineView(venue.item_name(plu), venue.item_price(plu), "1")

    def get_default_screen(self) -> SellScreen:
        """Return the sell screen."""
        return self._sell_screen

    def on_mount(self) -> None:
        """Show the order and the menu."""
        screen = self._sell_screen
        screen.status.show(
            StatusView("Bench Corner", "Till 1", "cashier 1", "Day", "12:00", StyledText("saved", mark=Mark.SAVED))
        )
        screen.categories.show(CategoryBarView(("All", *(category.name for category in self._menu.categories))))
        screen.board.show(self._board)
        keys = tuple(KeyView(f"F{place}", word) for place, word in enumerate(_KEYS, 1))
        screen.keys.show(KeysView(keys, KeyView("F9", "Pay")))
        self._put("")
        self.call_after_refresh(self._calm)

    @staticmethod
    def _calm() -> None:
        gc.collect()
        gc.freeze()

    async def on_event(self, event: events.Event) -> None:
        """Handle keys before bindings are looked up, as in the till."""
        if not isinstance(event, events.Key):
            await super().on_event(event)
        elif event.key == "enter" and self._typed == "cash":
            self._typed, self._lines = "", ()
            self._put("Paid.")
        elif event.key == "enter":
            plu, self._typed = int(self._typed), ""
            self._lines = (*self._lines, self._line(plu))
            self._put(f"Added 1 × {venue.item_name(plu)}. Total ₹{len(self._lines)}.00.")
        elif event.character:
            self._typed += event.character
            self._sell_screen.band.show(EntryView(self._typed, len(self._typed)))

    def _put(self, sentence: str) -> None:
        screen, count = self._sell_screen, len(self._lines)
        screen.order.show(OrderView(self._lines, count - 1 if count else None))
        screen.head.show(HeadView("Order", "take away"))
        figure = FigureView(f"{count:,}.00", StyledText("Total ₹"))
        tax = (StyledText("GST 5 % included", Tone.MUTED), StyledText(f"{count / 20:.2f}", Tone.MUTED))
        screen.total.show(TotalView(figure, StyledText(f"{count} items", Tone.MUTED), tax))
        screen.band.show(EntryView("", 0, StyledText(sentence) if sentence else None))


if __name__ == "__main__":
    BareApp(int(sys.argv[1]), int(sys.argv[2])).run()
