"""Unread news, kept for its reader for a limited time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.register.exchange import by_server, give, resume
from till.domain.errors import JournalError
from till.domain.order.events import ConflictFound, ConflictResolved, LinesWithdrawn
from till.register.other_tills.news import OrderNews

if TYPE_CHECKING:
    from tests.register.conftest import Till


def test_news_is_kept_until_read_and_over_a_restart(till: Till) -> None:
    till.register.unread.keep("one", "It was paid.", 1)
    till.register.unread.keep("two", "It was cleared.", 1)
    till.start()
    assert till.register.unread.text(1) == "It was paid. It was cleared."
    till.register.unread.read(1, "It was paid. Your order is here.")
    till.start()
    assert (till.register.unread.text(1), till.register.unread.text(2)) == ("It was cleared.", "")


def test_news_that_nobody_reads_for_a_week_goes_with_the_next_that_is_kept(till: Till) -> None:
    till.register.unread.keep("one", "It was paid.", 2)
    till.clock.move(days=6)
    till.register.unread.keep("two", "It was cleared.", 1)
    assert till.register.unread.text(2) == "It was paid."
    till.clock.move(days=1, seconds=1)
    till.register.unread.keep("three", "It was put aside.", 1)
    till.start()
    assert (till.register.unread.text(2), till.register.unread.text(1)) == ("", "It was cleared. It was put aside.")


def test_newest_news_of_a_person_is_kept(till: Till) -> None:
    for number in range(30):
        till.register.unread.keep(str(number), f"Order {number} was paid.", 1)
    till.start()
    assert till.register.unread.text(1).split(". ")[::19] == ["Order 10 was paid", "Order 29 was paid."]


def test_news_survives_a_disk_that_refuses_for_a_while(till: Till) -> None:
    till.journal.full = True
    till.register.unread.keep("one", "It was paid.", 1)
    assert till.register.unread.text(1) == "It was paid."
    with pytest.raises(JournalError):
        till.register.unread.save()
    till.journal.full = False
    till.register.unread.save()
    till.start()
    assert till.register.unread.text(1) == "It was paid."


def test_news_on_a_till_without_a_screen_waits_for_the_user_of_the_order(till: Till, other: Till) -> None:
    session = till.order(1).id
    give(till, other, session)
    resume(other, session)
    line = till.add(session, 2).last_line
    assert line is not None
    other.register.checkout.pay_exact(session)
    till.start(watched=False)  # as `till recover` does
    give(other, till, session)
    by_server(till.register, session, LinesWithdrawn(to_session=other.order(1).id, line_ids=(line.id,)))
    till.start()
    notice = "That order was paid on Till 2. 1 line came too late: F5."
    assert (till.register.unread.text(1), till.register.unread.text(2)) == (notice, "")


def test_news_of_money_that_a_manager_settled_is_told_to_nobody(till: Till) -> None:
    """Somebody who asks for that money again pays it back twice."""
    order, conflict = till.order(1), till.register.ledger.new_id()
    found = ConflictFound(
        conflict_id=conflict, kind="money_without_order", subject=order.id, amount="30.00", currency="INR"
    )
    by_server(till.register, order.id, found)
    till.register.unread.keep(order.id, "₹30.00 is on no sale.", 1)
    assert till.register.unread.text(1) == "₹30.00 is on no sale."
    by_server(till.register, order.id, ConflictResolved(conflict_id=conflict))
    assert till.register.unread.text(1) == ""
    assert till.register.unread.is_all_in(1, "")


def test_a_till_without_a_screen_says_that_its_disk_refuses_what_is_to_be_kept(till: Till) -> None:
    order = till.order(1)
    till.start(watched=False)
    till.journal.full = True
    with pytest.raises(JournalError):
        till.register.watcher.on_news(OrderNews(order, "₹30.00 is on no sale."))
