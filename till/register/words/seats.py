"""The word of the guest and the course of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import N_, _
from till.domain.order.deciding import row_of
from till.register.counter import OrderChanged
from till.register.words.word import MarkedRow, Needs, word

if TYPE_CHECKING:
    from till.domain.order.line import Row
    from till.register.register import Register


@word(
    N_("Guest or course of the line"),
    "seat",
    "guest",
    "course",
    "cover",
    needs=Needs.LINE,
    begins=("seat ", N_("Which guest? Type “seat 2”. For a course: “course 1”.")),
)
def seat(register: Register, at: MarkedRow, user: int, seat: str = "", course: str = "") -> OrderChanged:
    """Assign a line to a guest or a course; 0 clears it, no number leaves it unchanged."""
    del user
    line = at.row.first.id
    number, place = (int(one) if one else None for one in (seat, course))
    row = row_of(order := register.sales.seat(at.order.id, line, seat=number, course=place), line)
    return OrderChanged(order, seated(row), row.first.id)


def seated(row: Row) -> str:
    """Return `2 × Idly, already keyed: guest 2, course 1.` No line to come has that seat."""
    first = row.first
    parts = [_("guest {n}").format(n=first.seat)] if first.seat else []
    parts += [_("course {n}").format(n=first.course)] if first.course else []
    words = ", ".join(parts) or _("for nobody by name")
    sentence = _("{quantity} × {name}, already keyed: {words}.")
    return sentence.format(quantity=row.quantity, name=first.name, words=words)
