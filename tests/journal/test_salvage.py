"""The content that a new journal takes from a damaged one: rules on its events, without a damaged file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.domain.making import forged
from tests.journal.conftest import (
    HOST,
    REFUND_APPROVED,
    REFUND_DECLINED,
    REFUND_STARTED,
    STORE,
    Hand,
    Reopen,
    Writer,
    opening,
)
from till.domain.events.envelope import SERVER
from till.domain.order.events import (
    Erased,
    LineVoided,
    OrderDiscarded,
    OrderGranted,
    OrderParked,
    OrderResumed,
    TabAssigned,
)
from till.domain.shift.events import CashMoved, ShiftClosed, ShiftOpened, ShiftSums
from till.domain.staff.events import LoggedIn
from till.domain.till.events import JournalOpened
from till.journal import meta as facts
from till.journal import replacing, salvage
from till.journal.meta import JournalIdentity, Missing, Previous
from till.journal.salvage import Salvage
from till.ports import Head
from till.ports.printer import Job, JobState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.journal import JournalFile


class Tills:
    """Till 1, whose journal is damaged, with till 2 and the server: what each wrote, in words."""

    def __init__(self, hand: Hand) -> None:
        self.hand = hand
        self.writers = {number: Writer(hand, number) for number in (SERVER, 1, 2)}
        self.found = Salvage()
        self.found.meta["identity"] = JournalIdentity(self.own.journal_id, 1, STORE, HOST).sealed()

    @property
    def own(self) -> Writer:
        return self.writers[1]

    def data(self, word: str) -> EventData:
        name, _to, till = word.partition(">")
        if name == "granted":  # the server grants it to a till
            to = self.writers[int(till)]
            return OrderGranted(till=to.till, journal=to.journal_id, user=3)
        made: dict[str, EventData] = {
            "opened": opening(user=3),
            "added": self.hand.line(),
            "parked": OrderParked(),
            "tab": TabAssigned(tab_id=self.hand.new_id()),
            "resumed": OrderResumed(),
            "placed": self.hand.paying(),
            "discarded": OrderDiscarded(line_ids=()),
        }
        return made[name]

    def write(self, session: str, words: str) -> list[Event]:
        """Write events of an order, such as `opened granted>2@0 added@2`; without a number, till 1 writes."""
        events = []
        for word in words.split():
            name, _at, till = word.partition("@")
            events.append(self.writers[int(till or 1)](self.data(name), session))
        self.found.add(events)
        return events

    def acknowledge(self) -> None:
        """The database has everything that till 1 wrote until now."""
        self.found.meta["acked"] = facts.head_text(self.own.head)

    def orders(self, rows: Iterable[str]) -> dict[str, str]:
        """Write an order for each row; the database has what is before a bar. Return the rows by id of the order."""
        sessions = {self.hand.new_id(): row for row in rows}
        for session, row in sessions.items():
            self.write(session, row.partition("|")[0])
        self.acknowledge()
        for session, row in sessions.items():
            self.write(session, row.partition("|")[2])
        return sessions

    def replaced(self, path: Path, reopen: Reopen) -> JournalFile:
        """The journal that follows the damaged one."""
        replacing.make(path, JournalIdentity(self.hand.new_id(), 1, STORE, HOST), self.found)
        return reopen()


@pytest.fixture
def tills(hand: Hand) -> Tills:
    return Tills(hand)


#: Orders of a damaged journal: what each till wrote, and after the bar what the database may lack; then if the order is
#: listed as open here, and if it is followed until the database says that it has ended.
ORDERS = {
    "opened": (True, True),
    "opened|added": (True, True),
    "|opened": (True, True),
    "opened placed": (False, False),
    "opened|placed": (False, True),
    "opened discarded": (False, False),
    "opened|discarded": (False, True),
    "opened discarded resumed": (True, True),
    # suspended, or on a tab: any till may have it by now, unless this one alone knows
    "opened parked": (False, False),
    "opened|parked": (True, True),
    "opened tab": (False, False),
    "opened|tab": (True, True),
    "opened parked|resumed": (True, True),
    "opened parked resumed parked": (False, False),
    # another till may have written more than is here
    "opened added@2 placed": (False, True),
    "opened parked granted>2@0 placed@2": (False, True),
    "opened parked granted>2@0 added@2": (False, True),
    # a grant opens it on the till that it names
    "opened parked granted>1@0": (True, True),
    "opened parked granted>2@0": (False, False),
    "opened granted>1@0 placed": (False, False),
    "opened@2 granted>1@0 added": (True, True),
    "opened@2 granted>1@0 added parked": (False, True),
    # another till's alone
    "opened@2": None,
    "opened@2 added@2 placed@2": None,
}


def test_orders_of_a_damaged_journal_are_open_or_followed_as_the_database_may_know_them(
    tills: Tills, path: Path, reopen: Reopen
) -> None:
    sessions = tills.orders(ORDERS)
    journal = tills.replaced(path, reopen)
    listed = set(journal.streams("order", is_open=True))
    followed = {mark.session_id: mark for mark in journal.followed_sessions()}
    found = {row: (one in listed, one in followed) if journal.mark_of(one) else None for one, row in sessions.items()}
    assert found == ORDERS
    assert {mark.user for one, mark in followed.items() if sessions[one].startswith(("opened|", "opened "))} == {3}
    assert {mark.version for mark in followed.values()} == {0}, "the database is asked for all of it"


@pytest.mark.parametrize(
    ("words", "user"),
    [("opened", 3), ("added opened", 3), ("added@2 opened added", 3), ("added", 1), ("opened@2 added", 1)],
)
def test_an_order_is_of_who_opened_it_else_of_who_wrote_first(tills: Tills, words: str, user: int) -> None:
    session = tills.hand.new_id()
    tills.write(session, words)
    assert salvage.sessions_of(tills.found, 1) == {session: (user, False)}


def test_an_order_without_a_person_is_of_nobody(tills: Tills, hand: Hand) -> None:
    session = hand.new_id()
    tills.found.add([tills.own(hand.line(), session, user=None)])
    assert salvage.sessions_of(tills.found, 1) == {session: (0, False)}


def test_events_are_read_in_the_order_of_their_ids(tills: Tills) -> None:
    session = tills.hand.new_id()
    events = tills.write(session, "opened parked resumed")
    backwards = Salvage({event.id: event for event in reversed(events)})
    assert salvage.sessions_of(backwards, 1) == {session: (3, False)}


# The chain before


def test_unsent_events_are_those_of_this_till_after_the_acknowledged_head(tills: Tills, hand: Hand) -> None:
    session = hand.new_id()
    sent = tills.write(session, "opened added")
    tills.acknowledge()
    older = Writer(hand)
    before = [older(hand.line(), session) for _each in range(2)]  # of a journal that this one replaced
    unsent = tills.write(session, "added added@2 parked")
    opened = [tills.own(JournalOpened(host=HOST)), older(JournalOpened(host=HOST))]
    tills.found.add([*before, *opened])
    previous = tills.found.previous(1, STORE)
    assert previous == Previous(tills.own.journal_id, tills.own.head)
    expected = [*before, unsent[0], unsent[2]]
    assert tills.found.unsent(1, previous) == expected
    assert tills.found.unsent(2, previous) == [unsent[1]]
    assert tills.found.unsent(1, None) == [*sent, *expected], "of an unknown journal, the database may lack everything"
    tills.found.meta["acked"] = "?"
    assert tills.found.unsent(1, previous) == [*sent, *expected]


def test_the_previous_journal_is_the_one_of_the_file_with_its_last_event(tills: Tills, hand: Hand) -> None:
    identity, found = tills.found.meta["identity"], tills.found
    assert found.previous(1, STORE) == Previous(tills.own.journal_id, facts.NO_HEAD)
    events = tills.write(hand.new_id(), "opened added added")
    last = Head(3, events[-1].hash)
    older = Writer(hand)
    found.add([older(hand.line()) for _each in range(5)])
    strangers = [Writer(hand, till=2, journal_id=tills.own.journal_id), Writer(hand, store_id=hand.new_id())]
    for stranger in strangers:
        found.add([stranger(hand.line()) for _each in range(7)])
    found.events = dict(reversed(found.events.items()))
    assert found.previous(1, STORE) == Previous(tills.own.journal_id, last)
    for unreadable in ("", identity[:-1], identity.replace(STORE, hand.new_id())):
        found.meta["identity"] = unreadable
        assert found.journal_id == ""
        assert found.previous(1, STORE) == Previous(older.journal_id, older.head), (
            "the newest event of this till here names it"
        )
    assert found.previous(3, STORE) is None
    assert Salvage().previous(1, STORE) is None


@pytest.mark.parametrize(
    ("read", "acked", "end", "unread", "ranges"),
    [
        ("1 2 3 4", 0, 4, "", []),
        ("1 2 3 4", 2, 4, "", []),
        ("1 2 4 5", 0, 5, "", [(3, 3)]),
        ("1 2 4 5", 2, 5, "", [(3, 3)]),
        ("1 2 4 5", 3, 5, "", []),
        ("1 5 6 9", 0, 9, "", [(2, 4), (7, 8)]),
        ("1 5 6 9", 2, 9, "", [(3, 4), (7, 8)]),
        ("2 3", 0, 3, "", [(1, 1)]),
        ("1 2", 0, 5, "", [(3, 5)]),
        ("1 2", 4, 5, "", [(5, 5)]),
        ("1 2", 5, 5, "", []),
        ("1 2", 9, 5, "", []),
        ("1 2", 0, 0, "4", [(3, 4)]),
        ("1 2", 0, 6, "4", [(3, 6)]),
        ("1 2", 0, 3, "4 7", [(3, 7)]),
        ("1 2", 0, 1, "", []),
        ("", 0, 0, "", []),
        ("", 0, 2, "", [(1, 2)]),
        ("", 3, 4, "", [(4, 4)]),
    ],
)
def test_missing_numbers_are_those_after_the_acknowledged_one_that_nothing_here_has(
    tills: Tills, hand: Hand, read: str, acked: int, end: int, unread: str, ranges: list[tuple[int, int]]
) -> None:
    seqs = set(map(int, read.split()))
    for seq in range(1, max(seqs, default=0) + 1):
        event = tills.own(hand.line())
        if seq in seqs:
            tills.found.add([event])
    found = tills.found
    found.add([Writer(hand)(hand.line())])  # number 1 of another journal
    found.meta["acked"] = facts.head_text(Head(acked, "a" * 64))
    found.last_event = tills.own.journal_id, end
    found.unread = set(map(int, unread.split()))
    expected = Missing(tills.own.journal_id, tuple(ranges)) if ranges else None
    assert found.missing(found.previous(1, STORE)) == expected
    assert found.missing(None) is None
    found.last_event = tills.own.journal_id, 0
    without = found.missing(found.previous(1, STORE))
    found.last_event = hand.new_id(), 99
    assert found.missing(found.previous(1, STORE)) == without, "the number of another journal says nothing"


# The drawer

_OPENED = ShiftOpened(business_date="2026-03-03", currency="INR", kept=("CASH",))
_CLOSED = ShiftClosed(number="1-Z000001", currency="INR", sums=ShiftSums())
_MOVED = CashMoved(kind="paid_in", amount="10.00", currency="INR")
_SHIFT = {"o": _OPENED, "c": _CLOSED, "m": _MOVED}


@pytest.mark.parametrize(
    ("words", "lost", "is_whole"),
    [
        ("oA mA mA", "", True),
        ("oA mA mA", "1", False),
        ("oA mA mA", "2", False),
        ("oA mA cA", "", True),
        ("oA mA cA", "2", True),  # the balance goes on from the close
        ("oA mA cA oB mB", "2", True),  # and from the opening
        ("oA mA cA oB mB", "3", True),
        ("oA mA cA oB mB", "4", False),  # an open shift whose opening is gone
        ("oA mA cA mA", "2", True),
        ("oA mA cA mA", "4", False),
        ("oA mA cA", "3", False),
        ("m-", "", True),  # never a shift
        ("m-", "1", True),
        ("oA mA m-", "", True),
        ("oA mB", "", False),
    ],
)
def test_a_drawer_can_be_added_up_from_the_last_close_or_opening_if_all_after_it_is_there(
    tills: Tills, hand: Hand, words: str, lost: str, *, is_whole: bool
) -> None:
    shifts = {"A": hand.new_id(), "B": hand.new_id(), "-": None}
    for number, word in enumerate(words.split(), 1):
        event = tills.own(_SHIFT[word[0]], shifts[word[1]], shift=shifts[word[1]])
        if str(number) not in lost.split():
            tills.found.add([event])
    own = max(tills.found.events, default="")
    tills.found.last_event = tills.own.journal_id, tills.own.head.seq
    tills.found.events = dict(reversed(tills.found.events.items()))
    other = tills.writers[2](_OPENED, hand.new_id(), shift=hand.new_id())  # of another till: says nothing of this one
    tills.found.add([other])
    previous = tills.found.previous(1, STORE)
    assert previous is not None
    gap = tills.found.drawer_gap(1, previous)
    assert gap == ("" if is_whole else own)
    if not is_whole:
        return
    if any(event.shift for event in tills.found.events.values() if event.till == 1):
        tills.found.meta["condemned"] = facts.PARTED
        assert tills.found.drawer_gap(1, previous) == own, "an older copy lacks what only the database has"
        tills.found.meta["condemned"] = "1"
        tills.found.meta["drawer_gap"] = own
        assert tills.found.drawer_gap(1, previous) == own, "it was so before, and no close came since"


def test_a_close_after_a_gap_mends_the_drawer(tills: Tills, hand: Hand) -> None:
    shift = hand.new_id()
    moved, closed = tills.own(_MOVED, shift, shift=shift), tills.own(_CLOSED, shift, shift=shift)
    tills.found.add([moved, closed])
    previous = tills.found.previous(1, STORE)
    assert previous is not None
    for gap, expected in ((moved.id, ""), (closed.id, closed.id)):
        tills.found.meta["drawer_gap"] = gap
        assert tills.found.drawer_gap(1, previous) == expected


def test_events_of_the_journal_before_the_last_opening_are_no_part_of_this_chain(tills: Tills, hand: Hand) -> None:
    """The opening of the shift is of a replaced journal: all of the chain since must be there."""
    shift, older = hand.new_id(), Writer(hand)
    for _each in range(3):
        older(_MOVED, shift, shift=shift)
    tills.found.add([older(_OPENED, shift, shift=shift)])
    lost, kept = tills.own(_MOVED, shift, shift=shift), tills.own(_MOVED, shift, shift=shift)
    tills.found.add([kept])
    previous = tills.found.previous(1, STORE)
    assert previous is not None
    assert tills.found.drawer_gap(1, previous) == kept.id
    tills.found.add([lost])
    assert tills.found.drawer_gap(1, previous) == ""


# The new journal


@pytest.mark.parametrize("is_gap", [False, True])
def test_shifts_and_refunds_that_have_not_ended_stay_open(
    tills: Tills, path: Path, reopen: Reopen, *, is_gap: bool
) -> None:
    """A shift whose drawer cannot be added up is closed, as nobody here can close it: the count opens another."""
    rows: dict[str, list[EventData]] = {
        "given": [REFUND_STARTED, REFUND_APPROVED],
        "declined": [REFUND_STARTED, REFUND_DECLINED],
        "asked": [REFUND_STARTED],
        "closed": [_OPENED, _CLOSED],
        "open": [_OPENED, _MOVED],
    }
    ids = {name: tills.hand.new_id() for name in rows}
    events = [
        tills.own(data, ids[name], shift=ids["open"] if name == "open" else None)
        for name, row in rows.items()
        for data in row
    ]
    events.append(tills.own(LoggedIn(user=1)))
    tills.found.add(events)
    if is_gap:
        tills.found.meta["condemned"] = facts.PARTED
    journal = tills.replaced(path, reopen)
    assert journal.drawer_gap == (max(event.id for event in events) if is_gap else "")
    assert journal.streams("refund", is_open=True) == [ids["asked"]]
    assert journal.streams("refund") == sorted(ids[name] for name in ("given", "declined", "asked"))
    assert journal.streams("shift", is_open=True) == ([] if is_gap else [ids["open"]])
    assert journal.streams("shift") == sorted([ids["closed"], ids["open"]])
    assert journal.streams("login") == []


def test_a_new_journal_has_what_the_damaged_one_knew(tills: Tills, path: Path, reopen: Reopen, hand: Hand) -> None:
    session = hand.new_id()
    tills.write(session, "opened added")
    tills.acknowledge()
    words = [writer(LineVoided(line_id=hand.new_id(), reason="Asha"), session) for writer in (tills.own, tills.own)]
    last = tills.own.head
    tills.found.add([*words, tills.writers[0](Erased(events=(words[0].id,)), session)])
    theirs = tills.write(session, "added@2")
    tills.found.last_event = tills.own.journal_id, last.seq + 2
    tills.found.cache = [("menu", '{"items":[1]}'), ("staff", "{}"), ("menu", '{"items":[2]}')]
    jobs = [Job(number=number, paper="receipt", of=session, printer="", at=hand.now) for number in (4, 7)]
    tills.found.jobs = {job.number: job for job in jobs}
    journal = tills.replaced(path, reopen)
    assert journal.previous == Previous(tills.own.journal_id, last)
    assert journal.opened.missing == Missing(tills.own.journal_id, ((last.seq + 1, last.seq + 2),))
    assert journal.last_id == words[1].id < theirs[0].id, "the newest id of this till"
    assert [event.id for event in journal.salvaged()] == [event.id for event in words]
    assert [[text.text for text in event.texts.values()] for event in journal.salvaged()] == [[], ["Asha"]]
    assert journal.cached("menu") == (0, {"items": [1]}), "the first that was read"
    assert journal.versions() == {"menu": 0, "staff": 0}
    assert [(job.number, job.state) for job in journal.live_jobs()] == [(4, JobState.UNKNOWN), (7, JobState.UNKNOWN)]
    assert journal.closed_cleanly() is None
    assert journal.opened.notice == (
        "2 records are missing. An order here may be paid already: check the last receipts."
    )


def test_a_journal_of_nothing_names_none_before_it(tills: Tills, path: Path, reopen: Reopen) -> None:
    tills.found.meta.clear()
    journal = tills.replaced(path, reopen)
    assert (journal.previous, journal.last_id, journal.drawer_gap, journal.opened.missing) == (None, None, "", None)


def ids_of(events: Iterable[Event]) -> list[str]:
    return [event.id for event in events]


def test_one_number_of_two_raw_events_is_of_the_one_with_a_successor(tills: Tills, hand: Hand) -> None:
    """The other was refused: its transaction was rolled back, and its bytes are still in the file."""
    first, before = tills.own(hand.line()), tills.own.head
    refused = tills.own(hand.line("refused"))
    tills.own.head = before
    second, third = tills.own(hand.line()), tills.own(hand.line())
    other = Writer(hand)
    theirs = [other(hand.line()) for _each in range(3)]
    for queried in ([], [first], [second], [third, first]):
        for carved in ([refused, second, third, first, *theirs], [first, third, *theirs, second, refused]):
            found = Salvage()
            found.add(queried)
            salvage._add_carved(found, [event for event in carved if event not in queried])
            assert sorted(found.events) == ids_of([first, second, third, *theirs])
    found = Salvage()
    salvage._add_carved(found, [first, refused])
    assert sorted(found.events) == ids_of([first, refused]), "a last event has no successor"
    found = Salvage()
    found.add([refused])
    salvage._add_carved(found, [second, third])
    assert refused.id in found.events, "a row that was queried is in the file"


def test_events_of_streams_that_this_till_does_not_know_are_left_alone(tills: Tills, hand: Hand) -> None:
    shift, unknown = hand.new_id(), forged(tills.own(_OPENED), stream_kind="voyage")
    events = [tills.own(_OPENED, shift), unknown, tills.own(hand.line()), tills.own(_CLOSED, shift)]
    assert salvage.others_of(events) == {("shift", shift): [events[0], events[3]]}


def test_a_stream_whose_fold_fails_stays_open(tills: Tills, hand: Hand, caplog: pytest.LogCaptureFixture) -> None:
    """A fault in a step must not keep a till from starting."""
    shift = hand.new_id()
    events = [tills.own(_OPENED, shift), tills.own(_CLOSED, shift)]
    assert salvage.is_over("shift", shift, events)
    assert not salvage.is_over("shift", shift, events[:1])
    assert not salvage.is_over("shift", shift, [])
    assert not salvage.is_over("shift", shift, [*events, None])  # type: ignore[list-item]
    assert [record.message for record in caplog.records] == ["stream_not_folded"]
