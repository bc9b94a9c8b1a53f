"""Texts on prices and changes of the menu, for commands and the desk."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from till.domain.catalogue.allergens import contains_in_words
from till.domain.catalogue.menu import read_taxes
from till.domain.i18n import N_, _, ngettext
from till.domain.money.tax import levy_price4, tax_line, tax_words
from till.domain.order.naming import order_type_name
from till.domain.text import clean
from till.reports.words import formats_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from till.domain.money.formats import Formats
    from till.domain.money.tax import Tax
    from till.domain.venue import Venue

#: The price of the item that shows what taxes come to, in major units.
_EXAMPLE: Final = "100"
#: The most changes that a row of the history lists.
_MOST_SHOWN: Final = 3
_ACTS: Final = {
    "imported": N_("imported"),
    "edited": N_("edited"),
    "scheduled": N_("scheduled"),
    "brought_back": N_("restored"),
    "sold_out": N_("sold out"),
    "back": N_("back"),
}
_PARTS: Final = {
    "name": N_("name"),
    "price": N_("price"),
    "prices": N_("planned"),
    "rates": N_("planned tax"),
    "category": N_("category"),
    "tax": N_("tax"),
    "plu": N_("number"),
    "daypart": N_("sold"),
    "sold_out": N_("sold out"),
    "modifiers": N_("choices"),
    "age": N_("age"),
    "by_type": N_("by order type"),
    "contains": N_("contains"),
}


def price_text(price: str | None, venue: Venue) -> str:
    """Return a price of the menu in the venue's format."""
    return _("open price") if price is None else formats_of(venue).written(price)


def tax_texts(body: Mapping[str, Any], venue: Venue) -> tuple[str, ...]:
    """Return a line for each set of taxes of a menu, below a heading: `GST 5 %: net 95.24 + GST 4.76 = 100.00`.

    Empty if the menu has no taxes.
    """
    formats, rules = formats_of(venue), venue.terms.rules
    price = formats.currency.minor(_EXAMPLE)
    lines = []
    for taxes in filter(None, dict.fromkeys(read_taxes(body, formats.currency).values())):
        taxed = tax_line(
            price, taxes, included=rules.included, pieces=1, direction=rules.direction, of_sum=rules.of_sum
        )
        parts = [f"{tax.name} {formats.amount(own)}" for tax, own in zip(taxes, taxed.taxes, strict=True)]
        parts.insert(0, _("net {amount}").format(amount=formats.amount(taxed.net)))
        rates = " + ".join(_rate_text(tax, formats) for tax in taxes)
        lines.append(clean(f"{rates}: {' + '.join(parts)} = {formats.amount(taxed.gross)}"))
    return (_("The taxes of an item of {price}:").format(price=formats.amount(price)), *lines) if lines else ()


def kept_tax(body: Mapping[str, Any], venue: Venue) -> str:
    """Return the tax of the service charge if a menu lacks it: the server keeps it on the menu. Empty otherwise."""
    charge = venue.settings.service_charge
    return clean(charge.tax) if charge is not None and charge.tax not in {"", *body["taxes"]} else ""


def _rate_text(tax: Tax, formats: Formats) -> str:
    if tax.per_piece is None:
        return tax_words(tax.name, tax.percent)
    price = formats.price(levy_price4(tax.per_piece, formats.currency))
    return _("{tax} {price} each").format(tax=tax.name, price=price)


def planned_text(prices: Iterable[Mapping[str, Any]], venue: Venue) -> str:
    """Return `45.00 from 2026-12-01 18:00`, on the venue's clock."""
    return ", ".join(
        _("{price} from {time}").format(
            price=price_text(one["price"], venue),
            time=f"{venue.local(datetime.fromisoformat(one['from'])):%Y-%m-%d %H:%M}",
        )
        for one in prices
    )


def rates_text(rates: Iterable[Mapping[str, Any]], venue: Venue) -> str:
    """Return `VAT 7 from 2027-01-01 00:00`, on the venue's clock; with its order type in front, if it is for one."""
    texts = []
    for one in rates:
        time = f"{venue.local(datetime.fromisoformat(one['from'])):%Y-%m-%d %H:%M}"
        text = _("{tax} from {time}").format(tax=clean(one["tax"]), time=time)
        texts.append(f"{order_type_name(one['order_type'])}: {text}" if one.get("order_type") else text)
    return ", ".join(texts)


def by_type_text(by_type: Mapping[str, Mapping[str, str]], venue: Venue) -> str:
    """Return `take away: VAT 0, 3.00`."""
    texts = (
        f"{order_type_name(name)}: "
        + ", ".join([*filter(None, [own.get("tax")]), *(price_text(own[one], venue) for one in own if one == "price")])
        for name, own in sorted(by_type.items())
    )
    return "; ".join(texts)


_WRITERS: Final[Mapping[str, Callable[[Any, Venue], str]]] = {
    "prices": planned_text,
    "rates": rates_text,
    "by_type": by_type_text,
}


def group_names(ids: Iterable[str], body: Mapping[str, Any]) -> list[str]:
    """Return the names of modifier groups from a menu."""
    names = {group["id"]: group["name"] for group in body.get("modifiers", ())}
    return [clean(names.get(one, one)) for one in ids]


def what_changed(menu: Mapping[str, Any], body: Mapping[str, Any], venue: Venue) -> str:
    """Return the first few changes of a version of the menu; `body` is the menu with the names of categories."""
    act = _ACTS[menu["act"]] if menu["of"] is None else _("menu {n} restored").format(n=menu["of"])
    if menu["act"] in {"sold_out", "back"}:
        return f"{act}: {menu['changes'][0]['name']}"
    if menu["act"] == "edited" and menu["user"] is None and not menu["changes"]:
        return _("planned taxes began")
    texts = [_change_text(change, body, venue) for change in menu["changes"][:_MOST_SHOWN]]
    more = len(menu["changes"]) - len(texts)
    if more:
        texts.append(ngettext("… and {n} more.", "… and {n} more.", more).format(n=more))
    return f"{act}: {'; '.join(texts)}" if texts else act


def _change_text(change: Mapping[str, Any], body: Mapping[str, Any], venue: Venue) -> str:
    if change["what"] == "new":
        return _("new: {item}").format(item=change["name"])
    if change["what"] == "gone":
        return _("gone: {item}").format(item=change["name"])
    parts = {name: (change["was"].get(name), now) for name, now in change["now"].items()}
    return f"{change['name']}: {', '.join(item_parts(parts, body, venue))}"


def item_parts(parts: Mapping[str, tuple[Any, Any]], body: Mapping[str, Any], venue: Venue) -> list[str]:
    """Return the changes of an item: `price 45.00, was 40.00`. `body` is the menu with the names of categories."""
    changes = []
    places = {name: place for place, name in enumerate(_PARTS)}
    for name, (was, now) in sorted(parts.items(), key=lambda part: places.get(part[0], len(places))):
        texts = [part_text(name, value, body, venue) for value in (was, now)]
        sentence = _("{part} {now}, was {was}") if texts[0] else _("{part} {now}")
        changes.append(clean(sentence.format(part=_PARTS.get(name, name), now=texts[1] or _("none"), was=texts[0])))
    return changes


def part_text(name: str, value: Any, body: Mapping[str, Any], venue: Venue) -> str:
    """Return the display text of a field of an item; empty if it has no value."""
    if name == "price":
        return price_text(value, venue)
    if value is None:
        return ""
    if name in {"prices", "rates", "by_type"}:
        return _WRITERS[name](value, venue)
    if name in {"contains", "modifiers"}:
        return contains_in_words(value) if name == "contains" else ", ".join(group_names(value, body))
    if name == "category":
        return next((str(one["name"]) for one in body.get("categories", ()) if one["id"] == value), str(value))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
