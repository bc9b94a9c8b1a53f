"""The database's own acts that it forgot when it was restored from a backup.

Tills send again what they keyed. The server's grants, acts and approvals are handed back to it, under its own seal,
before anything that was keyed on them is sent. Its other acts (a sweep, a conflict that it found) nobody sends again:
they did not happen, and a till that heard of one must forget it. Events also come again in another order: a version
that was learned before says nothing about the events below it now. The same holds for the menu: changes since the
backup are made anew, and may get the same number.
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

#: The name in the journal's cache.
_EPOCH: Final = "epoch"


class Memory:
    """A comparison of what the database did with what it reports.

    After a restore the database names another epoch, as after a crash and each start of it. Then everything is asked
    for anew of the orders that are followed here, and of those in which it ever did something.

    Args:
        journal: its acts, as they came here.
        composer: asks.
        till: this till's number. Another till hands back what the server wrote for it: it has all of the act.
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
        """Drop the acts that the database forgot. Return the orders that changed by it."""
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
        self._look_back(reply.epoch)
        return changed

    def _forget(self, unmentioned: Collection[str]) -> list[str]:
        """Drop the database's acts on orders that it does not mention to this till. Return the orders that changed.

        They came once for a login, and are not followed here: whoever asks for one again gets all of it.
        """
        for session_id in unmentioned:  # it may not know the order, or the grant to this till
            self._composer.hand_back(self._under_seal(session_id))
        marks = self._journal.marks_of(unmentioned)  # a crash during its arrival left none
        unfollowed = [session_id for session_id in unmentioned if session_id not in marks or not marks[session_id].open]
        if known := [SessionMark(one, marks[one].user, open=False) for one in unfollowed if one in marks]:
            self._journal.receive([], known)
        self._composer.asked_anew(unfollowed)
        return [session_id for session_id in unfollowed if self._drop(session_id, set())]

    def _drop(self, session_id: str, came: Collection[str]) -> bool:
        """Drop the database's acts on an order that it did not send now. Return True if there were any.

        Its grants and acts are handed back instead.
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
        """Return the records of a session to hand back. Lines of an act heard in half stay where they were."""
        sealed = self._journal.under_seal(session_id)
        return [one for one in sealed if one.event.for_till in {None, self._till} and not self._is_half(one.event.data)]

    def _is_half(self, data: EventData) -> bool:
        """True if lines left for an order that this till never heard of: the answer to the act was lost."""
        to = data.to_session if isinstance(data, LinesMoved) else None
        return to is not None and self._journal.mark_of(to) is None

    def _look_back(self, epoch: int | None) -> None:
        if epoch is None or epoch == self._known:
            return
        if self._asked != epoch:  # a till without a known epoch may have fetched an order before
            self._asked = self._composer.epoch = epoch
            followed = [mark.session_id for mark in self._journal.followed_sessions() if mark.version]
            self._composer.ask_anew([*followed, *self._journal.sessions_by(SERVER)])
            if self._known is not None:
                self._doubt_reference()
        if not self._composer.anew and not self._composer.hands_back:  # a till that is killed before asks again
            self._journal.cache(_EPOCH, epoch, {})
            self._known = epoch

    def _doubt_reference(self) -> None:
        """Keep menu, staff and settings for selling, but ask for them like a till that has none."""
        for name in REFERENCE:
            if (cached := self._journal.cached(name)) is not None:
                self._journal.cache(name, 0, cached[1])
