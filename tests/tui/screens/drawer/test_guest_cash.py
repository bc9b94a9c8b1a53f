"""Cash for a house account or a voucher at the screen: the server names the amount, and Enter takes it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, FakeStore
from tests.tui.quiet import a_quiet_till
from till.domain.money.measures import Minor
from till.domain.payment.codes import digest_of, make_code
from till.domain.shift.events import CashMoved
from till.ports import RemoteAccount, RemoteCustomer, UnpaidVoucher

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till

CODE = make_code(lambda _below: 7)
RAO, RAJ = "0197a000-0000-7000-8000-00000000cccc", "0197a000-0000-7000-8000-00000000dddd"


def a_store() -> FakeStore:
    accounts = {
        of: RemoteAccount(of, Minor(50_000), Minor(owed), Minor(0), "INR") for of, owed in ((RAO, 14_000), (RAJ, 0))
    }
    guests = [RemoteCustomer(RAO, "Mrs Rao", "", 3, {}, ()), RemoteCustomer(RAJ, "Raj", "", 1, {}, ())]
    unpaid = {digest_of(CODE): UnpaidVoucher(RAO, CODE[-4:], Minor(50_000), "INR")}
    return FakeStore(accounts=accounts, guests=guests, unpaid=unpaid)


def moved(till: Till) -> list[tuple[str, str]]:
    events = till.register.journal.unsent(1_000)
    return [(event.data.kind, event.data.amount) for event in events if isinstance(event.data, CashMoved)]


async def typed(till: Till, keys: str) -> None:
    await till.type(keys)
    for _turn in range(20):
        await asyncio.sleep(0)
    await till.settle()


@pytest.mark.parametrize(
    ("keys", "shown", "amount", "answer"),
    [
        ("pay off rao 120{enter}", "Take ₹120.00", "120.00", "₹120.00 from Mrs Rao. ₹20.00 is still owed."),
        ("pay off rao{enter}50{enter}", "Take ₹50.00", "50.00", "₹50.00 from Mrs Rao. ₹90.00 is still owed."),
        ("pay off{enter}rao{enter}", "Take ₹140.00", "140.00", "₹140.00 from Mrs Rao. All is paid."),
        ("pay off ra 20{enter}1{enter}", "Take ₹20.00", "20.00", "₹20.00 from Mrs Rao. ₹120.00 is still owed."),
    ],
)
async def test_cash_for_a_house_account_is_shown_before_it_is_taken(
    tmp_path: Path, keys: str, shown: str, amount: str, answer: str
) -> None:
    async with a_quiet_till(tmp_path, store=a_store()) as till:
        first, _enter, rest = keys.partition("{enter}")
        await till.type(LOG_IN)
        await typed(till, first + "{enter}")
        for part in filter(None, rest.split("{enter}")):
            await typed(till, part + "{enter}")
        assert "Mrs Rao" in till.text()
        assert shown in till.text()
        assert moved(till) == []
        await typed(till, "{enter}")
        assert till.answer() == answer
        assert moved(till) == [("account", amount)]


@pytest.mark.parametrize("keys", [f"sell voucher {CODE}", "sell voucher{enter}" + CODE])
async def test_a_voucher_is_sold_at_the_price_that_the_server_names(tmp_path: Path, keys: str) -> None:
    async with a_quiet_till(tmp_path, store=a_store(), typed=LOG_IN) as till:
        await typed(till, keys + "{enter}")
        assert "…" + CODE[-4:] in till.text()
        assert CODE not in till.text()
        assert "Take ₹500.00" in till.text()
        await typed(till, "{enter}")
        assert till.answer() == f"Voucher …{CODE[-4:]} is sold for ₹500.00."
        assert moved(till) == [("voucher", "500.00")]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ("pay off nobody{enter}", "No house account for “nobody”. Type another name."),
        ("sell voucher " + make_code(lambda _below: 3) + "{enter}", "There is no voucher with that code."),
    ],
)
async def test_cash_that_the_server_does_not_know_of_is_refused(tmp_path: Path, keys: str, answer: str) -> None:
    async with a_quiet_till(tmp_path, store=a_store(), typed=LOG_IN) as till:
        await typed(till, keys)
        assert till.answer() == answer
        assert moved(till) == []


@pytest.mark.parametrize("keys", ["pay off rao 120{enter}", f"sell voucher {CODE}" + "{enter}"])
async def test_away_from_the_server_nothing_is_taken(tmp_path: Path, keys: str) -> None:
    store = a_store()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN) as till:
        store.away = True
        await typed(till, keys)
        assert {"server", "Offline:"} & {*till.answer().replace(",", "").split()}
        assert moved(till) == []
    async with a_quiet_till(tmp_path / "alone", store=None, typed=LOG_IN) as till:
        await typed(till, keys)
        assert till.answer() == "This needs the server, which is away. Nothing was taken."
