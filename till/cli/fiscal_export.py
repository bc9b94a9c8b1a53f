"""`till fiscal export` and `exports`: files for an authority or an accountant, by any export that is there."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from till import __version__
from till.administration.authority import check_role
from till.administration.exporting import RecordsAtServer, days_of, read_state
from till.cli.administration import management
from till.cli.asked_days import First, Last, asked_span
from till.cli.chains import one_snapshot
from till.cli.environment import Surroundings
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import FileRefusedError, note, open_for_writing, print_json, say
from till.domain.errors import ConfigError, TillError
from till.domain.events.envelope import time_text
from till.domain.i18n import N_, _, ngettext
from till.domain.staff.person import Role
from till.domain.venue import read_venue
from till.ports.fiscal_export import ExportFault, ExportPiece, ExportVenue, exports_here, find_export

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from till.administration.calls import AtServer
    from till.ports.fiscal_export import FiscalExport

#: The most records in one list.
_MOST: Final = 1000


class ExportRefusedError(TillError):
    """Days or records that an export cannot have, and that nobody accepted."""

    code = "export"
    default = N_("No file was written. Put that right, or accept it by name: --accept NAME.")


def add(app: typer.Typer) -> None:
    """Add the commands to those of `till fiscal`."""
    example = N_("Example: till fiscal export --from 2027-01-01 --to 2027-03-31 records")
    app.command("export", epilog=example)(export)
    app.command("exports", epilog=N_("Example: till fiscal exports"))(exports)


Accepted = Annotated[
    list[str] | None,
    typer.Option("--accept", metavar="NAME", help=N_("Write the files without this; once for each name.")),
]
OfName = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help=N_("The export; by default that of the venue's law."))
]


def export(
    folder: Annotated[str, typer.Argument(metavar="DIR", help=N_("A folder, which is made if it does not exist."))],
    *,
    name: OfName = None,
    first: First = None,
    last: Last = None,
    accept: Accepted = None,
    as_json: AsJson = False,
) -> None:
    """Write the files of some days for the tax authority or the accountant. The days are those of the calendar.

    Without --as they are the records of the venue's law. `till fiscal exports` lists the others. Either all files
    appear, or none.
    """
    if first is None:
        raise typer.BadParameter(_("Give the first day, with --from."), param_hint="--from")
    with management(Surroundings.find()) as admin:
        one = find_export(name if name is not None else _name_by_law(admin))
        if one.texts and (actor := admin.actor) is not None:
            check_role(admin.ask("user_for_login_v1", actor), actor, Role.ADMIN)
        with ExitStack() as opened:  # the files get their names when it ends
            run = _Run(one, admin, Path(folder), opened)
            with one_snapshot(admin):
                made = run.make(first, last, accept or ())
            admin.act("export_made_v1", made)
    if as_json:
        files = [{"file": str(one.path), "till": one.till, **one.as_json()} for one in run.files.values()]
        print_json({"files": files})
        return
    for file in run.files.values():
        sentence = _("{file}: {n} records of till {till}.") if file.till else _("{file}: {n} records.")
        say(sentence.format(file=file.path, n=file.records, till=file.till))
    if not run.files:
        say(_("There are no records of these days."))


def _name_by_law(admin: AtServer) -> str:
    law = admin.ask("venue").get("fiscal")
    if law is None:
        there = ", ".join(exports_here())
        raise ConfigError(_("The venue has no law with an export. Name one, with --as: {there}.").format(there=there))
    return str(law["scheme"])


class _File:
    """A file that is being written, under another name until all are whole."""

    def __init__(self, path: Path, till: int, out: BinaryIO) -> None:
        self.path, self.till, self.records = path, till, 0
        self._out, self._digest = out, hashlib.sha256()

    def write(self, piece: ExportPiece) -> None:
        content = piece.text.encode()
        self._out.write(content)
        self._digest.update(content)
        self.records += piece.records

    def as_json(self) -> dict[str, Any]:
        """Return its name, its digest and the number of its records, as the act has them."""
        return {"name": self.path.name, "sha256": self._digest.hexdigest(), "records": self.records}


class _Run:
    """One export: its files, and what they do not have."""

    def __init__(self, export: FiscalExport, admin: AtServer, folder: Path, opened: ExitStack) -> None:
        self._export, self._admin, self._folder, self._opened = export, admin, folder, opened
        self._faults: dict[str, ExportFault] = {}
        self.files: dict[str, _File] = {}

    def make(self, first: str, last: str | None, accepted: Sequence[str]) -> dict[str, Any]:
        """Write the files of some days. Return the act.

        Raises:
            ExportRefusedError: the days are not whole, or a record has no form; each was named.
        """
        body = self._admin.ask("venue")
        venue, now = read_venue(body), self._admin.now()
        days = days_of(venue, *asked_span(self._admin, venue, None, first, last))
        state = read_state(self._admin, venue, self._export.name, days, now)
        if state.before is not None:
            note(state.before.sentence(venue))
        read = RecordsAtServer(self._admin, venue, days, texts=self._export.texts)
        about = about_venue(self._admin, body, now)
        for piece in chain(state.missing if self._export.is_closed else (), self._export.write(read, days, about)):
            if isinstance(piece, ExportFault):
                self._faults[piece.subject] = piece
            else:
                self._file(piece).write(piece)
        self._faults |= read.faults
        self._check(accepted)
        refuse_missing(about)
        left_out = [one.sentence for one in self._faults.values()]
        if left_out:
            text = "".join(f"{one}\n" for one in left_out)
            piece = ExportPiece(f"{self._export.name}-{days.first}-{days.last}-left-out.txt", text, len(left_out))
            self._file(piece).write(piece)
        return {
            "export": self._export.name, "first": str(days.first), "last": str(days.last),
            "begins": time_text(days.begins), "ends": time_text(days.ends), "heads": state.heads,
            "files": [one.as_json() for one in self.files.values()] or None,  # an event has no empty list
            "accepted": sorted({*accepted})[:_MOST] or None,
            "left_out": [one.subject for one in self._faults.values() if one.is_left_out][:_MOST] or None,
        }  # fmt: skip

    def _file(self, piece: ExportPiece) -> _File:
        """Return the file of a piece. It is opened with its first one."""
        if piece.file not in self.files:
            path = self._folder / Path(piece.file).name
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
            except OSError as problem:
                sentence = _("{file} cannot be written: {why}. Name another file.")
                raise FileRefusedError(sentence.format(file=self._folder, why=problem.strerror)) from problem
            self.files[piece.file] = _File(path, piece.till, self._opened.enter_context(open_for_writing(str(path))))
        return self.files[piece.file]

    def _check(self, accepted: Sequence[str]) -> None:
        """Name what the files do not have, and refuse what nobody accepted."""
        open_faults = [one for one in self._faults.values() if not one.is_left_out and one.subject not in accepted]
        if unknown := [one for one in accepted if one not in self._faults]:
            sentence = _("Nothing of these days is called {name}. Leave --accept {name} out.")
            raise ExportRefusedError(sentence.format(name=unknown[0][:40]))
        for one in self._faults.values():
            note(f"{one.subject}: {one.sentence}" if one in open_faults else one.sentence)
        if open_faults:
            raise ExportRefusedError


def about_venue(admin: AtServer, body: dict[str, Any], now: datetime) -> ExportVenue:
    """Return the venue of an export, from its settings, its menu and its codes."""
    law = (body.get("fiscal") or {}).get("settings", {})
    menu, coded = admin.ask("menu_export_v1") or {}, admin.ask("codes_v1")
    return ExportVenue(venue=read_venue(body), law=law, version=__version__, made_at=now, menu=menu, coded=coded)


def refuse_missing(about: ExportVenue) -> None:
    """Name the codes that an export asked for and that are missing, all of them, and refuse it.

    Raises:
        ExportRefusedError: there are some.
    """
    missing = [sentence for book in about.books.values() for sentence in book.missing.values()]
    for sentence in missing:
        note(sentence)
    if missing:
        raise ExportRefusedError(_("No file was written. Set the codes first; `till admin codes list` shows them."))


def _code_sentences(about: ExportVenue) -> Iterator[str]:
    """Yield sentences on the missing codes: the first of each list, and how many more there are."""
    for book in about.books.values():
        first, *more = [*book.missing.values(), ""]
        if first:
            yield first
        if len(more) > 1:
            yield ngettext("{n} more code is missing.", "{n} more codes are missing.", len(more) - 1).format(
                n=len(more) - 1
            )


def exports(*, as_json: AsJson = False) -> None:
    """List the exports that are there, with what each still needs from this venue."""
    with management(Surroundings.find()) as admin:
        body, now = admin.ask("venue"), admin.now()
        venues = {name: about_venue(admin, body, now) for name in exports_here()}
    found = [(one, [*one.lacks(venues[one.name]), *_code_sentences(venues[one.name])]) for one in
             map(find_export, venues)]  # fmt: skip
    if as_json:
        print_json({"exports": [{"name": one.name, "lacks": lacks} for one, lacks in found]})
        return
    for one, lacks in found:
        say(f"{one.name}: {_(one.about)}")
        for lack in lacks:
            say(f"  {lack}")
