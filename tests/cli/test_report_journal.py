"""`till report journal`: the accountant's export."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from beancount.loader import load_string

from tests.cli.test_report_shifts import closed

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

__all__ = ["closed"]


def test_the_journal_of_a_closed_shift(closed: Shell) -> None:
    shell = closed
    waiting = shell("report", "journal", "--json")
    assert (waiting.code, "Not booked: Z 999-Z000001 of till 999." in waiting.err) == (1, True)
    assert shell("admin", "cleanup").code == 0
    found = shell("report", "journal", "--json")
    assert (found.code, found.json["missing"]) == (0, [])
    entries = {one["row"]: one for one in found.json["entries"]}
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in entries.values():
        sums[one["kind"]] += Decimal(one["debit"]) - Decimal(one["credit"])
    assert sums == {
        "movement.float": Decimal(-100), "movement.paid_out": Decimal(20), "movement.safe_drop": Decimal(50),
        "movement.taken": Decimal(30), "sales.food.10": Decimal("-14.54"), "sales.side.0": Decimal(-5),
        "tax.vat.10": Decimal("-1.46"), "tender.card": Decimal(13), "tender.cash": Decimal("7.50"),
        "over_short.cash": Decimal("0.50"),
    }  # fmt: skip
    assert "sales.food.10" in found.json["defaults"]
    assert shell("admin", "ledger-accounts", "set", "sales.food.10", "8400").code == 0
    assert shell("admin", "ledger-accounts", "set", "sales", "=8000").code == 0
    assert "There are" in shell("admin", "ledger-accounts", "set", "salse", "8000").err
    listed = {one["kind"]: one for one in shell("admin", "ledger-accounts", "list", "--json").json["ledger_accounts"]}
    assert listed["sales.food.10"] == {"kind": "sales.food.10", "account": "8400", "default": False}
    assert (listed["sales.side.0"]["account"], listed["tips"]["default"]) == ("=8000", True)
    file = shell("report", "journal", "--as", "csv")
    rows = {row["row"]: row for row in csv.DictReader(io.StringIO(file.out))}
    assert {row: one["kind"] for row, one in rows.items()} == {row: one["kind"] for row, one in entries.items()}
    accounts = {row["kind"]: row["account"] for row in rows.values()}
    assert (accounts["sales.food.10"], accounts["sales.side.0"]) == ("8400", "'=8000"), "no formula"
    assert shell("admin", "settings", "set", "locale", "de_DE").code == 0
    assert shell("report", "journal", "--as", "csv").out == file.out, "one form, in each country"
    assert ";0,00;50,00;EUR;" in shell("report", "journal", "--csv", "-").out
    assert "tender.cash" in file.err
    assert "sales" not in file.err
    book = shell("report", "journal", "--as", "beancount").out
    assert " Income:Sales:A8400  -14.54 EUR" in book
    _entries, errors, _options = load_string(book, dedent=False)
    assert errors == []
