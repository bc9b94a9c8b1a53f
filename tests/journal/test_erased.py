"""Erased free text is not on this disk, whether it arrived before or after its erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from till.domain.events.envelope import SERVER
from till.domain.order.events import Erased, LineVoided, OrderDiscarded
from till.ports import Received

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journal.conftest import Hand, Reopen
    from till.domain.events.envelope import Event
    from till.journal import JournalFile

WORDS = "Asha's brother walked out"


def texts_of(journal: JournalFile, session: str) -> list[str]:
    """The free text that is left of an order."""
    return [text.text for event in journal.events_of(session) for text in event.texts.values()]


def erasing(hand: Hand, server: JournalFile, session: str, *events: Event) -> Received:
    """Return the record of an erasure that the database writes into its own chain."""
    return Received(9, hand.event(server, Erased(events=tuple(e.id for e in events)), session, till=SERVER))


@pytest.fixture
def server(reopen: Reopen, tmp_path: Path) -> JournalFile:
    return reopen(path=tmp_path / "server.db")


def test_own_and_received_words_go_when_they_are_erased(
    reopen: Reopen, hand: Hand, server: JournalFile, tmp_path: Path
) -> None:
    here, there = reopen(), reopen(path=tmp_path / "other.db")
    session = hand.opened(here)
    own = hand.event(here, OrderDiscarded(line_ids=(), reason=WORDS), session)
    here.append([own])
    theirs = hand.event(there, LineVoided(line_id=hand.new_id(), reason=WORDS), session)
    kept = hand.event(there, LineVoided(line_id=hand.new_id(), reason="dropped"), session)
    here.receive([Received(2, theirs), Received(3, kept)])
    assert texts_of(here, session) == [WORDS, WORDS, "dropped"]
    assert here.receive([erasing(hand, server, session, own, theirs)]) == [session]
    assert texts_of(here, session) == ["dropped"]
    assert here.events_of(session)[1].hash == own.hash
    assert here.unsent(10)[-1].texts == {}


def test_a_copy_that_comes_later_comes_without_its_words(reopen: Reopen, hand: Hand, server: JournalFile) -> None:
    here = reopen()
    session = hand.opened(server)
    late = hand.event(server, LineVoided(line_id=hand.new_id(), reason=WORDS), session)
    here.receive([erasing(hand, server, session, late)])
    here.close()
    here = reopen()
    assert here.receive([Received(10, late)]) == [session]
    assert texts_of(here, session) == []
    assert late.hash in {event.hash for event in here.events_of(session)}


def test_words_that_came_in_one_answer_are_erased_too(reopen: Reopen, hand: Hand, server: JournalFile) -> None:
    here = reopen()
    session = hand.opened(server)
    voided = [hand.event(server, LineVoided(line_id=hand.new_id(), reason=WORDS), session) for _time in range(2)]
    gone = erasing(hand, server, session, *voided)
    here.receive([Received(1, voided[0]), gone, Received(2, voided[1])])
    assert texts_of(here, session) == []


def test_old_bytes_of_a_damaged_journal_bring_no_erased_words_back(
    reopen: Reopen, hand: Hand, server: JournalFile, path: Path
) -> None:
    journal = reopen()
    hand.begun(journal)
    session = hand.opened(journal)
    own = hand.event(journal, LineVoided(line_id=hand.new_id(), reason=WORDS), session)
    journal.append([own])
    journal.tidy()
    before = path.read_bytes()  # as an older page of the file has it
    journal.receive([erasing(hand, server, session, own)])
    journal.opened.disk.condemn()
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(b"\xff" * 4096 + before + whole)
    journal = reopen()
    assert journal.opened.set_aside is not None
    hand.begun(journal)
    journal.re_emit()
    assert own.id in {event.id for event in journal.events_of(session)}
    assert texts_of(journal, session) == []
    journal.close()
    assert WORDS.encode() not in path.read_bytes()


def test_erased_words_are_not_left_in_the_file(reopen: Reopen, hand: Hand, server: JournalFile, path: Path) -> None:
    journal = reopen()
    session = hand.opened(journal)
    own = hand.event(journal, LineVoided(line_id=hand.new_id(), reason=WORDS), session)
    journal.append([own])
    journal.tidy()
    assert WORDS.encode() in path.read_bytes()
    journal.receive([erasing(hand, server, session, own)])
    journal.close()
    assert WORDS.encode() not in path.read_bytes()
