"""Promotions: the savings on a sale. Each piece has at most one promotion, the best one for the guest.

Offers on single pieces (a percentage, an amount, a price) are compared for each ware: the offer that saves most wins.
Offers on several pieces (buy n get m, a set) then take the pieces for which they save more, starting with the offer
that saves most. Such an offer takes the most expensive pieces first and reduces the cheapest of them. Of equal offers,
the first by name wins. The result does not depend on the order of the lines.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.money.amount import PRICE_SCALE, spread
from till.domain.money.combos import Candidate, Combo, ComboTerms, Lot, Slot, make_combos
from till.domain.money.discount import share_of
from till.domain.money.measures import FREE, NOTHING, Millionths, Minor, Price4, sum_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from till.domain.money.amount import Currency

_WHOLE: Final = 1_000_000


class Offer(Struct, frozen=True):
    """The terms of a promotion: `rate`, `amount` or `price`; or `buy` and `get`; or a set and its `price`.

    Attributes:
        rate: the part of the price that comes off each piece; with `buy`, off each `get` piece, which is free if None.
        amount: the amount that comes off each piece, in minor units.
        price: the price of a piece, or of a set.
        buy: the number of pieces at full price.
        get: the number of further pieces that are free or reduced.
        pieces: the number of pieces in a set of any of the items.
        items: the items of a set, one piece of each; an item listed twice counts twice.
        slots: the slots of a combo, which costs `price`.
    """

    name: str
    rate: Millionths | None = None
    amount: Minor | None = None
    price: Price4 | None = None
    buy: int = 0
    get: int = 0
    pieces: int = 0
    items: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()

    @property
    def is_of_several(self) -> bool:
        """True if the offer applies to several pieces together."""
        return bool(self.buy or self.pieces or self.items or self.slots)


def percentages(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Return the offers of a percentage off each piece, which alone apply to what is weighed."""
    return tuple(offer for offer in offers if offer.rate is not None and not offer.is_of_several)


class Saved(Struct, frozen=True):
    """The amount that a promotion saves on a ware, with the sign of the ware's price."""

    name: str
    amount: Minor


class Ware(Struct, frozen=True, dict=True):
    """Equal pieces of one item: the price of a piece, the number of pieces, and the offers that apply.

    Attributes:
        listed: the price of all pieces, in minor units.
        weighed: True if the item is weighed. Of all offers, only a percentage applies to it.
        choices4: the part of `price4` that choices add, which a combo does not include.
        key: the key of the row, which tells equal wares apart.
    """

    item: str
    price4: Price4
    quantity: int
    listed: Minor
    offers: tuple[Offer, ...] = ()
    weighed: bool = False
    choices4: Price4 = FREE
    key: str = ""

    @cached_property
    def bare4(self) -> Price4:
        """The price of a piece without its choices."""
        return Price4(max(0, self.price4 - self.choices4))

    @cached_property
    def combos(self) -> frozenset[ComboTerms]:
        """The terms of the combos that it fits."""
        return frozenset(
            ComboTerms(offer.name, offer.price or Price4(0), offer.slots) for offer in self.offers if offer.slots
        )

    @cached_property
    def singles(self) -> tuple[Offer, ...]:
        """The offers on single pieces."""
        return tuple(offer for offer in self.offers if not offer.is_of_several)

    @cached_property
    def planned(self) -> tuple[Offer, ...]:
        """The offers on several pieces, where all combos are one, `_COMBOS`."""
        offers = (_COMBOS if offer.slots else offer for offer in self.offers if offer.is_of_several)
        return tuple(dict.fromkeys(offers))

    @cached_property
    def rank(self) -> tuple[int, str, str, int, list[str]]:
        """The sort key for combos, the dearest first. It ignores the line's place, which differs between tills."""
        return -self.bare4, self.item, self.key, -self.quantity, [offer.name for offer in self.offers]

    @cached_property
    def full_rank(self) -> tuple[int, str, int, list[str]]:
        """The sort key for other offers, the dearest first. It ignores the line's place too."""
        return -self.price4, self.item, -self.quantity, [offer.name for offer in self.offers]


#: All combos together, which count as one offer among the others.
_COMBOS: Final = Offer("", slots=(Slot(""),))


def ware_of(
    item: str,
    price4: Price4,
    pieces: int,
    bearing: Minor,
    listed: Minor,
    offers: tuple[Offer, ...],
    currency: Currency,
    *,
    weighed: bool,
    choices4: Price4 = FREE,
    key: str = "",
) -> Ware:
    """Return the ware of a line: its price without deposits and levies, which are never discounted.

    Args:
        item: the item.
        price4: the price of a piece, including deposits and levies.
        pieces: the number of pieces.
        bearing: the price of all pieces without deposits and levies, in minor units.
        listed: the price of all pieces including them, in minor units.
        offers: the promotions that apply.
        currency: the currency of the amounts.
        weighed: True if the item is weighed.
        choices4: the part of the price that choices add.
        key: the key of the row.
    """
    firm = (listed - bearing) * PRICE_SCALE // (currency.scale * pieces) if pieces else 0
    return Ware(item, Price4(max(0, price4 - firm)), pieces, bearing, offers, weighed, choices4, key)


def save_on(wares: Sequence[Ware], currency: Currency, combos: list[Combo] | None = None) -> list[tuple[Saved, ...]]:
    """Return the savings by promotions on each ware, at most its price.

    Args:
        wares: all wares of the sale, in any order.
        currency: the currency of the amounts.
        combos: gets the combos that are made, if given.
    """
    left = [max(ware.quantity, 0) if not ware.weighed else 0 for ware in wares]
    saved: list[list[Saved]] = [[] for _ware in wares]
    candidates = _wares_by_offer(wares)
    several = set[int]().union(*candidates.values())
    alone = {place: _best_alone(wares[place], currency) if wares[place].singles else 0 for place in several}
    plans = {offer: _plan(offer, wares, places, left, alone) for offer, places in candidates.items()}
    while plans:
        offer = min(plans, key=lambda one: _plan_rank(one, plans[one]))
        plan = plans.pop(offer)
        if not plan:  # the best plan gains nothing, so the others gain nothing either
            break
        if combos is not None:
            combos += [lot for lot in plan if isinstance(lot, Combo)]
        for place, one in _savings(offer, plan, wares, currency):
            saved[place].append(one)
        changed = set[int]()
        for part in plan:
            for place, pieces in part.taken:
                left[place] -= part.times * pieces
                changed.add(place)
        for other in {one for place in changed for one in wares[place].planned if one in plans}:
            candidates[other] = [place for place in candidates[other] if left[place]]
            plans[other] = _plan(other, wares, candidates[other], left, alone)
    return [
        _limited(ware, [*own, *_alone(ware, rest, currency)]) if ware.singles else _limited(ware, own) if own else ()
        for ware, own, rest in zip(wares, saved, left, strict=True)
    ]


def _wares_by_offer(wares: Sequence[Ware]) -> dict[Offer, list[int]]:
    """Return the wares for each offer on several pieces, most expensive first."""
    by_offer: dict[Offer, list[int]] = {}
    for place, ware in enumerate(wares):
        for offer in ware.planned:
            by_offer.setdefault(offer, []).append(place)
    for places in by_offer.values():
        places.sort(key={place: wares[place].full_rank for place in places}.__getitem__)
    return by_offer


def _plan_rank(offer: Offer, plan: Sequence[Lot]) -> tuple[int, str, str]:
    """Return the sort key of plans: the largest gain first, then by name; combos by that of the first one."""
    first = next(iter(plan), None)
    name = first.name if isinstance(first, Combo) else offer.name
    return -sum([part.times * part.gain for part in plan]), name, repr(offer)


def save_alone(ware: Ware, currency: Currency) -> tuple[Saved, ...]:
    """Return the savings on a ware by offers on single pieces."""
    return _limited(ware, _alone(ware, abs(ware.quantity), currency))


def _limited(ware: Ware, saved: Sequence[Saved]) -> tuple[Saved, ...]:
    """Add up savings by name, limited to the price of the ware."""
    sums: dict[str, int] = {}
    for one in saved:
        sums[one.name] = sums.get(one.name, 0) + abs(one.amount)
    room, kept = abs(ware.listed), list[Saved]()
    for name, amount in sums.items():
        limited = min(amount, room)
        room -= limited
        if limited:
            kept.append(Saved(name, Minor(-limited if ware.listed < 0 else limited)))
    return tuple(kept)


class _Group(Struct, frozen=True):
    """Pieces of which a set needs `size`: runs of [ware, pieces], most expensive first."""

    runs: deque[list[int]]
    size: int

    def is_enough(self) -> bool:
        """True if there are enough pieces for one more set."""
        return sum(count for _place, count in islice(self.runs, self.size)) >= self.size

    def take(self, times: int) -> Iterator[tuple[int, int]]:
        """Take the pieces for `times` equal sets. Yield each ware with its pieces in one set."""
        need = self.size
        while need:
            run = self.runs[0]
            pieces = min(need, run[1] // times)
            run[1] -= pieces * times
            need -= pieces
            yield run[0], pieces
            if not run[1]:
                self.runs.popleft()


# Offers on single pieces.


def _alone(ware: Ware, pieces: int, currency: Currency) -> list[Saved]:
    """Return the savings of the best offer for some pieces; if the ware is weighed or returned, for all of it."""
    if ware.weighed or ware.quantity < 0:
        pieces = abs(ware.quantity)
    if not pieces:
        return []
    all_of_it = pieces == abs(ware.quantity)
    cost = Minor(abs(ware.listed)) if all_of_it else currency.amount_of(ware.price4, pieces)
    found = [Saved(offer.name, off) for offer in ware.singles if (off := _off(offer, ware, pieces, cost, currency)) > 0]
    return [min(found, key=lambda one: (-one.amount, one.name))] if found else []


def _off(offer: Offer, ware: Ware, pieces: int, cost: Minor, currency: Currency) -> Minor:
    if offer.rate is not None:
        return share_of(cost, offer.rate)
    if ware.weighed:
        return NOTHING
    if offer.amount is not None:
        return Minor(min(offer.amount * pieces, cost))
    return Minor(cost - currency.amount_of(offer.price or Price4(0), pieces))


def _best_alone(ware: Ware, currency: Currency) -> int:
    """Return the saving on a piece by the best offer on single pieces, in ten-thousandths times a million."""
    return max((_worth(offer, ware.price4, currency) for offer in ware.singles), default=0)


def _worth(offer: Offer, price4: Price4, currency: Currency) -> int:
    """Return the saving of an offer on a piece of a price, in ten-thousandths times a million."""
    if offer.rate is not None:
        return price4 * offer.rate
    if offer.amount is not None:
        return min(offer.amount * PRICE_SCALE // currency.scale, price4) * _WHOLE
    return max(0, price4 - (offer.price or 0)) * _WHOLE


# Offers on several pieces.


def _plan(
    offer: Offer, wares: Sequence[Ware], candidates: Sequence[int], left: Sequence[int], alone: Mapping[int, int]
) -> Sequence[Lot]:
    """Return the pieces for an offer, where it saves more than offers on single pieces.

    Args:
        offer: an offer on several pieces.
        wares: all wares of the sale.
        candidates: the wares for the offer, most expensive first.
        left: the pieces of each ware that no offer has taken.
        alone: the saving on a piece of each ware by offers on single pieces (`_best_alone`).
    """
    if offer == _COMBOS:
        return make_combos(_combo_candidates(wares, candidates, left, alone))
    runs = [place for place in candidates if left[place]]
    groups: list[_Group]
    if offer.items:
        of_item: dict[str, deque[list[int]]] = {item: deque() for item in offer.items}
        for place in runs:
            if wares[place].item in of_item:
                of_item[wares[place].item].append([place, left[place]])
        groups = [_Group(found, offer.items.count(item)) for item, found in of_item.items()]
    else:
        groups = [_Group(deque([place, left[place]] for place in runs), offer.pieces or offer.buy + offer.get)]
    parts = list[Lot]()
    for times, taken in _taken(groups):
        gain = _given(offer, taken, wares) - sum(alone[place] * pieces for place, pieces in taken)
        if gain > 0:
            parts.append(Lot(times, taken, gain))
    return parts


def _combo_candidates(
    wares: Sequence[Ware], places: Sequence[int], left: Sequence[int], alone: Mapping[int, int]
) -> list[Candidate]:
    return [
        Candidate(
            place,
            left[place],
            wares[place].bare4 * _WHOLE - alone[place],
            wares[place].combos,
        )
        for place in sorted(places, key={place: wares[place].rank for place in places}.__getitem__)
        if left[place]
    ]


def _taken(groups: Sequence[_Group]) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    """Yield complete sets, most expensive pieces first: the number of equal sets, and each ware with its pieces."""
    while all(group.is_enough() for group in groups):
        times = min(max(group.runs[0][1] // group.size, 1) for group in groups)
        yield times, tuple(part for group in groups for part in group.take(times))


def _given(offer: Offer, taken: Sequence[tuple[int, int]], wares: Sequence[Ware]) -> int:
    """Return the saving by an offer on one set of pieces, in ten-thousandths times a million."""
    if offer.buy:
        rate = _WHOLE if offer.rate is None else offer.rate
        return sum(wares[place].price4 * pieces * rate for place, pieces in _cheapest(taken, offer.get))
    cost = sum(wares[place].price4 * pieces for place, pieces in taken)
    return (cost - (offer.price or 0)) * _WHOLE


def _cheapest(taken: Sequence[tuple[int, int]], pieces: int) -> list[tuple[int, int]]:
    """Return the cheapest of the taken pieces, as (index of the ware, pieces)."""
    found = list[tuple[int, int]]()
    for place, count in reversed(taken):
        if some := min(count, pieces):
            found.append((place, some))
            pieces -= some
    return found


def _savings(offer: Offer, plan: Sequence[Lot], wares: Sequence[Ware], currency: Currency) -> list[tuple[int, Saved]]:
    """Return the savings by an offer on each ware of a plan: (index of the ware, saving)."""
    if offer == _COMBOS:
        return [one for combo in plan if isinstance(combo, Combo) for one in share_combo(combo, wares, currency)]
    counts = dict[int, int]()
    for part in plan:
        taken = _cheapest(part.taken, offer.get) if offer.buy else part.taken
        for place, pieces in taken:
            counts[place] = counts.get(place, 0) + part.times * pieces
    costs = {place: currency.amount_of(wares[place].price4, pieces) for place, pieces in counts.items()}
    if offer.buy:
        rate = _WHOLE if offer.rate is None else offer.rate
        return [(place, Saved(offer.name, share_of(cost, Millionths(rate)))) for place, cost in costs.items()]
    sets = sum(part.times for part in plan)
    places = sorted(costs, key=lambda place: wares[place].full_rank)
    return _shared(offer.name, {place: costs[place] for place in places}, offer.price or Price4(0), sets, currency)


def share_combo(combo: Combo, wares: Sequence[Ware], currency: Currency) -> list[tuple[int, Saved]]:
    """Share the saving of equal combos among their wares: (index of the ware, saving)."""
    parts = tuple([(wares[place].bare4, combo.times * pieces) for place, pieces in combo.taken])
    shares = zip(combo.taken, _combo_shares(parts, combo.price4, combo.times, currency), strict=True)
    return [(place, Saved(combo.name, amount)) for (place, _pieces), amount in shares]


@lru_cache(maxsize=1000)
def _combo_shares(
    parts: tuple[tuple[Price4, int], ...], price4: Price4, times: int, currency: Currency
) -> tuple[Minor, ...]:
    """Share the saving of equal combos by the cost of each part, its price and pieces."""
    return _shares(tuple(currency.amount_of(bare4, pieces) for bare4, pieces in parts), price4, times, currency)


def _shared(
    name: str, costs: Mapping[int, Minor], price4: Price4, sets: int, currency: Currency
) -> list[tuple[int, Saved]]:
    """Share what sets save among the wares, by what these cost; of equal remainders, the first ware has the unit."""
    shares = _shares(tuple(costs.values()), price4, sets, currency)
    return [(place, Saved(name, amount)) for place, amount in zip(costs, shares, strict=True)]


def _shares(costs: tuple[Minor, ...], price4: Price4, sets: int, currency: Currency) -> tuple[Minor, ...]:
    return tuple(spread(Minor(max(0, sum_of(costs) - currency.amount_of(price4, sets))), costs))
