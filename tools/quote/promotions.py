"""The promotions of a basket: their terms and items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from till.domain.catalogue.promotions import PromotionSlot
from till.domain.i18n import _
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.money.promotion import Offer
from till.domain.structs import replace
from tools.quote.fields import FieldObject, QuotedField, QuoteError

if TYPE_CHECKING:
    from till.domain.money.amount import Currency

#: The most promotions of a basket.
MOST: Final = 50
#: The most pieces of a set, or of `buy` and `get`.
_MOST_PIECES: Final = 1_000
_MOST_ITEMS: Final = 10_000
#: The most slots of a combo, and pieces of a slot.
_MOST_SLOTS: Final = 9
_FIELDS: Final = ("name", "items", "percent", "amount", "price", "buy", "get", "set", "slots")
#: The word for all items, in place of a list.
_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class QuotedPromotion:
    """An offer, and the names of its items; None for all items."""

    offer: Offer
    items: frozenset[str] | None
    slots: tuple[PromotionSlot, ...] = ()

    def is_on(self, item: str) -> bool:
        """True if the promotion applies to an item."""
        return self.items is None or item in self.items

    def offer_on(self, item: str) -> Offer:
        """Return the offer as an item has it, to which it applies."""
        return replace(self.offer, slots=tuple(slot.of(item, "") for slot in self.slots)) if self.slots else self.offer


def read_promotion(field: QuotedField, currency: Currency) -> QuotedPromotion:
    """Read a promotion."""
    table = field.table(_FIELDS)
    name = table.need("name", _("Write the name of the promotion.")).text()
    items = _items(table.get("items"))
    if table.get("slots") is not None:
        return _combo(table, name, items, currency)
    if table.get("set") is not None:
        return _set(table, name, items, currency)
    if table.get("buy") is not None or table.get("get") is not None:
        return QuotedPromotion(_buy(table, name), items)
    return QuotedPromotion(_piece(table, name, currency), items)


def _items(field: QuotedField | None) -> frozenset[str] | None:
    if field is None or field.value == _ALL:
        return None
    return frozenset(one.article() for one in field.items(_MOST_ITEMS))


def _combo(table: FieldObject, name: str, items: frozenset[str] | None, currency: Currency) -> QuotedPromotion:
    _refuse_beside(table, "slots", ("percent", "amount", "buy", "get", "set"))
    if items is not None:
        table.need("items", "").refuse(_("The slots name its items: leave it out."))
    like = _("Write the price of the combo, such as {like}.").format(like=_like(currency))
    price = _price(table.need("price", like), currency)
    slots = tuple(_slot(one, currency) for one in table.items("slots", _MOST_SLOTS))
    return QuotedPromotion(Offer(name, price=price), frozenset(item for slot in slots for item in slot.items), slots)


def _slot(field: QuotedField, currency: Currency) -> PromotionSlot:
    table = field.table(("name", "items", "pieces"))
    pieces = table.get("pieces")
    fits = table.need("items", _("Write the surcharge of each item that fits: 0, or an amount.")).groups(_MOST_ITEMS)
    return PromotionSlot(
        table.need("name", _("Write the name of the slot.")).text(),
        1 if pieces is None else pieces.decimal(0, "1", least=1, most=_MOST_SLOTS),
        {item: _price(extra, currency) for item, extra in fits},
        {},
    )


def _set(table: FieldObject, name: str, items: frozenset[str] | None, currency: Currency) -> QuotedPromotion:
    _refuse_beside(table, "set", ("percent", "amount", "buy", "get"))
    of = table.need("set", "")
    price = _price(
        table.need("price", _("Write the price of the set, such as {like}.").format(like=_like(currency))), currency
    )
    if not isinstance(of.value, list):
        pieces = of.decimal(0, "3", least=1, most=_MOST_PIECES)
        return QuotedPromotion(Offer(name, price=price, pieces=pieces), items)
    if items is not None:
        table.need("items", "").refuse(_("The set names its items: leave it out."))
    named = tuple(one.article() for one in of.items(_MOST_PIECES))
    if not named:
        of.refuse(_("Write the items of a set, or how many pieces it has."))
    return QuotedPromotion(Offer(name, price=price, items=named), frozenset(named))


def _buy(table: FieldObject, name: str) -> Offer:
    _refuse_beside(table, "buy", ("amount", "price"))
    buy = table.need("buy", _("Write how many are bought.")).decimal(0, "2", least=1, most=_MOST_PIECES)
    get = table.need("get", _("Write how many are free.")).decimal(0, "1", least=1, most=_MOST_PIECES)
    percent = table.get("percent")
    return Offer(name, rate=None if percent is None else _percent(percent), buy=buy, get=get)


def _piece(table: FieldObject, name: str, currency: Currency) -> Offer:
    """Return an offer on single pieces: a percentage, an amount or a price."""
    price = table.get("price")
    if price is not None:
        _refuse_beside(table, "price", ("percent", "amount"))
        return Offer(name, price=_price(price, currency))
    percent, amount = table.get("percent"), table.get("amount")
    if percent is None and amount is None:
        sentence = _("{field} takes nothing off. Write percent, amount, price, buy and get, or set and price.")
        raise QuoteError(sentence.format(field=table.path))
    table.one_of("percent", "amount")
    if percent is not None:
        return Offer(name, rate=_percent(percent))
    return Offer(name, amount=None if amount is None else Minor(amount.decimal(currency.exponent, _like(currency))))


def _refuse_beside(table: FieldObject, what: str, others: tuple[str, ...]) -> None:
    """Refuse fields that cannot be combined with `what`."""
    for other in others:
        if (field := table.get(other)) is not None:
            field.refuse(_("It does not go with {what}: keep one of them.").format(what=what))


def _percent(field: QuotedField) -> Millionths:
    return Millionths(field.decimal(4, "12.5", most=100))


def _price(field: QuotedField, currency: Currency) -> Price4:
    return Price4(field.decimal(4, _like(currency)))


def _like(currency: Currency) -> str:
    """Return an example amount in the currency."""
    return currency.text(Minor(1250 * currency.scale // 100))
