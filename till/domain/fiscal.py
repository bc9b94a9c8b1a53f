"""The request of a till to a country's law at the issue of an invoice, and the stamp that it gets back."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 - the fields of a record are its shape
from typing import TYPE_CHECKING, Annotated, Final, Literal

from msgspec import Meta, Struct

from till.domain.events.fields import Line, Share, Word
from till.domain.events.registry import Shape

if TYPE_CHECKING:
    from datetime import date, datetime

    from till.domain.order.events import PlacedTax
    from till.domain.order.state import Buyer

_DOCUMENT: Final = re.compile(r"(PASSPORT|PASAPORTE|ID)\s+([A-Z]{2})\s+(\S.*)", re.ASCII)


def document_in(number: str) -> re.Match[str] | None:
    """Return kind, country and number of a document that is no tax number, typed as `passport DE C01X00T47`."""
    return _DOCUMENT.match(number.strip().upper())


#: The path of a field of a record, such as `IDFactura.NumSerieFactura`.
FieldPath = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,62}\Z", max_length=63)]


class FiscalProof(Shape, frozen=True, kw_only=True):
    """The fields of a record that the server compares with the sale or refund that it names.

    Attributes:
        same: the fields that are the same in each record of the venue, such as its issuer, with their text.
        day: the field with the day of the invoice, in the `day_format` of PostgreSQL's `to_char`.
        tax: the field with the tax.
        total: the field with the total.
    """

    same: Annotated[dict[FieldPath, Line], Meta(max_length=20)]
    day: FieldPath
    day_format: Line
    tax: FieldPath
    total: FieldPath


#: The name of a form of texts, and a form: a pattern of PostgreSQL's `~`.
_FormName = Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,19}\Z", max_length=20)]
#: The letters before the digits of a number, such as `R`; empty for the tickets.
_Series = Annotated[str, Meta(pattern=r"^[A-Z]{0,4}\Z", max_length=4)]
_Paths = Annotated[dict[FieldPath, _FormName], Meta(max_length=200)]
_Kinds = Annotated[tuple[Word, ...], Meta(max_length=20)]


class FiscalRows(Shape, frozen=True, kw_only=True):
    """The rows of a record, one for each rate: `Desglose.1.TipoImpositivo` has the `path` Desglose.

    Attributes:
        rate: the field of a row with the rate in percent. A row without it was charged with no tax,
            such as one of exempt items, whose tax is one of 0 %.
        base: the field with the amount that the tax was charged on.
        tax: the field with the tax.
    """

    path: FieldPath
    rate: FieldPath
    base: FieldPath
    tax: FieldPath


class FiscalLaw(Shape, frozen=True, kw_only=True):
    """The form of a law's records, by which the server checks stamps without knowing the law.

    It is a setting of its own. In a path, 0 stands for each number from 1: `Desglose.0.TipoImpositivo`.

    Attributes:
        scheme: the name of the law.
        forms: the forms of texts.
        paths: the fields of the record of an invoice, each with the form of its text.
        needed: those of them that each record of an invoice has.
        mends: the further fields of records that mend or annul, which only the sender makes.
        buyer: the fields that name a buyer. They are private text, and no others are.
        naming: the kinds of invoices that name a buyer.
        series: the kinds that the numbers of each series have.
        annulment: the kind of a record that annuls; empty if the law has none.
        exchange: the kind of an invoice for a ticket, which no sale has; empty if the law has none.
        rows: the rows of the rates.
        rates: the rates that the authority knows, in percent; empty for any.
    """

    scheme: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}\Z", max_length=40)]
    forms: Annotated[dict[_FormName, Line], Meta(max_length=30)]
    paths: _Paths
    needed: Annotated[tuple[FieldPath, ...], Meta(max_length=200)]
    mends: _Paths
    buyer: _Paths
    naming: _Kinds
    series: Annotated[dict[_Series, _Kinds], Meta(max_length=20)]
    annulment: Word
    exchange: Word = ""
    rows: FiscalRows
    rates: Annotated[tuple[Share, ...], Meta(max_length=50)]


class Rectified(Struct, frozen=True):
    """The invoice that a refund rectifies: its `number`, the local date of its issue, and the `kind` of its stamp.

    The number is as its paper has it: that of its stamp. `kind` is empty if the sale has no stamp. `untaxed` is true if
    no rate was charged on a part of it.
    """

    number: str
    on: date
    kind: str = ""
    untaxed: bool = False


class IssuedInvoice(Struct, frozen=True, kw_only=True):
    """A sale or a refund at its issue, from the frozen events alone.

    Attributes:
        what: a sale, or a refund, whose amounts are negative.
        of: the id of the order or of the refund.
        number: the number of the receipt.
        at: the best known time of the event, aware, in the venue's zone.
        net: with `tax`, the `total`; decimals in major units of `currency`, without tips and cash rounding.
        taxes: the taxes of the whole, each with the `net` that it was charged on.
        buyer: whom the invoice names; None for a simplified invoice.
        rectifies: the invoice that a refund rectifies; None for a sale.
        replaces: the stamp of the ticket that a full invoice is issued for later; None for any other.
    """

    what: Literal["sale", "refund"]
    of: str
    number: str
    at: datetime
    currency: str
    net: str
    tax: str
    total: str
    taxes: tuple[PlacedTax, ...] = ()
    buyer: Buyer | None = None
    rectifies: Rectified | None = None
    replaces: FiscalStamp | None = None


class Installation(Struct, frozen=True):
    """The installation that stamps: a journal of a till, and the version of its program."""

    journal: str
    till: int
    version: str


class FiscalStamp(Struct, frozen=True, kw_only=True):
    """A record as the law wants it, one of the chain of an installation.

    Attributes:
        kind: the law's word for the kind of invoice, such as `F2`.
        number: the number of the invoice in the record, with the venue's prefix.
        fields: the record's other fields by their path, such as `Desglose.1.TipoImpositivo`, as text.
        names: the fields that name a person, which are private text.
        previous: the hash of the record before; empty for the first of its chain.
        hash: the hash of this record.
    """

    kind: str
    number: str
    fields: Mapping[str, str]
    names: Mapping[str, str]
    previous: str
    hash: str


class PaperStamp(Struct, frozen=True, kw_only=True):
    """The stamp on a paper of another till, by the id of its sale or refund. It names nobody."""

    of: str
    scheme: str
    kind: str
    number: str
    fields: dict[str, str]
    previous: str = ""
    hash: str = ""

    @property
    def stamp(self) -> FiscalStamp:
        """The record of it, without the names."""
        return FiscalStamp(
            kind=self.kind, number=self.number, fields=self.fields, names={}, previous=self.previous, hash=self.hash
        )


class FiscalWords(Struct, frozen=True):
    """The marks of a stamp on its receipt.

    Attributes:
        code: the text of a QR code, at the head of the receipt.
        above: the lines above the code.
        below: the lines below it.
        titles: lines below the venue: who issues it, and the law's name of the document.
        number: the number of the invoice, with the venue's prefix; empty for the number of the receipt.
        rectifies: the number of the invoice that a refund rectifies, likewise.
        replaces: the number of the ticket that a full invoice was issued for, likewise.
    """

    code: str
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    number: str = ""
    rectifies: str = ""
    replaces: str = ""
