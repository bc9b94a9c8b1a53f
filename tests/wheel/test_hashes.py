"""The file of `make dist` by which a venue installs with hashes."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.hashed import ROOT, hashed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.wheel.conftest import Installed

LOCK = (ROOT / "requirements/dev.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _install(folder: Path) -> subprocess.CompletedProcess[str]:
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--no-index",
        "--no-deps",
        "--disable-pip-version-check",
    ]
    command = [*pip, "--ignore-installed", "--require-hashes", "-r", "requirements.txt"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_pip_takes_the_wheel_by_its_hash_and_no_other(tmp_path: Path, installed: Installed) -> None:
    wheel = installed.wheel
    own = tmp_path / wheel.name
    own.write_bytes(wheel.read_bytes())
    (tmp_path / "requirements.txt").write_text(hashed(own, LOCK, ()), encoding="utf-8")
    assert (done := _install(tmp_path)).returncode == 0, done.stderr
    own.write_bytes(wheel.read_bytes() + b"\0")
    assert "DO NOT MATCH THE HASHES" in _install(tmp_path).stderr


def test_all_libraries_of_the_till_have_their_hashes_and_none_of_development(tmp_path: Path) -> None:
    (own := tmp_path / "till-1-py3-none-any.whl").write_bytes(b"")
    text = hashed(own, LOCK, PROJECT["dependencies"])
    names = {canonicalize_name(name) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
    assert {canonicalize_name(Requirement(one).name) for one in PROJECT["dependencies"]} <= names
    assert not {"pytest", "ruff", "mypy", "hypothesis", "hatchling", "import-linter"} & names
    assert {"sqlalchemy", "markdown-it-py", "cffi"} <= names, "what libraries need themselves"
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert [one.partition(" ")[0] for one in blocks if "--hash=sha256:" not in one] == []
