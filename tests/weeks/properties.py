"""Invariants of a week, judged by the events and by the Z of each till."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

from tests.evenings.evening import hold
from till.domain.order.events import (
    ChangeUndone,
    LineVoided,
    OrderDiscarded,
    OrderPlaced,
    OrderResumed,
    PriceOverridden,
    QuantityChanged,
    Removed,
)
from till.domain.payment.events import PaymentApproved, PaymentVoided
from till.domain.payment.names import KEPT_BY_SERVER
from till.domain.refund.events import RefundApproved, RefundStarted
from till.domain.shift.events import DrawerCounted, ShiftClosed, ShiftOpened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.weeks.week import Week
    from till.domain.events.envelope import Event
    from till.domain.money.measures import Minor
    from till.domain.shift.events import ShiftSums

    #: A figure of a Z, its row, a number or another first sum, and an amount.
    _Figure = tuple[str, str, int, int]


def check_weeks(week: Week) -> None:
    """Close each till for good, and check every invariant.

    Raises:
        BrokenError: an invariant does not hold.
    """
    for till in week.tills:
        week.till = till
        if week.drawer.shift() is not None:
            week.close()
    minor = week.till.register.formats.currency.minor
    for till in week.tills:
        events = week.chain(till)
        _events_carry_their_shift(events)
        closed = [event for event in events if isinstance(event.data, ShiftClosed)]
        for event in closed:
            assert isinstance(event.data, ShiftClosed)
            identity(event.data.sums, minor)
            own = [one for one in events if one.shift == event.stream_id]
            known = _summed([*_money(own, minor), *_changes(own, minor)])
            stated = _summed(_stated(event.data.sums, minor))
            hold("a figure of a Z is the sum of its events", holds=known == stated, what=(known, stated))
        _openings_follow(events, minor)
        _each_sale_is_in_one_z(events, minor)
        _totals_run(events, minor)


def identity(sums: ShiftSums, minor: Callable[[str], Minor]) -> None:
    """Tenders = sales + rounding + tips − refunds + taken ahead − used; and each sum is the sum of its parts."""
    tenders = sum(minor(one.amount) for one in sums.tenders)
    sales = minor(sums.sales.gross) + minor(sums.rounding) + minor(sums.tips)
    owed = sales - minor(sums.refunds.amount) + minor(sums.taken_ahead) - minor(sums.used)
    hold(
        "tenders = sales + rounding + tips - refunds + ahead - used", holds=tenders == owed, what=(sums, tenders, owed)
    )
    for name in ("tips", "taken_ahead", "used"):
        parts = sum(minor(getattr(one, name)) for one in sums.tenders)
        hold("tenders have each a part", holds=parts == minor(getattr(sums, name)), what=(name, sums))
    gross = minor(sums.sales.net) + minor(sums.sales.tax)
    hold("net + tax = gross", holds=gross == minor(sums.sales.gross), what=sums)
    rows = sum(minor(one.gross) for one in sums.categories) + minor(sums.service_charge)
    hold("categories sum to the sales", holds=rows == minor(sums.sales.gross), what=sums)
    dates = sum(one.number for one in sums.dates), sum(minor(one.gross) for one in sums.dates)
    hold("dates sum to the sales", holds=dates == (sums.sales.number, minor(sums.sales.gross)), what=sums)
    taxes = sum(minor(one.tax) for one in sums.taxes)
    hold("taxes sum to the tax", holds=taxes == minor(sums.sales.tax), what=sums)
    own = [one for one in sums.tenders if one.tender in KEPT_BY_SERVER]
    ahead = [one for one in own if minor(one.taken_ahead) or minor(one.used)]
    hold("what the server keeps moves with its sale", holds=not ahead, what=ahead)


def _money(shift: list[Event], minor: Callable[[str], Minor]) -> Iterator[_Figure]:
    """Yield the figures of a Z that sales, payments and refunds of its shift move, and by how much."""
    answered: set[str] = set()
    taxes = {event.stream_id: event.data.tax for event in shift if isinstance(event.data, RefundStarted)}
    for event in shift:
        match data := event.data:
            case OrderPlaced():
                yield from _sold(data, minor)
            case RefundApproved():
                yield "refunds", "", 1, -minor(data.amount)
                yield "refund_tax", "", 0, -minor(taxes.get(event.stream_id, "0"))
                yield "tenders", data.tender, 1, 0
            case PaymentApproved() if data.payment_id not in answered and data.tender not in KEPT_BY_SERVER:
                answered.add(data.payment_id)
                yield "tenders", data.tender, 1, 0
            case PaymentVoided() if data.tender not in KEPT_BY_SERVER:
                yield "tenders", data.tender, 1, 0


def _sold(sale: OrderPlaced, minor: Callable[[str], Minor]) -> Iterator[_Figure]:
    yield "sales", "", 1, minor(sale.total)
    yield "rounding", "", 0, minor(sale.rounding)
    yield "dates", sale.business_date, 1, minor(sale.total)
    for tax in sale.taxes:
        yield "taxes", f"{tax.name} {tax.rate or ''}", minor(tax.net or "0"), minor(tax.tax)
    for line in sale.lines:
        yield "categories", line.category, line.quantity, minor(line.subtotal)
    for off in (*sale.off, *(off for line in sale.lines for off in line.off)):
        yield "comps" if off.kind == "comp" else "discounts", "", 1, abs(minor(off.amount))
    for one in sale.payments:
        yield "tenders", one.tender, int(one.tender in KEPT_BY_SERVER), 0


def _changes(shift: list[Event], minor: Callable[[str], Minor]) -> Iterator[_Figure]:
    """Yield the voids and new prices of a shift that nobody undid."""
    gone: dict[str, tuple[Removed, ...]] = {}
    cleared: dict[str, tuple[Removed, ...]] = {}
    priced: set[str] = set()
    for event in shift:
        match data := event.data:
            case LineVoided(removed=Removed() as one) | QuantityChanged(removed=Removed() as one, cut=False):
                gone[event.id] = (one,)
            case OrderDiscarded():
                cleared[event.stream_id] = data.removed
            case OrderResumed():
                cleared.pop(event.stream_id, None)
            case PriceOverridden(follows=None):
                priced.add(event.id)
            case ChangeUndone():
                gone.pop(data.event, None)
                priced.discard(data.event)
    yield "new_prices", "", len(priced), 0
    for one in itertools.chain.from_iterable((*gone.values(), *cleared.values())):
        yield "voids", "", 1, minor(one.amount)
        yield "voids_after_sending", "", int(one.sent), one.sent * minor(one.amount)
    for one in itertools.chain.from_iterable(cleared.values()):
        yield "cleared_after_sending", "", int(one.sent), one.sent * minor(one.amount)


def _stated(sums: ShiftSums, minor: Callable[[str], Minor]) -> Iterator[_Figure]:
    """Yield the figures that a Z states."""
    yield "sales", "", sums.sales.number, minor(sums.sales.gross)
    yield "rounding", "", 0, minor(sums.rounding)
    yield from (("dates", one.business_date, one.number, minor(one.gross)) for one in sums.dates)
    yield from (("taxes", f"{one.name} {one.rate}", minor(one.net), minor(one.tax)) for one in sums.taxes)
    yield from (("categories", one.category, one.quantity, minor(one.gross)) for one in sums.categories)
    yield from (("tenders", one.tender, one.number, 0) for one in sums.tenders)
    yield "refund_tax", "", 0, minor(sums.refund_tax or "0")
    yield "new_prices", "", sums.new_prices or 0, 0
    for name in ("comps", "discounts", "refunds", "voids", "voids_after_sending", "cleared_after_sending"):
        one = getattr(sums, name)
        yield name, "", one.number, minor(one.amount)


def _summed(figures: Iterable[_Figure]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the sums of each figure and row that is not zero."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for name, row, number, amount in figures:
        before = found.get((name, row), (0, 0))
        found[name, row] = before[0] + number, before[1] + amount
    return {key: sums for key, sums in found.items() if any(sums)}


def _events_carry_their_shift(events: list[Event]) -> None:
    """Each event from an opening to the close carries the shift, and none outside does."""
    shift: str | None = None
    for event in events:
        if isinstance(event.data, ShiftOpened):
            hold("one shift is open at a time", holds=shift is None, what=event)
            shift = event.stream_id
        hold("an event has its label", holds=event.shift == shift, what=(event, shift))
        hold("money moves in a shift", holds=shift is not None or not event.data.opens_shift, what=event)
        if isinstance(event.data, ShiftClosed):
            hold("a shift is closed once", holds=event.stream_id == shift, what=event)
            shift = None
    first = True
    for event, after in itertools.pairwise(events):
        if isinstance(event.data, ShiftOpened):  # the first count of a new till has no other shift
            needed = after.data.opens_shift or (first and isinstance(after.data, DrawerCounted))
            first = False
            hold("a shift opens for money", holds=needed and after.shift == event.stream_id, what=(event, after))


def _openings_follow(events: list[Event], minor: Callable[[str], Minor]) -> None:
    """Opening of the next = closing + the sum of (difference - taken) of the counts beside the Z.

    One of them may be made in the next shift, before any count of that.
    """
    balance: Counter[str] = Counter()
    last = ""
    is_counted = False
    for event in events:
        if isinstance(event.data, DrawerCounted):
            if event.shift != event.stream_id:
                hold("a count stands beside the last Z", holds=event.stream_id == last, what=event)
                hold("the first one does in the next shift", holds=event.shift is None or not is_counted, what=event)
                for one in event.data.counts:
                    is_exact = minor(one.expected) == balance[one.tender]
                    hold("a count expects the balance", holds=is_exact or event.shift is not None, what=event)
                    balance[one.tender] += minor(one.counted) - minor(one.expected) - minor(one.taken)
            is_counted = True
        elif isinstance(event.data, ShiftClosed):
            is_counted = False
            for row in event.data.sums.drawer:
                hold("an opening follows", holds=minor(row.opening) == balance[row.tender], what=(row, balance))
                balance[row.tender] = minor(row.closing)
            last = event.stream_id


def _each_sale_is_in_one_z(events: list[Event], minor: Callable[[str], Minor]) -> None:
    """All Z have all sales of the till, with receipts without a gap."""
    sales = [event for event in events if isinstance(event.data, OrderPlaced)]
    zs = [event for event in events if isinstance(event.data, ShiftClosed)]
    number = gross = 0
    last: dict[str, str] = {}
    for event in zs:
        assert isinstance(event.data, ShiftClosed)
        sums = event.data.sums
        own = [one.data for one in sales if one.shift == event.stream_id]
        number += sums.sales.number
        gross += minor(sums.sales.gross)
        receipts = [one.receipt for one in own if isinstance(one, OrderPlaced)]
        ends = (sums.receipts.first, sums.receipts.last) if sums.receipts else None
        hold("a Z has its receipts", holds=ends == ((receipts[0], receipts[-1]) if receipts else None), what=event)
        for receipt in receipts:
            hold("receipts go on", holds=receipt > last.get(_series(receipt), ""), what=(event, last))
            last[_series(receipt)] = receipt
    total = sum(minor(one.data.total) for one in sales if isinstance(one.data, OrderPlaced))
    hold("each sale is in one Z", holds=(number, gross) == (len(sales), total), what=(number, gross, len(sales), total))


def _totals_run(events: list[Event], minor: Callable[[str], Minor]) -> None:
    """Grand totals are the sums of all Z of a series so far; its numbers of Z go on by one."""
    sales, refunds, place = Counter[str](), Counter[str](), Counter[str]()
    for event in events:
        if isinstance(event.data, ShiftClosed):
            one = _series(event.data.number)
            place[one] += 1
            sales[one] += minor(event.data.sums.sales.gross)
            refunds[one] += minor(event.data.sums.refunds.amount)
            totals = event.data.totals
            known = (minor(totals.sales), minor(totals.refunds), minor(totals.net))
            hold("grand totals run", holds=known == (sales[one], refunds[one], sales[one] - refunds[one]), what=event)
            hold("numbers of Z go on", holds=event.data.number.endswith(f"-Z{place[one]:06d}"), what=event)


def _series(number: str) -> str:
    """Return the series of a document's number: that of its journal."""
    return number.rpartition("-")[0]
