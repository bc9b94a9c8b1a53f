"""The folder of an embedded server, and the user who runs it.

An ordinary user's server is in the data folder and runs as that user. PostgreSQL refuses to run as root, so root's
server runs as an existing unprivileged user, in its own folder for each data folder under `/var/lib/till`; the data
folder then has only that folder's name. No user is added, and no permissions of other folders are changed. All of
root's servers run as one user; docs/runbook/server.md describes the consequences.
"""

from __future__ import annotations

import errno
import hashlib
import os
import pwd
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from db.embedded import locks
from db.embedded.errors import (
    FolderError,
    NoSocketFolderError,
    NotYoursError,
    NoUnprivilegedUserError,
    OutOfReachError,
    UnknownUserError,
)

#: The environment variable that replaces `/var/lib/till`.
SYSTEM_DIR_VARIABLE = "TILL_SYSTEM_DIR"
#: Users for root's server; the first one that the machine has is used. Only a dedicated user has no other programs:
#: other programs of the same user can read and change the database's files.
UNPRIVILEGED = ("till-postgres", "nobody", "daemon")
#: The number in the name of the socket file. No TCP port is opened.
PORT = 5432
#: The longest folder for a socket, whose path may have 103 bytes on every known system (107 on Linux).
_LONGEST_SOCKET_FOLDER = 103 - len(f"/.s.PGSQL.{PORT}")
_WHERE = "where"
_PATIENCE_S = 30.0


class Account(Struct, frozen=True):
    """A user of the operating system."""

    name: str
    uid: int
    gid: int


class Home(Struct, frozen=True):
    """The folder of one embedded server.

    Attributes:
        folder: the folder of this server.
        client: the user who runs the tills, and owns the folder.
        server: the user who runs PostgreSQL, and owns the data.
        system_dir: the folder of root's servers and their binaries.
    """

    folder: Path
    client: Account
    server: Account
    system_dir: Path

    @property
    def foreign(self) -> bool:
        """True if the server does not run as the user of the tills."""
        return self.client.uid != self.server.uid

    @property
    def cluster(self) -> Path:
        """The data, password and configuration; complete, or missing."""
        return self.folder / "cluster"

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.cluster / "data"

    @property
    def password_file(self) -> Path:
        """The password of `till_app`, readable by the tills' user only."""
        return self.cluster / "app.password"

    @property
    def control_lock(self) -> Path:
        """The lock around each start, stop, and change of leases."""
        return self.folder / "control.lock"

    @property
    def server_lock(self) -> Path:
        """The lock of the server and its children, held while one of them runs."""
        return self.folder / "server.lock"

    @property
    def leases(self) -> Path:
        """The folder with a locked file for each till that uses the server."""
        return self.folder / "leases"

    @property
    def kept(self) -> Path:
        """A file that exists if the server must keep running when the last till closes."""
        return self.folder / "kept"

    @property
    def log(self) -> Path:
        """The log of the server."""
        return self.folder / "server.log"


def default_system_dir() -> Path:
    """Return the folder in TILL_SYSTEM_DIR, by default `/var/lib/till`."""
    return Path(os.environ.get(SYSTEM_DIR_VARIABLE) or "/var/lib/till").resolve()


def find(data_dir: Path, system_dir: Path) -> Home | None:
    """Return the home of a data folder; None if it has none."""
    inside = data_dir / "postgres"
    if os.geteuid() != 0:
        return _found_by_user(inside, system_dir)
    if (inside / "cluster").exists():
        raise NotYoursError(folder=inside, owner=_owner(inside / "cluster"))
    name = _read_where(inside)
    folder = system_dir / "clusters" / name if name else None
    if folder is None or not folder.is_dir() or _belongs_to_another(folder, inside):
        return None
    return Home(folder, current_account(), _server_of(folder), system_dir)


def settle(data_dir: Path, system_dir: Path) -> Home:
    """Return the home of a data folder, created if missing. Concurrent calls return the same home."""
    account = current_account()
    inside = data_dir / "postgres"
    try:
        inside.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locks.exclusively(inside, _PATIENCE_S):
            home = find(data_dir, system_dir)
            if home is None:
                _assign(inside, system_dir)
                home = find(data_dir, system_dir)
            if home is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            home.leases.mkdir(mode=0o700, exist_ok=True)
    except OSError as problem:
        raise FolderError(folder=data_dir, reason=problem.strerror, user=account.name) from problem
    return home


def socket_folder(home: Home) -> Path:
    """Return a private folder with a path short enough for a socket, created if missing.

    Call it under the control lock. The folder is in the home. If that path is too long, or has characters that a
    connection string cannot contain, it is in `/tmp`, named after the home. Other processes read its path from the
    server's `postmaster.pid`.
    """
    inside = home.folder / "run"
    if _fits(inside) and _made_private(inside, home):
        return inside
    digest = hashlib.sha256(os.fsencode(home.folder)).hexdigest()[:12]
    candidates = [Path("/tmp") / f"till-{home.server.uid}-{digest}{suffix}" for suffix in ("", "a", "b", "c")]  # noqa: S108 - a folder of another user is refused
    for candidate in candidates:
        if _made_private(candidate, home):
            return candidate
    raise NoSocketFolderError(folder=candidates[0])


def leave_socket_folder(home: Home, sockets: str) -> None:
    """Remove a socket folder outside of the home if it is empty."""
    if sockets and home.folder not in Path(sockets).parents:
        with suppress(OSError):  # a killed server left its socket there; the next server reuses the folder
            Path(sockets).rmdir()


def current_account() -> Account:
    """Return the user who runs this process."""
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        raise UnknownUserError(uid=os.geteuid()) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _found_by_user(inside: Path, system_dir: Path) -> Home | None:
    account = current_account()
    try:
        if _read_where(inside) and not (inside / "cluster").exists():
            raise NotYoursError(folder=inside, owner=_owner(inside / _WHERE))
        if not inside.is_dir():
            return None
        if inside.stat().st_uid != account.uid:
            raise NotYoursError(folder=inside, owner=_owner(inside))
    except PermissionError as problem:
        raise FolderError(folder=inside.parent, reason=problem.strerror, user=account.name) from problem
    return Home(inside.resolve(), account, account, system_dir)


def _server_of(folder: Path) -> Account:
    """Return the user of one of root's servers: the owner of its data, even if users were added since."""
    try:
        entry = pwd.getpwuid((folder / "cluster" / "data").stat().st_uid)
    except (FileNotFoundError, KeyError):
        return _unprivileged()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _unprivileged() -> Account:
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise NoUnprivilegedUserError


def _assign(inside: Path, system_dir: Path) -> None:
    """Create the server's folder for a data folder of root, and record its name."""
    for folder, mode in ((system_dir, 0o755), (system_dir / "clusters", 0o711)):
        _make_folder(folder, mode)
    _check_reach(system_dir)
    name = secrets.token_hex(6)
    _make_folder(system_dir / "clusters" / name, 0o711)
    (system_dir / "clusters" / name / "data_folder").write_bytes(os.fsencode(inside.resolve()))
    draft = inside / ".where"
    draft.write_text(name, encoding="ascii")
    draft.replace(inside / _WHERE)


def _make_folder(folder: Path, mode: int) -> None:
    """Create a folder with exactly this mode. An existing folder does not change."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        return
    folder.chmod(mode)


def _check_reach(system_dir: Path) -> None:
    for folder in (system_dir, *system_dir.resolve().parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise OutOfReachError(user=_unprivileged().name, folder=folder)


def _read_where(inside: Path) -> str | None:
    """Return the name of the folder under `clusters`. A path is refused, so that nobody can redirect root."""
    try:
        name = (inside / _WHERE).read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return name if name.isalnum() else None


def _belongs_to_another(folder: Path, inside: Path) -> bool:
    """True if this data folder is a copy of one that still exists. A moved data folder keeps its home."""
    recorded = folder / "data_folder"
    here = inside.resolve()
    there = Path(os.fsdecode(recorded.read_bytes()))
    if there == here:
        return False
    if _read_where(there) == folder.name and not there.samefile(here):
        return True
    recorded.write_bytes(os.fsencode(here))
    return False


def _owner(path: Path) -> str:
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _fits(folder: Path) -> bool:
    """True if a folder's path fits in a socket's path, a connection string and a list of folders."""
    text = str(folder)
    plain = text.isprintable() and not set(text) & set(',"\\') and not text.startswith("@")
    return plain and len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER


def _made_private(folder: Path, home: Home) -> bool:
    """Create the folder for the server's user only. Return False if another user owns or can access it."""
    try:
        folder.mkdir(mode=0o700)
        if home.foreign:
            os.chown(folder, home.server.uid, home.server.gid)
    except OSError as problem:
        if problem.errno != errno.EEXIST:
            raise FolderError(folder=folder, reason=problem.strerror, user=home.client.name) from problem
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == home.server.uid and not found.st_mode & 0o077
