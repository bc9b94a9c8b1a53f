"""`till init`: make a venue, from its name to the first login. After an interruption it can be run again."""

from __future__ import annotations

import json
import os
import secrets
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import typer

from till.administration.calls import AdministrationError, call
from till.cli.asking import AnswerReader
from till.cli.authority import PasswordFile, PinFile, read_new_password, read_new_pin
from till.cli.connections import owner_address
from till.cli.environment import Surroundings
from till.cli.menu import list_faults
from till.cli.opening import has_terminal
from till.cli.output import note, print_table, read_file, say
from till.cli.refusals import EXIT_REFUSED
from till.cli.running import make_app
from till.cli.venues import enrol, make_venue, new_secret
from till.config import (
    Folders,
    HeldVenue,
    VenueKind,
    config_place,
    held_venue,
    hold_venue,
    read_config,
    read_venue_keys,
    write_config,
)
from till.domain.catalogue.csv_table import MenuFileError
from till.domain.errors import TillError
from till.domain.i18n import N_, _, ngettext
from till.domain.ids import IdClock
from till.wiring.founding import CALLED, VenueFounding

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

    from till.ports.founding import MenuRead, Question
    from till.wiring.founding import Founded

#: Menu items to show before the menu is accepted.
_SHOWN: Final = 8
#: The columns and rows that the form needs.
_SCREEN: Final = (80, 24)

app = make_app()


class VenueExistsError(TillError):
    """A venue that already exists."""

    code = "venue"
    default = N_("There is already a venue.")


class FlagConflictError(TillError):
    """A flag that contradicts the configuration."""

    code = "config"
    default = N_("A flag differs from the configuration.")


@app.command(
    epilog=N_(
        'Example: till init asks for everything. Without a terminal: till init --name "Corner Café" --currency EUR '
        "--timezone Europe/Berlin --staff-name Asha --pin-file pin.txt --password-file password.txt"
    )
)
def init(
    *,
    name: Annotated[str | None, typer.Option(metavar="NAME", help=N_("The name on receipts."))] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help=N_("Three letters, such as INR."))] = None,
    locale: Annotated[str | None, typer.Option(metavar="LOCALE", help=N_("How amounts are written: en_IN."))] = None,
    timezone: Annotated[str | None, typer.Option(metavar="ZONE", help=N_("Such as Asia/Kolkata."))] = None,
    day_ends: Annotated[
        str | None, typer.Option("--day-ends", metavar="HH:MM", help=N_("Sales until then count for the day before."))
    ] = None,
    tax_included: Annotated[
        bool | None, typer.Option("--tax-included/--tax-added", help=N_("Whether menu prices include tax."))
    ] = None,
    tax_number: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("The tax number to print on receipts."))
    ] = None,
    address: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("The address, such as Storgata 5, 0155 Oslo, NO."))
    ] = None,
    tax: Annotated[
        str | None,
        typer.Option(metavar="TAX", help=N_("The tax of the items of a menu without a column tax, such as VAT 20.")),
    ] = None,
    menu: Annotated[
        str | None, typer.Option(metavar="FILE", help=N_("A CSV file with columns name, price and category."))
    ] = None,
    choices: Annotated[
        str | None, typer.Option(metavar="FILE", help=N_("A CSV file with the menu's choices: group, option, price."))
    ] = None,
    printer: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help=N_("The address of a receipt printer for this till."))
    ] = None,
    staff: Annotated[
        str | None, typer.Option(metavar="NUMBER", help=N_("The staff number of the first person, an admin."))
    ] = None,
    staff_name: Annotated[str | None, typer.Option(metavar="NAME", help=N_("Their name."))] = None,
    pin_file: PinFile = None,
    password_file: PasswordFile = None,
    till: Annotated[str | None, typer.Option(metavar="N", help=N_("The number of this till."))] = None,
) -> None:
    """Make a venue: its settings, menu, first person and this till. It asks for every value without a flag.

    A terminal of at least 80 columns and 24 rows shows one form; a smaller one asks one question at a time.

    The config is written to the data folder, or to the new file that TILL_CONFIG names. Values of an existing config
    are used, and not asked for.
    """
    here, has_config = _look()
    _refuse_existing(here)
    if not here.is_embedded:
        with owner_address(here):  # a server without TLS, say, is reported before the questions
            pass
    from_flags = {"name": name, "currency": currency, "locale": locale, "timezone": timezone}
    from_flags |= {"business_day_ends": day_ends, "tax_number": tax_number, "address": address}
    config = here.config if has_config else None
    names_venue = has_config and bool(read_venue_keys(here.config_file))
    if has_config:
        _refuse_contradictions(here, from_flags if names_venue else {}, tax_included if names_venue else None, till)
    from_flags |= {"prices_include_tax": None if tax_included is None else "y" if tax_included else "n"}
    from_flags |= {"till": till, "tax": tax, "menu": menu, "printer": printer, "staff": staff, "staff_name": staff_name}
    founding = VenueFounding(
        IdClock(secrets.randbits).next(datetime.now(UTC)),
        read_file,
        venue=config.venue if config is not None and names_venue else None,
        till=config.till if config is not None else None,
        choices=choices,
    )
    _take_given(founding, from_flags)
    _take_secrets(founding, pin_file, password_file)
    founded = _make_venue(here, founding, menu, has_config=has_config)
    number = founded.person["number"]
    say(_("{name} is ready. `till` opens it: log in as {number}.").format(name=founded.venue.name, number=number))
    if founded.menu is None:
        note(_("It has no menu yet: `till admin menu import FILE` imports one."))


def _make_venue(here: Surroundings, founding: VenueFounding, menu: str | None, *, has_config: bool) -> Founded:
    """Ask the questions and make the venue. After a refusal, keep the answers and ask only the wrong ones again."""
    from db.errors import DatabaseError

    refused = ""
    while True:
        confirmed = _ask_on_screen(here, founding, menu, refused) if _has_screen() else _ask_one_by_one(founding, menu)
        if not confirmed:
            note(_("Nothing was created."))
            raise typer.Exit(EXIT_REFUSED)
        founded = founding.founded()
        try:
            _make(here, founded, has_config=has_config)
        except (TillError, DatabaseError) as problem:
            if not AnswerReader().present or isinstance(problem, VenueExistsError):
                raise
            if isinstance(problem, AdministrationError):
                founding.ask_menu_again()  # the menu is the only answer that the server checks
            refused = problem.sentence
            note(refused)
        else:
            return founded


def _look() -> tuple[Surroundings, bool]:
    """Return config and folders, and True if the config file exists: TILL_CONFIG may name a new one."""
    place = config_place(os.environ)
    if place.exists():
        return Surroundings.find(), True
    return Surroundings(read_config(None, os.environ), place, Folders.of(os.environ)), False


def _refuse_contradictions(
    here: Surroundings, from_flags: Mapping[str, str | None], tax_included: bool | None, till: str | None
) -> None:
    """Refuse a flag that contradicts the config: it would have no effect, and a venue's currency and day are final."""
    venue, own = here.config.venue, here.config.till
    facts: list[tuple[str, str, Any, Any]] = [
        (_flag_of(key), key, getattr(venue, key), typed.upper() if key == "currency" else typed)
        for key, typed in from_flags.items()
        if typed is not None
    ]
    if tax_included is not None:
        flag = "--tax-included" if tax_included else "--tax-added"
        facts.append((flag, "prices_include_tax", venue.prices_include_tax, tax_included))
    if till is not None:
        facts.append(("--till", "till", own.id, int(till) if till.isascii() and till.isdigit() else till))
    for flag, key, is_now, typed in facts:
        if typed != is_now:
            sentence = _(
                "{what} is {value} by {file} ({key}, or its default if that is missing), and {flag} differs. "
                "Set {key} there, or leave the flag out."
            )
            value = json.dumps(is_now, ensure_ascii=False)
            place = "[till] id" if key == "till" else f"[venue] {key}"
            raise FlagConflictError(
                sentence.format(what=CALLED[key], value=value, file=here.config_file, key=place, flag=flag)
            )


def _flag_of(key: str) -> str:
    return "--day-ends" if key == "business_day_ends" else f"--{key.replace('_', '-')}"


def _refuse_existing(here: Surroundings) -> None:
    held = held_venue(here.folders)
    if held is None:
        return
    if held.kind is not VenueKind.OWN:
        sentence = _(
            "{folder} holds {name}, to try things out. Choose a folder for your own: `TILL_DATA_DIR=~/venue till "
            "init`, and set TILL_DATA_DIR to it for every command."
        )
        raise VenueExistsError(sentence.format(folder=here.folders.root, name=held.name))
    sentence = _("{name} already exists. `till` opens it, `till admin` changes it.")
    raise VenueExistsError(sentence.format(name=held.name))


def _take_given(founding: VenueFounding, from_flags: Mapping[str, str | None]) -> None:
    """Use the values of flags as answers. The menu is read later, when the venue's currency is known."""
    for question in founding.questions:
        answer = from_flags.get(question.name)
        if answer is not None and question.name != "menu":
            founding.take(question.name, answer)


def _take_secrets(founding: VenueFounding, pin_file: str | None, password_file: str | None) -> None:
    if pin_file:
        founding.take("pin", read_new_pin(pin_file))
    if password_file:
        founding.take("password", read_new_password(password_file))


# The form on the screen.


def _has_screen() -> bool:
    """Return True if the terminal has room for the form; otherwise the questions are asked one by one."""
    if not has_terminal():
        return False
    size = os.get_terminal_size(sys.stdout.fileno())
    return size.columns >= _SCREEN[0] and size.lines >= _SCREEN[1]


def _ask_on_screen(here: Surroundings, founding: VenueFounding, menu: str | None, refused: str) -> bool:
    from till.wiring.founding_screen import ask_on_screen

    if menu is not None:
        founding.offer("menu", menu)
    return ask_on_screen(here.config, founding, refused)


# Question by question.


def _ask_one_by_one(founding: VenueFounding, menu: str | None) -> bool:
    """Ask for the values without a flag, or refuse without a terminal. Return True if the venue is to be made."""
    asker = AnswerReader()
    if asker.present:
        note(_("Enter takes the value in brackets; Ctrl+C leaves without making anything."))
    for question in founding.questions:
        if founding.is_answered(question.name):
            continue
        if question.name == "menu":
            _ask_menu(asker, founding, question, None if founding.offered("menu") else menu)
        else:
            _ask(asker, founding, question)
    for sentence in founding.summary():
        note(sentence)
    return asker.agrees(_("Create it?"))


def _ask(asker: AnswerReader, founding: VenueFounding, question: Question) -> None:
    def take(answer: str) -> None:
        founding.take(question.name, answer)

    if question.secret:
        if asker.present:
            note(question.asks)
        read = read_new_pin if question.name == "pin" else read_new_password
        asker.until(lambda: take(read(None)))
    elif question.name == "prices_include_tax":
        take("y" if asker.agrees(question.asks) else "n")
    elif question.optional and not asker.present:
        take("")
    else:
        asker.ask(question.flag, _prompt(question), None, take, default=founding.offered(question.name))


def _prompt(question: Question) -> str:
    """Return the prompt of a question."""
    return question.asks.rstrip(".?")


def _ask_menu(asker: AnswerReader, founding: VenueFounding, question: Question, given: str | None) -> None:
    """Ask for the menu, and show it before it is accepted."""

    def take(file: str) -> None:
        try:
            founding.take("menu", file)
        except MenuFileError as problem:
            list_faults(file, problem)
            raise
        if founding.menu is not None:
            _show(founding.menu)

    if given is not None or not asker.present:
        take(given or "")
        return
    while True:
        asker.ask(question.flag, _prompt(question), None, take)
        if founding.menu is None or asker.agrees(_("Use this menu?")):
            return


def _show(menu: MenuRead) -> None:
    rows = [[row.name, row.price, row.category] for row in menu.rows]
    print_table([_("Item"), _("Price"), _("Category")], rows[:_SHOWN], right=(1,))
    if (more := len(rows) - _SHOWN) > 0:
        say(ngettext("… and {n} more.", "… and {n} more.", more).format(n=more))
    for line in menu.taxes:
        say(line)


def _make(here: Surroundings, founded: Founded, *, has_config: bool) -> None:
    """Make database and venue, enrol this till, and write the config."""
    from db.engine import connect
    from db.migrate import upgrade
    from db.turns import take_turn

    here.folders.make()
    with owner_address(here) as owner:
        note(_("Making the tables. This happens once."))
        upgrade(owner)
        with connect(owner) as connection, connection.transaction():
            take_turn(connection, "venue own")
            _refuse_other_venue(connection)
            person = founded.person
            make_venue(
                connection,
                founded.store_id,
                msgspec.to_builtins(founded.venue),
                staff=[person],
                passwords={person["number"]: founded.password},
                menu=founded.menu,
            )
            secret = here.folders.keep_secret(founded.till.id, new_secret())
            enrol(connection, founded.store_id, founded.till.id, secret, name=founded.till.name)
            if not has_config:
                write_config(here.config_file or here.folders.config, msgspec.to_builtins(founded.till))
    hold_venue(here.folders, HeldVenue(VenueKind.OWN, founded.store_id, founded.venue.name, founded.venue.currency))


def _refuse_other_venue(connection: psycopg.Connection[Any]) -> None:
    stores = call(connection, "stores_v1")
    if stores:
        names = ", ".join(store["name"] for store in stores)
        raise VenueExistsError(
            _(
                "The database holds {names}. `till enrol` enrols this machine as a till, with the code from "
                "`till admin tills add N`."
            ).format(names=names)
        )
