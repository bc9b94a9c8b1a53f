"""Orders that leave the screen: suspended, cleared, found again and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.domain.making import Hand, forged
from tests.register.conftest import STORE
from tests.register.exchange import acknowledge, by_server, give, grant, take
from till.domain.errors import LineError, OrderClosedError, RightsError
from till.domain.ids import derived_id
from till.domain.money.measures import Minor
from till.domain.order.deciding import event_of
from till.domain.order.events import BookingSeated, OrderDiscarded, OrderSubmitted, RecordSetAside, SessionSwept
from till.domain.order.paying import UnreadRecordError
from till.domain.order.state import Status
from till.domain.staff.rights import ApprovalNeededError, Permission, PermissionRequest
from till.domain.till.events import ApprovalGiven
from till.ports import Received, SessionMark

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.staff.rights import Approval
    from till.register.tabs.open_tabs import OpenTab

NOTHING = "There is nothing to undo. Type an item, then Enter."
KEYED = "Something was keyed since: a manager finds it with F5."
SOLD = "A sale was last. F10 refunds it."
SAVED = "The order was saved last. F8 recalls it."
MOVED = "The order was moved last. F8 moves it back."
LINES = "Lines were moved last. F8 moves them back."
CASH = "Cash was moved last. F11, then U undoes it."
NEWER = "f197a000-0000-7000-8000-00000000aaaa"


def log_in(till: Till, number: int) -> None:
    till.register.access.admit(till.register.access.find(number))


def yes(till: Till, act: Permission, amount: int | None = None) -> Approval:
    asked = PermissionRequest(act, None if amount is None else Minor(amount))
    return till.register.approvals.give(till.register.access.find(9), asked)


def tab_of(till: Till, session: str) -> OpenTab:
    return next(tab for tab in till.register.open_tabs.local() if tab.session_id == session)


def sent(till: Till, session: str, name: str = "window") -> str:
    """Save an order to a tab and recall it: its lines are sent."""
    till.register.tabs.save(session, name)
    till.register.tabs.recall(session, till.user)
    return session


def submit(till: Till, session: str) -> None:
    """Have a program submit an order, as the server does."""
    submitted = OrderSubmitted(order_id=derived_id(session, "sold"), number=17, payment_method="cash", program="chat")
    by_server(till.register, session, submitted)


def seat(till: Till, session: str) -> None:
    """Seat the guests of a booking at an order."""
    ledger = till.register.ledger
    ledger.commit([event_of(ledger.order(session), BookingSeated(booking_id=derived_id(session, "booking")))])


# Clearing


def test_an_order_of_another_person_is_cleared_by_a_manager(till: Till) -> None:
    session, recovery = till.order(1).id, till.register.recovery
    log_in(till, 2)
    with pytest.raises(RightsError, match="That is an order of number 1"):
        recovery.discard(session, "left")
    log_in(till, 9)
    recovery.discard(session, "left")
    assert till.register.ledger.order(session).status is Status.DISCARDED


@pytest.mark.parametrize("is_sent", [True, False])
def test_sent_lines_are_cleared_with_an_approval_of_their_amount(till: Till, *, is_sent: bool) -> None:
    session, recovery = till.order(1, 2).id, till.register.recovery
    log_in(till, 1)
    if is_sent:
        sent(till, session)
        with pytest.raises(ApprovalNeededError) as refused:
            recovery.discard(session, "left")
        assert refused.value.asked == PermissionRequest(Permission.VOID_SENT, Minor(12_000))
    recovery.discard(session, "left", yes(till, Permission.VOID_SENT, 12_000) if is_sent else None)
    assert till.register.ledger.order(session).status is Status.DISCARDED
    assert [one.approved_by for one in till.wrote(ApprovalGiven)] == [9] * is_sent


@pytest.mark.parametrize("how", ["suspended", "submitted"])
def test_a_waiting_order_is_taken_up_and_cleared(till: Till, how: str) -> None:
    session, recovery = till.order(1).id, till.register.recovery
    recovery.suspend(session)
    if how == "submitted":
        submit(till, session)
        till.user = till.register.ledger.user = 2
    approval = yes(till, Permission.VOID_SENT, 4_000) if how == "submitted" else None  # its lines were sent as it came
    recovery.clear_waiting(session, till.user, "guest left", approval)
    order = till.register.ledger.order(session)
    resumed = [event for event in till.journal.own if event.type == "order_resumed"]
    assert (order.status, order.user, len(resumed)) == (Status.DISCARDED, till.user, 1)
    assert [one.reason for one in till.wrote(OrderDiscarded)] == ["guest left"]


def test_a_waiting_order_that_another_till_holds_is_not_cleared(till: Till, other: Till) -> None:
    session = till.order(1).id
    till.register.recovery.suspend(session)
    give(till, other, session)
    with pytest.raises(OrderClosedError, match="Another till holds"):
        other.register.recovery.clear_waiting(session, 2, "left", None)
    assert other.types() == []


@pytest.mark.parametrize(
    ("state", "is_cleared"),
    [
        ("blank", True),
        ("lines", False),
        ("seated", False),
        ("suspended", False),
        ("taken", False),
        ("listed elsewhere", False),
        ("unknown", False),
    ],
)
def test_only_a_blank_order_of_this_screen_is_cleared_as_it_is_left(
    till: Till, other: Till, state: str, *, is_cleared: bool
) -> None:
    session = till.order(1).id if state == "lines" else till.register.sales.view_menu(None, 1, "", []).id
    if state == "seated":
        seat(till, session)
    elif state == "suspended":
        by_server(till.register, session, SessionSwept(minutes=30))
    elif state == "taken":
        take(till, other, session)
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
    elif state == "listed elsewhere":
        acknowledge(till, SessionMark(session, 1, version=3, till=2, holder=2, hold=NEWER))
    before = len(till.types())
    till.register.recovery.leave(derived_id(session, "no order") if state == "unknown" else session)
    written = [kind for kind in till.types()[before:] if kind != "shift_opened"]
    assert written == ["order_discarded"] * is_cleared


# Cleared orders of this till


def test_orders_cleared_here_are_found_for_a_day_the_newest_first(till: Till) -> None:
    recovery, ledger = till.register.recovery, till.register.ledger
    assert recovery.cleared() == []
    first, second, seated, blank, back = (till.order(plu).id for plu in (1, 2, 3, 1, 2))
    for session in (seated, blank):
        till.register.sales.void(session, next(iter(ledger.order(session).lines)), "x")
    seat(till, seated)
    log_in(till, 1)
    for session in (first, second, seated, blank, back):
        till.clock.move(hours=1)
        recovery.discard(session, "left")
    assert recovery.undo_clearing().id == back

    def found() -> list[str]:
        till.start()
        return [order.id for order in till.register.recovery.cleared()]

    assert found() == [seated, second, first]  # a blank one lost nothing
    till.clock.move(hours=19, minutes=59)
    assert found() == [seated, second, first]
    till.clock.move(minutes=1, seconds=1)
    assert found() == [seated, second]


def test_an_order_cleared_again_is_found_once_and_is_the_last_one(till: Till) -> None:
    recovery = till.register.recovery
    log_in(till, 1)
    one, two = till.order(1).id, till.order(2).id
    recovery.discard(one, "left")
    recovery.discard(two, "left")
    recovery.bring_cleared_back(one)
    recovery.discard(one, "left after all")
    assert [order.id for order in recovery.cleared()] == [one, two]
    assert recovery.undo_clearing().id == one


def test_only_the_newest_cleared_orders_are_kept(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("till.register.recovery._MOST_CLEARED", 3)
    recovery = till.register.recovery
    log_in(till, 1)
    sessions = [till.order(1).id for _order in range(4)]
    for session in sessions:
        recovery.discard(session, "left")
    assert [order.id for order in recovery.cleared()] == sessions[:0:-1]
    assert recovery.undo_clearing().id == sessions[-1]


# Undo


class Counter:
    """A till whose cashier cleared an order last, and acts of hers since, each a method."""

    def __init__(self, till: Till, other: Till) -> None:
        self.till, self.other = till, other
        self.tabs = till.register.tabs
        self.seven, self.nine = till.order(1, 2).id, till.order(1).id
        for session, name in ((self.seven, "7"), (self.nine, "9")):
            self.tabs.save(session, name)
            till.clock.move(seconds=1)
        log_in(till, 1)

    def clear(self) -> None:
        self.till.register.recovery.discard(self.till.order(3).id, "left")

    def look(self) -> None:
        self.till.register.sales.view_menu(None, 1, "", [])

    def key(self) -> None:
        self.till.order(1)

    def sell(self) -> None:
        self.till.register.checkout.pay_exact(self.till.order(1).id)

    def save(self) -> None:
        self.tabs.save(self.till.order(1).id, "11")

    def save_again(self) -> None:
        """Put a tab back under its own name."""
        self.tabs.save(self.tabs.recall(self.nine, 1).id, "9")

    def rename(self) -> None:
        """Put a tab back under another name."""
        self.tabs.save(self.tabs.recall(self.nine, 1).id, "12")

    def move(self) -> None:
        """Move a dosa from one tab to the other."""
        self.till.acts.move_pieces(tab_of(self.till, self.seven), "Masala Dosa", 1, tab_of(self.till, self.nine))

    def move_elsewhere(self) -> None:
        """Have another till move it, and hear of that."""
        for session in (self.seven, self.nine):
            give(self.till, self.other, session)
            grant(self.other, session)
        self.other.acts.move_pieces(tab_of(self.other, self.seven), "Masala Dosa", 1, tab_of(self.other, self.nine))
        self._hear(self.seven, self.nine)

    def _hear(self, *sessions: str) -> None:
        """Get the events of another till on orders that this one goes on following."""
        for session in sessions:
            give(self.other, self.till, session, SessionMark(session, 1, 9))

    def taken(self) -> None:
        """Have another till take a tab to which lines were moved."""
        take(self.till, self.other, self.nine)
        self._hear(self.nine)

    def blank(self) -> None:
        """Clear an order without a line."""
        blank = self.till.register.sales.view_menu(None, 1, "", [])
        self.till.register.recovery.discard(blank.id, "nothing was keyed")

    def undo(self) -> None:
        self.till.register.recovery.undo_clearing()

    def granted(self) -> None:
        """Take an order from another till: the server writes its grant to this one."""
        session = self.other.order(1).id
        give(self.other, self.till, session)
        grant(self.till, session)

    def drop(self) -> None:
        self.till.register.drawer.move("safe_drop", Minor(100))

    def undrop(self) -> None:
        drawer = self.till.register.drawer
        shift = drawer.shift()
        assert shift is not None
        drawer.undo(shift.movements[-1].id)


@pytest.mark.parametrize(
    ("acts", "refusal"),
    [
        ("", SAVED),
        ("look", SAVED),
        ("clear", ""),
        ("clear look", ""),
        ("clear drop", ""),
        ("clear granted", ""),
        ("move clear", ""),
        ("move clear taken", ""),
        ("clear blank", ""),
        ("clear undo", NOTHING),
        ("clear move_elsewhere", ""),
        ("clear clear", ""),
        ("clear key", KEYED),
        ("clear sell", SOLD),
        ("clear sell key", KEYED),
        ("sell key clear", ""),
        ("sell", SOLD),
        ("key", NOTHING),
        ("clear save", SAVED),
        ("clear save_again", SAVED),
        ("clear rename", MOVED),
        ("rename save_again", MOVED),
        ("clear move", LINES),
        ("move", LINES),
        ("clear sell move", LINES),
        ("clear move sell", SOLD),
        ("clear move key", KEYED),
        ("clear sell move sell", SOLD),
        ("clear save drop", CASH),
        ("clear sell drop", CASH),
        ("clear save drop undrop", SAVED),
        ("clear save drop undrop drop", CASH),
        ("drop clear save", SAVED),
        ("clear drop move", LINES),
    ],
)
def test_only_a_clearing_that_was_last_is_undone_and_otherwise_the_last_act_is_named(
    till: Till, other: Till, acts: str, refusal: str
) -> None:
    counter = Counter(till, other)
    for act in acts.split():
        till.clock.move(seconds=1)
        getattr(counter, act)()
    if not refusal:
        cleared = till.register.recovery.cleared()[0].id
        assert till.register.recovery.undo_clearing().id == cleared
        assert till.register.ledger.order(cleared).status is Status.ACTIVE
        return
    with pytest.raises(LineError) as refused:
        till.register.recovery.undo_clearing()
    assert refused.value.sentence == refusal


def test_the_newest_acts_since_a_clearing_count(till: Till, other: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("till.register.recovery._MOST_CLEARED", 6)
    counter = Counter(till, other)
    counter.clear()
    for _act in range(6):
        counter.key()
    counter.sell()
    with pytest.raises(LineError) as refused:
        till.register.recovery.undo_clearing()
    assert refused.value.sentence == SOLD


@pytest.mark.parametrize(
    ("number", "refusal"),
    [(1, ""), (2, "Somebody else cleared it: a manager reopens it with F5."), (9, ""), (None, "That needs a manager.")],
)
def test_a_cleared_order_comes_back_to_who_cleared_it_or_to_a_manager(
    till: Till, number: int | None, refusal: str
) -> None:
    session, recovery = till.order(1).id, till.register.recovery
    log_in(till, 1)
    recovery.discard(session, "left")
    if number is None:
        till.register.access.leave(None)
    else:
        log_in(till, number)
    if refusal:
        with pytest.raises(RightsError) as refused:
            recovery.bring_cleared_back(session)
        assert refused.value.sentence == refusal
    else:
        order = recovery.bring_cleared_back(session)
        assert (order.status, order.user, order.total) == (Status.ACTIVE, 1, 4_000)


def test_a_cleared_order_that_the_server_granted_is_active_and_only_resumed(till: Till, other: Till) -> None:
    session = till.order(1).id
    log_in(till, 1)
    till.register.recovery.discard(session, "left")
    give(till, other, session)
    grant(other, session, 2)
    log_in(other, 2)
    order = other.register.recovery.bring_cleared_back(session)
    assert (order.status, order.till, other.types()) == (Status.ACTIVE, 2, ["logged_in"])


# Approvals


def test_a_manager_lets_a_cashier_open_the_order_of_another_once(till: Till) -> None:
    session, recovery = till.order(1).id, till.register.recovery
    recovery.suspend(session)
    log_in(till, 2)
    with pytest.raises(RightsError, match="That is an order of number 1"):
        recovery.resume(session)
    with pytest.raises(RightsError):
        recovery.resume(session, yes(till, Permission.SET_ASIDE))  # it is for another act
    approval = yes(till, Permission.TAKE_OVER)
    assert recovery.resume(session, approval).status is Status.ACTIVE
    assert [(one.act, one.approved_by) for one in till.wrote(ApprovalGiven)] == [(Permission.TAKE_OVER, 9)]
    recovery.suspend(session)
    with pytest.raises(RightsError):  # it serves once
        recovery.resume(session, approval)


def test_a_cashier_with_the_right_takes_over_and_a_manager_without_it_does_not(till: Till) -> None:
    """The settings leave the act to cashiers, and take it from managers."""
    body = till.journal.cached("settings")
    assert body is not None

    def reach() -> list[bool]:
        """Return True for each person who may open the order of another."""
        found = []
        for number in (2, 9):
            log_in(till, number)
            found.append(till.register.recovery.may_reach(1))
        return found

    assert reach() == [False, True]
    till.journal.cache("settings", 2, {**body[1], "cashier_may": "take_over", "manager_may": "discount"})
    till.register.reference_changed(["settings"])
    assert reach() == [True, False]


def test_an_unreadable_record_is_skipped_by_a_manager(till: Till) -> None:
    recovery, session = till.register.recovery, till.order(1).id
    hand = Hand(2, start=till.clock.now())
    hand.knows(*till.journal.events_of(session))
    event = forged(hand.added("late", 1, "80.00"), store_id=STORE, stream_id=session, type="promotion_given")
    till.journal.receive([Received(2, event)])
    till.register.sessions_grew([session])
    log_in(till, 1)
    with pytest.raises(ApprovalNeededError) as refused:
        recovery.set_aside(session, event.id, None)
    assert refused.value.asked == PermissionRequest(Permission.SET_ASIDE)
    with pytest.raises(UnreadRecordError):
        till.register.checkout.pay_exact(session)
    assert recovery.set_aside(session, event.id, yes(till, Permission.SET_ASIDE)).waits_for_manager == ()
    assert [(one.event, one.approved_by) for one in till.wrote(RecordSetAside)] == [(event.id, 9)]
    assert till.register.checkout.pay_exact(session).status is Status.COMPLETED
