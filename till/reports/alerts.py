"""Alerts about problems before they stop the venue: a silent till, a full disk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import text

from till.domain.i18n import _
from till.ports.desk import Alert
from till.ports.desk import ConnectionQuality as Quality
from till.reports.words import size_text, time_since

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from till.domain.venue import Venue
    from till.ports.desk import TillStatus

#: The silence after which a till with a login is reported, and one without a login.
_SILENT: Final = timedelta(minutes=5)
_GONE: Final = timedelta(days=7)
#: The free bytes below which a disk counts as nearly full, and the days until it is full that count as near.
_FREE_BYTES: Final = 2_000_000_000
_FULL_DAYS: Final = 14
#: The days over which the database's growth is measured, and the minimum age of the database for that.
_DAYS: Final = 7.0
_FEWEST_DAYS: Final = 1.0
# The number of all events is the sum of the chains' last numbers, so nothing needs to be counted.
_GROWTH: Final = text("""
    SELECT pg_database_size(current_database()),
        (SELECT coalesce(sum(h.seq), 0)::bigint FROM warm.journal_head AS h),
        (SELECT extract(epoch FROM now() - min(h.opened_at)) / 86400 FROM warm.journal_head AS h)::float8,
        (SELECT count(*) FROM warm.session_events AS e
         WHERE e."timestamp" > now() - interval '7 days' AND e.received_at > now() - interval '7 days')
""")


class Growth(NamedTuple):
    """The size of the database in bytes, and its growth in bytes a day; None if the database is too new to tell."""

    size: int
    daily: int | None


def read_growth(connection: Connection) -> Growth:
    """Estimate the growth of the database from its number of events.

    Args:
        connection: a connection with the owner's rights.
    """
    size, events, age, recent = connection.execute(_GROWTH).one()
    if not events or age is None or age < _FEWEST_DAYS:
        return Growth(int(size), None)
    return Growth(int(size), int(size * recent / events / min(age, _DAYS)))


def alerts_of(
    venue: Venue, now: datetime, tills: Sequence[TillStatus], growth: Growth, free: int | None
) -> Iterator[Alert]:
    """Yield the current alerts.

    Args:
        venue: its settings.
        now: the time of the database.
        tills: the status of each till.
        growth: the growth of the database.
        free: the free bytes on the database's disk; None if unknown.
    """
    if free is not None:
        yield from _disk(growth, free)
    for till in tills:
        seen_at = till.seen_at or now
        seen = _("{till} was last seen at {time}").format(till=till.name, time=time_since(venue, seen_at, now))
        if till.revoked:
            continue
        if till.away and now - seen_at >= _SILENT:
            yield Alert(seen, _("It keeps selling on its own disk. Check its network."), till.number)
        elif not till.here and now - seen_at >= _GONE:
            yield Alert(seen, _("If it is gone for good, revoke it: Tab to tills."), till.number)
        elif till.here and till.login is not None and till.login.connection is Quality.VERY_SLOW:
            sentence = _("{till} has a very slow connection").format(till=till.name)
            yield Alert(sentence, _("It keeps selling and saves later. Check its network."), till.number)


def _disk(growth: Growth, free: int) -> Iterator[Alert]:
    remedy = _("Free some space or add more: a full disk saves nothing.")
    if free < _FREE_BYTES:
        sentence = _("The server's disk is nearly full: {free} left").format(free=size_text(free))
        yield Alert(sentence, remedy)
    elif growth.daily and (days := free // growth.daily) < _FULL_DAYS:
        yield Alert(_("The server's disk will be full in {n} days").format(n=days), remedy)
