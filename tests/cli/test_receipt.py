"""`till receipt`: a copy of a receipt, as text and as a page."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import to_builtins
from psycopg.types.json import Jsonb

from tests.cli.test_say import speak
from tests.fiscal.authority import SETTINGS
from till import __version__
from till.fiscal.es_verifactu import xml
from till.fiscal.es_verifactu.scheme import SCHEME
from till.fiscal.es_verifactu.xml import record_xml

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database
    from till.domain.fiscal import FiscalStamp


@pytest.fixture
def sold(staffed: Shell, database: Database) -> tuple[Shell, str]:
    """A venue that sold two Idly, and the number of the receipt."""
    file = staffed.folder / "menu.csv"
    file.write_text("name,price,category,plu,tax\nIdly,4.00,Food,1,VAT 10\n")
    staffed.ok("admin", "menu", "import", str(file))
    staffed.ok("admin", "settings", "set", "receipt_footer", "<b>Bye & thanks</b>")
    staffed.ok("admin", "tills", "add", "999", "--here")
    speak(staffed, 1, "1111")
    staffed.ok("say", "2 idly")
    staffed.ok("say", "cash 10")
    staffed.become(7)
    with database.connect() as connection:
        row: Any = connection.execute("SELECT receipt FROM cold.orders").fetchone()
    return staffed, row[0]


def test_a_copy_is_printed_as_text_and_written_as_a_page(sold: tuple[Shell, str]) -> None:
    shop, number = sold
    text = shop.ok("receipt", number)
    lines = text.splitlines()
    assert lines[0].strip() == "*** COPY ***"
    assert lines[4].startswith(number)
    assert " 2 × Idly                @ 4.00       8.00" in lines
    assert f"{'Change':<37}−2.00" in lines
    assert shop.ok("receipt", number.split("-")[1].lstrip("0"), "--till", number.split("-")[0]) == text
    page = shop.folder / "receipt.html"
    assert shop.ok("receipt", number, "--html", str(page)) == ""
    assert shop.ok("receipt", number, "--html", str(shop.folder / "more.html"), "--text") == text
    shown = page.read_text()
    assert "&lt;b&gt;Bye &amp; thanks&lt;/b&gt;" in shown
    assert "<script" not in shown
    assert '"session"' in shop.ok("admin", "sessions", "show", number, "--json")


def test_a_copy_is_in_the_language_of_the_venue(sold: tuple[Shell, str]) -> None:
    shop, number = sold
    page = shop.folder / "receipt.html"

    def copied() -> tuple[str, str]:
        page.unlink(missing_ok=True)
        shop.ok("receipt", number, "--html", str(page))
        return shop.ok("receipt", number).splitlines()[0].strip(), page.read_text().splitlines()[1].partition(">")[0]

    assert copied() == ("*** COPY ***", '<html lang="en"')
    shop.ok("admin", "settings", "set", "languages", '["es"]')
    assert copied() == ("*** COPIA ***", '<html lang="es"')
    assert shop.refused("receipt", "9-000001").startswith("There is no receipt"), "the shell is English still"


def test_a_gift_receipt_has_no_price_on_text_and_page(sold: tuple[Shell, str]) -> None:
    shop, number = sold
    page = shop.folder / "gift.html"
    text = shop.ok("receipt", number, "--gift", "--text", "--html", str(page))
    assert " 2 × Idly\n" in text
    for shown in (text, re.sub(r"<svg.*</svg>", "", page.read_text().rpartition("</style>")[2])):
        assert "Gift receipt" in shown
        assert f"#{number}" in shown
        assert "4.00" not in shown
        assert "8.00" not in shown
        assert "VAT" not in shown
    speak(shop, 1, "1111")
    assert "No printer here" in shop.refused("say", "gift receipt")


def test_a_copy_has_the_marks_and_the_number_of_the_law(sold: tuple[Shell, str], database: Database) -> None:
    shop, _number = sold
    law: dict[str, Any] = {"scheme": SCHEME.name, "from": "2026-01-01", "settings": SETTINGS | {"prefix": "SOL/"}}
    law["proof"] = to_builtins(SCHEME.proof(SETTINGS))
    with database.connect() as connection:
        connection.execute(
            "UPDATE till.settings SET body = body || %s, version = version + 1 WHERE name = 'settings'",
            [Jsonb({"fiscal": law})],
        )
    speak(shop, 1, "1111")
    shop.ok("say", "2 idly")
    shop.ok("say", "cash 10")
    shop.become(7)
    with database.connect() as connection:
        row: Any = connection.execute("SELECT receipt FROM cold.orders ORDER BY created_at DESC LIMIT 1").fetchone()
    text = shop.ok("receipt", row[0])
    assert "QR tributario:" in text
    assert f"SOL/{row[0]}" in text
    speak(shop, 1, "1111")
    shop.ok("say", "2 idly")
    shop.ok("say", "cash 10")
    shop.become(7)
    days = ("--from", "2026-01-01", "--to", "2099-12-31")
    assert "2 records of till" in shop.ok("fiscal", "export", *days, str(shop.folder / "whole"))

    assert "Nobody declared this program" in shop("fiscal", "declaration").err
    law["settings"] |= {"producer_address": "C/ Luna 1", "declared": f"{__version__}, Madrid, 1 de diciembre de 2026"}
    with database.connect() as connection:
        connection.execute(
            "UPDATE till.settings SET body = body || %s WHERE name = 'settings'", [Jsonb({"fiscal": law})]
        )
    assert f"c) Identificador completo de la versión: {__version__}" in shop.ok("fiscal", "declaration")

    def fails_for_one(stamp: FiscalStamp) -> str:
        if stamp.number == f"SOL/{row[0]}":
            raise ValueError("a record has no element 'x'")
        return record_xml(stamp)

    shop.patch.setattr(xml, "record_xml", fails_for_one)
    result = shop("fiscal", "export", *days, str(shop.folder / "part"))
    assert "1 records of till" in result.out
    assert f"SOL/{row[0]} has no form that can be written. It is left out." in result.err


def test_only_its_owner_reads_a_file_that_a_command_writes(sold: tuple[Shell, str]) -> None:
    shop, number = sold
    written = (
        ("receipt", number, "--html"),
        *(("report", "day", form) for form in ("--html", "--csv", "--xlsx")),
        ("report", "x", "--html"),
        ("admin", "users", "list", "--csv"),
        ("admin", "audit", "show", "--csv"),
        ("admin", "audit", "export"),
        ("admin", "menu", "export"),
    )
    before = os.umask(0)
    try:
        for place, command in enumerate(written):
            shop.ok(*command, str(shop.folder / f"file-{place}"))
    finally:
        os.umask(before)
    modes = [(shop.folder / f"file-{place}").stat().st_mode & 0o777 for place in range(len(written))]
    assert modes == [0o600] * len(written)


def test_a_number_of_no_sale_is_refused(sold: tuple[Shell, str], subtests: pytest.Subtests) -> None:
    shop, _number = sold
    for number in ("999-000099", "1-R000001", "", "'; drop table x", "9" * 400):
        with subtests.test(number):
            refused = shop.refused("receipt", number)
            assert refused == "There is no receipt of that number. F10 at a till lists the sales."
