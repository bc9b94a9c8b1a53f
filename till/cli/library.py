"""The till as a library, for programs without a screen."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from till.register.tracker import SessionEventTracker


@asynccontextmanager
async def open_tracker(
    user: int, *, till: int | None = None, session_id: str | None = None
) -> AsyncIterator[SessionEventTracker]:
    """Open a till without a screen, log one person in, and open their order session.

    It uses the config and the data folder of `TILL_CONFIG` and `TILL_DATA_DIR`, as every command does. No PIN is
    needed: access to the till's secret in that folder is enough. At the end the person is logged out, and unsent
    events are pushed.

    Args:
        user: the staff number of the person who acts and owns the orders.
        till: the number of an enrolled till of this machine that is not open; None for the till of the config.
        session_id: an order of this till to continue; None continues the open order of the person on this till, or
            opens one with the first command.
    """
    from till.cli.connections import prepare_database, secret_of
    from till.register.tracker import SessionEventTracker
    from till.wiring.headless import open_register

    here = Surroundings.find()
    number = till or here.config.till.id
    secret_of(here, number)  # refuse before there is a journal, which nothing would ever send
    async with open_register(
        here.config, here.folders, here.venue, till=number, prepare=lambda tell: prepare_database(here, number, tell)
    ) as register:
        access, tracker = register.access, SessionEventTracker(register, user, session_id)
        access.admit(access.find(user))
        try:
            if session_id is not None:
                register.recovery.resume(session_id)
            yield tracker
        finally:
            access.leave(register.ledger.find(tracker.session_id) if tracker.session_id else None)
