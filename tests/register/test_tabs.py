from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.conftest import STORE, Till
from tests.register.exchange import EARLY, acknowledge, give, row
from till.domain.errors import EmptyOrderError, NoTabError, OrderClosedError, PaymentError
from till.domain.events.envelope import EventType
from till.domain.order.state import Status
from till.journal import JournalFile
from till.ports import SessionMark
from till.register.tabs import OpenTab

if TYPE_CHECKING:
    from pathlib import Path

    from till.ports import RemoteSession


def _names(tabs: list[OpenTab]) -> list[str]:
    return [tab.name for tab in tabs]


def _saved(till: Till, name: str, *plus: int) -> str:
    """An order saved to a tab; its session."""
    order = till.order(*(plus or (1,)))
    till.register.tabs.save(order.id, name)
    return order.id


def _row_of(till: Till, session: str, holder: int | None = None) -> RemoteSession:
    """The tab of an order as the database lists it."""
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
        ("x" * 60, "x" * 40, None),
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
    with pytest.raises(NoTabError, match="Type the table's number or a name"):
        till.register.tabs.save(order.id, typed)


def test_nothing_is_not_saved(till: Till) -> None:
    with pytest.raises(EmptyOrderError):
        till.register.tabs.save(till.register.sales.view_menu(None, 1, "", []).id, "7")


def test_two_orders_never_hide_under_one_name(till: Till) -> None:
    _saved(till, "7")
    for typed in ("7", "table 7", "TABLE 7"):
        with pytest.raises(NoTabError, match=r"table 7 is open already\. Recall it"):
            _saved(till, typed)
    order = till.order(1)
    known = [OpenTab("t", "s", "Asha", 1, 1, 1, EARLY, None)]
    with pytest.raises(NoTabError, match="asha is open already"):
        till.register.tabs.save(order.id, "asha", known)


def test_tabs_are_listed_newest_first(till: Till) -> None:
    _saved(till, "Asha")
    till.clock.move(minutes=1)
    _saved(till, "7", 1, 2)
    assert [(tab.name, tab.lines, tab.total, tab.till) for tab in till.register.tabs.local()] == [
        ("table 7", 2, 12_000, None),
        ("Asha", 1, 4_000, None),
    ]


def test_a_recalled_tab_opens_with_its_lines_and_leaves_the_list(till: Till) -> None:
    session = _saved(till, "7", 1, 2)
    order = till.register.tabs.recall(session, 1)
    assert (order.status, order.total, order.from_session) == (Status.ACTIVE, 12_000, session)
    assert till.register.tabs.local() == []
    till.start()
    assert till.register.tabs.local() == []
    assert [found.id for found in till.register.recovery.open_here()] == [order.id]


@pytest.mark.parametrize("typed", ["", "7", "table 7", "Table 7"])
def test_a_recalled_order_goes_back_to_its_own_tab(till: Till, typed: str) -> None:
    session = _saved(till, "7")
    tab = till.register.ledger.order(session).tab
    order = till.register.tabs.recall(session, 1)
    till.add(order.id, 2)
    known = till.register.tabs.merged([_row_of(till, session)])
    assert till.register.tabs.save(order.id, typed, known) == tab
    assert [(one.name, one.total, one.session_id) for one in till.register.tabs.local()] == [
        ("table 7", 12_000, order.id)
    ]


def test_a_recalled_order_may_go_to_another_tab(till: Till) -> None:
    order = till.register.tabs.recall(_saved(till, "7"), 1)
    till.register.tabs.save(order.id, "Asha")
    assert _names(till.register.tabs.local()) == ["Asha"]


def test_a_tab_is_recalled_once(till: Till) -> None:
    session = _saved(till, "7")
    till.register.tabs.recall(session, 1)
    with pytest.raises(OrderClosedError, match="That tab is open here already"):
        till.register.tabs.recall(session, 2)


@pytest.mark.parametrize("late", [True, False])
def test_a_tab_that_was_paid_here_is_never_paid_again(till: Till, *, late: bool) -> None:
    session = _saved(till, "7")
    order = till.register.tabs.recall(session, 1)
    remote = _row_of(till, session)
    till.register.checkout.pay_exact(order.id)
    if late:
        till.start()
    # the database has not heard of any of it
    assert till.register.tabs.merged([remote]) == []
    with pytest.raises(NoTabError, match="was recalled here before"):
        till.register.tabs.recall(session, 1)
    assert till.types().count("order_placed") == 1


def test_a_tab_whose_recalled_order_was_cleared_is_gone(till: Till) -> None:
    session = _saved(till, "7")
    order = till.register.tabs.recall(session, 1)
    till.register.recovery.discard(order.id, "left")
    assert till.register.tabs.merged([_row_of(till, session)]) == []


# With the database


def test_tabs_of_other_tills_are_listed_too(till: Till, other: Till) -> None:
    _saved(till, "7")
    theirs = _row_of(other, _saved(other, "Asha"))
    assert sorted(_names(till.register.tabs.merged([theirs]))) == ["Asha", "table 7"]


def test_a_tab_of_another_till_is_recalled_here(till: Till, other: Till) -> None:
    session = _saved(other, "Asha", 1, 2)
    give(other, till, session)
    order = till.register.tabs.recall(session, 1)
    assert (order.total, order.user, order.till) == (12_000, 1, 1)
    assert till.register.tabs.merged([_row_of(other, session)]) == []
    till.register.checkout.pay_exact(order.id)
    with pytest.raises(NoTabError, match="was recalled here before"):
        till.register.tabs.recall(session, 1)


def test_a_tab_that_another_till_has_open_says_so(till: Till, other: Till) -> None:
    session = _saved(till, "7")
    give(till, other, session)
    recalled = other.register.tabs.recall(session, 2)
    acknowledge(till, SessionMark(session, 1, version=3, status="assigned_to_tab"))
    tabs = till.register.tabs.merged([_row_of(other, recalled.id, holder=2)])
    assert [(tab.session_id, tab.till) for tab in tabs] == [(recalled.id, 2)]
    give(other, till, recalled.id)
    with pytest.raises(OrderClosedError, match=r"table 7 is open on Till 2.*: pay or save it there\."):
        till.register.tabs.recall(recalled.id, 1)


def test_a_tab_that_another_till_was_paid_for_is_gone_here(till: Till, other: Till) -> None:
    session = _saved(till, "7")
    acknowledge(till, SessionMark(session, 1, version=3, status="assigned_to_tab"))
    give(till, other, session)
    other.register.checkout.pay_exact(other.register.tabs.recall(session, 2).id)
    assert till.register.tabs.merged([]) == []


def test_a_tab_that_the_database_has_not_heard_of_is_listed(till: Till) -> None:
    session = _saved(till, "7")
    till.journal.receive([], [SessionMark(session, 1, version=1, status="active")])
    assert _names(till.register.tabs.merged([])) == ["table 7"]


def _cache_tabs(till: Till, *rows: RemoteSession) -> None:
    """The list of tabs as the database hands it out."""
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
        }
        for one in rows
    ]
    till.journal.cache("tabs", 5, {"tabs": body})


def test_without_the_database_the_list_of_before_is_shown(till: Till, other: Till) -> None:
    mine, theirs = _saved(till, "7"), _saved(other, "Asha")
    acknowledge(till, SessionMark(mine, 1, version=3, status="assigned_to_tab", open=False))
    _cache_tabs(till, _row_of(till, mine), _row_of(other, theirs))
    assert sorted((tab.name, tab.total) for tab in till.register.tabs.local()) == [("Asha", 4_000), ("table 7", 4_000)]
    till.register.tabs.recall(mine, 1)
    assert _names(till.register.tabs.local()) == ["Asha"]


def test_a_name_of_the_list_of_before_is_taken(till: Till, other: Till) -> None:
    _cache_tabs(till, _row_of(other, _saved(other, "Asha")))
    with pytest.raises(NoTabError, match="asha is open already"):
        _saved(till, "asha")


def test_a_damaged_list_of_before_hides_no_tab_of_this_till(till: Till) -> None:
    _saved(till, "7")
    for body in ({}, {"tabs": None}, {"tabs": [{"session": 5}]}, {"tabs": ["x"]}):
        till.journal.cache("tabs", 6, body)
        assert _names(till.register.tabs.local()) == ["table 7"]


def test_the_list_is_newest_first_whoever_told_of_a_tab(till: Till, other: Till) -> None:
    _saved(till, "7")
    theirs = _row_of(other, _saved(other, "Asha"))
    newer = row(theirs.session_id, None, tab_id=theirs.tab_id, tab_name="Asha", updated_at=EARLY + timedelta(hours=1))
    assert _names(till.register.tabs.merged([newer])) == ["Asha", "table 7"]


@pytest.mark.parametrize("theirs", [False, True])
def test_a_journal_on_disk_remembers_what_was_recalled(tmp_path: Path, other: Till, *, theirs: bool) -> None:
    """The same as with a journal in memory, with the real one: its own tab, and one that was fetched."""
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
    till.register.checkout.pay_exact(till.register.tabs.recall(session, 1).id)
    acknowledge(till, SessionMark(session, 1, version=3, status="assigned_to_tab", open=False))
    journal.close()
    till.journal = JournalFile.open(path, **facts)
    till.start()
    assert till.register.tabs.merged([remote]) == []
    with pytest.raises(NoTabError, match="was recalled here before"):
        till.register.tabs.recall(session, 1)
    till.journal.close()


def test_money_that_another_till_took_for_a_tab_that_is_recalled_is_for_the_manager(till: Till, other: Till) -> None:
    session = till.order(1).id
    give(till, other, session)
    till.register.checkout.pay(session, "CARD", 1_000)
    other.register.tabs.save(session, "7")
    give(till, other, session)
    other.register.tabs.recall(session, 2)
    found = [event.data for event in other.journal.own if event.type == EventType.CONFLICT_FOUND]
    assert [(data["kind"], data["amount"]) for data in found] == [("payment_without_order", "10.00")]


# A tab is the venue's, not a person's.


def _kept(till: Till, name: str) -> str:
    """A tab that somebody recalled, added to, and logged out with; the order that carries its lines."""
    order = till.register.tabs.recall(_saved(till, name), 1)
    till.add(order.id, 2)
    till.register.recovery.park(order.id)
    return order.id


def test_a_recalled_tab_that_a_logout_put_aside_is_listed_and_recalled_by_anybody(till: Till) -> None:
    kept = _kept(till, "7")
    assert [(tab.name, tab.kept, tab.user, tab.session_id) for tab in till.register.tabs.local()] == [
        ("table 7", True, 1, kept)
    ]
    order = till.register.tabs.recall(kept, 2)
    assert (order.user, order.total, order.tab and order.tab.name) == (2, 12_000, "table 7")
    assert till.register.ledger.order(kept).status is Status.ASSIGNED_TO_TAB
    assert till.register.recovery.of_user(1) == []  # its lines are in one order
    assert till.register.tabs.local() == []
    till.register.checkout.pay_exact(order.id)
    with pytest.raises(NoTabError, match="was recalled here before"):
        till.register.tabs.recall(kept, 1)


def test_a_tab_that_was_put_aside_on_another_till_is_recalled_here(till: Till, other: Till) -> None:
    kept = _kept(other, "7")
    give(other, till, kept)
    remote = _row_of(other, kept)
    remote = row(kept, None, tab_id=remote.tab_id, tab_name="table 7", status="pending_logout")
    assert [(tab.session_id, tab.kept) for tab in till.register.tabs.merged([remote])] == [(kept, True)]
    order = till.register.tabs.recall(kept, 1)
    assert order.total == 12_000
    give(till, other, kept)
    assert other.register.recovery.of_user(1) == []
    assert other.register.ledger.order(kept).recalled_by == till.register.till


def test_a_kept_tab_with_money_on_it_is_left_to_who_keeps_it(till: Till) -> None:
    order = till.register.tabs.recall(_saved(till, "7"), 1)
    till.register.checkout.pay(order.id, "CARD", 1_000)
    till.register.recovery.park(order.id)
    with pytest.raises(PaymentError, match=r"Money was taken on that order\."):
        till.register.tabs.recall(order.id, 2)
    assert till.register.ledger.order(order.id).status is Status.PENDING_LOGOUT


def test_a_tab_that_a_sweep_put_aside_is_still_its_holders(till: Till, other: Till) -> None:
    kept = _kept(other, "7")
    other.register.recovery.resume(kept)
    give(other, till, kept, SessionMark(kept, 1, version=9, holder=2, hold_epoch=2, status="pending_logout"))
    with pytest.raises(OrderClosedError, match="is open on Till 2"):
        till.register.tabs.recall(kept, 1)
