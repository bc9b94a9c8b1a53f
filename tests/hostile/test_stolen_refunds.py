"""Refunds by somebody with one till's secret: the sale, the drawer, the approval and the amount."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from db.engine import connect
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Sealed, Till, Venue, new_id, packed
from tests.sql.test_refunds import Refund, book_waiting, correct, lines_of, quarantined, sell, states
from tests.sql.test_verify import verify
from till.sync.messages import DamagedReplyError
from till.sync.past_sales import past_sale

if TYPE_CHECKING:
    from tests.plugins.database import Database

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2


def retried(venue: Venue) -> list[bool]:
    """Retry every skipped record."""
    retry = "SELECT till.quarantine_retry_v1(%s, NULL, %s)"
    waiting = venue.rows("SELECT id FROM warm.quarantine WHERE resolved_at IS NULL ORDER BY id")
    return [venue.value(retry, venue.store, record)["applied"] for (record,) in waiting]


@pytest.mark.parametrize("answer", ["declined", "approved", "unknown"])
def test_the_outcome_of_a_refund_is_reported_by_the_till_that_began_it(venue: Venue, answer: str) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, order = sell(honest, (DOSA, 1))
    refund = Refund(honest, cart, order, r1=1).start()
    honest.push()
    refund.till = thief
    refund.answer(answer)
    assert thief.push()["ok"]
    assert states(venue) == ["reserved"]
    assert quarantined(venue) == ["Another till began this refund."]
    assert retried(venue) == [False]
    refund.till = honest
    refund.answer("approved")
    honest.push()
    assert venue.rows("SELECT till_id, drawer FROM cold.refunds") == [(HONEST, HONEST)]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"drawer": HONEST}, "out of the drawer of its till"),
        ({"drawer": None}, "out of the drawer of its till"),
        ({"tender": "CARD", "drawer": None}, "a tender that did not pay"),
        ({"tender": "CARD"}, "a tender that did not pay"),
        ({"tender": "CARD", "drawer": HONEST}, "out of the drawer of its till"),
        ({"amount": "-80.0001", "net": "-76.1901"}, "smaller than the coin"),
        ({"taxes": [{"name": "GST", "rate": "5", "net": "-76.19", "tax": "-900.00"}]}, "do not add up to its amount"),
        ({"business_date": "2026-02-31"}, "date"),
        ({"business_date": "2026-02-20"}, "does not fit its time"),
        ({"business_date": "2036-03-03"}, "does not fit its time"),
        ({"currency": "USD"}, "another sale"),
    ],
)
def test_a_refund_that_no_till_of_ours_would_begin_is_quarantined(
    venue: Venue, changes: dict[str, Any], why: str
) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, order = sell(honest, (DOSA, 1))
    Refund(thief, cart, order, r1=1).start(**changes)
    assert thief.push()["ok"]
    (reason,) = quarantined(venue)
    assert why in reason
    assert states(venue) == []
    assert retried(venue) == [False]
    assert honest.read("warm.past_sales_v1", receipt=order["receipt"])["sales"][0]["refunds"] == []


def test_a_row_goes_back_once_in_a_refund(venue: Venue) -> None:
    till = venue.till(THIEF)
    cart, order = sell(venue.till(HONEST), (DOSA, 2))
    refund = Refund(till, cart, order, r1=1)
    (line,) = lines_of(order, r1=1)
    refund.start(lines=[line, line])
    till.push()
    assert states(venue) == []
    assert "twice" in quarantined(venue)[0]


def test_a_refund_begins_once(venue: Venue) -> None:
    till = venue.till(THIEF)
    cart, order = sell(till, (DOSA, 2))
    refund = Refund(till, cart, order, r1=1).start()
    till.push()
    bigger = Refund(till, cart, order, r1=2)
    bigger.id = refund.id
    bigger.start()
    till.push()
    assert quarantined(venue) == ["A refund with this id has already begun."]
    assert venue.rows("SELECT amount FROM till.refund_claims") == [(Decimal("-80.00"),)]


def test_many_small_refunds_of_two_receipts_never_come_to_more_than_was_sold(venue: Venue) -> None:
    one, two = venue.till(HONEST), venue.till(THIEF)
    cart, order = sell(one, (IDLY, 1))
    _other, second = sell(one, (DOSA, 1))
    for number in range(1, 8):
        small: dict[str, Any] = {"amount": "-10.00", "net": "-9.52", "tax": "-0.48", "lines": [],
                 "taxes": [{"name": "GST", "rate": "5", "net": "-9.52", "tax": "-0.48"}]}  # fmt: skip
        refund = Refund((one, two)[number % 2], cart, order, number, r1=1)
        refund.facts["amount"] = "-10.00"
        refund.start(**small).answer("approved")
        (one, two)[number % 2].push()
    across = Refund(two, cart, order, 9, r1=1).start(payment_id=second["payments"][0]["payment_id"])
    two.push()
    assert sorted(states(venue)) == ["approved"] * 7 + ["refused"]
    assert venue.value("SELECT count(*) FROM cold.refunds WHERE is_beyond") == 3
    assert venue.value("SELECT count(*) FROM till.conflicts WHERE kind = 'refunded_beyond'") == 3
    assert quarantined(venue) == []
    across.answer("approved")
    two.push()
    assert ("refunded_beyond", across.id) in venue.rows("SELECT kind, subject FROM till.conflicts")


@pytest.mark.parametrize("tender", ["CASH", "CARD"])
def test_a_refund_that_reverses_no_payment_of_its_sale_is_reported_with_its_amount(venue: Venue, tender: str) -> None:
    thief = venue.till(THIEF)
    cart, order = sell(venue.till(HONEST), (DOSA, 1))
    refund = Refund(thief, cart, order, r1=1)
    refund.facts["tender"] = tender
    refund.start(payment_id=new_id(), tender=tender).answer("approved")
    assert thief.push()["ok"]
    assert quarantined(venue) == []
    assert venue.rows("SELECT kind, subject, amount FROM till.conflicts") == [
        ("refunded_beyond", refund.id, Decimal("80.00"))
    ]
    assert venue.rows("SELECT is_beyond, drawer FROM cold.refunds") == [(True, THIEF)]
    assert venue.value("SELECT sum(amount) FROM cold.refunds_by_tender") == Decimal("-80.00")


def test_a_sale_all_of_which_went_back_gives_nothing_more(venue: Venue) -> None:
    thief = venue.till(THIEF)
    cart, order = sell(venue.till(HONEST), (DOSA, 1))
    Refund(thief, cart, order, 1, r1=1).start().answer("approved")
    more = Refund(thief, cart, order, 2, r1=1).start().answer("approved")
    assert thief.push()["ok"]
    assert venue.rows("SELECT kind, subject FROM till.conflicts") == [("refunded_beyond", more.id)]


@pytest.mark.parametrize("placed", [False, True])
def test_a_refund_under_the_id_of_a_payment_is_quarantined_and_the_payment_stands(
    venue: Venue, *, placed: bool
) -> None:
    """A thief can read the id of a payment on an order that it shares."""
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    sold, order = sell(honest, (DOSA, 1))
    cart = honest.keyed(IDLY)
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "40.00"}
    honest.make("payment_started", cart.session, payment | {"key": payment["payment_id"]})
    honest.push()
    refund = Refund(thief, sold, order, r1=1)
    refund.id = order["payments"][0]["payment_id"] if placed else payment["payment_id"]
    refund.start().answer("approved")
    assert thief.push()["ok"]
    assert quarantined(venue) == ["The refund has the id of a payment.", "The refund never began here."]
    assert states(venue) == []
    honest.make("payment_approved", cart.session, payment | {"tendered": "40.00", "change": "0.00", "drawer": HONEST})
    honest.place(cart, payments=[payment | {"change": "0.00"}])
    honest.push()
    assert venue.value("SELECT count(*) FROM cold.orders") == 2


@pytest.mark.parametrize("kind", ["payment_started", "payment_approved", "order_placed"])
def test_a_payment_with_the_id_of_a_refund_is_kept_out(venue: Venue, kind: str) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    sold, order = sell(honest, (DOSA, 1))
    refund = Refund(honest, sold, order, r1=1).start()
    honest.push()
    cart = thief.keyed(DOSA)
    payment = {"payment_id": refund.id, "tender": "CASH", "amount": "80.00"}
    if kind == "payment_started":
        thief.make(kind, cart.session, payment | {"key": refund.id})
    elif kind == "payment_approved":
        thief.make(kind, cart.session, payment | {"tendered": "80.00", "change": "0.00"})
    else:
        thief.place(cart, payments=[payment | {"change": "0.00"}])
    assert thief.push()["ok"]
    assert [row[0] for row in venue.rows("SELECT reason FROM warm.quarantine")] == [
        "The payment has the id of a refund."
    ]
    assert retried(venue) == [False]
    refund.answer("approved")
    honest.push()
    assert states(venue) == ["approved"]


def test_one_of_many_concurrent_refunds_succeeds(venue: Venue, database: Database) -> None:
    seller = venue.till(HONEST)
    cart, order = sell(seller, (DOSA, 1))
    refunds: list[Refund] = []
    received: list[Any] = []

    def push(number: int) -> None:
        with connect(database.app) as app:
            till = Till(app, venue.store, number, f"secret {number}")
            if number == HONEST:
                till.journal, till.seq, till.hash = seller.journal, seller.seq, seller.hash
            for place in range(1, 6):
                refund = Refund(till, cart, order, place, r1=1).start()
                refunds.append(refund)
                received.append(till.push()["ok"])

    threads = [threading.Thread(target=push, args=[number]) for number in (HONEST, THIEF)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert received == [True] * 10
    assert sorted(states(venue)) == ["refused"] * 9 + ["reserved"]


def test_a_receipt_that_a_till_reserves_for_ever_is_free_once_that_till_is_revoked(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, order = sell(honest, (DOSA, 1))
    Refund(thief, cart, order, r1=1).start()
    thief.push()
    Refund(honest, cart, order, 1, r1=1).start()
    honest.push()
    assert sorted(states(venue)) == ["refused", "reserved"]
    venue.owner.execute("SELECT till.till_revoke_v1(%s, NULL, %s)", [venue.store, THIEF])
    (sale,) = honest.read("warm.past_sales_v1", receipt=order["receipt"])["sales"]
    assert sale["refunds"] == []
    again = Refund(honest, cart, order, 2, r1=1).start().answer("approved")
    honest.push()
    assert venue.rows("SELECT refund_id::text, is_beyond FROM cold.refunds") == [(again.id, False)]


def test_a_receipt_that_a_lost_machine_reserved_is_free_once_another_replaces_it(venue: Venue) -> None:
    honest, lost = venue.till(HONEST), venue.till(THIEF)
    cart, order = sell(honest, (DOSA, 1))
    kept = Refund(lost, cart, order, r1=1).start()
    lost.push()
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, %s)", [venue.store, THIEF])
    anew = Refund(venue.till(THIEF), cart, order, 2, r1=1).start().answer("approved")
    assert anew.till.push()["ok"]
    assert states(venue) == ["reserved", "approved"]
    kept.answer("approved")  # its journal is sent after all
    assert lost.push()["ok"]
    beyond = {row[0]: row[1] for row in venue.rows("SELECT refund_id::text, is_beyond FROM cold.refunds")}
    assert beyond == {anew.id: False, kept.id: True}


def test_a_receipt_that_stands_as_void_gives_nothing_back(venue: Venue) -> None:
    """If two receipts have the same lines and payments, the second is void: its sale is that of the first."""
    till = venue.till(HONEST)
    cart, order = sell(till, (DOSA, 1))
    void = till.place(cart, payments=order["payments"])
    till.push()
    Refund(till, cart, void, r1=1).start()
    till.push()
    assert quarantined(venue)[-1] == "The sale to refund is not in the database."
    kept = Refund(till, cart, order, 2, r1=1).start()
    till.push()
    assert venue.rows("SELECT refund_id::text FROM till.refund_claims") == [(kept.id,)]


def test_two_refunds_that_bear_one_number_are_a_managers_to_look_at(venue: Venue, database: Database) -> None:
    till, restored = venue.till(HONEST), venue.till(HONEST)
    sales = [sell(till, (DOSA, 1)) for _ in range(3)]
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, %s)", [venue.store, HONEST])
    given = [Refund(one, *sale, r1=1) for one, sale in zip((till, restored, restored), sales, strict=True)]
    for refund in given:
        refund.facts["receipt"] = "1-R000001"
        refund.start(receipt="1-R000001")
        refund.till.push()
    first, second, left = given
    left.answer("declined").till.push()
    assert venue.value("SELECT count(*) FROM till.conflicts") == 0, "no money went for any"

    def push(refund: Refund) -> None:
        with connect(database.app) as app:
            refund.till.connection = app
            refund.answer("approved").till.push()

    threads = [threading.Thread(target=push, args=[refund]) for refund in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (found,) = venue.till(HONEST).read("till.conflicts_v1")["conflicts"]
    assert (found["kind"], found["amount"], found["till"]) == ("number_twice", "80.00", 0)
    assert found["subject"] in {first.id, second.id}
    assert found["receipts"][-1] == "1-R000001"
    assert {found["session"], *found["also"]} == {cart.session for cart, _order in sales[:2]}
    assert venue.value("SELECT count(*) FROM cold.refunds") == 2, "the money of both went"


@pytest.mark.parametrize("who", [1, 4242])
def test_refund_approved_by_no_manager_is_reported(venue: Venue, who: int) -> None:
    till = venue.till(THIEF)
    cart, order = sell(till, (DOSA, 1))
    Refund(till, cart, order, r1=1).start(approved_by=who).answer("approved")
    till.push()
    assert venue.value("SELECT count(*) FROM cold.refunds") == 1, "the money went"
    assert quarantined(venue) == [
        f"The till names number {who} as approver, who is not a manager here. It was accepted."
    ]
    assert retried(venue) == [False]


def test_a_tender_is_put_right_to_one_that_is_kept_by_hand(venue: Venue) -> None:
    till = venue.till(THIEF)
    cart, order = sell(till, (DOSA, 1))
    correct(till, cart, order, tender="GIFT\x1b[2J")
    till.push()
    assert venue.rows("SELECT tender FROM cold.tender_correction") == []
    assert len(quarantined(venue)) == 1
    charged = {"payment_id": new_id(), "tender": "CARD", "amount": "80.00", "change": "0.00", "transaction": "slip 1"}
    other, card = sell(till, (DOSA, 1), payments=[charged])
    correct(till, other, card, tender="CASH")
    till.push()
    assert venue.rows("SELECT tender FROM cold.tender_correction") == []
    assert len(quarantined(venue)) == 2


def test_every_reason_of_a_refund_is_forgotten_with_its_order(venue: Venue) -> None:
    till = venue.till(HONEST)
    cart, order = sell(till, (DOSA, 2))
    correct(till, cart, order, payment_id=new_id())  # put aside, with what is said as it is settled
    refund = Refund(till, cart, order, r1=1).start("Mrs Rao")
    till.make("refund_declined", refund.id, refund.facts, texts={"reason": "Mrs Rao left"})
    Refund(till, cart, order, 2, r1=1).start("Mrs Rao again", sold="1-999999")
    till.push()
    late = Refund(till, cart, order, 3, r1=1).start("Mrs Rao of the future")
    body = late.till.pending.pop()
    assert not isinstance(body, Sealed)
    till.seq, till.hash = body.seq - 1, body.prev_hash
    sealed = till.seal_badly(body.body.replace('"v":1}', '"v":2}'), body.id)
    till.pending.clear()
    travelling = {"b": sealed.body, "h": sealed.hash, "t": packed(body)["t"]}
    assert till.send(till.request() | {"events": [travelling]})["ok"]
    assert venue.value("SELECT count(*) FROM warm.event_texts") == 3
    assert venue.value("SELECT count(*) FROM warm.quarantine WHERE texts <> '{}'") == 1
    settle = "SELECT till.quarantine_resolve_v1(%s, 9, (SELECT min(id) FROM warm.quarantine), 'Mrs Rao paid')"
    venue.value(settle, venue.store)
    venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session)
    assert venue.rows("SELECT text FROM warm.event_texts") == []
    assert venue.rows("SELECT id FROM warm.quarantine WHERE texts <> '{}' OR how <> ''") == []
    assert verify(venue)["sound"] is True


@pytest.mark.parametrize("place", ["amount", "net", "rounding", ("taxes", "tax"), ("lines", "amount")])
def test_a_till_hears_of_an_amount_that_is_none_of_its_money(venue: Venue, place: str | tuple[str, str]) -> None:
    """Another server could send it: the till leaves the row out, reports it and continues."""
    till = venue.till(HONEST)
    cart, order = sell(till, (DOSA, 1))
    Refund(till, cart, order, r1=1).start()
    till.push()
    (row,) = till.read("warm.past_sales_v1")["sales"]
    assert past_sale(msgspec.Raw(msgspec.json.encode(row))).back == 8000
    begun = row["refunds"][0]["data"]
    if isinstance(place, str):
        begun[place] = "-80.0001"
    else:
        begun[place[0]][0][place[1]] = "-80.0001"
    with pytest.raises(DamagedReplyError):
        past_sale(msgspec.Raw(msgspec.json.encode(row)))


# The drawer.


@pytest.mark.parametrize("kind", ["payment_approved", "payment_voided"])
def test_money_is_taken_and_given_back_at_the_drawer_of_its_own_till(venue: Venue, kind: str) -> None:
    thief = venue.till(THIEF)
    cart = thief.keyed(IDLY)
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "40.00"}
    taken = payment | {"tendered": "40.00", "change": "0.00"}
    if kind == "payment_voided":
        thief.make("payment_approved", cart.session, taken)
    thief.make(kind, cart.session, (payment if kind == "payment_voided" else taken) | {"drawer": HONEST})
    assert thief.push()["ok"]
    assert quarantined(venue) == ["The payment names the drawer of another till."]
    assert retried(venue) == [False]
    assert venue.types("event_type = %s AND event_data ? 'drawer'", kind) == []


@pytest.mark.parametrize("changes", [{"drawer": THIEF}, {"was_drawer": THIEF}])
def test_a_tender_is_corrected_in_the_drawer_that_has_its_money(venue: Venue, changes: dict[str, Any]) -> None:
    till = venue.till(HONEST)
    cart, order = sell(till, (DOSA, 1))
    correct(till, cart, order, **changes)
    till.push()
    assert quarantined(venue) == ["The correction names another drawer than that of the till that took the payment."]
    assert venue.rows("SELECT drawer, amount FROM cold.cash_by_drawer") == [(HONEST, Decimal("80.00"))]


def test_a_till_puts_its_own_right_without_a_manager_and_hears_nothing_of_it(venue: Venue) -> None:
    honest = venue.till(HONEST)
    cart, order = sell(honest, (DOSA, 1))
    correct(honest, cart, order, approved_by=None, was_drawer=HONEST)
    assert honest.push(reference={"drawer": 0})["reference"] == {}
    assert quarantined(venue) == []
    assert venue.rows("SELECT drawer FROM cold.tender_correction") == [(HONEST,)]


def test_a_till_hears_once_what_a_manager_put_right_of_its_drawer_elsewhere(venue: Venue) -> None:
    honest, other = venue.till(HONEST), venue.till(THIEF)
    cart, order = sell(honest, (DOSA, 1))
    honest.push()
    other.now = datetime.now(UTC)
    correct(other, cart, order, was_drawer=HONEST)
    other.push()
    book_waiting(venue)
    venue.owner.execute("UPDATE till.tills SET seen_at = NULL")
    drawer = honest.push(reference={"drawer": 0})["reference"]["drawer"]
    (row,) = drawer["body"]["corrected"]
    known = venue.rows("SELECT correction_id::text, payment_id::text FROM cold.tender_correction")
    assert [(row.pop("id"), row.pop("payment"))] == known
    assert [row] == [
        {"session": cart.session, "receipt": order["receipt"], "was": "CASH", "tender": "CARD", "amount": "80.00",
         "currency": "INR", "till": THIEF}
    ]  # fmt: skip
    venue.owner.execute("UPDATE till.tills SET seen_at = NULL")
    assert honest.push(reference={"drawer": drawer["version"]})["reference"] == {}
    venue.owner.execute("UPDATE till.tills SET seen_at = NULL")
    assert other.push(reference={"drawer": 0})["reference"] == {}
    other.now += timedelta(minutes=1)
    correct(other, cart, order, was="CARD", tender="UPI", was_drawer=None)
    other.push()
    book_waiting(venue)
    venue.owner.execute("UPDATE till.tills SET seen_at = NULL")
    (row,) = honest.push(reference={"drawer": 0})["reference"]["drawer"]["body"]["corrected"]
    assert (row["was"], row["tender"]) == ("CASH", "UPI"), "it has heard of none: its cash is not there"
    honest.now = other.now + timedelta(minutes=1)
    correct(honest, cart, order, approved_by=None, was="UPI", was_drawer=None, tender="CARD")
    honest.push()
    venue.owner.execute("UPDATE till.tills SET seen_at = NULL")
    assert honest.push(reference={"drawer": 0})["reference"] == {}, "its own, the last one, counts"
