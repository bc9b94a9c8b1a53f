"""State of the split screen and the facts it is given about the till, all frozen."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from till.domain.i18n import _, ngettext
from till.domain.money.amount import spread
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.by_items import amounts_of, unpaid, unpaid_pieces
from till.domain.order.cutting import cut_from
from till.domain.order.paying import part_in
from till.domain.venue import TAB_WORDS, TabWords
from till.tui.drawing.layout import PAGE
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from till.domain.money.formats import Formats
    from till.domain.order.state import Order
    from till.register.draft_split import DraftSplit
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.keymap import Keymap


#: The guest number for all guests together.
SHARED: Final = 0
#: The key under which the marks are saved.
MARKS: Final = "split"
#: The most guests, one for each digit.
MOST: Final = 9
_PAIR: Final = 2


class Manner(IntEnum):
    """A way to split an order, in the order of the tabs."""

    PIECE = 0
    SEAT = 1
    EVEN = 2
    ITEMS = 3
    AMOUNT = 4


class SplitRow(Struct, frozen=True):
    """Equal lines of the order, as they were when the screen was opened."""

    name: str
    pieces: int
    amount: Minor
    line_ids: tuple[str, ...]
    seat: int | None = None


class Gift(Struct, frozen=True):
    """Pieces of a row given to a guest, or shared."""

    row: int
    guest: int
    pieces: int


class PaidPart(Struct, frozen=True):
    """The payment of a guest, and the change given; `apart` if on an order of their own."""

    guest: int
    amount: Minor
    tender: str
    apart: bool
    change: Minor = NOTHING


class Turn(Struct, frozen=True):
    """A guest's turn to pay a part of this order; `before` holds the payments taken before it."""

    guest: int
    part: Minor
    before: tuple[str, ...]

    def is_about(self, order: Order) -> bool:
        """Return True if the awaited payment of the order is this guest's."""
        payment = order.pending_payment
        if payment is None or payment.id in self.before:
            return False
        return payment.settles <= max(self.part, part_in(order, payment.tender, self.part))


class SplitMarks(Struct, frozen=True):
    """The marks on an order and the payments of its guests, which outlive the screen.

    Attributes:
        rows: the order as it was when the screen was opened.
        gifts: the pieces given, newest last.
        guests: the least number of guests.
        line: the marked row.
        guest: the guest named last; 0 for none.
        parts: the number of even parts still to be paid.
        paid: the guests who have paid, in order.
        own: guests with an order of their own that is not fully paid, and its id.
        turn: the guest asked for a part of this order, until its outcome is known.
        items: the pieces of each line that the next guest pays for as a part of this order.
        asked: guests for whom the server was asked to split off an order that is not here yet, and its id.
        is_handed: True if the change of the guest who paid last was dismissed.
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
    items: dict[str, int] = {}
    asked: tuple[tuple[int, str], ...] = ()
    is_handed: bool = False


class SplitState(SplitMarks, frozen=True):
    """The split screen at one moment.

    Attributes:
        moving: True while the tab to move a guest's pieces to is typed.
        typed: the text typed on the pay screen that opened this one, until the next key.
        paid_before: the amount paid by nobody's part: each guest then pays a part, at most what is due.
    """

    moving: bool = False
    typed: str = ""
    paid_before: Minor = NOTHING
    entry: EntryLine = EMPTY
    message: StyledText | None = None

    @property
    def by_line(self) -> bool:
        """True if lines are given, not amounts."""
        return self.manner in {Manner.PIECE, Manner.SEAT}

    @property
    def keeps_manner(self) -> bool:
        """True if the split goes on in its manner: by lines, or a part is paid or being paid."""
        return self.by_line or self.turn is not None or any(not one.apart for one in self.paid)

    @property
    def marks_lines(self) -> bool:
        """True if a line is marked."""
        return self.by_line or self.manner is Manner.ITEMS

    @property
    def count(self) -> int:
        """The number of guests; at least two if something is shared."""
        named = [one.guest or _PAIR for one in self.gifts] + [one.guest for one in self.paid]
        return max([self.guests, *named])

    def left(self, row: int) -> int:
        """Return the number of pieces of a row that nobody has."""
        return self.rows[row].pieces - sum(one.pieces for one in self.gifts if one.row == row)

    @property
    def open_pieces(self) -> int:
        """The number of pieces that nobody has."""
        return sum(self.left(row) for row in range(len(self.rows)))

    @property
    def is_given_out(self) -> bool:
        """True if every piece is given."""
        return self.by_line and bool(self.rows) and not self.open_pieces

    @property
    def change(self) -> Minor:
        """The change to hand to the guest who paid last; zero once it was dismissed."""
        return self.paid[-1].change if self.paid and not self.is_handed else NOTHING

    def has_paid(self, guest: int) -> PaidPart | None:
        """Return the payment of a guest; None while there is none."""
        return next((one for one in self.paid if one.guest == guest), None)

    def still_paid(self, paid: Minor) -> SplitState:
        """Return the state in which this much of the order is paid: the newest parts beyond it are due again."""
        state, parts = self, [one for one in self.paid if not one.apart]
        while parts and sum(one.amount for one in parts) > paid:
            gone = parts.pop()
            paid_ = tuple(one for one in state.paid if one is not gone)
            state = replace(state, paid=paid_, parts=state.parts + 1, is_handed=True)
        return state

    def with_paid(self, part: PaidPart) -> SplitState:
        """Return the state after a guest has paid."""
        own = tuple(one for one in self.own if one[0] != part.guest)
        guest = 0 if self.guest == part.guest else self.guest
        paid = (*self.paid, part)
        parts = max(1, self.parts - 1)
        return replace(self, paid=paid, guest=guest, parts=parts, own=own, turn=None, items={}, is_handed=False)

    @property
    def apart(self) -> frozenset[int]:
        """The guests with an order of their own, paid or not."""
        return frozenset({one.guest for one in self.paid if one.apart} | {guest for guest, _order in self.own})

    @property
    def sharers(self) -> tuple[int, ...]:
        """The guests who divide what is shared: all without an order of their own."""
        return tuple(guest for guest in range(1, max(self.count, _PAIR) + 1) if guest not in self.apart)

    def pieces_of(self, guest: int) -> dict[int, int]:
        """Return the pieces of each row that a guest has, including whole pieces of what is shared."""
        found: dict[int, int] = {}
        for one in self.gifts:
            pieces = one.pieces if one.guest == guest else 0
            if one.guest == SHARED and guest in self.sharers:
                pieces = one.pieces // len(self.sharers)
            if pieces:
                found[one.row] = found.get(one.row, 0) + pieces
        return found

    def with_shares(self) -> SplitState:
        """Return the state with whole shared pieces given to each guest, for guests who leave with an own order."""
        gifts: list[Gift] = []
        for one in self.gifts:
            if one.guest != SHARED:
                gifts.append(one)
            else:
                each = one.pieces // len(self.sharers)
                gifts += [Gift(one.row, guest, each) for guest in self.sharers if each]
        return replace(self, gifts=tuple(gifts))

    def leaving(self) -> SplitState:
        """Return the state for moving lines off this bill. If guests pay parts of one bill, shared pieces stay."""
        if not self.is_together:
            return self.with_shares()
        return replace(self, gifts=tuple(one for one in self.gifts if one.guest != SHARED))

    @property
    def is_together(self) -> bool:
        """True if guests pay parts of one order: some of it is paid, or shared pieces do not divide evenly."""
        sharers = len(self.sharers) or 1
        uneven = any(one.guest == SHARED and one.pieces % sharers for one in self.gifts)
        return uneven or bool(self.paid_before) or any(not one.apart for one in self.paid)

    def pays_here(self, guest: int) -> bool:
        """Return True if a guest can pay without lines leaving the order."""
        return self.is_together or guest in dict(self.own)

    def taken(self, guest: int, order: Order) -> dict[str, int]:
        """Return the pieces of lines that a guest takes, after the guests before who have not left the order."""
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


def unpaid_of(state: SplitState, place: int, order: Order) -> dict[str, int]:
    """Return the pieces of each line of a row that no payment covers."""
    lines = (order.lines[line_id] for line_id in state.rows[place].line_ids if line_id in order.lines)
    return {line.id: pieces for line in lines if (pieces := unpaid(order, line))}


def items_of(state: SplitState, place: int) -> int:
    """Return how many pieces of a row the next guest pays for."""
    return sum(state.items.get(line_id, 0) for line_id in state.rows[place].line_ids)


def with_items(state: SplitState, place: int, pieces: int, order: Order) -> SplitState:
    """Return the state in which the next guest pays for this many pieces of a row, with the row marked."""
    items = {line_id: count for line_id, count in state.items.items() if line_id not in state.rows[place].line_ids}
    for line_id, left in unpaid_of(state, place, order).items():
        if taken := min(pieces, left):
            items[line_id] = taken
            pieces -= taken
    return replace(state, items=items, line=place)


def marks_of(state: SplitState) -> dict[str, object]:
    """Return the marks as JSON values."""
    return {name: msgspec.to_builtins(getattr(state, name)) for name in SplitMarks.__struct_fields__}


def read_marks(kept: object) -> SplitState | None:
    """Return the saved state; None if there is none, or if another version of till saved it."""
    try:
        marks = msgspec.convert(kept, SplitMarks)
    except msgspec.ValidationError:
        return None
    return SplitState(*(getattr(marks, name) for name in SplitMarks.__struct_fields__))


def whose(state: SplitState, guest: int) -> str:
    """Return the guest or part that pays, for the heading of the pay screen."""
    if state.manner is Manner.EVEN:
        return _("part {n} of {count}").format(n=guest, count=len(state.paid) + state.parts)
    if state.by_line and state.count > 1:
        return _("guest {n} of {count}").format(n=guest, count=state.count)
    if state.manner is Manner.ITEMS:
        pieces = sum(state.items.values())
        return ngettext("guest {n}, {count} piece", "guest {n}, {count} pieces", pieces).format(n=guest, count=pieces)
    return _("guest {n}").format(n=guest)


def who_pays(agreed: DraftSplit, order: Order) -> str:
    """Return the guest who pays an order, or the awaited part of it; empty if it is none of its guests.

    It reads the saved marks, so that it works after a crash and outside the split screen too.
    """
    state = read_marks(agreed.of(order.id, MARKS))
    if state is not None and (turn := state.turn) is not None and turn.is_about(order):
        return whose(state, turn.guest)
    if order.from_session is None or (state := read_marks(agreed.of(order.from_session, MARKS))) is None:
        return ""
    return next((whose(state, guest) for guest, own in state.own if own == order.id), "")


class TakenPart(Struct, frozen=True):
    """A payment taken for the order on any till: its tender, and its pieces in words."""

    amount: Minor
    tender: str
    pieces: str
    change: Minor = NOTHING


class SplitFacts(Struct, frozen=True):
    """The facts at one moment.

    Attributes:
        order: the order, with the lines that are still on it.
        taken: the payments of it, oldest first.
        owed: the amount that each guest owes, from guest 1.
        open_amount: the price of the pieces that nobody has.
        difference: the sum of the guests' bills less a single bill, from taxes and rounding.
        is_paying: True if Esc goes back to the pay screen.
        is_away: True if the server cannot be asked, so that no line can leave the order.
        tabs: the venue's words for a tab.
        page: the number of lines that a page key passes.
        way_of: returns the name of a tender within a sentence.
    """

    order: Order
    formats: Formats
    keymap: Keymap
    owed: tuple[Minor, ...] = ()
    open_amount: Minor = NOTHING
    difference: Minor = NOTHING
    is_wide: bool = True
    is_paying: bool = False
    is_away: bool = False
    taken: tuple[TakenPart, ...] = ()
    tabs: TabWords = TAB_WORDS["table"]
    page: int = PAGE
    way_of: Callable[[str], str] = str

    def owes(self, guest: int) -> Minor:
        """Return the amount that a guest owes."""
        return self.owed[guest - 1] if 0 < guest <= len(self.owed) else NOTHING


def rows_of(order: Order) -> tuple[SplitRow, ...]:
    """Return the rows of an order, to be given to guests."""
    return tuple(
        SplitRow(row.first.name, abs(row.quantity), row.amount, row.line_ids, row.first.seat)
        for row in order.priced.rows
        if row.quantity
    )


def shares_of(state: SplitState, order: Order) -> tuple[tuple[Minor, ...], Minor]:
    """Return each guest's part of one order, and the open amount; together they are exactly its total.

    If the order changed since guests paid, the others and the open amount share what is due now. After a payment that
    was no guest's part, each owes the price of the pieces, at most what is due.
    """
    rows = zip(order.priced.rows, amounts_of(order), strict=True)
    amounts = {line.id: amount for row, amount in rows for line in row.lines}
    weights = [_weight(row, amounts) for row in state.rows]
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
    if state.paid_before:
        due = Minor(max(0, order.due))
        owed = {who: min(one, due) for who, one in owed.items()}
        open_ = max(0, due - sum(owed.values()))
    elif paid and due != open_ + sum(owed.values()) and any((open_, *owed.values())):
        *shares, open_ = spread(due, [*owed.values(), open_])
        owed = dict(zip(owed, shares, strict=True))
    owed |= paid
    return tuple(Minor(owed.get(guest, 0)) for guest in range(1, state.count + 1)), Minor(open_)


def _weight(row: SplitRow, amounts: Mapping[str, Minor]) -> Minor:
    """Return the part of a row in the total of the order."""
    return max((amounts[line_id] for line_id in row.line_ids if line_id in amounts), default=NOTHING)


def _with_cuts(line_ids: tuple[str, ...], order: Order) -> tuple[str, ...]:
    """Add the lines cut from these: a guest who does not pay returns them, at the price of that moment."""
    parents = cut_from(order)
    found = list(line_ids)
    for line_id in found:  # it grows meanwhile, as a cut line may have been cut again
        cut = [one.id for one in order.lines.values() if parents.get(one.cut_by or "") == line_id]
        found += [one for one in cut if one not in found]
    return tuple(found)


def refresh_split(state: SplitState, order: Order) -> SplitState:
    """Return the state after the order may have changed. New lines get rows; marks of lines that went are dropped."""
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
        if gone:  # the row includes what was paid apart
            amount = spread(row.amount, [Minor(left + gone), Minor(max(0, row.pieces - left - gone))])[0]
        line_ids = tuple(dict.fromkeys((*row.line_ids, *new)))
        rows.append(replace(row, pieces=left + gone, amount=amount, line_ids=line_ids))
    stay = [place for place, row in enumerate(rows) if row.pieces]
    rows, gifts = [rows[place] for place in stay], [replace(one, row=stay.index(one.row)) for one in gifts]
    rows += [row for row in rows_of(order) if not known & set(row.line_ids)]
    free = unpaid_pieces(order)
    items = {line_id: min(count, free[line_id]) for line_id, count in state.items.items() if line_id in free}
    line = min(state.line, max(0, len(rows) - 1))
    before = Minor(max(0, order.paid - sum_of(one.amount for one in state.paid if not one.apart)))
    return replace(state, rows=tuple(rows), gifts=tuple(gifts), line=line, items=items, paid_before=before)
