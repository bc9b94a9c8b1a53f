"""Stripe for tests: the part of its API that a till uses. Each request and each answer is judged by its OpenAPI.

It fails and lies as Stripe, a network and a reader do: see `Stripe.faults` and `Stripe.tap`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from tests.readers.openapi import Judge
from till.tenders.http import HttpAnswer, HttpNoAnswerError, NotSentError, _answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from till.tenders.http import HttpAddress

Provider = TypeVar("Provider")
KEY: Final = "rk_test_atill"
READER: Final = "tmr_bar"
OPENAPI: Final = Path(__file__).with_name("stripe-openapi.json")
#: The faults in which a request has no effect at Stripe.
_WITHOUT_EFFECT: Final = frozenset({"drop_before", "409", "425", "429", "500", "503"})


class _RefusedError(Exception):
    def __init__(self, code: str, message: str, status: int = 400, kind: str = "invalid_request_error") -> None:
        super().__init__(code)
        self.status = status
        self.error = {"error": {"type": kind, "code": code, "message": message}}


@dataclass
class Stripe:
    """The contents of an account at Stripe, and its next faults."""

    port: int = 0
    now: Callable[[], float] = lambda: 1_795_262_400.0
    key: str = KEY
    is_live: bool = False
    readers: dict[str, dict[str, Any]] = field(default_factory=dict)
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    stored: dict[str, tuple[Any, int, Any]] = field(default_factory=dict)
    #: The requests with an effect: method, path, parameters as an object, idempotency key.
    asked: list[tuple[str, str, Any, str]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    #: Of the next requests whose method and path start so: drop_before, drop, half, html, a status, false_timeout.
    faults: list[tuple[str, str]] = field(default_factory=list)
    #: Called before each request is answered, with its method and path: what happens at the reader.
    looked: Callable[[str], None] = field(default=lambda _asked: None)
    refund_status: str = "succeeded"
    judge: Judge = field(default_factory=lambda: Judge(OPENAPI))
    #: The intents that a reader authorises: neither the reader nor the intent can be stopped.
    authorising: set[str] = field(default_factory=set)
    #: Draws the ids.
    ids: Callable[[], str] = field(default=lambda: secrets.token_hex(8))

    def __post_init__(self) -> None:
        self.add_reader(READER, "Bar")

    def add_reader(self, reader: str, label: str) -> None:
        """Register a reader."""
        self.readers[reader] = {
            "id": reader,
            "object": "terminal.reader",
            "device_type": "bbpos_wisepos_e",
            "label": label,
            "livemode": self.is_live,
            "metadata": {},
            "serial_number": "WSC513",
            "status": "online",
            "action": None,
        }

    # The guest and the reader

    def shown(self, reader: str = READER) -> str:
        """Return the intent that a reader asks for; empty if none."""
        action = self.readers[reader]["action"]
        is_open = action is not None and action["status"] == "in_progress"
        return action.get("process_payment_intent", {}).get("payment_intent", "") if is_open else ""

    def tap(self, reader: str = READER, *, tip: int = 0, lies: str = "", amount: int | None = None) -> bool:
        """Present a card that pays. Return True if money was taken.

        Args:
            reader: the reader.
            tip: the tip that the guest adds.
            lies: "declined" if the reader reports a decline, "silent" if it reports nothing.
            amount: another amount than the requested one.
        """
        if not (shown := self.shown(reader)):
            return False
        intent, action = self.intents[shown], self.readers[reader]["action"]
        if intent["status"] != "requires_payment_method":
            self._fail(action, "intent_invalid_state", "This PaymentIntent was canceled.")
            return False
        self._take(intent, tip, amount)
        if lies == "declined":
            self._fail(action, "card_declined", "Your card was declined.")
        elif lies != "silent":
            action["status"] = "succeeded"
        return True

    def begin(self, reader: str = READER) -> None:
        """Read a card: from now on it is authorised, and nothing stops it."""
        shown = self.shown(reader)
        if shown and self.intents[shown]["status"] == "requires_payment_method":
            self.intents[shown]["status"] = "processing"
            self.authorising.add(shown)

    def finish(self, reader: str = READER, *, is_taken: bool = True) -> None:
        """End the authorisation of the card that was read."""
        shown = self.shown(reader)
        if shown in self.authorising:
            self.authorising.discard(shown)
            self.intents[shown]["status"] = "requires_payment_method"
            if is_taken:
                self.tap(reader)
            else:
                self.decline(reader)

    def decline(
        self, reader: str = READER, code: str = "card_declined", message: str = "Your card has insufficient funds."
    ) -> None:
        """Present a card that is declined, or fail for another reason."""
        if self.shown(reader):
            self._fail(self.readers[reader]["action"], code, message)

    @staticmethod
    def _fail(action: dict[str, Any], code: str, message: str) -> None:
        action.update(status="failed", failure_code=code, failure_message=message)

    def _take(self, intent: dict[str, Any], tip: int, amount: int | None) -> None:
        taken = (intent["amount"] if amount is None else amount) + tip
        card = {
            "brand": "visa",
            "last4": "4242",
            "exp_month": 12,
            "exp_year": 2030,
            "incremental_authorization_supported": False,
            "overcapture_supported": False,
        }
        charge = {
            "id": f"ch_{self.ids()}",
            "object": "charge",
            "amount": taken,
            "amount_captured": taken,
            "amount_refunded": 0,
            "billing_details": {},
            "captured": True,
            "created": int(self.now()),
            "currency": intent["currency"],
            "disputed": False,
            "livemode": self.is_live,
            "metadata": {},
            "paid": True,
            "payment_method_details": {"type": "card_present", "card_present": card},
            "refunded": False,
            "status": "succeeded",
        }
        intent.update(status="succeeded", amount=taken, amount_received=taken, latest_charge=charge)
        intent["amount_details"] = {"tip": {"amount": tip}} if tip else {"tip": {}}

    @property
    def taken(self) -> dict[str, int]:
        """The money taken, by the till's key; a key that was charged twice names each."""
        made: dict[str, int] = {}
        for one in self.intents.values():
            if one["status"] == "succeeded":
                key = one["metadata"].get("till", one["id"])
                made[f"{key} again" if key in made else key] = one["amount_received"]
        return made

    # Requests

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                ),
                0,
            )
            writer.write(self.take(head + await reader.readexactly(length)) or b"")
            await writer.drain()
        finally:
            writer.close()

    async def ask(
        self,
        _address: HttpAddress,
        question: bytes,
        *,
        check: Callable[[Any], None] | None = None,
        **_limits: Any,
    ) -> HttpAnswer:
        """Answer as `till.tenders.http.ask` does, without a socket: for many histories."""
        first = question.split(b"\r\n")[0].decode()
        if self._fault_at(first.partition(" HTTP")[0], {"away"}):
            raise NotSentError("nobody answers there")
        if check is not None:
            check(None)
        raw = self.take(question)
        if raw is None:
            raise HttpNoAnswerError("no answer in time")
        stream = asyncio.StreamReader()
        stream.feed_data(raw)
        stream.feed_eof()
        try:
            return await _answer(stream, 1_000_000)
        except (EOFError, ValueError) as fault:
            raise HttpNoAnswerError(type(fault).__name__) from None

    def take(self, raw: bytes) -> bytes | None:
        """Return the bytes of the answer to a request; None if it is lost."""
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.heads.append(head.decode())
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        method, target, _version = first.split(" ")
        parts = urlsplit(target)
        asked = f"{method} {parts.path.removeprefix('/v1')}"
        self.looked(asked)
        fault = self._fault_at(asked)
        media = fields.get("content-type", "") if body else ""
        sent = self.judge.request(method, parts.path, parts.query, media, body)
        if fault == "drop_before":
            return None
        status, answer = self._answered(asked, dict(parse_qsl(parts.query)), sent, fields, fault)
        self.judge.answer(method, parts.path, status, answer)
        content = json.dumps(answer).encode()
        if fault == "drop":
            return None
        if fault == "html":
            content = b"<html>"
        elif fault == "half":
            return b"HTTP/1.1 200 X\r\nContent-Length: %d\r\n\r\n" % len(content) + content[: len(content) // 2]
        elif fault == "other_mode":
            content = json.dumps(_flipped(answer)).encode()
        return b"HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (status, len(content)) + content

    def _fault_at(self, asked: str, kinds: set[str] | None = None) -> str:
        asked = asked.replace(" /v1", " ")
        for at, (start, fault) in enumerate(self.faults):
            if asked.startswith(start) and (fault in kinds if kinds else fault != "away"):
                del self.faults[at]
                return fault
        return ""

    def _answered(
        self, asked: str, query: dict[str, str], sent: dict[str, Any], fields: dict[str, str], fault: str
    ) -> tuple[int, Any]:
        if fields.get("authorization") != f"Bearer {self.key}":
            return 401, _RefusedError("", "Invalid API Key provided").error
        assert fields.get("stripe-version"), "the version is pinned"
        key = fields.get("idempotency-key", "")
        if key in self.stored:
            params, status, answer = self.stored[key]
            if params == (asked, sent):
                return status, answer
            return 400, _RefusedError(
                "", "Keys can only be used with the same parameters", kind="idempotency_error"
            ).error
        if fault in _WITHOUT_EFFECT:
            status, answer = int(fault), _RefusedError("", "try later", kind="api_error").error
            if fault == "500" and key:
                self.stored[key] = ((asked, sent), status, answer)
            return status, answer
        if not asked.startswith("GET"):
            self.asked.append((*asked.split(" "), sent, key))  # type: ignore[arg-type]
        try:
            status, answer = 200, self._done(asked, query, sent)
        except _RefusedError as refused:
            status, answer = refused.status, refused.error
        answer = json.loads(json.dumps(answer))
        if key:
            self.stored[key] = ((asked, sent), status, answer)
        if fault == "false_timeout":
            return 400, _RefusedError("terminal_reader_timeout", "The reader did not answer.", kind="api_error").error
        return status, answer

    def _done(self, asked: str, query: dict[str, str], sent: dict[str, Any]) -> Any:  # noqa: PLR0911, C901 - one a call
        method, path = asked.split(" ")
        match method, path.strip("/").split("/"):
            case "POST", ["payment_intents"]:
                return self._bare(self._intent(sent))
            case "GET", ["payment_intents"]:
                since, until = (int(query.get(f"created[{end}]", at)) for end, at in (("gte", 0), ("lte", 1 << 40)))
                found = [self._bare(one) for one in self.intents.values() if since <= one["created"] <= until]
                return _page("/v1/payment_intents", found[::-1], query)
            case "GET", ["payment_intents", intent]:
                known = self._known(self.intents, intent)
                return known if query.get("expand[0]") == "latest_charge" else self._bare(known)
            case "POST", ["payment_intents", intent, "cancel"]:
                return self._bare(self._cancelled(self._known(self.intents, intent)))
            case "GET", ["refunds"]:
                of, since = query.get("payment_intent"), int(query.get("created[gte]", 0))
                back = [one for one in self.refunds if of in {None, one["payment_intent"]} and one["created"] >= since]
                return _page("/v1/refunds", back[::-1], query)
            case "POST", ["refunds"]:
                return self._refund(sent)
            case "GET", ["terminal", "readers"]:
                return _page("/v1/terminal/readers", list(self.readers.values()), query)
            case "GET", ["terminal", "readers", reader]:
                return self._known(self.readers, reader)
            case "POST", ["terminal", "readers", reader, "process_payment_intent"]:
                return self._process(self._known(self.readers, reader), sent)
            case "POST", ["terminal", "readers", reader, "cancel_action"]:
                if self.shown(reader) in self.authorising:
                    raise _RefusedError("terminal_reader_busy", "Reader is currently busy processing another request.")
                self._known(self.readers, reader)["action"] = None
                return self.readers[reader]
            case "POST", ["test_helpers", "terminal", "readers", reader, "present_payment_method"]:
                self.tap(reader, tip=sent.get("amount_tip", 0))
                return self.readers[reader]
        raise _RefusedError("resource_missing", "Unrecognized request URL", 404)

    @staticmethod
    def _known(kind: dict[str, dict[str, Any]], one: str) -> dict[str, Any]:
        if one not in kind:
            raise _RefusedError("resource_missing", f"No such object: '{one}'", 404)
        return kind[one]

    @staticmethod
    def _bare(intent: dict[str, Any]) -> dict[str, Any]:
        """Return an intent that names its charge by its id."""
        charge = intent["latest_charge"]
        return {**intent, "latest_charge": charge and charge["id"]}

    def _intent(self, sent: dict[str, Any]) -> dict[str, Any]:
        if sent["amount"] < 50:
            raise _RefusedError("amount_too_small", "Amount must be at least €0.50 eur.")
        made = {
            "id": f"pi_{self.ids()}",
            "object": "payment_intent",
            "amount": sent["amount"],
            "amount_received": 0,
            "amount_details": {"tip": {}},
            "capture_method": sent["capture_method"],
            "confirmation_method": "automatic",
            "created": int(self.now()),
            "currency": sent["currency"],
            "latest_charge": None,
            "livemode": self.is_live,
            "metadata": sent.get("metadata", {}),
            "payment_method_types": sent["payment_method_types"],
            "status": "requires_payment_method",
        }
        self.intents[made["id"]] = made
        return made

    @staticmethod
    def _cancelled(intent: dict[str, Any]) -> dict[str, Any]:
        if intent["status"] != "requires_payment_method":
            sentence = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
            raise _RefusedError("payment_intent_unexpected_state", sentence)
        intent["status"] = "canceled"
        return intent

    def _process(self, reader: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
        intent = self._known(self.intents, sent["payment_intent"])
        if reader["status"] == "offline":
            raise _RefusedError("terminal_reader_offline", "Reader is currently offline.")
        if self.shown(reader["id"]) in self.authorising and self.authorising:
            raise _RefusedError("terminal_reader_busy", "Reader is currently busy processing another request.")
        if intent["status"] != "requires_payment_method":
            raise _RefusedError("intent_invalid_state", "This PaymentIntent was canceled.")
        reader["action"] = {
            "type": "process_payment_intent",
            "status": "in_progress",
            "failure_code": None,
            "failure_message": None,
            "process_payment_intent": {
                "payment_intent": intent["id"],
                "process_config": sent.get("process_config", {}),
            },
        }
        return reader

    def _refund(self, sent: dict[str, Any]) -> dict[str, Any]:
        intent = self._known(self.intents, sent["payment_intent"])
        back = sum(one["amount"] for one in self.refunds if one["payment_intent"] == intent["id"])
        if sent["amount"] > intent["amount_received"] - back:
            raise _RefusedError("", "Refund amount is greater than unrefunded amount on charge")
        made = {
            "id": f"re_{self.ids()}",
            "object": "refund",
            "amount": sent["amount"],
            "created": int(self.now()),
            "currency": intent["currency"],
            "metadata": sent.get("metadata", {}),
            "payment_intent": intent["id"],
            "status": self.refund_status,
        }
        self.refunds.append(made)
        return made


def _page(url: str, found: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    after = next((at + 1 for at, one in enumerate(found) if one["id"] == query.get("starting_after")), 0)
    limit = int(query.get("limit", "10"))
    return {"object": "list", "url": url, "has_more": len(found) > after + limit, "data": found[after : after + limit]}


def _flipped(answer: Any) -> Any:
    return {**answer, "livemode": not answer["livemode"]} if "livemode" in answer else answer


@asynccontextmanager
async def running() -> AsyncIterator[Stripe]:
    """Run Stripe until the end of the block."""
    stripe = Stripe()
    async with await asyncio.start_server(stripe.serve, "127.0.0.1", 0) as server:
        stripe.port = server.sockets[0].getsockname()[1]
        yield stripe


def in_thread() -> AbstractContextManager[Stripe]:
    """Run Stripe in a thread."""
    return threaded(running)


@contextmanager
def threaded(run: Callable[[], AbstractAsyncContextManager[Provider]]) -> Iterator[Provider]:
    """Run a provider in a thread, for tills that are processes or loops of their own."""
    loop, begun, made = asyncio.new_event_loop(), threading.Event(), list[Provider]()

    async def serve() -> None:
        async with run() as provider:
            made.append(provider)
            begun.set()
            await ended.wait()

    ended = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    begun.wait()
    try:
        yield made[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()
