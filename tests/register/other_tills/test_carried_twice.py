"""One tab that two tills recalled while they were apart: a conflict, and said on each till that has such an order."""

from __future__ import annotations

from datetime import timedelta

from tests.register.conftest import Till
from tests.register.exchange import give
from tests.register.fakes import MemoryJournal
from till.domain.events.envelope import Draft
from till.ports import Received, SessionMark


def _saved(till: Till) -> str:
    session = till.order(1).id
    till.register.tabs.save(session, "7")
    return session


def _apart(till: Till, other: Till) -> tuple[str, str, str]:
    """One tab that both tills recalled while they were apart: the tab's order, and what each has."""
    session = _saved(till)
    give(till, other, session)
    return session, till.register.tabs.recall(session, 1).id, other.register.tabs.recall(session, 2).id


def _tell(till: Till, subject: str, session: str, **facts: object) -> None:
    """What the server writes into an order whose lines another one carries too, fetched by its till."""
    data = {"conflict_id": subject, "kind": "carried_twice", "subject": subject, "amount": "40.00", "currency": "INR"}
    known = till.journal.events_of(session)
    stranger = Till(9, 9, journal=MemoryJournal(f"0197a000-0000-7000-8000-{len(known):012}"))
    stranger.clock.time = till.clock.time + timedelta(seconds=len(known))  # each finding is newer than those before
    stranger.journal.receive([Received(n, e) for n, e in enumerate(known, 1)], [])
    stranger.register.ledger.commit([Draft("conflict_found", session, data | facts, hold_epoch=1)])
    give(stranger, till, session, SessionMark(session, till.user, len(known) + 1))


def test_two_recalls_of_one_tab_are_a_conflict_once_the_till_knows_of_both(till: Till, other: Till) -> None:
    session, first, second = _apart(till, other)
    give(till, other, session)
    give(till, other, session)
    found = [event.data for event in other.journal.own if event.type == "conflict_found"]
    assert [(one["kind"], one["subject"], one["amount"]) for one in found] == [("carried_twice", session, "40.00")]
    assert {move.to_session for move in other.register.ledger.order(session).moves.values()} == {first, second}


def test_a_tab_paid_for_on_its_own_order_and_recalled_elsewhere_is_a_conflict(till: Till, other: Till) -> None:
    session = till.order(1).id
    give(till, other, session)
    other.clock.time = till.clock.time
    other.register.recovery.resume(session, holder=1, taking_over=True)
    till.register.tabs.save(session, "7")
    till.register.tabs.recall(session, 1)
    other.register.checkout.pay_exact(session)
    give(till, other, session)
    found = [event.data["kind"] for event in other.journal.own if event.type == "conflict_found"]
    assert found == ["carried_twice"]


def test_a_conflict_that_the_server_wrote_down_is_not_written_again(till: Till, other: Till) -> None:
    session, _first, _second = _apart(till, other)
    _tell(till, session, session)
    give(till, other, session)
    assert "conflict_found" not in other.types()


def test_who_has_the_same_tab_open_elsewhere_is_said_once(till: Till, other: Till) -> None:
    session, first, _second = _apart(till, other)
    _tell(till, session, first, also_till=2, also_user=2, paid=False)
    till.register.sessions_grew([first])
    assert till.screen.twice == [(first, "table 7 is also open on Till 2, Asha: one of you pays it.")]


def test_a_tab_that_was_paid_elsewhere_is_said_to_be(till: Till, other: Till) -> None:
    session, first, _second = _apart(till, other)
    _tell(till, session, first, also_till=2, also_user=2, paid=True)
    [(_order, said)] = till.screen.twice
    assert said == "table 7 was paid on Till 2, Asha as well. Look together before you take money for it."


def test_a_finding_that_does_not_say_where_names_nobody(till: Till, other: Till) -> None:
    session, first, _second = _apart(till, other)
    _tell(till, session, first)
    assert till.screen.twice == []
    assert list(till.register.ledger.order(first).shared) == [session]


def test_that_the_other_was_paid_since_is_said_once_and_again_before_this_one_is_paid(till: Till, other: Till) -> None:
    session, first, _second = _apart(till, other)
    _tell(till, session, first, also_till=2, also_user=2, paid=False)
    _tell(till, session, first, also_till=2, also_user=2, paid=True)
    till.register.sessions_grew([first])
    paid = "table 7 was paid on Till 2, Asha as well. Look together before you take money for it."
    assert [said for _order, said in till.screen.twice] == [
        "table 7 is also open on Till 2, Asha: one of you pays it.",
        paid,
    ]
    assert till.register.telling.carried_twice(till.register.ledger.order(first)) == paid


def test_one_that_is_on_a_tab_again_is_said_to_be(till: Till, other: Till) -> None:
    session, first, _second = _apart(till, other)
    _tell(till, session, first, also_till=2, also_user=2, paid=False, on_tab=True)
    assert till.screen.twice == [(first, "table 7 is also on a tab, saved on Till 2, Asha: one of the two is paid.")]


def test_that_nobody_has_it_too_any_more_is_said_once(till: Till, other: Till) -> None:
    session, first, _second = _apart(till, other)
    _tell(till, session, first, also_till=2, also_user=2, paid=False)
    _tell(till, session, first)
    till.register.sessions_grew([first])
    assert till.screen.once == [(first, "table 7: that it was open twice is settled.")]
    assert till.register.telling.carried_twice(till.register.ledger.order(first)) == ""


def test_what_is_found_of_another_tab_is_not_forgotten_with_it(till: Till, other: Till) -> None:
    session, first, _second = _apart(till, other)
    _tell(till, session, first, also_till=2, also_user=2, paid=False)
    _tell(till, first, first, also_till=2, also_user=1, paid=True)
    _tell(till, first, first)
    found = till.register.ledger.order(first).elsewhere
    assert found is not None
    assert (found.subject, found.paid) == (session, False)
    assert till.screen.once == []
