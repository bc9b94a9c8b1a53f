"""Order sessions for lists: where the database knows that a snapshot is behind its events, the events are folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.events.envelope import Event, PrivateText, read_time
from till.domain.order.evolve import fold
from till.domain.order.snapshot import counted, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.cli.administration import Administration
    from till.domain.order.state import Order


def folded(admin: Administration, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of a list of sessions as they truly stand, without the mark that says which were behind."""
    return [_settled(entry, admin) if entry["refold"] else _unmarked(entry) for entry in entries]


def with_more(admin: Administration, entry: dict[str, Any], events: Iterable[Event]) -> dict[str, Any]:
    """An entry as it stands with events that the database has not got: they may have ended it, too."""
    order = _folded(admin, entry, events)
    if order is None:
        return entry
    return {**_as_in(entry, order), "status": str(order.status), "user": order.user, "till": order.till}


def _unmarked(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "refold"}


def _settled(entry: dict[str, Any], admin: Administration) -> dict[str, Any]:
    order = _folded(admin, entry)
    return _unmarked(entry) if order is None else _as_in(_unmarked(entry), order)


def _folded(admin: Administration, entry: dict[str, Any], more: Iterable[Event] = ()) -> Order | None:
    shown = admin.ask("session_show_v1", entry["id"]) or {"events": []}
    return fold([*(_event(found, entry["id"], admin.store_id) for found in shown["events"]), *more])


def _as_in(entry: dict[str, Any], order: Order) -> dict[str, Any]:
    now = snapshot(order, 0)
    items = counted(now)
    return {
        **entry,
        "lines": len(items),
        "items": items,
        "total": now["total"],
        "order_type": now["order_type"],
    }


def _event(found: dict[str, Any], session: str, store_id: str) -> Event:
    """An event as administration sees it: its place in a chain is no part of what it did."""
    return Event(
        id=found["id"],
        journal_id="",
        seq=0,
        till=found["till"] or 0,
        store_id=store_id,
        session_id=session,
        hold_epoch=found["hold_epoch"] or 0,
        user=found["user"],
        login_session=None,
        shift=None,
        type=found["type"],
        at=read_time(found["at"]),
        data=found["data"] or {},
        prev_hash="",
        hash="",
        texts={name: PrivateText("", text) for name, text in (found["texts"] or {}).items() if text},
    )
