"""Tax groups that begin on a day, of an item, a category, or all that bears a group."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from till.domain.catalogue.menu import read_menu
from till.domain.catalogue.menu_edit import UnknownMenuEntryError, menu_at
from till.domain.catalogue.menu_rates import RateAsked, find_targets, plan_rate, planned_rates
from till.domain.errors import MenuError
from till.domain.money.amount import Currency

EUR = Currency("EUR")
JANUARY, JULY, LATER = "2026-12-31T23:00:00Z", "2027-06-30T22:00:00Z", "2028-01-01T00:00:00Z"
LOWER = RateAsked(JANUARY, "VAT 7")


def item(name: str, tax: str = "VAT 19", category: str = "food", **more: Any) -> dict[str, Any]:
    plain = {"aliases": [], "barcodes": [], "sold_out": False, "returnable": False, "unit": "", "position": 1}
    return {
        "id": name.lower(),
        "name": name,
        "price": "4.00",
        "category": category,
        "tax": tax,
        "plu": None,
        **plain,
        **more,
    }


def menu(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    groups = {group: [{"name": "VAT", "rate": group.partition(" ")[2]}] for group in ("VAT 19", "VAT 7", "VAT 0")}
    categories = [{"id": "food", "name": "Food", "position": 1}, {"id": "drinks", "name": "Drinks", "position": 2}]
    return {"version": 1, "taxes": groups, "dayparts": [], "categories": categories, "items": [*items], **more}


BODY = menu(
    item("Soup", by_type={"take_away": {"tax": "VAT 7"}, "delivery": {"tax": "VAT 19"}}),
    item("Pasta"),
    item("Cola", category="drinks"),
    item("Milk", "VAT 7", "drinks"),
)


def found(text: str, asked: RateAsked = LOWER, body: dict[str, Any] = BODY, charged: str | None = "VAT 19") -> Any:
    targets = find_targets(body, text, asked, charged)
    return targets.items, targets.charge


def test_items_are_meant_by_name_by_category_and_by_the_group_that_they_bear() -> None:
    assert found("soup") == ((("soup", ""),), False)
    assert found("Pasta, Cola") == ((("pasta", ""), ("cola", "")), False)
    assert found("drinks") == found("category Drinks") == ((("cola", ""), ("milk", "")), False)
    everything = (("soup", ""), ("soup", "delivery"), ("pasta", ""), ("cola", ""))
    assert found("VAT 19") == found("tax vat 19") == (everything, True)
    assert found("VAT 19", charged="VAT 7") == (everything, False)
    assert found("VAT 19", LOWER._replace(order_type="take_away")) == (
        (("pasta", "take_away"), ("cola", "take_away")),
        False,
    )
    with pytest.raises(UnknownMenuEntryError, match=r"There is no “Sup” on the menu\. Did you mean Soup"):
        found("Sup")
    with pytest.raises(MenuError, match="Nothing bears VAT 0 then"):
        found("VAT 0")
    same = menu(item("Drinks"), item("Cola", category="drinks"))
    assert found("Drinks", body=same)[0] == (("drinks", ""),)
    assert found("category drinks", body=same)[0] == (("cola", ""),)


def test_words_of_the_targets_mean_the_same_again() -> None:
    for text in ("soup", "Pasta, Cola", "drinks", "VAT 19"):
        targets = find_targets(BODY, text, LOWER, "VAT 19")
        assert find_targets(BODY, targets.typed, LOWER, "VAT 19")[2:] == targets[2:]


def test_a_group_is_that_of_the_moment_before_it_begins() -> None:
    later = menu(item("Soup", rates=[{"from": JANUARY, "tax": "VAT 0"}]), item("Pasta", "VAT 0"))
    assert found("VAT 0", RateAsked(JULY, "VAT 7"), later)[0] == (("soup", ""), ("pasta", ""))
    assert found("VAT 0", RateAsked(JANUARY, "VAT 7"), later)[0] == (("pasta", ""),)
    moved = menu(
        item("Soup", rates=[{"from": JANUARY, "tax": "VAT 7"}]), charge_rates=[{"from": JANUARY, "tax": "VAT 7"}]
    )
    assert found("VAT 19", RateAsked(JULY, "VAT 7"), moved) == ((("soup", ""),), True), "it moves"


def test_a_group_that_is_planned_already_moves_and_one_that_changes_nothing_is_not_planned() -> None:
    rates = plan_rate((), LOWER, "VAT 19")
    assert rates == [{"from": JANUARY, "tax": "VAT 7"}]
    for other in (JULY, LATER):
        rates = plan_rate(rates, RateAsked(other, "VAT 7"), "VAT 19")
        assert rates == [{"from": other, "tax": "VAT 7"}]
    rates = plan_rate(rates, LOWER, "VAT 19")
    assert rates == [{"from": JANUARY, "tax": "VAT 7"}]
    back = plan_rate(rates, RateAsked(JULY, "VAT 19"), "VAT 19")
    assert back == [{"from": JANUARY, "tax": "VAT 7"}, {"from": JULY, "tax": "VAT 19"}]
    assert plan_rate(back, RateAsked(LATER, "VAT 7"), "VAT 19") == [*back, {"from": LATER, "tax": "VAT 7"}]
    assert plan_rate((), RateAsked(JULY, "VAT 19"), "VAT 19") == []
    assert plan_rate(back, RateAsked(JULY, ""), "VAT 19") == rates, "cancelled"
    of_type = plan_rate(rates, RateAsked(JANUARY, "VAT 0", "take_away"), None)
    assert of_type == [*rates, {"from": JANUARY, "tax": "VAT 0", "order_type": "take_away"}]
    assert plan_rate(of_type, RateAsked(JANUARY, ""), "VAT 19") == of_type[1:]


def test_menu_of_a_moment_has_the_groups_that_have_begun_by_type_and_of_the_charge() -> None:
    targets = find_targets(BODY, "VAT 19", LOWER, "VAT 19")
    planned = planned_rates(BODY, targets, LOWER)
    items = [{**one, "rates": planned[one["id"]]} if one["id"] in planned else one for one in BODY["items"]]
    body = {**BODY, "items": items, "charge_rates": [{"from": JANUARY, "tax": "VAT 7"}]}
    begins = datetime(2026, 12, 31, 23, tzinfo=UTC)
    before, then = (read_menu(body, EUR).at(begins + timedelta(microseconds=n)) for n in (-1, 0))
    percents = [[tax.percent for one in at.items for tax in at.taxes_of(one, "delivery")] for at in (before, then)]
    assert percents == [["19", "7", "19", "19"], ["7", "7", "7", "7"]]
    assert [tax.percent for tax in then.taxes_of(then.by_id["soup"], "take_away")] == ["7"]
    assert (before.charged, then.charged, then.changes) == (None, "VAT 7", ())
    assert read_menu(menu_at(body, begins), EUR).items == then.items
