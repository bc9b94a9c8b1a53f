"""The sign of life of a login: when it goes, what it tells of the connection, and the row that comes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.sync.proxy import Proxy
from tests.sync.real import is_saved, until
from tests.sync.rig import STORE, Rig
from till.domain.events.envelope import Draft
from till.domain.staff.events import LoggedIn, LoggedOut
from till.ports import Attendance, LightState, Quality
from till.sync.failures import Failure, FailureKind
from till.sync.messages import encode_request
from till.sync.settings import Identity, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sync.real import Real
    from tests.sync.rig import Keys
    from till.sync.messages import Request

LOST = Failure(FailureKind.UNREACHABLE, "gone")
SELDOM = Settings(poll_s=1000)


@pytest.fixture
def rig(tmp_path: Path) -> Any:
    rig = Rig(tmp_path / "j", SELDOM)
    rig.quiet()
    yield rig
    rig.journal.close()


def log_in(keys: Keys, user: int = 1) -> str:
    keys.ledger.user, keys.ledger.login = user, keys.ledger.new_id()
    keys.ledger.commit([Draft(LoggedIn(user=user), keys.ledger.login)])
    return keys.ledger.login


def log_out(keys: Keys) -> None:
    login, keys.ledger.login = keys.ledger.login, None
    keys.ledger.commit([Draft(LoggedOut(user=1), login or "")])


def sent(request: Request) -> dict[str, Any]:
    text = encode_request(request, Identity(STORE, 1, host="bar"), "secret")
    body: dict[str, Any] = json.loads(text)
    return body


def trip(rig: Rig, seconds: float = 0.02, *, waits: bool = True) -> Request:
    """Send one request, answered after a delay."""
    if waits:
        rig.wait()
    request = rig.take()
    rig.pass_by(seconds)
    rig.answer(request)
    return request


def test_no_heartbeat_without_a_login(rig: Rig) -> None:
    assert rig.wait() == 1000
    request = rig.take()
    assert request.beat is None
    assert "beat" not in sent(request)


def test_a_login_takes_one_along_and_then_one_goes_every_ten_seconds(rig: Rig) -> None:
    login = log_in(rig)
    request = trip(rig)
    assert len(request.events) == 1
    assert request.beat is not None
    assert request.beat.who == Attendance(login, 1)
    for _ in range(3):
        assert rig.wait() == 9.98
        request = trip(rig, waits=False)
        assert not request.events
        assert request.beat is not None


def test_heartbeat_rides_on_a_pending_push(rig: Rig) -> None:
    log_in(rig)
    trip(rig)
    rig.pass_by(9.9)
    session = rig.open()
    assert rig.wait() == 0.15
    request = trip(rig, waits=False)
    assert [event.session_id for event in request.events] == [session]
    assert request.beat is not None
    rig.add(session)
    request = trip(rig)
    assert request.events
    assert request.beat is None


def test_after_a_logout_none_goes_and_the_next_person_has_one_at_once(rig: Rig) -> None:
    log_in(rig)
    trip(rig)
    log_out(rig)
    assert trip(rig).beat is None
    assert rig.wait() > 900
    login = log_in(rig, user=2)
    request = trip(rig)
    assert request.beat is not None
    assert request.beat.who == Attendance(login, 2)
    log_out(rig)
    other = log_in(rig, user=1)  # before the next request: the one before had its logout
    request = trip(rig)
    assert request.beat is not None
    assert request.beat.who == Attendance(other, 1)


@pytest.mark.parametrize(
    ("seconds", "quality"),
    [(0.0, Quality.GOOD), (0.099, Quality.GOOD), (0.101, Quality.DEGRADED),
     (0.499, Quality.DEGRADED), (0.501, Quality.POOR), (1.9, Quality.POOR)],
)  # fmt: skip
def test_heartbeat_measures_the_connection(rig: Rig, seconds: float, quality: Quality) -> None:
    log_in(rig)
    trip(rig, seconds)
    assert rig.light.quality is quality
    metadata = sent(trip(rig))["beat"]["metadata"]
    assert metadata == {"pod_name": "bar", "frontend_connections": 1, "connection_quality": quality}
    assert rig.light.quality is Quality.GOOD


def test_config_that_names_a_superuser_is_named_at_the_login(rig: Rig) -> None:
    rig.engine.connected(is_local=True, by_superuser=True)
    log_in(rig)
    trip(rig)
    assert rig.light.notice.lead == "This till's config names a superuser of the database."


def test_a_database_on_this_machine_has_no_connection_to_be_slow(rig: Rig) -> None:
    rig.engine.connected(is_local=True)
    log_in(rig)
    trip(rig, 0.9)
    assert rig.light.quality is Quality.GOOD
    assert sent(trip(rig))["beat"]["metadata"]["connection_quality"] == Quality.POOR


def test_a_machine_with_a_name_that_no_text_holds_beats_all_the_same(rig: Rig) -> None:
    log_in(rig)
    rig.wait()
    text = encode_request(rig.take(), Identity(STORE, 1, host="b\udcffr\0"), "secret")
    assert json.loads(text)["beat"]["metadata"]["pod_name"] == "b\ufffdr\ufffd"


def test_a_push_that_brings_none_measures_nothing(rig: Rig) -> None:
    log_in(rig)
    trip(rig)
    session = rig.open()
    assert trip(rig, 0.8).beat is None
    assert session
    assert rig.light.quality is Quality.GOOD


def test_connecting_and_waiting_for_another_question_is_not_of_the_round_trip(rig: Rig) -> None:
    log_in(rig)
    rig.wait()
    request = rig.take()
    rig.pass_by(1.5)
    rig.engine.round_trip(0.01)
    rig.answer(request)
    assert rig.light.quality is Quality.GOOD


def test_retrying_is_degraded_and_lost_is_poor_and_the_first_answer_after_it_measures_anew(rig: Rig) -> None:
    log_in(rig)
    trip(rig)
    rig.wait()
    rig.take()
    rig.engine.on_failure(Failure(FailureKind.BUSY, "busy"), rig.now)
    assert (rig.light.state, rig.light.quality) == (LightState.SAVED, Quality.DEGRADED)
    rig.wait()
    rig.take()
    rig.engine.on_failure(LOST, rig.now)
    assert (rig.light.state, rig.light.quality) == (LightState.OFFLINE, Quality.POOR)
    request = trip(rig)
    assert request.beat is not None
    assert (rig.light.state, rig.light.quality) == (LightState.SAVED, Quality.GOOD)


def test_a_new_connection_is_dated_by_the_database_s_clock(rig: Rig) -> None:
    rig.clock.pass_by(3600)  # this till's is an hour ahead
    log_in(rig)
    rig.wait()
    rig.answer(rig.take(), server_time="2026-03-03T10:31:00.000000Z")
    rig.engine.connected(is_local=False)
    connected_at = sent(trip(rig))["beat"]["metadata"]["last_ws_connection"]
    assert connected_at.startswith("2026-03-03T10:31:0")


def test_a_backlog_goes_first(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "backlog", Settings(batch_events=10, poll_s=1000))
    log_in(rig)
    session = rig.open()
    for _ in range(24):
        rig.add(session)
    beats = [trip(rig).beat is not None for _ in range(3)]
    assert beats == [False, False, True]
    rig.journal.close()


async def test_a_login_has_its_row_in_the_database_and_what_is_known_of_its_connection(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys()
    login = log_in(keys)
    async with real.service(keys) as service:
        await until(keys, is_saved)
        kept = real.value(
            "SELECT metadata FROM session.sessions_now WHERE session_id = %s AND status = 'ACTIVE'", login
        )
        assert (kept["pod_name"], kept["till_id"], kept["frontend_connections"], kept["sse_connections"]) == (
            "bar", 1, 1, 1,
        )  # fmt: skip
        log_out(keys)
        assert await service.flush(30)
    assert real.value("SELECT status FROM session.sessions_now WHERE session_id = %s", login) == "INACTIVE"


async def test_a_slow_link_is_named_as_such(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    log_in(keys)
    async with Proxy.before(real.app) as proxy:
        proxy.delay = 0.08  # either way
        async with real.service(keys, facts=real.facts(1, proxy.address)):
            light = await until(keys, lambda light: light.quality is not Quality.GOOD)
    assert light.quality is Quality.DEGRADED


async def test_offline_login_and_swept_login_arrive_with_the_next_heartbeat(real: Real, rig: Rig) -> None:
    login = log_in(rig)
    async with real.steps(rig) as steps:
        assert await steps.push()
        real.owner.execute("DELETE FROM session.active_sessions")
        rig.pass_by(10)
        assert await steps.push()
    assert real.value("SELECT user_id FROM session.active_sessions WHERE session_id = %s", login) == "1"
