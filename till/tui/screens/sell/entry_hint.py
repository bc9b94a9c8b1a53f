"""The hint under the entry line while a step or a minus is typed: what Enter does. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.text import clean
from till.register.quick_entry.intents import AddItem, TakeOff, Wish
from till.register.quick_entry.meaning import asks_back, asks_back_line, check_entry, taken_off
from till.tui.screens.sell.actions import no_line_to_count
from till.tui.screens.sell.finding import meaning_of_entry
from till.tui.screens.sell.state import Typing, marked_line, mode_of

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.register.quick_entry.slots import Intent
    from till.tui.screens.sell.state import SellFacts, SellState

#: A number of pieces to add to the marked line, or to take off.
_PIECES: Final = re.compile(r"(?P<sign>[+-])\s*(?P<count>\d{1,6})?\Z", re.ASCII)


def waiting_steps(typed: str) -> int | None:
    """Return the number of steps that the entry line asks for: `+`, `+3`, `-`, `-2`."""
    found = _PIECES.match(typed)
    return int(found["sign"] + (found["count"] or "1")) if found else None


def entry_effect(state: SellState, facts: SellFacts) -> str | None:
    """Return the effect of Enter on a step or with a minus before an item; None for any other entry."""
    typed = state.entry.text.strip()
    if not isinstance(mode_of(state, facts), Typing):
        return None
    step, intent = waiting_steps(typed), None
    if step is None:
        if typed[:1] not in {"-", "−"}:
            return None
        try:
            intent = meaning_of_entry(state, typed, facts)
        except TillError:
            return None  # it may be typed on
    try:
        return _minus_announced(intent, facts) if step is None else _step_announced(state, facts, typed, step)
    except TillError as problem:
        return problem.sentence


def marked_announced(state: SellState, facts: SellFacts, item: Item) -> str | None:
    """Return the effect of Enter on an item that is marked on the board, or its refusal; None if it asks more."""
    name = clean(item.name)
    if why := facts.menu.not_now(item, facts.now):
        return _("{name}: {why}. Choose another, or Esc.").format(name=name, why=why)
    try:
        intent = meaning_of_entry(state, state.entry.text.strip(), facts)
        if not isinstance(intent, AddItem) or asks_back(facts, intent) is not None:
            return None
    except TillError as problem:
        return problem.sentence
    if intent.price4 is None and item.price4 is None:
        return _("Enter asks the price of {name}.").format(name=name)
    return _("Enter keys {quantity} × {name}.").format(quantity=intent.quantity, name=name)


def _step_announced(state: SellState, facts: SellFacts, typed: str, step: int) -> str | None:
    """Return the effect of Enter on a step.

    Raises:
        TillError: Enter refuses it.
    """
    line = marked_line(state, facts)
    if line is None:
        return None
    if (why := no_line_to_count(state, facts)) is not None:
        return why
    name, left = clean(line.view.name), abs(line.shown.quantity) + step
    if typed == "+":
        return _("Enter adds one more {name}. Or type how many more, +3.").format(name=name)
    if typed == "-" and left > 0:
        return _("Enter takes one {name} off. Or type how many, -3.").format(name=name)
    if step < 0:
        return _off_announced(-step, name, left)
    is_return = line.shown.quantity < 0
    doubted = asks_back_line(facts, line.shown.first, -step if is_return else step) is not None
    sentence = _("Enter returns {quantity} × {name}.") if is_return else _("Enter adds {quantity} × {name}.")
    return None if doubted else sentence.format(quantity=step, name=name)


def _minus_announced(intent: Intent | None, facts: SellFacts) -> str | None:
    """Return the effect of Enter on a minus before an item.

    Raises:
        TillError: Enter refuses it.
    """
    match intent:
        case TakeOff(quantity=int(quantity)):
            off = taken_off(intent, facts)
            if isinstance(off, Wish):
                return None
            row, left = off
            return _off_announced(quantity, clean(row.first.name), left)
        case AddItem(item=item, quantity=quantity) if quantity < 0:
            check_entry(intent, facts)
            if asks_back(facts, intent) is not None:
                return None
            return _("Enter returns {quantity} × {name}.").format(quantity=-quantity, name=clean(item.name))
        case _:
            return None


def _off_announced(quantity: int, name: str, left: int) -> str:
    if left > 0:
        return _("Enter takes {quantity} × {name} off.").format(quantity=quantity, name=name)
    return _("Enter voids {name}, and asks why.").format(name=name)
