"""`till db`: the database's own commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from till.cli.output import note, print_json, say
from till.cli.refusals import EXIT_REFUSED
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator


app = make_app(_("The database: the embedded one, or the one that the config names."))

AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]


@app.command(
    epilog=_(
        "Example: till db upgrade. "
        "Safe to repeat, and while tills sell. A config's venue is made if its database has none."
    )
)
def upgrade() -> None:
    """Make the tables and functions of this till, or bring them up to date."""
    from db.engine import connect
    from db.migrate import upgrade as upgrade_database
    from till.cli.anew import make_again, tell_again
    from till.cli.grounds import owner_way
    from till.cli.venues import hold_own

    here = Surroundings.find()
    with owner_way(here) as owner:
        state = upgrade_database(owner)
        say(state.sentence)
        with connect(owner) as connection:
            made = hold_own(here, connection)
            again = None if made else make_again(here, connection)
    if again:
        tell_again(again)
    if made:
        say(_("The venue {name} is made. `till admin users add` gives it staff.").format(name=made.name))


@app.command(epilog=_("Example: till db status --json"))
def status(*, as_json: AsJson = False) -> None:
    """Say where the database is, whether it runs, and whether it fits this till."""
    here = Surroundings.find()
    facts = _standing(here)
    if as_json:
        print_json(facts)
        return
    for line in _sentences(facts):
        say(line)


@app.command(epilog=_("Example: till db check"))
def check(*, as_json: AsJson = False) -> None:
    """Look whether the database is as this till made it. Exit 1 when it is not."""
    from db.migrate import check as check_database
    from till.cli.grounds import owner_way

    with owner_way(Surroundings.find()) as owner:
        faults = check_database(owner)
    if as_json:
        print_json({"ok": not faults, "faults": list(faults)})
    else:
        for fault in faults or (_("The database is as this till made it."),):
            say(fault)
    if faults:
        raise typer.Exit(EXIT_REFUSED)


@app.command(
    epilog=_('Example: psql "$(till db url)" -c "select * from orders". The database stays up until `till db stop`.')
)
def url() -> None:
    """Print a URL with the owner's rights and the search path set; starts the embedded database and leaves it up."""
    here = Surroundings.find()
    if not here.is_embedded:
        print(here.owner.with_search_path().url)
        return
    server = here.server
    with server.acquire("till db url", note):
        server.keep()
        print(server.owner_url())


@app.command(epilog=_("Example: till db stop"))
def stop(
    *,
    force: Annotated[bool, typer.Option("--force", help=_("Even while tills use it; they keep selling."))] = False,
) -> None:
    """Stop the embedded database."""
    here = Surroundings.find()
    if not here.is_embedded:
        note(_("The database is not this till's own: whoever runs the server stops it."))
        raise typer.Exit(EXIT_REFUSED)
    stopped = here.server.stop(even_if_used=force)
    say(_("The database is stopped.") if stopped else _("The database was not running."))


def _standing(here: Surroundings) -> dict[str, Any]:
    """Facts about the database; nothing is started by asking."""
    from db.engine import schema_state

    if not here.is_embedded:
        return {"embedded": False, "state": "running", "place": str(here.owner), **_schema(schema_state(here.owner))}
    server = here.server
    status = server.status()
    facts: dict[str, Any] = {
        "embedded": True,
        "state": status.state,
        "place": str(status.folder),
        "pid": status.pid,
        "kept": status.kept,
        "used_by": [str(holder) for holder in status.holders],
    }
    return facts | (_schema(schema_state(server.owner())) if status.state == "running" else {})


def _schema(state: Any) -> dict[str, Any]:
    return {
        "server": state.server,
        "revision": state.revision,
        "program_revision": state.program_revision,
        "verdict": state.verdict,
        "sentence": state.sentence,
    }


def _sentences(facts: dict[str, Any]) -> Iterator[str]:
    kind = _("embedded") if facts["embedded"] else _("by URL")
    yield _("Database {place} ({kind}), {state}.").format(place=facts["place"], kind=kind, state=facts["state"])
    if facts.get("used_by"):
        yield _("In use by {names}.").format(names=", ".join(facts["used_by"]))
    if facts.get("kept"):
        yield _("It stays up until `till db stop`.")
    if "verdict" in facts:
        yield _("PostgreSQL {server}, revision {revision} (this till has {own}).").format(
            server=facts["server"], revision=facts["revision"] or _("none"), own=facts["program_revision"]
        )
        yield facts["sentence"]
