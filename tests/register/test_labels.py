"""Labels of scales at the register: lines by the piece at a label's price, and weighed lines as if typed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.conftest import MENU, Till, item
from till.domain.catalogue.labels import LabelError, check_digit
from till.domain.errors import AskedBackError
from till.domain.money.measures import Millionths, Minor
from till.domain.money.promotion import Offer
from till.domain.order.copying import TabItem, copy_lines
from till.domain.order.events import ItemAdded, OrderPlaced
from till.domain.order.selling import NotForSaleError
from till.register.conversation import Conversation

if TYPE_CHECKING:
    from till.domain.order.state import Order

PRICED, WEIGHED, PIE = "2340011012509", "2140011003350", "2340012004503"
PERCENT = {"name": "Cheese week", "percent": "10"}
SEVERAL = {"name": "Two for 5", "price": "5.00", "pieces": 2, "items": ["item-40011", "item-40012"]}


@pytest.fixture
def talk(till: Till) -> Conversation:
    change(till, item("Gouda", 40011, "24.90", unit="kg"), item("Pie", 40012, "5.00"))
    return Conversation(till.register, 1)


def change(till: Till, *items: dict[str, Any], **settings: Any) -> None:
    """Have the database send these items, with labels."""
    for name, body in (("menu", MENU | {"items": [*MENU["items"], *items]}), ("settings", settings)):
        version, before = till.journal.cached(name)
        labels = {"labels": "21IIIIIWW.WWWC 23IIIIIPPP.PPC"} if name == "settings" else {}
        till.journal.cache(name, version + 1, before | labels | body)
    till.register.reference_changed(["menu", "settings"])


def order_of(talk: Conversation) -> Order:
    assert talk.order is not None
    return talk.order


def test_the_codes_are_right() -> None:
    assert all(check_digit(code[:-1]) == code[-1] for code in (PRICED, WEIGHED, PIE))


def test_a_price_label_is_a_piece_at_its_price(till: Till, talk: Conversation) -> None:
    assert talk.say(PRICED) == "Added 1 × Gouda. Total ₹12.50."
    assert talk.say(PRICED) == "Added 1 × Gouda. Total ₹25.00."
    (first, _second) = till.wrote(ItemAdded)
    assert (first.price, first.quantity, first.measure, first.unit, first.unit_price) == ("12.50", 1, None, "", None)
    assert [(row.quantity, row.amount) for row in order_of(talk).priced.rows] == [(2, 2_500)]
    assert talk.say("undo").endswith("Total ₹12.50.")
    till.start()
    assert till.register.ledger.order(order_of(talk).id).total == 1_250
    talk.say("cash")
    (placed,) = till.wrote(OrderPlaced)
    assert [(line.unit_price, line.subtotal, line.unit) for line in placed.lines] == [("12.50", "12.50", "")]


def test_a_weight_label_is_a_weighed_line_as_if_typed(till: Till, talk: Conversation) -> None:
    assert talk.say(WEIGHED) == "Added 0.335 kg × Gouda. Total ₹8.34."
    talk.say("0.335 kg gouda")
    labelled, typed = till.wrote(ItemAdded)
    assert (labelled.price, labelled.measure) == (typed.price, typed.measure) == ("8.34", 335)
    assert (labelled.unit, labelled.unit_price) == (typed.unit, typed.unit_price) == ("kg", "24.90")


def test_a_misread_label_keys_nothing(till: Till, talk: Conversation) -> None:
    with pytest.raises(LabelError, match="check digit is wrong"):
        talk.say(f"{PRICED[:-1]}7")
    assert not till.types()


def test_a_label_of_what_is_not_on_sale_is_refused(till: Till, talk: Conversation) -> None:
    change(till, item("Gouda", 40011, "24.90", unit="kg", sold_out=True))
    with pytest.raises(NotForSaleError, match="sold out"):
        talk.say(PRICED)
    change(till, item("Gouda", 40011, "24.90", unit="kg", age=18))
    with pytest.raises(Exception, match="Sold from age 18"):
        talk.say(WEIGHED)


def test_a_dear_label_is_not_doubted(till: Till, talk: Conversation) -> None:
    change(till, item("Gouda", 40011, "24.90", unit="kg"), labels="23IIIIIPPPPPC 21IIIIIWWWWWC")
    code = "234001199999"
    assert talk.say(code + check_digit(code)).startswith("Added 1 × Gouda")
    with pytest.raises(AskedBackError):
        talk.say("gouda 100.5 kg")


@pytest.mark.parametrize("code", [PRICED, PIE])
def test_only_a_percentage_comes_off_a_price_label(till: Till, talk: Conversation, code: str) -> None:
    change(till, item("Gouda", 40011, "24.90", unit="kg"), item("Pie", 40012, "5.00"), promotions=[PERCENT, SEVERAL])
    talk.say(code)
    (line,) = order_of(talk).lines
    till.register.sales.change_quantity(order_of(talk).id, line, 2)
    talk.say(code)
    assert [[one.name for one in added.offers] for added in till.wrote(ItemAdded)] == [["Cheese week"]] * 3
    (row,) = order_of(talk).priced.rows
    assert (row.quantity, row.amount) == (3, 3 * (1_125 if code is PRICED else 405))
    talk.say("2 pie")
    assert {one.name for one in till.wrote(ItemAdded)[-1].offers} == {"Cheese week", "Two for 5"}


def test_a_price_label_that_is_rung_again_stays_a_piece_at_its_price(till: Till, talk: Conversation) -> None:
    talk.say(WEIGHED)
    order, offers = order_of(talk), (Offer("Cheese week", rate=Millionths(100_000)), Offer("3 off", amount=Minor(300)))
    rows = [
        TabItem(item_id="item-40011", item="Gouda", quantity=2, unit_price="12.50", amount="25.00"),
        TabItem(item_id="item-40011", item="Gouda", quantity=1, unit_price="24.90", amount="8.34", measure=335),
    ]
    copied = copy_lines(order, till.register.menu, rows, till.register.ledger.new_id, lambda _item: offers)
    label, weighed = (draft.data for draft in copied.drafts if isinstance(draft.data, ItemAdded))
    assert (label.price, label.unit, label.measure, [one.name for one in label.offers]) == (
        "12.50", "", None, ["Cheese week"],
    )  # fmt: skip
    assert (weighed.price, weighed.unit, weighed.measure, len(weighed.offers)) == ("8.34", "kg", 335, 2)


@pytest.mark.parametrize("labels", [PRICED, PIE])
@pytest.mark.parametrize("seed", range(12))
def test_more_of_a_price_label_keeps_its_price(till: Till, talk: Conversation, labels: str, seed: int) -> None:
    """Keep a ledger of the pieces beside random acts, each of which `undo` takes back."""
    chance, pieces = random.Random(seed), [1]  # noqa: S311 - a test repeats itself
    talk.say(labels)
    price = order_of(talk).total
    (row,) = order_of(talk).priced.rows
    for _act in range(8):
        match chance.choice(["one more", "+2", "again", "plus", "undo"]):
            case "plus":
                till.register.sales.change_quantity(order_of(talk).id, row.first.id, row.quantity + 1)
                pieces.append(pieces[-1] + 1)
            case "undo" if len(pieces) > 1:
                talk.say("undo")
                pieces.pop()
            case "undo":
                continue
            case words:
                talk.say(words)
                pieces.append(pieces[-1] + (2 if words == "+2" else 1))
        (row,) = order_of(talk).priced.rows
        assert (row.quantity, row.amount, row.first.unit) == (pieces[-1], pieces[-1] * price, "")
    rung = [TabItem(item_id=row.first.item_id, item=row.first.name, quantity=row.quantity,
                    unit_price=f"{price / 100:.2f}", amount="")]  # fmt: skip
    copied = copy_lines(order_of(talk), till.register.menu, rung, till.register.ledger.new_id, lambda _item: ())
    (added,) = (draft.data for draft in copied.drafts if isinstance(draft.data, ItemAdded))
    assert (added.quantity, added.price, added.unit) == (pieces[-1], f"{price / 100:.2f}", "")


def test_one_more_after_a_weight_label_asks_what_it_weighs(till: Till, talk: Conversation) -> None:
    talk.say(WEIGHED)
    with pytest.raises(Exception, match="weigh"):
        talk.say("one more")
    change(till, item("Pie", 40012, "6.00"), labels="")
    talk.say("pie")
    change(till, item("Pie", 40012, "7.00"), labels="")
    talk.say("one more")
    assert [one.price for one in till.wrote(ItemAdded)[1:]] == ["6.00", "7.00"]


def test_a_price_label_has_no_price_by_type(till: Till, talk: Conversation) -> None:
    change(till, item("Pie", 40012, "5.00", by_type={"take_away": {"price": "4.00"}}))
    for words in (PIE, "one more", "2 pie"):
        talk.say(words)
    assert [(row.quantity, row.amount) for row in order_of(talk).priced.rows] == [(2, 900), (2, 800)]
    talk.say("eat in")
    assert [row.amount for row in order_of(talk).priced.rows] == [900, 1_000]
