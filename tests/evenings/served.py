"""A busy evening on the real server: journals on disks, and the functions of a real PostgreSQL between the tills."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from typing_extensions import override

from tests.evenings.busy import BusyEvening
from tests.evenings.evening import NothingError, hold
from tests.evenings.house import Kept, menu_of
from tests.register.conftest import Till
from tests.register.fakes import SetClock
from tests.simulation import books, invariants
from tests.simulation.connection import under_virtual_time
from tests.simulation.log import ASIDE, Log
from tests.simulation.machine import run
from tests.simulation.plan import Plan
from tests.simulation.server import VENUE, Base, House
from tests.simulation.world import World
from till.domain.order.events import OrderPlaced
from till.domain.order.paying import CASH
from till.domain.refund.events import RefundApproved
from till.ports import SaleSearch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Iterator
    from datetime import datetime

    import psycopg

    from tests.simulation.machine import Machine
    from till.domain.events.envelope import Event
    from till.domain.order.events import PlacedPayment
    from till.domain.order.state import Order
    from till.domain.refund.state import Refund
    from till.register.tabs.open_tabs import OpenTab

#: Of the simulation's rules these know its menu, its scale of two digits, its own vouchers, or a terminal that nobody
#: settles by hand: `tests.evenings.properties` says more.
_OF_ITS_MENU: Final = (
    books.drawers_are_named,
    books.values_are_kept,
    invariants.charges_are_booked,
    invariants.unasked_amounts_are_reported,
)
_RULES: Final = [rule for rule in (*invariants._WHEN_SETTLED, *books.RULES) if rule not in _OF_ITS_MENU]
_PAID: Final = """
    SELECT coalesce(p.till_id, o.till_id), p.tender, sum(p.amount)
    FROM cold.order_payment AS p JOIN cold.orders AS o USING (order_id) WHERE p.store_id = %s GROUP BY 1, 2"""
_REFUNDED: Final = "SELECT till_id, tender, sum(amount) FROM cold.refunds WHERE store_id = %s GROUP BY 1, 2"
#: Rounds of exchanges in which tills come to rest.
_ROUNDS: Final = 60
_KEPT: Final = frozenset({"reserved", "approved", "unknown"})


class WorldClock(SetClock):
    """The clock of a world, which an evening moves."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    @override
    def now(self) -> datetime:
        return self._world.time()

    @override
    def monotonic(self) -> float:
        return self._world.now

    @override
    def move(self, **by: float) -> None:
        super().move(**by)
        self._world.now += self.passed
        self.passed = 0.0


class ServedTill(Till):
    """A till on a machine of the simulation."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.number = self.user = machine.number
        self.journal, self.register = machine.journal, machine.register

    @override
    def start(self, *, watched: bool = True) -> None:
        self.machine.die()
        self.machine.start()
        self.journal, self.register = self.machine.journal, self.machine.register


class ServedEvening(BusyEvening):
    """An evening by a seed, at tills that have the real server between them."""

    @classmethod
    def prepare(cls, base: Base) -> None:
        """Let the functions of a database that such evenings need go by the clock of the world, years ahead."""

    #: The machines of the venue; people are at the first two.
    machines: ClassVar[int] = 2

    def __init__(self, seed: int, base: Base, folder: Path, attempt: int) -> None:
        self._base, self._folder, self._attempt = base, folder, attempt
        super().__init__(seed)
        self.what = (*self.what, *("sync",) * 4)

    @override
    def _open_venue(self, law: dict[str, Any], offers: list[dict[str, Any]]) -> list[Till]:
        venue = {**VENUE, "tax_rounding": "line", "order_types": ["take_away", "dine_in"], **law}
        plan = Plan(self.seed, self.machines, (), older=self.older)
        self.world = World(self._base, plan, self._folder, self._attempt, House(venue, self._menu(law)))
        for offer in offers:
            self.world.server.offer(offer["name"], {key: value for key, value in offer.items() if key != "name"})
        self.kept = Kept(self.world.charged, self.world.over, self.world.returned)
        self.clock = WorldClock(self.world)
        self._meet()
        return [ServedTill(machine) for machine in self.world.machines[:2]]

    def _menu(self, law: dict[str, Any]) -> dict[str, Any]:
        return menu_of(law)

    @property
    def _machine(self) -> Machine:
        assert isinstance(self.till, ServedTill)
        return self.till.machine

    @override
    def events(self) -> list[Event]:
        disks = [machine.journal._disk for machine in self.world.machines]
        return [event for disk in disks for event in disk.events("SELECT hash, body, texts FROM own ORDER BY seq")]

    @override
    def orders(self) -> list[Order]:
        ids = {one for machine in self.world.machines for one in machine.journal.streams("order")}
        found = (self.till.register.ledger.readable(one) for one in sorted(ids))
        return [order for order in found if order is not None]

    @override
    def _known(self) -> list[Order]:
        return [order for order in self.orders() if order.holder == self.till.number]

    @override
    def open_tabs(self) -> list[OpenTab]:
        return self.till.register.open_tabs.merged(self._machine.open_tabs())

    @override
    def meet(self) -> None:
        """Have each till send what it has, and bring all orders of the venue to each."""
        self._meet()
        query = "SELECT id, version FROM till.order_sessions WHERE store_id = %s ORDER BY id"
        rows = self.world.server.rows(query, self.world.server.store)
        for machine in self.world.machines:
            for session, version in rows:
                mark = machine.journal.mark_of(session)
                if mark is None or mark.version < version:
                    machine.fetch(session)

    @override
    def end(self) -> None:
        super().end()
        self.world.server.book_corrections()  # before a refund in the tender that is right
        self.meet()

    def sync(self) -> None:
        """Exchange at the till at hand, and at no other."""
        self._machine.sync()

    @contextmanager
    @override
    def _conserved(self, *session_ids: str, rounded: int = 0) -> Iterator[list[str]]:
        self._machine.flush()  # news of the other till arrives first
        with super()._conserved(*session_ids, rounded=rounded) as made:
            yield made

    def _meet(self) -> None:
        for _round in range(_ROUNDS):
            before = self.world._marks()
            for machine in self.world.machines:
                machine.engine.hurry(self.world.now)
                machine.sync()
            if self.world._marks() == before and self.world._is_sent():
                return
        hold("tills come to rest", holds=False, what=self.world._troubles())

    @override
    async def _saved(self, seconds: float) -> bool:
        return await self._machine._saved(seconds)

    @override
    def _obtain(self, *sessions: str | int) -> None:
        user = sessions[-1] if isinstance(sessions[-1], int) else None
        for session in (one for one in sessions if isinstance(one, str)):
            if self.till.register.ledger.find(session) is None:
                self._machine.fetch(session)
            order = self.till.register.ledger.order(session)
            if self.till.register.grants.must_ask(session) and not order.is_over:
                self._machine.grant(session, order.user if user is None else user, warned=True)

    @override
    def asks(self, asked: Callable[..., Coroutine[Any, Any, Order]], *about: Any) -> Order:
        return run(asked(self._machine.store, *about))

    @override
    def _asked(self) -> tuple[str, str]:
        return "TERMINAL", ""  # vouchers are the server's own: the simulation has them

    @override
    def _tell(self, order: Order) -> None:
        self._machine.flush()
        for placed in order.placings:
            for past in self._machine.past_sales(SaleSearch(receipt=placed.data.receipt)):
                self.till.register.refunds.hear(past)

    @override
    def give(self, begun: Refund) -> None:
        """Give a refund back that the server reserved."""
        self._machine.flush()
        if self._machine.refund_state(begun.id) not in _KEPT:
            self.till.register.refunds.decline(begun.id, "refused")
            raise NothingError
        super().give(begun)


Played = TypeVar("Played", bound=ServedEvening)


class Stage:
    """A database, and successive evenings in it."""

    def __init__(self, owner: psycopg.Connection[Any], app: psycopg.Connection[Any], folder: Path) -> None:
        self._base = Base(owner, app)
        self._folder = folder
        self._attempts = itertools.count(1)
        self._prepared: set[type[ServedEvening]] = set()

    @contextmanager
    def evening(self, seed: int, kind: type[Played]) -> Iterator[Played]:
        """Open the venue of a seed, and close its tills at the end."""
        if kind not in self._prepared:
            self._prepared.add(kind)
            kind.prepare(self._base)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder, under_virtual_time():
            evening = kind(seed, self._base, Path(folder), next(self._attempts))
            try:
                yield evening
            finally:
                for machine in evening.world.machines:
                    machine.close()


def check_server(evening: ServedEvening, without: Collection[object] = ()) -> None:
    """Check what only the server shows of an evening that is over, without some rules.

    Raises:
        BrokenError: an invariant does not hold.
        ViolationError: an invariant of the simulation is broken.
    """
    evening.meet()
    server = evening.world.server
    aside = server.rows(ASIDE, server.store)
    hold("nothing is put aside", holds=not aside, what=aside)
    log = Log(server)
    for rule in _RULES:
        if rule not in without:
            rule(evening.world, log)
    _tills_and_server_agree(evening)
    verified = server.value("SELECT till.audit_verify_v1(%s)", server.store)
    hold("the audit is sound", holds=verified["sound"], what=verified)


def _tills_and_server_agree(evening: ServedEvening) -> None:
    """Cold storage has the money of the tills' own sales, by till and tender; change of any tender is cash."""
    minor, server = evening.till.register.formats.currency.minor, evening.world.server
    booked = {
        str(sale) for (sale,) in server.rows("SELECT event_id FROM cold.orders WHERE store_id = %s", server.store)
    }
    listed: dict[str, tuple[int, PlacedPayment]] = {}
    refunded: Counter[tuple[int, str]] = Counter()
    for event in evening.events():
        match event.data:
            case OrderPlaced(payments=payments) if event.id in booked:  # of a sale that two tills placed there is one
                listed |= {one.payment_id: (one.till or event.till, one) for one in payments}
            case RefundApproved(tender=tender, amount=amount):
                refunded[event.till, tender] += minor(amount)
    paid: Counter[tuple[int, str]] = Counter()
    for till, one in listed.values():
        change = 0 if one.tender == CASH else minor(one.change)
        paid[till, one.tender] += minor(one.amount) + change
        paid[till, CASH] -= change
    for summed, query in ((paid, _PAID), (refunded, _REFUNDED)):
        there = {(till, tender): minor(str(amount)) for till, tender, amount in server.rows(query, server.store)}
        known = {place: amount for place, amount in summed.items() if amount or place in there}
        hold("cold storage has what the tills took", holds=there == known, what=(there, known))
