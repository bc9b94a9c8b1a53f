"""Files of payouts against the tills' money: each difference is named, to the cent, and nothing is guessed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sql.ringing import SETTINGS
from till.cli.report_output import to_json
from till.domain.money.measures import Minor
from till.domain.venue import read_venue
from till.ports import ListedMoney
from till.readers.payouts import PayoutsError, compare, days_of_file, read_payouts

if TYPE_CHECKING:
    from till.domain.venue import Venue
    from till.reports.report import ReportResult

VENUE = read_venue({**SETTINGS, "currency": "EUR", "timezone": "Europe/Vienna"})
NOON = datetime(2026, 3, 3, 12, tzinfo=VENUE.zone)
STRIPE = (
    "automatic_payout_id,created_utc,currency,gross,fee,net,reporting_category,source_id,payment_intent_id\n"
    "po_1,2026-03-02 23:30:00,eur,12.50,0.43,12.07,charge,ch_1,pi_1\n"
    "po_1,2026-03-03 10:00:00,eur,-2.50,0.00,-2.50,refund,re_1,pi_1\n"
    "po_1,2026-03-03 11:00:00,eur,-12.50,15.00,-27.50,dispute,dp_1,pi_0\n"
    "po_1,2026-03-03 12:00:00,usd,5.00,0.10,4.90,charge,ch_2,pi_2\n"
)
SUMUP = (
    "id,type,amount,date,currency,fee,status,reference,transaction_code\n"
    '1,PAYOUT,12.07,2026-03-03,EUR,0.43,SUCCESSFUL,"SUMUP PID1 PAYOUT",TAAA1\n'
    "2,REFUND_DEDUCTION,2.50,2026-03-03,EUR,0,SUCCESSFUL,TAAA1,TAAA1\n"
    "3,PAYOUT,9.00,2026-03-03,EUR,0.10,FAILED,,TAAA2\n"
    "4,BALANCE_DEDUCTION,3.00,2026-03-03,EUR,0,SUCCESSFUL,,\n"
)


def move(reference: str, amount: str, tip: str = "0", at: datetime = NOON, currency: str = "EUR") -> dict[str, Any]:
    return {"reference": reference, "amount": amount, "tip": tip, "at": at.isoformat(), "till": 1, "session": "s",
            "currency": currency}  # fmt: skip


def compared(text: str, *moves: dict[str, Any], venue: Venue = VENUE) -> dict[str, Any]:
    there = read_payouts(text.encode(), venue)
    return to_json(compare(there, moves, venue, *days_of_file(there, venue)))


def whats(found: dict[str, Any]) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in ("reference", "kind", "what", "there", "here")) for row in found["differences"]]


def test_stripes_report_is_matched_by_the_intent() -> None:
    found = compared(STRIPE, move("pi_1", "12.50", "1.50"), move("pi_1", "-2.50"))
    assert found["differences"] == []
    figures = {"matched": 2, "there": "10.00", "here": "10.00", "difference": "0.00", "fees": "15.43", "tips": "1.50"}
    assert {name: found[name] for name in figures} == figures
    names = ("reference", "other", "currency", "amount", "fee")
    assert [tuple(row[name] for name in names) for row in found["others"]] == [
        ("pi_0", "dispute", "EUR", "-12.50", "15.00"), ("pi_2", "", "USD", "5.00", "0.10"),
    ]  # fmt: skip


def test_sumups_payout_is_what_was_paid_with_its_fee() -> None:
    found = compared(SUMUP, move("TAAA1", "12.50"), move("TAAA1", "-2.50"))
    assert (found["differences"], found["fees"]) == ([], "0.43")
    assert [(row["reference"], row["other"], row["amount"]) for row in found["others"]] == [
        ("4", "BALANCE_DEDUCTION", "-3.00"), ("TAAA2", "PAYOUT FAILED", "9.10"),
    ]  # fmt: skip


def test_money_of_our_own_counts_from_the_first_moment_until_before_the_last() -> None:
    begins, ends = NOON, NOON + timedelta(hours=1)
    moment = timedelta(microseconds=1)
    at = {"A": begins - moment, "B": begins, "C": ends - moment, "D": ends}
    moves = [move(name, "1.00", at=time) for name, time in at.items()]
    found = to_json(compare([], moves, VENUE, begins, ends, is_file=False))
    assert [row["reference"] for row in found["differences"]] == ["B", "C"]
    assert found["here"] == "2.00"


def test_each_difference_is_named() -> None:
    text = (
        "Reference,Amount,Date\nA,1.00,2026-03-03\nA,1.00,2026-03-03\nB,2.00,2026-03-03\nC,3.00,2026-03-03\n"
        "D,4.00,2026-03-03\nE,-1.00,2026-03-03\nE,-1.00,2026-03-03\n,7.00,2026-03-03\n"
    )
    ours = [move("A", "1.00"), move("B", "2.01"), move("D", "4.00"), move("D", "4.00"), move("E", "-1.00"),
            move("E", "-1.00"), move("F", "6.00"), move("", "7.00")]  # fmt: skip
    found = compared(text, *ours)
    assert whats(found) == [
        ("", "payment", "not_here", "7.00", "0.00"),
        ("", "payment", "not_there", "0.00", "7.00"),
        ("A", "payment", "twice", "1.00", "0.00"),
        ("B", "payment", "amount", "2.00", "2.01"),
        ("C", "payment", "not_here", "3.00", "0.00"),
        ("D", "payment", "twice_here", "0.00", "4.00"),
        ("F", "payment", "not_there", "0.00", "6.00"),
    ]
    assert (found["matched"], found["difference"]) == (4, "-6.01")


def test_money_outside_the_days_of_the_file_is_no_difference() -> None:
    text = "reference;amount;date\nA;1,50;2026-03-03\n"
    early, late = NOON - timedelta(days=5), NOON + timedelta(hours=13)
    found = compared(text, move("A", "1.50", at=early), move("B", "2.00", at=early), move("C", "2.00", at=late))
    assert (found["matched"], found["differences"], found["here"]) == (1, [], "1.50")


def test_a_till_that_writes_odd_amounts_stops_no_report() -> None:
    found = compared("reference,amount,date\nA,12.51,2026-03-03\n", move("A", "12.505"), move("B\n", "1e3"))
    assert [(row["reference"], row["here"]) for row in found["differences"]] == [("B\n", "1000.00")]


def test_a_refund_has_the_sign_of_no_payment() -> None:
    """Two equal refunds of a payment, of which the provider has one; the payment itself is equal."""
    text = "reference,amount,date\nA,9.00,2026-03-03\nA,-3.00,2026-03-03\n"
    found = compared(text, move("A", "9.00"), move("A", "-3.00"), move("A", "-3.00"))
    assert whats(found) == [("A", "refund", "twice_here", "0.00", "-3.00")]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"a,b\n1,2\n", "No file of payouts."),
        (b"", "No file of payouts."),
        (b"\xff\xfe", "This is not UTF-8 text."),
        (b"reference,amount,date\nA,1.005,2026-03-03\n", "Line 2: 1.005 has more decimals"),
        (b"reference,amount,date\nA,,2026-03-03\n", "Line 2: “” is not an amount."),
        (b"reference,amount,date\nA,1e3,2026-03-03\n", "Line 2: “1e3” is not an amount."),
        (b"reference,amount,date\nA,1.00,03/03/2026\n", "Line 2: The date cannot be read. Write it as 2026-03-31 or"),
        (b"reference,amount,date\nA,1.00,0001-01-01\n", "Line 2: The date cannot be read."),
        (b"reference,amount,date\nA,1.00,9999-12-31\n", "Line 2: The date cannot be read."),
        (b'reference,amount,date\nA,1.00,"2026', "The file is no CSV, or is cut short."),
        (b"reference,amount,date\n", "The file has no line beside its heading."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_its_line(data: bytes, sentence: str) -> None:
    with pytest.raises(PayoutsError) as refused:
        days_of_file(read_payouts(data, VENUE), VENUE)
    assert refused.value.sentence.startswith(sentence)


def test_cells_of_a_spreadsheet_are_read_as_they_were() -> None:
    (one,) = read_payouts(b"\xef\xbb\xbfreference,amount,date,note\n'=A1,'-1.50,2026-03-03T08:00:00Z,x\n\n", VENUE)
    assert (one.reference, one.amount, one.currency) == ("=A1", -150, "EUR")


LISTED = st.tuples(st.sampled_from(["A", "B", "C", ""]), st.integers(-5, 5).filter(bool))


@given(st.lists(LISTED, max_size=12), st.lists(LISTED, max_size=12))
def test_the_differences_add_up_to_the_difference(there: list[tuple[str, int]], here: list[tuple[str, int]]) -> None:
    listed = [ListedMoney(reference=name, amount=Minor(n), currency="EUR", at=NOON) for name, n in there]
    moves = [move(name, f"{'-' if n < 0 else ''}0.0{abs(n)}") for name, n in here]
    hour = timedelta(hours=1)
    found: ReportResult = compare(listed, moves, VENUE, NOON - hour, NOON + hour)
    rows = found.rows("differences")
    assert found.figure("difference") == sum(n for _name, n in there) - sum(n for _name, n in here)
    assert found.figure("difference") == sum(row[4] - row[5] for row in rows)
    assert 2 * found.figure("matched") + sum((row[4] != 0) + (row[5] != 0) for row in rows) == len(there) + len(here)


def test_a_payout_of_sumup_with_a_minus_is_no_payment() -> None:
    found = compared(SUMUP.replace("PAYOUT,12.07", "PAYOUT,-12.07"), move("TAAA1", "12.50"), move("TAAA1", "-2.50"))
    assert whats(found) == [
        ("TAAA1", "payment", "not_there", "0.00", "12.50"),
        ("TAAA1", "refund", "not_here", "-11.64", "0.00"),
    ]
