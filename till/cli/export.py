"""Export of the audit chains to a file that anybody can verify."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from stat import S_ISREG
from typing import TYPE_CHECKING, Annotated, Any, Final, TextIO

import typer

from till.cli.administration import administration
from till.cli.chains import Day, Till, chains_of, counted, one_snapshot, parts_of
from till.cli.output import STREAM, json_text, note, open_for_writing
from till.cli.surroundings import Surroundings
from till.domain.events.envelope import time_text
from till.domain.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.cli.administration import Administration

#: The version of the file format. Later versions only add fields.
_FORMAT: Final = 1
#: Records per query; they are held in memory with their bodies.
_PART: Final = 2_000


def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help=_("The file to write; - is standard output."))],
    *,
    day: Day = None,
    till: Till = None,
    texts: Annotated[
        bool,
        typer.Option("--texts", help=_("Include free text (reasons, names), with the salts to verify it.")),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help=_("Overwrite an existing file."))] = False,
) -> None:
    """Write the chains to a verifiable file: each record as sealed, then the heads.

    The file has one JSON object per line. docs/verify_export.py checks it with nothing but Python.
    """
    with (
        administration(Surroundings.find()) as admin,
        one_snapshot(admin),
        _opened(file, force=force) as out,
    ):
        chains = chains_of(admin, day, till)
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
    with counted(_("Writing"), parts) as tell:
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
