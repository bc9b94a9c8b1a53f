"""The words of papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _, ngettext
from till.register.words.word import Needs, word

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.register import Register


@word(_("Print nothing of what waits"), "printer", needs=Needs.NOTHING)
def no_receipt(register: Register, before: Order | None, user: int) -> str:
    """Print nothing of what waits."""
    del before, user
    dropped = len(register.printing.drop())
    if not dropped:
        return _("No paper waits.")
    return ngettext("{count} paper is not printed.", "{count} papers are not printed.", dropped).format(count=dropped)
