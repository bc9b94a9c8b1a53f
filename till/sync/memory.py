"""What the database itself had done and knows no more, once it was restored from a backup.

Tills send what they keyed again. What the server did by itself (a sweep, a conflict that it found) is in its own chain,
and nobody sends that again: it did not happen. A till that heard of it must not go on as if it had. And what comes
again comes in another order: a version that was learnt before says nothing of what stands below it now. Nor does that
of a menu: what the manager changed since the backup is done anew, and may get the same number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import SERVER
from till.sync.composer import REFERENCE

if TYPE_CHECKING:
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
        lost = {session_id: ids for session_id in whole if (ids := self._lost(session_id, intake))}
        if lost:
            self._journal.drop([event_id for ids in lost.values() for event_id in ids])
        self._composer.asked_anew(whole)
        for state in reply.sessions:
            if state.session in whole and state.refold and state.till is not None:
                self._composer.owe(state.session)  # what was shown of it meanwhile was based on nothing
        self._look_back(reply.epoch)
        return list(lost)

    def _lost(self, session_id: str, intake: Intake) -> list[str]:
        came = intake.came.get(session_id, set())
        return [e.id for e in self._journal.events_of(session_id) if e.till == SERVER and e.id not in came]

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
