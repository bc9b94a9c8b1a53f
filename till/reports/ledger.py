"""The accountant's journal: the batches that the upkeep made, and their export to accounting programs (ADR 0071)."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from till.domain.i18n import N_
from till.domain.text import clean
from till.reports.report import Column, ColumnKind, Report, Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from till.reports.report import ReportResult

_KIND: Final = Column("kind", ColumnKind.TEXT, N_("Kind"))
_ACCOUNT: Final = Column("account", ColumnKind.TEXT, N_("Account"))
_SIDES: Final = (Column("debit", ColumnKind.MONEY, N_("Debit")), Column("credit", ColumnKind.MONEY, N_("Credit")))
#: Every batch sums to zero, and never changes. `default_account` is that of its kind, for a program that needs a root.
JOURNAL: Final = Report(
    "journal",
    N_("The accountant's journal"),
    N_("Show the batches for the accountant: one for each closed Z, and what is in none."),
    N_("Nothing was booked."),
    (
        Section(
            "entries",
            "ledger",
            (
                Column("day", ColumnKind.DAY, N_("Day"), of="business_date"),
                Column("batch", ColumnKind.ID),
                Column("place", ColumnKind.ID),
                Column("row", ColumnKind.TEXT, N_("Row"), of="row_id"),
                _KIND,
                _ACCOUNT,
                Column("default_account", ColumnKind.ID),
                Column("tax", ColumnKind.TEXT, N_("Tax")),
                *_SIDES,
                Column("text", ColumnKind.TEXT, N_("Text"), of="what"),
            ),
            ("day", "batch", "place"),
            title=N_("Entries"),
        ),
        Section(
            "accounts",
            "ledger",
            (
                _ACCOUNT,
                _KIND,
                Column("default", ColumnKind.FLAG, N_("By default"), of="is_default", words={True: N_("yes")}),
                *_SIDES,
            ),
            ("account", "kind"),
            title=N_("Accounts"),
        ),
    ),
)
#: The columns of the CSV file.
CSV: Final = ("batch", "row", "day", "kind", "account", "tax", "debit", "credit", "currency", "text")
_BEANCOUNT: Final = re.compile(r"(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+")


def entries(found: ReportResult) -> Iterator[dict[str, Any]]:
    """Yield the rows of the journal. Amounts are in minor units."""
    columns = next(one.columns for one in JOURNAL.sections if one.name == "entries")
    for row in found.rows("entries"):
        yield {column.name: value for column, value in zip(columns, row, strict=True)}


def by_default(found: ReportResult) -> list[str]:
    """Return the kinds without an account of their own."""
    return sorted({kind for _account, kind, is_default, *_sides in found.rows("accounts") if is_default})


def beancount(found: ReportResult) -> str:
    """Return the journal as a file of beancount: options, the accounts, and each batch as a transaction."""
    currency, rows = found.venue.terms.currency, list(entries(found))
    accounts = sorted({beancount_account(row) for row in rows})
    lines = [
        f'option "title" {_quoted(found.venue.settings.name)}',
        f'option "operating_currency" "{currency.code}"',
        *("" for _one in accounts[:1]),
        *(f"{found.span.first} open {account} {currency.code}" for account in accounts),
    ]
    for (day, batch), of_batch in groupby(rows, _batch_of):
        lines += ["", f'{day} * "till" {_quoted(batch)} ^{batch}']
        for row in of_batch:
            amount = currency.text(row["debit"] - row["credit"])
            lines += [f"  {beancount_account(row)}  {amount} {currency.code}"]
            lines += [f"    {key}: {_quoted(row[key])}" for key in ("row", "kind", "text") if row[key]]
    return "\n".join(lines) + "\n"


def _batch_of(row: Mapping[str, Any]) -> tuple[date, str]:
    return row["day"], row["batch"]


def beancount_account(row: Mapping[str, Any]) -> str:
    """Return the account of a row for beancount; or `Income:Sales:A8400` for one that is no name there."""
    account = row["account"]
    if _BEANCOUNT.fullmatch(account):
        return str(account)
    return f"{row['default_account']}:A{re.sub('[^A-Za-z0-9]+', '-', account)}"


def _quoted(text: str) -> str:
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
