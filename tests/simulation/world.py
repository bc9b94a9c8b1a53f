"""One seed at work: its tills, its server, its clock, and what its tills have shown to people."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tests.simulation.between import ACTS
from tests.simulation.connection import TIME
from tests.simulation.counter import Counter
from tests.simulation.disk import KilledError
from tests.simulation.invariants import check_all
from tests.simulation.machine import START, Machine
from tests.simulation.meetings import MEETINGS
from tests.simulation.plan import COUNTER, ITEMS, KEYS, KITCHEN, MACHINE, MONEY, PARTS_BACK, SERVER, WORDS
from tests.simulation.server import HOUSE, Server
from tests.simulation.slips import rush, slip
from tests.simulation.tally import Tally
from tests.simulation.violation import ViolationError
from till.domain.errors import EventError, JournalError, TillError
from till.domain.ids import derived_id
from till.domain.payment.movement import PaymentState
from till.register.ledger.ledger import OrderFaultError
from till.sync.connection import ConnectionFailedError
from till.sync.server import PUSH

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.simulation.plan import Plan, Step
    from tests.simulation.server import Base, House
    from till.domain.order.state import Order
    from till.ports import Transfer

_NONCE_BITS: Final = 24
_ROUNDS: Final = 60
#: Polls in a row that bring nothing.
_QUIET: Final = 3
#: Steps of the world itself.
_WORLD: Final = frozenset({"kill_in", "ghost", "restore_copy", "adopt", "settle", "part_ways", "shut_out"})
_LEFT: Final = (
    "SELECT c.subject FROM till.conflicts AS c JOIN till.refund_claims AS r ON r.refund_id::text = c.subject"
    " WHERE c.store_id = %s AND c.kind = 'no_answer' AND c.resolved_at IS NULL"
)
_SUBJECTS: Final = ("line_id", "into", "payment_id", "return_id", "order_id")


@dataclass(frozen=True, slots=True)
class Painted:
    """A line that was shown, with its order and its till."""

    session_id: str
    till: int


class World:
    """The facts of a seed beyond what its parts know.

    Attributes:
        now: seconds since the seed began; never runs back.
        painted: every line that a till showed after a command.
        payments: approved payments that were shown, with the till.
        receipts: orders that were shown as paid, with the till.
        forgiven: lines, payments, orders and refunds that went with a disk, or with the database, and are nowhere else.
        charged: amounts that card terminals took, by the key of the charge; None for a declined one.
        over: the part of it that nobody had asked for, by the same key.
        returned: amounts that card terminals gave back, by the key of the refund or of the request to return a part;
            None for a declined one.
        refunds: amounts handed over of sales, by the refund; negative.
        is_mended: True while every terminal can be reached.
        ghosts: requests that their till gave up and that may still arrive.
        tally: the books of what people keyed and handed over.
        acts: requests of tills to the server between orders, whatever became of them, and how old the data was then.
    """

    def __init__(self, base: Base, plan: Plan, folder: Path, attempt: int, house: House = HOUSE) -> None:
        self.plan = plan
        self.house = house
        self.now = 0.0
        self.painted: dict[str, Painted] = {}
        self.acts: list[tuple[int, Transfer]] = []
        self.payments: dict[str, int] = {}
        self.receipts: dict[str, int] = {}
        self.forgiven: set[str] = set()
        self.ghosts: list[str] = []
        self.charged: dict[str, int | None] = {}
        self.over: dict[str, int] = {}
        self.returned: dict[str, int | None] = {}
        self.refunds: dict[str, int] = {}
        self.is_mended = False
        self._attempt = attempt
        self._rng = random.Random(plan.seed)  # noqa: S311 - a simulation repeats itself
        store = derived_id("0197a000-0000-7000-8000-000000000000", f"{attempt}")
        self.tally = Tally()
        self.server = Server(base, store, plan.tills, self.time, house)
        TIME.world = self
        self.machines = [Machine(self, number, folder) for number in range(1, plan.tills + 1)]

    def time(self) -> datetime:
        """Return the time of the seed."""
        return START + timedelta(seconds=self.now)

    def bits(self, count: int) -> int:
        """Return random bits of the seed; the last ones distinguish attempts in one database."""
        if count <= _NONCE_BITS:
            return self._rng.getrandbits(count)
        return self._rng.getrandbits(count - _NONCE_BITS) << _NONCE_BITS | self._attempt

    def fraction(self) -> float:
        """A number from 0 up to 1."""
        return self._rng.random()

    # Steps.

    def run(self) -> None:
        """All steps; then the tills settle.

        Raises:
            ViolationError: something is true that must never be.
        """
        for step in self.plan.steps:
            self.do(step)
        self.heal()

    def do(self, step: Step) -> None:
        """One step, and what must hold after it."""
        self.now += step.seconds
        self._rng.seed(step.chance)
        machine = self.machines[step.place % len(self.machines)]
        try:
            self._act(machine, step)
        except KilledError:
            machine.die()
        except (EventError, JournalError, OrderFaultError) as problem:
            raise ViolationError("no command breaks", f"{type(problem).__name__}: {problem}") from problem
        except (TillError, ConnectionFailedError):
            self.paint(machine)  # a refusal, or no answer: the screen stays as it is
        except ViolationError:
            raise
        except Exception as problem:
            raise ViolationError("no command breaks", f"{step}: {type(problem).__name__}: {problem}") from problem
        for each in self.machines:
            each.check_light()

    def _act(self, machine: Machine, step: Step) -> None:
        kind, chance = step.kind, step.chance
        if kind in ACTS:
            ACTS[kind](self, machine, chance)
        elif kind in {"slip", "rush"}:
            if machine.is_up and Counter(self, machine, chance).logged_in():
                (slip if kind == "slip" else rush)(self, machine, chance)
        elif kind in MEETINGS:
            MEETINGS[kind](self, machine, chance)
        elif kind in {*KEYS, *MONEY, *COUNTER, *PARTS_BACK, *ITEMS, *KITCHEN, *WORDS}:
            if machine.is_up:
                Counter(self, machine, chance).do(kind)
        elif kind in SERVER:
            getattr(self.server, kind)(chance)
            self.forgiven |= self.server.lost
        elif kind in _WORLD:
            getattr(self, kind)(machine, chance)
        elif kind in MACHINE or machine.is_up:
            getattr(machine, kind)(chance)
            self.paint(machine)

    def kill_in(self, machine: Machine, chance: int) -> None:
        """The program dies at one of the next commits: in a command, or while it takes an answer in."""
        if not machine.is_up:
            return
        machine.fuse.light(1 + chance % 3, after=bool(chance & 8))
        try:
            Counter(self, machine, chance).do(("key", "pay", "login", "save_tab")[chance % 4])
            machine.sync(chance)
        finally:
            machine.die()

    def part_ways(self, machine: Machine, chance: int) -> None:
        """Let two disconnected tills have one order open, and each change the same line.

        One takes it over while the other is offline; each splits the line off, voids it, or takes payment.
        """
        others = [one for one in self.machines if one is not machine and one.is_up and one.reaches]
        shown = machine.register.ledger.find(machine.screen) if machine.is_up and machine.screen else None
        if not others or shown is None or not shown.is_open or machine.register.ledger.lock_of(shown.id):
            return
        machine.flush()
        machine.cut(0)
        other = others[chance % len(others)]
        if not Counter(self, other, chance).take_over(shown.id):
            return
        for number, each in enumerate((machine, other)):
            cashier = Counter(self, each, chance >> 3 * number)
            cashier.do(("split_first", "split_first", "pay", "void", "quantity", "key")[(chance >> 3 * number) % 6])

    def shut_out(self, machine: Machine, chance: int) -> None:
        """Shut a till out of the venue, or let it in again; a manager may first settle its refunds.

        For a terminal's payments they read its list; for the rest they guess.
        """
        if chance & 4:
            for (refund,) in self.server.rows(_LEFT, self.server.store):
                known = refund in self.returned
                self.server.settle_left(refund, given=self.returned[refund] is not None if known else bool(chance & 8))
                if not known:
                    self.forgiven.add(refund)
        if chance % 2:
            self.server.let_in(machine.number)
        else:
            self.server.shut_out(machine.number)

    def settle(self, _machine: Machine, _chance: int) -> None:
        """Let a quiet hour pass: all faults are repaired, and all news is exchanged."""
        self.heal()

    def ghost(self, _machine: Machine, chance: int) -> None:
        """Let a request that its till gave up arrive; its answer is lost."""
        if self.ghosts and self.server.up:
            self.server.ask(PUSH, self.ghosts.pop(chance % len(self.ghosts)))

    def restore_copy(self, machine: Machine, chance: int) -> None:
        """Restore an earlier copy of a journal. Records that only that disk had are lost for good.

        Every other time it sells just before, which the database has, and again from the copy before it learns
        that it is one: the receipt number is used twice. It does not happen in a seed whose database is restored
        too: what only these two disks had is nowhere.
        """
        if machine.copy is None or self.server.age:
            return
        self.server.backups.clear()
        if not machine.is_up:
            machine.start()
        if chance & 1:
            Counter(self, machine, chance).sell()
            machine.sync()
        had = machine.events()
        machine.restore_copy()
        machine.start()
        query = "SELECT event_id::text FROM warm.session_events WHERE store_id = %s"
        kept = {row[0] for row in self.server.rows(query, self.server.store)} | machine.events().keys()
        for event_id, event in had.items():
            if event_id not in kept:
                if event.data.stream == "refund":
                    self.forgiven.add(event.stream_id)
                self.forgiven.update(str(found) for name in _SUBJECTS if (found := getattr(event.data, name, None)))
        if chance & 1:
            Counter(self, machine, chance).sell()

    def adopt(self, machine: Machine, _chance: int = 0) -> None:
        """Let a manager read on the till that its new journal waits to be adopted, and adopt it.

        No copy of the journal before is put back after that: it would be a second machine (`tests/sync`).
        """
        if machine.is_up and machine.waits_for == "journal_not_live":
            self.server.adopt(machine.number)
            machine.copy = None

    # Lines that people saw.

    def paint(self, machine: Machine) -> None:
        """Remember the lines on a screen."""
        order = machine.register.ledger.find(machine.screen) if machine.is_up and machine.screen else None
        if order is not None:
            for row in order.priced.rows:
                for line in row.lines:
                    if line.quantity:
                        self.painted.setdefault(line.id, Painted(order.id, machine.number))
            self.tally.check(order)

    def paid(self, machine: Machine, order: Order) -> None:
        """Remember the money that was taken, and the receipt."""
        for payment in order.payments.values():
            if payment.state is PaymentState.APPROVED:
                self.payments.setdefault(payment.id, machine.number)
        if order.placed is not None:
            self.receipts.setdefault(order.placed.data.order_id, machine.number)

    # Peace.

    def heal(self) -> None:
        """Repair all faults, let all traffic end, and check every rule.

        Raises:
            ViolationError: the traffic does not end, or a rule is broken.
        """
        self.server.up = True
        self.server.let_in()
        for ghost in self.ghosts[:]:
            self.server.ask(PUSH, ghost)
        for machine in self.machines:
            machine.online = True
            machine.lose(0)
            if not machine.is_up:
                machine.start()
            Counter(self, machine, self.plan.seed).settle_refunds()
        quiet, self.is_mended = 0, True
        for _round in range(_ROUNDS):
            before = self._marks()
            for machine in self.machines:
                if machine.waits_for == "chain_diverged":  # “Close the till and open it again”
                    machine.die()
                    machine.start()
                self.adopt(machine)
                machine.attend()
                machine.sync(0)
                machine.check_light()
            quiet = quiet + 1 if self._marks() == before and self._is_sent() else 0
            if quiet == 1:
                self.come_back()
            if quiet == _QUIET:
                self.is_mended = False
                check_all(self)
                return
        raise ViolationError("tills come to rest", "; ".join(self._troubles()))

    def come_back(self) -> None:
        """Continue an order at the till that holds it, whose disk lost it, or which died before the grant arrived."""
        waiting = (
            "SELECT id FROM till.order_sessions WHERE store_id = %s AND coalesce(till_id, hold_till) = %s"
            " AND status IN ('active', 'pending_logout', 'assigned_to_tab') ORDER BY id"
        )
        for machine in self.machines:
            for (session,) in self.server.rows(waiting, self.server.store, machine.number):
                mark = machine.journal.mark_of(session)
                if mark is None or not mark.open:
                    with suppress(TillError):  # refused: it ended since, or another journal was adopted in its stead
                        Counter(self, machine, self.plan.seed).take_over(session, asking=True)

    def _is_sent(self) -> bool:
        return all(machine.journal.acked == machine.journal.head for machine in self.machines)

    def _marks(self) -> list[object]:
        return [(m.journal.acked, m.journal.followed_sessions(), m.engine._composer.owes) for m in self.machines]

    def _troubles(self) -> list[str]:
        return [
            f"till {m.number}: {m.journal.acked.seq} of {m.journal.head.seq} sent, {m.engine.trouble}, {m.engine.light}"
            for m in self.machines
        ]
