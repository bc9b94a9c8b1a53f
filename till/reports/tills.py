"""List of the tills of a venue, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable


class TillRow(TypedDict):
    """A till. `journal` is its current journal, None before the first; `seq` is its last number in the database.

    `stations` are those of a screen of the kitchen, empty for all; None for a till that sells.
    """

    till: int
    name: str
    journal: str | None
    series: str
    seq: int | None
    revoked: bool
    stations: list[str] | None
    seen_at: str | None


def read_tills(ask: Callable[..., Any]) -> list[TillRow]:
    """Read all tills by number, including revoked ones; `ask` calls a function of administration for the store."""
    found: list[TillRow] = ask("tills_v1")
    return found
