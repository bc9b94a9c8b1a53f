"""Invariants of money at rest: sales, refunds, vouchers, drawers, terminals.

They read the records, the rows of the database and the books of the play, and never ask a till.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tests.simulation.tally import CASH, minor
from tests.simulation.violation import hold
from till.domain.payment.movement import PaymentState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.log import Log
    from tests.simulation.world import World

_SCALE: Final = 100
#: Tenders for which the database itself answers.
KEPT_THERE: Final = frozenset({"VOUCHER", "ACCOUNT"})


def sales_are_what_was_keyed(world: World, log: Log) -> None:
    """A sale in cold storage has the lines, prices and amounts of the play, and the payments that were handed over."""
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for order, lines, *facts, price, amount, tax in log.server.rows(_ITEMS, log.server.store):
        rows[order].append((sorted(lines), *facts, *(int(one * _SCALE) for one in (price, amount, tax))))
    for order, total, off in log.server.rows(_SALES, log.server.store):
        bill = world.tally.sold.get(order)
        if bill is None:
            continue
        is_shared = sum(row.amount for row in bill.rows) != bill.total  # rows share a discount on the order
        keyed = [(sorted(row.lines), row.item, row.pieces, row.price, row.amount, row.tax) for row in bill.rows]
        wanted, found = (sorted(one[: 4 if is_shared else 6] for one in some) for some in (keyed, rows[order]))
        hold("a sale is what was keyed", holds=found == wanted, what=f"{order}: {found} there, keyed {wanted}")
        sums = int(total * _SCALE), int(off * _SCALE)
        whole = bill.total, sum(row.price * row.pieces for row in bill.rows) - bill.total
        hold("a sale is what was keyed", holds=sums == whole, what=f"{order}: {sums} there, {whole} by the books")
    alone = log.server.value(_ALONE, log.server.store)
    hold("a sale is what was keyed", holds=alone == 0, what=f"{alone} rows are of no sale")
    for payment, is_change, tender, amount, tip in log.server.rows(_PAYMENTS, log.server.store):
        handed = world.tally.handed.get(payment)
        if handed is None or payment in world.over:
            continue
        given = handed.settles + handed.tip + handed.change
        part = (CASH, -handed.change, 0) if is_change else (handed.tender, given, handed.tip)
        known = (tender, int(amount * _SCALE), int(tip * _SCALE))
        hold("a payment is what was handed over", holds=known == part, what=f"{payment}: {known} there, {part}")


_ITEMS: Final = """
    SELECT order_id::text, line_ids::text[], menu_item_id, quantity, unit_price, subtotal, tax
    FROM cold.order_item WHERE store_id = %s"""
#: The total of each sale, and what is named as off it.
_SALES: Final = """
    SELECT o.order_id::text, o.total_amount, (
        SELECT coalesce(sum((given->>'amount')::numeric), 0)
        FROM (SELECT o.off UNION ALL SELECT i.off FROM cold.order_item AS i WHERE i.order_id = o.order_id) AS x (off),
            jsonb_array_elements(x.off) AS given)
    FROM cold.orders AS o WHERE o.store_id = %s"""
#: Rows without their order: they have no foreign key.
_ALONE: Final = """
    SELECT count(*) FROM (
        SELECT order_id, store_id FROM cold.order_item UNION ALL SELECT order_id, store_id FROM cold.order_line
        UNION ALL SELECT order_id, store_id FROM cold.order_payment
        UNION ALL SELECT order_id, store_id FROM cold.order_status_history
    ) AS x WHERE x.store_id = %s AND NOT EXISTS (SELECT FROM cold.orders AS o WHERE o.order_id = x.order_id)"""
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
        kept = rows.get(refund)
        holds = kept == Decimal(record.data["amount"]) if kept is not None else record.id in log.aside
        hold("a refund is in the books", holds=holds, what=f"{record} is {kept} there")


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


def drawers_are_named(_world: World, log: Log) -> None:
    """Each event that moves cash names its drawer, and no other does."""
    moves = log.recount.of("payment_approved", "payment_voided", "tender_corrected")
    for record in (*moves, *log.recount.approved_refunds.values()):
        cash = [record.data.get(name) == CASH for name in ("tender", "was")]
        named = [record.data.get(name) is not None for name in ("drawer", "was_drawer")]
        hold("a drawer is named where cash moves", holds=named == cash, what=record)


def values_are_kept(_world: World, log: Log) -> None:
    """No voucher pays more than its value, no account more than its limit; a reserved amount is for an open order.

    An approval that a restore lost counts even if the value has been paid out again since: it is a conflict.
    """
    rows = log.server.rows(_VALUES, *[log.server.store] * 2)
    for tender, holder, most, moved in rows:
        hold("no voucher pays twice", holds=moved <= most, what=f"{moved} of {most} of {tender} {holder}")
    if not rows:
        return
    sold, spent = dict(log.server.rows(_SOLD_FOR, log.server.store)), dict(log.server.rows(_SPENT, log.server.store))
    hold("a voucher is spent on a sale", holds=spent == sold, what=f"{spent} spent, {sold} on sales")
    payments = {payment.id: payment for order in log.orders.values() for payment in order.payments.values()}
    for movement, session in log.server.rows(_RESERVED, log.server.store):
        if not log.rows[session].quarantined:
            order, payment = log.orders[session], payments.get(movement)
            waits = payment is not None and payment.state is PaymentState.APPROVED and not order.is_over
            hold("no balance is eaten", holds=waits, what=f"{movement} for {session}: {payment}")


_VALUES: Final = """
    SELECT v.tender, v.holder::text, v.most, till.value_moved(v.holder) - coalesce((
        SELECT sum(m.amount) FROM till.value_movements AS m JOIN warm.quarantine AS q ON q.event_id = m.event_id
        WHERE m.holder_id = v.holder AND m.state IN ('reserved', 'spent') AND q.sqlstate = 'TL016'), 0)
    FROM (
        SELECT 'VOUCHER', voucher_id, amount FROM till.vouchers WHERE store_id = %s
        UNION ALL SELECT 'ACCOUNT', customer_id, credit_limit FROM till.accounts WHERE store_id = %s
    ) AS v (tender, holder, most)"""
_SOLD_FOR: Final = """
    SELECT payment_id::text, sum(amount) FROM cold.order_payment
    WHERE store_id = %s AND tender IN ('VOUCHER', 'ACCOUNT') GROUP BY 1"""
_SPENT: Final = "SELECT movement_id::text, amount FROM till.value_movements WHERE store_id = %s AND state = 'spent'"
_RESERVED: Final = (
    "SELECT movement_id::text, session_id FROM till.value_movements WHERE store_id = %s AND state = 'reserved'"
)


def terminals_agree(world: World, log: Log) -> None:
    """Returns at terminals agree with refunds and returned payments."""
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
    sales_are_what_was_keyed,
    pieces_cost_their_price,
    refunds_are_in_the_books,
    refunds_are_shares,
    money_goes_back_to_what_paid,
    drawers_are_named,
    values_are_kept,
    terminals_agree,
    a_drawer_counts_once,
    money_moves_once,
)
