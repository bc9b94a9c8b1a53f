"""`till enrol`: make this machine a till of a venue, with the code that a manager printed."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from msgspec.structs import replace

from till.administration.calls import AdministrationError
from till.administration.enrolments import EnrolmentError, read_enrolment
from till.cli.asking import AnswerReader
from till.cli.connections import refuse_other_version
from till.cli.environment import Surroundings
from till.cli.output import note, read_file, say
from till.cli.running import make_app
from till.cli.secret_files import first_line
from till.cli.venues import new_secret, secret_hash
from till.config import (
    EMBEDDED,
    Folders,
    HeldVenue,
    VenueKind,
    check_value,
    config_place,
    held_venue,
    hold_venue,
    read_config,
    write_config,
)
from till.domain.errors import ConfigError
from till.domain.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.address import Address

_ENROL: Final = "SELECT till.enrol_v1(%s::text)"

app = make_app()


@app.command(
    epilog=N_(
        "Example: till enrol asks for the code that `till admin tills add 2` printed, and for the database URL. "
        "Without a terminal: till enrol --url postgresql://till_app@db.example/venue "
        "--password-file app.pw < enrolment.txt"
    )
)
def enrol(
    *,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE", help=N_("A file with the code in its first line."))
    ] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help=N_("The URL of the venue's database, without a password.")),
    ] = None,
    password_file: Annotated[
        str | None,
        typer.Option(
            "--password-file", metavar="FILE", help=N_("A file with the password of the tills' database role.")
        ),
    ] = None,
) -> None:
    """Enrol this machine as a till, with a code from a manager. The code works once, within an hour.

    Type the code, or pass it on standard input or in a file: every user of the machine could read an argument.
    The till's secret is made here, and never leaves this machine.
    """
    from db.errors import RefusedLoginError

    asker = AnswerReader()
    here, has_config = _look(asker, url, password_file)
    with ExitStack() as refused:
        if not has_config:
            refused.callback(here.folders.drop_database_password)  # it was typed just now
        number, code = _read_typed_enrolment(asker, file)
        try:
            answer = _enrol(here, number, code)
        except RefusedLoginError as problem:
            if has_config:
                raise
            source = _("--url, or the password in {file}").format(file=password_file)
            raise problem.by(source if password_file else _("what you typed")) from problem
        refused.pop_all()
    name, venue = answer["name"], answer["venue"]
    hold_venue(here.folders, HeldVenue(VenueKind.OWN, answer["store"], venue["name"], venue["currency"]))
    if not has_config:
        place = here.config_file or here.folders.config
        write_config(place, {"id": number}, here.config.database)
    here.folders.take_next_secret(number)
    is_kitchen = answer["stations"] is not None
    here.folders.note_kitchen(number, is_kitchen=is_kitchen)
    here.folders.note_sender(number, is_sender=answer.get("is_sender", False))
    sentence = _("This machine is till {number} of {venue}, {name}.")
    if is_kitchen:
        sentence = _("This machine is a screen of the kitchen of {venue}, number {number}.")
    say(sentence.format(number=number, venue=venue["name"], name=name))
    if here.folders.is_sender(number):
        sentence = _("Number {number} sends the venue's invoice records and takes no money: `till fiscal send`.")
        say(sentence.format(number=number))
    own, command = here.config.till.id, "till kitchen" if is_kitchen else "till"
    if here.config_file is not None and has_config and own != number:
        if here.folders.read_secret(own) is not None:
            command = f"{command} --till {number}"
        else:
            wrong = _("{config} has till {id}: write id = {n} under [till] there.")
            note(wrong.format(config=here.config_file, id=own, n=number))
    note(_("`till doctor` checks all that it needs, `{opens}` opens it.").format(opens=command))


def _look(asker: AnswerReader, url: str | None, password_file: str | None) -> tuple[Surroundings, bool]:
    """Return config and folders, and True if this machine is set up. If it is not, ask where the database is."""
    place = config_place(os.environ)
    if place.exists() or held_venue(Folders.of(os.environ)) is not None:
        if url or password_file:
            wrong = _(
                "This machine is set up: url and password_file are read from [database] in {config}, not from here"
            )
            raise typer.BadParameter(wrong.format(config=place))
        return Surroundings.find(), True
    here = Surroundings(read_config(None, os.environ), place, Folders.of(os.environ))
    database = here.config.database
    if database.url == EMBEDDED:
        typed_url = asker.ask(
            "--url", _("Where is the venue's database (postgresql://till_app@server/venue)"), url, _read_url
        )
        database = replace(database, url=typed_url)
    if password_file:
        database = replace(database, password_file=str(Path(password_file).expanduser().absolute()))
    elif asker.present and not database.password_file:
        database = replace(database, password_file=_ask_password(here.folders))
    return Surroundings(replace(here.config, database=database), place, here.folders), False


def _read_url(url: str) -> str:
    check_value("database", "url", url, _("The database's URL"))
    if url == EMBEDDED:
        raise ConfigError(_("The embedded database is for one machine only. Name the venue's server."))
    return url


def _ask_password(folders: Folders) -> str:
    """Ask for the password of the database's role; return the file that keeps it, or an empty string for none."""
    from getpass import getpass

    password = getpass(_("Password of the database's role for tills (Enter for none): "))
    if not password:
        return ""
    folders.make()
    return str(folders.keep_database_password(password))


def _read_typed_enrolment(asker: AnswerReader, file: str | None) -> tuple[int, str]:
    """Read the enrolment from a file, the terminal or standard input."""
    if file:
        return read_enrolment(first_line(read_file(file)))
    if asker.present:
        return asker.ask("--file", _("Enrolment, as 2-K7QM-4T9X-ABCD-EFG2"), None, read_enrolment)
    line = sys.stdin.readline()
    if not line.strip():
        raise EnrolmentError(_("No enrolment given: type it at a terminal, or pass it on standard input or in --file."))
    return read_enrolment(line)


@contextmanager
def _database_address(here: Surroundings) -> Iterator[Address]:
    """Yield the address at which tills connect. An embedded database runs until the context ends."""
    if not here.is_embedded:
        yield here.app
        return
    if here.server.status().state == "not made":
        sentence = _("There is no database here. Name the venue's server in {config}: url under [database].")
        raise ConfigError(sentence.format(config=here.config_file or here.folders.config))
    with here.server.acquire(_("a command"), note):
        yield here.server.app()


def _enrol(here: Surroundings, number: int, code: str) -> dict[str, Any]:
    """Enrol this till in the database.

    The secret is written to disk first: if the answer is lost, the request can be repeated with the same secret.
    """
    from db.engine import connect
    from till.wiring.parts import find_own_journal

    held, folders = held_venue(here.folders), here.folders
    folders.make()
    store_id = held.store_id if held is not None else None
    journal = find_own_journal(folders.journal(number), till=number, store_id=store_id)
    with _database_address(here) as address, connect(address) as connection:
        refuse_other_version(connection)
        secret = folders.next_secret(number) or new_secret()
        folders.keep_next_secret(number, secret)
        request = {
            "code": code,
            "till": number,
            "secret_hash": secret_hash(secret),
            "store": store_id,
            "held": folders.read_secret(number),
            "fresh": journal is None,
            "journal": journal or None,
        }
        [(text,)] = connection.execute(_ENROL, [json.dumps(request)]).fetchall()
    answer: dict[str, Any] = json.loads(text)
    if not answer["ok"]:
        folders.drop_next_secret(number)
        raise AdministrationError(answer["detail"])
    if journal != "":  # it is damaged: the till replaces it
        folders.name_journals(number, [answer["journal"]] if answer["journal"] else [])
    return answer
