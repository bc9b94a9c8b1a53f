"""Posts of others to the port where a till hears the steps of its terminal."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest

from tests.terminal.process import PHRASE, POIID
from tests.terminal.schema import check
from tests.terminal.sealing import Sealing
from till.ports import ChargeReference, Slip
from till.tenders.terminal.displays import Displays
from till.tenders.terminal.seal import Seal

CHARGE = ChargeReference(POIID, "till-1", "0123456789")
_HEADER = {
    "ProtocolVersion": "3.0",
    "MessageClass": "Device",
    "MessageCategory": "Display",
    "MessageType": "Request",
    "DeviceID": "1",
    "SaleID": "till-1",
    "POIID": POIID,
}


def _message(text: str = "Please wait", **header: str) -> dict[str, Any]:
    content = {"OutputFormat": "Text", "OutputText": [{"Text": text}]}
    output = {"Device": "CashierDisplay", "InfoQualify": "Status", "OutputContent": content}
    return {"SaleToPOIRequest": {"MessageHeader": _HEADER | header, "DisplayRequest": {"DisplayOutput": [output]}}}


def _post(body: bytes, length: int | None = None, method: bytes = b"POST") -> bytes:
    size = len(body) if length is None else length
    return b"%b /display HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (method, size) + body


def _sealed(message: dict[str, Any], phrase: str = PHRASE) -> bytes:
    return json.dumps(Sealing(phrase).close(message)).encode()


def _keeps(slip: Slip) -> bool:
    return slip.lines != ("the disk is full",)


async def _steps_shown(port: int, *posts: bytes) -> list[str]:
    """Send these posts, each on a connection of its own, and return the messages that the till takes."""
    words: list[str] = []
    displays = Displays("127.0.0.1", port, Seal(PHRASE, "till-test", 1), POIID)
    async with displays.forwarding(CHARGE, words.append, _keeps):
        for post in posts:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with suppress(ConnectionResetError):  # a till that has heard enough hangs up
                writer.write(post)
                writer.write_eof()
                await reader.read()
            writer.close()
    return words


async def test_a_step_sealed_by_the_terminal_is_shown(free_port: int) -> None:
    posts = [_post(_sealed(_message("Insert the\x1b[2J card"))), _post(_sealed(_message("")))]
    assert await _steps_shown(free_port, *posts) == ["Insert the[2J card"]


@pytest.mark.parametrize(
    "post",
    [
        _post(json.dumps(_message()).encode()),
        _post(_sealed(_message(), "another phrase")),
        _post(_sealed(_message(POIID="P400Plus-1"))),
        _post(_sealed(_message(MessageCategory="Event"))),
        _post(_sealed(_message()), method=b"GET"),
        _post(_sealed(_message())[:-20], length=len(_sealed(_message()))),
        _post(b"x", length=10_000_000),
        b"POST / HTTP/1.1\r\n\r\n",
        b"x" * 200_000,
        b"",
    ],
    ids=["open", "key", "other", "event", "get", "half", "long", "nothing", "endless", "empty"],
)
async def test_a_step_posted_by_anybody_else_is_not_shown(free_port: int, post: bytes) -> None:
    assert await _steps_shown(free_port, post, _post(_sealed(_message()))) == ["Please wait"]


async def test_a_till_listens_only_while_a_payment_is_on_its_way(free_port: int) -> None:
    assert await _steps_shown(free_port) == []
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.1", free_port)


async def test_two_payments_hear_the_same_until_each_ends(free_port: int) -> None:
    first: list[str] = []
    second: list[str] = []
    displays = Displays("127.0.0.1", free_port, Seal(PHRASE, "till-test", 1), POIID)

    async def post() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", free_port)
        writer.write(_post(_sealed(_message())))
        await reader.read()
        writer.close()

    async with displays.forwarding(CHARGE, first.append, _keeps):
        async with displays.forwarding(CHARGE, second.append, _keeps):
            await post()
        await post()
    assert (first, second) == (["Please wait"] * 2, ["Please wait"])


async def _answered(port: int, message: dict[str, Any]) -> dict[str, Any]:
    """Post a valid message and return the till's answer, checked against the schema; empty for an empty answer."""
    assert check(message) == []
    displays = Displays("127.0.0.1", port, Seal(PHRASE, "till-test", 1), POIID)
    async with displays.forwarding(CHARGE, lambda _words: None, _keeps):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_post(_sealed(message)))
        _head, _blank, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    if not body:
        return {}
    answer = json.loads(body)
    assert check(answer, sealed=True) == []
    opened = Sealing(PHRASE).open(answer)
    assert check(opened) == []
    reply: dict[str, Any] = opened["SaleToPOIResponse"]
    return reply


@pytest.mark.parametrize(
    ("device", "flag", "expected"),
    [
        ("CashierDisplay", {}, {"Result": "Success"}),
        ("CashierDisplay", {"ResponseRequiredFlag": True}, {"Result": "Success"}),
        ("CustomerDisplay", {}, {"Result": "Failure", "ErrorCondition": "UnavailableDevice"}),
        ("CashierDisplay", {"ResponseRequiredFlag": False}, None),
    ],
)
async def test_a_terminal_that_asks_if_it_was_shown_gets_an_answer(
    free_port: int, device: str, flag: dict[str, bool], expected: dict[str, str] | None
) -> None:
    message = _message()
    [output] = message["SaleToPOIRequest"]["DisplayRequest"]["DisplayOutput"]
    output |= {"Device": device} | flag
    reply = await _answered(free_port, message)
    if expected is None:
        assert reply == {}
        return
    assert reply["MessageHeader"] == _HEADER | {"MessageType": "Response"}
    [result] = reply["DisplayResponse"]["OutputResult"]
    assert result == {"Device": device, "InfoQualify": "Status", "Response": expected}


def _line(text: str) -> dict[str, Any]:
    return {"Text": text, "EndOfLineFlag": True}


@pytest.mark.parametrize(
    ("content", "header", "condition"),
    [
        ({"OutputText": [_line("MERCHANT 7"), {"Text": "PAID ", "EndOfLineFlag": False}, _line("12.50")]}, {}, None),
        ({"OutputText": [_line("x" * 96)] * 30}, {}, None),
        ({"OutputFormat": "XHTML", "OutputXHTML": "eHh4" * 65_000}, {}, "UnavailableService"),
        ({"OutputFormat": "BarCode"}, {}, "UnavailableService"),
        ({"OutputFormat": "MessageRef"}, {}, "UnavailableService"),
        ({"OutputText": [_line("x" * 97)]}, {}, "MessageFormat"),
        ({"OutputText": [_line("x" * 96)] * 40}, {}, "MessageFormat"),
        ({"OutputText": [_line("x")] * 121}, {}, "MessageFormat"),
        ({"OutputText": [_line(" ")]}, {}, "MessageFormat"),
        ({}, {}, "MessageFormat"),
        ({"OutputText": [_line("MERCHANT 7")]}, {"ServiceID": "ANOTHER123"}, "NotFound"),
        ({"OutputText": [_line("MERCHANT 7")]}, {"ServiceID": None}, "NotFound"),
        ({"OutputText": [_line("MERCHANT 7")]}, {"SaleID": "till-2"}, "NotFound"),
        ({"OutputText": [_line("MERCHANT 7")]}, {"POIID": "P400Plus-1"}, "NotFound"),
        ({"OutputText": [_line("the disk is full")]}, {}, "DeviceOut"),
    ],
)
async def test_a_slip_is_kept_or_the_terminal_gets_the_reason(
    free_port: int, content: dict[str, Any], header: dict[str, str | None], condition: str | None
) -> None:
    head = {**_HEADER, "MessageCategory": "Print", "ServiceID": CHARGE.number, **header}
    head = {name: value for name, value in head.items() if value is not None}
    output = {"DocumentQualifier": "CustomerReceipt", "ResponseMode": "PrintEnd"}
    printed = output | {"OutputContent": {"OutputFormat": "Text"} | content}
    message = {"SaleToPOIRequest": {"MessageHeader": head, "PrintRequest": {"PrintOutput": printed}}}
    reply = await _answered(free_port, message)
    assert reply["MessageHeader"] == head | {"MessageType": "Response"}
    found = {"Result": "Failure", "ErrorCondition": condition} if condition else {"Result": "Success"}
    assert reply["PrintResponse"] == {"DocumentQualifier": "CustomerReceipt", "Response": found}
