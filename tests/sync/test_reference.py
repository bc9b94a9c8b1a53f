"""Reference data on real parts: a price that the manager changed reaches a till within a second, hinted or not."""

from __future__ import annotations

import asyncio
import copy
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import MENU
from tests.sync.rig import STORE, Keys
from till.sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.sync.real import Real

#: Nobody polls while the test lasts, or everybody several times.
HINTED, POLLED = Settings(poll_s=60), Settings(poll_s=0.2)
HINT = "SELECT till.menu_import_v1(%s, NULL, %s)"
#: The same with nobody told of it: the hint was lost.
LOST = "UPDATE till.settings SET version = version + 1, body = %s WHERE store_id = %s AND name = 'menu'"


def dearer() -> dict[str, Any]:
    menu: dict[str, Any] = copy.deepcopy(MENU)
    menu["items"][0]["price"] = "45.00"
    return menu


def price(keys: Keys) -> str:
    cached = keys.journal.cached("menu")
    assert cached is not None
    return str(cached[1]["items"][0]["price"])


def hears(keys: Keys) -> asyncio.Event:
    """Set when a new menu has come to a till."""
    came = asyncio.Event()
    changed = keys.ears.reference_changed

    def listen(names: Sequence[str]) -> None:
        changed(names)
        if "menu" in names:
            came.set()

    keys.ears.reference_changed = listen  # type: ignore[method-assign] # the test listens in
    return came


@pytest.mark.parametrize("settings", [HINTED, POLLED], ids=["hinted", "the hint is lost"])
async def test_a_new_price_reaches_every_till_within_a_second_and_an_open_line_keeps_its_own(
    real: Real, make_keys: Callable[..., Keys], settings: Settings
) -> None:
    real.owner.execute(HINT, [STORE, Jsonb(MENU)])
    one, two = make_keys(1), make_keys(2)
    async with real.service(one, settings) as here, real.service(two, settings) as there:
        session = one.open()
        one.add(session)
        two.open()
        assert await here.flush(5)
        assert await there.flush(5)
        assert (price(one), price(two)) == ("40.00", "40.00")
        came = [hears(one), hears(two)]
        if settings is HINTED:
            real.owner.execute(HINT, [STORE, Jsonb(dearer())])
        else:
            real.owner.execute(LOST, [Jsonb(dearer()), STORE])
        async with asyncio.timeout(1):
            await asyncio.gather(*(one_came.wait() for one_came in came))
        assert (price(one), price(two)) == ("45.00", "45.00")
        assert one.ledger.order(session).total == 4000
        assert await here.flush(5)
    assert real.value("SELECT total::text FROM till.order_sessions WHERE id = %s", session) == "40.00"
