"""Arrival after login: the user's open order, a warning that another till holds it, or no order.

After unlocking: the screen that was locked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import StoreError
from till.domain.i18n import _, ngettext, unspoken
from till.domain.order.naming import tab_name
from till.domain.order.state import Status
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.waiting_orders.bring_back import bring_back, question
from till.tui.screens.waiting_orders.takeover import TakeoverSheet
from till.tui.shell.keymap import CONFLICTS
from till.tui.shell.messages import plain, put_first, refusal

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.domain.staff.person import Person
    from till.ports import RemoteSession, Store
    from till.register.register import Register
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.controller import Controller


async def arrive(controller: Controller, person: Person, remote: list[RemoteSession] | None) -> None:
    """Open the order that waits for a user. `remote` is None if other tills could not be asked."""
    controller.remote = remote
    arrival = controller.register.recovery.arrival(person.number, remote)
    if arrival.open is not None:
        away, waiting = remote is None, len(arrival.waiting)
        await bring_back(controller, arrival.open, person.number, waiting=waiting, away=away)
    else:
        controller.sell(None, matters(controller, person))
    unanswered = controller.register.unanswered.sentence(but=arrival.open)
    for sentence in (unspoken(), unanswered, _left_open(controller), controller.doubt):
        put_first(controller.top, sentence)
    if controller.top is not None:
        controller.doubt = ""
    if controller.store is None or remote is None:  # `join_in` asks for the rest later
        clearing = controller.register.clearing
        _tell_too(controller, person.number, clearing.tell(clearing.noted(person.number)))
    else:
        controller.meanwhile(_tell_cleared(controller, controller.store, person.number))
    if arrival.elsewhere is not None and arrival.open is None and controller.scene is not None:
        controller.open(TakeoverSheet(controller, controller.scene.screen, arrival.elsewhere))


def _left_open(controller: Controller) -> str:
    """Return that the shift of an earlier business day is still open; empty if none is."""
    register = controller.register
    shift = register.drawer.left_open()
    if shift is None:
        return ""
    since = register.formats.moment(register.venue.local(shift.at))
    words = _("The shift of {since} is still open: {key}, then Z.")
    return words.format(since=since, key=controller.keymap.label("drawer"))


def unlock(controller: Controller, person: Person) -> None:
    """Return to the screen that was locked."""
    scene, controller.under_lock = controller.under_lock, None
    if scene is None:
        return
    if message := controller.register.unread.text(person.number):
        lock = scene.lock if isinstance(scene, SellScene) else None
        scene.message = refusal(f"{message} {lock}" if lock else message)
    controller.go(scene)


async def _tell_cleared(controller: Controller, store: Store, user: int) -> None:
    """Tell the user which of their orders others cleared, on any till. Runs in the background."""
    access, clearing = controller.register.access, controller.register.clearing
    login, noted = access.login, clearing.noted(user)
    try:
        listed = await store.cleared_orders(user, login)
    except StoreError:
        listed = None
    if access.person is None or access.login != login:
        return
    _tell_too(controller, user, clearing.tell(noted, listed))
    if listed is None:
        controller.remote = None  # makes `join_in` ask all of this again


def _tell_too(controller: Controller, user: int, sentence: str) -> None:
    """Add a sentence about the user's absence to the message, and keep it until they have read it."""
    if controller.top is not None and sentence:
        controller.register.unread.keep("", sentence, user)
    put_first(controller.top, sentence)


def matters(controller: Controller, person: Person) -> StyledText | None:
    """Return a notice of money conflicts and unreadable records that wait; None if this user may not settle them."""
    light = controller.register.light
    count = light.conflicts or light.records
    if not count or not person.manages:
        return None
    if light.conflicts:
        sentence = ngettext(
            "{count} conflict about money waits: {key}.", "{count} conflicts about money wait: {key}.", count
        )
    else:
        sentence = ngettext("{count} record needs attention: {key}.", "{count} records need attention: {key}.", count)
    return refusal(sentence.format(count=count, key=controller.keymap.label(CONFLICTS)))


async def join_in(controller: Controller) -> None:
    """Tell the user what waits on other tills once the database answers, without opening anything."""
    person = controller.register.access.person
    if person is None or controller.store is None or controller.remote is not None:
        return
    try:
        controller.remote = await question(controller, person.number)
    except StoreError:
        return
    _say_waiting(controller, person.number)
    await _tell_cleared(controller, controller.store, person.number)


def _say_waiting(controller: Controller, user: int) -> None:
    """Show that other orders wait besides the current one, if any do."""
    arrival = controller.register.recovery.arrival(user, controller.remote)
    scene = controller.scene
    present = getattr(scene, "session_id", None)
    waits = [one for one in (arrival.open, *arrival.waiting) if one and one != present]
    if scene is None or not (waits or arrival.elsewhere):
        return
    if isinstance(scene, SellScene):
        scene.count_waiting()
    if arrival.elsewhere is not None:
        till = arrival.elsewhere.till_name
        scene.message = refusal(_("An order of yours is open on {till}: F5 shows it.").format(till=till))
    else:
        scene.message = plain(_("An order of yours waits: F5 shows it."))


def is_own_act(controller: Controller, session_id: str) -> bool:
    """Return True if the last act on an order was one that this till asked of the server."""
    newest = controller.register.journal.events_of(session_id)[-1]
    return newest.for_till == controller.register.till


def ended_elsewhere(controller: Controller, session_id: str, *, in_sight: bool = True) -> StyledText | None:
    """Return the outcome of an order that another till finished, or the server lost; None while it is active or locked.

    Args:
        controller: the till.
        session_id: the order.
        in_sight: True if the order is on the screen; otherwise the sentence does not call it "this order".
    """
    register = controller.register
    order = register.ledger.readable(session_id)
    if order is None:  # the database opened it, and was restored to a state before that; another till may bring it back
        here = _("The server lost this order: if F5 and F8 lack it, key it.")
        hidden = _("The server lost your order: if F5 and F8 lack it, key it.")
        return refusal(register.ledger.unreadable.get(session_id, here if in_sight else hidden))
    if register.ledger.lock_of(session_id) or order.status is Status.ACTIVE:
        return None
    if is_own_act(controller, session_id):
        return plain(f"{_('The server did that after all.')} {register.venue.tabs.listed}")
    return refusal(_end_of(order, register, in_sight=in_sight))


def _end_of(order: Order, register: Register, *, in_sight: bool) -> str:
    match order.status:
        case Status.COMPLETED:
            till = register.venue.till_name(order.placed.till if order.placed else None)
            here = _("This order was paid on {till}.").format(till=till)
            return here if in_sight else register.announcer.ended(order)
        case Status.DISCARDED:
            return register.clearing.sentence(order)
        case Status.ASSIGNED_TO_TAB:
            name = tab_name(order.tab.name) if order.tab else ""
            sentence = (
                _("Another till saved this order to {name}.") if in_sight else _("Your order was saved to {name}.")
            )
            return sentence.format(name=name)
        case _:
            sentence = register.clearing.describe_suspended(order, register.access.person)
            waits_here = in_sight and order.user == getattr(register.access.person, "number", None)
            return _("{what} F5 shows it.").format(what=sentence) if waits_here else sentence
