"""The words of the kitchen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import NoTabError
from till.domain.i18n import N_, _, ngettext
from till.register.counter import OrderChanged, session_to_key_on
from till.register.kitchen import pieces_sent
from till.register.printing.tickets import print_tickets
from till.register.tabs.names import none_called
from till.register.words.word import Needs, word

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.register import Register


@word(N_("Fire a course"), "call", "kitchen", "mains", needs=Needs.ORDER)
def fire(register: Register, before: Order, user: int, number: str = "") -> OrderChanged:
    """Fire a course by its number and record the time on its lines; without one the next course."""
    del user
    after = register.courses.fire(before.id, int(number) if number else None)
    lines = [line for line in after.lines.values() if line.fired_at != before.lines[line.id].fired_at]
    pieces = sum(abs(line.quantity) for line in lines)
    sentence = ngettext("Course {n} is fired: {pieces} piece.", "Course {n} is fired: {pieces} pieces.", pieces)
    return OrderChanged(after, sentence.format(n=lines[0].course, pieces=pieces))


@word(N_("Hold the courses"), "course", "kitchen", "wait")
def hold(register: Register, before: Order | None, user: int) -> OrderChanged:
    """Hold the courses of an order from the second on. Open an order if there is none."""
    after = register.courses.hold(session_to_key_on(before), user, held=True)
    if after.tab_sold_on is None:
        return OrderChanged(after, _("Once on a table, courses from 2 on wait for “fire”."))
    return OrderChanged(after, _("Courses from 2 on are held. “fire” sends the next one."))


@word()
def hold_off(register: Register, before: Order | None, user: int) -> OrderChanged:
    """Hold the courses of an order no longer. Open an order if there is none."""
    after = register.courses.hold(session_to_key_on(before), user, held=False)
    pieces = pieces_sent(after) - (pieces_sent(before) if before is not None else 0)
    sentence = ngettext("Not held: {pieces} piece sent.", "Not held: {pieces} pieces sent.", pieces)
    return OrderChanged(after, sentence.format(pieces=pieces))


@word(N_("Send to the kitchen"), "kitchen", "ticket", needs=Needs.ORDER)
def send(register: Register, before: Order, user: int) -> OrderChanged:
    """Send the lines of an order that the kitchen does not have yet."""
    del user
    pieces = register.kitchen.send(before.id)
    sentence = ngettext("Sent to the kitchen: {pieces} piece.", "Sent to the kitchen: {pieces} pieces.", pieces)
    return OrderChanged(register.ledger.order(before.id), sentence.format(pieces=pieces))


@word(N_("Print its kitchen tickets again"), "kitchen", "reprint", "lost", needs=Needs.NOTHING)
def tickets(register: Register, before: Order | None, user: int, name: str | None = None) -> str:
    """Print the kitchen tickets of a table again, or those of the order.

    Raises:
        TillError: there is no such table, or no printer has tickets of it.
    """
    del user
    session = before.id if before is not None else ""
    if name is not None:
        if (tab := register.open_tabs.open_as(name, register.open_tabs.local())) is None:
            raise NoTabError(none_called(name, register.venue.tabs))
        session = tab.session_id
    printed = len(print_tickets(register.printing, session))
    return ngettext("{n} ticket prints again.", "{n} tickets print again.", printed).format(n=printed)
