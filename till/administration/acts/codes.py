"""The act on the codes of items, tenders and taxes, which exports look up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from typing_extensions import override

from till.administration.acts.act import TypedAct
from till.domain.catalogue.menu_edit import find_category, find_item
from till.domain.codes import SERVICE, CodeKind
from till.domain.i18n import N_, _
from till.domain.ids import is_uuid
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import Prepared
from till.ports.shell import FieldError, ShellField

if TYPE_CHECKING:
    from typing import Self

    from till.administration.calls import AtServer


class SetCode(TypedAct, frozen=True):
    """Set the code of an item, a category, a tender or a tax in the list of an authority or the accountant.

    An export looks it up: what was sold before has it too. An item without a code has that of its category.
    """

    shell = 'codes set no-saft category Dosas 04003. till admin codes set no-saft tax "MVA 25" 3'
    words = (r"code (?P<scheme>\S+) (?P<kind>\S+) (?P<name>.+) (?P<code>\S+)",)
    helped = (("codes · code no-saft category Dosas 04003", N_("The codes that exports look up")),)

    scheme: Annotated[str, ShellField("SCHEME", N_("The list, such as no-saft: `till fiscal exports` names them."))]
    kind: Annotated[str, ShellField("KIND", N_("item, category, tender, tax, order_type, charge or venue."))]
    name: Annotated[str, ShellField("NAME", N_("An item or category of the menu, CASH, the tax with its rate."))]
    code: Annotated[str, ShellField("CODE", N_("The code; empty for none."))] = ""

    @override
    def checked(self) -> Self:
        kind = self.kind.strip().lower()
        if kind not in {*CodeKind}:
            raise FieldError(_("There are: {kinds}.").format(kinds=", ".join(CodeKind)))
        name = " ".join(clean(self.name).split())
        named = {CodeKind.TENDER: name.upper(), CodeKind.CHARGE: SERVICE}.get(CodeKind(kind), name)
        return replace(self, scheme=self.scheme.strip().lower(), kind=kind, name=named, code=clean(self.code).strip())

    @override
    def look_up(self, at: AtServer) -> Prepared:
        act = self.checked()
        was = at.ask("codes_v1").get(act.scheme, {}).get(act.kind, {}).get(act.id_of(at), "")
        facts = ((_("Now"), clean(was) or _("none")), (_("Then"), act.code or _("none")))
        return Prepared(act, f"{act.name}, {act.scheme}", facts)

    @override
    def do(self, at: AtServer) -> str:
        at.act("codes_set_v1", self.scheme, {self.kind: {self.id_of(at): self.code}})
        sentence = _("{name} has the code {code} of {scheme}.") if self.code else _("{name} has no code of {scheme}.")
        return sentence.format(name=self.name, code=self.code, scheme=self.scheme)

    def id_of(self, at: AtServer) -> str:
        """Return the id of the name: that of the menu for an item or a category, else the name itself.

        Raises:
            MenuError: the menu has no such item or category; an id is taken as it is.
        """
        if self.kind not in {CodeKind.ITEM, CodeKind.CATEGORY} or is_uuid(self.name):
            return self.name
        find = find_item if self.kind == CodeKind.ITEM else find_category
        return str(find(at.ask("menu_export_v1") or {}, self.name)["id"])
