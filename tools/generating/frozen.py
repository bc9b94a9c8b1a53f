"""The shapes that never change: databases, journals and older tills have them (docs/adr/0060-frozen.md).

`docs/frozen.txt` has a line for each. A line that is there stays true; a new shape may change until `make freeze` adds
its line.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from till import sync
from till.domain.events.registry import name_of, private_fields
from till.domain.streams import REGISTRY
from till.journal.schema import REVISIONS
from till.sync import messages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT: Final = Path(__file__).parents[2]
RECORD: Final = ROOT / "docs/frozen.txt"
#: The functions that a till, a command, a program or a gateway calls have a version in their name.
_FUNCTION: Final = re.compile(
    r"^create or replace (?:function|procedure) (\w+\.\w+_v\d+\(.*?\)(?:\s+returns .*?)?)(?=\s+(?:language|as)\b)",
    re.MULTILINE | re.DOTALL,
)
#: A row of the protocol on a function: what it takes, and what it gives.
_ROW: Final = re.compile(r"^\| `(\w+\.\w+_v\d+)` \| (.*?) \| (.*) \|$", re.MULTILINE)
_TAKEN: Final = re.compile(r"`(\w+)`")
_GIVEN: Final = re.compile(r'"(\w+)"')


def shapes() -> set[str]:
    """Return a line for each shape that the program has today."""
    return {*_files(), *_journals(), *_events(), *_functions(), *_protocol(), *_answers()}


def frozen() -> set[str]:
    """Return the lines of the record."""
    return set(RECORD.read_text(encoding="utf-8").splitlines()) if RECORD.exists() else set()


def freeze() -> None:
    """Add the shapes of today to the record. Nothing leaves it, so a change of what is frozen stays a fault."""
    RECORD.write_text("".join(f"{line}\n" for line in sorted(frozen() | shapes())), encoding="utf-8")


def faults(recorded: set[str]) -> list[str]:
    """Return a sentence for each recorded shape that is different or gone, and for each answer that asks for more."""
    today = shapes()
    changed = sorted(line for line in recorded - today if not _is_converted(line))
    answers = {_struct(line) for line in recorded if line.startswith("answer ")}
    new = sorted(line for line in today - recorded if line.startswith("answer ") and line.endswith(" required"))
    return [
        *(f"frozen, and now different or gone (docs/adr/0060-frozen.md): {line}" for line in changed),
        *(f"older functions do not answer this, make it optional: {line}" for line in new if _struct(line) in answers),
    ]


def _is_converted(line: str) -> bool:
    """True for an earlier version of an event that the class of today converts, step by step."""
    shape, name, *rest = line.split()
    kind = REGISTRY.find(name) if shape == "event" else None
    return kind is not None and set(range(int(rest[0]), kind.v)) <= set(kind.upcasters) and int(rest[0]) < kind.v


def _struct(line: str) -> str:
    return line.split()[1].partition(".")[0]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _files() -> Iterator[str]:
    for path in [*ROOT.glob("migrations/ddl/*.sql"), *ROOT.glob("migrations/versions/*.py")]:
        yield f"file {path.relative_to(ROOT)} {_digest(path.read_text(encoding='utf-8'))}"


def _journals() -> Iterator[str]:
    for number, statements in enumerate(REVISIONS, 1):
        yield f"journal {number} {_digest(chr(0).join(statements))}"


def _events() -> Iterator[str]:
    for kind in REGISTRY:
        shape = [_bare(msgspec.json.schema(kind)), private_fields(kind)]
        yield f"event {name_of(kind)} {kind.v} {kind.stream} {_digest(json.dumps(shape, sort_keys=True))}"


def _functions() -> Iterator[str]:
    for path in ROOT.glob("db/sql/*/*.sql"):
        for called in _FUNCTION.findall(path.read_text(encoding="utf-8")):
            if "(p_auth " not in called:  # a part of one that is called
                yield "function " + " ".join(called.split())


def _protocol() -> Iterator[str]:
    pages = (ROOT / "docs" / name for name in ("protocol.md", "protocol-reads.md"))
    for name, taken, given in _ROW.findall("".join(page.read_text(encoding="utf-8") for page in pages)):
        yield from (f"request {name} {key}" for key in _TAKEN.findall(taken))
        yield from (f"reply {name} {key}" for key in _GIVEN.findall(given))


def _answers() -> Iterator[str]:
    modules = [import_module(f"{sync.__name__}.{one.name}") for one in pkgutil.iter_modules(sync.__path__)]
    kinds = [kind for module in modules for kind in _read_from(module)]
    _references, components = msgspec.json.schema_components(kinds)
    for name, schema in components.items():
        for field, shape in schema.get("properties", {}).items():
            need = "required" if field in schema.get("required", ()) else "optional"
            words = json.dumps({key: value for key, value in _bare(shape).items() if key != "default"}, sort_keys=True)
            yield f"answer {name}.{field} {words} {need}"


def _read_from(module: ModuleType) -> list[type[msgspec.Struct]]:
    """Return the structs that a till reads from JSON: those of a module that has an answer."""
    kinds = [kind for _name, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__]
    if not any(issubclass(kind, messages.Answer) for kind in kinds):
        return []
    return [kind for kind in kinds if issubclass(kind, msgspec.Struct) and kind is not messages.Request]


def _bare(schema: Any) -> Any:
    """Return a schema without its words, which are texts; a field may have the name of one."""
    if isinstance(schema, dict):
        words = {key for key in ("description", "title") if isinstance(schema.get(key), str)}
        return {key: _bare(value) for key, value in schema.items() if key not in words}
    return [_bare(one) for one in schema] if isinstance(schema, list) else schema
