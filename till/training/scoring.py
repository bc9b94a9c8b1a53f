"""The score of a drill, from 0 to 100."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.training.judging import Verdict

#: The seconds an order may take without a loss, and those from which on the score is halved.
QUICK_S: Final = 30.0
SLOW_S: Final = 90.0


class Figures(Struct, frozen=True):
    """The figures of a drill.

    Attributes:
        served: guests who were served, in `seconds` together from their greeting.
        lines: lines that were asked for; `wrong` is what was wrong with them.
        cash: payments in cash; `change` of them with the wrong change.
        left: guests who left without being greeted.
        over: the drawer's surplus in minor units, negative if it is short.
        remarks: the faults to look at: the name of a guest, and a sentence.
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
        """Seconds an order took on average; 0 before the first."""
        return self.seconds / self.served if self.served else 0.0

    @property
    def score(self) -> int:
        """The share of lines that were right, times that of change, of guests who were served, and of speed."""
        if not self.served:
            return 0
        right = 1 - min(1.0, self.wrong / max(1, self.lines))
        change = 1 - self.change / max(1, self.cash)
        stayed = self.served / (self.served + self.left)
        slow = min(1.0, max(0.0, (self.each_s - QUICK_S) / (SLOW_S - QUICK_S)))
        return round(100 * right * change * stayed * (1 - slow / 2))

    def served_one(self, name: str, seconds: float, verdict: Verdict) -> Figures:
        """Return the figures with one more guest who was served."""
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
        """Return the figures with one more guest who left."""
        return replace(self, left=self.left + 1, remarks=(*self.remarks, (name, remark)))
