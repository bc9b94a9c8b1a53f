"""The findings of `till recover`, printed for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from till.cli.output import note, print_json, say
from till.cli.sessions import print_sessions, tabs_now
from till.domain.i18n import _, ngettext
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.venue import NOWHERE

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.domain.payment.unanswered import Unanswered
    from till.domain.venue import Venue
    from till.reports.conflicts import ConflictEntry, WaitingCount
    from till.reports.quarantine import QuarantinedRecord
    from till.wiring.recover import JournalFound


@dataclass(frozen=True, slots=True)
class WaitingMatters:
    """The matters that wait for a manager.

    Attributes:
        records: the first quarantined records.
        conflicts: the first conflicts.
        waiting: the number of records and conflicts of each till.
        unanswered: the payments and refunds without an answer.
    """

    records: list[QuarantinedRecord] = field(default_factory=list)
    conflicts: list[ConflictEntry] = field(default_factory=list)
    waiting: list[WaitingCount] = field(default_factory=list)
    unanswered: list[Unanswered] = field(default_factory=list)


def print_findings(
    admin: AtServer | None,
    rows: list[dict[str, Any]],
    journals: list[JournalFound],
    attention: WaitingMatters,
    *,
    settled: bool,
    saved: int,
    as_json: bool,
) -> None:
    """Print the orders, the work done on each journal, everything that waits, and the commands that settle it.

    Args:
        admin: the database; None if it cannot be reached.
        rows: the orders, in the shape of the sessions list.
        journals: the journals of this machine.
        attention: the matters that wait for a manager.
        settled: True if the one order was settled just now.
        saved: the number of orders saved to a table or a tab, which are not listed.
        as_json: print one object and nothing else.
    """
    known = (journal.venue for journal in journals if journal.venue != NOWHERE)
    venue = admin.venue() if admin is not None else next(known, NOWHERE)
    unanswered = _unanswered(attention, journals, asked=admin is not None)
    if as_json:
        found = [journal.to_json() for journal in journals]
        waiting = {"quarantine": attention.records, "conflicts": attention.conflicts}
        waiting |= {"unanswered": [msgspec.to_builtins(one) for one in unanswered]}
        print_json({"sessions": rows, "next": None, "journals": found, "database_asked": admin is not None, **waiting})
        return
    if rows:
        print_sessions(rows, venue, tabs_now(admin) if admin is not None else None)
        if not settled and admin is not None:
            _print_next_steps(admin, rows)
    elif not all(journal.is_readable for journal in journals):
        say(_("Nothing is open in the journals that could be read."))
    elif admin is None:
        say(_("Nothing is open in the journals of this machine."))
    else:
        say(_("Nothing else is open.") if saved else _("Nothing is open."))
    if saved and not settled:
        sentence = ngettext(
            "{n} order is saved to a table or a tab: F8 on any till.",
            "{n} orders are saved to a table or a tab: F8 on any till.",
            saved,
        )
        note(sentence.format(n=saved))
    if admin is None:
        note(_("The database was not asked: orders and records of other tills are not listed."))
    for journal in journals:
        _print_journal(journal, has_place=any(_has_place(one) for one in journals if one.till == journal.till))
    _print_unanswered(unanswered, venue)
    _print_needs_attention(attention)


def _unanswered(attention: WaitingMatters, journals: list[JournalFound], *, asked: bool) -> list[Unanswered]:
    """Return the payments and refunds without an answer: those of the database and of journals with unsent events."""
    found = {one.id: one for journal in journals if journal.unsent or not asked for one in journal.unanswered}
    return sorted((found | {one.id: one for one in attention.unanswered}).values(), key=lambda one: one.at)


def _print_unanswered(unanswered: list[Unanswered], venue: Venue) -> None:
    for one in unanswered:
        formats = Formats(Currency(one.currency), marks_of(venue.settings.locale))
        sentence = one.sentence(formats.money(formats.currency.minor(one.amount)))
        note(_("{till}: {sentence}").format(till=venue.till_name(one.till), sentence=sentence))


def _print_needs_attention(attention: WaitingMatters) -> None:
    for record in attention.records:
        note(_("Record {id} needs attention: {reason}").format(id=record["id"], reason=record["reason"]))
    if more := sum(row["records"] for row in attention.waiting) - len(attention.records):
        waiting = ngettext("{n} more record needs attention.", "{n} more records need attention.", more)
        note(waiting.format(n=more))
    if attention.records:
        note(_("`till admin quarantine` lists them, and says how each is settled."))
    if count := sum(row["conflicts"] for row in attention.waiting):
        waiting = ngettext("{count} conflict about money waits", "{count} conflicts about money wait", count)
        note(_("{waiting}: `till admin conflicts`, or Ctrl+O on a till.").format(waiting=waiting.format(count=count)))


def _print_next_steps(admin: AtServer, rows: list[dict[str, Any]]) -> None:
    """Print how to settle the listed orders."""
    users = {row["user"] for row in rows if row["user"]}
    people = {number: admin.ask("user_for_login_v1", number) for number in users}  # None if a restore lost them
    disabled = {number for number, person in people.items() if person is None or person["disabled"]}
    if any(row["status"] == "pending_logout" and row["user"] not in disabled for row in rows):
        note(_("A suspended order opens at its user's next login, or is under F5: there is nothing to do."))
    for number in sorted(disabled):
        note(
            _("Number {number} can no longer log in: --give-to N gives its order to somebody else.").format(
                number=number
            )
        )
    note(_("To settle one: till recover --session ID, with --resume, --park, --give-to N or --discard --reason R."))


def _has_place(journal: JournalFound) -> bool:
    """True if a till of this machine sells with a journal: it is open, or the database accepts it."""
    return journal.held or (bool(journal.journal_id) and not (journal.foreign or journal.refused or journal.retired))


def _print_journal(journal: JournalFound, *, has_place: bool) -> None:
    if journal.held:
        note(_("Till {till} is open and looks after its own journal.").format(till=journal.till))
    if journal.notice:
        note(journal.notice)
    for one in journal.aside:
        sentence = _("A damaged journal of till {till} is kept in {path}.")
        if one.is_older:
            sentence = _(
                "An older copy of the journal of till {till} is kept in {path}; its extra records are carried over."
            )
        elif one.is_log:
            sentence = _("The end of the journal of till {till} could not be read. Its log is kept in {path}.")
        note(sentence.format(till=journal.till, path=one.path))
    if journal.sent:
        sentence = ngettext(
            "{count} event of till {till} was sent.", "{count} events of till {till} were sent.", journal.sent
        )
        note(sentence.format(count=journal.sent, till=journal.till))
    if journal.unsent:
        sentence = ngettext(
            "{count} event of till {till} waits.", "{count} events of till {till} wait.", journal.unsent
        )
        note(sentence.format(count=journal.unsent, till=journal.till))
        if next_step := _next_step(journal, has_place=has_place):
            note(
                next_step
                if next_step == journal.why
                else next_step.format(till=journal.till, journal=journal.journal_id, path=journal.path)
            )


def _next_step(journal: JournalFound, *, has_place: bool) -> str:
    """Return the command that sends the unsent events of a journal; empty if its till sends them.

    If another journal has the place of its till here, this one must not take it.
    """
    if journal.refused == "journal_not_live" and has_place:
        return _(
            "Till {till} sells here with another journal. A manager lets these in: "
            "`till admin tills adopt {till} --journal {journal} --backlog`, then `till recover`."
        )
    if journal.refused == "journal_not_live":
        return _(
            "Till {till} sells with another journal. If this machine takes its place: `till admin tills adopt {till}`; "
            "if not: `till admin tills adopt {till} --journal {journal} --backlog`, then `till recover`."
        )
    if journal.foreign and journal.why:
        return _(
            "They are in a journal of another machine ({path}). If that machine is gone: "
            "`till admin tills add {till} --replace`, then `till enrol` and `till recover` here."
        )
    if journal.foreign:
        return _("They are in a journal that no till here continues ({path}): `till recover` sends them.")
    return journal.why
