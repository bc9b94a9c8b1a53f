"""Tables, and bookings: add, list, cancel, no-show, erase."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from till.cli.administration import administration
from till.cli.customers import read_text
from till.cli.output import note, print_json, print_table, say
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext

if TYPE_CHECKING:
    from till.domain.venue import Venue

app = make_app(_("Bookings: add, list, cancel."))
tables_app = make_app(_("The tables that can be booked."))

Id = Annotated[UUID, typer.Argument(metavar="ID", help=_("A booking's id, from `till admin bookings list`."))]
AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]
Table = Annotated[int, typer.Argument(metavar="TABLE", min=0, max=9999, help=_("The number of a table."))]


@app.command(epilog=_('Example: till admin bookings add --at "2026-03-03 19:30" --covers 4 --table 7 --name "Mrs Rao"'))
def add(
    *,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help=_("A date and time, or a time today: 19:30."))],
    covers: Annotated[int, typer.Option("--covers", metavar="N", min=1, max=999, help=_("The number of guests."))],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help=_("The guest's name."))] = "",
    phone: Annotated[
        str, typer.Option("--phone", metavar="NUMBER", help=_("Digits, with or without a leading +."))
    ] = "",
    table: Annotated[
        int | None, typer.Option("--table", metavar="N", min=0, max=9999, help=_("The number of a table."))
    ] = None,
    minutes: Annotated[
        int, typer.Option("--minutes", metavar="N", min=1, max=1440, help=_("Minutes that they stay."))
    ] = 120,
) -> None:
    """Book a table, or only seats, with a name, a phone number, or both.

    If the number is a known customer's, the booking is linked to that customer.
    """
    guest_name, number = read_text(name), read_text(phone)
    with administration(Surroundings.find()) as admin:
        venue = admin.venue()
        moment = _read_time_of_booking(at, venue, venue.local(admin.now()).date())
        booking = admin.act("booking_add_v1", moment, minutes, covers, table, guest_name, number)
    when = f"{venue.local(moment):%Y-%m-%d %H:%M}"
    say(_("Booked for {name} at {when}: {id}").format(name=guest_name or number, when=when, id=booking))


@app.command("list", epilog=_("Example: till admin bookings list --day 2026-03-03 --json"))
def list_bookings(
    *,
    day: Annotated[
        str | None, typer.Option(metavar="D", help=_("A date, today or yesterday; by default all upcoming."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List bookings by time: of one business day, or all upcoming."""
    from db.engine import selecting
    from till.reports.bookings import read_bookings
    from till.reports.days import DayError, read_day

    with administration(Surroundings.find()) as admin, selecting(admin.connection) as selects:
        venue = admin.venue()
        try:
            business_day = None if day is None else read_day(day, venue.business_date(admin.now()))
        except DayError as problem:
            raise typer.BadParameter(problem.sentence, param_hint="--day") from problem
        rows = read_bookings(selects, admin.store_id, business_day)
    if as_json:
        print_json({"bookings": rows})
        return
    names = {"booked": "", "seated": _("seated"), "no_show": _("no-show"), "cancelled": _("cancelled")}
    print_table(
        [_("At"), _("Name"), _("Phone"), _("Guests"), _("Table"), "", _("Id")],
        (
            [
                f"{venue.local(read_time(row['at'])):%Y-%m-%d %H:%M}",
                row["name"],
                row["phone"],
                str(row["covers"]),
                "" if row["table"] is None else str(row["table"]),
                names.get(row["status"], row["status"]),
                row["booking"],
            ]
            for row in rows
        ),
        right=(3, 4),
    )
    expected = sum(row["covers"] for row in rows if row["status"] == "booked")
    note(ngettext("{n} guest expected.", "{n} guests expected.", expected).format(n=expected))


@app.command(epilog=_("Example: till admin bookings cancel ID"))
def cancel(booking: Id) -> None:
    """Cancel a booking. Its table is free again."""
    with administration(Surroundings.find()) as admin:
        admin.act("booking_cancel_v1", str(booking))
    say(_("The booking is cancelled."))


@app.command("no-show", epilog=_("Example: till admin bookings no-show ID"))
def no_show(booking: Id) -> None:
    """Mark a booking as a no-show. If the guests come after all, the till can still seat them."""
    with administration(Surroundings.find()) as admin:
        admin.act("booking_no_show_v1", str(booking))
    say(_("The booking is a no-show."))


@app.command(epilog=_("Example: till admin bookings erase ID"))
def erase(booking: Id) -> None:
    """Erase a booking's name and phone number, and the free text of its order, for good."""
    with administration(Surroundings.find()) as admin:
        admin.act("booking_erase_v1", str(booking))
    say(_("Erased."))


@tables_app.command("set", epilog=_("Example: till admin tables set 7 --seats 4 --area garden"))
def set_table(
    table: Table,
    *,
    seats: Annotated[int, typer.Option("--seats", metavar="N", min=1, max=999, help=_("Its seats."))],
    area: Annotated[str, typer.Option("--area", metavar="TEXT", help=_("Its area."))] = "",
) -> None:
    """Set up a table: its seats and its area."""
    area_text = read_text(area)
    with administration(Surroundings.find()) as admin:
        admin.act("table_set_v1", table, seats, area_text)
    say(_("Table {table} seats {seats}.").format(table=table, seats=seats))


@tables_app.command("remove", epilog=_("Example: till admin tables remove 7"))
def remove_table(table: Table) -> None:
    """Remove a table: it can no longer be booked, and leaves the plan of every till."""
    with administration(Surroundings.find()) as admin:
        admin.act("table_set_v1", table, 0, "")
    say(_("Table {table} removed.").format(table=table))


@tables_app.command("list", epilog=_("Example: till admin tables list --json"))
def list_tables(*, as_json: AsJson = False) -> None:
    """List the tables by number."""
    from db.engine import selecting
    from till.reports.bookings import read_tables

    with administration(Surroundings.find()) as admin, selecting(admin.connection) as selects:
        rows = read_tables(selects, admin.store_id)
    if as_json:
        print_json({"tables": rows})
        return
    print_table(
        [_("Table"), _("Seats"), _("Area")],
        ([str(row["table"]), str(row["seats"]), row["area"]] for row in rows),
        right=(0, 1),
    )


def _read_time_of_booking(text: str, venue: Venue, today: date) -> datetime:
    """Read a time of the venue's clock, with its date or for today."""
    words = text.split()
    try:
        day = date.fromisoformat(words[0]) if len(words) > 1 else today
        clock_time = words[-1] if len(words) in {1, 2} else ""
        return datetime.combine(day, time.fromisoformat(clock_time).replace(tzinfo=None), tzinfo=venue.zone)
    except (ValueError, IndexError):
        sentence = _("Write a time as 19:30, or with its date as “2026-03-03 19:30”.")
        raise typer.BadParameter(sentence, param_hint="--at") from None
