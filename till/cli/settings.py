"""The settings of the venue, which every till shares: list them, set one, list changes by person and time."""

from __future__ import annotations

from typing import Annotated

import typer

from till.administration.settings import KEYS, check_key, setting_of, setting_text
from till.cli.administration import management
from till.cli.output import print_json, print_table
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.venue import read_venue
from till.reports.words import formats_of

app = make_app(_("The settings of all tills of the venue: name, money, clock, taxes."))

AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]


@app.command("list", epilog=_("Example: till admin settings list --json"))
def list_settings(*, as_json: AsJson = False) -> None:
    """List the current settings."""
    with management(Surroundings.find()) as admin:
        body = admin.ask("venue")
    if as_json:
        print_json({"settings": [{"key": key, "value": setting_of(body, key)} for key in KEYS]})
        return
    point = formats_of(read_venue(body)).point
    print_table([_("Setting"), _("Value")], ([key, setting_text(key, setting_of(body, key), point)] for key in KEYS))


@app.command("history", epilog=_("Examples: till admin settings history. till admin settings history rounding --json"))
def list_changes(
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help=_("Only this setting."))] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help=_("At most this many."))] = 50,
    as_json: AsJson = False,
) -> None:
    """List changes of settings, newest first: who changed what, and when."""
    from till.reports.settings import read_settings_changes

    if key is not None:
        check_key(key)
    with management(Surroundings.find()) as admin:
        changes = read_settings_changes(admin.ask, limit, key)
        venue = admin.venue()
    if as_json:
        print_json({"changes": changes})
        return
    point = formats_of(venue).point
    rows = (
        [
            f"{venue.local(read_time(change['at'])):%Y-%m-%d %H:%M}",
            "" if change["user"] is None else str(change["user"]),
            change["key"],
            setting_text(change["key"], change["was"], point),
            setting_text(change["key"], change["now"], point),
        ]
        for change in changes
    )
    print_table([_("When"), _("By"), _("Setting"), _("Was"), _("Now")], rows)
