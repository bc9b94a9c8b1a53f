"""Tills of the venue: add, renew, list, adopt and revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from till.administration.acts.printers import check_alone
from till.administration.acts.tills import (
    AddKitchen,
    AddTill,
    AdoptTill,
    EnrolHere,
    RenewTill,
    ReplaceTill,
    named_stations,
)
from till.administration.lists.tills import TILLS
from till.cli.administration import administration, management
from till.cli.environment import Surroundings
from till.cli.lists import add_list
from till.cli.output import note, say
from till.cli.running import make_app
from till.cli.venues import new_secret, secret_hash
from till.domain.errors import TillError
from till.domain.i18n import _

if TYPE_CHECKING:
    from till.administration.acts.tills import EnrolTill
    from till.domain.venue import Venue
    from till.ports.desk import Enrolment

app = make_app(_("The tills of the venue."))

Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, max=999, help=_("The till's number."))]


class TillTakenError(TillError):
    """A till number that is already enrolled."""

    code = "till_taken"
    default = _("That till is already enrolled.")


@app.command(
    epilog=_(
        "Example: till admin tills add 2 --name Terrace. Run `till enrol` on that till's machine, "
        "and type the code there: it works once, within an hour. The till's secret is made there; the database "
        "keeps only its hash. A screen of the kitchen: till admin tills add 90 --kitchen"
    )
)
def add(
    number: Number,
    stations: Annotated[
        list[str] | None, typer.Argument(metavar="[STATION]…", help=_("With --kitchen: the stations of the screen."))
    ] = None,
    *,
    name: Annotated[str, typer.Option(metavar="NAME", help=_("Its name."))] = "",
    replace: Annotated[bool, typer.Option("--replace", help=_("Replace the machine that has this number."))] = False,
    here: Annotated[bool, typer.Option("--here", help=_("Enrol this machine as that till now."))] = False,
    kitchen: Annotated[
        bool, typer.Option("--kitchen", help=_("As a screen of the kitchen, which takes no money."))
    ] = False,
) -> None:
    """Print a code that enrols another machine as a till; with --here, enrol this machine.

    With --kitchen it is a screen of the kitchen, for the named stations; else for all that have a screen.
    """
    if stations and not kitchen:
        raise typer.BadParameter(_("only a screen of the kitchen has stations: --kitchen"), param_hint="STATION")
    if here:
        _enrol_here(number, name, tuple(stations or ()) if kitchen else None, replace=replace)
        return
    act: EnrolTill = AddKitchen(number, name, tuple(stations or ())) if kitchen else AddTill(number, name)
    act = (ReplaceTill(number, name) if replace else act).checked()
    with management(Surroundings.find(), act.needs) as admin:
        enrolment = act.do(admin)
        venue = admin.venue()
    _print(enrolment, venue)


def _print(enrolment: Enrolment, venue: Venue) -> None:
    """Print the enrolment on standard output, so that it can go into a file, and the next step on standard error."""
    say(enrolment.text)
    sentence = _("Type it at `till enrol` on the machine of till {n}. It works once, until {time}.")
    note(sentence.format(n=enrolment.till, time=f"{venue.local(enrolment.ends):%H:%M}"))


def _enrol_here(number: int, name: str, stations: tuple[str, ...] | None, *, replace: bool) -> None:
    from till.reports.tills import read_tills
    from till.wiring.parts import find_own_journal

    here = Surroundings.find()
    with administration(here) as admin:
        own_secret = here.folders.read_secret(number)
        elsewhere = admin.ask("till_is_elsewhere_v1", number, secret_hash(own_secret) if own_secret else None)
        tills_by_number = {row["till"]: row for row in read_tills(admin.ask)}
        if elsewhere and not (replace or tills_by_number[number]["revoked"]):
            sentence = _("Till {n} is enrolled on another machine. Take another number; --replace shuts that one out.")
            raise TillTakenError(sentence.format(n=number))
        if stations is None:
            check_alone(admin, number)
        live = tills_by_number[number]["journal"] if number in tills_by_number else None
        journal = find_own_journal(here.folders.journal(number), till=number, store_id=here.venue.store_id)
        is_retired = bool(journal) and journal != live and admin.ask("journal_has_v1", journal, 0, None)
        secret = here.folders.keep_secret(number, new_secret())
        admin.author()
        with admin.connection.transaction():  # both or neither: a till whose journal is not adopted cannot sell
            EnrolHere(number, name or None, secret_hash(secret), named_stations(admin, stations)).do(admin)
            if elsewhere and live and (journal is None or is_retired):
                AdoptTill(number).do(admin)  # its journal is on another machine
        if journal != "":  # it is damaged: the till replaces it
            here.folders.name_journals(number, [journal] if journal and not is_retired else [])
        is_kitchen = {row["till"]: row["stations"] for row in read_tills(admin.ask)}[number] is not None
    here.folders.note_kitchen(number, is_kitchen=is_kitchen)
    command = "till kitchen" if is_kitchen else "till"
    opens = command if number == here.config.till.id else f"{command} --till {number}"
    say(_("Till {number} is enrolled on this machine. `{opens}` opens it.").format(number=number, opens=opens))


@app.command(epilog=_("Example: till admin tills renew 1, when somebody may have read the secret of till 1."))
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
