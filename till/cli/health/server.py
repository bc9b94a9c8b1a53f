"""Checks of the database: its connections as a till and as its owner, its version and its maintenance."""

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
from till.domain.errors import ConfigError
from till.domain.i18n import _, ngettext
from till.ports import Head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import psycopg

    from db.address import Address
    from till.administration.waiting import Look
    from till.cli.environment import Surroundings
    from till.cli.health.finding import Finding
    from till.config import Folders
    from till.sync.failures import SyncTrouble
    from till.sync.messages import Hello

_TIMEOUT: Final = "SET statement_timeout = '5s'"
#: The largest acceptable difference from the server's clock. Beyond it, sales may count for the wrong hour.
_MAX_CLOCK_OFFSET: Final = timedelta(seconds=60)
#: The share and the number of dead rows of a table from which it counts as bloated: autovacuum leaves fewer.
_DEAD_SHARE: Final = 0.4
_DEAD_ROWS: Final = 10_000
#: PostgreSQL freezes rows by itself at an age of 200 million transactions, and stops at 2,000 million.
_MAX_XID_AGE: Final = 500_000_000
_MAX_CONNECTIONS_SHARE: Final = 0.9
#: Below this the disk of a server is nearly full, as for the alert TillDiskLow.
_FREE_MB: Final = 2_000
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
#: A sort that writes some megabytes of temporary data to the disk.
_IN_LITTLE_MEMORY: Final = "SET LOCAL work_mem = '64kB'"
_SPILL: Final = "SELECT count(*) FROM (SELECT n FROM generate_series(1, 300000) AS n ORDER BY n DESC OFFSET 0) AS s"
_USED: Final = """
    SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
        current_setting('max_connections')::integer, (SELECT count(*) FROM pg_stat_activity WHERE usename = %s),
        coalesce((SELECT rolconnlimit FROM pg_roles WHERE rolname = %s), -1)
"""
#: The venue of a machine, or the oldest for one that holds none.
_STORE: Final = """
    SELECT store_id::text FROM till.stores WHERE store_id = coalesce(%s::uuid, store_id) ORDER BY created_at LIMIT 1
"""


def database_parts(here: Surroundings | None) -> Iterator[Finding]:
    """Check the database with the connections of a till and of its owner.

    Args:
        here: None if the config cannot be read.
    """
    if here is None:
        yield unknown(_("database"), _("The config says where it is, and cannot be read."))
        return
    if not here.is_embedded:
        yield from _check_connections(here, here.app, here.owner)
        return
    server = here.server
    if gone := here.database_gone:
        yield wrong(_("database"), *gone.parts)
        return
    if server.status().state == "not made":
        yield unknown(_("database"), _("There is none yet. `till init` makes it, `till demo` one to try."))
        return
    with server.acquire("till doctor"):
        yield from _check_connections(here, server.app(), server.owner())


def _check_connections(here: Surroundings, app: Address, owner: Address) -> Iterator[Finding]:
    yield from _by_part(_("database"), _as_till(here, app))
    if here.is_embedded or here.config.database.owner_url or _is_owner(owner):
        yield from _by_part(_("owner"), _as_owner(here, owner))
        return
    yield from _known_printers(here)
    yield unknown(
        _("owner"), _("This machine cannot connect as the owner. `till admin` works where database.owner_url is set.")
    )


def _is_owner(address: Address) -> bool:
    """Return True if an address has the owner's rights, or does not answer: another check reports that."""
    import psycopg

    from db.errors import DatabaseError

    try:
        with _connection(address) as connection:
            return roles.is_owner(connection)
    except (DatabaseError, psycopg.Error):
        return True


def _by_part(part: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield findings; report a refused or broken connection as another finding, so that later checks still run."""
    import psycopg

    from db.errors import DatabaseError

    try:
        yield from findings
    except DatabaseError as problem:
        yield wrong(part, *problem.parts)
    except psycopg.errors.DiskFull as problem:  # also at the first statement of a till
        yield _no_room(problem)
    except psycopg.Error as problem:
        from db.engine import reason
        from till.sync.failures import was_replaced

        if was_replaced(str(problem)):
            sentence = _("It was upgraded while a program from before still runs ({reason}).")
            remedy = _("Ask again. If it stays: close all tills of this machine, `till db stop`, and open them.")
            yield wrong(part, sentence.format(reason=reason(problem)), remedy)
            return
        yield wrong(part, _("It answered: {reason}.").format(reason=reason(problem)), _("`till db check` has details."))


@contextmanager
def _connection(address: Address) -> Iterator[psycopg.Connection[Any]]:
    from db.engine import connect

    with connect(address, application_name="till doctor") as connection:
        connection.execute(_TIMEOUT)
        yield connection


def _as_till(here: Surroundings, app: Address) -> Iterator[Finding]:
    from db.engine import is_read_only, read_state, server_version
    from till.cli.connections import superuser_parts, version_sentence

    began = time.monotonic()
    with _connection(app) as connection:
        if not here.is_embedded and roles.is_superuser(connection):
            yield wrong(_("database"), *superuser_parts(app.user))
            return
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
            yield wrong(_("schema"), *version_sentence(state, connection).parts)
            return
        yield well(_("schema"), state.sentence)
        if is_read_only(connection):
            sentence = _("This server is read-only (a standby): tills cannot send to it.")
            yield wrong(_("tills"), sentence, _("Where tills sell, name the main server in database.url."))
            return
        yield from _tills(here, connection)


def clock_offset(connection: psycopg.Connection[Any]) -> timedelta:
    """Return the least difference of this machine's clock from the database's."""
    before = datetime.now(UTC)
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    after = datetime.now(UTC)
    server_time: datetime = row[0] if row else after
    return max(server_time - after, before - server_time, timedelta())


def _clock(connection: psycopg.Connection[Any]) -> Finding:
    part, offset = _("clock"), clock_offset(connection)
    if offset > _MAX_CLOCK_OFFSET:
        sentence = _("This machine's clock and the database's are {off} apart.").format(
            off=str(offset).partition(".")[0]
        )
        return wrong(part, sentence, _("Set both by the network (timedatectl set-ntp true)."))
    return well(part, _("It agrees with the database's."))


def _tills(here: Surroundings, connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Check that the database knows the secrets of this machine, and accepts its journals."""
    from till.cli.health.journals import journals_here
    from till.sync.failures import refusal

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
    journals = {till: journal.journal_id for till, journal in journals_here(here.folders, venue.store_id)}
    heads: dict[str, Head] = {}
    accepted: list[int] = []
    refused: dict[int, SyncTrouble] = {}
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
        journal_id = journals.get(till, "")
        hello = _ask(connection, venue.store_id, till, secret, journal_id)
        if hello.ok:
            yield well(part, _("It is enrolled, and the database knows its secret."))
            accepted.append(till)
            if journal_id and hello.head:
                heads[journal_id] = Head(hello.head.seq, hello.head.hash)
        else:
            refused[till] = refusal(hello.code, hello.detail or "", till)
    for till, trouble in refused.items():
        part = _("till {till}").format(till=till)
        if accepted and trouble.code == "journal_retired":  # a copied disk, which has a number of its own by now
            sentence = _("Another machine is till {till} now, and this one is till {number}.")
            yield well(part, sentence.format(till=till, number=accepted[0]))
        else:
            yield _refused(part, trouble)
    yield from _compare_journals(here.folders, venue.store_id, heads)


def _ask(connection: psycopg.Connection[Any], store_id: str, till: int, secret: str, journal_id: str) -> Hello:
    """Ask the database as a till. The call is rolled back: it would begin the chain of a new journal."""
    from till.sync.messages import Hello, decode_as, encode_read
    from till.sync.server import HELLO
    from till.sync.settings import Identity

    facts = {"journal": journal_id} if journal_id else {}
    with connection.transaction(force_rollback=True):
        row = connection.execute(HELLO, [encode_read(Identity(store_id, till), secret, **facts)]).fetchone()
    return decode_as(str(row[0]) if row else "", Hello)


def _refused(part: str, trouble: SyncTrouble) -> Finding:
    """Return the finding on a refusal, with the remedy."""
    lead, remedy = trouble.sentence.parts
    if trouble.code == "journal_not_live":  # nothing can be adopted before it has asked
        remedy = _("First start that till, or run `till recover`. {then}").format(then=remedy)
    return wrong(part, lead, remedy)


def _compare_journals(folders: Folders, store_id: str, heads: Mapping[str, Head]) -> Iterator[Finding]:
    """Compare the journals of this machine with their heads in the database, read before: an open till writes."""
    from till.cli.health.journals import journals_here
    from till.sync.failures import refusal

    for till, journal in journals_here(folders, store_id):
        part, head = _("till {till}").format(till=till), heads.get(journal.journal_id)
        if head is None:
            continue
        if head.seq and journal.hash_at(head.seq) != head.hash:  # records are missing or different here
            yield _refused(part, refusal("chain_diverged", "", till))
        elif head.seq < journal.acked.seq:
            lacks = ngettext(
                "The database lacks {n} record of this journal: it is new, or was restored.",
                "The database lacks {n} records of this journal: it is new, or was restored.",
                journal.head.seq - head.seq,
            )
            remedy = _("Start that till, or run `till recover`: they are sent again.")
            yield wrong(part, lacks.format(n=journal.head.seq - head.seq), remedy)


def _as_owner(here: Surroundings, owner: Address) -> Iterator[Finding]:
    from db import migrate
    from db.engine import read_state
    from till.cli.connections import superuser_parts
    from till.cli.health.printers import printer_parts

    if not here.is_embedded:
        with _connection(owner) as connection:
            if roles.is_superuser(connection):
                yield wrong(_("owner"), *superuser_parts(owner.user))
                return
    faults = migrate.check(owner)
    if faults:
        for fault in faults:
            yield wrong(_("rights"), fault.fault, fault.remedy)
    else:
        yield well(_("rights"), _("Functions, roles and rights are as this till made them."))
    with _connection(owner) as connection:
        yield _connections(connection)
        yield _disk(connection, "" if here.is_embedded else here.config.database.disk)
        is_current = read_state(connection).verdict == "current"
        look = _look(here, connection) if is_current else None
        yield from _maintenance(connection, look.when if look is not None else _in_utc)
        if is_current:
            yield from _backup_folder(here)
            if look is not None and held_venue(here.folders) is not None:
                yield from _unread_keys(here, look.ask("venue"))
                yield from printer_parts(look.ask("venue"), here.folders.enrolled())
            yield from _tools(owner, connection)
        if look is not None:
            yield from _waiting(look)


def _in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _connections(connection: psycopg.Connection[Any]) -> Finding:
    part, row = _("connections"), connection.execute(_USED, [_TILLS, _TILLS]).fetchone()
    used, most, tills, share = row or (0, 1, 0, -1)
    sentence = _("{used} of {most} are in use.").format(used=used, most=most)
    if used >= most * _MAX_CONNECTIONS_SHARE:
        return wrong(part, sentence, _("Put PgBouncer in front, or raise max_connections (`till help PgBouncer`)."))
    if share >= 0 and tills >= share * _MAX_CONNECTIONS_SHARE:
        sentence = _("Tills use {used} of the {most} connections that they may take.").format(used=tills, most=share)
        remedy = _("Put PgBouncer in front, or ALTER ROLE {role} CONNECTION LIMIT (`till help PgBouncer`).")
        return wrong(part, sentence, remedy.format(role=_TILLS))
    return well(part, sentence)


def _disk(connection: psycopg.Connection[Any], folder: str) -> Finding:
    """Check that the server's disk has room, by writing temporary data: PostgreSQL does not report free space.

    A `folder` on that disk, if the server is on this machine, tells before it is full.
    """
    from psycopg import errors

    from till.cli.health.folder import free_space

    part = _("server's disk")
    try:
        with connection.transaction():
            connection.execute(_IN_LITTLE_MEMORY)
            connection.execute(_SPILL)
    except (errors.DiskFull, errors.ConfigurationLimitExceeded) as problem:
        return _no_room(problem)
    if not folder:
        return well(part, _("It has room for the database."))
    try:
        free = free_space(folder) // 1_000_000
    except ConfigError as problem:
        return wrong(part, problem.sentence, _("Correct that line."))
    sentence = _("{free} MB are free in {folder}.").format(free=free, folder=folder)
    if free < _FREE_MB:
        return wrong(part, sentence, _("Free some space (`till help the server is full`)."))
    return well(part, sentence)


def _no_room(problem: psycopg.Error) -> Finding:
    from db.engine import reason

    sentence = _("The database has no room to write: {reason}.").format(reason=reason(problem))
    return wrong(_("server's disk"), sentence, _("Make room on the server's disk: `till help the server is full`."))


def _maintenance(connection: psycopg.Connection[Any], shown: Callable[[datetime], str]) -> Iterator[Finding]:
    row = connection.execute(_VACUUM).fetchone()
    autovacuum, age, size, last = row or ("on", 0, 0, None)
    vacuumed = _("last vacuumed {when}").format(when=shown(last)) if last else ""
    sentence = _("{size} MB; {vacuumed}.").format(size=size // 1_000_000, vacuumed=vacuumed or _("not vacuumed yet"))
    if autovacuum != "on":
        problem = _("Autovacuum is off: the database grows with every key.")
        yield wrong(_("vacuum"), problem, "ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf();")
    elif age > _MAX_XID_AGE:
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


def _backup_folder(here: Surroundings) -> Iterator[Finding]:
    """Check the folder of the last backup from this machine: present, writable, on another disk than the database."""
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


def _unread_keys(here: Surroundings, settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Check that no venue setting in the config differs from the database: only `till init` reads the config's."""
    file = here.config_file
    if file is None or here.venue.is_for_trial:
        return
    outdated = [key for key, value in read_venue_keys(file).items() if setting_of(settings, key) != value]
    if outdated:
        sentence = _("[venue] in {file} is no longer read, and differs from the venue's settings: {keys}.")
        remedy = _("Delete [venue] there; `till admin settings set` changes a setting.")
        yield wrong(_("settings"), sentence.format(file=file, keys=", ".join(outdated)), remedy)


def _known_printers(here: Surroundings) -> Iterator[Finding]:
    """Check the printers that the tills of this machine know of."""
    from till.cli.health.journals import journals_here
    from till.cli.health.printers import printer_parts

    venue = held_venue(here.folders)
    for _till, journal in journals_here(here.folders, venue.store_id) if venue is not None else ():
        if (settings := journal.cached("settings")) is not None:
            yield from printer_parts(settings[1], here.folders.enrolled())
            return


def _tools(owner: Address, connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    from db.backups.tools import find

    def found() -> Iterator[Finding]:
        tools = find(connection.info.server_version // 10_000, owner)
        yield well(_("backup tools"), _("pg_dump {major} is here.").format(major=tools.major))

    yield from _by_part(_("backup tools"), found())


def _look(here: Surroundings, connection: psycopg.Connection[Any]) -> Look | None:
    """Return a look at the venue of this machine or, if it holds none, at the oldest; None if it is not here."""
    from till.administration.calls import AtServer
    from till.administration.waiting import Look

    venue = held_venue(here.folders)
    row = connection.execute(_STORE, [venue.store_id if venue is not None else None]).fetchone()
    return Look(AtServer(connection=connection, store_id=row[0])) if row is not None else None


def _waiting(look: Look) -> Iterator[Finding]:
    """Yield what waits for a person."""
    from till.administration.waits import all_waits

    for wait in all_waits():
        for one in wait.find(look) if wait.part else ():
            if one.advice is not None:
                sentence = f"{one.sentence}."
                yield wrong(wait.part, sentence, one.advice) if one.advice else well(wait.part, sentence)
