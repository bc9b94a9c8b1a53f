"""The password of `till_app` and one till's secret, stolen and used by a client of its own: the limits of its acts."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import uuid
from typing import TYPE_CHECKING, Any, Final

import pytest
from psycopg import errors

from tests.hostile.test_walks import CALLED
from tests.simulation.server import PIN_HASH
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Cart, Till, Venue, new_id
from tests.sql.test_conflicts import find
from till.domain.events.envelope import sha256
from till.domain.streams import unseal

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2
BEYOND = "ffffffff-ffff-7fff-bfff-ffffffffffff"


class Scene:
    """An honest till that holds an order of 120.00, and a thief who knows the order's id and hold."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.honest, self.thief = venue.till(HONEST), venue.till(THIEF)
        self.cart = Cart()
        self.honest.open(self.cart)
        self.honest.add(self.cart, IDLY)
        self.honest.add(self.cart, DOSA)
        assert self.honest.shown(self.cart)["ok"]
        self.thief.holds[self.cart.session] = self.cart.hold

    def push(self, kind: str, data: Any, *, alone: bool = False, **changes: Any) -> dict[str, Any]:
        """Push a record as the thief, about the honest till's order, or about none."""
        self.thief.make_badly(kind, None if alone else self.cart.session, data, **changes)
        return self.thief.push()

    def goes_on(self) -> None:
        """Check that the honest till sells on: its push is taken, its replies read well, it is paid, and lists work."""
        self.honest.add(self.cart, IDLY)
        self.honest.known.setdefault(self.cart.session, (0, None))
        reply = self.honest.shown(self.cart)
        assert reply["ok"], reply
        for event in reply["events"]:
            assert unseal(event["b"], event["h"], event["t"]).is_known
        (held,) = [one for one in reply["sessions"] if one["session"] == self.cart.session]
        assert (held["till"], held["status"]) == (HONEST, "active")
        for read in ("till.open_tabs_v1", "till.open_orders_v1", "till.conflicts_v1"):
            assert self.honest.read(read)["ok"]
        assert self.honest.read("till.user_sessions_v1", user=1)["ok"]
        query = "SELECT till.session_list_v1(%s, NULL, NULL, NULL, NULL, 50, NULL, 30)"
        assert self.venue.value(query, self.venue.store)["sessions"]
        self.honest.place(self.cart)
        assert self.honest.push()["ok"]
        assert self.venue.value("SELECT count(*) FROM cold.orders WHERE session_id = %s", self.cart.session) == 1

    def aside(self) -> list[str]:
        """Return the reasons of the records kept out of the log."""
        return [
            row[0] for row in self.venue.rows("SELECT reason FROM warm.quarantine WHERE seq IS NOT NULL ORDER BY id")
        ]


@pytest.fixture
def scene(venue: Venue) -> Scene:
    return Scene(venue)


def test_an_id_beyond_any_honest_clock_reaches_no_other_till(scene: Scene) -> None:
    for number, beyond in enumerate((BEYOND, "e6770000-0000-7000-8000-000000000000"), 1):
        reply = scene.push("preference_set", {"name": "spice", "value": "mild"}, id=beyond)
        assert (reply["ok"], reply["head"]["seq"]) == (True, number)
    assert len(scene.aside()) == 2
    scene.goes_on()


def test_the_last_id_that_is_left_room_above_is_quarantined_on_the_order_of_another(scene: Scene) -> None:
    reply = scene.push("preference_set", {"name": "spice", "value": "mild"}, id="e676ffff-ffff-7fff-bfff-ffffffffffff")
    assert reply["ok"]
    scene.goes_on()


def test_a_grant_that_it_forged_is_quarantined(scene: Scene) -> None:
    forged = new_id()
    data = {"till": THIEF, "journal": scene.thief.journal, "user": 2, "from_hold": scene.cart.hold, "from_till": HONEST}
    assert scene.push("order_granted", data, id=forged, hold_id=forged)["ok"]
    assert scene.aside() == ["Only the database can write such a record."]
    scene.goes_on()


@pytest.mark.parametrize(
    "at",
    [
        "294000-01-01T00:00:00.000000Z",
        "infinity",
        "-infinity",
        "9999-12-31T23:59:59.999999Z",
        "9998-12-31T23:59:59.999999Z",
        "1969-12-31T00:00:00.000000Z",
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_a_time_beyond_all_breaks_no_list(scene: Scene, at: str, *, alone: bool) -> None:
    if alone:
        own = new_id()
        opened = {"user": 1, "currency": "INR", "prices_include_tax": True, "tax_rounding": "line",
                  "order_type": "take_away"}  # fmt: skip
        scene.thief.make_badly("order_opened", new_id(), opened, id=own, hold_id=own, at=at)
        assert scene.thief.push()["ok"]
    else:
        assert scene.push("order_parked", {}, at=at)["ok"]
    scene.goes_on()


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e500", "1" * 16, "80,00", "", 80, None])
def test_a_conflict_over_no_amount_is_no_conflict_and_hides_none(scene: Scene, amount: Any) -> None:
    scene.honest.push()
    real = find(scene.venue, scene.cart.session)
    made_up = {**real, "conflict_id": str(uuid.uuid4()), "subject": "made up", "amount": amount}
    assert scene.push("conflict_found", made_up)["ok"]
    listed = scene.honest.read("till.conflicts_v1")
    assert [row["amount"] for row in listed["conflicts"]] == ["12.50"]
    [record] = listed["quarantine"]
    assert record["type"] == "conflict_found"
    assert [row["amount"] for row in scene.venue.ask("conflict_list_v1")["conflicts"]] == ["12.50"]
    scene.goes_on()


def test_a_refused_login_of_the_future_locks_from_its_arrival_alone(scene: Scene) -> None:
    for user in (1, 2, 7, 9):
        scene.thief.make_badly("login_refused", None, {"user": user, "locked": True}, at="2036-03-03T00:00:00.000000Z")
    assert scene.thief.push()["ok"]
    left = scene.venue.value("SELECT max(locked_until) - now() FROM users")
    assert left.total_seconds() <= 301
    scene.venue.owner.execute("SELECT till.user_unlock_v1(%s, NULL, 9)", [scene.venue.store])
    assert scene.venue.value("SELECT locked_until FROM users WHERE id = 9") is None


def test_refused_logins_again_and_again_lock_nobody_for_ever(scene: Scene) -> None:
    def locked() -> int:
        return int(scene.venue.value("SELECT count(*) FROM users WHERE locked_until > now()"))

    for _again in range(5):
        for user in (1, 2, 7, 9):
            scene.thief.make_badly("login_refused", None, {"user": user, "locked": True})
        assert scene.thief.push()["ok"]
        # five minutes go by
        scene.venue.owner.execute("UPDATE users SET locked_until = locked_until - interval '5 minutes 1 second'")
    assert locked() == 0
    for user in (1, 2, 7, 9):
        scene.thief.make_badly("login_refused", None, {"user": user, "locked": True})
    assert scene.thief.push()["ok"]
    assert locked() == 0, "the same till cannot keep everybody out"
    [staff] = [scene.honest.push(reference={"staff": 0})["reference"]["staff"]["body"]["staff"]]
    assert {person["locked_by"] for person in staff} <= {None, THIEF}, "each till sees whose lock it is"


def test_a_hold_that_is_no_id_of_an_event_is_quarantined_and_can_be_settled(scene: Scene) -> None:
    hold = str(uuid.uuid4())
    assert scene.push("preference_set", {"name": "spice", "value": "mild"}, hold_id=hold)["records"] == 1
    scene.goes_on()
    [record] = scene.venue.ask("quarantine_list_v1")["quarantine"]
    scene.venue.value("SELECT till.quarantine_resolve_v1(%s, 9, %s, 'looked at it')", scene.venue.store, record["id"])
    assert scene.honest.push()["records"] == 0


STATUS = {
    "order_parked": {"user": 2},
    "tab_assigned": {"tab_id": str(uuid.uuid4())},
    "order_discarded": {"line_ids": []},
    "payment_approved": {
        "payment_id": str(uuid.uuid4()),
        "tender": "cash",
        "amount": "1.00",
        "tendered": "1.00",
        "change": "0",
    },
}


@pytest.mark.parametrize("kind", STATUS)
@pytest.mark.parametrize("made_up", [False, True])
def test_no_record_of_an_order_that_it_never_held_counts(scene: Scene, kind: str, *, made_up: bool) -> None:
    assert scene.push(kind, STATUS[kind], hold_id=new_id() if made_up else scene.cart.hold)["ok"]
    assert len(scene.aside()) == 1
    scene.goes_on()


def test_till_cannot_pay_an_order_that_it_never_held(scene: Scene) -> None:
    assert scene.push("order_placed", scene.cart.frozen())["ok"]
    assert scene.venue.value("SELECT count(*) FROM cold.orders") == 0
    scene.goes_on()


@pytest.mark.parametrize(
    ("kind", "data", "alone"),
    [
        ("conflict_resolved", {"conflict_id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, False),
        ("quarantine_resolved", {"quarantine": 1}, True),
        ("session_swept", {"minutes": 30}, False),
        ("erased", {"events": []}, False),
        ("user_unlocked", {"user": 1}, True),
        ("password_set", {"user": 9}, True),
        ("pin_set", {"user": 9}, True),
        ("user_added", {"user": 99, "role": "admin"}, True),
        ("till_enrolled", {"till": 99}, True),
        ("settings_changed", {"keys": ["currency"], "changes": {"currency": "XXX"}, "was": {}}, True),
        ("menu_imported", {"version": 9, "items": 0}, True),
    ],
)
def test_records_that_only_the_server_writes_are_quarantined(
    scene: Scene, kind: str, data: Any, *, alone: bool
) -> None:
    scene.honest.push()
    find(scene.venue, scene.cart.session, conflict_id="6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    before = scene.venue.rows("SELECT id, pin_hash, password_hash, role FROM users ORDER BY id")
    assert scene.push(kind, data, alone=alone, user=9)["ok"]
    assert len(scene.aside()) == 1
    assert scene.venue.rows("SELECT id, pin_hash, password_hash, role FROM users ORDER BY id") == before
    assert scene.venue.value("SELECT resolved_at FROM conflicts") is None
    scene.goes_on()


def test_all_it_reads_are_hashes_of_pins_and_with_these_nothing_is_settled(scene: Scene) -> None:
    """Four digits can be guessed; a manager's acts at the server take more than a PIN."""
    venue = scene.venue
    hashed = sha256("ab" * 32)
    venue.owner.execute("SELECT till.user_set_password_v1(%s, NULL, 9, %s, %s)", [venue.store, "0f" * 16, hashed])
    reply = json.dumps(scene.thief.push(reference={"staff": 0, "settings": 0, "tabs": 0, "menu": 0}))
    assert PIN_HASH in reply, "tills need these away from the server"
    assert hashed not in reply
    assert "password" not in reply
    tries = itertools.islice((hashlib.sha256(f"{pin:04}".encode()).hexdigest() for pin in range(10_000)), 20)
    codes = [
        scene.thief.read("till.password_login_v1", user=9, stretched=stretched)["code"] for stretched in tries
    ]  # fmt: skip
    assert codes == ["wrong_password"] * 4 + ["locked"] * 16
    for query in (
        "TABLE till.users", "TABLE till.act_tokens", "SELECT till.user_unlock_v1(NULL, 9, 9)",
        "SELECT till.conflict_resolve_v1(NULL, 9, NULL, 'x')", "SELECT till.quarantine_resolve_v1(NULL, 9, 1, 'x')",
        "SELECT till.user_set_password_v1(NULL, 9, 9, 'x', 'x')",
        "SELECT warm.server_event_v1(NULL, 9, 'x', NULL, '{}')",
    ):  # fmt: skip
        with pytest.raises(errors.InsufficientPrivilege):
            venue.app.execute(query)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mild", r"mi\u0000ld"), ("mild", r"\ud800"), ('"name"', ' "name"'),
        ('"value":"mild"', '"value":"mild","value":"hot"'),
        ('"value":"mild"', '"value":"' + "x" * 251 + '"'), ('"v":1}', '"v":1'), ('"seq":', '"seq" :'),
        ('"mild"', "[" * 100_000 + "]" * 100_000), ('"mild"', "1e500"), ('"mild"', "NaN"),
    ],
)  # fmt: skip
def test_a_text_that_no_till_writes_costs_nobody_but_itself(scene: Scene, old: str, new: str) -> None:
    scene.thief.make_badly("preference_set", scene.cart.session, {"name": "spice", "value": "mild"})
    body = scene.thief.pending.pop().body
    scene.thief.seq, scene.thief.hash = 0, "0" * 64
    assert old in body
    scene.thief.seal_badly(body.replace(old, new, 1))
    good = Cart()
    scene.thief.open(good)
    reply = scene.thief.push()
    # a record without a place in the chain cannot be kept: its own push is refused, and no other
    assert reply["ok"] or (reply["code"], new) == ("protocol", '"v":1')
    scene.goes_on()


def test_an_honest_till_with_a_wrong_clock_is_not_shut_out(scene: Scene) -> None:
    honest = scene.venue.till(THIEF)
    ahead = "02960a30-5a80-7000-8000-00000000000a"  # half a century from now
    cart = Cart()
    taking = ahead
    opened = {"user": 1, "currency": "INR", "prices_include_tax": True, "tax_rounding": "line",
              "order_type": "take_away"}  # fmt: skip
    honest.make_badly("order_opened", cart.session, opened, id=taking, hold_id=taking)
    assert honest.push()["ok"]
    assert scene.venue.value("SELECT status FROM order_sessions WHERE id = %s", cart.session) == "active"
    scene.goes_on()


def test_the_secret_of_one_till_opens_no_other(scene: Scene) -> None:
    stolen = Till(scene.venue.app, scene.venue.store, HONEST, f"secret {THIEF}")
    assert stolen.push()["code"] == "wrong_secret"
    for read in ("till.conflicts_v1", "till.password_salt_v1", "till.password_login_v1", "till.manage_v1"):
        assert stolen.read(read, user=9)["code"] == "wrong_secret"
    scene.goes_on()


#: Values that no till writes.
NONSENSE: tuple[Any, ...] = (
    None, True, -1, 1.5, 2**31, 2**63, 10**400, "", "x" * 5_000, "\u0000", "\ud800", [], {"a": None}, "NaN",
    json.loads("[" * 900 + "]" * 900), "\x1b[2J'; DROP TABLE till.users; --", new_id(),
)  # fmt: skip
#: Each function that reads gets one in so many in a field, and the next function others: their fields are the same. A
#: push, which alone writes, gets all; TILL_NONSENSE_EVERY=1 tries all everywhere.
_EACH: Final = int(os.environ.get("TILL_NONSENSE_EVERY", "12"))


def paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to each value of a request, at any depth."""
    if above:
        yield above
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from paths(one, (*above, key))


def test_nonsense_in_any_field_of_any_request_is_an_answer_and_nobody_elses_trouble(scene: Scene) -> None:
    venue, thief = scene.venue, scene.thief
    assert thief.push()["ok"]
    asked = {"user": 9, "session": scene.cart.session, "login": None, "stale_minutes": 30, "hot_hours": 24,
             "warm_days": 30, "tills": [1], "stretched": "ab", "token": "x", "conflict": None, "record": 1, "how": "x",
             "cleared": True, "journal": thief.journal, "store": venue.store, "till": THIEF,
             "secret": thief.secret}  # fmt: skip
    beat = {"session": new_id(), "user": 1, "metadata": {"pod_name": "x", "frontend_connections": 1}}
    known = [{"session": scene.cart.session, "version": 1, "event": new_id()}]
    names = {"menu": 0, "tabs": 0, "settings": 0, "staff": 0}
    push = thief.request(
        scene.cart.snapshot(0), beat=beat, seq=0, epoch=None, known=known, reference=names,
        handed=[{"session": scene.cart.session, "b": "{}", "m": "ab" * 32}],
    )  # fmt: skip
    others = {"till.schema_v1", "warm.plan_pushes_v1", "warm.sync_push_v1"}
    reads = {name for who, name in venue.rows(CALLED) if who == "till_app"} - others
    stands = "SELECT to_jsonb(s) - 'arrived_at' FROM order_sessions AS s"
    before = venue.rows(stands), venue.rows("TABLE till.users"), venue.rows("TABLE till.settings")
    requests = [("warm.sync_push_v1", push), *((name, asked) for name in sorted(reads))]
    for turn, (function, request) in enumerate(requests):
        each = _EACH if turn else 1
        for at, path in enumerate(paths(request), turn):
            for value in NONSENSE[at % each :: each]:
                changed = json.loads(json.dumps(request))
                place = changed
                for key in path[:-1]:
                    place = place[key]
                place[path[-1]] = value
                reply = thief.send(changed, function)
                assert reply["ok"] is True or (reply["ok"] is False and reply["code"]), (function, path, value)
    assert (venue.rows(stands), venue.rows("TABLE till.users"), venue.rows("TABLE till.settings")) == before
    assert venue.rows("SELECT FROM active_sessions WHERE till_id <> %s", THIEF) == []
    scene.goes_on()


def test_a_heartbeat_keeps_nobody_elses_login_alive_and_takes_none(scene: Scene) -> None:
    venue, honest = scene.venue, scene.honest
    honest.make("logged_in", None, {"user": 1})
    assert honest.push(beat={"session": honest.login, "user": 1, "metadata": {"pod_name": "bar"}})["ok"]
    made = json.loads(
        json.dumps(venue.value("SELECT session.session_create_v1(%s, 2, NULL, %s)", venue.store, new_id()))
    )
    venue.owner.execute("UPDATE active_sessions SET last_active = now() - interval '1 hour'")
    before = venue.rows("TABLE active_sessions"), venue.rows("TABLE session_metadata")
    for login in (honest.login, made["session"]):
        for user in (1, 2, 9):
            data = {"pod_name": "thief", "till_id": 1, "ip_address": "1.2.3.4", "\x1b[2J": "x"}
            assert scene.thief.push(beat={"session": login, "user": user, "metadata": data})["ok"]
    assert (venue.rows("TABLE active_sessions"), venue.rows("TABLE session_metadata")) == before
    scene.goes_on()


def test_the_journal_of_another_till_is_not_its_to_write(scene: Scene) -> None:
    """The thief tries with its own secret and number, and by pushing the other till's events again."""
    venue, honest, thief = scene.venue, scene.honest, scene.thief
    honest.add(scene.cart, IDLY)
    reply = honest.request(scene.cart.snapshot(0))
    assert honest.send(reply)["ok"]
    honest.pending.clear()
    before = venue.rows("TABLE warm.journal_head"), venue.rows("TABLE warm.session_events")
    as_thief = {**reply, "till": THIEF, "secret": thief.secret}
    for stolen in (as_thief, {**as_thief, "events": []}, {**reply, "secret": thief.secret}):
        assert thief.send(stolen)["code"] in {"protocol", "wrong_secret"}
    own = thief.send({**as_thief, "journal": thief.journal})
    assert (own["code"], own["head"]["seq"]) == ("protocol", 0), "each record names its journal and its till"
    assert honest.send(reply)["ok"], "by its own till it is harmless"
    heads = venue.rows("SELECT * FROM warm.journal_head WHERE till_id <> %s", THIEF)
    assert (heads, venue.rows("TABLE warm.session_events")) == before
    scene.goes_on()
