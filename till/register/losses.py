"""Records of this till that are missing on its disk, until the server has judged the loss.

After that, the server names the records that it lacks too, until a manager settles them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.advice import Advice
from till.domain.i18n import _, ngettext
from till.domain.till.events import RecordsLost

if TYPE_CHECKING:
    from till.ports import Journal

#: The losses to look for, the last ones.
_LOSSES: Final = 10


def is_from_before(journal: Journal, session_id: str) -> bool:
    """True if records of this till were lost after an order began: some of the order's may be missing here."""
    return any(session_id < event.id for event in journal.newest(RecordsLost.listed, 1))


def describe_loss(journal: Journal) -> Advice:
    """Return a sentence on the losses that the server has not judged yet; empty if there are none."""
    found = [
        event.data
        for event in journal.newest(RecordsLost.listed, _LOSSES)
        if isinstance(event.data, RecordsLost)
        and event.journal_id == journal.journal_id
        and event.seq > journal.acked.seq
    ]
    if not found:
        return Advice()
    count = sum(one.count for one in found)
    sentence = ngettext("{count} record of this till is missing.", "{count} records of this till are missing.", count)
    if not all(one.ranges for one in found):
        sentence = _("The last records of this till are missing.")
    return Advice(sentence.format(count=count), _("An order may be paid already: check the last receipts."))
