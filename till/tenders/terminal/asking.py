"""Status requests for a charge, by the three names of its request."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.tenders.http import HttpError
from till.tenders.terminal.answers import of_payment, of_reversal, unknown
from till.tenders.terminal.client import Client, RejectedError
from till.tenders.terminal.messages import (
    MessageReference,
    RepeatedMessage,
    TerminalCategory,
    TerminalRequest,
    TerminalResult,
    TransactionStatusRequest,
    TransactionStatusResponse,
    fresh_service_id,
)
from till.tenders.terminal.words import of_condition

if TYPE_CHECKING:
    from till.ports.tender import Charge, ChargeAnswer

_AT_WORK: Final = frozenset({"InProgress", "Busy"})
#: The categories of a charge at the terminal: a refund of a payment is a reversal.
_KEPT_AS: Final = (TerminalCategory.PAYMENT, TerminalCategory.REVERSAL)
_log: Final = logging.getLogger(__name__)


async def ask_after(client: Client, charge: Charge, within: float) -> ChargeAnswer | None:
    """Return the terminal's answer about a charge; None if the terminal does not find it."""
    if charge.reference.place != client.poi_id:
        return unknown(charge, _("That was asked for at another terminal."))
    for category in _KEPT_AS:
        answer = await _status_as(client, charge, category, within)
        if answer is not None:
            return answer
    return None


async def _status_as(client: Client, charge: Charge, category: TerminalCategory, within: float) -> ChargeAnswer | None:
    body = TransactionStatusRequest(message_reference=reference_of(charge, category))
    header = client.header(TerminalCategory.TRANSACTION_STATUS, fresh_service_id())
    try:
        reply = await client.ask(TerminalRequest(message_header=header, transaction_status_request=body), within)
    except (HttpError, RejectedError) as fault:
        _log.info("terminal_silent", extra={"charge": charge.key, "fault": type(fault).__name__})
        return unknown(charge, _("The terminal does not answer. Trying again."))
    status = reply.transaction_status_response
    if status is None or not _is_about(status, charge):
        return unknown(charge, _("The terminal answered for another payment."))
    if status.response.result is not TerminalResult.FAILURE:
        return _repeated(charge, status.repeated)
    condition = status.response.error_condition
    if condition == "NotFound":
        return None
    if condition in _AT_WORK:
        return unknown(charge, _("The terminal is still busy with this card."))
    return unknown(charge, of_condition(condition, status.response.additional_response))


def reference_of(charge: Charge, category: TerminalCategory) -> MessageReference:
    """Return the reference with all three names: a missing SaleID would default to the sender's."""
    one = charge.reference
    return MessageReference(message_category=category, service_id=one.number, sale_id=one.asker, poi_id=one.place)


def _is_about(status: TransactionStatusResponse, charge: Charge) -> bool:
    """True if every name in the answer matches the charge."""
    named, meant = status.message_reference, charge.reference
    if named is None:
        return True
    pairs = ((named.service_id, meant.number), (named.sale_id, meant.asker), (named.poi_id, meant.place))
    return all(name in {None, mine} for name, mine in pairs)


def _repeated(charge: Charge, repeated: RepeatedMessage | None) -> ChargeAnswer:
    if repeated is None:
        return unknown(charge, _("The terminal knows this payment, but not its outcome."))
    header, meant = repeated.message_header, charge.reference
    if (header.service_id, header.sale_id, header.poi_id) != (meant.number, meant.asker, meant.place):
        return unknown(charge, _("The terminal answered for another payment."))
    if (payment := repeated.body.payment_response) is not None:
        response, answer = payment.response, of_payment(charge, payment)
    elif (reversal := repeated.body.reversal_response) is not None:
        response, answer = reversal.response, of_reversal(charge, reversal)
    else:
        return unknown(charge, _("The terminal knows this payment, but not its outcome."))
    if response.result is TerminalResult.FAILURE and response.error_condition in _AT_WORK:
        return unknown(charge, _("The terminal is still busy with this card."))
    return answer
