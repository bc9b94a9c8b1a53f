"""Events: what happened, in the past tense, small and meaningful by itself (design §4).

An event is sealed once, in one journal: its canonical JSON is chained by SHA-256 to the one before it. Free text that
may name a person travels beside the event; the chain holds its salted digest alone, so erasing it breaks nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import EventError
from till.domain.i18n import _
from till.domain.ids import is_uuid
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: What the first event of a journal follows.
NO_HASH: Final = "0" * 64
#: The till that the database is in its own events.
SERVER: Final = 0
_UNPAIRED: Final = re.compile("[\ud800-\udfff]")


class EventType(StrEnum):
    """The types that this till makes. Others are kept and shown as made by a newer till."""

    JOURNAL_OPENED = "journal_opened"
    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    LOGIN_REFUSED = "login_refused"
    ORDER_OPENED = "order_opened"
    MENU_VIEWED = "menu_viewed"
    ITEM_ADDED = "item_added"
    QUANTITY_CHANGED = "quantity_changed"
    LINE_VOIDED = "line_voided"
    DISCOUNT_APPLIED = "discount_applied"
    ORDER_TYPE_SET = "order_type_set"
    PREFERENCE_SET = "preference_set"
    ORDER_PARKED = "order_parked"
    ORDER_RESUMED = "order_resumed"
    ORDER_TAKEN_OVER = "order_taken_over"
    TAB_ASSIGNED = "tab_assigned"
    LINES_MOVED = "lines_moved"
    PAYMENT_STARTED = "payment_started"
    PAYMENT_APPROVED = "payment_approved"
    PAYMENT_DECLINED = "payment_declined"
    PAYMENT_VOIDED = "payment_voided"
    ORDER_PLACED = "order_placed"
    ORDER_DISCARDED = "order_discarded"
    SESSION_SWEPT = "session_swept"
    CONFLICT_FOUND = "conflict_found"
    CONFLICT_RESOLVED = "conflict_resolved"
    QUARANTINE_RESOLVED = "quarantine_resolved"


@dataclass(frozen=True, slots=True)
class PrivateText:
    """Free text with the salt of its digest."""

    salt: str
    text: str

    @property
    def digest(self) -> str:
        """What the chain holds of it."""
        return hashlib.sha256((self.salt + self.text).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that a decision asks for, before a journal gives it a place.

    Attributes:
        type: one of `EventType`.
        session_id: the order it belongs to, or None.
        data: JSON; numbers are integers or strings.
        texts: free text by field name; it never stands in `data`.
        hold_epoch: the epoch of the hold that it was made under; 0 for no order.
    """

    type: str
    session_id: str | None
    data: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    hold_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Who, where and when: what a journal adds to a draft."""

    journal_id: str
    till: int
    store_id: str
    user: int | None
    login_session: str | None
    shift: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One sealed event. `at` is the till's clock in UTC; `hash` is over the canonical JSON of all but it and texts."""

    id: str
    journal_id: str
    seq: int
    till: int
    store_id: str
    session_id: str | None
    hold_epoch: int
    user: int | None
    login_session: str | None
    shift: str | None
    type: str
    at: datetime
    data: Mapping[str, Any]
    prev_hash: str
    hash: str
    texts: Mapping[str, PrivateText] = field(default_factory=dict)
    _body: str = field(default="", init=False, repr=False, compare=False)

    def text(self, name: str) -> str:
        """The free text of a field; empty when there was none or it was erased."""
        found = self.texts.get(name)
        return found.text if found else ""

    @property
    def body(self) -> str:
        """The canonical JSON that the chain is made of; written once, for it is sealed, kept and sent."""
        if not self._body:
            object.__setattr__(self, "_body", canonical(self._sealed()))
        return self._body

    def _sealed(self) -> dict[str, Any]:
        return {
            "at": time_text(self.at),
            "data": self.data,
            "hold_epoch": self.hold_epoch,
            "id": self.id,
            "journal_id": self.journal_id,
            "login_session": self.login_session,
            "prev_hash": self.prev_hash,
            "seq": self.seq,
            "session_id": self.session_id,
            "shift": self.shift,
            "store_id": self.store_id,
            "till": self.till,
            "type": self.type,
            "user": self.user,
        }


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no spaces, UTF-8 as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(body: str) -> str:
    """SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


def time_text(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds: `2026-03-03T10:31:00.000000Z`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_time(text: str) -> datetime:
    """Read what `time_text` wrote.

    Raises:
        EventError: the text is no such time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as problem:
        raise EventError(_("{text} is no time.").format(text=repr(text)[:40])) from problem
    if moment.tzinfo is None:
        raise EventError(_("{text} names no zone.").format(text=text[:40]))
    return moment.astimezone(UTC)


def make_harmless(draft: Draft) -> Draft:
    """A draft as it may be sealed for ever: its free text cleaned, its data what every database can hold.

    Raises:
        EventError: its data holds a fraction or a character that PostgreSQL's JSONB does not give back as it was.
    """
    _check_value(draft.data)
    return replace(draft, texts={name: clean(text) for name, text in draft.texts.items()}) if draft.texts else draft


def _check_value(value: Any) -> None:
    if isinstance(value, float):
        raise EventError(_("A record must not hold a fraction: {value}.").format(value=value))
    if isinstance(value, str):
        if "\0" in value or not (value.isascii() or _UNPAIRED.search(value) is None):
            raise EventError(_("A record must not hold the character that stands in {text}.").format(text=ascii(value)))
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_value(key)
            _check_value(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_value(inner)


def seal(draft: Draft, place: Place, *, event_id: str, seq: int, prev_hash: str, salt: Callable[[], str]) -> Event:
    """Give a draft its place in a chain: its id, its number, the hash that it follows, and its own."""
    texts = {name: PrivateText(salt(), text) for name, text in draft.texts.items() if text}
    data = dict(draft.data)
    if texts:
        data["digests"] = {name: text.digest for name, text in texts.items()}
    event = Event(
        event_id,
        place.journal_id,
        seq,
        place.till,
        place.store_id,
        draft.session_id,
        draft.hold_epoch,
        place.user,
        place.login_session,
        place.shift,
        str(draft.type),
        place.at.astimezone(UTC),
        data,
        prev_hash,
        "",
        texts,
    )
    object.__setattr__(event, "hash", digest(event.body))
    return event


def unseal(
    body: str, sealed: str, texts: Mapping[str, Mapping[str, str]] | None = None, *, looked_at: bool = False
) -> Event:
    """Read an event from its canonical text, its hash and the texts beside it.

    Args:
        body: its canonical text.
        sealed: its hash.
        texts: the free texts beside it.
        looked_at: whether the text was found canonical before, when this disk took it in: the half of the work is
            then saved, for what has the same hash is the same text.

    Raises:
        EventError: the text is not that of an event, or its hash is not its own. Texts whose digest
            does not match are dropped: they are not what was said.
    """
    try:
        if digest(body) != sealed:
            raise EventError(_("A record does not match its seal."))
        event = _read_body(json.loads(body), sealed, texts or {})
        if looked_at:
            object.__setattr__(event, "_body", body)
        sound = _is_sound(event) and event.body == body
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as problem:
        raise EventError(_("A record does not read as an event.")) from problem
    if not sound:
        raise EventError(_("A record does not read as an event."))
    return event


def _read_body(raw: Mapping[str, Any], sealed: str, texts: Mapping[str, Mapping[str, str]]) -> Event:
    return Event(
        raw["id"],
        raw["journal_id"],
        raw["seq"],
        raw["till"],
        raw["store_id"],
        raw["session_id"],
        raw["hold_epoch"],
        raw["user"],
        raw["login_session"],
        raw["shift"],
        raw["type"],
        read_time(raw["at"]),
        raw["data"],
        raw["prev_hash"],
        sealed,
        _read_texts(raw["data"], texts),
    )


def _is_sound(event: Event) -> bool:
    """Whether each field holds what it should, so that nothing that reads it later must ask."""
    words = (event.journal_id, event.store_id, event.type, event.prev_hash)
    perhaps = (event.session_id, event.login_session, event.shift)
    numbers = (event.seq, event.till, event.hold_epoch)
    return (
        is_uuid(event.id)
        and isinstance(event.data, dict)
        and all(isinstance(word, str) for word in words)
        and all(word is None or isinstance(word, str) for word in perhaps)
        and all(type(number) is int and number >= 0 for number in numbers)
        and event.seq > 0
        and (event.user is None or type(event.user) is int)
    )


def _read_texts(data: Mapping[str, Any], texts: Mapping[str, Any]) -> dict[str, PrivateText]:
    """The texts that were said; what another made of them, or what was erased, is dropped."""
    if not texts:
        return {}
    digests = data.get("digests", {})
    pairs = ((name, raw) for name, raw in texts.items() if isinstance(raw, dict) and {"salt", "text"} <= raw.keys())
    found = {name: PrivateText(str(raw["salt"]), str(raw["text"])) for name, raw in pairs}
    return {name: text for name, text in found.items() if digests.get(name) == text.digest}


def texts_to_data(event: Event) -> dict[str, dict[str, str]]:
    """The texts beside an event, as they travel."""
    return {name: {"salt": text.salt, "text": text.text} for name, text in event.texts.items()}
