"""Tax and price by order type at the register: keys, words, tables, merges, splits, rights and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.register.conftest import MENU, Till, item
from tests.register.test_between import _saved
from till.domain.errors import (
    AskedBackError,
    LineError,
    NotOnMenuError,
    PaymentError,
    QuantityError,
    RightsError,
)
from till.domain.kitchen.events import LinesSent, TicketLine
from till.domain.money.measures import Minor, Price4
from till.domain.order.copying import TabItem, copy_lines
from till.domain.order.deciding import event_of, row_of
from till.domain.order.events import ItemAdded, LineRated, LineTypeSet
from till.domain.order.snapshot import snapshot
from till.domain.paper.receipt import make_bill
from till.domain.paper.ticket import WrittenTicket, make_ticket
from till.register import counter
from till.register.conversation import Conversation
from till.register.words.order_types import this_as_order, this_dine_in, this_take_away
from till.register.words.word import MarkedRow

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.tabs.open_tabs import OpenTab

#: 5 % on the spot, none to take away; the roll is cheaper to take away.
ROLL, CAKE, SOUP = 11, 12, 13
_TAKE_AWAY: dict[str, Any] = {"tax": "Z"}


@pytest.fixture
def till(till: Till) -> Till:
    items = [
        item("Roll", ROLL, "40.00", by_type={"take_away": {"tax": "Z", "price": "30.00"}}),
        item("Cake", CAKE, "21.00", by_type={"take_away": _TAKE_AWAY}),
        item("Soup", SOUP, None, by_type={"take_away": {"tax": "Z"}}),
    ]
    taxes = {**MENU["taxes"], "Z": [{"name": "GST", "rate": "0"}]}
    till.journal.cache("menu", 2, MENU | {"taxes": taxes, "items": [*MENU["items"], *items]})
    till.register.reference_changed(["menu"])
    return till


@pytest.fixture
def talk(till: Till) -> Conversation:
    return Conversation(till.register, 1)


def of(order: Order) -> list[tuple[int, int, str]]:
    """Return quantity, amount and rate of each row."""
    return [(row.quantity, row.amount, row.taxes[0].percent) for row in order.priced.rows]


def order_of(talk: Conversation) -> Order:
    assert talk.order is not None
    return talk.order


def test_key_of_an_item_with_types_writes_its_rates_and_its_undo_voids_it(till: Till) -> None:
    order = till.order(CAKE, ROLL, 1)
    assert (len(till.wrote(ItemAdded)), len(till.wrote(LineRated))) == (3, 2)
    assert of(order) == [(1, 2100, "0"), (1, 3000, "0"), (1, 4000, "5")]
    till.register.sales.undo(order.id)
    order = till.register.sales.undo(order.id)
    assert of(order) == [(1, 2100, "0")]
    till.start()
    assert of(till.register.ledger.order(order.id)) == [(1, 2100, "0")]


def test_order_saved_on_a_table_has_the_taxes_and_prices_of_a_table(till: Till) -> None:
    order = till.order(CAKE, ROLL)
    till.register.tabs.save(order.id, "4")
    assert of(till.register.ledger.order(order.id)) == [(1, 2100, "5"), (1, 4000, "5")]


def test_plus_copies_rates_and_own_type_and_asks_no_right(till: Till) -> None:
    order, sales = till.order(ROLL), till.register.sales
    line = next(iter(order.lines))
    sales.set_line_type(order.id, line, "dine_in")
    assert of(sales.change_quantity(order.id, line, 3)) == [(3, 12000, "5")]
    sales.set_line_type(order.id, line, "take_away")
    order = sales.set_order_type(order.id, 1, "dine_in")
    assert of(sales.change_quantity(order.id, line, 4)) == [(4, 12000, "0")]
    assert len(till.wrote(LineTypeSet)) == 5  # two of them said, and three copied


def test_price_by_hand_stays_and_more_of_it_asks_for_its_right(till: Till) -> None:
    order, sales = till.order(ROLL), till.register.sales
    line = next(iter(order.lines))
    till.register.ledger.user = 9
    sales.override_price(order.id, line, Price4(250_000), "regular")
    assert of(sales.set_order_type(order.id, 1, "dine_in")) == [(1, 2500, "5")]
    assert of(sales.change_quantity(order.id, line, 2)) == [(2, 5000, "5")]
    assert of(sales.set_order_type(order.id, 1, "take_away")) == [(2, 5000, "0")]


def test_typed_price_has_no_price_by_type(till: Till) -> None:
    order = till.add(None, ROLL, price4=350_000)
    assert of(order) == [(1, 3500, "0")]
    assert till.wrote(LineRated)[0].by_type[0].price is None
    assert of(till.register.sales.set_order_type(order.id, 1, "dine_in")) == [(1, 3500, "5")]


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("cake to go", [(1, 2100, "0")]),
        ("2 cakes take away", [(2, 4200, "0")]),
        ("cake to go 2", [(2, 4200, "0")]),
        ("2 cake to go, 1 roll", [(2, 4200, "0"), (1, 4000, "5")]),
        ("roll here and cake to go", [(1, 4000, "5"), (1, 2100, "0")]),
    ],
)
def test_type_typed_behind_an_item_is_that_of_its_line(
    talk: Conversation, typed: str, rows: list[tuple[int, int, str]]
) -> None:
    talk.say("eat in")
    talk.say(typed)
    assert of(order_of(talk)) == rows


def test_type_behind_an_item_is_said_and_undone_with_it(talk: Conversation) -> None:
    assert talk.say("cake to go") == "Added 1 × Cake, take away. Total ₹21.00."
    talk.say("to go")
    talk.say("eat in")
    assert of(order_of(talk)) == [(1, 2100, "0")]
    with pytest.raises(NotOnMenuError, match="“to go to go” is not understood"):
        talk.say("cake to go to go")
    with pytest.raises(QuantityError, match="2 or 3 × cake to go"):
        talk.say("2 cake to go 3")


def test_name_that_ends_with_a_type_is_the_item(till: Till, talk: Conversation) -> None:
    menu = till.register.menu
    named = item("Cake to go", 14, "25.00")
    till.journal.cache("menu", menu.version + 1, MENU | {"items": [*MENU["items"], item("Cake", CAKE, "21.00"), named]})
    till.register.reference_changed(["menu"])
    assert talk.say("cake to g") == "Added 1 × Cake to go. Total ₹25.00."
    assert talk.say("cake to go") == "Added 1 × Cake to go. Total ₹50.00."


def test_words_after_a_key_are_of_what_was_keyed(talk: Conversation) -> None:
    talk.say("2 cake")
    talk.say("eat in")
    talk.say("cake")
    assert talk.say("this to go") == "1 × Cake: take away. Total ₹63.00."
    assert of(order_of(talk)) == [(2, 4200, "5"), (1, 2100, "0")]
    assert talk.say("undo") == "3 × Cake: as the order. Total ₹63.00."
    talk.say("this to go")  # it was undone last: of the whole row
    assert of(order_of(talk)) == [(3, 6300, "0")]
    assert talk.say("this eat in") == "3 × Cake: eat in. Total ₹63.00."
    assert talk.say("this as the order") == "3 × Cake: as the order. Total ₹63.00."
    assert talk.say("to go") == "This order is take away. Total ₹63.00."
    assert of(order_of(talk)) == [(3, 6300, "0")]


def marked(till: Till, session: str, line_id: str) -> MarkedRow:
    order = till.register.ledger.order(session)
    return MarkedRow(order, row_of(order, line_id))


def test_type_of_an_earlier_line_is_answered_and_marked_as_that_line(till: Till) -> None:
    order = till.order(CAKE, ROLL)
    till.register.sales.set_order_type(order.id, 1, "dine_in")
    cake, roll = order.lines
    for act, kind, words in ((this_take_away, "take_away", "take away"), (this_as_order, "", "as the order")):
        till.register.sales.set_line_type(order.id, roll, kind)
        till.clock.move(seconds=1)
        done = act(till.register, marked(till, order.id, cake), 1)
        assert (done.selected, done.sentence.split(". ")[0]) == (cake, f"1 × Cake: {words}")


def to_go(till: Till, name: str, *plus: int) -> OpenTab:
    """Save an order to take away on a tab; a person chose its type."""
    order = till.order(*plus)
    for kind in ("dine_in", "take_away"):
        till.register.sales.set_order_type(order.id, 1, kind)
    till.register.tabs.save(order.id, name)
    return next(tab for tab in till.register.open_tabs.local() if tab.session_id == order.id)


def test_merge_keeps_price_and_tax_of_each_line(till: Till) -> None:
    seven, eight, asha = _saved(till, "7", 1), _saved(till, "8", CAKE), to_go(till, "Asha", ROLL)
    assert of(till.acts.merge(seven, asha)) == [(1, 4000, "5"), (1, 3000, "0")]
    assert of(till.acts.merge(seven, eight))[-1] == (1, 2100, "5")
    assert len(till.wrote(LineTypeSet)) == 0, "the server writes it"


def test_table_that_is_merged_into_one_to_go_keeps_its_tax(till: Till) -> None:
    seven, asha = _saved(till, "7", CAKE, 1), to_go(till, "Asha", CAKE)
    merged = till.acts.merge(asha, seven)
    assert (merged.order_type, merged.total) == ("take_away", 8_200)
    assert of(merged) == [(1, 2100, "0"), (1, 2100, "5"), (1, 4000, "5")]
    assert [line.own_type for line in merged.lines.values()] == ["", "dine_in", ""]


def test_paid_order_that_stays_has_the_type_of_the_table_and_its_lines_theirs(till: Till) -> None:
    seven, asha = _saved(till, "7", CAKE), to_go(till, "Asha", CAKE)
    till.register.tabs.recall(asha.session_id, 1)
    till.register.checkout.pay(asha.session_id, "CASH", Minor(1_000))
    till.register.tabs.save(asha.session_id, "")
    merged = till.acts.merge(seven, asha)
    assert (merged.id, merged.order_type, merged.tab and merged.tab.name) == (asha.session_id, "dine_in", "table 7")
    assert (of(merged), merged.paid) == ([(1, 2100, "0"), (1, 2100, "5")], 1_000)


def test_pieces_that_are_moved_keep_their_type(till: Till) -> None:
    seven, asha = _saved(till, "7", CAKE, 1), to_go(till, "Asha", CAKE, 2)
    assert of(till.acts.move_pieces(seven, "cake", 1, asha))[-1] == (1, 2100, "5")
    cake = next(iter(till.register.ledger.order(asha.session_id).lines))
    till.register.tabs.recall(asha.session_id, 1)
    assert of(till.acts.move_lines(asha.session_id, {cake: 1}, seven))[-1] == (1, 2100, "0")


def test_pieces_that_are_moved_to_a_new_table_keep_their_type(till: Till) -> None:
    version, body = till.journal.cached("settings") or (0, {})
    till.journal.cache("settings", version + 1, {**body, "tab_word": "tab"})
    till.register.reference_changed(["settings"])
    rao = _saved(till, "Rao", CAKE, 2)  # to take away, though nobody said so
    till.register.tabs.recall(rao.session_id, 1)
    cake = next(iter(till.register.ledger.order(rao.session_id).lines))
    seated = till.acts.move_to_new(rao.session_id, {cake: 1}, "9")
    assert (seated.order_type, of(seated)) == ("dine_in", [(1, 2100, "0")])


def test_service_charge_that_comes_or_goes_is_asked_about_and_refused_once_a_part_is_paid(till: Till) -> None:
    version, body = till.journal.cached("settings") or (0, {})
    charge = {"percent": "10", "order_types": ["dine_in"]}
    till.journal.cache("settings", version + 1, {**body, "service_charge": charge})
    till.register.reference_changed(["settings"])
    seven, asha = _saved(till, "7", 1), to_go(till, "Asha", 1)
    with pytest.raises(AskedBackError, match=r"^Service charge: ₹84\.00 becomes ₹88\.00\. Again does it\.$"):
        till.acts.merge(seven, asha)
    till.register.tabs.recall(seven.session_id, 1)
    till.register.checkout.pay(seven.session_id, "CASH", Minor(1_000))
    till.register.tabs.save(seven.session_id, "")
    for _again in range(2):
        with pytest.raises(PaymentError, match=r"₹10\.00 is paid, and that changes the rest"):
            till.acts.merge(seven, asha)
    nine = _saved(till, "9", 2)
    with pytest.raises(AskedBackError):
        till.acts.merge(nine, asha)
    assert till.acts.merge(nine, asha).total == 13_200


def test_round_added_to_a_table_has_its_prices_unless_a_line_was_said_to_go(till: Till) -> None:
    table = _saved(till, "7", 1)
    order = till.order(ROLL, CAKE)
    till.register.sales.set_line_type(order.id, list(order.lines)[1], "take_away")
    added = till.acts.add(order.id, table)
    assert of(added) == [(1, 4000, "5"), (1, 4000, "5"), (1, 2100, "0")]


def test_split_off_lines_keep_their_own_type_and_price(till: Till) -> None:
    order = till.add(till.add(None, ROLL, 2).id, 1)
    line = next(iter(order.lines))
    till.register.sales.set_line_type(order.id, line, "dine_in")
    guest = till.acts.part(order.id, {line: 1})
    assert of(guest) == [(1, 4000, "5")]
    assert next(iter(guest.lines.values())).own_type == "dine_in"
    assert of(till.register.ledger.order(order.id)) == [(1, 4000, "5"), (1, 4000, "5")]
    assert of(till.register.sales.set_order_type(guest.id, 1, "dine_in")) == [(1, 4000, "5")]


def test_type_that_changes_what_is_owed_is_refused_once_a_part_is_paid(till: Till) -> None:
    order, sales = till.order(CAKE), till.register.sales
    cake = next(iter(order.lines))
    sales.set_line_type(order.id, cake, "dine_in")
    till.register.checkout.pay(order.id, "CASH", Minor(1_000))
    refusal = r"₹10\.00 is paid, and that changes the rest\. F9 settles it\."
    with pytest.raises(PaymentError, match=refusal):  # only the tax changes
        sales.set_line_type(order.id, cake, "")
    sales.set_order_type(order.id, 1, "dine_in")
    till.clock.move(seconds=1)
    order = till.add(order.id, ROLL)
    roll = list(order.lines)[-1]
    with pytest.raises(PaymentError, match=refusal):
        sales.set_line_type(order.id, roll, "take_away")
    with pytest.raises(PaymentError, match=refusal):
        sales.set_order_type(order.id, 1, "take_away")
    till.register.tabs.save(order.id, "4")
    till.register.tabs.recall(order.id, 1)
    with pytest.raises(PaymentError, match=refusal):  # and no manager is asked for what is refused
        sales.set_order_type(order.id, 1, "take_away")


def test_undo_of_a_type_is_refused_once_a_part_is_paid(till: Till) -> None:
    order, sales = till.order(ROLL), till.register.sales
    sales.set_line_type(order.id, next(iter(order.lines)), "dine_in")
    order = till.register.checkout.pay(order.id, "CASH", Minor(1_000))
    with pytest.raises(LineError, match="A payment was last"):
        sales.undo(order.id)
    assert till.register.ledger.order(order.id).total == 4000


def test_order_with_a_part_paid_goes_to_a_table_at_its_type_and_says_so(till: Till) -> None:
    order = till.order(ROLL)
    till.register.checkout.pay(order.id, "CASH", Minor(1_000))
    assert counter.save_to_tab(till.register, order.id, "4") == "Saved to table 4, take away. F8 lists the tables."
    saved = till.register.ledger.order(order.id)
    assert (saved.order_type, saved.total) == ("take_away", 3000)


def test_answer_names_the_kitchen_and_the_bill(till: Till) -> None:
    order, register = till.order(CAKE, ROLL), till.register
    cake = next(iter(order.lines))
    sent = LinesSent(
        station="Bar", ticket="Bar 1", kind="new", lines=(TicketLine(line_id=cake, pieces=1, item_id="x"),)
    )
    register.ledger.commit([event_of(order, sent)])
    done = this_dine_in(register, marked(till, order.id, cake), 1)
    assert done.sentence == "1 × Cake: eat in. Tell the kitchen."


def test_paper_says_the_type_of_a_line_that_is_not_of_its_orders(till: Till) -> None:
    order, register = till.order(CAKE, ROLL), till.register
    cake, roll = order.lines
    for line, kind in ((cake, "dine_in"), (roll, "take_away")):
        order = register.sales.set_line_type(order.id, line, kind)
    rows = make_bill(order, register.venue, register.formats, till.clock.now()).rows
    assert [row.left.strip() for row in rows if row.left.strip() in {"eat in", "take away"}] == ["eat in"]
    lines = tuple(TicketLine(line_id=line, pieces=1, item_id="") for line in order.lines)
    sent = LinesSent(station="Bar", ticket="1-1", kind="new", lines=lines)
    ticket = make_ticket(WrittenTicket(order, sent, order.last_id, till.clock.now(), register.menu), register.venue)
    dishes = [row.left.strip() for row in ticket.rows]
    assert dishes[dishes.index("1  CAKE") :][:3] == ["1  CAKE", "EAT IN", "1  ROLL"]


def test_less_price_on_sent_lines_asks_a_right_and_less_tax_none(till: Till) -> None:
    order, sales = till.order(ROLL, CAKE), till.register.sales
    till.register.tabs.save(order.id, "4")
    till.register.tabs.recall(order.id, 1)
    roll, cake = order.lines
    assert of(sales.set_line_type(order.id, cake, "take_away"))[1] == (1, 2100, "0")
    with pytest.raises(RightsError):
        sales.set_line_type(order.id, roll, "take_away")
    with pytest.raises(RightsError):
        sales.set_order_type(order.id, 1, "take_away")


def test_rung_again_a_line_has_its_tabs_price_its_own_type_and_its_taxes(till: Till) -> None:
    order = till.order(ROLL)
    till.register.sales.set_line_type(order.id, next(iter(order.lines)), "take_away")
    shown = snapshot(till.register.ledger.order(order.id), 0)["items"][0]
    assert (shown["order_type"], shown["unit_price"]) == ("take_away", "30.00")
    row = TabItem(
        **{name: shown[name] for name in ("item_id", "item", "quantity", "unit_price", "amount", "order_type")}
    )
    ledger = till.register.ledger
    copied = copy_lines(till.order(1), till.register.menu, [row], ledger.new_id, lambda _item: ()).drafts
    _added, rated, typed, *_rest = [one.data for one in copied]
    assert isinstance(rated, LineRated)
    assert rated.by_type[0].price is None
    assert isinstance(typed, LineTypeSet)
