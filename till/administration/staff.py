"""The rules of administration about the staff: their names, and who may change whom."""

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
