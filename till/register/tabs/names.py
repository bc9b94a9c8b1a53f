"""The names of tabs: a bare number is a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.text import clean, is_code

if TYPE_CHECKING:
    from till.domain.venue import Venue

#: The longest name of a tab.
_LONGEST: Final = 40
_NUMBER: Final = re.compile(r"[0-9]+(-[0-9]+)?\Z")
#: A table, and a second bill there: `5-2`.
_TABLE: Final = re.compile(
    r"(?:table\s*)?(?P<number>\d+)(?:-(?P<bill>[2-9]|[1-9]\d{1,2}))?\Z", re.ASCII | re.IGNORECASE
)


def label_of(typed: str) -> str:
    """Return the name on the screen for a typed one: `table 7` for a bare number; empty for nothing."""
    written = _written(typed)
    table = _TABLE.match(written)
    if table is None:
        return written
    number = str(int(table["number"])) + (f"-{table['bill']}" if table["bill"] else "")
    return _("table {number}").format(number=number)


def table_of(typed: str) -> int | None:
    """Return the table that a typed name means; None if it means none."""
    table = _TABLE.match(_written(typed))
    return int(table["number"]) if table else None


def is_unknown_table(name: str, venue: Venue) -> bool:
    """True if a name means a table that the venue does not have; without a list of tables only 0 is unknown."""
    number = None if is_code(name) else table_of(name)
    known = {table.number for table in venue.tables}
    return number is not None and (number not in known if known else number == 0)


def number_in(name: str) -> str:
    """Return the table's number in the name of a tab, `5` or `5-2` for a second bill there; empty for a name."""
    found = _NUMBER.search(name)
    return found[0] if found and label_of(found[0]).casefold() == name.casefold() else ""


def _written(typed: str) -> str:
    return clean(typed).strip()[:_LONGEST].strip()
