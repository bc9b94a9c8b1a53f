"""The creation of a new embedded server's data.

Everything is created in a draft folder, synced to disk, and then renamed, so the data is complete or does not exist. A
kill or a power cut leaves a draft, which the next start deletes.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import shutil
from base64 import b64encode
from typing import TYPE_CHECKING

from db import dangerous, roles
from db.embedded import configuration, programs
from db.embedded.errors import NotMadeError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from db.embedded.binaries import Binaries
    from db.embedded.places import Home

DATABASE = "till"
_DRAFT = ".cluster-"
#: The builtin locale sorts the same on every machine, and has upper and lower case in every script.
_INITDB = (
    f"--username={configuration.SUPERUSER}",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth=reject",
    "--no-instructions",
    "--no-sync",
)


def make(home: Home, binaries: Binaries, lock: int) -> None:
    """Create the cluster of a home: roles, an empty database and the password of `till_app`.

    Call it under the control lock. `lock` is the server's lock, which must be held. The programs inherit it, so that
    after a kill the next caller waits for programs that still run.
    """
    for left in home.folder.glob(f"{_DRAFT}*"):
        shutil.rmtree(left)
    folder = home.folder / f"{_DRAFT}{secrets.token_hex(4)}"
    data = folder / "data"
    folder.mkdir(mode=0o700)
    data.mkdir(mode=0o700)
    if home.foreign:
        folder.chmod(0o711)
        os.chown(data, home.server.uid, home.server.gid)
    password = secrets.token_urlsafe(24)
    _write_secret(folder / "app.password", password)
    _run(home, [binaries.program("initdb"), "-D", data, *_INITDB], data, lock)
    single = ("--single", "-F", "-j", "-D", data, "-c", "exit_on_error=on", "template1")
    _run(home, [binaries.program("postgres"), *single], data, lock, words=_first_statements(password))
    _run(home, [binaries.program("initdb"), "--sync-only", "-D", data], data, lock)
    _sync(folder)
    folder.rename(home.cluster)
    _sync(home.folder)


def _first_statements(password: str) -> str:
    """Return the first statements, for single-user mode, where a semicolon and an empty line end a statement.

    Neither roles nor the hash contain a quote. The statements run in the template, so that rights revoked there are
    revoked in every database created from it, such as a restored one.
    """
    statements = [
        *roles.statements(),
        *roles.owners_rights(),
        f"ALTER ROLE {roles.APP} PASSWORD '{password_hash(password)}'",
    ]
    statements += [dangerous.REVOKE.rstrip(";"), f"CREATE DATABASE {DATABASE} OWNER {roles.OWNER}"]
    statements += ["REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC"]  # tills do not use these databases
    statements += [f"GRANT CONNECT ON DATABASE postgres TO {roles.OWNER}"]
    return "".join(f"{statement};\n\n" for statement in statements)


def password_hash(password: str) -> str:
    """Return the hash of a random password, as a server stores it (RFC 5803).

    It is hashed once, not 4,096 times as by default: 192 random bits cannot be guessed, and the iterations would take a
    tenth of the time of `till say`.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    words = [b64encode(one).decode() for one in (salt, stored, hmac.digest(salted, b"Server Key", "sha256"))]
    return "SCRAM-SHA-256$1:{}${}:{}".format(*words)


def _run(home: Home, command: Sequence[str | Path], cwd: Path, lock: int, words: str = "") -> None:
    done = programs.run(home, command, cwd=cwd, words=words, inherited=[lock])
    if done.returncode:
        with programs.open_log(home) as log:
            log.write(done.stdout.encode())
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        raise NotMadeError(reason=lines[-1].rstrip(".") if lines else str(done.returncode), log=home.log)


def _write_secret(path: Path, secret: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - opened above with its mode
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
