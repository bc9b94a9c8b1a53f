"""Prints one table and writes `build/bench.json`. With names of themes, measures only these."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import signal
import sys
import time
from pathlib import Path
from typing import Final

import psycopg
import textual

from bench.table import Figure, table, write_json
from bench.testbed import prepare_testbed

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed till has its bytecode
THEMES: Final = (
    "keys",
    "burst",
    "paint",
    "calls",
    "journal",
    "push",
    "clients",
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
    "recall",
    "split",
    "sessions",
    "audit",
    "past",
    "reports",
    "rush",
    "years",
)


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
    parser.add_argument("--full", action="store_true", help="a thousand of everything, and a million sessions")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), metavar="FILE")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is stopped and the folder removed
    begun, load = time.monotonic(), _load()
    rows: list[Figure] = []
    with prepare_testbed(full=asked.full) as testbed:
        server = f"PostgreSQL {_server_version(testbed.server.owner('postgres').conninfo)}"
        for theme in asked.themes or THEMES:
            print(f"{time.monotonic() - begun:4.0f} s  {theme}", file=sys.stderr, flush=True)
            rows += importlib.import_module(f"bench.{theme}").run(testbed)
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
