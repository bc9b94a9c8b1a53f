"""A till without a drawer: it takes no cash, and says which till does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from till.domain.errors import TillError
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.domain.order.state import Status
from till.domain.refund import giving
from till.domain.shift.events import ShiftOpened
from till.domain.staff.rights import Permission, PermissionRequest
from till.ports import TenderTraits
from till.register.conversation import Conversation
from till.register.payments.tenders import BY_HAND, Tenders

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.register.conftest import Till

MEAL = TenderTraits(name="MEAL", label="Meal voucher", key="m", by_hand=True, opens_drawer=True)
NONE = "This till has no drawer. Till 2 takes cash."


@pytest.fixture
def bare(till: Till) -> Till:
    till.register.asker.tenders = Tenders((*BY_HAND, MEAL), cash_at=2)
    return till


def test_tenders_kept_in_a_drawer_are_not_offered(bare: Till) -> None:
    assert [one.name for one in bare.register.asker.tenders.offered] == ["CARD", "UPI"]
    order = bare.order(1)
    for words in ("cash", "cash 500"):
        with pytest.raises(TillError, match=NONE):
            Conversation(bare.register, 1, order.id).say(words)
    with pytest.raises(TillError, match=NONE):
        bare.register.checkout.pay(order.id, CASH, Minor(4_000))
    with pytest.raises(TillError, match=r"Till 2 takes meal voucher\."):
        bare.register.checkout.pay(order.id, "MEAL", Minor(4_000))
    assert bare.register.checkout.pay(order.id, "CARD", Minor(4_000)).status is Status.COMPLETED


def test_shift_without_a_drawer_has_no_balance_and_closes(bare: Till) -> None:
    drawer = bare.register.drawer
    bare.register.checkout.pay(bare.order(1).id, "CARD", Minor(4_000))
    (opened,) = bare.wrote(ShiftOpened)
    assert (opened.kept, drawer.balance(), drawer.asks_count()) == ((), {}, False)
    closed = drawer.close().closed
    assert closed is not None
    assert [(one.tender, one.amount) for one in closed.sums.tenders] == [("CARD", "40.00")]
    assert all(one.closing == "0.00" for one in closed.sums.drawer)
    assert not drawer.asks_count()


def test_movements_counts_and_cash_that_goes_back_are_refused_in_a_plain_sentence(bare: Till) -> None:
    drawer, refunds = bare.register.drawer, bare.register.refunds
    sold = bare.register.checkout.pay(bare.order(1).id, "CARD", Minor(4_000))
    assert sold.placed is not None
    sale = refunds.sale(sold.id, sold.placed.data.receipt)
    share, manager = giving.pieces_back(sale, {1: 1}), bare.register.access.find(9)
    approval = bare.register.approvals.give(manager, PermissionRequest(Permission.REFUND, share.part.amount))
    in_cash = next(way for way in giving.ways_of(sale) if way.tender == CASH)
    acts: tuple[Callable[[], object], ...] = (
        lambda: drawer.move("paid_out", Minor(2_000), "milk"),
        lambda: drawer.count({CASH: Minor(2_000)}),
        drawer.no_sale,
        lambda: refunds.start(sold.id, share, in_cash, sale, approval, "cold"),
    )
    before = bare.journal.own
    for act in acts:
        with pytest.raises(TillError, match=NONE):
            act()
    assert bare.journal.own == before
