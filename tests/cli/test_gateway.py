"""`till gateway`: a process of its own that hears webhooks, and what keeps it from starting."""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.engine import connect
from tests.sql.ringing import heard
from tests.tenders.gateway.test_webhook import CAPTURED, KEY, SECRET, posted, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

BODY = posted("qr_code.credited", qr_code={"notes": {"charge": KEY}})
TILL = str(Path(sys.executable).parent / "till")


def keep(shell: Shell, name: str, text: str, mode: int = 0o600) -> str:
    file = shell.folder / name
    file.touch(mode=mode)
    file.write_text(f"{text}\n", "utf-8")
    file.chmod(mode)
    return str(file)


@pytest.fixture
def gateway(staffed: Shell, database: Database) -> Iterator[Shell]:
    """The config of a process that may tell of payments; its role goes with the test."""
    staffed.become(9)
    name = f"razorpay{os.getpid()}"  # its role is one for all databases of the server, and so of other workers
    reply = staffed("admin", "programs", "add", name, "--webhook", "--json").json
    with socket.create_server(("127.0.0.1", 0)) as free:
        staffed.patch.setenv("TILL_GATEWAY__PORT", str(free.getsockname()[1]))
    staffed.patch.setenv("TILL_GATEWAY__SECRET_FILE", keep(staffed, "webhook", SECRET.decode()))
    staffed.patch.setenv("TILL_GATEWAY__USER", reply["role"])
    staffed.patch.setenv("TILL_GATEWAY__PASSWORD_FILE", keep(staffed, "gateway.pw", reply["password"]))
    yield staffed
    with database.connect() as owner:
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [reply["role"]])
        owner.execute(f'DROP ROLE "{reply["role"]}"'.encode())


def post(port: int, *, signature: str = "", event: str = "evt_1", body: bytes = BODY) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    head = {"X-Razorpay-Signature": signature or signed(body), "X-Razorpay-Event-Id": event}
    line.request("POST", "/razorpay", body, head)
    status = line.getresponse().status
    line.close()
    return status


def hints(owner: psycopg.Connection[Any]) -> list[str]:
    return [one.partition(" ")[2] for one in heard(owner)]


@pytest.mark.usefixtures("gateway")
def test_a_posted_event_is_a_hint_to_the_tills_and_the_gateway_ends_on_request(database: Database) -> None:
    with subprocess.Popen(
        [TILL, "gateway"], env=os.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process, connect(database.owner) as owner:  # fmt: skip
        assert process.stdout is not None
        port = int(os.environ["TILL_GATEWAY__PORT"])
        assert process.stdout.readline() == f"Listening at http://127.0.0.1:{port}/razorpay. Ctrl+C stops.\n"
        owner.execute("LISTEN till_store")
        assert post(port, signature="0" * 64) == 401
        assert [post(port), post(port), post(port, event="evt_2")] == [200, 200, 200]
        assert hints(owner) == [f"payment {KEY}"]
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'till gateway'")
        assert post(port) == 200
        assert post(port, event="evt_3", body=posted("payment.captured", payment=CAPTURED)) == 200
        process.send_signal(signal.SIGTERM)
        reply = process.communicate(timeout=20)
        assert (process.returncode, *reply) == (0, "", "Stopped.\n")
        kept = owner.execute("SELECT event_id, digest, payment_id::text FROM till.payment_hints").fetchall()
    assert kept[:1] == [("evt_1", hashlib.sha256(BODY).hexdigest(), KEY)]
    log = (Path(os.environ["TILL_DATA_DIR"]) / "logs" / "till.log").read_text("utf-8")
    assert "webhook_kept" in log
    assert "webhook_forged" in log
    assert log.count("charge_of_no_order") == 1
    assert SECRET.decode() not in log
    assert Path(os.environ["TILL_GATEWAY__PASSWORD_FILE"]).read_text().strip() not in log


def test_without_what_it_needs_it_says_so_in_a_line(gateway: Shell) -> None:
    for name, value, found in (
        ("PORT", "0", "gateway.port is not set, so no webhook can arrive."),
        ("ADDRESS", "192.0.2.7", "gateway.address 192.0.2.7 is open to other machines"),
        ("CERTIFICATE", "/nowhere.pem", "gateway.certificate cannot be used: No such file or directory."),
        ("CERTIFICATE", keep(gateway, "no.pem", "no"), "gateway.certificate cannot be used: "),
        ("SECRET_FILE", "", "The webhook's secret is missing."),
        ("SECRET_FILE", keep(gateway, "open", "x", 0o644), "Others may read "),
        ("USER", "", "gateway.user or gateway.password_file is not set."),
        ("PASSWORD_FILE", "", "gateway.user or gateway.password_file is not set."),
        ("PATH", "razorpay", "is a path such as /razorpay"),
        ("PORT", "x", "is a port from 1 to 65535, or 0"),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(f"TILL_GATEWAY__{name}", value)
            assert found in gateway.refused("gateway"), name


def test_a_port_that_is_another_programs_is_refused(gateway: Shell) -> None:
    port = int(os.environ["TILL_GATEWAY__PORT"])
    with socket.create_server(("127.0.0.1", port)):
        assert "Cannot listen on" in gateway.refused("gateway")


def test_the_help_has_an_example(shell: Shell) -> None:
    assert "Example: " in shell.ok("gateway", "--help")
    assert "gateway" in shell.ok("--help")
