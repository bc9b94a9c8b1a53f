"""The events of an order session (design §4)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, field

from till.domain.events.fields import (
    Age,
    Amount,
    AtLeastOne,
    Count,
    CurrencyCode,
    Day,
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
    Step,
    TillNumber,
    Unsigned,
    Uuid,
    Word,
)
from till.domain.events.fields import Epoch as EpochNumber
from till.domain.events.registry import OrderEvent, Shape
from till.domain.i18n import _
from till.domain.payment.cards import Card

#: What a discount is for: something that comes off, all of it on the house, or a meal of the staff.
DiscountKind = Literal["discount", "comp", "staff_meal"]
LineIds = Annotated[tuple[Uuid, ...], Meta(max_length=10_000)]


class Record(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """A part of a record."""


class TaxRate(Record, frozen=True):
    """A tax as a line bears it: a `rate` in percent, or an amount `per_piece` in major units.

    `included`: whether it is in the price; left out for as the order's prices are. `affects_later`: the taxes behind it
    stand on it, but for those that are not `affected_by_earlier` ones.
    """

    name: Word
    rate: Percent | None = None
    per_piece: Price | None = None
    included: bool | None = None
    affects_later: bool = False
    affected_by_earlier: bool = True


class RoundingTerms(Record, frozen=True):
    """How what is paid is rounded: in steps, the part that is paid in cash or the bill, nothing up to an amount.

    `never` are tenders whose part is not rounded.
    """

    step: Step
    direction: Literal["half_up", "half_down", "down"] = "half_up"
    nothing_up_to: Step | None = None
    of: Literal["cash", "bill"] = "cash"
    never: Annotated[tuple[Word, ...], Meta(max_length=100)] = ()


class ChargeTerms(Record, frozen=True):
    """What is charged for service: so much of what the lines cost, taxed; on these types of order, or on all."""

    percent: Share
    taxes: Annotated[tuple[TaxRate, ...], Meta(max_length=20)] = ()
    order_types: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()


class LineModifier(Record, frozen=True):
    """A choice on a line, and what it adds to the price of a piece; `group` of the menu that it is one of."""

    name: Word
    price: PriceChange
    group: Word = ""


Modifiers = Annotated[tuple[LineModifier, ...], Meta(max_length=50)]
#: The names of the groups of which a line still needs a choice.
Asks = Annotated[tuple[Word, ...], Meta(max_length=20)]


class PromotionTerms(Record, frozen=True):
    """A promotion that a line met when it was keyed, as `till.domain.money.promotion.Offer` has it."""

    name: Word
    percent: Share | None = None
    amount: Amount | None = None
    price: Price | None = None
    buy: Count = 0
    get: Count = 0
    pieces: Count = 0
    items: Annotated[tuple[Word, ...], Meta(max_length=50)] = ()


class KeptSaving(Record, frozen=True):
    """What a promotion saved on all pieces of a line when its lot was torn apart."""

    name: Word
    amount: Amount


Offers = Annotated[tuple[PromotionTerms, ...], Meta(max_length=50)]
KeptSavings = Annotated[tuple[KeptSaving, ...], Meta(max_length=50)]


class ShownItem(Record, frozen=True):
    """An item of a menu that was asked for."""

    id: Word
    name: Word
    position: Count


class OrderOpened(OrderEvent, frozen=True):
    """An order begins, under the terms by which it is priced.

    `from_session` is the order whose late lines it carries on; `ref` a name from outside (a replay); `program` the one
    that is no till whose guest it is.
    """

    called: ClassVar[str] = _("Order opened")
    takes: ClassVar[bool] = True
    moves: ClassVar[bool] = True

    user: StaffNumber
    currency: CurrencyCode
    prices_include_tax: bool
    tax_rounding: Literal["line", "order"]
    order_type: Word
    tax_rounding_direction: Literal["half_up", "up", "down"] = "half_up"
    tax_rounding_of: Literal["each", "sum_of_rates"] = "each"
    rounding: RoundingTerms | None = None
    service_charge: ChargeTerms | None = None
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

    `offers` are the promotions that it met.
    For a weighed good `measure` is in thousandths, `unit_price` is for one measure, and `price` what a piece came to.
    `asks` are the groups of which a choice is still needed before it is paid for; `seat` is the guest whose it is.
    """

    line_id: Uuid
    item_id: Word
    item_name: Word
    quantity: Pieces
    price: Price
    taxes: Annotated[tuple[TaxRate, ...], Meta(max_length=20)]
    modifiers: Modifiers = ()
    measure: Measure | None = None
    unit_price: Price | None = None
    asks: Asks = ()
    seat: Count | None = None
    course: Count | None = None
    offers: Offers = ()


class ModifiersSet(OrderEvent, frozen=True):
    """What was chosen of a line, all of it, and what it still asks. The newest stands. `follows` as in `line_noted`."""

    line_id: Uuid
    modifiers: Modifiers = ()
    asks: Asks = ()
    follows: EventId | None = None


class LineSeated(OrderEvent, frozen=True):
    """Whose a line is, by the number of the guest, and with which course it comes; 0 takes that off.

    Of each the newest stands. `follows` as in `line_noted`.
    """

    called: ClassVar[str] = _("A line given to a guest")

    line_id: Uuid
    seat: Count | None = None
    course: Count | None = None
    follows: EventId | None = None


class PriceOverridden(OrderEvent, frozen=True):
    """A piece (a measure, of a weighed good) of a line costs another `price` than what it was keyed at, before choices.

    The newest stands. `was` is what it cost until then, `approved_by` the manager who said yes for somebody else.
    `follows` as in `line_noted`.
    """

    line_id: Uuid
    was: Price
    price: Price
    reason: Private = ""
    approved_by: StaffNumber | None = None
    follows: EventId | None = None


class AgeChecked(OrderEvent, frozen=True):
    """Somebody looked whether the guest is so old."""

    years: Age
    passed: bool


class QuantityChanged(OrderEvent, frozen=True):
    """Pieces were taken off a line. More of it come back by `change_undone`, or are a new line.

    `follows` is the taking of another order that the line came from, where it was done too late; `cut`, that another
    line has these pieces, none where the cut that it follows found none to take; `sent`, that the line had been saved
    on a tab before.
    """

    line_id: Uuid
    taken_off: Count
    cut: bool = False
    follows: EventId | None = None
    sent: bool = False


class LineCut(OrderEvent, frozen=True):
    """Pieces of a line leave it for the new line `into`: no more than are there when it folds. It is no void.

    They cost what they cost before. One that came too late, after its line was paid for or moved, cuts nothing: its new
    line is empty. `behind` are pieces of other lines that come before them in the row, which was rounded once.
    """

    line_id: Uuid
    into: Uuid
    quantity: AtLeastOne
    behind: Count = 0


class LineVoided(OrderEvent, frozen=True):
    """A line was taken off, for a reason. `follows` and `sent` as in `quantity_changed`."""

    line_id: Uuid
    reason: Private = ""
    follows: EventId | None = None
    sent: bool = False


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

    called: ClassVar[str] = _("The customer named")
    harmless: ClassVar[bool] = True

    customer_id: Uuid | None = None
    who: Private = ""


class ChangeUndone(OrderEvent, frozen=True):
    """A change of a line, a discount or a note counts as if it had never been."""

    called: ClassVar[str] = _("Undone")

    event: EventId


class DiscountApplied(OrderEvent, frozen=True):
    """Something comes off a line, or off the order: `percent` of it, or an `amount` in major units.

    An amount is for so many `pieces` of a line, and the `price` that they, or the order, came to: of less its part
    comes off. `kind` says what for; `name` is that of a discount which the venue has named: it stands for a reason.
    """

    line_id: Uuid | None = None
    percent: Share | None = None
    amount: Amount | None = None
    kind: DiscountKind = "discount"
    name: Word = ""
    reason: Private = ""
    pieces: AtLeastOne | None = None
    price: Unsigned | None = None


class KeptLine(Record, frozen=True):
    """A line that stays where its lot was torn apart: what promotions save on so many pieces of it.

    `after` tells how many pieces of its row come before it: that row was rounded once.
    """

    line_id: Uuid
    pieces: AtLeastOne
    kept: KeptSavings
    after: Count = 0


class SavingsKept(OrderEvent, frozen=True):
    """Lines go from the order: those that stay keep what promotions saved on them, and meet none any more."""

    called: ClassVar[str] = _("What promotions save was written down")

    lines: Annotated[tuple[KeptLine, ...], Meta(max_length=10_000)]


class OrderTypeSet(OrderEvent, frozen=True):
    """Take away, eat in, delivery."""

    order_type: Word


class PreferenceSet(OrderEvent, frozen=True):
    """A wish for the whole order, in a guest's words; without any the wish of this name is none any more."""

    name: Word
    value: Private = ""


class OrderParked(OrderEvent, frozen=True):
    """The logout of its holder put it aside; with `user` it was given to somebody else."""

    called: ClassVar[str] = _("Put aside")
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

    called: ClassVar[str] = _("Brought back")


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

    called: ClassVar[str] = _("The guests of a booking came")
    harmless: ClassVar[bool] = True

    booking_id: Uuid


class MovedLine(Record, frozen=True):
    """A line as it was keyed, and what was taken off it since, by the events that did; `till` keyed it.

    `sent`: it had been saved on a tab. `cut_off` are the pieces that other lines have, by the events that cut it;
    `after` is how many pieces come before its own in the row that it was priced with. `kept` is what promotions saved
    on its `kept_pieces` where it came from; then it meets none any more.
    """

    line_id: Uuid
    item_id: Word
    item_name: Word
    quantity: Pieces
    price: Price
    till: TillNumber
    taxes: Annotated[tuple[TaxRate, ...], Meta(max_length=20)]
    modifiers: Modifiers = ()
    measure: Measure | None = None
    unit_price: Price | None = None
    asks: Asks = ()
    seat: Count | None = None
    course: Count | None = None
    taken_off: dict[EventId, AtLeastOne] = field(default_factory=dict)
    offers: Offers = ()
    kept: KeptSavings = ()
    kept_pieces: Count = 0
    cut_off: dict[EventId, AtLeastOne] = field(default_factory=dict)
    after: Count = 0
    sent: bool = False


class MovedDiscount(Record, frozen=True):
    """A discount that goes with its line, by the event that gave it."""

    event: EventId
    line_id: Uuid
    percent: Share | None = None
    amount: Amount | None = None
    kind: DiscountKind = "discount"
    name: Word = ""
    pieces: AtLeastOne | None = None
    price: Unsigned | None = None


class MovedPayment(Record, frozen=True):
    """Money that goes along with lines, as it was taken: by whom, at which till, and how much of it is a tip.

    `asked` is what was asked for without the tip; `place`, `asker` and `number` are as in `payment_started`.
    `card` is as in `payment_approved`.
    `settled_by` is the manager who settled it by hand: then `transaction` is the number of a slip.
    """

    payment_id: Uuid
    tender: Word
    amount: Amount
    tendered: Amount
    change: Amount
    till: TillNumber
    user: StaffNumber | None = None
    tip: Unsigned = "0"
    asked: Amount | None = None
    transaction: Word = ""
    place: Word = ""
    asker: Word = ""
    number: Word = ""
    card: Card | None = None
    settled_by: StaffNumber | None = None


class LinesMoved(OrderEvent, frozen=True):
    """Whole lines go to another order, or come from one: each of the two has an event.

    In the order that they leave: `to_session`, `line_ids` and `payment_ids`. In the one that they come to:
    `from_session`, `lines`, `discounts` and `payments`: what was paid of an order that is emptied goes along.
    `late`: they came too late for the end of the order that they leave. `paid`: they were paid for in the order that
    carries them, which decides whoever moved them first.
    """

    any_hold: ClassVar[bool] = True

    to_session: Uuid | None = None
    from_session: Uuid | None = None
    late: bool = False
    paid: bool = False
    line_ids: LineIds = ()
    lines: Annotated[tuple[MovedLine, ...], Meta(max_length=10_000)] = ()
    discounts: Annotated[tuple[MovedDiscount, ...], Meta(max_length=10_000)] = ()
    payment_ids: Annotated[tuple[Uuid, ...], Meta(max_length=1_000)] = ()
    payments: Annotated[tuple[MovedPayment, ...], Meta(max_length=1_000)] = ()


class PlacedTax(Record, frozen=True):
    """A tax of a placed line, or of all of the order: then with the net that it was charged on.

    It is a rate or an amount a piece, and stood in the price or was `added` to it.
    """

    name: Word
    tax: Amount
    rate: Percent | None = None
    per_piece: Price | None = None
    net: Amount | None = None
    added: bool = False


class PlacedCharge(Record, frozen=True):
    """What was charged for service: `percent` of the lines, what it comes to in all, and how it was taxed."""

    percent: Share
    subtotal: Amount
    net: Amount
    tax: Amount
    taxes: Annotated[tuple[PlacedTax, ...], Meta(max_length=20)] = ()


class PlacedOff(Record, frozen=True):
    """What came off a placed row, or off the order as a whole.

    `kind` is `promotion` or that of a discount; `event` the discount, beside which its reason stands.
    """

    kind: Literal["promotion", "discount", "comp", "staff_meal"]
    amount: Amount
    name: Word = ""
    event: EventId | None = None


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
    off: Annotated[tuple[PlacedOff, ...], Meta(max_length=100)] = ()


class PlacedVoid(Record, frozen=True):
    """A line that had been taken off by then."""

    line_id: Uuid
    item_name: Word
    quantity: Pieces
    amount: Amount


class PlacedPayment(Record, frozen=True):
    """A payment of a placed order: what was taken, a `tip` in it, and what was given back of what was handed over.

    `transaction` is as in `payment_approved`. `till` is where it was taken, if the order was placed at another one.
    """

    payment_id: Uuid
    tender: Word
    amount: Amount
    change: Amount
    tip: Unsigned = "0"
    transaction: Word = ""
    till: TillNumber | None = None


class OrderPlaced(OrderEvent, frozen=True):
    """The order was paid. It carries the whole frozen order: what was sold, how it was taxed and paid.

    `net` + `tax` = `total` = the sum of `subtotal` with the `service_charge`; the payments less tips sum to
    `total` + `rounding`.
    `discounts` are the events of those that counted, `set_aside` the records that did not read and that the order
    was paid without.
    """

    at_once: ClassVar[bool] = True

    order_id: Uuid
    receipt: Word
    business_date: Day
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
    service_charge: PlacedCharge | None = None
    discounts: Annotated[tuple[EventId, ...], Meta(max_length=10_000)] = ()
    off: Annotated[tuple[PlacedOff, ...], Meta(max_length=100)] = ()
    set_aside: Annotated[tuple[EventId, ...], Meta(max_length=1_000)] = ()
    tab_id: Uuid | None = None
    customer_id: Uuid | None = None
    ref: Word | None = None
    note: Private = ""


class FeedbackGiven(OrderEvent, frozen=True):
    """What a guest thinks of a paid order: a score, and words. The newest stands."""

    called: ClassVar[str] = _("What the guest thinks")
    harmless: ClassVar[bool] = True

    order_id: Uuid
    score: Score
    words: Private = ""


class OrderDiscarded(OrderEvent, frozen=True):
    """It was cleared on purpose; `line_ids` are the lines that were known to who cleared it.

    `sent`: one of them had been saved on a tab.
    """

    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    line_ids: LineIds
    reason: Private = ""
    sent: bool = False


class SessionSwept(OrderEvent, frozen=True):
    """Nothing was heard of it for so many minutes: the database put it aside. Its till keeps its hold."""

    called: ClassVar[str] = _("Put aside by the server")
    moves: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    minutes: Count


class RecordSetAside(OrderEvent, frozen=True):
    """A manager looked at a record that does not read: the order is paid without it.

    Tills where it does read pass it over too, unless it is about money or says where the order stands.
    """

    called: ClassVar[str] = _("A record set aside")

    event: EventId
    approved_by: StaffNumber


class Erased(OrderEvent, frozen=True):
    """The free text beside these events is gone for good, wherever it stood."""

    called: ClassVar[str] = _("What was said was erased")
    by_server: ClassVar[bool] = True
    harmless: ClassVar[bool] = True

    events: Annotated[tuple[EventId, ...], Meta(max_length=10_000)]


class ConflictFound(OrderEvent, frozen=True):
    """Something about money that only a person can settle: one matter for a kind and what it is about.

    Who learns more of it finds it again, with what it comes to now: the newest amount tells until it is settled.
    `kind`: `paid_twice`, `paid_for_more`, `paid_for_less`, `discount_late`, `payment_without_order`, `given_back`,
    `given_back_twice`, `payment_contradicted`, `charged_more`, `refunded_beyond`, `refund_contradicted`,
    `refund_left`, `payment_left`, `payment_from_nowhere`, `tender_twice`, `receipt_twice`, `refund_twice`,
    `record_unread`.
    `subject` is the order, line, payment, refund or record.
    """

    called: ClassVar[str] = _("A conflict found")
    any_hold: ClassVar[bool] = True

    conflict_id: Uuid
    kind: Word
    subject: Word
    amount: Amount
    currency: CurrencyCode


class ConflictResolved(OrderEvent, frozen=True):
    """A manager settled a conflict, at the server."""

    called: ClassVar[str] = _("A conflict settled")
    any_hold: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    conflict_id: Uuid
    how: Private = ""
