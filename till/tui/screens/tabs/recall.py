"""Recalling a tab: at once if no till has it open, after a warning if one has."""

from __future__ import annotations

from contextlib import ExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from till.domain.errors import NotHeldError, StoreAwayError, StoreError, TillError
from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.order.naming import name_there, tab_name
from till.domain.text import capitalize_first
from till.ports.store import HeldElsewhereError, NoAnswerError
from till.register.tabs.between import ADDING_AWAY, MERGING_AWAY
from till.register.tabs.ring_again import check_copy
from till.tui.screens.sheets.ended_rates import ask_about_rates
from till.tui.screens.tabs.ring_again import RingAgainSheet, ring_again
from till.tui.screens.waiting_orders.bring_back import here, obtain
from till.tui.screens.waiting_orders.takeover import TakeoverSheet
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from till.ports import RemoteSession
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller


async def recall(
    controller: Controller,
    scene: Selling,
    session_id: str,
    name: str,
    *,
    warned: bool = False,
    away: bool = False,
    rings: bool = False,
) -> None:
    """Have a tab's order granted if another till holds it, make it active here, and show it.

    The other orders of the tab are merged into it. A refusal is shown in the answer line. If the server cannot be
    asked, the user may ring the tab again.

    Args:
        controller: the till.
        scene: the sell screen.
        session_id: the order on the tab.
        name: the name of the tab.
        warned: True if the user agreed to take it from the till that has it open.
        away: True if the server has just failed to answer, so that it is not asked again.
        rings: True if the user agreed to ring it again, should the server still not answer.
    """
    register = controller.register
    listed = next((one for one in register.open_tabs.local() if one.session_id == session_id), None)
    try:
        is_granted = await obtain(controller, session_id, scene.user, warned=warned, away=away)
        order = register.tabs.recall(session_id, scene.user)
    except NotHeldError:
        try:
            tab = check_copy(listed, register.answers.formats.money)
            if rings:
                ring_again(controller, scene, tab)
                return
            copy = register.ring_again.preview(tab, scene.user)
        except TillError as problem:
            scene.message = refusal(problem.sentence)
            return
        again = partial(recall, controller, scene, session_id, name, rings=True)
        controller.open(RingAgainSheet(controller, scene, tab, copy, again))
        return
    except HeldElsewhereError as problem:  # since the list was made; or a restore lost that it was let go there
        await _ask_to_take(controller, scene, session_id, problem)
        return
    except TillError as problem:
        scene.message = refusal(problem.sentence)
        return
    try:
        for other in listed.beside if listed is not None else ():
            async with at_hand(controller, other, away=_(MERGING_AWAY)), controller.asking():
                order = await register.between.join(controller.answering, order.id, other.session_id)
    except TillError as problem:  # it stays on the tab, with its reason
        scene.show_order(order)
        scene.message = refusal(problem.sentence)
        return
    scene.show_order(order)
    scene.message = here(controller, order, name, is_granted=is_granted)
    ask_about_rates(controller, scene)


async def _ask_to_take(controller: Controller, scene: Selling, session_id: str, problem: HeldElsewhereError) -> None:
    """Ask if a tab is taken from the till that has it open; show the problem if the server does not list it so."""
    scene.message = refusal(problem.sentence)
    if (store := controller.answering) is None:
        return
    try:
        rows = await store.open_tabs()
    except StoreError:
        return  # the problem stands
    if (row := next((one for one in rows if one.session_id == session_id and one.till), None)) is not None:
        scene.message = None
        controller.open(tab_takeover(controller, scene, row))


@asynccontextmanager
async def at_hand(
    controller: Controller, *tabs: OpenTab, away: str = "", taken_by: int | None = None
) -> AsyncIterator[None]:
    """Have the orders of tabs granted for an act on them, and put the granted ones back on their tabs afterwards.

    If the act has no answer, they are put back with the server's next reply. If the server cannot be asked, the error
    is `away`, for an act that only the server can do. `taken_by` is the user who agreed to take them from the till that
    has them open, and gets them; None if nobody was asked.
    """
    with ExitStack() as afterwards:
        for tab in tabs:
            try:
                user, warned = taken_by or tab.user, taken_by is not None
                is_granted = await obtain(controller, tab.session_id, user, warned=warned, for_act=True)
            except NotHeldError as problem:
                raise (StoreAwayError(away) if away else problem) from problem
            if is_granted:
                afterwards.callback(controller.register.grants.put_back, tab.session_id)
        try:
            yield
        except NoAnswerError:  # if the act is done, it decides their places
            afterwards.pop_all()
            controller.register.grants.put_back_later(tab.session_id for tab in tabs)
            raise


async def add(controller: Controller, scene: Selling, tab: OpenTab, *, takes: bool = False) -> None:
    """Add the lines on the screen to an open tab; a refusal is shown in the answer line.

    With `takes`, the user agreed to take the tab from the till that has it open.
    """
    register, order = controller.register, scene.order
    if order is None:
        return
    taken_by = scene.user if takes else None
    try:
        async with at_hand(controller, tab, away=_(ADDING_AWAY), taken_by=taken_by), controller.asking():
            before = register.ledger.order(tab.session_id).total
            after = await register.between.add(controller.answering, order.id, tab)
    except HeldElsewhereError:
        scene.message = refusal(
            _("Another till opened {name}: F8 asks to take it over.").format(name=tab_name(tab.name))
        )
        return
    except TillError as problem:
        scene.message = refusal(problem.sentence)
        return
    register.typed.clear()
    scene.show_order(None)
    size = register.answers.counted(len(order.priced.rows), Minor(after.total - before), order.paid)
    sentence = _("Added to {name}: {size}.").format(name=name_there(after, after), size=size)
    scene.message = plain(sentence if order.paid else f"{sentence} {register.venue.tabs.listed}")


def tab_takeover(
    controller: Controller, scene: Selling, row: RemoteSession, adds_to: OpenTab | None = None
) -> TakeoverSheet:
    """Return the warning before a tab that is open on another till is taken over by the user who recalls it.

    With `adds_to`, the tab, the lines on the screen are added to it.
    """

    async def take(row: RemoteSession) -> None:
        if adds_to is not None:
            await add(controller, scene, adds_to, takes=True)
        else:
            await recall(controller, scene, row.session_id, row.tab_name, warned=True)

    title = _("{name} is open on another till").format(name=capitalize_first(tab_name(row.tab_name)))
    return TakeoverSheet(
        controller, scene.screen, row, make_room=lambda: None, title=title, take=take, adds=adds_to is not None
    )
