"""A rolling upgrade: one till knows what the other does not, on one order, with real disks and a real database.

What a till cannot read it says, keeps, and takes no money over; and it reads all of it once it is upgraded (ADR 0016).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sync.rig import STORE
from tests.upgrade.newer import NEWER, OLDER, ItemAdded, LineVoided, OrderOpened, PromotionGiven, TableSungTo
from till.domain.order.paying import UnreadRecordError
from till.domain.order.state import Status
from till.ports import LightState

if TYPE_CHECKING:
    from tests.upgrade.rolling import RollingTill, RollingVenue

OFF = PromotionGiven(percent="25")
FOUND = "SELECT kind, subject FROM till.conflicts ORDER BY kind"
#: The number of lines in each order of late lines.
LATE = "SELECT warm.lines_keyed(id)::int FROM till.order_sessions WHERE hold_till = 0 AND status = 'pending_logout'"
ASIDE = "SELECT event_type, sqlstate, reason FROM warm.quarantine WHERE resolved_at IS NULL ORDER BY id"
TOTAL = "SELECT total::text FROM till.order_sessions WHERE id = %s"
SOLD = "SELECT total_amount::text FROM cold.orders ORDER BY created_at"
NEWER_TILL = "The record was made by a newer till."


async def two_tills(venue: RollingVenue) -> tuple[RollingTill, RollingTill]:
    """An order of 2 idly, keyed on the older till and granted to the newer one; the older one knows of the grant."""
    one, two = await venue.till(1, OLDER), await venue.till(2, NEWER)
    one.key("Idly", 2)
    await one.exchange()
    assert (await two.take_over(one.session)).total == 8_000
    await one.exchange()
    return one, two


def vada_with_course(till: RollingTill) -> ItemAdded:
    return ItemAdded(
        line_id=till.ledger.new_id(), item_id="vada", item_name="Vada", quantity=1, price="50.00", taxes=(), course=2
    )


async def test_an_older_till_says_what_does_not_read_and_is_paid_once_it_is_upgraded(upgraded: RollingVenue) -> None:
    one, two = await two_tills(upgraded)
    given = two.happens(OFF)
    two.key("Masala Dosa")
    await two.exchange()
    assert (two.order.total, upgraded.rows(ASIDE)) == (12_000, [])

    await one.exchange()
    (record,) = one.order.waits_for_manager
    assert (record.event, record.type, record.till) == (given.id, "promotion_given", 2)
    assert record.why == "it was made by a newer till"
    assert (one.names(), one.order.total) == (["Idly", "Masala Dosa"], 16_000)
    await one.take_over(one.session)
    with pytest.raises(UnreadRecordError):
        one.take_money()
    assert one.order.payments == {}
    one.key("Idly")
    await one.exchange()
    await two.exchange()
    assert (two.order.till, two.order.total) == (1, 15_000)
    assert given.id in one.kept()

    one.upgrade(NEWER)
    assert (one.order.waits_for_manager, one.order.total) == ((), 15_000)
    await one.exchange()
    assert upgraded.value(TOTAL, one.session) == "150.00"
    assert one.take_money().status is Status.COMPLETED
    await one.exchange()
    await two.exchange()
    assert (upgraded.rows(SOLD), upgraded.rows(FOUND), upgraded.rows(ASIDE)) == ([("150.00",)], [], [])
    assert two.order == one.order


async def test_a_manager_sets_it_aside_at_the_older_till_and_it_is_set_aside_on_both(upgraded: RollingVenue) -> None:
    one, two = await two_tills(upgraded)
    given = two.happens(OFF)
    await two.exchange()
    await one.take_over(one.session)
    async with one.screen() as till:
        await till.type("1{enter}1111{enter}")
        assert till.rows()[2].startswith("   Order  ▲ 1 record cannot be read  take away")
        assert till.lines() == {"Idly": 2}
        await till.type("{f9}")
        assert till.answer() == "Update this till, or Ctrl+U: a manager skips the record."
        await till.type("{ctrl+u}")
        assert "promotion_given" in till.text()
        await till.type("9{enter}9999{enter}")
        assert till.answer() == "Skipped. Now it can be paid; a manager will check it."
        await till.type("{f9}{enter}")
        assert till.answer() == "Paid ₹80.00, exact."
    await one.exchange()
    await two.exchange()
    assert (two.order.total, two.order.status) == (8_000, Status.COMPLETED)
    assert two.order.placed is not None
    assert two.order.placed.data.set_aside == (given.id,)
    one.upgrade(NEWER)
    for each in (one, two):
        await each.exchange()
        assert each.open_orders() == []
    assert (one.order.total, one.order.status, one.order.unread) == (8_000, Status.COMPLETED, two.order.unread)
    assert upgraded.rows(SOLD) == [("80.00",)]
    assert upgraded.rows(FOUND) == [("record_skipped", given.id)]


async def test_a_skipped_record_stays_so_on_the_newer_till_that_goes_on_with_the_order(
    upgraded: RollingVenue,
) -> None:
    one, two = await two_tills(upgraded)
    given = two.happens(OFF)
    await two.exchange()
    await one.take_over(one.session)
    assert one.set_aside(given).waits_for_manager == ()
    await one.exchange()
    await two.take_over(one.session)
    assert (two.order.total, two.order.waits_for_manager) == (8_000, ())
    assert two.take_money().paid == 8_000
    await two.exchange()
    await one.exchange()
    assert upgraded.rows(SOLD) == [("80.00",)]
    assert upgraded.rows(FOUND) == [("record_skipped", given.id)]


async def test_a_type_that_is_harmless_is_passed_over_in_silence_and_kept(upgraded: RollingVenue) -> None:
    one, two = await two_tills(upgraded)
    sung = two.happens(TableSungTo(song="Sa Re Ga"))
    await two.exchange()
    assert two.order.preferences == {"song": "Sa Re Ga"}
    await one.take_over(one.session)
    assert (one.order.unread, one.order.preferences) == ({}, {})
    assert sung.id in one.kept()
    assert one.light.state is LightState.SAVED
    one.upgrade(NEWER)
    assert one.order.preferences == {"song": "Sa Re Ga"}
    assert one.take_money().status is Status.COMPLETED


async def test_a_line_of_a_newer_version_is_reported_and_one_of_an_older_version_is_lifted(
    upgraded: RollingVenue,
) -> None:
    one, two = await two_tills(upgraded)
    with two.program.runs():
        keyed = [event.data for event in two.journal.events_of(two.session) if event.type == "item_added"]
    assert [(type(data), getattr(data, "course", None)) for data in keyed] == [(ItemAdded, 0)]
    added = two.happens(vada_with_course(two))
    await two.exchange()
    assert (two.names(), two.order.total) == (["Idly", "Vada"], 13_000)
    await one.take_over(one.session)
    (record,) = one.order.waits_for_manager
    assert (record.event, record.type, record.why) == (added.id, "item_added", "it was made by a newer till")
    assert (one.names(), one.order.total) == (["Idly"], 8_000)
    one.upgrade(NEWER)
    assert (one.names(), one.order.total, one.order.unread) == (["Idly", "Vada"], 13_000, {})


async def test_a_line_that_was_set_aside_is_nobodys_late_line(upgraded: RollingVenue) -> None:
    one, two = await two_tills(upgraded)
    added = two.happens(vada_with_course(two))
    await two.exchange()
    await one.take_over(one.session)
    one.set_aside(added)
    assert one.take_money().status is Status.COMPLETED
    await one.exchange()
    await two.exchange()
    await one.exchange()
    assert (one.open_orders(), two.open_orders()) == ([], [])
    assert upgraded.rows(FOUND) == [("record_skipped", added.id)]


async def test_an_order_that_the_newer_till_was_paid_for_alarms_nobody(upgraded: RollingVenue) -> None:
    """The older till follows it still, and cannot know what its end was made of."""
    one, two = await upgraded.till(1, OLDER), await upgraded.till(2, NEWER)
    one.key("Idly", 2)
    dosa = one.key("Masala Dosa")
    await one.exchange()
    await two.take_over(one.session)
    two.happens(OFF)
    two.happens(LineVoided(line_id=dosa, made=True, reason="burnt"))
    assert two.take_money().paid == 6_000
    await two.exchange()
    await one.exchange()
    await one.exchange()
    assert one.order.status is Status.COMPLETED
    assert (upgraded.rows(FOUND), one.open_orders()) == ([], [])
    one.upgrade(NEWER)
    await one.exchange()
    assert (upgraded.rows(FOUND), one.open_orders()) == ([], [])
    assert one.order == two.order


async def test_lines_that_the_older_till_keyed_too_late_live_on_all_the_same(upgraded: RollingVenue) -> None:
    one, two = await two_tills(upgraded)
    two.happens(OFF)
    two.take_money()
    with one.program.runs():
        one.ledger.unlock(one.session)  # as if it had not heard of the takeover
    one.key("Masala Dosa")
    await two.exchange()
    await one.exchange()
    await one.exchange()
    assert upgraded.rows(LATE) == [(1,)]
    assert upgraded.rows(FOUND) == []


# The database is upgraded last


async def test_a_database_that_does_not_know_a_type_puts_it_aside_and_passes_it_on_once_it_does(
    venue: RollingVenue,
) -> None:
    one, two = await two_tills(venue)
    given = two.happens(OFF)
    two.key("Masala Dosa")
    await two.exchange()
    assert two.journal.acked == two.journal.head
    assert venue.rows(ASIDE) == [("promotion_given", "TL011", NEWER_TILL)]
    assert two.light.detail == f"1 record needs attention. {NEWER_TILL}"
    assert (two.order.total, venue.value(TOTAL, two.session)) == (12_000, "120.00")
    await one.exchange()
    assert (one.names(), given.id in one.kept()) == (["Idly", "Masala Dosa"], False)
    venue.maintain()
    assert len(venue.rows(ASIDE)) == 1

    venue.upgrade(NEWER)
    venue.maintain()
    assert venue.rows(ASIDE) == []
    await two.exchange()
    assert two.light.state is LightState.SAVED
    await one.exchange()
    assert given.id in one.kept()
    assert [record.event for record in one.order.waits_for_manager] == [given.id]
    one.upgrade(NEWER)
    await one.exchange()
    assert (one.order.total, venue.value(TOTAL, one.session)) == (12_000, "120.00")
    assert venue.value("SELECT till.audit_verify_v1(%s)->>'sound'", STORE) == "true"


async def test_orders_paid_before_the_database_knew_them_are_paid(venue: RollingVenue) -> None:
    """One of an order that the database knows, and one under a hold of a newer version."""
    one, two = await two_tills(venue)
    two.happens(vada_with_course(two))
    two.happens(OFF)
    assert two.take_money().paid == 9_750
    await two.exchange()
    await one.exchange()
    assert (venue.rows(SOLD), [row[0] for row in venue.rows(ASIDE)]) == (
        [("97.50",)], ["item_added", "promotion_given"],
    )  # fmt: skip
    assert venue.rows(FOUND) == []
    shared, two.session = two.session, two.ledger.new_id()
    opened = OrderOpened(
        user=1, currency="INR", prices_include_tax=True, tax_rounding="line", order_type="take_away", greeted_by="Asha"
    )
    two.happens(opened)
    two.key("Masala Dosa")
    assert two.take_money().paid == 8_000
    await two.exchange()
    assert venue.rows(SOLD) == [("97.50",)]
    assert [row[0] for row in venue.rows(ASIDE)][2:] == [
        "order_opened", "payment_started", "payment_approved", "order_placed",
    ]  # fmt: skip

    venue.upgrade(NEWER)
    venue.maintain()
    assert (venue.rows(SOLD), venue.rows(ASIDE)) == ([("97.50",), ("80.00",)], [])
    for till in (one, two, one):
        await till.exchange()
    assert (venue.rows(SOLD), venue.rows(ASIDE), venue.rows(FOUND)) == ([("97.50",), ("80.00",)], [], [])
    assert (one.open_orders(), two.open_orders()) == ([], [])
    one.upgrade(NEWER)
    await one.exchange()
    assert (venue.rows(FOUND), one.open_orders()) == ([], [])
    two.session = shared
    assert one.order == two.order


async def test_lines_unknown_to_the_older_till_that_was_paid_live_on_for_the_manager(
    venue: RollingVenue,
) -> None:
    one, two = await two_tills(venue)
    given, vada = two.happens(OFF), two.happens(vada_with_course(two))
    await two.exchange()
    await one.take_over(one.session)
    assert one.take_money().paid == 8_000
    await one.exchange()
    venue.upgrade(NEWER)
    venue.maintain()
    for till in (two, one, two, one):
        await till.exchange()
    assert (venue.rows(SOLD), venue.rows(ASIDE)) == ([("80.00",)], [])
    assert venue.rows(FOUND) == []
    assert (venue.rows(LATE), {given.id, vada.id} <= one.kept()) == ([(1,)], True)
    one.upgrade(NEWER)
    await one.exchange()
    assert venue.rows(FOUND) == []
    assert one.open_orders() == []


async def test_a_till_that_is_set_back_to_the_older_program_sends_what_the_newer_one_wrote(
    upgraded: RollingVenue,
) -> None:
    one, two = await two_tills(upgraded)
    given = two.happens(OFF)
    two.upgrade(OLDER)
    assert [record.event for record in two.order.waits_for_manager] == [given.id]
    await two.exchange()
    await one.exchange()
    assert [record.event for record in one.order.waits_for_manager] == [given.id]
    two.upgrade(NEWER)
    assert (two.order.total, two.order.waits_for_manager) == (6_000, ())
