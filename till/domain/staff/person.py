"""The staff: a number, a name, a role. Five wrong PINs lock a number for five minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from till.domain.errors import ConfigError, EventError
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.staff.pins import can_be_pin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Wrong PINs before a number is locked, and the duration of the lock.
TRIES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=5)


class Role(StrEnum):
    """The role of a person: a cashier sells, a manager approves, an admin administers the venue."""

    CASHIER = "cashier"
    MANAGER = "manager"
    ADMIN = "admin"


class Person(Struct, frozen=True):
    """A member of staff. `pin_hash` is argon2id; a number is never reassigned to another person.

    Attributes:
        language: the code of the language of their screens; empty for the venue's.
    """

    number: int
    name: str
    role: Role
    pin_hash: str
    disabled: bool = False
    locked_until: datetime | None = None
    language: str = ""

    @property
    def manages(self) -> bool:
        """True if the person may do acts that need a manager."""
        return self.role in {Role.MANAGER, Role.ADMIN}


#: The most digits of a staff number, if the list of staff is not loaded.
_DIGITS: Final = 9


def begins_number(staff: Iterable[Person], typed: str) -> bool:
    """True if typed text begins a staff number. Any other may be a PIN typed into the wrong field, and is hidden."""
    numbers = [str(person.number) for person in staff]
    return any(number.startswith(typed) for number in numbers) if numbers else len(typed) <= _DIGITS


def number_and_secret(staff: Iterable[Person], typed: str) -> tuple[str, str]:
    """Return a staff number and the secret typed after it, with or without a space; an empty secret if there is none.

    Without a space, the digits are divided only if a single number fits.
    """
    number, _space, secret = typed.strip().partition(" ")
    numbers = {str(person.number) for person in staff}
    if not secret and number.isdecimal() and number not in numbers:
        fits = [one for one in numbers if number.startswith(one) and can_be_pin(number.removeprefix(one))]
        if len(fits) == 1:
            return fits[0], number.removeprefix(fits[0])
    return number, secret.strip()


def read_staff(body: Mapping[str, Any]) -> tuple[Person, ...]:
    """Read the database's list of staff (docs/protocol.md), sorted by number."""
    try:
        people = [_read_person(raw) for raw in body["staff"]]
    except (KeyError, TypeError, ValueError, AttributeError, EventError) as problem:
        raise ConfigError(_("The list of staff cannot be read: {what}.").format(what=str(problem)[:80])) from problem
    return tuple(sorted(people, key=lambda person: person.number))


def _read_person(raw: Mapping[str, Any]) -> Person:
    return Person(
        int(raw["number"]),
        str(raw["name"]),
        Role(raw["role"]),
        str(raw["pin_hash"] or ""),
        bool(raw.get("disabled")),
        read_time(raw["locked_until"]) if raw.get("locked_until") else None,
        str(raw.get("language") or ""),
    )


class Tries(Struct, frozen=True):
    """Consecutive wrong PINs on this till: for logins of a number, or for approvals that a user asked for.

    Attributes:
        wrong: the number of wrong PINs.
        locked_until: the end of the lock on this till.
        lock_seq: the number in the chain of the event that recorded the lock; 0 if there is none.
    """

    wrong: int = 0
    locked_until: datetime | None = None
    lock_seq: int = 0

    def after_wrong(self, now: datetime) -> Tries:
        """Count a wrong PIN. The fifth one locks the number."""
        wrong = self.wrong + 1
        return Tries(0, now + LOCKED_FOR) if wrong >= TRIES else Tries(wrong)
