"""The search shown on the board while an item is typed, and what ↑ ↓, Tab and Enter take from it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from till.register.quick_entry.intents import AddAll, AddItem, Choose, TakeOff
from till.register.quick_entry.language import not_returned, understand
from till.register.quick_entry.meaning import of_sold
from till.tui.screens.sell.state import Marked, Typing, mode_of

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.register.quick_entry.slots import Intent
    from till.tui.screens.sell.state import SellFacts, SellState, Suggesting


def board_filter(state: SellState, facts: SellFacts) -> str:
    """Return the text that the board is filtered by; empty for none. A number alone filters nothing."""
    if facts.finder is None or not isinstance(mode_of(state, facts), Typing):
        return ""
    last = last_completion(state)
    typed = last.typed if last is not None else state.entry.text
    return typed if any(map(str.isalpha, typed)) else ""


def last_completion(state: SellState) -> Suggesting | None:
    """Return the last completion by Tab while its result is still in the entry line."""
    last = state.completion
    return last if last is not None and last.result == state.entry.text else None


def marked_item(state: SellState, facts: SellFacts) -> Item | None:
    """Return the item marked with ↑ or ↓, which Enter takes, while the text is unchanged."""
    mark = state.marked
    return facts.menu.by_id.get(mark.item_id) if mark is not None and mark.typed == board_filter(state, facts) else None


def in_front(state: SellState, facts: SellFacts) -> Item | None:
    """Return the item under the mark, which Tab takes or took."""
    if (item := marked_item(state, facts)) is not None:
        return item
    if (last := last_completion(state)) is not None:
        return facts.menu.by_id.get(last.item_id)
    return next(iter(facts.finder.offered(state.entry.text)), None) if facts.finder is not None else None


def move(state: SellState, facts: SellFacts, step: int) -> SellState | None:
    """Move the mark among the matches; None if the board shows none."""
    typed = board_filter(state, facts)
    found = facts.finder.fitting(typed) if facts.finder is not None and typed else None
    if found is None:
        return None
    ids, item = found.board.item_ids, in_front(state, facts)
    place = ids.index(item.id) + step if item is not None and item.id in ids else 0
    return replace(state, marked=Marked(typed, ids[max(0, min(place, len(ids) - 1))]))


def meaning_of_entry(state: SellState, typed: str, facts: SellFacts) -> Intent:
    """Return the meaning of a phrase for the present order, about the marked item if there is one.

    Raises:
        TillError: it is not understood.
    """
    return _as_marked(state, facts, of_sold(understand(typed, facts.lookup, facts.formats, facts.tenders.named), facts))


def _as_marked(state: SellState, facts: SellFacts, intent: Intent) -> Intent:
    """Return the phrase for the marked item, with the quantity and price that were typed."""
    item = marked_item(state, facts)
    if item is None or isinstance(intent, AddAll):
        return intent
    match intent:
        case AddItem() | Choose():
            entry = AddItem(item, intent.quantity, intent.price4, measure=intent.measure)
        case TakeOff(quantity=int(quantity)):
            entry = AddItem(item, -quantity)
        case _:
            entry = AddItem(item)
    return not_returned(entry)
