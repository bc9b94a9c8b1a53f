"""Decisions about reductions of a price: a discount, on the house, a staff meal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import AmountError
from till.domain.i18n import _
from till.domain.money.amount import spread
from till.domain.money.discount import Off
from till.domain.money.measures import NOTHING, Millionths, Minor, Price4, sum_of
from till.domain.money.rounding import rounded
from till.domain.order.events import DiscountApplied
from till.domain.order.line import Discount, alone
from till.domain.order.selling import check_not_empty, check_open, check_reason, event_of, row_of
from till.domain.staff.rights import Act, Asked
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.events.envelope import Draft
    from till.domain.order.events import DiscountKind
    from till.domain.order.line import Line, Row
    from till.domain.order.state import Order

#: An id that sorts after any event: of the discounts of a line the newest counts.
_LAST: Final = "~"
#: The rate of 100 %.
ALL_OF_IT = Millionths(1_000_000)
_ACTS: dict[DiscountKind, Act] = {"discount": Act.DISCOUNT, "comp": Act.COMP, "staff_meal": Act.STAFF_MEAL}


class Given(Struct, frozen=True):
    """A reduction: one of `rate` and `amount` (minor units, of the whole line or order).

    Attributes:
        kind: its kind.
        reason: the reason, in somebody's words.
        name: the name of a discount of the venue; it replaces a reason.
    """

    rate: Millionths | None = None
    amount: Minor | None = None
    kind: DiscountKind = "discount"
    reason: str = ""
    name: str = ""


def price_of(order: Order, line_id: str | None) -> Minor:
    """Return the base of a discount: a row after promotions, or the order after all other discounts."""
    if line_id is not None:
        return row_of(order, line_id).undiscounted
    return sum_of(row.amount for row in order.priced.rows)


def _bearing(order: Order, line_id: str | None) -> Minor:
    """Return the part of that price that bears a discount: all but the levies in it."""
    if line_id is None:
        return sum_of(Minor(row.amount - row.firm) for row in order.priced.rows)
    row = row_of(order, line_id)
    return Minor(row.undiscounted - row.firm)


def taken_off(order: Order, line_id: str | None, given: Given) -> Minor:
    """Return the amount that comes off.

    Raises:
        AmountError: it is nothing, or more than there is.
    """
    price = _bearing(order, line_id)
    whole = price_of(order, line_id)
    if price <= 0 < whole:
        raise AmountError(_("Nothing to take off: a deposit or levy is never discounted."))
    if price <= 0:
        raise AmountError(_("Nothing to take off: it costs nothing."))
    if given.amount is not None and given.amount > price:
        money = order.terms.currency.money
        sentence = _("{amount} is more than the price. Take off {price} at most.")
        if price != whole:
            sentence = _("{price} at most can come off: the rest is a deposit.")
        raise AmountError(sentence.format(amount=money(given.amount), price=money(price)))
    if given.rate is not None and given.rate > ALL_OF_IT:
        raise AmountError(_("Type 100 % or less."))
    off = Off(given.rate, given.amount).of(price)
    if off <= 0:
        raise AmountError(_("A discount is more than 0. Type how much to take off."))
    return off


def asked_for(order: Order, line_id: str | None, given: Given) -> Asked | None:
    """Return the right that a reduction needs; None for a named discount of the venue.

    Discounts of an order add up, also those of a line with those of the order: a tenth off each line and a tenth off
    the
    order is more than a tenth.

    Raises:
        AmountError: as `taken_off`.
    """
    off = taken_off(order, line_id, given)
    if given.name:
        return None
    act, price = _ACTS[given.kind], _bearing(order, line_id)
    if line_id is not None:
        before = _off_by_order(order, row_of(order, line_id)) if act is Act.DISCOUNT else NOTHING
        return Asked(act, Minor(off + before), price)
    before = sum_of(order.priced.offs)
    if act is Act.DISCOUNT:
        before = Minor(before + sum(row.own for row in order.priced.rows if _is_allowed_by_share(row.first.discount)))
    return Asked(act, Minor(off + before), Minor(price + before), grows=given.rate is not None)


def _is_allowed_by_share(given: Discount | None) -> bool:
    """True if a person's share limit governs it. A named discount of the venue needs no right."""
    return given is not None and given.kind == "discount" and not given.name


def _off_by_order(order: Order, row: Row) -> Minor:
    """Return the part of a row's discount that comes from such discounts of the whole order."""
    offs = order.priced.offs
    asked = sum(off for one, off in zip(order.given, offs, strict=True) if _is_allowed_by_share(one))
    whole = sum(offs)
    share = row.discount - sum(one.amount for one in row.saved) - row.own
    return Minor(rounded(share * asked, whole)) if whole > 0 else NOTHING  # `whole` is negative if returns exceed sales


def asked_of_more(row: Row, more: int) -> list[Asked]:
    """Return the rights that more pieces like those of a row need: they get the same price and discount."""
    first, given, asked = row.first, row.first.discount, list[Asked]()
    price = first.amount_of(more)
    if first.price4 != first.first_price4:
        asked.append(Asked(Act.PRICE, Minor(price - replace(first, price4=first.first_price4).amount_of(more))))
    if given is not None and given.rate is not None and not given.name:
        asked.append(Asked(_ACTS[given.kind], given.off.of(price), price))
    return asked


def give(order: Order, line_id: str | None, given: Given) -> list[Draft]:
    """Give a discount on the row of a line, replacing the one before; without a line, on the order.

    Raises:
        AmountError: as `taken_off`.
        ReasonNeededError: no reason was given.
    """
    check_open(order)
    check_not_empty(order)
    taken_off(order, line_id, given)
    reason = "" if given.name or given.kind == "staff_meal" else check_reason(given.reason)
    if line_id is None:
        return [event_of(order, _record(order, None, given, given.amount, reason))]
    row = row_of(order, line_id)
    return [
        event_of(order, _record(order, line, given, amount, reason))
        for line, amount in zip(row.lines, _shares(order, row, given), strict=True)
        if amount != 0
    ]


def as_given(order: Order, line_id: str | None, given: Given) -> Order:
    """Return the order with this discount, for display: nothing is written."""
    if line_id is None:
        return replace(order, given=(*order.given, Discount(_LAST, None, given.rate, given.amount)))
    row = row_of(order, line_id)
    after = {
        line.id: replace(line, discounts=(*line.discounts, Discount(_LAST, line.id, given.rate, amount)))
        for line, amount in zip(row.lines, _shares(order, row, given), strict=True)
        if amount != 0
    }
    return replace(order, lines={**order.lines, **after})


def _shares(order: Order, row: Row, given: Given) -> list[Minor | None]:
    """Return the amount that comes off each line of a row. For a percentage each line has its own."""
    if given.amount is None:
        return [None] * len(row.lines)
    # Each line becomes a row of its own, because a promotion may leave one of them at zero, which bears nothing.
    apart = {line.id: replace(line, discounts=(Discount(_LAST, line.id, None, NOTHING),)) for line in row.lines}
    rows = replace(order, lines={**order.lines, **apart}).priced.rows
    left = {one.first.id: one.undiscounted - one.firm for one in rows if one.first.id in apart}
    return [*spread(given.amount, [left[line.id] for line in row.lines])]


def _record(order: Order, line: Line | None, given: Given, amount: Minor | None, reason: str) -> DiscountApplied:
    """Return the record of a discount. An amount names the price it is for, unless the venue allows it on any order."""
    currency, by_amount = order.terms.currency, amount is not None
    price = _bearing(order, None) if line is None else alone(line, abs(line.quantity))
    return DiscountApplied(
        line_id=line.id if line else None,
        percent=None if given.rate is None else currency.price_text(Price4(given.rate)),
        amount=None if amount is None else currency.text(amount),
        kind=given.kind,
        name=given.name,
        reason=reason,
        pieces=abs(line.quantity) if line and by_amount else None,
        price=currency.text(price) if by_amount and not given.name else None,
    )
