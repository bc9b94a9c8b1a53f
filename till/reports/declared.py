"""Declarations of all reports."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import N_, _
from till.domain.order.discounting import OFF_KINDS
from till.domain.order.naming import DINE_IN, TAKE_AWAY, order_type_name
from till.domain.payment.names import TENDER_NAMES
from till.domain.structs import replace
from till.reports.ledger import JOURNAL
from till.reports.report import Column, ColumnKind, Report, Section
from till.reports.shifts import OF_DAY, X, Z

_AMOUNT: Final = Column("amount", ColumnKind.MONEY, N_("Amount"))
_SALES: Final = Column("sales", ColumnKind.COUNT, N_("Sales"), of="orders")
_TENDER: Final = Column("tender", ColumnKind.TEXT, N_("Tender"), words=TENDER_NAMES)
_TIMES: Final = Column("times", ColumnKind.COUNT, N_("Times"))
_TOTAL: Final = Column("total", ColumnKind.MONEY, N_("Total"))
_USER: Final = Column("user", ColumnKind.ID, of="user_id")
#: Columns for a person and a kind of discount.
_GIVEN: Final = (
    _USER,
    Column("name", ColumnKind.TEXT, N_("Person")),
    Column("kind", ColumnKind.TEXT, N_("Kind"), words=OFF_KINDS),
)
_ITEM: Final = Column("item", ColumnKind.TEXT, N_("Item"), words={"": N_("whole order")})
#: Columns that every list of single acts ends with. `session_id` finds the order of a row.
_OF_ACT: Final = (
    Column("order", ColumnKind.TEXT, N_("Order"), of="order_name"),
    Column("reason", ColumnKind.TEXT, N_("Reason")),
    _USER,
    Column("name", ColumnKind.TEXT, N_("Person"), words={"": N_("the database owner")}),
    Column("approved_by", ColumnKind.ID),
    Column("approver", ColumnKind.TEXT, N_("Approved by")),
    Column("session", ColumnKind.ID, of="session_id"),
    Column("event", ColumnKind.ID, of="event_id"),
)
_TAXED: Final = (
    Column("net", ColumnKind.MONEY, N_("Net")),
    Column("tax", ColumnKind.MONEY, N_("Tax")),
)
_GROSS: Final = Column("gross", ColumnKind.MONEY, N_("Total"))
_OF_TYPE: Final = (
    Column(
        "order_type",
        ColumnKind.TEXT,
        N_("Order type"),
        words={name: order_type_name(name) for name in (TAKE_AWAY, DINE_IN)},
    ),
    Column("kind", ColumnKind.TEXT, words={"sale": N_("sales"), "refund": N_("refunds")}),
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
    N_("Sales"),
    N_("Show sales by tender, tax, item, category, person, hour, day and month."),
    N_("Nothing was sold."),
    (
        Section("figures", "sales_by_day", (_SALES,)),
        Section(
            "figures",
            "sales_by_item",
            (
                Column("lines", ColumnKind.COUNT, N_("Lines")),
                Column("gross_sales", ColumnKind.MONEY, N_("Gross sales"), of="gross"),
                Column("discounts", ColumnKind.MONEY, N_("Discounts")),
            ),
        ),
        Section(
            "figures",
            "sales_by_day",
            (
                Column("items_total", ColumnKind.MONEY, N_("Items"), of="items"),
                Column("service_charge", ColumnKind.MONEY, N_("Service charge")),
                *_TAXED,
                _TOTAL,
            ),
        ),
        Section(
            "figures",
            "refunded_by_day",
            (
                Column("refunded", ColumnKind.MONEY, N_("Refunds"), of="amount"),
                Column("refund_rounding", ColumnKind.MONEY, N_("Less rounding of refunds"), of="rounding"),
            ),
        ),
        Section(
            "figures",
            "after_refunds_by_day",
            (Column("after_refunds", ColumnKind.MONEY, N_("After refunds"), of="amount"),),
        ),
        Section("figures", "sales_by_day", (Column("rounding", ColumnKind.MONEY, N_("Rounding")),)),
        Section(
            "figures",
            "sales_by_tender",
            (Column("tips", ColumnKind.MONEY, N_("Tips")), Column("taken", ColumnKind.MONEY, N_("Taken"), of="amount")),
        ),
        Section(
            "figures",
            "cash_by_drawer",
            (Column("open_orders", ColumnKind.MONEY, N_("Cash outside sales"), of="on_open"),),
        ),
        Section(
            "figures",
            "account_cash_by_day",
            (Column("account_cash", ColumnKind.MONEY, N_("Cash on accounts"), of="amount"),),
        ),
        Section("figures", "contested_by_day", (Column("contested", ColumnKind.MONEY, N_("Contested"), of="amount"),)),
        Section(
            "tenders", "sales_by_tender", (_TENDER, _AMOUNT), chart="amount", orders="tender", title=N_("By tender")
        ),
        Section(
            "refunds",
            "refunds_by_tender",
            (Column("tender", ColumnKind.TEXT, N_("Refunded in"), words=TENDER_NAMES), _AMOUNT),
            orders="refunded",
            title=N_("Refunds"),
        ),
        Section(
            "drawers",
            "cash_by_drawer",
            (Column("till", ColumnKind.TILL, N_("Cash taken at"), of="drawer"), _AMOUNT),
            orders="cash",
            title=N_("Cash taken from guests"),
        ),
        _by_rate("rates", "sales_by_tax", N_("Tax rate"), "taxes", N_("Tax by rate")),
        _by_rate("refund_rates", "refunds_by_tax", N_("Tax of refunds"), "refunded_taxes", N_("Refunds by rate")),
        Section(
            "order_types",
            "sales_by_order_type",
            (
                *_OF_TYPE,
                *_TAXED,
                _GROSS,
                Column("rounding", ColumnKind.MONEY, N_("Rounding")),
                Column("tips", ColumnKind.MONEY, N_("Tips")),
            ),
            ("order_type", "-kind"),
            orders="typed",
            title=N_("By order type"),
        ),
        Section(
            "order_type_rates",
            "taxes_by_order_type",
            (
                *_OF_TYPE,
                Column("rate", ColumnKind.TEXT, N_("Tax rate"), of="taxes", words={"": N_("no tax")}),
                *_TAXED,
                _GROSS,
            ),
            ("order_type", "-kind", "rate"),
            orders="typed",
            title=N_("Tax by order type"),
        ),
        Section(
            "taxes",
            "tax_by_rate",
            (Column("name", ColumnKind.TEXT, N_("Each tax")), Column("rate", ColumnKind.TEXT, "%"), *_TAXED),
            orders="taxed",
            title=N_("Each tax"),
        ),
        Section(
            "categories",
            "sales_by_category",
            (
                Column("category", ColumnKind.TEXT, N_("Category"), words={"": N_("not on the menu")}),
                Column("quantity", ColumnKind.COUNT, N_("Quantity")),
                _AMOUNT,
            ),
            ("-amount", "category"),
            chart="amount",
            orders="category",
            title=N_("By category"),
        ),
        Section(
            "items",
            "sales_by_item",
            (
                Column("item", ColumnKind.TEXT, N_("Item"), of="item_name"),
                Column("quantity", ColumnKind.COUNT, N_("Quantity")),
                _AMOUNT,
            ),
            ("-amount", "item"),
            chart="amount",
            orders="item_name",
            title=N_("By item"),
        ),
        Section(
            "weights",
            "weights_by_item",
            (
                Column("item", ColumnKind.TEXT, N_("Weighed item"), of="item_name"),
                Column("quantity", ColumnKind.COUNT, N_("Pieces")),
                Column("weight", ColumnKind.WEIGHT, N_("Weight")),
                Column("unit", ColumnKind.TEXT),
                _AMOUNT,
            ),
            ("-amount", "item", "unit"),
            chart="amount",
            orders="item_name",
            title=N_("By weight"),
        ),
        Section(
            "people",
            "sales_by_person",
            (_USER, Column("name", ColumnKind.TEXT, N_("Person"), words={"": N_("a program")}), _SALES, _TOTAL),
            ("-total", "name"),
            chart="total",
            orders="user_id",
            title=N_("By person"),
        ),
        Section(
            "tips_by_person",
            "tips_by_person",
            (
                _USER,
                Column("name", ColumnKind.TEXT, N_("Tips by person"), words={"": N_("a program")}),
                Column("payments", ColumnKind.COUNT, N_("Payments")),
                Column("tips", ColumnKind.MONEY, N_("Tips")),
            ),
            ("-tips", "name"),
            orders="tips",
            title=N_("Tips by person"),
        ),
        Section(
            "hours",
            "sales_by_hour",
            (Column("hour", ColumnKind.HOUR, N_("Hour")), _SALES, _AMOUNT),
            chart="amount",
            orders="hour",
            title=N_("By hour"),
        ),
        Section(
            "days",
            "sales_by_day",
            (Column("day", ColumnKind.DAY, N_("Day"), of="business_date"), _SALES, *_TAXED, _TOTAL),
            chart="total",
            orders="business_date",
            title=N_("By day"),
        ),
        Section(
            "months",
            "sales_by_day",
            (Column("month", ColumnKind.MONTH, N_("Month")), _SALES, *_TAXED, _TOTAL),
            chart="total",
            orders="month",
            title=N_("By month"),
        ),
        Section(
            "cash",
            "cash_by_drawer",
            (
                Column("till", ColumnKind.TILL, N_("Cash"), of="drawer"),
                Column(
                    "moved_by",
                    ColumnKind.TEXT,
                    N_("Moved by"),
                    words={
                        "sale": N_("sales"),
                        "refund": N_("refunds"),
                        "open_order": N_("other payments"),
                        "account": N_("house accounts"),
                        "voucher": N_("vouchers sold"),
                    },
                ),
                _AMOUNT,
            ),
            orders="cash",
            title=N_("Cash by source"),
        ),
        Section(
            "charges",
            "charges_by_kind",
            (
                Column(
                    "kind",
                    ColumnKind.TEXT,
                    N_("Charge"),
                    words={"service_charge": N_("Service charge"), "rounding": N_("Rounding")},
                ),
                _AMOUNT,
            ),
            orders="charges",
            title=N_("Charges"),
        ),
        Section(
            "contested_sales",
            "contested_by_day",
            (Column("receipt", ColumnKind.TEXT, N_("Contested")), _AMOUNT),
            orders="contested_by_day",
            title=N_("Contested sales"),
        ),
    ),
)

#: By the day of the invoice, which after midnight is another than the business day, so that the tax of a quarter is
#: that of its invoices.
TAX: Final = Report(
    "tax",
    N_("Tax"),
    N_("Show the tax of sales and refunds by the day of the invoice, as a tax authority counts it."),
    N_("Nothing was sold."),
    (
        Section("figures", "taxes_by_invoice", (*_TAXED, _GROSS)),
        Section(
            "rates",
            "taxes_by_invoice",
            (
                Column("rate", ColumnKind.TEXT, N_("Tax rate"), of="taxes", words={"": N_("no tax")}),
                Column("kind", ColumnKind.TEXT, words={"sale": N_("sales"), "refund": N_("refunds")}),
                *_TAXED,
                _GROSS,
            ),
            ("rate", "-kind"),
            orders="invoiced_taxes",
            title=N_("Tax by rate"),
        ),
        Section(
            "days",
            "taxes_by_invoice",
            (Column("day", ColumnKind.DAY, N_("Day"), of="business_date"), *_TAXED, _GROSS),
            chart="gross",
            orders="invoiced_taxes",
            title=N_("By day"),
        ),
        Section(
            "months",
            "taxes_by_invoice",
            (Column("month", ColumnKind.MONTH, N_("Month")), *_TAXED, _GROSS),
            chart="gross",
            orders="invoiced_taxes",
            title=N_("By month"),
        ),
    ),
    N_("Less refunds. Each invoice is on the day of its record; without one, on its business day."),
)

_VOID_KINDS: Final = {"void": N_("voids"), "clear": N_("cleared orders")}
_SENT: Final = {True: N_("after sending"), False: ""}


def _acts(view: str, title: str, *columns: Column) -> Section:
    """Return the part that lists single acts, oldest first: each with its order, its reason and its people."""
    own = (Column("at", ColumnKind.TIME, _("At")), *columns, _AMOUNT, *_OF_ACT)
    return Section("acts", view, own, ("at", "event"), orders="session_id", title=title)


#: A void is at the keyed price, fewer pieces are a void, and a cleared order has its total. Undone acts do not count.
VOIDS: Final = Report(
    "voids",
    N_("Voids and cleared orders"),
    N_("Show voids and cleared orders, by person and one by one; those after sending are listed separately."),
    N_("Nothing was voided or cleared."),
    (
        Section(
            "people",
            "taken_off_by_person",
            (
                _USER,
                Column("name", ColumnKind.TEXT, N_("Person"), words={"": N_("the database owner")}),
                Column("kind", ColumnKind.TEXT, words=_VOID_KINDS),
                Column("sent", ColumnKind.FLAG, words=_SENT),
                _TIMES,
                Column("pieces", ColumnKind.COUNT, N_("Pieces")),
                _AMOUNT,
            ),
            ("name", "user", "-kind", "sent"),
            orders="taken_off",
            title=N_("By person"),
        ),
        _acts(
            "void_acts",
            N_("One by one"),
            Column("kind", ColumnKind.TEXT, words={"void": N_("void"), "clear": N_("cleared")}),
            Column("sent", ColumnKind.FLAG, words=_SENT),
            _ITEM,
            Column("pieces", ColumnKind.COUNT, N_("Pieces")),
        ),
    ),
    N_("Voids are at their keyed prices, cleared orders at their total."),
)

#: A promotion has no person. A price that was changed by hand counts as the difference, which is negative if it was
#: raised.
DISCOUNTS: Final = Report(
    "discounts",
    N_("Discounts"),
    N_("Show discounts and changed prices, by promotion and by person, and one by one."),
    N_("No discounts."),
    (
        Section(
            "discounts",
            "discounts_by_person",
            (*_GIVEN, Column("title", ColumnKind.TEXT, N_("Name")), _TIMES, _AMOUNT),
            ("name", "user", "kind", "title"),
            orders="reductions",
            title=N_("Discounts"),
        ),
        _acts(
            "discount_acts",
            N_("One by one"),
            Column("kind", ColumnKind.TEXT, N_("Kind"), words=OFF_KINDS),
            Column("title", ColumnKind.TEXT, N_("Name")),
            _ITEM,
        ),
    ),
)

#: Comps and staff meals, at the value given away. A comp of a whole order has no item.
COMPS: Final = Report(
    "comps",
    N_("Comps"),
    N_("Show comps and staff meals, by person, by item and one by one."),
    N_("Nothing was given away."),
    (
        Section("figures", "comps_given_by_person", (_TIMES, _AMOUNT)),
        Section(
            "people",
            "comps_given_by_person",
            (*_GIVEN, _TIMES, _AMOUNT),
            ("-amount", "name", "user", "kind"),
            chart="amount",
            orders="comps",
            title=N_("By person"),
        ),
        Section(
            "items",
            "comps_by_person",
            (_ITEM, _TIMES, _AMOUNT),
            ("-amount", "item"),
            chart="amount",
            orders="comps",
            title=N_("By item"),
        ),
        _acts("comp_acts", N_("One by one"), Column("kind", ColumnKind.TEXT, N_("Kind"), words=OFF_KINDS), _ITEM),
    ),
)

FEEDBACK: Final = Report(
    "feedback",
    N_("Feedback"),
    N_("Show the guests' feedback on sales: a score from 1 to 5, and a comment."),
    N_("No feedback."),
    (
        Section(
            "figures",
            "feedback_by_order",
            (
                Column("count", ColumnKind.COUNT, N_("Guests"), of="one"),
                Column("average", ColumnKind.MEAN, N_("Average score"), of="score"),
            ),
        ),
        Section(
            "scores",
            "feedback_by_order",
            (Column("score", ColumnKind.NUMBER, N_("Score")), Column("times", ColumnKind.COUNT, N_("Times"), of="one")),
            orders="feedback_by_order",
            title=N_("Scores"),
        ),
        Section(
            "feedback",
            "feedback_by_order",
            (
                Column("at", ColumnKind.TIME, N_("At")),
                Column("score", ColumnKind.NUMBER, N_("Score")),
                Column("receipt", ColumnKind.TEXT, N_("Receipt")),
                Column("till", ColumnKind.TILL, N_("Till"), of="till_id"),
                _USER,
                _TOTAL,
                Column("words", ColumnKind.TEXT, N_("Words")),
            ),
            ("at", "receipt"),
            orders="receipt",
            title=N_("Feedback"),
        ),
    ),
)

#: The pieces that a kitchen was sent, and what became of them.
_COOKED: Final = (
    Column("sent", ColumnKind.COUNT, N_("Sent")),
    Column("voided", ColumnKind.COUNT, N_("Voided")),
    Column("paid", ColumnKind.COUNT, N_("Paid")),
    Column("open", ColumnKind.COUNT, N_("Open")),
    Column("unpaid", ColumnKind.COUNT, N_("Not paid")),
    _AMOUNT,
)


def _cooked(name: str, title: str, *keys: Column) -> Section:
    order = ("-unpaid", *(key.name for key in keys if key.heading))
    return Section(name, "cooked", (*keys, *_COOKED), order, orders="cooked", title=title)


#: The dishes of a kitchen by the day on which they were first sent, whatever day they were paid.
KITCHEN: Final = Report(
    "kitchen",
    N_("Cooked and not paid"),
    N_("Show what the kitchen was sent: voided, paid, still open, or not paid; by dish, table and person."),
    N_("Nothing was sent to the kitchen."),
    (
        Section("figures", "cooked", _COOKED),
        _cooked("dishes", N_("By dish"), Column("item", ColumnKind.TEXT, N_("Dish"))),
        _cooked("tables", N_("By table"), Column("place", ColumnKind.TEXT, N_("Table"), words={"": N_("no table")})),
        _cooked("people", N_("By person"), _USER, Column("name", ColumnKind.TEXT, N_("Person"))),
    ),
    N_("The amount is of dishes not paid, at the price and with the choices as first keyed."),
)

_SOURCE: Final = Column(
    "source", ColumnKind.TEXT, N_("Ordered"), words={"till": N_("at the till"), "chatbot": N_("by chat")}
)

#: The conversion funnel, by business day. An order counts for the day of its first step.
FUNNEL: Final = Report(
    "funnel",
    N_("Funnel"),
    N_("Show how many orders reached each step: menu, first item, payment, paid."),
    N_("No orders."),
    (
        Section(
            "steps",
            "funnel_by_day",
            (
                _SOURCE,
                Column(
                    "step",
                    ColumnKind.TEXT,
                    N_("Step"),
                    words={
                        "1 menu": N_("Menu seen"),
                        "2 item": N_("Item added"),
                        "3 paying": N_("Paying begun"),
                        "4 placed": N_("Order placed"),
                    },
                ),
                Column("visits", ColumnKind.COUNT, N_("Orders")),
            ),
            chart="visits",
            orders="visit_steps",
            title=N_("Steps of an order"),
            omitted=N_(
                "At a till the menu is always in sight: only chats count fully in the first step. "
                "Anyone who looks and leaves is not seen."
            ),
        ),
    ),
)

#: The popular items, by pieces sold. Pieces that were taken off again do not count.
POPULAR: Final = Report(
    "popular",
    N_("Popular items"),
    N_("Show the best-selling items, by pieces sold."),
    N_("Nothing was sold."),
    (
        Section(
            "items",
            "sales_by_item",
            (
                Column("item", ColumnKind.TEXT, N_("Item"), of="item_name"),
                Column("quantity", ColumnKind.COUNT, N_("Pieces")),
                _AMOUNT,
            ),
            ("-quantity", "item"),
            chart="quantity",
            orders="item_name",
            most=20,
            title=N_("Popular items"),
        ),
    ),
)

#: The time to order, from the first recorded step.
TIME_TO_ORDER: Final = Report(
    "time-to-order",
    N_("Time to order"),
    N_("Show how long orders took, from the menu or the first item to payment."),
    N_("No orders."),
    (
        Section(
            "average",
            "time_to_order_by_day",
            (
                _SOURCE,
                Column("orders", ColumnKind.COUNT, N_("Orders")),
                Column("seconds", ColumnKind.MEAN, N_("Seconds on average"), per="orders"),
            ),
            orders="visit_times",
            title=N_("On average"),
        ),
        Section(
            "times",
            "time_to_order_by_day",
            (
                _SOURCE,
                Column(
                    "minutes",
                    ColumnKind.NUMBER,
                    N_("Took"),
                    of="upto",
                    words={
                        0: N_("under 30 s"),
                        1: N_("30 to 60 s"),
                        2: N_("1 to 2 min"),
                        5: N_("2 to 5 min"),
                        15: N_("5 to 15 min"),
                        60: N_("15 to 60 min"),
                        1440: N_("longer"),
                    },
                ),
                Column("orders", ColumnKind.COUNT, N_("Orders")),
            ),
            chart="orders",
            orders="visit_times",
            title=N_("Time to order"),
        ),
    ),
    N_(
        "At a till it begins with the first item: nobody sees how long a guest looked at the board. "
        "A table counts its evening."
    ),
)

#: A day at a glance, for the page of `--html`: the parts of other reports that matter to an owner.
DAY: Final = Report(
    "day",
    N_("The day at a glance"),
    N_("Show business days at a glance: figures, hours, categories, tenders, staff, tax, voids, discounts, funnel."),
    N_("Nothing was sold."),
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
