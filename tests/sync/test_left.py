"""The pieces left of a counted item at two tills: each shows what the other keyed, and its own keys when cut off."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from psycopg import Error
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


async def test_a_till_hears_what_the_desk_counts_and_marks(real: Real, make_keys: Callable[..., Keys]) -> None:
    oat = {
        "id": "milk",
        "name": "Milk",
        "least": 0,
        "most": 1,
        "options": [{"name": "Oat milk", "price": "0.00", "default": False}],
    }
    real.owner.execute(HINT, [STORE, Jsonb({**MENU, "modifiers": [oat]})])
    one = make_keys(1)
    async with real.service(one, HINTED) as here:
        mine = one.open()
        assert await here.flush(5)
        key(one, mine, 2)
        assert await here.flush(5)
        for call, values, shown in (
            ("menu_count_v1(%s, 9, %s, 12, true)", [IDLY], {IDLY: 12}),
            ("menu_choice_v1(%s, 9, %s, true)", ["Oat milk"], {IDLY: 12, "choice Oat milk": 0}),
            ("menu_choice_v1(%s, 9, %s, false)", ["Oat milk"], {IDLY: 12}),
        ):
            came = hears(one)
            real.owner.execute(f"SELECT till.{call}", [STORE, *values])
            async with asyncio.timeout(10):
                await came.wait()
            assert left(one) == shown
        one.clock.at = datetime.now(UTC) + timedelta(seconds=1)  # after the count, which has the server's time
        key(one, mine, 3)
        assert left(one) == {IDLY: 9}
        assert await here.flush(5)
    assert real.owner.execute("SELECT till.menu_left_v1(%s)", [STORE]).fetchall() == [({IDLY: 9},)]
    real.owner.execute("SELECT till.menu_sold_out_v1(%s, 9, %s, false)", [STORE, IDLY])
    assert real.owner.execute("SELECT till.menu_left_v1(%s)", [STORE]).fetchall() == [({},)]
    for call in ("menu_count_v1(%s, 9, 'cake', 1, false)", "menu_choice_v1(%s, 9, 'Soy', true)"):
        with pytest.raises(Error, match="on the menu"):
            real.owner.execute(f"SELECT till.{call}", [STORE])
