"""Refunds of a sale: reserved when they begin, recorded when the money goes, and flagged beyond what was paid."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from db.engine import connect
from tests.domain.making import fold_refunds
from tests.sql.ringing import DOSA, IDLY, Cart, heard, new_id
from tests.sql.test_sold_twice import paid, shared
from till.domain.errors import RefundError
from till.domain.events.envelope import sha256
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.order.events import OrderPlaced
from till.domain.payment.movement import MoneyTransfer, PaymentState, Result, apply_result, is_news
from till.domain.refund import giving
from till.domain.refund.giving import Way
from till.domain.refund.parts import Part
from till.domain.refund.shares import Sale, Share, sale_of
from till.domain.streams import unseal
from till.reports.acts import ActFilter, read_acts
from till.reports.declared import SALES

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Till, Venue
    from till.domain.events.envelope import Event

#: A dosa that goes back, as the first row of its sale.
ROW = {
    "row": 1, "item_id": "dosa", "item_name": "Masala Dosa", "quantity": -1, "amount": "-80.00", "net": "-76.19",
    "tax": "-3.81",
}  # fmt: skip


def sell(till: Till, *items: tuple[str, int], **frozen: Any) -> tuple[Cart, dict[str, Any]]:
    cart = till.keyed()
    for item, quantity in items:
        till.add(cart, item, quantity)
    order = till.place(cart, **frozen)
    till.push(cart.snapshot(0, status="completed"))
    return cart, order


def lines_of(order: dict[str, Any], **pieces: int) -> list[dict[str, Any]]:
    """Pieces of rows, `r1=2`, as a refund names them."""
    lines: list[dict[str, Any]] = []
    for row, count in pieces.items():
        sold = order["lines"][int(row[1:]) - 1]
        part = Decimal(count) / sold["quantity"]
        amount, tax = (-(Decimal(sold[name]) * part).quantize(Decimal("0.01")) for name in ("subtotal", "tax"))
        lines.append(
            {"row": int(row[1:]), "item_id": sold["item_id"], "item_name": sold["item_name"], "quantity": -count,
             "amount": str(amount), "net": str(amount - tax), "tax": str(tax)}
        )  # fmt: skip
    return lines


class Refund:
    """A refund of a sale, event by event."""

    def __init__(self, till: Till, cart: Cart, order: dict[str, Any], number: int = 1, **pieces: int) -> None:
        self.till, self.id = till, new_id()
        lines = lines_of(order, **pieces)
        total, tax = (sum(Decimal(line[name]) for line in lines) for name in ("amount", "tax"))
        self.facts = {
            "session_id": cart.session, "receipt": f"{till.number}-R{number:06}", "tender": "CASH",
            "amount": str(total), "drawer": till.number,
        }  # fmt: skip
        self.begun = self.facts | {
            "order_id": order["order_id"], "sold": order["receipt"], "business_date": "2026-03-03",
            "payment_id": order["payments"][0]["payment_id"], "currency": "INR", "net": str(total - tax),
            "tax": str(tax), "rounding": "0.00", "approved_by": 9, "lines": lines,
            "taxes": [{"name": "GST", "rate": "5", "net": str(total - tax), "tax": str(tax)}],
        }  # fmt: skip

    def start(self, reason: str = "", **changes: Any) -> Refund:
        self.begun |= changes
        self.till.make("refund_started", self.id, self.begun, texts={"reason": reason})
        return self

    def answer(self, kind: str, **changes: Any) -> Refund:
        self.till.make(f"refund_{kind}", self.id, self.facts | changes)
        return self


def states(venue: Venue) -> list[str]:
    return [row[0] for row in venue.rows("SELECT state FROM till.refund_claims ORDER BY started_at, refund_id")]


def quarantined(venue: Venue) -> list[str]:
    return [row[0] for row in venue.rows("SELECT reason FROM warm.quarantine ORDER BY id")]


class Sums(NamedTuple):
    """The sums of the report of sales by tender and by drawer."""

    tenders: dict[str, int]
    refunds: dict[str, int]
    drawers: dict[int, int]


def report(venue: Venue) -> Sums:
    found = venue.report(SALES)
    return Sums(*(dict(found.rows(part)) for part in ("tenders", "refunds", "drawers")))


def test_a_refund_is_kept_and_then_written_down_for_good(venue: Venue) -> None:
    till = venue.till()
    cart, order = sell(till, (DOSA, 2), (IDLY, 1))
    refund = Refund(till, cart, order, r1=1).start()
    till.push()
    assert till.read("warm.refund_state_v1", refund=refund.id)["state"] == "reserved"
    assert venue.rows("SELECT count(*) FROM cold.refunds") == [(0,)]
    refund.answer("approved")
    till.push()
    assert states(venue) == ["approved"]
    written = "SELECT receipt, tender, amount, net, tax, drawer, approved_by, away, is_beyond FROM cold.refunds"
    assert venue.rows(written) == [
        ("1-R000001", "CASH", Decimal("-80.00"), Decimal("-76.19"), Decimal("-3.81"), 1, 9, False, False)
    ]
    assert venue.rows("SELECT position, item_name, quantity, amount FROM cold.refund_item") == [
        (1, "Masala Dosa", -1, Decimal("-80.00"))
    ]
    assert venue.rows("SELECT total_amount FROM cold.orders") == [(Decimal("200.00"),)]
    found = report(venue)
    assert (found.tenders, found.refunds, found.drawers) == ({"CASH": 20_000}, {"CASH": -8_000}, {1: 12_000})
    assert quarantined(venue) == []
    for table in ("refunds", "refund_item"):
        with pytest.raises(Error, match="never changes"):
            venue.owner.execute(f"DELETE FROM cold.{table}")  # noqa: S608 - ours


def test_tills_are_notified_of_a_refund(venue: Venue) -> None:
    till = venue.till()
    refund = Refund(till, *sell(till, (IDLY, 1)), r1=1)
    venue.app.execute("LISTEN till_store")
    refund.start()
    till.push()
    assert heard(venue.app) == [f"{venue.store} sessions"]


def test_second_refund_of_the_same_pieces_is_refused(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    cart, order = sell(one, (DOSA, 1))
    first, second = Refund(one, cart, order, r1=1).start(), Refund(two, cart, order, r1=1).start()
    two.push()
    one.push()
    assert two.read("warm.refund_state_v1", refund=second.id)["state"] == "reserved"
    assert one.read("warm.refund_state_v1", refund=first.id)["state"] == "refused"
    second.answer("declined")
    two.push()
    third = Refund(one, cart, order, 2, r1=1).start()
    one.push()
    assert one.read("warm.refund_state_v1", refund=third.id)["state"] == "reserved"


def test_money_that_went_beyond_the_sale_is_written_down_and_a_conflict(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    cart, order = sell(one, (DOSA, 1))
    Refund(two, cart, order, r1=1).start().answer("approved")
    two.push()
    late = Refund(one, cart, order, r1=1).start(away=True).answer("approved")
    one.push()
    assert venue.rows("SELECT till_id, is_beyond, away FROM cold.refunds ORDER BY till_id") == [
        (1, True, True), (2, False, False),
    ]  # fmt: skip
    assert venue.rows("SELECT kind, subject, amount, session_id FROM till.conflicts") == [
        ("refunded_beyond", late.id, Decimal("80.00"), cart.session)
    ]


def test_a_refund_declined_after_its_approval_stands_and_is_a_conflict(venue: Venue) -> None:
    till = venue.till()
    cart, order = sell(till, (DOSA, 2))
    given, after_all = (Refund(till, cart, order, n, r1=1).start() for n in (1, 2))
    given.answer("approved")
    after_all.answer("declined")
    after_all.answer("approved", transaction="T-1")
    assert till.push()["conflicts"] == 0
    given.answer("declined")
    given.answer("declined")
    assert till.push()["conflicts"] == 1
    assert states(venue) == ["approved", "approved"]
    (row,) = till.read("till.conflicts_v1")["conflicts"]
    assert (row["kind"], row["subject"], row["amount"], row["session"]) == (
        "outcome_contradicted", given.id, "80.00", cart.session,
    )  # fmt: skip
    assert row["receipts"] == [order["receipt"], "1-R000001"]
    assert quarantined(venue) == []


def test_answers_that_contradict_each_other_agree(venue: Venue) -> None:
    """For any three answers that a till records for a refund, the till and the server flag the same ones."""
    till = venue.till()
    words = [(state, by) for state in (PaymentState.APPROVED, PaymentState.DECLINED) for by in (None, 9)]
    sequences = [one for count in (1, 2, 3) for one in product(words, repeat=count)]
    cart, order = sell(till, (DOSA, len(sequences)))
    flagged = set()
    for number, one in enumerate(sequences, 1):
        refund = Refund(till, cart, order, number, r1=1).start()
        known = MoneyTransfer(refund.id, "CASH", Minor(8_000), PaymentState.STARTED, datetime.now(UTC), 1)
        for state, by in one:
            answer = Result(state, by)
            if is_news(known, answer):
                refund.answer(state.value, **({} if by is None else {"approved_by": by}))
            known = apply_result(known, answer, known.at)
        if known.is_contradicted:
            flagged.add(refund.id)
        till.push()
    assert flagged == {str(subject) for (subject,) in venue.rows("SELECT subject FROM till.conflicts")}
    assert len(flagged) < len(sequences)
    assert quarantined(venue) == []


def test_contradicting_outcomes_are_a_conflict_in_any_order(venue: Venue) -> None:
    """The manager's answer is on a disk that was found only after the next journal had asked the terminal."""
    till = venue.till()
    cart, order = sell(till, (DOSA, 2))
    refund, other = (Refund(till, cart, order, n, r1=1).start() for n in (1, 2))
    till.push()
    refund.answer("approved")
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    again = venue.till()
    again.make("refund_declined", refund.id, refund.facts)
    again.make("refund_approved", other.id, other.facts)
    assert again.push()["conflicts"] == 0
    other.answer("declined")  # and then it came back to life, and was told so
    till.push()
    assert venue.rows("SELECT kind, subject FROM till.conflicts ORDER BY subject") == [
        ("outcome_contradicted", refund.id), ("outcome_contradicted", other.id),
    ]  # fmt: skip
    assert quarantined(venue) == []


def test_a_new_journal_hears_once_of_the_unanswered_refunds_of_those_before_it(venue: Venue) -> None:
    till, other = venue.till(), venue.till(2)
    cart, order = sell(till, (DOSA, 4))
    given, open_, lost, refused = (Refund(till, cart, order, n, r1=1).start("cold") for n in range(1, 5))
    Refund(till, cart, order, 5, r1=1).start()  # there are no five: nothing was kept for it
    given.answer("approved")
    refused.answer("declined")
    lost.answer("unknown")
    assert till.push()["refunds"] == []
    Refund(other, cart, order, r1=1).start()
    other.push()
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    again = venue.till()
    again.open(Cart())
    first = again.request()
    refunds = again.send(first)["refunds"]
    assert [one["session"] for one in refunds] == [open_.id, lost.id]
    begun = unseal(refunds[0]["b"], refunds[0]["h"], refunds[0]["t"])
    assert (begun.stream_id, begun.type, begun.texts["reason"].text) == (open_.id, "refund_started", "cold")
    assert again.send(first)["refunds"] == refunds, "it may not have heard the first answer"
    again.pending.clear()
    again.make("refund_approved", open_.id, open_.facts)
    again.make("refund_declined", lost.id, lost.facts)
    assert again.push()["refunds"] == []
    assert sorted(states(venue)) == ["approved", "approved", "declined", "declined", "refused", "reserved"]
    assert quarantined(venue) == []


@pytest.mark.parametrize("first", [1, 2])
def test_refunds_by_a_revoked_till_and_after_its_return_go_beyond_the_sale(venue: Venue, first: int) -> None:
    gone, other = venue.till(2), venue.till()
    cart, order = sell(gone, (DOSA, 1))
    one = Refund(gone, cart, order, r1=1).start()
    gone.push()
    venue.owner.execute("SELECT till.till_revoke_v1(%s, 9, 2)", [venue.store])
    two = Refund(other, cart, order, r1=1).start()
    other.push()
    again = (
        "SELECT till.till_enrol_v1(store_id, 9, id, NULL, secret_hash) FROM till.tills WHERE store_id = %s AND id = 2"
    )
    venue.owner.execute(again, [venue.store])
    answers = [(one, gone), (two, other)]
    for refund, till in answers if first == 1 else reversed(answers):
        refund.answer("approved")
        till.push()
    last = two if first == 1 else one
    assert venue.rows("SELECT kind, subject FROM till.conflicts WHERE resolved_at IS NULL") == [
        ("refunded_beyond", last.id)
    ]
    assert quarantined(venue) == []


def test_an_unanswered_refund_of_a_revoked_till_is_a_conflict_until_an_answer_comes(venue: Venue) -> None:
    gone, other = venue.till(2), venue.till()
    cart, order = sell(gone, (DOSA, 6))
    asked, lost, given, not_given = (Refund(gone, cart, order, n, r1=1).start() for n in range(1, 5))
    lost.answer("unknown")
    given.answer("approved")
    not_given.answer("declined")
    gone.push()
    Refund(other, cart, order, r1=1).start()
    assert other.push()["conflicts"] == 0
    shut_out = "SELECT till.till_revoke_v1(%s, 9, 2)"
    venue.owner.execute(shut_out, [venue.store])
    assert other.push()["conflicts"] == 2, "and not of the other till's, nor of what has its answer"
    waits = {one["subject"]: one for one in other.read("till.conflicts_v1")["conflicts"]}
    assert waits.keys() == {asked.id, lost.id}
    row = waits[asked.id]
    assert (row["kind"], row["amount"], row["session"]) == ("no_answer", "80.00", cart.session)
    assert row["receipts"] == [order["receipt"], "2-R000001"]
    enrolled = "SELECT till.till_enrol_v1(%s, 9, 2, NULL, %s)"
    venue.owner.execute(enrolled, [venue.store, sha256(gone.secret)])
    asked.answer("approved")
    lost.answer("declined")
    assert gone.push()["conflicts"] == 0, "it was found again, and heard the terminal"
    settled = "SELECT subject, how, resolved_by FROM till.conflicts ORDER BY subject"
    assert venue.rows(settled) == [
        (asked.id, "The refund was given.", None),
        (lost.id, "The refund was not given.", None),
    ]
    venue.owner.execute(shut_out, [venue.store])
    assert len(venue.rows(settled)) == 2
    assert quarantined(venue) == []


SETTLE = "SELECT till.conflict_resolve_v1(%s, 9, %s, %s)"


def test_a_manager_settles_an_abandoned_refund_once_whatever_its_till_says_later(venue: Venue) -> None:
    gone, other = venue.till(2), venue.till()
    cart, order = sell(gone, (DOSA, 4))
    given, not_given, denied, after_all = (Refund(gone, cart, order, n, r1=1).start() for n in range(1, 5))
    gone.push()
    denied.answer("declined")  # on its disk alone
    venue.owner.execute("SELECT till.till_revoke_v1(%s, 9, 2)", [venue.store])
    waits = {one["subject"]: one["conflict"] for one in other.read("till.conflicts_v1")["conflicts"]}
    with pytest.raises(Error, match=r"Type “given” or “not given”\."):
        venue.owner.execute(SETTLE, [venue.store, waits[given.id], "it was given"])
    for refund, how in ((given, "Given "), (denied, "given"), (not_given, "not given"), (after_all, "not given")):
        venue.owner.execute(SETTLE, [venue.store, waits[refund.id], how])
    written = (
        "SELECT refund_id::text, amount, drawer, user_id, till_id, approved_by, is_beyond FROM cold.refunds ORDER BY 1"
    )
    found = [(one.id, Decimal("-80.00"), 2, 9, 2, 9, False) for one in (given, denied)]
    assert venue.rows(written) == found
    assert report(venue).refunds == {"CASH": -16_000}
    assert states(venue) == ["approved", "declined", "approved", "declined"]
    (sale,) = other.read("warm.past_sales_v1", receipt=order["receipt"])["sales"]
    assert {one["refund"]: one["state"] for one in sale["refunds"]} == dict.fromkeys((given.id, denied.id), "approved")
    again = [Refund(other, cart, order, n, r1=2).start() for n in (1, 2)]
    other.push()
    kept = [other.read("warm.refund_state_v1", refund=one.id)["state"] for one in again]
    assert kept == ["reserved", "refused"], "the two that were not given can go back, and no more"
    enrolled = "SELECT till.till_enrol_v1(%s, 9, 2, NULL, %s)"
    venue.owner.execute(enrolled, [venue.store, sha256(gone.secret)])
    given.answer("approved")
    after_all.answer("approved")
    gone.push()
    assert len(venue.rows(written)) == 3
    open_ = "SELECT kind, subject FROM till.conflicts WHERE resolved_at IS NULL ORDER BY kind, subject"
    assert venue.rows(open_) == [
        ("outcome_contradicted", denied.id), ("outcome_contradicted", after_all.id), ("refunded_beyond", after_all.id),
    ]  # fmt: skip
    assert quarantined(venue) == []


def test_pieces_and_the_payment_are_watched_by_themselves(venue: Venue) -> None:
    till = venue.till()
    card = {"payment_id": new_id(), "tender": "CARD", "amount": "40.00", "change": "0.00"}
    cart, order = sell(
        till, (DOSA, 1), (IDLY, 2),
        payments=[card, card | {"payment_id": new_id(), "tender": "CASH", "amount": "120.00"}],
    )  # fmt: skip
    Refund(till, cart, order, 1, r1=1).start()  # 80 of a payment of 40
    Refund(till, cart, order, 2, r2=2).start(payment_id=order["payments"][1]["payment_id"])
    again = Refund(till, cart, order, 3, r2=1).start(payment_id=order["payments"][1]["payment_id"])
    till.push()
    assert states(venue) == ["refused", "reserved", "refused"]
    again.answer("unknown")
    till.push()
    assert states(venue) == ["refused", "reserved", "refused"]


CARD, CASH = "CARD", "CASH"
TIPPED = [(CARD, "100.00", "20.00", "0.00")]
MIXED = [(CASH, "40.00", "0.00", "0.00"), (CARD, "60.00", "20.00", "0.00")]
CHANGED = [(CASH, "90.00", "10.00", "10.00")]
PARTS = [(CASH, "30.00", "0.00", "20.00"), (CASH, "55.00", "5.00", "0.00")]


@pytest.mark.parametrize(
    ("payments", "before", "back", "fits"),
    [
        (TIPPED, [], (0, 8_000), True),
        (TIPPED, [], (0, 8_001), False),
        (TIPPED, [(0, 3_000)], (0, 5_000), True),
        (TIPPED, [(0, 3_000)], (0, 5_001), False),
        (MIXED, [], (1, 4_000), True),
        (MIXED, [], (1, 4_001), False),
        (MIXED, [(1, 3_000)], (1, 1_000), True),
        (MIXED, [(1, 3_000)], (1, 2_000), False),
        (MIXED, [(1, 4_000)], (0, 4_000), True),
        (PARTS, [], (0, 8_000), True),
        (PARTS, [(0, 6_000)], (0, 2_000), True),
        (PARTS, [(0, 6_000)], (0, 2_001), False),
        (CHANGED, [], (0, 8_000), True),
        (CHANGED, [], (0, 9_000), False),
    ],
)
def test_a_tip_never_goes_back_whether_the_till_is_asked_or_the_server(
    venue: Venue, payments: list[tuple[str, ...]], before: list[tuple[int, int]], back: tuple[int, int], *, fits: bool
) -> None:
    till, names = venue.till(), ("tender", "amount", "tip", "change")
    paid = [dict(zip(names, one, strict=True)) | {"payment_id": new_id()} for one in payments]
    cart, order = sell(till, (DOSA, 1), payments=paid)
    begun: list[Event] = []
    received: list[bool] = []
    for payment, amount in [*before, back]:
        sale = sale_of(msgspec.convert(order, OrderPlaced), fold_refunds(begun).values())
        asked = giving.Beginning(new_id(), f"1-R{len(begun) + 1:06}", till.now.date(), 9, till.number, "cold")
        received.append(fits_there(sale, payment, Minor(amount), asked))
        way = Way(sale.payments[payment], paid[payment]["tender"], at_most=Minor(amount))  # whatever the till says
        share = Share(Part(Minor(amount), Minor(amount), {}))
        (draft,) = giving.start(sale, cart.session, share, way, asked)
        begun.append(till.make("refund_started", asked.refund_id, msgspec.to_builtins(draft.data)))
    till.push()
    assert received == [*[True] * len(before), fits]
    assert (states(venue), quarantined(venue)) == (["reserved" if one else "refused" for one in received], [])


def fits_there(sale: Sale, payment: int, amount: Minor, asked: giving.Beginning) -> bool:
    """True if a till would refund this amount of a payment in its own tender."""
    ways = [one for one in giving.ways_of(sale) if one.payment == sale.payments[payment] and not one.is_instead]
    try:
        share = giving.amount_back(sale, amount)
        return bool([giving.start(sale, "", share, way, asked) for way in ways])
    except RefundError:
        return False


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"order_id": new_id()}, "not in the database"),
        ({"sold": "1-999999"}, "another sale"),
        ({"amount": "80.00"}, "gives nothing back"),
        ({"tax": "0.00"}, "do not add up to its amount"),
        ({"lines": [ROW | {"amount": "-70.00"}]}, "The rows of the refund do not add up to its amount"),
        ({"lines": [ROW | {"net": "-80.00", "tax": "0.00"}]}, "The rows of the refund do not add up to its amount"),
    ],
)
def test_a_refund_that_does_not_fit_the_sale_is_quarantined(venue: Venue, changes: dict[str, Any], why: str) -> None:
    till = venue.till()
    cart, order = sell(till, (DOSA, 1))
    Refund(till, cart, order, r1=1).start(**changes)
    assert till.push()["ok"]
    (reason,) = quarantined(venue)
    assert why in reason
    assert states(venue) == []


def test_an_answer_belongs_to_a_refund_that_began(venue: Venue) -> None:
    till = venue.till()
    cart, order = sell(till, (DOSA, 1))
    Refund(till, cart, order, r1=1).answer("approved")
    refund = Refund(till, cart, order, r1=1).start().answer("approved", amount="-8000.00")
    till.push()
    assert quarantined(venue) == [
        "The refund never began here.", "The answer names another amount or tender than the refund began with.",
    ]  # fmt: skip
    refund.answer("unknown").answer("declined").answer("approved").answer("approved").answer("declined")
    till.push()
    assert states(venue) == ["approved"]
    assert venue.value("SELECT count(*) FROM cold.refunds") == 1


def test_a_refund_that_came_before_its_sale_stands_once_that_comes(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    cart = one.keyed(DOSA)
    order = one.place(cart)
    early = Refund(two, cart, order, r1=1).start().answer("approved")
    two.push()
    assert quarantined(venue) == ["The sale to refund is not in the database.", "The refund never began here."]
    assert venue.rows("SELECT amount FROM warm.quarantine ORDER BY id") == [(Decimal("-80.00"),)] * 2
    retry = "SELECT till.quarantine_retry_v1(%s, NULL, %s)::text"
    [(record,), _answer] = venue.rows("SELECT id FROM warm.quarantine ORDER BY id")
    venue.value(retry, venue.store, record)
    assert states(venue) == []
    one.push(cart.snapshot(0, status="completed"))
    assert states(venue) == ["approved"]
    assert venue.rows("SELECT refund_id::text FROM cold.refunds") == [(early.id,)]
    assert venue.value("SELECT count(*) FROM warm.quarantine WHERE resolved_at IS NULL") == 0


@pytest.mark.parametrize("settled", [False, True])
def test_a_refund_that_comes_while_its_sale_is_being_written_stands(
    venue: Venue, database: Database, *, settled: bool
) -> None:
    """After a restore all tills are back at once: neither push sees what the other has not committed yet."""
    one, two = venue.till(), venue.till(2)
    for till in (one, two):
        till.push(seq=till.seq)
    cart = one.keyed(DOSA)
    order = one.place(cart)
    Refund(two, cart, order, r1=1).start().answer("approved")
    with connect(database.app) as other, other.transaction():
        other.execute("SELECT warm.sync_push_v1(%s)", [json.dumps(one.request(cart.snapshot(0, status="completed")))])
        two.push(seq=two.seq)
        assert quarantined(venue) == ["The sale to refund is not in the database.", "The refund never began here."]
    assert states(venue) == []
    if settled:
        settle = "SELECT till.quarantine_resolve_v1(%s, 9, %s, 'given in cash')::text"
        for (record,) in venue.rows("SELECT id FROM warm.quarantine ORDER BY id"):
            venue.value(settle, venue.store, record)
    else:
        venue.owner.execute("UPDATE till.tills SET seen_at = seen_at - interval '3 seconds'")
        reply = two.push(seq=two.seq)
        assert reply["records"] == 0
    assert (states(venue), report(venue).refunds) == (["approved"], {"CASH": -8_000})
    assert venue.value("SELECT count(*) FROM warm.quarantine WHERE resolved_at IS NULL") == 0


def test_a_correction_that_came_before_its_sale_stands_once_that_comes(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    cart = one.keyed(DOSA)
    one.push()
    two.take(cart)
    order = one.place(cart, payments=[part_paid(two, cart, "80.00")])
    correct(two, cart, order)
    two.push()
    assert len(quarantined(venue)) == 1
    one.push()
    assert venue.value("SELECT count(*) FROM warm.quarantine WHERE resolved_at IS NULL") == 0
    assert venue.rows("SELECT tender FROM cold.tender_correction") == [("CARD",)]


def test_a_refund_that_came_before_the_correction_of_its_tender_stands_once_that_comes(venue: Venue) -> None:
    """After a restore, the till that refunded may be back before the one that corrected."""
    one, two = venue.till(), venue.till(2)
    cart, order = sell(one, (DOSA, 1))
    Refund(two, cart, order, r1=1).start(tender="CARD", drawer=None).answer("approved", tender="CARD", drawer=None)
    two.push()
    assert quarantined(venue) == ["The refund is in a tender that did not pay.", "The refund never began here."]
    correct(one, cart, order)
    one.push()
    assert venue.value("SELECT count(*) FROM warm.quarantine WHERE resolved_at IS NULL") == 0
    assert (states(venue), report(venue).refunds) == (["approved"], {"CARD": -8_000})


def part_paid(till: Till, cart: Cart, amount: str) -> dict[str, Any]:
    """Take cash for an order, and return it as the sale of another till lists it."""
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": amount, "change": "20.00"}
    tendered = str(Decimal(amount) + 20)
    till.make("payment_approved", cart.session, {**payment, "tendered": tendered, "drawer": till.number})
    return payment | {"till": till.number}


def book_waiting(venue: Venue) -> None:
    """Let a manager book what waits."""
    for (record,) in venue.rows("SELECT id FROM warm.quarantine WHERE resolved_at IS NULL AND sqlstate = 'TL026'"):
        venue.ask("quarantine_book_v1", 9, record)


def correct(till: Till, cart: Cart, order: dict[str, Any], **changes: Any) -> None:
    (payment,) = order["payments"]
    data = {
        "order_id": order["order_id"], "payment_id": payment["payment_id"], "was": payment["tender"], "tender": "CARD",
        "amount": payment["amount"], "approved_by": 9,
    }  # fmt: skip
    till.make("tender_corrected", cart.session, data | changes)


def test_the_report_counts_the_tender_that_paid_in_truth(venue: Venue) -> None:
    till = venue.till()
    cart, order = sell(till, (DOSA, 1))
    (payment,) = order["payments"]
    payment["change"] = "20.00"
    other, second = sell(till, (IDLY, 1), payments=[payment | {"payment_id": new_id(), "amount": "40.00"}])
    correct(till, cart, order)
    correct(till, other, second)
    correct(till, other, second, was="CARD", tender="MEAL")
    till.push()
    found = report(venue)
    assert (found.tenders, found.drawers) == ({"CARD": 8_000, "MEAL": 4_000}, {})
    assert venue.rows("SELECT tender, amount FROM order_payment ORDER BY order_id, is_change") == [
        ("CASH", Decimal("80.00")), ("CASH", Decimal("60.00")), ("CASH", Decimal("-20.00")),
    ]  # fmt: skip
    assert venue.value("SELECT count(*) FROM cold.tender_correction") == 3
    correct(till, cart, order, payment_id=new_id())
    till.push()
    assert quarantined(venue) == ["Another till took that payment: a manager books this correction."]
    assert venue.rows("SELECT DISTINCT refold FROM till.order_sessions") == [(False,)]


@pytest.mark.parametrize(
    ("first", "second", "counts", "waits"),
    [
        ({"tender": "CARD"}, {"tender": "CARD"}, "CARD", []),
        ({"tender": "CARD"}, {"tender": "UPI"}, "UPI", ["outcome_contradicted"]),
        (
            {"tender": "CARD"},
            {"was": "CARD", "tender": "UPI"},
            "UPI",
            [],
        ),  # the second author knew the first correction
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_corrections_by_two_tills_count_once_and_wait_where_they_disagree(
    venue: Venue, first: dict[str, str], second: dict[str, str], counts: str, waits: list[str], *, turned: bool
) -> None:
    one, two = venue.till(), venue.till(2)
    cart, order = sell(one, (DOSA, 1))
    correct(one, cart, order, **first)
    correct(two, cart, order, **second)
    for till in (two, one) if turned else (one, two):
        till.push()
    book_waiting(venue)
    found = report(venue)
    assert (found.tenders, found.drawers) == ({counts: 8_000}, {})
    found_here = venue.rows("SELECT kind, subject, amount, session_id FROM till.conflicts")
    payment = order["payments"][0]["payment_id"]
    assert found_here == [(kind, payment, Decimal("80.00"), cart.session) for kind in waits]
    assert one.push()["conflicts"] == len(waits)


def test_cash_lies_in_the_drawer_of_the_till_that_took_it(venue: Venue) -> None:
    """A part was paid at till 2 before till 1 recalled the tab."""
    till, other = venue.till(), venue.till(2)
    cart = other.keyed(DOSA)
    parts = [part_paid(other, cart, "30.00")]
    other.push()
    till.take(cart)
    parts.append({"payment_id": new_id(), "tender": "CASH", "amount": "50.00", "change": "20.00"})
    order = till.place(cart, payments=parts)
    till.push()
    assert report(venue).drawers == {1: 5_000, 2: 3_000}
    correct(till, cart, order | {"payments": parts[:1]}, drawer=2)
    till.push()
    book_waiting(venue)
    assert report(venue).drawers == {1: 5_000}


def test_change_for_another_tender_reduces_the_cash_in_the_drawer_and_its_refund_does_not(
    venue: Venue,
) -> None:
    till = venue.till()
    payment = {"tender": "LUNCH", "payment_id": new_id(), "amount": "80.00", "change": "20.00"}
    cart, order = sell(till, (DOSA, 1), payments=[payment])
    given = Refund(till, cart, order, r1=1)
    given.facts["tender"] = "LUNCH"
    given.start(tender="LUNCH").answer("approved")
    till.push()
    found = report(venue)
    assert (found.tenders, found.refunds) == ({"CASH": -2_000, "LUNCH": 10_000}, {"LUNCH": -8_000})
    assert found.drawers == {1: -2_000}
    assert venue.rows("SELECT drawer FROM cold.refunds") == [(1,)]


def test_refund_names_its_person_and_approver(venue: Venue) -> None:
    till = venue.till()
    cart, order = sell(till, (DOSA, 1))
    given = Refund(till, cart, order, r1=1).start("Mrs Rao: cold").answer("approved")
    correct(till, cart, order)
    (payment,) = order["payments"]
    reference = {"payment_id": payment["payment_id"], "refund_id": given.id}
    till.make("slip_kept", cart.session, reference, texts={"text": "REFUND 40.00"})
    till.push()
    assert quarantined(venue) == []
    acts = read_acts(venue.ask, venue.store, ActFilter(till=1), Currency("INR")).acts
    assert [(act["kind"], act["amount"], act["approved_by"], act["session"], act["receipts"]) for act in acts] == [
        ("put-right", "80.00", 9, cart.session, [order["receipt"]]),
        ("refunded", "-80.00", 9, cart.session, [order["receipt"]]),
    ]
    assert acts[1]["reason"] == "Mrs Rao: cold"
    shown = venue.value("SELECT till.session_show_v1(%s, %s)", venue.store, cart.session)
    ((refund),) = shown["refunds"]
    assert (refund["receipt"], refund["sold"], refund["state"], refund["approved_by"]) == (
        "1-R000001", order["receipt"], "approved", 9,
    )  # fmt: skip
    assert "tender_corrected" in [event["type"] for event in shown["events"]]
    (kept,) = [event for event in shown["events"] if event["type"] == "slip_kept"]
    assert (kept["data"]["refund_id"], kept["texts"]) == (refund["refund_id"], {"text": "REFUND 40.00"})
    venue.value("SELECT till.erase_v1(%s, NULL, %s)::text", venue.store, cart.session)
    shown = venue.value("SELECT till.session_show_v1(%s, %s)", venue.store, cart.session)
    assert "REFUND 40.00" not in str(shown)
    assert read_acts(venue.ask, venue.store, ActFilter(kinds=("refunded",)), Currency("INR")).acts[0]["reason"] == ""


def found(till: Till, **asked: Any) -> list[str]:
    return [sale["receipt"] for sale in till.read("warm.past_sales_v1", **asked)["sales"]]


def test_past_sales_are_found_by_what_is_known_of_them(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    cart, first = sell(one, (DOSA, 2))
    _cart, second = sell(two, (IDLY, 1))
    _cart, third = sell(one, (DOSA, 1), (IDLY, 1))
    newest = [order["receipt"] for order in (third, second, first)]
    assert found(two) == newest
    assert found(two, after=third["order_id"]) == newest[1:]
    assert found(two, receipt=first["receipt"]) == [newest[2]]
    assert found(two, amount="120.00") == [newest[0]]
    assert found(two, items=[DOSA, "x"]) == [newest[0], newest[2]]
    assert found(two, items=[DOSA], after=third["order_id"]) == [newest[2]]
    assert found(two, **{"from": "2026-03-03T05:00:00Z", "to": "2026-03-03T05:00:01Z"}) == []
    assert found(two, receipt="nonsense") == []
    Refund(one, cart, first, r1=1).start()
    correct(one, cart, first)
    one.push()
    (sale,) = two.read("warm.past_sales_v1", receipt="1-R000001")["sales"]
    assert (sale["receipt"], sale["tenders"], sale["total"]) == (first["receipt"], ["CARD"], "160.00")
    ((refund),) = sale["refunds"]
    assert (refund["state"], refund["data"]["receipt"], refund["till"]) == ("reserved", "1-R000001", 1)
    assert not two.read("warm.past_sales_v1", amount="x")["ok"]
    assert not two.read("warm.refund_state_v1", refund="x")["ok"]
    assert two.read("warm.refund_state_v1", refund=new_id())["state"] is None


def test_sale_of_a_rounded_bill_is_found_by_its_total_and_by_what_was_paid(venue: Venue) -> None:
    venue.owner.execute(MANY.replace("n %% 900, 0, 0, 0,", "n %% 900 + 0.06, 0, 0, -0.06,"), [venue.store])
    till = venue.till()
    assert found(till, amount="311.06")[0] == "1-004811"
    assert found(till, amount="311") == [], "this venue does not round"
    settings = {"rounding": {"step": "1", "of": "bill"}}
    venue.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [venue.store, Jsonb(settings)])
    sales = ["1-004811", "1-003911", "1-003011", "1-002111", "1-001211", "1-000311"]
    assert found(till, amount="311") == found(till, amount="311.06") == sales
    assert found(till, amount="311.05") == []


#: As many sales as an index is worth, of a till that sold one each minute.
MANY = """
    INSERT INTO cold.orders (order_id, session_id, order_source_id, total_amount, net, tax, rounding, service_charge,
        service_charge_net, currency, receipt, business_date, taxes, voids, till_id, event_id, store_id, created_at)
    SELECT warm.least_id(at), n::text, (SELECT min(order_source_id) FROM cold.order_source_type), n %% 900, 0, 0, 0,
        0, 0, 'INR', '1-' || lpad(n::text, 6, '0'), at::date, '[]', '[]', 1, gen_random_uuid(), %s, at
    FROM generate_series(1, 5000) AS n,
        lateral (SELECT timestamptz '2026-01-01' + n * interval '1 minute' AS at) AS x"""
SOLD = """
    INSERT INTO cold.order_item (order_id, position, menu_item_id, item_name, quantity, unit_price, subtotal, net, tax,
        discount, taxes, modifiers, line_ids, store_id)
    SELECT order_id, place, menu_item_id, '', 1, 0, 0, 0, 0, 0, '[]', '[]', '{}', store_id
    FROM cold.orders, lateral (VALUES (1, total_amount::text), (2, 'tea'), (3, 'tea')) AS x (place, menu_item_id)"""


def test_among_many_sales_one_is_found_by_an_index(venue: Venue) -> None:
    venue.owner.execute(MANY, [venue.store])
    venue.owner.execute("ALTER TABLE cold.order_item DISABLE TRIGGER nothing_late")
    venue.owner.execute(SOLD)
    venue.owner.execute("ANALYZE cold.orders, cold.order_item")
    for table, where, index in (
        ("orders", "total_amount = 80 ORDER BY order_id DESC", "orders_by_amount"),
        ("orders", "receipt = '1-000001'", "orders_by_receipt"),
        ("orders", "created_at < now() ORDER BY created_at DESC, order_id DESC", "orders_by_time"),
        ("order_item", "menu_item_id = '80' ORDER BY order_id DESC", "order_item_by_item"),
    ):
        query = f"EXPLAIN SELECT * FROM cold.{table} WHERE store_id = %s AND {where} LIMIT 50"  # noqa: S608 - ours
        plan = "\n".join(row[0] for row in venue.rows(query, venue.store))
        assert index in plan
        assert "Seq Scan" not in plan
    till = venue.till()
    assert found(till, amount="80")[0] == "1-004580"
    after = str(venue.value("SELECT order_id FROM orders WHERE receipt = '1-003000'"))
    assert found(till, items=["80"], after=after) == ["1-002780", "1-001880", "1-000980", "1-000080"]
    page = till.read("warm.past_sales_v1", items=["tea"])
    assert (len(page["sales"]), page["more"]) == (50, True), "a sale with two rows of an item is one of fifty"


def test_a_second_sale_is_refunded_by_a_payment_that_stands_with_the_first(venue: Venue) -> None:
    """The money of both sales is there once: what is refunded under one is gone for the other."""
    one, two, cart, other = shared(venue)
    first = one.place(cart)
    one.push()
    second = two.place(other, payments=[*first["payments"], {**paid("80.00"), "tender": "CASH"}])
    two.push()
    asked = [
        Refund(two, other, second, 1, r2=1).start(),
        Refund(two, other, second, 2, r1=3).start(),
        Refund(two, cart, first, 3, r1=3).start(),
    ]
    two.push()
    assert [two.read("warm.refund_state_v1", refund=one.id)["state"] for one in asked] == [
        "reserved",
        "reserved",
        "refused",
    ]
