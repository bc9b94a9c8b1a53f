"""Findings about parts, and the runner of the checks: each runs by itself and no longer than its deadline."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: Seconds for a subject. An embedded database that has to recover first takes longer, and the user should know.
DEADLINE_S: Final = 15.0


class Verdict(StrEnum):
    """The state of a part."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """Not checked, because something else is wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding about one part.

    Attributes:
        part: its name, in a word or two.
        sentence: its state, as sentences.
        remedy: the advice; empty if nothing is wrong.
    """

    part: str
    verdict: Verdict
    sentence: str
    remedy: str = ""


def well(part: str, sentence: str) -> Finding:
    """Return a finding for a part that is well."""
    return Finding(part, Verdict.OK, sentence)


def wrong(part: str, sentence: str, remedy: str) -> Finding:
    """Return a finding for a part that needs fixing."""
    return Finding(part, Verdict.WRONG, sentence, remedy)


def unknown(part: str, sentence: str) -> Finding:
    """Return a finding for a part that could not be checked."""
    return Finding(part, Verdict.UNKNOWN, sentence)


@dataclass(slots=True)
class _Trial:
    """A check in a thread of its own: if it hangs, it hangs alone, and ends with the process."""

    name: str
    parts: Callable[[], Iterator[Finding]]
    found: list[Finding] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"doctor: {self.name}", daemon=True).start()

    def _run(self) -> None:
        try:
            self.found.extend(self.parts())
        except Exception as problem:  # noqa: BLE001 - the other parts are still checked
            self.found.append(_trouble(self.name, problem))
        finally:
            self.done.set()


def examine(
    subjects: Sequence[tuple[str, Callable[[], Iterator[Finding]]]], deadline_s: float = DEADLINE_S
) -> list[Finding]:
    """Check all subjects in parallel and return their findings, in the order of the subjects.

    Args:
        subjects: each with its name, and a function that yields findings about it.
        deadline_s: seconds for all of them; one that takes longer keeps its findings so far, and one that it hangs.
    """
    trials = [_Trial(name, parts) for name, parts in subjects]
    for trial in trials:
        trial.start()
    until = time.monotonic() + deadline_s
    found: list[Finding] = []
    for trial in trials:
        in_time = trial.done.wait(max(0, until - time.monotonic()))
        found += list(trial.found)
        if not in_time:
            hangs = _("There was no answer within {seconds} s.").format(seconds=round(deadline_s))
            found.append(wrong(trial.name, hangs, _("Check whether that disk or server is frozen; then try again.")))
    return found


def _trouble(name: str, problem: Exception) -> Finding:
    from db.errors import DatabaseError

    if isinstance(problem, TillError | DatabaseError):
        lead, point, remedy = problem.sentence.partition(". ")
        return wrong(name, lead + point.strip(), remedy)
    what = problem.strerror if isinstance(problem, OSError) else type(problem).__name__
    return wrong(name, _("It could not be checked: {what}.").format(what=what), _("Try again; if it stays, report it."))
