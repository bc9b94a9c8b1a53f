"""The law's code on a receipt, read back from the page and from paper as a phone reads it."""

from __future__ import annotations

from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.paper.samples import spanish
from tests.fiscal.scanning import scan, scan_page
from tests.printer.device import Device
from till.devices import escpos
from till.domain.paper.code import modules_of
from till.domain.paper.document import Document, DocumentRow, RowRole
from till.domain.paper.html import html_of
from till.domain.paper.lines import lines_of, text_of
from till.domain.structs import replace
from till.domain.text import Repertoire
from till.ports.printer import PrinterProfile

_MM: Final = 25.4
_URL: Final = "https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR?nif=B12345674&numserie="
CODES: Final = st.text("0123456789/-%ABC", min_size=8, max_size=60).map(lambda number: _URL + number + "&importe=9.90")


def _printed(code: str, **facts: object) -> Device:
    profile = PrinterProfile(name="bar", address="tcp://printer", **facts)  # type: ignore[arg-type]
    device = Device(profile.columns)
    document = spanish()
    rows = tuple(replace(row, left=code) if row.role is RowRole.CODE else row for row in document.rows)
    device.receive(
        escpos.document(lines_of(replace(document, rows=rows), profile.columns, Repertoire("cp858")), profile, "1A00")
    )
    assert (device.unknown, device.kicks) == ([], 0)
    return device


@given(CODES)
def test_a_page_has_the_code_between_30_and_40_mm(code: str) -> None:
    text, mm = scan_page(html_of(Document("x", (DocumentRow(code, role=RowRole.CODE),))))
    assert text == code
    assert 30 <= mm <= 40


@settings(max_examples=20, deadline=None)
@given(CODES, st.sampled_from([180, 203, 300]), st.sampled_from([32, 42, 48]))
def test_paper_has_the_code_between_30_and_40_mm(code: str, dpi: int, columns: int) -> None:
    sides = {}
    for codes in ("own", "drawn"):
        device = _printed(code, codes=codes, dpi=dpi, columns=columns)
        (sheet,) = device.sheets
        assert sheet.ids == ["1A00"]
        if codes == "own":
            ((text, dots),) = sheet.codes
            assert text == code
            sides[codes] = dots * len(modules_of(code))
        else:
            width = len(sheet.dots[0]) * 8
            rows = [f"{int.from_bytes(row, 'big'):0{width}b}" for row in sheet.dots]
            dark = [[bit == "1" for bit in row] for row in rows]
            assert scan(dark) == code
            sides[codes] = len(dark)
    assert sides["own"] == sides["drawn"]
    assert 30 <= sides["own"] / dpi * _MM <= 40
    assert sides["own"] / dpi * _MM < 48  # the print of 58 mm paper


def test_a_receipt_begins_with_the_code_and_its_words() -> None:
    document = spanish()
    lefts = [row.left for row in document.rows]
    assert lefts[0] == "QR tributario:"
    assert lefts[1].startswith("https://www2.agenciatributaria.gob.es/")
    assert lefts[2:4] == ["VERI*FACTU", "Casa Peña"]
    assert "Factura simplificada" in lefts
    assert scan_page(html_of(document))[0] == lefts[1]
    assert lefts[1] in text_of(document, 42, Repertoire("utf-8")).replace("\n", "")
