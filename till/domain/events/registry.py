"""The event classes by the name of their type, and the class variables that describe each type to the rest of the till.

An event type is a class. Its name is the type (`ItemAdded` is `item_added`), its fields are the data of the record,
and its class variables state how the rest of the till treats it. A new version of a type keeps its class: the version
goes up, and an upcaster lifts the data of the version before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """A struct that is read strictly: each field by its type, and no unknown fields."""


class EventData(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """The data of one event. A subclass is a type.

    Attributes:
        stream: the kind of stream that it belongs to.
        v: the version of the type; a record of an older version is lifted when it is read.
        called: its name for people, if none of its data needs to be shown.
        harmless: a till that does not know the type may still take money.
        at_once: it is pushed without waiting for more, because another till may be waiting for it.
        opens: it opens its stream, which is listed as open until a command of this till ends it.
        takes: it makes a hold of its order, named by its own id.
        moves: it changes the state of its order, such as suspended or on a tab.
        any_hold: a till that never held the order may write it.
        fact: it records something done and counts whoever holds the order; so does the money of an order.
        on_lines: it counts under an earlier hold too, while the line is in the order.
        on_own_lines: as `on_lines`, for a line that its till keyed.
        about_money: it is the money of its order: a till that never held the order may not write it.
        beside: it changes nothing that a snapshot shows of its order.
        by_server: only the database writes it.
        of_acts: the database writes it for a till that asks for an act between orders.
        listed: the list under which a journal finds it, over all streams; none if empty.
        log_only: it stays in the log and is not sent to other tills.
        upcasters: functions from the data of a version to that of the next, by the older version.
        digests: the digests of the free text beside the record, by field.
    """

    stream: ClassVar[str]
    v: ClassVar[int] = 1
    called: ClassVar[str] = ""
    harmless: ClassVar[bool] = False
    at_once: ClassVar[bool] = False
    opens: ClassVar[bool] = False
    takes: ClassVar[bool] = False
    moves: ClassVar[bool] = False
    any_hold: ClassVar[bool] = False
    fact: ClassVar[bool] = False
    on_lines: ClassVar[bool] = False
    on_own_lines: ClassVar[bool] = False
    about_money: ClassVar[bool] = False
    beside: ClassVar[bool] = False
    by_server: ClassVar[bool] = False
    of_acts: ClassVar[bool] = False
    listed: ClassVar[str] = ""
    log_only: ClassVar[bool] = False
    upcasters: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}

    digests: Digests = {}

    @property
    def document(self) -> str:
        """Return the number of the document that it is about, as `1B-000123`; empty for most events."""
        return ""


class OrderEvent(EventData, frozen=True):
    """An event of an order session: of its lines, or of its money."""

    stream: ClassVar[str] = "order"


class UnreadData(EventData, frozen=True):
    """Data that does not read here: kept as it came, and reported.

    Attributes:
        why: the fault, as half a sentence.
    """

    why: str


@cache
def name_of(kind: type[EventData]) -> str:
    """Return the type of a class: `item_added`."""
    return _CAPITAL.sub("_", kind.__name__).lower()


@cache
def private_fields(kind: type[EventData]) -> tuple[str, ...]:
    """Return the fields of free text that travel beside the record."""
    return tuple(
        field.name
        for field in msgspec.structs.fields(kind)
        if (meta := getattr(field.type, "__metadata__", None)) and meta[0].extra == {"private": True}
    )


def _leaves(base: type[EventData]) -> Iterator[type[EventData]]:
    """Yield the types under a class: its descendants without subclasses."""
    below = base.__subclasses__()
    for kind in below:
        yield from _leaves(kind)
    if not below:
        yield base


class Registry:
    """The event types of some streams.

    Args:
        bases: the base class of each stream's types.
    """

    def __init__(self, bases: Iterable[type[EventData]]) -> None:
        self._kinds = {name_of(kind): kind for base in bases for kind in _leaves(base)}
        self._decoders: dict[str, msgspec.json.Decoder[EventData]] = {}

    def __iter__(self) -> Iterator[type[EventData]]:
        """Iterate over all types in the order of their declaration."""
        return iter(self._kinds.values())

    def find(self, name: str) -> type[EventData] | None:
        """Return the class of a type; None if it is unknown here."""
        return self._kinds.get(name)

    def decode(self, name: str, version: int, stream: str, raw: msgspec.Raw) -> EventData:
        """Read the data of a record.

        Raises:
            EventError: the type or its version is unknown here, or the data is not of its type.
        """
        kind = self._kinds.get(name)
        if kind is None or version > kind.v:
            raise EventError(_("it was made by a newer till"))
        if stream != kind.stream:
            raise EventError(_("it is in the wrong stream"))
        try:
            data = self._decoder(name).decode(raw) if version == kind.v else _lifted(kind, version, raw)
        except (msgspec.MsgspecError, KeyError, RecursionError, UnicodeDecodeError) as problem:
            raise EventError(str(problem)) from problem
        if (names := private_fields(kind)) and any(getattr(data, field) for field in names):
            raise EventError(_("it contains a text that belongs beside it"))
        return data

    def _decoder(self, name: str) -> msgspec.json.Decoder[EventData]:
        """Return the decoder of a type. It is made on first use: a start needs few, and all take a 20th of its time."""
        decoder = self._decoders.get(name)
        if decoder is None:
            decoder = self._decoders[name] = msgspec.json.Decoder(self._kinds[name])
        return decoder


def _lifted(kind: type[EventData], version: int, raw: msgspec.Raw) -> EventData:
    """Return the data of a record of an older version, lifted step by step."""
    data = msgspec.json.decode(raw, type=dict[str, Any])
    for older in range(version, kind.v):
        data = kind.upcasters[older](data)
    return msgspec.convert(data, kind)
