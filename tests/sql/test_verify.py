"""The walk over the chains finds what was altered, removed or put in, and says where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, Till, packed
from tests.sql.test_upkeep import age, as_if_by_time, maintain

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


_CHAIN = "WHERE journal_id = %(journal)s"
#: What the changes below are written with.
WORDS = {
    "log": "warm.session_events",
    "head": "warm.journal_head",
    "chain": _CHAIN,
    "third": f"{_CHAIN} AND seq = 3",
    "other": "replace(body, '80.00', '08.00')",
}


def sold(venue: Venue) -> Till:
    """A till that sold: five records."""
    till, cart = venue.till(), Cart()
    till.open(cart)
    line = till.add(cart, IDLY, 2)
    till.add(cart, DOSA)
    till.make("line_voided", cart.session, {"line_id": line}, texts={"reason": "dropped"})
    till.clear(cart)
    till.push()
    return till


def verify(venue: Venue) -> dict[str, Any]:
    found: dict[str, Any] = venue.value("SELECT till.audit_verify_v1(%s)", venue.store)
    return found


def chain_of(venue: Venue, till: Till) -> dict[str, Any]:
    [chain] = [chain for chain in verify(venue)["chains"] if chain["journal"] == till.journal]
    found: dict[str, Any] = chain
    return found


def test_sound_chains_are_sound(venue: Venue) -> None:
    till = sold(venue)
    found = verify(venue)

    assert found["sound"] is True
    assert [(c["till"], c["faults"], c["gaps"]) for c in found["chains"]] == [(0, [], []), (1, [], [])]
    assert [(c["records"], c["seq"], c["hash"]) for c in found["chains"] if c["till"]] == [(5, 5, till.hash)]


def test_they_stay_sound_when_a_part_moved_and_a_part_is_gone(venue: Venue) -> None:
    till = sold(venue)
    age(venue, "31 days")
    maintain(venue)
    cart = Cart()
    till.open(cart)
    till.add(cart, IDLY)
    till.add(cart, IDLY)
    one, two, three = till.pending
    gone = {"seq": two.seq, "h": two.hash, "gone": True}
    till.send(till.request() | {"events": [packed(one), gone, packed(three)]})

    assert verify(venue)["sound"] is True
    assert chain_of(venue, till)["gaps"] == [{"from": 7, "to": 7}]
    assert chain_of(venue, till)["records"] == 7


def test_they_stay_sound_when_another_chain_repeats_an_event(venue: Venue) -> None:
    till = sold(venue)
    stands = venue.rows(
        "SELECT event_id::text, event_type, session_id, event_data FROM session_events WHERE till_id = 1"
    )
    venue.owner.execute("SELECT till.till_adopt_v1(%s, NULL, 1)", [venue.store])
    again = venue.till()
    for event_id, kind, session, data in stands[:1]:
        again.make(kind, session, data, event_id=event_id)
    for event_id, kind, session, data in stands[2:3]:
        again.make(kind, session, data | {"quantity": 7}, event_id=event_id)  # other content: put aside
    again.push()
    assert verify(venue)["sound"] is True
    with as_if_by_time(venue):
        venue.owner.execute("UPDATE warm.event_links SET event_id = gen_random_uuid() WHERE seq = 1")
    assert chain_of(venue, again)["faults"] == [{"seq": 1, "fault": "The record that it stands for is missing."}]
    assert chain_of(venue, till)["faults"] == []


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ("UPDATE {log} SET body = {other} {third}", [(3, "Its content is not what was sealed.")]),
        (
            'UPDATE {log} SET event_data = event_data || \'{{"price": "8.00"}}\' {third}',
            [(3, "Its columns do not say what was sealed.")],
        ),
        ("UPDATE {log} SET session_id = 'another' {third}", [(3, "Its columns do not say what was sealed.")]),
        (
            "UPDATE {log} SET body = {other}, hash = warm.digest({other}) {third}",
            [(3, "Its columns do not say what was sealed."), (4, "It does not follow the record before it.")],
        ),
        ("DELETE FROM {log} {third}", [(3, "Missing.")]),
        ("DELETE FROM {log} {chain} AND seq = 5", [(4, "The chain ends here, but should at record 5.")]),
        ("UPDATE warm.event_texts SET text = 'eaten'", [(4, "A text beside it is not the one that was sealed.")]),
        ("UPDATE {head} SET seq = 4 {chain}", [(5, "The chain ends here, but should at record 4.")]),
        (
            "INSERT INTO warm.chain_gaps SELECT journal_id, seq, hash, store_id FROM {log} {third}",
            [(3, "Two records stand in one place.")],
        ),
        ("DELETE FROM {head} {chain}", [(5, "Nobody knows this journal.")]),
    ],
)
def test_what_was_done_to_a_chain_is_found_and_named(venue: Venue, change: str, faults: list[tuple[int, str]]) -> None:
    till = sold(venue)
    with as_if_by_time(venue):
        venue.owner.execute(change.format(**WORDS), {"journal": till.journal})

    assert verify(venue)["sound"] is False
    assert [(fault["seq"], fault["fault"]) for fault in chain_of(venue, till)["faults"]] == faults


def test_an_erased_text_breaks_nothing(venue: Venue) -> None:
    sold(venue)
    venue.owner.execute("DELETE FROM warm.event_texts")
    assert verify(venue)["sound"] is True
