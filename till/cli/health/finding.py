"""Findings about parts, and the runner of the checks. Checks run in parallel, up to a deadline."""

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

#: Seconds for all checks. An embedded database that has to recover first takes longer, and is reported.
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
        part: the name of the part, in a word or two.
        sentence: one or more sentences about its state.
        remedy: the advice for fixing it; empty if nothing is wrong.
    """

    part: str
    verdict: Verdict
    sentence: str
    remedy: str = ""


def well(part: str, sentence: str) -> Finding:
    """Return a finding for a part that is in order."""
    return Finding(part, Verdict.OK, sentence)


def wrong(part: str, sentence: str, remedy: str) -> Finding:
    """Return a finding for a part that needs fixing."""
    return Finding(part, Verdict.WRONG, sentence, remedy)


def unknown(part: str, sentence: str) -> Finding:
    """Return a finding for a part that could not be checked."""
    return Finding(part, Verdict.UNKNOWN, sentence)


@dataclass(slots=True)
class _Check:
    """A check in a daemon thread: if it hangs, the others continue, and it ends with the process."""

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
            self.found.append(_failure(self.name, problem))
        finally:
            self.done.set()


def examine(
    subjects: Sequence[tuple[str, Callable[[], Iterator[Finding]]]], deadline_s: float = DEADLINE_S
) -> list[Finding]:
    """Check all subjects in parallel and return their findings, in the order of the subjects.

    Args:
        subjects: the name of each, and a function that yields findings about it.
        deadline_s: seconds for all of them. For a subject that takes longer, the findings so far are returned, and one
            more that says that it hangs.
    """
    checks = [_Check(name, parts) for name, parts in subjects]
    for check in checks:
        check.start()
    until = time.monotonic() + deadline_s
    found: list[Finding] = []
    for check in checks:
        in_time = check.done.wait(max(0, until - time.monotonic()))
        found += list(check.found)
        if not in_time:
            hangs = _("There was no answer within {seconds} s.").format(seconds=round(deadline_s))
            found.append(wrong(check.name, hangs, _("Check whether that disk or server is frozen; then try again.")))
    return found


def _failure(name: str, problem: Exception) -> Finding:
    from db.errors import DatabaseError

    if isinstance(problem, DatabaseError):
        return wrong(name, *problem.parts)
    if isinstance(problem, TillError):
        return wrong(name, *problem.sentence.parts)
    what = problem.strerror if isinstance(problem, OSError) else type(problem).__name__
    return wrong(name, _("It could not be checked: {what}.").format(what=what), _("Try again; if it stays, report it."))
