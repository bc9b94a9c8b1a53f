"""Commands on charges: request, return, settlement by hand, and the end of an order that an answer settles."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

from tests.domain.making import Hand, forged
from tests.register.conftest import STORE, VENUE, Till
from tests.register.exchange import by_server, give, grant, meet, take
from tests.register.fakes import MemoryJournal, Screen
from tests.register.payments.scripted import HANGS, TERMINAL, UNKNOWN, Terminal, played
from tests.register.payments.test_charges import TAB, allowed, only, saved
from tests.register.payments.test_giving_back import paid_in_part
from till.domain.errors import PaymentError, RightsError
from till.domain.money.measures import Minor
from till.domain.order.deciding import EmptyOrderError
from till.domain.order.events import OrderPlaced
from till.domain.order.state import Status
from till.domain.payment.events import (
    PaymentApproved,
    PaymentDeclined,
    PaymentReturnDeclined,
    PaymentReturnStarted,
    PaymentStarted,
    PaymentVoided,
    SlipKept,
)
from till.domain.payment.movement import PaymentState
from till.domain.structs import replace
from till.ports import Received, SessionMark, Slip
from till.register.other_tills.news import ChargeMoved
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.other_tills.news import News

NOT_SET_UP = "That way to pay is not set up on this till."
#: A voucher of the server, for whose code the guest is asked.
KEPT = replace(TERMINAL, name="VOUCHER", needs_server=True)


class Watched(Screen):
    """A screen that keeps the news of charges."""

    def __init__(self) -> None:
        super().__init__()
        self.charged: list[ChargeMoved] = []

    @override
    def on_news(self, news: News) -> None:
        if isinstance(news, ChargeMoved):
            self.charged.append(news)
        else:
            super().on_news(news)


@pytest.fixture
def till() -> Till:
    return Till(screen=Watched())


@pytest.fixture
def other() -> Till:
    return Till(2, 2, journal=MemoryJournal("0197a000-0000-7000-8000-00000000cafe"), screen=Watched())


def news_of(till: Till) -> list[ChargeMoved]:
    """Return the news of charges that the screen of a till got."""
    assert isinstance(till.screen, Watched)
    return till.screen.charged


def begin(till: Till, *terminals: Terminal) -> None:
    till.register.asker.begin(Tenders(asked=terminals), saved)


def by_voucher(till: Till, session: str, amount: str) -> None:
    """Have the server approve the pending payment of an order."""
    payment = till.register.ledger.order(session).pending_payment
    assert payment is not None
    taken = PaymentApproved(
        payment_id=payment.id, tender="VOUCHER", amount=amount, tendered=amount, change="0.00", balance="0.00"
    )
    by_server(till.register, session, taken)


# Requests


@pytest.mark.parametrize(
    ("asked", "started"),
    [
        ({}, ("119.00", "0", ("V400m-1", "till-1"), {})),
        ({"tip": 500}, ("124.00", "5.00", ("V400m-1", "till-1"), {})),
        ({"amount": 5_000}, ("50.00", "0", ("V400m-1", "till-1"), {})),
        ({"amount": 5_000, "tip": 500}, ("55.00", "5.00", ("V400m-1", "till-1"), {})),
        ({"pieces": 1}, ("40.00", "0", ("V400m-1", "till-1"), {"pieces": 1})),
        ({"pieces": 1, "tip": 500}, ("45.00", "5.00", ("V400m-1", "till-1"), {"pieces": 1})),
        ({"pieces": 3}, ("119.00", "0", ("V400m-1", "till-1"), {"pieces": 3})),
        ({"place": "8921"}, ("119.00", "0", ("8921", ""), {})),  # the server knows a voucher by its own name
    ],
)
def test_a_charge_is_recorded_as_it_was_asked_for(till: Till, asked: dict[str, Any], started: Any) -> None:
    """Three items of 39.60 on a bill that is rounded to the rupee."""
    till.journal.cache("settings", 2, {**VENUE, "rounding": {"step": "1", "of": "bill"}})
    till.start()
    session = till.add(None, 1, 3, price4=396_000).id
    [line] = till.register.ledger.order(session).lines
    amounts = {name: Minor(asked[name]) for name in ("amount", "tip") if name in asked}
    pieces = {line: asked["pieces"]} if "pieces" in asked else None

    async def story() -> None:
        begin(till, Terminal())
        till.register.charges.ask(session, "CARD", **amounts, place=asked.get("place", ""), pieces=pieces)

    played(till.clock, story())
    [one] = till.wrote(PaymentStarted)
    amount, tip, names, counted = started
    assert (one.amount, one.tip, (one.place, one.asker)) == (amount, tip, names)
    assert one.pieces == ({line: counted["pieces"]} if counted else {})


@pytest.mark.parametrize(("state", "fault"), [("empty", EmptyOrderError), ("void", PaymentError)])
def test_nothing_is_asked_for_without_a_line(till: Till, state: str, fault: type[Exception]) -> None:
    order = till.order(1)
    if state == "void":
        till.register.checkout.pay(order.id, "CASH", Minor(1_000))
    till.register.sales.void(order.id, next(iter(order.lines)), "x")

    async def story() -> None:
        begin(till, Terminal())
        with pytest.raises(fault) as refused:
            till.register.charges.ask(order.id, "CARD", Minor(1_000))
        assert ("does not count" in str(refused.value)) is False

    played(till.clock, story())
    assert [one.tender for one in till.wrote(PaymentStarted)] == (["CASH"] if state == "void" else [])


def test_nothing_is_asked_of_a_tender_that_is_not_set_up(till: Till) -> None:
    session = till.order(2).id

    async def story() -> None:
        begin(till, Terminal())
        with pytest.raises(PaymentError) as refused:
            till.register.charges.ask(session, "UPI")
        assert refused.value.sentence == NOT_SET_UP

    played(till.clock, story())


# Returns


@pytest.mark.parametrize(
    ("taken", "traits", "is_returned"),
    [
        ("terminal", TERMINAL, True),
        ("settled", TERMINAL, True),
        ("hand", TERMINAL, False),
        ("terminal", replace(TERMINAL, can_refund=False), False),
        ("terminal", replace(TERMINAL, needs_server=True), False),  # the server gives it back by the event alone
        ("terminal", None, False),  # it is not set up any more
    ],
)
def test_a_payment_goes_back_by_the_terminal_that_took_it_if_that_can(
    till: Till, taken: str, traits: Any, *, is_returned: bool
) -> None:
    session = till.order(2).id
    terminal = Terminal().then("approved" if taken == "terminal" else UNKNOWN)
    charges = till.register.charges

    async def story() -> None:
        if taken == "hand":
            till.register.asker.tenders = Tenders()
            till.register.checkout.pay(session, "CARD", Minor(5_000), slip="4711")
        else:
            begin(till, terminal)
            charges.ask(session, "CARD", Minor(5_000))
            await asyncio.sleep(100)
        if taken == "settled":
            charges.settle_by_hand(
                session, only(till.register.ledger.order(session)).id, allowed(till, 5_000), charged=True
            )
        till.register.asker.end()
        terminal.script.clear()
        begin(till, *([] if traits is None else [replace_traits(terminal, traits)]))
        payment = only(till.register.ledger.order(session))
        assert charges.is_returned(payment) == is_returned
        approval = None
        if (asked := till.register.checkout.needs_manager(session, payment.id)) is not None:
            approval = till.register.approvals.give(till.register.access.find(9), asked)
        if is_returned:
            charges.give_back(session, payment.id, approval)
            return
        with pytest.raises(PaymentError) as refused:
            charges.give_back(session, payment.id, approval)
        assert refused.value.sentence == NOT_SET_UP

    played(till.clock, story())
    assert len(till.wrote(PaymentReturnStarted)) == is_returned


def replace_traits(terminal: Terminal, traits: Any) -> Terminal:
    terminal.traits = traits
    return terminal


def test_a_second_return_is_the_one_that_is_answered(till: Till) -> None:
    """The terminal declined the first one."""
    terminal = Terminal().then("declined", words="card gone").then()

    async def story() -> str:
        session = await paid_in_part(till, terminal)
        payment = only(till.register.ledger.order(session)).id
        for _time in range(2):
            till.register.charges.give_back(session, payment)
            await asyncio.sleep(1)
        return session

    payment = only(till.register.ledger.order(played(till.clock, story())))
    first, second = till.wrote(PaymentReturnStarted)
    assert [one.return_id for one in till.wrote(PaymentReturnDeclined)] == [first.return_id]
    assert [one.return_id for one in till.wrote(PaymentVoided)] == [second.return_id]
    assert [one.state for one in payment.returns] == [PaymentState.DECLINED, PaymentState.APPROVED]


def test_slips_and_news_of_a_return_are_of_its_payment(till: Till) -> None:
    terminal = Terminal().then(HANGS)

    async def story() -> str:
        session = await paid_in_part(till, terminal)
        payment = only(till.register.ledger.order(session)).id
        news_of(till).clear()
        back = till.register.charges.give_back(session, payment)
        await asyncio.sleep(1)
        assert back.charge.key != payment
        assert till.register.asker.keep_slip(back.charge.key, Slip(lines=("REFUND",)))
        return payment

    payment = played(till.clock, story())
    assert [one.payment_id for one in till.wrote(SlipKept)] == [payment]
    assert {one.payment_id for one in news_of(till)} == {payment}


def test_a_return_is_settled_where_it_was_asked_for(till: Till, other: Till) -> None:
    """The till that took the payment names the other one, which polls its own return."""
    there = Terminal().then(HANGS)

    async def story() -> None:
        session = await paid_in_part(till, Terminal())
        take(till, other, session)
        begin(other, there)
        payment = only(other.register.ledger.order(session)).id
        assert other.register.charges.till_that_asked_back(only(other.register.ledger.order(session))) is None
        asked = other.register.checkout.needs_manager(session, payment)
        assert asked is not None
        approval = other.register.approvals.give(other.register.access.find(9), asked)
        other.register.charges.give_back(session, payment, approval)
        meet(till, other, sessions=[session])
        here, beyond = (one.register.ledger.order(session) for one in (till, other))
        assert till.register.charges.till_that_asked_back(only(here)) == 2
        assert other.register.charges.till_that_asked_back(only(beyond)) is None

    played(till.clock, story())


# Settling by hand


@pytest.mark.parametrize(
    ("of", "charged", "reason"),
    [
        ("charge", True, None),
        ("charge", False, "settled by hand: not charged"),
        ("return", True, None),
        ("return", False, "settled by hand: not refunded"),
    ],
)
def test_a_manager_settles_a_charge_or_its_return_for_its_whole_amount(
    till: Till, of: str, reason: str | None, *, charged: bool
) -> None:
    """The approval is for the amount with the tip; the polls end at once."""
    charges, ledger = till.register.charges, till.register.ledger

    async def story() -> str:
        session = till.order(2).id
        begin(till, Terminal().then("approved" if of == "return" else UNKNOWN))
        charges.ask(session, "CARD", Minor(5_000), Minor(500))
        await asyncio.sleep(1)
        payment = only(ledger.order(session))
        if of == "return":
            charges.give_back(session, payment.id)
        await asyncio.sleep(91)
        with pytest.raises(RightsError):
            charges.settle_by_hand(session, payment.id, allowed(till, 5_000), charged=charged)
        key = only(ledger.order(session)).asked_for.id
        assert till.register.asker.progress_of(key) is not None
        shown = answers_shown(till)
        charges.settle_by_hand(session, payment.id, allowed(till, 5_500), charged=charged, slip="S-7")
        await asyncio.sleep(0.5)
        assert till.register.asker.progress_of(key) is None
        assert answers_shown(till) == shown  # the person knows
        return session

    session = played(till.clock, story())
    order = ledger.order(session)
    assert (order.paid == 5_000) == ((of, charged) in {("charge", True), ("return", False)})
    declined = [(one.reason, one.approved_by) for one in till.wrote(PaymentDeclined)]
    declined += [(one.reason, one.approved_by) for one in till.wrote(PaymentReturnDeclined)]
    assert declined == ([] if reason is None else [(reason, 9)])
    settled = [(one.approved_by, one.transaction) for one in till.wrote(PaymentApproved)]
    settled += [(one.approved_by, one.transaction) for one in till.wrote(PaymentVoided)]
    by_hand = [one for one in settled if one[0] is not None]
    assert by_hand == ([(9, "S-7")] if charged else [])


@pytest.mark.parametrize("user", [None, 1, 9])
def test_only_a_person_with_the_right_settles_by_hand_without_an_approval(till: Till, user: int | None) -> None:
    async def story() -> str:
        session = till.order(2).id
        begin(till, Terminal())
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(91)
        payment = only(till.register.ledger.order(session)).id
        till.register.ledger.user = user
        if user == 9:
            till.register.charges.settle_by_hand(session, payment, None, charged=True)
        else:
            with pytest.raises(RightsError):
                till.register.charges.settle_by_hand(session, payment, None, charged=True)
        return session

    order = till.register.ledger.order(played(till.clock, story()))
    assert (only(order).settled_by, order.status) == ((9, Status.COMPLETED) if user == 9 else (None, Status.ACTIVE))


@pytest.mark.parametrize(("opens", "drawer"), [(True, 1), (False, None)])
@pytest.mark.parametrize("by_hand", [True, False])
def test_a_tender_with_a_provider_may_be_kept_in_the_drawer(
    till: Till, drawer: int | None, *, opens: bool, by_hand: bool
) -> None:
    """A terminal of meal vouchers that are counted, too."""
    terminal = Terminal(traits=replace(TERMINAL, opens_drawer=opens)).then(UNKNOWN if by_hand else "approved")

    async def story() -> None:
        session = till.order(2).id
        begin(till, terminal)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(91)
        if by_hand:
            payment = only(till.register.ledger.order(session)).id
            till.register.charges.settle_by_hand(session, payment, allowed(till), charged=True)

    played(till.clock, story())
    assert [one.drawer for one in till.wrote(PaymentApproved)] == [drawer]


# After a start


def test_a_till_that_took_an_order_over_polls_its_payment_after_a_restart(till: Till, other: Till) -> None:
    """The payment is not in the list of that till's own payments."""
    terminal, there = Terminal().then(HANGS), Terminal().then(UNKNOWN)

    async def story() -> None:
        session = till.order(2).id
        begin(till, terminal)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        take(till, other, session)
        other.start()
        begin(other, there)
        await asyncio.sleep(1)

    played(till.clock, story())
    assert [one.key for one in there.asked] == [only_key(terminal)] * 2


def only_key(terminal: Terminal) -> str:
    [charge] = terminal.charged
    return charge.key


def test_two_payments_of_an_order_without_an_answer_are_polled_one_after_the_other(
    till: Till, other: Till, third: Till
) -> None:
    """Two tills charged apart; the one that goes on with the order polls the second after the answer to the first."""
    first, second, here = Terminal().then(HANGS), Terminal().then(HANGS), Terminal()

    async def story() -> list[PaymentState]:
        session = till.order(2).id
        take(till, other, session)
        for one, terminal in ((till, first), (other, second)):
            begin(one, terminal)
            one.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        for one in (till, other):
            one.register.asker.end()
        begin(third, here.then("declined").then("declined"))
        meet(till, other, third, sessions=[session])
        grant(third, session, 1)
        await asyncio.sleep(5)
        return [one.state for one in third.register.ledger.order(session).payments.values()]

    assert played(till.clock, story()) == [PaymentState.DECLINED] * 2
    assert [one.key for one in here.asked] == [only_key(first), only_key(second)]


def test_the_newest_payments_and_their_returns_are_followed_the_oldest_order_first(till: Till) -> None:
    async def story() -> None:
        terminal = Terminal()
        sessions = [await paid_in_part(till, terminal), await paid_in_part(till, terminal)]
        terminal.then("declined").then("declined")
        payment = only(till.register.ledger.order(sessions[0])).id
        for _time in range(2):
            till.register.charges.give_back(sessions[0], payment)
            await asyncio.sleep(1)
        found = [(one.stream, one.goes_back) for one in till.register.charges.all_progress()]
        assert found == [(sessions[1], False), *((sessions[0], back) for back in (False, True, True))]

    played(till.clock, story())


# Answers


def answers_shown(till: Till) -> list[str]:
    """Return the payment of each answer that the screen was shown."""
    return [one.payment_id for one in news_of(till) if one.answered]


@pytest.mark.parametrize(
    ("says", "shown"), [(["approved"], 1), (["declined"], 1), ([UNKNOWN, "authorised", "declined"], 1), ([UNKNOWN], 0)]
)
def test_the_screen_hears_once_that_a_charge_has_its_answer(till: Till, says: list[str], shown: int) -> None:
    terminal = Terminal()

    async def story() -> str:
        session = till.order(2).id
        begin(till, terminal)
        for answer in says:
            terminal.then(answer)
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(30)
        key = only(till.register.ledger.order(session)).id
        terminal.then(says[-1])
        till.register.payment_hinted(key)
        await asyncio.sleep(5)
        return key

    key = played(till.clock, story())
    assert answers_shown(till) == [key] * shown
    assert {one.payment_id for one in news_of(till)} == {key}


def test_a_slip_is_kept_with_the_answer_that_is_news(till: Till) -> None:
    declined = {"slips": (Slip(lines=("REFUSED",)),)}
    terminal = Terminal().then("declined", **declined).then("declined", **declined)

    async def story() -> None:
        session = till.order(2).id
        begin(till, terminal)
        key = till.register.charges.ask(session, "CARD").charge.key
        await asyncio.sleep(1)
        till.register.payment_hinted(key)
        await asyncio.sleep(1)

    played(till.clock, story())
    assert (len(terminal.asked), len(till.wrote(SlipKept))) == (1, 1)


@pytest.mark.parametrize("says", ["approved", "declined"])
def test_an_answer_that_another_till_heard_is_shown_once_where_the_order_is(till: Till, other: Till, says: str) -> None:
    terminal = Terminal().then(says, after=5)

    async def story() -> str:
        session = till.order(2).id
        begin(till, terminal)
        begin(other, Terminal())
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(1)
        take(till, other, session)
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        await asyncio.sleep(10)
        assert (len(answers_shown(till)), answers_shown(other)) == (1, [])
        give(till, other, session, SessionMark(session, 1, 9))
        await asyncio.sleep(5)
        return only(other.register.ledger.order(session)).id

    key = played(till.clock, story())
    assert answers_shown(till) == answers_shown(other) == [key]
    assert len(other.wrote(OrderPlaced)) == (says == "approved")


def test_polls_that_end_as_another_till_took_the_order_are_no_answer(till: Till, other: Till, third: Till) -> None:
    tills = (till, other, third)

    async def story() -> None:
        session = till.order(2).id
        for one in tills:
            begin(one, Terminal())
        till.register.charges.ask(session, "CARD")
        await asyncio.sleep(20)
        for before, after in ((till, other), (other, third)):
            take(before, after, session)
            meet(*tills, sessions=[session])
            await asyncio.sleep(100)
        key = only(till.register.ledger.order(session)).id
        assert [one.register.asker.progress_of(key) is None for one in tills] == [True, True, False]

    played(till.clock, story())
    assert answers_shown(till) == answers_shown(other) == []


# The end of an order


def unread(till: Till, session: str) -> None:
    """Have another till's record come that this one cannot read."""
    hand = Hand(2, start=till.clock.now())
    hand.knows(*till.journal.events_of(session))
    event = forged(hand.added("late", 1, "80.00"), store_id=STORE, stream_id=session, type="promotion_given")
    till.journal.receive([Received(2, event)], [SessionMark(session, 1, 2)])
    till.register.sessions_grew([session])


def ask_voucher(till: Till, session: str, amount: int | None = None) -> None:
    """Ask the server for a payment by voucher and lose its answer."""

    async def story() -> None:
        begin(till, Terminal(traits=KEPT).then(HANGS))
        till.register.charges.ask(session, "VOUCHER", None if amount is None else Minor(amount), place="8921")
        await asyncio.sleep(1)
        till.register.asker.end()

    played(till.clock, story())


@pytest.mark.parametrize(
    ("state", "is_sold"),
    [
        ("active", True),
        ("on a tab", True),
        ("on a forgotten tab", True),
        ("cash before", True),
        ("a part is due", False),
        ("unread", False),
        ("another till has it", False),
    ],
)
def test_an_order_that_the_server_paid_while_the_till_was_off_is_sold_at_the_start(
    till: Till, other: Till, state: str, *, is_sold: bool
) -> None:
    session = till.order(2).id
    if state == "cash before":
        till.register.checkout.pay(session, "CASH", Minor(1_000))
    ask_voucher(till, session, 7_000 if state in {"cash before", "a part is due"} else None)
    if state.endswith("tab"):
        till.register.charges.keep(session, TAB)
    till.register.asker.tenders = Tenders()  # off
    payment = till.register.ledger.order(session).pending_payment
    assert payment is not None
    paid = till.register.formats.currency.text(payment.amount)
    lose = till.register.charges.follow
    till.register.charges.follow = lambda _order: None  # type: ignore[assignment, method-assign]
    if state == "another till has it":
        take(till, other, session)
        give(other, till, session)
    by_voucher(till, session, paid)
    if state == "unread":
        unread(till, session)
    till.register.charges.follow = lose  # type: ignore[method-assign]
    if state == "on a forgotten tab":
        till.journal.forget_open([session])
    assert till.wrote(OrderPlaced) == []
    till.start()
    news_of(till).clear()

    async def story() -> None:
        begin(till, Terminal(traits=KEPT))
        await asyncio.sleep(1)

    played(till.clock, story())
    assert len(till.wrote(OrderPlaced)) == is_sold
    assert {one.payment_id for one in news_of(till)} <= {""}
    assert bool(news_of(till)) == (state != "a part is due")
    if is_sold:
        news_of(till).clear()
        played(till.clock, story())  # a start of the day after
        assert news_of(till) == []


@pytest.mark.parametrize(("logged_in", "sold_by"), [(2, 2), (None, 2)])
def test_a_sale_by_an_answer_from_elsewhere_is_of_who_asked_for_the_newest_money(
    till: Till, logged_in: int | None, sold_by: int
) -> None:
    """A first cashier took cash; the second one asked for the rest and, later, for what the guest never paid."""
    session = till.order(2).id
    till.register.checkout.pay(session, "CASH", Minor(1_000))
    till.clock.move(seconds=5)
    till.register.ledger.user = till.user = 2
    ask_voucher(till, session, 7_000)
    till.register.ledger.user = logged_in
    begin_quietly(till)
    by_voucher(till, session, "70.00")
    till.register.ledger.user = 9
    [placed] = [event for event in till.journal.own if isinstance(event.data, OrderPlaced)]
    assert placed.user == sold_by


def begin_quietly(till: Till) -> None:
    """Make the tenders known without a loop."""
    till.register.asker.tenders = Tenders(asked=[Terminal(traits=KEPT)])


@pytest.mark.parametrize(
    ("case", "is_sold"),
    [("answered", True), ("all refunded", False), ("unread", False), ("part", False)],
)
def test_an_answer_sells_only_an_order_that_it_settles(till: Till, case: str, *, is_sold: bool) -> None:
    terminal = Terminal().then(after=5)

    async def story() -> Order:
        session = till.order(2).id
        begin(till, terminal)
        charges, register = till.register.charges, till.register
        if case == "all refunded":
            terminal.then("declined")
            charges.ask(session, "CARD", Minor(5_000))
            await asyncio.sleep(10)
            payment = only(register.ledger.order(session)).id
            register.sales.void(session, next(iter(register.ledger.order(session).lines)), "they left")
            terminal.script.clear()
            terminal.then()
            charges.give_back(session, payment)
            await asyncio.sleep(10)
            return register.ledger.order(session)
        charges.ask(session, "CARD", Minor(5_000) if case == "part" else None)
        await asyncio.sleep(1)
        if case == "unread":
            unread(till, session)
        await asyncio.sleep(10)
        return register.ledger.order(session)

    order = played(till.clock, story())
    assert (order.status is Status.COMPLETED, order.pending_payment) == (is_sold, None)
