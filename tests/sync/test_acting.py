"""An act between orders goes with one push, once, and what came of it is known within two seconds."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from tests.sync.proxy import Proxy, Way
from tests.sync.rig import Rig
from tests.sync.test_vouchers import until
from till.domain.errors import StoreAwayError, StoreError
from till.domain.structs import replace
from till.ports.store import ActOutdatedError, BacklogError, NoAnswerError
from till.register.approvals import Approvals
from till.register.reference import Reference
from till.register.tabs.acts import Tabs
from till.register.tabs.between import BetweenOrders
from till.register.tabs.open_tabs import OpenTabs
from till.sync.failures import Failure, FailureKind
from till.sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sync.real import Real
    from tests.sync.rig import Keys
    from till.ports import Transfer

TAKEN = {"taken": True, "why": None}
LOST = Failure(FailureKind.UNREACHABLE, "gone")
LATE = Failure(FailureKind.DEADLINE, "late")


def two_lines(keys: Keys) -> tuple[str, str]:
    """An order of two lines, and the id of the second."""
    session = keys.open()
    keys.add(session)
    keys.add(session, "Vada")
    return session, list(keys.ledger.order(session).lines)[1]


def decided(rig: Rig) -> Transfer:
    """An act of an order that is pushed already."""
    session, line = two_lines(rig)
    rig.quiet()
    return rig.act(session, line)


def test_an_act_makes_a_push_due_at_once_and_is_sent_once(rig: Rig) -> None:
    act = decided(rig)
    rig.engine.ask(act, rig.now)
    assert rig.wait() == 0
    request = rig.take()
    assert request.act == act
    assert {mark.session_id for mark in request.known} >= set(act.versions)
    rig.answer(request, act=TAKEN)
    assert not rig.engine.acts
    rig.engine.end_act()
    rig.wait()
    assert rig.take().act is None


def test_an_act_goes_behind_all_that_is_unsent(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "j", Settings(batch_bytes=900))
    rig.quiet()
    session, line = two_lines(rig)
    rig.engine.ask(rig.act(session, line), rig.now)
    rig.wait()
    first = rig.take()
    assert (first.more, first.act) == (True, None)
    rig.answer(first)
    assert rig.engine.acts
    rig.wait()
    requests = [rig.take()]
    while requests[-1].more:
        rig.answer(requests[-1])
        rig.wait()
        requests.append(rig.take())
    assert requests[-1].act is not None
    rig.journal.close()


def test_an_act_behind_more_than_one_batch_is_refused_at_once(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "j", Settings(batch_events=2))
    rig.quiet()
    session, line = two_lines(rig)
    with pytest.raises(BacklogError, match=r"Still sending 3 records: try again in a moment\."):
        rig.engine.ask(rig.act(session, line), rig.now)
    assert not rig.engine.acts
    rig.journal.close()


def test_an_act_that_has_no_answer_is_given_up_and_not_sent_again(rig: Rig) -> None:
    rig.engine.ask(decided(rig), rig.now)
    rig.wait()
    rig.take()
    rig.engine.on_failure(LATE, rig.now)
    assert not rig.engine.acts
    with pytest.raises(NoAnswerError):
        rig.engine.end_act()
    rig.wait()
    assert rig.take().act is None


def test_an_act_that_the_server_never_got_says_that_the_server_is_away(rig: Rig) -> None:
    rig.engine.ask(decided(rig), rig.now)
    rig.wait()
    rig.take()
    rig.engine.on_failure(replace(LOST, connecting=True), rig.now)
    with pytest.raises(StoreAwayError) as raised:
        rig.engine.end_act()
    assert not isinstance(raised.value, NoAnswerError)


def test_an_act_is_given_up_while_the_push_before_it_is_out(rig: Rig) -> None:
    session, line = two_lines(rig)
    rig.wait()
    rig.take()
    rig.engine.ask(rig.act(session, line), rig.now)
    with pytest.raises(StoreAwayError):
        rig.engine.end_act()
    rig.engine.on_failure(LATE, rig.now)
    rig.wait()
    assert rig.take().act is None


@pytest.mark.parametrize(("why", "error"), [
    ("behind", ActOutdatedError), ("changed", ActOutdatedError), ("not_held", ActOutdatedError), ("odd", StoreError),
])  # fmt: skip
def test_an_act_that_is_not_taken_says_why(rig: Rig, why: str, error: type[StoreError]) -> None:
    rig.engine.ask(decided(rig), rig.now)
    rig.wait()
    rig.answer(rig.take(), act={"taken": False, "why": why})
    with pytest.raises(StoreError) as raised:
        rig.engine.end_act()
    assert type(raised.value) is error


def test_an_act_is_answered_with_the_last_page_of_its_reply(rig: Rig) -> None:
    rig.engine.ask(decided(rig), rig.now)
    rig.wait()
    rig.answer(rig.take(), act=TAKEN, more=True)
    assert rig.engine.acts
    rig.wait()
    rig.answer(rig.take())
    assert not rig.engine.acts


def test_an_act_ends_when_the_database_refuses_this_till(rig: Rig) -> None:
    rig.engine.ask(decided(rig), rig.now)
    rig.wait()
    rig.answer(rig.take(), ok=False, code="till_revoked")
    with pytest.raises(StoreError, match="revoked"):
        rig.engine.end_act()


async def test_a_split_is_in_the_journal_after_one_round_trip(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys(1)
    session, line = two_lines(keys)
    async with real.service(keys) as service:
        assert await service.flush(10)
        act = keys.act(session, line)
        pushes = real.value("SELECT count(*) FROM warm.session_events")
        await service.act(act)
        (new,) = set(act.versions) - {session}
        assert [*keys.ledger.order(new).lines] == [line]
        assert keys.ledger.holds(keys.ledger.order(new))
        assert keys.ledger.order(session).lines[line].quantity == 0
        assert real.value("SELECT count(*) FROM warm.session_events") == pushes + len(act.events)
        assert real.value("SELECT bool_or(refold) FROM till.order_sessions") is False
        keys.add(new)
        assert await service.flush(10)
    assert real.value("SELECT count(*) FROM warm.quarantine") == 0


async def test_pieces_go_to_a_tab_that_the_same_act_opens(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys(1)
    session, line = two_lines(keys)
    reference = Reference(keys.journal, keys.ledger.now)
    tabs, approvals = Tabs(keys.ledger, reference, OpenTabs(keys.ledger)), Approvals(keys.ledger, reference)
    between = BetweenOrders(keys.ledger, reference, tabs, approvals)
    async with real.service(keys) as service:
        assert await service.flush(10)
        has = await between.move_to_new(service, session, {line: 1}, "8", ())
        assert await service.flush(10)
        (tab,) = await service.open_tabs()
    assert (tab.session_id, tab.tab_name, tab.status, tab.lines) == (has.id, "table 8", "assigned_to_tab", 1)
    assert [*has.lines] == [line]
    assert real.value("SELECT count(*) FROM warm.quarantine") == 0


async def test_an_act_before_a_frozen_server_is_given_up_after_two_seconds_and_selling_goes_on(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    keys = make_keys(1)
    session, line = two_lines(keys)
    async with Proxy.before(real.app) as proxy, real.service(keys, facts=real.facts(1, proxy.address)) as service:
        assert await service.flush(10)
        act = keys.act(session, line)
        proxy.freeze()
        began = time.monotonic()
        asking = asyncio.create_task(service.act(act))
        await asyncio.sleep(0)
        keys.add(session)
        with pytest.raises(NoAnswerError):
            await asking
        assert 1.9 < time.monotonic() - began < 2.5
        assert keys.ledger.order(session).lines[line].quantity == 1
        proxy.thaw()
        assert await service.flush(20)


async def test_a_lost_answer_is_learned_with_the_next_reply(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys(1)
    session, line = two_lines(keys)
    async with Proxy.before(real.app) as proxy, real.service(keys, facts=real.facts(1, proxy.address)) as service:
        assert await service.flush(10)
        act = keys.act(session, line)
        proxy.cut_after(Way.DOWN, 1_000)
        with pytest.raises(NoAnswerError):
            await service.act(act)
        assert keys.ledger.order(session).lines[line].quantity == 1
        await until(keys, lambda: keys.ledger.order(session).lines[line].quantity == 0)
        (new,) = set(act.versions) - {session}
        await until(keys, lambda: keys.ledger.find(new) is not None)
        assert [*keys.ledger.order(new).lines] == [line]


async def test_an_act_without_a_server_says_so_at_once(real: Real, make_keys: Callable[..., Keys]) -> None:
    keys = make_keys(1)
    session, line = two_lines(keys)
    async with Proxy.before(real.app) as proxy, real.service(keys, facts=real.facts(1, proxy.address)) as service:
        assert await service.flush(10)
        proxy.shut()
        with pytest.raises(StoreAwayError):
            await service.act(keys.act(session, line))
