"""Every refusal has a sentence of its own, which `python -OO` leaves, and none is cut at its point."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

import db
import till
from db.errors import DatabaseError
from till.administration.stock import StockFileError
from till.domain.catalogue.csv_table import CsvFault, MenuFileError
from till.domain.errors import TillError
from till.domain.staff.rights import ApprovalNeededError, Permission, PermissionRequest
from till.journal import ForeignJournalError, JournalHeldError
from till.ports.store import BacklogError
from till.register.selling import AgeCheckError
from till.tui.shell.keymap import KeysError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

_JOURNAL: Final = Path("till-1.journal")
#: Refusals whose constructors make the sentence.
_MADE: Final[dict[type[TillError], Callable[[], TillError]]] = {
    AgeCheckError: lambda: AgeCheckError(18),
    ApprovalNeededError: lambda: ApprovalNeededError(PermissionRequest(Permission.REFUND)),
    BacklogError: lambda: BacklogError(3_000),
    ForeignJournalError: lambda: ForeignJournalError(_JOURNAL, till=2, store_id="corner", host=""),
    JournalHeldError: lambda: JournalHeldError(_JOURNAL, None),
    KeysError: lambda: KeysError("F1 is taken.", "pay"),
    MenuFileError: lambda: MenuFileError([CsvFault(3, "That cell cannot be read.")]),
    StockFileError: lambda: StockFileError([CsvFault(3, "That cell cannot be read.")]),
}


def _subclasses(base: type[Any]) -> Iterator[type[Any]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _subclasses(kind)


def _import_all() -> None:
    for package in (till, db):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)


def _fault(kind: type[Any]) -> str | None:
    if kind not in _MADE and "default" not in vars(kind):
        return "has no sentence of its own"
    if issubclass(kind, DatabaseError):
        text = f"{kind.default} {kind.remedy}"
        facts = [name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None]
        sentence = kind(**{name: f"<{name}>" for name in facts}).sentence
    else:
        facts = []
        sentence = _MADE.get(kind, kind)().sentence
    if not sentence or any(f"<{name}>" not in sentence for name in facts):
        return f"says {sentence!r}"
    return None


def test_each_refusal_has_its_sentence_without_its_docstring(monkeypatch: pytest.MonkeyPatch) -> None:
    _import_all()
    kinds = [
        kind
        for base in (TillError, DatabaseError)
        for kind in (base, *_subclasses(base))
        if kind.__module__.partition(".")[0] in {"till", "db"}
    ]
    for kind in kinds:
        monkeypatch.setattr(kind, "__doc__", None)
    assert [(kind.__name__, fault) for kind in kinds if (fault := _fault(kind)) is not None] == []
    assert len(kinds) > 100


def test_no_sentence_is_cut_at_its_point() -> None:
    """A place with little room asks `Advice` for the lead."""
    cut = re.compile(r"""\.partition\(["']\. ["']\)|\.split\(["']\. ["']""")
    files = [path for path in Path(till.__file__).parent.rglob("*.py") if cut.search(path.read_text(encoding="utf-8"))]
    assert files == []
