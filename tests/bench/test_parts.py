"""The bench's own parts at work on tiny samples. No test here checks a time; the bench measures times."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from bench import (
    audit,
    clients,
    counter,
    fiscal,
    journal,
    jumble,
    kitchen,
    left,
    lookup,
    order,
    paper,
    pgbench,
    pooler,
    program,
    push,
    shift,
    sums,
    venue,
    venues,
)
from bench.keys import Setting
from bench.recording import When, record

if TYPE_CHECKING:
    from bench.testbed import Bench


def test_names_prices_and_barcodes_are_all_different() -> None:
    plus = range(1, venue.MOST_ITEMS + 1)
    for of in (venue.item_name, venue.item_price, venue.barcode):
        assert len({of(plu) for plu in plus}) == venue.MOST_ITEMS


def test_the_journal_and_the_raw_disk_commit_the_same_events(testbed: Bench) -> None:
    own, raw = journal.measure(testbed, 4)
    assert len(own.values) == len(raw.values) == 4


def test_a_close_and_the_keys_beside_it_are_timed_on_one_shift(testbed: Bench) -> None:
    shop = shift.open_shop(testbed, 3)
    keyed = shift.time_keys(shop, 2)
    assert len(keyed.meanwhile.values) == len(keyed.before.values) == 2
    assert keyed.behind > 0
    assert min(shift.time_close(shop)) > 0


def test_the_sums_of_a_shift_of_every_kind_of_record_are_timed(testbed: Bench) -> None:
    assert len(sums.measure(testbed, 3).values) > 1


def test_a_receipt_is_timed_on_the_till_and_on_a_bare_client(testbed: Bench) -> None:
    for cost in paper.measure(testbed, 3):
        assert len(cost.whole.values) == len(cost.on_processor.values) == 3
        assert min(cost.whole.values) > 0


def test_random_bursts_key_and_show_what_calm_play_does(testbed: Bench) -> None:
    assert jumble.faults(testbed, 3) == []


def test_keys_with_stations_and_without_are_timed_in_turn(testbed: Bench) -> None:
    assert [len(one.values) for one in kitchen.measure(testbed, 2)] == [2, 2]


def test_a_sale_with_a_law_and_without_is_timed_in_turn(testbed: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fiscal, "_WARM", 1)
    assert [len(one.values) for pair in fiscal.measure_pays(testbed, 2) for one in pair] == [2] * 4
    for when in When:
        assert [len(one.values) for one in fiscal.measure_pushes(testbed, 3, when)] == [2, 2]


def test_the_looks_of_the_sender_are_timed_with_many_stamps_and_with_few(testbed: Bench) -> None:
    assert [len(one.values) for pair in fiscal.measure_looks(testbed, 400, 2) for one in pair] == [2] * 4


def test_the_label_of_a_shift_adds_less_than_a_tenth_to_an_order(testbed: Bench) -> None:
    labelled, bare = (shift.bytes_of_order(testbed, 3, labelled=one) for one in (True, False))
    assert bare < labelled < 1.1 * bare


def test_an_order_and_its_plain_inserts_are_timed_in_turn(testbed: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "_WARM", 2)
    own, limit = order.measure(testbed, 4)
    for cost in (own, limit):
        assert len(cost.whole.values) == len(cost.on_processor.values) == 2
        assert cost.wal > 10


def test_a_programs_write_and_two_plain_ones_are_timed_in_turn(testbed: Bench) -> None:
    for cost in program.measure(testbed, 22):
        assert len(cost.whole.values) == len(cost.on_processor.values) == 2


def test_the_walk_over_the_chains_and_the_hashes_alone_are_timed_in_turn(testbed: Bench) -> None:
    own, limit = audit.measure(testbed, 3, 2)
    assert len(own.values) == len(limit.values) == 2


@pytest.mark.skipif(pooler.PROGRAM is None, reason="PgBouncer is not installed here (Debian: pgbouncer)")
def test_a_crowd_works_behind_a_pooler_and_loses_nothing(testbed: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    program = pgbench.find()
    if program is None:
        pytest.skip("there is no pgbench on this machine")
    monkeypatch.setattr(clients, "_FAILED", 1)  # tills pause half a minute after many failures
    crowd = clients.Crowd(tills=3, beside=3, alone=1, waiters=2, users=3, sessions=20, rate=60)
    found = clients.measure(testbed, program, crowd)
    assert (found.lost, found.broken, found.late) == (0, 0, 0)
    assert len(found.alone.values) == clients.ORDER
    for pace in (found.played.half, found.played.whole):
        assert len(pace.pushes) == 3 * clients.ORDER
        assert pace.waiters
        assert pace.beats
        assert pace.lists
    assert len(found.played.saved.values) == 3
    assert sum(row.met is not None for row in clients.rows_of(found, crowd)) == 3


@pytest.mark.skipif(pooler.PROGRAM is None, reason="PgBouncer is not installed here (Debian: pgbouncer)")
def test_a_pooler_that_logs_much_goes_on(testbed: Bench) -> None:
    with testbed.database() as database, pooler.pooled(database.app, testbed.new_folder(), plans=False) as address:
        for _each in range(1000):  # of each of these it logs a line; a pipe holds 64 kB
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(replace(address, password="wrong").conninfo)
        with testbed.connect(address) as connection:
            assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_databases_of_venues_are_weighed_beside_empty_ones(testbed: Bench) -> None:
    held, plain, idle = venues.measure(testbed, 2, 0)
    assert held.files > plain.files > 0
    assert held.disk > plain.disk > 0
    assert held.memory.median > plain.memory.median > 0
    assert len(held.copied.values) == len(plain.copied.values) == 2
    assert idle.polls.median > 0
    took, (alone, keyed) = venues.look_up(testbed, 200, 3)
    assert [len(each.values) for each in took] == [3, 3]
    assert alone > keyed > 0


def test_a_push_of_a_counted_item_is_timed_beside_one_of_another(testbed: Bench) -> None:
    own, plain = left.measure(testbed, 6)
    assert len(own.values) == len(plain.values) > 1


def test_a_recording_is_pushed_again_by_pgbench(testbed: Bench) -> None:
    found = pgbench.find()
    if found is None:
        pytest.skip("there is no pgbench on this machine")
    with testbed.database() as database:
        recording = record(testbed.new_folder(), database, testbed.secrets[1], 5, When.COMMAND)
    assert len(recording.pushes) == 5 * 6
    own, limit = push.compare(testbed, recording, found)
    assert len(own.values) == len(limit.values) == 30 - 20


def test_a_backlog_is_sent_by_tills_and_by_pgbench_in_two_pairs(testbed: Bench) -> None:
    found = pgbench.find()
    if found is None:
        pytest.skip("there is no pgbench on this machine")
    pairs = push.backlog_round(testbed, found, 3)
    assert len(pairs) == 2
    assert all(own > 0 and limit > 0 for own, limit in pairs)


def test_one_in_five_lookups_is_mistyped_and_all_find_something() -> None:
    assert [len(sample.values) for sample in lookup.measure(5)] == [5] * 4


def test_a_setting_begins_below_its_lines() -> None:
    assert Setting(500, 10_000, (0,), 1, order=200).first == 400
    assert Setting(1, 60, (0,), 1, order=1).first == 0


def test_a_payment_is_one_commit(testbed: Bench) -> None:
    counted = counter.measure(testbed, 2)
    assert counted.commits == 1
    assert len(counted.pay.values) == 2
