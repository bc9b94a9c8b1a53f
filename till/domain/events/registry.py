"""The classes of all events, by the name of their type: what a record must hold, and what it is to the rest.

An event type is a class. Its name is the type (`ItemAdded` is `item_added`), its fields are the data of the record,
and its class variables say what the rest of the house must know of it. A new version of a type keeps its class: the
version goes up, and an upcaster lifts the data of the one before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec
from msgspec import Struct

from till.domain.errors import EventError
from till.domain.events.fields import Digests
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


class Stream(StrEnum):
    """What an event is about: its stream is one of these, and the id of it."""

    ORDER = "order"
    LOGIN = "login"
    TILL = "till"
    REFUND = "refund"


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """What is read strictly: each field by its kind, and nothing beside them."""


class EventData(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """The data of one event. A subclass is a type.

    Attributes:
        stream: the kind of stream that it belongs to.
        v: the version of the type; a record of an older one is lifted as it is read.
        called: what it is called to a person, where nothing of its data is to be said beside that.
        harmless: a till that does not know the type may take money all the same.
        at_once: it is pushed without waiting for more: somebody else may be waiting for it.
        takes: it takes hold of its order, under an epoch of its own.
        moves: it says where its order stands, and counts under the newest hold alone.
        any_hold: it may be written to an order that another till holds, and counts without a hold.
        by_server: the database alone writes it.
        upcasters: by the version that they lift from: data of it to data of the next.
        digests: of the free text beside the record, by field.
    """

    stream: ClassVar[Stream]
    v: ClassVar[int] = 1
    called: ClassVar[str] = ""
    harmless: ClassVar[bool] = False
    at_once: ClassVar[bool] = False
    takes: ClassVar[bool] = False
    moves: ClassVar[bool] = False
    any_hold: ClassVar[bool] = False
    by_server: ClassVar[bool] = False
    upcasters: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}

    digests: Digests = {}


class OrderEvent(EventData, frozen=True):
    """What happens to an order session: to its lines, or to its money."""

    stream: ClassVar[Stream] = Stream.ORDER


class UnreadData(EventData, frozen=True):
    """Data that does not read here: kept as it came, and said.

    Attributes:
        why: what is wrong, as half a sentence.
    """

    why: str


@cache
def name_of(kind: type[EventData]) -> str:
    """The type that a class stands for: `item_added`."""
    return _CAPITAL.sub("_", kind.__name__).lower()


@cache
def private_fields(kind: type[EventData]) -> tuple[str, ...]:
    """The fields of free text that travel beside the record."""
    return tuple(
        field.name
        for field in msgspec.structs.fields(kind)
        if (meta := getattr(field.type, "__metadata__", None)) and meta[0].extra == {"private": True}
    )


def _leaves(base: type[EventData]) -> Iterator[type[EventData]]:
    """The types under a class: those from which no other is made."""
    below = base.__subclasses__()
    for kind in below:
        yield from _leaves(kind)
    if not below:
        yield base


class Registry:
    """The types of some streams.

    Args:
        bases: the class that all types of a stream are made from, for each stream.
    """

    def __init__(self, bases: Iterable[type[EventData]]) -> None:
        self._kinds = {name_of(kind): kind for base in bases for kind in _leaves(base)}
        self._decoders: dict[str, msgspec.json.Decoder[EventData]] = {}

    def __iter__(self) -> Iterator[type[EventData]]:
        """All types, in the order in which they are declared."""
        return iter(self._kinds.values())

    def find(self, name: str) -> type[EventData] | None:
        """The class of a type; None for one that is not known here."""
        return self._kinds.get(name)

    def decode(self, name: str, version: int, stream: str, raw: msgspec.Raw) -> EventData:
        """Read the data of a record.

        Raises:
            EventError: the type or its version is not known here, or the data is not that of its type.
        """
        kind = self._kinds.get(name)
        if kind is None or version > kind.v:
            raise EventError(_("it was made by a newer till"))
        if stream != kind.stream:
            raise EventError(_("it stands in a stream where it does not belong"))
        try:
            data = self._decoder(name).decode(raw) if version == kind.v else _lifted(kind, version, raw)
        except (msgspec.MsgspecError, KeyError, RecursionError, UnicodeDecodeError) as problem:
            raise EventError(str(problem)) from problem
        if (names := private_fields(kind)) and any(getattr(data, field) for field in names):
            raise EventError(_("it holds a text that belongs beside it"))
        return data

    def _decoder(self, name: str) -> msgspec.json.Decoder[EventData]:
        """Made when a type is first met: a start meets few of them, and all would take a twentieth of it."""
        decoder = self._decoders.get(name)
        if decoder is None:
            decoder = self._decoders[name] = msgspec.json.Decoder(self._kinds[name])
        return decoder


def _lifted(kind: type[EventData], version: int, raw: msgspec.Raw) -> EventData:
    """The data of a record of an older version, lifted step by step."""
    data = msgspec.json.decode(raw, type=dict[str, Any])
    for older in range(version, kind.v):
        data = kind.upcasters[older](data)
    return msgspec.convert(data, kind)
