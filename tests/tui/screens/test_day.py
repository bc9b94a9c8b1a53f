"""A till's day on the screen: its events forward and back, and the order after each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace as changed
from textual import events

from tests.domain.events.shapes import GOOD, envelope_of
from tests.domain.making import Hand
from tests.tui.drawing.test_snapshots import Picture as Drawing
from tests.tui.playing import char_of, keys
from tests.tui.screens.desk.watching import VENUE, FakeDesk, a_desk
from till.domain.events.envelope import SERVER, Draft, canonical, sha256
from till.domain.events.registry import OrderEvent, UnreadData, name_of
from till.domain.money.formats import marks_of
from till.domain.order.events import LineCombo, LineRate, LineRated
from till.domain.payment.events import PaymentStarted, PaymentVoided
from till.domain.staff.events import LoginEvent
from till.domain.streams import REGISTRY, unseal
from till.ports.desk import DayEvent, TillDay
from till.reports.event_words import describe_event
from till.tui.drawing.viewmodels import OrderView
from till.tui.screens.day import DayFacts, DayScene, DayScreen, DayState, reduce
from till.tui.screens.desk.written import Written
from till.tui.shell.calls import Call, call
from till.tui.shell.keymap import KeyPress
from till.tui.shell.side_app import make_side_keymap

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.tui.screens.desk.watching import Watched
    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData

BOTH = [(80, 24), (120, 36)]
FIRST, SECOND = "0197a000-0000-7000-8000-0000000000a1", "0197a000-0000-7000-8000-0000000000a2"
MORNING = datetime(2026, 3, 3, 5, 1, tzinfo=UTC)


def shown(event: Event, why: str = "") -> DayEvent:
    return DayEvent(event.id, event.at, event.type, event.user, event.session_id, event, why)


def a_day(more: int = 0) -> TillDay:
    """Return a day of two orders: one with a void, paid; between its lines another begins. A record is unreadable."""
    hand = Hand(start=MORNING)
    made: list[Event] = []
    holds: dict[str, str] = {}

    def of(session: str, kind: str, **data: object) -> Event:
        made.append(hand.seal(Draft(replaced(kind, **data), session), holds.get(session)))
        holds.setdefault(session, made[-1].hold)
        return made[-1]

    opened = Hand().opened().data
    added, voided = Hand().added().data, Hand().voided("b").data
    placed = Hand().placed("a", total="80.00", pieces=2).data

    def replaced(kind: str, **data: object) -> EventData:
        return changed({"opened": opened, "added": added, "voided": voided, "placed": placed}[kind], **data)

    a, b, c = (f"0197a000-0000-7000-8000-00000000000{name}" for name in "abc")
    of(FIRST, "opened")
    of(FIRST, "added", line_id=a, quantity=2)
    of(FIRST, "added", line_id=b, item_name="Masala Dosa", price="80.00")
    of(SECOND, "opened")
    of(SECOND, "added", line_id=c, item_name="Soup\x1b[2J", price="60.00")
    of(FIRST, "voided", line_id=b)
    of(FIRST, "placed", receipt="1-000012")
    for place in range(more):
        of(SECOND, "added", line_id=f"0197a000-0000-7000-9000-{place:012d}")
    odd = DayEvent(hand.new_id(), hand.now + timedelta(seconds=1), "preference_set", 1, SECOND, None, "it holds a NUL")
    orders = {one: tuple(event for event in made if event.session_id == one) for one in (FIRST, SECOND)}
    return TillDay(1, date(2026, 3, 3), VENUE, (*map(shown, made), odd), orders, {1: "Asha"})


FACTS = DayFacts(make_side_keymap(), a_day())


def pressed(script: str, state: DayState | None = None, facts: DayFacts = FACTS) -> DayState | None:
    """Press the keys of a script; return the state of the day, None if they left it."""
    after, calls = state or DayState(), tuple[Call[DayScene, Any], ...]()
    for key in keys(script):
        assert calls == ()
        after, calls = reduce(after, KeyPress(key, char_of(key)), facts)
    assert calls in {(), (call(DayScene.leave),)}
    return None if calls else after


@pytest.mark.parametrize(
    ("script", "place"),
    [
        ("{right}{right}", 2),
        ("{right}{right}{left}", 1),
        ("{left}", 0),
        ("{end}", 7),
        ("{end}{right}", 7),
        ("{end}{home}", 0),
        ("{pagedown}", 3),
        ("{pagedown}{pagedown}", 5),
        ("{pagedown}{pagedown}{pagedown}{pagedown}", 7),
        ("{right}{right}{pageup}", 0),
        ("{end}{pageup}{pageup}", 3),
        ("{pageup}", 0),
        ("12{enter}", 6),
        ("000012{enter}{enter}", 6),
        ("9{enter}", 0),
        ("12{escape}", 0),
        ("{f1}{right}", 0),
        ("{f1}{escape}{right}", 1),
    ],
)
def test_each_key_leads_to_its_event(script: str, place: int) -> None:
    state = pressed(script)
    assert state is not None
    assert state.place == place


def test_a_receipt_that_is_not_there_is_reported_and_can_be_typed_over() -> None:
    state = pressed("9{enter}")
    assert state is not None
    assert state.message is not None
    assert state.message.text == "No sale of this day has “9” on its receipt."
    state = pressed("12{enter}", state)
    assert state is not None
    assert state.place == 6


def test_esc_leaves_and_a_day_without_events_takes_every_key() -> None:
    assert pressed("{escape}") is None
    assert pressed("{ctrl+q}") is None
    nothing = DayFacts(make_side_keymap(), TillDay(1, date(2026, 3, 3), VENUE, (), {}, {}))
    state = pressed("{right}{left}{end}{home}{pagedown}{pageup}1{enter}", facts=nothing)
    assert state is not None
    assert state.place == 0


def painted_at(scene: DayScene, place: int) -> DayScreen:
    """Paint the day at an event."""
    scene.state = DayState(place=place)
    scene.paint()
    return scene.screen


async def test_each_event_shows_the_order_as_it_stood_forward_and_back() -> None:
    day = a_day(more=20)
    async with a_desk(desk=FakeDesk(days=day)) as desk:
        await _opened(desk, "")
        scene = desk.app.front
        assert isinstance(scene, DayScene)
        totals = [painted_at(scene, place).total.view.figure.figure for place in range(len(day.events))]
        assert totals[:7] == ["0.00", "80.00", "160.00", "0.00", "60.00", "80.00", "80.00"]
        back = [painted_at(scene, place).total.view.figure.figure for place in reversed(range(len(day.events)))]
        assert back == totals[::-1]


async def test_an_order_that_cannot_be_folded_says_so_and_the_others_go_on() -> None:
    day = a_day()
    hand = Hand()
    broken = (hand.raw("order_opened", user="nobody"), *day.orders[FIRST][1:])
    day = TillDay(1, day.day, VENUE, day.events, {**day.orders, FIRST: broken}, day.names)
    async with a_desk(desk=FakeDesk(days=day)) as desk:
        await _opened(desk, "")
        scene = desk.app.front
        assert isinstance(scene, DayScene)
        order = painted_at(scene, 6).order.view
        assert isinstance(order, OrderView)
        assert order.lines == ()
        assert order.empty[0].startswith("An order cannot be read")
        assert painted_at(scene, 4).total.view.figure.figure == "60.00"


SPOKEN = sorted(name_of(kind) for kind in REGISTRY if issubclass(kind, OrderEvent | LoginEvent))


@pytest.mark.parametrize("name", SPOKEN)
def test_each_event_of_an_order_or_a_login_is_described_in_words(name: str) -> None:
    for data in GOOD[name][1:]:
        body = canonical({**envelope_of(name), "data": data})
        event = unseal(body, sha256(body))
        assert not isinstance(event.data, UnreadData)
        text = describe_event(shown(event), {}, "INR", Written(marks_of("en_IN"), "INR").amount)
        assert "{" not in text
        assert text.casefold() != name.replace("_", " ") or name in {
            "order_opened",
            "logged_in",
            "logged_out",
            "courses_held",
        }


@pytest.mark.parametrize(
    ("rates", "combos", "words"),
    [
        (("take_away",), (), "Idly: tax by order type"),
        ((), ("Lunch", "Tea time"), "Idly: may be part of Lunch, Tea time"),
        (("take_away",), ("Lunch",), "Idly: tax by order type, may be part of Lunch"),
    ],
)
def test_rates_and_combos_of_a_line_are_told_apart(rates: tuple[str, ...], combos: tuple[str, ...], words: str) -> None:
    line, amount = "0197a000-0000-7000-8000-00000000000a", Written(marks_of("en_IN"), "INR").amount
    by_type = tuple(LineRate(order_type=one, taxes=()) for one in rates)
    data = LineRated(
        line_id=line, by_type=by_type, combos=tuple(LineCombo(name=one, price="1.00", slots=()) for one in combos)
    )
    assert describe_event(shown(Hand().make(data)), {line: "Idly"}, "INR", amount) == words


def test_a_payment_by_items_is_reported_with_its_pieces() -> None:
    line = "0197a000-0000-7000-8000-00000000000a"
    data = PaymentStarted(payment_id=line, tender="CARD", amount="80.00", key="k", pieces={line: 2})
    text = describe_event(shown(Hand().make(data)), {line: "Idly"}, "INR", Written(marks_of("en_IN"), "INR").amount)
    assert text == "Asked for 80.00 by card: 2 × Idly"


def test_a_payment_that_the_server_released_is_given_up_and_not_refunded() -> None:
    session = "0197a000-0000-7000-8000-00000000000a"
    data = PaymentVoided(payment_id=session, tender="ACCOUNT", amount="80.00")
    amount = Written(marks_of("en_IN"), "INR").amount
    texts = [describe_event(shown(Hand(till).make(data, stream_id=session)), {}, "INR", amount) for till in (SERVER, 1)]
    assert texts == ["80.00 by house account given up, nothing taken", "Refunded 80.00 by house account"]


SCENES = {"day": "{end}{left}", "day-void": "12{enter}{left}", "day-unread": "{end}", "day-help": "{f1}"}


async def _opened(desk: Watched, script: str) -> None:
    await desk.type("{tab}{tab}1{enter}{enter}{enter}")
    await desk.type(script)


@pytest.mark.parametrize("name", SCENES)
async def test_screen(name: str, snapshot: SnapshotAssertion) -> None:
    async with a_desk(BOTH[-1], FakeDesk(days=a_day())) as desk:
        await _opened(desk, SCENES[name])
        for width, height in reversed(BOTH):
            await desk.resize(width, height)
            picture = desk.app.export_screenshot(title=name, simplify=True)
            assert picture == snapshot(name=f"{width}x{height}", extension_class=Drawing)


async def test_the_day_opens_from_the_desk_and_esc_leads_back() -> None:
    async with a_desk(desk=FakeDesk(days=a_day())) as desk:
        await _opened(desk, "")
        assert desk.desk.asked_days == [(1, "2026-03-03")]
        assert "1 of 8" in desk.text()
        assert "Order opened" in desk.text()
        await desk.type("{right}{right}")
        assert "1 × Masala Dosa" in desk.text()
        assert "10:31:0" in desk.text()
        await desk.type("{escape}")
        assert "Needs you" in desk.text()
        await desk.type("{tab}")
        assert "Tills" in desk.text()


async def test_keys_typed_ahead_reach_the_day_that_comes() -> None:
    async with a_desk(desk=FakeDesk(days=a_day())) as desk:
        await desk.type("{tab}{tab}1{enter}{enter}{enter}{right}{right}{right}")
        assert "4 of 8" in desk.text()


async def test_a_day_that_is_none_is_reported_and_can_be_mended() -> None:
    async with a_desk() as desk:
        await desk.type("{tab}{tab}1{enter}{enter}{enter}")
        assert "is not a date" in desk.answer()
        desk.desk.away = "The database at here:5432 cannot be reached."
        await desk.type("{enter}")
        assert "cannot be reached" in desk.answer()


async def test_a_day_without_events_says_so() -> None:
    empty = TillDay(1, date(2026, 3, 3), VENUE, (), {}, {})
    async with a_desk(desk=FakeDesk(days=empty)) as desk:
        await _opened(desk, "{right}{end}")
        assert "The till has no record of this day." in desk.text()


async def test_nothing_of_a_record_reaches_the_terminal_unmade() -> None:
    async with a_desk(desk=FakeDesk(days=a_day())) as desk:
        await _opened(desk, "{pagedown}{right}")
        assert "Soup" in desk.text()
        assert "\x1b" not in desk.text()


async def test_a_click_goes_to_an_event_and_the_screen_may_change_its_size() -> None:
    async with a_desk(desk=FakeDesk(days=a_day())) as desk:
        await _opened(desk, "")
        y = next(place for place, row in enumerate(desk.rows()) if "1-000012" in row)
        desk.app.take_input([events.MouseDown(None, 80, y, 0, 0, 1, False, False, False)])
        await desk.settle()
        assert "7 of 8" in desk.text()
        await desk.pilot.resize_terminal(80, 24)
        await desk.settle()
        assert "7 of 8" in desk.text()
        await desk.pilot.resize_terminal(39, 9)
        await desk.settle()
        assert "too small" in desk.text()
        await desk.type("{escape}")
        await desk.pilot.resize_terminal(120, 36)
        await desk.settle()
        assert "Needs you" in desk.text()
