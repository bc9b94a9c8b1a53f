"""The answers of `till init`, from the screen, prompts or flags, and the new venue."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from till.administration.acts.printers import read_address
from till.administration.menu_texts import tax_texts
from till.administration.menu_typed import read_part
from till.administration.staff import read_staff_name
from till.config import TillConfig, check_value
from till.domain.catalogue.csv_table import MenuFileError, decode_menu
from till.domain.catalogue.menu_cells import read_band
from till.domain.catalogue.menu_csv import read_menu_csv
from till.domain.catalogue.modifiers_csv import read_modifiers_csv
from till.domain.errors import ConfigError, TillError
from till.domain.i18n import N_, _, ngettext
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.settings import PrinterSetting, VenueSettings
from till.domain.staff.person import Role
from till.domain.structs import replace
from till.domain.venue import read_venue
from till.ports.founding import MenuFileItem, MenuRead, Question

if TYPE_CHECKING:
    from collections.abc import Callable

#: An address: street with a number before or behind it, postal code before or behind the city, perhaps a country.
_ADDRESS: Final = re.compile(
    r"(?P<street>[^,]*[^,\s]) (?P<street_number>\d+\w*), *(?P<postal_code>[\dA-Z-]*\d[\dA-Z-]*) "
    r"(?P<city>[^,\d]+?)(?:, *(?P<country>[A-Z]{2}))?"
)
#: One more than the most digits of a staff or till number.
_DIGITS: Final = 7


class YesOrNoError(TillError):
    """An answer that is not yes or no."""

    code = "answer"
    default = N_("That is not a yes or no.")


class MissingAnswerError(TillError):
    """A required answer that is missing."""

    code = "missing"
    default = N_("An answer is missing.")


class StaffNumberError(TillError):
    """A staff number out of bounds."""

    code = "number"
    default = N_("A staff number is 1 to 999999.")


@dataclass(frozen=True, slots=True)
class Founded:
    """The parts of a new venue; `menu` is None if it is imported later."""

    store_id: str
    venue: VenueSettings
    till: TillConfig
    menu: dict[str, Any] | None
    person: dict[str, Any]
    password: tuple[str, str]


#: The name of each answer in an error.
CALLED: Final = {
    "name": N_("The name of the venue"),
    "locale": N_("The format of amounts"),
    "currency": N_("The currency"),
    "timezone": N_("The time zone"),
    "business_day_ends": N_("The end of the day"),
    "prices_include_tax": N_("The answer on taxes"),
    "tax_number": N_("The tax number"),
    "address": N_("The address"),
    "tax": N_("The tax"),
    "till": N_("The number of the till"),
    "staff": N_("The staff number"),
    "staff_name": N_("The name"),
    "pin": N_("The PIN"),
    "password": N_("The password"),
}
_OF_VENUE: Final = (
    Question(
        "name",
        "--name",
        N_("Venue"),
        N_("What is the venue called?"),
        N_("It appears on receipts, and on every screen."),
    ),
    Question(
        "locale",
        "--locale",
        N_("Formats"),
        N_("How are dates and amounts written (en_IN, de_DE …)?"),
        N_("A language and a country. They set points and commas: 1,00,000.00 or 100.000,00."),
    ),
    Question(
        "currency",
        "--currency",
        N_("Currency"),
        N_("Currency, as three letters."),
        N_("A venue has one currency. It cannot be changed later."),
    ),
    Question(
        "timezone",
        "--timezone",
        N_("Time zone"),
        N_("Time zone (Europe/Berlin …)."),
        N_("A region and a city. Receipts and reports use its time."),
    ),
    Question(
        "business_day_ends",
        "--day-ends",
        N_("Day ends"),
        N_("Until when does a sale count for the day before?"),
        N_("A time when the venue is closed. Earlier sales of the night count for the day before."),
    ),
    Question(
        "prices_include_tax",
        "--tax-included",
        N_("Tax"),
        N_("Do the menu's prices contain their taxes?"),
        N_("y: guests pay the prices on the menu. n: the tax is added on top."),
    ),
    Question(
        "tax_number",
        "--tax-number",
        N_("Tax number"),
        N_("Tax number for receipts (Enter for none)."),
        N_("A GSTIN or VAT number, as receipts must show it. It can be added later."),
        optional=True,
    ),
    Question(
        "address",
        "--address",
        N_("Address"),
        N_("Address (Storgata 5, 0155 Oslo, NO)? Enter for none."),
        N_("Street and number, postal code and city, country. Receipts show it; exports need its parts."),
        optional=True,
    ),
)
_OF_TILL: Final = (
    Question(
        "till",
        "--till",
        N_("This till"),
        N_("The number of this till."),
        N_("Its receipts begin with this number. Each till of the venue has its own."),
    ),
)
_OF_ALL: Final = (
    Question(
        "tax",
        "--tax",
        N_("Items' tax"),
        N_("Tax on most items ({example} …)? Enter for none."),
        N_("For the items of a menu file without a column tax. A plus joins several taxes: CGST 2.5 + SGST 2.5."),
        optional=True,
    ),
    Question(
        "menu",
        "--menu",
        N_("Menu"),
        N_("The menu, as a CSV file with name, price and category (Enter for later)."),
        N_("A spreadsheet saved as CSV UTF-8. Check its items and errors before it is used."),
        optional=True,
    ),
    Question(
        "staff",
        "--staff",
        N_("Staff number"),
        N_("Staff number of the first person, an admin."),
        N_("It is typed to log in. Cashiers and managers are added later."),
    ),
    Question("staff_name", "--staff-name", N_("Name"), N_("What is their name?"), N_("It appears on receipts.")),
    Question(
        "pin",
        "--pin-file",
        N_("PIN"),
        N_("A PIN of 4 to 12 digits, to log in to the till."),
        N_("Anyone who knows the PIN can sell in this name."),
        secret=True,
    ),
    Question(
        "password",
        "--password-file",
        N_("Password"),
        N_("A password of 8 characters or more, for manager tasks."),
        N_("The manager's desk and `till admin` ask for it; the till never does."),
        secret=True,
    ),
    Question(
        "printer",
        "--printer",
        N_("Printer"),
        N_("A receipt printer? Its address, or Enter for none."),
        N_("Such as 192.168.1.50, or /dev/usb/lp0. `till admin printers` adds others."),
        optional=True,
    ),
)


class VenueFounding:
    """A form of questions and answers. A refused answer does not replace the previous one.

    Args:
        store_id: the id of the new venue.
        read_file: returns the content of a file, or raises a TillError.
        venue: the settings of an existing configuration; None to ask for them.
        till: this till in the existing configuration; None to ask.
        choices: the CSV file of the menu's groups of choices; None if it has none.
    """

    def __init__(
        self,
        store_id: str,
        read_file: Callable[[str], bytes],
        *,
        venue: VenueSettings | None = None,
        till: TillConfig | None = None,
        choices: str | None = None,
    ) -> None:
        self._choices = choices
        self._store_id = store_id
        self._read_file = read_file
        self._venue, self._till = venue, till
        self._texts: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        self._offers: dict[str, str] = {}
        self._menu: MenuRead | None = None
        asked = () if venue is not None else _OF_VENUE
        self._questions: tuple[Question, ...] = (*asked, *(() if till is not None else _OF_TILL), *_OF_ALL)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions in order. The one on the tax of items has an example of the venue's country."""
        venue = self._of_venue()
        locale = self._values.get("locale") or (venue.locale if self._venue is not None else _own_locale())
        example = _TAXES.get(venue.currency[:2]) or _TAXES.get(_country_of(locale), "VAT 20")
        return tuple(
            replace(one, asks=one.asks.format(example=example)) if one.name == "tax" else one for one in self._questions
        )

    @property
    def menu(self) -> MenuRead | None:
        """The menu that was read; None if it is imported later."""
        return self._menu

    def offer(self, name: str, text: str) -> None:
        """Set the default of an answer. It counts only once it is confirmed."""
        self._offers[name] = text

    def offered(self, name: str) -> str:
        """Return the given answer, or else the default; empty for a secret or without a default."""
        if name in self._texts:
            return "" if name in _SECRETS else self._texts[name]
        return self._offers[name] if name in self._offers else self._guess(name)

    def shown(self, name: str) -> str | None:
        """Return an answer for the list; None if there is none yet."""
        if name not in self._values:
            return None
        value = self._values[name]
        match name:
            case "prices_include_tax":
                return _("contained in the prices") if value else _("added to the prices")
            case "menu":
                return _("comes later") if self._menu is None else _count(self._menu)
            case "pin" | "password":
                return _("kept, and never shown")
            case _:
                return str(value) or _("none")

    def is_answered(self, name: str) -> bool:
        """True if a question is answered."""
        return name in self._values

    def check(self, name: str, text: str) -> None:
        """Refuse an invalid secret before it is typed again."""
        from till.domain.staff.password import check_new_password  # noqa: PLC0415 - only to check a typed secret
        from till.domain.staff.pins import check_new_pin  # noqa: PLC0415 - only to check a typed secret

        if name == "password":
            check_new_password(text)
        else:
            check_new_pin(text)

    def take(self, name: str, text: str) -> None:
        """Accept an answer."""
        if not text and name not in _OPTIONAL:
            raise MissingAnswerError(_("{what} is missing.").format(what=CALLED[name]))
        if name == "menu":
            self._values[name], self._menu = self._read_menu(text)
        else:
            self._values[name] = self._read(name, text)
        self._texts[name] = text
        if name in _SHOW_MENU and self._texts.get("menu"):
            self._forget_menu()

    def ask_menu_again(self) -> None:
        """Ask for the menu's file again after the server refused the menu. The present file is the default."""
        if self._menu is not None:
            self._forget_menu()

    def summary(self) -> tuple[str, ...]:
        """Return sentences that describe the venue, once all questions are answered."""
        founded = self.founded()
        venue = founded.venue
        about = _("{name}: {currency}, {zone}, a day ends at {time}.").format(
            name=venue.name, currency=venue.currency, zone=venue.timezone, time=venue.business_day_ends
        )
        menu = _("No menu yet.")
        if self._menu is not None:
            count = len(self._menu.rows)
            menu = ngettext("{n} item on the menu.", "{n} items on the menu.", count).format(n=count)
        who = _("Number {number} {name}, an admin; till {till} on this machine.").format(
            number=founded.person["number"], name=founded.person["name"], till=founded.till.id
        )
        return about, menu, who

    def founded(self) -> Founded:
        """Return the parts of the venue, once all questions are answered."""
        values = self._values
        person = {
            "number": values["staff"],
            "name": values["staff_name"],
            "role": str(Role.ADMIN),
            "pin_hash": values["pin"],
            "disabled": False,
        }
        till, venue = self._till if self._till is not None else TillConfig(id=values["till"]), self._of_venue()
        if values["printer"]:
            printer = PrinterSetting(
                name=_("Counter"), address=values["printer"], receipts=(till.id,), drawer=0 if till.cash_at else till.id
            )
            venue = replace(venue, printers=(*venue.printers, printer))
        return Founded(self._store_id, venue, till, values["menu"], person, values["password"])

    # Reading answers

    def _read(self, name: str, text: str) -> Any:
        if name in _READ:
            return _READ[name](text)
        if name == "tax":
            read_part(CALLED[name], lambda cell: read_band(cell, marks_of(self._of_venue().locale).point), text)
            return text
        value = text.upper() if name == "currency" else text
        check_value("venue", name, value, CALLED[name])
        return value

    def _read_menu(self, text: str) -> tuple[dict[str, Any] | None, MenuRead | None]:
        if not text:
            return None, None
        venue = self._of_venue()
        formats = Formats(Currency(venue.currency), marks_of(venue.locale))
        file = str(Path(text).expanduser())
        body = read_menu_csv(
            decode_menu(self._read_file(file)),
            formats.currency,
            self._store_id,
            formats=formats,
            groups=self._read_choices(formats),
            tax=self._values.get("tax", ""),
        )
        names = {one["id"]: one["name"] for one in body["categories"]}
        rows = tuple(
            MenuFileItem(
                item["name"],
                _("open price") if item["price"] is None else formats.price(formats.currency.price4(item["price"])),
                names.get(item["category"], ""),
            )
            for item in body["items"]
        )
        return body, MenuRead(rows, len(names), tax_texts(body, read_venue(msgspec.to_builtins(venue))))

    def _read_choices(self, formats: Formats) -> list[dict[str, Any]]:
        if self._choices is None:
            return []
        text = decode_menu(self._read_file(str(Path(self._choices).expanduser())))
        try:
            return read_modifiers_csv(text, formats.currency, self._store_id, formats=formats)
        except MenuFileError as problem:
            first = problem.faults[0]
            sentence = _("{file}, line {line}: {what}")
            raise TillError(sentence.format(file=self._choices, line=first.line, what=first.sentence)) from problem

    def _forget_menu(self) -> None:
        """Ask for the menu's file again: its prices or taxes were shown under another answer."""
        self._offers["menu"] = self._texts.pop("menu")
        del self._values["menu"]
        self._menu = None

    def _of_venue(self) -> VenueSettings:
        if self._venue is not None:
            return self._venue
        answers = {
            question.name: self._values[question.name] for question in _OF_VENUE if question.name in self._values
        }
        return msgspec.structs.replace(VenueSettings(), **answers, **address_parts(answers.get("address", "")))

    def _guess(self, name: str) -> str:
        if name == "currency":
            return _currency_of(self._values.get("locale") or _own_locale())
        return _GUESSED[name]() if name in _GUESSED else ""


#: An example of the tax of items by country. A currency begins with the letters of its country, but for the euro.
_TAXES: Final = {
    "AT": "USt 20",
    "AU": "GST 10",
    "CA": "GST 5 + PST 7",
    "CH": "MWST 8.1",
    "DE": "MwSt 19",
    "ES": "IVA 10",
    "FR": "TVA 10",
    "GB": "VAT 20",
    "IN": "CGST 2.5 + SGST 2.5",
    "IT": "IVA 10",
    "NL": "BTW 9",
    "NZ": "GST 15",
    "SG": "GST 9",
    "US": "Sales tax 8",
}
#: The answers that a menu is read and shown by.
_SHOW_MENU: Final = frozenset({"locale", "currency", "prices_include_tax", "tax"})
_SECRETS: Final = frozenset(one.name for one in _OF_ALL if one.secret)
_OPTIONAL: Final = frozenset(one.name for one in (*_OF_VENUE, *_OF_ALL) if one.optional)


def address_parts(address: str) -> dict[str, str]:
    """Return the parts of an address by their settings; none of one that is not like `Storgata 5, 0155 Oslo, NO`."""
    found = _ADDRESS.fullmatch(address.strip())
    return {key: part for key, part in found.groupdict().items() if part} if found is not None else {}


def read_yes(answer: str) -> bool:
    """Return True for yes or an empty answer, False for no."""
    word = answer.strip().casefold()
    if word not in {"", "y", "yes", "n", "no"}:
        raise YesOrNoError(_("Type y for yes or n for no; Enter chooses the one in capitals."))
    return word not in {"n", "no"}


def _count(menu: MenuRead) -> str:
    items = ngettext("{n} item", "{n} items", len(menu.rows)).format(n=len(menu.rows))
    parts = ngettext("{n} category", "{n} categories", menu.categories).format(n=menu.categories)
    return _("{items} in {categories}").format(items=items, categories=parts)


def _read_till(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < _DIGITS
    check_value("till", "id", int(text) if is_number else text, CALLED["till"])
    return int(text)


def _read_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS and int(text)):
        raise StaffNumberError(_("A staff number is 1 to 999999."))
    return int(text)


def _hash_pin(pin: str) -> str:
    from till.domain.staff.pins import hash_pin  # noqa: PLC0415 - only to check a typed secret

    return hash_pin(pin)


def _keep_password(password: str) -> tuple[str, str]:
    """Return the salt and the hash of a password for the database."""
    from till.domain.staff.password import (  # noqa: PLC0415 - only to check a typed secret
        check_new_password,
        hash_to_keep,
        new_salt,
        stretch,
    )

    check_new_password(password)
    salt = new_salt()
    return salt, hash_to_keep(stretch(password, salt))


def _own_locale() -> str:
    """Return the locale of the terminal, if a configuration accepts it."""
    named = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "").split(".")[0].split("@")[0]
    try:
        check_value("venue", "locale", named)
    except ConfigError:
        return "en"
    return named


def _country_of(locale: str) -> str:
    """Return the two letters of a locale's country; empty if it names none."""
    return locale.rpartition("_")[2] if "_" in locale else ""


def _currency_of(locale: str) -> str:
    """Return the currency of a locale's country; empty if the locale names no country."""
    from babel.numbers import get_territory_currencies  # noqa: PLC0415 - only here

    country = _country_of(locale)
    found = get_territory_currencies(country) if country else []
    return found[0] if found else ""


def _own_zone() -> str:
    """Return the time zone of this machine; UTC if it is unknown."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if not named:
        named = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    try:
        check_value("venue", "timezone", named)
    except ConfigError:
        return "UTC"
    return named


#: The readers of answers; any other answer is a key of `[venue]`.
_READ: Final[dict[str, Callable[[str], Any]]] = {
    "prices_include_tax": read_yes,
    "till": _read_till,
    "printer": lambda text: read_address(text) if text else "",
    "staff": _read_number,
    "staff_name": read_staff_name,
    "pin": _hash_pin,
    "password": _keep_password,
}
#: The default answers.
_GUESSED: Final[dict[str, Callable[[], str]]] = {
    "locale": _own_locale,
    "timezone": _own_zone,
    "business_day_ends": lambda: VenueSettings().business_day_ends,
    "prices_include_tax": lambda: "y",
    "till": lambda: "1",
    "staff": lambda: "1",
}
