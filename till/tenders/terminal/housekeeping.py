"""Requests to a terminal other than payments: totals, and a sign of life."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.money.measures import Minor
from till.ports import Totals
from till.tenders.http import HttpError, NotSentError
from till.tenders.terminal.client import Client, RejectedError
from till.tenders.terminal.messages import (
    GetTotalsRequest,
    MessageReference,
    TerminalCategory,
    TerminalReply,
    TerminalRequest,
    TerminalResult,
    TransactionStatusRequest,
    TransactionTotals,
    fresh_service_id,
    in_minor,
)
from till.tenders.terminal.words import of_condition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.tenders.terminal.messages import Response

_GIVEN_BACK: Final = frozenset({"Credit", "ReverseDebit"})
_TAKEN: Final = frozenset({"Debit", "ReverseCredit"})


class TerminalError(TillError):
    """A request that the terminal did not carry out."""

    code = "terminal"
    default = N_("The terminal refused that. Look at it and try again.")


async def ask_totals(client: Client, within: float) -> Totals:
    """See `TerminalTender.totals`."""
    header = client.header(TerminalCategory.GET_TOTALS, fresh_service_id())
    request = TerminalRequest(message_header=header, get_totals_request=GetTotalsRequest())
    answer = (await _asked(client, request, within)).get_totals_response
    if answer is None:
        raise TerminalError
    _require(answer.response)
    return _totals(answer.poi_reconciliation_id, answer.transaction_totals)


async def check_health(client: Client, within: float) -> str:
    """See `TerminalTender.health`. Send a status request for an unknown message.

    Any answer proves the connection, the names and the seal.
    """
    nothing = MessageReference(
        message_category=TerminalCategory.PAYMENT,
        service_id=fresh_service_id(),
        sale_id=client.sale_id,
        poi_id=client.poi_id,
    )
    header = client.header(TerminalCategory.TRANSACTION_STATUS, fresh_service_id())
    body = TransactionStatusRequest(message_reference=nothing)
    answer = (
        await _asked(client, TerminalRequest(message_header=header, transaction_status_request=body), within)
    ).transaction_status_response
    if answer is None:
        raise TerminalError
    if answer.response.error_condition not in {"NotFound", "InProgress", "Busy"}:
        _require(answer.response)
    return _("{poiid} answers.").format(poiid=client.poi_id)


async def _asked(client: Client, request: TerminalRequest, within: float) -> TerminalReply:
    try:
        return await client.ask(request, within)
    except RejectedError as fault:
        raise TerminalError(of_condition("MessageFormat", str(fault))) from None
    except NotSentError:
        raise TerminalError(_("The terminal cannot be reached. Is it on, on the network, and the right one?")) from None
    except HttpError:
        raise TerminalError(
            _("The terminal's answer cannot be read. Check poiid, key_file, key_identifier, key_version.")
        ) from None


def _require(response: Response) -> None:
    if response.result is TerminalResult.FAILURE:
        raise TerminalError(of_condition(response.error_condition, response.additional_response))


def _totals(period: int | str | None, rows: Iterable[TransactionTotals]) -> Totals:
    taken: dict[str, Minor] = {}
    back: dict[str, Minor] = {}
    charges = 0
    for row in rows:
        currency = row.payment_currency or ""
        for total in row.payment_totals:
            side = taken if total.transaction_type in _TAKEN else back
            if total.transaction_type not in _TAKEN | _GIVEN_BACK:
                continue
            amount = in_minor(total.transaction_amount, currency)
            if amount is None or not currency:
                raise TerminalError(_("The terminal gave an impossible amount. Look at its list."))
            side[currency] = Minor(side.get(currency, 0) + amount)
            charges += total.transaction_count if side is taken else 0
    return Totals(period="" if period is None else str(period), taken=taken, given_back=back, charges=charges)
