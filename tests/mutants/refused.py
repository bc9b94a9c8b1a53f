"""Mutants that mypy refuses: `make lint` finds them, and no test has to."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.mutants.generating import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.mutants.generating import Fault
    from tests.mutants.mutant import Mutant

#: Options of mypy. No error counts that names how a mutant is written: `… and False`.
_OPTIONS: Final = (
    "--no-error-summary",
    "--no-pretty",
    "--no-warn-unreachable",
    "--disable-error-code=redundant-expr",
    "--disable-error-code=truthy-bool",
    f"--cache-dir={ROOT / 'build' / 'mutants' / 'mypy'}",
)


def refused(faults: Iterable[Fault]) -> set[Mutant]:
    """Return the mutants in which mypy finds an error. Each run of it looks at one mutant of each file."""
    rounds: list[dict[str, Fault]] = []
    for fault in faults:
        if ") and False if" in fault.text or ") or True if" in fault.text:
            continue  # mypy refuses how it is written: its type is no longer narrowed
        free = next((one for one in rounds if fault.mutant.path not in one), None)
        if free is None:
            rounds.append(free := {})
        free[fault.mutant.path] = fault
    return {mutant for one in rounds for mutant in _refused_at_once(one)}


def _refused_at_once(faults: dict[str, Fault]) -> set[Mutant]:
    with tempfile.TemporaryDirectory() as folder:
        options = list(_OPTIONS)
        for number, (path, fault) in enumerate(faults.items()):
            shadow = Path(folder) / f"{number}.py"
            shadow.write_text(fault.source, encoding="utf-8")
            options += ["--shadow-file", path, str(shadow)]
        command = [sys.executable, "-m", "mypy", *options, *faults]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    named = {line.partition(":")[0] for line in done.stdout.splitlines() if " error: " in line}
    if done.returncode not in {0, 1} or (done.returncode == 1) is not bool(named):
        raise RuntimeError(done.stdout + done.stderr)
    return {faults[path].mutant for path in named & faults.keys()}
