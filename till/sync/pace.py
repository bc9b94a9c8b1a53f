"""The pace of the sync: when a push or a poll is due, pauses between attempts, and the size of a push.

Times are seconds of the caller's monotonic clock.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from till.sync.failures import FailureKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.sync.failures import Failure
    from till.sync.settings import Settings

#: The fewest seconds from an answer to the next poll.
_CALM_S: Final = 0.1
#: The shortest and the longest pause in seconds.
SHORTEST: Final = 0.25
LONGEST: Final = 30.0
#: The longest pause in seconds before the next attempt to reach the server.
UNREACHED: Final = 5.0
#: Failures of a request that was sent: the server, a pooler or the network ended it.
_ENDED: Final = frozenset({FailureKind.UNREACHABLE, FailureKind.DEADLINE, FailureKind.BUSY})
#: The seconds that an answer should take, and the events that a push has at least, however slow they are answered.
_AIM_S: Final = 0.75
_LEAST: Final = 10
#: The seconds of rest for each second that an answer took too long, at first and at most: once pushes cannot be made
#: smaller only rest keeps the queue of the server short, and each slow answer in a row doubles them.
_REST: Final = 0.5
_MOST_REST: Final = 8.0
#: The longest rest in seconds.
_LONGEST_REST: Final = 10.0


class Schedule:
    """The timers: debounce and its bound, poll, heartbeat, and the pause after a failure.

    Args:
        settings: the durations.

    Attributes:
        beat_at: the time of the next heartbeat; it waits for a scheduled push.
    """

    def __init__(self, settings: Settings) -> None:
        self._debounce = settings.debounce_ms / 1000
        self._max_wait = settings.max_wait_ms / 1000
        self._poll = settings.poll_s
        self._first_at: float | None = None
        self._push_at: float | None = None
        self._poll_at = 0.0
        self._calm_until = -inf
        self._retry_at: float | None = None
        self._rest_until = -inf
        self.beat_at = inf

    def start(self, now: float) -> None:
        """Make the first poll due at once."""
        self._poll_at = now

    def nudge(self, now: float, *, at_once: bool) -> None:
        """Schedule a push: after the debounce, at the latest `max_wait_ms` after the first event, or at once."""
        if self._first_at is None:
            self._first_at = now
        due = now if at_once else min(now + self._debounce, self._first_at + self._max_wait)
        if at_once:
            self._rest_until = -inf
        # Later events do not delay a push that is already due.
        self._push_at = due if self._push_at is None or self._push_at > now else self._push_at

    def poll_soon(self, now: float) -> None:
        """Poll soon, because the database has news, but not during a pause after a failure.

        Polls keep a minimum distance, since anybody with the tills' password can send notifications.
        """
        self._poll_at = min(self._poll_at, max(now, self._calm_until))

    def pause(self, now: float, seconds: float) -> None:
        """Send nothing for a number of seconds."""
        self._retry_at = now + seconds

    def rest(self, now: float, seconds: float) -> None:
        """Let the rest of a backlog, whatever is keyed behind it, and polls wait for a number of seconds.

        A push that is due at once ends it.
        """
        self._rest_until = now + seconds

    def hurry(self, now: float) -> None:
        """End the pause after a failure, because a caller waits."""
        if self._retry_at is not None:
            self._retry_at = min(self._retry_at, now)
        self.nudge(now, at_once=True)

    def sent(self) -> None:
        """Note that the due request was sent; new events restart the timers."""
        self._first_at = self._push_at = self._retry_at = None
        self._poll_at, self._rest_until = inf, -inf

    def answered(self, now: float) -> None:
        """Note an answer. It also counts as a poll, unless the database announced news meanwhile."""
        self._calm_until = now + _CALM_S
        self._poll_at = min(max(self._poll_at, self._calm_until), now + self._poll)

    @property
    def due_at(self) -> float:
        """The time of the next request."""
        if self._retry_at is not None:
            return self._retry_at
        return max(self._rest_until, min(self.beat_at if self._push_at is None else self._push_at, self._poll_at))


class Backoff:
    """Pauses with exponential growth and full jitter, so that tills do not reconnect at the same time.

    Args:
        chance: returns a number from 0 up to 1; a seeded function makes a run repeatable.
    """

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._ceiling = 0.0
        self.failures = 0

    def next(self, longest: float = LONGEST) -> float:
        """Return the seconds to the next attempt, from `SHORTEST` to a ceiling that doubles up to `longest`."""
        self.failures += 1
        self._ceiling = min(longest, max(self._ceiling, SHORTEST) * 2)
        return SHORTEST + self._chance() * (self._ceiling - SHORTEST)

    def slow(self) -> float:
        """Return the seconds to the next attempt if a person must act: from half of `LONGEST` up to `LONGEST`."""
        self.failures += 1
        return LONGEST / 2 * (1 + self._chance())

    def reset(self) -> None:
        """Note a success: the next failure starts again from the shortest pause."""
        self._ceiling = 0.0
        self.failures = 0


class Pace(Backoff):
    """The size of the next push, and the pause before it: many tills that come back together share one server.

    Answers, however slow, are no failure: a push has as many events as are answered in about a second.

    Args:
        settings: the most events in a push, and those in the first one on a connection.
        chance: returns a number from 0 up to 1, for the pauses.

    Attributes:
        limit: the most events in the next push.
    """

    def __init__(self, settings: Settings, chance: Callable[[], float]) -> None:
        super().__init__(chance)
        self._first = min(settings.first_events, settings.batch_events)
        self._most = settings.batch_events
        self.limit = self._first
        self._rest = _REST

    def greeted(self) -> None:
        """Note a new connection: nobody knows how busy the server is."""
        self.limit = min(self.limit, self._first)

    def answered(self, events: int, seconds: float) -> float:
        """Adapt to the answer to a push with a number of events. Return the seconds to wait before sending more."""
        wanted = int(events * min(2.0, max(0.5, _AIM_S / seconds))) if seconds > 0 else 2 * events
        if events and seconds > _AIM_S:
            self.limit = min(self.limit, max(_LEAST, wanted))
        self.limit = max(self.limit, min(self._most, max(wanted, min(_LEAST, 2 * events))))
        late = max(0.0, seconds - _AIM_S)
        if events > _LEAST and late:  # the next one is smaller
            return min(_LONGEST_REST, late * _REST)
        rest = min(_LONGEST_REST, late * self._rest)
        self._rest = min(_MOST_REST, self._rest * 2) if late else max(_REST, self._rest / 2)
        return rest

    def lost(self, failure: Failure, events: int) -> float:
        """Adapt to a request with a number of events that got no answer. Return the seconds to the next attempt.

        A server that is out of reach may be back at once. After a push that was ended, fewer events are sent, since
        they may be too many for the server; a single one is tried ever more slowly.
        """
        if failure.connecting:
            return self.next(UNREACHED)
        if failure.kind not in _ENDED:
            return self.next()
        longest = LONGEST if min(events, self.limit) <= 1 else UNREACHED
        self.halve(events)
        return self.next(longest)

    def halve(self, events: int) -> None:
        """Limit the next push to half of `events`."""
        if events > 1:
            self.limit = min(self.limit, events // 2)
