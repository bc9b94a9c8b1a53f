"""The score of a drill, from 0 to 100."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.training.judging import Verdict

#: The seconds for an order without a loss of score, and the seconds from which the score is halved.
QUICK_S: Final = 30.0
SLOW_S: Final = 90.0


class Figures(Struct, frozen=True):
    """The figures of a drill.

    Attributes:
        served: the number of served guests.
        seconds: the total time of these guests from their greeting.
        lines: the number of ordered lines.
        wrong: the number of faults.
        cash: the number of payments in cash.
        change: the number of these payments with wrong change.
        left: the number of guests who left without being greeted.
        over: the drawer's over/short in minor units, negative if it is short.
        remarks: the faults: the name of a guest, and a sentence.
    """

    served: int = 0
    seconds: float = 0.0
    lines: int = 0
    wrong: int = 0
    cash: int = 0
    change: int = 0
    left: int = 0
    over: Minor = NOTHING
    remarks: tuple[tuple[str, str], ...] = ()

    @property
    def each_s(self) -> float:
        """The average seconds for an order; 0 before the first."""
        return self.seconds / self.served if self.served else 0.0

    @property
    def score(self) -> int:
        """The product of the shares of right lines, right change and served guests, and of speed."""
        if not self.served:
            return 0
        right = 1 - min(1.0, self.wrong / max(1, self.lines))
        change = 1 - self.change / max(1, self.cash)
        stayed = self.served / (self.served + self.left)
        slow = min(1.0, max(0.0, (self.each_s - QUICK_S) / (SLOW_S - QUICK_S)))
        return round(100 * right * change * stayed * (1 - slow / 2))

    def served_one(self, name: str, seconds: float, verdict: Verdict) -> Figures:
        """Return the figures with a further served guest."""
        return replace(
            self,
            served=self.served + 1,
            seconds=self.seconds + seconds,
            lines=self.lines + verdict.lines,
            wrong=self.wrong + len(verdict.remarks),
            cash=self.cash + verdict.cash[0],
            change=self.change + verdict.cash[1],
            over=Minor(self.over + verdict.over),
            remarks=(*self.remarks, *((name, remark) for remark in verdict.remarks)),
        )

    def left_waiting(self, name: str, remark: str) -> Figures:
        """Return the figures with a further guest who left."""
        return replace(self, left=self.left + 1, remarks=(*self.remarks, (name, remark)))
