"""Twenty files of payouts: what each says of the same two evenings, to the cent, with what the bank gets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import pytest

from tests.readers.test_payouts import NOON, VENUE, move, whats
from till.cli.report_output import to_json
from till.domain.money.measures import Minor
from till.ports import ListedMoney
from till.readers.payouts import compare, days_of_file, read_payouts

_STRIPE: Final = "created_utc,currency,gross,fee,reporting_category,source_id,payment_intent_id\n"
_SUMUP: Final = "id,type,amount,date,currency,fee,status,reference,transaction_code\n"
_TWO: Final = (
    _SUMUP + "1,PAYOUT,12.07,2026-03-03,EUR,0.43,SUCCESSFUL,P,A\n2,PAYOUT,7.70,2026-03-03,EUR,0.30,SUCCESSFUL,P,B\n"
)
_PLAIN: Final = "reference,amount,date\n"
_TAKEN: Final = (move("A", "12.50", "1.50"), move("B", "8.00"))


class Case(NamedTuple):
    """A file, what the tills took, and what the report says: its figures, differences and other rows."""

    text: str
    moves: tuple[dict[str, Any], ...]
    matched: int
    difference: str
    fees: str
    bank: str
    differences: list[tuple[str, ...]] = []  # noqa: RUF012 - a tuple's default
    others: list[tuple[str, ...]] = []  # noqa: RUF012


def _stripe(*rows: str) -> str:
    return _STRIPE + "".join(f"2026-03-03 10:00:00,eur,{row}\n" for row in rows)


_BOTH: Final = ("12.50,0.43,charge,ch_1,A", "8.00,0.30,charge,ch_2,B")
CASES: Final = {
    "stripe: equal": Case(_stripe(*_BOTH), _TAKEN, 2, "0.00", "0.73", "19.77"),
    "stripe: a payment of no till": Case(
        _stripe(*_BOTH, "5.20,0.20,charge,ch_3,C"), _TAKEN, 2, "5.20", "0.93", "24.77",
        [("C", "payment", "not_here", "5.20", "0.00")],
    ),
    "stripe: a refund in parts": Case(
        _stripe(*_BOTH, "-2.50,0,refund,re_1,A", "-1.50,0,refund,re_2,A"),
        (*_TAKEN, move("A", "-2.50"), move("A", "-1.50")), 4, "0.00", "0.73", "15.77",
    ),
    "stripe: a dispute and its fee": Case(
        _stripe(*_BOTH, "-12.50,15.00,dispute,dp_1,A"), _TAKEN, 2, "0.00", "15.73", "-7.73",
        others=[("A", "dispute", "EUR", "-12.50", "15.00")],
    ),
    "stripe: a refund that failed later": Case(
        _stripe(*_BOTH, "-2.50,0,refund,re_1,A", "2.50,0,refund_failure,re_1,A"),
        (*_TAKEN, move("A", "-2.50")), 3, "0.00", "0.73", "19.77",
        others=[("A", "refund_failure", "EUR", "2.50", "")],
    ),
    "stripe: the payout itself": Case(
        _stripe(*_BOTH, "-19.77,0,payout,po_1,"), _TAKEN, 2, "0.00", "0.73", "19.77",
        others=[("po_1", "payout", "EUR", "-19.77", "")],
    ),
    "stripe: a cost without a payment": Case(
        _stripe(*_BOTH, "0.00,0.25,network_cost,txn_9,"), _TAKEN, 2, "0.00", "0.98", "19.52",
        others=[("txn_9", "network_cost", "EUR", "0.00", "0.25")],
    ),
    "stripe: another currency": Case(
        _stripe(*_BOTH) + "2026-03-03 10:00:00,usd,5.00,0.10,charge,ch_3,C\n", _TAKEN, 2, "0.00", "0.73", "19.77",
        others=[("C", "", "USD", "5.00", "0.10")],
    ),
    "stripe: columns chosen without the time": Case(
        "automatic_payout_effective_at,currency,gross,reporting_category,payment_intent_id\n"
        "2026-03-03,eur,12.50,charge,A\n2026-03-03,eur,8.00,charge,B\n",
        _TAKEN, 2, "0.00", "0.00", "20.50",
    ),
    "stripe: another amount": Case(
        _stripe("12.50,0.43,charge,ch_1,A", "8.80,0.30,charge,ch_2,B"), _TAKEN, 1, "0.80", "0.73", "20.57",
        [("B", "payment", "amount", "8.80", "8.00")],
    ),
    "sumup: equal": Case(
        _TWO,
        _TAKEN, 2, "0.00", "0.73", "19.77",
    ),
    "sumup: a refund and its fee": Case(
        _TWO + "3,REFUND_DEDUCTION,2.50,2026-03-03,EUR,0.10,SUCCESSFUL,P,A\n",
        (*_TAKEN, move("A", "-2.50")), 3, "0.00", "0.83", "17.17",
    ),
    "sumup: a chargeback and its fee": Case(
        _TWO + "3,CHARGE_BACK_DEDUCTION,12.50,2026-03-03,EUR,10.00,SUCCESSFUL,P,A\n",
        _TAKEN, 2, "0.00", "10.73", "-2.73",
        others=[("A", "CHARGE_BACK_DEDUCTION", "EUR", "-12.50", "10.00")],
    ),
    "sumup: a payout that failed": Case(
        _TWO.replace("0.30,SUCCESSFUL", "0.30,FAILED"),
        _TAKEN, 1, "-8.00", "0.43", "12.07",
        [("B", "payment", "not_there", "0.00", "8.00")], [("B", "PAYOUT FAILED", "EUR", "8.00", "0.30")],
    ),
    "sumup: a deduction without a code": Case(
        _TWO + "77,BALANCE_DEDUCTION,3.00,2026-03-03,EUR,0,SUCCESSFUL,,\n",
        _TAKEN, 2, "0.00", "0.73", "16.77", others=[("77", "BALANCE_DEDUCTION", "EUR", "-3.00", "")],
    ),
    "sumup: saved by a spreadsheet": Case(
        _SUMUP.replace(",", ";") + "1;PAYOUT;12,07;2026-03-03;EUR;0,43;SUCCESSFUL;P;A\n"
        "2;PAYOUT;7,70;2026-03-03;EUR;0,30;SUCCESSFUL;P;B\n",
        _TAKEN, 2, "0.00", "0.73", "19.77",
    ),
    "plain: equal, with a mark of its encoding": Case(
        "\ufeff" + _PLAIN + "A,12.50,2026-03-03\nB,8.00,2026-03-03T21:05:00+01:00\n", _TAKEN, 2, "0.00", "0.00", "20.50"
    ),
    "plain: one payment is missing": Case(
        _PLAIN + "A,12.50,2026-03-03\n", (*_TAKEN[:1], move("C", "5.20")), 1, "-5.20", "0.00", "12.50",
        [("C", "payment", "not_there", "0.00", "5.20")],
    ),
    "plain: twice": Case(
        _PLAIN + "A,12.50,2026-03-03\nA,12.50,2026-03-03\nB,8.00,2026-03-03\n", _TAKEN, 2, "12.50", "0.00", "33.00",
        [("A", "payment", "twice", "12.50", "0.00")],
    ),
    "plain: a day later than the tills": Case(
        _PLAIN + "A,12.50,2026-03-04\nB,8.00,2026-03-04\n", _TAKEN, 2, "0.00", "0.00", "20.50"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_compared_to_the_cent(name: str) -> None:
    case = CASES[name]
    there = read_payouts(case.text.encode(), VENUE)
    found = to_json(compare(there, case.moves, VENUE, *days_of_file(there, VENUE)))
    figures = ("matched", "difference", "fees", "bank")
    assert [found[figure] for figure in figures] == [getattr(case, figure) for figure in figures]
    assert whats(found) == case.differences
    others = [tuple(row[key] for key in ("reference", "other", "currency", "amount", "fee")) for row in found["others"]]
    assert others == case.others


def _listed(reference: str, at: datetime, amount: int = 100) -> ListedMoney:
    return ListedMoney(reference=reference, amount=Minor(amount), currency="EUR", at=at)


def test_a_pair_of_a_list_counts_by_the_till_s_time() -> None:
    """The provider's clock is five minutes behind: A is of the new shift, B of the old one, and C only there."""
    soon, behind = timedelta(minutes=2), timedelta(minutes=5)
    there = [_listed("A", NOON + soon - behind), _listed("B", NOON - soon - behind), _listed("C", NOON - soon)]
    ours = [move("A", "1.00", at=NOON + soon), move("B", "1.00", at=NOON - soon)]
    found = to_json(compare(there, ours, VENUE, NOON, NOON + timedelta(hours=1), is_file=False))
    assert (found["matched"], found["there"], found["here"], "bank" in found) == (1, "2.00", "1.00", False)
    assert whats(found) == [("C", "payment", "not_here", "1.00", "0.00")]


class _Compared(int):
    """An amount that counts its comparisons."""

    times = 0

    def __eq__(self, other: object) -> bool:
        _Compared.times += 1
        return int(self) == other

    __hash__ = int.__hash__


def test_many_rows_of_one_reference_are_compared_in_one_pass() -> None:
    there = [_listed("A", NOON, _Compared(amount)) for amount in range(1, 1_000)]
    ours = [move("A", f"{amount / 100:.2f}") for amount in range(999, 0, -1)]
    found = compare(there, ours, VENUE, NOON - timedelta(hours=1), NOON + timedelta(hours=1))
    assert found.figure("matched") == 999
    assert _Compared.times < 10 * 999
