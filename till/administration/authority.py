"""The authority to act on the server: a staff number, and a password that the server checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.administration.calls import AdministrationError, ask_as_till, call
from till.domain.errors import LoginError, RightsError
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.staff.person import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import psycopg


def admit(
    connection: psycopg.Connection[Any],
    store_id: str,
    number: int,
    read_password: Callable[[], str],
    needs: Role = Role.MANAGER,
) -> None:
    """Check the password and the role of a person.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
        number: the staff number.
        read_password: returns the password, which is not stored.
        needs: the required role; an admin may do everything that a manager may.
    """
    _check_password(connection, store_id, number, read_password)
    check_role(call(connection, "user_for_login_v1", store_id, number), number, needs)


def check_role(person: Mapping[str, Any] | None, number: int, needs: Role = Role.MANAGER) -> None:
    """Check that a person still works here and has the required role.

    Args:
        person: the answer of `till.user_for_login_v1`; None for an unknown number.
        number: the staff number.
        needs: the required role.
    """
    if person is None or person["disabled"]:
        raise RightsError(_("Number {number} no longer works here.").format(number=number))
    if not manages(person["role"]) or (needs is Role.ADMIN and person["role"] != Role.ADMIN):
        needed = _("an admin") if needs is Role.ADMIN else _("a manager")
        raise RightsError(_("Number {number} may not do that. It needs {role}.").format(number=number, role=needed))


def token_at(connection: psycopg.Connection[Any], till: Mapping[str, Any], number: int, password: str) -> str:
    """Return a token of a manager at a till, valid for fifteen minutes.

    Args:
        connection: a connection with the rights of tills.
        till: {"store", "till", "secret"}.
        number: the staff number.
        password: the password, which is not stored.
    """
    from till.domain.staff.password import stretch

    try:
        salt = ask_as_till(connection, "password_salt_v1", {**till, "user": number})["salt"]
        asked = {**till, "user": number, "stretched": stretch(password, salt)}
        token: str = ask_as_till(connection, "password_login_v1", asked)["token"]
    except AdministrationError as refused:
        raise LoginError(refused.sentence) from refused
    return token


def manages(role: str) -> bool:
    """True if a role may manage."""
    return role in {Role.MANAGER, Role.ADMIN}


def _check_password(
    connection: psycopg.Connection[Any], store_id: str, number: int, read_password: Callable[[], str]
) -> None:
    from till.domain.staff.password import stretch

    stretched = stretch(read_password(), call(connection, "user_salt_v1", store_id, number))
    tried = call(connection, "user_admit_v1", store_id, number, stretched)
    if tried["verdict"] == "locked":
        raise LoginError(
            _(
                "Number {number} is locked until {time} UTC, after five wrong passwords. The database owner "
                "unlocks it: `till admin users unlock {number} --as-owner`."
            ).format(number=number, time=f"{read_time(tried['locked_until']):%H:%M}")
        )
    if tried["verdict"] is not None:
        raise LoginError(_("Wrong number or password. Try again."))
