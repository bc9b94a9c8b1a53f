"""Authentication of the terminal, and a line without the seal or without TLS."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from tests.tenders.terminal.counter import Till
from tests.terminal.process import POIID, make_certificate, running
from till.ports import Outcome
from till.tenders.terminal.line import Trust

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal.process import TerminalProcess

_UNREACHED = "The terminal cannot be reached. Is it on, and connected?"


async def _charged(terminal: TerminalProcess, certificate: Path | None = None) -> tuple[Outcome, str]:
    till = Till(terminal, certificate=certificate)
    answer = await till.tender.charge(till.new(), till.words.append)
    return answer.outcome, answer.words


async def test_a_stranger_at_its_address_gets_no_message(terminal: TerminalProcess, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    make_certificate(other, f"{POIID}.test.terminal.example")
    assert await _charged(terminal, other) == (Outcome.DECLINED, _UNREACHED)
    assert terminal.book.heard("Payment") == []


async def test_under_its_makers_root_a_terminal_must_bear_its_name(tmp_path: Path, subtests: pytest.Subtests) -> None:
    root = tmp_path / "root.pem"
    make_certificate(root, "Root of terminals")
    with running(tmp_path) as terminal:
        for name, outcome in (
            (f"{POIID}.live.terminal.example", Outcome.APPROVED),
            ("legacy-terminal-certificate.live.terminal.example", Outcome.APPROVED),
            ("P400Plus-1.live.terminal.example", Outcome.DECLINED),
            (f"x{POIID}.live.terminal.example", Outcome.DECLINED),
        ):
            with subtests.test(name):
                make_certificate(terminal.certificate, name, (root, "Root of terminals"))
                terminal.restart()
                assert (await _charged(terminal, root))[0] is outcome


async def test_the_terminals_own_certificate_serves_though_another_signed_it(tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    make_certificate(root, "Root of terminals")
    with running(tmp_path) as terminal:
        make_certificate(terminal.certificate, "any name", (root, "Root of terminals"))
        terminal.restart()
        assert (await _charged(terminal))[0] is Outcome.APPROVED


async def test_a_peer_without_tls_gets_no_message(tmp_path: Path) -> None:
    with running(tmp_path, tls=False) as terminal:
        make_certificate(terminal.certificate, POIID)
        terminal.tls = True
        till = Till(terminal, patience=0.3)
        answer = await till.tender.charge(till.new(), till.words.append)
        assert (answer.outcome, answer.words) == (Outcome.DECLINED, _UNREACHED)
        assert terminal.book.heard("Payment") == []


async def test_without_seal_and_tls_the_messages_are_the_same(tmp_path: Path) -> None:
    with running(tmp_path, sealed=False, tls=False) as terminal:
        assert await _charged(terminal) == (Outcome.APPROVED, "")
        assert terminal.book.faults() == []


@pytest.mark.parametrize(
    "content", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n"]
)
def test_a_file_without_a_certificate_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "empty.pem"
    file.write_text(content, "ascii")
    with pytest.raises(ssl.SSLError):
        Trust(file, POIID)
