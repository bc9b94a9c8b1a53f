"""Notices of a payment from a gateway: a hint to the tills, once, from a role that may do nothing else."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors

from tests.plugins.front_ends import FrontEnd, front_end
from tests.sql.ringing import heard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

KEY = "0197a000-0000-7000-8000-00000000aaaa"
HINTS = "SELECT event_id, kind, payment_id::text FROM till.payment_hints ORDER BY received_at, event_id"


@pytest.fixture
def gateway(venue: Venue, database: Database) -> Iterator[FrontEnd]:
    with front_end(venue.owner, database.app, venue.store, "razorpay", webhook=True, kept=database.kept) as program:
        venue.owner.execute("LISTEN till_store")
        yield program


def tell(program: FrontEnd, event: Any = "evt_1", body: str = "", **more: Any) -> dict[str, Any]:
    facts = {"event": event, "digest": hashlib.sha256((body or str(event)).encode()).hexdigest()}
    facts |= {"kind": "payment.captured", "payment": KEY} | more
    answer: dict[str, Any] = json.loads(program.value("SELECT till.payment_told_v1(%s)", json.dumps(facts)))
    return answer


def hints(venue: Venue) -> list[str]:
    return [one.removeprefix(f"{venue.store} ") for one in heard(venue.owner)]


def test_the_tills_are_notified_once_whatever_comes_again_or_late(venue: Venue, gateway: FrontEnd) -> None:
    assert tell(gateway) == {"ok": True, "new": True}
    assert tell(gateway) == {"ok": True, "new": False}
    assert tell(gateway, "evt_2", body="evt_1") == {"ok": True, "new": False}  # the same words under another name
    assert hints(venue) == [f"payment {KEY}"]
    assert tell(gateway, "evt_0", kind="payment.authorized") == {"ok": True, "new": True}  # which was before
    assert tell(gateway, "evt_3", kind="settlement.processed", payment=None) == {"ok": True, "new": True}
    assert hints(venue) == [f"payment {KEY}"]
    assert venue.rows(HINTS) == [
        ("evt_1", "payment.captured", KEY),
        ("evt_0", "payment.authorized", KEY),
        ("evt_3", "settlement.processed", None),
    ]
    for table in ("warm.session_events", "cold.order_payment", "warm.session_payment_intent", "till.conflicts"):
        where = " WHERE event_type <> 'program_added' AND till_id <> 0" if table == "warm.session_events" else ""
        assert venue.value(f"SELECT count(*) FROM {table}{where}") == 0, table  # noqa: S608 - names of ours


def test_nonsense_is_refused_and_not_kept(venue: Venue, gateway: FrontEnd) -> None:
    for wrong in (
        {"event": None}, {"event": ""}, {"event": "a b"}, {"event": "x" * 81}, {"event": 'x"\u202e'}, {"event": "\0"},
        {"digest": None}, {"digest": "ab"}, {"kind": None}, {"kind": "A"}, {"kind": "x" * 61}, {"payment": "mine"},
        {"payment": "'; DROP TABLE till.users; --"}, {"payment": {"a": 1}},
    ):  # fmt: skip
        assert tell(gateway, **wrong)["code"] == "protocol", wrong
    assert gateway.value("SELECT till.payment_told_v1(%s)::json->>'code'", "[" * 9_000) == "protocol"
    assert gateway.value("SELECT till.payment_told_v1(%s)::json->>'code'", None) == "protocol"
    assert (hints(venue), venue.rows(HINTS)) == ([], [])


def test_gateway_role_has_its_own_rights_only(venue: Venue, database: Database, gateway: FrontEnd) -> None:
    for words in (
        "TABLE till.payment_hints",
        "TABLE session_cart",
        "SELECT warm.log_event('s', 'menu_viewed', '{}')",
        "SELECT hot.get_session_cart('s')",
        f"SELECT till.order_session_active_v1('{venue.store}', 0, 1)",
        "SELECT warm.sync_push_v1('{}')",
        "SET ROLE till_program",
    ):
        with pytest.raises(psycopg.Error):
            gateway.session.execute(words.encode())
    with (
        front_end(venue.owner, database.app, venue.store, "chat", kept=database.kept) as chat,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        tell(chat)
    with pytest.raises(psycopg.Error, match="is for another purpose"):
        venue.value("SELECT till.program_add_v1(%s, 9, %s)", venue.store, gateway.name)
    assert json.loads(venue.value("SELECT till.payment_told_v1('{}')"))["code"] == "not_allowed"  # no program's name
    venue.value("SELECT till.program_revoke_v1(%s, 9, %s)", venue.store, gateway.name)
    assert tell(gateway)["code"] == "not_allowed"
    assert venue.rows(HINTS) == []


def test_a_thief_of_the_gateway_password_fills_no_disk(venue: Venue, gateway: FrontEnd) -> None:
    venue.owner.execute(
        """INSERT INTO till.payment_hints (store_id, event_id, digest, kind, received_at)
        SELECT %s, 'e' || n, 'd' || n, 'x', now() - CASE WHEN n > 299 THEN interval '4 days' ELSE interval '0' END
        FROM generate_series(1, 400) AS n""",
        [venue.store],
    )
    assert tell(gateway)["ok"]
    assert venue.value("SELECT count(*) FROM till.payment_hints") == 300
    assert tell(gateway, "evt_2")["code"] == "busy"
    assert venue.value("SELECT count(*) FROM till.payment_hints") == 300
