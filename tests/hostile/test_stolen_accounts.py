"""Debts of guests, paid off by the word of a stolen till: one record names them all, and each is reversed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.conftest import template, venue
from tests.sql.test_handed import Backup
from tests.sql.test_paid_at_drawer import move, owe, owed, shift_of, undo

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue
    from till.reports.quarantine import QuarantinedRecord

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2


@pytest.fixture
def guests(venue: Venue) -> list[str]:
    """Thirty guests, who owe 120 each."""
    found = []
    for number in range(30):
        guest = str(venue.value("SELECT till.customer_add_v1(%s, 9, %s, '')", venue.store, f"Guest {number}"))
        venue.value("SELECT till.account_set_v1(%s, 9, %s, 200, false)", venue.store, guest)
        owe(venue, guest, "120")
        found.append(guest)
    return found


def pay_off(till: Till, guests: list[str], amount: str = "120.00") -> None:
    for guest in guests:
        moved = {"kind": "account", "amount": amount, "currency": "INR", "of": guest}
        till.make("cash_moved", shift_of(till), moved)


def records(venue: Venue) -> list[QuarantinedRecord]:
    found: list[QuarantinedRecord] = venue.ask("quarantine_list_v1")["quarantine"]
    return found


def shown(venue: Venue, record: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = venue.ask("quarantine_show_v1", record)["pay_offs"]
    return found


def settle(venue: Venue) -> None:
    for record in records(venue):
        venue.ask("quarantine_resolve_v1", 9, record["id"], "counted")


def pass_time(venue: Venue, minutes: int) -> None:
    """Let time pass since the pay-offs that arrived, and since a manager settled their records."""
    for table, column in (("till.value_movements", "arrived_at"), ("warm.quarantine", "resolved_at")):
        query = f"UPDATE {table} SET {column} = {column} - %s * interval '1 minute'"  # noqa: S608 - names of ours
        venue.owner.execute(query.encode(), [minutes])


def test_debts_that_a_stolen_till_pays_off_are_one_record_and_come_back(venue: Venue, guests: list[str]) -> None:
    thief = venue.till(THIEF)
    pay_off(thief, guests)
    thief.make("cash_moved", shift_of(thief), {"kind": "safe_drop", "amount": "-3600.00", "currency": "INR"})
    assert thief.push()["records"] == 1
    pay_off(thief, guests[:1])  # nothing is owed any more
    thief.push()
    (record, refused) = records(venue)
    assert record["reason"].startswith("The till paid off 30 debts of house accounts since ")
    assert "3600.00 INR together" in record["reason"]
    assert (Decimal(record["amount"] or 0), record["till"], record["bookable"]) == (Decimal(3600), THIEF, False)
    assert "only 0.00 was owed" in refused["reason"]
    listed = shown(venue, record["id"])
    assert [one["guest"] for one in listed] == [f"Guest {number}" for number in range(30)]
    assert {(Decimal(one["amount"]), one["state"], one["till"]) for one in listed} == {(Decimal(120), "booked", THIEF)}
    for one in listed:
        venue.value("SELECT till.account_correct_v1(%s, 9, %s, %s)", venue.store, one["customer"], one["pay_off"])
    assert {owed(venue, guest) for guest in guests} == {Decimal(120)}
    assert {one["state"] for one in shown(venue, record["id"])} == {"reversed"}
    assert venue.ask("quarantine_retry_v1", 9, record["id"])["applied"] is False
    settle(venue)
    assert (records(venue), len(shown(venue, record["id"]))) == ([], 30)


@pytest.mark.parametrize(
    ("bursts", "pause", "most", "limit"),
    [
        ([10], 0, [0], ""),
        ([11], 0, [1], ""),
        ([10, 10], 61, [0, 0], ""),
        ([10, 10, 5], 61, [0, 0, 0], ""),
        ([10, 10, 6], 61, [0, 0, 1], ""),
        ([10, 10, 10], 12 * 61, [0, 0, 0], ""),
        ([1], 0, [0], "120.00"),
        ([1], 0, [1], "119.99"),
        ([2], 0, [1], "120.00"),
        ([1, 1], 61, [0, 0], "120.00"),
    ],
)
def test_pay_offs_of_a_till_are_counted_by_the_hour_the_day_and_the_sum(
    venue: Venue, guests: list[str], bursts: list[int], pause: int, most: list[int], limit: str
) -> None:
    if limit:
        venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, f'{{"cashier_cash": "{limit}"}}')
    till, left = venue.till(HONEST), list(guests)
    for number, found in zip(bursts, most, strict=True):
        pass_time(venue, pause)
        pay_off(till, left[:number])
        till.push()
        del left[:number]
        assert len(records(venue)) == found
    assert [len(shown(venue, record["id"])) for record in records(venue)] == [min(sum(bursts), 26)] * most[-1]


def test_pay_offs_count_anew_once_a_manager_settled_their_record(venue: Venue, guests: list[str]) -> None:
    till = venue.till(THIEF)
    pay_off(till, guests[:11])
    till.push()
    settle(venue)
    pass_time(venue, 1)
    pay_off(till, guests[11:21])
    till.push()
    assert records(venue) == []
    pay_off(till, guests[21:22])
    till.push()
    (record,) = records(venue)
    assert len(shown(venue, record["id"])) == 11
    pass_time(venue, 3000)
    pay_off(till, guests[22:])
    till.push()
    assert [len(shown(venue, one["id"])) for one in records(venue)] == [19], "more of them are in the one that waits"


def test_the_clock_of_a_till_does_not_spread_its_pay_offs(venue: Venue, guests: list[str]) -> None:
    till = venue.till(THIEF)
    for number, guest in enumerate(guests[:11]):
        till.now = datetime.fromisoformat(f"2026-0{1 + number % 9}-03T12:00:00+00:00")
        pay_off(till, [guest])
    till.push()
    assert len(records(venue)) == 1


def test_pay_offs_that_were_undone_are_in_the_record(venue: Venue, guests: list[str]) -> None:
    till = venue.till(THIEF)
    for guest in guests[:11]:
        undo(till, move(till, "account", "120.00", guest))
    (record,) = records(venue)
    assert {one["state"] for one in shown(venue, record["id"])} == {"undone"}


def test_pay_offs_that_a_till_sends_again_after_a_restore_are_no_record(venue: Venue, guests: list[str]) -> None:
    """The next ones are, whatever their time: the till has sent all that it had."""
    till = venue.till(HONEST)
    till.push()
    venue.owner.execute("UPDATE till.tills SET seen_at = seen_at - interval '1 hour'")
    backup = Backup(venue)
    pay_off(till, guests[:10])
    own = list(till.pending)
    till.push()
    pass_time(venue, 61)
    pay_off(till, guests[10:19])
    own += till.pending
    till.push()
    backup.restore()
    venue.owner.execute("SELECT till.note_restored()")
    assert till.send(till.request(events=own[:15]) | {"seq": own[-1].seq})["ok"]
    assert till.send(till.request(events=own[15:]) | {"seq": own[-1].seq})["ok"]
    assert (records(venue), {owed(venue, guest) for guest in guests[:19]}) == ([], {Decimal(0)})
    till.now = datetime.fromisoformat("2026-01-03T12:00:00+00:00")
    pay_off(till, guests[19:29])
    till.push()
    assert records(venue) == []
    pay_off(till, guests[29:])
    till.push()
    assert len(records(venue)) == 1
