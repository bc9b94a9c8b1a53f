"""Keys as a terminal sends them: bytes in, keys out."""

from __future__ import annotations

import asyncio
import math
import os
import pty
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest
from textual.events import Key, MouseDown, MouseEvent, Paste, Resize

from till.tui.screens.sell.commands import TABLE, make_keymap
from till.tui.shell import terminal_driver
from till.tui.shell.entry_line import EMPTY, LONGEST, EntryLine
from till.tui.shell.keymap import KeyPress
from till.tui.shell.terminal import TillParser
from till.tui.shell.terminal_driver import TillDriver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from textual.message import Message


def keys(sent: str) -> list[str]:
    parser = TillParser()
    return [event.key for event in parser.feed(sent) if isinstance(event, Key)]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("\x1b9", ["escape", "9"]),
        ("\x1bt", ["escape", "t"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b1\r1111\r", ["escape", "1", "enter", "1", "1", "1", "1", "enter"]),
        ("\x1bOP\x1b[15~\x1b[A", ["f1", "f5", "up"]),
        ("\x1b[3~\x1b[5~", ["delete", "pageup"]),
        ("2 idly\r", ["2", "space", "i", "d", "l", "y", "enter"]),
    ],
)
def test_esc_and_what_is_typed_after_it_are_two_keys(sent: str, read: list[str]) -> None:
    assert keys(sent) == read


def test_half_a_character_is_not_the_end_of_all_keys() -> None:
    """A Latin-1 terminal sends é as the first byte of a UTF-8 character; a slow line sends any character in parts."""
    parser, decode = TillParser(), getincrementaldecoder("utf-8")(errors="replace").decode
    found = [event for byte in b"\xc3\xa9\xe92" for event in parser.feed(decode(bytes([byte])))]
    assert [one.character for one in found if isinstance(one, Key)] == ["é", "\N{REPLACEMENT CHARACTER}", "2"]


@pytest.mark.parametrize("size", ["\x1b[48;2;2;0;0t", "\x1b[48;99999;99999;9;9t", "\x1b[?2048;1$y", "\x1b[?2048;2$y"])
def test_a_size_by_keys_is_not_taken(size: str) -> None:
    parser = TillParser()
    found = list(parser.feed(f"{size}\x1b[<0;5;4M"))
    assert [(type(one), one.x, one.y) for one in found if isinstance(one, MouseEvent)] == [(MouseDown, 4, 3)]
    assert len(found) == 1


@pytest.mark.parametrize("noise", ["\x1b[9999999u", "\x1b[8672441398;u", "\x1b[1:2;3u"])
def test_the_number_of_a_key_that_is_none_does_not_end_the_keys(noise: str) -> None:
    assert keys(f"{noise}{'x' * 32}\x1b[15~")[-1] == "f5"


def test_a_lone_esc_is_known_after_escdelay() -> None:
    parser = TillParser()
    assert list(parser.feed("\x1b")) == []
    assert parser.known_at <= time.monotonic() + 0.1
    time.sleep(max(0.0, parser.known_at - time.monotonic()))
    assert [event.key for event in parser.tick() if isinstance(event, Key)] == ["escape"]
    assert parser.known_at == math.inf


class _Taking:
    """An app that notes the input that it is handed, and each size at which it is to paint all."""

    def __init__(self, seen: asyncio.Queue[tuple[str, float]]) -> None:
        self._seen = seen
        self.painted_all = 0

    def take_input(self, messages: Sequence[Message]) -> None:
        for message in messages:
            text = message.text if isinstance(message, Paste) else getattr(message, "key", "")
            self._seen.put_nowait((text, time.monotonic()))

    def post_message(self, message: Message) -> None:
        self.painted_all += isinstance(message, Resize)

    async def _post_message(self, message: Message) -> None:
        self.post_message(message)


@asynccontextmanager
async def running(
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[TillDriver, int, asyncio.Queue[tuple[str, float]]]]:
    """Run the driver on a real terminal; keys and texts of pastes come with the time of each."""
    controller, terminal = pty.openpty()
    seen: asyncio.Queue[tuple[str, float]] = asyncio.Queue()
    with os.fdopen(terminal, closefd=False) as keys, os.fdopen(terminal, "w", closefd=False) as screen:
        monkeypatch.setattr(sys, "__stdin__", keys)
        monkeypatch.setattr(sys, "__stderr__", screen)
        driver = TillDriver(cast("Any", _Taking(seen)))
        driver.start_application_mode()
        try:
            yield driver, controller, seen
        finally:
            driver.stop_application_mode()
            driver.close()
    os.close(controller)
    os.close(terminal)


@asynccontextmanager
async def reading(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[int, asyncio.Queue[tuple[str, float]]]]:
    async with running(monkeypatch) as (_driver, controller, seen):
        yield controller, seen


def has_echo(controller: int) -> bool:
    return bool(termios.tcgetattr(controller)[3] & termios.ECHO)


async def test_a_pause_while_the_till_closes_leaves_the_terminal_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sync and the database still end then, with the signals of the driver in place."""
    async with running(monkeypatch) as (driver, controller, _seen):
        assert not has_echo(controller)
        driver.suspend_application_mode()
        assert has_echo(controller)
        driver.resume_application_mode()
        assert not has_echo(controller)
        driver.disable_input()
        driver.resume_application_mode()
        driver.stop_application_mode()
        driver.close()
        for _time in range(2):
            driver.suspend_application_mode()
            driver.resume_application_mode()
            assert has_echo(controller)


async def test_no_thread_reads_or_writes_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    async with reading(monkeypatch) as (controller, seen):
        os.write(controller, b"2")
        assert (await asyncio.wait_for(seen.get(), 5))[0] == "2"
        assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("textual-")]


async def test_a_terminal_of_another_user_keeps_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """After `su` a terminal cannot be opened by its name, only used."""
    monkeypatch.setattr(terminal_driver, "open_again", lambda _terminal, _how: None)
    async with reading(monkeypatch) as (controller, seen):
        os.write(controller, b"2\x1b[15~")
        assert [(await asyncio.wait_for(seen.get(), 5))[0] for _key in range(2)] == ["2", "f5"]
        assert b"\x1b[?1049h" in os.read(controller, 4096)


async def test_the_driver_reads_a_real_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.constants.ESCAPE_DELAY", 0.01)
    async with reading(monkeypatch) as (controller, seen):
        os.write(controller, "2 é\x1b[15~".encode())
        read = [(await asyncio.wait_for(seen.get(), 5))[0] for _key in range(4)]
        assert read[:2] == ["2", "space"]
        assert read[3] == "f5"
        waits = []
        for _try in range(5):
            pressed = time.monotonic()
            os.write(controller, b"\x1b")
            key, at = await asyncio.wait_for(seen.get(), 5)
            assert key == "escape"
            waits.append(at - pressed)
        assert min(waits) < 0.08  # Textual's own driver takes a tenth at least


@pytest.mark.parametrize("chunk", [1, 4096])
async def test_a_paste_without_an_end_ends_in_silence(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """Noise on the line starts a paste: what came is a paste, and the keys after it are keys."""
    monkeypatch.setattr("till.tui.shell.terminal_driver._CHUNK", chunk)
    async with reading(monkeypatch) as (controller, seen):
        os.write(controller, b"\x1b[200~2 idly\r")
        assert (await asyncio.wait_for(seen.get(), 5))[0] == "2 idly\r"
        os.write(controller, b"\x1b[201~\x1b[15~3")
        assert [(await asyncio.wait_for(seen.get(), 5))[0] for _key in range(2)] == ["f5", "3"]
        assert seen.empty()


def press(key: str, char: str = "") -> KeyPress:
    return KeyPress(key, char)


def typed(line: EntryLine, *names: str) -> EntryLine:
    for name in names:
        line = line.take(press(name, name if len(name) == 1 else "")) or line
    return line


def test_the_line_is_edited() -> None:
    line = typed(EMPTY, *"2 idly", "home", "right", "backspace")
    assert (line.text, line.cursor) == (" idly", 0)
    line = typed(line, "end", "ctrl+w")
    assert line.text == ""
    assert line.take(press("f9")) is None


def test_a_paste_is_made_harmless_and_cut() -> None:
    line = EntryLine.of("ab").take(KeyPress("paste", paste="\x1b[31m\n" + "x" * 2 * LONGEST))
    assert line is not None
    assert len(line.text) == LONGEST
    assert line.text.isprintable()


def test_a_refused_entry_makes_room_for_the_next() -> None:
    assert typed(EntryLine.offer("999"), "2").text == "2"
    assert typed(EntryLine.offer("999"), "backspace", "2").text == "992"


def test_keys_are_remapped_and_a_clash_is_refused() -> None:
    keymap = make_keymap({"pay": "F6"})
    assert keymap.command(press("f6")) == "pay"
    assert keymap.label("quantity") == "Ctrl+K"
    assert keymap.command(press("f9")) is None
    for wrong in ({"pay": "f6", "void": "f6"}, {"fly": "f6"}, {"pay": "enter"}, {"pay": "x"}):
        with pytest.raises(Exception, match=r"\[keys\]"):
            make_keymap(wrong)


def test_every_command_has_two_keys_and_no_key_two_commands() -> None:
    keymap = make_keymap()
    for command in TABLE:
        assert not command.keys or keymap.labels(command.name).count(" or ") == 1
        assert all(keymap.command(press(key)) == command.name for key in command.keys), "one key, one command"
        assert not any("alt+" in key for key in command.keys), "a till has no Alt"
