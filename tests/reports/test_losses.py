"""Losses of a day: each act in its list once, with its minute; and nothing that was not done."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.database import unwatched
from tests.plugins.front_ends import front_end
from tests.reports.test_kitchen import send
from tests.reports.test_table import EVENING, SAVED, Night
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, MENU, TAXES, Cart, ask, make_venue, new_id, off
from tests.sql.test_archive import archive
from till.cli.report_output import to_json, write_report
from till.domain.venue import read_venue
from till.reports import losses as losses_report
from till.reports.losses import read_losses
from till.reports.page import page
from till.reports.table import end_of_minute

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Sealed, Till, Venue
    from till.domain.events.envelope import Event
    from till.reports.losses import Losses

__all__ = ["template", "venue"]


def losses(night: Night, day: date | None = None) -> Losses:
    known = read_venue(ask(night.venue.owner, night.venue.store, "venue"))
    return read_losses(partial(ask, night.venue.owner, night.venue.store), known, day or known.business_date(night.now))


@pytest.fixture
def night(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> Night:
    return Night(venue, monkeypatch)


def bill(till: Till, session: str, amount: str) -> Event:
    data = {"session_id": session, "amount": amount, "currency": "INR", "is_bill": True}
    return till.make("receipt_issued", None, data)


def explain(till: Till, session: str, event: Event | Sealed, reason: str) -> None:
    """Write why pieces were taken off."""
    till.make("removal_explained", session, {"events": [event.id]}, texts={"reason": reason})


def less(till: Till) -> None:
    """Void what an order was billed for."""
    cart = till.keyed()
    idly = till.add(cart, IDLY, 2)
    bill(till, cart.session, "80.00")
    till.make("line_voided", cart.session, {"line_id": idly, "removed": off(IDLY, 2)})


@pytest.mark.parametrize("is_old", [False, True])
def test_a_dish_taken_off_after_the_bill_is_told_with_its_minute(night: Night, is_old: bool) -> None:
    till = night.tills[0]
    cart = till.keyed()
    idly = till.add(cart, IDLY, 2)
    till.add(cart, DOSA)
    till.save(cart, SAVED + "1", "table 7", table_number=7)
    night.at(10)
    bill(till, cart.session, "160.00")
    dosa = {"item_id": DOSA, "item_name": "Masala Dosa", "quantity": 1, "price": "80.00", "taxes": TAXES}
    till.make("item_added", cart.session, {"line_id": SAVED + "9", **dosa})
    night.at(12)
    fewer = {"line_id": idly, "taken_off": 1, "removed": off(IDLY, 1, sent=True)}
    explain(till, cart.session, till.make("quantity_changed", cart.session, fewer), "too many")
    # keyed after the bill
    till.make("line_voided", cart.session, {"line_id": SAVED + "9", "removed": off(DOSA, 1)})
    cart.lines[idly] = (IDLY, 1)
    night.at(14)
    till.place(cart)
    till.make("drawer_opened", None, {"why": "no_sale"}, texts={"reason": "change for a note"})
    night.push()
    if is_old:
        assert archive(night.venue) == 1
    found = losses(night)
    (less,) = found.found.rows("less")
    assert less[1:7] == (
        *(1, "table 7", "1 × Idly taken off, after it was sent: too many; billed 160.00 at 20:10"),
        *(40_00, "Asha", ""),
    )
    assert less[0] == EVENING + timedelta(minutes=12, seconds=1)
    (opened,) = found.found.rows("opened")
    assert opened[3:6] == ("Drawer opened: change for a note", 0, "Asha")
    empty = [table.section.name for table in found.found.tables if not table.rows]
    assert empty == [
        *("cooked", "voided", "discarded", "returned", "given", "cheap", "refunded", "printed", "corrected", "settled"),
        *("short", "shelf", "zs", "givers", "approvals"),
    ]
    ((ask_about, amount, person, look),) = found.found.rows("ask")
    assert (amount, person) == (40_00, "Asha")
    assert ask_about.startswith("Billed and less paid: 1 × Idly taken off")
    assert look == f"till report table 7 --at 20:11 --day {night.now:%Y-%m-%d}"
    assert [row[2] for row in found.found.rows("heads")] == [night.venue.value(
        "SELECT seq FROM warm.journal_head WHERE till_id = %s", till) for till in (0, 1, 2)]  # fmt: skip
    assert losses(night) == found


def test_a_record_that_does_not_fit_its_seal_is_named_and_the_others_are_listed(night: Night) -> None:
    till = night.tills[0]
    opened = [till.make("drawer_opened", None, {"why": "no_sale"}) for _time in range(3)]
    altered = [opened[1]]
    carts = [Cart(), Cart()]
    for number, cart in enumerate(carts):
        till.open(cart)
        idly = till.add(cart, IDLY, 2)
        till.save(cart, f"{SAVED}{number}", f"table {number}", table_number=number)
        bill(till, cart.session, "80.00")
        night.at(number + 1)
        off_it = {"line_id": idly, "taken_off": 1, "removed": off(IDLY, 1, sent=True)}
        altered[1:] = [till.make("quantity_changed", cart.session, off_it)]
        cart.lines[idly] = (IDLY, 1)
        till.place(cart)
    night.push()
    with unwatched(night.venue.owner):
        for event in altered:
            query = (
                "UPDATE warm.session_events SET body = replace(body, '\"user\":1', '\"user\":2') WHERE event_id = %s"
            )
            night.venue.owner.execute(query, [event.id])
    found = losses(night)
    assert [row[8] for row in found.found.rows("opened")] == [opened[0].id, opened[2].id]
    assert [row[2] for row in found.found.rows("less")] == ["table 0"]
    assert [fault.partition(":")[0] for fault in found.faults] == ["Not in this report"] * len(found.faults)
    assert len(found.faults) == 3  # also as a void of a sent dish


@pytest.mark.parametrize("seals", [False, True])
def test_a_bill_that_cannot_be_read_is_named_and_the_others_are_compared(night: Night, seals: bool) -> None:
    """Somebody altered the second bill of a table, perhaps with its seal: the first one still counts."""
    till, carts, bills = night.tills[0], [Cart(), Cart()], []
    for number, cart in enumerate(carts):
        till.open(cart)
        idly = till.add(cart, IDLY, 2)
        till.save(cart, f"{SAVED}{number}", f"table {number}", table_number=number)
        bills += [bill(till, cart.session, "80.00").id for _bill in range(2 - number)]
        night.at(number + 1)
        till.make("quantity_changed", cart.session, {"line_id": idly, "taken_off": 1, "removed": off(IDLY, 1)})
        cart.lines[idly] = (IDLY, 1)
        till.place(cart)
    night.push()
    with unwatched(night.venue.owner):
        query = "UPDATE warm.session_events SET body = replace(body, '80.00', 'much') WHERE event_id = %s"
        night.venue.owner.execute(query, [bills[1]])
        if seals:
            query = "UPDATE warm.session_events SET hash = encode(sha256(body::bytea), 'hex') WHERE event_id = %s"
            night.venue.owner.execute(query, [bills[1]])
    found = losses(night)
    assert [(row[2], row[4]) for row in found.found.rows("less")] == [("table 0", 40_00), ("table 1", 40_00)]
    why = "a record of the type receipt_issued cannot be read here" if seals else "A record does not match its seal."
    assert {*found.faults} == {f"Not in this report: {why}"}


def test_a_void_that_no_ticket_told_of_stands_once_by_the_piece(night: Night) -> None:
    """Three are cooked and one is paid: one was taken off, for nothing as its till says, and one is just not there."""
    till, cart = night.tills[0], Cart()
    till.open(cart)
    idly = till.add(cart, IDLY, 3)
    till.save(cart, SAVED + "1", "table 7", table_number=7)
    send(till, cart, SAVED + "1", (idly, IDLY, 3))
    night.at(5)
    removed = off(IDLY, 1, sent=True) | {"amount": "0.00"}
    void = till.make("quantity_changed", cart.session, {"line_id": idly, "taken_off": 1, "removed": removed}, user=2)
    cart.lines[idly] = (IDLY, 1)
    till.place(cart)
    night.push()
    found = losses(night).found
    assert [row[3:6] for row in found.rows("cooked")] == [
        ("1 × Idly", 40_00, "Asha"),
        ("1 × Idly (its till wrote: 1 × Idly, 0.00): no reason", 40_00, "Ravi"),
    ]
    assert (found.rows("cooked")[1][8], found.rows("voided")) == (void.id, ())


def test_a_billed_order_that_is_still_open_counts_as_it_stands(night: Night) -> None:
    till = night.tills[0]
    for number, left in enumerate((2, 1)):
        cart = till.keyed()
        idly = till.add(cart, IDLY, 2)
        till.save(cart, f"{SAVED}{number}", f"table {number}", table_number=number)
        bill(till, cart.session, "80.00")
        if left < 2:
            till.make("quantity_changed", cart.session, {"line_id": idly, "taken_off": 1, "removed": off(IDLY, 1)})
    night.push()
    found = losses(night).found
    assert [(row[2], row[4]) for row in found.rows("less")] == [("table 1", 40_00)]
    assert "A billed order that is still open counts as it is now: `till admin sessions list`" in page(found)


def test_an_act_dated_back_is_on_that_day_alone_and_late_there(night: Night) -> None:
    till = night.tills[0]
    night.at(-24 * 60)
    till.make("drawer_opened", None, {"why": "no_sale"})
    night.at(0)
    night.push(till)
    lists = ("opened", "late")
    now, then = losses(night).found, losses(night, EVENING.date() - timedelta(days=1)).found
    assert ([len(now.rows(name)) for name in lists], [len(then.rows(name)) for name in lists]) == ([0, 0], [1, 1])
    assert "One that was dated to another day is on that day alone: dated back, it is late there." in page(now)


def test_a_list_of_very_many_acts_is_printed_in_part(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    """A till that wrote 50,000 acts made a page that nobody reads."""
    for _act in range(203):
        night.tills[1].make("drawer_opened", None, {"why": "no_sale"})
    night.push()
    found = losses(night).found
    more = "… and 3 more: `--json` has all."
    written = page(found)
    assert (written.count("Drawer opened</td>"), written.count(more)) == (200, 1)
    write_report(found, as_json=False)
    shown = capsys.readouterr().out
    assert (shown.count(" Drawer opened "), shown.count(f"\n{more}\n")) == (200, 1)
    assert len(to_json(found)["opened"]) == 203


def test_a_bill_that_names_an_order_of_another_venue_is_none(night: Night) -> None:
    """A till writes the order of its bill, and may name any."""
    other = make_venue(night.venue.owner, night.venue.app)
    cart, own = Cart(), Cart()
    there = other.till(1)
    there.now = night.now
    there.open(cart)
    idly = there.add(cart, IDLY)
    assert there.push()["ok"]
    till = night.tills[0]
    till.open(own)
    for session in (cart.session, own.session, SAVED + "7"):
        bill(till, session, "9999.00")
    night.push(till)
    there.make("line_voided", cart.session, {"line_id": idly, "removed": off(IDLY, 1)})
    there.make("order_discarded", cart.session, {"line_ids": [idly]})
    assert there.push()["ok"]
    found = losses(night)
    assert (found.found.rows("less"), found.found.rows("printed"), found.faults) == ((), (), ())


def test_discounts_stand_by_person_beside_the_usual_of_four_weeks(night: Night) -> None:
    till = night.tills[0]
    for days, off_it in ((-14, "30.00"), (-7, "35.00"), (-3, "1.00"), (0, "20.00")):
        night.at(days * 24 * 60)
        cart = till.keyed()
        idly = till.add(cart, IDLY, 2)
        till.make("price_overridden", cart.session, {"line_id": idly, "was": "40.00", "price": off_it})
        till.place(cart)
        night.push()
    found = losses(night)
    ((_at, _till, _place, what, amount, person, *_ids),) = found.found.rows("given")
    assert (what, amount, person) == ("Price typed: Idly at 20.00", 40_00, "Asha")
    assert found.found.rows("givers") == (("Asha", 1, 40_00, 7_50),)


def test_orders_that_many_others_have_lines_of_are_told(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """A till may move lines and write bills without an end: the report of 80 orders in a chain took minutes."""
    honest, thief = night.tills
    monkeypatch.setattr(losses_report, "_FAMILY", 3)
    chain = [Cart() for _order in range(8)]
    for cart in chain:
        thief.open(cart)
        thief.add(cart, DOSA)
        bill(thief, cart.session, "80.00")
    for cart, after in pairwise(chain):
        thief.move(cart, after, *cart.lines)
    less(honest)
    night.push()
    found, look = losses(night), f"till admin sessions show {chain[0].session}"
    assert [(row[1], row[4]) for row in found.found.rows("less")] == [(1, 80_00)]
    assert found.faults == (
        f"Not in this report: 5 billed orders whose lines went to more than 2 others. Look at the first with `{look}`.",
    )


def test_no_till_takes_the_room_of_the_others(night: Night) -> None:
    honest, thief = night.tills
    for _order in range(4):
        less(thief)
    less(honest)
    night.push()
    ((made,),) = night.venue.rows("SELECT pg_get_functiondef('till.losses_v1'::regproc)")
    night.venue.owner.execute(made.replace("limit 1000", "limit 2").replace("- 1000", "- 2").encode())
    found = losses(night)
    assert [row[1] for row in found.found.rows("less")] == [2, 1]
    assert found.faults == ("Not in this report: 3 billed orders; it compares no more.",)


def test_the_table_of_an_act_after_the_end_of_the_day_is_looked_at_then(night: Night) -> None:
    """A table is billed at 03:50, and a dish is taken off at 04:10, when the next business day has begun."""
    till, cart = night.tills[0], Cart()
    night.at(7 * 60 + 50)
    till.open(cart)
    idly = till.add(cart, IDLY, 2)
    till.save(cart, SAVED + "1", "table 7", table_number=7)
    bill(till, cart.session, "80.00")
    night.at(8 * 60 + 10)
    till.make("quantity_changed", cart.session, {"line_id": idly, "taken_off": 1, "removed": off(IDLY, 1)})
    cart.lines[idly] = (IDLY, 1)
    till.place(cart)
    night.push()
    known = read_venue(ask(night.venue.owner, night.venue.store, "venue"))
    ((_what, _amount, _person, look),) = losses(night, EVENING.date()).found.rows("ask")
    words = look.split()
    assert words[:4] == ["till", "report", "table", "7"]
    ends = end_of_minute(known, words[5], datetime.now(UTC), date.fromisoformat(words[7]))
    assert ends == EVENING + timedelta(hours=8, minutes=10)


def test_an_approval_is_believed_for_acts_of_its_own_till(night: Night) -> None:
    honest, thief = night.tills
    own, foreign = (till.make("drawer_opened", None, {"why": "no_sale"}) for till in (thief, honest))
    approved = {"act": "no_sale", "stream_kind": "till", "stream_id": json.loads(foreign.body)["stream_id"]}
    thief.make("approval_given", None, {**approved, "events": [own.id, foreign.id], "approved_by": 9})
    night.push()
    assert [(row[1], row[6]) for row in losses(night).found.rows("opened")] == [(2, "Meena"), (1, "")]


def test_a_bill_that_is_printed_again_is_no_question(night: Night) -> None:
    till, cart = night.tills[0], Cart()
    till.open(cart)
    till.add(cart, IDLY, 2)
    _first, again = bill(till, cart.session, "80.00"), bill(till, cart.session, "80.00")
    till.place(cart)
    night.push()
    found = losses(night).found
    assert ([row[8] for row in found.rows("printed")], found.rows("ask")) == ([again.id], ())


def test_a_bill_of_a_till_that_never_had_the_order_accuses_nobody(night: Night) -> None:
    honest, thief = night.tills
    cart = honest.keyed()
    idly = honest.add(cart, IDLY, 2)
    honest.add(cart, DOSA)
    night.at(1)
    bill(thief, cart.session, "160.00")
    night.at(2)
    honest.make("line_voided", cart.session, {"line_id": idly, "removed": off(IDLY, 2)})
    del cart.lines[idly]
    night.at(3)
    bill(honest, cart.session, "80.00")
    honest.place(cart)
    night.push()
    assert losses(night).found.rows("less") == ()


def test_cleared_order_is_listed_by_what_was_keyed_not_by_what_its_till_says(night: Night) -> None:
    """A till may write that a clearing took nothing off, or a lobster that nobody ordered, or that it was undone."""
    honest, thief = night.tills
    lobster = {"item_name": "Lobster", "pieces": 9, "amount": "99999.00", "sent": False}
    for till, removed in ((thief, []), (thief, [lobster]), (honest, None)):
        cart = till.keyed((DOSA, 5))
        data = {"line_ids": [*cart.lines], "removed": [off(DOSA, 5)] if removed is None else removed}
        till.make("order_discarded", cart.session, data)
    undone = thief.keyed((DOSA, 5))
    cleared = thief.make("order_discarded", undone.session, {"line_ids": [*undone.lines], "removed": []})
    thief.make("change_undone", undone.session, {"event": cleared.id})
    empty = thief.keyed()
    thief.make("order_discarded", empty.session, {"line_ids": [new_id()], "removed": [lobster]})
    night.push()
    found = losses(night).found
    assert sorted(row[3:5] for row in found.rows("discarded")) == [
        ("5 × Masala Dosa", 400_00),
        ("5 × Masala Dosa (its till wrote: 9 × Lobster, 99,999.00)", 400_00),
        *[("5 × Masala Dosa (its till wrote: nothing, 0.00)", 400_00)] * 2,
        ("nothing that was keyed (its till wrote: 9 × Lobster, 99,999.00)", 0),
    ]
    assert [row[1] for row in found.rows("ask")] == [400_00] * 4


def test_amount_taken_off_follows_what_changed_the_line(night: Night) -> None:
    """A new price, choices, pieces taken off before, and an undo of those."""
    till, cart = night.tills[0], Cart()
    till.open(cart)
    idly = till.add(cart, IDLY, 5)
    less = till.make("quantity_changed", cart.session, {"line_id": idly, "taken_off": 1, "removed": off(IDLY, 1)})
    till.make("quantity_changed", cart.session, {"line_id": idly, "taken_off": 2, "removed": off(IDLY, 2)})
    till.make("change_undone", cart.session, {"event": less.id})
    till.make("price_overridden", cart.session, {"line_id": idly, "was": "40.00", "price": "30.00"})
    choice = {"group": "g", "name": "Ghee", "price": "1.50"}
    till.make("modifiers_set", cart.session, {"line_id": idly, "modifiers": [choice]})
    till.make("price_overridden", cart.session, {"line_id": idly, "was": "30.00", "price": "20.00"})
    removed = {"item_name": "Idly", "pieces": 3, "amount": "64.50"}
    till.make("line_voided", cart.session, {"line_id": idly, "removed": {**removed, "sent": True}})
    night.push()
    assert [row[3:5] for row in losses(night).found.rows("voided")] == [("3 × Idly", 64_50)]


@pytest.mark.parametrize("is_late", [False, True])
def test_z_whose_voids_are_not_those_of_its_orders_is_named(night: Night, is_late: bool) -> None:
    """Name none for a record of another till that arrived after the Z was written: nobody could know of it."""
    till, cart = night.tills[0], Cart()
    till.shift = new_id()
    data = {"business_date": f"{EVENING:%Y-%m-%d}", "currency": "INR", "kept": ["CASH"]}
    till.make("shift_opened", till.shift, data)
    till.open(cart)
    idly = till.add(cart, IDLY, 5)
    removed = off(IDLY, 5) | {"amount": "2.00"}
    till.make("line_voided", cart.session, {"line_id": idly, "removed": removed})
    till.make("shift_closed", till.shift, {"number": "1-Z000001", "currency": "INR", "sums": {}})
    night.push(till)
    if is_late:
        with unwatched(night.venue.owner):
            query = "UPDATE warm.session_events SET till_id = 2, received_at = %s WHERE event_type = 'item_added'"
            night.venue.owner.execute(query, [night.now + timedelta(minutes=5)])
    rows = losses(night).found.rows("zs")
    words = "Z 1-Z000001: voids of 2.00, where 200.00 was keyed"
    assert [row[3:5] for row in rows] == ([] if is_late else [(words, 198_00)])


def test_item_keyed_below_the_menu_or_without_its_taxes_is_listed(night: Night) -> None:
    night.venue.owner.execute("UPDATE till.menus SET made_at = made_at - interval '61 days'")
    till, cart = night.tills[0], Cart()
    till.open(cart)
    idly = {"item_id": IDLY, "item_name": "Idly", "quantity": 2}
    for price, taxes in (
        *(("40.00", TAXES), ("1.00", TAXES), ("40.00", [])),
        *(("45.00", TAXES), ("39.99", TAXES)),
    ):
        line = {**idly, "line_id": new_id(), "price": price, "taxes": taxes}
        till.make("item_added", cart.session, line)
    night.push()
    assert [row[3:5] for row in losses(night).found.rows("cheap")] == [
        ("2 × Idly", 78_00),
        ("2 × Idly", 0),
        ("2 × Idly", 2),
    ]
    night.venue.owner.execute("UPDATE till.menus SET made_at = made_at - interval '1 day'")
    body = json.dumps({**MENU, "items": [{**item, "price": "50.00"} for item in MENU["items"]]})
    query = "INSERT INTO till.menus (store_id, version, act, made_at, body) VALUES (%s, 900, 'imported', %s, %s)"
    for days, listed in ((1, [78_00, 0, 2]), (3, [20_00, 98_00, 20_00, 10_00, 20_02])):
        made = EVENING - timedelta(days=days)
        night.venue.owner.execute(query, [night.venue.store, made, body])
        assert [row[4] for row in losses(night).found.rows("cheap")] == listed
        night.venue.owner.execute("DELETE FROM till.menus WHERE version = 900")


@pytest.mark.parametrize("of_menu", [{}, {"returnable": True}, {"unit": "kg"}])
@pytest.mark.parametrize(
    "written",
    [{"deposit": True, "price": "1.00"}, {"measure": 10, "unit": "kg", "unit_price": "40.00", "price": "0.40"}],
)
def test_menu_says_which_items_are_weighed_and_which_are_deposits(
    night: Night, of_menu: dict[str, Any], written: dict[str, Any]
) -> None:
    """A till may write of any line that it is a deposit, or that a piece weighs ten grams."""
    night.venue.owner.execute(
        "UPDATE till.menus SET made_at = made_at - interval '61 days', body = %s",
        [json.dumps({**MENU, "items": [{**item, **of_menu} for item in MENU["items"]]})],
    )
    till, cart = night.tills[0], Cart()
    till.open(cart)
    line = {"line_id": new_id(), "item_id": IDLY, "item_name": "Idly", "quantity": 2, "taxes": TAXES}
    till.make("item_added", cart.session, {**line, **written})
    night.push()
    is_so = ("returnable" in of_menu and "deposit" in written) or "unit" in of_menu
    off_it = (4000 - (100 if "deposit" in written else 40)) * 2
    assert [row[4] for row in losses(night).found.rows("cheap")] == ([] if is_so else [off_it])


@pytest.mark.parametrize(
    ("reason", "by", "words"),
    [("too many", 0, "too many"), ("", 0, "no reason"), ("I was told to", 1, "no reason")],
)
def test_a_sent_piece_taken_off_has_its_reason(night: Night, reason: str, by: int, words: str) -> None:
    till, cart = night.tills[0], Cart()
    till.open(cart)
    idly = till.add(cart, IDLY, 2)
    fewer = till.make(
        "quantity_changed", cart.session, {"line_id": idly, "taken_off": 1, "removed": off(IDLY, 1, sent=True)}
    )
    if reason:
        explain(night.tills[by], cart.session, fewer, reason)
    night.push()
    assert [row[3] for row in losses(night).found.rows("voided")] == [f"1 × Idly: {words}"]


def test_a_piece_taken_off_a_bill_before_it_was_sent_says_that_nobody_asked(night: Night) -> None:
    till, cart = night.tills[0], Cart()
    till.open(cart)
    idly = till.add(cart, IDLY, 2)
    bill(till, cart.session, "80.00")
    till.make("quantity_changed", cart.session, {"line_id": idly, "taken_off": 1, "removed": off(IDLY, 1)})
    night.push()
    ((_at, _till, _place, what, *_more),) = losses(night).found.rows("less")
    assert what.startswith("1 × Idly taken off: no reason is asked before it is sent; billed")


def test_a_program_stands_where_a_person_would(night: Night, database: Database) -> None:
    venue = night.venue
    with front_end(venue.owner, database.app, venue.store, kept=database.kept) as chat:
        gone = chat.call("save", None, [{"item_id": IDLY, "quantity": 2}])
        chat.call("discard", gone["session"], "changed their mind")
    known = read_venue(ask(venue.owner, venue.store, "venue"))
    at = venue.value("SELECT timestamp FROM session_events WHERE event_type = 'order_discarded'")
    found = losses(night, known.business_date(at)).found
    ((_at, _till, _place, what, amount, person, approver, *_ids),) = found.rows("discarded")
    assert (what, amount, person, approver) == ("2 × Idly: changed their mind", 80_00, chat.name, "")
    assert [row[2] for row in found.rows("ask")] == [chat.name]


def test_no_till_takes_the_rows_of_a_page(night: Night) -> None:
    honest, thief = night.tills
    for _act in range(300):
        thief.make("drawer_opened", None, {"why": "no_sale"})
    night.at(5)
    for _act in range(3):
        honest.make("drawer_opened", None, {"why": "no_sale"})
    night.push()
    found = losses(night).found
    (opened,) = (table for table in found.tables if table.section.name == "opened")
    shown, more = found.printed(opened)
    assert (len(shown.rows), [row[1] for row in shown.rows].count(1), more) == (
        *(200, 3), "… and 103 more: `--json` has all.",
    )  # fmt: skip
