"""The jobs of the upkeep: one that fails stands alone, is recorded once, and is tried again by a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.hostile.test_stolen_upkeep import checked, failures, many_tenders
from tests.sql.test_left_shifts import Counter, day, opened, revoke
from tests.sql.test_upkeep import age, keyed, maintain, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

__all__ = ["day"]

#: Puts a fault into the check of one shift; a timeout, or an error of a class.
FAULT: Final = """
    CREATE OR REPLACE FUNCTION till.planted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF new.checked_at IS NOT NULL AND new.shift_id = '{shift}' THEN {fault}; END IF;
        RETURN new;
    END $$;
    CREATE OR REPLACE TRIGGER planted BEFORE UPDATE ON till.shifts FOR EACH ROW EXECUTE FUNCTION till.planted()"""
AN_ERROR: Final = "RAISE EXCEPTION 'a fault' USING errcode = '{}'"


def plant(venue: Venue, shift: str, fault: str) -> None:
    venue.owner.execute(FAULT.format(shift=shift, fault=fault).encode())


def mend(venue: Venue) -> None:
    venue.owner.execute("DROP TRIGGER planted ON till.shifts")


def closed(venue: Venue, day: date, number: int = 1) -> Counter:
    counter = opened(venue, day, number)
    counter.close()
    counter.push()
    return counter


def wait(venue: Venue, interval: str) -> None:
    """Let time pass since the last tries."""
    venue.owner.execute("UPDATE till.upkeep_jobs SET tried_at = tried_at - %s::interval", [interval])


def tries(venue: Venue) -> list[tuple[str, int, bool]]:
    rows: list[tuple[str, int, bool]] = venue.rows(
        "SELECT kind, tries, quarantine_id IS NOT NULL FROM till.upkeep_jobs WHERE kind <> 'upkeep' ORDER BY kind"
    )
    return rows


@pytest.fixture
def hasty(venue: Venue) -> Iterator[None]:
    """Let each statement take a second at most."""
    venue.owner.execute("SET statement_timeout = '1s'")
    yield
    venue.owner.execute("RESET statement_timeout")


@pytest.mark.usefixtures("hasty")
def test_a_job_without_time_ends_its_call_and_the_next_does_the_others(venue: Venue, day: date) -> None:
    slow, other = closed(venue, day, 2), closed(venue, day)
    waiting = keyed(other.till)
    age(venue, "31 minutes")
    venue.owner.execute("UPDATE till.shifts SET checked_at = now() WHERE shift_id = %s", [other.shift])
    plant(venue, slow.shift, "PERFORM pg_sleep(9)")
    assert maintain(venue)["more"]
    assert (tries(venue), status(venue, waiting)[0]) == ([("check", 1, False)], "active")
    assert maintain(venue)["more"]
    assert status(venue, waiting)[0] == "pending_logout"
    while maintain(venue)["more"]:
        pass
    assert (tries(venue), failures(venue)) == ([("check", 1, False)], [])
    for _again in range(2):
        wait(venue, "2 minutes")
        while maintain(venue)["more"]:
            pass
    assert tries(venue) == [("check", 3, True)]
    why = "is not checked: canceling statement due to statement timeout. Retry tries it again."
    assert failures(venue) == [f"Z 2-Z000001 {why}"]


def test_a_lock_is_waited_for_some_times_and_nobody_is_failures(venue: Venue, day: date, database: Database) -> None:
    counter = closed(venue, day)
    venue.owner.execute("SET lock_timeout = '50ms'")
    with database.connect() as busy, busy.transaction():
        busy.execute("SELECT FROM till.shifts WHERE shift_id = %s FOR UPDATE", [counter.shift])
        for _again in range(2):
            maintain(venue)
            wait(venue, "2 minutes")
    assert (tries(venue), failures(venue)) == ([("check", 2, False)], [])
    maintain(venue)
    assert (tries(venue), checked(venue, counter.shift)) == ([], True)


def test_a_job_that_fails_for_good_is_told_once_and_tried_again_once_a_day(venue: Venue, day: date) -> None:
    counter, other = closed(venue, day, 2), closed(venue, day)
    plant(venue, counter.shift, AN_ERROR.format("22003"))
    for _call in range(3):
        maintain(venue)
    assert failures(venue) == ["Z 2-Z000001 is not checked: a fault. Retry tries it again."]
    assert (tries(venue), checked(venue, other.shift)) == ([("check", 1, True)], True)
    wait(venue, "25 hours")
    maintain(venue)
    assert (tries(venue), len(failures(venue))) == ([("check", 2, True)], 1)
    mend(venue)
    wait(venue, "25 hours")
    maintain(venue)
    assert (tries(venue), failures(venue), checked(venue, counter.shift)) == ([], [], True)
    query = "SELECT how FROM warm.quarantine WHERE sqlstate = 'TL031'"
    assert venue.rows(query) == [("The database has done it since.",)]


def test_a_job_put_aside_is_tried_again_after_a_change_of_the_functions(venue: Venue, day: date) -> None:
    counter = closed(venue, day)
    plant(venue, counter.shift, AN_ERROR.format("22003"))
    maintain(venue)
    mend(venue)
    maintain(venue)
    assert not checked(venue, counter.shift)
    venue.owner.execute("UPDATE till.schema_info SET value = (value::integer + 1)::text WHERE key = 'program'")
    maintain(venue)
    assert (checked(venue, counter.shift), failures(venue)) == (True, [])


def record(venue: Venue) -> int:
    found: int = venue.value("SELECT id FROM warm.quarantine WHERE sqlstate = 'TL031'")
    return found


def test_retry_runs_a_job_at_once(venue: Venue, day: date) -> None:
    counter = closed(venue, day)
    plant(venue, counter.shift, AN_ERROR.format("22003"))
    maintain(venue)
    retried = venue.ask("quarantine_retry_v1", 9, record(venue))
    assert (retried["applied"], retried["reason"]) == (False, "a fault")
    mend(venue)
    assert venue.ask("quarantine_retry_v1", 9, record(venue))["applied"]
    assert (checked(venue, counter.shift), tries(venue), failures(venue)) == (True, [], [])


def test_settle_ends_a_job(venue: Venue, day: date) -> None:
    counter = closed(venue, day)
    plant(venue, counter.shift, AN_ERROR.format("22003"))
    maintain(venue)
    venue.ask("quarantine_resolve_v1", 9, record(venue), "counted by hand")
    mend(venue)
    wait(venue, "25 hours")
    assert not maintain(venue)["more"]
    assert not checked(venue, counter.shift)


def test_maintenance_that_has_no_end_of_its_own_goes_on_after_its_record_is_settled(venue: Venue) -> None:
    venue.owner.execute(
        "CREATE OR REPLACE FUNCTION simulator.stop_inactive() RETURNS integer LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a fault' USING errcode = '22003'; END $$"
    )
    maintain(venue)
    assert failures(venue) == ["A part of the maintenance fails (clean simulators): a fault. Retry tries it again."]
    venue.ask("quarantine_resolve_v1", 9, record(venue), "seen")
    wait(venue, "25 hours")
    maintain(venue)
    assert (tries(venue), failures(venue)) == ([("clean", 2, True)], [])


def test_an_order_that_fails_leaves_the_rest_of_its_batch(venue: Venue) -> None:
    till = venue.till()
    carts = [keyed(till) for _order in range(4)]
    age(venue, "31 minutes")
    venue.owner.execute(f"""
        CREATE FUNCTION warm.planted() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF new.session_id = '{carts[1].session}' THEN RAISE EXCEPTION 'a fault' USING errcode = '22003'; END IF;
            RETURN new;
        END $$;
        CREATE TRIGGER planted BEFORE INSERT ON warm.session_events FOR EACH ROW EXECUTE FUNCTION warm.planted()""")
    assert maintain(venue)["swept"] == 3
    assert [status(venue, cart)[0] for cart in carts] == ["pending_logout", "active", *["pending_logout"] * 2]
    (why,) = failures(venue)
    assert why == f"A part of the maintenance fails (sweep {carts[1].session}): a fault. Retry tries it again."
    assert maintain(venue)["swept"] == 0
    (asked,) = venue.rows("SELECT asked->>'minutes' FROM till.upkeep_jobs WHERE kind = 'sweep'")
    assert asked == ("30",)


def test_a_list_that_fails_stops_its_kind_alone(venue: Venue, day: date) -> None:
    counter = closed(venue, day)
    venue.owner.execute(
        "CREATE OR REPLACE FUNCTION warm.left_shifts(p_store uuid) RETURNS SETOF till.shifts LANGUAGE plpgsql STABLE "
        "AS $$ BEGIN RAISE EXCEPTION 'a fault' USING errcode = '22003'; END $$"
    )
    maintain(venue)
    assert checked(venue, counter.shift)
    assert failures(venue) == ["A part of the maintenance fails (close): a fault. Retry tries it again."]


def test_the_record_of_a_job_names_its_till_and_its_event(venue: Venue, day: date) -> None:
    thief = opened(venue, day, 2)
    many_tenders(thief)
    thief.push()
    revoke(venue, day, 2)
    while maintain(venue)["more"]:
        pass
    query = "SELECT till_id, event_type, body FROM warm.quarantine WHERE sqlstate = 'TL031'"
    ((till, event, body),) = venue.rows(query)
    assert (till, event, thief.shift in body) == (2, "shift_opened", True)


def test_a_z_with_a_gap_is_checked_again_when_a_record_of_its_shift_comes(venue: Venue, day: date) -> None:
    counter = Counter(venue.till(), day)
    counter.sell()
    counter.close()
    request = counter.till.request()
    gone = counter.till.pending[4]
    request["events"][4] = {"seq": gone.seq, "h": gone.hash, "gone": True}
    assert counter.till.send(request)["ok"]
    counter.till.pending.clear()
    for _call in range(2):
        maintain(venue)
    why = "is not checked: A part of its records is missing, or cannot be read. Retry tries it again."
    assert (failures(venue), tries(venue)) == ([f"Z 1-Z000001 {why}"], [("check", 1, True)])
    counter.count("40.00")
    counter.push()
    maintain(venue)
    assert (len(failures(venue)), tries(venue)) == (1, [("check", 2, True)])
