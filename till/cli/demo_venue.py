"""The demo venues: a South Indian breakfast house and a café, of the same staff. Their PINs and password are public."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from till.cli.environment import CAFE_FOLDER
from till.config import Folders, HeldVenue, VenueKind, held_venue, hold_venue
from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.cli.environment import Surroundings

DEMO: Final = HeldVenue(VenueKind.DEMO, "0197d6a0-0000-7000-8000-00000000de00", "Udupi Corner", "INR")
"""The demo venue. Its id is the same on every machine, so that two tills that make it at once make one venue."""

CAFE: Final = HeldVenue(VenueKind.DEMO, "0197d6a0-0000-7000-8000-00000000caf0", "Harbour Café", "GBP")
"""The other demo venue, in a folder of its own within the data folder."""


DEMO_TILLS: Final = 2
"""The number of tills in a new demo; `till demo --till 3` adds another."""

DEMO_PINS: Final = {1: "1111", 2: "2222", 9: "9999"}

_HASHES: Final = {
    1: "$argon2id$v=19$m=65536,t=3,p=4$TMU0PoECms0e8WEoroEl6A$Juy/IPTZjZQ8HRYJ9GZxh9X2Fov38hZW8Sy6lwNcCwQ",
    2: "$argon2id$v=19$m=65536,t=3,p=4$AKPCT/MLSvulQucze5jDQg$ckCe6UOEAmArYWzuh4YO+Q4MmHWXxssIovRq+WYlSRI",
    9: "$argon2id$v=19$m=65536,t=3,p=4$fpEwgcAqqs11tc6sJGtL2Q$vzKnrSUoRwxPVm2FZZgiOLMsx8jIAMkfvLpWXrDPZE0",
}
DEMO_PASSWORDS: Final = {9: "99999999"}

_PASSWORD_HASHES: Final = {
    9: ("5d0c9a3b7e1f24688ad3c0be97512f46", "11a588bd5aae9304bd3574fe801761ec6fa65acbd8d202c6ed3fa92e50be1b4a"),
}
#: The areas of the room, each with the number of its first table and the seats of its tables.
_ROOM: Final = (("Hall", 1, (2, 2, 4, 4, 4, 4, 6, 6)), ("Family room", 11, (6, 6, 4, 8)), ("Terrace", 21, (4, 4, 2)))
_CAFE_ROOM: Final = (("Inside", 1, (2, 2, 2, 4, 4, 4)), ("Terrace", 11, (2, 2, 4)))
_IN_BENGALURU: Final = {
    "locale": "en_IN",
    "timezone": "Asia/Kolkata",
    "rounding": {"step": "1.00", "of": "bill"},
    "tax_number": "GSTIN 29AAAAA0000A1ZY",
    "address": "12 Car Street, Basavanagudi, Bengaluru 560004",
    "receipt_heading": "Tax invoice",
    "hsn": "996331",
}
_IN_BRIGHTON: Final = {
    "locale": "en_GB",
    "timezone": "Europe/London",
    "tax_number": "VAT GB 000 0000 00",
    "address": "12 Harbour Street, Brighton BN1 1AA",
}
_STAFF: Final = ((1, "Asha", "cashier"), (2, "Ravi", "cashier"), (9, "Meena", "manager"))


def cafe_surroundings(here: Surroundings) -> Surroundings:
    """Return config and data folder of the café, which is in a folder of its own within that of the other demo."""
    held = held_venue(here.folders)
    if held == CAFE or (held is not None and held.kind is not VenueKind.DEMO):
        return here
    return replace(here, folders=Folders(here.folders.root / CAFE_FOLDER))


def hold_demo(here: Surroundings, venue: HeldVenue = DEMO) -> HeldVenue:
    """Mark this data folder as a demo venue's, if it has none yet, and return its venue."""
    held = hold_venue(here.folders, venue)
    if held.kind is not VenueKind.DEMO:
        raise ConfigError(
            _("The data folder {folder} holds the venue {name}. Name another in TILL_DATA_DIR for the demo.").format(
                folder=here.folders.root, name=held.name
            )
        )
    return held


def demo_settings(held: HeldVenue = DEMO) -> dict[str, Any]:
    """Return the settings of a venue in the form that `till.domain.venue.read_venue` reads."""
    return {
        "name": held.name,
        "currency": held.currency,
        "business_day_ends": "04:00",
        "prices_include_tax": True,
        "tax_rounding": "line",
        "receipt_footer": "Thank you. Visit again.",
        "demo": True,
        **(_IN_BRIGHTON if held == CAFE else _IN_BENGALURU),
        "tables": [
            {"table": number, "seats": seats, "area": area}
            for area, first, seats_of_tables in (_CAFE_ROOM if held == CAFE else _ROOM)
            for number, seats in enumerate(seats_of_tables, first)
        ],
    }


def demo_staff() -> list[dict[str, Any]]:
    """Return the staff, with the hashes of their public PINs."""
    return [
        {"number": number, "name": name, "role": role, "pin_hash": _HASHES[number], "disabled": False}
        for number, name, role in _STAFF
    ]


def demo_passwords() -> dict[int, tuple[str, str]]:
    """Return salt and hash of the passwords by staff number. Only the database keeps them, never a till."""
    return dict(_PASSWORD_HASHES)


@cache
def demo_menu(held: HeldVenue = DEMO) -> dict[str, Any]:
    """Read the menu of a venue from the tables in the package."""
    from importlib import resources

    from till.domain.catalogue.csv_table import decode_menu
    from till.domain.catalogue.menu_csv import read_menu_csv
    from till.domain.catalogue.modifiers_csv import read_modifiers_csv
    from till.domain.money.amount import Currency

    data, currency = resources.files("till.cli").joinpath("data"), Currency(held.currency)
    name = "cafe" if held == CAFE else "udupi"
    menu, groups = (decode_menu(data.joinpath(f"{name}_{what}.csv").read_bytes()) for what in ("menu", "modifiers"))
    return read_menu_csv(menu, currency, held.store_id, groups=read_modifiers_csv(groups, currency, held.store_id))


def demo_codes(menu: Mapping[str, Any], held: HeldVenue = DEMO) -> dict[str, dict[str, dict[str, str]]]:
    """Return the codes of a venue for its exports, by scheme, kind and id: a restaurant's service, and packed goods."""
    if held == CAFE:
        return {}
    packed = {"Water 1 l": "220110", "Jeera Soda 250 ml": "220210", "Mysore Pak 250 g": "210690"}
    return {
        "in-gstr1": {
            "category": {one["id"]: "996331" for one in menu["categories"]},
            "item": {one["id"]: packed[one["name"]] for one in menu["items"] if one["name"] in packed},
            "tax": {"GST 5": "GST"},
        }
    }


def demo_reference(held: HeldVenue = DEMO) -> dict[str, Mapping[str, Any]]:
    """Return menu, staff and settings for a journal that was never connected to a database."""
    tills = [{"number": number, "name": f"Till {number}"} for number in range(1, DEMO_TILLS + 1)]
    return {
        "menu": demo_menu(held),
        "staff": {"staff": demo_staff()},
        "settings": {**demo_settings(held), "tills": tills},
    }
