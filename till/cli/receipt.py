"""`till receipt`: a receipt as text, or as a page to print or send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from till.administration.folded import order_of
from till.cli.administration import management
from till.cli.output import write_bytes, write_file
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.paper.document import Stamp
from till.domain.paper.html import html_of
from till.domain.paper.lines import text_of
from till.domain.paper.receipt import Sold, make_receipt
from till.domain.payment.names import tender_name
from till.domain.refund.past import receipt_number
from till.domain.text import Repertoire, clean
from till.reports.words import formats_of

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.domain.paper.document import Document

app = make_app()

_COLUMNS: Final = 42


class NoReceiptError(TillError):
    """A receipt number that no sale has."""

    code = "no_receipt"
    default = _("There is no receipt of that number. F10 at a till lists the sales.")


@app.command(epilog=_("Examples: till receipt 1-000538. till receipt 538 --till 1 --html receipt.html"))
def receipt(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=_("The number of the receipt, as on its paper."))],
    *,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help=_("A page, 80 mm wide when it is printed."))
    ] = None,
    as_text: Annotated[bool, typer.Option("--text", help=_("Print it as text (the default without --html)."))] = False,
    till: Annotated[
        int | None, typer.Option("--till", min=1, max=999, metavar="N", help=_("The till, if NUMBER leaves it out."))
    ] = None,
) -> None:
    """Show a copy of a receipt, from the record of the server."""
    typed = f"{till}-{number}" if till is not None and number.isdecimal() else number
    wanted = receipt_number(typed) or typed
    with management(Surroundings.find()) as admin:
        document = _copy_of(admin, wanted)
    if html is not None:
        write_bytes(html, html_of(document).encode())
    if as_text or html is None:
        write_file("-", text_of(document, _COLUMNS, Repertoire("utf-8")))


def _copy_of(admin: AtServer, number: str) -> Document:
    """Return a copy of a receipt.

    Raises:
        NoReceiptError: no sale has the number.
    """
    found = admin.ask("session_show_v1", number)
    order = order_of(admin, found["session"]["id"]) if found is not None else None
    placed = next((one for one in order.placings if one.data.receipt == number), None) if order is not None else None
    if order is None or placed is None:
        raise NoReceiptError
    venue, tenders = admin.venue(), Surroundings.find().config.tenders
    people = {one["number"]: one["name"] for one in admin.ask("people_v1")}
    sold = Sold(order, placed.data, venue.local(placed.at), clean(people.get(placed.user, "")))

    def name_of(tender: str) -> str:
        return (tenders[tender].label if tender in tenders else "") or tender_name(tender)

    return make_receipt(sold, venue, formats_of(venue), name_of, Stamp(copy=None))
