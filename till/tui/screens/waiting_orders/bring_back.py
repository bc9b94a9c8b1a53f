"""A user's orders that wait: which there are, and how one comes back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from till.domain.errors import StoreAwayError, StoreError, TillError
from till.domain.i18n import ngettext
from till.domain.order.state import Status
from till.ports import LightState
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.ports import RemoteSession
    from till.tui.shell.controller import Controller

#: How long the database is asked about a user's orders before it goes on without: while it answers, or nothing speaks
#: against it yet, and else.
_ASK_S: Final = 1.0
_ASK_AWAY_S: Final = 0.25
_ANSWERS: Final = frozenset({LightState.SAVED, LightState.SAVED_HERE})


def waiting_orders(controller: Controller, user: int, present: str | None) -> tuple[list[Order], list[RemoteSession]]:
    """What waits for a user beside the order that is present: orders here, newest first, and those elsewhere."""
    recovery = controller.register.recovery
    person = controller.register.access.person
    here, elsewhere = recovery.waiting(user, controller.remote)
    if person is not None and person.manages:  # money that somebody could not settle is left to who manages
        here += [order for order in recovery.with_money() if order.user != user]
    return [o for o in here if o.id != present], [row for row in elsewhere if row.session_id != present]


async def question(controller: Controller, user: int) -> list[RemoteSession]:
    """The user's orders on all tills.

    Raises:
        StoreError: there is nobody to ask, no answer, or a refusal.
    """
    if controller.store is None:
        raise StoreAwayError
    sent = controller.register.recovery.asks()
    rows = await controller.store.user_sessions(user)
    controller.register.recovery.answered(sent)
    controller.cleared = [row for row in rows if row.status == Status.DISCARDED]
    return [row for row in rows if row.status != Status.DISCARDED]


def cleared_orders(controller: Controller) -> tuple[list[Order], list[RemoteSession]]:
    """What was cleared within a day, for who manages: on this till, and as far as the database told, on others."""
    register = controller.register
    if register.access.person is None or not register.access.person.manages:
        return [], []
    here = register.recovery.cleared()
    known = {order.id for order in here}
    return here, [
        row
        for row in controller.cleared
        if row.session_id not in known and not _is_back(register.ledger.readable(row.session_id))
    ]


def _is_back(order: Order | None) -> bool:
    return order is not None and order.status is not Status.DISCARDED


async def ask(controller: Controller, user: int) -> list[RemoteSession] | None:
    """The same within the patience of who stands at the till; None when the database cannot say in time."""
    if controller.register.light.state is LightState.OFFLINE:
        return None
    answers = controller.register.light.state in _ANSWERS
    try:
        async with asyncio.timeout(_ASK_S if answers else _ASK_AWAY_S):
            return await question(controller, user)
    except (StoreError, TimeoutError):
        return None


async def bring_back(
    controller: Controller, session_id: str, row: RemoteSession | None, *, waiting: int = 0, taking_over: bool = False
) -> bool:
    """Fetch what this till has not got of an order, make it active here, and show it; whether that went well."""
    register = controller.register
    try:
        if row is not None and controller.store is not None:
            await controller.store.fetch(session_id)
        order = register.recovery.resume(session_id, holder=row.till if row else None, taking_over=taking_over)
        if taking_over and controller.store is not None:
            await controller.store.flush(2.0)
        if lock := register.ledger.lock_of(session_id):
            controller.sell(None, refusal(lock))
            return False
    except StoreError as problem:
        if register.ledger.find(session_id) is None:
            controller.sell(None, refusal(problem.sentence))
            return False
        order = register.recovery.resume(session_id, taking_over=taking_over)
    except TillError as problem:
        controller.sell(None, refusal(problem.sentence))
        return False
    said = register.answers.here(order)
    if waiting:
        more = ngettext("{count} more waits: F5.", "{count} more wait: F5.", waiting).format(count=waiting)
        said = f"{said} {more}"
    controller.sell(order.id, plain(said))
    return True
