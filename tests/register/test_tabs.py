from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.conftest import STORE, VENUE, Till
from tests.register.exchange import EARLY, acknowledge, give, grant, hold_of, recall, resume, row
from tests.register.fakes import MemoryJournal
from tests.register.test_own_orders import submit
from till.domain.errors import NoTabError, OrderClosedError
from till.domain.events.envelope import Draft
from till.domain.money.measures import Millionths, Minor
from till.domain.order.deciding import EmptyOrderError
from till.domain.order.discounting import Given, asked_for
from till.domain.order.events import SessionSwept
from till.domain.order.state import Status
from till.domain.structs import replace
from till.journal import JournalFile
from till.ports import SessionMark
from till.register import counter
from till.register.tabs.open_tabs import OpenTab, tabs_named

if TYPE_CHECKING:
    from pathlib import Path

    from till.domain.order.state import Order
    from till.ports import RemoteSession


def _names(tabs: list[OpenTab]) -> list[str]:
    return [tab.name for tab in tabs]


def _saved(till: Till, name: str, *plus: int) -> str:
    """Save an order to a tab, and return its session."""
    order = till.order(*(plus or (1,)))
    till.register.tabs.save(order.id, name)
    return order.id


def _row_of(till: Till, session: str, holder: int | None = None) -> RemoteSession:
    """Return the tab of an order as the database lists it."""
    order = till.register.ledger.order(session)
    assert order.tab is not None
    status = "active" if holder else "assigned_to_tab"
    return row(
        session, holder, status=status, tab_id=order.tab.id, tab_name=order.tab.name, updated_at=order.updated_at
    )


@pytest.mark.parametrize(
    ("typed", "name", "table"),
    [
        ("7", "table 7", 7),
        ("table 7", "table 7", 7),
        ("Table 07", "table 7", 7),
        ("Asha", "Asha", None),
        (" Asha  ", "Asha", None),
        ("Asha\x1b[2J", "Asha[2J", None),
        ("x" * 40, "x" * 40, None),
        ("9" * 30, "table " + "9" * 30, None),
        ("table", "table", None),
    ],
)
def test_an_order_is_saved_by_table_or_name(till: Till, typed: str, name: str, table: int | None) -> None:
    order = till.order(1)
    tab = till.register.tabs.save(order.id, typed)
    assert (tab.name, tab.table_number) == (name, table)
    saved = till.register.ledger.order(order.id)
    assert (saved.status, saved.tab) == (Status.ASSIGNED_TO_TAB, tab)


@pytest.mark.parametrize("typed", ["", "  ", "\x00", "\u200b"])
def test_a_tab_has_a_name(till: Till, typed: str) -> None:
    order = till.order(1)
    with pytest.raises(NoTabError, match="Type a number or a name"):
        till.register.tabs.save(order.id, typed)


def test_a_name_is_never_cut_to_that_of_another_guest(till: Till) -> None:
    _saved(till, "x" * 40)
    order, longer = till.order(1), "x" * 41
    with pytest.raises(NoTabError, match="A name has at most 40 characters"):
        till.register.tabs.save(order.id, longer)
    assert tabs_named(longer, till.register.open_tabs.local()) == []


@pytest.mark.parametrize("typed", ["96385074", "8901030865237", "18901030865234", "9876543210"])
def test_a_barcode_or_a_phone_number_is_no_table(till: Till, typed: str) -> None:
    order = till.order(1)
    with pytest.raises(NoTabError, match=f"{typed} is a barcode: scan it on the order"):
        till.register.tabs.save(order.id, typed)
    assert till.register.tabs.save(order.id, f"guest {typed}").name == f"guest {typed}"


def test_nothing_is_not_saved(till: Till) -> None:
    with pytest.raises(EmptyOrderError):
        till.register.tabs.save(till.register.sales.view_menu(None, 1, "", []).id, "7")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("3", ["table 3"]),
        ("table 3", ["table 3"]),
        ("TABLE 43", ["table 43"]),
        ("4", []),
        ("asha", ["Asha"]),
        ("ash", ["Asha", "Ashok 3"]),
        ("ashok 3", ["Ashok 3"]),
        ("zz", []),
    ],
)
def test_a_number_means_that_table_alone_and_a_part_of_a_name_all_that_have_it(
    till: Till, typed: str, meant: list[str]
) -> None:
    for name in ("43", "3", "Asha", "Ashok 3"):
        till.clock.move(minutes=1)
        _saved(till, name)
    tabs = till.register.open_tabs.local()
    assert _names(tabs_named(typed, tabs)) == meant


def test_two_orders_never_hide_under_one_name(till: Till) -> None:
    _saved(till, "7")
    for typed in ("7", "table 7", "TABLE 7"):
        with pytest.raises(NoTabError, match=r"Table 7 is open: F8 adds to it"):
            _saved(till, typed)
    order = till.order(1)
    known = [OpenTab("t", "s", "Asha", 1, 1, Minor(1), EARLY, None, EARLY)]
    with pytest.raises(NoTabError, match="Asha is open"):
        till.register.tabs.save(order.id, "asha", known)
    with pytest.raises(NoTabError, match="Table 8 is open"):
        till.register.tabs.save(order.id, "8", [replace(known[0], table_number="8")])


def test_tabs_are_listed_with_what_they_come_to(till: Till) -> None:
    _saved(till, "Asha")
    till.clock.move(minutes=1)
    _saved(till, "7", 1, 2)
    assert [(tab.name, tab.lines, tab.total, tab.till) for tab in till.register.open_tabs.local()] == [
        ("table 7", 2, 12_000, None),
        ("Asha", 1, 4_000, None),
    ]


def test_a_recalled_tab_is_the_same_order_and_its_tab_stays_listed(till: Till) -> None:
    session = _saved(till, "7", 1, 2)
    order = recall(till, session)
    assert (order.id, order.status, order.total, order.till) == (session, Status.ACTIVE, 12_000, 1)
    for _start in range(2):
        assert [(tab.name, tab.session_id, tab.till) for tab in till.register.open_tabs.local()] == [
            ("table 7", session, 1)
        ]
        assert [found.id for found in till.register.recovery.open_here()] == [session]
        till.start()


def test_a_change_here_to_a_saved_tab_is_newer_than_the_list_of_the_database(till: Till) -> None:
    session = _saved(till, "7")
    rows = [_row_of(till, session)]
    acknowledge(till, SessionMark(session, 1, version=3, status="assigned_to_tab"))
    [tab] = till.register.open_tabs.merged(rows)
    till.clock.move(seconds=1)
    till.register.tabs.hand_over(tab, 2)
    till.register.tabs.set_covers(tab, 4)
    assert [(tab.user, tab.covers, tab.till) for tab in till.register.open_tabs.merged(rows)] == [(2, 4, None)]


def test_a_name_that_another_till_took_is_taken_before_the_next_list_comes(till: Till, other: Till) -> None:
    session = _saved(other, "7")
    mine = till.order(1).id
    assert not till.register.open_tabs.is_open_besides(mine, "7")
    till.register.open_tabs.hear([_row_of(other, session)])
    assert till.register.open_tabs.is_open_besides(mine, "7")
    _cache_tabs(till)
    assert not till.register.open_tabs.is_open_besides(mine, "7")


def test_a_tab_that_has_another_table_since_is_listed_there_before_the_database_says_so(till: Till) -> None:
    session = _saved(till, "7")
    rows = [_row_of(till, session)]
    acknowledge(till, SessionMark(session, 1, version=3, status="assigned_to_tab"))
    [tab] = till.register.open_tabs.merged(rows)
    till.clock.move(seconds=1)
    till.register.tabs.change_table(tab, "9")
    assert _names(till.register.open_tabs.merged(rows)) == ["table 9"]
    _cache_tabs(till, *rows)
    assert _names(till.register.open_tabs.local()) == ["table 9"]
    assert _names(till.register.open_tabs.merged([_row_of(till, session)])) == ["table 9"]


def test_a_tab_that_another_till_moved_is_listed_where_it_is_now(till: Till, other: Till) -> None:
    session = _saved(till, "7")
    give(till, other, session)
    acknowledge(till, SessionMark(session, 1, version=3, status="assigned_to_tab"))
    [tab] = other.register.open_tabs.merged([_row_of(till, session)])
    other.clock.move(minutes=1)
    grant(other, session, till.user)
    other.register.tabs.change_table(tab, "9")
    rows = [_row_of(other, session)]
    assert _names(till.register.open_tabs.merged(rows)) == ["table 9"]
    _cache_tabs(till, *rows)
    assert _names(till.register.open_tabs.local()) == ["table 9"]


def test_a_tab_that_another_till_took_and_moved_is_listed_once(till: Till, other: Till) -> None:
    session = _saved(till, "7")
    give(till, other, session)
    acknowledge(till, SessionMark(session, 1, version=4, status="active"))
    [tab] = other.register.open_tabs.merged([_row_of(till, session)])
    other.clock.move(minutes=1)
    grant(other, session, till.user)
    other.register.tabs.change_table(tab, "9")
    assert _names(till.register.open_tabs.merged([_row_of(other, session)])) == ["table 9"]


@pytest.mark.parametrize("holder", [None, 2])
def test_a_tab_is_listed_though_a_restore_lost_its_move(till: Till, other: Till, holder: int | None) -> None:
    session = _saved(till, "7")
    acknowledge(till, SessionMark(session, 1, version=3, status="assigned_to_tab", open=False))
    restored = [_row_of(till, session, holder)]
    give(till, other, session)
    [tab] = other.register.open_tabs.merged(restored)
    other.clock.move(minutes=1)
    grant(other, session, till.user)
    other.register.tabs.change_table(tab, "9")
    give(other, till, session)
    assert session not in {order.id for order in till.register.ledger.open_orders()}
    [listed] = till.register.open_tabs.merged(restored)
    assert (listed.name, listed.session_id) == ("table 9", session)


def test_guests_who_have_ordered_nothing_yet_change_tables_too(till: Till) -> None:
    session = till.register.tabs.open_table(1, 3).id
    [tab] = till.register.open_tabs.local()
    till.register.tabs.change_table(tab, "12")
    assert [(one.name, one.session_id) for one in till.register.open_tabs.local()] == [("table 12", session)]
    _saved(till, "9")
    kept, empty = till.register.open_tabs.local()
    with pytest.raises(NoTabError, match="table 12 has no lines yet: nothing was added to table 9"):
        till.acts.merge(kept, empty)


@pytest.mark.parametrize("typed", ["", "7", "table 7", "Table 7"])
def test_a_recalled_order_goes_back_to_its_own_tab(till: Till, typed: str) -> None:
    session = _saved(till, "7")
    tab = till.register.ledger.order(session).tab
    recall(till, session)
    till.add(session, 2)
    known = till.register.open_tabs.merged([_row_of(till, session)])
    assert till.register.tabs.save(session, typed, known) == tab
    assert [(one.name, one.total, one.session_id) for one in till.register.open_tabs.local()] == [
        ("table 7", 12_000, session)
    ]


def test_a_recalled_order_may_go_to_another_tab(till: Till) -> None:
    order = recall(till, _saved(till, "7"))
    till.register.tabs.save(order.id, "Asha")
    assert _names(till.register.open_tabs.local()) == ["Asha"]


def test_a_tab_that_is_on_this_screen_is_recalled_without_an_event_and_by_another_with_one(till: Till) -> None:
    session = _saved(till, "7")
    recall(till, session)
    before = till.types()
    assert recall(till, session).user == 1
    assert till.types() == before
    assert till.register.tabs.recall(session, 2).user == 2
    assert till.types()[len(before) :] == ["order_resumed"]


@pytest.mark.parametrize("late", [True, False])
def test_a_tab_that_was_paid_here_is_never_paid_again_and_says_so(till: Till, *, late: bool) -> None:
    session = _saved(till, "7")
    recall(till, session)
    remote = _row_of(till, session)
    till.register.checkout.pay_exact(session)
    if late:
        till.start()
    # the database has not heard of any of it
    assert till.register.open_tabs.merged([remote]) == []
    with pytest.raises(NoTabError, match=r"Table 7 was paid on Till 1 at 10:31\."):
        recall(till, session)
    assert till.types().count("order_placed") == 1


def test_a_tab_that_was_cleared_is_gone_and_says_so(till: Till) -> None:
    session = _saved(till, "7")
    recall(till, session)
    remote = _row_of(till, session)
    till.register.ledger.user = 9
    till.register.recovery.discard(session, "left")
    assert till.register.open_tabs.merged([remote]) == []
    with pytest.raises(NoTabError, match=r"Table 7 was cleared\."):
        recall(till, session)


def test_an_order_that_stands_on_no_tab_is_recalled_by_nobody(till: Till) -> None:
    with pytest.raises(NoTabError):
        till.register.tabs.recall(till.order(1).id, 1)


# With the database


def test_tabs_of_other_tills_are_listed_too(till: Till, other: Till) -> None:
    _saved(till, "7")
    theirs = _row_of(other, _saved(other, "Asha"))
    assert sorted(_names(till.register.open_tabs.merged([theirs]))) == ["Asha", "table 7"]


def test_a_tab_of_another_till_is_recalled_here_by_whoever_does(till: Till, other: Till) -> None:
    session = _saved(other, "Asha", 1, 2)
    give(other, till, session)
    order = recall(till, session)
    assert (order.id, order.total, order.user, order.till) == (session, 12_000, 1, 1)
    assert [(tab.session_id, tab.till) for tab in till.register.open_tabs.merged([_row_of(other, session)])] == [
        (session, 1)
    ]
    till.register.checkout.pay_exact(order.id)
    with pytest.raises(NoTabError, match="was paid on Till 1"):
        recall(till, session)
    give(till, other, session)
    with pytest.raises(NoTabError, match="was paid on Till 1"):
        recall(other, session)


def test_a_tab_that_another_till_has_open_is_recalled_by_a_grant(till: Till, other: Till) -> None:
    session = _saved(till, "7")
    give(till, other, session)
    recall(other, session)
    held = hold_of(other, session)
    acknowledge(till, SessionMark(session, 1, version=3, status="active", till=2, holder=2, hold=held))
    tabs = till.register.open_tabs.merged([_row_of(other, session, holder=2)])
    assert [(tab.session_id, tab.till) for tab in tabs] == [(session, 2)]
    give(other, till, session, SessionMark(session, 2, version=4, till=2, holder=2, hold=held))
    with pytest.raises(OrderClosedError, match="Another till holds that order"):
        till.register.tabs.recall(session, 1)
    order = recall(till, session)
    assert (order.till, order.user, order.holder) == (1, 1, 1)


def test_a_tab_that_another_till_was_paid_for_is_gone_here(till: Till, other: Till) -> None:
    session = _saved(till, "7")
    acknowledge(till, SessionMark(session, 1, version=3, status="assigned_to_tab", hold=hold_of(till, session)))
    give(till, other, session)
    other.register.checkout.pay_exact(recall(other, session).id)
    assert till.register.open_tabs.merged([]) == []


def test_a_tab_that_the_database_has_not_heard_of_is_listed(till: Till) -> None:
    session = _saved(till, "7")
    till.journal.receive([], [SessionMark(session, 1, version=1, status="active")])
    assert _names(till.register.open_tabs.merged([])) == ["table 7"]


def _cache_tabs(till: Till, *rows: RemoteSession) -> None:
    """Cache a list of tabs as from the database."""
    body = [
        {
            "session": one.session_id,
            "user": one.user,
            "till": one.till,
            "status": one.status,
            "lines": one.lines,
            "total": "40.00",
            "currency": "INR",
            "tab_id": one.tab_id,
            "tab_name": one.tab_name,
            "updated_at": one.updated_at.isoformat(),
            "created_at": one.created_at.isoformat(),
        }
        for one in rows
    ]
    till.journal.cache("tabs", 5, {"tabs": body})


def test_without_the_database_the_list_of_before_is_shown(till: Till, other: Till) -> None:
    mine, theirs = _saved(till, "7"), _saved(other, "Asha")
    acknowledge(till, SessionMark(mine, 1, version=3, status="assigned_to_tab", open=False))
    _cache_tabs(till, _row_of(till, mine), _row_of(other, theirs))
    assert sorted((tab.name, tab.total) for tab in till.register.open_tabs.local()) == [
        ("Asha", 4_000),
        ("table 7", 4_000),
    ]
    till.register.checkout.pay_exact(recall(till, mine).id)
    assert _names(till.register.open_tabs.local()) == ["Asha"]


def test_a_name_of_the_list_of_before_is_taken(till: Till, other: Till) -> None:
    _cache_tabs(till, _row_of(other, _saved(other, "Asha")))
    with pytest.raises(NoTabError, match="Asha is open"):
        _saved(till, "asha")


def test_a_damaged_list_of_before_hides_no_tab_of_this_till(till: Till) -> None:
    _saved(till, "7")
    for body in ({}, {"tabs": None}, {"tabs": [{"session": 5}]}, {"tabs": ["x"]}):
        till.journal.cache("tabs", 6, body)
        assert _names(till.register.open_tabs.local()) == ["table 7"]


def test_tables_stand_first_whoever_reported_a_tab(till: Till, other: Till) -> None:
    _saved(till, "7")
    theirs = _row_of(other, _saved(other, "Asha"))
    newer = row(theirs.session_id, None, tab_id=theirs.tab_id, tab_name="Asha", updated_at=EARLY + timedelta(hours=1))
    assert _names(till.register.open_tabs.merged([newer])) == ["table 7", "Asha"]


@pytest.mark.parametrize("theirs", [False, True])
def test_a_journal_on_disk_remembers_what_was_recalled(tmp_path: Path, other: Till, *, theirs: bool) -> None:
    """Recall with a real journal, as above with one in memory: the till's own tab, and one that was fetched."""
    path = tmp_path / "till-1.db"
    ids = iter(f"0197a000-0000-7000-8000-{place:012d}" for place in range(9))
    facts: dict[str, Any] = {"till": 1, "store_id": STORE, "new_id": lambda: next(ids), "host": "machine"}
    journal = JournalFile.open(path, **facts)
    till = Till(journal=journal)
    session = _saved(other if theirs else till, "7")
    if theirs:
        give(other, till, session)
    acknowledge(till, SessionMark(session, 1, version=3, status="assigned_to_tab", open=False))
    remote = _row_of(till, session)
    till.register.checkout.pay_exact(recall(till, session).id)
    acknowledge(till, SessionMark(session, 1, version=3, status="assigned_to_tab", open=False))
    journal.close()
    till.journal = JournalFile.open(path, **facts)
    till.start()
    assert till.register.open_tabs.merged([remote]) == []
    with pytest.raises(NoTabError, match="was paid on Till 1"):
        recall(till, session)
    till.journal.close()


# A tab is the venue's, not a person's.


def test_a_logout_puts_a_recalled_tab_back_on_its_tab(till: Till) -> None:
    till.register.access.admit(till.register.access.find(1))
    session = _saved(till, "7")
    recall(till, session)
    till.add(session, 2)
    till.register.access.leave(till.register.ledger.order(session))
    order = till.register.ledger.order(session)
    assert (order.status, order.total, order.till) == (Status.ASSIGNED_TO_TAB, 12_000, None)
    assert _names(till.register.open_tabs.local()) == ["table 7"]
    assert till.types()[-2:] == ["tab_assigned", "logged_out"]
    assert till.register.recovery.arrival(1, None).open is None
    assert till.register.tabs.recall(session, 2).user == 2


def _suspend(till: Till, name: str) -> str:
    """Suspend a tab that somebody recalled and added to, and return its order."""
    session = _saved(till, name)
    recall(till, session)
    till.add(session, 2)
    till.register.recovery.suspend(session)
    return session


def test_a_recalled_tab_that_was_suspended_is_listed_and_recalled_by_anybody(till: Till) -> None:
    session = _suspend(till, "7")
    assert [(tab.name, tab.user, tab.session_id, tab.till) for tab in till.register.open_tabs.local()] == [
        ("table 7", 1, session, None)
    ]
    order = till.register.tabs.recall(session, 2)
    assert (order.id, order.user, order.total, order.tab and order.tab.name) == (session, 2, 12_000, "table 7")
    assert till.register.recovery.of_user(1) == []


def test_a_tab_with_money_on_it_is_recalled_with_its_money(till: Till) -> None:
    order = recall(till, _saved(till, "7"))
    till.register.checkout.pay(order.id, "CARD", Minor(1_000))
    till.register.recovery.suspend(order.id)
    order = recall(till, order.id)
    assert (order.paid, order.due) == (1_000, 3_000)
    assert till.register.checkout.pay_exact(order.id).status is Status.COMPLETED


def test_a_tab_that_a_sweep_suspended_is_still_its_holders(till: Till, other: Till) -> None:
    session = _suspend(other, "7")
    resume(other, session)
    hold = hold_of(other, session)
    server = Till(0, 0, journal=MemoryJournal("0197a000-0000-7000-8000-000000000000"))
    give(other, server, session)
    server.register.ledger.commit([Draft(SessionSwept(minutes=30), session)])
    mark = SessionMark(session, 1, version=9, till=2, holder=2, hold=hold, status="pending_logout")
    give(server, till, session, mark)
    assert till.register.ledger.order(session).status is Status.PENDING_LOGOUT
    with pytest.raises(OrderClosedError, match="Another till holds that order"):
        till.register.tabs.recall(session, 1)


def _on(till: Till, session: str) -> dict[str, int]:
    return {row.first.name: row.quantity for row in till.register.ledger.order(session).priced.rows}


def _listed(till: Till, session: str) -> OpenTab:
    [tab] = [tab for tab in till.register.open_tabs.local() if tab.session_id == session]
    return tab


def test_lines_are_added_to_a_tab_that_this_till_holds(till: Till) -> None:
    table = _saved(till, "5")
    held = hold_of(till, table)
    order = till.order(1, 2)
    line = next(iter(order.lines))
    till.register.sales.note_line(order.id, line, "no onion")
    till.register.sales.note(order.id, "in a hurry")
    till.acts.add(order.id, _listed(till, table))
    kept = till.register.ledger.order(table)
    assert (kept.status, kept.hold, kept.tab and kept.tab.name) == (Status.ASSIGNED_TO_TAB, held, "table 5")
    assert [(row.first.name, row.first.note) for row in kept.priced.rows] == [
        ("Idly", ""),
        ("Idly", "no onion"),
        ("Masala Dosa", ""),
    ]
    assert kept.note == "in a hurry"
    left = till.register.ledger.order(order.id)
    assert (left.status, left.is_empty, left.discard_reason) == (Status.DISCARDED, True, "added to table 5")
    assert _listed(till, table).lines == 3


def test_a_tab_that_was_added_to_another_names_that_one(till: Till) -> None:
    """Somebody who reads that it was cleared keys it again."""
    tables = [_saved(till, name) for name in ("4", "3")]
    till.acts.merge(_listed(till, tables[1]), _listed(till, tables[0]))
    with pytest.raises(NoTabError, match=r"^Table 4 was added to table 3\.$"):
        till.register.tabs.recall(tables[0], 1)


def test_lines_are_not_added_to_a_tab_that_another_till_has_open(till: Till, other: Till) -> None:
    table = _saved(till, "5")
    recall(till, table)
    give(till, other, table)
    order = other.order(2)
    with pytest.raises(NoTabError, match="Table 5 is open on Till 1, Vamsi: save it there first"):
        other.acts.add(order.id, OpenTab("t", table, "table 5", 1, 1, Minor(1), EARLY, 1, EARLY))
    assert other.register.ledger.order(order.id).status is Status.ACTIVE


def test_a_paid_tab_takes_no_more_and_nothing_is_lost(till: Till) -> None:
    table = _saved(till, "5")
    tab = _listed(till, table)
    recall(till, table)
    till.register.checkout.pay_exact(table)
    order = till.order(2)
    with pytest.raises(NoTabError, match="Table 5 was paid on Till 1"):
        till.acts.add(order.id, tab)
    assert _on(till, order.id) == {"Masala Dosa": 1}


def test_two_tabs_of_one_name_are_both_listed_and_become_one(till: Till, other: Till) -> None:
    one, two = _saved(till, "5"), _saved(other, "5", 2)
    give(other, till, two, SessionMark(two, 1, 3, open=True, status="assigned_to_tab"))
    assert _names(tabs_named("5", till.register.open_tabs.local())) == ["table 5", "table 5"]
    for session in (one, two):
        recall(till, session)
    assert till.acts.join(one, two).id == one
    assert _on(till, one) == {"Idly": 1, "Masala Dosa": 1}
    assert _names(till.register.open_tabs.local()) == ["table 5"]


def test_a_discount_on_one_of_two_joined_orders_is_not_given_on_the_other(till: Till) -> None:
    orders = till.order(1, 2), till.order(2)
    for order, rate in zip(orders, (333_333, 500_000), strict=True):
        given = Given(Millionths(rate), reason="late")
        asked = asked_for(order, None, given)
        yes = till.register.approvals.give(till.register.access.find(9), asked) if asked else None
        till.register.sales.take_off(order.id, None, given, yes)
    one, two = (till.register.ledger.order(order.id) for order in orders)
    assert till.acts.join(one.id, two.id).total == one.total + two.total


@pytest.mark.parametrize("given", [Given(Millionths(100_000), reason="late"), Given(amount=Minor(800), reason="late")])
def test_a_discount_on_an_added_order_stays_as_it_is(till: Till, given: Given) -> None:
    table, order = _saved(till, "5"), till.order(2)
    till.register.sales.take_off(order.id, None, given)
    till.acts.add(order.id, _listed(till, table))
    assert till.register.ledger.order(table).total == 12_000 - 800


@pytest.mark.parametrize(
    ("word", "name", "is_chosen", "kind"),
    [
        ("table", "7", False, "dine_in"),
        ("table", "7", True, "take_away"),
        ("table", "Garden 2", False, "dine_in"),
        ("table", "Garden 2", True, "take_away"),
        ("tab", "7", False, "dine_in"),
        ("tab", "Asha", False, "take_away"),
    ],
)
def test_a_table_is_eaten_in_at_unless_typed_otherwise(
    till: Till, word: str, name: str, kind: str, *, is_chosen: bool
) -> None:
    called(till, word)
    order = till.order(1)
    if is_chosen:
        chosen(till, order, "take_away")
    till.register.tabs.save(order.id, name)
    assert till.register.ledger.order(order.id).order_type == kind


def called(till: Till, word: str) -> None:
    """Set the venue's word for a saved order, and a service charge on orders that are eaten in."""
    charge = {"percent": "10", "order_types": ["dine_in"]}
    till.journal.cache("settings", 2, {**VENUE, "tab_word": word, "service_charge": charge})
    till.register.reference_changed(["settings"])


def chosen(till: Till, order: Order, kind: str) -> None:
    """Let a person choose the type of an order, which was another before."""
    for one in ("dine_in", kind):
        till.register.sales.set_order_type(order.id, 1, one)


@pytest.mark.parametrize(
    ("word", "name", "answer", "total"),
    [
        ("table", "table Garden 2", "Saved to Garden 2, eat in. F8 lists the tables.", 4_400),
        ("table", "7", "Saved to table 7. F8 lists the tables.", 4_400),
        ("tab", "Garden 2", "Saved to Garden 2. F8 lists the tabs.", 4_000),
    ],
)
def test_a_named_table_bears_the_service_charge_and_the_answer_tells_the_type(
    till: Till, word: str, name: str, answer: str, total: int
) -> None:
    called(till, word)
    order = till.order(1)
    assert counter.save_to_tab(till.register, order.id, name) == answer
    saved = till.register.ledger.order(order.id)
    assert saved.total == total
    till.register.tabs.recall(order.id, 1)
    assert "eat in" not in counter.save_to_tab(till.register, order.id, ""), "it was seated before"


@pytest.mark.parametrize(("kind", "seated"), [("", "dine_in"), ("take_away", "take_away")])
def test_a_part_of_an_order_has_the_type_that_a_person_chose_for_it(till: Till, kind: str, seated: str) -> None:
    called(till, "table")
    order = till.order(2)
    if kind:
        chosen(till, order, kind)
    line = next(iter(till.register.ledger.order(order.id).lines))
    part = till.acts.move_to_new(order.id, {line: 1}, "Garden 2")
    assert part.order_type == seated


@pytest.mark.parametrize(("name", "kind"), [("Priya", "take_away"), ("7", "dine_in")])
def test_a_name_keeps_the_type_that_a_programs_guest_named(till: Till, name: str, kind: str) -> None:
    called(till, "table")
    session = till.order(1).id
    submit(till, session)
    till.register.recovery.resume(session)
    assert "eat in" not in counter.save_to_tab(till.register, session, name)
    assert till.register.ledger.order(session).order_type == kind


def test_tables_are_listed_by_number_then_names(till: Till) -> None:
    for name in ("Ravi", "10", "Asha", "2"):
        _saved(till, name)
    assert _names(till.register.open_tabs.local()) == ["table 2", "table 10", "Asha", "Ravi"]
