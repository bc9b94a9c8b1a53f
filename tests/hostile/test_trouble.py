"""Errors of our own: no traceback reaches a person, no secret reaches the log. Also arbitrary arguments."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.plugins.secrets import leaked
from till.cli.main import COMMANDS, main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.plugins.terminals import Venue

#: A till with a fault in it: the scene, the method, and what is done there.
FAULT = """
import sys
from till.tui.screens.login import scene as login
from till.tui.screens.pay import scene as pay
from till.tui.screens.sell import scene as sell
from till.register import staff
where, name = sys.argv[1].split(".")
kind = {"login": login.LoginScene, "sell": sell.SellScene, "pay": pay.PayScene, "access": staff.Access}[where]
kept = getattr(kind, name)
def fail(self, *given):
    pin = "".join(map(str, given))
    if where in {"access", "login"} and name != "press" or any(getattr(one, "char", "") == "!" for one in given):
        raise RuntimeError("kettle")
    return kept(self, *given)
setattr(kind, name, fail)
from till.cli.main import main
sys.exit(main(["demo"]))
"""


def test_a_fault_is_one_line_and_the_log_and_what_was_keyed_is_there_again(venue: Venue) -> None:
    till = venue.open_at(2).type("2 idly\r").wait_for("Total ₹80.00")
    till.type("1 te").wait_for(lambda t: t.typed.startswith("1 te")).kill9()
    log, read = venue.folder / "logs" / "till.log", 0
    for where in ("sell.press", "pay.press", "login.press", "access.verify", "access.admit"):
        till = venue.spawn([sys.executable, "-c", FAULT, where]).wait_for("type a number")
        till.type({"login.press": "!", "pay.press": "2\r2222\r\x15\x1b[20~!"}.get(where, "2\r2222\r!"))
        assert till.wait_for_end() == 1, where
        rows = " ".join(till.text.split())
        assert "Something went wrong inside the till (RuntimeError)" in rows, where
        assert "Traceback" not in till.text
        assert "kettle" not in till.text
        written = log.read_text()[read:]
        read += len(written)
        assert "RuntimeError: kettle" in written, where
        secrets = [file.read_text().strip() for file in (venue.folder / "secrets").iterdir() if file.is_file()]
        assert secrets
        assert leaked(("2222", "1111", "9999", "argon2id", *secrets), written) == [], where
    till = venue.log_in(venue.open(), 2).wait_for("Your order is here: 1 line, ₹80.00.")
    assert till.quantities() == {"Idly": 2}


_WORDS = st.sampled_from(
    [
        *COMMANDS,
        *(
            "add",
            "list",
            "users",
            "tills",
            "menu",
            "import",
            "export",
            "list-sessions",
            "show-session",
            "close-session",
        ),
        *(
            "sales",
            "set-pin",
            "unlock",
            "disable",
            "status",
            "check",
            "stop",
            "--json",
            "--day",
            "--csv",
            "--limit",
            "--",
        ),
        *("--help", "-h", "--status", "--user", "--till", "--after", "--reason", "--name", "--role", "--pin-file", "-"),
        *("--days", "--speed", "--ending", "--session", "--resume", "--park", "--discard", "--give-to", "today", "max"),
        *(
            "0",
            "-1",
            "1",
            "999",
            "1e9",
            "9" * 30,
            "",
            " ",
            "\x1b[31m",
            "\u202e",
            "²",
            "/nowhere",
            "\ud83d",
            "%s",
            "{0}",
        ),
        *("00000000-0000-0000-0000-000000000000", "[b]", "=cmd", "'; drop table till.users; --", "é" * 300),
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_WORDS, max_size=6))
def test_any_arguments_end_with_0_1_or_2_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    # A database by URL where nobody listens: no arguments may start a server here.
    monkeypatch.setitem(os.environ, "TILL_DATABASE__URL", "postgresql://u:hunter2@127.0.0.1:9/none")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    message = err.getvalue()
    assert code in {0, 1, 2}
    assert "Traceback" not in out.getvalue() + message
    assert "inside the till" not in message
    assert "hunter2" not in out.getvalue() + message
    found_wrong = arguments[:1] == ["doctor"] and "wrong" in out.getvalue().casefold()  # which is its answer
    assert code == 0 or message.startswith("till: ") or found_wrong
    assert all(line.isprintable() for line in message.splitlines())
