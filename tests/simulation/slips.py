"""People in a rush, and slips of theirs: each must be refused, and change neither the order nor the journal."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from tests.simulation.cashier import CARD, MANAGER
from tests.simulation.counter import Counter
from tests.simulation.tally import pieces_on
from tests.simulation.violation import ViolationError, hold
from till.domain.errors import (
    AmountError,
    EventError,
    JournalError,
    LineError,
    OrderClosedError,
    PaymentError,
    QuantityError,
    ReasonNeededError,
    RefundError,
    RightsError,
    TillError,
)
from till.domain.money.measures import Millionths, Minor
from till.domain.order.discounting import ALL_OF_IT, Given, asked_for
from till.domain.order.paying import CASH
from till.domain.order.selling import ItemEntry
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest
from till.register.ledger.ledger import OrderFaultError
from till.register.payments.tenders import UPI
from till.sync.connection import ConnectionFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.simulation.machine import Machine
    from tests.simulation.world import World
    from till.domain.order.state import Order
    from till.domain.refund.shares import Share
    from till.domain.staff.rights import Approval
    from till.register.register import Register

    Slip = Callable[[Register, Order], object]
    Slips = Mapping[type[TillError], Mapping[str, Slip]]

_TOO_MANY: Final = 10_000
_NOT_THERE: Final = "00000000-0000-7000-8000-000000000000"
_FAR_TOO_MUCH: Final = 10_000_000_000


#: Acts of a rush, in their order.
RUSH: Final = (
    *("new_order", "key", "key", "again", "quantity", "quantity", "key", "void", "undo", "discount"),
    *("take_off", "take_off", "part", "all_off", "quantity", "split", "items", "items", "void", "undo"),
    *(
        "tip",
        "items",
        "pay_part",
        "give_back",
        "pay",
        "part_offer",
        "part_offer",
        "part",
        "items",
        "items",
        "tip",
        "pay",
    ),
    *("key", "take_off", "save_tab", "key", "all_off", "merge", "recall_tab", "pay", "refund", "refund", "correct"),
)
_USUAL: Final = 0.7
#: Acts that the server takes once it has all records of the till.
_AT_SERVER: Final = frozenset({"part", "split", "part_offer", "merge"})


def _line(order: Order) -> str:
    return order.priced.rows[-1].first.id


def _guest(order: Order) -> str:
    return f"guest of {order.id[-8:]}"


def _keyed(till: Register, order: Order, pieces: int) -> object:
    return till.sales.add(order.id, till.access.person.number, ItemEntry(till.menu.items[0], pieces))  # type: ignore[union-attr] # somebody is logged in


def _quantity(till: Register, order: Order, pieces: int) -> object:
    return till.sales.change_quantity(order.id, _line(order), pieces)


def _off(till: Register, order: Order, line: str | None, given: Given) -> object:
    return till.sales.take_off(order.id, line, given, _yes(till, asked_for(order, line, given)))


def _manages(till: Register) -> bool:
    return till.access.person is not None and till.access.person.number == MANAGER


def _yes(till: Register, asked: PermissionRequest | None) -> Approval | None:
    if asked is None or till.approvals.allow(asked):
        return None
    return till.approvals.give(till.access.find(MANAGER), asked)


#: Slips on an open order of which something is due, with a line and no payment under way, by their refusals.
OPEN: Final[Slips] = {
    QuantityError: {
        "no pieces": lambda till, order: _keyed(till, order, 0),
        "too many pieces": lambda till, order: _keyed(till, order, _TOO_MANY),
        "a return of what is not returned": lambda till, order: _keyed(till, order, -1),
        "a row of no pieces": lambda till, order: _quantity(till, order, 0),
        "a row of too many pieces": lambda till, order: _quantity(till, order, _TOO_MANY),
        "a row of less than none": lambda till, order: _quantity(till, order, -1),
    },
    ReasonNeededError: {
        "a void without a reason": lambda till, order: till.sales.void(order.id, _line(order), " "),
        "a void for a number": lambda till, order: till.sales.void(order.id, _line(order), "12 34"),
        "off without a reason": lambda till, order: _off(till, order, None, Given(Millionths(100_000))),
        "cleared without a reason": lambda till, order: till.recovery.discard(order.id, ""),
    },
    LineError: {
        "a void of no line": lambda till, order: till.sales.void(order.id, _NOT_THERE, "changed mind"),
        "more pieces than there are": lambda till, order: till.checkout.pay(
            order.id, CARD, order.due, pieces={line: count + 1 for line, count in pieces_on(order).items()}
        ),
        "pieces that are not there": lambda till, order: till.checkout.pay(
            order.id, CARD, order.due, pieces={**pieces_on(order), _NOT_THERE: 1}
        ),
    },
    AmountError: {
        "nothing off": lambda till, order: till.sales.discount(order.id, _line(order), amount=Minor(0), reason="late"),
        "less than nothing off": lambda till, order: _off(till, order, None, Given(amount=Minor(-1), reason="late")),
        "more than all off": lambda till, order: _off(
            till, order, None, Given(amount=Minor(order.total + 1), reason="late")
        ),
        "more than a row off": lambda till, order: _off(
            till, order, _line(order), Given(amount=Minor(order.priced.rows[-1].listed + 1), reason="late")
        ),
        "more than 100 %": lambda till, order: _off(till, order, None, Given(Millionths(1_000_001), reason="late")),
        "a barcode as cash": lambda till, order: till.checkout.pay(order.id, CASH, Minor(_FAR_TOO_MUCH)),
    },
    PaymentError: {
        "more than is due": lambda till, order: till.checkout.pay(order.id, CARD, Minor(order.due + 1)),
        "nothing paid": lambda till, order: till.checkout.pay(order.id, CARD, Minor(0)),
        "a tip alone": lambda till, order: till.checkout.pay(order.id, CARD, Minor(100), tip=Minor(100)),
        "more tip than money": lambda till, order: till.checkout.pay(order.id, UPI, Minor(100), tip=Minor(101)),
        "a tip of less than nothing": lambda till, order: till.checkout.pay(order.id, CASH, order.due, tip=Minor(-1)),
        "more asked than is due": lambda till, order: till.charges.ask(order.id, "TERMINAL", Minor(order.due + 1)),
        "nothing asked": lambda till, order: till.charges.ask(order.id, "TERMINAL", Minor(0)),
        "a tip of less than nothing asked": lambda till, order: till.charges.ask(
            order.id, "TERMINAL", order.due, Minor(-1)
        ),
        "an end before it is paid": lambda till, order: till.checkout.place(order.id),
        "back what was not paid": lambda till, order: till.checkout.give_back(order.id, _NOT_THERE),
    },
    RefundError: {
        "corrected before the sale": lambda till, one: till.corrections.correct_tender(one.id, _NOT_THERE, CARD, None),
    },
}
#: Slips of a cashier without a manager, on an open order.
ALONE: Final[Slips] = {
    RightsError: {
        "cash out": lambda till, order: till.checkout.pay(order.id, CASH, Minor(-1_000_000)),
        "all of it on the house": lambda till, order: till.sales.take_off(
            order.id, None, Given(ALL_OF_IT, kind="comp", reason="late")
        ),
    },
}
#: Slips on an order whose payment has no answer yet.
WAITING: Final[Slips] = {
    PaymentError: {
        "a line during a payment": lambda till, order: _keyed(till, order, 1),
        "a void during a payment": lambda till, order: till.sales.void(order.id, _line(order), "changed mind"),
        "pieces off during a payment": lambda till, order: _quantity(till, order, 1),
        "off during a payment": lambda till, order: till.sales.discount(
            order.id, _line(order), amount=Minor(1), reason="late"
        ),
        "cash during a payment": lambda till, order: till.checkout.pay(order.id, CASH, order.due),
        "a card during a payment": lambda till, order: till.checkout.pay(order.id, CARD, Minor(1)),
        "a charge during a payment": lambda till, order: till.charges.ask(order.id, "TERMINAL", Minor(1)),
        "an end during a payment": lambda till, order: till.checkout.place(order.id),
        "cleared during a payment": lambda till, order: till.recovery.discard(order.id, "guest left"),
        "on a tab during a payment": lambda till, order: till.tabs.save(order.id, _guest(order)),
    },
}
#: Slips on an order of which a part was paid.
PART: Final[Slips] = {
    PaymentError: {"money on a cleared order": lambda till, order: till.recovery.discard(order.id, "guest left")},
}
#: Slips on an order that was paid.
OVER: Final[Slips] = {
    OrderClosedError: {
        "a line on a sale": lambda till, order: _keyed(till, order, 1),
        "a void on a sale": lambda till, order: till.sales.void(order.id, _line(order), "changed mind"),
        "pieces off a sale": lambda till, order: _quantity(till, order, 1),
        "off a sale": lambda till, order: till.sales.discount(order.id, _line(order), amount=Minor(1), reason="late"),
        "a second payment": lambda till, order: till.checkout.pay_exact(order.id, CARD),
        "a second payment by hand": lambda till, order: till.checkout.pay(order.id, CASH, Minor(100)),
        "a second end": lambda till, order: till.checkout.place(order.id),
        "a sale cleared": lambda till, order: till.recovery.discard(order.id, "guest left"),
        "a sale on a tab": lambda till, order: till.tabs.save(order.id, _guest(order)),
        "a sale resumed": lambda till, order: till.recovery.resume(order.id),
    },
    PaymentError: {"a second charge": lambda till, order: till.charges.ask(order.id, "TERMINAL", Minor(100))},
}


def slip(world: World, machine: Machine, chance: int) -> None:
    """Make some slips on an order, before and after it is paid, and at its refund."""
    cashier = Counter(world, machine, chance)
    for kind in ("new_order", "key"):
        cashier.do(kind)
    order = cashier._filled()
    if order is None:
        return
    _make(machine, order, OPEN, chance)
    if not _manages(machine.register):
        _make(machine, order, ALONE, chance)
    cashier.do("pay_part")
    order = machine.register.ledger.order(order.id)
    if order.paid:
        _make(machine, order, PART, chance)
    if chance & 2 and order.due > 1:
        cashier._charge(order, "TERMINAL", 1 + chance % (order.due - 1))
        order = machine.register.ledger.order(order.id)
        if order.pending_payment is not None:
            _make(machine, order, WAITING, chance)
            return
    try:
        cashier._pay_exact(order, CASH)
        order = machine.register.ledger.order(order.id)
        _make(machine, order, OVER, chance)
        _make(machine, order, _of_refunds(cashier, machine.register, order), chance)
        sold = cashier.sold(order)
    except TillError as problem:
        raise ViolationError("a refusal has a reason", f"a sale of {order.id}: {problem!r}") from problem
    if chance & 1:
        cashier.give(cashier.begin(sold))
        _make(machine, order, _refunded(machine.register, order), chance)


def rush(world: World, machine: Machine, chance: int) -> None:
    """Serve guests in a row: all that a cashier does to an order and to a sale, each by a chance of its own."""
    rng = random.Random(chance)  # noqa: S311 - a simulation repeats itself
    for kind in RUSH:
        if rng.random() < _USUAL and machine.is_up:
            if kind in _AT_SERVER and machine.reaches:
                machine.flush()
            try:
                Counter(world, machine, rng.getrandbits(32)).do(kind)
            except (EventError, JournalError, OrderFaultError):
                raise
            except (TillError, ConnectionFailedError):
                continue  # a refusal, or no answer: the next guest


def _of_refunds(cashier: Counter, till: Register, order: Order) -> Slips:
    """Return slips at the refund of a sale."""
    sale = cashier.sold(order).sale
    row, (way, *_others) = sale.rows[0], giving.ways_of(sale)
    one = giving.amount_back(sale, Minor(1))
    whole = giving.pieces_back(sale, giving.all_pieces(sale))
    payment = way.payment.payment_id
    slips: dict[str, Slip] = {
        "more than the sale back": lambda _till, _order: giving.amount_back(sale, Minor(sale.left.amount + 1)),
        "nothing back": lambda _till, _order: giving.amount_back(sale, Minor(0)),
        "more pieces back than sold": lambda _till, _order: giving.pieces_back(sale, {row.row: row.left + 1}),
        "pieces back of no row": lambda _till, _order: giving.pieces_back(sale, {len(sale.rows) + 1: 1}),
        "a row taken back": lambda _till, _order: giving.pieces_back(sale, {row.row: -1}),
        "no pieces back": lambda _till, _order: giving.pieces_back(sale, {row.row: 0}),
        "corrected to the same": lambda till, one: till.corrections.correct_tender(one.id, payment, way.tender, None),
        "corrected to a provider": lambda till, one: till.corrections.correct_tender(one.id, payment, "TERMINAL", None),
        "corrected on another sale": lambda till, one: till.corrections.correct_tender(one.id, _NOT_THERE, UPI, None),
    }

    def begin(share: Share, reason: str, asked: PermissionRequest | None) -> object:
        return till.refunds.start(order.id, share, way, sale, _yes(till, asked), reason)

    asked, asked_all = (PermissionRequest(Permission.REFUND, share.part.amount) for share in (one, whole))
    if way.at_most < whole.part.amount:
        slips["more back than that payment"] = lambda _till, _order: begin(whole, "cold", asked_all)
    rights: dict[str, Slip] = {}
    if not _manages(till):
        rights["back without a manager"] = lambda _till, _order: begin(one, "cold", None)
        rights["back with a manager for more"] = lambda _till, _order: begin(one, "cold", asked_all)
    return {
        RefundError: slips,
        ReasonNeededError: {"back without a reason": lambda _till, _order: begin(one, "", asked)},
        RightsError: rights if whole.part.amount > 1 else {},
    }


def _refunded(till: Register, order: Order) -> Slips:
    """Return slips at a sale of which something was refunded."""
    if order.placed is None:
        return {}
    sale = till.refunds.sale(order.id, order.placed.data.receipt)
    given = sale.refunds[-1]
    return {
        RefundError: {
            "more than is left back": lambda _till, _order: giving.amount_back(sale, Minor(sale.left.amount + 1)),
        },
        PaymentError: {
            "handed over twice": lambda till, _order: till.refunds.approve(given.id),
            "refused after it was given": lambda till, _order: till.refunds.decline(given.id, "refused"),
        }
        if given.is_over
        else {},
    }


def _make(machine: Machine, order: Order, slips: Slips, chance: int) -> None:
    """Make every other slip."""
    every = [(kind, *one) for kind, some in slips.items() for one in some.items()]
    for place, (kind, name, act) in enumerate(every):
        if (chance >> place % 24) & 1:
            head = machine.journal.head
            what = f"{name}, on {order.id}"
            try:
                act(machine.register, order)
            except kind:
                hold("a slip changes nothing", holds=machine.journal.head == head, what=what)
            except TillError as problem:
                hold("a slip is refused", holds=False, what=f"{what}: {problem!r}")
            else:
                hold("a slip is refused", holds=False, what=what)
