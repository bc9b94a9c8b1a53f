"""Full invoices for tickets that are paid: one till claims it at the server, and its event follows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import Till, new_id, new_number
from tests.sql.test_fiscal_sender import begin, sender_of, waiting
from tests.sql.test_stamps import by_law, record, sell, states
from till.administration.calls import AdministrationError

if TYPE_CHECKING:
    from tests.sql.ringing import Cart, Venue


@pytest.fixture
def till(venue: Venue) -> Till:
    return by_law(venue)


BUYER = {"name": "Rao Ltd", "tax_number": "29X", "address": "C/ Sol 5"}


def ticket(at: Till) -> tuple[Cart, dict[str, Any]]:
    """Push a sale with its stamp."""
    cart, order = sell(at)
    at.make("fiscal_stamped", None, record(at, order))
    at.push()
    return cart, order


def claim(at: Till, order: dict[str, Any]) -> tuple[str | None, int | None, str | None]:
    answer = at.read("till.claim_invoice_v1", order=order["order_id"], journal=at.journal)
    return answer["why"], answer["till"], answer["number"]


def second(venue: Venue) -> Till:
    other = venue.till(2)
    other.make("journal_opened", None, {"host": "bar-2"})
    other.push()
    return other


def invoice(at: Till, cart: Cart, order: dict[str, Any], *, previous: str = "", **changes: Any) -> dict[str, Any]:
    """Write the invoice for a ticket, with its stamp."""
    data = {"order_id": order["order_id"], "sold": order["receipt"], "number": new_number(at.number, "F"), **changes}
    event = at.make("invoice_issued", cart.session, data, texts=BUYER)
    made = order | {"order_id": event.id, "receipt": data["number"]}
    stamp = record(at, made, previous, kind="F3")
    at.make("fiscal_stamped", None, stamp)
    at.push()
    return data | {"event": event.id, "hash": stamp["hash"]}


def give_back(at: Till, cart: Cart, order: dict[str, Any]) -> None:
    (payment,) = order["payments"]
    own = {"session_id": cart.session, "receipt": new_number(1, "R"), "tender": "CASH", "amount": "-40.00", "drawer": 1}
    at.make("refund_started", refund := new_id(), {
        **own, "order_id": order["order_id"], "sold": order["receipt"], "business_date": order["business_date"],
        "payment_id": payment["payment_id"], "currency": "INR", "net": "-38.10", "tax": "-1.90", "rounding": "0.00",
        "taxes": [{"name": "GST", "rate": "5", "tax": "-1.90", "net": "-38.10"}],
    })  # fmt: skip
    at.make("refund_approved", refund, own)
    at.push()


def test_invoice_for_a_ticket_is_made_by_one_of_two_tills(venue: Venue, till: Till) -> None:
    other = second(venue)
    cart, order = ticket(till)
    assert claim(other, order) == (None, None, None)
    assert claim(till, order) == ("claimed", 2, None)
    assert claim(other, order)[0] is None, "its own claim"
    data = invoice(other, cart, order)
    assert claim(till, order) == ("issued", 2, data["number"])
    assert states(venue)[f"A/{data['number']}"] == "to_send"
    assert venue.value("SELECT sum(total_amount) FROM cold.orders") == venue.value(
        "SELECT total_amount FROM cold.orders WHERE receipt = %s", order["receipt"]
    )
    for named in (data["number"], order["receipt"]):
        shown = venue.value("SELECT till.session_show_v1(%s, %s)", venue.store, named)
        assert shown["session"]["id"] == cart.session
        assert {one["kind"] for one in shown["stamps"]} == {"F1", "F3"}
        found = other.read("warm.past_sales_v1", receipt=named)["sales"]
        assert [one["receipt"] for one in found] == [order["receipt"]]


def test_claim_that_came_to_nothing_is_free_after_a_minute(venue: Venue, till: Till) -> None:
    other = second(venue)
    cart, order = ticket(till)
    assert claim(other, order)[0] is None
    venue.owner.execute("UPDATE till.invoice_claims SET claimed_at = now() - interval '61 seconds'")
    assert claim(till, order) == (None, 2, None)
    first, late = invoice(other, cart, order), invoice(till, cart, order)
    assert claim(till, order) == ("issued", 2, first["number"])
    assert states(venue)[f"A/{late['number']}"] == "quarantined"
    reasons = [reason for (reason,) in venue.rows("SELECT reason FROM warm.quarantine ORDER BY id")]
    assert reasons[0] == f"Ticket {order['receipt']} has the invoice {first['number']} already: annul one of them."


def test_no_invoice_for_a_ticket_with_a_refund_or_without_a_record(venue: Venue, till: Till) -> None:
    _cart, bare = sell(till)
    till.push()
    assert claim(till, bare)[0] == "unstamped"
    cart, order = ticket(till)
    give_back(till, cart, order)
    assert claim(till, order)[0] == "refunded"
    assert claim(till, {"order_id": new_id()})[0] == "unknown"
    venue.owner.execute("UPDATE till.tills SET money_changes = 1")
    assert claim(till, ticket(till)[1])[0] == "unknown"


def test_ticket_is_refunded_as_ever_after_its_invoice(venue: Venue, till: Till) -> None:
    cart, order = ticket(till)
    assert claim(till, order)[0] is None
    invoice(till, cart, order)
    give_back(till, cart, order)
    assert venue.value("SELECT state FROM till.refund_claims") == "approved"
    assert not venue.rows("SELECT reason FROM warm.quarantine")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"number": "2-F000001"}, "number of the invoice"),
        ({"number": "1-000099"}, "number of the invoice"),
        ({"sold": "1-999999"}, "another sale"),
        ({"order_id": "00000000-0000-7000-8000-000000000000"}, "not in the database"),
    ],
)
def test_invoice_that_is_not_true_waits_for_a_manager_with_its_stamp(
    venue: Venue,
    till: Till,
    changes: dict[str, Any],
    reason: str,
) -> None:
    cart, order = ticket(till)
    data = invoice(till, cart, order, **changes)
    assert states(venue)[f"A/{data['number']}"] == "quarantined"
    assert reason in venue.value("SELECT reason FROM warm.quarantine WHERE event_type = 'invoice_issued'")
    assert claim(till, order)[0] is None


def test_names_of_an_invoice_stay_for_the_years_of_the_law(venue: Venue, till: Till) -> None:
    cart, order = ticket(till)
    assert claim(till, order)[0] is None
    invoice(till, cart, order)
    names = "SELECT count(*) FROM warm.event_texts JOIN warm.session_events USING (event_id) WHERE event_type = %s"
    assert venue.value("SELECT till.invoices_kept_v1(%s, null, %s)", venue.store, cart.session) == 1
    venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session)
    assert venue.value(names, "invoice_issued") == 3
    kept = "SELECT till.keeps_invoice(%s, now() - %s::interval)"
    assert [venue.value(kept, venue.store, years) for years in ("9 years", "11 years")] == [True, False]


def tickets(at: Till, count: int) -> list[tuple[Cart, dict[str, Any]]]:
    """Push some sales with their stamps, each after the one before."""
    made, previous = [], ""
    for _time in range(count):
        cart, order = sell(at)
        stamp = record(at, order, previous)
        at.make("fiscal_stamped", None, stamp)
        previous = stamp["hash"]
        made.append((cart, order))
    at.push()
    return made


def test_invoices_of_tickets_that_a_till_never_claimed_are_quarantined(venue: Venue, till: Till) -> None:
    other, previous = second(venue), ""
    sold = tickets(till, 3)
    give_back(till, *sold[0])
    for cart, order in sold:
        previous = invoice(other, cart, order, previous=previous)["hash"]
    reasons = [
        reason for (reason,) in venue.rows("SELECT reason FROM warm.quarantine WHERE event_type = 'invoice_issued'")
    ]
    assert [f"Till 2 never claimed ticket {order['receipt']}, " in reason
            for (_cart, order), reason in zip(sold, reasons, strict=True)] == [True] * 3  # fmt: skip
    assert [number for number, state in states(venue).items() if "-F" in number and state != "quarantined"] == []
    assert claim(till, sold[1][1])[0] is None, "the ticket stays free"


def test_claims_of_tickets_of_other_tills_have_a_limit_by_the_hour(venue: Venue, till: Till) -> None:
    other = second(venue)
    sold = tickets(till, 22)
    answers = [claim(other, order)[0] for _cart, order in sold]
    assert answers == [*[None] * 20, "too_many", "too_many"]
    assert claim(other, sold[0][1])[0] is None, "one that it has already"
    assert [claim(till, order)[0] for _cart, order in sold[20:]] == [None, None], "its own have none"
    (own,) = tickets(other, 1)
    assert claim(other, own[1])[0] is None
    venue.owner.execute("UPDATE till.invoice_claimers SET claimed_at = claimed_at - interval '1 hour'")
    venue.owner.execute("UPDATE till.invoice_claims SET claimed_at = now() - interval '61 seconds'")
    assert claim(other, sold[21][1])[0] is None


def test_invoice_made_since_a_restored_backup_needs_no_claim(venue: Venue, till: Till) -> None:
    other = second(venue)
    made = tickets(till, 3)
    venue.owner.execute("UPDATE till.tills SET seen_at = now() - interval '1 hour'")
    venue.owner.execute("SELECT till.note_backup(now() - interval '30 minutes'), till.note_restored()")
    assert venue.value("SELECT till.restored_at() - till.restored_from() BETWEEN '29 minutes' AND '31 minutes'")
    now = venue.value("SELECT now()")
    previous = ""
    for (cart, order), minutes in zip(made, (40, 10), strict=False):
        other.now = now - timedelta(minutes=minutes)
        previous = invoice_unsent(other, cart, order, previous)
    other.push(seq=other.seq)
    kinds = [state for number, state in sorted(states(venue).items()) if "2-F" in number]
    assert kinds == ["quarantined", "to_send"], "one from before the backup would have its claim in it"
    cart, order = made[2]
    other.now = now - timedelta(minutes=5)
    invoice_unsent(other, cart, order, previous)
    other.push()
    assert venue.rows("SELECT till_id FROM till.invoice_claims WHERE event_id IS NOT NULL AND order_id = %s",
                      order["order_id"]) == []  # fmt: skip


def invoice_unsent(at: Till, cart: Cart, order: dict[str, Any], previous: str) -> str:
    """Write the invoice for a ticket with its stamp, and return the seal of that."""
    data = {"order_id": order["order_id"], "sold": order["receipt"], "number": new_number(at.number, "F")}
    event = at.make("invoice_issued", cart.session, data, texts=BUYER)
    stamp = record(at, order | {"order_id": event.id, "receipt": data["number"]}, previous, kind="F3")
    at.make("fiscal_stamped", None, stamp)
    return str(stamp["hash"])


def test_invoices_of_a_revoked_till_wait_and_annulling_one_frees_its_ticket(venue: Venue, till: Till) -> None:
    other, previous, numbers = second(venue), "", []
    made = tickets(till, 3)
    sender = sender_of(venue)
    for place, (cart, order) in enumerate(made):
        assert claim(other, order)[0] is None
        data = invoice(other, cart, order, previous=previous)
        previous = data["hash"]
        numbers.append(data["number"])
        if place == 0:
            begin(sender)
    venue.ask("till_revoke_v1", 9, 2)
    assert [one["number"] for one in venue.ask("fiscal_status_v1")["held"]] == [f"A/{n}" for n in numbers[1:]]
    assert waiting(sender)[-1] == f"A/{numbers[0]}", "it was in a request"
    assert venue.ask("fiscal_send_v1", 9, numbers[1]) == f"A/{numbers[1]}"
    assert waiting(sender)[-1] == f"A/{numbers[1]}"
    with pytest.raises(AdministrationError, match="waits for a manager"):
        venue.ask("fiscal_annul_v1", 9, numbers[1])
    assert claim(till, made[2][1])[0] == "issued"
    assert venue.ask("fiscal_annul_v1", 9, numbers[2]) == f"A/{numbers[2]}"
    assert venue.ask("fiscal_status_v1")["held"] == []
    venue.owner.execute("UPDATE till.invoice_claims SET claimed_at = now() - interval '61 seconds'")
    cart, order = made[2]
    assert claim(till, order)[0] is None
    again = invoice(
        till,
        cart,
        order,
        previous=venue.value("SELECT hash FROM cold.fiscal_stamps WHERE number = %s", f"A/{order['receipt']}"),
    )
    assert states(venue)[f"A/{again['number']}"] == "to_send"
    assert venue.rows("SELECT reason FROM warm.quarantine") == []
