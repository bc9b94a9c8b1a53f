"""Clusters for the tests of the embedded server: `initdb` runs once, and its cluster is copied from then on."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from db.embedded import locks, programs
from tests.plugins.folders import run_dir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from db.embedded.places import Home


@pytest.fixture(autouse=True, scope="session")
def initdb_once(pytestconfig: pytest.Config) -> Iterator[None]:
    """Give servers made in this process a copy of one cluster: `initdb` takes half a second of CPU."""
    folder, run = run_dir(pytestconfig), programs.run

    def run_or_copy(
        home: Home, command: Sequence[str | Path], *, cwd: Path, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        name = str(command[0])
        if not name.endswith("/initdb") or command[1] != "-D":
            return run(home, command, cwd=cwd, **more)
        made, draft = folder / f"initdb-{home.server.uid}", folder / f"initdb-{home.server.uid}.draft"
        with locks.exclusively(folder / "initdb.lock", 60):
            if not made.exists():
                done = run(home, command, cwd=cwd, **more)
                if done.returncode == 0:
                    subprocess.run(["cp", "-a", cwd, draft], check=True)
                    draft.rename(made)
                return done
        subprocess.run(["cp", "-a", f"{made}/.", cwd], check=True)
        return subprocess.CompletedProcess(list(map(str, command)), 0, "")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(programs, "run", run_or_copy)
        yield
