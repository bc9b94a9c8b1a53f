"""The wheel of this checkout, installed where the checkout cannot be seen.

No network is needed: the environment is empty but for the wheel, and sees the libraries that the lock put into the
environment of these tests by a path file. Such a file brings folders of modules and none of their own path files, so
the editable install of the till, which is one, stays out.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.embedded import locks
from tests.plugins.folders import run_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Installed:
    """The wheel, as `pip install` installed it.

    Attributes:
        wheel: the file.
        prefix: the environment.
    """

    wheel: Path
    prefix: Path

    @property
    def till(self) -> str:
        return str(self.prefix / "bin" / "till")

    @property
    def python(self) -> str:
        return str(self.prefix / "bin" / "python")


@pytest.fixture(scope="session")
def installed(pytestconfig: pytest.Config) -> Installed:
    """The first worker builds and installs it."""
    folder = run_dir(pytestconfig) / "wheel"
    prefix = folder / "environment"
    with locks.exclusively(run_dir(pytestconfig) / "wheel.lock", 120):
        if not prefix.exists():
            build_wheel(folder)
            _run([sys.executable, "-m", "venv", "--without-pip", str(prefix)])
            python = str(prefix / "bin" / "python")
            own = Path(_run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip())
            libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
            (own / "locked-libraries.pth").write_text("\n".join(sorted(libraries)) + "\n", encoding="utf-8")
            install(prefix, _wheel_in(folder))
    return Installed(_wheel_in(folder), prefix)


def install(prefix: Path, wheel: Path) -> None:
    """Install a wheel into an environment by pip, which keeps what it takes for the same."""
    offline = ["--no-deps", "--no-index", "--disable-pip-version-check", "--quiet", "--no-compile"]
    python = str(prefix / "bin" / "python")
    _run([sys.executable, "-m", "pip", "--python", python, "install", *offline, str(wheel)])


def build_wheel(folder: Path, source: Path = ROOT) -> Path:
    """Build it as `make wheel` does, into a folder; the file."""
    _run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)], source)
    return _wheel_in(folder)


def _wheel_in(folder: Path) -> Path:
    (found,) = folder.glob("till-*.whl")
    return found


def _run(command: Sequence[str], folder: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
