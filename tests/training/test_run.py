"""A drill from the first guest to the last, on a register in memory: who comes, leaves, changes their mind and pays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.register.conftest import Till
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.evolve import ORDERS
from till.domain.order.paying import CASH
from till.domain.refund.state import REFUNDS
from till.training.drills import Drill, Task
from till.training.guests import CARD, Change, Guest, Pays, Want
from till.training.profile import BUILT_IN
from till.training.robot import Robot
from till.training.run import DrillRun
from till.training.trainer import Trainer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.ports.training import DrillEnded, DrillScore

IDLY, DOSA = Want("item-1", "Idly", 2), Want("item-2", "Masala Dosa", 1)
DRILL = Drill(key="rush", name="Rush", minutes=10, guests=3, per_minute=1)


def guest(number: int, arrives: float = 0.0, *wants: Want, task: Task = Task.SALE, **more: object) -> Guest:
    facts = {"pays": Pays(CASH, Minor(500_00)), "words": "…", **more}
    return Guest(number=number, name=f"Guest {number}", arrives_s=arrives, wants=wants or (IDLY,), task=task, **facts)  # type: ignore[arg-type]


class Counter:
    """A drill beside a till, on the till's clock."""

    def __init__(self, *guests: Guest, drill: Drill = DRILL) -> None:
        self.till = Till()
        self.elsewhere: list[Guest] = []
        self.run = DrillRun(drill, guests, lambda _wants: Pays(CASH, Minor(200_00)), self.elsewhere.append)
        self.till.register.ledger.observe(ORDERS, self.run.order_written)
        self.till.register.ledger.observe(REFUNDS, self.run.refund_written)
        self.robot = Robot(self.till.register, 1)
        self.run.tick(0)

    def wait(self, seconds: float) -> None:
        self.till.clock.move(seconds=seconds)
        self.run.tick(self.till.clock.passed)

    @property
    def remarks(self) -> tuple[str, ...]:
        return tuple(remark for _name, remark in self.run.figures.remarks)


def test_a_guest_who_is_not_greeted_leaves_and_one_who_is_greeted_stays() -> None:
    counter = Counter(guest(1), guest(2))
    counter.till.add(None, 1)
    counter.wait(DRILL.patience_s + 1)
    assert [visit.guest.number for visit in counter.run.queue] == [1]
    assert counter.run.figures.left == 1
    assert counter.remarks == ("left after 2:00, never greeted",)


def test_a_sale_serves_the_guest_at_the_counter_and_the_next_comes() -> None:
    counter = Counter(guest(1), guest(2, 0.0, DOSA))
    order = counter.till.add(None, 1, 2)
    counter.wait(20)
    counter.till.register.checkout.pay(order.id, CASH, Minor(500_00))
    assert (counter.run.figures.served, counter.run.figures.each_s, counter.remarks) == (1, 21, ())
    assert counter.run.at_counter is not None
    assert counter.run.at_counter.guest.number == 2


def test_a_guest_changes_their_mind_after_being_greeted() -> None:
    more = Want("item-1", "Idly", 3)
    counter = Counter(guest(1, 0.0, IDLY, change=Change(5, "No, make that three idly.", (more,))))
    counter.wait(60)
    visit = counter.run.at_counter
    assert visit is not None
    assert visit.wants == (IDLY,), "not before the greeting"
    order = counter.till.add(None, 1, 2)
    counter.wait(6)
    assert visit.wants == (more,)
    assert visit.words == ("…", "No, make that three idly.")
    counter.till.register.checkout.pay(order.id, CASH, Minor(500_00))
    assert counter.remarks == ("said three idly, two keyed",)


def test_an_order_for_a_table_is_served_when_it_is_put_there_and_paid_later() -> None:
    counter = Counter(guest(1, 0.0, IDLY, task=Task.TAB, table=4))
    order = counter.robot.serve(counter.run.queue[0].guest)
    assert order is not None
    assert (counter.run.figures.served, counter.remarks, counter.run.queue) == (1, (), [])
    counter.wait(80)
    bill = counter.run.at_counter
    assert bill is not None
    assert bill.words == ("The bill for table 4, please.",)
    assert counter.robot.serve(bill.guest) is not None
    assert (counter.run.figures.served, counter.remarks) == (2, ())
    assert counter.run.is_over


@pytest.mark.parametrize(
    ("saved", "expected"), [("5", "asked for table 4: saved elsewhere"), ("", "asked for table 4: paid at once")]
)
def test_the_wrong_table_is_remarked(saved: str, expected: str) -> None:
    counter = Counter(guest(1, 0.0, IDLY, task=Task.TAB, table=4))
    order = counter.till.add(None, 1, 2)
    if saved:
        counter.till.register.tabs.save(order.id, saved)
    else:
        counter.till.register.checkout.pay(order.id, CASH, Minor(500_00))
    assert counter.remarks == (expected,)


def test_a_declined_card_pays_in_cash() -> None:
    counter = Counter(guest(1, 0.0, IDLY, pays=Pays(CARD)))
    order = counter.till.add(None, 1, 2)
    counter.till.register.checkout.attempt(order.id, CARD, Minor(80_00), "declined")
    visit = counter.run.at_counter
    assert visit is not None
    assert visit.pays == Pays(CASH, Minor(200_00))
    assert visit.words[-1] == "Declined? Then I pay in cash."
    counter.till.register.checkout.pay(order.id, CASH, Minor(200_00))
    assert counter.remarks == ()


def test_a_guest_brings_back_an_earlier_sale_and_buys_if_there_is_none() -> None:
    counter = Counter(guest(1, 0.0, IDLY, task=Task.REFUND), guest(2, 1.0, IDLY, task=Task.REFUND))
    order = counter.robot.serve(counter.run.queue[0].guest)
    assert order is not None
    counter.wait(2)
    visit = counter.run.at_counter
    assert visit is not None
    assert order.placed is not None
    assert order.placed.data.receipt in visit.words[0]
    assert visit.guest.sale == order.id


def test_another_till_opens_what_the_guest_comes_to_pay() -> None:
    counter = Counter(guest(1, 0.0, IDLY, task=Task.TAKEOVER, table=3))
    assert [one.table for one in counter.elsewhere] == [3]


def test_a_drill_ends_with_its_time_once_the_guest_at_the_counter_is_served() -> None:
    counter = Counter(guest(1), guest(2, 599.0), guest(3, 700.0))
    counter.till.add(None, 1)
    counter.wait(601)
    assert not counter.run.is_over
    counter.till.register.recovery.suspend(counter.till.register.ledger.open_orders()[0].id)
    counter.till.register.ledger.refold([])
    assert counter.run.left_s == 0


class Book:
    """Scores in memory."""

    def __init__(self) -> None:
        self.kept: list[DrillScore] = []

    async def scores(self) -> Sequence[DrillScore]:
        return [*self.kept]

    async def add(self, score: DrillScore, remarks: Sequence[tuple[str, str]]) -> None:
        del remarks
        self.kept.append(score)


class Room:
    """A place without a network of its own."""

    def __init__(self, book: Book) -> None:
        self.book, self.cuts = book, list[bool]()

    async def open(self, user: int) -> Book:
        del user
        return self.book

    def cut(self, *, off: bool) -> None:
        self.cuts.append(off)

    def open_elsewhere(self, guest: Guest) -> None:
        del guest


def train(till: Till, book: Book, key: str, *, pace: float = 1.0, guests: int | None = None) -> Trainer:
    trainer = Trainer(till.register, Room(book), BUILT_IN, seed=5, pace=pace, guests=guests)
    asyncio.run(trainer.enter(1))
    trainer.begin(key)
    return trainer


def serve_all(till: Till, trainer: Trainer, step_s: float) -> None:
    """Serve everybody as they come, a step of the clock for each."""
    robot = Robot(till.register, 1)
    while (shown := trainer.look()) is not None and not shown.is_over:
        run = trainer._run
        assert run is not None
        if (visit := run.at_counter) is not None:
            order = robot.key(visit.wants)
            till.clock.move(seconds=step_s)
            trainer.look()
            if visit.is_changed:
                till.register.recovery.discard(order.id, "changed")
                order = robot.key(visit.wants)
            pays = visit.pays
            if pays.tender == CASH:
                till.register.checkout.pay(order.id, CASH, pays.note)
            else:
                till.register.checkout.pay_exact(order.id, pays.tender)
        till.clock.move(seconds=step_s)


def test_a_rush_of_forty_guests_at_twenty_times_the_pace_is_scored() -> None:
    till, book = Till(), Book()
    trainer = train(till, book, "rush", pace=20, guests=40)
    serve_all(till, trainer, 0.1)
    ended = asyncio.run(trainer.finish())
    assert ended is not None
    assert (ended.figures.served, ended.figures.left) == (40, 0)
    assert (ended.figures.wrong, ended.figures.change, ended.figures.over) == (0, 0, NOTHING)
    assert ended.figures.score == 100
    assert [one.figures.score for one in book.kept] == [100]


def score_a_drill(till: Till, book: Book) -> tuple[Trainer, DrillEnded]:
    trainer = train(till, book, "rush", guests=2)
    serve_all(till, trainer, 5)
    ended = asyncio.run(trainer.finish())
    assert ended is not None
    return trainer, ended


def test_a_score_stands_beside_the_best_of_each_day() -> None:
    till, book = Till(), Book()
    score_a_drill(till, book)
    till.clock.move(days=1)
    trainer, ended = score_a_drill(till, book)
    assert ended.before == book.kept[0]
    assert [one.day.day for one in ended.days] == [3, 4]
    assert [one.last for one in trainer.offered() if one.key == "rush"] == [book.kept[-1]]
    assert asyncio.run(trainer.finish()) is None, "no drill runs"


def test_the_network_is_cut_and_mended_as_the_drill_says() -> None:
    till, room = Till(), Room(Book())
    trainer = Trainer(till.register, room, BUILT_IN, seed=1)
    trainer.begin("network")
    for _tick in range(6):
        trainer.look()
        till.clock.move(seconds=50)
    assert room.cuts == [False, False, True, True, True, False]
