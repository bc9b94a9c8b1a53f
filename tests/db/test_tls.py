"""TLS with a PostgreSQL that has certificates: a proven server is accepted, others are refused by name."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.address import Address
from db.engine import connect, make_engine
from db.errors import NoTlsError
from tests.plugins.folders import run_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

_BIN = Path("/usr/lib/postgresql/15/bin")
_OPENSSL = shutil.which("openssl")

pytestmark = pytest.mark.skipif(
    not _BIN.is_dir() or _OPENSSL is None, reason="this machine has no PostgreSQL with TLS of its own to try"
)


def _run(*command: str | Path) -> None:
    """Run as the tests' user, or as `nobody` if that is root."""
    who: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", env={"LC_ALL": "C"}, **who
    )


def _sign(folder: Path, name: str, host: str) -> Path:
    """Make a self-signed certificate, with its key beside it."""
    made = folder / f"{name}.crt"
    kind = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    named = ("-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}")
    _run(str(_OPENSSL), "req", *kind, *named, "-keyout", folder / f"{name}.key", "-out", made)
    return made


@pytest.fixture(scope="module")
def proven(pytestconfig: pytest.Config) -> Iterator[Address]:
    """A PostgreSQL with TLS that admits everybody, and the signer of its certificate."""
    folder = Path(tempfile.mkdtemp(dir=run_dir(pytestconfig)))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    own, _other = _sign(folder, "own", "localhost"), _sign(folder, "other", "localhost")
    data = folder / "data"
    _run(_BIN / "initdb", "-D", data, "-U", "venue", "-E", "UTF8", "-A", "trust", "--no-sync")
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = int(door.getsockname()[1])
    secured = f"-c ssl=on -c ssl_cert_file={own} -c ssl_key_file={folder / 'own.key'}"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off {secured}"
    _run(_BIN / "pg_ctl", "-w", "-D", data, "-o", options, "-l", folder / "log", "start")
    yield Address("localhost", port, "postgres", "venue", extra=(("sslrootcert", str(own)),))
    _run(_BIN / "pg_ctl", "-w", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(folder)


def _asking(where: Address, **words: str) -> Address:
    return Address(where.host, where.port, where.dbname, where.user, extra=tuple((dict(where.extra) | words).items()))


def test_a_server_that_proves_itself_is_spoken_to_by_both_ways(proven: Address) -> None:
    asked = _asking(proven, sslmode="verify-full")
    ask = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    with connect(asked) as session:
        assert session.execute(ask).fetchone() == (True,)
    engine = make_engine(asked)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(ask).scalar() is True
    engine.dispose()


def test_a_stranger_with_the_same_name_is_not_spoken_to(proven: Address) -> None:
    other = str(Path(dict(proven.extra)["sslrootcert"]).with_name("other.crt"))
    with pytest.raises(NoTlsError, match="certificate verify failed"):
        connect(_asking(proven, sslmode="verify-full", sslrootcert=other))


def test_a_certificate_for_another_name_is_not_enough_unless_the_config_says_so(proven: Address) -> None:
    elsewhere = Address("127.1", proven.port, proven.dbname, proven.user, extra=proven.extra)
    with pytest.raises(NoTlsError, match="does not match host name"):
        connect(elsewhere)
    with connect(elsewhere.with_tls("verify-ca")) as session:
        assert session.execute("SHOW ssl").fetchone() == ("on",)
