from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.config import Config, find_config, read_config
from till.domain.errors import ConfigError

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"

Write = Callable[[str | bytes], Path]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    path = tmp_path / "till.toml"

    def write(text: str | bytes) -> Path:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def refusal(path: Path | None, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as refused:
        read_config(path, environment or {})
    assert "\n" not in refused.value.sentence
    return refused.value.sentence


def test_the_example_is_the_code() -> None:
    plain = msgspec.json.decode(msgspec.json.encode(Config()))
    plain["venue"] = {key: value for key, value in plain["venue"].items() if value is not None}
    assert tomllib.loads(EXAMPLE.read_text()) == plain


def test_the_example_says_a_sentence_about_every_key() -> None:
    lines = EXAMPLE.read_text().splitlines()
    keys = [number for number, line in enumerate(lines) if re.match(r"\w+ = ", line)]
    assert len(keys) >= 20
    assert [lines[number] for number in keys if not re.match(r"# .+\.$", lines[number - 1])] == []


def test_without_a_file_there_are_the_defaults() -> None:
    assert read_config(find_config({}), {}) == Config()


def test_till_config_names_the_file(written: Write) -> None:
    path = written('[venue]\nname = "Café Ω"\n')
    assert read_config(find_config({"TILL_CONFIG": str(path)}), {}).venue.name == "Café Ω"


def test_a_byte_order_mark_and_windows_lines_are_fine(written: Write) -> None:
    assert read_config(written(b"\xef\xbb\xbf[sync]\r\npoll_s = 7\r\n"), {}).sync.poll_s == 7.0


def test_the_environment_wins(written: Write) -> None:
    environment = {
        "TILL_SYNC__DEBOUNCE_MS": "200",
        "TILL_UI__PLAIN": "true",
        "TILL_KEYS__PAY": "f10",
        "TILL_STAFF": "1",
    }
    config = read_config(written("[sync]\ndebounce_ms = 10\nmax_wait_ms = 20\n"), environment)
    assert (config.sync.debounce_ms, config.sync.max_wait_ms) == (200, 20)
    assert config.ui.plain
    assert config.keys == {"pay": "f10"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[ui]\nmouse = "off"\n', ["line 2", "true or false"]),
        ("[sync]\n\ndebounce = 5\n", ["line 3", "no sync.debounce.", "Did you mean sync.debounce_ms?"]),
        ("[synk]\npoll_s = 5\n", ["line 1", "no synk", "Did you mean sync?"]),
        ("sync.debouce_ms = 5\n", ["line 1", "sync.debounce_ms?"]),
        ("[venue]\npoll_s = 5\n", ["line 2", "poll_s belongs in [sync], not in [venue]"]),
        ("[till]\nid = 1\n[sync.deep]\nx = 1\n", ["line 3", "no sync.deep"]),
        ("sync = 5\n", ["line 1", "[sync]"]),
        ('[sync]\npoll_s = 1\ndebounce_ms = "soon"\n', ["line 3", "whole milliseconds from 0 to 60000", "“soon”"]),
        ("[sync]\npoll_s = -1\n", ["line 2", "seconds from 0.1 to 600", "-1"]),
        ("[sync]\npoll_s = nan\n", ["line 2", "seconds from 0.1 to 600"]),
        ("[sync]\ndebounce_ms = true\n", ["line 2", "whole milliseconds"]),
        ('[ui]\ntheme = "Dark"\n', ["line 2", "one of dark, light, contrast"]),
        ('[ui]\nplain = "yes"\n', ["line 2", "true or false"]),
        ('[venue]\ncurrency = "rupees"\n', ["line 2", "three letters"]),
        ('[venue]\ntimezone = "Asia/Kolkatta"\n', ["line 2", "Did you mean Asia/Kolkata?"]),
        ('[venue]\ntimezone = "../../etc/passwd"\n', ["line 2", "../../etc/passwd"]),
        ('[venue]\nbusiness_day_ends = "24:00"\n', ["line 2", "00:00 to 23:59"]),
        ("[venue]\nrounding = 0.05\n", ["line 2", '{step = "0.05"}']),
        ('[database]\nurl = "mysql://root:hunter2@x/y"\n', ["line 2", "postgresql://"]),
        ("[keys]\npay = 9\n", ["line 2", "keys.pay is text in quotes, not 9"]),
        ("[venue]\nname = Udupi\n", ["line 2", "not TOML"]),
        ("[venue\n", ["line 1", "not TOML"]),
        ('[venue]\nname = "open', ["line 2", "not TOML"]),
        (b'[venue]\n\nname = "Caf\xe9"\n', ["line 3", "UTF-8"]),
        ('[venue]\n"na\\u001b[31mme" = 1\n', ["venue.na[31mme"]),
    ],
)
def test_a_fault_names_file_line_and_remedy(written: Write, text: str | bytes, parts: list[str]) -> None:
    path = written(text)
    message = refusal(path)
    assert str(path) in message
    assert [part for part in parts if part not in message] == []
    assert "hunter2" not in message
    assert message.isprintable()


def test_a_fault_in_the_environment_names_the_variable() -> None:
    message = refusal(None, {"TILL_SYNC__DEBOUNCE_MS": "soon"})
    assert message == "TILL_SYNC__DEBOUNCE_MS: sync.debounce_ms is whole milliseconds from 0 to 60000, not “soon”."
    assert "Did you mean sync.poll_s?" in refusal(None, {"TILL_SYNC__POL_S": "5"})
    assert "Did you mean sync?" in refusal(None, {"TILL_SYNCH__POLL_S": "5"})


def test_a_file_that_is_not_there_says_how_to_name_another(tmp_path: Path) -> None:
    message = refusal(tmp_path / "none.toml")
    assert "cannot be read" in message
    assert "TILL_CONFIG" in message
    assert "cannot be read" in refusal(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(written: Write) -> None:
    path = written("")
    path.chmod(0)
    assert "Permission denied" in refusal(path)


@given(st.binary(max_size=200) | st.text(alphabet='[]sync.polvenu_= "\n19#', max_size=80).map(str.encode))
def test_any_file_is_read_or_refused_in_one_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    message = f"{path}"
    try:
        read_config(path, {})
    except ConfigError as refused:
        message = refused.sentence
    assert str(path) in message
    assert "\n" not in message


def test_reading_it_brings_in_nothing_heavy() -> None:
    code = "import sys, till.config; till.config.read_config(None, {}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(done.stdout.split()) & {"tomlkit", "platformdirs", "difflib", "rapidfuzz", "babel", "zoneinfo"} == set()
