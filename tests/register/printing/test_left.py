"""The sentences at a start on papers and the drawer that a kill left in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.register.printing.test_jobs import begun, sold
from till.domain.money.measures import Minor
from till.ports.printer import JobState
from till.register.printing.interrupted import left_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.register.conftest import Till

CASH = "CASH"


def _words(till: Till) -> str:
    return left_words(till.register.ledger, till.register.venue)


ACTS: dict[str, Callable[[Till], Any]] = {
    "Receipt 1XBEEF-000001": sold,
    "Payment": lambda till: till.register.checkout.pay(till.order(1).id, CASH, Minor(1_000)),
    "Movement of cash": lambda till: till.register.drawer.move("paid_in", Minor(100), "coins"),
    "Count of the drawer": lambda till: till.register.drawer.count({CASH: Minor(0)}),
    "Opened without a sale": lambda till: till.register.drawer.no_sale(),
}


@pytest.mark.parametrize("what", ACTS)
def test_a_start_names_the_act_whose_kick_was_not_tried_and_only_once(till: Till, what: str) -> None:
    begun(till)
    ACTS[what](till)
    till.start()
    assert _words(till) == f"{what}, 10:31: did the drawer open?"
    begun(till)
    assert _words(till) == ""


def test_a_start_names_each_act_of_a_moment(till: Till) -> None:
    begun(till)
    for _sale in range(2):
        sold(till)
    till.start()
    assert _words(till) == " ".join(f"Receipt 1XBEEF-00000{n}, 10:31: did the drawer open?" for n in (1, 2))


def test_a_start_names_the_newest_paper_in_doubt_for_a_day(till: Till) -> None:
    printing = begun(till)
    for _sale in range(2):
        job = printing.receipt(sold(till).id)
        printing.take_up(job)
        printing.put_down(job, JobState.UNKNOWN)
    till.journal.kicks.clear()
    till.start()
    assert _words(till) == "Receipt 1XBEEF-000002, 10:31: is it on paper? 1 more paper is in doubt."
    till.clock.move(hours=25)
    assert _words(till) == ""
