"""Money with something between: two tills at once, or a till that dies before it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation.counter import Counter
from till.domain.money.measures import Minor

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.machine import Machine
    from tests.simulation.world import World


def refund_twice(world: World, machine: Machine, chance: int) -> None:
    """Two tills give the same sale back: both look at it before either has begun. The one may be away by then."""
    other = _other(world, machine, chance)
    if other is None:
        return
    one = _at(world, machine, chance)
    found = one.find_sale() if one else None
    two = _at(world, other, chance) if found else None
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
    """A till dies between the beginning of a refund and its answer, which the database may have or not."""
    cashier = _at(world, machine, chance)
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
    """Two guests hold one voucher: both tills look at it before either has taken it."""
    other = _other(world, machine, chance)
    cashiers = [_at(world, machine, chance), _at(world, other, chance) if other else None]
    asked = []
    for cashier in cashiers:
        order = cashier._filled() if cashier else None
        place = cashier.ask_for_voucher(order) if cashier and order else None
        if cashier is not None and order is not None and place is not None:
            asked.append((cashier, order, place))
    for cashier, order, place in asked:
        cashier.redeem(order, *place)


def voucher_dies(world: World, machine: Machine, chance: int) -> None:
    """A till dies while a voucher pays: before the server hears of it, or before the till hears the answer.

    Every other time another till then takes the order over, and clears it, or goes on with it.
    """
    cashier = _at(world, machine, chance)
    order = cashier._filled() if cashier else None
    place = cashier.ask_for_voucher(order) if cashier and order else None
    if cashier is None or order is None or place is None:
        return
    try:
        machine.fuse.light(1 + chance % 4, after=bool(chance & 8))
        cashier.redeem(order, *place)
    finally:
        machine.die()
        other = _other(world, machine, chance)
        taker = _at(world, other, chance >> 5) if other and chance & 16 else None
        if taker is not None and taker.take_over(order.id, asking=True):
            taker.do(("discard", "pay", "voucher", "discard")[chance >> 7 & 3])


def voucher_apart(world: World, machine: Machine, chance: int) -> None:
    """A voucher pays a part of an order that another till, away by then, took over, and clears or has paid."""
    other, cashier = _other(world, machine, chance), _at(world, machine, chance)
    order = cashier._filled() if cashier and other else None
    place = cashier.ask_for_voucher(order, new=True) if cashier and order else None
    if cashier is None or other is None or order is None or place is None:
        return
    machine.flush()
    taker = _at(world, other, chance >> 5)
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
    """A part is paid and goes back, and the till dies at one of the commits."""
    cashier = _at(world, machine, chance)
    if cashier is None:
        return
    try:
        machine.fuse.light(2 + chance % 4, after=bool(chance & 8))
        for kind in ("new_order", "key", "pay_part", "give_back", "discard"):
            cashier.do(kind)
    finally:
        machine.die()


def part_back_dies(world: World, machine: Machine, chance: int) -> None:
    """A part that the terminal took is to go back, and the till dies before it knows whether it did.

    Every other time another till then takes the order over, and asks after it.
    """
    cashier = _at(world, machine, chance)
    if cashier is None or not cashier.take_part():
        return
    machine.flush()
    session = machine.screen or ""
    try:
        machine.fuse.light(1 + chance % 3, after=bool(chance & 8))
        cashier.part_back()
    finally:
        machine.die()
        other = _other(world, machine, chance)
        taker = _at(world, other, chance >> 5) if other and chance & 16 else None
        if taker is not None and taker.take_over(session, asking=True):
            taker.do(("hear", "part_back", "pay", "give_back")[chance >> 7 & 3])


def part_back_apart(world: World, machine: Machine, chance: int) -> None:
    """A part goes back by the terminal at a till that does not know yet that another one, away by then, has its order.

    That one is paid the rest, clears it, or gives the same part back.
    """
    other, cashier = _other(world, machine, chance), _at(world, machine, chance)
    if other is None or cashier is None or not cashier.take_part():
        return
    machine.flush()
    session = machine.screen or ""
    taker = _at(world, other, chance >> 5)
    if taker is None or not taker.take_over(session, asking=True):
        return
    other.cut(0)
    cashiers = [cashier, taker] if chance & 1 else [taker, cashier]
    for one in cashiers:
        one.do("part_back" if one is cashier else ("pay", "discard", "give_back", "part_back")[chance >> 7 & 3])


def _at(world: World, machine: Machine, chance: int) -> Counter | None:
    """Somebody who is logged in at a till that runs."""
    if not machine.is_up:
        return None
    cashier = Counter(world, machine, chance)
    if machine.register.access.person is None:
        cashier.login()
    return cashier if machine.register.access.person is not None else None


def _other(world: World, machine: Machine, chance: int) -> Machine | None:
    """Another till that runs and has its line."""
    others = [one for one in world.machines if one is not machine and one.is_up and one.reaches]
    return others[chance % len(others)] if others else None


#: By the kind of the step.
ACTS: Final[dict[str, Callable[[World, Machine, int], None]]] = {
    "refund_twice": refund_twice,
    "refund_dies": refund_dies,
    "voucher_twice": voucher_twice,
    "voucher_dies": voucher_dies,
    "voucher_apart": voucher_apart,
    "paid_back_dies": paid_back_dies,
    "part_back_dies": part_back_dies,
    "part_back_apart": part_back_apart,
}
