"""Tills that take no money: what the server takes of them, from which record on, and by whose word."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from psycopg import DatabaseError
from psycopg.types.json import Jsonb

from tests.domain.events.shapes import GOOD
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Cart, Till, new_id, off
from till.administration.calls import AdministrationError
from till.domain.events.envelope import sha256
from till.domain.streams import REGISTRY
from till.domain.till.money import moves_money
from till.reports.declared import VOIDS

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

__all__ = ["template", "venue"]


def say(venue: Venue, till: int, *, takes: bool = False) -> None:
    venue.ask("till_money_v1", 9, till, takes)


def waits(venue: Venue, till: int) -> Any:
    return next(row["money_waits"] for row in venue.ask("tills_v1") if row["till"] == till)


def hear(till: Till, change: int = 1) -> None:
    """Answer the server's word, as it is sent, and take it as known."""
    till.make("money_heard", None, {"change": change})
    assert till.push()["ok"]


def read_money(till: Till, known: int = 0) -> Any:
    return till.push(reference={"money": known})["reference"].get("money")


def sell(till: Till) -> Cart:
    """Sell a dosa for cash, as an attacker would, with a shift of its own."""
    cart, payment = Cart(), new_id()
    till.open(cart)
    till.add(cart, DOSA)
    total = str(cart.total)
    paid = {"payment_id": payment, "tender": "CASH", "amount": total}
    till.make("payment_started", cart.session, {**paid, "key": payment})
    taken = {**paid, "tendered": total, "change": "0.00", "drawer": till.number}
    till.make("payment_approved", cart.session, taken)
    till.place(cart, payments=[{**paid, "change": "0.00"}])
    return cart


def barred(venue: Venue) -> list[str]:
    return [row[0] for row in venue.rows("SELECT event_type FROM warm.quarantine WHERE sqlstate = 'TL033' ORDER BY id")]


def _set_sender(venue: Venue, number: int) -> None:
    venue.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [venue.store, Jsonb({"fiscal_sender": number})])


def test_an_open_till_that_is_away_with_a_sale_is_no_sender(venue: Venue) -> None:
    away = venue.till(2)
    away.push()
    sell(away)
    with pytest.raises(DatabaseError, match="till 2 may still sell"):
        _set_sender(venue, 2)
    say(venue, 2)
    with pytest.raises(DatabaseError, match="till 2 may still sell"):
        _set_sender(venue, 2)
    assert away.push()["ok"]
    assert venue.value("SELECT count(*) FROM cold.orders") == 1, "what it sold before counts"
    unsold = venue.till(1)
    unsold.push()
    say(venue, 1)
    hear(unsold)
    _set_sender(venue, 1)
    with pytest.raises(AdministrationError, match="Till 1 sends the invoice records"):
        say(venue, 1, takes=True)


def test_the_enrolment_of_a_sender_and_an_upgrade_take_its_money_away(venue: Venue) -> None:
    _set_sender(venue, 95)
    venue.owner.execute("SELECT till.till_enrol_v2(%s, 9, 95, NULL, %s, NULL)", [venue.store, sha256("secret 95")])
    thief = venue.till(95)
    sell(thief)
    assert thief.push()["ok"]
    assert venue.rows("SELECT FROM cold.orders") == []
    venue.owner.execute("UPDATE till.tills SET money_changes = 0 WHERE id = 95")
    venue.owner.execute(
        "INSERT INTO till.fiscal_senders (store_id, till_id, heard_at) VALUES (%s, 95, now())", [venue.store]
    )
    venue.owner.execute("SELECT cold.compare_sending(%s)", [venue.store])
    assert venue.value("SELECT money_changes FROM till.tills WHERE id = 95") == 1


def test_money_before_the_answer_counts_and_none_after(venue: Venue) -> None:
    till = venue.till(2)
    till.push()
    say(venue, 2)
    assert read_money(till)["body"] == {"change": 1}
    before, counted = sell(till), venue.value("SELECT count(*) FROM cold.orders")
    till.make("money_heard", None, {"change": 1})
    after = sell(till)
    assert till.push()["ok"], "its journal goes on"
    assert venue.value("SELECT count(*) FROM cold.orders") == counted + 1
    assert barred(venue) == ["payment_started", "payment_approved", "order_placed"]
    assert venue.value("SELECT status FROM till.order_sessions WHERE id = %s", before.session) == "completed"
    assert venue.value("SELECT status FROM till.order_sessions WHERE id = %s", after.session) == "active"
    assert venue.value("SELECT sum(amount) FROM cold.order_payment") == Decimal("80.00")
    assert read_money(till, 1) is None, "it knows"


def test_a_first_journal_takes_no_money_though_its_till_never_heard_so(venue: Venue) -> None:
    thief = venue.till(2)
    say(venue, 2)
    sell(thief)
    assert thief.push()["ok"]
    assert barred(venue) == ["payment_started", "payment_approved", "order_placed"]
    assert venue.rows("SELECT FROM cold.orders") == []
    hear(thief)
    say(venue, 2, takes=True)
    hear(thief, 2)
    sell(thief)
    assert thief.push()["ok"]
    assert venue.value("SELECT count(*) FROM cold.orders") == 1


@pytest.mark.parametrize("has_heard", [False, True])
def test_a_later_journal_begins_with_what_the_one_before_heard(venue: Venue, *, has_heard: bool) -> None:
    """A new disk sends the paid sales of the old one again, of which none is after the answer."""
    old, new = venue.till(2), venue.till(2)
    old.push()
    say(venue, 2)
    if has_heard:
        hear(old, 10**9 - 1)  # which a thief may write: it counts as what was said
    new.push()
    venue.ask("till_adopt_v1", 9, 2)
    sell(new)
    assert new.push()["ok"]
    assert venue.value("SELECT count(*) FROM cold.orders") == (0 if has_heard else 1)
    assert venue.value("SELECT money_heard FROM warm.journal_head WHERE journal_id = %s", new.journal) == has_heard


def test_every_record_of_money_is_barred_and_no_other(venue: Venue) -> None:
    """Each type as the table of shapes has it: the rule of the till and that of the server are one."""
    till, money = venue.till(2), set()
    say(venue, 2)
    hear(till)
    for name, (stream, least, _most) in GOOD.items():
        kind = REGISTRY.find(name)
        if kind is None or kind.by_server or name in {"money_heard", "ticket_done", "ticket_recalled"}:
            continue
        if moves_money(msgspec.convert(least, kind)):
            money.add(name)
        till.make_badly(name, None, least, stream_kind=stream, stream_id=new_id(), hold_id=None)
    assert till.push()["ok"]
    assert len(money) > 23
    assert set(barred(venue)) == money
    assert venue.rows("SELECT FROM till.shifts") == []
    assert venue.rows("SELECT FROM cold.orders") == []


def test_a_thief_cannot_say_that_money_is_taken_again(venue: Venue) -> None:
    till = venue.till(2)
    say(venue, 2)
    hear(till)
    for change in (0, 2, 10**9):
        hear(till, change)
    sell(till)
    assert till.push()["ok"]
    assert barred(venue) == ["money_heard"] * 3 + ["payment_started", "payment_approved", "order_placed"]
    assert venue.rows("SELECT FROM cold.orders") == []
    for record in venue.rows("SELECT id FROM warm.quarantine"):
        answer = venue.ask("quarantine_retry_v1", 9, record[0])
        assert answer is None or not answer.get("applied"), answer
    assert venue.rows("SELECT FROM cold.orders") == []


def test_a_word_that_was_given_counts_when_it_arrives_late(venue: Venue) -> None:
    """A till hears that it takes money again, and sells offline; meanwhile a manager stops it once more."""
    till = venue.till(2)
    say(venue, 2)
    hear(till)
    say(venue, 2, takes=True)
    assert read_money(till, 1)["body"] == {"change": 2}
    till.make("money_heard", None, {"change": 2})
    sell(till)
    say(venue, 2)
    assert till.push()["ok"]
    assert barred(venue) == []
    assert venue.value("SELECT count(*) FROM cold.orders") == 1
    hear(till, 3)
    sell(till)
    till.push()
    assert venue.value("SELECT count(*) FROM cold.orders") == 1


def test_a_table_keyed_there_is_paid_at_another_till(venue: Venue) -> None:
    waiter, counter = venue.till(2), venue.till(1)
    say(venue, 2)
    hear(waiter)
    cart, cleared = Cart(), Cart()
    waiter.open(cart)
    line, rest = waiter.add(cart, IDLY, 2), waiter.add(cart, DOSA)
    waiter.make("line_voided", cart.session, {"line_id": line, "removed": off(IDLY, 2)})
    cart.lines = {rest: cart.lines[rest]}
    waiter.save(cart, new_id(), "Table 5")
    waiter.open(cleared)
    waiter.add(cleared, DOSA)
    waiter.clear(cleared, "left")
    bill = {"session_id": cart.session, "amount": "80.00", "currency": "INR", "is_bill": True}
    waiter.make("receipt_issued", None, bill)
    assert waiter.push(waiter.shown(cart), waiter.shown(cleared))["ok"]
    assert counter.take(cart)["granted"]
    counter.place(cart, payments=[{"payment_id": new_id(), "tender": "CASH", "amount": "80.00", "change": "0.00"}])
    assert counter.push()["ok"]
    assert venue.value("SELECT status FROM till.order_sessions WHERE id = %s", cart.session) == "completed"
    assert barred(venue) == []
    kinds = {(row[2], row[4]) for row in venue.report(VOIDS).rows("people")}
    assert kinds == {("void", 1), ("clear", 1)}, "they stand in the day"
    assert venue.value("SELECT count(*) FROM warm.session_events WHERE till_id = 2 AND shift IS NOT NULL") == 0


def test_a_manager_is_refused_while_a_shift_is_open_or_the_drawer_holds_money(venue: Venue) -> None:
    till, shift = venue.till(2), new_id()
    till.now = datetime.now(UTC)
    day = till.now.date().isoformat()
    till.make("shift_opened", shift, {"business_date": day, "currency": "INR", "kept": ["CASH"]})
    till.push()
    with pytest.raises(AdministrationError, match="Till 2 has a shift open"):
        say(venue, 2)
    sums = {"drawer": [{"tender": "CASH", "opening": "0.00", "closing": "80.00"}]}
    till.make("shift_closed", shift, {"number": "2-Z000001", "currency": "INR", "sums": sums})
    till.push()
    with pytest.raises(AdministrationError, match=r"The drawer of till 2 holds 80\.00 CASH"):
        say(venue, 2)
    counts = [{"tender": "CASH", "expected": "80.00", "counted": "80.00", "taken": "80.00"}]
    till.make("drawer_counted", shift, {"currency": "INR", "counts": counts})
    till.push()
    say(venue, 2)
    with pytest.raises(AdministrationError, match="There is no till 7"):
        say(venue, 7)


def test_a_till_that_does_not_answer_is_named_with_its_program(venue: Venue) -> None:
    till = venue.till(2)
    till.make("till_started", None, {"build": "0.1.0"})
    till.push()
    say(venue, 2)
    assert waits(venue, 2) == {"why": "unseen", "build": "0.1.0"}
    venue.owner.execute("UPDATE till.tills SET money_changed_at = now() - interval '1 minute', seen_at = now()")
    assert waits(venue, 2) == {"why": "program", "build": "0.1.0"}
    sell(till)
    till.push()
    assert venue.value("SELECT count(*) FROM cold.orders") == 1, "a guest has paid"
    shift = new_id()
    till.make("shift_opened", shift, {"business_date": till.now.date().isoformat(), "currency": "INR"})
    till.push()
    assert waits(venue, 2)["why"] == "shift"
    till.make("shift_closed", shift, {"number": "2-Z000001", "currency": "INR", "sums": {}})
    hear(till)
    assert waits(venue, 2) is None
    say(venue, 2, takes=True)
    assert waits(venue, 2)["why"] == "unseen"
