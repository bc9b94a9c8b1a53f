"""What must be true of a seed, in words and in code.

After every step, of what it changed (`tests.simulation.moments`): the light is honest; a screen is the fold of its
disk, neither more nor less; no event is twice, on the disk or in the database; what stands in cold storage adds up and
is what its event says.

After every settling (some seeds settle on their way too) and so at the end of each, here: everything, by the whole log
folded anew.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Final

from tests.simulation.log import Log
from tests.simulation.moments import UNEVEN
from tests.simulation.violation import hold
from till.domain.events.envelope import NO_HASH, digest
from till.domain.order.evolve import fold
from till.domain.order.state import PaymentState, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.world import World
    from till.domain.events.envelope import Event


def check_all(world: World) -> None:
    """Everything that must be true once all faults are mended and all is sent."""
    log = Log(world.server)
    for rule in _WHEN_SETTLED:
        rule(world, log)


def chains_verify(world: World, log: Log) -> None:
    """Each chain has every number once and each record follows the one before; till and server have the same one."""
    for journal, places in log.places.items():
        before, seq = NO_HASH, 0
        for number, prev_hash, sealed in sorted(places):
            follows = (number, prev_hash) == (seq + 1, before)
            hold("chains verify", holds=follows, what=f"{journal} breaks at {number} after {seq}")
            seq, before = number, sealed
        hold("chains verify", holds=log.heads.get(journal) == (seq, before), what=f"{journal} ends at {seq}, not head")
    for machine in world.machines:
        own = machine.journal._disk.rows("SELECT seq, hash, body FROM own ORDER BY seq")
        there = {(seq, sealed) for seq, _before, sealed in log.places.get(machine.journal.journal_id, ())}
        here = {(seq, sealed) for seq, sealed, _body in own}
        hold("chains verify", holds=here == there, what=f"till {machine.number} differs at {sorted(here ^ there)[:2]}")
        sound = all(body is None or digest(body) == sealed for _seq, sealed, body in own)
        hold("chains verify", holds=sound, what=f"till {machine.number} has a broken seal")


def nothing_twice(_world: World, log: Log) -> None:
    """No event is there twice, under whatever id: lines are keyed, payments approved and orders placed once."""
    for kind, field in (("item_added", "line_id"), ("payment_approved", "payment_id"), ("order_placed", "order_id")):
        subjects = [str(event.data[field]) for event in log.of_type(kind)]
        twice = {subject for subject in subjects if subjects.count(subject) > 1}
        hold("nothing twice", holds=not twice, what=f"{kind} {twice}")


def tills_agree(world: World, log: Log) -> None:
    """Tills that can talk have the same events of each order that they follow, and so show the same order.

    What a till shows as open is open for the database too.
    """
    for machine in world.machines:
        followed = {mark.session_id for mark in machine.journal.open_sessions()}
        rows = machine.journal._disk.rows(
            "SELECT session_id FROM own WHERE session_id IS NOT NULL UNION SELECT session_id FROM received"
        )
        for session in sorted(followed | {row[0] for row in rows if row[0]}):
            here = machine.journal.events_of(session)
            ids = {event.id for event in here}
            there = {event.id for event in log.sessions.get(session, ())}
            what = f"till {machine.number}, order {session}"
            hold("tills agree", holds=ids <= there, what=f"{what}: the database misses {_types(here, ids - there)}")
            if session in followed:
                missing = _types(log.sessions.get(session, []), there - ids)
                hold("tills agree", holds=ids == there, what=f"{what}: the till misses {missing}")
            shown = machine.register.ledger.find(session)
            hold("tills agree", holds=shown == fold(here), what=f"{what}: shown is not folded")
            if session in followed and shown is not None and shown.is_open:
                row = log.rows.get(session)
                is_open = row is not None and row.status in {"active", "pending_logout"}
                what = f"{what} is {shown.status} here and {row and row.status} there"
                hold("tills agree", holds=is_open, what=what)


def _types(events: list[Event], ids: set[str]) -> list[str]:
    return [event.type for event in events if event.id in ids]


def statuses_agree(_world: World, log: Log) -> None:
    """The status and the epoch that the database projects are those of the fold of its events."""
    for session, order in log.orders.items():
        row = log.rows[session]
        if row.quarantined:
            continue  # its projection waits for a person; the events stand
        said, folded = (row.status, row.hold_epoch), (str(order.status), order.hold_epoch)
        if order.status is Status.COMPLETED:
            said, folded = (row.status, 0), (str(order.status), 0)  # nobody holds it any more
        hold("statuses agree", holds=said == folded, what=f"{session}: database {said}, fold {folded}")


def snapshots_are_true(_world: World, log: Log) -> None:
    """The items that the database shows of an open order, without the mark that it must be folded, are its fold."""
    for session, order in log.orders.items():
        row = log.rows[session]
        if row.refold or row.quarantined or not order.is_open:
            continue
        shown = {line: item["quantity"] for item in row.items if not item["voided"] for line in item["line_ids"][:1]}
        folded = {row.first.id: row.quantity for row in order.priced.rows}
        hold("snapshots are true", holds=shown == folded, what=f"{session}: database {shown}, fold {folded}")
        cart = dict(log.server.rows("SELECT item_id, quantity FROM get_session_cart(%s)", session))
        wanted: dict[str, int] = {}
        for one in order.priced.rows:
            wanted[one.first.item_id] = wanted.get(one.first.item_id, 0) + one.quantity
        hold("snapshots are true", holds=cart == wanted, what=f"{session}: hot cart {cart}, fold {wanted}")


def every_line_is_somewhere(world: World, log: Log) -> None:
    """Every painted line is in exactly one order, or was voided by an event, or discarded with its order.

    A tab that was recalled on one till while another, apart, recalled it too or took the money for the order itself,
    carries its lines twice. That stands before the manager, and each till that has such an order open knows of it, and
    of the payment once there was one.
    """
    carriers: dict[str, list[str]] = {}
    for session, order in log.orders.items():
        for line_id in order.lines:
            carriers.setdefault(line_id, []).append(session)
    for line_id, painted in world.painted.items():
        if line_id in world.forgiven:
            continue
        sessions = carriers.get(line_id, [])
        where = [_where(log, session, line_id) for session in sessions]
        what = f"{line_id}, painted on till {painted.till} in {painted.session_id}, is {where} in {sessions}"
        found = any(place not in {"carried", "late"} for place in where)
        hold("every line is somewhere", holds=found, what=what)
        living = [session for session, place in zip(sessions, where, strict=True) if place in {"open", "paid", "tab"}]
        for one, other in combinations(living, 2):
            past = _past(log, other)
            parted = next((session for session in _past(log, one) if session in past), None)
            hold("every line is in one order", holds=parted in log.carried_twice, what=what)
            for session, sharer in ((one, other), (other, one)):
                told = log.orders[session].elsewhere
                holds = told is not None and (told.paid or log.rows[sharer].status != "completed")
                hold("a till knows what is carried twice", holds=holds or not log.orders[session].is_open, what=what)


def what_is_told_of_another_order_is_true(_world: World, log: Log) -> None:
    """What an open order was told last of a tab is how the others that carry its lines stand.

    One was paid, or is open, or is on a tab again; or there is none.
    """
    for session, order in log.orders.items():
        if not order.is_open or _goes_on_in(log, session):
            continue
        for told in order.shared.values():
            said = "" if told.till is None else "paid" if told.paid else "tab" if told.on_tab else "open"
            stands = {_stands(log, other) for other in _carriers(log, told.subject) - {session}}
            true = next((one for one in ("paid", "open", "tab") if one in stands), "")
            what = f"{session} was told “{said}” and not “{true}” of {told.subject}"
            hold("what is told of another order is true", holds=said == true, what=what)


def _stands(log: Log, session: str) -> str:
    status = log.rows[session].status if session in log.rows else "discarded"
    if status == "completed":
        return "paid"
    if status == "discarded" or _goes_on_in(log, session):
        return ""
    return "tab" if status == "assigned_to_tab" else "open"


def _goes_on_in(log: Log, session: str) -> set[str]:
    """The orders that carry on what stood on the tab of this one."""
    moved = [event.data for event in log.sessions.get(session, ()) if event.type == "lines_moved"]
    return {str(data["to_session"]) for data in moved if "to_session" in data and not data.get("late")}


def _carriers(log: Log, session: str) -> set[str]:
    """The order of a tab and all that carry its lines on, from recall to recall."""
    found, new = set[str](), {session}
    while new:
        found |= new
        new = set[str]().union(*(_goes_on_in(log, one) for one in new)) - found
    return found


def _past(log: Log, session: str) -> list[str]:
    """An order, the one on whose tab its lines were before, and so on."""
    past = [session]
    order = log.orders.get(session)
    while order is not None and order.from_session and _is_recalled(log, session):
        session = order.from_session
        past.append(session)
        order = log.orders.get(session)
    return past


def _is_recalled(log: Log, session: str) -> bool:
    return any(event.data.get("tab_id") for event in log.sessions[session] if event.type == "order_opened")


def _where(log: Log, session: str, line_id: str) -> str:
    order = log.orders[session]
    line = order.lines[line_id]
    if line_id in log.covered.get(session, ()):
        return "paid"
    if line.void or not (line.quantity or line.away):
        return "void"
    if order.status is Status.DISCARDED or abs((order.discarded or {}).get(line_id, 0)) >= abs(line.quantity) > 0:
        return "discarded"
    if order.placed is not None:
        return "late"
    if order.is_over or not line.quantity:  # over by a recall of its tab, for what else ends an order is said above
        return "carried"
    return "tab" if order.status is Status.ASSIGNED_TO_TAB else "open"


def voids_win(world: World, log: Log) -> None:
    """A void wins over any quantity: no order that is open shows a line that any till took off."""
    voided = {str(event.data["line_id"]) for event in log.of_type("line_voided")}
    gone = world.voided - voided - world.forgiven
    hold("voids win", holds=not gone, what=f"no event for the void of {gone}")
    for session, order in log.orders.items():
        taken = {str(e.data["line_id"]) for e in log.sessions[session] if e.type == "line_voided"}
        shown = {line.id for row in order.priced.rows for line in row.lines if line.quantity}
        hold("voids win", holds=not taken & shown, what=f"{session} shows {taken & shown}")


def totals_agree(_world: World, log: Log) -> None:
    """What stands in cold storage is what the events say, to the penny; what is not there waits for a person."""
    for event in log.of_type("order_placed"):
        stands = log.cold.get(event.id)
        if stands is None:
            flagged = event.id in log.aside or str(event.data["order_id"]) in log.conflicts
            hold("totals agree", holds=flagged, what=f"order {event.data['order_id']} is nowhere")
            continue
        hold("totals agree", holds=Decimal(stands[1]) == Decimal(event.data["total"]), what=f"{stands} of {event.id}")
    uneven = log.server.value(UNEVEN, log.server.store)
    hold("totals agree", holds=not uneven, what=f"{uneven} do not add up")


def money_is_never_hidden(world: World, log: Log) -> None:
    """Money that a till showed as taken is in the log, and a receipt that was given is an order."""
    approved = {str(event.data["payment_id"]) for event in log.of_type("payment_approved")}
    placed = {str(event.data["order_id"]) for event in log.of_type("order_placed")}
    lost = world.payments.keys() - approved - world.forgiven
    hold("money is never hidden", holds=not lost, what=f"payments {lost} are nowhere")
    lost = world.receipts.keys() - placed - world.forgiven
    hold("money is never hidden", holds=not lost, what=f"receipts {lost} are nowhere")


def money_has_an_order(_world: World, log: Log) -> None:
    """A payment on an order that ended is listed by a completion, or is a conflict that stands before the manager."""
    found = {str(event.data["subject"]) for event in log.of_type("conflict_found")}
    listed = {str(payment["payment_id"]) for event in log.of_type("order_placed") for payment in event.data["payments"]}
    for session, order in log.orders.items():
        if not order.is_over:
            continue  # it stands on the order still
        taken = {p.id for p in order.payments.values() if p.state is PaymentState.APPROVED and p.amount}
        hidden = taken - listed - found
        hold("money has an order", holds=not hidden, what=f"{hidden} on {session}, which is {order.status}")


def nothing_paid_twice(_world: World, log: Log) -> None:
    """No line is paid for twice unflagged: of two completions that cover it, all but one stand aside for a person."""
    paid: dict[str, list[str]] = {}
    for event in log.of_type("order_placed"):
        for line in event.data["lines"]:
            for line_id in line["line_ids"]:
                paid.setdefault(line_id, []).append(event.id)
    for line_id, events in paid.items():
        standing = [event for event in events if event in log.cold]
        flagged = all(event in log.cold or event in log.aside for event in events)
        what = f"{line_id} is paid in {events}, {standing} stand"
        hold("nothing paid twice", holds=len(standing) <= 1 and flagged, what=what)


def receipts_are_given_once(_world: World, log: Log) -> None:
    """A number that several receipts bear stands before the manager with each order but the first of them."""
    for receipt, orders in log.receipts.items():
        unflagged = orders - log.receipts_twice
        hold("receipts are given once", holds=len(unflagged) <= 1, what=f"{receipt} is of {unflagged}, none flagged")


_WHEN_SETTLED: Final[tuple[Callable[[World, Log], None], ...]] = (
    chains_verify,
    nothing_twice,
    totals_agree,
    money_is_never_hidden,
    money_has_an_order,
    nothing_paid_twice,
    receipts_are_given_once,
    voids_win,
    statuses_agree,
    tills_agree,
    every_line_is_somewhere,
    what_is_told_of_another_order_is_true,
    snapshots_are_true,
)
