"""Journals of this machine for `till recover`, which sends their unsent records as their till or as the owner."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.administration.acts.tills import AdoptTill
from till.administration.calls import call
from till.cli.connections import helper_facts, prepare_database
from till.cli.output import note
from till.domain.errors import ConfigError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from till.administration.calls import AtServer
    from till.cli.environment import Surroundings
    from till.ports import Head
    from till.sync.failures import SyncTrouble
    from till.sync.settings import ConnectionFacts
    from till.wiring.recover import JournalFound

#: Refusals after which the server still accepts the backlog of a journal.
_SENT_ANYWAY: Final = frozenset({"journal_retired", "wrong_secret"})


def recover_journals(
    here: Surroundings, admin: AtServer | None, *, only_list: bool, is_away: bool = False
) -> list[JournalFound]:
    """Read every journal on this machine, and send its unsent records.

    Args:
        here: config and folders.
        admin: the database; None if it cannot be reached or is of another version.
        only_list: True to send nothing and change no journal.
        is_away: True if the database cannot be reached, so that nothing is sent.
    """
    from till.wiring.recover import find_journals, gone_journals

    recoveries = [_JournalRecovery(here, admin, till, path) for till, path in find_journals(here.folders)]
    for recovery in recoveries:
        if only_list:
            recovery.inspect()
        elif is_away:
            recovery.read_offline()
        else:
            recovery.send()
    return [*(recovery.found for recovery in recoveries), *gone_journals(here.folders)]


class _JournalRecovery:
    """The recovery of one journal, which may have to be read more than once.

    Attributes:
        found: the findings of the last reading, with the sent records and notices of earlier ones.
    """

    def __init__(self, here: Surroundings, admin: AtServer | None, till: int, path: Path) -> None:
        from till.wiring.recover import JournalFound

        self._here = here
        self._admin = admin
        self._till = till
        self._path = path
        self.found = JournalFound(till, path)

    def inspect(self) -> None:
        """Read a copy of the journal, and ask the database if it would accept the unsent records."""
        from till.wiring.recover import look_at_journal

        self.found = look_at_journal(
            self._here.config,
            self._path,
            till=self._till,
            store_id=self._here.venue.store_id,
            stale=timedelta(minutes=self._here.config.session.stale_minutes),
            has=self._has(),
            journals=self._here.folders.own_journals(self._till),
        )
        if self.found.begins:
            self.found.why = _("`till recover` does it now, and sends them.")
        elif self._admin is not None and self.found.unsent and not self.found.foreign:
            refused = self._refusal(self._admin)
            self.found.refused = refused.code if refused else ""
            self.found.why = refused.sentence if refused else _("`till recover` sends them.")

    def _refusal(self, admin: AtServer) -> SyncTrouble | None:
        """Return the reason for which the database refuses the journal even from its owner. Rolls back the attempt."""
        from till.sync.failures import refusal
        from till.sync.messages import Hello, decode_as, encode_read
        from till.sync.settings import Identity

        secret = self._here.folders.read_secret(self._till)
        if secret is None:
            return None
        request = encode_read(Identity(admin.store_id, self._till, ""), secret, journal=self.found.journal_id)
        with admin.connection.transaction(force_rollback=True):
            hello = decode_as(call(admin.connection, "hello_v1", request), Hello)
        if hello.ok or hello.code in _SENT_ANYWAY:
            return None
        return refusal(hello.code, hello.detail or "", self._till)

    def read_offline(self) -> None:
        """Read the journal without the database."""
        self._look(None)

    def send(self) -> None:
        """Read the journal and send its records: as its till, or else as the owner or a manager.

        The owner or a manager sends a journal that no till of this machine continues: its till is not enrolled here or
        was shut out, or another machine wrote the journal.
        """
        enrolled = self._here.folders.read_secret(self._till) is not None
        if enrolled:
            self.send_as_till()
        if self._admin is None:
            if not enrolled:
                self._look(None)
        elif not enrolled or self.found.refused == "wrong_secret" or self.found.foreign:
            self._send_as_manager(self._admin)

    def send_as_till(self) -> None:
        """Read the journal, and send its records with the secret of its till."""
        try:
            database = prepare_database(self._here, self._till, note)
        except ConfigError as problem:  # only the URL of the tills is invalid, not the owner's
            self._look(None)
            self.found.why = problem.sentence
            return
        try:
            self._look(database.renew)
        finally:
            database.release()

    def _send_as_manager(self, admin: AtServer) -> None:
        """Send as the owner or a manager. They cannot make a journal live: an unknown one is accepted as a backlog."""
        self._look(lambda: helper_facts(self._here, admin), send_foreign=True)
        if self.found.refused != "journal_not_live":
            return
        AdoptTill(self.found.till, self.found.journal_id, backlog=True).do(admin)
        self._look(lambda: helper_facts(self._here, admin), send_foreign=True)

    def _has(self) -> Callable[[str, Head], bool] | None:
        """Return a function that asks if the database has a journal up to a record; None without a database."""
        admin = self._admin
        if admin is None:
            return None
        return lambda journal, head: bool(admin.ask("journal_has_v1", journal, head.seq, head.hash))

    def _look(
        self,
        facts: Callable[[], ConnectionFacts] | None,
        *,
        send_foreign: bool = False,
    ) -> None:
        self._look_once(facts, send_foreign=send_foreign)
        if self.found.condemned or self.found.refused == "chain_diverged":
            # the journal is damaged or an older copy: reading it again begins a new one with the unsent records
            self._look_once(facts, send_foreign=send_foreign)

    def _look_once(self, facts: Callable[[], ConnectionFacts] | None, *, send_foreign: bool) -> None:
        from till.wiring.parts import new_journal_id
        from till.wiring.recover import recover_journal

        before = self.found
        self.found = recover_journal(
            self._here.config,
            self._path,
            till=self._till,
            store_id=self._here.venue.store_id,
            facts=facts,
            stale=timedelta(minutes=self._here.config.session.stale_minutes),
            send_foreign=send_foreign,
            has=self._has(),
            journals=self._here.folders.own_journals(self._till),
            new_id=lambda: self._here.folders.name_journal(self._till, new_journal_id()),
        )
        self.found.sent += before.sent
        if before.notice not in self.found.notice:  # a notice appears once, when the file is opened
            self.found.notice = f"{before.notice} {self.found.notice}".strip()
