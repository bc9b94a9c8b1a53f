"""Savings of promotions: each kind, two on one piece, and independence of the order of lines."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.money import promotion
from till.domain.money.amount import Currency, spread
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.money.promotion import Offer, Saved, Ware, save_alone, save_on, ware_of
from till.domain.money.rounding import divide_and_round
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

EURO = Currency("EUR")


def percent(rate: int, name: str = "percent") -> Offer:
    return Offer(name, rate=Millionths(rate * 10_000))


def price(text: str, name: str = "price") -> Offer:
    return Offer(name, price=EURO.price4(text))


def amount(text: str, name: str = "amount") -> Offer:
    return Offer(name, amount=EURO.minor(text))


def buy(some: int, more: int, rate: int | None = None, name: str = "buy") -> Offer:
    return Offer(name, rate=None if rate is None else Millionths(rate * 10_000), buy=some, get=more)


def any_of(pieces: int, text: str) -> Offer:
    return Offer("set", price=EURO.price4(text), pieces=pieces)


def all_of(items: str, text: str) -> Offer:
    return Offer("set", price=EURO.price4(text), items=tuple(items))


def ware(item: str, cost: str, quantity: int, *offers: Offer) -> Ware:
    price4 = EURO.price4(cost)
    return Ware(item, price4, quantity, EURO.amount_of(price4, quantity), offers)


def saved(*wares: Ware) -> list[str]:
    """Return the saving on each ware, as text."""
    return [EURO.text(Minor(sum(one.amount for one in own))) for own in save_on(wares, EURO)]


@pytest.mark.parametrize(
    ("sold", "off"),
    [
        ([ware("a", "83.33", 1, percent(50))], ["41.67"]),
        ([ware("a", "2.50", 3, amount("0.30"))], ["0.90"]),
        ([ware("a", "0.20", 3, amount("0.30"))], ["0.60"]),  # never more than it costs
        ([ware("a", "2.50", 3, price("2.00"))], ["1.50"]),
        ([ware("a", "2.50", 3, price("0.00"))], ["7.50"]),
        ([ware("a", "0.50", 1, amount("0.01"))], ["0.01"]),
        ([ware("a", "2.50", 3, price("3.00"))], ["0.00"]),  # a promotion makes nothing dearer
        ([ware("a", "2.00", 2, buy(2, 1))], ["0.00"]),
        ([ware("a", "2.00", 3, buy(2, 1))], ["2.00"]),
        ([ware("a", "2.00", 7, buy(2, 1))], ["4.00"]),
        ([ware("a", "2.01", 2, buy(1, 1, 50))], ["1.01"]),
        ([ware("a", "3.00", 1, buy(2, 1)), ware("b", "2.00", 1, buy(2, 1)), ware("c", "1.00", 1, buy(2, 1))],
         ["0.00", "0.00", "1.00"]),  # the cheapest of them is given
        ([ware("a", "3.00", 2, buy(1, 1)), ware("b", "1.00", 2, buy(1, 1))], ["3.00", "1.00"]),  # the dearest first
        ([ware("a", "4.00", 3, any_of(3, "10.00"))], ["2.00"]),
        ([ware("a", "4.00", 2, any_of(3, "10.00"))], ["0.00"]),
        ([ware("a", "4.00", 2, any_of(3, "10.00")), ware("b", "5.00", 1, any_of(3, "10.00"))], ["1.85", "1.15"]),
        ([ware("a", "3.00", 3, any_of(3, "10.00"))], ["0.00"]),
        ([ware("a", "6.00", 3, all_of("ab", "9.00")), ware("b", "5.00", 2, all_of("ab", "9.00"))], ["2.18", "1.82"]),
        ([ware("a", "6.00", 3, all_of("aab", "9.00")), ware("b", "5.00", 2, all_of("aab", "9.00"))], ["5.65", "2.35"]),
        ([ware("a", "6.00", 3, all_of("ab", "9.00"))], ["0.00"]),
        # 0.02 of 4.00 are 1.5 and 0.5 cents: of equal remainders the dearer piece has the cent
        ([ware("a", "3.00", 1, all_of("ba", "3.98")), ware("b", "1.00", 1, all_of("ba", "3.98"))], ["0.02", "0.00"]),
        ([ware("a", "2.00", -2, percent(50))], ["-2.00"]),  # a return is worth its price
        ([ware("a", "2.00", -3, buy(2, 1))], ["0.00"]),
        ([ware("a", "2.00", 0, percent(50), buy(1, 1))], ["0.00"]),
    ],
)  # fmt: skip
def test_each_kind_saves_what_it_says(sold: Sequence[Ware], off: list[str]) -> None:
    assert saved(*sold) == off


@pytest.mark.parametrize(
    ("offers", "off", "name"),
    [
        ((percent(10), percent(20, "b")), "2.00", "b"),  # the better for the guest
        ((percent(20, "b"), percent(20, "a")), "2.00", "a"),  # of equals the earlier name
        ((amount("1.50"), price("8.00")), "2.00", "price"),
        ((percent(100), buy(1, 1)), "10.00", "percent"),
    ],
)
def test_better_of_two_promotions_on_a_piece_counts(offers: tuple[Offer, ...], off: str, name: str) -> None:
    for some in (offers, offers[::-1]):
        assert save_on([ware("a", "10.00", 1, *some)], EURO) == [(Saved(name, EURO.minor(off)),)]


def test_pieces_that_an_offer_on_several_leaves_bear_the_one_on_each() -> None:
    for pieces, lots in ((4, 1), (6, 2), (7, 2)):
        own = save_on([ware("a", "10.00", pieces, buy(2, 1), percent(10))], EURO)[0]
        rest = [Saved("percent", Minor(100))] if pieces % 3 else []
        assert own == (Saved("buy", Minor(1_000 * lots)), *rest)


@pytest.mark.parametrize(
    ("several", "alone", "off", "name"),
    [
        (buy(1, 1, 50), percent(24), 500, "buy"),
        (buy(1, 1, 50), percent(25), 500, "percent"),  # of equals the one on each piece
        (buy(1, 1, 50), percent(30), 600, "percent"),
        (buy(1, 1, 50), amount("2.49"), 500, "buy"),
        (buy(1, 1, 50), amount("2.51"), 502, "amount"),
        (buy(1, 1), price("5.01"), 1_000, "buy"),
        (buy(1, 1), price("4.99"), 1_002, "price"),
        (any_of(2, "15.00"), price("7.51"), 500, "set"),
        (any_of(2, "15.00"), price("7.49"), 502, "price"),
        (all_of("aa", "15.00"), amount("2.50"), 500, "amount"),
        (any_of(2, "0.00"), price("0.00"), 2_000, "price"),
    ],
)
def test_an_offer_on_several_counts_only_where_it_is_worth_more_than_one_on_each(
    several: Offer, alone: Offer, off: int, name: str
) -> None:
    for some in ((several, alone), (alone, several)):
        assert save_on([ware("a", "10.00", 2, *some)], EURO) == [(Saved(name, Minor(off)),)]


def test_an_amount_off_each_piece_is_worth_no_more_than_the_piece() -> None:
    """The two cost 11.00: a set for 5.00 saves 6.00, and 3.00 off each of them only 4.00."""
    offers = (any_of(2, "5.00"), amount("3.00"))
    assert saved(ware("a", "10.00", 1, *offers), ware("b", "1.00", 1, *offers)) == ["5.45", "0.55"]


def test_savings_of_one_name_are_one_saving_and_never_more_than_the_price() -> None:
    (own,) = save_on([ware("a", "10.00", 4, buy(2, 1, name="x"), percent(10, "x"))], EURO)
    assert own == (Saved("x", Minor(1_100)),)
    free = replace(ware("a", "10.00", 4, buy(1, 1, name="x"), percent(100, "y")), listed=Minor(2_500))
    assert sum(one.amount for one in save_on([free], EURO)[0]) == 2_500
    dear = replace(ware("a", "10.00", 4, any_of(3, "0.00"), percent(50, "y")), listed=Minor(3_300))
    assert save_on([dear], EURO) == [(Saved("set", Minor(3_000)), Saved("y", Minor(300)))]


def test_equal_promotions_are_decided_by_name() -> None:
    for some in ((buy(1, 1, name="b"), replace(any_of(2, "10.00"), name="a")), (buy(1, 1), any_of(2, "10.00"))):
        (own,) = save_on([ware("a", "10.00", 2, *some)], EURO)
        assert own == (Saved(min(one.name for one in some), Minor(1_000)),)


def test_a_weighed_item_bears_a_percentage_alone() -> None:
    offers = (percent(10), amount("1.00", "z"), price("0.00", "z"), buy(1, 1, name="z"))
    cheese = Ware("cheese", EURO.price4("12.99"), 1, Minor(435), offers, weighed=True)
    assert save_on([cheese], EURO) == [(Saved("percent", Minor(44)),)]
    assert save_alone(cheese, EURO) == (Saved("percent", Minor(44)),)


def test_a_ware_is_worth_its_price_without_its_deposits() -> None:
    bottle = Offer("z", amount=Minor(50))
    assert ware_of("beer", Price4(25_000), 3, Minor(675), Minor(750), (bottle,), EURO, weighed=False) == Ware(
        "beer", Price4(22_500), 3, Minor(675), (bottle,)
    )
    yen = ware_of("beer", Price4(2_500_000), 2, Minor(450), Minor(500), (bottle,), Currency("JPY"), weighed=False)
    assert (yen.price4, yen.listed) == (2_250_000, 450)
    assert ware_of("beer", Price4(25_000), -3, Minor(-675), Minor(-750), (), EURO, weighed=False).price4 == 22_500
    assert ware_of("cheese", Price4(129_900), 1, Minor(435), Minor(435), (), EURO, weighed=True).weighed
    assert ware_of("cheap", Price4(1_000), 1, Minor(0), Minor(25), (), EURO, weighed=False).price4 == 0
    assert ware_of("none", Price4(1_000), 0, Minor(0), Minor(0), (), EURO, weighed=False).price4 == 1_000


def test_more_pieces_than_anybody_counts_take_no_time() -> None:
    assert saved(ware("a", "0.01", 9_999_999, buy(2, 1))) == ["33333.33"]


PRICES = st.integers(1, 500_000).map(Price4)
NAMES = st.sampled_from("xyz")
OFFERS = st.one_of(
    st.builds(lambda name, rate: Offer(name, rate=Millionths(rate)), NAMES, st.integers(0, 1_000_000)),
    st.builds(lambda name, off: Offer(name, amount=Minor(off)), NAMES, st.integers(0, 2_000)),
    st.builds(lambda name, cost: Offer(name, price=cost), NAMES, PRICES),
    st.builds(buy, st.integers(1, 4), st.integers(1, 3), st.sampled_from([None, 0, 25, 100]), NAMES),
    st.builds(lambda name, n, cost: Offer(name, price=cost, pieces=n), NAMES, st.integers(1, 4), PRICES),
    st.builds(
        lambda name, items, cost: Offer(name, price=cost, items=tuple(items)),
        NAMES, st.lists(st.sampled_from("abc"), min_size=1, max_size=4), PRICES,
    ),
)  # fmt: skip


@st.composite
def sales(draw: st.DrawFn) -> list[Ware]:
    """Some of three items, each with offers that all pieces of it meet."""
    offers = draw(st.lists(OFFERS, max_size=5))
    on = {item: tuple(one for one in offers if draw(st.booleans())) for item in "abc"}
    prices = st.sampled_from([Price4(25_500), Price4(33_300)]) | PRICES  # now and then an item stands on two lines
    wares = draw(st.lists(st.tuples(st.sampled_from("abc"), prices, st.integers(-2, 9)), max_size=6))
    return [
        Ware(item, price4, quantity, EURO.amount_of(price4, quantity), on[item]) for item, price4, quantity in wares
    ]


@given(sales())
def test_a_promotion_neither_costs_anything_nor_takes_more_than_the_price(sold: list[Ware]) -> None:
    for one, own in zip(sold, save_on(sold, EURO), strict=True):
        assert all(part.amount * one.listed > 0 for part in own)
        assert abs(sum(part.amount for part in own)) <= abs(one.listed)
        assert len({part.name for part in own}) == len(own)


@given(sales(), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_decides_nothing(sold: list[Ware], chance: Any) -> None:
    other = sold.copy()
    chance.shuffle(other)
    first, second = (
        sorted(
            (one.item, one.price4, one.quantity, [(part.name, part.amount) for part in own])
            for one, own in zip(some, save_on(some, EURO), strict=True)
        )
        for some in (sold, other)
    )
    assert first == second


def test_the_order_of_lines_of_one_item_decides_no_cent() -> None:
    sold = [ware("tea", "2.55", pieces, buy(1, 1, 50)) for pieces in (1, 4, 3)]
    sums = {sum(part.amount for own in save_on(some, EURO) for part in own) for some in permutations(sold)}
    assert len(sums) == 1


def test_offers_of_other_wares_are_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order made to hurt, of many wares with many offers each, is priced by the work of each ware alone."""
    looked = Counter[str]()
    plan = promotion._plan

    def counted(offer: Offer, *rest: Any) -> Any:
        looked[offer.name] += 1
        return plan(offer, *rest)

    monkeypatch.setattr(promotion, "_plan", counted)
    wares = [
        ware_of(
            f"item {place}",
            Price4(100_000 + place),
            3,
            Minor(3_000),
            Minor(3_000),
            tuple(Offer(f"{place} {number}", buy=2, get=1) for number in range(5)),
            Currency("INR"),
            weighed=False,
        )
        for place in range(20)
    ]
    assert all(saved for saved in save_on(wares, Currency("INR")))
    assert max(looked.values()) == 2


def _worth(offer: Offer, price4: int, scale: int) -> Fraction:
    """The saving of an offer on each piece, in ten-thousandths."""
    if offer.rate is not None:
        return Fraction(price4 * offer.rate, 1_000_000)
    if offer.amount is not None:
        return Fraction(min(offer.amount * 10_000 // scale, price4))
    return Fraction(max(0, price4 - (offer.price or 0)))


def _naive(sold: Sequence[Ware], currency: Currency) -> list[dict[str, int]]:
    """The savings by name on each ware: piece by piece, as the promises at the head of the module say."""
    dearest = sorted(range(len(sold)), key=lambda one: (-sold[one].price4, sold[one].item, -sold[one].quantity))
    left = Counter({one: sold[one].quantity for one in dearest if sold[one].quantity > 0})
    alone = [
        max((_worth(offer, ware.price4, currency.scale) for offer in ware.offers if not offer.is_of_several), default=0)
        for ware in sold
    ]
    several = {offer for ware in sold for offer in ware.offers if offer.is_of_several}
    saved = [dict[str, int]() for _ware in sold]
    while several:
        plans = {offer: _sets(offer, sold, dearest, left, alone) for offer in several}
        gains = {offer: -sum(gain for gain, _taken in plan) for offer, plan in plans.items()}
        best = min(several, key=lambda offer: (gains[offer], offer.name, repr(offer)))
        several.remove(best)
        left.subtract(one for _gain, taken in plans[best] for one in taken)
        reduced = Counter(one for _gain, taken in plans[best] for one in taken[-best.get if best.buy else 0 :])
        costs = {one: currency.amount_of(sold[one].price4, reduced[one]) for one in dearest if reduced[one]}
        if best.buy:
            off = {one: divide_and_round(cost * (1_000_000 if best.rate is None else best.rate), 1_000_000)
                   for one, cost in costs.items()}  # fmt: skip
        else:
            whole = sum(costs.values()) - currency.amount_of(best.price or Price4(0), len(plans[best]))
            off = dict(zip(costs, spread(Minor(max(0, whole)), list(costs.values())), strict=True))
        for one, amount in off.items():
            saved[one][best.name] = saved[one].get(best.name, 0) + amount
    for one, ware in enumerate(sold):
        pieces = left[one] if ware.quantity > 0 else -ware.quantity
        cost = abs(ware.listed) if pieces == abs(ware.quantity) else currency.amount_of(ware.price4, pieces)
        cuts = list[tuple[int, str]]()
        for offer in ware.offers:
            if not offer.is_of_several:
                price = currency.amount_of(offer.price or Price4(0), pieces)
                cut = divide_and_round(cost * offer.rate, 1_000_000) if offer.rate is not None else cost - price
                cuts.append((-(cut if offer.amount is None else min(offer.amount * pieces, cost)), offer.name))
        if cuts and min(cuts)[0] < 0:
            minus, name = min(cuts)
            saved[one][name] = saved[one].get(name, 0) - minus
    return saved


def _sets(
    offer: Offer, sold: Sequence[Ware], dearest: list[int], left: Counter[int], alone: list[Any]
) -> list[tuple[Any, list[int]]]:
    """The sets of an offer that gain more than the offers on each piece: the gain, and the pieces, dearest first."""
    pool = [one for one in dearest if offer in sold[one].offers for _piece in range(left[one])]
    needs = Counter(offer.items) if offer.items else {None: offer.pieces or offer.buy + offer.get}
    sets = list[tuple[Any, list[int]]]()
    while True:
        taken = [one for item, size in needs.items()
                 for one in [one for one in pool if item in (None, sold[one].item)][:size]]  # fmt: skip
        if len(taken) < sum(needs.values()):
            return sets
        for one in taken:
            pool.remove(one)
        if offer.buy:
            rate = Fraction(1_000_000 if offer.rate is None else offer.rate, 1_000_000)
            gain = sum(sold[one].price4 for one in taken[-offer.get :]) * rate
        else:
            gain = Fraction(sum(sold[one].price4 for one in taken) - (offer.price or 0))
        gain -= sum(alone[one] for one in taken)
        if gain > 0:
            sets.append((gain, taken))


@given(sales(), st.sampled_from([EURO, Currency("JPY"), Currency("BHD")]))
def test_savings_are_those_of_pieces_taken_one_by_one(sold: list[Ware], currency: Currency) -> None:
    sold = [replace(ware, listed=currency.amount_of(ware.price4, ware.quantity)) for ware in sold]
    expected = []
    for ware, own in zip(sold, _naive(sold, currency), strict=True):
        room = abs(ware.listed)
        kept = {}
        for name, amount in own.items():
            if limited := min(amount, room):
                kept[name] = limited if ware.quantity > 0 else -limited
                room -= limited
        expected.append(kept)
    assert [{one.name: one.amount for one in own} for own in save_on(sold, currency)] == expected
