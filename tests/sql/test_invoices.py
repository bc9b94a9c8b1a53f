"""Full invoices for tickets that are paid: one till claims it at the server, and its event follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import Till, new_id, new_number
from tests.sql.test_stamps import by_law, record, sell, states

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


def invoice(at: Till, cart: Cart, order: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Write the invoice for a ticket, with its stamp."""
    data = {"order_id": order["order_id"], "sold": order["receipt"], "number": new_number(at.number, "F"), **changes}
    event = at.make("invoice_issued", cart.session, data, texts=BUYER)
    made = order | {"order_id": event.id, "receipt": data["number"]}
    at.make("fiscal_stamped", None, record(at, made, kind="F3"))
    at.push()
    return data


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
    other = venue.till(2)
    other.make("journal_opened", None, {"host": "bar-2"})
    other.push()
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
    other = venue.till(2)
    other.make("journal_opened", None, {"host": "bar-2"})
    other.push()
    cart, order = ticket(till)
    assert claim(other, order)[0] is None
    venue.owner.execute("UPDATE till.invoice_claims SET claimed_at = now() - interval '61 seconds'")
    assert claim(till, order) == (None, 2, None)
    first, second = invoice(other, cart, order), invoice(till, cart, order)
    assert claim(till, order) == ("issued", 2, first["number"])
    assert states(venue)[f"A/{second['number']}"] == "quarantined"
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
    invoice(till, cart, order)
    names = "SELECT count(*) FROM warm.event_texts JOIN warm.session_events USING (event_id) WHERE event_type = %s"
    assert venue.value("SELECT till.invoices_kept_v1(%s, null, %s)", venue.store, cart.session) == 1
    venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session)
    assert venue.value(names, "invoice_issued") == 3
    kept = "SELECT till.keeps_invoice(%s, now() - %s::interval)"
    assert [venue.value(kept, venue.store, years) for years in ("9 years", "11 years")] == [True, False]
