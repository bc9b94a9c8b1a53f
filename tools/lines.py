"""The lines of code of the product by room: no blank lines, comments, docstrings, imports or generated SQL.

Run with `make lines`; OF names another checkout to compare. With SINCE, a commit, it lists the product's older files
that were touched since instead: what a capability cost outside its own files.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parents[1]
#: The folders and files that `tools/generate.py` and `tools/tables.py` write.
_GENERATED: Final = frozenset({"05_types", "rights.sql", "tables", "marks.py"})
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


def count(root: Path) -> Counter[str]:
    """Count a checkout: lines by folder, at most three deep, and in all for each language."""
    found: Counter[str] = Counter()
    for path in (path for top in ("till", "db") for path in sorted((root / top).rglob("*"))):
        parts = path.relative_to(root).parts
        room = "/".join(parts[:-1][:_DEPTH])
        if _GENERATED & set(parts):
            continue
        if path.suffix == ".py":
            found[room] += (lines := python_lines(path.read_text()))
            found["Python"] += lines
        elif path.suffix == ".sql":
            found[room] += (lines := sql_lines(path.read_text()))
            found["SQL by hand"] += lines
    return found


def touched(root: Path, since: str) -> list[str]:
    """Return the product's files by hand that are older than a commit and differ from it, and its lines: +3 -1 file."""
    command = ["git", "-C", str(root), "diff", "--numstat", "--find-renames", "--diff-filter=a", "--merge-base"]
    asked = subprocess.run([*command, since, "--", "till", "db"], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if asked.returncode:
        raise SystemExit(asked.stderr.strip())
    rows = [row.split("\t") for row in asked.stdout.splitlines()]
    return [
        f"{'+' + added:>7} {'-' + removed:>6}  {name}"
        for added, removed, name in rows
        if not _GENERATED & set(name.split("/"))
    ]


def main() -> None:
    """Print the table, or the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", nargs="?", type=Path, default=_HERE)
    parser.add_argument("--since", metavar="COMMIT")
    asked = parser.parse_args()
    if asked.since:
        files = touched(asked.checkout, asked.since)
        sys.stdout.write("".join(f"{row}\n" for row in [*files, f"{len(files)} older files of the product"]))
        return
    for room, lines in sorted(count(asked.checkout).items()):
        sys.stdout.write(f"{lines:>7,}  {room}\n")


if __name__ == "__main__":
    main()
