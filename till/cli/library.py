"""The till as a library, for programs without a screen."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from till.cli.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from till.register.tracker import SessionEventTracker


@asynccontextmanager
async def open_tracker(
    user: int, *, till: int | None = None, session_id: str | None = None
) -> AsyncIterator[SessionEventTracker]:
    """Open a till without a screen, and the order session of one person on it.

    It uses the config and the data folder of `TILL_CONFIG` and `TILL_DATA_DIR`, as every command does. Unsent events
    are pushed before it closes.

    Args:
        user: the staff number that the session belongs to.
        till: the number of an enrolled till of this machine that is open nowhere else; None for the till of the config.
        session_id: an order of this till to continue; None continues the order that the person has open here, or opens
            one with the first command.

    Raises:
        ConfigError: the folder holds no venue, or the till is not enrolled (`till enrol`).
        JournalError: the till is open in another process, or its disk fails.
        StoreError: this till has never met its database, and cannot reach it now.
    """
    from till.cli.grounds import stand_on
    from till.register.tracker import SessionEventTracker
    from till.wiring.headless import open_register

    here = Surroundings.find()
    number = till or here.config.till.id
    async with open_register(
        here.config, here.folders, here.venue, till=number, prepare=lambda tell: stand_on(here, number, tell)
    ) as register:
        yield SessionEventTracker(register, user, session_id)
