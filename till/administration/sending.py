"""The state of the sending of fiscal records, as sentences for commands, `till doctor` and the desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, convert

from till.domain.i18n import _, ngettext
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The silence from which a sender is missed, and the wait of a record from which it is late.
SILENT: Final = timedelta(minutes=10)
_LATE: Final = timedelta(hours=1)
#: The time before the end of a certificate from which it is named.
_ENDS_SOON: Final = timedelta(days=30)
#: The most numbers in a sentence; `till fiscal status --json` has more.
_NAMED: Final = 3


class NamedRecord(Struct, frozen=True):
    """A record, or a refund without one, that is named by its number."""

    number: str
    till: int
    at: datetime


class RecordTrouble(NamedRecord, frozen=True):
    """A record that the authority refused or took with errors."""

    kind: str
    state: str
    code: str
    words: str


class UnmadeRecord(NamedRecord, frozen=True):
    """An invoice for which the law has no record, and why."""

    why: str


class SendingState(Struct, frozen=True, kw_only=True):
    """The state of the sending: `till.fiscal_status_v1`.

    `held` are invoices of revoked tills that were in no request, `unmade` are invoices that the sender could not stamp,
    `holes` records whose predecessor no journal has any more, `declined` refunds that have a number and no record, and
    `unsure` records whose clock was not sure.
    """

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
    unmade: tuple[UnmadeRecord, ...] = ()
    holes: tuple[NamedRecord, ...] = ()
    declined: tuple[NamedRecord, ...] = ()
    unsure: tuple[NamedRecord, ...] = ()
    unheard: tuple[int, ...] = ()
    held: tuple[NamedRecord, ...] = ()


class SendingNotice(Struct, frozen=True):
    """A sentence on the sending. `remedy` is empty for what is well."""

    sentence: str
    remedy: str = ""


def sending_state(body: Any) -> SendingState:
    """Return the state in an answer of the database."""
    return convert(body, SendingState)


def describe_sending(one: SendingState, now: datetime, when: Callable[[datetime], str]) -> Iterator[SendingNotice]:
    """Yield the sentences on the sending of a venue with a law that sends; `when` writes a time."""
    start = _("Start `till fiscal send` (till-fiscal.service) on the machine with the certificate.")
    if one.unheard:
        sentence = ngettext(
            "Till {numbers} was not heard since the law was set: it stamps nothing that it sells.",
            "Tills {numbers} were not heard since the law was set: they stamp nothing that they sell.",
            len(one.unheard),
        )
        remedy = _("Let it reach the server before its next sale. One that is gone: `till admin tills revoke {n}`.")
        yield SendingNotice(sentence.format(numbers=", ".join(map(str, one.unheard))), remedy.format(n=one.unheard[0]))
    if one.waiting and one.since is not None:
        words = ngettext(
            "{n} record waits to be sent, since {at}.", "{n} records wait to be sent, since {at}.", one.waiting
        )
        is_late = now - one.since > _LATE
        yield SendingNotice(words.format(n=one.waiting, at=when(one.since)), start if is_late else "")
    if not one.sender:
        yield SendingNotice(
            _("The venue has no sender of its records."),
            _("`till admin settings set fiscal_sender 95`, `till admin tills add 95 --here`, then `till fiscal send`."),
        )
    elif one.heard_at is None or now - one.heard_at > SILENT:
        at = when(one.heard_at) if one.heard_at is not None else _("never")
        yield SendingNotice(_("The sender of records was last heard: {at}.").format(at=at), start)
    if one.trouble and one.trouble_since is not None:
        sentence = _("The tax authority took nothing since {at}: {words}.")
        words = clean(one.trouble).rstrip(".")
        yield SendingNotice(
            sentence.format(at=when(one.trouble_since), words=words),
            _("It is tried again by itself. If it stays: `till help invoice records`."),
        )
    yield from describe_end(one.certificate_ends, now, when)
    if (work := one.work - len(one.unmade)) > 0:
        words = ngettext(
            "{n} invoice has no record: the sender makes it.",
            "{n} invoices have no record: the sender makes them.",
            work,
        )
        yield SendingNotice(words.format(n=work))
    yield from _describe_numbers(one)


def _describe_numbers(one: SendingState) -> Iterator[SendingNotice]:
    """Yield the sentences on records that are named by their numbers."""
    if one.held:
        yield describe_held(one.held)
    if one.unmade:
        n, why = len(one.unmade), clean(one.unmade[-1].why)
        words = ngettext("{n} invoice can have no record: {numbers}.", "{n} invoices can have no record: {numbers}.", n)
        yield _numbered(one.unmade, words, _("Refund it, and sell it again so that it can: {why}").format(why=why))
    if n := len(one.troubles):
        words = ngettext("{n} record was refused or has errors.", "{n} records were refused or have errors.", n)
        remedy = _("`till fiscal status` says why, and `till admin invoices correct` corrects it.")
        yield _numbered(one.troubles, words, remedy)
    if n := len(one.holes):  # from here on nothing is to be done
        words = ngettext("{n} record was sent after a gap in its chain.", "{n} records were sent after a gap.", n)
        yield _numbered(one.holes, words)
    if n := len(one.declined):
        words = ngettext(
            "{n} declined refund has a number and no record: {numbers}.",
            "{n} declined refunds have numbers and no records: {numbers}.",
            n,
        )
        yield _numbered(one.declined, words)
    if n := len(one.unsure):
        words = ngettext(
            "{n} record has the time of a clock that was not sure: {numbers}.",
            "{n} records have the time of a clock that was not sure: {numbers}.",
            n,
        )
        yield _numbered(one.unsure, words)


def describe_held(held: tuple[NamedRecord, ...]) -> SendingNotice:
    """Return the sentence on invoices of revoked tills that wait for a manager."""
    words = ngettext(
        "{n} invoice of a revoked till was in no request: {numbers}.",
        "{n} invoices of a revoked till were in no request: {numbers}.",
        len(held),
    )
    remedy = _(
        "Of each: `till admin invoices send {number}` if it is right, `till admin invoices annul {number}` if not."
    )
    return _numbered(held, words, remedy.format(number=held[-1].number))


def _numbered(named: tuple[NamedRecord, ...], words: str, remedy: str = "") -> SendingNotice:
    """Return the sentence on some records, with the newest numbers, the newest last."""
    numbers = ("… " if len(named) > _NAMED else "") + ", ".join(one.number for one in named[-_NAMED:])
    return SendingNotice(words.format(n=len(named), numbers=numbers), remedy)


def describe_end(ends: datetime | None, now: datetime, when: Callable[[datetime], str]) -> Iterator[SendingNotice]:
    """Yield the sentence on a certificate that ends soon, or has ended."""
    if ends is not None and ends - now < _ENDS_SOON:
        sentence = (
            _("The certificate for the tax authority ended {at}.")
            if ends <= now
            else _("The certificate for the tax authority ends {at}.")
        )
        remedy = _("Put a new one under [fiscal], and start the sender again.")
        yield SendingNotice(sentence.format(at=when(ends)), remedy)
