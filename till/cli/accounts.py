"""House accounts: open one for a customer, set its limit, close it, show its statement, write down what was paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import typer

from till.cli.administration import administration
from till.cli.environment import Surroundings
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import print_json, say
from till.cli.running import make_app
from till.cli.vouchers import print_movements
from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.reports.words import money_text

app = make_app(N_("House accounts: guests who eat today and pay later, up to a limit."))

Id = Annotated[UUID, typer.Argument(metavar="ID", help=N_("A customer's id, from `till admin customers list`."))]


class AccountError(TillError):
    """A house account that does not exist."""

    code = "account"
    default = N_("There is no such house account.")


@app.command(epilog=N_("Example: till admin accounts statement ID --json"))
def statement(customer: Id, *, as_json: AsJson = False) -> None:
    """Show the payments, refunds and pay-offs of an account."""
    from db.engine import selecting
    from till.reports.vouchers import read_accounts, read_movements

    with administration(Surroundings.find()) as admin, selecting(admin.connection) as selects:
        found = [row for row in read_accounts(selects, admin.store_id) if row["customer"] == str(customer)]
        if not found:
            raise AccountError(_("That customer has no house account."))
        row = found[0]
        row["movements"] = read_movements(selects, admin.store_id, row["customer"])
        venue = admin.venue()
    if as_json:
        print_json({"account": row})
        return
    print_movements(venue, row["movements"], row["currency"])
    owed, maximum = (money_text(venue, row[name].lstrip("-"), row["currency"]) for name in ("owed", "limit"))
    sentence = _("{name} owes {owed}; the limit is {limit}.")
    if Decimal(row["owed"]) < 0:
        sentence = _("{name} has a credit of {owed}; the limit is {limit}.")
    say(sentence.format(name=row["name"] or row["phone"] or _("An erased guest"), owed=owed, limit=maximum))
