"""The journals of this machine for `till recover`: it sends their unsent records, for their till or for the owner."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.administration.calls import call
from till.cli.grounds import helper_facts, stand_on
from till.cli.output import note
from till.domain.errors import ConfigError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from till.administration.calls import AtServer
    from till.cli.surroundings import Surroundings
    from till.ports import Head
    from till.sync.failures import Trouble
    from till.sync.settings import ConnectionFacts
    from till.wiring.recover import JournalFound

#: The server's answers to journals whose backlog it accepts, from their till or from the owner.
_SENT_ALL_THE_SAME: Final = frozenset({"journal_retired", "wrong_secret"})


def look_through(
    here: Surroundings, admin: AtServer | None, *, only_list: bool, is_away: bool = False
) -> list[JournalFound]:
    """Read every journal on this machine, and send its unsent records.

    Args:
        here: config and folders.
        admin: the database; None when it is away, or fits another till.
        only_list: send nothing, and leave every journal as it is.
        is_away: True if it cannot be reached, so that nothing is sent.
    """
    from till.wiring.recover import find_journals

    visits = [_Visit(here, admin, till, path) for till, path in find_journals(here.folders)]
    for visit in visits:
        if only_list:
            visit.look_only()
        elif is_away:
            visit.look_alone()
        else:
            visit.bring()
    return [visit.found for visit in visits]


class _Visit:
    """One journal, which may have to be looked at more than once.

    Attributes:
        found: the findings of the last look, with everything that earlier ones sent and printed.
    """

    def __init__(self, here: Surroundings, admin: AtServer | None, till: int, path: Path) -> None:
        from till.wiring.recover import JournalFound

        self._here = here
        self._admin = admin
        self._till = till
        self._path = path
        self.found = JournalFound(till, path)

    def look_only(self) -> None:
        """Read a copy, and ask the database if it would accept the unsent records."""
        from till.wiring.recover import look_at_journal

        self.found = look_at_journal(
            self._here.config,
            self._path,
            till=self._till,
            store_id=self._here.venue.store_id,
            stale=timedelta(minutes=self._here.config.session.stale_minutes),
            has=self._has(),
        )
        if self._admin is not None and self.found.unsent and not self.found.foreign:
            refused = self._knock(self._admin)
            self.found.refused = refused.code if refused else ""
            self.found.why = refused.sentence if refused else _("`till recover` sends them.")

    def _knock(self, admin: AtServer) -> Trouble | None:
        """Return the reason that the database refuses this journal, even from its owner. The attempt is rolled back."""
        from till.sync.failures import refusal
        from till.sync.messages import Hello, decode_as, encode_read
        from till.sync.settings import Identity

        secret = self._here.folders.read_secret(self._till)
        if secret is None:
            return None
        words = encode_read(Identity(admin.store_id, self._till, ""), secret, journal=self.found.journal_id)
        with admin.connection.transaction(force_rollback=True):
            hello = decode_as(call(admin.connection, "hello_v1", words), Hello)
        if hello.ok or hello.code in _SENT_ALL_THE_SAME:
            return None
        return refusal(hello.code, hello.detail or "", self._till)

    def look_alone(self) -> None:
        """Look without the database."""
        self._look(None)

    def bring(self) -> None:
        """Look, and send with the secret of its till, or in its place.

        In its place goes what no till of this machine goes on with: a journal whose till is not enrolled here, or is
        shut out, or one that another machine wrote.
        """
        enrolled = self._here.folders.read_secret(self._till) is not None
        if enrolled:
            self.look_as_till()
        if self._admin is None:
            if not enrolled:
                self._look(None)
        elif not enrolled or self.found.refused == "wrong_secret" or self.found.foreign:
            self._bring_in_its_place(self._admin)

    def look_as_till(self) -> None:
        """Look once more, in the name of its till."""
        try:
            ground = stand_on(self._here, self._till, note)
        except ConfigError as problem:  # the tills' URL is invalid, the owner's is not
            self._look(None)
            self.found.why = problem.sentence
            return
        try:
            self._look(ground.renew)
        finally:
            ground.release()

    def _bring_in_its_place(self, admin: AtServer) -> None:
        """Send as the owner or a manager, who make no journal live: one that is not known is taken as a backlog."""
        self._look(lambda: helper_facts(self._here, admin), send_foreign=True)
        if self.found.refused != "journal_not_live":
            return
        admin.act("backlog_take_v1", self.found.till, self.found.journal_id)
        self._look(lambda: helper_facts(self._here, admin), send_foreign=True)

    def _has(self) -> Callable[[str, Head], bool] | None:
        """Asks whether the database has a journal up to a place."""
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
            # damaged, or an older copy: this reading begins a new journal with the unsent records
            self._look_once(facts, send_foreign=send_foreign)

    def _look_once(self, facts: Callable[[], ConnectionFacts] | None, *, send_foreign: bool) -> None:
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
        )
        self.found.sent += before.sent
        if before.notice not in self.found.notice:  # a notice appears once, when the file is opened
            self.found.notice = f"{before.notice} {self.found.notice}".strip()
