"""Makes a release, without a network: `make release VERSION=0.1.0`.

From a clean checkout whose program says `0.1.0.dev0` it makes two commits and a tag:

- the release, tagged `v0.1.0`: the version, the day in the changelog, the frozen shapes (`make freeze`), and a fixture
  of upgrades (`make fixture`) that the wheel made, with the wheel beside it,
- the beginning of the next one: `0.1.1.dev0`, with a section of its own in the changelog.

What is left for a person is printed: to push, and to upload what `make dist` made from the tag.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tools.catalogues import TRANSLATED
from tools.messages import faults

ROOT: Final = Path(__file__).parents[1]
FIXTURES: Final = ROOT / "tests/upgrade/fixtures"
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_PROGRAM: Final = re.compile(r'(?<=__version__: Final = ")[^"]+')
_SECTION: Final = re.compile(r"^## \S+, not yet released$", re.MULTILINE)


class ReleaseError(Exception):
    """The release cannot be made. The sentence says what to do."""


def next_version(version: str) -> str:
    """Return the version after a release, in development."""
    major, minor, patch = _numbers(version)
    return f"{major}.{minor}.{patch + 1}.dev0"


def checked(version: str, program: str) -> str:
    """Return the version of a release.

    Raises:
        ReleaseError: it has another form, or is not above the last release, which `program` comes after.
    """
    if not _VERSION.fullmatch(version):
        raise ReleaseError(f"A version has three numbers: make release VERSION={program.partition('.dev')[0]}")
    if ".dev" not in program or _numbers(version) < _numbers(program):
        raise ReleaseError(f"The program is {program}: it can become {next_version(program).partition('.dev')[0]}.")
    return version


def closed(changelog: str, version: str, day: str) -> str:
    """Return the changelog with its newest section dated.

    Raises:
        ReleaseError: it has no section that is not yet released.
    """
    text, count = _SECTION.subn(f"## {version}, {day}", changelog, count=1)
    if not count:
        raise ReleaseError("CHANGELOG.md has no section “not yet released”.")
    return text


def begun(changelog: str, version: str) -> str:
    """Return the changelog with a section for what comes after a release."""
    head, found, rest = changelog.partition("\n## ")
    return f"{head}\n## {version}, not yet released\n\nNothing yet.\n{found}{rest}"


def _numbers(version: str) -> tuple[int, ...]:
    found = _VERSION.match(version)
    return tuple(map(int, found.groups())) if found else ()


def _run(*command: str, **place: str) -> str:
    place = {**os.environ, **place}
    done = subprocess.run(command, cwd=ROOT, env=place, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - ours
    return done.stdout.strip()


def _rewrite(name: str, text: str) -> None:
    (ROOT / name).write_text(text, encoding="utf-8")


def _set_version(version: str) -> None:
    _rewrite("till/__init__.py", _PROGRAM.sub(version, (ROOT / "till/__init__.py").read_text(encoding="utf-8")))


def _program() -> str:
    found = _PROGRAM.search((ROOT / "till/__init__.py").read_text(encoding="utf-8"))
    return found[0] if found else ""


def _keep(version: str) -> None:
    """Keep the wheel, and the fixture that it makes, where the tests of upgrades find them."""
    folder = FIXTURES / version
    with tempfile.TemporaryDirectory(prefix="till-release-") as place:
        _run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", place)
        (wheel,) = Path(place).glob("till-*.whl")
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(f"{place}/program")
        _run(
            sys.executable,
            "tests/upgrade/make.py",
            str(FIXTURES),
            version,
            PYTHONPATH=os.pathsep.join((f"{place}/program", str(ROOT))),
        )
        (folder / wheel.name).write_bytes(wheel.read_bytes())


def release(version: str) -> str:
    """Make the release; what is left for a person.

    Raises:
        ReleaseError: it cannot be made. Nothing was changed.
    """
    checked(version, _program())
    if _run("git", "status", "--porcelain"):
        raise ReleaseError("Commit or remove what `git status` lists: a release is made from a clean checkout.")
    tag = f"v{version}"
    if _run("git", "tag", "--list", tag):
        raise ReleaseError(f"{tag} exists already: choose the next version.")
    holes = [fault for language in TRANSLATED for fault in faults(language, whole=True)]
    if holes:
        raise ReleaseError(f"Translate what the catalogues lack ({len(holes)}), first of all: {holes[0]}.")
    changelog = closed((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version, f"{datetime.now(UTC):%Y-%m-%d}")
    _set_version(version)
    _rewrite("CHANGELOG.md", changelog)
    _run(sys.executable, "tools/generate.py", "--freeze")
    _keep(version)
    _run("git", "add", "--all")
    _run("git", "commit", "--quiet", "--message", f"Release {version}")
    _run("git", "tag", "--annotate", "--message", f"till {version}", tag)
    made = _run("make", "--no-print-directory", "dist")
    _set_version(next_version(version))
    _rewrite("CHANGELOG.md", begun(changelog, next_version(version).partition(".dev")[0]))
    _run("git", "commit", "--quiet", "--all", "--message", f"Begin {next_version(version).partition('.dev')[0]}")
    return (
        f"{made}\nLeft for you: `git push origin HEAD {tag}`, then upload dist/ (the checksums are in dist/SHA256SUMS)."
    )


def main() -> None:
    """Make the release that the argument names."""
    try:
        print(release(sys.argv[1] if len(sys.argv) > 1 else ""))  # noqa: T201 - a script
    except ReleaseError as refused:
        sys.exit(f"release: {refused}")


if __name__ == "__main__":
    main()
