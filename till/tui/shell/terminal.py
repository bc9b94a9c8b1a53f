"""How keys come in from a terminal: Esc at once, and never taken together with the key after it."""

from __future__ import annotations

import os
import selectors
import sys
from codecs import getincrementaldecoder
from time import monotonic
from typing import TYPE_CHECKING, Final

from textual import constants
from textual._xterm_parser import XTermParser
from textual.events import Key
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.driver import Driver
    from textual.message import Message

ESC: Final = "\x1b"
#: What may follow Esc in the name of a key or in an answer of the terminal; anything else was typed after it.
_LEADS: Final = frozenset("[OP]_^X\\" + ESC)
#: How often the thread looks whether the till is closing.
_IDLE_S: Final = 0.1
_PASTE_START: Final = f"{ESC}[200~"
_PASTE_END: Final = f"{ESC}[201~"
_CHUNK: Final = 4096


class Pastes:
    """Takes the escapes out of what is pasted: after one, Textual takes the rest of the paste for keys.

    Most terminals do so themselves; a paste must not press Ctrl+G on any.
    """

    def __init__(self) -> None:
        self._inside = False
        self._held = ""

    def clean(self, text: str) -> str:
        """The same input with harmless pastes. What may be the start of a paste's end is kept for the next call."""
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


def _part_at_end(text: str) -> tuple[str, str]:
    """A text without the beginning of a paste's end that it ends with, and that beginning."""
    for length in range(min(len(_PASTE_END) - 1, len(text)), 0, -1):
        if text.endswith(_PASTE_END[:length]):
            return text[:-length], text[-length:]
    return text, ""


class TillParser(XTermParser):
    """Takes Esc and the key after it for two keys when they come in one burst: a till has no Alt, but types ahead."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        if len(sequence) == 2 and sequence[0] == ESC and sequence[1] not in _LEADS:  # noqa: PLR2004 - Esc and one more
            return [Key("escape", ESC), *super()._sequence_to_key_events(sequence[1])]
        return super()._sequence_to_key_events(sequence, alt)

    @override
    def feed(self, data: str) -> Iterable[Message]:
        """Nothing is half a character, or held back of a paste; Textual would take it for the end of all keys."""
        return super().feed(data) if data else ()

    def patience(self) -> float:
        """Seconds until a lone Esc is known to be one; else until something else must be looked after."""
        if self._timeout_time is None:
            return _IDLE_S
        return max(0.0, min(_IDLE_S, self._timeout_time - monotonic()))


def till_driver() -> type[Driver] | None:
    """Textual's driver for this terminal, reading keys so; None where Textual shall choose (a browser, Windows)."""
    if sys.platform == "win32" or constants.DRIVER is not None:
        return None
    from textual.drivers.linux_driver import LinuxDriver  # noqa: PLC0415 - not to be imported on Windows

    class TillDriver(LinuxDriver):
        """Waits for the rest of an escape sequence no longer than `ESCDELAY`; Textual's own waits a tenth."""

        def run_input_thread(self) -> None:
            """Read keys until the till closes."""
            parser = TillParser(self._debug)
            decode = getincrementaldecoder("utf-8")(errors="replace").decode
            pastes = Pastes()
            with selectors.SelectSelector() as selector:
                selector.register(self.fileno, selectors.EVENT_READ)
                while not self.exit_event.is_set():
                    if selector.select(parser.patience()):
                        read = os.read(self.fileno, _CHUNK)
                        if not read:
                            return
                        for message in parser.feed(pastes.clean(decode(read))):
                            self.process_message(message)
                    for message in parser.tick():
                        self.process_message(message)

    return TillDriver
