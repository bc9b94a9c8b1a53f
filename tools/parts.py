"""The parts of the house, and the imports by which its core knows a subject.

`parts.txt` sorts each file of the product into the core, the assembly or a subject. `arrows.txt` has the imports of
subjects by the core that are still there; `tools/core_contract.py` holds both to the code, in `make lint`.
"""

from __future__ import annotations

import ast
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    import grimp

CORE: Final = "core"
ASSEMBLY: Final = "assembly"
PACKAGES: Final = ("till", "db", "migrations")
_HERE: Final = Path(__file__).parent


def _rows(file: Path) -> list[str]:
    return [line for line in file.read_text().splitlines() if line and line[0] != "#"]


#: Each pattern with its part.
PATTERNS: Final = [(pattern, part) for part, pattern in map(str.split, _rows(_HERE / "parts.txt"))]


def _matches(file: str, pattern: str) -> bool:
    return file.startswith(pattern) if pattern.endswith("/") else fnmatchcase(file, pattern)


def part_of(file: str) -> str | None:
    """Return the part of a file, named from the root of the checkout; None if no row matches."""
    return next((part for pattern, part in PATTERNS if _matches(file, pattern)), None)


def unmatched(root: Path) -> list[str]:
    """Return the files that no row sorts, and the patterns of one file that match none. A folder may be gone."""
    files = [path.relative_to(root).as_posix() for top in PACKAGES for path in sorted((root / top).rglob("*"))]
    mine = [file for file in files if file.endswith((".py", ".sql"))]
    gone = [one for one, _ in PATTERNS if not one.endswith("/") and not any(_matches(file, one) for file in mine)]
    return [*(file for file in mine if part_of(file) is None), *gone]


def file_of(module: str, root: Path) -> Path:
    """Return the file of a module or of a package."""
    path = root.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def arrows(graph: grimp.ImportGraph, root: Path) -> set[tuple[str, str]]:
    """Return the arrows from the core to a subject: a module of the core, and the module that it names.

    An import counts wherever it stands, for types as well; so does a string that is the name of a module (`Later`).
    """
    parts = {module: part_of(file_of(module, root).relative_to(root).as_posix()) for module in graph.modules}
    subjects = {module for module, part in parts.items() if part not in {CORE, ASSEMBLY, None}}
    return {
        (module, named)
        for module in graph.modules
        if parts[module] == CORE
        for named in {*graph.find_modules_directly_imported_by(module), *_named(file_of(module, root), root)} & subjects
    }


def _named(file: Path, root: Path) -> Iterator[str]:
    """Yield the modules that strings of a file name. A package is none: groups of entry points have such names."""
    for node in ast.walk(ast.parse(file.read_text())):
        word = node.value if isinstance(node, ast.Constant) else None
        if isinstance(word, str) and word.startswith(PACKAGES) and file_of(word, root).name != "__init__.py":
            yield word


def allowed() -> set[tuple[str, str]]:
    """Return the arrows of `arrows.txt`."""
    return {(one, other) for one, other in (row.split(" -> ") for row in _rows(_HERE / "arrows.txt"))}
