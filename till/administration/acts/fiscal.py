"""Acts on the records of invoices for the tax authority."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from typing_extensions import override

from till.administration.acts.act import FieldError, ShellField, TypedAct
from till.domain.i18n import _
from till.domain.text import clean
from till.ports.desk import Prepared

if TYPE_CHECKING:
    from typing import Self

    from till.administration.calls import AtServer


class CorrectRecord(TypedAct, frozen=True):
    """Have the sender correct a record that the tax authority refused or took with errors, by a further record."""

    shell = "invoices correct 1-000123"
    words = (r"correct invoice (?P<number>[^ ]+)(?: to (?P<buyer>.+), (?P<tax_number>[^ ,]+))?",)
    helped = (("correct invoice 1-000123 to Rao Ltd, B12345674", _("Replace a refused record, or its buyer")),)

    number: Annotated[str, ShellField("NUMBER", _("The number of the invoice."))]
    buyer: Annotated[str, ShellField("NAME", _("The buyer as the record should name it."), "--buyer")] = ""
    tax_number: Annotated[str, ShellField("N", _("The tax number of that buyer."), "--tax-number")] = ""

    @override
    def checked(self) -> Self:
        if bool(self.buyer) != bool(self.tax_number):
            raise FieldError(_("name the buyer with its tax number"))
        return self

    @override
    def look_up(self, at: AtServer, selects: Any) -> Prepared:
        troubles = {one["number"]: one for one in at.ask("fiscal_status_v1")["troubles"]}
        found = troubles.get(self.number)
        words = clean(f"{found['code']} {found['words']}") if found is not None else _("not refused")
        facts = [(_("The authority said"), words), (_("Buyer"), self.buyer or _("as it was"))]
        return Prepared(self.checked(), _("Correct the record of {number}").format(number=self.number), tuple(facts))

    @override
    def do(self, at: AtServer) -> str:
        self.checked()
        buyer = {"name": self.buyer, "tax_number": self.tax_number, "address": ""} if self.buyer else None
        number = at.act("fiscal_mend_v1", self.number, buyer)
        return _("The sender corrects the record of {number} and sends it.").format(number=clean(number))
