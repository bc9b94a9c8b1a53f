"""Passwords of people who act at the server: salts, wrong passwords, tokens and their purposes."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error, errors

from tests.sql.test_conflicts import find

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

SALT = "0f" * 16
STRETCHED = "ab" * 32
WRONG = "cd" * 32


def set_password(venue: Venue, user: int = 9, stretched: str = STRETCHED, salt: str = SALT) -> None:
    hashed = hashlib.sha256(stretched.encode()).hexdigest()
    venue.owner.execute(
        "SELECT till.user_set_password_v1(%s, NULL, %s, %s, %s)", [venue.store, user, salt, hashed]
    )  # fmt: skip


def log_in(till: Till, user: int = 9, stretched: str = STRETCHED) -> dict[str, Any]:
    return till.read("till.password_login_v1", user=user, stretched=stretched)


def token(till: Till, user: int = 9) -> str:
    return str(log_in(till, user)["token"])


def act(till: Till, held: str) -> str:
    """The code that settling a record which is not there is refused with: `refused` where the token serves."""
    return str(settle(till, held, "quarantine", 0, "seen")["code"])


def settle(till: Till, held: str | None, kind: str, which: object, how: str | None) -> dict[str, Any]:
    return till.read("till.manage_v1", token=held, call=f"{kind}_resolve_v1", values=[which, how])


def conflict(venue: Venue) -> str:
    """A conflict that waits."""
    till = venue.till()
    cart = till.keyed()
    assert till.push()["ok"]
    return str(find(venue, cart.session)["conflict_id"])


def test_a_salt_is_returned_to_who_asks(venue: Venue) -> None:
    set_password(venue)
    till = venue.till()
    assert till.read("till.password_salt_v1", user=9) == {"ok": True, "salt": SALT}


def test_a_person_without_a_password_has_a_salt_all_the_same(venue: Venue) -> None:
    till = venue.till()
    made_up = [till.read("till.password_salt_v1", user=user)["salt"] for user in (9, 9, 7, 123456)]
    assert all(re.fullmatch("[0-9a-f]{32}", salt) for salt in made_up)
    assert made_up[0] == made_up[1]
    assert len(set(made_up)) == 3


def test_the_right_password_gives_a_token_of_which_only_the_hash_is_kept(venue: Venue) -> None:
    set_password(venue)
    first, second = log_in(venue.till()), log_in(venue.till())
    assert first["ok"]
    assert re.fullmatch("[0-9a-f]{64}", first["token"])
    assert first["token"] != second["token"]
    kept = [row[0] for row in venue.rows("SELECT token_hash FROM act_tokens")]
    assert hashlib.sha256(first["token"].encode()).hexdigest() in kept
    assert first["token"] not in kept
    assert venue.value("SELECT max(expires_at) - now() FROM act_tokens").total_seconds() == pytest.approx(900, abs=5)


@pytest.mark.parametrize(
    "stretched", [WRONG, "", None, 5, STRETCHED.upper(), hashlib.sha256(STRETCHED.encode()).hexdigest()]
)
def test_a_wrong_password_gives_none(venue: Venue, stretched: Any) -> None:
    set_password(venue)
    reply = venue.till().read("till.password_login_v1", user=9, stretched=stretched)
    assert (reply["ok"], reply["code"]) == (False, "wrong_password")
    assert venue.rows("SELECT * FROM act_tokens") == []


def test_a_person_without_a_password_gets_no_token(venue: Venue) -> None:
    assert log_in(venue.till(), 9)["code"] == "wrong_password"
    assert log_in(venue.till(), 123456)["code"] == "wrong_password"


def test_the_fifth_wrong_one_locks_that_number_on_that_till(venue: Venue) -> None:
    set_password(venue)
    till = venue.till(1)
    assert [log_in(till, 9, WRONG)["code"] for _ in range(5)] == ["wrong_password"] * 4 + ["locked"]
    locked = log_in(till)
    assert locked["code"] == "locked"
    assert locked["locked_until"].endswith("Z")
    assert log_in(venue.till(2))["ok"], "the other till is not shut out by this one"
    venue.owner.execute("UPDATE password_failures SET locked_until = now() - interval '1 second'")
    assert log_in(till)["ok"]
    assert venue.rows("SELECT * FROM password_failures") == []


def test_the_right_one_forgets_the_wrong_ones(venue: Venue) -> None:
    set_password(venue)
    till = venue.till()
    for _ in range(3):
        assert [log_in(till, 9, WRONG)["code"] for _ in range(4)] == ["wrong_password"] * 4
        assert log_in(till)["ok"]


def test_a_disabled_person_gets_no_token_and_the_earlier_one_expires(venue: Venue) -> None:
    set_password(venue)
    till = venue.till()
    held = token(till)
    venue.owner.execute("SELECT till.user_disable_v1(%s, 7, 9)", [venue.store])
    assert log_in(till)["code"] == "wrong_password"
    assert act(till, held) == "wrong_token"


def test_a_conflict_is_settled_in_the_name_of_who_owns_the_token(venue: Venue) -> None:
    set_password(venue)
    till, found = venue.till(2), conflict(venue)
    reply = settle(till, token(till), "conflict", found, "gave 80.00 back")
    assert reply["ok"]
    assert (reply["value"]["resolved_by"], reply["value"]["how"]) == (9, "gave 80.00 back")
    [row] = venue.rows("SELECT till_id, user_id FROM session_events WHERE event_type = 'conflict_resolved'")
    assert row == (0, 9), "it stands in the server's own chain"
    again = settle(till, token(till), "conflict", found, "again")
    assert (again["code"], "already settled" in again["detail"]) == ("refused", True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "ab" * 32}, "wrong_token"),
        ({"token": None}, "wrong_token"),
        ({"token": ""}, "wrong_token"),
        ({"conflict": str(uuid.uuid4())}, "refused"),
        ({"conflict": "x"}, "protocol"),
        ({"conflict": None}, "refused"),
        ({"how": ""}, "refused"),
        ({"how": None}, "refused"),
        ({"secret": "stolen"}, "wrong_secret"),
        ({"till": 99}, "wrong_secret"),
    ],
)
def test_a_wrong_token_or_value_settles_nothing(venue: Venue, changes: dict[str, Any], code: str) -> None:
    set_password(venue)
    till, found = venue.till(), conflict(venue)
    asked = {"token": token(till), "conflict": found, "how": "paid", **changes}
    values = [asked.pop("conflict"), asked.pop("how")]
    reply = till.read("till.manage_v1", call="conflict_resolve_v1", values=values, **asked)
    assert (reply["ok"], reply["code"]) == (False, code)
    assert venue.value("SELECT resolved_at FROM conflicts") is None


def test_a_token_serves_on_its_till_alone_and_not_for_ever(venue: Venue) -> None:
    set_password(venue)
    one, two = venue.till(1), venue.till(2)
    held = token(one)
    assert act(two, held) == "wrong_token"
    assert act(one, held) == "refused", "it serves; there is no such record"
    venue.owner.execute("UPDATE act_tokens SET expires_at = now() - interval '1 second'")
    assert act(one, held) == "wrong_token"
    token(one)
    assert venue.value("SELECT count(*) FROM act_tokens") == 1, "what has expired goes"


def test_a_new_password_ends_the_tokens_of_the_old_one(venue: Venue) -> None:
    set_password(venue)
    till = venue.till()
    held = token(till)
    set_password(venue, stretched=WRONG)
    assert act(till, held) == "wrong_token"
    assert log_in(till)["code"] == "wrong_password"
    assert log_in(till, 9, WRONG)["ok"]


def test_a_cashier_with_a_password_settles_nothing(venue: Venue) -> None:
    set_password(venue, user=1)
    till, found = venue.till(), conflict(venue)
    reply = settle(till, token(till, 1), "conflict", found, "mine")
    assert reply["code"] == "needs_manager"
    assert venue.value("SELECT resolved_at FROM conflicts") is None


def test_any_number_is_unlocked_the_only_managers_too(venue: Venue) -> None:
    venue.owner.execute("UPDATE users SET locked_until = now() + interval '5 minutes'")
    for user in (1, 9):
        venue.owner.execute("SELECT till.user_unlock_v1(%s, 9, %s)", [venue.store, user])
        assert venue.value("SELECT locked_until FROM users WHERE id = %s", user) is None


def test_unlocking_forgets_wrong_passwords_too(venue: Venue) -> None:
    set_password(venue)
    till = venue.till()
    for _ in range(5):
        log_in(till, 9, WRONG)
    people = {p["number"]: p for p in venue.ask("people_v1")}
    assert people[9]["locked_until"]
    venue.owner.execute("SELECT till.user_unlock_v1(%s, NULL, 9)", [venue.store])
    assert log_in(till)["ok"]


def test_a_record_that_belongs_to_no_order_is_settled_too(venue: Venue) -> None:
    set_password(venue)
    till = venue.till()
    till.make_badly("login_refused", None, {"user": 1, "locked": "perhaps"})
    assert till.push()["records"] == 1
    [record] = json.loads(json.dumps(till.read("till.conflicts_v1")["quarantine"]))
    assert record["session"] is None
    reply = settle(till, token(till), "quarantine", record["id"], "looked at it")
    assert (reply["ok"], reply["value"]["resolved_by"]) == (True, 9)
    assert till.push()["records"] == 0
    again = settle(till, token(till), "quarantine", record["id"], "again")
    assert (again["code"], "already settled" in again["detail"]) == ("refused", True)


@pytest.mark.parametrize(
    ("salt", "hashed"), [("", "ab" * 32), ("0f" * 16, ""), ("0F" * 16, "ab" * 32), ("0f" * 16, "12345678")]
)
def test_a_malformed_hash_is_no_password(venue: Venue, salt: str, hashed: str) -> None:
    with pytest.raises(Error, match="hexadecimal digits"):
        venue.owner.execute("SELECT till.user_set_password_v1(%s, NULL, 9, %s, %s)", [venue.store, salt, hashed])


def test_setting_a_password_is_recorded_in_the_chain(venue: Venue) -> None:
    set_password(venue)
    assert venue.types("till_id = 0")[-1] == "password_set"
    with pytest.raises(Error, match="no staff number 99"):
        set_password(venue, user=99)


def test_an_admin_command_checks_a_password_the_same_way(venue: Venue) -> None:
    set_password(venue)
    assert venue.value("SELECT till.user_salt_v1(%s, 9)", venue.store) == SALT
    assert re.fullmatch("[0-9a-f]{32}", venue.value("SELECT till.user_salt_v1(%s, 7)", venue.store))
    admit = "SELECT till.user_admit_v1(%s, 9, %s)"
    assert venue.value(admit, venue.store, STRETCHED) == {"verdict": None, "locked_until": None}
    found = [venue.value(admit, venue.store, WRONG)["verdict"] for _ in range(5)]
    assert found == ["wrong_password"] * 4 + ["locked"]
    assert venue.value(admit, venue.store, STRETCHED)["verdict"] == "locked"
    assert log_in(venue.till())["ok"], "the tills are not shut out by it"


def test_no_function_of_the_tills_gives_a_password_away(venue: Venue) -> None:
    set_password(venue)
    till = venue.till()
    held = token(till)
    hashed = hashlib.sha256(STRETCHED.encode()).hexdigest()
    replies = [
        till.push(reference={"staff": 0, "settings": 0, "tabs": 0, "menu": 0}),
        till.read("till.hello_v1", journal=till.journal),
        till.read("till.conflicts_v1"),
        till.read("till.user_sessions_v1", user=9),
        settle(till, held, "quarantine", 1, "x"),
    ]
    assert hashed not in json.dumps(replies)
    assert SALT not in json.dumps(replies)
    for query in ("TABLE till.users", "TABLE till.act_tokens", "SELECT till.user_salt_v1(NULL, 9)"):
        with pytest.raises(errors.InsufficientPrivilege):
            venue.app.execute(query)
