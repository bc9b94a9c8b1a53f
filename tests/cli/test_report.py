from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from till.administration.calls import call
from till.cli.surroundings import Surroundings
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.reports.taken_off import TakenOff, TakenOffReport

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
    assert "Café · Tuesday 2026-03-03\n2 sales, 3 lines, €120.00\n" in shown
    assert "10:00      2  120.00" in shown


def test_spreadsheets_get_no_formula(sold: Shell) -> None:
    rows = list(csv.DictReader(io.StringIO(sold.ok("report", "sales", "--day", "1", "--csv", "-"))))
    items = {row["name"]: (row["quantity"], row["EUR"]) for row in rows if row["kind"] == "item"}
    assert items == {"'=1+1": ("1", "80.00"), "Idly": ("1", "40.00")}
    file = sold.folder / "sales.csv"
    sold.ok("report", "sales", "--day", "1", "--csv", str(file))
    assert file.read_bytes().startswith(b"\xef\xbb\xbfkind,name,quantity,EUR\r\n")


def test_a_day_without_sales_and_a_day_that_is_none(sold: Shell) -> None:
    assert "Nothing was sold" in sold.ok("report", "sales")
    for day, why in (("7", "There is no trading day 7. There are: 1"), ("soon", "“soon” is not a date. Write one")):
        said = sold("report", "sales", "--day", day)
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
        assert f"Invalid value for --day: {why}" in said.err
        assert said.err.endswith(" `till report sales --help` says how.\n")
    assert sold("report").code == 2


class DaysAhead(datetime):
    """The clock of a machine that is three days ahead."""

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


def test_voids_by_person(sold: Shell) -> None:
    assert "Nothing was voided or cleared on that day." in sold.ok("report", "voids", "--day", "1")
    assert sold("report", "voids", "--day", "1", "--json").json == {
        "day": "2026-03-03", "currency": "EUR", "people": [],
    }  # fmt: skip
    assert sold.ok("report", "voids", "--day", "1", "--csv", "-").split() == ["person,kind,sent,times,pieces,EUR"]


def test_what_had_been_sent_is_a_row_of_its_own(sold: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [TakenOff(1, "Asha", kind, sent, 1, 2, Minor(8_000)) for kind in ("void", "clear") for sent in (False, True)]
    found = TakenOffReport(date(2026, 3, 3), Currency("EUR"), tuple(rows))
    monkeypatch.setattr("till.reports.taken_off.read_taken_off", lambda *_asked: found)
    shown = sold.ok("report", "voids", "--day", "1").splitlines()[2:]
    words = ("voids", "voids after sending", "cleared orders", "cleared after sending")
    assert [row.split(maxsplit=1)[1].partition("  ")[0] for row in shown] == list(words)
    assert [row["sent"] for row in sold("report", "voids", "--day", "1", "--json").json["people"]] == [False, True] * 2
    assert "Asha,void,sent,1,2,80.00" in sold.ok("report", "voids", "--day", "1", "--csv", "-")


def test_what_guests_said(sold: Shell, database: Database) -> None:
    assert "No feedback on that day." in sold.ok("report", "feedback", "--day", "1")
    assert sold("report", "feedback", "--day", "1", "--json").json["average"] is None
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO cold.feedback SELECT gen_random_uuid(), order_id, session_id, 4, '=lovely', 1, 1, store_id,"
            " '2026-03-03T10:00:00Z' FROM cold.orders WHERE business_date = '2026-03-03' ORDER BY receipt LIMIT 1"
        )
    (said,) = sold("report", "feedback", "--day", "1", "--json").json["feedback"]
    assert (said["score"], said["words"], said["at"]) == (4, "=lovely", "2026-03-03T10:00:00.000000Z")
    shown = sold.ok("report", "feedback", "--day", "1")
    assert "1 guest, 4.00 of 5" in shown
    assert "=lovely" in shown
    heading, row = sold.ok("report", "feedback", "--day", "1", "--csv", "-").split("\n")[:2]
    assert heading.strip() == "score,words,at,receipt,till,staff,total,currency"
    assert row.startswith("4,'=lovely,2026-03-03T")
    assert sold("report", "feedback", "--day", "nonsense").code == 2


def test_discounts_by_person(sold: Shell) -> None:
    assert "No discounts on that day." in sold.ok("report", "discounts", "--day", "1")
    assert sold("report", "discounts", "--day", "1", "--json").json["discounts"] == []
    assert sold.ok("report", "discounts", "--day", "1", "--csv", "-").split() == ["person,kind,name,times,EUR"]
