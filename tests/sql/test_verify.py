"""The verification of the chains finds altered, removed and inserted records, and says where."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.database import unwatched
from tests.sql.ringing import DOSA, IDLY, Till, packed
from tests.sql.test_upkeep import age, maintain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.ringing import Venue


_CHAIN = "WHERE journal_id = %(journal)s"
#: Names used in the changes below.
WORDS = {
    "log": "warm.session_events",
    "head": "warm.journal_head",
    "chain": _CHAIN,
    "third": f"{_CHAIN} AND seq = 3",
    "other": "replace(body, '80.00', '08.00')",
}


def sold(venue: Venue) -> Till:
    """A till that sold: five records."""
    till, cart = venue.keyed()
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


def found_faults(chain: dict[str, Any]) -> list[tuple[int, str]]:
    return [(fault["seq"], fault["fault"]) for fault in chain["faults"]]


def test_sound_chains_are_sound(venue: Venue) -> None:
    till = sold(venue)
    found = verify(venue)

    assert found["sound"] is True
    assert [(c["till"], c["faults"], c["gaps"]) for c in found["chains"]] == [(0, [], []), (1, [], [])]
    assert [(c["records"], c["seq"], c["hash"]) for c in found["chains"] if c["till"]] == [(5, 5, till.hash)]


def test_seals_hold_after_a_partial_move(venue: Venue) -> None:
    till = sold(venue)
    age(venue, "31 days")
    maintain(venue)
    till.keyed(IDLY, IDLY)
    one, two, three = till.pending
    gone = {"seq": two.seq, "h": two.hash, "gone": True}
    till.send(till.request() | {"events": [packed(one), gone, packed(three)]})

    assert verify(venue)["sound"] is True
    assert chain_of(venue, till)["gaps"] == [{"from": 7, "to": 7}]
    assert chain_of(venue, till)["records"] == 7


def test_seals_hold_when_another_chain_repeats_an_event(venue: Venue) -> None:
    till = sold(venue)
    stands = venue.rows(
        "SELECT event_id::text, event_type, session_id, event_data FROM session_events WHERE till_id = 1"
    )
    venue.owner.execute("SELECT warm.adopt_journal(%s, NULL, 1)", [venue.store])
    again = venue.till()
    for event_id, kind, session, data in stands[:1]:
        again.make(kind, session, data, event_id=event_id)
    for event_id, kind, session, data in stands[2:3]:
        again.make(kind, session, data | {"quantity": 7}, event_id=event_id)  # other content: quarantined
    again.push()
    assert verify(venue)["sound"] is True
    with unwatched(venue.owner):
        venue.owner.execute("UPDATE warm.event_links SET event_id = gen_random_uuid() WHERE seq = 1")
    assert found_faults(chain_of(venue, again)) == [(1, "The linked record is missing.")]
    assert chain_of(venue, till)["faults"] == []


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ("UPDATE {log} SET body = {other} {third}", [(3, "The content of the record differs from the sealed one.")]),
        (
            'UPDATE {log} SET event_data = event_data || \'{{"price": "8.00"}}\' {third}',
            [(3, "The columns of the record differ from the sealed ones.")],
        ),
        (
            "UPDATE {log} SET session_id = 'another' {third}",
            [(3, "The columns of the record differ from the sealed ones.")],
        ),
        (
            "UPDATE {log} SET body = {other}, hash = warm.digest({other}) {third}",
            [
                (3, "The columns of the record differ from the sealed ones."),
                (4, "The record does not follow the one before it."),
            ],
        ),
        ("DELETE FROM {log} {third}", [(3, "Missing.")]),
        (
            "DELETE FROM {log} {chain} AND seq = 5",
            [(5, "Missing: the chain ends at record 4, but its head is record 5.")],
        ),
        ("UPDATE warm.event_texts SET text = 'eaten'", [(4, "A text of the record is not the one that was sealed.")]),
        (
            "UPDATE warm.event_texts SET salt = salt || left(text, 4), text = substr(text, 5)",
            [(4, "A text of the record is not the one that was sealed.")],
        ),
        ("UPDATE {head} SET seq = 4 {chain}", [(5, "Added: the head of the chain is record 4.")]),
        (
            "INSERT INTO warm.chain_gaps SELECT journal_id, seq, hash, store_id FROM {log} {third}",
            [(3, "Two records have the same place.")],
        ),
        ("DELETE FROM {head} {chain}", [(1, "Nobody knows this journal.")]),
    ],
)
def test_tampering_with_a_chain_is_found_and_named(venue: Venue, change: str, faults: list[tuple[int, str]]) -> None:
    till = sold(venue)
    with unwatched(venue.owner):
        venue.owner.execute(change.format(**WORDS), {"journal": till.journal})

    assert verify(venue)["sound"] is False
    assert found_faults(chain_of(venue, till)) == faults


def test_an_erased_text_breaks_nothing(venue: Venue) -> None:
    sold(venue)
    venue.owner.execute("DELETE FROM warm.event_texts")
    assert verify(venue)["sound"] is True


LOG, AUDIT = "warm.session_events", "cold.order_audit"
#: Fragments used in the changes to a part.
_PART = "WHERE journal_id = %(journal)s AND seq"
_COPY = """
    INSERT INTO {log} SELECT (jsonb_populate_record(e, {changes}::jsonb)).* FROM {log} AS e
    WHERE journal_id = %(journal)s AND seq = 10
"""
_ANOTHER = """jsonb_build_object('event_id', gen_random_uuid(), 'seq', 11)"""


def traded(venue: Venue, where: str) -> Till:
    """A till that sold on two days, months ago in the audit: ten records, five of each day."""
    till = sold(venue)
    if where == AUDIT:
        age(venue, "62 days")
        maintain(venue)
    till.now += timedelta(days=1)
    cart = till.keyed()
    for item in (IDLY, DOSA, IDLY, DOSA):
        till.add(cart, item)
    till.push()
    if where == AUDIT:
        age(venue, "31 days")
        maintain(venue)
        months = venue.value("SELECT count(DISTINCT tableoid) FROM order_audit WHERE journal_id = %s", till.journal)
        assert months == 2
    assert venue.value(f"SELECT count(*) FROM {where} WHERE journal_id = %s", till.journal) == 10  # noqa: S608 - ours
    return till


@contextmanager
def unguarded(venue: Venue) -> Iterator[None]:
    """Lift the guards of the log and the audit, as only their owner can; all is undone after the block."""
    parts = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'cold.order_audit'::regclass"
    with venue.owner.transaction(force_rollback=True), unwatched(venue.owner):
        for (part,) in venue.rows(parts):
            venue.owner.execute(f"ALTER TABLE {part} DISABLE TRIGGER USER")
        venue.owner.execute("ALTER TABLE warm.session_events DROP CONSTRAINT session_events_journal_id_seq_key")
        yield


@contextmanager
def tampered(venue: Venue, till: Till, change: str, where: str = LOG) -> Iterator[None]:
    """Tamper with an unguarded table; undone after the block."""
    with venue.owner.transaction(force_rollback=True):
        for statement in change.format(log=where, part=_PART).split(";"):
            venue.owner.execute(statement, {"journal": till.journal})
        yield


TAMPERED = {
    "a row is missing in the middle": ("DELETE FROM {log} {part} = 3", "missing", 3, None),
    "the first row is missing": ("DELETE FROM {log} {part} = 1", "missing", 1, None),
    "a row is missing at the end": ("DELETE FROM {log} {part} = 10", "missing", 10, None),
    "all of a day is missing": ("DELETE FROM {log} {part} > 5", "missing", 6, None),
    "all is missing": ("DELETE FROM {log} {part} > 0", "missing", 1, None),
    "a body is altered": ("UPDATE {log} SET body = replace(body, 'take_away', 'dine_inn') {part} = 6", "altered", 6, 6),
    "a body is no JSON": ("UPDATE {log} SET body = 'gone' {part} = 3", "altered", 3, 3),
    "a body is no JSON, and sealed": (
        "UPDATE {log} SET body = left(body, 43) || 'gone', hash = warm.digest(left(body, 43) || 'gone') {part} = 10",
        "altered", 10, 10,
    ),
    "the data beside a sound body is altered": (
        "UPDATE {log} SET event_data = event_data || '{{\"quantity\": 1}}' {part} = 2", "altered", 2, 2,
    ),
    "a number is written otherwise": (
        "UPDATE {log} SET event_data = event_data || '{{\"quantity\": 2.0}}' {part} = 2", "altered", 2, 2,
    ),
    "a person is altered": ("UPDATE {log} SET user_id = 2 {part} = 7", "altered", 7, 7),
    "a person is gone": ("UPDATE {log} SET user_id = NULL {part} = 7", "altered", 7, 7),
    "a time is altered": ('UPDATE {log} SET "timestamp" = now() {part} = 7', "altered", 7, 7),
    "a login is altered": ("UPDATE {log} SET login_session = gen_random_uuid() {part} = 7", "altered", 7, 7),
    "a shift is altered": ("UPDATE {log} SET shift = gen_random_uuid() {part} = 7", "altered", 7, 7),
    "a hold is altered": ("UPDATE {log} SET hold_id = NULL {part} = 7", "altered", 7, 7),
    "an order is altered": ("UPDATE {log} SET session_id = gen_random_uuid()::text {part} = 7", "altered", 7, 7),
    "an order is gone": ("UPDATE {log} SET session_id = NULL {part} = 7", "altered", 7, 7),
    "a store is altered": ("UPDATE {log} SET store_id = gen_random_uuid() {part} = 7", "altered", 7, 7),
    "a till is altered": ("UPDATE {log} SET till_id = 2 {part} = 7", "altered", 7, 7),
    "a type is altered": ("UPDATE {log} SET event_type = 'menu_viewed' {part} = 7", "altered", 7, 7),
    "a seal is altered": ("UPDATE {log} SET hash = repeat('a', 64) {part} = 7", "altered", 7, 7),
    "what it follows is altered": ("UPDATE {log} SET prev_hash = repeat('a', 64) {part} = 7", "altered", 7, 7),
    "one is added at the end": (_COPY.replace("{changes}", _ANOTHER), "added", 11, 11),
    "one is added in another's place": (
        _COPY.replace("{changes}", _ANOTHER.replace("11", "4")), "added", 4, None,
    ),
    "two are reordered": ("UPDATE {log} SET seq = 7 - seq {part} IN (3, 4)", "reordered", 3, 3),
    "a gap is put where nothing is": (
        """INSERT INTO warm.chain_gaps SELECT journal_id, 3, repeat('b', 64), store_id FROM {log} {part} = 1;
        DELETE FROM {log} {part} = 3""",
        "reordered", 4, 4,
    ),
    "a gap is put beside a record": (
        "INSERT INTO warm.chain_gaps SELECT journal_id, seq, hash, store_id FROM {log} {part} = 3", "added", 3, None,
    ),
    "a link is put in": (
        "INSERT INTO warm.event_links SELECT journal_id, 11, event_id, store_id, hash, hash FROM {log} {part} = 10",
        "added", 11, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("where", [LOG, AUDIT])
def test_the_first_that_was_tampered_with_is_named_in_the_log_and_in_the_audit(
    venue: Venue, where: str, subtests: pytest.Subtests
) -> None:
    till = traded(venue, where)
    events = "SELECT seq, event_id::text FROM warm.log WHERE journal_id = %s ORDER BY event_id"
    with unguarded(venue):
        for done, (change, kind, seq, of) in TAMPERED.items():
            with subtests.test(done):
                assert verify(venue)["sound"] is True
                with tampered(venue, till, change, where):
                    ids = dict(venue.rows(events, till.journal))
                    found = verify(venue)
                    assert found["sound"] is False
                    faults = next(chain["faults"] for chain in found["chains"] if chain["journal"] == till.journal)
                    first = faults[0]
                    assert (first["kind"], first["seq"]) == (kind, seq), faults
                    assert of is None or first["id"] == ids[of]
                    assert [chain["journal"] for chain in found["chains"] if chain["faults"]] == [till.journal]


def test_a_link_and_a_gap_that_are_altered_are_named(venue: Venue) -> None:
    till = sold(venue)
    stands = venue.rows(
        "SELECT event_id::text, event_type, session_id, event_data FROM session_events WHERE till_id = 1"
    )
    venue.owner.execute("SELECT warm.adopt_journal(%s, NULL, 1)", [venue.store])
    again = venue.till()
    for event_id, kind, session, data in stands[:1]:
        again.make(kind, session, data, event_id=event_id)
    again.push()
    again.keyed(IDLY)
    one, two = again.pending
    again.send(again.request() | {"events": [{"seq": one.seq, "h": one.hash, "gone": True}, packed(two)]})
    assert verify(venue)["sound"] is True
    with unguarded(venue), tampered(venue, again, "UPDATE warm.chain_gaps SET hash = repeat('c', 64)"):
        assert found_faults(chain_of(venue, again)) == [(3, "The record does not follow the one before it.")]
        venue.owner.execute("UPDATE warm.event_links SET prev_hash = repeat('c', 64)")
        assert found_faults(chain_of(venue, again))[0] == (1, "The linked record differs from the sealed one.")
        venue.owner.execute("DELETE FROM warm.event_links")
        assert found_faults(chain_of(venue, again))[0] == (1, "Missing.")
        assert chain_of(venue, till)["faults"] == []


def test_a_chain_is_sound_in_parts_and_a_fault_is_found_by_the_part_that_has_it(venue: Venue) -> None:
    till = traded(venue, LOG)

    def part(first: int, last: int | None) -> list[tuple[int, str]]:
        return found_faults(
            venue.value("SELECT till.audit_part_v1(%s, %s, %s, %s)", venue.store, till.journal, first, last)
        )

    assert [part(1, 3), part(4, 9), part(10, None), part(11, None)] == [[], [], [], []]
    with unguarded(venue), tampered(venue, till, "DELETE FROM {log} {part} IN (4, 5, 10)"):
        assert [part(1, 3), part(4, 5), part(6, 9)] == [[], [], [(4, "Missing.")]]
        assert part(10, None) == [(10, "Missing: the chain ends at record 9, but its head is record 10.")]


DAYS = [("2026-03-02T22:30Z", "2026-03-03T22:30Z"), ("2026-03-03T22:30Z", "2026-03-04T22:30Z")]


@pytest.mark.parametrize(("day", "seq"), [(0, 1), (0, 5), (1, 6), (1, 10)])
def test_a_day_is_held_to_what_stands_beside_it(venue: Venue, day: int, seq: int) -> None:
    till = traded(venue, LOG)

    def faults_of(number: int) -> list[tuple[int, str]]:
        [chain] = venue.value("SELECT till.audit_chains_v1(%s, 1, %s, %s)", venue.store, *DAYS[number])
        values = (venue.store, chain["journal"], chain["first"], chain["last"])
        return found_faults(venue.value("SELECT till.audit_part_v1(%s, %s, %s, %s)", *values))

    assert [faults_of(0), faults_of(1)] == [[], []]
    with unguarded(venue), tampered(venue, till, f"DELETE FROM {{log}} {{part}} = {seq}"):  # noqa: S608 - ours
        assert [place for place, _fault in faults_of(day)] == [seq]
        tamper_day = f"DELETE FROM {LOG} WHERE journal_id = %s AND (seq > 5) = %s"  # noqa: S608 - ours
        venue.owner.execute(tamper_day, [till.journal, day == 1])
        assert [place for place, _fault in faults_of(day)] == [1 + 5 * day]


def test_a_till_is_asked_for_by_its_number_and_the_server_by_none(venue: Venue) -> None:
    till = sold(venue)

    def chains(number: int | None) -> list[str]:
        found = venue.value("SELECT till.audit_chains_v1(%s, %s)", venue.store, number)
        return [chain["journal"] for chain in found]

    assert chains(1) == [till.journal]
    assert chains(2) == []
    assert len(chains(0)) == 1
    assert len(chains(None)) == 2
