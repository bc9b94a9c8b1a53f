"""Generated sales of some days, rung by the robot at the times of the guests, for the demo and as load."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.training.drills import Task
from till.training.guests import Crowd, Guest, Pays
from till.training.robot import Robot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from random import Random

    from till.domain.order.state import Order
    from till.register.register import Register
    from till.training.profile import Profile

#: The guests of a weekday, the factor for weekends, and the first day of the weekend.
_GUESTS: Final = 110
_WEEKEND: Final = 1.5
_SATURDAY: Final = 5
#: The shares of orders at a table, with a voided line, and with a discount, the divisor for a tenth, and the tables.
_AT_TABLE: Final = 0.25
_VOIDED: Final = 0.05
_DISCOUNTED: Final = 0.04
_TENTH: Final = 10
_TABLES: Final = 12
#: The range of minutes that guests sit at a table.
_SITTING: Final = (20, 70)


class SettableClock(Protocol):
    """A settable clock of a register."""

    def set(self, moment: datetime, day: date) -> None:
        """Set the time, which must be aware, and the business date."""
        ...


class Week:
    """The guests of some days.

    Args:
        register: a register on `clock`.
        clock: the clock, set to the time of each guest.
        profile: the distribution of orders.
        chance: the random numbers, seeded by the caller.
        staff: the staff numbers of the cashiers.
    """

    def __init__(
        self, register: Register, clock: SettableClock, profile: Profile, chance: Random, staff: Sequence[int]
    ) -> None:
        self._register = register
        self._clock = clock
        self._profile = profile
        self._chance = chance
        self._robots = [Robot(register, number) for number in staff]
        self._staff = staff
        self._crowd = Crowd(register.menu, register.lookup.words, register.formats.currency, profile, chance)
        self._free = list(range(1, _TABLES + 1))

    def ring(self, first: date, until: datetime) -> Iterator[datetime]:
        """Ring all guests from a day up to a moment. Yield the time after each guest."""
        bills: list[tuple[datetime, int, str]] = []
        for at in self._arrivals(first, until):
            for due in sorted(one for one in bills if one[0] <= at):
                bills.remove(due)
                self._pay(due)
                yield due[0]
            self._serve(at, bills)
            yield at
        for due in sorted(bills):
            if due[0] <= until:
                self._pay(due)
                yield due[0]

    def _arrivals(self, first: date, until: datetime) -> Iterator[datetime]:
        """Yield the arrival times of guests, on the venue's clock."""
        venue = self._register.venue
        total = sum(self._profile.hours)
        day = first
        while (midnight := datetime.combine(day, time(), venue.zone)) <= until:
            guests = _GUESTS * (_WEEKEND if day.weekday() >= _SATURDAY else 1.0) / total
            times = sorted(
                midnight + timedelta(hours=hour, seconds=self._chance.uniform(0, 3600))
                for hour, weight in enumerate(self._profile.hours)
                for _guest in range(round(guests * weight * self._chance.uniform(0.8, 1.2)))
            )
            yield from (at for at in times if at <= until)
            day += timedelta(days=1)

    def _serve(self, at: datetime, bills: list[tuple[datetime, int, str]]) -> None:
        who = self._at(at)
        wants = self._crowd.wants(at)
        if not wants:
            return
        order = self._robots[who].key(wants)
        self._adjust(order)
        order = self._register.ledger.order(order.id)
        if self._free and self._chance.random() < _AT_TABLE:
            table = self._free.pop(self._chance.randrange(len(self._free)))
            self._register.tabs.save(order.id, str(table))
            bills.append((at + timedelta(minutes=self._chance.uniform(*_SITTING)), table, order.id))
            return
        pays = self._crowd.pays(wants)
        guest = Guest(number=0, name="", arrives_s=0, task=Task.SALE, wants=wants, words="", pays=pays)
        self._take(order, guest.pays)

    def _adjust(self, order: Order) -> None:
        """Void a line of some orders, and discount others by a tenth."""
        lines = [line for line in order.lines.values() if line.quantity > 0]
        if len(lines) > 1 and self._chance.random() < _VOIDED:
            self._register.sales.void_line(order.id, lines[-1].id, _("guest changed mind"))
        elif lines and self._chance.random() < _DISCOUNTED:
            price = self._register.formats.currency.amount_of(lines[0].price4, lines[0].quantity)
            off = Minor(price // _TENTH)
            self._register.sales.discount(order.id, lines[0].id, amount=off, reason=_("regular guest"))

    def _pay(self, bill: tuple[datetime, int, str]) -> None:
        at, table, session_id = bill
        who = self._at(at)
        order = self._register.tabs.recall(session_id, self._staff[who])
        self._free.append(table)
        self._take(order, Pays(CASH))

    def _take(self, order: Order, pays: Pays) -> None:
        if pays.note > order.due:
            self._register.checkout.pay(order.id, pays.tender, pays.note)
        else:
            self._register.checkout.pay_exact(order.id, pays.tender)

    def _at(self, at: datetime) -> int:
        """Set the clock to a moment, and return the index of a cashier."""
        self._clock.set(at, self._register.venue.business_date(at))
        who = self._chance.randrange(len(self._staff))
        self._register.ledger.user = self._staff[who]
        return who
