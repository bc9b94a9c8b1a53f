"""The ends of certificates, which the metrics export."""

from __future__ import annotations

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
