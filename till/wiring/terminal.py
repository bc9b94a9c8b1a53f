"""What any screen of the till needs of the terminal that it stands in, and the log beside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.config import Config, Folders
    from till.tui.drawing.palette import Paint

_DRAWN: Final = "─━█▀▄▌●×"


def prepare_terminal() -> None:
    """Say what Textual reads as it is imported."""
    os.environ.setdefault("TEXTUAL_FPS", "240")  # Textual reads it at import: 60 would hold a scanner's keys back
    os.environ.setdefault("ESCDELAY", "25")  # so long a lone Esc may still be the start of another key's name


def make_paint(config: Config) -> Paint:
    """The colours that the config asks for and the terminal has."""
    from till.tui.drawing.palette import Paint, detect  # noqa: PLC0415 - after `prepare_terminal`

    return Paint(config.ui.theme, detect(os.environ), plain=config.ui.plain or not _can_draw(sys.stdout))


def _can_draw(terminal: TextIO) -> bool:
    """Whether lines and big digits can be written in the terminal's encoding: else it gets words in their place."""
    try:
        _DRAWN.encode(terminal.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def begin_log(config: Config, folders: Folders, till: int = 0) -> Callable[[], None]:
    """Write a log from now on, for the screen has no room for it; what this gives ends it. `till` 0 is none."""
    from till.config.log_lines import begin_log as begin  # noqa: PLC0415 - behind the first paint
    from till.config.log_lines import end_log, passwords_in  # noqa: PLC0415 - the same

    own = config.log
    behind = begin(
        Path(own.file) if own.file else folders.log,
        own.level,
        size=own.file_mb << 20,
        keep=own.keep,
        till=till,
        secrets=[folders.read_secret(till) or "" if till else "", *passwords_in(config.database.url)],
    )
    return lambda: end_log(behind)
