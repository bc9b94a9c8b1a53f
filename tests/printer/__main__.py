"""`python -m tests.printer`: a receipt printer in a terminal. Its paper scrolls by; typed words break and mend it."""

from __future__ import annotations

import argparse
import asyncio
import sys

from tests.printer.device import Device
from tests.printer.server import listening

WORDS = (
    "no paper · paper · paper for 12 (lines) · open · close · error · no error · mute · speak · rubbish · endless"
    " · slow · fast · no ids · no read · no status · all answers · off · off after 300 (bytes) · on"
)


def main() -> None:
    """Run a printer until its input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.printer", description=__doc__, epilog=f"Words: {WORDS}")
    parser.add_argument("--port", type=int, default=9100, help="the TCP port; 0 for any")
    parser.add_argument("--columns", type=int, default=42, help="the characters of a line")
    asked = parser.parse_args()
    asyncio.run(_run(asked.port, asked.columns))


async def _run(port: int, columns: int) -> None:
    device = Device(columns, _show)
    async with listening(device, port) as printer:
        _show(f"[printer at {printer.address}]")
        while words := (await asyncio.to_thread(sys.stdin.readline)):
            is_known = not words.strip() or device.tell(words)
            _show(f"[{words.strip()}]" if is_known else f"[one of: {WORDS}]")


def _show(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the paper of the printer


if __name__ == "__main__":
    main()
