"""Records of this till that are missing on its disk, until the server has judged the loss.

After that, the server names the records that it lacks too, until a manager settles them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _, ngettext
from till.domain.till.events import RecordsLost

if TYPE_CHECKING:
    from till.domain.events.envelope import Event
    from till.ports import Journal


def last_loss(journal: Journal) -> Event | None:
    """Return the newest event of lost records; None if there was no loss."""
    return next(iter(journal.newest(RecordsLost.listed, 1)), None)


def describe_loss(journal: Journal) -> str:
    """Return a sentence on a loss that the server has not judged yet; empty if there is none."""
    event = last_loss(journal)
    if event is None or not isinstance(event.data, RecordsLost) or event.seq <= journal.acked.seq:
        return ""
    sentence = ngettext(
        "{count} record of this till is missing.", "{count} records of this till are missing.", event.data.count
    )
    if not event.data.ranges:
        sentence = _("The last records of this till are missing.")
    advice = _("An order may be paid already: check the last receipts.")
    return f"{sentence.format(count=event.data.count)} {advice}"
