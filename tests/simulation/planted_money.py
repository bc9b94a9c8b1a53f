"""Faults about money beside the sale that are planted on purpose: refunds, vouchers, tips, discounts, corrections."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from msgspec import structs

from tests.simulation.planting import nothing, reword
from till.domain.money.measures import Minor
from till.domain.order import by_items, charging, moving
from till.domain.order.events import DiscountApplied, LinesMoved
from till.domain.order.state import Payment, Return
from till.domain.payment.movement import PaymentState, Result
from till.domain.refund import giving
from till.domain.refund.correcting import correct_tender
from till.domain.structs import replace
from till.register.refunds import Refunds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tests.simulation.world import World
    from till.domain.events.envelope import Draft
    from till.domain.order.events import LineAmounts
    from till.domain.order.line import Cost, Line
    from till.domain.order.state import Order
    from till.domain.refund.giving import Way
    from till.domain.refund.shares import Sale


@contextmanager
def refund_uncounted() -> Iterator[Callable[[World], None]]:
    """Refunds are kept for no sale: another till gives the same back too, and no manager hears of it."""
    yield lambda world: reword(world, "cold.exceeds_sale", r"warm\.claim_counts\(c\)", "false")


@contextmanager
def refund_unflagged() -> Iterator[Callable[[World], None]]:
    """A refund of more than was paid is not flagged."""
    yield lambda world: reword(world, "warm.apply_refund_answer", r"if beyond then", "if false then")


@contextmanager
def refund_to_wrong_tender() -> Iterator[Callable[[World], None]]:
    """A till gives back by UPI what was paid by card, and the database takes it."""
    ways_of = giving.ways_of

    def wrong(sale: Sale, *, away: bool = False) -> list[Way]:
        ways = ways_of(sale, away=away)
        return [one if one.tender != "CARD" else replace(one, tender="UPI") for one in ways]

    words = "p_data->>'tender' not in ('CASH', 'UPI') and exists"
    with mock.patch.object(giving, "ways_of", wrong):
        yield lambda world: reword(world, "cold.refund_fault", r"p_data->>'tender' <> 'CASH' and exists", words)


@contextmanager
def return_forgotten() -> Iterator[Callable[[World], None]]:
    """A return by a card terminal without an answer is never polled."""
    with mock.patch.object(Refunds, "is_asked_here", return_value=False):
        yield nothing


@contextmanager
def paid_piece_leaves() -> Iterator[Callable[[World], None]]:
    """Pieces that guests paid for are voided, taken off, cut and moved like any other."""
    with mock.patch.object(by_items, "check_removable"), mock.patch.object(by_items, "unpaid", _every_piece):
        yield nothing


def _every_piece(_order: Order, line: Line) -> int:
    return abs(line.quantity)


@contextmanager
def remainder_lost() -> Iterator[Callable[[World], None]]:
    """The guest who pays for the last pieces pays a unit less than is due."""
    share_of = by_items.share_of

    def less(order: Order, pieces: Mapping[str, int]) -> Minor:
        share = share_of(order, pieces)
        return Minor(share - 1) if share > 1 else share

    with mock.patch.object(by_items, "share_of", less):
        yield nothing


@contextmanager
def voucher_taken_twice() -> Iterator[Callable[[World], None]]:
    """The amount of a voucher reserved for an order may pay for another one too."""
    yield lambda world: reword(world, "till.value_moved", r"'reserved', 'spent'", "'spent'")


@contextmanager
def balance_eaten() -> Iterator[Callable[[World], None]]:
    """The amount of a voucher reserved for an order that ended without it is never released."""
    pattern = r"s\.status in \('completed', 'discarded'\)\)\s+then\s+perform warm\.release_values"
    words = "s.status in ('nowhere')) then perform warm.release_values"
    yield lambda world: reword(world, "warm.apply_to_values", pattern, words)


@contextmanager
def voucher_never_spent() -> Iterator[Callable[[World], None]]:
    """The amount that a voucher paid stays on it when the order is placed."""
    yield lambda world: reword(world, "warm.spend_values", r"set state = 'spent'", "set state = 'released'")


@contextmanager
def tip_as_payment() -> Iterator[Callable[[World], None]]:
    """A tip goes towards what is due."""
    with mock.patch.object(Payment, "settles", property(lambda payment: payment.amount - payment.over)):
        yield nothing


def _undiscounted(moved: LinesMoved) -> LinesMoved:
    amounts = tuple(structs.replace(one, off="0") for one in moved.amounts)
    return structs.replace(moved, discounts=(), amounts=amounts)


@contextmanager
def discount_lost() -> Iterator[Callable[[World], None]]:
    """Lines that go to another order leave their discounts behind."""
    carry = moving.carry_lines

    def forgetful(order: Order, session_id: str, line_ids: Iterable[str]) -> list[Draft]:
        return [
            replace(draft, data=_undiscounted(draft.data)) if isinstance(draft.data, LinesMoved) else draft
            for draft in carry(order, session_id, line_ids)
            if not isinstance(draft.data, DiscountApplied)
        ]

    with mock.patch.object(moving, "carry_lines", forgetful):
        yield nothing


@contextmanager
def saving_lost() -> Iterator[Callable[[World], None]]:
    """The savings of promotions on lots that are split are not written down."""
    amounts = moving._amounts

    def forgetful(line: Line, cost: Cost) -> LineAmounts:
        return amounts(line, replace(cost, saved=()))

    with mock.patch.object(moving, "_amounts", forgetful):
        yield nothing


@contextmanager
def money_left_behind() -> Iterator[Callable[[World], None]]:
    """A tab paid in part is emptied like any other."""
    with mock.patch.object(moving, "emptied_and_kept", lambda order, into: (order, into)):
        yield nothing


@contextmanager
def drawer_unnamed() -> Iterator[Callable[[World], None]]:
    """A card payment corrected to cash is in no drawer."""

    def nowhere(order: Order, *facts: Any) -> list[Draft]:
        return [
            replace(draft, data=structs.replace(draft.data, drawer=None, was_drawer=None))
            for draft in correct_tender(order, *facts)
        ]

    with mock.patch("till.register.corrections.correct_tender", nowhere):
        yield nothing


@contextmanager
def correction_lost() -> Iterator[Callable[[World], None]]:
    """A corrected tender stays as it was pressed first."""
    yield lambda world: reword(world, "warm.apply_refund", r"perform warm\.apply_tender_corrected\(p_auth, e\)", "null")


@contextmanager
def overcharge_unseen() -> Iterator[Callable[[World], None]]:
    """An amount that a card terminal took beyond what was asked is not flagged."""
    over = r"abs\(t\.amount - coalesce\(t\.tip, 0\)\) >"
    yield lambda world: reword(world, "warm.flag_payments", over, "false and 0 <")


@contextmanager
def decline_as_given() -> Iterator[Callable[[World], None]]:
    """A part that a card terminal declined to give back is taken off its order all the same."""

    answer = charging.answer

    def believe(order: Order, known: Payment | Return, result: Result, drawer: int | None = None) -> list[Draft]:
        is_declined = isinstance(known, Return) and result.state is PaymentState.DECLINED
        return answer(order, known, replace(result, state=PaymentState.APPROVED) if is_declined else result, drawer)

    with mock.patch.object(charging, "answer", believe):
        yield nothing


#: By the name that `--plant` takes.
MONEY: Final[dict[str, Any]] = {
    "refund_uncounted": refund_uncounted,
    "refund_unflagged": refund_unflagged,
    "refund_to_wrong_tender": refund_to_wrong_tender,
    "return_forgotten": return_forgotten,
    "paid_piece_leaves": paid_piece_leaves,
    "remainder_lost": remainder_lost,
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
}
