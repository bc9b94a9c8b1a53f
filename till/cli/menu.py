"""The menu: its items and versions, import and export as a file for spreadsheets, and edits of single items."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from till.administration.acts.menu import BringBackMenu, ImportMenu
from till.administration.acts.rates import lost_texts
from till.administration.first_types import refuse_first_types
from till.administration.item_codes import changed_codes, set_codes, split_codes
from till.administration.lists.menu import MENU, MENU_HISTORY
from till.administration.menu_texts import item_parts, kept_tax, planned_text, price_text, tax_texts
from till.cli.administration import management
from till.cli.environment import Surroundings
from till.cli.lists import print_list
from till.cli.menu_schedule import schedule
from till.cli.options import AsJson, CsvFile  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_table, read_file, say, write_file
from till.cli.refusals import refuse
from till.cli.running import make_app
from till.domain.catalogue.csv_table import MenuFileError, decode_menu
from till.domain.catalogue.menu_changes import compare_menus
from till.domain.catalogue.menu_csv import read_menu_csv, write_menu_csv
from till.domain.catalogue.menu_edit import changes_of, menu_at
from till.domain.catalogue.modifiers import rule_text
from till.domain.catalogue.modifiers_csv import read_modifiers_csv, write_modifiers_csv
from till.domain.catalogue.other_tills import translate_export
from till.domain.errors import MenuError
from till.domain.i18n import N_, _, ngettext
from till.domain.text import clean
from till.reports.words import formats_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from till.administration.calls import AtServer
    from till.domain.catalogue.menu_changes import MenuChanges
    from till.domain.venue import Venue

#: The most faults to list. If a file has more, they usually share one cause.
_MOST_FAULTS = 100
#: The most changes to list.
_MOST_CHANGES = 20

app = make_app(N_("The menu: edit items, see earlier versions, import and export CSV."))
app.command(
    epilog=N_(
        "Examples: till admin menu schedule --category Dosas --daypart Morning --days mon-fri --from 07:00 --to 11:30. "
        "till admin menu schedule Toddy --days fri,sat --from 22:00 --to 02:00. till admin menu schedule Toddy --remove"
    )
)(schedule)

Yes = Annotated[bool, typer.Option("--yes", help=N_("Do not ask."))]
Anyway = Annotated[
    bool,
    typer.Option("--anyway", help=N_("Even if an older till sells what differs by order type at the usual price.")),
]
File = Annotated[str, typer.Argument(metavar="FILE", help=N_("A CSV file; - is standard input or output."))]
Modifiers = Annotated[
    str | None,
    typer.Option("--modifiers", metavar="FILE", help=N_("A CSV file of choices, with a row for each option.")),
]


@app.command(
    "import",
    epilog=N_(
        "Example: till admin menu import menu.csv. "
        "`till admin menu export FILE` shows the columns; name, price and category are needed. "
        "With choices: till admin menu import menu.csv --modifiers choices.csv, where choices.csv has a row for each "
        "option (group, option, price, default, least, most) and menu.csv names the groups of an item in its column "
        "modifiers: Spice|Extra."
    ),
)
def import_menu(
    file: File,
    *,
    modifiers: Modifiers = None,
    tax: Annotated[
        list[str] | None,
        typer.Option(
            "--tax",
            metavar="TAX",
            help=N_("The tax of the items of a file without a column tax; of another till's tax GST=5,included."),
        ),
    ] = None,
    location: Annotated[
        str,
        typer.Option("--location", metavar="NAME", help=N_("The location of another till's file that counts.")),
    ] = "",
    unit: Annotated[
        str, typer.Option("--unit", metavar="UNIT", help=N_("The unit of what another till's file calls weighed."))
    ] = "",
    yes: Yes = False,
    anyway: Anyway = False,
) -> None:
    """Replace the menu with a file. If the file has faults, list each with its line and change nothing.

    Groups of choices (spice, extras) come from a second file; without it the menu keeps its groups. Several taxes of an
    item are joined by a plus: CGST 2.5 + SGST 2.5.

    An export of items of Square, Loyverse or Odoo (CSV) is read as it is, and what it holds beyond a menu is named.

    The command shows the changes and the taxes, and asks before it changes or removes an item. `till admin menu
    history` lists earlier menus.
    """
    with management(Surroundings.find()) as admin:
        current, venue = admin.ask("menu_export_v1") or {}, admin.venue()
        formats, store = formats_of(venue), admin.store_id
        groups = current.get("modifiers", ())
        if modifiers is not None:
            groups = _read(modifiers, lambda text: read_modifiers_csv(text, formats.currency, store, current, formats))

        def read(text: str) -> dict[str, Any]:
            export = translate_export(text, tax or (), location, unit)
            if export is None:
                own = " + ".join(tax or ())
                return read_menu_csv(text, formats.currency, store, current, formats, venue.zone, groups, own)
            for sentence in export.notes:
                note(sentence)
            return read_menu_csv(export.text, formats.currency, store, current, None, venue.zone, groups)

        body, codes = split_codes(_read(file, read))
        changed = changed_codes(admin.ask("codes_v1"), codes)
        if _confirm_changes(admin, current, body, yes=yes, anyway=anyway):
            say(ImportMenu(body, current.get("version")).do(admin))
        for scheme, own in changed.items():
            set_codes(admin.act, scheme, own)
            say(ngettext("{n} code of {scheme} is set.", "{n} codes of {scheme} are set.", len(own)).format(
                n=len(own), scheme=scheme))  # fmt: skip


def _read(file: str, read: Callable[[str], Any]) -> Any:
    """Read a menu file; print each of its faults before refusing it."""
    try:
        return read(decode_menu(read_file(file)))
    except MenuFileError as problem:
        list_faults(file, problem)
        refuse(problem.sentence)
        raise typer.Exit(1) from problem


@app.command("list", help=MENU.about, epilog=N_("Example: till admin menu list --json"))
def list_menu(*, as_json: AsJson = False, csv: CsvFile = None) -> None:
    """List the items, then the groups of choices."""
    found = print_list(MENU, as_json=as_json, csv=csv)
    if found.body["modifiers"] and not as_json and csv is None:
        say("")
        _print_groups(found.body["modifiers"], found.venue)


def _print_groups(groups: Iterable[Mapping[str, Any]], venue: Venue) -> None:
    """Print the groups of choices, each with its rule and its options with their prices."""

    def option(one: Mapping[str, Any]) -> str:
        text = one["name"] if not one["price"].strip("0.-") else f"{one['name']} {price_text(one['price'], venue)}"
        return _("{option} (default)").format(option=text) if one["default"] else str(text)

    rows = (
        [
            clean(group["name"]),
            rule_text(group["least"], group["most"]),
            clean(", ".join(map(option, group["options"]))),
        ]
        for group in groups
    )
    print_table([_("Choices"), _("How many"), _("Options")], rows)


@app.command(
    "history",
    help=MENU_HISTORY.about,
    epilog=N_("Examples: till admin menu history. till admin menu history 12. till admin menu history --json"),
)
def list_menus(
    item: Annotated[str | None, typer.Argument(metavar="[ITEM]", help=N_("Only changes of this item."))] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help=N_("At most this many."))] = 50,
    as_json: AsJson = False,
    csv: CsvFile = None,
) -> None:
    """List the versions of the menu."""
    print_list(MENU_HISTORY, as_json=as_json, csv=csv, item=item, limit=limit)


@app.command("bring-back", epilog=N_("Example: till admin menu bring-back 3"))
def bring_back_menu(
    version: Annotated[int, typer.Argument(metavar="VERSION", help=N_("Its number in `till admin menu history`."))],
    *,
    yes: Yes = False,
    anyway: Anyway = False,
) -> None:
    """Restore an earlier menu as a new version. Sold-out items stay sold out."""
    with management(Surroundings.find()) as admin:
        current, body = admin.ask("menu_export_v1") or {}, admin.ask("menu_of_v1", version)
        if body is None:
            raise MenuError(_("There is no menu {n}. `till admin menu history` lists them.").format(n=version))
        sold_out = {item["id"] for item in current.get("items", ()) if item.get("sold_out")}
        items = [item | {"sold_out": item["id"] in sold_out} for item in body["items"]]
        if _confirm_changes(admin, current, body | {"items": items}, yes=yes, anyway=anyway):
            say(BringBackMenu(version, current.get("version")).do(admin))


def _confirm_changes(
    admin: AtServer, current: dict[str, Any], body: dict[str, Any], *, yes: bool, anyway: bool
) -> bool:
    """Print the changes of a new menu; if items change or go, ask to confirm. Return True if it is to be used.

    Raises:
        MenuError: a till in use would sell it wrongly; never if `anyway`.
    """
    now = admin.now()
    kept = current.get("charge_rates")  # a new menu says nothing of them
    body = {**body, **({} if kept is None else {"charge_rates": kept})}
    changes = compare_menus(menu_at(current, now), menu_at(body, now))
    if not changes.any:
        say(_("Nothing changes."))
        return False
    if not anyway:
        refuse_first_types(admin, current, body)
    named = {part: [*current.get(part, ()), *body.get(part, ())] for part in ("categories", "modifiers")}
    venue = admin.venue()
    _print_changes(changes, {**body, **named}, venue)
    for line in lost_texts(admin, menu_at(current, now), menu_at(body, now)):
        note(line)
    for line in tax_texts(body, venue):
        note(line)
    if tax := kept_tax(body, venue):
        note(_("The file has no tax {tax}. The menu keeps it for the service charge.").format(tax=tax))
    if (changes.changed or changes.gone) and not yes and not _is_confirmed():
        refuse(_("Nothing was changed. Pass --yes to use the new menu."))
        raise typer.Exit(1)
    return True


def _is_confirmed() -> bool:
    """Return True if the person at the terminal confirms; False without a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty() and typer.confirm(_("Sell from this menu?"), err=True)


def _print_changes(changes: MenuChanges, body: Mapping[str, Any], venue: Venue) -> None:
    counts = (len(changes.new), len(changes.changed), len(changes.gone))
    note(_("{new} new, {changed} changed, {gone} gone.").format(new=counts[0], changed=counts[1], gone=counts[2]))
    lines = (
        [_("new: {item}").format(item=_item(item, venue)) for item in changes.new]
        if changes.changed or changes.gone
        else []
    )
    lines += [
        _("changed: {item}: {parts}").format(
            item=clean(was["name"]), parts=", ".join(item_parts(changes_of(was, now), body, venue))
        )
        for was, now in changes.changed
    ]
    lines += [_("gone: {item}").format(item=_item(item, venue)) for item in changes.gone]
    for line in lines[:_MOST_CHANGES]:
        note(f"  {line}")
    if more := len(lines[_MOST_CHANGES:]):
        note("  " + ngettext("… and {n} more.", "… and {n} more.", more).format(n=more))


def _item(item: Mapping[str, Any], venue: Venue) -> str:
    text = f"{item['name']} {price_text(item.get('price'), venue)}"
    planned = planned_text(item.get("prices", ()), venue)
    return clean(f"{text}, {planned}" if planned else text)


def list_faults(file: str, problem: MenuFileError) -> None:
    """Print the faults of a menu file, each with its line."""
    for fault in problem.faults[:_MOST_FAULTS]:
        note(f"{file}:{fault.line}: {fault.sentence}")
    more = len(problem.faults) - _MOST_FAULTS
    if more > 0:
        note(ngettext("… and {n} more.", "… and {n} more.", more).format(n=more))


@app.command(
    "export",
    epilog=N_(
        "Example: till admin menu export menu.csv; - is standard output. Or: "
        "till admin menu export menu.csv --modifiers choices.csv"
    ),
)
def export_menu(file: File, *, modifiers: Modifiers = None) -> None:
    """Write the menu to a file, and its choices to another. Importing both restores the same menu."""
    with management(Surroundings.find()) as admin:
        venue = admin.venue()
        body = menu_at(admin.ask("menu_export_v1"), admin.now())
        codes = {scheme: kinds["item"] for scheme, kinds in sorted(admin.ask("codes_v1").items()) if kinds.get("item")}
    point = formats_of(venue).point
    write_file(file, write_menu_csv(body, point, venue.zone, codes))
    if modifiers is not None:
        write_file(modifiers, write_modifiers_csv(body, point))
