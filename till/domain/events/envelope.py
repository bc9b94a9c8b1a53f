"""The envelope of an event, and the seal that chains it to the one before (design §4).

An event is sealed once, in one journal: its canonical JSON is chained by SHA-256 to the one before it. Free text that
may name a person travels beside the event; the chain holds its salted digest alone, so erasing it breaks nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from till.domain.errors import EventError
from till.domain.events.fields import (
    LONGEST,
    LONGEST_FREE,
    MOST_TEXTS,
    Digests,
    Epoch,
    EventId,
    Hash,
    Name,
    Place,
    StaffNumber,
    TillNumber,
    Time,
    Uuid,
)
from till.domain.events.registry import EventData, Registry, Shape, Stream, UnreadData, name_of, private_fields
from till.domain.i18n import _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: What the first event of a journal follows.
NO_HASH: Final = "0" * 64
#: By so much each event of one command is later than the one before: so ORDER BY timestamp keeps them, and where a
#: command ended is told from the times alone.
STEP: Final = timedelta(microseconds=1)
#: The till that the database is in its own events.
SERVER: Final = 0


class PrivateText(Struct, frozen=True):
    """Free text with the salt of its digest."""

    salt: str
    text: str

    @property
    def digest(self) -> str:
        """What the chain holds of it."""
        return hashlib.sha256((self.salt + self.text).encode()).hexdigest()


class Hold(NamedTuple):
    """That a till has an order: the epoch that its taking raised, and the id of the event that took it.

    Two tills apart may raise to the same epoch; of the pairs the greater one holds the order. `(0, "")` is no hold.
    """

    epoch: int = 0
    id: str = ""


#: The hold of what belongs to no order.
NO_HOLD: Final = Hold()


class Draft(NamedTuple):
    """An event that a decision asks for, before a journal gives it a place.

    Attributes:
        data: what happened.
        stream_id: of the stream that it belongs to.
        epoch: of a taking, the number of the hold that it takes. Whatever else is done to an order is done under the
            hold that it stands under when it is written.
    """

    data: EventData
    stream_id: str
    epoch: int = 0


class Origin(NamedTuple):
    """Who, where and when: what a journal adds to a draft."""

    journal_id: str
    till: int
    store_id: str
    user: int | None
    login_session: str | None
    shift: str | None
    at: datetime


class _Body(Shape, frozen=True):
    """The envelope as the chain holds it. The fields stand in the order of their names: so it is canonical."""

    at: Time
    data: msgspec.Raw
    harmless: bool
    hold_epoch: Epoch
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


class _Known(Struct, frozen=True):
    """The same, of a body that was held to its shape when this disk took it in: its seal says that it is the same."""

    at: str
    data: msgspec.Raw
    harmless: bool
    hold_epoch: int
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
    """What is read of data that does not read otherwise."""

    digests: Digests = {}


_BY_SERVER: Final = _("only the database writes such a record")
_DECODER: Final = msgspec.json.Decoder(_Body)
_KNOWN: Final = msgspec.json.Decoder(_Known)
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
#: How an envelope is written: its fields are in order, and its data was put in order before.
_WRITER: Final = msgspec.json.Encoder()
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Event(Struct, frozen=True):
    """One sealed event. `at` is the time as its till knew it, in UTC; `hash` is over `body`, its canonical JSON.

    Attributes:
        type: the name of its type, also of one that does not read here.
        v: the version of the type that it was written in.
        data: what happened; `UnreadData` when it does not read here.
        texts: the free text beside it, by field, with the salts.
    """

    id: str
    journal_id: str
    seq: int
    till: int
    store_id: str
    stream_kind: str
    stream_id: str
    hold: Hold
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

    @property
    def session_id(self) -> str | None:
        """The order that it belongs to; None for another stream."""
        return self.stream_id if self.stream_kind == Stream.ORDER else None

    @property
    def is_known(self) -> bool:
        """Whether its data reads here."""
        return not isinstance(self.data, UnreadData)


def data_without_texts(data: EventData) -> EventData:
    """The data of a record as the chain holds it: the free text travels beside it."""
    names = private_fields(type(data))
    return msgspec.structs.replace(data, **dict.fromkeys(names, "")) if names else data


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no spaces, UTF-8 as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256(body: str) -> str:
    """SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


def time_text(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds: `2026-03-03T10:31:00.000000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


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


def seal(
    draft: Draft,
    origin: Origin,
    *,
    event_id: str,
    seq: int,
    prev_hash: str,
    salt: Callable[[], str],
    hold: Hold = NO_HOLD,
) -> Event:
    """Give a draft its place in a chain: its id, its number, the hash that it follows, and its own.

    `hold` is the one that its order stands under; a taking makes its own.

    Raises:
        EventError: it holds what no record may, so it could never be read again; or the database alone may write it.
    """
    kind = type(draft.data)
    if kind.takes:
        hold = Hold(draft.epoch, event_id)
    data, texts = _with_texts(draft.data, salt)
    written = _encode(_ENCODER, data_without_texts(data) if texts else data)
    at = origin.at.astimezone(UTC)
    raw = _Body(
        time_text(at),
        msgspec.Raw(written),
        kind.harmless,
        hold.epoch,
        hold.id or None,
        event_id,
        origin.journal_id,
        origin.login_session,
        prev_hash,
        seq,
        origin.shift,
        origin.store_id,
        draft.stream_id,
        kind.stream.value,
        origin.till,
        name_of(kind),
        origin.user,
        kind.v,
    )
    body = _encode(_WRITER, raw)
    _check(kind, raw, body, written)
    return _event(raw, hold, at, data, hashlib.sha256(body).hexdigest(), body.decode(), texts)


def _with_texts(data: EventData, salt: Callable[[], str]) -> tuple[EventData, dict[str, PrivateText]]:
    """The data with its free text clean and not too long, and the digests of that; and the texts by themselves."""
    names = private_fields(type(data))
    if not names:
        return data, {}
    said = {name: clean(getattr(data, name))[:LONGEST_FREE] for name in names}
    texts = {name: PrivateText(salt(), text) for name, text in said.items() if text}
    digests = {name: text.digest for name, text in texts.items()}
    return msgspec.structs.replace(data, digests=digests, **said), texts


def _encode(encoder: msgspec.json.Encoder, value: Struct) -> bytes:
    try:
        return encoder.encode(value)
    except (msgspec.MsgspecError, UnicodeError, OverflowError, TypeError) as problem:
        raise _unwritable(problem) from problem


def _check(kind: type[EventData], raw: _Body, body: bytes, written: bytes) -> None:
    """Hold what is written to all that what is read is held to."""
    try:
        _DECODER.decode(body)
        _decoder_of(kind).decode(written)
    except (msgspec.MsgspecError, UnicodeError) as problem:
        raise _unwritable(problem) from problem
    _refuse_nul(body)
    if not _has_whole_hold(raw):
        raise _unwritable(_("its hold has no number, or no id"))
    if kind.by_server and raw.till != SERVER:
        raise _unwritable(_BY_SERVER)


def _unwritable(what: object) -> EventError:
    return EventError(_("That cannot be written down: {what}.").format(what=what))


def _refuse_nul(body: bytes) -> None:
    """PostgreSQL holds every character but one."""
    if b"\\u0000" in body and _NUL.search(body):
        raise EventError(_("A record must not hold the character U+0000."))


def _has_whole_hold(raw: _Body | _Known) -> bool:
    """Whether the hold that a record names has a number and an id, or neither."""
    return (raw.hold_epoch == 0) is (raw.hold_id is None)


@lru_cache
def _decoder_of(kind: type[EventData]) -> msgspec.json.Decoder[EventData]:
    return msgspec.json.Decoder(kind)


def _event(
    raw: _Body | _Known,
    hold: Hold,
    at: datetime,
    data: EventData,
    sealed: str,
    body: str,
    texts: Mapping[str, PrivateText],
) -> Event:
    """The event of an envelope, and of what was read in it and beside it."""
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
    )


def reseal(event: Event, *, journal_id: str, seq: int, prev_hash: str) -> Event:
    """The same event, its id, time, people and texts, at another place: of the journal that follows a lost one."""
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

    Data that does not read, whose type is not known here or that its maker may not write is kept as `UnreadData`: the
    envelope is sound.

    Args:
        body: its canonical text.
        sealed: its hash.
        texts: the free texts beside it.
        registry: the types that are known here.
        looked_at: whether the text was found canonical before, when this disk took it in: the half of the work is
            then saved, for what has the same hash is the same text.

    Raises:
        EventError: the text is not that of an event, its hash is not its own, or a text beside it is too long. Texts
            whose digest does not match are dropped: they are not what was said.
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
        data = msgspec.structs.replace(data, **{name: text.text for name, text in kept.items()})
    return _event(raw, Hold(raw.hold_epoch, raw.hold_id or ""), read_time(raw.at), data, sealed, body, kept)


def _unreadable() -> EventError:
    return EventError(_("A record does not read as an event."))


def _read_data(registry: Registry, raw: _Body | _Known) -> EventData:
    """The data of a record; `UnreadData` when it does not read, or is not its maker's to write."""
    try:
        data = registry.decode(raw.type, raw.v, raw.stream_kind, raw.data)
    except EventError as problem:
        return UnreadData(digests=_digests_of(raw.data), why=problem.sentence)
    if data.by_server and raw.till != SERVER:
        return UnreadData(digests=data.digests, why=_BY_SERVER)
    if data.takes and (raw.hold_id != raw.id or raw.hold_epoch == 0):
        return UnreadData(digests=data.digests, why=_("it takes hold of an order and does not name its own hold"))
    return data


def _check_arrival(
    raw: _Body | _Known, data: EventData, body: bytes, texts: Mapping[str, Mapping[str, str]] | None
) -> None:
    """Hold what comes from elsewhere to what a till would have sealed."""
    _refuse_nul(body)
    if not (_has_whole_hold(raw) and _is_canonical(raw, data) and _WRITER.encode(raw) == body):
        raise _unreadable()
    if texts:
        _check_texts(texts)


def _is_canonical(raw: _Body | _Known, data: EventData) -> bool:
    """Whether the data of a record is written as all tills write it: another text of it would have another seal."""
    written = bytes(raw.data)
    if not isinstance(data, UnreadData) and raw.v == type(data).v:
        return _ENCODER.encode(data) == written
    try:
        return canonical(json.loads(written)).encode() == written
    except (ValueError, RecursionError):  # a number beyond all bounds, or half of a character
        return False


def _check_texts(texts: Mapping[str, Any]) -> None:
    """Nobody could have said so much in one record."""
    said = [raw for raw in texts.values() if isinstance(raw, dict)]
    lengths = [(len(str(raw.get("salt", ""))), len(str(raw.get("text", "")))) for raw in said]
    if len(texts) > MOST_TEXTS or any(salt > LONGEST or text > LONGEST_FREE for salt, text in lengths):
        raise EventError(_("A text beside a record is too long, or there are too many."))


def _digests_of(raw: msgspec.Raw) -> dict[str, str]:
    """The digests in data that does not read otherwise."""
    try:
        return msgspec.json.decode(raw, type=_Digests).digests
    except (msgspec.MsgspecError, RecursionError):
        return {}


def _read_texts(data: EventData, texts: Mapping[str, Any]) -> dict[str, PrivateText]:
    """The texts that were said; what another made of them, or what was erased, is dropped."""
    known = data.digests if isinstance(data, UnreadData) else private_fields(type(data))
    kept = {}
    for name in known:
        raw = texts.get(name)
        if isinstance(raw, dict) and "salt" in raw and "text" in raw:
            text = PrivateText(str(raw["salt"]), str(raw["text"]))
            if text.digest == data.digests.get(name):
                kept[name] = text
    return kept


def texts_to_data(event: Event) -> dict[str, dict[str, str]]:
    """The texts beside an event, as they travel."""
    return {name: {"salt": text.salt, "text": text.text} for name, text in event.texts.items()}
