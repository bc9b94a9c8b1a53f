"""The drawer and the shift of a till: movements, counts, X and close."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from msgspec import Struct
from typing_extensions import override

from till.domain.events.envelope import NO_HASH, Draft
from till.domain.events.fields import Amount  # noqa: TC001 - msgspec reads the annotations
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.paying import CASH
from till.domain.shift import deciding
from till.domain.shift.books import ShiftTotals
from till.domain.shift.deciding import ShiftError
from till.domain.shift.events import (
    CashMoved,
    DrawerCorrected,
    DrawerCounted,
    GrandTotals,
    MovementUndone,
    NumberedSum,
    ShiftClosed,
)
from till.domain.shift.evolve import SHIFTS, Count, Shift
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.till.events import DrawerOpened, stream_of_till
from till.ports import Head
from till.register.hearing import Hearer
from till.register.payments.corrected import corrected_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from till.domain.events.envelope import Event
    from till.domain.money.amount import Currency
    from till.domain.order.state import Order
    from till.domain.payment.unanswered import Unanswered
    from till.domain.shift.events import MovementKind, ShiftSums
    from till.domain.shift.evolve import Movement
    from till.domain.staff.rights import Approval
    from till.register.approvals import Approvals
    from till.register.guest_cash import GuestCash
    from till.register.ledger.ledger import Command, Ledger
    from till.register.payments.asking import PaymentClient
    from till.register.payments.corrected import Corrected
    from till.register.reference import Reference

#: Events read at once: one query of the journal holds up every commit.
_SLICE: Final = 500
#: The newest closes and counts that are looked through for the last close, and those that mostly suffice.
_BACK: Final = 200
_FEW: Final = 8
#: The events of this journal after one, of which some may move cash.
_BACK_KEYED: Final = 50
#: The name of the balance of this drawer in the reference data, for a journal that began on an empty disk.
BALANCE: Final = "balance"
#: The series of the numbers of Z.
_Z: Final = "Z"


class CountResult(Struct, frozen=True):
    """The result of a count, for one tender: what should have been there, what was, and what was taken out.

    With `is_float` nothing was expected: what differs was brought in or taken out.
    """

    tender: str
    expected: Minor
    counted: Minor
    taken: Minor
    is_float: bool = False

    @property
    def difference(self) -> Minor:
        """The amount that is over; negative if it is short."""
        return Minor(self.counted - self.expected)


class _Read(Struct):
    """The books of a shift up to a place of the chain.

    Attributes:
        shift: the shift.
        books: its books.
        at: the last event of the chain in them.
        carried: the last event of a replaced journal in them; this chain has some of its events again.
    """

    shift: str
    books: ShiftTotals
    at: Head
    carried: str = ""


class _Brought(Struct, frozen=True):
    """The balance of this drawer by the records of the server: amounts by tender, in major units."""

    balance: dict[str, Amount]


class DrawerStatus(Struct, frozen=True):
    """The drawer as a command finds it, since the last close.

    Attributes:
        shift: the open shift; None if none is open.
        closed: the shift that was closed last; None if there is none on this disk.
        counts: the counts since that close, also one beside its Z, oldest first.
        beside: the closed shift whose Z a count now stands beside, also in the next shift: the evening's drawer. It is
            the first count after the close, on the business day of the close. None for any other count.
        is_counted_again: True if a count now is a second one: of the open shift, or by the same person on the same
            business day.
    """

    shift: Shift | None
    closed: Shift | None
    counts: tuple[Count, ...]
    beside: Shift | None
    is_counted_again: bool

    @property
    def last(self) -> Shift | None:
        """The open shift, or else the one that was closed last; None if there never was one."""
        return self.shift or self.closed

    @property
    def is_opening(self) -> bool:
        """True if a count now is that of an opening: no shift is open, and the last one was counted."""
        return self.shift is None and bool(self.counts)


class Drawer(Hearer):
    """Commands on the drawer of this till, and its shift. Amounts are minor units.

    Args:
        ledger: the write path.
        reference: the settings of the venue.
        approvals: the rights and their approvals.
        asker: has the tenders of this till, and its charges under way.
        unanswered: returns the payments, returns and refunds of this till without an answer.
    """

    def __init__(
        self,
        ledger: Ledger,
        reference: Reference,
        approvals: Approvals,
        asker: PaymentClient,
        unanswered: Callable[[], Sequence[Unanswered]],
    ) -> None:
        self._ledger = ledger
        self._reference = reference
        self._approvals = approvals
        self._asker = asker
        self._unanswered = unanswered
        self._read: _Read | None = None
        self._asks: tuple[object, bool] | None = None
        ledger.opening = self._opening

    @property
    def _currency(self) -> Currency:
        return self._reference.venue.terms.currency

    @property
    def kept(self) -> tuple[str, ...]:
        """The tenders that are kept in the drawer; none for a till without one."""
        tenders = self._asker.tenders
        has_drawer = tenders.has_drawer and self._ledger.takes_money
        return tuple(name for name, one in tenders.hands.items() if one.opens_drawer and has_drawer)

    def _opening(self) -> Draft:
        return deciding.open_shift(self._ledger.new_id(), self._reference.today, self._currency, self.kept)

    # State

    def shift(self) -> Shift | None:
        """Return the open shift; None if none is open."""
        return self._ledger.state(SHIFTS, self._ledger.shift) if self._ledger.shift is not None else None

    def status(self) -> DrawerStatus:
        """Return the drawer as it is now. Each command reads it once."""
        ledger, (close, counts) = self._ledger, self._since_close()
        newest = counts[-1] if counts else None
        at = newest.at if newest is not None else close.at if close is not None else None
        is_todays = at is not None and self._reference.business_date(at) == self._reference.today
        closed = ledger.state(SHIFTS, close.stream_id) if close is not None else None
        return DrawerStatus(
            shift=self.shift(),
            closed=closed,
            counts=counts,
            beside=closed if newest is None and is_todays else None,
            is_counted_again=newest is not None
            and (newest.shift == ledger.shift or (newest.user == ledger.user and is_todays)),
        )

    def with_opening(self, sentence: str, before: str | None) -> str:
        """Return the sentence of an act, with that of the next shift if the act opened it after a closed one.

        `before` was the open shift before the act.
        """
        if self._ledger.shift in {None, before} or self.status().closed is None:
            return sentence
        return _("{sentence} It opened the next shift.").format(sentence=sentence)

    def is_cash_moved_after(self, event: Event) -> bool:
        """Return True if cash was moved by hand after an event of this journal, and that was not undone."""
        since = self._ledger.journal.unsent(_BACK_KEYED, after=Head(event.seq, event.hash))
        moves = [one.data for one in since if isinstance(one.data, CashMoved | MovementUndone)]
        return bool(moves) and isinstance(moves[-1], CashMoved)

    def books(self) -> ShiftTotals | None:
        """Return the books of the open shift up to now; None if none is open. Only what is new is read."""
        while self.catch_up():
            pass
        return self._read.books if self._read is not None else None

    def catch_up(self, most: int = _SLICE) -> bool:
        """Read the next events into the books of the open shift; True if there may be more.

        The screen calls it in pauses between keys, so that an X or a close reads only the rest.
        """
        shift = self.shift()
        if shift is None:
            self._read = None
            return False
        if self._read is None or self._read.shift != shift.id:
            self._read = self._begun(shift)
        read = self._read
        if self._ledger.journal.head.seq == read.at.seq:
            return False
        events = self._ledger.journal.unsent(most, after=read.at)
        for event in events:
            if event.shift == shift.id and event.id > read.carried:
                read.books.add(event)
        if events:
            read.at = Head(events[-1].seq, events[-1].hash)
        return len(events) == most

    def _begun(self, shift: Shift) -> _Read:
        """Return the books as they were at the start of this journal, or at the opening of the shift."""
        journal = self._ledger.journal
        books = ShiftTotals(self._currency, self._balance_before(shift.id))
        if shift.journal_id == journal.journal_id:
            return _Read(shift.id, books, Head(shift.seq - 1, shift.prev_hash))
        carried = ""  # the journal that had the opening was replaced by this one
        while events := journal.carried(shift.id, _SLICE, after=carried):
            for event in events:
                books.add(event)
            carried = events[-1].id
        return _Read(shift.id, books, Head(0, NO_HASH), carried)

    def _marks(self) -> Iterator[Event]:
        """Yield the newest openings, closes and counts of this till; without those before a gap on this disk.

        Each close is long, so few are read at first.
        """
        journal = self._ledger.journal
        found = journal.newest(ShiftClosed.listed, _FEW)
        yield from (event for event in found if event.id > journal.drawer_gap)
        if len(found) == _FEW:
            more = journal.newest(ShiftClosed.listed, _BACK)[_FEW:]
            yield from (event for event in more if event.id > journal.drawer_gap)

    def _since_close(self, before: str | None = None) -> tuple[Event | None, tuple[Count, ...]]:
        """Return the last close, and the counts since, the oldest first; of the time before a shift if it is given."""
        counts: list[Count] = []
        for event in self._marks():
            if before is not None and event.id >= before:
                continue
            if isinstance(event.data, ShiftClosed):
                return event, tuple(reversed(counts))
            if isinstance(event.data, DrawerCounted):
                counts.append(Count(event.stream_id, event.id, event.at, event.user, event.data))
        return None, tuple(reversed(counts))

    def _balance_before(self, shift_id: str | None = None) -> dict[str, Minor]:
        """Return the balance between two shifts: the one before a shift, or the present one."""
        close, counts = self._since_close(shift_id)
        z = close.data if close is not None and isinstance(close.data, ShiftClosed) else None
        brought = self._brought() if z is None else None
        return deciding.opening_balance(z, (one.data for one in counts), self._currency, brought)

    def _brought(self) -> dict[str, Minor] | None:
        """Return the balance that the server brought for a journal that began on an empty disk; None if it did not."""
        cached = self._ledger.journal.cached(BALANCE)
        if cached is None or not cached[1]:
            return None
        balance = msgspec.convert(cached[1], _Brought).balance
        return {tender: self._currency.minor(amount) for tender, amount in balance.items()}

    @override
    def reference_changed(self, names: Collection[str]) -> None:
        if BALANCE in names:
            self.forget()

    def forget(self) -> None:
        """Add up the open shift again: the server brought another balance, or the till has no drawer any more."""
        self._read = self._asks = None

    def balance(self) -> dict[str, Minor]:
        """Return the money that should be in the drawer now, by tender that is kept in it."""
        books = self.books()
        known = books.balance.now if books is not None else self._balance_before()
        return {tender: known.get(tender, NOTHING) for tender in self.kept}

    def is_beyond(self, kind: MovementKind, amount: Minor) -> bool:
        """Return True if a movement takes out more than should be in the drawer."""
        is_out = kind in deciding.OUT and self._ledger.takes_money
        return is_out and amount > self.balance().get(CASH, NOTHING)

    def moved_since_close(self) -> Minor:
        """Return the money that came into the drawer in the open shift; negative if it went out."""
        books = self.books()
        kinds = books.balance.kinds.values() if books is not None else ()
        return sum_of(Minor(amount) for moved in kinds for amount in moved.values())

    def is_known(self) -> bool:
        """True if a count can differ: this drawer was counted before, or the server brought its balance."""
        return self._brought() is not None or any(isinstance(one.data, DrawerCounted) for one in self._marks())

    def asks_count(self) -> bool:
        """True while no shift is open, unless this person counted the drawer today. It is cheap: each key asks."""
        known = self._ledger.shift, self._ledger.user, self._ledger.login
        if self._asks is None or self._asks[0] != known:
            asks = self._ledger.shift is None and bool(self.kept) and not self.status().is_counted_again
            self._asks = known, asks
        return self._asks[1]

    def hides_cash(self, shift_id: str) -> bool:
        """True while tenders, tips and drawer of an X or a Z wait for a count after it: the user may not read cash."""
        if not self._asker.tenders.has_drawer or self._approvals.allow(PermissionRequest(Permission.READ_CASH)):
            return False
        close = shift_id, ShiftClosed
        after = itertools.takewhile(lambda event: (event.stream_id, type(event.data)) != close, self._marks())
        return shift_id == self._ledger.shift or not any(isinstance(event.data, DrawerCounted) for event in after)

    def find(self, number: str = "") -> Shift:
        """Return a shift of this till by the number of its Z, `1-Z000042` or `42`, or else the open or last shift."""
        if not number:
            if (last := self.status().last) is None:
                raise self.none_open()
            return last
        end = f"-Z{int(number):06d}" if number.isdecimal() else number.upper()
        for stream in reversed(self._ledger.journal.streams_with(ShiftClosed.listed, f'{end}"')):
            shift = self._ledger.state(SHIFTS, stream)
            z = shift.closed if shift is not None and shift.till == self._ledger.till else None
            if shift is not None and z is not None and z.number.endswith(end):
                return shift
        raise ShiftError(_("No Z {number} on this till. See “till report z”.").format(number=number))

    def left_open(self) -> Shift | None:
        """Return the open shift if it was opened on an earlier business day."""
        shift, today = self.shift(), self._reference.today.isoformat()
        return shift if shift is not None and shift.opened.business_date < today else None

    def sums(self) -> ShiftSums:
        """Return the sums of the open shift, an X."""
        books = self.books()
        if books is None:
            raise self.none_open()
        return books.sums()

    # Acts

    def _stream(self, command: Command) -> str:
        """Return the shift that a movement belongs to, which is opened if none is open."""
        if command.shift is None:
            command.write([self._opening()])
        return command.shift or ""

    def move(
        self,
        kind: MovementKind,
        amount: Minor,
        reason: str = "",
        *,
        of: str | None = None,
        approval: Approval | None = None,
    ) -> Minor:
        """Move cash by hand: an amount without a sign, in or out by its kind. Return the signed amount.

        Raises:
            ShiftError: this till has no drawer, nothing would move, or the kind needs a reason.
        """
        self.check()
        signed = Minor(-abs(amount)) if kind in deciding.OUT else amount
        number = approval.by.number if approval is not None else None
        with self._approvals.command(PermissionRequest(Permission.MOVE_CASH, signed), approval) as command:
            draft = deciding.move_cash(
                self._stream(command), kind, signed, self._currency, reason=reason, of=of, manager=number
            )
            command.write([draft])
        return signed

    def take(self, cash: GuestCash, approval: Approval | None = None) -> None:
        """Take the cash for an account or a voucher, or give a credit back. The server books it when it arrives."""
        self.move(cash.kind, cash.amount, of=cash.of, approval=approval)

    def undo(self, event_id: str, approval: Approval | None = None) -> Movement:
        """Undo a movement of the open shift."""
        shift = self.shift()
        if shift is None:
            raise ShiftError(_("Only a movement of the open shift can be undone."))
        number = approval.by.number if approval is not None else None
        draft, found = deciding.undo_movement(shift, event_id, manager=number)
        amount = self._currency.minor(found.data.amount)
        with self._approvals.command(PermissionRequest(Permission.MOVE_CASH, amount), approval) as command:
            command.write([draft])
        return found

    def count(
        self,
        counted: Mapping[str, Minor],
        taken: Mapping[str, Minor] | None = None,
        *,
        to: str = "",
        note: str = "",
        pieces: Mapping[Minor, int] | None = None,
        is_float: bool = False,
        approval: Approval | None = None,
    ) -> tuple[CountResult, ...]:
        """Record what lies in the drawer now. It opens no shift; with none open it stands beside the last one's Z.

        So does the first one after a close, also in the next shift (`DrawerStatus.beside`).

        With `is_float`, what differs was brought in or taken out, and is no difference. So it is where nothing was ever
        counted and the server brought no balance, if more is there than was taken. A float between two shifts is never
        a second count.
        """
        self.check()
        expected, status = self.balance(), self.status()
        again = status.is_counted_again and (not is_float or status.shift is not None)
        brought = Minor(counted.get(CASH, NOTHING) - expected.get(CASH, NOTHING))
        is_float = (is_float or (brought > 0 and not self.is_known())) and brought != 0 and CASH in counted
        if is_float:
            expected = {**expected, CASH: counted[CASH]}
        number = approval.by.number if approval is not None else None
        with self._approvals.command(PermissionRequest(Permission.COUNT_AGAIN) if again else None, approval) as command:
            if is_float:
                command.write([deciding.move_cash(self._stream(command), "float", brought, self._currency)])
            stream = status.beside.id if status.beside is not None else command.shift
            stream = stream or (status.last.id if status.last is not None else self._stream(command))
            draft = deciding.count_drawer(
                stream, expected, counted, taken or {}, self._currency, to=to, note=note, pieces=pieces, manager=number
            )
            command.write([draft])
        self._asks = None
        return tuple(
            CountResult(
                tender,
                expected.get(tender, NOTHING),
                amount,
                (taken or {}).get(tender, NOTHING),
                is_float=is_float and tender == CASH,
            )
            for tender, amount in counted.items()
        )

    def correct(self, command: Command, one: Corrected) -> None:
        """Record that a tender of a payment of this till was corrected, from the tender that this drawer knows.

        Of several corrections the last one counts. It opens no shift: as a count, it belongs to the last one. A till
        that never had a shift has no balance to correct.
        """
        listed = self._ledger.journal.listed(DrawerCorrected.listed)
        known = [event.data for event in listed if isinstance(event.data, DrawerCorrected)]
        before = next((data for data in reversed(known) if data.payment_id == one.payment), None)
        last = self.status().last
        stream = command.shift or (last.id if last is not None else None)
        was = before.tender if before is not None else one.was
        if stream is None or was == one.tender or (before is not None and before.correction >= one.id):
            return
        corrected = DrawerCorrected(
            correction=one.id,
            payment_id=one.payment,
            was=was,
            tender=one.tender,
            amount=one.amount,
            currency=one.currency,
            receipt=one.receipt,
        )
        command.write([Draft(corrected, stream)])

    def hear_corrections(self) -> None:
        """Record the corrections by other tills that the database listed.

        The list is on disk before this is called, so a crash in between loses none: the next start calls it again.
        """
        found = corrected_elsewhere(self._ledger.journal)
        if found and self._ledger.takes_money:
            with self._ledger.command() as command:
                for one in found:
                    self.correct(command, one)

    def no_sale(
        self, reason: str = "", approval: Approval | None = None, *, why: Literal["no_sale", "change"] = "no_sale"
    ) -> None:
        """Record that the drawer is opened without a sale, or to change a note."""
        self.check()
        number = approval.by.number if approval is not None else None
        stream = stream_of_till(self._ledger.store_id, self._ledger.till)
        with self._approvals.command(PermissionRequest(Permission.NO_SALE), approval) as command:
            command.write([Draft(DrawerOpened(why=why, reason=reason, approved_by=number), stream)])

    def held_orders(self) -> list[Order]:
        """Return the open orders with lines that this till holds."""
        return [order for order in self._ledger.open_orders() if self._ledger.holds(order) and order.lines]

    def unanswered(self) -> NumberedSum:
        """Return the payments, returns and refunds of this till without an answer; their amounts have no sign."""
        return self._numbered(self._currency.minor(one.amount) for one in self._unanswered())

    def close(self, approval: Approval | None = None) -> Shift:
        """Close the shift with its Z. Open tabs and payments without an answer never stop it; a card being read does.

        Raises:
            RightsError: it needs a manager.
            ShiftError: no shift is open, or a terminal has a charge in its hands.
        """
        shift = self.shift()
        if shift is None:
            raise self.none_open()
        if self._asker.is_charging:
            raise ShiftError(_("A payment is under way. Close once it has its answer."))
        number = approval.by.number if approval is not None else None
        with self._approvals.command(PermissionRequest(Permission.CLOSE_SHIFT), approval) as command:
            self._close(command, shift, number)
        return self.shift_of(shift.id)

    def close_past(self) -> None:
        """Close a shift of an earlier business day, uncounted, without a person: nobody stands at this till."""
        if (shift := self.left_open()) is not None:
            with self._ledger.command() as command:
                self._close(command, shift)

    def _close(self, command: Command, shift: Shift, manager: int | None = None) -> None:
        sums, last = self.sums(), next(iter(self._ledger.journal.numbered(1, _Z)), None)
        before = last.data.totals if last is not None and isinstance(last.data, ShiftClosed) else GrandTotals()
        name, unanswered = self._ledger.next_number(_Z), self.unanswered()
        held = self._numbered(order.total for order in self.held_orders())
        closed = deciding.close_shift(shift, name, sums, before, held, unanswered, self._currency, manager=manager)
        command.write([closed])

    def _numbered(self, amounts: Iterable[Minor]) -> NumberedSum:
        every = tuple(amounts)
        return NumberedSum(number=len(every), amount=self._currency.text(sum_of(every)))

    def shift_of(self, shift_id: str) -> Shift:
        """Return a shift of this till."""
        shift = self._ledger.state(SHIFTS, shift_id)
        if shift is None:
            raise ShiftError
        return shift

    def check(self) -> None:
        """Refuse if nothing is kept in the drawer."""
        if not self._ledger.takes_money:
            raise self.none_open()
        if why := self._asker.tenders.why_no_drawer():
            raise ShiftError(why)

    def none_open(self) -> ShiftError:
        """Return the refusal of an act on an open shift: there is none, or this till has none at all."""
        if self._ledger.takes_money:
            return ShiftError(_("No shift is open. The next sale opens one."))
        return ShiftError(_("Till {n} takes no money: no drawer, no shift.").format(n=self._ledger.till))

    def closed(self) -> Iterable[Shift]:
        """Yield the closed shifts of this till, newest first, as far as they are on this disk."""
        for event in self._marks():
            if isinstance(event.data, ShiftClosed):
                yield self.shift_of(event.stream_id)
