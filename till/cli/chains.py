"""The chains of a venue, read in parts and all of one moment: to be walked, or written to a file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from till.cli.asked_days import asked_times
from till.cli.progress import progress_bar
from till.domain.errors import TillError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.cli.administration import Administration

#: Records that are asked for at once.
PART: Final = 20_000
#: The faults of one chain that are kept.
_MOST_FAULTS: Final = 100

Day = Annotated[
    str | None,
    typer.Option(
        metavar="D",
        help=_("Only a business day, by the clock of each till: a date, today, yesterday, or the number of one."),
    ),
]
Till = Annotated[int | None, typer.Option(min=0, max=1_000_000_000, metavar="T", help=_("Only a till; 0: the server."))]


class NoChainError(TillError):
    """There is no journal of that till. `till admin tills list` lists the tills."""

    code = "no_chain"


@contextmanager
def one_moment(admin: Administration) -> Iterator[None]:
    """All that is asked inside is of one moment, however long it takes: tills sell on meanwhile."""
    with admin.connection.transaction():
        admin.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def chains_of(admin: Administration, day: str | None, till: int | None) -> list[dict[str, Any]]:
    """The chains, or what of them holds a day: journal, till, the first and the last number, and the number of the end.

    Raises:
        NoChainError: there is none of that till.
        typer.BadParameter: that is no day.
    """
    begins, ends = asked_times(admin, admin.venue(), day)
    chains: list[dict[str, Any]] = admin.ask("audit_chains_v1", till, begins, ends)
    if not chains:
        raise NoChainError
    return chains


def parts_of(chains: list[dict[str, Any]], what: str, size: int) -> Iterator[tuple[dict[str, Any], int, int | None]]:
    """Each chain with the first and the last number of a part of it, under a bar; every chain has a part.

    The last part of what goes to the end of its chain has no last number.
    """
    spans = [(chain, chain["first"], chain["last"] or chain["seq"]) for chain in chains]
    whole = sum(max(0, last - first + 1) for _chain, first, last in spans)
    done = 0
    with progress_bar(what) as progress:
        for chain, first, last in spans:
            start = first
            while True:
                end = min(last, start + size - 1)
                is_end = end >= last
                yield chain, start, None if is_end and chain["last"] is None else end
                done += max(0, end - start + 1)
                progress(done, whole)
                if is_end:
                    break
                start = end + 1


def walk(admin: Administration, chains: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What `till.audit_verify_v1` says of each chain, here of the parts that are asked for."""
    walked: dict[str, dict[str, Any]] = {}
    for chain, first, last in parts_of(chains, _("Walking"), PART):
        part: dict[str, Any] = admin.ask("audit_part_v1", chain["journal"], first, last)
        known = walked.get(chain["journal"])
        walked[chain["journal"]] = part if known is None else _joined(known, part)
    return list(walked.values())


def _joined(known: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Two parts of a chain, one behind the other."""
    gaps = [*known["gaps"]]
    for gap in part["gaps"]:
        if gaps and gaps[-1]["to"] + 1 == gap["from"]:
            gaps[-1] = {"from": gaps[-1]["from"], "to": gap["to"]}
        else:
            gaps.append(gap)
    faults = [*known["faults"], *(fault for fault in part["faults"] if fault not in known["faults"])]
    sums = {name: known[name] + part[name] for name in ("records", "aside")}
    return {**part, **sums, "gaps": gaps, "faults": faults[:_MOST_FAULTS]}
