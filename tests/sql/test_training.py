"""Trainings: the life of an instance, one for a login, and the scores that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import new_id

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

LIFE = ("CREATING", "STARTING", "RUNNING", "STOPPING", "STOPPED")


def create(till: Till, user: int = 1, **changes: Any) -> tuple[str, str, dict[str, Any]]:
    simulator, login = new_id(), changes.pop("session", None) or new_id()
    facts = {"session": login, "user": user, "symbols": ["Idly"], "cash": "500", "endpoint": "till train --join"}
    return simulator, login, tell(till, simulator, "CREATING", **facts | changes)


def tell(till: Till, simulator: str, status: str, **facts: Any) -> dict[str, Any]:
    return till.read("till.training_v1", simulator=simulator, status=status, **facts)


def state(venue: Venue, simulator: str) -> Any:
    return venue.value("SELECT status FROM simulator.instances WHERE simulator_id = %s", simulator)


def test_a_training_goes_through_its_life_and_ends_its_login(venue: Venue) -> None:
    till = venue.till(1)
    events = venue.value("SELECT count(*) FROM warm.session_events")
    simulator, login, reply = create(till)
    assert reply == {"ok": True}
    for status in LIFE[1:]:
        assert tell(till, simulator, status) == {"ok": True}
        assert state(venue, simulator) == status
        metadata = venue.value("SELECT metadata FROM session.session_metadata WHERE session_id = %s", login)
        assert metadata == {
            "till_id": 1,
            "simulator_id": simulator,
            "simulator_status": status,
            "simulator_endpoint": "till train --join",
        }
    assert venue.value("SELECT status FROM session.active_sessions WHERE session_id = %s", login) == "INACTIVE"
    assert venue.value("SELECT count(*) FROM warm.session_events") == events, "no event is written"


def test_an_error_keeps_its_reason(venue: Venue) -> None:
    till = venue.till(1)
    simulator, login, _reply = create(till)
    assert tell(till, simulator, "ERROR", reason="The disk is full.") == {"ok": True}
    assert state(venue, simulator) == "ERROR"
    metadata = venue.value("SELECT metadata FROM session.session_metadata WHERE session_id = %s", login)
    assert (metadata["simulator_status"], metadata["simulator_error"]) == ("ERROR", "The disk is full.")


@pytest.mark.parametrize(
    ("steps", "then"),
    [
        ((), "RUNNING"),
        (("STARTING",), "CREATING"),
        (("STARTING", "RUNNING"), "STOPPED"),
        (("STOPPING", "STOPPED"), "RUNNING"),
        (("ERROR",), "RUNNING"),
        (("STOPPING", "STOPPED"), "STOPPED"),
        ((), "DANCING"),
    ],
)
def test_a_step_that_is_none_of_its_life_is_refused(venue: Venue, steps: tuple[str, ...], then: str) -> None:
    till = venue.till(1)
    simulator, _login, _reply = create(till)
    for status in steps:
        assert tell(till, simulator, status)["ok"]
    before = state(venue, simulator)
    assert tell(till, simulator, then)["code"] == "training"
    assert state(venue, simulator) == before


def test_a_login_has_one_live_training(venue: Venue) -> None:
    till = venue.till(1)
    simulator, login, _reply = create(till)
    _other, _login, refused = create(till, session=login)
    assert (refused["ok"], refused["detail"]) == (False, "This login has a training already: end it first.")
    for status in ("STOPPING", "STOPPED"):
        tell(till, simulator, status)
    assert not create(till, session=login)[2]["ok"], "its login has ended"
    assert create(till)[2]["ok"]


def test_a_training_is_its_tills_own(venue: Venue) -> None:
    simulator, login, _reply = create(venue.till(1))
    assert tell(venue.till(2), simulator, "STARTING")["code"] == "training"
    assert not create(venue.till(2), session=login)[2]["ok"]
    assert state(venue, simulator) == "CREATING"


@pytest.mark.parametrize("changes", [{"user": 77}, {"symbols": ["x" * 300_000]}, {"cash": "much"}, {"session": "x"}])
def test_an_invalid_training_is_refused(venue: Venue, changes: dict[str, Any]) -> None:
    simulator, _login, reply = create(venue.till(1), **changes)
    assert not reply["ok"]
    assert venue.value("SELECT count(*) FROM simulator.instances") == 0
    assert state(venue, simulator) is None


def test_an_hour_of_silence_ends_a_training(venue: Venue) -> None:
    till = venue.till(1)
    old, _login, _reply = create(till)
    fresh, _login, _reply = create(till)
    venue.owner.execute(
        "UPDATE simulator.instances SET last_active = now() - interval '61 minutes' WHERE simulator_id = %s", [old]
    )
    till.read("till.maintenance_v1", stale_minutes=30, hot_hours=24, warm_days=30)
    assert (state(venue, old), state(venue, fresh)) == ("STOPPED", "CREATING")


def score(till: Till, user: int = 1, **changes: Any) -> dict[str, Any]:
    facts = {"drill": "rush", "day": "2026-03-03", "score": 84, "figures": {"score": 84, "remarks": [["a", "b"]]}}
    return till.read("till.training_scores_v1", user=user, **facts | changes)


def test_scores_are_kept_by_person_oldest_first(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    score(one)
    score(two, user=2)
    kept = score(two, day="2026-03-04", score=90, figures={"score": 90})["scores"]
    assert kept == [
        {"drill": "rush", "day": "2026-03-03", "figures": {"score": 84}},
        {"drill": "rush", "day": "2026-03-04", "figures": {"score": 90}},
    ]
    assert one.read("till.training_scores_v1", user=1)["scores"] == kept


@pytest.mark.parametrize(
    "changes", [{"score": 101}, {"score": "x"}, {"day": "never"}, {"drill": ""}, {"figures": {"x": "y" * 20_000}}]
)
def test_a_score_out_of_bounds_is_refused(venue: Venue, changes: dict[str, Any]) -> None:
    assert not score(venue.till(1), **changes)["ok"]
    assert not score(venue.till(1), user=77)["ok"]
    assert venue.value("SELECT count(*) FROM simulator.scores") == 0


def test_the_scores_of_a_day_are_bounded(venue: Venue) -> None:
    venue.owner.execute(
        "INSERT INTO simulator.scores (store_id, user_id, till_id, drill, day, score, figures)"
        " SELECT %s, 1, 1, 'rush', '2026-03-03', 1, '{}' FROM generate_series(1, 200)",
        [venue.store],
    )
    assert not score(venue.till(1))["ok"]
    assert not score(venue.till(1), day="2099-01-01")["ok"]
    venue.owner.execute("UPDATE simulator.scores SET at = at - interval '25 hours'")
    assert score(venue.till(1))["ok"]
