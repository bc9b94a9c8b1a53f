"""`make dist`: the file by which pip installs the wheel and its libraries by hash, without those of development."""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT: Final = Path(__file__).parents[1]
_LOCKED: Final = re.compile(r"^(?P<name>[\w.-]+)==.*?(?=^\w|\Z)", re.MULTILINE | re.DOTALL)


def hashed(wheel: Path, lock: str, needed: Iterable[str]) -> str:
    """Return the requirements: the wheel with its own hash, and of the lock what is needed."""
    names = closure(needed)
    rows = [found[0] for found in _LOCKED.finditer(lock) if canonicalize_name(found["name"]) in names]
    own = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return "".join([f"./{wheel.name} \\\n    --hash=sha256:{own}\n", *rows])


def closure(needed: Iterable[str]) -> set[str]:
    """Return the names of libraries and of all that they need, on any system; none of an extra that nobody asks for."""
    names: set[str] = set()
    asked = {(Requirement(one).name, frozenset(Requirement(one).extras)) for one in needed}
    looked: set[tuple[str, frozenset[str]]] = set()
    while asked:
        name, extras = one = asked.pop()
        looked.add(one)
        names.add(canonicalize_name(name))
        try:
            further = [Requirement(line) for line in metadata.requires(name) or ()]
        except metadata.PackageNotFoundError:  # a library of another system
            continue
        asked |= {(it.name, frozenset(it.extras)) for it in further if _is_asked(it, extras)} - looked
    return names


def _is_asked(needs: Requirement, extras: frozenset[str]) -> bool:
    if needs.marker is None or "extra" not in str(needs.marker):
        return True
    return any(needs.marker.evaluate({"extra": extra}) for extra in extras)


def main(arguments: list[str]) -> int:
    """Write `requirements.txt` beside the wheel in a folder."""
    (wheel,) = Path(arguments[0]).glob("till-*.whl")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements/dev.lock").read_text(encoding="utf-8")
    wheel.with_name("requirements.txt").write_text(hashed(wheel, lock, project["dependencies"]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
