"""Two PostgreSQL servers under Patroni and an etcd of one member, on this machine, configured as in the docs."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from psycopg import OperationalError

from db.address import Address
from db.engine import connect
from db.errors import UnreachableError
from tests.plugins.servers import FIFTEEN

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG: Final = Path(__file__).parents[2] / "docs/patroni/db1.yml"
PROGRAMS: Final = {name: shutil.which(name) for name in ("etcd", "patroni", "patronictl", "openssl")}
#: Seconds until a server has taken over, or follows again, on a busy machine.
PATIENCE: Final = 120.0


def until(what: str, holds: Callable[[], object]) -> None:
    """Wait until something of another process holds."""
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends, f"{what}: not in {PATIENCE:g} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


class Node:
    """One of the two servers.

    Attributes:
        port: the port of PostgreSQL.
    """

    def __init__(self, folder: Path, name: str, etcd: int) -> None:
        self.name, self.port, self._rest = name, free_port(), free_port()
        self._folder, self.config = folder, folder / f"{name}.yml"
        self._data = folder / name
        text = CONFIG.read_text(encoding="utf-8").replace("name: db1", f"name: {name}")
        for ours, here in (
            ("192.0.2.1:2379,192.0.2.2:2379,192.0.2.3:2379", f"127.0.0.1:{etcd}"),
            ("192.0.2.1:8008", f"127.0.0.1:{self._rest}"),
            ("192.0.2.1:5432", f"127.0.0.1:{self.port}"),
            ("192.0.2.0/24", "127.0.0.1/32"),
            ("/etc/ssl/till/db1", str(folder / "db")),
            ("/var/lib/postgresql/15/till", str(self._data)),
            ("/var/run/postgresql", str(folder)),
        ):
            assert ours in text, f"{ours} is not in {CONFIG}"
            text = text.replace(ours, here)
        self.config.write_text(text, encoding="utf-8")
        self._patroni: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start its Patroni, which starts its PostgreSQL."""
        self._patroni = run(self._folder, self.name, "patroni", str(self.config))

    def stands(self, role: str) -> bool:
        """Return True if it is, for Patroni, the `primary` or the `synchronous` standby, which may take over."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._rest}/{role}", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def processes(self) -> dict[int, str]:
        """The processes of its PostgreSQL with their titles."""
        if not (self._data / "postmaster.pid").exists():
            return {}
        postmaster = (self._data / "postmaster.pid").read_text().split()[0]
        command = ["ps", "-o", "pid=,args=", "-p", postmaster, "--ppid", postmaster]
        listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
        return {int(pid): title for pid, title in (line.split(maxsplit=1) for line in listed)}

    def kill(self) -> None:
        """Kill Patroni and all of PostgreSQL at once, as a power cut does."""
        assert self._patroni is not None
        for pid in (self._patroni.pid, *self.processes()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._patroni.wait()
        self._patroni = None


class Pair:
    """Two servers, the first started first, so that it leads.

    Attributes:
        folder: the folder of all files.
        super: the superuser's address at both.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, port = folder, free_port()
        peer = f"http://127.0.0.1:{free_port()}"
        client = f"http://127.0.0.1:{port}"
        self._etcd = run(
            folder, "etcd", "etcd", "--name", "one", "--data-dir", str(folder / "etcd"), "--listen-client-urls", client,
            "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", f"one={peer}",
        )  # fmt: skip
        run(
            folder, "openssl", "openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=db.example",
            "-keyout", str(folder / "db.key"), "-out", str(folder / "db.pem"),
        ).wait()  # fmt: skip
        self.nodes = [Node(folder, name, port) for name in ("db1", "db2")]
        one, two = self.nodes
        self.super = Address.from_url(
            f"postgresql://postgres@127.0.0.1:{one.port},127.0.0.1:{two.port}/postgres"
        ).with_password("one of your own")

    def start(self) -> None:
        """Start both, and wait until the second one follows."""
        for node in self.nodes:
            node.start()
            until("a leader", lambda: any(one.stands("primary") for one in self.nodes))
        self.until_followed()

    @property
    def leader(self) -> Node:
        """The server that takes changes."""
        until("a leader", lambda: any(node.stands("primary") for node in self.nodes))
        return next(node for node in self.nodes if node.stands("primary"))

    @property
    def other(self) -> Node:
        """The other one."""
        leader = self.leader
        return next(node for node in self.nodes if node is not leader)

    def rows(self, query: str, dbname: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a query on the server that takes changes, once there is one."""
        found: list[list[tuple[Any, ...]]] = []

        def ask() -> bool:
            with suppress(UnreachableError, OperationalError), connect(self.super.on(dbname)) as session:
                found.append(session.execute(query.encode()).fetchall())
            return bool(found)

        until("a server that takes changes", ask)
        return found[0]

    def until_followed(self) -> None:
        """Wait until each commit waits for the other one, and Patroni would let that take over: it says so later."""
        until("a standby", lambda: any(node.stands("synchronous") for node in self.nodes))

    def control(self, *command: str) -> str:
        """Run patronictl, and return what it says."""
        program = [str(PROGRAMS["patronictl"]), "-c", str(self.nodes[1].config), *command]
        done = subprocess.run(program, capture_output=True, text=True, check=False, env=_environment(), timeout=60)
        return done.stdout + (done.stderr if done.returncode else "")

    def stop(self) -> None:
        """Kill all of it."""
        for node in self.nodes:
            if node._patroni is not None:
                node.kill()
        self._etcd.kill()
        self._etcd.wait()


def _environment() -> dict[str, str]:
    return {"LC_ALL": "C.UTF-8", "PATH": f"{FIFTEEN}:/usr/bin:/bin"}


def run(folder: Path, name: str, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a program in the background as `nobody` if this is root; its output goes to a file of its name."""
    who: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    with (folder / f"{name}.log").open("ab") as log:
        command = [str(PROGRAMS[program]), *arguments]
        return subprocess.Popen(command, stdout=log, stderr=log, cwd="/", env=_environment(), **who)
