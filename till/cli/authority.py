"""The login of the person who runs an admin command: staff number and password."""

from __future__ import annotations

import os
import sys
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import typer
from msgspec import Struct

from till.administration.authority import admit, check_role, manages, token_at
from till.administration.calls import AtTill, call
from till.cli.connections import secret_of
from till.cli.output import read_file
from till.cli.secret_files import first_line, read_secret_file
from till.config.folders import write_once
from till.domain.errors import LoginError
from till.domain.i18n import N_, _
from till.domain.staff.person import Role

if TYPE_CHECKING:
    import psycopg

    from till.cli.environment import Surroundings
    from till.config import Folders

#: True while a command acts as the owner of the database.
_AS_OWNER: Final = ContextVar("as_owner", default=False)
#: The time for which a login at the embedded database is remembered in its terminal.
_LOGIN_LIFETIME: Final = timedelta(hours=1)
_STAFF: Final = "TILL_STAFF"
#: The manager of the demo venue.
_DEMO_MANAGER: Final = 9
_PASSWORD_FILE: Final = "TILL_PASSWORD_FILE"  # noqa: S105 - the name of a variable


AsOwner = Annotated[
    bool,
    typer.Option("--as-owner", help=N_("Act as the database owner, without a password; this is audited.")),
]


PinFile = Annotated[
    str | None,
    typer.Option("--pin-file", metavar="FILE", help=N_("A file with the PIN in its first line; - is standard input.")),
]
PasswordFile = Annotated[
    str | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        help=N_("A file with the password in its first line, readable only by you; - is standard input."),
    ),
]


class _RememberedLogin(Struct, frozen=True):
    """A remembered login: the person, the store, the terminal, and when it expires."""

    number: int
    store: str
    terminal: int
    until: datetime


def act_as_owner(as_owner: AsOwner = False) -> None:
    """Set whether this command acts as the owner of the database."""
    _AS_OWNER.set(as_owner)


def acts_as_owner() -> bool:
    """Return True if this command acts as the owner of the database."""
    return _AS_OWNER.get()


def authorize(
    here: Surroundings, connection: psycopg.Connection[Any], store_id: str, needs: Role = Role.MANAGER
) -> int | None:
    """Return the staff number of the person who runs this command; None for the owner of the database.

    If no manager of the venue has a password yet, the owner of its database may act, to set the first one.
    """
    staff = call(connection, "people_v1", store_id)
    if not any(manages(person["role"]) and person["has_password"] and not person["disabled"] for person in staff):
        return None
    remembered = _remembered_number(here.folders, store_id) if here.is_embedded and not os.environ.get(_STAFF) else None
    if remembered is not None:
        check_role(call(connection, "user_for_login_v1", store_id, remembered), remembered, needs)
        return remembered
    number = _read_number()
    admit(connection, store_id, number, _read_password, needs)
    if here.is_embedded:
        _remember_login(here.folders, store_id, number)
    return number


def log_in_at(here: Surroundings, connection: psycopg.Connection[Any], needs: Role = Role.MANAGER) -> AtTill:
    """Log in the person who runs this command, through a till of this machine; return the functions they may call.

    It uses the config's till. If the database rejects that one, for example because it was enrolled again under
    another number, it uses another till that is enrolled on this machine.
    """
    store, own = here.venue.store_id, here.config.till.id
    tills = [own, *here.folders.enrolled()]
    till = next((one for one in tills if _is_accepted(connection, store, one, here.folders.read_secret(one))), own)
    secret = secret_of(here, till)
    number = _read_number()
    token = token_at(connection, {"store": store, "till": till, "secret": secret}, number, _read_password())
    admin = AtTill(connection=connection, store_id=store, author=lambda: number, till=till, secret=secret, token=token)
    if needs is Role.ADMIN:  # the server checks it too, but after a PIN or a password is typed
        check_role(admin.ask("user_for_login_v1", number), number, needs)
    return admin


def _is_accepted(connection: psycopg.Connection[Any], store: str, till: int, secret: str | None) -> bool:
    from till.sync.messages import Hello, decode_as, encode_read
    from till.sync.settings import Identity

    if secret is None:
        return False
    return decode_as(call(connection, "hello_v1", encode_read(Identity(store, till, ""), secret)), Hello).ok


def demo_author(connection: psycopg.Connection[Any], store_id: str) -> int:
    """Return the number that acts in the demo are by, which asks nobody: TILL_STAFF, or else the manager's."""
    number = _read_number() if os.environ.get(_STAFF) else _DEMO_MANAGER
    check_role(call(connection, "user_for_login_v1", store_id, number), number)
    return number


def _remembered_number(folders: Folders, store_id: str) -> int | None:
    """Return the number of the person who logged in within the last hour in this terminal; None for nobody."""
    try:
        remembered = msgspec.json.decode(folders.login.read_bytes(), type=_RememberedLogin)
    except (OSError, msgspec.DecodeError):
        return None
    is_valid = timedelta() < remembered.until - datetime.now(UTC) <= _LOGIN_LIFETIME
    return (
        remembered.number if is_valid and (remembered.store, remembered.terminal) == (store_id, os.getsid(0)) else None
    )


def _remember_login(folders: Folders, store_id: str, number: int) -> None:
    remembered = _RememberedLogin(number, store_id, os.getsid(0), datetime.now(UTC) + _LOGIN_LIFETIME)
    folders.login.unlink(missing_ok=True)
    write_once(folders.login, msgspec.json.encode(remembered).decode())


def _read_number() -> int:
    text = os.environ.get(_STAFF) or (input(_("Staff number: ")) if sys.stdin.isatty() else "")
    if not (text.strip().isascii() and text.strip().isdigit()):
        raise LoginError(
            _(
                "Log in: set TILL_STAFF to your staff number, TILL_PASSWORD_FILE to a file with your password. "
                "The owner of the database adds --as-owner."
            )
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
        file: a file with the PIN in its first line; None asks at the terminal, or reads standard input without one.
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
    """Read a new password; never from the command line or the environment.

    Args:
        file: a file with the password in its first line; None asks at the terminal, or reads standard input without
            one.
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
