"""The numbers of firms under India's GST: two digits of the state, the PAN, one of its registrations, Z, a check."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]")
_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#: The states by their codes, as the offline tool spells them.
STATES: Final = {
    "01": "Jammu & Kashmir", "02": "Himachal Pradesh", "03": "Punjab", "04": "Chandigarh", "05": "Uttarakhand",
    "06": "Haryana", "07": "Delhi", "08": "Rajasthan", "09": "Uttar Pradesh", "10": "Bihar", "11": "Sikkim",
    "12": "Arunachal Pradesh", "13": "Nagaland", "14": "Manipur", "15": "Mizoram", "16": "Tripura", "17": "Meghalaya",
    "18": "Assam", "19": "West Bengal", "20": "Jharkhand", "21": "Odisha", "22": "Chhattisgarh", "23": "Madhya Pradesh",
    "24": "Gujarat", "26": "Dadra & Nagar Haveli & Daman & Diu", "27": "Maharashtra", "29": "Karnataka", "30": "Goa",
    "31": "Lakshadweep", "32": "Kerala", "33": "Tamil Nadu", "34": "Puducherry", "35": "Andaman & Nicobar Islands",
    "36": "Telangana", "37": "Andhra Pradesh", "38": "Ladakh", "97": "Other Territory",
}  # fmt: skip


def gstin_in(text: str) -> str:
    """Return the number in a text such as `GSTIN 29AAAAA0000A1Z5`, right or wrong; empty if it has none."""
    found = _NUMBER.search(text.upper().replace(" ", ""))
    return found[0] if found else ""


def is_gstin(number: str) -> bool:
    """Return True if a number has the form, a state and the right check."""
    return bool(_NUMBER.fullmatch(number)) and number[:2] in STATES and number[-1] == check_of(number[:-1])


def check_of(number: str) -> str:
    """Return the check of fourteen signs: each second one counts twice, and its digits of base 36 are added."""
    counts = [_SIGNS.index(sign) * (1 + place % 2) for place, sign in enumerate(number)]
    return _SIGNS[-sum(sum(divmod(count, 36)) for count in counts) % 36]
