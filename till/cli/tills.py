"""Tills of the venue: add, renew, list, adopt and revoke."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Annotated

import typer

from till.administration.acts.tills import (
    AddKitchen,
    AddPhone,
    AddTill,
    EnrolHere,
    RenewTill,
    ReplaceTill,
    TillTakenError,
    shown_command,
)
from till.administration.calls import OwnerOnlyError
from till.administration.lists.tills import TILLS
from till.cli.administration import administration, management
from till.cli.enrolling import OwnMachine
from till.cli.environment import Surroundings
from till.cli.lists import add_list
from till.cli.output import note, say
from till.cli.running import make_app
from till.cli.serving import tell_own
from till.cli.venues import new_secret, secret_hash
from till.domain.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.administration.acts.tills import EnrolTill
    from till.domain.venue import Venue
    from till.ports.desk import Enrolment, PhoneLink

app = make_app(N_("The tills of the venue."))

Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, max=999, help=N_("The till's number."))]


@app.command(
    epilog=N_(
        "Example: till admin tills add 2 --name Terrace. Run `till enrol` on that till's machine, "
        "and type the code there: it works once, within an hour. The till's secret is made there; the database "
        "keeps only its hash. A screen of the kitchen: till admin tills add 90 --kitchen. A phone, on the machine of "
        "`till serve`: till admin tills add 5 --phone"
    )
)
def add(
    number: Number,
    stations: Annotated[
        list[str] | None, typer.Argument(metavar="[STATION]…", help=N_("With --kitchen: the stations of the screen."))
    ] = None,
    *,
    name: Annotated[str, typer.Option(metavar="NAME", help=N_("Its name."))] = "",
    replace: Annotated[bool, typer.Option("--replace", help=N_("Replace the machine that has this number."))] = False,
    here: Annotated[bool, typer.Option("--here", help=N_("Enrol this machine as that till now."))] = False,
    kitchen: Annotated[
        bool, typer.Option("--kitchen", help=N_("As a screen of the kitchen, which takes no money."))
    ] = False,
    phone: Annotated[
        bool, typer.Option("--phone", help=N_("Enrol it on this machine, and print a link for its phone."))
    ] = False,
    no_money: Annotated[
        bool | None, typer.Option("--no-money/--money", help=N_("It takes orders, and no money: so does a phone."))
    ] = None,
) -> None:
    """Print a code that enrols another machine as a till; with --here, enrol this machine.

    With --phone, `till serve` on this machine runs it in the browser of the phone that opens the link. With --kitchen
    it is a screen of the kitchen, for the named stations; else for all that have a screen.
    """
    if stations and not kitchen:
        raise typer.BadParameter(_("only a screen of the kitchen has stations: --kitchen"), param_hint="STATION")
    if phone and kitchen:
        raise typer.BadParameter(_("a phone is no screen of the kitchen"), param_hint="--phone")
    if phone:
        with _enrolling_here(number, phone=True), administration(Surroundings.find()) as admin:
            link = AddPhone(number, name, replaces=replace, no_money=no_money).checked().do(admin)
        _print_link(link)
        return
    if here:
        _enrol_here(number, name, tuple(stations or ()) if kitchen else None, replace=replace, no_money=bool(no_money))
        return
    act: EnrolTill = AddTill(number, name, no_money=bool(no_money))
    if kitchen:
        act = AddKitchen(number, name, tuple(stations or ()))
    act = (ReplaceTill(number, name, no_money=bool(no_money)) if replace else act).checked()
    with management(Surroundings.find(), act.needs) as admin:
        enrolment = act.do(admin)
        venue = admin.venue()
    _print(enrolment, venue)


def _print(enrolment: Enrolment, venue: Venue) -> None:
    """Print the enrolment on standard output, so that it can go into a file, and the next step on standard error."""
    say(enrolment.text)
    sentence = _("Type it at `till enrol` on the machine of till {n}. It works once, until {time}.")
    note(sentence.format(n=enrolment.till, time=f"{venue.local(enrolment.ends):%H:%M}"))


@contextmanager
def _enrolling_here(number: int, stations: tuple[str, ...] | None = None, *, phone: bool = False) -> Iterator[None]:
    """Name the two steps by which a machine without the owner's rights becomes a till."""
    try:
        yield
    except OwnerOnlyError as problem:
        sentence = _(
            "Without the rights of the database's owner it takes two steps: `till admin tills add {n}{how}` prints a "
            "code, and `till enrol` on this machine takes it.{then}"
        )
        then = _(" Then `till admin tills phone {n}` here.").format(n=number) if phone else ""
        command = shown_command(number, stations)
        raise OwnerOnlyError(sentence.format(n=command, how=" --no-money" if phone else "", then=then)) from problem


def _enrol_here(number: int, name: str, stations: tuple[str, ...] | None, *, replace: bool, no_money: bool) -> None:
    here = Surroundings.find()
    with _enrolling_here(number, stations), administration(here) as admin:
        is_kitchen = OwnMachine(here).enrol(admin, number, name, stations, replace=replace, no_money=no_money)
    if here.folders.is_sender(number):
        say(
            _("Number {number} sends the venue's invoice records and takes no money: `till fiscal send`.").format(
                number=number
            )
        )
        return
    command = "till kitchen" if is_kitchen else "till"
    opens = command if number == here.config.till.id else f"{command} --till {number}"
    say(_("Till {number} is enrolled on this machine. `{opens}` opens it.").format(number=number, opens=opens))


@app.command(
    epilog=N_(
        "Example: till admin tills phone 5, when the phone of till 5 is lost: its till, journal and orders go on at "
        "the phone that opens the new link. It works without the network and asks for no password."
    )
)
def phone(number: Number) -> None:
    """Make a new link for the phone of a till on this machine. The phone that had the till is out at once."""
    _print_link(OwnMachine(Surroundings.find()).link(number))


def _print_link(link: PhoneLink) -> None:
    """Print the link on standard output, and on a terminal its code and the next step."""
    if sys.stderr.isatty():
        import segno

        drawn = StringIO()
        segno.make(link.url, error="l", micro=False, boost_error=False).terminal(drawn, border=2, compact=True)
        for row in drawn.getvalue().splitlines():  # dark on light, whatever the terminal's own colours
            print(f"\x1b[38;5;255;48;5;233m{row}\x1b[0m", file=sys.stderr)
    say(link.url)
    tell_own(Surroundings.find(), link.url.partition("/#")[0])
    sentence = _(
        "Open it on the phone of till {n}: scan the code, or send the link. It is valid for an hour, and the newest "
        "browser that opened it has the till."
    )
    note(sentence.format(n=link.till))


@app.command(epilog=N_("Example: till admin tills renew 1, when somebody may have read the secret of till 1."))
def renew(number: Number) -> None:
    """Give a till a new secret; the old one stops working, and the till keeps selling.

    For a till on another machine, this prints a code for `till enrol` there.
    """
    from till.reports.tills import read_tills

    here = Surroundings.find()
    with administration(here) as admin:
        tills_by_number = {row["till"]: row for row in read_tills(admin.ask)}
        if number in tills_by_number and tills_by_number[number]["revoked"]:
            sentence = _("Till {n} was revoked. `till admin tills add {n}` lets it in again, with a new secret.")
            raise TillTakenError(sentence.format(n=number))

        def is_known(secret: str | None) -> bool:
            """Return True if the database knows the till by this secret."""
            return bool(secret) and not admin.ask("till_is_elsewhere_v1", number, secret_hash(secret or ""))

        if number in tills_by_number and is_known(here.folders.next_secret(number)):
            here.folders.take_next_secret(number)  # an earlier renewal was interrupted
        elif number not in tills_by_number or not is_known(here.folders.read_secret(number)):
            _print(RenewTill(number).do(admin), admin.venue())
            return
        secret = new_secret()
        here.folders.keep_next_secret(number, secret)
        EnrolHere(number, None, secret_hash(secret), None).do(admin)
        here.folders.take_next_secret(number)
    say(_("Till {number} has a new secret. The old one no longer works.").format(number=number))


add_list(app, TILLS)
