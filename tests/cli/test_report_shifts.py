"""`till report z`: the Z of a shift that a till traded by word, from its own records at the server."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Shell


def say(shell: Shell, *sentences: str) -> None:
    for sentence in sentences:
        reply = shell("say", "--till", "999", sentence)
        assert (reply.code, reply.err) == (0, ""), sentence


@pytest.fixture
def closed(counter: Shell) -> Shell:
    """A shift with two sales, one movement undone, its Z, and a count after it."""
    say(counter, "float 100", "2 idly", "cash 10", "1 dosa, 1 dal", "card", "paid out 20 milk", "drop 50", "no sale")
    assert counter("report", "z", "--json").json == {"zs": []}
    say(counter, "close", "count 37.50 take 30 to safe")
    return counter


#: The fields of a Z, with the value of each that no clock and no id decides.
FIELDS: dict[str, Any] = {
    "number": "999-Z000001",
    "till": 999,
    "opened_by": 9,
    "closed_by": 9,
    "closed_from": "till",
    "other": None,
    "currency": "EUR",
    "sales": {"number": 2, "net": "19.54", "tax": "1.46", "gross": "21.00"},
    "refunds": {"number": 0, "amount": "0.00"},
    "refund_tax": "0.00",
    "taxes": [{"name": "VAT", "rate": "10", "net": "14.54", "tax": "1.46"}],
    "categories": [
        {"category": "Food", "quantity": 3, "gross": "16.00"},
        {"category": "Side", "quantity": 1, "gross": "5.00"},
    ],
    "tenders": [
        {"tender": "CARD", "number": 1, "amount": "13.00", "tips": "0.00", "taken_ahead": "0.00", "used": "0.00"},
        {"tender": "CASH", "number": 1, "amount": "8.00", "tips": "0.00", "taken_ahead": "0.00", "used": "0.00"},
    ],
    "rounding": "0.00",
    "tips": "0.00",
    "taken_ahead": "0.00",
    "used": "0.00",
    "service_charge": "0.00",
    "discounts": {"number": 0, "amount": "0.00"},
    "comps": {"number": 0, "amount": "0.00"},
    "new_prices": 0,
    "voids": {"number": 0, "amount": "0.00"},
    "voids_after_sending": {"number": 0, "amount": "0.00"},
    "cleared_after_sending": {"number": 0, "amount": "0.00"},
    "corrections": [],
    "no_sales": 1,
    "copies": {"number": 0, "amount": "0.00"},
    "bills": {"number": 0, "amount": "0.00"},
    "receipts": ["999-000001", "999-000002"],
    "refund_receipts": [],
    "open_orders": {"number": 0, "amount": "0.00"},
    "unanswered": {"number": 0, "amount": "0.00"},
    "arrived_later": {"number": 0, "amount": "0"},
    "totals": {"sales": "21.00", "refunds": "0.00", "net": "21.00"},
}
#: Movements of the drawer: when they are not sums of sales, they have a time and a person.
MOVED = [
    ("payments", "10.00", "", None),
    ("change", "-2.00", "", None),
    ("float", "100.00", "", 9),
    ("paid_out", "-20.00", "milk", 9),
    ("safe_drop", "-50.00", "", 9),
]
COUNTED = [
    ("100.00", "100.00", "0.00", "0.00", ""),
    ("38.00", "37.50", "-0.50", "30.00", "safe"),
]


def test_the_z_of_a_shift_has_the_shape_of_the_design(closed: Shell) -> None:
    (z,) = closed("report", "z", "--json").json["zs"]
    assert {name: z[name] for name in FIELDS} == FIELDS
    beside = {"shift", "business_dates", "dates", "opened_at", "closed_at", "drawer", "counts", "journal"}
    assert set(z) == {*FIELDS, *beside}
    (drawer,) = z["drawer"]
    assert (drawer["tender"], drawer["opening"], drawer["closing"]) == ("CASH", "0.00", "38.00")
    assert [(row["kind"], row["amount"], row["reason"], row["user"]) for row in drawer["rows"]] == MOVED
    assert [row["at"] is None for row in drawer["rows"]] == [True, True, False, False, False]
    counts = z["counts"]
    assert [(c["expected"], c["counted"], c["difference"], c["taken"], c["to"]) for c in counts] == COUNTED
    assert [(c["tender"], c["user"], c["explained_by"]) for c in counts] == [("CASH", 9, [])] * 2
    (journal,) = z["journal"]
    assert (journal["from"], len(journal["head"])) == (2, 64)
    assert datetime.fromisoformat(z["opened_at"]) < datetime.fromisoformat(z["closed_at"])
    (date,) = z["business_dates"]
    assert z["dates"] == [{"business_date": date, "number": 2, "gross": "21.00"}]


def test_a_z_is_found_by_number_till_and_day(closed: Shell, subtests: pytest.Subtests) -> None:
    for asked, numbers in (
        (["999-Z000001"], ["999-Z000001"]),
        (["--till", "999"], ["999-Z000001"]),
        (["--till", "1"], []),
        (["--day", "yesterday"], []),
        (["--from", "yesterday"], ["999-Z000001"]),
    ):
        with subtests.test(asked=asked):
            assert [z["number"] for z in closed("report", "z", *asked, "--json").json["zs"]] == numbers


def test_a_number_without_a_z_is_refused(closed: Shell, subtests: pytest.Subtests) -> None:
    for number in ("999-Z000002", "999-Z0", "1-Z000001", "Z", "999-Z99999999999999999999"):
        with subtests.test(number):
            assert closed.refused("report", "z", number) == f"There is no Z {number}."


def test_every_z_of_a_series_is_found(closed: Shell) -> None:
    for _again in range(4):
        say(closed, "1 idly", "card", "close")
    for last in range(1, 6):
        number = f"999-Z00000{last}"
        (z,) = closed("report", "z", number, "--json").json["zs"]
        assert z["number"] == number


def test_a_z_is_written_in_every_form(closed: Shell) -> None:
    shown = [" ".join(line.split()) for line in closed.ok("report", "z", "999-Z000001").splitlines()]
    for row in (
        "Till 999 999-Z000001 Sales 2 21.00",
        "Till 999 999-Z000001 Net 19.54",
        "Till 999 999-Z000001 All sales less refunds 21.00",
        "Till 999 999-Z000001 Cash Opening 0.00",
        "Till 999 999-Z000001 Cash Closing 38.00",
    ):
        assert row in shown
    assert any("Paid out" in row and row.endswith("−20.00 milk Meena") for row in shown)
    rows = list(csv.DictReader(io.StringIO(closed.ok("report", "z", "--csv", "-"))))
    (counted,) = [row for row in rows if row["part"] == "counts" and row["to"] == "safe"]
    assert (counted["difference EUR"], counted["taken EUR"], counted["number"]) == ("-0.50", "30.00", "999-Z000001")
    book, page = closed.folder / "z.xlsx", closed.folder / "z.html"
    closed.ok("report", "z", "--xlsx", str(book), "--html", str(page))
    with zipfile.ZipFile(book) as file:
        assert b"milk" in file.read("xl/sharedStrings.xml")
    assert "999-Z000001" in page.read_text(encoding="utf-8")


def test_an_x_has_the_sums_so_far_and_no_number(counter: Shell) -> None:
    say(counter, "float 100", "2 idly", "cash 10", "paid out 20 milk")
    (x,) = counter("report", "x", "--json").json["zs"]
    assert set(FIELDS) - {"closed_by", "closed_from"} <= set(x)
    assert not {"closed_at", "closed_by", "closed_from"} & set(x)
    assert (x["number"], x["sales"]["gross"], x["receipts"]) == (None, "8.00", ["999-000001", "999-000001"])
    (drawer,) = x["drawer"]
    assert (drawer["closing"], drawer["rows"][-1]["reason"]) == ("88.00", "milk")
    shown = [" ".join(line.split()) for line in counter.ok("report", "x", "--till", "999").splitlines()]
    assert "Till 999 open Cash Closing 88.00" in shown
    assert "No shift is open." in counter.ok("report", "x", "--till", "1")
    (shift,) = counter("report", "day", "--json").json["open_shifts"]
    assert (shift["till"], shift["opened_by"]) == (999, "Meena")
    assert "No shift was closed." in counter.ok("report", "z")
    say(counter, "close")
    assert counter("report", "x", "--json").json == {"zs": []}
    assert counter("report", "day", "--json").json["open_shifts"] == []


def test_the_report_of_the_day_names_drawers_and_differences(closed: Shell) -> None:
    day = closed("report", "day", "--json").json
    (drawer,) = day["balances"]
    assert (drawer["till"], drawer["tender"], drawer["opening"], drawer["closing"]) == (999, "CASH", "0.00", "38.00")
    (short,) = day["over_short"]
    assert (short["tender"], short["difference"], short["taken"]) == ("CASH", "-0.50", "30.00")


def test_the_list_of_shifts_names_who_opened_and_closed_them(counter: Shell) -> None:
    say(counter, "1 idly", "cash", "close", "1 dosa", "cash")
    newest, oldest = counter("admin", "shifts", "list", "--json").json["shifts"]
    rows = [(row["till"], row["number"], row["opened_by"], row["closed_by"]) for row in (newest, oldest)]
    assert rows == [(999, None, "Meena", ""), (999, "999-Z000001", "Meena", "Meena")]
    assert newest["closed_at"] is None
    assert oldest["opened_at"] < oldest["closed_at"] < newest["opened_at"]
    shown = [" ".join(line.split()) for line in counter.ok("admin", "shifts", "list").splitlines()]
    assert any(line.startswith("999 open ") for line in shown)


def test_a_shift_of_a_revoked_till_gets_a_z_of_the_server(counter: Shell) -> None:
    say(counter, "float 100", "2 idly", "cash 10")
    counter.ok("admin", "tills", "revoke", "999")
    counter.ok("admin", "cleanup")
    (z,) = counter("report", "z", "0-Z000001", "--json").json["zs"]
    assert (z["till"], z["closed_from"], z["closed_by"], z["sales"]["gross"]) == (999, "server", None, "8.00")
    shown = [" ".join(line.split()) for line in counter.ok("report", "z", "--till", "999").splitlines()]
    assert any(line.startswith("Till 999 0-Z000001 ") and " the server " in line for line in shown)
    (listed,) = counter("admin", "shifts", "list", "--json").json["shifts"]
    assert (listed["number"], listed["closed_by"]) == ("0-Z000001", None)
    assert "the server" in counter.ok("admin", "shifts", "list")
    assert counter("report", "x", "--json").json == {"zs": []}


def test_both_zs_of_a_shift_name_each_other_in_every_form(counter: Shell) -> None:
    say(counter, "float 100", "2 idly", "cash 10")
    counter.ok("admin", "tills", "revoke", "999")
    counter.ok("admin", "cleanup")
    counter.ok("admin", "tills", "add", "999", "--here")
    say(counter, "1 dosa", "cash", "close")
    numbers = {"999-Z000001": "0-Z000001", "0-Z000001": "999-Z000001"}
    assert {z["number"]: z["other"] for z in counter("report", "z", "--json").json["zs"]} == numbers
    for number, other in numbers.items():
        rows = list(csv.DictReader(io.StringIO(counter.ok("report", "z", number, "--csv", "-"))))
        assert [row["other"] for row in rows if row["part"] == "shifts"] == [other]
        book, page = counter.folder / f"{number}.xlsx", counter.folder / f"{number}.html"
        counter.ok("report", "z", number, "--xlsx", str(book), "--html", str(page))
        with zipfile.ZipFile(book) as file:
            assert other.encode() in file.read("xl/sharedStrings.xml")
        assert other in page.read_text(encoding="utf-8")
        assert other in counter.ok("report", "z", number)
    (listed,) = counter("admin", "shifts", "list", "--json").json["shifts"]
    assert (listed["number"], listed["other"]) == ("999-Z000001", "0-Z000001")
    (only,) = [line for line in counter.ok("admin", "shifts", "list").splitlines() if "999-Z000001" in line]
    assert "0-Z000001" in only
