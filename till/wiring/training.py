"""Training on real parts: a till on a separate database, and its instance in the venue's database."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import msgspec

from till.domain.errors import StoreAwayError, StoreError, TillError
from till.domain.i18n import _
from till.register.payments.tenders import Tenders, hands_in
from till.sync.connection import Connection, ConnectionFailedError
from till.sync.messages import Answer, DamagedReplyError, decode_as, encode_read
from till.sync.reads import TRAINING, TRAINING_SCORES
from till.sync.settings import Identity
from till.training.card_terminal import TrainingTerminal
from till.training.profile import BUILT_IN
from till.training.robot import Robot
from till.training.trainer import Trainer
from till.wiring.headless import open_register

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from till.config import Config, Folders, HeldVenue
    from till.ports.training import DrillScore, ScoreBook
    from till.register.register import Register
    from till.sync.server import StoreRead
    from till.sync.settings import ConnectionFacts
    from till.training.guests import Guest
    from till.training.profile import Profile
    from till.training.recorded import RecordedHour
    from till.wiring.till import TillDatabase

A = TypeVar("A", bound=Answer)
#: Seconds to wait for an answer of the venue's database.
_DEADLINE_S: Final = 5.0
#: Seconds between two heartbeats of an instance.
_BEAT_S: Final = 10.0
#: The second till of a training, with another cashier.
OTHER_TILL: Final = 9
_log: Final = logging.getLogger(__name__)


class TrainingDatabases(Protocol):
    """The databases of a training. All calls block."""

    @property
    def folders(self) -> Folders:
        """The data folder of the training."""
        ...

    @property
    def held(self) -> HeldVenue:
        """The venue of the training's data folder."""
        ...

    def venue(self) -> ConnectionFacts:
        """Return the address of the venue's database."""
        ...

    def make(self) -> None:
        """Create the training's database, with the venue's menu, staff and settings."""
        ...

    def database(self, till: int) -> TillDatabase:
        """Return the training's database for one of its tills."""
        ...

    def cut(self, *, off: bool) -> None:
        """Refuse connections to the training's database, or allow them again."""
        ...

    def drop(self) -> None:
        """Drop the training's database."""
        ...


class Instance:
    """A simulator instance in the venue's database, with its state and the scores of its person.

    Args:
        identity: the till that trains.
        facts: returns the address of the venue's database. It is slow, and runs in a thread.
        simulator: the id of the instance.
        login: the id of the login of the instance.
    """

    def __init__(self, identity: Identity, facts: Callable[[], ConnectionFacts], simulator: str, login: str) -> None:
        self._identity = identity
        self._facts = facts
        self._simulator = simulator
        self._login = login
        self._user = 0
        self._connection = Connection(lambda _payload: None)
        self._secret = ""
        self._turn = asyncio.Lock()

    async def create(self, user: int, *, symbols: Sequence[str], cash: str, endpoint: str) -> None:
        """Create the instance of a person."""
        self._user = user
        facts: dict[str, Any] = {"session": self._login, "user": user, "symbols": list(symbols), "cash": cash}
        await self.tell("CREATING", endpoint=endpoint, **facts)

    async def tell(self, status: str, **facts: Any) -> None:
        """Report the state of the instance; a repeated state is a heartbeat.

        Raises:
            StoreError: see `create`.
        """
        await self._ask(TRAINING, simulator=self._simulator, status=status, **facts)

    async def scores(self) -> Sequence[DrillScore]:
        """Return all scores of the person, oldest first."""
        answer = await self._ask(TRAINING_SCORES, user=self._user)
        return answer.scores

    async def add(self, score: DrillScore, remarks: Sequence[tuple[str, str]]) -> None:
        """Store a score."""
        figures = {**msgspec.to_builtins(score.figures), "remarks": [list(one) for one in remarks]}
        await self._ask(
            TRAINING_SCORES,
            user=self._user,
            drill=score.drill,
            day=score.day.isoformat(),
            score=score.figures.score,
            figures=figures,
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    async def _ask(self, read: StoreRead[A], **facts: Any) -> A:
        async with self._turn:
            try:
                if not self._connection.is_open:
                    found = await asyncio.to_thread(self._facts)
                    self._secret = found.secret
                    await self._connection.open(found.conninfo, f"till {self._identity.till} training", _DEADLINE_S)
                text = encode_read(self._identity, self._secret, **facts)
                answer = decode_as(await self._connection.call(read.statement, text, _DEADLINE_S), read.answer)
            except ConnectionFailedError as problem:
                await self._connection.close()
                sentence = _("Training needs the venue's database, and it does not answer ({why}).")
                raise StoreAwayError(sentence.format(why=problem.failure.detail)) from problem
            except DamagedReplyError as problem:
                raise StoreError(_("The venue's database answered something unreadable.")) from problem
        if not answer.ok:
            raise StoreError(answer.detail)
        return answer


class TrainingRoom:
    """The implementation of `till.training.trainer.TrainingEnvironment`: a training from its login to its end.

    Args:
        config: the configuration of the real till.
        instance: reports to the venue's database.
        databases: the databases.
        endpoint: the command with which another terminal joins.
        cash: the float, in the venue's currency.
    """

    def __init__(
        self,
        config: Config,
        instance: Instance,
        databases: TrainingDatabases,
        *,
        endpoint: str,
        cash: str,
    ) -> None:
        self._config = config
        self._instance = instance
        self._databases = databases
        self._endpoint = endpoint
        self._cash = cash
        self._begin: Callable[[], None] = lambda: None
        self._symbols: Callable[[], Sequence[str]] = tuple
        self._is_cut = False
        self._user = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_open = False
        self._has_failed = False

    def attach(self, register: Register, begin: Callable[[], None]) -> None:
        """Attach the training's till: its menu, and the function that starts its sync."""
        self._symbols = lambda: [item.name for item in register.menu.items]
        self._begin = begin

    async def open(self, user: int) -> ScoreBook:
        """Create the instance and its database, and connect the till to the database."""
        if self._has_failed:
            raise StoreError(_("This training has ended. Press Ctrl+Q and run `till train`."))
        self._user = user
        await self._instance.create(user, symbols=self._symbols(), cash=self._cash, endpoint=self._endpoint)
        try:
            await self._instance.tell("STARTING")
            await asyncio.to_thread(self._databases.make)
            await self._instance.tell("RUNNING")
        except BaseException as problem:
            self._has_failed = True
            reason = getattr(problem, "sentence", type(problem).__name__)
            with suppress(TillError):  # the first problem is the one to report
                await asyncio.to_thread(self._databases.drop)
            with suppress(TillError):
                await self._instance.tell("ERROR", reason=reason)
            raise
        self._is_open = True
        self._begin()
        self._start(self._beat())
        return self._instance

    def cut(self, *, off: bool) -> None:
        """Cut the network of the training's till, or restore it."""
        if off != self._is_cut:
            self._is_cut = off
            self._start(asyncio.to_thread(self._databases.cut, off=off))

    def open_elsewhere(self, guest: Guest) -> None:
        """Open a guest's order at the guest's table on the other till."""
        self._start(self._serve_elsewhere(guest))

    async def _serve_elsewhere(self, guest: Guest) -> None:
        async with open_register(
            self._config,
            self._databases.folders,
            self._databases.held,
            till=OTHER_TILL,
            prepare=lambda _tell: self._databases.database(OTHER_TILL),
        ) as register:
            register.ledger.user = self._user
            Robot(register, self._user).leave_open(guest)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_S)
            try:
                await self._instance.tell("RUNNING")
            except StoreError as problem:  # the training continues, and the next heartbeat may succeed
                _log.info("training_not_told", extra={"error": problem.code})

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(_log_faults(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End the training: drop its database, and report to the venue's database."""
        for work in self._tasks:
            work.cancel()
        if self._is_open:
            try:
                await self._instance.tell("STOPPING")
                await asyncio.to_thread(self._databases.drop)
                await self._instance.tell("STOPPED")
            except TillError as problem:  # the next training drops it; the instance times out
                _log.warning("training_not_ended", extra={"error": problem.code})
        await self._instance.close()


async def _log_faults(work: Awaitable[None]) -> None:
    """Run background work. A fault is logged, and the drill continues."""
    try:
        await work
    except TillError as problem:
        _log.warning("training_work_failed", extra={"error": problem.code, "said": problem.sentence})


class Exercise:
    """A training that replaces a till's sync and tenders (`till.wiring.till.open_till`).

    Args:
        room: the room of the training.
        seed: the seed of the guests.
        pace: the factor by which guests arrive faster than in real time.
        profile: the distribution of their orders.
        guests: the number of guests of each drill; None for the drill's default.
        hour: a recorded hour to train on; None for none.
    """

    def __init__(
        self,
        room: TrainingRoom,
        *,
        seed: int,
        pace: float = 1.0,
        profile: Profile = BUILT_IN,
        guests: int | None = None,
        hour: RecordedHour | None = None,
    ) -> None:
        self._room = room
        self._seed = seed
        self._pace = pace
        self._profile = profile
        self._guests = guests
        self._hour = hour
        self._trainer: Trainer | None = None

    def attach(self, register: Register, begin: Callable[[], None]) -> Trainer:
        """Return the trainer of a till; `begin` starts its sync."""
        self._room.attach(register, begin)
        self._trainer = Trainer(
            *(register, self._room, self._profile),
            seed=self._seed,
            pace=self._pace,
            guests=self._guests,
            hour=self._hour,
        )
        return self._trainer

    def tenders(self, currency: str) -> Tenders:
        """Return the tenders of a training, without a real provider."""
        assert self._trainer is not None  # noqa: S101 - for the type checker
        return Tenders(hands_in(currency), [TrainingTerminal(self._trainer.declines, self._pace)])

    async def close(self) -> None:
        """End the training."""
        await self._room.close()


def make_training_room(
    config: Config,
    databases: TrainingDatabases,
    store_id: str,
    till: int,
    simulator: str,
    login: str,
    *,
    cash: str,
) -> TrainingRoom:
    """Return the room of a training.

    Args:
        config: the configuration of the real till.
        databases: the databases of the training.
        store_id: the real venue.
        till: the real till, which trains.
        simulator: the id of the instance.
        login: the id of the instance's login.
        cash: the float, in the venue's currency.
    """
    identity = Identity(store_id, till, host=socket.gethostname())
    instance = Instance(identity, databases.venue, simulator, login)
    return TrainingRoom(config, instance, databases, endpoint="till train --join", cash=cash)
