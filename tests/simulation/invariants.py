"""Invariants of a seed, in words and in code: of the whole log, folded again.

They are checked after every settling: at the end of each seed, and in some seeds on the way.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from tests.simulation.books import KEPT_THERE, RULES
from tests.simulation.kitchen import (
    stations_know_the_words,
    stations_make_what_orders_hold,
    the_report_lists_what_nobody_paid,
    tickets_are_numbered,
)
from tests.simulation.log import Found, Log
from tests.simulation.recount import payments_of
from tests.simulation.refusals import refusals_have_causes, what_came_without_the_hold_is_refused
from tests.simulation.violation import hold
from tests.simulation.words import allergies_are_with_the_lines
from till.domain.events.envelope import NO_HASH, sha256
from till.domain.order.evolve import fold
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.recount import Record
    from tests.simulation.world import World
    from till.domain.events.envelope import Event


_TAKEN: Final = frozenset({PaymentState.APPROVED, PaymentState.VOIDED})


def check_all(world: World) -> None:
    """Check every invariant once all faults are repaired and everything is sent."""
    log = Log(world.server)
    for rule in (*_WHEN_SETTLED, *RULES):
        rule(world, log)


#: The relation, as the push wrote it: what orders made, where it went, and what sales list that nobody made yet.
_RELATION: Final = {
    "warm.every_content": "content_id::text, session_id, event_id::text, is_payment, parent_id::text, till_id, user_id",
    "warm.every_move": "content_id::text, session_id, came_by::text, came_from, moved_by, left_by::text",
    "warm.sale_claims": "content_id::text, session_id, event_id::text",
}


def the_relation_is_of_the_log(_world: World, log: Log) -> None:
    """The relation that pushes wrote equals the relation derived from the log alone."""
    written = _relation(log)
    log.server.value("SELECT warm.rebuild_relation(%s)", log.server.store)
    rebuilt = _relation(log)
    what = f"only written {written - rebuilt}, only rebuilt {rebuilt - written}"
    hold("the relation is of the log", holds=written == rebuilt, what=what)


def _relation(log: Log) -> set[tuple[Any, ...]]:
    query = "SELECT {} FROM {} WHERE store_id = %s"
    return {
        (name, *row)
        for name, columns in _RELATION.items()
        for row in log.server.rows(query.format(columns, name), log.server.store)
    }


def the_relation_tells_where_lines_are(_world: World, log: Log) -> None:
    """The relation has each line in the orders where the fold of all events has it, and in no other."""
    query = "SELECT session_id, content_id::text FROM warm.contents_now WHERE store_id = %s AND NOT is_payment"
    there: dict[str, set[str]] = {}
    for session, line in log.server.rows(query, log.server.store):
        there.setdefault(session, set()).add(line)
    for session, order in log.orders.items():
        if order.unread:
            continue
        folded = {line.id for line in order.lines.values() if line.name and not line.moved}
        listed = there.get(session, set())
        what = f"{session}: only the relation has {sorted(listed - folded)}, only the fold {sorted(folded - listed)}"
        hold("the relation shows where lines are", holds=listed == folded, what=what)


def chains_verify(world: World, log: Log) -> None:
    """Each chain has every number once, and each record follows the one before; till and server have the same chain."""
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


def acts_rest_on_what_is_known(world: World, log: Log) -> None:
    """The server wrote an act for a till that knew all events of its orders, and had sent all of its own."""
    logged = {event.id for event in log.events}
    for age, asked in world.acts:
        ids = {event.id for event in asked.events}
        if not ids & logged or world.server.age != age:
            continue  # a database that was set back gave its versions again
        by = asked.events[0]
        for session, version in asked.versions.items():
            events = log.sessions[session]
            place = next(place for place, event in enumerate(events) if event.id in ids)
            before, behind = events[:place], events[place:]
            unknown = [event.type for event in before[version:] if event.journal_id != by.journal_id]
            hold("an act rests on what is known", holds=not unknown, what=f"{session}: {unknown}")
            skipped = [one.type for one in behind if one.journal_id == by.journal_id and one.seq <= asked.seq]
            hold("an act goes behind what its till wrote", holds=not skipped, what=f"{session}: {skipped}")


def tills_agree(world: World, log: Log) -> None:
    """Tills that can talk have the same events of each order that they follow, and so show the same order.

    An order that a till shows as open is open in the database too.
    """
    for machine in world.machines:
        followed = set(machine.journal.streams("order", is_open=True))
        rows = machine.journal._disk.rows(
            "SELECT stream_id FROM own WHERE stream_id IS NOT NULL UNION SELECT stream_id FROM received"
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
                sent = {event.id for event in log.sessions.get(session, ()) if not event.data.log_only}
                missing = _types(log.sessions.get(session, []), sent - ids)
                hold("tills agree", holds=sent <= ids, what=f"{what}: the till misses {missing}")
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
    """The database projects the status and the hold of an order as the fold of its events gives them."""
    for session, order in log.orders.items():
        row = log.rows[session]
        if row.quarantined:
            continue  # its projection waits for a person; the events stand
        stored: object = (row.status, row.hold, row.till)
        folded: object = (str(order.status), order.hold, order.till)
        if order.status is Status.COMPLETED:
            stored, folded = row.status, str(order.status)  # nobody holds it any more
        hold("statuses agree", holds=stored == folded, what=f"{session}: database {stored}, fold {folded}")


def snapshots_are_true(_world: World, log: Log) -> None:
    """The items that the database shows of an open order match its fold, unless it is marked to be folded."""
    for session, order in log.orders.items():
        row = log.rows[session]
        if row.refold or row.quarantined or not order.is_open:
            continue
        shown = {line: item["quantity"] for item in row.items if not item["voided"] for line in item["line_ids"][:1]}
        folded = {row.first.id: row.quantity for row in order.priced.rows}
        hold("snapshots are true", holds=shown == folded, what=f"{session}: database {shown}, fold {folded}")
        cart = dict(log.server.rows("SELECT item_id, quantity FROM get_session_cart(%s)", session))
        wanted: dict[str, int] = {}
        for one in order.priced.rows if order.submitted is None else ():  # the cart of a submitted order is empty
            wanted[one.first.item_id] = wanted.get(one.first.item_id, 0) + one.quantity
        hold("snapshots are true", holds=cart == wanted, what=f"{session}: hot cart {cart}, fold {wanted}")


def every_line_is_somewhere(world: World, log: Log) -> None:
    """Every painted line is in exactly one order, or was voided by an event, or discarded with its order."""
    carriers: dict[str, list[str]] = {}
    for session, order in log.orders.items():
        for line_id in order.lines:
            carriers.setdefault(line_id, []).append(session)
    twice = log.subjects("sold_twice")
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
        return "withdrawn" if line_id in log.withdrawn.get(session, ()) else "carried"
    if line.void or not line.quantity or line_id in log.sold_void.get(session, ()):
        return "void"
    if order.status is Status.DISCARDED or line_id in (order.discarded or ()):
        return "discarded" if line_id in (order.discarded or ()) else "late"
    if order.placed is not None:
        return "late"
    return "tab" if order.status is Status.ASSIGNED_TO_TAB else "open"


def sales_are_in_the_books(_world: World, log: Log) -> None:
    """Each placing is a sale in cold storage, or the same sale as another, or it waits for the manager."""
    void = dict(log.server.rows(_VOID, log.server.store))
    for record in log.recount.of("order_placed"):
        if record.id not in log.cold:
            same = [one.data["order_id"] for one in log.sales if log.recount.is_same_sale(record, one)]
            holds = void.get(record.id) in same if same else record.id in log.aside
            hold("a sale is in the books", holds=holds, what=f"order {record.data['order_id']} is nowhere")


_VOID: Final = "SELECT event_id::text, order_id::text FROM cold.void_receipts WHERE store_id = %s"


def every_penny_is_somewhere(_world: World, log: Log) -> None:
    """Money taken, tips included, is on a sale, on an open order or in a conflict, exactly once."""
    given_back = {r.data["payment_id"] for r in log.recount.of("payment_voided")}
    approved = log.recount.approved.items()
    taken = {payment: Decimal(data["amount"]) for payment, data in approved if payment not in given_back}
    query = "SELECT coalesce(sum(amount), 0) FROM cold.order_payment WHERE store_id = %s"
    sold = log.server.value(query, log.server.store)
    waits = Decimal(0)
    payments = [one for order in log.orders.values() if not order.is_over for one in order.payments.values()]
    living = {one.id for one in payments if one.id in taken}
    on_open = sum((taken[one] for one in living), Decimal(0))
    # money that waited for an ended order, which was resumed, waits until that is paid
    alone = log.subjects("money_without_order") & taken.keys() - living
    waits += sum((taken[one] for one in alone), Decimal(0))
    aside = _quarantined(log)
    waits += sum((taken[p] for p in aside if p in taken), Decimal(0))
    listed = log.recount.listed
    over = {found.subject: found.amount for found in log.found if found.kind == "charged_otherwise"}
    waits += sum((over[one] for one in over.keys() & listed.keys() & taken.keys() - aside), Decimal(0))
    # settled by hand for another amount than its provider answered later: the difference is before the manager
    other = log.subjects("outcome_contradicted") & listed.keys() & taken.keys() - aside - over.keys()
    waits += sum((taken[one] - listed[one] for one in other), Decimal(0))
    sold_all_the_same = log.subjects("outcome_contradicted") & given_back & listed.keys() - aside
    back = sum((listed[one] for one in sold_all_the_same), Decimal(0))
    whole = sum(taken.values(), Decimal(0))
    what = f"{whole} taken, {sold} sold, {waits} before the manager, {on_open} on open orders, {back} given back"
    hold("every penny is somewhere", holds=whole + back == sold + waits + on_open, what=what)


def _refused(log: Log) -> list[Record]:
    """Return the orders refused because of a voucher: the database was restored to before it answered for that."""
    placings = [r for r in log.recount.of("order_placed") if r.id in log.aside]
    return [r for r in placings if any(one["tender"] in KEPT_THERE for one in r.data["payments"])]


def _quarantined(log: Log) -> set[str]:
    """Return the payments of refused orders, which wait for the manager with their record."""
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
    """Each charge of a card terminal is money in the books or waits for the manager."""
    flagged = log.subjects("money_without_order", "outcome_contradicted")
    known = [payment for order in log.orders.values() for payment in order.payments.values()]
    payments = {payment.id: payment for payment in known}
    for key, amount in world.charged.items():
        if key in world.forgiven or key in flagged:
            continue
        payment = payments.get(key)
        booked = payment.amount if payment is not None and payment.state in _TAKEN else None
        what = f"{key}: {amount} at the terminal, {payment} in the books"
        hold("a charge is in the books", holds=booked == amount, what=what)


def unasked_amounts_are_reported(world: World, log: Log) -> None:
    """Money that a terminal took beyond what was asked waits for the manager, to the penny, once the order is over."""
    reported = {found.subject: found.amount for found in log.found if found.kind == "charged_otherwise"}
    for order in log.orders.values():
        for payment in order.payments.values():
            over = world.over.get(payment.id)
            if over is None or payment.state is not PaymentState.APPROVED or payment.id in world.forgiven:
                continue
            known = reported.get(payment.id, 0) * 100 if order.is_over else payment.over
            what = f"{over} too much of {payment}, {known} known"
            hold("unasked amounts are reported", holds=known == over, what=what)


def nothing_is_sold_twice(_world: World, log: Log) -> None:
    """Sales for money that do not wait for the manager have no payment twice, and no more pieces than were keyed.

    Pieces that were cut from a line count with it.
    """
    found, roots = log.subjects("sold_twice"), log.recount.roots()
    sold, paid = Counter[str](), Counter[str]()
    for record in log.sales:
        if Decimal(record.data["total"]) and record.data["order_id"] not in found:
            paid.update(payments_of(record).keys())
            for line_id, pieces in log.recount.charged(record).items():
                sold[roots.get(line_id, line_id)] += abs(pieces)
    more = [one for one, pieces in sold.items() if pieces > abs(log.recount.keyed.get(one, 0))]
    more += [one for one, times in paid.items() if times > 1]
    hold("nothing is sold twice", holds=not more, what=f"{more} of {sold} and {paid}")


def receipts_are_given_once(_world: World, log: Log) -> None:
    """A number on several receipts waits for the manager with each order but the first."""
    for receipt, orders in log.receipts.items():
        unflagged = orders - log.subjects("number_twice")
        hold("receipts are given once", holds=len(unflagged) <= 1, what=f"{receipt} is of {unflagged}, none flagged")


def each_till_counts_its_receipts(world: World, log: Log) -> None:
    """No till gives a number twice, unless an older copy of its journal was restored."""
    if any(machine.was_put_back for machine in world.machines):
        return
    for receipt, orders in log.receipts.items():
        hold("a till counts its receipts", holds=len(orders) == 1, what=f"{receipt} is of {orders}")


def conflicts_have_causes(_world: World, log: Log) -> None:
    """Everything that waits for the manager has a cause in the records, and the amount that they give.

    Payments that the database approved and lost in a restore, after tills heard of them, are exempt.
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


#: The tolerance in pennies for roundings, and the amount by the records; None for any amount.
Exact = tuple[int, Fraction | None] | None


def _cause_sold_twice(log: Log, found: Found) -> Exact:
    record = log.recount.placed.get(found.subject)
    if record is None or record.id not in log.cold:
        return None
    exact = log.recount.contested(record)
    if log.server.age:  # of a line that came again after its first sale the next one is the first: all add up
        amounts = [Fraction(one.amount) for one in log.found if (one.kind, one.session) == (found.kind, found.session)]
        others = sum(sale.session == record.session for sale in log.sales) - 1
        if any(abs(others * one - sum(amounts)) <= Fraction(len(record.data["lines"]), 100) for one in exact):
            return 0, Fraction(found.amount)
    return (len(record.data["lines"]), min(exact, key=lambda one: abs(one - Fraction(found.amount)))) if exact else None


def _cause_without_order(log: Log, found: Found) -> Exact:
    taken = {r.data["payment_id"]: r for r in log.recount.of("payment_approved")}
    record = taken.get(found.subject)
    is_alone = record is not None and found.subject not in log.recount.listed
    return (0, Fraction(record.data["amount"])) if record is not None and is_alone else None


def _cause_receipt(log: Log, found: Found) -> Exact:
    twice = [orders for orders in log.receipts.values() if len(orders) > 1 and found.subject in orders]
    return (0, None) if twice else None


def _cause_contradicted(log: Log, found: Found) -> Exact:
    own = [record for record in log.recount.records if record.data.get("payment_id") == found.subject]
    types = {record.type for record in own}
    back, not_back = (
        {record.data.get("return_id") for record in own if record.type == one}
        for one in ("payment_voided", "payment_return_declined")
    )
    return (0, None) if {"payment_approved", "payment_declined"} <= types or back & not_back else None


def _cause_settled_otherwise(log: Log, found: Found) -> Exact:
    """A manager settled a payment by hand, and its provider answered another amount later."""
    own = [record.data for record in log.recount.of("payment_approved") if record.data["payment_id"] == found.subject]
    by_hand = {one["amount"] for one in own if "approved_by" in one}
    answers = {one["amount"] for one in own if "approved_by" not in one}
    return (0, None) if by_hand and answers - by_hand else None


def _cause_charged_more(log: Log, found: Found) -> Exact:
    over = log.recount.over.get(found.subject)
    return (0, Fraction(over)) if over is not None else None


def _cause_back_twice(log: Log, found: Found) -> Exact:
    voided = [record for record in log.recount.of("payment_voided") if record.data["payment_id"] == found.subject]
    ways = {record.data.get("return_id", record.till) for record in voided}  # by hand: once at each till
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
    corrections = [
        record.data for record in log.recount.of("tender_corrected") if record.data["payment_id"] == found.subject
    ]
    return (0, Fraction(corrections[0]["amount"])) if len({one["tender"] for one in corrections}) > 1 else None


def _cause_refund_left(log: Log, found: Found) -> Exact:
    record = log.recount.started_refunds.get(found.subject)
    answers = log.recount.of_refunds("refund_approved", "refund_declined")
    answered = {one.session for one in answers if one.id not in log.aside}
    return (0, -Fraction(record.data["amount"])) if record is not None and found.subject not in answered else None


def _cause_payment_left(log: Log, found: Found) -> Exact:
    records = [record for record in log.recount.records if record.data.get("payment_id") == found.subject]
    answered = {record.type for record in records} & {"payment_approved", "payment_declined", "payment_voided"}
    began = next((record for record in records if record.type == "payment_started"), None)
    return (0, Fraction(began.data["amount"])) if began is not None and not answered else None


def _any(*causes: Callable[[Log, Found], Exact]) -> Callable[[Log, Found], Exact]:
    """Choose among several causes of a finding: one with the amount that was found, if there is one."""

    def cause(log: Log, found: Found) -> Exact:
        given = [exact for one in causes if (exact := one(log, found)) is not None]
        fitting = (exact for exact in given if exact[1] is None or exact[1] == Fraction(found.amount))
        return next(fitting, next(iter(given), None))

    return cause


_CAUSES: Final[dict[str, Callable[[Log, Found], Exact]]] = {
    "sold_twice": _cause_sold_twice,
    "money_without_order": _cause_without_order,
    "number_twice": _any(_cause_receipt, _cause_refund_twice),
    "outcome_contradicted": _any(
        *(_cause_contradicted, _cause_given_back, _cause_back_twice, _cause_refund_contradicted, _cause_tender_twice),
        _cause_settled_otherwise,
    ),
    "refunded_beyond": _cause_refund,
    "no_answer": _any(_cause_refund_left, _cause_payment_left),
    "charged_otherwise": _cause_charged_more,
}


_WHEN_SETTLED: Final[tuple[Callable[[World, Log], None], ...]] = (
    chains_verify,
    sales_are_in_the_books,
    money_is_never_hidden,
    every_penny_is_somewhere,
    charges_are_booked,
    unasked_amounts_are_reported,
    nothing_is_sold_twice,
    receipts_are_given_once,
    each_till_counts_its_receipts,
    conflicts_have_causes,
    statuses_agree,
    refusals_have_causes,
    what_came_without_the_hold_is_refused,
    tills_agree,
    every_line_is_somewhere,
    the_relation_is_of_the_log,
    the_relation_tells_where_lines_are,
    acts_rest_on_what_is_known,
    snapshots_are_true,
    allergies_are_with_the_lines,
    stations_know_the_words,
    stations_make_what_orders_hold,
    tickets_are_numbered,
    the_report_lists_what_nobody_paid,
)
