"""The ends of certificates, which the metrics export."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.cli.certificates import end_of, end_of_file, end_of_server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


@pytest.fixture(params=[9, 20_000], ids=["short time", "long time"])
def certificate(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, int]:
    """A key with a certificate, and its days; one of DER's two forms of a time each."""
    if (program := shutil.which("openssl")) is None:
        pytest.skip("openssl is not installed here")
    file, days = tmp_path / "own.pem", int(request.param)
    kind = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(days))
    command = [program, "req", *kind, "-subj", "/CN=localhost", "-keyout", str(file), "-out", str(tmp_path / "crt")]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    file.write_bytes(file.read_bytes() + (tmp_path / "crt").read_bytes())
    return file, days


def test_the_end_of_a_certificate_is_read_from_a_file_and_from_a_server(certificate: tuple[Path, int]) -> None:
    file, days = certificate
    end = end_of_file(file)
    assert end is not None
    assert abs(end - datetime.now(UTC) - timedelta(days=days)) < timedelta(minutes=5)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer(accepts: bytes) -> None:
            plain, _address = listener.accept()
            with plain:
                plain.recv(8)
                plain.sendall(accepts)
                if accepts == b"S":
                    context.wrap_socket(plain, server_side=True).close()

        for accepts, expected in ((b"S", end), (b"N", None)):
            server = threading.Thread(target=answer, args=(accepts,))
            server.start()
            assert end_of_server("127.0.0.1", listener.getsockname()[1]) == expected
            server.join()


@given(data=st.binary(max_size=200) | st.binary(max_size=100).map(lambda body: bytes([0x30, len(body)]) + body))
def test_bytes_that_are_no_certificate_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        end_of(data)


def test_metrics_name_a_certificate_that_cannot_be_read(staffed: Shell) -> None:
    file = staffed.folder / "own.pem"
    staffed.patch.setenv("TILL_GATEWAY__CERTIFICATE", str(file))
    for content, reason in ((None, "No such file or directory"), ("-----BEGIN CERTIFICATE-----\nAAAA\n", "Error")):
        if content is not None:
            file.write_text(f"{content}-----END CERTIFICATE-----\n")
        refused = staffed.refused("admin", "stats", "--metrics", str(staffed.folder / "x.prom"))
        assert refused.startswith("The certificate of the gateway cannot be read (")
        assert reason in refused


def test_the_page_of_phones_is_watched(staffed: Shell, certificate: tuple[Path, int]) -> None:
    """Doctor and the metrics watch its certificate, and the metrics its port."""
    file, days = certificate
    metrics = staffed.folder / "x.prom"
    staffed.patch.setenv("TILL_SERVE__URL", "https://till.example:8443")
    staffed.patch.setenv("TILL_SERVE__CERTIFICATE", str(file))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        staffed.patch.setenv("TILL_SERVE__PORT", str(listener.getsockname()[1]))
        staffed.ok("admin", "stats", "--metrics", str(metrics))
        assert 'till_service_up{service="serve"} 1' in metrics.read_text()
    staffed.ok("admin", "stats", "--metrics", str(metrics))
    text = metrics.read_text()
    assert 'till_service_up{service="serve"} 0' in text
    end = end_of_file(file)
    assert end is not None
    assert f'till_certificate_end_timestamp_seconds{{certificate="serve"}} {round(end.timestamp())}' in text
    (found,) = (one for one in json.loads(staffed("doctor", "--json").out)["parts"] if one["part"] == "serve")
    assert found["verdict"] == ("wrong" if days == 9 else "ok")
    assert f"{end:%Y-%m-%d}" in found["said"]


def test_metrics_list_the_tills_and_the_kitchens_screens(staffed: Shell, database: Database) -> None:
    metrics = staffed.folder / "x.prom"
    for till in ("1", "2"):
        staffed.ok("admin", "tills", "add", till, "--here")
    staffed.ok("admin", "tills", "revoke", "2")
    with database.connect() as owner:
        owner.execute("UPDATE till.tills SET logged_in = 7, seen_at = now() WHERE id = 1")
        owner.execute(
            "INSERT INTO till.tills (store_id, id, name, secret_hash, stations, seen_at)"
            " SELECT store_id, 90, 'Kitchen', '', '{}', now() - interval '1 hour' FROM till.stores"
        )
    staffed.ok("admin", "stats", "--metrics", str(metrics))
    lines = [line.partition('store="')[2][37:] for line in metrics.read_text().splitlines() if 'till="' in line]
    assert lines == [',till="1"} 1', ',till="2"} 0', ',till="90"} 1', ',till="90"} 3600']
    assert re.search(r"till_database_logged_in\{.*\} 1$", metrics.read_text(), re.MULTILINE)
