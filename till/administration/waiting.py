"""Declaration of what waits for a person. The desk, `till doctor`, the metrics and their alerts follow from it."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from till.administration.calls import AtServer
    from till.domain.venue import Venue

#: The name, the meaning and the value of a metric, `till_database_<name>`.
Metric = tuple[str, str, Any]


class Waiting(Struct, frozen=True):
    """Something that waits.

    Attributes:
        sentence: a sentence without its full stop.
        remedy: the advice at the desk; empty if the desk does not show it.
        advice: the advice of `till doctor`; empty if nothing is wrong, None if it does not show it.
        till: its till, if it is about one.
    """

    sentence: str
    remedy: str = ""
    advice: str | None = None
    till: int | None = None


class Rule(Struct, frozen=True):
    """A recommended alert on a metric, for `docs/prometheus/till.yml`.

    Attributes:
        alert: its name.
        summary: its sentence.
        expr: the expression that fires it.
        lasts: the time before it fires.
        severity: `page` wakes somebody, `ticket` waits for the day.
    """

    alert: str
    summary: str
    expr: str
    lasts: str = "15m"
    severity: str = "ticket"


class Wait(Struct, frozen=True):
    """A thing that waits for a person.

    Attributes:
        find: yields what waits now.
        part: its part of `till doctor`; empty if that does not ask for it.
        at_desk: True if the desk asks for it, every few seconds.
        metrics: yields its metrics.
        rules: the alerts on them.
    """

    find: Callable[[Look], Iterator[Waiting]]
    part: str = ""
    at_desk: bool = True
    metrics: Callable[[Look], Iterator[Metric]] | None = None
    rules: tuple[Rule, ...] = ()


class Look:
    """A look at the database of a venue, which is asked each question once.

    Args:
        at: the server, on a connection with the owner's rights.
    """

    def __init__(self, at: AtServer) -> None:
        self._at = at
        self.ask, self.row = cache(at.ask), cache(self._row)

    @cached_property
    def now(self) -> datetime:
        """The time of the database."""
        return self._at.now()

    @cached_property
    def venue(self) -> Venue:
        """The settings of the venue."""
        return self._at.venue()

    def when(self, moment: datetime) -> str:
        """Return a time on the venue's clock, as `YYYY-MM-DD HH:MM`."""
        return f"{self.venue.local(moment):%Y-%m-%d %H:%M}"

    def _row(self, query: str) -> Any:
        """Return the row of a query for `%(store)s`."""
        return self._at.connection.execute(query.encode(), {"store": self._at.store_id}).fetchone()
