"""Find public class names that stand for two classes, for `make lint`.

Run with the folders to look at. A name in both needs the words of its trade, its protocol's prefix, or an underscore.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from pathlib import Path


def twins(folders: list[str]) -> list[str]:
    """Return a line for each public class name with two definitions or more, with their places."""
    places: dict[str, list[str]] = defaultdict(list)
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].append(f"{path}:{node.lineno}")
    return [f"{name} is the name of {len(at)} classes: {', '.join(at)}" for name, at in places.items() if len(at) > 1]


def main(folders: list[str]) -> int:
    """Name each twin on stderr; return 1 if there is any."""
    found = twins(folders)
    sys.stderr.writelines(f"{line}\n" for line in found)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
