"""Quotes of baskets: `python -m tools.quote` gives the amount that a till asks, to the smallest coin."""

from __future__ import annotations

import json
import random
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.register.conftest import VENUE, Till, item
from tests.register.fakes import MemoryJournal
from till.domain.errors import TillError
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Minor, Thousandths
from till.domain.order import discounting
from till.domain.order.discounting import Given
from till.domain.order.paying import CASH, due_in
from till.domain.order.selling import ItemEntry
from tools.quote.basket import quote

if TYPE_CHECKING:
    from till.domain.money.tax import Taxed
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval, PermissionRequest

#: Rounding rules by place.
PLACES: Final[tuple[tuple[str, dict[str, Any] | None], ...]] = (
    ("INR", {"step": "1", "of": "bill"}),
    ("INR", {"step": "1", "of": "bill", "never": ["UPI"]}),
    ("SEK", {"step": "1", "of": "cash"}),
    ("CAD", {"step": "0.05"}),
    ("EUR", {"step": "0.05", "of": "bill", "nothing_up_to": "0.05"}),
    ("NZD", {"step": "0.10", "direction": "half_down"}),
    ("ZAR", {"step": "0.10", "direction": "down"}),
    ("KWD", {"step": "0.005"}),
    ("BHD", {"step": "0.005", "of": "bill"}),
    ("JPY", {"step": "10", "direction": "down", "of": "bill"}),
    *((code, None) for code in ("JPY", "KWD", "GBP", "USD")),
)
RATES: Final = ("0", "2.5", "5", "7", "8.875", "19", "20")
PERCENTS: Final = ("10", "33.3333", "50", "100")


class Counter:
    """A till, and a basket equal to its order."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a basket repeats itself
        code, rounding = self.rng.choice(PLACES)
        self.currency = Currency(code)
        self.basket: dict[str, Any] = {
            "currency": code,
            "prices_include_tax": self.rng.random() < 0.5,
            "tax_rounding": self.rng.choice(("line", "order")),
            "tax_rounding_direction": self.rng.choice(("half_up", "up", "down")),
            "tax_rounding_of": self.rng.choice(("each", "sum_of_rates")),
        }
        if rounding is not None:
            self.basket["rounding"] = rounding
        if self.rng.random() < 0.4:
            self.basket["service_charge"] = {"percent": "12.5", "tax": self.rng.choice("ABC")}
        self.items = [self._item(plu) for plu in range(1, self.rng.randint(2, 7))]
        offers = [self._offer(number) for number in range(self.rng.randrange(4))]
        taxes = {group: [self._tax(group, place) for place in range(self.rng.randrange(4))] for group in "ABC"}
        journal = MemoryJournal()
        terms = {"promotions": offers, "order_types": ["take_away"], "cashier_discount_percent": "100"}
        journal.cache("settings", 1, {**VENUE, **self.basket, **terms})
        sold = {"version": 1, "dayparts": [], "categories": [{"id": "all", "name": "All", "position": 1}]}
        journal.cache("menu", 1, {**sold, "taxes": taxes, "items": self.items})
        self.register = Till(journal=journal, seed=seed).register
        self.register.access.admit(self.register.access.find(9))
        sets = [
            {"set" if name == "pieces" else name: own for name, own in one.items()} for one in offers
        ]  # as a basket calls it
        self.basket |= {"taxes": taxes, "promotions": sets, "lines": [], "discounts": [], "payments": []}
        self.session = self.register.sales.open(9).id

    @property
    def order(self) -> Order:
        return self.register.ledger.order(self.session)

    def _amount(self, least: int, most: int, places: int | None = None) -> str:
        """Return an amount between two numbers of major units, with the decimals of the currency."""
        scale = self.currency.exponent if places is None else places
        number = self.rng.randrange(least * 10**scale, most * 10**scale) + 1
        return f"{number // 10**scale}.{number % 10**scale:0{scale}d}" if scale else f"{number}"

    def _item(self, plu: int) -> dict[str, Any]:
        price = self._amount(0, self.rng.choice((2, 20, 300)), self.rng.choice((None, None, 4)))
        unit, returnable = "kg" if self.rng.random() < 0.2 else "", self.rng.random() < 0.3
        return item(f"item {plu}", plu, price, tax=self.rng.choice("ABC"), unit=unit, returnable=returnable)

    def _tax(self, group: str, place: int) -> dict[str, Any]:
        more = [name for name in ("included", "affects_later", "affected_by_earlier") if self.rng.random() < 0.3]
        per_piece = {"per_piece": self._amount(0, 2)} if self.rng.random() < 0.2 else {"rate": self.rng.choice(RATES)}
        return {"name": f"{group}{place}", **per_piece, **{name: self.rng.random() < 0.5 for name in more}}

    def _offer(self, number: int) -> dict[str, Any]:
        own = [f"item-{self.rng.randint(1, len(self.items))}" for _item in range(2)]
        kinds: tuple[dict[str, Any], ...] = (
            {"percent": self.rng.choice(PERCENTS), "items": own},
            {"amount": self._amount(0, 3), "items": own},
            {"price": self._amount(0, 5), "items": own},
            {"buy": self.rng.randint(1, 3), "get": 1, "items": own},
            {"price": self._amount(0, 9), "pieces": self.rng.randint(2, 4), "items": own},
            {"price": self._amount(0, 9), "set": own},
        )
        return {"name": f"offer {number}", **self.rng.choice(kinds)}

    def _yes(self, asked: PermissionRequest | None) -> Approval | None:
        return asked and self.register.approvals.give(self.register.access.find(9), asked)

    def key(self) -> None:
        """Key each item once, some at another price, with discounts on some and on all."""
        for sold in self.items:
            keyed = self.register.menu.by_id[sold["id"]]
            pieces = self.rng.choice((1, 1, 2, 3, 5, 10, -2 if keyed.returnable else 1))
            measure = Thousandths(self.rng.randrange(1, 5_000)) if keyed.unit else None
            self.register.sales.add(self.session, 9, ItemEntry(keyed, pieces, measure=measure))
            line = {"item": keyed.id, "quantity": pieces, "unit_price": sold["price"], "tax": keyed.tax}
            line["deposit"] = keyed.returnable
            if measure is not None:
                line["measure"] = f"{measure // 1000}.{measure % 1000:03d}"
            self.basket["lines"].append(line)
        for line_id, line in zip(self.order.lines, self.basket["lines"], strict=True):
            if self.rng.random() < 0.2:
                line["unit_price"] = self._amount(0, 30)
                price4, sales = self.currency.price4(line["unit_price"]), self.register.sales
                sales.override_price(self.session, line_id, price4, "as agreed")
        for line_id, line in zip(self.order.lines, self.basket["lines"], strict=True):
            if self.rng.random() < 0.25 and (off := self._off(line_id)):
                line["discount"] = off
        self.basket["discounts"] = [off for _time in range(self.rng.randrange(3)) if (off := self._off(None))]

    def _off(self, line_id: str | None) -> dict[str, str]:
        """Give a discount on a line or on all; return it, or an empty dict if it is refused."""
        if self.rng.random() < 0.5:
            off = {"percent": self.rng.choice(PERCENTS)}
            given = Given(Millionths(self.currency.price4(off["percent"])), reason="late")
        else:
            off = {"amount": self._amount(0, 5)}
            given = Given(None, self.currency.minor(off["amount"]), reason="late")
        try:
            asked = discounting.asked_for(self.order, line_id, given)
            self.register.sales.take_off(self.session, line_id, given, self._yes(asked))
        except TillError:
            return {}
        return off

    def pay(self) -> None:
        """Pay parts in notes or by card, and then the rest."""
        rule = self.order.terms.rounding
        for _time in range(self.rng.randrange(3)):
            tender = self.rng.choice((CASH, "CARD", "UPI"))
            part = due_in(self.order, tender) * self.rng.randrange(1, 90) // 100
            if tender == CASH and rule is not None:
                part -= part % rule.step
            if part > 0:
                self.register.checkout.pay(self.session, tender, Minor(part))
                self.basket["payments"].append({"tender": tender, "amount": self.currency.text(Minor(part))})
        if self.order.placed is None:
            tender = self.rng.choice((CASH, "CARD", "UPI"))
            pay = partial(self.register.checkout.pay_exact, self.session, tender)
            pay(approval=self._yes(self.register.approvals.lacking(pay)))
            self.basket["payments"].append({"tender": tender, "amount": "exact"})


def _texts(currency: Currency, taxed: Taxed) -> dict[str, str]:
    return {"net": currency.text(taxed.net), "tax": currency.text(taxed.tax), "gross": currency.text(taxed.gross)}


@pytest.mark.parametrize("seeds", [range(100), range(100, 200)])
def test_a_till_asks_for_what_a_quote_says(seeds: range) -> None:
    for seed in seeds:
        counter = Counter(seed)
        counter.key()
        priced = counter.order.priced
        counter.pay()
        quoted, placed = quote(json.dumps(counter.basket).encode()).body(), counter.order.placed
        assert placed is not None, counter.basket
        parts = [row.taxed for row in priced.rows] + ([priced.charge.taxed] if priced.charge else [])
        lines = [_texts(counter.currency, one) for one in parts]
        assert quoted["lines"][: len(lines)] == lines, counter.basket
        sums = (placed.data.net, placed.data.tax, placed.data.total, placed.data.rounding)
        assert (quoted["net"], quoted["tax"], quoted["total"], quoted["rounding"]) == sums, counter.basket
