"""A day at the drawer by hand: float, ten sales of all tenders, a refund, the close, and the count next morning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from tests.tui.playing import LOG_IN, FakeStore
from tests.tui.quiet import a_drawn_till
from tests.tui.screens.pay.test_kept import at_server, heard
from till.domain.money.measures import Minor
from till.domain.payment.codes import digest_of, make_code
from till.domain.shift.events import DrawerCounted, ShiftClosed
from till.ports import RemoteAccount, RemoteCustomer, RemoteVoucher

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till

CODE: Final = make_code(lambda _below: 7)
RAO: Final = "0197a000-0000-7000-8000-00000000cccc"


class Act(NamedTuple):
    """Keys in parts, each after the answers of the server to those before, and what is then on the screen."""

    shown: str
    keys: tuple[str, ...]


def act(shown: str, *keys: str) -> Act:
    return Act(shown, keys)


#: The sums of the Z are those of a cashier's pencil. Cash: 80, 90 with its tip, 80, 63, 50 and 40; 40 goes back.
DAY: Final = (
    act("Cash ₹500.00: the float.", "{f11}{tab}500{enter}{enter}{enter}"),
    act("Paid ₹80.00. Change ₹20.00.", "2 idly{enter}{f9}100{enter}"),
    act("Paid ₹80.00.", "masala dosa{enter}{f9}c{enter}"),
    act("Paid ₹40.00.", "2 tea{enter}{f9}u{enter}"),
    act("Paid ₹90.00.", "3 filter coffee{enter}{f9}v{enter}" + CODE + "{enter}", "{enter}"),
    act("Paid ₹80.00.", "2 idly{enter}{f9}h{enter}", "rao{enter}", "{enter}"),
    act("including a tip of ₹10.00.", "masala dosa{enter}{f9}p10{enter}", "{enter}"),
    act("Paid ₹160.00.", "2 masala dosa{enter}{f9}2s{f9}{enter}{f9}c{enter}"),
    act("Paid ₹63.00, exact.", "2 mysore pak{enter}10%{enter}1{enter}{f9}{enter}"),
    act("Saved to table 7.", "4 tea{enter}{f8}7{enter}"),
    act("₹30.00 is still due.", "{f8}7{enter}{f9}50{enter}"),
    act("Paid ₹80.00.", "c{enter}"),
    act("Paid ₹40.00. Change ₹460.00.", "idly{enter}tea{enter}{f7}{enter}{f9}q{enter}"),
    act("Refunded ₹40.00 in cash", "{f10}1X0001-000001{enter}{f7}{enter}9{enter}9999{enter}"),
    act("Paid out ₹20.00: milk.", "{escape}{escape}{f11}1{enter}20 milk{enter}"),
    act("Open the drawer with its key. It is in the record.", "{f11}n{enter}"),
    act("To the safe ₹400.00.", "{f11}3{enter}400{enter}"),
    act("X: the shift so far", "{f11}x{enter}"),
    act("Z 1X0001-Z000001", "{enter}{f11}z{enter}{enter}"),
    act("Z 1X0001-Z000001: 10 sales, ₹793.00. Count the drawer.", "{escape}"),
)
TENDERS: Final = {"CASH": "363.00", "CARD": "190.00", "UPI": "40.00", "VOUCHER": "90.00", "ACCOUNT": "80.00"}
MOVED: Final = {
    "float": "500.00",
    "payments": "883.00",
    "change": "-480.00",
    "refunds": "-40.00",
    "paid_out": "-20.00",
    "safe_drop": "-400.00",
}


def a_store() -> FakeStore:
    """Return a server with a voucher of 500 and an account of which nothing is owed."""
    voucher = RemoteVoucher(RAO, CODE[-4:], Minor(50_000), "INR")
    account = RemoteAccount(RAO, Minor(50_000), Minor(0), Minor(50_000), "INR")
    guest = RemoteCustomer(RAO, "Mrs Rao", "", 3, {}, ())
    return FakeStore(vouchers={digest_of(CODE): voucher}, accounts={RAO: account}, guests=[guest])


def wrote(till: Till, kind: type[Any]) -> list[Any]:
    return [event.data for event in till.register.journal.unsent(5_000) if isinstance(event.data, kind)]


async def play(till: Till, *acts: Act) -> None:
    for shown, keys in acts:
        for part in keys:
            await till.type(part)
            await heard(till)
            till.clock.pass_by(seconds=2)
        assert shown in till.text(), keys


@pytest.mark.parametrize(("size", "sells_first"), [((80, 24), True), ((120, 36), False)])
async def test_a_day_by_hand_agrees_with_the_pencil_and_is_counted_next_morning(
    tmp_path: Path, size: tuple[int, int], sells_first: bool
) -> None:
    store = a_store()
    async with a_drawn_till(tmp_path, size, store=store) as till, at_server(till, store):
        await play(till, act("In the drawer now?", LOG_IN), *DAY)
        (z,) = wrote(till, ShiftClosed)
        sums, (cash,) = z.sums, z.sums.drawer
        assert (sums.sales.number, sums.sales.gross, sums.tips, sums.refunds.amount) == (10, "793.00", "10.00", "40.00")
        assert {one.tender: one.amount for one in sums.tenders} == TENDERS
        assert ({one.kind: one.amount for one in cash.moved}, cash.closing) == (MOVED, "443.00")
        assert (sums.discounts.amount, sums.voids.amount, sums.no_sales) == ("7.00", "20.00", 1)

        till.clock.pass_by(hours=22)
        await play(till, act("In the drawer now? F11 counts it.", "{f12}" + LOG_IN))
        sale = act("Paid ₹80.00, exact.", "2 idly{enter}{f9}{enter}")
        if sells_first:
            await play(till, sale, act("Count first.", "{f11}c{enter}"))
            await play(till, act("520.00, expected 523.00", "{tab}520{enter}500{enter}1{enter}"))
        else:
            await play(till, act("Count first.", "{f11}"))
            await play(till, act("440.00, expected 443.00", "{tab}440{enter}420{enter}1{enter}"))
        assert "▼ 3.00 short" in till.text()
        await play(till, act("▼ ₹3.00 short.", "{enter}"))
        assert len(wrote(till, ShiftClosed)) == 1
        assert [one.to for one in wrote(till, DrawerCounted)] == ["", "safe"]
        if not sells_first:
            await play(till, sale)
        (now,) = till.register.drawer.sums().drawer
        assert (now.opening, now.closing) == (("443.00", "500.00") if sells_first else ("420.00", "500.00"))
