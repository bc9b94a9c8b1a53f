"""The generator of files that follow from the event classes: the checks of a push in SQL, and the page of the events.

The SQL also calls the function of each type that the database applies beside its order. Further files follow from the
settings and other bodies of administration (their bounds in SQL, and their page), from the figures of a Z, from what
subjects ask of events, from the answers in `db/sql` (the functions that tills call, and their page), from the lines
there that say whom a function or view is for (the rights of the roles, and their page), and from babel (the number
formats of locales). `docs/commands.md` follows from the help of the commands, and the end of
`docs/prometheus/till.yml` from what waits for a person.

Run it as `make generate`. With `--check` it writes nothing and fails if something differs, if an event of an order has
no step in its fold, if one that the database applies beside its order has no function, or if something frozen has
changed; `make lint` does so. `make freeze` adds the shapes of today to what is frozen, and gives the functions of
`db/sql` the next number if they changed since the last release.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from db.schema import Program
from till.domain.events.registry import OrderEvent
from till.domain.streams import REGISTRY
from tools.generating import frozen
from tools.generating.alert_rules import alert_rules
from tools.generating.asked_sql import asked_sql
from tools.generating.commands_page import commands_page
from tools.generating.figures_sql import figures_sql
from tools.generating.marks_table import marks_table
from tools.generating.protocol_pages import events_page, functions_page, reads_page, settings_page
from tools.generating.requests_sql import requests_sql
from tools.generating.rights_sql import rights_sql
from tools.generating.rules_sql import rules_sql
from tools.generating.types_sql import applier, types_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT: Final = Path(__file__).parents[1]
SCRIPTS: Final = ROOT / "db/sql"
SQL: Final = SCRIPTS / "05_types/types.sql"
RULES: Final = SCRIPTS / "05_types/rules.sql"
FIGURES: Final = SCRIPTS / "05_types/figures.sql"
ASKED: Final = SCRIPTS / "05_types/asked.sql"
REQUESTS: Final = SCRIPTS / "05_types/requests.sql"
MANAGERS: Final = SCRIPTS / "05_types/managers.sql"
RIGHTS: Final = SCRIPTS / "90_grants/rights.sql"
#: The pages of the protocol that are not by hand, such as docs/protocol-events.md.
PROTOCOL: Final = "docs/protocol-{}.md"
COMMANDS: Final = ROOT / "docs/commands.md"
ALERTS: Final = ROOT / "docs/prometheus/till.yml"
NUMBER: Final = SCRIPTS / "number.txt"
MARKS: Final = ROOT / "till/domain/money/marks.py"
#: The fold's table, from a class to the function that makes its step.
_STEPS: Final = ("till.domain.order.evolve", "STEPS")
#: A function that applies the events of a type beside their orders.
_APPLIER: Final = re.compile(
    r"^create or replace function warm\.(on_\w+)\(p_auth warm\.auth_context, e warm\.incoming_event\) returns boolean$",
    re.MULTILINE,
)


def without_step() -> list[str]:
    """Return the events of an order that its fold has no step for."""
    module, name = _STEPS
    steps = getattr(import_module(module), name)
    return [kind.__name__ for kind in REGISTRY if issubclass(kind, OrderEvent) and kind not in steps]


def applier_faults(scripts: Iterable[str]) -> list[str]:
    """Return a sentence for each type that no function applies, and for each function that applies no type."""
    written = {name for text in scripts for name in _APPLIER.findall(text)}
    called = {applier(kind) for kind in REGISTRY if kind.applied_beside}
    return [
        *(f"db/sql has no warm.{name}(p_auth, e), which returns a boolean" for name in sorted(called - written)),
        *(f"warm.{name} applies no type that is applied_beside" for name in sorted(written - called)),
    ]


def functions_number() -> str:
    """Return the number and the checksum of the functions for a release; a change of them takes the next number."""
    now = Program()
    was = NUMBER.read_text(encoding="ascii") if NUMBER.exists() else ""
    same = f"{now.number} {now.checksum}\n"
    return same if was == same else f"{now.number + 1} {now.checksum}\n"


def main(arguments: list[str]) -> int:
    """Write the files; with `--check`, print what differs. With `--freeze`, freeze today's shapes and number."""
    if "--freeze" in arguments:
        frozen.freeze()
        NUMBER.write_text(functions_number(), encoding="ascii")
        return 0
    made = {
        SQL: types_sql(),
        RULES: rules_sql(),
        FIGURES: figures_sql(),
        ASKED: asked_sql(),
        REQUESTS: requests_sql(),
        MARKS: marks_table(),
        COMMANDS: commands_page(),
        ALERTS: alert_rules(ALERTS.read_text(encoding="utf-8")),
    }
    scripts = dict(Program().scripts) | {
        path.relative_to(SCRIPTS).as_posix(): text for path, text in made.items() if SCRIPTS in path.parents
    }
    made[RIGHTS], made[MANAGERS] = rights_sql(scripts.values())
    pages = {
        "events": events_page(),
        "settings": settings_page(),
        "reads": reads_page(text for _name, text in sorted(scripts.items())),
        "functions": functions_page(scripts.values()),
    }
    made |= {ROOT / PROTOCOL.format(name): text for name, text in pages.items()}
    differing = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" not in arguments:
        for path in differing:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path], encoding="utf-8")
        return 0
    faults = [f"{path.relative_to(ROOT)} is not what it is written from: make generate" for path in differing]
    faults += frozen.faults(frozen.frozen()) or ([] if frozen.RECORD.exists() else ["nothing is frozen: make freeze"])
    faults += applier_faults(text for _name, text in Program().scripts)
    faults += [f"{kind} has no step in {'.'.join(_STEPS)}" for kind in without_step()]
    for fault in faults:
        sys.stderr.write(fault + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
