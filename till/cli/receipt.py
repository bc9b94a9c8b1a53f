"""`till receipt`: a receipt of a sale or a refund as text, or as a page to print or send."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import typer

from till.administration.folded import order_of
from till.cli.administration import management
from till.cli.environment import Surroundings
from till.cli.output import write_bytes, write_file
from till.cli.running import make_app
from till.domain.errors import TillError
from till.domain.events.envelope import read_time
from till.domain.fiscal import PaperStamp
from till.domain.i18n import N_, speaking
from till.domain.paper.document import Stamp
from till.domain.paper.gift import make_gift
from till.domain.paper.html import html_of
from till.domain.paper.lines import text_of
from till.domain.paper.receipt import Sold, make_receipt
from till.domain.paper.refund import make_refund
from till.domain.payment.movement import PaymentState
from till.domain.payment.names import tender_name
from till.domain.refund.events import RefundStarted
from till.domain.refund.past import receipt_number
from till.domain.refund.shares import sale_of
from till.domain.refund.state import new_refund
from till.domain.structs import replace
from till.domain.text import Repertoire, clean
from till.ports.fiscal import find_scheme
from till.reports.words import formats_of

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.domain.fiscal import FiscalWords
    from till.domain.paper.document import Document
    from till.domain.refund.state import Refund

app = make_app()

_COLUMNS: Final = 42
#: The server's names of the states of refunds that gave nothing.
_NOT_GIVEN: Final = frozenset({"declined", "refused"})


class NoReceiptError(TillError):
    """A receipt number that no sale and no refund has."""

    code = "no_receipt"
    default = N_("There is no receipt of that number. F10 at a till lists the sales.")


@app.command(
    epilog=N_("Examples: till receipt 1-000538. till receipt 1-R000003. till receipt 538 --till 1 --html receipt.html")
)
def receipt(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=N_("The number of the receipt, as on its paper."))],
    *,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help=N_("A page, 80 mm wide when it is printed."))
    ] = None,
    as_text: Annotated[bool, typer.Option("--text", help=N_("Print it as text (the default without --html)."))] = False,
    gift: Annotated[bool, typer.Option("--gift", help=N_("The gift receipt of a sale, without prices."))] = False,
    till: Annotated[
        int | None, typer.Option("--till", min=1, max=999, metavar="N", help=N_("The till, if NUMBER leaves it out."))
    ] = None,
) -> None:
    """Show a copy of a receipt, from the record of the server."""
    typed = f"{till}-{number}" if till is not None and number.isdecimal() else number
    wanted = receipt_number(typed) or typed
    with management(Surroundings.find()) as admin, ExitStack() as held:
        document = _copy_of(admin, wanted, held, is_gift=gift)
    if html is not None:
        write_bytes(html, html_of(document).encode())
    if as_text or html is None:
        write_file("-", text_of(document, _COLUMNS, Repertoire("utf-8")))


def _copy_of(admin: AtServer, number: str, held: ExitStack, *, is_gift: bool = False) -> Document:
    """Return a copy of a receipt, or the gift receipt of its sale, in the language of its guest, which is `held`."""
    found = admin.ask("session_show_v1", number)
    order = order_of(admin, found["session"]["id"]) if found is not None else None
    begun_refunds = found["refunds"] if found is not None else []
    refunds = [_refund(one) for one in begun_refunds if one["state"] not in _NOT_GIVEN]
    refund = next(
        (one for one in refunds if one.started.receipt == number and one.state is PaymentState.APPROVED), None
    )
    sale = refund.started.sold if refund is not None else number
    made = {one.number: of for of, one in order.invoices.items()} if order is not None else {}
    placed = (
        next((one for one in order.placings if one.data.order_id == made.get(sale) or one.data.receipt == sale), None)
        if order is not None
        else None
    )
    if order is None or placed is None:
        raise NoReceiptError
    venue, tenders = admin.venue(), Surroundings.find().config.tenders
    held.enter_context(speaking(venue.language_of(order)))
    people = {one["number"]: clean(one["name"]) for one in admin.ask("people_v1")}

    def name_of(tender: str) -> str:
        return (tenders[tender].label if tender in tenders else "") or tender_name(tender)

    formats, copy = formats_of(venue), Stamp(copy=None)
    if is_gift:
        return make_gift(Sold(order, placed.data, venue.local(placed.at)), venue, formats, {})
    invoice = order.invoices.get(placed.data.order_id)
    if refund is None and invoice is not None and invoice.number == sale:
        by = people.get(invoice.user, "") if invoice.user is not None else ""
        words = _words_of(found, invoice.event)
        sold = Sold(order, placed.data, venue.local(invoice.at), by, words, invoice)
        return make_receipt(sold, venue, formats, name_of, copy)
    if refund is None:
        words = _words_of(found, placed.data.order_id)
        sold = Sold(order, placed.data, venue.local(placed.at), people.get(placed.user, ""), words)
        return make_receipt(sold, venue, formats, name_of, copy)
    of_sale = [one for one in refunds if one.started.order_id == placed.data.order_id]
    together = sale_of(placed.data, of_sale, order.corrected, order.terms.rounding).together_with(refund)
    by = people.get(refund.user, "") if refund.user is not None else ""
    at = venue.local(refund.at)
    of_it = _words_of(found, invoice.event) if invoice is not None else None
    named = of_it.number if of_it is not None else invoice.number if invoice is not None else ""
    words = _words_of(found, refund.id)
    return make_refund(refund, venue, formats, at, by, name_of, copy, together, words, order.buyer, named)


def _words_of(found: dict[str, Any], of: str) -> FiscalWords | None:
    """Return the marks of the law on the paper of a sale or a refund; None if it has none."""
    stamp = next((msgspec.convert(one, PaperStamp) for one in found["stamps"] if one["of"] == of), None)
    scheme = find_scheme(stamp.scheme) if stamp is not None else None
    return scheme.words(stamp.stamp) if stamp is not None and scheme is not None else None


def _refund(found: dict[str, Any]) -> Refund:
    """Return a refund of the server's list."""
    data = msgspec.convert(found["data"], RefundStarted)
    refund = new_refund(found["refund_id"], data, read_time(found["at"]), found["till"], found["user"])
    return replace(refund, state=PaymentState.APPROVED) if found["state"] == "approved" else refund
