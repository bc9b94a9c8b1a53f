"""Keys from a terminal: Esc takes effect at once, and is never combined with the key after it."""

from __future__ import annotations

import asyncio
import errno
import os
import selectors
import signal
import sys
from codecs import getincrementaldecoder
from contextlib import suppress
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NoReturn, TextIO, cast

from textual import constants
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.events import Key, Resize
from textual.geometry import Size
from textual.messages import InBandWindowResize
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.message import Message

    from till.tui.drawing.direct import DirectApp

ESC: Final = "\x1b"
#: Characters that follow Esc in a key sequence or a terminal's reply; any other one was typed after it.
_LEADS: Final = frozenset("[OP]_^X\\" + ESC)
#: Seconds between two checks whether the till is closing.
_IDLE_S: Final = 0.1
_PASTE_START: Final = f"{ESC}[200~"
_PASTE_END: Final = f"{ESC}[201~"
_CHUNK: Final = 4096
#: The other screen, no cursor, reports of focus, and marked pastes.
_MODES: Final = f"{ESC}[?1049h{ESC}[?25l{ESC}[?1004h{ESC}[?2004h"
#: Seconds without input after which a paste is over, as without its end it would take every later key.
_SILENCE_S: Final = 1.0


class Pastes:
    """A filter of escapes in pasted text. After one, Textual would take the rest of a paste for keys.

    Most terminals remove them already, but on no terminal may a paste press Ctrl+G.
    """

    def __init__(self) -> None:
        self._inside = False
        self._held = ""
        self._over_at = inf

    def clean(self, text: str) -> str:
        """Return the input with clean pastes. What may begin a paste's end marker is held for the next call."""
        self._over_at = monotonic() + _SILENCE_S
        text, self._held = self._held + text, ""
        kept: list[str] = []
        while text:
            mark = _PASTE_END if self._inside else _PASTE_START
            before, found, text = text.partition(mark)
            if self._inside and not found:
                before, self._held = _part_at_end(before)
            kept += [before.replace(ESC, "") if self._inside else before, found]
            self._inside = self._inside != bool(found)
        return "".join(kept)

    def end_in_silence(self) -> str:
        """Return the end of a paste once after each input that nothing followed; Textual ignores it outside a paste."""
        if monotonic() < self._over_at:
            return ""
        ended, self._over_at = self.clean(_PASTE_END), inf
        return ended


def _part_at_end(text: str) -> tuple[str, str]:
    """Split off the end of a text that may be the beginning of a paste's end marker."""
    for length in range(min(len(_PASTE_END) - 1, len(text)), 0, -1):
        if text.endswith(_PASTE_END[:length]):
            return text[:-length], text[-length:]
    return text, ""


class TillParser(XTermParser):
    """A parser that takes Esc and a key in one burst for two keys: a till has no Alt, but users type ahead."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        if len(sequence) == 2 and sequence[0] == ESC and sequence[1] not in _LEADS:  # noqa: PLR2004 - Esc and one more
            return [Key("escape", ESC), *super()._sequence_to_key_events(sequence[1])]
        try:
            return list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):  # the number of a key that is none would end the thread that reads keys
            return []

    @override
    def feed(self, data: str) -> Iterable[Message]:
        """Parse input, skipping empty input of a partial character or paste, which Textual would take for the end.

        The kernel says the window's size. One that comes by keys is not taken: whoever types could make it any.
        """
        for message in super().feed(data) if data else ():
            self.mouse_pixels = False
            if not isinstance(message, Resize | InBandWindowResize):
                yield message

    def patience(self) -> float:
        """Return the seconds until a lone Esc is known to be one, or until the thread must check for closing."""
        if self._timeout_time is None:
            return _IDLE_S
        return max(0.0, min(_IDLE_S, self._timeout_time - monotonic()))


def _hang_up() -> NoReturn:
    """End the till as a closed window does.

    The signal of a closed window goes to the first process of a terminal only. If that is `make` or a script, it waits
    for the till, which would keep its journal without a screen.
    """
    os.kill(os.getpid(), signal.SIGHUP)
    os._exit(128 + signal.SIGHUP)  # a caller of the till made it ignore hang-ups


def _read(terminal: int) -> bytes:
    """Return input; hang up if the terminal is gone."""
    try:
        return os.read(terminal, _CHUNK) or _hang_up()
    except OSError as problem:
        if problem.errno != errno.EIO:
            raise
        _hang_up()


class _Output:
    """The output of a terminal, which hangs up if the terminal takes no more.

    Otherwise Textual's thread for it would end, and the app would wait for that thread once its queue is full.

    Args:
        file: writes to the terminal.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Write text."""
        try:
            self._file.write(text)
        except OSError:
            _hang_up()

    def flush(self) -> None:
        """Send what was written."""
        try:
            self._file.flush()
        except OSError:
            _hang_up()

    def fileno(self) -> int:
        """Return the descriptor of the terminal."""
        return self._file.fileno()


class _WholeReads(Driver):
    """A driver that hands the app all that one read brought at once."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._read: list[Message] = []

    @override
    def send_message(self, message: Message) -> None:
        """Keep a message until all that was read is parsed."""
        self._read.append(message)

    def hand_over(self) -> None:
        """Hand the app what was read, if anything was."""
        if self._read:
            read, self._read = self._read, []
            self._loop.call_soon_threadsafe(cast("DirectApp", self._app).take_input, read)


def till_driver() -> type[Driver] | None:
    """Return Textual's driver with this parser; None on Windows and for a driver set in Textual's environment."""
    if sys.platform == "win32" or constants.DRIVER is not None:
        return None
    import termios  # noqa: PLC0415 - not to be imported on Windows, as the next two
    import tty  # noqa: PLC0415

    from textual.drivers.linux_driver import LinuxDriver  # noqa: PLC0415

    class TillDriver(_WholeReads, LinuxDriver):
        """A driver that ends the till if its terminal is gone.

        It waits for an escape sequence no longer than `ESCDELAY`; Textual waits a tenth of a second.
        """

        @override
        def start_application_mode(self) -> None:
            """Set the terminal up, with an output that hangs up."""
            self._file = cast("Any", _Output(cast("TextIO", sys.__stderr__)))
            super().start_application_mode()  # type: ignore[no-untyped-call]

        @override
        def resume_application_mode(self) -> None:
            """Set the terminal up again after a pause (SIGCONT).

            No handler sees the beginning of a pause by SIGSTOP: both threads still run, and keep what they hold. As a
            signal may interrupt a write to one of them, the loop writes.
            """
            if self._key_thread is None or not self._key_thread.is_alive():
                super().resume_application_mode()
            else:
                asyncio.get_running_loop().call_soon_threadsafe(self._set_modes_again)

        def _set_modes_again(self) -> None:
            """Set what a shell may have changed meanwhile, and paint all again."""
            with suppress(termios.error):  # not a terminal
                attributes = termios.tcgetattr(self.fileno)
                attributes[tty.LFLAG] = self._patch_lflag(attributes[tty.LFLAG])
                attributes[tty.IFLAG] = self._patch_iflag(attributes[tty.IFLAG])
                termios.tcsetattr(self.fileno, termios.TCSANOW, attributes)
            self.write(_MODES)
            self._enable_mouse_support()
            self._disable_line_wrap()
            size = Size(*self._get_terminal_size())
            self._app.post_message(Resize(size, size))

        def run_input_thread(self) -> None:
            """Read keys until the till closes."""
            parser = TillParser(self._debug)
            decode = getincrementaldecoder("utf-8")(errors="replace").decode
            pastes = Pastes()
            with selectors.SelectSelector() as selector:
                selector.register(self.fileno, selectors.EVENT_READ)
                while not self.exit_event.is_set():
                    messages: list[Message] = []
                    if selector.select(parser.patience()):
                        messages += parser.feed(pastes.clean(decode(_read(self.fileno))))
                    for message in (*messages, *parser.tick(), *parser.feed(pastes.end_in_silence())):
                        self.process_message(message)
                    self.hand_over()

    return TillDriver
