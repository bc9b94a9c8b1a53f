"""The word that undoes the last act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import N_
from till.domain.order.deciding import row_of
from till.domain.text import clean
from till.register.counter import OrderChanged
from till.register.words.order_types import line_typed, of_type
from till.register.words.preferences import preferences_sentence
from till.register.words.seats import seated
from till.register.words.word import word

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.answers import Answers
    from till.register.register import Register


@word(N_("Undo the last entry"))
def undo(register: Register, before: Order | None, user: int) -> OrderChanged:
    """Undo the last act; on a new order, the clearing of the previous order."""
    del user
    answers = register.answers
    if before is None or not before.lines:
        order = register.recovery.undo_clearing()
        if before is not None:
            register.recovery.suspend_or_clear(before)
        return OrderChanged(order, register.here(order))
    order = register.sales.undo(before.id)
    change = _pieces_undone(answers, before, order) or _change_undone(register, before, order)
    if change is not None:
        return change
    if order.order_type != before.order_type:
        return of_type(register, order)
    if order.counted_discounts != before.counted_discounts:
        return OrderChanged(order, answers.full_price(order))
    if order.preferences != before.preferences:
        return OrderChanged(order, preferences_sentence(order))
    return OrderChanged(order, answers.order_noted(order))


def _pieces_undone(answers: Answers, before: Order, after: Order) -> OrderChanged | None:
    """Return a sentence on lines whose pieces changed; None if no pieces changed."""
    changed = [one for one in after.lines.values() if one.quantity != before.lines[one.id].quantity]
    if not changed:
        return None
    left = [one for one in changed if one.quantity]
    if not left:
        rows = after.priced.rows
        sentence = answers.undone(after, [before.lines[one.id] for one in changed])
        return OrderChanged(after, sentence, rows[-1].first.id if rows else None)
    newest = left[-1]
    row = row_of(after, newest.id)
    is_back = not before.lines[newest.id].quantity and left == changed  # otherwise its earlier weight is restored
    return OrderChanged(
        after,
        answers.restored(after, clean(newest.name)) if is_back else answers.changed(after, row),
        row.first.id,
    )


def _change_undone(register: Register, before: Order, after: Order) -> OrderChanged | None:
    """Return a sentence on the restored note, choices or seat of a line; None if no line changed."""
    for line in after.lines.values():
        known = before.lines[line.id]
        if not line.quantity or (line.note, line.changes) == (known.note, known.changes):
            continue
        row = row_of(after, line.id)
        if line.note != known.note:
            sentence = register.answers.noted(row)
        elif line.own_type != known.own_type:
            sentence = line_typed(register, after, row)
        elif (known.price4, known.modifiers) == (line.price4, line.modifiers):
            sentence = seated(row)
        else:
            sentence = register.answers.chosen(after, row)
        return OrderChanged(after, sentence, row.first.id)
    return None
