"""The events of an order session."""

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
from till.domain.i18n import N_, _, ngettext

#: The kind of a discount: a discount, a comp (all of it on the house), or a staff meal.
DiscountKind = Literal["discount", "comp", "staff_meal"]
LineIds = Annotated[tuple[Uuid, ...], Meta(max_length=10_000)]
#: The canonical text of another event.
Body = Annotated[str, Meta(max_length=1_000_000)]


class Record(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """A part of a record."""


class TaxRate(Record, frozen=True):
    """A tax on a line: a `rate` in percent, or an amount `per_piece` in major units.

    `included` is true if the price contains the tax; if absent, the order's `prices_include_tax` decides. A tax that
    `affects_later` is part of the base of later taxes, except those with `affected_by_earlier` false.
    """

    name: Word
    rate: Percent | None = None
    per_piece: Price | None = None
    included: bool | None = None
    affects_later: bool = False
    affected_by_earlier: bool = True


class RoundingTerms(Record, frozen=True):
    """The rounding of payments to a `step`: of the part paid in cash, or of the bill.

    Amounts up to `nothing_up_to`, and payments in the tenders of `never`, are not rounded.
    """

    step: Step
    direction: Literal["half_up", "half_down", "down"] = "half_up"
    nothing_up_to: Step | None = None
    of: Literal["cash", "bill"] = "cash"
    never: Annotated[tuple[Word, ...], Meta(max_length=100)] = ()


class ChargeTerms(Record, frozen=True):
    """The service charge: a percentage of the lines, with taxes. Without `order_types` it applies to all orders.

    `except_deposits` is true if deposits bear no charge.
    """

    percent: Share
    taxes: Annotated[tuple[TaxRate, ...], Meta(max_length=20)] = ()
    order_types: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    except_deposits: bool = False


class LineModifier(Record, frozen=True):
    """A modifier of a line: the `price` that it adds to a piece, and its `group` on the menu."""

    name: Word
    price: PriceChange
    group: Word = ""


Modifiers = Annotated[tuple[LineModifier, ...], Meta(max_length=50)]
#: The names of the groups that need a choice before payment.
Asks = Annotated[tuple[Word, ...], Meta(max_length=20)]


class PromotionTerms(Record, frozen=True):
    """A promotion that applied to a line when it was keyed, with the fields of `till.domain.money.promotion.Offer`."""

    name: Word
    percent: Share | None = None
    amount: Amount | None = None
    price: Price | None = None
    buy: Count = 0
    get: Count = 0
    pieces: Count = 0
    items: Annotated[tuple[Word, ...], Meta(max_length=50)] = ()


class ComboSlot(Record, frozen=True):
    """A slot of a combo, its `pieces`, and the surcharge of the line's item in it; absent if it does not fit."""

    name: Word
    pieces: Annotated[int, Meta(ge=1, le=9)]
    extra: Price | None = None


class LineCombo(Record, frozen=True):
    """A combo that a line may be part of: its name, its price without surcharges, and its slots."""

    name: Word
    price: Price
    slots: Annotated[tuple[ComboSlot, ...], Meta(max_length=9)]


class Saving(Record, frozen=True):
    """The amount that a promotion takes off all pieces of a line."""

    name: Word
    amount: Amount


Offers = Annotated[tuple[PromotionTerms, ...], Meta(max_length=50)]


class LineAmounts(Record, frozen=True):
    """The fixed cost of some pieces of a line. Fewer pieces cost their share of it.

    `price` is the amount before the promotions in `saved` and before the line's discount, `off`.
    """

    line_id: Uuid
    pieces: AtLeastOne
    unit_price: Price
    price: Amount
    saved: Annotated[tuple[Saving, ...], Meta(max_length=50)] = ()
    off: Unsigned = "0"


class ShownItem(Record, frozen=True):
    """An item of a viewed menu."""

    id: Word
    name: Word
    position: Count


class RungAgain(Record, frozen=True):
    """A copied tab: the order of another till, and the time of the state that was rung up again."""

    session: Uuid
    at: Time


class OrderOpened(OrderEvent, frozen=True):
    """An order was opened. The record contains the terms of its prices.

    `from_session` is the ended order whose late lines it takes, `ref` an external reference (a replay), `program` the
    program that placed it, and `again` the tab that it copies.
    """

    in_heads: ClassVar[bool] = True
    called: ClassVar[str] = N_("Order opened")
    opens: ClassVar[bool] = True
    takes: ClassVar[bool] = True
    moves: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

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


class LinesRungAgain(OrderEvent, frozen=True):
    """Lines of a copied tab: their pieces are those of the tab, and are not taken off what is left of an item again."""

    called: ClassVar[str] = N_("Lines of the copied order")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    beside: ClassVar[bool] = True

    line_ids: LineIds


class MenuViewed(OrderEvent, frozen=True):
    """The menu was viewed; `items` are the first items shown."""

    called: ClassVar[str] = N_("Looked at the menu: {query}")
    log_only: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    query: Word
    result_count: Count
    meal_period: Word
    items: Annotated[tuple[ShownItem, ...], Meta(max_length=50)]


class Removed(Record, frozen=True):
    """Pieces taken off a line; negative for a return. `amount` is before discounts, in major units.

    `sent` is true if a ticket named the line before or, if no station makes it, it was saved on a tab.
    """

    item_name: Word
    pieces: Pieces
    amount: Amount
    sent: bool = False


class ItemAdded(OrderEvent, frozen=True):
    """A line was keyed, at the current `price` of a piece in major units.

    `offers` are the promotions that applied. For a weighed item `measure` is in thousandths of `unit`, `unit_price` is
    for one unit, and `price` is the amount of a piece. `asks` are the groups that need a choice before payment, and
    `seat` is the number of the guest. A `deposit` is returned in full and never discounted.
    """

    called: ClassVar[str] = "{quantity} × {item_name}"
    on_lines: ClassVar[bool] = True

    line_id: Uuid
    item_id: Word
    item_name: Word
    quantity: Pieces
    price: Price
    taxes: Annotated[tuple[TaxRate, ...], Meta(max_length=20)]
    modifiers: Modifiers = ()
    measure: Measure | None = None
    unit: Word = ""
    unit_price: Price | None = None
    asks: Asks = ()
    seat: Count | None = None
    course: Count | None = None
    offers: Offers = ()
    deposit: bool = False


class LineChange(OrderEvent, frozen=True, kw_only=True):
    """A change of a line after it was keyed. The newest change of each attribute counts.

    `follows` is the original event, in the order that the line came from.
    """

    of_acts: ClassVar[bool] = True

    line_id: Uuid
    follows: EventId | None = None


class ModifiersSet(LineChange, frozen=True):
    """The modifiers of a line were set: `modifiers` are all of them, and `asks` the groups that still need a choice.

    `follows` as in `line_noted`.
    """

    called: ClassVar[str] = "{item}: {modifiers}"
    on_own_lines: ClassVar[bool] = True

    modifiers: Modifiers = ()
    asks: Asks = ()


class LineSeated(LineChange, frozen=True):
    """A line was assigned to a guest or a course, by number; 0 clears the number. `follows` as in `line_noted`."""

    called: ClassVar[str] = N_("A line assigned to a guest")
    on_own_lines: ClassVar[bool] = True

    seat: Count | None = None
    course: Count | None = None


class LineRate(Record, frozen=True):
    """The taxes on a line in orders of a type, and its `price` there, before modifiers; absent for the keyed one."""

    order_type: Word
    taxes: Annotated[tuple[TaxRate, ...], Meta(max_length=20)]
    price: Price | None = None


class LineRated(LineChange, frozen=True):
    """The taxes and prices of a keyed line that differ by order type. In any other type it has those it was keyed with.

    `combos` are those that it may be part of. `follows` as in `line_noted`.
    """

    called: ClassVar[str] = N_("{item}: tax by order type")
    on_own_lines: ClassVar[bool] = True

    by_type: Annotated[tuple[LineRate, ...], Meta(max_length=20)] = ()
    combos: Annotated[tuple[LineCombo, ...], Meta(max_length=50)] = ()

    @property
    @override
    def sentence(self) -> str:
        if not self.combos:
            return self.called
        if self.by_type:
            return _("{item}: tax by order type, may be part of {combos}")
        return _("{item}: may be part of {combos}")


class LineTypeSet(LineChange, frozen=True):
    """The order type of a line was set, for its taxes and its price. Without `order_type` it is that of the order.

    `follows` as in `line_noted`.
    """

    on_own_lines: ClassVar[bool] = True

    order_type: Word = ""

    @property
    @override
    def sentence(self) -> str:
        return "{item}: {order_type}" if self.order_type else _("{item}: as the order")


class CourseFired(LineChange, frozen=True):
    """The course of a line was fired: the kitchen prepares it now. `follows` as in `line_noted`."""

    called: ClassVar[str] = N_("A course fired")
    at_once: ClassVar[bool] = True
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True


class CoursesHeld(OrderEvent, frozen=True):
    """The courses of the order from the second on are held for the kitchen until they are fired, or no longer.

    Without this event the setting of the venue decides.
    """

    late: ClassVar[tuple[str, str]] = N_("Hold too late, {name}"), N_("The hold of {of} came too late: {why}.")
    harmless: ClassVar[bool] = True
    beside: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True

    held: bool = True

    @property
    @override
    def sentence(self) -> str:
        return _("Courses held") if self.held else _("Courses no longer held")


class PriceOverridden(LineChange, frozen=True):
    """The price of a line was overridden: of a piece, or of one unit of a weighed item, before modifiers.

    The newest override counts. `was` is the price before it, and `approved_by` the manager who approved it for another
    user. `follows` as in `line_noted`.
    """

    called: ClassVar[str] = N_("{item} at {price}: {reason}")
    late: ClassVar[tuple[str, str]] = (
        N_("New price too late, {name}"),
        N_("The new price of {of} came too late: {why}."),
    )
    on_own_lines: ClassVar[bool] = True

    was: Price
    price: Price
    reason: Private = ""
    approved_by: StaffNumber | None = None


class AgeChecked(OrderEvent, frozen=True):
    """The age of the guest was checked: `passed` is true if the guest is at least `years` old."""

    fact: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True

    years: Age
    passed: bool

    @property
    @override
    def sentence(self) -> str:
        return _("The guest is {years}") if self.passed else _("The guest is not {years}")


class QuantityChanged(OrderEvent, frozen=True):
    """Pieces were taken off a line. `change_undone` restores them; added pieces are a new line.

    `follows` is the original event, in the order that the line came from, if it was too late there. `cut` is true if
    the pieces were cut off into another line; they may be 0, if none were left to cut. `removed` describes the pieces.
    """

    audited: ClassVar[str] = N_("voided pieces {sent}")
    late: ClassVar[tuple[str, str]] = N_("Removal too late, {name}"), N_("The removal of {of} came too late: {why}.")
    on_lines: ClassVar[bool] = True
    listed: ClassVar[str] = "taken_off"

    line_id: Uuid
    taken_off: Count
    cut: bool = False
    follows: EventId | None = None
    removed: Removed | None = None

    @property
    @override
    def sentence(self) -> str:
        if self.removed is not None and self.removed.sent:
            return _("{taken_off} × {item} taken off, after it was sent")
        return _("{taken_off} × {item} taken off")


class RemovalExplained(OrderEvent, frozen=True):
    """The reason why pieces of sent lines were taken off. `events` are their `quantity_changed`."""

    called: ClassVar[str] = N_("Taken off: {reason}")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    beside: ClassVar[bool] = True

    events: Annotated[tuple[EventId, ...], Meta(max_length=10_000)]
    reason: Private = ""


class LineCut(OrderEvent, frozen=True):
    """Pieces of a line were cut off into the new line `into`: at most the pieces left when the event is folded.

    A cut is not a void. The pieces keep their price: each has its share of the amounts in `amounts_fixed`. If the line
    was paid or moved before, the cut takes no pieces, and the new line is empty.
    """

    called: ClassVar[str] = N_("{quantity} × {item} split off")
    by_server: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    line_id: Uuid
    into: Uuid
    quantity: AtLeastOne


class LineVoided(OrderEvent, frozen=True):
    """A line was voided, for a reason. `follows` and `removed` as in `quantity_changed`."""

    audited: ClassVar[str] = N_("voided {sent}")
    late: ClassVar[tuple[str, str]] = N_("Void too late, {name}"), N_("The void of {of} came too late: {why}.")
    on_lines: ClassVar[bool] = True
    listed: ClassVar[str] = "taken_off"

    line_id: Uuid
    reason: Private = ""
    follows: EventId | None = None
    removed: Removed | None = None

    @property
    @override
    def sentence(self) -> str:
        if self.removed is not None and self.removed.sent:
            return _("{item} voided after it was sent: {reason}")
        return _("{item} voided: {reason}")


class LineNoted(OrderEvent, frozen=True):
    """The note on a line was set. The newest note counts; an empty one clears it.

    `follows` is the original event, in the order that the line came from. `includes` is the note on that whole order,
    if the text has it too.
    """

    called: ClassVar[str] = "{item}: {note}"
    late: ClassVar[tuple[str, str]] = N_("Note too late, {name}"), N_("The note on {of} came too late: {why}.")
    of_acts: ClassVar[bool] = True
    on_own_lines: ClassVar[bool] = True

    line_id: Uuid
    note: Private = ""
    follows: EventId | None = None
    includes: EventId | None = None


class OrderNoted(OrderEvent, frozen=True):
    """The note on the whole order was set. The newest note counts; an empty one clears it."""

    in_heads: ClassVar[bool] = True
    called: ClassVar[str] = N_("Note: {note}")
    of_acts: ClassVar[bool] = True

    note: Private = ""


class CustomerAttached(OrderEvent, frozen=True):
    """The customer of the order was set: a customer known to the venue, or a typed name or number.

    The newest customer counts; an empty one clears it. `follows` is the original event, in the order whose lines were
    all added to this one.
    """

    of_acts: ClassVar[bool] = True
    beside: ClassVar[bool] = True
    called: ClassVar[str] = N_("The customer named")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    customer_id: Uuid | None = None
    who: Private = ""
    follows: EventId | None = None


class BuyerNamed(OrderEvent, frozen=True):
    """The firm or person that the invoice of the order names. The newest counts; one without a name clears it.

    `tax_number` is a NIF, GSTIN or VAT number, by the law of the venue.
    """

    called: ClassVar[str] = N_("The buyer named")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    beside: ClassVar[bool] = True

    name: Private = ""
    tax_number: Private = ""
    address: Private = ""


class ChangeUndone(OrderEvent, frozen=True):
    """A change of a line, a discount or a note was undone: it no longer counts."""

    in_heads: ClassVar[bool] = True
    called: ClassVar[str] = N_("Undone")
    audited: ClassVar[str] = N_("corrected: undone")
    late: ClassVar[tuple[str, str]] = N_("Undo too late, {name}"), N_("The undo on {of} came too late: {why}.")
    of_acts: ClassVar[bool] = True
    on_lines: ClassVar[bool] = True

    event: EventId


class DiscountApplied(OrderEvent, frozen=True):
    """A discount was given on a line or on the order: a `percent`, or an `amount` in major units.

    An amount applies to `pieces` pieces of the line, and to the `price` of these pieces or of the order at that time.
    If fewer pieces or a lower price are left, it is reduced in proportion. `name` is the name of one of the venue's
    discounts, which needs no reason. `share_of` is the discount on the whole order of which an amount is the line's
    share: the line's earlier discounts count beside it. `follows` is the original event, in the order that the line
    came from: the discount moved with the line, and this event brings its reason.
    """

    called: ClassVar[str] = N_("Discount {off}: {why}")
    audited: ClassVar[str] = N_("discounted {percent} {name}")
    late: ClassVar[tuple[str, str]] = N_("Discount too late, {name}"), N_("The discount on {of} came too late: {why}.")
    of_acts: ClassVar[bool] = True
    listed: ClassVar[str] = "taken_off"

    line_id: Uuid | None = None
    percent: Share | None = None
    amount: Amount | None = None
    kind: DiscountKind = "discount"
    name: Word = ""
    reason: Private = ""
    pieces: AtLeastOne | None = None
    price: Unsigned | None = None
    share_of: EventId | None = None
    follows: EventId | None = None


class AmountsFixed(OrderEvent, frozen=True):
    """The cost of lines was fixed, because lines are about to leave or join the order."""

    called: ClassVar[str] = N_("Line prices fixed")
    by_server: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    lines: Annotated[tuple[LineAmounts, ...], Meta(max_length=10_000)]


class OrderTypeSet(OrderEvent, frozen=True):
    """The order type was set, such as take away, eat in or delivery."""

    called: ClassVar[str] = "{order_type}"
    late: ClassVar[tuple[str, str]] = (
        N_("Order type too late, {name}"),
        N_("The order type of {of} came too late: {why}."),
    )
    of_acts: ClassVar[bool] = True

    order_type: Word


class PreferenceSet(OrderEvent, frozen=True):
    """A preference of the guest for the whole order was set, by name; an empty `value` clears it."""

    in_heads: ClassVar[bool] = True
    called: ClassVar[str] = "{name}: {value}"
    of_acts: ClassVar[bool] = True

    name: Word
    value: Private = ""


class OrderParked(OrderEvent, frozen=True):
    """The order was suspended at its user's logout, or for another `user`."""

    called: ClassVar[str] = N_("Suspended")
    audited: ClassVar[str] = N_("suspended {for_user}")
    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True

    user: StaffNumber | None = None


class OrderSubmitted(OrderEvent, frozen=True):
    """A program submitted the order to the counter, where it waits for payment.

    `order_id` is the id that the guest knows, and `number` counts the orders of the `program`. `program` is absent if
    the owner of the database submitted the order.
    """

    called: ClassVar[str] = N_("Ordered, to be paid at the counter")
    moves: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    order_id: Uuid
    number: AtLeastOne
    payment_method: Word
    program: Word | None = None
    customer_id: Uuid | None = None


class OrderNumbered(OrderEvent, frozen=True):
    """An order got the number by which its guest is called, the till with its series and two figures.

    `count` is the count of the till's numbered orders. The first number of an order stays.
    """

    called: ClassVar[str] = N_("Called as order {number}")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    number: Word
    count: Count

    @property
    @override
    def document(self) -> str:
        return f"{self.number.rpartition('-')[0]}-@{self.count}"


class OrderResumed(OrderEvent, frozen=True):
    """A suspended, saved or cleared order was resumed: it is active again on the till that holds it.

    `user` is the person who recalled it, if it belonged to another person.
    """

    called: ClassVar[str] = N_("Resumed")
    audited: ClassVar[str] = N_("resumed {for_user}")
    opens: ClassVar[bool] = True
    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True

    user: StaffNumber | None = None


class OrderGranted(OrderEvent, frozen=True):
    """The server granted the order to a till, which holds it from now on. The order is active, for `user`.

    `journal` is the journal of that till. `from_till` is the till that held the order before, under the hold
    `from_hold`.
    """

    called: ClassVar[str] = N_("Granted to a till")
    audited: ClassVar[str] = N_("took over")
    in_heads: ClassVar[bool] = True
    opens: ClassVar[bool] = True
    takes: ClassVar[bool] = True
    moves: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    till: TillNumber
    journal: Uuid
    user: StaffNumber
    from_hold: EventId | None = None
    from_till: TillNumber | None = None

    @property
    @override
    def sentence(self) -> str:
        if self.from_till == self.till:
            return self.called
        return _("Taken over from till {from_till}") if self.from_till else _("Taken over")


class TabAssigned(OrderEvent, frozen=True):
    """The order was saved on a tab: a table or a name."""

    called: ClassVar[str] = N_("Saved: {name}")
    late: ClassVar[tuple[str, str]] = N_("Saving too late, {name}"), N_("{of} was saved too late: {why}.")
    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    tab_id: Uuid
    table_number: Count | None = None
    covers: Count | None = None
    name: Private = ""


class BookingSeated(OrderEvent, frozen=True):
    """The guests of a booking were seated; the order is for them."""

    beside: ClassVar[bool] = True
    called: ClassVar[str] = N_("Guests of a booking arrived")
    harmless: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    booking_id: Uuid


class MovedLine(Record, frozen=True):
    """A moved line, as keyed at `till`. `taken_off` are the pieces taken off since, by event.

    `sent` is true if the line was saved on a tab. `cut_off` are the pieces cut off into other lines, by event.
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
    unit: Word = ""
    unit_price: Price | None = None
    asks: Asks = ()
    seat: Count | None = None
    course: Count | None = None
    taken_off: dict[EventId, AtLeastOne] = field(default_factory=dict)
    offers: Offers = ()
    cut_off: dict[EventId, AtLeastOne] = field(default_factory=dict)
    sent: bool = False
    deposit: bool = False


class MovedDiscount(Record, frozen=True):
    """A discount that moves with its line; `event` is the event that gave it. Its reason is in `discount_applied`."""

    event: EventId
    line_id: Uuid
    percent: Share | None = None
    amount: Amount | None = None
    kind: DiscountKind = "discount"
    name: Word = ""
    pieces: AtLeastOne | None = None
    price: Unsigned | None = None
    share_of: EventId | None = None


class LinesMoved(OrderEvent, frozen=True):
    """Whole lines were moved to another order. Each of the two orders has an event.

    The event of the order that the lines leave has `to_session` and `line_ids`. The event of the other order has
    `from_session`, `lines`, `discounts`, and the `amounts` of lines with a fixed cost. Payments stay on their order.
    """

    audited: ClassVar[str] = N_("moved lines")
    by_server: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    fact: ClassVar[bool] = True

    to_session: Uuid | None = None
    from_session: Uuid | None = None
    line_ids: LineIds = ()
    lines: Annotated[tuple[MovedLine, ...], Meta(max_length=10_000)] = ()
    discounts: Annotated[tuple[MovedDiscount, ...], Meta(max_length=10_000)] = ()
    amounts: Annotated[tuple[LineAmounts, ...], Meta(max_length=10_000)] = ()

    @property
    @override
    def sentence(self) -> str:
        count = len(self.line_ids) or len(self.lines)
        return ngettext("{n} line moved", "{n} lines moved", count).format(n=count)


class LinesCopied(OrderEvent, frozen=True):
    """Lines keyed on an ended order were copied to this order, which the server created for the late lines.

    `events` are the bodies of the events of these lines and of the lines that they were cut from, with their original
    ids. They are folded as events of this order. `digests` are the digests of their free text, by event and field.
    """

    called: ClassVar[str] = N_("Lines keyed too late")
    by_server: ClassVar[bool] = True

    from_session: Uuid
    line_ids: LineIds
    events: Annotated[tuple[Body, ...], Meta(max_length=10_000)]


class LinesWithdrawn(OrderEvent, frozen=True):
    """Lines were withdrawn: the order that sold them has them, or the order for the late lines of this ended order."""

    called: ClassVar[str] = N_("Lines are in another order")
    by_server: ClassVar[bool] = True

    to_session: Uuid
    line_ids: LineIds


class PlacedTax(Record, frozen=True):
    """A tax of a placed line or of the whole order. For the whole order, `net` is the amount it was charged on.

    It has a `rate` or an amount `per_piece`. `added` is true if it was added to the price.
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
    """A reduction of a placed row, or of the whole order.

    `kind` is `promotion` or the kind of a discount. `event` is the event of the discount, which has the reason.
    """

    kind: Literal["promotion", "discount", "comp", "staff_meal"]
    amount: Amount
    name: Word = ""
    event: EventId | None = None


class PlacedLine(Record, frozen=True):
    """A row of equal lines as sold, rounded once, with the id and the quantity of each line.

    `note` is the event of their note; the text is stored only with that event. `uncharged` is true if the row bears no
    part of the service charge. `category` is the name of the item's category when it was sold.
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
    unit: Word = ""
    modifiers: Annotated[tuple[Word, ...], Meta(max_length=50)] = ()
    note: EventId | None = None
    taxes: Annotated[tuple[PlacedTax, ...], Meta(max_length=20)] = ()
    off: Annotated[tuple[PlacedOff, ...], Meta(max_length=100)] = ()
    uncharged: bool = False
    category: Word = ""


class PlacedVoid(Record, frozen=True):
    """A line that was voided before the sale."""

    line_id: Uuid
    item_name: Word
    quantity: Pieces
    amount: Amount


class PlacedPayment(Record, frozen=True):
    """A payment of a placed order: the `amount` taken, including its `tip`, and the `change` given.

    `transaction` as in `payment_approved`. `till` is the till that took the payment, if another till placed the order.
    `user` is the person who took it, if there is a tip.
    """

    payment_id: Uuid
    tender: Word
    amount: Amount
    change: Amount
    tip: Unsigned = "0"
    transaction: Word = ""
    till: TillNumber | None = None
    user: StaffNumber | None = None


class OrderPlaced(OrderEvent, frozen=True):
    """The order was paid. The event contains the whole order as sold: lines, taxes and payments.

    `net` + `tax` = `total` = the sum of `subtotal`, including the `service_charge`. Payments without tips add up to
    `total` + `rounding`. `discounts` are the events of the discounts that counted, `set_aside` the skipped records, and
    `known` the newest event that the till had received from the server.
    """

    called: ClassVar[str] = N_("Paid {total}, receipt {receipt}")
    about_money: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True
    opens_shift: ClassVar[bool] = True

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


class InvoiceIssued(OrderEvent, frozen=True):
    """A full invoice was issued for a ticket that is paid. It moves no money and is in no sum; the sale stays as it is.

    `sold` is the number of the ticket, `number` that of the invoice. Its stamp is of the id of this event.
    """

    called: ClassVar[str] = N_("Invoice {number} for {sold}")
    by_counter: ClassVar[bool] = True
    harmless: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    any_hold: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    beside: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True
    listed: ClassVar[str] = "invoices"

    order_id: Uuid
    sold: Word
    number: Word
    name: Private = ""
    tax_number: Private = ""
    address: Private = ""

    @property
    @override
    def document(self) -> str:
        return self.number


class FeedbackGiven(OrderEvent, frozen=True):
    """The guest gave feedback on a paid order: a score and a comment. The newest feedback counts."""

    beside: ClassVar[bool] = True
    called: ClassVar[str] = N_("Guest feedback")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    order_id: Uuid
    score: Score
    words: Private = ""


class OrderDiscarded(OrderEvent, frozen=True):
    """The order was cleared. `line_ids` are the lines known at that time, and `removed` describes each line."""

    audited: ClassVar[str] = N_("cleared {sent}")
    late: ClassVar[tuple[str, str]] = N_("Clearing too late, {name}"), N_("{of} was cleared too late: {why}.")
    moves: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    listed: ClassVar[str] = "taken_off"
    applied_beside: ClassVar[bool] = True
    opens_shift: ClassVar[bool] = True

    line_ids: LineIds
    reason: Private = ""
    removed: Annotated[tuple[Removed, ...], Meta(max_length=10_000)] = ()

    @property
    @override
    def needs_shift(self) -> bool:
        """True unless nothing was ever keyed: looking at the menu opens an order."""
        return bool(self.line_ids)

    @property
    @override
    def sentence(self) -> str:
        if any(one.sent for one in self.removed):
            return _("Order cleared after it was sent: {reason}")
        return _("Order cleared: {reason}")


class Refused(OrderEvent, frozen=True):
    """Events of the order were refused and do not count.

    Their till no longer held the order, or they were unknown when it ended.
    """

    in_heads: ClassVar[bool] = True
    called: ClassVar[str] = N_("A change that did not count")
    by_server: ClassVar[bool] = True

    events: Annotated[tuple[EventId, ...], Meta(max_length=10_000)]


class SessionSwept(OrderEvent, frozen=True):
    """The server suspended the order after `minutes` minutes without activity. Its till keeps the hold."""

    called: ClassVar[str] = N_("Suspended by the server")
    moves: ClassVar[bool] = True
    by_server: ClassVar[bool] = True

    minutes: Count


class RecordSetAside(OrderEvent, frozen=True):
    """A manager skipped an unreadable record: the order is paid without it.

    Tills that can read the record skip it too, unless it is about money or the status of the order.
    """

    in_heads: ClassVar[bool] = True
    called: ClassVar[str] = N_("A record skipped")
    audited: ClassVar[str] = N_("skipped a record")
    fact: ClassVar[bool] = True

    event: EventId
    approved_by: StaffNumber


class Erased(OrderEvent, frozen=True):
    """The free text of these events was erased permanently, everywhere."""

    beside: ClassVar[bool] = True
    called: ClassVar[str] = N_("A text erased")
    audited: ClassVar[str] = N_("erased free text")
    by_server: ClassVar[bool] = True
    harmless: ClassVar[bool] = True

    events: Annotated[tuple[EventId, ...], Meta(max_length=10_000)]


class ConflictFound(OrderEvent, frozen=True):
    """A conflict about money was found. Only a person can settle it. There is one conflict for each kind and subject.

    `kind`: `sold_twice`, `money_without_order`, `charged_otherwise`, `outcome_contradicted`, `refunded_beyond`,
    `number_twice`, `no_answer`, `record_skipped`.
    `subject` is the order, line, payment, refund or record; `till` is the till whose records show it.
    """

    beside: ClassVar[bool] = True
    listed: ClassVar[str] = "conflicts"
    called: ClassVar[str] = N_("A conflict found")
    audited: ClassVar[str] = N_("found: {kind}")
    any_hold: ClassVar[bool] = True
    by_server: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    conflict_id: Uuid
    kind: Word
    subject: Word
    amount: Amount
    currency: CurrencyCode
    till: TillNumber | None = None


class SaleContested(OrderEvent, frozen=True):
    """Lines or payments of a sale were found in another order.

    From that day on, sales reports omit the sale; its money stays in its drawer.
    """

    called: ClassVar[str] = N_("A sale with lines of another order")
    audited: ClassVar[str] = N_("found: a sale lists contents of another order")
    harmless: ClassVar[bool] = True
    beside: ClassVar[bool] = True
    by_server: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    order_id: Uuid
    contents: LineIds


class SaleBooked(OrderEvent, frozen=True):
    """A quarantined sale was booked by a manager, or by the database once a restore gave it the moves of its lines.

    `event` is its `order_placed`, `quarantine` the record.
    """

    called: ClassVar[str] = N_("A booked sale")
    audited: ClassVar[str] = N_("booked the sale of record {quarantine}")
    harmless: ClassVar[bool] = True
    beside: ClassVar[bool] = True
    by_server: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    event: EventId
    quarantine: Place


class ConflictResolved(OrderEvent, frozen=True):
    """A manager settled a conflict at the server."""

    beside: ClassVar[bool] = True
    called: ClassVar[str] = N_("A conflict settled")
    audited: ClassVar[str] = N_("settled a conflict")
    any_hold: ClassVar[bool] = True
    by_server: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    conflict_id: Uuid
    how: Private = ""
