"""Acts of people at the tills and at the server, from the log and the audit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict

from till.domain.errors import TillError
from till.domain.events.envelope import time_text
from till.domain.events.registry import name_of
from till.domain.i18n import N_
from till.domain.ids import is_uuid
from till.domain.streams import REGISTRY
from till.domain.till.events import AdminEvent, SettingsChanged
from till.reports.settings import changed_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from till.domain.money.amount import Currency

_ERASES: Final = ("erased", "booking_erased", "customer_erased")
_CLEARED: Final = "order_discarded"
#: The types of events of each kind of act.
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "voided": ("line_voided", "quantity_changed"),
    "cleared": (_CLEARED,),
    "discounted": ("discount_applied",),
    "taken-over": ("order_granted",),
    "suspended": ("order_parked",),
    "resumed": ("order_resumed",),
    "corrected": ("change_undone",),
    "given-back": ("payment_voided",),
    "refunded": ("refund_started", "refund_declined"),
    "put-right": ("tender_corrected", "tip_corrected"),
    "moved": ("lines_moved",),
    "set-aside": ("record_set_aside",),
    "approved": ("approval_given",),
    "found": ("conflict_found", "sale_contested"),
    "settled": ("conflict_resolved", "quarantine_resolved", "records_settled", "sale_booked"),
    "erased": _ERASES,
    "refused": ("login_refused",),
    "administered": (
        *sorted({name_of(kind) for kind in REGISTRY if issubclass(kind, AdminEvent)}.difference(_ERASES)),
        *("booking_missed", "choice_marked", "item_counted"),
    ),
}
_KIND_OF: Final = {name: kind for kind, names in KINDS.items() for name in names}
#: The fields of an event's data that describe the act, without free text.
_DETAILS: Final = (
    *("user", "role", "till", "journal_id", "version", "items", "item_id", "sold_out", "percent", "kind", "tender"),
    *("customer_id", "voucher_id", "limit", "booking_id", "table_number", "seats", "covers", "at"),
    *("was", "tip", "sold", "receipt", "left", "choice"),
    *("act", "name", "quarantine", "records", "from_till", "to_session", "locked", "event", "line_id"),
    *("export", "first", "last", "scheme"),
)
_DIGITS: Final = 16


class CursorError(TillError):
    """A cursor that does not fit the request."""

    code = "cursor"
    default = N_("--after takes the `next` of the page before, with the same options as that page.")


class AuditEntry(TypedDict):
    """An act by a person. `user` is None for a program, which `name` names, and for the owner of the database.

    `till` is 0 for the server.
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

    def asked(self, limit: int, after: str | None) -> dict[str, Any]:
        """Return the request to `till.acts_v1` for the acts after an event."""
        kinds = self.kinds or tuple(KINDS)
        return {
            "types": sorted({name for kind in kinds for name in KINDS.get(kind, ())}),
            "begins": self.begins and time_text(self.begins),
            "ends": self.ends and time_text(self.ends),
            "till": self.till,
            "user": self.user,
            "after": after,
            "limit": limit,
        }

    def read_cursor(self, store_id: str, cursor: str) -> str:
        """Return the last event of the page before."""
        event_id = cursor[: -_DIGITS - 1]
        if not is_uuid(event_id) or self.cursor(store_id, event_id) != cursor:
            raise CursorError
        return event_id


class Page(NamedTuple):
    """Acts, newest first, and the cursor of the next page; None if this is the last page."""

    acts: list[AuditEntry]
    next: str | None


def read_acts(
    ask: Callable[..., Any],
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
        ask: calls a function of administration for the store.
        store_id: the venue.
        act_filter: the filter.
        currency: the venue's currency, for orders that name none.
        limit: the maximum number of acts on a page.
        after: the `next` of the page before.

    Raises:
        CursorError: `after` is not a cursor of this filter.
    """
    start_after = act_filter.read_cursor(store_id, after) if after is not None else None
    found = ask("acts_v1", act_filter.asked(limit + 1, start_after))
    acts = [_act(row, currency) for row in found[:limit]]
    return Page(acts, act_filter.cursor(store_id, acts[-1]["id"]) if len(found) > limit else None)


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


def _act(row: Mapping[str, Any], venue_currency: Currency) -> AuditEntry:
    """Return an act of a page of `till.acts_v1`."""
    data, removed = row["data"], _removed(row["data"])
    currency = data.get("currency") or row["currency"] or venue_currency.code
    in_currency = type(venue_currency)(currency)
    amount = data.get("amount", data.get("returned"))
    if removed:
        off = sum((Decimal(one["amount"]) for one in removed), Decimal())
        total = row["total"] if row["type"] == _CLEARED else None
        amount = in_currency.text(in_currency.nearest(off if total is None else Decimal(total)))
    items = [*dict.fromkeys(one["item_name"] for one in removed)]
    return AuditEntry(
        id=row["id"],
        at=row["at"],
        kind=_KIND_OF[row["type"]],
        type=row["type"],
        user=row["user"],
        name=row["name"],
        approved_by=row["approved_by"],
        till=row["till"],
        session=row["session"],
        receipts=row["receipts"] or ([data["sold"]] if "sold" in data else []),
        items=items or list(filter(None, [row["item"]])),
        pieces=sum(one["pieces"] for one in removed) if removed else None,
        amount=amount,
        currency=currency if amount is not None else None,
        reason=row["reason"] or "",
        details=_details(row["type"], data) | ({"undone": True} if row["undone"] else {}),
    )
