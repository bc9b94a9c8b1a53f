"""Modules that a till loads before its first screen; slow ones load after it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from tests.e2e.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

#: Writes down what is loaded when the first screen stands; and `@` the dataclasses of all that is loaded when the sync
#: begins. There it ends as a power cut would.
_LOOK: Final = """
import os, pathlib, sys
from till.cli.main import main
from till.wiring.deferred_sync import DeferredSync
from till.wiring.terminal import prepare_terminal
prepare_terminal()
from till.tui.shell.app import TillApp
load_further, loaded = TillApp.load_further, []
def at_first_paint(app):
    loaded.extend(sys.modules)
    load_further(app)
def at_end(sync):
    made = pathlib.Path(sys.argv[1])
    found = [one for module in [*sys.modules.values()] for one in vars(module).values() if isinstance(one, type)]
    built = {f"@{one.__name__}" for one in found
             if one.__module__.startswith("till.") and "__dataclass_fields__" in vars(one)}
    made.with_suffix(".making").write_text("\\n".join([*loaded, *built]))
    made.with_suffix(".making").rename(made)
    os._exit(0)
TillApp.load_further, DeferredSync.begin = at_first_paint, at_end
main(["demo"])
"""
#: Each of them costs a tenth of a start or more.
_SLOW: Final = {
    "psycopg": "the driver of the database",
    "sqlalchemy": "tables are made by the first till alone",
    "alembic": "the same",
    "babel": "the marks of the locale stand in a table",
    "rapidfuzz": "wanted when words are typed",
    "argon2": "wanted when a PIN is",
    "structlog": "nobody reads a log before there is one",
    "typer": "the bare command needs no parser",
    "textual.widgets._select": "a widget of Textual's command palette, which no till opens",
    "till.sync.service": "the sync",
    "till.sync.engine": "the same",
    "till.sync.messages": "the same",
    "till.tui.late_screens": "all screens but the first",
    "till.tui.screens.sell.scene": "one of them",
    "till.register.quick_entry.language": "the patterns of what is typed there",
    "till.reports": "another command",
    "db": "the database",
}


def _loaded(folder: Path) -> set[str]:
    """Return the modules that a till has loaded at its first paint, and, behind `@`, its dataclasses soon after."""
    list_file = folder / "loaded"
    list_file.unlink(missing_ok=True)
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "TILL_DATA_DIR": str(folder / "data")}
    terminal = Terminal([sys.executable, "-c", _LOOK, str(list_file)], environment)
    try:
        assert terminal.wait_for_end() == 0
    finally:
        terminal.close()
    return set(list_file.read_text(encoding="utf-8").split())


def test_slow_imports_stay_behind_the_first_paint(tmp_path: Path) -> None:
    assert "till.tui.shell.app" in _loaded(tmp_path)  # the very first start of a journal reads what the venue has
    loaded = _loaded(tmp_path)
    assert "till.tui.shell.app" in loaded
    assert sorted(_SLOW.keys() & loaded) == []
    # A dataclass takes half a millisecond to make, a Struct a fiftieth of that; one field of this does not compare.
    assert {one for one in loaded if one.startswith("@")} == {"@SessionMark"}
