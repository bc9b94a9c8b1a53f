"""The timing of statements by pgbench, from its report for each statement."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from db.embedded.binaries import bundled_binaries
from db.embedded.errors import NoBinariesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.address import Address

#: `         0.412           0  EXECUTE push('{"b": …`: milliseconds, failures, the statement.
_REPORT: Final = re.compile(r"^ +(?P<ms>[\d.]+) +\d+ +(?P<word>\S+)", re.MULTILINE)
_PREPARE: Final = "PREPARE push(text) AS SELECT warm.sync_push_v1($1);\n"


@cache
def find() -> Path | None:
    """Return the path of pgbench in the wheel or the system; None if there is none."""
    try:
        own = bundled_binaries().program("pgbench")
    except NoBinariesError:
        own = None
    if own is not None and own.exists():
        return own
    found = shutil.which("pgbench")
    return Path(found) if found else max(Path("/usr/lib/postgresql").glob("*/bin/pgbench"), default=None)


def time_pushes(program: Path, database: Address, requests: Sequence[str], folder: Path) -> list[float]:
    """Send requests one after the other over one connection. Return the seconds of each.

    Raises:
        RuntimeError: pgbench did not run all of them.
    """
    script = folder / "push.sql"
    calls = "".join(f"EXECUTE push('{request.replace(chr(39), chr(39) * 2)}');\n" for request in requests)
    script.write_text(_PREPARE + calls, encoding="utf-8")
    command = [str(program), "--no-vacuum", "--client=1", "--transactions=1", "--report-per-command",
               "--protocol=simple", f"--file={script}", f"--host={database.host}", f"--port={database.port}",
               f"--username={database.user}", database.dbname]  # fmt: skip
    environment = {**os.environ, "PGPASSWORD": database.password or "", "LC_ALL": "C"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    times = [float(found["ms"]) / 1000 for found in _REPORT.finditer(done.stdout) if found["word"] == "EXECUTE"]
    if done.returncode or len(times) != len(requests):
        raise RuntimeError(f"pgbench ran {len(times)} of {len(requests)}: {done.stderr[-500:]}")
    return times
