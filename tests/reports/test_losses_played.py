"""A played night at two tills and a real server: each theft is in its list, once, and nothing that was not done."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from typing_extensions import override

from db.engine import connect
from tests.evenings.house import STATIONS
from tests.evenings.served import ServedEvening, Stage
from tests.plugins.database import unwatched
from tests.simulation.arena import make_folder
from tests.simulation.machine import START
from till.administration.calls import call
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.order import discounting
from till.domain.order.choices import modifier_of
from till.domain.order.discounting import Given
from till.domain.order.paying import CASH
from till.domain.order.selling import ItemEntry
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.venue import read_venue
from till.reports.losses import read_losses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.plugins.database import Shelf
    from tests.register.conftest import Till
    from till.domain.events.envelope import Event
    from till.domain.order.line import Line, Row
    from till.domain.order.state import Order
    from till.register.tabs.open_tabs import OpenTab
    from till.reports.losses import Losses

_LAWS: Final = (
    {"currency": "INR", "prices_include_tax": True, "stations": list(STATIONS)},
    {
        "currency": "GBP",
        "prices_include_tax": True,
        "stations": list(STATIONS),
        "service_charge": {"percent": "12.5", "tax": "A", "order_types": ["dine_in"]},
    },
)
_ACTS: Final = (
    *("less", "cooked", "voided", "discarded", "returned", "given", "refunded"),
    *("printed", "corrected", "settled", "opened", "short"),
)
_ORDERS: Final = 300
_LARGE: Final = 1
_EXCHANGES: Final = 60
#: The numbers of dishes without choices.
_DISHES: Final = (1, 3, 4, 6, 8)


class Theft(NamedTuple):
    """An act that a list must have: its event, and the amount that went, if the play knows it."""

    list: str
    event: Event
    amount: int | None = None


class Night(ServedEvening):
    """Honest orders, and thefts among them. Each cashier sells at one of the two tills."""

    laws = _LAWS

    def __init__(self, seed: int, base: Any, folder: Path, attempt: int) -> None:
        super().__init__(seed, base, folder, attempt)
        self.thefts: list[Theft] = []
        self.left: list[tuple[Till, str]] = []
        self.late: list[tuple[Event, str]] = []
        self.done: Counter[str] = Counter()
        self.kinds: list[str] = []
        self.tables = 10
        for till in self.tills:
            self.till = till
            self._approved(partial(till.register.drawer.count, {CASH: Minor(10_000)}, is_float=True))

    # The evening

    def send(self) -> None:
        """Send all that the till at hand has, and hear what the server has."""
        machine = self._machine
        for _exchange in range(_EXCHANGES):
            machine.engine.hurry(self.world.now)
            machine.sync()
            if machine.journal.acked == machine.journal.head:
                return

    @override
    def asks(self, asked: Callable[..., Any], *about: Any) -> Order:
        self.send()
        return super().asks(asked, *about)

    def go_on(self) -> None:
        """Let some minutes pass. All that the tills send arrives at the minute of the night."""
        self.clock.move(seconds=self.rng.randrange(5, 40))

    def table(self, dishes: int = 3, *plus: int) -> Order:
        """Serve a table: an order with lines that the kitchen got, on a table that had none."""
        register = self.till.register
        order = register.sales.open(self.till.user)
        for plu in plus or self.rng.sample(_DISHES, dishes):
            self._key_dish(order.id, plu)
        self.tables += 1
        self.keep(order.id)
        self.fetch(order.id)
        return register.ledger.order(order.id)

    def keep(self, session: str) -> None:
        """Save an order to the next table; the kitchen gets it."""
        order = self.till.register.ledger.order(session)
        name = order.tab.name if order.tab is not None else f"{self.tables}"
        self.till.register.tabs.save(session, name)

    def fetch(self, session: str) -> None:
        """Open an order of a table here."""
        self._obtain(session, self.till.user)
        self.till.register.tabs.recall(session, self.till.user)

    def _key_dish(self, session: str, plu: int | None = None, pieces: int | None = None) -> str:
        menu = self.till.register.menu
        item = menu.by_id[f"item-{plu or self.rng.choice(_DISHES)}"]
        before = self.till.register.ledger.order(session).lines.keys()
        after = self.till.register.sales.add(
            session, self.till.user, ItemEntry(item, pieces or self.rng.choice((1, 1, 2, 3)))
        )
        return next(iter(after.lines.keys() - before))

    def bill(self, session: str, *, copy: int = 0) -> Event:
        """Issue the bill of an order."""
        register = self.till.register
        with register.ledger.command() as command:
            register.printing._issue(command, register.ledger.order(session), copy)
        return self.wrote("receipt_issued")

    def pay(self, session: str, tender: str | None = None) -> Order:
        """Pay an order."""
        order = self.till.register.ledger.order(session)
        return self._pay_exact(order, tender or self.rng.choice((CASH, CASH, "CARD", "UPI")))

    def wrote(self, *types: str) -> Event:
        """Return the newest event of some types that the till at hand wrote."""
        own = (one for one in self._machine.events().values() if one.till == self.till.number)
        return max((one for one in own if one.type in types), key=lambda event: event.seq)

    # Honest guests

    def honest(self) -> None:
        """Serve guests who pay what they are billed, or more."""
        order = self.table(self.rng.randrange(2, 5)).id
        if not self.kinds:
            self.kinds = self.rng.sample(_HONEST, len(_HONEST))
        getattr(self, f"_{self.kinds.pop()}")(order)
        self.done["orders"] += 1

    def _plain(self, order: str) -> None:
        self.bill(order)
        self.pay(order)

    def _more(self, order: str) -> None:
        """Order more after the bill, and change the mind about that before the kitchen has it."""
        self.bill(order)
        line = self._key_dish(order, 2)
        self.till.register.sales.void(order, line, "changed mind")
        self._key_dish(order)
        self.pay(order)

    def _before(self, order: str) -> None:
        """Take something back that was just keyed, then have the bill."""
        line = self._key_dish(order, 2)
        self.till.register.sales.void(order, line, "changed mind")
        self.bill(order)
        self.pay(order)

    def _apart_paid(self, order: str) -> None:
        """Pay apart after the bill: pieces go to a guest's own order, and both are paid."""
        self.bill(order)
        open_order = self.till.register.ledger.order(order)
        line = next(one for one in open_order.lines.values() if one.quantity)
        made = self._apart(open_order, {line.id: _LARGE})
        self.pay(made)
        if not self.till.register.ledger.order(order).is_empty:
            self.pay(order)

    def _moved(self, order: str) -> None:
        """Move to another table's order after the bill, which pays for both."""
        other = self.table(2).id
        self.bill(order)
        self.keep(other)
        line = next(one for one in self.till.register.ledger.order(order).lines.values() if one.quantity)
        tab = self._tab_of(other)
        self.asks(self.till.register.between.move_lines, order, {line.id: _LARGE}, tab)
        self.fetch(other)
        self.bill(other)
        self.pay(other)
        if not self.till.register.ledger.order(order).is_empty:
            self.pay(order)

    def _merged(self, order: str) -> None:
        """Sit down with others after the bill: the orders are one."""
        other = self.table(1).id
        self.bill(order)
        self.bill(other)
        joined = self.asks(self.till.register.between.join, order, other).id
        self.pay(joined)

    def _parts(self, order: str) -> None:
        """Pay in two parts after the bill."""
        self.bill(order)
        due = self.till.register.ledger.order(order).due
        if due > 1:
            self.till.register.checkout.pay(order, "CARD", Minor(due // 2), part=Minor(due // 2))
        self.pay(order)

    def _elsewhere(self, order: str) -> None:
        """Pay at the other till."""
        self.bill(order)
        self.keep(order)
        self.other()
        self.fetch(order)
        self.pay(order)

    def _rung_again(self, order: str) -> None:
        """Pay at the other till, which is cut off: it rings the copy again. The first till clears what is left."""
        self.bill(order)
        self.keep(order)
        self.send()
        mine = self.till
        self.other()
        self.send()
        tab = self._tab_of(order)
        self._machine.cut(0)
        copy = self.till.register.ring_again.ring(tab, self.till.user).order.id
        self.pay(copy)
        self._machine.mend(0)
        self.send()
        self.done["copies"] += 1
        self.left.append((mine, order))

    def _late(self, order: str) -> None:
        """Key a dish while cut off, on an order that the other till meanwhile took, billed and sold."""
        self.keep(order)
        self.send()
        self.fetch(order)
        mine = self.till
        self.send()
        self._machine.cut(0)
        self._key_dish(order, 2)
        late = self.wrote("item_added")
        self.other()
        self._obtain(order, self.till.user)
        self.till.register.recovery.resume(order, self._yes_to_taking(self.till.register.ledger.order(order)))
        self.bill(order)
        self.pay(order)
        self.send()
        self.till = mine
        self.clock.move(seconds=1_200)
        self._machine.mend(0)
        self.send()
        self.date(late)
        at = self.world.time().astimezone(ZoneInfo("Asia/Kolkata"))
        words = f"1 record up to {late.at.astimezone(at.tzinfo):%H:%M}, came {at:%Y-%m-%d %H:%M}"
        self.late.append((late, words))

    def date(self, late: Event) -> None:
        """Let an event have come at this time of the night: the database has a clock of its own for that."""
        query = "UPDATE warm.session_events SET received_at = %s WHERE event_id = %s"
        with unwatched(self.world.server.base.owner):
            self.world.server.base.owner.execute(query, [self.world.time(), late.id])

    # Thefts

    def steal(self, what: str) -> None:
        """Do something that a list must have."""
        getattr(self, f"steal_{what}")()

    def _stole(self, name: str, *types: str, amount: int | None = None) -> None:
        self.thefts.append(Theft(name, self.wrote(*types), amount))

    def _row_of(self, order: str) -> Row:
        return max(self.till.register.ledger.order(order).priced.rows, key=lambda row: row.quantity)

    @staticmethod
    def _worth(row: Row) -> int:
        return row.first.unit_price4 * row.quantity

    def steal_piece(self) -> None:
        """Take a piece off after the bill, and pay the rest."""
        order = self.table().id
        self._key_dish(order, 2, 4)
        row = self._row_of(order)
        self.bill(order)
        self._approved(partial(self.till.register.sales.change_quantity, order, row.first.id, row.quantity - 1))
        self._stole("less", "quantity_changed", "line_voided", amount=row.first.unit_price4)
        self.pay(order, CASH)

    def steal_line(self) -> None:
        """Void a whole line after the bill."""
        order = self.table().id
        self.bill(order)
        row = self._row_of(order)
        self._approved(partial(self.till.register.sales.void, order, row.first.id, "sent back"))
        self._stole("less", "line_voided", amount=self._worth(row))
        if not self.till.register.ledger.order(order).is_empty:
            self.pay(order, CASH)

    def steal_order(self) -> None:
        """Clear an order after its bill."""
        order = self.table()
        self.bill(order.id)
        self._approved(partial(self.till.register.recovery.discard, order.id, "guests left"))
        amount = sum(line.unit_price4 * line.quantity for line in order.lines.values())
        self._stole("less", "order_discarded", amount=amount)

    def steal_moved(self) -> None:
        """Move a billed line to another table, which orders the same, and void it there."""
        order, other = self.table().id, self.table(1, 5).id
        self.bill(order)
        row = self._row_of(order)
        same = self._key_dish(other, int(row.first.item_id.removeprefix("item-")))
        self.till.register.sales.note_line(other, same, "hot")
        self.keep(other)
        move = self.till.register.between.move_lines
        self.asks(move, order, {one.id: one.quantity for one in row.lines}, self._tab_of(other))
        self.fetch(other)
        self._approved(partial(self.till.register.sales.void, other, row.first.id, "sent back"))
        self._stole("less", "line_voided", amount=self._worth(row))
        self.pay(other)
        if not self.till.register.ledger.order(order).is_empty:
            self.pay(order)

    def _large(self) -> tuple[str, Line]:
        """Return a billed order with two large dosas, and their line."""
        order = self.table(1).id
        keyed = self._key_dish(order, 2, 2)
        line = self.till.register.ledger.order(order).lines[keyed]
        self._choose(order, line, "large")
        self.bill(order)
        return order, self.till.register.ledger.order(order).lines[line.id]

    def _choose(self, order: str, line: Line, size: str) -> None:
        menu = self.till.register.menu
        (group,) = (one for one in menu.groups_of(menu.by_id[line.item_id]) if one.name == "Size")
        (option,) = (one for one in group.options if one.name == size)
        self.till.register.sales.choose(order, line.id, [modifier_of(group, option)], "")

    def steal_choice(self) -> None:
        """Call a large dish small after the bill."""
        order, line = self._large()
        self._choose(order, line, "small")
        self._stole("less", "modifiers_set", amount=2 * 2 * 10_000)
        self.pay(order)

    def steal_price(self) -> None:
        """Change the price after the bill."""
        order, line = self._large()
        price = Price4(line.price4 - 30_000)
        self._approved(partial(self.till.register.sales.override_price, order, line.id, price, "old"))
        self._stole("less", "price_overridden", amount=2 * 3 * 10_000)
        self.pay(order)

    def steal_charge(self) -> None:
        """Call an order that was billed with a service charge one to take away."""
        order, _line = self._large()
        billed, sales = self.till.register.ledger.order(order), self.till.register.sales
        self._approved(partial(sales.set_order_type, order, self.till.user, "take_away"))
        if charge := billed.total - billed.priced.amount:
            self._stole("less", "order_type_set", amount=charge * 100)
        self.pay(order)

    def steal_comp(self) -> None:
        """Give a billed line away."""
        order = self.table().id
        self.bill(order)
        row = self._row_of(order)
        self._give(order, row.first.id)
        self._stole("less", "discount_applied")
        self.pay(order)

    def steal_bottle(self) -> None:
        """Key a return after the bill."""
        order = self.table().id
        self.bill(order)
        self._return(order)
        self._stole("less", "item_added", amount=15_000)
        self.pay(order)

    def steal_rung_again(self) -> None:
        """Bill a table, ring it again at the other till, and leave a line out of what is paid."""
        order = self.table().id
        self.bill(order)
        self.keep(order)
        self.send()
        mine = self.till
        self.other()
        self.send()
        tab = self._tab_of(order)
        self._machine.cut(0)
        copy = self.till.register.ring_again.ring(tab, self.till.user).order.id
        row = self._row_of(copy)
        self._approved(partial(self.till.register.sales.void, copy, row.first.id, "changed mind"))
        self._stole("less", "line_voided", amount=self._worth(row))
        if not self.till.register.ledger.order(copy).is_empty:
            self.pay(copy)
        self._machine.mend(0)
        self.send()
        self.left.append((mine, order))

    def steal_cooked(self) -> None:
        """Have a till without tickets clear what the kitchen cooked."""
        order = self.table(1)
        register = self.till.register
        sent = self.wrote("lines_sent")
        register.kitchen.is_on = False
        self._approved(partial(register.recovery.discard, order.id, "guests left"))
        register.kitchen.is_on = True
        self.thefts.append(Theft("cooked", sent, sum(one.unit_price4 * one.quantity for one in order.lines.values())))

    def steal_untold(self) -> None:
        """Take a piece off twice, which the kitchen hears only the first time: then the till writes no tickets."""
        order, register = self.table(1).id, self.till.register
        line = self._key_dish(order, 4, 3)
        self.keep(order)
        self.fetch(order)
        for name, left in (("voided", 2), ("cooked", 1)):
            register.kitchen.is_on = name == "voided"
            self._approved(partial(register.sales.change_quantity, order, line, left))
            self._stole(name, "quantity_changed", amount=register.ledger.order(order).lines[line].unit_price4)
        self.pay(order)
        register.kitchen.is_on = True

    def steal_voided(self) -> None:
        order = self.table(2).id
        row = self._row_of(order)
        self._approved(partial(self.till.register.sales.void, order, row.first.id, "sent back"))
        self._stole("voided", "line_voided", amount=self._worth(row))
        if not self.till.register.ledger.order(order).is_empty:
            self.bill(order)
            self.pay(order)

    def steal_discarded(self) -> None:
        order = self.table(2)
        self._approved(partial(self.till.register.recovery.discard, order.id, "guests left"))
        self._stole("discarded", "order_discarded")

    def steal_deposit(self) -> None:
        """Key a return without a bottle."""
        order = self.table(2).id
        self._return(order)
        self._stole("returned", "item_added", amount=15_000)
        self.pay(order)

    def steal_given(self) -> None:
        order = self.table(2).id
        self._give(order, self._row_of(order).first.id)
        self._stole("given", "discount_applied")
        self.bill(order)
        self.pay(order)

    def _give(self, order: str, line: str) -> None:
        given = Given(Millionths(discounting.ALL_OF_IT), kind="comp", reason="friend")
        asked = discounting.asked_for(self.till.register.ledger.order(order), line, given)
        self.till.register.sales.take_off(order, line, given, self._yes(asked))

    def _return(self, order: str) -> None:
        register = self.till.register
        register.sales.add(order, self.till.user, ItemEntry(register.menu.by_id["item-9"], -1))

    def steal_refund(self) -> None:
        """Refund a sale by card in cash."""
        order = self.table(2).id
        placed = self.pay(order, "CARD").placed
        assert placed is not None
        self._tell(self.till.register.ledger.order(order))
        refunds = self.till.register.refunds
        sale = refunds.sale(order, placed.data.receipt)
        way = next(one for one in giving.ways_of(sale) if one.tender == CASH)
        share = giving.pieces_back(sale, giving.all_pieces(sale))
        begun = self._approved(lambda yes: refunds.start(order, share, way, sale, yes, "cold"))
        self.send()
        self.give(begun)
        self._stole("refunded", "refund_approved")

    def steal_copy(self) -> None:
        """Issue a bill twice, and have a copy of the receipt."""
        order = self.table(2).id
        self.bill(order)
        self.bill(order)
        self._stole("printed", "receipt_issued")
        self.pay(order)
        self.bill(order, copy=1)
        self._stole("printed", "receipt_issued")

    def steal_corrected(self) -> None:
        """Call cash a card, and a card cash."""
        for was, tender in ((CASH, "CARD"), ("CARD", CASH)):
            order = self.table(1).id
            placed = self.pay(order, was).placed
            assert placed is not None
            (payment,) = placed.data.payments
            correct = self.till.register.corrections.correct_tender
            self._approved(partial(correct, order, payment.payment_id, tender))
            self._stole("corrected", "tender_corrected")

    def steal_settled(self) -> None:
        """Say by hand that a card paid that never did."""
        order = self.table(1).id
        charges = self.till.register.charges
        self.wait(0.0, lambda: charges.ask(order, "TERMINAL"))
        self.clock.move(seconds=100)
        payment = self.till.register.ledger.order(order).pending_payment
        if payment is None:
            return
        yes = self._yes(PermissionRequest(Permission.SETTLE, payment.amount))
        charges.settle_by_hand(order, payment.id, yes, charged=True)
        self._stole("settled", "payment_approved")

    def steal_drawer(self) -> None:
        self._approved(lambda yes: self.till.register.drawer.no_sale("change", yes))
        self._stole("opened", "drawer_opened")

    def steal_short(self) -> None:
        drawer = self.till.register.drawer
        self.pay(self.table(1).id, CASH)
        there = drawer.balance()[CASH]
        self._approved(lambda yes: drawer.count({CASH: Minor(there - 500)}, approval=yes))
        self._stole("short", "drawer_counted", amount=5 * 10_000)

    # The end

    def finish(self) -> None:
        """Clear what is left of orders that were rung again, and send all."""
        self.meet()
        for till, order in self.left:
            self.till = till
            self.fetch(order)
            self._approved(partial(till.register.recovery.discard, order, "rung again"))
            self._stole("discarded", "order_discarded")
        for till in self.tills:
            self.till = till
            self.pay_all()
        self.meet()

    def losses(self) -> Losses:
        """Read the losses of the night."""
        server = self.world.server
        ask = partial(self._ask_server, server)
        return read_losses(ask, read_venue(ask("venue")), START.date())

    @staticmethod
    def _ask_server(server: Any, function: str, *values: Any) -> Any:
        return call(server.base.owner, function, server.store, *values)

    def other(self) -> None:
        """Go to the other till, once this one has sent what it has, unless it is cut off."""
        self.clock.move(seconds=1)
        if self._machine.online:
            self.send()
        self.till = next(till for till in self.tills if till is not self.till)

    def _tab_of(self, session: str) -> OpenTab:
        return next(tab for tab in self.open_tabs() if tab.session_id == session)


_HONEST: Final = (
    *("plain",) * 4,
    *("more", "more", "before", "before", "apart_paid", "moved", "merged", "parts", "elsewhere", "rung_again", "late"),
)
THEFTS: Final = (
    *("choice", "price", "charge"),
    *("piece", "line", "order", "moved", "comp", "bottle", "rung_again", "cooked", "voided", "discarded", "deposit"),
    *("untold", "given", "refund", "copy", "corrected", "settled", "drawer", "short"),
)


@pytest.fixture(scope="module")
def stage(shelf: Shelf, template: str) -> Iterator[Stage]:
    """A database for played nights."""
    with (
        shelf.made(template) as database,
        connect(database.owner) as owner,
        connect(database.app) as app,
        make_folder() as folder,
    ):
        yield Stage(owner, app, Path(folder))


def play(
    stage: Stage, seed: int, orders: int, thefts: tuple[str, ...], kind: type[Night] = Night
) -> tuple[Night, Losses]:
    """Play a night."""
    with stage.evening(seed, kind) as night:
        when: dict[int, list[str]] = {night.rng.randrange(orders): [] for _theft in thefts}
        for theft in thefts:
            night.rng.choice([*when.values()]).append(theft)
        for number in range(orders):
            night.till = night.rng.choice(night.tills)
            night.clock.move(seconds=night.rng.randrange(5, 40))
            night.honest()
            for theft in when.get(number, ()):
                night.till = night.rng.choice(night.tills)
                night.clock.move(seconds=90)
                night.steal(theft)
        night.finish()
        return night, night.losses()


def listed(found: Losses) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of the lists of acts."""
    return {name: [*found.found.rows(name)] for name in _ACTS}


@pytest.mark.parametrize(("seed", "orders"), [(1, _ORDERS), (2, 40), (5, 40), (7, 40)])
def test_each_theft_is_in_its_list_once_and_nothing_else_is(stage: Stage, seed: int, orders: int) -> None:
    night, found = play(stage, seed, orders, THEFTS)
    assert found.faults == ()
    assert min(night.done["copies"], len(night.late), night.done["orders"] - orders + 1) > 0
    rows = listed(found)
    listed_acts = Counter((name, row[8]) for name in _ACTS for row in rows[name])
    wanted = Counter((theft.list, theft.event.id) for theft in night.thefts)
    words = {row[8]: row[3] for name in _ACTS for row in rows[name]}
    assert ([(*one, words.get(one[1])) for one in listed_acts - wanted], [*(wanted - listed_acts)]) == ([], [])
    for theft in night.thefts:
        (row,) = (row for row in rows[theft.list] if row[8] == theft.event.id)
        assert (row[0], row[1]) == (theft.event.at, theft.event.by_till)
        if theft.amount is not None:
            assert row[4] == theft.amount // 100
    assert {row[6] for row in rows["refunded"]} == {"Meena"}
    assert night.losses() == found
    asked = [row[1] for row in found.found.rows("ask")]
    asking = [row for name in _ACTS if name != "printed" for row in rows[name]]
    own = [row for row in asking if row[7] and ", rung again: " not in row[3]]
    assert asked == sorted((row[4] for row in own), reverse=True)[:5]
    assert sum(", rung again: " in row[3] for row in rows["discarded"]) == len(night.left)


@pytest.mark.parametrize("seed", [6, 9])
def test_a_night_without_thefts_has_nothing_less_paid(stage: Stage, seed: int) -> None:
    night, found = play(stage, seed, 40, ())
    # an order that was rung again at the other till is cleared, and that was done
    assert {name: [row[8] for row in rows] for name, rows in listed(found).items() if rows} == {
        "discarded": sorted(theft.event.id for theft in night.thefts)
    }


def test_records_that_came_late_are_named_by_till_and_arrival(stage: Stage) -> None:
    with stage.evening(7, Night) as night:
        for _order in range(2):
            night.clock.move(seconds=90)
            night._late(night.table().id)
        night.finish()
        late = [(row[1], row[0], row[3]) for row in night.losses().found.rows("late")]
    assert sorted(late) == sorted((event.by_till, event.at, words) for event, words in night.late)
