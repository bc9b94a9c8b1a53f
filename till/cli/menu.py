"""The menu as a file for spreadsheets: import and export; and the menus of before."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from till.cli.administration import administration
from till.cli.output import formats_of, note, print_json, print_table, read_file, say, write_file
from till.cli.refusals import refuse
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.catalogue.menu_changes import compare_menus
from till.domain.catalogue.menu_csv import MenuFileError, decode_menu, read_menu_csv, write_menu_csv
from till.domain.errors import MenuError
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.cli.administration import Administration
    from till.domain.catalogue.menu_changes import MenuChanges
    from till.domain.money.formats import Formats

#: Faults that are listed; a file with more has one cause.
_SHOWN = 100
#: Changes that are told one by one.
_TOLD = 20

app = make_app(_("The menu, as CSV that a spreadsheet reads and writes."))

Yes = Annotated[bool, typer.Option("--yes", help=_("Do not ask."))]
File = Annotated[str, typer.Argument(metavar="FILE", help=_("A CSV file; - is standard input or output."))]


@app.command(
    "import",
    epilog=_(
        "Example: till admin menu import menu.csv. "
        "`till admin menu export FILE` shows the columns; name, price and category are needed."
    ),
)
def import_menu(file: File, *, yes: Yes = False) -> None:
    """Replace the menu by that of a file, or name every fault of it with its line and change nothing.

    What changes is told, and asked where something goes or changes. The menu of before is kept: `till admin menu list`.
    """
    with administration(Surroundings.find()) as admin:
        known, formats = admin.ask("menu_export_v1") or {}, formats_of(admin.venue())
        try:
            body = read_menu_csv(decode_menu(read_file(file)), formats.currency, admin.store_id, known, formats)
        except MenuFileError as problem:
            list_faults(file, problem)
            refuse(problem.sentence)
            raise typer.Exit(1) from problem
        _take(admin, known, body, yes=yes)


@app.command("list", epilog=_("Example: till admin menu list --json"))
def list_menus(*, as_json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False) -> None:
    """List the menus that were imported, newest first: the first is sold from."""
    from db.engine import selecting
    from till.reports.menus import read_menus

    with administration(Surroundings.find()) as admin, selecting(admin.connection) as selects:
        menus = read_menus(selects, admin.store_id)
        venue = admin.venue()
    if as_json:
        print_json({"menus": menus})
        return
    heading = [_("Menu"), _("Items"), _("Imported"), _("By"), ""]
    rows = (
        [
            str(menu["version"]),
            str(menu["items"]),
            f"{venue.local(read_time(menu['imported_at'])):%Y-%m-%d %H:%M}",
            "" if menu["user"] is None else str(menu["user"]),
            _("sold from now") if menu["current"] else "",
        ]
        for menu in menus
    )
    print_table(heading, rows, right=(0, 1))


@app.command("restore", epilog=_("Example: till admin menu restore 3"))
def restore_menu(
    version: Annotated[int, typer.Argument(metavar="MENU", help=_("Its number in `till admin menu list`."))],
    *,
    yes: Yes = False,
) -> None:
    """Sell from an earlier menu again. What is sold out now stays sold out."""
    with administration(Surroundings.find()) as admin:
        known, body = admin.ask("menu_export_v1") or {}, admin.ask("menu_of_v1", version)
        if body is None:
            raise MenuError(_("There is no menu {n}. `till admin menu list` lists them.").format(n=version))
        sold_out = {item["id"] for item in known.get("items", ()) if item.get("sold_out")}
        items = [item | {"sold_out": item["id"] in sold_out} for item in body["items"]]
        _take(admin, known, body | {"items": items}, yes=yes)


def _take(admin: Administration, known: dict[str, Any], body: dict[str, Any], *, yes: bool) -> None:
    """Sell from another menu, once what it changes was told; what goes or changes is asked back."""
    changes = compare_menus(known, body)
    if not changes.any:
        say(_("Nothing changes."))
        return
    _tell_changes(changes, formats_of(admin.venue()))
    if (changes.changed or changes.gone) and not yes and not _agreed():
        refuse(_("Nothing was changed. Say --yes to take the new menu."))
        raise typer.Exit(1)
    version = admin.act("menu_import_v1", body)
    count = len(body["items"])
    sentence = ngettext("Menu {version} has {n} item.", "Menu {version} has {n} items.", count)
    say(sentence.format(version=version, n=count))


def _agreed() -> bool:
    """Whether a person at the terminal says yes; without one nobody does."""
    return sys.stdin.isatty() and sys.stderr.isatty() and typer.confirm(_("Sell from this menu?"), err=True)


def _tell_changes(changes: MenuChanges, formats: Formats) -> None:
    counts = (len(changes.new), len(changes.changed), len(changes.gone))
    note(_("{new} new, {changed} changed, {gone} gone.").format(new=counts[0], changed=counts[1], gone=counts[2]))
    told = (
        [_("new: {item}").format(item=_item(item, formats)) for item in changes.new]
        if changes.changed or changes.gone
        else []
    )
    told += [
        _("changed: {item}, was {was}").format(item=_item(now, formats), was=_item(was, formats))
        for was, now in changes.changed
    ]
    told += [_("gone: {item}").format(item=_item(item, formats)) for item in changes.gone]
    for line in told[:_TOLD]:
        note(f"  {line}")
    if more := len(told[_TOLD:]):
        note("  " + ngettext("… and {n} more.", "… and {n} more.", more).format(n=more))


def _item(item: Mapping[str, Any], formats: Formats) -> str:
    price = item.get("price")
    return clean(
        f"{item['name']} {_('open price') if price is None else formats.price(formats.currency.price4(price))}"
    )


def list_faults(file: str, problem: MenuFileError) -> None:
    """Name the faults of a menu's file, each with its line."""
    for fault in problem.faults[:_SHOWN]:
        note(f"{file}:{fault.line}: {fault.sentence}")
    more = len(problem.faults) - _SHOWN
    if more > 0:
        note(ngettext("… and {n} more.", "… and {n} more.", more).format(n=more))


@app.command("export", epilog=_("Example: till admin menu export menu.csv; - is standard output."))
def export_menu(file: File) -> None:
    """Write the menu to a file. What it says comes back the same by import."""
    with administration(Surroundings.find()) as admin:
        body, point = admin.ask("menu_export_v1"), formats_of(admin.venue()).point
    write_file(file, write_menu_csv(body, point))
    if file != "-":
        count = len(body["items"])
        say(ngettext("Wrote {n} item to {file}.", "Wrote {n} items to {file}.", count).format(n=count, file=file))
