"""Keys from a terminal: Esc takes effect at once, and is never combined with the key after it."""

from __future__ import annotations

from codecs import getincrementaldecoder
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Final

from textual._xterm_parser import XTermParser
from textual.events import Key, Resize
from textual.messages import InBandWindowResize
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.message import Message

ESC: Final = "\x1b"
#: Characters that follow Esc in a key sequence or a terminal's reply; any other one was typed after it.
_LEADS: Final = frozenset("[OP]_^X\\" + ESC)
_PASTE_START: Final = f"{ESC}[200~"
_PASTE_END: Final = f"{ESC}[201~"
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

    @property
    def over_at(self) -> float:
        """The monotonic seconds at which `end_in_silence` may end a paste."""
        return self._over_at


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

    @property
    def known_at(self) -> float:
        """The monotonic seconds at which a lone Esc is known to be one; endless if none came last."""
        return inf if self._timeout_time is None else self._timeout_time


class Input:
    """The messages of what a terminal sends.

    Args:
        debug: writes Textual's log of keys.
    """

    def __init__(self, *, debug: bool = False) -> None:
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._pastes = Pastes()
        self._parser = TillParser(debug)

    def take(self, data: bytes) -> list[Message]:
        """Return the messages of some bytes, and of what a pause ended: a lone Esc, a paste without an end."""
        parser, pastes = self._parser, self._pastes
        found = list(parser.feed(pastes.clean(self._decode(data)))) if data else []
        return [*found, *parser.tick(), *parser.feed(pastes.end_in_silence())]

    @property
    def due_at(self) -> float:
        """The monotonic seconds at which `take` may bring something without any bytes."""
        return min(self._parser.known_at, self._pastes.over_at)
