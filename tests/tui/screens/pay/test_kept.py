"""Payment by voucher and by house account: the server knows the value, and Enter takes at most that."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.making import Hand, forged, refund_events
from tests.tui.playing import LOG_IN, FakeStore, a_reference
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.cli.demo_venue import DEMO
from till.domain.events.envelope import SERVER
from till.domain.money.measures import Minor
from till.domain.order.state import Customer, Status
from till.domain.payment.codes import ALPHABET, digest_of, make_code, shown_code
from till.domain.payment.events import PaymentApproved, PaymentVoided
from till.domain.payment.movement import PaymentState
from till.domain.payment.names import ACCOUNT, VOUCHER
from till.ports import Received, RemoteAccount, RemoteCustomer, RemoteVoucher
from till.register.other_tills.news import ChargeMoved
from till.register.payments.tenders import AT_SERVER, Tenders
from till.tenders.server import ServerTender
from till.tui.screens.pay.kept import VoucherSheet
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.sell.scene import SellScene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.tui.playing import Till
    from till.domain.order.state import Order, Payment

ORDER = LOG_IN + "2 idly{enter}1 masala dosa{enter}one more{enter}"
CODE = make_code(lambda _below: 7)
ASK = "0197a000-0000-7000-8000-00000000bbbb"
GUEST = "0197a000-0000-7000-8000-00000000cccc"


def a_store(left: int = 50_000) -> FakeStore:
    voucher = RemoteVoucher(ASK, CODE[-4:], Minor(left), "INR")
    account = RemoteAccount(GUEST, Minor(50_000), Minor(40_000), Minor(10_000), "INR")
    return FakeStore(vouchers={digest_of(CODE): voucher}, accounts={GUEST: account})


@asynccontextmanager
async def at_server(till: Till, store: FakeStore, *, pushes: bool = True) -> AsyncIterator[None]:
    """Connect the server, which may refuse pushes."""

    async def saved(_seconds: float) -> bool:
        return pushes

    till.register.asker.begin(Tenders(asked=[ServerTender(traits, store) for traits in AT_SERVER]), saved)
    try:
        yield
    finally:
        till.register.asker.end()
        await heard(till)


async def heard(till: Till) -> None:
    for _turn in range(20):
        await asyncio.sleep(0)
    await till.settle()


def only(order: Order) -> Payment:
    [payment] = order.payments.values()
    return payment


def newest(till: Till) -> Order:
    scene = till.scene
    assert isinstance(scene, PayScene)
    return scene.order


async def test_a_voucher_pays_by_its_code(tmp_path: Path) -> None:
    store = a_store()
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}v")
        assert "Enter asks for its code." in till.text()
        session = newest(till).id
        await till.type("{enter}" + shown_code(CODE).lower() + "{enter}")
        await heard(till)
        assert "…" + CODE[-4:] in till.text()
        assert "₹500.00" in till.text()
        assert CODE not in till.text()
        assert "Pay ₹240.00" in till.text()
        await till.type("c")  # another code begins
        assert {"Pay ₹240.00", "Look"} & {*till.text().split("\n")} == {"Look"}
        await till.type("{backspace}{enter}")
        await heard(till)
        assert till.answer() == "Paid ₹240.00."
        order = till.register.ledger.order(session)
        payment = only(order)
        till.register.watcher.on_news(ChargeMoved(session, payment.id))  # the server's answer comes by both its ways
        assert till.answer() == "Paid ₹240.00."
        assert (payment.tender, payment.amount, payment.reference[0]) == (VOUCHER, 24_000, ASK)
        assert order.placed is not None
        assert order.placed.data.payments[0].transaction  # the provider named it: its tender cannot be corrected
        assert store.asked_after == [payment.id]


async def test_a_bill_that_rounds_is_paid_as_it_is_rounded_with_its_tip(tmp_path: Path) -> None:
    store, venue = a_store(), a_reference()
    venue["settings"]["rounding"] = {"step": "100", "of": "bill"}
    async with a_quiet_till(tmp_path, store=store, reference=venue) as till, at_server(till, store):
        await till.type(ORDER + "{f9}p5{enter}v")
        session = newest(till).id
        await till.type("{enter}" + CODE + "{enter}")
        await heard(till)
        await till.type("{enter}")
        await heard(till)
        order = till.register.ledger.order(session)
        assert (only(order).amount, only(order).tip, order.status) == (20_500, 500, Status.COMPLETED)


async def test_a_voucher_pays_its_balance_and_the_rest_is_cash(tmp_path: Path) -> None:
    store = a_store(9_000)
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}v{enter}" + CODE + "{enter}")
        await heard(till)
        assert "₹150.00" in till.text()  # the amount still due
        await till.type("{enter}")
        await heard(till)
        assert newest(till).due == 15_000
        await till.type("200{enter}")
        assert till.answer().startswith("Paid ₹240.00")


async def test_a_voucher_pays_the_typed_amount_and_no_more(tmp_path: Path) -> None:
    store = a_store()
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}v500{enter}")
        assert "more than the ₹240.00 due" in till.text()
        await till.type("{escape}v100{enter}" + CODE + "{enter}")
        await heard(till)
        await till.type("{enter}")
        await heard(till)
        assert newest(till).due == 14_000


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_voucher_that_does_not_pay_says_so_and_nothing_is_taken(tmp_path: Path, size: tuple[int, int]) -> None:
    store = a_store(0)
    async with a_quiet_till(tmp_path, size, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}v{enter}hello{enter}")
        assert "A voucher's code has 16 letters and digits." in till.text()
        mistyped = make_code(lambda _below: 3)
        await till.type("{escape}v{enter}" + mistyped + "{enter}")
        await heard(till)
        assert "There is no voucher with that code." in till.text()
        assert mistyped in till.text(), "it is there to be put right"
        await till.type(CODE + "{enter}")
        await heard(till)
        assert "Nothing is left on it." in till.text()
        await till.type("{enter}")
        store.away = True
        await till.type(CODE + "{enter}")
        await heard(till)
        assert till.answer() == "The server does not answer. Esc: pay another way. Or wait."
        await till.type("{escape}")
        assert not newest(till).payments


class Frozen(FakeStore):
    """A server that does not answer until the time is up."""

    async def voucher(self, digest: str) -> RemoteVoucher:
        await asyncio.sleep(0)
        return await super().voucher(digest)


async def test_the_question_to_the_server_is_shown_before_its_answer(tmp_path: Path) -> None:
    store = Frozen(away=True)
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}v{enter}")
        till.burst(CODE + "{enter}")
        await asyncio.sleep(0)
        assert till.answer() == "Asking the server. One moment."
        await till.settle()
        assert till.answer().startswith("The server does not answer.")
        assert till.typed() == CODE


async def test_away_from_the_server_it_is_not_taken(tmp_path: Path) -> None:
    store = a_store()
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store, pushes=False):
        await till.type(ORDER + "{f9}v{enter}" + CODE + "{enter}")
        await heard(till)
        await till.type("{enter}")
        await heard(till)
        assert only(newest(till)).state is PaymentState.DECLINED
        assert newest(till).due == 24_000


@pytest.mark.parametrize("answered", ["declined", "released"])
async def test_a_payment_that_the_server_declines_is_still_due(tmp_path: Path, answered: str) -> None:
    store = a_store()
    store.answered = answered
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}v{enter}" + CODE + "{enter}")
        await heard(till)
        await till.type("{enter}")
        await heard(till)
        assert only(newest(till)).state is PaymentState.DECLINED
        await till.type("{enter}{enter}")
        assert till.answer().startswith("Paid ₹240.00")


class SlowAnswer(FakeStore):
    """A server that takes the payment and does not answer for it."""

    async def payment_answer(self, payment_id: str) -> str | None:
        await asyncio.sleep(3_600)
        return await super().payment_answer(payment_id)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_voucher_that_the_server_is_asked_about_is_named_above_its_steps(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    fast = a_store()
    store = SlowAnswer(vouchers=fast.vouchers)
    async with a_drawn_till(tmp_path, size, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}v{enter}" + CODE + "{enter}")
        await heard(till)
        await till.type("{enter}")
        await heard(till)
        assert "Voucher  at the server" in till.text()


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_an_unknown_voucher_payment_speaks_of_the_server_and_not_of_a_bank(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    store = a_store()
    store.answered = None
    async with a_drawn_till(tmp_path, size, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}v{enter}" + CODE + "{enter}")
        await heard(till)
        await till.type("{enter}")
        await heard(till)
        shown = till.text()
        assert "“Our server has not answered yet. We ask again." in shown
        assert "slip in hand" not in shown


async def test_a_voucher_payment_is_refunded_by_the_cashier_who_took_it(tmp_path: Path) -> None:
    store = a_store(9_000)
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}v{enter}" + CODE + "{enter}")
        await heard(till)
        await till.type("{enter}")
        await heard(till)
        await till.type("{f7}")
        assert "Refund ₹90.00 by voucher?" in till.text()
        await till.type("{enter}")
        assert only(newest(till)).state is PaymentState.VOIDED
        assert till.answer() == "Voucher: ₹90.00 refunded. ₹240.00 is due.", "nobody is to give it once more"


async def test_an_order_goes_on_the_account_of_whose_it_is(tmp_path: Path) -> None:
    store = a_store()
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}h{enter}")
        assert "Whose house account?" in till.text()
        session = newest(till).id
        till.register.sales.attach_customer(session, 1, GUEST, "Mrs Rao")
        await till.type("{escape}h")
        assert "Enter opens the guest’s account, or asks for a name." in till.text()
        await till.type("{enter}")
        await heard(till)
        for text in ("Mrs Rao", "₹400.00", "₹500.00", "₹100.00", "₹140.00"):
            assert text in till.text(), text
        await till.type("{enter}")
        await heard(till)
        assert (only(newest(till)).tender, newest(till).due) == (ACCOUNT, 14_000)
        accounts = dict(store.accounts)
        store.accounts.clear()
        await till.type("h{enter}")
        await heard(till)
        assert "Mrs Rao has no house account. Esc, then another way." in till.text()
        store.accounts[GUEST] = RemoteAccount(GUEST, Minor(30_000), Minor(40_000), Minor(-10_000), "INR")
        await till.type("{enter}")
        await heard(till)
        assert "Mrs Rao owes ₹400.00 of ₹300.00. Esc: another way." in till.text()
        store.accounts.update(accounts)
        await till.type("{enter}")
        await heard(till)
        assert "Enter charges ₹100.00 to the account." in till.text()
        await till.type("{escape}{escape}{enter}")
        assert till.register.ledger.order(session).status is Status.COMPLETED


def a_guest(number: str, name: str) -> RemoteCustomer:
    return RemoteCustomer(number, name, "+919845012345", 3, {}, ())


async def test_a_house_account_asks_whose_it_is(tmp_path: Path) -> None:
    store = a_store()
    store.guests = [a_guest(GUEST, "Mrs Rao"), a_guest(ASK, "Mr Iyer")]
    store.accounts[ASK] = RemoteAccount(ASK, Minor(0), Minor(40_000), Minor(40_000), "INR")
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(LOG_IN + "2 idly{enter}{f9}h{enter}")
        session = newest(till).id
        await till.type("zzz{enter}")
        assert till.answer() == "No house account for “zzz”. Type another name."
        await till.type("rao{enter}")
        await heard(till)
        for text in ("Mrs Rao", "₹400.00", "₹500.00", "Enter charges ₹80.00 to the account."):
            assert text in till.text(), text
        assert not newest(till).payments
        await till.type("{escape}")
        assert newest(till).customer is None, "nothing was paid, so it is nobody's"
        await till.type("{enter}98450{enter}")
        assert "Mr Iyer" in till.text(), "two have that number"
        await till.type("1{enter}")
        await heard(till)
        await till.type("{enter}")
        await heard(till)
        order = till.register.ledger.order(session)
        assert (only(order).tender, only(order).reference[0], order.status) == (ACCOUNT, GUEST, Status.COMPLETED)
        assert order.customer == Customer(GUEST, "Mrs Rao")
        assert "Mrs Rao" in till.text(), "the receipt names whose account paid"


async def test_a_guest_without_a_house_account_is_not_listed(tmp_path: Path) -> None:
    store = a_store()
    store.guests = [a_guest(ASK, "Mr Iyer"), a_guest(GUEST, "Mrs Rao")]
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}h{enter}iyer{enter}")
        assert till.answer() == "No house account for “iyer”. Type another name."
        await till.type("98450{enter}")
        await heard(till)
        assert "Enter charges ₹100.00 to the account." in till.text(), "only Mrs Rao has one"


async def test_the_name_on_the_order_is_offered_for_its_house_account(tmp_path: Path) -> None:
    store = a_store()
    store.guests = [a_guest(GUEST, "Mrs Rao")]
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        store.guests, guests = [], store.guests
        await till.type(ORDER + "customer Rao{enter}{enter}{f9}h{enter}")
        assert till.typed() == "Rao"
        store.guests = guests
        await till.type("{enter}")
        await heard(till)
        assert "Enter charges ₹100.00 to the account." in till.text()


@pytest.mark.parametrize("paid", ["v" + CODE, "h{enter}rao"])
@pytest.mark.parametrize("state", ["reserved", "refused"])
async def test_a_payment_taken_by_the_server_is_refunded_by_the_server(tmp_path: Path, paid: str, state: str) -> None:
    store = a_store()
    store.state = state
    store.guests = [a_guest(GUEST, "Mrs Rao")]
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(LOG_IN + "2 idly{enter}{f9}" + paid + "{enter}")
        await heard(till)
        await till.type("{enter}")
        await heard(till)
        await till.type("{f10}{enter}*{enter}1{enter}9{enter}9999{enter}")
        way = "voucher" if paid.startswith("v") else "house account"
        refunded = f"Refunded ₹80.00 by {way}, 1X0001-R000001."
        refused = "Not refunded: done already, or it has ended. Tab: cash."
        assert till.answer() == (refunded if state == "reserved" else refused)
        end = "refund_approved" if state == "reserved" else "refund_declined"
        assert [event.type for event in refund_events(till.journal)] == ["refund_started", end]


@pytest.mark.parametrize("typed", [shown_code(CODE).lower(), "2345ABC"])
async def test_v_and_a_code_look_at_the_voucher(tmp_path: Path, typed: str) -> None:
    store = a_store()
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}v" + typed)
        assert "Enter looks at the voucher." in till.text()
        await till.type("{enter}")
        await heard(till)
        if typed == "2345ABC":
            assert till.answer() == "A voucher's code has 16 letters and digits."
            assert till.typed() == typed
            await till.type(CODE + "{enter}")
            await heard(till)
        assert "Enter pays ₹240.00 with it." in till.text()
        assert not newest(till).payments
        await till.type("{enter}")
        await heard(till)
        assert till.answer() == "Paid ₹240.00."


def code_that_begins(begins: str) -> str:
    body = [*begins, *"2" * 15][:15]
    return make_code(lambda _below: ALPHABET.index(body.pop(0)))


async def test_a_code_may_begin_with_the_letters_of_other_keys(tmp_path: Path) -> None:
    begins = ("C3", "U3", "CU", "H3", "Q3", "QW2", "WE", "V2", "VC2", "S2", "P5", "M2", "3C", "2Q3")
    codes = [code_that_begins(letters) for letters in begins]
    vouchers = {digest_of(code): RemoteVoucher(ASK, code[-4:], Minor(50_000), "INR") for code in codes}
    store = FakeStore(vouchers=vouchers)
    typed = [f"v{code.lower()}" for code in codes]
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER)
        for keys in (*typed, *(f"c{one}" for one in typed[::3]), *(f"q{one}" for one in typed[1::3])):
            await till.type("{f9}" + keys)
            assert "Enter looks at the voucher." in till.text(), keys
            await till.type("{enter}")
            await heard(till)
            assert "Enter pays ₹240.00 with it." in till.text(), keys
            assert not newest(till).payments, keys
            await till.type("{escape}{escape}{escape}")
            assert isinstance(till.scene, SellScene), keys


async def test_a_payment_that_the_server_released_is_given_up_and_not_refunded(tmp_path: Path) -> None:
    store = a_store(9_000)
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}v{enter}" + CODE + "{enter}")
        await heard(till)
        await till.type("{enter}")
        await heard(till)
        order = newest(till)
        server = Hand(SERVER, start=till.clock.now())
        server.knows(*till.journal.events_of(order.id))
        voided = PaymentVoided(payment_id=only(order).id, tender=VOUCHER, amount="90.00")
        event = forged(server.make(voided, stream_id=order.id), store_id=DEMO.store_id)
        till.register.journal.receive([Received(99, event)])
        till.register.sessions_grew([order.id])
        await till.type("5{backspace}")
        assert "given up 10:31" in till.text()
        assert "refunded" not in till.text()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("v100{enter}", "Voucher: ₹100.00 taken, ₹400.00 left. ₹140.00 is still due."),
        ("2s{enter}v{enter}", "Voucher: ₹400.00 left. ₹120.00 is still due."),
        ("2s{enter}p5{enter}v{enter}", "Tip ₹5.00. Voucher: ₹400.00 left. ₹120.00 is still due."),
        ("2s{enter}h{enter}", "House account: ₹400.00 left. ₹120.00 is still due."),
    ],
)
async def test_the_balance_left_is_shown_and_on_the_receipt(tmp_path: Path, typed: str, message: str) -> None:
    """The server's own event brings it; here it comes before the till hears of the answer."""
    store = a_store()
    store.guests = [a_guest(GUEST, "Mrs Rao")]
    store.accounts[GUEST] = RemoteAccount(GUEST, Minor(90_000), Minor(40_000), Minor(50_000), "INR")
    async with a_quiet_till(tmp_path, store=store) as till:
        server = Hand(SERVER, start=till.clock.now())

        async def saved(_seconds: float) -> bool:
            order = newest(till)
            if (payment := order.pending_payment) is not None:
                server.knows(*till.journal.events_of(order.id))
                amount, tip = (order.terms.currency.text(part) for part in (payment.amount, payment.tip))
                amounts: dict[str, Any] = {"amount": amount, "tendered": amount, "change": "0", "balance": "400.00"}
                approved = PaymentApproved(payment_id=payment.id, tender=payment.tender, tip=tip, **amounts)
                event = forged(server.make(approved, stream_id=order.id), store_id=DEMO.store_id)
                till.register.journal.receive([Received(99, event)])
                till.register.sessions_grew([order.id])
            return True

        till.register.asker.begin(Tenders(asked=[ServerTender(traits, store) for traits in AT_SERVER]), saved)
        is_account = "h" in typed.split("{enter}")
        await till.type(ORDER + "{f9}" + typed + ("rao" if is_account else CODE) + "{enter}")
        await heard(till)
        await till.type("{enter}")
        await heard(till)
        assert till.answer() == message
        await till.type("{f9}{enter}" if typed.startswith("2s") else "{enter}{enter}")
        kept = "account" if is_account else "voucher"
        assert till.answer().endswith(f" ₹400.00 is left on the {kept}.")
        assert {"     left on it", "400.00"} <= {*till.text().split("\n")}
        till.register.asker.end()


async def test_a_voucher_typed_at_the_order_asks_for_its_code(tmp_path: Path) -> None:
    store = a_store()
    async with a_quiet_till(tmp_path, store=store) as till, at_server(till, store):
        await till.type(ORDER + "voucher{enter}")
        assert isinstance(till.app.controller.top, VoucherSheet)
        await till.type("{escape}{escape}house account{enter}")
        assert "Whose house account?" in till.text()


async def test_a_way_to_pay_that_the_till_has_not_is_not_taken_by_its_word(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "voucher{enter}") as till:
        assert till.answer() == "Voucher is not accepted here. Esc, then another way."
        assert newest(till).paid == 0


@pytest.mark.parametrize("size", [(80, 24), (100, 16), (100, 22), (100, 24), (100, 30), (120, 24), (120, 36)])
async def test_each_way_to_pay_is_in_sight_with_tip_and_split(tmp_path: Path, size: tuple[int, int]) -> None:
    store = a_store()
    async with a_drawn_till(tmp_path, size, store=store) as till, at_server(till, store):
        for typed in ("{f9}", "100{enter}", "q", "{escape}c"):
            await till.type((ORDER if typed == "{f9}" else "") + typed)
            screen = re.sub(r"\s+", " ", till.text())
            for way in ("C Card", "U UPI", "V Voucher", "H House account", "P Tip", "S Split"):
                assert way in screen, (typed, way)


@pytest.mark.parametrize("size", [(60, 24), (80, 16)])
async def test_tip_and_split_stay_where_no_row_has_room_for_all(tmp_path: Path, size: tuple[int, int]) -> None:
    store = a_store()
    async with a_drawn_till(tmp_path, size, store=store) as till, at_server(till, store):
        await till.type(ORDER + "{f9}")
        for way in ("C Card", "U UPI", "P Tip", "S Split"):
            assert way in till.text()
