"""Exchange between two tills and the database, as far as the register sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.domain.finding import doubted
from till.domain.events.envelope import NO_HASH, NO_HOLD, SERVER, Draft, Origin, seal
from till.domain.ids import IdClock, derived_id
from till.domain.money.measures import Minor
from till.domain.order.events import ConflictFound, OrderGranted
from till.domain.structs import replace
from till.ports import Received, RemoteSession, SessionMark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.register.conftest import Till
    from till.domain.events.envelope import Event, PrivateText
    from till.domain.events.registry import EventData
    from till.domain.order.state import Order
    from till.register.register import Register

SERVER_JOURNAL = "0197a000-0000-7000-8000-000000000000"
EARLY = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)


def give(source: Till, target: Till, session: str, mark: SessionMark | None = None) -> None:
    """Have the target fetch all events of an order that the source has pushed."""
    found = source.register.ledger.journal.events_of(session)
    mark = mark or SessionMark(session, source.user, len(found), open=False)
    target.journal.receive([Received(place, event) for place, event in enumerate(found, 1)], [mark])
    target.register.sessions_grew([session])


def hold_of(till: Till, session: str) -> str:
    return till.register.ledger.order(session).hold


def grant(target: Till, session: str, user: int | None = None) -> Event:
    """Grant an order, as the server, to a till that has all its events, and return the grant."""
    return grant_to(target.register, session, user)


def grant_to(register: Register, session: str, user: int | None = None, **more: Any) -> Event:
    """Return the grant of an order to the till of a register; `more` replaces facts of the hold before."""
    ledger = register.ledger
    events, order = ledger.journal.events_of(session), ledger.order(session)
    facts: dict[str, Any] = {"from_hold": order.hold, "from_till": order.holder}
    granted = OrderGranted(
        till=register.till,
        journal=ledger.journal.journal_id,
        user=order.user if user is None else user,
        **(facts | more),
    )
    newest = max(order.last_id, granted.from_hold or NO_HOLD)
    event = sealed_by_server(register, session, granted, user, newest)
    mark = SessionMark(session, granted.user, len(events) + 1, event.id, register.till, register.till, event.id)
    ledger.journal.receive([Received(len(events) + 1, event)], [mark])
    register.sessions_grew([session])
    register.granted(session)
    return event


def sealed_by_server(
    register: Register, session: str, data: EventData, user: int | None, newest: str | None, hold: str = NO_HOLD
) -> Event:
    """Return an event of the server's chain, as a till gets it."""
    ledger = register.ledger
    return seal(
        Draft(data, session),
        Origin(SERVER_JOURNAL, SERVER, ledger.store_id, user, None, None, ledger.clock.now()),
        event_id=IdClock(lambda bits: UUID(session).int % 2**bits).next(ledger.clock.now(), newest),
        seq=1,
        prev_hash=NO_HASH,
        salt=lambda: "",
        hold=hold,
    )


def by_server(
    register: Register, session: str, data: EventData, texts: Mapping[str, PrivateText] | None = None
) -> Event:
    """Write an event in an order, as the server, and let the till hear of it."""
    ledger = register.ledger
    events, order = ledger.journal.events_of(session), ledger.find(session)
    newest, hold = (order.last_id, order.hold) if order is not None else (None, NO_HOLD)
    event = replace(sealed_by_server(register, session, data, None, newest, hold), texts=texts or {})
    ledger.journal.receive([Received(len(events) + 1, event)], [SessionMark(session, 1, len(events) + 1)])
    register.sessions_grew([session])
    return event


def granted_away(till: Till, other: Till, *plus: int) -> str:
    """Key an order on the first till and grant it to the second, while the first is offline and does not know."""
    session = till.order(*plus).id
    take(till, other, session)
    return session


def take(till: Till, other: Till, session: str) -> None:
    """Grant an order of the first till to the second, without the first knowing."""
    give(till, other, session)
    other.clock.time = max(other.clock.time, till.clock.time)
    resume(other, session)


def resume(till: Till, session: str) -> Order:
    """Resume an order at a till; the server grants it if another till holds it."""
    if till.register.grants.must_ask(session):
        grant(till, session)
    return till.register.recovery.resume(session)


def recall(till: Till, session: str) -> Order:
    """Recall a tab at a till for its user; the server grants it if another till holds it."""
    if till.register.grants.must_ask(session):
        grant(till, session, till.user)
    return till.register.tabs.recall(session, till.user)


def meet(*tills: Till, sessions: Iterable[str] = ()) -> None:
    """Exchange all events between tills, of these orders and of all orders that their lines went to."""
    for _round in range(3):
        for source in tills:
            followed = (mark.session_id for mark in source.journal.followed_sessions())
            written = (event.session_id for event in source.journal.own if event.session_id)
            known = dict.fromkeys([*sessions, *written, *followed])
            for target in tills:
                for session in known:
                    if source is not target and _has_news(source, target, session):
                        give(source, target, session, SessionMark(session, source.user, open=True))


def _has_news(source: Till, target: Till, session: str) -> bool:
    """True if a till has events of an order that another till lacks or does not follow; otherwise there is no news."""
    here = {event.id for event in source.journal.events_of(session)}
    mark = target.journal.mark_of(session)
    is_followed = mark is not None and mark.open
    return bool(here) and not (is_followed and here <= {event.id for event in target.journal.events_of(session)})


def found(*tills: Till) -> list[ConflictFound]:
    """Return the conflicts of tills, and the server's about payments, of which the tills hear now; each once."""
    for till in tills:
        for session in dict.fromkeys(event.session_id for event in till.journal.own if event.session_id):
            hear_found(till.register, session)
    known = {
        event.data.conflict_id: event.data
        for till in tills
        for event in till.journal.listed(ConflictFound.listed)
        if isinstance(event.data, ConflictFound)
    }
    return list(known.values())


def hear_found(register: Register, session: str) -> None:
    """Give a till the server's conflicts about the payments of an ended order."""
    order = register.ledger.readable(session)
    for kind, subject, amount in doubted(order) if order is not None else ():
        conflict = derived_id(session, f"{kind} {subject}")
        if order is not None and conflict not in order.conflicts:
            currency = order.terms.currency
            conflict_found = ConflictFound(conflict, kind, subject, currency.text(Minor(amount)), currency.code)
            by_server(register, session, conflict_found)


def going_on(till: Till) -> list[Order]:
    """Return the orders that a till knows and that are still to be paid."""
    return [order for order in till.register.ledger.open_orders() if not order.is_empty]


def acknowledge(till: Till, *marks: SessionMark) -> None:
    """Acknowledge all of the till's events, as the database does."""
    till.journal.acknowledge(till.journal.head, marks)


def row(session: str, till: int | None = None, **more: Any) -> RemoteSession:
    """Return an order as the database lists it."""
    facts: dict[str, Any] = {
        "user": 1,
        "till_name": f"Till {till}" if till else "",
        "status": "active" if till else "pending_logout",
        "hold": NO_HOLD,
        "version": 2,
        "lines": 1,
        "total": 4_000,
        "order_type": "take_away",
        "tab_id": None,
        "tab_name": "",
        "created_at": EARLY,
        "updated_at": EARLY,
    }
    return RemoteSession(session_id=session, till=till, **(facts | more))
