"""`till admin printers`: the receipt printers of a venue, from a shell."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.printer.device import Device
from tests.printer.server import TcpPrinter, listening
from till.cli.health.printers import printer_parts
from till.domain.settings import VenueSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Shell

ADD = ("admin", "printers", "add")
CHANGE = ("admin", "printers", "change")


@pytest.fixture
def shop(staffed: Shell) -> Shell:
    staffed.become(9)
    for number in ("1", "2", "3"):
        staffed.ok("admin", "tills", "add", number, "--here")
    return staffed


def listed(shell: Shell) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = shell("admin", "printers", "list", "--json").json["printers"]
    return rows


@contextmanager
def running(device: Device) -> Iterator[TcpPrinter]:
    """Run a printer in a thread of its own, as a command waits for it in this one."""
    loop, begun, ends = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    found: list[TcpPrinter] = []

    async def run() -> None:
        async with listening(device) as printer:
            found.append(printer)
            begun.set()
            await ends.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    begun.wait()
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(ends.set)
        thread.join()
        loop.close()


def test_printers_are_added_listed_and_removed(shop: Shell) -> None:
    added = shop.ok(*ADD, "Bar", "192.168.1.50", "--columns", "48", "--receipts", "1", "--receipts", "2")
    assert added.splitlines()[0] == "Added Bar: prints for till 1, 2; opens the drawer of till 1."
    assert shop.ok(*ADD, "Counter", "/dev/usb/lp0", "--drawer", "0").splitlines()[0] == (
        "Added Counter: prints for till 3."
    )
    assert [(one["name"], one["address"], one["columns"], one["receipts"], one["drawer"]) for one in listed(shop)] == [
        ("Bar", "tcp://192.168.1.50", 48, [1, 2], 1),
        ("Counter", "/dev/usb/lp0", 42, [3], 0),
    ]
    table = shop.ok("admin", "printers", "list")
    assert "status, ids" in table
    assert "prints for till 1, 2; opens the drawer of till 1" in table
    assert shop.ok("admin", "printers", "remove", "bar") == "Removed printer Bar.\n"
    assert [one["name"] for one in listed(shop)] == ["Counter"]
    assert "printers: [" in shop.ok("admin", "audit", "show")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("New", "ftp://192.168.1.50"), "A printer's address is like 192.168.1.50, or /dev/usb/lp0."),
        (("New", "tcp://bar:99999"), "A printer's address is like 192.168.1.50, or /dev/usb/lp0."),
        (("New", "10.0.0.1", "--receipts", "9"), "There is no till 9. `till admin tills list` lists them."),
        (("New", "10.0.0.1", "--drawer", "9"), "There is no till 9. `till admin tills list` lists them."),
        (("BAR", "10.0.0.1"), "There is a printer BAR already. `till admin printers change` changes it."),
        (("New", "10.0.0.1", "--receipts", "1"), "Bar prints for till 1 already."),
        (("New", "10.0.0.1", "--receipts", "2", "--drawer", "1"), "Bar opens the drawer of till 1 already."),
        (("A name of more than 20 letters", "10.0.0.1"), "A printer is a list such as"),
        (("New", "10.0.0.1", "--code-page", "ebcdic"), "There is no code page ebcdic. There are: cp437"),
    ],
)
def test_wrong_printers_are_refused_in_a_sentence(shop: Shell, typed: tuple[str, ...], sentence: str) -> None:
    shop.ok(*ADD, "Bar", "192.168.1.50", "--receipts", "1")
    assert shop.refused(*ADD, *typed).startswith(sentence)
    assert [one["name"] for one in listed(shop)] == ["Bar"]


def test_a_printer_is_extended_to_another_till_and_keeps_the_rest(shop: Shell) -> None:
    shop.ok(*ADD, "Bar", "192.168.1.50", "--columns", "48", "--receipts", "1", "--code-page", "cp437", "--no-cutter")
    before, deaf = listed(shop)[0], {"asks_status": False, "answers_ids": False}
    shop.ok("admin", "settings", "set", "printers", json.dumps([{**before, **deaf}]).replace('":', '" ='))
    assert shop.ok(*CHANGE, "bar", "--receipts", "1", "--receipts", "2") == (
        "Changed Bar: prints for till 1, 2; opens the drawer of till 1.\n"
    )
    assert listed(shop) == [{**before, **deaf, "receipts": [1, 2]}]
    changed = shop.ok(*CHANGE, "Bar", "--address", "10.0.0.7", "--columns", "32", "--drawer", "2")
    assert changed.splitlines()[0] == "Changed Bar: prints for till 1, 2; opens the drawer of till 2."
    moved = {"address": "tcp://10.0.0.7", "columns": 32, "receipts": [1, 2], "drawer": 2}
    assert listed(shop) == [{**before, **moved}], "a printer at another address is asked again what it can do"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("Gone", "--drawer", "1"), "There is no printer Gone. The printers: Bar, Counter."),
        (("Bar", "--receipts", "1", "--receipts", "2"), "Counter prints for till 2 already."),
        (("Bar", "--drawer", "2"), "Counter opens the drawer of till 2 already."),
        (("Bar", "--receipts", "9"), "There is no till 9. `till admin tills list` lists them."),
        (("Bar", "--address", "ftp://x"), "A printer's address is like 192.168.1.50, or /dev/usb/lp0."),
        (("Bar", "--code-page", "ebcdic"), "There is no code page ebcdic. There are: cp437"),
        (("Bar",), "Name what changes: receipts 1 2, drawer 1, columns 48, or address."),
    ],
)
def test_a_change_that_does_not_fit_changes_nothing(shop: Shell, typed: tuple[str, ...], sentence: str) -> None:
    shop.ok(*ADD, "Bar", "192.168.1.50", "--receipts", "1")
    shop.ok(*ADD, "Counter", "192.168.1.51", "--receipts", "2")
    before = listed(shop)
    assert sentence in shop.refused(*CHANGE, *typed)
    assert listed(shop) == before


@pytest.mark.parametrize(
    ("printers", "sentence"),
    [
        ('[{name = "Bar", address = "tcp://a", receipts = [7]}]', "there is no till 7 for a printer"),
        ('[{name = "Bar", address = "tcp://a"}, {name = "BAR", address = "tcp://b"}]', "two printers have one name"),
    ],
)
def test_the_server_refuses_printers_that_do_not_fit(shop: Shell, printers: str, sentence: str) -> None:
    assert sentence in shop.refused("admin", "settings", "set", "printers", printers)


def test_a_test_prints_a_page_and_keeps_what_the_printer_answers(
    shop: Shell,
) -> None:
    assert shop.refused("admin", "printers", "test", "Bar") == (
        "There is no such printer. `till admin printers list` lists them."
    )
    device = Device()
    with running(device) as printer:
        mute = f'[{{name = "Bar", address = "{printer.address}", asks_status = false, answers_ids = false}}]'
        shop.ok("admin", "settings", "set", "printers", mute)
        assert shop.ok("admin", "printers", "test", "bar") == "Bar printed a page, and said so.\n"
        assert [(one["asks_status"], one["answers_ids"]) for one in listed(shop)] == [(True, True)]
        assert "123456789012345678901234567890123456789012\näöüß éèñ €£¥ ÆØÅ" in device.text
        device.has_paper = False
        assert shop.refused("admin", "printers", "test", "Bar") == (
            f"Bar, {printer.address}: no paper. Put in a new roll."
        )
    shop.ok("admin", "printers", "remove", "Bar")
    shop.ok(*ADD, "Bar", "tcp://127.0.0.1:1")
    assert "not reached" in shop.refused("admin", "printers", "test", "Bar")


def test_a_test_keeps_whether_a_printer_draws_and_another_machine_is_asked_again(shop: Shell) -> None:
    def drawing() -> list[str]:
        settings = shop("admin", "settings", "list", "--json").json["settings"]
        return [name for one in settings if one["key"] == "drawing" for name in one["value"]]

    device = Device()
    with running(device) as printer:
        shop.ok(*ADD, "Bar", printer.address)
        shop.ok("admin", "printers", "test", "Bar")
        assert [row for row in device.sheets[-1].dots if row.strip(b"\xff") == b""] == []
        assert drawing() == []
        noted = shop("admin", "printers", "test", "Bar", "--draws").err
        assert "No black bar as wide as the row of digits? `till admin printers test Bar --no-draws`." in noted
        assert device.sheets[-1].dots == [b"\xff" * 63] * 24
        assert drawing() == ["Bar"]
        shop.ok("admin", "printers", "test", "Bar")
        assert (len(device.sheets[-1].dots), drawing()) == (24, ["Bar"])
        shop.ok(*CHANGE, "Bar", "--columns", "48")
        assert drawing() == ["Bar"]
        shop.ok("admin", "printers", "test", "Bar", "--no-draws")
        assert (device.sheets[-1].dots, drawing()) == ([], [])
        shop.ok("admin", "printers", "test", "Bar", "--draws")
    shop.ok(*CHANGE, "Bar", "--address", "10.0.0.7")
    assert drawing() == []


def test_doctor_asks_each_printer_of_this_machine() -> None:
    body = msgspec.to_builtins(VenueSettings())
    with running(Device()) as printer:
        body["printers"] = [
            {"name": "Bar", "address": printer.address},
            {"name": "Gone", "address": "tcp://127.0.0.1:1"},
            {"name": "Mine", "address": "/nowhere/lp0", "receipts": [1]},
            {"name": "Theirs", "address": "/nowhere/lp0", "receipts": [2]},
        ]
        found = list(printer_parts(body, [1]))
    assert [(one.part, str(one.verdict), one.sentence) for one in found] == [
        ("printer Bar", "ok", f"It would print: {printer.address}."),
        ("printer Gone", "wrong", "tcp://127.0.0.1:1: not reached."),
        ("printer Mine", "wrong", "/nowhere/lp0: not reached."),
    ]
