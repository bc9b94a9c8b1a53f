"""Training as its screens see it, and where its scores are kept. Times in seconds, as the trainee lives them."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads it
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor

if TYPE_CHECKING:
    from collections.abc import Sequence


class GuestShown(Struct, frozen=True):
    """A guest who waits, or whose turn it is.

    Attributes:
        words: the sentences so far, the oldest first.
        pays: the guest's way to pay, in words; empty for one who does not pay now.
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
        served: guests who were served, in `each_s` on average.
        lines: lines that were asked for; `wrong` is what was wrong with them.
        cash: payments in cash; `change` of them with the wrong change.
        left: guests who left without being greeted.
        over: the drawer's surplus in minor units, negative if it is short.
        score: from 0 to 100.
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
    """A drill while it runs: the guest at the counter, and those behind."""

    name: str
    left_s: float
    patience_s: float
    at_counter: GuestShown | None
    waiting: tuple[GuestShown, ...]
    so_far: DrillFigures
    is_over: bool = False


class DrillScore(Struct, frozen=True, kw_only=True):
    """The result of a drill, by business day."""

    drill: str
    day: date
    figures: DrillFigures


class DrillOffered(Struct, frozen=True):
    """A drill to choose, and the last score in it, if it was done before."""

    key: str
    name: str
    last: DrillScore | None = None


class DrillEnded(Struct, frozen=True, kw_only=True):
    """A drill that has ended.

    Attributes:
        minutes: its length.
        remarks: the faults to look at: the name of a guest, and a sentence.
        before: the last score in it on an earlier day, if any.
        best: the best score in it before.
        days: the best score of each day, the oldest first; today is the last.
    """

    key: str
    name: str
    minutes: int
    figures: DrillFigures
    remarks: tuple[tuple[str, str], ...]
    before: DrillScore | None
    best: int
    days: tuple[DrillScore, ...]


class ScoreBook(Protocol):
    """The scores of the person who trains, kept with the venue."""

    async def scores(self) -> Sequence[DrillScore]:
        """Return all of them, the oldest first.

        Raises:
            StoreError: the venue's database does not answer.
        """
        ...

    async def add(self, score: DrillScore, remarks: Sequence[tuple[str, str]]) -> None:
        """Keep one more.

        Raises:
            StoreError: the venue's database does not answer.
        """
        ...


class Training(Protocol):
    """The trainer of this till."""

    async def enter(self, user: int) -> None:
        """Begin the training of the person who logged in: make its database, and connect to it.

        Raises:
            TillError: it cannot begin; the sentence says why.
        """
        ...

    def offered(self) -> tuple[DrillOffered, ...]:
        """Return the drills to choose from."""
        ...

    def begin(self, key: str) -> None:
        """Begin a drill."""
        ...

    def look(self) -> DrillShown | None:
        """Return the drill as it is now; None between drills. Guests come and leave as time passes."""
        ...

    async def finish(self) -> DrillEnded | None:
        """End the drill, and keep its score; None if none runs, or if nobody came to the counter."""
        ...
