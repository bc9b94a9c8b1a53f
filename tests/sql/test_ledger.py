"""The accountant's journal: batches of Zs and of what is in none, and ids whose rows never change."""

from __future__ import annotations

import os
from collections import Counter as Sums
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from tests.sql.test_charged import chat, confirm, gateway, intend
from tests.sql.test_left_shifts import Counter, day, enrol, opened, revoke, upkeep

if TYPE_CHECKING:
    from datetime import date

    from tests.plugins.front_ends import FrontEnd
    from tests.sql.ringing import Venue

__all__ = ["chat", "day", "gateway"]

_ROWS = "SELECT row_id, kind, debit - credit, business_date FROM cold.ledger WHERE store_id = %s"
_MISSING = "SELECT till.ledger_missing_v1(%s, '2000-01-01', '2100-01-01')"


def keep(venue: Venue) -> None:
    while upkeep(venue):
        pass


def exported(venue: Venue) -> dict[str, tuple[str, Decimal, Any]]:
    """Return the rows of the journal by their ids, and check that each batch sums to zero."""
    rows = {row: (kind, amount, day) for row, kind, amount, day in venue.rows(_ROWS, venue.store)}
    batches: Sums[str] = Sums()
    for row, (_kind, amount, _day) in rows.items():
        batches[row.rpartition("/")[0]] += amount
    assert not any(batches.values()), batches
    return rows


def by_kind(venue: Venue, like: str = "%") -> dict[str, Decimal]:
    found = venue.rows(
        """SELECT kind, sum(debit - credit) FROM cold.ledger WHERE store_id = %s AND batch LIKE %s
        GROUP BY 1 HAVING sum(debit - credit) <> 0""",
        *(venue.store, like),
    )
    return dict(found)


def by_batch(venue: Venue) -> list[str]:
    query = "SELECT batch FROM cold.ledger_batches WHERE store_id = %s ORDER BY batch"
    return [batch for (batch,) in venue.rows(query, venue.store)]


def test_a_z_is_booked_once_by_category_tax_tender_and_movement(venue: Venue, day: date) -> None:
    counter = opened(venue, day)
    counter.make("cash_moved", counter.shift, {"kind": "paid_out", "amount": "-20.00", "currency": "INR"})
    counter.close()
    counter.push()
    keep(venue)
    assert by_batch(venue) == ["1-Z000001"]
    assert by_kind(venue) == {
        "sales.none.5": Decimal("-114.29"), "tax.gst.5": Decimal("-5.71"), "tender.cash": Decimal("100.00"),
        "movement.paid_out": Decimal("20.00"),
    }  # fmt: skip
    before = exported(venue)
    keep(venue)
    assert exported(venue) == before
    assert venue.value(_MISSING, venue.store) == []


def test_a_count_beside_a_z_is_a_batch_of_its_event(venue: Venue, day: date) -> None:
    counter = opened(venue, day)
    counter.close()
    count = {"tender": "CASH", "expected": "120.00", "counted": "119.00", "taken": "100.00"}
    counter.make("drawer_counted", counter.shift, {"currency": "INR", "counts": [count], "to": "safe"})
    event = counter.till.pending[-1].id
    counter.push()
    keep(venue)
    assert by_batch(venue) == [event, "1-Z000001"]
    assert by_kind(venue, event) == {
        "tender.cash": Decimal(-101), "movement.taken": Decimal(100), "over_short.cash": Decimal(1)
    }  # fmt: skip


def test_a_tills_own_close_takes_back_the_servers_and_what_arrived_since(venue: Venue, day: date) -> None:
    counter = opened(venue, day)
    revoke(venue, day)
    keep(venue)
    (server,) = by_batch(venue)
    assert server.startswith("0-Z000001-")
    enrol(venue)
    counter.sell()
    late = [one.id for one in counter.till.pending[-2:]]
    counter.push()
    keep(venue)
    before = exported(venue)
    assert set(late) < set(by_batch(venue))
    assert by_kind(venue)["tender.cash"] == Decimal(160)
    counter.close()
    counter.push()
    keep(venue)
    assert set(by_batch(venue)) == {server, f"{server}-R", "1-Z000001", *late, *(f"{one}-R" for one in late)}
    assert before.items() <= exported(venue).items()
    assert by_kind(venue) == by_kind(venue, "1-Z000001")


def test_a_batch_that_was_taken_back_is_not_taken_back_again(venue: Venue, day: date) -> None:
    counter = opened(venue, day)
    revoke(venue, day)
    keep(venue)
    enrol(venue)
    counter.sell()
    counter.close()
    counter.push()
    keep(venue)
    taken_back = [batch for batch in by_batch(venue) if batch.endswith("-R")]
    venue.owner.execute("UPDATE till.shifts SET closed = NULL")  # the close is gone with another opening of the shift
    keep(venue)
    assert by_kind(venue)["tender.cash"] == Decimal(160)
    assert [batch for batch in by_batch(venue) if batch.endswith("-R")] == sorted([*taken_back, "1-Z000001-R"])


def test_change_of_a_tender_comes_out_of_the_drawer_once_and_only_here(venue: Venue, day: date) -> None:
    counter = Counter(venue.till(1), day)
    cart = Cart()
    counter.till.open(cart)
    counter.till.add(cart, DOSA)
    here = {"tender": "MEAL", "amount": "40.00", "tendered": "50.00", "change": "10.00", "drawer": 1}
    elsewhere = {key: value for key, value in here.items() if key != "drawer"}
    twice = {"payment_id": new_id(), **here}
    for paid in (
        {"payment_id": new_id(), **here},
        {"payment_id": new_id(), **elsewhere},
        twice | {"approved_by": 9},
        twice,
    ):
        counter.make("payment_approved", cart.session, paid)
    counter.close()
    counter.push()
    keep(venue)
    query = "SELECT array_to_string(kind, '.'), amount FROM cold.ledger_rows WHERE what = 'change'"
    assert dict(venue.rows(query)) == {"tender.meal": Decimal("20.00"), "tender.cash": Decimal("-20.00")}


def test_a_z_with_a_gap_waits_for_a_manager_and_is_booked_from_what_reads(venue: Venue, day: date) -> None:
    counter = Counter(venue.till(1), day)
    counter.sell()
    counter.sell(DOSA)
    counter.close()
    request = counter.till.request()
    place = next(n for n, one in enumerate(counter.till.pending) if one.seq == 6)
    gone = counter.till.pending[place]
    request["events"][place] = {"seq": gone.seq, "h": gone.hash, "gone": True}
    assert counter.till.send(request)["ok"]
    keep(venue)
    (missing,) = venue.value(_MISSING, venue.store)
    assert (missing["number"], missing["till"], by_batch(venue)) == ("1-Z000001", 1, [])
    assert venue.ask("quarantine_book_v1", 9, missing["record"])["resolved_at"]
    (batch,) = by_batch(venue)
    assert batch.startswith("1-Z000001-")
    assert by_kind(venue)["tender.cash"] == Decimal(120)
    keep(venue)
    assert (by_batch(venue), venue.value(_MISSING, venue.store)) == ([batch], [])


def test_acts_of_the_desk_with_money_are_booked(venue: Venue) -> None:
    customer = venue.value("SELECT till.customer_add_v1(%s, 9, 'Rao', '123')", venue.store)
    venue.owner.execute("SELECT till.account_set_v1(%s, 9, %s, 500, false)", [venue.store, customer])
    owes = """
        INSERT INTO till.value_movements (
            movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at)
        VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, 100, 'spent', 1, now())"""
    venue.owner.execute(owes, [venue.store, customer])
    issue = "SELECT till.voucher_issue_v2(%s, 9, %s, 'ABCD', %s, NULL, %s)"
    paid = venue.value(issue, venue.store, "a" * 64, 50, False)
    venue.value(issue, venue.store, "b" * 64, 70, True)
    by_card = "SELECT till.voucher_issue_v3(%s, 9, %s, 'EFGH', 20, NULL, false, %s)"
    venue.value(by_card, venue.store, "c" * 64, "CARD")
    with pytest.raises(Exception, match="Name the tender"):
        venue.owner.execute(by_card, [venue.store, "d" * 64, "VOUCHER"])
    venue.owner.execute("SELECT till.account_pay_off_v1(%s, 9, %s, 30, 'CARD')", [venue.store, customer])
    keep(venue)
    assert by_kind(venue) == {
        "tender.voucher": Decimal(-70), "vouchers.issued": Decimal(50), "tender.card": Decimal(50),
        "tender.account": Decimal(-30),
    }  # fmt: skip
    (pay_off,) = venue.ask("pay_offs_v1")
    venue.ask("account_correct_v1", 9, customer, pay_off["pay_off"])
    venue.ask("voucher_void_v1", 9, paid)
    keep(venue)
    assert by_kind(venue) == {
        "vouchers.issued": Decimal(50), "vouchers.voided": Decimal(-50), "tender.card": Decimal(20),
        "tender.voucher": Decimal(-20),
    }  # fmt: skip


def test_sales_paid_online_are_one_batch_a_day_once_it_is_over(venue: Venue, chat: FrontEnd, gateway: FrontEnd) -> None:
    for place, (item, amount) in enumerate(((IDLY, 40_00), (DOSA, 80_00))):
        chat.put(f"s{place}", item)
        intend(chat, f"s{place}", f"order_{place}")
        confirm(gateway, amount, f"order_{place}", f"pay_{place}")
    keep(venue)
    assert by_batch(venue) == []
    venue.owner.execute("UPDATE cold.ledger_due SET business_date = '2026-03-02'")
    keep(venue)
    (batch,) = by_batch(venue)
    assert batch.startswith("0-D20260302-")
    assert by_kind(venue) == {
        "tender.upi": Decimal(120), "tax.gst.5": Decimal("-5.71"), "sales.none.5": Decimal("-114.29")
    }  # fmt: skip
    assert venue.rows("SELECT FROM cold.ledger_due") == []


def test_the_books_refuse_every_change(venue: Venue, day: date) -> None:
    counter = opened(venue, day)
    counter.close()
    counter.push()
    keep(venue)
    for act in ("UPDATE cold.ledger_rows SET amount = 0", "DELETE FROM cold.ledger_batches"):
        with pytest.raises(Exception, match="What was booked never changes"):
            venue.owner.execute(act)


@pytest.mark.parametrize("seed", range(12))
def test_no_row_behind_an_id_changes_in_a_history_with_restores(venue: Venue, day: date, seed: int) -> None:
    """A till sells, is revoked and enrolled again, and a restore brings back an earlier database, in any order."""
    play(venue, day, seed)


def play(venue: Venue, day: date, seed: int) -> None:
    rng, owner = Random(seed), venue.owner  # noqa: S311
    counter = Counter(venue.till(1), day)
    till = counter.till
    till.connection = owner
    for _sale in range(rng.randrange(2, 5)):
        counter.sell(rng.choice((IDLY, DOSA)))
        if rng.random() < 0.5:
            moved = {"kind": rng.choice(("paid_in", "wages")), "amount": "5.00", "currency": "INR"}
            counter.make("cash_moved", counter.shift, moved)
            if rng.random() < 0.5:
                counter.make("movement_undone", counter.shift, {"event": till.pending[-1].id})
    counter.close()
    count = {"tender": "CASH", "expected": "100.00", "counted": "99.00"}
    counter.make("drawer_counted", counter.shift, {"currency": "INR", "counts": [count]})
    events, sent = till.pending, 0
    seen: dict[str, tuple[str, Decimal, Any]] = {}
    owner.execute("BEGIN")
    owner.execute("SAVEPOINT backup")
    for step in range(rng.randrange(10, 25)):
        match rng.choice(("send", "send", "send", "leave", "keep", "keep", "back_up", "restore")):
            case "send":
                sent = min(len(events), sent + rng.randrange(1, 5))
                send(venue, counter, events[:sent])
            case "leave":
                revoke(venue, day)
                upkeep(venue)
                enrol(venue)
            case "keep":
                keep(venue)
            case "back_up":
                owner.execute("SAVEPOINT backup")
            case "restore":
                owner.execute("ROLLBACK TO backup")
        rows = exported(venue)
        changed = {row: (seen[row], one) for row, one in rows.items() if row in seen and seen[row] != one}
        assert not changed, (step, changed)
        seen |= rows
    send(venue, counter, events)
    keep(venue)
    rows = exported(venue)
    assert not {row: (seen[row], one) for row, one in rows.items() if row in seen and seen[row] != one}
    own = by_kind(venue, "1-Z000001")
    own["tender.cash"] -= 1
    assert by_kind(venue) == {**own, "over_short.cash": Decimal(1)}
    owner.execute("ROLLBACK")


def send(venue: Venue, counter: Counter, events: list[Any]) -> None:
    """Send what the server lacks of a journal: after a restore it knows less."""
    head = venue.rows("SELECT seq FROM warm.journal_head WHERE journal_id = %s", counter.till.journal)
    counter.till.pending = [one for one in events if one.seq > (head[0][0] if head else 0)]
    counter.push()


def test_a_batch_of_finer_amounts_than_the_currency_has_still_balances(venue: Venue, day: date) -> None:
    """Tenders of 0.004 each round to nothing, and what explains them does not: the rest is the difference."""
    counter = opened(venue, day)
    sums = msgspec.to_builtins(counter.books.sums())
    none = {"number": 1, "tips": "0.00", "taken_ahead": "0.00", "used": "0.00"}
    odd = [{**none, "tender": f"MEAL{n}", "amount": "0.004"} for n in range(4)]
    sums["tenders"] = [*sums["tenders"], *odd]
    counter.make("shift_closed", counter.shift, {"number": "1-Z000001", "currency": "INR", "sums": sums})
    counter.till.shift = None
    counter.push()
    keep(venue)
    exported(venue)
    assert by_batch(venue) == ["1-Z000001"]
    assert by_kind(venue)["tender.cash"] == Decimal(120)
    assert sum(by_kind(venue).values()) == 0


def test_the_rows_of_a_batch_are_zero_together_once_they_are_rounded(venue: Venue) -> None:
    rows = [(["sales", name], "", Decimal(-10) / 3) for name in "abc"] + [(["tender", "cash"], "", Decimal(10))]
    rows += [(["difference"], "", Decimal("0.5")), (["over_short", "cash"], "", Decimal("-0.5"))]
    batch = {"store_id": venue.store, "batch": "odd", "business_date": "2026-01-02", "currency": "INR", "till_id": 1}
    venue.owner.execute(
        "SELECT cold.write_batch(jsonb_populate_record(NULL::cold.ledger_batches, %s),"
        " array(SELECT jsonb_populate_record(NULL::shape.ledger_row, x) FROM jsonb_array_elements(%s) AS x))",
        [Jsonb(batch), Jsonb([{"kind": kind, "what": what, "amount": str(amount)} for kind, what, amount in rows])],
    )
    booked = dict(venue.rows("SELECT array_to_string(kind, '.'), amount FROM cold.ledger_rows WHERE batch = 'odd'"))
    assert sum(booked.values()) == 0
    assert booked["difference"] == Decimal("0.49"), "a paisa less than its own, which the thirds of ten lack"


def test_a_category_and_a_tax_are_one_line_in_a_batch(venue: Venue, day: date) -> None:
    counter = Counter(venue.till(1), day)
    cart, payment = Cart(), new_id()
    counter.till.open(cart)
    counter.till.add(cart, IDLY)
    paid = {"payment_id": payment, "tender": "CASH", "amount": "40.00", "change": "0.00"}
    counter.make("payment_approved", cart.session, {**paid, "drawer": 1, "tendered": "40.00"})
    frozen = cart.frozen(payments=[paid], business_date=str(day))
    for one in frozen["lines"]:
        one["category"] = "Hot\n2026-01-01 open Assets:Gift\x1b[31m"
        one["taxes"][0]["name"] = "G\r\nST\x07"
    frozen["taxes"][0]["name"] = "G\r\nST\x07"
    counter.make("order_placed", cart.session, frozen)
    counter.close()
    counter.push()
    keep(venue)
    assert set(by_kind(venue)) == {"sales.hot 2026-01-01 open assets:gift [31m.5", "tax.g st.5", "tender.cash"}


def test_booking_many_corrections_is_linear_and_a_count_behind_them_is_booked_at_once(venue: Venue, day: date) -> None:
    few, many = 300, 1200
    for number in (11, 12):
        enrol(venue, number)
    took = [seconds_to_book(venue, day, number, count) for number, count in ((1, few), (2, many))]
    assert took[1] < 2.5 * took[0] * many / few, took


def processor_seconds(venue: Venue) -> float:
    """Return the time on a processor of the owner's process, which a busy machine does not lengthen."""
    times = Path(f"/proc/{venue.value('SELECT pg_backend_pid()')}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


def seconds_to_book(venue: Venue, day: date, number: int, count: int) -> float:
    """Book many corrections of one closed shift, and a count of another till that came behind them, by one upkeep."""
    counter, honest = opened(venue, day, number), opened(venue, day, number + 10)
    for each in (counter, honest):
        each.close()
        each.push()
    keep(venue)
    was, tender = "CASH", "CARD"
    paid = "SELECT event_data->>'payment_id' FROM session_events WHERE event_type = 'payment_approved' AND till_id = %s"
    payment = venue.value(paid, number)
    for _each in range(count):
        moved = {"payment_id": payment, "was": was, "tender": tender, "amount": "40.00", "currency": "INR"}
        data = {**moved, "correction": new_id()}
        counter.till.shift = counter.shift
        counter.make("drawer_corrected", counter.shift, data)
        was, tender = tender, was
        if len(counter.till.pending) == 200:  # the most that a till sends at once
            counter.push()
    counter.push()
    counted = {"tender": "CASH", "expected": "120.00", "counted": "119.00"}
    honest.make("drawer_counted", honest.shift, {"currency": "INR", "counts": [counted]})
    event = honest.till.pending[-1].id
    honest.push()
    assert venue.value("SELECT count(*) FROM cold.ledger_due") == count + 1
    start = processor_seconds(venue)
    upkeep(venue)
    took = processor_seconds(venue) - start
    assert event in by_batch(venue)
    keep(venue)
    exported(venue)
    return took
