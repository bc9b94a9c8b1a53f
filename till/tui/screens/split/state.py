"""What the split screen knows of itself, and what it is told of the till: all of it frozen."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from till.domain.i18n import _
from till.domain.money.amount import spread
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.cutting import cut_from
from till.domain.order.paying import part_in
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from till.domain.catalogue.menu import Menu
    from till.domain.money.formats import Formats
    from till.domain.order.state import Order
    from till.register.agreed import Agreed
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.keymap import Keymap

#: In the place of a guest: all of them.
SHARED: Final = 0
#: Under which it is kept what was marked.
MARKS: Final = "split"
#: Guests that a digit can name.
MOST: Final = 9
_PAIR: Final = 2


class Manner(IntEnum):
    """How an order is split, in the order of the tabs."""

    PIECE = 0
    SEAT = 1
    EVEN = 2
    AMOUNT = 3


class SplitRow(Struct, frozen=True):
    """Equal lines of the order, as they were when the screen came up."""

    name: str
    pieces: int
    amount: Minor
    line_ids: tuple[str, ...]
    seat: int | None = None


class Gift(Struct, frozen=True):
    """Pieces of a row that are a guest's, or shared."""

    row: int
    guest: int
    pieces: int


class PaidPart(Struct, frozen=True):
    """What a guest has paid, and by what; `apart` on an order of its own."""

    guest: int
    amount: Minor
    tender: str
    apart: bool


class Turn(Struct, frozen=True):
    """A guest was asked for a part of this order; `before` names the payments that it had then."""

    guest: int
    part: Minor
    before: tuple[str, ...]

    def is_about(self, order: Order) -> bool:
        """Whether what is awaited on the order is how the guest pays."""
        payment = order.pending_payment
        if payment is None or payment.id in self.before:
            return False
        return payment.settles <= max(self.part, part_in(order, payment.tender, self.part))


class Marks(Struct, frozen=True):
    """What was marked of an order, and who has paid: it outlives the screen.

    Attributes:
        rows: the order as it was when the screen came up.
        gifts: what was given, the newest last.
        guests: how many there are at least.
        line: the row that is marked.
        guest: who was named last; 0 for nobody.
        parts: of how many even ones the order is still to be paid.
        paid: who has paid, in their order.
        own: guests who have an order of their own that is not paid whole, and that order.
        turn: who is asked for a part of this order, until it is known what came of it.
    """

    rows: tuple[SplitRow, ...] = ()
    gifts: tuple[Gift, ...] = ()
    guests: int = 0
    manner: Manner = Manner.PIECE
    line: int = 0
    guest: int = 0
    parts: int = _PAIR
    paid: tuple[PaidPart, ...] = ()
    own: tuple[tuple[int, str], ...] = ()
    turn: Turn | None = None


class Typed(Struct, frozen=True):
    """A digit, or several that were pasted, and the screen before: what a scanner typed is taken back."""

    digits: str
    before: SplitState


class SplitState(Marks, frozen=True):
    """The split screen at one moment.

    Attributes:
        moving: whether it is asked to which tab a guest's pieces go.
        typed: the last digits, as many as came one behind the other.
    """

    moving: bool = False
    entry: EntryLine = EMPTY
    message: StyledText | None = None
    typed: tuple[Typed, ...] = ()

    @property
    def by_line(self) -> bool:
        """Whether lines are given, and not amounts."""
        return self.manner in {Manner.PIECE, Manner.SEAT}

    @property
    def count(self) -> int:
        """How many guests there are: two at least, where something is shared."""
        named = [one.guest or _PAIR for one in self.gifts] + [one.guest for one in self.paid]
        return max([self.guests, *named])

    def left(self, row: int) -> int:
        """The pieces of a row that nobody has."""
        return self.rows[row].pieces - sum(one.pieces for one in self.gifts if one.row == row)

    @property
    def open_pieces(self) -> int:
        """The pieces that nobody has."""
        return sum(self.left(row) for row in range(len(self.rows)))

    @property
    def is_given_out(self) -> bool:
        """Whether each piece is somebody's."""
        return self.by_line and bool(self.rows) and not self.open_pieces

    def has_paid(self, guest: int) -> PaidPart | None:
        """What a guest has paid; None while it has not."""
        return next((one for one in self.paid if one.guest == guest), None)

    def still_paid(self, paid: Minor) -> SplitState:
        """The same where so much is paid of this order: whose part went back is to pay again, the newest first."""
        state, parts = self, [one for one in self.paid if not one.apart]
        while parts and sum(one.amount for one in parts) > paid:
            gone = parts.pop()
            state = replace(state, paid=tuple(one for one in state.paid if one is not gone), parts=state.parts + 1)
        return state

    def with_paid(self, part: PaidPart) -> SplitState:
        """The same where a guest has paid: the others go on."""
        own = tuple(one for one in self.own if one[0] != part.guest)
        return replace(self, paid=(*self.paid, part), guest=0, parts=max(1, self.parts - 1), own=own, turn=None)

    @property
    def apart(self) -> frozenset[int]:
        """Guests who have an order of their own, paid or not."""
        return frozenset({one.guest for one in self.paid if one.apart} | {guest for guest, _order in self.own})

    @property
    def sharers(self) -> tuple[int, ...]:
        """Who shares what is shared: all but those who have an order of their own."""
        return tuple(guest for guest in range(1, max(self.count, _PAIR) + 1) if guest not in self.apart)

    def pieces_of(self, guest: int) -> dict[int, int]:
        """The pieces of each row that are a guest's, with what it has of shared ones that part evenly."""
        found: dict[int, int] = {}
        for one in self.gifts:
            pieces = one.pieces if one.guest == guest else 0
            if one.guest == SHARED and guest in self.sharers:
                pieces = one.pieces // len(self.sharers)
            if pieces:
                found[one.row] = found.get(one.row, 0) + pieces
        return found

    def with_shares(self) -> SplitState:
        """The same with the pieces that are shared given to each: who pays apart takes its own along."""
        gifts: list[Gift] = []
        for one in self.gifts:
            if one.guest != SHARED:
                gifts.append(one)
            else:
                each = one.pieces // len(self.sharers)
                gifts += [Gift(one.row, guest, each) for guest in self.sharers if each]
        return replace(self, gifts=tuple(gifts))

    def leaving(self) -> SplitState:
        """The same for lines that leave this bill. Where parts of one bill are paid a share stays: it is of a piece."""
        if not self.is_together:
            return self.with_shares()
        return replace(self, gifts=tuple(one for one in self.gifts if one.guest != SHARED))

    @property
    def is_together(self) -> bool:
        """Whether guests pay parts of one order: somebody did, or pieces that are shared do not part evenly."""
        sharers = len(self.sharers) or 1
        uneven = any(one.guest == SHARED and one.pieces % sharers for one in self.gifts)
        return uneven or any(not one.apart for one in self.paid)

    def taken(self, guest: int, order: Order) -> dict[str, int]:
        """The pieces of lines that a guest takes with it; those of guests before it are there still."""
        found: dict[str, int] = {}
        before: dict[str, int] = {}
        for one in range(1, guest + 1):
            if one < guest and (self.has_paid(one) or one in dict(self.own)):
                continue
            for row, pieces in self.pieces_of(one).items():
                wanted = pieces
                for line_id in self.rows[row].line_ids:
                    line = order.lines.get(line_id)
                    there = abs(line.quantity) - before.get(line_id, 0) if line is not None else 0
                    if (takes := min(wanted, there)) > 0:
                        before[line_id] = before.get(line_id, 0) + takes
                        wanted -= takes
                        if one == guest:
                            found[line_id] = found.get(line_id, 0) + takes
        return found


def marks_of(state: SplitState) -> dict[str, object]:
    """What outlives the screen, as JSON has it."""
    return {name: msgspec.to_builtins(getattr(state, name)) for name in Marks.__struct_fields__}


def read_marks(kept: object) -> SplitState | None:
    """The state that was kept; None where there is none, or it is of another make of till."""
    try:
        marks = msgspec.convert(kept, Marks)
    except msgspec.ValidationError:
        return None
    return SplitState(*(getattr(marks, name) for name in Marks.__struct_fields__))


def whose(state: SplitState, guest: int) -> str:
    """Who pays, as the pay screen is headed."""
    if state.manner is Manner.EVEN:
        return _("part {n} of {count}").format(n=guest, count=len(state.paid) + state.parts)
    if state.by_line and state.count > 1:
        return _("guest {n} of {count}").format(n=guest, count=state.count)
    return _("guest {n}").format(n=guest)


def who_pays(agreed: Agreed, order: Order) -> str:
    """Who pays an order, or the part of it that was asked for and is awaited; empty where that is none of its guests.

    It goes by what was kept: after a kill too, and where it is not paid from among the guests.
    """
    state = read_marks(agreed.of(order.id, MARKS))
    if state is not None and (turn := state.turn) is not None and turn.is_about(order):
        return whose(state, turn.guest)
    if order.from_session is None or (state := read_marks(agreed.of(order.from_session, MARKS))) is None:
        return ""
    return next((whose(state, guest) for guest, own in state.own if own == order.id), "")


class SplitFacts(Struct, frozen=True):
    """What the till told at one moment.

    Attributes:
        order: what is still on the order.
        owed: what each guest owes, from the first on.
        open_amount: what nobody has yet.
        difference: by how much the guests' bills together are more than the one of all: taxes and rounding.
        is_paying: whether Esc goes back to where it is paid.
    """

    order: Order
    formats: Formats
    keymap: Keymap
    menu: Menu
    owed: tuple[Minor, ...] = ()
    open_amount: Minor = NOTHING
    difference: Minor = NOTHING
    is_wide: bool = True
    is_paying: bool = False

    def owes(self, guest: int) -> Minor:
        """What a guest owes."""
        return self.owed[guest - 1] if 0 < guest <= len(self.owed) else NOTHING


def rows_of(order: Order) -> tuple[SplitRow, ...]:
    """The rows of an order, to be given."""
    return tuple(
        SplitRow(row.first.name, abs(row.quantity), row.amount, row.line_ids, row.first.seat)
        for row in order.priced.rows
        if row.quantity
    )


def shares_of(state: SplitState, order: Order) -> tuple[tuple[Minor, ...], Minor]:
    """What each guest pays of one order, and what nobody pays yet: each part exact, all of them its total.

    Where the order is another one since guests paid, the others and what is open share what is due now.
    """
    gross = {line.id: (row.taxed.gross, row.quantity) for row in order.priced.rows for line in row.lines}
    weights = [_weight(row, gross) for row in state.rows]
    owed: dict[int, int] = {}
    for place, whole in enumerate(spread(order.total, weights) if any(weights) else weights):
        row = state.rows[place]
        gifts = [one for one in state.gifts if one.row == place and one.guest not in state.apart]
        parts = spread(whole, [Minor(one.pieces) for one in gifts] + [Minor(state.left(place))]) if row.pieces else []
        for gift, part in zip(gifts, parts, strict=False):
            heirs: Sequence[int] = state.sharers if gift.guest == SHARED else (gift.guest,)
            for heir, share in zip(heirs, spread(part, [Minor(1)] * len(heirs)), strict=True):
                owed[heir] = owed.get(heir, 0) + share
    paid = {one.guest: one.amount for one in state.paid if not one.apart}
    open_ = order.total - sum(owed.values())
    due, owed = Minor(order.total - sum_of(paid.values())), {who: one for who, one in owed.items() if who not in paid}
    if paid and due != open_ + sum(owed.values()) and any((open_, *owed.values())):
        *shares, open_ = spread(due, [*owed.values(), open_])
        owed = dict(zip(owed, shares, strict=True))
    owed |= paid
    return tuple(Minor(owed.get(guest, 0)) for guest in range(1, state.count + 1)), Minor(open_)


def _weight(row: SplitRow, gross: Mapping[str, tuple[Minor, int]]) -> Minor:
    """What a row costs of what is still on the order."""
    return max((gross[line_id][0] for line_id in row.line_ids if line_id in gross), default=NOTHING)


def _with_cuts(line_ids: tuple[str, ...], order: Order) -> tuple[str, ...]:
    """Lines with those that were cut from them: a guest who goes back brings them, at what they cost by then."""
    parents = cut_from(order)
    found = list(line_ids)
    for line_id in found:  # grows meanwhile: what was cut may have been cut again
        cut = [one.id for one in order.lines.values() if parents.get(one.cut_by or "") == line_id]
        found += [one for one in cut if one not in found]
    return tuple(found)


def refreshed(state: SplitState, order: Order) -> SplitState:
    """The state after the order may have changed: what came is a row of its own, what went takes its marks along."""
    state = replace(state, rows=tuple(replace(row, line_ids=_with_cuts(row.line_ids, order)) for row in state.rows))
    known = {line_id for row in state.rows for line_id in row.line_ids}
    apart = state.apart
    there = {line.id: row for row in order.priced.rows for line in row.lines}
    rows, gifts = [], list(state.gifts)
    for place, row in enumerate(state.rows):
        gone = sum(one.pieces for one in gifts if one.row == place and one.guest in apart)
        new = tuple(dict.fromkeys(i for had in row.line_ids if had in there for i in there[had].line_ids))
        new = tuple(i for i in new if i in row.line_ids or i not in known)
        known |= set(new)
        left = sum(
            abs(order.lines[line_id].quantity) for line_id in dict.fromkeys((*row.line_ids, *new)) if line_id in there
        )
        if left + gone < sum(one.pieces for one in gifts if one.row == place):
            gifts = [one for one in gifts if one.row != place or one.guest in apart]
        amount = sum_of({id(there[one]): there[one].amount for one in new}.values())
        if gone:  # what was paid apart stands there too
            amount = spread(row.amount, [Minor(left + gone), Minor(max(0, row.pieces - left - gone))])[0]
        line_ids = tuple(dict.fromkeys((*row.line_ids, *new)))
        rows.append(replace(row, pieces=left + gone, amount=amount, line_ids=line_ids))
    stay = [place for place, row in enumerate(rows) if row.pieces]
    rows, gifts = [rows[place] for place in stay], [replace(one, row=stay.index(one.row)) for one in gifts]
    rows += [row for row in rows_of(order) if not known & set(row.line_ids)]
    return replace(state, rows=tuple(rows), gifts=tuple(gifts), line=min(state.line, max(0, len(rows) - 1)))
