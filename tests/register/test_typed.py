"""Text typed and not sent comes back after a crash; text that was sent does not."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from till.domain.events.envelope import Draft
from till.domain.ids import IdClock
from till.domain.staff.events import LoggedIn
from till.journal import JournalFile
from till.register.ledger.ledger import Ledger
from till.register.typed import TypedText

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORE = "0197d6a0-0000-7000-8000-00000000de00"


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return 0.0

    def nudge(self, *, at_once: bool) -> None:
        """Do nothing: nothing is sent here."""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JournalFile]:
    ids = IdClock(secrets.randbits)
    opened = JournalFile.open(
        tmp_path / "till.sqlite", till=1, store_id=STORE, new_id=lambda: ids.next(datetime.now(UTC)), host="here"
    )
    yield opened
    opened.close()


def write_an_event(journal: JournalFile) -> None:
    ledger = Ledger(journal, Now(), secrets.randbits, Now(), till=1, store_id=STORE)
    ledger.commit([Draft(LoggedIn(user=1), STORE)])


def test_text_comes_back_to_who_typed_it(journal: JournalFile) -> None:
    TypedText(journal).keep(1, "2 idly")
    assert TypedText(journal).of(1) == "2 idly"
    assert TypedText(journal).of(2) == ""


def test_a_line_whose_event_is_on_disk_was_sent_though_nobody_cleared_it(journal: JournalFile) -> None:
    TypedText(journal).sending(1, "2 idly")
    write_an_event(journal)
    assert TypedText(journal).of(1) == ""


def test_a_line_without_an_event_was_not_sent(journal: JournalFile) -> None:
    TypedText(journal).sending(1, "2 idly")
    assert TypedText(journal).of(1) == "2 idly"


def test_a_refused_line_stays_whatever_is_written_after_it(journal: JournalFile) -> None:
    typed = TypedText(journal)
    typed.sending(1, "2 kaapi")
    typed.keep(1, "2 kaapi")
    write_an_event(journal)
    assert TypedText(journal).of(1) == "2 kaapi"


def test_text_that_cannot_be_read_is_none(journal: JournalFile) -> None:
    journal.keep_typed('{"user": 1, "te')
    assert TypedText(journal).of(1) == ""
    TypedText(journal).clear()
    assert journal.typed() == ""
