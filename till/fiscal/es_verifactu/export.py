"""The export of Spain's records: XML for each installation, as the authority may ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import N_, _
from till.domain.text import clean
from till.fiscal.es_verifactu.exchange import EXCHANGE
from till.ports.fiscal_export import ExportFault, ExportPiece

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from till.domain.fiscal import FiscalStamp
    from till.ports.fiscal_export import ExportDays, ExportedStamp, ExportRead, ExportVenue

_LAW: Final = "es-verifactu"
#: The field with the name of an issuer. An annulment has none.
_NAMED: Final = "NombreRazonEmisor"


class RecordsExport:
    """The records of VERI*FACTU, a file for each installation."""

    name = _LAW
    about = N_("Spain: the records of VERI*FACTU as XML, a file for each installation.")
    texts = False
    is_closed = False

    def lacks(self, venue: ExportVenue) -> Iterator[str]:
        """Yield what to set for a venue that is under no such law."""
        if "nif" not in venue.law:
            yield _("The venue has no such law: `till admin settings set fiscal es-verifactu …` sets it.")

    def write(self, read: ExportRead, days: ExportDays, venue: ExportVenue) -> Iterator[ExportPiece | ExportFault]:
        """Yield the files. A record that cannot be written is left out."""
        chains: dict[str, tuple[ExportPiece, FiscalStamp, FiscalStamp]] = {}
        for one in _own(read):
            if not _entry(one.stamp, venue.law):
                number = clean(one.stamp.number)
                sentence = _("Record {number} has no form that can be written. It is left out.")
                yield ExportFault(number, sentence.format(number=number), is_left_out=True)
            elif one.chain not in chains:
                name = f"{one.till}-{one.chain}-{days.first}-{days.last}.xml"
                chains[one.chain] = (ExportPiece(name, "", 0, one.till), one.stamp, one.stamp)
            elif one.stamp.fields.get(_NAMED):
                chains[one.chain] = (*chains[one.chain][:2], one.stamp)
        for piece, first, newest in chains.values():
            *parts, _first, _newest, _end = EXCHANGE.file([first, newest], venue.law)
            yield piece._replace(text="".join(parts))
        for one in _own(read):
            if one.chain in chains and (entry := _entry(one.stamp, venue.law)):
                yield chains[one.chain][0]._replace(text=entry, records=1)
        for piece, first, *_rest in chains.values():
            *_parts, end = EXCHANGE.file([first], venue.law)
            yield piece._replace(text=end)


def _own(read: ExportRead) -> Iterator[ExportedStamp]:
    return (one for one in read.stamps() if one.scheme == _LAW)


def _entry(stamp: FiscalStamp, law: Mapping[str, str]) -> str:
    """Return a record as it stands in a file; empty if it has no form."""
    try:
        *_head, entry, _end = EXCHANGE.file([stamp], law)
    except Exception:  # noqa: BLE001 - whatever a till wrote: the others are exported
        return ""
    return entry


EXPORT: Final = RecordsExport()
