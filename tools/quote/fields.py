"""A strict reader of JSON fields. Numbers are read as text, never as floats, and errors name the path of the field."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: The largest file in bytes, enough for a hundred thousand lines.
LARGEST_FILE: Final = 10_000_000
_DECIMAL: Final = re.compile(r"(?P<sign>-?)0*(?P<major>\d+)(?:\.(?P<minor>\d+))?\Z", re.ASCII)
_EXPONENT: Final = re.compile(r"-?\d[\d.]*[eE][-+]?\d+\Z", re.ASCII)
_SHOWN: Final = 40
#: The most digits before the decimal point.
_MAJOR_DIGITS: Final = 12
#: The most characters of a number.
_LONGEST: Final = 100

_Choice = TypeVar("_Choice", bound=Enum)


class QuoteError(TillError):
    """A basket that cannot be priced."""

    code = "quote"
    default = _("That basket cannot be priced.")


class Number(str):
    """A number, as its text in JSON."""

    __slots__ = ()


class JsonObject(dict[str, Any]):
    """A JSON object that remembers repeated names (`twice`)."""

    __slots__ = ("twice",)

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(name for name, _value in pairs) if len(pairs) > len(self) else {}
        self.twice = [name for name, count in counts.items() if count > 1]


def load(raw: bytes) -> FieldObject:
    """Read the object in a file.

    Raises:
        QuoteError: the file is not JSON, not UTF-8, not an object, or larger than `LARGEST_FILE`.
    """
    if len(raw) > LARGEST_FILE:
        raise QuoteError(_("This is larger than any basket. Price one basket at a time."))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise QuoteError(
            _("This is not UTF-8: byte {place} cannot be read. Save it as UTF-8.").format(place=problem.start + 1)
        ) from None
    try:
        body = json.loads(
            text, parse_float=Number, parse_int=Number, parse_constant=Number, object_pairs_hook=JsonObject
        )
    except json.JSONDecodeError as problem:
        raise QuoteError(
            _("This is not JSON: line {line}, column {column}. Write one object, as docs/quote.md shows.").format(
                line=problem.lineno, column=problem.colno
            )
        ) from None
    except RecursionError:
        raise QuoteError(_("This is not a basket: its brackets are nested too deeply.")) from None
    if not isinstance(body, JsonObject):
        raise QuoteError(_("This is {what}, and a basket is one object.").format(what=_shown(body)))
    return FieldObject("", body)


@dataclass(frozen=True, slots=True)
class QuotedField:
    """A value with its path, such as `lines[2].discount.percent`."""

    path: str
    value: Any

    def refuse(self, remedy: str) -> NoReturn:
        """Refuse the value, with a sentence on what is expected."""
        raise QuoteError(
            _("{field} is {value}. {remedy}").format(field=self.path, value=_shown(self.value), remedy=remedy)
        )

    def table(self, known: Iterable[str]) -> FieldObject:
        """Return the value as an object, which must have only known fields."""
        if not isinstance(self.value, JsonObject):
            self.refuse(_("It must be one object."))
        table = FieldObject(self.path, self.value)
        table.check(known)
        return table

    def groups(self, most: int) -> list[tuple[str, QuotedField]]:
        """Return the names and values of an object with any names; at most `most`."""
        if not isinstance(self.value, JsonObject):
            self.refuse(_("It must be one object, with a list for each name."))
        if len(self.value) > most:
            self.refuse(_("It can hold {count} names at most.").format(count=most))
        table = FieldObject(self.path, self.value)
        table.check(self.value)
        return [(name, QuotedField(table.path_of(name), value)) for name, value in self.value.items()]

    def items(self, most: int) -> list[QuotedField]:
        """Return the values of a list; at most `most`."""
        if not isinstance(self.value, list):
            self.refuse(_("It must be a list."))
        if len(self.value) > most:
            self.refuse(_("It can hold {count} at most.").format(count=most))
        return [QuotedField(f"{self.path}[{place}]", value) for place, value in enumerate(self.value)]

    def flag(self) -> bool:
        """Return the value as a boolean."""
        if not isinstance(self.value, bool):
            self.refuse(_("Write true or false."))
        return self.value

    def text(self) -> str:
        """Return the value as a text, which must not be blank."""
        if not isinstance(self.value, str) or isinstance(self.value, Number) or not clean(self.value).strip():
            self.refuse(_("Write a name in quotes."))
        return self.value

    def article(self) -> str:
        """Return the name of an item: a text, or an article number."""
        if isinstance(self.value, Number) and self.value[-1].isdigit():  # excludes NaN and Infinity
            return str(self.value)
        return self.text()

    def choice(self, kinds: type[_Choice], but: Iterable[_Choice] = ()) -> _Choice:
        """Return the value as a member of an enumeration, except the members in `but`."""
        names = [kind.value for kind in kinds if kind not in tuple(but)]
        if self.value not in names:
            self.refuse(_("Write one of {names}.").format(names=", ".join(names)))
        return kinds(self.value)

    def decimal(self, places: int, like: str, *, least: int | None = 0, most: int | None = None) -> int:
        """Return a number, or a text with a number, exactly, in units of 10 to the power of minus `places`.

        Args:
            places: the number of decimals allowed.
            like: the example in an error message.
            least: the smallest value in major units; None for no limit.
            most: the largest value in major units; None for no limit.
        """
        fits = isinstance(self.value, str) and len(self.value) <= _LONGEST
        found = _DECIMAL.match(self.value) if fits else None
        if found is None:
            if fits and _EXPONENT.match(self.value):
                self.refuse(_("Write it without an exponent, such as {like}.").format(like=like))
            self.refuse(_("Write a number such as {like}.").format(like=like))
        minor = (found["minor"] or "").rstrip("0")
        if len(found["major"]) > _MAJOR_DIGITS:
            self.refuse(_("That is too much."))
        if len(minor) > places:
            if not places:
                self.refuse(_("Write a whole number, such as {like}.").format(like=like))
            self.refuse(_("It can have {count} decimals, such as {like}.").format(count=places, like=like))
        scale: int = 10**places
        amount = int(found["major"] + minor.ljust(places, "0"))
        if found["sign"]:
            amount = -amount
        if least is not None and amount < least * scale:
            self.refuse(_("It cannot be less than {least}.").format(least=least))
        if most is not None and amount > most * scale:
            self.refuse(_("It cannot be more than {most}.").format(most=most))
        return amount


@dataclass(frozen=True, slots=True)
class FieldObject:
    """An object with its path. A field with the value null counts as absent."""

    path: str
    body: JsonObject

    def path_of(self, name: str) -> str:
        """Return the path of a field of the object."""
        return f"{self.path}.{shown_name(name)}" if self.path else shown_name(name)

    def check(self, known: Iterable[str]) -> None:
        """Refuse an unknown or repeated field."""
        names = dict.fromkeys(known)
        for name in self.body:
            if name in names:
                continue
            near = _nearest(name, names)
            if near:
                raise QuoteError(
                    _("There is no {field}. Did you mean {near}?").format(
                        field=self.path_of(name), near=self.path_of(near)
                    )
                )
            raise QuoteError(
                _("There is no {field}. There are: {names}.").format(field=self.path_of(name), names=", ".join(names))
            )
        for name in self.body.twice:
            raise QuoteError(_("{field} appears twice. Keep one.").format(field=self.path_of(name)))

    def get(self, name: str) -> QuotedField | None:
        """Return a field; None if it is absent."""
        value = self.body.get(name)
        return None if value is None else QuotedField(self.path_of(name), value)

    def need(self, name: str, what: str) -> QuotedField:
        """Return a required field; `what` is the remedy in the error message."""
        field = self.get(name)
        if field is None:
            raise QuoteError(_("{field} is missing. {remedy}").format(field=self.path_of(name), remedy=what))
        return field

    def items(self, name: str, most: int) -> list[QuotedField]:
        """Return the values of a list, at most `most`; empty if the field is absent."""
        field = self.get(name)
        return field.items(most) if field is not None else []

    def flag(self, name: str, default: bool) -> bool:
        """Return a field as a boolean; `default` if it is absent."""
        field = self.get(name)
        return field.flag() if field is not None else default

    def one_of(self, first: str, second: str) -> tuple[QuotedField | None, QuotedField | None]:
        """Return two fields, of which exactly one must be present; the other is None."""
        one, other = self.get(first), self.get(second)
        if (one is None) == (other is None):
            sentence = (
                _("{field} has neither {first} nor {second}. Write one of them.")
                if one is None
                else _("{field} has both {first} and {second}. Keep one of them.")
            )
            raise QuoteError(sentence.format(field=self.path, first=first, second=second))
        return one, other


def shown_name(name: str) -> str:
    """Return a name from the file, cleaned and shortened for a sentence."""
    return clean(name)[:_SHOWN] or "“”"


def _nearest(name: str, known: Iterable[str]) -> str | None:
    import difflib  # noqa: PLC0415 - only for an error

    near = difflib.get_close_matches(name[:_SHOWN].casefold(), list(known), n=1, cutoff=0.5)
    return near[0] if near else None


def _shown(value: Any) -> str:
    """Return a value for a sentence."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, Number):
        return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    if isinstance(value, str):
        text = clean(value)
        return f"“{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}”"
    return _("a list") if isinstance(value, list) else _("an object")
