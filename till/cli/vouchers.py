"""Vouchers: issue one with a code that is shown once, list them, show payments with one, make one worthless."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from till.administration.acts.balances import IssueVoucher, VoidVoucher, VoucherError
from till.administration.listing import time_words
from till.administration.lists.accounts import end_of
from till.administration.lists.vouchers import VOUCHERS
from till.cli.administration import administration
from till.cli.environment import Surroundings
from till.cli.lists import add_list
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, print_table, say
from till.cli.running import make_app
from till.domain.i18n import N_, _
from till.domain.text import clean
from till.reports.words import amount_text, money_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.cli.administration import Administration
    from till.domain.venue import Venue

app = make_app(N_("Vouchers: the server keeps their balances."))

Which = Annotated[
    str,
    typer.Argument(metavar="VOUCHER", help=N_("The end of its code, or its id from `till admin vouchers list`.")),
]
#: The word for each kind of movement.
MOVED: Final = {
    "reserved": N_("being paid"),
    "spent": N_("paid"),
    "refunded": N_("refunded"),
    "paid_off": N_("paid off, {how} ({end})"),
    "corrected": N_("pay-off {end} reversed"),
}


@app.command(epilog=N_("Example: till admin vouchers issue 500 --by CARD --expires 2027-12-31"))
def issue(
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help=N_("Its value, in the venue's money."))],
    *,
    expires: Annotated[
        str, typer.Option("--expires", metavar="YYYY-MM-DD", help=N_("The last day on which it is valid."))
    ] = "",
    unpaid: Annotated[
        bool, typer.Option("--unpaid", help=N_("It counts once a till took the cash: `sell voucher CODE` there."))
    ] = False,
    by: Annotated[
        str, typer.Option("--by", metavar="TENDER", help=N_("How it was paid: CARD, CASH, …; left out, it is a gift."))
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Issue a voucher. Its code is shown only once: write it down. Issuing is not turnover; a sale paid with it is."""
    if unpaid and by:
        raise typer.BadParameter(_("The till that sells it takes the cash: leave --by out."), param_hint="--by")
    act = IssueVoucher(amount, expires, unpaid, by).checked()
    with administration(Surroundings.find()) as admin:
        issued, venue = act.do(admin), admin.venue()
    if as_json:
        print_json(issued)
        return
    say(issued["code"])
    sentence = _("Worth {amount}. The code is shown only once: write it on the voucher.")
    if unpaid:
        sentence = _("Worth {amount} once a till sells it. The code is shown only once: write it on the voucher.")
    note(sentence.format(amount=money_text(venue, issued["amount"])))
    if not by and not unpaid:
        note(_("It is booked as a gift: --by CARD says how one was paid."))


add_list(app, VOUCHERS)


@app.command(epilog=N_("Example: till admin vouchers show 7KXW --json"))
def show(voucher: Which, *, as_json: AsJson = False) -> None:
    """Show a voucher with all its payments and refunds."""
    from db.engine import selecting
    from till.reports.vouchers import read_movements

    with administration(Surroundings.find()) as admin:
        row, venue = _find(admin, voucher), admin.venue()
        with selecting(admin.connection) as selects:
            row["movements"] = read_movements(selects, admin.store_id, row["voucher"])
    if as_json:
        print_json({"voucher": row})
        return
    left = money_text(venue, row["left"], row["currency"])
    worth = money_text(venue, row["amount"], row["currency"])
    say(_("…{hint}: {left} of {amount} left.").format(hint=row["hint"], left=left, amount=worth))
    if row["unpaid"] and not row["voided_at"]:
        say(_("Not paid yet: “sell voucher” at a till takes the cash for it."))
    if row["voided_at"]:
        say(_("Void since {day}: it can no longer be used.").format(day=time_words(venue, row["voided_at"])[:10]))
    elif row["expires"]:
        say(_("Valid until {day}.").format(day=row["expires"]))
    print_movements(venue, row["movements"], row["currency"])


@app.command(epilog=N_("Example: till admin vouchers remove 7KXW"))
def remove(voucher: Which) -> None:
    """Void a voucher, for example a lost one. `issue` makes a new one for the guest."""
    with administration(Surroundings.find()) as admin:
        row = _find(admin, voucher)
        say(VoidVoucher(row["voucher"], row["hint"], row["currency"]).do(admin))


def _find(admin: Administration, reference: str) -> dict[str, Any]:
    from db.engine import selecting
    from till.reports.vouchers import read_vouchers

    wanted = reference.strip().lstrip("…")
    with selecting(admin.connection) as selects:
        found = read_vouchers(selects, admin.store_id, wanted if "-" in wanted else wanted.upper())
    if not found or not wanted:
        raise VoucherError(_("There is no voucher {which}.").format(which=clean(reference)[:40]))
    if len(found) > 1:
        raise VoucherError(_("Several codes end like that: pass its id, from `till admin vouchers list --json`."))
    return found[0]


def print_movements(venue: Venue, rows: Iterable[dict[str, Any]], currency: str) -> None:
    """Print the movements of a voucher or an account, with the opposite sign: a plus was added, a minus was paid."""
    print_table(
        [_("When"), _("What"), _("Receipt"), _("Till"), _("Amount")],
        (
            [
                time_words(venue, row["at"]),
                MOVED[row["what"]].format(how=(row["how"] or "").lower(), end=end_of(row["pay_off"] or "")),
                row["receipt"] or "",
                str(row["till"] or ""),
                amount_text(venue, str(-Decimal(row["amount"])), currency),
            ]
            for row in rows
        ),
        right=(4,),
    )
