"""`till doctor`: checks every part that a till needs, and names a remedy for each fault."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from till.cli.environment import Surroundings
from till.cli.health import Verdict, examine
from till.cli.health.folder import config_parts, folder_parts, log_parts
from till.cli.health.journals import journal_parts
from till.cli.health.machine import machine_parts
from till.cli.health.paper import paper_parts
from till.cli.health.server import database_parts
from till.cli.health.serving import serving_parts
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import print_json, say
from till.cli.refusals import EXIT_REFUSED
from till.cli.running import make_app
from till.config import Folders
from till.domain.errors import ConfigError
from till.domain.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.cli.health.finding import Finding

app = make_app()

_WORDS = {Verdict.OK: N_("ok"), Verdict.WRONG: N_("WRONG"), Verdict.UNKNOWN: N_("?")}


@app.command(
    epilog=N_("Example: till doctor --json. Exit 1 if something is wrong. It changes nothing, and prints no secret.")
)
def doctor(*, as_json: AsJson = False) -> None:
    """Check each part that a till needs, and say how to fix each fault."""
    import os

    here, problem = None, None
    try:
        here = Surroundings.find()
    except ConfigError as config_error:
        problem = config_error
    folders = here.folders if here else Folders.of(os.environ)
    log = Path(here.config.log.file or folders.log) if here else folders.log
    found = examine(
        [
            (_("config"), lambda: config_parts(here, problem)),
            (_("data folder"), lambda: folder_parts(folders)),
            (_("journal"), lambda: journal_parts(folders)),
            (_("database"), lambda: database_parts(here)),
            (_("log"), lambda: log_parts(log)),
            (_("serve"), lambda: serving_parts(here)),
            (_("paper"), lambda: paper_parts(here)),
            (_("machine"), machine_parts),
        ]
    )
    faults = sum(one.verdict is Verdict.WRONG for one in found)
    try:
        _print(found, faults, as_json=as_json)
    finally:  # even if the reader of the output is gone
        if faults:
            raise typer.Exit(EXIT_REFUSED)


def _print(found: Sequence[Finding], faults: int, *, as_json: bool) -> None:
    if as_json:
        parts = [
            {"part": one.part, "verdict": str(one.verdict), "said": one.sentence, "remedy": one.remedy or None}
            for one in found
        ]
        print_json({"ok": not faults, "parts": parts})
    else:
        width = max(len(one.part) for one in found)
        for one in found:
            say(f"{_WORDS[one.verdict]:<6}{one.part:<{width}}  {one.sentence} {one.remedy}".rstrip())
        attention = ngettext("{n} part needs attention.", "{n} parts need attention.", faults).format(n=faults)
        is_complete = all(one.verdict is Verdict.OK for one in found)
        say(
            attention
            if faults
            else _("All is well.")
            if is_complete
            else _("Nothing wrong found. Some parts could not be checked.")
        )
