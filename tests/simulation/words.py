"""The rule that an allergy is with its dishes at rest, whichever till keyed it and wherever they went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation.violation import hold
from till.domain.order.events import LinesCopied, LinesMoved, PreferenceSet, Refused
from till.domain.order.preferences import ALLERGY
from till.domain.order.wishes import wishes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.log import Log
    from tests.simulation.world import World

#: The allergies of guests in the play. Nobody takes one back.
ALLERGIES: Final = ("nuts", "egg", "milk", "fish", "soy", "celery")


def allergies_are_with_the_lines(_world: World, log: Log) -> None:
    """An order has each allergy that was ever keyed on it, and those of each order of which it has lines.

    These are the ones that were keyed there before its lines left, and those that came too late there. What a restore
    lost is excepted.
    """
    if log.server.lost or log.aside:
        return
    for session, order in log.orders.items():
        has = set(wishes(order.preferences.get(ALLERGY, "")))
        missing = {words for _event, words in _keyed(log, session)} - has
        hold("allergies are with the lines", holds=not missing, what=f"{session} misses its own {missing}")
        for event in log.sessions[session]:
            data = event.data
            if not isinstance(data, LinesMoved | LinesCopied) or data.from_session is None:
                continue
            lines = [one.line_id for one in data.lines] if isinstance(data, LinesMoved) else data.line_ids
            if not any(line in order.lines and order.lines[line].quantity for line in lines):
                continue
            late = {one for other in log.sessions[data.from_session] if isinstance(other.data, Refused)
                    for one in other.data.events}  # fmt: skip
            due = {words for at, words in _keyed(log, data.from_session) if at < event.id or at in late}
            what = f"{session} misses {due - has} of {data.from_session}"
            hold("allergies are with the lines", holds=due <= has, what=what)


def _keyed(log: Log, session: str) -> Iterator[tuple[str, str]]:
    """Yield each allergy that was keyed on an order, with its event, also refused ones, but not what its till undid."""
    keyed = [
        (event, wishes(event.data.value))
        for event in log.sessions.get(session, ())
        if isinstance(event.data, PreferenceSet) and event.data.name == ALLERGY
    ]
    if not all(words for _event, words in keyed):
        return  # somebody cleared them, which takes what their till had heard of others too
    newest = {event.by_till: words for event, words in sorted(keyed, key=lambda pair: pair[0].id)}
    for event, words in keyed:
        yield from ((event.id, one) for one in words if one in newest[event.by_till])
