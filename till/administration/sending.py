"""The state of the sending of fiscal records, as sentences for commands, `till doctor` and the desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, convert

from till.domain.i18n import _, ngettext
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from till.administration.calls import AtServer

#: The silence from which a sender is missed, and the wait of a record from which it is late.
_SILENT: Final = timedelta(minutes=10)
_LATE: Final = timedelta(hours=1)
#: The time before the end of a certificate from which it is named.
_ENDS_SOON: Final = timedelta(days=30)


class RecordTrouble(Struct, frozen=True):
    """A record that the authority refused or took with errors."""

    number: str
    kind: str
    till: int
    at: datetime
    state: str
    code: str
    words: str


class RecordHole(Struct, frozen=True):
    """A record whose predecessor no journal has any more."""

    number: str
    till: int
    at: datetime


class SendingState(Struct, frozen=True, kw_only=True):
    """The state of the sending: `till.fiscal_status_v1`."""

    scheme: str
    sender: int
    heard_at: datetime | None
    sent_at: datetime | None
    trouble: str
    trouble_since: datetime | None
    certificate_ends: datetime | None
    waiting: int
    since: datetime | None
    accepted: int
    work: int
    troubles: tuple[RecordTrouble, ...] = ()
    holes: tuple[RecordHole, ...] = ()


class SendingNotice(Struct, frozen=True):
    """A sentence on the sending. `remedy` is empty for what is well."""

    sentence: str
    remedy: str = ""


def read_sending(at: AtServer) -> SendingState:
    """Return the state of the sending of a venue."""
    return sending_state(at.ask("fiscal_status_v1"))


def sending_state(body: Any) -> SendingState:
    """Return the state in an answer of the database."""
    return convert(body, SendingState)


def describe_sending(one: SendingState, now: datetime, when: Callable[[datetime], str]) -> Iterator[SendingNotice]:
    """Yield the sentences on the sending of a venue with a law that sends; `when` writes a time."""
    start = _("Start `till fiscal send` (till-fiscal.service) on the machine with the certificate.")
    if one.waiting and one.since is not None:
        words = ngettext(
            "{n} record waits to be sent, since {at}.", "{n} records wait to be sent, since {at}.", one.waiting
        )
        is_late = now - one.since > _LATE
        yield SendingNotice(words.format(n=one.waiting, at=when(one.since)), start if is_late else "")
    if not one.sender:
        yield SendingNotice(
            _("The venue has no sender of its records."),
            _("`till admin tills add 95 --here`, `till admin settings set fiscal_sender 95`, then `till fiscal send`."),
        )
    elif one.heard_at is None or now - one.heard_at > _SILENT:
        at = when(one.heard_at) if one.heard_at is not None else _("never")
        yield SendingNotice(_("The sender of records was last heard: {at}.").format(at=at), start)
    if one.trouble and one.trouble_since is not None:
        sentence = _("The tax authority took nothing since {at}: {words}.")
        words = clean(one.trouble).rstrip(".")
        yield SendingNotice(
            sentence.format(at=when(one.trouble_since), words=words),
            _("It is tried again by itself. If it stays: `till help invoice records`."),
        )
    if one.certificate_ends is not None and one.certificate_ends - now < _ENDS_SOON:
        ends = _("The certificate for the tax authority ends {at}.")
        ended = _("The certificate for the tax authority ended {at}.")
        sentence = ended if one.certificate_ends <= now else ends
        remedy = _("Put a new one under [fiscal], and start the sender again.")
        yield SendingNotice(sentence.format(at=when(one.certificate_ends)), remedy)
    if one.work:
        words = ngettext(
            "{n} invoice has no record: the sender makes it.",
            "{n} invoices have no record: the sender makes them.",
            one.work,
        )
        yield SendingNotice(words.format(n=one.work))
    if one.troubles:
        n = len(one.troubles)
        words = ngettext("{n} record was refused or has errors.", "{n} records were refused or have errors.", n)
        remedy = _("`till fiscal status` says why, and `till admin invoices correct` corrects it.")
        yield SendingNotice(words.format(n=n), remedy)
    if one.holes:
        n = len(one.holes)
        words = ngettext("{n} record was sent after a gap in its chain.", "{n} records were sent after a gap.", n)
        yield SendingNotice(words.format(n=n))
