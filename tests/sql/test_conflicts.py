"""Conflicts about money that only a person can settle: one row each, whoever found it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import DOSA, IDLY, Cart, Till, heard, new_id
from till.domain.events.envelope import sha256

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

RESOLVE = "SELECT till.conflict_resolve_v1(%s, 9, %s, 'given back')"
ROW = "SELECT session_id, kind, subject, amount, currency, found_by FROM till.conflicts"


def paid(till: Till, cart: Cart | None = None) -> tuple[Cart, dict[str, Any]]:
    """An order that was opened and paid for on a till; with a cart, over the lines of that, which it moved there."""
    own = till.keyed()
    if cart is None:
        till.add(own, IDLY, 2)
    else:
        till.bring(own, cart)
    return own, till.place(own)


def paid_apart(one: Till, two: Till) -> tuple[Cart, dict[str, Any]]:
    """An order granted to the second till while the first was away, where it was paid for; that is not sent yet."""
    cart = one.keyed((IDLY, 2))
    one.push()
    two.take(cart)
    return cart, one.place(cart)


def find(venue: Venue, session: str | None, till: int = 1, **changes: Any) -> dict[str, Any]:
    """The server finds something that the records of a till show."""
    data = {"conflict_id": new_id(), "kind": "charged_otherwise", "subject": new_id(), "amount": "12.50",
            "currency": "INR", "till": till, **changes}  # fmt: skip
    venue.value("SELECT warm.server_event_v1(%s, NULL, 'conflict_found', %s, %s)", venue.store, session, Jsonb(data))
    return data


def test_tills_are_notified_of_each_conflict_and_record_and_of_its_end(venue: Venue) -> None:
    till = venue.till()
    cart, order = paid(till)
    till.push()
    venue.app.execute("LISTEN till_store")

    def hears() -> list[str]:
        return heard(venue.app)

    expected = [f"{venue.store} sessions"]
    found = find(venue, cart.session)
    assert hears() == expected
    venue.value(RESOLVE, venue.store, found["conflict_id"])
    assert hears() == expected
    find(venue, cart.session)
    assert hears() == expected
    venue.value("SELECT till.settle_till_v1(%s, 9, 1, 'given back')", venue.store)
    assert hears() == expected
    till.make("order_placed", cart.session, order)  # once more: it is kept aside
    assert till.push()["records"] == 1
    assert hears() == expected
    [(record,)] = venue.rows("SELECT id FROM warm.quarantine")
    venue.value("SELECT till.quarantine_resolve_v1(%s, 9, %s, 'done')", venue.store, record)
    assert hears() == expected


def test_a_conflict_is_a_row_and_every_till_hears_how_many(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, _order = paid(one)
    assert one.push()["conflicts"] == 0
    found = find(venue, cart.session)
    assert one.push()["conflicts"] == 1

    assert venue.rows(ROW) == [(cart.session, found["kind"], found["subject"], Decimal("12.50"), "INR", 0)]
    assert two.push()["conflicts"] == 1
    assert venue.value("SELECT refold FROM order_sessions") is False


def test_the_same_finding_is_one_row(venue: Venue) -> None:
    one = venue.till(1)
    cart, _order = paid(one)
    one.push()
    found = find(venue, cart.session)
    find(venue, cart.session, **found | {"conflict_id": new_id(), "amount": "40.00"})
    assert one.push()["conflicts"] == 1
    assert venue.value("SELECT amount FROM till.conflicts") == Decimal("12.50")


@pytest.mark.parametrize("end", ["paid", "given back"])
def test_money_without_an_order_waits_until_it_is_listed_or_given_back(venue: Venue, end: str) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, _order = paid_apart(one, two)
    payment = {"payment_id": new_id(), "tender": "CARD", "amount": str(cart.total)}
    two.make("payment_approved", cart.session, {**payment, "tendered": payment["amount"], "change": "0.00"})
    one.push()
    assert two.push()["conflicts"] == 1
    how = "The payment was refunded."
    if end == "paid":
        receipt = two.place(cart, payments=[{**payment, "change": "0.00"}])["receipt"]
        how = f"The payment is on receipt {receipt}."
    else:
        two.make("payment_voided", cart.session, payment)
    two.push()
    assert venue.value("SELECT how FROM till.conflicts WHERE kind = 'money_without_order'") == how


def asked_for(till: Till, cart: Cart) -> dict[str, Any]:
    """A payment that a terminal was asked for on an order, and that has no answer."""
    payment = {"payment_id": new_id(), "tender": "CARD", "amount": "12.50"}
    till.make("payment_started", cart.session, {**payment, "key": payment["payment_id"], "place": "T-1"})
    till.make("payment_unknown", cart.session, payment)
    return payment


def shut_out(venue: Venue, till: Till) -> None:
    venue.value("SELECT till.till_revoke_v1(%s, 9, %s)", venue.store, till.number)


def open_on(till: Till) -> Cart:
    cart = till.keyed((IDLY, 2))
    till.push()
    return cart


@pytest.mark.parametrize("cleared", ["before", "after"])
def test_a_payment_of_a_till_that_is_shut_out_waits_once_its_order_is_cleared(venue: Venue, cleared: str) -> None:
    gone, here = venue.till(2), venue.till(1)
    cart = open_on(gone)
    payment = asked_for(gone, cart)
    gone.make("payment_declined", cart.session, asked_for(gone, cart))
    gone.push()
    close = "SELECT till.session_close_v1(%s, NULL, %s, 'its guest left')"
    if cleared == "before":
        venue.value(close, venue.store, cart.session)
        assert here.push()["conflicts"] == 0, "its till asks after it"
    shut_out(venue, gone)
    if cleared == "after":
        assert here.push()["conflicts"] == 0, "who takes it over asks after it"
        venue.value(close, venue.store, cart.session)
    assert here.push()["conflicts"] == 1
    assert venue.rows(ROW) == [(cart.session, "no_answer", payment["payment_id"], Decimal("12.50"), "INR", 0)]


@pytest.mark.parametrize(("last", "waiting"), [("who is shut out", 1), ("who is here", 0)])
def test_a_payment_on_a_sale_is_asked_after_by_who_took_that_order_last(venue: Venue, last: str, waiting: int) -> None:
    gone, here = venue.till(2), venue.till(1)
    cart = open_on(here)
    gone.take(cart)
    if last == "who is here":
        here.take(cart)
    here.place(cart)
    here.push()
    asked_for(gone, cart)
    gone.push()
    shut_out(venue, gone)
    assert here.push()["conflicts"] == waiting


@pytest.mark.parametrize("expected", ["payment_declined", "payment_voided", "payment_approved"])
def test_a_payment_that_was_left_so_waits_no_more_once_its_till_hears_what_became_of_it(
    venue: Venue, expected: str
) -> None:
    gone, here = venue.till(2), venue.till(1)
    cart = open_on(gone)
    payment = asked_for(gone, cart)
    gone.clear(cart)
    gone.push()
    shut_out(venue, gone)
    here.make("payment_declined", cart.session, payment)  # it never held the order: it has nothing to say of it
    assert here.push()["conflicts"] == 1
    venue.value("SELECT till.till_enrol_v1(%s, 9, 2, NULL, %s)", venue.store, sha256(gone.secret))
    taken = {"tendered": "12.50", "change": "0.00"} if expected == "payment_approved" else {}
    gone.make(expected, cart.session, payment | taken)
    gone.push()
    waits = "SELECT kind FROM till.conflicts WHERE resolved_at IS NULL"
    assert venue.rows(waits) == ([("money_without_order",)] if expected == "payment_approved" else [])


def money_left(till: Till) -> tuple[Cart, dict[str, Any]]:
    """An order that was cleared with money on it; what was taken."""
    cart = till.keyed()
    line = till.add(cart, IDLY, 2)
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "12.50"}
    till.make("payment_approved", cart.session, {**payment, "tendered": "12.50", "change": "0.00"})
    till.make("order_discarded", cart.session, {"line_ids": [line]})
    return cart, payment


@pytest.mark.parametrize("by_terminal", [False, True])
def test_money_on_no_order_waits_no_more_once_it_was_given_back(venue: Venue, *, by_terminal: bool) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, payment = money_left(one)
    assert one.push()["conflicts"] == 1
    two.make("payment_voided", cart.session, payment)  # it never held the order: it has nothing to say of it
    assert two.push()["conflicts"] == 1

    back = {**payment, "return_id": new_id()} if by_terminal else payment
    if by_terminal:  # until it is known that it went back, it waits
        one.make("payment_return_started", cart.session, {**back, "number": "0414"})
        one.make("payment_return_unknown", cart.session, back)
        assert one.push()["conflicts"] == 1
    one.make("payment_voided", cart.session, back)
    assert one.push()["conflicts"] == 0
    assert venue.rows("SELECT resolved_by, how FROM till.conflicts") == [(None, "The payment was refunded.")]


def test_an_overcharge_waits_no_more_once_its_payment_is_refunded_whole(venue: Venue) -> None:
    one = venue.till(1)
    cart = open_on(one)
    payment = asked_for(one, cart)
    taken = {"amount": "15.00", "tendered": "15.00", "change": "0.00"}
    one.make("payment_approved", cart.session, payment | taken)
    one.clear(cart)
    assert one.push()["conflicts"] == 2
    one.make("payment_voided", cart.session, payment)
    assert one.push()["conflicts"] == 0
    query = "SELECT kind, how FROM till.conflicts WHERE kind = 'charged_otherwise'"
    assert venue.rows(query) == [("charged_otherwise", "The payment was refunded.")]


def test_money_that_was_given_back_is_in_no_sale(venue: Venue) -> None:
    one = venue.till(1)
    cart = one.keyed((IDLY, 2))
    payment = {"payment_id": new_id(), "tender": "CARD", "amount": "12.50"}
    one.make("payment_approved", cart.session, {**payment, "tendered": "12.50", "change": "0.00"})
    one.make("payment_voided", cart.session, {**payment, "approved_by": 9})
    one.place(cart)
    assert one.push()["conflicts"] == 0
    assert venue.rows("SELECT tender, amount FROM cold.sales_by_tender") == [("CASH", Decimal("80.00"))]


def test_a_second_payment_for_the_same_lines_is_a_conflict_of_the_server(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    first, _order = paid(one)
    one.push()
    second, order = paid(two, first)
    reply = two.push()

    assert (reply["conflicts"], reply["quarantined"]) == (1, [])
    assert venue.rows(ROW) == [(second.session, "sold_twice", order["order_id"], Decimal("80.00"), "INR", 0)]
    assert venue.value("SELECT count(*) FROM orders") == 2
    assert venue.types("till_id = 0 AND session_id IS NOT NULL AND event_type <> 'lines_moved'") == ["conflict_found"]


def test_an_order_that_was_completed_elsewhere_is_flagged_once(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = one.keyed((IDLY, 2))
    one.push()
    two.take(cart)
    earlier = two.place(cart)  # the older id, but it comes second
    one.place(cart)
    one.push()
    two.push()
    assert two.push()["conflicts"] == 1
    assert venue.value("SELECT subject FROM till.conflicts") == earlier["order_id"]


def test_the_till_gets_the_servers_event_with_its_next_poll(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    first, _order = paid(one)
    one.push()
    second, _again = paid(two, first)
    two.push()
    reply = two.push(known=[{"session": second.session, "version": two.base(second), "event": None}])
    [state] = reply["sessions"]
    arrived = [event for event in reply["events"] if event["version"] == state["version"]]

    assert state["version"] == two.base(second)
    assert '"type":"conflict_found"' in arrived[-1]["b"]


def test_a_conflict_of_lines_sold_twice_names_the_receipts_of_both_sales(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    first, counted = paid(one)
    one.push()
    _second, again = paid(two, first)
    two.push()
    [row] = one.read("till.conflicts_v1")["conflicts"]
    assert row["receipts"] == [counted["receipt"], again["receipt"]]


def test_one_order_that_was_paid_on_two_tills_names_both_receipts(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = one.keyed((IDLY, 2))
    one.push()
    two.take(cart)
    orders = [one.place(cart), two.place(cart)]
    one.push()
    two.push()
    [row] = one.read("till.conflicts_v1")["conflicts"]
    assert row["receipts"] == [order["receipt"] for order in orders]


def test_a_conflict_of_one_sale_names_its_receipt_and_one_of_none_no_receipt(venue: Venue) -> None:
    till = venue.till()
    cart, order = paid(till)
    empty = till.keyed()
    till.push()
    for session in (cart.session, empty.session):
        find(venue, session)
    rows = till.read("till.conflicts_v1")["conflicts"]
    assert {row["session"]: row["receipts"] for row in rows} == {cart.session: [order["receipt"]], empty.session: []}


def test_a_lost_reply_makes_no_second_conflict(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    first, _order = paid(one)
    one.push()
    paid(two, first)
    request = two.request()

    assert [two.send(request)["conflicts"] for _ in range(3)] == [1, 1, 1]


def test_a_till_lists_them(venue: Venue) -> None:
    till = venue.till()
    cart, _order = paid(till)
    till.push()
    for kind in ("money_without_order", "charged_otherwise"):
        find(venue, cart.session, kind=kind)
    rows = till.read("till.conflicts_v1")["conflicts"]

    assert {row["kind"] for row in rows} == {"money_without_order", "charged_otherwise"}
    assert {row["amount"] for row in rows} == {"12.50"}
    assert {(row["till"], row["till_name"], row["user"], row["currency"]) for row in rows} == {(0, None, 1, "INR")}


def test_administration_settles_in_the_servers_chain_and_once(venue: Venue) -> None:
    till = venue.till()
    cart, _order = paid(till)
    till.push()
    found = find(venue, cart.session)
    resolve = "SELECT till.conflict_resolve_v1(%s, 9, %s, %s)"
    with pytest.raises(psycopg.Error, match="Describe how"):
        venue.value(resolve, venue.store, found["conflict_id"], " ")
    row = venue.value(resolve, venue.store, found["conflict_id"], "refunded in cash")

    assert (row["resolved_by"], row["how"]) == (9, "refunded in cash")
    assert venue.types("till_id = 0 AND session_id IS NOT NULL") == ["conflict_found", "conflict_resolved"]
    assert venue.ask("conflict_list_v1")["conflicts"] == []
    assert len(venue.ask("conflict_list_v1", None, None, 200, True)["conflicts"]) == 1
    with pytest.raises(psycopg.Error, match="already settled: refunded in cash"):
        venue.value(resolve, venue.store, found["conflict_id"], "again")


@pytest.mark.parametrize("change", [{"conflict_id": "7"}, {"amount": "NaN"}, {"amount": "1e500"}, {"subject": None}])
def test_a_finding_that_does_not_read_stops_nothing(venue: Venue, change: dict[str, Any]) -> None:
    till = venue.till()
    cart, _order = paid(till)
    finding = {"conflict_id": new_id(), "kind": "sold_twice", "subject": "x", "amount": "1.00", "currency": "INR"}
    till.make_badly("conflict_found", cart.session, finding | change)
    till.add(cart, DOSA)
    reply = till.push()

    assert reply["head"]["seq"] == 5
    assert (reply["conflicts"], reply["records"], venue.value("SELECT count(*) FROM orders")) == (0, 1, 1)
    assert venue.value("SELECT event_type FROM warm.quarantine") == "conflict_found"


def test_a_number_that_two_receipts_bear_is_a_conflict_of_the_server(venue: Venue) -> None:
    """A journal that was restored on its own machine continued its numbers from those of the copy."""
    one, two = venue.till(1), venue.till(1)
    cart, order = paid(one)
    assert one.push()["conflicts"] == 0
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    second = two.keyed(DOSA)
    again = two.place(second, receipt=order["receipt"])
    request = two.request()
    reply = two.push()

    assert (reply["conflicts"], reply["records"], reply["quarantined"]) == (1, 0, [])
    assert venue.value("SELECT count(*) FROM orders") == 2  # the money of both stands
    assert venue.rows(ROW) == [(second.session, "number_twice", again["order_id"], Decimal("80.00"), "INR", 0)]
    assert two.send(request)["conflicts"] == 1  # a lost reply
    assert cart.session != second.session
    (row,) = one.read("till.conflicts_v1")["conflicts"]
    assert (row["session"], row["also"], row["receipts"]) == (second.session, [cart.session], [order["receipt"]])


def test_every_till_hears_how_many_records_wait_also_of_orders_it_follows_no_more(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = two.keyed((IDLY, 2))
    two.place(cart, total="41.00")
    assert two.push()["records"] == 1
    assert (one.push()["records"], one.push()["quarantined"]) == (1, [])

    (record,) = one.read("till.conflicts_v1")["quarantine"]
    venue.value("SELECT till.quarantine_resolve_v1(%s, 9, %s, 'given back')", venue.store, record["id"])
    assert one.push()["records"] == 0
    assert venue.rows("SELECT resolved_by, how FROM warm.quarantine") == [(9, "given back")]
    # its guest paid, though its sale is in no books
    assert venue.value("SELECT bool_or(quarantined) FROM order_sessions") is True


@pytest.mark.parametrize("kind", ["conflict_resolved", "quarantine_resolved"])
def test_records_that_only_the_server_may_write_settle_nothing_from_a_till(venue: Venue, kind: str) -> None:
    till = venue.till()
    cart, _order = paid(till)
    till.push()
    found = find(venue, cart.session)
    bad = till.keyed((IDLY, 2))
    till.place(bad, total="41.00")
    till.push()
    [record] = venue.ask("quarantine_list_v1")["quarantine"]
    assert (record["amount"], record["till"]) == ("80.00", 1)
    if kind == "conflict_resolved":
        till.make_badly(kind, cart.session, {"conflict_id": found["conflict_id"]}, user=9)
    else:
        till.make_badly(kind, None, {"quarantine": record["id"]}, user=9)
    reply = till.push()

    assert (reply["head"]["seq"], reply["conflicts"], reply["records"]) == (till.seq, 1, 2)
    assert venue.rows("SELECT resolved_at FROM till.conflicts") == [(None,)]
    assert venue.types("till_id = 1")[-1] == "order_placed"
