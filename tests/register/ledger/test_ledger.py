import gc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.domain.making import forged
from tests.register.conftest import Till
from tests.register.exchange import give, recall, resume
from tests.register.fakes import MemoryJournal
from till.domain.errors import EventError, JournalError, LineError, TillError
from till.domain.events.envelope import NO_HASH, Draft, Event
from till.domain.ids import id_at, moment_of, tick_at
from till.domain.money.measures import Minor
from till.domain.order import evolve
from till.domain.order.events import ItemAdded, LineVoided, OrderTypeSet, SessionSwept
from till.domain.order.evolve import fold
from till.domain.order.line import Line, Row
from till.domain.order.selling import ItemEntry, open_order
from till.domain.order.state import Order, Status
from till.ports import Received, SessionMark
from till.register.ledger.ledger import OrderFaultError, OrderLockedError


def test_one_command_is_one_transaction(till: Till) -> None:
    order = till.add(None, 1, 2)
    assert [[event.type for event in events] for events in till.journal.appends] == [["order_opened", "item_added"]]
    till.register.checkout.pay(order.id, "CASH", Minor(50_000))
    assert [event.type for event in till.journal.appends[-1]] == [
        "payment_started",
        "shift_opened",
        "payment_approved",
        "order_placed",
    ]


def test_an_order_that_is_let_go_of_waits_for_no_collector(till: Till) -> None:
    till.register.checkout.pay_exact(till.order(1, 2).id)
    gc.collect()
    gc.disable()
    try:
        for _sale in range(20):  # more than the ledger keeps folded
            session = till.order(1, 2).id
            till.register.ledger.snapshot(session)
            till.register.checkout.pay_exact(session)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        assert [one for one in gc.garbage if isinstance(one, Order | Line | Row)] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def test_the_chain_has_no_gap(till: Till) -> None:
    order = till.order(1, 2)
    till.register.checkout.pay_exact(order.id)
    events = till.journal.own
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.prev_hash for event in events] == [NO_HASH, *(event.hash for event in events[:-1])]
    assert [event.id for event in events] == sorted(event.id for event in events)


def test_user_and_till_stand_in_each_event(till: Till) -> None:
    till.order(1)
    first, event = till.journal.own[-2:]
    assert (event.user, event.till, event.journal_id) == (1, 1, till.journal.journal_id)
    assert first.at == till.clock.now()


def test_events_of_one_command_have_their_order_by_time_too(till: Till) -> None:
    till.register.checkout.pay_exact(till.order(1).id)
    at_once = till.journal.appends[-1]
    assert len(at_once) == 4
    times = [event.at for event in at_once]
    assert times == sorted(set(times))
    assert times[-1] - till.clock.now() < timedelta(milliseconds=1)


def _everything(till: Till, order: str, line: str) -> list[Callable[[], Any]]:
    register = till.register
    return [
        lambda: register.sales.add(None, 1, ItemEntry(register.menu.by_plu[1])),
        lambda: register.sales.add(order, 1, ItemEntry(register.menu.by_plu[1])),
        lambda: register.sales.change_quantity(order, line, 5),
        lambda: register.sales.void(order, line, "dropped"),
        lambda: register.sales.set_order_type(order, 1, "dine_in"),
        lambda: register.checkout.pay(order, "CASH", Minor(4_000)),
        lambda: register.checkout.attempt(order, "CARD", Minor(4_000), "no answer"),
        lambda: register.tabs.save(order, "7"),
        lambda: register.access.leave(register.ledger.order(order)),
        lambda: register.access.admit(register.access.find(2)),
        lambda: register.recovery.suspend(order),
        lambda: register.recovery.discard(order, "left"),
        lambda: till.acts.part(order, {line: 1}),
    ]


@pytest.mark.parametrize("place", range(12))
def test_nothing_changes_when_the_disk_refuses(till: Till, place: int) -> None:
    till.register.access.admit(till.register.access.find(1))
    order = till.order(1)
    line = next(iter(order.lines))
    before, events, person = till.register.ledger.order(order.id), till.types(), till.register.access.person
    nudges = len(till.nudges.urgent)
    till.journal.full = True
    with pytest.raises(JournalError, match="This till cannot write to its disk"):
        _everything(till, order.id, line)[place]()
    assert till.register.ledger.order(order.id) is before
    assert till.types() == events
    assert len(till.nudges.urgent) == nudges
    assert (till.register.access.person, till.register.ledger.user) == (person, 1)
    till.journal.full = False
    assert till.add(order.id, 2).total == 12_000


def test_a_refused_command_writes_nothing(till: Till) -> None:
    order = till.order(1)
    events = till.types()
    with pytest.raises(LineError):
        till.register.sales.void(order.id, "no line", "dropped")
    with pytest.raises(TillError):
        till.register.checkout.pay(order.id, "CARD", Minor(999_999))
    assert till.types() == events


def test_a_decision_sees_what_the_ones_before_it_in_its_command_did(till: Till) -> None:
    order = till.order(1)
    with till.register.ledger.command() as command:
        command.write([Draft(OrderTypeSet(order_type="dine_in"), order.id)])
        assert command.order(order.id).order_type == "dine_in"
        assert till.register.ledger.order(order.id).order_type == "take_away"
    assert till.register.ledger.order(order.id).order_type == "dine_in"


def test_the_fold_in_memory_is_that_of_the_disk(till: Till) -> None:
    order = till.order(1, 2, 1)
    till.register.sales.void(order.id, next(iter(order.lines)), "dropped")
    till.register.sales.undo(order.id)
    assert fold(till.journal.events_of(order.id)) == till.register.ledger.order(order.id)


def test_events_that_somebody_waits_for_go_at_once(till: Till) -> None:
    till.register.access.admit(till.register.access.find(1))
    order = till.order(1)
    till.register.sales.set_order_type(order.id, 1, "dine_in")
    assert till.nudges.urgent == [False, False, False]
    till.register.tabs.save(order.id, "7")
    recalled = recall(till, order.id)
    till.register.checkout.attempt(recalled.id, "CARD", Minor(4_000), "no answer")
    till.register.checkout.pay_exact(recalled.id)
    till.register.access.leave(None)
    assert till.nudges.urgent[3:] == [True, True, True, True, True]


def test_a_locked_order_takes_nothing_and_keeps_its_sentence(till: Till) -> None:
    order = till.order(1, 2)
    till.register.taken(order.id, "Till 2", "Asha", till.clock.now())
    sentence = "Asha took this order over on Till 2 at 10:31."
    assert till.screen.taken == [(order.id, sentence)]
    assert till.register.ledger.lock_of(order.id) == sentence
    commands = _everything(till, order.id, next(iter(order.lines)))
    for command in (*commands[1:8], commands[12]):
        with pytest.raises(OrderLockedError) as refused:
            command()
        assert refused.value.sentence == sentence
    assert till.register.ledger.snapshot(order.id) is None
    assert till.add(None, 1).id != order.id


def test_an_order_is_locked_once(till: Till) -> None:
    order = till.order(1)
    for name in ("Till 2", "Till 3"):
        till.register.taken(order.id, name, "Asha", till.clock.now())
    assert len(till.screen.taken) == 1


def test_an_order_that_is_taken_back_is_open_again(till: Till) -> None:
    order = till.order(1)
    till.register.taken(order.id, "Till 2", "Asha", till.clock.now())
    resume(till, order.id)
    assert till.register.ledger.lock_of(order.id) is None
    assert till.add(order.id, 1).total == 8_000


def test_a_lock_stays_when_the_disk_refuses_the_taking_back(till: Till) -> None:
    order = till.order(1)
    till.register.taken(order.id, "Till 2", "Asha", till.clock.now())
    till.journal.full = True
    with pytest.raises(JournalError):
        resume(till, order.id)
    assert till.register.ledger.lock_of(order.id)


def test_events_of_another_till_are_folded_in_and_followed(till: Till, other: Till) -> None:
    order = till.order(1)
    other.journal.receive([Received(1, event) for event in till.journal.own])
    other.clock.move(hours=1)
    resume(other, order.id)
    other.add(order.id, 2)
    till.journal.receive([Received(2, event) for event in other.journal.events_of(order.id)])
    till.register.sessions_grew([order.id])
    assert till.screen.changed == [order.id]
    assert till.register.ledger.order(order.id).total == 12_000
    # its clock is an hour ahead, and what is keyed here after it sorts after it all the same
    resume(till, order.id)
    till.register.sales.void(order.id, order.priced.rows[0].line_ids[0], "dropped")
    assert till.journal.own[-1].id > max(event.id for event in other.journal.own)
    assert till.register.ledger.order(order.id).total == 8_000


def test_an_order_that_nobody_opened_here_is_not_here(till: Till) -> None:
    assert till.register.ledger.find("0197a000-0000-7000-8000-0000000000ff") is None
    with pytest.raises(EventError, match="That order is not on this till"):
        till.register.ledger.order("0197a000-0000-7000-8000-0000000000ff")


def test_one_order_that_does_not_read_hides_no_other(till: Till, other: Till) -> None:
    order = till.order(1)
    ledger = other.register.ledger
    session = ledger.new_id()
    draft = open_order(session, 1, other.register.venue.terms, "take_away")
    event = forged(ledger.seal(draft, other.clock.now(), other.journal.head, None), data={"user": 1, "currency": "INR"})
    till.journal.receive([Received(1, event)], [SessionMark(session, 1, 1)])
    assert [found.id for found in till.register.ledger.open_orders()] == [order.id]
    assert till.register.recovery.arrival(1, None).open == order.id
    assert list(till.register.ledger.unreadable) == [session]
    with pytest.raises(EventError, match="An order cannot be read"):
        till.register.ledger.order(session)
    till.register.sessions_grew([session])


def test_an_order_that_does_not_read_is_folded_and_logged_once_until_more_of_it_comes(
    till: Till, other: Till, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = other.register.ledger
    session = ledger.new_id()
    draft = open_order(session, 1, other.register.venue.terms, "take_away")
    event = forged(ledger.seal(draft, other.clock.now(), other.journal.head, None), data={"user": 1, "currency": "INR"})
    till.journal.receive([Received(1, event)], [SessionMark(session, 1, 1)])
    for _painted in range(3):
        assert till.register.ledger.open_orders() == []
    assert [one.message for one in caplog.records] == ["order_not_read"]
    till.register.sessions_grew([session])
    assert [one.message for one in caplog.records] == ["order_not_read"] * 2


def test_free_text_is_clean_before_it_is_sealed(till: Till) -> None:
    order = till.order(1)
    till.register.sales.void(order.id, next(iter(order.lines)), "spilled\x00\ud800")
    assert [one.reason for one in till.wrote(LineVoided)] == ["spilled�"]
    tab = till.register.tabs.save(till.order(2).id, "Asha\x1b[2J\ud800")
    assert tab.name == "Asha[2J�"


def test_text_that_no_database_can_hold_is_refused_in_a_sentence(till: Till) -> None:
    order = till.order(1)
    events = till.types()
    for wrong in ("a\x00b", "\ud800"):
        with pytest.raises(TillError, match=r"cannot be written|character"):
            till.register.sales.set_order_type(order.id, 1, wrong)
    assert till.types() == events


def test_a_snapshot_shows_what_is_held_here(till: Till) -> None:
    order = till.order(1, 2)
    till.journal.receive([], [SessionMark(order.id, 1, version=7)])
    shown = till.register.ledger.snapshot(order.id)
    assert shown is not None
    assert (shown["session"], shown["base_version"], shown["total"]) == (order.id, 7, "120.00")
    assert till.register.ledger.snapshot("0197a000-0000-7000-8000-0000000000ff") is None


# A sweep


def _sweep(till: Till, session: str) -> None:
    """Suspend an order as the server does after a long silence of the till."""
    server = Till(0, 0, journal=MemoryJournal("0197a000-0000-7000-8000-000000000000"))
    order = till.register.ledger.order(session)
    draft = Draft(SessionSwept(minutes=30), session)
    sealed = server.register.ledger.seal(draft, till.clock.now(), server.journal.head, order)
    till.journal.receive([Received(9, sealed)])
    till.register.sessions_grew([session])


def test_an_order_on_the_screen_survives_a_sweep(till: Till) -> None:
    till.register.access.admit(till.register.access.find(1))
    order = till.order(1)
    _sweep(till, order.id)
    back = till.register.ledger.order(order.id)
    assert (back.status, back.till) == (Status.ACTIVE, 1)
    assert till.types()[-1] == "order_resumed"
    assert till.add(order.id, 1).total == 8_000


def test_a_swept_order_waits_while_nobody_is_logged_in(till: Till) -> None:
    order = till.order(1)
    _sweep(till, order.id)
    assert till.register.ledger.order(order.id).status is Status.PENDING_LOGOUT
    assert till.register.recovery.arrival(1, None).open == order.id


# Reference data


def test_new_reference_data_is_read_and_open_lines_keep_their_price(till: Till) -> None:
    order = till.order(1)
    dearer = dict(till.journal.cached("menu")[1])
    dearer["items"] = [raw | {"price": "45.00"} for raw in dearer["items"]]
    till.journal.cache("menu", 2, dearer)
    till.register.reference_changed(["menu"])
    assert till.screen.references == 1
    assert till.add(order.id, 1).total == 8_500
    assert len(till.register.ledger.order(order.id).priced.rows) == 2


def test_a_till_without_reference_data_sells_nothing_and_can_be_painted() -> None:
    till = Till()
    till.journal._cache.clear()
    till.start()
    register = till.register
    assert (register.menu.items, register.access.staff, register.venue.settings.name) == ((), (), "")
    assert register.formats.amount(Minor(5)) == "0.05"


# Time and ids


def _far(till: Till, other: Till, session: str, *, days: int = 400) -> None:
    """Receive an event of another till, with an id that no correct clock makes."""
    event = next(event for event in other.journal.own if isinstance(event.data, OrderTypeSet))
    far = forged(event, id=id_at(tick_at(other.clock.now() + timedelta(days=days)), 5))
    opened = [one for one in other.journal.own if one.type == "order_taken_over"]
    till.journal.receive([Received(place, one) for place, one in enumerate((*opened, far), 1)])
    till.register.sessions_grew([session])


def test_an_id_beyond_any_honest_clock_is_no_floor_and_shows_alike_before_and_after_a_restart(
    till: Till, other: Till
) -> None:
    session = till.order(1).id
    give(till, other, session)
    resume(other, session)
    other.register.sales.set_order_type(session, 2, "delivery")
    _far(till, other, session)
    resume(till, session)
    till.register.sales.set_order_type(session, 1, "dine_in")
    order = till.add(session, 2)
    assert moment_of(till.journal.own[-1].id) - till.clock.now() < timedelta(seconds=1)
    assert order.total == 12_000
    assert order == fold(till.journal.events_of(session))
    till.start()
    assert till.register.ledger.order(session) == order
    assert till.register.checkout.pay_exact(session).status is Status.COMPLETED


def test_the_time_of_the_database_carries_ids_and_the_business_date(till: Till) -> None:
    server_time = till.clock.now() + timedelta(days=3)
    till.register.time_received(server_time)
    till.clock.move(seconds=5)
    till.clock.jump(days=-30)
    order = till.register.checkout.pay_exact(till.add(None, 7, 1, 4_000).id)
    assert order.placed is not None
    assert order.placed.data.business_date == "2026-03-06"
    made = moment_of(till.journal.own[-1].id)
    assert timedelta(seconds=5) <= made - server_time < timedelta(seconds=7)
    assert till.journal.appends[-1][0].at == server_time + timedelta(seconds=6)  # five, and one for the key


def test_a_clock_that_jumps_back_sorts_nothing_before_what_was(till: Till) -> None:
    order = till.order(1)
    till.clock.jump(minutes=-20)
    till.add(order.id, 2)
    ids = [event.id for event in till.journal.own]
    assert ids == sorted(ids)
    assert tick_at(till.clock.now()) < tick_at(moment_of(ids[0]))


# Faults of our own


def test_a_fault_in_a_step_stops_that_order_alone(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = till.order(1), till.order(2)
    till.start()

    def step(order: object, event: Event, data: ItemAdded) -> object:
        if data.item_id == "item-1":
            raise AttributeError("None has no foo")
        return original(order, event, data)  # type: ignore[arg-type]

    original = evolve.STEPS[ItemAdded]
    steps: dict[type, object] = {**evolve.STEPS, ItemAdded: step}
    monkeypatch.setattr(evolve, "STEPS", steps)
    with pytest.raises(OrderFaultError, match="This till made a mistake with this order"):
        till.register.ledger.order(broken.id)
    with pytest.raises(OrderFaultError):
        till.register.checkout.pay_exact(broken.id)
    assert till.register.ledger.readable(broken.id) is None
    assert "made a mistake" in till.register.ledger.unreadable[broken.id]
    assert [order.id for order in till.register.ledger.open_orders()] == [sound.id]
    assert till.register.ledger.snapshot(broken.id) is None
    till.register.sessions_grew([broken.id, sound.id])
    assert till.add(sound.id, 2).total == 16_000
    events = till.types()
    with pytest.raises(OrderFaultError):
        till.add(sound.id, 1)
    assert till.types() == events  # it was not written, so the order goes on
    assert till.add(sound.id, 2).total == 24_000
    assert till.register.checkout.pay_exact(sound.id).status is Status.COMPLETED
