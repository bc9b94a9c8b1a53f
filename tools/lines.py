"""The lines of code of the product by room and by part: no blank lines, comments, docstrings or imports.

Run with `make lines`; OF names another checkout to compare. Generated files are counted apart. The last line counts
the imports of subjects by the core (`tools/parts.txt`). With SINCE, a commit, it lists the product's older files that
were touched since instead: what a capability cost outside its own files.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import grimp

from tools.parts import ASSEMBLY, CORE, PACKAGES, arrows, part_of

_HERE: Final = Path(__file__).parents[1]
#: The words at the top of each file that `make generate` and `make tables` write.
_WRITTEN: Final = re.compile(r"(Written|Generated) (by|from)\b")
_TOP: Final = 300
_GENERATED: Final = "generated"
_DOCUMENTED: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_DEPTH: Final = 3


def python_lines(text: str) -> int:
    """Count the lines of code of a Python file."""
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        found: ast.stmt | None = node if isinstance(node, ast.Import | ast.ImportFrom) else None
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            found = node.body[0]
        if found is not None:
            left_out.update(range(found.lineno, (found.end_lineno or found.lineno) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and line.strip()[0] != "#" and number not in left_out for number, line in lines)


def sql_lines(text: str) -> int:
    """Count the lines of code of a file of SQL."""
    return sum(bool(line.strip()) and not line.lstrip().startswith("--") for line in text.splitlines())


def is_generated(text: str) -> bool:
    """Return True if a file is written by a tool."""
    return _WRITTEN.search(text, 0, _TOP) is not None


def count(root: Path) -> tuple[Counter[str], Counter[str]]:
    """Count a checkout: lines by folder, at most three deep, and for each language; and lines by part."""
    rooms, parts = Counter[str](), Counter[str]()
    for path in (path for top in ("till", "db") for path in sorted((root / top).rglob("*"))):
        if path.suffix not in {".py", ".sql"}:
            continue
        file, text = path.relative_to(root), path.read_text()
        lines = python_lines(text) if path.suffix == ".py" else sql_lines(text)
        if is_generated(text):
            parts[_GENERATED] += lines
            continue
        rooms["/".join(file.parts[:-1][:_DEPTH])] += lines
        rooms["Python by hand" if path.suffix == ".py" else "SQL by hand"] += lines
        parts[part_of(file.as_posix()) or "in no part"] += lines
    return rooms, parts


def table(root: Path) -> list[str]:
    """Return the rows of a checkout: its rooms, then its parts, then the arrows from the core to subjects."""
    rooms, parts = count(root)
    core, assembly, generated = (parts.pop(name, 0) for name in (CORE, ASSEMBLY, _GENERATED))
    rows = [
        *sorted(rooms.items()),
        (CORE, core),
        ("subjects", parts.total()),
        *((f"  {name}", lines) for name, lines in parts.most_common()),
        (ASSEMBLY, assembly),
        (_GENERATED, generated),
    ]
    sys.path.insert(0, str(root))
    found = arrows(grimp.build_graph(*PACKAGES, cache_dir=None), root)
    return [*(f"{lines:>7,}  {name}" for name, lines in rows), f"{len(found)} arrows from the core to subjects"]


def touched(root: Path, since: str) -> list[str]:
    """Return the product's files by hand that are older than a commit and differ from it, and its lines: +3 -1 file."""
    command = ["git", "-C", str(root), "diff", "--numstat", "--find-renames", "--diff-filter=a", "--merge-base"]
    asked = subprocess.run([*command, since, "--", "till", "db"], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if asked.returncode:
        raise SystemExit(asked.stderr.strip())
    rows = [row.split("\t") for row in asked.stdout.splitlines()]
    return [f"{'+' + added:>7} {'-' + removed:>6}  {name}" for added, removed, name in rows if not _made(root / name)]


def _made(path: Path) -> bool:
    """Return True if a file is generated. One that was renamed has a name with braces, and one may be gone."""
    return path.is_file() and is_generated(path.read_text(errors="replace"))


def main() -> None:
    """Print the table, or the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", nargs="?", type=Path, default=_HERE)
    parser.add_argument("--since", metavar="COMMIT")
    asked = parser.parse_args()
    if asked.since:
        files = touched(asked.checkout, asked.since)
        rows = [*files, f"{len(files)} older files of the product"]
    else:
        rows = table(asked.checkout.resolve())
    sys.stdout.write("".join(f"{row}\n" for row in rows))


if __name__ == "__main__":
    main()
