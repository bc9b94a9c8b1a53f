"""Staff: add, list, disable and enable, rename, set role, PIN or password, unlock.

PINs and passwords come from the terminal, a file or standard input alone.
"""

from __future__ import annotations

from typing import Annotated

import typer

from till.cli.administration import management
from till.cli.output import print_json, print_table
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.i18n import _

app = make_app(_("Staff: add people, change roles, PINs and passwords."))

AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]


@app.command("list", epilog=_("Example: till admin users list --json"))
def list_users(*, as_json: AsJson = False) -> None:
    """List everybody, by number."""
    from till.reports.staff import status_words

    with management(Surroundings.find()) as admin:
        staff = admin.ask("people_v1")
    if as_json:
        print_json({"users": staff})
        return
    heading = [_("Number"), _("Name"), _("Role"), _("Status")]
    print_table(heading, ([str(p["number"]), p["name"], p["role"], status_words(p)] for p in staff), right=(0,))
