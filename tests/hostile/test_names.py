"""Names that would move a cursor, turn an amount round or run in a spreadsheet, on every way out of the till."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.terminal import TILL
from tests.hostile.saying import one_line
from tests.plugins.commands import make_guesses_cheap, run_here

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.terminal import Terminal
    from tests.plugins.database import Database
    from tests.plugins.terminals import Venue

ESCAPES: Final = "\x1b]0;own\x07\x1b[31m\x9b2J\x1b[2J"
TURNED: Final = "\u202e\u2066\u200b"
MARKUP: Final = "[b]{0}%s[/b]"
WIDE: Final = "漢" * 60
#: By where it stands.
NAMES: Final = {
    "item": f"=cmd|A0{ESCAPES}{TURNED}{MARKUP} Idly",
    "staff": f"@Asha{ESCAPES}{TURNED}{MARKUP}",
    "venue": f"+Corner{ESCAPES}{TURNED}{MARKUP}",
    "till": f"-Bar{ESCAPES}{TURNED}"[:40],
    "tab": f"=HYPERLINK(1){MARKUP}{WIDE}",
    "reason": f"+SUM(A1){MARKUP}{WIDE}",
}
#: Whatever Textual sends to draw: cursor, colours, modes, character sets.
_DRAWING: Final = re.compile(rb"\x1b\[[<=>?]?[0-9;:]*[ $]?[@-~]|\x1b[()][0AB]|\x1b[=>78]|[\r\n\x08\x0e\x0f]")


#: Textual's own: the pointer of the mouse.
_POINTER: Final = b"\x1b]22;default\x07"


class Tap:
    """A record of all bytes that a program writes to its terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self._stream = terminal._stream
        self.data = b""
        terminal._stream = self  # type: ignore[assignment] # the one method that is called

    def feed(self, data: bytes) -> None:
        self.data += data
        self._stream.feed(data)


def check_harmless(text: str, where: str) -> None:
    bad = {hex(ord(c)) for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert not bad, (where, bad)


def check_drawn(data: bytes, where: str) -> None:
    data = data.replace(_POINTER, b"")
    for evil in (b"\x1b]", b"\x07", b"\x1b[31m", b"\x1b[2J\x1b[31m", "\x9b".encode()):
        assert evil not in data, (where, evil, data[max(0, data.find(evil) - 60) :][:120])
    check_harmless(_DRAWING.sub(b"", data).decode(), where)


@pytest.fixture
def own(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A venue where everything has a hostile name."""
    make_guesses_cheap(monkeypatch)
    config, pin, menu = tmp_path / "venue.toml", tmp_path / "pin", tmp_path / "menu.csv"
    config.write_text(f'[database]\nurl = "{database.app.url}"\nowner_url = "{database.owner.url}"\n')
    pin.write_text("1111\n")
    with menu.open("w", newline="") as file:
        csv.writer(file).writerows([["name", "price", "category"], ["'=cmd|A0 Idly", "40.00", "@Food"]])
    made = {"TILL_CONFIG": str(config)}
    for command in (
        ("admin", "users", "add", "1", "--name", "Asha", "--role", "cashier", "--pin-file", str(pin)),
        ("admin", "menu", "import", str(menu), "--yes"),
        ("admin", "tills", "add", "1", "--here"),
    ):
        done = run_here(command, more=made)
        assert done.returncode == 0, (command, done.stderr)
        check_harmless(done.stdout + done.stderr, " ".join(command[:3]))
    with database.connect() as session:  # the commands refuse such names; another program may not
        session.execute("UPDATE till.users SET name = %s", [NAMES["staff"]])
        session.execute("UPDATE till.stores SET name = %s", [NAMES["venue"]])
        session.execute("UPDATE till.tills SET name = %s", [NAMES["till"]])
        session.execute(
            "UPDATE till.settings SET body = replace(replace(body::text, '=cmd|A0 Idly', %s), '@Food', %s)::jsonb",
            [json.dumps(NAMES[name])[1:-1] for name in ("item", "staff")],
        )
    return made


def sell(venue: Venue, own: dict[str, str]) -> bytes:
    """Save an order to a tab, and sell one with a void; return all bytes written to the terminal."""
    till = venue.spawn([TILL], size=(120, 36), more=own)
    tap = Tap(till)
    till.wait_for("Asha").wait_for("● saved")
    venue.log_in(till).type("2 idly\r").wait_for("€80.00.")
    till.type(f"tab {NAMES['tab'][:40]}\r").wait_for("Saved to =HYPERLINK").press("f8").wait_for("HYPERLINK").press(
        "escape"
    )
    till.type("1 idly\r").wait_for("€40.00.").press("f7").wait_for("reason in your own words").press("f2")
    till.wait_for("In your own words").type(f"{NAMES['reason']}\r").wait_for("SUM(A1)")
    till.type("3 idly\r").wait_for("€120.00.").press("f9").wait_for("Enter takes").press("enter")
    till.wait_for("Paid €120.00").press("f4").wait_for("40.00").press("escape")
    till.wait_for("● saved").press("f12").wait_for("type a number").press("ctrl+q")
    assert till.wait_for_end() == 0
    return tap.data


def test_names_are_harmless_on_every_way_out(bare_venue: Venue, own: dict[str, str], tmp_path: Path) -> None:
    check_drawn(sell(bare_venue, own), "the screen")
    table = tmp_path / "sales.csv"
    listed = json.loads(run_here(["admin", "sessions", "list", "--json"], more=own).stdout)["sessions"]
    for command in (
        ("admin", "sessions", "list"),
        *(("admin", "sessions", "show", session["id"]) for session in listed[:2]),
        ("admin", "users", "list"),
        ("admin", "tills", "list"),
        ("report", "sales", "--day", "today"),
        ("report", "sales", "--day", "today", "--csv", str(table)),
        ("db", "status"),
        ("recover", "--list"),
    ):
        done = run_here(command, more=own)
        assert done.returncode == 0, (command, done.stderr)
        check_harmless(done.stdout + done.stderr, " ".join(command))
        if command[1] in {"sessions", "users", "sales"}:  # on a terminal there are colours too
            table.unlink(missing_ok=True)  # no command overwrites a file
            seen = Tap(shown := bare_venue.spawn([TILL, *command], more=own))
            assert shown.wait_for_end() == 0
            check_drawn(seen.data, " ".join(command))
    for command in (("admin", "users", "list", "--json"), ("admin", "tills", "list", "--json")):
        seen = Tap(shown := bare_venue.spawn([TILL, *command], more=own))
        assert shown.wait_for_end() == 0
        assert seen.data.isascii()
        assert b"\x1b" not in seen.data
        assert json.loads(seen.data) == json.loads(run_here(command, more=own).stdout), "as they are"
    check_harmless((bare_venue.folder / "logs" / "till.log").read_text(), "the log")

    cells = [cell for row in csv.reader(table.read_text("utf-8-sig").splitlines()) for cell in row]
    assert any("cmd" in cell for cell in cells)
    assert [cell for cell in cells if cell.startswith(("=", "@", "+", "\t", "\r"))] == []


@pytest.mark.parametrize("key", ["[venue]\nname", "[till]\nname", "[venue]\ntax_number"])
def test_a_nul_in_the_config_is_refused_with_its_line(database: Database, tmp_path: Path, key: str) -> None:
    config = tmp_path / "venue.toml"
    config.write_text(
        f'{key} = "a\\u0000b"\n[database]\nurl = "{database.app.url}"\nowner_url = "{database.owner.url}"\n'
    )
    message = one_line(run_here(["db", "upgrade"], more={"TILL_CONFIG": str(config)}))
    assert message.startswith(f"{config}, line 2: ")
    assert "U+0000" in message
