"""`till admin promotions`: the promotions of the venue, and their hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from till.administration.acts.promotions import find_promotion, terms_text
from till.cli.administration import administration
from till.cli.output import print_json, print_table
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.catalogue.hours import hours_text, read_hours
from till.domain.i18n import _
from till.domain.text import clean
from till.reports.words import formats_of

if TYPE_CHECKING:
    from collections.abc import Mapping


app = make_app(_("Automatic promotions and named discounts."))

AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]
Name = Annotated[str, typer.Argument(metavar="NAME", help=_("Its name."))]


@app.command("list", epilog=_("Example: till admin promotions list --json"))
def list_promotions(*, as_json: AsJson = False) -> None:
    """List the promotions, by name."""
    with administration(Surroundings.find()) as admin:
        found, menu, formats = admin.ask("promotions"), admin.ask("menu_export_v1") or {}, formats_of(admin.venue())
    if as_json:
        print_json({"promotions": found})
        return
    print_table(
        [_("Promotion"), _("What"), _("On"), _("When")],
        ([clean(one["name"]), terms_text(one, formats), _on(one, menu), _when(one)] for one in found),
    )


@app.command(epilog=_('Example: till admin promotions show "Happy hour" --json'))
def show(name: Name, *, as_json: AsJson = False) -> None:
    """Show a promotion: its terms, items and hours."""
    with administration(Surroundings.find()) as admin:
        found, menu, formats = admin.ask("promotions"), admin.ask("menu_export_v1") or {}, formats_of(admin.venue())
    one = find_promotion(found, name)
    if as_json:
        print_json(dict(one))
        return
    rows = [(_("What"), terms_text(one, formats)), (_("On"), _on(one, menu)), (_("When"), _when(one))]
    print_table([clean(one["name"]), ""], rows)


def _on(one: Mapping[str, Any], menu: Mapping[str, Any]) -> str:
    names = {raw["id"]: raw["name"] for key in ("items", "categories") for raw in menu.get(key, ())}
    on = [*one.get("set", ()), *one.get("items", ()), *one.get("categories", ())]
    return ", ".join(clean(str(names.get(id_, id_))) for id_ in on) or _("everything")


def _when(one: Mapping[str, Any]) -> str:
    parts = [_("off")] if one.get("off") else []
    parts += [_("by hand, no PIN")] if one.get("by_hand") else []
    parts += [hours_text(read_hours(row) for row in one["hours"])] if "hours" in one else []
    parts += [_("from {day}").format(day=one["starts"])] if "starts" in one else []
    parts += [_("until {day}").format(day=one["ends"])] if "ends" in one else []
    return ", ".join(parts) or _("always")
