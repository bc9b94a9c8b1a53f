"""The export of Spain's records in a stream: byte for byte the file that all records of a chain make at once."""

from __future__ import annotations

from datetime import date
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

from tests.fiscal.test_sending import NOON, SETTINGS, Chain
from till.domain.structs import replace
from till.fiscal.es_verifactu.exchange import EXCHANGE
from till.fiscal.es_verifactu.export import EXPORT
from till.fiscal.es_verifactu.record import ISSUER
from till.ports.fiscal_export import ExportDays, ExportedStamp, ExportFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.domain.fiscal import FiscalStamp

DAYS = ExportDays(date(2027, 3, 3), date(2027, 3, 4), NOON, NOON)


class Kept:
    """The records of two tills, as they arrived."""

    def __init__(self, *chains: list[FiscalStamp]) -> None:
        rows = [[ExportedStamp(till, f"journal {till}", "es-verifactu", one) for one in stamps] for till, stamps in
                enumerate(chains, 1)]  # fmt: skip
        self._rows = [one for one in chain(*zip_longest(*rows)) if one is not None]
        other = self._rows[0]._replace(scheme="xf-freedonia", chain="another law")
        self._rows.insert(1, other)

    def stamps(self) -> Iterator[ExportedStamp]:
        yield from self._rows


def written(kept: Any) -> tuple[dict[str, str], dict[str, int], list[ExportFault]]:
    """Return the files, the number of records of each, and the faults."""
    files: dict[str, str] = {}
    records: dict[str, int] = {}
    faults = []
    venue: Any = type("About", (), {"law": SETTINGS})
    for one in EXPORT.write(kept, DAYS, venue):
        if isinstance(one, ExportFault):
            faults.append(one)
        else:
            files[one.file] = files.get(one.file, "") + one.text
            records[one.file] = records.get(one.file, 0) + one.records
    return files, records, faults


def stamps(till: int, n: int) -> list[FiscalStamp]:
    made = Chain(till)
    return [made.sell().stamp for _place in range(n)]


def test_each_chain_is_the_file_of_all_its_records() -> None:
    one, two = stamps(1, 7), stamps(2, 3)
    # of an earlier issuer, whose name is that of its newest record
    two = [replace(one, fields={**one.fields, ISSUER: "A58818501", "NombreRazonEmisor": f"Earlier {place}"})
           for place, one in enumerate(two)]  # fmt: skip
    files, records, faults = written(Kept(one, two))
    assert files == {
        "1-journal 1-2027-03-03-2027-03-04.xml": "".join(EXCHANGE.file(one, SETTINGS)),
        "2-journal 2-2027-03-03-2027-03-04.xml": "".join(EXCHANGE.file(two, SETTINGS)),
    }
    assert "Earlier 2" in files["2-journal 2-2027-03-03-2027-03-04.xml"].partition("</sfLR:Cabecera>")[0]
    assert [*records.values()] == [7, 3]
    assert faults == []


def test_a_record_without_a_form_is_named_and_left_out() -> None:
    one, two = stamps(1, 3), stamps(2, 1)
    one[1] = replace(one[1], fields={**one[1].fields, "Unheard.Of": "x"})
    two[0] = replace(two[0], fields={**two[0].fields, "Unheard.Of": "x"})
    files, records, faults = written(Kept(one, two))
    assert files == {"1-journal 1-2027-03-03-2027-03-04.xml": "".join(EXCHANGE.file([one[0], one[2]], SETTINGS))}
    assert [*records.values()] == [2]
    number = one[1].number
    assert faults[1] == (number, f"Record {number} has no form that can be written. It is left out.", True)
    assert len(faults) == 2
