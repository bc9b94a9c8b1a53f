"""The words of order types: of an order, and of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import N_, _
from till.domain.order.deciding import row_of
from till.domain.order.naming import order_type_name
from till.register.counter import OrderChanged, session_to_key_on
from till.register.words.word import MarkedRow, Needs, word

if TYPE_CHECKING:
    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.register.register import Register

_LESS_FOR_LINE: Final = N_("Less for a line, after it was sent")


@word(asks=N_("Less for what was sent: take away"))
def take_away(register: Register, before: Order | None, user: int, approval: Approval | None = None) -> OrderChanged:
    """Make the order one to take away."""
    return set_order_type(register, before, user, "take_away", approval)


@word(asks=N_("Less for what was sent: eat in"))
def dine_in(register: Register, before: Order | None, user: int, approval: Approval | None = None) -> OrderChanged:
    """Make the order one to eat in."""
    return set_order_type(register, before, user, "dine_in", approval)


@word(needs=Needs.LINE, asks=_LESS_FOR_LINE)
def this_take_away(register: Register, at: MarkedRow, user: int, approval: Approval | None = None) -> OrderChanged:
    """Make a line one to take away."""
    del user
    return _set_line_type(register, at, "take_away", approval)


@word(needs=Needs.LINE, asks=_LESS_FOR_LINE)
def this_dine_in(register: Register, at: MarkedRow, user: int, approval: Approval | None = None) -> OrderChanged:
    """Make a line one to eat in."""
    del user
    return _set_line_type(register, at, "dine_in", approval)


@word(needs=Needs.LINE, asks=_LESS_FOR_LINE)
def this_as_order(register: Register, at: MarkedRow, user: int, approval: Approval | None = None) -> OrderChanged:
    """Give a line the type of its order again."""
    del user
    return _set_line_type(register, at, "", approval)


#: The words of a line, by those that mean them where a line is asked about.
FOR_LINE: Final = {take_away.name: this_take_away.name, dine_in.name: this_dine_in.name} | {
    one.name: one.name for one in (this_take_away, this_dine_in, this_as_order)
}


def set_order_type(
    register: Register, before: Order | None, user: int, order_type: str, approval: Approval | None = None
) -> OrderChanged:
    """Set the order type: eat in or take away. Open an order if there is none."""
    return of_type(register, register.sales.set_order_type(session_to_key_on(before), user, order_type, approval))


def of_type(register: Register, order: Order) -> OrderChanged:
    """Return the change of an order to its type."""
    sentence = _("This order is {kind}.").format(kind=order_type_name(order.order_type))
    if _billed(register, order):
        return OrderChanged(order, f"{sentence} {register.answers.total(order)} {_('Print the bill again.')}")
    return OrderChanged(order, sentence if order.is_empty else f"{sentence} {register.answers.total(order)}")


def _set_line_type(register: Register, at: MarkedRow, order_type: str, approval: Approval | None) -> OrderChanged:
    """Set the type of a line, or of its pieces that were keyed last; empty for that of its order."""
    order = register.sales.set_line_type(at.order.id, at.row.first.id, order_type, approval)
    keyed = order.last_line  # its row may be a part of the marked one
    is_part = keyed is not None and keyed.id in at.row.line_ids and keyed.own_type == order_type
    row = row_of(order, keyed.id if keyed is not None and is_part else at.row.first.id)
    return OrderChanged(order, line_typed(register, order, row, is_billed=_billed(register, order)), row.first.id)


def line_typed(register: Register, order: Order, row: Row, *, is_billed: bool = False) -> str:
    """Return `2 × Croissant: take away. Total £6.40.`, or what else is to be done."""
    kind = order_type_name(row.first.own_type) if row.first.own_type else _("as the order")
    sentence = _("{quantity} × {name}: {kind}.").format(quantity=row.quantity, name=row.first.name, kind=kind)
    advice = [_("Tell the kitchen.")] if any(line.pieces_sent for line in row.lines) else []
    advice += [_("Print the bill again.")] if is_billed else []
    return " ".join((sentence, *(advice or [register.answers.total(order)])))


def _billed(register: Register, order: Order) -> bool:
    """True if this till printed a bill of the order."""
    return any(job.paper == "bill" for job in register.printing.jobs_of(order.id))
