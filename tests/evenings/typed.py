"""A busy evening at which tax and price go by order type: after each act each row is compared with a quote.

The type of a row is that of its records, read without the fold: the newest type of a line of its own, or else
of its order. `tools.quote` then prices the row with the taxes that the menu has for that type.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from tests.evenings.busy import _ANY, BusyEvening
from tests.evenings.evening import hold
from tests.evenings.house import menu_of
from tests.evenings.served import ServedEvening
from till.domain.bill import keyed_of
from till.domain.order.events import (
    ChangeUndone,
    LineCut,
    LinesCopied,
    LineTypeSet,
    OrderOpened,
    OrderTypeSet,
    Refused,
)
from till.domain.order.moving import follows_table
from tools.quote.basket import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.register.conftest import Till
    from till.domain.events.envelope import Event
    from till.domain.order.events import PlacedLine
    from till.domain.order.state import Order
    from tools.quote.basket import Quote

_TYPES: Final = ("take_away", "dine_in")
#: The differences by order type: a tax, a price, and both.
_BY_TYPE: Final[dict[str, dict[str, Any]]] = {
    "item-1": {"take_away": {"tax": "B"}},
    "item-3": {"take_away": {"price": "4"}},
    "item-4": {"take_away": {"tax": "B", "price": "5"}, "dine_in": {"tax": "A"}},
    "item-8": {"dine_in": {"tax": "B"}},
}
#: Minor units by which tax may differ where equal lines of two orders become one row, which is rounded once.
_ROUNDED: Final = 2
_WHAT: Final = (*("set_type",) * 6, *("set_line_type",) * 8)


class TypedEvening(BusyEvening):
    """An evening by a seed, with acts on the types of orders and of lines."""

    def __init__(self, seed: int, *about: Any) -> None:
        super().__init__(seed, *about)
        self.what = (*self.what, *_WHAT)
        self._judged: set[str] = set()

    @override
    def _open_venue(self, law: dict[str, Any], offers: list[dict[str, Any]]) -> list[Till]:
        tills = super()._open_venue(law, offers)
        for till in tills:
            till.journal.cache("menu", 2, self._menu(law))
            till.register.reference_changed(["menu"])
        return tills

    def _menu(self, law: dict[str, Any]) -> dict[str, Any]:
        menu = menu_of(law)
        items = [one | {"tax": "A"} if one["tax"] == "C" else one for one in menu["items"]]  # a levy is of pieces
        by_type = {one: {"by_type": own} for one, own in _BY_TYPE.items()}
        self.dishes = {one["id"]: one | by_type.get(one["id"], {}) for one in items}
        self.body = menu | {"items": list(self.dishes.values())}
        return self.body

    # Acts

    def set_type(self) -> None:
        order, sales, kind = self._open(), self.till.register.sales, self.rng.choice(_TYPES)
        after = self._approved(partial(sales.set_order_type, order.id, self.till.user, kind))
        self._same(order, after)
        is_plain = order.terms.included and order.terms.charge is None and not _is_priced(order)
        hold("a type leaves the gross", holds=not is_plain or after.total == order.total, what=order.id)

    def set_line_type(self) -> None:
        order, sales, kind = self._open(), self.till.register.sales, self.rng.choice((*_TYPES, ""))
        line = self._line(order)
        self._same(order, self._approved(partial(sales.set_line_type, order.id, line, kind)))

    @staticmethod
    def _same(before: Order, after: Order) -> None:
        owed = before.has_money and before.total != after.total
        hold("a type changes nothing owed once a part is paid", holds=not owed, what=before.id)

    @override
    @contextmanager
    def _conserved(self, *session_ids: str, rounded: int = 0) -> Iterator[list[str]]:
        """Check too that each tax of these orders stays, unless a new round goes to a table's type."""
        ledger = self.till.register.ledger
        before = [ledger.order(one) for one in session_ids]
        follows = len({one.order_type for one in before}) > 1 and any(map(follows_table, before))
        with super()._conserved(*session_ids, rounded=rounded) as made:
            yield made
        if not follows and rounded < _ANY:
            taxes = Counter[Any]()
            for order in before:
                taxes.subtract({one.tax.kind: one.amount for one in order.priced.taxes})
            for session in (*session_ids, *made):
                taxes.update({one.tax.kind: one.amount for one in ledger.order(session).priced.taxes})
            off = max(map(abs, taxes.values()), default=0)
            hold("moving conserves tax by rate", holds=off <= _ROUNDED, what=(session_ids, taxes))
            after = [ledger.order(one) for one in (*session_ids, *made)]
            rounded += 0 if all(one.terms.included for one in before) else sum(map(abs, taxes.values()))
            rounded += sum(one.priced.charge is not None for one in (*before, *after))  # each is rounded once
            off = abs(sum(one.total for one in before) - sum(one.total for one in after))
            hold("the sum is that of both", holds=off <= rounded, what=(session_ids, off))

    # Judgement

    @override
    def judge(self) -> None:
        for order in self.orders():
            known = sorted(self.till.journal.events_of(order.id), key=lambda event: event.id)
            if any(isinstance(event.data, LinesCopied | Refused) for event in known):
                continue  # the fold alone knows what counts
            if order.placed is None:
                self._judge_open(order, known)
            elif order.placed.event not in self._judged:
                self._judged.add(order.placed.event)
                if order.placed.till == self.till.number:
                    self._judge_sale(order, known, order.placed.data.lines)

    def _judge_open(self, order: Order, known: Sequence[Event]) -> None:
        text, rows = order.terms.currency.text, order.priced.rows
        self._compare(
            order,
            known,
            [(row.line_ids, row.first.item_id, row.amount) for row in rows],
            [([(t.name, t.percent) for t in row.taxes], text(row.taxed.net), text(row.taxed.tax)) for row in rows],
        )
        for row in rows:
            self._check_price(order, known, row.first.id)

    def _judge_sale(self, order: Order, known: Sequence[Event], lines: Sequence[PlacedLine]) -> None:
        """Compare a sale that the till at hand has just written."""
        sold = [(one.line_ids, one.item_id, keyed_of(one, order.terms.currency)) for one in lines]
        taxed = [([(tax.name, tax.rate) for tax in one.taxes], one.net, one.tax) for one in lines]
        self._compare(order, known, sold, taxed)

    def _compare(
        self, order: Order, known: Sequence[Event], rows: Sequence[tuple[Sequence[str], str, int]], taxed: list[Any]
    ) -> None:
        """Compare rows with the quote of the same rows, each with the taxes of its type."""
        types = [{type_of(known, line_id) for line_id in line_ids} for line_ids, _item, _amount in rows]
        hold("a row has one type", holds=all(len(one) == 1 for one in types), what=order.id)
        groups = [self._tax_of(item, *kind) for (_ids, item, _amount), kind in zip(rows, types, strict=True)]
        named = [[(tax["name"], tax["rate"]) for tax in self.body["taxes"].get(group, [])] for group in groups]
        quoted = self._quoted(order, [amount for _ids, _item, amount in rows], groups)
        text = order.terms.currency.text
        wanted = [(own, text(row.net), text(row.tax)) for own, row in zip(named, quoted.priced.lines, strict=False)]
        hold("rows have the taxes of their type", holds=wanted == taxed, what=(order.id, wanted, taxed))

    def _tax_of(self, item_id: str, kind: str) -> str:
        own: str = self.dishes[item_id].get("by_type", {}).get(kind, {}).get("tax", self.dishes[item_id]["tax"])
        return own

    def _check_price(self, order: Order, known: Sequence[Event], line_id: str) -> None:
        """A line that nobody priced, and whose cost is not fixed, costs what the menu has for its type."""
        line = order.lines[line_id]
        if line.fixed or any("price4" in one.values for one in line.changes):
            return
        item = self.dishes[line.item_id]
        price = item.get("by_type", {}).get(type_of(known, line_id), {}).get("price", item["price"])
        hold("a line has the price of its type", holds=line.price4 == order.terms.currency.price4(price), what=line_id)

    def _quoted(self, order: Order, amounts: list[int], groups: list[str]) -> Quote:
        terms = order.terms
        lines = [
            {"quantity": -1 if amount < 0 else 1, "unit_price": terms.currency.text(abs(amount))}  # type: ignore[arg-type]
            | ({"tax": group} if group else {})
            for amount, group in zip(amounts, groups, strict=True)
        ]
        body = {
            "currency": terms.currency.code,
            "prices_include_tax": terms.included,
            "tax_rounding": "order" if terms.by_order else "line",
            "tax_rounding_direction": terms.direction.value,
            "taxes": self.body["taxes"],
            "lines": lines,
        }
        return quote(json.dumps(body).encode())


class ServedTypedEvening(TypedEvening, ServedEvening):
    """Such an evening at tills that have the real server between them.

    No tender is corrected: that of another till waits for a manager, which is another play.
    """

    def __init__(self, seed: int, *about: Any) -> None:
        super().__init__(seed, *about)
        self.what = tuple(one for one in self.what if one != "correct")

    @override
    def _open_venue(self, law: dict[str, Any], offers: list[dict[str, Any]]) -> list[Till]:
        return ServedEvening._open_venue(self, law, offers)


def type_of(known: Iterable[Event], line_id: str) -> str:
    """Return the order type of a line by the records of its order, which are sorted."""
    undone = {event.data.event for event in known if isinstance(event.data, ChangeUndone)}
    order_type, types = "", dict[str, dict[str, str]]()
    for event in known:
        match event.data:
            case OrderOpened(order_type=kind) if not order_type:
                order_type = kind
            case OrderTypeSet(order_type=kind):
                order_type = kind
            case LineTypeSet(line_id=line, order_type=kind) if (event.data.follows or event.id) not in undone:
                types.setdefault(line, {}).setdefault(event.data.follows or event.id, kind)
            case LineCut(line_id=line, into=into):
                types[into] = {**types.get(line, {}), **types.get(into, {})}
            case _:
                pass
    own = types.get(line_id, {})
    return (own[max(own)] if own else "") or order_type


def _is_priced(order: Order) -> bool:
    return any(rate.price4 is not None for line in order.lines.values() for rate in line.by_type)
