"""Invariants of money at rest: levels of a sale, refunds, vouchers, drawers, terminals, corrections.

They read only the records and the rows of the database, and never ask a till.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tests.simulation.recount import settled
from tests.simulation.tally import CASH, minor
from tests.simulation.violation import hold
from till.domain.payment.movement import PaymentState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.simulation.log import Log
    from tests.simulation.recount import Record
    from tests.simulation.world import World

_TERMINAL: Final = "TERMINAL"
_SCALE: Final = 100
#: Tenders for which the database itself answers.
KEPT_THERE: Final = frozenset({"VOUCHER", "ACCOUNT"})


def levels_add_up(_world: World, log: Log) -> None:
    """Net + tax = gross, of each line and of the order; payments less tips = total + rounding; discounts are named."""
    for record in log.recount.of("order_placed"):
        data, lines = record.data, record.data["lines"]
        for line in lines:
            hold("levels add up", holds=_sum(line, "net", "tax") == Decimal(line["subtotal"]), what=line)
            listed = Decimal(line["unit_price"]) * line["quantity"] - Decimal(line.get("discount", 0))
            hold("levels add up", holds=listed == Decimal(line["subtotal"]), what=line)
        for name, part in (("net", "net"), ("tax", "tax"), ("total", "subtotal")):
            summed = _of_all(lines, part)
            hold("levels add up", holds=Decimal(data[name]) == summed, what=f"{name} of {data}, {summed}")
        hold("levels add up", holds=_of_all(data.get("taxes", ()), "tax") == Decimal(data["tax"]), what=data)
        named = _of_all((off for line in [*lines, data] for off in line.get("off", ())), "amount")
        hold("what is off is named", holds=_of_all(lines, "discount") == named, what=f"{named} of {data}")
        paid = sum((settled(payment) for payment in data["payments"]), Decimal(0))
        owed = Decimal(data["total"]) + Decimal(data.get("rounding", 0))
        hold("payments less tips = total + rounding", holds=paid == owed, what=f"{paid}, {owed} of {data}")
    for record in log.recount.of_refunds("refund_started"):
        data = record.data
        whole = _sum(data, "net", "tax", "rounding")
        hold("levels add up", holds=whole == Decimal(data["amount"]) < 0, what=data)
        hold("levels add up", holds=_of_all(data.get("taxes", ()), "tax") == Decimal(data["tax"]), what=data)


def _sum(data: dict[str, Any], *names: str) -> Decimal:
    return sum((Decimal(data[name]) for name in names), Decimal(0))


def _of_all(rows: Iterable[dict[str, Any]], name: str) -> Decimal:
    return sum((Decimal(row.get(name, 0)) for row in rows), Decimal(0))


def sales_are_what_was_keyed(world: World, log: Log) -> None:
    """A sale in cold storage has the lines, prices and amounts of the play, and the payments that were handed over."""
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for order, lines, *facts in log.server.rows(_ITEMS, log.server.store):
        rows[order].append((frozenset(lines), *facts))
    for order, bill in world.tally.sold.items():
        if order not in rows and order not in {sold.order_id for sold in log.cold.values()}:
            continue  # `totals_agree` says why it is nowhere
        plain = sum(row.amount for row in bill.rows) == bill.total
        wanted = sorted((sorted(row.lines), *row[1:4], row.amount if plain else 0) for row in bill.rows)
        found = sorted(
            (sorted(lines), item, int(price * _SCALE), pieces, int(amount * _SCALE) if plain else 0)
            for lines, item, price, pieces, amount in rows[order]
        )
        hold("a sale is what was keyed", holds=found == wanted, what=f"{order}: {found} there, keyed {wanted}")
    for payment, is_change, tender, amount, tip in log.server.rows(_PAYMENTS, log.server.store):
        handed = world.tally.handed.get(payment)
        if handed is None or payment in world.over:
            continue
        given = handed.settles + handed.tip + handed.change
        part = (CASH, -handed.change, 0) if is_change else (handed.tender, given, handed.tip)
        known = (tender, int(amount * _SCALE), int(tip * _SCALE))
        hold("a payment is what was handed over", holds=known == part, what=f"{payment}: {known} there, {part}")


_ITEMS: Final = """
    SELECT order_id::text, line_ids::text[], menu_item_id, unit_price, quantity, subtotal
    FROM cold.order_item WHERE store_id = %s"""
_PAYMENTS: Final = """
    SELECT payment_id::text, is_change, tender, amount, tip FROM cold.order_payment WHERE store_id = %s"""


def pieces_cost_their_price(world: World, log: Log) -> None:
    """The log has each line at the price of the play, and what is taken off it at that price by its pieces."""
    lines = world.tally.lines
    for record in log.recount.of("item_added", "quantity_changed", "line_voided"):
        entry, data = lines.get(record.data["line_id"]), record.data
        if entry is None:
            continue
        if record.type == "item_added":
            known = (data["item_id"], minor(data["price"]))
            hold("a line costs the menu's price", holds=known == entry, what=f"{record}, keyed as {entry}")
        elif removed := data.get("removed"):
            pieces = data.get("taken_off", removed["pieces"])
            holds = (removed["pieces"], minor(removed["amount"])) == (pieces, entry.price * pieces)
            hold("a line costs the menu's price", holds=holds, what=f"{record}, keyed as {entry}")


def refunds_are_in_the_books(world: World, log: Log) -> None:
    """Each refund handed over is once in the log and in cold storage, with its amount, or waits for the manager."""
    approved = log.recount.approved_refunds
    rows = {str(row[0]): row[1] for row in log.server.rows(_REFUNDS, log.server.store)}
    for refund, amount in world.refunds.items():
        if refund not in world.forgiven:
            answer = approved.get(refund)
            booked = Decimal(answer.data["amount"]) * _SCALE if answer else None
            hold("what was handed over is in the log", holds=booked == amount, what=f"{refund}: {amount}, {booked}")
    for refund, record in approved.items():
        kept = rows.pop(refund, None)
        holds = kept == Decimal(record.data["amount"]) if kept is not None else record.id in log.aside
        hold("a refund is in the books", holds=holds, what=f"{record} is {kept} there")
    hold("a refund is in the books", holds=not rows, what=f"{rows} are of no record")


_REFUNDS: Final = "SELECT refund_id::text, amount FROM cold.refunds WHERE store_id = %s"


def refunds_are_shares(_world: World, log: Log) -> None:
    """Refunds never exceed their sale, payment or row, except those that wait for the manager.

    The cash payments of a sale count as one (ADR 0031).
    """
    flagged = log.subjects("refunded_beyond")
    back: dict[tuple[str, object], Decimal] = defaultdict(Decimal)
    for refund, record in log.recount.approved_refunds.items():
        started = log.recount.started_refunds.get(refund)
        if started is None or refund in flagged or record.id in log.aside:
            continue
        data = started.data
        back[data["order_id"], None] -= Decimal(data["amount"])
        back[data["order_id"], data["payment_id"]] -= Decimal(data["amount"])
        for line in data.get("lines", ()):
            back[data["order_id"], line["row"]] -= line["quantity"]
    sold = _sold(log) if back else {}
    for part, amount in back.items():
        what = f"{amount} of {part}, sold {sold.get(part)}"
        hold("refunds never exceed what was paid", holds=amount <= sold.get(part, 0), what=what)


def _sold(log: Log) -> dict[tuple[str, object], Decimal]:
    rows = log.server.rows(_SOLD, *[log.server.store] * 3)
    return {(str(order), part if part is None or len(part) > 9 else int(part)): amount for order, part, amount in rows}


_SOLD: Final = """
    WITH paid AS (SELECT order_id, payment_id, tender FROM cold.corrected_payments WHERE NOT is_change)
    SELECT order_id::text, NULL, total_amount + rounding FROM cold.orders WHERE store_id = %s
    UNION ALL SELECT paid.order_id::text, paid.payment_id::text, sum(p.amount - p.tip)
        FROM paid JOIN paid AS other USING (order_id) JOIN cold.order_payment AS p
            ON p.order_id = other.order_id AND p.payment_id = other.payment_id
        WHERE p.store_id = %s AND (other.payment_id = paid.payment_id OR paid.tender = 'CASH' AND other.tender = 'CASH')
        GROUP BY 1, 2
    UNION ALL SELECT order_id::text, position::text, quantity FROM cold.order_item WHERE store_id = %s"""


def money_goes_back_to_what_paid(_world: World, log: Log) -> None:
    """A refund is in cash, or in the tender of the payment that it names, as first recorded or as corrected."""
    tenders: dict[str, set[str]] = defaultdict(set)
    for record in log.recount.of("order_placed"):
        for payment in record.data["payments"]:
            tenders[payment["payment_id"]].add(payment["tender"])
    for record in log.recount.of("tender_corrected"):
        tenders[record.data["payment_id"]].add(record.data["tender"])
    for refund, record in log.recount.approved_refunds.items():
        started = log.recount.started_refunds.get(refund, record)
        known = tenders.get(started.data.get("payment_id", ""), set())
        holds = record.id in log.aside or record.data["tender"] in known | {CASH}
        hold("money goes back to what paid", holds=holds, what=f"{started}, paid by {known}")


def drawers_are_sums(world: World, log: Log) -> None:
    """Each event that moves cash names its drawer and a signed amount; their sum is the cash put in and taken out."""
    moved: Counter[str] = Counter()
    for record in log.recount.of("payment_approved"):
        if not (record.till and record.data["payment_id"] in moved):
            moved[record.data["payment_id"]] = _cash(record)
    for record in log.recount.approved_refunds.values():
        moved[record.session] = _cash(record)
    for record in log.recount.of("payment_voided", "tender_corrected"):
        _cash(record)
    for subject, amount in world.drawers.items():
        what = f"{subject}: {amount} by hand, {moved[subject]} in the log"
        hold(
            "a drawer is the sum of its events", holds=subject in world.forgiven or moved[subject] == amount, what=what
        )


def _cash(record: Record) -> int:
    """Return the cash that an event moved in a drawer, in minor units; check that it names a drawer only for cash."""
    data = record.data
    comes, goes = (data.get(name) == CASH for name in ("tender", "was"))
    named = data.get("drawer") is not None, data.get("was_drawer") is not None
    hold("a drawer is named where cash moves", holds=named == (comes, goes), what=record)
    return int(Decimal(data["amount"]) * _SCALE) * (int(comes) - int(goes))


def values_are_kept(_world: World, log: Log) -> None:
    """No voucher pays more than its value, no account more than its limit; a reserved amount is for an open order.

    An approval that a restore lost counts even if the value has been paid out again since: it is a conflict.
    """
    rows = log.server.rows(_VALUES, *[log.server.store] * 2)
    for tender, holder, most, moved in rows:
        hold("no voucher pays twice", holds=moved <= most, what=f"{moved} of {most} of {tender} {holder}")
    if not rows:
        return
    sold = {row[0]: row[1] for row in log.server.rows(_SPENT, log.server.store)}
    payments = {payment.id: payment for order in log.orders.values() for payment in order.payments.values()}
    for movement, session, amount, state in log.server.rows(_MOVEMENTS, log.server.store):
        what = f"{movement}: {amount} {state} for {session}, {sold.get(movement)} on a sale, {payments.get(movement)}"
        if state == "spent":
            hold("a voucher is spent on a sale", holds=sold.pop(movement, None) == amount, what=what)
        elif state == "refunded":
            back = log.recount.approved_refunds.get(movement)
            hold("what comes back was refunded", holds=back is not None, what=what)
        elif state == "reserved" and not log.rows[session].quarantined:
            order, payment = log.orders[session], payments.get(movement)
            waits = payment is not None and payment.state is PaymentState.APPROVED and not order.is_over
            hold("no balance is eaten", holds=waits, what=what)
    hold("no voucher pays twice", holds=not sold, what=f"{sold} was never taken of a voucher")


_VALUES: Final = """
    SELECT v.tender, v.holder::text, v.most, till.value_moved(v.holder) - coalesce((
        SELECT sum(m.amount) FROM till.value_movements AS m JOIN warm.quarantine AS q ON q.event_id = m.event_id
        WHERE m.holder_id = v.holder AND m.state IN ('reserved', 'spent') AND q.sqlstate = 'TL016'), 0)
    FROM (
        SELECT 'VOUCHER', voucher_id, amount FROM till.vouchers WHERE store_id = %s
        UNION ALL SELECT 'ACCOUNT', customer_id, credit_limit FROM till.accounts WHERE store_id = %s
    ) AS v (tender, holder, most)"""
_SPENT: Final = """
    SELECT payment_id::text, sum(amount) FROM cold.order_payment
    WHERE store_id = %s AND tender IN ('VOUCHER', 'ACCOUNT') GROUP BY 1"""
_MOVEMENTS: Final = """
    SELECT movement_id::text, session_id, amount, state FROM till.value_movements
    WHERE store_id = %s AND state IN ('reserved', 'spent', 'refunded')"""


def terminals_agree(world: World, log: Log) -> None:
    """Returns at terminals agree with refunds and returned payments; approved payments agree with their charges."""
    approved = log.recount.approved_refunds
    for key, amount in world.returned.items():
        if key not in world.forgiven and key in log.recount.started_refunds:
            booked = key in approved
            what = f"{key}: {amount} at the terminal, {'refunded' if booked else 'not refunded'} in the books"
            hold("what a terminal gave back is refunded", holds=booked == (amount is not None), what=what)
    asked = {record.data["return_id"]: record for record in log.recount.of("payment_return_started")}
    voided = {record.data["return_id"] for record in log.recount.of("payment_voided") if record.data.get("return_id")}
    for key, record in asked.items():
        if key not in world.forgiven:
            is_off, amount = key in voided, world.returned.get(key)
            what = f"{record}: {amount} at the terminal, {'off' if is_off else 'on'} the order"
            hold("what a terminal gave back is off its order", holds=is_off == (amount is not None), what=what)
    ways = {(r.session, r.data["payment_id"], r.data.get("return_id")) for r in log.recount.of("payment_voided")}
    times = Counter((session, payment) for session, payment, _way in ways)
    for (session, payment), count in times.items():
        is_reported = count == 1 or not log.orders[session].is_over or payment in log.subjects("outcome_contradicted")
        hold("money that went back twice is reported", holds=is_reported, what=f"{payment} of {session}")
    unknown = world.returned.keys() - asked.keys() - log.recount.started_refunds.keys() - world.forgiven
    hold("what a terminal gave back is in the log", holds=not unknown, what=unknown)
    for order in log.orders.values():
        for payment in order.payments.values():
            if payment.tender == _TERMINAL and payment.state is PaymentState.APPROVED:
                known = payment.id in world.charged
                hold("a charge is in the books", holds=known, what=f"{payment}, and nothing at the terminal")


def corrections_stand(_world: World, log: Log) -> None:
    """Each corrected tender is beside its sale with the amount of the payment, or waits for the manager."""
    rows = {str(row[0]): row[1:] for row in log.server.rows(_CORRECTIONS, log.server.store)}
    for record in log.recount.of("tender_corrected"):
        kept = rows.pop(record.id, None)
        correction = (record.data["was"], record.data["tender"], Decimal(record.data["amount"]))
        hold("corrections stand", holds=kept == correction or record.id in log.aside, what=f"{record} is {kept} there")
    hold("corrections stand", holds=not rows, what=f"{rows} are of no record")


_CORRECTIONS: Final = "SELECT correction_id::text, was, tender, amount FROM cold.tender_correction WHERE store_id = %s"


def a_drawer_counts_once(_world: World, log: Log) -> None:
    """The report of a drawer is the sum of its cash: each payment once, by its newest correction, refunds and tips."""
    corrected = (record for record in log.recount.of("tender_corrected") if record.id not in log.aside)
    newest = {record.data["payment_id"]: record.data["tender"] for record in corrected}
    cash: Counter[int] = Counter()
    for payment, tender, drawer, amount in log.server.rows(_PAID, log.server.store):
        if newest.get(payment, tender) == CASH:
            cash[drawer] += int(amount * _SCALE)
    for drawer, amount in log.server.rows(_MOVED_LATER, log.server.store, log.server.store):
        cash[drawer] += int(amount * _SCALE)
    rows = log.server.rows(_DRAWERS, log.server.store)
    figures = {drawer: int(amount * _SCALE) for drawer, amount in rows if amount}
    hold(
        "a drawer counts once",
        holds=figures == {k: v for k, v in cash.items() if v},
        what=f"{figures} in the report, {cash} in the log",
    )


_PAID: Final = """
    SELECT p.payment_id::text, p.tender, coalesce(p.till_id, o.till_id), p.amount
    FROM cold.order_payment AS p JOIN cold.orders AS o USING (order_id) WHERE p.store_id = %s"""
_MOVED_LATER: Final = """
    SELECT drawer, amount FROM cold.refunds WHERE store_id = %s AND tender = 'CASH'
    UNION ALL SELECT till_id, amount FROM cold.tip_correction WHERE store_id = %s AND tender = 'CASH'"""
#: The cash that guests paid for house accounts and vouchers is no payment: `tests.weeks` has it.
_DRAWERS: Final = """
    SELECT drawer, sum(amount) FROM cold.cash_by_drawer
    WHERE store_id = %s AND moved_by NOT IN ('account', 'voucher') GROUP BY 1"""


def money_moves_once(_world: World, log: Log) -> None:
    """A charge is one transaction, however many tills know of it; so is a return."""
    rows = log.server.rows(
        "SELECT external_order_id, kind FROM cold.payment_transaction WHERE store_id = %s", log.server.store
    )
    taken = {(record.data["payment_id"], "charge") for record in log.recount.of("payment_approved")}
    given = {(record.data["payment_id"], "give_back") for record in log.recount.of("payment_voided")}
    moved = sorted(taken | given | {(refund, "refund") for refund in log.recount.approved_refunds})
    hold("money moves once", holds=sorted(rows) == moved, what=f"{sorted(rows)} in the tables, {moved} in the log")


RULES: Final[tuple[Callable[[World, Log], None], ...]] = (
    levels_add_up,
    sales_are_what_was_keyed,
    pieces_cost_their_price,
    refunds_are_in_the_books,
    refunds_are_shares,
    money_goes_back_to_what_paid,
    drawers_are_sums,
    values_are_kept,
    terminals_agree,
    corrections_stand,
    a_drawer_counts_once,
    money_moves_once,
)
