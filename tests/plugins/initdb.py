"""One `initdb` for the run: half a second of CPU. Processes that a test starts load this module too, so it is small."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

from db.embedded import locks, programs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from db.embedded.places import Home

run = programs.run


class CopyingRun:
    """A replacement of `programs.run`, which copies the cluster of the first `initdb`.

    Args:
        folder: the place of that cluster, which this user may write to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, home: Home, command: Sequence[str | Path], *, cwd: Path, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        name = str(command[0])
        if not name.endswith("/initdb") or command[1] != "-D":
            return run(home, command, cwd=cwd, **more)
        made = self._folder / f"initdb-{home.server.uid}"
        draft = made.with_suffix(".draft")
        with locks.exclusively(self._folder / "initdb.lock", 60):
            if not made.exists():
                done = run(home, command, cwd=cwd, **more)
                if done.returncode == 0:
                    subprocess.run(["cp", "-a", cwd, draft], check=True)
                    draft.rename(made)
                return done
        subprocess.run(["cp", "-a", f"{made}/.", cwd], check=True)
        return subprocess.CompletedProcess(list(map(str, command)), 0, "")
