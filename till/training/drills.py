"""The drills of training: their guests, arrival rates and disturbances."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from till.domain.i18n import N_
from till.domain.structs import replace


class Task(StrEnum):
    """The request of a guest at the counter."""

    SALE = "sale"
    #: Order for a table.
    TAB = "tab"
    #: Pay the bill of a table.
    BILL = "bill"
    #: Pay the bill of a table that another till has open.
    TAKEOVER = "takeover"
    #: Return a sale for a refund.
    REFUND = "refund"


class Drill(Struct, frozen=True, kw_only=True):
    """A drill.

    Attributes:
        key: the name in commands and scores.
        name: the display name.
        minutes: the length; later guests are not served.
        guests: the largest number of guests.
        per_minute: the mean arrival rate.
        patience_s: seconds until a guest who was not greeted leaves.
        tasks: the requests of guests with their weights.
        cash: the share of guests who pay in cash; None for the share in the profile.
        tables: the number of tables, from 1 on.
        declines: the share of declined cards.
        cut_s: the start and end of the network failure in seconds; None without a failure.
        eaten_s: seconds after which the guests of a table ask for the bill; None in recorded trading, whose guests come
            at their minute.
    """

    key: str
    name: str
    minutes: float
    guests: int
    per_minute: float
    patience_s: float = 120.0
    tasks: tuple[tuple[Task, float], ...] = ((Task.SALE, 1.0),)
    cash: float | None = None
    tables: int = 12
    declines: float = 0.0
    cut_s: tuple[float, float] | None = None
    eaten_s: float | None = 75.0

    def of(self, guests: int) -> Drill:
        """Return the drill with another number of guests, who arrive in its time; it then lasts a quarter longer."""
        return replace(self, guests=guests, per_minute=guests / self.minutes, minutes=1.25 * self.minutes)


DRILLS: Final = (
    Drill(key="rush", name=N_("Rush"), minutes=10, guests=40, per_minute=2.5),
    Drill(
        key="tabs",
        name=N_("Tables"),
        minutes=10,
        guests=20,
        per_minute=1.5,
        tasks=((Task.TAB, 0.7), (Task.SALE, 0.3)),
    ),
    Drill(key="declined", name=N_("A declined card"), minutes=5, guests=8, per_minute=1.5, cash=0.2, declines=0.6),
    Drill(
        key="refund",
        name=N_("A refund"),
        minutes=6,
        guests=8,
        per_minute=1.2,
        tasks=((Task.SALE, 0.5), (Task.REFUND, 0.5)),
    ),
    Drill(key="network", name=N_("The network goes down"), minutes=6, guests=12, per_minute=1.8, cut_s=(60, 240)),
    Drill(
        key="takeover",
        name=N_("An order at another till"),
        minutes=6,
        guests=8,
        per_minute=1.2,
        tasks=((Task.SALE, 0.4), (Task.TAKEOVER, 0.6)),
    ),
)


def drill_of(key: str) -> Drill | None:
    """Return the drill of a name; None if there is none."""
    return next((drill for drill in DRILLS if drill.key == key), None)
