"""Customers: add, list, show with their purchases, erase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from till.administration.listing import time_words
from till.cli.administration import administration
from till.cli.environment import Surroundings
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import print_json, print_table, say
from till.cli.running import make_app
from till.domain.errors import TillError
from till.domain.i18n import _
from till.reports.words import amount_text

if TYPE_CHECKING:
    from till.domain.venue import Venue

app = make_app(_("Customers: guests known by name or phone number."))

Id = Annotated[UUID, typer.Argument(metavar="ID", help=_("A customer's id, from `till admin customers list`."))]


class NoCustomerError(TillError):
    """A customer who does not exist."""

    code = "customer"
    default = _("There is no such customer.")


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
                time_words(venue, bought["at"]),
                bought["receipt"] or "",
                ", ".join(f"{one['quantity']} × {one['item']}" for one in bought["items"]),
                amount_text(venue, bought["total"], bought["currency"]),
            ]
            for bought in history
        ),
        right=(3,),
    )


def _who(venue: Venue, row: dict[str, Any]) -> str:
    if row["erased_at"]:
        return _("Erased on {day}.").format(day=time_words(venue, row["erased_at"])[:10])
    return ", ".join(part for part in (row["name"], row["phone"]) if part)
