"""`till admin labels print`: names, prices and barcodes on the paper of a real socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.test_printers import running
from tests.printer.device import Device
from till.domain.paper.bars import bars_of

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

ADD = ("admin", "printers", "add")
PRINT = ("admin", "labels", "print")
WATER = "8901234500019"


@pytest.fixture
def shop(staffed: Shell) -> Shell:
    """A venue with a menu of two items."""
    file = staffed.folder / "menu.csv"
    file.write_text(
        f"name,price,category,plu,tax,barcodes,unit\nWater,20.00,Shop,1,VAT 10,{WATER},\nGouda,9.50,Shop,21,,,kg\n"
    )
    staffed.ok("admin", "menu", "import", str(file))
    staffed.ok("admin", "tills", "add", "1", "--here")
    return staffed


@pytest.mark.parametrize("codes", ["own", "drawn"])
def test_labels_have_name_price_and_barcode(shop: Shell, codes: str) -> None:
    device = Device()
    with running(device) as printer:
        shop.ok(*ADD, "Bar", printer.address, "--codes", codes)
        assert shop.ok(*PRINT, WATER, "gouda", "--count", "2") == "Bar printed 4 labels.\n"
    assert not device.unknown
    assert [sheet.is_cut for sheet in device.sheets] == [True] * 4
    water, gouda = device.sheets[1], device.sheets[2]
    assert ("Water" in water.text, "20.00" in water.text) == (True, True)
    assert "9.50/kg" in gouda.text
    if codes == "own":
        assert [sheet.bars for sheet in device.sheets] == [[WATER]] * 2 + [["21"]] * 2
    else:
        bits = "".join(module * 2 for module in bars_of(WATER))
        assert len(water.dots) == 80
        assert {f"{int.from_bytes(row, 'big'):0{len(row) * 8}b}"[: len(bits)] for row in water.dots} == {bits}
        assert WATER in water.text


def test_a_label_needs_an_item_and_one_printer_that_prints(shop: Shell) -> None:
    assert "no such printer" in shop(*PRINT, "21").err
    device = Device()
    with running(device) as printer:
        shop.ok(*ADD, "Bar", printer.address)
        assert shop(*PRINT, "unicorn").err == "till: There is no “unicorn” on the menu.\n"
        device.tell("no paper")
        refused = shop(*PRINT, "21", "water")
    assert "Bar, " in refused.err
    assert "paper" in refused.err
    assert not device.sheets
    shop.ok(*ADD, "Grill", "127.0.0.1:10", "--kitchen")
    assert "Name one with --printer: Bar, Grill." in shop(*PRINT, "21").err
