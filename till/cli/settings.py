"""The settings of the venue, which every till shares: list them, set one, and who set which when."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from till.cli.administration import administration
from till.cli.output import print_json, print_table, say
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.config import VenueConfig, read_value
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.text import clean
from till.domain.venue import read_venue

app = make_app(_("What every till of the venue goes by: its name, money, clock, taxes."))

AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]
_KEYS = VenueConfig.__struct_fields__


def _text(value: Any) -> str:
    """A setting as it is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


@app.command("list", epilog=_("Example: till admin settings list --json"))
def list_settings(*, as_json: AsJson = False) -> None:
    """List the settings as they are now."""
    with administration(Surroundings.find()) as admin:
        body = admin.ask("venue")
    if as_json:
        print_json({"settings": [{"key": key, "value": body.get(key)} for key in _KEYS]})
        return
    print_table([_("Setting"), _("Value")], ([key, _text(body.get(key))] for key in _KEYS))


@app.command(
    "set",
    epilog=_(
        "Examples: till admin settings set cash_rounding 0.05. till admin settings set business_day_ends 03:30. "
        "`till admin settings list` names the settings."
    ),
)
def set_setting(
    key: Annotated[str, typer.Argument(metavar="KEY", help=_("Its name."))],
    value: Annotated[str, typer.Argument(metavar="VALUE", help=_("What it shall be; an empty text for none."))],
) -> None:
    """Set one, at every till at once. Orders that are open keep the terms under which they were opened."""
    asked = read_value("venue", key, value)
    with administration(Surroundings.find()) as admin:
        before = admin.ask("venue")
        if key in before and before[key] == asked:
            say(_("Nothing changes."))
            return
        read_venue({**before, key: asked})  # two settings may not go together, as a coin that the currency has not
        admin.act("store_settings_v1", {key: asked})
    was = _text(before.get(key))
    sentence = _("{key} is {now}, was {was}.") if was else _("{key} is {now}.")
    say(sentence.format(key=key, now=clean(_text(asked)) or _("empty"), was=clean(was)))


@app.command(
    "history", epilog=_("Examples: till admin settings history. till admin settings history cash_rounding --json")
)
def list_changes(
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help=_("Only this setting."))] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=_("So many at most."))] = 50,
    as_json: AsJson = False,
) -> None:
    """List what became of the settings, newest first: who set which, and when."""
    from db.engine import selecting
    from till.reports.settings import read_settings_changes

    if key is not None and key not in _KEYS:
        read_value("venue", key, "")  # it names the nearest
    with administration(Surroundings.find()) as admin:
        with selecting(admin.connection) as selects:
            changes = read_settings_changes(selects, admin.store_id, limit, key)
        venue = admin.venue()
    if as_json:
        print_json({"changes": changes})
        return
    rows = (
        [
            f"{venue.local(read_time(change['at'])):%Y-%m-%d %H:%M}",
            "" if change["user"] is None else str(change["user"]),
            change["key"],
            _text(change["was"]),
            _text(change["now"]),
        ]
        for change in changes
    )
    print_table([_("When"), _("By"), _("Setting"), _("Was"), _("Became")], rows)
