"""Combos: the best of all assignments, made again and again; exact prices; independence of the order of lines."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.money.amount import Currency, spread
from till.domain.money.combos import Slot
from till.domain.money.measures import Minor, Price4
from till.domain.money.promotion import Offer, Saved, Ware, save_on
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

EURO = Currency("EUR")
#: A combo's name, price, and slots: their pieces, and the surcharge of each item that fits.
Terms = tuple[str, int, tuple[tuple[int, dict[str, int]], ...]]


def offer_on(item: str, terms: Terms) -> tuple[Offer, ...]:
    name, price4, slots = terms
    fits = tuple(
        Slot(str(at), pieces, None if item not in on else Price4(on[item])) for at, (pieces, on) in enumerate(slots)
    )
    return (Offer(name, price=Price4(price4), slots=fits),) if any(slot.extra is not None for slot in fits) else ()


def wares_of(sold: Sequence[tuple[str, int, int]], combos: Sequence[Terms], currency: Currency = EURO) -> list[Ware]:
    """Return wares of (item, price of a piece, pieces), with the combos that they fit."""
    return [
        Ware(
            item,
            Price4(price4),
            quantity,
            currency.amount_of(Price4(price4), quantity),
            tuple(offer for terms in combos for offer in offer_on(item, terms)),
            key=str(at),
        )
        for at, (item, price4, quantity) in enumerate(sold)
    ]


def brute(wares: Sequence[Ware], combos: Sequence[Terms], currency: Currency) -> list[dict[str, int]]:
    """Return the savings by name on each ware: the best combo of all pieces that are left, again and again."""
    rank = {at: place for place, at in enumerate(sorted(range(len(wares)), key=lambda at: wares[at].rank))}
    left = [at for at, ware in enumerate(wares) for _piece in range(ware.quantity)]
    made = Counter[tuple[str, int, tuple[int, ...]]]()
    while True:
        found = []
        for name, price4, slots in combos:
            seats = [on for pieces, on in slots for _piece in range(pieces)]
            for taken in set(permutations(left, len(seats))):
                if all(wares[at].item in on for at, on in zip(taken, seats, strict=True)):
                    cost = price4 + sum(on[wares[at].item] for at, on in zip(taken, seats, strict=True))
                    ordered = tuple(sorted(taken, key=rank.__getitem__))
                    gain = sum(wares[at].bare4 for at in taken) - cost
                    found.append((-gain, name, [rank[at] for at in ordered], cost, ordered))
        if not found or min(found)[0] >= 0:
            break
        _gain, name, _ranks, cost, taken = min(found)
        made[name, cost, taken] += 1
        for at in taken:
            left.remove(at)
    saved: list[dict[str, int]] = [{} for _ware in wares]
    for (name, cost, taken), times in made.items():
        costs = {at: currency.amount_of(wares[at].bare4, taken.count(at) * times) for at in taken}
        off = sum(costs.values()) - currency.amount_of(Price4(cost), times)
        for at, amount in zip(costs, spread(Minor(max(0, off)), list(costs.values())), strict=True):
            saved[at][name] = saved[at].get(name, 0) + amount
    return [{name: amount for name, amount in own.items() if amount} for own in saved]


def shown(wares: Sequence[Ware], currency: Currency) -> list[dict[str, int]]:
    return [{one.name: one.amount for one in own} for own in save_on(wares, currency)]


PRICES = st.sampled_from([10_000, 25_000, 30_000, 30_300, 45_000]) | st.integers(0, 60_000)
SLOTS = st.tuples(
    st.sampled_from([1, 1, 2]), st.dictionaries(st.sampled_from("abcd"), st.sampled_from([0, 0, 5_000]), min_size=1)
)
COMBOS = st.lists(
    st.tuples(st.sampled_from("xy"), PRICES, st.lists(SLOTS, min_size=1, max_size=3).map(tuple)),
    max_size=3,
    unique_by=lambda one: (one[0], one[1]),
)


@st.composite
def sales(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    """Up to eight pieces of four items, on rows of one or more pieces."""
    pieces = draw(st.lists(st.tuples(st.sampled_from("abcd"), PRICES), max_size=8))
    return [(item, price4, times) for (item, price4), times in Counter(pieces).items()]


@given(sales(), COMBOS, st.sampled_from([EURO, Currency("JPY"), Currency("BHD")]))
def test_combos_are_the_best_of_all_again_and_again(
    sold: list[tuple[str, int, int]], combos: list[Terms], currency: Currency
) -> None:
    wares = wares_of(sold, combos, currency)
    expected = brute(wares, combos, currency)
    for own, ware in zip(expected, wares, strict=True):  # a promotion never takes more than the price
        room = int(ware.listed)
        for name in own:
            own[name] = min(own[name], room)
            room -= own[name]
    assert shown(wares, currency) == [{name: amount for name, amount in own.items() if amount} for own in expected]


@given(sales(), COMBOS, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_decides_no_combo(
    sold: list[tuple[str, int, int]], combos: list[Terms], chance: Any
) -> None:
    wares = wares_of(sold, combos)
    other = wares.copy()
    chance.shuffle(other)
    first, second = (
        sorted((ware.key, sorted(own.items())) for ware, own in zip(some, shown(some, EURO), strict=True))
        for some in (wares, other)
    )
    assert first == second


@given(st.integers(1, 20), st.lists(st.integers(1, 90), min_size=1, max_size=4), st.integers(0, 300))
@pytest.mark.parametrize("code", ["JPY", "EUR", "BHD"])
def test_combos_cost_their_price_to_the_unit(code: str, times: int, costs: list[int], off: int) -> None:
    currency = Currency(code)
    unit = 10_000 // currency.scale
    price = max(0, sum(costs) - off)
    slots = tuple((1, {"abcd"[at]: 0}) for at in range(len(costs)))
    sold = [("abcd"[at], cost * unit, times) for at, cost in enumerate(costs)]
    wares = wares_of(sold, [("lunch", price * unit, slots)], currency)
    saved = sum(amount for own in shown(wares, currency) for amount in own.values())
    assert sum(ware.listed for ware in wares) - saved == min(price, sum(costs)) * times


def test_two_dishes_that_fit_two_slots_are_seated_where_they_save_most() -> None:
    """The tart fits both slots, and saves more in the first; but then only the cola is left for the second."""
    lunch: Terms = ("lunch", 60_000, ((1, {"soup": 0, "tart": 0}), (1, {"tart": 10_000, "cola": 0})))
    wares = wares_of([("soup", 50_000, 1), ("tart", 60_000, 1), ("cola", 25_000, 1)], [lunch])
    assert [sum(own.values()) for own in shown(wares, EURO)] == [182, 218, 0]  # 11.00 for 6.00 and 1.00 on top


def test_choices_and_surcharges_come_on_top() -> None:
    lunch: Terms = ("lunch", 99_000, ((1, {"main": 0}), (1, {"tea": 0, "beer": 15_000})))
    main, beer = wares_of([("main", 90_000, 1), ("beer", 50_000, 1)], [lunch])
    main = replace(main, price4=Price4(100_000), listed=Minor(1_000), choices4=Price4(10_000))
    own = save_on([main, beer], EURO)
    assert main.listed + beer.listed - sum(one.amount for saved in own for one in saved) == 990 + 150 + 100
    assert [saved[0].name for saved in own] == ["lunch", "lunch"]


def test_two_surcharges_of_a_combo_are_added_up() -> None:
    lunch: Terms = ("lunch", 60_000, ((1, {"steak": 20_000}), (1, {"beer": 15_000})))
    wares = wares_of([("steak", 90_000, 1), ("beer", 50_000, 1)], [lunch])
    assert sum(one.amount for own in save_on(wares, EURO) for one in own) == 1_400 - (600 + 200 + 150)
    dear: Terms = ("lunch", 60_000, ((1, {"steak": 45_000}), (1, {"beer": 40_000})))
    assert shown(wares_of([("steak", 90_000, 1), ("beer", 50_000, 1)], [dear]), EURO) == [{}, {}], "14.50 for 14.00"


def test_combos_together_stand_among_other_offers_as_one() -> None:
    """Two lunches save 4.00 together, buy one get one 3.00 on the teas: the lunches come first."""
    lunch: Terms = ("lunch", 60_000, ((1, {"main": 0}), (1, {"tea": 0})))
    main, tea = wares_of([("main", 50_000, 2), ("tea", 30_000, 2)], [lunch])
    tea = replace(tea, offers=(*tea.offers, Offer("two teas", buy=1, get=1)))
    assert save_on([main, tea], EURO) == [(Saved("lunch", Minor(250)),), (Saved("lunch", Minor(150)),)]


def test_combos_beyond_measure_end_soon() -> None:
    """On the lines of a hostile till, fifty combos of 81 pieces are never made, and those of twelve end by the work."""
    for pieces, slots in ((9, 9), (2, 6), (1, 9)):
        fits = tuple(Slot(str(at), pieces, Price4(at * 100)) for at in range(slots))
        offers = tuple(Offer(f"{at:02}", price=Price4(1), slots=fits) for at in range(50))
        wares = [replace(one, offers=offers) for one in wares_of([(f"i{at}", 10_000 + at, 9) for at in range(60)], [])]
        began = perf_counter()
        saved = save_on(wares, EURO)
        assert perf_counter() - began < 5
        assert any(saved) == (pieces * slots <= 12)
        assert not all(saved)


# The threads of shops about combos in other systems, as cases; 10,000 is 1.00.

TRIO: Terms = ("menu", 1_000_000, ((1, {"a": 0}), (1, {"b": 0}), (1, {"c": 0})))


def costs(sold: Sequence[tuple[str, int, int]], *combos: Terms) -> list[int]:
    """Return the cost of each row, in cents."""
    wares = wares_of(sold, combos)
    return [ware.listed - sum(one.amount for one in own) for ware, own in zip(wares, save_on(wares, EURO), strict=True)]


@pytest.mark.parametrize(
    ("price", "sold"),
    [
        (1_000_000, [("a", 333_300, 1), ("b", 433_300, 1), ("c", 500_000, 1)]),  # 100.02 for 100
        (499_800, [("a", 200_000, 1), ("b", 200_000, 1), ("c", 100_100, 1)]),  # 49.98 for 49.98, not 50.00 shared
        (110_000, [("a", 45_000, 1), ("b", 40_000, 1), ("c", 40_000, 1)]),  # 12 for 11
        (70_000, [("a", 33_300, 1), ("b", 33_300, 1), ("c", 33_300, 1)]),  # 6.99 for 7.00
    ],
)
def test_a_combo_costs_its_price(price: int, sold: list[tuple[str, int, int]]) -> None:
    for times in range(1, 8):
        many = [(item, price4, times) for item, price4, _one in sold]
        assert sum(costs(many, ("menu", price, TRIO[2]))) == price * times // 100


def test_tax_of_equal_combos_is_that_of_their_price() -> None:
    """Six combos at 1.20 of tax each are 7.20 of tax: 1.18 to 1.23 of tax elsewhere."""
    price = 72_000
    amounts = costs([("a", 30_000, 6), ("b", 30_000, 6), ("c", 30_000, 6)], ("menu", price, TRIO[2]))
    assert sum(amounts) * 20 // 120 == 720


def test_a_combo_is_its_own_pieces_and_no_line_beside_them() -> None:
    """Three lines for one, and a phantom unit price, come from a parent line: there are only the pieces."""
    wares = wares_of([("a", 500_000, 1), ("b", 500_000, 1), ("c", 500_000, 1)], [TRIO])
    assert [[one.name for one in own] for own in save_on(wares, EURO)] == [["menu"]] * 3
    assert [ware.price4 for ware in wares] == [500_000] * 3


def test_a_slot_over_two_tax_rates_is_shared_by_list_price() -> None:
    """Food at 10 % for 8.00 and a beer at 20 % for 4.00, together 9.00: 6.00 of it is food."""
    lunch: Terms = ("lunch", 90_000, ((1, {"a": 0}), (1, {"tea": 0, "beer": 0})))
    assert costs([("a", 80_000, 1), ("beer", 40_000, 1)], lunch) == [600, 300]
    assert costs([("a", 80_000, 1), ("tea", 40_000, 1)], lunch) == [600, 300]


def test_a_combo_keyed_over_the_end_of_its_hours_counts_for_the_lines_that_carry_it() -> None:
    """The drink that was keyed after the end carries no offer, and makes no combo."""
    lunch: Terms = ("lunch", 90_000, ((1, {"a": 0}), (1, {"tea": 0})))
    main, tea, late = wares_of([("a", 80_000, 2), ("tea", 40_000, 1), ("tea", 40_000, 1)], [lunch])
    own = save_on([main, tea, replace(late, offers=())], EURO)
    assert [sum(one.amount for one in saved) for saved in own] == [200, 100, 0]
