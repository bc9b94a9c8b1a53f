"""The judges of records that run here: the authority's schema, and `verifactu-lint`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from lxml import etree
from verifactu_lint.cli import main

from till.fiscal.es_verifactu.record import hash_of
from till.fiscal.es_verifactu.xml import INFORMATION, file_xml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from till.domain.fiscal import FiscalStamp

SCHEMA: Final = Path(__file__).parents[3] / "shared/law/spain/SuministroInformacion.xsd"

#: The settings of a venue in Spain.
SETTINGS: Final = {
    "nif": "B12345674",
    "name": "Casa Peña & Hijos, S.L.",
    "producer_nif": "89890001K",
    "producer_name": "Programas Ñandú, S.A.",
    "program": "till",
    "system": "T1",
}

needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason="the authority's schema is not beside the repository")


def check_file(
    stamps: Sequence[FiscalStamp], settings: Mapping[str, str], folder: Path, *, strict: bool = True
) -> etree._Element:
    """Write the records of an installation, and hold the file to the schema, the lint, and a chain without a gap.

    `strict` is false for records that mend a refund, of which the lint always warns.
    """
    file = folder / "records.xml"
    file.write_text("".join(file_xml(stamps, settings)), "utf-8")
    root = etree.fromstring(file.read_bytes())
    records = [*root.iter(f"{{{INFORMATION}}}RegistroAlta", f"{{{INFORMATION}}}RegistroAnulacion")]
    assert len(records) == len(stamps)
    if SCHEMA.exists():
        schema = etree.XMLSchema(etree.parse(SCHEMA))
        for record in records:
            alone = etree.fromstring(etree.tostring(record))
            assert schema.validate(alone), (str(schema.error_log), etree.tostring(record))
    assert main([str(file), "--sin-color", *(["--estricto"] if strict else [])]) == 0
    before = ""
    for stamp in stamps:
        assert stamp.previous == before
        assert stamp.hash == hash_of(stamp.kind, stamp.number, stamp.fields, stamp.previous)
        before = stamp.hash
    return root
