"""Acts on staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from typing_extensions import override

from till.administration.acts.act import TypedAct
from till.administration.calls import AdministrationError
from till.administration.staff import check_rank, read_language, read_staff_name, required_role, status_words
from till.domain.i18n import LANGUAGES, N_, _, ngettext
from till.domain.order.state import Status
from till.domain.staff.person import Role
from till.domain.text import clean
from till.ports.desk import Prepared
from till.ports.shell import ShellField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.administration.calls import AtServer

_NUMBER: Final = r"0*(?P<number>[1-9][0-9]{0,5})"
_WHO: Final = rf"(?:user )?{_NUMBER}"
_ROLE: Final = "|".join(Role)
_STAFF_NUMBER: Final = ShellField("NUMBER", N_("A staff number."), least=1, most=999_999)
_NAME: Final = ShellField("NAME", N_("Their name."), "--name")
_WITH_ARTICLE: Final = {Role.CASHIER: N_("a cashier"), Role.MANAGER: N_("a manager"), Role.ADMIN: N_("an admin")}


def _hints_of_role(number: int, role: Role) -> Iterable[str]:
    """Return hints on a person with a new role."""
    if role is not Role.CASHIER:
        sentence = _("At the server they need a password: `till admin users set-password {number}`.")
        yield sentence.format(number=number)


class AddPerson(TypedAct, frozen=True):
    """Add a person. Numbers are never reused."""

    shell = 'users add 3 --name "Asha" --role cashier'
    words = (rf"add {_WHO} (?P<name>.+?)(?: (?P<role>{_ROLE}))?",)
    masked = "pin"
    reads = (("name", read_staff_name),)
    call = "user_add_v1"
    done = N_("Added {number} {name}, {role}.")

    number: Annotated[int, _STAFF_NUMBER]
    name: Annotated[str, _NAME]
    role: Annotated[Role, ShellField("", N_("Their role."), "--role")] = Role.CASHIER
    pin: str = ""

    def __repr__(self) -> str:
        return f"AddPerson({self.number}, {self.name!r}, {self.role!r})"

    @property
    @override
    def needs(self) -> Role:
        return required_role(self.role)

    @override
    def look_up(self, at: AtServer) -> Prepared:
        act = self.checked()
        if any(one["number"] == act.number for one in at.ask("people_v1")):
            raise AdministrationError(_("Number {n} is already in use, for good.").format(n=act.number))
        facts = ((_("Number"), str(act.number)), (_("Name"), act.name), (_("Role"), str(act.role)))
        return Prepared(act, _("Somebody new"), facts)

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        from till.domain.staff.pins import hash_pin

        return self.number, self.name, str(self.role), hash_pin(self.pin)

    @override
    def hints(self, at: AtServer) -> Iterable[str]:
        return _hints_of_role(self.number, self.role)


class PersonAct(TypedAct, frozen=True):
    """An act on a person. A manager may change cashiers and themselves, an admin everybody.

    Attributes:
        title: the heading of the confirmation, with `{who}`.
        number: the staff number.
    """

    title: ClassVar[str]

    number: Annotated[int, _STAFF_NUMBER]

    @property
    def then(self) -> str:
        """The new value for display; empty if there is none to show."""
        return ""

    @override
    def look_up(self, at: AtServer) -> Prepared:
        row = next((one for one in at.ask("people_v1") if one["number"] == self.number), None)
        if row is None:
            raise AdministrationError(_("There is no staff number {n}. Type: users.").format(n=self.number))
        self.check(at)
        act, name = self.checked(), clean(row["name"])
        facts = ((_("Name"), name), (_("Role"), row["role"]), (_("Status"), status_words(row)), (_("Then"), act.then))
        return Prepared(act, self.title.format(who=f"{self.number} {name}"), facts)

    @override
    def do(self, at: AtServer) -> Any:
        self.check(at)
        return super().do(at)

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        return self.done.format(number=self.number, then=self.then)

    @override
    def check(self, at: AtServer) -> None:
        check_rank(at, self.number)


class Disable(PersonAct, frozen=True):
    """Stop a person from logging in. Past sales keep their name."""

    shell = "users disable 3"
    words = (rf"disable {_WHO}",)
    title = N_("Stop {who} logging in")
    call = "user_disable_v1"
    done = N_("Number {number} is disabled.")

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.number, True

    @override
    def hints(self, at: AtServer) -> Iterable[str]:
        count = len(at.ask("session_list_v1", [Status.ACTIVE, Status.PENDING_LOGOUT], self.number)["sessions"])
        if count:
            sentence = ngettext(
                "{n} order of theirs is open: `till recover --user {number} --give-to N` gives it to somebody else.",
                "{n} orders of theirs are open: `till recover --user {number}` lists them, --give-to N gives one "
                "to somebody else.",
                count,
            )
            yield sentence.format(n=count, number=self.number)


class Enable(PersonAct, frozen=True):
    """Let a disabled person log in again."""

    shell = "users enable 3"
    words = (rf"enable {_WHO}",)
    title = N_("Let {who} log in again")
    call = "user_disable_v1"
    done = N_("Number {number} may log in again.")

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.number, False


class RenamePerson(PersonAct, frozen=True):
    """Rename a person. Earlier receipts and reports show the number, so they do not change."""

    shell = 'users rename 3 --name "Asha K."'
    words = (rf"rename user {_NUMBER} (?:to )?(?P<name>.+)",)
    title = N_("The name of {who}")
    reads = (("name", read_staff_name),)
    call = "user_rename_v1"
    done = N_("Number {number} is called {then} from now on.")

    name: Annotated[str, _NAME]

    @property
    @override
    def then(self) -> str:
        return self.name


class SetRole(PersonAct, frozen=True):
    """Change a person's role. The last admin stays an admin."""

    shell = "users set-role 3 manager"
    words = (rf"role (?:of )?{_WHO} (?P<role>{_ROLE})",)
    title = N_("The role of {who}")
    call = "user_set_role_v1"
    done = N_("Number {number} is now {then}.")

    role: Annotated[Role, ShellField("", N_("Their new role."))]

    @property
    @override
    def needs(self) -> Role:
        return required_role(self.role)

    @property
    @override
    def then(self) -> str:
        return _WITH_ARTICLE[self.role]

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.number, str(self.role)

    @override
    def hints(self, at: AtServer) -> Iterable[str]:
        has_password = any(one["number"] == self.number and one["has_password"] for one in at.ask("people_v1"))
        return () if has_password else _hints_of_role(self.number, self.role)


class SetLanguage(PersonAct, frozen=True):
    """Choose the language of a person's screens. Without one they have the venue's again."""

    shell = "users set-language 3 es"
    words = (rf"language (?:of )?{_WHO}(?: (?P<language>\S+))?",)
    title = N_("The language of {who}")
    reads = (("language", read_language),)
    call = "user_set_language_v1"
    done = N_("Number {number} reads {then} from the next login on.")

    language: Annotated[str, ShellField("LANGUAGE", N_("Its code, such as es; empty for the venue's."))] = ""

    @property
    @override
    def then(self) -> str:
        return LANGUAGES[self.language] if self.language else _("the venue's language")

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.number, self.language


class SetPin(PersonAct, frozen=True):
    """Set a person's PIN, and unlock the number."""

    shell = "users set-pin 3 --pin-file pin.txt"
    words = (rf"pin (?:of )?{_WHO}",)
    title = N_("A new PIN for {who}")
    masked = "pin"
    call = "user_set_pin_v1"
    done = N_("Number {number} has a new PIN.")

    pin: str = ""

    def __repr__(self) -> str:
        return f"SetPin({self.number})"

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        from till.domain.staff.pins import hash_pin

        return self.number, hash_pin(self.pin)


class SetPassword(PersonAct, frozen=True):
    """Set a person's password for acts at the server: administration, settling, unlocking."""

    shell = "users set-password 9"
    words = (rf"password (?:of )?{_WHO}",)
    title = N_("A new password for {who}")
    masked = "password"
    call = "user_set_password_v1"
    done = N_("Number {number} has a new password.")

    password: str = ""

    def __repr__(self) -> str:
        return f"SetPassword({self.number})"

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        from till.domain.staff.password import check_new_password, hash_to_keep, new_salt, stretch

        check_new_password(self.password)
        salt = new_salt()
        return self.number, salt, hash_to_keep(stretch(self.password, salt))


class Unlock(PersonAct, frozen=True):
    """Unlock a number after wrong PINs or passwords. A manager's number needs an admin. It logs nobody in."""

    shell = N_("users unlock 3; with --as-owner for a database owner who is locked too")
    words = (rf"unlock {_WHO}",)
    title = N_("Unlock {who}")
    call = "user_unlock_v1"
    done = N_("Number {number} is unlocked.")
