"""A restored database has lost its own acts since the backup, and so the tills undo them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sync.rig import Keys, Rig, arrived, state
from till.domain.order.events import SessionSwept
from till.domain.order.state import Status
from till.ports import Received, SessionMark
from till.sync.failures import Failure, FailureKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Event

LOST = Failure(FailureKind.UNREACHABLE, "connection closed")
BEFORE, AFTER = 1_772_519_460_000, 1_772_519_520_000


@pytest.fixture
def swept(rig: Rig, make_keys: Callable[..., Keys]) -> tuple[str, Event]:
    """An order that the database had suspended; this till learned of it in the epoch before the restore."""
    session = rig.open()
    rig.quiet()
    rig.pass_by(5)
    rig.answer(rig.take(), epoch=BEFORE)
    rig.pass_by(5)
    server = make_keys(0)
    server.clock.pass_by(60)
    server.hear(*rig.journal.events_of(session))
    sweep = server.write(SessionSwept(minutes=30), session)
    rig.answer(rig.take(), sessions=[state(session, 2, sweep)], events=[arrived(sweep, 2)], epoch=BEFORE)
    assert rig.ledger.order(session).status is Status.PENDING_LOGOUT
    rig.ears.grown.clear()
    rig.pass_by(5)
    return session, sweep


def test_after_another_epoch_all_that_the_database_did_is_asked_for_anew(rig: Rig, swept: tuple[str, Event]) -> None:
    session, sweep = swept
    rig.answer(rig.take(), sessions=[state(session, 2, sweep)], epoch=AFTER)
    rig.pass_by(5)
    request = rig.take()
    assert [(mark.session_id, mark.version) for mark in request.known] == [(session, 0)]
    opened = rig.journal.events_of(session)[0]
    rig.answer(request, sessions=[state(session, 1, opened)], epoch=AFTER)
    assert [event.type for event in rig.journal.events_of(session)] == ["order_opened"]
    assert rig.ledger.order(session).status is Status.ACTIVE
    assert rig.ears.grown == [session]
    rig.pass_by(5)
    assert [mark.version for mark in rig.take().known] == [1]


def test_events_that_the_database_still_knows_stay(rig: Rig, swept: tuple[str, Event]) -> None:
    session, sweep = swept
    rig.answer(rig.take(), sessions=[state(session, 2, sweep)], epoch=AFTER)
    rig.pass_by(5)
    rig.answer(rig.take(), sessions=[state(session, 2, sweep)], events=[arrived(sweep, 2)], epoch=AFTER)
    assert sweep.id in [event.id for event in rig.journal.events_of(session)]
    assert rig.ears.grown == []
    rig.restart()
    rig.answer(rig.take(), epoch=AFTER)
    rig.pass_by(5)
    assert [mark.version for mark in rig.take().known] == [2]


def test_an_order_that_comes_back_as_a_whole_loses_what_does_not_come_with_it(
    rig: Rig, swept: tuple[str, Event]
) -> None:
    session, _sweep = swept
    opened = rig.journal.events_of(session)[0]
    rig.answer(rig.take(), sessions=[state(session, 1, opened, since=0)], events=[arrived(opened, 1)], epoch=BEFORE)
    assert [event.type for event in rig.journal.events_of(session)] == ["order_opened"]


def test_events_of_other_tills_stay_for_they_send_them_again(
    rig: Rig, swept: tuple[str, Event], make_keys: Callable[..., Keys]
) -> None:
    session, sweep = swept
    keyed = make_keys(2).add(session, "Vada")
    rig.answer(rig.take(), sessions=[state(session, 3, keyed)], events=[arrived(keyed, 3)], epoch=BEFORE)
    opened = rig.journal.events_of(session)[0]
    rig.pass_by(5)
    rig.answer(rig.take(), sessions=[state(session, 1, opened, since=0)], events=[arrived(opened, 1)], epoch=AFTER)
    left = {event.id for event in rig.journal.events_of(session)}
    assert keyed.id in left
    assert sweep.id not in left


def test_an_order_that_comes_back_in_pages_is_whole_with_the_last_of_them(
    rig: Rig, swept: tuple[str, Event], make_keys: Callable[..., Keys]
) -> None:
    session, sweep = swept
    opened = rig.journal.events_of(session)[0]
    keyed = [make_keys(2).add(session, "Vada"), make_keys(3).add(session, "Idly")]
    rig.answer(rig.take(), sessions=[state(session, 2, sweep)], epoch=AFTER)
    pages = [(opened, 1, 0), (keyed[0], 2, 1), (keyed[1], 3, 2)]
    for event, version, since in pages:
        rig.pass_by(5)
        request = rig.take()
        assert [(mark.session_id, mark.version) for mark in request.known] == [(session, since)]
        assert sweep.id in {event.id for event in rig.journal.events_of(session)}
        row = state(session, version, event, since=since, more=event is not keyed[1])
        rig.answer(request, sessions=[row], events=[arrived(event, version)], epoch=AFTER, more=row["more"])
    assert {event.id for event in rig.journal.events_of(session)} == {event.id for event, _v, _s in pages}


def test_pages_of_a_database_that_was_set_back_between_two_of_them_begin_anew(
    rig: Rig, swept: tuple[str, Event], make_keys: Callable[..., Keys]
) -> None:
    session, sweep = swept
    opened = rig.journal.events_of(session)[0]
    keyed = make_keys(2).add(session, "Vada")
    more = state(session, 1, sweep, since=0, more=True)
    rig.answer(rig.take(), sessions=[more], events=[arrived(sweep, 1)], epoch=BEFORE, more=True)
    rig.answer(rig.take(), sessions=[state(session, 2, keyed, since=0)],
               events=[arrived(opened, 1), arrived(keyed, 2)], epoch=BEFORE)  # fmt: skip
    assert {event.id for event in rig.journal.events_of(session)} == {opened.id, keyed.id}


def test_a_till_that_fetched_an_order_before_it_heard_of_any_epoch_looks_back_too(
    rig: Rig, make_keys: Callable[..., Keys]
) -> None:
    session = rig.open()
    rig.quiet()
    rig.pass_by(5)
    opened = rig.journal.events_of(session)[0]
    server = make_keys(0)
    server.hear(opened)
    sweep = server.write(SessionSwept(minutes=30), session)
    rig.journal.receive([Received(2, sweep)])
    rig.answer(rig.take(), sessions=[state(session, 1, opened)], epoch=AFTER)
    rig.pass_by(5)
    rig.answer(rig.take(), sessions=[state(session, 1, opened)], epoch=AFTER)
    assert [event.id for event in rig.journal.events_of(session)] == [opened.id]


def test_a_till_that_heard_of_no_epoch_asks_before_it_sends_on_what_the_server_did(
    rig: Rig, make_keys: Callable[..., Keys]
) -> None:
    """The database may have been set back to before it granted the order: what is keyed on it would be nobody's."""
    session = rig.open()
    rig.quiet()
    opened = rig.journal.events_of(session)[0]
    server = make_keys(0)
    server.hear(opened)
    rig.journal.receive([Received(2, server.write(SessionSwept(minutes=30), session))])
    keyed = rig.add(session)
    rig.wait()
    request = rig.take()
    assert request.events == ()
    rig.answer(request, epoch=AFTER)
    rig.wait()
    assert rig.take().events == ()
    rig.engine.on_failure(LOST, rig.now)  # a question that was lost is asked once more
    rig.wait()
    request = rig.take()
    assert request.events == ()
    rig.answer(request, sessions=[state(session, 1, opened, since=0)], events=[arrived(opened, 1)], epoch=AFTER)
    rig.wait()
    assert [event.id for event in rig.take().events] == [keyed.id]


def test_acts_of_the_database_on_an_order_it_no_longer_lists_are_dropped(
    rig: Rig, make_keys: Callable[..., Keys]
) -> None:
    """The order came for a person who logged in here, and then the database was set back."""
    rig.quiet()
    rig.pass_by(5)
    other, server = make_keys(2), make_keys(0)
    session = other.open()
    opened = other.journal.events_of(session)[0]
    server.hear(opened)
    sweep = server.write(SessionSwept(minutes=30), session)
    mark = SessionMark(session, 1, 2, sweep.id, open=False)
    rig.journal.receive([Received(1, opened), Received(2, sweep)], [mark])
    rig.answer(rig.take(), epoch=AFTER)
    rig.pass_by(5)
    request = rig.take()
    assert [known.session_id for known in request.known] == [session]
    rig.answer(request, epoch=AFTER)
    assert [event.id for event in rig.journal.events_of(session)] == [opened.id]
    assert rig.ears.grown == [session]
    rig.pass_by(5)
    assert list(rig.take().known) == []
    known = rig.journal.mark_of(session)
    assert known is not None
    assert known.version == 0, "who asks for it again has all of it"


def test_after_another_epoch_every_order_that_is_followed_is_asked_for_anew(
    rig: Rig, make_keys: Callable[..., Keys]
) -> None:
    """Behind the same version and event may be other events than before, so a version alone proves nothing."""
    session = rig.open()
    rig.quiet()
    other = make_keys(2)
    keyed, missed = other.add(session, "Vada"), other.add(session, "Dosa")
    rig.pass_by(5)
    rig.answer(rig.take(), sessions=[state(session, 2, keyed)], events=[arrived(keyed, 2)], epoch=BEFORE)
    unsent = rig.open()
    rig.wait()
    request = rig.take()
    assert request.epoch == BEFORE
    rig.answer(request, sessions=[state(session, 3, keyed, refold=True)], epoch=AFTER)
    request = rig.take()
    assert list(request.snapshots) == [session]
    assert {mark.session_id: mark.version for mark in request.known} == {session: 0, unsent: 0}
    assert request.epoch == AFTER
    came = [arrived(missed, 2), arrived(keyed, 3)]
    rig.answer(request, sessions=[state(session, 3, keyed, refold=True)], events=came, epoch=AFTER)
    assert {keyed.id, missed.id} <= {event.id for event in rig.journal.events_of(session)}
    assert list(rig.take().snapshots) == [session]  # the earlier snapshot was based on nothing
    rig.restart()
    assert rig.take().epoch == AFTER


def test_a_snapshot_that_is_asked_for_again_is_sent_again(rig: Rig) -> None:
    session = rig.open()
    rig.wait()
    request = rig.take()
    assert list(request.snapshots) == [session]
    opened = request.events[-1]
    rig.answer(request, sessions=[state(session, 1, opened, refold=True)])
    request = rig.take()
    assert list(request.snapshots) == [session]
    rig.answer(request, sessions=[state(session, 1, opened, refold=True)])
    assert rig.wait() > 0  # once for a version


def test_after_another_epoch_the_menu_is_asked_for_anew_whatever_its_number(rig: Rig) -> None:
    """The manager repeats the changes made since the backup, and they may get the number that this till already has."""

    def menu(price: str) -> dict[str, Any]:
        return {"menu": {"version": 3, "body": {"price": price}}}

    rig.quiet()
    rig.pass_by(5)
    rig.answer(rig.take(), epoch=BEFORE, reference=menu("40.00"))
    rig.pass_by(5)
    request = rig.take()
    assert request.reference["menu"] == 3
    rig.answer(request, epoch=AFTER)
    assert rig.journal.cached("menu") == (0, {"price": "40.00"}), "it sells with it meanwhile"
    rig.restart()
    rig.pass_by(5)
    request = rig.take()
    assert request.reference["menu"] == 0
    rig.answer(request, epoch=AFTER, reference=menu("45.00"))
    rig.pass_by(5)
    assert rig.take().reference["menu"] == 3
    assert rig.journal.cached("menu") == (3, {"price": "45.00"})
