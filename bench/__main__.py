"""Prints one table and writes `build/bench.json`. With names of themes, measures only these.

A row that missed its goal is measured three more times at the end, with the part of its theme that measures it, and the
middle one of these counts; not in the long form, whose samples are large and take long.
"""

from __future__ import annotations

import argparse
import compileall
import importlib
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
import textual

from bench.table import Figure, middle, table, write_json
from bench.testbed import prepare_testbed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.testbed import Bench

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed till has its bytecode
THEMES: Final = (
    "keys",
    "burst",
    "jumble",
    "paint",
    "calls",
    "journal",
    "push",
    "clients",
    "storm",
    "order",
    "program",
    "start",
    "memory",
    "ringing",
    "lookup",
    "counter",
    "shift",
    "sums",
    "paper",
    "phone",
    "kitchen",
    "fiscal",
    "left",
    "recall",
    "split",
    "sessions",
    "audit",
    "past",
    "reports",
    "rush",
    "losses",
    "shelf",
    "years",
    "venues",
)
#: The times that a missed row is measured again.
_AGAIN: Final = 3


#: A part of a theme: it measures some rows that are measured together, and yields always the same ones.
Part = Callable[["Bench"], "Iterable[Figure]"]


def parts_of(theme: str) -> tuple[Part, ...]:
    """Return the parts of a theme, in the order of their rows. Most are measured as a whole."""
    module = importlib.import_module(f"bench.{theme}")
    parts: tuple[Part, ...] = getattr(module, "PARTS", None) or (module.run,)
    return parts


def measure_again(testbed: Bench, part: Part, rows: list[Figure]) -> None:
    """Measure a part again for its missed rows, and replace each by the middle one."""
    missed = [place for place, row in enumerate(rows) if row.met is False]
    if missed:
        testbed.again = True
        tries = [list(part(testbed)) for _time in range(_AGAIN)]
        for place in missed:
            rows[place] = middle([each[place] for each in tries])


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    model = next(models, platform.machine())
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, Textual {textual.__version__}, psycopg {psycopg.__version__}"
    )


def _load() -> str:
    return "load average " + " ".join(f"{load:.2f}" for load in os.getloadavg())


def main() -> int:
    """Measure, print and write. A missed goal is reported but is not a failure, because the machine may be busy."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("themes", nargs="*", choices=[*THEMES, []], metavar="THEME", help=", ".join(THEMES))
    parser.add_argument("--full", action="store_true", help="a thousand of everything, a million sessions, many venues")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), metavar="FILE")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is stopped and the folder removed
    begun, load = time.monotonic(), _load()
    compileall.compile_dir("till", quiet=1)  # or the first start of a checkout compiles, and keeps the memory
    found: list[tuple[str, Part, list[Figure]]] = []
    with prepare_testbed(full=asked.full) as testbed:
        server = f"PostgreSQL {_server_version(testbed.server.owner('postgres').conninfo)}"

        def say(theme: str) -> None:
            print(f"{time.monotonic() - begun:4.0f} s  {theme}", file=sys.stderr, flush=True)

        for theme in asked.themes or THEMES:
            say(theme)
            found += ((theme, part, list(part(testbed))) for part in parts_of(theme))
        for theme, part, of_part in found:
            names = [row.name.strip() for row in of_part if row.met is False]
            if names and not asked.full:
                say(f"{theme} again: {', '.join(names)}")
                measure_again(testbed, part, of_part)
    rows = list(chain.from_iterable(of_part for _theme, _part, of_part in found))
    print(f"{_machine()}, {server}\n{load} before, {_load()} after {time.monotonic() - begun:.0f} s\n")
    print(table(rows))
    missed = [row for row in rows if row.met is False]
    print(f"\n{len(rows)} rows, {sum(row.met is True for row in rows)} goals met, {len(missed)} missed.")
    write_json(rows, asked.json)
    return 0


def _server_version(conninfo: str) -> str:
    with psycopg.connect(conninfo) as connection:
        return connection.info.parameter_status("server_version") or ""


if __name__ == "__main__":
    sys.exit(main())
