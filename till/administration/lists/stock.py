"""The lists of what is on the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import N_, _, ngettext
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import ListResult, Row


def _read(at: AtServer, _selects: Any) -> ListRows:
    return ListRows({"stock": at.ask("stock_v1", None)})


def _read_below(at: AtServer, _selects: Any) -> ListRows:
    rows = [one for one in at.ask("stock_v1", None) if one["amount"] is not None and one["at_least"] is not None]
    below = [one | {"order": one["at_least"] - one["amount"]} for one in rows if one["amount"] < one["at_least"]]
    return ListRows({"stock": below})


def _texts(_found: ListResult, row: Row) -> Row:
    return {"places": ", ".join(row["places"])}


def _counted(found: ListResult) -> str:
    uncounted = sum(one["amount"] is None for one in found.plain)
    sentence = ngettext("{n} item was never counted.", "{n} items were never counted.", uncounted)
    return sentence.format(n=uncounted) if uncounted else ""


_NAMES: Final = (
    Column("name", ColumnKind.TEXT, N_("Item")),
    Column("places", ColumnKind.TEXT, N_("Place")),
    Column("unit", ColumnKind.TEXT, N_("Unit")),
)
_OWN: Final = (Column("cost", ColumnKind.MONEY, N_("Cost")), Column("item_id", ColumnKind.ID))
STOCK: Final = AdminList(
    "stock",
    N_("On the shelf"),
    N_("List what is on the shelf: what was counted, and what came and went since."),
    _read,
    (
        *_NAMES,
        *columns(ColumnKind.NUMBER, amount=N_("On the shelf"), promised=N_("Promised")),
        Column("counted_at", ColumnKind.TIME, N_("Counted"), words={None: N_("never")}),
        *columns(
            ColumnKind.NUMBER,
            counted=N_("Then"),
            delivered=N_("Came"),
            sent=N_("Sent"),
            wasted=N_("Wasted"),
            used=N_("Used"),
            returned=N_("Back"),
            at_least=N_("Least"),
        ),
        *_OWN,
    ),
    texts=_texts,
    count=_counted,
    desk=DeskRow(
        name="name",
        detail=(
            "places",
            N_("{promised} promised"),
            N_("counted {counted_at}"),
            N_("{delivered} came"),
            N_("{sent} sent"),
            N_("{wasted} wasted"),
        ),
        right="amount",
    ),
    also=("shelf",),
    hint=N_("delivered 24 Cola · wasted 3 Croissant burnt · stock Cola 31"),
)
BELOW: Final = AdminList(
    "stock below",
    N_("To order"),
    N_("List what is below its least, with what to order."),
    _read_below,
    (*_NAMES, *columns(ColumnKind.NUMBER, amount=N_("On the shelf"), at_least=N_("Least"), order=N_("Order")), *_OWN),
    rows="stock",
    texts=_texts,
    desk=DeskRow(name="name", detail=(N_("{amount} there"), N_("least {at_least}")), right="order"),
    also=("to order",),
)


def _read_acts(at: AtServer, _selects: Any) -> ListRows:
    return ListRows({"acts": at.ask("stock_log_v1")})


def _act_texts(_found: ListResult, row: Row) -> Row:
    names = {"counted": _("counted"), "delivered": _("came"), "wasted": _("wasted"), "used": _("used")}
    return {"kind": names.get(row["kind"], _("back")), "by": row["by"] or _("the owner")}


ACTS: Final = AdminList(
    "stock history",
    N_("Acts on the shelf"),
    N_("List the counts, deliveries and waste of the last week, newest first."),
    _read_acts,
    (
        Column("at", ColumnKind.TIME, N_("When")),
        Column("item", ColumnKind.TEXT, N_("Item")),
        Column("kind", ColumnKind.TEXT, N_("Act")),
        Column("amount", ColumnKind.NUMBER, N_("Amount")),
        Column("why", ColumnKind.TEXT, N_("Why")),
        Column("by", ColumnKind.TEXT, N_("By")),
        Column("till", ColumnKind.NUMBER, N_("Till")),
        Column("undone", ColumnKind.FLAG, words={True: N_("undone")}),
        Column("event", ColumnKind.TEXT, N_("Event")),
    ),
    rows="acts",
    texts=_act_texts,
    desk=DeskRow(name="item", detail=("kind", "why", "by", "undone", "at"), right="amount"),
    also=("shelf acts",),
)
