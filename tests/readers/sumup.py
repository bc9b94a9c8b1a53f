"""SumUp for tests: the part of its API that a till uses, with a Solo and its guests, and the lies of all three.

Each request, and each answer that is no planted fault, is checked against SumUp's published OpenAPI.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from tests.readers.openapi import Judge
from till.tenders.http import HttpAnswer, HttpNoAnswerError, NotSentError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

MERCHANT, KEY, AFFILIATE, APP = "MC0X0ABC", "sup_sk_a secret", "sup_afk_a", "io.till"
READER = "rdr_" + "A" * 26
_BUSY_S = 60.0


class SumUpJudge(Judge):
    """SumUp's OpenAPI, in which a request has no other fields than those named: it does not say so itself."""

    def __init__(self) -> None:
        super().__init__(Path(__file__).with_name("sumup-openapi.json"))
        close(self._document["components"]["schemas"]["CreateReaderCheckoutRequest"])
        operations = [
            one for path in self._document["paths"].values() for one in path.values() if isinstance(one, dict)
        ]
        for operation in operations:
            asked = [*operation.get("requestBody", {}).get("content", {}).values()]
            answers = [media for one in operation["responses"].values() for media in one.get("content", {}).values()]
            for media in (*asked, *answers):
                media.setdefault("schema", {})  # a terminate has none
            close([media["schema"] for media in asked])


def close(schema: Any) -> None:
    """Forbid unknown fields in a schema and the schemas within."""
    if isinstance(schema, dict):
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for part in schema.values():
            close(part)
    elif isinstance(schema, list):
        for part in schema:
            close(part)


@dataclass
class Guest:
    """A guest at the reader, and what SumUp makes of the payment.

    Attributes:
        does: `pays`, `fails` (declined, or cancelled there) or `leaves`.
        after: seconds until it is done; while it waits, the reader shows a step.
        tip: the tip that the guest adds.
        taken: another amount than the one that was asked for.
        listed: seconds after it until the transaction is listed.
        says: the status of the checkout afterwards, if it is not the true one.
        refunded: True if the transaction was refunded since.
        deaf: True if the reader does not heed a terminate.
        second: True if a first card fails at half the time, within the same checkout.
    """

    does: str = "pays"
    after: float = 0.0
    tip: str = "0"
    taken: str = ""
    listed: float = 0.0
    says: str = ""
    refunded: bool = False
    deaf: bool = False
    second: bool = False


@dataclass
class Checkout:
    id: str
    client_id: str
    foreign_id: str
    reader: str
    amount: Decimal
    currency: str
    guest: Guest
    at: datetime
    status: str = "pending"
    tips: bool = False
    is_over: bool = False


@dataclass
class SumUp:
    """The contents of SumUp, and its next faults."""

    now: Callable[[], datetime]
    judge: SumUpJudge | None = None
    port: int = 0
    guests: list[Guest] = field(default_factory=list)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    transactions: list[dict[str, Any]] = field(default_factory=list)
    readers: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    #: Of the next requests whose method and path contain a text: what happens to the answer, or its status.
    faults: list[tuple[str, str]] = field(default_factory=list)
    #: The checkouts that a terminate stopped.
    stopped: list[str] = field(default_factory=list)
    refund_status: int = 201
    sandbox: bool = False
    has_checkout_ids: bool = True
    online: bool = True

    def __post_init__(self) -> None:
        self.readers.setdefault(READER, self._reader(READER, "Bar", "paired"))

    # Guests

    def advance(self) -> None:
        """Let the guests do what is due."""
        for one in self.checkouts.values():
            done_at = one.at + timedelta(seconds=one.guest.after)
            if one.guest.second and not one.is_over and self.now() >= one.at + (done_at - one.at) / 2:
                one.guest.second = False
                self._write(one, "FAILED", self.now())
            if not one.is_over and self.now() >= done_at and one.guest.does != "leaves":
                self._end(one, done_at)
            if not one.is_over and self.now() >= one.at + timedelta(seconds=_BUSY_S):
                one.is_over, one.status = True, "failed"  # nobody came: no transaction, ever

    def _end(self, one: Checkout, at: datetime) -> None:
        paid = one.guest.does == "pays"
        one.is_over, one.status = True, one.guest.says or ("successful" if paid else "failed")
        self._write(one, "SUCCESSFUL" if paid else "FAILED", at)

    def _write(self, one: Checkout, status: str, at: datetime) -> None:
        tip = Decimal(one.guest.tip) if one.tips else Decimal()
        amount = Decimal(one.guest.taken or one.amount) + tip
        number = len(self.transactions) + 1
        self.transactions.append(
            {
                "id": str(uuid.uuid4()),
                "transaction_code": f"TAAA{number:06}",
                "amount": _number(amount),
                "tip_amount": _number(tip),
                "currency": one.currency,
                "status": "REFUNDED" if one.guest.refunded else status,
                "payment_type": "POS",
                "timestamp": _text(at),
                "foreign_transaction_id": one.foreign_id,
                "client_transaction_id": one.client_id,
                "merchant_code": MERCHANT,
                "card": {"type": "VISA", "last_4_digits": "0366"},
                "transaction_events": [],
                "listed_at": at + timedelta(seconds=one.guest.listed),
            }
        )

    def pay(self, amount: str) -> None:
        """Take a payment at the reader, of no till."""
        one = Checkout("", str(uuid.uuid4()), "", READER, Decimal(amount), "EUR", Guest(), self.now())
        self._write(one, "SUCCESSFUL", self.now())

    def money(self, key: str = "") -> list[dict[str, Any]]:
        """Return the transactions that took money, of one key or all, listed or not."""
        return [
            one for one in self.transactions if one["status"] != "FAILED" and key in {"", one["foreign_transaction_id"]}
        ]

    # Answers

    def answered(self, method: str, target: str, head: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Return the status and the body of the answer to a request."""
        path, _, query = target.partition("?")
        if self.judge is not None:
            self.judge.request(method, path, query, head.get("content-type", "").partition(";")[0], body)
        self.asked.append((method, target, json.loads(body) if body else None))
        self.advance()
        answer: Any = {**_problem(401, "no"), "errors": {"detail": "no"}}
        status = 401
        if head.get("authorization") == f"Bearer {KEY}":
            fields = {name: values[0] for name, values in parse_qs(query).items()}
            status, answer = self._done(method, path.strip("/").split("/"), fields, json.loads(body or b"{}"))
        if self.judge is not None:
            self.judge.answer(method, path, status, answer)
        return status, json.dumps(answer).encode() if answer is not None else b""

    def fault(self, method: str, target: str) -> str:
        """Take the planted fault of a request, if there is one."""
        for at, (part, fault) in enumerate(self.faults):
            if part in f"{method} {target}":
                del self.faults[at]
                return fault
        return ""

    def _done(self, method: str, steps: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
        match [method, *steps[:1], *steps[3:]]:
            case ["GET", "v1"]:
                return self._merchant()
            case [_, "v0.1", "readers", *rest]:
                return self._of_readers(method, rest, body)
            case ["GET", _, "transactions"]:
                return self._transaction(query)
            case ["GET", _, "transactions", "history"]:
                return self._history(query)
            case ["POST", _, "payments", payment, "refunds"]:
                return self._refund(payment, Decimal(str(body["amount"])))
        raise AssertionError(steps)

    def _of_readers(self, method: str, steps: list[str], body: Any) -> tuple[int, Any]:
        match [method, *steps]:
            case ["GET"]:
                return 200, {"items": list(self.readers.values())}
            case ["POST"]:
                return self._paired(body)
            case ["POST", reader, "checkout"]:
                return self._checkout(reader, body)
            case ["GET", _, "checkout", checkout]:
                return self._shown(checkout)
            case ["GET", reader, "status"]:
                return self._status(reader)
            case ["POST", reader, "terminate"]:
                return self._terminated(reader)
        raise AssertionError(steps)

    def _merchant(self) -> tuple[int, Any]:
        named = {"merchant_code": MERCHANT, "country": "AT", "default_currency": "EUR", "default_locale": "de-AT"}
        at = _text(self.now())
        return 200, {**named, "sandbox": self.sandbox, "created_at": at, "updated_at": at}

    def _reader(self, reader: str, name: str, status: str) -> dict[str, Any]:
        at = _text(self.now())
        device = {"identifier": "200100", "model": "solo"}
        return {"id": reader, "name": name, "status": status, "device": device, "created_at": at, "updated_at": at}

    def _paired(self, body: Any) -> tuple[int, Any]:
        if body["pairing_code"] != "ABCDEFGH1":
            return 404, _problem(404, "The requested resource doesn't exist or does not belong to you.")
        reader = "rdr_" + "B" * 26
        self.readers[reader] = self._reader(reader, body["name"], "processing")
        return 201, self.readers[reader]

    def _checkout(self, reader: str, body: Any) -> tuple[int, Any]:
        if reader not in self.readers:
            return 404, {"errors": {"detail": "Reader not found"}}
        if not self.online:
            return 422, {"errors": {"type": "READER_OFFLINE", "detail": "The reader is offline."}}
        if self._current(reader) is not None:
            return 422, {"errors": {"type": "READER_BUSY", "detail": "The reader is busy."}}
        money, app = body["total_amount"], body["affiliate"]
        assert (app["key"], app["app_id"]) == (AFFILIATE, APP)
        one = Checkout(
            str(uuid.uuid4()), str(uuid.uuid4()), app["foreign_transaction_id"], reader,
            Decimal(money["value"]).scaleb(-money["minor_unit"]), money["currency"],
            self.guests.pop(0) if self.guests else Guest(), self.now(), tips="tip_rates" in body,
        )  # fmt: skip
        self.checkouts[one.id] = one
        ids = {"checkout_id": one.id} if self.has_checkout_ids else {}
        return 201, {"data": {"client_transaction_id": one.client_id, **ids}}

    def _current(self, reader: str) -> Checkout | None:
        return next((one for one in self.checkouts.values() if one.reader == reader and not one.is_over), None)

    def _shown(self, checkout: str) -> tuple[int, Any]:
        one = self.checkouts.get(checkout)
        if one is None or not self.has_checkout_ids:
            return 404, {"errors": {"detail": "Checkout not found"}}
        units = 0 if one.currency == "HUF" else 2
        money = {"currency": one.currency, "minor_unit": units, "value": int(one.amount.scaleb(units))}
        nothing = dict.fromkeys(
            ("card_type", "installments", "payment_status", "valid_until", "payment_failure_reason")
        )
        at = _text(one.at)
        data = {
            "checkout_id": one.id, "client_transaction_id": one.client_id, "status": one.status,
            "total_amount": money, "reader_serial_number": "200100", "payment_type": "card",
            "reader_firmware_version": "3.3.39", "created_at": at, "updated_at": at,
        }  # fmt: skip
        return 200, {"data": data | nothing}

    def _status(self, reader: str) -> tuple[int, Any]:
        one = self._current(reader)
        steps = ("SELECTING_TIP", "WAITING_FOR_CARD", "WAITING_FOR_PIN")
        age = (self.now() - one.at).total_seconds() if one is not None else 0
        state = "IDLE" if one is None else steps[min(int(3 * age / max(one.guest.after, 1)), 2)]
        return 200, {"data": {"status": "ONLINE" if self.online else "OFFLINE", "state": state, "battery_level": 80.5}}

    def _terminated(self, reader: str) -> tuple[int, Any]:
        one = self._current(reader)
        if one is not None and not one.guest.deaf:
            one.is_over, one.status = True, "cancelled"
            self.stopped.append(one.foreign_id)
            self._write(one, "FAILED", self.now())
        return 202, None

    def _listed(self) -> list[dict[str, Any]]:
        return [one for one in self.transactions if one["listed_at"] <= self.now()]

    def _transaction(self, query: dict[str, str]) -> tuple[int, Any]:
        ((name, value),) = query.items()
        found = next((one for one in reversed(self._listed()) if one[name] == value), None)
        if found is None:
            return 404, {"error_code": "NOT_FOUND", "message": "Resource not found"}
        return 200, {name: one for name, one in found.items() if name != "listed_at"}

    def _history(self, query: dict[str, str]) -> tuple[int, Any]:
        limit, skip = int(query.get("limit", "10")), int(query.get("oldest_ref", "0"))
        rows = [
            {name: one[name] for name in ("id", "transaction_code", "amount", "currency", "payment_type")}
            | {"status": one["status"], "type": kind, "timestamp": at, "amount": amount, "transaction_id": one["id"]}
            for one in self._listed()
            for kind, at, amount in (
                ("PAYMENT", one["timestamp"], one["amount"]),
                *(("REFUND", event["timestamp"], event["amount"]) for event in one["transaction_events"]),
            )
            if query.get("oldest_time", "") <= at <= query.get("newest_time", "~")
        ]
        more = (
            [{"rel": "next", "href": urlencode(query | {"oldest_ref": skip + limit})}]
            if len(rows) > skip + limit
            else []
        )
        return 200, {"items": rows[skip : skip + limit], "links": more}

    def _refund(self, payment: str, amount: Decimal) -> tuple[int, Any]:
        found = next((one for one in self._listed() if one["id"] == payment), None)
        if found is None:
            return 404, _problem(404, "Transaction not found")
        if self.refund_status != 201:
            return self.refund_status, _problem(self.refund_status, "The transaction is not refundable now")
        left = Decimal(str(found["amount"])) - sum(Decimal(str(one["amount"])) for one in found["transaction_events"])
        if amount > left:
            return 422, {**_problem(422, "Refund amount too high"), "max_refundable_amount": _number(left)}
        found["status"] = "REFUNDED"
        events = found["transaction_events"]
        event = {"event_type": "REFUND", "status": "SUCCESSFUL", "amount": _number(amount)}
        events.append({"id": 10_000 + len(events), "timestamp": _text(self.now()), **event})
        return 201, {}

    # The line

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request on a connection."""
        try:
            method, target, head, body = read_request(await _whole(reader))
            fault = self.fault(method, target)
            if fault == "lost before":
                return
            status, content = self.answered(method, target, head, body)
            if fault == "lost":
                return
            status, content = spoilt(fault, status, content)
            line = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\nConnection: close\r\n"
            writer.write(f"{line}Content-Type: application/json\r\n\r\n".encode() + content)
            await writer.drain()
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


class Line:
    """The way to SumUp in memory, in place of `till.tenders.http.ask`, in virtual time.

    Args:
        sumup: the provider.
        fault: the fault of a request that has none planted.
        delay: the seconds of each way.
    """

    def __init__(
        self, sumup: SumUp, fault: Callable[[], str] = lambda: "", delay: Callable[[], float] = lambda: 0.05
    ) -> None:
        self._sumup, self._fault, self._delay = sumup, fault, delay
        self._under_way: set[asyncio.Task[tuple[int, bytes]]] = set()

    async def ask(
        self, _address: object, question: bytes, *, check: Callable[[object], None] | None = None, within: float,
        **_more: object,
    ) -> HttpAnswer:  # fmt: skip
        method, target, head, body = read_request(question)
        fault = self._sumup.fault(method, target) or self._fault()
        if fault == "unreachable":
            raise NotSentError(fault)
        await asyncio.sleep(15.0 if fault == "frozen" else 0.0)
        if check is not None:
            check(None)
        if fault == "lost before":
            await asyncio.sleep(within)
            raise HttpNoAnswerError(fault)
        there = 20.0 if fault == "late" else self._delay()
        task = asyncio.get_running_loop().create_task(self._arrive(there, method, target, head, body))
        self._under_way.add(task)  # a till that dies takes no request back
        task.add_done_callback(self._under_way.discard)
        if fault in {"late", "lost"}:
            await asyncio.sleep(within)
            raise HttpNoAnswerError(fault)
        status, content = spoilt(fault, *await asyncio.shield(task))
        await asyncio.sleep(self._delay())
        return HttpAnswer(status, content)

    async def _arrive(self, seconds: float, *request: Any) -> tuple[int, bytes]:
        await asyncio.sleep(seconds)
        return self._sumup.answered(*request)


def spoilt(fault: str, status: int, content: bytes) -> tuple[int, bytes]:
    """Return an answer with its fault: half of it, no JSON, or another status."""
    if fault == "half":
        return status, content[: len(content) // 2]
    if fault == "html":
        return status, b"<html>"
    return (int(fault), b'{"message": "no"}') if fault.isdigit() else (status, content)


def read_request(raw: bytes) -> tuple[str, str, dict[str, str], bytes]:
    """Return the method, the target, the fields and the body of a request."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _version = first.split(" ")
    return (
        method,
        target,
        {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)},
        body,
    )


async def _whole(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    fields = read_request(head)[2]
    return head + await reader.readexactly(int(fields.get("content-length", "0")))


@asynccontextmanager
async def running(now: Callable[[], datetime]) -> AsyncIterator[SumUp]:
    """Run SumUp on this machine until the end of the block."""
    sumup = SumUp(now, SumUpJudge())
    async with await asyncio.start_server(sumup.serve, "127.0.0.1", 0) as server:
        sumup.port = server.sockets[0].getsockname()[1]
        yield sumup


def _problem(status: int, detail: str) -> dict[str, Any]:
    return {"type": "https://developer.sumup.com/problem/x", "title": "X", "status": status, "detail": detail}


def _number(amount: Decimal) -> float | int:
    return int(amount) if amount == int(amount) else float(amount)


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
