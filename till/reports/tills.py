"""List of the tills of a venue, for administration."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypedDict

from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

#: The last version that cannot read tax and price by order type.
_WITHOUT_TYPES: Final = (0, 1, 0)
#: The time after which a till that was not heard is no longer in use.
_IN_USE: Final = timedelta(days=31)
_NUMBER: Final = re.compile(r"\d+", re.ASCII)


class MoneyWaits(TypedDict):
    """The reason why a till has not answered that it takes no money yet, and the version of its program, if known."""

    why: str
    build: str | None


class TillRow(TypedDict):
    """A till. `journal` is its current journal, None before the first; `seq` is its last number in the database.

    `stations` are those of a screen of the kitchen, empty for all; None for a till that sells. `no_money` is True if it
    should take no money, and `money_waits` says why that, or its end, has no effect yet. `build` is the version of its
    program; None if unknown.
    """

    till: int
    name: str
    journal: str | None
    series: str
    seq: int | None
    revoked: bool
    stations: list[str] | None
    seen_at: str | None
    no_money: bool
    money_waits: MoneyWaits | None
    build: str | None


def read_tills(ask: Callable[..., Any]) -> list[TillRow]:
    """Read all tills by number, including revoked ones; `ask` calls a function of administration for the store."""
    found: list[TillRow] = ask("tills_v1")
    return found


def without_types(ask: Callable[..., Any], now: datetime) -> dict[int, str]:
    """Return the tills heard within a month whose program cannot read tax and price by order type, named, by number.

    They sell each item at its usual tax and price, and no combo.
    """
    return {
        row["till"]: f"{clean(row['name'])} ({build})"
        for row in read_tills(ask)
        if not row["revoked"]
        and row["stations"] is None
        and (build := row["build"]) is not None
        and tuple(map(int, _NUMBER.findall(build)[:3])) <= _WITHOUT_TYPES
        and row["seen_at"] is not None
        and now - read_time(row["seen_at"]) < _IN_USE
    }


def money_text(row: TillRow, till: str) -> str:
    """Describe a till, by its name, that has not answered yet whether it takes money, with the remedy; else empty."""
    if (waits := row["money_waits"]) is None:
        return ""
    if not row["no_money"]:
        return _("{till} may take money again: it hears it when it is on").format(till=till)
    words = {
        "shift": _("{till} should take no money: close its shift there (F11)"),
        "drawer": _("{till} should take no money: count its drawer there and take it out (F11)"),
        "program": _("{till} should take no money, but its program ({build}) does not know it: upgrade it"),
    }.get(waits["why"], _("{till} should take no money: it hears it when it is on"))
    return words.format(till=till, build=waits["build"] or "?")
