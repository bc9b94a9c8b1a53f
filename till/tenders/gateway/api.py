"""The requests to Razorpay: orders, codes, payments and refunds."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from till.domain.text import clean
from till.tenders.gateway.entities import (
    GatewayOrder,
    GatewayOrders,
    GatewayPayment,
    GatewayRefund,
    GatewayRefunds,
    GatewayReplyError,
    Payments,
    QrCode,
    Refusal,
    read,
)
from till.tenders.http import HttpNoAnswerError, ask

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from till.tenders.http import HttpAddress

_OK: Final = range(200, 300)
_REFUSED: Final = range(400, 500)
#: The statuses of temporary refusals: try again later.
_LATER: Final = frozenset({408, 409, 425, 429})
_PAGE: Final = 100
#: The note of a code with its charge; the gateway's webhooks include it.
NOTED: Final = "charge"
_LONGEST: Final = 200
_Kind = TypeVar("_Kind")


class RefusedError(Exception):
    """A request that the gateway refused without effect. Its message may be shown."""


class Keys:
    """The account's two keys, encoded for the header of a request.

    Args:
        key_id: the public key.
        secret: the secret key.
    """

    def __init__(self, key_id: str, secret: str) -> None:
        self.head = "Basic " + base64.b64encode(f"{key_id}:{secret}".encode()).decode()

    def __repr__(self) -> str:
        """Return a text without the keys."""
        return "Keys()"


class Api:
    """Razorpay's API. Each call may raise the errors of `http.ask`, and `RefusedError`.

    Args:
        address: the address of the API, with the path of its version.
        context: the trusted certificates; None for a connection without TLS.
        keys: the account's keys.
        within: the timeout in seconds, for connecting and for the answer.
    """

    def __init__(self, address: HttpAddress, context: ssl.SSLContext | None, keys: Keys, within: float) -> None:
        self._address = address
        self._context = context
        self._keys = keys
        self._within = within

    async def make_order(self, receipt: str, amount: int, currency: str) -> GatewayOrder:
        """Create an order. `orders` finds it by its receipt."""
        body = {"amount": amount, "currency": currency, "receipt": receipt}
        return await self._asked("POST", "/orders", GatewayOrder, body)

    async def note_order(self, order_id: str, notes: Mapping[str, str]) -> GatewayOrder:
        """Write notes to an order."""
        return await self._asked("PATCH", f"/orders/{quote(order_id, safe='')}", GatewayOrder, {"notes": dict(notes)})

    async def orders(self, receipt: str) -> tuple[GatewayOrder, ...]:
        """Return the orders of a receipt."""
        query = urlencode({"receipt": receipt, "count": _PAGE})
        found = await self._asked("GET", f"/orders?{query}", GatewayOrders)
        return tuple(order for order in found.items if order.receipt == receipt)

    async def make_code(self, order: GatewayOrder, name: str, close_by: int) -> QrCode:
        """Create a single-use UPI code for the amount of an order, valid until `close_by` (Unix seconds)."""
        body = {
            "type": "upi_qr",
            "usage": "single_use",
            "name": name,
            "fixed_amount": True,
            "payment_amount": order.amount,
            "close_by": close_by,
            "notes": {"order": order.id, NOTED: order.receipt or ""},
        }
        return await self._asked("POST", "/payments/qr_codes", QrCode, body)

    async def code(self, code_id: str) -> QrCode:
        """Return a code by its id."""
        return await self._asked("GET", f"/payments/qr_codes/{quote(code_id, safe='')}", QrCode)

    async def close_code(self, code_id: str) -> QrCode:
        """Close a code, so that nobody can pay with it."""
        return await self._asked("POST", f"/payments/qr_codes/{quote(code_id, safe='')}/close", QrCode, {})

    async def payments_of_code(self, code_id: str) -> tuple[GatewayPayment, ...]:
        """Return the payments with a code."""
        path = f"/payments/qr_codes/{quote(code_id, safe='')}/payments?count={_PAGE}"
        return (await self._asked("GET", path, Payments)).items

    async def payments_of_order(self, order_id: str) -> tuple[GatewayPayment, ...]:
        """Return the payments for an order."""
        return (await self._asked("GET", f"/orders/{quote(order_id, safe='')}/payments", Payments)).items

    async def refund(self, payment_id: str, receipt: str, amount: int) -> GatewayRefund:
        """Refund a payment or a part of it. A repeated request with the same receipt is the same refund."""
        body = {"amount": amount, "speed": "normal", "receipt": receipt}
        path = f"/payments/{quote(payment_id, safe='')}/refund"
        return await self._asked("POST", path, GatewayRefund, body, {"X-Refund-Idempotency": quote(receipt, safe="")})

    async def refunds(self, receipt: str, since: int, until: int) -> tuple[GatewayRefund, ...]:
        """Return the refunds of a receipt among those made in a period (Unix seconds)."""
        found: list[GatewayRefund] = []
        skip = 0
        while True:
            query = urlencode({"from": since, "to": until, "count": _PAGE, "skip": skip})
            page = (await self._asked("GET", f"/refunds?{query}", GatewayRefunds)).items
            found += [refund for refund in page if refund.receipt == receipt]
            skip += len(page)
            if len(page) < _PAGE or found:
                return tuple(found)

    async def _asked(
        self,
        method: str,
        path: str,
        kind: type[_Kind],
        body: Mapping[str, Any] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> _Kind:
        content = b"" if body is None else msgspec.json.encode(body)
        lines = [
            f"{method} {self._address.path}{path} HTTP/1.1",
            f"Host: {self._address.authority}",
            f"Authorization: {self._keys.head}",
            "Content-Type: application/json",
            "Accept: application/json",
            f"Content-Length: {len(content)}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in (more or {}).items()),
        ]
        answer = await ask(
            self._address,
            "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + content,
            context=self._context,
            connect_within=self._within,
            within=self._within,
        )
        if answer.status in _REFUSED and answer.status not in _LATER:
            raise RefusedError(_why(answer.body))
        if answer.status not in _OK:
            raise HttpNoAnswerError("the gateway cannot answer now")
        try:
            return read(answer.body, kind)
        except GatewayReplyError as fault:
            raise HttpNoAnswerError(str(fault)) from None


def _why(body: bytes) -> str:
    try:
        return clean(read(body, Refusal).error.description[: 4 * _LONGEST]).strip()[:_LONGEST]
    except GatewayReplyError:
        return ""
