"""Decisions about reductions of a price: discounts, comps (on the house) and staff meals; and their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import AmountError
from till.domain.i18n import N_, _
from till.domain.money.amount import spread
from till.domain.money.discount import Off
from till.domain.money.measures import NOTHING, Millionths, Minor, Price4, sum_of
from till.domain.money.rounding import divide_and_round
from till.domain.order.deciding import check_not_empty, check_open, check_reason, event_of, row_of
from till.domain.order.events import DiscountApplied
from till.domain.order.line import Discount, alone
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Draft
    from till.domain.order.events import DiscountKind
    from till.domain.order.line import Line, Row
    from till.domain.order.state import Order

#: An id that sorts after any event, so that the discount counts as the newest.
_LAST: Final = "~"
#: The rate of 100 %.
ALL_OF_IT = Millionths(1_000_000)
_ACTS: dict[DiscountKind, Permission] = {
    "discount": Permission.DISCOUNT,
    "comp": Permission.COMP,
    "staff_meal": Permission.STAFF_MEAL,
}
#: The label of each kind of reduction, for one without a name.
OFF_KINDS: Final = {
    "promotion": N_("Promotion"),
    "discount": N_("Discount"),
    "comp": N_("On the house"),
    "staff_meal": N_("Staff meal"),
    "price": N_("New price"),  # only in reports: on an order, the price itself differs
}


def off_in_words(kind: str, name: str = "") -> str:
    """Return the label of a reduction, such as `Happy hour` or `On the house`."""
    return clean(name) or (_(OFF_KINDS[kind]) if kind in OFF_KINDS else kind.replace("_", " "))


def promotion_in_words(name: str, line: Line | None, added: Callable[[Price4], str]) -> str:
    """Return the label of a promotion on a line; of a combo with the surcharge of its item, such as `Lunch, +1.50`.

    An item that fits slots with other surcharges has none here: the label cannot tell which slot it took.
    """
    slots = [slot for one in line.combos if one.name == name for slot in one.slots] if line is not None else []
    extras = {slot.extra for slot in slots if slot.extra is not None}
    words = [off_in_words("promotion", name), *(added(extra) for extra in extras if extra and len(extras) == 1)]
    return ", ".join(words)


class Given(Struct, frozen=True):
    """A reduction to give: either a `rate`, or an `amount` in minor units off the whole line or order.

    Attributes:
        kind: the kind of reduction.
        reason: the reason typed by the user.
        name: the name of one of the venue's discounts, which needs no reason.
    """

    rate: Millionths | None = None
    amount: Minor | None = None
    kind: DiscountKind = "discount"
    reason: str = ""
    name: str = ""


def price_of(order: Order, line_id: str | None) -> Minor:
    """Return the price that a discount applies to: a row after promotions, or the order after all other discounts."""
    if line_id is not None:
        return row_to_discount(order, line_id).undiscounted
    return sum_of(row.amount for row in order.priced.rows)


def _bearing(order: Order, line_id: str | None) -> Minor:
    """Return the part of that price that may be discounted: the price without levies and deposits."""
    if line_id is None:
        return sum_of(Minor(row.amount - row.firm) for row in order.priced.rows)
    row = row_to_discount(order, line_id)
    return Minor(row.undiscounted - row.firm)


def row_to_discount(order: Order, line_id: str) -> Row:
    """Return the row of a line as a discount finds it: in no combo."""
    row = row_of(order, line_id)
    if not row.first.combos:
        return row
    apart = {line.id: replace(line, combos=()) for line in row.lines}
    return row_of(replace(order, lines={**order.lines, **apart}), line_id)


def taken_off(order: Order, line_id: str | None, given: Given) -> Minor:
    """Return the amount of a reduction, in minor units.

    Raises:
        AmountError: the amount is not positive, or more than the price.
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


def asked_for(order: Order, line_id: str | None, given: Given) -> PermissionRequest | None:
    """Return the right that a reduction needs; None for a named discount of the venue.

    The limit applies to all discounts of an order together: 10 % off each line and 10 % off the order is more than
    10 %.

    Raises:
        AmountError: as `taken_off`.
    """
    off = taken_off(order, line_id, given)
    if given.name:
        return None
    act, price = _ACTS[given.kind], _bearing(order, line_id)
    if line_id is not None:
        before = _off_by_order(order, row_to_discount(order, line_id)) if act is Permission.DISCOUNT else NOTHING
        return PermissionRequest(act, Minor(off + before), price)
    before = sum_of(order.priced.offs)
    if act is Permission.DISCOUNT:
        on_lines = sum(part for row in order.priced.rows for one, part in row.offs if one.is_limited)
        before = Minor(before + on_lines)
    return PermissionRequest(act, Minor(off + before), Minor(price + before), grows=given.rate is not None)


def _off_by_order(order: Order, row: Row) -> Minor:
    """Return the part of a row's discount that comes from limited discounts of the whole order."""
    offs = order.priced.offs
    asked = sum(off for one, off in zip(order.given, offs, strict=True) if one.is_limited)
    whole = sum(offs)
    share = row.discount - sum(one.amount for one in row.saved) - row.own
    return (
        Minor(divide_and_round(share * asked, whole)) if whole > 0 else NOTHING
    )  # `whole` is negative if returns exceed sales


def rights_for_more(row: Row, more: int) -> list[PermissionRequest]:
    """Return the rights needed to add pieces to a row: they get its changed price and its discount."""
    first, given, asked = row.first, row.first.discount, list[PermissionRequest]()
    price = first.amount_of(more)
    if first.price4 != first.usual_price4:
        asked.append(
            PermissionRequest(
                Permission.PRICE, Minor(price - replace(first, price4=first.usual_price4).amount_of(more))
            )
        )
    if given is not None and given.rate is not None and not given.name:
        asked.append(PermissionRequest(_ACTS[given.kind], given.off.of(price), price))
    return asked


def give(order: Order, line_id: str | None, given: Given) -> list[Draft]:
    """Give a discount on the row of a line, replacing an earlier one; without a line, on the order."""
    check_open(order)
    check_not_empty(order)
    if given.name:
        check_named(order, line_id, given.name)
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


def check_named(order: Order, line_id: str | None, name: str) -> None:
    """Refuse a named discount that the row of a line, or the order, has already.

    Raises:
        AmountError: it was given on the whole order, on this row, or, to give it on the order, on any line.
    """
    if name in {one.name for one in order.given}:
        raise AmountError(_("{name} is on this order already.").format(name=clean(name)))
    rows = order.priced.rows if line_id is None else (row_of(order, line_id),)
    if name in {one.name for row in rows for one in row.first.given}:
        sentence = _("{name} is on this order already.") if line_id is None else _("{name} is on this line already.")
        raise AmountError(sentence.format(name=clean(name)))


def with_discount(order: Order, line_id: str | None, given: Given) -> Order:
    """Return the order with a discount, for a preview. Writes nothing."""
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
    """Return the amount to take off each line of a row; None for each line if the discount is a percentage."""
    if given.amount is None:
        return [None] * len(row.lines)
    # Price each line as its own row: a promotion may make one of them free, and nothing can be taken off that one.
    apart = {line.id: replace(line, discounts=(Discount(_LAST, line.id, None, NOTHING),)) for line in row.lines}
    rows = replace(order, lines={**order.lines, **apart}).priced.rows
    left = {one.first.id: one.undiscounted - one.firm for one in rows if one.first.id in apart}
    return [*spread(given.amount, [left[line.id] for line in row.lines])]


def _record(order: Order, line: Line | None, given: Given, amount: Minor | None, reason: str) -> DiscountApplied:
    """Return the record of a discount. An amount records the price it applies to, unless the venue named it."""
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


def discount_line(order: Order, line_id: str, *, amount: Minor, reason: str) -> list[Draft]:
    """Discount one line by an amount in minor units, at most by its price."""
    check_open(order)
    row_of(order, line_id)
    pieces = abs(order.lines[line_id].quantity)
    if amount <= 0:
        raise AmountError(_("A discount is more than 0. Type how much to take off."))
    off = order.terms.currency.text(amount)
    data = DiscountApplied(line_id=line_id, amount=off, reason=check_reason(reason), pieces=pieces)
    return [event_of(order, data)]
