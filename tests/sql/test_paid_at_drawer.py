"""House accounts and vouchers paid in cash at a drawer: booked from the movement, once, and never spendable unpaid."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import new_id
from tests.sql.test_handed import Backup
from tests.sql.test_vouchers import ask, begin, left, quarantined, start, state
from till.domain.events.envelope import sha256

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue
    from till.domain.events.envelope import Event

PAID_OFF = "SELECT state, amount, how, till_id FROM till.value_movements WHERE how IS NOT NULL"
DRAWERS = "SELECT drawer, moved_by, amount FROM cold.cash_by_drawer"
OWED = "SELECT till.value_moved(%s)"
NOT_OF_SHIFT = "The till undid a movement that is not of its open shift. The record is kept, and changes nothing."


def shift_of(till: Till) -> str:
    """Return the id of the shift of a till, which opens it first."""
    if till.shift is None:
        till.shift = till.login
        till.make("shift_opened", till.shift, {"business_date": "2026-03-03", "currency": "INR"})
    return till.shift


def move(till: Till, kind: str, amount: str, of: str | None, currency: str = "INR") -> Event:
    """Push a movement of the till's drawer."""
    moved = till.make("cash_moved", shift_of(till), {"kind": kind, "amount": amount, "currency": currency, "of": of})
    assert till.push()["ok"]
    return moved


def undo(till: Till, moved: Event) -> None:
    till.make("movement_undone", shift_of(till), {"event": moved.id})
    assert till.push()["ok"]


def owe(venue: Venue, guest: str, amount: str) -> None:
    venue.value(
        "INSERT INTO till.value_movements (movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at)"
        " VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, %s, 'spent', 1, now()) RETURNING 1",
        venue.store,
        guest,
        amount,
    )


def owed(venue: Venue, guest: str) -> Decimal:
    return Decimal(venue.value(OWED, guest))


@pytest.fixture
def guest(venue: Venue) -> str:
    """A customer with a house account, who owes 120."""
    known = str(venue.value("SELECT till.customer_add_v1(%s, 9, 'Mrs Rao', '')", venue.store))
    venue.value("SELECT till.account_set_v1(%s, 9, %s, 200, false)", venue.store, known)
    owe(venue, known, "120")
    return known


@pytest.fixture
def unpaid(venue: Venue) -> str:
    issue = "SELECT till.voucher_issue_v2(%s, 9, %s, 'WXYZ', 50, NULL, true)"
    return str(venue.value(issue, venue.store, sha256("a code")))


@pytest.mark.parametrize(
    ("owes", "moved", "rest", "reason"),
    [
        ("0", "100.00", "20.00", None),
        ("0", "120.00", "0.00", None),
        ("0", "150.00", "0.00", "Of 150.00 only 120.00 was owed"),
        ("0", "-10.00", "120.00", "Of 10.00 only 0.00 was owed"),
        ("-150", "-30.00", "0.00", None),
        ("-150", "-40.00", "0.00", "Of 40.00 only 30.00 was owed"),
        ("-120", "5.00", "0.00", "Of 5.00 only 0.00 was owed"),
        ("0", "1.005", "120.00", "another currency"),
    ],
)
def test_a_pay_off_books_as_much_as_is_owed(
    venue: Venue, guest: str, owes: str, moved: str, rest: str, reason: str | None
) -> None:
    if owes != "0":
        owe(venue, guest, owes)
    move(venue.till(), "account", moved, guest)
    assert owed(venue, guest) == Decimal(rest)
    assert [reason is not None and reason in one for one in quarantined(venue)] == ([] if reason is None else [True])


def test_a_pay_off_is_booked_once_for_its_till_and_back_if_it_is_undone(venue: Venue, guest: str) -> None:
    till = venue.till()
    moved = move(till, "account", "100.00", guest)
    assert venue.rows(PAID_OFF) == [("paid_off", Decimal("-100.00"), "CASH", 1)]
    assert venue.rows("SELECT amount FROM cold.account_cash_by_day") == []
    assert venue.rows(DRAWERS) == [(1, "account", Decimal(100))]
    undo(till, moved)
    undo(till, moved)
    assert venue.rows(DRAWERS) == []
    assert (owed(venue, guest), quarantined(venue)) == (Decimal(120), [])


@pytest.mark.parametrize("kind", ["account", "voucher"])
@pytest.mark.parametrize("case", ["another till", "another shift", "closed", "server closed"])
def test_a_movement_is_undone_only_in_its_own_open_shift(
    venue: Venue, guest: str, unpaid: str, kind: str, case: str
) -> None:
    till, shift = venue.till(), new_id()
    till.make("shift_opened", shift, {"business_date": "2026-03-03", "currency": "INR", "kept": ["CASH"]})
    of, amount = (guest, "100.00") if kind == "account" else (unpaid, "50.00")
    moved = till.make("cash_moved", shift, {"kind": kind, "amount": amount, "currency": "INR", "of": of})
    if case == "closed":
        till.make("shift_closed", shift, {"number": "1-Z000001", "currency": "INR", "sums": {}})
    elif case == "server closed":  # later records of its till count, as its own close does
        till.push()
        venue.owner.execute("UPDATE till.shifts SET closed_by_server = opened")
    writer = venue.till(2) if case == "another till" else till
    if case.startswith("another"):
        shift = new_id()
        writer.make("shift_opened", shift, {"business_date": "2026-03-03", "currency": "INR", "kept": ["CASH"]})
    for _again in range(2):
        writer.make("movement_undone", shift, {"event": moved.id})
    till.push()
    writer.push()
    counts = case == "server closed"
    for (place,) in venue.rows("SELECT id FROM warm.quarantine"):
        assert not venue.ask("quarantine_retry_v1", 9, place)["applied"]
    assert quarantined(venue)[-1:] == ([] if counts else [NOT_OF_SHIFT])
    assert (owed(venue, guest) == 20) is (kind == "account" and not counts)
    assert (left(venue, unpaid) == "50") is (kind == "voucher" and not counts)


def test_a_pay_off_that_is_booked_again_changes_nothing(venue: Venue, guest: str) -> None:
    moved = move(venue.till(), "account", "100.00", guest)
    again = """SELECT warm.book_account_cash(
        jsonb_populate_record(NULL::warm.auth_context, jsonb_build_object('store_id', %s::text, 'till_id', 1)),
        jsonb_populate_record(NULL::warm.incoming_event, jsonb_build_object('event_id', %s::text, 'data', %s)))"""
    data = Jsonb({"of": guest, "amount": "100.00", "currency": "INR"})
    assert venue.value(again, venue.store, moved.id, data) is None
    assert owed(venue, guest) == 20


def test_cash_that_the_administration_records_is_in_no_drawer(venue: Venue, guest: str) -> None:
    venue.value("SELECT till.account_pay_off_v1(%s, 9, %s, 100, 'CASH')", venue.store, guest)
    move(venue.till(), "account", "20.00", guest)
    assert venue.rows("SELECT amount FROM cold.account_cash_by_day") == [(Decimal(100),)]


def test_an_unpaid_voucher_counts_from_the_movement_of_a_till(venue: Venue, unpaid: str) -> None:
    till = venue.till()
    asked = ask(till)
    assert (asked["why"], asked["ask"], asked["voucher"], asked["price"]) == ("unpaid", None, unpaid, "50")
    payment = start(till, begin(till), unpaid)
    till.push()
    assert (state(till, payment), left(venue, unpaid)) == ("declined", "0")
    move(till, "voucher", "50.00", unpaid)
    assert (ask(till)["why"], ask(till)["left"], left(venue, unpaid)) == (None, "50", "50")
    assert (ask(till)["voucher"], ask(till)["price"]) == (None, None)
    assert venue.rows(DRAWERS) == [(1, "voucher", Decimal(50))]
    assert quarantined(venue) == []
    issued = "SELECT event_data->>'unpaid' FROM warm.session_events WHERE event_type = 'voucher_issued'"
    assert venue.rows(issued) == [("true",)]


@pytest.mark.parametrize(
    ("amount", "currency", "of", "reason"),
    [
        ("5.00", "INR", None, "costs 50.00 INR, and 5.00 INR was taken"),
        ("50.00", "EUR", None, "costs 50.00 INR, and 50.00 EUR was taken"),
        ("50.00", "INR", "0197a000-0000-7000-8000-00000000dead", "There is no such voucher"),
        ("-50.00", "INR", None, "costs 50.00 INR"),
    ],
)
def test_a_movement_that_does_not_fit_sells_no_voucher(
    venue: Venue, unpaid: str, amount: str, currency: str, of: str | None, reason: str
) -> None:
    move(venue.till(), "voucher", amount, of or unpaid, currency)
    assert [reason in one for one in quarantined(venue)] == [True]
    assert left(venue, unpaid) == "0"
    assert venue.value("SELECT amount FROM warm.quarantine") == Decimal(amount)


def test_a_voucher_sold_at_two_tills_is_worth_its_amount_once(venue: Venue, unpaid: str) -> None:
    one, two = venue.till(), venue.till(2)
    move(one, "voucher", "50.00", unpaid)
    second = move(two, "voucher", "50.00", unpaid)
    assert left(venue, unpaid) == "50"
    assert quarantined(venue) == ["The voucher …WXYZ is already paid, at till 1: give the cash back."]
    undo(two, second)
    assert left(venue, unpaid) == "50"


def test_a_voucher_that_was_issued_paid_or_is_void_is_not_sold(venue: Venue, unpaid: str) -> None:
    paid = str(venue.value("SELECT till.voucher_issue_v1(%s, 9, %s, 'PAID', 30, NULL)", venue.store, sha256("another")))
    move(venue.till(), "voucher", "30.00", paid)
    assert venue.value("SELECT till.voucher_void_v1(%s, 9, %s)", venue.store, unpaid) == 0
    move(venue.till(2), "voucher", "50.00", unpaid)
    assert quarantined(venue) == [
        "The voucher …PAID was not waiting to be paid: give the cash back.",
        "The voucher …WXYZ is void: give the cash back.",
    ]
    assert (left(venue, paid), left(venue, unpaid)) == ("30", "0")


def test_an_undone_sale_makes_a_voucher_unpaid_again(venue: Venue, unpaid: str) -> None:
    till = venue.till()
    undo(till, move(till, "voucher", "50.00", unpaid))
    assert (left(venue, unpaid), ask(till)["why"], ask(till)["price"]) == ("0", "unpaid", "50")
    move(till, "voucher", "50.00", unpaid)
    assert (left(venue, unpaid), quarantined(venue)) == ("50", [])


def test_a_voucher_that_was_spent_before_its_sale_was_undone_pays_nothing_more(venue: Venue, unpaid: str) -> None:
    till = venue.till()
    moved = move(till, "voucher", "50.00", unpaid)
    payment = start(till, begin(till), ask(till)["ask"], "20.00")
    till.push()
    assert (state(till, payment), left(venue, unpaid)) == ("reserved", "30.00")
    undo(till, moved)
    assert left(venue, unpaid) == "0"
    assert quarantined(venue) == [
        "The sale of the voucher …WXYZ is undone, and 20.00 INR of it was spent. The rest is unpaid."
    ]
    assert (ask(till)["why"], ask(till)["price"]) == ("unpaid", "30.00")
    move(till, "voucher", "30.00", unpaid)
    assert left(venue, unpaid) == "30.00"


def test_a_refused_movement_is_applied_by_a_retry(venue: Venue, guest: str) -> None:
    other = str(venue.value("SELECT till.customer_add_v1(%s, 9, 'Mr Iyer', '')", venue.store))
    move(venue.till(), "account", "40.00", other)
    venue.value("SELECT till.account_set_v1(%s, 9, %s, 200, false)", venue.store, other)
    owe(venue, other, "60")
    record = venue.value("SELECT id FROM warm.quarantine")
    venue.value("SELECT till.quarantine_retry_v1(%s, 9, %s)", venue.store, record)
    assert (owed(venue, other), owed(venue, guest)) == (Decimal(20), Decimal(120))
    assert venue.value("SELECT resolved_at IS NOT NULL FROM warm.quarantine")


def test_a_payment_under_the_id_of_its_voucher_makes_it_neither_unpaid_nor_worth_more(venue: Venue) -> None:
    """A till reads the id of a voucher in an approval, and names it as its payment."""
    issue = "SELECT till.voucher_issue_v1(%s, 9, %s, 'WXYZ', 50, NULL)"
    voucher, till = str(venue.value(issue, venue.store, sha256("a code"))), venue.till()
    cart = begin(till)
    payment = {"payment_id": voucher, "tender": "VOUCHER", "amount": "50.00"}
    till.make("payment_started", cart.session, {**payment, "key": voucher, "place": ask(till)["ask"]})
    till.push()
    assert (left(venue, voucher), ask(till)["why"]) == ("0.00", None)
    move(till, "voucher", "50.00", voucher)
    assert quarantined(venue) == ["The voucher …WXYZ was not waiting to be paid: give the cash back."]
    assert (left(venue, voucher), venue.rows(DRAWERS)) == ("0.00", [])


def test_after_a_restore_a_till_brings_back_what_its_drawer_took(venue: Venue, guest: str, unpaid: str) -> None:
    till = venue.till()
    till.push()
    backup = Backup(venue)
    moved = [
        till.make("cash_moved", shift_of(till), {"kind": kind, "amount": amount, "currency": "INR", "of": of})
        for kind, amount, of in (
            ("account", "100.00", guest),
            ("voucher", "50.00", unpaid),
            ("account", "20.00", guest),
        )
    ]
    till.make("movement_undone", shift_of(till), {"event": moved[-1].id})
    own = list(till.pending)
    assert till.push()["ok"]
    assert (owed(venue, guest), left(venue, unpaid)) == (Decimal(20), "50")
    backup.restore()
    assert (owed(venue, guest), left(venue, unpaid)) == (Decimal(120), "0")
    for _again in range(2):
        assert till.send(till.request(events=own))["ok"]
    assert (owed(venue, guest), left(venue, unpaid), quarantined(venue)) == (Decimal(20), "50", [])


def upkeep(venue: Venue) -> None:
    venue.value("SELECT till.maintain_v1(%s, NULL, 30, 24, 30, false)", venue.store)


def flagged(venue: Venue) -> list[tuple[int, str, list[str]]]:
    """Return the till and the reason of each record of pay-offs, with its guests."""
    query = (
        "SELECT id, till_id, reason FROM warm.quarantine WHERE sqlstate = 'TL032' AND resolved_at IS NULL ORDER BY id"
    )
    return [
        (till, reason, [one["guest"] for one in venue.ask("quarantine_show_v1", record)["pay_offs"]])
        for record, till, reason in venue.rows(query)
    ]


def count(till: Till, expected: str, counted: str) -> None:
    counts = [{"tender": "CASH", "expected": expected, "counted": counted}]
    till.make("drawer_counted", shift_of(till), {"currency": "INR", "counts": counts})
    assert till.push()["ok"]


def test_count_that_is_short_by_a_pay_off_names_its_guest_once(venue: Venue, guest: str) -> None:
    thief, honest = venue.till(1), venue.till(2)
    owe(venue, guest, "80")
    move(thief, "account", "100.00", guest)
    move(honest, "account", "20.00", guest)
    upkeep(venue)
    assert flagged(venue) == []
    count(honest, "20.00", "1.00")  # short by less than it
    count(thief, "100.00", "0.00")
    upkeep(venue)
    short = "The count of the drawer is short by what guests paid off."
    assert flagged(venue) == [(1, short, ["Mrs Rao"])]
    venue.owner.execute("UPDATE warm.quarantine SET resolved_at = now()")
    upkeep(venue)
    assert flagged(venue) == [], "a manager judged it"


@pytest.mark.parametrize("is_counted", [True, False])
def test_pay_offs_of_a_shift_that_nobody_counts_within_a_day_are_named(
    venue: Venue, guest: str, *, is_counted: bool
) -> None:
    till = venue.till()
    move(till, "account", "30.00", guest)
    shift = shift_of(till)
    till.make("shift_closed", shift, {"number": "1-Z000001", "currency": "INR", "sums": {}})
    if is_counted:
        count(till, "30.00", "30.00")
    assert till.push()["ok"]
    upkeep(venue)
    assert flagged(venue) == []
    venue.owner.execute("ALTER TABLE warm.session_events DISABLE TRIGGER USER")
    venue.owner.execute("UPDATE warm.session_events SET received_at = now() - interval '25 hours'")
    upkeep(venue)
    uncounted = "Guests paid off house accounts, and nobody counted the drawer within a day."
    assert flagged(venue) == ([] if is_counted else [(1, uncounted, ["Mrs Rao"])])
