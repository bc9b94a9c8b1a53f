"""Customers: add, import, list, show with their purchases, erase."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import typer

from till.administration.acts.guests import AddCustomer
from till.administration.listing import time_words
from till.cli.administration import administration
from till.cli.environment import Surroundings
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, print_table, read_file, say
from till.cli.running import make_app
from till.domain.catalogue.csv_table import MenuFileError, TableReader, decode_menu
from till.domain.errors import TillError
from till.domain.i18n import N_, _, ngettext
from till.reports.words import amount_text

if TYPE_CHECKING:
    from till.domain.venue import Venue

app = make_app(N_("Customers: guests known by name or phone number."))

Id = Annotated[UUID, typer.Argument(metavar="ID", help=N_("A customer's id, from `till admin customers list`."))]


#: The columns of a name, those of a number and those of a mail address, in the exports of Square, Loyverse and Odoo.
_NAMES: Final = (("name",), ("customer name",), ("first name", "last name"))
_PHONES: Final = ("phone", "phone number", "mobile")
_MAILS: Final = ("email", "email address")


class CustomerFileError(TillError):
    """A file that is no list of customers."""

    code = "customer_file"
    default = N_("The file has no column name with phone: export the customers as CSV.")


class NoCustomerError(TillError):
    """A customer who does not exist."""

    code = "customer"
    default = N_("There is no such customer.")


@app.command(epilog=N_("Example: till admin customers show ID --json"))
def show(customer: Id, *, as_json: AsJson = False) -> None:
    """Show a customer: their preferences, and their last fifty paid orders."""
    from db.engine import selecting
    from till.reports.customers import read_customer

    with administration(Surroundings.find()) as admin, selecting(admin.connection) as selects:
        row = read_customer(selects, admin.store_id, str(customer))
        venue = admin.venue()
    if row is None:
        raise NoCustomerError(_("There is no customer {id}.").format(id=customer))
    if as_json:
        print_json({"customer": row})
        return
    say(_who(venue, row))
    if preferences := row.get("preferences"):
        say(", ".join(f"{name}: {value}" for name, value in preferences.items()))
    history = row.get("history", [])
    if not history:
        say(_("No paid orders yet."))
        return
    print_table(
        [_("When"), _("Receipt"), _("What"), _("Total")],
        (
            [
                time_words(venue, bought["at"]),
                bought["receipt"] or "",
                ", ".join(f"{one['quantity']} × {one['item']}" for one in bought["items"]),
                amount_text(venue, bought["total"], bought["currency"]),
            ]
            for bought in history
        ),
        right=(3,),
    )


@app.command("import", epilog=N_("Example: till admin customers import customers.csv"))
def import_customers(
    file: Annotated[str, typer.Argument(metavar="FILE", help=N_("A CSV file; - is standard input."))],
) -> None:
    """Add the customers of a file: of Square, Loyverse or Odoo as they export it, or with the columns name and phone.

    A customer with the same name and number, or with a known number, is not added again. A till keeps no mail address.
    """
    from db.engine import selecting
    from till.reports.customers import read_customers

    rows, columns = _read_rows(read_file(file))
    names = next((one for one in _NAMES if {*one} <= {*columns}), None)
    if names is None or not {*_PHONES} & {*columns}:
        raise CustomerFileError
    added = refused = mails = 0
    with administration(Surroundings.find()) as admin:
        with selecting(admin.connection) as selects:
            known = {(row["name"], row["phone"]) for row in read_customers(selects, admin.store_id)}
        for line, row in rows:
            name = " ".join(filter(None, (row.get(column, "") for column in names)))
            phone = next(filter(None, (row.get(column, "") for column in _PHONES)), "")
            key = name, re.sub("[^0-9+]", "", phone)
            mails += any(row.get(column) for column in _MAILS)
            if key in known:
                continue
            known.add(key)
            try:
                AddCustomer(name, phone).checked().do(admin)
                added += 1
            except TillError as problem:
                refused += 1
                note(f"{file}:{line}: {problem.sentence}")
    if mails:
        note(ngettext("{n} mail address was left out.", "{n} mail addresses were left out.", mails).format(n=mails))
    say(ngettext("Added {n} customer.", "Added {n} customers.", added).format(n=added))
    if refused:
        raise typer.Exit(1)


def _read_rows(data: bytes) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """Return the rows of a table by column, each with its line, and its columns in lower case."""
    table = TableReader((), ())
    try:
        rows = table.rows(decode_menu(data))
    except MenuFileError as problem:
        raise CustomerFileError(problem.faults[0].sentence) from problem
    columns = [cell.strip().casefold() for cell in next(rows, (1, []))[1]]
    found = [(line, dict(zip(columns, map(str.strip, cells), strict=False))) for line, cells in rows]
    if table.faults:
        raise CustomerFileError(table.faults[0].sentence)
    return found, columns


def _who(venue: Venue, row: dict[str, Any]) -> str:
    if row["erased_at"]:
        return _("Erased on {day}.").format(day=time_words(venue, row["erased_at"])[:10])
    return ", ".join(part for part in (row["name"], row["phone"]) if part)
