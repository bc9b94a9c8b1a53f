"""A wrong configuration: exit 1 and one line with the file, its line and a remedy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.saying import one_line
from tests.plugins.commands import run_here
from till.config import read_config
from till.domain.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

HUGE = 3_000_000


def refused(data_dir: Path, file: Path, *command: str) -> str:
    message = one_line(run_here(command, more={"TILL_CONFIG": str(file)}))
    assert not data_dir.exists(), "something was made before the config was read"
    return message


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[venue]\n\nnane = 'x'\n", ["line 3", "there is no venue.nane", "Did you mean venue.name?"]),
        ("[sync]\npoll_s = 'soon'\n", ["line 2", "seconds from 0.1 to 600", "“soon”"]),
        ("[till]\nid = 1\nid = 2\n", ["line 3", "not TOML"]),
        (b"\x7fELF\x02\x01\x01\x00\xff\xfe" * 40, ["line 1", "UTF-8"]),
        (bytes(4000), ["line 1", "not TOML"]),
    ],
    ids=["unknown key", "wrong type", "a key twice", "a program", "zeros"],
)
def test_a_fault_is_one_line_with_file_line_and_remedy(
    data_dir: Path, tmp_path: Path, text: str | bytes, parts: list[str]
) -> None:
    file = tmp_path / "till.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    message = refused(data_dir, file, "db", "status")
    assert message.startswith(f"{file}, line ")
    assert [part for part in parts if part not in message] == [], message


@pytest.mark.parametrize(
    ("keys", "line", "parts"),
    [
        ("pay = 'f4'\nmenu = 'f4'\n", 3, ["f4", "menu", "pay"]),
        ("pya = 'f4'\n", 2, ["pya", "Did you mean pay?"]),
        ("\npay = 'enter'\n", 3, ["enter", "types"]),
        ("pay = 'hyper+f99'\n", 2, ["hyper+f99", "no key"]),
        ("pay = '\\u001b[31m'\n".replace("'", '"'), 2, ["control character U+001B"]),
    ],
    ids=["two commands on one key", "no such command", "a key that types", "no such key", "an escape"],
)
def test_a_wrong_key_names_its_line_before_a_till_is_made(
    data_dir: Path, tmp_path: Path, keys: str, line: int, parts: list[str]
) -> None:
    file = tmp_path / "till.toml"
    file.write_text(f"[keys]\n{keys}")
    message = refused(data_dir, file, "demo")
    assert message.startswith(f"{file}, line {line}: ")
    assert [part for part in parts if part not in message] == [], message


def test_every_way_to_open_a_till_looks_at_its_keys_first(data_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "till.toml"
    file.write_text("[keys]\npay = 'f4'\nmenu = 'f4'\n")
    for command in ((), ("demo",), ("demo", "--till", "2"), ("keys",)):
        assert refused(data_dir, file, *command).startswith(f"{file}, line 3: ")


def test_a_key_from_the_environment_names_its_variable() -> None:
    message = one_line(run_here(["keys"], more={"TILL_KEYS__PAY": "enter"}))
    assert message.startswith("TILL_KEYS__PAY: ")


def test_a_folder_or_nothing_in_the_place_of_a_config(data_dir: Path, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere.toml"):
        message = refused(data_dir, place, "demo")
        assert str(place) in message
        assert "Name another in TILL_CONFIG" in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_config_that_nobody_may_read(data_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "till.toml"
    file.write_text("")
    file.chmod(0)
    assert "Permission denied" in refused(data_dir, file, "demo")


@pytest.mark.parametrize(
    "body",
    [
        b"a = " + b"[" * HUGE,
        b"a = " + b"{x = " * 20_000,
        b"a" + b".x" * HUGE + b" = 1\n",
        b"[sync]\npoll_s = " + b"9" * 9_000 + b"\n",
        b"#" * HUGE,
    ],
    ids=["deep lists", "deep tables", "a long key", "a long number", "one long remark"],
)
def test_a_file_far_too_large_is_refused_at_once(data_dir: Path, tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "till.toml"
    file.write_bytes(body)
    assert str(file) in refused(data_dir, file, "db", "status")


def test_a_disk_image_in_the_place_of_a_config_is_not_read_whole(data_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "till.toml"
    with file.open("wb") as image:
        image.truncate(400_000_000)
    assert "is larger than" in refused(data_dir, file, "db", "status")


_WORDS = st.sampled_from(
    [
        *(
            "venue",
            "a = ",
            "till",
            "keys",
            "sync",
            "name",
            "id",
            "pay",
            "poll_s",
            "url",
            "[",
            "]",
            "[[",
            "]]",
            "=",
            ".",
        ),
        *('"', "'", '"""', "\n", "#", "{", "}", ",", "true", "nan", "-inf", "1e400", "0x", "1979-05-27", "07:32:00"),
        *("\\u0000", "\0", "\x1b[31m", "\u202e", "[" * 5000, "{a=" * 5000, "9" * 5000, ".a" * 500, "é"),
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_WORDS, max_size=14))
def test_any_words_of_toml_are_read_or_refused_in_one_printable_line(tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / "any.toml"
    file.write_text("".join(words))
    message = str(file)
    try:
        read_config(file, {})
    except ConfigError as problem:
        message = problem.sentence
    assert str(file) in message
    assert message.isprintable()
    assert len(message) < 600
