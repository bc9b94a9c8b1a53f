"""The language of the desk: a typed sentence is an act, or a list to show. Pure; the server resolves names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, convert

from till.administration.acts.act import TypedAct
from till.administration.acts.every import ACTS
from till.administration.lists import all_lists, list_named
from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.ports.desk import ORDERS, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.ports.desk import DescribedAct


class WordsError(TillError):
    """A command that the desk does not know."""

    code = "words"
    default = N_("The desk does not know those words.")


class ShowList(Struct, frozen=True):
    """Show a list by its name; `of` is the staff number whose orders to show, or the table and the minute."""

    book: str
    of: str = ""


class FillItem(Struct, frozen=True):
    """Ask for the fields of a new item of the menu, one after another."""


class ShowReport(Struct, frozen=True):
    """Show a report; `asked` are the words after it."""

    asked: str = ""


_REPORT: Final = re.compile(r"reports?(?: (.*))?", re.IGNORECASE)
#: The most lists in a row of the help.
_IN_ROW: Final = 3
_NEW_ITEM: Final = "add item"
_ORDERS: Final = re.compile(r"orders (?:of )?(?:user )?0*([1-9][0-9]{0,5})", re.IGNORECASE)
_TABLE: Final = re.compile(r"(?:table|tab) (.+ at [0-9]\S*(?: .+)?)", re.IGNORECASE)
#: The acts that can be typed. The first whose words match is meant.
_TYPED: Final = tuple(act for act in ACTS if issubclass(act, TypedAct))
_READ: Final = tuple((re.compile(words, re.IGNORECASE), act) for act in _TYPED for words in act.words)
#: Fields that take a word of the till, in capitals or not.
_KEYWORDS: Final = ("role", "key")

#: Examples of several acts and lists, then those that an act brings itself.
_EXAMPLES: Final = (
    ("86 vada · back vada · 86 cake 12", N_("Sold out, back or counted, at every till")),
    ("price 2 85.00 from 22:00", N_("A price, now or from a set time")),
    ("add item", N_("A dish: its number, name, category, price and tax")),
    ("rename 2 to Masala tea", N_("An item's name")),
    ("category 2 to Drinks · number 2 to 17", N_("Its category, its number")),
    ("tax 2 to GST 5", N_("Its tax, added or included")),
    ("menu · menu history · bring back menu 3", N_("The menu, its history, an earlier version")),
    ("users · add 3 Asha cashier · rename user 3 Asha K.", N_("The staff")),
    ("disable 3 · enable 3 · unlock 3 · role 3 manager", N_("Their rights")),
    ("pin 3 · password 9 · language 3 es · orders 3", N_("Their PIN, password, language and orders")),
    ("tills · rename till 2 Bar · lock till 2 · adopt till 2", N_("The tills")),
    ("add till 3 Terrace · replace till 2 · renew till 2", N_("A code to enrol a till")),
    ("add phone 5 Sunil · phone 5", N_("A till for a phone, or a new link for one that is lost")),
    ("add kitchen 90", N_("A code to enrol a screen of the kitchen")),
    ("no money till 3 · money till 3", N_("A till that takes orders only, or money again")),
    ("settle till 3 made up by a thief", N_("All that waits from a till")),
    ("report · report sales last week · report funnel", N_("A report, of any days")),
    ("table 7 at 21:15 · table 7 at 21:15 yesterday", N_("A table at a minute, and what was done since")),
    *(row for act in _TYPED for row in act.helped),
)


def _examples() -> Iterator[tuple[str, str]]:
    """Return the examples, and then the lists that none of them names."""
    yield from _EXAMPLES
    named = {example for examples, _what in _EXAMPLES for example in examples.split(" · ")}
    others = [one.name for one in all_lists() if one.desk is not None and one.name not in named]
    for row in range(0, len(others), _IN_ROW):
        yield " · ".join(others[row : row + _IN_ROW]), _("More lists of the venue")


#: Examples for the help, each with its meaning.
EXAMPLES: Final = tuple(_examples())


def understand(text: str) -> DescribedAct | ShowList | ShowReport | FillItem:
    """Return the meaning of a typed sentence.

    Raises:
        WordsError: the desk does not know it; the sentence gives examples.
    """
    phrase = " ".join(text.split())
    if (found_list := list_named(phrase.casefold())) is not None:
        return ShowList(found_list.name)
    if phrase.casefold() == _NEW_ITEM:
        return FillItem()
    if found := _ORDERS.fullmatch(phrase):
        return ShowList(ORDERS, found[1])
    if found := _TABLE.fullmatch(phrase):
        return ShowList(TABLE, found[1])
    if found := _REPORT.fullmatch(phrase):
        return ShowReport(found[1] or "")
    for words, act in _READ:
        if found := words.fullmatch(phrase):
            fields = {name: text for name, text in found.groupdict().items() if text is not None}
            fields |= {name: fields[name].casefold() for name in _KEYWORDS if name in fields}
            return convert(fields, act, strict=False)  # a number from its digits, a role from its name
    raise WordsError(_("Try “86 vada” or “lock till 2”. F1 lists everything."))
