"""The facts of an order: each has a row, and what the row says of acts between orders can be written by an act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.domain.making import Desk, Hand, folded, uid
from till.domain.events.envelope import SERVER
from till.domain.order import guests
from till.domain.order.events import ChangeUndone, OrderNoted, PreferenceSet
from till.domain.order.evolve import fold
from till.domain.order.facts import FACTS, joined_facts, moved_facts, parted_facts
from till.domain.order.guests import TooLongError
from till.domain.order.state import Buyer, Customer, Order, Preference
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.events.registry import EventData

#: The attributes of an order that a person or a program sets, and that are no facts, with the reason.
NO_FACTS: Final = {
    "lines": "pieces, with facets of their own",
    "given": "a discount becomes amounts on the lines before they move",
    "payments": "money never leaves its order",
    "placed": "money", "placed_again": "money", "corrected": "money", "tip_changes": "money", "invoices": "of a sale",
    "feedback": "of a sale",
    "checkout_at": "the guest asks for the bill of one order",
    "user": "whose order it is", "till": "where it is open", "hold": "where it is open", "holder": "where it is open",
    "status": "of one order", "logout_time": "of one order", "discard_reason": "of one order",
    "discarded": "of one order", "discarded_by": "of one order", "cleared_by": "of one order",
    "terms": "orders of other terms are not merged", "ref": "the name of one order elsewhere",
    "submitted": "the name of one order at its program",
    "again": "of which order it is a copy", "from_session": "of which order it has lines",
    "last_item": "a word of the conversation", "last_menu": "a word of the conversation",
}  # fmt: skip
#: Attributes that events have of themselves, or that the server sets.
OF_THE_LOG: Final = {
    "id", "store_id", "created_at", "updated_at", "last_id", "undone", "refused", "came_from", "moved", "second",
    "handed", "unread", "set_aside", "conflicts", "settled_conflicts",
}  # fmt: skip
#: An order with every fact, by the attributes of its rows.
WORDS: Final = {"allergy": "nuts", "prefers": "window", "language": "es"}


def test_each_attribute_of_an_order_is_a_fact_or_says_why_not() -> None:
    facts = {name for fact in FACTS for name in fact.fields}
    assert facts | NO_FACTS.keys() | OF_THE_LOG == set(Order.__struct_fields__)
    assert not facts & (NO_FACTS.keys() | OF_THE_LOG)
    assert not NO_FACTS.keys() & OF_THE_LOG


def order_with(session: str, words: dict[str, str], **attributes: Any) -> Order:
    order = replace(Desk().order, id=session, **attributes)
    return replace(order, preferences_set={uid(name): Preference(name, text, 1) for name, text in words.items()})


def test_row_writes_between_orders_only_its_events_and_an_act_may_have_them() -> None:
    """The server refuses an act with an event of another type: "An act cannot have buyer_named."."""
    desk = Desk()
    full = order_with(
        uid("a"), WORDS, notes={uid("note"): "birthday"}, of_age=18, booking=uid("booking"), holds=True,
        is_type_chosen=True, order_type="take_away",
    )  # fmt: skip
    full = replace(full, customer=Customer(None, "Rao"), buyer=Buyer("Rao", "29X"))
    bare, words = replace(desk.order, id=uid("b")), {**full.preferences, "note": full.note}
    written = 0
    for fact in FACTS:
        for data in (*fact.joins(full, bare), *fact.moves(full, bare), *fact.parts(full), *fact.again(words)):
            assert isinstance(data, fact.events), fact.name
            assert data.of_acts, fact.name
            written += 1
        assert [*fact.joins(bare, full), *fact.moves(bare, full), *fact.parts(bare), *fact.again({})] == [], fact.name
    assert written > len(FACTS)


def _of(drafts: list[Any], kind: type[EventData]) -> list[Any]:
    return [draft.data for draft in drafts if isinstance(draft.data, kind)]


@pytest.mark.parametrize("act", [joined_facts, moved_facts])
def test_the_words_of_both_are_kept_and_none_twice(act: Any) -> None:
    order = order_with(uid("a"), {"allergy": "nuts, sesame"}, notes={uid("n"): "rush, window"})
    into = order_with(uid("b"), {"allergy": "Nuts, egg"}, notes={uid("n"): "birthday, rush"})
    assert _of(act(order, into), PreferenceSet) == [PreferenceSet(name="allergy", value="Nuts, egg, sesame")]
    assert _of(act(order, into), OrderNoted) == [OrderNoted(note="birthday, rush, window")]
    known = order_with(uid("b"), {"allergy": "egg, sesame, nuts"}, notes={uid("n"): "rush, window"})
    assert act(order, known) == []


@pytest.mark.parametrize("attribute", ["preferences_set", "notes"])
def test_words_that_are_too_long_for_one_order_are_refused_and_never_cut(attribute: str) -> None:
    long = ", ".join(f"part {number}" for number in range(25))
    notes = {"notes": {uid("n"): long}} if attribute == "notes" else {}
    order = order_with(uid("a"), {"allergy": long} if attribute == "preferences_set" else {}, **notes)
    with pytest.raises(TooLongError):
        joined_facts(order, replace(_other(order), id=uid("b")))
    assert parted_facts(order, uid("b"))
    with pytest.raises(TooLongError):
        guests.set_preference(Desk().order, "allergy", "x" * 251)


def _other(order: Order) -> Order:
    """The order with other words, as long."""
    preferences = {
        at: replace(one, words=one.words.replace("part", "bits")) for at, one in order.preferences_set.items()
    }
    notes = {at: note.replace("part", "bits") for at, note in order.notes.items()}
    return replace(order, preferences_set=preferences, notes=notes)


class TwoTills:
    """An order of till 1 that was granted to till 2 while till 1 was away."""

    def __init__(self) -> None:
        self.first, self.second, self.server = Hand(), Hand(2, seed=7), Hand(SERVER, seed=9)
        self.events = [self.first.opened(), self.first.added("a", 1)]

    def set(self, hand: Hand, words: str, name: str = "allergy") -> str:
        return self.write(hand, PreferenceSet(name=name, value=words))

    def write(self, hand: Hand, data: EventData) -> str:
        hand.after = max(hand.after or "", self.events[-1].id)
        self.events.append(hand.make(data))
        return self.events[-1].id

    def granted(self) -> None:
        self.second.knows(*self.events)
        self.events.append(self.second.took(from_till=1))

    @property
    def order(self) -> Order:
        order = fold(self.events)
        assert order is not None
        return order

    @property
    def allergy(self) -> str:
        return self.order.preferences.get("allergy", "")


def test_till_replaces_the_words_that_it_had_heard_and_adds_to_others() -> None:
    play = TwoTills()
    play.set(play.first, "nuts")
    play.set(play.first, "peanuts")
    assert play.allergy == "peanuts"
    play.granted()
    play.set(play.first, "egg")  # under the earlier hold, as its till sees it until the server answers
    play.set(play.second, "peanuts, sesame")
    assert play.allergy == "egg, peanuts, sesame"
    play.set(play.second, "")
    assert play.allergy == "egg", "a clearing takes what its till had seen"
    play.set(play.first, "")
    assert play.allergy == ""


def test_words_that_the_server_repeats_are_added_and_named_to_be_cleared() -> None:
    play = TwoTills()
    play.granted()
    play.set(play.second, "sesame")
    play.server.knows(*play.events)
    play.server.hold = play.order.hold
    repeated = play.write(play.server, PreferenceSet(name="allergy", value="nuts"))
    assert play.allergy == "sesame, nuts"
    play.set(play.second, "")
    assert play.allergy == "nuts", "a till of an earlier release, or one that has not heard of it, clears its own"
    drafts = guests.set_preference(play.order, "allergy", "")
    assert [draft.data for draft in drafts][1:] == [ChangeUndone(event=repeated)]
    for draft in drafts:
        play.write(play.second, draft.data)
    assert play.allergy == ""


def test_the_language_of_the_paper_is_one_and_a_preference_of_a_program_is_replaced_by_it() -> None:
    hand = Hand(SERVER)
    events = [hand.opened(), hand.make(PreferenceSet(name="allergy", value="nuts"))]
    events += [hand.make(PreferenceSet(name="allergy", value="egg"))]
    assert folded(*events).preferences == {"allergy": "egg"}
    play = TwoTills()
    play.granted()
    play.set(play.first, "es", "language")
    play.set(play.second, "hi", "language")
    assert play.order.preferences == {"language": "hi"}
