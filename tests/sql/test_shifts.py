"""Shifts at the server: their sums by the rules of the tills, their check in the upkeep, and foreign records."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest

from tests.sql.ringing import IDLY, Cart, new_id
from tests.sql.test_left_shifts import on
from till.domain.events.envelope import NO_HASH, Event
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.shift.books import ShiftTotals
from till.domain.shift.deciding import opening_balance
from till.domain.shift.events import DrawerCounted, ShiftClosed, ShiftSums
from till.domain.shift.names import KINDS, MOVED
from till.journal.chain import seal_again
from till.ports import Head

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

INR: Final = Currency("INR")
_TENDERS: Final = ("CASH", "CASH", "CARD", "NOTE", "VOUCHER")


class Shifts:
    """Random shifts of one till. Each event is valid by itself; together they say more than any till would write."""

    def __init__(self, till: Till, seed: int) -> None:
        self.till = till
        self.chance = random.Random(seed)  # noqa: S311 - a test repeats itself
        self.orders: list[str] = []
        self.paid: list[tuple[str, str]] = []
        self.moved: list[str] = []
        self.removed: list[str] = []
        self.number = 0
        self.counts: list[DrawerCounted] = []
        self.closed: ShiftClosed | None = None
        self.before = ""
        self.books = ShiftTotals(INR, {})

    def shift(self, acts: int = 60) -> tuple[str, ShiftSums]:
        """Write a shift up to its close, and return the sums that its till has."""
        before, shift = self.before, new_id()
        self.before = self.till.shift = shift
        self.books = ShiftTotals(INR, opening_balance(self.closed, self.counts, INR))
        kept = self.chance.choice([["CASH"], ["CASH", "NOTE"], ["CASH", "NOTE"], []])
        self.make("shift_opened", shift, {"business_date": "2026-03-03", "currency": "INR", "kept": kept})
        beside = self.chance.randrange(20) if before else -1  # the first count may stand beside the Z before
        for act in range(acts):
            if act == beside:
                self.count(before)
            self.chance.choice([one for one in self.acts() if act >= beside or one != self.count])()
        sums = self.books.sums()
        data = {"number": f"1-Z{self.number:06}", "currency": "INR", "sums": msgspec.to_builtins(sums)}
        closed = self.make("shift_closed", shift, data).data
        assert isinstance(closed, ShiftClosed)
        self.closed, self.counts, self.till.shift = closed, [], None
        for _count in range(self.chance.randrange(3)):
            self.count(shift)
        return shift, sums

    def make(self, kind: str, stream: str | None, data: dict[str, Any]) -> Event:
        event = self.till.make(kind, stream, data)
        if event.shift is not None:
            self.books.add(event)
        return event

    def acts(self) -> list[Any]:
        return [
            *[self.pay] * 6, *[self.place] * 6, self.answer, self.void, self.void, self.refund, self.tip, self.move,
            self.move, self.undo,
            self.count, self.correct, self.no_sale, self.issue, self.remove, self.remove, self.discard,
            self.resume, self.undo_change, self.price,
        ]  # fmt: skip

    # Parts

    def amount(self, least: int = 0, most: int = 9_999) -> str:
        return INR.text(Minor(self.chance.randint(least, most)))

    def maybe(self, value: Any, times: int = 2) -> Any:
        return value if self.chance.randrange(times) == 0 else None

    def order(self) -> str:
        if not self.orders or self.chance.randrange(4) == 0:
            cart = Cart()
            if self.chance.randrange(4):  # the server puts what is written without a hold aside, and it counts here
                self.till.open(cart)
            self.orders.append(cart.session)
        return self.chance.choice(self.orders)

    def payment(self) -> tuple[str, str]:
        if self.paid and self.chance.randrange(4):
            return self.chance.choice(self.paid)
        return new_id(), self.chance.choice(_TENDERS)

    # Money

    def pay(self) -> None:
        self.paid.append((new_id(), self.chance.choice(_TENDERS)))
        self.approve(*self.paid[-1])

    def answer(self) -> None:
        if self.paid:
            payment, _tender = self.chance.choice(self.paid)
            self.approve(payment, self.chance.choice(_TENDERS))

    def approve(self, payment: str, tender: str) -> None:
        tip, change = self.maybe(self.amount(1, 99), 3), self.amount(0, 500)
        amount = self.amount(100)
        tendered = str(Decimal(amount) + Decimal(change))
        self.make("payment_approved", self.order(), {
            "payment_id": payment, "tender": tender, "amount": amount, "tendered": tendered, "change": change,
            "tip": tip,
            "drawer": self.maybe(1), "approved_by": self.maybe(9, 3),
        })  # fmt: skip

    def void(self) -> None:
        payment, tender = self.payment()
        self.make("payment_voided", self.order(), {
            "payment_id": payment, "tender": tender, "amount": self.amount(), "drawer": self.maybe(1),
            "change": self.maybe(self.amount(1)),
        })  # fmt: skip

    def refund(self) -> None:
        refund, tender, amount = new_id(), self.chance.choice(_TENDERS), "-" + self.amount(1)
        self.number += 1
        receipt = f"1-{self.chance.choice(('R', 'FR'))}{self.number:06}"
        same = {"session_id": self.order(), "receipt": receipt, "tender": tender, "amount": amount}
        same |= {"drawer": self.maybe(1)}
        self.make("refund_started", refund, same | {
            "order_id": new_id(), "sold": "1-000001", "business_date": "2026-03-03", "payment_id": new_id(),
            "currency": "INR", "net": amount, "tax": "-" + self.amount(1), "rounding": "0.00",
        })  # fmt: skip
        if self.chance.randrange(4):
            self.make("refund_approved", refund, same)

    def tip(self) -> None:
        payment, tender = self.payment()
        returned = self.chance.choice(["", "-"]) + self.amount(1, 500)
        self.make("tip_corrected", self.order(), {
            "order_id": new_id(), "payment_id": payment, "was": "1.00", "tip": "2.00", "returned": returned,
            "tender": tender, "drawer": self.maybe(1),
        })  # fmt: skip

    def place(self) -> None:
        chance = self.chance
        self.number += 1
        lines = [
            {"line_ids": [new_id()], "line_quantities": [1], "item_id": IDLY, "item_name": "Idly",
             "quantity": chance.randint(1, 3), "unit_price": "40.00", "discount": "0.00", "subtotal": self.amount(),
             "net": self.amount(), "tax": self.amount(), "taxes": [],
             "category": self.maybe(chance.choice(["Food", "Drinks"])), "off": self.off()}
            for _line in range(chance.randint(0, 3))
        ]  # fmt: skip
        lines = [{name: value for name, value in line.items() if value not in (None, [])} for line in lines]
        listed = dict(self.payment() for _payment in range(chance.randint(0, 3)))
        payments = [
            {"payment_id": payment, "tender": tender, "amount": self.amount(100), "change": "0.00",
             "tip": self.amount(1, 99)}
            for payment, tender in listed.items()
        ]  # fmt: skip
        taxes = [
            {"name": name, "tax": self.amount()} | chance.choice([{}, {"rate": "5", "net": self.amount()}])
            for name in ("GST", "CESS")[: chance.randint(0, 2)]
        ]
        charge = (
            {"percent": "10", "subtotal": self.amount(), "net": "0.00", "tax": "0.00"} if chance.randrange(2) else None
        )
        self.make("order_placed", self.order(), {
            "order_id": new_id(), "receipt": f"1-{chance.choice(('', 'F'))}{self.number:06}",
            "business_date": chance.choice(["2026-03-03", "2026-03-03", "2026-03-04"]),
            "order_type": "take_away", "payment_method": "cash", "currency": "INR",
            "net": self.amount(), "tax": self.amount(), "total": self.amount(),
            "rounding": self.chance.choice(["", "-"]) + self.amount(0, 9), "lines": lines, "taxes": taxes,
            "payments": payments, "off": self.off(), "service_charge": charge,
        })  # fmt: skip

    def off(self) -> list[dict[str, Any]]:
        kinds = self.chance.choices(["promotion", "discount", "comp", "staff_meal"], k=self.chance.choice([0, 0, 1, 2]))
        return [{"kind": kind, "amount": self.chance.choice(["", "-"]) + self.amount(1)} for kind in kinds]

    # The drawer

    def move(self) -> None:
        kind = self.chance.choice(["float", "paid_in", "safe_drop", "account"])
        amount = self.chance.choice(["", "-"]) + self.amount(1)
        event = self.make("cash_moved", self.till.shift, {"kind": kind, "amount": amount, "currency": "INR"})
        self.moved.append(event.id)

    def undo(self) -> None:
        if self.moved:
            self.make("movement_undone", self.till.shift, {"event": self.chance.choice(self.moved[-5:])})

    def count(self, shift: str | None = None) -> None:
        counts = [
            {"tender": tender, "expected": "0.00", "counted": self.amount(500), "taken": self.amount(0, 500)}
            for tender in self.chance.sample(["CASH", "NOTE", "OTHER"], self.chance.choice([1, 1, 2]))
        ]
        data = self.make("drawer_counted", shift or self.till.shift, {"currency": "INR", "counts": counts}).data
        if self.till.shift is None and isinstance(data, DrawerCounted):
            self.counts.append(data)

    def correct(self) -> None:
        payment, tender = self.payment()
        self.make("drawer_corrected", self.till.shift, {
            "correction": new_id(), "payment_id": payment, "was": tender, "tender": self.chance.choice(_TENDERS),
            "amount": self.amount(1), "currency": "INR",
        })  # fmt: skip

    def no_sale(self) -> None:
        self.make("drawer_opened", None, {"why": self.chance.choice(["no_sale", "change"])})

    def issue(self) -> None:
        paper: dict[str, Any] = self.chance.choice([{}, {"copy": 1}, {"is_bill": True}])
        self.make("receipt_issued", None, {"session_id": new_id(), "amount": self.amount(), "currency": "INR", **paper})

    # Removals

    def gone(self) -> dict[str, Any]:
        return {"item_name": "Idly", "pieces": 1, "amount": self.amount(1)} | self.chance.choice([{}, {"sent": True}])

    def remove(self) -> None:
        data: dict[str, Any] = {"line_id": new_id(), "removed": self.maybe(self.gone())}
        kind = self.chance.choice(["line_voided", "quantity_changed"])
        if kind == "quantity_changed":
            data |= {"taken_off": 1}
        self.removed.append(self.make(kind, self.order(), data).id)

    def discard(self) -> None:
        gone = [self.gone() for _line in range(self.chance.randint(0, 3))]
        self.make("order_discarded", self.order(), {"line_ids": [new_id()], "removed": gone})

    def resume(self) -> None:
        self.make("order_resumed", self.order(), {"user": 1})

    def price(self) -> None:
        prices = {"was": self.amount(), "price": self.amount(), "follows": self.maybe(new_id(), 3)}
        self.removed.append(self.make("price_overridden", self.order(), {"line_id": new_id(), **prices}).id)

    def undo_change(self) -> None:
        if self.removed:
            self.make("change_undone", self.order(), {"event": self.chance.choice(self.removed[-5:])})


def of_server(venue: Venue, shift: str) -> ShiftSums:
    return msgspec.convert(venue.value("SELECT warm.shift_sums(%s)", shift), ShiftSums)


@pytest.mark.parametrize("seed", range(8))
def test_sums_of_random_shifts_agree(venue: Venue, seed: int) -> None:
    till = venue.till()
    shifts = Shifts(till, seed)
    for _shift in range(3):
        shift, sums = shifts.shift()
        while till.pending:
            assert till.push()["ok"]
        for name in ShiftSums.__struct_fields__:
            assert getattr(of_server(venue, shift), name) == getattr(sums, name), name


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        pytest.param(40, True, id="open"),
        pytest.param(0, True, id="open, and the server has nothing of it"),
        pytest.param(40, False, id="closed, and the server has the beginning"),
    ],
)
def test_a_shift_in_two_journals_is_added_up_once(venue: Venue, sent: int, names: bool) -> None:
    till = venue.till()
    shifts = Shifts(till, 4)
    shift, sums = shifts.shift()
    rest, till.pending = till.pending[sent:], till.pending[:sent]
    assert till.push()["ok"]
    till.journal, till.seq, till.hash = new_id(), 0, NO_HASH
    venue.value("SELECT till.till_adopt_v1(%s, 9, 1, %s)", venue.store, till.journal)
    opened = till.make("journal_opened", None, {"host": "till", "shift": shift if names else None})
    till.pending = [
        opened,
        *seal_again([one for one in rest if isinstance(one, Event)], till.journal, Head(1, opened.hash)),
    ]
    assert till.push()["ok"]
    assert of_server(venue, shift) == sums


def test_the_account_of_a_drawer_is_in_the_order_of_the_paper(venue: Venue) -> None:
    kinds = sorted({*MOVED} - {*KINDS} | {"float"})
    drawer = {"tender": "NOTE", "moved": [{"kind": kind, "amount": "1.00"} for kind in kinds]}
    rows = venue.value("SELECT cold.drawer_rows(%s, '{}')", msgspec.json.encode(drawer).decode())
    assert [row["kind"] for row in rows] == [kind for kind in MOVED if kind in kinds]


def upkeep(venue: Venue) -> None:
    assert venue.value("SELECT till.maintain_v1(%s, NULL, 30, 24, 30, false)", venue.store)["ran"]


def findings(venue: Venue) -> list[Any]:
    return venue.rows("SELECT reason, sqlstate FROM quarantine WHERE sqlstate IN ('TL018', 'TL025') ORDER BY id")


def test_upkeep_adds_up_each_closed_shift_once(venue: Venue) -> None:
    till = venue.till()
    shifts = Shifts(till, 1)
    shift, _sums = shifts.shift()
    assert till.push()["ok"]
    upkeep(venue)
    assert findings(venue) == []
    assert venue.value("SELECT checked_at IS NOT NULL FROM till.shifts WHERE shift_id = %s", shift)
    shifts.shift()
    assert till.push()["ok"]
    upkeep(venue)
    assert findings(venue) == []
    assert venue.value("SELECT count(DISTINCT checked_at) FROM till.shifts") == 2


@pytest.mark.parametrize(
    ("sums", "reasons"),
    [
        pytest.param({}, [], id="an earlier program"),
        ({"new_prices": 1}, []),
        ({"new_prices": 0}, ["Z 1-Z000001 says 0; its records add up to 1 (new_prices). The Z stands."]),
    ],
)
def test_a_z_is_checked_by_the_later_figures_that_it_states(venue: Venue, sums: Any, reasons: list[str]) -> None:
    till = venue.till()
    shift = till.shift = new_id()
    till.make("shift_opened", shift, {"business_date": "2026-03-03", "currency": "INR", "kept": []})
    till.open(cart := Cart())
    till.make("price_overridden", cart.session, {"line_id": new_id(), "was": "40.00", "price": "30.00"})
    till.make("shift_closed", shift, {"number": "1-Z000001", "currency": "INR", "sums": sums})
    assert till.push()["ok"]
    upkeep(venue)
    assert [reason for reason, _state in findings(venue)] == reasons


def test_an_x_has_changed_prices_and_the_tax_of_refunds(venue: Venue) -> None:
    today = venue.value("SELECT till.business_date(%s, now())", venue.store)
    till = on(venue.till(), today)
    shifts = Shifts(till, 0)
    shift = till.shift = new_id()
    till.make("shift_opened", shift, {"business_date": str(today), "currency": "INR"})
    till.open(cart := Cart())
    till.make("price_overridden", cart.session, {"line_id": new_id(), "was": "40.00", "price": "30.00"})
    for _refund in range(3):
        shifts.refund()
    assert till.push()["ok"]
    tax = shifts.books.sums().refund_tax
    assert tax is not None
    assert Decimal(tax) > 0
    (x,) = venue.ask("zs_v1", {"open": True})
    assert (x["new_prices"], x["refund_tax"]) == (1, tax)
    figures = venue.rows(
        "SELECT figure, times, amount::text FROM cold.z_figures_by_shift "
        "WHERE shift = %s AND figure IN ('new_prices', 'refund_tax') ORDER BY place",
        shift,
    )
    assert figures == [("refund_tax", 0, tax), ("new_prices", 1, "0")]


def test_a_report_states_the_figures_that_a_record_leaves_out(venue: Venue) -> None:
    stated = venue.value("SELECT cold.stated_sums('{}')")
    assert msgspec.convert(stated, ShiftSums) == ShiftSums()
    assert stated["bills"] == {"number": 0, "amount": "0"}
    assert stated["new_prices"] is None


def close_falsely(till: Till, shift: str, sums: dict[str, Any]) -> None:
    till.shift = shift
    till.make("shift_opened", shift, {"business_date": "2026-03-03", "currency": "INR", "kept": ["CASH"]})
    till.make("cash_moved", shift, {"kind": "paid_in", "amount": "20.00", "currency": "INR"})
    till.make("shift_closed", shift, {"number": "1-Z000001", "currency": "INR", "sums": sums})
    till.shift = None


@pytest.mark.parametrize(
    ("sums", "reason"),
    [
        ({"no_sales": 0}, "Z 1-Z000001 says 0; its records add up to 20.00 (drawer CASH closing). The Z stands."),
        ({"sales": {"gross": "7.00"}}, "Z 1-Z000001 says 7.00; its records add up to 0 (sales gross). The Z stands."),
    ],
)
def test_a_z_unlike_its_records_waits_for_a_manager(venue: Venue, sums: dict[str, Any], reason: str) -> None:
    till = venue.till()
    close_falsely(till, new_id(), sums)
    assert till.push()["ok"]
    upkeep(venue)
    upkeep(venue)
    assert findings(venue) == [(reason, "TL018")]
    place = venue.value("SELECT id FROM quarantine WHERE sqlstate = 'TL018'")
    assert venue.value("SELECT till.quarantine_retry_v1(%s, 9, %s)", venue.store, place) is not None


def test_a_shift_with_a_gap_is_not_added_up(venue: Venue) -> None:
    till = venue.till()
    shift = new_id()
    close_falsely(till, shift, {"no_sales": 3})
    ours = till.request()
    ours["events"][1] = {"seq": till.pending[1].seq, "h": till.pending[1].hash, "gone": True}
    assert till.send(ours)["ok"]
    upkeep(venue)
    assert findings(venue) == []
    assert venue.value("SELECT warm.shift_sums(%s)", shift) is None


def test_sums_are_the_same_from_the_audit(venue: Venue) -> None:
    till = venue.till()
    shifts = Shifts(till, 2)
    shift, sums = shifts.shift()
    assert till.push()["ok"]
    assert venue.value("SELECT cold.move_to_audit(%s, now() + interval '1 minute', 1000)", venue.store)
    assert of_server(venue, shift) == sums


def test_a_fact_of_a_shift_changes_its_stored_day(venue: Venue) -> None:
    till = venue.till()
    shifts = Shifts(till, 4)
    shift, _sums = shifts.shift()
    assert till.push()["ok"]
    venue.owner.execute(
        """INSERT INTO cold.report_days (store_id, view, business_date, rows)
        SELECT %s, v, till.business_date(%s, now()), '[]'
        FROM unnest('{z_counts_by_shift,sales_by_day}'::text[]) AS v""",
        [venue.store, venue.store],
    )
    shifts.count(shift)
    assert till.push()["ok"]
    assert venue.rows("SELECT view FROM cold.report_days") == [("sales_by_day",)]


def test_a_till_changes_only_its_own_shift(venue: Venue) -> None:
    """A record in the stream of another till's shift is flagged; one with its label does not count there."""
    ours, hostile = venue.till(1), venue.till(2)
    shifts = Shifts(ours, 3)
    shift, sums = shifts.shift()
    assert ours.push()["ok"]
    hostile.shift = shift
    hostile.make("shift_opened", shift, {"business_date": "2026-03-03", "currency": "INR", "kept": ["CASH"]})
    hostile.make("cash_moved", shift, {"kind": "paid_in", "amount": "500.00", "currency": "INR"})
    hostile.make("drawer_counted", shift, {"currency": "INR", "counts": [
        {"tender": "CASH", "expected": "0.00", "counted": "1.00"}]})  # fmt: skip
    hostile.make("drawer_opened", None, {"why": "no_sale"})
    hostile.make("shift_closed", shift, {"number": "2-Z000001", "currency": "INR", "sums": {}})
    assert hostile.push()["ok"]
    assert {state for _reason, state in findings(venue)} == {"TL025"}
    assert len(findings(venue)) == 4
    assert of_server(venue, shift) == sums
    assert venue.rows("SELECT till_id, shift_id::text FROM till.shifts") == [(1, shift)]
    following, after = shifts.shift()
    assert ours.push()["ok"]
    assert of_server(venue, following) == after


@pytest.mark.parametrize(
    ("number", "is_own"),
    [("2-Z000001", True), ("2B-Z000001", True), ("2X4F2A-Z000001", True),
     ("1-Z000001", False), ("0-Z000001", False), ("21-Z000001", False), ("Z000001", False),
     ("2-Z000001\n1-Z000001", False), ("2-Zabc", False), ("2-Z000001\u200f", False), ("2-000001", False)],
)  # fmt: skip
def test_a_z_has_a_number_of_its_own_till(venue: Venue, number: str, is_own: bool) -> None:
    till = venue.till(2)
    till.shift = shift = new_id()
    till.make("shift_opened", shift, {"business_date": "2026-03-03", "currency": "INR", "kept": ["CASH"]})
    till.make("shift_closed", shift, {"number": number, "currency": "INR", "sums": {}})
    assert till.push()["ok"]
    upkeep(venue)
    assert venue.rows("SELECT closed IS NOT NULL FROM till.shifts") == [(is_own,)]
    strange = "The number of the Z is not of a series of its till. The record is kept, and changes nothing."
    assert findings(venue) == ([] if is_own else [(strange, "TL025")])


@pytest.mark.parametrize(
    ("counted", "corrected", "explained"),
    [
        pytest.param([0], 0, [0], id="the same shift"),
        pytest.param([0], 1, [0], id="a later shift"),
        pytest.param([1], 2, [1], id="counted in a later shift, corrected after that"),
        pytest.param([0, 1], 1, [0], id="counted twice"),
        pytest.param([1], 0, [], id="corrected first"),
    ],
)
def test_a_correction_explains_the_count_after_its_payment(
    venue: Venue, counted: list[int], corrected: int, explained: list[int]
) -> None:
    """Three shifts, each counted after its close or not; a payment of the first is corrected in one of them."""
    today = venue.value("SELECT till.business_date(%s, now())", venue.store)
    till = on(venue.till(), today)
    shifts = Shifts(till, 5)
    payment, streams, day = new_id(), [], str(today)
    for number in range(3):
        shift = till.shift = new_id()
        streams.append(shift)
        till.make("shift_opened", shift, {"business_date": day, "currency": "INR", "kept": ["CASH"]})
        if number == 0:
            payment = new_id()
            shifts.approve(payment, "CASH")
        till.make("shift_closed", shift, {"number": f"1-Z00000{number}", "currency": "INR", "sums": {}})
        till.shift = None
        if number in counted:
            count = {"tender": "CASH", "expected": "0.00", "counted": "7.00"}
            till.make("drawer_counted", shift, {"currency": "INR", "counts": [count]})
        if number == corrected:
            till.make("drawer_corrected", shift, {
                "correction": new_id(), "payment_id": payment, "was": "CASH", "tender": "CARD", "amount": "5.00",
                "currency": "INR",
            })  # fmt: skip
    assert till.push()["ok"]
    found = {z["shift"]: z for z in venue.ask("zs_v1", {"from": day, "to": day})}
    zs = [found[shift] for shift in streams]
    reasons = [place for place, z in enumerate(zs) for one in z["counts"] for _reason in one["explained_by"]]
    assert reasons == explained
    assert [len(z["corrections"]) for z in zs] == [int(number == corrected) for number in range(3)]


def test_a_count_beside_the_z_before_is_explained_by_what_the_next_shift_moved(venue: Venue) -> None:
    """The next shift takes 5.00 and pays 3.00 out before the count of the evening; both were wrong."""
    today = venue.value("SELECT till.business_date(%s, now())", venue.store)
    till, day = on(venue.till(), today), str(today)
    shifts = Shifts(till, 5)
    opened = {"business_date": day, "currency": "INR", "kept": ["CASH"]}
    evening = till.shift = new_id()
    till.make("shift_opened", evening, opened)
    drawer = {"tender": "CASH", "opening": "0.00", "closing": "40.00"}
    till.make("shift_closed", evening, {"number": "1-Z000001", "currency": "INR", "sums": {"drawer": [drawer]}})
    following = till.shift = new_id()
    till.make("shift_opened", following, opened)
    shifts.approve(payment := new_id(), "CASH")
    moved = till.make("cash_moved", following, {"kind": "paid_out", "amount": "-3.00", "currency": "INR"})
    count = {"tender": "CASH", "expected": "42.00", "counted": "30.00", "taken": "20.00"}
    till.make("drawer_counted", evening, {"currency": "INR", "counts": [count]})
    till.make("movement_undone", following, {"event": moved.id})
    till.make("drawer_corrected", following, {
        "correction": new_id(), "payment_id": payment, "was": "CASH", "tender": "CARD", "amount": "5.00",
        "currency": "INR",
    })  # fmt: skip
    assert till.push()["ok"]
    assert venue.value("SELECT balance FROM warm.opening_of_shift(%s)", following) == {"CASH": "8.00"}
    (z,) = venue.ask("zs_v1", {"from": day, "to": day})
    (counted,) = z["counts"]
    assert (z["number"], counted["difference"], counted["taken"]) == ("1-Z000001", "-12.00", "20.00")
    assert {one["kind"]: one["amount"] for one in counted["explained_by"]} == {"corrected": "-5.00", "undone": "3.00"}
    (x,) = venue.ask("zs_v1", {"open": True})
    assert x["counts"] == []
