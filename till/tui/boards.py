"""The menu board as the sell screen and the menu sheet share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from till.tui.sights import Board, menu_board

if TYPE_CHECKING:
    from till.tui.counter import Counter


def board(counter: Counter, category: str | None, selected: int | None) -> Board:
    """The menu board; kept while menu, category, the parts of the day and the selection are the same."""
    register, now = counter.register, counter.now().time()
    parts = tuple((part.holds(now), now < part.starts) for part in register.menu.dayparts)
    made_for = (register.menu, register.formats, category, parts)
    if counter.board is None or counter.board[0] != made_for:
        counter.board = made_for, menu_board(register.menu, register.formats, now, category, selected)
    made = counter.board[1]
    if made.view.selected != selected:
        made = Board(replace(made.view, selected=selected), made.item_ids)
        counter.board = made_for, made
    return made
