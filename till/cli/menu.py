"""The menu as a file for spreadsheets: import and export."""

from __future__ import annotations

from typing import Annotated

import typer

from till.cli.administration import administration
from till.cli.output import note, read_file, say, write_file
from till.cli.refusals import refuse
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.catalogue.menu_csv import MenuFileError, decode_menu, read_menu_csv, write_menu_csv
from till.domain.i18n import _, ngettext
from till.domain.money.amount import Currency

#: Faults that are listed; a file with more has one cause.
_SHOWN = 100

app = make_app(_("The menu, as CSV that a spreadsheet reads and writes."))

File = Annotated[str, typer.Argument(metavar="FILE", help=_("A CSV file; - is standard input or output."))]


@app.command(
    "import",
    epilog=_(
        "Example: till admin menu import menu.csv. "
        "`till admin menu export FILE` shows the columns; name, price and category are needed."
    ),
)
def import_menu(file: File) -> None:
    """Replace the menu by that of a file, or name every fault of it with its line and change nothing."""
    with administration(Surroundings.find()) as admin:
        known = admin.ask("menu_export_v1") or {}
        try:
            body = read_menu_csv(decode_menu(read_file(file)), Currency(admin.held.currency), admin.store_id, known)
        except MenuFileError as problem:
            _tell_faults(file, problem)
            raise typer.Exit(1) from problem
        version = admin.act("menu_import_v1", body)
    count = len(body["items"])
    sentence = ngettext("Menu {version} has {n} item.", "Menu {version} has {n} items.", count)
    say(sentence.format(version=version, n=count))


def _tell_faults(file: str, problem: MenuFileError) -> None:
    for fault in problem.faults[:_SHOWN]:
        note(f"{file}:{fault.line}: {fault.sentence}")
    more = len(problem.faults) - _SHOWN
    if more > 0:
        note(ngettext("… and {n} more.", "… and {n} more.", more).format(n=more))
    refuse(problem.sentence)


@app.command("export", epilog=_("Example: till admin menu export menu.csv; - is standard output."))
def export_menu(file: File) -> None:
    """Write the menu to a file. What it says comes back the same by import."""
    with administration(Surroundings.find()) as admin:
        body = admin.ask("menu_export_v1")
    write_file(file, write_menu_csv(body))
    if file != "-":
        count = len(body["items"])
        say(ngettext("Wrote {n} item to {file}.", "Wrote {n} items to {file}.", count).format(n=count, file=file))
