"""The envelope of an event, and the seal that chains it to the one before (design §4).

An event is sealed once, in one journal: its canonical JSON is chained by SHA-256 to the one before it. Free text that
may name a person travels beside the event; the chain holds its salted digest alone, so erasing it breaks nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from till.domain.errors import EventError
from till.domain.events.fields import (
    LONGEST_FREE,
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
#: The till that the database is in its own events.
SERVER: Final = 0


@dataclass(frozen=True, slots=True)
class PrivateText:
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

    digests: dict[str, Hash] = {}


_DECODER: Final = msgspec.json.Decoder(_Body)
_KNOWN: Final = msgspec.json.Decoder(_Known)
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
#: How an envelope is written: its fields are in order, and its data was put in order before.
_WRITER: Final = msgspec.json.Encoder()
_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class Event(Struct, frozen=True):
    """One sealed event. `at` is the till's clock in UTC; `hash` is over `body`, its canonical JSON.

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
        EventError: it holds what no record may, so it could never be read again.
    """
    kind = type(draft.data)
    texts = {
        name: PrivateText(salt(), said)
        for name in private_fields(kind)
        if (said := clean(getattr(draft.data, name))[:LONGEST_FREE])
    }
    data = draft.data
    if private_fields(kind):
        kept = {name: texts[name].text if name in texts else "" for name in private_fields(kind)}
        data = msgspec.structs.replace(data, digests={name: text.digest for name, text in texts.items()}, **kept)
    hold = Hold(draft.epoch, event_id) if kind.takes else hold
    written = _encode(_ENCODER, data if not texts else data_without_texts(data))
    at = origin.at.astimezone(UTC)
    body = _encode(
        _WRITER,
        _Body(
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
            str(kind.stream),
            origin.till,
            name_of(kind),
            origin.user,
            kind.v,
        ),
    ).decode()
    _check(kind, body, written)
    return Event(
        event_id,
        origin.journal_id,
        seq,
        origin.till,
        origin.store_id,
        str(kind.stream),
        draft.stream_id,
        hold,
        origin.user,
        origin.login_session,
        origin.shift,
        name_of(kind),
        kind.v,
        kind.harmless,
        at,
        data,
        prev_hash,
        sha256(body),
        body,
        texts,
    )


def _encode(encoder: msgspec.json.Encoder, value: Struct) -> bytes:
    try:
        return encoder.encode(value)
    except (msgspec.MsgspecError, UnicodeError, OverflowError, TypeError) as problem:
        raise EventError(_("That cannot be written down: {what}.").format(what=problem)) from problem


def _check(kind: type[EventData], body: str, written: bytes) -> None:
    """Hold what is written to the table of shapes that what is read is held to."""
    try:
        _DECODER.decode(body)
        _decoder_of(kind).decode(written)
        _refuse_nul(body)
    except (msgspec.MsgspecError, UnicodeError) as problem:
        raise EventError(_("That cannot be written down: {what}.").format(what=problem)) from problem


def _refuse_nul(body: str) -> None:
    """PostgreSQL holds every character but one."""
    if "\\u0000" in body and _NUL.search(body):
        raise EventError(_("A record must not hold the character U+0000."))


@lru_cache
def _decoder_of(kind: type[EventData]) -> msgspec.json.Decoder[EventData]:
    return msgspec.json.Decoder(kind)


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

    Data that does not read, or whose type is not known here, is kept as `UnreadData`: the envelope is sound.

    Args:
        body: its canonical text.
        sealed: its hash.
        texts: the free texts beside it.
        registry: the types that are known here.
        looked_at: whether the text was found canonical before, when this disk took it in: the half of the work is
            then saved, for what has the same hash is the same text.

    Raises:
        EventError: the text is not that of an event, or its hash is not its own. Texts whose digest
            does not match are dropped: they are not what was said.
    """
    try:
        if sha256(body) != sealed:
            raise EventError(_("A record does not match its seal."))
        raw: _Body | _Known
        if looked_at:
            raw = _KNOWN.decode(body)
        else:
            _refuse_nul(body)
            raw = _DECODER.decode(body)
        at = read_time(raw.at)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as problem:
        raise EventError(_("A record does not read as an event.")) from problem
    written = bytes(raw.data)
    data: EventData
    try:
        data = registry.decode(raw.type, raw.v, raw.stream_kind, written)
    except EventError as problem:
        data = UnreadData(digests=_digests_of(written), why=problem.sentence)
    if not looked_at and not (_is_canonical(raw, data, written) and _WRITER.encode(raw).decode() == body):
        raise EventError(_("A record does not read as an event."))
    kept = _read_texts(data, texts or {})
    if kept and not isinstance(data, UnreadData):
        data = msgspec.structs.replace(data, **{name: text.text for name, text in kept.items()})
    return Event(
        raw.id,
        raw.journal_id,
        raw.seq,
        raw.till,
        raw.store_id,
        raw.stream_kind,
        raw.stream_id,
        Hold(raw.hold_epoch, raw.hold_id or ""),
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
        kept,
    )


def _is_canonical(raw: _Body | _Known, data: EventData, written: bytes) -> bool:
    """Whether the data of a record is written as all tills write it: another text of it would have another seal."""
    if not isinstance(data, UnreadData) and raw.v == type(data).v:
        return _ENCODER.encode(data) == written
    try:
        return canonical(json.loads(written)).encode() == written
    except (ValueError, RecursionError):  # a number beyond all bounds, or half of a character
        return False


def _digests_of(raw: bytes) -> dict[str, str]:
    """The digests in data that does not read otherwise."""
    try:
        return msgspec.json.decode(raw, type=_Digests).digests
    except (msgspec.MsgspecError, RecursionError):
        return {}


def _read_texts(data: EventData, texts: Mapping[str, Any]) -> dict[str, PrivateText]:
    """The texts that were said; what another made of them, or what was erased, is dropped."""
    if not texts or not data.digests:
        return {}
    pairs = ((name, raw) for name, raw in texts.items() if isinstance(raw, dict) and {"salt", "text"} <= raw.keys())
    found = {name: PrivateText(str(raw["salt"]), str(raw["text"])) for name, raw in pairs}
    known = data.digests if isinstance(data, UnreadData) else private_fields(type(data))
    return {name: text for name, text in found.items() if name in known and data.digests.get(name) == text.digest}


def texts_to_data(event: Event) -> dict[str, dict[str, str]]:
    """The texts beside an event, as they travel."""
    return {name: {"salt": text.salt, "text": text.text} for name, text in event.texts.items()}
