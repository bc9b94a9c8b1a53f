"""Every document in the made-up language: no English word is left but data, and it fits the paper."""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.domain.paper.samples import PRINTER, samples
from tests.domain.paper.test_lines import WIDTHS
from till.domain.i18n import speaking
from till.domain.paper.document import Document, RowRole
from till.domain.paper.lines import lines_of

#: The data of the samples: what a person keyed, the venue's own texts, and the marks of a terminal.
_DATA: Final = """
    Udupi Corner | 12 Car Street, Basavanagudi, Bengaluru 560004 | GSTIN 29AAAAA0000A1ZY | Tax invoice | Asha | Meena
    Thank you. Visit again. | Meals | Masala Dosa | Mysore Pak | Filter Coffee | Bisi Bele Bath | no onion
    extra ghee | less sugar | Waited long | Visa | milk | safe, bag 118 | wrong change to table 4, 13:47 | Grill
    CGST | SGST | Bar zum Anker | Hafenstr. 8, 20459 Hamburg | USt-IdNr. DE123456789 | Vielen Dank und auf Wiedersehen
    Gin Tonic | Flammkuchen | Pils | mit Gurke | ohne Zwiebeln | Stammgast | USt | Jana | Casa Peña
    Calle Mayor 1, 28013 Madrid | Gracias por su visita | Peña e Hijos, S.L. | Lola | Tabla de jamón | Ron con cola
    IVA
    Payment | CARD PAYMENT | Amount | Auth
"""
#: The words of the law: Spain's marks on an invoice, and the names of India's goods and net amount.
_LAW: Final = "Factura simplificada | QR tributario | VERI*FACTU | NIF | HSN | Taxable value"
_KNOWN: Final = sorted(re.split(r"\s*[|\n]\s*", f"{_DATA.strip()}|{_LAW}"), key=len, reverse=True)
_IGNORED: Final = re.compile("|".join(map(re.escape, _KNOWN)), re.IGNORECASE)
_WORD: Final = re.compile(r"[A-Za-z]{2,}")
#: The signs of data that are no words of any language.
_SIGNS: Final = re.compile(r"\b1-[RZ]?[0-9]+\b|\b[A-D]\b")


@pytest.fixture
def made_up(qps: str) -> dict[str, Document]:
    with speaking(qps):
        return samples()


def test_no_english_is_left_on_paper_but_data_and_what_the_law_words(made_up: dict[str, Document]) -> None:
    for title, document in made_up.items():
        rows = [(row.left, *row.middle, row.right) for row in document.rows if row.role is not RowRole.CODE]
        for text in (document.title, *(one for row in rows for one in row)):
            assert not _WORD.findall(_SIGNS.sub("", _IGNORED.sub("", text))), f"{title}: {text}"
    receipt = "\n".join(row.left for row in made_up["A receipt, with the same taxes on all lines"].rows)
    assert "HSN 996331" in receipt
    assert "Taxable value" in receipt


def test_a_language_half_as_long_again_fits_the_paper(made_up: dict[str, Document]) -> None:
    for document in made_up.values():
        for columns in WIDTHS:
            lines = [line.text for line in lines_of(document, columns, PRINTER)]
            assert all(len(line) <= columns for line in lines)
            for row in document.rows:
                numbers = [PRINTER.spell(one).strip() for one in (*row.middle, row.right)]
                whole = [one for one in numbers if any(char.isdigit() for char in one)]
                assert all(any(number in line for line in lines) for number in whole), (columns, row)
