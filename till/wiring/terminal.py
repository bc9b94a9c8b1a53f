"""The preparation of the terminal for the screens of the till, and the log."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.config import Config, Folders
    from till.tui.drawing.palette import Paint

#: The module of the palette. Textual imports it for its base classes, and uses them once the palette opens.
_PALETTE: Final = "textual.command"
_DRAWN: Final = "─━█▀▄▌●×"


class _NoPalette(ModuleType):
    """Textual's command palette without content: no app here has it, and its widgets take a twentieth of a start."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def prepare_terminal() -> None:
    """Set what Textual finds on import: the environment, and no command palette."""
    os.environ.setdefault("TEXTUAL_FPS", "240")  # 60 would delay a scanner's keys
    os.environ.setdefault("ESCDELAY", "25")  # milliseconds for Esc to begin another key's sequence
    sys.modules.setdefault(_PALETTE, _NoPalette(_PALETTE))


def make_paint(config: Config) -> Paint:
    """Return the configured colours that the terminal supports."""
    from till.tui.drawing.palette import Paint, detect  # noqa: PLC0415 - after `prepare_terminal`

    ui = config.ui
    return Paint(ui.theme, detect(os.environ), plain=ui.plain or not _can_draw(sys.stdout), touch=ui.touch)


def _can_draw(terminal: TextIO) -> bool:
    """True if the terminal's encoding has line and block characters; otherwise words replace them."""
    try:
        _DRAWN.encode(terminal.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def begin_log(config: Config, folders: Folders, till: int = 0) -> Callable[[], None]:
    """Begin the log file; the returned function ends it. `till` is 0 without a till."""
    from till.config.log_lines import begin_log as begin  # noqa: PLC0415 - after the first paint
    from till.config.log_lines import end_log, passwords_in  # noqa: PLC0415 - after the first paint

    own = config.log
    handler = begin(
        Path(own.file) if own.file else folders.log,
        own.level,
        size=own.file_mb << 20,
        keep=own.keep,
        till=till,
        secrets=[folders.read_secret(till) or "" if till else "", *passwords_in(config.database.url)],
    )
    return lambda: end_log(handler)
