"""The login of the person who runs an admin command: staff number and password; none on an embedded database."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from till.administration.authority import admit, manages, token_at
from till.administration.calls import AtTill, call
from till.cli.grounds import secret_of
from till.cli.output import read_file
from till.cli.secret_files import first_line, read_secret_file
from till.domain.errors import LoginError
from till.domain.i18n import _
from till.domain.staff.person import Role

if TYPE_CHECKING:
    import psycopg

    from till.cli.surroundings import Surroundings

_PASSWORD_FILE: Final = "TILL_PASSWORD_FILE"  # noqa: S105 - the name of a variable


def authorize(
    here: Surroundings, connection: psycopg.Connection[Any], store_id: str, needs: Role = Role.MANAGER
) -> int | None:
    """Return the staff number of the person who runs this command; None for the owner of the embedded database.

    A venue without a manager who has a password lets the owner of its database in, to set the first password.

    Raises:
        LoginError: no login was given, or it is wrong.
        RightsError: the person may not do this.
    """
    if here.is_embedded:  # its socket lets in its own user alone
        return None
    staff = call(connection, "people_v1", store_id)
    if not any(manages(person["role"]) and person["has_password"] and not person["disabled"] for person in staff):
        return None
    number = _read_number()
    admit(connection, store_id, number, _read_password, needs)
    return number


def log_in_at(here: Surroundings, connection: psycopg.Connection[Any]) -> AtTill:
    """Return the functions that the person who runs this command may call from this till's machine.

    Raises:
        ConfigError: this till is not enrolled here.
        LoginError: no login was given, or it is wrong.
    """
    store, till = here.venue.store_id, here.config.till.id
    secret = secret_of(here, till)
    number = _read_number()
    token = token_at(connection, {"store": store, "till": till, "secret": secret}, number, _read_password())
    return AtTill(connection=connection, store_id=store, actor=number, till=till, secret=secret, token=token)


def _read_number() -> int:
    text = os.environ.get("TILL_STAFF") or (input(_("Staff number: ")) if sys.stdin.isatty() else "")
    if not (text.strip().isascii() and text.strip().isdigit()):
        raise LoginError(
            _("Log in: set TILL_STAFF to your staff number, TILL_PASSWORD_FILE to a file with your password.")
        )
    return int(text)


def _read_password() -> str:
    file = os.environ.get(_PASSWORD_FILE)
    if file:
        return read_secret_file(Path(file))
    if not sys.stdin.isatty():
        raise LoginError(_("Your password is needed: name a file that holds it in TILL_PASSWORD_FILE."))
    from getpass import getpass

    return getpass(_("Password: "))


def read_new_pin(file: str | None) -> str:
    """Read a new PIN; never from the command line, where every user of the machine could see it.

    Args:
        file: holds it in its first line; None asks at the terminal, or reads standard input when there is none.

    Raises:
        LoginError: two different PINs were typed, or none was given.
    """
    if file:
        return first_line(read_file(file)).strip()
    if not sys.stdin.isatty():
        pin = sys.stdin.readline().strip()
        if not pin:
            raise LoginError(_("No PIN given: type it at a terminal, or pass it on standard input or in --pin-file."))
        return pin
    from getpass import getpass

    pin = getpass(_("New PIN: ")).strip()
    if getpass(_("The same again: ")).strip() != pin:
        raise LoginError(_("The PINs do not match. Nothing was changed."))
    return pin


def read_new_password(file: str | None) -> str:
    """Read a new password; never from the command line, nor from the environment.

    Args:
        file: holds it in its first line; None asks at the terminal, or reads standard input when there is none.

    Raises:
        LoginError: two different passwords were typed, none was given, or the file is open to others.
    """
    if file:
        return read_secret_file(Path(file))
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise LoginError(
                _("No password given: type it at a terminal, or pass it on standard input or in --password-file.")
            )
        return password
    from getpass import getpass

    password = getpass(_("New password: "))
    if getpass(_("The same again: ")) != password:
        raise LoginError(_("The passwords do not match. Nothing was changed."))
    return password
