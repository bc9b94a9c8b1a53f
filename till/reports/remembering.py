"""Cache of order sessions for a long-running program.

A session is cached for 30 minutes, the list of a person for 5, the list of all for 2. Notifications of the database,
acts of this program and new events in the log drop an answer earlier. A lost connection drops all answers, since
notifications may have been missed. No decision about money uses a cached answer.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

#: A session in the form of `till admin sessions list --json`.
Entry = dict[str, Any]

#: The lifetimes of answers, in seconds.
SESSION_S: Final = 30 * 60.0
USER_S: Final = 5 * 60.0
ALL_S: Final = 2 * 60.0
#: The maximum number of cached sessions, of about one kilobyte each.
MOST: Final = 10_000
#: The name of a connection that reports cache hits. PostgreSQL shows it while the program is connected.
_REPORTED: Final = re.compile(r"till (desk) (\d+)/(\d+) (\d+)/(\d+) (\d+)/(\d+)")
#: The topics of notifications about sessions; tills cache the rest.
_TOPICS: Final = frozenset({"sessions", "tabs", "waiting"})


class SessionSource(Protocol):
    """The database, queried without a cache."""

    def session(self, session_id: str) -> Entry | None:
        """Return one session; None if there is none."""
        ...

    def of_user(self, user: int) -> list[Entry]:
        """Return the open sessions of a person."""
        ...

    def all_open(self) -> list[Entry]:
        """Return all open sessions."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of queries, and the number of those answered from the cache."""

    hits: int
    asked: int

    @property
    def share(self) -> float | None:
        """The share of hits in percent; None before the first query."""
        return round(100 * self.hits / self.asked, 1) if self.asked else None


@dataclass(frozen=True, slots=True)
class Remembered:
    """The cache hits of a connected program, by query: one session, a person's, all."""

    program: str
    session: Tally
    of_user: Tally
    all_open: Tally

    def connection_name(self) -> str:
        """Return the name of its connection, of at most 63 characters."""
        tallies = (self.session, self.of_user, self.all_open)
        return " ".join((f"till {self.program}", *(f"{one.hits}/{one.asked}" for one in tallies)))


def read_remembered(name: str) -> Remembered | None:
    """Read the cache hits from the name of a connection; return None if the name reports none."""
    found = _REPORTED.fullmatch(name)
    if found is None:
        return None
    numbers = [int(one) for one in found.groups()[1:]]
    return Remembered(found[1], *(Tally(*numbers[at : at + 2]) for at in (0, 2, 4)))


@dataclass(frozen=True, slots=True)
class _CachedAnswer:
    until: float
    answer: Any


class RememberedSessions:
    """A cache of a source's answers. Threads may share one.

    Args:
        source: the source of answers that are not cached.
        monotonic: returns the seconds of a monotonic clock.
    """

    def __init__(self, source: SessionSource, monotonic: Callable[[], float]) -> None:
        self._counts = {kind: [0, 0] for kind in ("session", "user", "all")}
        self._source = source
        self._monotonic = monotonic
        self._kept: dict[Hashable, _CachedAnswer] = {}
        self._round = 0
        self._lock = threading.Lock()

    def session(self, session_id: str) -> Entry | None:
        """Return one session. Its absence is not cached."""
        found: Entry | None = self._ask(("session", session_id), SESSION_S, lambda: self._source.session(session_id))
        return found

    def of_user(self, user: int) -> list[Entry]:
        """Return the open sessions of a person."""
        found: list[Entry] = self._ask(("user", user), USER_S, lambda: self._source.of_user(user))
        return found

    def all_open(self) -> list[Entry]:
        """Return all open sessions; each is also cached on its own."""
        found: list[Entry] = self._ask(("all",), ALL_S, self._source.all_open)
        return found

    def warm(self) -> None:
        """Fill the cache with all open sessions."""
        self.all_open()

    def heard(self, payload: str) -> None:
        """Drop all answers after a notification `store topic`: it does not name the session."""
        if not payload or payload.rpartition(" ")[2] in _TOPICS:
            self.forget_all()

    def moved(self, sessions: Iterable[str]) -> None:
        """Drop all lists, and the sessions that this program changed or that have new events in the log."""
        with self._lock:
            self._round += 1
            dropped = {("session", one) for one in sessions}
            self._kept = {key: cached for key, cached in self._kept.items() if _is_session(key) and key not in dropped}

    def forget_all(self) -> None:
        """Drop all answers, because notifications may have been missed."""
        with self._lock:
            self._round += 1
            self._kept.clear()

    @property
    def hits(self) -> int:
        """The number of queries answered from the cache."""
        return sum(hits for hits, _misses in self._counts.values())

    @property
    def misses(self) -> int:
        """The number of queries to the database."""
        return sum(misses for _hits, misses in self._counts.values())

    @property
    def share(self) -> float | None:
        """The share of queries answered from the cache, in percent; None before the first query."""
        return Tally(self.hits, self.hits + self.misses).share

    def hits_of(self, program: str) -> Remembered:
        """Return the cache hits of a program so far, by query."""
        return Remembered(program, *(Tally(hits, hits + misses) for hits, misses in self._counts.values()))

    def _ask(self, key: tuple[Hashable, ...], lifetime: float, ask: Callable[[], Any]) -> Any:
        began = self._monotonic()
        with self._lock:
            cached = self._kept.get(key)
            if cached is not None and began < cached.until:
                self._counts[str(key[0])][0] += 1
                return cached.answer
            self._counts[str(key[0])][1] += 1
            round_before = self._round
        answer = ask()
        with self._lock:
            if round_before == self._round and answer is not None:  # otherwise the answer may be outdated
                self._keep(key, began, lifetime, answer)
        return answer

    def _keep(self, key: Hashable, began: float, lifetime: float, answer: Any) -> None:
        if len(self._kept) >= MOST:
            self._kept = {one: cached for one, cached in self._kept.items() if began < cached.until}
            if len(self._kept) >= MOST:
                self._kept.clear()
        self._kept[key] = _CachedAnswer(began + lifetime, answer)
        if isinstance(answer, list):
            for entry in answer[: MOST - len(self._kept)]:
                self._kept[("session", entry["id"])] = _CachedAnswer(began + SESSION_S, entry)


def _is_session(key: Hashable) -> bool:
    return isinstance(key, tuple) and key[0] == "session"
