"""Finding and resuming a user's waiting orders."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

from till.domain.errors import NotHeldError, StoreAwayError, StoreError, TillError
from till.domain.i18n import _, ngettext
from till.domain.order.state import Status
from till.domain.structs import replace
from till.ports import LightState
from till.ports.store import HeldElsewhereError
from till.tui.screens.sheets.ended_rates import ask_about_rates
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Order
    from till.ports import RemoteSession
    from till.register.waiting import WaitingOrder
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller

#: Seconds to wait at login for the database's answer about a user's orders.
_ASK_S: Final = 1.0


def waiting_orders(controller: Controller, user: int, present: str | None) -> tuple[list[Order], list[RemoteSession]]:
    """Return the user's orders besides `present`: those here, newest first, and those elsewhere."""
    recovery = controller.register.recovery
    person = controller.register.access.person
    here, elsewhere = recovery.waiting(user, controller.remote)
    if person is not None and person.manages:  # a manager also gets others' orders with unsettled money
        here += [order for order in recovery.with_money() if order.user != user]
    return [o for o in here if o.id != present], [row for row in elsewhere if row.session_id != present]


def submitted_orders(controller: Controller, present: str | None) -> list[WaitingOrder]:
    """Return the orders besides `present` that programs submitted, oldest first. Any user can open them."""
    listed = controller.register.waiting_orders.listed()
    return [order for order in listed if order.row.session_id != present]


async def question(controller: Controller, user: int) -> list[RemoteSession]:
    """Return the user's orders on all tills.

    Raises:
        StoreError: the database is away, does not answer, or refuses.
    """
    if controller.store is None:
        raise StoreAwayError
    rows = await controller.register.recovery.listed(controller.store, user)
    controller.cleared = [row for row in rows if row.status == Status.DISCARDED]
    controller.submitted = {row.session_id: row for row in rows if row.submitted}
    return [row for row in rows if row.status != Status.DISCARDED and not row.submitted]


def cleared_orders(controller: Controller) -> tuple[list[Order], list[RemoteSession]]:
    """Return the orders cleared within a day, for a manager: those on this till, and those the database listed."""
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
    """Return the user's orders on all tills; None if the database does not answer within a moment."""
    if controller.register.light.state is LightState.OFFLINE:
        return None
    try:
        async with asyncio.timeout(_ASK_S):
            return await question(controller, user)
    except (StoreError, TimeoutError):
        return None


async def obtain(
    controller: Controller,
    session_id: str,
    user: int,
    *,
    warned: bool = False,
    cleared: bool = False,
    away: bool = False,
    for_act: bool = False,
) -> bool:
    """Have an order granted to this till as `Grants.obtain` does, and show that the server is asked.

    With `away`, the server has just failed to answer, so it is not asked again.

    Raises:
        StoreError: the server did not grant it; a `NotHeldError` if it cannot be asked.
    """
    register, store = controller.register, None if away else controller.answering
    try:
        async with controller.asking():
            return await register.grants.obtain(
                store, session_id, user, warned=warned, cleared=cleared, for_act=for_act
            )
    except StoreAwayError as problem:
        raise NotHeldError from problem
    except HeldElsewhereError as problem:
        holder = register.ledger.open_at(register.ledger.order(session_id))
        if holder is None:
            raise
        sentence = _("It is open on {till}: save it there, or take it over.")
        if for_act:
            sentence = _("It is open on {till}: save it there first.")
        raise HeldElsewhereError(sentence.format(till=register.venue.till_name(holder))) from problem


async def bring_back(
    controller: Controller,
    session_id: str,
    user: int,
    *,
    waiting: int = 0,
    warned: bool = False,
    away: bool = False,
    make_room: Callable[[], None] | None = None,
) -> None:
    """Have a waiting order granted if another till holds it, make it active here, and show it.

    A refusal is shown in the answer line.

    Args:
        controller: the till.
        session_id: the order.
        user: its user.
        waiting: the number of other waiting orders.
        warned: True if the user agreed to take it from the till that has it open.
        away: True if the server has just failed to answer, so that it is not asked again.
        make_room: suspends the order on the screen once this one is granted.
    """
    register = controller.register
    try:
        register.recovery.check_reach(user)
        is_granted = await obtain(controller, session_id, user, warned=warned, away=away)
        if make_room is not None:
            make_room()
        order = register.recovery.resume(session_id)
    except TillError as problem:
        controller.sell(getattr(controller.scene, "session_id", None), refusal(problem.sentence))
        return
    message = here(controller, order, is_granted=is_granted)
    if waiting:
        more = ngettext("{count} more waits: F5.", "{count} more wait: F5.", waiting).format(count=waiting)
        message = replace(message, text=f"{message.text} {more}")
    controller.sell(order.id, message)
    ask_about_rates(controller, cast("Selling", controller.scene))


def here(controller: Controller, order: Order, tab: str = "", *, is_granted: bool) -> StyledText:
    """Return that an order is here, with its size, as `Answers.here`.

    If it was granted just now, name the tills not heard since a restore: a part may be paid there.
    """
    register = controller.register
    sentence, tills = register.here(order, tab), register.venue.unheard_of(order.created_at, register.till)
    if not (is_granted and tills):
        return plain(sentence)
    return refusal(f"{sentence} {_('Not heard since the restore: {tills}. Paid there?').format(tills=tills)}")
