"""What passes between two tills and the database, as far as the register sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from till.domain.events.envelope import Hold
from till.domain.order.events import ConflictFound
from till.ports import Received, RemoteSession, SessionMark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.register.conftest import Till
    from till.domain.order.state import Order

EARLY = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)


def give(source: Till, target: Till, session: str, mark: SessionMark | None = None) -> None:
    """The target fetches all events of an order that the source has pushed."""
    found = source.register.ledger.journal.events_of(session)
    mark = mark or SessionMark(session, source.user, len(found), open=False)
    target.journal.receive([Received(place, event) for place, event in enumerate(found, 1)], [mark])
    target.register.sessions_grew([session])


def hold_of(till: Till, session: str) -> Hold:
    return till.register.ledger.order(session).hold


def taken_over(till: Till, other: Till, *plus: int) -> str:
    """An order keyed on the first till and taken over on the second, while the first is away and does not know."""
    session = till.order(*plus).id
    take(till, other, session)
    return session


def take(till: Till, other: Till, session: str) -> None:
    """The second till takes an order of the first over, which does not know of it."""
    give(till, other, session)
    other.clock.time = max(other.clock.time, till.clock.time)
    holder = till.register.ledger.order(session).till
    other.register.recovery.resume(session, holder=holder, taking_over=True)


def meet(*tills: Till, sessions: Iterable[str] = ()) -> None:
    """All tills get all events of each other, of these orders and of all that lines of them went to."""
    for _round in range(3):
        for source in tills:
            known = dict.fromkeys([*sessions, *(e.session_id for e in source.journal.own if e.session_id)])
            for target in tills:
                for session in known:
                    if source is not target and _has_news(source, target, session):
                        give(source, target, session, SessionMark(session, source.user, open=True))


def _has_news(source: Till, target: Till, session: str) -> bool:
    """Whether a till has events of an order that another has not got, or does not follow: else nothing is told."""
    here = {event.id for event in source.journal.events_of(session)}
    mark = target.journal.mark_of(session)
    is_followed = mark is not None and mark.open
    return bool(here) and not (is_followed and here <= {event.id for event in target.journal.events_of(session)})


def found(*tills: Till) -> list[ConflictFound]:
    """The conflicts that were written down, each once."""
    told = (event.data for till in tills for event in till.journal.own)
    return list({one.conflict_id: one for one in told if isinstance(one, ConflictFound)}.values())


def going_on(till: Till) -> list[Order]:
    """The orders that a till knows and that somebody has still to pay."""
    return [order for order in till.register.ledger.open_orders() if not order.is_empty]


def acknowledge(till: Till, *marks: SessionMark) -> None:
    """The database has all of the till's events."""
    till.journal.acknowledge(till.journal.head, marks)


def row(session: str, till: int | None = None, **more: Any) -> RemoteSession:
    """An order as the database lists it."""
    facts: dict[str, Any] = {
        "user": 1,
        "till_name": f"Till {till}" if till else "",
        "status": "active" if till else "pending_logout",
        "hold": Hold(1),
        "version": 2,
        "lines": 1,
        "total": 4_000,
        "currency": "INR",
        "order_type": "take_away",
        "tab_id": None,
        "tab_name": "",
        "created_at": EARLY,
        "updated_at": EARLY,
        "logout_time": None,
        "till_seen_at": None,
    }
    return RemoteSession(session_id=session, till=till, **(facts | more))
