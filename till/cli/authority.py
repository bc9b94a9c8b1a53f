"""Who runs an admin command: staff number and PIN, except on the embedded store of the same operating-system user."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from till.cli.calls import call
from till.cli.output import read_file
from till.domain.errors import LoginError, RightsError
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.staff.person import Role

if TYPE_CHECKING:
    import psycopg

    from till.cli.surroundings import Surroundings


def authorize(
    here: Surroundings, connection: psycopg.Connection[Any], store_id: str, needs: Role = Role.MANAGER
) -> int | None:
    """The staff number of who runs this command; None for the owner of the embedded store.

    A venue without anybody who manages and has a PIN lets its database's owner in: somebody must add the first.

    Raises:
        LoginError: nobody, or not the one they say.
        RightsError: that person may not.
    """
    if here.is_embedded:  # its socket lets in its own user alone
        return None
    staff = call(connection, "user_list_v1", store_id)
    if not any(_manages(person) and person["has_pin"] and not person["disabled"] for person in staff):
        return None
    number = _read_number()
    person = call(connection, "user_for_login_v1", store_id, number)
    _check_pin(connection, store_id, number, person)
    if not _manages(person) or (needs is Role.ADMIN and person["role"] != Role.ADMIN):
        needed = _("an admin") if needs is Role.ADMIN else _("a manager")
        raise RightsError(_("Number {number} may not do that. It needs {role}.").format(number=number, role=needed))
    return number


def _manages(person: dict[str, Any]) -> bool:
    return person["role"] in {Role.MANAGER, Role.ADMIN}


def _read_number() -> int:
    text = os.environ.get("TILL_STAFF") or (input(_("Staff number: ")) if sys.stdin.isatty() else "")
    if not (text.strip().isascii() and text.strip().isdigit()):
        raise LoginError(_("Say who you are: your staff number in TILL_STAFF, a file with your PIN in TILL_PIN_FILE."))
    return int(text)


def _check_pin(connection: psycopg.Connection[Any], store_id: str, number: int, person: dict[str, Any] | None) -> None:
    from datetime import UTC, datetime

    from till.register.pins import check_pin

    if person is None or person["disabled"] or not person["pin_hash"]:
        raise LoginError(_("Nobody here has number {number} and a PIN.").format(number=number))
    locked = person["locked_until"]
    if locked and read_time(locked) > datetime.now(UTC):
        raise LoginError(_locked(number, locked))
    if check_pin(person["pin_hash"], _read_pin()):
        call(connection, "user_admitted_v1", store_id, number)
        return
    locked = call(connection, "user_refused_v1", store_id, number)
    raise LoginError(
        _locked(number, locked)
        if locked
        else _("That PIN is not the one of number {number}. Try again.").format(number=number)
    )


def _locked(number: int, until: str) -> str:
    return _("Number {number} is locked until {time} UTC, after five wrong PINs.").format(
        number=number, time=f"{read_time(until):%H:%M}"
    )


def _read_pin() -> str:
    file = os.environ.get("TILL_PIN_FILE")
    if file:
        return _first_line(read_file(file))
    if not sys.stdin.isatty():
        raise LoginError(_("Your PIN is needed: name a file that holds it in TILL_PIN_FILE."))
    from getpass import getpass

    return getpass(_("PIN: ")).strip()


def read_new_pin(file: str | None, *, of_another: bool) -> str:
    """The PIN that a person shall have; never from the command line, where every user of the machine could read it.

    Args:
        file: holds it in its first line; None asks at the terminal, or reads standard input when there is none.
        of_another: whether TILL_PIN_FILE holds the PIN of who runs the command, and so not this one.

    Raises:
        LoginError: two different PINs were typed, or none was given.
    """
    named = file or (None if of_another else os.environ.get("TILL_PIN_FILE"))
    if named:
        return _first_line(read_file(named))
    if not sys.stdin.isatty():
        pin = sys.stdin.readline().strip()
        if not pin:
            raise LoginError(_("No PIN came: type it at a terminal, or pass it on standard input or in --pin-file."))
        return pin
    from getpass import getpass

    pin = getpass(_("New PIN: ")).strip()
    if getpass(_("The same again: ")).strip() != pin:
        raise LoginError(_("The two PINs are not the same. Nothing was changed."))
    return pin


def _first_line(data: bytes) -> str:
    return data.decode("utf-8", "replace").partition("\n")[0].strip()
