"""Damaged replies: nothing of them reaches the journal, and the next push is simply tried again."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from tests.plugins.ground import ground
from tests.sync.rig import Keys, Rig, arrived, state
from till.sync.failures import Failure, FailureKind
from till.sync.messages import DamagedReplyError, Hello, decode_as, decode_reply
from till.sync.reads import remote_session

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


class Scene:
    """A till whose push of one event is on the way, and the full answer to it."""

    def __init__(self, folder: Path) -> None:
        self.rig = Rig(folder / "a")
        self.other = Keys(folder / "b", 2)
        self.rig.quiet()
        self.session = self.rig.open()
        keyed = self.other.add(self.session, "Vada")
        request = self.rig.take() if self.rig.wait() < 1 else None
        assert request is not None
        taken = {"session": self.session, "till": 2, "till_name": "Till 2", "user": 2, "user_name": "Ravi"}
        last = request.events[-1]
        self.good: dict[str, Any] = {
            "ok": True,
            "head": {"seq": last.seq, "hash": last.hash},
            "series": "",
            "sessions": [state(self.session, 2, keyed)],
            "events": [arrived(keyed, 1)],
            "taken": [taken | {"hold_id": keyed.id, "at": "2026-03-03T10:32:00.000000Z"}],
            "quarantined": [{"session": self.session, "event": keyed.id, "reason": "It does not add up."}],
            "reference": {"menu": {"version": 2, "body": {"items": []}}},
        }

    def receive(self, text: str) -> bool:
        """Digest an answer; whether it was read as one."""
        try:
            self.rig.engine.on_reply(decode_reply(text), self.rig.now)
        except DamagedReplyError:
            self.rig.engine.on_failure(Failure(FailureKind.DAMAGED), self.rig.now)
            return False
        return True

    def prove(self) -> None:
        """The journal is whole, and the good answer is taken as if nothing had been before it."""
        journal = self.rig.journal
        assert [event.seq for event in journal.events_of(self.session) if event.till == 1] == [1]
        assert journal.acked.seq in {0, 1}
        for _ in range(3):
            wake = self.rig.engine.next_wake(self.rig.now)
            assert wake is not None
            self.rig.pass_by(wake - self.rig.now)
            assert self.rig.engine.take_request(self.rig.now) is not None
            assert self.receive(json.dumps(self.good))
        assert {event.type for event in journal.events_of(self.session)} == {"order_opened", "item_added"}
        assert journal.acked == journal.head

    def close(self) -> None:
        self.rig.journal.close()
        self.other.journal.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    found = Scene(tmp_path)
    yield found
    found.close()


@settings(deadline=None)
@given(st.data())
def test_a_reply_with_bytes_changed_or_cut_never_harms_the_journal(data: st.DataObject) -> None:
    with TemporaryDirectory(dir=ground()) as folder:
        scene = Scene(Path(folder))
        text = json.dumps(scene.good)
        place = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 20))
        scene.receive(text[:place] + data.draw(st.text(max_size=8)) + text[place + length :])
        scene.prove()
        scene.close()


@settings(deadline=None)
@given(st.data())
def test_a_reply_with_any_value_in_place_of_one_never_harms_the_journal(data: st.DataObject) -> None:
    with TemporaryDirectory(dir=ground()) as folder:
        scene = Scene(Path(folder))
        broken = json.loads(json.dumps(scene.good))
        name = data.draw(st.sampled_from(sorted(set(broken) - {"ok", "head"})))
        inner = broken[name]
        while data.draw(st.booleans()) and isinstance(inner, dict | list) and inner:
            holder, key = (
                inner,
                data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner)))),
            )
            inner = holder[key]
            if data.draw(st.booleans()):
                holder[key] = data.draw(JSON)
                break
        else:
            broken[name] = data.draw(JSON)
        scene.receive(json.dumps(broken))
        scene.prove()
        scene.close()


@pytest.mark.parametrize(
    "change",
    [
        {"head": None},
        {"head": {"seq": -1, "hash": "0" * 64}},
        {"head": {"seq": 2**64, "hash": "0" * 64}},
        {"head": {"seq": 1, "hash": "zz"}},
        {"sessions": [{"session": "1"}]},
        {"events": [{"b": "{}", "h": "0" * 64}]},
        {"events": [{"b": 1, "h": "0" * 64, "version": 1}]},
        {"events": 5},
        {"taken": [{"session": "x"}]},
        {"reference": {"menu": {"version": "2", "body": {}}}},
        {"ok": "yes"},
    ],
    ids=str,
)
def test_an_answer_that_breaks_the_contract_writes_nothing_and_is_tried_again(
    scene: Scene, change: dict[str, Any]
) -> None:
    rig = scene.rig
    rig.ears.lights.clear()
    scene.receive(json.dumps(scene.good | change))
    assert rig.journal.acked.seq == 0
    assert rig.journal.cached("menu") is None
    assert len(rig.journal.events_of(scene.session)) == 1
    assert (rig.ears.grown, rig.ears.takers, rig.ears.reference) == ([], [], [])
    assert rig.wait() <= 0.5
    scene.prove()


def test_a_time_that_is_none_in_a_take_over_writes_nothing(scene: Scene) -> None:
    scene.receive(json.dumps(scene.good | {"taken": [scene.good["taken"][0] | {"at": "noon"}]}))
    assert scene.rig.journal.acked.seq == 0
    assert scene.rig.ears.takers == []


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")) | JSON.map(json.dumps))
def test_no_text_at_all_makes_the_decoder_raise_anything_else(text: str) -> None:
    for read in (decode_reply, lambda t: decode_as(t, Hello)):
        try:
            read(text)
        except DamagedReplyError:
            continue


def test_a_row_is_read_into_minor_units_and_aware_times_or_is_damaged() -> None:
    row = {
        "session": "0197a000-0000-7000-8000-000000000001", "user": 1, "till": None, "till_name": None, "status": "on",
        "version": 2, "event": None, "lines": 2, "total": "160.00", "currency": "INR",
        "order_type": None, "tab_id": None, "tab_name": None, "created_at": "2026-03-03T10:31:00.000000Z",
        "updated_at": "2026-03-03T10:31:00.000000Z", "logout_time": None, "refold": False,
    }  # fmt: skip
    found = remote_session(Raw(json.dumps(row)))
    assert (found.total, found.till_name) == (16000, "")
    assert found.created_at.tzinfo is not None
    for change in ({"total": "many"}, {"created_at": "noon"}):
        with pytest.raises(DamagedReplyError):
            remote_session(Raw(json.dumps(row | change)))
