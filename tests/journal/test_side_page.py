"""The short texts beside a journal: whole or nothing, and cut between characters."""

from __future__ import annotations

import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from till.domain.errors import JournalError
from till.journal.side_page import END, TYPED, SidePage, last_event_of

if TYPE_CHECKING:
    from pathlib import Path

#: The bytes of a page, and those before its text: the size and the checksum.
PAGE, HEAD = 4096, 8


def read_back(path: Path, ending: str = TYPED) -> str:
    with closing(SidePage(path, ending)) as page:
        return page.read()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", ""),
        ("2 இட்லி", "2 இட்லி"),
        ("a" * 4088, "a" * 4088),
        ("a" * 4089, "a" * 4088),
        ("é" * 2044, "é" * 2044),
        ("é" * 2045, "é" * 2044),
        ("a" + "é" * 2044, "a" + "é" * 2043),
        ("a\ud800b", "a?b"),
    ],
)
def test_text_is_read_back_and_cut_between_characters(path: Path, text: str, read: str) -> None:
    side = path.with_name(path.name + TYPED)
    with closing(SidePage(path, TYPED)) as page:
        assert side.stat().st_size == PAGE, "a full disk cannot refuse a key later"
        page.write("before it, something that was longer" * 99)
        page.write(text)
        assert page.read() == read
    assert read_back(path) == read
    assert side.stat().st_size == PAGE
    assert side.stat().st_mode & 0o777 == 0o600
    assert read_back(path, END) == ""


@pytest.mark.parametrize("size", [0, 1, HEAD, HEAD + 3, HEAD + 4, PAGE, PAGE + 10])
def test_a_file_of_another_size_is_filled_up_and_keeps_a_whole_text(path: Path, size: int) -> None:
    with closing(SidePage(path, TYPED)) as page:
        page.write("Idly")
    side = path.with_name(path.name + TYPED)
    side.write_bytes((side.read_bytes() + b"x" * 10)[:size])
    assert read_back(path) == ("Idly" if size >= HEAD + 4 else "")
    assert side.stat().st_size == max(size, PAGE)


@pytest.mark.parametrize("at", range(HEAD + 4))
def test_a_flipped_byte_of_the_size_the_checksum_or_the_text_leaves_no_text(path: Path, at: int) -> None:
    with closing(SidePage(path, TYPED)) as page:
        page.write("Idly")
    side = path.with_name(path.name + TYPED)
    data = bytearray(side.read_bytes())
    data[at] ^= 1
    side.write_bytes(data)
    assert read_back(path) == ""


def test_text_that_is_no_utf8_is_read_without_the_odd_bytes(path: Path) -> None:
    odd = b"2 \xff idly"
    head = len(odd).to_bytes(4, "little") + zlib.crc32(odd).to_bytes(4, "little")
    path.with_name(path.name + TYPED).write_bytes(head + odd)
    assert read_back(path) == "2  idly"


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("", ("", 0)),
        ("journal", ("journal", 0)),
        ("journal 1", ("journal", 1)),
        ("journal 907", ("journal", 907)),
        ("journal -1", ("journal", 0)),
        ("journal 1 2", ("journal", 0)),
        ("journal x", ("journal", 0)),
        (" 5", ("", 5)),
    ],
)
def test_the_last_event_is_read_though_the_journal_itself_is_gone(path: Path, text: str, last: tuple[str, int]) -> None:
    with closing(SidePage(path, END)) as page:
        page.write(text)
        assert page.last_event() == last
    assert not path.exists()
    assert last_event_of(path) == last


def test_a_page_that_cannot_be_opened_read_or_written_says_so(path: Path) -> None:
    page = SidePage(path, TYPED)
    page.close()
    page.close()
    for use in (page.read, page.last_event, lambda: page.write("x")):
        with pytest.raises(JournalError, match="cannot write to its disk"):
            use()
    with pytest.raises(JournalError, match=r"Make .*nowhere/till-1.db.typed|The disk fails"):
        SidePage(path.parent / "nowhere" / "till-1.db", TYPED)
