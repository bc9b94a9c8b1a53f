"""The version of a wheel: that of the program; between releases also a digest of the files that the wheel is made of.

Two wheels of different files differ in their version, so that pip and pipx install one over the other. The same files
make the same version, without git or a clock. Hatch reads it from here (`tool.hatch.version`).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
#: The files in the wheel, and those that its metadata is made from.
_PACKED: Final = (
    "till", "db", "migrations", "config.example.toml", "docs/runbook", "docs/systemd", "docs/prometheus",
    "pyproject.toml", "README.md", "LICENSE",
)  # fmt: skip


def version(root: Path = ROOT) -> str:
    """Return the version: `0.1.0` of a release, or such as `0.1.1.dev0+g1a2b3c4d`."""
    found = re.search(r'__version__: Final = "(.+)"', (root / "till/__init__.py").read_text(encoding="utf-8"))
    program = found[1] if found else ""
    if ".dev" not in program:
        return program
    digest = hashlib.sha256()
    for path in sorted(file for name in _PACKED for file in _files(root / name)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return f"{program}+g{digest.hexdigest()[:8]}"


def _files(path: Path) -> list[Path]:
    """Return a file, or all files of a folder but those that Python compiled."""
    found = path.rglob("*") if path.is_dir() else [path]
    return [file for file in found if file.is_file() and "__pycache__" not in file.parts]
