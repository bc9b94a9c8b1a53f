"""The audit chains of a venue, read in parts from one snapshot, to verify or export them."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer

from till.administration.calls import call
from till.cli.administration import Administration
from till.cli.asked_days import asked_times
from till.cli.progress import progress_bar
from till.domain.errors import TillError
from till.domain.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from till.administration.calls import AtServer

_ONE_SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
#: Records per query, and the number of parallel connections: few, as tills keep selling.
PART: Final = 4_000
_MAX_CONNECTIONS: Final = min(2, os.cpu_count() or 1)
#: The most faults to keep of one chain.
_MOST_FAULTS: Final = 100

Day = Annotated[
    str | None,
    typer.Option(
        metavar="D",
        help=N_(
            "Only this business day, by each till's clock: a date, today, yesterday, or the number of a trading day."
        ),
    ),
]
Till = Annotated[
    int | None, typer.Option(min=0, max=1_000_000_000, metavar="T", help=N_("Only this till; 0: the server."))
]


class NoChainError(TillError):
    """A till without a journal in the database."""

    code = "no_chain"
    default = N_("There is no journal of that till. `till admin tills list` lists the tills.")


@contextmanager
def one_snapshot(admin: AtServer) -> Iterator[None]:
    """Read everything in the block from one snapshot, while tills keep selling."""
    with admin.connection.transaction():
        admin.connection.execute(_ONE_SNAPSHOT)
        yield


def chains_of(
    admin: AtServer, day: str | None, till: int | None, first: str | None = None, last: str | None = None
) -> list[dict[str, Any]]:
    """Return the chains, or their parts of some days: journal, till, first and last record, number of the end."""
    begins, ends = asked_times(admin, admin.venue(), day, first, last)
    chains: list[dict[str, Any]] = admin.ask("audit_chains_v1", till, begins, ends)
    if not chains:
        raise NoChainError
    return chains


class ChainPart(NamedTuple):
    """A run of records of a chain.

    Attributes:
        first: the number of the first record.
        last: the number of the last record; None for the end of the chain, with its head.
        records: the count.
    """

    chain: dict[str, Any]
    first: int
    last: int | None
    records: int


def parts_of(chains: list[dict[str, Any]], size: int) -> list[ChainPart]:
    """Split chains into parts of at most `size` records, in order. Every chain has at least one part."""
    parts = []
    for chain in chains:
        first, last = chain["first"], chain["last"] or chain["seq"]
        for start in range(first, max(first, last) + 1, size):
            end = min(last, start + size - 1)
            is_end = end >= last and chain["last"] is None
            parts.append(ChainPart(chain, start, None if is_end else end, max(0, end - start + 1)))
    return parts


@contextmanager
def progress_of_parts(what: str, parts: list[ChainPart]) -> Iterator[Callable[[ChainPart], None]]:
    """Show a progress bar, and yield a function to call with each finished part."""
    total, done = sum(part.records for part in parts), 0

    def tell(part: ChainPart) -> None:
        nonlocal done
        done += part.records
        progress(done, total)

    with progress_bar(what) as progress:
        yield tell


def walk(admin: AtServer, chains: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Verify parts of chains with `till.audit_verify_v1`, and return the result of each chain.

    Call it inside `one_snapshot`. Parts are verified in parallel, as hashing is bound by the server's processors.
    """
    results: dict[str, dict[str, Any]] = {}
    parts = parts_of(chains, PART)
    with _parallel(admin, min(_MAX_CONNECTIONS, len(parts))) as ask, progress_of_parts(_("Walking"), parts) as tell:
        for part, found in zip(parts, ask(parts), strict=True):
            journal = part.chain["journal"]
            results[journal] = _joined(results[journal], found) if journal in results else found
            tell(part)
    return list(results.values())


@contextmanager
def _parallel(admin: AtServer, count: int) -> Iterator[Callable[[list[ChainPart]], Iterator[dict[str, Any]]]]:
    """Yield a function that verifies parts.

    For the owner it uses several connections, all with the snapshot of the first one.
    """
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue

    from psycopg import sql

    from db.engine import connect

    free: SimpleQueue[Callable[..., dict[str, Any]]] = SimpleQueue()
    free.put(partial(admin.ask, "audit_part_v1"))

    def ask(part: ChainPart) -> dict[str, Any]:
        verify = free.get()
        try:
            return verify(part.chain["journal"], part.first, part.last)
        finally:
            free.put(verify)

    with ExitStack() as stack:
        if isinstance(admin, Administration):
            ((snapshot,),) = admin.connection.execute("SELECT pg_export_snapshot()").fetchall()
            more = [stack.enter_context(connect(admin.owner)) for _number in range(count - 1)]
        else:
            snapshot, more = "", []
        for connection in more:
            stack.enter_context(connection.transaction())
            connection.execute(_ONE_SNAPSHOT)
            connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
            free.put(partial(call, connection, "audit_part_v1", admin.store_id))
        pool = stack.enter_context(ThreadPoolExecutor(count))
        yield lambda parts: pool.map(ask, parts)


def _joined(known: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Join the results of two successive parts of a chain."""
    gaps = [*known["gaps"]]
    for gap in part["gaps"]:
        if gaps and gaps[-1]["to"] + 1 == gap["from"]:
            gaps[-1] = {"from": gaps[-1]["from"], "to": gap["to"]}
        else:
            gaps.append(gap)
    faults = [*known["faults"], *(fault for fault in part["faults"] if fault not in known["faults"])]
    sums = {name: known[name] + part[name] for name in ("records", "aside")}
    return {**part, **sums, "gaps": gaps, "faults": faults[:_MOST_FAULTS]}
