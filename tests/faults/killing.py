"""A till in another process that is killed at a step: before a statement of its journal, or a step of a device."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wiring.test_shift_carried import Disk


def dies(till: Disk, act: Callable[[Callable[[str], None]], object], steps: int) -> bool:
    """Start a till in a copy of this process, and kill that after some steps of an act. False if the act has fewer.

    The act calls its argument at its own steps.
    """
    if child := os.fork():
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    left = steps

    def count(_text: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        till.start()
        till.journal.opened.disk._connection.set_trace_callback(count)
        act(count)
    finally:
        os._exit(0)
