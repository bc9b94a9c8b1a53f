"""`make where WORD=drawer`: the places of a change, from the pages of rooms and the first lines of folders."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[1]
_ROOMS: Final = ("till", "db", "tools")


def pages() -> list[Path]:
    """Return the pages of the rooms."""
    return sorted(path for room in _ROOMS for path in ROOT.glob(f"{room}/**/README.md"))


def places(word: str) -> Iterator[str]:
    """Yield the rows of the rooms that have a word, the earlier in its row the better; then the folders."""
    rows = [(page, row) for page in pages() for row in re.findall(r"^- (.+)$", page.read_text("utf-8"), re.MULTILINE)]
    pattern = re.compile(rf"\b{re.escape(word)}", re.IGNORECASE)
    found = [(at.start(), page, row) for page, row in rows if (at := pattern.search(row))]
    for _at, page, row in sorted(found):
        yield f"{page.parent.relative_to(ROOT)}: {row}"
    for file in sorted(path for room in _ROOMS for path in ROOT.glob(f"{room}/**/__init__.py")):
        line = (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n")[0]
        if pattern.search(line):
            yield f"{file.parent.relative_to(ROOT)}: {line}"


def main(words: list[str]) -> int:
    """Print the places of a word."""
    found = [*places(" ".join(words))] if words else []
    sys.stdout.write("".join(f"{one}\n" for one in found))
    if not found:
        sys.stderr.write("No room names this word. `make where WORD=order` searches; docs/tour.md lists the rooms.\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
