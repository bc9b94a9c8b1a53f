"""The marks of all locales in CLDR, from babel: `till/domain/money/marks.py`."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from babel.localedata import locale_identifiers
from msgspec.structs import astuple

from till.domain.money.formats import looked_up

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD: Final = '''\
"""The digit grouping, decimal marks and date of each CLDR locale. Written by `make generate`, from babel.

A till whose locale is in the table does not load babel, which takes 5 MB of memory.
"""

from __future__ import annotations

from typing import Final

#: The fields of `till.domain.money.formats.LocaleFormats` but the first, and the locales that write so.
TABLE: Final = (
'''
_WIDTH: Final = 100
#: The longest text that the formatter keeps in one line.
_ONE_LINE: Final = 107


def marks_table() -> str:
    """Return the whole file."""
    same: defaultdict[tuple[int | str, ...], list[str]] = defaultdict(list)
    for locale in sorted(locale_identifiers()):
        same[astuple(looked_up(locale))[1:]].append(locale)
    rows = (_row([*map(_written, marks), *_names(locales)]) for marks, locales in same.items())
    return _HEAD + "".join(rows) + ")\n"


def _row(fields: Iterable[str]) -> str:
    return "    (\n" + "".join(f"        {field}\n" for field in fields) + "    ),\n"


def _written(field: int | str) -> str:
    """Return a field in the form of the formatter."""
    return f"{field}," if isinstance(field, int) else f'"{ascii(field)[1:-1]}",'.replace(r"\xa4", "¤")


def _names(locales: list[str]) -> tuple[str, ...]:
    names = " ".join(locales)
    *lines, last = [names] if len(names) <= _ONE_LINE else textwrap.wrap(names, _WIDTH)
    return ("(", *(f'    "{line} "' for line in lines), f'    "{last}"', "),") if lines else (f'"{last}",',)
