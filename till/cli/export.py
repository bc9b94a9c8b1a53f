"""An export of the chains to a file, by which anybody can prove what happened."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TextIO

import typer

from till.cli.administration import administration
from till.cli.chains import Day, Till, chains_of, counted, one_moment, parts_of
from till.cli.output import STREAM, FileRefusedError, json_text, note
from till.cli.surroundings import Surroundings
from till.domain.events.envelope import time_text
from till.domain.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.cli.administration import Administration

#: Of the format, which only grows: what is read by its name stays.
_FORMAT: Final = 1
#: Records that are asked for at once: they stand in the memory with their bodies.
_PART: Final = 2_000


def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help=_("The file to write; - is standard output."))],
    *,
    day: Day = None,
    till: Till = None,
    texts: Annotated[
        bool,
        typer.Option("--texts", help=_("Include free text (reasons, names), with the salts to check it by.")),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help=_("Overwrite an existing file."))] = False,
) -> None:
    """Write the chains to a file that proves itself: each record as it was sealed, and the heads at the end.

    One JSON object a line. docs/verify_export.py checks such a file with nothing but Python.
    """
    with (
        administration(Surroundings.find()) as admin,
        one_moment(admin),
        _written(file, force=force) as out,
    ):
        chains = chains_of(admin, day, till)
        records = 0
        lines = 0
        for line in _lines(admin, chains, texts=texts):
            print(json_text(line), file=out)
            lines += 1
            records += "seq" in line
        print(json_text({"lines": lines + 1}), file=out)
    said = ngettext("{n} record of {chains} written to {file}.", "{n} records of {chains} written to {file}.", records)
    several = ngettext("{n} chain", "{n} chains", len(chains)).format(n=len(chains))
    note(said.format(n=records, chains=several, file=_("standard output") if file == STREAM else file))


def _lines(admin: Administration, chains: list[dict[str, Any]], *, texts: bool) -> Iterator[dict[str, Any]]:
    yield {"store": admin.store_id, "format": _FORMAT, "made": time_text(admin.now()), "texts": texts}
    parts = parts_of(chains, _PART)
    with counted(_("Writing"), parts) as tell:
        for part, behind in zip(parts, [*parts[1:], None], strict=True):
            yield from admin.ask("audit_export_v1", part.chain["journal"], part.first, part.last, texts)
            if behind is None or behind.chain is not part.chain:
                yield _end(part.chain)
            tell(part)


def _end(chain: dict[str, Any]) -> dict[str, Any]:
    """Return the closing facts of a chain, or of its exported part."""
    return {name: chain[name] for name in ("journal", "till", "series", "retired", "before", "end")}


@contextmanager
def _written(name: str, *, force: bool) -> Iterator[TextIO]:
    """Open a file that is complete when this ends, or absent; an older file stays until then.

    Raises:
        FileRefusedError: it exists already, or cannot be written.
    """
    if name == STREAM:
        yield sys.stdout
        return
    path = Path(name)
    if path.exists() and not force:
        raise FileRefusedError(_("{file} already exists. Name another file, or pass --force.").format(file=name))
    is_file = path.is_file() or not path.exists()
    target = path.with_name(f"{path.name}.part") if is_file else path
    try:
        with _opened(target, is_file=is_file) as out:
            yield out
            out.flush()
            if is_file:
                os.fsync(out.fileno())
        if is_file:
            target.replace(path)
    except OSError as problem:
        raise FileRefusedError(
            _("{file} cannot be written: {why}. Name another file.").format(file=name, why=problem.strerror)
        ) from problem
    finally:
        if is_file:
            with suppress(OSError):
                target.unlink(missing_ok=True)


def _opened(path: Path, *, is_file: bool) -> TextIO:
    """Open a file that only its owner may read: it holds every sale."""
    flags = os.O_WRONLY | (os.O_CREAT | os.O_TRUNC if is_file else 0)
    return os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", newline="\n")
