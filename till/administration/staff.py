"""The rules for changes of staff: names and ranks; and the status of a person in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.catalogue.menu_cells import CellError, read_name
from till.domain.errors import RightsError, TillError
from till.domain.i18n import LANGUAGES, N_, _
from till.domain.staff.person import Role
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.administration.calls import AtServer


class StaffNameError(TillError):
    """A name that cannot be used."""

    code = "name"
    default = N_("That name cannot be used.")


class LanguageError(TillError):
    """A language that no till speaks."""

    code = "language"
    default = N_("A till does not speak that language. `till admin settings languages` lists those that it does.")


def required_role(role: Role) -> Role:
    """Return the role required to add a person with a role: manager for cashiers, admin for others."""
    return Role.MANAGER if role is Role.CASHIER else Role.ADMIN


def check_rank(at: AtServer, number: int) -> None:
    """Check that the actor may change a person: a manager may change cashiers, an admin everybody."""
    if at.actor is None or at.actor == number:
        return
    ranks = {found: at.ask("user_for_login_v1", found) for found in (at.actor, number)}
    other = ranks[number]
    if other is not None and other["role"] != Role.CASHIER and ranks[at.actor]["role"] != Role.ADMIN:
        sentence = _("Number {number} has the role {role}: that needs an admin.")
        raise RightsError(sentence.format(number=number, role=other["role"]))


def read_staff_name(name: str) -> str:
    """Return the normalized name of a person or a till."""
    try:
        return read_name(name)
    except CellError as problem:
        raise StaffNameError(_("The name {what}.").format(what=problem.sentence)) from problem


def read_language(code: str) -> str:
    """Return the code of a language that tills speak; empty for the venue's."""
    if code and code not in LANGUAGES:
        sentence = _("A till does not speak {language}. It speaks {known}.")
        raise LanguageError(sentence.format(language=clean(code)[:20], known=", ".join(LANGUAGES)))
    return code


def status_words(person: Mapping[str, Any]) -> str:
    """Return the status of a person in words; empty for a person who can log in."""
    if person["disabled"]:
        return _("disabled")
    if person["locked_until"]:
        return _("locked")
    if not person["has_pin"]:
        return _("no PIN")
    return _("no password") if person["role"] != Role.CASHIER and not person["has_password"] else ""
