"""The kinds of fields for both generated pages: their names in SQL, and their words for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import msgspec
from msgspec import inspect

from till.domain.events import fields
from till.domain.events.registry import private_fields

if TYPE_CHECKING:
    from till.domain.events.registry import EventData


class Kind(NamedTuple):
    """A kind of text that has a pattern.

    Attributes:
        name: its name in SQL.
        words: its name on the page.
    """

    name: str
    words: str


def pattern_of(kind: Any) -> str:
    """Return the pattern of a kind in `till/domain/events/fields.py`."""
    return str(kind.__metadata__[0].pattern)


#: The kinds of text, by pattern.
PATTERNED: Final = {
    pattern_of(fields.Uuid): Kind("uuid", "uuid"),
    pattern_of(fields.EventId): Kind("event_id", "id of an event"),
    pattern_of(fields.Hash): Kind("sha256", "SHA-256"),
    pattern_of(fields.Time): Kind("time", "time"),
    pattern_of(fields.Name): Kind("name", "name"),
    pattern_of(fields.CurrencyCode): Kind("currency", "currency"),
    pattern_of(fields.Amount): Kind("amount", "amount"),
    pattern_of(fields.Unsigned): Kind("unsigned", "amount, no minus"),
    pattern_of(fields.Price): Kind("price", "price"),
    pattern_of(fields.PriceChange): Kind("price_change", "price, signed"),
    pattern_of(fields.Step): Kind("step", "amount, not below zero"),
    pattern_of(fields.Percent): Kind("percent", "percent"),
    pattern_of(fields.Share): Kind("share", "percent to 100"),
    pattern_of(fields.Day): Kind("day", "day"),
    pattern_of(fields.CardBrand): Kind("card_brand", "letters to 20"),
    pattern_of(fields.LastFour): Kind("last_four", "four digits"),
}

#: The flags of a type, with their meaning.
FLAGS: Final = {
    "takes": "create a hold of an order",
    "moves": "change the status or the hold of an order",
    "any_hold": "a till may write without ever having held the order",
    "fact": "record something that was done",
    "on_lines": "count under an earlier hold, on a line of the order",
    "on_own_lines": "count under an earlier hold, on a line that their till keyed",
    "about_money": "are about the money of an order",
    "by_counter": "only a till that takes money may write, as those of money",
    "beside": "change nothing in a snapshot",
    "by_server": "only the database writes",
    "of_acts": "an act between orders may have",
    "log_only": "are only stored in the log",
    "in_heads": "a screen of the kitchen reads for the heads of tickets",
}


def fields_of(kind: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    """Return all fields of a class."""
    return cast("inspect.StructType", inspect.type_info(kind)).fields


def default_of(field: inspect.Field) -> object:
    """Return the default of a field; `msgspec.NODEFAULT` if it is required."""
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def written_fields(kind: type[EventData]) -> tuple[inspect.Field, ...]:
    """Return the fields in an event's data, without private text, which is beside it and can be erased."""
    private = private_fields(kind)
    return tuple(field for field in fields_of(kind) if field.name not in private)
