"""Two tills as real processes, with orders keyed on both while the link of each goes up and down."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults.proxies import TILLS, Apart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Database
    from tests.plugins.terminals import Venue

ITEMS: Final = ("Idly", "Masala Dosa", "Filter Coffee", "Tea")
SOLD: Final = """
    SELECT o.till_id, i.item_name, sum(i.quantity)::integer
    FROM cold.orders AS o JOIN cold.order_item AS i USING (order_id) GROUP BY 1, 2
"""
OPEN: Final = """
    SELECT s.till_id, c.item_name, c.quantity
    FROM hot.session_cart AS c JOIN till.order_sessions AS s ON s.id::text = c.session_id
    WHERE c.is_active AND s.status = 'active'
"""


@pytest.fixture
def apart(bare_venue: Venue, database: Database) -> Iterator[Apart]:
    with ExitStack() as stack:
        stack.callback(bare_venue.close)
        yield Apart(bare_venue, database, stack)


def test_orders_keyed_on_both_tills_while_their_links_go_up_and_down_all_arrive_once(apart: Apart) -> None:
    chance = random.Random("links")  # noqa: S311 - weather and trade
    tills = {number: apart.open(number, staff=number) for number in TILLS}
    order: dict[int, Counter[str]] = {number: Counter() for number in TILLS}
    sold: dict[tuple[int, str], int] = {}
    for _turn in range(40):
        number = chance.choice(TILLS)
        till, keyed, proxy = tills[number], order[number], apart.proxies[number]
        act = chance.choice(("key", "key", "key", "key", "pay", "shut", "freeze", "mend", "mend"))
        if act == "key":
            item, quantity = chance.choice(ITEMS), chance.randint(1, 3)
            keyed[item] += quantity
            till.type(f"{quantity} {item.lower()}\r")
            till.wait_for(lambda t: "Receipt" not in t.text and t.quantities() == dict(keyed))  # noqa: B023 - in its turn
        elif act == "pay" and keyed:
            till.press("f9").wait_for("Enter takes").press("enter").wait_for("Paid ₹")
            sold |= {(number, item): sold.get((number, item), 0) + quantity for item, quantity in keyed.items()}
            keyed.clear()
        elif act != "pay":
            {"shut": proxy.shut, "freeze": proxy.freeze, "mend": proxy.mend}[act]()
    for number, till in tills.items():
        apart.proxies[number].mend()
        till.wait_for("● saved")
    assert {(till, item): quantity for till, item, quantity in apart.rows(SOLD)} == sold
    kept = {(number, item): quantity for number in TILLS for item, quantity in order[number].items()}
    assert {(till, item): quantity for till, item, quantity in apart.rows(OPEN)} == kept
    assert apart.rows("SELECT count(*)::integer FROM till.conflicts") == [(0,)]
    assert apart.rows("SELECT count(*)::integer FROM warm.quarantine") == [(0,)]


def test_lines_keyed_while_the_link_was_down_join_the_order_that_was_taken_over(apart: Apart) -> None:
    one = apart.open(1, staff=1).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
    apart.proxies[1].shut()
    one.type("1 masala dosa\r").wait_for("Total ₹160.00").wait_for("▲ offline since ")
    two = apart.open(2, staff=1).wait_for("Your order is open on another till").wait_for("1 line, ₹80.00")
    two.press("t").press("enter").wait_for(lambda t: t.quantities() == {"Idly": 2})
    two.type("1 tea\r").wait_for(lambda t: t.quantities() == {"Idly": 2, "Tea": 1}).wait_for("● saved")
    apart.proxies[1].mend()
    one.wait_for("Asha took this order over on Till 2 at ")
    whole = {"Idly": 2, "Tea": 1, "Masala Dosa": 1}
    two.wait_for(lambda t: t.quantities() == whole).wait_for("came from Till 1")
    two.press("f9").wait_for("Enter takes").press("enter").wait_for("Paid ₹180.00").wait_for("● saved")
    assert {(till, item): quantity for till, item, quantity in apart.rows(SOLD)} == {
        (2, item): quantity for item, quantity in whole.items()
    }
    assert apart.rows("SELECT count(*)::integer FROM cold.orders") == [(1,)]


def test_a_tab_that_another_till_holds_waits_for_the_link_and_ones_own_do_not(apart: Apart) -> None:
    apart.open(1, staff=1).type("2 idly\rtab 5\r").wait_for("Saved to table 5.").wait_for("● saved")
    two = apart.open(2, staff=2).type("1 tea\rtab 7\r").wait_for("Saved to table 7.").wait_for("● saved")
    two.press("f8").wait_for("2 open").press("escape").wait_for("No lines yet")
    apart.proxies[2].shut()
    two.type("1 masala dosa\r").wait_for("▲ offline since ").press("f8").wait_for("2 open").type("5")
    two.wait_for("Adding needs the server. Tab on F8: a separate bill.")
    two.press("escape").wait_for("Type a number or a name").type("Asha\r").wait_for("Saved to Asha, eat in.")
    two.press("f8").wait_for("3 open").type("7\r").wait_for("Table 7 is here: 1 line, ₹20.00.")
    two.press("f9").wait_for("Enter takes ₹20.00").press("enter").wait_for("Paid ₹20.00")
    apart.proxies[2].mend()
    two.wait_for("● saved").press("f8").wait_for("2 open").type("5\r").wait_for("Table 5 is here: 1 line, ₹80.00.")
    two.wait_for("● saved")
    state = "SELECT hold_till, till_id, status FROM till.order_sessions ORDER BY total DESC, hold_till, id"
    assert apart.rows(state) == [(2, 2, "active"), (2, None, "assigned_to_tab"), (2, None, "completed")]
