"""Records that this till cannot read: stored unchanged, and reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from till.domain.events.envelope import sha256
from till.domain.events.registry import UnreadData
from till.domain.order.evolve import fold
from till.domain.streams import unseal
from till.ports import Head, Received

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journal.conftest import Hand, Reopen
    from till.domain.events.envelope import Event

#: Records that a newer or a faulty till may have written.
WRITTEN = {
    "a price": ('"price":"40.00"', '"price":"80,00"'),
    "a type": ('"type":"item_added"', '"type":"item_wished"'),
    "a version": ('"v":1}', '"v":2}'),
    "a field": ('"quantity":1', '"promotion":"2 for 1","quantity":1'),
}


def rewritten(event: Event, old: str, new: str) -> Event:
    """Return a record with changed text, sealed as another till would seal it."""
    assert event.body.count(old) == 1
    body = event.body.replace(old, new)
    return unseal(body, sha256(body), {})


@pytest.mark.parametrize("what", WRITTEN)
def test_a_record_of_another_till_that_does_not_read_is_kept_and_reported(
    reopen: Reopen, hand: Hand, tmp_path: Path, what: str
) -> None:
    here, there = reopen(), reopen(path=tmp_path / "other.db")
    session = hand.opened(there)
    hand.added(there, session)
    odd = rewritten(hand.event(there, hand.line("Vada"), session), *WRITTEN[what])
    assert isinstance(odd.data, UnreadData)
    there.append([odd])
    assert here.receive([Received(1, event) for event in there.events_of(session)]) == [session]
    for known in (here, there):  # where it was written it is one of the chain, and is sent
        known.close()
        journal = reopen(known.opened.disk.path)
        assert journal.opened.set_aside is None
        assert journal.events_of(session)[-1] == odd
        order = fold(journal.events_of(session))
        assert order is not None
        assert [(one.event, one.till) for one in order.waits_for_manager] == [(odd.id, 1)]
        assert len(order.lines) == 1
        if journal.head.seq:
            assert journal.unsent(10)[-1] == odd


def test_a_record_that_does_not_read_goes_on_in_the_journal_that_follows(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    hand.begun(journal)
    session = hand.opened(journal)
    odd = rewritten(hand.event(journal, hand.line(), session), *WRITTEN["a type"])
    journal.append([odd])
    journal.opened.disk.condemn()
    journal.close()
    journal = reopen()
    assert journal.opened.set_aside is not None
    hand.begun(journal)
    assert journal.re_emit() == 2
    carried = journal.unsent(10)[-1]
    assert (carried.id, carried.type, carried.data) == (odd.id, "item_wished", odd.data)
    assert journal.head == Head(carried.seq, carried.hash)


def test_ids_go_on_after_those_of_the_journal_before(reopen: Reopen, hand: Hand) -> None:
    """Also those that the database has already: a clock that was set back must not sort the next before them."""
    journal = reopen()
    hand.begun(journal)
    last = hand.added(journal, hand.opened(journal))
    journal.acknowledge(journal.head)
    journal.opened.disk.condemn()
    journal.close()
    journal = reopen()
    assert (journal.opened.set_aside is not None, journal.salvaged()) == (True, [])
    assert journal.last_id == last.id


def test_an_event_of_another_till_is_no_own_id(reopen: Reopen, hand: Hand, tmp_path: Path) -> None:
    here, there = reopen(), reopen(path=tmp_path / "other.db")
    own = hand.added(here, hand.opened(here))
    theirs = hand.opened(there)
    hand.added(there, theirs)
    here.receive([Received(1, event) for event in there.events_of(theirs)])
    assert here.last_id == own.id
    here.close()
    assert reopen().last_id == own.id
