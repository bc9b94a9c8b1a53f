"""The views of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.tui.drawing.viewmodels import (
        BarsView,
        CardsView,
        ChoicesView,
        EntryView,
        FactsView,
        HeadView,
        KeysView,
        RowsView,
        StatusView,
        TotalView,
    )
    from till.tui.screens.desk.state import Listed


class SheetView(Struct, frozen=True):
    """A sheet: its heading, choices and facts; `full` choices take the whole width."""

    head: HeadView
    choices: ChoicesView
    facts: FactsView
    full: bool = False
    is_list: bool = False


class DeskViews(Struct, frozen=True):
    """The view of each widget of the desk."""

    status: StatusView
    heads: dict[Listed, HeadView]
    lists: dict[Listed, CardsView]
    total: TotalView
    hours_head: HeadView
    hours: BarsView
    house_head: HeadView
    house: RowsView
    entry: EntryView
    keys: KeysView
    sheet: SheetView | None
    listed: Listed
