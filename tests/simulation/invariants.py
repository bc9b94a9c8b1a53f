"""What must be true of a seed, in words and in code.

After every step, of what it changed (`tests.simulation.moments`): the light is honest; a screen is the fold of its
disk, neither more nor less; no event is twice, on the disk or in the database; what stands in cold storage adds up and
is what its event says.

After every settling (some seeds settle on their way too) and so at the end of each, here: everything, by the whole log
folded anew.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from tests.simulation.books import KEPT_THERE, RULES
from tests.simulation.log import Found, Log
from tests.simulation.moments import UNEVEN
from tests.simulation.violation import hold
from till.domain.events.envelope import NO_HASH, sha256
from till.domain.order.evolve import fold
from till.domain.order.state import PaymentState, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.recount import Record
    from tests.simulation.world import World
    from till.domain.events.envelope import Event
    from till.domain.order.state import Order


_TAKEN: Final = frozenset({PaymentState.APPROVED, PaymentState.VOIDED})


def check_all(world: World) -> None:
    """Everything that must be true once all faults are mended and all is sent."""
    log = Log(world.server)
    for rule in (*_WHEN_SETTLED, *RULES):
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
        sound = all(body is None or sha256(body) == sealed for _seq, sealed, body in own)
        hold("chains verify", holds=sound, what=f"till {machine.number} has a broken seal")


def nothing_twice(world: World, log: Log) -> None:
    """No event is there twice, under whatever id: lines are keyed, payments approved and orders placed once.

    Two tills may hear of one charge, and so may one again whose disk lost that it had heard.
    """
    put_back = {machine.number for machine in world.machines if machine.was_put_back}
    heard = {record.id: record.till for record in log.recount.of("payment_approved")}
    for kind, field in (("item_added", "line_id"), ("payment_approved", "payment_id"), ("order_placed", "order_id")):
        subjects = [
            f"{heard.get(record.id, '')} {record.data[field]}"
            for record in log.recount.of(kind)
            if heard.get(record.id) not in put_back
        ]
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
            there = {event.id for event in log.sessions.get(session, ())}
            ids = {event.id for event in here}
            if log.server.lost:  # it was set back to before what these tell of: they wait for a person
                ids -= log.aside - there
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
    """The status and the hold that the database projects are those of the fold of its events."""
    for session, order in log.orders.items():
        row = log.rows[session]
        if row.quarantined:
            continue  # its projection waits for a person; the events stand
        said: object = (row.status, row.hold, row.till)
        folded: object = (str(order.status), tuple(order.hold), order.till)
        if order.status is Status.COMPLETED:
            said, folded = row.status, str(order.status)  # nobody holds it any more
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
    """Every painted line is in exactly one order, or was voided by an event, or discarded with its order."""
    carriers: dict[str, list[str]] = {}
    for session, order in log.orders.items():
        for line_id in order.lines:
            carriers.setdefault(line_id, []).append(session)
    twice = log.subjects("paid_twice")
    for line_id, painted in world.painted.items():
        if line_id in world.forgiven:
            continue
        sessions = carriers.get(line_id, [])
        where = [_where(log, session, line_id) for session in sessions]
        what = f"{line_id}, painted on till {painted.till} in {painted.session_id}, is {where} in {sessions}"
        found = any(place not in {"carried", "late"} for place in where)
        hold("every line is somewhere", holds=found, what=what)
        living = [session for session, place in zip(sessions, where, strict=True) if place in {"open", "tab"}]
        paid = [session for session, place in zip(sessions, where, strict=True) if place == "paid"]
        flagged = len(paid) > 1 and any(
            record.data["order_id"] in twice for record in log.recount.of("order_placed") if record.session in paid
        )
        one = len(living) + len(paid) <= 1 or (not living and flagged)
        hold("every line is in one order", holds=one, what=what)


def _where(log: Log, session: str, line_id: str) -> str:
    order = log.orders[session]
    line = order.lines[line_id]
    if line_id in log.covered.get(session, ()):
        return "paid"
    if line.moved:
        return "carried"
    if line.void or not line.quantity:
        return "void"
    if order.status is Status.DISCARDED or line_id in (order.discarded or ()):
        return "discarded" if line_id in (order.discarded or ()) else "late"
    if order.placed is not None:
        return "late"
    return "tab" if order.status is Status.ASSIGNED_TO_TAB else "open"


def pieces_agree(world: World, log: Log) -> None:
    """Each line of an open order shows the pieces that its records leave, and is sold with them or flagged."""
    counted = log.recount
    flagged, twice = log.subjects("paid_for_more", "paid_for_less"), log.subjects("paid_twice")
    for session, order in log.orders.items():
        for line in order.lines.values():
            if line.moved or line.keyed_by is None or not _is_looked_after(world, session, order):
                continue
            left = counted.pieces(session, line.id)
            if order.is_open or order.status is Status.ASSIGNED_TO_TAB:
                what = f"{line.id} of {session} shows {line.quantity} and its records leave {left}"
                hold("pieces agree", holds=line.quantity == left, what=what)
            placings = [record for record in counted.of("order_placed") if record.session == session]
            # of what was paid twice all goes back; a second sale for nothing brought nothing to find
            stands = [r for r in placings if r.data["order_id"] not in twice and Decimal(r.data["total"])]
            sold = [n for record in stands or placings if (n := counted.sold(record).get(line.id)) is not None]
            most = max(sold, default=None)
            if most is not None and most != left:
                what = f"{line.id} of {session} was sold as {most} and its records leave {left}, unflagged"
                hold("pieces agree", holds=line.id in flagged, what=what)


def _is_looked_after(world: World, session: str, order: Order) -> bool:
    """Whether who has an order, or had it last, knows of it: what was done to its lines followed them then."""
    if not order.came_from or order.is_over:
        return True
    return any(machine.number == order.holder and machine.journal.mark_of(session) for machine in world.machines)


def voids_win(world: World, log: Log) -> None:
    """A void wins over any quantity: no open order shows a line whose void was not undone."""
    voided = {record.data["line_id"] for record in log.recount.of("line_voided")}
    gone = world.voided - voided - world.forgiven
    hold("voids win", holds=not gone, what=f"no event for the void of {gone}")
    for session, order in log.orders.items():
        if not order.is_open or not _is_looked_after(world, session, order):
            continue
        shown = {line.id for row in order.priced.rows for line in row.lines if line.quantity}
        taken = {line_id for line_id in shown if log.recount.is_void(session, line_id)}
        hold("voids win", holds=not taken, what=f"{session} shows {taken}")


def totals_agree(_world: World, log: Log) -> None:
    """What stands in cold storage is what was placed, to the penny, less what was paid twice; the rest waits."""
    twice = {found.subject: found.amount for found in log.found if found.kind == "paid_twice"}
    for record in log.recount.of("order_placed"):
        order_id, stands = record.data["order_id"], log.cold.get(record.id)
        if stands is None:
            flagged = record.id in log.aside or order_id in twice
            hold("totals agree", holds=flagged, what=f"order {order_id} is nowhere")
            continue
        whole = Decimal(record.data["total"])
        rests = {brought - twice.get(order_id, 0) for brought in log.recount.brought(record)}
        holds = stands.total == whole or stands.paid in rests
        hold("totals agree", holds=holds, what=f"{stands} of {record.id}, placed {whole}, twice {rests}")
    uneven = log.server.value(UNEVEN, log.server.store)
    hold("totals agree", holds=not uneven, what=f"{uneven} do not add up")


def every_penny_is_somewhere(_world: World, log: Log) -> None:
    """What was taken, tips and all, is on a sale, on an open order, or stands before the manager: no more, no less."""
    approved = {r.data["payment_id"]: r.data for r in log.recount.of("payment_approved")}
    given_back = {r.data["payment_id"] for r in log.recount.of("payment_voided")}
    taken = {payment: Decimal(data["amount"]) for payment, data in approved.items() if payment not in given_back}
    query = "SELECT coalesce(sum(amount), 0) FROM cold.order_payment WHERE store_id = %s"
    sold = log.server.value(query, log.server.store)
    waits = sum((f.amount for f in log.found if f.kind == "paid_twice"), Decimal(0))
    payments = [one for order in log.orders.values() if not order.is_over for one in order.payments.values()]
    living = {one.id for one in payments if one.id in taken and one.state is not PaymentState.MOVED}
    on_open = sum((taken[one] for one in living), Decimal(0))
    # what waited for an order that was over, and goes on after all, waits until that is paid
    alone = log.subjects("payment_without_order") & taken.keys() - living
    waits += sum((taken[one] for one in alone), Decimal(0))
    aside = _put_aside(log)
    waits += sum((taken[p] for p in aside if p in taken), Decimal(0))
    listed = log.recount.listed
    over = {found.subject: found.amount for found in log.found if found.kind == "charged_more"}
    waits += sum((over[one] for one in over.keys() & listed.keys() & taken.keys() - aside), Decimal(0))
    sold_all_the_same = log.subjects("given_back") & listed.keys() - aside
    back = sum((listed[one] for one in sold_all_the_same), Decimal(0))
    whole = sum(taken.values(), Decimal(0))
    what = f"{whole} taken, {sold} sold, {waits} before the manager, {on_open} on open orders, {back} given back"
    hold("every penny is somewhere", holds=whole + back == sold + waits + on_open, what=what)


def _refused(log: Log) -> list[Record]:
    """The orders that the database refused because of a voucher: it was set back to before it answered for that."""
    twice = log.subjects("paid_twice")
    placings = [r for r in log.recount.of("order_placed") if r.id in log.aside and r.data["order_id"] not in twice]
    return [r for r in placings if any(one["tender"] in KEPT_THERE for one in r.data["payments"])]


def _put_aside(log: Log) -> set[str]:
    """The payments of orders that the database refused, which wait before the manager with the record itself."""
    listed = {one["payment_id"] for record in _refused(log) for one in record.data["payments"]}
    if not listed:
        return listed
    query = "SELECT payment_id::text FROM cold.order_payment WHERE store_id = %s"
    return listed - {row[0] for row in log.server.rows(query, log.server.store)}


def money_is_never_hidden(world: World, log: Log) -> None:
    """Money that a till showed as taken is in the log, and a receipt that was given is an order."""
    approved = {record.data["payment_id"] for record in log.recount.of("payment_approved")}
    placed = set(log.recount.placed)
    lost = world.payments.keys() - approved - world.forgiven
    hold("money is never hidden", holds=not lost, what=f"payments {lost} are nowhere")
    lost = world.receipts.keys() - placed - world.forgiven
    hold("money is never hidden", holds=not lost, what=f"receipts {lost} are nowhere")


def charges_are_booked(world: World, log: Log) -> None:
    """What a card terminal charged is money in the books, or stands before the manager; and the other way round."""
    flagged = log.subjects("payment_without_order", "payment_contradicted", "given_back")
    known = [payment for order in log.orders.values() for payment in order.payments.values()]
    payments = {payment.id: payment for payment in known if payment.state is not PaymentState.MOVED}
    for key, amount in world.charged.items():
        if key in world.forgiven or key in flagged:
            continue
        payment = payments.get(key)
        booked = payment.amount if payment is not None and payment.state in _TAKEN else None
        what = f"{key}: {amount} at the terminal, {payment} in the books"
        hold("a charge is in the books", holds=booked == amount, what=what)


def what_nobody_asked_for_is_told(world: World, log: Log) -> None:
    """What a terminal took beyond what was asked stands before the manager, to the penny, once its order is over."""
    told = {found.subject: found.amount for found in log.found if found.kind == "charged_more"}
    for order in log.orders.values():
        for payment in order.payments.values():
            over = world.over.get(payment.id)
            if over is None or payment.state is not PaymentState.APPROVED or payment.id in world.forgiven:
                continue
            known = told.get(payment.id, 0) * 100 if order.is_over else payment.over
            what = f"{over} too much of {payment}, {known} known"
            hold("what nobody asked for is told", holds=known == over, what=what)


def nothing_paid_twice(_world: World, log: Log) -> None:
    """A line that two placings list stands before the manager, unless the second of them brought no money for it."""
    found = log.subjects("paid_twice") | {record.data["order_id"] for record in _refused(log)}
    placings: dict[str, list[str]] = {}
    for record in log.recount.of("order_placed"):
        for line_id in log.recount.sold(record):
            placings.setdefault(line_id, []).append(record.data["order_id"])
    for line_id, orders in placings.items():
        if len(orders) > 1:
            flagged = sum(one in found or _owes_nothing(log, one) for one in orders) >= len(orders) - 1
            hold("nothing paid twice", holds=flagged, what=f"{line_id} is paid in {orders}, flagged {sorted(found)}")


def _owes_nothing(log: Log, order_id: str) -> bool:
    """Whether all the money of a placing may be that of others, or be for lines that it alone lists."""
    exact = _cause_paid_twice(log, Found("paid_twice", order_id, None, Decimal(0)))
    return exact is not None and exact[1] is not None and abs(exact[1]) <= Fraction(exact[0], 100)


def receipts_are_given_once(_world: World, log: Log) -> None:
    """A number that several receipts bear stands before the manager with each order but the first of them."""
    for receipt, orders in log.receipts.items():
        unflagged = orders - log.subjects("receipt_twice")
        hold("receipts are given once", holds=len(unflagged) <= 1, what=f"{receipt} is of {unflagged}, none flagged")


def each_till_counts_its_receipts(world: World, log: Log) -> None:
    """No till gives a number twice, but where an older copy of its journal was put back."""
    if any(machine.was_put_back for machine in world.machines):
        return
    for receipt, orders in log.receipts.items():
        hold("a till counts its receipts", holds=len(orders) == 1, what=f"{receipt} is of {orders}")


def conflicts_have_causes(_world: World, log: Log) -> None:
    """Nothing stands before the manager that the records give no cause for, and with the amount that they give.

    But for payments that the database itself approved, which the tills heard, and that it was set back to before.
    """
    for found in log.found:
        if found.subject in log.server.lost:
            continue
        cause = _CAUSES.get(found.kind)
        exact = cause(log, found) if cause else None
        what = f"{found}, by its records {exact}"
        hold("conflicts have causes", holds=exact is not None, what=what)
        if exact is not None and exact[1] is not None:
            slack = Fraction(exact[0], 100)
            hold("conflicts have causes", holds=abs(Fraction(found.amount) - exact[1]) <= slack, what=what)


#: What the records give: by so many pennies it may be off for roundings, and the amount; None for any.
Exact = tuple[int, Fraction | None] | None


def _cause_paid_twice(log: Log, found: Found) -> Exact:
    record = log.recount.placed.get(found.subject)
    if record is None:
        return None
    stands = log.cold.get(record.id)
    exact = log.recount.twice(record, stands.tips if stands is not None else None)
    return (len(record.data["lines"]), min(exact, key=lambda one: abs(one - Fraction(found.amount)))) if exact else None


def _cause_wrong_pieces(log: Log, found: Found) -> Exact:
    counted = log.recount
    if found.subject in counted.undone:
        return 0, None
    placings = ((counted.sold(record).get(found.subject), record) for record in counted.of("order_placed"))
    listed = [(pieces, record) for pieces, record in placings if pieces is not None]
    if found.subject not in counted.lines or not listed:
        return None
    twice = log.subjects("paid_twice")  # all that these brought for it goes back
    stands = [one for one in listed if one[1].data["order_id"] not in twice]
    most, record = max(stands or listed, key=lambda one: one[0])
    differ = most - counted.pieces(found.session or "", found.subject)
    told = {"paid_for_more": differ > 0, "paid_for_less": differ < 0}
    # What was found may have been set right since: the other till undid what it had done.
    return (
        (1, abs(counted.part(record, {found.subject}) * differ / most) if differ else None)
        if told[found.kind] or not differ
        else None
    )


def _cause_late_discount(log: Log, found: Found) -> Exact:
    given = {record.id for record in log.recount.of("discount_applied")}
    placings = [record for record in log.recount.of("order_placed") if record.session == found.session]
    late = any(found.subject not in record.data.get("discounts", ()) for record in placings)
    return (0, None) if found.subject in given and late else None


def _cause_without_order(log: Log, found: Found) -> Exact:
    taken = {r.data["payment_id"]: r for r in log.recount.of("payment_approved")}
    record = taken.get(found.subject)
    is_alone = record is not None and found.subject not in log.recount.listed
    return (0, Fraction(record.data["amount"])) if record is not None and is_alone else None


def _cause_receipt(log: Log, found: Found) -> Exact:
    twice = [orders for orders in log.receipts.values() if len(orders) > 1 and found.subject in orders]
    return (0, None) if twice else None


def _cause_contradicted(log: Log, found: Found) -> Exact:
    said = {record.type for record in log.recount.records if record.data.get("payment_id") == found.subject}
    return (0, None) if {"payment_approved", "payment_declined"} <= said else None


def _cause_charged_more(log: Log, found: Found) -> Exact:
    over = log.recount.over.get(found.subject)
    return (0, Fraction(over)) if over is not None else None


def _cause_back_twice(log: Log, found: Found) -> Exact:
    voided = [record for record in log.recount.of("payment_voided") if record.data["payment_id"] == found.subject]
    ways = {record.data.get("return_id") for record in voided}
    return (0, Fraction(voided[0].data["amount"])) if len(ways) > 1 else None


def _cause_refund(log: Log, found: Found) -> Exact:
    record = log.recount.approved_refunds.get(found.subject)
    return (0, -Fraction(record.data["amount"])) if record is not None else None


def _cause_refund_contradicted(log: Log, found: Found) -> Exact:
    declined = [record for record in log.recount.of_refunds("refund_declined") if record.session == found.subject]
    return _cause_refund(log, found) if declined else None


def _cause_refund_twice(log: Log, found: Found) -> Exact:
    started = log.recount.started_refunds
    numbers = [started[one].data["receipt"] for one in log.recount.approved_refunds if one in started]
    own = started.get(found.subject)
    return _cause_refund(log, found) if own is not None and numbers.count(own.data["receipt"]) > 1 else None


def _cause_given_back(log: Log, found: Found) -> Exact:
    voided = {record.data["payment_id"] for record in log.recount.of("payment_voided")}
    stands = log.recount.listed.get(found.subject)
    return (0, Fraction(stands)) if stands is not None and found.subject in voided else None


def _cause_tender_twice(log: Log, found: Found) -> Exact:
    said = [record.data for record in log.recount.of("tender_corrected") if record.data["payment_id"] == found.subject]
    return (0, Fraction(said[0]["amount"])) if len({one["tender"] for one in said}) > 1 else None


def _cause_refund_left(log: Log, found: Found) -> Exact:
    record = log.recount.started_refunds.get(found.subject)
    answers = log.recount.of_refunds("refund_approved", "refund_declined")
    answered = {one.session for one in answers if one.id not in log.aside}
    return (0, -Fraction(record.data["amount"])) if record is not None and found.subject not in answered else None


def _cause_payment_left(log: Log, found: Found) -> Exact:
    said = [record for record in log.recount.records if record.data.get("payment_id") == found.subject]
    answered = {record.type for record in said} & {"payment_approved", "payment_declined", "payment_voided"}
    began = next((record for record in said if record.type == "payment_started"), None)
    return (0, Fraction(began.data["amount"])) if began is not None and not answered else None


_CAUSES: Final[dict[str, Callable[[Log, Found], Exact]]] = {
    "paid_twice": _cause_paid_twice,
    "paid_for_more": _cause_wrong_pieces,
    "paid_for_less": _cause_wrong_pieces,
    "discount_late": _cause_late_discount,
    "payment_without_order": _cause_without_order,
    "receipt_twice": _cause_receipt,
    "payment_contradicted": _cause_contradicted,
    "refunded_beyond": _cause_refund,
    "refund_contradicted": _cause_refund_contradicted,
    "refund_twice": _cause_refund_twice,
    "given_back": _cause_given_back,
    "given_back_twice": _cause_back_twice,
    "refund_left": _cause_refund_left,
    "payment_left": _cause_payment_left,
    "charged_more": _cause_charged_more,
    "tender_twice": _cause_tender_twice,
}


_WHEN_SETTLED: Final[tuple[Callable[[World, Log], None], ...]] = (
    chains_verify,
    nothing_twice,
    totals_agree,
    money_is_never_hidden,
    every_penny_is_somewhere,
    charges_are_booked,
    what_nobody_asked_for_is_told,
    nothing_paid_twice,
    receipts_are_given_once,
    each_till_counts_its_receipts,
    conflicts_have_causes,
    voids_win,
    statuses_agree,
    tills_agree,
    every_line_is_somewhere,
    pieces_agree,
    snapshots_are_true,
)
