"""Alerts about problems before they stop the venue: no backup, a silent till, a full disk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import text

from till.domain.i18n import _, ngettext
from till.ports.desk import Alert, AlertKind
from till.ports.desk import ConnectionQuality as Quality

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

#: The silence from which a sender of invoice records is missed.
_SENDER_SILENT: Final = timedelta(minutes=10)
_INVOICES: Final = text("""
    SELECT (SELECT count(*) FROM cold.fiscal_troubles(:store) AS t WHERE t.state = 'refused'),
        EXISTS (SELECT FROM cold.fiscal_waiting(:store)),
        coalesce((till.venue(:store)->>'fiscal_sender')::integer, 0) > 0,
        (SELECT s.heard_at FROM till.fiscal_senders AS s WHERE s.store_id = :store)
""")
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


def read_invoice_alerts(connection: Connection, store_id: str, now: datetime) -> Iterator[Alert]:
    """Yield the records of invoices that the tax authority refused, and a sender of them that is silent, as alerts."""
    refused, waiting, has_sender, heard = connection.execute(_INVOICES, {"store": store_id}).one()
    if refused:
        words = ngettext(
            "The tax agency refused {n} invoice record", "The tax agency refused {n} invoice records", refused
        )
        yield Alert(AlertKind.INVOICES_REFUSED, sentence=words.format(n=refused))
    if (has_sender or waiting) and (heard is None or now - heard > _SENDER_SILENT):
        yield Alert(AlertKind.SENDER_SILENT, at=heard, sentence=_("Invoice records are not sent to the tax agency"))


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
    if days := venue.days_without_backup(now):
        yield Alert(AlertKind.NO_BACKUP, days=days)
    for till in tills:
        silent = now - till.seen_at if till.seen_at is not None else timedelta()
        if till.revoked:
            continue
        if till.away and silent >= _SILENT:
            yield Alert(AlertKind.SILENT, till=till.number, at=till.seen_at)
        elif not till.here and silent >= _GONE:
            yield Alert(AlertKind.GONE, till=till.number, at=till.seen_at)
        elif till.here and till.login is not None and till.login.connection is Quality.VERY_SLOW:
            yield Alert(AlertKind.LAGS, till=till.number, at=till.newest_at)


def _disk(growth: Growth, free: int) -> Iterator[Alert]:
    if free < _FREE_BYTES:
        yield Alert(AlertKind.DISK, free=free)
    elif growth.daily and (days := free // growth.daily) < _FULL_DAYS:
        yield Alert(AlertKind.FILLS_UP, days=days, free=free)
