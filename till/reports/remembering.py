"""Order sessions remembered by a program that lives long, each answer for as long as the papers let it live.

A session lives 30 minutes, the list of a person 5, the list of all 2. What the database tells, what this program does
itself and what the log shows drop an answer before that; a connection that was lost drops all, for nobody heard
meanwhile. Money is never decided by an answer from here.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

#: A session, as `till admin list-sessions --json` has it.
Entry = dict[str, Any]

#: So long an answer lives, in seconds.
SESSION_S: Final = 30 * 60.0
USER_S: Final = 5 * 60.0
ALL_S: Final = 2 * 60.0
#: More sessions than this are not kept: the papers count a kilobyte for each.
MOST: Final = 10_000
#: How a program says on its connection what it remembered: PostgreSQL shows it while the program is connected.
_SAID: Final = re.compile(r"till (desk) (\d+)/(\d+) (\d+)/(\d+) (\d+)/(\d+)")
#: What the database tells of when sessions moved; tills cache the rest.
_TOPICS: Final = frozenset({"sessions", "tabs"})


class SessionSource(Protocol):
    """The database, asked without remembering."""

    def session(self, session_id: str) -> Entry | None:
        """One session; None when there is none."""
        ...

    def of_user(self, user: int) -> list[Entry]:
        """The open sessions of a person."""
        ...

    def all_open(self) -> list[Entry]:
        """All open sessions."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was asked for, and how often that cost the database nothing."""

    hits: int
    asked: int

    @property
    def share(self) -> float | None:
        """In percent; None before any."""
        return round(100 * self.hits / self.asked, 1) if self.asked else None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a program that is connected now remembered, by what it asked for: one session, a person's, all."""

    program: str
    session: Tally
    of_user: Tally
    all_open: Tally

    def said(self) -> str:
        """As the name of its connection has it, which holds 63 characters."""
        tallies = (self.session, self.of_user, self.all_open)
        return " ".join((f"till {self.program}", *(f"{one.hits}/{one.asked}" for one in tallies)))


def read_remembered(name: str) -> Remembered | None:
    """What the name of a connection says; None where it is no such name."""
    found = _SAID.fullmatch(name)
    if found is None:
        return None
    numbers = [int(one) for one in found.groups()[1:]]
    return Remembered(found[1], *(Tally(*numbers[at : at + 2]) for at in (0, 2, 4)))


@dataclass(frozen=True, slots=True)
class _Kept:
    until: float
    answer: Any


class RememberedSessions:
    """Answers of a source, remembered. Threads may share one.

    Args:
        source: asked where nothing is remembered.
        monotonic: seconds that go on evenly.

    """

    def __init__(self, source: SessionSource, monotonic: Callable[[], float]) -> None:
        self._counts = {kind: [0, 0] for kind in ("session", "user", "all")}
        self._source = source
        self._monotonic = monotonic
        self._kept: dict[Hashable, _Kept] = {}
        self._round = 0
        self._lock = threading.Lock()

    def session(self, session_id: str) -> Entry | None:
        """One session; that there is none is not remembered."""
        found: Entry | None = self._ask(("session", session_id), SESSION_S, lambda: self._source.session(session_id))
        return found

    def of_user(self, user: int) -> list[Entry]:
        """The open sessions of a person."""
        found: list[Entry] = self._ask(("user", user), USER_S, lambda: self._source.of_user(user))
        return found

    def all_open(self) -> list[Entry]:
        """All open sessions; each of them is known by itself then, too."""
        found: list[Entry] = self._ask(("all",), ALL_S, self._source.all_open)
        return found

    def warm(self) -> None:
        """Ask for what will be wanted first."""
        self.all_open()

    def heard(self, payload: str) -> None:
        """The database told that something changed: `store topic`. It does not name the session, so all go."""
        if not payload or payload.rpartition(" ")[2] in _TOPICS:
            self.forget_all()

    def moved(self, sessions: Iterable[str]) -> None:
        """These sessions changed: by this program itself, or as the log shows. Every list may be another then."""
        with self._lock:
            self._round += 1
            gone = {("session", one) for one in sessions}
            self._kept = {key: kept for key, kept in self._kept.items() if _is_session(key) and key not in gone}

    def forget_all(self) -> None:
        """Nobody heard for a while: ask anew."""
        with self._lock:
            self._round += 1
            self._kept.clear()

    @property
    def hits(self) -> int:
        """How many questions cost the database nothing."""
        return sum(hits for hits, _misses in self._counts.values())

    @property
    def misses(self) -> int:
        """How many it was asked."""
        return sum(misses for _hits, misses in self._counts.values())

    @property
    def share(self) -> float | None:
        """How many of the questions cost the database nothing, in percent; None before any."""
        return Tally(self.hits, self.hits + self.misses).share

    def told(self, program: str) -> Remembered:
        """What a program remembered so far, by what was asked for."""
        return Remembered(program, *(Tally(hits, hits + misses) for hits, misses in self._counts.values()))

    def _ask(self, key: tuple[Hashable, ...], lives: float, ask: Callable[[], Any]) -> Any:
        began = self._monotonic()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and began < kept.until:
                self._counts[str(key[0])][0] += 1
                return kept.answer
            self._counts[str(key[0])][1] += 1
            asked_in = self._round
        answer = ask()
        with self._lock:
            if asked_in == self._round and answer is not None:  # else it may be from before what was heard meanwhile
                self._keep(key, began, lives, answer)
        return answer

    def _keep(self, key: Hashable, began: float, lives: float, answer: Any) -> None:
        if len(self._kept) >= MOST:
            self._kept = {one: kept for one, kept in self._kept.items() if began < kept.until}
            if len(self._kept) >= MOST:
                self._kept.clear()
        self._kept[key] = _Kept(began + lives, answer)
        if isinstance(answer, list):
            for entry in answer[: MOST - len(self._kept)]:
                self._kept[("session", entry["id"])] = _Kept(began + SESSION_S, entry)


def _is_session(key: Hashable) -> bool:
    return isinstance(key, tuple) and key[0] == "session"
