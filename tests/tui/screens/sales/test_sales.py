"""Past sales on the screen: found, opened, refunded, corrected; with the server and without it."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec import structs

from tests.domain.making import Hand, forged, refund_events
from tests.fiscal.authority import SETTINGS
from tests.fiscal.scanning import scan
from tests.register.payments.scripted import UNKNOWN, Terminal
from tests.tui.playing import LOG_IN, FakeStore, Till, a_reference
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.admin.test_conflicts import ask_now, left_behind, left_by_card
from tests.tui.screens.pay.test_awaited import heard
from till.cli.demo_venue import DEMO
from till.domain.events.envelope import SERVER
from till.domain.money.measures import Minor
from till.domain.order.events import ConflictResolved
from till.domain.order.state import Buyer
from till.domain.payment.events import PaymentApproved, PaymentStarted, TenderCorrected, TipCorrected
from till.domain.payment.movement import PaymentState
from till.domain.refund import giving
from till.domain.refund.events import RefundApproved, RefundDeclined, RefundEvent, RefundStarted
from till.domain.refund.past import PastSale
from till.domain.refund.state import new_refund
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.domain.till.events import ApprovalGiven
from till.fiscal.es_verifactu.scheme import SCHEME
from till.ports import Received, RemoteConflict, Slip, TenderTraits
from till.ports.fiscal import find_scheme
from till.register.payments.tenders import BY_HAND, Tenders
from till.tui.screens.sales.scene import SalesScene
from till.tui.screens.sales.screen import SalesScreen
from till.tui.screens.sales.state import SalesFound
from till.tui.screens.sell.scene import SellScene

#: Two sales: 1 by cash, three lines, 230.00; 2 by card, 120.00.
SOLD = LOG_IN + (
    "2 masala dosa{enter}1 idly{enter}1 filter coffee{enter}{f9}500{enter}{later}3 idly{enter}{f9}C{enter}"
)
MANAGER = "9{enter}9999{enter}"
FIRST = "{f10}{down}{enter}"


def kinds(till: Till) -> list[str]:
    return [event.type for event in refund_events(till.journal)]


def state(till: Till) -> SalesScene:
    assert isinstance(till.scene, SalesScene)
    return till.scene


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_piece_goes_back_in_cash(tmp_path: Path, size: tuple[int, int]) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, size, store=store, typed=SOLD + FIRST + "+") as till:
        text = till.text()
        assert "1 ✓  2 × Masala Dosa" in text
        assert "1 of 2" in text
        assert "Enter refunds ₹80.00 in cash. A reason comes next." in text
        assert ("taken 10:31" in text) is (size[0] == 120)
        assert "Enter Refund 80.00" in text
        await till.type("{enter}1{enter}" + MANAGER)
        receipt = refund_events(till.journal)[0].data
        assert isinstance(receipt, RefundStarted)
        assert till.answer() == f"Refunded ₹80.00 in cash, {receipt.receipt}."
        assert (receipt.amount, receipt.reason, receipt.approved_by, receipt.away) == (
            "-80.00", "cold or wrong", 9, False,
        )  # fmt: skip
        assert kinds(till) == ["refund_started", "refund_approved"]
        assert store.asked_after == [refund_events(till.journal)[0].stream_id]
        assert "✖ 1 back" in till.text()
        assert "+ and − a piece of it." in till.text() or size[0] == 80, "whole beside an answer of two rows"
        await till.type("{escape}")
        assert "-R000001" in till.text()
        assert "−80.00" in till.text()
        await till.type("{escape}")
        assert isinstance(till.scene, SellScene)


@pytest.mark.parametrize(
    ("width", "head"),
    [
        (80, "1X0001-000001  10:31, Asha, ↓ 12 below                   sold         back"),
        (100, "1X0001-000001  ↓8      sold       back"),
    ],
)
async def test_the_heading_of_a_long_sale_counts_its_hidden_lines(tmp_path: Path, width: int, head: str) -> None:
    async with a_drawn_till(tmp_path, (width, 24)) as till:
        keyed = "".join(f"{item} seat {seat}{{enter}}" for item in ("idly", "tea") for seat in range(1, 11))
        await till.type(LOG_IN + keyed + "{f9}{enter}{f10}{enter}")
        assert till.rows()[2].split("│")[-1].strip() == head


async def test_rounding_of_the_bill_has_a_row_of_its_own(tmp_path: Path) -> None:
    reference = a_reference()
    reference["settings"] |= {"rounding": {"step": "1", "of": "bill"}}
    reference["menu"]["items"][0]["price"] = "40.30"
    async with a_drawn_till(tmp_path, (120, 36), reference=reference, store=FakeStore()) as till:
        await till.type(LOG_IN + "idly{enter}tea{enter}{f9}{enter}{f10}{enter}")
        rows = [" ".join(row.split("│")[-1].strip(" ▌").split()) for row in till.rows()]
        assert [row for row in rows if row.startswith(("1 1 × Idly", "2 1 × Tea", "Rounding"))] == [
            *("1 1 × Idly 40.30", "2 1 × Tea 20.00", "Rounding −0.30"),
        ]


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_past_sale_shows_what_a_weighed_item_weighed(tmp_path: Path, size: tuple[int, int]) -> None:
    reference = a_reference()
    (item,) = (one for one in reference["menu"]["items"] if one["name"] == "Idly")
    item["unit"] = "kg"
    async with a_drawn_till(tmp_path, size, reference=reference, store=FakeStore()) as till:
        await till.type(LOG_IN + "1.005 kg idly{enter}2 tea{enter}")
        assert "1.005 kg × Idly" in " ".join(till.text().split())
        await till.type("{f9}{enter}{f10}{enter}+")
        assert "1 ✓ 1.005 kg × Idly" in till.text()
        assert "2    2 × Tea" in till.text()


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("1", {1: 3}),
        ("11", {}),
        ("+", {1: 1}),
        ("++", {1: 2}),
        ("1-", {1: 2}),
        ("1-1", {1: 3}),
        ("++++", {1: 3}),
        ("+-", {}),
        ("-", {}),
        ("{down}+", {2: 1}),
        ("21-", {1: 2, 2: 1}),
        ("amount 10{enter}+", {1: 1}),
    ],
)
async def test_a_digit_marks_a_line_and_plus_and_minus_its_pieces(
    tmp_path: Path, typed: str, marked: dict[int, int]
) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "3 masala dosa{enter}1 idly{enter}{f9}500{enter}{f10}{enter}" + typed)
        opened = state(till).state.opened
        assert opened is not None
        assert opened.marks.by_row == marked


async def test_the_void_key_refunds_a_piece_with_the_first_reason_marked(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=SOLD + FIRST) as till:
        bar = till.app.controller.screens.of(SalesScreen).keys.view
        assert ("F7", "Refund one piece") in [(key.key, key.word) for key in bar.keys]
        await till.type("{f7}{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹80.00 in cash, ")
        await till.type("{f7}{enter}" + MANAGER)
        await till.type("{f7}")
        assert till.answer() == "All of Masala Dosa is already refunded."
        await till.type("{down}+{f7}{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹40.00 in cash, "), "what is marked, if anything is"


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_choices_of_a_line_are_named_on_a_past_sale(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "4 masala dosa{enter}{f2}2crisp{enter}{f9}500{enter}")
        assert "    cheese" in till.text(), "as the receipt does"
        await till.type("{f10}{enter}")
        rows = till.rows()
        (at,) = (at for at, row in enumerate(rows) if "4 × Masala Dosa" in row)
        assert "cheese, crisp" in rows[at + 1]


async def test_a_refund_that_another_till_gave_first_is_refused_and_nothing_goes(tmp_path: Path) -> None:
    store = FakeStore(state="refused")
    async with a_quiet_till(tmp_path, store=store, typed=SOLD + FIRST + "*{enter}{f2}cold{enter}" + MANAGER) as till:
        assert till.answer() == "Another till has refunded that. Nothing was refunded here."
        assert len([one for one in store.searched if one.receipt]) == 2, "what it gave back is asked for, and seen"
        assert kinds(till) == ["refund_started", "refund_declined"]
        assert not [one for one in refund_events(till.journal) if isinstance(one.data, RefundApproved)]


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        ("reserved", "Refunded ₹230.00 in cash, "),
        ("refused", "Another till has refunded that. Nothing was refunded here."),
    ],
)
async def test_outcome_of_a_refund_is_shown_to_who_left_the_screen_before_it(
    tmp_path: Path, state: str, answer: str
) -> None:
    """The keys were typed while the server was asked. Money is to be handed out, or not."""
    async with a_quiet_till(tmp_path, store=FakeStore(state=state)) as till:
        await till.type(SOLD + FIRST + "*{enter}{f2}cold{enter}" + MANAGER + "{escape}{escape}")
        assert isinstance(till.scene, SellScene)
        assert answer in till.answer()
        await till.type("tea{enter}{f9}{enter}{f12}" + LOG_IN)
        assert answer in till.answer(), "until it was there for long enough to be read"


async def test_a_refund_that_the_server_quarantined_was_given_by_no_other_till(tmp_path: Path) -> None:
    """This is the refund of a receipt whose lines another sale has: the server knows no such sale."""
    async with a_quiet_till(tmp_path, store=FakeStore(state=None)) as till:
        await till.type(SOLD + FIRST + "*{enter}{f2}cold{enter}" + MANAGER)
        assert till.answer().startswith("Not refunded: the server refused.")
        assert kinds(till) == ["refund_started", "refund_declined"]


async def test_without_the_server_a_manager_gives_cash_at_the_second_enter(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=SOLD + FIRST + "3") as till:
        store.away = True
        await till.type("{enter}1{enter}" + MANAGER)
        assert till.answer().startswith("Offline: nothing refunded.")
        (declined,) = [one.data for one in refund_events(till.journal) if isinstance(one.data, RefundDeclined)]
        assert declined.reason == "the server did not answer"
        await till.type("{enter}1{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹30.00 in cash, ")
        started = [one.data for one in refund_events(till.journal) if isinstance(one.data, RefundStarted)]
        assert [one.away for one in started] == [False, True]


async def test_without_the_server_the_cash_is_instead_of_the_way_that_was_chosen(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}20{enter}{enter}c{enter}{f10}{enter}1-{tab}")
        assert "Enter refunds ₹40.00 by card." in till.text()
        store.away = True
        await till.type("{enter}1{enter}" + MANAGER)
        assert till.answer() == "Offline: nothing refunded. Enter again refunds in cash."
        await till.type("{enter}1{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹40.00 in cash, ")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_cash_instead_of_several_payments_names_each(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}card 20{enter}u{enter}{f10}{enter}*")
        text = till.text()
        assert ("instead of card" in text, "instead of UPI" in text) == (True, True)


async def test_an_open_sale_learns_the_refunds_of_other_tills_once_the_server_answers(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}20{enter}{enter}c{enter}{f10}")
        store.away = True
        await till.type("{enter}1-{tab}")
        for store.away in (True, False):
            assert "other tills not known" in till.text()
            assert "Enter refunds ₹40.00 in cash." in till.text()
            till.register.server_answered()
            await till.settle()
        assert "other tills not known" not in till.text()
        assert "Enter refunds ₹40.00 in cash." in till.text()
        await till.type("{tab}{tab}")
        assert "Enter refunds ₹40.00 by card." in till.text()


def restored(unheard: list[int]) -> dict[str, dict[str, Any]]:
    """Return the reference of a venue whose database was restored later than any sale here."""
    reference = a_reference()
    reference["settings"] |= {"restored_at": "2031-01-01T00:00:00.000000Z", "unheard": unheard}
    return reference


@pytest.mark.parametrize("unheard", [[], [1], [1, 3]])
async def test_a_till_not_heard_since_a_restore_is_named_until_the_refund_is_made(
    tmp_path: Path, unheard: list[int]
) -> None:
    warning = "Not heard since the restore: Till 3. Refunded there?"
    async with a_drawn_till(tmp_path, (120, 36), store=FakeStore(), reference=restored(unheard)) as till:
        await till.type(SOLD + FIRST)
        assert (warning in till.text()) == (3 in unheard)
        await till.type("3")
        assert ("▲ other tills not known" in till.text()) == (3 in unheard)
        for keys in ("{enter}", "1", "{enter}9{enter}99"):
            await till.type(keys)
            assert (warning in till.text()) == (3 in unheard)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_refunds_of_other_tills_stay_named_as_unknown_until_the_refund_is_made(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, size, store=store, typed=SOLD) as till:
        store.away = True
        await till.type(FIRST + "3")
        assert "Refund to  ▲ other tills not known" in till.text()
        await till.type("{enter}")
        assert "Offline: refunds of other tills are not known." in till.text()
        await till.type("1")
        assert "Offline: refunds of other tills are not known." in till.text()
        await till.type("{enter}9{enter}99")
        assert "Offline: refunds of other tills are not known." in till.text()
        await till.type("99{enter}")
        assert till.answer().startswith("Refunded ₹30.00 in cash, ")


async def test_without_the_server_a_sale_of_another_till_is_refused_at_once(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=SOLD + FIRST + "3") as till:
        store.away, till.register.ledger.till = True, 2
        await till.type("{enter}1{enter}" + MANAGER)
        assert till.answer() == "Offline, only this till's sales can be refunded."
        assert kinds(till) == ["refund_started", "refund_declined"]


@pytest.mark.parametrize("key", ["1", "-"])
async def test_a_mark_on_what_another_till_gave_back_meanwhile_comes_off(tmp_path: Path, key: str) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=SOLD + FIRST + "1{enter}1{enter}" + MANAGER) as till:
        opened = state(till).state.opened
        assert opened is not None
        gone = replace(opened, marks=replace(opened.marks, pieces=((1, 2),)))
        state(till).state = replace(state(till).state, opened=gone)
        await till.type(key)
        opened = state(till).state.opened
        assert opened is not None
        assert opened.marks.by_row == {}
        await till.type(key)
        assert till.answer() == "All of Masala Dosa is already refunded."


async def test_server_is_asked_before_a_refund_once_it_answers_again(tmp_path: Path) -> None:
    """Another till may have given it back meanwhile: two tills each gave ₹68 for one sale."""
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=SOLD + FIRST + "3") as till:
        store.away = True
        await till.type("{enter}1{enter}" + MANAGER)
        store.away, asked = False, len(store.searched)
        await till.type("{enter}1{enter}" + MANAGER)
        assert till.answer() == "Online again. Nothing refunded: mark it again."
        assert len(store.searched) == asked + 1, "what other tills gave back is asked for"
        await till.type("3{enter}1{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹30.00")
        started = [one.data for one in refund_events(till.journal) if isinstance(one.data, RefundStarted)]
        assert [one.away for one in started] == [False, False]


async def test_a_card_goes_back_to_the_card_or_in_cash(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=SOLD + "{f10}{enter}*") as till:
        assert "Enter refunds ₹120.00 by card." in till.text()
        assert "instead of card, manager's PIN" in till.text()
        await till.type("{tab}")
        assert "Enter refunds ₹120.00 in cash." in till.text()
        await till.type("{tab}{enter}1{enter}" + MANAGER)
        assert "by card" in till.answer()
        assert till.answer().endswith("refund it there too.")
        assert not {"1-9", "*", "Tab"} & {one.key for one in till.app.controller.screens.of(SalesScreen).keys.view.keys}
        await till.type("1")
        assert till.answer() == "All of Idly is already refunded."
        await till.type("{enter}")
        assert till.answer() == "All of this sale is already refunded."
        assert "A digit marks" not in till.text()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("amount 230.01", "Only ₹230.00 of this sale can be refunded."),
        ("amount x", "“x” is not an amount."),
        ("amount 0", "Type an amount above zero."),
        ("tip x", "“x” is not an amount."),
        ("tip -5", "Type the right tip"),
        ("nonsense", "Type amount 50"),
    ],
)
async def test_an_impossible_refund_is_refused_with_a_sentence(tmp_path: Path, typed: str, answer: str) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=SOLD + FIRST + typed + "{enter}") as till:
        assert till.answer().startswith(answer)
        await till.type("{escape}8")
        assert till.answer() == "There is no line 8 on this sale."
        assert kinds(till) == []


async def test_an_amount_goes_back_and_an_exchange_goes_on_to_sell(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(SOLD + FIRST + "amount 50{enter}{enter}{f2}late{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹50.00 in cash, ")
        await till.type("+exchange{enter}4{enter}" + MANAGER)
        assert isinstance(till.scene, SellScene)
        assert till.answer().endswith("Now key the new order; it is paid separately.")
        assert kinds(till).count("refund_approved") == 2


async def test_in_cash_a_part_goes_back_in_coins_and_to_the_card_exactly(tmp_path: Path) -> None:
    venue = a_reference()
    venue["settings"]["rounding"] = {"step": "0.50", "of": "cash"}
    async with a_quiet_till(tmp_path, store=FakeStore(), reference=venue) as till:
        await till.type(SOLD + "{f10}{enter}amount 10.30{enter}")
        assert "Enter refunds ₹10.30 by card." in till.text()
        await till.type("{tab}")
        assert "Enter refunds ₹10.50 in cash." in till.text()
        await till.type("amount 0.20{enter}")
        assert till.answer().startswith("Less than the smallest coin.")
        await till.type("{escape}{tab}amount 0.20{enter}{tab}")
        assert "Less than the smallest coin." in till.text(), "as soon as cash is chosen"
        await till.type("amount 10.30{enter}{enter}1{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹10.50 in cash, ")
        started = refund_events(till.journal)[0].data
        assert isinstance(started, RefundStarted)
        assert (started.amount, started.rounding) == ("-10.50", "-0.20")


async def test_a_sale_is_found_by_what_is_known_of_it(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=SOLD + "{f10}coffee") as till:
        assert "1 of 2" in till.text()
        for typed in ("230", "10:31 cash", "1x0001-1", "ASHA coffee"):
            await till.type("{escape}" + typed)
            assert "230.00" in till.text(), typed
            assert "1X0001-000001" in till.text(), typed
        await till.type("{escape}zzz")
        assert "No sale here fits that." in till.text()
        await till.type("{enter}")
        assert "Offline: keep selling." in till.answer()
        await till.type("{escape}{escape}")
        assert isinstance(till.scene, SellScene)


@pytest.mark.parametrize(("typed", "since"), [("10:30", "2026-03-03T10:30"), ("23:45", "2026-03-02T23:45")])
async def test_a_time_that_is_yet_to_come_is_that_of_the_evening_before(tmp_path: Path, typed: str, since: str) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=f"{LOG_IN}{{f10}}{typed}{{enter}}") as till:
        asked = store.searched[-1].since
        assert asked is not None
        assert f"{till.register.venue.local(asked):%Y-%m-%dT%H:%M}" == since


async def test_a_receipt_that_is_typed_opens_and_one_that_is_nowhere_is_reported(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=SOLD + "refund 1x0001-1{enter}") as till:
        opened = state(till).state.opened
        assert opened is not None
        assert opened.receipt == "1X0001-000001"
        await till.type("{escape}{escape}refund 7-9{enter}")
        assert till.answer() == "The venue has no such sale. Esc shows those of this till."
        assert store.searched[-1].receipt == "7-000009"
        await till.type("{escape}")
        assert "1X0001-000001" in till.text(), "one Esc does what was said"
        await till.type("no such item on any of our menus{enter}")
        assert till.answer() == "No “no such item…” on the menu. Type a number or an amount."


@pytest.mark.parametrize("typed", ["refund 1x0001-1", "sale 1x0001-000001", "{enter}Receipt 1X0001-1"])
async def test_a_receipt_is_typed_with_the_words_of_the_order(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path, typed=SOLD + "{f10}" + typed + "{enter}") as till:
        opened = state(till).state.opened
        assert opened is not None
        assert opened.receipt == "1X0001-000001"


async def test_a_sale_that_the_list_lacks_is_named_where_another_is_marked(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "idly{enter}{f9}{enter}") as till:
        sold = sold_on_till_2(till, store)
        await till.type(f"refund {sold.receipt}{{enter}}")
        opened = state(till).state.opened
        assert opened is not None
        assert opened.receipt == sold.receipt
        await till.type("{escape}")
        assert till.answer() == "2-000001 is not in this list. Type it to open it again."
        await till.type("2-1{enter}")
        assert state(till).state.opened == opened


async def test_earlier_sales_are_marked_behind_the_refunds_of_later_ones(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(SOLD + FIRST + "1{enter}1{enter}" + MANAGER + "{escape}")
        newest, oldest = till.register.refunds.past_sales()
        scene = state(till)
        scene.happens(SalesFound("", (replace(newest, refunds=oldest.refunds),), more=True, behind=False))
        scene.happens(SalesFound("", (replace(oldest, refunds=()),), more=False, behind=True))
        await till.type("{enter}")
        assert scene.state.opened is not None
        assert scene.state.opened.receipt == oldest.receipt


async def test_the_tender_of_a_sale_of_today_is_put_right(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=SOLD + FIRST + "was card{enter}" + MANAGER) as till:
        assert "was card. The first entry is kept." in till.answer()
        assert "corrected: cash was pressed" in till.text()
        await till.type("was upi{enter}" + MANAGER)
        assert "was UPI. The first entry is kept." in till.answer()
        order = till.register.refunds.past_sales()[-1].session_id
        events = till.journal.events_of(order)
        assert [one.data.tender for one in events if isinstance(one.data, TenderCorrected)] == ["CARD", "UPI"]
        for typed, message in (
            ("was rupees", "There is no way to pay “rupees”. Type card, cash, UPI."),
            ("was upi", "already paid by UPI."),
        ):
            await till.type(typed + "{enter}")
            assert message in till.answer(), "before a manager is asked"
        await till.type("{escape}upi")
        assert "UPI" in till.text()
        assert "Cash" not in till.text()


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_tip_keyed_wrongly_goes_back_as_it_came(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}tip 25{enter}{enter}{enter}{f10}{enter}tip 5{enter}")
        assert "Tip ₹5.00, not ₹25.00: ₹20.00 back in cash." in till.text(), "what the manager approves"
        await till.type(MANAGER)
        assert till.answer() == "1X0001-000001: tip ₹5.00. ₹20.00 goes back in cash."
        assert re.search(r"Tip +cash back 10:31 +−20\.00", till.text()) or size[0] == 80
        await till.type("tip 10{enter}" + MANAGER)
        assert till.answer() == "1X0001-000001: tip ₹10.00. ₹5.00 more was taken in cash."
        await till.type("1{enter}1{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹80.00 in cash"), "the tip is no part of the refund"


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_sale_and_its_refund_name_the_tip_that_stays(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}tip 25{enter}{enter}{enter}{f10}")
        assert "Paid ₹105.00, including a tip of ₹25.00." in till.text()
        await till.type("{enter}")
        assert "₹80.00 and a tip of ₹25.00 that stays." in till.text()
        await till.type("tip 10{enter}" + MANAGER + "1")
        assert "Enter refunds ₹80.00 in cash; the tip of ₹10.00 stays." in till.text()
        await till.type("{enter}1{enter}")
        assert "₹10.00, which stays" in till.text() or size[0] == 80
        await till.type(MANAGER + "{escape}{down}")
        assert "including a tip" not in till.text(), "the refund is marked, which has no tip"


async def test_a_sale_is_found_by_what_was_paid_with_its_tip(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(
            LOG_IN + "2 idly{enter}{f9}tip 25{enter}500{enter}{enter}1 tea{enter}{f9}{enter}{f10}105{enter}"
        )
        opened = state(till).state.opened
        assert opened is not None
        assert opened.receipt == "1X0001-000001"


async def test_a_tip_that_a_terminal_took_goes_back_in_cash(tmp_path: Path) -> None:
    terminal = Terminal().then()
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        till.register.asker.begin(Tenders(BY_HAND, [terminal]))
        await till.type(LOG_IN + "2 idly{enter}{f9}tip 25{enter}c{enter}")
        await _heard(till)
        await till.type("{f10}{enter}tip 5{enter}")
        assert till.answer() == "No tip goes back by card here. Tab to cash, then tip."
        await till.type("{tab}tip 5{enter}" + MANAGER)
        assert till.answer() == "1X0001-000001: tip ₹5.00. ₹20.00 goes back in cash."
        assert terminal.returned == []
        till.register.asker.end()


def corrected_on_till_2(till: Till, **facts: Any) -> Callable[[str], None]:
    """Return a fetch that brings a correction of the first sale by till 2: its tip or, with `amount`, its tender."""
    other, sale = Hand(2), till.register.refunds.past_sales()[-1]
    order = till.register.refunds.order(sale.session_id)
    assert order is not None
    (payment,) = order.payments
    kind = TenderCorrected if "amount" in facts else TipCorrected
    right = kind(order_id=sale.order_id, payment_id=payment, **facts)
    other.knows(*till.journal.events_of(sale.session_id))
    event = forged(other.make(right, stream_id=sale.session_id), store_id=DEMO.store_id)

    def bring(session_id: str) -> None:
        till.register.journal.receive([Received(99, event)])
        till.register.sessions_grew([session_id])

    return bring


TO_CARD = {"was": "CASH", "tender": "CARD", "amount": "230.00", "was_drawer": 1}
TIP_5 = {"was": "0.00", "tip": "5.00", "returned": "-5.00", "tender": "CASH", "drawer": 2}


async def test_a_correction_by_another_till_is_known_before_the_next_one(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=SOLD) as till:
        store.bring = corrected_on_till_2(till, **TO_CARD)
        await till.type(FIRST + "was card{enter}")
        assert till.answer() == "That is already paid by card."
        assert "corrected: cash was pressed" in till.text()


@pytest.mark.parametrize("typed", ["tip 5", "tip 7", "was card"])
@pytest.mark.parametrize(
    ("there", "answer"),
    [
        (TIP_5, "Till 2 has set the tip to ₹5.00. Nothing changed here."),
        (TO_CARD, "Till 2 has corrected it to card. Nothing changed here."),
    ],
)
@pytest.mark.parametrize("by", ["cashier", "manager"])
async def test_a_sale_that_another_till_corrected_since_it_was_opened_is_not_corrected_twice(
    tmp_path: Path, typed: str, there: dict[str, Any], answer: str, by: str
) -> None:
    """The guest would be charged twice, and the tender of a corrected tip would change."""
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store) as till:
        await till.type(SOLD + ("{f12}9{enter}9999{enter}" if by == "manager" else "") + FIRST)
        store.bring = corrected_on_till_2(till, **there)
        await till.type(f"{typed}{{enter}}" + (MANAGER if by == "cashier" else ""))
        assert till.answer() == answer
        sale = till.register.refunds.past_sales()[-1]
        assert [one.till for one in till.register.corrections.of(sale.session_id)] == [2]
        assert ("corrected: cash was pressed" in till.text()) is (there is TO_CARD), "the sale is shown as it is now"
        await till.type("tip 9{enter}" + (MANAGER if by == "cashier" else ""))
        assert till.answer().startswith("1X0001-000001: tip ₹9.00."), "now it is asked about what is known"


@pytest.mark.parametrize("typed", ["tip 5", "was card"])
async def test_a_sale_is_corrected_without_an_answer_of_the_server(tmp_path: Path, typed: str) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=SOLD + FIRST) as till:
        store.away = True
        await till.type(f"{typed}{{enter}}" + MANAGER)
        assert till.answer().startswith("1X0001-000001: ")


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_sale_names_who_took_the_money_not_whose_order_it_was(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}10{enter}{enter}{escape}{f12}9{enter}9999{enter}")
        await till.type("{f5}{enter}{f9}{enter}{f10}")
        assert "Asha" not in till.text()
        await till.type("{enter}")
        assert "10:31, Meena" in till.text()


def sold_on_till_2(till: Till, store: FakeStore) -> PastSale:
    """Place the order of the only sale once more on till 2, as two tills without a server do; return that sale."""
    other = Hand(2)
    (sale,) = till.register.refunds.past_sales()
    other.knows(*till.journal.events_of(sale.session_id))
    payment_id = other.new_id()
    facts: dict[str, Any] = {"payment_id": payment_id, "tender": "CASH", "amount": "80.00"}
    order = till.register.refunds.order(sale.session_id)
    assert order is not None
    assert order.placed is not None
    (paid,) = order.placed.data.payments
    again = structs.replace(
        order.placed.data,
        order_id=other.new_id(),
        receipt="2-000001",
        payments=(structs.replace(paid, payment_id=payment_id),),
    )
    events = [forged(other.took(), store_id=DEMO.store_id, stream_id=sale.session_id)]
    events += [
        forged(other.make(data, stream_id=sale.session_id), store_id=DEMO.store_id)
        for data in (
            PaymentStarted(key=payment_id, **facts),
            PaymentApproved(tendered="80.00", change="0.00", drawer=2, **facts),
            again,
        )
    ]
    till.register.journal.receive([Received(99 + place, event) for place, event in enumerate(events)])
    till.register.sessions_grew([sale.session_id])
    store.sales = [replace(sale, order_id=again.order_id, receipt=again.receipt, till=2)]
    return store.sales[0]


async def test_correction_applies_to_the_opened_sale(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}{f9}{enter}") as till:
        again = sold_on_till_2(till, store)
        await till.type("{f10}2-1{enter}was card{enter}" + MANAGER)
        assert till.answer() == "2-000001: ₹80.00 was card, once the desk books it."
        written = (one.data for one in till.journal.events_of(again.session_id))
        assert [one.order_id for one in written if isinstance(one, TenderCorrected)] == [again.order_id]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_refund_of_one_of_two_receipts_is_named_at_the_other_and_at_the_conflict(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    """The guest paid once: one of the two goes back, and who settles it later must not refund the other too."""
    store = FakeStore()
    async with a_drawn_till(tmp_path, size, store=store, typed=LOG_IN + "2 idly{enter}{f9}{enter}") as till:
        again, [own, *_] = sold_on_till_2(till, store), till.register.refunds.past_sales()
        warning = f"Sold twice: ₹80.00 of {own.receipt}"
        await till.type(f"{{f10}}{own.receipt}{{enter}}")
        assert "Sold twice" not in till.text()
        await till.type("*{enter}1{enter}" + MANAGER + "{escape}{escape}{f10}2-1{enter}")
        assert warning in " ".join(till.text().split())
        await till.type("*")
        assert "▲ sold twice" in till.text()
        await till.type("{enter}")
        assert warning in " ".join(till.text().split())
        own = next(one for one in till.register.refunds.past_sales() if one.order_id == own.order_id)
        assert own.back == 80_00
        store.sales = [own, again]
        twice = RemoteConflict(
            "0197d6a0-0000-7000-8000-00000000c0f1", again.session_id, "sold_twice", again.order_id, Minor(80_00), 2,
            till.clock.now(), (own.receipt, "2-000001"),
        )  # fmt: skip
        store.conflicts = [twice]
        await till.type("{escape}{escape}{escape}{f12}9{enter}9999{enter}{ctrl+o}")
        assert f"₹80.00 of {own.receipt} is refunded. Type how it was settled." in till.text()
        store.conflicts = [replace(twice, conflict_id=again.order_id, amount=Minor(90_00))]
        await till.type("{escape}{ctrl+o}")
        assert f"₹80.00 of {own.receipt} is refunded. Paid once? F10 refunds the rest." in till.text()
        store.conflicts = [replace(twice, conflict_id=own.order_id)]
        store.sales = [again]
        await till.type("{escape}{ctrl+o}")
        assert "Paid once? F10 refunds one receipt, if neither is refunded." in till.text()


async def test_receipt_refunded_after_the_other_one_was_opened_is_asked_about(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}{f9}{enter}") as till:
        again, [own, *_] = sold_on_till_2(till, store), till.register.refunds.past_sales()
        await till.type("{f10}2-1{enter}*")
        sale = till.register.refunds.sale(own.session_id, own.receipt)
        share = giving.pieces_back(sale, {1: 2})
        approval = till.register.approvals.give(
            till.register.access.find(9), PermissionRequest(Permission.REFUND, share.part.amount)
        )
        way = giving.ways_of(sale, away=False)[0]
        begun = till.register.refunds.start(own.session_id, share, way, sale, approval, "cold", away=False)
        till.register.refunds.approve(begun.id)
        await till.type("{enter}1{enter}" + MANAGER)
        assert till.answer() == f"Sold twice: ₹80.00 of {own.receipt} is refunded. This too?"
        assert till.register.refunds.sale(again.session_id, again.receipt).back == 0
        await till.type("*{enter}1{enter}" + MANAGER)
        assert till.register.refunds.sale(again.session_id, again.receipt).back == 80_00


async def test_the_tender_of_the_last_sale_is_put_right_by_a_sentence(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=LOG_IN + "that was card{enter}") as till:
        assert till.answer() == "No sale since this till was opened. F10 shows earlier ones."
        await till.type("{escape}2 idly{enter}{f9}{enter}that was card, not cash{enter}" + MANAGER)
        assert till.answer().startswith("1X0001-000001: ₹80.00 was card.")
        (sale,) = till.register.refunds.past_sales()
        order = till.register.refunds.order(sale.session_id)
        assert order is not None
        assert list(order.corrected.values()) == ["CARD"]


async def test_a_copy_of_the_receipt_says_that_it_is_one(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=SOLD + FIRST + "p") as till:
        assert "COPY" in till.text()
        assert till.answer() == "A copy of the receipt. ↑ ↓ scroll. Esc: back."
        await till.type("{down}{escape}")
        assert "COPY" not in till.text()


async def test_a_refund_that_a_crash_left_is_answered_by_a_manager(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=SOLD + FIRST + "2") as till:
        scene = state(till)
        facts = scene._facts()
        assert facts.sale is not None
        share = giving.pieces_back(facts.sale, {2: 1})
        asked = PermissionRequest(Permission.REFUND, share.part.amount)
        approval = till.register.approvals.give(till.register.access.find(9), asked)
        opened = scene.state.opened
        assert opened is not None
        way = giving.ways_of(facts.sale)[0]
        begun = till.register.refunds.start(opened.session_id, share, way, facts.sale, approval, "cold")
        await till.type("{escape}{escape}")
        till.register.refunds_left([begun.id])  # so it is told where the disk was lost in the crash
        assert till.answer() == f"The refund {begun.started.receipt} has no answer yet. F10 finds it."
        await till.type("{f10}{enter}1{enter}")
        assert till.answer().endswith(": type “given” or “not given”.")
        await till.type("given{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹40.00 in cash")
        assert kinds(till) == ["refund_started", "refund_approved"]


async def test_the_list_marks_what_another_till_refunded(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, store=store, typed=SOLD) as till:
        newest, _oldest = till.register.refunds.past_sales()
        began = RefundStarted(
            session_id=newest.session_id, order_id=newest.order_id, payment_id=Hand().new_id(), receipt="2-R000001",
            sold=newest.receipt, amount="-120.00", net="-114.29", tax="-5.71", rounding="0.00", tender="CARD",
            currency="INR", business_date="2026-03-03",
        )  # fmt: skip
        refund = replace(new_refund(Hand().new_id(), began, newest.at, 2, 1), state=PaymentState.APPROVED)
        store.away = True
        await till.type("{f10}")
        assert "✖ refunded" not in till.text()
        store.away, store.sales = False, [replace(newest, refunds=(refund,))]
        till.register.server_answered()
        await till.settle()
        assert "✖ refunded" in till.text()
        assert "2-R000001" in till.text()
        await till.type("{escape}{f10}")
        assert "✖ refunded" in till.text(), "the list is kept"


async def test_the_list_of_all_tills_follows_a_sale_of_another_till(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, store=store, typed=SOLD + "{f10}") as till:
        newest, oldest = till.register.refunds.past_sales()
        other = replace(newest, order_id="other", receipt="2-000007", at=newest.at + timedelta(minutes=1), till=2)
        store.sales = [newest, oldest]
        await till.type("{tab}{down}")
        store.sales = [other, newest]  # the page ends before the oldest, which stays
        till.register.server_answered()
        await till.settle()
        scene = state(till)
        assert scene.state.found is not None
        assert [sale.receipt for sale in scene.state.found.sales] == ["2-000007", newest.receipt, oldest.receipt]
        assert "2-000007" in till.text()
        await till.type("{enter}")
        assert scene.state.opened is not None
        assert scene.state.opened.receipt == oldest.receipt, "the marked sale stays marked"
        asked = len(store.searched)
        till.register.server_answered()
        await till.settle()
        assert (len(store.searched), scene.state.opened.receipt) == (asked + 1, oldest.receipt)
        store.away = True
        till.register.server_answered()
        await till.settle()
        await till.type("{escape}")
        assert "2-000007" in till.text()


@pytest.mark.parametrize("typed", ["", "R1", "1x0001-r1"])
async def test_a_waiting_refund_of_a_sale_of_another_till_is_first_in_the_list(tmp_path: Path, typed: str) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}{f9}{enter}") as till:
        sold = sold_on_till_2(till, store)
        sale = till.register.refunds.sale(sold.session_id, sold.receipt)
        share = giving.pieces_back(sale, {1: 1})
        approval = till.register.approvals.give(
            till.register.access.find(9), PermissionRequest(Permission.REFUND, share.part.amount)
        )
        way = giving.ways_of(sale)[0]
        begun = till.register.refunds.start(sold.session_id, share, way, sale, approval, "cold")
        till.clock.pass_by(minutes=1)
        await till.type("1 tea{enter}{f9}{enter}{f10}" + typed)
        assert state(till).screen.list.view.selected == 0
        assert "waits, of 2-000001" in till.text()
        await till.type("{enter}")
        assert f"{begun.started.receipt} has no answer yet: type “given” or “not given”." in till.text()
        await till.type("given{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹40.00 in cash")
        await till.type("{escape}{escape}{f10}")
        assert "2-000001" not in till.text()


async def test_no_manager_is_asked_while_the_server_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, shown = FakeStore(), list[str]()
    async with a_quiet_till(tmp_path, store=store) as till:

        async def asked(_refund_id: str) -> str:
            till.app.controller.paint()
            shown.append(till.text())
            return "reserved"

        monkeypatch.setattr(store, "refund_state", asked)
        await till.type(SOLD + FIRST + "+{enter}1{enter}" + MANAGER)
        assert "Asking the server. One moment." in shown[0]
        assert "not given" not in shown[0]
        assert till.answer().startswith("Refunded ₹80.00 in cash")


#: A sale of 160.00, 100.00 of it in cash and 60.00 by card, opened.
PAID_TWICE = LOG_IN + "2 masala dosa{enter}{f9}100{enter}{enter}C{enter}{f10}{enter}"


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_sale_with_two_tenders_goes_back_as_it_was_paid(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore(), typed=PAID_TWICE + "*") as till:
        assert "Enter refunds ₹100.00 in cash, then ₹60.00 by card." in till.text()
        assert "Enter Refund 100.00" in till.text()
        await till.type("{enter}1{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹100.00 in cash, ")
        assert "Enter Refund 60.00" in till.text()
        await till.type("{enter}")
        assert till.answer().startswith("Refunded ₹60.00"), "the reason and the PIN were for both"
        approved = [one.data for one in till.journal.unsent(5_000) if isinstance(one.data, ApprovalGiven)]
        assert [(one.amount, one.approved_by) for one in approved] == [("100.00", 9), ("60.00", 9)]
        started = [one.data for one in refund_events(till.journal) if isinstance(one.data, RefundStarted)]
        assert [(one.tender, one.amount, one.reason, one.approved_by) for one in started] == [
            ("CASH", "-100.00", "cold or wrong", 9), ("CARD", "-60.00", "cold or wrong", 9),
        ]  # fmt: skip
        assert sum(Decimal(one.tax) for one in started) == Decimal("-7.62")
        await till.type("*")
        assert "All of this sale is already refunded." in till.text()


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_manager_approves_the_whole_of_a_refund_in_two_tenders_and_no_more(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore(), typed=PAID_TWICE + "*{enter}1{enter}") as till:
        if size[0] > 80:
            for words in (r"Refund ₹160\.00 of 1X0001-", r"Refund +₹100\.00, cash", r"Then +₹60\.00, as it was paid"):
                assert re.search(words, till.text()), words
        else:
            assert re.search(r"A manager's PIN, for this one act +160\.00", till.text())
        await till.type(MANAGER)
        manager = till.register.access.find(9)
        till.register.approvals.give(
            manager, PermissionRequest(Permission.NO_SALE)
        )  # another act was approved meanwhile
        await till.type("{enter}")
        assert "PIN" in till.text()
        await till.type(MANAGER)
        assert till.answer().startswith("Refunded ₹60.00")
        await till.type("{escape}{escape}masala dosa{enter}{f9}{enter}{f10}{enter}*{enter}1{enter}")
        assert "PIN" in till.text(), "it was for that refund"


async def test_the_rest_of_a_refund_is_rounded_to_a_coin_under_the_same_pin(tmp_path: Path) -> None:
    reference = a_reference()
    reference["settings"] |= {"rounding": {"step": "0.50", "of": "cash"}}
    paid = LOG_IN + "2 masala dosa{enter}{f9}c60.20{enter}{enter}{enter}{f10}{enter}"
    async with a_quiet_till(tmp_path, store=FakeStore(), reference=reference) as till:
        await till.type(paid + "+{enter}1{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹60.20 by card, ")
        await till.type("{enter}")
        assert till.answer().startswith("Refunded ₹20.00 in cash, ")


async def test_the_last_piece_after_a_refund_in_two_tenders_is_its_own_share(tmp_path: Path) -> None:
    paid = "3 masala dosa{enter}5 idly{enter}{f9}30{enter}{enter}C{enter}{f10}{enter}"
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=LOG_IN + paid + "++{enter}1{enter}" + MANAGER) as till:
        assert till.answer().startswith("Refunded ₹30.00 in cash, ")
        await till.type("{enter}")
        assert till.answer().startswith("Refunded ₹130.00 by card, ")
        await till.type("+")
        assert "Enter refunds ₹80.00 by card." in till.text()


async def test_the_rest_of_a_refund_is_forgotten_once_something_else_is_marked(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=PAID_TWICE + "+{tab}") as till:
        assert "Enter refunds ₹60.00 by card, then ₹20.00 in cash." in till.text()
        await till.type("{enter}1{enter}" + MANAGER + "{backspace}")
        assert "the rest" not in till.text()
        await till.type("*")
        assert "Enter refunds ₹100.00 in cash. A reason comes next." in till.text(), (
            "with what is left of the first piece"
        )


async def test_an_exchange_of_a_sale_with_two_tenders_sells_after_its_last_part(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(PAID_TWICE + "*exchange{enter}4{enter}" + MANAGER)
        assert state(till).state.opened is not None
        await till.type("{enter}")
        assert isinstance(till.scene, SellScene)
        assert till.answer().endswith("Now key the new order; it is paid separately.")


async def test_cash_of_several_guests_is_refunded_in_one_act(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 masala dosa{enter}{f9}40{enter}{enter}50{enter}{enter}{enter}{enter}{f10}{enter}*")
        assert "Enter refunds ₹160.00 in cash." in till.text()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_many_ways_back_leave_the_lines_of_the_sale_in_sight(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN + "6 idly{enter}2 tea{enter}masala dosa{enter}{f9}")
        await till.type("c50{enter}u60{enter}c70{enter}u80{enter}{enter}{enter}{f10}{enter}")
        text = till.text()
        assert all(name in text for name in ("Idly", "Tea", "Masala Dosa"))
        assert ("↓ 3 below" in text) == (size == (80, 24))  # of the ways back
        await till.type("{tab}" * 8)
        assert "▌ Cash     instead" in till.text()
        assert "6 × Idly" in till.text()


async def test_the_list_marks_the_sale_that_is_open_when_its_refund_comes_above_it(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=SOLD + FIRST + "1") as till:
        till.clock.pass_by(minutes=1)
        await till.type("{enter}1{enter}" + MANAGER)
        before = state(till).state.opened
        assert before is not None
        assert state(till).screen.list.view.selected == 2
        await till.type("{escape}{enter}")
        after = state(till).state.opened
        assert after is not None
        assert after.receipt == before.receipt


async def test_marks_stay_when_the_list_is_looked_at_again(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=SOLD + FIRST + "+2{escape}{enter}") as till:
        opened = state(till).state.opened
        assert opened is not None
        assert opened.marks.by_row == {1: 1, 2: 1}
        for typed, by_row in (("1", {1: 2, 2: 1}), ("*", {1: 2, 2: 1, 3: 1}), ("*", {})):
            await till.type(typed)
            opened = state(till).state.opened
            assert opened is not None
            assert opened.marks.by_row == by_row


async def test_a_manager_who_is_logged_in_needs_no_pin(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type("9{enter}9999{enter}2 idly{enter}{f9}{enter}{f10}{enter}*")
        assert "PIN" not in till.text()
        await till.type("{enter}{enter}")
        assert not refund_events(till.journal), "an Enter too many gives nothing back"
        assert till.answer() == "“cold or wrong”? Enter again takes it."
        await till.type("1{enter}")
        assert till.answer().startswith("Refunded ₹80.00 in cash, ")
        (started, _approved) = refund_events(till.journal)
        assert isinstance(started.data, RefundStarted)
        assert (started.user, started.data.approved_by) == (9, None)


async def _heard(till: Till) -> None:
    """Wait until the terminal has answered, and the screen shows it."""
    for _turn in range(20):
        await asyncio.sleep(0)
    await till.settle()


async def test_a_card_goes_back_where_it_was_taken_and_nobody_waits(tmp_path: Path) -> None:
    """The terminal gives no answer at first; the next guest is served, and the outcome is shown later."""
    terminal = Terminal().then().then(UNKNOWN).then(UNKNOWN)
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        till.register.asker.begin(Tenders(BY_HAND, [terminal]))
        await till.type(LOG_IN + "1 masala dosa{enter}{f9}c{enter}")
        await _heard(till)
        await till.type("{f10}{enter}*{enter}1{enter}" + MANAGER)
        await _heard(till)
        [(charge, transaction)] = terminal.returned
        started = refund_events(till.journal)[0].data
        assert isinstance(started, RefundStarted)
        assert (charge.key, charge.amount, transaction) == (refund_events(till.journal)[0].stream_id, 8_000, "T-1")
        assert till.answer() == f"{started.receipt}: no answer yet. Still checking."
        assert kinds(till) == ["refund_started", "refund_unknown"]
        assert "waits for its answer" in till.text()
        await till.type("1")
        assert till.answer() == "Masala Dosa is being refunded."
        await till.type("{enter}")
        assert "Checking " in till.answer()
        await till.type("amount 10{enter}")
        assert till.answer() == f"Refund {started.receipt} has no answer: till 1 settles it (F10)."
        await till.type("{escape}{escape}")
        assert "refunded" not in till.text(), "of the sale either"
        assert f"waits, of {started.sold}" in till.text()
        await till.type("{down}{enter}")
        assert f"{started.receipt}: no answer yet. Still checking." in till.text()
        await till.type("{escape}{escape}1 idly{enter}")
        terminal.then()
        till.register.asker.ask_now(charge.key)
        await _heard(till)
        assert till.answer() == f"Refunded ₹80.00 by card, {started.receipt}."
        assert kinds(till) == ["refund_started", "refund_unknown", "refund_approved"]
        till.register.asker.end()


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_waiting_refund_counts_as_neither_back_nor_left(tmp_path: Path, size: tuple[int, int]) -> None:
    terminal = Terminal().then().then(UNKNOWN).then(UNKNOWN)
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        till.register.asker.begin(Tenders(BY_HAND, [terminal]))
        await till.type(LOG_IN + "2 masala dosa{enter}1 idly{enter}{f9}c{enter}")
        await _heard(till)
        await till.type("{f10}{enter}+{enter}1{enter}" + MANAGER)
        await _heard(till)
        text = till.text()
        assert "▲ 1 waits" in text
        assert "✖" not in text
        assert till.rows()[-1].split("   ") == ["  F1 Help", "P Print again", "O Order again", "Esc List"]
        assert "A digit marks" not in text
        await till.type("2")
        assert "Enter Refund" not in till.text()
        terminal.then()
        till.register.asker.ask_now(refund_events(till.journal)[0].stream_id)
        await _heard(till)
        assert "✖ 1 back 10:31" in till.text()
        assert "Enter Refund 40.00" in till.rows()[-1]
        till.register.asker.end()


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_tender_taken_by_hand_is_refunded_as_it_came(tmp_path: Path, size: tuple[int, int]) -> None:
    meal = TenderTraits(name="MEAL", label="Meal vouchers", key="m", by_hand=True)
    async with a_quiet_till(tmp_path, size, store=FakeStore()) as till:
        till.register.asker.begin(Tenders([*BY_HAND, meal]))
        await till.type(LOG_IN + "1 masala dosa{enter}{f9}m{enter}{f10}{enter}")
        assert "Meal vouchers" in till.text()
        assert "manager's PIN" in till.text()
        await till.type("*{enter}1{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹80.00 by meal vouchers")
        till.register.asker.end()


async def test_a_sale_is_put_right_to_what_the_venue_takes_by_hand(tmp_path: Path) -> None:
    meal = TenderTraits(name="MEAL", label="Meal vouchers", key="m", by_hand=True, opens_drawer=True)
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        till.register.asker.begin(Tenders([*BY_HAND, meal]))
        await till.type(LOG_IN + "2 idly{enter}{f9}{enter}that was cold{enter}")
        assert till.answer() == "There is no way to pay “cold”. Type card, cash, meal vouchers, UPI."
        await till.type("{ctrl+u}that was paid with meal vouchers, not cash{enter}" + MANAGER)
        assert till.answer().startswith("1X0001-000001: ₹80.00 was meal vouchers.")
        await till.type("was meal{enter}")
        assert till.answer() == "That is already paid by meal vouchers."
        (right,) = (one.data for one in till.journal.listed("corrections") if isinstance(one.data, TenderCorrected))
        assert (right.tender, right.drawer, right.was_drawer) == ("MEAL", 1, 1)
        till.register.asker.end()


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_slips_of_the_sale_and_of_its_refund_are_read_on_the_screen(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    paid = Slip(lines=("MERCHANT 7", "VISA", "AID A0", "APPROVED \x1b[31mNOW", "x" * 90), for_guest=True)
    back = Slip(lines=("REFUND 40.00",), for_guest=False, to_be_signed=True)
    terminal = Terminal().then(slips=(paid,)).then(slips=(back,))
    async with a_drawn_till(tmp_path, size, store=FakeStore()) as till:
        till.register.asker.begin(Tenders(BY_HAND, [terminal]))
        await till.type(LOG_IN + "1 idly{enter}{f9}{enter}{later}1 masala dosa{enter}{f9}c{enter}")
        await _heard(till)
        await till.type("{f10}{down}{enter}s")
        assert till.answer() == "No terminal gave a slip for this sale."
        assert "S Slip" not in till.text()
        await till.type("{escape}{up}{enter}1{enter}1{enter}" + MANAGER)
        await _heard(till)
        (started, *_answers) = (one.data for one in refund_events(till.journal) if isinstance(one.data, RefundEvent))
        receipt = started.receipt
        assert "S Slip" in till.rows()[-1]
        await till.type("s")
        text = till.text()
        if size[1] == 24:
            assert "↓ 1 below" in till.rows()[2]
            await till.type("{down}")
            assert "↑ 1 above" in till.rows()[2]
            text += till.text()
        assert "A digit marks" not in text, "while a slip is read"
        for line in (
            "Slip for the guest",
            "APPROVED [31mNOW",
            "Slip for the till, to be signed",
            receipt,
            "REFUND 40.00",
        ):
            assert line in text
        assert till.text().count("x") >= 90, "a long line goes on under itself"
        await till.type("lips")
        assert till.answer() == "Esc goes back to the sale. ↑ ↓ scroll."
        assert "APPROVED" in till.text()
        await till.type("{escape}")
        assert "Masala Dosa" in till.text()
        till.register.asker.end()


async def test_the_question_of_cash_instead_stands_whole_in_half_a_screen(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), store=FakeStore()) as till:
        await till.type(LOG_IN + "idly{enter}{f9}u{enter}{f10}{enter}1")
        assert "Cash     instead, manager's PIN" in till.text()
        assert "Enter refunds ₹40.00 by UPI." in till.text()


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_money_of_an_order_that_ended_is_listed_and_given_back(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size) as till:
        session, _payment = left_behind(till)
        await till.type(SOLD + "{f10}22.00")
        assert re.search(r"10:31 +Cash +▲ not on a sale +22\.00", till.text())
        assert "Its order ended without it. Enter refunds it, by PIN." in till.text()
        await till.type("{enter}" + MANAGER)
        assert till.answer() == "Refunded ₹22.00."
        assert till.register.ledger.order(session).paid == 0
        assert "on no sale" not in till.text()


async def test_a_terminal_is_asked_for_what_it_took_of_no_sale(tmp_path: Path) -> None:
    terminal = Terminal().then().then(UNKNOWN).then(UNKNOWN)
    async with left_by_card(tmp_path, terminal, (80, 24)) as (till, session):
        await till.type("{escape}{f10}{enter}" + MANAGER)
        assert till.answer() == "Refund of ₹22.00 by card sent. The answer follows."
        await heard(till)
        assert "Enter Ask now" in till.rows()[-1]
        terminal.then()
        await till.type("{down}")
        assert "₹22.00 is being refunded. Enter checks it now." in till.text()
        await till.type("{enter}")
        await ask_now(till, session)
        assert till.answer() == "Card: ₹22.00 refunded."
        assert till.register.ledger.order(session).paid == 0


async def test_a_conflict_settled_in_words_is_listed_no_more(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        session, _payment = left_behind(till)
        (conflict,) = till.register.ledger.order(session).conflicts
        server = Hand(SERVER, 0, start=till.clock.now())
        server.knows(*till.journal.events_of(session))
        settled = server.make(ConflictResolved(conflict_id=conflict), stream_id=session)
        till.register.journal.receive([Received(4, forged(settled, store_id=DEMO.store_id))])
        till.register.sessions_grew([session])
        await till.type(LOG_IN + "{f10}")
        assert "on no sale" not in till.text()


async def test_logging_out_waits_over_a_question_as_it_does_on_the_sale(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(SOLD + FIRST + "+{enter}1{enter}9{enter}99{f12}")
        assert till.answer() == "Press Esc first, then F12."
        await till.type("99{enter}")
        assert till.answer().startswith("Refunded ₹80.00 in cash, ")
        await till.type("{f12}")
        assert till.answer() == "Press Esc twice to go back to the order, then F12."


@pytest.mark.parametrize("typed", ["o", "again{enter}"])
async def test_sale_is_ordered_again_with_its_notes(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        keyed = "2 masala dosa{enter}no onion{enter}1 idly{enter}{f9}500{enter}"
        await till.type(LOG_IN + keyed + "1 filter coffee{enter}{f10}{enter}" + typed)
        assert isinstance(till.scene, SellScene)
        assert till.lines() == {"Filter Coffee": 1, "Masala Dosa": 2, "Idly": 1}, "beside what is keyed already"
        assert till.scene.order is not None
        assert [line.note for line in till.scene.order.lines.values()] == ["", "no onion", ""]
        assert till.answer().startswith("Added 2 × Masala Dosa, 1 × Idly.")


async def test_refund_of_several_taxes_says_their_sum(tmp_path: Path) -> None:
    reference = a_reference()
    menu = reference["menu"]
    menu["taxes"]["Z"] = [{"name": "GST", "rate": "0"}]
    next(item for item in menu["items"] if item["name"] == "Idly")["tax"] = "Z"
    async with a_quiet_till(tmp_path, reference=reference) as till:
        await till.type(LOG_IN + "idly{enter}masala dosa{enter}{f9}500{enter}{f10}{enter}1")
        assert "GST 0 % included\nmuted\n0.00" in till.text()
        await till.type("2")
        assert "Tax included\nmuted\n3.81" in till.text()


async def test_sale_is_ordered_again_with_its_types(tmp_path: Path) -> None:
    """Else what was eaten in is taxed as taken away, the second time."""
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "eat in{enter}2 idly{enter}1 idly{enter}this to go{enter}{f9}500{enter}{f10}{enter}o")
        again = till.order
        assert again.order_type == "dine_in"
        assert [(line.quantity, line.own_type) for line in again.lines.values()] == [(2, ""), (1, "take_away")]
        await till.type("to go{enter}")
        await till.type("{f10}{enter}o")
        assert till.order.order_type == "take_away", "beside what is keyed already, the order keeps its type"


async def test_sale_of_an_item_off_the_menu_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "2 masala dosa{enter}1 idly{enter}{f9}500{enter}{f10}{enter}")
        menu = till.register.menu
        left = structs.replace(menu, items=tuple(item for item in menu.items if item.name != "Idly"))
        monkeypatch.setattr(type(till.register.reference), "menu", property(lambda _self: left))
        await till.type("o")
        assert till.lines() == {"Masala Dosa": 2}
        assert till.answer() == "No longer on the menu: Idly."


async def test_two_presses_of_escape_lead_back_to_selling_after_a_refund_found_by_number(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}{f9}{enter}") as till:
        sold_on_till_2(till, store)
        await till.type("1 tea{enter}{f9}{enter}{f10}2-000001{enter}*{enter}1{enter}" + MANAGER)
        assert till.answer().startswith("Refunded ₹80.00 in cash")
        await till.type("{escape}{escape}")
        assert isinstance(till.scene, SellScene)


async def test_ways_name_at_most_what_is_left_of_the_sale(tmp_path: Path) -> None:
    """More was paid than the sale came to in the end, and the rest went back."""
    async with a_drawn_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "3 masala dosa{enter}{f9}200{enter}{escape}{f6}1{enter}{f9}{enter}{f10}{enter}")
        ways = [row.split()[-1] for row in till.rows() if "Cash" in row]
        assert ways == ["80.00"]


def in_spain() -> dict[str, dict[str, Any]]:
    """Return the demo's reference, for a venue whose law stamps each sale."""
    reference = a_reference()
    law = {"scheme": SCHEME.name, "from": "2026-01-01", "settings": SETTINGS | {"prefix": "SOL/"}}
    proof = structs.asdict(SCHEME.proof(SETTINGS))
    reference["settings"] |= {"currency": "EUR", "rounding": None, "fiscal": law | {"proof": proof}}
    return reference


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_guest_scans_the_code_of_a_past_sale(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, reference=in_spain(), store=FakeStore()) as till:
        till.register.fiscal.begin(find_scheme, "0.1.1")
        await till.type(LOG_IN + "2 masala dosa{enter}{f9}C{enter}{f10}{enter}q")
        assert isinstance(till.app.screen, SalesScreen)
        code = till.app.screen.code
        asked = parse_qs(urlsplit(scan(code.view.modules)).query)
        assert (asked["nif"], asked["importe"]) == (["B12345674"], ["160.00"])
        assert asked["numserie"][0].startswith("SOL/1")
        rows, side = till.rows(), len(code.view.modules)
        drawn = [row[code.region.x : code.region.right] for row in rows[code.region.y : code.region.bottom]]
        assert (code.size.width >= side + 4, len(drawn) >= side // 2 + 1) == (True, True)
        assert {character for row in drawn for character in row} == {"▀"}
        assert "The guest scans it" in till.text()
        await till.type("{escape}p")
        assert "SOL/1" in till.text()


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_guest_gets_an_invoice_for_a_ticket_while_the_server_answers(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, size, reference=in_spain(), store=store) as till:
        till.register.fiscal.begin(find_scheme, "0.1.1")
        await till.type(LOG_IN + "2 masala dosa{enter}{f9}C{enter}{f10}{enter}invoice{enter}")
        assert till.answer() == "Type name, number, address: “invoice to Rao Ltd, 29X”."
        await till.type("{escape}invoice to Peña, S.L., B12345673, C/ Sol 5{enter}")
        assert till.answer().startswith("That is no NIF."), "before the server is asked"
        store.not_claimed = "A part is refunded. Refund the rest, and sell to the buyer."
        await till.type("{escape}invoice to Peña, S.L., 12345678Z, C/ Sol 5{enter}")
        assert till.answer() == store.not_claimed
        store.not_claimed, store.away = "", True
        await till.type("{escape}invoice to Peña, S.L., 12345678Z, C/ Sol 5{enter}")
        assert till.answer() == "Offline: no invoice made. Try again once online."
        assert till.journal.last_number("F") == 0
        store.away = False
        await till.type("{escape}invoice to Peña, S.L., 12345678Z, C/ Sol 5{enter}")
        (sold,) = till.journal.numbered(9)
        assert till.answer() == f"Invoice {sold.data.document[:6]}-F000001 is made."
        assert store.claimed[-1] == sold.data.order_id
        (made,) = till.register.ledger.order(sold.stream_id).invoices.values()
        assert made.buyer == Buyer("Peña, S.L.", "12345678Z", "C/ Sol 5")
        assert size[0] == 80 or re.search(rf"Invoice +{made.number}, Peña, S\.L\.", till.text())
        await till.type("invoice to Peña, S.L., 12345678Z, C/ Sol 5{enter}")
        assert till.answer() == f"Its invoice is {made.number}."


async def test_a_sale_without_a_law_has_no_code(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), store=FakeStore(), typed=SOLD + FIRST) as till:
        assert "QR" not in till.text()


async def test_a_screen_without_room_for_the_code_says_so(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (70, 20), reference=in_spain(), store=FakeStore()) as till:
        till.register.fiscal.begin(find_scheme, "0.1.1")
        await till.type(LOG_IN + "2 masala dosa{enter}{f9}C{enter}{f10}{enter}q")
        assert "There is no code here, or no room for it." in till.text()
