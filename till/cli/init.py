"""`till init`: a venue of one's own, from its name to the first login. Broken off, it is begun again."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import typer

from till.administration.calls import call
from till.cli.asking import Asker
from till.cli.authority import read_new_password, read_new_pin
from till.cli.grounds import owner_way
from till.cli.menu import list_faults
from till.cli.output import note, print_table, read_file, say
from till.cli.refusals import EXIT_REFUSED
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.cli.users import PasswordFile, PinFile, read_staff_name
from till.cli.venues import enrol, make_venue, new_secret
from till.config import (
    Folders,
    HeldVenue,
    TillConfig,
    VenueConfig,
    VenueKind,
    check_value,
    config_place,
    held_venue,
    hold_venue,
    read_config,
    write_config,
)
from till.domain.catalogue.menu_csv import MenuFileError, decode_menu, read_menu_csv
from till.domain.errors import ConfigError, TillError
from till.domain.i18n import _, ngettext
from till.domain.ids import IdClock
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.staff.person import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import psycopg

#: Items of a menu that are shown before it is taken.
_SHOWN: Final = 8
#: No number that is asked for has as many.
_DIGITS: Final = 7

app = make_app()


class VenueThereError(TillError):
    """There is a venue already."""

    code = "venue"


class StaffNumberError(TillError):
    """A staff number is 1 to 999999."""

    code = "number"


class WrittenOtherwiseError(TillError):
    """A flag says something else than the config that is there."""

    code = "config"


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a venue is made of: `menu` is None for one that comes later."""

    store_id: str
    venue: VenueConfig
    till: TillConfig
    menu: dict[str, Any] | None
    person: dict[str, Any]
    password: tuple[str, str]


@app.command(
    epilog=_(
        "Example: till init asks for everything. Without a terminal: till init --name “Corner Café” --currency EUR "
        "--timezone Europe/Berlin --staff-name Asha --pin-file pin.txt --password-file password.txt"
    )
)
def init(
    *,
    name: Annotated[str | None, typer.Option(metavar="NAME", help=_("What stands on receipts."))] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help=_("Three letters, such as INR."))] = None,
    locale: Annotated[str | None, typer.Option(metavar="LOCALE", help=_("How amounts are written: en_IN."))] = None,
    timezone: Annotated[str | None, typer.Option(metavar="ZONE", help=_("Such as Asia/Kolkata."))] = None,
    day_ends: Annotated[
        str | None, typer.Option("--day-ends", metavar="HH:MM", help=_("Until then a sale is the day before's."))
    ] = None,
    tax_included: Annotated[
        bool | None, typer.Option("--tax-included/--tax-added", help=_("Whether prices contain their taxes."))
    ] = None,
    tax_number: Annotated[str | None, typer.Option(metavar="TEXT", help=_("As receipts must show it."))] = None,
    menu: Annotated[str | None, typer.Option(metavar="FILE", help=_("A CSV file with name, price, category."))] = None,
    staff: Annotated[str | None, typer.Option(metavar="NUMBER", help=_("Of the first person, who may do all."))] = None,
    staff_name: Annotated[str | None, typer.Option(metavar="NAME", help=_("What people call them."))] = None,
    pin_file: PinFile = None,
    password_file: PasswordFile = None,
    till: Annotated[str | None, typer.Option(metavar="N", help=_("The number of this till."))] = None,
) -> None:
    """Make a venue: its settings, menu, first person and this till. What no flag gives is asked at the terminal.

    The config is written to the data folder, or to where TILL_CONFIG names a file that is not there yet. One that is
    there counts: then nothing is asked that it says.
    """
    here, written = _look()
    _refuse_made(here)
    asker = Asker()
    if asker.present:
        note(_("Enter takes what stands in brackets; Ctrl+C leaves, and nothing was made."))
    given = {"name": name, "currency": currency, "locale": locale, "timezone": timezone}
    given |= {"business_day_ends": day_ends, "tax_number": tax_number}
    if written:
        _refuse_gainsaid(here, given, tax_included, till)
    venue = here.config.venue if written else _ask_venue(asker, given, tax_included)
    own = here.config.till if written else _ask_till(asker, till)
    store_id = IdClock(secrets.randbits).next(datetime.now(UTC))
    body = _ask_menu(asker, menu, venue, store_id)
    person, password = _ask_person(asker, staff, staff_name, pin_file, password_file)
    answers = _Answers(store_id, venue, own, body, person, password)
    _tell(answers)
    if not asker.agrees(_("Make it?")):
        note(_("Nothing was made."))
        raise typer.Exit(EXIT_REFUSED)
    _make(here, answers, written=written)
    say(_("{name} is made. `till` opens it: log in as {number}.").format(name=venue.name, number=person["number"]))
    if body is None:
        note(_("It has no menu yet: `till admin menu import FILE` brings one."))


def _look() -> tuple[Surroundings, bool]:
    """Config and folders, and whether there is a config file: the one that is named may be still to be made."""
    place = config_place(os.environ)
    if place.exists():
        return Surroundings.find(), True
    return Surroundings(read_config(None, os.environ), place, Folders.of(os.environ)), False


def _refuse_gainsaid(
    here: Surroundings, given: Mapping[str, str | None], tax_included: bool | None, till: str | None
) -> None:
    """A flag that the config gainsays would be lost without a word: currency and day of a venue are for good."""
    venue, own = here.config.venue, here.config.till
    facts: list[tuple[str, str, Any, Any]] = [
        (_flag_of(key), f"[venue] {key}", getattr(venue, key), said.upper() if key == "currency" else said)
        for key, said in given.items()
        if said is not None
    ]
    if tax_included is not None:
        flag = "--tax-included" if tax_included else "--tax-added"
        facts.append((flag, "[venue] prices_include_tax", venue.prices_include_tax, tax_included))
    if till is not None:
        facts.append(("--till", "[till] id", own.id, int(till) if till.isascii() and till.isdigit() else till))
    for flag, key, is_now, said in facts:
        if said != is_now:
            sentence = _(
                "{key} is {value} by {file}, and {flag} says otherwise. Write it there, or leave the flag out."
            )
            value = json.dumps(is_now, ensure_ascii=False)
            raise WrittenOtherwiseError(sentence.format(key=key, value=value, file=here.config_file, flag=flag))


def _flag_of(key: str) -> str:
    return "--day-ends" if key == "business_day_ends" else f"--{key.replace('_', '-')}"


def _refuse_made(here: Surroundings) -> None:
    held = held_venue(here.folders)
    if held is None:
        return
    if held.kind is not VenueKind.OWN:
        sentence = _("The data folder {folder} holds {name}. Name another in TILL_DATA_DIR for your own.")
        raise VenueThereError(sentence.format(folder=here.folders.root, name=held.name))
    sentence = _("{name} is made already. `till` opens it, `till admin` changes it.")
    raise VenueThereError(sentence.format(name=held.name))


def _ask_venue(asker: Asker, given: Mapping[str, str | None], tax_included: bool | None) -> VenueConfig:
    """The keys of `[venue]`, each as a config would have it."""

    def ask(key: str, question: str, default: str, read: Callable[[str], str] = str) -> str:
        def check(answer: str) -> str:
            value = read(answer)
            check_value("venue", key, value)
            return value

        return asker.ask(_flag_of(key), question, given[key], check, default=default)

    plain = VenueConfig()
    said: dict[str, Any] = {"name": ask("name", _("What is the venue called"), "")}
    said["locale"] = ask("locale", _("How are dates and amounts written (en_IN, de_DE …)"), _own_locale())
    said["currency"] = ask("currency", _("Currency, by its three letters"), _money_of(said["locale"]), str.upper)
    said["timezone"] = ask("timezone", _("Time zone (Europe/Berlin …)"), _own_zone())
    said["business_day_ends"] = ask(
        "business_day_ends", _("Until when does a sale count for the day before"), plain.business_day_ends
    )
    if tax_included is None:
        tax_included = asker.agrees(_("Do the menu's prices contain their taxes?"))
    said["prices_include_tax"] = tax_included
    if asker.present or given["tax_number"]:
        said["tax_number"] = ask("tax_number", _("Tax number for receipts (Enter for none)"), "")
    return msgspec.structs.replace(plain, **said)


def _ask_till(asker: Asker, given: str | None) -> TillConfig:
    def check(answer: str) -> int:
        is_number = answer.isascii() and answer.isdigit() and len(answer) < _DIGITS
        check_value("till", "id", int(answer) if is_number else answer)
        return int(answer)

    return TillConfig(id=asker.ask("--till", _("The number of this till"), given, check, default="1"))


def _ask_menu(asker: Asker, given: str | None, venue: VenueConfig, store_id: str) -> dict[str, Any] | None:
    """The body of the menu, shown before it is taken; None for one that comes later."""
    formats = Formats(Currency(venue.currency), marks_of(venue.locale))

    def read(file: str) -> dict[str, Any] | None:
        if not file:
            return None
        try:
            body = read_menu_csv(decode_menu(read_file(file)), formats.currency, store_id, None, formats)
        except MenuFileError as problem:
            list_faults(file, problem)
            raise
        _show(body, formats)
        return body

    if given is not None or not asker.present:
        return read(given or "")
    while True:
        question = _("The menu, as a CSV file with name, price and category (Enter for later)")
        body = asker.ask(
            "--menu", question, None, lambda answer: read(str(Path(answer).expanduser()) if answer else "")
        )
        if body is None or asker.agrees(_("Take this menu?")):
            return body


def _show(body: Mapping[str, Any], formats: Formats) -> None:
    categories = {one["id"]: one["name"] for one in body["categories"]}
    rows = [
        [
            item["name"],
            _("open price") if item["price"] is None else formats.price(formats.currency.price4(item["price"])),
            categories.get(item["category"], ""),
        ]
        for item in body["items"]
    ]
    print_table([_("Item"), _("Price"), _("Category")], rows[:_SHOWN], right=(1,))
    if (more := len(rows) - _SHOWN) > 0:
        say(ngettext("… and {n} more.", "… and {n} more.", more).format(n=more))


def _ask_person(
    asker: Asker, staff: str | None, name: str | None, pin_file: str | None, password_file: str | None
) -> tuple[dict[str, Any], tuple[str, str]]:
    """The first person, who may do all: as a till keeps them, and what the database keeps of their password."""
    from till.domain.staff.password import check_new_password, hash_to_keep, new_salt, stretch
    from till.register.pins import hash_pin

    def read_number(answer: str) -> int:
        if not (answer.isascii() and answer.isdigit() and len(answer) < _DIGITS and int(answer)):
            raise StaffNumberError(_("A staff number is 1 to 999999."))
        return int(answer)

    def read_password() -> tuple[str, str]:
        password = read_new_password(password_file)
        check_new_password(password)
        salt = new_salt()
        return salt, hash_to_keep(stretch(password, salt))

    number = asker.ask(
        "--staff", _("The first person, who may do all: their staff number"), staff, read_number, default="1"
    )
    known_as = asker.ask("--staff-name", _("What are they called"), name, read_staff_name)
    if asker.present:
        note(
            _("A PIN of 4 to 12 digits opens the till; a password of 8 characters or more is for what a manager does.")
        )
    pin_hash = (
        asker.until(lambda: hash_pin(read_new_pin(pin_file))) if not pin_file else hash_pin(read_new_pin(pin_file))
    )
    password = asker.until(read_password) if not password_file else read_password()
    person = {"number": number, "name": known_as, "role": str(Role.ADMIN), "pin_hash": pin_hash, "disabled": False}
    return person, password


def _tell(answers: _Answers) -> None:
    """Say what is going to be made, before it is."""
    venue = answers.venue
    note(
        _("{name}: {currency}, {zone}, a day ends at {time}.").format(
            name=venue.name, currency=venue.currency, zone=venue.timezone, time=venue.business_day_ends
        )
    )
    count = len(answers.menu["items"]) if answers.menu else 0
    note(
        ngettext("{n} item on the menu.", "{n} items on the menu.", count).format(n=count)
        if count
        else _("No menu yet.")
    )
    note(
        _("Number {number} {name}, an admin; till {till} on this machine.").format(
            number=answers.person["number"], name=answers.person["name"], till=answers.till.id
        )
    )


def _make(here: Surroundings, answers: _Answers, *, written: bool) -> None:
    """Write the config, make database and venue, and let this till in."""
    from db.engine import connect
    from db.migrate import upgrade
    from db.turns import take_turn

    here.folders.make()
    if not written:
        write_config(here.config_file or here.folders.config, answers.venue, answers.till)
    with owner_way(here) as owner:
        note(_("Making the tables. This happens once."))
        upgrade(owner)
        with connect(owner) as connection, connection.transaction():
            take_turn(connection, "venue own")
            _refuse_other(connection)
            person = answers.person
            make_venue(
                connection,
                answers.store_id,
                msgspec.to_builtins(answers.venue),
                staff=[person],
                passwords={person["number"]: answers.password},
                menu=answers.menu,
            )
            secret = here.folders.keep_secret(answers.till.id, new_secret())
            enrol(connection, answers.store_id, answers.till.id, secret, name=answers.till.name)
    hold_venue(here.folders, HeldVenue(VenueKind.OWN, answers.store_id, answers.venue.name, answers.venue.currency))


def _refuse_other(connection: psycopg.Connection[Any]) -> None:
    stores = call(connection, "stores_v1")
    if stores:
        names = ", ".join(store["name"] for store in stores)
        raise VenueThereError(
            _("The database holds {names}. `till admin tills add N` lets this machine in as a till of it.").format(
                names=names
            )
        )


def _own_locale() -> str:
    """That of the terminal, where it says one that a config takes."""
    named = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "").split(".")[0].split("@")[0]
    try:
        check_value("venue", "locale", named)
    except ConfigError:
        return "en"
    return named


def _money_of(locale: str) -> str:
    """The currency of a locale's country; empty where it names none."""
    from babel.numbers import get_territory_currencies

    country = locale.rpartition("_")[2] if "_" in locale else ""
    found = get_territory_currencies(country) if country else []
    return found[0] if found else ""


def _own_zone() -> str:
    """That of this machine; UTC where it names none."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if not named:
        named = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    try:
        check_value("venue", "timezone", named)
    except ConfigError:
        return "UTC"
    return named
