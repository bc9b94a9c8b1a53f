"""A card terminal for tests: a process of its own that speaks nexo over HTTPS, and records a charge before it answers.

    python -m tests.terminal.terminal --file F --poiid P --port N [--certificate C --key K] [--phrase-file S]

It prints its port on a line of its own when it listens. Its file has its plan for the next payment (`Book.plan`). It
checks each message that it hears against the schema, and rejects an invalid one.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import json
import os
import signal
import ssl
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.terminal.book import Book
from tests.terminal.on_the_line import on_the_line
from tests.terminal.schema import check
from tests.terminal.sealing import Sealing

_OTHER = "ANOTHER123"
_INSTRUMENT = {"PaymentInstrumentType": "Card", "CardData": {"PaymentBrand": "mc", "MaskedPan": "541333 **** 9999"}}
_RECEIPT = [
    {
        "DocumentQualifier": "CustomerReceipt",
        "RequiredSignatureFlag": False,
        "OutputContent": {
            "OutputFormat": "Text",
            "OutputText": [
                {"Text": "name=Card&value=%2a%2a%2a%2a%201111&key=pan", "EndOfLineFlag": True},
                {"Text": "THANK \u001b[31mYOU\u202e", "EndOfLineFlag": True},
            ],
        },
    },
    {
        "DocumentQualifier": "CashierReceipt",
        "RequiredSignatureFlag": True,
        "OutputContent": {"OutputFormat": "Text", "OutputText": [{"Text": "Sign here"}]},
    },
]


class Terminal:
    def __init__(self, book: Book, poi_id: str, sealing: Sealing | None) -> None:
        self._book = book
        self._poi_id = poi_id
        self._sealing = sealing
        self._busy: tuple[str, str] | None = None
        self._stopped = asyncio.Event()
        self._asked = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            body = await _posted(reader)
            raw = json.loads(body)
            faults = check(raw, sealed=self._sealing is not None)
            message = self._sealing.open(raw) if self._sealing and not faults else raw
            faults = faults or check(message)
            if faults:
                for fault in faults:
                    self._book.fault(fault)
                await self._answer(writer, self._rejection("; ".join(faults)), "")
                return
            request = message["SaleToPOIRequest"]
            header = request["MessageHeader"]
            self._book.hear(header["MessageCategory"], message)
            await self._do(writer, request, header)
        except (EOFError, ValueError) as fault:
            if not isinstance(fault, asyncio.IncompleteReadError) or fault.partial:
                self._book.fault(repr(fault))  # a till that gives up while it connects has said nothing
        except OSError:
            pass  # the till hung up
        finally:
            writer.close()

    async def _do(self, writer: asyncio.StreamWriter, request: Any, header: Any) -> None:
        match header["MessageCategory"]:
            case "Abort":
                self._stopped.set()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
            case "TransactionStatus":
                _does, arg, line = self._book.next_plan("status")
                await self._answer(writer, self._status(request, header, arg), line)
                if self._busy is not None:
                    self._asked.set()
            case "GetTotals":
                body = {"Response": {"Result": "Success"}, "POIReconciliationID": self._book.period()}
                await self._answer(writer, _reply(header, "GetTotals", body | self._totals()), "")
            case category:
                await self._money(writer, request, header, category)

    async def _money(self, writer: asyncio.StreamWriter, request: Any, header: Any, category: str) -> None:
        names = (header["SaleID"], header["ServiceID"])
        if self._busy is not None or self._book.processed(names) is not None:
            condition = "NotAllowed" if self._busy in {None, names} else "Busy"
            await self._answer(writer, self._failed(request, header, category, condition), "")
            return
        does, arg, line = self._book.next_plan()
        if does == "power":
            os.kill(os.getpid(), signal.SIGKILL)
        if does == "reject":
            await self._answer(writer, self._rejection("no such thing"), line)
            return
        if does == "refuse":  # as if it had never begun
            await self._answer(writer, self._failed(request, header, category, arg), line)
            return
        self._busy = names
        try:
            answer = await self._decided(request, header, category, does, arg)
        finally:
            self._busy = None
            self._stopped.clear()
            self._asked.clear()
        if line == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        await self._answer(writer, answer, line)

    async def _decided(self, request: Any, header: Any, category: str, does: str, arg: str) -> dict[str, Any]:
        """Decide a request, write the outcome down and return the answer."""
        condition = arg if does == "decline" else await self._waited(header, does, arg)
        if condition:
            return self._process(request, header, category, self._failed(request, header, category, condition), "0")
        if category == "Reversal":
            return self._reversal(request, header, does, arg)
        asked = request["PaymentRequest"]["PaymentTransaction"]["AmountsReq"]
        kind = request["PaymentRequest"].get("PaymentData", {}).get("PaymentType", "Normal")
        amounts, kind = _amounts(asked, does, arg), _kind(kind, does)
        body = {
            "Response": {"Result": "Partial" if does == "partial" else "Success", "AdditionalResponse": "ok=true"},
            "SaleData": copy.deepcopy(request["PaymentRequest"]["SaleData"]),
            "POIData": self._number(),
            "PaymentResult": {"PaymentType": kind, "PaymentInstrumentData": _INSTRUMENT, "AmountsResp": amounts},
            "PaymentReceipt": _RECEIPT,
        }
        if does == "no_amount":
            del body["PaymentResult"]
        if does == "other_sale":
            body["SaleData"]["SaleTransactionID"]["TransactionID"] = "another sale"
        taken = str(Decimal(str(amounts["AuthorizedAmount"])))
        return self._process(request, header, category, _reply(header, "Payment", body), taken)

    async def _waited(self, header: Any, does: str, arg: str) -> str:
        """Wait as planned, and print a line; return the condition of a failure meanwhile, or an empty string."""
        if does in {"wait", "too_late", "slow"}:
            _tell("waits")
        match does:
            case "wait":
                await self._stopped.wait()
                return "Aborted"
            case "too_late":
                await self._stopped.wait()
            case "slow":
                await self._asked.wait()
            case "steps":
                await self._show(header, arg)
            case "print":
                await self._print(header, **json.loads(arg))
        return ""

    def _reversal(self, request: Any, header: Any, does: str, arg: str) -> dict[str, Any]:
        asked = request["ReversalRequest"]
        original = self._book.of_number(asked["OriginalPOITransaction"]["POITransactionID"]["TransactionID"])
        if original is None:
            return self._process(
                request, header, "Reversal", self._failed(request, header, "Reversal", "NotFound"), "0"
            )
        back = arg if does == "amount" else str(asked["ReversedAmount"])
        body: dict[str, Any] = {"Response": {"Result": "Success"}, "POIData": self._number()}
        if does == "approve":
            body["PaymentReceipt"] = _RECEIPT
        if does != "no_amount":
            body["ReversedAmount"] = float(back)
        return self._process(request, header, "Reversal", _reply(header, "Reversal", body), back)

    def _process(self, request: Any, header: Any, category: str, answer: dict[str, Any], amount: str) -> dict[str, Any]:
        body = answer["SaleToPOIResponse"][f"{category}Response"]
        if category == "Payment":
            asked = request["PaymentRequest"]["PaymentTransaction"]["AmountsReq"]
            back = request["PaymentRequest"].get("PaymentData", {}).get("PaymentType") == "Refund"
            kind, currency = "Credit" if back else "Debit", asked["Currency"]
        else:
            number = request["ReversalRequest"]["OriginalPOITransaction"]["POITransactionID"]["TransactionID"]
            kind, currency = "ReverseDebit", (self._book.of_number(number) or ("", ""))[0]
        self._book.process((header["SaleID"], header["ServiceID"]), category, kind, currency, amount, body)
        return answer

    def _status(self, request: Any, header: Any, arg: str) -> dict[str, Any]:
        meant = request["TransactionStatusRequest"].get("MessageReference", {})
        names = (meant.get("SaleID", header["SaleID"]), meant["ServiceID"])
        reference = {"MessageReference": meant}
        if self._busy == names and not arg:
            return _reply(header, "TransactionStatus", _failure("InProgress") | reference)
        if arg and arg != "other_charge":
            return _reply(header, "TransactionStatus", _failure(arg) | reference)
        done = self._book.processed(names)
        if done is None or done[0] != meant.get("MessageCategory", done[0]):
            return _reply(header, "TransactionStatus", _failure("NotFound") | reference)
        category, body = done
        repeated = header | {"MessageCategory": category, "MessageType": "Response", "SaleID": names[0]}
        repeated["ServiceID"] = _OTHER if arg == "other_charge" else names[1]
        answer = {
            "Response": {"Result": "Success"},
            "RepeatedMessageResponse": {
                "MessageHeader": repeated,
                "RepeatedResponseMessageBody": {f"{category}Response": body},
            },
        }
        return _reply(header, "TransactionStatus", answer | reference)

    def _failed(self, request: Any, header: Any, category: str, condition: str) -> dict[str, Any]:
        body = _failure(condition, "refusalReason=NOT_ENOUGH_BALANCE" if condition == "Refusal" else "")
        if category == "Payment":
            body |= {"SaleData": request["PaymentRequest"]["SaleData"]}
        return _reply(header, category, body | {"POIData": self._number()})

    def _rejection(self, why: str) -> dict[str, Any]:
        header = {
            "ProtocolVersion": "3.0",
            "MessageClass": "Event",
            "MessageCategory": "Event",
            "MessageType": "Notification",
            "SaleID": "unknown",
            "POIID": self._poi_id,
            "DeviceID": "1",
        }
        event = {"TimeStamp": _now(), "EventToNotify": "Reject", "EventDetails": why}
        return {"SaleToPOIRequest": {"MessageHeader": header, "EventNotification": event}}

    def _number(self) -> dict[str, Any]:
        return {"POITransactionID": {"TransactionID": f"BV{os.urandom(8).hex()}.PSP", "TimeStamp": _now()}}

    def _totals(self) -> dict[str, Any]:
        rows: dict[str, list[dict[str, Any]]] = {}
        for currency, kind, count, amounts in self._book.totals():
            whole = float(sum(map(Decimal, amounts.split(","))))
            rows.setdefault(currency, []).append(
                {"TransactionType": kind, "TransactionCount": count, "TransactionAmount": whole}
            )
        return {
            "TransactionTotals": [
                {"PaymentInstrumentType": "Card", "PaymentCurrency": currency, "PaymentTotals": totals}
                for currency, totals in rows.items()
            ]
        }

    async def _print(self, header: Any, port: int, texts: list[str], number: str) -> None:
        """Have slips printed at the till for a payment of that number, and record its answer to each."""
        head = self._of_device(header, "Print", "7") | ({"ServiceID": number} if number else {})
        for text in texts:
            output = {"DocumentQualifier": "CashierReceipt", "ResponseMode": "PrintEnd", "RequiredSignatureFlag": True}
            output |= {"OutputContent": {"OutputFormat": "Text", "OutputText": [{"Text": text}]}}
            message = {"SaleToPOIRequest": {"MessageHeader": head, "PrintRequest": {"PrintOutput": output}}}
            answer = json.loads(await self._post("127.0.0.1", port, message))
            opened = self._sealing.open(answer) if self._sealing else answer
            for fault in [*check(answer, sealed=self._sealing is not None), *check(opened)]:
                self._book.fault(fault)
            if opened["SaleToPOIResponse"]["MessageHeader"] != head | {"MessageType": "Response"}:
                self._book.fault(f"an answer to something else: {opened}")
            self._book.hear("Printed", opened["SaleToPOIResponse"]["PrintResponse"])

    def _of_device(self, header: Any, category: str, number: str) -> dict[str, Any]:
        """Return the header of a message to a till that waits for the answer to a service."""
        of = {"MessageClass": "Device", "MessageCategory": category, "MessageType": "Request", "DeviceID": number}
        return {**header, **of, "POIID": self._poi_id}

    async def _post(self, host: str, port: int, message: dict[str, Any]) -> bytes:
        """Post a message to the till and return its answer."""
        self._book.say(message)
        body = json.dumps(self._sealing.close(message) if self._sealing else message).encode()
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"POST /display HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        _head, _blank, answer = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return answer

    async def _show(self, header: Any, where: str) -> None:
        """Post each step to the till."""
        host, _colon, port = where.rpartition(":")
        for at, event in enumerate(("TENDER_CREATED", "WAIT_FOR_PIN", "NO_SUCH_STEP", "TENDER_FINAL")):
            content = {
                "OutputFormat": "MessageRef",
                "PredefinedContent": {"ReferenceID": f"TransactionID=X&event={event}"},
            }
            head = self._of_device(header, "Display", str(at))
            output = {"Device": "CashierDisplay", "InfoQualify": "Status", "OutputContent": content}
            message = {
                "SaleToPOIRequest": {
                    "MessageHeader": head,
                    "DisplayRequest": {"DisplayOutput": [output | {"ResponseRequiredFlag": False}]},
                }
            }
            await self._post(host, int(port), message)

    async def _answer(self, writer: asyncio.StreamWriter, answer: dict[str, Any], line: str) -> None:
        """Write an answer, in the way that the line has it."""
        if line == "drop":
            return
        if line == "silent":
            await asyncio.Event().wait()
        if line == "other_reference":
            answer = copy.deepcopy(answer)
            answer["SaleToPOIResponse"]["MessageHeader"]["ServiceID"] = _OTHER
        self._book.say(answer)
        sealing = Sealing("another phrase") if line == "wrong_key" else self._sealing
        body = json.dumps(sealing.close(answer) if sealing and line != "unsealed" else answer).encode()
        for part in on_the_line(body, line):
            writer.write(part)
            await writer.drain()


def _amounts(asked: Any, does: str, arg: str) -> dict[str, Any]:
    amounts: dict[str, Any] = {"Currency": asked["Currency"], "AuthorizedAmount": asked["RequestedAmount"]}
    match does:
        case "currency":
            amounts["Currency"] = arg
        case "tip":
            amounts |= {"TipAmount": float(arg), "AuthorizedAmount": _sum(amounts["AuthorizedAmount"], arg)}
        case "fee":
            amounts |= {"TotalFeesAmount": float(arg), "AuthorizedAmount": _sum(amounts["AuthorizedAmount"], arg)}
        case "partial" | "amount":
            amounts["AuthorizedAmount"] = float(arg)
    return amounts


def _kind(kind: str, does: str) -> str:
    if does == "hold":
        return "OneTimeReservation"
    if does == "other_way":
        return "Normal" if kind == "Refund" else "Refund"
    return kind


def _reply(header: Any, category: str, body: Any) -> dict[str, Any]:
    return {"SaleToPOIResponse": {"MessageHeader": header | {"MessageType": "Response"}, f"{category}Response": body}}


def _failure(condition: str, text: str = "") -> dict[str, Any]:
    return {
        "Response": {
            "Result": "Failure",
            "ErrorCondition": condition,
            "AdditionalResponse": text or "message=As%20planned",
        }
    }


def _sum(amount: float, more: str) -> float:
    return float(Decimal(str(amount)) + Decimal(more))


def _tell(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


async def _posted(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    assert head.startswith("POST /nexo HTTP/1.1\r\n"), head
    (length,) = (line.split(":")[1] for line in head.split("\r\n") if line.lower().startswith("content-length:"))
    return await reader.readexactly(int(length))


async def _run(options: argparse.Namespace, sealing: Sealing | None) -> None:
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    with Book(Path(options.file)) as book:
        terminal = Terminal(book, options.poiid, sealing)
        server = await asyncio.start_server(terminal.serve, "127.0.0.1", options.port, ssl=context)
        _tell(server.sockets[0].getsockname()[1])
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", required=True)
    parser.add_argument("--poiid", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--phrase-file")
    options = parser.parse_args()
    sealing = Sealing(Path(options.phrase_file).read_text("utf-8").strip()) if options.phrase_file else None
    asyncio.run(_run(options, sealing))


if __name__ == "__main__":
    main()
