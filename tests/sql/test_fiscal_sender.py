"""The sender in the database: what waits for the tax authority, and its answers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pytest
from psycopg import DatabaseError
from psycopg.types.json import Jsonb

from tests.sql.ringing import IDLY, Cart, new_id, new_number
from tests.sql.test_stamps import FISCAL, LAW, record, sell, stamped, till
from till.administration.calls import AdministrationError, AtServer
from till.administration.sending import describe_sending, sending_state
from till.administration.waiting import Look
from till.administration.waits import waiting_alerts
from till.domain.events.envelope import sha256
from till.reports.declared import TAX

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ("till",)

RAO: Final = '{"Buyer":"Rao"}'


@pytest.fixture
def sender(venue: Venue, till: Till) -> Till:
    assert till.number == 1
    return sender_of(venue)


def sender_of(venue: Venue) -> Till:
    """Return the till of the sender of a venue with a law."""
    venue.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [venue.store, Jsonb({"fiscal_sender": 95})])
    venue.owner.execute("SELECT till.till_enrol_v2(%s, 9, 95, NULL, %s, NULL)", [venue.store, sha256("secret 95")])
    one = venue.till(95)
    one.make("journal_opened", None, {"host": "server"})
    one.push()
    return one


def backlog(sender: Till) -> dict[str, Any]:
    return sender.read("till.fiscal_backlog_v1", journal=sender.journal)


def waiting(sender: Till) -> list[str]:
    return [one["number"] for one in backlog(sender)["records"]]


def answer(sender: Till, *rows: tuple[str, str], **facts: Any) -> dict[str, Any]:
    rows_ = [{"event": event, "state": state, "code": "1100", "words": "Valor"} for event, state in rows]
    return sender.read("till.fiscal_answers_v1", journal=sender.journal, answers=rows_, **facts)


def begin(sender: Till) -> list[str]:
    """Begin a request of all that waits, and return its events."""
    events = [one["event"] for one in backlog(sender)["records"]]
    assert answer(sender, begins=events)["ok"]
    return events


def test_backlog_is_the_stamps_less_the_answers(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    second = stamped(till, first["hash"])
    rows = backlog(sender)["records"]
    assert [(one["number"], one["names"]) for one in rows] == [
        (one["number"], {"Buyer": "Rao"}) for one in (first, second)
    ]
    assert rows[1]["fields"] == second["fields"]
    assert rows[1]["journal"] == till.journal
    assert answer(sender, (rows[0]["event"], "accepted"), receipt="CSV-1", wait_s=90, trouble="")["ok"]
    assert waiting(sender) == [second["number"]]
    assert answer(sender, (rows[0]["event"], "refused"), (rows[1]["event"], "refused"))["ok"]
    assert waiting(sender) == []
    (trouble,) = venue.ask("fiscal_status_v1")["troubles"]  # the first answer to a record counts
    assert (trouble["number"], trouble["state"], trouble["words"]) == (second["number"], "refused", "Valor")


def test_a_second_record_of_a_number_settles_the_first(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    answer(sender, (backlog(sender)["records"][0]["event"], "refused"))
    venue.owner.execute(
        "INSERT INTO cold.fiscal_stamps (event_id, store_id, chain, till_id, scheme, kind, of_id, number, previous,"
        " hash, at, state) SELECT gen_random_uuid(), store_id, chain, 95, scheme, kind, of_id, number, hash, 'F00',"
        " now(), state FROM cold.fiscal_stamps WHERE number = %s",
        [first["number"]],
    )
    status = venue.ask("fiscal_status_v1")
    assert (status["troubles"], status["waiting"]) == ([], 1)


def test_status_names_the_last_request_and_what_hinders(venue: Venue, till: Till, sender: Till) -> None:
    assert venue.ask("fiscal_status_v1")["heard_at"] is None
    stamped(till, "F00D")
    begin(sender)
    answer(sender, trouble="HTTP 503", certificate_ends="2027-05-01T00:00:00.000000Z")
    status = venue.ask("fiscal_status_v1")
    assert (status["sender"], status["waiting"], status["trouble"]) == (95, 1, "HTTP 503")
    assert status["since"] <= status["sent_at"] <= status["trouble_since"] == status["heard_at"]
    assert status["certificate_ends"].startswith("2027-05-01")
    assert [one["till"] for one in status["holes"]] == [1]
    answer(sender, trouble="")
    assert venue.ask("fiscal_status_v1")["trouble_since"] is None
    assert backlog(sender)["sent_at"] == status["sent_at"]


def test_the_desk_counts_refused_records_and_misses_the_sender(venue: Venue, till: Till, sender: Till) -> None:
    def alerts() -> list[tuple[str, str]]:
        at = AtServer(connection=venue.owner, store_id=venue.store)
        return [(one.sentence, one.remedy) for one in waiting_alerts(Look(at))]

    silent = ("Invoice records are not sent to the tax agency", "Start `till fiscal send`, with the certificate.")
    assert alerts() == [silent]
    stamped(till, stamped(till)["hash"])
    rows = backlog(sender)["records"]
    assert alerts() == []
    answer(sender, (rows[0]["event"], "refused"), (rows[1]["event"], "with_errors"))
    assert alerts() == [("The tax agency refused 1 invoice record", "“invoices” lists them, in its words.")]
    venue.owner.execute("UPDATE till.fiscal_senders SET heard_at = now() - interval '11 minutes'")
    assert alerts()[1:] == [silent]
    venue.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [venue.store, Jsonb({"fiscal_sender": 0})])
    assert len(alerts()) == 1, "nothing waits"


def test_only_the_sender_reads_and_answers(till: Till, sender: Till) -> None:
    stamped(till)
    (row,) = backlog(sender)["records"]
    for refused in (
        till.read("till.fiscal_backlog_v1", journal=till.journal),
        answer(till, (row["event"], "accepted")),
    ):
        assert (refused["code"], refused["ok"]) == ("not_sender", False)
        assert "Till 95 is the sender" in refused["detail"]
    assert sender.read("till.fiscal_backlog_v1")["code"] == "journal_retired"  # no journal: it could not stamp
    assert sender.read("till.fiscal_backlog_v1", journal=till.journal)["code"] == "protocol"
    assert len(waiting(sender)) == 1


def test_export_has_the_days_of_the_venue(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    second = stamped(till, first["hash"])
    day = f"{till.now:%Y-%m-%d}"
    rows = venue.ask("fiscal_export_v1", day, day, 0, 10)
    assert [one["number"] for one in rows] == [first["number"], second["number"]]
    assert venue.ask("fiscal_export_v1", day, day, rows[0]["arrival"], 10) == rows[1:]
    assert venue.ask("fiscal_export_v1", "2020-01-01", "2020-12-31", 0, 10) == []
    assert waiting(sender) == [first["number"], second["number"]]


def work(sender: Till) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sender.read("till.fiscal_backlog_v1", journal=sender.journal, work=True)["work"]
    return found


def stamp_for(sender: Till, one: dict[str, Any], previous: str = "", **changes: Any) -> dict[str, Any]:
    """Push a stamp of the sender for some work. Return it."""
    fields = {"Issuer": "X1", "Day": "any"} | ({"Tax": one["tax"], "Total": one["total"]} if "total" in one else {})
    fields |= one["stamp"]["fields"] if one["what"] == "correct" else {}
    number = one["stamp"]["number"] if "stamp" in one else f"A/{one['number']}"
    kind = one["stamp"]["kind"] if one["what"] == "correct" else one["what"]
    data = {"chain": sender.journal, "scheme": "xx-test", "kind": kind, "of": one["of"], "number": number,
            "fields": fields, "hash": f"{sender.journal}{sender.seq}", **changes}  # fmt: skip
    sender.make("fiscal_stamped", None, data | ({"previous": previous} if previous else {}))
    assert sender.push()["ok"]
    return data


def test_a_sale_without_a_stamp_is_work_until_the_sender_stamped_it(venue: Venue, till: Till, sender: Till) -> None:
    cart, order = sell(till)
    till.make("buyer_named", cart.session, {}, texts={"name": "Rao Ltd", "tax_number": "29X", "address": ""})
    till.push()
    (one,) = work(sender)
    assert (one["what"], one["of"], one["number"], one["total"]) == (
        "sale",
        order["order_id"],
        order["receipt"],
        order["total"],
    )
    assert one["buyer"] == {"name": "Rao Ltd", "tax_number": "29X", "address": ""}
    assert [tax["name"] for tax in one["taxes"]] == [tax["name"] for tax in order["taxes"]]
    assert venue.ask("fiscal_status_v1")["work"] == 1
    stamp_for(sender, one)
    assert work(sender) == []
    assert waiting(sender) == [f"A/{order['receipt']}"]


def test_a_sale_whose_number_another_has_gets_one_of_the_sender_once_it_is_settled(
    venue: Venue, till: Till, sender: Till
) -> None:
    first = stamped(till)
    _cart, again = sell(till, receipt=first["number"].removeprefix("A/"))
    twin = record(till, again, first["hash"])
    till.make("fiscal_stamped", None, twin)
    till.push()
    assert work(sender) == []
    (conflict,) = venue.rows("SELECT id FROM till.conflicts WHERE subject = %s", again["order_id"])
    venue.owner.execute("SELECT till.conflict_resolve_v1(%s, 9, %s, 'both sold')", [venue.store, *conflict])
    (one,) = work(sender)
    assert (one["of"], one["number"]) == (again["order_id"], f"{again['receipt']}/95")
    stamp_for(sender, one)
    assert (work(sender), waiting(sender)[1:]) == ([], [f"{first['number']}/95"])


def test_a_mend_is_work_until_its_record_is_there(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    with pytest.raises(Exception, match="refused no record"):
        venue.owner.execute("SELECT till.fiscal_mend_v1(%s, 9, %s, false)", [venue.store, first["number"]])
    answer(sender, (backlog(sender)["records"][0]["event"], "refused"))
    number = venue.value("SELECT till.fiscal_mend_v1(%s, 9, %s, false)", venue.store, first["number"][2:])
    (one,) = work(sender)
    assert (number, one["what"], one["stamp"]["hash"]) == (first["number"], "correct", first["hash"])
    assert (one["refused"], one["held"], one["unregistered"]) == (True, False, False)
    mend = stamp_for(sender, one)
    assert (work(sender), waiting(sender)) == ([], [first["number"]])
    answer(sender, (backlog(sender)["records"][0]["event"], "with_errors"))
    venue.value("SELECT till.fiscal_mend_v1(%s, 9, %s, false)", venue.store, first["number"])
    (one,) = work(sender)
    assert (one["stamp"]["hash"], one["refused"], one["held"]) == (mend["hash"], False, True)


def test_a_mend_names_a_buyer_whom_the_authority_does_not_know(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    _cart, order = sell(till)
    till.make("fiscal_stamped", None, record(till, order, first["hash"]))
    till.push()
    answer(sender, *((one["event"], "with_errors") for one in backlog(sender)["records"]))
    with pytest.raises(Exception, match="names no buyer"):
        venue.owner.execute("SELECT till.fiscal_mend_v1(%s, 9, %s, true)", [venue.store, f"A/{order['receipt']}"])
    venue.value("SELECT till.fiscal_mend_v1(%s, 9, %s, true)", venue.store, first["number"])
    (one,) = work(sender)
    assert (one["unregistered"], one["stamp"]["names"]) == (True, {"Buyer": "Rao"})


def test_the_second_number_of_a_sale_is_annulled(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    second = stamped(till, first["hash"])
    venue.owner.execute(
        "INSERT INTO cold.void_receipts (event_id, receipt, order_id, store_id) VALUES (gen_random_uuid(), %s, %s, %s)",
        [second["number"][2:], first["of"], venue.store],
    )
    (one,) = work(sender)
    assert (one["what"], one["stamp"]["number"], one["held"]) == ("annul", second["number"], True)
    stamp_for(sender, one)
    assert work(sender) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"scheme": "yy"}, "not by the law"),
        ({"of": new_id()}, "names no sale"),
        ({"fields": {"Issuer": "X1", "Day": "any", "Tax": "0.10", "Total": "1.00"}}, "amounts of the stamp"),
        ({"fields": {"Issuer": "X2", "Day": "any", "Tax": "1.90", "Total": "40.00"}}, "another issuer"),
        ({"kind": "annul", "fields": {"IssuerAnnulled": "X2"}}, "another issuer"),
    ],
)
def test_a_stamp_of_the_sender_that_is_not_true_is_quarantined(
    venue: Venue, till: Till, sender: Till, changes: dict[str, Any], reason: str
) -> None:
    sell(till)
    till.push()
    (one,) = work(sender)
    stamp_for(sender, one, **changes)
    assert reason in venue.value("SELECT reason FROM warm.quarantine WHERE event_type = 'fiscal_stamped'")
    assert len(work(sender)) == 1


def test_status_names_a_declined_refund_and_a_clock_that_was_not_sure(venue: Venue, till: Till) -> None:
    till.now = datetime.now(UTC).replace(hour=5) - timedelta(days=1)  # one day in each zone
    cart, order = sell(till)
    data = record(till, order, unsure=True)
    till.make("fiscal_stamped", None, data)
    numbers = []
    for answer_type in ("refund_declined", "refund_approved"):
        refund, number = new_id(), new_number(1, "R")
        own = {"session_id": cart.session, "receipt": number, "tender": "CASH", "amount": "-20.00", "drawer": 1}
        till.make("refund_started", refund, {
            **own, "order_id": order["order_id"], "sold": order["receipt"], "business_date": order["business_date"],
            "payment_id": order["payments"][0]["payment_id"], "currency": "INR", "net": "-19.05", "tax": "-0.95",
            "rounding": "0.00", "taxes": [{"name": "GST", "rate": "5", "tax": "-0.95", "net": "-19.05"}],
        })  # fmt: skip
        till.make(answer_type, refund, own)
        numbers.append(number)
    assert till.push()["ok"]
    status = venue.ask("fiscal_status_v1")
    assert [one["number"] for one in status["declined"]] == numbers[:1]
    assert [one["number"] for one in status["unsure"]] == [data["number"]]
    sentences = [one.sentence for one in describe_sending(sending_state(status), till.now, str)]
    assert f"1 declined refund has a number and no record: {numbers[0]}." in sentences
    assert f"1 record has the time of a clock that was not sure: {data['number']}." in sentences


def unstamped(venue: Venue) -> set[str]:
    """Return the documents on the list of the unstamped, which is always what the whole look finds."""
    listed = {str(one) for (one,) in venue.rows("SELECT of_id FROM till.fiscal_unstamped")}
    assert listed == {str(one) for (one,) in venue.rows("SELECT cold.find_unstamped(%s)", venue.store)}
    return listed


def test_list_of_the_unstamped_follows_stamps_sales_and_the_law(venue: Venue, till: Till, sender: Till) -> None:
    stamped(till)
    assert unstamped(venue) == set()
    _cart, order = sell(till)
    till.push()
    assert unstamped(venue) == {order["order_id"]}
    keyed, taken = Cart(), Cart()  # a sale that is booked after its stamp
    till.open(keyed)
    till.add(keyed, IDLY)
    till.open(taken)
    taken.lines = dict(keyed.lines)
    late = till.place(taken)
    till.make("fiscal_stamped", None, record(till, late, "F00D"))
    till.push()
    (waits,) = venue.rows("SELECT id FROM warm.quarantine WHERE event_type = 'order_placed'")
    venue.ask("quarantine_book_v1", 9, *waits)
    assert venue.value("SELECT count(*) FROM cold.orders WHERE order_id = %s", late["order_id"]) == 1
    assert unstamped(venue) == {order["order_id"]}
    (one,) = work(sender)
    stamp_for(sender, one)
    assert unstamped(venue) == set()
    _cart, later = sell(till)
    till.push()
    venue.ask("store_settings_v1", 9, Jsonb({"fiscal": None}))
    assert unstamped(venue) == set()
    law = Jsonb({"fiscal": FISCAL})
    venue.owner.execute("UPDATE till.settings SET body = body || %s WHERE name = 'settings'", [law])
    venue.value("SELECT cold.list_unstamped(%s)", venue.store)
    assert unstamped(venue) == {later["order_id"]}


def test_law_and_tax_go_by_the_day_of_the_invoice(venue: Venue, till: Till) -> None:
    """A sale at half past midnight is of the business day before, and of the law and the quarter that begin."""
    law = Jsonb({"fiscal": FISCAL | {"from": "2026-04-01"}})
    venue.owner.execute("UPDATE till.settings SET body = body || %s WHERE name = 'settings'", [law])
    till.now = datetime(2026, 3, 31, 17, 0, tzinfo=UTC)  # half past ten in the evening in India
    sell(till, business_date="2026-03-31")
    till.push()
    assert unstamped(venue) == set()
    till.now += timedelta(hours=2)
    _cart, order = sell(till, business_date="2026-03-31")
    till.push()
    assert unstamped(venue) == {order["order_id"]}
    taxed = venue.report(TAX, date(2026, 3, 31)).tables
    assert [row[0] for row in taxed[1].rows] == [date(2026, 3, 31)], "without a record by the business day"
    till.make("fiscal_stamped", None, record(till, order, fields={"Day": "01-04-2026"}), texts={"names": RAO})
    till.push()
    assert unstamped(venue) == set()
    days = {row[0]: row[1:] for row in venue.report(TAX, date(2026, 3, 1), date(2026, 4, 30)).tables[1].rows}
    assert {str(day): figures for day, figures in days.items()} == {
        "2026-03-31": (3810, 190, 4000), "2026-04-01": (3810, 190, 4000),
    }  # fmt: skip
    quarter = venue.report(TAX, date(2026, 4, 1), date(2026, 6, 30))
    assert [row[0] for row in quarter.tables[1].rows] == [date(2026, 4, 1)]
    assert [(column.name, value) for column, value in quarter.figures] == [("net", 3810), ("tax", 190), ("gross", 4000)]


def test_upkeep_compares_the_lists_of_the_sender_once_a_day(venue: Venue, till: Till, sender: Till) -> None:
    data = stamped(till)
    _cart, order = sell(till)
    till.push()
    assert waiting(sender) == [data["number"]]
    query = "SELECT till.maintain_v1(%s, NULL, 30, 24, 30, false)"
    found = "SELECT reason FROM warm.quarantine WHERE sqlstate = 'TL036'"
    venue.value(query, venue.store)
    assert venue.rows(found) == []
    venue.owner.execute("UPDATE cold.fiscal_stamps SET answered = true")
    venue.owner.execute("UPDATE till.fiscal_unstamped SET of_id = gen_random_uuid()")
    venue.value(query, venue.store)  # it was compared today
    assert (waiting(sender), venue.rows(found)) == ([], [])
    venue.owner.execute("UPDATE till.fiscal_senders SET compared_at = now() - interval '25 hours'")
    venue.value(query, venue.store)
    assert (waiting(sender), unstamped(venue)) == ([data["number"]], {order["order_id"]})
    ((reason,),) = venue.rows(found)
    assert "wrong in 3 places" in reason


def test_an_upgrade_lists_what_the_law_before_it_did_not(venue: Venue, till: Till, sender: Till) -> None:
    """The earlier program began the law by business day, so that its lists lack the sales of the first midnight."""
    backlog(sender)
    till.now = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)
    _cart, order = sell(till, business_date="2026-03-31")
    till.now += timedelta(hours=12)
    _cart, late = sell(till, business_date="2026-03-30")  # its business day is as far from its time as one may be
    till.push()
    fiscal = Jsonb({"fiscal": FISCAL | {"from": "2026-04-01"}})
    venue.owner.execute("UPDATE till.settings SET body = body || %s WHERE name = 'settings'", [fiscal])
    venue.owner.execute("DELETE FROM till.fiscal_unstamped")
    venue.owner.execute("SELECT till.store_settings_v1(%s, NULL, %s)", [venue.store, Jsonb({"fiscal_law": LAW})])
    assert unstamped(venue) == {order["order_id"], late["order_id"]}
    venue.value("SELECT cold.compare_sending(%s)", venue.store)
    assert venue.rows("SELECT reason FROM warm.quarantine WHERE sqlstate = 'TL036'") == []


def test_a_refund_of_a_silent_or_a_revoked_till_is_work(venue: Venue, till: Till, sender: Till) -> None:
    cart, order = sell(till)
    till.make("fiscal_stamped", None, record(till, order))
    refund, number = new_id(), new_number(1, "R")
    own = {"session_id": cart.session, "receipt": number, "tender": "CASH", "amount": "-40.00", "drawer": 1}
    till.make("refund_started", refund, {
        **own, "order_id": order["order_id"], "sold": order["receipt"], "business_date": order["business_date"],
        "payment_id": order["payments"][0]["payment_id"], "currency": "INR", "net": "-38.10", "tax": "-1.90",
        "rounding": "0.00", "taxes": [{"name": "GST", "rate": "5", "tax": "-1.90", "net": "-38.10"}],
    })  # fmt: skip
    till.make("refund_approved", refund, own)
    till.push()
    assert unstamped(venue) == {refund}
    venue.owner.execute("UPDATE till.refund_claims SET started_at = now() - interval '23 hours'")
    assert work(sender) == []
    venue.owner.execute("UPDATE till.refund_claims SET started_at = now() - interval '25 hours'")
    assert [(one["what"], one["of"], one["sold"]["number"]) for one in work(sender)] == [
        ("refund", refund, f"A/{order['receipt']}")
    ]
    venue.owner.execute("UPDATE till.refund_claims SET started_at = now()")
    venue.ask("till_revoke_v1", 9, 1)
    assert [one["of"] for one in work(sender)] == [refund]


def test_a_sale_that_no_law_can_stamp_stands_behind_the_others_and_is_named(
    venue: Venue, till: Till, sender: Till
) -> None:
    sold = [sell(till)[1] for _sale in range(21)]
    till.push()
    first = work(sender)
    assert len(first) == 20
    why = "An invoice in Spain has at most 12 tax rates. Split the order."
    answer(sender, failed=[{"of": one["of"], "why": why} for one in first])
    assert {one["of"] for one in work(sender)[:1]} == {order["order_id"] for order in sold} - {
        one["of"] for one in first
    }
    status = sending_state(venue.ask("fiscal_status_v1"))
    assert {one.number for one in status.unmade} == {one["number"] for one in first}
    found = [one for one in describe_sending(status, till.now, str) if "can have no record" in one.sentence]
    assert [why in one.remedy for one in found] == [True]


def test_backlog_comes_in_pages(till: Till, sender: Till) -> None:
    first = stamped(till)
    second = stamped(till, first["hash"])
    rows = backlog(sender)["records"]
    asked = sender.read("till.fiscal_backlog_v1", journal=sender.journal, after=rows[0]["arrival"])
    assert ([one["number"] for one in asked["records"]], asked["more"]) == ([second["number"]], False)


def test_a_till_that_has_sold_is_no_sender(venue: Venue, till: Till) -> None:
    sell(till)
    till.push()
    with pytest.raises(DatabaseError, match="till 1 has sold, and the sender sells nothing"):
        venue.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [venue.store, Jsonb({"fiscal_sender": 1})])
    venue.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [venue.store, Jsonb({"fiscal_sender": 0})])


FINDING = "SELECT reason, resolved_at IS NULL FROM warm.quarantine WHERE sqlstate = 'TL036' ORDER BY id"


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "annul", "fields": {"IssuerAnnulled": "X1"}},
        {"number": "A/1-999999", "fields": {"Issuer": "X1", "Day": "any", "Tax": "1.90", "Total": "40.00"}},
        {"fields": {"Issuer": "X1", "Day": "any", "Tax": "1.90", "Total": "40.00"}},
    ],
    ids=["annulled", "number", "again"],
)
def test_a_stamp_of_the_sender_that_is_no_work_waits_until_a_manager_sends_it(
    venue: Venue, till: Till, sender: Till, changes: dict[str, Any]
) -> None:
    first = stamped(till)
    one = {"what": "sale", "of": first["of"], "number": first["number"][2:]}
    forged = stamp_for(sender, one, **changes)
    assert venue.value("SELECT state FROM cold.fiscal_stamps WHERE hash = %s", forged["hash"]) == "waits"
    assert waiting(sender) == [first["number"]]
    ((reason, is_open),) = venue.rows(FINDING)
    assert (is_open, f"stamped {forged['number']}, which was no work" in reason) == (True, True)
    assert venue.ask("fiscal_send_v1", 9, forged["number"][2:]) == forged["number"]
    assert waiting(sender) == [first["number"], forged["number"]]
    assert [is_open for _reason, is_open in venue.rows(FINDING)] == [False]


def test_an_answer_without_a_request_is_told_and_can_be_taken_back(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    (event,) = begin(sender)
    answer(sender, (event, "accepted"), receipt="CSV-1")
    assert venue.rows(FINDING) == []
    second = stamped(till, first["hash"])
    (forged,) = [one["event"] for one in backlog(sender)["records"]]
    answer(sender, (forged, "accepted"))
    ((reason, _is_open),) = venue.rows(FINDING)
    assert "1 of them at" in reason
    assert f"till admin invoices send {second['number']}" in reason
    venue.ask("fiscal_send_v1", 9, second["number"])
    assert waiting(sender) == [second["number"]]
    with pytest.raises(AdministrationError, match="has an answer"):
        venue.ask("fiscal_send_v1", 9, second["number"])
    reports = venue.rows("SELECT event_data FROM session_events WHERE event_type = 'fiscal_reported' ORDER BY event_id")
    facts = {"sender": 95, "records": 1}
    assert [data for (data,) in reports] == [
        facts | {"begins": True, "first": first["number"], "last": first["number"]},
        facts | {"receipt": "CSV-1", "first": first["number"], "last": first["number"]},
        facts | {"first": second["number"], "last": second["number"]},
    ]


def test_a_revoked_sender_loses_the_stamps_that_were_in_no_request(venue: Venue, till: Till, sender: Till) -> None:
    stamp_for(sender, {"what": "sale", **sold_alone(till, sender)})
    begin(sender)
    order = sold_alone(till, sender)
    stamp_for(sender, {"what": "sale", **order}, previous=f"{sender.journal}{sender.seq - 1}")
    assert unstamped(venue) == set()
    venue.ask("till_revoke_v1", 9, 95)
    assert unstamped(venue) == {order["of"]}
    assert venue.rows("SELECT state, requests FROM cold.fiscal_stamps ORDER BY arrival") == [
        ("to_send", 1), ("quarantined", 0),
    ]  # fmt: skip


def sold_alone(till: Till, sender: Till) -> dict[str, Any]:
    """Sell without a stamp, and return the work that it is."""
    _cart, order = sell(till)
    till.push()
    (one,) = [one for one in work(sender) if one["of"] == order["order_id"]]
    return one


def test_a_duplicate_is_believed_of_a_record_that_may_have_been_taken(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    again = {"state": "accepted", "repeated": True}

    def answer_again(*, times: int, restored: bool = False, **facts: Any) -> tuple[str, str]:
        venue.owner.execute("DELETE FROM cold.fiscal_answers")
        query = "UPDATE cold.fiscal_stamps SET answered = false, requests = 0 WHERE hash = %s"
        venue.owner.execute(query, [first["hash"]])
        if restored:
            venue.owner.execute("SELECT till.note_restored()")
        (event,) = [one["event"] for one in backlog(sender)["records"]]
        for _request in range(times):
            assert begin(sender) == [event]
            if facts:
                answer(sender, **{name: [event] for name in facts})
        sender.read("till.fiscal_answers_v1", journal=sender.journal, answers=[again | {"event": event}])
        ((state, words),) = venue.rows("SELECT state, words FROM cold.fiscal_answers")
        return state, words

    assert answer_again(times=2) == ("accepted", "")
    state, words = answer_again(times=1)
    assert (state, "another invoice of this number, which is not in this database" in words) == ("refused", True)
    with pytest.raises(AdministrationError, match=r"no correction helps\. Set another `prefix`.* refund the sale"):
        venue.ask("fiscal_mend_v1", 9, first["number"], False)
    assert answer_again(times=2, untaken=True)[0] == "refused"
    other = stamped(till, first["hash"])
    venue.owner.execute(
        "UPDATE cold.fiscal_stamps SET number = %s, requests = 1, answered = true WHERE number = %s",
        [first["number"], other["number"]],
    )
    assert answer_again(times=1) == ("refused", "The tax authority has another invoice of this number: 40.00.")
    own = "UPDATE cold.fiscal_stamps SET of_id = (SELECT of_id FROM cold.fiscal_stamps WHERE hash = %s) WHERE hash = %s"
    venue.owner.execute(own, [first["hash"], other["hash"]])
    assert "which is not in this database" in answer_again(times=1)[1], "its own earlier record is no other invoice"
    assert answer_again(times=1, restored=True) == ("accepted", "")


@pytest.mark.usefixtures("sender")
def test_a_till_that_was_not_heard_since_the_law_was_set_is_named(venue: Venue) -> None:
    def sentences() -> list[str]:
        state = sending_state(venue.ask("fiscal_status_v1"))
        return [one.sentence for one in describe_sending(state, datetime.now(UTC), str) if "not heard" in one.sentence]

    law = {**FISCAL, "from": f"{datetime.now(UTC):%Y-%m-%d}"}
    venue.owner.execute(
        "UPDATE till.settings SET body = body || %s WHERE store_id = %s AND name = 'settings'",
        [Jsonb({"fiscal": law}), venue.store],
    )
    venue.owner.execute(
        "SELECT warm.admin_event(%s, 9, 'settings_changed', %s)",
        [venue.store, Jsonb({"keys": ["fiscal"], "changes": {"fiscal": law}, "was": {}})],
    )
    venue.owner.execute("UPDATE till.tills SET seen_at = now() + interval '1 minute' WHERE id <> 95")
    assert sentences() == []
    venue.owner.execute("UPDATE till.tills SET seen_at = now() - interval '1 day' WHERE id = 1")
    assert sentences() == ["Till 1 was not heard since the law was set: it stamps nothing that it sells."]
    venue.owner.execute(
        "UPDATE till.settings SET body = jsonb_set(body, '{fiscal,from}', '\"2020-01-01\"') WHERE name = 'settings'"
    )
    assert sentences() == []


def test_day_has_its_records_and_what_the_sender_reported(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    second = stamped(till, first["hash"])
    begun = backlog(sender)["records"][0]
    answer(sender, (begun["event"], "accepted"))
    day = datetime.fromisoformat(begun["at"]).astimezone(ZoneInfo(venue.ask("venue").get("timezone", "UTC"))).date()
    rows = venue.ask("fiscal_day_v1", day, 0, 10)
    assert [(one["number"], one["hash"], one["answer"]) for one in rows] == [
        (first["number"], first["hash"], "accepted"), (second["number"], second["hash"], None),
    ]  # fmt: skip
    assert venue.ask("fiscal_day_v1", day, rows[0]["arrival"], 10) == rows[1:]
    assert venue.ask("fiscal_day_v1", day - timedelta(days=9), 0, 10) == []


def test_difference_waits_for_a_manager_once(venue: Venue, till: Till) -> None:
    assert till.number == 1
    query = "SELECT till.fiscal_differs_v1(%s, 9, '2027-03-03', %s)"
    assert venue.owner.execute(query, [venue.store, "1-000001 is not there\n\x1b[2J"]).fetchone() == (True,)
    assert venue.owner.execute(query, [venue.store, "1-000001 is not there\n\x1b[2J"]).fetchone() == (False,)
    rows = venue.owner.execute("SELECT reason FROM warm.quarantine WHERE resolved_at IS NULL").fetchall()
    assert rows == [
        ("The tax authority's list of 2027-03-03 differs from the records here: 1-000001 is not there [2J.",)
    ]


@pytest.mark.parametrize(("asked", "pause"), [(-5, 0), (1e30, 3600), (90, 90)])
def test_pause_that_the_sender_reports_is_bounded(venue: Venue, sender: Till, asked: float, pause: int) -> None:
    assert answer(sender, wait_s=asked, trouble="No\r\nanswer \x1b[31m")["ok"]
    assert backlog(sender)["wait_s"] == pause
    assert venue.ask("fiscal_status_v1")["trouble"] == "No answer [31m"
