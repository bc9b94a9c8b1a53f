"""Acts at the counter with their answers, for the sell screen and `till say`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.i18n import _
from till.domain.order.deciding import row_of
from till.domain.order.naming import order_type_name
from till.domain.order.selling import NotForSaleError
from till.domain.order.state import Status
from till.domain.structs import replace
from till.domain.text import clean
from till.domain.till.events import ItemCounted
from till.register import allergies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.domain.catalogue.promotions import Promotion
    from till.domain.money.measures import Thousandths
    from till.domain.order.line import Line, Modifier, Row
    from till.domain.order.selling import ItemEntry
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.register.quick_entry.meaning import Mark
    from till.register.register import Register


class Added(Struct, frozen=True):
    """An item was added, and its line is marked. `warning` comes before its sentence."""

    order: Order
    line_id: str | None
    sentence: str
    warning: str = ""


class OrderChanged(Struct, frozen=True):
    """The order changed; `selected` is the line to mark, if any. `warning` comes before its sentence."""

    order: Order
    sentence: str
    selected: str | None = None
    warning: str = ""


def session_to_key_on(order: Order | None) -> str | None:
    """Return the order to add to; None to open one, since a finished or spent order takes no more lines."""
    return order.id if order is not None and order.status is Status.ACTIVE and not order.is_spent else None


def add(register: Register, before: Order | None, user: int, entries: Sequence[ItemEntry]) -> Added:
    """Add all items, or none. Open an order if there is none."""
    order = register.sales.add(session_to_key_on(before), user, *entries)
    if len(entries) == 1:
        (entry,) = entries
        name = ", ".join(filter(None, (clean(entry.item.name), entry.own_type and order_type_name(entry.own_type))))
        sentence = register.answers.added(order, name, entry.quantity, entry.measure, entry.item.unit)
    else:
        sentence = register.answers.added_all(order, [(clean(one.item.name), one.quantity) for one in entries])
    line, known = _newest(before, order), before.lines if before is not None else {}
    new = (one for one in order.lines.values() if one.id not in known and one.quantity > 0)
    short = register.reference.left.warning((one.item.id, one.item.name) for one in entries if one.quantity > 0)
    sentence = " ".join(filter(None, (sentence, short)))
    return Added(order, line.id if line else None, sentence, allergies.warning(register.menu, order, new))


def check_combo(register: Register, combo: Promotion) -> None:
    """Refuse a combo outside its hours.

    Raises:
        NotForSaleError: it is not offered now.
    """
    now = register.venue.local(register.ledger.now())
    if not combo.holds(now):
        opens = combo.opens(now)
        when = _("{name} is offered from {time}.") if opens else _("{name} is not offered now.")
        raise NotForSaleError(when.format(name=clean(combo.name), time=f"{opens:%H:%M}" if opens else ""))


def _newest(before: Order | None, after: Order) -> Line | None:
    """Return the line added last; of several, the first with a required choice."""
    known = before.lines if before is not None else {}
    behind = islice(after.lines.values(), len(known), None)  # new lines come after all others
    came = (one for one in behind if one.id not in known and one.quantity and one.asks)
    return next(came, after.last_line)


def change_quantity(
    register: Register, session: str, line_id: str, quantity: int, approval: Approval | None = None, reason: str = ""
) -> OrderChanged:
    """Set the quantity of a row."""
    order = register.sales.change_quantity(session, line_id, quantity, approval, reason)
    row = row_of(order, line_id)
    if (more := quantity - row.quantity) and order.last_line is not None:  # the added ones are a row of their own
        return _counted(
            register,
            OrderChanged(order, register.answers.added(order, clean(row.first.name), more), order.last_line.id),
            row,
            more,
        )
    return _counted(register, OrderChanged(order, register.answers.changed(order, row), row.first.id), row, more)


def _counted(register: Register, change: OrderChanged, row: Row, more: int) -> OrderChanged:
    """Return a change of pieces with a warning if none is left by the count, or if guests are allergic to more."""
    short = register.reference.left.warning([(row.first.item_id, row.first.name)])
    warned = allergies.warning(register.menu, change.order, [row.first]) if more > 0 else ""
    return replace(change, sentence=" ".join(filter(None, (change.sentence, short))), warning=warned)


def weigh(
    register: Register, session: str, line_id: str, measure: Thousandths, approval: Approval | None = None
) -> OrderChanged:
    """Correct the weight of a line."""
    order = register.sales.weigh(session, line_id, measure, approval)
    row = order.priced.rows[-1]
    return OrderChanged(order, register.answers.changed(order, row), row.first.id)


def note_line(register: Register, session: str, line_id: str, note: str) -> OrderChanged:
    """Set the note of a line."""
    return _of_line(register.sales.note_line(session, line_id, note), line_id, register.answers.noted)


def _of_line(order: Order, line_id: str, answer: Callable[[Row], str]) -> OrderChanged:
    """Return the change of a line; its row is marked."""
    row = row_of(order, line_id)
    return OrderChanged(order, answer(row), row.first.id)


def choose(
    register: Register,
    session: str,
    line_id: str,
    modifiers: Sequence[Modifier],
    note: str,
    approval: Approval | None = None,
) -> OrderChanged:
    """Set the choices and the note of a line."""
    order = register.sales.choose(session, line_id, modifiers, note, approval)
    row = row_of(order, line_id)
    warned = allergies.warning(register.menu, order, [row.first])
    return OrderChanged(order, register.answers.chosen(order, row), row.first.id, warned)


def give_feedback(register: Register, sold: Order, score: int, words: str = "") -> str:
    """Record the guest's feedback on a paid order. A score without words keeps the words given before."""
    given = register.ledger.order(sold.id).feedback
    kept = given.words if given is not None and not words else words
    return register.answers.feedback(register.checkout.give_feedback(sold.id, score, kept))


def save_to_tab(register: Register, session: str, name: str) -> str:
    """Save the order to a tab."""
    before = register.ledger.order(session)
    register.tabs.save(session, name)
    after = register.ledger.order(session)
    return register.venue.tabs.saved(before, after, register.kitchen.held(after))


def view_menu(register: Register, before: Order | None, user: int, category: str | None = None) -> Order:
    """Record that the menu or a category was viewed. The event lists the items on sale at that time."""
    moment = register.venue.local(register.ledger.now())
    items = [item for item in register.menu.sold_at(moment) if category in {None, item.category}]
    named = register.menu.category_by_id.get(category or "")
    session = before.id if before is not None and before.status is Status.ACTIVE else None  # a clearing can be undone
    return register.sales.view_menu(session, user, named.name if named else "", items)


def mark(register: Register, name: str, data: Mark, approval: Approval | None = None) -> str:
    """Mark an item or a choice as sold out (86) or back, or count it: here at once, on other tills after the sync."""
    register.mark(data, approval)
    sentence = _("{name} is sold again at every till.")
    if isinstance(data, ItemCounted):
        sentence = _("{count} × {name} can be sold. “back {name}” ends it.")
    elif data.sold_out:
        sentence = _("{name} is sold out. “back {name}” sells it again.")
    return sentence.format(name=name, count=getattr(data, "left", 0))
