"""An enrolment is a code that makes another machine a till: once, for an hour, with a secret that the machine made."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import errors

from tests.sql.ringing import Cart, new_id

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

CODE = "K7QM4T9XABCDEFG2"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def make(venue: Venue, till: int = 5, kind: str = "add", code: str = CODE, name: str | None = None) -> None:
    query = "SELECT till.enrolment_make_v1(%s, 9, %s, %s, %s, %s)::timestamptz > now() + interval '59 minutes'"
    assert venue.value(query, venue.store, till, kind, name, sha256(code)) is True


def take(venue: Venue, secret: str, till: int = 5, code: str = CODE, **more: Any) -> dict[str, Any]:
    asked = {"code": code, "till": till, "secret_hash": sha256(secret), "fresh": True, **more}
    return venue.till().send(asked, "till.enrol_v1")


def pushes(venue: Venue, secret: str, till: int, journal: str | None = None) -> str:
    """The code that a push of that till is refused with; empty where it is taken."""
    one = venue.till(till)
    one.secret, one.journal = secret, journal or one.journal
    one.open(Cart())
    return str(one.push().get("code", ""))


def test_a_code_makes_a_machine_a_till_once(venue: Venue) -> None:
    make(venue, name="Bar")
    assert pushes(venue, "mine", 5) == "wrong_secret"
    answer = take(venue, "mine")
    assert answer == take(venue, "mine"), "the answer was lost: the same machine says it again"
    assert (answer["store"], answer["till"], answer["name"]) == (venue.store, 5, "Bar")
    assert answer["venue"].keys() == {"name", "currency", "locale", "timezone"}
    assert pushes(venue, "mine", 5) == ""
    assert take(venue, "a thief's")["code"] == "no_enrolment"
    assert venue.rows("SELECT digest, taken_by FROM till.enrolments") == [(sha256(CODE), sha256("mine"))]
    assert venue.types("till_id = 0")[-2:] == ["enrolment_made", "till_enrolled"]
    assert CODE not in str(venue.rows("SELECT body FROM warm.session_events"))


def test_a_code_that_is_over_or_of_another_till_or_replaced_opens_nothing(venue: Venue) -> None:
    make(venue)
    for wrong in (
        {"till": 6}, {"code": "x"}, {"code": None}, {"code": sha256(CODE)}, {"till": None}, {"code": ["x"]},
        {"code": "a\u0000b"}, {"till": "nine"}, {"till": 10**30}, {"secret_hash": "mine"}, {"secret_hash": None},
        {"store": "no store"}, {"store": new_id()},
    ):  # fmt: skip
        answer = take(venue, "mine", **wrong)
        assert answer["ok"] is False, wrong
        assert answer["code"] in {"no_enrolment", "protocol", "other_venue"}, wrong
        assert answer["detail"], wrong
    make(venue, code="another")
    assert take(venue, "mine")["code"] == "no_enrolment"
    venue.owner.execute("UPDATE till.enrolments SET expires_at = now() - interval '1 second'")
    assert take(venue, "mine", code="another")["code"] == "no_enrolment"
    assert venue.rows("SELECT FROM till.tills WHERE id = 5") == []


def test_the_number_of_a_till_that_sells_is_not_given_away(venue: Venue) -> None:
    for till, kind, state in (
        (1, "add", "TL005"), (5, "replace", "TL004"), (5, "renew", "TL004"), (0, "add", "TL006"),
        (1000, "add", "TL006"), (5, "steal", "TL006"), (None, "add", "TL006"),
    ):  # fmt: skip
        with pytest.raises(errors.Error) as refused:
            venue.value("SELECT till.enrolment_make_v1(%s, 9, %s, %s, NULL, %s)", venue.store, till, kind, "ab" * 32)
        assert refused.value.sqlstate == state
    with pytest.raises(errors.Error, match="and a code"):
        venue.value("SELECT till.enrolment_make_v1(%s, 9, 5, 'add', NULL, %s)", venue.store, CODE)
    assert venue.rows("SELECT FROM till.enrolments") == []
    venue.owner.execute("SELECT till.till_revoke_v1(%s, 9, 1)", [venue.store])
    make(venue, 1)
    with pytest.raises(errors.Error, match="revoked"):
        make(venue, 1, "renew")


def test_another_machine_takes_the_place_of_one_that_goes_on_till_then(venue: Venue) -> None:
    one = venue.till(2)
    one.open(Cart())
    assert one.push()["ok"]
    make(venue, 2, "replace")
    assert one.push()["ok"], "nothing changes until it is taken"
    assert take(venue, "new", 2)["ok"]
    one.open(Cart())
    assert one.push()["code"] == "wrong_secret"
    assert pushes(venue, "new", 2) == "", "its own journal takes the place of the one before"
    assert venue.value("SELECT count(*) FROM warm.journal_head WHERE till_id = 2 AND retired_at IS NULL") == 1


def test_a_renewal_is_for_the_machine_that_has_the_number(venue: Venue) -> None:
    one = venue.till(2)
    one.open(Cart())
    assert one.push()["ok"]
    make(venue, 2, "renew")
    for held in ({}, {"held": "secret 1"}, {"held": None}):
        assert take(venue, "new", 2, **held)["code"] == "not_that_till"
    assert take(venue, "new", 2, held=one.secret, fresh=False)["ok"]
    one.open(Cart())
    assert one.push()["code"] == "wrong_secret", "at its next call"
    one.secret = "new"
    assert one.push()["ok"], "and it goes on with its journal"


def test_a_till_revoked_or_enrolled_meanwhile_leaves_no_code_behind(venue: Venue) -> None:
    make(venue, 2, "replace")
    venue.owner.execute("SELECT till.till_revoke_v1(%s, 9, 2)", [venue.store])
    assert take(venue, "new", 2)["code"] == "no_enrolment"
    assert pushes(venue, "secret 2", 2) == "till_revoked", "at its next call"
    make(venue, 2)
    venue.owner.execute("SELECT till.till_enrol_v1(%s, 9, 2, NULL, %s)", [venue.store, sha256("secret 2")])
    assert take(venue, "new", 2)["code"] == "no_enrolment"
