"""Find docstrings that begin with a word like What or Whether, and classes by refused names, for `make lint`.

Run with the folders to look at.
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
#: Names of classes that another word says better.
_BETTER: Final = {
    "Agreed": "DraftSplit",
    "Behind": "QueuedHandler",
    "Course": "ChargeProgress",
    "Digest": "ReplyHandler",
    "Happening": "Outcome",
    "Hearing": "WebhookServer",
    "Keyed": "ItemEntry",
    "LateGround": "DeferredDatabase",
    "LateSync": "DeferredSync",
    "Lines": "JsonFormatter",
    "Link": "Connection",
    "Matter": "NeedsAttention",
    "Moment": "PayContext",
    "Road": "Connection",
    "Said": "Message",
    "Told": "Notice",
}


def refused(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of each docstring and class of a Python file that is refused."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and node.name in _BETTER:
            yield node.lineno, f"a class is called {node.name}; call it {_BETTER[node.name]}"
        if isinstance(node, _DOCUMENTED):
            found = _REFUSED.match(ast.get_docstring(node, clean=False) or "")
            if found is not None:
                better = "begin with a verb (a function) or a noun (class, module)"
                yield node.body[0].lineno, f'a docstring begins with "{found[1]}"; {better}'


def main(folders: list[str]) -> int:
    """Name each docstring and class that is refused on stderr; return 1 if there is any."""
    faults = [
        f"{path}:{line}: {fault}\n"
        for path in sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
        for line, fault in sorted(refused(path.read_text(encoding="utf-8")))
    ]
    sys.stderr.writelines(faults)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
