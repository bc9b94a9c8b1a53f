"""What the database itself had done and knows no more, once it was restored from a backup.

Tills send what they keyed again. What the server did by itself (a sweep, a conflict that it found) is in its own chain,
and nobody sends that again: it did not happen. A till that heard of it must not go on as if it had. And what comes
again comes in another order: a version that was learnt before says nothing of what stands below it now. Nor does that
of a menu: what the manager changed since the backup is done anew, and may get the same number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import SERVER
from till.ports import SessionMark
from till.sync.composer import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Collection

    from till.ports import Journal
    from till.sync.composer import Composer
    from till.sync.intake import Intake
    from till.sync.messages import Reply, Request

#: The name in the journal's cache.
_EPOCH: Final = "epoch"


class Memory:
    """Compares what the database did with what it says that it did.

    Once a backup was restored the epoch that the database names is another, as after a crash and each start of it, and
    everything is asked for anew of the orders that are followed here, and of those in which it ever did something.

    Args:
        journal: what it had done, as it came here.
        composer: asks.
    """

    def __init__(self, journal: Journal, composer: Composer) -> None:
        self._journal = journal
        self._composer = composer
        self._asked: int | None = None
        known = journal.cached(_EPOCH)
        self._known = composer.epoch = known[0] if known else None

    def compare(self, reply: Reply, request: Request, intake: Intake) -> list[str]:
        """Drop what the database did and does not know any more; the orders that changed by it."""
        asked = {mark.session_id: mark.version for mark in request.known}
        anew = self._composer.anew
        whole = [
            state.session
            for state in reply.sessions
            if state.session not in intake.unsound
            and (state.session in anew if not asked.get(state.session) else state.session in intake.whole)
        ]
        self._composer.asked_anew(whole)
        changed = [one for one in whole if self._drop(one, intake.came.get(one, set()))]
        changed += self._forget((asked.keys() & anew) - {state.session for state in reply.sessions})
        for state in reply.sessions:
            if state.session in whole and state.refold and state.till is not None:
                self._composer.owe(state.session)  # what was shown of it meanwhile was based on nothing
        self._look_back(reply.epoch)
        return changed

    def _forget(self, untold: Collection[str]) -> list[str]:
        """Let go of what the database did to orders of which it tells this till nothing; those that changed by it.

        They came once for a person who logged in, and are not followed here: who asks for one again has all of it.
        """
        marks = self._journal.marks_of(untold)  # a crash in the middle of its coming left none
        unfollowed = [session_id for session_id in untold if session_id not in marks or not marks[session_id].open]
        if known := [SessionMark(one, marks[one].user, open=False) for one in unfollowed if one in marks]:
            self._journal.receive([], known)
        self._composer.asked_anew(unfollowed)
        return [session_id for session_id in unfollowed if self._drop(session_id, set())]

    def _drop(self, session_id: str, came: Collection[str]) -> bool:
        """Drop what the database did to an order and did not bring now; whether there was any."""
        events = self._journal.events_of(session_id)
        lost = [event.id for event in events if event.till == SERVER and event.id not in came]
        if lost:
            self._journal.drop(lost)
        return bool(lost)

    def _look_back(self, epoch: int | None) -> None:
        if epoch is None or epoch == self._known:
            return
        if self._asked != epoch:  # one that never heard of an epoch may have fetched an order before
            self._asked = self._composer.epoch = epoch
            told = [mark.session_id for mark in self._journal.followed_sessions() if mark.version]
            self._composer.ask_anew([*told, *self._journal.sessions_by(SERVER)])
            if self._known is not None:
                self._doubt_reference()
        if not self._composer.anew:
            self._journal.cache(_EPOCH, epoch, {})
            self._known = epoch

    def _doubt_reference(self) -> None:
        """Keep menu, staff and settings to sell with, and have them asked for as by a till that has none."""
        for name in REFERENCE:
            if (cached := self._journal.cached(name)) is not None:
                self._journal.cache(name, 0, cached[1])
