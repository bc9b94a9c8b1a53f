"""The execution of PostgreSQL's programs as the server's user, with a fixed environment."""

from __future__ import annotations

import errno
import os
import subprocess
from typing import TYPE_CHECKING, Any, BinaryIO

from db.embedded.errors import NoUnprivilegedUserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from db.embedded.places import Home

_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
#: The shell exits at once, so that the server has no parent and outlives the till that started it. The paths are
#: arguments, and not parsed by the shell.
_DETACHED = ("/bin/sh", "-c", '"$@" &', "till")


def run(
    home: Home, command: Sequence[str | Path], *, cwd: Path, words: str = "", inherited: Sequence[int] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end. The result has its output, including errors."""
    return _start(home, command, cwd, input=words, stdout=subprocess.PIPE, pass_fds=inherited)


def open_log(home: Home) -> BinaryIO:
    """Open the home's log for appending, readable by its owner only, because it may contain client queries."""
    return open(os.open(home.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "ab")  # noqa: PTH123 - with its mode, for the caller to close


def detach(home: Home, command: Sequence[str | Path], *, cwd: Path, inherited: int, grandparent: int | None) -> None:
    """Start a program that outlives this one, without a terminal. Its output goes to the home's log.

    The program and its children hold the descriptor `inherited` open while they run. `grandparent` is a process id that
    PostgreSQL must not take for another server: the one in a `postmaster.pid` left by a crash, which may have been
    reused. (`pg_ctl` passes its own id in the same way; PostgreSQL still checks the shared memory.)
    """
    extra = {} if grandparent is None else {"PG_GRANDPARENT_PID": str(grandparent)}
    with open_log(home) as log:
        _start(
            home,
            [*_DETACHED, *command],
            cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            pass_fds=[inherited],
            start_new_session=True,
            env=_ENVIRONMENT | extra,
        )


def _start(home: Home, command: Sequence[str | Path], cwd: Path, **how: Any) -> subprocess.CompletedProcess[str]:
    user: dict[str, Any] = {}
    if home.foreign:
        user = {"user": home.server.uid, "group": home.server.gid, "extra_groups": []}
    how = {"env": _ENVIRONMENT, **how}
    try:
        return subprocess.run(  # noqa: S603 - our own programs, and no shell reads the paths
            command,
            cwd=cwd,
            check=False,
            text=True,
            errors="replace",
            stderr=subprocess.STDOUT,
            umask=0o077,
            **user,
            **how,
        )
    except OSError as problem:
        if home.foreign and problem.errno in (errno.EPERM, errno.EINVAL):
            raise NoUnprivilegedUserError from problem
        raise
