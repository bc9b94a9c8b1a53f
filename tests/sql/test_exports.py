"""The records of an export, read in pages from the log and the archive, and what makes its days incomplete."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql import test_managing
from tests.sql.ringing import DOSA, IDLY, new_id, sell_lines_of_another
from tests.sql.test_archive import archive, leave
from tests.sql.test_passwords import set_password, token
from tests.sql.test_refunds import Refund, sell
from till.administration import exporting
from till.administration.calls import AtServer
from till.administration.exporting import RecordsAtServer, days_of, read_state
from till.domain import streams
from till.domain.events.envelope import time_text
from till.domain.order.events import OrderOpened, OrderPlaced
from till.domain.order.state import Buyer
from till.domain.venue import read_venue

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue
    from till.administration.exporting import ExportState
    from till.ports.fiscal_export import ExportDays

DAY = date(2026, 3, 3)
manager = test_managing.manager
ask = test_managing.ask
YEAR = (date(2026, 1, 1), date(2026, 3, 31))


def days(venue: Venue, first: date = DAY, last: date = DAY) -> ExportDays:
    return days_of(read_venue(venue.ask("venue")), first, last)


def records(venue: Venue, first: date = DAY, last: date = DAY, *, texts: bool = False) -> RecordsAtServer:
    admin = AtServer(connection=venue.owner, store_id=venue.store)
    return RecordsAtServer(admin, read_venue(venue.ask("venue")), days(venue, first, last), texts=texts)


def state(venue: Venue, first: date = YEAR[0], last: date = YEAR[1]) -> ExportState:
    admin = AtServer(connection=venue.owner, store_id=venue.store)
    now = datetime.fromisoformat("2027-01-01T12:00:00Z")
    return read_state(admin, read_venue(venue.ask("venue")), "xf-daybook", days(venue, first, last), now)


def given(till: Till, *, at: datetime | None = None) -> Refund:
    """Give a dosa of a new sale of two dosas and an idly back."""
    cart, order = sell(till, (DOSA, 2), (IDLY, 1))
    till.now = at or till.now
    refund = Refund(till, cart, order, r1=1).start("cold").answer("approved")
    till.push()
    return refund


@pytest.mark.parametrize("page", [1, 2, 500])
def test_sales_and_refunds_are_read_in_pages_by_the_day_of_the_calendar(
    venue: Venue, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", page)
    one, two = venue.till(), venue.till(2)
    sell(one, (DOSA, 2), (IDLY, 1))
    refund = given(
        two, at=datetime.fromisoformat("2026-03-03T18:29:58Z")
    )  # 23:59:58 in Kolkata; the next second it is given
    sell(one, (IDLY, 3))
    two.now = datetime.fromisoformat("2026-03-03T18:29:59Z")
    sell(two, (DOSA, 1))  # keyed before midnight and sold after it
    both = records(venue)
    assert sorted(one.data.total for one in both.sales()) == ["120.00", "200.00", "200.00"]
    assert [one.data.total for one in records(venue, DAY + timedelta(1), DAY + timedelta(1)).sales()] == ["80.00"]
    assert list(both.refunds()) == []
    (found,) = records(venue, DAY + timedelta(1), DAY + timedelta(1)).refunds()
    assert (found.event.stream_id, found.data.receipt, found.event.till) == (refund.id, "2-R000001", 2)
    row = found.sale.data.lines[found.data.lines[0].row - 1]
    assert (row.item_name, row.taxes[0].rate, Decimal(found.data.lines[0].tax)) == (
        "Masala Dosa",
        "5",
        Decimal("-3.81"),
    )
    assert both.faults == {}


def test_a_year_reads_the_same_from_the_archive(venue: Venue) -> None:
    till = venue.till()
    given(till)
    before = records(venue, *YEAR)
    known: list[list[Any]] = [[*before.sales()], [*before.refunds()], [*before.events(OrderOpened)]]
    leave(venue)
    assert archive(venue) == 1
    assert venue.value("SELECT count(*) FROM warm.session_events WHERE event_type = 'order_placed'") == 0
    after = records(venue, *YEAR)
    assert [[*after.sales()], [*after.refunds()], [*after.events(OrderOpened)]] == known
    assert [len(one) for one in known] == [1, 1, 1]


def test_a_sale_that_does_not_count_is_not_read_and_waits(venue: Venue) -> None:
    till = venue.till()
    sell(till, (IDLY, 1))
    sell_lines_of_another(till)
    assert len([*records(venue, *YEAR).sales()]) == 1
    fault = state(venue, YEAR[0], date(2099, 12, 31)).missing[-1]
    assert fault.subject.startswith("record-")
    assert "`till admin quarantine` settles it" in fault.sentence


def test_texts_and_buyers_are_for_admins(venue: Venue, manager: tuple[Till, str]) -> None:
    till = manager[0]
    cart, order = sell(till, (IDLY, 1))
    refund = Refund(till, cart, order, r1=1).start("cold").answer("approved")
    till.make("buyer_named", cart.session, texts={"name": "Rao & Co", "tax_number": "29ABCDE1234F1Z5"})
    till.push()
    (plain,) = records(venue).refunds()
    (whole,) = records(venue, texts=True).refunds()
    assert (plain.data.reason, whole.data.reason, plain.sale.buyer) == ("", "cold", None)
    assert whole.sale.buyer == Buyer("Rao & Co", "29ABCDE1234F1Z5", "")
    assert whole.event.stream_id == refund.id
    begins, ends = map(time_text, days(venue)[2:])
    asked: dict[str, Any] = {"begins": begins, "ends": ends, "types": ["order_placed"], "limit": 9}
    assert len(ask(manager, "export_records_v1", asked)["value"]) == 1
    assert ask(manager, "export_records_v1", {**asked, "texts": True})["code"] == "needs_admin"
    set_password(venue, 7)
    (row,) = ask((till, token(till, 7)), "export_records_v1", {**asked, "texts": True})["value"]
    assert row["buyer"]["name"] == "Rao & Co"


def test_a_record_that_cannot_be_read_is_a_fault_and_the_others_are_read(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = venue.till()
    sell(till, (IDLY, 1))
    sell(till, (DOSA, 1))

    def unseal(body: str, digest: str, texts: Any) -> Any:
        return streams.unseal(body.replace("40.00", "41.00"), digest, texts)

    monkeypatch.setattr(exporting, "unseal", unseal)
    read = records(venue)
    assert [one.data.total for one in read.sales()] == ["80.00"]
    (fault,) = read.faults.values()
    assert fault.sentence.startswith(f"Record {fault.subject} cannot be read.")


def test_open_shifts_and_tills_that_were_not_heard_are_named(venue: Venue) -> None:
    till = venue.till()
    till.shift = new_id()
    till.make("shift_opened", till.shift, {"business_date": "2026-03-03", "currency": "INR"})
    till.push()
    assert [one.subject for one in state(venue).missing] == ["z-1"]
    assert [one.subject for one in state(venue, DAY - timedelta(9), DAY - timedelta(1)).missing] == []
    venue.owner.execute("UPDATE till.tills SET seen_at = '2026-03-03' WHERE id = 2")
    unheard = state(venue).missing[-1]
    assert unheard.subject == "till-2"
    assert unheard.sentence.startswith("Till 2 was last heard on 2026-03-03 05:30.")
    assert not [one for one in state(venue, YEAR[0], date(2026, 3, 2)).missing if one.subject == "till-2"]


def test_days_that_are_not_over_are_named(venue: Venue) -> None:
    (fault,) = state(venue, DAY, date(2027, 1, 1)).missing
    assert fault.subject == "2027-01-01"
    assert "is not over" in fault.sentence


def made(venue: Venue, first: date = YEAR[0], last: date = YEAR[1]) -> None:
    now, about = state(venue, first, last), days(venue, first, last)
    act = {
        "export": "xf-daybook", "first": str(first), "last": str(last), "begins": time_text(about.begins),
        "ends": time_text(about.ends), "heads": now.heads,
    }  # fmt: skip
    AtServer(connection=venue.owner, store_id=venue.store).act("export_made_v1", act)


def test_the_next_export_of_days_knows_what_arrived_since(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    sell(one, (IDLY, 1))
    assert state(venue).before is None
    made(venue)
    now = state(venue).before
    assert now is not None
    assert now.arrived == 0
    assert now.sentence(read_venue(venue.ask("venue"))).endswith("Nothing of these days arrived since.")
    _cart, late = sell(two, (IDLY, 2))
    refund = given(one)
    for first, last, numbers in (
        (*YEAR, [late["receipt"], refund.facts["receipt"]]),
        (DAY, DAY, [late["receipt"], refund.facts["receipt"]]),
        (YEAR[0], DAY - timedelta(1), []),
    ):
        since = state(venue, first, last).before
        assert since is not None
        assert [number for number in since.numbers if number in numbers] == numbers
        assert since.arrived == (3 if numbers else 0)
    assert state(venue, date(2025, 1, 1), date(2025, 12, 31)).before is None
    made(venue, DAY, DAY)
    again = state(venue).before
    assert again is not None
    assert (again.first, again.arrived) == (str(DAY), 0)
    assert len([*records(venue, *YEAR).events(OrderPlaced)]) == 3
