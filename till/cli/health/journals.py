"""Checks of the journals of this machine: their soundness, their unsent events, and the data for selling offline."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Final

from till.cli.health.finding import unknown, well, wrong
from till.config import held_venue
from till.domain.advice import Advice
from till.domain.errors import JournalError
from till.domain.i18n import N_, _, ngettext
from till.register.losses import describe_loss
from till.register.register import kept_light

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from till.cli.health.finding import Finding
    from till.config import Folders
    from till.journal import JournalFile
    from till.wiring.recover import JournalFound

#: The cached tables that a till needs to sell offline.
_NEEDED: Final = ("settings", "staff", "menu")
#: Attempts to copy a journal: the copy of an open one may be inconsistent.
_TRIES: Final = 3
#: The first bytes of an SQLite file, and bytes 18 and 19 of one in WAL mode.
_MAGIC: Final = b"SQLite format 3\0"
_WAL: Final = b"\2\2"
_TILL_IS_OPEN: Final = N_("Its till is open, and looks after it.")


def journal_parts(folders: Folders) -> Iterator[Finding]:
    """Check a copy of each journal."""
    from till.wiring.recover import belongs, find_journals, gone_journals

    venue = held_venue(folders)
    found, gone = list(find_journals(folders)), list(gone_journals(folders))
    for one in gone:
        remedy = _("If it is lost, start that till: it names the records that the database lacks.")
        yield wrong(_("journal {till}").format(till=one.till), one.notice, remedy)
    if venue is None or not (found or gone):
        yield unknown(_("journal"), _("There is none yet; a till's first start makes it."))
        return
    for till, path in found:
        needs = () if folders.is_kitchen(till) else _NEEDED
        needed = needs if belongs(path, folders.own_journals(till)) else None
        yield from _check_journal(_("journal {till}").format(till=till), till, path, venue.store_id, needed)


def journals_here(folders: Folders, store_id: str) -> Iterator[tuple[int, JournalFile]]:
    """Yield the number of each till of this machine, with a copy of its current journal if that can be read."""
    from till.journal import temporary_copy
    from till.wiring.recover import JournalFound, belongs, find_journals, open_found

    for till, path in find_journals(folders):
        if path != folders.journal(till) or not belongs(path, folders.own_journals(till)):
            continue  # a journal of another machine, or one that was replaced
        try:
            with temporary_copy(path, even_if_held=True) as copy:
                found = JournalFound(till, copy)
                journal = open_found(found, store_id)
                if journal is None:
                    continue
                with closing(journal):
                    if not found.foreign and not found.notice:  # not one begun in place of a damaged one
                        yield till, journal
        except JournalError:  # the check of the journal reports its fault
            continue


def _check_journal(
    part: str, till: int, path: Path, store_id: str, needed: tuple[str, ...] | None
) -> Iterator[Finding]:
    from till.journal import JournalHeldError, temporary_copy

    if fault := _file_fault(path):
        yield wrong(part, *fault)
    held = False
    for attempt in range(_TRIES):
        try:
            with temporary_copy(path, even_if_held=held) as copy:
                findings = list(_on_copy(part, till, copy, store_id, needed, held=held))
        except JournalHeldError:
            held = True
            continue
        except JournalError as problem:
            yield wrong(part, problem.sentence, _("Free that disk, or repair it; the file stays as it is."))
            return
        if findings or attempt == _TRIES - 1:
            yield from findings or [well(part, _TILL_IS_OPEN)]
            return


def _file_fault(path: Path) -> tuple[str, str] | None:
    """Return a fault of the file itself, regardless of its contents, and the remedy; None if there is none."""
    if not os.access(path, os.W_OK):
        return _("{file} cannot be written.").format(file=path), _("Give it to the user that runs the till.")
    with path.open("rb") as file:
        head = file.read(len(_MAGIC) + 4)
    if head.startswith(_MAGIC) and head[18:20] != _WAL:
        sentence = _("{file} has no write-ahead log, which a till needs.").format(file=path)
        return sentence, _("Start that till on a disk of this machine: a network folder cannot hold such a log.")
    return None


def _on_copy(
    part: str, till: int, copy: Path, store_id: str, needed: tuple[str, ...] | None, *, held: bool
) -> Iterator[Finding]:
    """Check a copy. Yield nothing for an inconsistent copy of a journal that is being written.

    `needed` are the cached tables that it needs: None for a journal that the till does not go on with, of which only
    the unsent records matter.
    """
    from till.wiring.recover import JournalFound, open_found

    found = JournalFound(till, copy)
    journal = open_found(found, store_id)
    if journal is not None and not found.notice:
        found.notice = _damage_of(journal)
    if journal is None or found.notice:
        lead, remedy = (
            found.notice,
            _("Start that till: it continues with the readable records. `till recover --list` names the rest."),
        )
        light = Advice()
        if journal is not None:
            light = kept_light(journal)
            journal.close()
        else:  # it was refused: starting the till would not help
            lead, remedy = Advice.of(lead).parts
        if not held:
            yield wrong(part, lead, remedy)
        elif light:
            yield well(part, _TILL_IS_OPEN)
        if light:  # an older copy may have one too; the next start replaces it
            yield _light(till, light, held=held)
        return
    with closing(journal):
        yield from _state(part, found, journal, needed, held=held) if needed is not None else [_beside(part, journal)]


def _state(
    part: str, found: JournalFound, journal: JournalFile, needed: tuple[str, ...], *, held: bool
) -> Iterator[Finding]:
    """Yield the findings on a sound journal."""
    till = found.till
    missing = [name for name in needed if journal.cached(name) is None]
    light, loss = kept_light(journal), describe_loss(journal)
    yield _sound(part, found, journal.head.seq - journal.acked.seq, held=held)
    if loss:
        yield wrong(_("loss {till}").format(till=till), *loss.parts)
    if light:
        yield _light(till, light, held=held)
    if missing:
        lead = _("Still missing: {names}.").format(names=", ".join(missing))
        yield wrong(part, lead, _("Start the till while its database answers; it cannot sell without them."))
    elif needed:  # a screen of the kitchen sells nothing
        yield well(part, _("Menu, staff and settings are here: it sells without the database."))


def _damage_of(journal: JournalFile) -> str:
    """Return the sentence on a damaged page, or an unsent record that does not match its hash; empty if none is."""
    from till.journal import JournalDamagedError

    try:
        journal.unsent(-1)
    except JournalDamagedError:
        return _("A record that was not sent is damaged.")
    try:
        journal.check_whole()
    except JournalError:
        return _("A part of it is damaged that its till has not used since.")
    return ""


def _light(till: int, text: Advice, *, held: bool) -> Finding:
    """Return the finding for a till's warning light; for a closed till, for its last one."""
    part = _("light {till}").format(till=till)
    if held:
        remedy = _("Esc at that till shows details. If the config was changed since, close it and open it again.")
        return wrong(part, text.lead, text.remedy or remedy)
    return unknown(part, _("When the till was last open: {text}").format(text=text))


def _beside(part: str, journal: JournalFile) -> Finding:
    state = _("It is from before this machine was enrolled; its till does not go on with it.")
    return _sent(part, state, journal.head.seq - journal.acked.seq, _("`till recover` sends them."))


def _sound(part: str, found: JournalFound, unsent: int, *, held: bool) -> Finding:
    if found.foreign:
        fault = _("It came from another machine.")
        return wrong(part, fault, _("`till recover` sends its records; this machine begins a journal of its own."))
    if held:
        return _sent(part, _("Its till is open."), unsent)
    remedy = _("Start that till, or run `till recover`: they are sent when the database answers.")
    return _sent(part, _("It is sound."), unsent, remedy)


def _sent(part: str, state: str, unsent: int, remedy: str = "") -> Finding:
    """Return the finding on the unsent records of a journal; without a remedy they are no fault."""
    words = ngettext("{n} record is here only.", "{n} records are here only.", unsent).format(n=unsent)
    sentence = f"{state} {words if unsent else _('All of it was sent.')}"
    return wrong(part, sentence, remedy) if unsent and remedy else well(part, sentence)
