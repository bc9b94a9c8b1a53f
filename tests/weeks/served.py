"""A week on the real server: house accounts, vouchers, links that drop, kills at a commit, a journal replaced."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
from typing_extensions import override

from tests.evenings.evening import NothingError, hold
from tests.evenings.served import ServedEvening
from tests.simulation import invariants
from tests.simulation.disk import KilledError
from tests.simulation.log import ASIDE
from tests.simulation.machine import run
from tests.weeks.properties import identity
from tests.weeks.week import KEPT, Week
from till.domain.errors import StoreError
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH, due_in
from till.domain.payment.codes import digest_of, hint_of, make_code
from till.domain.shift.events import CashMoved, DrawerCorrected, ShiftClosed, ShiftSums
from till.register import guest_cash

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.register.conftest import Till
    from tests.simulation.server import Base
    from till.domain.events.envelope import Event
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval

_WHAT: Final = (
    *("pay_off", "pay_off", "pay_off_wrong", "sell_voucher"),
    *("cut", "mend", "mend", "mend", "drop", "replace", "replace"),
    *("kill_moving", "kill_selling", "kill_closing"),
)
#: The debt of a guest at first, and the price of a voucher, in major units.
_DEBT: Final = 5_000
_PRICE: Final = 50
_VOUCHERS: Final = 3
_OWE: Final = """
    INSERT INTO till.value_movements (movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at)
    VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, %s, 'spent', 1, now()) RETURNING 1"""
_ISSUE: Final = "SELECT till.voucher_issue_v2(%s, 9, %s, %s, %s, NULL, true)::text"


_AWAY: Final = "UPDATE till.tills SET seen_at = now() - interval '1 day' WHERE store_id = %s RETURNING 1"
#: Books the corrections of what another till took, as a manager.
_BOOK: Final = """
    SELECT till.quarantine_book_v1(store_id, 9, id) FROM warm.quarantine
    WHERE store_id = %s AND sqlstate = 'TL026' AND resolved_at IS NULL ORDER BY id"""
_REPORT: Final = "SELECT cold.z_of(shift_id, closed) FROM till.shifts WHERE shift_id = %s"
_UPKEEP: Final = "SELECT till.maintain_v1(%s, NULL, 30, 24, 30, false)"
#: The sums of a Z that the report has as its event has them.
_REPORTED: Final = (
    *("sales", "refunds", "taxes", "categories", "dates", "tenders"),
    *("rounding", "tips", "taken_ahead", "used", "service_charge"),
)


#: Rules of the simulation that know no money which a manager settled by hand and a terminal answered for later,
#: which happens in a week.
SETTLED_BY_HAND: Final = (invariants.every_penny_is_somewhere, invariants.conflicts_have_causes)


class ServedWeek(Week, ServedEvening):
    """A week by a seed, at tills that have the real server between them.

    Attributes:
        owed: the debt of the guest of each till, in minor units.
        sold: the ids of the vouchers that are sold.
    """

    day_ends = timedelta(hours=4)

    def __init__(self, seed: int, base: Base, folder: Path, attempt: int) -> None:
        super().__init__(seed, base, folder, attempt)
        self.what = (*self.what, *_WHAT)
        server, minor = self.world.server, self.till.register.formats.currency.minor
        self.owed: Counter[int] = Counter()
        self.sold: list[str] = []
        self._unsold: dict[str, str] = {}
        #: Payments of accounts that were keyed wrongly, with their till.
        self._owed_wrong: dict[str, tuple[int, int]] = {}
        self._replaced = False
        for till in self.tills:
            server.open_account(2 * _DEBT)
            server.value(_OWE, server.store, server.guests[-1], _DEBT)
            self.owed[till.number] = minor(str(_DEBT))
        for _voucher in range(_VOUCHERS):
            code = make_code(self.rng.randrange)
            found = server.value(_ISSUE, server.store, digest_of(code), hint_of(code), _PRICE)
            self._unsold[code] = str(found)

    @override
    def chain(self, till: Till) -> list[Event]:
        """Return the events that a till wrote, also in a journal that was replaced."""
        machine = self.world.machines[till.number - 1]
        return sorted(machine.events().values(), key=lambda event: event.id)

    @override
    def events(self) -> list[Event]:
        return [event for till in self.tills for event in self.chain(till)]

    # The links

    def cut(self) -> None:
        """Cut the link of the till."""
        self._machine.cut(0)

    def mend(self) -> None:
        """Mend the link of the till. A new journal is adopted once the server hears of it."""
        self._machine.mend(0)
        self._machine.flush()
        self.world.adopt(self._machine)

    def drop(self) -> None:
        """Drop the link when the server has the events, and no answer arrives."""
        self._machine.engine.hurry(self.world.now)
        self._machine.send()
        self._machine.arrive()
        self._machine.lose(self.rng.randrange(2))

    @override
    def end(self) -> None:
        for machine in self.world.machines:
            machine.mend(0)
        super().end()
        server = self.world.server
        server.look_at_clock()
        server._owner().execute(_BOOK, [server.store])
        self.meet()
        self.check_balances()
        hold("each till hears of corrections", holds=not self._unheard, what=self._unheard)

    @override
    def meet(self) -> None:
        if not all(machine.online for machine in self.world.machines):
            raise NothingError
        super().meet()

    @override
    def sync(self) -> None:
        self._hear()
        super().sync()

    def _hear(self) -> None:
        """Let each till hear of corrections by others, as one that was away for a minute."""
        self.world.server.rows(_AWAY, self.world.server.store)

    @override
    def _meet(self) -> None:
        self._hear()
        for machine in self.world.machines:
            machine.engine.hurry(self.world.now)
            machine.sync()
            self.world.adopt(machine)
        super()._meet()

    @override
    def _list_corrections(self) -> None:
        """Do nothing: the server does."""

    @override
    def check_balances(self) -> None:
        for till in self.tills:
            heard = [event.data for event in self.chain(till) if isinstance(event.data, DrawerCorrected)]
            for payment_id in {one.payment_id for one in heard} & self._unheard:
                self._put_right(payment_id)
        super().check_balances()

    # Guests who pay for an account or a voucher

    def pay_off(self) -> None:
        """Take cash for a house account."""
        cash = self._pay_off()
        self.mine.move(CASH, cash.kind, cash.amount)

    def pay_off_wrong(self) -> None:
        """Key a payment of an account that never was."""
        cash = self._pay_off()
        self.mine.kinds[CASH, cash.kind] += cash.amount
        shift = self.drawer.shift()
        assert shift is not None
        moved = shift.movements[-1].id
        self._moved_wrong[moved] = self.mine.wrong(**{CASH: cash.amount})
        self._owed_wrong[moved] = self.till.number, cash.amount

    def _pay_off(self) -> guest_cash.GuestCash:
        machine, number = self._machine, self.till.number
        machine.flush()  # as each payment is sent at once
        guest, amount = self.world.server.guests[number - 1], self.rng.choice((None, Minor(1), Minor(2_000)))
        cash = run(guest_cash.debt(machine.store, guest, "Rao", amount, self.till.register.formats))
        self._approved(lambda yes: self.drawer.take(cash, yes))
        self.owed[number] -= cash.amount
        return cash

    @override
    def undo_movement(self) -> None:
        super().undo_movement()
        for moved in self._owed_wrong.keys() - self._moved_wrong.keys():
            number, amount = self._owed_wrong.pop(moved)
            self.owed[number] += amount

    def sell_voucher(self) -> None:
        """Take cash for a voucher that was issued unpaid."""
        if not self._unsold:
            raise NothingError
        code = next(iter(self._unsold))
        cash = run(guest_cash.unpaid_voucher(self._machine.store, code, self.till.register.formats))
        self._approved(lambda yes: self.drawer.take(cash, yes))
        self.mine.move(CASH, cash.kind, cash.amount)
        self.sold.append(self._unsold.pop(code))

    @override
    def give(self, begun: Refund) -> None:
        try:
            super().give(begun)
        except StoreError as problem:  # the server is away, or does not know the journal yet
            self.till.register.refunds.decline(begun.id, "the server is away")
            raise NothingError from problem

    # Faults of a till

    def replace(self) -> None:
        """Damage the journal: another takes its place, once in a week, and goes on with the shift.

        Not while the server has half of a refund: its adoption frees that for another till, and a manager decides.
        """
        if self._replaced or any(event.data.stream == "refund" for event in self.till.journal.unsent(-1)):
            raise NothingError
        self._replaced = True
        before = self._x()
        self._machine.die()
        with closing(sqlite3.connect(self._machine.path, isolation_level=None)) as connection:
            connection.execute("INSERT INTO meta VALUES ('condemned', '1')")
        self._start()
        after = self._x()
        hold("a journal that takes another's place changes no X", holds=before == after, what=(before, after))
        if self._machine.online:
            self.mend()

    def lose_disk(self) -> None:
        """Begin on an empty disk, with a journal that a manager adopts."""
        self._machine.die()
        for file in self._machine.path.parent.glob(f"{self._machine.path.name}*"):
            file.unlink()
        self._start()
        self.mend()

    @override
    def fail(self) -> None:
        """Leave full disks to the weeks in memory."""
        raise NothingError

    def _killed(self, act: Callable[[Approval | None], object]) -> None:
        """Kill the till at the commit of an act, before it or after, and open it again."""
        asked = self.till.register.approvals.lacking(lambda: act(None))
        approval = self._yes(asked)
        fuse = self._machine.fuse
        fuse.light(1, after=self.rng.random() < 0.5)
        try:
            act(approval)
        except KilledError:
            self._start()
        finally:
            fuse.light(0, after=False)

    def kill_moving(self) -> None:
        """Kill the till while it moves cash."""
        before = self._movements()
        self._killed(lambda yes: self.drawer.move("paid_in", Minor(100), "milk", approval=yes))
        if self._movements() > before:
            self.mine.move(CASH, "paid_in", 100)

    def _movements(self) -> int:
        return sum(isinstance(event.data, CashMoved) for event in self.chain(self.till))

    def kill_selling(self) -> None:
        """Kill the till while it takes cash."""
        order = self._open()
        if order.due <= 0:
            raise NothingError
        handed = Minor(due_in(order, CASH) + 37)
        self._killed(lambda yes: self.till.register.checkout.pay(order.id, CASH, handed, approval=yes))
        self._took(order, self.till.register.ledger.order(order.id))

    def kill_closing(self) -> None:
        """Kill the till while it closes its shift."""
        before = self._x()[1]
        self._killed(self.drawer.close)
        if before is not None and self.drawer.shift() is None:
            self._closed(before, self.drawer.status().last)


def check_shifts(week: ServedWeek) -> None:
    """Check that the server adds up each shift as its till did, and knows what guests paid at a drawer.

    Raises:
        BrokenError: an invariant does not hold.
    """
    server, minor = week.world.server, week.till.register.formats.currency.minor
    closed = [event for event in week.events() if isinstance(event.data, ShiftClosed)]
    for event in closed:
        assert isinstance(event.data, ShiftClosed)
        found = server.value("SELECT warm.shift_sums(%s)", event.stream_id)
        hold("the server has all of a shift", holds=found is not None, what=event.stream_id)
        sums = msgspec.convert(found, ShiftSums)
        for name in ShiftSums.__struct_fields__:
            known = getattr(event.data.sums, name), getattr(sums, name)
            hold("the server's sums are the till's", holds=known[0] == known[1], what=(name, *known, event.stream_id))
        _report_adds_up(server.value(_REPORT, event.stream_id), minor)
    server.rows("SELECT warm.check_shift(s) FROM warm.unchecked_shifts(%s) AS s", server.store)
    aside = server.rows(ASIDE, server.store)
    hold("the upkeep finds each Z right", holds=not aside, what=aside)
    _guests_paid(week)


def check_lost_disks(week: ServedWeek) -> None:
    """Lose the disk of each till, and check that the next journal has the balance of its drawer, as the server has.

    One of them leaves a shift open, which the server closes.

    Raises:
        BrokenError: an invariant does not hold.
    """
    server = week.world.server
    for till in week.tills:
        week.till = till
        if till.number == 1:
            week.do("move_cash")
        week.meet()
        week.lose_disk()
        week.meet()
        server.value(_UPKEEP, server.store)
        week.meet()
        balance, expected = dict(week.drawer.balance()), {one: week.mine.balance(one) for one in KEPT}
        hold("a new disk has the balance of the drawer", holds=balance == expected, what=(balance, expected))
        counted = Minor(max(0, expected[CASH]) + 500)
        (found,) = week.drawer.count({CASH: counted})
        differs = found.difference == counted - expected[CASH]
        hold("a first count differs from the balance", holds=differs, what=(found, expected))
        week.meet()
        shift, sums = week.drawer.shift(), week.drawer.sums()
        assert shift is not None
        known = msgspec.convert(server.value("SELECT warm.shift_sums(%s)", shift.id), ShiftSums)
        hold("the X of a new journal is the server's", holds=known == sums, what=(known, sums))


def _report_adds_up(z: dict[str, Any], minor: Callable[[str], Minor]) -> None:
    """A Z in the report adds up like the one of the till, and so does its drawer, row by row."""
    identity(msgspec.convert({name: z[name] for name in _REPORTED}, ShiftSums), minor)
    for one in z["drawer"]:
        closing = minor(one["opening"]) + sum(minor(row["amount"]) for row in one["rows"])
        hold("a drawer in the report adds up", holds=closing == minor(one["closing"]), what=(z["number"], one))


def _guests_paid(week: ServedWeek) -> None:
    server, minor = week.world.server, week.till.register.formats.currency.minor
    for number, guest in enumerate(server.guests, 1):
        owed = minor(str(server.value("SELECT till.value_moved(%s)", guest))), week.owed[number]
        hold("an account is paid off by what a drawer took", holds=owed[0] == owed[1], what=(number, owed))
    paid = "SELECT voucher_id::text FROM till.vouchers WHERE store_id = %s AND NOT till.is_unpaid(voucher_id)"
    sold: list[Any] = [voucher for (voucher,) in server.rows(paid, server.store)]
    hold("what was sold can be spent, no more", holds=sorted(sold) == sorted(week.sold), what=(sold, week.sold))
