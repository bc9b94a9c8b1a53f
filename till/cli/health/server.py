"""Checks of the database: reachable for tills and for its owner, of a version that fits this till, and maintained."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from db import roles
from till.administration.settings import setting_of
from till.cli.health.finding import unknown, well, wrong
from till.config import held_venue, read_venue_keys
from till.domain.i18n import _, ngettext
from till.domain.venue import BACKUP_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from db.address import Address
    from till.cli.health.finding import Finding
    from till.cli.surroundings import Surroundings

_PATIENCE: Final = "SET statement_timeout = '5s'"
#: Apart from the server by more than this, sales may count for the wrong hour.
_CLOCK: Final = timedelta(seconds=60)
#: Rows that are dead, of all that a table has, and so many at least, are more than autovacuum leaves behind.
_DEAD_SHARE: Final = 0.4
_DEAD_ROWS: Final = 10_000
#: PostgreSQL vacuums by itself at 200 million transactions, and stops at 2,000.
_XID_AGE: Final = 500_000_000
_CONNECTIONS: Final = 0.9
#: The role of the tills.
_TILLS: Final = roles.APP

_BLOAT: Final = """
    SELECT schemaname || '.' || relname, n_dead_tup, n_live_tup, greatest(last_vacuum, last_autovacuum)
    FROM pg_stat_user_tables
    WHERE n_dead_tup >= %s AND n_dead_tup >= %s * (n_live_tup + n_dead_tup)
    ORDER BY n_dead_tup DESC LIMIT 3
"""
_VACUUM: Final = """
    SELECT current_setting('autovacuum'), age(datfrozenxid), pg_database_size(oid), (
        SELECT max(greatest(last_vacuum, last_autovacuum)) FROM pg_stat_user_tables)
    FROM pg_database WHERE datname = current_database()
"""
#: A sort that goes to the disk, with some megabytes, and leaves nothing there.
_IN_LITTLE_MEMORY: Final = "SET LOCAL work_mem = '64kB'"
_SPILL: Final = "SELECT count(*) FROM (SELECT n FROM generate_series(1, 300000) AS n ORDER BY n DESC OFFSET 0) AS s"
_USED: Final = """
    SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
        current_setting('max_connections')::integer, (SELECT count(*) FROM pg_stat_activity WHERE usename = %s),
        coalesce((SELECT rolconnlimit FROM pg_roles WHERE rolname = %s), -1)
"""
_HEADS: Final = """
    SELECT journal_id::text, retired_at IS NOT NULL, seq, hash FROM warm.journal_head
    WHERE store_id = %s AND till_id <> 0
"""
_SELLING: Final = "SELECT id FROM till.tills WHERE store_id = %s AND live_journal IS NOT NULL"
_WAITING: Final = """
    SELECT (SELECT count(*) FROM warm.quarantine WHERE resolved_at IS NULL AND store_id = %(store)s),
        (SELECT count(*) FROM till.conflicts WHERE resolved_at IS NULL AND store_id = %(store)s)
"""


def database_parts(here: Surroundings | None) -> Iterator[Finding]:
    """Check the database as tills reach it, and as its owner does.

    Args:
        here: None if the config cannot be read.
    """
    if here is None:
        yield unknown(_("database"), _("The config says where it is, and cannot be read."))
        return
    if not here.is_embedded:
        yield from _reached(here, here.app, here.owner)
        return
    server = here.server
    if server.status().state == "not made":
        yield unknown(_("database"), _("There is none yet. `till init` makes it, `till demo` one to try."))
        return
    with server.acquire("till doctor"):
        yield from _reached(here, server.app(), server.owner())


def _reached(here: Surroundings, app: Address, owner: Address) -> Iterator[Finding]:
    yield from _by_part(_("database"), _as_till(here, app))
    if here.is_embedded or here.config.database.owner_url or _is_owner(owner):
        yield from _by_part(_("owner"), _as_owner(here, owner))
        return
    yield unknown(
        _("owner"), _("This machine cannot connect as the owner. `till admin` works where database.owner_url is set.")
    )


def _is_owner(address: Address) -> bool:
    """True if an address has the owner's rights, or if nobody answers there, which another check reports."""
    import psycopg

    from db.errors import DatabaseError

    try:
        with _connection(address) as connection:
            return roles.is_owner(connection)
    except (DatabaseError, psycopg.Error):
        return True


def _by_part(part: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield findings, and a refused or broken connection as one more; checks on other connections go on."""
    import psycopg

    from db.errors import DatabaseError

    try:
        yield from findings
    except DatabaseError as problem:
        lead, _point, remedy = problem.sentence.partition(". ")
        yield wrong(part, f"{lead.rstrip('.')}.", remedy)
    except psycopg.Error as problem:
        from db.engine import reason

        yield wrong(part, _("It answered: {reason}.").format(reason=reason(problem)), _("`till db check` has details."))


@contextmanager
def _connection(address: Address) -> Iterator[psycopg.Connection[Any]]:
    from db.engine import connect

    with connect(address, application_name="till doctor") as connection:
        connection.execute(_PATIENCE)
        yield connection


def _as_till(here: Surroundings, app: Address) -> Iterator[Finding]:
    from db.engine import read_state, server_version
    from till.cli.grounds import version_sentence

    began = time.monotonic()
    with _connection(app) as connection:
        took = (time.monotonic() - began) * 1000
        tls = _("by TLS") if connection.pgconn.ssl_in_use else _("on this machine") if app.is_local else _("in clear")
        sentence = _("PostgreSQL {version} at {place} answers {user}, {tls}, in {ms} ms.")
        place = app.host if app.host.startswith("/") else f"{app.host}:{app.port}"
        yield well(
            _("database"),
            sentence.format(version=server_version(connection), place=place, user=app.user, tls=tls, ms=round(took)),
        )
        yield _clock(connection)
        state = read_state(connection)
        if state.verdict != "current":
            lead, _point, remedy = version_sentence(state, connection).partition(". ")
            yield wrong(_("schema"), f"{lead}.", remedy)
            return
        yield well(_("schema"), state.sentence)
        yield from _tills(here, connection)


def _clock(connection: psycopg.Connection[Any]) -> Finding:
    part, before = _("clock"), datetime.now(UTC)
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    after = datetime.now(UTC)
    theirs: datetime = row[0] if row else after
    off = max(theirs - after, before - theirs, timedelta())
    if off > _CLOCK:
        sentence = _("This machine's clock and the database's are {off} apart.").format(off=str(off).partition(".")[0])
        return wrong(part, sentence, _("Set both by the network (timedatectl set-ntp true)."))
    return well(part, _("It agrees with the database's."))


def _tills(here: Surroundings, connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Check that the database knows the secrets of this machine."""
    from till.sync.failures import refusal
    from till.sync.messages import Hello, decode_as, encode_read
    from till.sync.server import HELLO
    from till.sync.settings import Identity
    from till.wiring.till import SCHEMA

    venue, enrolled = held_venue(here.folders), here.folders.enrolled()
    if venue is None or not enrolled:
        yield unknown(
            _("till"),
            _(
                "None is enrolled on this machine. `till enrol` enrols one, with the code from `till admin "
                "tills add 1`."
            ),
        )
        return
    for till in enrolled:
        part, secret = _("till {till}").format(till=till), here.folders.read_secret(till)
        if secret is None:
            sentence = _("{file} does not hold a secret.").format(file=here.folders.secret(till))
            yield wrong(
                part,
                sentence,
                _("A manager runs `till admin tills add {till} --replace`, then `till enrol` here.").format(till=till),
            )
            continue
        words = encode_read(Identity(venue.store_id, till, SCHEMA), secret)
        row = connection.execute(HELLO, [words]).fetchone()
        hello = decode_as(str(row[0]) if row else "", Hello)
        if hello.ok:
            yield well(part, _("It is enrolled, and the database knows its secret."))
        else:
            lead, _point, remedy = refusal(hello.code, hello.detail or "", till).sentence.partition(". ")
            yield wrong(part, f"{lead}.", remedy)


def _as_owner(here: Surroundings, owner: Address) -> Iterator[Finding]:
    from db import migrate
    from db.engine import read_state

    faults = migrate.check(owner)
    if faults:
        for fault in faults:
            lead, _point, remedy = fault.sentence.partition(". ")
            yield wrong(_("rights"), f"{lead.rstrip('.')}.", remedy)
    else:
        yield well(_("rights"), _("Functions, roles and rights are as this till made them."))
    with _connection(owner) as connection:
        yield _room(connection)
        yield _disk(connection)
        yield from _upkeep(connection)
        if read_state(connection).verdict == "current":
            yield _backup(here, connection)
            yield from _backup_folder(here)
            yield from _unread_keys(here, connection)
            yield from _tools(owner, connection)
            yield from _waiting(here, connection)
            yield from _live(here, connection)


def _live(here: Surroundings, connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Check that the database takes events of this machine's journals. Asking as a till would begin their chains."""
    from till.cli.health.journals import journals_here
    from till.sync.failures import refusal

    venue = held_venue(here.folders)
    if venue is None:
        return
    # read the database first: an open till keeps writing
    heads = {one: head for one, *head in connection.execute(_HEADS, [venue.store_id])}
    selling = {till for (till,) in connection.execute(_SELLING, [venue.store_id])}
    for till, journal in journals_here(here.folders, venue.store_id):
        is_retired, seq, sealed = heads.get(journal.journal_id, (False, 0, None))
        code = "journal_retired" if is_retired else ""
        if journal.journal_id not in heads and till in selling:
            code = "journal_not_live"
        elif seq and journal.hash_at(seq) != sealed:
            code = "chain_diverged"  # it lacks records that the database has from it, or has others in their place
        if code:
            lead, _point, remedy = refusal(code, "", till).sentence.partition(". ")
            yield wrong(_("till {till}").format(till=till), f"{lead}.", remedy)


def _room(connection: psycopg.Connection[Any]) -> Finding:
    part, row = _("connections"), connection.execute(_USED, [_TILLS, _TILLS]).fetchone()
    used, most, tills, share = row or (0, 1, 0, -1)
    sentence = _("{used} of {most} are in use.").format(used=used, most=most)
    if used >= most * _CONNECTIONS:
        return wrong(part, sentence, _("Put PgBouncer in front, or raise max_connections (docs/runbook.md)."))
    if share >= 0 and tills >= share * _CONNECTIONS:
        sentence = _("Tills use {used} of the {most} connections that they may take.").format(used=tills, most=share)
        remedy = _("Put PgBouncer in front, or ALTER ROLE {role} CONNECTION LIMIT (docs/runbook.md).")
        return wrong(part, sentence, remedy.format(role=_TILLS))
    return well(part, sentence)


def _disk(connection: psycopg.Connection[Any]) -> Finding:
    """Check the free disk of the server, which reports no size: write temporary data, and drop it."""
    from psycopg import errors

    from db.engine import reason

    part = _("server's disk")
    try:
        with connection.transaction():
            connection.execute(_IN_LITTLE_MEMORY)
            connection.execute(_SPILL)
    except (errors.DiskFull, errors.ConfigurationLimitExceeded) as problem:
        sentence = _("The database has no room to write: {reason}.").format(reason=reason(problem))
        return wrong(part, sentence, _("Make room on the server's disk: “The server is full” in docs/runbook.md."))
    return well(part, _("It has room for the database."))


def _upkeep(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    row = connection.execute(_VACUUM).fetchone()
    autovacuum, age, size, last = row or ("on", 0, 0, None)
    vacuumed = _("last vacuumed {when}").format(when=f"{last.astimezone(UTC):%Y-%m-%d %H:%M} UTC") if last else ""
    sentence = _("{size} MB; {vacuumed}.").format(size=size // 1_000_000, vacuumed=vacuumed or _("not vacuumed yet"))
    if autovacuum != "on":
        problem = _("Autovacuum is off: the database grows with every key.")
        yield wrong(_("vacuum"), problem, "ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf();")
    elif age > _XID_AGE:
        problem = _("The oldest row is {age} million transactions old; at 2,000 million PostgreSQL stops.")
        yield wrong(
            _("vacuum"),
            problem.format(age=age // 1_000_000),
            _("End the transactions that hold it up (pg_prepared_xacts, replication slots), then: VACUUM FREEZE;"),
        )
    else:
        yield well(_("vacuum"), sentence)
    bloated = connection.execute(_BLOAT, [_DEAD_ROWS, _DEAD_SHARE]).fetchall()
    if bloated:
        named = ", ".join(f"{name} ({dead:,} dead rows beside {live:,})" for name, dead, live, _when in bloated)
        names = ", ".join(name for name, *_rest in bloated)
        problem = _("Many rows are dead: {tables}.").format(tables=named)
        yield wrong(_("bloat"), problem, f'psql "$(till db url)" -c "VACUUM (ANALYZE) {names}"')
    else:
        yield well(_("bloat"), _("No table has many dead rows."))


def _backup(here: Surroundings, connection: psycopg.Connection[Any]) -> Finding:
    from db.backups import last_backup

    part, last, now = _("backup"), last_backup(connection), datetime.now(UTC)
    since = last
    if last is None:
        row = connection.execute("SELECT min(created_at) FROM till.stores").fetchone()
        since = row[0] if row else None
    venue = held_venue(here.folders)
    days = (now - since).days if since is not None else 0
    if days >= BACKUP_DAYS and not (venue is not None and venue.is_for_trial):
        return wrong(part, _("No backup for {days} days.").format(days=days), _("Run `till db backup FOLDER`."))
    if last is None:
        return well(part, _("None yet; `till db backup FOLDER` takes one."))
    return well(part, _("The last one is of {at} UTC.").format(at=f"{last:%Y-%m-%d %H:%M}"))


def _backup_folder(here: Surroundings) -> Iterator[Finding]:
    """Check the folder of the last backup from this machine: there, writable, and on another disk than the database."""
    part, folder, venue = _("backup folder"), here.folders.backups, held_venue(here.folders)
    if folder is None or (venue is not None and venue.is_for_trial):
        return
    if not folder.is_dir():
        sentence = _("{folder} is not there: is its stick or its disk connected?").format(folder=folder)
        yield wrong(part, sentence, _("Connect it, or take the next backup elsewhere: `till db backup FOLDER`."))
    elif not os.access(folder, os.W_OK):
        yield wrong(part, _("{folder} cannot be written.").format(folder=folder), _("Give it to the till's user."))
    elif here.is_embedded and folder.stat().st_dev == here.folders.root.stat().st_dev:
        sentence = _("{folder} is on the same disk as the database: both go at once.").format(folder=folder)
        yield wrong(part, sentence, _("`till db backup FOLDER` with a folder on another disk."))
    else:
        yield well(part, _("{folder} can be written.").format(folder=folder))


def _unread_keys(here: Surroundings, connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Check that no setting in the config says what the venue has set otherwise: only `till init` reads them there."""
    from till.administration.calls import call

    file, venue = here.config_file, held_venue(here.folders)
    if file is None or venue is None or venue.is_for_trial:
        return
    known = call(connection, "venue", venue.store_id)
    unread = [key for key, value in read_venue_keys(file).items() if setting_of(known, key) != value]
    if unread:
        sentence = _("[venue] in {file} is no longer read, and differs from the venue's settings: {keys}.")
        remedy = _("Delete [venue] there; `till admin settings set` changes a setting.")
        yield wrong(_("settings"), sentence.format(file=file, keys=", ".join(unread)), remedy)


def _tools(owner: Address, connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    from db.backups.tools import find

    def found() -> Iterator[Finding]:
        own = find(connection.info.server_version // 10_000, owner)
        yield well(_("backup tools"), _("pg_dump {major} is here.").format(major=own.major))

    yield from _by_part(_("backup tools"), found())


def _waiting(here: Surroundings, connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    venue = held_venue(here.folders)
    if venue is None:
        return
    row = connection.execute(_WAITING, {"store": venue.store_id}).fetchone()
    records, conflicts = row or (0, 0)
    if records:
        sentence = ngettext("{n} record needs attention.", "{n} records need attention.", records)
        yield wrong(_("records"), sentence.format(n=records), _("`till admin quarantine` lists them."))
    if conflicts:
        sentence = ngettext("{n} conflict about money waits.", "{n} conflicts about money wait.", conflicts)
        yield wrong(_("conflicts"), sentence.format(n=conflicts), _("`till admin conflicts` lists them."))
    if not (records or conflicts):
        yield well(_("records"), _("Nothing waits for a manager."))
