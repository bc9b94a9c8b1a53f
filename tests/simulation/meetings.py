"""Meetings that are rare by chance, put together: tills on one order, or on one sale, and what comes between."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from tests.simulation.between import at_till, other_till
from tests.simulation.cashier import CARD
from tests.simulation.log import Log
from tests.simulation.violation import hold
from till.domain.order.paying import CASH
from till.register.payments.tenders import UPI

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.machine import Machine
    from tests.simulation.world import World


def base_given_again(world: World, machine: Machine, chance: int) -> None:
    """Have two tills key late on an order that a third one holds, with a restore of the database between the two.

    The version that the holder knows then goes to the other line: its snapshot must not count as having that line.
    """
    tills = [world.machines[(machine.number - 1 + place) % len(world.machines)] for place in range(3)]
    if len({one.number for one in tills}) < len(tills) or not all(one.is_up and one.reaches for one in tills):
        return
    first, second, holder = tills
    if not _opened(world, first, chance):
        return
    session = first.screen or ""
    for one in (second, holder):
        _key(world, one, chance, session)
    for one in (first, second):
        _key(world, one, chance >> 3, session, send=False)
    world.server.backup(0)
    first.flush()
    holder.sync()
    world.server.set_back(len(world.server.backups) - 1)
    world.forgiven |= world.server.lost
    second.flush()
    _key(world, holder, chance >> 5, session)
    _nothing_is_hidden(world, session)


def left_under_old_hold(world: World, machine: Machine, chance: int) -> None:
    """Suspend, save or clear an order at a till that does not know yet that another till has it."""
    other = other_till(world, machine, chance)
    if other is None or not _opened(world, machine, chance):
        return
    session = machine.screen or ""
    _key(world, other, chance >> 3, session)
    world.now += 60.0
    cashier = at_till(world, machine, chance >> 5)
    if cashier is not None and machine.screen == session:
        cashier.do(("save_tab", "discard", "new_order", "logout")[chance >> 7 & 3])
        machine.flush()
        other.sync()


def act_on_what_went(world: World, machine: Machine, chance: int) -> None:
    """Split an order at a till that does not know yet that another one was granted it."""
    other = other_till(world, machine, chance)
    if other is not None and (session := _two_lines(world, machine, chance)):
        taker = at_till(world, other, chance >> 3)
        if taker is not None and taker.take_over(session, asking=True):
            _split(world, machine, chance, session)


def act_on_a_late_line(world: World, machine: Machine, chance: int) -> None:
    """Split an order at a till that does not know yet of a line keyed by the till that had it before."""
    other = other_till(world, machine, chance)
    if other is not None and (session := _two_lines(world, other, chance)):
        _key(world, machine, chance >> 3, session)
        if machine.screen == session:
            _key(world, other, chance >> 5, session)
            _split(world, machine, chance, session)


def act_after_a_restore(world: World, machine: Machine, chance: int) -> None:
    """Split an order at a till after the database lost what was taken off it before."""
    if session := _two_lines(world, machine, chance):
        world.server.backup(0)
        cashier = at_till(world, machine, chance >> 3)
        if cashier is not None:
            cashier.do("order_type" if chance & 256 else "quantity")
            machine.flush()
            world.server.set_back(len(world.server.backups) - 1)
            world.forgiven |= world.server.lost
            _split(world, machine, chance, session)


def at_the_door(world: World, machine: Machine, chance: int) -> None:
    """Have a program submit an order, which a till opens and changes; a restore may lose it, before or after that.

    No restore comes after an older copy of a journal: what that had received has no seal.
    """
    cashier = at_till(world, machine, chance)
    if cashier is None or not world.server.up:
        return
    if chance & 3 == 0:
        world.server.backup(0)
    session = world.server.submit(chance >> 4)
    if chance & 3 == 1:
        world.server.backup(0)
    if not cashier.take_up(session):
        return
    if chance >> 7 & 3 == 0:
        world.server.charge(session, chance >> 9)
        machine.sync()
    cashier.do(("key", "pay_part", "card", "save_tab", "void", "split", "pay", "discard")[chance >> 2 & 7])
    machine.flush()
    if chance >> 5 & 3 == 0 and chance & 2 == 0 and not any(one.was_put_back for one in world.machines):
        world.server.set_back(len(world.server.backups) - 1)
        world.forgiven |= world.server.lost
        machine.sync()


def _two_lines(world: World, machine: Machine, chance: int) -> str | None:
    """Open an order of two lines on the screen of a till, send it, and return its id; None if there is none."""
    if not _opened(world, machine, chance) or machine.screen is None:
        return None
    for key in (chance, chance + 7):
        _key(world, machine, key, machine.screen)
    return machine.screen


def _split(world: World, machine: Machine, chance: int, session: str) -> None:
    """Split off the first line at a till, unless it knows that the order is not its own."""
    cashier = at_till(world, machine, chance)
    if cashier is not None and machine.screen == session:
        cashier.do("split_first")


def corrected_again(world: World, machine: Machine, chance: int) -> None:
    """Correct a card payment to cash, and then to another tender."""
    cashier = at_till(world, machine, chance)
    order = cashier._filled() if cashier else None
    if cashier is None or order is None:
        return
    register = machine.register
    cashier._pay_exact(order, CARD)
    placed = register.ledger.order(order.id).placed
    if placed is not None:
        for tender in (CASH, UPI, CASH)[: 2 + chance % 2]:
            payment = placed.data.payments[-1].payment_id
            cashier._approved(partial(register.corrections.correct_tender, order.id, payment, tender))


def _nothing_is_hidden(world: World, session: str) -> None:
    """Check that a snapshot shows every line that its order has in the log, or is marked to be folded."""
    log = Log(world.server)
    row, order = log.rows[session], log.orders.get(session)
    if order is None:
        return  # set back, and its till shut out: the server has no event of it
    shown = {line for item in row.items for line in item["line_ids"]}
    hidden = {line.id for row in order.priced.rows for line in row.lines} - shown
    hold("no snapshot hides a line", holds=row.refold or not hidden, what=f"{hidden} of {session}")


def _opened(world: World, machine: Machine, chance: int) -> bool:
    """Open an order with lines on the screen of a till and send it to the database; false if there is none."""
    cashier = at_till(world, machine, chance)
    if cashier is None or cashier._filled() is None:
        return False
    machine.flush()
    return True


def _key(world: World, machine: Machine, chance: int, session: str, *, send: bool = True) -> None:
    """Key a line on an order at a till, which takes the order over first if it is not on its screen."""
    cashier = at_till(world, machine, chance)
    if cashier is None:
        return
    if machine.screen != session and not cashier.take_over(session, asking=True):
        return
    cashier.do("key")
    if send:
        machine.flush()


#: By the kind of the step.
MEETINGS: Final[dict[str, Callable[[World, Machine, int], None]]] = {
    "base_given_again": base_given_again,
    "left_under_old_hold": left_under_old_hold,
    "corrected_again": corrected_again,
    "act_on_what_went": act_on_what_went,
    "act_on_a_late_line": act_on_a_late_line,
    "act_after_a_restore": act_after_a_restore,
    "at_the_door": at_the_door,
}
