"""Terminals that are small, plain, resized at a bad moment or closed in the middle; a hundred keys typed ahead."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import termios
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyte

from tests.e2e.terminal import PATIENCE, TILL, Terminal
from till.serve.till_process import Size, TillProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

    from tests.plugins.terminals import Venue

SMALL = (40, 10)
CART = "SELECT quantity::int FROM hot.session_cart WHERE is_active"
#: More paints of the whole screen than a till keeps.
PAINTS = 40


def test_a_whole_sale_on_40_by_10(venue: Venue) -> None:
    till = venue.open_at(1, size=SMALL).type("2 idly\r").wait_for("80.00").wait_for("Idly")
    till.press("f4").wait_for("Menu").press("escape").wait_for("F9").type("1 masala dosa\r").wait_for("160.00")
    till.press("f7").wait_for("keyed twice").press("escape").press("f8").wait_for("Tables").press("escape")
    till.press("f9").wait_for("160.00").type("200\r").wait_for("Change").wait_for("● saved")
    assert all(len(row) <= SMALL[0] for row in till.rows())
    assert venue.rows("SELECT total_amount::text FROM cold.orders") == [("160.00",)]


def test_a_window_too_small_loses_no_key_and_comes_back(venue: Venue) -> None:
    till = venue.open_at(1).type("1 idly\r").wait_for("Total ₹40.00")
    for number, size in enumerate(((39, 10), (40, 9), (12, 4), (1, 1)), 1):
        till.press("ctrl+u").resize(*size).type("2 idly\r1 mas")
        till.resize(80, 24).wait_for(f"Total ₹{40 + 80 * number}.00").wait_for(lambda t: t.typed.startswith("1 mas"))
        till.wait_for(shows({"Idly": 1 + 2 * number}))


def holds(typed: str) -> Callable[[Terminal], bool]:
    """True once the entry has this text, and nothing else."""
    return lambda till: till.typed == typed


def shows(lines: dict[str, int]) -> Callable[[Terminal], bool]:
    """True once the order has these lines."""
    return lambda till: till.quantities() == lines


def test_a_window_that_changes_keeps_what_was_typed_into_a_sheet_or_the_amount(venue: Venue) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00")
    sheets = (
        ("f4", "Menu", ""),
        ("f7", "Void 3 × Idly", "spilt"),
        ("f8", "Tables", "Anna"),
        ("ctrl+p", "Commands", "pay"),
    )
    for idlies, (key, sign, typed) in enumerate(sheets, 3):
        till.press(key).wait_for(sign).type(typed)
        resize(till)
        till.wait_for(sign).wait_for(holds(typed))
        till.press("escape").press("escape").wait_for("F10 ").type("1 idly\r").wait_for(f"Total ₹{idlies * 40}.00")
        till.wait_for(shows({"Idly": idlies}))
    till.press("f9").wait_for("Enter takes").type("30").wait_for(holds("30"))
    resize(till)
    till.wait_for(holds("30")).type("0\r").wait_for("Paid ₹240.00. Change ₹60.00.")


def resize(till: Terminal) -> None:
    """Change the window four times, back to its size."""
    for size in ((120, 36), SMALL, (20, 5), (80, 24)):
        till.resize(*size).read_for(0.05)  # any moment will do


def test_a_window_closed_in_the_middle_of_a_sale_takes_no_money_and_keeps_the_lines(venue: Venue) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00")
    for key, typed in (("f4", ""), ("f7", ""), ("f9", "1")):
        till.press(key).type(typed).wait_for(lambda t: "F10 " not in t.text)
        assert till.hang_up() != 0
        till = venue.open().wait_for("This till closed unexpectedly at ").wait_for("1 order was open: 1 line, ₹80.00.")
        venue.log_in(till).wait_for("Your order is here: 1 line, ₹80.00.").wait_for("● saved")
        assert till.quantities() == {"Idly": 2}, (key, typed)
    assert venue.rows("SELECT count(*) FROM cold.orders") == [(0,)]


def test_a_till_whose_terminal_is_gone_ends_without_a_hang_up(venue: Venue) -> None:
    """Make and scripts are the first process of their terminal: the hang-up is theirs, and they wait for the till."""
    till = venue.spawn(["/bin/sh", "-c", 'trap : HUP; "$0" demo; exit 3', TILL])
    venue.log_in(till).type("2 idly\r").wait_for("Total ₹80.00")
    assert till.hang_up() == 3
    till = venue.open().wait_for("This till closed unexpectedly at ").wait_for("1 order was open: 1 line, ₹80.00.")
    till.press("ctrl+q").wait_for_end()


def test_a_till_whose_terminal_takes_no_more_output_ends(venue: Venue) -> None:
    controller, screen = os.openpty()
    till = venue.spawn(["/bin/sh", "-c", 'trap "" HUP; exec "$0" demo 2>"$1"', TILL, os.ttyname(screen)])
    painted = b""
    while b"type a number" not in painted:
        assert select.select([controller], [], [], PATIENCE)[0], painted
        painted += os.read(controller, 65536)
    os.close(screen)
    os.close(controller)
    till.type("1\r1111\r")
    assert till.wait_for_end() != 0


def test_a_terminal_that_can_draw_nothing_is_refused_in_words(bare_venue: Venue) -> None:
    till = bare_venue.open(more={"TERM": "dumb"})
    assert till.wait_for_end() == 1
    assert "till: The till needs a terminal to draw on." in till.text


def test_a_terminal_without_unicode_gets_words_and_no_row_of_question_marks(
    venue: Venue, subtests: pytest.Subtests
) -> None:
    for more in (
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ):
        with subtests.test(more=more):
            till = venue.open(more=more).wait_for("type a number")
            assert "??" not in till.text
            assert "?" not in till.light
            venue.log_in(till).type("2 idly\r").wait_for("80.00")
            assert "??" not in till.text
            till.wait_for("2 x Idly").press("f9").wait_for("takes").press("enter").wait_for("Paid")
            assert "??" not in till.text
        till.kill9()


def test_other_terminals_sell(venue: Venue, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests) -> None:
    monkeypatch.setattr(Terminal, "has_colours", True)
    for more in ({"TERM": "vt100"}, {"NO_COLOR": "1"}, {"TERM": "no-such-terminal"}):
        with subtests.test(more=more):
            till = venue.open_at(1, more=more).type("2 idly\r").wait_for("Total ₹80.00")
            till.press("f9").wait_for("Enter takes").type("100\r").wait_for("Change ₹20.00").wait_for("● saved")
            colours = {cell.fg for row in till.screen.buffer.values() for cell in row.values()}
            if "NO_COLOR" in more:
                assert colours == {"default"}
        till.kill9()


@contextmanager
def stopped(till: Terminal) -> Iterator[int]:
    """Yield the end of a terminal at which its program is, stopped: it takes no output."""
    terminal = os.open(f"/proc/{till.pid}/fd/0", os.O_RDWR | os.O_NOCTTY)
    try:
        termios.tcflow(terminal, termios.TCOOFF)
        yield terminal
    finally:
        os.close(terminal)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for something that is not on the screen."""
    ends = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_a_terminal_that_stops_sells_on_and_shows_all_once_it_goes_on(venue: Venue) -> None:
    at_once = {"TILL_SYNC__DEBOUNCE_MS": "1", "TILL_SYNC__MAX_WAIT_MS": "1"}
    till = venue.open_at(1, more=at_once).type("1 idly\r").wait_for("Total ₹40.00")
    with stopped(till) as terminal, venue.connect() as session:
        for count in range(2, 2 + PAINTS):
            os.kill(till.pid, signal.SIGCONT)  # paints all
            till.type("1 idly\r")
            wait_until(lambda: session.execute(CART).fetchall() == [(count,)])  # noqa: B023 - awaited in the turn
        termios.tcflow(terminal, termios.TCOON)
    till.wait_for(f"Total ₹{40 * count:,}.00").wait_for(shows({"Idly": count})).wait_for("F9 Pay").wait_for("● saved")
    painted = till.rows()
    os.kill(till.pid, signal.SIGCONT)
    till.type("3").wait_for(holds("3")).press("backspace").wait_for(holds(""))
    assert till.rows()[1:] == painted[1:]


def test_a_window_that_closes_while_output_waits_for_it_ends_the_till(venue: Venue) -> None:
    till = venue.spawn(["/bin/sh", "-c", 'trap : HUP; "$0" demo; exit 3', TILL])
    venue.log_in(till).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
    with stopped(till):
        till.type("1 idly\r")
        wait_until(lambda: venue.rows(CART) == [(3,)])
        assert till.hang_up() == 3
    till = venue.open().wait_for("1 order was open: 1 line, ₹120.00.")
    till.press("ctrl+q").wait_for_end()


def test_a_till_paused_by_its_shell_gives_the_terminal_back_and_goes_on(venue: Venue) -> None:
    """Ctrl+Z is a key of the till; a shell pauses it by `kill -TSTP`."""
    till = venue.spawn(["/bin/sh", "-mc", '"$0" demo; read word; echo "read $word"; fg', TILL])
    venue.log_in(till).type("2 idly\r").wait_for("Total ₹80.00")
    (pid,) = map(int, Path(f"/proc/{till.pid}/task/{till.pid}/children").read_text().split())
    os.kill(pid, signal.SIGTSTP)
    till.wait_for(lambda t: t.is_cooked).type("word\n").wait_for("read word").wait_for(lambda t: not t.is_cooked)
    till.wait_for("F9 Pay").wait_for(shows({"Idly": 2})).wait_for(lambda t: "read word" not in t.text)
    till.type("12 idly\r").wait_for(shows({"Idly": 14})).press("f12").wait_for("type a number").press("ctrl+q")
    till.wait_for_end()
    assert till.is_cooked


def test_a_screen_that_is_written_to_a_file_takes_keys(venue: Venue) -> None:
    """A thread writes it, as a file cannot be watched."""
    screen = venue.folder / "screen"
    till = venue.spawn(["/bin/sh", "-c", 'exec "$0" demo 2>"$1"', TILL, str(screen)])
    wait_until(lambda: screen.exists() and b"type a number" in screen.read_bytes())
    till.press("ctrl+q")
    assert till.wait_for_end() == 0
    assert b"\x1b[?1049l" in screen.read_bytes()


async def test_a_till_in_the_terminal_of_a_server_is_painted_again_and_hung_up(venue: Venue) -> None:
    screen, painted, codes = pyte.Screen(80, 24), asyncio.Event(), list[int]()
    stream = pyte.ByteStream(screen)

    def output(data: bytes) -> None:
        stream.feed(data.replace(b"\x1b[<u", b""))
        painted.set()

    async def sees(text: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while text not in "\n".join(screen.display):
                painted.clear()
                await painted.wait()

    till = TillProcess([TILL, "demo"], venue.environment(), Size(80, 24), output, codes.append)
    await till.start()
    await sees("type a number")
    assert await till.write(b"1\r1111\r2 idly\r")
    await sees("Total ₹80.00")
    screen.reset()
    till.repaint()
    await sees("Total ₹80.00")
    await till.hang_up()
    assert codes == [-signal.SIGHUP]
