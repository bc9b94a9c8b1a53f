"""`till admin audit`: whether the chains of all journals are as they were sealed."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from till.cli.administration import administration
from till.cli.output import note, print_json, print_table, say
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.errors import TillError
from till.domain.i18n import _, ngettext

app = make_app(_("The log of all that happened."))


class BrokenChainError(TillError):
    """The log is not what was sealed. The lines above say where; keep a backup of the database as it is."""

    code = "chain_broken"


@app.callback()
def gather() -> None:
    """Keep `verify` a command of its own, though it is the only one."""


@app.command(
    epilog=_(
        "Example: till admin audit verify --json. "
        "Exit 1 when a chain is broken. A gap is no break: it is named, and what stands around it holds."
    )
)
def verify(*, as_json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False) -> None:
    """Walk the chain of every journal, in the log and in the audit, and say where one breaks."""
    with administration(Surroundings.find()) as admin:
        found: dict[str, Any] = admin.ask("audit_verify_v1")
    if as_json:
        print_json(found)
    else:
        _print(found["chains"])
    if not found["sound"]:
        raise BrokenChainError


def _print(chains: list[dict[str, Any]]) -> None:
    print_table(
        [_("Till"), _("Journal"), _("Records"), _("Gaps"), _("Chain")],
        (
            [
                str(chain["till"] or _("server")),
                chain["journal"],
                str(chain["records"]),
                ", ".join(_span(gap["from"], gap["to"]) for gap in chain["gaps"]),
                _("broken") if chain["faults"] else _("sound"),
            ]
            for chain in chains
        ),
        right=(0, 2),
    )
    for chain in chains:
        for fault in chain["faults"]:
            place = _span(fault["seq"], fault.get("to", fault["seq"]))
            said = _("{journal}, record {place}: {fault}")
            say(said.format(journal=chain["journal"], place=place, fault=fault["fault"]))
    lost = sum(gap["to"] - gap["from"] + 1 for chain in chains for gap in chain["gaps"])
    if lost:
        told = ngettext(
            "{n} record was gone from its till when the database was set back.",
            "{n} records were gone from their tills when the database was set back.",
            lost,
        )
        note(told.format(n=lost))


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
