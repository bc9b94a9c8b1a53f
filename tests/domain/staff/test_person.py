from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from till.domain.errors import ConfigError
from till.domain.staff.person import LOCKED_FOR, TRIES, Role, Tries, begins_number, number_and_secret, read_staff

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
RAW: dict[str, Any] = {"number": 2, "name": "Asha", "role": "cashier", "pin_hash": "$argon2id$"}


def test_staff_are_read_by_number() -> None:
    people = read_staff({"staff": [RAW, RAW | {"number": 1, "role": "manager", "disabled": True}]})
    assert [(p.number, p.role, p.disabled) for p in people] == [(1, Role.MANAGER, True), (2, Role.CASHIER, False)]


def test_a_lock_of_another_till_is_known() -> None:
    person = read_staff({"staff": [RAW | {"locked_until": "2026-03-03T12:05:00.000000Z"}]})[0]
    assert person.locked_until == NOON + LOCKED_FOR


@pytest.mark.parametrize(
    ("typed", "begins", "parted"),
    [
        ("1", True, ("1", "")),
        ("104", True, ("104", "")),
        ("1042", True, ("1042", "")),
        ("9", False, ("9", "")),
        ("9999", False, ("9999", "")),
        ("1042 9999", False, ("1042", "9999")),
        ("20429999", False, ("2042", "9999")),
        ("10429999", False, ("10429999", "")),  # 1 and 0429999, or 1042 and 9999
        ("1 042", False, ("1", "042")),
        ("20", True, ("20", "")),
        ("2042999", False, ("2042999", "")),
    ],
)
def test_digits_that_begin_no_staff_number_may_be_a_secret(
    typed: str, parted: tuple[str, str], *, begins: bool
) -> None:
    people = read_staff({"staff": [RAW | {"number": number} for number in (1, 1042, 2042)]})
    assert begins_number(people, typed) is begins
    assert number_and_secret(people, typed) == parted


@pytest.mark.parametrize(("role", "manages"), [("cashier", False), ("manager", True), ("admin", True)])
def test_managers_and_admins_manage(role: str, *, manages: bool) -> None:
    assert read_staff({"staff": [RAW | {"role": role}]})[0].manages is manages


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"staff": None},
        {"staff": ["Asha"]},
        {"staff": [RAW | {"role": "emperor"}]},
        {"staff": [RAW | {"number": "two"}]},
        {"staff": [RAW | {"locked_until": "soon"}]},
        {"staff": [{"number": 1}]},
    ],
)
def test_a_damaged_staff_list_is_refused_in_a_sentence(body: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="The list of staff cannot be read"):
        read_staff(body)


def test_five_wrong_pins_lock_for_five_minutes() -> None:
    tries = Tries()
    for wrong in range(1, 5):
        tries = tries.after_wrong(NOON)
        assert (tries.wrong, tries.locked_until) == (wrong, None)
    tries = tries.after_wrong(NOON)
    assert timedelta(minutes=5) == LOCKED_FOR
    assert tries.locked_until == NOON + LOCKED_FOR


def test_after_a_lock_there_are_five_tries_again() -> None:
    tries = Tries(0, NOON)
    for _wrong in range(TRIES - 1):
        tries = tries.after_wrong(NOON + LOCKED_FOR)
    assert tries.locked_until is None
    assert tries.after_wrong(NOON + LOCKED_FOR).locked_until == NOON + 2 * LOCKED_FOR
