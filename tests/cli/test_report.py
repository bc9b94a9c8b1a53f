from __future__ import annotations

import csv
import io
import uuid
import zipfile
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.json import Jsonb

from tests.cli.test_say import talk
from tests.journal.test_faults import no_room_beyond
from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from till.administration.calls import AtServer, call
from till.cli.demo_venue import CAFE, cafe_surroundings, hold_demo
from till.cli.environment import Surroundings
from till.reports.declared import REPORTS

__all__ = ["talk"]

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


@pytest.fixture
def sold(staffed: Shell, database: Database) -> Shell:
    """A venue that sold twice on its first trading day."""
    store = Surroundings.find().venue.store_id
    moment = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    with database.connect() as connection:
        call(connection, "store_settings_v1", store, None, {"trading_days": {"1": "2026-03-03"}})
        for lines in ([(IDLY, 2)], [(DOSA, 1), (IDLY, -1)]):
            order = Cart(lines={new_id(): line for line in lines}).frozen(currency="EUR")
            order["lines"][0]["item_name"] = "=1+1" if lines[0][0] == DOSA else "Idly"
            connection.execute(
                "SELECT cold.place_order(%s, %s, 1, 1, %s, %s, %s, %s, 'till')",
                [store, new_id(), new_id(), moment, moment, Jsonb(order)],
            )
    return staffed


def test_the_same_day_by_date_and_by_number(sold: Shell) -> None:
    by_date = sold("report", "sales", "--day", "2026-03-03", "--json").json
    assert by_date == sold("report", "sales", "--day", "1", "--json").json
    assert (by_date["sales"], by_date["lines"], by_date["total"], by_date["tenders"]) == (
        2,
        3,
        "120.00",
        {"CASH": "120.00"},
    )
    assert by_date["hours"] == [{"hour": "10:00", "sales": 2, "amount": "120.00"}]


def test_people_get_a_table(sold: Shell) -> None:
    shown = sold.ok("report", "sales", "--day", "2026-03-03")
    assert shown.startswith("Café · Tuesday 2026-03-03\n\n")
    assert [line.split() for line in shown.splitlines()[2:13]] == [
        ["Sales", "2"], ["Lines", "3"], ["Gross", "sales", "120.00"], ["Items", "120.00"], ["Net", "114.28"],
        ["Tax", "5.72"], ["Total", "120.00"], ["After", "refunds", "120.00"], ["Taken", "120.00"], [],
        ["Tender", "Amount"],
    ]  # fmt: skip
    assert "\nCash    120.00  █" in shown
    assert "10:00      2  120.00" in shown
    assert "Month" not in shown


def test_a_bar_stands_beside_the_column_that_it_measures(sold: Shell) -> None:
    lines = [line.split() for line in sold.ok("report", "day", "--day", "2026-03-03", "--by", "items").splitlines()]
    assert [line for line in lines if line[:1] in (["Item"], ["Idly"], ["=1+1"])] == [
        ["Item", "Pieces", "Amount"],
        ["=1+1", "1", "█" * 20, "80.00"],
        ["Idly", "1", "█" * 20, "40.00"],
    ]


def test_the_footnote_on_chats_stands_where_its_part_does(sold: Shell) -> None:
    words = "only chats count fully in the first step"
    assert words not in " ".join(sold.ok("report", "day", "--day", "2026-03-03", "--by", "hours").split())
    assert words not in " ".join(sold.ok("report", "day", "--day", "2026-03-03").split()), "no step was counted"


def test_range_has_its_days_and_months(sold: Shell) -> None:
    shown = sold.ok("report", "sales", "--from", "2026-02-01", "--to", "1")
    assert shown.startswith("Café · 2026-02-01 to 2026-03-03\n\n")
    found = sold("report", "sales", "--from", "2026-02-01", "--to", "2026-03-31", "--json").json
    assert ("day" in found, found["from"], found["to"], found["sales"]) == (False, "2026-02-01", "2026-03-31", 2)
    assert sold("report", "sales", "--from", "1", "--json").json["sales"] == 2  # until today


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (["--from", "2026-03-03", "--to", "2026-03-02"], "--to: 2026-03-02 is before 2026-03-03."),
        (["--from", "soon"], "--from: “soon” is not a date."),
        (["--to", "today"], "--to: Give the first day too, with --from."),
        (["--day", "today", "--from", "today"], "--day: Give either --day, or --from and --to."),
        (["--by", "figures"], "--by: There are: tenders, refunds, drawers, rates,"),
    ],
)
def test_days_that_do_not_go_together_are_refused_in_one_line(sold: Shell, asked: list[str], expected: str) -> None:
    refused = sold("report", "sales", *asked)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert expected in refused.err


def test_one_part_by_itself(sold: Shell) -> None:
    day = ["--from", "1", "--to", "1"]
    assert sold.ok("report", "sales", *day, "--by", "months").splitlines()[2].split() == [
        "Month", "Sales", "Net", "Tax", "Total"
    ]  # fmt: skip
    assert sold.ok("report", "sales", *day, "--by", "months", "--csv", "-").splitlines() == [
        "month,sales,net EUR,tax EUR,total EUR", "2026-03,2,114.28,5.72,120.00",
    ]  # fmt: skip
    assert sold("report", "sales", *day, "--by", "people", "--json").json["people"] == [
        {"user": 1, "name": "Asha", "sales": 2, "total": "120.00"}
    ]


def test_weights_are_numbers_beside_their_unit(sold: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ["Mixture", "2", "2350", "kg", "9.40"]
    ask = AtServer.ask
    monkeypatch.setattr(
        AtServer, "ask", lambda at, name, *asked: [[row]] if name == "report_v1" else ask(at, name, *asked)
    )
    by = ("report", "sales", "--day", "1", "--by", "weights")
    shown = sold.ok(*by).splitlines()[2:]
    assert [" ".join(line.split()[:5]) for line in shown] == [
        "Weighed item Pieces Weight Amount",
        "Mixture 2 2.350 kg 9.40",
    ]
    (found,) = sold(*by, "--json").json["weights"]
    assert found == {"item": "Mixture", "quantity": 2, "weight": 2.35, "unit": "kg", "amount": "9.40"}
    assert sold.ok(*by, "--csv", "-").splitlines() == [
        "item,quantity,weight,unit,amount EUR", "Mixture,2,2.35,kg,9.40",
    ]  # fmt: skip
    file = sold.folder / "weights.xlsx"
    sold.ok(*by, "--xlsx", str(file))
    with zipfile.ZipFile(file) as book:
        assert "<v>2.35</v>" in book.read("xl/worksheets/sheet1.xml").decode()


def test_spreadsheets_get_no_formula(sold: Shell) -> None:
    rows = list(csv.DictReader(io.StringIO(sold.ok("report", "sales", "--day", "1", "--csv", "-"))))
    items = {row["item"]: (row["quantity"], row["amount EUR"]) for row in rows if row["part"] == "items"}
    assert items == {"'=1+1": ("1", "80.00"), "Idly": ("1", "40.00")}
    (figures,) = (row for row in rows if row["part"] == "figures")
    assert (figures["sales"], figures["total EUR"], figures["item"]) == ("2", "120.00", "")
    file = sold.folder / "sales.csv"
    sold.ok("report", "sales", "--day", "1", "--csv", str(file))
    assert file.read_bytes().startswith(b"\xef\xbb\xbfpart,sales,lines,gross_sales EUR,")


@pytest.mark.parametrize("form", ["csv", "xlsx", "html"])
def test_a_full_disk_leaves_no_half_report_and_an_older_one_is_not_written_over(
    sold: Shell, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)  # Python would keep half a module too
    folder = sold.folder / "out"
    folder.mkdir()
    file = folder / f"sales.{form}"
    asked = ("report", "sales", "--day", "1", f"--{form}", str(file))
    with no_room_beyond(100):
        assert sold.refused(*asked) == f"{file} cannot be written: File too large. Name another file."
    assert list(folder.iterdir()) == []
    sold.ok(*asked)
    before = file.read_bytes()
    assert sold.refused(*asked) == f"{file} already exists. Name another file, or remove it first."
    assert (file.read_bytes(), list(folder.iterdir())) == (before, [file])


def test_a_day_without_sales_and_a_day_that_is_none(sold: Shell) -> None:
    assert "Nothing was sold" in sold.ok("report", "sales")
    for day, why in (("7", "There is no trading day 7. There are: 1"), ("soon", "“soon” is not a date. Write one")):
        result = sold("report", "sales", "--day", day)
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
        assert f"Invalid value for --day: {why}" in result.err
        assert result.err.endswith(" `till report sales --help` shows how.\n")
    assert sold("report").code == 2


class DaysAhead(datetime):
    """The clock of a machine, three days ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> DaysAhead:
        return cls.fromtimestamp(datetime.now(tz).timestamp(), tz) + timedelta(days=3)


def test_today_is_that_of_the_database_whatever_the_machine_says(sold: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    today = sold("report", "sales", "--json").json["day"]
    with monkeypatch.context() as patch:
        patch.setattr("datetime.datetime", DaysAhead)
        assert sold("report", "sales", "--json").json["day"] == today


def test_a_folder_without_a_venue_says_so(shell: Shell) -> None:
    assert "holds no venue yet" in shell.refused("report", "sales")
    cafe = cafe_surroundings(Surroundings.find())
    hold_demo(cafe, CAFE)
    assert shell.refused("report", "sales").endswith(f"the café of the demo: set TILL_DATA_DIR={cafe.folders.root}.")


def test_voids_by_person(sold: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nothing was voided or cleared." in sold.ok("report", "voids", "--day", "1")
    assert sold("report", "voids", "--day", "1", "--json").json["people"] == []
    heading = "user,name,kind,sent,times,pieces,amount EUR"
    assert sold.ok("report", "voids", "--day", "1", "--by", "people", "--csv", "-").splitlines() == [heading]
    rows = [[1, "Asha", kind, sent, "1", "2", "80.00"] for sent in (True, False) for kind in ("clear", "void")]
    ask = AtServer.ask
    monkeypatch.setattr(
        AtServer, "ask", lambda at, name, *asked: [[*rows]] if name == "report_v1" else ask(at, name, *asked)
    )
    shown = sold.ok("report", "voids", "--day", "1", "--by", "people").splitlines()[2:-2]
    assert [" ".join(row.split()) for row in shown] == [
        "Person Times Pieces Amount", "Asha voids 1 2 80.00", "Asha voids after sending 1 2 80.00",
        "Asha cleared orders 1 2 80.00", "Asha cleared orders after sending 1 2 80.00",
    ]  # fmt: skip
    found = sold("report", "voids", "--day", "1", "--by", "people", "--json").json["people"]
    assert [row["sent"] for row in found] == [False, True] * 2
    assert "1,Asha,void,after sending,1,2,80.00" in sold.ok(
        "report", "voids", "--day", "1", "--by", "people", "--csv", "-"
    )


def test_each_void_is_named_in_every_form(sold: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    order, event = str(uuid.uuid4()), str(uuid.uuid4())
    act = ("2026-03-03T10:00:00Z", "void", True, "Idly", "2", "80.00")
    rows = [[*act, "1-000007", "=cold", 1, "Asha", 9, "Meena", order, event]]
    ask = AtServer.ask
    monkeypatch.setattr(
        AtServer, "ask", lambda at, name, *asked: [rows] if name == "report_v1" else ask(at, name, *asked)
    )
    asked = ("report", "voids", "--day", "1", "--by", "acts")
    assert [" ".join(row.split()) for row in sold.ok(*asked).splitlines()[2:-2]] == [
        "At Item Pieces Amount Order Reason Person Approved by",
        "2026-03-03 11:00 void after sending Idly 2 80.00 1-000007 =cold Asha Meena",
    ]
    (row,) = sold(*asked, "--json").json["acts"]
    assert (row["order"], row["reason"], row["user"], row["approved_by"], row["approver"], row["session"]) == (
        "1-000007", "=cold", 1, 9, "Meena", order,
    )  # fmt: skip
    (row,) = csv.DictReader(io.StringIO(sold.ok(*asked, "--csv", "-")))
    assert (row["item"], row["order"], row["reason"], row["approver"]) == ("Idly", "1-000007", "'=cold", "Meena")
    page = sold.folder / "voids.html"
    sold.ok(*asked, "--html", str(page))
    assert all(word in page.read_text() for word in ("Idly", "1-000007", "=cold", "Asha", "Meena", "Approved by"))


def test_feedback_of_guests(sold: Shell, database: Database) -> None:
    assert "No feedback." in sold.ok("report", "feedback", "--day", "1")
    assert sold("report", "feedback", "--day", "1", "--json").json["average"] is None
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO cold.feedback SELECT gen_random_uuid(), order_id, session_id, 4, '=lovely', 1, 1, store_id,"
            " '2026-03-03T10:00:00Z' FROM cold.orders WHERE business_date = '2026-03-03' ORDER BY receipt LIMIT 1"
        )
    found = sold("report", "feedback", "--day", "1", "--json").json
    assert (found["count"], found["average"], found["scores"]) == (1, "4.00", {"4": 1})
    (reply,) = found["feedback"]
    assert (reply["score"], reply["words"], reply["at"]) == (4, "=lovely", "2026-03-03T10:00:00.000000Z")
    shown = sold.ok("report", "feedback", "--day", "1")
    assert "Average score  4.00" in shown
    assert "2026-03-03 11:00" in shown
    rows = list(csv.DictReader(io.StringIO(sold.ok("report", "feedback", "--day", "1", "--csv", "-"))))
    assert (rows[-1]["score"], rows[-1]["words"]) == ("4", "'=lovely")
    asked = ("--day", "1", "--by", "feedback", "--orders", reply["receipt"], "--json")
    assert [one["receipt"] for one in sold("report", "feedback", *asked).json["orders"]] == [reply["receipt"]]
    assert sold("report", "feedback", "--day", "nonsense").code == 2


def test_two_formats_for_one_stream_are_refused(sold: Shell) -> None:
    for asked in (
        "report sales --json --csv -",
        "report sales --csv - --html -",
        "admin audit show --json --csv -",
    ):
        result = sold(*asked.split())
        assert (result.code, result.out) == (2, "")
        assert "Only one format goes to standard output" in result.err


@pytest.mark.parametrize("form", ["", "--json", "--csv", "--xlsx", "--html"])
def test_every_report_is_written_in_every_form(sold: Shell, form: str) -> None:
    for report in REPORTS:
        file = sold.folder / f"{report.name}{form}"
        is_file = form not in {"", "--json"}
        days = () if report.is_open else ("--day", "1")
        output = sold.ok("report", report.name, *days, *filter(None, (form, str(file) if is_file else "")))
        written = file.read_bytes() if is_file else output
        assert written, report.name


def test_discounts_by_person(sold: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No discounts." in sold.ok("report", "discounts", "--day", "1")
    assert sold("report", "discounts", "--day", "1", "--json").json["discounts"] == []
    heading = "user,name,kind,title,times,amount EUR"
    assert sold.ok("report", "discounts", "--day", "1", "--by", "discounts", "--csv", "-").splitlines() == [heading]
    rows = [[1, "Asha", "price", "", "2", "-1.00"], [9, "Meena", "discount", "Regular", "1", "5.00"]]
    ask = AtServer.ask
    monkeypatch.setattr(
        AtServer, "ask", lambda at, name, *asked: [[*rows]] if name == "report_v1" else ask(at, name, *asked)
    )
    shown = sold.ok("report", "discounts", "--day", "1", "--by", "discounts").splitlines()[2:]
    assert [" ".join(row.split()) for row in shown] == [
        "Person Kind Name Times Amount", "Asha New price 2 −1.00", "Meena Discount Regular 1 5.00",
    ]  # fmt: skip
    assert (
        sold("report", "discounts", "--day", "1", "--by", "discounts", "--json").json["discounts"][0]["kind"] == "price"
    )


def test_losses_are_for_admins(talk: Shell) -> None:
    talk.ok("say", "2 idly")
    talk.ok("say", "table 7")
    talk.become(9)
    assert "admin" in talk("report", "losses").err
    talk.become(7)
    shown = talk.ok("report", "losses")
    assert "\nFirst ask about: nothing on these days.\n\nWhat nobody sees here: selling without the till" in shown
    assert "\nBilled and less paid: nothing on these days.\n" in shown
    assert talk.ok("report", "losses") == shown
    found = talk("report", "losses", "--json").json
    assert (found["less"], found["faults"]) == ([], [])
    assert {head["till"] for head in found["heads"]} >= {0}
    for form in ("csv", "xlsx", "html"):
        file = talk.folder / f"losses.{form}"
        talk.ok("report", "losses", f"--{form}", str(file))
        assert file.stat().st_size > 0


def test_a_table_at_a_minute_is_shown(talk: Shell) -> None:
    begun = f"{datetime.now(ZoneInfo('Europe/Vienna')):%H:%M}"
    talk.ok("say", "2 idly")
    talk.ok("say", "table 7")
    talk.become(9)
    saved = f"{datetime.now(ZoneInfo('Europe/Vienna')):%H:%M}"
    found = talk("report", "table", "7", "--at", saved, "--json").json
    assert [(row["words"], row["quantity"], row["user"]) for row in found["orders"][0]["stood"]] == [("Idly", 2, 1)]
    shown = talk.ok("report", "table", "7", "--at", saved).splitlines()
    assert shown[1:4] == ["1 order stood on table 7 then.", "", "Table 7: 8.00, saved, Asha, Till 999"]
    keyed, *line = shown[5].split()
    assert keyed in {begun, saved}, "a minute may end in between"
    assert line == ["Asha,", "Till", "999", "2", "Idly", "8.00"]
    rows = csv.DictReader(io.StringIO(talk.ok("report", "table", "7", "--at", saved, "--csv", "-")))
    assert [(row["what"], row["quantity"], row["amount EUR"], row["at"]) for row in rows] == [
        ("Idly", "2", "8.00", keyed)
    ]
    assert "Nothing stood on table 7 then." in talk.ok("report", "table", "7", "--at", saved, "--day", "2026-01-05")
    assert "“9 pm” is not a time. Write one such as 21:15." in talk("report", "table", "7", "--at", "9 pm").err
