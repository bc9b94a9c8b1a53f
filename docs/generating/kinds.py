"""What both pages say of a kind of field: the name that SQL knows it by, and the words for a reader."""

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
        name: what it is called in SQL.
        words: what it is called on the page.
    """

    name: str
    words: str


def pattern_of(kind: Any) -> str:
    """The pattern of a kind in `till/domain/events/fields.py`."""
    return str(kind.__metadata__[0].pattern)


#: By its pattern, each kind that has one.
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

#: What is told of a type, with what each flag is said to mean.
FLAGS: Final = {
    "takes": "take hold of an order",
    "moves": "say where an order stands",
    "any_hold": "count on an order without a hold",
    "by_server": "the database alone writes",
}


def fields_of(kind: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    """All fields of a class."""
    return cast("inspect.StructType", inspect.type_info(kind)).fields


def default_of(field: inspect.Field) -> object:
    """What a field holds that is left out; `msgspec.NODEFAULT` for one that may not be."""
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def written_fields(kind: type[EventData]) -> tuple[inspect.Field, ...]:
    """The fields of an event that its data may have: private text stands beside it, where it can be erased."""
    private = private_fields(kind)
    return tuple(field for field in fields_of(kind) if field.name not in private)
