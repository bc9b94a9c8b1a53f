"""The documents of print jobs, each made from the events when it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import PrintError
from till.domain.paper.document import Stamp
from till.domain.paper.lines import lines_of
from till.domain.paper.receipt import Sold, make_bill, make_receipt
from till.domain.text import Repertoire

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.domain.paper.document import Document, Line
    from till.ports.printer import Job, PrinterProfile
    from till.register.ledger.ledger import Ledger
    from till.register.payments.asking import Asker
    from till.register.reference import Reference


class Papers:
    """Makes the documents of print jobs.

    Args:
        ledger: the orders.
        reference: the venue and its formats.
        asker: has the names of the tenders.
    """

    def __init__(self, ledger: Ledger, reference: Reference, asker: Asker) -> None:
        self._ledger = ledger
        self._reference = reference
        self._asker = asker

    def lines(self, job: Job, profile: PrinterProfile) -> tuple[Line, ...]:
        """Return the lines of a job for a printer, in its characters.

        Raises:
            TillError: the document cannot be made.
        """
        device = Repertoire(profile.code_page)
        return lines_of(self.document(job, self._reference.formats.on(device)), profile.columns, device)

    def document(self, job: Job, formats: Formats) -> Document:
        """Return the document of a job.

        Raises:
            TillError: it cannot be made.
        """
        venue, name_of, now = self._reference.venue, self._asker.tenders.label_of, self._ledger.now()
        stamp = Stamp(job.copy, job.again, venue.local(now))
        if job.paper == "bill":
            order = self._ledger.order(job.of)
            return make_bill(
                order, venue, formats, venue.local(now), self._reference.name_of(order.user), name_of, stamp
            )
        if job.paper == "receipt":
            order = self._ledger.order(job.of)
            if order.placed is not None:
                placed = order.placed
                sold = Sold(order, placed.data, venue.local(placed.at), self._reference.name_of(placed.user))
                return make_receipt(sold, venue, formats, name_of, stamp)
        raise PrintError
