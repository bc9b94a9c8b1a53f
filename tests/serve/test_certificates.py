"""The certificate of a serving machine, as a phone that installed its authority checks it."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from till.cli.certificates import server_context
from till.domain.errors import ConfigError
from till.serve.certificates import Authority

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("till.example", "127.0.0.1")


async def trusts(server: ssl.SSLContext, authority: Path, name: str) -> bool:
    """Return True if a client that has the authority takes the server for `name`."""
    listening = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=server)
    client = ssl.create_default_context(cafile=authority)
    try:
        port = listening.sockets[0].getsockname()[1]
        _reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=name)
    except ssl.SSLError:
        return False
    else:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True
    finally:
        listening.close()
        await listening.wait_closed()


async def test_a_phone_with_the_authority_takes_the_server_for_its_names_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "serve", NAMES)
    context = server_context("serve.certificate", str(authority.renew()))
    assert [await trusts(context, authority.file, name) for name in (*NAMES, "bank.example")] == [True, True, False]
    assert (tmp_path / "serve" / "ca.key.pem").stat().st_mode & 0o077 == 0
    assert (tmp_path / "serve" / "server.pem").stat().st_mode & 0o077 == 0
    assert b"PRIVATE" not in authority.file.read_bytes()


def test_a_certificate_is_renewed_before_it_ends_by_the_same_authority(tmp_path: Path) -> None:
    authority = Authority(tmp_path, NAMES)
    begin = datetime.now(UTC)
    file = authority.renew(begin)
    first, root = file.read_bytes(), authority.file.read_bytes()
    assert authority.renew(begin + timedelta(days=300)).read_bytes() == first
    assert authority.renew(begin + timedelta(days=350)).read_bytes() != first
    assert authority.file.read_bytes() == root
    held = x509.load_pem_x509_certificate(file.read_bytes())
    assert held.not_valid_after_utc - held.not_valid_before_utc <= timedelta(days=397)


def test_an_authority_signs_for_no_other_names(tmp_path: Path) -> None:
    Authority(tmp_path, NAMES).renew()
    with pytest.raises(ConfigError, match=r"may not sign for other\.example"):
        Authority(tmp_path, ("other.example",)).renew()


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----"])
def test_a_certificate_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "server.pem"
    file.write_text(text, encoding="ascii")
    with pytest.raises(ConfigError, match=r"serve\.certificate cannot be used"):
        server_context("serve.certificate", str(file))
    with pytest.raises(ConfigError, match="No such file"):
        server_context("serve.certificate", str(tmp_path / "none"))
