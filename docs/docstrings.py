"""Find the docstrings that begin with a word like What or Whether, for `make lint`.

Run with the folders to look at. A docstring of an exception is exempt: it is the sentence that its user reads.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCUMENTED: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_REFUSED: Final = re.compile(r"\s*((?:What|Who|Whether|How|That|So|Return (?:what|who|whether))\b)")
_EXCEPTION: Final = ("Error", "Exception")


def _is_exception(node: ast.AST) -> bool:
    """True if a class derives from an exception, as far as its name and those of its bases tell."""
    return isinstance(node, ast.ClassDef) and any(
        name.endswith(_EXCEPTION) for name in (node.name, *map(ast.unparse, node.bases))
    )


def refused(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the first words of each docstring of a Python file that begins badly."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, _DOCUMENTED) and not _is_exception(node):
            found = _REFUSED.match(ast.get_docstring(node, clean=False) or "")
            if found is not None:
                yield node.body[0].lineno, found[1]


def main(folders: list[str]) -> int:
    """Name each docstring that begins badly on stderr; return 1 if there is any."""
    faults = [
        f'{path}:{line}: a docstring begins with "{words}"; begin with a verb (a function) or a noun (class, module)\n'
        for path in sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
        for line, words in sorted(refused(path.read_text(encoding="utf-8")))
    ]
    sys.stderr.writelines(faults)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
