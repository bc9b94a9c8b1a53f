"""Checks of the machine that a till runs on: its memory, its terminal and its locale."""

from __future__ import annotations

import locale
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from till.cli.health.finding import unknown, well, wrong
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.cli.health.finding import Finding

_MEMINFO: Final = Path("/proc/meminfo")
#: A till takes 80 MB, and its database another 80 MB.
_FREE_MB: Final = 200
_COLUMNS: Final = 80
_ROWS: Final = 24
_DRAWN: Final = "─█●×₹é"


def machine_parts() -> Iterator[Finding]:
    """Check memory, terminal and locale."""
    yield _memory()
    yield _terminal()
    yield _encoding()


def _memory() -> Finding:
    part = _("memory")
    try:
        words = dict(line.split(":", 1) for line in _MEMINFO.read_text(encoding="ascii").splitlines() if ":" in line)
        free = int(words["MemAvailable"].split()[0]) // 1024
    except (OSError, KeyError, ValueError, IndexError):
        return unknown(part, _("This system does not report its free space."))
    if free < _FREE_MB:
        sentence = _("{free} MB are free, and a till with its database takes {needed}.").format(
            free=free, needed=_FREE_MB
        )
        return wrong(part, sentence, _("Close other programs on this machine."))
    return well(part, _("{free} MB are free.").format(free=free))


def _terminal() -> Finding:
    part = _("terminal")
    if not sys.stdout.isatty():
        return unknown(part, _("This command does not write to a terminal."))
    size = shutil.get_terminal_size()
    sentence = _("{columns}×{rows}, {kind}.").format(
        columns=size.columns, rows=size.lines, kind=os.environ.get("TERM") or _("of no known kind")
    )
    if size.columns < _COLUMNS or size.lines < _ROWS:
        return wrong(part, sentence, _("A till needs 80×24: make the window larger, or its letters smaller."))
    return well(part, sentence)


def _encoding() -> Finding:
    part, encoding = _("letters"), sys.stdout.encoding or locale.getpreferredencoding(do_setlocale=False)
    try:
        _DRAWN.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        sentence = _("The terminal uses {encoding}, which has no lines, no ● and no ₹.").format(encoding=encoding)
        return wrong(part, sentence, _("Set a locale of UTF-8: export LC_ALL=C.UTF-8."))
    return well(part, _("The terminal uses {encoding}.").format(encoding=encoding))
