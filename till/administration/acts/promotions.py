"""Acts on promotions. Each takes effect on every till; lines already keyed keep their promotion."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

from typing_extensions import override

from till.administration.acts.act import OwnerAct
from till.domain.catalogue.hours import hours_row, read_named_hours
from till.domain.catalogue.menu_edit import find_category, find_item
from till.domain.catalogue.promotions import read_promotion
from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.money.combos import MOST_PIECES
from till.domain.patterns import late
from till.domain.text import clean
from till.ports.shell import FieldError, ShellField
from till.reports.tills import without_types
from till.reports.words import formats_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Self

    from till.administration.calls import AtServer
    from till.domain.money.formats import Formats

#: The word before a category in a slot, and the number of pieces at its end.
_CATEGORY: Final = "category "
_PIECES: Final = late(r",\s*\d{1,2}\s*\Z", re.ASCII)

_NAME: Final = ShellField("NAME", N_("Its name."))


class NoPromotionError(TillError):
    """A promotion that does not exist."""

    code = "promotion"
    default = N_("There is no such promotion. `till admin promotions list` lists them.")


class SetPromotion(OwnerAct, frozen=True):
    """Add a promotion at every till at once, or change the one with that name."""

    shell = N_(
        'promotions add "Happy hour" --category Drinks --percent 20 --hours "fri 17:00-19:00". '
        'till admin promotions add "3 for 2" --item Idly --buy 2 --get 1 --until 2026-12-31. '
        'till admin promotions add Breakfast --set Idly --set "Filter Coffee" --price 60. '
        'till admin promotions add Lunch --price 9.90 --slot "Main: category Mains" --slot "Drink: Tea | Beer +1.50". '
        "till admin promotions add Senior --percent 15 --by-hand"
    )
    call = "promotion_set_v1"

    name: Annotated[str, _NAME]
    item: Annotated[list[str] | None, ShellField("ITEM", N_("An item it applies to; may be repeated."), "--item")] = (
        None
    )
    category: Annotated[
        list[str] | None, ShellField("NAME", N_("A category it applies to; may be repeated."), "--category")
    ] = None
    percent: Annotated[str | None, ShellField("P", N_("Percent off each piece."), "--percent")] = None
    amount: Annotated[str | None, ShellField("A", N_("Amount off each piece."), "--amount")] = None
    price: Annotated[str | None, ShellField("A", N_("The price of each piece or set."), "--price")] = None
    buy: Annotated[int | None, ShellField("", N_("This many at full price …"), "--buy", least=1, most=999)] = None
    get: Annotated[
        int | None, ShellField("", N_("… and this many free, or --percent off."), "--get", least=1, most=999)
    ] = None
    pieces: Annotated[
        int | None, ShellField("", N_("Any N pieces make a set, sold at --price."), "--pieces", least=1, most=999)
    ] = None
    set_items: Annotated[
        list[str] | None, ShellField("ITEM", N_("An item of a set; repeat for each item."), "--set")
    ] = None
    slot: Annotated[
        list[str] | None,
        ShellField(
            "SLOT", N_("A slot of a combo: “Drink: Cola | category Beers +1.50, 1”; may be repeated."), "--slot"
        ),
    ] = None
    number: Annotated[
        int | None, ShellField("N", N_("The number that opens a combo; no item's."), "--number", least=1, most=999_999)
    ] = None
    hours: Annotated[str | None, ShellField("H", N_("When: “mon-fri 17:00-19:00 + sat 12:00-14:00”."), "--hours")] = (
        None
    )
    since: Annotated[str | None, ShellField("DATE", N_("Its first day."), "--from")] = None
    until: Annotated[str | None, ShellField("DATE", N_("Its last day."), "--until")] = None
    by_hand: Annotated[
        bool, ShellField("", N_("A named discount: chosen with F3, with no reason and no PIN asked."), "--by-hand")
    ] = False
    off: Annotated[bool, ShellField("", N_("Keep the promotion but turn it off."), "--off")] = False

    @override
    def checked(self) -> Self:
        self._when()
        return self

    @override
    def do(self, at: AtServer) -> str:
        name, menu, formats = clean(self.name).strip(), at.ask("menu_export_v1") or {}, formats_of(at.venue())
        if self.number is not None and any(item.get("plu") == self.number for item in menu.get("items", ())):
            raise FieldError(
                _("{number} is the number of an item. Take another.").format(number=self.number), "--number"
            )
        body: dict[str, Any] = {"number": self.number, "buy": self.buy, "get": self.get, "pieces": self.pieces}
        body |= {"by_hand": self.by_hand or None, "off": self.off or None, **self._when()}
        for part in ("percent", "amount", "price"):
            typed = getattr(self, part)
            body[part] = None if typed is None else formats.plain(typed)
        body["items"] = [find_item(menu, one)["id"] for one in self.item or ()]
        body["categories"] = [find_category(menu, one)["id"] for one in self.category or ()]
        body["set"] = [find_item(menu, one)["id"] for one in self.set_items or ()]
        body["slots"] = [_slot(one, menu, formats) for one in self.slot or ()]
        if sum(slot.get("pieces", 1) for slot in body["slots"]) > MOST_PIECES:
            raise FieldError(_("A combo has at most {count} pieces.").format(count=MOST_PIECES), "--slot")
        terms = {key: value for key, value in body.items() if value not in (None, [])}
        read_promotion({**terms, "name": name}, formats.currency)  # refuse terms that do not fit the currency
        exists = any(one["name"] == name for one in at.ask("promotions"))
        at.act(self.call, name, terms)
        sentence = _("{name} is changed: {terms}.") if exists else _("{name} is offered: {terms}.")
        sentences = [sentence.format(name=name, terms=terms_text(terms, formats))]
        if self.by_hand:
            sentences.append(_("Every cashier may give it, whatever the discount limit: no PIN is asked."))
        return " ".join(sentences)

    @override
    def hints(self, at: AtServer) -> Iterable[str]:
        if self.slot and (tills := ", ".join(without_types(at.ask, at.now()).values())):
            yield _("Update first: {tills}. They cannot read a combo.").format(tills=tills)

    def _when(self) -> dict[str, Any]:
        return {"hours": _hours(self.hours), "starts": _day("--from", self.since), "ends": _day("--until", self.until)}


class RemovePromotion(OwnerAct, frozen=True):
    """Remove a promotion from every till at once. Lines already keyed keep it."""

    shell = 'promotions remove "Happy hour"'
    call = "promotion_remove_v1"

    name: Annotated[str, _NAME]

    @override
    def do(self, at: AtServer) -> str:
        name = find_promotion(at.ask("promotions"), self.name)["name"]
        at.act(self.call, name)
        return _("{name} is no longer offered. Lines already keyed keep it.").format(name=clean(name))


def find_promotion(found: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    """Find a promotion by its name, ignoring case."""
    wanted = name.strip().casefold()
    for one in found:
        if str(one["name"]).casefold() == wanted:
            return one
    raise NoPromotionError


def terms_text(one: Mapping[str, Any], formats: Formats) -> str:
    """Return the terms in words: `20 % off`, `buy 2, get 1 free`, `3 for 10.00`."""

    def money(key: str) -> str:
        return formats.price(formats.currency.price4(str(one[key])))

    percent = str(one.get("percent", "")).replace(".", formats.point)

    if "buy" in one:
        reduction = _("{percent} % off").format(percent=percent) if "percent" in one else _("free")
        return _("buy {buy}, get {get} {less}").format(buy=one["buy"], get=one["get"], less=reduction)
    if "pieces" in one:
        return _("{pieces} for {price}").format(pieces=one["pieces"], price=money("price"))
    if "slots" in one:
        slots = " + ".join(clean(str(slot["name"])) for slot in one["slots"] for _piece in range(slot.get("pieces", 1)))
        return _("{slots} for {price}").format(slots=slots, price=money("price"))
    if "set" in one:
        return _("together for {price}").format(price=money("price"))
    if "percent" in one:
        return _("{percent} % off").format(percent=percent)
    return (
        _("{amount} off").format(amount=money("amount"))
        if "amount" in one
        else _("for {price}").format(price=money("price"))
    )


def _slot(text: str, menu: Mapping[str, Any], formats: Formats) -> dict[str, Any]:
    """Read a slot, such as `Drink: Cola | category Beers +1.50, 2`: its name, what fits it, and its pieces."""
    name, colon, of = text.partition(":")
    of, comma, pieces = of.rpartition(",") if _PIECES.search(of) else (of, "", "")
    if not (colon and name.strip() and of.strip()):
        raise FieldError(_("Write a slot like “Drink: Cola | category Beers +1.50, 1”."), "--slot")
    fits = []
    for one in of.split("|"):
        named, plus, extra = one.rpartition(" +")
        subject = (named if plus else one).strip()
        fit: dict[str, Any] = (
            {"category": find_category(menu, subject.partition(" ")[2])["id"]}
            if subject.casefold().startswith(_CATEGORY)
            else {"item": find_item(menu, subject)["id"]}
        )
        fits.append(fit | ({"extra": formats.plain(extra.strip())} if plus else {}))
    return {"name": clean(name).strip(), "of": fits} | ({"pieces": int(pieces)} if comma else {})


def _hours(text: str | None) -> list[dict[str, Any]] | None:
    if text is None:
        return None
    found = read_named_hours(f"- {text}")
    if found is None or found[0] != "-":
        raise FieldError(_("Write hours like “mon-fri 17:00-19:00”."), "--hours")
    return [hours_row(one) for one in found[1]]


def _day(flag: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise FieldError(_("Write a day as 2026-12-31."), flag) from None
