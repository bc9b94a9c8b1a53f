"""Customers: add, list, show with their purchases, erase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from till.cli.administration import administration
from till.cli.output import amount_text, note, print_json, print_table, say
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.errors import TillError
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext

if TYPE_CHECKING:
    from till.domain.venue import Venue
    from till.reports.customers import CustomerRow

app = make_app(_("Customers: guests known by name or phone number."))

Id = Annotated[UUID, typer.Argument(metavar="ID", help=_("A customer's id, from `till admin customers list`."))]
AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]


class NoCustomerError(TillError):
    """A customer who does not exist."""

    code = "customer"
    default = _("There is no such customer.")


@app.command("list", epilog=_("Example: till admin customers list --json"))
def list_customers(*, as_json: AsJson = False) -> None:
    """List all customers, by name."""
    from db.engine import selecting
    from till.reports.customers import read_customers

    with administration(Surroundings.find()) as admin, selecting(admin.connection) as selects:
        rows = read_customers(selects, admin.store_id)
        venue = admin.venue()
    if as_json:
        print_json({"customers": rows})
        return
    print_table(
        [_("Name"), _("Phone"), _("Orders"), _("Last"), _("Id")],
        ([row["name"], row["phone"], str(row["orders"]), _day(venue, row["last_at"]), row["customer"]] for row in rows),
        right=(2,),
    )
    note(ngettext("{n} customer.", "{n} customers.", len(rows)).format(n=len(rows)))


@app.command(epilog=_("Example: till admin customers show ID --json"))
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
                f"{venue.local(read_time(bought['at'])):%Y-%m-%d %H:%M}",
                bought["receipt"] or "",
                ", ".join(f"{one['quantity']} × {one['item']}" for one in bought["items"]),
                amount_text(venue, bought["total"], bought["currency"]),
            ]
            for bought in history
        ),
        right=(3,),
    )


def _day(venue: Venue, at: str | None) -> str:
    return f"{venue.local(read_time(at)):%Y-%m-%d}" if at else ""


def _who(venue: Venue, row: CustomerRow) -> str:
    if row["erased_at"]:
        return _("Erased on {day}.").format(day=_day(venue, row["erased_at"]))
    return ", ".join(part for part in (row["name"], row["phone"]) if part)
