"""`till admin audit`: verify the seals of the log, list the acts of people, export a verifiable copy."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from stat import S_ISREG
from typing import TYPE_CHECKING, Annotated, Any, Final, TextIO

import typer

from till.cli import acts
from till.cli.administration import administration, management
from till.cli.asked_days import First, Last  # noqa: TC001 - typer reads the annotations
from till.cli.chains import Day, Till, chains_of, one_snapshot, parts_of, progress_of_parts, walk
from till.cli.environment import Surroundings
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import STREAM, json_text, note, open_for_writing, print_json, print_table, say
from till.cli.running import make_app
from till.domain.errors import TillError
from till.domain.events.envelope import time_text
from till.domain.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.cli.administration import Administration


app = make_app(N_("The audit log of all acts."))

#: The version of the file format. A later one adds fields, which `docs/verify_export.py` of before refuses.
_FORMAT: Final = 1
#: Records per query; they are held in memory with their bodies.
_PART: Final = 2_000
#: The most faults to print of one chain.
_MOST_SHOWN: Final = 20


class BrokenChainError(TillError):
    """An audit log that fails verification."""

    code = "chain_broken"
    default = N_("The log does not match its seal. Keep a backup of the database as it is.")


app.command(
    "show", epilog=N_("Example: till admin audit show --day today --what voided --what cleared --csv acts.csv")
)(acts.show)


@app.command(epilog=N_("Example: till admin audit export march.jsonl --from 2026-03-01 --to 2026-03-31"))
def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help=N_("The file to write; - is standard output."))],
    *,
    day: Day = None,
    first: First = None,
    last: Last = None,
    till: Till = None,
    texts: Annotated[
        bool,
        typer.Option("--texts", help=N_("Include free text (reasons, names), with the salts to verify it.")),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help=N_("Overwrite an existing file."))] = False,
) -> None:
    """Write the chains to a verifiable file: each record as sealed, then the heads.

    The file has one JSON object per line. docs/verify_export.py checks it with nothing but Python, also by the codes
    on printed Zs.
    """
    with (
        administration(Surroundings.find()) as admin,
        one_snapshot(admin),
        _opened(file, force=force) as out,
    ):
        chains = chains_of(admin, day, till, first, last)
        records = 0
        lines = 0
        for line in _lines(admin, chains, texts=texts):
            print(json_text(line), file=out)
            lines += 1
            records += "seq" in line
        print(json_text({"lines": lines + 1}), file=out)
    sentence = ngettext(
        "{n} record of {chains} written to {file}.", "{n} records of {chains} written to {file}.", records
    )
    chain_count = ngettext("{n} chain", "{n} chains", len(chains)).format(n=len(chains))
    note(sentence.format(n=records, chains=chain_count, file=_("standard output") if file == STREAM else file))


def _lines(admin: Administration, chains: list[dict[str, Any]], *, texts: bool) -> Iterator[dict[str, Any]]:
    yield {"store": admin.store_id, "format": _FORMAT, "made": time_text(admin.now()), "texts": texts}
    parts = parts_of(chains, _PART)
    with progress_of_parts(_("Writing"), parts) as tell:
        for part, following in zip(parts, [*parts[1:], None], strict=True):
            yield from admin.ask("audit_export_v1", part.chain["journal"], part.first, part.last, texts)
            if following is None or following.chain is not part.chain:
                yield _end(part.chain)
            tell(part)


def _end(chain: dict[str, Any]) -> dict[str, Any]:
    """Return the closing entry of a chain, or of its exported part."""
    return {name: chain[name] for name in ("journal", "till", "series", "retired", "before", "end")}


@contextmanager
def _opened(name: str, *, force: bool) -> Iterator[TextIO]:
    """Open the export file.

    Raises:
        FileRefusedError: it exists already, or cannot be written.
    """
    if name == STREAM:
        yield sys.stdout
        return
    with (
        open_for_writing(name, force=force) as file,
        io.TextIOWrapper(file, encoding="utf-8", newline="\n") as out,
    ):
        yield out
        out.flush()
        if S_ISREG(os.fstat(file.fileno()).st_mode):
            os.fsync(file.fileno())


@app.command(
    epilog=N_(
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
