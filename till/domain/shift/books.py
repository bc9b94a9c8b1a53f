"""The books of a shift: the sums of its X and Z, and the balance of its drawer, from the events of its label alone.

The identity of every Z: tenders = sales + rounding + tips − refunds + taken ahead − used.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

from till.domain.events.fields import Amount, Count
from till.domain.money.measures import NOTHING, Minor
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

    from msgspec import Struct

    from till.domain.events.envelope import Event
    from till.domain.money.amount import Currency
    from till.domain.order.events import PlacedOff, Removed

#: The kinds of reductions that are a comp; all others are discounts.
_COMP: Final = "comp"
#: The kinds that move a balance and are no movement of cash by hand.
PAYMENTS, CHANGE, GIVEN_BACK, REFUNDS = "payments", "change", "given_back", "refunds"
TIPS, CORRECTED, DIFFERENCE, TAKEN = "tips_corrected", "corrected", "difference", "taken"


class _Paid(NamedTuple):
    """A payment that moved in this shift: its amount with the tip."""

    tender: str
    amount: Minor
    tip: Minor
    #: True if a manager settled it by hand, and its provider did not answer yet.
    is_by_hand: bool = False
    #: Its changes of the drawer, by tender and kind.
    moves: tuple[tuple[str, str, Minor], ...] = ()

    @property
    def settles(self) -> int:
        """The amount without the tip."""
        return self.amount - self.tip


class Balance:
    """The balance of a drawer: for each tender what the last count left in it, and what moved since.

    Args:
        opening: the balance at the beginning, in minor units, by tender.
    """

    def __init__(self, opening: Mapping[str, Minor]) -> None:
        self.opening = dict(opening)
        self.now: dict[str, Minor] = dict(opening)
        self.kinds: dict[str, Counter[str]] = defaultdict(Counter)
        #: The places of payments and movements, and of the last count of each tender, in one order. A correction of
        #: an older one explains that count.
        self._noted: dict[str, int] = {}
        self._counted: dict[str, int] = {}

    def move(self, tender: str, kind: str, amount: Minor) -> None:
        """Add an amount."""
        if amount:
            self.now[tender] = Minor(self.now.get(tender, NOTHING) + amount)
            self.kinds[tender][kind] += amount

    def note(self, key: str) -> None:
        """Note a payment or a movement by its id, as newer than the last count of each tender."""
        self._noted.setdefault(key, len(self._noted))

    def is_since(self, key: str, tender: str) -> bool:
        """True if a payment or a movement is newer than the last count of a tender."""
        return self._noted.get(key, -1) >= self._counted.get(tender, 0)

    def count(self, tender: str, counted: Minor, taken: Minor) -> None:
        """Go on from what a count left in the drawer."""
        self.move(tender, DIFFERENCE, Minor(counted - self.now.get(tender, NOTHING)))
        self.move(tender, TAKEN, Minor(-taken))
        self._counted[tender] = len(self._noted)

    def count_beside(self, tender: str, change: Minor) -> None:
        """Go on from a count that stands beside the Z before: it changes the opening, and is a base all the same."""
        for amounts in (self.opening, self.now):
            amounts[tender] = Minor(amounts.get(tender, NOTHING) + change)
        self._counted[tender] = len(self._noted)


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
        self._paid: dict[str, _Paid] = {}
        self._returned: dict[str, _Paid] = {}
        self._listed: dict[str, _Paid] = {}
        #: The columns of each tender (`TenderSum`). They grow with each event, so that a close takes as long after
        #: 10,000 sales as after ten.
        self._by_tender: dict[str, Counter[str]] = defaultdict(Counter)
        #: The taxes of the refunds that this shift began.
        self._refund_tax: dict[str, Minor] = {}
        #: The events that changed a price.
        self._priced: set[str] = set()
        #: The figures of the pieces taken off, by the event, or by the order that was cleared.
        self._removed: dict[str, tuple[tuple[str, Minor], ...]] = {}
        self._moved: dict[str, Minor] = {}
        self._taxes: dict[tuple[str, str], list[int]] = {}
        self._categories: dict[str, list[int]] = {}
        self._dates: dict[str, list[int]] = {}
        #: The amount of each figure and its number, by its field in `ShiftSums`; of the sales in `SalesSum`.
        self._amounts: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()
        self._receipts: dict[str, tuple[str, str]] = {}

    def add(self, event: Event) -> None:
        """Enter one event; those that move nothing change nothing."""
        step = self._STEPS.get(type(event.data))
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
        if (known := self._paid.get(data.payment_id)) is not None:
            if data.approved_by is not None or not known.is_by_hand:
                return
            for tender, kind, amount in known.moves:
                self.balance.move(tender, kind, Minor(-amount))
        paid = _Paid(
            data.tender,
            self._minor(data.amount),
            self._minor(data.tip),
            data.approved_by is not None,
            tuple(self._moves_of(data)),
        )
        self._set(self._paid, data.payment_id, paid)
        self.balance.note(data.payment_id)
        for tender, kind, amount in paid.moves:
            self.balance.move(tender, kind, amount)

    def _moves_of(self, data: PaymentApproved) -> Iterable[tuple[str, str, Minor]]:
        """Yield what a payment moves in this drawer: what was tendered, and its change in cash."""
        if data.drawer is not None:
            if data.tender in self.kept:
                yield data.tender, PAYMENTS, self._minor(data.tendered)
            if CASH in self.kept:
                yield CASH, CHANGE, Minor(-self._minor(data.change))

    def _voided(self, event: Event, data: PaymentVoided) -> None:
        if data.tender in KEPT_BY_SERVER:
            return
        known = self._paid.get(data.payment_id)
        amount, change = self._minor(data.amount), self._minor(data.change)
        key = data.payment_id if data.payment_id not in self._returned else event.id  # two hands, two times the money
        self._set(self._returned, key, _Paid(data.tender, amount, known.tip if known is not None else NOTHING))
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

    def _set(self, known: dict[str, _Paid], payment_id: str, paid: _Paid) -> None:
        """Keep what moved or is listed of a payment, and enter it into the columns in place of what was known of it."""
        self._enter(payment_id, -1)
        known[payment_id] = paid
        self._enter(payment_id, 1)

    def _enter(self, payment_id: str, sign: int) -> None:
        paid, listed = self._paid.get(payment_id), self._listed.get(payment_id)
        for one, sense in ((paid, sign), (self._returned.get(payment_id), -sign)):
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
        self._moved[event.id] = amount = self._minor(data.amount)
        self.balance.note(event.id)
        self.balance.move(CASH, data.kind, amount)

    def _undone(self, _event: Event, data: MovementUndone) -> None:
        amount = self._moved.pop(data.event, NOTHING)
        if self.balance.is_since(data.event, CASH):
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
        amount = self._handed_over(data) or self._minor(data.amount)
        for tender, change in ((data.was, Minor(-amount)), (data.tender, amount)):
            if tender in self.kept and self.balance.is_since(data.payment_id, tender):
                self.balance.move(tender, CORRECTED, change)

    def _handed_over(self, data: DrawerCorrected) -> Minor | None:
        """Return the tendered amount if both tenders are kept in the drawer: its change stays cash. Otherwise None."""
        known = self._paid.get(data.payment_id)
        if known is None or not {data.was, data.tender} <= self.kept:
            return None
        return next((amount for _tender, kind, amount in known.moves if kind == PAYMENTS), None)

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
            key = one.payment_id if one.payment_id not in self._listed else f"{event.id} {one.payment_id}"
            self._set(self._listed, key, _Paid(one.tender, minor(one.amount), minor(one.tip)))
        self._ends("sale", data.receipt)

    def _off(self, off: Iterable[PlacedOff]) -> None:
        for one in off:
            self._count("comps" if one.kind == _COMP else "discounts", Minor(abs(self._minor(one.amount))))

    def _ends(self, of: str, number: str) -> None:
        first, _last = self._receipts.get(of, (number, number))
        self._receipts[of] = first, number

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
        found = self._receipts.get(of)
        return None if found is None else Ends(first=found[0], last=found[1])

    #: The step of each type of event; all others change nothing.
    _STEPS: ClassVar[Mapping[type, Callable[[Any, Event, Any], None]]] = {
        ShiftOpened: _opened,
        PaymentApproved: _approved,
        PaymentVoided: _voided,
        RefundStarted: _refund_started,
        RefundApproved: _refund_approved,
        TipCorrected: _tip,
        CashMoved: _cash,
        MovementUndone: _undone,
        DrawerCounted: _counted,
        DrawerCorrected: _corrected,
        DrawerOpened: _drawer_opened,
        ReceiptIssued: _issued,
        OrderPlaced: _placed,
        LineVoided: _line_removed,
        QuantityChanged: _line_removed,
        OrderDiscarded: _discarded,
        PriceOverridden: _price_overridden,
        ChangeUndone: _change_undone,
        OrderResumed: _resumed,
    }
