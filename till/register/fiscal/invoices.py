"""Full invoices for tickets that are paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.numbers import INVOICES
from till.domain.order import invoicing
from till.domain.structs import replace
from till.ports.fiscal import FiscalError
from till.register.fiscal.issued import issued_sale

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.fiscal import IssuedInvoice
    from till.domain.order.state import Buyer, Invoice, Order, Placed
    from till.domain.settings import FiscalSetting
    from till.ports.fiscal import FiscalScheme
    from till.register.fiscal.stamps import FiscalStamps


def check_invoice(fiscal: FiscalStamps, order: Order, sold: Placed, buyer: Buyer) -> None:
    """Refuse a full invoice for a ticket that is paid, which no record of the law can hold.

    Raises:
        FiscalError: says why.
    """
    setting, scheme = _law_of_invoices(fiscal)
    if fiscal.is_barred():
        raise FiscalError(_("This till was revoked: make the invoice at another till."))
    if (made := order.invoices.get(sold.data.order_id)) is not None:
        raise FiscalError(_("Its invoice is {number}.").format(number=made.number))
    fiscal.check_buyer(buyer)
    issued = _exchange(fiscal, fiscal.ledger.now(), sold, order, buyer)
    scheme.stamp(issued, setting.settings, fiscal.installation, None)


def issue_invoice(fiscal: FiscalStamps, order: Order, sold: Placed, buyer: Buyer) -> Invoice:
    """Issue a full invoice for a ticket that is paid, once the server has claimed it for this till.

    Raises:
        FiscalError: the law has no record for it. Nothing is written.
    """
    check_invoice(fiscal, order, sold, buyer)
    setting, scheme = _law_of_invoices(fiscal)
    with fiscal.ledger.command() as command:
        command.write(invoicing.issue_invoice(order, sold.data, fiscal.ledger.next_number(INVOICES), buyer))
        made = command.order(order.id).invoices[sold.data.order_id]
        issued = replace(_exchange(fiscal, made.at, sold, order, made.buyer), of=made.event, number=made.number)
        stamp = scheme.stamp(issued, setting.settings, fiscal.installation, fiscal.head())
        command.write([fiscal.draft(setting, fiscal.installation, stamp, made.event)])
    return made


def _law_of_invoices(fiscal: FiscalStamps) -> tuple[FiscalSetting, FiscalScheme]:
    if (law := fiscal.law_of_invoices) is None:
        raise FiscalError(_("Refund it, and sell it again with “invoice to Rao Ltd”."))
    return law


def _exchange(fiscal: FiscalStamps, at: datetime, sold: Placed, order: Order, buyer: Buyer) -> IssuedInvoice:
    """Return the full invoice for a ticket.

    Raises:
        FiscalError: the stamp of the ticket is not here.
    """
    _scheme, stamp = fiscal.stamp_of(sold.data.order_id) or ("", None)
    if stamp is None:
        raise FiscalError(_("Its record is not here. Wait, or refund and sell it again."))
    return replace(issued_sale(fiscal.reference, at, sold.data, order), buyer=buyer, replaces=stamp)


def invoice_of(fiscal: FiscalStamps, order: Order, order_id: str) -> str:
    """Return the number of the full invoice for a ticket, as its paper has it; empty for none."""
    made = order.invoices.get(order_id)
    words = fiscal.words_of(made.event) if made is not None else None
    return words.number if words is not None else made.number if made is not None else ""
