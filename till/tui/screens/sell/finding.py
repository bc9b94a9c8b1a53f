"""What is being looked for on the board while it is typed, and what ↑ ↓, Tab and Enter take of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from till.register.quick_entry.intents import AddAll, AddItem, Choose
from till.tui.screens.sell.state import Marked, Typing, mode_of

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.register.quick_entry.intents import Intent
    from till.tui.screens.sell.state import SellFacts, SellState, Suggesting


def sought(state: SellState, facts: SellFacts) -> str:
    """What is typed that the board is to hold what fits of; empty for nothing, and a number alone is nothing."""
    if facts.finder is None or not isinstance(mode_of(state, facts), Typing):
        return ""
    last = completed(state)
    typed = last.typed if last is not None else state.entry.text
    return typed if any(map(str.isalpha, typed)) else ""


def completed(state: SellState) -> Suggesting | None:
    """Where Tab stands, as long as what it took stands in the entry."""
    last = state.completion
    return last if last is not None and last.result == state.entry.text else None


def marked(state: SellState, facts: SellFacts) -> Item | None:
    """The item that ↑ or ↓ marked, as long as the same is typed: Enter takes it."""
    mark = state.marked
    return facts.menu.by_id.get(mark.item_id) if mark is not None and mark.typed == sought(state, facts) else None


def in_front(state: SellState, facts: SellFacts) -> Item | None:
    """The item that the mark is on: what Tab takes, or took."""
    if (item := marked(state, facts)) is not None:
        return item
    if (last := completed(state)) is not None:
        return facts.menu.by_id.get(last.item_id)
    return next(iter(facts.finder.offered(state.entry.text)), None) if facts.finder is not None else None


def move(state: SellState, facts: SellFacts, step: int) -> SellState | None:
    """Move the mark among what fits; None when the board holds no such thing."""
    typed = sought(state, facts)
    found = facts.finder.fitting(typed) if facts.finder is not None and typed else None
    if found is None:
        return None
    ids, item = found.board.item_ids, in_front(state, facts)
    place = ids.index(item.id) + step if item is not None and item.id in ids else 0
    return replace(state, marked=Marked(typed, ids[max(0, min(place, len(ids) - 1))]))


def as_marked(state: SellState, facts: SellFacts, intent: Intent) -> Intent:
    """What was typed, of the item that is marked: as many of it, at the price that was typed."""
    item = marked(state, facts)
    if item is None or isinstance(intent, AddAll):
        return intent
    counts = intent if isinstance(intent, AddItem | Choose) else None
    return (
        AddItem(item, counts.quantity, counts.price4, measure=counts.measure) if counts is not None else AddItem(item)
    )
