"""The drills of training: the guests of each, how fast they come, and what goes wrong."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from till.domain.i18n import _
from till.domain.structs import replace


class Task(StrEnum):
    """The business of a guest at the counter."""

    SALE = "sale"
    #: Order, and have it put on a table.
    TAB = "tab"
    #: Pay what is on a table.
    BILL = "bill"
    #: Pay what another till has open on a table.
    TAKEOVER = "takeover"
    #: Have a sale refunded.
    REFUND = "refund"


class Drill(Struct, frozen=True, kw_only=True):
    """A drill.

    Attributes:
        key: its name in commands and scores.
        minutes: its length; guests who come later are not served.
        guests: the largest number of guests.
        per_minute: the mean rate of their arrivals.
        patience_s: seconds until a guest who was not greeted leaves.
        tasks: the business of guests, each with its weight.
        cash: the share of guests who pay in cash; None for that of the profile.
        tables: the number of tables that they name, from 1 on.
        declines: the share of cards that are declined.
        cut_s: the seconds from which to which the network is down; None for never.
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

    def of(self, guests: int) -> Drill:
        """Return the drill with another number of guests, who come in its time and are served in a quarter more."""
        return replace(self, guests=guests, per_minute=guests / self.minutes, minutes=1.25 * self.minutes)


DRILLS: Final = (
    Drill(key="rush", name=_("Rush"), minutes=10, guests=40, per_minute=2.5),
    Drill(
        key="tabs",
        name=_("Tables"),
        minutes=10,
        guests=20,
        per_minute=1.5,
        tasks=((Task.TAB, 0.7), (Task.SALE, 0.3)),
    ),
    Drill(key="declined", name=_("A declined card"), minutes=5, guests=8, per_minute=1.5, cash=0.2, declines=0.6),
    Drill(
        key="refund",
        name=_("A refund"),
        minutes=6,
        guests=8,
        per_minute=1.2,
        tasks=((Task.SALE, 0.5), (Task.REFUND, 0.5)),
    ),
    Drill(key="network", name=_("The network goes down"), minutes=6, guests=12, per_minute=1.8, cut_s=(60, 240)),
    Drill(
        key="takeover",
        name=_("An order at another till"),
        minutes=6,
        guests=8,
        per_minute=1.2,
        tasks=((Task.SALE, 0.4), (Task.TAKEOVER, 0.6)),
    ),
)


def drill_of(key: str) -> Drill | None:
    """Return the drill of a name; None if there is none."""
    return next((drill for drill in DRILLS if drill.key == key), None)
