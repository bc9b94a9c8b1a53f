from datetime import timedelta

import pytest

from tests.register.conftest import STORE, Till
from tests.register.exchange import EARLY, acknowledge, by_server, give, resume, row
from tests.register.fakes import MemoryJournal
from till.domain.errors import LineError, OrderClosedError, PaymentError, RightsError
from till.domain.events.envelope import Draft
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import Minor
from till.domain.money.settling import PaidRounding
from till.domain.order.events import SessionSwept
from till.domain.order.state import Status
from till.domain.till.events import LostRange, RecordsLost, stream_of_till
from till.ports import SessionMark
from till.register.answers import Answers
from till.register.losses import describe_loss
from till.register.recovery import LoginOrders, OpenOrderSummary

FAR = "0197a000-0000-7000-8000-0000000000f1"
OLDER, NEWER = (f"{first}197a000-0000-7000-8000-00000000aaaa" for first in "0f")
FURTHER = "0197a000-0000-7000-8000-0000000000f2"
NOTHING = LoginOrders(None, None, ())


# At start


@pytest.mark.parametrize(
    ("total", "paid", "shown"),
    [
        (52_313, 26_150, "5 lines, ₹262.00 due, ₹261.50 paid"),
        (15_080, 20_000, "5 lines, ₹49.00 to give back, ₹200.00 paid"),
        (15_080, 0, "5 lines, ₹150.80"),
    ],
)
def test_due_of_a_bill_that_is_rounded_is_what_pay_asks(total: int, paid: int, shown: str) -> None:
    answers = Answers(Formats(Currency("INR"), marks_of("en")), PaidRounding(Minor(100), bill=True))
    assert answers.counted(5, Minor(total), Minor(paid)) == shown


def test_orders_that_owe_and_that_get_money_back_are_not_netted(till: Till) -> None:
    owing, other = till.order(1), till.order(1)
    other = till.register.checkout.pay(other.id, "CASH", Minor(1_000))
    (line,) = other.lines
    till.register.sales.void(other.id, line, "dropped")
    found = till.register.answers.found(till.clock.now(), [owing, till.register.ledger.order(other.id)])
    assert "2 orders were open: 1 line, ₹40.00, ₹10.00 paid." in found


def test_losses_that_the_server_has_not_judged_are_counted_together(till: Till) -> None:
    def lose(*ranges: LostRange) -> str:
        lost = RecordsLost(journal_id=till.journal.journal_id, ranges=ranges)
        till.register.ledger.commit([Draft(lost, stream_of_till(STORE, 1))])
        return describe_loss(till.journal).partition(".")[0]

    assert lose(LostRange(first=5, last=9)) == "5 records of this till are missing"
    assert lose(LostRange(first=7, last=7), LostRange(first=9, last=9)) == "7 records of this till are missing"
    assert lose() == "The last records of this till are missing"
    acknowledge(till)
    assert describe_loss(till.journal) == ""
    assert lose(LostRange(first=3, last=3)) == "1 record of this till is missing"


def test_a_crash_leaves_what_was_open_on_the_screen(till: Till) -> None:
    first, second = till.order(1), till.order(2, 1)
    till.register.recovery.suspend(till.order(3).id)
    till.register.checkout.pay_exact(till.order(1).id)
    till.register.sales.view_menu(None, 1, "", [])
    till.start()
    found = till.register.recovery.open_here()
    assert [order.id for order in found] == [first.id, second.id]
    closed_at = till.register.venue.local(till.clock.now())
    assert till.register.answers.found(closed_at, found) == (
        "This till closed unexpectedly at 10:31. 2 orders were open: 3 lines, ₹160.00. They are here."
    )
    assert till.register.answers.found(closed_at, found[1:]) == (
        "This till closed unexpectedly at 10:31. 1 order was open: 2 lines, ₹120.00. It is here."
    )
    till.register.checkout.pay(second.id, "CASH", Minor(2000))
    assert till.register.answers.found(closed_at, till.register.recovery.open_here()) == (
        "This till closed unexpectedly at 10:31. 2 orders were open: 3 lines, ₹160.00, ₹20.00 paid. They are here."
    )
    assert till.register.answers.found(closed_at, []) == "This till closed unexpectedly at 10:31. No order was open."


def test_an_order_with_money_that_a_crash_left_is_found_by_a_manager(till: Till) -> None:
    order, suspended = till.order(1), till.order(1)
    till.order(1)
    for one in (order, suspended):
        till.register.checkout.pay(one.id, "CASH", Minor(2000))
    till.register.recovery.suspend(suspended.id)
    till.start()
    assert [one.id for one in till.register.recovery.with_money()] == [suspended.id, order.id]


def test_an_order_with_money_and_no_line_left_is_open_here(till: Till) -> None:
    order = till.order(1)
    till.register.checkout.pay(order.id, "CASH", Minor(2000))
    (line,) = order.lines
    till.register.sales.void(order.id, line, "dropped")
    till.start()
    closed_at = till.register.venue.local(till.clock.now())
    assert till.register.answers.found(closed_at, till.register.recovery.open_here()).endswith(
        "1 order was open: 0 lines, ₹20.00 to give back, ₹20.00 paid. It is here."
    )


def test_the_last_sale_of_today_is_found_again(till: Till) -> None:
    assert till.register.recovery.last_sale() is None
    till.register.checkout.pay_exact(till.order(1).id)
    newest = till.register.checkout.pay_exact(till.order(2).id)
    till.start()
    assert till.register.recovery.last_sale() == newest
    till.clock.move(days=1)
    assert till.register.recovery.last_sale() is None


def test_money_given_back_last_is_found_until_other_money_moves(till: Till) -> None:
    """Change of a part counts while its order is open; a payment, a sale and a new day end it."""
    checkout, refunds = till.register.checkout, till.register.refunds

    def last() -> tuple[str, str] | None:
        found = refunds.last_given_back()
        return found and (found[0].id, found[1].id)

    assert last() is None
    order = till.order(1)
    order = checkout.pay(order.id, "CASH", Minor(1_000))
    assert last() is None
    (part,) = order.payments
    checkout.give_back(order.id, part)
    till.start()
    assert last() == (order.id, part)
    other = till.order(2)
    assert last() == (order.id, part)  # no money moved
    checkout.pay_exact(other.id)
    assert last() is None
    checkout.pay_exact(till.add(None, 6, -2).id)
    assert last() is None  # it was paid out as a sale
    again = checkout.pay(order.id, "CASH", Minor(1_000))
    newest = list(again.payments)[-1]
    checkout.give_back(order.id, newest)
    assert last() == (order.id, newest)
    till.clock.move(days=1)
    assert last() is None


def test_clearing_is_undone_only_while_it_was_last(till: Till) -> None:
    recovery, drawer = till.register.recovery, till.register.drawer
    till.register.access.admit(till.register.access.find(1))

    def refusal() -> str:
        with pytest.raises(LineError) as refused:
            recovery.undo_clearing()
        return refused.value.sentence

    nothing = "There is nothing to undo. Type an item, then Enter."
    assert refusal() == nothing
    order = till.order(1)
    recovery.discard(order.id, "left")
    till.register.sales.view_menu(None, 1, "", [])  # keys nothing
    assert recovery.undo_clearing().id == order.id
    recovery.discard(order.id, "left")
    till.register.tabs.save(till.order(1).id, "7")
    assert refusal() == "The order was saved last. F8 recalls it."
    drawer.move("safe_drop", Minor(100))
    assert refusal() == "Cash was moved last. F11, then U undoes it."
    till.register.checkout.pay_exact(till.order(1).id)
    assert refusal() == "A sale was last. F10 refunds it."
    till.order(1)
    assert refusal() == "Something was keyed since: a manager finds it with F5."


def test_an_order_that_another_till_took_is_not_open_here(till: Till, other: Till) -> None:
    order = till.order(1)
    give(till, other, order.id)
    resume(other, order.id)
    give(other, till, order.id)
    till.start()
    assert till.register.recovery.open_here() == []


def test_an_order_that_the_database_says_another_till_holds_is_not_open_here(till: Till) -> None:
    order = till.order(1)
    acknowledge(till, SessionMark(order.id, 1, version=3, till=2, holder=2, hold=NEWER))
    till.start()
    assert till.register.recovery.open_here() == []


def test_a_waiting_order_with_money_on_it_is_not_cleared_and_waits_as_before(till: Till) -> None:
    order, recovery = till.order(1), till.register.recovery
    till.register.checkout.pay(order.id, "CASH", Minor(1000))
    recovery.suspend(order.id)
    with pytest.raises(PaymentError):
        recovery.clear_waiting(order.id, 1, "guest left", None)
    assert till.register.ledger.order(order.id).status is Status.PENDING_LOGOUT


# At login


def test_nothing_waits_for_who_keyed_nothing(till: Till) -> None:
    till.order(1)
    assert till.register.recovery.arrival(2, None) == NOTHING
    assert till.register.recovery.arrival(2, []) == NOTHING


def test_the_newest_opens_and_the_others_wait(till: Till) -> None:
    orders = [till.order(plu) for plu in (1, 2, 3)]
    till.clock.move(seconds=1)
    till.register.recovery.suspend(orders[0].id)
    expected = LoginOrders(orders[0].id, None, (orders[2].id, orders[1].id))
    assert till.register.recovery.arrival(1, None) == expected
    assert till.register.recovery.arrival(1, []) == expected


def test_a_blank_order_is_not_worth_a_word(till: Till) -> None:
    till.register.sales.view_menu(None, 1, "", [])
    assert till.register.recovery.arrival(1, None) == NOTHING


def test_an_order_that_waits_in_the_database_opens_on_any_till(till: Till) -> None:
    assert till.register.recovery.arrival(1, [row(FAR)]).open == FAR


def test_an_order_of_this_till_whose_journal_was_lost_opens(till: Till) -> None:
    assert till.register.recovery.arrival(1, [row(FAR, 1)]).open == FAR


def test_an_order_that_the_server_holds_waits(till: Till) -> None:
    """An order of late lines never opens by itself."""
    arrival = till.register.recovery.arrival(1, [row(FAR, holder=0)])
    assert (arrival.open, arrival.waiting) == (None, (FAR,))
    assert till.register.recovery.glimpse(1, row(FAR, holder=0)) is None


def test_an_order_of_this_till_whose_journal_was_lost_is_followed_from_now_on(till: Till) -> None:
    session = till.order(1).id
    again = Till(seed=7, clock=till.clock, journal=MemoryJournal("0197a000-0000-7000-8000-0000000feed1"))
    give(till, again, session, SessionMark(session, 1, 2, till=1, holder=1, status="active", open=False))
    resume(again, session)
    order = again.register.ledger.order(session)
    assert (order.holder, order.hold == order.last_id) == (1, True)
    assert [mark.session_id for mark in again.journal.followed_sessions()] == [session]


def test_an_order_that_another_till_holds_is_asked_about(till: Till) -> None:
    held = row(FAR, 2)
    assert till.register.recovery.arrival(1, [held]) == LoginOrders(None, held, ())
    assert till.register.recovery.arrival(1, [row(FAR, 2, lines=0)]) == NOTHING
    paid = row(FAR, 2, lines=0, paid=Minor(2000))
    assert till.register.recovery.arrival(1, [paid]) == LoginOrders(None, paid, ()), (
        "its lines are void, and money is to go back"
    )
    assert till.register.recovery.arrival(1, [row(FAR, lines=0, paid=Minor(2000))]).open == FAR


def test_newest_order_held_elsewhere_is_asked_about_first(till: Till) -> None:
    older, newer = row(FAR, 2), row(FURTHER, 3, updated_at=EARLY + timedelta(minutes=1))
    assert till.register.recovery.arrival(1, [newer, older]) == LoginOrders(None, newer, (FAR,))


def test_one_that_is_here_opens_and_the_one_elsewhere_is_named_and_waits(till: Till) -> None:
    order, held = till.order(1), row(FAR, 2)
    assert till.register.recovery.arrival(1, [held]) == LoginOrders(order.id, held, (FAR,))


def test_an_order_suspended_here_opens_though_the_database_is_late(till: Till) -> None:
    order = till.order(1)
    till.register.recovery.suspend(order.id)
    assert till.register.recovery.arrival(1, [row(order.id, 1)]).open == order.id


def test_an_order_taken_over_here_opens_though_the_database_is_late(till: Till, other: Till) -> None:
    order = other.order(1)
    give(other, till, order.id, SessionMark(order.id, 2, 2, till=2, holder=2, hold=OLDER))
    resume(till, order.id)
    assert till.register.recovery.arrival(2, [row(order.id, 2)]).open == order.id


def test_an_order_taken_by_another_till_is_asked_about_before_its_events_are_here(till: Till) -> None:
    order = till.order(1)
    taken = row(order.id, 2, hold=NEWER)
    assert till.register.recovery.arrival(1, [taken]) == LoginOrders(None, taken, ())


def test_an_order_that_another_till_let_go_under_its_hold_opens(till: Till, other: Till) -> None:
    order = other.order(1)
    give(other, till, order.id, SessionMark(order.id, 2, 2, till=2, holder=2, hold=order.hold))
    assert till.register.recovery.arrival(2, [row(order.id, 2, hold=order.hold)]).elsewhere is not None
    assert till.register.recovery.arrival(2, [row(order.id, hold=order.hold, version=5)]).open == order.id


def test_an_order_that_the_server_suspended_is_its_persons_where_it_was(till: Till, other: Till) -> None:
    recovery, find = till.register.recovery, till.register.access.find
    active, suspended, swept, taken = (till.order(1).id for _order in range(4))
    recovery.suspend(suspended)
    for session in (swept, taken):
        by_server(till.register, session, SessionSwept(minutes=30))
    give(till, other, taken)
    resume(other, taken)
    give(other, till, taken)
    assert [recovery.is_swept_here(swept, one) for one in (find(1), find(2), None)] == [True, False, False]
    others = (active, suspended, taken, FAR)
    assert [recovery.is_swept_here(one, find(1)) for one in others] == [False] * 4


@pytest.mark.parametrize("end", ["paid", "cleared", "tab"])
def test_an_order_finished_here_stays_so_though_the_database_is_late(till: Till, end: str) -> None:
    order = till.order(1)
    if end == "paid":
        till.register.checkout.pay_exact(order.id)
    elif end == "cleared":
        till.register.recovery.discard(order.id, "left")
    else:
        till.register.tabs.save(order.id, "7")
    assert till.register.recovery.arrival(1, [row(order.id, 1)]) == NOTHING
    assert till.register.recovery.arrival(1, []) == NOTHING


def test_an_order_finished_elsewhere_does_not_open_again_before_its_events_are_here(till: Till) -> None:
    order = till.order(1)
    till.register.recovery.suspend(order.id)
    acknowledge(till, SessionMark(order.id, 1, version=3))
    # till 2 brought it back and was paid; its events are on their way
    assert till.register.recovery.arrival(1, []) == NOTHING
    assert till.register.recovery.arrival(1, None).open == order.id


def test_an_order_that_reached_the_database_while_it_answered_opens_all_the_same(till: Till) -> None:
    order = till.order(1)
    sent = till.register.recovery.asks()
    acknowledge(till, SessionMark(order.id, 1, version=2))  # while it answers: the push came second
    till.register.recovery.answered(sent)
    assert till.register.recovery.arrival(1, []).open == order.id


def test_an_answer_without_what_was_suspended_since_lists_it_all_the_same(till: Till) -> None:
    recovery = till.register.recovery
    recovery.answered(recovery.asks())
    order = till.order(1)
    recovery.suspend(order.id)
    acknowledge(till, SessionMark(order.id, 1, version=3, status="pending_logout"))
    assert recovery.waiting(1, []) == ([till.register.ledger.order(order.id)], [])


def test_an_order_resumed_by_another_till_is_not_listed_as_waiting_here(till: Till) -> None:
    order = till.order(1)
    till.register.recovery.suspend(order.id)
    acknowledge(till, SessionMark(order.id, 1, version=3, status="pending_logout"))
    there = row(order.id, 2, hold=NEWER, version=4)
    assert till.register.recovery.waiting(1, [there]) == ([], [there])


def test_an_order_taken_over_and_suspended_here_since_the_answer_waits_here(till: Till, other: Till) -> None:
    order = till.order(1)
    give(till, other, order.id)
    listed = row(order.id, 1)
    back = resume(other, order.id)
    other.register.recovery.suspend(order.id)
    acknowledge(other, SessionMark(order.id, 1, version=4, hold=back.hold, status="pending_logout"))
    assert other.register.recovery.arrival(1, [listed]).open == order.id
    assert other.register.recovery.waiting(1, [listed]) == ([other.register.ledger.order(order.id)], [])


def test_an_order_that_the_database_had_and_does_not_list_was_finished_elsewhere(till: Till) -> None:
    order = till.order(1)
    acknowledge(till, SessionMark(order.id, 1, version=2))
    till.register.recovery.answered(till.register.recovery.asks())
    assert till.register.recovery.arrival(1, []) == NOTHING


def test_lines_keyed_after_the_end_elsewhere_are_reported_and_not_opened(till: Till) -> None:
    order = till.order(1)
    acknowledge(till, SessionMark(order.id, 1, version=2))
    till.add(order.id, 2)
    assert till.register.recovery.arrival(1, []) == LoginOrders(None, None, (order.id,))


def test_an_order_that_only_this_till_knows_opens(till: Till) -> None:
    order = till.order(1)
    assert till.register.recovery.arrival(1, []).open == order.id


def test_an_order_held_elsewhere_is_named_without_the_database(till: Till) -> None:
    order = till.order(1)
    acknowledge(till, SessionMark(order.id, 1, version=3, till=2, holder=2, hold=NEWER))
    assert till.register.recovery.arrival(1, None) == LoginOrders(None, None, (order.id,))


def test_a_swept_order_opens_on_its_own_till_and_is_asked_about_on_another(till: Till, other: Till) -> None:
    order = till.order(1)
    acknowledge(till, SessionMark(order.id, 1, version=3, till=1, holder=1, hold=OLDER, status="pending_logout"))
    swept = row(order.id, 1, status="pending_logout")
    assert till.register.recovery.arrival(1, [swept]).open == order.id
    assert other.register.recovery.arrival(1, [swept]) == LoginOrders(None, swept, ())


# On the login screen


def test_an_order_that_opens_here_is_shown_before_one_on_another_till(till: Till) -> None:
    glimpse = till.register.recovery.glimpse
    assert glimpse(1, None) is None
    assert glimpse(1, row(FAR, 2)) == OpenOrderSummary(1, Minor(4_000), 2)
    assert glimpse(1, row(FAR)) == OpenOrderSummary(1, Minor(4_000), None)
    till.order(1, 2)
    assert glimpse(1, row(FAR, 2)) == glimpse(1, None) == OpenOrderSummary(2, Minor(12_000), None)
    assert glimpse(2, None) is None


def test_an_order_that_went_on_elsewhere_is_shown_as_it_is_there(till: Till) -> None:
    order = till.order(1)
    till.register.recovery.suspend(order.id)
    acknowledge(till, SessionMark(order.id, 1, version=3, status="pending_logout"))
    glimpse = till.register.recovery.glimpse
    assert glimpse(1, row(order.id, version=3)) == OpenOrderSummary(1, Minor(4_000), None)
    assert glimpse(1, row(order.id, 2, version=5, hold=NEWER, lines=2, total=9_000)) == OpenOrderSummary(
        2, Minor(9_000), 2
    )
    assert glimpse(1, row(order.id, version=6, hold=NEWER, lines=2, total=9_000)) == OpenOrderSummary(
        2, Minor(9_000), None
    )
    acknowledge(till, SessionMark(order.id, 1, version=7, till=2, holder=2, hold=NEWER))
    assert glimpse(1, None) == OpenOrderSummary(1, Minor(4_000), 2)


def test_an_order_that_was_finished_here_is_not_shown_though_the_database_is_late(till: Till) -> None:
    order = till.order(1)
    till.register.checkout.pay_exact(order.id)
    assert till.register.recovery.glimpse(1, row(order.id, 1)) is None


# Bringing back


def test_an_order_that_is_on_this_screen_needs_no_event(till: Till) -> None:
    order = till.order(1)
    events = till.types()
    assert resume(till, order.id) is order
    assert till.types() == events


def test_a_parked_order_comes_back_on_another_till(till: Till, other: Till) -> None:
    order = till.order(1, 2)
    till.register.recovery.suspend(order.id)
    give(till, other, order.id)
    back = resume(other, order.id)
    assert (back.status, back.till, back.holder, back.total) == (Status.ACTIVE, 2, 2, 12_000)
    assert other.register.answers.here(back) == "Your order is here: 2 lines, ₹120.00."


def test_lines_of_a_till_with_a_slow_clock_come_after_those_it_fetched(till: Till, other: Till) -> None:
    till.clock.move(hours=1)
    order = till.order(1)
    till.register.recovery.suspend(order.id)
    give(till, other, order.id)
    assert resume(other, order.id).status is Status.ACTIVE
    other.add(order.id, 2)
    assert min(event.id for event in other.journal.own) > max(event.id for event in till.journal.own)


def test_an_order_that_another_till_holds_is_not_opened_without_a_grant(till: Till, other: Till) -> None:
    order = till.order(1)
    give(till, other, order.id)
    assert other.register.grants.must_ask(order.id)
    with pytest.raises(OrderClosedError, match="Another till holds that order"):
        other.register.recovery.resume(order.id)
    assert resume(other, order.id).till == 2
    assert other.types() == []  # the grant itself makes it active


@pytest.mark.parametrize("end", ["paid", "cleared", "tab"])
def test_a_finished_order_does_not_come_back(till: Till, end: str) -> None:
    test_an_order_finished_here_stays_so_though_the_database_is_late(till, end)
    session = till.journal.own[0].session_id
    assert session is not None
    with pytest.raises(OrderClosedError):
        resume(till, session)


def test_two_tills_that_took_one_order_agree_on_what_is_on_it(till: Till, other: Till) -> None:
    order = till.order(1)
    give(till, other, order.id)
    other.clock.move(seconds=5)
    resume(other, order.id)
    till.add(order.id, 2)
    other.add(order.id, 3)
    give(till, other, order.id)
    give(other, till, order.id)
    here, there = (one.register.ledger.order(order.id) for one in (till, other))
    assert here == there
    assert (here.total, here.till) == (18_000, 2)


def test_a_cashier_reaches_own_orders_and_a_manager_all(till: Till) -> None:
    session = till.order(1).id
    till.register.recovery.suspend(session)
    access = till.register.access
    access.admit(next(person for person in access.staff if person.number == 2))
    with pytest.raises(RightsError, match="number 1"):
        resume(till, session)
    with pytest.raises(RightsError):
        till.register.recovery.discard(session, "not mine")
    access.admit(next(person for person in access.staff if person.number == 9))
    assert resume(till, session).user == 1
    till.register.checkout.pay_exact(session)
    access.admit(next(person for person in access.staff if person.number == 2))
    with pytest.raises(OrderClosedError):  # it needs no manager: it is paid
        resume(till, session)
