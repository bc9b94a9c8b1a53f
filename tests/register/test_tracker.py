import pytest

from tests.register.conftest import Till
from till.domain.errors import LineError, NotOnMenuError, QuantityError, TillError
from till.domain.order.deciding import EmptyOrderError
from till.domain.order.state import Status
from till.register.tracker import SessionEventTracker


async def test_the_documents_words_do_what_they_say(till: Till) -> None:
    tracker = SessionEventTracker(till.register, 1)
    shown = await tracker.update_session_state()
    assert (shown.step, len(shown.last_menu)) == ("browsing", 8)
    await tracker.add_to_cart("item-1", 2)
    await tracker.add_to_cart("item-2")
    order = await tracker.update_quantity("item-2", 2)
    assert (order.id, order.total, order.last_item) == (tracker.session_id, 24_000, ("item-2", "Masala Dosa"))
    await tracker.set_preferences({"onion": "none", "spice": "mild"})
    order_id = await tracker.create_order("dine_in", "cash")
    placed = till.register.ledger.order(order.id)
    assert placed.status is Status.COMPLETED
    assert placed.placed is not None
    assert (placed.placed.data.order_id, placed.placed.data.order_type) == (order_id, "dine_in")
    assert placed.preferences == {"onion": "none", "spice": "mild"}
    with pytest.raises(LineError, match="There is no order yet"):
        await tracker.create_order("dine_in", "cash")
    second = await tracker.add_to_cart("item-1")
    assert (second.id != order.id, second.total) == (True, 4_000)
    assert await tracker.create_order("take_away", "cash") != order_id


async def test_an_item_is_taken_off_with_all_its_lines(till: Till) -> None:
    tracker = SessionEventTracker(till.register, 1)
    await tracker.add_to_cart("item-1")
    await tracker.add_to_cart("item-2")
    await tracker.add_to_cart("item-1", 3)
    assert (await tracker.remove_from_cart("item-1")).total == 8_000
    assert (await tracker.update_quantity("item-2", 0)).is_empty
    with pytest.raises(LineError, match="That item is not on the order"):
        await tracker.remove_from_cart("item-1")


async def test_a_search_is_what_was_shown(till: Till) -> None:
    tracker = SessionEventTracker(till.register, 1)
    order = await tracker.update_session_state("dosa")
    assert [shown.name for shown in order.last_menu] == ["Masala Dosa", "Plain Dosa"]


async def test_an_invalid_act_is_refused(till: Till) -> None:
    tracker = SessionEventTracker(till.register, 1)
    with pytest.raises(NotOnMenuError):
        await tracker.add_to_cart("no item")
    with pytest.raises(LineError, match="There is no order yet"):
        await tracker.create_order("take_away", "cash")
    with pytest.raises(LineError, match="There is no order yet"):
        await tracker.set_preferences({})
    with pytest.raises(QuantityError):
        await tracker.add_to_cart("item-1", 0)
    assert tracker.session_id is None
    await tracker.add_to_cart("item-1")
    await tracker.remove_from_cart("item-1")
    with pytest.raises(EmptyOrderError):
        await tracker.create_order("take_away", "cash")


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("picnic", "cash"), "There is no order type picnic"),
        (("dine_in", "gold"), "GOLD is not accepted on this till"),
        (("dine_in", "voucher"), "Voucher is not accepted on this till"),
    ],
)
async def test_words_that_the_venue_does_not_have_are_refused(till: Till, words: tuple[str, str], refusal: str) -> None:
    tracker = SessionEventTracker(till.register, 1)
    order = await tracker.add_to_cart("item-1")
    with pytest.raises(TillError, match=refusal):
        await tracker.create_order(*words)
    assert till.register.ledger.order(order.id) == order


async def test_a_session_goes_on_where_it_was(till: Till) -> None:
    order = till.order(1)
    tracker = SessionEventTracker(till.register, 1, order.id)
    assert (await tracker.add_to_cart("item-1")).total == 8_000


@pytest.mark.parametrize("suspended", [False, True])
async def test_without_an_id_the_order_that_the_person_has_open_goes_on(till: Till, *, suspended: bool) -> None:
    order = till.order(1)
    if suspended:
        till.register.recovery.suspend(order.id)
    other = SessionEventTracker(till.register, 2)
    assert (await other.add_to_cart("item-1")).id != order.id
    tracker = SessionEventTracker(till.register, 1)
    gone_on = await tracker.add_to_cart("item-1")
    assert (gone_on.id, gone_on.total, gone_on.status) == (order.id, 8_000, Status.ACTIVE)
    waits = till.order(1)
    await tracker.create_order("take_away", "cash")
    assert (await tracker.add_to_cart("item-1")).id not in {order.id, waits.id}, "the next guest is another"
    assert (await SessionEventTracker(till.register, 1).add_to_cart("item-1")).id != order.id
