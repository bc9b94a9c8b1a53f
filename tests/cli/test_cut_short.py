"""A journal whose end is gone: what the server has is brought back; what nobody has is named until it is settled."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_recover_late import key, selling
from till.domain.money.measures import Minor
from till.register.losses import describe_loss

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Shell
    from till.cli.environment import Surroundings

MAY_BE_PAID = "An order here may be paid already: check the last receipts."


def files_of(journal: Path) -> dict[Path, bytes]:
    """The journal and its log, without the number of the last event beside them."""
    files = [journal, journal.with_name(f"{journal.name}-wal")]
    return {file: file.read_bytes() for file in files if file.exists()}


def cut_back(journal: Path, kept: dict[Path, bytes]) -> None:
    """Put back the files as they stood, so that the records since are gone."""
    for ending in ("", "-wal", "-shm"):
        journal.with_name(f"{journal.name}{ending}").unlink(missing_ok=True)
    for file, data in kept.items():
        file.write_bytes(data)


def parts(shell: Shell) -> dict[str, str]:
    """The parts that doctor finds wrong, with their sentences."""
    found = json.loads(shell("doctor", "--json").out)["parts"]
    return {one["part"]: one["said"] for one in found if one["verdict"] == "wrong"}


@pytest.fixture
def cut(staffed: Shell, on: Callable[[str], Surroundings]) -> Callable[[bool], tuple[Surroundings, str]]:
    """Lose the end of a till's journal: a payment of a part and a sale, which the server has or not; the order."""

    def lose(is_sent: bool) -> tuple[Surroundings, str]:
        async def first() -> str:
            async with selling(here, 1, online=True, zone="Europe/Vienna") as (register, sync):
                part, whole = key(register, None, 0), key(register, None, 1)
                await sync.flush(10)
                kept.update(files_of(here.folders.journal(1)))
                if not is_sent:
                    await sync.stop(5)
                register.checkout.pay(part, "CASH", Minor(1000))
                register.checkout.pay_exact(whole)
                await sync.flush(10 if is_sent else 0)
                return part

        kept: dict[Path, bytes] = {}
        here = on("first")
        staffed.ok("admin", "tills", "add", "1", "--here")
        part = asyncio.run(first())
        cut_back(here.folders.journal(1), kept)
        return here, part

    return lose


def test_records_that_nobody_has_are_named_until_a_manager_settles_them(
    staffed: Shell, cut: Callable[[bool], tuple[Surroundings, str]]
) -> None:
    async def start(*, online: bool) -> str:
        async with selling(here, 1, online=online) as (register, sync):
            if online:
                await sync.flush(10)
            assert register.grants.may_lack(part)
            return describe_loss(register.journal)

    here, part = cut(False)
    notice = f"6 records are missing. {MAY_BE_PAID}"
    assert parts(staffed)["journal 1"] == notice
    assert notice in staffed("recover", "--list").err
    for _again in range(2):
        assert asyncio.run(start(online=False)).startswith("6 records of this till are missing. An order may be paid")
        assert parts(staffed)["loss 1"] == "6 records of this till are missing."
        assert "6 records of this till are missing." in staffed("recover", "--list").err
    assert asyncio.run(start(online=True)) == ""
    reason = "6 of the records up to number 11 of the journal of this till are lost."
    for _again in range(2):
        assert parts(staffed)["records"] == "1 record needs attention."
        assert f"Record 1 needs attention: {reason}" in staffed("recover", "--list").err
        assert asyncio.run(start(online=True)) == ""
    staffed.ok("admin", "quarantine", "resolve", "1", "--how", "both orders were paid")
    assert "records" not in parts(staffed)
    assert reason not in staffed("recover", "--list").err


def test_records_that_the_server_has_are_not_lost_and_an_order_opens_with_its_payment(
    staffed: Shell, cut: Callable[[bool], tuple[Surroundings, str]]
) -> None:
    async def start() -> None:
        async with selling(here, 1, online=True) as (register, sync):
            await sync.flush(3)
            rows = await register.recovery.listed(sync, 1)
            assert [(row.session_id, row.paid) for row in rows] == [(part, 1000)]
            arrival = register.recovery.arrival(1, rows)
            assert arrival.open == part
            for order in (part, *arrival.waiting):
                assert register.grants.may_lack(order)
                await sync.fetch(order)  # as every way to open an order does
            assert register.ledger.order(part).paid == 1000
            assert all(register.ledger.order(order).is_over for order in arrival.waiting)

    here, part = cut(True)
    for _start in range(2):  # the second one begins another journal, which a manager has not adopted yet
        asyncio.run(start())  # and doctor names no file that is not there
        assert not any("till-1." in sentence for sentence in parts(staffed).values())
    staffed.ok("admin", "tills", "adopt", "1")
    asyncio.run(start())
    assert "are lost" not in staffed("recover", "--list").err
