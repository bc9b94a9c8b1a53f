"""Places of the server: awkward folders, an ordinary user, and root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Final

import pytest

from db.embedded import EmbeddedServer, places
from db.embedded.errors import NotYoursError, OutOfReachError
from db.engine import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.embedded.places import Home
    from tests.db.conftest import User

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="it takes root to try what becomes of two users")

#: Starts a server, goes in by each door and by the URL, and says where the socket is, whose, and for whom.
_WORKS = """
with EmbeddedServer(folder).acquire("Till 1") as lease:
    for address in (lease.server.owner(), lease.server.app()):
        with engine.connect(address) as session:
            assert session.execute("SELECT current_user").fetchone() == (address.user,)
    with engine.connect(lease.server.owner_url()) as session:
        assert session.execute("SHOW search_path").fetchone()[0].startswith("till,")
    sockets = Path(lease.server.owner().host)
    print(sockets, sockets.lstat().st_uid, oct(sockets.lstat().st_mode), sep="\\n")
assert not lease.server.is_running()
"""


#: Names of folders; the path of the last two cannot carry a socket, which stands elsewhere.
NAMES: Final = ("the boss's till of ಉಡುಪಿ-Café", '100% "$HOME" `id`; & more', "long" * 60, "one,two\\three")


def test_a_folder_may_have_any_name(user: User) -> None:
    folders = [user.folder / name for name in NAMES]
    scenario = f"for folder in map(Path, {list(map(str, folders))!r}):\n{indent(_WORKS, '    ')}"
    lines = user.runs(scenario).splitlines()
    for folder, where, uid, mode in zip(folders, lines[::3], lines[1::3], lines[2::3], strict=True):
        assert (folder / "postgres" / "cluster" / "data" / "PG_VERSION").exists(), folder
        if folder.name in NAMES[2:]:
            assert (user.folder in Path(where).parents, len(where) < 80) == (False, True), folder
        assert (int(uid), mode) == (pwd.getpwnam(user.name).pw_uid, "0o40700"), folder
        assert not Path(where).exists(), f"it goes with the server: {folder}"


def test_another_process_finds_a_socket_that_stands_elsewhere(user: User) -> None:
    folder = user.folder / ("long" * 60)
    user.runs('EmbeddedServer(folder, keep_running=True).acquire("Till 1").release()', folder)
    user.runs(
        """
server = EmbeddedServer(folder)
with engine.connect(server.owner()) as session:
    assert session.execute("SELECT current_user").fetchone() == ("till_owner",)
assert folder not in Path(server.owner().host).parents
server.stop()
""",
        folder,
    )


@only_root
def test_a_socket_folder_that_another_user_took_is_left_alone(user: User) -> None:
    folder = user.folder / ("long" * 60)
    where = Path(user.runs(_WORKS, folder).split()[0])
    where.mkdir()  # now root's
    try:
        other = user.runs(_WORKS, folder).split()[0]
        assert other != str(where)
        assert not list(where.iterdir())
    finally:
        where.rmdir()


def test_an_ordinary_users_server_stands_in_the_data_folder_as_that_user(user: User) -> None:
    user.runs(_WORKS)
    inside = user.folder / "data" / "postgres"
    uid = pwd.getpwnam(user.name).pw_uid
    assert {path.lstat().st_uid for path in inside.rglob("*")} == {uid}
    assert stat.S_IMODE(inside.stat().st_mode) == 0o700
    if os.geteuid() == 0:  # root reads whose database it is
        with pytest.raises(NotYoursError, match=f"belongs to {user.name}"):
            EmbeddedServer(user.folder / "data").acquire("Till 1")


@only_root
def test_a_folder_that_cannot_be_made_is_named_with_the_way_out(user: User) -> None:
    user.folder.chmod(0o555)
    os.chown(user.folder, 0, 0)
    output = user.runs(
        """
try:
    EmbeddedServer(folder).acquire("Till 1")
except errors.FolderError as problem:
    print(problem)
"""
    )
    assert str(user.folder) in output
    assert "Permission denied" in output
    assert "TILL_DATA_DIR" in output


@only_root
def test_an_ordinary_user_reads_that_root_made_the_database(user: User) -> None:
    folder = user.folder / "data"
    EmbeddedServer(folder).acquire("Till 1").release()
    (folder / "postgres").chmod(0o755)
    folder.chmod(0o755)
    output = user.runs(
        """
try:
    EmbeddedServer(folder).acquire("Till 1")
except errors.NotYoursError as problem:
    print(problem)
"""
    )
    assert "belongs to root" in output


@only_root
def test_roots_server_runs_as_nobody_and_changes_nothing_that_is_not_ours(
    data_dir: Path, home_of: Callable[[Path], Home]
) -> None:
    users = Path("/etc/passwd").read_bytes()
    modes = {folder: folder.stat().st_mode for folder in data_dir.parents}
    server = EmbeddedServer(data_dir)
    with server.acquire("Till 1"):
        home = home_of(data_dir)
        pid = server.status().pid
        assert Path(f"/proc/{pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert [path.name for path in (data_dir / "postgres").iterdir()] == ["where"]
        assert home.folder.parent.parent == places.default_system_dir()
        assert home.password_file.stat().st_uid == 0
    assert Path("/etc/passwd").read_bytes() == users
    assert {folder: folder.stat().st_mode for folder in data_dir.parents} == modes


@only_root
def test_roots_data_folder_takes_its_database_along_when_it_moves(data_dir: Path, tmp_path: Path) -> None:
    with EmbeddedServer(data_dir).acquire("Till 1") as lease, connect(lease.server.owner()) as session:
        session.execute("CREATE TABLE sale (line text)")
    moved = data_dir.rename(tmp_path / "moved")
    with EmbeddedServer(moved).acquire("Till 1") as lease, connect(lease.server.owner()) as session:
        assert session.execute("SELECT count(*) FROM sale").fetchone() == (0,)


@only_root
def test_a_copy_of_roots_data_folder_gets_a_database_of_its_own(data_dir: Path, tmp_path: Path) -> None:
    with EmbeddedServer(data_dir).acquire("Till 1") as one:
        copy = shutil.copytree(data_dir, tmp_path / "copy")
        with EmbeddedServer(copy).acquire("Till 1") as two:
            assert one.server.owner().host != two.server.owner().host
        assert one.server.is_running()


@only_root
def test_a_system_folder_out_of_the_servers_reach_is_named(data_dir: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(OutOfReachError, match="TILL_SYSTEM_DIR"):
        EmbeddedServer(data_dir, system_dir=tmp_path / "system").acquire("Till 1")


@only_root
def test_roots_server_takes_a_user_of_its_own_and_stays_with_it(
    data_dir: Path, home_of: Callable[[Path], Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`daemon` acts as the user created for the server, because a test machine has no other."""
    server = EmbeddedServer(data_dir)
    with monkeypatch.context() as patch:
        patch.setattr(places, "UNPRIVILEGED", ("no-such-user", "daemon", "nobody"))
        server.acquire("Till 1").release()
        assert home_of(data_dir).server.name == "daemon"
    with server.acquire("Till 1"):
        assert home_of(data_dir).server.name == "daemon"
        assert Path(f"/proc/{server.status().pid}").stat().st_uid == pwd.getpwnam("daemon").pw_uid
    assert places.UNPRIVILEGED[0] == "till-postgres"
