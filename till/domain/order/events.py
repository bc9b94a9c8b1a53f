"""The events of an order session (design §4)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, field

from till.domain.events.fields import (
    Amount,
    AtLeastOne,
    CashStep,
    Count,
    CurrencyCode,
    EventId,
    Measure,
    Percent,
    Pieces,
    Price,
    PriceChange,
    Private,
    Score,
    Share,
    StaffNumber,
    TillNumber,
    Uuid,
    Word,
)
from till.domain.events.fields import Epoch as EpochNumber
from till.domain.events.registry import OrderEvent, Shape

LineIds = Annotated[tuple[Uuid, ...], Meta(max_length=10_000)]


class Record(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """A part of a record."""


class TaxRate(Record, frozen=True):
    """A tax as a line bears it; the rate in percent."""

    name: Word
    rate: Percent


class LineModifier(Record, frozen=True):
    """A choice on a line, and what it adds to the price of a piece."""

    name: Word
    price: PriceChange


class ShownItem(Record, frozen=True):
    """An item of a menu that was asked for."""

    id: Word
    name: Word
    position: Count


class OrderOpened(OrderEvent, frozen=True):
    """An order begins, under the terms by which it is priced. `cash_rounding` is in minor units.

    `from_session` is the order whose late lines it carries on; `ref` a name from outside (a replay); `program` the one
    that is no till whose guest it is.
    """

    takes: ClassVar[bool] = True
    moves: ClassVar[bool] = True

    user: StaffNumber
    currency: CurrencyCode
    prices_include_tax: bool
    tax_rounding: Literal["line", "order"]
    cash_rounding: CashStep
    order_type: Word
    from_session: Uuid | None = None
    ref: Word | None = None
    program: Word | None = None


class MenuViewed(OrderEvent, frozen=True):
    """The menu was asked for; `items` are the first that were shown."""

    query: Word
    result_count: Count
    meal_period: Word
    items: Annotated[tuple[ShownItem, ...], Meta(max_length=50)]


class ItemAdded(OrderEvent, frozen=True):
    """A line was keyed, at the price of that moment: `price` of a piece, in major units.

    For a weighed good `measure` is in thousandths, `unit_price` is for one measure, and `price` what a piece came to.
    """

    line_id: Uuid
    item_id: Word
    item_name: Word
    quantity: Pieces
    price: Price
    taxes: Annotated[tuple[TaxRate, ...], Meta(max_length=20)]
    modifiers: Annotated[tuple[LineModifier, ...], Meta(max_length=50)] = ()
    measure: Measure | None = None
    unit_price: Price | None = None


class QuantityChanged(OrderEvent, frozen=True):
    """Pieces were taken off a line. More of it come back by `change_undone`, or are a new line.

    `follows` is the taking of another order that the line came from, where it was done too late.
    """

    line_id: Uuid
    taken_off: AtLeastOne
    follows: EventId | None = None


class LineVoided(OrderEvent, frozen=True):
    """A line was taken off, for a reason. `follows` as in `quantity_changed`."""

    line_id: Uuid
    reason: Private = ""
    follows: EventId | None = None


class LineNoted(OrderEvent, frozen=True):
    """What is wished of a line, all of it. The newest stands; an empty one takes it off.

    `follows` is the noting of another order that the line came from.
    """

    line_id: Uuid
    note: Private = ""
    follows: EventId | None = None


class OrderNoted(OrderEvent, frozen=True):
    """Something is to be known of the whole order. The newest note stands; an empty one takes it off."""

    note: Private = ""


class CustomerAttached(OrderEvent, frozen=True):
    """Somebody is the customer of the order: one whom the venue knows, or only a name or a number that was typed.

    The newest stands; an empty one takes the customer off.
    """

    harmless: ClassVar[bool] = True

    customer_id: Uuid | None = None
    who: Private = ""


class ChangeUndone(OrderEvent, frozen=True):
    """A change of a line, a discount or a note counts as if it had never been."""

    event: EventId


class DiscountApplied(OrderEvent, frozen=True):
    """Something comes off a line, or off the order: `percent` of it, or an `amount` in major units."""

    line_id: Uuid | None = None
    percent: Share | None = None
    amount: Amount | None = None
    reason: Private = ""


class OrderTypeSet(OrderEvent, frozen=True):
    """Take away, eat in, delivery."""

    order_type: Word


class PreferenceSet(OrderEvent, frozen=True):
    """A wish for the whole order."""

    name: Word
    value: Word


class OrderParked(OrderEvent, frozen=True):
    """The logout of its holder put it aside; with `user` it was given to somebody else."""

    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    user: StaffNumber | None = None


class Taking(OrderEvent, frozen=True):
    """Somebody takes hold of an order that stands. The event's own epoch is `from_epoch` + 1, or more."""

    takes: ClassVar[bool] = True
    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    any_hold: ClassVar[bool] = True

    from_epoch: EpochNumber
    from_till: TillNumber | None = None
    user: StaffNumber | None = None


class OrderResumed(Taking, frozen=True):
    """It was brought back from where it was put aside, or from its tab; `user` recalled it, when that is another."""


class OrderTakenOver(Taking, frozen=True):
    """It was taken from a till that held it."""


class TabAssigned(OrderEvent, frozen=True):
    """It was saved to a tab: a table, or a name."""

    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    tab_id: Uuid
    table_number: Count | None = None
    covers: Count | None = None
    name: Private = ""


class BookingSeated(OrderEvent, frozen=True):
    """The guests of a booking came: the order is theirs."""

    harmless: ClassVar[bool] = True

    booking_id: Uuid


class MovedLine(Record, frozen=True):
    """A line as it was keyed, and what was taken off it since, by the events that did; `till` keyed it."""

    line_id: Uuid
    item_id: Word
    item_name: Word
    quantity: Pieces
    price: Price
    till: TillNumber
    taxes: Annotated[tuple[TaxRate, ...], Meta(max_length=20)]
    modifiers: Annotated[tuple[LineModifier, ...], Meta(max_length=50)] = ()
    measure: Measure | None = None
    unit_price: Price | None = None
    taken_off: dict[EventId, AtLeastOne] = field(default_factory=dict)


class MovedDiscount(Record, frozen=True):
    """A discount that goes with its line, by the event that gave it."""

    event: EventId
    line_id: Uuid
    percent: Share | None = None
    amount: Amount | None = None


class LinesMoved(OrderEvent, frozen=True):
    """Whole lines go to another order, or come from one: each of the two has an event.

    In the order that they leave: `to_session` and `line_ids`. In the one that they come to: `from_session`, `lines`
    and `discounts`. `late`: they came too late for the end of the order that they leave. `paid`: they were paid for in
    the order that carries them, which decides whoever moved them first.
    """

    any_hold: ClassVar[bool] = True

    to_session: Uuid | None = None
    from_session: Uuid | None = None
    late: bool = False
    paid: bool = False
    line_ids: LineIds = ()
    lines: Annotated[tuple[MovedLine, ...], Meta(max_length=10_000)] = ()
    discounts: Annotated[tuple[MovedDiscount, ...], Meta(max_length=10_000)] = ()


class PlacedTax(Record, frozen=True):
    """A tax of a placed line, or of all of the order: then with the net that it was charged on."""

    name: Word
    rate: Percent
    tax: Amount
    net: Amount | None = None


class PlacedLine(Record, frozen=True):
    """Equal lines as they were sold: one row, rounded once, with the ids and the pieces of each line beneath.

    `note` is the event that tells what was wished of them: its words stand beside that one alone.
    """

    line_ids: Annotated[tuple[Uuid, ...], Meta(min_length=1, max_length=10_000)]
    line_quantities: Annotated[tuple[Pieces, ...], Meta(min_length=1, max_length=10_000)]
    item_id: Word
    item_name: Word
    quantity: Pieces
    unit_price: PriceChange
    subtotal: Amount
    net: Amount
    tax: Amount
    discount: Amount
    measure: Measure | None = None
    modifiers: Annotated[tuple[Word, ...], Meta(max_length=50)] = ()
    note: EventId | None = None
    taxes: Annotated[tuple[PlacedTax, ...], Meta(max_length=20)] = ()


class PlacedVoid(Record, frozen=True):
    """A line that had been taken off by then."""

    line_id: Uuid
    item_name: Word
    quantity: Pieces
    amount: Amount


class PlacedPayment(Record, frozen=True):
    """A payment of a placed order: what it settled, and what was given back of it."""

    payment_id: Uuid
    tender: Word
    amount: Amount
    change: Amount


class OrderPlaced(OrderEvent, frozen=True):
    """The order was paid. It carries the whole frozen order: what was sold, how it was taxed and paid.

    `net` + `tax` = `total` = the sum of `subtotal`; the payments sum to `total` + `rounding`. `discounts` are the
    events of those that counted, `set_aside` the records that did not read and that the order was paid without.
    """

    at_once: ClassVar[bool] = True

    order_id: Uuid
    receipt: Word
    business_date: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", max_length=10)]
    order_type: Word
    payment_method: Word
    currency: CurrencyCode
    net: Amount
    tax: Amount
    rounding: Amount
    total: Amount
    lines: Annotated[tuple[PlacedLine, ...], Meta(max_length=10_000)]
    payments: Annotated[tuple[PlacedPayment, ...], Meta(max_length=1_000)]
    voids: Annotated[tuple[PlacedVoid, ...], Meta(max_length=10_000)] = ()
    taxes: Annotated[tuple[PlacedTax, ...], Meta(max_length=100)] = ()
    discounts: Annotated[tuple[EventId, ...], Meta(max_length=10_000)] = ()
    set_aside: Annotated[tuple[EventId, ...], Meta(max_length=1_000)] = ()
    tab_id: Uuid | None = None
    customer_id: Uuid | None = None
    ref: Word | None = None
    note: Private = ""


class FeedbackGiven(OrderEvent, frozen=True):
    """What a guest thinks of a paid order: a score, and words. The newest stands."""

    harmless: ClassVar[bool] = True

    order_id: Uuid
    score: Score
    words: Private = ""


class OrderDiscarded(OrderEvent, frozen=True):
    """It was cleared on purpose; `line_ids` are the lines that were known to who cleared it."""

    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    line_ids: LineIds
    reason: Private = ""


class SessionSwept(OrderEvent, frozen=True):
    """Nothing was heard of it for so many minutes: the database put it aside. Its till keeps its hold."""

    moves: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    minutes: Count


class RecordSetAside(OrderEvent, frozen=True):
    """A manager looked at a record that does not read: the order is paid without it.

    Tills where it does read pass it over too, unless it is about money or says where the order stands.
    """

    event: EventId
    approved_by: StaffNumber


class Erased(OrderEvent, frozen=True):
    """The free text beside these events is gone for good, wherever it stood."""

    by_server: ClassVar[bool] = True
    harmless: ClassVar[bool] = True

    events: Annotated[tuple[EventId, ...], Meta(max_length=10_000)]


class ConflictFound(OrderEvent, frozen=True):
    """Something about money that only a person can settle: one matter for a kind and what it is about.

    Who learns more of it finds it again, with what it comes to now: the newest amount tells until it is settled.
    `kind`: `paid_twice`, `paid_for_more`, `paid_for_less`, `discount_late`, `payment_without_order`, `given_back`,
    `receipt_twice`, `record_unread`. `subject` is the order, line, payment or record.
    """

    any_hold: ClassVar[bool] = True

    conflict_id: Uuid
    kind: Word
    subject: Word
    amount: Amount
    currency: CurrencyCode


class ConflictResolved(OrderEvent, frozen=True):
    """A manager settled a conflict, at the server."""

    any_hold: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    conflict_id: Uuid
    how: Private = ""
