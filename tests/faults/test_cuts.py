"""The link is cut at any byte of a push and of its reply, frozen in the middle of them, slow or narrow.

Each cut is one sale: the link breaks after some bytes, the till connects again and sends again, and the database has
that sale once. The suite cuts in or beside every header and at a share of the other bytes, which lie in the middle of
a message or of its length like their neighbours; `make cuts` at all of them.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults.frames import edges
from tests.sync.proxy import Proxy, Way
from tests.sync.real import Real, is_saved, until
from tests.sync.rig import STORE, Rig
from till.sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tests.sync.real import Steps
    from tests.sync.rig import Keys

#: Of the bytes that are no header, every so many; 1 for all.
STEP: Final = int(os.environ.get("TILL_CUTS_STEP") or 960)
#: Of the places in and beside headers, which are four for each, every so many: in turn before it, in it and after it.
TURN: Final = 1 if STEP == 1 else 3
#: Places of a freeze, and rounds of all weathers.
FREEZES: Final = 8 if STEP == 1 else 2
ROUNDS: Final = 5 if STEP == 1 else 1
WEATHERS: Final = ("cut", "cut", "freeze", "drop", "delay", "throttle", "fine")
SEED: Final = os.environ.get("TILL_CUTS_SEED") or "suite"
#: A till that soon gives a frozen link up: no test waits for half a minute. On a busy machine an answer may take a
#: fifth of a second.
SHORT: Final = Settings(debounce_ms=5, max_wait_ms=20, deadline_s=0.5, patience_s=0.5)
TOTALS: Final = """
    SELECT count(*)::integer, count(DISTINCT session_id)::integer, coalesce(sum(total_amount), 0)::integer,
        (SELECT count(*)::integer FROM cold.order_payment), (SELECT coalesce(sum(amount), 0)::integer
         FROM cold.order_payment), (SELECT count(*)::integer FROM warm.quarantine)
    FROM cold.orders
"""


class Seller:
    """Sells at one till over a link, and holds the database against what was sold."""

    def __init__(self, real: Real, rig: Rig, steps: Steps) -> None:
        self._real, self._rig, self._steps = real, rig, steps
        self.sold: list[str] = []

    def ring(self) -> None:
        """One sale of 40.00, on the till's disk."""
        session = self._rig.open()
        self._rig.add(session)
        self._rig.pay(session)
        self.sold.append(session)

    async def settle(self, place: object) -> None:
        """Push until all is acknowledged: the last sale is there, once, and the chain ends where the till's does."""
        await self._steps.settle(40)  # a slow machine halves a batch more often
        head = self._rig.journal.head
        assert self._rig.journal.acked == head, place
        found = self._real.owner.execute(
            "SELECT h.seq, h.hash, (SELECT count(*) FROM cold.orders WHERE session_id = %s) "
            "FROM warm.journal_head AS h WHERE journal_id = %s",
            [self.sold[-1], self._rig.journal.journal_id],
        ).fetchall()
        assert found == [(head.seq, head.hash, 1)], place

    async def sell_through_ice(self, proxy: Proxy, way: Way, place: int) -> None:
        """One sale whose push freezes at a byte and is given up; what was on its way comes after the thaw.

        A busy machine may be too slow to bring the push as far as that byte in time: then the next sale tries it.
        """
        before = proxy.freezes
        for _try in range(20):
            self.ring()
            proxy.freeze_after(way, place)
            await self._steps.push()
            proxy.forgive()
            proxy.thaw()
            await self.settle(place)
            if proxy.freezes > before:
                return
        raise AssertionError(f"byte {place} was never reached")

    async def measure(self, proxy: Proxy) -> dict[Way, bytes]:
        """Return the bytes that one sale sends over the connection, each way."""
        self.ring()
        heard = proxy.listen()
        await self.settle("whole")
        proxy.heard = {}
        return {way: bytes(heard[way]) for way in Way}

    def check(self) -> None:
        """All that was sold is in the database, and nothing else: no event missing or twice, no row too many."""
        assert self._real.logged(self._rig) == list(range(1, self._rig.journal.head.seq + 1))
        count = len(self.sold)
        found = self._real.owner.execute(TOTALS).fetchall()
        assert found == [(count, count, 40 * count, count, 40 * count, 0)]
        assert self._real.value("SELECT till.audit_verify_v1(%s)", STORE)["sound"] is True


def places(heard: bytes) -> Iterator[int]:
    """Return the bytes to cut at: at all headers, the end, and each STEP-th byte from one chosen by the seed."""
    first = random.Random(SEED).randrange(STEP)  # noqa: S311 - for a place, not for a secret
    headers = sorted(edges(heard))[::TURN]
    return iter(sorted({*headers, len(heard), *range(first, len(heard) + 1, STEP)}))


@pytest.mark.parametrize("way", list(Way))
async def test_a_push_cut_at_any_byte_loses_no_sale_and_books_none_twice(real: Real, rig: Rig, way: Way) -> None:
    async with Proxy.before(real.app) as proxy, real.steps(rig, facts=real.facts(1, proxy.address)) as steps:
        await steps.push()
        seller = Seller(real, rig, steps)
        whole = (await seller.measure(proxy))[way]  # not prepared yet, as after each cut
        for cuts, place in enumerate(places(whole), 1):
            seller.ring()
            proxy.cut_after(way, place)
            await seller.settle(place)
            assert proxy.cuts == cuts, f"byte {place} of {len(whole)} was never reached"
    seller.check()


@pytest.mark.parametrize("way", list(Way))
async def test_a_connection_cut_at_any_byte_of_its_opening_is_made_again(real: Real, rig: Rig, way: Way) -> None:
    async with Proxy.before(real.app) as proxy, real.steps(rig, facts=real.facts(1, proxy.address)) as steps:
        await steps.push()
        seller = Seller(real, rig, steps)
        seller.ring()
        await steps.server.close()
        before = proxy.carried[way]
        await seller.settle("whole")
        whole = proxy.carried[way] - before
        for cuts, place in enumerate(range(0, whole, max(1, STEP // 2 - 1)), 1):
            seller.ring()
            await steps.server.close()
            proxy.cut_after(way, place)
            await seller.settle(place)
            assert proxy.cuts == cuts, f"byte {place} of {whole} was never reached"
    seller.check()


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Rig]:
    """A till that soon gives a link up."""
    found = Rig(tmp_path / "hasty.journal", SHORT)
    yield found
    found.journal.close()


def sample(heard: bytes, count: int) -> Iterable[int]:
    return random.Random(f"{SEED} {len(heard)}").sample(range(len(heard)), count)  # noqa: S311 - places


@pytest.mark.parametrize("way", list(Way))
async def test_a_push_frozen_in_the_middle_arrives_beside_its_repeat_and_counts_once(
    real: Real, hasty: Rig, way: Way
) -> None:
    """The till has given the link up; after the thaw the rest of the old push comes in beside the new one."""
    async with Proxy.before(real.app) as proxy, real.steps(hasty, facts=real.facts(1, proxy.address)) as steps:
        await steps.push()
        seller = Seller(real, hasty, steps)
        await seller.measure(proxy)
        await seller.measure(proxy)
        whole = (await seller.measure(proxy))[way]  # prepared by now: no push is shorter
        for place in sorted({0, len(whole), *sample(whole, FREEZES)}):
            await seller.sell_through_ice(proxy, way, place)
    seller.check()


async def test_all_kinds_of_weather_in_a_row(real: Real, hasty: Rig) -> None:
    chance = random.Random(SEED)  # noqa: S311 - weather
    async with Proxy.before(real.app) as proxy, real.steps(hasty, facts=real.facts(1, proxy.address)) as steps:
        seller = Seller(real, hasty, steps)
        size = len((await seller.measure(proxy))[Way.UP])
        weathers = WEATHERS * ROUNDS
        for number, weather in enumerate(chance.sample(weathers, len(weathers))):
            for _sale in range(chance.choice((1, 1, 1, 5, 20))):
                seller.ring()
            proxy.delay = chance.uniform(0.001, 0.02) if weather == "delay" else 0
            proxy.rate = chance.randrange(24_000, 120_000) if weather == "throttle" else 0
            if weather == "cut":
                proxy.cut_after(chance.choice(list(Way)), chance.randrange(size))
            elif weather == "drop":
                proxy.drop()
            elif weather == "freeze":
                proxy.freeze_after(chance.choice(list(Way)), chance.randrange(size))
                await steps.push()
                proxy.forgive()
                proxy.thaw()
            await seller.settle((number, weather))
            proxy.forgive()
    seller.check()


async def test_a_narrow_road_carries_a_backlog_by_smaller_pushes_and_each_event_once(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    """All events together take longer than the till waits: half as many are tried until it is enough."""
    keys = make_keys()
    session = keys.open()
    for _line in range(120):
        keys.add(session)
    async with Proxy.before(real.app) as proxy:
        proxy.rate = 45_000
        async with real.service(keys, SHORT, facts=real.facts(1, proxy.address)):
            await until(keys, is_saved)
    assert real.logged(keys) == list(range(1, 122))
    assert len(real.value("SELECT items FROM till.order_sessions WHERE id = %s", session)) > 0
