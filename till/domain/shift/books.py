"""The books of a shift: the sums of its X and Z, and the balance of its drawer, from the events of its label alone.

The identity of every Z: tenders = sales + rounding + tips − refunds + taken ahead − used.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from sys import intern
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from msgspec import Struct

from till.domain.events.fields import Amount, Count
from till.domain.money.measures import NOTHING, Minor
from till.domain.numbers import series_of
from till.domain.order.events import (
    ChangeUndone,
    LineVoided,
    OrderDiscarded,
    OrderPlaced,
    OrderResumed,
    PriceOverridden,
    QuantityChanged,
)
from till.domain.order.paying import CASH
from till.domain.payment.events import PaymentApproved, PaymentVoided, TipCorrected
from till.domain.payment.names import KEPT_BY_SERVER
from till.domain.refund.events import RefundApproved, RefundStarted
from till.domain.shift.events import (
    CashMoved,
    CategorySum,
    DateSum,
    DrawerCorrected,
    DrawerCounted,
    DrawerSum,
    Ends,
    MovedSum,
    MovementUndone,
    NumberedSum,
    SalesSum,
    ShiftOpened,
    ShiftSums,
    TaxSum,
    TenderSum,
)
from till.domain.shift.figure import figures_of
from till.domain.till.events import DrawerOpened, ReceiptIssued

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.domain.money.amount import Currency
    from till.domain.order.events import PlacedOff, Removed

#: The kinds of reductions that are a comp; all others are discounts.
_COMP: Final = "comp"
#: The kinds that move a balance and are no movement of cash by hand.
PAYMENTS, CHANGE, GIVEN_BACK, REFUNDS = "payments", "change", "given_back", "refunds"
TIPS, CORRECTED, DIFFERENCE, TAKEN = "tips_corrected", "corrected", "difference", "taken"


#: The place of what is in no balance.
_NOWHERE: Final = -1


class _Paid(Struct, frozen=True, gc=False):
    """Money of a payment that moved in this shift, or that a sale lists: its amount with the tip.

    A long shift keeps thousands, so its moves of the drawer are two numbers, and a sale mostly lists what was paid.
    """

    tender: str
    amount: Minor
    tip: Minor
    #: The money that came into this drawer for it, and the cash that left it as change.
    tendered: Minor = NOTHING
    change: Minor = NOTHING
    #: True if a manager settled it by hand, and its provider did not answer yet.
    is_by_hand: bool = False

    @property
    def settles(self) -> int:
        """The amount without the tip."""
        return self.amount - self.tip


class _Payment(Struct, gc=False):
    """One payment as this shift knows it: what was paid and returned, and what a sale lists."""

    paid: _Paid | None = None
    returned: _Paid | None = None
    listed: _Paid | None = None
    place: int = _NOWHERE


class Balance:
    """The balance of a drawer: for each tender what the last count left in it, and what moved since.

    Args:
        opening: the balance at the beginning, in minor units, by tender.
    """

    def __init__(self, opening: Mapping[str, Minor]) -> None:
        self.opening = dict(opening)
        self.now: dict[str, Minor] = dict(opening)
        self.kinds: dict[str, Counter[str]] = defaultdict(Counter)
        #: The place of what moves now: it grows with each count. A correction of what moved before the last count of
        #: its tender explains that count.
        self.place = 0
        self._counted: dict[str, int] = {}

    def move(self, tender: str, kind: str, amount: Minor) -> None:
        """Add an amount."""
        if amount:
            self.now[tender] = Minor(self.now.get(tender, NOTHING) + amount)
            self.kinds[tender][kind] += amount

    def is_since(self, place: int, tender: str) -> bool:
        """True if what moved at a place is newer than the last count of a tender."""
        return place >= self._counted.get(tender, 0)

    def count(self, tender: str, counted: Minor, taken: Minor) -> None:
        """Go on from what a count left in the drawer."""
        self.move(tender, DIFFERENCE, Minor(counted - self.now.get(tender, NOTHING)))
        self.move(tender, TAKEN, Minor(-taken))
        self._base(tender)

    def count_beside(self, tender: str, change: Minor) -> None:
        """Go on from a count that stands beside the Z before: it changes the opening, and is a base all the same."""
        for amounts in (self.opening, self.now):
            amounts[tender] = Minor(amounts.get(tender, NOTHING) + change)
        self._base(tender)

    def _base(self, tender: str) -> None:
        self.place += 1
        self._counted[tender] = self.place


class ShiftTotals:
    """The books of one shift. Give it each event of the label in the order of the chain.

    Args:
        currency: the currency of the shift.
        opening: the balance of the drawer when the shift was opened, by tender, without a count of the label that
            stands beside the Z before.
    """

    def __init__(self, currency: Currency, opening: Mapping[str, Minor]) -> None:
        self.currency = currency
        self.balance = Balance(opening)
        self.kept: frozenset[str] = frozenset()
        self._shift = ""
        self._payments: dict[str, _Payment] = {}
        #: The columns of each tender (`TenderSum`). They grow with each event, so that a close takes as long after
        #: 10,000 sales as after ten.
        self._by_tender: dict[str, Counter[str]] = defaultdict(Counter)
        #: The taxes of the refunds that this shift began.
        self._refund_tax: dict[str, Minor] = {}
        #: The events that changed a price.
        self._priced: set[str] = set()
        #: The figures of the pieces taken off, by the event, or by the order that was cleared.
        self._removed: dict[str, tuple[tuple[str, Minor], ...]] = {}
        #: The movements of cash, each with its place in the balance.
        self._moved: dict[str, tuple[Minor, int]] = {}
        self._taxes: dict[tuple[str, str], list[int]] = {}
        self._categories: dict[str, list[int]] = {}
        self._dates: dict[str, list[int]] = {}
        #: The amount of each figure and its number, by its field in `ShiftSums`; of the sales in `SalesSum`.
        self._amounts: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()
        #: The first and the last number of each series of a kind of documents.
        self._receipts: dict[tuple[str, str], tuple[str, str]] = {}

    def add(self, event: Event) -> None:
        """Enter one event; those that move nothing change nothing."""
        step = self._STEP.get(type(event.data))
        if step is not None:
            step(self, event, event.data)

    def _minor(self, text: str) -> Minor:
        return self.currency.minor(text)

    # Money

    def _opened(self, event: Event, data: ShiftOpened) -> None:
        self.kept = frozenset(data.kept)
        self._shift = event.stream_id

    def _approved(self, _event: Event, data: PaymentApproved) -> None:
        """Enter a payment. Of two answers the first counts, but one of the provider replaces one by hand."""
        if data.tender in KEPT_BY_SERVER:  # it moves with the sale that lists it
            return
        one = self._payment(data.payment_id)
        if one.paid is not None:
            if data.approved_by is not None or not one.paid.is_by_hand:
                return
            self._move(one.paid, -1)
        is_here = data.drawer is not None
        paid = _Paid(
            intern(data.tender),
            amount := self._minor(data.amount),
            self._minor(data.tip),
            self._same(amount, data.tendered) if is_here and data.tender in self.kept else NOTHING,
            self._minor(data.change) if is_here and CASH in self.kept else NOTHING,
            data.approved_by is not None,
        )
        self._set(one, "paid", paid)
        if one.place == _NOWHERE:
            one.place = self.balance.place
        self._move(paid, 1)

    def _payment(self, key: str) -> _Payment:
        return self._payments.setdefault(key, _Payment())

    def _same(self, amount: Minor, text: str) -> Minor:
        """Return an amount, which mostly is the one that is there already."""
        return amount if (other := self._minor(text)) == amount else other

    def _move(self, paid: _Paid, sign: int) -> None:
        """Move what a payment brings into this drawer: what was tendered, and its change in cash."""
        self.balance.move(paid.tender, PAYMENTS, Minor(sign * paid.tendered))
        self.balance.move(CASH, CHANGE, Minor(-sign * paid.change))

    def _voided(self, event: Event, data: PaymentVoided) -> None:
        if data.tender in KEPT_BY_SERVER:
            return
        one = self._payment(data.payment_id)
        tip = one.paid.tip if one.paid is not None else NOTHING
        amount, change = self._minor(data.amount), self._minor(data.change)
        if one.returned is not None:  # two hands, two times the money
            one = self._payment(event.id)
        self._set(one, "returned", _Paid(intern(data.tender), amount, tip))
        if data.drawer is not None and data.tender in self.kept:
            self.balance.move(data.tender, GIVEN_BACK, Minor(-amount - change))
        if data.drawer is not None and CASH in self.kept:
            self.balance.move(CASH, GIVEN_BACK, change)

    def _refund_started(self, event: Event, data: RefundStarted) -> None:
        self._refund_tax[event.stream_id] = self._minor(data.tax)
        self._ends("refund", data.receipt)

    def _refund_approved(self, event: Event, data: RefundApproved) -> None:
        amount = self._minor(data.amount)
        self._count("refunds", Minor(-amount))
        self._amounts["refund_tax"] -= self._refund_tax.get(event.stream_id, NOTHING)
        self._by_tender[data.tender].update(amount=amount, number=1)
        if data.drawer is not None and data.tender in self.kept:
            self.balance.move(data.tender, REFUNDS, amount)

    def _tip(self, _event: Event, data: TipCorrected) -> None:
        returned = Minor(-self._minor(data.returned))
        self._by_tender[data.tender].update(amount=returned, tips=returned)
        if data.drawer is not None and data.tender in self.kept:
            self.balance.move(data.tender, TIPS, returned)

    def _set(self, one: _Payment, what: Literal["paid", "returned", "listed"], paid: _Paid) -> None:
        """Keep what moved or is listed of a payment, and enter it into the columns in place of what was known of it."""
        self._enter(one, -1)
        setattr(one, what, paid)
        self._enter(one, 1)

    def _enter(self, payment: _Payment, sign: int) -> None:
        paid, listed = payment.paid, payment.listed
        for one, sense in ((paid, sign), (payment.returned, -sign)):
            if one is not None:
                self._by_tender[one.tender].update(
                    number=sign, amount=sense * one.amount, tips=sense * one.tip, taken_ahead=sense * one.settles
                )
        if listed is not None:
            sums = self._by_tender[listed.tender]
            if paid is not None:
                sums["taken_ahead"] -= sign * listed.settles
            elif listed.tender in KEPT_BY_SERVER:
                sums.update(number=sign, amount=sign * listed.amount, tips=sign * listed.tip)
            else:
                sums["used"] += sign * listed.settles

    # The drawer

    def _cash(self, event: Event, data: CashMoved) -> None:
        self._moved[event.id] = (amount := self._minor(data.amount)), self.balance.place
        self.balance.move(CASH, data.kind, amount)

    def _undone(self, _event: Event, data: MovementUndone) -> None:
        amount, place = self._moved.pop(data.event, (NOTHING, _NOWHERE))
        if self.balance.is_since(place, CASH):
            self.balance.move(CASH, "undone", Minor(-amount))

    def _counted(self, event: Event, data: DrawerCounted) -> None:
        """Enter a count. One in the stream of the shift before stands beside its Z (`DrawerStatus.beside`)."""
        for one in data.counts:
            counted, taken = self._minor(one.counted), self._minor(one.taken)
            if event.stream_id == self._shift:
                self.balance.count(one.tender, counted, taken)
            else:
                self.balance.count_beside(one.tender, Minor(counted - self._minor(one.expected) - taken))

    def _corrected(self, _event: Event, data: DrawerCorrected) -> None:
        one = self._payments.get(data.payment_id, _Payment())
        amount = self._handed_over(one, data) or self._minor(data.amount)
        for tender, change in ((data.was, Minor(-amount)), (data.tender, amount)):
            if tender in self.kept and self.balance.is_since(one.place, tender):
                self.balance.move(tender, CORRECTED, change)

    def _handed_over(self, one: _Payment, data: DrawerCorrected) -> Minor:
        """Return the tendered amount if both tenders are kept in the drawer: its change stays cash. Otherwise 0."""
        return one.paid.tendered if one.paid is not None and {data.was, data.tender} <= self.kept else NOTHING

    def _drawer_opened(self, _event: Event, data: DrawerOpened) -> None:
        if data.why == "no_sale":
            self._count("no_sales")

    def _issued(self, _event: Event, data: ReceiptIssued) -> None:
        kind = "bills" if data.is_bill else "copies" if data.copy else ""
        if kind:
            self._count(kind, self._minor(data.amount))

    # Sales

    def _placed(self, event: Event, data: OrderPlaced) -> None:
        minor = self._minor
        self._count("gross", minor(data.total))
        self._amounts.update(net=minor(data.net), tax=minor(data.tax), rounding=minor(data.rounding))
        if data.service_charge is not None:
            self._amounts["service_charge"] += minor(data.service_charge.subtotal)
        for tax in data.taxes:
            sums = self._taxes.setdefault((tax.name, tax.rate or ""), [0, 0])
            sums[0] += minor(tax.net or "0")
            sums[1] += minor(tax.tax)
        for line in data.lines:
            row = self._categories.setdefault(line.category, [0, 0])
            row[0] += line.quantity
            row[1] += minor(line.subtotal)
            self._off(line.off)
        self._off(data.off)
        day = self._dates.setdefault(data.business_date, [0, 0])
        day[0] += 1
        day[1] += minor(data.total)
        for one in data.payments:
            known = self._payment(one.payment_id)
            if known.listed is not None:
                known = self._payment(f"{event.id} {one.payment_id}")
            listed = known.paid
            stated = one.tender, minor(one.amount), minor(one.tip)
            if listed is None or (listed.tender, listed.amount, listed.tip) != stated:
                listed = _Paid(*stated)
            self._set(known, "listed", listed)
        self._ends("sale", data.receipt)

    def _off(self, off: Iterable[PlacedOff]) -> None:
        for one in off:
            self._count("comps" if one.kind == _COMP else "discounts", Minor(abs(self._minor(one.amount))))

    def _ends(self, of: str, number: str) -> None:
        key = of, series_of(number)
        first, _last = self._receipts.get(key, (number, number))
        self._receipts[key] = first, number

    def _line_removed(self, event: Event, data: LineVoided | QuantityChanged) -> None:
        if data.removed is not None and not (isinstance(data, QuantityChanged) and data.cut):
            self._take_off(event.id, (data.removed,))

    def _discarded(self, event: Event, data: OrderDiscarded) -> None:
        self._take_off(event.stream_id, data.removed, is_cleared=True)

    def _price_overridden(self, event: Event, data: PriceOverridden) -> None:
        """Count a changed price, unless it only follows a line from another order."""
        if data.follows is None:
            self._priced.add(event.id)
            self._count("new_prices")

    def _change_undone(self, _event: Event, data: ChangeUndone) -> None:
        self._take_off(data.event, ())
        if data.event in self._priced:
            self._priced.remove(data.event)
            self._count("new_prices", sign=-1)

    def _resumed(self, event: Event, _data: OrderResumed) -> None:
        """Undo the clearing of an order that is open again: its lines are there."""
        self._take_off(event.stream_id, ())

    def _take_off(self, key: str, removed: tuple[Removed, ...], *, is_cleared: bool = False) -> None:
        """Enter the pieces that an event took off, in place of what was known of it."""
        sent = ("voids_after_sending", "cleared_after_sending")[: 1 + is_cleared]
        taken = tuple(
            (name, self._minor(one.amount)) for one in removed for name in ("voids", *(sent if one.sent else ()))
        )
        for sign, figures in ((-1, self._removed.pop(key, ())), (1, taken)):
            for name, amount in figures:
                self._count(name, amount, sign)
        if taken:
            self._removed[key] = taken

    def _count(self, name: str, amount: Minor = NOTHING, sign: int = 1) -> None:
        """Count a figure with its amount, or take one back."""
        self._numbers[name] += sign
        self._amounts[name] += sign * amount

    # The result

    def sums(self) -> ShiftSums:
        """Return the sums so far."""
        text, numbers = self.currency.text, self._numbers
        amounts = self._amounts.copy()
        for columns in self._by_tender.values():
            amounts.update(columns)
        return ShiftSums(
            sales=SalesSum(number=numbers["gross"], **self._stated(SalesSum, amounts, numbers)),
            taxes=tuple(
                TaxSum(name=name, rate=rate, net=text(Minor(net)), tax=text(Minor(tax)))
                for (name, rate), (net, tax) in sorted(self._taxes.items())
            ),
            categories=tuple(
                CategorySum(category=category, quantity=quantity, gross=text(Minor(gross)))
                for category, (quantity, gross) in sorted(self._categories.items())
            ),
            dates=tuple(
                DateSum(business_date=date, number=number, gross=text(Minor(gross)))
                for date, (number, gross) in sorted(self._dates.items())
            ),
            tenders=tuple(
                TenderSum(tender=tender, **self._stated(TenderSum, columns, columns))
                for tender, columns in sorted(self._by_tender.items())
            ),
            drawer=tuple(self._drawer()),
            receipts=self._range("sale"),
            refund_receipts=self._range("refund"),
            **self._stated(ShiftSums, amounts, numbers),
        )

    def _stated(self, struct: type[Struct], amounts: Counter[str], numbers: Counter[str]) -> dict[str, Any]:
        """Return the figures that a struct declares, each as its field has it."""
        found: dict[str, Any] = {}
        for one in figures_of(struct):
            if one.kind is NumberedSum:
                amount = self.currency.text(Minor(amounts[one.field]))
                found[one.field] = NumberedSum(number=numbers[one.field], amount=amount)
            elif one.kind == Amount:
                found[one.field] = self.currency.text(Minor(amounts[one.field]))
            elif one.kind == Count:
                found[one.field] = numbers[one.field]
        return found

    def _drawer(self) -> Iterable[DrawerSum]:
        balance, text = self.balance, self.currency.text
        for tender in sorted({*balance.opening, *balance.now, *self.kept}):
            yield DrawerSum(
                tender=tender,
                opening=text(balance.opening.get(tender, NOTHING)),
                closing=text(balance.now.get(tender, NOTHING)),
                moved=tuple(
                    MovedSum(kind=kind, amount=text(Minor(amount)))
                    for kind, amount in sorted(balance.kinds[tender].items())
                    if amount
                ),
            )

    def _range(self, of: str) -> Ends | None:
        found = [ends for (kind, _series), ends in sorted(self._receipts.items()) if kind == of]
        firsts, lasts = (", ".join(one) for one in zip(*found, strict=True)) if found else ("", "")
        return Ends(first=firsts, last=lasts) if found else None

    #: The step of each type of event, by the subject of its sums in SQL; all others change nothing.
    STEPS: ClassVar[Mapping[str, Mapping[type[EventData], Callable[[Any, Event, Any], None]]]] = {
        "opening": {ShiftOpened: _opened},
        "sales": {OrderPlaced: _placed},
        "money": {
            PaymentApproved: _approved,
            PaymentVoided: _voided,
            RefundStarted: _refund_started,
            RefundApproved: _refund_approved,
            TipCorrected: _tip,
        },
        "drawer": {
            CashMoved: _cash,
            MovementUndone: _undone,
            DrawerCounted: _counted,
            DrawerCorrected: _corrected,
        },
        "papers": {DrawerOpened: _drawer_opened, ReceiptIssued: _issued},
        "changes": {
            LineVoided: _line_removed,
            QuantityChanged: _line_removed,
            OrderDiscarded: _discarded,
            PriceOverridden: _price_overridden,
            ChangeUndone: _change_undone,
            OrderResumed: _resumed,
        },
    }
    _STEP: ClassVar = {kind: step for steps in STEPS.values() for kind, step in steps.items()}


#: The types that the sums of a shift are made of, by their subject: the opening is read apart.
SUMMED: Final = {subject: frozenset(steps) for subject, steps in ShiftTotals.STEPS.items() if subject != "opening"}
