"""Contents of a journal, on a disk that works."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tests.domain.making import refund_events
from till.domain.errors import EventError
from till.domain.events.envelope import NO_HASH
from till.domain.order.events import (
    ConflictFound,
    InvoiceIssued,
    MenuViewed,
    OrderDiscarded,
    OrderParked,
    OrderPlaced,
    OrderResumed,
)
from till.domain.payment.events import PaymentReturnStarted, PaymentStarted, TenderCorrected
from till.domain.refund.events import RefundStarted
from till.domain.staff.events import LoggedIn
from till.domain.till.events import FiscalStamped
from till.ports import Head, Received, SessionMark

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journal.conftest import Hand, Reopen

VIEWED = MenuViewed(query="", result_count=0, meal_period="", items=())


def test_a_new_journal_is_empty_and_follows_nothing(reopen: Reopen) -> None:
    journal = reopen()
    assert journal.head == journal.acked == Head(0, NO_HASH)
    assert (journal.last_id, journal.last_number(), journal.series) == (None, 0, None)
    assert journal.closed_cleanly() is None
    assert journal.opened.created
    assert journal.unsent(10) == []
    assert journal.streams("order", is_open=True) == []


def test_appended_events_are_there_after_a_reopen(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    session = hand.opened(journal)
    added = [hand.added(journal, session, name) for name in ("Idly", "Masala Dosa", "இட்லி")]
    head, last_id, journal_id = journal.head, journal.last_id, journal.journal_id
    journal.close()
    journal = reopen()
    assert (journal.head, journal.last_id, journal.journal_id) == (head, last_id, journal_id)
    assert not journal.opened.created
    assert journal.events_of(session)[1:] == added
    assert [event.seq for event in journal.unsent(100)] == [1, 2, 3, 4]
    assert journal.unsent(2) == journal.events_of(session)[:2]


def test_free_text_stays_beside_its_event(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    session = hand.opened(journal)
    journal.append([hand.event(journal, OrderDiscarded(line_ids=(), reason="walked out"), session)])
    journal.close()
    cleared = reopen().events_of(session)[-1]
    assert isinstance(cleared.data, OrderDiscarded)
    assert cleared.data.reason == "walked out"
    assert "walked out" not in cleared.body


def test_several_events_are_one_write_or_none(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    session = hand.new_id()
    first = hand.event(journal, VIEWED, session)
    second = hand.event(journal, VIEWED, session, after=Head(first.seq, first.hash))
    stray = hand.event(journal, VIEWED, session, after=Head(7, second.hash))
    with pytest.raises(EventError):
        journal.append([first, second, stray])
    assert journal.head.seq == 0
    journal.append([first, second])
    assert journal.head == Head(2, second.hash)


def test_an_event_that_was_changed_after_it_was_sealed_is_refused(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    event = hand.event(journal, LoggedIn(user=1))
    with pytest.raises(EventError):
        journal.append([replace(event, body=event.body.replace('"user":1', '"user":2'))])
    with pytest.raises(EventError):
        journal.append([replace(event, journal_id=hand.new_id())])
    journal.append([event])


def test_an_order_is_followed_from_its_opening_to_the_end_the_sync_gives_it(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    first, second = hand.opened(journal, user=2), hand.opened(journal)
    assert [(mark.session_id, mark.user) for mark in journal.followed_sessions()] == [(first, 2), (second, 1)]
    hand.placed(journal, first, "1-000001")
    journal.close()
    journal = reopen()
    assert journal.streams("order", is_open=True) == [second]
    assert [mark.session_id for mark in journal.followed_sessions()] == [first, second]
    journal.forget_open([first])
    assert [mark.session_id for mark in journal.followed_sessions()] == [second]
    mark = journal.mark_of(first)
    assert mark is not None
    assert not mark.open
    assert journal.marks_of([second, "unknown", first]) == {first: mark, second: journal.mark_of(second)}
    assert journal.marks_of([]) == {}


def test_an_order_parked_here_and_resumed_here_is_open_again(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    session = hand.opened(journal)
    journal.append([hand.event(journal, OrderParked(), session)], closed=[session])
    assert journal.streams("order", is_open=True) == []
    journal.append([hand.event(journal, OrderResumed(), session)])
    assert journal.streams("order", is_open=True) == [session]


def test_acknowledged_is_what_the_database_says_even_backwards(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    session = hand.opened(journal)
    second = hand.added(journal, session)
    third = hand.added(journal, session)
    mark = SessionMark(session, 1, version=4, event=third.id, holder=1, hold=third.id, refold=True)
    journal.acknowledge(Head(third.seq, third.hash), [mark])
    assert journal.unsent(10) == []
    journal.close()
    journal = reopen()
    assert journal.acked == journal.head
    assert journal.mark_of(session) == mark
    journal.acknowledge(Head(second.seq, second.hash))
    assert journal.unsent(10) == [third]
    journal.acknowledge(Head(0, NO_HASH))
    assert len(journal.unsent(10)) == 3


def test_events_of_another_till_are_kept_once_and_sorted_among_our_own(
    reopen: Reopen, hand: Hand, tmp_path: Path
) -> None:
    here, there = reopen(), reopen(path=tmp_path / "other.db")
    session = hand.opened(here)
    theirs = hand.added(there, session)
    ours = hand.added(here, session)
    mark = SessionMark(session, 1, version=2, event=theirs.id)
    assert here.receive([Received(2, theirs)], [mark]) == [session]
    assert here.receive([Received(2, theirs)]) == []
    assert [event.id for event in here.events_of(session)][1:] == [theirs.id, ours.id]
    assert here.mark_of(session) == mark


def test_received_events_are_kept_all_or_none(reopen: Reopen, hand: Hand, tmp_path: Path) -> None:
    here, there = reopen(), reopen(path=tmp_path / "other.db")
    session = hand.opened(there)
    good = hand.added(there, session)
    with pytest.raises(EventError):
        here.receive([Received(1, good), Received(1, replace(good, body=good.body + " "))])
    assert here.events_of(session) == []
    assert here.receive([Received(1, good)]) == [session]


def test_an_own_event_that_comes_back_is_no_news(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    session = hand.opened(journal)
    added = hand.added(journal, session)
    assert journal.receive([Received(1, added)]) == []
    assert len(journal.events_of(session)) == 2


def test_the_last_receipt_is_counted_within_the_series_of_the_journal(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    journal.set_series("B")
    journal.set_series("C")
    assert journal.series == "B"
    for receipt in ("1B-000007", "1B-000009", "1-000123", "odd", "1B-000008"):
        hand.placed(journal, hand.opened(journal), receipt)
    assert journal.last_number() == 9
    journal.close()
    journal = reopen()
    assert (journal.series, journal.last_number()) == ("B", 9)
    hand.placed(journal, hand.opened(journal), "1B-1000000")
    assert journal.last_number() == 1000000


def _refund(receipt: str) -> RefundStarted:
    of = "0197a000-0000-7000-8000-000000000001"
    facts: dict[str, Any] = {"session_id": of, "order_id": of, "payment_id": of, "net": "-40.00", "amount": "-40.00"}
    facts |= {"tax": "0.00", "rounding": "0.00", "sold": "1B-000001", "business_date": "2026-03-03"}
    return RefundStarted(**facts, receipt=receipt, tender="CASH", currency="INR")


def test_sales_are_found_by_series_and_refunds_of_any_journal_by_stream(
    reopen: Reopen, hand: Hand, tmp_path: Path
) -> None:
    journal, before = reopen(), reopen(path=tmp_path / "before.db")
    journal.set_series("B")
    for receipt in ("1B-000001", "1-000123", "1B-F000007", "1B-000002"):
        hand.placed(journal, hand.opened(journal), receipt)
    made = InvoiceIssued(order_id=hand.new_id(), sold="1B-000001", number="1B-F000008")
    journal.append([hand.event(journal, made, hand.new_id())])
    given = [hand.new_id() for _refund in range(5)]
    for receipt, refund in zip(("1B-R000001", "1-R000007", "1B-FR000002", "1B-odd"), given, strict=False):
        journal.append([hand.event(journal, _refund(receipt), refund)], closed=[refund])
    assert journal.receive([Received(0, hand.event(before, _refund("1-R000008"), given[-1]))]) == []
    journal.close()
    journal = reopen()
    assert [journal.last_number(series) for series in ("", "F", "R", "FR")] == [2, 8, 1, 2]
    sales = [event.data.receipt for event in journal.numbered(10) if isinstance(event.data, OrderPlaced)]
    assert sales == ["1B-000002", "1B-F000007", "1B-000001"]
    assert len(journal.numbered(1)) == 1
    assert [event.stream_id for event in journal.numbered(9, "R")] == [given[2], given[0]]
    refunds = [event.data.receipt for event in refund_events(journal) if isinstance(event.data, RefundStarted)]
    assert refunds == ["1B-R000001", "1-R000007", "1B-FR000002", "1B-odd", "1-R000008"]
    assert journal.streams("refund") == given
    assert journal.streams("refund", is_open=True) == given[-1:]
    assert journal.events_of(given[0]) == []  # no order has that id
    journal.append([hand.event(journal, LoggedIn(user=1))], closed=given)
    journal.acknowledge(journal.head)
    while journal.prune(7, now=hand.now + timedelta(days=8)):
        pass
    assert refund_events(journal) == []


def test_newest_stamp_is_never_pruned(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    stamps = [
        FiscalStamped(
            chain=journal.journal_id, scheme="xx", kind="", of=hand.new_id(), number=number, fields={}, hash=number
        )
        for number in ("1", "2")
    ]
    journal.append([hand.event(journal, stamps[0])])
    journal.append([hand.event(journal, stamps[1])])
    assert [one.data for one in journal.events_with("stamps", f'"of":"{stamps[0].of}"')] == [stamps[0]]
    journal.append([hand.event(journal, LoggedIn(user=1))])
    journal.acknowledge(journal.head)
    while journal.prune(7, now=hand.now + timedelta(days=8)):
        pass
    assert [one.data for one in journal.newest("stamps", 9)] == [stamps[1]]
    assert journal.events_with("stamps", stamps[0].of) == []


def test_payments_corrected_tenders_and_conflicts_are_found_by_their_kind(
    reopen: Reopen, hand: Hand, tmp_path: Path
) -> None:
    journal, other = reopen(), reopen(path=tmp_path / "other.db")
    session = hand.opened(journal)
    facts: dict[str, Any] = {"payment_id": hand.new_id(), "tender": "CARD", "amount": "40.00"}
    started = [PaymentStarted(**facts, key=key) for key in ("one", "two", "three")]
    for data in (started[0], VIEWED, *started[1:]):
        journal.append([hand.event(journal, data, session)])
    corrected = [TenderCorrected(**facts, order_id=hand.new_id(), was=was) for was in ("CASH", "UPI")]
    journal.append([hand.event(journal, corrected[0], session)])
    back = PaymentReturnStarted(**facts, return_id=hand.new_id())
    journal.append([hand.event(journal, back, session)])
    money: dict[str, Any] = {"kind": "sold_twice", "subject": "one", "amount": "40.00", "currency": "INR"}
    found = [ConflictFound(**money, conflict_id=hand.new_id())]
    theirs = [hand.event(other, data, session, till=till) for till, data in ((2, corrected[1]), (0, found[0]))]
    journal.receive([Received(place, event) for place, event in enumerate(theirs, 1)])
    journal.close()
    journal = reopen()
    assert [event.data for event in journal.newest("payments", 3)] == [back, started[2], started[1]]
    assert [event.data for event in journal.listed("corrections")] == corrected
    assert [event.data for event in journal.listed("conflicts")] == found


def test_reference_data_is_kept_by_name(reopen: Reopen) -> None:
    journal = reopen()
    assert journal.cached("menu") is None
    journal.cache("menu", 3, {"items": ["Idly"]})
    journal.cache("menu", 4, {"items": ["Idly", "Vada"]})
    journal.cache("staff", 1, {})
    journal.close()
    journal = reopen()
    assert journal.cached("menu") == (4, {"items": ["Idly", "Vada"]})
    assert journal.versions() == {"menu": 4, "staff": 1}


def test_typed_text_is_there_after_a_reopen(reopen: Reopen) -> None:
    journal = reopen()
    assert journal.typed() == ""
    journal.keep_typed("2 masala dosa and then some")
    journal.keep_typed("2 இட்")
    journal.close()
    journal = reopen()
    assert journal.typed() == "2 இட்"
    journal.keep_typed("இ" * 3000)
    assert set(journal.typed()) == {"இ"}
    journal.keep_typed("")
    assert journal.typed() == ""


def test_typed_text_that_was_not_written_whole_is_nothing(reopen: Reopen, path: Path) -> None:
    journal = reopen()
    journal.keep_typed("2 idly")
    side = path.with_name(path.name + ".typed")
    side.write_bytes(side.read_bytes().replace(b"idly", b"vada"))
    assert journal.typed() == ""


def test_a_clean_close_is_distinguished_from_a_kill(reopen: Reopen, hand: Hand, path: Path, tmp_path: Path) -> None:
    journal = reopen()
    hand.opened(journal)
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    for ending in ("", "-wal"):  # the files after a kill
        copy.with_name(copy.name + ending).write_bytes(path.with_name(path.name + ending).read_bytes())
    journal.close()
    journal.close()
    assert reopen().closed_cleanly() is None
    killed = reopen(path=copy)
    stopped = killed.closed_cleanly()
    assert stopped is not None
    assert timedelta(0) <= datetime.now(UTC) - stopped < timedelta(minutes=1)
    assert killed.head.seq == 1


def test_opened_and_closed_without_a_write_it_was_closed_cleanly(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    hand.opened(journal)
    journal.close()
    for _time in range(2):
        journal = reopen()
        assert journal.closed_cleanly() is None
        journal.close()


def test_two_threads_may_use_one_journal(reopen: Reopen, hand: Hand) -> None:
    journal = reopen()
    failures: list[BaseException] = []

    def acknowledge() -> None:
        try:
            for _time in range(200):
                journal.acknowledge(journal.head)
                journal.unsent(10)
        except BaseException as problem:  # noqa: BLE001 - handed to the test's own thread
            failures.append(problem)

    other = threading.Thread(target=acknowledge)
    other.start()
    session = hand.opened(journal)
    events = [hand.added(journal, session) for _time in range(200)]
    other.join()
    assert failures == []
    assert journal.events_of(session)[1:] == events


def test_tidy_carries_the_log_over(reopen: Reopen, hand: Hand, path: Path) -> None:
    journal = reopen()
    session = hand.opened(journal)
    before = path.stat().st_size
    for _time in range(20):
        hand.added(journal, session)
    assert path.stat().st_size == before
    journal.tidy()
    assert path.stat().st_size > before
    assert len(journal.events_of(session)) == 21
