"""Failures of a push, and their sentences."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from db.schema import compare
from till.domain.advice import Advice, advice_of, lasting
from till.domain.i18n import N_, _


class FailureKind(StrEnum):
    """The kind of a failure, by how it is handled."""

    UNREACHABLE = "unreachable"
    """No connection, or it broke: try again."""
    DEADLINE = "deadline"
    """No answer in time: try again with less, or wait longer."""
    BUSY = "busy"
    """The database reports a temporary condition: try again."""
    DAMAGED = "damaged"
    """The answer is unreadable: try again."""
    REJECTED = "rejected"
    """The statement failed on its content: find the event by halving, then ask for a person."""
    FATAL = "fatal"
    """Retrying alone does not help: ask for a person, and try again slowly."""


class Failure(Struct, frozen=True):
    """A failure to get an answer.

    Attributes:
        detail: the text for the log; for `FATAL`, the sentence on the screen.
        connecting: True if it happened before anything was sent.
        missing: True if the database lacks the called function.
        unprepared: True if the statement works without preparing.
        why: a sentence why the database is offline, if the kind alone does not tell.
        soon: True for a fatal failure that may be fixed at once: it is retried like a temporary one.
    """

    kind: FailureKind
    detail: str = ""
    connecting: bool = False
    missing: bool = False
    unprepared: bool = False
    why: Advice = Advice()
    soon: bool = False


class SyncTrouble(Struct, frozen=True):
    """A trouble that needs a person: a stable code for programs, and a sentence."""

    code: str
    sentence: Advice


#: The remedy for a database that refuses the role of tills.
REFUSED_REMEDY: Final = N_("Keep selling; `till db check` tells why.")
_TEMPORARY_CLASSES: Final = ("53", "57P", "08")
# Temporary too: a lock timeout, and a server that became a standby.
_TEMPORARY: Final = frozenset({"40001", "40P01", "55P03", "25006", "57014"})
_DISK_FULL: Final = "53100"
#: Parts of the errors of a session whose functions, or whose server's files, were replaced under it. Never translated.
_REPLACED: Final = ("cache lookup failed", "undefined symbol")
# A pooler sent the statement to a server that never prepared it, or prepared another statement under its name.
_UNPREPARED: Final = frozenset({"26000", "42P05"})
_NO_SUCH_SCHEMA: Final = frozenset({"3F000", "42883"})


def of_sqlstate(sqlstate: str | None, detail: str, *, inside: bool = False) -> Failure:
    """Return the failure of an SQLSTATE; None means a broken connection.

    Args:
        sqlstate: five characters, or None.
        detail: for the log.
        inside: True if the error is from inside a function of the database, so that the called function exists.
    """
    if sqlstate is None or sqlstate.startswith("57P"):
        return Failure(FailureKind.UNREACHABLE, detail)
    if sqlstate in _UNPREPARED:
        return Failure(FailureKind.BUSY, detail, unprepared=True)
    if sqlstate in _TEMPORARY or sqlstate.startswith(_TEMPORARY_CLASSES) or was_replaced(detail):
        why = Advice()
        if sqlstate == _DISK_FULL:
            why = advice_of(N_("The server's disk is full."), N_("Free some space; keep selling."))
        elif was_replaced(detail):
            why = advice_of(N_("The database was upgraded under this till."), N_("Keep selling; see `till doctor`."))
        return Failure(FailureKind.BUSY, detail, why=why)
    if sqlstate in _NO_SUCH_SCHEMA and not inside:
        return Failure(FailureKind.FATAL, schema_sentence(None, ""), missing=True)
    if (sqlstate == "42501" and not inside) or sqlstate.startswith("28"):
        return Failure(FailureKind.FATAL, advice_of(N_("The database refuses this till's role."), REFUSED_REMEDY))
    return Failure(FailureKind.REJECTED, f"{sqlstate} {detail}")


def was_replaced(detail: str) -> bool:
    """Return True if an error says that the functions or the files of the database were replaced under a session.

    An upgrade that ends in the middle of a call makes one; the next call succeeds.
    """
    return any(words in detail for words in _REPLACED)


@lasting
def away_sentence(failure: Failure) -> str:
    """Return a sentence why the database is offline, for the screen."""
    if failure.why:
        return failure.why.again()
    match failure.kind:
        case FailureKind.DEADLINE if failure.connecting:
            return _("The server did not accept a connection in time.")
        case FailureKind.DEADLINE:
            return _("The server does not answer in time.")
        case FailureKind.BUSY:
            detail = failure.detail.partition("\n")[0]  # PostgreSQL's hints are only for its own log
            return _("The server is busy ({detail}).").format(detail=detail[:80])
        case FailureKind.DAMAGED:
            return _("The server's answer cannot be read.")
        case _:
            return _("The connection to the server broke.")


@lasting
def schema_sentence(theirs: str | None, ours: str) -> Advice:
    """Return a sentence on the side to upgrade, by revisions; `theirs` is None for a database without one.

    If the revisions are equal, the database lacks an object that an upgrade restores.
    """
    match compare(theirs, ours):
        case "too_old":
            remedy = _("It is from before the first release: keep it, and start a new one; keep selling.")
        case "ahead":
            return Advice(_("The server is newer than this till."), _("Upgrade this till; keep selling."))
        case _:
            remedy = _("Run `till db upgrade`; keep selling.")
    return Advice(_("The server is older than this till."), remedy)


@lasting
def rejected_sentence(detail: str, events: int) -> Advice:
    """Return the sentence for an event, or a poll, that the database cannot accept."""
    lead, rest = _("1 record needs attention."), _("The server cannot accept it ({detail}).")
    if not events:
        lead = _("The server cannot answer this till.")
        rest = _("Keep selling; `till db check` has details ({detail}).")
    return Advice(lead, rest.format(detail=detail[:80]))


@lasting
def unread_sentence() -> Advice:
    """Return the sentence for an unreadable answer while the network works."""
    return Advice(_("The server's answer is unreadable."), _("Upgrade, or ask for help."))


def refusal(code: str, detail: str, till: int, *, of_question: bool = False) -> SyncTrouble:
    """Return the trouble for a refusal of docs/protocol.md.

    Each sentence fits into the two rows of a login screen, and its first part into an answer line; the remedy comes
    last.

    Args:
        code: the refusal.
        detail: the database's explanation.
        till: this till's number.
        of_question: True for a request of the register: a refusal that is not about the till is then about the request.
    """
    return SyncTrouble(code, _refusal(code, detail, till, of_question=of_question))


@lasting
def _refusal(code: str, detail: str, till: int, *, of_question: bool) -> Advice:
    moved = _("Another machine is till {number} now.")
    sentences = {
        "wrong_secret": (
            _("The server refuses this till's secret."),
            _(
                "If another machine is till {number} now: `till admin tills add`, else with `{number} --replace`; "
                "then `till enrol` here."
            ),
        ),
        "wrong_store": (_("The server belongs to another venue."), _("Check this till's configuration.")),
        "till_revoked": (
            _("This till was revoked; keep selling."),
            _("A manager runs `till admin tills add {number}`, then `till enrol` here."),
        ),
        "journal_retired": (
            moved,
            _(
                "All lines keyed here are saved; a manager gives this one a number: `till admin tills add`, then "
                "`till enrol` here."
            ),
        ),
        "journal_not_live": (
            _("Till {number} has sold with another journal."),
            _(
                "A manager runs `till admin tills adopt {number}` if this is its new machine, else `till admin tills "
                "add`."
            ),
        ),
        "chain_diverged": (
            _("This till's journal is an older copy."),
            _("Close the till and open it again; then a manager runs `till admin tills adopt {number}`."),
        ),
        "protocol": (
            _("The server does not understand this till."),
            _("Upgrade the older of the two. {detail}"),
        ),
    }
    if of_question:  # only a push shows that nothing is left to send
        gives = _("A manager gives this one a number: `till admin tills add`, then `till enrol` here.")
        sentences["journal_retired"] = (moved, gives)
    unknown = ("{detail}", "") if of_question else (_("The server refused this till."), "{detail}")
    facts = {"detail": (detail or code)[:120], "number": till}
    return Advice(*(one.format(**facts).strip() for one in sentences.get(code, unknown)))
