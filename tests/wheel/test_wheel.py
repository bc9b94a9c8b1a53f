"""A till from its wheel alone: no checkout, no config, nothing in the folder it is started from."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.schema import OWN
from tests.plugins.folders import new_data_dir, run_dir
from tests.plugins.terminals import Venue, copy_folder
from tests.wheel.conftest import build_wheel, install
from till import __version__
from till.journal.schema import REVISIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.wheel.conftest import Installed

ROOT = Path(__file__).parents[2]
ROOMS = ("till", "db", "migrations")
#: The files of the checkout that a wheel is built from.
PACKED = (
    *(*ROOMS, "docs/runbook", "docs/systemd", "docs/prometheus", "pyproject.toml"),
    *("tools/packing.py", "tools/catalogues.py", "config.example.toml", "README.md", "LICENSE"),
)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to start things from; nothing points at the checkout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path


def run(installed: Installed, venue: Venue, *arguments: str) -> str:
    done = subprocess.run(
        [installed.till, *arguments], env=venue.environment(), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_every_file_of_the_package(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = set(wheel.namelist())
    files = {path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()}
    wanted = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}
    assert {".py", ".sql", ".csv", ".toml", ".typed"} <= {Path(name).suffix for name in wanted}
    assert wanted - names == set()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == set(ROOMS)


def test_the_same_files_make_the_same_wheel(installed: Installed, tmp_path: Path) -> None:
    again = build_wheel(tmp_path)
    assert (again.name, again.read_bytes()) == (installed.wheel.name, installed.wheel.read_bytes())


def test_the_wheel_of_a_fresh_clone_is_the_same_and_speaks_spanish(installed: Installed, tmp_path: Path) -> None:
    """A clone has no tables, and a build without them, or with older ones, is refused; `make wheel` writes them."""
    copy_checkout(tmp_path, (*PACKED, "Makefile", "requirements", ".gitignore"))
    table, catalogue = (tmp_path / f"till/languages/es.{kind}" for kind in ("py", "po"))
    older = table.read_text(encoding="utf-8")
    table.unlink()
    assert "Run `make setup`" in refused_build(tmp_path)
    table.write_text(older, encoding="utf-8")
    was = catalogue.read_bytes()
    catalogue.write_bytes(was + b"\n")
    assert "es.py missing or older" in refused_build(tmp_path)
    catalogue.write_bytes(was)
    for one in tmp_path.glob("till/languages/??.py"):
        one.unlink()
    (tmp_path / ".venv").symlink_to(sys.prefix)
    make = ["make", "--old-file=.venv/.made-from-lock", "wheel"]
    subprocess.run(make, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("dist/*.whl")
    assert (wheel.name, wheel.read_bytes()) == (installed.wheel.name, installed.wheel.read_bytes())
    speaks = "from till.domain.i18n import _, speak, unspoken; speak('es'); print(_('Paid'), unspoken())"
    done = subprocess.run(
        [installed.python, "-c", speaks], capture_output=True, text=True, check=True, cwd=tmp_path / "dist"
    )
    assert done.stdout == "Pagado \n"


def refused_build(folder: Path) -> str:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "dist")]
    done = subprocess.run(build, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert not [*folder.glob("dist/*")]
    return done.stderr


@pytest.mark.parametrize("name", ["runbook", "systemd", "prometheus"])
def test_the_runbook_units_and_alerts_come_along(installed: Installed, name: str) -> None:
    shared = installed.prefix / "share" / "till" / name
    own = ROOT / "docs" / name
    assert {one.name: one.read_bytes() for one in shared.iterdir()} == {
        one.name: one.read_bytes() for one in own.iterdir()
    }


@pytest.mark.parametrize("words", ["train --help", "report day --help", "init --help", "keys", "help no paper"])
def test_a_command_runs_from_another_folder(
    installed: Installed, bare_venue: Venue, elsewhere: Path, words: str
) -> None:
    assert run(installed, bare_venue, *words.split()) != ""
    assert list(elsewhere.iterdir()) == []


def test_the_example_of_a_config_comes_along(installed: Installed) -> None:
    shared = installed.prefix / "share" / "till" / "config.example.toml"
    assert shared.read_bytes() == (ROOT / "config.example.toml").read_bytes()


def test_without_a_config_it_says_where_the_example_stands(
    installed: Installed, bare_venue: Venue, elsewhere: Path
) -> None:
    done = subprocess.run(
        [installed.till], env=bare_venue.environment(), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert f"{installed.prefix / 'share' / 'till' / 'config.example.toml'} names every setting" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(elsewhere.iterdir()) == []


def test_the_checkout_is_not_at_hand(installed: Installed, elsewhere: Path) -> None:
    look = "import db, migrations, till; print(till.__file__, db.__file__, migrations.__file__, sep='\\n')"
    done = subprocess.run([installed.python, "-c", look], capture_output=True, text=True, check=True)
    assert [Path(line).is_relative_to(installed.prefix) for line in done.stdout.splitlines()] == [True] * 3
    assert list(elsewhere.iterdir()) == []


def test_wheel_prints_its_version(installed: Installed, bare_venue: Venue, elsewhere: Path) -> None:
    tables, functions, journal = OWN.revision, OWN.number, len(REVISIONS)
    assert run(installed, bare_venue, "--version") == (
        f"till {__version__}, build {build_of(installed.wheel)}, "
        f"tables {tables}, functions {functions}, journal {journal}\n"
    )
    assert list(elsewhere.iterdir()) == []


def copy_checkout(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copied = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copied(ROOT / name, folder / name)


def build_of(wheel: Path) -> str:
    """The build that a wheel's name has; a release is a build of its own."""
    release, _plus, build = wheel.name.split("-")[1].partition("+g")
    assert len(build) == (8 if ".dev" in release else 0)
    return build or "release"


def test_pip_installs_another_build_over_the_one_that_is_there(
    installed: Installed, bare_venue: Venue, elsewhere: Path
) -> None:
    """A copy of the environment, so that the other tests keep theirs; nothing forces pip. A release is plain."""
    source, prefix = elsewhere / "source", elsewhere / "environment"
    shutil.copytree(installed.prefix, prefix, symlinks=True)
    script = (prefix / "bin" / "till").read_text(encoding="utf-8")
    (prefix / "bin" / "till").write_text(script.replace(str(installed.prefix), str(prefix)), encoding="utf-8")
    copy_checkout(source, PACKED)
    (source / "till/__init__.py").write_text('__version__: Final = "9.9.9"\n', encoding="utf-8")
    assert build_wheel(elsewhere / "release", source).name == "till-9.9.9-py3-none-any.whl"
    program = (ROOT / "till/__init__.py").read_text(encoding="utf-8").replace(__version__, "9.9.9.dev0")
    (source / "till/__init__.py").write_text(program, encoding="utf-8")
    first = build_wheel(elsewhere / "first", source)
    with (source / "db/sql/90_grants/grants.sql").open("a", encoding="utf-8") as file:
        file.write("-- changed\n")
    other = build_wheel(elsewhere / "other", source)
    assert build_of(other) != build_of(first)
    moved = replace(installed, prefix=prefix)
    install(prefix, first)
    assert build_of(first) in run(moved, bare_venue, "--version")
    install(prefix, other)
    assert build_of(other) in run(moved, bare_venue, "--version")


@pytest.fixture(scope="module")
def with_database(
    installed: Installed, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Path]:
    """A data folder whose database the wheel made and upgraded; its server is stopped."""
    with new_data_dir(run_dir(pytestconfig), tmp_path_factory.getbasetemp()) as folder:
        venue = Venue(folder)
        run(installed, venue, "db", "upgrade")
        venue.server.stop(even_if_used=True)
        yield folder


@pytest.fixture
def upgraded(with_database: Path, bare_venue: Venue, pytestconfig: pytest.Config) -> Venue:
    """A venue of the test on a copy of that database."""
    copy_folder(with_database, bare_venue.folder, run_dir(pytestconfig) / "system")
    return bare_venue


def test_wheel_upgrades_its_database_and_sells(installed: Installed, upgraded: Venue, elsewhere: Path) -> None:
    till = upgraded.spawn([installed.till, "demo"])
    till.wait_for("type a number").type("1\r1111\r").wait_for("No lines yet.")
    till.type("2 idly\r").wait_for("Total ₹80.00.").type("cash 100\r").wait_for("Change ₹20.00.").wait_for("● saved")
    till.press("f12").wait_for("type a number")
    assert till.press("ctrl+q").wait_for_end() == 0
    report = json.loads(run(installed, upgraded, "report", "sales", "--day", "today", "--json"))
    assert (report["sales"], report["total"]) == (1, "80.00")
    assert list(elsewhere.iterdir()) == []
