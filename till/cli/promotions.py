"""`till admin promotions`: the promotions of the venue, and their hours."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from till.cli.administration import administration
from till.cli.output import print_json, print_table, say
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.catalogue.hours import hours_row, hours_text, read_hours
from till.domain.catalogue.menu_edit import find_category, find_item
from till.domain.catalogue.named_hours import read_named_hours
from till.domain.catalogue.promotions import read_promotion
from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.text import clean
from till.reports.words import formats_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from till.domain.money.formats import Formats

app = make_app(_("Automatic promotions and named discounts."))

AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]
Name = Annotated[str, typer.Argument(metavar="NAME", help=_("Its name."))]


class NoPromotionError(TillError):
    """A promotion that does not exist."""

    code = "promotion"
    default = _("There is no such promotion. `till admin promotions list` lists them.")


@app.command(
    epilog=_(
        'Examples: till admin promotions add "Happy hour" --category Drinks --percent 20 --hours "fri 17:00-19:00". '
        'till admin promotions add "3 for 2" --item Idly --buy 2 --get 1 --until 2026-12-31. '
        'till admin promotions add Breakfast --set Idly --set "Filter Coffee" --price 60. '
        "till admin promotions add Senior --percent 15 --by-hand"
    )
)
def add(
    name: Name,
    *,
    item: Annotated[
        list[str] | None, typer.Option("--item", metavar="ITEM", help=_("An item it applies to; may be repeated."))
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option("--category", metavar="NAME", help=_("A category it applies to; may be repeated.")),
    ] = None,
    percent: Annotated[str | None, typer.Option("--percent", metavar="P", help=_("Percent off each piece."))] = None,
    amount: Annotated[str | None, typer.Option("--amount", metavar="A", help=_("Amount off each piece."))] = None,
    price: Annotated[
        str | None, typer.Option("--price", metavar="A", help=_("The price of each piece or set."))
    ] = None,
    buy: Annotated[int | None, typer.Option("--buy", min=1, max=999, help=_("This many at full price …"))] = None,
    get: Annotated[
        int | None, typer.Option("--get", min=1, max=999, help=_("… and this many free, or --percent off."))
    ] = None,
    pieces: Annotated[
        int | None, typer.Option("--pieces", min=1, max=999, help=_("Any N pieces make a set, sold at --price."))
    ] = None,
    set_items: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="ITEM", help=_("An item of a set; repeat for each item.")),
    ] = None,
    hours: Annotated[
        str | None, typer.Option("--hours", metavar="H", help=_("When: “mon-fri 17:00-19:00 + sat 12:00-14:00”."))
    ] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help=_("Its first day."))] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help=_("Its last day."))] = None,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help=_("A named discount: chosen with F3, with no reason and no PIN asked."))
    ] = False,
    off: Annotated[bool, typer.Option("--off", help=_("Keep the promotion but turn it off."))] = False,
) -> None:
    """Add a promotion at every till at once, or change the one with that name."""
    promotion_name = clean(name).strip()
    body: dict[str, Any] = {"buy": buy, "get": get}
    body |= {"pieces": pieces, "by_hand": by_hand or None, "off": off or None}
    body |= {"hours": _hours(hours), "starts": _day("--from", since), "ends": _day("--until", until)}
    with administration(Surroundings.find()) as admin:
        menu, formats = admin.ask("menu_export_v1") or {}, formats_of(admin.venue())
        body |= {
            "percent": None if percent is None else formats.plain(percent),
            "amount": None if amount is None else formats.plain(amount),
            "price": None if price is None else formats.plain(price),
            "items": [find_item(menu, one)["id"] for one in item or ()],
            "categories": [find_category(menu, one)["id"] for one in category or ()],
            "set": [find_item(menu, one)["id"] for one in set_items or ()],
        }
        terms = {key: value for key, value in body.items() if value not in (None, [])}
        read_promotion({**terms, "name": promotion_name}, formats.currency)  # refuse terms that do not fit the currency
        exists = any(one["name"] == promotion_name for one in admin.ask("promotions"))
        admin.act("promotion_set_v1", promotion_name, terms)
    sentence = _("{name} is changed: {terms}.") if exists else _("{name} is offered: {terms}.")
    sentences = [sentence.format(name=promotion_name, terms=_terms(terms, formats))]
    if by_hand:
        sentences.append(_("Every cashier may give it, whatever the discount limit: no PIN is asked."))
    say(" ".join(sentences))


@app.command("list", epilog=_("Example: till admin promotions list --json"))
def list_promotions(*, as_json: AsJson = False) -> None:
    """List the promotions, by name."""
    with administration(Surroundings.find()) as admin:
        found, menu, formats = admin.ask("promotions"), admin.ask("menu_export_v1") or {}, formats_of(admin.venue())
    if as_json:
        print_json({"promotions": found})
        return
    print_table(
        [_("Promotion"), _("What"), _("On"), _("When")],
        ([clean(one["name"]), _terms(one, formats), _on(one, menu), _when(one)] for one in found),
    )


@app.command(epilog=_('Example: till admin promotions show "Happy hour" --json'))
def show(name: Name, *, as_json: AsJson = False) -> None:
    """Show a promotion: its terms, items and hours."""
    with administration(Surroundings.find()) as admin:
        found, menu, formats = admin.ask("promotions"), admin.ask("menu_export_v1") or {}, formats_of(admin.venue())
    one = _find(found, name)
    if as_json:
        print_json(dict(one))
        return
    rows = [(_("What"), _terms(one, formats)), (_("On"), _on(one, menu)), (_("When"), _when(one))]
    print_table([clean(one["name"]), ""], rows)


@app.command(epilog=_('Example: till admin promotions remove "Happy hour"'))
def remove(name: Name) -> None:
    """Remove a promotion from every till at once. Lines already keyed keep it."""
    with administration(Surroundings.find()) as admin:
        promotion_name = _find(admin.ask("promotions"), name)["name"]
        admin.act("promotion_remove_v1", promotion_name)
    say(_("{name} is no longer offered. Lines already keyed keep it.").format(name=clean(promotion_name)))


def _find(found: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    """Find a promotion by its name, ignoring case.

    Raises:
        NoPromotionError: there is none.
    """
    wanted = name.strip().casefold()
    for one in found:
        if str(one["name"]).casefold() == wanted:
            return one
    raise NoPromotionError


def _hours(text: str | None) -> list[dict[str, Any]] | None:
    if text is None:
        return None
    found = read_named_hours(f"- {text}")
    if found is None or found[0] != "-":
        raise typer.BadParameter(_("Write hours like “mon-fri 17:00-19:00”."), param_hint="--hours")
    return [hours_row(one) for one in found[1]]


def _day(option: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter(_("Write a day as 2026-12-31."), param_hint=option) from None


def _terms(one: Mapping[str, Any], formats: Formats) -> str:
    """Return the terms in words: `20 % off`, `buy 2, get 1 free`, `3 for 10.00`."""

    def money(key: str) -> str:
        return formats.price(formats.currency.price4(str(one[key])))

    percent = str(one.get("percent", "")).replace(".", formats.point)

    if "buy" in one:
        reduction = _("{percent} % off").format(percent=percent) if "percent" in one else _("free")
        return _("buy {buy}, get {get} {less}").format(buy=one["buy"], get=one["get"], less=reduction)
    if "pieces" in one:
        return _("{pieces} for {price}").format(pieces=one["pieces"], price=money("price"))
    if "set" in one:
        return _("together for {price}").format(price=money("price"))
    if "percent" in one:
        return _("{percent} % off").format(percent=percent)
    return (
        _("{amount} off").format(amount=money("amount"))
        if "amount" in one
        else _("for {price}").format(price=money("price"))
    )


def _on(one: Mapping[str, Any], menu: Mapping[str, Any]) -> str:
    names = {raw["id"]: raw["name"] for key in ("items", "categories") for raw in menu.get(key, ())}
    on = [*one.get("set", ()), *one.get("items", ()), *one.get("categories", ())]
    return ", ".join(clean(str(names.get(id_, id_))) for id_ in on) or _("everything")


def _when(one: Mapping[str, Any]) -> str:
    parts = [_("off")] if one.get("off") else []
    parts += [_("by hand, no PIN")] if one.get("by_hand") else []
    parts += [hours_text(read_hours(row) for row in one["hours"])] if "hours" in one else []
    parts += [_("from {day}").format(day=one["starts"])] if "starts" in one else []
    parts += [_("until {day}").format(day=one["ends"])] if "ends" in one else []
    return ", ".join(parts) or _("always")
