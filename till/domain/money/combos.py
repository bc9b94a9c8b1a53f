"""Combos: one price for a piece in each slot, such as a main and a drink (ADR 0025).

The combo that saves most is made first, of the pieces that save most and fit its slots together; then the next, of what
is left. Equal: the earlier name, then dearer pieces, the item's id, the row's key; never the order of the lines.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property, lru_cache
from heapq import heapify, heappop, heapreplace
from itertools import islice, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from till.domain.money.measures import Millionths, Price4

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WHOLE: Final = Millionths(1_000_000)
#: The most pieces of a combo: one of more is never made.
MOST_PIECES: Final = 12
#: The most work on an order, in squares of pieces. No honest order comes near; after it, no more combos are made.
_MOST_WORK: Final = 20_000


class Slot(Struct, frozen=True):
    """A slot of a combo, as an item of it has it.

    Attributes:
        pieces: the number of pieces that it takes.
        extra: the surcharge for a piece of the item in it; None if the item does not fit.
    """

    name: str
    pieces: int = 1
    extra: Price4 | None = None


class Lot(Struct, frozen=True):
    """Pieces that an offer takes together, `times` times.

    Attributes:
        taken: (index of the ware, pieces), the dearest first.
        gain: the saving of one over the offers on single pieces, in ten-thousandths times a million.
    """

    times: int
    taken: tuple[tuple[int, int], ...]
    gain: int


class Combo(Lot, frozen=True):
    """Equal combos of a name. One costs `price4`, surcharges included."""

    name: str
    price4: Price4


class ComboTerms(Struct, frozen=True, dict=True):
    """The terms of a combo as a ware has them. Those of equal name, price, and names and pieces of slots are one."""

    name: str
    price4: Price4
    slots: tuple[Slot, ...]

    @cached_property
    def one(self) -> tuple[str, Price4, tuple[tuple[str, int], ...]]:
        """The terms without what fits."""
        return self.name, self.price4, tuple((slot.name, slot.pieces) for slot in self.slots)


class Candidate(NamedTuple):
    """A ware that fits combos.

    Attributes:
        place: the index of the ware.
        pieces: the pieces that no other offer has taken.
        free: the price of a piece less its saving by an offer on single pieces, in ten-thousandths times a million.
    """

    place: int
    pieces: int
    free: int
    combos: frozenset[ComboTerms]


class _Fit(NamedTuple):
    """A ware in a slot: the gain of a piece there, with its rank among equal ones in the same number."""

    worth: int
    rank: int
    free: int
    extra: Price4


class _Slots(NamedTuple):
    """The terms of a combo, and for each slot its pieces and the wares that fit, those that gain most first.

    `need` is the number of its pieces.
    """

    name: str
    price4: Price4
    fits: tuple[tuple[int, list[_Fit]], ...]
    need: int


def make_combos(candidates: Sequence[Candidate]) -> list[Combo]:
    """Return the combos that save more than the offers on single pieces, in the order in which they are made.

    Args:
        candidates: the wares that fit combos, the dearest first.
    """
    left = [one.pieces for one in candidates]
    every = _slots_by_terms(tuple([(one.free, one.combos) for one in candidates]))
    combos = [one for one in every if one.need <= MOST_PIECES]
    work = sum(one.need**2 for one in combos)
    best = [] if work > _MOST_WORK else [_ranked(at, one, left) for at, one in enumerate(combos)]
    waiting = [one for one in best if one is not None]
    heapify(waiting)
    made: list[Combo] = []
    while waiting and work <= _MOST_WORK:
        _gain, _name, _ranks, at, combo = waiting[0]
        if not (times := min([left[rank] // pieces for rank, pieces in combo.taken])):
            # the next best of its terms is no better: those behind it need no look until they are the first
            work += combos[at].need ** 2
            if (best_now := _ranked(at, combos[at], left)) is None:
                heappop(waiting)
            else:
                heapreplace(waiting, best_now)
            continue
        taken = tuple([(candidates[rank].place, pieces) for rank, pieces in combo.taken])
        made.append(Combo(times, taken, combo.gain, combo.name, combo.price4))
        for rank, pieces in combo.taken:
            left[rank] -= times * pieces
    return made


def _ranked(at: int, combo: _Slots, left: Sequence[int]) -> tuple[int, str, list[int], int, Combo] | None:
    """Return the best combo of the terms `at`, behind its sort key."""
    best = _best(combo, left)
    if best is None:
        return None
    return -best.gain, best.name, [rank for rank, pieces in best.taken for _piece in range(pieces)], at, best


@lru_cache(maxsize=20)
def _slots_by_terms(candidates: tuple[tuple[int, frozenset[ComboTerms]], ...]) -> tuple[_Slots, ...]:
    """Return the combos of (`free`, `combos`), which one more piece of a ware leaves as they are.

    The worth of a fit has a digit for each rank, which orders sums of equal gain.
    """
    found: dict[tuple[str, Price4, tuple[tuple[str, int], ...]], list[tuple[int, ComboTerms]]] = {}
    for rank, (_free, own_terms) in enumerate(candidates):
        for terms in own_terms:
            found.setdefault(terms.one, []).append((rank, terms))
    combos: list[_Slots] = []
    for (name, price4, slots), own in sorted(found.items()):
        need = sum(pieces for _name, pieces in slots)
        digit = (need + 1).bit_length()
        fits: tuple[tuple[int, list[_Fit]], ...] = tuple((pieces, []) for _name, pieces in slots)
        for rank, terms in own:
            free, order = candidates[rank][0], 1 << digit * (len(candidates) - 1 - rank)
            for (_pieces, fitting), slot in zip(fits, terms.slots, strict=True):
                if slot.extra is not None:
                    gain = free - slot.extra * _WHOLE
                    fitting.append(_Fit((gain << digit * len(candidates)) + order, rank, free, slot.extra))
        for _pieces, fitting in fits:
            fitting.sort(reverse=True)
        combos.append(_Slots(name, price4, fits, need))
    return tuple(combos)


def _best(combo: _Slots, left: Sequence[int]) -> Combo | None:
    """Return the combo that saves most, once, with the ranks of its pieces; None if none saves."""
    taken: list[_Fit] = []
    for pieces, fitting in combo.fits:
        missing = pieces
        for fit in fitting:
            if some := left[fit.rank]:
                taken += [fit] * min(missing, some)
                missing -= some
                if missing <= 0:
                    break
        if missing > 0:
            return None
    ranks = sorted([fit.rank for fit in taken])
    if len({*ranks}) < len(ranks) and any(pieces > left[rank] for rank, pieces in Counter(ranks).items()):
        # no others can matter
        tops = [list(islice(_pieces(fitting, left), combo.need)) for _size, fitting in combo.fits]
        seats = [top for top, (pieces, _fitting) in zip(tops, combo.fits, strict=True) for _piece in range(pieces)]
        taken = _seated(seats, left)
        if len(taken) < combo.need:
            return None
        ranks = sorted([fit.rank for fit in taken])
    price4 = Price4(combo.price4 + sum([fit.extra for fit in taken]))
    gain = sum([fit.free for fit in taken]) - price4 * _WHOLE
    counts = tuple([(rank, ranks.count(rank)) for rank in dict.fromkeys(ranks)])
    return Combo(1, counts, gain, combo.name, price4) if gain > 0 else None


def _pieces(fitting: Iterable[_Fit], left: Sequence[int]) -> Iterator[_Fit]:
    for fit in fitting:
        yield from repeat(fit, left[fit.rank])


def _seated(seats: Sequence[Sequence[_Fit]], left: Sequence[int]) -> list[_Fit]:
    """Return the fits, one a seat, that are worth most together; fewer if not all seats can be taken.

    It is the assignment problem, by the Hungarian method: seat by seat, along the cheapest chain of moves.
    """
    fits = [{fit.rank: fit for fit in seat} for seat in seats]
    columns = [rank for rank in set[int]().union(*fits) for _piece in range(min(left[rank], len(seats)))]
    if len(columns) < len(seats):
        return []
    never = 1 + 2 * len(seats) * max(abs(fit.worth) for seat in seats for fit in seat)
    costs = [[-seat[rank].worth if rank in seat else never for rank in columns] for seat in fits]
    of_seat, of_column = [0] * len(seats), [0] * len(columns)  # the potentials of the method
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
