"""A small program in a pseudo-terminal, in place of a till: it shows what was typed, and paints again when asked.

The words behind its path: a folder for its traces, and perhaps a sentence with which it refuses to start.
"""

from __future__ import annotations

import os
import signal
import sys
import tty
from pathlib import Path
from typing import NoReturn

FLOOD = "f" * 1000


def main() -> None:
    folder, *refusal = sys.argv[1:]
    if refusal:
        sys.exit(refusal[0])
    tty.setraw(0)
    typed = ""

    def paint(*_: object) -> None:
        size = os.get_terminal_size(0)
        os.write(1, f"\x1b[?1049h\x1b[?2004h\x1b[H{size.columns}x{size.lines} <{typed}>".encode())

    def hang_up(*_: object) -> NoReturn:
        Path(folder, f"hung-up-{os.getpid()}").write_text(typed, encoding="utf-8")
        os._exit(129)

    signal.signal(signal.SIGCONT, paint)
    signal.signal(signal.SIGHUP, hang_up)
    paint()
    while True:
        try:
            keys = os.read(0, 4096).decode()
        except OSError:
            hang_up()
        typed += keys
        if keys == "\x1bOP":  # F1: more than any page reads at once
            for _ in range(20_000):
                os.write(1, FLOOD.encode())
            Path(folder, "flooded").touch()
        elif keys.endswith("\x1b[24~"):  # F12
            os.write(1, b"\x1b[?2004l\x1b[?1049lSee you.\r\n")
            sys.exit(0)
        paint()


main()
