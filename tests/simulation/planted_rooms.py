"""Faults in each room, planted one at a time: each with its change."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import structs

from tests.simulation.planting import patched, reworded, stepped
from till.domain.errors import PaymentError, TillError
from till.domain.money.measures import Minor
from till.domain.order import events as happened
from till.domain.order import (
    evolve,
    evolve_lines,
    evolve_payments,
    paying,
    pricing,
    quantities,
    tickets,
    voiding,
)
from till.domain.order.line import Line
from till.domain.order.state import Order, Status
from till.domain.payment import events as paid
from till.domain.payment.movement import PaymentState
from till.domain.refund import giving
from till.domain.structs import replace
from till.journal.file import JournalFile
from till.register.kitchen import KitchenTickets
from till.register.ledger.ledger import Ledger
from till.register.payments.checkout import Checkout
from till.register.refunds import Refunds
from till.sync.composer import Composer
from till.sync.intake import Intake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.simulation.planting import Plant
    from till.register.ledger.ledger import Command
    from till.sync.messages import Arrived


class Fault(NamedTuple):
    """A fault: its room, what is wrong, and how it is planted."""

    room: str
    what: str
    plant: Plant


def _untold(keep: Callable[..., Iterator[None]]) -> Callable[..., Iterator[None]]:
    def kept(intake: Intake, arrived: Sequence[Arrived]) -> Iterator[None]:
        yield from keep(intake, arrived)
        intake.grown.clear()

    return kept


def _skipping(count: Callable[..., int]) -> Callable[..., int]:
    def skips(ledger: Ledger, of: str, command: Command) -> int:
        given = count(ledger, of, command)
        return 20 if of.endswith("#") and given == 2 else given

    return skips


def _declined(pay: Callable[..., Order]) -> Callable[..., Order]:
    def paid_or_declined(checkout: Checkout, order: str, tender: str, amount: Minor, **more: Any) -> Order:
        try:
            return pay(checkout, order, tender, amount, **more)
        except PaymentError:
            with suppress(TillError):
                checkout.attempt(order, tender, amount, "declined")
            raise

    return paid_or_declined


_TAKEN: Final = frozenset({PaymentState.APPROVED, PaymentState.VOIDED})
#: Of the events of an act those of its first order.
_FIRST: Final = "array(select x from unnest(p_events) as x where x.session_id = p_events[1].session_id)"

FAULTS: Final[Mapping[str, Fault]] = {
    # The fold.
    "refused_counts": Fault(
        "fold",
        "What the server refused counts.",
        patched(evolve, "_refused_in", lambda _refused: lambda _events: set()),
    ),
    "move_counts_at_one_end": Fault(
        "fold",
        "Lines that went to another order are still in the one that they left.",
        patched(evolve_lines, "_moved_away", lambda _moved: lambda order, _move, _lines: order),
    ),
    "undoing_forgotten": Fault(
        "fold",
        "What was taken off and undone stays off.",
        stepped(happened.ChangeUndone, lambda _step: lambda order, _event, _data: order),
    ),
    "paid_order_granted_open": Fault(
        "fold",
        "An order that was paid is open again for a till that it is granted to.",
        patched(
            evolve,
            "_held",
            lambda held: lambda order, event, till, user: replace(held(order, event, till, user), status=Status.ACTIVE),
        ),
    ),
    "swept_order_taken_away": Fault(
        "fold",
        "An order that the server put aside is on no till.",
        stepped(
            happened.SessionSwept, lambda step: lambda order, event, data: replace(step(order, event, data), till=None)
        ),
    ),
    "resuming_unheard": Fault(
        "fold",
        "What was put aside stays so when it is resumed.",
        stepped(happened.OrderResumed, lambda _step: lambda order, _event, _data: order),
    ),
    # SQL.
    "stale_base_stands": Fault(
        "SQL",
        "After a restore the base of a snapshot stands, though the versions were given again.",
        reworded(
            ("warm.with_valid_base", r"return jsonb_set\(p_snapshot, '\{base_version\}', '0'\)", "return p_snapshot"),
            ("warm.epoch_token", r"p_epoch \|\| ' ' \|\| p_written::text", "case when p_epoch > 0 then '1' end"),
        ),
    ),
    "old_hold_counts_there": Fault(
        "SQL",
        "The database takes a status from a till under an older hold.",
        reworded(("warm.admitted", r"then not \(holds and e\.hold_id = hold\)", "then false")),
    ),
    "current_hold_refused": Fault(
        "SQL",
        "What comes under the hold is judged as if its till had lost the order.",
        reworded(("warm.admitted", r"holds boolean := [^;]*;", "holds boolean := false;")),
    ),
    "late_void_changes_sale": Fault(
        "SQL",
        "What is taken off a line after it was sold counts.",
        reworded(("warm.counts_still", r"and not \(s\.status = 'completed' and [^;]*", "")),
    ),
    "act_of_stale_versions": Fault(
        "SQL",
        "An act is taken though something came on one of its orders that its till did not know.",
        reworded(("warm.fault_of_act", r"return 'changed'", "null")),
    ),
    "act_before_its_backlog": Fault(
        "SQL",
        "An act is taken before all that its till had written.",
        reworded(("warm.fault_of_act", r"return 'behind'", "null")),
    ),
    "act_of_another_holder": Fault(
        "SQL",
        "An act is taken of a till that does not hold one of its orders.",
        reworded(("warm.fault_of_act", r"return 'not_held'", "null")),
    ),
    "program_order_not_returned": Fault(
        "SQL",
        "A till does not return a program's order to a database that lost it.",
        reworded(("warm.is_returned", r"p_till = 0 and", "p_type = 'payment_approved' and")),
    ),
    "act_half_taken": Fault(
        "SQL",
        "Of an act on several orders only what is about the first is written.",
        reworded(("warm.write_act", r"take\(p_auth, p_events,", f"take(p_auth, {_FIRST},")),
    ),
    "snapshot_short_of_events": Fault(
        "SQL",
        "Events that came without their snapshot leave the older one shown.",
        reworded(("warm.save_session", r"s\.refold := true;  -- its snapshot", "--")),
    ),
    "grant_keeps_older_snapshot": Fault(
        "SQL",
        "A grant leaves the snapshot of the hold before unmarked.",
        reworded(("warm.apply_holding", r"s\.refold := s\.refold or s\.before_version > 0;", "")),
    ),
    "late_move_not_replayed": Fault(
        "SQL",
        "A status that comes late by its id is passed over.",
        reworded(("warm.apply_move", r"s := warm\.replay_moves\(s\)", "null")),
    ),
    "cart_row_stays": Fault(
        "SQL",
        "What was taken off an order stays in its hot cart.",
        reworded(("hot.write_session", r"set is_active = false, updated_at = now\(\)", "set updated_at = now()")),
    ),
    "reply_skips_one": Fault(
        "SQL",
        "A reply leaves out the first of the events that a till does not know.",
        reworded(("warm.answer", r"else version end", "else version + 1 end")),
    ),
    "swept_order_let_go_there": Fault(
        "SQL",
        "The server's putting aside takes an order from the till that has it open.",
        reworded(
            (
                "warm.apply_session_swept",
                r"s\.status := 'pending_logout';",
                "s.status := 'pending_logout'; s.till_id := null;",
            )
        ),
    ),
    # Money.
    "correction_counts_each": Fault(
        "money",
        "The drawer counts each of two corrections of one payment.",
        reworded(("cold.corrected_payments", r"LIMIT 1", "")),
    ),
    "charge_counted_by_each_till": Fault(
        "money",
        "A charge that two tills heard of is two transactions.",
        reworded(("cold.payment_transaction", r"DISTINCT ON \(([^)]*)\)", r"DISTINCT ON (\1, event_id)")),
    ),
    "back_but_still_there": Fault(
        "money",
        "A part that was given back still counts on its order.",
        stepped(paid.PaymentVoided, lambda _step: lambda order, _event, _data: order),
    ),
    "declined_stays_awaited": Fault(
        "money",
        "A payment that was declined is awaited for ever.",
        stepped(paid.PaymentDeclined, lambda _step: lambda order, _event, _data: order),
    ),
    "drawer_forgets_refunds": Fault(
        "money",
        "The drawer is not less by the cash that was refunded.",
        reworded(("cold.cash", r"r\.tender = 'CASH'::text", "false")),
    ),
    "drawer_keeps_change": Fault(
        "money",
        "The drawer is not less by the change that was given.",
        reworded(("cold.cash", r"WHERE \(p\.tender", "WHERE NOT p.is_change AND (p.tender")),
    ),
    "three_cost_less": Fault(
        "money",
        "Three pieces cost a unit less than three times one.",
        patched(Line, "amount_of", lambda of: lambda line, pieces: of(line, pieces) - (pieces == 3)),
    ),
    "given_back_short": Fault(
        "money",
        "A refund of an amount is a unit less.",
        patched(
            giving, "share_of_amount", lambda share: lambda sale, amount: share(sale, Minor(amount - (amount > 1)))
        ),
    ),
    "sold_at_another_price": Fault(
        "money",
        "A row of a sale is stored at another price, with the right amount.",
        reworded(("cold.place_order", r"l\.unit_price, l\.subtotal", "l.unit_price + 1, l.subtotal")),
    ),
    "refund_stored_short": Fault(
        "money",
        "A refund is stored at less than was given back.",
        reworded(("cold.write_refund", r"d\.amount, d\.net, d\.tax", "d.amount + 0.01, d.net + 0.01, d.tax")),
    ),
    "refund_not_written": Fault(
        "money",
        "A refund by hand is not written down.",
        patched(Refunds, "approve", lambda _approve: lambda refunds, refund: refunds.find(refund)),
    ),
    "discount_unnamed": Fault(
        "money",
        "A sale does not name what is off its rows.",
        patched(paying, "_off", lambda _off: lambda _row: ()),
    ),
    "order_discount_lost": Fault(
        "money",
        "The last discount on an order is not taken off it.",
        patched(
            pricing,
            "_priced_together",
            lambda price: lambda rows, voids, given, *more: price(rows, voids, given[:-1], *more),
        ),
    ),
    "taken_off_as_one": Fault(
        "money",
        "Pieces that were taken off are recorded at the price of one.",
        patched(
            quantities,
            "removal_record",
            lambda off: lambda line, pieces: structs.replace(off(line, pieces), amount=off(line, 1).amount),
        ),
    ),
    "overcharge_pays": Fault(
        "money",
        "What a terminal took beyond what was asked counts towards what is due.",
        patched(evolve_payments, "_bounded", lambda _bounded: lambda payment: payment),
    ),
    "returned_still_paid": Fault(
        "money",
        "A payment that was given back still counts as paid.",
        patched(
            Order,
            "paid",
            lambda _paid: property(
                lambda order: sum(one.settles for one in order.payments.values() if one.state in _TAKEN)
            ),
        ),
    ),
    # Decisions.
    "reason_not_asked": Fault(
        "decisions", "A void needs no reason.", patched(voiding, "check_reason", lambda _check: lambda reason: reason)
    ),
    "refused_is_declined": Fault(
        "decisions", "A payment that is refused is written down as declined.", patched(Checkout, "pay", _declined)
    ),
    "undo_in_part": Fault(
        "decisions",
        "Undoing a void brings one of its lines back.",
        patched(voiding, "restore_voids", lambda restore: lambda order, lines: restore(order, lines[1:] or lines)),
    ),
    "paid_is_refused": Fault(
        "decisions",
        "A payment of an even amount is refused.",
        patched(paying, "is_settled", lambda settled: lambda order: settled(order) and order.total % 2 == 1),
    ),
    # The kitchen.
    "kitchen_void_unwritten": Fault(
        "kitchen",
        "No ticket says what is not to be made any more.",
        patched(
            tickets,
            "_differences",
            lambda find: lambda *facts: (one for one in find(*facts) if one[0] != "void"),
        ),
    ),
    "kitchen_news_unheard": Fault(
        "kitchen",
        "What other tills and the server wrote brings no ticket.",
        patched(KitchenTickets, "catch_up", lambda _catch_up: lambda _tickets, _session: None),
    ),
    "kitchen_number_skipped": Fault(
        "kitchen",
        "Two tickets of one command skip a number.",
        patched(Ledger, "next_count", _skipping),
    ),
    # Sync.
    "batch_cut_in_command": Fault(
        "sync",
        "A batch ends inside a command.",
        patched(Composer, "_batch", lambda _batch: lambda composer, unsent, limit: composer._fitting(unsent, limit)),
    ),
    "grant_not_handed_back": Fault(
        "sync",
        "A grant that the database lost stays on the till.",
        patched(Composer, "hand_back", lambda _hand: lambda _composer, _grants: None),
    ),
    "head_never_back": Fault(
        "sync",
        "A till whose database was set back believes that all it sent is still there.",
        patched(
            JournalFile,
            "acknowledge",
            lambda keep: (
                lambda journal, head, marks=(): keep(journal, max(head, journal.acked, key=lambda one: one.seq), marks)
            ),
        ),
    ),
    "salvage_dropped": Fault(
        "sync",
        "A new journal sends nothing of what the copy before it had not.",
        patched(JournalFile, "re_emit", lambda _re_emit: lambda _journal: 0),
    ),
    "news_untold": Fault(
        "sync",
        "What other tills wrote is kept, and no screen hears of it.",
        patched(Intake, "keep", _untold),
    ),
    "page_end_dropped": Fault(
        "sync",
        "Of a page of events the last is not kept, and its version is.",
        patched(
            Intake,
            "keep",
            lambda keep: lambda intake, arrived: keep(intake, arrived[:-1] if len(arrived) > 3 else arrived),
        ),
    ),
}
