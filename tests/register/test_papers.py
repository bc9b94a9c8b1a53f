"""The documents of print jobs, as lines for a printer."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from tests.register.printing.test_jobs import begun, laid_out, sold
from till.domain.errors import TillError
from till.domain.money.measures import Minor
from till.domain.order.charging import keep_slips
from till.domain.order.deciding import event_of
from till.domain.payment.events import PaymentReturnStarted
from till.domain.refund import giving
from till.domain.refund.shares import first_part
from till.domain.shift.events import ShiftClosed
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.ports.printer import WITHOUT_CASH, DocumentKind, DocumentRef, JobState
from till.register.papers import ZS, DocumentMaker
from till.register.printing.names import PAPERS

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.refund.shares import Share
    from till.domain.refund.state import Refund
    from till.ports.printer import Job


def test_each_kind_of_paper_is_declared_and_can_be_made(till: Till) -> None:
    kinds = {*get_args(DocumentKind)}
    assert {*PAPERS} == kinds == {*DocumentMaker(till.register).makers}


def _text(till: Till, job: Job) -> str:
    return "\n".join(line.text for line in laid_out(till.register, job))


def test_a_receipt_its_copy_and_one_that_may_be_on_paper_differ_in_their_marks(till: Till) -> None:
    printing, order = begun(till), sold(till)
    job = printing.receipt(order.id)
    original, copy = _text(till, job), _text(till, replace(job, copy=2))
    again = _text(till, replace(job, again=True))
    assert order.placed is not None
    for text in (original, copy, again):
        assert order.placed.data.receipt in text
        assert "Idly" in text
        assert "40.00" in text
    assert ("COPY 2" in copy, "AGAIN" in again) == (True, True)
    assert "COPY" not in original + again
    assert "AGAIN" not in original + copy


def test_a_bill_has_the_lines_of_its_order_when_it_is_printed(till: Till) -> None:
    printing, order = begun(till), till.order(1)
    job = printing.bill(order.id)
    till.add(order.id, 2)
    text = _text(till, job)
    assert "NOT A RECEIPT" in text
    assert "Masala Dosa" in text


def test_a_gift_receipt_is_counted_as_no_copy(till: Till) -> None:
    printing, order = begun(till), sold(till)
    assert order.placed is not None
    printing.receipt(order.id)
    issued, number = till.types(), order.placed.data.receipt
    for part in (number, number, f"{number} 1:1"):
        job = printing.print(DocumentRef("gift", order.id, part))
        printing.put_down(job, JobState.PRINTED)
        text = _text(till, job)
        assert "Gift receipt" in text
        assert f"#{number}" in text
        assert "40.00" not in text
        assert "COPY" not in text
    assert till.types() == issued
    printing.put_down(printing.jobs_of(order.id)[0], JobState.PRINTED)
    assert printing.receipt(order.id).copy == 1


def test_every_kind_of_paper_is_made_from_the_events(till: Till) -> None:
    printing, order, drawer = begun(till), sold(till), till.register.drawer
    assert order.placed is not None
    till.register.ledger.commit(keep_slips(order, next(iter(order.payments)), [(("SIGN HERE",), False, True)]))
    sale = till.register.refunds.sale(order.id, order.placed.data.receipt)
    share, manager = giving.pieces_back(sale, {1: 1}), till.register.access.find(9)
    approval = till.register.approvals.give(manager, PermissionRequest(Permission.REFUND, share.part.amount))
    refund = till.register.refunds.start(order.id, share, giving.ways_of(sale)[0], sale, approval, "cold")
    till.register.refunds.approve(refund.id)
    drawer.move("paid_out", Minor(2_000), "milk")
    drawer.count({"CASH": Minor(1_000)})
    shift = drawer.shift()
    assert shift is not None
    (slip,) = printing.jobs_of(order.id)
    texts = {
        "slip": _text(till, slip),
        "refund": _text(till, printing.print(DocumentRef("refund", refund.id))),
        "movement": _text(till, printing.print(DocumentRef("movement", shift.id, shift.movements[0].id))),
        "count": _text(till, printing.print(DocumentRef("count", shift.id, shift.counts[0].id))),
        "x": _text(till, printing.print(DocumentRef("x", shift.id))),
        "hidden": _text(till, printing.print(DocumentRef("x", shift.id, WITHOUT_CASH))),
    }
    z = printing.print(DocumentRef("z", drawer.close().id))
    texts["z"] = _text(till, z)
    for paper, words in {
        "slip": "SIGN HERE",
        "refund": refund.started.receipt,
        "movement": "milk",
        "count": "10.00",
        "x": "Cash",
        "hidden": "after the count",
        "z": "1XBEEF-Z000001",
    }.items():
        assert words in texts[paper], (paper, texts[paper])
    assert texts["x"] != texts["hidden"]
    assert _text(till, replace(z, paper="x")) == texts["z"], "an X that waited until the close"


def test_a_z_names_who_closed_it_and_its_place_in_the_journal(till: Till) -> None:
    printing, _order = begun(till), sold(till)
    till.register.ledger.user = 9
    shift = till.register.drawer.close()
    text = _text(till, printing.print(DocumentRef("z", shift.id)))
    (close,) = (one for one in till.journal.own if isinstance(one.data, ShiftClosed))
    opened, closed = (till.register.reference.name_of(user) for user in (1, 9))
    assert opened != closed
    assert f"Opened, {opened} " in text
    assert f"Closed, {closed} " in text
    assert f"- {close.seq}\n" in text
    assert f"{close.hash[:4]} {close.hash[4:8]} " in text


def test_a_z_has_the_counts_beside_its_close_and_no_earlier_one(till: Till) -> None:
    printing, _order = begun(till), sold(till)
    drawer = till.register.drawer
    drawer.count({"CASH": Minor(3_333)})
    till.clock.move(minutes=1)
    z = printing.print(DocumentRef("z", drawer.close().id))
    assert "Counted" not in _text(till, z), "nothing was counted since the close"
    drawer.count({"CASH": Minor(3_000)}, {"CASH": Minor(2_000)}, to="safe")
    found = rows(_text(till, z))
    assert (found["Counted"], found["Short"]) == ("30.00", "-3.33")
    assert (found["Taken out: safe"], found["Stays in the drawer"]) == ("-20.00", "10.00")
    assert "33.33" not in _text(till, z).split("Count of the drawer")[1].split("Counted")[1]
    assert "Counted" not in _text(till, replace(z, part=WITHOUT_CASH))


def test_a_z_names_the_z_of_the_server_for_its_shift(till: Till) -> None:
    printing, _order = begun(till), sold(till)
    job = printing.print(DocumentRef("z", till.register.drawer.close().id))
    assert "by the server" not in _text(till, job)
    till.journal.cache(ZS, 1, {"by_server": {job.of: "0-Z000007", "another": "0-Z000008"}})
    assert "Also Z 0-Z000007, by the server\n" in _text(till, job)
    till.journal.cache(ZS, 2, {"by_server": {"another": "0-Z000008"}})
    assert "by the server" not in _text(till, job)


def test_the_paper_of_a_part_says_what_was_left_when_it_was_paid(till: Till) -> None:
    printing, order = begun(till, when="always"), till.order(1)
    for amount in (1_000, 1_500, 1_500):
        till.clock.move(minutes=1)
        till.register.checkout.pay(order.id, "CASH", Minor(amount))
    found = [rows(_text(till, job)) for job in printing.jobs_of(order.id) if job.paper == "part"]
    assert [(one["The whole order"], one["Cash"], one["Still to pay"]) for one in found] == [
        ("40.00", "10.00", "30.00"),
        ("40.00", "15.00", "15.00"),
    ]


def test_a_slip_names_its_payment_its_refund_or_the_part_given_back(till: Till) -> None:
    printing, order = begun(till), till.order(1)
    order = till.register.checkout.pay(order.id, "CASH", Minor(1_000))
    (payment,) = order.payments
    commit, slip = till.register.ledger.commit, [(("TEXT",), True, False)]
    commit(keep_slips(order, payment, slip))
    back = PaymentReturnStarted(payment_id=payment, return_id=till.register.ledger.new_id(), tender="CASH", amount="10")
    commit([event_of(order, back)])
    commit(keep_slips(order, payment, slip))
    other = sold(till)
    assert other.placed is not None
    sale = till.register.refunds.sale(other.id, other.placed.data.receipt)
    share, manager = giving.pieces_back(sale, {1: 1}), till.register.access.find(9)
    approval = till.register.approvals.give(manager, PermissionRequest(Permission.REFUND, share.part.amount))
    refund = till.register.refunds.start(other.id, share, giving.ways_of(sale)[0], sale, approval, "cold")
    commit(keep_slips(other, next(iter(other.payments)), [*slip, *slip], refund.id))
    texts = [_text(till, job) for of in (order, other) for job in printing.jobs_of(of.id)]
    shown = till.register.venue.local(till.register.ledger.now()).strftime("%d/%m/%Y %H:%M")
    found = [rows(text) for text in texts]
    assert [one.get("Payment") for one in found] == ["10.00", None, None, None]
    assert [one.get("Part given back") for one in found] == [None, "-10.00", None, None]
    assert [one.get("Refund") for one in found] == [None, None, "-40.00", "-40.00"]
    assert [one.get(refund.started.receipt) for one in found] == [None, None, shown, shown]
    assert all(shown in text and "TEXT" in text for text in texts)


def test_a_job_about_nothing_is_refused(till: Till) -> None:
    printing = begun(till)
    job = printing.bill(till.order(1).id)
    papers: list[DocumentKind] = ["receipt", "refund", "slip", "movement", "count", "x", "z"]
    for paper in papers:
        with pytest.raises(TillError):
            _text(till, replace(job, paper=paper, part="nothing"))


def test_each_paper_of_a_refund_in_two_tenders_is_true_by_itself(till: Till) -> None:
    printing, order = begun(till), till.order(2, 2)
    till.register.checkout.pay(order.id, "CARD", Minor(6_000))
    order = till.register.checkout.pay_exact(order.id)
    assert order.placed is not None
    refunds, receipt = till.register.refunds, order.placed.data.receipt
    manager = till.register.access.find(9)

    def give(share: Share) -> Refund:
        sale = refunds.sale(order.id, receipt)
        approval = till.register.approvals.give(manager, PermissionRequest(Permission.REFUND, share.part.amount))
        return refunds.approve(refunds.start(order.id, share, giving.ways_of(sale)[0], sale, approval, "cold").id)

    share, rest = first_part(giving.pieces_back(refunds.sale(order.id, receipt), {1: 2}), Minor(6_000))
    card = give(share)
    first = rows(_text(till, printing.print(DocumentRef("refund", card.id))))
    assert first["-2 × Masala Dosa"] == "-160.00"
    assert (first["Still to be given"], first["Card"]) == ("-100.00", "-60.00")
    cash = give(giving.rest_back(refunds.sale(order.id, receipt), rest))
    numbers = card.started.receipt, cash.started.receipt
    first, second = (rows(_text(till, printing.print(DocumentRef("refund", one.id)))) for one in (card, cash))
    assert "Still to be given" not in first
    assert (first[f"Of it {numbers[1]}, Cash"], first["Card"]) == ("-100.00", "-60.00")
    assert (second["-2 × Masala Dosa"], second[f"Of it {numbers[0]}, Card"]) == ("-160.00", "-60.00")
    assert second["Cash"] == "-100.00"


def rows(text: str) -> dict[str, str]:
    """Return the right sides of a paper by their left sides."""
    found = (line.strip().rsplit("  ", 1) for line in text.splitlines() if "  " in line.strip())
    return {left.strip(): right.strip() for left, right in found}
