"""One random week: days of two tills whose drawers are counted, and whose shifts are opened and closed, by a seed.

The play keeps its own books of what hands put into each drawer and took out of it. It also knows what a cashier keyed
wrongly, lost or miscounted: the till's balance is off by that, until the drawer is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from typing_extensions import override

from tests.evenings.busy import BusyEvening
from tests.evenings.evening import NothingError, _taken, hold
from tests.evenings.house import MEAL
from till.domain.errors import JournalError, TillError
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.paying import CASH
from till.domain.payment.events import TenderCorrected
from till.domain.payment.movement import AWAITED
from till.domain.refund.correcting import CorrectTip
from till.domain.shift import deciding
from till.domain.shift.events import DrawerCounted
from till.register.payments.corrected import DRAWER, corrected_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from tests.register.conftest import Till
    from till.domain.events.envelope import Event
    from till.domain.order.state import Order, Payment
    from till.domain.shift.events import MovementKind, ShiftSums
    from till.domain.shift.evolve import Shift
    from till.register.drawer import Drawer

#: The tenders that are kept in a drawer, and those whose sums the play keeps.
KEPT: Final = (CASH, MEAL.name)
BY_HAND: Final = (CASH, "CARD", "UPI", MEAL.name)
_DAYS: Final = (2, 5)
_STEPS: Final = (12, 40)
#: Acts at the drawer, beside those of a busy evening.
_WHAT: Final = (
    *("count", "count", "count_some", "count_wrong", "float"),
    *("move_cash",) * 4,
    *("move_cash_wrong", "undo_movement", "undo_movement", "no_sale", "lose", "x", "close"),
    *("tip_corrected", "tip_corrected", *("correct",) * 6, "fail", "restart"),
)
_EVENINGS: Final = (
    *(("close",), ("close", "count"), ("x", "close", "close"), ("meet", "close", "count_some"), ()),
    # the next shift sells before the count of this one
    *(("close", "lose", "key", "cash", "count", "correct"), ("close", "move_cash", "count_some", "count", "close")),
    *(("close", "move_cash_wrong", "count_wrong", "undo_movement", "x"), ("close", "cash", "restart", "float", "x")),
)
#: The time zone of the venue.
_ZONE: Final = ZoneInfo("Asia/Kolkata")
_MORNINGS: Final = (("float",), ("count",), ("count_wrong", "count"), ("answer",), ("lose", "count"), ())


class Wrong(NamedTuple):
    """Something keyed wrongly: in the balance, each tender has this much too much since then.

    Attributes:
        shift: the number of the till's shift.
        counts: the number of counts of each tender before.
    """

    shift: int
    moves: dict[str, int]
    counts: dict[str, int]


class Hands:
    """The play's books of one till.

    Attributes:
        lies: the money in the drawer, by tender.
        off: the excess of the till's balance over that, by tender.
        taken: the money keyed by tender in the open shift, less the returns.
        kinds: the changes of the balance in the open shift, by tender and kind.
        counts: the number of counts of each tender.
        closes: the number of closed shifts.
        no_sales: the openings without a sale in the open shift.
        opening: the balance before the open shift, by tender, with the counts beside the last Z.
        uncounted: the last closed shift and the day of its close, until the drawer is counted.
    """

    def __init__(self) -> None:
        self.lies: Counter[str] = Counter()
        self.off: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.kinds: Counter[tuple[str, str]] = Counter()
        self.counts: Counter[str] = Counter()
        self.closes = 0
        self.no_sales = 0
        self.opening: Counter[str] = Counter()
        self.uncounted: tuple[str, date] | None = None

    def move(self, tender: str, kind: str, amount: int) -> None:
        """Put an amount of a tender into the drawer, or take it out."""
        if tender in KEPT:
            self.lies[tender] += amount
            self.kinds[tender, kind] += amount

    def err(self, tender: str, amount: int) -> None:
        """Let the balance have more than lies there."""
        if tender in KEPT:
            self.off[tender] += amount

    def balance(self, tender: str) -> int:
        """Return the balance that the till should have."""
        return self.lies[tender] + self.off[tender]

    def wrong(self, **moves: int) -> Wrong:
        """Note that something is keyed wrongly now."""
        for tender, amount in moves.items():
            self.err(tender, amount)
        return Wrong(self.closes, moves, dict(self.counts))

    def put_right(self, wrong: Wrong, kind: str) -> None:
        """Put something right: it moves no cash, and an earlier count or close stands."""
        for tender, amount in wrong.moves.items():
            if tender in KEPT and wrong.shift == self.closes and wrong.counts.get(tender, 0) == self.counts[tender]:
                self.off[tender] -= amount
                self.kinds[tender, kind] -= amount


class Week(BusyEvening):
    """A week by a seed.

    Attributes:
        hands: the books of each till.
        day_ends: the time after midnight when the business days of the venue end.
    """

    day_ends: ClassVar[timedelta] = timedelta()

    def __init__(self, seed: int, *stage: Any) -> None:
        self.hands: dict[int, Hands] = defaultdict(Hands)
        super().__init__(seed, *stage)
        self.what = (*self.what, *_WHAT)
        #: Payments that were keyed wrongly: the till, the true tender, and what is wrong.
        self._mistaken: dict[str, tuple[int, str, Wrong]] = {}
        #: Corrected payments whose till has not heard of it.
        self._unheard: set[str] = set()
        #: Corrected payments that are right in the drawer.
        self._right: set[str] = set()
        #: Movements that were keyed wrongly.
        self._moved_wrong: dict[str, Wrong] = {}

    @property
    def mine(self) -> Hands:
        """The books of the till at hand."""
        return self.hands[self.till.number]

    @property
    def drawer(self) -> Drawer:
        """The drawer of the till at hand."""
        return self.till.register.drawer

    def chain(self, till: Till) -> list[Event]:
        """Return the events that a till wrote, in their order."""
        own: list[Event] = till.journal.own
        return own

    def _today(self) -> date:
        return (self.till.register.ledger.now().astimezone(_ZONE) - self.day_ends).date()

    # Life

    @override
    def play(self) -> None:
        for _day in range(self.rng.randint(*_DAYS)):
            for _step in range(self.rng.randint(*_STEPS)):
                self.till = self.rng.choice(self.tills)
                self.clock.move(seconds=self.rng.randrange(1, 90))
                self.do(self.rng.choice(self.what))
            self._at_each_till(_EVENINGS)
            self.clock.move(hours=self.rng.choice((8, 30)))
            self._at_each_till(_MORNINGS)
        self.end()
        self.check_balances()

    def do(self, what: str) -> None:
        """Do an act at the till at hand, and check its balance."""
        act: Callable[[], None] = getattr(self, what)
        self.trace.append(f"{self.till.number} {what}")
        try:
            act()
        except TillError as refused:
            self.trace[-1] += f" ({refused.code})"
        self.check_balances()

    def _at_each_till(self, what: tuple[tuple[str, ...], ...]) -> None:
        for till in self.tills:
            for one in self.rng.choice(what):
                self.till = till
                self.do(one)

    def check_balances(self) -> None:
        """Check that each till says what the play's books do."""
        here = self.till
        for till in self.tills:
            self.till = till
            balance = dict(self.drawer.balance())
            known = {tender: self.mine.balance(tender) for tender in KEPT}
            hold("the balance is what hands moved", holds=balance == known, what=(self.till.number, balance, known))
            cash = Minor(known[CASH])
            is_beyond, more = self.drawer.is_beyond, Minor(cash + 1)
            beyond = is_beyond("safe_drop", cash), is_beyond("safe_drop", more), is_beyond("paid_in", more)
            hold("only more than should be there is beyond", holds=beyond == (False, True, False), what=(cash, beyond))
        self.till = here

    @override
    def restart(self) -> None:
        """Kill the till: the balance and the X stay."""
        before = self._x()
        super().restart()
        after = self._x()
        hold("a kill changes no X", holds=before == after, what=(before, after))

    def _x(self) -> tuple[dict[str, Minor], ShiftSums | None]:
        books = self.drawer.books()
        return dict(self.drawer.balance()), books.sums() if books is not None else None

    # The hands at payments

    @override
    def _took(self, before: Order, after: Order) -> None:
        super()._took(before, after)
        for payment in after.payments.values():
            if payment.id not in before.payments:
                self.mine.taken[payment.tender] += payment.amount
                self.mine.move(payment.tender, "payments", payment.tendered)
                self.mine.move(CASH, "change", -payment.change)
                is_exact = payment.tender in BY_HAND and payment.amount > payment.tip == payment.change
                if is_exact and self.rng.random() < 0.3:
                    self._mistake(payment)

    def _mistake(self, payment: Payment) -> None:
        """Let it have been another tender, in truth."""
        true = self.rng.choice([one for one in BY_HAND if one != payment.tender])
        wrong = self.mine.wrong(**{payment.tender: payment.amount, true: -payment.amount})
        for tender, amount in wrong.moves.items():
            if tender in KEPT:
                self.mine.lies[tender] -= amount
        self._mistaken[payment.id] = self.till.number, true, wrong

    @override
    def _gave_back(self, payment: Payment) -> None:
        super()._gave_back(payment)
        change = NOTHING if payment.tender == CASH else payment.change
        self.mine.taken[payment.tender] -= payment.amount
        self.mine.move(payment.tender, "given_back", -payment.amount - change)
        self.mine.move(CASH, "given_back", change)
        self._mistaken.pop(payment.id, None)

    @override
    def _refunded(self, tender: str, amount: Minor) -> None:
        super()._refunded(tender, amount)
        self.mine.taken[tender] -= amount
        self.mine.move(tender, "refunds", -amount)

    @override
    def correct(self) -> None:
        """Correct the tender of a payment that was keyed wrongly, at any till."""
        sales = {one: order for order in self._sales() for one in order.payments if one in self._mistaken}
        if not sales:
            raise NothingError
        payment_id = self.rng.choice(list(sales))
        order, (till, true, _wrong) = sales[payment_id], self._mistaken[payment_id]
        corrections, paid = self.till.register.corrections, order.payments[payment_id]
        self._approved(lambda yes: corrections.correct_tender(order.id, payment_id, true, yes))
        self.drawers[till] += paid.amount * ((true in KEPT) - (paid.tender in KEPT))
        self._unheard.add(payment_id)
        if till == self.till.number:
            self._put_right(payment_id)

    @override
    def meet(self) -> None:
        """Exchange all events, and hear of corrections."""
        super().meet()
        self._list_corrections()

    def _list_corrections(self) -> None:
        """List to each till what others corrected of its payments, as the server does, again and again."""
        for till in self.tills:
            found = [
                corrected_of(event, event.data, till.register.ledger.order(event.stream_id))
                for event in self.events()
                if isinstance(event.data, TenderCorrected) and event.till != till.number
                if till.register.ledger.order(event.stream_id).payments[event.data.payment_id].till == till.number
            ]
            till.journal.cache(DRAWER, 1, {"corrected": msgspec.to_builtins(found)})
            till.register.drawer.hear_corrections()
            for payment_id in [one.payment for one in found if one.payment in self._unheard]:
                self._put_right(payment_id)

    def _put_right(self, payment_id: str) -> None:
        """Put a payment right in the drawer that took it."""
        self._unheard.discard(payment_id)
        till, _true, wrong = self._mistaken[payment_id]
        if payment_id not in self._right:  # two tills may correct it, the same way
            self._right.add(payment_id)
            self.hands[till].put_right(wrong, "corrected")

    def tip_corrected(self) -> None:
        """Correct a tip: what differs moves now, at this till."""
        sales = self._sales()
        paid = [(order, one) for order in sales for one in _taken(order)]
        if not paid:
            raise NothingError
        order, payment = self.rng.choice(paid)
        was = order.tip_of(payment.id)
        right = CorrectTip(payment.id, Minor(self.rng.randrange(0, 300)), self.rng.choice((CASH, payment.tender)))
        self._approved(lambda yes: self.till.register.corrections.correct_tip(order.id, right, yes))
        self.mine.taken[right.tender] += right.tip - was
        self.mine.move(right.tender, "tips_corrected", right.tip - was)

    # The hands at the drawer

    def _count(self, tenders: tuple[str, ...], *, slip: int = 0, taken: bool = False, is_float: bool = False) -> None:
        mine = self.mine
        counted = {one: Minor(max(0, mine.lies[one] + slip)) for one in tenders}
        took = {one: Minor(self.rng.randrange(0, amount + 1)) for one, amount in counted.items() if taken}
        opened = self.drawer.shift() is not None
        is_known = self.drawer.is_known()
        expected = {one: mine.balance(one) for one in tenders}
        result = self._approved(
            lambda yes: self.drawer.count(counted, took, to="safe", is_float=is_float, approval=yes)
        )
        brought = counted.get(CASH, NOTHING) - expected.get(CASH, 0)
        if brought and CASH in counted and (is_float or (brought > 0 and not is_known)):
            mine.kinds[CASH, "float"] += brought
            expected[CASH] += brought
            opened = True
        opened |= self.drawer.shift() is not None
        beside = mine.uncounted[0] if mine.uncounted is not None and mine.uncounted[1] == self._today() else None
        mine.uncounted = None
        event = next(event for event in reversed(self.chain(self.till)) if isinstance(event.data, DrawerCounted))
        stream = beside or event.shift or event.stream_id
        hold("a count is in its shift", holds=event.stream_id == stream, what=(event, stream))
        for one, amount in counted.items():
            if opened and beside is None:
                mine.kinds[one, "difference"] += amount - expected[one]
                mine.kinds[one, "taken"] -= took.get(one, 0)
            else:
                mine.opening[one] += amount - expected[one] - took.get(one, 0)
            mine.off[one] = amount - mine.lies[one]
            mine.lies[one] -= took.get(one, 0)
            mine.counts[one] += 1
        known = {one.tender: (one.difference, one.taken) for one in result}
        wanted = {one: (amount - expected[one], took.get(one, 0)) for one, amount in counted.items()}
        hold("a count says what differs", holds=known == wanted, what=(known, wanted))

    def count(self) -> None:
        """Count all that lies in the drawer, and take some of it out or not."""
        self._count(KEPT, taken=self.rng.random() < 0.5)

    def count_some(self) -> None:
        """Count one tender."""
        self._count((self.rng.choice(KEPT),), taken=self.rng.random() < 0.5)

    def count_wrong(self) -> None:
        """Miscount."""
        self._count(KEPT, slip=self.rng.choice((-500, 100, 2_000)))

    def float(self) -> None:
        """Bring the cash to a round amount, which may be less than what is there."""
        target = self.rng.choice((0, 10_000, 15_000))
        if self.mine.lies[CASH] < 0:
            raise NothingError
        brought = target - self.mine.lies[CASH]
        self._lay(brought)
        try:
            self._count((CASH,), is_float=True)
        except TillError:
            self._lay(-brought)
            raise

    def _lay(self, amount: int) -> None:
        """Put cash into the drawer that the till does not know of."""
        self.mine.lies[CASH] += amount
        self.mine.off[CASH] -= amount

    def _moved(self) -> tuple[MovementKind, Minor]:
        kind: MovementKind = self.rng.choice(
            ("paid_out", "paid_in", "safe_drop", "bank_deposit", "wages", "tips_paid_out", "private_in", "private_out")
        )
        amount = Minor(self.rng.choice((1, 250, 5_000)))
        return kind, self._approved(lambda yes: self.drawer.move(kind, amount, "milk", approval=yes))

    def move_cash(self) -> None:
        """Move cash."""
        kind, amount = self._moved()
        hold("a kind has its sign", holds=(amount < 0) == (kind in deciding.OUT), what=(kind, amount))
        self.mine.move(CASH, kind, amount)

    def move_cash_wrong(self) -> None:
        """Key a movement that never was."""
        kind, amount = self._moved()
        self.mine.kinds[CASH, kind] += amount
        shift = self.drawer.shift()
        assert shift is not None
        self._moved_wrong[shift.movements[-1].id] = self.mine.wrong(**{CASH: amount})

    def undo_movement(self) -> None:
        """Undo a movement that never was."""
        shift = self.drawer.shift()
        found = [one.id for one in shift.movements if one.id in self._moved_wrong] if shift is not None else []
        if not found:
            raise NothingError
        one = self.rng.choice(found)
        self._approved(lambda yes: self.drawer.undo(one, yes))
        self.mine.put_right(self._moved_wrong.pop(one), "undone")

    def no_sale(self) -> None:
        """Open the drawer."""
        opened = self.drawer.shift() is not None
        self._approved(lambda yes: self.drawer.no_sale("change", yes))
        self.mine.no_sales += opened

    def lose(self) -> None:
        """Lose cash, or find some."""
        self._lay(self.rng.choice((-1_000, -1, 500)))

    def fail(self) -> None:
        """Let the disk refuse an act: nothing changed, and the till goes on."""
        before = self._x()
        self.till.journal.full = True
        try:
            self.drawer.move("paid_in", Minor(100), "milk")
        except JournalError:
            pass
        finally:
            self.till.journal.full = False
        after = self._x()
        hold("a refused act changes nothing", holds=before == after, what=(before, after))

    def x(self) -> None:
        """Read an X."""
        self.check_sums(self.drawer.sums())

    def close(self) -> None:
        """Close the shift with its Z."""
        before = self._x()[1]
        self._closed(before, self._approved(self.drawer.close))

    def _closed(self, before: ShiftSums | None, shift: Shift | None) -> None:
        """Begin the books of another shift. `before` is the last X of this one."""
        assert shift is not None
        assert shift.closed is not None
        hold("a Z is the last X", holds=shift.closed.sums == before, what=(shift.closed.sums, before))
        self.check_sums(shift.closed.sums)
        amounts = [*self._without_answer()]
        z = shift.closed.unanswered.number, self.till.register.formats.currency.minor(shift.closed.unanswered.amount)
        hold("a Z names what has no answer", holds=z == (len(amounts), sum(amounts)), what=(z, amounts))
        mine = self.mine
        mine.closes += 1
        mine.uncounted = shift.id, self._today()
        mine.opening = Counter({one: mine.balance(one) for one in KEPT})
        mine.no_sales = 0
        mine.taken.clear()
        mine.kinds.clear()

    # Checks

    def _without_answer(self) -> Iterator[int]:
        """Yield the amounts of payments, returns and refunds of this till without an answer."""
        register = self.till.register
        for order in register.ledger.open_orders():
            for payment in order.payments.values():
                asked = [one for one in (payment, *payment.returns) if one.state in AWAITED]
                yield from (one.amount for one in asked if order.is_followed_by(self.till.number, one))
        yield from (refund.amount for refund in register.refunds.waiting())

    def check_sums(self, sums: ShiftSums) -> None:
        """Check an X or a Z against what hands did."""
        minor, mine = self.till.register.formats.currency.minor, self.mine
        tenders = {one.tender: minor(one.amount) for one in sums.tenders}
        for one in BY_HAND:
            taken = tenders.get(one, 0), mine.taken[one]
            hold("a tender is what was taken", holds=taken[0] == taken[1], what=(one, taken, sums))
        drawer = {one.tender: one for one in sums.drawer}
        for one in KEPT:
            row = drawer[one]
            moved = {moved.kind: minor(moved.amount) for moved in row.moved}
            known = {kind: amount for (tender, kind), amount in mine.kinds.items() if tender == one and amount}
            hold("a drawer has each kind", holds=moved == known, what=(one, moved, known))
            opening = minor(row.opening), mine.opening[one]
            hold("a drawer opens as it was left", holds=opening[0] == opening[1], what=(row, opening))
            closing = minor(row.closing), mine.balance(one)
            hold("a closing is the balance", holds=closing[0] == closing[1], what=(row, closing))
            adds_up = minor(row.opening) + sum(moved.values()) == minor(row.closing)
            hold("a drawer adds up", holds=adds_up, what=row)
        hold("openings without a sale are counted", holds=sums.no_sales == mine.no_sales, what=(sums, mine.no_sales))
