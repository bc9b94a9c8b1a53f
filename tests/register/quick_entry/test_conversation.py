"""Sentences without a screen: the conversation of docs/adaptations.md, and what people and programs type beside it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.register.conftest import MENU, Till, item
from till.domain.errors import AskedBackError, LineError, NoTabError, NotOnMenuError, RightsError, TillError
from till.domain.order.events import LineVoided, MenuViewed, ShownItem
from till.domain.order.selling import NotForSaleError
from till.domain.order.state import Buyer, Order, Status
from till.register.conversation import Conversation
from till.register.ledger.ledger import OrderLockedError


@pytest.fixture
def talk(till: Till) -> Conversation:
    return Conversation(till.register, 1)


def order_of(talk: Conversation) -> Order:
    assert talk.order is not None
    return talk.order


def lines_of(talk: Conversation) -> list[tuple[int, str]]:
    return [(row.quantity, row.first.name) for row in talk.order.priced.rows] if talk.order is not None else []


def change_menu(till: Till, *items: dict[str, Any]) -> None:
    """Have the database send another menu."""
    version, _body = till.journal.cached("menu")
    till.journal.cache("menu", version + 1, MENU | {"items": list(items)})
    till.register.reference_changed(["menu"])


def test_the_conversation_of_the_documents(till: Till, talk: Conversation) -> None:
    answers = []
    for typed in ("show me the menu", "add 2 idly", "also add 1 masala dosa", "view my cart", "add one more"):
        till.clock.move(seconds=15)
        answers.append(talk.say(typed))
    assert answers[0].splitlines()[:2] == ["1 Idly 40.00", "2 Masala Dosa 80.00"]
    assert answers[1:] == [
        "Added 2 × Idly. Total ₹80.00.",
        "Added 1 × Masala Dosa. Total ₹160.00.",
        "2 × Idly ₹80.00, 1 × Masala Dosa ₹80.00. Total ₹160.00.",
        "Added 1 × Masala Dosa. Total ₹240.00.",
    ]
    assert talk.say("checkout please") == "To pay: ₹240.00. Type “cash”, “cash 500” or “card”."
    assert talk.say("I'll pay cash") == "Paid ₹240.00, exact."

    counted = Counter(till.types())
    assert (counted["menu_viewed"], counted["item_added"], counted["order_placed"]) == (1, 3, 1)
    assert set(counted) - {"menu_viewed", "item_added", "order_placed"} == {
        "order_opened",
        "checkout_started",
        "payment_started",
        "shift_opened",
        "payment_approved",
    }
    (viewed,) = till.wrote(MenuViewed)
    assert (viewed.meal_period, viewed.query) == ("Breakfast", "")
    assert viewed.items[0] == ShownItem(id="item-1", name="Idly", position=1)
    order = order_of(talk)
    assert order.status is Status.COMPLETED
    assert order.placed is not None
    placed = order.placed.data
    assert (placed.total, placed.payment_method, placed.order_type) == ("240.00", "cash", "take_away")
    assert [(row.item_name, row.quantity, row.unit_price, row.subtotal) for row in placed.lines] == [
        ("Idly", 2, "40.00", "80.00"),
        ("Masala Dosa", 2, "80.00", "160.00"),
    ]


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("", "Type an item, its number or a barcode."),
        ("  \t ", "Type an item, its number or a barcode."),
        ("blah blah", "“blah blah” is not on the menu. Type “menu” for the list."),
        ("dos", "Dos: 1 Masala Dosa 80.00, 2 Plain Dosa 60.00"),
        ("🍛", "“🍛” is not on the menu. Type “menu” for the list."),
        ("2 🍛🍛", "“🍛🍛” is not on the menu. Type “menu” for the list."),
        ("99 99", "No item has that number. Type “menu” for the list."),
        ("2 idly, " * 200, "That is too long for one entry. Nothing was keyed."),
        ("2 two idly", "2 or 2 × idly? One number is the quantity."),
        ("two 3 idly", "2 or 3 × idly? One number is the quantity."),
        ("one more", "There are no lines yet. Type an item, then Enter."),
        ("إيدلي", "“إيدلي” is not on the menu. Type “menu” for the list."),
        ("2 إيدلي من فضلك", "“إيدلي من فضلك” is not on the menu. Type “menu” for the list."),
        ("\u202eylsi 2", "“ylsi 2” is not on the menu. Type “menu” for the list."),
        ("medu vada", "Medu Vada is sold out (86). Type “menu” for the list."),
        ("200 medu vada", "Medu Vada is sold out (86). Type “menu” for the list."),
        ("bajji", "Bajji is sold 16:00 to 20:00. “menu” lists the rest."),
        ("catering", "Price of Catering? Type it after the name."),
        ("split 3", "That needs the screen of a till. Nothing was done."),
        ("log out", "That needs the screen of a till. Nothing was done."),
        ("cash", "There are no lines yet. Type an item, then Enter."),
        ("undo", "There is nothing to undo. Type an item, then Enter."),
        ("tab 7", "No table 7 is open."),
    ],
)
def test_an_impossible_act_is_refused_in_a_sentence_and_changes_nothing(
    till: Till, talk: Conversation, typed: str, refusal: str
) -> None:
    before = till.journal.head
    with pytest.raises(TillError) as refused:
        talk.say(typed)
    assert (refused.value.sentence, till.journal.head, talk.order) == (refusal, before, None)


def test_the_answer_to_which_is_a_digit(till: Till, talk: Conversation) -> None:
    with pytest.raises(AskedBackError, match=r"Dosa: 1 Masala Dosa 80\.00, 2 Plain Dosa 60\.00"):
        talk.say("2 dosa")
    assert Conversation(till.register, 1).say("2") == "Added 2 × Plain Dosa. Total ₹120.00."


def test_a_digit_is_a_number_of_the_menu_where_nothing_was_asked(talk: Conversation) -> None:
    with pytest.raises(NotOnMenuError):
        talk.say("blah")
    assert talk.say("2") == "Added 1 × Masala Dosa. Total ₹80.00."
    with pytest.raises(AskedBackError):
        talk.say("dosa")
    assert talk.say("idly") == "Added 1 × Idly. Total ₹120.00."
    assert talk.say("1") == "Added 1 × Idly. Total ₹160.00."


def test_a_menu_that_changed_since_it_was_asked_is_asked_about_anew(till: Till, talk: Conversation) -> None:
    with pytest.raises(AskedBackError):
        talk.say("dosa")
    change_menu(till, item("Onion Dosa", 1), item("Masala Dosa", 2, "80.00"), item("Plain Dosa", 3, "60.00"))
    with pytest.raises(AskedBackError, match="Dosa: 1 Onion Dosa"):
        talk.say("1")
    assert talk.say("1") == "Added 1 × Onion Dosa. Total ₹40.00."


def test_an_item_that_was_renamed_is_still_the_one_that_was_mentioned(till: Till, talk: Conversation) -> None:
    talk.say("2 idly")
    change_menu(till, item("Steamed Rice Cake", 1, "45.00"))
    assert talk.say("one more") == "Added 1 × Steamed Rice Cake. Total ₹125.00."
    with pytest.raises(NotOnMenuError):
        talk.say("idly")
    change_menu(till, item("Tea", 2))
    with pytest.raises(LineError, match="One more of what"):
        talk.say("one more")


def test_a_probable_mistake_is_done_when_it_is_typed_again(talk: Conversation) -> None:
    for typed, done in (
        ("100 idly", "Added 100 × Idly. Total ₹4,000.00."),
        ("extra idly", "Noted on 100 × Idly: extra idly."),
        ("cash 100", "₹3,900.00 is still due."),
    ):
        with pytest.raises(AskedBackError, match="Enter again"):
            talk.say(typed)
        assert talk.say(typed) == done
    with pytest.raises(AskedBackError, match="Enter again"):
        talk.say("cash 100")
    talk.say("cart")
    with pytest.raises(AskedBackError, match="Enter again"):
        talk.say("cash 100")  # something else was said in between


def test_a_void_has_the_sentence_as_its_reason_and_is_undone(till: Till, talk: Conversation) -> None:
    talk.say("2 idly, 1 masala dosa")
    assert talk.say("remove one idly") == "Now 1 × Idly. Total ₹120.00."
    assert talk.say("no idly") == "Void: 1 × Idly. Ctrl+Z undoes it. Total ₹80.00."
    assert [void.reason for void in till.wrote(LineVoided)] == ["no idly"]
    assert talk.say("undo") == "Idly is back. Total ₹120.00."
    with pytest.raises(AskedBackError, match=r"Clear 2 lines, ₹120\.00\? Enter again clears it\."):
        talk.say("clear the order")
    assert talk.say("clear the order") == "The order is cleared."


def test_notes_types_discounts_tabs_and_cards_are_understood_too(talk: Conversation) -> None:
    talk.say("idly")
    assert talk.say("no onion") == "Noted on 1 × Idly: no onion."
    assert talk.say("seat 2") == "1 × Idly, already keyed: guest 2."
    assert talk.say("eat in") == "This order is eat in. Total ₹40.00."
    assert talk.say("10% off order") == "Discount given. Total ₹36.00."
    assert talk.say("tab Asha") == "Saved to Asha. F8 lists the tables."
    assert talk.say("recall asha") == "Asha is here: 1 line, ₹36.00."
    assert talk.say("card") == "Paid ₹36.00."
    assert talk.say("idly") == "Added 1 × Idly. Total ₹40.00."  # the next order


def test_an_item_is_sold_out_and_back_by_whoever_may(till: Till, talk: Conversation) -> None:
    with pytest.raises(RightsError):
        talk.say("86 idly")
    manager = Conversation(till.register, 9)
    till.register.ledger.user = 9
    assert manager.say("86 idly") == "Idly is sold out. “back Idly” sells it again."
    with pytest.raises(NotForSaleError):
        manager.say("idly")
    assert manager.say("idly is back") == "Idly is sold again at every till."
    assert lines_of(manager) == []


def test_an_order_that_another_till_holds_is_not_changed(till: Till, talk: Conversation) -> None:
    talk.say("idly")
    till.register.taken(order_of(talk).id, "Till 2", "Asha", till.clock.now())
    with pytest.raises(OrderLockedError, match="Asha took this order over on Till 2"):
        talk.say("one more")
    assert lines_of(talk) == [(1, "Idly")]


@pytest.mark.parametrize("expected", ["plain dosa", "recall asha"])
def test_an_order_with_void_lines_alone_is_cleared_for_the_next(till: Till, talk: Conversation, expected: str) -> None:
    talk.say("idly")
    talk.say("tab asha")
    talk.say("2 idly")
    dead = order_of(talk).id
    talk.say("void")
    talk.say(expected)
    assert order_of(talk).id != dead
    assert till.register.ledger.order(dead).status is Status.DISCARDED


def test_tickets_of_a_table_are_asked_for_by_its_name(talk: Conversation) -> None:
    with pytest.raises(NoTabError):
        talk.say("tickets table 4")


@pytest.mark.parametrize(
    ("typed", "buyer"),
    [
        ("invoice to Rao Ltd, 29ABC1234", Buyer("Rao Ltd", "29ABC1234")),
        (
            "Invoice to Peña e Hijos, S.L., B12345674, C/ Sol 5, 28013 Madrid",
            Buyer("Peña e Hijos, S.L.", "B12345674", "C/ Sol 5, 28013 Madrid"),
        ),
        ("invoice for Anna, , 4 Church Street", Buyer("Anna", "", "4 Church Street")),
        ("invoice to Bar 21", Buyer("Bar 21", "")),
        ("invoice to nobody", None),
    ],
)
def test_the_buyer_of_an_invoice_is_typed_with_a_tax_number(
    talk: Conversation, typed: str, buyer: Buyer | None
) -> None:
    talk.say("invoice to Somebody, 1")
    talk.say(typed)
    assert order_of(talk).buyer == buyer
