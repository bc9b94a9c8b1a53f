"""The till's terminal on Linux and macOS: the app's loop reads keys and writes rows, without threads (ADR 0074)."""

from __future__ import annotations

import errno
import os
import selectors
import signal
import sys
import termios
import tty
from contextlib import suppress
from functools import partial
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size
from typing_extensions import override

from till.tui.shell.terminal import ESC, Input
from till.tui.shell.terminal_output import TerminalOutput, hang_up, open_again

if TYPE_CHECKING:
    import asyncio

    from textual.message import Message

    from till.tui.drawing.direct import DirectApp

_CHUNK: Final = 4096
#: Seconds between two checks of a thread that reads whether the till is closing.
_IDLE_S: Final = 0.1
#: The other screen, no cursor, reports of focus, and marked pastes.
_MODES: Final = f"{ESC}[?1049h{ESC}[?25l{ESC}[?1004h{ESC}[?2004h"


def _read(terminal: int) -> bytes:
    """Return input, b"" if somebody else read it; hang up if the terminal is gone."""
    try:
        return os.read(terminal, _CHUNK) or hang_up()
    except BlockingIOError:
        return b""
    except OSError as problem:
        if problem.errno != errno.EIO:
            raise
        hang_up()


class _Output:
    """The output of Textual's thread, which hangs up if the terminal takes no more.

    Otherwise that thread would end, and the app would wait for it once its queue is full.

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
            hang_up()

    def flush(self) -> None:
        """Send what was written."""
        try:
            self._file.flush()
        except OSError:
            hang_up()

    def fileno(self) -> int:
        """Return the descriptor of the terminal."""
        return self._file.fileno()


class TillDriver(LinuxDriver):
    """A driver that reads and writes in the app's loop, and ends the till if its terminal is gone.

    What cannot be opened again, such as a file or the terminal of another user, keeps Textual's threads. A signal
    only notes itself for the loop. An escape sequence is waited for no longer than `ESCDELAY`; Textual waits a
    tenth of a second.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._keys = Input(debug=self._debug)
        self._input: int | None = None
        self._output: TerminalOutput | None = None
        self._due: asyncio.TimerHandle | None = None
        self._read: list[Message] = []
        self._has_left = False
        self._loop.add_signal_handler(signal.SIGTSTP, self._sigtstp_application)
        self._loop.add_signal_handler(signal.SIGCONT, self._sigcont_application)

    # The beginning and the end, also of a pause.

    @override
    def start_application_mode(self) -> None:
        """Set the terminal up."""
        screen = cast("TextIO", sys.__stderr__)
        self._file = cast("Any", _Output(screen))
        self._keys = Input(debug=self._debug)
        if self._input is None:
            self._input = open_again(self.fileno, os.O_RDONLY)
        if self._output is None and (own := open_again(screen.fileno(), os.O_WRONLY)) is not None:
            encode = partial(str.encode, encoding=screen.encoding, errors=screen.errors or "strict")
            self._output = TerminalOutput(own, self._loop, encode, self._set_modes_again)
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._key_thread is None:  # a shell has the till in the background: it begins once that continues it
            return
        self.flush()
        if self._output is not None:
            super().close()  # the thread that writes
        if self._input is not None:
            self._loop.add_reader(self._input, self._read_here)

    @override
    def suspend_application_mode(self) -> None:
        """Restore the terminal for a pause (SIGTSTP), unless the till has left it for good."""
        if not self._has_left:
            super().suspend_application_mode()
            self._has_left = False

    @override
    def resume_application_mode(self) -> None:
        """Set the terminal up again after a pause (SIGCONT). Nobody sees the beginning of a pause by SIGSTOP."""
        if self._key_thread is not None:
            self._set_modes_again()
        elif not self._has_left:
            super().resume_application_mode()

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
        self.flush()
        size = Size(*self._get_terminal_size())
        self._app.post_message(Resize(size, size))

    @override
    def disable_input(self) -> None:
        """Read no more keys."""
        self._has_left = True
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._input is not None:
            self._loop.remove_reader(self._input)
            os.close(self._input)
            self._input = None
        super().disable_input()
        self._key_thread = None

    @override
    def stop_application_mode(self) -> None:
        """Restore the terminal."""
        if self._output is not None:
            self._output.catch_up()
        super().stop_application_mode()

    @override
    def close(self) -> None:
        """Write the rest."""
        if self._output is not None:
            self._output.close()
            self._output = None
        super().close()

    # Keys.

    def _read_here(self) -> None:
        assert self._input is not None  # noqa: S101 - it is watched
        self._take(_read(self._input))

    def _lapse(self) -> None:
        self._due = None
        self._take(b"")

    def _take(self, data: bytes) -> None:
        """Take some bytes, and come back when a pause after them may end something."""
        try:
            if read := self._read_in(data):
                cast("DirectApp", self._app).take_input(read)
        except Exception as problem:  # noqa: BLE001 - the loop would log it, and go on without these keys
            self._app._handle_exception(problem)  # noqa: SLF001 - as Textual does with an exception of a handler
        due_at = self._keys.due_at
        if self._due is not None and due_at < self._due.when():
            self._due.cancel()
            self._due = None
        if self._due is None and due_at < inf:
            self._due = self._loop.call_at(due_at, self._lapse)

    def _read_in(self, data: bytes) -> list[Message]:
        """Return all that some bytes bring the app at once."""
        for message in self._keys.take(data):
            self.process_message(message)
        read, self._read = self._read, []
        return read

    @override
    def send_message(self, message: Message) -> None:
        """Keep a message until all that was read is parsed."""
        self._read.append(message)

    @override
    def run_input_thread(self) -> None:
        """Read keys until the till closes, if the loop cannot."""
        if self._input is not None:
            return
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                patience = max(0.0, min(_IDLE_S, self._keys.due_at - monotonic()))
                data = _read(self.fileno) if selector.select(patience) else b""
                if read := self._read_in(data):
                    self._loop.call_soon_threadsafe(cast("DirectApp", self._app).take_input, read)

    # Output.

    @override
    def write(self, data: str) -> None:
        """Write to the terminal; `flush` ends a paint."""
        if self._output is None:
            super().write(data)
        else:
            self._output.write(data)

    @override
    def flush(self) -> None:
        """Write what was painted."""
        if self._output is not None:
            self._output.flush()
