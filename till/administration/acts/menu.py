"""Acts on items of the menu, and on its versions. Each takes effect on every till."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple

from typing_extensions import override

from till.administration.acts.act import AdminAction, TypedAct
from till.administration.acts.rates import PlanTax, lost_texts
from till.administration.first_types import refuse_first_types, sells_wrongly
from till.administration.menu_texts import item_parts, kept_tax, part_text, price_text
from till.administration.menu_typed import menu_now, read_part, read_tax
from till.domain.catalogue import menu_cells
from till.domain.catalogue.menu_cells import key_of
from till.domain.catalogue.menu_changes import compare_menus
from till.domain.catalogue.menu_edit import (
    UnknownMenuEntryError,
    changes_of,
    find_category,
    find_choice,
    find_item,
    find_to_mark,
    menu_at,
    plan_price,
)
from till.domain.catalogue.modifiers import CHOICE
from till.domain.errors import MenuError
from till.domain.i18n import N_, _, ngettext
from till.domain.ids import derived_id
from till.domain.order.quantities import MOST
from till.domain.structs import replace
from till.domain.text import clean
from till.domain.wall_clock import read_wall_time, utc_text
from till.ports.desk import Prepared
from till.ports.shell import FieldError, ShellField
from till.reports.words import formats_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from till.administration.calls import AtServer
    from till.domain.money.formats import Formats
    from till.domain.venue import Venue


_ITEM: Final = ShellField("ITEM", N_("Its number, name or id."))
_IF_VERSION: Final = ShellField("N", N_("Refuse unless the menu is still at this version."), "--if-version")


#: An item with the pieces that can still be sold.
_COUNTED: Final = re.compile(r"(?P<item>.+) (?P<left>[0-9]{1,9})(?P<keep> keep)?", re.IGNORECASE)


class _Meant(NamedTuple):
    """An item or a choice that is marked or counted.

    Attributes:
        id: the item's id, or the name of the choice.
        typed: the words for it, which mean the same whatever the menu becomes.
        now: its present state, in words.
        left: the pieces that can still be sold; None for a mark.
    """

    id: str
    name: str
    typed: str
    now: str
    is_marked: bool
    is_item: bool = False
    price: str | None = None
    left: int | None = None
    keep: bool = False


class SellOut(TypedAct, frozen=True):
    """Mark an item or a choice as sold out (86), or count what can still be sold ("cake 12", "cake 12 keep")."""

    shell = "menu 86 Idly"
    words = (r"86 (?P<item>.+)",)
    sold_out: ClassVar[bool] = True
    title: ClassVar[str] = N_("Sell out {item} (86)")
    already: ClassVar[str] = N_("{item} is already sold out.")
    done = N_("{item} is sold out at every till.")

    item: Annotated[str, _ITEM]

    @override
    def look_up(self, at: AtServer) -> Prepared:
        meant = self._meant(at)
        if meant.is_marked == self.sold_out and meant.left is None:
            raise MenuError(self.already.format(item=meant.name))
        title = _("{n} × {item} can be sold") if meant.left is not None else self.title
        price = ((_("Price"), price_text(meant.price, at.venue())),) if meant.is_item else ()
        ready = replace(self, item=meant.typed)
        return Prepared(ready, title.format(item=meant.name, n=meant.left), ((_("Now"), meant.now), *price))

    @override
    def do(self, at: AtServer) -> str:
        meant = self._meant(at)
        done = self.done
        if meant.left is not None:
            at.act("menu_count_v1", meant.id, meant.left, meant.keep)
            done = _("{n} × {item} can be sold. “back {item}” ends it.")
        elif meant.is_marked == self.sold_out:
            done = self.already
        else:
            at.act("menu_sold_out_v1" if meant.is_item else "menu_choice_v1", meant.id, self.sold_out)
        return done.format(item=meant.name, n=meant.left)

    def _meant(self, at: AtServer) -> _Meant:
        """Find an item, an item with a count, or a choice, in this order."""
        menu, left = menu_now(at), at.ask("menu_left_v1") or {}
        if not self.sold_out:  # a count ends as a mark does
            items = [item | {"sold_out": item["sold_out"] or item["id"] in left} for item in menu.get("items", ())]
            menu = {**menu, "items": items}
        try:
            return _item_meant(find_to_mark(menu, self.item, sold_out=self.sold_out), left)
        except UnknownMenuEntryError:
            if self.sold_out and (counted := _COUNTED.fullmatch(self.item)):
                item = find_to_mark(menu, counted["item"], sold_out=True)
                return _counted(_item_meant(item, left), item, int(counted["left"]), keep=counted["keep"] is not None)
            name = find_choice(menu, self.item)
            if not name:
                raise
            is_marked = CHOICE + name in left
            return _Meant(name, clean(name), name, _("sold out") if is_marked else _("sold"), is_marked=is_marked)


def _item_meant(item: Mapping[str, Any], left: Mapping[str, int]) -> _Meant:
    now = _("sold out") if item["sold_out"] else _("sold")
    if item["id"] in left:
        now = _("{left} left").format(left=left[item["id"]])
    return _Meant(item["id"], clean(item["name"]), item["id"], now, item["sold_out"], is_item=True, price=item["price"])


def _counted(meant: _Meant, item: Mapping[str, Any], left: int, *, keep: bool) -> _Meant:
    if item["unit"]:
        raise MenuError(_("{name} is weighed: only pieces are counted.").format(name=meant.name))
    if not 1 <= left <= MOST:
        raise MenuError(_("Type a count from 1 to {most}.").format(most=MOST))
    typed = f"{meant.id} {left}{' keep' if keep else ''}"
    return meant._replace(typed=typed, left=left, keep=keep)


class SellAgain(SellOut, frozen=True):
    """Mark a sold-out item as on sale again."""

    shell = "menu back Idly"
    words = (r"back (?P<item>.+)",)
    sold_out = False
    title = N_("Sell {item} again")
    already = N_("{item} is already on sale.")
    done = N_("{item} is sold again at every till.")


#: The headings of changes of an item, by field.
_TITLES: Final = {
    "name": N_("The name of {item}"),
    "price": N_("The price of {item}"),
    "prices": N_("The price of {item}"),
    "category": N_("The category of {item}"),
    "tax": N_("The tax of {item}"),
    "plu": N_("The number of {item}"),
    "by_type": N_("{item} by order type"),
}


class ChangeItem(TypedAct, frozen=True):
    """Change an item at every till at once, or plan a price or a tax, which starts on time even at an offline till.

    Lines already keyed keep their price and their tax. A planned tax may be for several items ("Idly, Tea"), a
    category, or a tax group with all that bears it.

    Attributes:
        item: the id, or a typed name.
        starts: the start of the price; None for now.
        plu: the number that cashiers type; empty, or “none”, to remove it.
        forget: True to drop the planned prices.
        order_type: the order type of the price and the tax; None for the item's own.
        anyway: True to change it though a till that is in use cannot read what differs by order type.
        version: the version of the menu that was shown; None if none was shown.
    """

    shell = N_(
        "menu edit Idly --price 45.00. "
        'till admin menu edit 12 --price 50 --from "2026-12-01 18:00". till admin menu edit Tea --name "Masala tea"'
    )
    words = (
        r"price (?P<item>.+?) as (?P<order_type>\S+)(?: to)? (?P<price>\S+)",
        r"tax (?:of )?(?P<item>.+?) as (?P<order_type>\S+) to (?P<tax>.+)",
        r"price (?P<item>.+?) (?P<price>\S+)(?: from (?P<starts>.+))?",
        r"rename (?:item )?(?P<item>.+?) to (?P<name>.+)",
        r"category (?:of )?(?P<item>.+?) to (?P<category>.+)",
        r"tax (?:of )?(?P<item>.+?) to (?P<tax>.+)",
        r"number (?:of )?(?P<item>.+?) to (?P<plu>.+)",
    )

    item: Annotated[str, _ITEM]
    name: Annotated[str | None, ShellField("NAME", N_("Its new name."), "--name")] = None
    price: Annotated[
        str | None, ShellField("PRICE", N_("The unit price; with “open” the till asks for it."), "--price")
    ] = None
    starts: Annotated[
        str | None,
        ShellField(
            "TIME",
            N_("When the price or the tax starts: 18:00, 2026-12-01 or 2026-12-01 18:00, in the venue's time."),
            "--from",
        ),
    ] = None
    forget: Annotated[bool, ShellField("", N_("Remove the planned prices."), "--remove-planned")] = False
    category: Annotated[str | None, ShellField("NAME", N_("A category of the menu."), "--category")] = None
    tax: Annotated[
        str | None,
        ShellField("TAX", N_("A tax group, or its taxes: GST 5, or Deposit 0.25 each (included) + GST 5."), "--tax"),
    ] = None
    plu: Annotated[str | None, ShellField("NUMBER", N_("The number cashiers type; empty for none."), "--plu")] = None
    order_type: Annotated[
        str | None,
        ShellField("TYPE", N_("The tax and the price are of this order type: take_away; none for as usual."), "--type"),
    ] = None
    anyway: Annotated[bool, ShellField("", N_("Even if an older till sells it at the usual price."), "--anyway")] = (
        False
    )
    version: Annotated[int | None, _IF_VERSION] = None

    @override
    def checked(self) -> Self:
        if self.starts is not None and (self.price is None) == (self.tax is None):
            raise FieldError(_("--from needs --price or --tax: what begins then"))
        if self._plans_tax:
            if self.forget or not {self.name, self.category, self.plu} <= {None}:
                raise FieldError(_("--tax with --from goes with --type alone"))
            return self
        if self.order_type is not None and (
            self.forget or not {self.name, self.category, self.plu, self.starts} <= {None} or self.price == self.tax
        ):
            raise FieldError(_("--type goes with --price and --tax alone"))
        if not self.forget and {None} == {self.name, self.price, self.category, self.tax, self.plu}:
            raise FieldError(_("pass a change: --name, --price, --category, --tax or --plu"))
        return self

    @property
    def _plans_tax(self) -> bool:
        """True if it plans a tax group."""
        return self.starts is not None and self.tax is not None

    @property
    def _plan(self) -> PlanTax:
        """The plan of a tax group."""
        return PlanTax(self.item, self.tax or "", self.starts or "", self.order_type, self.anyway, self.version)

    @override
    def look_up(self, at: AtServer) -> Prepared:
        menu, venue = menu_now(at), at.venue()
        item = find_item(menu, self.item)
        changes = self._changes(at, menu, item, venue)
        part = next(iter(changes))
        was = "price" if part == "prices" else part
        facts = tuple(
            (label, clean(part_text(name, one.get(name), menu, venue)) or _("none"))
            for label, name, one in ((_("Now"), was, item), (_("Then"), part, changes))
        )
        older = _older_fact(at, {"items": [item]}, {"items": [{**item, **changes}]})
        ready = replace(self, item=item["id"], version=menu["version"], anyway=bool(older))
        return Prepared(ready, _TITLES[part].format(item=clean(item["name"])), facts + older)

    @override
    def do(self, at: AtServer) -> str:
        if self._plans_tax:
            return self._plan.do(at)
        menu, venue = menu_now(at), at.venue()
        was = find_item(menu, self.item)
        changes = self._changes(at, menu, was, venue)
        taxes = changes.pop("taxes", {})
        parts = changes_of(was, {**was, **changes})
        if not parts:
            return _("Nothing changes.")
        if not self.anyway:
            refuse_first_types(at, {"items": [was]}, {"items": [{**was, **changes}]})
        kept = {part: value for part, value in changes.items() if part in parts} | ({"taxes": taxes} if taxes else {})
        version = at.act("menu_edit_v1", was["id"], kept, menu["version"] if self.version is None else self.version)
        texts = item_parts(parts, {**menu, "taxes": {**menu.get("taxes", {}), **taxes}}, venue)
        return _("{item}: {what}. Menu {version}.").format(
            item=clean(was["name"]), what="; ".join(texts), version=version
        )

    def _changes(self, at: AtServer, menu: Mapping[str, Any], item: Mapping[str, Any], venue: Venue) -> dict[str, Any]:
        """Return the changed fields, by their names in the menu."""
        formats, changes = formats_of(venue), dict[str, Any]()
        if self.order_type is not None:
            return self._changed_type(menu, item, formats)
        if self.name is not None:
            changes["name"] = read_part(_("The name"), menu_cells.read_name, self.name)
        if self.forget:
            changes["prices"] = []
        if self.price is not None:
            price = read_part(
                _("The price"), lambda cell: menu_cells.read_price(cell, formats.currency, formats), self.price
            )
            if self.starts is None:
                changes["price"] = price
            else:
                changes["prices"] = _planned({**item, **changes}, price, self.starts, at, venue)
        if self.category is not None:
            changes["category"] = find_category(menu, self.category)["id"]
        if self.tax is not None:
            changes |= read_tax(menu, self.tax, formats)
        if self.plu is not None:
            typed = "" if self.plu.strip().casefold() == "none" else self.plu
            changes["plu"] = read_part(_("The number"), menu_cells.read_plu, typed)
        return changes

    def _changed_type(self, menu: Mapping[str, Any], item: Mapping[str, Any], formats: Formats) -> dict[str, Any]:
        """Return the differences by order type after a change, with the taxes that are new on the menu."""
        order_type = str(self.order_type).casefold().replace(" ", "_")
        own, taxed = dict(item.get("by_type", {}).get(order_type, {})), dict[str, Any]()
        for part, typed in (("tax", self.tax), ("price", self.price)):
            if typed is not None and typed.strip().casefold() == "none":
                own.pop(part, None)
            elif typed is not None and part == "tax":
                taxed = read_tax(menu, typed, formats)
                own[part] = taxed.pop("tax")
            elif typed is not None:
                own[part] = read_part(
                    _("The price"), lambda cell: menu_cells.read_price(cell, formats.currency, formats), typed
                )
                if None in {own[part], item["price"]}:
                    raise MenuError(menu_cells.NO_TYPED_PRICE)
        by_type = {**item.get("by_type", {}), order_type: own}
        return {"by_type": {key: value for key, value in by_type.items() if value}, **taxed}


class AddMenuItem(TypedAct, frozen=True):
    """Add an item to the menu, from texts as they are typed.

    Attributes:
        plu: the number that cashiers type; empty for none.
        category: a category of the menu.
        tax: its tax; empty for that of the category's first item.
        version: the version of the menu that was shown; None if none was shown.
    """

    words = ()

    plu: str
    name: str
    category: str
    price: str
    tax: str = ""
    version: int | None = None

    @override
    def look_up(self, at: AtServer) -> Prepared:
        menu, venue = menu_now(at), at.venue()
        item, _taxes = self._item(menu, venue, at.store_id)
        shown = ((_("Number"), "plu"), (_("Name"), "name"), (_("Category"), "category"), (_("Price"), "price"))
        texts = [(label, part_text(part, item[part], menu, venue)) for label, part in (*shown, (_("Tax"), "tax"))]
        facts = tuple((label, clean(text) or _("none")) for label, text in texts)
        return Prepared(replace(self, version=menu["version"]), _("A new item"), facts)

    @override
    def do(self, at: AtServer) -> str:
        menu, venue = menu_now(at), at.venue()
        item, taxes = self._item(menu, venue, at.store_id)
        body = {**menu, "taxes": {**menu.get("taxes", {}), **taxes}, "items": [*menu.get("items", ()), item]}
        version = at.act("menu_import_v1", body, menu["version"] if self.version is None else self.version)
        sentence = _("{item} is on the menu of every till, {price}. Menu {version}.")
        return sentence.format(item=clean(item["name"]), price=price_text(item["price"], venue), version=version)

    def _item(self, menu: Mapping[str, Any], venue: Venue, store_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the item in the format of the menu, and its taxes if their band is new on the menu."""
        formats, items = formats_of(venue), menu.get("items", ())
        plu = read_part(_("The number"), menu_cells.read_plu, self.plu)
        name = read_part(_("The name"), menu_cells.read_name, self.name)
        for other in items:
            if key_of(other["name"]) == key_of(name):
                raise MenuError(_("{item} is already on the menu.").format(item=clean(other["name"])))
            if plu is not None and other["plu"] == plu:
                raise MenuError(_("Number {n} is {item}.").format(n=plu, item=clean(other["name"])))
        category = find_category(menu, self.category)["id"]
        price = read_part(
            _("The price"), lambda cell: menu_cells.read_price(cell, formats.currency, formats), self.price
        )
        beside = next((other["tax"] for other in items if other["category"] == category), "")
        taxed: dict[str, Any] = read_tax(menu, self.tax, formats) if self.tax.strip() else {"tax": beside}
        taken, item_id = {other["id"] for other in items}, derived_id(store_id, f"item:{key_of(name)}")
        while item_id in taken:
            item_id = derived_id(item_id, key_of(name))
        own = {"id": item_id, "plu": plu, "name": name, "category": category, "price": price, "tax": taxed.pop("tax")}
        plain = {"aliases": [], "barcodes": [], "sold_out": False, "returnable": False, "unit": "", "daypart": None}
        return {**own, **plain, "position": len(items) + 1}, taxed.get("taxes", {})


class SetCourse(TypedAct, frozen=True):
    """Set the course of a category. A line of it has that course, unless another is typed with it.

    Attributes:
        course: the number of the course; “none” to remove it.
        version: the version of the menu that was shown; None if none was shown.
    """

    shell = "menu course Starters 1"
    words = (r"course (?:of )?(?P<category>.+?) (?:to |is )?(?P<course>[0-9]+|none)",)
    helped = (("course Starters 1 · course Drinks none", N_("When a category is served")),)

    category: Annotated[str, ShellField("CATEGORY", N_("A category of the menu."))]
    course: Annotated[str, ShellField("COURSE", N_("1 for the first course; none for none."))]
    version: Annotated[int | None, _IF_VERSION] = None

    @override
    def look_up(self, at: AtServer) -> Prepared:
        menu, course = menu_now(at), self._course()
        category = find_category(menu, self.category)
        facts = ((_("Now"), str(category.get("course") or _("none"))), (_("Then"), str(course or _("none"))))
        ready = replace(self, category=category["id"], version=menu["version"])
        return Prepared(ready, _("The course of {category}").format(category=clean(category["name"])), facts)

    @override
    def do(self, at: AtServer) -> str:
        menu, course = menu_now(at), self._course()
        was = find_category(menu, self.category)
        now = {part: value for part, value in was.items() if part != "course"} | ({"course": course} if course else {})
        categories = [now if one is was else one for one in menu["categories"]]
        based = menu["version"] if self.version is None else self.version
        version = at.act("menu_import_v1", {**menu, "categories": categories}, based)
        sentence = _("{category} is course {n}. Menu {version}.")
        if course is None:
            sentence = _("{category} has no course. Menu {version}.")
        return sentence.format(category=clean(was["name"]), n=course, version=version)

    def _course(self) -> int | None:
        typed = "" if self.course.strip().casefold() == "none" else self.course
        course: int | None = read_part(_("The course"), menu_cells.read_course, typed)
        return course


def _planned(item: Mapping[str, Any], price: str | None, starts: str, at: AtServer, venue: Venue) -> Any:
    """Return the planned prices of an item with a further price."""
    now = at.now()
    begins = read_wall_time(starts, venue.zone, now)
    if begins <= now:
        sentence = _("{time} is over: a planned price begins later.")
        raise MenuError(sentence.format(time=f"{venue.local(begins):%Y-%m-%d %H:%M}"))
    return plan_price(item, utc_text(begins), price)


def _older_fact(at: AtServer, was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Name for the desk the tills that would sell a new menu wrongly."""
    if not (tills := sells_wrongly(at, was, now)):
        return ()
    return ((_("Too old"), _("{tills}: at the usual price and tax until updated").format(tills=tills)),)


class BringBackMenu(TypedAct, frozen=True):
    """Restore an earlier menu as a new version. Sold-out items remain sold out.

    Attributes:
        version: the version to restore.
        known: the version of the menu that was shown; None if none was shown.
    """

    call = "menu_bring_back_v1"
    done = N_("Menu {answer} equals menu {version}: every till sells from it.")
    words = (r"bring back menu 0*(?P<version>[0-9]{1,9})",)

    version: int
    known: int | None = None

    @override
    def look_up(self, at: AtServer) -> Prepared:
        known, body, now = at.ask("menu_export_v1") or {}, at.ask("menu_of_v1", self.version), at.now()
        if body is None:
            raise MenuError(_("There is no menu {n}. Type: menu history.").format(n=self.version))
        found = compare_menus(menu_at(known, now), menu_at(body, now))
        facts: tuple[tuple[str, str], ...] = (
            (_("New"), str(len(found.new))),
            (_("Changed"), str(len(found.changed))),
            (_("Gone"), ", ".join([str(len(found.gone)), *(clean(item["name"]) for item in found.gone[:3])])),
        )
        if tax := kept_tax(body, at.venue()):
            facts += ((_("Kept"), _("{tax}, of the service charge").format(tax=tax)),)
        facts += tuple((_("Tax"), one) for one in lost_texts(at, menu_at(known, now), menu_at(body, now)))
        facts += _older_fact(at, known, body)
        ready = replace(self, known=known.get("version"))
        return Prepared(ready, _("Sell from menu {n} again").format(n=self.version), facts)


class ScheduleMenu(AdminAction, frozen=True):
    """Set when an item, a category or all of a daypart is sold.

    Attributes:
        subject: the id of the item or category; empty for a daypart.
        daypart: the name of its daypart; None for none.
        hours: the rows of the new hours; None to keep those of the daypart.
        version: the version of the menu that was shown.
        name: the name of the subject, for the sentence.
        sold: its hours in words, for the sentence.
    """

    call = "menu_schedule_v1"
    done = N_("{name} is sold {sold}. Menu {answer}.")

    subject: dict[str, str]
    daypart: str | None
    hours: list[dict[str, Any]] | None
    version: int
    name: str
    sold: str

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        from psycopg.types.json import Jsonb

        return self.subject, self.daypart, None if self.hours is None else Jsonb(self.hours), self.version


class ImportMenu(AdminAction, frozen=True):
    """Replace the menu. `version` is the version of the menu that was shown; None if there was none."""

    call = "menu_import_v1"

    body: dict[str, Any]
    version: int | None

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        items = len(self.body["items"])
        sentence = ngettext("Menu {version} has {n} item.", "Menu {version} has {n} items.", items)
        return sentence.format(version=answer, n=items)
