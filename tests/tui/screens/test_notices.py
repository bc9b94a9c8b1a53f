"""The screen of notices: acts of others on this till's orders, read and acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.playing import LOG_IN, FakeStore, Till, row_of
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.tabs.test_recall import on_till_2, saves
from tests.tui.screens.waiting_orders.test_waiting_orders import bring
from till.domain.order.state import Status
from till.domain.till.events import NoticeSeen
from till.tui.screens.notices import NoticesScene
from till.tui.screens.sell.commands import TABLE, help_rows
from till.tui.screens.tabs.scene import TablesScene

if TYPE_CHECKING:
    from pathlib import Path

SIZES = [(80, 24), (120, 36)]
IDS = [f"0d8a7d3e-0000-4000-8000-00000000000{n}" for n in range(1, 4)]
AT = "2026-03-03T05:00:00.000000Z"


def order_of(till: int, **other: Any) -> dict[str, Any]:
    return {
        "session": f"019cb300-0000-7000-8000-00000000000{till}", "till": till, "user": till, "status": "active",
        "currency": "INR", "total": "80.00", "lines": 1, **other,
    }  # fmt: skip


def rung_again(session: str = "", *, notice_id: str = IDS[0], **other: Any) -> dict[str, Any]:
    """Return the notice that till 1 rang table 7 of till 2 again."""
    there = order_of(2, tab="table 7", status="assigned_to_tab", **other)
    there["session"] = session or there["session"]
    own = order_of(1)
    data = {"order": there, "own": own, "which": own["session"], "copied_at": AT}
    return {
        "id": notice_id, "till": 1, "user": 1, "kind": "rung_again", "session": there["session"], "at": AT, "data": data
    }  # fmt: skip


def tab_twice(own: str, other: str, *, own_is_first: bool) -> dict[str, Any]:
    """Return the notice that till 1 and till 2 both saved to table 7, with their orders."""
    tabs = ("table 7", "table 7-2") if own_is_first else ("table 7-2", "table 7")
    saved = {"status": "assigned_to_tab"}
    here = order_of(1, tab=tabs[0], total="160.00", lines=2, **saved) | {"session": own}
    there = order_of(2, tab=tabs[1], total="60.00", **saved) | {"session": other}
    data = {"order": there, "own": here, "which": other if own_is_first else own}
    return {"id": IDS[0], "till": 1, "user": 1, "kind": "tab_twice", "session": other, "at": AT, "data": data}


def refused(notice_id: str = IDS[1]) -> dict[str, Any]:
    data = {
        "act": "line_voided", "item": "Idly", "pieces": 1, "amount": "40.00",
        "order": order_of(2, tab="table 5", status="completed", receipt="2-000123"),
    }  # fmt: skip
    return {"id": notice_id, "till": 1, "user": 1, "kind": "refused", "session": None, "at": AT, "data": data}


def paid_apart() -> dict[str, Any]:
    """Return the notice that till 2 took 47.00 for table 5, whose lines are on table 6 of till 1."""
    there = order_of(1, tab="table 5", status="discarded", total="0.00", lines=0)
    own = order_of(1, tab="table 6", status="assigned_to_tab")
    data = {"order": there, "own": own, "which": there["session"], "amount": "47.00", "by": 2}
    return {
        "id": IDS[1], "till": 1, "user": 1, "kind": "paid_apart", "session": there["session"], "at": AT, "data": data
    }  # fmt: skip


def refused_of_added(**other: Any) -> dict[str, Any]:
    """Return the notice that a void was too late for table 5, which had been added to table 6."""
    notice = refused()
    notice["data"]["order"] |= {"status": "discarded", "receipt": ""}
    notice["data"]["own"] = order_of(1, tab="table 6", **other)
    return notice


def tell(till: Till, *notices: dict[str, Any]) -> None:
    """Receive these notices from the server."""
    till.journal.cache("notices", 1 + len(notices), {"waiting": len(notices), "notices": list(notices)})
    till.register.reference_changed(["notices"])


def seen(till: Till) -> list[str]:
    return [one.data.notice for one in till.journal.unsent(100) if isinstance(one.data, NoticeSeen)]


@pytest.mark.parametrize("size", SIZES)
async def test_notice_is_reported_counted_read_and_seen(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "tea{enter}") as till:
        tell(till, rung_again(), refused())
        await till.settle()
        assert "▲ 2 notices" in till.rows()[0]
        assert till.answer().startswith(
            "The void of 1 × Idly came too late: table 5 is paid. If receipt 2-000123 does not show it, refund it"
        )
        await till.type("notices{enter}")
        assert isinstance(till.scene, NoticesScene)
        text = till.text()
        for shown in ("Notices", "2 new", "1  ▲ Table 7, rung again", "2  ▲ Void too late, Table 5", "80.00", "40.00"):
            assert shown in text
        if size[0] < 100:
            await till.type("{enter}")
        for shown in ("Here: 1 line, ₹80.00", "Till 2: 1 line, ₹80.00", "Meaning", "If it is wrong"):
            assert shown in till.text()
        shown = "F7 discards the other order, on Till 2."
        assert shown in "\n".join(till.rows()[: 16 if size[0] < 100 else 30])
        await till.type("{enter}")
        assert seen(till) == [IDS[0]]
        assert "▲ 1 notice" in till.rows()[0]
        assert "1 new" in till.text()
        await till.type("{escape}")
        assert till.lines() == {"Tea": 1}
        await till.type("notices{enter}")
        assert "rung again" not in till.text()


@pytest.mark.parametrize("size", SIZES)
async def test_notice_of_money_for_a_table_that_was_added_to_another_names_both_and_the_amount(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "tea{enter}") as till:
        tell(till, paid_apart())
        await till.settle()
        assert till.answer().startswith("Till 2 took ₹47.00 for table 5, now on table 6. ")
        await till.type("notices{enter}")
        assert "Table 6, money apart" in till.text()
        if size[0] < 100:
            await till.type("{enter}")
        for shown in ("Till 2 took ₹47.00 for table 5", "Table 6 does not count it.", "Take all of table 6."):
            assert shown in till.text()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("own_is_first", "amount"), [(True, "160.00"), (False, "60.00")])
async def test_notice_of_two_orders_names_both_with_their_amounts_and_leads_to_both(
    tmp_path: Path, size: tuple[int, int], amount: str, *, own_is_first: bool
) -> None:
    other = on_till_2(tmp_path, saves)
    name = "table 7-2" if own_is_first else "table 7"
    store = FakeStore(tabs=[row_of(other, till=None, till_name="", tab_name=name)])
    async with a_drawn_till(tmp_path, size, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "2 tea{enter}{f8}8{enter}")
        await till.settle()
        (own,) = (order.id for order in till.register.ledger.open_orders())
        tell(till, tab_twice(own, other.id, own_is_first=own_is_first))
        await till.type("notices{enter}")
        (card,) = (row for row in till.rows() if "Table 7, saved twice" in row and "▲" in row)
        assert card.split("│")[0].rstrip().endswith(amount)
        if size[0] < 100:
            await till.type("{enter}")
        here, there = ("table 7", "table 7-2") if own_is_first else ("table 7-2", "table 7")
        for shown in (f"Here: {here}, 2 lines, ₹160.00", f"Till 2: {there}, 1 line, ₹60.00"):
            assert shown in till.text()
        assert "F8 Show both" in till.rows()[-1]
        await till.type("{f8}")
        await till.settle()
        assert isinstance(till.scene, TablesScene)
        named = own if own_is_first else other.id
        assert till.scene.state.marked == named
        await till.type("{enter}")
        await till.settle()
        assert till.order.id == named


@pytest.mark.parametrize("own_is_first", [True, False])
async def test_notice_of_two_orders_names_the_till_that_saved_one_though_another_has_it_now(
    tmp_path: Path, *, own_is_first: bool
) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        twice = tab_twice(IDS[0], IDS[1], own_is_first=own_is_first)
        twice["data"] |= {"by": 3, "own": twice["data"]["own"] | {"till": 2}}
        tell(till, twice)
        saved = "Till 3 saved to table 7 too" if own_is_first else "Till 3 already had table 7"
        assert till.answer().startswith(saved)


async def test_notice_of_two_orders_with_money_advises_no_merge_that_is_refused(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        twice = tab_twice(IDS[0], IDS[1], own_is_first=True)
        twice["data"]["order"]["paid"] = twice["data"]["own"]["paid"] = "50.00"
        tell(till, twice)
        await till.type("notices{enter}")
        assert "For one bill: refund the part on table 7-2" in till.text()


async def test_seen_notice_that_is_reported_once_more_is_not_listed(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        tell(till, refused())
        await till.type("notices{enter}{enter}{escape}")
        tell(till, refused())
        await till.settle()
        assert "notice" not in till.rows()[0]
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        assert "notice" not in till.rows()[0], "after a restart, too"


async def test_other_order_is_discarded_after_it_was_asked_back(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, saves)
    store = FakeStore(tabs=[row_of(order, till=None, till_name="")])
    async with a_drawn_till(tmp_path, (120, 36), store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN)
        tell(till, rung_again(order.id))
        await till.type("notices{enter}{f7}")
        assert till.answer() == "Table 7, rung again: discard the other? F7 again does it."
        assert till.register.ledger.readable(order.id) is None or store.asked_for == []
        await till.type("{f7}")
        assert "Esc Back, without it" in till.rows()[-1]
        await till.type("9{enter}9998{enter}{escape}")
        left = till.register.ledger.order(order.id)
        assert (left.status, left.holder, store.asked_for) == (Status.ASSIGNED_TO_TAB, 2, [])
        await till.type("{f7}{f7}9{enter}9999{enter}")
        assert till.answer() == "Table 7 on Till 2 is discarded. Yours stays."
        assert till.register.ledger.order(order.id).status is Status.DISCARDED
        assert seen(till) == [IDS[0]]


@pytest.mark.parametrize(
    ("there", "here", "meaning", "wrong"),
    [
        (
            {"status": "completed", "receipt": "2-000009"},
            {"paid": "30.00"},
            "2-000009 is paid; the other is open on Till 1, ₹50.00 due.",
            "If 2-000009 is theirs, refund and clear yours.",
        ),
        (
            {"total": "60.00"},
            {"status": "completed", "receipt": "1-000007"},
            "1-000007 is paid; the other is open on Till 2, ₹60.00 due.",
            "F7 discards the other order, on Till 2.",
        ),
        *(
            (
                {"status": "completed", "receipt": "2-000009", **there},
                {"status": "completed", "receipt": "1-000007", **here},
                "Two orders under one name, and both are paid.",
                advice,
            )
            for there, here, advice in (
                ({}, {}, "Same guests? Refund what both have: F10, 1-000007."),
                ({"total": "60.00"}, {}, "Same guests? Refund what both have: F10, 2-000009."),
                ({}, {"total": "0.00"}, "Same guests? Refund what both have: F10, 2-000009."),
                ({"refunded": "80.00"}, {}, "₹80.00 of 2-000009 is refunded."),
                ({}, {"refunded": "40.00"}, "₹40.00 of 1-000007 is refunded."),
                ({"refunded": "45.00"}, {"refunded": "40.00"}, "In all ₹85.00 is refunded. No more than both have."),
            )
        ),
    ],
)
async def test_the_payment_of_one_of_two_orders_is_reported(
    tmp_path: Path, there: dict[str, str], here: dict[str, str], meaning: str, wrong: str
) -> None:
    async with a_quiet_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        given = rung_again()
        given["data"]["order"] |= there
        given["data"]["own"] |= here
        tell(till, given)
        await till.type("notices{enter}")
        text = " ".join(till.text().split())
        assert meaning in text
        assert wrong in text
        assert "Both stay" not in text


async def test_other_order_that_is_paid_is_not_discarded(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        tell(till, rung_again(receipt="2-000009"))
        await till.type("notices{enter}")
        assert "Discard" not in till.rows()[-1]
        await till.type("{f7}{f7}")
        assert seen(till) == []


async def test_other_order_with_money_on_it_is_named_and_not_discarded(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        tell(till, rung_again(paid="30.00"))
        await till.type("notices{enter}")
        text = " ".join(" ".join(row[59:].split()) for row in till.rows())
        assert "Till 2: 1 line, ₹80.00, ₹30.00 paid" in text
        assert "₹30.00 is paid on Till 2: recall it, refund it at Pay." in text
        assert "Discard" not in till.rows()[-1]
        await till.type("{f7}{f7}")
        assert seen(till) == []


@pytest.mark.parametrize(
    ("facts", "advice"),
    [
        ({"status": "assigned_to_tab"}, "If table 6 does not show it, recall it and do it again."),
        (
            {"status": "completed", "receipt": "2-000123"},
            "If receipt 2-000123 does not show it, refund it with F10.",
        ),
    ],
)
async def test_notice_of_an_act_too_late_for_a_table_that_was_added_to_another_names_that_one(
    tmp_path: Path, facts: dict[str, str], advice: str
) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        tell(till, refused_of_added(**facts))
        sentence = f"The void of 1 × Idly came too late: table 5 was added to table 6. {advice}"
        assert till.answer() == f"{sentence} Type “notices”."


async def test_notice_of_a_clearing_too_late_for_a_paid_table_sends_nobody_to_refund_it(tmp_path: Path) -> None:
    late = refused()
    late["data"]["act"] = "order_discarded"
    late["data"].pop("item", None)
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        tell(till, late)
        assert till.answer() == (
            "Table 5 was cleared too late: table 5 is paid. Refund it with F10 only if its guests were not to pay."
            " Type “notices”."
        )
        await till.type("notices{enter}")
        assert "Receipt 2-000123 counts." in till.text()


async def test_notice_that_was_read_before_takes_the_place_of_no_answer(tmp_path: Path) -> None:
    """The list comes again after a pause of the database, and after each start: the status bar counts it all along."""
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        tell(till, rung_again())
        await till.type("tea{enter}{f9}50{enter}")
        for notices in ([], [rung_again()]):
            tell(till, *notices)
        assert till.answer() == "Paid ₹20.00. Change ₹30.00."
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN + "tea{enter}{f9}50{enter}") as till:
        tell(till, rung_again())
        assert till.answer() == "Paid ₹20.00. Change ₹30.00."
        assert "▲ 1 notice" in till.rows()[0]


async def test_settled_notice_leaves_the_answer_line_and_counts_no_more(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN + "tea{enter}") as till:
        tell(till, rung_again())
        assert till.answer().startswith("Table 7 was rung again on Till 1")
        tell(till)
        assert till.answer() == ""
        assert "notice" not in till.rows()[0]
        tell(till, rung_again(notice_id=IDS[2]))
        await till.type("notices{enter}")
        tell(till)
        await till.settle()
        assert "Table 7, rung again" in till.text()
        assert "0 notices" not in till.text()


async def test_other_order_stays_as_it_was_without_the_network(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, saves)
    async with a_drawn_till(tmp_path, (120, 36), store=FakeStore(away=True), typed=LOG_IN) as till:
        tell(till, rung_again(order.id))
        await till.type("notices{enter}{f7}{f7}")
        assert till.answer().startswith("Offline, and another till holds that order.")
        assert seen(till) == []


async def test_notice_of_a_newer_server_says_so(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        tell(till, {**refused(), "kind": "of_tomorrow", "data": {"order": {}, "surprise": [1]}})
        await till.type("notices{enter}")
        assert "A newer server sent this notice." in till.text()


async def test_a_mark_moved_by_arrow_after_stray_words_is_meant(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36)) as till:
        tell(till, rung_again(), refused())
        await till.type(LOG_IN + "notices{enter}tea{enter}")
        assert seen(till) == []
        await till.type("tea{down}{enter}")
        assert seen(till) == [IDS[1]]


async def test_the_way_to_the_notices_is_shown_where_they_are_looked_for(tmp_path: Path) -> None:
    """In the help, and where nothing waits for a manager."""
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        helped = help_rows(till.app.controller.keymap, TABLE, "2 idly")
        assert ("notices", "Notices", "changes by others") in helped
        await till.type("9{enter}9999{enter}{ctrl+o}")
        assert "notices" not in till.text()
        await till.type("{escape}")
        tell(till, rung_again())
        await till.type("{ctrl+o}")
        assert "1 notice to read: Esc, then type “notices”." in till.text()


@pytest.mark.parametrize("size", SIZES)
async def test_a_notice_at_pay_names_the_key_that_leads_to_the_notices(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "tea{enter}{f9}") as till:
        tell(till, rung_again())
        await till.settle()
        assert till.answer().endswith("Esc, then type “notices”.")
        await till.type("{escape}notices{enter}")
        assert isinstance(till.scene, NoticesScene)
