"""Terminals that are missing, closed, resized, or used twice; and an ordinary user's."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.e2e.terminal import PATIENCE, TILL
from tests.plugins.folders import run_dir
from tests.plugins.terminals import Venue

ROOT = Path(__file__).parents[2]
#: Asks for frames that are painted at once, and paints one in two pieces.
_TWO_PIECES = """
import sys, termios, tty
tty.setraw(0)
def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()
write("\\x1b[?2026$p")
assert sys.stdin.read(11) == "\\x1b[?2026;2$y"
write("before\\x1b[?2026h\\x1b[Hhalf")
assert sys.stdin.read(1) == "x"
write(" of it\\x1b[?2026l")
"""


def test_a_test_reads_no_half_frame(bare_venue: Venue) -> None:
    till = bare_venue.spawn([sys.executable, "-c", _TWO_PIECES]).wait_for("before")
    assert "half" not in till.text
    till.press("x").wait_for("half of it").wait_for_end()


def test_without_a_terminal_it_says_so_in_one_line_and_makes_no_venue(bare_venue: Venue) -> None:
    done = bare_venue.run("demo")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("till: The till needs a terminal to draw on.")
    assert done.stderr.count("\n") == 1
    assert not list(bare_venue.folder.glob("*"))


def test_a_screen_that_is_piped_away_is_none(bare_venue: Venue) -> None:
    till = bare_venue.spawn(["/bin/sh", "-c", f"'{TILL}' demo | cat"])
    till.wait_for("The till needs a terminal to draw on.").wait_for_end()


@pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")
def test_make_till_without_a_terminal_sets_up_and_says_that_it_needs_one(bare_venue: Venue) -> None:
    made = ["-o", "setup", f"BIN={Path(sys.executable).parent}"]  # the tests run in what `make setup` made
    # Under `make test` this is not a make within a make: that one would say which folder it enters.
    own = {name: value for name, value in bare_venue.environment().items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    done = subprocess.run(
        ["make", *made, "till"],
        cwd=ROOT,
        env=own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("till: The till needs a terminal to draw on.")
    assert done.stderr.count("\n") == 1


def test_a_till_refuses_a_second_process_is_asked_to_end_and_closes_cleanly(venue: Venue) -> None:
    first = venue.open_at(1).type("2 idly\r1 masala dosa\r").wait_for("Total ₹160.00")
    second = venue.open()
    assert second.wait_for_end() == 1
    rows = [row for row in second.rows() if row]
    assert str(first.pid) in " ".join(rows)
    assert len("".join(rows)) < 2 * second.screen.columns, second.picture()

    first.type("3 bad").wait_for(lambda t: t.typed == "3 bad").wait_for("● saved")
    os.kill(first.pid, signal.SIGTERM)
    assert first.wait_for_end() == 0
    assert first.is_cooked
    again = venue.open().wait_for("2 lines, ₹160.00 open")
    assert "unexpectedly" not in again.text
    venue.log_in(again).wait_for("Your order is here: 2 lines, ₹160.00.").wait_for(lambda t: t.typed == "3 bad")
    again.press("f12").wait_for("type a number").press("ctrl+q")
    assert again.wait_for_end() == 0
    assert "unexpectedly" not in venue.open().wait_for("type a number").text


def test_a_window_that_changes_its_size_shows_the_same_order(venue: Venue) -> None:
    till = venue.open_at(1).type("2 idly\r1 masala dosa\r").wait_for("Total ₹160.00")
    lines = {"Idly": 2, "Masala Dosa": 1}
    till.resize(120, 36).wait_for("Filter Coffee").wait_for(lambda t: t.quantities() == lines)
    till.resize(80, 24).wait_for(lambda t: "Filter Coffee" not in t.text and t.quantities() == lines)


@pytest.fixture
def commoner() -> list[str]:
    """A command line that runs what follows as an ordinary user; empty when we are one."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root needs setpriv to run a till as another user, and this machine has none")
    user = pwd.getpwnam("nobody")
    # The interpreter may stand in a folder of root's: to read it is all that is granted.
    read = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *read]


def test_an_ordinary_user_sells_from_the_first_start(commoner: list[str], pytestconfig: pytest.Config) -> None:
    home = Path(tempfile.mkdtemp(dir=run_dir(pytestconfig)))
    if commoner:
        user = pwd.getpwnam("nobody")
        os.chown(home, user.pw_uid, user.pw_gid)
    venue, stopped = Venue(home / "data", as_user=commoner), ""
    try:
        till = venue.log_in(venue.open(more={"HOME": str(home)}))
        till.type("2 idly\r").wait_for("Total ₹80.00").press("f9").wait_for("Enter takes").type("100\r")
        till.wait_for("Change ₹20.00").wait_for("● saved")
        report = venue.ask("report", "sales", "--day", "today")
        assert report["tenders"] == {"CASH": "80.00"}
        till.press("f12").wait_for("type a number").press("ctrl+q")
        assert till.wait_for_end() == 0
        stopped = venue.run("db", "status").stdout
        assert "stopped" in stopped
        assert {path.stat().st_uid for path in home.rglob("*")} == {home.stat().st_uid}
    finally:
        venue.close()
        if "stopped" not in stopped:
            venue.run("db", "stop", "--force")
        shutil.rmtree(home)
