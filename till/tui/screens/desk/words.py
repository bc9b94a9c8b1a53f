"""The language of the desk: a typed sentence is an act, or a list to show. Pure; the server resolves names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.staff.person import Role
from till.ports.desk import (
    AddPerson,
    AdoptTill,
    Book,
    BringBackMenu,
    EditItem,
    Enrolling,
    EnrolTill,
    ItemPart,
    LetIn,
    RenameItem,
    RenamePerson,
    RenameTill,
    Revoke,
    SellOut,
    SetPassword,
    SetPin,
    SetPrice,
    SetRole,
    SetSetting,
    SettleTill,
    Unlock,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.ports.desk import SaidAct


class WordsError(TillError):
    """A command that the desk does not know."""

    code = "words"
    default = _("The desk does not know those words.")


class ShowList(Struct, frozen=True):
    """Show a list; `of` is the staff number whose orders to show."""

    book: Book
    of: str = ""


_NUMBER: Final = r"0*(?P<n>[1-9][0-9]{0,5})"
_WHO: Final = rf"(?:user )?{_NUMBER}"
_ROLE: Final = "|".join(Role)
_LISTS: Final = {
    "users": Book.USERS,
    "staff": Book.USERS,
    "tills": Book.TILLS,
    "menu": Book.MENU,
    "settings": Book.SETTINGS,
    "menu history": Book.MENU_HISTORY,
    "settings history": Book.SETTINGS_HISTORY,
}


def _added(found: re.Match[str]) -> SaidAct:
    return AddPerson(int(found["n"]), found["name"], Role((found["role"] or Role.CASHIER).casefold()))


#: Sentences and their meaning; the first match wins.
_SENTENCES: Final[tuple[tuple[str, Callable[[re.Match[str]], SaidAct | ShowList]], ...]] = (
    (r"86 (?P<item>.+)", lambda m: SellOut(m["item"], sold_out=True)),
    (r"bring back menu (?P<n>[0-9]{1,9})", lambda m: BringBackMenu(int(m["n"]))),
    (r"back (?P<item>.+)", lambda m: SellOut(m["item"], sold_out=False)),
    (
        r"price (?P<item>.+?) (?P<price>\S+)(?: from (?P<starts>.+))?",
        lambda m: SetPrice(m["item"], m["price"], m["starts"]),
    ),
    (
        rf"add till {_NUMBER}(?: (?P<name>.+))?",
        lambda m: EnrolTill(int(m["n"]), Enrolling.ADD, m["name"] or ""),
    ),
    (rf"replace till {_NUMBER}", lambda m: EnrolTill(int(m["n"]), Enrolling.REPLACE)),
    (rf"renew till {_NUMBER}", lambda m: EnrolTill(int(m["n"]), Enrolling.RENEW)),
    (rf"(?:lock|revoke) till {_NUMBER}", lambda m: Revoke(int(m["n"]))),
    (
        rf"settle (?:all of )?(?:till {_NUMBER}|server) (?P<how>.+)",
        lambda m: SettleTill(int(m["n"] or 0), m["how"]),
    ),
    (rf"adopt till {_NUMBER}", lambda m: AdoptTill(int(m["n"]))),
    (rf"rename till {_NUMBER} (?:to )?(?P<name>.+)", lambda m: RenameTill(int(m["n"]), m["name"])),
    (rf"rename user {_NUMBER} (?:to )?(?P<name>.+)", lambda m: RenamePerson(int(m["n"]), m["name"])),
    (r"rename (?:item )?(?P<item>.+?) to (?P<name>.+)", lambda m: RenameItem(m["item"], m["name"])),
    (
        r"(?P<part>category|tax|number) (?:of )?(?P<item>.+?) to (?P<value>.+)",
        lambda m: EditItem(m["item"], ItemPart(m["part"].casefold()), m["value"]),
    ),
    (rf"add (?:user )?{_NUMBER} (?P<name>.+?)(?: (?P<role>{_ROLE}))?", _added),
    (rf"disable {_WHO}", lambda m: LetIn(int(m["n"]), allowed=False)),
    (rf"enable {_WHO}", lambda m: LetIn(int(m["n"]), allowed=True)),
    (rf"unlock {_WHO}", lambda m: Unlock(int(m["n"]))),
    (rf"role (?:of )?{_WHO} (?P<role>{_ROLE})", lambda m: SetRole(int(m["n"]), Role(m["role"].casefold()))),
    (rf"pin (?:of )?{_WHO}", lambda m: SetPin(int(m["n"]))),
    (rf"password (?:of )?{_WHO}", lambda m: SetPassword(int(m["n"]))),
    (rf"orders (?:of )?{_WHO}", lambda m: ShowList(Book.ORDERS, m["n"])),
    (r"set (?P<key>[A-Za-z_]+)(?: (?P<value>.+))?", lambda m: SetSetting(m["key"].casefold(), m["value"] or "")),
)
_READ: Final = tuple((re.compile(words, re.IGNORECASE), meaning) for words, meaning in _SENTENCES)

#: Examples for the help, each with its meaning.
EXAMPLES: Final = (
    ("86 vada · back vada", _("Sold out or back, at every till")),
    ("price 2 85.00 from 22:00", _("A price, now or from a set time")),
    ("rename 2 to Masala tea", _("An item’s name")),
    ("category 2 to Drinks · number 2 to 17", _("Its category, its number")),
    ("tax 2 to GST 5", _("Its tax, added or included")),
    ("menu · menu history · bring back menu 3", _("The menu, its history, an earlier version")),
    ("users · add 3 Asha cashier · rename user 3 Asha K.", _("Who works here")),
    ("disable 3 · enable 3 · unlock 3 · role 3 manager", _("What they may do")),
    ("pin 3 · password 9 · orders 3", _("Their PIN, their password, their orders")),
    ("tills · rename till 2 Bar · lock till 2 · adopt till 2", _("The tills")),
    ("add till 3 Terrace · replace till 2 · renew till 2", _("A code to enrol a till")),
    ("settle till 3 made up by a thief", _("All that waits from a till")),
    ("settings · set business_day_ends 03:30 · settings history", _("The settings of every till")),
)


def understand(text: str) -> SaidAct | ShowList:
    """Return the meaning of a typed sentence.

    Raises:
        WordsError: the desk does not know it; the sentence gives examples.
    """
    said = " ".join(text.split())
    if book := _LISTS.get(said.casefold()):
        return ShowList(book)
    for words, meaning in _READ:
        if found := words.fullmatch(said):
            return meaning(found)
    raise WordsError(_("Try “86 vada” or “lock till 2”. F1 lists everything."))
