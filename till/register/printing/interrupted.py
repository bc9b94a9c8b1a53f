"""The papers and the kick of the drawer that a killed till left in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _, ngettext
from till.domain.shift.kicks import OPENING
from till.ports.printer import JobState
from till.register.printing.queue import DOUBTED
from till.register.printing.words import doubted_name, sold_number

if TYPE_CHECKING:
    from till.domain.venue import Venue
    from till.register.ledger.ledger import Ledger


def left_words(ledger: Ledger, venue: Venue) -> str:
    """Return the sentences on what a kill left in doubt: did the drawer open, and are the last papers printed?"""
    since = ledger.now() - DOUBTED
    sentences = list(filter(None, [left_kick_words(ledger, venue)]))
    unknown = [job for job in ledger.journal.live_jobs(JobState.UNKNOWN) if job.at >= since]
    if unknown:
        last, more = unknown[-1], len(unknown) - 1
        what = (_receipt_of(ledger, last.of) if last.paper == "receipt" else "") or doubted_name(ledger, last)
        sentence = _("{what}, {time}: is it on paper?")
        time = venue.local(last.at).strftime("%H:%M")
        sentences.append(sentence.format(what=what, time=time))
        if more:
            sentence = ngettext("{count} more paper is in doubt.", "{count} more papers are in doubt.", more)
            sentences.append(sentence.format(count=more))
    return " ".join(sentences)


def left_kick_words(ledger: Ledger, venue: Venue) -> str:
    """Return the sentences on acts whose kick of the drawer was not tried; empty if there are none."""
    sentences = []
    for event in ledger.journal.kicks_left():
        what = _receipt_of(ledger, event.stream_id) or _(OPENING[type(event.data)])
        time = venue.local(event.at).strftime("%H:%M")
        sentences.append(_("{what}, {time}: did the drawer open?").format(what=what, time=time))
    return " ".join(sentences)


def _receipt_of(ledger: Ledger, stream_id: str) -> str:
    """Return `Receipt 1A-000042`; empty if the stream is no paid order."""
    number = sold_number(ledger, stream_id)
    return _("Receipt {number}").format(number=number) if number else ""
