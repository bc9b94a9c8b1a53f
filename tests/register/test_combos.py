"""Combos at the register: pieces keyed in any way, more of them, prices by hand, moves, and the words of a shell."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.register.printing.test_jobs import begun, laid_out
from till.domain.errors import AskedBackError
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.order import by_items, discounting
from till.domain.order.discounting import Given
from till.domain.order.events import ItemAdded, LineRated, LineVoided
from till.domain.order.paying import CASH
from till.domain.order.selling import NotForSaleError
from till.domain.order.state import Payment
from till.domain.payment.movement import PaymentState
from till.domain.structs import replace
from till.register.conversation import Conversation

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.order.state import Order

#: A dosa or an idly with a coffee or a 7 Up, which costs 5.00 more.
LUNCH: Final[dict[str, Any]] = {
    "name": "Lunch",
    "price": "90.00",
    "number": 77,
    "slots": [
        {"name": "Main", "of": [{"item": "item-1"}, {"item": "item-2"}, {"item": "item-3"}]},
        {"name": "Drink", "of": [{"item": "item-8"}, {"item": "item-9", "extra": "5.00"}]},
    ],
}
IDLY, MASALA, COFFEE, SEVEN_UP = 1, 2, 8, 9


def offer(till: Till, *combos: dict[str, Any]) -> None:
    version, before = till.journal.cached("settings")
    till.journal.cache("settings", version + 1, before | {"combos": list(combos)})
    till.register.reference_changed(["settings"])


@pytest.fixture
def till(till: Till) -> Till:
    offer(till, LUNCH)
    return till


@pytest.fixture
def talk(till: Till) -> Conversation:
    return Conversation(till.register, 1)


def of(order: Order) -> list[tuple[str, int, int]]:
    """Return name, quantity and amount of each row."""
    return [(row.first.name, row.quantity, row.amount) for row in order.priced.rows]


def test_pieces_keyed_one_by_one_make_a_combo_on_the_next_start_too(till: Till) -> None:
    order = till.order(MASALA, COFFEE)
    assert of(order) == [("Masala Dosa", 1, 6545), ("Filter Coffee", 1, 2455)]
    assert [one.saved[0].name for one in order.priced.rows] == ["Lunch", "Lunch"]
    assert all(not one.offers for one in till.wrote(ItemAdded)), "an older till keeps the line"
    assert [one.combos[0].name for one in till.wrote(LineRated)] == ["Lunch", "Lunch"]
    offer(till)
    till.start()
    assert till.register.ledger.order(order.id).total == 9000


def test_surcharge_comes_on_top_and_more_pieces_make_more_combos(till: Till) -> None:
    order = till.order(MASALA, SEVEN_UP)
    assert order.total == 9500
    line = next(one.id for one in order.lines.values() if one.name == "Masala Dosa")
    order = till.register.sales.change_quantity(order.id, line, 2)
    assert order.total == 9500 + 8000
    order = till.register.sales.undo(order.id)
    assert order.total == 9500


@pytest.mark.parametrize(("choice", "total"), [("20.00", 9000 + 2000), ("-10.00", 9000 - 1000)])
def test_choice_of_a_dish_comes_on_top_of_the_combo(till: Till, choice: str, total: int) -> None:
    version, menu = till.journal.cached("menu")
    option = {"name": "large", "price": choice, "default": True}
    group = {"id": "size", "name": "Size", "least": 1, "most": 1, "options": [option]}
    items = [one | ({"modifiers": ["size"]} if one["plu"] == MASALA else {}) for one in menu["items"]]
    till.journal.cache("menu", version + 1, menu | {"modifiers": [group], "items": items})
    till.register.reference_changed(["menu"])
    order = till.order(MASALA, COFFEE)
    assert order.total == total
    assert {one.name for row in order.priced.rows for one in row.saved} == {"Lunch"}


def test_line_with_its_own_price_or_discount_is_in_no_combo(till: Till) -> None:
    order = till.order(MASALA, COFFEE)
    line = next(one.id for one in order.lines.values() if one.name == "Masala Dosa")
    till.register.ledger.user = 9
    order = till.register.sales.override_price(order.id, line, Price4(700_000), "regular")
    assert order.total == 10000
    order = till.register.sales.undo(order.id)
    assert order.total == 9000


def test_a_combo_goes_with_its_pieces_to_another_order_and_a_torn_one_keeps_its_cost(till: Till) -> None:
    order = till.order(MASALA, COFFEE, IDLY)
    till.register.tabs.save(order.id, "4")
    coffee = next(line.id for line in order.lines.values() if line.name == "Filter Coffee")
    moved = till.acts.part(order.id, {coffee: 1})
    assert (moved.total, till.register.ledger.order(order.id).total) == (2455, order.total - 2455)


def test_sentence_names_what_fits_and_hours_are_kept(till: Till, talk: Conversation) -> None:
    with pytest.raises(AskedBackError, match="Main: Idly, Masala Dosa, Plain Dosa; Drink: Filter Coffee, 7 Up"):
        talk.say("lunch")
    with pytest.raises(AskedBackError, match="Main"):
        talk.say("77")
    offer(till, LUNCH | {"hours": [{"from": "03:00", "to": "03:01"}]})
    with pytest.raises(NotForSaleError, match="Lunch is"):
        talk.say("lunch")
    assert till.order(MASALA, COFFEE).total == 11000


def line_of(order: Order, name: str) -> str:
    return next(line.id for line in order.lines.values() if line.name == name and line.quantity)


def test_payment_by_items_follows_prices_after_combos_and_a_mark_marks_the_combo(till: Till) -> None:
    order = till.order(MASALA, COFFEE)
    order = till.register.sales.change_quantity(order.id, line_of(order, "Filter Coffee"), 3)
    masala, coffee = line_of(order, "Masala Dosa"), line_of(order, "Filter Coffee")
    assert order.total == 9000 + 2 * 3000
    assert by_items.share_of(order, {masala: 1, coffee: 1}) == 9000
    assert by_items.share_of(order, {coffee: 1}) == 3000, "a coffee that is in no lunch"
    assert by_items.with_combos(order, {coffee: 1}, {}) == {coffee: 1}
    marked = by_items.with_combos(order, {masala: 1}, {})
    assert sorted(marked.values()) == [1, 1]
    assert by_items.with_combos(order, {one: n for one, n in marked.items() if one != masala}, marked) == {}
    order = till.register.checkout.pay(order.id, CASH, Minor(3000), pieces={coffee: 1})
    assert by_items.share_of(order, {masala: 1}) == 6545, "the guest who pays for a lunch alone pays its share"
    assert by_items.share_of(order, marked | {coffee: 1}) == 9000
    assert sorted(by_items.with_combos(order, {masala: 1}, {}).values()) == [1, 1]


def test_payments_by_items_in_any_sequence_come_to_the_total(till: Till) -> None:
    order = till.order(MASALA, IDLY, COFFEE, SEVEN_UP, COFFEE)
    lines = [line.id for line in order.lines.values()]
    for sequence in permutations(lines):
        paid, shares = order, list[int]()
        for at, line in enumerate(sequence):
            share = by_items.share_of(paid, {line: 1})
            shares.append(share)
            payment = Payment(str(at), CASH, share, PaymentState.APPROVED, till.clock.now(), 1, pieces={line: 1})
            paid = replace(paid, payments={**paid.payments, payment.id: payment})
        assert sum(shares) == order.total
        assert min(shares) > 0


def test_tearing_a_combo_says_what_the_others_cost_before(till: Till, talk: Conversation) -> None:
    talk.say("masala dosa")
    talk.say("2 coffee")
    with pytest.raises(AskedBackError, match=r"^Lunch is torn: the others cost 14\.55 more\. Enter again does it\.$"):
        talk.say("remove 2 coffee")
    assert till.wrote(LineVoided) == []
    talk.say("remove 2 coffee")
    assert of(order_of(till, talk)) == [("Masala Dosa", 1, 8000)]


def order_of(till: Till, talk: Conversation) -> Order:
    return till.register.ledger.order(talk.session_id or "")


def test_a_piece_that_another_one_replaces_tears_nothing(talk: Conversation) -> None:
    talk.say("masala dosa")
    talk.say("2 coffee")
    talk.say("remove 1 coffee")
    with pytest.raises(AskedBackError, match="Lunch is torn"):
        talk.say("10% off")
    talk.say("idly")
    assert "Discount given" in talk.say("10% off")


def test_discount_on_a_line_of_a_combo_is_of_its_own_price(till: Till) -> None:
    order = till.order(MASALA, COFFEE)
    masala = line_of(order, "Masala Dosa")
    given = Given(rate=Millionths(100_000), reason="cold")
    assert discounting.taken_off(order, masala, given) == 800
    asked = discounting.asked_for(order, masala, given)
    assert asked is not None
    assert (asked.amount, asked.of) == (800, 8000)
    assert discounting.with_discount(order, masala, given).total == 7200 + 3000


def test_a_bill_and_a_receipt_name_the_extra_with_the_combo(till: Till) -> None:
    printing, order = begun(till), till.order(MASALA, SEVEN_UP)
    bill = printing.bill(order.id)
    till.register.checkout.pay_exact(order.id, CASH)
    for job in (bill, printing.receipt(order.id)):
        rows = [line.text.split() for line in laid_out(till.register, job)]
        assert [row[0] for row in rows if "Lunch" in row or "Lunch," in row] == ["Lunch", "Lunch,"]
        assert any(row[:2] == ["Lunch,", "+5.00"] for row in rows)
