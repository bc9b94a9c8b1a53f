"""Print jobs on the disk: with their events, in their states, pruned, and read from a damaged journal."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.journal.conftest import opening
from till.domain.errors import JournalError
from till.domain.structs import replace
from till.ports import Head
from till.ports.printer import Job, JobState

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journal.conftest import Hand, Reopen


def _job(hand: Hand, number: int, of: str, **more: Any) -> Job:
    return Job(number=number, paper="receipt", of=of, printer="Counter", at=hand.now, **more)


def test_a_job_is_written_with_its_events_and_read_as_it_was(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    hand.begun(journal)
    assert (journal.last_job(), journal.live_jobs(), journal.kicks_left()) == (0, [], [])
    session = hand.new_id()
    event = hand.event(journal, opening(), session)
    one = _job(hand, 1, session, part="x", copy=3, again=True, asked=True)
    journal.append([event], jobs=[one], kick=event.seq)
    reopen.close_all()
    journal = reopen()
    assert (journal.last_job(), journal.jobs_of(session), journal.live_jobs()) == (1, [one], [one])
    assert journal.live_jobs(JobState.UNKNOWN) == []
    later = hand.event(journal, opening(), hand.new_id())
    journal.append([later], kick=later.seq)
    assert journal.kicks_left() == [event, later]
    journal.kicked(event.seq)
    assert journal.kicks_left() == [later]
    journal.kicked(later.seq)
    assert journal.kicks_left() == []
    for state, live in ((JobState.UNKNOWN, 1), (JobState.PRINTED, 0)):
        journal.keep_jobs([replace(one, state=state)], is_lasting=state is JobState.UNKNOWN)
        assert [job.state for job in journal.jobs_of(session)] == [state]
        assert len(journal.live_jobs()) == len(journal.live_jobs(JobState.UNKNOWN)) == live


def test_a_job_is_not_written_without_its_events(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    hand.begun(journal)
    session = hand.new_id()
    event = hand.event(journal, opening(), session)
    journal._disk._connection.execute(
        "CREATE TEMP TRIGGER no BEFORE INSERT ON jobs BEGIN SELECT RAISE(FAIL, 'full'); END"
    )
    with pytest.raises(JournalError):
        journal.append([event], jobs=[_job(hand, 1, session)], kick=event.seq)
    assert (journal.head.seq, journal.kicks_left(), journal.jobs_of(session)) == (1, [], [])


def test_done_jobs_are_pruned_and_those_of_a_sale_with_it(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    hand.begun(journal)
    session = hand.opened(journal)
    hand.placed(journal, session, "1A-000001")
    done = [_job(hand, number, session, state=JobState.PRINTED) for number in (1, 2)]
    bill = replace(_job(hand, 3, session, state=JobState.PRINTED), paper="bill")
    waits = _job(hand, 4, hand.new_id())
    last = _job(hand, 5, hand.new_id(), state=JobState.DROPPED)
    journal.keep_jobs([*done, bill, waits, last])
    later = hand.now + timedelta(days=40)
    journal.prune(30, now=hand.now)
    assert len(journal.jobs_of(session)) == 3
    journal.acknowledge(Head(1, str(journal.hash_at(1))))
    journal.prune(30, now=later)
    assert journal.jobs_of(session) == done, "the sale is here still: another print of it is a copy"
    journal.acknowledge(journal.head)
    journal.forget_open([session])
    while journal.prune(30, now=later):
        pass
    assert journal.jobs_of(session) == []
    assert (journal.live_jobs(), journal.last_job()) == ([waits], 5), "what waits stays, and no number is given again"


def test_jobs_of_a_damaged_journal_are_unknown_in_the_next_one(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    hand.begun(journal)
    session = hand.opened(journal)
    event = hand.placed(journal, session, "1A-000001")
    jobs = [_job(hand, number, session, state=state) for number, state in enumerate(JobState, 1)]
    journal.keep_jobs(jobs)
    assert journal.is_here(event)
    reopen.close_all()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO meta VALUES ('condemned', '1')")
        connection.execute("UPDATE jobs SET at = 'never' WHERE number = 3")
        connection.execute("INSERT INTO jobs VALUES (9, 'ticket', 'x', '', '', '', 0, 0, 0, 'queued')")
    journal = reopen()
    assert [(one.number, one.state) for one in journal.live_jobs()] == [(1, "unknown"), (4, "unknown")]
    assert not journal.is_here(event), "another journal sold it: each print of it is a copy"
