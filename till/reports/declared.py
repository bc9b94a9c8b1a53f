"""Declarations of all reports."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import _
from till.domain.order.discounting import OFF_KINDS
from till.domain.order.selling import DINE_IN, TAKE_AWAY, order_type_name
from till.domain.payment.names import TENDER_NAMES
from till.domain.structs import replace
from till.reports.ledger import JOURNAL
from till.reports.report import Column, ColumnKind, Report, Section
from till.reports.shifts import OF_DAY, X, Z

_AMOUNT: Final = Column("amount", ColumnKind.MONEY, _("Amount"))
_SALES: Final = Column("sales", ColumnKind.COUNT, _("Sales"), of="orders")
_TENDER: Final = Column("tender", ColumnKind.TEXT, _("Tender"), words=TENDER_NAMES)
_TIMES: Final = Column("times", ColumnKind.COUNT, _("Times"))
_TOTAL: Final = Column("total", ColumnKind.MONEY, _("Total"))
_USER: Final = Column("user", ColumnKind.ID, of="user_id")
#: Columns for a person and a kind of discount.
_GIVEN: Final = (
    _USER,
    Column("name", ColumnKind.TEXT, _("Person")),
    Column("kind", ColumnKind.TEXT, _("Kind"), words=OFF_KINDS),
)
_ITEM: Final = Column("item", ColumnKind.TEXT, _("Item"), words={"": _("whole order")})
#: Columns that every list of single acts ends with. `session_id` finds the order of a row.
_OF_ACT: Final = (
    Column("order", ColumnKind.TEXT, _("Order"), of="order_name"),
    Column("reason", ColumnKind.TEXT, _("Reason")),
    _USER,
    Column("name", ColumnKind.TEXT, _("Person"), words={"": _("the database owner")}),
    Column("approved_by", ColumnKind.ID),
    Column("approver", ColumnKind.TEXT, _("Approved by")),
    Column("session", ColumnKind.ID, of="session_id"),
    Column("event", ColumnKind.ID, of="event_id"),
)
_TAXED: Final = (
    Column("net", ColumnKind.MONEY, _("Net")),
    Column("tax", ColumnKind.MONEY, _("Tax")),
)
_GROSS: Final = Column("gross", ColumnKind.MONEY, _("Total"))
_OF_TYPE: Final = (
    Column(
        "order_type",
        ColumnKind.TEXT,
        _("Order type"),
        words={name: order_type_name(name) for name in (TAKE_AWAY, DINE_IN)},
    ),
    Column("kind", ColumnKind.TEXT, words={"sale": _("sales"), "refund": _("refunds")}),
)


def _by_rate(key: str, view: str, column: str, orders: str, title: str) -> Section:
    """Return the part with net, tax and their total by the taxes that apply together."""
    rate = Column("rate", ColumnKind.TEXT, column, of="taxes", words={"": _("no tax")})
    return Section(key, view, (rate, *_TAXED, _GROSS), orders=orders, title=title)


#: Gross sales are before discounts, promotions and comps; with these, they are the items. The total is the sum of items
#: and service charge, and also of net and tax, and of the taxes by rate. It is before refunds. The total plus
#: rounding and tips is the amount taken, over all tenders. A corrected tender counts as the new one. The cash in the
#: drawers is the cash taken, less cash refunds, plus the cash outside sales: paid or refunded on an order that is still
#: open, or was sold without it, and plus what guests paid there for accounts and vouchers. Cash on accounts was
#: recorded elsewhere. Refunds are negative: added to sales by rate, they give the rest of each rate. They sum up to the
#: refunded amount without its rounding.
SALES: Final = Report(
    "sales",
    _("Sales"),
    _("Show sales by tender, tax, item, category, person, hour, day and month."),
    _("Nothing was sold."),
    (
        Section("figures", "sales_by_day", (_SALES,)),
        Section(
            "figures",
            "sales_by_item",
            (
                Column("lines", ColumnKind.COUNT, _("Lines")),
                Column("gross_sales", ColumnKind.MONEY, _("Gross sales"), of="gross"),
                Column("discounts", ColumnKind.MONEY, _("Discounts")),
            ),
        ),
        Section(
            "figures",
            "sales_by_day",
            (
                Column("items_total", ColumnKind.MONEY, _("Items"), of="items"),
                Column("service_charge", ColumnKind.MONEY, _("Service charge")),
                *_TAXED,
                _TOTAL,
            ),
        ),
        Section(
            "figures",
            "refunded_by_day",
            (
                Column("refunded", ColumnKind.MONEY, _("Refunds"), of="amount"),
                Column("refund_rounding", ColumnKind.MONEY, _("Rounding of refunds"), of="rounding"),
            ),
        ),
        Section(
            "figures",
            "after_refunds_by_day",
            (Column("after_refunds", ColumnKind.MONEY, _("After refunds"), of="amount"),),
        ),
        Section("figures", "sales_by_day", (Column("rounding", ColumnKind.MONEY, _("Rounding")),)),
        Section(
            "figures",
            "sales_by_tender",
            (Column("tips", ColumnKind.MONEY, _("Tips")), Column("taken", ColumnKind.MONEY, _("Taken"), of="amount")),
        ),
        Section(
            "figures",
            "cash_by_drawer",
            (Column("open_orders", ColumnKind.MONEY, _("Cash outside sales"), of="on_open"),),
        ),
        Section(
            "figures",
            "account_cash_by_day",
            (Column("account_cash", ColumnKind.MONEY, _("Cash on accounts"), of="amount"),),
        ),
        Section("figures", "contested_by_day", (Column("contested", ColumnKind.MONEY, _("Contested"), of="amount"),)),
        Section(
            "tenders", "sales_by_tender", (_TENDER, _AMOUNT), chart="amount", orders="tender", title=_("By tender")
        ),
        Section(
            "refunds",
            "refunds_by_tender",
            (Column("tender", ColumnKind.TEXT, _("Refunded in"), words=TENDER_NAMES), _AMOUNT),
            orders="refunded",
            title=_("Refunds"),
        ),
        Section(
            "drawers",
            "cash_by_drawer",
            (Column("till", ColumnKind.TILL, _("Cash taken at"), of="drawer"), _AMOUNT),
            orders="cash",
            title=_("Cash taken from guests"),
        ),
        _by_rate("rates", "sales_by_tax", _("Tax rate"), "taxes", _("Tax by rate")),
        _by_rate("refund_rates", "refunds_by_tax", _("Tax of refunds"), "refunded_taxes", _("Refunds by rate")),
        Section(
            "order_types",
            "sales_by_order_type",
            (
                *_OF_TYPE,
                *_TAXED,
                _GROSS,
                Column("rounding", ColumnKind.MONEY, _("Rounding")),
                Column("tips", ColumnKind.MONEY, _("Tips")),
            ),
            ("order_type", "-kind"),
            orders="typed",
            title=_("By order type"),
        ),
        Section(
            "order_type_rates",
            "taxes_by_order_type",
            (
                *_OF_TYPE,
                Column("rate", ColumnKind.TEXT, _("Tax rate"), of="taxes", words={"": _("no tax")}),
                *_TAXED,
                _GROSS,
            ),
            ("order_type", "-kind", "rate"),
            orders="typed",
            title=_("Tax by order type"),
        ),
        Section(
            "taxes",
            "tax_by_rate",
            (Column("name", ColumnKind.TEXT, _("Each tax")), Column("rate", ColumnKind.TEXT, "%"), *_TAXED),
            orders="taxed",
            title=_("Each tax"),
        ),
        Section(
            "categories",
            "sales_by_category",
            (
                Column("category", ColumnKind.TEXT, _("Category"), words={"": _("not on the menu")}),
                Column("quantity", ColumnKind.COUNT, _("Quantity")),
                _AMOUNT,
            ),
            ("-amount", "category"),
            chart="amount",
            orders="category",
            title=_("By category"),
        ),
        Section(
            "items",
            "sales_by_item",
            (
                Column("item", ColumnKind.TEXT, _("Item"), of="item_name"),
                Column("quantity", ColumnKind.COUNT, _("Quantity")),
                _AMOUNT,
            ),
            ("-amount", "item"),
            chart="amount",
            orders="item_name",
            title=_("By item"),
        ),
        Section(
            "weights",
            "weights_by_item",
            (
                Column("item", ColumnKind.TEXT, _("Weighed item"), of="item_name"),
                Column("quantity", ColumnKind.COUNT, _("Pieces")),
                Column("weight", ColumnKind.WEIGHT, _("Weight")),
                Column("unit", ColumnKind.TEXT),
                _AMOUNT,
            ),
            ("-amount", "item", "unit"),
            chart="amount",
            orders="item_name",
            title=_("By weight"),
        ),
        Section(
            "people",
            "sales_by_person",
            (_USER, Column("name", ColumnKind.TEXT, _("Person"), words={"": _("a program")}), _SALES, _TOTAL),
            ("-total", "name"),
            chart="total",
            orders="user_id",
            title=_("By person"),
        ),
        Section(
            "tips_by_person",
            "tips_by_person",
            (
                _USER,
                Column("name", ColumnKind.TEXT, _("Tips by person"), words={"": _("a program")}),
                Column("payments", ColumnKind.COUNT, _("Payments")),
                Column("tips", ColumnKind.MONEY, _("Tips")),
            ),
            ("-tips", "name"),
            orders="tips",
            title=_("Tips by person"),
        ),
        Section(
            "hours",
            "sales_by_hour",
            (Column("hour", ColumnKind.HOUR, _("Hour")), _SALES, _AMOUNT),
            chart="amount",
            orders="hour",
            title=_("By hour"),
        ),
        Section(
            "days",
            "sales_by_day",
            (Column("day", ColumnKind.DAY, _("Day"), of="business_date"), _SALES, *_TAXED, _TOTAL),
            chart="total",
            orders="business_date",
            title=_("By day"),
        ),
        Section(
            "months",
            "sales_by_day",
            (Column("month", ColumnKind.MONTH, _("Month")), _SALES, *_TAXED, _TOTAL),
            chart="total",
            orders="month",
            title=_("By month"),
        ),
        Section(
            "cash",
            "cash_by_drawer",
            (
                Column("till", ColumnKind.TILL, _("Cash"), of="drawer"),
                Column(
                    "moved_by",
                    ColumnKind.TEXT,
                    _("Moved by"),
                    words={
                        "sale": _("sales"),
                        "refund": _("refunds"),
                        "open_order": _("other payments"),
                        "account": _("house accounts"),
                        "voucher": _("vouchers sold"),
                    },
                ),
                _AMOUNT,
            ),
            orders="cash",
            title=_("Cash by source"),
        ),
        Section(
            "charges",
            "charges_by_kind",
            (
                Column(
                    "kind",
                    ColumnKind.TEXT,
                    _("Charge"),
                    words={"service_charge": _("Service charge"), "rounding": _("Rounding")},
                ),
                _AMOUNT,
            ),
            orders="charges",
            title=_("Charges"),
        ),
        Section(
            "contested_sales",
            "contested_by_day",
            (Column("receipt", ColumnKind.TEXT, _("Contested")), _AMOUNT),
            orders="contested_by_day",
            title=_("Contested sales"),
        ),
    ),
)

#: By the day of the invoice, which after midnight is another than the business day, so that the tax of a quarter is
#: that of its invoices.
TAX: Final = Report(
    "tax",
    _("Tax"),
    _("Show the tax of sales and refunds by the day of the invoice, as a tax authority counts it."),
    _("Nothing was sold."),
    (
        Section("figures", "invoiced_taxes", (*_TAXED, _GROSS)),
        Section(
            "rates",
            "invoiced_taxes",
            (
                Column("rate", ColumnKind.TEXT, _("Tax rate"), of="taxes", words={"": _("no tax")}),
                Column("kind", ColumnKind.TEXT, words={"sale": _("sales"), "refund": _("refunds")}),
                *_TAXED,
                _GROSS,
            ),
            ("rate", "-kind"),
            orders="invoiced_taxes",
            title=_("Tax by rate"),
        ),
        Section(
            "days",
            "invoiced_taxes",
            (Column("day", ColumnKind.DAY, _("Day"), of="business_date"), *_TAXED, _GROSS),
            chart="gross",
            orders="invoiced_taxes",
            title=_("By day"),
        ),
        Section(
            "months",
            "invoiced_taxes",
            (Column("month", ColumnKind.MONTH, _("Month")), *_TAXED, _GROSS),
            chart="gross",
            orders="invoiced_taxes",
            title=_("By month"),
        ),
    ),
    _("Less refunds. Each invoice is on the day of its record; without one, on its business day."),
)

_VOID_KINDS: Final = {"void": _("voids"), "clear": _("cleared orders")}
_SENT: Final = {True: _("after sending"), False: ""}


def _acts(view: str, title: str, *columns: Column) -> Section:
    """Return the part that lists single acts, oldest first: each with its order, its reason and its people."""
    own = (Column("at", ColumnKind.TIME, _("At")), *columns, _AMOUNT, *_OF_ACT)
    return Section("acts", view, own, ("at", "event"), orders="session_id", title=title)


#: A void is at the keyed price, fewer pieces are a void, and a cleared order has its total. Undone acts do not count.
VOIDS: Final = Report(
    "voids",
    _("Voids and cleared orders"),
    _("Show voids and cleared orders, by person and one by one; those after sending are listed separately."),
    _("Nothing was voided or cleared."),
    (
        Section(
            "people",
            "taken_off_by_person",
            (
                _USER,
                Column("name", ColumnKind.TEXT, _("Person"), words={"": _("the database owner")}),
                Column("kind", ColumnKind.TEXT, words=_VOID_KINDS),
                Column("sent", ColumnKind.FLAG, words=_SENT),
                _TIMES,
                Column("pieces", ColumnKind.COUNT, _("Pieces")),
                _AMOUNT,
            ),
            ("name", "user", "-kind", "sent"),
            orders="taken_off",
            title=_("By person"),
        ),
        _acts(
            "void_acts",
            _("One by one"),
            Column("kind", ColumnKind.TEXT, words={"void": _("void"), "clear": _("cleared")}),
            Column("sent", ColumnKind.FLAG, words=_SENT),
            _ITEM,
            Column("pieces", ColumnKind.COUNT, _("Pieces")),
        ),
    ),
    _("Voids are at their keyed prices, cleared orders at their total."),
)

#: A promotion has no person. A price that was changed by hand counts as the difference, which is negative if it was
#: raised.
DISCOUNTS: Final = Report(
    "discounts",
    _("Discounts"),
    _("Show discounts and changed prices, by promotion and by person, and one by one."),
    _("No discounts."),
    (
        Section(
            "discounts",
            "discounts_by_person",
            (*_GIVEN, Column("title", ColumnKind.TEXT, _("Name")), _TIMES, _AMOUNT),
            ("name", "user", "kind", "title"),
            orders="reductions",
            title=_("Discounts"),
        ),
        _acts(
            "discount_acts",
            _("One by one"),
            Column("kind", ColumnKind.TEXT, _("Kind"), words=OFF_KINDS),
            Column("title", ColumnKind.TEXT, _("Name")),
            _ITEM,
        ),
    ),
)

#: Comps and staff meals, at the value given away. A comp of a whole order has no item.
COMPS: Final = Report(
    "comps",
    _("Comps"),
    _("Show comps and staff meals, by person, by item and one by one."),
    _("Nothing was given away."),
    (
        Section("figures", "comps_given_by_person", (_TIMES, _AMOUNT)),
        Section(
            "people",
            "comps_given_by_person",
            (*_GIVEN, _TIMES, _AMOUNT),
            ("-amount", "name", "user", "kind"),
            chart="amount",
            orders="comps",
            title=_("By person"),
        ),
        Section(
            "items",
            "comps_by_person",
            (_ITEM, _TIMES, _AMOUNT),
            ("-amount", "item"),
            chart="amount",
            orders="comps",
            title=_("By item"),
        ),
        _acts("comp_acts", _("One by one"), Column("kind", ColumnKind.TEXT, _("Kind"), words=OFF_KINDS), _ITEM),
    ),
)

FEEDBACK: Final = Report(
    "feedback",
    _("Feedback"),
    _("Show the guests' feedback on sales: a score from 1 to 5, and a comment."),
    _("No feedback."),
    (
        Section(
            "figures",
            "feedback_by_order",
            (
                Column("count", ColumnKind.COUNT, _("Guests"), of="one"),
                Column("average", ColumnKind.MEAN, _("Average score"), of="score"),
            ),
        ),
        Section(
            "scores",
            "feedback_by_order",
            (Column("score", ColumnKind.NUMBER, _("Score")), Column("times", ColumnKind.COUNT, _("Times"), of="one")),
            orders="feedback_by_order",
            title=_("Scores"),
        ),
        Section(
            "feedback",
            "feedback_by_order",
            (
                Column("at", ColumnKind.TIME, _("At")),
                Column("score", ColumnKind.NUMBER, _("Score")),
                Column("receipt", ColumnKind.TEXT, _("Receipt")),
                Column("till", ColumnKind.TILL, _("Till"), of="till_id"),
                _USER,
                _TOTAL,
                Column("words", ColumnKind.TEXT, _("Words")),
            ),
            ("at", "receipt"),
            orders="receipt",
            title=_("Feedback"),
        ),
    ),
)

#: The pieces that a kitchen was sent, and what became of them.
_COOKED: Final = (
    Column("sent", ColumnKind.COUNT, _("Sent")),
    Column("voided", ColumnKind.COUNT, _("Voided")),
    Column("paid", ColumnKind.COUNT, _("Paid")),
    Column("open", ColumnKind.COUNT, _("Open")),
    Column("unpaid", ColumnKind.COUNT, _("Not paid")),
    _AMOUNT,
)


def _cooked(name: str, title: str, *keys: Column) -> Section:
    order = ("-unpaid", *(key.name for key in keys if key.heading))
    return Section(name, "cooked", (*keys, *_COOKED), order, orders="cooked", title=title)


#: The dishes of a kitchen by the day on which they were first sent, whatever day they were paid.
KITCHEN: Final = Report(
    "kitchen",
    _("Cooked and not paid"),
    _("Show what the kitchen was sent: voided, paid, still open, or not paid; by dish, table and person."),
    _("Nothing was sent to the kitchen."),
    (
        Section("figures", "cooked", _COOKED),
        _cooked("dishes", _("By dish"), Column("item", ColumnKind.TEXT, _("Dish"))),
        _cooked("tables", _("By table"), Column("place", ColumnKind.TEXT, _("Table"), words={"": _("no table")})),
        _cooked("people", _("By person"), _USER, Column("name", ColumnKind.TEXT, _("Person"))),
    ),
    _("The amount is of dishes not paid, at the price and with the choices as first keyed."),
)

_SOURCE: Final = Column(
    "source", ColumnKind.TEXT, _("Ordered"), words={"till": _("at the till"), "chatbot": _("by chat")}
)

#: The conversion funnel, by business day. An order counts for the day of its first step.
FUNNEL: Final = Report(
    "funnel",
    _("Funnel"),
    _("Show how many orders reached each step: menu, first item, payment, paid."),
    _("No orders."),
    (
        Section(
            "steps",
            "funnel_by_day",
            (
                _SOURCE,
                Column(
                    "step",
                    ColumnKind.TEXT,
                    _("Step"),
                    words={
                        "1 menu": _("Menu seen"),
                        "2 item": _("Item added"),
                        "3 paying": _("Paying begun"),
                        "4 placed": _("Order placed"),
                    },
                ),
                Column("visits", ColumnKind.COUNT, _("Orders")),
            ),
            chart="visits",
            orders="visit_steps",
            title=_("Steps of an order"),
            omitted=_(
                "At a till the menu is always in sight: only chats count fully in the first step. "
                "Anyone who looks and leaves is not seen."
            ),
        ),
    ),
)

#: The popular items, by pieces sold. Pieces that were taken off again do not count.
POPULAR: Final = Report(
    "popular",
    _("Popular items"),
    _("Show the best-selling items, by pieces sold."),
    _("Nothing was sold."),
    (
        Section(
            "items",
            "sales_by_item",
            (
                Column("item", ColumnKind.TEXT, _("Item"), of="item_name"),
                Column("quantity", ColumnKind.COUNT, _("Pieces")),
                _AMOUNT,
            ),
            ("-quantity", "item"),
            chart="quantity",
            orders="item_name",
            most=20,
            title=_("Popular items"),
        ),
    ),
)

#: The time to order, from the first recorded step.
TIME_TO_ORDER: Final = Report(
    "time-to-order",
    _("Time to order"),
    _("Show how long orders took, from the menu or the first item to payment."),
    _("No orders."),
    (
        Section(
            "average",
            "time_to_order_by_day",
            (
                _SOURCE,
                Column("orders", ColumnKind.COUNT, _("Orders")),
                Column("seconds", ColumnKind.MEAN, _("Seconds on average"), per="orders"),
            ),
            orders="visit_times",
            title=_("On average"),
        ),
        Section(
            "times",
            "time_to_order_by_day",
            (
                _SOURCE,
                Column(
                    "minutes",
                    ColumnKind.NUMBER,
                    _("Took"),
                    of="upto",
                    words={
                        0: _("under 30 s"),
                        1: _("30 to 60 s"),
                        2: _("1 to 2 min"),
                        5: _("2 to 5 min"),
                        15: _("5 to 15 min"),
                        60: _("15 to 60 min"),
                        1440: _("longer"),
                    },
                ),
                Column("orders", ColumnKind.COUNT, _("Orders")),
            ),
            chart="orders",
            orders="visit_times",
            title=_("Time to order"),
        ),
    ),
    _(
        "At a till it begins with the first item: nobody sees how long a guest looked at the board. "
        "A table counts its evening."
    ),
)

#: A day at a glance, for the page of `--html`: the parts of other reports that matter to an owner.
DAY: Final = Report(
    "day",
    _("The day at a glance"),
    _("Show business days at a glance: figures, hours, categories, tenders, staff, tax, voids, discounts, funnel."),
    _("Nothing was sold."),
    (
        *(section for section in SALES.sections if not section.keys),
        *(
            section
            for name in (
                *("hours", "categories", "tenders", "people", "rates", "refunds", "refund_rates"),
                *("drawers", "cash", "charges"),
                "contested_sales",
            )
            for section in SALES.sections
            if section.name == name
        ),
        *OF_DAY,
        *POPULAR.sections,
        *(replace(section, name="voids", title=VOIDS.title) for section in VOIDS.sections if section.name != "acts"),
        *(section for section in DISCOUNTS.sections if section.name != "acts"),
        *FUNNEL.sections,
    ),
)

REPORTS: Final = (
    *(DAY, SALES, TAX, VOIDS, DISCOUNTS, COMPS, KITCHEN, Z, X, JOURNAL),
    *(FEEDBACK, FUNNEL, POPULAR, TIME_TO_ORDER),
)
