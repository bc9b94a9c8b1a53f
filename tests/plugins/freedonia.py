"""The law of a made-up country, as a plug-in of the entry point `till.fiscal` would have it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from till.domain.errors import ConfigError
from till.domain.fiscal import FiscalLaw, FiscalProof, FiscalRows, FiscalStamp, FiscalWords
from till.ports.fiscal import FiscalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.fiscal import Installation, IssuedInvoice
    from till.domain.money.measures import Minor
    from till.domain.order.state import Buyer

LAW: Final = "xf-freedonia"


class Freedonia:
    """Freedonia stamps each invoice with a chained hash, and wants a name above 1,000.00."""

    name = LAW

    def check(self, settings: Mapping[str, str]) -> None:
        if not settings.get("id", "").startswith("F"):
            raise ConfigError("id must begin with F.")

    def proof(self, settings: Mapping[str, str]) -> FiscalProof:
        return FiscalProof(same={"Id": settings["id"]}, day="Day", day_format="YYYY-MM-DD", tax="Tax", total="Total")

    def law(self, settings: Mapping[str, str]) -> FiscalLaw:
        return FiscalLaw(
            scheme=LAW,
            forms={"text": "^.*$"},
            paths=dict.fromkeys(("Id", "Day", "Tax", "Total", "Installation", "Of"), "text"),
            needed=("Id",),
            mends={},
            buyer={"Buyer": "text", "Number": "text"},
            naming=("sale to", "refund to"),
            series={"": ("sale", "sale to"), "R": ("refund", "refund to"), "F": ("sale to",), "FR": ("refund to",)},
            annulment="",
            rows=FiscalRows(path="Row", rate="Rate", base="Base", tax="Tax"),
            rates=("0",) if "free" in settings else (),
        )

    def asks_buyer(self, total: Minor) -> bool:
        return total > 1_000_00

    def check_buyer(self, buyer: Buyer, settings: Mapping[str, str]) -> None:
        if not buyer.tax_number or buyer.tax_number == settings["id"]:
            raise ConfigError("The buyer needs a number.")

    def number_of(self, receipt: str, settings: Mapping[str, str]) -> str:
        return settings.get("prefix", "") + receipt

    def stamp(
        self,
        issued: IssuedInvoice,
        settings: Mapping[str, str],
        installation: Installation,
        before: FiscalStamp | None,
    ) -> FiscalStamp:
        previous = before.hash if before is not None else ""
        number = self.number_of(issued.number, settings)
        fields = {
            "Id": settings["id"],
            "Day": f"{issued.at:%Y-%m-%d}",
            "Tax": issued.tax,
            "Total": issued.total,
            "Installation": installation.journal,
            "Of": f"{issued.rectifies.kind} {issued.rectifies.number}" if issued.rectifies else "",
        }
        if issued.replaces is not None:
            if issued.replaces.kind == "sale to":
                raise FiscalError("It names its buyer already.")
            fields["Of"] = f"for {issued.replaces.number}"
        names = {"Buyer": issued.buyer.name, "Number": issued.buyer.tax_number} if issued.buyer else {}
        kind = ("refund" if issued.rectifies else "sale") + (" to" if names else "")
        digest = hashlib.sha256(f"{previous}|{number}|{sorted(fields.items())}".encode()).hexdigest()
        return FiscalStamp(kind=kind, number=number, fields=fields, names=names, previous=previous, hash=digest)

    def declaration(self, settings: Mapping[str, str], version: str) -> str:
        return f"{settings['id']} answers for {version}."

    def words(self, stamp: FiscalStamp) -> FiscalWords:
        lines = (f"https://freedonia/{stamp.number}/{stamp.hash}", ("Hail Freedonia",), (stamp.kind,))
        return FiscalWords(*lines, number=stamp.number, replaces=stamp.fields.get("Of", "").removeprefix("for "))


SCHEME: Final = Freedonia()


def find_law(name: str) -> Freedonia | None:
    """Return the law as a till finds it."""
    return SCHEME if name == LAW else None
