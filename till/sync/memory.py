"""The database's own acts that it lost in a restore from a backup.

Tills send their own events again. They also return, under its own seal, the server's grants, acts and approvals, and
what a program ordered, before they send events that depend on them. Nobody sends the server's other acts again (a
sweep, a detected conflict): they did not happen, and a till that received one must drop it. Events may also arrive in
another order, so an earlier known version does not imply the events below it. The same holds for the menu: changes
after the backup are made again, and may get the same number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import SERVER
from till.domain.order.events import LinesMoved
from till.ports import SessionMark
from till.sync.composer import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Collection

    from till.domain.events.registry import EventData
    from till.ports import Journal, UnderSeal
    from till.sync.composer import Composer
    from till.sync.intake import Intake
    from till.sync.messages import Reply, Request

#: The name of the epoch in the journal's cache.
_EPOCH: Final = "epoch"


class Memory:
    """A comparison of the database's acts in the journal with those that the database reports.

    After a restore, a crash or a start, the database has a new epoch. The till then requests all events of the orders
    that it follows, and of all orders with acts of the database.

    Args:
        journal: has the acts that arrived here.
        composer: makes the requests.
        till: this till's number. Each till returns the acts that the server wrote for it, since it has them completely.
    """

    def __init__(self, journal: Journal, composer: Composer, till: int) -> None:
        self._journal = journal
        self._till = till
        self._composer = composer
        self._asked: int | None = None
        self._came: dict[str, set[str]] = {}
        known = journal.cached(_EPOCH)
        self._known = composer.epoch = known[0] if known else None

    def compare(self, reply: Reply, request: Request, intake: Intake) -> list[str]:
        """Drop the acts that the database lost. Return the changed orders."""
        asked = {mark.session_id: mark.version for mark in request.known}
        anew = self._composer.anew
        whole: list[str] = []
        for state in reply.sessions:
            session_id = state.session
            begins = session_id in anew if not asked.get(session_id) else state.since == 0
            if session_id in intake.unsound or not (begins or session_id in self._came):
                continue
            before = set() if begins else self._came[session_id]
            self._came[session_id] = before | intake.came.get(session_id, set())
            if state.more:
                self._composer.ask_on(SessionMark(session_id, 0, state.version, state.event))
            else:
                whole.append(session_id)
        self._composer.asked_anew(whole)
        changed = [one for one in whole if self._drop(one, self._came.pop(one))]
        changed += self._forget((asked.keys() & anew) - {state.session for state in reply.sessions})
        for state in reply.sessions:
            if state.session in whole and state.refold and state.till is not None:
                self._composer.owe(state.session)  # snapshots shown meanwhile were based on a forgotten version
        self._follow_epoch(reply.epoch)
        return changed

    def _forget(self, unmentioned: Collection[str]) -> list[str]:
        """Drop the database's acts on orders that it does not report to this till. Return the changed orders.

        These orders were fetched once for a login and are not followed here; the next request fetches them completely.
        """
        for session_id in unmentioned:  # the database may lack the order, or the grant to this till
            self._composer.hand_back(self._under_seal(session_id))
        marks = self._journal.marks_of(unmentioned)  # an order whose arrival was interrupted has no mark
        unfollowed = [session_id for session_id in unmentioned if session_id not in marks or not marks[session_id].open]
        if known := [SessionMark(one, marks[one].user, open=False) for one in unfollowed if one in marks]:
            self._journal.receive([], known)
        self._composer.asked_anew(unfollowed)
        return [session_id for session_id in unfollowed if self._drop(session_id, set())]

    def _drop(self, session_id: str, came: Collection[str]) -> bool:
        """Drop the database's acts on an order that it did not send again. Return True if there were any.

        Its grants and acts are returned instead.
        """
        handed = [one for one in self._under_seal(session_id) if one.event.id not in came]
        self._composer.hand_back(handed)
        kept = {one.event.id for one in handed}
        events = self._journal.events_of(session_id)
        lost = [one.id for one in events if one.till == SERVER and one.id not in came and one.id not in kept]
        if lost:
            self._journal.drop(lost)
        return bool(lost)

    def _under_seal(self, session_id: str) -> list[UnderSeal]:
        """Return the records of a session to return to the database, without acts that arrived only in part."""
        sealed = self._journal.under_seal(session_id)
        return [one for one in sealed if one.event.for_till in {None, self._till} and not self._is_half(one.event.data)]

    def _is_half(self, data: EventData) -> bool:
        """True if lines moved to an order that is unknown here: the answer to the act was lost."""
        to = data.to_session if isinstance(data, LinesMoved) else None
        return to is not None and self._journal.mark_of(to) is None

    def _follow_epoch(self, epoch: int | None) -> None:
        if epoch is None or epoch == self._known:
            return
        if self._asked != epoch:  # a till without a known epoch may have fetched orders before
            self._asked = self._composer.epoch = epoch
            followed = [mark.session_id for mark in self._journal.followed_sessions() if mark.version]
            self._composer.ask_anew([*followed, *self._journal.sessions_by(SERVER)])
            if self._known is not None:
                self._doubt_reference()
        if not self._composer.anew and not self._composer.hands_back:  # if killed earlier, the till requests again
            self._journal.cache(_EPOCH, epoch, {})
            self._known = epoch

    def _doubt_reference(self) -> None:
        """Keep menu, staff and settings for selling, but request them again as if there were none."""
        for name in REFERENCE:
            if (cached := self._journal.cached(name)) is not None:
                self._journal.cache(name, 0, cached[1])
