"""`till report payouts`, `till admin tenders readers` and `pair`, and the list of a provider in its totals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from till.cli.administration import management
from till.cli.options import AsJson, TenderName  # noqa: TC001 - typer reads the annotations
from till.cli.output import print_json, print_table, say
from till.cli.reader_commands import add_reader
from till.cli.report_output import write_report
from till.cli.running import make_app
from till.domain.events.envelope import read_time
from till.domain.i18n import N_, _
from till.readers.account import ReaderAccount
from till.readers.payouts import compare, payouts, read_moves
from till.reports.report import Span
from till.reports.shifts import read_zs

if TYPE_CHECKING:
    from till.cli.environment import Surroundings
    from till.cli.leaves import CompareList
    from till.ports import Listing

#: The days in which a till's last close is searched for.
_LONGEST_SHIFT: Final = timedelta(days=31)
#: The time by which a provider's clock may differ, and for which a guest may be at the reader.
_CLOCKS: Final = timedelta(minutes=10)
GROUPS: Final = {"report": make_app(), "tenders": make_app()}

add_reader(GROUPS["report"], payouts)


@GROUPS["tenders"].command("readers", epilog=N_("Example: till admin tenders readers CARD"))
def list_readers(name: TenderName, *, as_json: AsJson = False) -> None:
    """List the card readers of the account of a way to pay, with their ids."""
    from till.cli.tenders import answer_of

    found = answer_of(name, _account(name).readers())
    if as_json:
        print_json({"readers": [{"id": one.id, "name": one.name, "state": one.state} for one in found]})
        return
    print_table([_("Id"), _("Name"), _("State")], ([one.id, one.name, one.state] for one in found))


@GROUPS["tenders"].command("pair", epilog=N_("Example: till admin tenders pair CARD 4WLFDSBF --name Bar"))
def pair_reader(
    name: TenderName,
    code: Annotated[str, typer.Argument(metavar="CODE", help=N_("The code that the reader shows."))],
    *,
    called: Annotated[str, typer.Option("--name", help=N_("The reader's name, such as Bar."))],
) -> None:
    """Pair a card reader with the account of a way to pay. Then put its id into the config."""
    from till.cli.tenders import answer_of

    made = answer_of(name, _account(name).pair(code, called))
    say(_("{name} is paired ({state}). Its id: {id}").format(name=made.name, state=made.state, id=made.id))


def _account(name: str) -> ReaderAccount:
    """Return a way to pay that has card readers of an account."""
    from till.cli.tenders import TenderError, checked, open_provider

    opened = open_provider(checked(), name)
    if opened is not None and isinstance(opened, ReaderAccount):
        return opened
    raise TenderError(_("{name} has no card readers of an account.").format(name=name))


def _compare_list(here: Surroundings, name: str, tender: Listing, *, as_json: bool) -> None:
    """Compare what a provider lists since this till's last close with the payments of all tills."""
    from till.cli.tenders import answer_of

    with management(here) as admin:
        venue, now = admin.venue(), admin.now() + _CLOCKS
        today = venue.business_date(now)
        zs = read_zs(admin.ask, Span(today - _LONGEST_SHIFT, today))
        closes = (read_time(one["closed_at"]) for one in zs if one["till"] == here.config.till.id)
        since = max(closes, default=now - _LONGEST_SHIFT)
        moves = read_moves(admin.ask, name, since, now)
    asked = since - _CLOCKS
    there = [one for one in answer_of(name, tender.listed(asked)) if one.at >= asked]
    write_report(compare(there, moves, venue, since, now, is_file=False), as_json=as_json)


compare_list: Final[CompareList] = _compare_list
