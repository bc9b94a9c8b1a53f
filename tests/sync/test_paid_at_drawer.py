"""House accounts and vouchers paid in cash at two real tills, and what the real server books of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.sync.real import VENUE
from tests.sync.rig import STORE
from till.domain.errors import StoreError
from till.domain.payment.codes import digest_of, hint_of, make_code
from till.register import guest_cash
from till.register.approvals import Approvals
from till.register.drawer import Drawer
from till.register.payments.asking import PaymentClient
from till.register.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sync.real import Real
    from tests.sync.rig import Keys

CODE = make_code(lambda _below: 5)


def drawer_of(keys: Keys) -> Drawer:
    keys.journal.cache("settings", 1, VENUE)
    reference = Reference(keys.journal, keys.ledger.now, business_date=datetime.date)
    asker, approvals = PaymentClient(keys.ledger, reference), Approvals(keys.ledger, reference)
    return Drawer(keys.ledger, reference, approvals, asker, list)


def quarantined(real: Real) -> list[str]:
    return [row[0] for row in real.owner.execute("SELECT reason FROM warm.quarantine ORDER BY id").fetchall()]


async def test_a_voucher_is_sold_at_two_tills_and_can_be_spent_once(real: Real, make_keys: Callable[..., Keys]) -> None:
    issue = "SELECT till.voucher_issue_v2(%s, NULL, %s, %s, 50.00, NULL, true)"
    voucher = real.value(issue, STORE, digest_of(CODE), hint_of(CODE))
    one, two = make_keys(), make_keys(2)
    drawers = drawer_of(one), drawer_of(two)
    formats = Reference(one.journal, one.ledger.now).formats
    async with real.service(one) as first, real.service(two) as second:
        with pytest.raises(StoreError, match="not paid yet"):
            await first.voucher(digest_of(CODE))
        found = [await guest_cash.unpaid_voucher(service, CODE, formats) for service in (first, second)]
        assert {(one.kind, one.of, one.amount) for one in found} == {("voucher", str(voucher), 5_000)}
        drawers[0].take(found[0])
        assert await first.flush(5)
        drawers[1].take(found[1])
        assert await second.flush(5)
        assert (await second.voucher(digest_of(CODE))).left == 5_000
        with pytest.raises(StoreError, match="paid already"):
            await first.unpaid_voucher(digest_of(CODE))
        assert quarantined(real) == [f"The voucher …{hint_of(CODE)} is already paid, at till 1: give the cash back."]
        assert [drawer.balance()["CASH"] for drawer in drawers] == [5_000, 5_000]


async def test_a_debt_is_paid_off_at_two_tills_and_an_undone_part_is_owed_again(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    guest = str(real.value("SELECT till.customer_add_v1(%s, NULL, 'Mrs Rao', '')", STORE))
    real.value("SELECT till.account_set_v1(%s, NULL, %s, 200, false)", STORE, guest)
    real.owner.execute(
        "INSERT INTO till.value_movements (movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at)"
        " VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, 120, 'spent', 1, now())",
        [STORE, guest],
    )
    one, two = make_keys(), make_keys(2)
    drawers = drawer_of(one), drawer_of(two)
    formats = Reference(one.journal, one.ledger.now).formats
    async with real.service(one) as first, real.service(two) as second:
        half = await guest_cash.debt_of(first, "rao", formats.minor("70"), formats)
        all_of_it = await guest_cash.debt_of(second, "rao", None, formats)
        assert (half.owed, half.amount, all_of_it.amount) == (12_000, 7_000, 12_000)
        drawers[0].take(half)
        assert await first.flush(5)
        drawers[1].take(all_of_it)
        assert await second.flush(5)
        assert quarantined(real) == ["Of 120.00 only 50.00 was owed on the house account: give the rest back."]
        assert real.value("SELECT till.value_moved(%s)", guest) == 0
        shift = drawers[0].shift()
        assert shift is not None
        drawers[0].undo(shift.movements[0].id)
        assert await first.flush(5)
        assert (await guest_cash.debt_of(second, "rao", None, formats)).owed == 7_000
        assert drawers[0].balance()["CASH"] == 0
