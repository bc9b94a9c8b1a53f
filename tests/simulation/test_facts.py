"""Each fact of an order (`till.domain.order.facts`) in each act between orders, on two tills and the real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from tests.simulation.test_histories import ONE, USER, Story
from till.domain.events.envelope import Draft
from till.domain.order.events import BookingSeated, CoursesHeld, OrderTypeSet
from till.domain.order.facts import FACTS
from till.domain.order.preferences import LANGUAGE
from till.domain.order.state import Buyer, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Order
    from till.register.register import Register

BOOKING: Final = "0197a000-0000-7000-8000-0000000b0000"


class Play(NamedTuple):
    """A fact as a till sets it, as an order shows it, and which acts give it to the other order.

    Attributes:
        acts: of `merge`, `move` and `split` those that give it to an order without it.
        both: the result of a merge of two orders with it; empty if the order that stays keeps its own.
    """

    sets: Callable[[Register, str, str], object]
    shows: Callable[[Order], object]
    acts: frozenset[str]
    both: str = ""


def _write(data: Callable[[str], Any]) -> Callable[[Register, str, str], object]:
    return lambda register, session, words: register.ledger.commit([Draft(data(words), session)])


EVERY: Final = frozenset({"merge", "move", "split"})
PLAYS: Final = {
    "type": Play(
        _write(lambda _words: OrderTypeSet(order_type="take_away")),
        lambda order: "take away" if order.order_type == "take_away" else "",
        frozenset({"split"}),
    ),
    "customer": Play(
        lambda register, session, words: register.sales.attach_customer(session, USER, None, words),
        lambda order: order.customer.name if order.customer is not None else "",
        frozenset({"merge"}),
    ),
    "buyer": Play(
        lambda register, session, words: register.sales.name_buyer(session, USER, Buyer(words, "29X", "4 Church St")),
        lambda order: order.buyer.name if order.buyer is not None else "",
        frozenset({"merge"}),
    ),
    "courses held": Play(_write(lambda _words: CoursesHeld()), lambda order: order.holds or "", EVERY),
    "preferences": Play(
        lambda register, session, words: register.sales.set_preference(session, USER, "allergy", words),
        lambda order: order.preferences.get("allergy", ""),
        EVERY,
        both="nuts, sesame",
    ),
    "language": Play(
        lambda register, session, words: register.sales.set_preference(session, USER, LANGUAGE, words),
        lambda order: order.preferences.get(LANGUAGE, ""),
        frozenset({"merge", "split"}),
    ),
    "note": Play(
        lambda register, session, words: register.sales.note(session, words),
        lambda order: order.note,
        EVERY,
        both="nuts, sesame",
    ),
    "age checked": Play(
        lambda register, session, _words: register.sales.age_checked(session, USER, 18, passed=True),
        lambda order: order.of_age or "",
        frozenset({"merge", "split"}),
    ),
    "booking": Play(
        _write(lambda _words: BookingSeated(booking_id=BOOKING)),
        lambda order: order.booking or "",
        frozenset({"merge"}),
    ),
}
#: Facts that stay where they are: each order has its own tab, and the number by which its guest is called.
STAY: Final = {"guests", "called number"}
EACH: Final = pytest.mark.parametrize("fact", PLAYS)


def test_each_row_is_played() -> None:
    assert PLAYS.keys() | STAY == {fact.name for fact in FACTS}


def saved(story: Story, name: str, fact: str = "", words: str = "") -> str:
    """A tab of till 1 with two lines and a fact."""
    till = story.world.machines[ONE]
    session, _line = story.key(ONE, 0, 2)
    story.key(ONE, 1, session=session)
    if fact:
        PLAYS[fact].sets(till.register, session, words)
    story.save(ONE, session, name)
    story.sync(ONE)
    return session


def between(story: Story, place: int, act: str, session: str, into: str) -> str:
    """Play an act between two orders at a till. The order that has lines of the first now."""
    till = story.world.machines[place]
    line = next(iter(story.order(place, session).lines))
    if act == "split":
        return till.part(session, {line: 1}).id
    if act == "move":
        till.move(session, {line: 1}, story.tab(place, into))
        return story.tab(place, into).session_id
    name = {tab.session_id: tab for tab in till.register.open_tabs.local()}[session].name.removeprefix("table ")
    return till.merge(story.tab(place, into), story.tab(place, name)).id


@pytest.mark.parametrize("act", sorted(EVERY))
@EACH
def test_an_act_between_orders_gives_a_fact_to_the_other_order_as_its_row_says(
    story: Story, fact: str, act: str
) -> None:
    first, _second = saved(story, "5", fact, "nuts"), saved(story, "7")
    play, till = PLAYS[fact], story.world.machines[ONE]
    till.register.tabs.recall(first, USER)
    before = play.shows(story.order(ONE, first))
    assert before
    gets = between(story, ONE, act, first, "7")
    assert bool(play.shows(story.order(ONE, gets))) is (act in play.acts)
    assert play.shows(story.order(ONE, first)) == before, "the order that lost the lines keeps it"
    story.sync(ONE)
    log = story.settle()
    assert play.shows(log.orders[gets]) == play.shows(story.order(ONE, gets))
    assert log.orders[first].status is (Status.DISCARDED if act == "merge" else Status.ACTIVE)


@EACH
def test_a_merge_of_two_orders_with_a_fact_keeps_what_its_row_says(story: Story, fact: str) -> None:
    saved(story, "5", fact, "nuts")
    second = saved(story, "7", fact, "sesame")
    till, play = story.world.machines[ONE], PLAYS[fact]
    own = play.shows(story.order(ONE, second))
    merged = till.merge(story.tab(ONE, "7"), story.tab(ONE, "5"))
    assert merged.id == second
    kept = play.shows(merged)
    assert set(str(kept).split(", ")) == set((play.both or str(own)).split(", "))
    saved(story, "9", fact, "nuts")
    again = till.merge(story.tab(ONE, "7"), story.tab(ONE, "9"))
    assert play.shows(again) == kept, "nothing twice"
    assert play.shows(story.settle().orders[second]) == kept
