"""`till keys`: the cheat sheet."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from till.cli.environment import Surroundings
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import print_json, print_table, say
from till.cli.running import make_app
from till.domain.i18n import N_, _
from till.domain.venue import TAB_WORDS, read_venue

if TYPE_CHECKING:
    from till.domain.venue import TabWords

app = make_app()


@app.command(
    epilog=N_("Example: till keys --json. Another key for a command: [keys] in the config, or TILL_KEYS__PAY=f10.")
)
def keys(*, as_json: AsJson = False) -> None:
    """Show the keys of the screen, as remapped in the config. Each command has a second key."""
    from till.cli.tenders import offered_by
    from till.tui.screens.login.scene import KEYS as LOGIN_KEYS
    from till.tui.screens.pay.reduce import keys_of as pay_keys
    from till.tui.screens.sell.commands import commands_of_venue
    from till.tui.screens.sell.commands import help_rows as sell_rows

    here = Surroundings.find()
    keymap = here.keymap()
    screens = (
        ("login", _("Log in"), LOGIN_KEYS.helped(keymap)),
        ("sell", _("Sell"), sell_rows(keymap, commands_of_venue(_tab_words(here)), "2 idly")),
        ("pay", _("Pay"), pay_keys(offered_by(here)).helped(keymap)),
    )
    if as_json:
        rows = [
            {"screen": name, "keys": [{"key": key, "does": does, "how": how} for key, does, how in helped]}
            for name, _title, helped in screens
        ]
        print_json({"screens": rows})
        return
    for _name, title, helped in screens:
        print_table([title, "", ""], [[key, does, how] for key, does, how in helped])
        say("")


def _tab_words(here: Surroundings) -> TabWords:
    """Return the words for a tab from the newest settings in the journals of this machine."""
    from till.cli.health.journals import journals_here
    from till.config import held_venue

    venue = held_venue(here.folders)
    journals = () if venue is None else journals_here(here.folders, venue.store_id)
    settings = [cached for _till, journal in journals if (cached := journal.cached("settings")) is not None]
    if not settings:
        return TAB_WORDS[here.config.venue.tab_word]
    _version, body = max(settings, key=itemgetter(0))
    return read_venue(body).tabs
