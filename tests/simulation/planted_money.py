"""Faults about money beside the sale that are planted on purpose: refunds, vouchers, tips, discounts, corrections."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from msgspec import structs

from tests.simulation.planting import nothing, reword
from till.domain.merge import settlement
from till.domain.order import giving_back, moving
from till.domain.order.events import LinesMoved
from till.domain.order.state import Payment, PaymentState
from till.domain.refund import giving
from till.domain.refund.correcting import correct_tender
from till.domain.structs import replace
from till.register.returns import Returns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.simulation.world import World
    from till.domain.events.envelope import Draft
    from till.domain.merge.settlement import Conflict
    from till.domain.order.state import GivingBack, Order
    from till.domain.refund.giving import Way
    from till.domain.refund.shares import Sale
    from till.register.payments.asking import UnderWay


@contextmanager
def refund_uncounted() -> Iterator[Callable[[World], None]]:
    """What goes back, or went, is kept of no sale: another till gives it back too, and no manager hears of it."""
    yield lambda world: reword(world, "cold.is_beyond", r"warm\.is_kept\(c\)", "false")


@contextmanager
def refund_unflagged() -> Iterator[Callable[[World], None]]:
    """Nobody says that more went back than was paid."""
    yield lambda world: reword(world, "warm.apply_refund_answer", r"if beyond then", "if false then")


@contextmanager
def refund_to_wrong_tender() -> Iterator[Callable[[World], None]]:
    """A till gives back by UPI what was paid by card, and the database takes it."""
    ways_of = giving.ways_of

    def wrong(sale: Sale, *, away: bool = False) -> list[Way]:
        ways = ways_of(sale, away=away)
        return [one if one.tender != "CARD" else replace(one, tender="UPI") for one in ways]

    words = "p_data->>'tender' not in ('CASH', 'UPI') and not exists"
    with mock.patch.object(giving, "ways_of", wrong):
        yield lambda world: reword(world, "cold.refund_fault", r"p_data->>'tender' <> 'CASH' and not exists", words)


@contextmanager
def return_forgotten() -> Iterator[Callable[[World], None]]:
    """Nobody asks after money that a card terminal was to give back and said nothing of."""

    async def forget(_returns: Returns, _under_way: UnderWay) -> None:
        pass

    with mock.patch.object(Returns, "_ask_on", forget):
        yield nothing


@contextmanager
def voucher_taken_twice() -> Iterator[Callable[[World], None]]:
    """What is kept of a voucher for an order may pay for another one too."""
    yield lambda world: reword(world, "till.value_moved", r"'reserved', 'spent'", "'spent'")


@contextmanager
def balance_eaten() -> Iterator[Callable[[World], None]]:
    """What was kept of a voucher for an order that ended without it is given back by nobody."""
    pattern = r"s\.status in \('completed', 'discarded'\)\)\s+then\s+perform warm\.release_values"
    words = "s.status in ('nowhere')) then perform warm.release_values"
    yield lambda world: reword(world, "warm.apply_to_values", pattern, words)


@contextmanager
def voucher_never_spent() -> Iterator[Callable[[World], None]]:
    """What a voucher paid stays on it when the order is placed."""
    yield lambda world: reword(world, "warm.spend_values", r"set standing = 'spent'", "set standing = 'released'")


@contextmanager
def tip_as_payment() -> Iterator[Callable[[World], None]]:
    """A tip goes towards what is due."""
    with mock.patch.object(Payment, "settles", property(lambda payment: payment.amount - payment.over)):
        yield nothing


@contextmanager
def discount_lost() -> Iterator[Callable[[World], None]]:
    """Lines that go to another order leave behind what was taken off them."""
    carry = moving.carry_lines

    def forgetful(order: Order, session_id: str, line_ids: Iterable[str], *, late: bool) -> list[Draft]:
        return [
            draft._replace(data=structs.replace(draft.data, discounts=()))
            if isinstance(draft.data, LinesMoved)
            else draft
            for draft in carry(order, session_id, line_ids, late=late)
        ]

    with mock.patch.object(moving, "carry_lines", forgetful):
        yield nothing


@contextmanager
def saving_lost() -> Iterator[Callable[[World], None]]:
    """Of what promotions saved on lots that are torn apart nothing is written down."""
    with mock.patch.object(moving, "_kept", return_value=[]):
        yield nothing


@contextmanager
def money_left_behind() -> Iterator[Callable[[World], None]]:
    """A tab is merged into another one, and its money is not."""
    join = moving.join

    def heedless(order: Order, into: str, reason: str) -> list[Draft]:
        return join(structs.replace(order, payments={}), into, reason)

    with mock.patch.object(moving, "join", heedless):
        yield nothing


@contextmanager
def drawer_unnamed() -> Iterator[Callable[[World], None]]:
    """Cash that was taken by mistake for a card, and put right, is in no drawer."""

    def nowhere(order: Order, *facts: Any) -> list[Draft]:
        return [
            draft._replace(data=structs.replace(draft.data, drawer=None, was_drawer=None))
            for draft in correct_tender(order, *facts)
        ]

    with mock.patch("till.register.refunds.correct_tender", nowhere):
        yield nothing


@contextmanager
def correction_lost() -> Iterator[Callable[[World], None]]:
    """A tender that was put right stands as it was pressed first."""
    yield lambda world: reword(world, "warm.give_back", r"perform warm\.apply_tender_corrected\(p_door, e\)", "null")


@contextmanager
def overcharge_unseen() -> Iterator[Callable[[World], None]]:
    """Nobody says that a card terminal took more than it was asked for."""
    contradicted = settlement._contradicted

    def blind(order: Order) -> Iterator[Conflict]:
        return (found for found in contradicted(order) if found.kind != "charged_more")

    with mock.patch.object(settlement, "_contradicted", blind):
        yield nothing


@contextmanager
def decline_as_given() -> Iterator[Callable[[World], None]]:
    """A part that a card terminal declined to give back is off its order all the same."""

    def believe(order: Order, payment: Payment, back: GivingBack, _reason: str) -> list[Draft]:
        return giving_back.approve_return(order, payment, back)

    with mock.patch.object(giving_back, "decline_return", believe):
        yield nothing


@contextmanager
def second_asking_forgotten() -> Iterator[Callable[[World], None]]:
    """Nobody asks after a part that is to go back once it went back otherwise."""
    going_back = Payment.going_back.fget  # type: ignore[attr-defined] # a property

    def forgetful(payment: Payment) -> GivingBack | None:
        return going_back(payment) if payment.state is PaymentState.APPROVED else None

    with mock.patch.object(Payment, "going_back", property(forgetful)):
        yield nothing


#: By the name that `--plant` takes.
MONEY: Final[dict[str, Any]] = {
    "refund_uncounted": refund_uncounted,
    "refund_unflagged": refund_unflagged,
    "refund_to_wrong_tender": refund_to_wrong_tender,
    "return_forgotten": return_forgotten,
    "voucher_taken_twice": voucher_taken_twice,
    "voucher_never_spent": voucher_never_spent,
    "balance_eaten": balance_eaten,
    "tip_as_payment": tip_as_payment,
    "discount_lost": discount_lost,
    "saving_lost": saving_lost,
    "money_left_behind": money_left_behind,
    "drawer_unnamed": drawer_unnamed,
    "correction_lost": correction_lost,
    "overcharge_unseen": overcharge_unseen,
    "decline_as_given": decline_as_given,
    "second_asking_forgotten": second_asking_forgotten,
}
