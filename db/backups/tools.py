"""PostgreSQL's own tools for a server: those in the till's wheel, or those of the machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from db.backups.errors import NoToolsError
from db.embedded import binaries
from db.embedded.errors import NoBinariesError
from db.words import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from db.address import Address

_VERSION = re.compile(r"\b(?P<major>\d+)(\.\d+|devel|beta\d+|rc\d+)")
#: The line of a tool's output with its error.
_FAULT = re.compile(r"^(?:pg_\w+: )?(?:error|fatal): (?P<what>.+)$", re.IGNORECASE | re.MULTILINE)
#: The first bytes of a dump. Its header has the version of the server, after a length of four bytes.
_MAGIC = b"PGDMP"
_HEADER = 1024
_SERVER = re.compile(rb"[\x02-\xff]\0\0\0(?P<major>\d\d)(?:\.\d+|devel|beta\d+|rc\d+)")
_ASK_S = 10
#: The time in a dump is local time without a zone, so the tools run in UTC.
_OURS = {"LC_ALL": "C", "TZ": "UTC0"}


@dataclass(frozen=True, slots=True)
class Tools:
    """`pg_dump` and `pg_restore` of one version."""

    folder: Path
    major: int

    def run(self, name: str, *arguments: str | Path, address: Address | None = None) -> str:
        """Run a tool. Return the reason if it failed, in one line; empty if it succeeded.

        The address is passed in the environment, because every user of the machine can read arguments.
        """
        command = [self.folder / name, "--no-password", *arguments] if address else [self.folder / name, *arguments]
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs, and no shell
            command,
            env={**os.environ, **_environment(address), **_OURS},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
        return "" if done.returncode == 0 else _gist(done.stderr) or _("{name} ended by itself").format(name=name)

    def contents(self, file: Path) -> str:
        """Return the table of contents of a dump, with its time in UTC."""
        command: Sequence[str | Path] = [self.folder / "pg_restore", "--list", file]
        own = {**os.environ, **_OURS}
        done = subprocess.run(command, env=own, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - PostgreSQL's own programs, and no shell
        return done.stdout


def is_dump(file: Path) -> bool:
    """True if a file begins like a dump, of any version."""
    with file.open("rb") as opened:
        return opened.read(len(_MAGIC)) == _MAGIC


def dumped_from(file: Path) -> str:
    """Return the PostgreSQL version of a dump for display, even if its format is newer than all tools here."""
    with file.open("rb") as opened:
        found = _SERVER.search(opened.read(_HEADER))
    return f"PostgreSQL {found['major'].decode()}" if found else _("a newer PostgreSQL")


def find(server_major: int, address: Address) -> Tools:
    """Return the oldest tools that can dump the server, because its own tools cannot read a dump by newer ones.

    The tools in the wheel are built without TLS, so they are not used for a server on another machine.
    """
    found: dict[int, Tools] = {
        tools.major: tools for tools in (*_of_machine(), *(_carried() if address.is_local else ()))
    }
    fitting = [major for major in found if major >= server_major]
    if not fitting:
        have = ", ".join(map(str, sorted(found))) or _("none")
        raise NoToolsError(major=server_major, found=have)
    return found[min(fitting)]


def _carried() -> Iterator[Tools]:
    for major in binaries.carried_majors():
        try:
            yield Tools(binaries.bundled_binaries(major).folder / "bin", major)
        except NoBinariesError:
            continue


def _of_machine() -> Iterator[Tools]:
    """Yield the tools on the PATH, and those of each version that Debian installs in its own folder."""
    named = shutil.which("pg_dump")
    places = [Path(named).parent] if named else []
    for folder in (*places, *Path("/usr/lib/postgresql").glob("*/bin")):
        major = _major(folder)
        if major and (folder / "pg_restore").exists():
            yield Tools(folder, major)


def _major(folder: Path) -> int:
    """Return the version of the tools in a folder; 0 if unknown."""
    if not (folder / "pg_dump").exists():
        return 0
    try:
        command: Sequence[str | Path] = [folder / "pg_dump", "--version"]
        output = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_ASK_S).stdout  # noqa: S603 - PostgreSQL's own programs, and no shell
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = _VERSION.search(output)
    return int(found["major"]) if found else 0


def _environment(address: Address | None) -> dict[str, str]:
    """Return an address as libpq's environment variables."""
    if address is None:
        return {}
    from psycopg import pq  # noqa: PLC0415 - psycopg is only loaded to connect
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - psycopg is only loaded to connect

    names = {option.keyword.decode(): option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar}
    words = conninfo_to_dict(address.conninfo)
    return {names[key]: str(value) for key, value in words.items() if key in names}


def _gist(output: str) -> str:
    faults = _FAULT.findall(output)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return " ".join((faults[0] if faults else lines[-1] if lines else "").split()).rstrip(".")
