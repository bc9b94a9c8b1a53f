"""Histories of some tills and one order that broke earlier rules, each by name: what becomes of them.

After each, every rule of the simulation holds too.
"""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.engine import connect
from tests.simulation.arena import Arena, make_folder
from tests.simulation.cashier import MANAGER
from tests.simulation.counter import Counter
from tests.simulation.log import Log
from tests.simulation.machine import Fate
from tests.simulation.plan import Plan
from tests.simulation.terminal import TERMINAL
from till.domain.errors import PaymentError, TillError
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH, due_in
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.domain.staff.rights import Permission, PermissionRequest
from till.ports import ChargeAnswer, Outcome
from till.ports.store import NoAnswerError
from till.register.other_tills.news import LinesChanged, LinesLate, NoticeCame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.plugins.database import Shelf
    from tests.simulation.machine import Machine
    from tests.simulation.world import World
    from till.domain.order.state import Order
    from till.ports import Charge
    from till.register.other_tills.news import News
    from till.register.tabs.open_tabs import OpenTab

ONE, TWO, THREE = 0, 1, 2
OPEN = {Status.ACTIVE, Status.PENDING_LOGOUT}
USER = 1


class Story:
    """The tills of one user, at rest; acts name the till by its place."""

    def __init__(self, world: World, *places: int) -> None:
        self.world = world
        for place in places or (ONE, TWO):
            register = self._till(place).register
            register.access.admit(register.access.find(USER))
            self.sync(place)

    def _till(self, place: int) -> Machine:
        return self.world.machines[place]

    def order(self, place: int, session: str) -> Order:
        return self._till(place).register.ledger.order(session)

    # The road.

    def sync(self, *places: int) -> None:
        """Let tills sync until they are at rest."""
        for place in (*places, *places):
            till = self._till(place)
            till.flush()
            self.world.now += 6.0
            till.sync()

    def away(self, place: int) -> None:
        self._till(place).cut(0)

    def back(self, place: int) -> None:
        self._till(place).mend(0)
        self.sync(place)

    # The counter.

    def key(self, place: int, item: int, pieces: int = 1, session: str | None = None) -> tuple[str, str]:
        """Key an item of the menu: on this order, or a new one. Its order and its line."""
        till = self._till(place)
        keyed = ItemEntry(till.register.menu.items[item], pieces)
        order = till.register.sales.add(session, USER, keyed)
        till.screen = order.id
        self.world.paint(till)
        assert order.last_line is not None
        return order.id, order.last_line.id

    def save(self, place: int, session: str, name: str = "") -> None:
        self._till(place).register.tabs.save(session, name)
        self._till(place).screen = None

    def ask(self, place: int, session: str) -> None:
        """Have an order granted, after the warning."""
        self._till(place).grant(session, USER, warned=True)
        self.sync(place)

    def recall(self, place: int, session: str) -> None:
        """Recall a tab: at its own till without asking."""
        till = self._till(place)
        if till.register.grants.must_ask(session):
            self.ask(place, session)
        till.register.tabs.recall(session, USER)

    def table(self, place: int, *names: str) -> dict[str, str]:
        """A saved tab for each name, with one Idly: its session by its name."""
        made = {}
        for item, name in enumerate(names):
            made[name], _line = self.key(place, item)
            self.save(place, made[name], name)
        self.sync(place)
        return made

    def tab(self, place: int, name: str) -> OpenTab:
        till = self._till(place)
        [found] = [tab for tab in till.register.open_tabs.hear(till.open_tabs()) if tab.name == f"table {name}"]
        return found

    def pay(self, place: int, session: str, tender: str = CASH) -> None:
        till = self._till(place)
        self._painted(place, till.register.checkout.pay_exact(session, tender))

    def pay_part(self, place: int, session: str, tender: str = CASH) -> Order:
        till = self._till(place)
        half = Minor(due_in(self.order(place, session), CASH) // 200 * 100)
        order = till.register.checkout.pay(session, tender, half)
        self._painted(place, order)
        return order

    def charge_part(self, place: int, session: str) -> None:
        """Ask the card terminal for half of an order."""
        till = self._till(place)
        half = Minor(due_in(self.order(place, session), CASH) // 200 * 100)
        till.attend(lambda: till.register.charges.ask(session, TERMINAL.name, half))
        self._painted(place, self.order(place, session))

    def _painted(self, place: int, order: Order) -> None:
        self.world.paid(self._till(place), order)

    def void(self, place: int, session: str, line: str) -> None:
        self._till(place).register.sales.void(session, line, "dropped")

    def discard(self, place: int, session: str) -> None:
        self._till(place).register.recovery.discard(session, "guest left")

    # The result.

    def notices(self, place: int) -> list[str]:
        """The kinds of the notices that a till has for its user."""
        return [one.kind for one in self._till(place).register.notices.open()]

    def settle(self) -> Log:
        """Let all traffic end, check every rule, and read the log."""
        self.world.heal()
        return Log(self.world.server)

    def sales(self) -> list[str]:
        """The orders of the sales that reports count, each as often as it was sold."""
        query = "SELECT session_id FROM cold.sales WHERE store_id = %s ORDER BY order_id"
        return [session for (session,) in self.world.server.rows(query, self.world.server.store)]


def where(log: Log, line: str) -> list[tuple[str, Status]]:
    """The orders that have pieces of a line, with their status."""
    return [
        (order.id, order.status) for order in log.orders.values() if line in order.lines and order.lines[line].quantity
    ]


@contextmanager
def _story(shelf: Shelf, template: str) -> Iterator[Arena]:
    with (
        shelf.made(template) as database,
        connect(database.owner) as owner,
        connect(database.app) as app,
        make_folder() as folder,
    ):
        yield Arena(owner, app, Path(folder))


@pytest.fixture(scope="module")
def arena(shelf: Shelf, template: str) -> Iterator[Arena]:
    with _story(shelf, template) as made:
        yield made


@pytest.fixture
def story(arena: Arena) -> Iterator[Story]:
    with arena.world(Plan(1, 2, ())) as world:
        yield Story(world)


@pytest.fixture
def taken(story: Story) -> tuple[Story, str, str]:
    """Table 5, open on till 1, which is away, is granted to till 2, where a line is keyed: the order and that line."""
    session, _line = story.key(ONE, 0)
    story.save(ONE, session, "5")
    story.sync(ONE)
    story.recall(ONE, session)
    story.sync(ONE)
    story.away(ONE)
    story.recall(TWO, session)
    _session, line = story.key(TWO, 1, session=session)
    story.sync(TWO)
    return story, session, line


def test_a_table_granted_away_while_its_till_sells_it(taken: tuple[Story, str, str]) -> None:
    """The sale counts, because a guest paid; the other till's lines are in an order that waits."""
    story, session, line = taken
    story.pay(ONE, session)
    story.back(ONE)
    log = story.settle()
    assert story.sales() == [session]
    assert log.orders[session].status is Status.COMPLETED
    [(waits, status)] = where(log, line)
    assert waits != session
    assert status in OPEN
    assert log.found == []


def test_lines_that_came_too_late_are_reported_where_they_were_keyed(
    taken: tuple[Story, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reply that accepts them brings the server's decision: the order is no longer open there."""
    story, session, _line = taken
    story.key(ONE, 2, session=session)
    story.pay(TWO, session)
    story.sync(TWO)
    heard: list[News] = []
    monkeypatch.setattr(story.world.machines[ONE], "on_news", heard.append)
    story.back(ONE)
    [late] = [news.sentence for news in heard if isinstance(news, LinesLate)]
    assert late == "Table 5 was paid on Till 2. 1 line came too late: F5."


def test_a_table_granted_away_while_its_till_voids_on_it(taken: tuple[Story, str, str]) -> None:
    """The void is of a line that it had: it counts."""
    story, session, _line = taken
    first = next(iter(story.order(ONE, session).lines))
    story.void(ONE, session, first)
    story.back(ONE)
    log = story.settle()
    assert not log.orders[session].lines[first].quantity
    story.sync(TWO)
    story.pay(TWO, session)
    story.sync(TWO)
    story.settle()
    assert story.sales() == [session]


def test_a_table_granted_away_while_its_till_discards_it(taken: tuple[Story, str, str]) -> None:
    """The holder decides: the order continues there, with every line."""
    story, session, line = taken
    story.discard(ONE, session)
    story.back(ONE)
    log = story.settle()
    assert log.orders[session].status is Status.ACTIVE
    assert len(where(log, line)) == 1
    assert len([one for one in log.orders[session].lines.values() if one.quantity]) == 2


def test_a_table_known_to_be_granted_away_before_its_till_asks_the_terminal(
    taken: tuple[Story, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reply to the push of its start says so: nothing is charged, and the till that holds the order is paid."""
    story, session, _line = taken
    till = story.world.machines[ONE]

    async def line_is_back(_seconds: float) -> bool:
        till.mend(0)
        till.flush()
        return True

    monkeypatch.setattr(till, "_saved", line_is_back)
    story.charge_part(ONE, session)
    [payment] = story.order(ONE, session).payments.values()
    assert (payment.state, payment.reason) == (PaymentState.DECLINED, "Till 2 has the order")
    assert story.world.charged == {}
    story.sync(ONE, TWO)
    assert story.order(TWO, session).pending_payment is None
    story.pay(TWO, session)
    story.sync(TWO)
    story.settle()
    assert story.sales() == [session]


def test_a_table_granted_away_while_its_till_is_charged_by_card_for_it(
    taken: tuple[Story, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The money belongs to the order, whichever till took it: the rest is due at the till that holds the order."""
    story, session, _line = taken
    till = story.world.machines[ONE]
    locked: list[str | None] = []

    async def charge(charge: Charge, _progress: Callable[[str], None]) -> ChargeAnswer:
        """Take the money, and answer after the grant has reached the till."""
        story.world.charged[charge.key] = charge.amount
        story.back(ONE)
        story.sync(TWO)
        locked.append(till.register.ledger.lock_of(session))
        with pytest.raises(PaymentError, match="F9 shows it"):
            story.pay(TWO, session)
        return ChargeAnswer(key=charge.key, outcome=Outcome.APPROVED, amount=charge.amount, transaction="T-1")

    terminal = till.tenders.asked_of(TERMINAL.name)
    monkeypatch.setattr(terminal, "charge", charge)
    story.charge_part(ONE, session)
    assert len(story.world.charged) == len(locked) == 1
    assert locked[0], "the answer comes after the grant"
    before = story.order(ONE, session)
    [payment] = before.payments.values()
    assert (payment.state, before.status) == (PaymentState.APPROVED, Status.ACTIVE)
    story.sync(ONE, TWO)
    assert story.order(TWO, session).paid == before.paid > 0
    story.pay(TWO, session)
    story.sync(TWO)
    log = story.settle()
    assert story.sales() == [session]
    assert {one.till for one in log.orders[session].payments.values()} == {1, 2}
    assert log.found == []


@pytest.mark.parametrize("charged", [True, False])
def test_a_payment_begun_without_the_hold_by_a_till_that_died_is_settled_by_the_holder(
    taken: tuple[Story, str, str], monkeypatch: pytest.MonkeyPatch, *, charged: bool
) -> None:
    """No other money is taken beside it; a manager settles it at the holder, and the dead till agrees later."""
    story, session, _line = taken
    one, two = story.world.machines

    async def charge(charge: Charge, _progress: Callable[[str], None]) -> ChargeAnswer:
        """Push the start, and die with the terminal at work."""
        story.world.charged[charge.key] = charge.amount if charged else None
        one.mend(0)
        one.send()
        one.arrive()
        return ChargeAnswer(key=charge.key, outcome=Outcome.UNKNOWN)

    monkeypatch.setattr(one.tenders.asked_of(TERMINAL.name), "charge", charge)
    monkeypatch.setattr(story.world, "fraction", lambda: 0.9)  # no later answer is heard
    story.charge_part(ONE, session)
    one.die()
    story.sync(TWO)
    payment = story.order(TWO, session).pending_payment
    assert payment is not None
    assert payment.till == one.number
    for refused in (lambda: story.pay(TWO, session), lambda: story.key(TWO, 2, session=session)):
        with pytest.raises(PaymentError, match="F9 shows it, and settles it"):
            refused()
    charges, approvals = two.register.charges, two.register.approvals
    manager = approvals.give(two.register.access.find(MANAGER), PermissionRequest(Permission.SETTLE, payment.amount))
    charges.settle_by_hand(session, payment.id, manager, charged=charged)
    story.pay(TWO, session)
    story.sync(TWO)
    assert story.sales() == [session]
    log = story.settle()
    assert [one.state for one in log.orders[session].payments.values()] == [
        PaymentState.APPROVED if charged else PaymentState.DECLINED,
        PaymentState.APPROVED,
    ]
    assert story.sales() == [session]
    assert log.found == []


def test_a_till_that_asks_the_order_back_with_half_of_its_backlog(story: Story) -> None:
    """Events that it still had to send count, wherever the others arrived."""
    session, _line = story.key(ONE, 0)
    story.save(ONE, session, "5")
    story.sync(ONE)
    story.recall(ONE, session)
    story.away(ONE)
    lines = [story.key(ONE, item % 4, session=session)[1] for item in range(20)]
    story.recall(TWO, session)
    story.save(TWO, session)
    story.sync(TWO)
    till = story.world.machines[ONE]
    till.mend(0)
    story.world.now += 60.0
    till.sync()  # one batch of twelve
    assert till.journal.acked != till.journal.head
    till.grant(session, USER, warned=True)
    log = story.settle()
    assert {where(log, line)[0][0] for line in lines} == {session}
    story.sync(ONE)
    story.pay(ONE, session)
    story.settle()
    assert story.sales() == [session]


def test_an_end_that_comes_second(taken: tuple[Story, str, str]) -> None:
    """Both tills were paid for the table: both sales are kept, and the gap is a conflict."""
    story, session, _line = taken
    story.pay(TWO, session)
    story.sync(TWO)
    story.pay(ONE, session)
    story.back(ONE)
    log = story.settle()
    assert len(log.found) == 1
    assert len(log.orders[session].payments) == 2


def test_two_orders_put_on_one_table_apart(story: Story) -> None:
    """Both stay whole: the second gets a name of its own, and both tills show a notice."""
    made = []
    story.away(ONE)
    for place in (ONE, TWO):
        session, _line = story.key(place, place)
        story.save(place, session, "5")
        made.append(session)
    story.sync(TWO)
    story.back(ONE)
    story.sync(TWO)
    tabs = story.world.machines[TWO].open_tabs()
    assert sorted((one.tab_name, one.session_id in made) for one in tabs) == [("table 5", True), ("table 5-2", True)]
    assert [story.notices(place) for place in (ONE, TWO)] == [["tab_twice"], ["tab_twice"]]
    for place, session in enumerate(made):
        story.recall(place, session)
        story.pay(place, session)
        story.sync(place)
    log = story.settle()
    assert sorted(story.sales()) == sorted(made)
    assert log.found == []


def test_a_table_rung_again(story: Story) -> None:
    """Till 2 copies the table while the network is down: both orders stand, a line of one is in no other."""
    session = story.table(ONE, "5")["5"]
    tab, till = story.tab(TWO, "5"), story.world.machines[TWO]
    story.away(TWO)
    copy = till.register.ring_again.ring(tab, USER).order
    till.screen = copy.id
    story.pay(TWO, copy.id)
    story.recall(ONE, session)
    story.key(ONE, 1, session=session)
    story.sync(ONE)
    story.back(TWO)
    story.sync(ONE)
    assert [story.notices(place) for place in (ONE, TWO)] == [["rung_again"], ["rung_again"]]
    assert not copy.lines.keys() & story.order(ONE, session).lines.keys()
    story.pay(ONE, session)
    story.sync(ONE)
    log = story.settle()
    assert sorted(story.sales()) == sorted([session, copy.id])
    assert log.found == []


def test_cash_given_back_that_a_sale_lists(taken: tuple[Story, str, str]) -> None:
    """One till refunds a part payment while the other sells with it: both drawers are right, with a conflict."""
    story, session, _line = taken
    story.back(ONE)
    order = story.pay_part(TWO, session)
    [payment] = order.payments.values()
    story.sync(TWO)
    story.away(TWO)
    story.ask(ONE, session)
    story.world.machines[TWO].register.checkout.give_back(session, payment.id, None)
    story.pay(ONE, session)
    story.back(ONE)
    story.back(TWO)
    log = story.settle()
    assert story.sales() == [session]
    assert [one.amount for one in log.found] == [Decimal(payment.amount) / 100]


def test_a_sale_of_an_order_merged_away(story: Story) -> None:
    """Till 1 sells table 5 while till 2 has its lines on table 6: the sale counts, and table 6 loses them."""
    tables = story.table(ONE, "5", "6")
    story.recall(ONE, tables["5"])
    story.sync(ONE)
    story.away(ONE)
    for session in tables.values():
        story.ask(TWO, session)
    story.save(TWO, tables["5"])
    story.sync(TWO)
    story.world.machines[TWO].merge(story.tab(TWO, "6"), story.tab(TWO, "5"))
    story.sync(TWO)
    story.pay(ONE, tables["5"])
    story.back(ONE)
    log = story.settle()
    assert story.sales() == [tables["5"]]
    sold = {line.id for line in log.orders[tables["5"]].lines.values()}
    assert {one for line in sold for one in where(log, line)} <= {(tables["5"], Status.COMPLETED)}
    story.sync(TWO)
    order = story.order(TWO, tables["6"])
    assert [line.name for line in order.lines.values() if line.quantity] == ["Masala Dosa"]


@pytest.mark.parametrize("fate", [Fate.UNHEARD, Fate.LOST])
def test_a_lost_answer_to_a_move(story: Story, fate: Fate) -> None:
    """Till 1 merges two tables and gets no answer: it keeps selling, and the next answer says if they are one."""
    tables = story.table(ONE, "5", "6")
    till = story.world.machines[ONE]
    till.fate = fate
    with pytest.raises(NoAnswerError):
        till.merge(story.tab(ONE, "6"), story.tab(ONE, "5"))
    assert [len(story.order(ONE, session).lines) for session in tables.values()] == [1, 1]
    story.key(ONE, 2)
    story.sync(ONE)
    log = story.settle()  # the lost records arrive now
    for name, count in {"5": 0, "6": 2}.items():
        for lines in (story.order(ONE, tables[name]).lines, log.orders[tables[name]].lines):
            assert len([one for one in lines.values() if one.quantity]) == count
    assert log.found == []


def test_a_lost_answer_to_a_split_of_what_is_sold_whole_then(story: Story) -> None:
    """Till 1 splits a piece off, gets no answer, and sells all three: no other order has the piece."""
    session, line = story.key(ONE, 0, 3)
    story.sync(ONE)
    till = story.world.machines[ONE]
    till.fate = Fate.UNHEARD
    with pytest.raises(NoAnswerError):
        till.part(session, {line: 1})
    story.pay(ONE, session)
    story.sync(ONE)
    log = story.settle()
    assert story.sales() == [session]
    (parted,) = log.orders.keys() - {session}
    assert not [one for one in log.orders[parted].lines.values() if one.quantity]
    story.sync(ONE)
    assert story.order(ONE, parted).is_empty


def test_a_split_that_leaves_what_a_voucher_paid(story: Story) -> None:
    """The answer to the split ends the order, which is paid by then: no piece and no money leaves the two orders."""
    session, line = story.key(ONE, 0, 2)
    story.sync(ONE)
    cashier, before = Counter(story.world, story.world.machines[ONE], 80), story.order(ONE, session)
    place = cashier.ask_for_voucher(before, new=True)
    assert place is not None
    cashier.redeem(before, place[0], Minor(before.due // 2))
    cashier._cut(story.order(ONE, session), {line: 1})
    log = story.settle()
    assert story.sales() == [session]
    [(parted, status)] = [(one.id, one.status) for one in log.orders.values() if one.id != session]
    assert status in OPEN
    assert log.orders[session].paid == log.orders[parted].due == before.due // 2


def test_a_void_that_is_refused_before_its_till_hears_of_it_and_sells(story: Story) -> None:
    """Till 2 split a piece off the voided line: the receipt shows the void, as the notice says, and the piece waits."""
    session, line = story.key(ONE, 0, 2)
    story.sync(ONE)
    story.away(ONE)
    story.void(ONE, session, line)
    story.ask(TWO, session)
    story.key(TWO, 1, session=session)
    parted = story.world.machines[TWO].part(session, {line: 1})
    story.sync(TWO)
    till = story.world.machines[ONE]
    till.mend(0)
    till.grant(session, USER, warned=True)
    till.send()
    till.arrive()
    till.lose(0)
    story.pay(ONE, session)
    log = story.settle()
    assert story.sales() == [session]
    placed = story.order(ONE, session).placed
    assert placed is not None
    assert [one.line_id for one in placed.data.voids] == [line]
    assert story.notices(ONE) == ["refused"]
    assert [one.quantity for one in log.orders[parted.id].lines.values()] == [1]
    assert log.orders[parted.id].status in OPEN


def test_a_backlog_cut_in_half(story: Story) -> None:
    """A command of many records is taken whole or not yet: no other till sees a half of it."""
    session, _line = story.key(ONE, 0)
    story.sync(ONE)
    story.away(ONE)
    for item in range(30):
        story.key(ONE, item % 4, session=session)
    story.save(ONE, session, "7")
    till = story.world.machines[ONE]
    till.mend(0)
    for _batch in range(2):
        story.world.now += 60.0
        till.sync()
    story.world.machines[TWO].fetch(session)
    half = story.order(TWO, session)
    assert 0 < len(half.lines) < 31
    with pytest.raises(TillError):
        story.world.machines[TWO].register.tabs.recall(session, USER)
    log = story.settle()
    assert len([one for one in log.orders[session].lines.values() if one.quantity]) == 31


def test_a_late_order_that_ended_and_more_that_is_late(taken: tuple[Story, str, str]) -> None:
    """Lines that come too late for an order of late lines wait as well, in an order of their own."""
    story, session, line = taken
    story.away(TWO)
    _session, later = story.key(TWO, 2, session=session)
    story.pay(ONE, session)
    story.back(ONE)
    log = story.settle()
    waiting = {one for late in (line, later) for one, _status in where(log, late)}
    assert session not in waiting
    assert {status for late in (line, later) for _one, status in where(log, late)} <= OPEN


def test_a_cut_that_the_sale_did_not_know(story: Story) -> None:
    """Till 2 parts a piece off while till 1 sells all three: the piece that was paid for is nowhere else to pay."""
    session, line = story.key(ONE, 0, 3)
    story.sync(ONE)
    story.away(ONE)
    story.ask(TWO, session)
    parted = story.world.machines[TWO].part(session, {line: 1})
    story.sync(TWO)
    story.pay(ONE, session)
    story.back(ONE)
    log = story.settle()
    assert story.sales() == [session]
    assert not [one for one in log.orders[parted.id].lines.values() if one.quantity]
    assert log.found == []


@pytest.mark.parametrize("first", [ONE, TWO])
def test_a_cut_that_the_sale_did_not_know_in_an_order_that_its_line_moved_to(story: Story, first: int) -> None:
    """Till 2 merges table 5 into 6 and parts a piece off there, while till 1 sells all three of table 5.

    The piece cannot be paid elsewhere; if till 2 sold it before it knew, there is a conflict.
    """
    five, line = story.key(ONE, 0, 3)
    story.save(ONE, five, "5")
    six, _other = story.key(ONE, 1)
    story.save(ONE, six, "6")
    story.sync(ONE)
    story.recall(ONE, five)
    story.sync(ONE)
    story.away(ONE)
    for session in (five, six):
        story.ask(TWO, session)
    story.save(TWO, five)
    story.sync(TWO)
    till = story.world.machines[TWO]
    till.merge(story.tab(TWO, "6"), story.tab(TWO, "5"))
    story.sync(TWO)
    story.recall(TWO, six)
    parted = till.part(six, {line: 1})
    [piece] = parted.lines
    story.sync(TWO)
    story.pay(ONE, five)
    if first == TWO:
        story.pay(TWO, parted.id)
        story.sync(TWO)
    story.back(ONE)
    log = story.settle()
    if first == TWO:
        assert set(story.sales()) == {five, parted.id}
        assert {one.kind for one in log.found} == {"sold_twice"}
    else:
        assert story.sales() == [five]
        assert where(log, piece) == []
        assert log.found == []


def test_a_cut_that_the_sale_knew_and_whose_piece_came_back(story: Story) -> None:
    """Till 1 parts a piece off and is away; till 2 merges it back, and till 1 sells two: the third waits."""
    session, line = story.key(ONE, 0, 3)
    story.save(ONE, session, "5")
    story.sync(ONE)
    story.recall(ONE, session)
    parted = story.world.machines[ONE].part(session, {line: 1})
    [piece] = parted.lines
    story.save(ONE, parted.id, "6")
    story.sync(ONE)
    story.away(ONE)
    for one, table in ((session, "5"), (parted.id, "6")):
        story.recall(TWO, one)
        story.save(TWO, one, table)
    story.sync(TWO)
    story.world.machines[TWO].merge(story.tab(TWO, "5"), story.tab(TWO, "6"))
    story.sync(TWO)
    story.pay(ONE, session)
    story.back(ONE)
    log = story.settle()
    assert story.sales() == [session]
    [waiting] = [one for one, status in where(log, piece) if status in OPEN]
    assert waiting not in {session, parted.id}


@pytest.mark.parametrize("first", [ONE, TWO])
def test_a_restore_with_a_sale_of_the_lines_of_another_till(story: Story, first: int) -> None:
    """The database forgets what till 1 keyed, the grant and the sale by till 2; the tills are back in either order."""
    story.world.server.backup(0)
    session, _line = story.key(ONE, 0)
    story.save(ONE, session, "5")
    story.sync(ONE)
    story.ask(TWO, session)
    story.recall(TWO, session)
    story.pay(TWO, session)
    story.sync(TWO)
    for place in (ONE, TWO):
        story.away(place)
    story.world.server.set_back(0)
    for place in (first, 1 - first):
        story.back(place)
    log = story.settle()
    assert story.sales() == [session]
    assert log.found == []


@pytest.mark.parametrize("first", [ONE, TWO])
def test_a_restore_with_a_merge_that_the_log_lost(story: Story, first: int) -> None:
    """Every line is on one bill when the tills are back, in either order."""
    tables = story.table(ONE, "5", "6")
    lines = [line for session in tables.values() for line in story.order(ONE, session).lines]
    story.world.server.backup(0)
    for session in tables.values():
        story.ask(TWO, session)
    for session in tables.values():
        story.save(TWO, session)
    story.sync(TWO)
    story.world.machines[TWO].merge(story.tab(TWO, "6"), story.tab(TWO, "5"))
    story.sync(TWO)
    for place in (ONE, TWO):
        story.away(place)
    story.world.server.set_back(0)
    for place in (first, 1 - first):
        story.back(place)
    log = story.settle()
    assert [len(where(log, line)) for line in lines] == [1, 1]
    assert log.found == []


def test_a_restore_with_two_sales_of_a_bill_that_was_paid_in_part(story: Story) -> None:
    """A part was paid at till 1, both tills sell the rest apart, and the database forgets all: the part counts once."""
    story.world.server.backup(0)
    session, _line = story.key(ONE, 0, 4)
    story.save(ONE, session, "5")
    story.sync(ONE)
    story.recall(ONE, session)
    story.pay_part(ONE, session, "CARD")
    story.sync(ONE)
    story.away(ONE)
    story.recall(TWO, session)
    story.key(TWO, 1, session=session)
    story.pay(TWO, session)
    story.sync(TWO)
    story.away(TWO)
    story.pay(ONE, session)
    story.world.server.set_back(0)
    story.back(TWO)
    story.back(ONE)
    story.settle()
    query = "SELECT count(*), count(DISTINCT payment_id) FROM cold.order_payment WHERE store_id = %s AND NOT is_change"
    assert story.world.server.rows(query, story.world.server.store) == [(3, 3)]


def test_a_restore_after_a_split_that_its_till_heard_in_half(story: Story) -> None:
    """The answer was lost, the next reply had the order that the piece left, and then the database lost both."""
    story.world.server.backup(0)
    session, line = story.key(ONE, 0, 3)
    story.sync(ONE)
    till = story.world.machines[ONE]
    till.fate = Fate.UNHEARD
    with pytest.raises(NoAnswerError):
        till.part(session, {line: 1})
    till.sync()  # the next exchange would name the order with the piece
    assert len(till.register.ledger.order(session).lines) > 1
    story.world.server.set_back(0)
    log = story.settle()
    assert sum(one.quantity for one in log.orders[session].lines.values()) == 3
    assert [session] == list(log.orders)


def test_a_restore_and_a_till_that_is_killed_before_it_hands_back_its_grant(story: Story) -> None:
    """The till has the grant that the database lost, unsent: after its start it asks again, and the sale counts."""
    session, _line = story.key(ONE, 0)
    story.save(ONE, session, "5")
    story.sync(ONE)
    story.world.server.backup(0)
    story.recall(TWO, session)
    story.pay(TWO, session)
    story.sync(TWO)
    till = story.world.machines[TWO]
    story.world.server.set_back(0)
    while till.journal.acked == till.journal.head:
        till.sync()
    while till.wire is None or '"handed"' not in till.wire.text:
        till.sync()
        till.send()
    till.die()
    story.world.ghosts.clear()  # the request under way does not arrive
    log = story.settle()
    assert story.sales() == [session]
    assert log.aside == set()


def test_a_restore_and_a_table_whose_opening_is_still_to_come(story: Story) -> None:
    """Till 2 keyed on the table of till 1, which is away: without its terms the table is granted to nobody."""
    story.world.server.backup(0)
    session, _line = story.key(ONE, 0)
    story.save(ONE, session, "5")
    story.sync(ONE)
    story.recall(TWO, session)
    story.key(TWO, 1, session=session)
    story.sync(TWO)
    story.away(ONE)
    story.world.server.set_back(0)
    for _turn in range(2):
        story.sync(TWO)
    query = "SELECT hold_till FROM till.order_sessions WHERE id = %s"
    before = story.world.server.rows(query, session)
    story.world.machines[ONE].mend(0)
    with pytest.raises(TillError):
        story.world.machines[ONE].grant(session, USER, warned=True)
    assert story.world.server.rows(query, session) == before


@pytest.fixture
def three(arena: Arena) -> Iterator[Story]:
    """Three tills of one user."""
    with arena.world(Plan(1, 3, ())) as world:
        yield Story(world, ONE, TWO, THREE)


def test_a_restore_with_a_split_that_comes_back_after_a_sale(three: Story) -> None:
    """Till 3 sold the rest, and the split by till 2 comes back last: the piece is in its order, and in no late one."""
    three.world.server.backup(0)
    session, line = three.key(ONE, 0)
    three.key(ONE, 1, session=session)
    three.sync(ONE)
    three.ask(TWO, session)
    parted = three.world.machines[TWO].part(session, {line: 1})
    three.sync(TWO)
    three.ask(THREE, session)
    three.pay(THREE, session)
    three.sync(THREE)
    for place in (ONE, TWO, THREE):
        three.away(place)
    three.world.server.set_back(0)
    for place in (THREE, ONE, TWO):
        three.back(place)
        three.sync(place)
    log = three.settle()
    assert [one for one, _status in where(log, line)] == [parted.id]


def test_a_void_of_a_line_that_one_till_sold_and_another_voided(three: Story) -> None:
    """Three tills sell one order apart: what the first sale lists was not taken off, whoever of the others says so."""
    session, line = three.key(ONE, 0)
    three.sync(ONE)
    three.away(ONE)
    three.ask(TWO, session)
    three.away(TWO)
    three.ask(THREE, session)
    three.away(THREE)
    three.pay(TWO, session)
    for place in (ONE, THREE):
        three.void(place, session, line)
        three.key(place, 1, session=session)
        three.pay(place, session)
    for place in (TWO, ONE, THREE):
        three.back(place)
    three.settle()
    query = "SELECT kind FROM cold.taken_off WHERE store_id = %s"
    assert three.world.server.rows(query, three.world.server.store) == []
    assert [three.notices(place).count("refused") for place in (ONE, THREE)] == [1, 1]


def test_lines_of_a_till_that_was_away_follow_their_table_to_the_one_it_was_added_to(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Money stays where it was taken: the till that has the other table gets a notice, and a manager refunds it."""
    tables = story.table(ONE, "5", "6")
    story.recall(ONE, tables["5"])
    story.sync(ONE)
    story.away(ONE)
    story.key(ONE, 2, session=tables["5"])
    story.pay_part(ONE, tables["5"])
    for session in tables.values():
        story.ask(TWO, session)
    story.save(TWO, tables["5"])
    story.sync(TWO)
    story.world.machines[TWO].merge(story.tab(TWO, "6"), story.tab(TWO, "5"))
    story.sync(TWO)
    heard: list[News] = []
    there: list[News] = []
    monkeypatch.setattr(story.world.machines[ONE], "on_news", heard.append)
    monkeypatch.setattr(story.world.machines[TWO], "on_news", there.append)
    story.back(ONE)
    story.sync(TWO, ONE)
    [late] = [news.sentence for news in heard if isinstance(news, LinesLate)]
    assert late == (
        "₹47.00 taken here is not on a sale: ask a manager. Table 5 was added to table 6."
        " 1 line came later, and is there too."
    )
    [changed] = [news.sentence for news in there if isinstance(news, LinesChanged)]
    assert changed == "1 × Vada came from Till 1. Total ₹175.50."
    [paid] = [news.sentence for news in there if isinstance(news, NoticeCame)]
    assert paid == (
        "Till 1 took ₹47.00 for table 5, now on table 6. Take all of table 6. A manager refunds ₹47.00: Ctrl+O."
    )
    for place in (ONE, TWO):
        kept = story.order(place, tables["6"])
        assert sorted(line.name for line in kept.lines.values() if line.quantity) == ["Idly", "Masala Dosa", "Vada"]
    register = story.world.machines[ONE].register
    assert register.clearing.sentence(story.order(ONE, tables["5"])) == "Your order was added to table 6 by Asha."
