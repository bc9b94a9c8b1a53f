"""Interrupted money: two tills at once, or a till that dies before it knows the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation.counter import Counter
from till.domain.money.measures import Minor

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.machine import Machine
    from tests.simulation.world import World


def refund_twice(world: World, machine: Machine, chance: int) -> None:
    """Refund one sale at two tills: both look it up before either begins, and one may be offline by then."""
    other = other_till(world, machine, chance)
    if other is None:
        return
    one = at_till(world, machine, chance)
    found = one.find_sale() if one else None
    two = at_till(world, other, chance) if found else None
    if one is None or two is None or found is None:
        return
    machine.flush()
    same = two.find_sale(found.sale.placed.receipt)
    if chance & 16:
        machine.cut(0)
        found = found._replace(away=True)
    begun = one.begin(found)
    if same is not None:
        two.give(two.begin(same))
    one.give(begun)


def refund_dies(world: World, machine: Machine, chance: int) -> None:
    """Kill a till between the start of a refund and its answer; the database may have it or not."""
    cashier = at_till(world, machine, chance)
    try:
        found = cashier.find_sale() if cashier else None
        if cashier is not None and found is not None:
            begun = cashier.begin(found)
            if chance & 1:
                machine.fuse.light(1 + chance // 2 % 2, after=bool(chance & 8))
                cashier.give(begun)
            elif chance & 2:
                machine.flush()
    finally:
        machine.die()


def voucher_twice(world: World, machine: Machine, chance: int) -> None:
    """Pay with one voucher at two tills: both look it up before either takes it."""
    other = other_till(world, machine, chance)
    cashiers = [at_till(world, machine, chance), at_till(world, other, chance) if other else None]
    asked = []
    for cashier in cashiers:
        order = cashier._filled() if cashier else None
        place = cashier.ask_for_voucher(order) if cashier and order else None
        if cashier is not None and order is not None and place is not None:
            asked.append((cashier, order, place))
    for cashier, order, place in asked:
        cashier.redeem(order, *place)


def voucher_dies(world: World, machine: Machine, chance: int) -> None:
    """Kill a till while a voucher pays: before the server hears of it, or before the till hears the answer.

    Every other time another till then takes the order over, and clears it or continues it.
    """
    cashier = at_till(world, machine, chance)
    order = cashier._filled() if cashier else None
    place = cashier.ask_for_voucher(order) if cashier and order else None
    if cashier is None or order is None or place is None:
        return
    try:
        machine.fuse.light(1 + chance % 4, after=bool(chance & 8))
        cashier.redeem(order, *place)
    finally:
        machine.die()
        other = other_till(world, machine, chance)
        taker = at_till(world, other, chance >> 5) if other and chance & 16 else None
        if taker is not None and taker.take_over(order.id, asking=True):
            taker.do(("discard", "pay", "voucher", "discard")[chance >> 7 & 3])


def voucher_apart(world: World, machine: Machine, chance: int) -> None:
    """Pay a part by voucher on an order that another till, offline by then, took over and clears, or is paid for."""
    other, cashier = other_till(world, machine, chance), at_till(world, machine, chance)
    order = cashier._filled() if cashier and other else None
    place = cashier.ask_for_voucher(order, new=True) if cashier and order else None
    if cashier is None or other is None or order is None or place is None:
        return
    machine.flush()
    taker = at_till(world, other, chance >> 5)
    if taker is None or not taker.take_over(order.id, asking=True):
        return
    other.cut(0)
    try:
        cashier.redeem(order, place[0], Minor(1 + place[1] // 2))
    finally:
        taker.do(("discard", "pay")[chance >> 7 & 1])
        if chance & 1:
            machine.die()


def paid_back_dies(world: World, machine: Machine, chance: int) -> None:
    """Pay a part and give it back, and kill the till at one of the commits."""
    cashier = at_till(world, machine, chance)
    if cashier is None:
        return
    try:
        machine.fuse.light(2 + chance % 4, after=bool(chance & 8))
        for kind in ("new_order", "key", "pay_part", "give_back", "discard"):
            cashier.do(kind)
    finally:
        machine.die()


def part_back_dies(world: World, machine: Machine, chance: int) -> None:
    """Give back a part that the terminal took, and kill the till before it knows the outcome.

    Every other time another till then takes the order over, and polls the return.
    """
    cashier = at_till(world, machine, chance)
    if cashier is None or not cashier.take_part():
        return
    machine.flush()
    session = machine.screen or ""
    try:
        machine.fuse.light(1 + chance % 3, after=bool(chance & 8))
        cashier.part_back()
    finally:
        machine.die()
        other = other_till(world, machine, chance)
        taker = at_till(world, other, chance >> 5) if other and chance & 16 else None
        if taker is not None and taker.take_over(session, asking=True):
            taker.do(("hear", "part_back", "pay", "give_back")[chance >> 7 & 3])


def part_back_apart(world: World, machine: Machine, chance: int) -> None:
    """Give a part back by the terminal at a till that does not know that another till, offline by then, has its order.

    The other till takes the rest, clears the order, or gives the same part back.
    """
    other, cashier = other_till(world, machine, chance), at_till(world, machine, chance)
    if other is None or cashier is None or not cashier.take_part():
        return
    machine.flush()
    session = machine.screen or ""
    taker = at_till(world, other, chance >> 5)
    if taker is None or not taker.take_over(session, asking=True):
        return
    other.cut(0)
    cashiers = [cashier, taker] if chance & 1 else [taker, cashier]
    for one in cashiers:
        one.do("part_back" if one is cashier else ("pay", "discard", "give_back", "part_back")[chance >> 7 & 3])


def at_till(world: World, machine: Machine, chance: int) -> Counter | None:
    """Log somebody in at a running till; None if it cannot be."""
    if not machine.is_up:
        return None
    cashier = Counter(world, machine, chance)
    return cashier if cashier.logged_in() else None


def other_till(world: World, machine: Machine, chance: int) -> Machine | None:
    """Return another till that runs and is connected, or None."""
    others = [one for one in world.machines if one is not machine and one.is_up and one.reaches]
    return others[chance % len(others)] if others else None


#: By the kind of the step.
ACTS: Final[dict[str, Callable[[World, Machine, int], None]]] = {
    "number_twice": refund_twice,
    "refund_dies": refund_dies,
    "voucher_twice": voucher_twice,
    "voucher_dies": voucher_dies,
    "voucher_apart": voucher_apart,
    "paid_back_dies": paid_back_dies,
    "part_back_dies": part_back_dies,
    "part_back_apart": part_back_apart,
}
