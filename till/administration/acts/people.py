"""Acts on staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from typing_extensions import override

from till.administration.acts.act import TypedAct
from till.administration.calls import AdministrationError
from till.administration.staff import check_rank, needed, read_staff_name
from till.domain.i18n import _
from till.domain.staff.person import Role
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import Prepared

if TYPE_CHECKING:
    from typing import Self

    from till.administration.calls import AtServer

_NUMBER: Final = r"0*(?P<number>[1-9][0-9]{0,5})"
_WHO: Final = rf"(?:user )?{_NUMBER}"
_ROLE: Final = "|".join(Role)
_WITH_ARTICLE: Final = {Role.CASHIER: _("a cashier"), Role.MANAGER: _("a manager"), Role.ADMIN: _("an admin")}


class AddPerson(TypedAct, frozen=True):
    """Add a person. A number is never reassigned."""

    words = (rf"add {_WHO} (?P<name>.+?)(?: (?P<role>{_ROLE}))?",)

    number: int
    name: str
    role: Role = Role.CASHIER
    pin: str = ""

    def __repr__(self) -> str:
        return f"AddPerson({self.number}, {self.name!r}, {self.role!r})"

    @property
    @override
    def needs(self) -> Role:
        return needed(self.role)

    @override
    def checked(self) -> Self:
        return replace(self, name=read_staff_name(self.name))

    @override
    def look_up(self, at: AtServer, selects: Any) -> Prepared:
        from till.reports.staff import read_staff

        act = self.checked()
        if any(one["number"] == act.number for one in read_staff(selects, at.store_id)):
            raise AdministrationError(_("Number {n} is already in use, for good.").format(n=act.number))
        facts = ((_("Number"), str(act.number)), (_("Name"), act.name), (_("Role"), str(act.role)))
        return Prepared(act, _("Somebody new"), facts)

    @override
    def do(self, at: AtServer) -> str:
        from till.domain.staff.pins import hash_pin

        at.act("user_add_v1", self.number, self.name, str(self.role), hash_pin(self.pin))
        return _("Added {number} {name}, {role}.").format(number=self.number, name=self.name, role=self.role)


class PersonAct(TypedAct, frozen=True):
    """An act on a person. A manager may change cashiers and themselves, an admin everybody.

    Attributes:
        title: the heading of the confirmation, with `{who}`.
        done: the sentence on the result, with `{number}` and `{then}`.
        number: the staff number.
    """

    title: ClassVar[str]
    done: ClassVar[str]

    number: int

    @property
    def then(self) -> str:
        """The new value for display; empty if there is none to show."""
        return ""

    @override
    def look_up(self, at: AtServer, selects: Any) -> Prepared:
        from till.reports.staff import read_staff, status_words

        row = next((one for one in read_staff(selects, at.store_id) if one["number"] == self.number), None)
        if row is None:
            raise AdministrationError(_("There is no staff number {n}. Type: users.").format(n=self.number))
        self.check_rank(at)
        act, name = self.checked(), clean(row["name"])
        facts = ((_("Name"), name), (_("Role"), row["role"]), (_("Status"), status_words(row)), (_("Then"), act.then))
        return Prepared(act, self.title.format(who=f"{self.number} {name}"), facts)

    @override
    def do(self, at: AtServer) -> str:
        self.check_rank(at)
        self.call(at)
        return self.done.format(number=self.number, then=self.then)

    def check_rank(self, at: AtServer) -> None:
        """Check that the actor may change the person.

        Raises:
            RightsError: the person's role needs an admin.
        """
        check_rank(at, self.number)

    def call(self, at: AtServer) -> None:
        """Call the server's function.

        Raises:
            TillError: the call was refused; nothing changed.
        """
        raise NotImplementedError


class Disable(PersonAct, frozen=True):
    """Disable the login of a person. Their sales are unchanged."""

    words = (rf"disable {_WHO}",)
    title = _("Stop {who} logging in")
    done = _("Number {number} is disabled.")

    @override
    def call(self, at: AtServer) -> None:
        at.act("user_disable_v1", self.number, True)


class Enable(PersonAct, frozen=True):
    """Enable the login of a disabled person."""

    words = (rf"enable {_WHO}",)
    title = _("Let {who} log in again")
    done = _("Number {number} may log in again.")

    @override
    def call(self, at: AtServer) -> None:
        at.act("user_disable_v1", self.number, False)


class RenamePerson(PersonAct, frozen=True):
    """Rename a person."""

    words = (rf"rename user {_NUMBER} (?:to )?(?P<name>.+)",)
    title = _("The name of {who}")
    done = _("Number {number} is called {then} from now on.")

    name: str

    @property
    @override
    def then(self) -> str:
        return self.name

    @override
    def checked(self) -> Self:
        return replace(self, name=read_staff_name(self.name))

    @override
    def call(self, at: AtServer) -> None:
        at.act("user_rename_v1", self.number, self.name)


class SetRole(PersonAct, frozen=True):
    """Change the role of a person. The last admin must remain one."""

    words = (rf"role (?:of )?{_WHO} (?P<role>{_ROLE})",)
    title = _("The role of {who}")
    done = _("Number {number} is now {then}.")

    role: Role

    @property
    @override
    def needs(self) -> Role:
        return needed(self.role)

    @property
    @override
    def then(self) -> str:
        return _WITH_ARTICLE[self.role]

    @override
    def call(self, at: AtServer) -> None:
        at.act("user_set_role_v1", self.number, str(self.role))


class SetPin(PersonAct, frozen=True):
    """Set the PIN of a person, and unlock the number."""

    words = (rf"pin (?:of )?{_WHO}",)
    title = _("A new PIN for {who}")
    done = _("Number {number} has a new PIN.")

    pin: str = ""

    def __repr__(self) -> str:
        return f"SetPin({self.number})"

    @override
    def call(self, at: AtServer) -> None:
        from till.domain.staff.pins import hash_pin

        at.act("user_set_pin_v1", self.number, hash_pin(self.pin))


class SetPassword(PersonAct, frozen=True):
    """Set the password of a person for acts on the server."""

    words = (rf"password (?:of )?{_WHO}",)
    title = _("A new password for {who}")
    done = _("Number {number} has a new password.")

    password: str = ""

    def __repr__(self) -> str:
        return f"SetPassword({self.number})"

    @override
    def call(self, at: AtServer) -> None:
        from till.domain.staff.password import check_new_password, hash_to_keep, new_salt, stretch

        check_new_password(self.password)
        salt = new_salt()
        at.act("user_set_password_v1", self.number, salt, hash_to_keep(stretch(self.password, salt)))


class Unlock(PersonAct, frozen=True):
    """Unlock a number after wrong PINs or passwords."""

    words = (rf"unlock {_WHO}",)
    title = _("Unlock {who}")
    done = _("Number {number} is unlocked.")

    @override
    def call(self, at: AtServer) -> None:
        at.act("user_unlock_v1", self.number)
