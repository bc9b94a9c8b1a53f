"""Stamps by a country's law: what the server compares, and which of them it gives to the sender."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import msgspec
import pytest
from psycopg.types.json import Jsonb

from tests.plugins.freedonia import SCHEME
from tests.sql.ringing import IDLY, MENU, SETTINGS, Cart, Till, new_id, new_number
from till.administration.calls import AdministrationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sql.ringing import Venue

FISCAL: Final = {
    "scheme": "xx-test",
    "from": "2026-01-01",
    "settings": {"prefix": "A/"},
    "proof": {
        "same": {"Issuer": "X1"}, "day": "Day", "day_format": "DD-MM-YYYY", "tax": "Tax", "total": "Total",
    },
}  # fmt: skip

#: By whose days a stamp has its day.
ZONE: Final = ZoneInfo(str(SETTINGS["timezone"]))
#: The data of the law, as its setting keeps it.
LAW: Final = {
    "scheme": "xx-test",
    "forms": {"text": "^.{1,40}$", "amount": "^-?[0-9]+[.][0-9]{2}$", "rate": "^[0-9]+[.][0-9]{2}$"},
    "paths": {
        **dict.fromkeys(("Issuer", "Day"), "text"), **dict.fromkeys(("Tax", "Total"), "amount"),
        "Row.0.Rate": "rate", "Row.0.Base": "amount", "Row.0.Tax": "amount",
    },
    "needed": ["Issuer", "Day", "Tax", "Total"],
    "mends": {"Again": "text", "IssuerAnnulled": "text"},
    "buyer": {"Buyer": "text"},
    "naming": ["F1", "R1"],
    "series": {"": ["F2", "F1"], "R": ["R5", "R1"], "F": ["F1", "F3"], "FR": ["R1"]},
    "annulment": "annul",
    "exchange": "F3",
    "rows": {"path": "Row", "rate": "Rate", "base": "Base", "tax": "Tax"},
    "rates": [],
}  # fmt: skip


def by_law(venue: Venue) -> Till:
    """Return a till of a venue with a law."""
    venue.owner.execute(
        "UPDATE till.settings SET body = body || %s WHERE store_id = %s AND name = 'settings'",
        [Jsonb({"fiscal": FISCAL}), venue.store],
    )
    venue.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [venue.store, Jsonb({"fiscal_law": LAW})])
    return venue.till()


@pytest.fixture
def till(venue: Venue) -> Till:
    return by_law(venue)


def sell(till: Till, **changes: Any) -> tuple[Cart, dict[str, Any]]:
    cart = till.keyed(IDLY)
    return cart, till.place(cart, **changes)


def record(till: Till, order: dict[str, Any], previous: str = "", **changes: Any) -> dict[str, Any]:
    """Return the stamp of a sale that a till would write next."""
    fields = {
        "Issuer": "X1",
        "Day": f"{till.now.astimezone(ZONE):%d-%m-%Y}",
        "Tax": order["tax"],
        "Total": order["total"],
    }
    for row, tax in enumerate(order["taxes"], 1):
        fields |= {f"Row.{row}.Rate": f"{tax['rate']}.00", f"Row.{row}.Base": tax["net"], f"Row.{row}.Tax": tax["tax"]}
    fields = {path: text for path, text in (fields | changes.pop("fields", {})).items() if text is not None}
    kind = "R5" if "-R" in order["receipt"] else "F1"
    data = {"chain": till.journal, "scheme": "xx-test", "kind": kind, "of": order["order_id"],
            "number": f"A/{order['receipt']}", "previous": previous, "fields": fields, **changes}  # fmt: skip
    return data | {"hash": hashlib.sha256(repr(sorted(data.items())).encode()).hexdigest().upper()}


def stamped(till: Till, previous: str = "", names: str = '{"Buyer":"Rao"}', **changes: Any) -> dict[str, Any]:
    """Push a sale with its stamp, and return the stamp."""
    _cart, order = sell(till)
    data = record(till, order, previous, **changes)
    till.make("fiscal_stamped", None, data, texts={"names": names} if names else None)
    assert till.push()["ok"]
    return data


def states(venue: Venue) -> dict[str, str]:
    return dict(venue.rows("SELECT number, state FROM cold.fiscal_stamps WHERE store_id = %s", venue.store))


def to_send(venue: Venue) -> list[dict[str, Any]]:
    """Return the stamps that go to the sender, in the order of their arrival."""
    query = "SELECT cold.stamp_json(s) FROM cold.fiscal_waiting(%s) AS s ORDER BY s.arrival"
    return [one for (one,) in venue.rows(query, venue.store)]


def test_stamps_go_to_the_sender_in_the_order_of_their_chain(venue: Venue, till: Till) -> None:
    first = stamped(till)
    second = stamped(till, first["hash"])
    found = to_send(venue)
    assert [one["number"] for one in found] == [first["number"], second["number"]]
    assert (found[1]["fields"], found[1]["names"]) == (second["fields"], {"Buyer": "Rao"})


def test_a_refund_is_stamped_once_it_is_given(venue: Venue, till: Till) -> None:
    cart, order = sell(till)
    sale = record(till, order)
    till.make("fiscal_stamped", None, sale)
    refund, number = new_id(), new_number(1, "R")
    (payment,) = order["payments"]
    own = {"session_id": cart.session, "receipt": number, "tender": "CASH", "amount": "-40.00", "drawer": 1}
    till.make("refund_started", refund, {
        **own, "order_id": order["order_id"], "sold": order["receipt"], "business_date": order["business_date"],
        "payment_id": payment["payment_id"], "currency": "INR", "net": "-38.10", "tax": "-1.90", "rounding": "0.00",
        "taxes": [{"name": "GST", "rate": "5", "tax": "-1.90", "net": "-38.10"}],
    })  # fmt: skip
    tax = {"rate": "5", "tax": "-1.90", "net": "-38.10"}
    back = {"order_id": refund, "receipt": number, "tax": "-1.90", "total": "-40.00", "taxes": [tax]}
    till.make("fiscal_stamped", None, record(till, back, sale["hash"]))
    till.push()
    assert states(venue) == {sale["number"]: "to_send", f"A/{number}": "quarantined"}
    till.make("refund_approved", refund, own)
    till.make("fiscal_stamped", None, record(till, back, sale["hash"]))
    till.push()
    sent = to_send(venue)
    assert [one["number"] for one in sent] == [sale["number"], f"A/{number}"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (lambda _venue: {"scheme": "yy"}, "not by the law"),
        (lambda venue: {"chain": venue.till(2).journal}, "in the chain of a journal"),
        (lambda _venue: {"of": new_id()}, "names no sale"),
        (lambda _venue: {"number": "A/2-000001"}, "number of the stamp"),
        (lambda _venue: {"fields": {"Issuer": "X2"}}, "another issuer"),
        (lambda _venue: {"fields": {"Day": "01-01-2026"}}, "day of the stamp"),
        (lambda _venue: {"fields": {"Tax": "1.91"}}, "amounts of the stamp"),
        (lambda _venue: {"fields": {"Total": "9999.00"}}, "amounts of the stamp"),
        (lambda _venue: {"kind": "R1"}, "kind of the stamp"),
        (lambda _venue: {"fields": {"Row.1.Tax": "1.91"}}, "amounts of the stamp"),
        (lambda _venue: {"fields": {"Row.1.Base": "38.11"}}, "amounts of the stamp"),
        (lambda _venue: {"fields": {"Row.1.Base": None}}, "amounts of the stamp"),
        (lambda _venue: {"fields": {"Row.1.Rate": "10.00"}}, "amounts of the stamp"),
        (lambda _venue: {"fields": {"Row.1.Base": "38.09", "Row.2.Base": "0.01"}}, "amounts of the stamp"),
        (lambda _venue: {"fields": {"Row.2.Base": "0.00"}}, "amounts of the stamp"),
    ],
)
def test_a_stamp_that_is_not_true_is_quarantined(
    venue: Venue, till: Till, fault: Callable[[Venue], dict[str, Any]], reason: str
) -> None:
    other = venue.till(2)
    other.make("journal_opened", None, {"host": "bar-2"})
    other.push()
    bad = stamped(till, **fault(venue) if "chain" not in fault(venue) else {"chain": other.journal})
    good = stamped(till, bad["hash"])
    assert sorted(states(venue).values()) == ["quarantined", "to_send"]
    assert [one["number"] for one in to_send(venue)] == [good["number"]]
    assert reason in venue.value("SELECT reason FROM warm.quarantine WHERE event_type = 'fiscal_stamped'")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"fields": {"Unknown": "1"}}, "has a field"),
        ({"fields": {"Row": "1"}}, "has a field"),
        ({"fields": {"Row.x.Base": "1"}}, "has a field"),
        ({"fields": {"Row.100.Base": "1.00"}}, "has a field"),
        ({"fields": {"Again": "S"}}, "has a field"),  # a field of mends
        ({"fields": {"Total": "1e9"}}, "has a field"),
        ({"fields": {"Issuer": "X1" * 21}}, "has a field"),
        ({"fields": {"Day": None}}, "lacks a field"),
        ({"kind": "annul", "names": ""}, "kind of the stamp"),
        ({"kind": "F2"}, "names a buyer"),
        ({"names": '{"Total":"9999.00"}'}, "names a buyer"),
        ({"names": '{"Buyer":{}}'}, "names a buyer"),
        ({"names": '["Buyer"]'}, "names a buyer"),
        ({"names": "Rao"}, "names a buyer"),
        ({"names": '{"Buyer":""}'}, "names a buyer"),
    ],
    ids=str,
)
def test_a_stamp_of_another_form_is_quarantined_and_its_sale_stands(
    venue: Venue, till: Till, fault: dict[str, Any], reason: str
) -> None:
    bad = stamped(till, **fault)
    good = stamped(till, bad["hash"])
    assert [one["number"] for one in to_send(venue)] == [good["number"]]
    assert reason in venue.value("SELECT reason FROM warm.quarantine WHERE event_type = 'fiscal_stamped'")
    ((work,),) = venue.rows("SELECT cold.fiscal_work(%s)", venue.store)
    assert (work["what"], work["of"]) == ("sale", bad["of"])


@pytest.mark.parametrize(("kind", "state"), [("F1", "to_send"), ("F2", "quarantined"), ("F3", "quarantined")])
def test_a_sale_among_the_full_invoices_is_none_for_a_ticket(venue: Venue, till: Till, kind: str, state: str) -> None:
    _cart, order = sell(till, receipt="1-F000001")
    till.make("fiscal_stamped", None, record(till, order, kind=kind))
    assert till.push()["ok"]
    assert states(venue) == {"A/1-F000001": state}


def test_a_simplified_invoice_names_nobody(venue: Venue, till: Till) -> None:
    first = stamped(till, kind="F2", names="")
    assert [one["number"] for one in to_send(venue)] == [first["number"]]


def test_first_to_arrive_of_two_stamps_with_one_number_or_predecessor_is_sent(venue: Venue, till: Till) -> None:
    first = stamped(till)
    branch = stamped(till)  # a predecessor twice
    after = stamped(till, branch["hash"])
    _cart, again = sell(till, receipt=first["number"].removeprefix("A/"))  # a number twice
    twin = record(till, again, after["hash"])
    till.make("fiscal_stamped", None, twin)
    till.push()
    last = stamped(till, twin["hash"])
    sent = [one["number"] for one in to_send(venue)]
    assert sent == [first["number"], after["number"], last["number"]]
    kinds = venue.rows("SELECT kind, subject FROM till.conflicts WHERE store_id = %s ORDER BY found_at", venue.store)
    assert kinds == [("number_twice", branch["of"]), ("number_twice", twin["of"])]


def test_a_stamp_after_a_hole_is_sent_and_says_so(venue: Venue, till: Till) -> None:
    stamped(till)
    after = stamped(till, "F00D")
    assert to_send(venue)[1]["number"] == after["number"]
    assert [one["number"] for one in venue.ask("fiscal_status_v1")["holes"]] == [after["number"]]


def test_the_stamp_of_a_quarantined_sale_is_sent(venue: Venue, till: Till) -> None:
    keyed, sold = Cart(), Cart()
    till.open(keyed)
    till.add(keyed, IDLY)
    till.open(sold)
    sold.lines = dict(keyed.lines)
    order = till.place(sold)
    data = record(till, order)
    till.make("fiscal_stamped", None, data)
    till.push()
    assert venue.value("SELECT count(*) FROM cold.orders WHERE order_id = %s", order["order_id"]) == 0
    assert states(venue) == {data["number"]: "to_send"}


def test_settings_that_break_the_law_are_refused(venue: Venue) -> None:
    def fault(**changes: Any) -> str:
        return str(venue.value("SELECT till.settings_fault(%s, %s)", venue.store, Jsonb(changes)))

    law = FISCAL | {"from": "2999-01-01"}
    assert "taxes rounded by order" in fault(fiscal=law)
    venue.ask("store_settings_v1", 9, Jsonb({"tax_rounding": "order"}))
    assert "till 1 is not opened yet: open it once, or revoke it" in fault(fiscal=law)
    venue.owner.execute("UPDATE till.tills SET seen_at = now() - interval '1 hour'")
    assert "till 1 does not know xx-test" in fault(fiscal=law)
    one, two = venue.till(), venue.till(2)
    for till in (one, two):
        till.make("journal_opened", None, {"host": "bar"})
        till.push(schemes=["xx-test", "yy"])
    assert venue.rows("SELECT DISTINCT schemes FROM till.tills") == [(["xx-test", "yy"],)]
    assert "needs the address of the venue" in fault(fiscal=law)
    venue.ask("store_settings_v1", 9, Jsonb({"address": "C/ Sol 5"}))
    assert "a law begins on a day to come" in fault(fiscal=law | {"from": "2026-01-01"})
    venue.ask("store_settings_v1", 9, Jsonb({"fiscal": law}))
    assert "taxes rounded by order" in fault(tax_rounding="line")
    assert "needs the address of the venue" in fault(address="")
    assert fault(fiscal=law | {"settings": {"prefix": "B/"}}) == "None"
    rate, levy = {"name": "GST", "rate": "5"}, {"name": "Bottle", "amount": "1.00"}
    plain = {**MENU, "items": [{**MENU["items"][0], "tax": "Z"}]}
    for taxes in ({}, {"Z": [levy]}, {"Z": [rate, levy]}, {"Z": [rate, rate | {"name": "Cess"}]}):
        plain["taxes"] = taxes
        with pytest.raises(AdministrationError, match="needs one tax on each item, which is a rate, and Idly"):
            venue.ask("menu_import_v1", 9, Jsonb(plain))
    venue.ask("menu_import_v1", 9, Jsonb(plain | {"taxes": {"Z": [rate]}}))
    venue.owner.execute("UPDATE till.tills SET seen_at = NULL")
    two.push()
    assert "till 2 does not know" in fault(fiscal=law)
    assert fault(address="C/ Luna 1") == "None", "what was wrong before hinders no other change"


def test_rates_that_the_authority_does_not_know_are_refused_with_the_setting(venue: Venue) -> None:
    def fault(**changes: Any) -> str:
        return str(venue.value("SELECT till.settings_fault(%s, %s)", venue.store, Jsonb(changes)))

    till = venue.till()
    till.push(schemes=["xx-test"])
    venue.owner.execute("UPDATE till.tills SET revoked_at = now() WHERE id <> 1")
    venue.ask("store_settings_v1", 9, Jsonb({"tax_rounding": "order", "address": "C/ Sol 5"}))
    taxes = {key: [{"name": "IVA", "rate": rate}] for key, rate in (("A", "10.0"), ("B", "21"), ("C", "7"))}
    menu = {**MENU, "taxes": taxes, "items": [{**MENU["items"][0], "tax": "A"}]}
    venue.ask("menu_import_v1", 9, Jsonb(menu))
    form = msgspec.to_builtins(SCHEME.law({})) | {"scheme": "xx-test", "rates": ["10", "21"]}
    law = {"fiscal": FISCAL | {"from": "2999-01-01"}, "fiscal_law": form}
    assert fault(**law) == "None"
    other = law | {"fiscal_law": form | {"rates": ["21", "4"]}}
    assert "xx-test has the rates 4, 21, and Idly bears 10.0" in fault(**other)
    assert fault(**law | {"fiscal_law": form | {"scheme": "yy", "rates": ["4"]}}) == "None"
    venue.ask("store_settings_v1", 9, Jsonb(law))
    with pytest.raises(AdministrationError, match="has the rates 10, 21, and Idly bears 7"):
        venue.ask("menu_import_v1", 9, Jsonb({**menu, "items": [{**MENU["items"][0], "tax": "C"}]}))
    charge = {"percent": "10", "tax": "C", "order_types": ["dine_in"]}
    assert "and the service charge bears 7" in fault(service_charge=charge)
    assert fault(service_charge=charge | {"tax": "B"}) == "None"
    unknown, known = ({"from": "2099-12-31T23:00:00Z", "tax": group} for group in "CB")
    remedy = " bears 7 from 2099-12-31: if that is the law, upgrade the program first, which knows its rates"
    for changes, bears in (
        ({"items": {IDLY: [unknown]}}, "Idly"),
        ({"items": {IDLY: [known, unknown | {"order_type": "take_away"}]}}, "Idly"),
        ({"items": {}, "charge": [unknown]}, "the service charge"),
    ):
        with pytest.raises(AdministrationError, match=f"has the rates 10, 21, and {bears}{remedy}"):
            venue.ask("menu_rate_v1", 9, changes)
    venue.ask("menu_rate_v1", 9, {"items": {IDLY: [known]}})
    older = law | {"fiscal_law": form | {"rates": ["10", "4"]}}
    assert "has the rates 4, 10, and Idly bears 21 from 2099" in fault(**older)


def test_a_push_says_how_many_records_the_tax_authority_lacks(venue: Venue, till: Till) -> None:
    def lacks() -> Any:
        venue.owner.execute("UPDATE till.tills SET seen_at = NULL")
        return till.push()["lacks"]

    assert lacks() == [0, 0]
    till.now = datetime.now(UTC) - timedelta(minutes=9)
    first = stamped(till)
    till.now = datetime.now(UTC) + timedelta(minutes=9)  # its clock goes wrong
    second = stamped(till, first["hash"])
    count, waits = lacks()
    assert (count, 500 <= waits < 600) == (2, True)
    assert till.push()["lacks"] is None, "read at most every two seconds"
    venue.owner.execute("UPDATE cold.fiscal_stamps SET answered = true WHERE number = %s", [first["number"]])
    assert lacks() == [1, 0]
    assert [one["number"] for one in to_send(venue)] == [second["number"]]


def test_erasing_keeps_the_buyer_of_a_sale_alone(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    rao = str(venue.ask("customer_add_v1", 9, "Rao", ""))
    venue.ask("customer_bill_v1", 9, rao, "29ABC", "4 Church Street")
    till.make("customer_attached", cart.session, {"customer_id": rao}, texts={"who": "Rao"})
    for name in ("Rau", "Rao & Sons"):
        till.make("buyer_named", cart.session, {}, texts={"name": name, "tax_number": "29ABC"})
    till.now = datetime.now(UTC)
    till.place(cart)
    later = till.keyed()
    till.make("customer_attached", later.session, {"customer_id": rao}, texts={"who": "Rao"})
    till.make("buyer_named", later.session, {}, texts={"name": "Rao", "tax_number": "29ABC"})
    assert till.push()["ok"]
    assert till.read("till.customers_v1", query="rao")["customers"][0]["tax_number"] == "29ABC"
    assert venue.ask("invoices_kept_v1", rao, None) == 1
    assert venue.ask("customer_erase_v1", 9, rao) == 2
    assert sorted(venue.rows("SELECT text FROM warm.event_texts")) == [("29ABC",), ("Rao & Sons",)]
    assert venue.rows("SELECT name, tax_number, address FROM cold.customer_table") == [("", "", "")]
    assert venue.ask("erase_v1", 9, cart.session) == 0


def test_the_stamp_of_a_paper_comes_with_its_order(venue: Venue, till: Till) -> None:
    cart, order = sell(till)
    sale = record(till, order)
    till.make("fiscal_stamped", None, sale, texts={"names": '{"Buyer":"Rao"}'})
    assert till.push()["ok"]
    other = venue.till(2)
    answer = other.read("till.session_events_v1", session=cart.session, stamps=True)
    assert answer["stamps"] == venue.ask("session_show_v1", cart.session)["stamps"]
    (stamp,) = answer["stamps"]
    assert stamp == {key: value for key, value in sale.items() if key != "chain"}
    assert other.read("till.session_events_v1", session=cart.session)["stamps"] == []


def test_a_stamp_that_is_not_true_comes_with_no_order(venue: Venue, till: Till) -> None:
    """Another till could write no paper of it: its kind and its fields are any."""
    cart, order = sell(till)
    till.make("fiscal_stamped", None, record(till, order, kind="X", fields={"Total": None}))
    assert till.push()["ok"]
    assert set(states(venue).values()) == {"quarantined"}
    assert venue.till(2).read("till.session_events_v1", session=cart.session, stamps=True)["stamps"] == []
    assert venue.ask("session_show_v1", cart.session)["stamps"] == []


def test_a_stamp_rides_along_with_the_one_order_of_its_push(venue: Venue, till: Till) -> None:
    venue.owner.execute("DROP FUNCTION warm.take_many")  # the way of several orders
    first = stamped(till)
    stamped(till, first["hash"])
    assert set(states(venue).values()) == {"to_send"}


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"a": 1}', '{"a": null}', '{"a": {}}', '{"a": "\\u0000"}'])
def test_names_that_are_no_map_of_texts_are_none(venue: Venue, text: str) -> None:
    assert venue.value("SELECT cold.names_in(%s)", text) is None
    assert venue.value("SELECT cold.names_in(%s)", '{"a": "1", "b": ""}') == {"a": "1", "b": ""}


@pytest.mark.parametrize(
    ("rows", "is_other"),
    [
        ([("5.00", "-38.10", "-1.90"), ("10.00", "-10.01", "-1.00")], False),  # its shares miss a cent of the total
        ([("5.00", "-38.11", "-1.90"), ("10.00", "-10.00", "-1.00")], False),
        ([("5.00", "-38.10", "-1.90"), ("10.00", "-10.00", "-1.00")], True),  # the bases do not add up
        ([("5.00", "-38.12", "-1.90"), ("10.00", "-9.99", "-1.00")], True),  # more than it misses
        ([("5.00", "-38.10", "-1.90"), ("10.00", "-10.00", "-1.00"), (None, "-0.01", None)], True),
        ([("5.00", "-38.10", "-1.89"), ("10.00", "-10.01", "-1.01")], True),
        ([("5.00", "-49.01", "-2.00")], True),
        ([("5.00", "-38.10", "-1.90"), ("10.00", "-10.01", "-1.00"), ("21.00", "0.00", "0.00")], True),
    ],
)
def test_rows_of_a_refund_hold_each_tax_and_together_its_total(
    venue: Venue, rows: list[tuple[str | None, str, str | None]], is_other: bool
) -> None:
    taxes = [{"rate": "5", "net": "-38.10", "tax": "-1.90"}, {"rate": "10", "net": "-10.00", "tax": "-1.00"}]
    fields = {
        f"Row.{place}.{name}": text
        for place, row in enumerate(rows, 1)
        for name, text in zip(("Rate", "Base", "Tax"), row, strict=True)
        if text is not None
    }

    def differ(total: str, *, untaxed: bool) -> Any:
        query = "SELECT cold.are_other_rows(%s, %s, %s, %s::numeric, %s)"
        return venue.value(query, Jsonb(fields), Jsonb(LAW["rows"]), Jsonb(taxes), total, untaxed)

    assert differ("-51.01", untaxed=False) is is_other
    if rows[-1][0] is None:
        assert differ("-51.01", untaxed=True) is False
