"""Labels of scales: the venue's pictures, the item, the weight or price, and the check digit."""

from __future__ import annotations

import random
import re

import pytest

from till.domain.catalogue.labels import LABELS_PATTERN, LabelError, Scanned, check_digit, read_code
from till.domain.catalogue.menu import Item, Menu
from till.domain.money.measures import Price4, Thousandths

#: The forms of real shops (opensourcepos 3188), and the two of Odoo's default nomenclature.
SHOPS = (
    "20IIIIIVPP.PPC 21IIIIIVPPP.PC 22IIIIIVPPPPC 23IIIIIVW.WWWC 24IIIIIVWW.WWC 25IIIIIVWWW.WC 26IIIIIVWWWWC "
    "28IIIIIPPP.PPC"
)
ODOO = "21IIIIIWW.WWWC 23IIIIIPPP.PPC"


def item(name: str, plu: int | None = None, *barcodes: str, unit: str = "kg") -> Item:
    return Item(name, name, "all", Price4(80_000), "A", plu, barcodes=barcodes, unit=unit)


GOUDA, BRIE = item("gouda", 40119), item("brie", 12345)
MENU = Menu(items=(GOUDA, BRIE))


def with_check(digits: str) -> str:
    return digits + check_digit(digits)


@pytest.mark.parametrize(
    ("labels", "code", "found", "price4", "measure"),
    [
        (SHOPS, with_check("204011900500"), "gouda", 50_000, None),
        (SHOPS, with_check("204011970512"), "gouda", 51_200, None),
        (SHOPS, with_check("214011900500"), "gouda", 500_000, None),
        (SHOPS, with_check("224011900500"), "gouda", 5_000_000, None),
        (SHOPS, "2340119005007", "gouda", None, 500),
        (SHOPS, with_check("244011900500"), "gouda", None, 5_000),
        (SHOPS, with_check("254011900500"), "gouda", None, 50_000),
        (SHOPS, with_check("264011900500"), "gouda", None, 500_000),
        (SHOPS, with_check("284011912345"), "gouda", 1_234_500, None),
        (SHOPS, with_check("274011912345"), None, None, None),
        (ODOO, "2112345015002", "brie", None, 1_500),
        (ODOO, with_check("231234501299"), "brie", 129_900, None),
        ("", "2112345015002", None, None, None),
        (ODOO, "2199999015002", None, None, None),
        (ODOO, "21123450150021", None, None, None),
        ("02IIIIIPPP.PPC", with_check("021234501299")[1:], "brie", 129_900, None),
        ("21IIIIIWW.WWWV", "2112345015009", "brie", None, 1_500),
    ],
)
def test_a_label_is_read_by_the_first_picture(
    labels: str, code: str, found: str | None, price4: int | None, measure: int | None
) -> None:
    read = read_code(code, MENU, labels)
    assert (read and (read.item.id, read.price4, read.measure)) == (found and (found, price4, measure))


def test_a_wrong_check_digit_and_an_empty_label_are_refused() -> None:
    with pytest.raises(LabelError, match="check digit is wrong"):
        read_code("2340119005006", MENU, SHOPS)
    assert check_digit("234011900500") == "7"
    with pytest.raises(LabelError, match="no weight or price"):
        read_code(with_check("234011900000"), MENU, SHOPS)


@pytest.mark.parametrize(
    "barcode",
    [with_check("211234500000"), "2112345000000", "2112345000009", "2112345"],
)
def test_a_label_finds_its_item_by_the_empty_label_or_by_its_prefix(barcode: str) -> None:
    own, other = item("own", None, barcode), item("other", 12345)
    assert read_code("2112345015002", Menu(items=(other, own)), ODOO) == Scanned(own, measure=Thousandths(1_500))
    assert read_code(barcode, Menu(items=(other, own)), ODOO) == Scanned(own)


def test_a_label_that_two_items_could_mean_is_that_of_its_number() -> None:
    one, two, numbered = item("one", None, "2112345000001"), item("two", None, "2112345000002"), item("numbered", 12345)
    assert with_check("211234500000") not in {"2112345000001", "2112345000002"}
    scanned = read_code("2112345015002", Menu(items=(one, two, numbered)), ODOO)
    assert scanned == Scanned(numbered, measure=Thousandths(1_500))
    assert read_code("2112345015002", Menu(items=(one, two)), ODOO) is None


def test_a_barcode_of_the_menu_wins() -> None:
    chance = random.Random(80)  # noqa: S311 - a test repeats itself
    codes = {str(chance.randrange(20 * 10**11, 30 * 10**11)) for _ in range(5_000)}
    codes |= {with_check(str(chance.randrange(20 * 10**10, 30 * 10**10))) for _ in range(5_200)}
    menu = Menu(items=tuple(item(code, number, code) for number, code in enumerate(sorted(codes)[:10_000], 1)))
    assert len(menu.items) == 10_000
    for labels in (*SHOPS.split(), *ODOO.split(), f"{SHOPS} {ODOO}", f"{ODOO} {SHOPS}"):
        for one in menu.items:
            assert read_code(one.barcodes[0], menu, labels) == Scanned(one)


def test_twelve_digits_are_the_menus_code_with_a_0_before() -> None:
    own = item("own", None, with_check("021234501299"))
    menu = Menu(items=(own, BRIE))
    assert read_code(own.barcodes[0][1:], menu, "02IIIIIPPP.PPC") == Scanned(own)


@pytest.mark.parametrize("labels", ["", SHOPS, ODOO, "20IIIIIIPPPPC", "2IIIIIIIW.WWWC", "02IIIIIPPP.PPV"])
def test_pictures_that_can_be_set(labels: str) -> None:
    assert re.match(LABELS_PATTERN, labels)


@pytest.mark.parametrize(
    "labels",
    [
        "21IIIIIWW.WWW",  # 12 places
        "21IIIIIWWW.WWWC",  # 14 places
        "IIIIIIIWW.WWWC",  # no digit
        "2112345WW.WWWC",  # no item
        "21IIIIIVVVVVC",  # no value
        "21IIIIIWW.PPPC",
        "21IIIII.WWWWWC",
        "21IIIIIW.WWWWC",  # a tenth of a gram
        "21IIIIICWW.WWW",
        "21iiiiiww.wwwc",
        f"{ODOO} ",
        f"{ODOO},{ODOO}",
    ],
)
def test_pictures_that_cannot(labels: str) -> None:
    assert not re.match(LABELS_PATTERN, labels)
