"""The interface of the training for its screens, and the storage of scores. Times are in seconds of real time."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads it
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor

if TYPE_CHECKING:
    from collections.abc import Sequence


class GuestShown(Struct, frozen=True):
    """A guest who is waiting or being served.

    Attributes:
        words: the guest's sentences so far, oldest first.
        waits_s: the seconds that the guest has waited.
        pays: the name of the guest's tender; empty if the guest does not pay now.
        is_leaving: True if the guest leaves soon.
    """

    name: str
    words: tuple[str, ...]
    waits_s: float
    pays: str = ""
    is_leaving: bool = False


class DrillFigures(Struct, frozen=True, kw_only=True):
    """The figures of a drill, so far or at its end.

    Attributes:
        served: the number of served guests.
        each_s: the average seconds for each served guest.
        lines: the number of ordered lines.
        wrong: the number of mistakes in them.
        cash: the number of payments in cash.
        change: the number of cash payments with the wrong change.
        left: the number of guests who left without being greeted.
        over: the surplus in the drawer in minor units; negative if it is short.
        score: the score from 0 to 100.
    """

    served: int = 0
    each_s: float = 0.0
    lines: int = 0
    wrong: int = 0
    cash: int = 0
    change: int = 0
    left: int = 0
    over: Minor = NOTHING
    score: int = 0


class DrillShown(Struct, frozen=True, kw_only=True):
    """A running drill: the guest at the counter, and the waiting guests."""

    name: str
    left_s: float
    patience_s: float
    at_counter: GuestShown | None
    waiting: tuple[GuestShown, ...]
    so_far: DrillFigures
    is_over: bool = False


class DrillScore(Struct, frozen=True, kw_only=True):
    """The result of a drill on a business day."""

    drill: str
    day: date
    figures: DrillFigures


class DrillOffered(Struct, frozen=True):
    """A drill to choose, with its last score; None if it was never done. `about` are sentences on recorded trading."""

    key: str
    name: str
    last: DrillScore | None = None
    about: tuple[str, ...] = ()


class DrillEnded(Struct, frozen=True, kw_only=True):
    """A finished drill.

    Attributes:
        minutes: the length of the drill.
        remarks: the mistakes: the name of a guest, and a sentence.
        before: the last score on an earlier day; None if there is none.
        best: the best earlier score.
        days: the best score of each day, oldest first, ending with today.
        counter_s: the median seconds of an order at the counter in recorded trading; None for invented guests.
    """

    key: str
    name: str
    minutes: int
    figures: DrillFigures
    remarks: tuple[tuple[str, str], ...]
    before: DrillScore | None
    best: int
    days: tuple[DrillScore, ...]
    counter_s: float | None = None


class ScoreBook(Protocol):
    """The scores of the trainee, stored in the venue's database."""

    async def scores(self) -> Sequence[DrillScore]:
        """Return all scores, oldest first.

        Raises:
            StoreError: the venue's database does not answer.
        """
        ...

    async def add(self, score: DrillScore, remarks: Sequence[tuple[str, str]]) -> None:
        """Store a score.

        Raises:
            StoreError: the venue's database does not answer.
        """
        ...


class Training(Protocol):
    """The training mode of a till."""

    async def enter(self, user: int) -> None:
        """Start the training of the person who logged in: create its database, and connect to it.

        Raises:
            TillError: the training cannot start; the sentence says why.
        """
        ...

    def offered(self) -> tuple[DrillOffered, ...]:
        """Return the drills to choose from."""
        ...

    def begin(self, key: str) -> None:
        """Start a drill."""
        ...

    def look(self) -> DrillShown | None:
        """Return the current state of the drill; None if none is running. Guests come and leave as time passes."""
        ...

    async def finish(self) -> DrillEnded | None:
        """End the drill and store its score. Returns None if none is running or no guest came to the counter."""
        ...
