"""Reference data on a damaged disk: altered data is never used, and is requested again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journal.conftest import Hand, Reopen

MENU: dict[str, Any] = {"items": [{"name": "Idly", "price": "40.00"}]}
STAFF: dict[str, Any] = {"staff": [{"number": 1, "name": "Asha", "role": "cashier"}]}


@pytest.fixture
def kept(reopen: Reopen, hand: Hand, path: Path) -> bytes:
    """A journal with an event, a menu and its staff, cleanly closed; the file's bytes."""
    journal = reopen()
    hand.begun(journal)
    journal.cache("menu", 7, MENU)
    journal.cache("staff", 3, STAFF)
    journal.close()
    return path.read_bytes()


def test_a_flipped_digit_of_a_price_is_not_believed_and_is_reported(kept: bytes, reopen: Reopen, path: Path) -> None:
    assert kept.count(b'"40.00"') == 1
    path.write_bytes(kept.replace(b'"40.00"', b'"10.00"'))
    journal = reopen()
    assert (journal.cached("menu"), journal.versions()) == (None, {"staff": 3})  # so that the next poll asks for it
    assert journal.opened.notice == (
        "This till's own copy is damaged and not used: menu. It is loaded again from the database."
    )
    assert (journal.cached("staff"), journal.opened.set_aside, journal.head.seq) == ((3, STAFF), None, 1)
    journal.cache("menu", 8, MENU)
    journal.close()
    journal = reopen()
    assert (journal.cached("menu"), journal.opened.notice) == ((8, MENU), "")


def test_every_byte_of_a_document_and_of_its_seal_counts(kept: bytes, reopen: Reopen, path: Path) -> None:
    end = kept.index(b'"40.00"') + len(b'"40.00"}]}')
    begin = kept.rindex(b"{", 0, kept.index(b'"items"')) - 64
    for at in range(begin, end):
        path.write_bytes(kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :])
        journal = reopen()
        assert journal.cached("menu") is None, at
        assert journal.cached("staff") == (3, STAFF), at
        journal.close()


def test_a_document_under_another_version_is_not_believed(kept: bytes, reopen: Reopen, path: Path) -> None:
    assert kept
    with closing(sqlite3.connect(path)) as disk, disk:
        disk.execute("UPDATE cache SET version = 8 WHERE name = 'menu'")
    assert reopen().cached("menu") is None


def test_a_document_damaged_while_the_till_is_open_is_not_believed_either(reopen: Reopen, kept: bytes) -> None:
    assert kept
    journal = reopen()
    with journal._disk as connection:
        connection.execute("UPDATE cache SET body = replace(body, '40.00', '10.00') WHERE name = 'menu'")
    assert journal.cached("menu") is None
    assert journal.versions() == {"staff": 3}


def test_a_document_without_a_seal_is_not_believed(kept: bytes, reopen: Reopen, path: Path) -> None:
    assert kept
    with closing(sqlite3.connect(path)) as disk, disk:
        disk.execute("UPDATE cache SET body = substr(body, 65)")
    journal = reopen()
    assert (journal.cached("menu"), journal.versions()) == (None, {})


def test_a_damaged_document_is_not_carried_into_the_journal_that_takes_its_place(
    kept: bytes, reopen: Reopen, path: Path
) -> None:
    path.write_bytes(kept.replace(b'"40.00"', b'"10.00"'))
    with closing(sqlite3.connect(path)) as disk, disk:
        disk.execute("INSERT OR REPLACE INTO meta VALUES ('condemned', '1')")
    journal = reopen()
    assert journal.opened.set_aside is not None
    assert (journal.cached("menu"), journal.cached("staff")) == (None, (0, STAFF))
