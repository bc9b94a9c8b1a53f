"""The drawer and the shift of a till: the label, the balance, movements, counts, X and Z."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.approving import approved
from tests.register.conftest import VENUE
from tests.register.payments.scripted import UNKNOWN, Terminal, played
from tests.register.payments.test_charges import saved
from till.domain.errors import AskedBackError, JournalError, RightsError, TillError
from till.domain.ids import proven_id
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.payment.events import PaymentApproved, PaymentVoided, TenderCorrected
from till.domain.refund import giving
from till.domain.shift.deciding import ShiftError
from till.domain.shift.events import (
    DrawerCorrected,
    DrawerCounted,
    Ends,
    NumberedSum,
    ShiftClosed,
    ShiftOpened,
    ShiftSums,
)
from till.domain.staff.rights import Approval, Permission, PermissionRequest
from till.domain.till.events import ApprovalGiven
from till.ports import TenderTraits
from till.ports.printer import PrinterProfile, Printers
from till.register.conversation import Conversation
from till.register.drawer import BALANCE
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.register.conftest import Till
    from till.domain.events.envelope import Event
    from till.domain.order.state import Order
    from till.ports import Head

CASH, CARD = "CASH", "CARD"
INR = Currency("INR")


def _allow(till: Till, asked: PermissionRequest) -> Approval:
    return till.register.approvals.give(till.register.access.find(9), asked)


def _balanced(sums: ShiftSums) -> bool:
    """Return True if the identity of a Z holds: tenders = sales + rounding + tips − refunds + taken ahead − used."""
    sales, tenders = float(sums.sales.gross), sum(float(one.amount) for one in sums.tenders)
    rest = float(sums.rounding) + float(sums.tips) - float(sums.refunds.amount)
    return round(tenders - sales - rest - float(sums.taken_ahead) + float(sums.used), 4) == 0


def _text(amount: int) -> str:
    return INR.text(Minor(amount))


def _cash(till: Till) -> int:
    return till.register.drawer.balance()[CASH]


def test_a_sale_opens_a_shift_in_front_of_its_money_and_all_that_follows_has_its_label(till: Till) -> None:
    order = till.order(1)
    assert {event.shift for event in till.journal.own} == {None}
    till.register.checkout.pay(order.id, CASH, Minor(10_000))
    (opened,) = till.wrote(ShiftOpened)
    assert (opened.currency, opened.kept) == ("INR", (CASH,))
    at = till.types().index("shift_opened")
    assert till.types()[at:] == ["shift_opened", "payment_approved", "order_placed"]
    shift = till.journal.own[at].stream_id
    assert opened.secret is not None
    assert shift == proven_id(opened.secret)
    assert not any(opened.secret in repr(event) for event in till.journal.own[at + 1 :]), "no other record names it"
    assert {event.shift for event in till.journal.own[at:]} == {shift}
    till.order(2)
    assert till.journal.own[-1].shift == shift
    assert _cash(till) == 4_000


def test_a_day_from_float_to_z(till: Till) -> None:
    drawer, pay = till.register.drawer, till.register.checkout.pay
    assert drawer.asks_count()
    (begun,) = drawer.count({CASH: Minor(10_000)}, is_float=True)
    assert (begun.expected, begun.difference, _cash(till)) == (10_000, 0, 10_000)
    pay(till.order(1).id, CASH, Minor(5_000))  # 40.00, change 10.00
    pay(till.order(2).id, CARD, Minor(9_000), tip=Minor(1_000))
    sold = pay(till.order(8).id, CASH, Minor(3_000))
    assert sold.placed is not None
    sale = till.register.refunds.sale(sold.id, sold.placed.data.receipt)
    share = giving.pieces_back(sale, {1: 1})
    approval = _allow(till, PermissionRequest(Permission.REFUND, share.part.amount))
    way = giving.ways_of(sale, away=True)[0]
    till.register.refunds.start(sold.id, share, way, sale, approval, "cold", away=True)
    assert _cash(till) == 14_000
    with pytest.raises(ShiftError, match="what it was for"):
        drawer.move("paid_out", Minor(2_000), "")
    assert drawer.move("paid_out", Minor(2_000), "milk") == -2_000
    wrong = drawer.move("safe_drop", Minor(50_000))
    assert (wrong, _cash(till)) == (-50_000, -38_000)
    shift = drawer.shift()
    assert shift is not None
    drawer.undo(shift.movements[-1].id)
    with pytest.raises(ShiftError, match="undone already"):
        drawer.undo(shift.movements[-1].id)
    drawer.no_sale()
    drawer.no_sale(why="change")  # it counts as no opening without a sale
    sums = drawer.sums()
    assert _balanced(sums)
    assert (sums.sales.number, sums.sales.gross, sums.tips, sums.no_sales) == (3, "150.00", "10.00", 1)
    assert {one.tender: one.amount for one in sums.tenders} == {CARD: "90.00", CASH: "40.00"}
    assert (sums.refunds.number, sums.refunds.amount) == (1, "30.00")
    closed = drawer.close().closed
    assert closed is not None
    assert till.journal.own[-1].shift == shift.id
    assert (closed.number, closed.sums, closed.totals.net) == ("1XBEEF-Z000001", sums, "120.00")
    with pytest.raises(ShiftError, match="No shift is open"):
        drawer.close()


@pytest.mark.parametrize(
    ("before", "is_beside"),
    [
        pytest.param("sale", True, id="after a sale of the next shift"),
        pytest.param("movement", True, id="after a movement of the next shift"),
        pytest.param("restart", True, id="after a kill"),
        pytest.param("count", False, id="a second count"),
        pytest.param("close", True, id="a second close"),
        pytest.param("day", False, id="the next business day"),
    ],
)
def test_the_first_count_after_a_close_stands_beside_its_z_until_the_day_ends(
    till: Till, before: str, is_beside: bool
) -> None:
    """The evening's cash is 1.00 short; the next shift took 40.00 before the count."""
    drawer, pay = till.register.drawer, till.register.checkout.pay
    drawer.count({CASH: Minor(10_000)}, is_float=True)
    pay(till.order(1).id, CASH, Minor(4_000))
    evening = drawer.close()
    if before == "count":
        drawer.count({CASH: Minor(14_000)})
        till.register.ledger.user = 2
    pay(till.order(1).id, CASH, Minor(4_000))
    if before == "movement":
        drawer.move(
            "paid_in",
            Minor(1_000),
            "a debt",
            approval=_allow(till, PermissionRequest(Permission.MOVE_CASH, Minor(1_000))),
        )
        drawer.undo(drawer.find().movements[-1].id)
    elif before == "restart":
        till.start()
        drawer = till.register.drawer
    elif before == "close":
        evening = drawer.close()
        pay(till.order(1).id, CASH, Minor(4_000))
    elif before == "day":
        till.clock.move(days=1)
    expected = _cash(till)
    (result,) = drawer.count({CASH: Minor(expected - 100)}, {CASH: Minor(5_000)})
    assert (result.expected, result.difference, _cash(till)) == (expected, -100, expected - 5_100)
    event = till.journal.own[-1]
    assert (event.stream_id == evening.id, event.shift) == (is_beside, drawer.find().id)
    moved = {one.kind: one.amount for one in drawer.sums().drawer[0].moved}
    assert ("difference" in moved, "taken" in moved) == (not is_beside, not is_beside)
    till.start()
    (sums,) = till.register.drawer.sums().drawer
    left = drawer.balance()[CASH] - 4_000 if is_beside else {"count": 14_000}.get(before, 14_000)
    assert (sums.opening, sums.closing) == (_text(left), _text(expected - 5_100))


def test_a_second_count_after_the_one_beside_a_z_needs_a_manager_for_the_same_person(till: Till) -> None:
    drawer, pay = till.register.drawer, till.register.checkout.pay
    pay(till.order(1).id, CASH, Minor(4_000))
    drawer.close()
    pay(till.order(1).id, CASH, Minor(4_000))
    drawer.count({CASH: Minor(8_000)})
    with pytest.raises(RightsError):
        drawer.count({CASH: Minor(9_000)})
    till.register.ledger.user = 2
    drawer.count({CASH: Minor(8_000)})
    assert till.journal.own[-1].stream_id == till.register.ledger.shift


def _correct(till: Till, order: Order, tender: str) -> None:
    (payment,) = order.payments
    approved(till.register, partial(till.register.corrections.correct_tender, order.id, payment, tender))


def _listed(order: Order, correction: str, tender: str, was: str = CASH) -> dict[str, Any]:
    """Return a correction by till 2, as the database lists it."""
    assert order.placed is not None
    (payment,) = order.payments
    return {
        "id": correction, "payment": payment, "session": order.id, "till": 2, "amount": "40.00",
        "receipt": order.placed.data.receipt, "was": was, "tender": tender, "currency": "INR",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("between", "balance", "explains"), [("", 0, False), ("count", 4_000, True), ("close", 4_000, True)]
)
def test_a_corrected_tender_moves_the_balance_unless_it_was_counted_since(
    till: Till, between: str, balance: int, explains: bool
) -> None:
    sold = till.register.checkout.pay(till.order(1).id, CASH, Minor(5_000))
    shift = till.register.drawer.status().last
    assert shift is not None
    if between == "count":
        till.register.drawer.count({CASH: Minor(4_000)})
    elif between == "close":
        till.register.drawer.close()
        till.clock.move(days=3)
    _correct(till, sold, CARD)
    assert _cash(till) == balance
    event = next(one for one in reversed(till.journal.own) if isinstance(one.data, DrawerCorrected))
    assert (event.type, event.stream_id, event.shift is None) == ("drawer_corrected", shift.id, between == "close")
    of_payment = next(one for one in reversed(till.journal.own) if isinstance(one.data, TenderCorrected))
    assert till.wrote(ApprovalGiven)[-1].events == (of_payment.id,), "the drawer follows, and is not approved by itself"
    (corrected,) = till.wrote(DrawerCorrected)
    assert (corrected.was, corrected.tender, corrected.amount, corrected.receipt) == (
        CASH, CARD, "40.00", "1XBEEF-000001",
    )  # fmt: skip
    if between != "close":
        sums = till.register.drawer.sums()
        assert [(one.tender, one.amount) for one in sums.tenders] == [(CASH, "40.00")], "tender lines stay as taken"
        moved = {one.kind: one.amount for one in sums.drawer[0].moved}
        assert moved.get("corrected") == (None if explains else "-40.00")
        assert _balanced(sums)


def test_corrections_by_another_till_are_recorded_once_and_the_last_one_counts(till: Till) -> None:
    sold = till.register.checkout.pay(till.order(1).id, CASH, Minor(5_000))
    first, second = till.register.ledger.new_id(), till.register.ledger.new_id()

    def hear(*rows: dict[str, Any]) -> list[tuple[str, str]]:
        till.journal.cache("drawer", 1, {"corrected": list(rows)})
        till.register.reference_changed(["drawer"])
        return [(one.was, one.tender) for one in till.wrote(DrawerCorrected)]

    assert hear(_listed(sold, first, CARD)) == [(CASH, CARD)]
    till.start()
    assert hear(_listed(sold, first, CARD)) == [(CASH, CARD)]
    assert _cash(till) == 0
    _correct(till, sold, "UPI")
    assert hear(_listed(sold, second, CASH)) == [(CASH, CARD), (CARD, "UPI")], "one here is later"
    assert hear(_listed(sold, till.register.ledger.new_id(), CASH)) == [(CASH, CARD), (CARD, "UPI"), ("UPI", CASH)]
    assert _cash(till) == 4_000


def test_a_correction_by_another_till_waits_for_a_disk_that_takes_it(till: Till) -> None:
    sold = till.register.checkout.pay(till.order(1).id, CASH, Minor(5_000))
    till.journal.cache("drawer", 1, {"corrected": [_listed(sold, till.register.ledger.new_id(), CARD)]})
    till.journal.full = True
    till.register.reference_changed(["drawer"])
    assert (till.wrote(DrawerCorrected), len(till.screen.corrected)) == ([], 1)
    till.journal.full = False
    till.register.drawer.hear_corrections()
    assert (len(till.wrote(DrawerCorrected)), _cash(till)) == (1, 0)


def test_books_are_read_in_small_parts_and_the_close_reads_only_the_rest(till: Till) -> None:
    for _ in range(4):
        till.register.checkout.pay(till.order(1, 2).id, CASH, Minor(12_000))
    x = till.register.drawer.sums()
    till.start()
    drawer = till.register.drawer
    assert drawer.catch_up(3)
    parts = 1
    while drawer.catch_up(3):
        parts += 1
    shift = drawer.shift()
    assert shift is not None
    assert parts == (till.journal.head.seq - shift.seq + 1) // 3
    seen: list[int] = []
    read = till.journal.unsent

    def watched(limit: int, *, after: Head) -> list[Event]:
        seen.append(after.seq)
        found: list[Event] = read(limit, after=after)
        return found

    till.journal.unsent = watched
    read_to = till.journal.head.seq
    till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    closed = drawer.close().closed
    assert closed is not None
    assert (x.sales.number, closed.sums.sales.number, closed.sums.sales.gross) == (4, 5, "520.00")
    assert seen == [read_to]


def test_words_about_the_drawer_need_the_name_of_the_till_and_a_cash_sale_does_not(till: Till) -> None:
    unnamed = Conversation(till.register, 1, names_till=False)
    for words in ("float 100", "count 100", "paid out 20 milk", "drop 500", "no sale", "x", "close"):
        own = f"Whose drawer? Its till: --till 1, or {till.register.till} for this cash."
        with pytest.raises(TillError, match=re.escape(own)):
            unnamed.say(words)
    unnamed.say("1 idly")
    unnamed.say("cash")
    assert (_cash(till), till.wrote(DrawerCounted)) == (4_000, [])
    assert Conversation(till.register, 1).say("no sale") == "Open the drawer with its key. It is in the record."


def test_the_drawer_is_only_said_to_open_where_a_printer_opens_it(till: Till) -> None:
    saying, printing = Conversation(till.register, 1), till.register.printing
    kicked: list[int] = []
    runner = SimpleNamespace(wake=lambda: None, kick=kicked.append)
    printer = PrinterProfile(name="Counter", address="tcp://10.0.0.9:9100")
    printing.printers = lambda: Printers({"Counter": printer}, papers="Counter", drawer="Counter")
    assert saying.say("no sale").startswith("Open the drawer with its key."), "in a training no printer runs"
    printing.begin(runner)
    assert saying.say("no sale") == "The drawer is opened without a sale. It is in the record."
    assert saying.say("change") == "The drawer is opened for change. It is in the record."
    printing.printers = lambda: Printers({"Counter": printer}, papers="Counter", drawer="")
    assert saying.say("change").startswith("Open the drawer with its key."), "the drawer has no printer"
    assert len(kicked) == 2


def test_words_ask_again_before_more_leaves_than_should_be_there(till: Till) -> None:
    saying = Conversation(till.register, 1)
    saying.say("float 100")
    with pytest.raises(AskedBackError, match=r"More than should be in the drawer\. Enter again does it\."):
        saying.say("drop 500")
    assert _cash(till) == 10_000
    saying.say("drop 500")
    assert _cash(till) == -40_000


def test_words_show_the_last_z_between_two_shifts(till: Till) -> None:
    saying = Conversation(till.register, 1)
    till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    saying.say("close")
    assert saying.say("x").startswith("Z 1XBEEF-Z000001\n")
    assert "○ after the count" in saying.say("x")
    saying.say("count 40")
    assert "Cash in the drawer" in saying.say("x")


@pytest.mark.parametrize("at", range(5))
def test_a_balance_from_the_server_is_before_the_first_movement_whenever_it_arrives(till: Till, at: int) -> None:
    """A journal that began on an empty disk. Once the balance is known, the first count differs from it."""
    drawer, register = till.register.drawer, till.register
    acts: tuple[Callable[[], object], ...] = (
        lambda: register.checkout.pay(till.order(1).id, CASH, Minor(5_000)),  # 40.00
        lambda: drawer.move(
            "paid_out",
            Minor(1_000),
            "milk",
            approval=_allow(till, PermissionRequest(Permission.MOVE_CASH, Minor(-1_000))),
        ),
        lambda: drawer.count({CASH: Minor(15_000)}, {CASH: Minor(5_000)}),
        lambda: register.checkout.pay(till.order(1).id, CASH, Minor(4_000)),
        drawer.balance,
    )
    for place, act in enumerate(acts):
        if place == at:
            assert drawer.books() is None or drawer.sums().drawer[0].opening == "0.00"
            till.journal.cache(BALANCE, 7, {"balance": {CASH: "131.30"}})
            register.reference_changed([BALANCE])
        act()
    (sums,) = drawer.sums().drawer
    moved = {one.kind: one.amount for one in sums.moved}
    is_float = at > 2
    assert (sums.opening, sums.closing, moved["taken"], moved["paid_out"]) == ("131.30", "140.00", "-50.00", "-10.00")
    assert (moved.get("float"), moved["difference"]) == (("120.00", "-131.30") if is_float else (None, "-11.30"))
    closed = drawer.close().closed
    assert closed is not None
    assert (closed.sums.drawer, _cash(till)) == ((sums,), 14_000)
    till.journal.cache(BALANCE, 8, {"balance": {CASH: "1.00"}})
    register.reference_changed([BALANCE])
    register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    assert (drawer.sums().drawer[0].opening, _cash(till)) == ("140.00", 18_000), "its own close is later"


@pytest.mark.parametrize(("counted", "difference"), [(9_000, 0), (4_000, 0), (3_500, -500)])
def test_a_first_count_of_less_than_was_taken_is_short_and_no_float(till: Till, counted: int, difference: int) -> None:
    till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    (result,) = till.register.drawer.count({CASH: Minor(counted)})
    assert (result.difference, _cash(till)) == (difference, counted)


@pytest.mark.parametrize("is_float", [False, True])
def test_a_second_count_of_an_open_shift_needs_a_manager_also_as_a_float(till: Till, is_float: bool) -> None:
    drawer = till.register.drawer
    drawer.count({CASH: Minor(10_000)}, is_float=True)
    with pytest.raises(RightsError):
        drawer.count({CASH: Minor(9_000)}, is_float=is_float)
    drawer.count(
        {CASH: Minor(9_000)}, is_float=is_float, approval=_allow(till, PermissionRequest(Permission.COUNT_AGAIN))
    )
    drawer.close(_allow(till, PermissionRequest(Permission.CLOSE_SHIFT)))
    assert (till.wrote(DrawerCounted)[-1].approved_by, till.wrote(ShiftClosed)[-1].approved_by) == (9, 9)
    drawer.count({CASH: Minor(9_000)})
    drawer.count({CASH: Minor(20_000)}, is_float=True)
    assert _cash(till) == 20_000


def test_a_shift_that_nobody_stands_at_closes_itself_at_the_next_business_day(till: Till) -> None:
    drawer = till.register.drawer
    drawer.close_past()
    till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    drawer.close_past()
    assert drawer.shift() is not None
    till.clock.move(days=1)
    drawer.close_past()
    last = drawer.status().last
    assert last is not None
    assert (last.is_over, last.counts, drawer.status().counts, _cash(till)) == (True, (), (), 4_000)


@pytest.mark.parametrize("jump", [{"days": 9}, {"hours": -30}, {"days": 40}, {"minutes": -61}])
def test_a_shift_has_the_business_date_of_its_opening_whatever_the_clock_does(till: Till, jump: dict[str, int]) -> None:
    till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    till.clock.jump(**jump)
    till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    till.register.drawer.count({CASH: Minor(8_000)})
    closed = till.register.drawer.close()
    assert closed.closed is not None
    assert (closed.opened.business_date, len(till.wrote(ShiftOpened))) == ("2026-03-03", 1)
    assert (closed.closed.sums.sales.number, closed.closed.sums.drawer[0].closing) == (2, "80.00")
    till.start()
    assert (_cash(till), till.register.drawer.status().counts) == (8_000, ())


@pytest.mark.parametrize("minutes", [0, 60])
def test_the_hour_that_a_clock_change_repeats_is_in_one_shift(till: Till, minutes: int) -> None:
    """On 25 October 2026 the clocks of Berlin go back from 03:00 to 02:00; the day ends at 02:30."""
    till.journal.cache("settings", 2, {**VENUE, "timezone": "Europe/Berlin", "business_day_ends": "02:30"})
    till.register.reference_changed(["settings"])
    till.clock.time = datetime(2026, 10, 25, 0, 15, tzinfo=UTC)  # 02:15, the first time
    for _sale in range(3):
        till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
        till.clock.move(minutes=20 + minutes)
    closed = till.register.drawer.close()
    assert closed.closed is not None
    assert (closed.opened.business_date, closed.closed.sums.sales.number) == ("2026-10-24", 3)


@pytest.mark.parametrize("act", ["move", "count", "no_sale", "close"])
def test_a_full_disk_refuses_an_act_on_the_drawer_and_changes_nothing(till: Till, act: str) -> None:
    drawer = till.register.drawer
    acts: dict[str, Callable[[], object]] = {
        "move": lambda: drawer.move("paid_out", Minor(1_000), "milk"),
        "count": lambda: drawer.count({CASH: Minor(3_000)}),
        "no_sale": drawer.no_sale,
        "close": drawer.close,
    }
    till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    before = len(till.journal.own)
    till.journal.full = True
    with pytest.raises(JournalError):
        acts[act]()
    assert (len(till.journal.own), _cash(till), drawer.sums().sales.number) == (before, 4_000, 1)
    till.journal.full = False
    acts[act]()
    till.start()
    assert till.register.ledger.shift == (None if act == "close" else till.journal.own[-1].shift)
    assert _cash(till) == {"move": 3_000, "count": 3_000}.get(act, 4_000)


def test_the_change_of_a_card_payment_leaves_the_drawer_and_comes_back_with_it(till: Till) -> None:
    order = till.order(2, 1)
    paid = till.register.checkout.pay(order.id, CARD, Minor(9_000), cashback=True, part=Minor(8_000))
    (payment,) = paid.payments
    (taken,) = till.wrote(PaymentApproved)
    assert (taken.drawer, taken.change, _cash(till)) == (1, "10.00", -1_000)
    returned = approved(till.register, partial(till.register.checkout.give_back, order.id, payment))
    (voided,) = till.wrote(PaymentVoided)
    assert (voided.drawer, voided.change, returned.paid, _cash(till)) == (1, "10.00", 0, 0)
    sums = till.register.drawer.sums()
    assert {one.kind: one.amount for one in sums.drawer[0].moved} == {"change": "-10.00", "given_back": "10.00"}
    assert _balanced(sums)


def test_a_close_waits_for_a_charge_that_a_terminal_has_in_its_hands_alone(till: Till) -> None:
    till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    session, drawer = till.order(2).id, till.register.drawer
    terminal = Terminal().then(UNKNOWN, after=30)

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        till.register.charges.ask(session, CARD)
        await asyncio.sleep(10)
        with pytest.raises(ShiftError, match="payment is under way"):
            drawer.close()
        await asyncio.sleep(30)
        assert till.register.ledger.order(session).pending_payment is not None
        assert drawer.close().closed is not None
        till.register.asker.end()

    played(till.clock, story())


def test_a_refund_that_begins_a_shift_has_its_number_in_the_z(till: Till) -> None:
    sold = till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    assert sold.placed is not None
    till.register.drawer.close()
    sale = till.register.refunds.sale(sold.id, sold.placed.data.receipt)
    share = giving.pieces_back(sale, {1: 1})
    approval = _allow(till, PermissionRequest(Permission.REFUND, share.part.amount))
    way = giving.ways_of(sale, away=True)[0]
    begun = till.register.refunds.start(sold.id, share, way, sale, approval, "cold", away=True)
    closed = till.register.drawer.close().closed
    assert closed is not None
    number = begun.started.receipt
    assert (closed.sums.refunds.number, closed.sums.refund_receipts) == (1, Ends(first=number, last=number))


def test_each_z_names_what_has_no_answer_until_it_has_one(till: Till) -> None:
    till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
    session, drawer = till.order(2).id, till.register.drawer
    named: list[tuple[NumberedSum, NumberedSum]] = []

    def close() -> None:
        closed = drawer.close().closed
        assert closed is not None
        named.append((closed.open_orders, closed.unanswered))

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[Terminal().then(UNKNOWN).then(UNKNOWN)]), saved)
        asked = till.register.charges.ask(session, CARD)
        await asyncio.sleep(60)
        close()
        till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
        close()
        await asyncio.sleep(300)
        settle = partial(till.register.charges.settle_by_hand, session, asked.payment_id, charged=False)
        approved(till.register, settle)
        till.register.checkout.pay(till.order(1).id, CASH, Minor(4_000))
        close()
        till.register.asker.end()

    played(till.clock, story())
    order, nothing = NumberedSum(number=1, amount="80.00"), NumberedSum(number=0, amount="0.00")
    assert named == [(order, order), (order, order), (order, nothing)]


def test_the_change_of_a_tender_that_no_drawer_keeps_leaves_the_drawer(till: Till) -> None:
    meal = TenderTraits(name="MEAL", label="Meal", key="m", by_hand=True, gives_change=True)
    till.register.asker.tenders = Tenders([meal])
    till.register.checkout.pay(till.order(1).id, "MEAL", Minor(5_000))
    till.register.checkout.pay(till.order(1).id, "MEAL", Minor(4_000))
    assert _cash(till) == -1_000
    assert [data.drawer for data in till.wrote(PaymentApproved)] == [1, None]
