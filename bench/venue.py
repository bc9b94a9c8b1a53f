"""The venue of the bench: a menu of any size, where each item has its own name, price and barcode."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from till.domain.ids import derived_id
from till.domain.staff.pins import hash_pin

STORE: Final = "0197d6a0-0000-7000-8000-0000000be5c4"
PIN: Final = "1111"
#: The tills of a venue; the cashier of a till has the till's number.
TILLS: Final = 6
_FIRST: Final = (
    *("Amber", "Basil", "Cedar", "Dark", "Early", "Fennel", "Golden", "Honey", "Iced", "Juniper", "Kashmir", "Lemon"),
    *("Madras", "Nutty", "Orange", "Pepper", "Quince", "Rustic", "Saffron", "Toasted", "Velvet", "Winter", "Young"),
    *("Zesty", "Crisp"),
)
_SECOND: Final = (
    *("Almond", "Berry", "Coconut", "Date", "Elder", "Fig", "Ginger", "Hazel", "Indigo", "Jaggery", "Kokum", "Lime"),
    *("Mango", "Nettle", "Olive", "Plum", "Rose", "Sesame", "Tamarind", "Vanilla"),
)
_THIRD: Final = (
    *("Ale", "Bun", "Curry", "Dosa", "Eclair", "Fritter", "Granita", "Halva", "Idly", "Juice", "Kofta", "Lassi"),
    *("Muffin", "Naan", "Omelette", "Porter", "Roll", "Soup", "Tart", "Vada"),
)
MOST_ITEMS: Final = len(_FIRST) * len(_SECOND) * len(_THIRD)


def item_name(plu: int) -> str:
    """Return the name of the item with a PLU, 1 to `MOST_ITEMS`; all differ."""
    place = plu - 1
    first, rest = place % len(_FIRST), place // len(_FIRST)
    return f"{_FIRST[first]} {_SECOND[rest % len(_SECOND)]} {_THIRD[rest // len(_SECOND)]}"


def item_price(plu: int) -> str:
    """Return the price of the item with a PLU; all differ."""
    return f"{plu // 100}.{plu % 100:02}"


def item_id(plu: int) -> str:
    """Return the id of the item with a PLU."""
    return derived_id(STORE, f"item {plu}")


def barcode(plu: int) -> str:
    """Return the barcode of the item with a PLU: thirteen digits."""
    return f"890{plu:010}"


@cache
def menu_body(items: int) -> dict[str, Any]:
    """Return a menu of `items` items in up to twenty categories, as sent by the database."""
    groups = max(1, min(20, items // 10))
    return {
        "version": 0,
        "taxes": {"A": [{"name": "GST", "rate": "5"}]},
        "dayparts": [{"name": "Day", "from": "00:00", "to": "00:00"}],
        "categories": [
            {
                "id": derived_id(STORE, f"group {place}"),
                "name": f"Group {place + 1}",
                "position": place,
                "daypart": None,
            }
            for place in range(groups)
        ],
        "items": [
            {
                "id": item_id(plu),
                "plu": plu,
                "name": item_name(plu),
                "category": derived_id(STORE, f"group {plu % groups}"),
                "price": item_price(plu),
                "tax": "A",
                "aliases": [],
                "barcodes": [barcode(plu)],
                "sold_out": False,
                "returnable": False,
                "unit": "",
                "position": plu,
                "daypart": None,
            }
            for plu in range(1, items + 1)
        ],
    }


def settings() -> dict[str, Any]:
    """Return the settings of the venue."""
    return {
        "name": "Bench Corner",
        "currency": "INR",
        "locale": "en_IN",
        "timezone": "UTC",
        "business_day_ends": "00:00",  # so that a sale made by SQL is of its date, at any hour of the run
        "prices_include_tax": True,
        "tax_rounding": "line",
        "tax_number": "",
    }


@cache
def staff() -> tuple[dict[str, Any], ...]:
    """Return a cashier for each till, all with the same PIN."""
    hashed = hash_pin(PIN)
    return tuple(
        {"number": number, "name": f"cashier {number}", "role": "cashier", "pin_hash": hashed, "disabled": False}
        for number in range(1, TILLS + 1)
    )


def reference(items: int, language: str = "en") -> dict[str, dict[str, Any]]:
    """Return the reference data in a till's cache before its first contact with the database."""
    tills = [{"number": number, "name": f"Till {number}"} for number in range(1, TILLS + 1)]
    return {
        "menu": menu_body(items),
        "staff": {"staff": list(staff())},
        "settings": {**settings(), "tills": tills, "languages": [language]},
    }
