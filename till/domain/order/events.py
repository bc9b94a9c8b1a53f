"""The events of an order session (design §4)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, field
from typing_extensions import override

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
    Place,
    Price,
    PriceChange,
    Private,
    Score,
    Share,
    StaffNumber,
    Step,
    TillNumber,
    Time,
    Unsigned,
    Uuid,
    Word,
)
from till.domain.events.registry import OrderEvent, Shape
from till.domain.i18n import _

#: What a discount is for: something that comes off, all of it on the house, or a meal of the staff.
DiscountKind = Literal["discount", "comp", "staff_meal"]
LineIds = Annotated[tuple[Uuid, ...], Meta(max_length=10_000)]
#: The canonical text of another event.
Body = Annotated[str, Meta(max_length=1_000_000)]


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
    """The rounding of payments: in steps, of the part that is paid in cash or of the bill, none up to an amount.

    `never` are tenders whose part is not rounded.
    """

    step: Step
    direction: Literal["half_up", "half_down", "down"] = "half_up"
    nothing_up_to: Step | None = None
    of: Literal["cash", "bill"] = "cash"
    never: Annotated[tuple[Word, ...], Meta(max_length=100)] = ()


class ChargeTerms(Record, frozen=True):
    """The service charge: a percentage of the lines, taxed; on these order types, or on all."""

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


class Saving(Record, frozen=True):
    """The amount that a promotion took off all pieces of a line."""

    name: Word
    amount: Amount


Offers = Annotated[tuple[PromotionTerms, ...], Meta(max_length=50)]


class LineAmounts(Record, frozen=True):
    """The fixed cost of some pieces of a line, at a `unit_price` then; of fewer pieces their share.

    `price` is what they came to before promotions `saved` something and the line's discount took something `off`.
    """

    line_id: Uuid
    pieces: AtLeastOne
    unit_price: Price
    price: Amount
    saved: Annotated[tuple[Saving, ...], Meta(max_length=50)] = ()
    off: Unsigned = "0"


class ShownItem(Record, frozen=True):
    """An item of a menu that was asked for."""

    id: Word
    name: Word
    position: Count


class RungAgain(Record, frozen=True):
    """The order of another till's tab, and the time of the copy that was rung again."""

    session: Uuid
    at: Time


class OrderOpened(OrderEvent, frozen=True):
    """An order begins, under the terms by which it is priced.

    `from_session` is the order whose late lines it carries on; `ref` a name from outside (a replay); `program` the one
    that is no till whose guest it is; `again` the tab of which it is a copy.
    """

    called: ClassVar[str] = _("Order opened")
    opens: ClassVar[bool] = True
    takes: ClassVar[bool] = True
    moves: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True

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
    again: RungAgain | None = None


class MenuViewed(OrderEvent, frozen=True):
    """The menu was asked for; `items` are the first that were shown."""

    log_only: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    query: Word
    result_count: Count
    meal_period: Word
    items: Annotated[tuple[ShownItem, ...], Meta(max_length=50)]


class Removed(Record, frozen=True):
    """Pieces of a line that were taken off, less than nothing of a return; `amount` before discounts, in major units.

    `sent`: the line had been saved on a tab before.
    """

    item_name: Word
    pieces: Pieces
    amount: Amount
    sent: bool = False


class ItemAdded(OrderEvent, frozen=True):
    """A line was keyed, at the price of that moment: `price` of a piece, in major units.

    `offers` are the promotions that it met.
    For a weighed good `measure` is in thousandths, `unit_price` is for one measure, and `price` what a piece came to.
    `asks` are the groups of which a choice is still needed before it is paid for; `seat` is the guest whose it is.
    """

    on_lines: ClassVar[bool] = True

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


class LineChange(OrderEvent, frozen=True, kw_only=True):
    """A change to a line after it was keyed. Of each part of a line the newest change stands.

    `follows` is the change in another order that the line came from.
    """

    of_acts: ClassVar[bool] = True

    line_id: Uuid
    follows: EventId | None = None


class ModifiersSet(LineChange, frozen=True):
    """All choices on a line, and what it still asks. `follows` as in `line_noted`."""

    on_own_lines: ClassVar[bool] = True

    modifiers: Modifiers = ()
    asks: Asks = ()


class LineSeated(LineChange, frozen=True):
    """The guest, by number, and the course that a line is for; 0 takes that off. `follows` as in `line_noted`."""

    called: ClassVar[str] = _("A line assigned to a guest")
    on_own_lines: ClassVar[bool] = True

    seat: Count | None = None
    course: Count | None = None


class CourseFired(LineChange, frozen=True):
    """The course of a line was called for: the kitchen is to make it now. `follows` as in `line_noted`."""

    called: ClassVar[str] = _("A course called")
    at_once: ClassVar[bool] = True
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True


class PriceOverridden(LineChange, frozen=True):
    """A piece (a measure, of a weighed good) of a line costs another `price` than what it was keyed at, before choices.

    The newest stands. `was` is what it cost until then, `approved_by` the manager who said yes for somebody else.
    `follows` as in `line_noted`.
    """

    on_own_lines: ClassVar[bool] = True

    was: Price
    price: Price
    reason: Private = ""
    approved_by: StaffNumber | None = None


class AgeChecked(OrderEvent, frozen=True):
    """Somebody looked whether the guest is so old."""

    fact: ClassVar[bool] = True

    years: Age
    passed: bool


class QuantityChanged(OrderEvent, frozen=True):
    """Pieces were taken off a line. More of it come back by `change_undone`, or are a new line.

    `follows` is the taking of another order that the line came from, where it was done too late; `cut`, that another
    line has these pieces, none where the cut that it follows found none to take; `removed`, what that till took off.
    """

    on_lines: ClassVar[bool] = True

    line_id: Uuid
    taken_off: Count
    cut: bool = False
    follows: EventId | None = None
    removed: Removed | None = None


class LineCut(OrderEvent, frozen=True):
    """Pieces of a line leave it for the new line `into`: no more than are there when it folds. It is no void.

    They cost what they cost before: what `amounts_fixed` says of the line is shared by pieces. One that came too late,
    after its line was paid for or moved, cuts nothing: its new line is empty.
    """

    by_server: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    line_id: Uuid
    into: Uuid
    quantity: AtLeastOne


class LineVoided(OrderEvent, frozen=True):
    """A line was taken off, for a reason. `follows` and `removed` as in `quantity_changed`."""

    on_lines: ClassVar[bool] = True

    line_id: Uuid
    reason: Private = ""
    follows: EventId | None = None
    removed: Removed | None = None


class LineNoted(OrderEvent, frozen=True):
    """The note on a line. The newest counts; an empty one clears it.

    `follows` is the noting of another order that the line came from.
    """

    of_acts: ClassVar[bool] = True
    on_own_lines: ClassVar[bool] = True

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

    beside: ClassVar[bool] = True
    called: ClassVar[str] = _("The customer named")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    customer_id: Uuid | None = None
    who: Private = ""


class ChangeUndone(OrderEvent, frozen=True):
    """A change of a line, a discount or a note counts as if it had never been."""

    called: ClassVar[str] = _("Undone")
    of_acts: ClassVar[bool] = True
    on_lines: ClassVar[bool] = True

    event: EventId


class DiscountApplied(OrderEvent, frozen=True):
    """Something comes off a line, or off the order: `percent` of it, or an `amount` in major units.

    An amount is for so many `pieces` of a line, and the `price` that they, or the order, came to: of less its part
    comes off. `kind` says what for; `name` is that of a discount which the venue has named: it stands for a reason.
    """

    of_acts: ClassVar[bool] = True

    line_id: Uuid | None = None
    percent: Share | None = None
    amount: Amount | None = None
    kind: DiscountKind = "discount"
    name: Word = ""
    reason: Private = ""
    pieces: AtLeastOne | None = None
    price: Unsigned | None = None


class AmountsFixed(OrderEvent, frozen=True):
    """Lines are about to leave or to arrive: what lines cost is an amount from now on, and is not worked out anew."""

    called: ClassVar[str] = _("Line prices fixed")
    by_server: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    lines: Annotated[tuple[LineAmounts, ...], Meta(max_length=10_000)]


class OrderTypeSet(OrderEvent, frozen=True):
    """Take away, eat in, delivery."""

    of_acts: ClassVar[bool] = True

    order_type: Word


class PreferenceSet(OrderEvent, frozen=True):
    """A wish for the whole order, in a guest's words; without any the wish of this name is none any more."""

    name: Word
    value: Private = ""


class OrderParked(OrderEvent, frozen=True):
    """The logout of its holder put it aside; with `user` it was given to somebody else."""

    called: ClassVar[str] = _("Suspended")
    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    user: StaffNumber | None = None


class OrderResumed(OrderEvent, frozen=True):
    """Suspended, saved on a tab or cleared, the order is active again on the till that holds it.

    `user` recalled it, when that is another than it belongs to.
    """

    called: ClassVar[str] = _("Resumed")
    opens: ClassVar[bool] = True
    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True

    user: StaffNumber | None = None


class OrderGranted(OrderEvent, frozen=True):
    """The server granted the order to a till, which holds it from now on: active, for `user`.

    `journal` is the journal that holds it, `from_till` the till that held it before, under the hold `from_hold`.
    """

    called: ClassVar[str] = _("Granted to a till")
    opens: ClassVar[bool] = True
    takes: ClassVar[bool] = True
    moves: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    till: TillNumber
    journal: Uuid
    user: StaffNumber
    from_hold: EventId | None = None
    from_till: TillNumber | None = None


class TabAssigned(OrderEvent, frozen=True):
    """It was saved to a tab: a table, or a name."""

    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True

    tab_id: Uuid
    table_number: Count | None = None
    covers: Count | None = None
    name: Private = ""


class BookingSeated(OrderEvent, frozen=True):
    """The guests of a booking came: the order is theirs."""

    beside: ClassVar[bool] = True
    called: ClassVar[str] = _("Guests of a booking arrived")
    harmless: ClassVar[bool] = True

    booking_id: Uuid


class MovedLine(Record, frozen=True):
    """A line as it was keyed, and what was taken off it since, by the events that did; `till` keyed it.

    `sent`: it had been saved on a tab. `cut_off` are the pieces that other lines have, by the events that cut it.
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
    cut_off: dict[EventId, AtLeastOne] = field(default_factory=dict)
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


class LinesMoved(OrderEvent, frozen=True):
    """Whole lines go to another order, or come from one: each of the two has an event.

    In the order that they leave: `to_session` and `line_ids`. In the one that they come to: `from_session`, `lines`,
    `discounts`, and `amounts` of lines whose cost is fixed. Money stays on the order where it was taken.
    """

    by_server: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    to_session: Uuid | None = None
    from_session: Uuid | None = None
    line_ids: LineIds = ()
    lines: Annotated[tuple[MovedLine, ...], Meta(max_length=10_000)] = ()
    discounts: Annotated[tuple[MovedDiscount, ...], Meta(max_length=10_000)] = ()
    amounts: Annotated[tuple[LineAmounts, ...], Meta(max_length=10_000)] = ()


class LinesCopied(OrderEvent, frozen=True):
    """Lines of an order that had ended, in the order of late lines that the server made for them.

    `events` are the bodies of the events on them, and on the lines that they were cut from, under their own ids. They
    fold as events of this order. `digests` are those of the free text beside them, by the event and the field.
    """

    called: ClassVar[str] = _("Lines keyed too late")
    by_server: ClassVar[bool] = True

    from_session: Uuid
    line_ids: LineIds
    events: Annotated[tuple[Body, ...], Meta(max_length=10_000)]


class LinesWithdrawn(OrderEvent, frozen=True):
    """Lines are in another order: one that sold them, or the order of late lines when this one had ended."""

    called: ClassVar[str] = _("Lines are in another order")
    by_server: ClassVar[bool] = True

    to_session: Uuid
    line_ids: LineIds


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
    """The service charge: `percent` of the lines, its amount, and its taxes."""

    percent: Share
    subtotal: Amount
    net: Amount
    tax: Amount
    taxes: Annotated[tuple[PlacedTax, ...], Meta(max_length=20)] = ()


class PlacedOff(Record, frozen=True):
    """A reduction of a placed row, or of the order as a whole.

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
    was paid without; `known` is the newest event that its till had from the database then.
    """

    about_money: ClassVar[bool] = True
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
    known: EventId | None = None
    note: Private = ""

    @property
    @override
    def document(self) -> str:
        return self.receipt


class FeedbackGiven(OrderEvent, frozen=True):
    """The guest's feedback on a paid order: a score, and words. The newest counts."""

    beside: ClassVar[bool] = True
    called: ClassVar[str] = _("Guest feedback")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    order_id: Uuid
    score: Score
    words: Private = ""


class OrderDiscarded(OrderEvent, frozen=True):
    """It was cleared on purpose; `line_ids` are the lines that were known to who cleared it, `removed` each of them."""

    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True

    line_ids: LineIds
    reason: Private = ""
    removed: Annotated[tuple[Removed, ...], Meta(max_length=10_000)] = ()


class Refused(OrderEvent, frozen=True):
    """Acts on the order that do not count: their till had lost it, or its end did not know of them."""

    called: ClassVar[str] = _("A change that did not count")
    by_server: ClassVar[bool] = True

    events: Annotated[tuple[EventId, ...], Meta(max_length=10_000)]


class SessionSwept(OrderEvent, frozen=True):
    """Nothing was heard of it for so many minutes: the database put it aside. Its till keeps its hold."""

    called: ClassVar[str] = _("Suspended by the server")
    moves: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    minutes: Count


class RecordSetAside(OrderEvent, frozen=True):
    """A manager looked at a record that does not read: the order is paid without it.

    Tills where it does read pass it over too, unless it is about money or says where the order stands.
    """

    called: ClassVar[str] = _("A record skipped")
    fact: ClassVar[bool] = True

    event: EventId
    approved_by: StaffNumber


class Erased(OrderEvent, frozen=True):
    """The free text beside these events is gone for good, wherever it stood."""

    beside: ClassVar[bool] = True
    called: ClassVar[str] = _("A text erased")
    by_server: ClassVar[bool] = True
    harmless: ClassVar[bool] = True

    events: Annotated[tuple[EventId, ...], Meta(max_length=10_000)]


class ConflictFound(OrderEvent, frozen=True):
    """Something about money that only a person can settle: one matter for a kind and what it is about.

    `kind`: `sold_twice`, `money_without_order`, `charged_otherwise`, `outcome_contradicted`, `refunded_beyond`,
    `number_twice`, `no_answer`, `record_skipped`.
    `subject` is the order, line, payment, refund or record; `till` the one whose records show what the database found.
    """

    beside: ClassVar[bool] = True
    listed: ClassVar[str] = "conflicts"
    called: ClassVar[str] = _("A conflict found")
    any_hold: ClassVar[bool] = True
    by_server: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    conflict_id: Uuid
    kind: Word
    subject: Word
    amount: Amount
    currency: CurrencyCode
    till: TillNumber | None = None


class SaleContested(OrderEvent, frozen=True):
    """Contents of a sale, lines or payments that the log did not know, turned up in another order.

    No sales report has it from that day on; its money stays in its drawer.
    """

    called: ClassVar[str] = _("A sale with lines of another order")
    harmless: ClassVar[bool] = True
    beside: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    order_id: Uuid
    contents: LineIds


class SaleBooked(OrderEvent, frozen=True):
    """A manager booked a sale that waited: the one of the `order_placed` named `event`, by its record in quarantine."""

    called: ClassVar[str] = _("A sale booked by a manager")
    harmless: ClassVar[bool] = True
    beside: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    event: EventId
    quarantine: Place


class ConflictResolved(OrderEvent, frozen=True):
    """A manager settled a conflict, at the server."""

    beside: ClassVar[bool] = True
    called: ClassVar[str] = _("A conflict settled")
    any_hold: ClassVar[bool] = True
    by_server: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    conflict_id: Uuid
    how: Private = ""
