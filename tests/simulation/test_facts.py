"""Each fact of an order (`till.domain.order.facts`) in each act between orders, on two tills and the real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from tests.simulation.test_histories import ONE, TWO, USER, Story, where
from till.domain.events.envelope import Draft
from till.domain.order import facts
from till.domain.order.events import BookingSeated, CoursesHeld, OrderTypeSet, PreferenceSet
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


def test_allergy_of_a_till_that_had_lost_the_order_is_added(
    taken: tuple[Story, str, str],
) -> None:
    story, session, _line = taken
    first, second = (story.world.machines[place].register.sales for place in (ONE, TWO))
    second.set_preference(session, USER, "allergy", "sesame")
    first.set_preference(session, USER, "allergy", "nuts")
    story.sync(TWO)
    story.back(ONE)
    story.sync(TWO)
    assert story.notices(ONE) == [], "it counts: nothing was refused"
    for place in (ONE, TWO):
        assert words(story.order(place, session)) == {"nuts", "sesame"}
    story.away(ONE)
    log = story.settle()
    assert words(log.orders[session]) == {"nuts", "sesame"}


@pytest.mark.parametrize("is_paid", [True, False])
def test_clearing_by_a_till_that_had_lost_the_order_takes_no_allergy(
    taken: tuple[Story, str, str], *, is_paid: bool
) -> None:
    story, session, _line = taken
    first, second = (story.world.machines[place].register.sales for place in (ONE, TWO))
    second.set_preference(session, USER, "allergy", "sesame")
    story.sync(TWO)
    if is_paid:
        story.pay(TWO, session)
        story.sync(TWO)
    first.set_preference(session, USER, "allergy", "nuts")
    first.set_preference(session, USER, "allergy", "")
    story.back(ONE)
    log = story.settle()
    assert "sesame" in words(log.orders[session])
    assert story.notices(ONE) == ["refused"]


def test_till_clears_the_words_that_it_has_heard_and_no_others(taken: tuple[Story, str, str]) -> None:
    """The holder is away while the words of the other till arrive: its own are cleared, and those stay."""
    story, session, _line = taken
    first, second = (story.world.machines[place].register.sales for place in (ONE, TWO))
    first.set_preference(session, USER, "allergy", "nuts")
    second.set_preference(session, USER, "allergy", "sesame")
    story.sync(TWO)
    story.away(TWO)
    story.back(ONE)
    second.set_preference(session, USER, "allergy", "")
    story.back(TWO)
    story.sync(ONE)
    assert words(story.order(TWO, session)) >= {"nuts"}
    second.set_preference(session, USER, "allergy", "")
    story.sync(TWO, ONE)
    assert words(story.settle().orders[session]) == set()


def test_late_allergy_reaches_each_order_that_has_lines_of_it_and_a_copy_paid_or_not(
    taken: tuple[Story, str, str],
) -> None:
    """Table 5 was taken from till 1: till 2 merges it into table 7, and splits off a bill that is paid."""
    story, session, line = taken
    second = story.world.machines[TWO]
    other, _own = story.key(TWO, 2, 2)
    story.save(TWO, other, "7")
    story.sync(TWO)
    guest = second.part(session, {line: 1}).id
    story.pay(TWO, guest)
    second.register.tabs.save(session, "5")
    merged = second.merge(story.tab(TWO, "7"), story.tab(TWO, "5"))
    assert merged.id == other
    story.sync(TWO)
    story.world.machines[ONE].register.sales.set_preference(session, USER, "allergy", "nuts")
    story.back(ONE)
    log = story.settle()
    assert log.orders[guest].status is Status.COMPLETED
    assert log.orders[session].status is Status.DISCARDED
    assert [words(log.orders[one]) for one in (session, guest, other)] == [{"nuts"}] * 3


def test_order_of_late_lines_has_the_words_of_the_order(taken: tuple[Story, str, str]) -> None:
    story, session, _line = taken
    sales = story.world.machines[TWO].register.sales
    sales.set_preference(session, USER, "allergy", "sesame")
    sales.note(session, "window")
    story.pay(TWO, session)
    story.sync(TWO)
    _session, line = story.key(ONE, 2, session=session)
    story.world.machines[ONE].register.sales.set_preference(session, USER, "allergy", "nuts")
    story.back(ONE)
    log = story.settle()
    [(waits, _status)] = where(log, line)
    assert waits != session
    assert words(log.orders[waits]) == {"sesame", "nuts"}
    assert log.orders[waits].note == "window"


@EACH
def test_order_rung_again_has_what_its_row_says(story: Story, fact: str) -> None:
    """The copy is made from the list of tabs alone, which has the type too."""
    session = saved(story, "5", fact, "nuts")
    story.sync(TWO)
    tab, till = story.tab(TWO, "5"), story.world.machines[TWO]
    story.away(TWO)
    copy = till.register.ring_again.ring(tab, USER).order
    till.screen = copy.id
    row = next(row for row in FACTS if row.name == fact)
    names = {"preferences": {"allergy": "nuts"}, "note": {"note": "nuts"}}.get(fact, {})
    assert bool(PLAYS[fact].shows(copy)) is (fact == "type" or bool(list(row.again(names))))
    story.back(TWO)
    story.sync(ONE)
    log = story.settle()
    assert PLAYS[fact].shows(log.orders[copy.id]) == PLAYS[fact].shows(copy)
    assert PLAYS[fact].shows(log.orders[session])


def test_late_allergy_reaches_a_copy_that_another_till_rang_up(story: Story) -> None:
    session = saved(story, "5", "preferences", "egg")
    story.sync(TWO)
    tab, till = story.tab(TWO, "5"), story.world.machines[TWO]
    story.away(TWO)
    till.screen = copy = till.register.ring_again.ring(tab, USER).order.id
    story.pay(TWO, copy)
    story.recall(ONE, session)
    story.sync(ONE)
    story.away(ONE)
    story.back(TWO)
    story.ask(TWO, session)
    story.world.machines[ONE].register.sales.set_preference(session, USER, "allergy", "egg, nuts")
    story.back(ONE)
    log = story.settle()
    assert [words(log.orders[one]) for one in (session, copy)] == [{"egg", "nuts"}] * 2


@pytest.mark.parametrize("act", sorted(EVERY))
def test_words_that_an_act_of_an_older_till_leaves_out_are_added_by_the_server(
    story: Story, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """Play a till of 0.1.0, which carries no preferences, and no note when pieces move or a bill is split off."""
    first, _second = saved(story, "5", "preferences", "nuts"), saved(story, "7", "preferences", "sesame")
    till = story.world.machines[ONE]
    till.register.tabs.recall(first, USER)
    till.register.sales.note(first, "window")
    story.sync(ONE)
    monkeypatch.setattr(facts, "FACTS", ())
    gets = between(story, ONE, act, first, "7")
    story.sync(ONE)
    own = set() if act == "split" else {"sesame"}
    assert words(story.order(ONE, gets)) == own | {"nuts"}
    assert story.order(ONE, gets).note == "window"
    newest = [event.data for event in till.journal.events_of(gets) if isinstance(event.data, PreferenceSet)][-1]
    assert newest.value == ("nuts" if act == "split" else "sesame, nuts"), "it shows the newest alone"
    log = story.settle()
    assert words(log.orders[gets]) == own | {"nuts"}


def words(order: Order) -> set[str]:
    """The allergies of an order."""
    return set(filter(None, order.preferences.get("allergy", "").split(", ")))
