"""The JSON of docs/protocol.md. A message that does not fit counts as damaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Struct

from till.domain.advice import plain_text
from till.domain.events import fields
from till.domain.events.envelope import NO_HOLD, time_text
from till.domain.text import REPLACEMENT
from till.sync.settings import PROTOCOL, Identity

if TYPE_CHECKING:
    from till.domain.events.envelope import Event
    from till.ports import Head, SessionMark, Transfer, UnderSeal
    from till.sync.heartbeat import Beat

#: A number that fits the columns of the journal and the database.
Whole = Annotated[int, msgspec.Meta(ge=0, le=fields.LARGEST_PLACE)]
# The fields of a reply have the types of the fields of events.
CurrencyCode = fields.CurrencyCode
Hash = fields.Hash
StaffNumber = fields.StaffNumber
TillNumber = fields.TillNumber
Uuid = fields.Uuid
T = TypeVar("T")


class DamagedReplyError(Exception):
    """A reply of the database that cannot be read."""


class Request(Struct, frozen=True):
    """One push, or a poll if it has no events.

    Attributes:
        journal_id: the journal of the sender.
        events: the events after the acknowledged head, in chain order.
        encoded: the events as JSON.
        snapshots: the snapshots as JSON, by session.
        seq: the end of the chain that the snapshots include.
        known: the marks of the sessions that the till follows or touched.
        reference: the known versions of reference data.
        more: True if unsent events remain that did not fit.
        gone: the places of pruned events, if a restored database lacks them.
        epoch: the database's epoch of `known`; None before the first reply with an epoch.
        beat: the heartbeat of the logged-in user, if one is due.
        handed: the database's own records that it lost in a restore, each with its seal.
        act: the act between orders for the server, after the events.
        settled: the hands of which there is nothing to send to the kitchen; None if this till sends nothing there now.
    """

    journal_id: str
    events: tuple[Event, ...]
    encoded: tuple[msgspec.Raw, ...]
    snapshots: dict[str, msgspec.Raw]
    seq: int
    known: tuple[SessionMark, ...]
    reference: dict[str, int]
    more: bool
    gone: tuple[Head, ...] = ()
    epoch: int | None = None
    beat: Beat | None = None
    handed: tuple[UnderSeal, ...] = ()
    act: Transfer | None = None
    settled: tuple[str, ...] | None = None

    @property
    def sends(self) -> bool:
        """True if the request has a part of the chain; a poll has none."""
        return bool(self.events or self.gone)

    @property
    def last_seq(self) -> int:
        """The number of the last event in the request; 0 for a poll."""
        return max((part[-1].seq for part in (self.events, self.gone) if part), default=0)


class HeadState(msgspec.Struct, frozen=True):
    """The end of this journal's chain in the database."""

    seq: Whole
    hash: Hash


class SessionState(msgspec.Struct, frozen=True):
    """The state of a session in the database.

    Attributes:
        since: the version after which the reply has its events; 0 for all events, None for none.
        more: True if further events come next; `version` and `event` are then those of the last event in the reply.
    """

    session: Uuid
    version: Whole
    status: str
    user: StaffNumber
    hold_id: Uuid | None = None
    event: Uuid | None = None
    till: TillNumber | None = None
    holder: TillNumber | None = None
    refold: bool = False
    since: Whole | None = None
    more: bool = False

    @property
    def hold(self) -> str:
        """The event of the newest hold."""
        return self.hold_id or NO_HOLD


class Arrived(msgspec.Struct, frozen=True):
    """An event on the wire."""

    version: Whole
    b: str
    h: Hash
    session: Uuid
    t: dict[str, dict[str, str]] | None = None
    m: Hash | None = None


class HeldElsewhere(msgspec.Struct, frozen=True):
    """Another till holds a session that this one follows."""

    session: Uuid
    till: TillNumber
    till_name: str
    user_name: str
    hold_id: Uuid
    at: str


class Quarantined(msgspec.Struct, frozen=True):
    """A record that the database stored but could not apply."""

    reason: str
    session: str | None = None
    event: str | None = None


class NewReference(msgspec.Struct, frozen=True):
    """New reference data."""

    version: Whole
    body: dict[str, Any] | list[Any]


class Logins(msgspec.Struct, frozen=True):
    """The user logged in here, according to the database, and the user's other tills."""

    user: Whole
    tills: tuple[Whole, ...] = ()


class ActAnswer(msgspec.Struct, frozen=True):
    """The server's answer to an act; `why` is the reason of a refusal."""

    taken: bool
    why: str | None = None


class Reply(msgspec.Struct, frozen=True):
    """The answer to a push. Events stay raw, so that many can be read a few at a time, between keys.

    With `more`, the next reply has further events. `tell` has the hints that the till sends to the others. `lacks` are
    the number of records that the tax authority lacks, and the seconds that the oldest waits; None if it was not read.
    """

    ok: bool
    code: str = ""
    detail: str | None = None
    head: HeadState | None = None
    series: str | None = None
    sessions: tuple[SessionState, ...] = ()
    events: tuple[msgspec.Raw, ...] = ()
    taken: tuple[HeldElsewhere, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    refunds: tuple[msgspec.Raw, ...] = ()
    reference: dict[str, NewReference] = {}
    conflicts: Whole = 0
    records: Whole = 0
    lacks: tuple[Whole, Whole] | None = None
    logins: Logins | None = None
    tell: tuple[str, ...] = ()
    act: ActAnswer | None = None
    server_time: str = ""
    epoch: Whole | None = None
    more: bool = False


class Hello(msgspec.Struct, frozen=True):
    """The answer to the first statement on a connection."""

    ok: bool
    code: str = ""
    detail: str | None = None
    head: HeadState | None = None
    series: str | None = None
    schema: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """The common part of the answers of all reads."""

    ok: bool = True
    code: str = ""
    detail: str | None = None


_NUL: Final = b"\\u0000"
_REPLY: Final = msgspec.json.Decoder(Reply)
_ARRIVED: Final = msgspec.json.Decoder(Arrived)


def encode_request(request: Request, identity: Identity, secret: str) -> str:
    """Return the request as JSON."""
    return msgspec.json.encode(
        {
            "protocol": PROTOCOL,
            "store": identity.store_id,
            "till": identity.till,
            "secret": secret,
            "journal": request.journal_id,
            "schema": identity.schema,
            "events": _encode_chain(request),
            "snapshots": list(request.snapshots.values()),
            "seq": request.seq,
            "known": [{"session": m.session_id, "version": m.version, "event": m.event} for m in request.known],
            "epoch": request.epoch,
            "reference": request.reference,
            "tells": True,
            "sends": request.settled,
            **({"schemes": identity.schemes} if identity.schemes else {}),
            **({"handed": [_encode_handed(one) for one in request.handed]} if request.handed else {}),
            **({"act": _encode_act(request.act)} if request.act else {}),
            **({"beat": _encode_beat(request.beat, identity)} if request.beat else {}),
        }
    ).decode()


def _encode_beat(beat: Beat, identity: Identity) -> dict[str, Any]:
    metadata = {
        "pod_name": _plain(identity.host),  # the name of a machine may be any bytes
        "frontend_connections": 1,
        "last_ws_connection": time_text(beat.connected_at) if beat.connected_at else None,
        "connection_quality": beat.quality,
    }
    known = {name: value for name, value in metadata.items() if value}
    return {"session": beat.who.login, "user": beat.who.user, "metadata": known}


def _encode_act(act: Transfer) -> dict[str, Any]:
    return {
        "events": [{"b": event.body, "t": _texts_of(event)} for event in act.events],
        "versions": act.versions,
        "seq": act.seq,
        "snapshots": {session_id: encode_snapshot(shown) for session_id, shown in act.snapshots.items()},
    }


def _encode_handed(lost: UnderSeal) -> dict[str, Any]:
    return {"session": lost.event.stream_id, "b": lost.event.body, "m": lost.seal, "t": _texts_of(lost.event)}


def _encode_chain(request: Request) -> list[Any]:
    if not request.gone:
        return list(request.encoded)
    by_seq: dict[int, Any] = {event.seq: row for event, row in zip(request.events, request.encoded, strict=True)}
    by_seq |= {place.seq: {"seq": place.seq, "h": place.hash, "gone": True} for place in request.gone}
    return [by_seq[seq] for seq in sorted(by_seq)]


def encode_event(event: Event) -> msgspec.Raw:
    """Return an event as JSON.

    A text that the database cannot store is not sent: the chain contains only its digest.
    """
    return msgspec.Raw(msgspec.json.encode({"b": event.body, "h": event.hash, "t": _texts_of(event)}))


def _texts_of(event: Event) -> dict[str, dict[str, str]]:
    return {name: {"salt": t.salt, "text": t.text} for name, t in event.texts.items() if is_plain(t.text)}


def is_carried(body: str) -> bool:
    r"""True if the database can read a sealed body: PostgreSQL does not accept `\u0000`.

    The ledger cleans its texts, so no body should contain one. If one does, it can neither be changed, because it is
    sealed, nor be left out, because the chain would break. It is sent alone, so that no other event waits for it.
    """
    return r"\u0000" not in body and is_plain(body)


def encode_snapshot(body: Mapping[str, Any]) -> msgspec.Raw:
    """Return a snapshot as JSON. It is not sealed, so characters that PostgreSQL cannot store are replaced."""
    try:
        encoded = msgspec.json.encode(body)
    except UnicodeEncodeError:
        encoded = _NUL
    if _NUL in encoded:
        encoded = msgspec.json.encode(_plain(body))
    return msgspec.Raw(encoded)


def is_plain(text: str) -> bool:
    """True if PostgreSQL can store a text: no NUL, no lone surrogate."""
    return (text.isascii() and "\0" not in text) or bool(_plain(text) == text)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", REPLACEMENT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_plain(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def encode_read(identity: Identity, secret: str, **facts: object) -> str:
    """Return the argument of a read."""
    asked = {"store": identity.store_id, "till": identity.till, "secret": secret, **facts}
    return msgspec.json.encode(asked, enc_hook=plain_text).decode()


def decode_reply(text: str) -> Reply:
    """Read the answer to a push."""
    reply = _decode(_REPLY, text)
    if reply.ok and reply.head is None:
        raise DamagedReplyError("no head")
    return reply


def decode_arrived(raw: msgspec.Raw) -> Arrived:
    """Read one event of an answer."""
    return _decode(_ARRIVED, raw)


def decode_as(text: str, shape: type[T]) -> T:
    """Read the answer to another statement.

    Raises:
        DamagedReplyError: the answer does not fit the contract.
    """
    return _decode(msgspec.json.Decoder(shape), text)


def _decode(decoder: msgspec.json.Decoder[T], text: str | msgspec.Raw) -> T:
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as problem:
        raise DamagedReplyError(str(problem)) from problem
