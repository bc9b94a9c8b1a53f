"""The rounds of a till and their guests, from what a register writes: tables, changes of mind, and what is left out."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from tests.register.conftest import MENU, Till, item
from tests.register.fakes import MemoryJournal
from till.domain.money.measures import Minor, Price4, Thousandths
from till.domain.order.line import Modifier
from till.domain.order.paying import CASH
from till.domain.order.selling import ItemEntry
from till.training.drills import Task
from till.training.guests import CARD, Crowd, Guest
from till.training.profile import BUILT_IN
from till.training.recorded import RecordedDrill, RecordedHour, make_recorded_drill, rounds_of

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.order.state import Order
    from till.training.recorded import Round

MILK: dict[str, Any] = {
    "id": "milk",
    "name": "Milk",
    "least": 1,
    "most": 1,
    "options": [{"name": name, "price": "5.00", "default": False} for name in ("oat", "soy")],
}
WITH_CHOICES: dict[str, Any] = MENU | {
    "modifiers": [MILK],
    "items": [*MENU["items"], item("Latte", 20, modifiers=["milk"]), item("Cheese", 21, unit="kg")],
}


def make_till(menu: dict[str, Any] = WITH_CHOICES, number: int = 1) -> Till:
    journal = MemoryJournal()
    journal.cache("menu", 1, menu)
    return Till(number, journal=journal)


def rounds(till: Till) -> list[Round]:
    """Return the rounds of all orders of a till."""
    found = (rounds_of(till.journal.events_of(one), till.number) for one in till.journal.streams("order"))
    return [one for of in found for one in of]


def drill_of(till: Till, begins: datetime, menu: dict[str, Any] = WITH_CHOICES) -> RecordedDrill:
    here = make_till(menu).register
    crowd = Crowd(here.menu, here.lookup.words, here.formats.currency, BUILT_IN, Random(1))  # noqa: S311 - a test repeats itself
    hour = RecordedHour(key="k", name="n", begins=begins, ends=begins.replace(hour=9), rounds=tuple(rounds(till)))
    return make_recorded_drill(hour, crowd)


def chain(guest: Guest | None) -> list[Guest]:
    """Return a guest and those who follow at the table."""
    return [] if guest is None else [guest, *chain(guest.then)]


def latte(till: Till, session: str | None, option: str, pieces: int = 1) -> Order:
    entry = ItemEntry(till.register.menu.by_plu[20], pieces, modifiers=(Modifier(option, Price4(5_0000), "milk"),))
    return till.register.sales.add(session, 1, entry)


def test_a_table_is_a_guest_for_each_round_and_the_bill() -> None:
    till = make_till()
    begins = till.clock.now()
    order = till.add(None, 1, 2)
    till.clock.move(seconds=30)
    till.register.tabs.save(order.id, "7")
    till.clock.move(minutes=10)
    till.register.tabs.recall(order.id, 1)
    till.add(order.id, 2)
    till.register.tabs.save(order.id, "")
    till.clock.move(minutes=10)
    till.register.tabs.recall(order.id, 1)
    till.add(order.id, 8)
    till.clock.move(seconds=60)
    till.register.checkout.pay(order.id, CASH, Minor(500_00))
    assert [(one.table, one.is_paid, one.in_cash) for one in rounds(till)] == [(7, False, True)] * 2 + [(7, True, True)]
    drill = drill_of(till, begins)
    (first,) = drill.guests
    assert [(one.task, one.words) for one in chain(first)] == [
        (Task.TAB, "Two idly. On table 7, please."),
        (Task.TAB, "One masala dosa. On table 7, please."),
        (Task.BILL, "One filter coffee. The bill for table 7, please."),
    ]
    assert [round(one.arrives_s / 60) for one in chain(first)] == [0, 11, 21]
    bill = chain(first)[-1].pays
    assert bill.tender == CASH
    assert bill.note >= 190_00, "the whole table"
    assert (drill.drill.eaten_s, drill.drill.minutes) == (None, 1.25 * 240)
    assert drill.counter_s is not None
    assert round(drill.counter_s) == 30
    assert drill.about[1] == "Half of them took at most 30 s at the counter."


def test_a_void_is_a_change_of_mind_and_one_after_the_save_is_left_out() -> None:
    till = make_till()
    order = till.add(None, 1, 3)
    till.add(order.id, 2)
    kept = latte(till, order.id, "oat")
    line_of = {line.name: line.id for line in kept.lines.values()}
    till.clock.move(seconds=9)
    till.register.sales.void_line(order.id, line_of["Masala Dosa"], "no")
    till.register.sales.change_quantity(order.id, line_of["Idly"], 2)
    latte(till, order.id, "soy", 2)
    till.register.tabs.save(order.id, "Asha")
    till.register.tabs.recall(order.id, 1)
    till.register.ledger.user = 9
    till.register.sales.void_line(order.id, line_of["Latte"], "cold")
    till.register.checkout.pay_exact(order.id, CARD)
    drill = drill_of(till, till.clock.now())
    (guest,) = drill.guests
    assert (guest.task, guest.table, guest.pays.tender) == (Task.SALE, 0, CARD)
    assert guest.words == "Three idly, one masala dosa, and two latte, soy."
    assert guest.change is not None
    assert guest.change.words == "No, make that two idly. No, not the masala dosa."
    assert [(want.name, want.pieces) for want in guest.change.wants] == [("Idly", 2), ("Latte", 2)]
    assert 6 <= guest.change.after_s <= 14
    assert drill.left_out == {"taken off later": {"Latte": 1}, "of other rounds": {"bill": 1}}
    assert "Asha" not in repr(drill)


def test_a_split_moves_no_piece_out_of_its_round() -> None:
    till = make_till()
    order = till.add(None, 1, 4)
    till.register.tabs.save(order.id, "7")
    till.register.tabs.recall(order.id, 1)
    (line,) = order.lines
    part = till.acts.part(order.id, {line: 3})
    till.register.checkout.pay(part.id, CASH, Minor(500_00))
    till.register.checkout.pay(order.id, CASH, Minor(500_00))
    drill = drill_of(till, till.clock.now())
    (guest,) = drill.guests
    assert [(one.task, one.words) for one in chain(guest)] == [
        (Task.TAB, "Four idly. On table 7, please."),
        (Task.BILL, "The bill for table 7, please."),
    ]
    assert drill.left_out == {"of other rounds": {"bill": 1}}, "the part that was paid apart"


def test_a_dish_that_cannot_be_is_left_out() -> None:
    """Weighed, discounted, at a price of its own, given back, off the menu, sold out, or with a choice of then."""
    till = make_till()
    sales = till.register.sales
    order = till.order(1, 2, 3, 9, 10)
    order = latte(till, order.id, "oat")
    order = sales.add(order.id, 1, ItemEntry(till.register.menu.by_plu[21], 1, measure=Thousandths(500)))
    order = till.add(order.id, 6, -1)
    lines = {line.name: line.id for line in order.lines.values()}
    till.register.ledger.user = 9
    sales.discount(order.id, lines["Idly"], amount=Minor(10_00), reason="regular")
    sales.override_price(order.id, lines["Masala Dosa"], Price4(10_0000), "old")
    sales.note_line(order.id, lines["Xacuti"], "nut allergy of Mrs Rao")
    till.register.checkout.pay_exact(order.id, CARD)
    today = WITH_CHOICES | {
        "modifiers": [MILK | {"options": MILK["options"][1:]}],
        "items": [
            one | {"sold_out": one["name"] == "7 Up", "name": "Crab Xacuti" if one["plu"] == 10 else one["name"]}
            for one in WITH_CHOICES["items"]
            if one["name"] != "Plain Dosa"
        ],
    }
    drill = drill_of(till, till.clock.now(), today)
    assert [guest.words for guest in drill.guests] == ["One crab xacuti."]
    assert drill.left_out == {
        "discounted": {"Idly": 1},
        "at a price of its own": {"Masala Dosa": 1},
        "no longer sold": {"Plain Dosa": 1},
        "no longer sold so": {"7 Up": 1, "Latte": 1},
        "weighed": {"Cheese": 1},
        "given back": {"Deposit": 1},
    }
    assert "Left out: notes, names of people, and these:" in drill.about
    assert "allergy" not in repr(drill)


def test_a_round_of_another_till_is_none_of_this_one() -> None:
    till = make_till()
    till.register.checkout.pay(till.order(1).id, CASH, Minor(40_00))
    log = [event for event in till.journal.own if event.stream_id == rounds(till)[0].order]
    assert [*rounds_of(log, 2)] == []
    assert [*rounds_of([], 1)] == []


def test_guests_of_an_hour_with_several_types_say_theirs() -> None:
    till = make_till()
    begins = till.clock.now()
    sales = till.register.sales
    for order_type, entries in (
        ("take_away", [ItemEntry(till.register.menu.by_plu[1], 2)]),
        (
            "dine_in",
            [ItemEntry(till.register.menu.by_plu[2]), ItemEntry(till.register.menu.by_plu[1], own_type="take_away")],
        ),
    ):
        order = sales.add(None, 1, *entries)
        sales.set_order_type(order.id, 1, order_type)
        till.clock.move(minutes=1)
        till.register.checkout.pay(order.id, CASH, Minor(500_00))
    guests = drill_of(till, begins).guests
    assert [(one.words, one.order_type) for one in guests] == [
        ("Two idly. Take away, please.", "take_away"),
        ("One masala dosa, and one idly, take away. Eat in, please.", "dine_in"),
    ]
    till = make_till()
    begins = till.clock.now()
    till.register.checkout.pay(till.add(None, 1).id, CASH, Minor(500_00))
    assert [one.order_type for one in drill_of(till, begins).guests] == [""]
