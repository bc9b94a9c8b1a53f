"""The venue of a replay: it is created in the data folder and its database, and extended when days are added."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from db.engine import connect
from till.administration.calls import call
from till.cli.connections import prepare_database, take_lease
from till.cli.output import note
from till.cli.venues import enrol, is_enrolled, make_tables, make_venue, new_secret
from till.config import HeldVenue, VenueKind, hold_venue
from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.ids import IdClock
from till.domain.staff.person import Role
from tools.replay.books import ReplayBooks
from tools.replay.trading import CURRENCY
from tools.replay.venue import TILL

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from till.cli.environment import Surroundings
    from tools.replay.venue import VenueFacts


@contextmanager
def open_books(here: Surroundings, name: str) -> Iterator[ReplayBooks]:
    """Yield the books of a replay. Their embedded database runs until the context ends.

    Args:
        here: config and data folder.
        name: the name of a new venue.
    """
    held = _hold(here, name)
    lease = take_lease(here.server, TILL, note)
    with lease:
        owner = lease.server.owner()
        secret = here.folders.read_secret(TILL) or here.folders.keep_secret(TILL, new_secret())
        database = prepare_database(here, TILL, note, lease)
        with connect(owner) as connection:
            make_tables(connection, owner, note)
            make = partial(_make, connection, held.store_id, secret)
            journal = here.folders.journal(TILL, "replay")
            yield ReplayBooks(connection, held.store_id, journal, database.renew, make)


def _hold(here: Surroundings, name: str) -> HeldVenue:
    store_id = IdClock(secrets.randbits).next(datetime.now(UTC))
    held = hold_venue(here.folders, HeldVenue(VenueKind.REPLAY, store_id, name, CURRENCY.code))
    if held.kind is not VenueKind.REPLAY:
        raise ConfigError(
            _("The data folder {folder} holds the venue {name}. Name another in TILL_DATA_DIR for the replay.").format(
                folder=here.folders.root, name=held.name
            )
        )
    return held


def _make(
    connection: psycopg.Connection[Any], store_id: str, secret: str, known: VenueFacts | None, wanted: VenueFacts
) -> None:
    """Create or update the venue, and enrol its till with its secret."""
    make_venue(connection, store_id, wanted.settings)
    with connection.transaction():
        _update(connection, store_id, known, wanted)
        if not is_enrolled(connection, store_id, TILL, secret):
            enrol(connection, store_id, TILL, secret, name=_("Replay"))


def _update(connection: psycopg.Connection[Any], store_id: str, known: VenueFacts | None, wanted: VenueFacts) -> None:
    settings = known.settings if known else wanted.settings
    changes = {name: value for name, value in wanted.settings.items() if settings.get(name) != value}
    if changes:
        call(connection, "store_settings_v1", store_id, None, changes)
    numbers = {number for number, _name in known.staff} if known else set()
    for number, name in wanted.staff:
        if number not in numbers:
            call(connection, "user_add_v1", store_id, None, number, name, str(Role.CASHIER), None)
    menu = {**wanted.menu, "version": 0}
    if known is None or {**known.menu, "version": 0} != menu:
        call(connection, "menu_import_v1", store_id, None, menu)
