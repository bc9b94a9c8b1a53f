"""Order sessions for lists: if the database marks a snapshot as outdated, the events are folded."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import EventError
from till.domain.order.evolve import fold
from till.domain.order.snapshot import items_for_lists, snapshot
from till.domain.streams import unseal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.administration.calls import AtServer
    from till.domain.events.envelope import Event
    from till.domain.order.state import Order

_log: Final = logging.getLogger(__name__)
_OF_PROGRAMS: Final = frozenset({"submitted", "without_charge"})


def updated_entries(admin: AtServer, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the updated entries of a list of sessions, without the mark of outdated ones."""
    return [_settled(entry, admin) if entry["refold"] else _unmarked(entry) for entry in entries]


def with_more(admin: AtServer, entry: dict[str, Any], events: Iterable[Event]) -> dict[str, Any]:
    """Return an entry updated by events that the database lacks, including its status."""
    order = order_of(admin, entry["id"], events)
    if order is None:
        return entry
    return {**_as_in(entry, order), "status": str(order.status), "user": order.user, "till": order.till}


def _unmarked(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry without the mark. What only orders of programs have is kept only if they have it."""
    return {name: value for name, value in entry.items() if name != "refold" and (name not in _OF_PROGRAMS or value)}


def _settled(entry: dict[str, Any], admin: AtServer) -> dict[str, Any]:
    order = order_of(admin, entry["id"])
    return _unmarked(entry) if order is None else _as_in(_unmarked(entry), order)


def order_of(admin: AtServer, session: str, more: Iterable[Event] = ()) -> Order | None:
    """Return the folded order of a session; None if it is unreadable, so that the rest of a list is shown."""
    log = admin.ask("session_log_v1", session) or []
    try:
        return fold([*(unseal(found["b"], found["h"], found["t"]) for found in log), *more])
    except EventError as problem:
        _log.warning("order_not_folded", extra={"session": session, "error": type(problem).__name__})
        return None


def _as_in(entry: dict[str, Any], order: Order) -> dict[str, Any]:
    now = snapshot(order, 0)
    items = items_for_lists(now)
    return {
        **entry,
        "lines": len(items),
        "items": items,
        "total": now["total"],
        "order_type": now["order_type"],
    }
