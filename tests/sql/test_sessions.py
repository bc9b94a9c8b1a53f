"""Login sessions: rows by events and heartbeats, how they stand by the clock, tokens, metadata, what removes them."""

from __future__ import annotations

import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error, errors
from psycopg.types.json import Jsonb

from tests.sql.ringing import Till, make_venue, new_id
from till.domain.events.envelope import sha256

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

NOW = "SELECT status FROM session.sessions_now WHERE session_id = %s"


def status(venue: Venue, session: str) -> Any:
    return venue.value(NOW, session)


def row(venue: Venue, session: str) -> dict[str, Any]:
    query = "SELECT to_jsonb(s) FROM session.active_sessions AS s WHERE session_id = %s"
    found: dict[str, Any] = venue.value(query, session)
    return found


def metadata(venue: Venue, session: str) -> Any:
    return venue.value("SELECT metadata FROM session.session_metadata WHERE session_id = %s", session)


def log_in(till: Till, user: int = 1) -> str:
    """A login of today; its id."""
    till.login = new_id()
    till.now = datetime.now(UTC) - timedelta(seconds=2)
    till.make("logged_in", None, {"user": user}, user=user)
    return till.login


def beat(till: Till, **metadata: Any) -> dict[str, Any]:
    return till.push(beat={"session": till.login, "user": 1, "metadata": metadata})


def silent(venue: Venue, session: str, seconds: float) -> None:
    query = "UPDATE session.active_sessions SET last_active = now() - make_interval(secs => %s) WHERE session_id = %s"
    venue.owner.execute(query, [seconds, session])


def expire(venue: Venue, session: str) -> None:
    query = "UPDATE session.active_sessions SET expires_at = now() - interval '1 second' WHERE session_id = %s"
    venue.owner.execute(query, [session])


def create(venue: Venue, session: str | None = "s1", user: int | None = 1, till: int | None = 1,
           metadata: Any = None) -> dict[str, Any]:  # fmt: skip
    made: dict[str, Any] = venue.value(
        "SELECT session.session_create_v1(%s, %s, %s, %s, %s)", venue.store, user, till, session, Jsonb(metadata or {})
    )
    return made


def ask(venue: Venue, what: str, *facts: Any) -> dict[str, Any]:
    places = ", ".join(["%s"] * len(facts))
    found: dict[str, Any] = venue.value(f"SELECT session.session_{what}_v1({places})", *facts)
    return found


# Rows by events and heartbeats


def test_a_login_that_arrives_makes_a_row_and_a_logout_ends_it(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    till.push()
    found = row(venue, session)
    assert (found["user_id"], found["till_id"], found["store_id"], found["token"]) == ("1", 1, venue.store, None)
    assert metadata(venue, session) == {"till_id": 1}
    assert status(venue, session) == "ACTIVE"

    till.make("logged_out", None, {"user": 1})
    till.push()
    assert status(venue, session) == "INACTIVE"
    assert row(venue, session)["status"] == "INACTIVE"
    beat(till)
    assert status(venue, session) == "INACTIVE"  # a late heartbeat does not undo a logout
    expire(venue, session)
    assert status(venue, session) == "EXPIRED"


def test_late_login_gets_a_row_only_by_its_heartbeat(
    venue: Venue,
) -> None:
    till = venue.till()
    till.make("logged_in", None, {"user": 1})  # of months ago, by the clock of this till
    till.push()
    assert row(venue, till.login) is None
    beat(till)
    assert status(venue, till.login) == "ACTIVE"


def test_the_status_follows_the_silence(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    till.push()
    for seconds, expected in ((19, "ACTIVE"), (21, "RECONNECTING"), (299, "RECONNECTING"), (301, "INACTIVE")):
        silent(venue, session, seconds)
        assert (status(venue, session), row(venue, session)["status"]) == (expected, "ACTIVE")
    beat(till)
    assert status(venue, session) == "ACTIVE"


def test_an_expired_session_opens_nothing_again_though_its_till_goes_on(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    till.push()
    token = create(venue, session)["token"]
    expire(venue, session)
    with pytest.raises(Error, match="The login is not known, or it has ended"):
        ask(venue, "get", session, token)
    beat(till)
    assert (status(venue, session), row(venue, session)["token"]) == ("ACTIVE", None)


def test_a_login_that_was_swept_comes_back_with_the_next_heartbeat_and_the_time_of_its_id(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    till.push()
    began = row(venue, session)["created_at"]
    expire(venue, session)
    assert venue.value("SELECT session.cleanup_expired_sessions()") == 1
    assert status(venue, session) is None
    beat(till, connection_quality="GOOD")
    assert status(venue, session) == "ACTIVE"
    later = datetime.fromisoformat(row(venue, session)["created_at"]) - datetime.fromisoformat(began)
    assert abs(later) < timedelta(seconds=30)
    assert metadata(venue, session)["connection_quality"] == "GOOD"


def test_a_heartbeat_moves_the_expiry_once_in_five_minutes(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    till.push()
    before = row(venue, session)
    beat(till)
    after = row(venue, session)
    assert after["expires_at"] == before["expires_at"]
    assert after["last_active"] > before["last_active"]
    query = "UPDATE session.active_sessions SET expires_at = expires_at - interval '301 seconds'"
    venue.owner.execute(query)
    beat(till)
    assert row(venue, session)["expires_at"] > before["expires_at"]


def test_connection_facts_of_a_heartbeat_are_kept_and_written_only_when_they_change(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    reply = {"pod_name": "bar", "frontend_connections": 1, "last_ws_connection": "2026-03-03T05:00:00.000000Z"}
    beat(till, connection_quality="GOOD", **reply)
    kept = metadata(venue, session)
    assert kept.pop("ip_address", "") is not None  # none over a socket of this machine
    assert kept == {"till_id": 1, "sse_connections": 0, "connection_quality": "GOOD", **reply}
    version = "SELECT xmin::text || ' ' || xmax::text FROM session.session_metadata"
    first = venue.value(version)
    beat(till, connection_quality="GOOD", **reply)
    assert venue.value(version) == first
    beat(till, connection_quality="POOR")
    assert metadata(venue, session)["connection_quality"] == "POOR"
    venue.app.execute("LISTEN till_store")
    beat(till)
    assert metadata(venue, session)["sse_connections"] == 1


@pytest.mark.parametrize("beside", ["full", "odd"])
def test_metadata_that_a_program_keeps_beside_a_login_holds_up_no_push(venue: Venue, beside: str) -> None:
    till = venue.till()
    session = log_in(till)
    beat(till)
    if beside == "full":
        token = create(venue, session)["token"]
        ask(venue, "metadata", session, token, Jsonb({"kept": "x" * 8100}))
    else:
        odd = Jsonb({"connection_quality": "FAIR"})
        venue.owner.execute("UPDATE session.session_metadata SET metadata = metadata || %s", [odd])
    before = metadata(venue, session)
    silent(venue, session, 400)
    till.make("logged_in", None, {"user": 1}, user=1)
    reply = beat(till, pod_name="a-machine-with-a-name-that-needs-some-room" * 3)
    assert (reply["ok"], till.pending) == (True, [])
    assert status(venue, session) == "ACTIVE"
    assert metadata(venue, session) == before


def test_the_quality_is_poor_as_soon_as_nothing_is_heard(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    beat(till, connection_quality="GOOD")
    quality = "SELECT connection_quality FROM session.sessions_now"
    assert venue.value(quality) == "GOOD"
    silent(venue, session, 30)
    assert venue.value(quality) == "POOR"
    silent(venue, session, 600)
    assert venue.value(quality) == "POOR"
    till.make("logged_out", None, {"user": 1})
    till.push()
    assert venue.value(quality) is None


def test_a_push_without_a_heartbeat_looks_at_no_login(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    beat(till)
    looked = """SELECT coalesce(sum(seq_scan + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd), 0)
        FROM pg_stat_xact_user_tables WHERE schemaname IN ('session', 'simulator')"""
    ours = Till(venue.owner, venue.store, 1, "secret 1")
    ours.journal, ours.seq, ours.hash, ours.login = till.journal, till.seq, till.hash, till.login
    with venue.owner.transaction():
        assert ours.push()["ok"]
        assert venue.value(looked) == 0
        assert beat(ours)["ok"]
        assert venue.value(looked) > 0
        hot = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'active_sessions'"
        assert venue.rows(hot) == [(1, 1)]  # within its page, and past every index
    assert status(venue, session) == "ACTIVE"


# Attempts of a hostile till


@pytest.mark.parametrize("whose", ["till", "person", "store"])
def test_a_heartbeat_for_the_login_of_another_changes_nothing_and_says_nothing(venue: Venue, whose: str) -> None:
    till = venue.till()
    session = log_in(till)
    till.push()
    silent(venue, session, 60)
    before = row(venue, session), metadata(venue, session)
    stranger = make_venue(venue.owner, venue.app).till() if whose == "store" else venue.till(2)
    sender, user = (till, 2) if whose == "person" else (stranger, 1)
    sender.push()
    answer = sender.push(beat={"session": session, "user": user, "metadata": {"connection_quality": "POOR"}})
    assert answer["ok"]
    assert (row(venue, session), metadata(venue, session)) == before


def test_a_logout_of_another_till_ends_no_login(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    session = log_in(one)
    one.push()
    two.login = session
    two.make("logged_out", None, {"user": 1})
    two.push()
    assert status(venue, session) == "ACTIVE"


FORGED_HEARTBEATS: tuple[Any, ...] = (
     None, [], "x", 7, {}, {"session": None, "user": 1}, {"session": "x", "user": 1}, {"session": "", "user": 1},
     {"user": 1}, {"session": "0197a000-0000-7000-8000-000000000001"},
     {"session": "0197a000-0000-7000-8000-000000000001", "user": "x"},
     {"session": "0197a000-0000-7000-8000-000000000001", "user": 10**20},
     {"session": "0197a000-0000-7000-8000-000000000001", "user": 1, "metadata": []},
     {"session": "0197a000-0000-7000-8000-000000000001", "user": 1, "metadata": {"connection_quality": "BEST"}},
     {"session": "0197a000-0000-7000-8000-000000000001", "user": 1, "metadata": {"frontend_connections": "many"}},
     {"session": "0197a000-0000-7000-8000-000000000001", "user": 1, "metadata": {"frontend_connections": -1}},
     {"session": "0197a000-0000-7000-8000-000000000001", "user": 1, "metadata": {"pod_name": "x" * 10_000_000}},
)  # fmt: skip


def test_a_heartbeat_that_is_none_is_refused_and_nothing_is_taken(venue: Venue, subtests: pytest.Subtests) -> None:
    till = venue.till()
    log_in(till)
    for expected in FORGED_HEARTBEATS:
        with subtests.test(beat=repr(expected)[:90]):
            answer = till.push(beat=expected)
            assert (answer["ok"], answer["code"]) == (False, "protocol")
            assert venue.rows("SELECT session_id FROM session.active_sessions") == []
    assert till.push()["ok"]


def test_a_heartbeat_of_a_journal_that_was_retired_keeps_nobody_alive(venue: Venue) -> None:
    old = venue.till()
    old.push()
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    venue.till().push()
    old.make("logged_in", None, {"user": 1})
    assert beat(old)["ok"]
    assert venue.rows("SELECT session_id FROM session.active_sessions") == []


def test_a_heartbeat_of_a_person_who_is_not_there_makes_no_row(venue: Venue) -> None:
    till = venue.till()
    assert till.push(beat={"session": till.login, "user": 77})["ok"]
    assert venue.rows("SELECT session_id FROM session.active_sessions") == []


def test_a_heartbeat_sets_only_what_a_till_may_say_of_itself(venue: Venue) -> None:
    till = venue.till()
    beat(till, till_id=9, ip_address="8.8.8.8", sse_connections=5, simulator_id="x", more={"a": 1}, pod_name="<b>'--")
    kept = metadata(venue, till.login)
    assert (kept["till_id"], kept["sse_connections"], kept["pod_name"]) == (1, 0, "<b>'--")
    assert kept.keys() <= {"till_id", "sse_connections", "pod_name", "ip_address"}
    assert kept.get("ip_address") != "8.8.8.8"


def test_a_till_reaches_no_function_of_logins(venue: Venue) -> None:
    for call in (
        "session.session_create_v1(gen_random_uuid(), 1, 1, 's', '{}')",
        "session.session_get_v1('s', 't')",
        "session.cleanup_expired_sessions()",
        "session.beat(null, null)",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            venue.app.execute(f"SELECT {call}")


# Operations of programs


def test_a_session_is_made_read_kept_alive_and_ended(venue: Venue) -> None:
    made = create(venue, metadata={"ip_address": "10.0.0.7", "frontend_connections": 2})
    assert made["also"] == []
    assert re.fullmatch("[0-9a-f]{64}", made["token"])
    assert row(venue, "s1")["token"] == sha256(made["token"])

    got = ask(venue, "get", "s1", made["token"])
    assert (got["user"], got["till"], got["status"]) == ("1", 1, "ACTIVE")
    assert got["metadata"] == {"till_id": 1, "ip_address": "10.0.0.7", "frontend_connections": 2}
    assert made["token"] not in str(got)
    assert sha256(made["token"]) not in str(got)

    silent(venue, "s1", 600)
    assert ask(venue, "get", "s1", made["token"])["status"] == "INACTIVE"
    assert ask(venue, "touch", "s1", made["token"])["status"] == "ACTIVE"

    assert ask(venue, "end", "s1", made["token"]) == {"session": "s1", "status": "INACTIVE"}
    assert (row(venue, "s1")["token"], status(venue, "s1")) == (None, "INACTIVE")


def test_an_ended_session_has_no_connections(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    beat(till, frontend_connections=1, pod_name="bar")
    made = create(venue, metadata={"frontend_connections": 2, "a": 1})
    till.make("logged_out", None, {"user": 1})
    till.push()
    ask(venue, "end", "s1", made["token"])
    kept = metadata(venue, session)
    assert (kept["frontend_connections"], kept["sse_connections"], kept["pod_name"]) == (0, 0, "bar")
    assert metadata(venue, "s1") == {"till_id": 1, "frontend_connections": 0, "a": 1}


def test_a_till_that_was_killed_has_no_connections_after_five_minutes(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    beat(till, frontend_connections=1, pod_name="bar")
    create(venue, till=None, metadata={"frontend_connections": 2})
    maintain = "SELECT till.maintain_v1(%s, NULL, 30, 24, 30)"
    venue.value(maintain, venue.store)
    assert metadata(venue, session)["frontend_connections"] == 1
    venue.owner.execute("UPDATE session.active_sessions SET last_active = now() - interval '6 minutes'")
    venue.value(maintain, venue.store)
    kept = metadata(venue, session)
    assert (kept["frontend_connections"], kept["sse_connections"], kept["pod_name"]) == (0, 0, "bar")
    assert metadata(venue, "s1")["frontend_connections"] == 2, "a program says itself how many it has"
    beat(till, frontend_connections=1, pod_name="bar")
    assert metadata(venue, session)["frontend_connections"] == 1


def test_an_ended_session_keeps_metadata_that_is_full(venue: Venue) -> None:
    """A logout is never refused, however near to the bound what a program keeps there is."""
    made = create(venue, metadata={"frontend_connections": 1})
    full = {"long": "x" * (8192 - len('{"till_id": 1, "frontend_connections": 1, "long": ""}'))}
    ask(venue, "metadata", "s1", made["token"], Jsonb(full))
    assert ask(venue, "end", "s1", made["token"])["status"] == "INACTIVE"


def test_each_operation_may_be_repeated(venue: Venue) -> None:
    first, again = create(venue), create(venue)
    with pytest.raises(Error, match="The login is not known"):
        ask(venue, "get", "s1", first["token"])
    token = again["token"]
    touched = [ask(venue, "touch", "s1", token)["expires_at"] for _ in range(2)]
    assert touched[0] == touched[1]
    found = [ask(venue, "metadata", "s1", token, Jsonb({"a": 1, "till_id": None}))["metadata"] for _ in range(2)]
    assert found == [{"a": 1}, {"a": 1}]
    assert [ask(venue, "end", "s1", token)["status"] for _ in range(2)] == ["INACTIVE", "INACTIVE"]
    assert venue.value("SELECT count(*) FROM session.active_sessions") == 1


def test_a_session_alive_on_another_till_is_named(venue: Venue) -> None:
    two = venue.till(2)
    session = log_in(two)
    two.push()
    assert [(one["session"], one["till"], one["till_name"]) for one in create(venue)["also"]] == [
        (session, 2, "Till 2")
    ]
    assert create(venue, "s2", user=2)["also"] == []
    assert create(venue, "s3", till=None)["also"][0]["session"] in {session, "s1"}
    two.make("logged_out", None, {"user": 1})
    two.push()
    assert create(venue)["also"] != []  # s3 stands at no till, and lives
    silent(venue, "s3", 400)
    assert create(venue)["also"] == []


def test_program_gets_the_token_of_a_login(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    till.push()
    token = create(venue, session)["token"]
    beat(till)
    assert ask(venue, "get", session, token)["status"] == "ACTIVE"
    till.make("logged_out", None, {"user": 1})
    till.push()
    with pytest.raises(Error, match="The login is not known"):
        ask(venue, "touch", session, token)


def test_a_token_that_is_not_the_session_s_opens_nothing(venue: Venue, subtests: pytest.Subtests) -> None:
    own, other = create(venue)["token"], create(venue, "s2", user=2)["token"]
    before = row(venue, "s1")
    tokens = ("forged", "", None, sha256(own), other)
    for what, token, session in itertools.product(("get", "touch", "end"), tokens, ("s1", "s9", "", None)):
        with subtests.test(what=what, token=token, session=session):
            with pytest.raises(Error, match="The login is not known") as refused:
                ask(venue, what, session, token)
            assert refused.value.sqlstate == "TL003"
            assert row(venue, "s1") == before


def test_a_token_that_expired_opens_nothing(venue: Venue) -> None:
    token = create(venue)["token"]
    expire(venue, "s1")
    for what in ("get", "touch", "end"):
        with pytest.raises(Error, match="The login is not known"):
            ask(venue, what, "s1", token)
    with pytest.raises(Error, match="has ended"):
        create(venue)


IMPOSSIBLE_SESSIONS: tuple[tuple[dict[str, Any], str], ...] = (
     ({"session": None}, "TL006"), ({"session": ""}, "TL006"), ({"session": "x" * 251}, "TL006"),
     ({"user": None}, "TL004"), ({"user": 77}, "TL004"), ({"till": 77}, "TL004"), ({"till": 0}, "TL004"),
     ({"metadata": ["x"]}, "TL006"), ({"metadata": {"a": "x" * 10_000_000}}, "TL006"),
     ({"metadata": {"sse_connections": "lots"}}, "TL006"), ({"metadata": {"sse_connections": 1.5}}, "TL006"),
     ({"metadata": {"connection_quality": "fine"}}, "TL006"),
)  # fmt: skip


def test_a_session_that_cannot_be_is_refused(venue: Venue, subtests: pytest.Subtests) -> None:
    for facts, code in IMPOSSIBLE_SESSIONS:
        with subtests.test(facts=repr(facts)[:60]):
            with pytest.raises(Error) as refused:
                create(venue, **facts)
            assert refused.value.sqlstate == code
            assert venue.rows("SELECT session_id FROM session.active_sessions") == []
    assert create(venue, metadata=[])["session"] == "s1"


def test_a_person_who_is_disabled_and_a_till_that_was_revoked_begin_nothing(venue: Venue) -> None:
    venue.owner.execute("SELECT till.user_disable_v1(%s, 9, 1, true)", [venue.store])
    venue.owner.execute("SELECT till.till_revoke_v1(%s, 9, 2)", [venue.store])
    for facts in ({"user": 1}, {"user": 2, "till": 2}):
        with pytest.raises(Error) as refused:
            create(venue, **facts)  # type: ignore[arg-type] # each its own
        assert refused.value.sqlstate == "TL004"


def test_the_id_of_another_login_is_not_taken_over(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    till.push()
    before = row(venue, session)
    for facts in ({"user": 2}, {"till": 2}, {"till": None}):
        with pytest.raises(Error, match="id belongs to another login"):
            create(venue, session, **facts)
    other = make_venue(venue.owner, venue.app)
    with pytest.raises(Error, match="id belongs to another login"):
        create(other, session)
    assert row(venue, session) == before


def test_ten_megabytes_of_metadata_are_refused_in_words(venue: Venue) -> None:
    token = create(venue, metadata={"kept": "yes"})["token"]
    for found in ({"a": "x" * 10_000_000}, {str(n): "x" * 100 for n in range(100)}):
        with pytest.raises(Error, match=r"The metadata of a login has at most 8192 bytes, and this is [0-9]+\. Keep"):
            ask(venue, "metadata", "s1", token, Jsonb(found))
    ask(venue, "metadata", "s1", token, Jsonb({"a": "x" * 5000}))
    with pytest.raises(Error, match="at most 8192 bytes"):  # together with what is there
        ask(venue, "metadata", "s1", token, Jsonb({"b": "x" * 5000}))
    assert ask(venue, "metadata", "s1", token, Jsonb({"a": None}))["metadata"] == {"till_id": 1, "kept": "yes"}
    for none in (None, Jsonb(None), Jsonb([1]), Jsonb("x")):
        with pytest.raises(Error, match="is an object"):
            ask(venue, "metadata", "s1", token, none)
    with pytest.raises(errors.CheckViolation):
        venue.owner.execute("UPDATE session.session_metadata SET metadata = %s", [Jsonb({"a": "x" * 9000})])


# Expiry


def simulate(venue: Venue, session: str, how: str) -> None:
    query = "INSERT INTO simulator.instances (simulator_id, session_id, user_id, status) VALUES (%s, %s, '1', %s)"
    venue.owner.execute(query, [new_id(), session, how])


def test_an_expired_session_is_removed_with_its_metadata_and_its_simulator(venue: Venue) -> None:
    create(venue, "old")
    create(venue, "young")
    simulate(venue, "old", "RUNNING")
    with pytest.raises(errors.UniqueViolation):
        simulate(venue, "old", "STARTING")
    expire(venue, "old")
    dry = venue.value("SELECT till.maintain_v1(%s, NULL, 30, 24, 30, true)", venue.store)
    assert dry["expired"] == 1
    assert venue.value("SELECT till.maintain_v1(%s, NULL, 30, 24, 30)", venue.store)["expired"] == 1
    left = "SELECT count(*) FROM {}"
    tables = ("session.active_sessions", "session.session_metadata", "simulator.instances")
    assert [venue.value(left.format(table)) for table in tables] == [1, 1, 0]
    assert venue.value("SELECT session.cleanup_expired_sessions()") == 0


def test_a_logout_has_its_simulator_stop(venue: Venue) -> None:
    token = create(venue)["token"]
    simulate(venue, "s1", "RUNNING")
    ask(venue, "end", "s1", token)
    assert venue.value("SELECT status FROM simulator.instances") == "STOPPING"


def test_the_clean_up_leaves_what_a_heartbeat_has_hold_of(venue: Venue) -> None:
    till = venue.till()
    session = log_in(till)
    till.push()
    expire(venue, session)
    with venue.app.transaction():
        beat(till)
        assert venue.value("SELECT session.cleanup_expired_sessions()") == 0
    assert status(venue, session) == "ACTIVE"


def test_a_push_does_not_wait_for_a_login_that_a_program_has_hold_of(venue: Venue, database: Database) -> None:
    till = venue.till()
    session = log_in(till)
    beat(till)
    token = create(venue, session)["token"]
    silent(venue, session, 60)
    before = row(venue, session)["last_active"]
    till.connection.execute("SET lock_timeout = '1s'")
    with database.connect() as program, program.transaction():
        program.execute("SELECT session.session_metadata_v1(%s, %s, '{\"kept\": 1}')", [session, token])
        assert beat(till, connection_quality="GOOD")["ok"] is True
    assert row(venue, session)["last_active"] == before
    beat(till, connection_quality="GOOD")
    assert status(venue, session) == "ACTIVE"
    assert metadata(venue, session)["kept"] == 1


def test_two_that_begin_the_same_session_at_once_make_one(venue: Venue, database: Database) -> None:
    query = "SELECT session.session_create_v1(%s, 1, 1, 's1')"
    with database.connect() as other, ThreadPoolExecutor(1) as beside:
        with other.transaction():
            other.execute(query, [venue.store])
            second = beside.submit(venue.value, query, venue.store)
            while not other.execute("SELECT FROM pg_locks WHERE NOT granted").rowcount:
                assert not second.done()
        made = second.result(30)
    assert venue.rows("SELECT token FROM session.active_sessions") == [(sha256(made["token"]),)]
