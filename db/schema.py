"""The schema of this program, and the state of a database compared with it."""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from db.errors import NewerDatabaseError, OlderDatabaseError
from db.words import _

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

#: The schemas of the program.
SCHEMAS = ("till", "warm", "hot", "cold", "session", "simulator")

_ROOT = Path(__file__).parent
#: A number, with a letter for each rewrite before the first release.
_REVISION = re.compile(r"(\d{4}[a-z]?)_\w+\.py")

_NAMES = re.compile(r"[a-z_]\w*\.[a-z_]\w*")

Verdict = Literal["current", "behind", "too_old", "ahead"]

#: Numbers that programs used before the first release, and that are never used again.
RETIRED = frozenset({"0002"})


def compare(theirs: str | None, ours: str, known: Container[str] | None = None) -> Verdict:
    """Compare the revision of a database with a program's. None is older than any.

    An older one that is not `known` (by default, to this program) is from before the first release and cannot be
    upgraded, like a retired number.
    """
    if theirs == ours:
        return "current"
    if theirs is None:
        return "behind"
    if theirs not in RETIRED and theirs > ours:
        return "ahead"
    return "behind" if theirs in (OWN.revisions if known is None else known) else "too_old"


class Program:
    """The migrations and functions of a program; by default those of this wheel.

    Args:
        migrations: the folder with `env.py` and `versions/NNNN_*.py`, or `NNNNa_*.py`.
        functions: the folder with folders `NN_subject` of `*.sql` that create the functions; safe to run again.
    """

    def __init__(self, migrations: Path = _ROOT.parent / "migrations", functions: Path = _ROOT / "sql") -> None:
        self.migrations = migrations
        self.functions = functions

    @cached_property
    def revisions(self) -> frozenset[str]:
        """All revisions, from the files' names, so that Alembic is not loaded."""
        found = (_REVISION.fullmatch(path.name) for path in (self.migrations / "versions").iterdir())
        return frozenset(match[1] for match in found if match)

    @cached_property
    def revision(self) -> str:
        """The last revision."""
        return max(self.revisions, default="")

    @cached_property
    def scripts(self) -> tuple[tuple[str, str], ...]:
        """Path and text of each file of functions, in the order to run them: by the number of the folder."""
        paths = sorted(path.relative_to(self.functions) for path in self.functions.glob("*/*.sql"))
        return tuple((path.as_posix(), (self.functions / path).read_text(encoding="utf-8")) for path in paths)

    @cached_property
    def names(self) -> frozenset[str]:
        """The qualified names in its statements: those of its objects are among them."""
        paths = sorted(self.migrations.glob("**/*.py")) + sorted(self.migrations.glob("**/*.sql"))
        texts = [path.read_text(encoding="utf-8") for path in paths] + [text for _name, text in self.scripts]
        return frozenset(name for text in texts for name in _NAMES.findall(text))

    @cached_property
    def checksum(self) -> str:
        """The checksum of the functions."""
        digest = hashlib.sha256()
        for name, text in self.scripts:
            digest.update(f"{name}\0{text}\0".encode())
        return digest.hexdigest()

    @cached_property
    def number(self) -> int:
        """The number of the functions, which grows with each release that changes them.

        `make freeze` writes it, with their checksum. Between releases the checksum alone tells two programs apart.
        """
        file = self.functions / "number.txt"
        return int(file.read_text(encoding="ascii").split()[0]) if file.exists() else 0


#: The running program. Its files are read once in a process.
OWN: Final = Program()


class SchemaState(Struct, frozen=True):
    """The state of a database's schema compared with this program.

    Attributes:
        server: the server's version, "18.4".
        revision: the database's revision; None before the first upgrade.
        program_revision: this program's revision.
        functions_ok: True if the database's functions are this program's.
        verdict: "current"; "behind" (upgrade the database); "too_old" (it cannot be upgraded); "ahead" (upgrade
            the till).
    """

    server: str
    revision: str | None
    program_revision: str
    functions_ok: bool
    verdict: Verdict

    @property
    def parts(self) -> tuple[str, str]:
        """The state, and what to do about it; empty if it is current."""
        if self.verdict == "current":
            return _("The database is up to date."), ""
        if self.verdict == "ahead":
            return NewerDatabaseError().parts
        if self.verdict == "too_old":
            return OlderDatabaseError().parts
        if self.revision is None:
            return _("The database is empty."), _(
                "`till init` makes a venue in it, `till db restore` brings one back, and so does `till db upgrade` on "
                "a machine that had it there."
            )
        return _("The database is older than this till."), _("`till db upgrade` brings it up to date.")

    @property
    def sentence(self) -> str:
        """The sentence that a person reads."""
        return " ".join(self.parts).rstrip()


def judge(server: str, facts: Mapping[str, str], program: Program) -> SchemaState:
    """Compare the facts of a database (`revision`, `functions`, `program`) with a program."""
    revision = facts.get("revision")
    functions_ok = facts.get("functions") == program.checksum
    verdict = compare(revision, program.revision, program.revisions)
    if verdict == "current" and not functions_ok:
        verdict = "ahead" if _number(facts.get("program", "")) > program.number else "behind"
    return SchemaState(server, revision, program.revision, functions_ok, verdict)


def _number(text: str) -> int:
    """Return the number of a database's functions. It was written after the version of its program, and a point."""
    number = text.rpartition(".")[2]
    return int(number) if number.isdecimal() else 0
