from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.catalogue.hours import Hours
from till.domain.catalogue.menu import Daypart, Item, read_menu
from till.domain.catalogue.menu_edit import menu_at
from till.domain.errors import MenuError, TillError
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Price4
from till.domain.money.tax import Tax

INR = Currency("INR")
TUESDAY = date(2026, 3, 3)
ITEM = {
    "id": "idly",
    "name": "Idly",
    "category": "tiffin",
    "price": "40.00",
    "tax": "A",
    "plu": 1,
    "aliases": ["idli"],
    "barcodes": ["8901234567890"],
    "sold_out": False,
    "returnable": False,
    "unit": "",
    "position": 2,
}
BODY: dict[str, Any] = {
    "version": 3,
    "taxes": {"A": [{"name": "CGST", "rate": "2.5"}, {"name": "SGST", "rate": "2.5"}]},
    "dayparts": [
        {"name": "Breakfast", "from": "07:00", "to": "11:30"},
        {"name": "Late", "from": "22:00", "to": "02:00"},
    ],
    "categories": [
        {"id": "drinks", "name": "Drinks", "position": 2},
        {"id": "tiffin", "name": "Tiffin", "position": 1, "daypart": "Breakfast"},
    ],
    "items": [
        ITEM,
        ITEM | {"id": "tea", "name": "Tea", "category": "drinks", "plu": 2, "barcodes": [], "position": 1},
        ITEM | {"id": "toddy", "name": "Toddy", "plu": 3, "barcodes": [], "daypart": "Late", "price": None},
    ],
}


def on_tuesday(hour: int, minute: int = 0) -> datetime:
    return datetime.combine(TUESDAY, time(hour, minute))


@pytest.mark.parametrize(
    ("starts", "ends", "inside", "outside"),
    [
        (time(7), time(11, 30), [time(7), time(11, 29, 59)], [time(6, 59, 59), time(11, 30), time(0)]),
        (time(22), time(2), [time(22), time(23, 59), time(0), time(1, 59)], [time(2), time(21, 59), time(12)]),
        (time(0), time(0), [time(0), time(12), time(23, 59)], []),
        (time(5), time(5), [time(4), time(5), time(6)], []),
        (time(18), time(0), [time(18), time(23, 59, 59)], [time(0), time(17)]),
    ],
)
def test_a_part_of_the_day_holds_its_hours(starts: time, ends: time, inside: list[time], outside: list[time]) -> None:
    part = Daypart("part", (Hours(starts, ends),))
    assert [moment for moment in inside + outside if part.holds(datetime.combine(TUESDAY, moment))] == inside


@given(st.times(), st.times(), st.times())
def test_two_parts_that_meet_hold_each_moment_once(one: time, two: time, moment: time) -> None:
    if one != two:
        at = datetime.combine(TUESDAY, moment)
        assert Hours(one, two).holds(at) != Hours(two, one).holds(at)


@given(st.times(), st.sampled_from(["idly", "tea", "toddy"]), st.sampled_from([None, "Late", "unknown"]))
def test_the_items_on_sale_are_those_that_are_each_on_sale(moment: time, sold_out: str, daypart: str | None) -> None:
    items = [item | {"sold_out": item["id"] == sold_out} for item in BODY["items"]]
    menu = read_menu(
        BODY | {"items": [*items, ITEM | {"id": "vada", "plu": 4, "barcodes": [], "daypart": daypart}]}, INR
    )
    at = datetime.combine(TUESDAY, moment)
    assert menu.sold_at(at) == [item for item in menu.items if menu.is_sold_at(item, at)]


def test_a_menu_is_read_in_its_own_order() -> None:
    menu = read_menu(BODY, INR)
    assert menu.version == 3
    assert [item.name for item in menu.items] == ["Tea", "Idly", "Toddy"]
    assert [category.name for category in menu.categories] == ["Tiffin", "Drinks"]
    assert menu.by_plu[1] is menu.by_id["idly"] is menu.by_barcode["8901234567890"]
    assert menu.by_id["idly"].price4 == 400_000
    assert menu.by_id["toddy"].price4 is None
    assert menu.taxes_of(menu.by_id["idly"]) == (Tax("CGST", Millionths(25_000)), Tax("SGST", Millionths(25_000)))


def test_an_item_is_sold_in_its_own_part_of_the_day_or_that_of_its_category() -> None:
    menu = read_menu(BODY, INR)
    assert [item.name for item in menu.sold_at(on_tuesday(8))] == ["Tea", "Idly"]
    assert [item.name for item in menu.sold_at(on_tuesday(23))] == ["Tea", "Toddy"]
    assert [item.name for item in menu.sold_at(on_tuesday(15))] == ["Tea"]
    parts = [menu.daypart_at(on_tuesday(hour)) for hour in (8, 1, 15)]
    assert [part and part.name for part in parts] == ["Breakfast", "Late", None]


PLANNED = ITEM | {
    "prices": [
        {"from": "2026-12-02T00:00:00Z", "price": None},
        {"from": "2026-12-01T12:30:00Z", "price": "45.00"},
    ]
}


def test_a_price_from_a_time_on_holds_from_that_very_moment() -> None:
    menu = read_menu(BODY | {"items": [PLANNED, *BODY["items"][1:]]}, INR)
    begins = datetime(2026, 12, 1, 12, 30, tzinfo=UTC)
    assert menu.changes == (begins, datetime(2026, 12, 2, tzinfo=UTC))
    assert menu.at(begins - timedelta(microseconds=1)) is menu
    then = menu.at(begins)
    assert (then.by_id["idly"].price4, menu.by_id["idly"].price4) == (450_000, 400_000)
    assert then.by_id["tea"] == menu.by_id["tea"]
    assert then.changes == menu.changes[1:]
    assert menu.at(begins + timedelta(days=1)).by_id["idly"].price4 is None
    assert then.at(begins + timedelta(days=1)).changes == ()


def test_a_body_is_brought_to_a_moment_as_the_menu_is() -> None:
    begins = datetime(2026, 12, 1, 12, 30, tzinfo=UTC)
    for moment in (begins - timedelta(seconds=1), begins, begins + timedelta(days=3)):
        body = BODY | {"items": [PLANNED, *BODY["items"][1:]]}
        assert read_menu(menu_at(body, moment), INR).items == read_menu(body, INR).at(moment).items


@pytest.mark.parametrize("prices", [[{}], [{"from": "soon", "price": "1"}], [{"from": "2026-12-01T00:00:00Z"}], 7])
def test_a_damaged_plan_is_refused_in_a_sentence(prices: Any) -> None:
    with pytest.raises(MenuError, match="The menu received is damaged"):
        read_menu(BODY | {"items": [ITEM | {"prices": prices}]}, INR)


def test_an_item_sold_out_is_not_sold() -> None:
    menu = read_menu(BODY | {"items": [ITEM | {"sold_out": True, "category": "drinks"}]}, INR)
    assert list(menu.sold_at(on_tuesday(8))) == []


def test_a_band_or_part_of_the_day_without_a_name_is_none() -> None:
    menu = read_menu(BODY, INR)
    stray = Item("x", "X", "nowhere", Price4(1), "Z", daypart="Tiffin time")
    assert menu.taxes_of(stray) == ()
    assert menu.daypart_of(stray) is None


junk = st.none() | st.integers() | st.text(max_size=4) | st.lists(st.integers(), max_size=2)


@given(st.sampled_from(sorted(BODY)), junk, st.sampled_from(sorted(ITEM)), junk)
def test_a_damaged_menu_is_refused_in_a_sentence(part: str, damage: Any, field: str, wrong: Any) -> None:
    for body in (BODY | {part: damage}, BODY | {"items": [ITEM | {field: wrong}]}):
        try:
            read_menu(body, INR)
        except TillError as problem:
            assert problem.sentence  # noqa: PT017 - some damage reads, and is then a menu


@pytest.mark.parametrize("missing", sorted(BODY))
def test_a_menu_lacks_no_part(missing: str) -> None:
    with pytest.raises(MenuError, match="The menu received is damaged"):
        read_menu({name: part for name, part in BODY.items() if name != missing}, INR)
