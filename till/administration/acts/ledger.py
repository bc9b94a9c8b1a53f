"""The act on the accounts of the accountant's journal, which are a setting of the venue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from typing_extensions import override

from till.administration.acts.act import TypedAct
from till.administration.calls import AdministrationError
from till.config import check_value
from till.domain.i18n import N_, _
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import Prepared
from till.ports.shell import ShellField

if TYPE_CHECKING:
    from typing import Self

    from till.administration.calls import AtServer
    from till.administration.listing import Row


class SetLedgerAccount(TypedAct, frozen=True):
    """Set the account of a kind of the accountant's journal, or of all kinds that begin so.

    It counts for what was booked before too: no amount and no id changes.
    """

    shell = "ledger-accounts set sales.food.19 8400. till admin ledger-accounts set tips Liabilities:Tips"
    words = (r"ledger account (?P<kind>.+?) (?P<account>\S+)",)
    helped = (("ledger-accounts · ledger account sales.food.19 8400", N_("The accounts of the accountant")),)

    kind: Annotated[str, ShellField("KIND", N_("A kind of `ledger-accounts list`, or how several begin."))]
    account: Annotated[str, ShellField("ACCOUNT", N_("The account; empty for the default."))]

    @override
    def checked(self) -> Self:
        kind = " ".join(clean(self.kind).lower().split())
        account = " ".join(clean(self.account).split())
        check_value("venue", "ledger_accounts", {kind: account or "-"}, _("An account"))
        return replace(self, kind=kind, account=account)

    @override
    def look_up(self, at: AtServer) -> Prepared:
        act = self.checked()
        was = act.set_before(at).get(act.kind) or _("the default")
        facts = ((_("Now"), clean(was)), (_("Then"), act.account or _("the default")))
        return Prepared(act, act.kind, facts)

    @override
    def do(self, at: AtServer) -> str:
        accounts = {**self.set_before(at), self.kind: self.account}
        at.act("store_settings_v1", {"ledger_accounts": {kind: one for kind, one in accounts.items() if one}})
        return _("{kind} is booked on {account}.").format(kind=self.kind, account=self.account or _("the default"))

    def set_before(self, at: AtServer) -> Row:
        """Return the accounts that are set.

        Raises:
            AdministrationError: nothing is booked of this kind.
        """
        first = self.kind.split(".")[0]
        known = {one["kind"].split(".")[0] for one in at.ask("ledger_accounts_v1")}
        if first not in known:
            sentence = _("Nothing is booked as {kind}. There are {kinds}.")
            raise AdministrationError(sentence.format(kind=first, kinds=", ".join(sorted(known))))
        return at.ask("venue").get("ledger_accounts") or {}
