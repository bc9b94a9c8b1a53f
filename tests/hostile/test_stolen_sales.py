"""Sales by somebody with one till's secret: impossible ones are skipped, possible ones are flagged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, Cart, Till, Venue, new_id, new_number
from tests.sql.test_refunds import Refund, quarantined, sell
from till.domain.order.evolve import fold
from till.domain.streams import unseal

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2
OPENED = {"user": 1, "currency": "INR", "prices_include_tax": True, "tax_rounding": "line", "order_type": "take_away"}
SWEDEN = {"step": "1.00"}
CHOPPED = {"step": "0.50", "direction": "down"}


def placed(venue: Venue, cart: Cart) -> bool:
    return bool(venue.value("SELECT count(*) FROM cold.orders WHERE session_id = %s", cart.session))


def ring(till: Till, opened: dict[str, Any] | None = None, **changes: Any) -> Cart:
    """Make a sale of 80.00 under these terms, with these values in its frozen facts."""
    cart = Cart()
    till.open(cart, **(opened or {}))
    till.add(cart, DOSA)
    till.make_badly("order_placed", cart.session, cart.frozen(receipt=new_number(till.number)) | changes)
    assert till.push()["ok"]
    return cart


def rounded(by: str, paid: str) -> dict[str, Any]:
    payment = Cart().frozen()["payments"][0]
    return {"rounding": by, "payments": [payment | {"amount": paid}]}


def coins(amount: str) -> dict[str, Any]:
    """Return all amounts of a sale in an amount that is no multiple of a coin."""
    frozen = sold()
    line = frozen["lines"][0] | {"subtotal": amount, "net": amount, "tax": "0.00"}
    taxes = [frozen["taxes"][0] | {"tax": "0.00"}]
    payment = frozen["payments"][0] | {"amount": amount}
    return {"total": amount, "net": amount, "tax": "0.00", "taxes": taxes, "lines": [line], "payments": [payment]}


def sold() -> dict[str, Any]:
    cart = Cart()
    cart.lines["6ba7b810-9dad-11d1-80b4-00c04fd430c8"] = (DOSA, 1)
    return cart.frozen()


def line(**changes: Any) -> dict[str, Any]:
    return {"lines": [sold()["lines"][0] | {"line_ids": [new_id()], **changes}]}


PAID = {**sold()["payments"][0]}


def tipped(tip: str) -> dict[str, Any]:
    return {"payments": [sold()["payments"][0] | {"amount": "81.00", "tip": tip}]}


NEVER: tuple[tuple[dict[str, Any], dict[str, Any], str], ...] = (
    ({}, rounded("-79.00", "1.00"), "rounded by more"),
    ({}, rounded("-0.01", "79.99"), "rounded by more"),
    ({"rounding": SWEDEN}, rounded("0.51", "80.51"), "rounded by more"),
    ({"rounding": CHOPPED}, rounded("-0.50", "79.50"), "rounded by more"),
    ({}, {"business_date": "2026-02-31"}, "in no calendar"),
    ({}, {"business_date": "2026-02-28"}, "does not fit its time"),
    ({}, {"business_date": "2026-03-05"}, "does not fit its time"),
    ({}, {"business_date": "1999-12-31"}, "does not fit its time"),
    ({}, {"currency": "USD"}, "opened in another currency"),
    ({}, coins("80.001"), "smaller than the coin"),
    ({"currency": "JPY"}, {"currency": "JPY"}, "smaller than the coin"),
    ({}, tipped("1.0000"), "smaller than the coin"),
    ({}, {"off": [{"kind": "comp", "amount": "0.0001"}]}, "smaller than the coin"),
    ({}, line(line_quantities=[5]), "do not match their pieces"),
    ({}, line(line_quantities=[1, 1]), "do not match their pieces"),
    ({}, {"payments": [PAID | {"amount": "40.00"}] * 2}, "a line or a payment twice"),
    ({}, {"payments": [PAID | {"change": "100000000.00"}]}, "no drawer holds"),
    ({}, {"payments": [PAID | {"change": "-1.00"}]}, "no drawer holds"),
)


def test_a_sale_that_no_till_of_ours_writes_is_quarantined_and_nothing_else_suffers(venue: Venue) -> None:
    thief, honest = venue.till(THIEF), venue.till(HONEST)
    for opened, changes, why in NEVER:
        cart = ring(thief, opened, **changes)
        assert why in quarantined(venue)[-1], changes
        assert not placed(venue, cart)
    assert len(quarantined(venue)) == len(NEVER)
    retry = "SELECT till.quarantine_retry_v1(%s, 9, %s)"
    waiting = venue.rows("SELECT id FROM warm.quarantine")
    assert not any(venue.value(retry, venue.store, record)["applied"] for (record,) in waiting)
    assert placed(venue, ring(thief))
    assert placed(venue, sell(honest, (DOSA, 1))[0])
    assert len(venue.ask("quarantine_list_v1")["quarantine"]) == len(NEVER)


def settings(venue: Venue, **changes: Any) -> None:
    venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb(changes))


def test_a_sale_that_an_honest_till_may_write_is_taken_and_reported_once(venue: Venue) -> None:
    """The till has older settings, does not know the currency, or its clock is ahead: its sale still counts."""
    till = venue.till(HONEST)
    for _again in range(2):
        assert placed(venue, ring(till, {"rounding": SWEDEN}, **rounded("0.50", "80.50")))
        assert placed(venue, ring(till, {"currency": "EUR"}, currency="EUR"))
    till.now = datetime.now(UTC) + timedelta(days=20)
    assert placed(venue, ring(till, business_date=till.now.date().isoformat()))
    assert quarantined(venue) == [
        "The sale is not rounded as the venue rounds. It was accepted.",
        "The sale is not in the currency of the venue. It was accepted.",
        "The sale counts for a day that is yet to come. It was accepted.",
    ]
    assert [row[0] for row in venue.rows("SELECT DISTINCT session_id FROM warm.quarantine")] == [None]


def test_no_sale_takes_a_number_of_another_till(venue: Venue) -> None:
    """Each number that till 1 was about to give would make its own sale a conflict, until a true one fits no more."""
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    for receipt in ("1-000001", "1B-000001", "21-000001", "-000001", "XABCD-000001", "000001"):
        cart = ring(thief, receipt=receipt)
        assert quarantined(venue)[-1] == "The number of the sale is not of a series of its till."
        assert not placed(venue, cart)
    waiting = quarantined(venue)
    for receipt in ("1-000001", "1B-000001", "1X4F2A-000001"):
        assert placed(venue, ring(honest, receipt=receipt))
    assert placed(venue, ring(thief, receipt="2-000001"))
    assert quarantined(venue) == waiting
    assert venue.value("SELECT count(*) FROM till.conflicts") == 0


def test_no_refund_takes_a_number_of_another_till(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    sale, later = sell(honest, (DOSA, 1)), sell(honest, (DOSA, 1))
    refund = Refund(thief, *sale, r1=1)
    refund.facts["receipt"] = "1-R000001"
    refund.start(receipt="1-R000001").answer("approved")
    thief.push()
    assert quarantined(venue)[0] == "The number of the refund is not of a series of its till."
    Refund(honest, *later, r1=1).start().answer("approved")
    honest.push()
    assert venue.value("SELECT count(*) FROM till.conflicts") == 0


def test_no_number_has_anything_behind_its_digits(venue: Venue) -> None:
    """A line break, or a mark that turns what follows it, would print and list as the number of another till."""
    thief = venue.till(THIEF)
    sale = sell(thief, (DOSA, 1))
    for end in ("000001\n1-000001", "000001\n", "000001\u200f", "\u202e100000-1", "abc", "000001 ", "٠٠٠٠٠١", ""):
        assert not placed(venue, ring(thief, receipt=f"2-{end}"))
        Refund(thief, *sale, r1=1).start(receipt=f"2-R{end}")
        assert thief.push()["ok"]
        assert quarantined(venue)[-2:] == [
            "The number of the sale is not of a series of its till.",
            "The number of the refund is not of a series of its till.",
        ]
    for receipt in ("2-R000001", "2-Z000001"):  # of another kind
        assert not placed(venue, ring(thief, receipt=receipt))


def test_the_day_of_a_sale_is_that_of_any_place_and_of_any_hour_at_which_days_end(venue: Venue) -> None:
    till = venue.till()
    for day in ("2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"):
        assert placed(venue, ring(till, business_date=day))
    settings(venue, trading_days={"1": "2019-07-06"})  # of a replay the files say which
    assert placed(venue, ring(till, business_date="2019-07-06"))
    assert quarantined(venue) == []
    assert not placed(venue, ring(till, business_date="2019-07-07"))


def test_an_order_is_opened_on_no_other_terms_than_those_that_it_stands_on(venue: Venue) -> None:
    """If it were accepted, every till that has the order would price it by the opening with the lower id."""
    settings(venue, rounding={"step": "1", "of": "cash"})
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart = Cart()
    before = new_id()
    honest.open(cart, rounding=SWEDEN)
    honest.add(cart, DOSA)
    honest.push()
    for terms in ({"currency": "JPY"}, {"rounding": {"step": "9999999"}}, {"prices_include_tax": False}):
        thief.make("order_opened", cart.session, OPENED | {"rounding": SWEDEN} | terms, event_id=before)
        assert thief.push()["ok"]
    found = {"The record opens an order that already exists, at another till or on other terms."}
    assert set(quarantined(venue)) == found
    thief.make("order_opened", cart.session, OPENED | {"rounding": SWEDEN, "user": 2})
    assert thief.push()["ok"]
    assert len(quarantined(venue)) == 4
    log = venue.value("SELECT till.session_log_v1(%s, %s)", venue.store, cart.session)
    order = fold([unseal(one["b"], one["h"], one["t"]) for one in log])
    assert order is not None
    assert (order.terms.currency.code, order.total) == ("INR", 8000)
    honest.place(cart, **rounded("0.50", "80.50"))
    honest.push()
    assert placed(venue, cart)
