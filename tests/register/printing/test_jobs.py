"""The print jobs of a till: which paper is an original, a copy, or says that it may be printed already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from till.domain.money.measures import Minor
from till.domain.order.charging import keep_slips
from till.domain.paper.lines import lines_of
from till.domain.payment.events import SlipKept
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.domain.text import Repertoire
from till.domain.till.events import ReceiptIssued
from till.ports import Received
from till.ports.printer import DocumentRef, JobState, PrinterProfile, PrintError, Printers, PrinterTrouble
from till.register.papers import DocumentMaker
from till.register.printing.names import job_words

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.order.state import Order
    from till.domain.paper.document import PaperLine
    from till.ports.printer import DocumentKind, Job
    from till.register.printing.jobs import PrintJobs
    from till.register.register import Register

COUNTER = PrinterProfile(name="Counter", address="tcp://10.0.0.9:9100")


def laid_out(register: Register, job: Job) -> tuple[PaperLine, ...]:
    """Return the lines of a job for the printer at the counter."""
    return lines_of(DocumentMaker(register).on(job, COUNTER), COUNTER.columns, Repertoire(COUNTER.code_page))


CASH = "CASH"


class HasRegister(Protocol):
    """A till of any test."""

    @property
    def register(self) -> Register: ...


class Waker:
    """A runner that only counts."""

    def __init__(self) -> None:
        self.kicks: list[int] = []

    def wake(self) -> None:
        pass

    def kick(self, seq: int) -> None:
        self.kicks.append(seq)


class Broken(Waker):
    """A runner with a fault."""

    def kick(self, seq: int) -> None:
        raise RuntimeError(seq)


def begun(till: HasRegister, **more: Any) -> PrintJobs:
    """Let a till have a printer."""
    printing = till.register.printing
    printing.printers = lambda: Printers({"Counter": COUNTER}, **({"papers": "Counter", "drawer": "Counter"} | more))
    printing.begin(Waker())
    return printing


def sold(till: Till) -> Order:
    return till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))


def _print(printing: PrintJobs, job: Job, state: JobState = JobState.PRINTED) -> None:
    printing.take_up(job)
    printing.put_down(job, state)


def _marks(printing: PrintJobs, order: Order) -> list[tuple[int, bool, str]]:
    return [(one.copy, one.again, str(one.state)) for one in printing.jobs_of(order.id)]


def test_the_original_is_printed_once_and_copies_are_numbered(till: Till) -> None:
    printing, order = begun(till), sold(till)
    first = printing.receipt(order.id)
    assert (first.paper, first.of, first.copy, first.asked, first.printer) == ("receipt", order.id, 0, True, "Counter")
    assert printing.receipt(order.id) == first, "it waits already"
    _print(printing, first)
    for copy in (1, 2):
        again = printing.receipt(order.id)
        assert (again.copy, again.again) == (copy, False)
        _print(printing, again)
    issued = till.wrote(ReceiptIssued)
    assert [(one.copy, one.amount, one.is_bill) for one in issued] == [(copy, "40.00", False) for copy in range(3)]
    assert order.placed is not None
    assert {one.receipt for one in issued} == {order.placed.data.receipt}
    sums = till.register.drawer.sums()
    assert (sums.copies.number, sums.copies.amount) == (2, "80.00")


def test_a_till_that_did_not_sell_prints_copies_alone(till: Till, other: Till) -> None:
    order = sold(till)
    other.journal.receive([Received(1, event) for event in till.journal.own])
    printing = begun(other)
    copies = [printing.receipt(order.id)]
    _print(printing, copies[0])
    copies.append(printing.receipt(order.id))
    assert [one.copy for one in copies] == [1, 2]
    till.start()
    assert begun(till).receipt(order.id).copy == 0, "the original is with the till that sold"


@pytest.mark.parametrize("is_dropped", [False, True])
def test_an_unknown_receipt_is_printed_again_by_a_person_and_says_so(till: Till, is_dropped: bool) -> None:
    printing, order = begun(till), sold(till)
    first = printing.receipt(order.id)
    _print(printing, first, JobState.UNKNOWN)
    assert not printing.queued(), "it is never sent again by itself"
    till.start()
    printing = begun(till)
    assert [job.number for job in till.journal.live_jobs(JobState.UNKNOWN)] == [first.number]
    again = printing.receipt(order.id)
    assert _marks(printing, order) == [(0, False, "dropped"), (0, True, "queued")]
    if is_dropped:
        printing.drop(order.id)
    else:
        _print(printing, again)
    assert printing.receipt(order.id).copy == 1, "the original may be on paper"
    assert till.journal.live_jobs(JobState.UNKNOWN) == []


def test_a_receipt_that_was_dropped_before_it_was_sent_is_still_the_original(till: Till) -> None:
    printing, order = begun(till), sold(till)
    printing.receipt(order.id)
    assert [job.of for job in printing.drop()] == [order.id]
    assert not printing.queued()
    original = printing.receipt(order.id)
    assert (original.copy, original.again) == (0, False)
    _print(printing, original)
    printing.receipt(order.id)
    printing.drop(order.id)
    assert printing.receipt(order.id).copy == 2
    assert len(till.wrote(ReceiptIssued)) == 3, "it was issued once, and two copies"


@pytest.mark.parametrize(("when", "jobs"), [("always", 1), ("key", 0), ("never", 0)])
def test_the_receipt_is_in_the_transaction_of_the_sale_if_it_is_always_printed(
    till: Till, when: str, jobs: int
) -> None:
    printing = begun(till, when=when)
    order = sold(till)
    found = printing.jobs_of(order.id)
    assert [(one.paper, one.asked, one.copy) for one in found] == [("receipt", False, 0)] * jobs
    written = [event.type for event in till.journal.appends[-1]]
    assert written[-2 - jobs :] == ["payment_approved", "order_placed", *["receipt_issued"] * jobs]
    if when == "never":
        with pytest.raises(PrintError, match="not printed here"):
            printing.receipt(order.id)


@pytest.mark.parametrize("when", ["always", "key"])
def test_slips_of_guests_or_to_sign_are_printed_and_refunds_and_other_slips_if_receipts_are(
    till: Till, when: str
) -> None:
    order = sold(till)
    printing = begun(till, when=when)
    assert order.placed is not None
    for slip in ((("a slip",), False, False), (("a guest's",), True, False), (("a slip to sign",), False, True)):
        till.register.ledger.commit(keep_slips(order, next(iter(order.payments)), [slip]))
    kept = [event.id for event in till.journal.own if isinstance(event.data, SlipKept)]
    sale = till.register.refunds.sale(order.id, order.placed.data.receipt)
    share, manager = giving.pieces_back(sale, {1: 1}), till.register.access.find(9)
    approval = till.register.approvals.give(manager, PermissionRequest(Permission.REFUND, share.part.amount))
    refund = till.register.refunds.start(order.id, share, giving.ways_of(sale)[0], sale, approval, "cold")
    assert (printing.jobs_of(refund.id), till.journal.kicks) == ([], set()), "the money is still here"
    till.register.refunds.approve(refund.id)
    is_all = when == "always"
    printed = [(job.paper, job.part, job.asked) for job in printing.jobs_of(order.id)]
    assert printed == [("slip", one, False) for one in (kept if is_all else kept[1:])]
    assert [job.paper for job in printing.jobs_of(refund.id)] == ["refund"] * is_all
    assert till.journal.kicks, "cash went back"


def test_a_bill_is_of_an_open_order_and_no_receipt(till: Till) -> None:
    printing, order = begun(till), till.order(1)
    with pytest.raises(PrintError, match="not paid"):
        printing.receipt(order.id)
    bill = printing.bill(order.id)
    assert (bill.paper, bill.of) == ("bill", order.id)
    _print(printing, bill)
    printing.bill(order.id)
    assert [(one.is_bill, one.receipt, one.amount) for one in till.wrote(ReceiptIssued)] == [(True, "", "40.00")] * 2
    till.register.checkout.pay(order.id, CASH, Minor(4_000))
    with pytest.raises(PrintError, match="no bill"):
        printing.bill(order.id)
    assert printing.receipt(order.id).copy == 0
    assert till.register.drawer.sums().bills.number == 0, "no shift was open"


def test_nothing_is_printed_or_kicked_without_a_printer(till: Till) -> None:
    printing = begun(till, papers="", drawer="", when="always")
    order = sold(till)
    assert (printing.jobs_of(order.id), till.journal.kicks) == ([], set())
    with pytest.raises(PrintError, match="No printer"):
        printing.receipt(order.id)


@pytest.mark.parametrize("paper", ["z", "count", "movement", "slip", "refund", "x"])
def test_a_second_print_of_a_paper_is_a_copy_but_of_an_x(till: Till, paper: DocumentKind) -> None:
    printing = begun(till)
    copies = []
    for state in (JobState.PRINTED, JobState.SENT, JobState.PRINTED):
        job = printing.print(DocumentRef(paper, "stream", "part"))
        copies.append(job.copy)
        _print(printing, job, state)
    printing.print(DocumentRef(paper, "stream", "another"))
    assert copies == ([0, 0, 0] if paper == "x" else [0, 1, 2])
    assert printing.jobs_of("stream")[-1].copy == 0


def test_a_fault_of_the_paper_stops_no_sale(till: Till) -> None:
    printing = begun(till)
    printing.printers = lambda: 1 / 0  # type: ignore[assignment, return-value]
    assert sold(till).placed is not None
    printing = begun(till)
    printing.begin(Broken())
    order = sold(till)
    assert order.placed is not None
    assert till.journal.kicks_left(), "the next start names it"


def test_a_job_of_a_removed_printer_goes_to_that_of_the_till_or_says_that_it_is_gone(till: Till) -> None:
    printing, order = begun(till), sold(till)
    job = printing.receipt(order.id)
    printing.heard("Counter", PrinterTrouble.NO_PAPER)
    bar = replace(COUNTER, name="Bar")
    printing.printers = lambda: Printers({"Bar": bar}, papers="Bar")
    assert [one.number for one in printing.queued()["Bar"]] == [job.number]
    assert printing.jobs_of(order.id)[0].trouble is None
    printing.printers = Printers
    assert printing.queued() == {}
    assert printing.jobs_of(order.id)[0].trouble is PrinterTrouble.GONE


def test_states_in_words(till: Till) -> None:
    printing, order = begun(till), sold(till)
    job = printing.receipt(order.id)

    def words() -> str:
        return job_words(printing.jobs_of(order.id)[0])

    seen = [words()]
    for trouble in (PrinterTrouble.NO_PAPER, PrinterTrouble.GONE, None):
        printing.heard("Counter", trouble)
        seen.append(words())
    assert [one.number for one in printing.waiting()] == []
    printing.take_up(job)
    printing.heard("Counter", PrinterTrouble.NO_PAPER)
    assert [one.number for one in printing.waiting()] == [job.number]
    seen.append(words())
    printing.put_down(job, JobState.UNKNOWN)
    seen.append(words())
    printing.put_down(job, JobState.PRINTED)
    seen.append(words())
    assert seen == [
        "○ printing",
        "▲ waits for paper",
        "▲ waits for the printer",
        "○ printing",
        "▲ waits for paper",
        "▲ not known",
        "✓ printed",
    ]


@pytest.mark.parametrize(("when", "papers"), [("always", ["part", "part", "receipt"]), ("key", [])])
def test_each_part_payment_prints_its_paper_where_receipts_always_print(
    till: Till, when: str, papers: list[str]
) -> None:
    printing, order = begun(till, when=when), till.order(1)
    for amount in (1_000, 1_000, 2_000):
        order = till.register.checkout.pay(order.id, CASH, Minor(amount))
    assert [job.paper for job in printing.jobs_of(order.id)] == papers
