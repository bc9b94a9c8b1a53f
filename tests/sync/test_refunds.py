"""Two tills, one receipt, and the real server: who gives it back, who is refused, and what a stranger's sale needs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from till.domain.errors import RefundError, StoreError
from till.domain.order.paying import CASH
from till.domain.refund import giving
from till.ports import SaleSearch
from till.register.approvals import Approvals
from till.register.payments.asking import PaymentClient
from till.register.reference import Reference
from till.register.refunds import Refunds

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sync.real import Real
    from tests.sync.rig import Keys
    from till.domain.refund.state import Refund


def _refunds(keys: Keys) -> Refunds:
    keys.ledger.user = None  # nobody is logged in: a program may
    reference = Reference(keys.journal, keys.ledger.now, business_date=datetime.date)
    asker, approvals = PaymentClient(keys.ledger, reference), Approvals(keys.ledger, reference)
    return Refunds(keys.ledger, reference, asker, lambda _refund, _words: None, approvals)


def _start(refunds: Refunds, session: str, receipt: str, *, away: bool = False) -> Refund:
    sale = refunds.sale(session, receipt)
    share = giving.pieces_back(sale, giving.all_pieces(sale))
    way = next(one for one in giving.ways_of(sale, away=away) if one.tender == CASH)
    return refunds.start(session, share, way, sale, None, "cold", away=away)


async def test_claim_of_an_invoice_is_refused_in_words(real: Real, make_keys: Callable[..., Keys]) -> None:
    one = make_keys()
    async with real.service(one) as first:
        session = one.open()
        one.add(session)
        one.pay(session)
        assert await first.flush(5)
        placed = one.ledger.order(session).placed
        assert placed is not None
        with pytest.raises(StoreError, match="Its own record is not at the server yet"):
            await first.claim_invoice(placed.data.order_id)
        with pytest.raises(StoreError, match="does not have this sale"):
            await first.claim_invoice(one.ledger.new_id())
        made = (
            "INSERT INTO till.invoice_claims SELECT store_id, order_id, 2, now(), %s, %s FROM cold.orders RETURNING 1"
        )
        assert real.value(made, one.ledger.new_id(), "2-F000007") == 1
        with pytest.raises(StoreError, match=r"Its invoice is 2-F000007, made at till 2\."):
            await first.claim_invoice(placed.data.order_id)


async def test_one_of_two_tills_refunds_a_receipt(real: Real, make_keys: Callable[..., Keys]) -> None:
    one, two = make_keys(), make_keys(2)
    async with real.service(one) as first, real.service(two) as second:
        session = one.open()
        one.add(session)
        one.pay(session)
        assert await first.flush(5)
        (sold,), more = await second.past_sales(SaleSearch(amount="40.00"))
        assert (sold.session_id, sold.total, more) == (session, 4_000, False)
        assert (sold.items, sold.tenders) == ((("Idly", 1),), ("CASH",))
        here, there = _refunds(one), _refunds(two)
        with pytest.raises(RefundError, match="not on this till"):
            there.sale(session, sold.receipt)
        await second.fetch(session)
        theirs = _start(there, session, sold.receipt)
        assert await second.flush(5)
        ours = _start(here, session, sold.receipt)
        assert await second.refund_state(theirs.id) == "reserved"
        assert await first.flush(5)
        assert await first.refund_state(ours.id) == "refused"
        here.decline(ours.id, "another till")
        there.approve(theirs.id)
        assert await second.flush(5)
        assert await first.flush(5)
        (known,), _more = await first.past_sales(SaleSearch(receipt=theirs.started.receipt))
        here.hear(known)
        assert here.sale(session, sold.receipt).left.amount == 0
        assert [refund.started.receipt for refund in known.refunds] == [theirs.started.receipt]
        assert await first.past_sales(SaleSearch(since=sold.at, until=sold.at)) == ([], False)
        assert await first.refund_state(one.ledger.new_id()) is None
    assert real.value("SELECT count(*) FROM cold.refunds") == 1
    assert real.value("SELECT count(*) FROM till.conflicts") == 0


async def test_a_refund_from_the_server_beyond_the_sale_is_a_conflict(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    one, two = make_keys(), make_keys(2)
    session = one.open()
    one.add(session)
    one.pay(session)
    here = _refunds(one)
    async with real.service(one) as first:
        assert await first.flush(5)
    ours = _start(here, session, here.past_sales()[0].receipt, away=True)
    async with real.service(two) as second:
        await second.fetch(session)
        there = _refunds(two)
        with pytest.raises(RefundError, match="only this till's sales"):
            _start(there, session, ours.started.sold, away=True)
        there.approve(_start(there, session, ours.started.sold).id)
        assert await second.flush(5)
    async with real.service(one) as first:
        assert await first.flush(5)
    assert real.value("SELECT subject FROM till.conflicts WHERE kind = 'refunded_beyond'") == ours.id
    assert real.value("SELECT sum(amount)::text FROM cold.refunds") == "-80.00"
