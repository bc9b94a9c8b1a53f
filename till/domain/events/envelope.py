"""The envelope of an event, and the seal that chains it to the event before it.

An event is sealed once, in one journal: a SHA-256 hash chains its canonical JSON to the event before it. Free text that
may name a person is stored beside the event. The chain contains only the salted digest of the text, so that the text
can be erased without breaking the chain.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from till.domain.advice import plain_text
from till.domain.errors import EventError
from till.domain.events.fields import (
    LONGEST_FREE,
    MOST_TEXTS,
    Digests,
    EventId,
    ForTill,
    Hash,
    Name,
    Place,
    StaffNumber,
    TillNumber,
    Time,
    Uuid,
)
from till.domain.events.registry import EventData, OrderEvent, Registry, Shape, UnreadData, name_of, private_fields
from till.domain.i18n import N_, _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: The previous hash of a journal's first event.
NO_HASH: Final = "0" * 64
#: The time between the events of one command, so that sorting by time keeps their order and shows where a command ends.
STEP: Final = timedelta(microseconds=1)
#: The till number of events that the database writes.
SERVER: Final = 0
_SALT: Final = re.compile("[0-9a-f]{32}")


class PrivateText(Struct, frozen=True):
    """Free text with the salt of its digest.

    A salt has one length: else the beginning of a text could be moved into its salt, under the same digest.
    """

    salt: str
    text: str

    @property
    def digest(self) -> str:
        """The digest of the text, which the chain contains."""
        return hashlib.sha256((self.salt + self.text).encode()).hexdigest()


#: The hold of events outside orders. A hold is the id of the event that created it: `order_opened` or `order_granted`.
NO_HOLD: Final = ""


class Draft(Struct, frozen=True):
    """An event to write, before a journal seals it.

    Attributes:
        data: the data of the event.
        stream_id: the id of its stream.
    """

    data: EventData
    stream_id: str


class Origin(Struct, frozen=True):
    """The journal, till, person and time that are added to a draft."""

    journal_id: str
    till: int
    store_id: str
    user: int | None
    login_session: str | None
    shift: str | None
    at: datetime


class _Body(Shape, frozen=True, kw_only=True):
    """The envelope in the chain. Its fields are sorted by name, so that its JSON is canonical."""

    at: Time
    data: msgspec.Raw
    for_till: ForTill | UnsetType = UNSET
    harmless: bool
    hold_id: EventId | None
    id: EventId
    journal_id: Uuid
    login_session: Uuid | None
    prev_hash: Hash
    seq: Place
    shift: Uuid | None
    store_id: Uuid
    stream_id: Uuid
    stream_kind: Name
    till: TillNumber
    type: Name
    user: StaffNumber | None
    v: Place


class _Known(Struct, frozen=True, kw_only=True):
    """The fields of `_Body`, unchecked: the body was checked when it was stored, and the seal proves it unchanged."""

    at: str
    data: msgspec.Raw
    for_till: int | UnsetType = UNSET
    harmless: bool
    hold_id: str | None
    id: str
    journal_id: str
    login_session: str | None
    prev_hash: str
    seq: int
    shift: str | None
    store_id: str
    stream_id: str
    stream_kind: str
    till: int
    type: str
    user: int | None
    v: int


class _Digests(Struct, frozen=True):
    """The digests, the only part that is read of data that cannot be read otherwise."""

    digests: Digests = {}


_BY_SERVER: Final = N_("only the database writes such a record")
_DECODER: Final = msgspec.json.Decoder(_Body)
_KNOWN: Final = msgspec.json.Decoder(_Known)
_ENCODER: Final = msgspec.json.Encoder(order="sorted", enc_hook=plain_text)
#: The encoder of envelopes. Their fields are declared in sorted order, and their data is already sorted.
_WRITER: Final = msgspec.json.Encoder(enc_hook=plain_text)
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Event(Struct, frozen=True):
    """A sealed event.

    Attributes:
        at: the time by the clock of the till, in UTC.
        type: the name of the event type, even if the type is unknown here.
        v: the version of the type.
        data: the data of the event; `UnreadData` if it cannot be read here.
        hash: the SHA-256 of `body`.
        body: the canonical JSON of the envelope.
        texts: the free texts beside the event by field, with their salts.
        for_till: the till that requested the event, if the server wrote it for a till.
    """

    id: str
    journal_id: str
    seq: int
    till: int
    store_id: str
    stream_kind: str
    stream_id: str
    hold: str
    user: int | None
    login_session: str | None
    shift: str | None
    type: str
    v: int
    harmless: bool
    at: datetime
    data: EventData
    prev_hash: str
    hash: str
    body: str
    texts: Mapping[str, PrivateText]
    for_till: int | None = None

    @property
    def by_till(self) -> int:
        """The till that acted: the till of the chain, or the till that requested the event from the server."""
        return self.till if self.for_till is None else self.for_till

    @property
    def session_id(self) -> str | None:
        """The id of its order; None for an event of another kind of stream."""
        return self.stream_id if self.stream_kind == OrderEvent.stream else None

    @property
    def is_known(self) -> bool:
        """True if the data can be read here."""
        return not isinstance(self.data, UnreadData)


def data_without_texts(data: EventData) -> EventData:
    """Return the data of a record without its free text, as in the chain."""
    names = private_fields(type(data))
    return msgspec.structs.replace(data, **dict.fromkeys(names, "")) if names else data


def canonical(value: Any) -> str:
    """Return the canonical JSON text of a value: keys sorted, no spaces, UTF-8 unescaped."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256(body: str) -> str:
    """Return the SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


def time_text(moment: datetime) -> str:
    """Format a time as RFC 3339 in UTC with microseconds: `2026-03-03T10:31:00.000000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def read_time(text: str) -> datetime:
    """Read a time written by `time_text`.

    Raises:
        EventError: the text is not a time, or has no time zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as problem:
        raise EventError(_("{text} is not a time.").format(text=repr(text)[:40])) from problem
    if moment.tzinfo is None:
        raise EventError(_("{text} has no time zone.").format(text=text[:40]))
    return moment.astimezone(UTC)


def seal(
    draft: Draft,
    origin: Origin,
    *,
    event_id: str,
    seq: int,
    prev_hash: str,
    salt: Callable[[], str],
    hold: str = NO_HOLD,
    tried: bool = False,
) -> Event:
    """Seal a draft: give it an id, a number in the chain, the previous hash and its own hash.

    Args:
        draft: the event to write.
        origin: its journal, till, person and time.
        event_id: its id.
        seq: its number in the chain.
        prev_hash: the hash of the event before it.
        salt: returns a salt for the digest of a text.
        hold: the current hold of its order. An event that creates a hold uses its own id instead.
        tried: True if the event enters no chain of a till, because the database is asked to write it.
    """
    kind = type(draft.data)
    if kind.takes:
        hold = event_id
    data, texts = _with_texts(draft.data, salt)
    written = _encode(_ENCODER, data_without_texts(data) if texts else data)
    at = origin.at.astimezone(UTC)
    raw = _Body(
        at=time_text(at),
        data=msgspec.Raw(written),
        harmless=kind.harmless,
        hold_id=hold or None,
        id=event_id,
        journal_id=origin.journal_id,
        login_session=origin.login_session,
        prev_hash=prev_hash,
        seq=seq,
        shift=origin.shift,
        store_id=origin.store_id,
        stream_id=draft.stream_id,
        stream_kind=kind.stream,
        till=origin.till,
        type=name_of(kind),
        user=origin.user,
        v=kind.v,
    )
    body = _encode(_WRITER, raw)
    _check(kind, raw, body, written, tried=tried)
    return _event(raw, hold, at, data, hashlib.sha256(body).hexdigest(), body.decode(), texts)


def _with_texts(data: EventData, salt: Callable[[], str]) -> tuple[EventData, dict[str, PrivateText]]:
    """Return the data with its free texts cleaned, cut and digested, and the texts with their salts."""
    names = private_fields(type(data))
    if not names:
        return data, {}
    cleaned = {name: clean(getattr(data, name))[:LONGEST_FREE] for name in names}
    texts = {name: PrivateText(salt(), text) for name, text in cleaned.items() if text}
    digests = {name: text.digest for name, text in texts.items()}
    return msgspec.structs.replace(data, digests=digests, **cleaned), texts


def _encode(encoder: msgspec.json.Encoder, value: Struct) -> bytes:
    try:
        return encoder.encode(value)
    except (msgspec.MsgspecError, UnicodeError, OverflowError, TypeError) as problem:
        raise _unwritable(problem) from problem


def _check(kind: type[EventData], raw: _Body, body: bytes, written: bytes, *, tried: bool) -> None:
    """Apply the checks of reading to a new record."""
    try:
        _DECODER.decode(body)
        _decoder_of(kind).decode(written)
    except (msgspec.MsgspecError, UnicodeError) as problem:
        raise _unwritable(problem) from problem
    _refuse_nul(body)
    if kind.by_server and raw.till != SERVER and not (tried and kind.of_acts):
        raise _unwritable(_(_BY_SERVER))


def _unwritable(what: object) -> EventError:
    return EventError(_("That cannot be recorded: {what}.").format(what=what))


def _refuse_nul(body: bytes) -> None:
    """Refuse U+0000, the only character that PostgreSQL cannot store."""
    if b"\\u0000" in body and _NUL.search(body):
        raise EventError(_("A record must not hold the character U+0000."))


@lru_cache
def _decoder_of(kind: type[EventData]) -> msgspec.json.Decoder[EventData]:
    return msgspec.json.Decoder(kind)


def _event(
    raw: _Body | _Known,
    hold: str,
    at: datetime,
    data: EventData,
    sealed: str,
    body: str,
    texts: Mapping[str, PrivateText],
) -> Event:
    """Return the event of an envelope, its data and its texts."""
    return Event(
        raw.id,
        raw.journal_id,
        raw.seq,
        raw.till,
        raw.store_id,
        raw.stream_kind,
        raw.stream_id,
        hold,
        raw.user,
        raw.login_session,
        raw.shift,
        raw.type,
        raw.v,
        raw.harmless,
        at,
        data,
        raw.prev_hash,
        sealed,
        body,
        texts,
        None if raw.for_till is UNSET else raw.for_till,
    )


def reseal(event: Event, *, journal_id: str, seq: int, prev_hash: str) -> Event:
    """Return the event sealed again for a journal that replaces a lost one. Only its place in a chain changes."""
    raw = _KNOWN.decode(event.body)
    body = _WRITER.encode(msgspec.structs.replace(raw, journal_id=journal_id, seq=seq, prev_hash=prev_hash)).decode()
    return msgspec.structs.replace(
        event, journal_id=journal_id, seq=seq, prev_hash=prev_hash, body=body, hash=sha256(body)
    )


def unseal(
    body: str,
    sealed: str,
    texts: Mapping[str, Mapping[str, str]] | None = None,
    *,
    registry: Registry,
    looked_at: bool = False,
) -> Event:
    """Read an event from its canonical text, its hash and the texts beside it.

    The data is kept as `UnreadData` if it cannot be read, is of an unknown type, or must not be written by its till.
    Texts that do not match their digest are dropped, because they were altered.

    Args:
        body: the canonical text.
        sealed: the hash of the text.
        texts: the free texts beside the event.
        registry: the known event types.
        looked_at: True if the text was checked when it was stored on this disk. This saves half of the work, because an
            equal hash means an equal text.

    Raises:
        EventError: the text is not an event, its hash does not match, or the texts beside it are too long or too many.
    """
    try:
        encoded = body.encode()
        if hashlib.sha256(encoded).hexdigest() != sealed:
            raise EventError(_("A record does not match its seal."))
        raw = _KNOWN.decode(encoded) if looked_at else _DECODER.decode(encoded)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as problem:
        raise _unreadable() from problem
    data = _read_data(registry, raw)
    if not looked_at:
        _check_arrival(raw, data, encoded, texts)
    kept = _read_texts(data, texts) if texts and data.digests else {}
    if kept and not isinstance(data, UnreadData):
        own = {name: kept[name].text for name in private_fields(type(data)) if name in kept}
        data = msgspec.structs.replace(data, **own)
    return _event(raw, raw.hold_id or NO_HOLD, read_time(raw.at), data, sealed, body, kept)


def _unreadable() -> EventError:
    return EventError(_("A record cannot be read as an event."))


def _read_data(registry: Registry, raw: _Body | _Known) -> EventData:
    """Return the data of a record; `UnreadData` if it cannot be read or must not be written by its till."""
    try:
        data = registry.decode(raw.type, raw.v, raw.stream_kind, raw.data)
    except EventError as problem:
        return UnreadData(digests=_digests_of(raw.data), why=problem.sentence)
    if (data.by_server or raw.for_till is not UNSET) and raw.till != SERVER:
        return UnreadData(digests=data.digests, why=_(_BY_SERVER))
    if data.takes and raw.hold_id != raw.id:
        return UnreadData(digests=data.digests, why=_("it makes a hold of an order and does not name itself"))
    return data


def _check_arrival(
    raw: _Body | _Known, data: EventData, body: bytes, texts: Mapping[str, Mapping[str, str]] | None
) -> None:
    """Refuse a record from outside that is not in the form that `seal` writes."""
    _refuse_nul(body)
    if not (_is_canonical(raw, data) and _WRITER.encode(raw) == body):
        raise _unreadable()
    if texts:
        _check_texts(texts)


def _is_canonical(raw: _Body | _Known, data: EventData) -> bool:
    """True if the data of a record is in canonical form. The same data in another form would have another seal."""
    written = bytes(raw.data)
    if not isinstance(data, UnreadData) and raw.v == type(data).v:
        return _ENCODER.encode(data) == written
    try:
        return canonical(json.loads(written)).encode() == written
    except (ValueError, RecursionError):  # a number out of bounds, or a lone surrogate
        return False


def _check_texts(texts: Mapping[str, Any]) -> None:
    """Refuse more or longer texts than one record may have."""
    lengths = [len(str(raw.get("text", ""))) for raw in texts.values() if isinstance(raw, dict)]
    if len(texts) > MOST_TEXTS or any(length > LONGEST_FREE for length in lengths):
        raise EventError(_("A text beside a record is too long, or there are too many."))


def _digests_of(raw: msgspec.Raw) -> dict[str, str]:
    """Return the digests in data that cannot be read otherwise."""
    try:
        return msgspec.json.decode(raw, type=_Digests).digests
    except (msgspec.MsgspecError, RecursionError):
        return {}


def _read_texts(data: EventData, texts: Mapping[str, Any]) -> dict[str, PrivateText]:
    """Return the texts whose salts and digests match. Altered and erased texts are dropped."""
    kept = {}
    for name in data.digests:
        raw = texts.get(name)
        if isinstance(raw, dict) and "salt" in raw and "text" in raw:
            text = PrivateText(str(raw["salt"]), str(raw["text"]))
            if _SALT.fullmatch(text.salt) and text.digest == data.digests.get(name):
                kept[name] = text
    return kept


def texts_to_data(event: Event) -> dict[str, dict[str, str]]:
    """Return the texts beside an event in the wire format."""
    return {name: {"salt": text.salt, "text": text.text} for name, text in event.texts.items()}
