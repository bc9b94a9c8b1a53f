"""Charges by a terminal or a gateway, asked for and polled: by one till, after a restart, and by two."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.conftest import VENUE
from tests.register.exchange import found, give, granted_away, meet, take
from tests.register.payments.scripted import HANGS, RAISES, TERMINAL, UNKNOWN, Script, Terminal, played
from till.domain.errors import JournalError, PaymentError, RightsError
from till.domain.money.measures import Minor
from till.domain.order.events import OrderPlaced
from till.domain.order.state import Status, Tab
from till.domain.payment.events import (
    PaymentApproved,
    PaymentAuthorised,
    PaymentDeclined,
    PaymentStarted,
    PaymentUnknown,
    PaymentVoided,
    SlipKept,
)
from till.domain.payment.movement import PaymentState
from till.domain.payment.slips import kept_slip
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.ports import Charge, ChargeAnswer, SessionMark, Slip, TenderTraits
from till.register.payments.asking import ASK_S
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.order.state import Order, Payment
    from till.domain.staff.rights import Approval
    from till.register.tabs.open_tabs import OpenTab

TAB = Tab("0197a000-0000-7000-8000-00000000aaaa", "window")
LONG = 600.0


async def saved(_seconds: float) -> bool:
    return True


async def away(seconds: float) -> bool:
    await asyncio.sleep(seconds)
    return False


def run(till: Till, terminal: Terminal, *plus: int, seconds: float = LONG, **asked: Any) -> Order:
    """Ask for an order's money by card, and return the order after a while."""
    session = till.order(*(plus or (2,))).id

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        till.register.charges.ask(session, "CARD", **asked)
        await asyncio.sleep(seconds)
        till.register.asker.end()

    played(till.clock, story())
    return till.register.ledger.order(session)


async def taken_over(
    till: Till, other: Till, terminal: Terminal, there: Terminal, session: str, *, after: float
) -> None:
    """Ask for an order's money by card at one till; another takes the order over after some seconds."""
    till.register.asker.begin(Tenders(asked=[terminal]), saved)
    other.register.asker.begin(Tenders(asked=[there]), saved)
    till.register.charges.ask(session, "CARD")
    await asyncio.sleep(after)
    take(till, other, session)


def allowed(till: Till, amount: int = 8_000) -> Approval:
    """Return a manager's approval to settle an amount."""
    asked = PermissionRequest(Permission.SETTLE, Minor(amount))
    return till.register.approvals.give(till.register.access.find(9), asked)


def only(order: Order) -> Payment:
    [payment] = order.payments.values()
    return payment


def card_of(order: Order) -> Payment:
    return next(payment for payment in order.payments.values() if payment.tender == "CARD")


def test_an_approved_card_places_the_order_in_one_commit(till: Till) -> None:
    order = run(till, Terminal().then())
    assert order.status is Status.COMPLETED
    assert (only(order).state, only(order).transaction) == (PaymentState.APPROVED, "T-1")
    assert [event.type for event in till.journal.appends[-1]] == ["shift_opened", "payment_approved", "order_placed"]


def test_charge_is_on_disk_and_pushed_before_the_terminal_is_asked(till: Till) -> None:
    terminal = Terminal().then()
    terminal.saw = lambda: (till.types()[-1], till.nudges.urgent[-1])
    run(till, terminal)
    assert terminal.seen == [("payment_started", True)]
    [started] = till.wrote(PaymentStarted)
    assert (started.place, started.asker, started.number) == ("V400m-1", "till-1", terminal.charged[0].reference.number)
    assert (started.key, started.amount) == (terminal.charged[0].key, "80.00")


@pytest.mark.parametrize(("push", "waited"), [(saved, 0.0), (away, 0.5), (None, 0.0)])
def test_the_terminal_starts_at_the_pushs_reply_or_after_half_a_second(till: Till, push: Any, waited: float) -> None:
    session = till.order(2).id
    terminal = Terminal().then()
    began = till.clock.now()
    terminal.saw = lambda: round((till.clock.now() - began).total_seconds(), 3)

    async def story() -> None:
        nonlocal began
        till.register.asker.begin(Tenders(asked=[terminal]), push)
        began = till.clock.now()
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(10)

    played(till.clock, story())
    assert terminal.seen == [pytest.approx(waited)]


@pytest.mark.parametrize(
    ("script", "states"),
    [
        ([Script("declined", words="no cover")], ["declined"]),
        ([Script(RAISES), Script()], ["unknown", "approved"]),
        ([Script(HANGS), Script()], ["unknown", "approved"]),
        ([Script(UNKNOWN), Script(UNKNOWN), Script()], ["unknown", "approved"]),
        ([Script(UNKNOWN), Script(RAISES), Script(HANGS), Script("declined")], ["unknown", "declined"]),
        ([Script("authorised"), Script("authorised"), Script()], ["authorised", "approved"]),
        ([Script(after=80)], ["approved"]),
        ([Script(amount=0), Script()], ["unknown", "approved"]),
        ([Script(amount=-8_000), Script()], ["unknown", "approved"]),
        ([Script(amount=10**15), Script("declined")], ["unknown", "declined"]),
        ([Script(tip=9_000), Script()], ["unknown", "approved"]),
        ([Script(key="0197a000-0000-7000-8000-00000000dddd"), Script()], ["unknown", "approved"]),
    ],
)
def test_every_behaviour_of_a_tender_is_an_outcome(till: Till, script: list[Script], states: list[str]) -> None:
    terminal = Terminal()
    terminal.script.extend(script)
    order = run(till, terminal)
    kinds = (PaymentApproved, PaymentDeclined, PaymentUnknown, PaymentAuthorised)
    found = [e.type.removeprefix("payment_") for e in till.journal.own if isinstance(e.data, kinds)]
    assert found == states
    assert len(terminal.charged) == 1
    assert len({charge.key for charge in [*terminal.charged, *terminal.asked]}) == 1
    assert order.status is (Status.COMPLETED if states[-1] == "approved" else Status.ACTIVE)


def test_a_declined_payment_says_why_and_another_way_is_free(till: Till) -> None:
    order = run(till, Terminal().then("declined", words="no cover"))
    assert only(order).reason == "no cover"
    assert till.register.checkout.pay_exact(order.id).status is Status.COMPLETED


def test_resuming_an_order_names_a_payment_without_an_answer(till: Till) -> None:
    order = run(till, Terminal().then(HANGS), seconds=1)
    assert till.register.answers.here(order).endswith("A payment of ₹80.00 has no answer yet: Pay shows it.")


def test_resuming_an_order_names_the_tip_in_a_payment_without_an_answer(till: Till) -> None:
    order = run(till, Terminal().then(HANGS), seconds=1, tip=Minor(500))
    notice = "A payment of ₹85.00 has no answer yet: Pay shows it. ₹5.00 of it is a tip."
    assert till.register.answers.here(order).endswith(notice)


def test_an_unknown_payment_is_polled_ever_more_seldom(till: Till) -> None:
    terminal = Terminal()
    order = run(till, terminal, seconds=200)
    assert only(order).state is PaymentState.UNKNOWN
    assert len(terminal.asked) == 8  # at once, and after 1, 3, 8, 18, 48, 108 and 168 seconds
    progress = till.register.asker.progress_of(only(order).id)
    assert progress is not None
    assert (progress.asks, progress.is_asked_after) == (8, True)
    with pytest.raises(PaymentError, match="A payment is under way"):
        till.add(order.id, 1)


def test_a_charge_is_polled_only_once_its_answer_had_time(till: Till) -> None:
    """A charge counts as polled once an answer had time to arrive: until then the terminal may report the money."""
    session = till.order(2).id
    terminal = Terminal().then(HANGS).then(HANGS)

    async def story() -> None:
        charges = till.register.charges
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        progress = charges.ask(session, "CARD")
        await asyncio.sleep(TERMINAL.gives_up_s + 10)
        payment = only(till.register.ledger.order(session))
        assert (len(terminal.asked), progress.asks) == (1, 0)
        assert till.clock.now() > till.register.asker.may_settle_from(payment)
        with pytest.raises(PaymentError, match="may still answer"):
            till.register.asker.check_settling(payment)
        await asyncio.sleep(ASK_S)
        till.register.asker.check_settling(payment)

    played(till.clock, story())


def test_a_person_who_wants_to_know_does_not_wait(till: Till) -> None:
    session = till.order(2).id
    terminal = Terminal()

    async def story() -> None:
        charges = till.register.charges
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        progress = charges.ask(session, "CARD")
        await asyncio.sleep(100)
        before = len(terminal.asked)
        till.register.asker.ask_now(progress.charge.key)
        await asyncio.sleep(0.1)
        assert len(terminal.asked) == before + 1
        till.register.asker.end()

    played(till.clock, story())


def test_a_payment_with_a_hint_is_polled_at_once_and_once_a_second(till: Till) -> None:
    session = till.order(2).id
    terminal = Terminal()

    async def story() -> None:
        charges = till.register.charges
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        key = charges.ask(session, "CARD").charge.key
        await asyncio.sleep(100)
        before = len(terminal.asked)
        till.register.payment_hinted(key)
        await asyncio.sleep(0.1)
        assert len(terminal.asked) == before + 1
        for _hint in range(1_000):
            till.register.payment_hinted(key)
        till.register.payment_hinted(session)  # none of ours
        await asyncio.sleep(0.5)
        assert len(terminal.asked) == before + 1
        await asyncio.sleep(0.5)
        assert len(terminal.asked) == before + 2  # the last hint is not lost
        await asyncio.sleep(1.5)
        assert len(terminal.asked) == before + 2
        till.register.asker.end()

    played(till.clock, story())


def test_another_amount_is_a_part_or_a_conflict(till: Till) -> None:
    part = run(till, Terminal().then(amount=5_000))
    assert (part.due, part.status) == (3_000, Status.ACTIVE)
    more = run(till, Terminal().then(amount=9_000))
    assert (only(more).over, more.status) == (1_000, Status.COMPLETED)
    assert [one.kind for one in found(till)] == ["charged_otherwise"]
    tipped = run(till, Terminal().then(amount=9_000, tip=1_000))
    assert (only(tipped).tip, only(tipped).over, tipped.status) == (1_000, 0, Status.COMPLETED)


def test_an_overcharge_for_a_part_is_reported_as_the_rest_is_paid(till: Till) -> None:
    async def story() -> str:
        session = till.order(2).id
        till.register.asker.begin(Tenders(asked=[Terminal().then(amount=5_050)]), saved)
        till.register.charges.ask(session, "CARD", Minor(5_000))
        await asyncio.sleep(1)
        return session

    session = played(till.clock, story())
    assert (till.register.ledger.order(session).due, found(till)) == (3_000, [])
    till.register.checkout.pay_exact(session)
    assert [(one.kind, one.amount) for one in found(till)] == [("charged_otherwise", "0.50")]


def test_a_tip_is_asked_for_with_the_rest(till: Till) -> None:
    terminal = Terminal().then()
    order = run(till, terminal, tip=Minor(500))
    assert terminal.charged[0].amount == 8_500
    assert (only(order).tip, order.paid, order.status) == (500, 8_000, Status.COMPLETED)


def test_one_payment_for_a_terminal_and_the_next_guest_pays_in_cash(till: Till) -> None:
    waits = run(till, Terminal().then(HANGS), seconds=10)
    second = till.order(1).id
    with pytest.raises(PaymentError, match=r"₹80\.00 is still open there"):
        till.register.charges.ask(second, "CARD")
    assert till.register.checkout.pay_exact(second).status is Status.COMPLETED
    assert waits.status is Status.ACTIVE


def test_an_unknown_payment_holds_its_order_and_no_longer_its_terminal(till: Till) -> None:
    first, second = till.order(2).id, till.order(1).id
    terminal = Terminal().then(HANGS).then(HANGS).then().then()

    async def story() -> None:
        charges = till.register.charges
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        charges.ask(first, "CARD")
        await asyncio.sleep(TERMINAL.gives_up_s + 5)
        with pytest.raises(PaymentError, match="is still open there"):  # it is being asked after
            charges.ask(second, "CARD")
        await asyncio.sleep(ASK_S)
        charges.ask(second, "CARD")
        with pytest.raises(PaymentError, match=r".* is still open there"):
            charges.ask(first, "CARD")
        await asyncio.sleep(LONG)

    played(till.clock, story())
    for session in (first, second):
        assert till.register.ledger.order(session).status is Status.COMPLETED
    assert len(terminal.charged) == 2


def test_an_answer_finds_the_order_on_its_tab(till: Till) -> None:
    session = till.order(2).id
    terminal = Terminal().then(UNKNOWN).then(UNKNOWN).then(after=20)

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(2)
        till.register.charges.keep(session, TAB)
        assert till.register.ledger.order(session).status is Status.ASSIGNED_TO_TAB
        till.register.ledger.journal.forget_open([session])  # the database has all of it
        await asyncio.sleep(LONG)

    played(till.clock, story())
    assert till.register.ledger.order(session).status is Status.COMPLETED


def test_leaving_waits_for_the_charges_own_answer(till: Till) -> None:
    session = till.order(2).id
    terminal = Terminal().then(after=60)

    async def story() -> None:
        terminal.on_stop = asyncio.Event()
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        progress = till.register.charges.ask(session, "CARD")
        await asyncio.sleep(5)
        till.register.asker.stop(progress.charge.key)
        till.register.asker.stop(progress.charge.key)
        assert progress.stopping_at is not None
        await asyncio.sleep(1)

    played(till.clock, story())
    assert len(terminal.stopped) == 1
    assert till.register.ledger.order(session).status is Status.COMPLETED  # approved all the same


def test_a_payment_cancelled_before_the_terminal_heard_of_it_is_never_asked_for(till: Till) -> None:
    """Esc comes while the start is still on its way to the database."""
    session = till.order(2).id
    terminal = Terminal().then()

    async def slowly(_seconds: float) -> bool:
        await asyncio.sleep(0.4)
        return True

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), slowly)
        progress = till.register.charges.ask(session, "CARD")
        await asyncio.sleep(0.1)
        till.register.asker.stop(progress.charge.key)
        await asyncio.sleep(LONG)

    played(till.clock, story())
    assert (terminal.charged, terminal.stopped, terminal.asked) == ([], [], [])
    payment = only(till.register.ledger.order(session))
    assert (payment.state, payment.reason) == (PaymentState.DECLINED, "cancelled before it was sent")


@pytest.mark.parametrize("nonsense", [None, "approved", ChargeAnswer(key="", outcome="paid", amount="80.00")])  # type: ignore[arg-type]
def test_a_tender_that_answers_nonsense_is_asked_after(till: Till, nonsense: Any) -> None:
    terminal = Terminal()

    async def charge(charge: Charge, _progress: Any) -> Any:
        terminal.then()
        return nonsense if not isinstance(nonsense, ChargeAnswer) else replace(nonsense, key=charge.key)

    terminal.charge = charge  # type: ignore[assignment, method-assign]
    assert run(till, terminal).status is Status.COMPLETED


def test_a_stop_that_is_not_heard_is_unknown_at_the_time_out(till: Till) -> None:
    session = till.order(2).id
    terminal = Terminal().then(HANGS)

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        progress = till.register.charges.ask(session, "CARD")
        await asyncio.sleep(5)
        till.register.asker.stop(progress.charge.key)
        await asyncio.sleep(80)
        assert only(till.register.ledger.order(session)).state is PaymentState.STARTED
        await asyncio.sleep(6)
        assert only(till.register.ledger.order(session)).state is PaymentState.UNKNOWN
        till.register.asker.end()

    played(till.clock, story())


def test_away_from_the_server_what_needs_it_is_not_asked_for(till: Till) -> None:
    traits = type(TERMINAL)(name="CARD", label="Voucher", key="v", needs_server=True)
    terminal = Terminal(traits=traits)
    session = till.order(2).id

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), away)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(5)

    played(till.clock, story())
    assert (only(till.register.ledger.order(session)).state, terminal.charged) == (PaymentState.DECLINED, [])


def _tell_taken(till: Till, other: Till, session: str) -> None:
    """Tell a till that another has its order: the events, the state and the lock of a reply."""
    there = other.register.ledger.order(session)
    events = len(other.journal.events_of(session))
    mark = SessionMark(session, there.user, events, there.last_id, there.till, there.holder, there.hold)
    give(other, till, session, mark)
    if there.till is not None:  # a reply locks no order that is open nowhere
        till.register.taken(session, "Till 2", "Asha", till.clock.now())


def _is_locked_before_its_events(till: Till, _other: Till, session: str) -> None:
    till.register.taken(session, "Till 2", "Asha", till.clock.now())


def _is_suspended_there(till: Till, other: Till, session: str) -> None:
    other.register.recovery.suspend_or_clear(other.register.ledger.order(session))
    _tell_taken(till, other, session)


def _is_sold_there(till: Till, other: Till, session: str) -> None:
    other.register.checkout.pay_exact(session)
    _tell_taken(till, other, session)


def _says_nothing(_till: Till, _other: Till, _session: str) -> None:
    """Leave the till without news."""


HAS = "Till 2 has the order"


@pytest.mark.parametrize(
    ("reply", "comes", "says"),
    [
        (_tell_taken, True, HAS),
        (_is_locked_before_its_events, True, "another till has the order"),
        (_is_suspended_there, True, HAS),
        (_is_sold_there, True, HAS),
        (_says_nothing, True, ""),
        (_says_nothing, False, ""),
        (_tell_taken, False, HAS),  # news may come without the push's own reply
    ],
)
def test_a_till_that_hears_that_another_has_the_order_asks_nobody_for_money(
    till: Till, other: Till, reply: Any, says: str, *, comes: bool
) -> None:
    terminal = Terminal().then()
    session = till.order(2).id
    take(till, other, session)

    async def pushed(seconds: float) -> bool:
        reply(till, other, session)
        return await (saved if comes else away)(seconds)

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), pushed)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(5)

    played(till.clock, story())
    assert (len(terminal.charged), terminal.asked) == (0 if says else 1, [])
    [payment] = [one for one in till.register.ledger.order(session).payments.values() if one.tender == "CARD"]
    assert (payment.state, payment.reason) == (PaymentState.DECLINED if says else PaymentState.APPROVED, says)
    assert till.register.asker.progress_of(payment.id) is None


def test_money_goes_back_although_another_till_has_the_order(till: Till, other: Till) -> None:
    """The guest is owed it, wherever the order is."""
    terminal = Terminal().then().then()
    session = till.order(2).id

    async def pushed(_seconds: float) -> bool:
        _tell_taken(till, other, session)
        return True

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        till.register.charges.ask(session, "CARD", Minor(5_000))
        await asyncio.sleep(1)
        take(till, other, session)
        till.register.asker.begin(Tenders(asked=[terminal]), pushed)
        till.register.charges.give_back(session, only(till.register.ledger.order(session)).id)
        await asyncio.sleep(5)

    played(till.clock, story())
    assert len(terminal.returned) == 1
    assert only(till.register.ledger.order(session)).state is PaymentState.VOIDED


def test_a_disk_that_refuses_asks_nobody(till: Till) -> None:
    session = till.order(2).id
    terminal = Terminal().then()

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        till.journal.full = True
        with pytest.raises(JournalError):
            till.register.charges.ask(session, "CARD")
        await asyncio.sleep(5)

    played(till.clock, story())
    till.journal.full = False
    assert terminal.charged == []
    assert till.register.ledger.order(session).pending_payment is None


def test_an_answer_that_the_disk_refused_is_asked_for_again(till: Till) -> None:
    session = till.order(2).id
    terminal = Terminal().then().then().then()

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        till.register.charges.ask(session, "CARD")
        till.journal.full = True
        await asyncio.sleep(0.5)
        till.journal.full = False
        await asyncio.sleep(LONG)

    played(till.clock, story())
    assert till.register.ledger.order(session).status is Status.COMPLETED
    assert len(terminal.charged) == 1


def test_after_a_restart_it_is_asked_after_and_never_repeated(till: Till) -> None:
    terminal = Terminal().then(HANGS)
    session = run(till, terminal, seconds=10).id
    till.start()
    terminal.then()

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        await asyncio.sleep(5)

    played(till.clock, story())
    assert till.register.ledger.order(session).status is Status.COMPLETED
    assert (len(terminal.charged), len(terminal.asked)) == (1, 1)
    assert terminal.asked[0] == terminal.charged[0]


@pytest.mark.parametrize("logged_in", [None, 2])
def test_a_sale_that_completes_by_itself_is_of_the_person_who_asked_for_the_money(
    till: Till, logged_in: int | None
) -> None:
    terminal = Terminal().then(HANGS)
    session = run(till, terminal, seconds=10).id
    till.start()
    till.register.ledger.user = logged_in
    terminal.then()

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        await asyncio.sleep(5)

    played(till.clock, story())
    assert [(event.type, event.user) for event in till.journal.appends[-1]] == [
        ("shift_opened", 1),
        ("payment_approved", 1),
        ("order_placed", 1),
    ]
    assert only(till.register.ledger.order(session)).user == 1
    assert [sale.user for sale in till.register.refunds.past_sales()] == [1]


def test_after_a_restart_it_is_known_first_whether_another_till_sold_it(till: Till, other: Till) -> None:
    terminal = Terminal().then(HANGS)
    session = run(till, terminal, seconds=10).id
    terminal.then()

    async def on_end() -> None:
        give(other, till, session)

    async def story() -> None:
        other.register.asker.begin(Tenders(asked=[terminal]), saved)
        take(till, other, session)
        await asyncio.sleep(5)
        assert other.register.ledger.order(session).status is Status.COMPLETED
        till.start()
        asked = len(terminal.asked)
        till.register.asker.begin(Tenders(asked=[terminal]), saved, on_end)
        await asyncio.sleep(5)
        assert len(terminal.asked) == asked

    played(till.clock, story())
    assert till.wrote(OrderPlaced) == []
    assert till.register.ledger.order(session).status is Status.COMPLETED


def test_the_till_that_took_the_order_over_asks_and_both_may_hear(till: Till, other: Till) -> None:
    """The first till hears the answer after the order was taken over: it is one payment, and one sale."""
    terminal = Terminal().then(after=30)
    session = till.order(2).id
    there = Terminal().then(UNKNOWN).then(after=25)

    async def story() -> None:
        await taken_over(till, other, terminal, there, session, after=10)
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        with pytest.raises(PaymentError, match="F9 shows it"):
            till.register.checkout.pay_exact(session)
        await asyncio.sleep(LONG)

    played(till.clock, story())
    assert len(terminal.charged) == 1
    assert there.charged == []
    assert there.asked[0] == terminal.charged[0]
    assert len(till.wrote(PaymentApproved)) == len(other.wrote(PaymentApproved)) == 1
    meet(till, other, sessions=[session])
    one, two = (one.register.ledger.order(session) for one in (till, other))
    assert one.status is two.status is Status.COMPLETED
    assert only(one) == only(two)
    assert one.placed is not None
    assert one.placed.till == 2
    assert not one.conflicts


def test_an_answer_for_an_order_that_another_till_holds_sells_it_there_alone(till: Till, other: Till) -> None:
    """The grant arrives with a reply alone, without the notice that the order was taken."""
    terminal, there = Terminal().then(after=5), Terminal().then(UNKNOWN).then(UNKNOWN)
    session = till.order(2).id

    async def story() -> None:
        await taken_over(till, other, terminal, there, session, after=1)
        meet(till, other, sessions=[session])
        await asyncio.sleep(6)
        assert till.wrote(PaymentApproved)
        assert not till.wrote(OrderPlaced)

    played(till.clock, story())


def test_an_answer_that_another_till_heard_ends_the_polling(till: Till, other: Till) -> None:
    terminal, there = Terminal().then(after=5), Terminal()
    session = till.order(2).id

    async def story() -> None:
        await taken_over(till, other, terminal, there, session, after=1)
        await asyncio.sleep(10)
        give(till, other, session)
        asked = len(there.asked)
        await asyncio.sleep(LONG)
        assert len(there.asked) == asked

    played(till.clock, story())


def test_an_answer_that_another_till_heard_completes_the_order_where_it_is(till: Till, other: Till) -> None:
    terminal, there = Terminal().then(after=5), Terminal()
    for _time in range(4):
        there.then(UNKNOWN)
    session = till.order(2).id

    async def story() -> None:
        await taken_over(till, other, terminal, there, session, after=1)
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        await asyncio.sleep(10)
        asked = len(there.asked)
        give(till, other, session)
        await asyncio.sleep(1)
        order = other.register.ledger.order(session)
        assert (order.status, len(there.asked)) == (Status.COMPLETED, asked)
        assert order.placed is not None
        assert order.placed.till == 2
        assert other.journal.own[-1].user == 1, "the person who asked for the money"

    played(till.clock, story())


def test_a_manager_settles_after_the_terminals_time(till: Till) -> None:
    session = till.order(2).id
    terminal = Terminal()

    async def story() -> None:
        charges = till.register.charges
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        progress = charges.ask(session, "CARD")
        await asyncio.sleep(30)
        with pytest.raises(PaymentError, match="It may still answer"):
            charges.settle_by_hand(session, progress.charge.key, allowed(till), charged=True)
        await asyncio.sleep(61)
        with pytest.raises(RightsError):
            charges.settle_by_hand(session, progress.charge.key, None, charged=True)
        with pytest.raises(RightsError):
            charges.settle_by_hand(session, progress.charge.key, allowed(till, 1), charged=True)
        order = charges.settle_by_hand(session, progress.charge.key, allowed(till), charged=True, slip="S-1")
        assert order.status is Status.COMPLETED
        with pytest.raises(PaymentError, match="has its answer"):
            charges.settle_by_hand(session, progress.charge.key, allowed(till), charged=False)
        asked = len(terminal.asked)
        await asyncio.sleep(50)
        assert len(terminal.asked) == asked

    played(till.clock, story())
    [approved] = till.wrote(PaymentApproved)
    assert (approved.approved_by, approved.transaction) == (9, "S-1")


def test_a_payment_settled_by_a_manager_stays_so_when_other_lines_come_to_it(till: Till) -> None:
    """The slip matches nothing at the terminal, which answers one more poll that it took nothing."""
    seven, nine = till.order(2).id, till.order(1).id
    terminal = Terminal().then(HANGS).then(UNKNOWN).then("declined", after=20)
    charges, refunds = till.register.charges, till.register.refunds
    manager, part = till.register.access.find(9), Minor(5_000)

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        progress = charges.ask(seven, "CARD", part)
        await asyncio.sleep(terminal.traits.gives_up_s + 5)
        charges.settle_by_hand(seven, progress.charge.key, allowed(till, part), charged=True, slip="S-1")
        assert till.acts.join(nine, seven).id == seven
        await asyncio.sleep(LONG)

    played(till.clock, story())
    placed = till.register.checkout.pay_exact(seven).placed
    assert placed is not None
    sale = refunds.sale(seven, placed.data.receipt)
    share, way = giving.amount_back(sale, part), giving.ways_of(sale)[0]
    approval = till.register.approvals.give(manager, PermissionRequest(Permission.GIVE_BACK, share.part.amount))
    begun = refunds.start(seven, share, way, sale, approval, "cold").started
    assert (begun.tender, begun.place, begun.transaction) == ("CARD", terminal.place, "")
    assert [(one.kind, one.amount) for one in found(till)] == [("outcome_contradicted", "50.00")]


def test_not_charged_by_hand_frees_the_order(till: Till) -> None:
    order = run(till, Terminal(), seconds=100)
    freed = till.register.charges.settle_by_hand(order.id, only(order).id, allowed(till), charged=False)
    assert (freed.pending_payment, freed.due) == (None, 8_000)
    assert till.register.checkout.pay_exact(order.id).status is Status.COMPLETED


@pytest.mark.parametrize("amount", [0, -100, 8_001])
def test_no_charge_that_does_not_fit(till: Till, amount: int) -> None:
    with pytest.raises(PaymentError):
        run(till, Terminal(), amount=Minor(amount))
    assert till.wrote(PaymentStarted) == []


@pytest.mark.parametrize(
    ("price", "never", "asked"), [(1_004_000, [], 10_000), (1_006_000, [], 10_100), (1_004_000, ["CARD"], 10_040)]
)
def test_charge_of_a_rounded_bill_is_rounded(till: Till, price: int, never: list[str], asked: int) -> None:
    till.journal.cache("settings", 2, {**VENUE, "rounding": {"step": "1", "of": "bill", "never": never}})
    till.start()
    session = till.add(None, 1, price4=price).id
    terminal = Terminal().then()

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        with pytest.raises(PaymentError, match="more than"):
            till.register.charges.ask(session, "CARD", Minor(asked + 1))
        till.register.charges.ask(session, "CARD", tip=Minor(500))
        await asyncio.sleep(1)

    played(till.clock, story())
    placed = till.register.ledger.order(session).placed
    assert placed is not None
    total, rounding = (till.register.formats.minor(text) for text in (placed.data.total, placed.data.rounding))
    assert ([one.amount for one in terminal.charged], total + rounding) == ([asked + 500], asked)


@pytest.mark.parametrize(("more", "is_paid"), [(0, True), (50_000_000, True), (10_000_000 * 100 + 1, False)])
def test_an_order_of_a_fortune_is_paid_by_what_was_asked_for_it(till: Till, more: int, *, is_paid: bool) -> None:
    session = till.add(None, 1, 500, price4=1_000_000 * 10_000).id

    async def story() -> None:
        amount = 500_000_000 * 100
        till.register.asker.begin(Tenders(asked=[Terminal().then(amount=amount + more)]), saved)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)

    played(till.clock, story())
    assert (till.register.ledger.order(session).placed is not None) == is_paid


def test_each_event_that_moves_money_carries_its_drawer(till: Till) -> None:
    session = till.order(2, 1).id
    till.register.checkout.pay(session, "CASH", Minor(4_000))
    till.register.checkout.pay(session, "UPI", Minor(2_000))
    till.register.checkout.pay(session, "CARD", Minor(1_000), slip="0815")
    till.register.checkout.pay_exact(session, tip=Minor(500))
    approved = till.wrote(PaymentApproved)
    assert [(one.tender, one.amount, one.drawer) for one in approved] == [
        ("CASH", "40.00", 1), ("UPI", "20.00", None), ("CARD", "10.00", None), ("CASH", "55.00", 1),
    ]  # fmt: skip
    assert [one.transaction for one in approved] == ["", "", "0815", ""]
    assert sum(float(one.amount) for one in approved if one.drawer == 1) == 95.0


def test_a_refund_of_a_tender_with_change_comes_out_of_its_drawer(till: Till) -> None:
    meal = TenderTraits(name="MEAL", label="Meal voucher", key="m", by_hand=True, gives_change=True, opens_drawer=True)
    till.register.asker.begin(Tenders([meal]))
    session = till.add(till.order(2).id, 1, 9).id
    paid = till.register.checkout.pay(session, "MEAL", Minor(10_000))
    till.register.checkout.give_back(session, only(paid).id)
    ([approved], [voided]) = till.wrote(PaymentApproved), till.wrote(PaymentVoided)
    assert (approved.amount, approved.drawer, voided.amount, voided.drawer) == ("100.00", 1, "100.00", 1)


def test_money_beyond_a_part_is_change(till: Till) -> None:
    session = till.add(till.order(2).id, 1).id
    paid = till.register.checkout.pay(session, "CASH", Minor(5_000), part=Minor(4_000), tip=Minor(300))
    ([approved], due) = till.wrote(PaymentApproved), paid.due
    assert (approved.amount, approved.tendered, approved.change, due) == ("43.00", "50.00", "7.00", 8_000)
    with pytest.raises(PaymentError, match=r"more than the ₹40\.00"):
        till.register.checkout.pay(session, "CARD", Minor(5_000), part=Minor(4_000))


def test_a_way_to_pay_that_needs_its_slip_is_not_taken_without(till: Till) -> None:
    meal = type(TERMINAL)(name="MEAL", label="Meal voucher", key="m", by_hand=True, needs_reference=True)
    till.register.asker.begin(Tenders([meal]))
    session = till.order(2).id
    with pytest.raises(PaymentError, match="Meal voucher needs its slip number"):
        till.register.checkout.pay_exact(session, "MEAL")
    assert till.register.checkout.pay_exact(session, "MEAL", slip="M-17").status is Status.COMPLETED


def test_a_charge_of_an_order_that_another_till_ended_is_asked_after_at_the_next_start(till: Till, other: Till) -> None:
    """The till was closed before the answer, and received the other till's sale before it was opened again."""
    session = till.order(2).id
    take(till, other, session)
    terminal = Terminal().then(HANGS)

    async def story(register: Any, *, ask: bool) -> None:
        register.asker.begin(Tenders(asked=[terminal]), saved)
        if ask:
            register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        register.asker.end()

    played(other.clock, story(other.register, ask=True))
    till.register.checkout.pay_exact(session)
    other.start()
    meet(till, other, sessions=[session])
    other.start()
    terminal.then()
    played(other.clock, story(other.register, ask=False))
    order = other.register.ledger.order(session)
    assert order.status is Status.COMPLETED
    assert [one.kind for one in found(other)] == ["money_without_order"]


def test_the_till_that_began_a_charge_asks_on_when_who_took_the_order_has_put_it_aside(till: Till, other: Till) -> None:
    """The other till may not know of the charge when it takes the order, and stops watching it after suspending it."""
    session = till.order(2).id
    terminal = Terminal().then(UNKNOWN).then(UNKNOWN, after=5).then(after=5)

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(0)
        take(till, other, session)
        other.register.recovery.suspend_or_clear(other.register.ledger.order(session))
        meet(till, other, sessions=[session])
        await asyncio.sleep(LONG)

    played(till.clock, story())
    assert len(terminal.charged) == 1
    assert [one.state for one in till.register.ledger.order(session).payments.values()] == [PaymentState.APPROVED]


def test_the_slip_of_a_payment_is_on_its_order_whatever_tabs_that_was_put_on(till: Till) -> None:
    """A tab paid in part was merged into a second one, and that into a third: S shows the slip with the sale."""
    paid = Slip(lines=("VISA", "APPROVED"))
    terminal = Terminal().then(slips=(paid,)).then("declined", slips=(Slip(lines=("REFUSED",)),))
    tabs = till.register.tabs
    seven, eight, nine = (till.order(2).id for _guests in range(3))
    for session, name in ((seven, "7"), (eight, "8"), (nine, "9")):
        tabs.save(session, name)

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        tabs.recall(seven, till.user)
        for _answer in ("taken", "refused"):
            till.register.charges.ask(seven, "CARD", Minor(1_000))
            await asyncio.sleep(1)

    def tab(session: str) -> OpenTab:
        return next(one for one in till.register.open_tabs.local() if one.session_id == session)

    played(till.clock, story())
    tabs.save(seven, "")
    till.acts.merge(tab(eight), tab(seven))
    till.acts.merge(tab(nine), tab(seven))
    tabs.recall(seven, till.user)
    till.register.checkout.pay_exact(seven)
    assert next(slip.lines for slip in till.register.refunds.slips(seven)) == paid.lines


def test_an_answer_that_comes_with_another_is_that_ones_also_when_nobody_asks_on(till: Till) -> None:
    """The card was declined; with the next guest's answer the terminal says that it took that money after all."""
    first, second = till.order(2).id, till.order(1).id
    terminal = Terminal().then("declined")

    async def story() -> None:
        charges = till.register.charges
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        declined = charges.ask(first, "CARD").charge
        await asyncio.sleep(1)
        assert only(till.register.ledger.order(first)).state is PaymentState.DECLINED
        terminal.then(key=declined.key, amount=declined.amount).then()
        charges.ask(second, "CARD")
        await asyncio.sleep(LONG)

    played(till.clock, story())
    one, other = (till.register.ledger.order(session) for session in (first, second))
    assert (only(one).state, only(one).is_late, one.status) == (PaymentState.APPROVED, True, Status.COMPLETED)
    assert (only(other).amount, other.status) == (4_000, Status.COMPLETED)
    assert len(terminal.charged) == 2


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("paid", [False, True])
def test_money_that_comes_after_a_decline_is_heard_of_by_a_hint(till: Till, *, killed: bool, paid: bool) -> None:
    """The code was closed unpaid, and the guest's bank was late; the gateway reports the payment by itself."""
    session = till.order(2).id
    terminal = Terminal().then("declined")

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        key = till.register.charges.ask(session, "CARD").charge.key
        await asyncio.sleep(5)
        assert only(till.register.ledger.order(session)).state is PaymentState.DECLINED
        if killed:
            till.register.asker.end()
            till.start()
            till.register.asker.begin(Tenders(asked=[terminal]), saved)
        if paid:
            till.register.checkout.pay_exact(session)
        till.register.payment_hinted(new := till.register.ledger.new_id())  # of another till, or made up
        await asyncio.sleep(5)
        assert (terminal.asked, till.register.asker.progress_of(new)) == ([], None)
        terminal.then()
        for _found in range(3):  # captured, credited, paid: of what is known nobody asks
            till.register.payment_hinted(key)
            await asyncio.sleep(10)

    played(till.clock, story())
    assert (len(terminal.charged), len(terminal.asked)) == (1, 1)
    order = till.register.ledger.order(session)
    late = card_of(order)
    assert (late.state, late.is_late, order.status) == (PaymentState.APPROVED, True, Status.COMPLETED)
    assert [one.kind for one in found(till)] == (["money_without_order"] if paid else [])


@pytest.mark.parametrize("state", ["declined", UNKNOWN])
@pytest.mark.parametrize("newer", [0, 60])
def test_money_for_a_sale_that_is_paid_is_found_by_a_hint_of_any_age(
    till: Till, other: Till, state: str, newer: int
) -> None:
    """Another till took the order and its cash, while this one was away and showed a code; and many codes since."""
    session = granted_away(till, other, 2)
    terminal = Terminal(traits=replace(TERMINAL, shows_code=True)).then(state)

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        key = till.register.charges.ask(session, "CARD").charge.key
        await asyncio.sleep(5)
        other.register.checkout.pay_exact(session)
        meet(till, other, sessions=[session])
        terminal.script.extend([Script("declined")] * newer)
        for _newer in range(newer):
            till.register.charges.ask(till.order(1).id, "CARD")
            await asyncio.sleep(1)
        if newer:
            till.register.asker.end()
            till.start()
            till.register.asker.begin(Tenders(asked=[terminal]), saved)
        await asyncio.sleep(10)
        terminal.script.clear()
        asked = len(terminal.asked)
        terminal.then()
        till.register.payment_hinted(key)
        await asyncio.sleep(2)
        assert [charge.key for charge in terminal.asked[asked:]] == [key]

    played(till.clock, story())
    assert card_of(till.register.ledger.order(session)).state is PaymentState.APPROVED
    assert [one.kind for one in found(till)] == ["money_without_order"]


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize(("shows", "declined", "asked"), [(True, 2, 2), (True, 100, 3), (False, 1, 0)])
def test_money_for_a_code_that_was_left_is_looked_for_some_times_more(
    till: Till, *, killed: bool, shows: bool, declined: int, asked: int
) -> None:
    """Without a webhook nobody reports it. A declined card stays declined."""
    session = till.order(2).id
    terminal = Terminal(traits=replace(TERMINAL, shows_code=shows))
    terminal.script.extend([Script("declined")] * declined)
    terminal.then()

    async def story() -> None:
        till.register.asker.begin(Tenders(asked=[terminal]), saved)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(5)
        if killed:
            till.register.asker.end()
            till.start()
            till.register.asker.begin(Tenders(asked=[terminal]), saved)
        await asyncio.sleep(10_000)

    played(till.clock, story())
    state = PaymentState.APPROVED if asked == declined else PaymentState.DECLINED
    assert (len(terminal.asked), only(till.register.ledger.order(session)).state) == (asked, state)


def test_a_slip_to_sign_that_comes_before_the_answer_and_with_it_is_kept_once(till: Till) -> None:
    slip, session = Slip(lines=("SIGN HERE",)), till.order(2).id
    terminal = Terminal().then(HANGS).then(slips=(slip, Slip(lines=("APPROVED",))))

    async def story() -> None:
        asker = till.register.asker
        asker.begin(Tenders(asked=[terminal]), saved)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        key = only(till.register.ledger.order(session)).id
        assert [asker.keep_slip(key, slip) for _posted in range(2)] == [True, True]
        progress = asker.progress_of(key)
        assert progress is not None
        assert progress.steps[-1][1] == "slip received"
        await asyncio.sleep(LONG)

    played(till.clock, story())
    assert [kept_slip(kept).lines for kept in till.wrote(SlipKept)] == [("SIGN HERE",), ("APPROVED",)]


def test_a_slip_that_both_tills_heard_is_one(till: Till, other: Till) -> None:
    slip = Slip(lines=("VISA", "APPROVED"))
    session = till.order(2).id

    async def story() -> None:
        for one, terminal in (
            (till, Terminal().then(HANGS).then(slips=(slip,))),
            (other, Terminal().then(slips=(slip,))),
        ):
            one.register.asker.begin(Tenders(asked=[terminal]), saved)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        take(till, other, session)
        await asyncio.sleep(LONG)

    played(till.clock, story())
    meet(till, other, sessions=[session])
    for one in (till, other):
        assert [kept.lines for kept in one.register.refunds.slips(session)] == [slip.lines]
