"""The words of papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import N_, _, ngettext
from till.ports.printer import DocumentRef, PrintError
from till.register.printing.words import printing_words
from till.register.words.word import Needs, word

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.ports.printer import Job
    from till.register.register import Register


@word(N_("Gift receipt: no prices"), "present", "exchange", needs=Needs.NOTHING)
def gift_receipt(register: Register, before: Order | None, user: int) -> str:
    """Print a gift receipt of the last sale."""
    del user
    return printing_words(register.printing, print_gift(register, before))


@word(needs=Needs.ORDER)
def print_bill(register: Register, before: Order, user: int) -> str:
    """Print the provisional bill of the order."""
    del user
    return printing_words(register.printing, register.printing.bill(before.id))


def print_gift(register: Register, before: Order | None) -> Job:
    """Print a gift receipt of a paid order, otherwise of the last sale here.

    Raises:
        PrintError: nothing was sold here today, or no printer prints for this till.
    """
    sold = before if before is not None and before.placed is not None else register.recovery.last_sale()
    if sold is None or sold.placed is None:
        raise PrintError(_("Nothing was sold here today."))
    return register.printing.print(DocumentRef("gift", sold.id, sold.placed.data.receipt))


@word(N_("Print nothing of what waits"), "printer", needs=Needs.NOTHING)
def no_receipt(register: Register, before: Order | None, user: int) -> str:
    """Print nothing of what waits."""
    del before, user
    dropped = len(register.printing.drop())
    if not dropped:
        return _("No paper waits.")
    return ngettext("{count} paper is not printed.", "{count} papers are not printed.", dropped).format(count=dropped)
