"""The pieces left of a counted item at two tills: each shows what the other keyed, and its own keys when cut off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from tests.sql.ringing import IDLY, MENU
from tests.sync.rig import STORE
from tests.sync.test_reference import HINT, HINTED
from till.domain.events.envelope import Draft
from till.domain.order.events import ItemAdded
from till.domain.till.events import ItemCounted, stream_of_till
from till.register.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.sync.real import Real
    from tests.sync.rig import Keys


def count(keys: Keys, pieces: int) -> None:
    data = ItemCounted(item_id=IDLY, left=pieces, keep=True)  # the clock of these tests is of another day
    keys.ledger.commit([Draft(data, stream_of_till(STORE, keys.ledger.till))])


def key(keys: Keys, session: str, pieces: int) -> None:
    data = ItemAdded(
        line_id=keys.ledger.new_id(), item_id=IDLY, item_name="Idly", quantity=pieces, price="40.00", taxes=()
    )
    keys.ledger.commit([Draft(data, session)])


def hears(keys: Keys) -> asyncio.Event:
    """Set when a till hears what is left."""
    came, changed = asyncio.Event(), keys.ears.reference_changed

    def listen(names: Sequence[str]) -> None:
        changed(names)
        if "left" in names:
            came.set()

    keys.ears.reference_changed = listen  # type: ignore[method-assign] # the test listens in
    return came


def left(keys: Keys) -> dict[str, int]:
    return dict(Reference(keys.journal, keys.ledger.now).left.now())


async def test_both_tills_show_what_either_keyed(real: Real, make_keys: Callable[..., Keys]) -> None:
    real.owner.execute(HINT, [STORE, Jsonb(MENU)])
    one, two = make_keys(1), make_keys(2)
    async with real.service(one, HINTED) as here, real.service(two, HINTED) as there:
        mine, others = one.open(), two.open()
        assert await here.flush(5)
        assert await there.flush(5)
        came = hears(two)
        count(one, 12)
        assert left(one) == {IDLY: 12}
        async with asyncio.timeout(5):
            await came.wait()
        assert left(two) == {IDLY: 12}
        key(one, mine, 2)
        key(two, others, 3)
        assert (left(one), left(two)) == ({IDLY: 10}, {IDLY: 9})
        assert await here.flush(5)
        assert await there.flush(5)
        for keys, service in ((one, here), (two, there)):
            real.owner.execute("UPDATE till.tills SET seen_at = NULL")
            key(keys, mine if keys is one else others, 1)
            assert await service.flush(5)
        assert (left(one), left(two)) == ({IDLY: 6}, {IDLY: 5})
    key(one, mine, 1)
    assert left(one) == {IDLY: 5}, "cut off, it goes on with its own keys"
