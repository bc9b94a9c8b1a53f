"""The whole way to the real functions in a real PostgreSQL, and between two tills."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.plugins.database import unwatched
from tests.sync.real import Real, is_saved, secret, until
from tests.sync.rig import STORE, Keys, Rig
from till.domain.errors import StoreError
from till.domain.events.envelope import NO_HASH, Draft
from till.domain.money.measures import Minor
from till.domain.order.events import CustomerAttached, ItemAdded, LineVoided, OrderDiscarded, TabAssigned
from till.domain.order.paying import start_checkout
from till.domain.order.state import Status
from till.ports import Head, LightState, RemoteClearing
from till.register.reference import Reference
from till.sync.settings import ConnectionFacts, Settings, Upkeep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


async def test_a_keyed_line_is_in_the_database_with_its_snapshot(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    async with real.service(keys) as service:
        session = keys.open()
        keys.add(session)
        line = keys.add(session, "Vada")
        assert isinstance(line.data, ItemAdded)
        keys.write(LineVoided(line_id=line.data.line_id, reason="dropped"), session)
        assert await service.flush(5)
        assert service.light.state is LightState.SAVED
    assert real.logged(keys) == [1, 2, 3, 4]
    assert real.value("SELECT total::text FROM till.order_sessions WHERE id = %s", session) == "40.00"
    assert real.value("SELECT text FROM warm.event_texts WHERE field = 'reason'") == "dropped"
    assert real.value("SELECT quantity FROM hot.session_cart WHERE session_id = %s", session) == 1


async def test_a_push_and_its_answer_wait_for_a_moment_without_keys(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys, waits, moments = make_keys(), asyncio.Queue[float](), asyncio.Queue[None]()

    async def calm(most: float) -> None:
        waits.put_nowait(most)
        await moments.get()

    async with real.service(keys, calm=calm) as service, asyncio.timeout(10):
        keys.open()
        assert 0 < await waits.get() <= 0.1
        assert real.logged(keys) == []
        moments.put_nowait(None)
        assert 0 < await waits.get() <= 0.1
        assert real.logged(keys) == [1]  # the database has it, and the till has not heard so yet
        assert service.light.state is not LightState.SAVED
        for _wait in range(10):
            moments.put_nowait(None)
        assert await service.flush(5)


async def test_a_till_is_let_in_before_its_news_came(real: Real, make_keys: Callable[..., Keys]) -> None:
    waits, moments = asyncio.Queue[float](), asyncio.Queue[None]()

    async def calm(most: float) -> None:
        waits.put_nowait(most)
        await moments.get()

    async with real.service(make_keys(), calm=calm) as service, asyncio.timeout(10):
        await waits.get()
        heard = asyncio.create_task(service.heard())
        moments.put_nowait(None)
        await service.greeted()
        await waits.get()  # with the answer, which is not read yet
        assert not heard.done()
        moments.put_nowait(None)
        await heard


async def test_a_hint_about_a_payment_reaches_the_register_and_costs_no_question(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys, payment = make_keys(), "0197a000-0000-7000-8000-00000000aaaa"
    async with real.service(keys) as service, asyncio.timeout(10):
        keys.open()
        assert await service.flush(5)
        for what in (f"payment {payment} ", "payment x", f"payment {payment}"):
            real.value("SELECT till.tell_tills(%s, %s)::text", STORE, what)
        while not keys.ears.payments_hinted:  # noqa: ASYNC110 - the socket tells the sync, not the test
            await asyncio.sleep(0.005)
    assert keys.ears.payments_hinted == [payment]


async def test_hints_of_the_last_push_reach_another_till_though_the_first_one_stops(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    one, two = make_keys(), make_keys(2)
    async with real.service(two) as there, asyncio.timeout(10):
        await there.heard()
        two.ears.reference.clear()
        async with real.service(one) as here:
            session = one.open()
            one.ledger.commit([Draft(TabAssigned(tab_id=one.ledger.new_id(), name="Window"), session)])
            assert await here.flush(5)
        while "tabs" not in two.ears.reference:  # noqa: ASYNC110 - the socket tells the sync, not the test
            await asyncio.sleep(0.005)


async def test_a_sale_is_an_order_once_however_often_it_is_pushed(real: Real, rig: Rig) -> None:
    session = rig.open()
    rig.add(session)
    order = rig.pay(session)
    async with real.steps(rig) as steps:
        await steps.settle()
        for _ in range(3):
            rig.journal.acknowledge(Head(0, NO_HASH))
            rig.pass_by(5)
            await steps.settle()
    assert real.logged(rig) == [1, 2, 3, 4, 5]
    assert real.value("SELECT count(*) FROM cold.orders") == 1
    assert str(real.value("SELECT order_id FROM cold.orders")) == order
    assert rig.light.state is LightState.SAVED
    assert rig.journal.followed_sessions() == []


async def test_reference_data_and_the_series_come_with_the_first_answer(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys()
    async with real.service(keys) as service:
        keys.open()
        assert await service.flush(5)
    assert {"menu", "staff", "settings", "tabs"} <= set(keys.journal.versions())
    staff = keys.journal.cached("staff")
    assert staff is not None
    assert [person["name"] for person in staff[1]["staff"]] == ["Asha"]
    assert keys.journal.series == ""


async def test_two_tills_exchange_what_they_keyed_on_one_order(real: Real, tmp_path: Path) -> None:
    one, two = Rig(tmp_path / "1"), Rig(tmp_path / "2", till=2)
    session = one.open()
    one.add(session, "Idly")
    async with real.steps(one) as first, real.steps(two) as second:
        await first.settle()
        two.clock.pass_by(3600)
        real.grant(two, session)
        two.add(session, "Vada")
        await second.settle()
        one.pass_by(120)
        await first.push()
        assert one.ears.grown == [session]
        assert {row.first.name for row in one.ledger.order(session).priced.rows} == {"Idly", "Vada"}
        mark = one.journal.mark_of(session)
        assert mark is not None
        assert (mark.till, mark.holder) == (2, 2)
    one.journal.close()
    two.journal.close()
    assert not real.value("SELECT refold FROM till.order_sessions WHERE id = %s", session)
    assert real.value("SELECT total::text FROM till.order_sessions WHERE id = %s", session) == "80.00"


async def test_events_of_another_till_come_in_as_many_pages_as_they_need(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    real.owner.execute(
        "CREATE OR REPLACE FUNCTION warm.most_sent_events() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 7'"
    )
    one, two = make_keys(), make_keys(2)
    session = one.open()
    for number in range(30):
        one.add(session, f"Dish {number}")
    async with real.service(one) as first:
        assert await first.flush(5)
        async with real.service(two) as second:
            await second.fetch(session)
            assert len(two.ledger.order(session).lines) == 30
            real.grant(two, session)
            for number in range(40):
                two.add(session, f"Sweet {number}")
            assert await second.flush(5)
        async with asyncio.timeout(20):
            while len(one.ledger.order(session).lines) < 70:  # noqa: ASYNC110 - the socket tells the sync, not the test
                await asyncio.sleep(0.005)


async def test_a_till_hears_within_a_second_that_its_order_was_taken(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    one, two = make_keys(1), make_keys(2)
    async with real.service(one) as here, real.service(two) as there:
        session = one.open()
        one.add(session)
        assert await here.flush(5)
        (seen,) = await there.user_sessions(1)
        assert (seen.session_id, seen.till, seen.till_name, seen.total) == (session, 1, "Till 1", 4000)
        await there.fetch(session)
        assert two.ears.grown == [session]
        await there.grant(session, 1, warned=True)
        async with asyncio.timeout(1):
            await one.ears.was_taken.wait()
    assert one.ears.takers == [(session, "Till 2", "Asha")]
    assert real.value("SELECT till_id FROM till.order_sessions WHERE id = %s", session) == 2


async def test_open_and_cleared_orders_of_others_come_with_amounts_and_words(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    one, two = make_keys(1), make_keys(2)
    one.clock.at = datetime.now(UTC)  # an old clearing is not announced
    async with real.service(one) as here, real.service(two) as there:
        session = one.open()
        added = one.add(session)
        assert await here.flush(5)
        (seen,) = await there.open_orders()
        assert (seen.session_id, seen.user, seen.till, seen.total) == (session, 1, 1, 4000)
        one.ledger.user = 9  # whom this store's list of staff does not name
        assert isinstance(added.data, ItemAdded)
        one.ledger.commit([Draft(OrderDiscarded(line_ids=(added.data.line_id,), reason="left"), session)])
        assert await here.flush(5)
        assert await there.open_orders() == []
        assert await there.cleared_orders(1, None) == [RemoteClearing(session, 1, Minor(4000), "", "left")]
        assert await there.cleared_orders(2, None) == []


async def test_tabs_are_listed_with_their_amounts(real: Real, make_keys: Callable[..., Keys]) -> None:
    from till.register.tabs.acts import Tabs  # noqa: PLC0415 - the register's own, for this test alone
    from till.register.tabs.open_tabs import OpenTabs  # noqa: PLC0415 - the register's own, for this test alone

    keys = make_keys()
    async with real.service(keys) as service:
        session = keys.open()
        keys.add(session)
        open_tabs = OpenTabs(keys.ledger)
        tabs = Tabs(keys.ledger, Reference(keys.journal, keys.ledger.now), open_tabs)
        keys.ledger.commit(start_checkout(keys.ledger.order(session)))
        tabs.save(session, "Asha")
        tabs.set_covers(open_tabs.local()[0], 3)
        assert await service.flush(5)
        (tab,) = await service.open_tabs()
        assert (tab.covers, tab.bill_out) == (3, True)
        assert (tab.session_id, tab.tab_name, tab.total, tab.status) == (session, "Asha", 4000, "assigned_to_tab")


async def test_a_tab_that_is_paid_in_part_is_listed_with_what_is_paid(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    from till.register.tabs.acts import Tabs  # noqa: PLC0415 - the register's own, for this test alone
    from till.register.tabs.open_tabs import OpenTabs  # noqa: PLC0415 - the register's own, for this test alone

    keys = make_keys()
    async with real.service(keys) as service:
        session = keys.open()
        keys.add(session)
        open_tabs = OpenTabs(keys.ledger)
        keys.pay_part(session, Minor(2_000))
        Tabs(keys.ledger, Reference(keys.journal, keys.ledger.now), open_tabs).save(session, "Asha")
        assert await service.flush(5)
        (row,) = await service.open_tabs()
        (tab,) = open_tabs.hear([row])
        assert (row.total, row.paid, tab.total - tab.paid) == (4000, 2000, 2000)


async def test_an_order_that_is_nowhere_cannot_be_fetched(real: Real, make_keys: Callable[..., Keys]) -> None:
    async with real.service(make_keys()) as service:
        with pytest.raises(StoreError, match="no such order"):
            await service.fetch("0197a000-0000-7000-8000-0000000000ff")


async def test_a_till_that_is_revoked_says_so_keeps_selling_and_sends_all_when_it_may(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys()
    real.owner.execute("UPDATE till.tills SET revoked_at = now() WHERE id = 1")
    async with real.service(keys) as service:
        light = await until(keys, lambda light: light.state is LightState.ATTENTION)
        assert "revoked" in light.detail
        session = keys.open()
        keys.add(session)
        assert not await service.flush(0.2)
        with pytest.raises(StoreError, match="revoked"):
            await service.open_tabs()
        real.owner.execute("UPDATE till.tills SET revoked_at = NULL WHERE id = 1")
        service._engine.hurry(0)
        service._wake.set()
        await until(keys, is_saved)
    assert real.logged(keys) == [1, 2]


async def test_answered_questions_do_not_hurry_a_till_that_is_refused(
    real: Real, make_keys: Callable[..., Keys], caplog: pytest.LogCaptureFixture
) -> None:
    """Another journal sells as till 1: what this one asks is answered, and each push is refused."""
    sells, waits = make_keys(), make_keys(seed=2)
    async with real.service(sells) as service:
        sells.open()
        assert await service.flush(5)
    async with real.service(waits) as service, asyncio.timeout(20):
        waits.open()
        for _time in range(4):  # after three refusals in a row the server counts as out of reach
            assert not await service.flush(5)
            assert service.trouble is not None
            assert service.trouble.code == "journal_not_live"
        assert await service.open_tabs() == []
        assert (service._engine.next_wake(0) or 0) > time.monotonic() + 10
    assert [one.message for one in caplog.records].count("refused") == 1


async def test_a_wrong_password_is_the_persons_and_not_the_tills(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    async with real.service(keys) as service, asyncio.timeout(10):
        keys.open()
        assert await service.flush(5)
        with pytest.raises(StoreError, match=r"^Wrong number or password\.$"):
            await service.settle_conflict(str(uuid.uuid4()), "by hand", 9, "12345678")


async def test_a_till_with_the_wrong_secret_is_asked_to_enrol(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    async with real.service(keys, facts=lambda: ConnectionFacts(real.app.conninfo, "guessed")) as service:
        light = await until(keys, lambda light: light.state is LightState.ATTENTION)
        assert "secret" in light.detail
        assert service.trouble is not None
        assert service.trouble.code == "wrong_secret"


@pytest.mark.parametrize("late", [0, 1])
async def test_a_till_takes_a_secret_that_was_renewed_while_it_sells(
    real: Real, make_keys: Callable[..., Keys], late: int
) -> None:
    keys, looks = make_keys(), [secret(1)]
    facts = lambda: ConnectionFacts(real.app.conninfo, looks.pop(0) if len(looks) > 1 else looks[0])  # noqa: E731
    async with real.service(keys, facts=facts) as service:
        session = keys.open()
        assert await service.flush(5)
        renewed = hashlib.sha256(b"another").hexdigest()
        looks[:] = [secret(1)] * late + ["another"]
        real.owner.execute("SELECT till.till_enrol_v1(%s, NULL, 1, NULL, %s)", [STORE, renewed])
        keys.add(session)
        assert await service.flush(5)
        assert service.trouble is None
    assert real.logged(keys) == [1, 2]


async def test_a_schema_that_this_till_is_newer_than_is_to_be_upgraded(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys()
    real.owner.execute("UPDATE till.alembic_version SET version_num = '0001k'")
    async with real.service(keys):
        light = await until(keys, lambda light: light.state is LightState.ATTENTION)
        assert "till db upgrade" in light.detail


async def test_a_schema_from_before_the_release_is_to_be_kept(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    real.owner.execute("UPDATE till.alembic_version SET version_num = '0001'")
    async with real.service(keys):
        light = await until(keys, lambda light: light.state is LightState.ATTENTION)
        assert light.detail.startswith("The server is older than this till. It is from before the first release: keep")


async def test_a_database_with_no_functions_is_to_be_upgraded(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    real.owner.execute("DROP FUNCTION till.hello_v1(text)")
    async with real.service(keys):
        light = await until(keys, lambda light: light.state is LightState.ATTENTION)
        assert "till db upgrade" in light.detail


@pytest.mark.parametrize("gone", ["till.hello_v1(text)", "warm.sync_push_v1(text)"])
async def test_a_database_that_a_newer_till_upgraded_past_this_one_says_to_upgrade_the_till(
    real: Real, make_keys: Callable[..., Keys], gone: str
) -> None:
    keys = make_keys()
    real.owner.execute("UPDATE till.alembic_version SET version_num = '9999'")
    real.owner.execute(f"DROP FUNCTION {gone}")
    async with real.service(keys):
        light = await until(keys, lambda light: light.state is LightState.ATTENTION)
        assert "Upgrade this till" in light.detail


async def test_a_database_that_is_still_being_started_is_waited_for(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    ready = threading.Event()
    asked: list[int] = []

    def find() -> ConnectionFacts:
        asked.append(threading.get_ident())
        ready.wait(10)
        if len(asked) == 1:
            raise OSError("the server did not start")
        return real.facts()()

    async with real.service(keys, Settings(debounce_ms=5, deadline_s=0.3), facts=find) as service:
        session = keys.open()
        assert service.light.state in {LightState.SAVED_HERE, LightState.SAVING}
        with pytest.raises(StoreError):
            await service.user_sessions(1)
        keys.add(session)
        ready.set()
        await until(keys, is_saved)
    assert len(asked) == 2
    assert threading.get_ident() not in asked
    assert real.logged(keys) == [1, 2]


async def test_a_body_with_a_nul_fails_no_batch(real: Real, rig: Rig) -> None:
    session = rig.open()
    rig.slip(session, rewritten=('"query":""', r'"query":"\u0000"'))
    rig.add(session)
    async with real.steps(rig) as steps:
        await steps.settle()
    assert real.logged(rig) == [1, 3]
    assert real.value("SELECT array_agg(seq) FROM warm.quarantine") == [2]
    assert rig.light.state is LightState.ATTENTION


async def test_the_log_names_the_order_of_a_push_and_of_what_is_quarantined(
    real: Real, rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """By the id under which the database keeps them."""
    caplog.set_level("INFO")
    session, other = rig.open(), rig.open()
    rig.slip(session, rewritten=('"query":""', r'"query":"\u0000"'))
    rig.add(other)
    async with real.service(rig):
        await until(rig, lambda light: light.state is LightState.ATTENTION)
    logged = {record.msg: vars(record) for record in caplog.records}
    assert logged["written"]["session"] in {session, other}
    assert set(logged["acknowledged"]["sessions"]) <= {session, other}
    assert logged["quarantined"]["session"] == session
    assert real.value("SELECT array_agg(DISTINCT session_id) FROM warm.quarantine") == [session]
    assert "u0000" not in caplog.text


async def test_a_database_set_back_gets_everything_again(real: Real, rig: Rig) -> None:
    session = rig.open()
    rig.add(session)
    first = rig.journal.events_of(session)[0]
    async with real.steps(rig) as steps:
        await steps.settle()
        real.set_back(rig, first.seq, first.hash)
        rig.pass_by(5)
        await steps.push()
        assert rig.journal.acked.seq == 1
        await steps.settle()
    assert real.logged(rig) == [1, 2]


async def test_closing_sends_what_is_unsent_first(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    async with real.service(keys, Settings(debounce_ms=5000, max_wait_ms=9000)) as service:
        await until(keys, is_saved)
        session = keys.open()
        keys.add(session)
        assert await service.stop(flush_seconds=5)
    assert real.logged(keys) == [1, 2]


async def test_the_snapshot_says_what_the_order_says(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys()
    async with real.service(keys) as service:
        session = keys.open()
        keys.add(session)
        assert await service.flush(5)
    items = real.value("SELECT items FROM till.order_sessions WHERE id = %s", session)
    shown = keys.ledger.snapshot(session)
    assert shown is not None
    assert [item["item"] for item in items] == [item["item"] for item in json.loads(json.dumps(shown["items"]))]


async def test_a_fault_of_whoever_listens_shows_on_the_light_and_does_not_end_the_sync(
    real: Real, make_keys: Callable[..., Keys], caplog: pytest.LogCaptureFixture
) -> None:
    keys = make_keys()
    received: list[str] = []

    def stumble(names: Sequence[str]) -> None:
        received.extend(names)
        raise ZeroDivisionError

    keys.ears.reference_changed = stumble  # type: ignore[method-assign] # a listener with a fault
    async with real.service(keys) as service:
        light = await until(keys, lambda light: light.state is LightState.ATTENTION)
        assert "ZeroDivisionError" in light.detail
        keys.open()
        assert await service.flush(5)
        assert service.light.state is LightState.SAVED
    assert {"menu", "staff"} <= set(received)
    assert "sync_fault" in caplog.text


async def test_money_taken_twice_shows_on_the_light_and_in_the_list(real: Real, make_keys: Callable[..., Keys]) -> None:
    one, two = make_keys(1), make_keys(2)
    async with real.service(one) as here, real.service(two) as there:
        session = one.open()
        one.add(session)
        assert await here.flush(5)
        await there.grant(session, 1, warned=True)
        sales = {one.pay(session), two.pay(session)}  # before either hears of the other
        assert await here.flush(5)
        assert await there.flush(5)
        await until(two, lambda light: light.conflicts == 1)
        (found,), _records, _waiting = await here.matters()
    assert (found.kind, found.subject in sales, found.amount) == ("sold_twice", True, 4000)
    assert (found.session_id, found.till) == (session, 0)


async def test_the_light_goes_out_when_a_manager_has_settled_what_waited(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    one, two = make_keys(1), make_keys(2)
    async with real.service(one) as here, real.service(two) as there:
        session = one.open()
        one.add(session)
        assert await here.flush(5)
        await there.grant(session, 1, warned=True)
        one.pay(session)
        two.pay(session)  # before it hears of the other
        assert await here.flush(5)
        await until(two, lambda light: light.conflicts == 1)
        (found,), _records, _waiting = await there.matters()
        real.owner.execute("SELECT till.conflict_resolve_v1(%s, NULL, %s, 'paid back')", [STORE, found.conflict_id])
        await until(two, lambda light: light.state is LightState.SAVED and not light.conflicts)


async def test_a_till_looks_after_the_database_and_hears_of_its_own_order_that_was_suspended(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys()
    session = keys.open()
    keys.add(session)
    async with real.service(keys) as service:
        assert await service.flush(5)
    assert keys.ledger.order(session).status is Status.ACTIVE
    with unwatched(real.owner):
        real.owner.execute("UPDATE warm.session_events SET received_at = now() - interval '31 minutes'")
    grown = asyncio.Event()
    grew = keys.ears.sessions_grew

    def hear(session_ids: Sequence[str]) -> None:
        grew(session_ids)
        grown.set()

    keys.ears.sessions_grew = hear  # type: ignore[method-assign] # the test listens in
    async with real.service(keys, upkeep=Upkeep()), asyncio.timeout(10):
        await grown.wait()
    order = keys.ledger.order(session)
    assert (order.status, order.till) == (Status.PENDING_LOGOUT, 1)
    mark = keys.journal.mark_of(session)
    assert mark is not None
    assert (mark.status, mark.holder) == ("pending_logout", 1)


async def test_a_customer_is_found_with_their_purchases_and_bookings(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    rao = str(real.value("SELECT till.customer_add_v1(%s, NULL, 'Mrs Rao', '98450 12345')", STORE))
    real.value("SELECT till.booking_add_v1(%s, NULL, now(), 60, 4, NULL, 'Mrs Rao', '98450 12345')", STORE)
    keys = make_keys()
    async with real.service(keys) as service:
        assert [
            (one.customer_id, one.name, one.phone, one.orders, one.history) for one in await service.customers("rao")
        ] == [(rao, "Mrs Rao", "9845012345", 0, ())]
        session = keys.open()
        keys.add(session)
        keys.write(CustomerAttached(customer_id=rao, who="Mrs Rao"), session)
        keys.pay(session)
        assert await service.flush(5)
        (found,) = await service.customers("98450")
        assert (found.orders, found.history[0].total, found.history[0].items) == (1, Minor(4000), (("Idly", 1),))
        assert await service.customers("nobody") == []
        (booked,) = await service.bookings()
        assert (booked.name, booked.covers, booked.table, booked.status, booked.customer_id) == (
            "Mrs Rao", 4, None, "booked", rao,
        )  # fmt: skip
