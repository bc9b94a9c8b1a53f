"""A gateway for tests: the part of Razorpay's API that a till uses, with each request checked."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

KEYS = "rzp_test_key:a secret of the account"


class _RefusedError(Exception):
    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status


@dataclass
class Gateway:
    """The contents of the gateway, and its next faults."""

    port: int = 0
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: list[dict[str, Any]] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    #: Of the next questions whose method and path start so: what goes over the line in place of the answer.
    faults: list[tuple[str, str]] = field(default_factory=list)
    #: Called at each question for the payments of a code.
    looked: Callable[[str], None] = field(default=lambda _code: None)
    content: str = "upi://pay?ver=01&mode=15&pa=rpy.qr@icici&pn=Till&tr=RZPX&cu=INR&mc=5812&am=12.50"
    refund_status: str = "processed"
    now: int = 1_795_262_400

    def pay(self, code_id: str, status: str = "captured", amount: int | None = None, currency: str = "INR") -> None:
        """Pay by a code, as a guest."""
        code = self.codes[code_id]
        self.payments.append(
            {
                "id": f"pay_{secrets.token_hex(7)}",
                "entity": "payment",
                "amount": code["payment_amount"] if amount is None else amount,
                "currency": currency,
                "status": status,
                "method": "upi",
                "code": code_id,
            }
        )

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(fields.get("content-length", "0")))
            method, path, _version = first.split(" ")
            self.asked.append(f"{method} {path}")
            self.heads.append(head)
            fault = self._fault(f"{method} {path}")
            if fault == "drop_before":
                return
            status, answer = self._answered(method, path, fields, json.loads(body) if body else {})
            content = json.dumps(answer).encode()
            if fault == "drop":
                return
            if fault == "html":
                content = b"<html>"
            if fault == "half":
                content = content[: len(content) // 2]
            if fault.isdigit():
                status = int(fault)
            writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(content)) + content)
            await writer.drain()
        finally:
            writer.close()

    def _fault(self, asked: str) -> str:
        for at, (start, fault) in enumerate(self.faults):
            if asked.startswith(start):
                del self.faults[at]
                return fault
        return ""

    def _answered(self, method: str, path: str, fields: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        if base64.b64decode(fields["authorization"].removeprefix("Basic ")).decode() != KEYS:
            return 401, {"error": {"code": "BAD_REQUEST_ERROR", "description": "Authentication failed"}}
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        steps = parts.path.removeprefix("/v1/").split("/")
        try:
            return 200, self._done(method, steps, query, body, fields)
        except _RefusedError as refused:
            return refused.status, {"error": {"code": "BAD_REQUEST_ERROR", "description": str(refused)}}

    def _done(  # noqa: PLR0911 - one for each call
        self, method: str, steps: list[str], query: dict[str, str], body: dict[str, Any], fields: dict[str, str]
    ) -> Any:
        match method, steps:
            case "POST", ["orders"]:
                return self._order(body)
            case "GET", ["orders"]:
                return _page([one for one in self.orders.values() if one["receipt"] == query["receipt"]], query)
            case "PATCH", ["orders", order]:
                return self.orders[order] | self._noted(order, body)
            case "GET", ["orders", order, "payments"]:
                return _page([one for one in self.payments if one.get("order") == order], query)
            case "GET", ["refunds"]:
                since, until = int(query["from"]), int(query["to"])
                return _page([one for one in self.refunds if since <= one["created_at"] <= until], query)
            case "POST", ["payments", payment, "refund"]:
                return self._refund(payment, body, fields["x-refund-idempotency"])
            case _, ["payments", "qr_codes", *rest]:
                return self._of_codes(method, rest, query, body)
        raise _RefusedError(404, "The requested URL was not found")

    def _of_codes(self, method: str, steps: list[str], query: dict[str, str], body: dict[str, Any]) -> Any:
        match method, steps:
            case "POST", []:
                return self._code(body)
            case "GET", [code]:
                return self.codes[code]
            case "POST", [code, "close"]:
                if self.codes[code]["status"] == "closed":
                    raise _RefusedError(400, "The QR code is closed already")
                self.codes[code]["status"] = "closed"
                return self.codes[code]
            case "GET", [code, "payments"]:
                self.looked(code)
                return _page([one for one in self.payments if one.get("code") == code], query)
        raise _RefusedError(404, "The requested URL was not found")

    def _noted(self, order: str, body: dict[str, Any]) -> dict[str, Any]:
        self.orders[order]["notes"] = body["notes"]
        return body

    def _order(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body.keys() == {"amount", "currency", "receipt"}
        assert len(body["receipt"]) <= 40
        if body["amount"] < 100:
            raise _RefusedError(400, "Order amount less than minimum amount allowed")
        order = {"id": f"order_{secrets.token_hex(7)}", "entity": "order", "status": "created", "notes": [], **body}
        self.orders[order["id"]] = order
        return order

    def _code(self, body: dict[str, Any]) -> dict[str, Any]:
        assert (body["type"], body["usage"], body["fixed_amount"]) == ("upi_qr", "single_use", True)
        assert body["close_by"] > self.now + 120
        code = {"id": f"qr_{secrets.token_hex(7)}", "status": "active", "image_content": self.content, **body}
        self.codes[code["id"]] = code
        return code

    def _refund(self, payment: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        assert key == body["receipt"]
        for refund in self.refunds:
            if refund["receipt"] == key:
                return refund
        paid = next((one for one in self.payments if one["id"] == payment), None)
        if paid is None:
            raise _RefusedError(400, "The id provided does not exist")
        if sum(one["amount"] for one in self.refunds if one["payment_id"] == payment) + body["amount"] > paid["amount"]:
            raise _RefusedError(400, "The total refund amount is greater than the refund payment amount")
        refund = {
            "id": f"rfnd_{secrets.token_hex(7)}",
            "amount": body["amount"],
            "payment_id": payment,
            "receipt": body["receipt"],
            "status": self.refund_status,
            "created_at": self.now,
        }
        self.refunds.insert(0, refund)
        return refund


def _page(items: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    skip, count = int(query.get("skip", "0")), int(query.get("count", "10"))
    shown = items[skip : skip + count]
    return {"entity": "collection", "count": len(shown), "items": shown}


@asynccontextmanager
async def running() -> AsyncIterator[Gateway]:
    """Run a gateway until the end of the block."""
    gateway = Gateway()
    async with await asyncio.start_server(gateway.serve, "127.0.0.1", 0) as server:
        gateway.port = server.sockets[0].getsockname()[1]
        yield gateway
