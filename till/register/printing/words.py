"""Papers and the trouble of a printer in words: what is wrong, and what a person does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import N_, _, ngettext
from till.domain.kitchen.events import LinesSent
from till.domain.order.naming import tab_name
from till.domain.text import capitalize_first, clean
from till.ports.printer import JobState, PrinterTrouble
from till.register.printing.names import PAPERS, job_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.ports.printer import Job
    from till.register.ledger.ledger import Ledger
    from till.register.printing.queue import PrintQueue


#: The fault of a printer, and the remedy.
_WORDS: Final = {
    PrinterTrouble.SILENT: (N_("no answer"), N_("Is it switched on?")),
    PrinterTrouble.NO_PAPER: (N_("no paper"), N_("Put in a new roll.")),
    PrinterTrouble.OPEN: (N_("cover open"), N_("Close its cover.")),
    PrinterTrouble.BUSY: (N_("busy"), N_("Somebody prints on it.")),
    PrinterTrouble.GONE: (N_("not reached"), N_("Is it on? Its cable?")),
    PrinterTrouble.FORBIDDEN: (N_("may not be used"), N_("Run `till doctor`.")),
    PrinterTrouble.ERROR: (N_("reports an error"), N_("Switch it off and on.")),
}


def trouble_words(trouble: PrinterTrouble) -> tuple[str, str]:
    """Return the trouble in a few words, and a sentence on what to do."""
    trouble_is, remedy = _WORDS[trouble]
    return _(trouble_is), _(remedy)


def paper_name(job: Job) -> str:
    """Return the name of a paper, as in `Receipt` or `Copy 2, again`."""
    name = _("copy {n}").format(n=job.copy) if job.copy else _(PAPERS[job.paper].name)
    return capitalize_first(_("{paper}, again").format(paper=name) if job.again else name)


def sold_number(ledger: Ledger, stream_id: str) -> str:
    """Return the receipt number of an order; empty if the stream is no paid order."""
    order = ledger.readable(stream_id)
    return order.placed.data.receipt if order is not None and order.placed is not None else ""


def ticket_name(ledger: Ledger, job: Job) -> str:
    """Return `Ticket Grill 1-5, table 10`; empty for another paper, and if its order cannot be read."""
    order = ledger.readable(job.of) if job.is_ticket else None
    if order is None:
        return ""
    written = next((one.data for one in ledger.journal.events_of(job.of) if one.id == job.part), None)
    if not isinstance(written, LinesSent):
        return ""
    number = _("Ticket {number}").format(number=f"{clean(written.station)} {written.ticket}")
    return ", ".join(filter(None, (number, tab_name(order.place_name) or clean(order.called))))


def doubted_name(ledger: Ledger, job: Job) -> str:
    """Return the name of a paper that may be on paper or not: of a ticket with its table."""
    return ticket_name(ledger, job) or capitalize_first(_(PAPERS[job.paper].name))


def unknown_words(ledger: Ledger, job: Job) -> str:
    """Return the sentence on a job that may be on paper or not. By then another guest may be served."""
    if number := sold_number(ledger, job.of) if job.paper == "receipt" else "":
        return _("Did receipt {number} print? If not, print it again.").format(number=number)
    return _("Did the {paper} print? If not, print it again.").format(paper=_(PAPERS[job.paper].name))


def paper_rows(queue: PrintQueue, of: str) -> tuple[tuple[str, str], ...]:
    """Return the papers of an order with their states, oldest first, without those that were printed again."""
    papers = queue.jobs_of(of)
    return tuple((paper_name(one), state_words(one)) for one in papers if not _was_printed_again(one, papers))


def state_words(job: Job) -> str:
    """Return the state of a job in words; of one that waited too long, the question."""
    return _("▲ still wanted?") if job.awaits == "person" else job_words(job)


def _was_printed_again(job: Job, papers: Sequence[Job]) -> bool:
    """True if a person printed a paper again because nobody knew its outcome: it may well be on paper."""
    return job.state is JobState.DROPPED and any(
        one.again and one.number > job.number and (one.paper, one.part, one.copy) == (job.paper, job.part, job.copy)
        for one in papers
    )


def printing_words(queue: PrintQueue, asked: Job) -> str:
    """Return the present state of a paper that a person asked for, with what its printer needs."""
    job = next((one for one in queue.jobs_of(asked.of) if one.number == asked.number), asked)
    needs = trouble_words(job.trouble)[1] if job.trouble is not None else ""
    return _("{paper}: {state}. {needs}").format(paper=paper_name(job), state=job_words(job), needs=needs).rstrip()


def state_of_printer(queue: PrintQueue) -> str:
    """Return the state of a printer for which papers wait, in a few words; empty if none wait."""
    if late := len(queue.late()):
        return ngettext("{count} paper waits", "{count} papers wait", late).format(count=late)
    if (job := queue.troubled()) is None or job.trouble is None:
        return ""
    what = trouble_words(job.trouble)[0]
    name = clean(job.printer) if job.is_ticket else _("printer")
    return _("{printer}: {what}").format(printer=name, what=what)


def left_waiting(queue: PrintQueue) -> str:
    """Return the sentence on the papers that a till without a screen leaves to its next sentence; empty for none."""
    if not (left := sum(map(len, queue.queued().values()))):
        return ""
    words = ngettext("{count} paper waits for its printer.", "{count} papers wait for their printer.", left)
    return _("{waits} The next sentence tries again.").format(waits=words.format(count=left))


def late_question(queue: PrintQueue, key: str) -> str:
    """Return the question about papers that waited too long to be printed by themselves; empty if there are none."""
    if not (late := queue.late()):
        return ""
    if tickets := sum(job.is_ticket for job in late):
        sentence = ngettext(
            "A ticket waited. {key} prints it, “no receipt” drops it.",
            "{n} tickets waited. {key} prints, “no receipt” drops them.",
            tickets,
        )
        return sentence.format(n=tickets, key=key)
    return _("A receipt waited. {key} prints it, “no receipt” drops it.").format(key=key)


def advice_on_printer(queue: PrintQueue, key: str) -> str:
    """Return the sentence on what to do about papers that wait; empty if none wait. `key` prints the late ones."""
    if not queue.live:
        return ""
    if asks := late_question(queue, key):
        return asks
    if (job := queue.troubled()) is None or job.trouble is None:
        doubts = queue.tickets_in_doubt()
        words = _("{ticket}: on paper? {key} prints it, “no receipt” drops it.")
        return words.format(ticket=doubted_name(queue.ledger, doubts[0]), key=key) if doubts else ""
    if job.is_ticket and (own := queue.printers().papers):
        words = _("{remedy} It prints then.") if own == job.printer else _("{remedy} {key} prints its tickets here.")
        return words.format(remedy=trouble_words(job.trouble)[1], key=key)
    return _("{remedy} It prints then; “no receipt” drops it.").format(remedy=trouble_words(job.trouble)[1])
