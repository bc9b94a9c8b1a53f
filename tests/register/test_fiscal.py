"""Stamps at a till, by the law of a made-up country: in the transaction of the sale or of the given refund."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.freedonia import LAW, SCHEME, find_law
from tests.register.approving import approved
from tests.register.conftest import VENUE, Till
from till.domain.errors import JournalError
from till.domain.events.envelope import Draft
from till.domain.fiscal import FiscalStamp, PaperStamp
from till.domain.order.events import BuyerNamed, InvoiceIssued, OrderPlaced
from till.domain.order.state import Buyer
from till.domain.paper.drawer import make_x
from till.domain.paper.lines import text_of
from till.domain.payment.movement import PaymentState, Result
from till.domain.refund import giving
from till.domain.refund.events import RefundApproved
from till.domain.shift.evolve import SHIFTS
from till.domain.structs import replace
from till.domain.text import Repertoire
from till.domain.till.events import FiscalStamped
from till.ports import Light, LightState, Received
from till.ports.fiscal import FiscalError
from till.ports.printer import DocumentRef, Job
from till.register.fiscal.invoices import issue_invoice
from till.register.papers import DocumentMaker

if TYPE_CHECKING:
    from till.domain.order.state import Invoice, Order
    from till.domain.refund.state import Refund
    from till.ports.fiscal import FiscalScheme
    from till.ports.printer import DocumentKind

SETTINGS = {"id": "F1", "prefix": "A/"}
FIRM = Buyer("Sol, S.L.", "29X", "C/ Sol 5")
RAO = BuyerNamed(name="Rao & Sons", tax_number="29X")
#: The answers of a manager or a provider to a refund.
_RESULTS = (
    *(Result(state, by) for state in (PaymentState.APPROVED, PaymentState.DECLINED) for by in (None, 9)),
    Result(PaymentState.UNKNOWN),
)


def in_freedonia(since: str = "2026-01-01") -> dict[str, Any]:
    """Return the settings of a law in effect since a day."""
    proof = {"same": {"Id": "F1"}, "day": "Day", "day_format": "YYYY-MM-DD", "tax": "Tax", "total": "Total"}
    return {"fiscal": {"scheme": LAW, "from": since, "settings": SETTINGS, "proof": proof}}


def _under(till: Till, law: dict[str, Any]) -> None:
    till.journal.cache("settings", 9, VENUE | law)
    till.register.reference_changed(["settings"])
    till.register.fiscal.begin(find_law, "1.2")


@pytest.fixture(autouse=True)
def law(till: Till) -> None:
    _under(till, in_freedonia())


def _sell(till: Till, pieces: int = 1, buyer: BuyerNamed | None = None) -> Order:
    order = till.add(None, 1, pieces)
    if buyer is not None:
        till.register.ledger.commit([Draft(buyer, order.id)])
    return till.register.checkout.pay_exact(order.id)


def _begin_refund(till: Till, order: Order, *, away: bool = False) -> Refund:
    assert order.placed is not None
    refunds = till.register.refunds
    sale = refunds.sale(order.id, order.placed.data.receipt)
    share, way = giving.pieces_back(sale, {1: 1}), giving.ways_of(sale)[0]
    return approved(till.register, lambda by: refunds.start(order.id, share, way, sale, by, "cold", away=away))


def _stamps(till: Till) -> list[FiscalStamped]:
    return [one.data for one in till.journal.own if isinstance(one.data, FiscalStamped)]


def test_each_sale_is_stamped_in_its_own_transaction_right_after_it(till: Till) -> None:
    orders = [_sell(till), _sell(till, 2)]
    first, second = _stamps(till)
    assert [first.of, second.of] == [one.placed.data.order_id for one in orders if one.placed]
    assert (first.number, first.chain, first.previous) == ("A/1XBEEF-000001", till.journal.journal_id, "")
    assert second.previous == first.hash
    assert (second.kind, second.fields["Total"], second.fields["Day"]) == ("sale", "80.00", "2026-03-03")
    for batch in till.journal.appends:
        kinds = [type(one.data) for one in batch]
        assert (OrderPlaced in kinds) == (FiscalStamped in kinds)
        if OrderPlaced in kinds:
            assert kinds.index(FiscalStamped) == kinds.index(OrderPlaced) + 1
            assert batch[kinds.index(FiscalStamped)].at.date() == batch[kinds.index(OrderPlaced)].at.date()
    words = till.register.fiscal.words_of(first.of)
    assert words is not None
    assert words.code.endswith(first.hash)


def test_invoices_and_their_refunds_have_series_of_their_own_that_each_reader_knows(till: Till) -> None:
    register = till.register
    sold = [_sell(till), _sell(till, 1, RAO), _sell(till), _sell(till, 2, RAO)]
    for order in (sold[1], sold[0]):
        register.refunds.approve(_begin_refund(till, order).id)
    numbers = [one.number.removeprefix("A/1XBEEF-") for one in _stamps(till)]
    assert numbers == ["000001", "F000001", "000002", "F000002", "FR000001", "R000001"]
    assert [one.receipt.partition("-")[2] for one in register.refunds.past_sales()] == [
        "F000002",
        "000002",
        "F000001",
        "000001",
    ]
    till.start()
    last, sums = till.register.recovery.last_sale(), till.register.drawer.sums()
    assert last is not None
    assert last.id == sold[3].id
    newest = till.register.refunds.last_refund()
    assert newest is not None
    assert newest.started.receipt == "1XBEEF-R000001"
    ends = [one for one in (sums.receipts, sums.refund_receipts) if one is not None]
    assert [(one.first.replace("1XBEEF-", ""), one.last.replace("1XBEEF-", "")) for one in ends] == [
        ("000001, F000001", "000002, F000002"),
        ("FR000001, R000001", "FR000001, R000001"),
    ]
    (shift,), venue = till.register.ledger.states(SHIFTS).values(), till.register.venue
    paper = make_x(shift, sums, venue, till.register.formats, till.clock.now())
    numbered = [row.right.replace("1XBEEF-", "") for row in paper.rows if row.left.startswith("Receipts")]
    assert numbered == ["000001 – 000002", "F000001 – F000002", "FR000001", "R000001"]


def _invoice(till: Till, order: Order, buyer: Buyer = FIRM) -> Invoice:
    assert order.placed is not None
    return issue_invoice(till.register.fiscal, till.register.ledger.order(order.id), order.placed, buyer)


def test_invoice_for_a_paid_ticket_is_in_the_series_of_invoices_and_in_no_sum(till: Till) -> None:
    register = till.register
    order, _other, newest = _sell(till), _sell(till, 1, RAO), _sell(till)
    sums, shift = register.drawer.sums(), register.ledger.shift
    made = _invoice(till, order)
    assert [type(one.data) for one in till.journal.appends[-1]] == [InvoiceIssued, FiscalStamped]
    (ticket, _, before, stamp), placed = _stamps(till), order.placed
    assert placed is not None
    assert (made.number, made.buyer) == ("1XBEEF-F000002", FIRM)
    assert (stamp.kind, stamp.of, stamp.number) == ("sale to", made.event, "A/1XBEEF-F000002")
    assert (stamp.fields["Of"], stamp.fields["Total"]) == (f"for {ticket.number}", ticket.fields["Total"])
    assert (json.loads(stamp.names)["Buyer"], stamp.previous) == (FIRM.name, before.hash)
    assert (register.drawer.sums(), register.ledger.shift) == (sums, shift)
    assert register.ledger.order(order.id).invoices == {placed.data.order_id: made}
    till.start()
    _under(till, in_freedonia())
    last = till.register.recovery.last_sale()
    assert last is not None
    assert last.id == newest.id, "it is no sale"
    assert len(till.register.refunds.past_sales()) == 3
    begun = till.register.refunds.approve(_begin_refund(till, order).id)
    assert begun.started.receipt == "1XBEEF-R000001", "the ticket is refunded as any ticket"
    assert _stamps(till)[-1].fields["Of"] == f"sale {ticket.number}"
    assert _sell(till, 1, RAO).placed.data.receipt == "1XBEEF-F000003"  # type: ignore[union-attr]


def test_papers_of_an_invoice_and_of_a_refund_name_each_other(till: Till) -> None:
    order = _sell(till)
    made = _invoice(till, order)
    refund = till.register.refunds.approve(_begin_refund(till, order).id)
    papers = DocumentMaker(till.register)

    def text(paper: DocumentKind, of: str, part: str = "") -> str:
        job = Job(number=0, paper=paper, of=of, part=part, printer="", at=till.clock.now())
        return text_of(papers.document(job, till.register.formats), 42, Repertoire("utf-8"))

    invoice = text("invoice", order.id, made.event)
    assert papers.title(DocumentRef("invoice", order.id, made.event)) == "Invoice A/1XBEEF-F000001"
    for line in ("A/1XBEEF-F000001", "In place of receipt A/1XBEEF-000001", "To: Sol, S.L.", "29X", "C/ Sol 5", "Idly"):
        assert line in invoice
    back = text("refund", refund.id)
    assert "Of receipt 1XBEEF-000001" in back
    assert "Of invoice A/1XBEEF-F000001" in back
    assert "Sol, S.L." not in text("receipt", order.id)


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("twice", "Its invoice is 1XBEEF-F000001."),
        ("named", "It names its buyer already."),
        ("bare", "Its record is not here. Wait, or refund and sell it again."),
        ("number", "The buyer needs a number."),
        ("lawless", "Refund it, and sell it again with “invoice to Rao Ltd”."),
        ("barred", "This till was revoked: make the invoice at another till."),
    ],
)
def test_no_invoice_is_written_that_the_law_has_no_record_for(till: Till, why: str, sentence: str) -> None:
    if why == "bare":
        _under(till, {})
    order = _sell(till, 1, RAO if why == "named" else None)
    _under(till, {} if why == "lawless" else in_freedonia())
    if why == "twice":
        _invoice(till, order)
    if why == "barred":
        till.register.fiscal.light_changed(Light(LightState.ATTENTION, code="till_revoked"))
    batches = len(till.journal.appends)
    with pytest.raises(FiscalError) as refused:
        _invoice(till, order, Buyer("Sol", "") if why == "number" else FIRM)
    assert refused.value.sentence == sentence
    assert len(till.journal.appends) == batches


@pytest.mark.parametrize("knows_law", [False, True])
def test_venue_numbers_all_sales_in_one_series_unless_its_law_has_others(
    till: Till, monkeypatch: pytest.MonkeyPatch, knows_law: bool
) -> None:
    if knows_law:
        own = SCHEME.law({})
        monkeypatch.setattr(type(SCHEME), "law", lambda *_: replace(own, series={"": ("sale", "sale to")}))
    else:
        _under(till, {})
    order = _sell(till, 1, RAO)
    assert order.placed is not None
    assert order.placed.data.receipt == "1XBEEF-000001"
    assert _begin_refund(till, order).started.receipt == "1XBEEF-R000001"


def test_law_begins_at_midnight_in_the_middle_of_a_business_day(till: Till) -> None:
    _under(till, in_freedonia("2026-03-04") | {"business_day_ends": "04:00"})
    till.clock.time = datetime(2026, 3, 3, 18, 20, tzinfo=UTC)  # ten minutes before midnight in India
    _sell(till)
    assert _stamps(till) == []
    till.clock.move(minutes=20)
    order = _sell(till)
    (stamp,) = _stamps(till)
    assert order.placed is not None
    assert (order.placed.data.business_date, stamp.fields["Day"]) == ("2026-03-03", "2026-03-04")


def test_full_disk_keeps_neither_sale_nor_stamp_and_the_chain_goes_on(till: Till) -> None:
    first = _sell(till)
    order = till.add(None, 1)
    till.journal.full = True
    with pytest.raises(JournalError):
        till.register.checkout.pay_exact(order.id)
    till.journal.full = False
    till.register.checkout.pay_exact(order.id)
    assert [one.previous for one in _stamps(till)] == ["", _stamps(till)[0].hash]
    assert first.placed is not None


def test_buyer_is_named_by_the_stamp_and_by_that_of_the_refund(till: Till) -> None:
    order = _sell(till, 1, RAO)
    (stamp,) = _stamps(till)
    assert (stamp.kind, json.loads(stamp.names)) == ("sale to", {"Buyer": "Rao & Sons", "Number": "29X"})
    assert order.placed is not None
    begun = _begin_refund(till, order)
    assert len(_stamps(till)) == 1
    till.register.refunds.approve(begun.id)
    back = _stamps(till)[1]
    assert (back.kind, back.of, back.fields["Total"]) == ("refund to", begun.id, "-40.00")
    assert (back.fields["Of"], back.names, back.previous) == (f"sale to {stamp.number}", stamp.names, stamp.hash)
    assert any(isinstance(one.data, RefundApproved) for one in till.journal.appends[-1])


@pytest.mark.parametrize(
    ("since", "known", "of"),
    [
        ("2026-01-01", True, "sale to A/{receipt}"),
        ("2026-01-01", False, " A/{receipt}"),
        ("2026-03-04", False, " {receipt}"),  # its paper never had the prefix
    ],
)
def test_refund_names_the_sale_as_its_paper_of_another_till_or_day_has_it(
    till: Till, since: str, known: bool, of: str
) -> None:
    _under(till, {})
    order = _sell(till)
    assert order.placed is not None
    sold = order.placed.data
    if known:
        stamp = PaperStamp(
            of=sold.order_id, scheme=LAW, kind="sale to", number=f"A/{sold.receipt}", fields={}, hash="1"
        )
        till.register.stamps_came([stamp])
        till.start()
    till.clock.move(days=1)
    _under(till, in_freedonia(since))
    assert (till.register.fiscal.words_of(sold.order_id) is not None) == known
    till.register.refunds.approve(_begin_refund(till, order).id)
    assert [one.fields["Of"] for one in _stamps(till)] == [of.format(receipt=sold.receipt)]


@pytest.mark.parametrize("results", [*product(_RESULTS, repeat=3)])
def test_refund_that_is_given_is_stamped_once_whoever_says_so_and_whenever(
    till: Till, results: tuple[Result, ...]
) -> None:
    begun = _begin_refund(till, _sell(till))
    for result in results:
        till.start()
        till.register.fiscal.begin(find_law, "1.2")
        till.register.ledger.commit(giving.answer(till.register.refunds.find(begun.id), result))
    is_given = bool(till.wrote(RefundApproved))
    assert [one.of for one in _stamps(till)[1:]] == [begun.id] * is_given


def test_refund_given_offline_is_stamped_as_it_begins(till: Till) -> None:
    begun = _begin_refund(till, _sell(till), away=True)
    assert [one.of for one in _stamps(till)[1:]] == [begun.id]


def test_declined_refund_has_no_stamp(till: Till) -> None:
    begun = _begin_refund(till, _sell(till))
    till.register.refunds.decline(begun.id, "no")
    assert len(_stamps(till)) == 1


def test_stamps_that_a_journal_carries_over_are_of_another_chain(till: Till) -> None:
    _sell(till)
    (event,) = (one for one in till.journal.own if isinstance(one.data, FiscalStamped))
    other = Till(seed=5)
    other.journal.receive([Received(0, event)])
    _under(other, in_freedonia())
    _sell(other)
    (stamp,) = _stamps(other)
    assert (stamp.previous, stamp.chain) == ("", other.journal.journal_id)


@pytest.mark.parametrize("law", [{}, in_freedonia("2026-03-04"), in_freedonia() | {"training": True}])
def test_no_law_no_day_and_training_stamp_nothing(till: Till, law: dict[str, Any]) -> None:
    _under(till, law)
    _sell(till)
    assert _stamps(till) == []


def test_fault_of_a_law_loses_no_money(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(SCHEME), "stamp", lambda *_args: 1 / 0)
    assert _sell(till).placed is not None
    assert _stamps(till) == []


def test_order_that_the_law_has_no_record_for_is_refused_before_money(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stamp(*_arguments: object) -> FiscalStamp:
        raise FiscalError("At most 12 rates. Split the order.")

    order = till.add(None, 1)
    monkeypatch.setattr(type(SCHEME), "stamp", stamp)
    for pay in (till.register.checkout.begin, till.register.checkout.pay_exact):
        with pytest.raises(FiscalError, match="Split the order"):
            pay(order.id)
    assert not till.register.ledger.order(order.id).payments


def test_great_sale_asks_for_its_buyer_first(till: Till) -> None:
    order = till.add(None, 1, 26)
    with pytest.raises(FiscalError, match="name its buyer"):
        till.register.checkout.begin(order.id)
    till.register.ledger.commit([Draft(BuyerNamed(name="Rao"), order.id)])
    with pytest.raises(FiscalError, match="needs a number"):
        till.register.checkout.pay_exact(order.id)
    till.register.ledger.commit([Draft(BuyerNamed(name="Rao", tax_number="29X"), order.id)])
    assert till.register.checkout.pay_exact(order.id).placed is not None


def test_till_that_was_revoked_takes_no_money_until_it_is_enrolled_again(till: Till) -> None:
    register, order = till.register, till.add(None, 1)
    register.light_changed(Light(LightState.ATTENTION, code="till_revoked"))
    register.light_changed(Light(LightState.OFFLINE))
    with pytest.raises(FiscalError, match="was revoked"):
        register.checkout.pay_exact(order.id)
    till.start()
    till.register.fiscal.begin(find_law, "1.2")
    with pytest.raises(FiscalError, match="was revoked"):
        till.register.checkout.pay_exact(order.id)
    till.register.light_changed(Light(LightState.SAVED))
    assert till.register.checkout.pay_exact(order.id).placed is not None


def test_clock_that_is_not_sure_is_said_and_stamped(till: Till) -> None:
    assert "is this clock right" in till.register.fiscal.doubt
    _sell(till)
    till.register.time_received(till.clock.now())
    assert till.register.fiscal.doubt == ""
    _sell(till)
    assert [one.unsure for one in _stamps(till)] == [True, False]


def test_no_sale_loads_the_law_that_the_start_has_loaded(till: Till) -> None:
    found: list[str] = []

    def find(name: str) -> FiscalScheme | None:
        found.append(name)
        return find_law(name)

    till.register.fiscal.begin(find, "1.2")
    till.register.fiscal.load()
    assert found == [LAW]
    _sell(till)
    assert found == [LAW]
    assert len(_stamps(till)) == 1
