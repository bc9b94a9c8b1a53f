"""The trainer: starts drills, passes the till's events to them, and stores the scores (`till.ports.Training`)."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final, Protocol

from till.domain.i18n import _
from till.domain.order.evolve import ORDERS
from till.domain.order.paying import CASH
from till.domain.refund.state import REFUNDS
from till.ports.training import DrillEnded, DrillFigures, DrillOffered, DrillScore, DrillShown, GuestShown
from till.training.drills import DRILLS, Task, drill_of
from till.training.guests import Crowd
from till.training.recorded import make_recorded_drill
from till.training.run import DrillRun

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from till.domain.order.state import Order
    from till.domain.refund.state import Refund
    from till.ports.training import ScoreBook
    from till.register.register import Register
    from till.training.guests import Guest
    from till.training.profile import Profile
    from till.training.recorded import RecordedDrill, RecordedHour
    from till.training.run import Visit

#: The most mistakes that are stored with a score: those of an hour could be more than is kept.
_REMARKS: Final = 100
#: The share of a guest's patience after which the screen warns.
_SOON: Final = 0.85


class TrainingEnvironment(Protocol):
    """The environment of a training: its database, its network, and the other till."""

    async def open(self, user: int) -> ScoreBook:
        """Create the environment for a person, and return their scores."""
        ...

    def cut(self, *, off: bool) -> None:
        """Cut the network, or restore it."""
        ...

    def open_elsewhere(self, guest: Guest) -> None:
        """Open the order of a guest at the guest's table on another till, in the background."""
        ...


class Trainer:
    """The trainer of a till.

    Args:
        register: the till.
        room: the environment.
        profile: the distribution of the guests' orders.
        seed: the seed of the guests: equal seeds give equal guests.
        pace: the factor by which guests arrive and leave faster than in real time.
        guests: the number of guests of each drill; None for the drill's default.
        hour: a recorded hour to train on; None for none.
    """

    def __init__(
        self,
        register: Register,
        room: TrainingEnvironment,
        profile: Profile,
        *,
        seed: int,
        pace: float = 1.0,
        guests: int | None = None,
        hour: RecordedHour | None = None,
    ) -> None:
        self._register = register
        self._room = room
        self._profile = profile
        self._chance = Random(seed)  # noqa: S311 - guests, not secrets
        self._pace = pace
        self._guests = guests
        self._hour = hour
        self._recorded: RecordedDrill | None = None
        self._book: ScoreBook | None = None
        self._scores: list[DrillScore] = []
        self._run: DrillRun | None = None
        self._began = 0.0
        register.ledger.observe(ORDERS, self._order_written)
        register.ledger.observe(REFUNDS, self._refund_written)

    async def enter(self, user: int) -> None:
        """Begin the training of a person."""
        self._book = await self._room.open(user)
        self._scores = [*await self._book.scores()]
        if self._hour is not None:
            self._recorded = make_recorded_drill(self._hour, self._crowd())

    def _crowd(self) -> Crowd:
        register = self._register
        return Crowd(register.menu, register.lookup.words, register.formats.currency, self._profile, self._chance)

    def offered(self) -> tuple[DrillOffered, ...]:
        """Return the drills to choose from."""
        last = {score.drill: score for score in self._scores}
        own = self._recorded
        recorded = (DrillOffered(own.drill.key, own.drill.name, last.get(own.drill.key), own.about),) if own else ()
        return (*recorded, *(DrillOffered(drill.key, drill.name, last.get(drill.key)) for drill in DRILLS))

    def begin(self, key: str) -> None:
        """Start a drill. Do nothing for an unknown drill, or while another drill runs."""
        register, crowd, recorded = self._register, self._crowd(), self._recorded
        drill = recorded.drill if recorded is not None and recorded.drill.key == key else drill_of(key)
        if drill is None or self._run is not None:
            return
        if recorded is not None and drill is recorded.drill:
            guests: Iterable[Guest] = recorded.guests
        else:
            drill = drill.of(self._guests) if self._guests is not None else drill
            guests = crowd.guests(drill, register.venue.local(register.ledger.now()))
        self._run = DrillRun(drill, guests, lambda wants: crowd.pays(wants, cash=1), self._room.open_elsewhere)
        self._began = register.ledger.clock.monotonic()

    def declines(self) -> bool:
        """True if the next card is declined."""
        return self._run is not None and self._chance.random() < self._run.drill.declines

    def look(self) -> DrillShown | None:
        """Return the present state of the drill; None if none runs."""
        run = self._tick()
        if run is None:
            return None
        at_counter = run.at_counter
        return DrillShown(
            name=run.drill.name,
            left_s=run.left_s,
            patience_s=run.drill.patience_s,
            at_counter=self._shown(run, at_counter) if at_counter is not None else None,
            waiting=tuple(self._shown(run, visit) for visit in run.queue[1:]),
            so_far=self._figures(run),
            is_over=run.is_over,
        )

    def _tick(self) -> DrillRun | None:
        run = self._run
        if run is not None:
            run.tick((self._register.ledger.clock.monotonic() - self._began) * self._pace)
            self._room.cut(off=run.is_cut)
        return run

    def _shown(self, run: DrillRun, visit: Visit) -> GuestShown:
        waits = run.waits_s(visit)
        leaving = visit.greeted_s is None and waits > _SOON * run.drill.patience_s
        return GuestShown(visit.guest.name, visit.words, waits, self._pays(visit), leaving)

    def _pays(self, visit: Visit) -> str:
        if visit.guest.task in {Task.TAB, Task.REFUND}:
            return ""
        if visit.pays.tender != CASH:
            return _("Pays by card.")
        return _("Pays with {note}.").format(note=self._register.formats.money(visit.pays.note))

    async def finish(self) -> DrillEnded | None:
        """End the drill, and store its score. Return None if there is nothing to score."""
        run = self._tick()
        self._run = None
        if run is None:
            return None
        self._room.cut(off=False)
        if not (run.figures.served or run.figures.left):
            return None
        register, recorded = self._register, self._recorded
        day = register.venue.business_date(register.ledger.now())
        score = DrillScore(drill=run.drill.key, day=day, figures=self._figures(run))
        before = [one for one in self._scores if one.drill == score.drill]
        self._scores.append(score)
        if self._book is not None:
            await self._book.add(score, run.figures.remarks[:_REMARKS])
        return DrillEnded(
            key=run.drill.key,
            name=run.drill.name,
            minutes=max(1, round((run.drill.minutes * 60 - run.left_s) / 60)),
            figures=score.figures,
            remarks=run.figures.remarks,
            before=next((one for one in reversed(before) if one.day < day), None),
            best=max((one.figures.score for one in before), default=0),
            days=_best_of_days([*before, score]),
            counter_s=recorded.counter_s if recorded is not None and recorded.drill is run.drill else None,
        )

    @staticmethod
    def _figures(run: DrillRun) -> DrillFigures:
        own = run.figures
        return DrillFigures(
            served=own.served,
            each_s=own.each_s,
            lines=own.lines,
            wrong=own.wrong,
            cash=own.cash,
            change=own.change,
            left=own.left,
            over=own.over,
            score=own.score,
        )

    def _order_written(self, order: Order) -> None:
        if (run := self._tick()) is not None:
            run.order_written(order)

    def _refund_written(self, refund: Refund) -> None:
        if (run := self._tick()) is not None:
            run.refund_written(refund)


def _best_of_days(scores: list[DrillScore]) -> tuple[DrillScore, ...]:
    best: dict[date, DrillScore] = {}
    for score in scores:
        known = best.get(score.day)
        if known is None or known.figures.score < score.figures.score:
            best[score.day] = score
    return tuple(best[day] for day in sorted(best))
