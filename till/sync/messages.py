"""The JSON of docs/protocol.md as this till writes and reads it. What does not fit it counts as damaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Struct

from till.domain.events import fields
from till.domain.events.envelope import Hold, time_text
from till.domain.text import REPLACEMENT
from till.sync.settings import PROTOCOL, Identity

if TYPE_CHECKING:
    from till.domain.events.envelope import Event
    from till.ports import Head, SessionMark
    from till.sync.heartbeat import Beat

#: What fits the journal's and the database's columns.
Whole = Annotated[int, msgspec.Meta(ge=0, le=fields.LARGEST_PLACE)]
# The shapes of what a reply names are those of what an event names.
CurrencyCode = fields.CurrencyCode
Epoch = fields.Epoch
Hash = fields.Hash
StaffNumber = fields.StaffNumber
TillNumber = fields.TillNumber
Uuid = fields.Uuid
T = TypeVar("T")


class DamagedReplyError(Exception):
    """The answer of the database does not read as one."""


class Request(Struct, frozen=True):
    """One push, or a poll when it has no events.

    Attributes:
        events: after the acknowledged head, in chain order.
        encoded: the same events, each already JSON.
        snapshots: each already JSON, by session.
        gone: places of events that were pruned, when the database was set back and asks for them again.
        seq: the end of the chain that the snapshots show.
        more: whether unsent events remain that did not fit.
        deadline: seconds to wait for the answer.
        connect_deadline: seconds to wait for a connection, when there is none.
        epoch: that of the database when what is `known` was learnt; None before it named any.
        beat: the heartbeat of who is logged in, where one is due.
    """

    journal_id: str
    events: tuple[Event, ...]
    encoded: tuple[msgspec.Raw, ...]
    snapshots: dict[str, msgspec.Raw]
    seq: int
    known: tuple[SessionMark, ...]
    reference: dict[str, int]
    more: bool
    deadline: float
    connect_deadline: float
    gone: tuple[Head, ...] = ()
    epoch: int | None = None
    beat: Beat | None = None

    @property
    def sends(self) -> bool:
        """Whether it brings a part of the chain; a poll does not."""
        return bool(self.events or self.gone)

    @property
    def last_seq(self) -> int:
        """The number of the last record that it brings; 0 for a poll."""
        return max((part[-1].seq for part in (self.events, self.gone) if part), default=0)


class HeadState(msgspec.Struct, frozen=True):
    """The end of this journal's chain as the database has it."""

    seq: Whole
    hash: Hash


class SessionState(msgspec.Struct, frozen=True):
    """What the database says of a session."""

    session: Uuid
    version: Whole
    hold_epoch: Epoch
    status: str
    user: StaffNumber
    hold_id: Uuid | None = None
    event: Uuid | None = None
    till: TillNumber | None = None
    refold: bool = False

    @property
    def hold(self) -> Hold:
        """The newest hold that was taken of it."""
        return Hold(self.hold_epoch, self.hold_id or "")


class Arrived(msgspec.Struct, frozen=True):
    """An event as it travels."""

    version: Whole
    b: str
    h: Hash
    session: Uuid
    t: dict[str, dict[str, str]] | None = None


class HeldElsewhere(msgspec.Struct, frozen=True):
    """Another till holds a session that this one follows."""

    session: Uuid
    till: TillNumber
    till_name: str
    user_name: str
    hold_epoch: Epoch
    hold_id: Uuid
    at: str

    @property
    def hold(self) -> Hold:
        """The hold by which it has it."""
        return Hold(self.hold_epoch, self.hold_id)


class Quarantined(msgspec.Struct, frozen=True):
    """A record that the database keeps but could not apply."""

    reason: str
    session: str | None = None
    event: str | None = None


class NewReference(msgspec.Struct, frozen=True):
    """New reference data."""

    version: Whole
    body: dict[str, Any] | list[Any]


class Logins(msgspec.Struct, frozen=True):
    """Who is logged in here as the database knows it, and on which other tills too."""

    user: Whole
    tills: tuple[Whole, ...] = ()


class Reply(msgspec.Struct, frozen=True):
    """The answer to a push. Events stay raw: many of them are read a few at a time, between keys."""

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
    logins: Logins | None = None
    server_time: str = ""
    epoch: Whole | None = None


class Hello(msgspec.Struct, frozen=True):
    """The answer to the first words on a connection."""

    ok: bool
    code: str = ""
    detail: str | None = None
    head: HeadState | None = None
    series: str | None = None
    schema: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """The part that the answers of all reads have in common."""

    ok: bool = True
    code: str = ""
    detail: str | None = None


_NUL: Final = b"\\u0000"
_REPLY: Final = msgspec.json.Decoder(Reply)
_ARRIVED: Final = msgspec.json.Decoder(Arrived)


def encode_request(request: Request, identity: Identity, secret: str) -> str:
    """The request as the database takes it."""
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
            **({"beat": _encode_beat(request.beat, identity)} if request.beat else {}),
        }
    ).decode()


def _encode_beat(beat: Beat, identity: Identity) -> dict[str, Any]:
    told = {
        "pod_name": _plain(identity.host),  # a machine may have any bytes for a name
        "frontend_connections": 1,
        "last_ws_connection": time_text(beat.connected_at) if beat.connected_at else None,
        "connection_quality": beat.quality,
    }
    known = {name: value for name, value in told.items() if value}
    return {"session": beat.who.login, "user": beat.who.user, "metadata": known}


def _encode_chain(request: Request) -> list[Any]:
    if not request.gone:
        return list(request.encoded)
    by_seq: dict[int, Any] = {event.seq: row for event, row in zip(request.events, request.encoded, strict=True)}
    by_seq |= {place.seq: {"seq": place.seq, "h": place.hash, "gone": True} for place in request.gone}
    return [by_seq[seq] for seq in sorted(by_seq)]


def encode_event(event: Event) -> msgspec.Raw:
    """An event as it travels. A text that the database cannot hold stays here: the chain has its digest alone."""
    texts = {name: {"salt": t.salt, "text": t.text} for name, t in event.texts.items() if is_plain(t.text)}
    return msgspec.Raw(msgspec.json.encode({"b": event.body, "h": event.hash, "t": texts}))


def is_carried(body: str) -> bool:
    r"""Whether the database can read a sealed body: PostgreSQL reads no `\u0000`.

    The ledger cleans its texts, so there is none; one that came about all the same can be neither changed (it is
    sealed) nor left out (the chain would break). It travels alone, so that no other event waits for what becomes of it.
    """
    return r"\u0000" not in body and is_plain(body)


def encode_snapshot(body: Mapping[str, Any]) -> msgspec.Raw:
    """A snapshot as it travels. It is no record, so what no JSON of the database can hold is replaced in it."""
    try:
        encoded = msgspec.json.encode(body)
    except UnicodeEncodeError:
        encoded = _NUL
    if _NUL in encoded:
        encoded = msgspec.json.encode(_plain(body))
    return msgspec.Raw(encoded)


def is_plain(text: str) -> bool:
    """Whether PostgreSQL can hold a text: no NUL, no lone surrogate."""
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
    """The one argument of a read."""
    return msgspec.json.encode({"store": identity.store_id, "till": identity.till, "secret": secret, **facts}).decode()


def decode_reply(text: str) -> Reply:
    """Read the answer to a push.

    Raises:
        DamagedReplyError: it does not fit the contract.
    """
    reply = _decode(_REPLY, text)
    if reply.ok and reply.head is None:
        raise DamagedReplyError("no head")
    return reply


def decode_arrived(raw: msgspec.Raw) -> Arrived:
    """Read one event of an answer.

    Raises:
        DamagedReplyError: it does not fit the contract.
    """
    return _decode(_ARRIVED, raw)


def decode_as(text: str, shape: type[T]) -> T:
    """Read the answer to anything else.

    Raises:
        DamagedReplyError: it does not fit the contract.
    """
    return _decode(msgspec.json.Decoder(shape), text)


def _decode(decoder: msgspec.json.Decoder[T], text: str | msgspec.Raw) -> T:
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as problem:
        raise DamagedReplyError(str(problem)) from problem
