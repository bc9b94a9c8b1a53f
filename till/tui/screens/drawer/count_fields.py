"""The fields of a count: notes and coins or one sum, other kept tenders, what stays, and where the rest goes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.i18n import N_, _
from till.domain.money.coins import coins, notes
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.paying import CASH
from till.domain.shift.deciding import ShiftError
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.domain.shift.counting import CountBegun

#: The most digits of a number of notes.
_LONGEST: Final = 6
#: The usual places for what is taken out, by their digits; the first is the default.
PLACES: Final[dict[str, str]] = {"1": N_("safe"), "2": N_("bank")}
_LONGEST_PLACE: Final = 60


class Pieces(Struct, frozen=True):
    """The number of notes or coins of a value."""

    value: Minor


class Sum(Struct, frozen=True):
    """The sum of a tender."""

    tender: str


class Stays(Struct, frozen=True):
    """The cash that stays in the drawer."""


class GoesTo(Struct, frozen=True):
    """The place where the rest goes."""


Field = Pieces | Sum | Stays | GoesTo


def fields_of(begun: CountBegun, kept: tuple[str, ...], formats: Formats) -> tuple[Field, ...]:
    """Return the fields in their order; the place of the rest only if something is taken out."""
    found: list[Field] = []
    if begun.by_pieces:
        found += [Pieces(value) for value in (*notes(formats.currency), *coins(formats.currency))]
    elif CASH in kept:
        found.append(Sum(CASH))
    found += [Sum(tender) for tender in kept if tender != CASH]
    if CASH in kept:
        found.append(Stays())
        if begun.taken > 0:
            found.append(GoesTo())
    return tuple(found)


def is_missing(begun: CountBegun, field: Field) -> bool:
    """Return True if a field must be counted first."""
    match field:
        case Pieces(value=value):
            return value not in begun.pieces
        case Sum(tender=tender):
            return tender not in begun.sums
        case _:
            return False


def fill_field(begun: CountBegun, field: Field, typed: str, formats: Formats) -> CountBegun:
    """Return the count with a field as typed. Without text it is none, or as it was."""
    match field:
        case Pieces(value=value):
            number = _number(typed) if typed else begun.pieces.get(value, 0)
            return replace(begun, pieces={**begun.pieces, value: number})
        case Sum(tender=tender):
            if not typed and tender == CASH and tender not in begun.sums:
                raise ShiftError(_("Type the cash that is in the drawer, then Enter."))
            amount = _amount(typed, formats) if typed else begun.sums.get(tender, NOTHING)
            return replace(begun, sums={**begun.sums, tender: amount})
        case Stays():
            stays = _amount(typed, formats) if typed else begun.stays
            if stays is not None and stays > begun.cash:
                raise ShiftError(_("More would stay than was counted. Type what stays."))
            return replace(begun, stays=stays)
        case GoesTo():
            return replace(begun, to=PLACES.get(typed, typed)[:_LONGEST_PLACE] or begun.to or PLACES["1"])


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST):
        raise ShiftError(_("How many? A whole number. Tab counts by one sum."))
    return int(typed)


def _amount(typed: str, formats: Formats) -> Minor:
    amount = formats.minor(typed)
    if amount < 0:
        raise ShiftError(_("A count is zero or more. Type what is in the drawer."))
    return amount
