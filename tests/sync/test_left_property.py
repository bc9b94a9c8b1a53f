"""Random hours at three tills of which some are cut off: the pieces that each shows as left, against the shelf.

The shelf is counted by hand: a key takes pieces from it, a removal before the kitchen has them puts them back. A
recount writes down what is on it.
"""

from __future__ import annotations

import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import IDLY, MENU
from tests.sync.rig import STORE, Rig
from till.domain.kitchen.events import LinesSent, TicketLine
from till.domain.money.amount import Currency
from till.domain.order import moving, quantities, selling, suspension, voiding
from till.domain.order.copying import TabItem, copy_lines
from till.domain.order.events import ItemAdded, RungAgain
from till.domain.order.terms import Terms
from till.domain.till.events import ItemCounted
from till.register.ledger.ledger import Command
from till.register.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from tests.sync.real import Real, Steps
    from till.domain.order.state import Order

TILLS = 3
#: 60 seeds were played when this was written.
SEEDS = 4


@dataclass
class Counter:
    """A till with its person, who sees its screen and the shelf."""

    rig: Rig
    reference: Reference
    steps: Steps
    away: bool = False
    orders: list[str] = field(default_factory=list)
    #: The records of each till that its last answer knew.
    heard: dict[int, int] = field(default_factory=dict)

    def shows(self) -> int:
        return self.reference.left.now()[IDLY]


@dataclass
class Change:
    """A change of what a person believes to be on the shelf."""

    till: int
    seq: int
    pieces: int


class Hour:
    """An hour at the tills.

    Args:
        seed: draws it.
        real: the database.
        counters: the tills.
    """

    def __init__(self, seed: int, real: Real, counters: Sequence[Counter]) -> None:
        self.draws = random.Random(seed)  # noqa: S311 - a test repeats itself
        self.real, self.counters = real, counters
        self.shelf = self.believed = 400
        self.changes: list[Change] = []
        self.copied: set[str] = set()

    # The acts of a person.

    def key(self, at: Counter) -> None:
        if not at.orders or self.draws.random() < 0.3:
            at.orders.append(at.rig.open())
        pieces = self.draws.randint(1, 4)
        line = ItemAdded(
            line_id=at.rig.ledger.new_id(), item_id=IDLY, item_name="Idly", quantity=pieces, price="40.00", taxes=()
        )
        at.rig.write(line, self.draws.choice(at.orders))
        self.take(at, pieces)

    def take(self, at: Counter, pieces: int) -> None:
        """Take pieces from the shelf, or put them back."""
        self.shelf -= pieces
        self.believed -= pieces
        self.changes.append(Change(at.rig.till, at.rig.journal.head.seq, -pieces))

    def order(self, at: Counter) -> Order | None:
        held = [one for one in at.orders if one not in self.copied]
        order = at.rig.ledger.order(self.draws.choice(held)) if held else None
        return None if order is None or order.is_over or order.is_empty else order

    def fewer_or_more(self, at: Counter) -> None:
        if (order := self.order(at)) is None:
            return
        row = self.draws.choice(order.priced.rows)
        quantity = self.draws.randint(1, abs(row.quantity) + 2)
        if any(line.is_sent and line.taken for line in row.lines):
            return  # nobody at the counter knows which of these the kitchen has
        drafts = quantities.change_quantity(order, row.first.id, quantity, at.rig.ledger.new_id())
        at.rig.ledger.commit(drafts)
        cooked = {line.id for line in order.lines.values() if line.is_sent}  # eaten, or thrown away
        self.take(at, self.pieces(at.rig.ledger.order(order.id), cooked) - self.pieces(order, cooked))

    def void(self, at: Counter) -> None:
        if (order := self.order(at)) is None:
            return
        line = self.draws.choice([line for line in order.lines.values() if line.quantity])
        if any(one.taken for one in order.lines.values()) and line.is_sent:
            return
        at.rig.ledger.commit(voiding.void_line(order, line.id, "dropped"))
        if not line.is_sent:
            self.take(at, -line.quantity)
            if self.draws.random() < 0.4:
                at.rig.clock.pass_by(0.001)
                at.rig.ledger.commit(voiding.restore_voids(at.rig.ledger.order(order.id), [line.id]))
                self.take(at, line.quantity)

    def send(self, at: Counter) -> None:
        if (order := self.order(at)) is None:
            return
        lines = [line for line in order.lines.values() if line.quantity and not line.is_sent and not line.taken]
        if lines:
            rows = tuple(TicketLine(line_id=one.id, pieces=one.quantity, item_id=IDLY, choices=()) for one in lines)
            at.rig.write(LinesSent(station="Kitchen", ticket="1-1", kind="new", lines=rows), order.id)

    def clear(self, at: Counter) -> None:
        if (order := self.order(at)) is None:
            return
        back = sum(line.quantity for line in order.lines.values() if not line.is_sent)
        if any(line.is_sent for line in order.lines.values()) and back:
            return  # a clearing tells lines of one name apart by no more than that
        at.rig.ledger.commit(suspension.discard(order, "walked out"))
        self.take(at, -back)
        if self.draws.random() < 0.5:
            at.rig.clock.pass_by(0.001)
            again = at.rig.ledger.order(order.id)
            at.rig.ledger.commit(suspension.reopen(again, here=at.rig.till, by=1, manages=True))
            self.take(at, back)

    def pay(self, at: Counter) -> None:
        if (order := self.order(at)) is not None:
            at.rig.pay(order.id)

    def copy(self, at: Counter) -> None:
        """Ring up again what another till, which may be away, keyed: nothing is taken from the shelf."""
        other = self.draws.choice(self.counters)
        if other is at or (order := self.order(other)) is None or any(line.is_sent for line in order.lines.values()):
            return
        self.copied.add(order.id)
        rig = at.rig
        rig.clock.pass_by(0.001)
        again = RungAgain(session=order.id, at="2026-03-03T10:31:00.000000Z")
        session, terms = rig.ledger.new_id(), Terms(Currency("INR"), included=True)
        rows = [TabItem(IDLY, "Idly", row.quantity, "40.00", "0") for row in order.priced.rows]
        with rig.ledger.command() as command:
            command.write([selling.open_order(session, 1, terms, "take_away", again=again)])
            copied = copy_lines(command.order(session), at.reference.menu, rows, rig.ledger.new_id, lambda _item: ())
            command.write(copied.drafts)
        self.copied.add(session)

    def recount(self, at: Counter) -> None:
        """Write down what is on the shelf, from which a piece may have fallen."""
        self.shelf -= self.draws.randint(0, 1)
        at.rig.write(ItemCounted(item_id=IDLY, left=self.shelf, keep=True))
        self.changes.append(Change(at.rig.till, at.rig.journal.head.seq, self.shelf - self.believed))
        self.believed = self.shelf

    async def split(self, at: Counter) -> None:
        """Split a piece off to an order of its own, which the server does."""
        if at.away or (order := self.order(at)) is None:
            return
        await self.push(at)
        rows = [line for line in order.lines.values() if line.quantity > 1]
        if not rows or at.rig.journal.acked != at.rig.journal.head:
            return
        line, ids = rows[0], at.rig.ledger.new_id
        at.rig.clock.pass_by(0.001)
        command, part = Command(at.rig.ledger), ids()
        command.write(moving.cut(command.order(order.id), {line.id: 1}, {line.id: part}))
        new = ids()
        command.write(moving.split(command.order(order.id), [part], new))
        at.rig.engine.ask(command.act(), at.rig.now)
        await self.push(at)
        if at.rig.ledger.find(new) is not None:
            at.orders.append(new)

    @staticmethod
    def pieces(order: Order, but: Collection[str]) -> int:
        return sum(line.quantity for line in order.lines.values() if line.id not in but)

    # The road between a till and the server.

    async def push(self, at: Counter) -> None:
        if not at.away:
            await at.steps.settle()

    def listen(self, at: Counter) -> None:
        changed = at.rig.ears.reference_changed

        def hear(names: Sequence[str]) -> None:
            changed(names)
            at.reference.forget(names)
            if "left" in names:
                at.heard = {one.rig.till: one.rig.journal.acked.seq for one in self.counters}

        at.rig.ears.reference_changed = hear  # type: ignore[method-assign] # the test listens in

    def unheard(self, at: Counter) -> int:
        """The pieces of the changes that a till cannot know of."""
        return sum(
            abs(one.pieces) for one in self.changes if one.till != at.rig.till and one.seq > at.heard.get(one.till, 0)
        )

    def together(self) -> None:
        """Set the clocks of all tills to the same time, a moment later."""
        latest = max(one.rig.clock.at for one in self.counters)
        for one in self.counters:
            one.rig.clock.at = latest
            one.rig.pass_by(0.01)

    async def play(self, acts: int) -> None:
        self.recount(self.counters[0])
        await self.quiet()
        kinds = [self.key] * 10 + [self.fewer_or_more] * 6 + [self.void] * 4
        kinds += [self.send, self.clear, self.pay, self.copy] * 2 + [self.recount]
        for _ in range(acts):
            self.together()
            at = self.draws.choice(self.counters)
            chance = self.draws.random()
            if chance < 0.1:
                at.away = not at.away
            elif chance < 0.2:
                await self.split(at)
            elif chance < 0.35:
                await self.push(at)
            else:
                self.draws.choice(kinds)(at)
            for one in self.counters:
                off = abs(one.shows() - self.believed)
                assert off <= self.unheard(one), (one.rig.till, one.shows(), self.believed)
        await self.quiet()

    async def quiet(self) -> None:
        """Let all tills push, and hear of each other."""
        for _ in range(2):
            for one in self.counters:
                one.away = False
                self.together()
                self.real.owner.execute("UPDATE till.tills SET seen_at = NULL")
                await self.push(one)
                one.rig.pass_by(5)
                await one.steps.push()
        assert [one.shows() for one in self.counters] == [self.believed] * TILLS


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_all_tills_show_what_is_on_the_shelf_when_quiet(real: Real, tmp_path: Path, seed: int) -> None:
    real.owner.execute("SELECT till.menu_import_v1(%s, NULL, %s)", [STORE, Jsonb(MENU)])
    hashed = "SELECT till.till_enrol_v1(%s, NULL, 3, 'Till 3', encode(sha256('secret of till 3'), 'hex'))"
    real.owner.execute(hashed, [STORE])
    async with AsyncExitStack() as stack:
        counters = []
        for till in range(1, TILLS + 1):
            rig = Rig(tmp_path / f"{till}.journal", till=till, seed=seed)
            stack.callback(rig.journal.close)
            steps = await stack.enter_async_context(real.steps(rig))
            counters.append(Counter(rig, Reference(rig.journal, rig.ledger.now), steps))
        hour = Hour(seed, real, counters)
        for one in counters:
            hour.listen(one)
            await one.steps.settle()
        await hour.play(120)
