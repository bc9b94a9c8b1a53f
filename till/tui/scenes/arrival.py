"""What a person finds after logging in: the order of before, a warning that another till holds it, or no order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import StoreError
from till.domain.i18n import _, ngettext
from till.domain.order.state import Status
from till.domain.text import clean
from till.tui.counter import plain, refusal
from till.tui.scenes.sell import SellScene
from till.tui.sheets.takeover import TakeoverSheet
from till.tui.strokes import Command
from till.tui.waiting import bring_back, question

if TYPE_CHECKING:
    from till.domain.staff.person import Person
    from till.ports import RemoteSession, Store
    from till.tui.counter import Counter
    from till.tui.view import Said


async def arrive(counter: Counter, person: Person, remote: list[RemoteSession] | None) -> None:
    """Open what waits for a person. `remote` is None when other tills could not be asked."""
    counter.remote = remote
    arrival = counter.register.recovery.arrival(person.number, remote)
    rows = {row.session_id: row for row in remote or ()}
    if arrival.open is not None:
        row = rows.get(arrival.open)
        await bring_back(counter, arrival.open, row, waiting=len(arrival.waiting))
    else:
        counter.sell(None, matters(counter, person))
    if counter.store is None or remote is None:  # `join_in` asks for the rest
        clearing = counter.register.clearing
        _tell_too(counter, person.number, clearing.tell(clearing.noted(person.number)))
    else:
        counter.meanwhile(_tell_cleared(counter, counter.store, person.number))
    if arrival.elsewhere is not None and arrival.open is None:
        counter.open(TakeoverSheet(counter, arrival.elsewhere))


async def _tell_cleared(counter: Counter, store: Store, user: int) -> None:
    """Say what others cleared of a person's orders, on whichever till; nobody waits for it."""
    access, clearing = counter.register.access, counter.register.clearing
    login, noted = access.login, clearing.noted(user)
    try:
        listed = await store.cleared_orders(user, login)
    except StoreError:
        listed = None
    if access.person is None or access.login != login:
        return
    _tell_too(counter, user, clearing.tell(noted, listed))
    if listed is None:
        counter.remote = None  # when it answers again, all of this is asked again


def _tell_too(counter: Counter, user: int, sentence: str) -> None:
    """Say what happened while the person was away, beside what is said already; it is kept until they have read it."""
    top = counter.top
    if top is not None and sentence:
        counter.register.unread.keep("", sentence, user)
        top.said = refusal(f"{sentence} {top.said.text}" if top.said else sentence)


def matters(counter: Counter, person: Person) -> Said | None:
    """What about money waits, or could not be applied, for who may settle it."""
    light = counter.register.light
    count = light.conflicts or light.records
    if not count or not person.manages:
        return None
    if light.conflicts:
        told = ngettext(
            "{count} conflict about money waits: {key}.", "{count} conflicts about money wait: {key}.", count
        )
    else:
        told = ngettext("{count} record needs attention: {key}.", "{count} records need attention: {key}.", count)
    return refusal(told.format(count=count, key=counter.keymap.label(Command.CONFLICTS)))


async def join_in(counter: Counter) -> None:
    """The database answers at last: say what of the user's waits on other tills, without opening anything."""
    person = counter.register.access.person
    if person is None or counter.store is None or counter.remote is not None:
        return
    try:
        counter.remote = await question(counter, person.number)
    except StoreError:
        return
    _say_waiting(counter, person.number)
    await _tell_cleared(counter, counter.store, person.number)


def _say_waiting(counter: Counter, user: int) -> None:
    """Say that orders wait beside the one in sight, if any do."""
    arrival = counter.register.recovery.arrival(user, counter.remote)
    scene = counter.scene
    present = getattr(scene, "session_id", None)
    waits = [one for one in (arrival.open, *arrival.waiting) if one and one != present]
    if scene is None or not (waits or arrival.elsewhere):
        return
    if isinstance(scene, SellScene):
        scene.count_waiting()
    if arrival.elsewhere is not None:
        till = arrival.elsewhere.till_name
        scene.said = refusal(_("An order of yours is open on {till}: F5 shows it.").format(till=till))
    else:
        scene.said = plain(_("An order of yours waits: F5 shows it."))


def ended_elsewhere(counter: Counter, session_id: str, *, in_sight: bool = True) -> Said | None:
    """What became of an order that another till brought to its end; None while it goes on, or is locked.

    Args:
        counter: the till.
        session_id: the order.
        in_sight: whether it is: else it is told when it is not there any more.
    """
    register = counter.register
    order = register.ledger.readable(session_id)
    if order is None or register.ledger.lock_of(session_id):
        return None
    match order.status:
        case Status.COMPLETED:
            till = register.venue.till_name(order.placed.till if order.placed else None)
            here = _("This order was paid on {till}.").format(till=till)
            return refusal(here if in_sight else register.telling.ended(order))
        case Status.DISCARDED:
            return refusal(register.clearing.sentence(order))
        case Status.ASSIGNED_TO_TAB:
            name = clean(order.tab.name) if order.tab else ""
            told = (
                _("This order was put on {name} on another till.") if in_sight else _("Your order was put on {name}.")
            )
            return refusal(told.format(name=name))
        case Status.PENDING_LOGOUT:
            put_aside = register.clearing.put_aside(order, register.access.person)
            waits_here = in_sight and order.user == getattr(register.access.person, "number", None)
            return refusal(_("{what} F5 shows it.").format(what=put_aside) if waits_here else put_aside)
        case _:
            return None
