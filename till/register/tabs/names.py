"""The names of tabs: a number is a table. People type `7`, `table 7` or `tab 7`; the venue chooses the word."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _, spoken
from till.domain.order.naming import tab_name
from till.domain.text import clean, is_code
from till.domain.venue import TAB_WORDS

if TYPE_CHECKING:
    from till.domain.venue import TabWords, Venue

#: The longest name of a new tab.
LONGEST: Final = 40
#: A table number, and a further bill at the table: `5-2`.
_NUMBERED: Final = r"(?P<number>[0-9]+)(?:-(?P<bill>[2-9]|[1-9][0-9]{1,2}))?\Z"


@cache
def _patterns(_language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a number and of the word for a tab before a name, `tab Asha`, in the language spoken."""
    known = {*TAB_WORDS, *(one for words in TAB_WORDS.values() for one in (words.one, words.word))}
    words = "|".join(re.escape(word) for word in sorted(known))
    return re.compile(rf"(?:{words})?{_NUMBERED}", re.IGNORECASE), re.compile(rf"(?:{words})\s+(?=\S)", re.IGNORECASE)


def is_explicit(typed: str) -> bool:
    """Return True if the word for a tab comes before the name, which then may be any: `tab Split`."""
    return _patterns(spoken())[1].match(clean(typed).strip()) is not None


def number_in(name: str) -> str:
    """Return the number in the name of a tab, `5`, or `5-2` for a second bill; empty for a person's name."""
    found = _patterns(spoken())[0].match(_written(name))
    if found is None:
        return ""
    return str(int(found["number"])) + (f"-{found['bill']}" if found["bill"] else "")


def table_of(name: str) -> int | None:
    """Return the table number in a name; None if there is none."""
    number = number_in(name)
    return int(number.partition("-")[0]) if number else None


def is_unknown_table(name: str, venue: Venue) -> bool:
    """True if a name is a table that the venue does not have, or begins with a count, such as “2 tea”.

    Without a list of tables, only 0 is an unknown number.
    """
    if is_code(name):
        return False
    number, known = table_of(name), {table.number for table in venue.tables}
    if number is None:
        return _written(name)[:1].isdigit()
    return number not in known if known else number == 0


def key_of(name: str) -> str:
    """Return the comparison key of a name: its number, or the casefolded name."""
    return number_in(name) or _written(name).casefold()


def label_of(name: str, tabs: TabWords) -> str:
    """Return the name that is written: `table 7` for a number; empty for an empty name."""
    number = number_in(name)
    return f"{tabs.one} {number}" if number else _written(name)


def shown_as(typed: str, tabs: TabWords) -> str:
    """Return the display name of a typed name in the language of the screen."""
    return tab_name(label_of(typed, tabs))


def none_called(typed: str, words: TabWords) -> str:
    """Return the sentence for a number or name without an open tab."""
    sentence = _("No {name} is open.") if number_in(typed) else _("No {tab} is called {name}.")
    return sentence.format(name=shown_as(typed, words), tab=words.word)


def _written(name: str) -> str:
    """Return a name without the word for a tab before it."""
    return _patterns(spoken())[1].sub("", clean(name).strip(), count=1).strip()
