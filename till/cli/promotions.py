"""`till admin promotions`: the promotions of the venue, and their hours."""

from __future__ import annotations

from typing import Annotated

import typer

from till.administration.acts.promotions import find_promotion, terms_text
from till.administration.lists.promotions import slot_texts, subjects_text, when_text
from till.cli.administration import administration
from till.cli.environment import Surroundings
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import print_json, print_table
from till.cli.running import make_app
from till.domain.i18n import N_, _
from till.domain.text import clean
from till.reports.words import formats_of

app = make_app(N_("Automatic promotions and named discounts."))

Name = Annotated[str, typer.Argument(metavar="NAME", help=N_("Its name."))]


@app.command(epilog=N_('Example: till admin promotions show "Happy hour" --json'))
def show(name: Name, *, as_json: AsJson = False) -> None:
    """Show a promotion: its terms, items or slots with their surcharges, and hours."""
    with administration(Surroundings.find()) as admin:
        found, menu, formats = admin.ask("promotions"), admin.ask("menu_export_v1") or {}, formats_of(admin.venue())
    one = find_promotion(found, name)
    if as_json:
        print_json(dict(one))
        return
    fits = [*slot_texts(one, menu, formats)] or [(_("On"), subjects_text(one, menu))]
    rows = [(_("What"), terms_text(one, formats)), *fits, (_("When"), when_text(one))]
    if "number" in one:
        rows.append((_("Number"), str(one["number"])))
    print_table([clean(one["name"]), ""], rows)
