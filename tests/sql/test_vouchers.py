"""Vouchers and house accounts: never below nothing, never twice, never eaten by a till that died."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error

from tests.sql.ringing import DOSA, IDLY, Cart, new_id, new_number
from till.domain.events.envelope import sha256
from till.domain.order.evolve import fold
from till.domain.payment.movement import PaymentState
from till.domain.streams import unseal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sql.ringing import Till, Venue
    from till.domain.order.state import Order, Payment

STATES = "SELECT state FROM till.value_movements ORDER BY moved_at, movement_id"
LEFT = "SELECT till.value_left(%s, %s, %s, 'INR')"


def issue(venue: Venue, amount: str = "500.00", code: str = "a code", expires: str | None = None) -> str:
    return str(
        venue.value(
            "SELECT till.voucher_issue_v1(%s, 9, %s, 'WXYZ', %s, %s)",
            venue.store,
            sha256(code),
            Decimal(amount),
            expires,
        )
    )


def ask(till: Till, code: str = "a code") -> dict[str, Any]:
    return till.read("till.voucher_v1", digest=sha256(code))


def left(venue: Venue, holder: str, tender: str = "VOUCHER") -> str:
    return str(venue.value(LEFT, venue.store, tender, holder))


def begin(till: Till, *items: tuple[str, int]) -> Cart:
    cart = till.keyed()
    for item, quantity in items or ((DOSA, 1),):
        till.add(cart, item, quantity)
    return cart


def start(till: Till, cart: Cart, place: str, amount: str = "80.00", tender: str = "VOUCHER") -> dict[str, Any]:
    """A payment, not pushed yet: as its answer names it."""
    payment = {"payment_id": new_id(), "tender": tender, "amount": amount}
    till.make("payment_started", cart.session, {**payment, "key": payment["payment_id"], "place": place})
    return payment


def approve(till: Till, cart: Cart, payment: dict[str, Any], **changes: Any) -> None:
    fields = {**payment, "tendered": payment["amount"], "change": "0", "transaction": "WXYZ", **changes}
    till.make("payment_approved", cart.session, fields)


def place(till: Till, cart: Cart, *payments: dict[str, Any]) -> dict[str, Any]:
    return till.place(cart, payments=[{**one, "change": "0.00"} for one in payments], payment_method="voucher")


def state(till: Till, payment: dict[str, Any]) -> str | None:
    state: str | None = till.read("warm.payment_answer_v1", payment=payment["payment_id"])["state"]
    return state


def folded(venue: Venue, cart: Cart) -> Order:
    """The order as a till folds it from all that the database has."""
    log = venue.value("SELECT till.session_log_v1(%s, %s)", venue.store, cart.session)
    order = fold([unseal(one["b"], one["h"], one["t"]) for one in log])
    assert order is not None
    return order


def paid(venue: Venue, cart: Cart, payment: dict[str, Any]) -> Payment:
    return folded(venue, cart).payments[payment["payment_id"]]


def quarantined(venue: Venue) -> list[str]:
    return [row[0] for row in venue.rows("SELECT reason FROM warm.quarantine ORDER BY id")]


@pytest.fixture
def voucher(venue: Venue) -> str:
    return issue(venue)


@pytest.fixture
def guest(venue: Venue) -> str:
    """A customer with a house account of 200."""
    known = str(venue.value("SELECT till.customer_add_v1(%s, 9, 'Mrs Rao', '')", venue.store))
    venue.value("SELECT till.account_set_v1(%s, 9, %s, 200, false)", venue.store, known)
    return known


def test_the_database_answers_a_payment_in_its_own_chain_and_the_till_hears_it(venue: Venue, voucher: str) -> None:
    till = venue.till()
    cart = begin(till)
    assert (ask(till)["left"], ask(till)["hint"]) == ("500.00", "WXYZ")
    payment = start(till, cart, ask(till)["ask"])
    reply = till.shown(cart)
    assert ['"type":"payment_approved"' in one["b"] for one in reply["events"]] == [True]
    assert [(row["version"], row["refold"]) for row in reply["sessions"]] == [(reply["events"][0]["version"], True)]
    assert (state(till, payment), left(venue, voucher)) == ("reserved", "420.00")
    assert till.push()["events"] == []
    known = paid(venue, cart, payment)
    assert (known.state, known.till, known.user, known.transaction) == (PaymentState.APPROVED, 1, 1, "WXYZ")
    approve(till, cart, payment)
    order = place(till, cart, payment)
    till.push()
    assert (state(till, payment), left(venue, voucher), quarantined(venue)) == ("spent", "420.00", [])
    assert venue.rows("SELECT tender, amount FROM cold.order_payment") == [("VOUCHER", Decimal("80.00"))]
    assert folded(venue, cart).placings[0].data.receipt == order["receipt"]
    assert not paid(venue, cart, payment).is_contradicted
    assert venue.value("SELECT till.audit_verify_v1(%s)->>'sound'", venue.store) == "true"


def test_a_code_stands_nowhere(venue: Venue, voucher: str) -> None:
    till = venue.till()
    start(till, begin(till), ask(till)["ask"])
    till.push()
    whole = " ".join(str(row) for row in venue.rows("SELECT body FROM warm.session_events"))
    assert "a code" not in whole
    assert voucher in whole  # as it was issued; and that is worth nothing to who reads it:
    payment = start(till, begin(till), voucher)
    till.push()
    assert state(till, payment) == "declined"
    other = venue.till(2)
    payment = start(other, begin(other), ask(till)["ask"])  # the answer that another till was given
    other.push()
    assert state(other, payment) == "declined"


def test_used_on_two_tills_at_once_it_is_refused_once(venue: Venue, voucher: str) -> None:
    one, two = venue.till(), venue.till(2)
    carts = [begin(till, (DOSA, 5)) for till in (one, two)]
    payments = [start(till, cart, ask(till)["ask"], "400.00") for till, cart in zip((one, two), carts, strict=True)]
    two.push()
    one.push()
    assert [state(one, payment) for payment in payments] == ["declined", "reserved"]
    assert left(venue, voucher) == "100.00"
    refused = paid(venue, carts[0], payments[0])
    assert (refused.state, refused.reason) == (PaymentState.DECLINED, "Only 100.00 is left.")


def test_a_repeated_request_is_answered_once(venue: Venue, voucher: str) -> None:
    till = venue.till()
    cart = begin(till)
    payment = start(till, cart, ask(till)["ask"])
    till.push()
    till.make("payment_started", cart.session, {**payment, "key": payment["payment_id"], "place": ask(till)["ask"]})
    till.push()
    assert left(venue, voucher) == "420.00"
    assert venue.rows(STATES) == [("reserved",)]


def test_a_part_is_paid_by_voucher_and_the_rest_in_cash(venue: Venue) -> None:
    voucher, till = issue(venue, "30.00"), venue.till()
    cart = begin(till)
    payment = start(till, cart, ask(till)["ask"], "30.00")
    till.push()
    approve(till, cart, payment)
    place(till, cart, payment, {"payment_id": new_id(), "tender": "CASH", "amount": "50.00"})
    till.push()
    assert (left(venue, voucher), quarantined(venue)) == ("0.00", [])
    found = venue.rows("SELECT tender, amount FROM cold.order_payment ORDER BY amount")
    assert found == [("VOUCHER", Decimal("30.00")), ("CASH", Decimal("50.00"))]
    assert ask(till)["left"] == "0.00"


def test_a_till_that_died_eats_nothing(venue: Venue, voucher: str) -> None:
    """The till started a payment and died: another till sells the order for cash, or a manager gives the payment up."""
    dead, till = venue.till(), venue.till(2)
    carts = [begin(dead) for _each in range(3)]
    payments = [start(dead, cart, ask(dead)["ask"]) for cart in carts]
    dead.push()
    assert left(venue, voucher) == "260.00"

    till.take(carts[0])  # the order ends without it
    till.place(carts[0])
    till.push()
    assert paid(venue, carts[0], payments[0]).state is PaymentState.VOIDED

    till.take(carts[1])  # or it is given back where the order went
    till.make("payment_voided", carts[1].session, {**payments[1], "approved_by": 9})
    till.push()

    venue.value("SELECT till.session_close_v1(%s, 9, %s, 'left over')", venue.store, carts[2].session)
    assert paid(venue, carts[2], payments[2]).state is PaymentState.VOIDED
    assert [state(till, one) for one in payments] == ["released"] * 3
    assert left(venue, voucher) == "500.00"
    assert quarantined(venue) == []


def test_a_decline_after_another_till_sold_by_voucher_is_no_conflict(venue: Venue, voucher: str) -> None:
    """The till that asked stood still, and heard no answer before it gave up: the database knows that it is spent."""
    one, two = venue.till(1), venue.till(2)
    cart = begin(one)
    payment = start(one, cart, ask(one)["ask"])
    one.push()
    two.take(cart)
    place(two, cart, payment)
    two.push()
    one.make("payment_declined", cart.session, payment)
    assert one.push()["conflicts"] == 0
    assert (state(one, payment), left(venue, voucher)) == ("spent", "420.00")


def test_a_till_that_takes_the_order_over_finds_it_paid(venue: Venue, voucher: str) -> None:
    dead, till = venue.till(), venue.till(2)
    cart = begin(dead)
    payment = start(dead, cart, ask(dead)["ask"])
    dead.push()
    till.take(cart)
    approve(till, cart, payment)
    place(till, cart, payment)
    till.push()
    assert (left(venue, voucher), state(till, payment), quarantined(venue)) == ("420.00", "spent", [])


def test_the_payment_of_a_cleared_order_comes_back(venue: Venue, voucher: str) -> None:
    till = venue.till()
    cart = begin(till)
    payment = start(till, cart, ask(till)["ask"])
    till.push()
    till.clear(cart)
    till.push()
    assert (left(venue, voucher), state(till, payment)) == ("500.00", "released")


@pytest.mark.parametrize("together", [True, False])
def test_a_payment_given_up_before_its_answer_is_released(venue: Venue, voucher: str, together: bool) -> None:
    """The push was slow: the till had already refused, because it needs the server."""
    till = venue.till()
    cart = begin(till)
    payment = start(till, cart, ask(till)["ask"])
    if not together:
        till.push()
    till.make("payment_declined", cart.session, payment)
    till.push()
    assert left(venue, voucher) == "500.00"
    assert paid(venue, cart, payment).state is (PaymentState.DECLINED if together else PaymentState.VOIDED)
    till.place(cart)
    till.push()
    assert (quarantined(venue), venue.value("SELECT count(*) FROM cold.orders")) == ([], 1)


def test_an_approval_that_a_till_made_up_is_quarantined(venue: Venue, voucher: str) -> None:
    till = venue.till()
    cart = begin(till, (DOSA, 10))
    made_up = {"payment_id": new_id(), "tender": "VOUCHER", "amount": "800.00"}
    approve(till, cart, made_up)
    till.push()
    refused = start(till, cart, ask(till)["ask"], "800.00")
    till.push()
    approve(till, cart, refused)
    smaller = start(till, cart, ask(till)["ask"], "1.00")
    till.push()
    approve(till, cart, {**smaller, "amount": "800.00"})
    till.push()
    expected = "The database answers for this tender, and did not approve the payment."
    assert quarantined(venue) == [expected] * 3
    place(till, cart, made_up)
    till.push()
    assert quarantined(venue)[3:] == [
        "The sale is paid by a voucher or an account, and this database approved no such payment."
    ]
    assert venue.rows("SELECT count(*) FROM cold.orders") == [(0,)]
    assert left(venue, voucher) == "499.00"


def test_returned_voucher_payment_is_never_spent_twice(venue: Venue) -> None:
    voucher, one, two = issue(venue, "100.00"), venue.till(), venue.till(2)
    cart, other = begin(one), begin(two)
    payment = start(one, cart, ask(one)["ask"])
    one.push()
    one.make("payment_voided", cart.session, payment)
    one.push()
    spent = start(two, other, ask(two)["ask"])
    two.push()
    place(two, other, spent)
    two.push()
    place(one, cart, payment)
    one.push()
    assert quarantined(venue) == ["The payment went back to the voucher or the account, and has been spent since."]
    assert left(venue, voucher) == "20.00"


@pytest.mark.usefixtures("voucher")
def test_codes_are_not_guessed(venue: Venue) -> None:
    till = venue.till()
    assert [ask(till, f"guess {n}").get("why") for n in range(10)] == ["unknown"] * 10
    assert ask(till) == {"ok": True, "why": "too_many"}
    assert ask(venue.till(2))["left"] == "500.00"  # guesses at another till do not block this one
    venue.owner.execute("UPDATE till.voucher_asks SET asked_at = asked_at - interval '11 minutes'")
    assert ask(till)["left"] == "500.00"
    venue.owner.execute("UPDATE till.voucher_asks SET asked_at = asked_at - interval '2 days'")
    assert not ask(till)["why"]
    assert venue.value("SELECT count(*) FROM till.voucher_asks WHERE till_id = 1") == 1
    for nonsense in (None, 7, ["x"], {"a": 1}, "\\u0000", "x" * 10_000):
        assert till.read("till.voucher_v1", digest=nonsense)["why"] == "unknown", nonsense


def test_a_voucher_that_is_void_or_over_pays_nothing(venue: Venue) -> None:
    till = venue.till()
    old, void = issue(venue, code="old", expires="2999-01-01"), issue(venue, code="void")
    known = {code: ask(till, code)["ask"] for code in ("old", "void")}
    venue.owner.execute("UPDATE till.vouchers SET expires = '2020-01-01' WHERE voucher_id = %s", [old])
    assert venue.value("SELECT till.voucher_void_v1(%s, 9, %s)", venue.store, void) == Decimal("500.00")
    assert [ask(till, code)["why"] for code in known] == ["expired", "void"]
    payments = []
    for seen in known.values():
        payments.append(start(till, begin(till), seen))
        till.push()
    assert [state(till, payment) for payment in payments] == ["declined"] * 2
    with pytest.raises(Error, match="already void"):
        venue.value("SELECT till.voucher_void_v1(%s, 9, %s)", venue.store, void)


def test_none_is_voided_while_it_pays(venue: Venue, voucher: str) -> None:
    till = venue.till()
    start(till, begin(till), ask(till)["ask"])
    till.push()
    with pytest.raises(Error, match="is being paid with this voucher"):
        venue.value("SELECT till.voucher_void_v1(%s, 9, %s)", venue.store, voucher)


@pytest.mark.parametrize("wrong", ["0", "-5", "1e10", "NaN"])
def test_no_voucher_is_worth_nothing_or_a_fortune(venue: Venue, wrong: str) -> None:
    with pytest.raises(Error, match="A voucher is worth"):
        issue(venue, wrong)


def test_an_account_pays_up_to_its_limit_and_is_paid_off(venue: Venue, guest: str) -> None:
    till = venue.till()
    cart, other = begin(till, (DOSA, 2)), begin(till)
    payment = start(till, cart, guest, "160.00", "ACCOUNT")
    beyond = start(till, other, guest, "80.00", "ACCOUNT")
    till.push()
    assert [state(till, one) for one in (payment, beyond)] == ["reserved", "declined"]
    assert (paid(venue, cart, payment).transaction, paid(venue, cart, payment).balance) == ("account", 40_00)
    approve(till, cart, payment)
    place(till, cart, payment)
    till.push()
    account = till.read("till.account_v1", customer=guest)
    assert (account["limit"], account["owed"], account["left"]) == ("200", "160.00", "40.00")
    with pytest.raises(Error, match=r"The amount is more than is owed"):
        venue.value("SELECT till.account_pay_off_v1(%s, 9, %s, 161, 'CASH')", venue.store, guest)
    with pytest.raises(Error, match="Name the tender"):
        venue.value("SELECT till.account_pay_off_v1(%s, 9, %s, 1, 'VOUCHER')", venue.store, guest)
    assert venue.value("SELECT till.account_pay_off_v1(%s, 9, %s, 60, 'CARD')", venue.store, guest) == Decimal("100.00")
    assert left(venue, guest, "ACCOUNT") == "100.00"
    venue.value("SELECT till.account_set_v1(%s, 9, %s, NULL, true)", venue.store, guest)
    assert till.read("till.account_v1", customer=guest)["left"] is None
    late = start(till, begin(till), guest, "80.00", "ACCOUNT")
    till.push()
    assert state(till, late) == "declined"
    assert till.read("till.account_v1", customer="x")["code"] == "protocol"


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "80.001"])
def test_an_amount_that_is_none_is_declined(venue: Venue, voucher: str, amount: str) -> None:
    till = venue.till()
    payment = start(till, begin(till), ask(till)["ask"], amount)
    till.push()
    assert (state(till, payment), left(venue, voucher)) == ("declined", "500.00")


def test_unknown_guest_has_no_account(venue: Venue) -> None:
    with pytest.raises(Error, match="There is no customer"):
        venue.value("SELECT till.account_set_v1(%s, 9, %s, 500, false)", venue.store, new_id())
    with pytest.raises(Error, match="has no house account"):
        venue.value("SELECT till.account_pay_off_v1(%s, 9, %s, 5, 'CASH')", venue.store, new_id())


def refund(
    till: Till, cart: Cart, order: dict[str, Any], amount: str, tender: str = "VOUCHER", *, stops: bool = False
) -> str:
    """Refund an amount of a sale and return its state. With `stops` the till records no outcome."""
    number, facts = started(till, cart, order, amount, tender)
    till.push()
    if not stops and till.read("warm.refund_state_v1", refund=number)["state"] == "reserved":
        till.make("refund_approved", number, facts)
        till.push()
    return str(till.read("warm.refund_state_v1", refund=number)["state"] or "put aside")


def started(till: Till, cart: Cart, order: dict[str, Any], amount: str, tender: str) -> tuple[str, dict[str, Any]]:
    """Begin a refund, not pushed yet; return its number and the facts that its outcome repeats."""
    number = new_id()
    facts: dict[str, Any] = {
        "session_id": cart.session,
        "receipt": new_number(till.number, "R"),
        "tender": tender,
        "amount": amount,
    }
    if tender == "CASH":
        facts["drawer"] = 1
    till.make("refund_started", number, facts | {
        "order_id": order["order_id"], "sold": order["receipt"], "business_date": "2026-03-03", "currency": "INR",
        "payment_id": order["payments"][0]["payment_id"], "net": amount, "tax": "0.00", "rounding": "0.00",
        "approved_by": 9, "lines": [], "taxes": [],
    })  # fmt: skip
    return number, facts


def test_a_refund_goes_back_to_the_voucher_that_paid(venue: Venue, voucher: str) -> None:
    till = venue.till()
    cart, other = begin(till), begin(till)
    payment = start(till, cart, ask(till)["ask"])
    till.push()
    order = place(till, cart, payment)
    cash = till.place(other)
    till.push()
    assert refund(till, cart, order, "-50.00") == "approved"
    assert left(venue, voucher) == "470.00"
    assert refund(till, cart, order, "-50.00") == "refused"  # more than was paid
    assert refund(till, other, cash, "-10.00") == "put aside"  # cash paid for that
    assert left(venue, voucher) == "470.00"
    for lost in ("SET expires = '2020-01-01'", "SET expires = null, voided_at = now(), voided_by = 9"):
        venue.owner.execute(f"UPDATE till.vouchers {lost}")
        assert refund(till, cart, order, "-10.00") == "refused"  # it would be lost
    assert refund(till, cart, order, "-10.00", "CASH") == "approved"


def test_settled_refund_credits_the_voucher_or_changes_nothing(venue: Venue, voucher: str) -> None:
    till, settle = venue.till(), "SELECT till.conflict_resolve_v1(%s, 9, %s, 'given')"
    cart = begin(till)
    payment = start(till, cart, ask(till)["ask"])
    till.push()
    order = place(till, cart, payment)
    till.push()
    before = Decimal(left(venue, voucher))
    for _each in range(2):
        assert refund(till, cart, order, "-30.00", stops=True) == "reserved"
    venue.owner.execute("SELECT till.till_revoke_v1(%s, 9, 1)", [venue.store])
    first, second = (row[0] for row in venue.rows("SELECT id FROM till.conflicts WHERE kind = 'no_answer'"))
    venue.owner.execute(settle, [venue.store, first])
    assert Decimal(left(venue, voucher)) == before + 30
    venue.owner.execute("UPDATE till.vouchers SET voided_at = now(), voided_by = 9")
    with pytest.raises(Error, match="did not refund the payment"):
        venue.owner.execute(settle, [venue.store, second])
    assert venue.rows("SELECT id FROM till.conflicts WHERE resolved_at IS NULL") == [(second,)]
    assert quarantined(venue) == []


@pytest.mark.usefixtures("voucher")
def test_a_voucher_payment_is_never_corrected_to_cash(venue: Venue) -> None:
    """A payment without a code is not corrected either: a manager settled it before its till had the answer."""
    till = venue.till()
    cart = begin(till)
    payment = start(till, cart, ask(till)["ask"])
    till.push()
    approve(till, cart, payment, transaction="", approved_by=9)
    order = place(till, cart, payment)
    till.make("tender_corrected", cart.session, {
        **payment, "order_id": order["order_id"], "was": "VOUCHER", "tender": "CASH", "drawer": 1, "approved_by": 9,
    })  # fmt: skip
    till.push()
    assert quarantined(venue) == ["Only a tender taken by hand can be corrected, and only to another such tender."]
    assert venue.rows("SELECT tender, amount FROM cold.sales_by_tender") == [("VOUCHER", Decimal("80.00"))]


def test_voucher_is_never_negative_in_any_order_of_events(venue: Venue) -> None:
    """Two tills do all that tills do with two vouchers, now and then twice or too late; the sums hold at every step."""
    dice = random.Random(13)  # noqa: S311 - a test's own dice
    vouchers = {issue(venue, "200.00", code): code for code in ("first", "second")}
    tills = [venue.till(), venue.till(2)]
    running: list[tuple[Till, Cart, dict[str, Any]]] = []

    def pay(till: Till) -> None:
        cart = begin(till, (IDLY, dice.randint(1, 3)))
        code = dice.choice(list(vouchers.values()))
        running.append((till, cart, start(till, cart, ask(till, code)["ask"], str(cart.total))))

    def make_up(till: Till) -> None:
        approve(till, begin(till), {"payment_id": new_id(), "tender": "VOUCHER", "amount": "80.00"})

    def push(till: Till) -> None:
        till.push()

    def go_on(_till: Till) -> None:
        if not running:
            return
        till, cart, payment = dice.choice(running)
        match dice.choice(["place", "clear", "payment_voided", "payment_declined"]):
            case "place":
                place(till, cart, payment)
            case "clear":
                till.clear(cart)
            case name:
                till.make(name, cart.session, payment)

    for _step in range(120):
        dice.choice([pay, pay, make_up, go_on, go_on, go_on, push])(dice.choice(tills))
        for holder in vouchers:
            assert Decimal(left(venue, holder)) >= 0
    settle_all(venue, tills)
    sold = venue.value("SELECT coalesce(sum(amount), 0) FROM cold.order_payment WHERE tender = 'VOUCHER'")
    assert sum(Decimal(left(venue, holder)) for holder in vouchers) == Decimal("400.00") - sold
    assert sold > 0
    assert venue.value("SELECT till.audit_verify_v1(%s)->>'sound'", venue.store) == "true"


def test_refunds_credit_only_valid_vouchers(venue: Venue) -> None:
    """Sales go back in any order to two vouchers, which run out now and then: never when one is, and never too much."""
    dice, till = random.Random(14), venue.till()  # noqa: S311 - a test's own dice
    vouchers = {issue(venue, "200.00", code): code for code in ("first", "second")}
    sold: list[tuple[str, Cart, dict[str, Any]]] = []
    for holder in [*vouchers] * 2:
        cart = begin(till)
        payment = start(till, cart, ask(till, vouchers[holder])["ask"], str(cart.total))
        till.push()
        sold.append((holder, cart, place(till, cart, payment)))
    over, back = set[str](), dict.fromkeys(vouchers, 0)
    for _step in range(40):
        holder, cart, order = dice.choice(sold)
        if dice.random() < 0.3:
            over ^= {holder}
            day = "2020-01-01" if holder in over else None
            venue.owner.execute("UPDATE till.vouchers SET expires = %s WHERE voucher_id = %s", (day, holder))
        amount = dice.choice((10, 40))
        is_given = refund(till, cart, order, f"-{amount}.00") == "approved"
        assert not is_given or holder not in over  # it would be lost
        back[holder] += amount * is_given
    venue.owner.execute("UPDATE till.vouchers SET expires = null")
    assert {one: Decimal(left(venue, one)) for one in vouchers} == {one: 40 + back[one] for one in vouchers}
    assert all(0 < one <= 160 for one in back.values())


def settle_all(venue: Venue, tills: list[Till]) -> None:
    """All is pushed, and what is open still is cleared: nothing is kept for anybody then."""
    for till in tills:
        till.push()
    for (session,) in venue.rows("SELECT id FROM till.order_sessions WHERE status NOT IN ('completed', 'discarded')"):
        venue.value("SELECT till.session_close_v1(%s, 9, %s, 'over')", venue.store, session)
    assert ("reserved",) not in venue.rows(STATES)


def sold_and_lost(
    venue: Venue, till: Till, place_of: Callable[[], str], tender: str
) -> tuple[Cart, dict[str, Any], dict[str, Any]]:
    """Sell by voucher or account; the server is set back to before it. The approval, as the till hands it back."""
    till.push()
    cart = begin(till)
    with venue.app.transaction(force_rollback=True):
        payment = start(till, cart, place_of(), tender=tender)
        [approval] = till.send(till.request())["events"]
    approve(till, cart, payment)
    place(till, cart, payment)
    return cart, payment, {"session": cart.session, "b": approval["b"], "m": approval["m"]}


def shown(venue: Venue, kind: str) -> tuple[str | None, str | None]:
    """The receipt and who paid, of the one record of a kind that waits."""
    record = venue.value("SELECT id FROM warm.quarantine WHERE resolved_at IS NULL AND event_type = %s", kind)
    reply = venue.value("SELECT till.quarantine_show_v1(%s, %s)", venue.store, record)
    return reply.get("receipt"), reply.get("paid_by")


def test_voucher_sale_lost_by_a_restore_is_booked_and_spent(venue: Venue, voucher: str) -> None:
    till = venue.till()
    cart, payment, handed = sold_and_lost(venue, till, lambda: str(ask(till)["ask"]), "VOUCHER")
    assert venue.value("SELECT count(*) FROM till.voucher_asks") == 0
    assert (till.push(handed=[handed, handed])["records"], quarantined(venue)) == (0, [])
    assert till.push(handed=[handed])["records"] == 0
    assert venue.rows("SELECT tender, amount FROM cold.order_payment") == [("VOUCHER", Decimal("80.00"))]
    assert (state(till, payment), left(venue, voucher)) == ("spent", "420.00")
    assert paid(venue, cart, payment).state == PaymentState.APPROVED
    assert venue.value("SELECT till.audit_verify_v1(%s)->>'sound'", venue.store) == "true"


def test_refund_to_a_voucher_that_a_restore_lost_counts_and_a_new_one_is_refused(venue: Venue) -> None:
    till, _voucher = venue.till(), issue(venue)
    cart, payment, handed = sold_and_lost(venue, till, lambda: str(ask(till)["ask"]), "VOUCHER")
    venue.owner.execute("DELETE FROM till.vouchers")
    till.push(handed=[handed])
    [(order_id, receipt)] = venue.rows("SELECT order_id::text, receipt FROM cold.orders")
    order = {"order_id": order_id, "receipt": receipt, "payments": [payment]}
    for amount in ("-30.00", "-20.00"):
        till.make("refund_approved", *started(till, cart, order, amount, "VOUCHER"))
    till.push()
    assert refund(till, cart, order, "-5.00", "CASH") == "approved"
    query = "SELECT tender, amount FROM cold.refunds ORDER BY amount"
    assert venue.rows(query) == [("VOUCHER", Decimal(-30)), ("VOUCHER", Decimal(-20)), ("CASH", Decimal(-5))]
    sentence = "The refund went to a voucher that a restore lost. It was accepted: give the guest another one."
    assert quarantined(venue).count(sentence) == 2
    record = venue.value("SELECT id FROM warm.quarantine WHERE amount = -30")
    venue.value("SELECT till.quarantine_retry_v1(%s, 9, %s)", venue.store, record)
    assert quarantined(venue).count(sentence) == 2, "the guest has no voucher yet"
    assert refund(till, cart, order, "-10.00") == "refused"


def test_payment_given_up_before_a_restore_goes_back_to_the_voucher(venue: Venue, voucher: str) -> None:
    till = venue.till()
    till.push()
    cart = begin(till)
    with venue.app.transaction(force_rollback=True):
        payment = start(till, cart, ask(till)["ask"])
        [approval] = till.send(till.request())["events"]
    till.make("payment_voided", cart.session, payment)
    till.push(handed=[{"session": cart.session, "b": approval["b"], "m": approval["m"]}])
    assert (state(till, payment), left(venue, voucher), quarantined(venue)) == ("released", "500.00", [])


def test_payment_that_comes_back_after_its_order_ended_goes_back_to_the_voucher(venue: Venue, voucher: str) -> None:
    till = venue.till()
    cart = begin(till)
    till.push()
    with venue.app.transaction(force_rollback=True):
        payment = start(till, cart, ask(till)["ask"])
        [approval] = till.send(till.request())["events"]
    venue.value("SELECT till.session_close_v1(%s, 9, %s, 'over')", venue.store, cart.session)
    till.push(handed=[{"session": cart.session, "b": approval["b"], "m": approval["m"]}])
    assert (state(till, payment), left(venue, voucher)) == ("released", "500.00")


def test_account_sale_is_booked_though_a_restore_lost_the_account(venue: Venue, guest: str) -> None:
    till = venue.till()
    _cart, _payment, handed = sold_and_lost(venue, till, lambda: guest, "ACCOUNT")
    venue.owner.execute("DELETE FROM till.accounts")
    venue.owner.execute("DELETE FROM cold.customer_table")
    assert till.push(handed=[handed])["records"] == 1
    assert quarantined(venue) == ["The voucher or account has less than this left since a restore. It was accepted."]
    receipt = venue.value("SELECT receipt FROM cold.orders")
    assert shown(venue, "payment_approved") == (receipt, "the house account of a guest who is not known")
    assert venue.rows("SELECT tender, amount FROM cold.order_payment") == [("ACCOUNT", Decimal("80.00"))]
    assert venue.value("SELECT till.value_moved(%s)", guest) == Decimal("80.00")


def test_voucher_spent_again_before_its_till_is_back_is_reported(venue: Venue) -> None:
    one, two, voucher = venue.till(1), venue.till(2), issue(venue, "100.00")
    lost, first, handed = sold_and_lost(venue, one, lambda: str(ask(one)["ask"]), "VOUCHER")
    cart = begin(two)
    second = start(two, cart, ask(two)["ask"])
    two.push()
    approve(two, cart, second)
    place(two, cart, second)
    assert two.push()["records"] == 0
    assert one.push(handed=[handed])["records"] == 1
    assert (state(one, first), state(two, second), left(venue, voucher)) == ("spent", "spent", "-60.00")
    assert venue.value("SELECT count(*) FROM cold.orders") == 2
    [(receipt, hint)] = venue.rows(
        "SELECT o.receipt, v.hint FROM cold.orders AS o, till.vouchers AS v WHERE o.session_id = %s", lost.session
    )
    assert shown(venue, "payment_approved") == (receipt, f"the voucher …{hint}")


def test_record_of_a_sale_by_account_names_the_guest_and_the_receipt(venue: Venue, guest: str) -> None:
    till = venue.till()
    cart = begin(till)
    payment = start(till, cart, guest, tender="ACCOUNT")
    till.push()
    venue.owner.execute("DELETE FROM till.value_movements")
    approve(till, cart, payment)
    place(till, cart, payment)
    till.push()
    name = venue.value("SELECT name FROM cold.customer_table WHERE customer_id = %s", guest)
    assert name
    receipt = venue.value("SELECT event_data->>'receipt' FROM session_events WHERE event_type = 'order_placed'")
    for kind in ("payment_approved", "order_placed"):
        assert shown(venue, kind) == (receipt, f"the house account of {name}")


def test_till_cannot_hand_back_an_approval_of_its_own(venue: Venue, voucher: str) -> None:
    """A till names a voucher in an approval of its own: that bears no seal."""
    one, two = venue.till(1), venue.till(2)
    two.push()
    cart = begin(one)
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "80.00", "tendered": "80.00", "change": "0"}
    one.make("payment_approved", cart.session, {**payment, "holder": voucher})
    one.push()
    [approval] = [x for x in two.take(cart)["events"] if '"type":"payment_approved"' in x["b"]]
    assert approval["m"] is None


def test_voucher_sale_without_its_approval_waits_and_a_manager_books_it(venue: Venue, voucher: str) -> None:
    """All of a sale comes at once: the database never answered, as far as it knows, and nobody looked the code up."""
    till = venue.till()
    cart = begin(till)
    payment = start(till, cart, ask(till)["ask"])
    approve(till, cart, payment)
    place(till, cart, payment)
    venue.owner.execute("DELETE FROM till.voucher_asks")
    till.push()
    assert (len(quarantined(venue)), left(venue, voucher)) == (2, "500.00")
    query = "SELECT id FROM warm.quarantine WHERE resolved_at IS NULL AND event_type = %s"
    sale = venue.value(query, "order_placed")
    assert shown(venue, "order_placed")[1] == "a voucher that is not known"
    assert venue.value("SELECT till.quarantine_retry_v1(%s, 9, %s)", venue.store, sale)["applied"] is False
    venue.value("SELECT till.quarantine_book_v1(%s, 9, %s)", venue.store, sale)
    assert venue.rows("SELECT tender, amount FROM cold.order_payment") == [("VOUCHER", Decimal("80.00"))]
    assert (state(till, payment), left(venue, voucher)) == ("spent", "500.00")  # nobody knows which voucher it was
    venue.value("SELECT till.quarantine_retry_v1(%s, 9, %s)", venue.store, venue.value(query, "payment_approved"))
    assert venue.value("SELECT count(*) FROM warm.quarantine WHERE resolved_at IS NULL") == 0
    assert venue.value("SELECT till.audit_verify_v1(%s)->>'sound'", venue.store) == "true"
