"""Acts on the tills of the venue, and on programs other than tills."""

from __future__ import annotations

import secrets
import shlex
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from typing_extensions import override

from till.administration.acts.act import OwnerAct, TypedAct
from till.administration.acts.printers import check_alone
from till.administration.acts.stations import find_station, read_stations
from till.administration.calls import AdministrationError
from till.administration.sending import describe_held, sending_state
from till.administration.staff import read_staff_name
from till.domain.errors import TillError
from till.domain.events.envelope import read_time
from till.domain.i18n import N_, _, ngettext
from till.domain.payment.codes import digest_of, make_code, shown_code
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import Enrolment, Prepared
from till.ports.shell import FieldError, ShellField

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from till.administration.calls import AtServer
    from till.ports.desk import PhoneLink
    from till.reports.tills import TillRow


class TillTakenError(TillError):
    """A till number that is already enrolled."""

    code = "till_taken"
    default = N_("That till is already enrolled.")


_TILL: Final = r"till 0*(?P<till>[1-9][0-9]{0,5})"


class TillAct(TypedAct, frozen=True):
    """An act on a till.

    Attributes:
        title: the heading of the confirmation, with `{n}`.
        effect: the result of the act, for the confirmation.
        till: the number of the till.
    """

    title: ClassVar[str]
    effect: ClassVar[str] = ""

    till: Annotated[int, ShellField("NUMBER", N_("The till's number."), least=1, most=999)]

    @override
    def look_up(self, at: AtServer) -> Prepared:
        from till.reports.tills import read_tills

        row = next((one for one in read_tills(at.ask) if one["till"] == self.till), None)
        self.check_row(row)
        act = self.checked()
        seen = _("never")
        if row is not None and row["seen_at"]:
            seen = f"{at.venue().local(read_time(row['seen_at'])):%Y-%m-%d %H:%M}"
        facts = ((_("Name"), act.shown_name(row)), (_("Seen"), seen), (_("Then"), act.then))
        return Prepared(act, self.title.format(n=self.till), facts)

    def check_row(self, row: TillRow | None) -> None:
        """Check that the act fits the state of the till; `row` is None for an unknown till."""
        if row is None:
            raise AdministrationError(_("There is no till {n}. Type: tills.").format(n=self.till))

    def shown_name(self, row: TillRow | None) -> str:
        """Return the name of the till for the confirmation."""
        return clean(row["name"]) if row is not None else _("Till {n}").format(n=self.till)

    @property
    def then(self) -> str:
        """The result of the act for the confirmation."""
        return self.effect


class AdoptTill(TillAct, frozen=True):
    """Let a till's next journal replace its current one. Records of the old journal are still accepted.

    Attributes:
        journal: the id of the allowed journal; None for the next one.
        backlog: True to accept only the records of that journal; the till keeps its present journal.
    """

    shell = N_("tills adopt 2, when till 2 has a new disk or a new machine.")
    words = (rf"adopt {_TILL}",)
    title = N_("Adopt a new journal of till {n}")
    effect = N_("a new disk or machine continues with its number")

    journal: Annotated[
        str | None, ShellField("ID", N_("Adopt this journal, not the next one."), "--journal", is_id=True)
    ] = None
    backlog: Annotated[
        bool, ShellField("", N_("Only accept that journal's records; the till keeps its own journal."), "--backlog")
    ] = False

    @override
    def checked(self) -> Self:
        if self.backlog and self.journal is None:
            raise FieldError(_("--backlog needs --journal; `till recover --list --json` names it"))
        return self

    @override
    def do(self, at: AtServer) -> str:
        if self.backlog:
            at.act("backlog_take_v1", self.till, self.journal)
            return _(
                "The records of that journal are accepted at its next try; `till recover` on its machine sends them."
            )
        at.act("till_adopt_v1", self.till, self.journal)
        return _("Till {n} continues with a new journal at its next try.").format(n=self.till)


class RenameTill(TillAct, frozen=True):
    """Rename a till. Every till shows the new name at once."""

    shell = 'tills rename 2 --name "Terrace"'
    words = (rf"rename {_TILL} (?:to )?(?P<name>.+)",)
    title = N_("The name of till {n}")
    reads = (("name", read_staff_name),)
    call = "till_rename_v1"
    done = N_("Till {till} is called {name} from now on.")

    name: Annotated[str, ShellField("NAME", N_("Its name."), "--name")]

    @property
    @override
    def then(self) -> str:
        return self.name


class StopMoney(TillAct, frozen=True):
    """Let a till take no money: it keys, saves, sends, splits and prints bills. With --off, it takes money again.

    It takes effect when the till hears it; what it took before counts. Its shift must be closed, and its drawer empty.
    """

    shell = "tills no-money 5"
    words = (rf"no money {_TILL}",)
    title = N_("Till {n} and money")
    effect = N_("it keys, saves and prints bills; guests pay at another till")
    call = "till_money_v1"

    off: Annotated[bool, ShellField("", N_("Let it take money again."), "--off")] = False

    @property
    @override
    def then(self) -> str:
        return _("it takes money again") if self.off else self.effect

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.till, self.off

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        sentence = _("Till {n} takes no money once it hears this.")
        if self.off:
            sentence = _("Till {n} takes money again once it hears this.")
        return sentence.format(n=self.till)


class TakeMoney(StopMoney, frozen=True):
    """Let a till take money again."""

    shell = ""
    words = (rf"money {_TILL}",)
    off: bool = True


class Revoke(TillAct, frozen=True):
    """Shut a till out. It keeps selling on its own disk; `till admin tills add` lets it in again."""

    shell = N_("tills revoke 2, when the machine of till 2 was stolen.")
    words = (rf"(?:lock|revoke) {_TILL}",)
    title = N_("Shut till {n} out")
    effect = N_("it keeps selling, on its own disk, and sends nothing")
    call = "till_revoke_v1"
    done = N_("Till {till} is revoked. If stolen, change the PINs on it.")

    @override
    def hints(self, at: AtServer) -> Iterable[str]:
        held = sending_state(at.ask("fiscal_status_v1")).held
        if own := tuple(one for one in held if one.till == self.till):
            notice = describe_held(own)
            yield f"{notice.sentence} {notice.remedy}"
        staff = at.ask("people_v1")
        numbers = [str(person["number"]) for person in staff if person["has_pin"] and not person["disabled"]]
        if numbers:
            sentence = ngettext(
                "Its disk holds the hash of a PIN: `till admin users set-pin {numbers}` changes it.",
                "Its disk holds the hashes of {n} PINs: `till admin users set-pin` changes those of {numbers}.",
                len(numbers),
            )
            yield sentence.format(n=len(numbers), numbers=", ".join(numbers))
        if not at.is_embedded:
            yield _(
                "If its config.toml named owner_url, it had the owner's password: `till db set-password` on another "
                "machine that has it, or on the server."
            )
            yield _(
                "It also had the password of till_app, and keys of card terminals and gateways if it used any: "
                "`till help a till is lost`."
            )


class EnrolHere(OwnerAct, frozen=True):
    """Enrol a till by the hash of its secret, which this machine has. None keeps its name."""

    call = "till_enrol_v2"

    till: int
    name: str | None
    secret_hash: str
    stations: list[str] | None


def named_stations(at: AtServer, typed: Sequence[str] | None) -> list[str] | None:
    """Return the names of stations as the venue has them; None for a till that sells."""
    if typed is None:
        return None
    stations = read_stations(at)
    if not any(one.screen for one in stations):
        raise AdministrationError(
            _("No station has a screen yet: `till admin stations add Grill --category Food --screen`.")
        )
    return [find_station(stations, one).name for one in typed]


def shown_command(till: int, stations: Sequence[str] | None) -> str:
    """Return a till as `till admin tills add` takes it: `90 Grill --kitchen` for a screen of the kitchen."""
    return str(till) if stations is None else shlex.join([str(till), *stations, "--kitchen"])


class EnrolTill(TillAct, frozen=True):
    """Create an enrolment code for a till: `2-K7QM-4T9X-ABCD-EFG2`. It replaces an earlier code.

    Nothing changes until the code is used. It is not stored: replace a lost code with a new one.

    Attributes:
        kind: the server's name of the purpose.
        name: the name of the till; empty to keep the present one.
        stations: the stations of a screen of the kitchen, empty for all of them; None for a till that sells.
        no_money: True for a till that takes no money, from its first answer on; False leaves it as it is.
    """

    kind: ClassVar[str]

    name: str = ""
    stations: tuple[str, ...] | None = None
    no_money: bool = False

    @override
    def checked(self) -> Self:
        return replace(self, name=read_staff_name(self.name)) if self.name else self

    @override
    def shown_name(self, row: TillRow | None) -> str:
        return self.name or super().shown_name(row)

    @override
    def look_up(self, at: AtServer) -> Prepared:
        self._check_reach(at)
        return super().look_up(at)

    def _check_reach(self, at: AtServer) -> None:
        """Refuse a code that no other machine can use."""
        if at.is_embedded:
            sentence = _(
                "No other machine reaches the embedded database. For one here: `till admin tills add {n} --here`. "
                "For another machine the venue needs a server: `till help a database for more than one machine`."
            )
            raise AdministrationError(sentence.format(n=shown_command(self.till, self.stations)))

    @override
    def do(self, at: AtServer) -> Enrolment:
        self._check_reach(at)
        code = make_code(secrets.randbelow)
        asked = (self.till, self.kind, self.name or None, digest_of(code))
        ends = at.act("enrolment_make_v2", *asked, named_stations(at, self.stations))
        if self.no_money:
            StopMoney(self.till).do(at)
        return Enrolment(self.till, f"{self.till}-{shown_code(code)}", read_time(ends))


class AddTill(EnrolTill, frozen=True):
    """Enrol a machine as a till with an unused number."""

    words = (rf"add {_TILL}(?: (?P<name>.+))?",)
    title = N_("Enrol a machine as till {n}")
    effect = N_("a code is shown once, for its machine")
    kind = "add"

    @override
    def _check_reach(self, at: AtServer) -> None:
        super()._check_reach(at)
        if self.stations is None:
            check_alone(at, self.till)

    @override
    def check_row(self, row: TillRow | None) -> None:
        if row is not None and not row["revoked"]:
            sentence = _("Till {n} is already enrolled. For another machine type: replace till {n}.")
            raise AdministrationError(sentence.format(n=self.till))


class AddKitchen(AddTill, frozen=True):
    """Enrol a machine as a screen of the kitchen, which takes no money. Nobody logs in there."""

    words = (r"add kitchen 0*(?P<till>[1-9][0-9]{0,5})",)
    title = N_("Enrol a machine as kitchen screen {n}")

    stations: tuple[str, ...] | None = ()


class ReplaceTill(EnrolTill, frozen=True):
    """Enrol another machine with the number of a till."""

    words = (rf"replace {_TILL}",)
    title = N_("Give till {n} another machine")
    effect = N_("a code is shown once; the old machine is out")
    kind = "replace"


class RenewTill(EnrolTill, frozen=True):
    """Renew the secret of a till."""

    words = (rf"renew {_TILL}",)
    title = N_("Give till {n} another secret")
    effect = N_("a code is shown once; the old secret stops working")
    kind = "renew"


class AddPhone(TillAct, frozen=True):
    """Make a till on this machine for the browser of a phone, and a link that opens it.

    Attributes:
        name: the name of the till; empty to keep the present one.
        replaces: True to shut out another machine with that number.
        no_money: False if it takes money. None: a till that is replaced stays what it was, as it may have a drawer to
            count; any other takes none, as a phone may be lost.
    """

    words = (r"add phone 0*(?P<till>[1-9][0-9]{0,5})(?: (?P<name>.+))?",)
    title = N_("Make till {n} on this machine, for a phone")
    effect = N_("a link is shown once; it takes orders, and no money")

    name: str = ""
    replaces: bool = False
    no_money: bool | None = None

    @override
    def checked(self) -> Self:
        return replace(self, name=read_staff_name(self.name)) if self.name else self

    @override
    def check_row(self, row: TillRow | None) -> None:
        """Any number will do: that of another machine is refused when it is taken."""

    @override
    def shown_name(self, row: TillRow | None) -> str:
        return self.name or super().shown_name(row)

    @override
    def do(self, at: AtServer) -> PhoneLink:
        machine = at.own_machine()
        machine.check_serving()
        machine.enrol(at, self.till, self.name, None, replace=self.replaces, no_money=self.no_money)
        return machine.link(self.till, at.venue().settings.name, at.venue().language)


class LinkPhone(TillAct, frozen=True):
    """Make a new link for the phone of a till. The phone that had the till is out at once."""

    words = (r"phone 0*(?P<till>[1-9][0-9]{0,5})",)
    title = N_("A new link for the phone of till {n}")
    effect = N_("a link is shown once; the old phone is out")

    @override
    def do(self, at: AtServer) -> PhoneLink:
        return at.own_machine().link(self.till, language=at.venue().language)


class AddProgram(OwnerAct, frozen=True):
    """Add a program; with `webhook`, one that reports payments and has no orders. The result is its database role."""

    call = "program_add_v1"

    name: str
    webhook: bool


class RevokeProgram(OwnerAct, frozen=True):
    """Revoke a program. The result is its database role."""

    call = "program_revoke_v1"

    name: str
