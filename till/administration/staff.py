"""The staff: the acts on people, and who may do them to whom. For commands and the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.catalogue.menu_cells import CellError, read_name
from till.domain.errors import RightsError, TillError
from till.domain.i18n import _
from till.domain.staff.person import Role

if TYPE_CHECKING:
    from till.administration.calls import AtServer


class StaffNameError(TillError):
    """A name that cannot be used."""

    code = "name"
    default = _("That name cannot be used.")


# Each act raises an AdministrationError if the server refuses, and a RightsError for a person only an admin may change:
# nothing was changed then.


def needed(role: Role) -> Role:
    """Return the role that may make a person of a role: a manager makes cashiers, an admin all."""
    return Role.MANAGER if role is Role.CASHIER else Role.ADMIN


def check_rank(at: AtServer, number: int) -> None:
    """Check that the actor may change a person: a manager changes cashiers, an admin all.

    Raises:
        RightsError: the actor may not change a person of that rank.
    """
    if at.actor is None or at.actor == number:
        return
    ranks = {found: at.ask("user_for_login_v1", found) for found in (at.actor, number)}
    other = ranks[number]
    if other is not None and other["role"] != Role.CASHIER and ranks[at.actor]["role"] != Role.ADMIN:
        sentence = _("Number {number} has the role {role}: that needs an admin.")
        raise RightsError(sentence.format(number=number, role=other["role"]))


def read_staff_name(name: str) -> str:
    """Return the name of a person, or of a till, as it is kept.

    Raises:
        StaffNameError: it is no name.
    """
    try:
        return read_name(name)
    except CellError as problem:
        raise StaffNameError(_("The name {what}.").format(what=problem.sentence)) from problem


def add(at: AtServer, number: int, name: str, role: Role, pin_hash: str) -> None:
    """Add a person. A number is never reassigned; `needed` tells who may make which role."""
    at.act("user_add_v1", number, name, str(role), pin_hash)


def let_in(at: AtServer, number: int, *, allowed: bool) -> None:
    """Disable the login of a person, or enable it again. Their sales stay theirs."""
    check_rank(at, number)
    at.act("user_disable_v1", number, not allowed)


def rename(at: AtServer, number: int, name: str) -> None:
    """Rename a person."""
    check_rank(at, number)
    at.act("user_rename_v1", number, name)


def set_role(at: AtServer, number: int, role: Role) -> None:
    """Change the role of a person. The last one who manages must stay so."""
    check_rank(at, number)
    at.act("user_set_role_v1", number, str(role))


def set_pin(at: AtServer, number: int, pin_hash: str) -> None:
    """Set the PIN of a person, and unlock the number."""
    check_rank(at, number)
    at.act("user_set_pin_v1", number, pin_hash)


def set_password(at: AtServer, number: int, password: str) -> None:
    """Set a person's password for acts at the server.

    Raises:
        LoginError: it is too short.
    """
    from till.domain.staff.password import (
        check_new_password,
        hash_to_keep,
        new_salt,
        stretch,
    )

    check_rank(at, number)
    check_new_password(password)
    salt = new_salt()
    at.act("user_set_password_v1", number, salt, hash_to_keep(stretch(password, salt)))
