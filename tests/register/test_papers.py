"""The documents of print jobs, as lines for a printer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.register.printing.test_jobs import COUNTER, begun, sold
from till.domain.errors import PrintError
from till.domain.structs import replace
from till.register.papers import Papers

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.ports.printer import Job


def _text(till: Till, job: Job) -> str:
    register = till.register
    papers = Papers(register.ledger, register.reference, register.asker)
    return "\n".join(line.text for line in papers.lines(job, COUNTER))


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


def test_a_job_about_nothing_is_refused(till: Till) -> None:
    printing = begun(till)
    with pytest.raises(PrintError):
        _text(till, replace(printing.bill(till.order(1).id), paper="receipt"))
