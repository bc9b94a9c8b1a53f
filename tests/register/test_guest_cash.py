"""House accounts and vouchers paid in cash by word: the server names the amount, and the drawer has the movement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from till.domain.errors import StoreAwayError, StoreError, TillError
from till.domain.money.measures import Minor
from till.domain.payment.codes import digest_of, make_code, shown_code
from till.domain.shift.deciding import ShiftError
from till.domain.shift.events import CashMoved, MovementUndone
from till.ports import RemoteAccount, RemoteCustomer, UnpaidVoucher
from till.register.conversation import Conversation

if TYPE_CHECKING:
    from tests.register.conftest import Till

CODE = make_code(lambda _below: 7)
RAO, IYER, RAJ, VOUCHER = (f"0197a000-0000-7000-8000-00000000000{n}" for n in range(1, 5))


class Server:
    """A server with three accounts and an unpaid voucher."""

    def __init__(self, *, away: bool = False) -> None:
        self.away = away

    def _answer(self) -> None:
        if self.away:
            raise StoreAwayError

    async def customers(self, query: str, *, with_account: bool = False) -> list[RemoteCustomer]:
        self._answer()
        assert with_account
        names = {RAO: "Mrs Rao", IYER: "Mr Iyer", RAJ: "Raj", "": "Raju"}
        return [
            RemoteCustomer(of, name, "", 1, {}, ()) for of, name in names.items() if query.casefold() in name.casefold()
        ]

    async def account(self, customer_id: str) -> RemoteAccount | None:
        self._answer()
        owed = {RAO: Minor(14_000), IYER: Minor(-3_000), RAJ: Minor(0)}[customer_id]
        return RemoteAccount(customer_id, Minor(50_000), owed, Minor(10_000), "INR")

    async def unpaid_voucher(self, digest: str) -> UnpaidVoucher:
        self._answer()
        if digest != digest_of(CODE):
            raise StoreError("There is no voucher with that code.")
        return UnpaidVoucher(VOUCHER, CODE[-4:], Minor(50_000), "INR")


async def say(till: Till, typed: str, *, away: bool = False) -> str:
    return await Conversation(till.register, 1).ask(Server(away=away), typed)  # type: ignore[arg-type] # a part of it


@pytest.mark.parametrize(
    ("typed", "answer", "moved"),
    [
        ("pay off rao 120", "₹120.00 from Mrs Rao. ₹20.00 is still owed.", ("account", "120.00", RAO)),
        ("pay off Mrs Rao", "₹140.00 from Mrs Rao. All is paid.", ("account", "140.00", RAO)),
        ("pay off iyer 10", "₹10.00 of the credit is given back to Mr Iyer.", ("account", "-10.00", IYER)),
        (f"sell voucher {shown_code(CODE)}", "Voucher …9999 is sold for ₹500.00.", ("voucher", "500.00", VOUCHER)),
    ],
)
async def test_cash_is_a_movement_of_the_drawer(
    till: Till, typed: str, answer: str, moved: tuple[str, str, str]
) -> None:
    assert await say(till, typed) == answer.replace("9999", CODE[-4:])
    (event,) = till.wrote(CashMoved)
    assert (event.kind, event.amount, event.of, event.reason) == (*moved, "")
    assert till.register.drawer.balance()["CASH"] == round(float(moved[1]) * 100)
    assert CODE not in "".join(event.body for event in till.journal.own)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("pay off rao 150", "Mrs Rao owes ₹140.00: take that at most."),
        ("pay off rao 0", "Type an amount, as in “pay off Rao 120”."),
        ("pay off iyer 31", "Mr Iyer has a credit of ₹30.00."),
        ("pay off raj", "Raj owes nothing."),
        ("pay off ra 5", "Which one? Mrs Rao, Raj, Raju."),
        ("pay off nobody 5", "No house account for “nobody”."),
        ("sell voucher 1234", "A voucher's code has 16 letters and digits."),
        ("sell voucher " + make_code(lambda _below: 3), "There is no voucher with that code."),
    ],
)
async def test_cash_that_the_server_does_not_know_of_moves_nothing(till: Till, typed: str, refusal: str) -> None:
    with pytest.raises(TillError) as refused:
        await say(till, typed)
    assert refused.value.sentence == refusal
    assert len(refusal) <= 60
    assert till.journal.own == []


@pytest.mark.parametrize("typed", ["pay off rao 120", f"sell voucher {CODE}"])
async def test_offline_both_are_refused(till: Till, typed: str) -> None:
    for asked in (say(till, typed, away=True), Conversation(till.register, 1).ask(None, typed)):
        with pytest.raises(TillError) as refused:
            await asked
        assert refused.value.sentence == "This needs the server, which is away. Nothing was taken."
    with pytest.raises(TillError, match="needs the server"):
        Conversation(till.register, 1).say(typed)
    assert till.journal.own == []


async def test_a_movement_of_a_closed_shift_is_not_undone(till: Till) -> None:
    await say(till, "pay off rao 120")
    drawer = till.register.drawer
    shift = drawer.shift()
    assert shift is not None
    moved = shift.movements[0].id
    drawer.close()
    for _again in range(2):
        with pytest.raises(ShiftError, match=r"^Only a movement of the open shift can be undone\.$"):
            drawer.undo(moved)
        await say(till, "pay off rao 10")
    assert till.wrote(MovementUndone) == []


async def test_any_other_sentence_is_carried_out_without_the_server(till: Till) -> None:
    assert await say(till, "2 idly", away=True) == "Added 2 × Idly. Total ₹80.00."
