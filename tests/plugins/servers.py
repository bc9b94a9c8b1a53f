"""A PostgreSQL server of a venue's own, as its administrator has it: the oldest that serves, where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.address import Address
from db.embedded import binaries, locks, places

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The programs of PostgreSQL 15.
FIFTEEN = Path("/usr/lib/postgresql/15/bin")


def own_programs() -> Path:
    """Return the folder of the oldest PostgreSQL's programs on this machine."""
    return FIFTEEN if FIFTEEN.is_dir() else binaries.bundled_binaries().program("initdb").parent


@contextmanager
def own_server(run: Path, *options: str, programs: Path = FIFTEEN) -> Iterator[Address]:
    """Start a server with passwords, and yield its address as the superuser `venue`; it stops after the block.

    Args:
        run: the folder of the run.
        options: settings, as `log_statement=all`.
        programs: the folder of its programs.
    """
    folder = _folder(run)
    _run("cp", "-a", _cluster(run, programs), folder / "data")
    with _running(folder, options, programs) as address:
        yield address


def _cluster(run: Path, programs: Path) -> Path:
    """Return the folder of a cluster to copy: `initdb` runs once for all servers of these programs."""
    made = run / f"own-{programs.parent.name}"
    with locks.exclusively(made.with_suffix(".lock"), 60):
        if not made.exists():
            folder = _folder(run)
            password, data = folder / "password", folder / "data"
            password.write_text("venue")
            password.chmod(0o644)
            auth = ("-A", "scram-sha-256", f"--pwfile={password}")
            _run(programs / "initdb", "-D", data, "-U", "venue", "-E", "UTF8", *auth, "--no-sync")
            made.symlink_to(data)
    return made.resolve()


@contextmanager
def standby_of(server: Address, run: Path, programs: Path) -> Iterator[Address]:
    """Start a server that copies all that another one of `own_server` writes, and answers reads meanwhile."""
    folder = _folder(run)
    _run(programs / "pg_basebackup", "-D", folder / "data", "-R", "-c", "fast", "--no-sync", "-d", server.conninfo)
    with _running(folder, (), programs) as address:
        yield address


@contextmanager
def _running(folder: Path, options: tuple[str, ...], programs: Path) -> Iterator[Address]:
    settings = " ".join(f"-c {one}" for one in ("listen_addresses=''", "fsync=off", *options))
    start = ("-o", f"-k {folder} {settings}", "-l", folder / "log", "start")
    _run(programs / "pg_ctl", "-w", "-D", folder / "data", *start)
    try:
        yield Address(str(folder), places.PORT, "postgres", "venue", "venue")
    finally:
        _run(programs / "pg_ctl", "-w", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _folder(run: Path) -> Path:
    """Make a folder for a server that the server's user owns."""
    folder = Path(tempfile.mkdtemp(dir=run))
    folder.chmod(0o711)
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    return folder


def stop(server: Address, programs: Path) -> None:
    """Stop a server at once, as one that cannot write its log does."""
    _run(programs / "pg_ctl", "-w", "-D", f"{server.host}/data", "-m", "immediate", "stop")


def start_again(server: Address, programs: Path) -> None:
    """Start a stopped server with the options that it had."""
    folder = Path(server.host)
    _run(programs / "pg_ctl", "-w", "-D", folder / "data", "-l", folder / "log", "restart")


def _run(*command: str | Path) -> None:
    """Run a program as the tests' user, or as `nobody` if that is root."""
    who: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", env={"LC_ALL": "C"}, **who)
