"""Journals and chains from the till's side (ADR 0011): each case leads to a sentence, one act, and nothing lost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.database import unwatched
from tests.sync.rig import STORE, Rig
from till.ports import Head, LightState
from till.sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sync.real import Real


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machines]:
    made = Machines(tmp_path)
    yield made
    for rig in made.rigs:
        rig.journal.close()


class Machines:
    """Makes machines, each with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rigs: list[Rig] = []

    def __call__(self, *, copy: Rig | None = None, till: int = 1) -> Rig:
        """A machine of a till; with `copy` on a copy of another's journal in its present state."""
        path = self.folder / f"{len(self.rigs)}.journal"
        if copy is not None:
            for ending in ("", "-wal"):
                if copy.path.with_name(copy.path.name + ending).exists():
                    shutil.copyfile(copy.path.with_name(copy.path.name + ending), path.with_name(path.name + ending))
        rig = Rig(path, till=till, seed=len(self.rigs) + 1)
        self.rigs.append(rig)
        return rig


def sell(rig: Rig, name: str = "Idly") -> str:
    session = rig.open()
    rig.add(session, name)
    rig.pay(session)
    return session


async def send(real: Real, rig: Rig) -> None:
    async with real.steps(rig) as steps:
        await steps.settle()


async def refused(real: Real, rig: Rig) -> tuple[str, str]:
    """Send, and be refused; return the code and the light's sentence."""
    async with real.steps(rig) as steps:
        await steps.push()
    trouble = rig.engine.trouble
    assert trouble is not None
    assert rig.light.state is LightState.ATTENTION
    assert rig.light.detail == trouble.sentence
    return trouble.code, trouble.sentence


def adopt(real: Real, till: int = 1) -> None:
    real.owner.execute("SELECT warm.adopt_journal(%s, NULL, %s)", [STORE, till])


def verified(real: Real) -> dict[str, Any]:
    found: dict[str, Any] = real.value("SELECT till.audit_verify_v1(%s)", STORE)
    assert found["sound"], found
    return found


def placed(real: Real) -> list[str]:
    return [str(row[0]) for row in real.owner.execute("SELECT session_id FROM cold.orders ORDER BY 1").fetchall()]


async def test_a_machine_that_takes_the_place_of_another_sells_and_waits_for_one_word(
    real: Real, machine: Machines
) -> None:
    old = machine()
    sales = [sell(old)]
    await send(real, old)
    sales.append(sell(old))  # and then it broke, with this unsent
    new = machine()
    sales.append(sell(new))
    code, sentence = await refused(real, new)
    assert (code, "till admin tills adopt 1" in sentence) == ("journal_not_live", True)
    assert set(new.journal.versions()) >= {"menu", "staff", "settings"}  # without them it could not sell until then
    sales.append(sell(new))
    adopt(real)
    await send(real, new)
    assert new.light.state is LightState.SAVED
    assert real.value("SELECT count(DISTINCT receipt) = count(*) FROM cold.orders")
    assert placed(real) == sorted([sales[0], *sales[2:]])

    async with real.steps(old) as steps:  # its disk could be read after all
        await steps.settle()
        assert placed(real) == sorted(sales)
        old.pass_by(5)
        await steps.push()
    assert old.engine.trouble is not None
    assert old.engine.trouble.code == "journal_retired"
    assert "All lines keyed here are saved" in old.light.detail
    assert len(verified(real)["chains"]) == 3


async def test_a_machine_whose_place_is_taken_sends_the_rest_after_a_crash_of_the_server_too(
    real: Real, machine: Machines
) -> None:
    """The machine first asks, without a record, for the orders that it followed."""
    old = machine()
    old.add(old.open())
    await send(real, old)
    sales = [sell(old)]
    new = machine()
    sales.append(sell(new))
    await refused(real, new)
    adopt(real)
    await send(real, new)
    real.owner.execute("TRUNCATE hot.session_cart, hot.session_state, hot.session_preferences, hot.hot_epoch")
    async with real.steps(old) as steps:
        await steps.settle()
        old.pass_by(5)
        await steps.push()
    assert placed(real) == sorted(sales)
    assert old.engine.trouble is not None
    assert old.engine.trouble.code == "journal_retired"


async def test_a_number_that_is_given_to_a_second_machine_is_named_to_the_first(real: Real, machine: Machines) -> None:
    one = machine()
    await send(real, one)
    real.owner.execute("UPDATE till.tills SET secret_hash = repeat('0', 64) WHERE id = 1")
    sell(one)
    code, sentence = await refused(real, one)
    assert (code, "else with `1 --replace`" in sentence) == ("wrong_secret", True)


async def test_a_database_that_was_set_back_gets_what_the_till_has_and_the_places_of_what_it_has_not(
    real: Real, machine: Machines
) -> None:
    rig = machine()
    sell(rig)
    first = rig.journal.head
    await send(real, rig)
    sell(rig)
    sell(rig)
    await send(real, rig)
    rig.pass_by(30 * 86400)
    while rig.journal.prune(7, now=rig.clock.now()):
        continue
    kept = sell(rig)
    await send(real, rig)
    pruned = [place.seq for place in gone_from(rig)]
    assert pruned == list(range(1, rig.journal.head.seq - 4))
    real.set_back(rig, first.seq, first.hash)
    with unwatched(real.owner):
        real.owner.execute("DELETE FROM till.order_sessions WHERE id = %s", [kept])
        for table in ("order_item", "order_line", "order_payment", "order_status_history", "orders"):
            where = "order_id IN (SELECT order_id FROM cold.orders WHERE session_id = %s)"
            real.owner.execute(f"DELETE FROM cold.{table} WHERE {where}", [kept])  # noqa: S608 - ours
    rig.pass_by(5)
    await send(real, rig)

    assert rig.light.state is LightState.SAVED
    assert kept in placed(real)
    [chain] = [chain for chain in verified(real)["chains"] if chain["till"] == 1]
    assert chain["gaps"] == [{"from": first.seq + 1, "to": pruned[-1]}]
    assert chain["seq"] == rig.journal.head.seq


def gone_from(rig: Rig) -> list[Head]:
    """The places of all that was pruned."""
    acked = rig.journal.acked
    rig.journal.acknowledge(Head(0, "0" * 64))
    found = rig.journal.gone(10_000)
    rig.journal.acknowledge(acked)
    return found


async def test_more_places_than_one_push_takes_come_in_several(
    real: Real, machine: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("till.sync.composer._MOST_GONE", 3)
    rig = machine()
    for _ in range(3):
        sell(rig)
    await send(real, rig)
    rig.pass_by(30 * 86400)
    while rig.journal.prune(7, now=rig.clock.now()):
        continue
    sell(rig)
    real.set_back(rig, 0, "0" * 64)
    rig.pass_by(5)
    rig.engine.nudge(rig.now, at_once=True)
    async with real.steps(rig) as steps:
        await steps.settle(20)
    assert real.value("SELECT count(*) FROM warm.chain_gaps") == 15
    assert rig.journal.acked == rig.journal.head


async def test_an_older_copy_of_a_journal_starts_a_new_one_with_nothing_lost_and_nothing_twice(
    real: Real, machine: Machines
) -> None:
    rig = machine()
    sales = [sell(rig)]
    await send(real, rig)
    half = rig.open()
    rig.add(half, "Vada")
    copy = machine(copy=rig)  # with the half order, which is unsent in it
    rig.pay(half)
    sales += [half, sell(rig)]
    await send(real, rig)
    copy.add(half, "Dosa")  # keyed on a disk that does not know that the order is paid
    sales.append(sell(copy))
    before = {event.id for session in (half, sales[-1]) for event in copy.journal.events_of(session)}

    code, sentence = await refused(real, copy)
    assert (code, "Close the till and open it again" in sentence) == ("chain_diverged", True)
    sales.append(sell(copy))  # selling goes on
    copy.restart()
    assert "older copy" in copy.journal.opened.notice
    assert copy.journal.journal_id != rig.journal.journal_id
    code, sentence = await refused(real, copy)
    assert (code, "till admin tills adopt 1" in sentence) == ("journal_not_live", True)
    adopt(real)
    await send(real, copy)

    assert copy.light.state is LightState.SAVED
    assert placed(real) == sorted(sales)
    logged = [str(row[0]) for row in real.owner.execute("SELECT event_id FROM warm.session_events").fetchall()]
    assert before <= set(logged)
    assert len(logged) == len(set(logged))
    assert real.value("SELECT count(*) FROM warm.event_links") > 0
    assert real.value("SELECT count(*) FROM warm.quarantine") == 0
    # the copy numbered its receipts as if nothing had been sold since
    twice = "SELECT count(*) - count(DISTINCT receipt) FROM cold.orders"
    assert real.value("SELECT count(*) FROM till.conflicts WHERE kind = 'number_twice'") == real.value(twice) > 0
    assert real.value("SELECT count(*) FROM till.conflicts WHERE kind <> 'number_twice'") == 0
    verified(real)


async def test_an_older_copy_shows_before_anything_is_keyed_on_it(real: Real, machine: Machines) -> None:
    rig = machine()
    sell(rig)
    await send(real, rig)
    copy = machine(copy=rig)
    sell(rig)
    await send(real, rig)
    async with real.steps(copy) as steps:
        await steps.push()
        at_first = copy.engine.trouble
        assert at_first is None
        await steps.push()
    assert copy.engine.trouble is not None
    assert copy.engine.trouble.code == "chain_diverged"
    copy.restart()
    assert copy.journal.opened.set_aside is not None


async def test_a_journal_that_is_whole_is_not_set_aside(real: Real, machine: Machines) -> None:
    rig = machine()
    sell(rig)
    await send(real, rig)
    rig.restart()
    assert rig.journal.opened.set_aside is None
    await send(real, rig)
    assert rig.light.state is LightState.SAVED


@pytest.mark.parametrize("adopted_first", [False, True])
async def test_two_live_machines_with_one_journal_cost_one_act_and_lose_nothing(
    real: Real, machine: Machines, *, adopted_first: bool
) -> None:
    """A disk image with the machine's own id in it: neither copy can know of the other."""
    one = machine()
    sales = [sell(one)]
    await send(real, one)
    other = machine(copy=one)
    sales += [sell(one), sell(other)]
    await send(real, one)
    code, sentence = await refused(real, other)
    assert (code, "till admin tills adopt 1" in sentence) == ("chain_diverged", True)
    if adopted_first:  # the sentence names both steps; their order does not matter
        adopt(real)
    other.restart()
    if not adopted_first:
        adopt(real)
    await send(real, other)
    sales += [sell(one), sell(other)]
    await send(real, other)

    async with real.steps(one) as steps:  # the other one keeps its sales, and is told
        await steps.settle()
        one.pass_by(5)
        await steps.push()
    assert one.engine.trouble is not None
    assert one.engine.trouble.code == "journal_retired"
    assert placed(real) == sorted(sales)
    assert real.value("SELECT count(*) FROM warm.quarantine") == 0
    twice = "SELECT count(*) - count(DISTINCT receipt) FROM cold.orders"
    assert real.value("SELECT count(*) FROM till.conflicts WHERE kind = 'number_twice'") == real.value(twice) == 1
    verified(real)


async def test_an_older_copy_does_not_believe_that_its_own_records_arrived_in_the_place_of_others(
    real: Real, machine: Machines
) -> None:
    rig = machine()
    session = rig.open()
    copy = machine(copy=rig)  # nothing of it is acknowledged in the copy
    for name in ("Idly", "Vada", "Dosa"):
        rig.add(session, name)
    await send(real, rig)
    keyed = [copy.add(session, name) for name in ("Coffee", "Tea", "Milk", "Idly")]
    copy.settings = Settings(batch_events=1)  # so that the first answer has places that were not sent yet
    copy.start()
    async with real.steps(copy) as steps:
        await steps.push()
        assert copy.journal.acked.seq == 0
    code, _sentence = await refused(real, copy)
    assert code == "chain_diverged"
    copy.restart()
    await refused(real, copy)
    adopt(real)
    await send(real, copy)
    logged = {str(row[0]) for row in real.owner.execute("SELECT event_id FROM warm.session_events").fetchall()}
    assert {event.id for event in keyed} <= logged
    verified(real)
