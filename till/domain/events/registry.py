"""The registry of event types, and the class variables that describe a type to the rest of the till.

An event type is a class. The name of the class is the type (`ItemAdded` is `item_added`), its fields are the data of
the record, and its class variables state how the rest of the till treats it. A new version of a type keeps its class:
increment `v`, and add an upcaster that converts data of the previous version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import msgspec
from msgspec import Struct

from till.domain.errors import EventError
from till.domain.events.fields import Digests
from till.domain.i18n import N_, _
from till.domain.patterns import late

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: The kind of stream whose id is the label of the events of its till.
SHIFT: Final = "shift"
#: The effect of an event on the label.
Labels = Literal["", "begins", "ends"]
_CAPITAL: Final = late(r"(?<!^)(?=[A-Z])")


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """A struct that is read strictly: no wrong types and no unknown fields."""


class EventData(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """The data of an event. Each subclass is an event type.

    Attributes:
        stream: the kind of stream.
        v: the version of the type. Records of older versions are converted when they are read.
        called: the words for the event in a till's day; `{…}` is filled in from its data (`tui/screens/day.py`).
        audited: the words for the event in the list of acts; `{…}` is filled in from its details (`cli/acts.py`).
        late: the title and the sentence of a notice that the event came too late to count (`notice/words.py`).
        harmless: a till that does not know the type may still take money.
        at_once: pushed without waiting for more events, because another till may be waiting for it.
        opens: opens the stream, which is listed as open until a command of this till ends it.
        takes: creates a hold of the order, named by the id of the event.
        moves: changes the status of the order, such as suspended or on a tab.
        any_hold: may be written by a till that never held the order.
        fact: records something that happened, and counts whichever till holds the order; so does `about_money`.
        on_lines: also counts under an earlier hold, while the line is on the order.
        on_own_lines: as `on_lines`, for a line that the till of the event keyed.
        about_money: is about money of the order. A till that never held the order may not write it.
        by_counter: only a till that takes money may write it; so is `about_money`.
        beside: does not change the snapshot of the order.
        in_heads: read by a screen of the kitchen, for the heads of tickets.
        applied_beside: the database applies it beside its order too, by the function `warm.on_<type>` in `db/sql`. The
            types of a base class that sets this share its function.
        by_server: only the database writes it.
        of_acts: the database writes it when a till requests an act on several orders.
        listed: the name of the journal's list of such events, over all streams; empty for none.
        opens_shift: moves money, ends an order or takes the number of a receipt; where no shift is open, one is opened
            before it.
        labels: begins or ends the shift whose id is the label of the events of its till; empty for neither.
        log_only: stays in the log and is not sent to other tills.
        upcasters: for each older version, the function that converts its data to the next version.
        digests: the digests of the free texts beside the record, by field.
    """

    stream: ClassVar[str]
    v: ClassVar[int] = 1
    called: ClassVar[str] = ""
    audited: ClassVar[str] = ""
    late: ClassVar[tuple[str, str]] = N_("Change too late, {name}"), N_("The change of {of} came too late: {why}.")
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
    by_counter: ClassVar[bool] = False
    beside: ClassVar[bool] = False
    in_heads: ClassVar[bool] = False
    applied_beside: ClassVar[bool] = False
    by_server: ClassVar[bool] = False
    of_acts: ClassVar[bool] = False
    listed: ClassVar[str] = ""
    opens_shift: ClassVar[bool] = False
    labels: ClassVar[Labels] = ""
    log_only: ClassVar[bool] = False
    upcasters: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}

    digests: Digests = {}

    @property
    def needs_shift(self) -> bool:
        """True if a shift is opened before this event, where none is open."""
        return self.opens_shift

    @property
    def sentence(self) -> str:
        """The words for this event in a till's day: `called`, unless they depend on its data."""
        return self.called

    @property
    def document(self) -> str:
        """The number of the receipt or refund that the event is about, such as `1B-000123`; empty for most events."""
        return ""


class OrderEvent(EventData, frozen=True):
    """An event of an order session."""

    stream: ClassVar[str] = "order"


class UnreadData(EventData, frozen=True):
    """A placeholder for data that cannot be read here. The record is kept unchanged and reported.

    Attributes:
        why: the reason, as half a sentence.
    """

    why: str


@cache
def name_of(kind: type[EventData]) -> str:
    """Return the type name of a class, such as `item_added`."""
    return _CAPITAL.sub("_", kind.__name__).lower()


@cache
def private_fields(kind: type[EventData]) -> tuple[str, ...]:
    """Return the names of the fields with free text, which is stored beside the record."""
    return tuple(
        field.name
        for field in msgspec.structs.fields(kind)
        if any(getattr(one, "extra", None) == {"private": True} for one in getattr(field.type, "__metadata__", ()))
    )


def _leaves(base: type[EventData]) -> Iterator[type[EventData]]:
    """Yield the event types under a class: the descendants without subclasses."""
    subclasses = base.__subclasses__()
    for kind in subclasses:
        yield from _leaves(kind)
    if not subclasses:
        yield base


class Registry:
    """The event types of some kinds of streams.

    Args:
        bases: the base class of the event types of each kind.
    """

    def __init__(self, bases: Iterable[type[EventData]]) -> None:
        self._kinds = {name_of(kind): kind for base in bases for kind in _leaves(base)}
        self._decoders: dict[str, msgspec.json.Decoder[EventData]] = {}

    def __iter__(self) -> Iterator[type[EventData]]:
        """Iterate over all types in order of declaration."""
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
            data = self._decoder(name).decode(raw) if version == kind.v else _converted(kind, version, raw)
        except (msgspec.MsgspecError, KeyError, RecursionError, UnicodeDecodeError) as problem:
            raise EventError(str(problem)) from problem
        if (names := private_fields(kind)) and any(getattr(data, field) for field in names):
            raise EventError(_("it contains a text that belongs beside it"))
        return data

    def _decoder(self, name: str) -> msgspec.json.Decoder[EventData]:
        """Return the decoder of a type, created on first use: creating all takes 5 % of the start, which needs few."""
        decoder = self._decoders.get(name)
        if decoder is None:
            decoder = self._decoders[name] = msgspec.json.Decoder(self._kinds[name])
        return decoder


def _converted(kind: type[EventData], version: int, raw: msgspec.Raw) -> EventData:
    """Return the data of a record of an older version, converted version by version."""
    data = msgspec.json.decode(raw, type=dict[str, Any])
    for older in range(version, kind.v):
        data = kind.upcasters[older](data)
    return msgspec.convert(data, kind)
