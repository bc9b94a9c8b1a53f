"""A terminal as the config describes it, and every way to describe it wrong."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.tenders.terminal.counter import SetClock, Till
from tests.terminal.process import PHRASE, POIID, make_certificate
from till.domain.errors import ConfigError
from till.ports import ChargeReference, Outcome
from till.tenders.terminal import TerminalTender, open_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal.process import TerminalProcess


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    certificate, key = tmp_path / "terminal.pem", tmp_path / "key"
    make_certificate(certificate, POIID)
    key.write_text(f"{PHRASE}\n", "utf-8")
    key.chmod(0o600)
    return {
        "address": "https://192.168.1.20:8443/nexo",
        "poiid": POIID,
        "certificate": str(certificate),
        "key_file": str(key),
        "key_identifier": "till-test",
    }


def _open(settings: dict[str, Any]) -> TerminalTender:
    return open_terminal(settings, sale_id="till-1", clock=SetClock())


def test_a_terminal_opens_as_described(settings: dict[str, Any]) -> None:
    tender = _open(settings | {"name": "CARD_BAR", "label": "Card at the bar", "key": "b"})
    assert (tender.traits.name, tender.traits.label, tender.traits.key) == ("CARD_BAR", "Card at the bar", "b")
    assert (tender.traits.by_hand, tender.traits.gives_change, tender.traits.opens_drawer) == (False, False, False)
    assert tender.name_charge("k").place == POIID
    assert tender.name_charge("k").asker == "till-1"


def test_without_a_label_it_is_called_by_its_name(settings: dict[str, Any]) -> None:
    traits = _open(settings | {"name": "CARD_BAR"}).traits
    assert (traits.label, traits.key) == ("CARD_BAR", "")


def test_wait_lasts_as_long_as_the_terminal_gives_the_guest(settings: dict[str, Any]) -> None:
    traits = _open(settings | {"timeout_s": 120}).traits
    assert traits.gives_up_s > traits.guest_s == 120


async def test_an_opened_terminal_takes_a_payment_and_logs_no_secret(
    terminal: TerminalProcess, settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings |= {"address": terminal.address, "certificate": str(terminal.certificate)}
    tender = _open(settings)
    charge = Till(terminal).new()
    terminal.book.plan(line="drop")
    assert (await tender.charge(charge, lambda _words: None)).outcome is Outcome.UNKNOWN
    assert (await tender.ask_after(charge)).outcome is Outcome.APPROVED
    assert PHRASE not in caplog.text + repr(tender) + repr(vars(tender))


@pytest.mark.parametrize("missing", ["address", "poiid"])
def test_a_missing_setting_is_named(settings: dict[str, Any], missing: str) -> None:
    del settings[missing]
    with pytest.raises(ConfigError, match=rf"A terminal needs its {missing}\."):
        _open(settings)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"adress": "x"}, "A terminal has no setting “adress”. There are: address, poiid, "),
        ({"timeout_s": 1}, "timeout_s of a terminal must be seconds from 30 to 600, not 1."),
        ({"timeout_s": "soon"}, "timeout_s of a terminal must be seconds from 30 to 600, not 'soon'."),
        ({"memory_hours": 0}, "memory_hours of a terminal must be hours from 1 to 8760, not 0."),
        ({"key": "C"}, "key of a terminal must be one small letter, or empty, not 'C'."),
        ({"name": "card"}, "name of a terminal must be capital letters and digits, such as CARD, not 'card'."),
        ({"poiid": "a b"}, "poiid of a terminal must be the terminal's own name, such as V400m-347069146, not 'a b'."),
        ({"certificate": 7}, "certificate of a terminal must be a text, not 7."),
        ({"certificate": ""}, "A terminal needs its certificate: the PEM file that proves it is the terminal."),
        ({"key_identifier": ""}, "key_file of a terminal needs key_identifier: the terminal's name for that key."),
        (
            {"key_file": "", "displays": "0.0.0.0:8900"},
            "displays of a terminal needs key_file: only sealed messages are shown.",
        ),
        (
            {"displays": "here"},
            "displays of a terminal must be an address and a port such as 0.0.0.0:8900, or empty, not 'here'.",
        ),
        (
            {"displays": "0.0.0.0:99999"},
            "displays of a terminal must be an address and a port such as 0.0.0.0:8900, or empty.",
        ),
        (
            {"address": "http://192.168.1.20/nexo"},
            "A terminal needs https://; http:// is only for a program on this machine.",
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_the_way_out(
    settings: dict[str, Any], change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        _open(settings | change)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    "address",
    [
        *("https://", "https://:8443", "https://h:port", "https://h:99999", "https://u:p@h/nexo", "https://h/nexo?x=1"),
        *("https://h/ne xo", "https://h\r\nX: y/nexo", "https://hôte/nexo", "192.168.1.20", "https://[::1/nexo"),
    ],
)
def test_an_address_that_is_none_is_refused(settings: dict[str, Any], address: str) -> None:
    with pytest.raises(ConfigError, match="address of a terminal must be"):
        _open(settings | {"address": address})


@pytest.mark.parametrize(
    "address", ["https://192.168.1.20", "https://terminal.lan:9000/", "https://[fe80::1]:8443/nexo"]
)
def test_an_address_needs_no_more_than_its_host(settings: dict[str, Any], address: str) -> None:
    assert isinstance(_open(settings | {"address": address}).name_charge("k"), ChargeReference)


@pytest.mark.parametrize(
    ("mode", "content", "sentence"),
    [
        (0o640, PHRASE, "Others can read"),
        (0o604, PHRASE, "Others can read"),
        (0o600, "", "holds no key"),
        (0o600, "\nsecond line", "holds no key"),
    ],
)
def test_a_key_file_is_its_owners_alone(
    settings: dict[str, Any], tmp_path: Path, mode: int, content: str, sentence: str
) -> None:
    key = tmp_path / "key"
    key.write_text(content, "utf-8")
    key.chmod(mode)
    with pytest.raises(ConfigError, match=sentence) as refused:
        _open(settings)
    assert PHRASE not in str(refused.value)


@pytest.mark.parametrize("setting", ["key_file", "certificate"])
def test_a_file_that_is_not_there_is_named(settings: dict[str, Any], tmp_path: Path, setting: str) -> None:
    with pytest.raises(ConfigError, match=r"nowhere cannot be read: No such file or directory\."):
        _open(settings | {setting: str(tmp_path / "nowhere")})


def test_a_key_that_is_no_text_is_refused(settings: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read: no text"):
        _open(settings)
