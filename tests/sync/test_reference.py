"""Reference data on real parts: a price that the manager changed reaches a till within a second, hinted or not."""

from __future__ import annotations

import asyncio
import copy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import IDLY, MENU
from tests.sync.rig import STORE, Keys
from till.domain.order.selling import ItemEntry, NotForSaleError
from till.domain.wall_clock import utc_text
from till.register.approvals import Approvals
from till.register.reference import Reference
from till.register.selling import Sales
from till.sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.sync.real import Real

#: Nobody polls while the test lasts, or everybody several times.
HINTED, POLLED = Settings(poll_s=60), Settings(poll_s=0.2)
HINT = "SELECT till.menu_import_v1(%s, NULL, %s)"
#: A change without a notification: the hint was lost.
LOST = "UPDATE till.settings SET version = version + 1, body = %s WHERE store_id = %s AND name = 'menu'"


def dearer() -> dict[str, Any]:
    menu: dict[str, Any] = copy.deepcopy(MENU)
    menu["items"][0]["price"] = "45.00"
    return menu


def price(keys: Keys) -> str:
    cached = keys.journal.cached("menu")
    assert cached is not None
    return str(cached[1]["items"][0]["price"])


def hears(real: Real, keys: Keys) -> asyncio.Event:
    """Set when a till has a newer menu than the server has now: not by that one, which may only be on its way."""
    came = asyncio.Event()
    changed = keys.ears.reference_changed
    known = real.value("SELECT version FROM till.settings WHERE store_id = %s AND name = 'menu'", STORE)

    def listen(names: Sequence[str]) -> None:
        changed(names)
        cached = keys.journal.cached("menu")
        if "menu" in names and cached is not None and cached[0] > known:
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
        came = [hears(real, one), hears(real, two)]
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


def _sales(keys: Keys, reference: Reference) -> Sales:
    return Sales(keys.ledger, reference, Approvals(keys.ledger, reference), lambda order: order)


def sells_at(keys: Keys) -> int:
    """Return the price of the first item on a till that keys it now, in a new order."""
    reference = Reference(keys.journal, keys.ledger.now)
    keyed = ItemEntry(reference.menu.by_plu[1])
    return _sales(keys, reference).add(None, 1, keyed, at_any_time=True).total


async def test_a_planned_price_begins_at_one_moment_on_a_till_that_is_away_too(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    real.owner.execute(HINT, [STORE, Jsonb(MENU)])
    one, two = make_keys(1), make_keys(2)
    begins = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    plan = Jsonb({"prices": [{"from": utc_text(begins), "price": "45.00"}]})
    async with real.service(one, HINTED) as here:
        async with real.service(two, HINTED) as there:
            two.open()
            assert await there.flush(5)
            came = [hears(real, one), hears(real, two)]
            real.owner.execute("SELECT till.menu_edit_v1(%s, 9, %s, %s)", [STORE, IDLY, plan])
            async with asyncio.timeout(5):
                await asyncio.gather(*(one_came.wait() for one_came in came))
        for keys in (one, two):  # till 2 is away now
            keys.clock.at = begins - timedelta(milliseconds=1)
            assert sells_at(keys) == 4000
            keys.clock.at = begins
            assert sells_at(keys) == 4500
        dearer_still = Jsonb({"price": "50.00", "prices": []})
        real.owner.execute("SELECT till.menu_edit_v1(%s, 9, %s, %s)", [STORE, IDLY, dearer_still])
        assert sells_at(two) == 4500
        async with real.service(two, HINTED) as there:  # and back
            assert await there.flush(5)
            assert sells_at(two) == 5000
            assert await there.flush(5)
        assert await here.flush(5)
    totals = real.owner.execute("SELECT total::text FROM till.order_sessions WHERE till_id = 2 ORDER BY id").fetchall()
    assert [total for (total,) in totals] == ["0.00", "40.00", "45.00", "45.00", "50.00"]


async def test_an_item_sold_out_is_so_on_every_till_at_once_and_on_one_that_comes_back(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    real.owner.execute(HINT, [STORE, Jsonb(MENU)])
    one, two = make_keys(1), make_keys(2)
    async with real.service(one, HINTED) as here:
        assert await here.flush(5)
        came = hears(real, one)
        real.owner.execute("SELECT till.menu_sold_out_v1(%s, 9, %s, true)", [STORE, IDLY])
        async with asyncio.timeout(5):
            await came.wait()
        two.open()
        async with real.service(two, HINTED) as there:
            assert await there.flush(5)
    for keys in (one, two):
        assert Reference(keys.journal, keys.ledger.now).menu.by_plu[1].sold_out


async def test_a_schedule_is_in_force_at_every_till_at_once_and_at_one_that_comes_back(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    real.owner.execute(HINT, [STORE, Jsonb(MENU)])
    one, two = make_keys(1), make_keys(2)
    friday = datetime(2026, 3, 6, 19, 0, tzinfo=UTC)  # half past midnight on Saturday, in Kolkata
    late = Jsonb([{"from": "22:00", "to": "02:00", "days": [5]}])
    async with real.service(one, HINTED) as here:
        assert await here.flush(5)
        came = hears(real, one)
        real.owner.execute(
            "SELECT till.menu_schedule_v1(%s, 9, %s, 'Late', %s)", [STORE, Jsonb({"item_id": IDLY}), late]
        )
        async with asyncio.timeout(5):
            await came.wait()
        two.open()
        async with real.service(two, HINTED) as there:
            assert await there.flush(5)
    for keys in (one, two):
        reference = Reference(keys.journal, keys.ledger.now)
        sales, idly = _sales(keys, reference), ItemEntry(reference.menu.by_plu[1])
        keys.clock.at = friday + timedelta(minutes=89, seconds=59)
        assert sales.add(None, 1, idly).total == 4000
        for moment in (friday + timedelta(minutes=90), friday - timedelta(days=1), friday + timedelta(days=1)):
            keys.clock.at = moment
            with pytest.raises(NotForSaleError, match="Idly is sold Fri 22:00-02:00"):
                sales.add(None, 1, idly)


async def test_settings_are_in_force_at_every_till_at_once_and_open_orders_keep_their_terms(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    real.owner.execute(HINT, [STORE, Jsonb(MENU)])
    one, two = make_keys(1), make_keys(2)
    wanted = {"prices_include_tax": False, "timezone": "Europe/Vienna", "name": "Other"}
    async with real.service(one, HINTED) as here:
        session = one.open()
        assert await here.flush(5)
        came = asyncio.Event()
        one.ears.reference_changed = lambda names: came.set() if "settings" in names else None  # type: ignore[method-assign]
        real.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [STORE, Jsonb(wanted)])
        async with asyncio.timeout(5):
            await came.wait()
        two.open()
        async with real.service(two, HINTED) as there:
            assert await there.flush(5)
        for keys in (one, two):
            reference = Reference(keys.journal, keys.ledger.now)
            assert (reference.venue.settings.name, reference.venue.settings.timezone) == ("Other", "Europe/Vienna")
            order = _sales(keys, reference).open(1)
            assert not order.terms.included
        assert one.ledger.order(session).terms.included
