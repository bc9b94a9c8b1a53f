"""Acts on the tills of the venue."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, ClassVar, Final

from typing_extensions import override

from till.administration.acts.act import TypedAct
from till.administration.calls import AdministrationError
from till.administration.staff import read_staff_name
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.payment.codes import digest_of, make_code, shown_code
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import Enrolment, Prepared

if TYPE_CHECKING:
    from typing import Self

    from till.administration.calls import AtServer
    from till.reports.tills import TillRow

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

    till: int

    @override
    def look_up(self, at: AtServer, selects: Any) -> Prepared:
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
        """Check that the act fits the state of the till; `row` is None for an unknown till.

        Raises:
            AdministrationError: the act does not fit.
        """
        if row is None:
            raise AdministrationError(_("There is no till {n}. Type: tills.").format(n=self.till))

    def shown_name(self, row: TillRow | None) -> str:
        """Return the name of the till for the confirmation."""
        return clean(row["name"]) if row is not None else _("Till {n}").format(n=self.till)

    @property
    def then(self) -> str:
        """The result of the act for the confirmation."""
        return self.effect


class RenameTill(TillAct, frozen=True):
    """Rename a till, on every screen and in every report."""

    words = (rf"rename {_TILL} (?:to )?(?P<name>.+)",)
    title = _("The name of till {n}")

    name: str

    @property
    @override
    def then(self) -> str:
        return self.name

    @override
    def checked(self) -> Self:
        return replace(self, name=read_staff_name(self.name))

    @override
    def do(self, at: AtServer) -> str:
        at.act("till_rename_v1", self.till, self.name)
        return _("Till {n} is called {name} from now on.").format(n=self.till, name=self.name)


class AdoptTill(TillAct, frozen=True):
    """Allow another journal to replace the present journal of a till.

    Attributes:
        journal: the id of the allowed journal; None for the next one.
        backlog: True to accept only the records of that journal; the till keeps its present journal.
    """

    words = (rf"adopt {_TILL}",)
    title = _("Adopt a new journal of till {n}")
    effect = _("a new disk or machine continues with its number")

    journal: str | None = None
    backlog: bool = False

    @override
    def do(self, at: AtServer) -> str:
        if self.backlog:
            at.act("backlog_take_v1", self.till, self.journal)
            return _(
                "The records of that journal are accepted at its next try; `till recover` on its machine sends them."
            )
        at.act("till_adopt_v1", self.till, self.journal)
        return _("Till {n} continues with a new journal at its next try.").format(n=self.till)


class Revoke(TillAct, frozen=True):
    """Revoke a till. It can keep selling on its own disk."""

    words = (rf"(?:lock|revoke) {_TILL}",)
    title = _("Shut till {n} out")
    effect = _("it keeps selling, on its own disk, and sends nothing")

    @override
    def do(self, at: AtServer) -> str:
        at.act("till_revoke_v1", self.till)
        return _("Till {n} is revoked. If stolen, change the PINs on it.").format(n=self.till)


class EnrolTill(TillAct, frozen=True):
    """Create an enrolment code for a till: `2-K7QM-4T9X-ABCD-EFG2`. It replaces an earlier code.

    Nothing changes until the code is used. It is not stored: replace a lost code with a new one.

    Attributes:
        kind: the server's name of the purpose.
        name: the name of the till; empty to keep the present one.
    """

    kind: ClassVar[str]

    name: str = ""

    @override
    def checked(self) -> Self:
        return replace(self, name=read_staff_name(self.name)) if self.name else self

    @override
    def shown_name(self, row: TillRow | None) -> str:
        return self.name or super().shown_name(row)

    @override
    def look_up(self, at: AtServer, selects: Any) -> Prepared:
        self._check_reach(at)
        return super().look_up(at, selects)

    def _check_reach(self, at: AtServer) -> None:
        """Refuse a code that no other machine can use.

        Raises:
            AdministrationError: the database is embedded.
        """
        if at.is_embedded:
            sentence = _(
                "No other machine reaches the embedded database. For one here: `till admin tills add {n} --here`. "
                "For another machine the venue needs a server: docs/runbook.md, “A database for more than one machine”."
            )
            raise AdministrationError(sentence.format(n=self.till))

    @override
    def do(self, at: AtServer) -> Enrolment:
        self._check_reach(at)
        code = make_code(secrets.randbelow)
        ends = at.act("enrolment_make_v1", self.till, self.kind, self.name or None, digest_of(code))
        return Enrolment(self.till, f"{self.till}-{shown_code(code)}", read_time(ends))


class AddTill(EnrolTill, frozen=True):
    """Enrol a machine as a till with an unused number."""

    words = (rf"add {_TILL}(?: (?P<name>.+))?",)
    title = _("Enrol a machine as till {n}")
    effect = _("a code is shown once, for its machine")
    kind = "add"

    @override
    def check_row(self, row: TillRow | None) -> None:
        if row is not None and not row["revoked"]:
            sentence = _("Till {n} is already enrolled. For another machine type: replace till {n}.")
            raise AdministrationError(sentence.format(n=self.till))


class ReplaceTill(EnrolTill, frozen=True):
    """Enrol another machine with the number of a till."""

    words = (rf"replace {_TILL}",)
    title = _("Give till {n} another machine")
    effect = _("a code is shown once; the old machine is out")
    kind = "replace"


class RenewTill(EnrolTill, frozen=True):
    """Renew the secret of a till."""

    words = (rf"renew {_TILL}",)
    title = _("Give till {n} another secret")
    effect = _("a code is shown once; the old secret stops working")
    kind = "renew"
