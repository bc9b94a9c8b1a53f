"""The answers to hatch when it builds: the version, and whether the tables of languages are those of their catalogues.

The version is that of the program; between releases also a digest of the files that the wheel is made of. Two wheels of
different files differ in it, so that pip and pipx install one over the other. The same files make the same version,
without git or a clock. The tables are not in git, and not in the digest: their catalogues are, and what writes them.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, Final

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT: Final = Path(__file__).parents[1]
#: The program that writes the tables.
_WRITER: Final = "tools/catalogues.py"
#: The files in the wheel, and those that its tables and metadata are made from.
_PACKED: Final = (
    "till", "db", "migrations", "config.example.toml", "docs/runbook", "docs/systemd", "docs/prometheus",
    "pyproject.toml", "README.md", "LICENSE", _WRITER,
)  # fmt: skip


def version(root: Path = ROOT) -> str:
    """Return the version: `0.1.0` of a release, or such as `0.1.1.dev0+g1a2b3c4d`."""
    found = re.search(r'__version__: Final = "(.+)"', (root / "till/__init__.py").read_text(encoding="utf-8"))
    program = found[1] if found else ""
    if ".dev" not in program:
        return program
    digest, tables = hashlib.sha256(), {path.with_suffix(".py") for path in _catalogues(root)}
    for path in sorted(file for name in _PACKED for file in _files(root / name) if file not in tables):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return f"{program}+g{digest.hexdigest()[:8]}"


def _files(path: Path) -> list[Path]:
    """Return a file, or all files of a folder but those that Python compiled."""
    found = path.rglob("*") if path.is_dir() else [path]
    return [file for file in found if file.is_file() and "__pycache__" not in file.parts]


def _catalogues(root: Path) -> list[Path]:
    return sorted(root.glob("till/languages/*.po"))


def made_of(catalogue: Path) -> str:
    """Return the line of a table that says which catalogue, and what else, it was made of."""
    made = hashlib.sha256(catalogue.read_bytes() + (catalogue.parents[2] / _WRITER).read_bytes())
    return f'MADE_OF: Final = "{made.hexdigest()}"'


def stale_tables(root: Path = ROOT) -> list[str]:
    """Return the names of the tables that are missing, or were made of another catalogue."""
    return [
        table.name
        for table, catalogue in ((each.with_suffix(".py"), each) for each in _catalogues(root))
        if not table.exists() or made_of(catalogue) not in table.read_text(encoding="utf-8").splitlines()
    ]


class TablesAtHand(BuildHookInterface[BuilderConfig]):
    """Refuses to pack tables that are missing, or older than their catalogues."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch's own
        """Compare them; a link to the checkout (`editable`) packs none."""
        if version != "editable" and (stale := stale_tables(Path(self.root))):
            self.app.abort(f"till/languages: {', '.join(stale)} missing or older than the catalogue. Run `make setup`.")
