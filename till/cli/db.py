"""`till db`: the database's own commands."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from till.cli.environment import Surroundings, superuser_address
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import STREAM, note, print_json, say, write_file
from till.cli.refusals import EXIT_REFUSED
from till.cli.running import make_app
from till.config import read_config
from till.domain.errors import ConfigError
from till.domain.events.envelope import read_time, time_text
from till.domain.i18n import N_, _, ngettext
from till.domain.venue import BACKUP_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from db.address import Address
    from db.remedy import Renewal


app = make_app(N_("The database: the embedded one, or the one in the config."))

_PORT: Final = 5432


@app.command(
    epilog=N_(
        "Example: till db upgrade. "
        "Safe to repeat, also while tills sell. If the database has no venue, it creates the one in the config."
    )
)
def upgrade(
    *,
    anew: Annotated[
        bool,
        typer.Option("--anew", help=N_("Make all functions again, as after `till db set-password` by a superuser.")),
    ] = False,
) -> None:
    """Create the tables and functions that this till needs, or update them."""
    from db.engine import connect
    from db.migrate import access_faults
    from db.migrate import status as read_status
    from db.migrate import upgrade as upgrade_database
    from till.administration.law import write_laws
    from till.cli.anew import print_recreated, recreate_venue
    from till.cli.connections import owner_address
    from till.cli.venues import hold_own

    here = Surroundings.find()
    with owner_address(here) as owner:
        was = read_status(owner)
        state = upgrade_database(owner, remake=anew)
        say(state.sentence)
        with connect(owner) as connection:
            for fault in access_faults(connection):
                note(fault.sentence)
            made = hold_own(here, connection)
            recreated = None if made else recreate_venue(here, connection)
            write_laws(connection)
            if was.revision is not None and was.verdict != "current":
                _note_missing_rights(here, connection)
    if recreated:
        print_recreated(recreated)
    if made:
        say(_("The venue {name} is ready. `till admin users add` adds its staff.").format(name=made.name))


def _note_missing_rights(here: Surroundings, connection: psycopg.Connection[Any]) -> None:
    """Say that cashiers may do nothing with the drawer, as in venues from before it: a new venue lets them."""
    from till.administration.calls import call
    from till.administration.settings import setting_of
    from till.config import held_venue
    from till.domain.staff.rights import COUNTER

    venue = held_venue(here.folders)
    if venue is not None and not setting_of(call(connection, "venue", venue.store_id), "cashier_may"):
        sentence = _(
            "Cashiers need a manager to move cash, open the drawer or close a shift: the setting cashier_may is empty. "
            '`till admin settings set cashier_may "{acts}"` lets them.'
        )
        note(sentence.format(acts=" ".join(sorted(COUNTER))))


@app.command(epilog=N_("Example: till db status --json"))
def status(*, as_json: AsJson = False) -> None:
    """Show where the database is, whether it runs, and whether it fits this till."""
    here = Surroundings.find()
    facts = _status(here)
    if as_json:
        print_json(facts)
        return
    for line in _sentences(facts):
        say(line)


@app.command(
    epilog=N_(
        'Example: sudo -u postgres till db prepare "postgresql:///venue?host=/run/postgresql" '
        "--password-file ~postgres/app.pw --owner-password-file ~postgres/owner.pw. The user of the command writes "
        "these files: name a folder that it may write."
    )
)
def prepare(
    url: Annotated[
        str,
        typer.Argument(metavar="URL", help=N_("The venue's database, as a superuser; it need not exist yet.")),
    ],
    *,
    password_file: Annotated[
        str,
        typer.Option(
            "--password-file",
            metavar="FILE",
            help=N_("A file with the password of the tills' role; created if missing."),
        ),
    ],
    owner_password_file: Annotated[
        str,
        typer.Option(
            "--owner-password-file",
            metavar="FILE",
            help=N_("A file with the password of the owner's role; created if missing."),
        ),
    ],
) -> None:
    """Prepare a PostgreSQL server for a venue, once, as its superuser. Prints [database] for the config.

    It creates the roles, the database, and whatever a restore and programs need. Safe to repeat. It asks for the
    superuser's password, or reads it from PGPASSWORD or PGPASSFILE.
    """
    from db.preparing import prepare as prepare_server
    from db.roles import APP, OWNER
    from till.cli.secret_files import check_creatable, ensure_secret_file

    app_file, owner_file = (Path(file).expanduser().absolute() for file in (password_file, owner_password_file))
    for file in (app_file, owner_file):
        check_creatable(file)
    superuser = superuser_address(url, read_config(None, os.environ).database.tls)
    prepare_server(superuser, app_password=ensure_secret_file(app_file), owner_password=ensure_secret_file(owner_file))
    is_socket = superuser.host.startswith(("/", "@"))
    host = socket.gethostname() if is_socket else f"[{superuser.host}]" if ":" in superuser.host else superuser.host
    target = f"{host}/{superuser.dbname}" if superuser.port == _PORT else f"{host}:{superuser.port}/{superuser.dbname}"
    say("[database]")
    for key, role, file in (("", APP, app_file), ("owner_", OWNER, owner_file)):
        say(f'{key}url = "postgresql://{role}@{target}"')
        say(f'{key}password_file = "{file}"')
    note(_("The server is ready. These lines belong into config.toml; then `till init`, or `till db restore`."))
    if is_socket:
        note(_("If tills reach this server by another name, write that in the place of {host}.").format(host=host))
    elif superuser.is_local:
        note(_("{host} is this machine alone. For tills on others write its name there.").format(host=host))


@app.command(
    "set-password",
    epilog=N_(
        "Example: till db set-password. Without any machine that has the old password, as the server's superuser: "
        'sudo -u postgres till db set-password "postgresql:///venue?host=/run/postgresql" --password-file owner.pw'
    ),
)
def set_owner_password(
    url: Annotated[
        str | None,
        typer.Argument(metavar="[URL]", help=N_("The venue's database, as a superuser; its owner by default.")),
    ] = None,
    *,
    password_file: Annotated[
        str | None,
        typer.Option("--password-file", metavar="FILE", help=N_("The file for it; by default that of the config.")),
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove-strangers", help=N_("Do not ask: remove all that is not the till's."))
    ] = False,
) -> None:
    """Give the database's owner a new password, end all sessions under the old one, and clear up after a thief.

    As a superuser it drops all functions, views and triggers first, the till's too: what a thief changed of them could
    set the old password again. Tills sell offline until the owner upgrades the database.

    Names each role, right and object in the database that is not the till's, and asks whether to remove it.
    """
    from db.engine import connect, connect_superuser, read_any_name
    from db.remedy import Renewal, renew_owners_password
    from db.roles import OWNER, renew_password
    from db.strangers import find_powerful
    from till.cli.connections import owner_address
    from till.cli.secret_files import replacing_secret_file

    with ExitStack() as stack:
        if url is not None:
            address, role = superuser_address(url, read_config(None, os.environ).database.tls), OWNER
            file = password_file
        else:
            here = Surroundings.find()
            if here.is_embedded:
                raise ConfigError(_("The embedded database has no owner's password: only its own user reaches it."))
            address, own = stack.enter_context(owner_address(here)), here.config.database
            role = address.user
            file = password_file or (own.owner_password_file if own.owner_url else own.password_file)
        if not file:
            raise typer.BadParameter(_("name a file for the new password: --password-file FILE."))
        place = Path(file).expanduser().absolute()
        with replacing_secret_file(place) as password:
            if url is not None:
                renewal = renew_owners_password(address, password)
                connection = stack.enter_context(connect_superuser(address))
            else:
                connection = stack.enter_context(read_any_name(connect(address)))
                renewal = Renewal(renew_password(connection, role, password))
        say(_("{role} has a new password, in {file}.").format(role=role, file=place))
        say(_("It is needed wherever config.toml names owner_url: copy the file there."))
        for sentence in _renewal_sentences(renewal):
            say(sentence)
        _remove_strangers(connection, unasked=remove, only_roles=url is not None)
        for one in find_powerful(connection):
            sentence = _("On the server, and left there: {name}. Not yours: `till help the owner's password`.")
            say(sentence.format(name=one))
        if url is None:
            _name_lost_tables(connection)
    say(_("Now `till db upgrade --anew`, which makes all functions again, and `till db check`."))
    if url is None:
        sentence = _(
            "After a theft this is no remedy: what the thief changed in the database can set the old password again. "
            'On the server: sudo -u postgres till db set-password "postgresql:///{dbname}?host=/run/postgresql"'
        )
        say(sentence.format(dbname=address.dbname))


def _renewal_sentences(renewal: Renewal) -> Iterator[str]:
    if renewal.places:
        yield _("Its sessions were ended. They came from: {places}.").format(places=", ".join(renewal.places))
    if renewal.members:
        sentence = _("These roles had its rights, and from no superuser. They have them no more: {names}.")
        yield sentence.format(names=", ".join(renewal.members))
    if renewal.databases:
        sentence = _("Its other databases, without their functions now: {names}. Each needs `till db upgrade --anew`.")
        yield sentence.format(names=", ".join(renewal.databases))


def _remove_strangers(connection: psycopg.Connection[Any], *, unasked: bool, only_roles: bool) -> None:
    """Name all that is not the till's, and remove what the person at the terminal agrees to.

    Without a terminal nothing is removed unless `unasked`.
    """
    from db.strangers import find_strangers, remove
    from till.cli.asking import AnswerReader

    is_asking = AnswerReader().present and not unasked
    for one in find_strangers(connection, only_roles=only_roles):
        say(_("Not the till's: {name}.").format(name=one.name))
        if unasked or (is_asking and typer.confirm(_("Remove it?"), err=True)):
            remove(connection, one)
    left = find_strangers(connection, only_roles=only_roles)
    if left and not (unasked or is_asking):
        say(_("Nothing of it was removed. --remove-strangers removes all of it."))
    elif left:
        names = ", ".join(one.name for one in left)
        say(_("Still there: {names}. `till db check --sql FILE` writes what removes it.").format(names=names))


def _name_lost_tables(connection: psycopg.Connection[Any]) -> None:
    """Name the tables that were renamed or dropped, which only a backup has."""
    from db.engine import read_state
    from db.errors import LostTablesError
    from db.made import lost_tables
    from db.schema import OWN

    lost = lost_tables(connection) if read_state(connection).revision == OWN.revision else []
    if lost:
        note(LostTablesError(names=", ".join(lost)).sentence)


@app.command(epilog=N_("Example: till db check --sql remedy.sql"))
def check(
    *,
    as_json: AsJson = False,
    sql: Annotated[
        str | None,
        typer.Option("--sql", metavar="FILE", help=N_("Write the SQL for the server's administrator; - prints it.")),
    ] = None,
) -> None:
    """Check that the database is as this till created it. Exit 1 if it is not."""
    from db.address import GUARD
    from db.migrate import check as check_database
    from till.cli.connections import owner_address

    with owner_address(Surroundings.find()) as owner:
        faults = check_database(owner)
    statements = "".join(f"{fault.sql}\n" for fault in faults if fault.sql)
    if statements:  # a superuser runs them in a database that may be hostile
        statements = f"{GUARD}\n{statements}"
    if sql is not None:
        write_file(sql, statements, "utf-8")
    if as_json:
        print_json({"ok": not faults, "faults": [fault.sentence for fault in faults], "sql": statements or None})
    elif sql != STREAM:
        for sentence in [fault.sentence for fault in faults] or [_("The database is as this till made it.")]:
            say(sentence)
    if faults:
        raise typer.Exit(EXIT_REFUSED)


@app.command(
    epilog=N_('Example: psql "$(till db url)" -c "select * from orders". The database runs until `till db stop`.')
)
def url() -> None:
    """Print a URL with the owner's rights and search path; starts the embedded database and leaves it running."""
    here = Surroundings.find()
    if not here.is_embedded:
        owner, own = here.owner.with_search_path(), here.config.database
        if own.owner_password_file if own.owner_url else own.password_file:
            owner = owner.with_password(None)  # every user of the machine can read the arguments of a program
            note(_("The password is not in it: psql asks for it, or reads it from PGPASSWORD or PGPASSFILE."))
        print(owner.url)
        return
    server = here.server
    with server.acquire("till db url", note):
        server.keep()
        print(server.owner_url())


@app.command(epilog=N_("Example: till db stop"))
def stop(
    *,
    force: Annotated[
        bool, typer.Option("--force", help=N_("Stop it even while tills use it; they keep selling."))
    ] = False,
) -> None:
    """Stop the embedded database."""
    here = Surroundings.find()
    if not here.is_embedded:
        note(_("This till does not own the database: its administrator stops it."))
        raise typer.Exit(EXIT_REFUSED)
    stopped = here.server.stop(even_if_used=force)
    say(_("The database is stopped.") if stopped else _("The database was not running."))


@app.command(
    epilog=N_(
        "Example: till db backup /mnt/stick --keep 30. Tills keep selling. Keep it on another disk, readable "
        "only by you: it holds the venue's sales, and hashes of PINs and passwords."
    )
)
def backup(
    target: Annotated[
        str,
        typer.Argument(
            metavar="FILE|FOLDER", help=N_("A new file that ends in .dump, or a folder."), show_default=False
        ),
    ] = "",
    *,
    made_elsewhere: Annotated[
        bool, typer.Option("--made-elsewhere", help=N_("Take no backup, but record that one was made elsewhere."))
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep",
            min=1,
            metavar="N",
            help=N_("Then remove the oldest backups of the folder, and keep N. Give each venue its own folder."),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Back up the database to a new file, and verify it. No file is overwritten."""
    from db.backups import note_backup, remove_older, take
    from db.engine import connect, is_read_only
    from db.roles import is_superuser
    from till.cli.connections import SuperuserOwnerError, owner_address

    if bool(target) == made_elsewhere:
        raise typer.BadParameter(_("name a file or a folder, or pass --made-elsewhere."))
    place = Path(target).expanduser().absolute()
    if keep is not None and (made_elsewhere or (place.suffix == ".dump" and not place.is_dir())):
        raise typer.BadParameter(_("--keep needs a folder: till db backup FOLDER --keep 30."))
    here, now = Surroundings.find(), datetime.now(UTC)
    with owner_address(here, superuser_may=not made_elsewhere) as owner:
        if made_elsewhere:
            if not note_backup(owner, now):
                note(_("The database is older than this till and keeps no such note. Run `till db upgrade` first."))
                raise typer.Exit(EXIT_REFUSED)
            say(_("Noted: tills show no reminder for a week."))
            return
        taken = take(owner, _backup_file(place, now))
        here.folders.note_backups(taken.file.parent)
        with connect(owner) as connection:
            only_reads, by_superuser = is_read_only(connection), not here.is_embedded and is_superuser(connection)
        if by_superuser:
            sentence = _("This backup is not noted in it, and the next version takes none as a superuser. {why}")
            note(sentence.format(why=SuperuserOwnerError.of(owner.user).sentence))
        elif only_reads:
            note(_("A read-only server keeps no note of it: `till db backup --made-elsewhere` on the main server."))
        elif not note_backup(owner, taken.at):
            note(_("The database is older than this till, so this backup is not noted in it."))
    removed = remove_older(taken.file, keep) if keep is not None else []
    if as_json:
        facts = {"file": str(taken.file), "bytes": taken.size, "at": time_text(taken.at)}
        print_json({**facts, "removed": [str(file) for file in removed]})
        return
    say(
        _("Backed up to {file}, and read through ({size} MB). `till db restore` restores it.").format(
            file=taken.file, size=f"{taken.size / 1e6:.1f}"
        )
    )
    if removed:
        say(
            ngettext("{count} older backup was removed.", "{count} older backups were removed.", len(removed)).format(
                count=len(removed)
            )
        )


def _backup_file(target: Path, now: datetime) -> Path:
    """Return the file of a backup: a new one in a folder, or a file that ends in `.dump`."""
    from db.backups import new_file
    from db.backups.errors import NoFolderError

    if target.is_dir():
        return new_file(target, now)
    if target.suffix != ".dump" and not target.exists():
        raise NoFolderError(folder=target)
    return target


@app.command(
    epilog=N_(
        "Example: till db restore /mnt/stick/till-20261121-183000.dump --replace. Leave tills open: they "
        "send the records that the backup lacks."
    )
)
def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help=N_("A file from `till db backup`."), show_default=False)],
    *,
    replace: Annotated[
        bool,
        typer.Option("--replace", help=N_("Replace a database that holds a venue; the old one is kept.")),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Replace the database with a backup. If that fails, the database stays as it was."""
    from db.backups import restore as restore_backup
    from db.engine import connect
    from till.administration.law import write_laws
    from till.cli.connections import owner_address
    from till.cli.venues import check_known, hold_own
    from till.config import held_venue

    here = Surroundings.find()

    def approve(draft: Address) -> None:
        """Check that the backup is of this folder's venue."""
        held = held_venue(here.folders)
        if held is not None:
            with connect(draft) as connection:
                check_known(here, connection, held)

    with owner_address(here) as owner:
        backup_file = Path(file).expanduser().absolute()
        done = restore_backup(owner, backup_file, replace=replace, approve=approve, tell=note)
        with connect(owner) as connection:
            hold_own(here, connection, restored=True)
            write_laws(connection)
    if as_json:
        print_json(
            {"file": file, "venues": list(done.venues), "before": done.before or None, "programs": list(done.programs)}
        )
        return
    say(_("The backup is restored: {names}.").format(names=", ".join(done.venues)))
    if done.before:
        sentence = _(
            "The previous database is now called {name}. Once all is well: "
            "psql \"$(till db url)\" -c 'DROP DATABASE {name}'"
        )
        note(sentence.format(name=done.before))
    if done.programs:
        sentence = _("Programs without a login on this server: {names}. `till admin programs add NAME` makes one.")
        note(sentence.format(names=", ".join(done.programs)))
    note(
        _(
            "Tills send the missing records by themselves. Repeat what managers changed since: tills added "
            "or revoked, people, PINs, the menu, promotions, settings, tables, bookings, customers, vouchers, and "
            "what guests paid off. `till help back to a backup` lists it."
        )
    )
    note(
        _(
            "A till that changed its journal since the backup says so and keeps selling: `till admin tills "
            "adopt N` lets it in again."
        )
    )


def _status(here: Surroundings) -> dict[str, Any]:
    """Return facts about the database, without starting it."""
    from db.engine import connect
    from till.cli.connections import refuse_superuser

    if not here.is_embedded:
        with connect(here.owner) as connection:
            refuse_superuser(connection)
        return {"embedded": False, "state": "running", "place": str(here.owner), **_schema(here.owner)}
    server = here.server
    status = server.status()
    facts: dict[str, Any] = {
        "embedded": True,
        "state": status.state,
        "place": str(status.folder),
        "pid": status.pid,
        "kept": status.kept,
        "used_by": [str(holder) for holder in status.holders],
    }
    return facts | (_schema(server.owner()) if status.state == "running" else {})


def _schema(owner: Address) -> dict[str, Any]:
    from db.backups import last_backup
    from db.engine import connect, read_state
    from till.cli.connections import version_sentence

    with connect(owner) as connection:
        state = read_state(connection)
        backup = last_backup(connection) if state.revision is not None else None
        sentence = version_sentence(state, connection)
    return {
        "server": state.server,
        "revision": state.revision,
        "program_revision": state.program_revision,
        "verdict": state.verdict,
        "sentence": sentence,
        "backup": time_text(backup) if backup else None,
    }


def _sentences(facts: dict[str, Any]) -> Iterator[str]:
    kind = _("embedded") if facts["embedded"] else _("by URL")
    yield _("Database {place} ({kind}), {state}.").format(place=facts["place"], kind=kind, state=facts["state"])
    if facts["state"] == "stopped":
        yield _("Its version and last backup are shown while it runs: `till db url` starts it.")
    if facts.get("used_by"):
        yield _("In use by {names}.").format(names=", ".join(facts["used_by"]))
    if facts.get("kept"):
        yield _("It stays up until `till db stop`.")
    if "verdict" in facts:
        yield _("PostgreSQL {server}, revision {revision} (this till has {own}).").format(
            server=facts["server"], revision=facts["revision"] or _("none"), own=facts["program_revision"]
        )
        yield facts["sentence"]
        yield backup_sentence(read_time(facts["backup"]) if facts["backup"] else None, datetime.now(UTC))


def backup_sentence(last: datetime | None, now: datetime) -> str:
    """Return the sentence for the last backup; if it is too old, with what to do."""
    if last is None:
        return _("No backup yet. `till db backup FOLDER` takes one.")
    days = max((now - last).days, 0)
    if days < BACKUP_DAYS:
        sentence = _("Last backup: {at} UTC.")
    else:
        sentence = _("Last backup: {at} UTC, {days} days ago. `till db backup FOLDER` takes another.")
    return sentence.format(at=f"{last:%Y-%m-%d %H:%M}", days=days)
