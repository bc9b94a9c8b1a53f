"""`till admin audit`: verify the seals of the log, list the acts of people, export a verifiable copy."""

from __future__ import annotations

from typing import Any, Final

from till.cli import acts, export
from till.cli.administration import management
from till.cli.chains import Day, Till, chains_of, one_snapshot, walk
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, print_table, say
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.errors import TillError
from till.domain.i18n import _, ngettext

app = make_app(_("The audit log of all acts."))

#: The most faults to print of one chain.
_MOST_SHOWN: Final = 20


class BrokenChainError(TillError):
    """An audit log that fails verification."""

    code = "chain_broken"
    default = _("The log does not match its seal. Keep a backup of the database as it is.")


app.command("show", epilog=_("Example: till admin audit show --day today --what voided --what cleared --csv acts.csv"))(
    acts.show
)
app.command("export", epilog=_("Example: till admin audit export march.jsonl --day 2026-03-03"))(export.export)


@app.command(
    epilog=_(
        "Example: till admin audit verify --json, or till admin audit verify --day yesterday --till 2. Exit "
        "1 if a chain is broken. A gap is not a break: it is named, and the records around it still verify. With "
        "--day it checks each chain's records of that day and the records next to them."
    )
)
def verify(
    *,
    day: Day = None,
    till: Till = None,
    as_json: AsJson = False,
) -> None:
    """Verify the chain of every journal, in the log and the audit, and name each break."""
    with management(Surroundings.find()) as admin, one_snapshot(admin):
        chains = walk(admin, chains_of(admin, day, till))
    first = next(
        (
            {"journal": chain["journal"], "till": chain["till"], **chain["faults"][0]}
            for chain in chains
            if chain["faults"]
        ),
        None,
    )
    if as_json:
        print_json({"sound": first is None, "first": first, "chains": chains})
    else:
        _print(chains)
    if first is not None:
        sentence = _(
            "The log does not match its seals. The first fault: {fault} Keep a backup of the database as it is."
        )
        raise BrokenChainError(sentence.format(fault=_describe(first, first)))


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
        for fault in chain["faults"][:_MOST_SHOWN]:
            say(_describe(chain, fault))
        if (more := len(chain["faults"]) - _MOST_SHOWN) > 0:
            say(ngettext("{n} more fault like that.", "{n} more faults like that.", more).format(n=more))
    lost = sum(gap["to"] - gap["from"] + 1 for chain in chains for gap in chain["gaps"])
    if lost:
        sentence = ngettext(
            "{n} record was no longer on its till when the database was restored.",
            "{n} records were no longer on their tills when the database was restored.",
            lost,
        )
        note(sentence.format(n=lost))


def _describe(chain: dict[str, Any], fault: dict[str, Any]) -> str:
    """Describe a fault of a chain in one line: till, journal, record number, event id if it is known, and fault."""
    place = _span(fault["seq"], fault["to"])
    event = f" ({fault['id']})" if fault["id"] else ""
    till = _("till {number}").format(number=chain["till"]) if chain["till"] else _("the server")
    sentence = _("{till}, journal {journal}, record {place}{event}: {fault}")
    return sentence.format(till=till, journal=chain["journal"], place=place, event=event, fault=fault["fault"])


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
