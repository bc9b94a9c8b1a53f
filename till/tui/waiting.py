"""A user's orders that wait: which there are, and how one comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import StoreError, TillError
from till.domain.words import ngettext
from till.tui.counter import plain, refusal

if TYPE_CHECKING:
    from till.domain.order import Order
    from till.ports import RemoteSession
    from till.tui.counter import Counter


def waiting_orders(counter: Counter, user: int, present: str | None) -> tuple[list[Order], list[RemoteSession]]:
    """What waits for a user beside the order that is present: orders here, newest first, and those elsewhere."""
    ledger = counter.register.ledger
    person = counter.register.access.person
    found = counter.register.recovery.of_user(user)
    if person is not None and person.manages:  # money that somebody could not settle is left to who manages
        found += [order for order in counter.register.recovery.with_money() if order.user != user]
    here = [order for order in found if order.id != present and not (order.is_empty and not order.paid)]
    known = {order.id for order in here} | {present}

    def waits(row: RemoteSession) -> bool:
        order = ledger.readable(row.session_id)
        return row.session_id not in known and row.lines > 0 and (order is None or order.is_open)

    return here, [row for row in counter.remote or () if waits(row)]


async def bring_back(
    counter: Counter, session_id: str, row: RemoteSession | None, *, waiting: int = 0, taking_over: bool = False
) -> bool:
    """Fetch what this till has not got of an order, make it active here, and show it; whether that went well."""
    register = counter.register
    try:
        if row is not None and counter.store is not None:
            await counter.store.fetch(session_id)
        order = register.recovery.resume(session_id, holder=row.till if row else None, taking_over=taking_over)
        if taking_over and counter.store is not None:
            await counter.store.flush(2.0)
        if lock := register.ledger.lock_of(session_id):
            counter.sell(None, refusal(lock))
            return False
    except StoreError as problem:
        if register.ledger.find(session_id) is None:
            counter.sell(None, refusal(problem.sentence))
            return False
        order = register.recovery.resume(session_id, taking_over=taking_over)
    except TillError as problem:
        counter.sell(None, refusal(problem.sentence))
        return False
    said = register.answers.here(order)
    if waiting:
        more = ngettext("{count} more waits: F5.", "{count} more wait: F5.", waiting).format(count=waiting)
        said = f"{said} {more}"
    counter.sell(order.id, plain(said))
    return True
