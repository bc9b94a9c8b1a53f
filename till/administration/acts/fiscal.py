"""Acts on the records of invoices for the tax authority."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from typing_extensions import override

from till.administration.acts.act import TypedAct
from till.administration.sending import sending_state
from till.domain.i18n import N_, _
from till.domain.text import clean
from till.ports.desk import Prepared
from till.ports.shell import FieldError, ShellField

if TYPE_CHECKING:
    from typing import Self

    from till.administration.calls import AtServer

_NOT_REGISTERED: Final = "not-registered"


class SendRecord(TypedAct, frozen=True):
    """Have a record sent again whose answer you do not believe, or one that waits for you."""

    shell = "invoices send 1-000123"
    words = (r"send invoice (?P<number>[^ ]+)",)
    helped = (("send invoice 1-000123", N_("Send a record again, or one that waits")),)

    number: Annotated[str, ShellField("NUMBER", N_("The number of the invoice."))]

    @override
    def do(self, at: AtServer) -> str:
        number = at.act("fiscal_send_v1", self.number)
        return _("The sender sends the record of {number}.").format(number=clean(number))


class AnnulInvoice(TypedAct, frozen=True):
    """Annul an invoice for a ticket, made by a revoked till and never sent. Its ticket can have another one."""

    shell = "invoices annul 2-F000123"
    words = (r"annul invoice (?P<number>[^ ]+)",)
    helped = (("annul invoice 2-F000123", N_("Drop a revoked till's invoice that was not sent")),)
    call = "fiscal_annul_v1"
    done = N_("Invoice {answer} is annulled. Its ticket can have another one.")

    number: Annotated[str, ShellField("NUMBER", N_("The number of the invoice."))]

    @override
    def look_up(self, at: AtServer) -> Prepared:
        held = sending_state(at.ask("fiscal_status_v1")).held
        found = next((one for one in held if one.number.endswith(self.number)), None)
        till = str(found.till) if found is not None else _("none that was revoked")
        facts = ((_("Till"), till), (_("Then"), _("it is never sent, and its ticket is free")))
        return Prepared(self, _("Annul the invoice {number}").format(number=self.number), facts)


class CorrectRecord(TypedAct, frozen=True):
    """Have the sender correct a record that the tax authority refused or took with errors, by a further record.

    A refused annulment is sent again. Another buyer is another invoice: refund the sale and sell it again.
    """

    shell = "invoices correct 1-F000123 --as not-registered"
    words = (r"correct invoice (?P<number>[^ ]+)(?: as (?P<buyer>.+))?",)
    helped = (
        ("correct invoice 1-F000123 as not-registered", N_("Replace a refused record; its buyer is unknown there")),
    )

    number: Annotated[str, ShellField("NUMBER", N_("The number of the invoice."))]
    buyer: Annotated[
        str, ShellField("STATE", N_("not-registered: the buyer's number is right; the authority lacks it."), "--as")
    ] = ""

    @override
    def checked(self) -> Self:
        if self.buyer not in {"", _NOT_REGISTERED}:
            raise FieldError(_("the buyer can be corrected as {state}").format(state=_NOT_REGISTERED))
        return self

    @override
    def look_up(self, at: AtServer) -> Prepared:
        troubles = {one["number"]: one for one in at.ask("fiscal_status_v1")["troubles"]}
        found = troubles.get(self.number)
        words = clean(f"{found['code']} {found['words']}") if found is not None else _("not refused")
        buyer = _("the same number, as one that is not registered") if self.buyer else _("as it was")
        facts = [(_("The authority said"), words), (_("Buyer"), buyer)]
        return Prepared(self.checked(), _("Correct the record of {number}").format(number=self.number), tuple(facts))

    @override
    def do(self, at: AtServer) -> str:
        number = at.act("fiscal_mend_v1", self.number, self.checked().buyer == _NOT_REGISTERED)
        return _("The sender corrects the record of {number} and sends it.").format(number=clean(number))
