"""Combos: one price for a piece in each slot, such as a main and a drink (ADR 0025).

The combo that saves most is made first, of the pieces that save most and fit its slots together; then the next, of what
is left. Equal: the earlier name, then dearer pieces, the item's id, the row's key; never the order of the lines.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from till.domain.money.measures import Millionths, Price4

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from till.domain.money.promotion import Offer, Ware

_WHOLE: Final = Millionths(1_000_000)


class Slot(Struct, frozen=True):
    """A slot of a combo, as an item of it has it.

    Attributes:
        pieces: the number of pieces that it takes.
        extra: the surcharge for a piece of the item in it; None if the item does not fit.
    """

    name: str
    pieces: int = 1
    extra: Price4 | None = None


class Part(Struct, frozen=True):
    """Pieces that an offer takes together, `times` times.

    Attributes:
        taken: (index of the ware, pieces), the dearest first.
        gain: what they save once over the offers on single pieces, in ten-thousandths times a million.
    """

    times: int
    taken: tuple[tuple[int, int], ...]
    gain: int


class Combo(Part, frozen=True):
    """Equal combos of a name. One costs `price4`, surcharges included."""

    name: str
    price4: Price4


class _Terms(NamedTuple):
    """The terms of a combo, by which the lines that carry it find one another."""

    name: str
    price4: Price4
    slots: tuple[tuple[str, int], ...]


class _Fit(NamedTuple):
    """A ware in a slot: what a piece gains there, and its place in the order of equal ones, as one number to add up."""

    worth: int
    place: int
    extra: Price4


#: The slots of a combo, each with its wares, those that gain most first.
_Slots = tuple[list[_Fit], ...]


def make_combos(wares: Sequence[Ware], left: Sequence[int], alone: Mapping[int, int]) -> list[Combo]:
    """Return the combos that save more than the offers on single pieces, in the order in which they are made.

    Args:
        wares: all wares of the sale.
        left: the pieces of each ware that no offer has taken.
        alone: the saving on a piece of each ware by offers on single pieces, in ten-thousandths times a million.
    """
    remaining = {place: left[place] for place, ware in enumerate(wares) if left[place] and _combos_on(ware)}
    dearest = sorted(remaining, key=lambda place: wares[place].rank)
    rank = {place: at for at, place in enumerate(dearest)}
    slots = {terms: _slots_of(terms, own, rank, alone, wares) for terms, own in _wares_by_terms(wares, dearest).items()}
    best = {terms: _best(terms, own, remaining, wares, alone) for terms, own in slots.items()}
    made: list[Combo] = []
    while found := [(combo, terms) for terms, combo in best.items() if combo is not None]:
        combo, _terms = min(found, key=lambda one: (-one[0].gain, one[1].name, _ranks(one[0], rank), one[1]))
        times = min(remaining[place] // pieces for place, pieces in combo.taken)
        made.append(Combo(times, combo.taken, combo.gain, combo.name, combo.price4))
        for place, pieces in combo.taken:
            remaining[place] -= times * pieces
        # a combo whose pieces are all still there is still the best one of its terms
        for other, one in best.items():
            if one is not None and any(remaining[place] < pieces for place, pieces in one.taken):
                best[other] = _best(other, slots[other], remaining, wares, alone)
    return made


def _combos_on(ware: Ware) -> set[Offer]:
    return {offer for offer in ware.offers if offer.slots}


def _ranks(combo: Combo, rank: Mapping[int, int]) -> list[int]:
    return [rank[place] for place, pieces in combo.taken for _piece in range(pieces)]


def _wares_by_terms(wares: Sequence[Ware], dearest: Iterable[int]) -> dict[_Terms, list[tuple[int, tuple[Slot, ...]]]]:
    found: dict[_Terms, list[tuple[int, tuple[Slot, ...]]]] = {}
    for place in dearest:
        for offer in _combos_on(wares[place]):
            kinds = tuple((slot.name, slot.pieces) for slot in offer.slots)
            found.setdefault(_Terms(offer.name, offer.price or Price4(0), kinds), []).append((place, offer.slots))
    return found


def _slots_of(
    terms: _Terms,
    own: Sequence[tuple[int, tuple[Slot, ...]]],
    rank: Mapping[int, int],
    alone: Mapping[int, int],
    wares: Sequence[Ware],
) -> _Slots:
    """Return the wares that fit each slot. Their worth has a digit for each rank, which decides among equal gains."""
    digit = (sum(pieces for _name, pieces in terms.slots) + 1).bit_length()
    whole = digit * len(rank)
    found: _Slots = tuple([] for _slot in terms.slots)
    for place, fits in own:
        free = wares[place].bare4 * _WHOLE - alone[place]
        order = 1 << digit * (len(rank) - 1 - rank[place])
        for fitting, slot in zip(found, fits, strict=True):
            if slot.extra is not None:
                fitting.append(_Fit((free - slot.extra * _WHOLE << whole) + order, place, slot.extra))
    for fitting in found:
        fitting.sort(reverse=True)
    return found


def _best(
    terms: _Terms, slots: _Slots, remaining: Mapping[int, int], wares: Sequence[Ware], alone: Mapping[int, int]
) -> Combo | None:
    """Return the combo of some terms that saves most, once; None if none saves."""
    need = sum(pieces for _name, pieces in terms.slots)
    tops = [list(islice(_pieces(fitting, remaining), need)) for fitting in slots]  # no others can matter
    seats = [top for top, (_name, pieces) in zip(tops, terms.slots, strict=True) for _piece in range(pieces)]
    taken = [fit for top, (_name, pieces) in zip(tops, terms.slots, strict=True) for fit in top[:pieces]]
    if any(pieces > remaining[place] for place, pieces in Counter(fit.place for fit in taken).items()):
        taken = _seated(seats, remaining)
    if len(taken) < need:
        return None
    price4 = Price4(terms.price4 + sum(fit.extra for fit in taken))
    counts = Counter(fit.place for fit in taken)
    gain = sum((wares[place].bare4 * _WHOLE - alone[place]) * pieces for place, pieces in counts.items())
    gain -= price4 * _WHOLE
    parts = tuple(sorted(counts.items(), key=lambda one: wares[one[0]].rank))
    return Combo(1, parts, gain, terms.name, price4) if gain > 0 else None


def _pieces(fitting: Iterable[_Fit], remaining: Mapping[int, int]) -> Iterator[_Fit]:
    for fit in fitting:
        yield from repeat(fit, remaining[fit.place])


def _seated(seats: Sequence[Sequence[_Fit]], remaining: Mapping[int, int]) -> list[_Fit]:
    """Return the fits, one a seat, that are worth most together; fewer if not all seats can be taken.

    It is the assignment problem, by the Hungarian method: seat by seat, along the cheapest chain of moves.
    """
    fits = [{fit.place: fit for fit in seat} for seat in seats]
    columns = [place for place in set[int]().union(*fits) for _piece in range(min(remaining[place], len(seats)))]
    if len(columns) < len(seats):
        return []
    never = 1 + 2 * len(seats) * max(abs(fit.worth) for seat in seats for fit in seat)
    costs = [[-seat[place].worth if place in seat else never for place in columns] for seat in fits]
    of_seat, of_column = [0] * len(seats), [0] * len(columns)  # what each is worth at least
    owner: dict[int, int] = {}  # the seat of each column that is taken
    for seat in range(len(seats)):
        least, came = [never * never] * len(columns), dict[int, int | None]()
        passed: list[int] = []
        row, at = seat, None
        while True:
            for column in range(len(columns)):
                if column not in passed:
                    cost = costs[row][column] - of_seat[row] - of_column[column]
                    if cost < least[column]:
                        least[column], came[column] = cost, at
            ahead = min((column for column in range(len(columns)) if column not in passed), key=least.__getitem__)
            step = least[ahead]
            of_seat[seat] += step
            for column in passed:
                of_seat[owner[column]] += step
                of_column[column] -= step
            least = [one - step for one in least]
            passed.append(ahead)
            at = ahead
            if ahead not in owner:
                break
            row = owner[ahead]
        while at is not None:
            before = came[at]
            owner[at] = seat if before is None else owner[before]
            at = before
    return [fits[seat][columns[column]] for column, seat in owner.items() if columns[column] in fits[seat]]
