"""The runbook's page on a server's network, played as its commands stand there, on a cluster of its own with TLS."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.engine import connect
from db.errors import NoTlsError, RefusedLoginError
from db.preparing import prepare
from tests.cli.test_runbook import pages
from tests.plugins.folders import run_dir
from tests.plugins.servers import FIFTEEN, own_server

if TYPE_CHECKING:
    from db.address import Address

PAGE = "The server's certificate, and who may connect"
#: Shims for the commands of a server's administrator, as the user who runs this cluster.
SUDO = """\
#!/bin/sh
[ "$1" = -u ] && shift 2
exec "$@"
"""
RESTART = """\
#!/bin/sh
cd / && exec {run} {programs}/pg_ctl -w -D {data} -l {data}/../log -o "-k {folder} -p {port} -c fsync=off" restart
"""
needs_tls = pytest.mark.skipif(
    not FIFTEEN.is_dir() or shutil.which("openssl") is None, reason="no PostgreSQL with TLS, or no openssl, is here"
)


def commands() -> str:
    """Return the commands of the page; the names and addresses of the example are those of this machine."""
    blocks = re.findall(r"(?:^ {7}.*\n)+", pages()[PAGE], re.MULTILINE)
    text = "".join(map(textwrap.dedent, blocks))
    is_root = os.geteuid() == 0
    who = ("nobody", "nogroup") if is_root else (str(os.geteuid()), str(os.getegid()))
    for words, here in (
        ("-o postgres -g postgres", f"-o {who[0]} -g {who[1]}"),
        ("db.example", "localhost"),
        ("192.0.2.0/24", "127.0.0.1/32"),
        ("192.0.2.11/32", "127.0.0.1/32"),
    ):
        assert words in text, words
        text = text.replace(words, here)
    return text


@pytest.fixture
def port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@needs_tls
def test_tills_reach_a_server_by_tls_alone_after_the_steps_of_the_page(
    pytestconfig: pytest.Config, tmp_path: Path, port: int
) -> None:
    with own_server(run_dir(pytestconfig), f"port={port}") as started:
        server = replace(started, port=port)
        folder, data = Path(server.host), Path(server.host) / "data"
        prepare(server.on("venue"), app_password="tills", owner_password="owners")
        # Debian lets in this machine itself, without TLS too; here it stands for another one
        (data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        (tmp_path / "app.pw").write_text("tills\n")
        shims = tmp_path / "shims"
        shims.mkdir()
        run = "setpriv --reuid=nobody --regid=nogroup --clear-groups" if os.geteuid() == 0 else ""
        restart = RESTART.format(run=run, programs=FIFTEEN, data=data, folder=folder, port=port)
        for name, text in (("sudo", SUDO), ("systemctl", restart)):
            (shims / name).write_text(text)
            (shims / name).chmod(0o755)
        administrator = {"PGHOST": str(folder), "PGUSER": "venue", "PGPASSWORD": "venue", "PGDATABASE": "postgres"}
        played = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", commands()],
            cwd=tmp_path,
            env={
                "PATH": f"{shims}:{FIFTEEN}:{os.environ['PATH']}",
                "HOME": str(tmp_path),
                "PGPORT": str(port),
                **administrator,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert played.returncode == 0, played.stderr
        assert played.stdout.splitlines()[-1] == "TLSv1.3"
        let_in_by_tls(server, tmp_path)


def let_in_by_tls(server: Address, home: Path) -> None:
    """Connect as tills do, and as others may not."""
    signer = str(home / ".postgresql/root.crt")
    assert (home / "ca/root.key").stat().st_mode & 0o077 == 0
    tills = replace(server, host="localhost", dbname="venue", user="till_app", password="tills")
    proven = replace(tills, extra=(("sslrootcert", signer), ("sslmode", "verify-full")))
    with connect(proven) as till:
        assert till.execute("SHOW ssl").fetchone() == ("on",)
    connect(replace(proven, user="till_owner", password="owners")).close()
    for refused in (
        replace(tills, extra=(("sslmode", "disable"),)),
        replace(proven, user="venue", password="venue"),
        replace(proven, dbname="postgres"),
    ):
        with pytest.raises(RefusedLoginError, match=r"pg_hba\.conf"):
            connect(refused)
    with pytest.raises(NoTlsError):
        connect(replace(tills, host="127.0.0.1", extra=proven.extra))
