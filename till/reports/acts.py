"""Acts of people at the tills and at the server, from the log and the audit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict

from sqlalchemy import Integer, and_, case, or_, select, union_all
from sqlalchemy.dialects.postgresql import array

from db.tables.cold import order_audit, order_audit_texts, order_sessions_archive, orders
from db.tables.till import order_sessions, users
from db.tables.warm import event_texts, session_events
from till.domain.errors import TillError
from till.domain.events.envelope import time_text
from till.domain.events.registry import name_of
from till.domain.i18n import _
from till.domain.ids import is_uuid
from till.domain.streams import REGISTRY
from till.domain.till.events import AdminEvent, SettingsChanged
from till.reports.settings import changed_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from till.domain.money.amount import Currency

_ERASES: Final = ("erased", "booking_erased", "customer_erased")
_CLEARED: Final = "order_discarded"
#: The types of events of each kind of act.
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "voided": ("line_voided", "quantity_changed"),
    "cleared": (_CLEARED,),
    "discounted": ("discount_applied",),
    "taken-over": ("order_granted",),
    "corrected": ("change_undone",),
    "given-back": ("payment_voided",),
    "refunded": ("refund_started", "refund_declined"),
    "put-right": ("tender_corrected",),
    "moved": ("lines_moved",),
    "set-aside": ("record_set_aside",),
    "approved": ("approval_given",),
    "found": ("conflict_found", "sale_contested"),
    "settled": ("conflict_resolved", "quarantine_resolved", "records_settled", "sale_booked"),
    "erased": _ERASES,
    "refused": ("login_refused",),
    "administered": (
        *sorted({name_of(kind) for kind in REGISTRY if issubclass(kind, AdminEvent)}.difference(_ERASES)),
        "booking_missed",
    ),
}
_KIND_OF: Final = {name: kind for kind, names in KINDS.items() for name in names}
#: The fields of an event's data that describe the act, without free text.
_DETAILS: Final = (
    *("user", "role", "till", "journal_id", "version", "items", "item_id", "sold_out", "percent", "kind", "tender"),
    *("customer_id", "voucher_id", "limit", "booking_id", "table_number", "seats", "covers", "at"),
    *("was", "sold", "receipt"),
    *("act", "name", "quarantine", "records", "from_till", "to_session", "locked", "event", "line_id"),
)
_DIGITS: Final = 16
#: The longest time between an act and its approval, which are one transaction of their till.
_WITHIN: Final = timedelta(minutes=1)


class CursorError(TillError):
    """A cursor that does not fit the request."""

    code = "cursor"
    default = _("--after takes the `next` of the page before, with the same options as that page.")


class Act(TypedDict):
    """An act by a person. `user` is None for the owner of the database, `till` 0 for the server.

    `amount` and `pieces` are those that the act took off or gave, or None. The content of `details` depends on `type`.
    """

    id: str
    at: str
    kind: str
    type: str
    user: int | None
    name: str | None
    approved_by: int | None
    till: int
    session: str | None
    receipts: list[str]
    items: list[str]
    pieces: int | None
    amount: str | None
    currency: str | None
    reason: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ActFilter:
    """The filter for acts; None for all.

    Attributes:
        begins: the first moment, by the clock of the till.
        ends: the first moment after the acts.
        user: the person who did or approved the act.
        kinds: names of `KINDS`.
    """

    begins: datetime | None = None
    ends: datetime | None = None
    till: int | None = None
    user: int | None = None
    kinds: tuple[str, ...] = ()

    def cursor(self, store_id: str, event_id: str) -> str:
        """Return the cursor of the page after an event, for the same filter."""
        times = [moment and time_text(moment) for moment in (self.begins, self.ends)]
        text = repr((store_id, times, self.till, self.user, sorted(set(self.kinds)), event_id))
        return f"{event_id}-{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"

    def read_cursor(self, store_id: str, cursor: str) -> str:
        """Return the last event of the page before.

        Raises:
            CursorError: the cursor is invalid, or belongs to another filter.
        """
        event_id = cursor[: -_DIGITS - 1]
        if not is_uuid(event_id) or self.cursor(store_id, event_id) != cursor:
            raise CursorError
        return event_id


class Page(NamedTuple):
    """Acts, newest first, and the cursor of the next page; None if this is the last page."""

    acts: list[Act]
    next: str | None


def read_acts(
    connection: Connection,
    store_id: str,
    act_filter: ActFilter,
    currency: Currency,
    *,
    limit: int = 50,
    after: str | None = None,
) -> Page:
    """Read a page of acts, newest first.

    Events that a till copies when a line is moved are not acts.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
        act_filter: the filter.
        currency: the venue's currency, for orders that name none.
        limit: the maximum number of acts on a page.
        after: the `next` of the page before.

    Raises:
        CursorError: `after` is not a cursor of this filter.
    """
    start_after = act_filter.read_cursor(store_id, after) if after is not None else None
    branches = [_rows(table, store_id, act_filter, start_after, limit + 1) for table in (session_events, order_audit)]
    acts_of_both = union_all(*(branch.subquery().select() for branch in branches)).subquery()
    rows = connection.execute(select(acts_of_both).order_by(acts_of_both.c.event_id.desc()).limit(limit + 1)).all()
    page = rows[:limit]
    facts = _PageFacts.of(connection, store_id, page)
    acts = [_act(row, facts, currency) for row in page]
    return Page(acts, act_filter.cursor(store_id, acts[-1]["id"]) if len(rows) > limit else None)


def _rows(table: Any, store_id: str, act_filter: ActFilter, start_after: str | None, limit: int) -> Select[Any]:
    of = table.c
    till = case(  # the server writes this event for a till
        (of.event_type == "order_granted", of.event_data["till"].astext.cast(Integer)), else_=of.till_id
    ).label("till_id")
    wanted: list[ColumnElement[bool]] = [of.store_id == store_id, _is_wanted(of, act_filter.kinds)]
    if act_filter.begins is not None:
        wanted.append(of.timestamp >= act_filter.begins)
    if act_filter.ends is not None:
        wanted.append(of.timestamp < act_filter.ends)
    if act_filter.till is not None:
        wanted.append(till == act_filter.till)
    if act_filter.user is not None:
        wanted.append(or_(of.user_id == act_filter.user, of.event_data["approved_by"].astext == str(act_filter.user)))
    if start_after is not None:
        wanted.append(of.event_id < start_after)
    columns = (of.event_id, of.timestamp, of.event_type, of.event_data, of.user_id, till, of.session_id)
    return select(*columns).where(*wanted).order_by(of.event_id.desc()).limit(limit)


def _is_wanted(of: Any, kinds: tuple[str, ...]) -> ColumnElement[bool]:
    kinds = kinds or tuple(KINDS)
    names = sorted({name for kind in kinds for name in KINDS.get(kind, ())})
    return and_(
        of.event_type.in_(names),
        ~of.event_data.has_key("follows"),
        or_(of.event_type != "lines_moved", of.event_data.has_key("to_session")),
    )


class _PageFacts(NamedTuple):
    """Data that belongs to the acts of a page.

    Attributes:
        names: the people.
        orders: the orders.
        receipts: the receipts of an order.
        reasons: the reason of an act.
        approvers: the manager who approved an act.
        undone: the ids of undone acts.
    """

    names: dict[int, str]
    orders: dict[str, Row[Any]]
    receipts: dict[str, list[str]]
    reasons: dict[str, str]
    approvers: dict[str, int]
    undone: frozenset[str]

    @classmethod
    def of(cls, connection: Connection, store_id: str, page: Sequence[Row[Any]]) -> _PageFacts:
        sessions = sorted({session for row in page if (session := _session_of(row)) is not None})
        ids = [row.event_id for row in page]
        people = connection.execute(select(users.c.id, users.c.name).where(users.c.store_id == store_id)).all()
        names = {person.id: person.name for person in people}
        kept = union_all(
            *(
                select(t.c.id, t.c.currency, t.c.total, t.c["items"]).where(t.c.id.in_(sessions))
                for t in (order_sessions, order_sessions_archive)
            )
        )
        found = {order.id: order for order in connection.execute(kept).all()}
        receipts: dict[str, list[str]] = {}
        sold = select(orders.c.session_id, orders.c.receipt).where(
            orders.c.session_id.in_(sessions), orders.c.receipt.is_not(None)
        )
        for session, receipt in connection.execute(sold.order_by(orders.c.receipt)).all():
            receipts.setdefault(session, []).append(receipt)
        texts = union_all(
            *(select(t.c.event_id, t.c.text).where(t.c.event_id.in_(ids)) for t in (event_texts, order_audit_texts))
        )
        reasons = {str(event): text for event, text in connection.execute(texts).all()}
        undone = union_all(
            *(
                select(t.c.event_data["event"].astext).where(
                    t.c.session_id.in_(sessions), t.c.event_type == "change_undone"
                )
                for t in (session_events, order_audit)
            )
        )
        undone_ids = frozenset(connection.execute(undone).scalars())
        return cls(names, found, receipts, reasons, _approvers(connection, store_id, page), undone_ids)

    def item_of(self, session: str | None, line_id: str) -> list[str]:
        """Return the name of a line's item, if the order still has it."""
        order = self.orders.get(session or "")
        return [one["item"] for one in order.items or () if line_id in one.get("line_ids", ())] if order else []


def _approvers(connection: Connection, store_id: str, page: Sequence[Row[Any]]) -> dict[str, int]:
    """Return the managers who approved acts of a page. An approval is written right after the events of its act."""
    if not page:
        return {}
    ids = [str(row.event_id) for row in page]
    times = [row.timestamp for row in page]
    given = union_all(
        *(
            select(t.c.event_data).where(
                t.c.store_id == store_id,
                t.c.timestamp.between(min(times), max(times) + _WITHIN),
                t.c.event_type == "approval_given",
                t.c.event_data["events"].has_any(array(ids)),
            )
            for t in (session_events, order_audit)
        )
    )
    return {act: data["approved_by"] for data in connection.execute(given).scalars() for act in data["events"]}


def _removed(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the lines from which an event took pieces."""
    removed = data.get("removed") or []
    return removed if isinstance(removed, list) else [removed]


def _details(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details of an act: for settings the changes with values, for an item the names of changed fields."""
    if kind == name_of(SettingsChanged):
        return {"changes": changed_settings(data)}
    return (
        {name: data[name] for name in _DETAILS if name in data}
        | ({"sent": True} if any(one.get("sent") for one in _removed(data)) else {})
        | ({"changes": sorted(data["changes"])} if isinstance(data.get("changes"), dict) else {})
    )


def _session_of(row: Row[Any]) -> str | None:
    """Return the order of an act, even if the event is in the stream of its till."""
    data = row.event_data
    if row.event_type == "approval_given" and data["stream_kind"] == "order":
        return str(data["stream_id"])
    return row.session_id or data.get("session_id")  # type: ignore[no-any-return]


def _act(row: Row[Any], facts: _PageFacts, venue_currency: Currency) -> Act:
    event_id, data, session = str(row.event_id), row.event_data, _session_of(row)
    removed = _removed(data)
    order = facts.orders.get(session or "")
    currency = data.get("currency") or (order.currency if order is not None else None) or venue_currency.code
    in_currency = type(venue_currency)(currency)
    amount = data.get("amount")
    if removed:
        off = sum((Decimal(one["amount"]) for one in removed), Decimal())
        total = order.total if order is not None and row.event_type == _CLEARED else None
        amount = in_currency.text(in_currency.nearest(off if total is None else total))
    items = [*dict.fromkeys(one["item_name"] for one in removed)]
    return Act(
        id=event_id,
        at=time_text(row.timestamp),
        kind=_KIND_OF[row.event_type],
        type=row.event_type,
        user=row.user_id,
        name=facts.names.get(row.user_id),
        approved_by=data.get("approved_by", facts.approvers.get(event_id)),
        till=row.till_id,
        session=session,
        receipts=facts.receipts.get(session or "", [data["sold"]] if "sold" in data else []),
        items=items or facts.item_of(session, data.get("line_id") or ""),
        pieces=sum(one["pieces"] for one in removed) if removed else None,
        amount=amount,
        currency=currency if amount is not None else None,
        reason=facts.reasons.get(event_id, ""),
        details=_details(row.event_type, data) | ({"undone": True} if event_id in facts.undone else {}),
    )
